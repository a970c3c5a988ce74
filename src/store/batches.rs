//! What people enter into the ledger: approvals in batches, the handing over, and acts on single cases.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::ledger::{Ledger, append, find, kept};
use super::{StoreError, at};
use crate::calendar::{Instant8, from_millis};
use crate::ledger::case::{Case, CaseState};
use crate::ledger::event::{Event, What};

/// 批次: what a person has approved to be handed over together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// `202611`; a second one of the month is `202611-2`.
    pub id: String,
    /// Who approved it last.
    pub approved_by: String,
    /// When.
    pub approved_at: Instant8,
    /// Its cases by number: those approved and not yet handed over, and those handed over in it. What was
    /// refused, revoked or found in order since the approval is no longer among them.
    pub cases: Vec<Case>,
}

impl Batch {
    /// The cases whose letter has still to go out.
    pub fn pending(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| case.progress.approved.as_ref() == Some(&self.id))
    }
}

/// What a person decided about the candidates.
#[derive(Debug, Clone)]
pub struct Review {
    /// 批次.
    pub batch: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant8,
    /// 采纳: numbers.
    pub adopted: Vec<String>,
    /// 不采纳: numbers and reasons.
    pub refused: Vec<(String, String)>,
    /// Name of the reviewed file.
    pub source: Option<String>,
}

impl Ledger {
    /// Enters a review: adopted cases are approved for the batch, refused ones revoked as false alarms. All or
    /// nothing; entering the same review again changes nothing. A review that adopts nothing opens no batch.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] for a malformed batch, one that has been handed over already, or a number that
    /// does not exist; [`StoreError::Illegal`] for a case that cannot be approved or refused.
    pub fn approve(&mut self, review: &Review) -> Result<Batch, StoreError> {
        check_author(&review.by)?;
        if !is_batch_id(&review.batch) {
            let message = format!("批次号“{}”不对，应为年月，如 202611；同月第二批写 202611-2", review.batch);
            return Err(StoreError::Unknown(message));
        }
        let path = self.path.clone();
        let failed = at(&path);
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        if let Some(batch) = load_batch(&tx, &path, &review.batch)?
            && batch.cases.iter().any(|case| case.batch.as_ref() == Some(&review.batch))
        {
            let message = format!("批次 {0} 已经交办，请换一个批次号，如 {0}-2", review.batch);
            return Err(StoreError::Unknown(message));
        }
        if !review.adopted.is_empty() {
            tx.execute(
                "INSERT INTO batch (id, approved_by, approved_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET approved_by = ?2, approved_at = ?3",
                params![review.batch, review.by, review.at.timestamp_millis()],
            )
            .map_err(failed)?;
        }
        let adopt = |number: &String| (number.clone(), What::Approved { batch: review.batch.clone() });
        let refuse =
            |(number, reason): &(String, String)| (number.clone(), What::Rejected { reason: reason.clone() });
        let acts = review.adopted.iter().map(adopt).chain(review.refused.iter().map(refuse));
        for (number, what) in acts {
            let mut case = existing(&tx, &path, &number)?;
            let done = match &what {
                What::Approved { batch } => case.progress.approved.as_ref() == Some(batch),
                _ => case.state == CaseState::Revoked,
            };
            if done {
                continue;
            }
            let event = Event {
                number: number.clone(),
                at: kept(review.at),
                by: review.by.clone(),
                what,
                evidence: review.source.clone(),
            };
            case.apply(&event)?;
            append(&tx, &path, &event, &case)?;
            if matches!(event.what, What::Approved { .. }) {
                tx.execute(
                    "INSERT OR IGNORE INTO batch_case (batch, number) VALUES (?1, ?2)",
                    params![review.batch, number],
                )
                .map_err(failed)?;
            }
        }
        let batch = load_batch(&tx, &path, &review.batch)?;
        tx.commit().map_err(failed)?;
        Ok(batch.unwrap_or_else(|| Batch {
            id: review.batch.clone(),
            approved_by: review.by.clone(),
            approved_at: kept(review.at),
            cases: Vec::new(),
        }))
    }

    /// Marks approved cases as handed over: their letter has gone out on `on` with the deadline `due` (none for
    /// old stock). Cases that were handed over already stay as they are, so that a sending that was killed can
    /// be repeated. Returns how many were marked.
    ///
    /// # Errors
    /// [`StoreError::Illegal`] where one is not approved; none is marked then.
    pub fn mark_assigned(
        &mut self,
        numbers: &[String],
        due: impl Into<Option<chrono::NaiveDate>>,
        on: chrono::NaiveDate,
        by: &str,
        when: Instant8,
    ) -> Result<usize, StoreError> {
        check_author(by)?;
        let due = due.into();
        let path = self.path.clone();
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(at(&path))?;
        let mut marked = 0;
        for number in numbers {
            let mut case = existing(&tx, &path, number)?;
            if case.state.is_handed_over() {
                continue;
            }
            let batch = case.progress.approved.clone().unwrap_or_default();
            let event = Event {
                number: number.clone(),
                at: kept(when),
                by: by.to_owned(),
                what: What::Assigned { batch, due, on },
                evidence: None,
            };
            case.apply(&event)?;
            append(&tx, &path, &event, &case)?;
            marked += 1;
        }
        tx.commit().map_err(at(&path))?;
        Ok(marked)
    }

    /// Marks approved cases as left for the next batch: the letter of their batch went out without them. They
    /// are candidates again. Cases that are not approved any more stay as they are.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] for a number that does not exist; none is marked then.
    pub fn hold_over(&mut self, numbers: &[String], by: &str, when: Instant8) -> Result<usize, StoreError> {
        check_author(by)?;
        let path = self.path.clone();
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(at(&path))?;
        let mut marked = 0;
        for number in numbers {
            let mut case = existing(&tx, &path, number)?;
            let Some(batch) = case.progress.approved.clone() else { continue };
            let event = Event {
                number: number.clone(),
                at: kept(when),
                by: by.to_owned(),
                what: What::HeldOver { batch },
                evidence: None,
            };
            case.apply(&event)?;
            append(&tx, &path, &event, &case)?;
            marked += 1;
        }
        tx.commit().map_err(at(&path))?;
        Ok(marked)
    }

    /// Enters what a person did to one case: a reply, an objection, an exemption … Returns the case after it.
    ///
    /// # Errors
    /// [`StoreError::Illegal`] where the case does not allow it; [`StoreError::Unknown`] where there is no such
    /// case, or for what only runs and batches may enter.
    pub fn enter(
        &mut self,
        number: &str,
        what: What,
        by: &str,
        when: Instant8,
        evidence: Option<String>,
    ) -> Result<Case, StoreError> {
        check_author(by)?;
        let reserved = matches!(
            what,
            What::Approved { .. } | What::Assigned { .. } | What::Rejected { .. } | What::HeldOver { .. }
        );
        if reserved || what.run().is_some() {
            return Err(StoreError::Unknown(format!("“{}”不能单独登记", what.label())));
        }
        let path = self.path.clone();
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(at(&path))?;
        let mut case = existing(&tx, &path, number)?;
        let event = Event { number: number.to_owned(), at: kept(when), by: by.to_owned(), what, evidence };
        case.apply(&event)?;
        append(&tx, &path, &event, &case)?;
        tx.commit().map_err(at(&path))?;
        Ok(case)
    }

    /// The batch `id`.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] where nothing was ever approved for it.
    pub fn batch(&self, id: &str) -> Result<Batch, StoreError> {
        load_batch(&self.conn, &self.path, id)?
            .ok_or_else(|| StoreError::Unknown(format!("没有批次 {id}，请先用 xuncha approve 批准")))
    }

    /// All batches, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn batches(&self) -> Result<Vec<Batch>, StoreError> {
        let failed = at(&self.path);
        let mut select =
            self.conn.prepare("SELECT id FROM batch ORDER BY approved_at, id").map_err(failed)?;
        let ids: Vec<String> = select
            .query_map([], |row| row.get(0))
            .map_err(failed)?
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        ids.iter().map(|id| self.batch(id)).collect()
    }
}

/// Whether `id` is a year and month, with `-N` for a further batch of the month.
pub fn is_batch_id(id: &str) -> bool {
    let (month, rest) = id.split_once('-').map_or((id, None), |(month, rest)| (month, Some(rest)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let month_ok = month.len() == 6
        && digits(month)
        && month.get(4..).and_then(|m| m.parse::<u8>().ok()).is_some_and(|m| (1..=12).contains(&m));
    month_ok && rest.is_none_or(|n| n.len() <= 2 && digits(n))
}

fn check_author(by: &str) -> Result<(), StoreError> {
    if by.trim().is_empty() {
        return Err(StoreError::Unknown("须写明经办人".to_owned()));
    }
    Ok(())
}

fn existing(conn: &Connection, path: &std::path::Path, number: &str) -> Result<Case, StoreError> {
    find(conn, path, "number", number)?
        .ok_or_else(|| StoreError::Unknown(format!("台账中没有问题编号 {number}")))
}

fn load_batch(conn: &Connection, path: &std::path::Path, id: &str) -> Result<Option<Batch>, StoreError> {
    let failed = at(path);
    let row: Option<(String, i64)> = conn
        .query_row("SELECT approved_by, approved_at FROM batch WHERE id = ?1", [id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
        .map_err(failed)?;
    let Some((approved_by, approved_at)) = row else { return Ok(None) };
    let mut select = conn
        .prepare(
            "SELECT number FROM batch_case JOIN cases USING (number) WHERE batch = ?1 ORDER BY month, serial",
        )
        .map_err(failed)?;
    let numbers: Vec<String> = select
        .query_map([id], |row| row.get(0))
        .map_err(failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    let mut cases = Vec::new();
    for number in numbers {
        let case = existing(conn, path, &number)?;
        let named = |batch: &Option<String>| batch.as_deref() == Some(id);
        if named(&case.progress.approved) || named(&case.batch) {
            cases.push(case);
        }
    }
    Ok(Some(Batch { id: id.to_owned(), approved_by, approved_at: from_millis(approved_at), cases }))
}
