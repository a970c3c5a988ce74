//! Two judgements of the same facts side by side: whom a changed rule newly flags, and whom no longer.

use std::collections::{BTreeMap, BTreeSet};

use super::Judgement;
use crate::finding::{Finding, Fingerprint, State};

/// What changes for one site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// By rule.
    pub rules: BTreeMap<String, Change>,
}

/// What changes under one rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Found now and not before.
    pub new: Vec<Finding>,
    /// Found before and not now: in order, not asked about, or not to be told any more.
    pub gone: Vec<Finding>,
    /// Found by both, now confirmed and before suspected.
    pub firmer: Vec<Finding>,
    /// Found by both, now suspected and before confirmed.
    pub weaker: Vec<Finding>,
}

/// What changes from `before` to `after`, which judge the same site.
pub fn compare(before: &Judgement, after: &Judgement) -> Changes {
    let by_identity = |judgement: &Judgement| -> BTreeMap<Fingerprint, Finding> {
        judgement.findings.iter().map(|finding| (finding.fingerprint.clone(), finding.clone())).collect()
    };
    let (old, new) = (by_identity(before), by_identity(after));
    let mut changes = Changes::default();
    let all: BTreeSet<&Fingerprint> = old.keys().chain(new.keys()).collect();
    for identity in all {
        let (rule, of): (_, fn(&mut Change) -> &mut Vec<Finding>) =
            match (old.get(identity), new.get(identity)) {
                (None, Some(finding)) => (finding, |change| &mut change.new),
                (Some(finding), None) => (finding, |change| &mut change.gone),
                (Some(was), Some(is)) if was.state != is.state => {
                    if is.state == State::Confirmed {
                        (is, |change| &mut change.firmer)
                    } else {
                        (is, |change| &mut change.weaker)
                    }
                }
                _ => continue,
            };
        of(changes.rules.entry(rule.rule.clone()).or_default()).push(rule.clone());
    }
    changes
}
