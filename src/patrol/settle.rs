//! Judged sites to what the ledger records: findings with their units, what passed, what was not seen.
//!
//! Here also the open cases are settled that no subject of the run speaks of any more: a link that no page carries now,
//! a target that is simply there.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::NaiveDate;

use super::accounts::{JudgedAccount, JudgedAccounts};
use super::own::{self, OwnFailures};
use super::{JudgedSite, sites_of};
use crate::calendar::Instant8;
use crate::facts::account_seen::is_worth_telling;
use crate::facts::answer::Answer;
use crate::finding::{Finding, Fingerprint, State, SubjectKind};
use crate::ledger::case::Case;
use crate::ledger::{Accounted, Observations, Undecided};
use crate::registry::Registry;
use crate::store::facts::FactsDb;

/// What a run says to the ledger. `open` are the cases that are not closed; `at` is the instant of the latest look.
///
/// # Errors
/// If `facts.db` fails.
pub fn observations(
    registry: &Registry,
    db: &FactsDb,
    run: i64,
    at: Instant8,
    (judged, accounts): (&[JudgedSite], &JudgedAccounts),
    open: &[Case],
) -> Result<Observations> {
    let mut out = Observations {
        run: run.to_string(),
        at,
        whole: db.looks(run)?.len() <= 1,
        findings: Vec::new(),
        passed: Vec::new(),
        unseen: Vec::new(),
        accounted: Vec::new(),
        undecided: Vec::new(),
        units: BTreeMap::new(),
    };
    for ((_, site), judged) in sites_of(registry).zip(judged) {
        for finding in &judged.judgement.findings {
            let unit = named(registry, judged.assigned.get(&finding.rule))
                .unwrap_or_else(|| unit_of(registry, finding, &site.host_unit));
            out.units.insert(finding.fingerprint.clone(), unit);
            out.findings.push(finding.clone());
        }
        out.passed.extend(judged.judgement.passed.iter().cloned());
        out.unseen.extend(judged.judgement.unseen.iter().cloned());
        out.accounted.extend(judged.judgement.exempt.iter().map(|(finding, reason)| Accounted {
            fingerprint: finding.fingerprint.clone(),
            reason: reason.clone(),
            until: exemption_end(registry, finding, at),
        }));
        let unit = site.host_unit.clone();
        let gaps = judged.judgement.gaps.iter().cloned();
        out.undecided.extend(gaps.map(|gap| Undecided { unit: unit.clone(), gap }));
    }
    of_accounts(registry, at, accounts, &mut out);
    let spoken: BTreeSet<Fingerprint> = out
        .findings
        .iter()
        .map(|finding| &finding.fingerprint)
        .chain(&out.passed)
        .chain(&out.unseen)
        .chain(out.accounted.iter().map(|accounted| &accounted.fingerprint))
        .cloned()
        .collect();
    let own = own::of_look(registry, db, run, 1)?;
    for case in open.iter().filter(|case| !spoken.contains(&case.finding.fingerprint)) {
        if is_mended(db, run, &own, &case.finding)? {
            out.passed.push(case.finding.fingerprint.clone());
        } else {
            out.unseen.push(case.finding.fingerprint.clone());
        }
    }
    Ok(out)
}

/// What the accounts say to the ledger.
fn of_accounts(registry: &Registry, at: Instant8, accounts: &JudgedAccounts, out: &mut Observations) {
    for JudgedAccount { seen, judgement, .. } in &accounts.accounts {
        for finding in &judgement.findings {
            out.units.insert(finding.fingerprint.clone(), unit_of(registry, finding, &seen.unit));
            out.findings.push(finding.clone());
        }
        out.passed.extend(judgement.passed.iter().cloned());
        out.unseen.extend(judgement.unseen.iter().cloned());
        out.accounted.extend(judgement.exempt.iter().map(|(finding, reason)| Accounted {
            fingerprint: finding.fingerprint.clone(),
            reason: reason.clone(),
            until: exemption_end(registry, finding, at),
        }));
        let told = judgement.gaps.iter().filter(|gap| is_worth_telling(gap));
        out.undecided.extend(told.map(|gap| Undecided { unit: seen.unit.clone(), gap: gap.clone() }));
    }
}

/// Findings of a run that stand for open cases which ask to be looked at again, beside the suspects.
pub fn awaiting<'a>(judged: &'a [JudgedSite], cases: &[Case]) -> Vec<&'a Finding> {
    let wanted: BTreeSet<&Fingerprint> = cases.iter().map(|case| &case.finding.fingerprint).collect();
    judged
        .iter()
        .flat_map(|site| &site.judgement.findings)
        .filter(|finding| finding.state == State::Suspected || wanted.contains(&finding.fingerprint))
        .collect()
}

fn exemption_end(registry: &Registry, finding: &Finding, at: Instant8) -> Option<NaiveDate> {
    let column = finding.subject.column.as_deref();
    let day = at.date_naive();
    let exemption = registry.exempt(&finding.rule, &finding.subject.site, &finding.url, column, day)?;
    Some(exemption.until)
}

/// The unit that a document names, where the register knows it by its full or its short name.
fn named(registry: &Registry, name: Option<&String>) -> Option<String> {
    let name = name?;
    let unit = registry.units.iter().find(|unit| unit.name == *name || unit.short == *name)?;
    Some(unit.name.clone())
}

fn unit_of(registry: &Registry, finding: &Finding, owner: &str) -> String {
    let route = registry.route(&finding.subject, finding.cause);
    route.map_or_else(|| owner.to_owned(), |route| route.unit.name.clone())
}

/// Whether the run shows that what the case is about is no longer so, though no subject of the run says it.
fn is_mended(db: &FactsDb, run: i64, own: &OwnFailures, finding: &Finding) -> Result<bool> {
    let seen = |url: &str| Ok::<_, anyhow::Error>(db.visit(run, 1, url)?.map(|row| own.answer(&row)));
    match finding.subject.kind {
        SubjectKind::Link => {
            // Of an account that nobody registered it matters that it is linked to, not what its address answers.
            let target = if finding.rule == "unregistered-account" { None } else { seen(&finding.url)? };
            if let Some(answer) = target {
                return Ok(answer == Answer::There);
            }
            // Nobody links to it any more, as far as the page that did was read.
            let Some(page) = &finding.page else { return Ok(false) };
            Ok(seen(page)?.is_some_and(|answer| answer == Answer::There))
        }
        SubjectKind::Page => Ok(seen(&finding.url)?.is_some_and(|answer| answer == Answer::There)),
        SubjectKind::Site | SubjectKind::Home | SubjectKind::Column | SubjectKind::Account => Ok(false),
    }
}
