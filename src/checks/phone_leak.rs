//! `phone-leak`: mobile numbers of private persons in a list on a page.

use serde::Deserialize;

use super::id_number_leak::told;
use super::{Context, Defect, check};
use crate::facts::personal::Personal;
use crate::facts::wording::Leaks;
use crate::finding::Seen;

check! {
    /// 名单中公开个人手机号码
    ///
    /// ## What it does
    /// Flags a page with at least `least` whole mobile numbers, each behind a person's name. Numbers beside words of an office
    /// (联系电话, 咨询, 值班, 举报 …) are not counted.
    ///
    /// ## Why it matters
    /// Telephone numbers of those who receive aid, sit an examination or file a petition are nobody's business.
    ///
    /// ## Gaps
    /// A page that was asked for again and could not be read. Whether a number is a private one a person decides.
    ///
    /// ## Example
    /// A list of 补贴 recipients with their mobile numbers: suspected. The duty telephones of village offices: left alone.
    PhoneLeak = "phone-leak", Leaks, Params, run
}

/// Parameters of `phone-leak`.
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
    told(leaks, Personal::Mobile, params.attachments, (leaks.private, params.least), "手机号码")
}
