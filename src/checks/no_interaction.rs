//! `no-interaction`: an account that offers people no way to ask, or never answers.

use serde::Deserialize;

use super::{Context, Defect, account_source, check};
use crate::facts::account::{AccountFacts, AccountStatus, Interaction};
use crate::facts::account_seen::AccountSeen;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 未提供有效互动功能
    ///
    /// ## What it does
    /// Flags an account where a person who tried it at most `valid-days` ago found neither a way to ask nor an answer. Where the
    /// register itself declares that it has neither, it is suspected until a person has looked or the platform shows a menu.
    ///
    /// ## Why it matters
    /// An account without any effective interaction fails by itself.
    ///
    /// ## Gaps
    /// Nobody tried it: what is merely declared proves nothing, for good or ill.
    ///
    /// ## Example
    /// The checklist of 16 November says 互动：否, signed: flagged.
    NoInteraction = "no-interaction", AccountSeen, Params, run
}

/// Parameters of `no-interaction`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days for which a person's trial holds.
    valid_days: u32,
}

fn run(account: &AccountSeen, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    if account.status == AccountStatus::Cancelled {
        return Ok(Vec::new());
    }
    let offers = |i: &Interaction| i.menu == Some(true) || i.reply == Some(true);
    let lacks = |i: &Interaction| i.menu == Some(false) && i.reply == Some(false);
    let tried = account
        .evidence
        .iter()
        .filter(|facts| facts.interaction.tried && facts.holds(params.valid_days, cx.as_of));
    if let Some(by) = tried.max_by_key(|facts| facts.answered_at) {
        return match &by.interaction {
            i if offers(i) => Ok(Vec::new()),
            i if lacks(i) => Ok(vec![found(by)]),
            _ => Err(Gap::new(&account.name, "interaction-unknown")),
        };
    }
    let declared = Interaction { menu: account.menu, reply: account.reply, tried: false };
    // The platform's own interface shows a menu: that is no trial either, and outweighs what a register says.
    let shown = account.evidence.iter().any(|facts| offers(&facts.interaction));
    if lacks(&declared) && !shown {
        let text = "登记表登记为无互动菜单、不回复留言，待人工核查。";
        return Ok(vec![Defect {
            suspected: true, ..Defect::new(text, "新媒体登记表", Confidence::Medium)
        }]);
    }
    let why = if shown || offers(&declared) { "interaction-declared" } else { "interaction-unknown" };
    Err(Gap::new(&account.name, why))
}

fn found(by: &AccountFacts) -> Defect {
    let text = format!("未提供有效互动功能，留言、咨询无入口或无回应。依据：{}。", account_source(by));
    Defect::new(text, &by.origin, Confidence::High)
}
