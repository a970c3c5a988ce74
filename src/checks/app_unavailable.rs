//! `app-unavailable`: an APP or mini program that cannot be got or does not work.

use serde::Deserialize;

use super::{Context, Defect, account_source, check};
use crate::facts::account::{AccountStatus, Source};
use crate::facts::account_seen::AccountSeen;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 移动客户端无法下载或使用
    ///
    /// ## What it does
    /// Flags an APP or mini program that a person could not get or open at most `valid-days` ago. Where only its address did not
    /// open, it is suspected. Other accounts pass.
    ///
    /// ## Why it matters
    /// A client that cannot be downloaded or used fails by itself.
    ///
    /// ## Gaps
    /// Nobody tried it.
    ///
    /// ## Example
    /// The checklist of 16 November says 能否下载使用：否, signed: flagged.
    AppUnavailable = "app-unavailable", AccountSeen, Params, run
}

/// Parameters of `app-unavailable`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days for which a trial holds.
    valid_days: u32,
}

fn run(account: &AccountSeen, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    if account.status == AccountStatus::Cancelled || !account.platform.is_program() {
        return Ok(Vec::new());
    }
    let tried = account.evidence.iter().filter(|facts| facts.holds(params.valid_days, cx.as_of));
    let tried = tried.filter_map(|facts| Some((facts.usable?, facts)));
    // A person's trial outweighs an address that answered.
    let Some((works, by)) =
        tried.max_by_key(|(_, facts)| (facts.source == Source::Person, facts.answered_at))
    else {
        return Err(Gap::new(&account.name, "app-not-tried"));
    };
    if works {
        return Ok(Vec::new());
    }
    let by_person = by.source == Source::Person;
    let text = if by_person {
        format!("无法下载或无法正常使用。依据：{}。", account_source(by))
    } else {
        "下载（访问）地址打不开，待人工核查。".to_owned()
    };
    Ok(vec![Defect { suspected: !by_person, ..Defect::new(text, &by.origin, Confidence::High) }])
}
