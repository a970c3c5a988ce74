//! Inspections in the ledger: standings of runs, draws, a person's rulings, final papers; and every history at once.

use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::ledger::{Ledger, kept, read, write};
use super::{StoreError, at};
use crate::calendar::{Instant8, end_of_day, from_millis};
use crate::inspection::draw::Draw;
use crate::inspection::period::Period;
use crate::inspection::standing::{Ruling, Standing, Verdict};
use crate::ledger::event::Event;

/// A paper that was made final.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Issued {
    /// What it is: `quarter`.
    pub kind: String,
    /// The period it speaks of: `2026Q4`.
    pub period: String,
    /// Who made it final.
    pub by: String,
    /// When.
    pub at: Instant8,
    /// Name of its file.
    pub name: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

impl Ledger {
    /// Records how members stood in a run. What repeats the last record of the same run adds nothing. Returns how many were
    /// added.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger could not be written; nothing is added then.
    pub fn put_standings(&mut self, standings: &[Standing]) -> Result<usize, StoreError> {
        let path = self.path.clone();
        let failed = at(&path);
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut added = 0;
        for standing in standings {
            let standing = Standing { at: kept(standing.at), ..standing.clone() };
            let body = write(&standing, &standing.code)?;
            let last: Option<String> = tx
                .prepare_cached(
                    "SELECT body FROM standing WHERE kind = ?1 AND code = ?2 AND run = ?3 ORDER BY id DESC LIMIT 1",
                )
                .map_err(failed)?
                .query_row([standing.kind.word(), &standing.code, &standing.run], |row| row.get(0))
                .optional()
                .map_err(failed)?;
            if last.as_ref() == Some(&body) {
                continue;
            }
            tx.prepare_cached("INSERT INTO standing (kind, code, run, at, body) VALUES (?1, ?2, ?3, ?4, ?5)")
                .map_err(failed)?
                .execute(params![
                    standing.kind.word(),
                    standing.code,
                    standing.run,
                    standing.at.timestamp_millis(),
                    body
                ])
                .map_err(failed)?;
            added += 1;
        }
        tx.commit().map_err(failed)?;
        Ok(added)
    }

    /// Every standing whose time lies on these days, in the order in which they were recorded.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn standings(
        &self,
        from: chrono::NaiveDate,
        to: chrono::NaiveDate,
    ) -> Result<Vec<Standing>, StoreError> {
        let before = from.pred_opt().map_or(i64::MIN, |day| end_of_day(day).timestamp_millis() + 999);
        let until = end_of_day(to).timestamp_millis() + 999;
        let failed = at(&self.path);
        let mut select = self
            .conn
            .prepare("SELECT body FROM standing WHERE at > ?1 AND at <= ?2 ORDER BY id")
            .map_err(failed)?;
        let rows = select
            .query_map([before, until], |row| row.get::<_, String>(0))
            .map_err(failed)?
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        rows.iter().map(|body| read(body, "standing")).collect()
    }

    /// Adds a draw.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger could not be written.
    pub fn put_draw(&mut self, draw: &Draw) -> Result<(), StoreError> {
        let draw = Draw { at: kept(draw.at), ..draw.clone() };
        self.conn
            .execute(
                "INSERT INTO draw (period, at, body) VALUES (?1, ?2, ?3)",
                params![draw.period.to_string(), draw.at.timestamp_millis(), write(&draw, "draw")?],
            )
            .map_err(at(&self.path))?;
        Ok(())
    }

    /// The list in force of every period that has one, by the first day of the period, shorter periods first.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn draws(&self) -> Result<Vec<Draw>, StoreError> {
        let failed = at(&self.path);
        let mut select = self
            .conn
            .prepare("SELECT body FROM draw WHERE id IN (SELECT max(id) FROM draw GROUP BY period)")
            .map_err(failed)?;
        let rows = select
            .query_map([], |row| row.get::<_, String>(0))
            .map_err(failed)?
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        let mut draws: Vec<Draw> =
            rows.iter().map(|body| read(body, "draw")).collect::<Result<_, StoreError>>()?;
        draws.sort_by_key(|draw| (draw.period.first_day(), draw.period.span()));
        Ok(draws)
    }

    /// How often a list was drawn for `period`.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn times_drawn(&self, period: Period) -> Result<u32, StoreError> {
        self.conn
            .query_row("SELECT count(*) FROM draw WHERE period = ?1", [period.to_string()], |row| row.get(0))
            .map_err(at(&self.path))
    }

    /// Adds rulings, all or none.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] for an empty name or reason; [`StoreError`] where the ledger could not be written.
    pub fn put_rulings(&mut self, rulings: &[Ruling]) -> Result<(), StoreError> {
        if let Some(ruling) = rulings.iter().find(|r| r.by.trim().is_empty() || r.reason.trim().is_empty()) {
            return Err(StoreError::Unknown(format!("{}：须写明核查人和核查情况", ruling.code)));
        }
        let path = self.path.clone();
        let failed = at(&path);
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        for ruling in rulings {
            tx.prepare_cached(
                "INSERT INTO ruling (period, code, indicator, verdict, author, at, reason)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .map_err(failed)?
            .execute(params![
                ruling.period,
                ruling.code,
                ruling.indicator,
                ruling.verdict.word(),
                ruling.by,
                ruling.at.timestamp_millis(),
                ruling.reason
            ])
            .map_err(failed)?;
        }
        tx.commit().map_err(failed)
    }

    /// Every ruling, in the order in which they were entered.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn rulings(&self) -> Result<Vec<Ruling>, StoreError> {
        let failed = at(&self.path);
        let mut select = self
            .conn
            .prepare("SELECT period, code, indicator, verdict, author, at, reason FROM ruling ORDER BY id")
            .map_err(failed)?;
        let rows = select
            .query_map([], |row| {
                let verdict: String = row.get(3)?;
                Ok(Ruling {
                    period: row.get(0)?,
                    code: row.get(1)?,
                    indicator: row.get(2)?,
                    title: String::new(),
                    verdict: Verdict::ruled(&verdict).unwrap_or(Verdict::Undecided),
                    by: row.get(4)?,
                    at: from_millis(row.get(5)?),
                    reason: row.get(6)?,
                })
            })
            .map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    /// Enters a paper that was made final.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger could not be written.
    pub fn put_issued(&mut self, paper: &Issued) -> Result<(), StoreError> {
        self.conn
            .execute(
                "INSERT INTO paper (kind, period, author, at, name, sha256) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    paper.kind,
                    paper.period,
                    paper.by,
                    paper.at.timestamp_millis(),
                    paper.name,
                    paper.sha256
                ],
            )
            .map_err(at(&self.path))?;
        Ok(())
    }

    /// Every paper that was made final, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn issued(&self) -> Result<Vec<Issued>, StoreError> {
        let failed = at(&self.path);
        let mut select = self
            .conn
            .prepare("SELECT kind, period, author, at, name, sha256 FROM paper ORDER BY id")
            .map_err(failed)?;
        let rows = select
            .query_map([], |row| {
                Ok(Issued {
                    kind: row.get(0)?,
                    period: row.get(1)?,
                    by: row.get(2)?,
                    at: from_millis(row.get(3)?),
                    name: row.get(4)?,
                    sha256: row.get(5)?,
                })
            })
            .map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    /// Every case's history, by number, each oldest first.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn all_histories(&self) -> Result<Vec<Vec<Event>>, StoreError> {
        let failed = at(&self.path);
        let mut select = self
            .conn
            .prepare(
                "SELECT e.number, e.at, e.author, e.body, e.evidence FROM event e
                 JOIN cases c ON c.number = e.number ORDER BY c.month, c.serial, e.id",
            )
            .map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        let mut histories: Vec<Vec<Event>> = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let number: String = row.get(0).map_err(failed)?;
            let body: String = row.get(3).map_err(failed)?;
            let event = Event {
                at: from_millis(row.get(1).map_err(failed)?),
                by: row.get(2).map_err(failed)?,
                what: read(&body, &number)?,
                evidence: row.get(4).map_err(failed)?,
                number,
            };
            match histories
                .last_mut()
                .filter(|history| history.last().is_some_and(|e| e.number == event.number))
            {
                Some(history) => history.push(event),
                None => histories.push(vec![event]),
            }
        }
        Ok(histories)
    }
}
