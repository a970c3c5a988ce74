//! `superseded-regulation`: a text that cites a document which was replaced or repealed.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::wording::Wording;
use crate::finding::{Confidence, Seen};

/// Words by which a text says that the document is no longer in force: news of its repeal, or of what replaced it.
const REPEAL: [&str; 10] = ["废止", "失效", "修订", "修改", "替代", "取代", "清理", "旧", "原《", "停止执行"];

check! {
    /// 引用已废止文件
    ///
    /// ## What it does
    /// Flags a page that names a document of the office's own list (`words/superseded.tsv` in its rules folder: the old title or number,
    /// and what is in force instead). A passage that speaks of repeal or revision is left alone.
    ///
    /// ## Why it matters
    /// A guide that cites a repealed regulation sends people off with the wrong papers.
    ///
    /// ## Gaps
    /// A page that was asked for again and could not be read. What an article of years ago cited was in force then: a person decides.
    ///
    /// ## Example
    /// A guide names a regulation of 2012 that the list says was replaced in 2022: suspected.
    SupersededRegulation = "superseded-regulation", Wording, Params, run
}

/// `superseded-regulation` has no parameters: the list decides.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {}

fn run(wording: &Wording, _: &Params, _: Context) -> Seen<Vec<Defect>> {
    if let Some(gap) = &wording.gap {
        return Err(gap.clone());
    }
    let cited = wording.places.iter().filter(|place| !REPEAL.iter().any(|word| place.contains(word)));
    let cited: Vec<&str> = cited.map(String::as_str).collect();
    if wording.times == 0 || wording.list != "superseded" || cited.is_empty() {
        return Ok(Vec::new());
    }
    let instead = if wording.right.is_empty() {
        String::new()
    } else {
        format!("，现行有效的是{}", wording.right)
    };
    let text = format!("引用的“{}”已废止或被替代{instead}。", wording.wrong);
    Ok(vec![Defect::new(text, cited.join("；"), Confidence::Low)])
}
