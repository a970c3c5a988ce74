//! Recording a judged run in the ledger: one transaction, and the same run twice changes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::ledger::{Ledger, append, find, insert, kept, read, write};
use super::{StoreError, at};
use crate::calendar::Instant8;
use crate::finding::{Finding, Fingerprint, State};
use crate::ledger::case::{Case, CaseState};
use crate::ledger::event::{Event, PROGRAM, What};
use crate::ledger::{Observations, Outcome};

impl Ledger {
    /// Records what one run observed. Either all of it is recorded or none; where the run is recorded already,
    /// only what differs is added (so that a judgement that was killed can be repeated, and a recheck of the
    /// same run adds its looks). An observation older than what the ledger holds of its case changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger could not be written; nothing is recorded then.
    pub fn record(&mut self, observed: &Observations) -> Result<Outcome, StoreError> {
        let path = self.path.clone();
        let failed = at(&path);
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut recorder = Recorder {
            tx: &tx,
            path: &path,
            observed,
            at: kept(observed.at),
            outcome: Outcome::default(),
            changed: false,
        };
        for (fingerprint, verdict) in recorder.verdicts() {
            recorder.observe(fingerprint, verdict)?;
        }
        recorder.accounted()?;
        recorder.undecided()?;
        let (changed, outcome) = (recorder.changed, recorder.outcome);
        if !changed && let Some(before) = last_outcome(&tx, &path, &observed.run)? {
            return Ok(Outcome { repeated: true, ..before });
        }
        tx.prepare_cached("INSERT INTO recording (run, at, whole, outcome) VALUES (?1, ?2, ?3, ?4)")
            .map_err(failed)?
            .execute(params![
                observed.run,
                kept(observed.at).timestamp_millis(),
                observed.whole,
                write(&outcome, &observed.run)?
            ])
            .map_err(failed)?;
        tx.commit().map_err(failed)?;
        Ok(outcome)
    }
}

/// What a run says of one fingerprint.
#[derive(Clone, Copy)]
enum Verdict<'a> {
    Seen(&'a Finding),
    Passed,
    Unseen,
}

struct Recorder<'a> {
    tx: &'a Transaction<'a>,
    path: &'a Path,
    observed: &'a Observations,
    at: Instant8,
    outcome: Outcome,
    changed: bool,
}

impl<'a> Recorder<'a> {
    /// One verdict a fingerprint. Where the lists disagree, a sighting outweighs a gap and a gap outweighs a
    /// pass: a case is never closed on a doubt. New cases come in the order in which they are numbered: by
    /// unit, worst first, so that one unit's list has consecutive numbers.
    fn verdicts(&self) -> Vec<(&'a Fingerprint, Verdict<'a>)> {
        let mut by_fingerprint: BTreeMap<&Fingerprint, Verdict<'a>> = BTreeMap::new();
        for passed in &self.observed.passed {
            by_fingerprint.insert(passed, Verdict::Passed);
        }
        for unseen in &self.observed.unseen {
            by_fingerprint.insert(unseen, Verdict::Unseen);
        }
        for finding in &self.observed.findings {
            let known = by_fingerprint.get(&finding.fingerprint);
            if !matches!(known, Some(Verdict::Seen(other)) if other.state == State::Confirmed) {
                by_fingerprint.insert(&finding.fingerprint, Verdict::Seen(finding));
            }
        }
        let mut all: Vec<_> = by_fingerprint.into_iter().collect();
        all.sort_by_cached_key(|(_, verdict)| match verdict {
            Verdict::Passed | Verdict::Unseen => None,
            Verdict::Seen(finding) => {
                let place = (finding.subject.site.clone(), finding.subject.place.clone());
                Some((self.unit(finding), finding.severity, place, finding.rule.clone(), finding.url.clone()))
            }
        });
        all
    }

    fn unit(&self, finding: &Finding) -> String {
        self.observed.units.get(&finding.fingerprint).unwrap_or(&finding.subject.site_name).clone()
    }

    fn observe(&mut self, fingerprint: &Fingerprint, verdict: Verdict<'_>) -> Result<(), StoreError> {
        let run = self.observed.run.clone();
        let (what, evidence) = match verdict {
            Verdict::Seen(finding) => {
                let snapshot = finding.evidence.looks.iter().rev().map(|look| &look.body_sha256);
                let evidence = snapshot.into_iter().find(|sha| !sha.is_empty()).cloned();
                (What::Seen { run, unit: self.unit(finding), finding: Box::new(finding.clone()) }, evidence)
            }
            Verdict::Passed => (What::NotSeen { run }, None),
            Verdict::Unseen => (What::Gap { run }, None),
        };
        let Some(case) = find(self.tx, self.path, "fingerprint", &fingerprint.0)? else {
            return match &what {
                What::Seen { finding, .. } => self.open_case(finding, what.clone(), evidence),
                _ => Ok(()),
            };
        };
        if tells_nothing(&case, &what) || self.is_recorded(&case.number, &what)? {
            return Ok(());
        }
        if self.at < case.last_observed() {
            self.outcome.outdated += 1;
            return Ok(());
        }
        let event =
            Event { number: case.number.clone(), at: self.at, by: PROGRAM.to_owned(), what, evidence };
        let mut next = case.clone();
        next.apply(&event)?;
        append(self.tx, self.path, &event, &next)?;
        self.changed = true;
        self.count(&case, &next, &event.what);
        Ok(())
    }

    fn open_case(
        &mut self,
        finding: &Finding,
        what: What,
        evidence: Option<String>,
    ) -> Result<(), StoreError> {
        let failed = at(self.path);
        let month = self.at.format("%Y%m").to_string();
        let serial: i64 = self
            .tx
            .prepare_cached("SELECT ifnull(max(serial), 0) + 1 FROM cases WHERE month = ?1")
            .map_err(failed)?
            .query_row([month.parse::<i64>().unwrap_or_default()], |row| row.get(0))
            .map_err(failed)?;
        let number = format!("{month}-{serial:04}");
        let event = Event { number: number.clone(), at: self.at, by: PROGRAM.to_owned(), what, evidence };
        let case = Case::open(&event)?;
        self.tx
            .prepare_cached(
                "INSERT INTO cases (number, month, serial, fingerprint, site, rule, unit, state, folded)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )
            .map_err(failed)?
            .execute(params![
                number,
                month.parse::<i64>().unwrap_or_default(),
                serial,
                finding.fingerprint.0,
                finding.subject.site,
                finding.rule,
                case.unit,
                case.state.word(),
                write(&case, &number)?
            ])
            .map_err(failed)?;
        insert(self.tx, self.path, &event)?;
        self.changed = true;
        self.outcome.opened += 1;
        self.outcome.confirmed += usize::from(case.state == CaseState::Confirmed);
        Ok(())
    }

    /// Whether the case's latest observation is this very one.
    fn is_recorded(&self, number: &str, what: &What) -> Result<bool, StoreError> {
        let failed = at(self.path);
        let last: Option<(String, String)> = self
            .tx
            .prepare_cached(
                "SELECT run, body FROM event WHERE number = ?1 AND run IS NOT NULL ORDER BY id DESC LIMIT 1",
            )
            .map_err(failed)?
            .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(failed)?;
        match last {
            Some((run, body)) if run == self.observed.run => Ok(read::<What>(&body, number)? == *what),
            _ => Ok(false),
        }
    }

    /// Exempts the open cases that the register accounts for, unless that is known already.
    fn accounted(&mut self) -> Result<(), StoreError> {
        for accounted in &self.observed.accounted {
            let Some(case) = find(self.tx, self.path, "fingerprint", &accounted.fingerprint.0)? else {
                continue;
            };
            let until = accounted.until.unwrap_or_else(|| self.at.date_naive());
            let known = case.state == CaseState::Exempt
                && (case.progress.exempt_until >= Some(until) || self.at < case.last_observed());
            let ended = matches!(case.state, CaseState::Closed | CaseState::Revoked | CaseState::Dropped);
            if known || ended {
                continue;
            }
            let event = Event {
                number: case.number.clone(),
                at: self.at,
                by: PROGRAM.to_owned(),
                what: What::Exempted { until, reason: accounted.reason.clone() },
                evidence: None,
            };
            let mut next = case;
            next.apply(&event)?;
            append(self.tx, self.path, &event, &next)?;
            self.changed = true;
            self.outcome.exempted += 1;
        }
        Ok(())
    }

    fn undecided(&mut self) -> Result<(), StoreError> {
        let failed = at(self.path);
        let mut insert = self
            .tx
            .prepare_cached(
                "INSERT OR IGNORE INTO undecided (run, unit, subject, why) VALUES (?1, ?2, ?3, ?4)",
            )
            .map_err(failed)?;
        for undecided in &self.observed.undecided {
            let gap = &undecided.gap;
            let added = insert
                .execute(params![self.observed.run, undecided.unit, gap.subject, gap.why])
                .map_err(failed)?;
            self.changed |= added > 0;
        }
        Ok(())
    }

    fn count(&mut self, before: &Case, after: &Case, what: &What) {
        let outcome = &mut self.outcome;
        match (before.state, after.state) {
            _ if matches!(what, What::Gap { .. }) => outcome.unseen += 1,
            (CaseState::Answered, CaseState::Unfixed) => outcome.failed_rechecks += 1,
            (from, to) if from == to => outcome.still += usize::from(matches!(what, What::Seen { .. })),
            (_, CaseState::Confirmed) => outcome.confirmed += 1,
            (_, CaseState::Closed) => outcome.closed += 1,
            (_, CaseState::Dropped) => outcome.dropped += 1,
            (_, CaseState::Reopened) => outcome.reopened += 1,
            _ => outcome.still += 1,
        }
    }
}

/// Whether the event would only repeat what an ended case says already.
fn tells_nothing(case: &Case, what: &What) -> bool {
    let progress = &case.progress;
    match (case.state, what) {
        (CaseState::Closed | CaseState::Dropped, What::NotSeen { .. }) => progress.suspicion.is_none(),
        (CaseState::Revoked, What::NotSeen { .. }) => {
            progress.suspicion.is_none()
                && progress.last_pass.zip(progress.revoked_at).is_some_and(|(p, r)| p >= r)
        }
        (CaseState::Closed | CaseState::Dropped | CaseState::Revoked, What::Gap { .. }) => true,
        _ => false,
    }
}

fn last_outcome(tx: &Transaction<'_>, path: &Path, run: &str) -> Result<Option<Outcome>, StoreError> {
    let failed = at(path);
    let outcome: Option<String> = tx
        .prepare_cached("SELECT outcome FROM recording WHERE run = ?1 ORDER BY id DESC LIMIT 1")
        .map_err(failed)?
        .query_row([run], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    outcome.map(|json| read(&json, run)).transpose()
}
