//! `forbidden-text`: a form that the office does not want to see on its sites.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::attachments::is_readable;
use crate::facts::wording::Wording;
use crate::finding::{Confidence, Seen};

check! {
    /// 不当表述
    ///
    /// ## What it does
    /// Flags a form of the office's own list (`words/forbidden.tsv` in its rules folder) in the text of a page. None is shipped: which
    /// wording is improper is the office's judgement, not the program's.
    ///
    /// ## Why it matters
    /// Retired names, wrong forms of address and wording that a superior has asked to be removed stay in old articles for years.
    ///
    /// ## Gaps
    /// A page that was asked for again and could not be read. Text in pictures is not read, that in attachments only with
    /// `attachments` (docx, xlsx, ofd, txt, csv).
    ///
    /// ## Example
    /// The list says `旧称谓` → `新称谓`; an article says 旧称谓: flagged, with the new form.
    ForbiddenText = "forbidden-text", Wording, Params, run
}

/// `forbidden-text` takes its words from the office's list.
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
    if wording.times == 0 || wording.list != "forbidden" {
        return Ok(Vec::new());
    }
    let instead = if wording.right.is_empty() {
        String::new()
    } else {
        format!("，规范表述为“{}”", wording.right)
    };
    let text = format!("出现自定义词表中的表述“{}”{instead}，共{}处。", wording.wrong, wording.times);
    Ok(vec![Defect::new(text, wording.places.join("；"), Confidence::Medium)])
}
