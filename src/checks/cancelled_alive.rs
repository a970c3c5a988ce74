//! `cancelled-alive`: an account that is registered as cancelled and goes on publishing.

use serde::Deserialize;

use super::{Context, Defect, account_source, check};
use crate::calendar::long_date;
use crate::facts::account::{AccountStatus, Health};
use crate::facts::account_seen::AccountSeen;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 注销后仍在发布
    ///
    /// ## What it does
    /// Flags an account that is registered as 已注销 and of which a source saw a post more than `grace-days` after the day of
    /// cancelling.
    ///
    /// ## Why it matters
    /// Either it was never cancelled and nobody watches it, or somebody opened it again without reporting it.
    ///
    /// ## Gaps
    /// Posts are seen and the register gives no day of cancelling.
    ///
    /// ## Example
    /// 已注销 on 1 September, a post of 10 November in the vendor's table: flagged.
    CancelledAlive = "cancelled-alive", AccountSeen, Params, run
}

/// Parameters of `cancelled-alive`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days that a platform may take to cancel.
    grace_days: u32,
}

fn run(account: &AccountSeen, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    if account.status != AccountStatus::Cancelled {
        return Ok(Vec::new());
    }
    let Some((post, by)) = account.last_post(cx.as_of) else { return Ok(Vec::new()) };
    let Some(closed) = account.closed else { return Err(Gap::new(&account.name, "closing-undated")) };
    if post.day.signed_duration_since(closed).num_days() <= i64::from(params.grace_days) {
        return Ok(Vec::new());
    }
    let text = format!(
        "登记为{}注销，{}仍有信息发布。依据：{}。",
        long_date(closed),
        long_date(post.day),
        account_source(by)
    );
    let excerpt = format!("{} {} {}", post.title, post.url.as_deref().unwrap_or_default(), by.origin);
    let sure = by.health == Health::Ok && by.source.can_prove_silence();
    Ok(vec![Defect { suspected: !sure, ..Defect::new(text, excerpt.trim(), Confidence::Medium) }])
}
