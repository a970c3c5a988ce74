//! `idle-account`: an account that hardly publishes, or hardly anybody follows: a proposal to close it.

use serde::Deserialize;

use super::{Context, Defect, account_source, check};
use crate::facts::account::AccountStatus;
use crate::facts::account_seen::{AccountSeen, first_of};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 使用率低，建议整合或关停
    ///
    /// ## What it does
    /// Proposes to close an account that published fewer than `min-posts` in the last `days` that a source lists in full, or that
    /// has fewer than `min-followers`.
    ///
    /// ## Why it matters
    /// Accounts with little use are to be merged or closed rather than kept alive for the two-week limit.
    ///
    /// ## Gaps
    /// No source lists that many days, and none tells the followers.
    ///
    /// ## Example
    /// 5 posts in 180 days, `min-posts = 12`: proposed.
    IdleAccount = "idle-account", AccountSeen, Params, run
}

/// Parameters of `idle-account`.
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
    if account.status == AccountStatus::Cancelled || !account.publishes {
        return Ok(Vec::new());
    }
    match little_used(account, params.days, params.min_posts, params.min_followers, cx) {
        Output::Unknown => Err(Gap::new(&account.name, "output-unknown")),
        Output::Little(why) => Ok(vec![Defect {
            suspected: true,
            ..Defect::new(format!("{why}建议评估后整合或关停。"), "", Confidence::Medium)
        }]),
        Output::Enough => Ok(Vec::new()),
    }
}

/// How much an account is used.
pub(super) enum Output {
    /// Nothing tells.
    Unknown,
    /// Enough.
    Enough,
    /// Little: why it counts so, as a sentence.
    Little(String),
}

/// How much an account is used, by its posts and followers.
pub(super) fn little_used(
    account: &AccountSeen,
    days: u32,
    min_posts: u32,
    min_followers: u64,
    cx: Context,
) -> Output {
    let known = account.known_until(cx.as_of);
    let counted = known.and_then(|until| {
        let from = first_of(until, days);
        let new = account.opened.is_some_and(|opened| opened > from);
        account.posts_within(from, until).filter(|_| !new)
    });
    let followers =
        account.evidence.iter().filter_map(|facts| Some((facts.followers?, facts))).max_by_key(|f| f.0);
    if let Some((posts, by)) = counted.filter(|(posts, _)| *posts < min_posts) {
        return Output::Little(format!(
            "{days}天内共发布{posts}条，少于{min_posts}条（{}）。",
            account_source(by)
        ));
    }
    if let Some((followers, by)) = followers.filter(|(followers, _)| *followers < min_followers) {
        return Output::Little(format!(
            "关注用户{followers}，少于{min_followers}（{}）。",
            account_source(by)
        ));
    }
    if counted.is_some() || followers.is_some() { Output::Enough } else { Output::Unknown }
}
