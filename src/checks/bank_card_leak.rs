//! `bank-card-leak`: bank card numbers of private persons on a page.

use serde::Deserialize;

use super::id_number_leak::told;
use super::{Context, Defect, check};
use crate::facts::personal::Personal;
use crate::facts::wording::Leaks;
use crate::finding::Seen;

check! {
    /// 公开个人银行卡号
    ///
    /// ## What it does
    /// Flags a page with at least `least` numbers of 16 to 19 digits that begin with 62, pass Luhn's test, stand beside words of a bank
    /// card and behind a person's name. Accounts of offices and firms are not counted.
    ///
    /// ## Why it matters
    /// Lists of payments are copied to the web with the column that was meant for the bank.
    ///
    /// ## Gaps
    /// A page that was asked for again and could not be read. Whether an account is a private one a person decides.
    ///
    /// ## Example
    /// A list of 补贴 with names and 一卡通账号: suspected.
    BankCardLeak = "bank-card-leak", Leaks, Params, run
}

/// Parameters of `bank-card-leak`.
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
    told(leaks, Personal::BankCard, params.attachments, (leaks.private, params.least), "银行卡号")
}
