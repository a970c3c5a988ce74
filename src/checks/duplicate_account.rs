//! `duplicate-account`: a second account of one unit on one platform.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::account::AccountStatus;
use crate::facts::account_seen::AccountSeen;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 同一平台重复开设账号
    ///
    /// ## What it does
    /// Flags an account whose unit has another one on the same platform that stands before it in the register, neither being
    /// cancelled. The first is not flagged.
    ///
    /// ## Why it matters
    /// In principle a unit keeps one account on a platform; further ones split readers and are forgotten first.
    ///
    /// ## Gaps
    /// An account without a unit in the register.
    ///
    /// ## Example
    /// 示例教育 and 示例教育发布, both WeChat, both of 示例市教育局: the second is flagged.
    DuplicateAccount = "duplicate-account", AccountSeen, Params, run
}

/// Parameters of `duplicate-account`: none.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {}

fn run(account: &AccountSeen, _: &Params, _: Context) -> Seen<Vec<Defect>> {
    if account.status == AccountStatus::Cancelled {
        return Ok(Vec::new());
    }
    if account.unit.is_empty() {
        return Err(Gap::new(&account.name, "no-unit"));
    }
    if account.before.is_empty() {
        return Ok(Vec::new());
    }
    let others = account.before.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join("、");
    let text = format!("{}已在同一平台开设{others}，原则上一个单位在同一平台只开设一个账号。", account.unit);
    Ok(vec![Defect::new(text, "新媒体登记表", Confidence::High)])
}
