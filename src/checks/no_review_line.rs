//! `no-review-line`: articles that do not name who read them before they were published (三审).

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::asked::{Ask, Contents};
use crate::facts::beside::Said;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 稿件未见审核署名
    ///
    /// ## What it does
    /// Reads the texts of articles published within `within-days`, and flags a site on which at least `share` percent of
    /// them, and no fewer than `at-least`, hold none of `words` (一审, 责任编辑, 审核 …).
    ///
    /// ## Why it matters
    /// A line that names editor and reviewers is what shows afterwards that an article was reviewed at all.
    ///
    /// ## Gaps
    /// Sites of which no texts are stored, or too few recent articles were read. A review may leave no line on the page: 疑似 at
    /// most, and off unless a rules pack asks for it.
    ///
    /// ## Example
    /// Eighteen of twenty articles of the last quarter without any of the words: flagged.
    NoReviewLine = "no-review-line", Contents, Params, run, asks
}

/// Parameters of `no-review-line`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Words of which one is enough.
    words: Vec<String>,
    /// Days before the run within which articles are read.
    within_days: u32,
    /// Articles without the line from which on a site is told of.
    at_least: u32,
    /// Fewest of a hundred.
    share: u32,
}

fn ask(params: &Params) -> Ask {
    Ask::Signed { words: params.words.clone(), within: params.within_days }
}

fn asks(params: &Params) -> Vec<Ask> {
    vec![ask(params)]
}

fn run(contents: &Contents, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let Said::Signed(Some(signed)) = &contents.answer(&ask(params))?.said else {
        return Err(Gap::new(&contents.url, "no-texts"));
    };
    if signed.articles < params.at_least {
        return Err(Gap::new(&contents.url, "few-articles"));
    }
    let enough = u64::from(signed.unsigned) * 100 >= u64::from(signed.articles) * u64::from(params.share);
    if signed.unsigned < params.at_least || !enough {
        return Ok(Vec::new());
    }
    let shown: Vec<String> =
        signed.shown.iter().take(3).map(|(title, url)| format!("《{title}》{url}")).collect();
    let text = format!(
        "近{}天的{}篇稿件中，{}篇页面上未见审核、编辑署名。",
        params.within_days, signed.articles, signed.unsigned
    );
    Ok(vec![Defect { suspected: true, ..Defect::new(text, shown.join("；"), Confidence::Low) }])
}
