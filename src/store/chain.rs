//! The chain of hashes over all events of `ledger.db`: written with each event, walked by `xuncha case verify`.

use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};

use super::ledger::{Ledger, Wanted, read, write};
use super::{StoreError, at};
use crate::calendar::{Instant8, from_millis};
use crate::finding::hex;
use crate::ledger::case::Case;
use crate::ledger::event::{Event, What};

/// What a walk over the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Events walked over.
    pub events: u64,
    /// The last link's hash: written down elsewhere, it also shows that nothing was cut off at the end.
    pub head: String,
    /// The first link that does not hold.
    pub broken: Option<BrokenLink>,
}

/// A link that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLink {
    /// Number of the event in the ledger.
    pub event: i64,
    /// 问题编号; empty where the event is gone.
    pub number: String,
    /// When the event says that it happened.
    pub at: Option<Instant8>,
    /// Its label, as far as it can be read.
    pub label: String,
    /// What does not hold.
    pub why: &'static str,
}

/// One event as the log exports it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Logged {
    /// Its number in the ledger.
    pub id: i64,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// Its link in the chain.
    pub hash: String,
}

impl Ledger {
    /// Walks over the chain from its first link. `known` is a head that was written down earlier and must be among the
    /// links.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read.
    pub fn verify(&self, known: Option<&str>) -> Result<Verified, StoreError> {
        let failed = at(&self.path);
        let mut found = Verified { events: 0, head: first_link(), broken: None };
        let mut met = known.is_none_or(|known| known == found.head);
        let mut select = self.conn.prepare(ALL).map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let raw = Raw::of(row).map_err(failed)?;
            let stored: Option<String> = row.get(8).map_err(failed)?;
            let hash = raw.link(&found.head);
            let why = match &stored {
                None => Some("没有校验值：该记录不是由本程序写入的"),
                Some(stored) if *stored != hash => Some("校验值不符：该记录被改动，或其前有记录被删改"),
                Some(_) => None,
            };
            if let Some(why) = why {
                found.broken = Some(raw.broken(why));
                return Ok(found);
            }
            found.events += 1;
            found.head = hash;
            met |= known == Some(found.head.as_str());
        }
        let gone: Option<i64> = self
            .conn
            .query_row("SELECT min(event) FROM chain WHERE event NOT IN (SELECT id FROM event)", [], |row| {
                row.get(0)
            })
            .map_err(failed)?;
        let why = match gone {
            Some(_) => Some("有校验值而记录已不存在"),
            None if !met => Some("链中没有所给的校验值：此后的记录被截去，或者校验值取自其他台账"),
            None => None,
        };
        found.broken = why.map(|why| BrokenLink {
            event: gone.unwrap_or_default(),
            number: String::new(),
            at: None,
            label: String::new(),
            why,
        });
        Ok(found)
    }

    /// Hands every event to `each` in the order of recording: the log from which all figures can be computed again.
    ///
    /// # Errors
    /// [`StoreError`] where the ledger cannot be read; the error of `each`.
    pub fn log(&self, each: &mut dyn FnMut(Logged) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let failed = at(&self.path);
        let mut select = self.conn.prepare(ALL).map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let raw = Raw::of(row).map_err(failed)?;
            let hash: Option<String> = row.get(8).map_err(failed)?;
            let event = Event {
                what: read::<What>(&raw.body, &raw.number)?,
                at: from_millis(raw.at),
                by: raw.author,
                number: raw.number,
                evidence: raw.evidence,
            };
            each(Logged { id: raw.id, event, hash: hash.unwrap_or_default() })?;
        }
        Ok(())
    }

    /// Once after the schema has come to have a chain: chains the events of before, and folds their cases again by the table
    /// of today. A process that is killed meanwhile leaves it to the next.
    pub(super) fn seal(&mut self) -> Result<(), StoreError> {
        let path = self.path.clone();
        let failed = at(&path);
        let done: bool =
            self.conn.query_row("SELECT done FROM sealing", [], |row| row.get(0)).map_err(failed)?;
        if done {
            return Ok(());
        }
        let folded: Vec<Case> = {
            let cases = self.cases(&Wanted::default())?;
            let fold = |case: Case| Ok(Case::fold(&self.history(&case.number)?)?);
            cases.into_iter().map(fold).collect::<Result<_, StoreError>>()?
        };
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let ids: Vec<i64> = tx
            .prepare("SELECT id FROM event WHERE id NOT IN (SELECT event FROM chain) ORDER BY id")
            .and_then(|mut select| select.query_map([], |row| row.get(0))?.collect())
            .map_err(failed)?;
        for id in ids {
            extend(&tx, id).map_err(failed)?;
        }
        for case in folded {
            tx.execute(
                "UPDATE cases SET unit = ?2, state = ?3, folded = ?4 WHERE number = ?1",
                params![case.number, case.unit, case.state.word(), write(&case, &case.number)?],
            )
            .map_err(failed)?;
        }
        tx.execute("UPDATE sealing SET done = 1", []).map_err(failed)?;
        tx.commit().map_err(failed)
    }
}

/// Adds the link of the event `id`, which has just been written.
pub(super) fn extend(conn: &Connection, id: i64) -> rusqlite::Result<()> {
    let before: Option<String> = conn
        .prepare_cached("SELECT hash FROM chain ORDER BY event DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let raw = conn
        .prepare_cached("SELECT id, number, at, author, kind, run, body, evidence FROM event WHERE id = ?1")?
        .query_row([id], Raw::of)?;
    let hash = raw.link(&before.unwrap_or_else(first_link));
    conn.prepare_cached("INSERT INTO chain (event, hash) VALUES (?1, ?2)")?.execute(params![id, hash])?;
    Ok(())
}

const ALL: &str = "SELECT e.id, e.number, e.at, e.author, e.kind, e.run, e.body, e.evidence, c.hash
                   FROM event e LEFT JOIN chain c ON c.event = e.id ORDER BY e.id";

/// What stands before the first event.
fn first_link() -> String {
    hex(&Sha256::digest(b"xuncha ledger"))
}

/// An event as its row has it: what the link is computed over, byte for byte.
struct Raw {
    id: i64,
    number: String,
    at: i64,
    author: String,
    kind: String,
    run: Option<String>,
    body: String,
    evidence: Option<String>,
}

impl Raw {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            number: row.get(1)?,
            at: row.get(2)?,
            author: row.get(3)?,
            kind: row.get(4)?,
            run: row.get(5)?,
            body: row.get(6)?,
            evidence: row.get(7)?,
        })
    }

    fn link(&self, before: &str) -> String {
        let mut hash = Sha256::new();
        let at = self.at.to_string();
        let parts = [
            Some(before),
            Some(&self.number),
            Some(&at),
            Some(&self.author),
            Some(&self.kind),
            self.run.as_deref(),
            Some(&self.body),
            self.evidence.as_deref(),
        ];
        for part in parts {
            // The length first: no two rows give the same bytes.
            let length = part.map_or(u64::MAX, |part| part.len() as u64);
            hash.update(length.to_be_bytes());
            hash.update(part.unwrap_or_default());
        }
        hex(&hash.finalize())
    }

    fn broken(self, why: &'static str) -> BrokenLink {
        let label = serde_json::from_str::<What>(&self.body).map_or("无法读取", |what| what.label());
        BrokenLink {
            event: self.id,
            number: self.number,
            at: Some(from_millis(self.at)),
            label: label.to_owned(),
            why,
        }
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
