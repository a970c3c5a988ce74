//! What comes back from units, and what has gone out to them beside a batch: replies read from files, reminders delivered.

use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::ledger::{Ledger, append, find, kept};
use super::{StoreError, at};
use crate::calendar::{Instant8, from_millis};
use crate::ledger::case::{Case, CaseState};
use crate::ledger::event::{Claim, Event, Step, What};
use crate::report::replies::Reply;

/// A returned file whose replies are to be entered.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// Its name, for the history.
    pub name: &'a str,
    /// SHA-256 of its bytes in hex: the same file is entered once.
    pub sha256: &'a str,
    /// Who enters it.
    pub by: &'a str,
    /// When.
    pub at: Instant8,
    /// What it says.
    pub rows: &'a [Reply],
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// When the same file was entered before; nothing is changed then.
    pub before: Option<Instant8>,
    /// Replies that were entered, each with the case after it.
    pub entered: Vec<(What, Case)>,
    /// 问题编号 of replies that say what the ledger holds already.
    pub known: Vec<String>,
    /// Rows that could not be entered, each with its place and the reason.
    pub refused: Vec<String>,
}

/// A reminder that has been delivered.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Which one.
    pub step: Step,
    /// The 整改时限 that it is about.
    pub due: chrono::NaiveDate,
    /// The day of delivery.
    pub on: chrono::NaiveDate,
    /// The letter's batch in the outbox.
    pub letter: &'a str,
}

impl Ledger {
    /// Enters the replies of a file, all in one transaction; a row that the ledger refuses keeps none of the others out.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger could not be written; nothing is entered then.
    pub fn import(&mut self, import: &Import<'_>) -> Result<Imported, StoreError> {
        let path = self.path.clone();
        let failed = at(&path);
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let before: Option<i64> = tx
            .query_row("SELECT at FROM import WHERE sha256 = ?1", [import.sha256], |row| row.get(0))
            .optional()
            .map_err(failed)?;
        if let Some(before) = before {
            return Ok(Imported { before: Some(from_millis(before)), ..Imported::default() });
        }
        let mut done = Imported::default();
        for reply in import.rows {
            let refused = |why: &dyn std::fmt::Display| format!("{} {why}", reply.place);
            let Some(mut case) = find(&tx, &path, "number", &reply.number)? else {
                done.refused.push(refused(&format!("{}：台账中没有该问题编号", reply.number)));
                continue;
            };
            let what = reply.event(case.assigned_on.unwrap_or_else(|| import.at.date_naive()));
            if says_nothing_new(&case, &what) {
                done.known.push(case.number);
                continue;
            }
            let event = Event {
                number: reply.number.clone(),
                at: kept(import.at),
                by: import.by.to_owned(),
                what,
                evidence: Some(format!("{}{}", import.name, reply.place)),
            };
            if let Err(why) = case.apply(&event) {
                done.refused.push(refused(&why));
                continue;
            }
            append(&tx, &path, &event, &case)?;
            done.entered.push((event.what, case));
        }
        tx.execute(
            "INSERT INTO import (sha256, name, at, author) VALUES (?1, ?2, ?3, ?4)",
            params![import.sha256, import.name, import.at.timestamp_millis(), import.by],
        )
        .map_err(failed)?;
        tx.commit().map_err(failed)?;
        Ok(done)
    }

    /// Enters that a reminder about `numbers` has been delivered. Safe to repeat; returns how many cases are new to it.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] for a number that does not exist, [`StoreError::Illegal`] for a case that was never handed
    /// over; nothing is entered then.
    pub fn remind(
        &mut self,
        numbers: &[String],
        delivery: Delivery<'_>,
        by: &str,
        when: Instant8,
    ) -> Result<usize, StoreError> {
        let Delivery { step, due, on, letter } = delivery;
        let path = self.path.clone();
        let failed = at(&path);
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut entered = 0;
        for number in numbers {
            let mut case = find(&tx, &path, "number", number)?
                .ok_or_else(|| StoreError::Unknown(format!("台账中没有问题编号 {number}")))?;
            let known = case.progress.reminders.iter().any(|r| (r.step, r.due, r.on) == (step, due, on));
            if known {
                continue;
            }
            let event = Event {
                number: number.clone(),
                at: kept(when),
                by: by.to_owned(),
                what: What::Reminded { step, due, on, unit: case.unit.clone(), letter: letter.to_owned() },
                evidence: None,
            };
            case.apply(&event)?;
            append(&tx, &path, &event, &case)?;
            entered += 1;
        }
        tx.commit().map_err(failed)?;
        Ok(entered)
    }

    /// What lies before the office: objections, and delays that were asked for.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn pending(&self) -> Result<Vec<Case>, StoreError> {
        let all = self.cases(&super::ledger::Wanted::default())?;
        let asks = |case: &Case| case.state == CaseState::Disputed || case.progress.pending.is_some();
        Ok(all.into_iter().filter(asks).collect())
    }
}

/// Whether the case has this very reply already, or has ended in what the reply says.
fn says_nothing_new(case: &Case, what: &What) -> bool {
    let progress = &case.progress;
    let asked = |claim: &Claim, reason: &str| {
        progress.pending.as_ref().is_some_and(|p| p.claim == *claim && p.reason == reason)
    };
    match what {
        What::Answered { text, link, .. } => {
            let same = progress.answer.as_deref() == Some(text) && progress.link == *link;
            case.state == CaseState::Closed || (case.state == CaseState::Answered && same)
        }
        What::Disputed { reason, claim } => asked(claim, reason) || case.state == CaseState::Revoked,
        What::DelayAsked { until, reason } => asked(&Claim::Delay { until: *until }, reason),
        _ => false,
    }
}
