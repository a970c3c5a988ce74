//! Rules joined to new-media accounts: the same judging as for sites, with an account in a site's place.

use std::collections::BTreeMap;

use super::subject::{of_account, of_unlisted};
use super::{Judgement, observe};
use crate::calendar::Instant8;
use crate::checks::Context;
use crate::facts::account_links::Unlisted;
use crate::facts::account_seen::AccountSeen;
use crate::finding::{Finding, Look};
use crate::rules::RuleSet;

/// An account as one look saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLook {
    /// When its evidence was gathered.
    pub at: Instant8,
    /// What is known of it.
    pub account: AccountSeen,
}

/// Judges one account as of `as_of`, under every rule for accounts. `exempt` as in [`judge`](super::judge).
pub fn judge_account(
    rules: &RuleSet,
    looks: &[AccountLook],
    as_of: Instant8,
    exempt: impl Fn(&Finding) -> Option<String>,
) -> Judgement {
    let cx = Context { as_of: as_of.date_naive() };
    let shown: Vec<Option<Look>> = looks.iter().map(|look| shown(&look.account, look.at)).collect();
    let mut histories = BTreeMap::new();
    for (look, shown) in looks.iter().zip(&shown) {
        let known = of_account(&look.account, shown.as_ref());
        for rule in &rules.rules {
            observe(&mut histories, rule, &known, (look.at, false), cx);
        }
    }
    let mut judgement = Judgement::default();
    judgement.conclude(histories, &exempt);
    judgement.sort();
    judgement
}

/// Judges the accounts of one site that the register lacks, as one look at its pages saw them.
pub fn judge_unlisted(
    rules: &RuleSet,
    found: &[Unlisted],
    as_of: Instant8,
    exempt: impl Fn(&Finding) -> Option<String>,
) -> Judgement {
    let cx = Context { as_of: as_of.date_naive() };
    let mut histories = BTreeMap::new();
    for found in found {
        let known = of_unlisted(found);
        for rule in &rules.rules {
            observe(&mut histories, rule, &known, (as_of, false), cx);
        }
    }
    let mut judgement = Judgement::default();
    judgement.conclude(histories, &exempt);
    judgement.sort();
    judgement
}

/// What 佐证 shows of the evidence: the source that decides, where it was read and when it was gathered.
fn shown(account: &AccountSeen, at: Instant8) -> Option<Look> {
    let as_of = at.date_naive();
    let by = account.silence(as_of).map(|silence| silence.by);
    let by = by.or_else(|| account.last_post(as_of).map(|(_, by)| by)).or(account.evidence.first())?;
    if let Some(look) = by.looks.last() {
        return Some(look.clone());
    }
    Some(Look {
        at,
        url: format!("{}：{}", by.source.label(), by.origin),
        hops: Vec::new(),
        addr: None,
        status: None,
        error: None,
        headers: Vec::new(),
        body_sha256: String::new(),
    })
}
