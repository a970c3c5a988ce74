//! `stopped-not-cancelled`: an account that is to be closed, and whose cancelling drags on.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::calendar::long_date;
use crate::facts::account::AccountStatus;
use crate::facts::account_seen::AccountSeen;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 停止维护未注销
    ///
    /// ## What it does
    /// Flags an account that is registered as 申请关停 or 关停公告中 for more than `max-days`, by the day that the register gives.
    ///
    /// ## Why it matters
    /// An account that is announced to be closed and is never cancelled still bears the unit's name, and may be taken over.
    ///
    /// ## Gaps
    /// The register gives no day from which the account was to be closed.
    ///
    /// ## Example
    /// 关停公告中 since 1 August, patrol on 16 November, `max-days = 60`: flagged.
    StoppedNotCancelled = "stopped-not-cancelled", AccountSeen, Params, run
}

/// Parameters of `stopped-not-cancelled`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days that closing may take.
    max_days: u32,
}

fn run(account: &AccountSeen, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    if !matches!(account.status, AccountStatus::ClosingRequested | AccountStatus::ClosingAnnounced) {
        return Ok(Vec::new());
    }
    let Some(since) = account.closed else { return Err(Gap::new(&account.name, "closing-undated")) };
    let days = cx.as_of.signed_duration_since(since).num_days();
    if days <= i64::from(params.max_days) {
        return Ok(Vec::new());
    }
    let text = format!(
        "账号自{}起{}，已{days}天未完成注销；注销前仍应按期更新。",
        long_date(since),
        if account.status == AccountStatus::ClosingRequested { "申请关停" } else { "公告关停" }
    );
    Ok(vec![Defect::new(text, "新媒体登记表", Confidence::High)])
}
