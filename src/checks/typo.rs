//! `typo`: a form of a word list in the text of a page.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::attachments::is_readable;
use crate::facts::wording::Wording;
use crate::finding::{Confidence, Seen};

check! {
    /// 错别字
    ///
    /// ## What it does
    /// Flags a wrong form of the word lists in the text of a page. `applies` says of which lists: `never` holds forms that are never
    /// right, `context` forms that are right in some contexts. What is quoted as a wrong form, and names, are left alone.
    ///
    /// ## Why it matters
    /// Wrong characters in official texts are the commonest complaint of readers; some change what a text says.
    ///
    /// ## Gaps
    /// A page that was asked for again and could not be read. Text in pictures is not read, that in attachments only with
    /// `attachments` (docx, xlsx, ofd, txt, csv).
    ///
    /// ## Example
    /// `部暑` for `部署` in an article: one problem of that article. In a footer that all pages share: one problem of the template.
    Typo = "typo", Wording, Params, run
}

/// `typo` takes its words from the lists.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Whether attachments are read, too.
    #[serde(default)]
    attachments: bool,
}

fn run(wording: &Wording, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    if is_readable(&wording.page) && !params.attachments {
        return Ok(Vec::new());
    }
    if let Some(gap) = &wording.gap {
        return Err(gap.clone());
    }
    if wording.times == 0 || !matches!(wording.list.as_str(), "never" | "context") {
        return Ok(Vec::new());
    }
    let sure = wording.list == "never";
    let (wrong, right) = (&wording.wrong, &wording.right);
    let text = match (sure, wording.times) {
        (true, 1) => format!("“{wrong}”应为“{right}”。"),
        (true, times) => format!("“{wrong}”应为“{right}”，共{times}处。"),
        (false, 1) => format!("“{wrong}”疑为“{right}”之误，请结合上下文核对。"),
        (false, times) => format!("“{wrong}”疑为“{right}”之误，共{times}处，请结合上下文核对。"),
    };
    let confidence = if sure { Confidence::High } else { Confidence::Low };
    Ok(vec![Defect::new(text, wording.places.join("；"), confidence)])
}
