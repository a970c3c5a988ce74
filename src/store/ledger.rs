//! `ledger.db`: opening it, and reading cases, histories and runs from it. The one truth about every problem.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{Pragmas, StoreError, at, backup};
use crate::calendar::{Instant8, from_millis};
use crate::clock;
use crate::finding::{Fingerprint, Gap};
use crate::ledger::case::{Case, CaseState};
use crate::ledger::event::{Event, What};
use crate::ledger::{Outcome, Undecided};

mod embedded {
    refinery::embed_migrations!("src/store/migrations/ledger");
}

/// The ledger of one installation. One value writes at a time; other processes wait or are told to.
#[derive(Debug)]
pub struct Ledger {
    pub(super) conn: Connection,
    pub(super) path: PathBuf,
}

/// Which cases are wanted; empty fields ask for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Their states.
    pub states: Vec<CaseState>,
    /// Their 责任单位.
    pub unit: Option<String>,
}

impl Wanted {
    /// The cases in one of `states`.
    pub fn states(states: &[CaseState]) -> Self {
        Self { states: states.to_vec(), unit: None }
    }
}

/// One recording of a run, as `status` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Id of the run.
    pub run: String,
    /// Its `as_of`.
    pub at: Instant8,
    /// True for a patrol of the whole register.
    pub whole: bool,
    /// What it did.
    pub outcome: Outcome,
}

impl Ledger {
    /// The ledger's file name in the state folder.
    pub const FILE: &'static str = "ledger.db";

    /// Opens the ledger in the state folder `dir`, creating or migrating it where needed; an existing one is
    /// copied to `backup/` before it is migrated.
    ///
    /// # Errors
    /// [`StoreError`]: also where the file is missing and backups of it are there, because an empty ledger in
    /// its place would forget every problem without a word.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir).map_err(|source| StoreError::Io { path: dir.to_owned(), source })?;
        let path = dir.join(Self::FILE);
        if !path.exists()
            && let Some(backup) = backup::newest(&path)
        {
            return Err(StoreError::Missing { path, backup: Some(backup) });
        }
        let _alone = super::alone(&path)?;
        let mut conn = super::open(&path, &Pragmas::default())?;
        conn.set_transaction_behavior(TransactionBehavior::Immediate);
        migrate(&mut conn, &path)?;
        let mut ledger = Self { conn, path };
        ledger.seal()?;
        Ok(ledger)
    }

    /// Opens a ledger that must be there already: for commands that only make sense after a run.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where it is not there, otherwise as [`open`](Self::open).
    pub fn open_existing(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(Self::FILE);
        if path.exists() {
            return Self::open(dir);
        }
        let backup = backup::newest(&path);
        Err(StoreError::Missing { path, backup })
    }

    /// Copies the ledger to `backup/`, as is done before each run.
    ///
    /// # Errors
    /// [`StoreError`] where the copy could not be written.
    pub fn back_up(&self, at: Instant8) -> Result<PathBuf, StoreError> {
        backup::write(&self.conn, &self.path, at)
    }

    /// The case `number`.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] where there is none.
    pub fn case(&self, number: &str) -> Result<Case, StoreError> {
        find(&self.conn, &self.path, "number", number)?
            .ok_or_else(|| StoreError::Unknown(format!("台账中没有问题编号 {number}")))
    }

    /// The case of `fingerprint`, where there is one.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn case_of(&self, fingerprint: &Fingerprint) -> Result<Option<Case>, StoreError> {
        find(&self.conn, &self.path, "fingerprint", &fingerprint.0)
    }

    /// The cases that are wanted, by number.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn cases(&self, wanted: &Wanted) -> Result<Vec<Case>, StoreError> {
        let failed = at(&self.path);
        let mut select = self
            .conn
            .prepare("SELECT number, state, unit, folded FROM cases ORDER BY month, serial")
            .map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        let mut cases = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let (number, state): (String, String) =
                (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
            let unit: String = row.get(2).map_err(failed)?;
            let in_state = wanted.states.is_empty() || wanted.states.iter().any(|s| s.word() == state);
            if in_state && wanted.unit.as_ref().is_none_or(|u| *u == unit) {
                let folded: String = row.get(3).map_err(failed)?;
                cases.push(read(&folded, &number)?);
            }
        }
        Ok(cases)
    }

    /// 待核清单: the cases that a person may approve, and those that a further look must confirm first.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn candidates(&self) -> Result<Vec<Case>, StoreError> {
        let waiting: Vec<CaseState> =
            CaseState::ALL.into_iter().filter(|state| state.is_unassigned()).collect();
        Ok(self.cases(&Wanted::states(&waiting))?.into_iter().filter(Case::is_candidate).collect())
    }

    /// The cases that want a further look: suspicions, and what units say they have mended.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn to_recheck(&self) -> Result<Vec<Case>, StoreError> {
        let wants_look = |case: &Case| case.suspicion().is_some() || case.state == CaseState::Answered;
        Ok(self.cases(&Wanted::default())?.into_iter().filter(wants_look).collect())
    }

    /// The history of the case `number`, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] where there is no such case.
    pub fn history(&self, number: &str) -> Result<Vec<Event>, StoreError> {
        let failed = at(&self.path);
        let mut select = self
            .conn
            .prepare("SELECT at, author, body, evidence FROM event WHERE number = ?1 ORDER BY id")
            .map_err(failed)?;
        let mut rows = select.query([number]).map_err(failed)?;
        let mut events = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let body: String = row.get(2).map_err(failed)?;
            events.push(Event {
                number: number.to_owned(),
                at: from_millis(row.get(0).map_err(failed)?),
                by: row.get(1).map_err(failed)?,
                what: read(&body, number)?,
                evidence: row.get(3).map_err(failed)?,
            });
        }
        if events.is_empty() {
            return Err(StoreError::Unknown(format!("台账中没有问题编号 {number}")));
        }
        Ok(events)
    }

    /// Hands the history of each case, oldest event first, to `each`.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read; the error of `each`.
    pub fn histories(
        &self,
        each: &mut dyn FnMut(&[Event]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for case in self.cases(&Wanted::default())? {
            each(&self.history(&case.number)?)?;
        }
        Ok(())
    }

    /// The latest recordings of runs, newest first.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn recordings(&self, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let failed = at(&self.path);
        let mut select = self
            .conn
            .prepare("SELECT run, at, whole, outcome FROM recording ORDER BY id DESC LIMIT ?1")
            .map_err(failed)?;
        let mut rows = select.query([limit]).map_err(failed)?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let run: String = row.get(0).map_err(failed)?;
            let outcome: String = row.get(3).map_err(failed)?;
            runs.push(Recorded {
                at: from_millis(row.get(1).map_err(failed)?),
                whole: row.get(2).map_err(failed)?,
                outcome: read(&outcome, &run)?,
                run,
            });
        }
        Ok(runs)
    }

    /// 未判定事项 of the latest patrol of the whole register and of the rechecks after it.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn undecided(&self) -> Result<Vec<Undecided>, StoreError> {
        let failed = at(&self.path);
        let mut select = self
            .conn
            .prepare(
                "SELECT DISTINCT unit, subject, why FROM undecided WHERE run IN (
                     SELECT run FROM recording
                     WHERE id >= ifnull((SELECT max(id) FROM recording WHERE whole = 1), 0))
                 ORDER BY unit, subject, why",
            )
            .map_err(failed)?;
        let rows = select
            .query_map([], |row| {
                Ok(Undecided { unit: row.get(0)?, gap: Gap { subject: row.get(1)?, why: row.get(2)? } })
            })
            .map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    /// How many cases stand in each state, in the order of [`CaseState::ALL`].
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn counts(&self) -> Result<Vec<(CaseState, u32)>, StoreError> {
        CaseState::ALL
            .into_iter()
            .map(|state| {
                let count = self.conn.query_row(
                    "SELECT count(*) FROM cases WHERE state = ?1",
                    [state.word()],
                    |row| row.get(0),
                );
                Ok((state, count.map_err(at(&self.path))?))
            })
            .collect()
    }

    /// Folds every history again and names the cases whose stored state does not follow from it.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read or a history is not legal.
    pub fn audit(&self) -> Result<Vec<String>, StoreError> {
        let mut wrong = Vec::new();
        for case in self.cases(&Wanted::default())? {
            if Case::fold(&self.history(&case.number)?)? != case {
                wrong.push(case.number);
            }
        }
        Ok(wrong)
    }
}

/// The case whose `column` (a name of ours, never input) is `value`.
pub(super) fn find(
    conn: &Connection,
    path: &Path,
    column: &'static str,
    value: &str,
) -> Result<Option<Case>, StoreError> {
    let failed = at(path);
    let mut select =
        conn.prepare_cached(&format!("SELECT folded FROM cases WHERE {column} = ?1")).map_err(failed)?;
    let folded: Option<String> = select.query_row([value], |row| row.get(0)).optional().map_err(failed)?;
    folded.map(|folded| read(&folded, value)).transpose()
}

/// Adds `event` to the case's history and stores where it led; the caller has applied it to `case`.
pub(super) fn append(
    tx: &Transaction<'_>,
    path: &Path,
    event: &Event,
    case: &Case,
) -> Result<(), StoreError> {
    let failed = at(path);
    tx.prepare_cached("UPDATE cases SET unit = ?2, state = ?3, folded = ?4 WHERE number = ?1")
        .map_err(failed)?
        .execute(params![case.number, case.unit, case.state.word(), write(case, &case.number)?])
        .map_err(failed)?;
    insert(tx, path, event)
}

/// Adds `event` to its case's history.
pub(super) fn insert(tx: &Transaction<'_>, path: &Path, event: &Event) -> Result<(), StoreError> {
    let failed = at(path);
    tx.prepare_cached(
        "INSERT INTO event (number, at, author, kind, run, body, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .map_err(failed)?
    .execute(params![
        event.number,
        event.at.timestamp_millis(),
        event.by,
        kind(&event.what),
        event.what.run(),
        write(&event.what, &event.number)?,
        event.evidence,
    ])
    .map_err(failed)?;
    super::chain::extend(tx, tx.last_insert_rowid()).map_err(failed)
}

/// `at` as the ledger keeps it: whole milliseconds, in +08:00.
pub(super) fn kept(at: Instant8) -> Instant8 {
    from_millis(at.timestamp_millis())
}

pub(super) fn read<T: serde::de::DeserializeOwned>(json: &str, place: &str) -> Result<T, StoreError> {
    serde_json::from_str(json)
        .map_err(|e| StoreError::Content { place: place.to_owned(), detail: e.to_string() })
}

pub(super) fn write<T: serde::Serialize>(value: &T, place: &str) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|e| StoreError::Content { place: place.to_owned(), detail: e.to_string() })
}

fn kind(what: &What) -> &'static str {
    match what {
        What::Seen { .. } => "seen",
        What::NotSeen { .. } => "not-seen",
        What::Gap { .. } => "gap",
        What::Approved { .. } => "approved",
        What::Rejected { .. } => "rejected",
        What::Assigned { .. } => "assigned",
        What::HeldOver { .. } => "held-over",
        What::Answered { .. } => "answered",
        What::Disputed { .. } => "disputed",
        What::DelayAsked { .. } => "delay-asked",
        What::Maintained { .. } => "upheld",
        What::Reminded { .. } => "reminded",
        What::Extended { .. } => "extended",
        What::Exempted { .. } => "exempted",
        What::Transferred { .. } => "transferred",
        What::Revoked { .. } => "revoked",
        What::Reopened { .. } => "reopened",
    }
}

fn migrate(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let schema = |source| StoreError::Schema { path: path.to_owned(), source };
    let runner = embedded::migrations::runner();
    let newest = runner.get_migrations().iter().map(refinery::Migration::version).max();
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'", [], |row| {
            row.get(0)
        })
        .map_err(at(path))?;
    if tables > 0 {
        let applied = runner.get_last_applied_migration(conn).map_err(schema)?;
        if applied.as_ref().map(refinery::Migration::version) < newest {
            backup::write(conn, path, clock::now())?;
        }
    }
    runner.run(conn).map_err(schema)?;
    Ok(())
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
