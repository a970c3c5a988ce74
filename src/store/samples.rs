//! The rounds and samples of `xuncha probe`, TLS looks, and robots.txt as the probe last read it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rusqlite::{OptionalExtension as _, params};

use super::facts::FactsDb;
use crate::calendar::{Instant8, from_millis};
use crate::crawl::frontier::SiteIndex;
use crate::facts::tls::TlsFacts;
use crate::facts::visits::{Ground, Ip, Outcome, Sample};

/// A sample with what the store needs beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// 标识码 of the site.
    pub site: String,
    /// What the site shares with others: its address, or its own host.
    pub group: String,
    /// Whether anything answered, however badly; `None` where nothing was asked of the network.
    pub reached: Option<bool>,
    /// The sample.
    pub sample: Sample,
}

impl FactsDb {
    /// The round to visit in: a new one, or the last where it was broken off at `fresh` or later.
    ///
    /// # Errors
    /// If the database fails.
    pub fn begin_round(&mut self, now: Instant8, fresh: Instant8) -> Result<i64> {
        let broken_off: Option<i64> = self
            .conn
            .query_row(
                "SELECT id FROM probe_round WHERE id = (SELECT max(id) FROM probe_round)
                 AND ended IS NULL AND began >= ?1",
                [fresh.timestamp_millis()],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(round) = broken_off {
            return Ok(round);
        }
        self.conn.execute("INSERT INTO probe_round (began) VALUES (?1)", [now.timestamp_millis()])?;
        Ok(self.conn.last_insert_rowid())
    }

    /// Marks a round as whole, and forgets rounds that began before `keep_from`.
    ///
    /// # Errors
    /// If the database fails.
    pub fn end_round(&mut self, round: i64, now: Instant8, keep_from: Instant8) -> Result<()> {
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        transaction.execute(
            "UPDATE probe_round SET ended = ?2 WHERE id = ?1",
            params![round, now.timestamp_millis()],
        )?;
        transaction.execute(
            "DELETE FROM sample WHERE round IN (SELECT id FROM probe_round WHERE began < ?1)",
            [keep_from.timestamp_millis()],
        )?;
        transaction.execute("DELETE FROM probe_round WHERE began < ?1", [keep_from.timestamp_millis()])?;
        transaction.commit()?;
        Ok(())
    }

    /// Keeps what witness looks said of our own network in a round.
    ///
    /// # Errors
    /// If the database fails.
    pub fn witness_round(&mut self, round: i64, reached: bool) -> Result<()> {
        self.conn.execute("UPDATE probe_round SET witness = ?2 WHERE id = ?1", params![round, reached])?;
        Ok(())
    }

    /// Voids every round that began from `from` to `until`, both included: our own network was down. Returns how many.
    ///
    /// # Errors
    /// If the database fails.
    pub fn void_rounds(&mut self, from: Instant8, until: Instant8, why: &str) -> Result<usize> {
        Ok(self.conn.execute(
            "UPDATE probe_round SET void = ?3 WHERE began BETWEEN ?1 AND ?2",
            params![from.timestamp_millis(), until.timestamp_millis(), why],
        )?)
    }

    /// Commits samples in one transaction; a sample that is there already stays.
    ///
    /// # Errors
    /// If the database fails; then none of them is stored.
    pub fn put_samples(&mut self, taken: &[Taken]) -> Result<()> {
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut put = transaction.prepare_cached(
                "INSERT OR IGNORE INTO sample (site, round, family, at, grp, addr, status, outcome, took_ms, reached)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?;
            for Taken { site, group, reached, sample } in taken {
                put.execute(params![
                    site,
                    sample.round,
                    family_code(sample.ip),
                    sample.at.timestamp_millis(),
                    group,
                    sample.addr,
                    sample.status,
                    serde_json::to_string(&sample.outcome)?,
                    i64::try_from(sample.took_ms)?,
                    reached
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Sites of which a round has samples.
    ///
    /// # Errors
    /// If the database fails.
    pub fn sampled(&self, round: i64) -> Result<BTreeSet<String>> {
        let mut statement = self.conn.prepare("SELECT DISTINCT site FROM sample WHERE round = ?1")?;
        let rows = statement.query_map([round], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The samples from `from` (inclusive) to `until` (exclusive) by site, in order of time. What failed in a round that
    /// proves nothing is [`Outcome::Ours`].
    ///
    /// # Errors
    /// If the database fails.
    pub fn samples(&self, from: Instant8, until: Instant8) -> Result<BTreeMap<String, Vec<Sample>>> {
        let doubts = self.doubts(from, until)?;
        let mut statement = self.conn.prepare(
            "SELECT s.site, s.round, s.family, s.at, s.addr, s.status, s.outcome, s.took_ms FROM sample s
             WHERE s.round IN (SELECT id FROM probe_round WHERE began >= ?1 AND began < ?3) AND s.at >= ?2 AND s.at < ?3
             ORDER BY s.site, s.at, s.round, s.family",
        )?;
        let mut all: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
        let (began, until) = (from.timestamp_millis() - LONGEST_ROUND, until.timestamp_millis());
        let mut rows = statement.query(params![began, from.timestamp_millis(), until])?;
        while let Some(row) = rows.next()? {
            let family: i64 = row.get(2)?;
            let round: i64 = row.get(1)?;
            let seen: Outcome = serde_json::from_str(&row.get::<_, String>(6)?)?;
            let outcome = match (seen, doubts.get(&(round, family))) {
                (Outcome::Failed(_) | Outcome::Unknown(_), Some(why)) => Outcome::Ours(why.clone()),
                // A name without any address is a failure, and our own name server may have said so. Over IPv6 it is the rule.
                (Outcome::Absent, Some(why)) if family == family_code(Ip::V4) => Outcome::Ours(why.clone()),
                (seen, _) => seen,
            };
            let sample = Sample {
                round,
                at: from_millis(row.get(3)?),
                ip: if family == family_code(Ip::V6) { Ip::V6 } else { Ip::V4 },
                addr: row.get(4)?,
                status: row.get(5)?,
                outcome,
                took_ms: row.get::<_, i64>(7)?.unsigned_abs(),
            };
            all.entry(row.get(0)?).or_default().push(sample);
        }
        Ok(all)
    }

    /// Rounds and families whose failures say nothing of the sites, with the reason.
    fn doubts(&self, from: Instant8, until: Instant8) -> Result<BTreeMap<(i64, i64), String>> {
        let mut statement = self.conn.prepare(
            "SELECT r.id, r.began, r.witness, r.void, s.family, s.grp, max(s.reached) FROM probe_round r
             JOIN sample s ON s.round = r.id
             WHERE r.began >= ?1 AND r.began < ?2 GROUP BY r.id, s.family, s.grp ORDER BY r.id",
        )?;
        let began = from.timestamp_millis() - LONGEST_ROUND - LONG_SILENT;
        let mut rows = statement.query(params![began, until.timestamp_millis()])?;
        let mut grounds: BTreeMap<(i64, i64), (Ground, Option<String>)> = BTreeMap::new();
        // When a group was first met, or last answered.
        let mut heard: BTreeMap<(i64, String), i64> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (round, began, family): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(4)?);
            let (ground, void) = grounds.entry((round, family)).or_default();
            ground.witness = row.get(2)?;
            *void = row.get(3)?;
            // Neither an address that does not exist nor our own limits say anything of the network.
            let Some(reached) = row.get::<_, Option<bool>>(6)? else { continue };
            let last = heard.entry((family, row.get(5)?)).or_insert(began);
            if reached {
                *last = began;
            }
            ground.groups += u32::from(began - *last < LONG_SILENT);
            ground.reached += u32::from(reached);
        }
        let doubted = grounds.into_iter().filter_map(|(key, (ground, void))| {
            Some((key, void.or_else(|| ground.doubt().map(str::to_owned))?))
        });
        Ok(doubted.collect())
    }

    /// Keeps what a look found of a site's TLS.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_tls(&mut self, run: i64, look: u8, site: SiteIndex, facts: &TlsFacts) -> Result<()> {
        self.conn.execute(
            "INSERT OR REPLACE INTO tls (run, look, site, tls) VALUES (?1, ?2, ?3, ?4)",
            params![run, look, site, serde_json::to_string(facts)?],
        )?;
        Ok(())
    }

    /// What a look found of a site's TLS.
    ///
    /// # Errors
    /// If the database fails.
    pub fn tls(&self, run: i64, look: u8, site: SiteIndex) -> Result<Option<TlsFacts>> {
        let text: Option<String> = self
            .conn
            .query_row(
                "SELECT tls FROM tls WHERE run = ?1 AND look = ?2 AND site = ?3",
                params![run, look, site],
                |row| row.get(0),
            )
            .optional()?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// Every robots.txt that was kept, with its origin and when it was read.
    ///
    /// # Errors
    /// If the database fails.
    pub fn robots(&self) -> Result<Vec<(String, Instant8, Vec<u8>)>> {
        let mut statement = self.conn.prepare("SELECT origin, at, body FROM robots ORDER BY origin")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, from_millis(row.get(1)?), row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps robots.txt files as they were read at `now`, by origin.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_robots(&mut self, read: &[(String, Vec<u8>)], now: Instant8) -> Result<()> {
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for (origin, body) in read {
            transaction.execute(
                "INSERT OR REPLACE INTO robots (origin, at, body) VALUES (?1, ?2, ?3)",
                params![origin, now.timestamp_millis(), body],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// A group that has been silent for so long is down by itself and no sign of a failure of ours, in milliseconds.
const LONG_SILENT: i64 = 24 * 3_600_000;

/// A round that lasted longer than this would no longer be one visit, in milliseconds.
const LONGEST_ROUND: i64 = 3_600_000;

fn family_code(ip: Ip) -> i64 {
    match ip {
        Ip::V4 => 4,
        Ip::V6 => 6,
    }
}
