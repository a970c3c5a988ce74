//! `id-number-leak`: whole identity numbers of persons on a page.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::attachments::is_readable;
use crate::facts::personal::Personal;
use crate::facts::wording::Leaks;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 公开完整身份证号码
    ///
    /// ## What it does
    /// Flags a page with at least `least` numbers of 18 digits that are identity numbers by province, date of birth and check digit
    /// (GB 11643). Numbers called 统一社会信用代码 and the like, and masked ones, are not counted.
    ///
    /// ## Why it matters
    /// Who publishes a list of names with identity numbers harms everyone on it. No number is stored, listed or sent anywhere: only how
    /// many there are, and their first two digits.
    ///
    /// ## Gaps
    /// A page or attachment that was asked for again and could not be read. With `attachments`, the text of docx, xlsx, ofd, txt and csv
    /// is read; how many others a site has is told. Pictures are not read.
    ///
    /// ## Example
    /// A 公示 whose table shows three whole numbers: flagged, at once.
    IdNumberLeak = "id-number-leak", Leaks, Params, run
}

/// Parameters of `id-number-leak`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Fewer numbers than this are left alone.
    least: u32,
    /// Whether attachments are read, too.
    #[serde(default)]
    attachments: bool,
}

fn run(leaks: &Leaks, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    told(leaks, Personal::IdNumber, params.attachments, (leaks.count, params.least), "身份证号码")
}

/// What all checks of personal numbers say.
pub(super) fn told(
    leaks: &Leaks,
    kind: Personal,
    attachments: bool,
    (count, least): (u32, u32),
    name: &str,
) -> Seen<Vec<Defect>> {
    let file = is_readable(&leaks.page);
    if leaks.kind != kind || file && !attachments {
        return Ok(Vec::new());
    }
    if let Some(gap) = &leaks.gap {
        return Err(Gap::clone(gap));
    }
    if count == 0 || count < least {
        return Ok(Vec::new());
    }
    let place = if file { "附件中" } else { "" };
    let text = format!("{place}公开完整{name}{count}处（本清单不显示号码）。请立即下架并自查同类页面。");
    let confidence = if kind == Personal::IdNumber { Confidence::High } else { Confidence::Medium };
    Ok(vec![Defect::new(text, leaks.shown.join("、"), confidence)])
}
