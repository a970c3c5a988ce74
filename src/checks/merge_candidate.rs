//! `merge-candidate`: a little used account beside another of the same unit on the same platform: a proposal to merge them.

use serde::Deserialize;

use super::idle_account::{Output, little_used};
use super::{Context, Defect, check};
use crate::facts::account::AccountStatus;
use crate::facts::account_seen::AccountSeen;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 功能相近，建议整合
    ///
    /// ## What it does
    /// Proposes to merge an account into another of the same unit on the same platform where it published fewer than `min-posts`
    /// in the last `days`, or has fewer than `min-followers`.
    ///
    /// ## Why it matters
    /// Accounts of similar function and little use are to be brought together.
    ///
    /// ## Gaps
    /// The unit has several accounts there, and nothing tells how much this one is used; or the register names no unit.
    ///
    /// ## Example
    /// 示例教育招生 with 3 posts in 180 days, beside 示例教育: proposed.
    MergeCandidate = "merge-candidate", AccountSeen, Params, run
}

/// Parameters of `merge-candidate`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days that are counted.
    days: u32,
    /// Posts that they should have at least.
    min_posts: u32,
    /// Followers that it should have at least.
    min_followers: u64,
}

fn run(account: &AccountSeen, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    if account.status == AccountStatus::Cancelled {
        return Ok(Vec::new());
    }
    if account.unit.is_empty() {
        return Err(Gap::new(&account.name, "no-unit"));
    }
    let others: Vec<&String> = account.before.iter().chain(&account.after).collect();
    if others.is_empty() {
        return Ok(Vec::new());
    }
    match little_used(account, params.days, params.min_posts, params.min_followers, cx) {
        Output::Unknown => Err(Gap::new(&account.name, "output-unknown")),
        Output::Enough => Ok(Vec::new()),
        Output::Little(why) => {
            let names = others.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join("、");
            let text = format!("{why}{}在同一平台另有{names}，建议整合。", account.unit);
            Ok(vec![Defect { suspected: true, ..Defect::new(text, "", Confidence::Medium) }])
        }
    }
}
