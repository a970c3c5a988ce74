//! What `facts.db` knows of our own network: witnesses, when everything was answered, and what a run said of it.

use std::collections::BTreeSet;

use anyhow::Result;
use rusqlite::{OptionalExtension as _, params};

use super::facts::{FactsDb, VisitRow};
use super::seen::{visit_of, visit_row};
use crate::calendar::Instant8;
use crate::crawl::frontier::{NO_SITE, Role, SiteIndex, UrlId};
use crate::exchange::Exchange;

impl FactsDb {
    /// Keeps a round of looks at the witnesses.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_witnesses(&mut self, run: i64, look: u8, round: &[Exchange]) -> Result<()> {
        let transaction = self.conn.transaction()?;
        let last: i64 = transaction.query_row(
            "SELECT coalesce(max(round), 0) FROM witness WHERE run = ?1 AND look = ?2",
            params![run, look],
            |row| row.get(0),
        )?;
        for exchange in round {
            transaction.execute(
                "INSERT OR REPLACE INTO witness (run, look, round, url, exchange) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    run,
                    look,
                    last + 1,
                    exchange.url,
                    serde_json::to_string(exchange)?
                ],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The looks at the witnesses, round by round.
    ///
    /// # Errors
    /// If the database fails.
    pub fn witnesses(&self, run: i64, look: u8) -> Result<Vec<Vec<Exchange>>> {
        let mut statement = self.conn.prepare(
            "SELECT round, exchange FROM witness WHERE run = ?1 AND look = ?2 ORDER BY round, url",
        )?;
        let mut rows = statement.query(params![run, look])?;
        let mut rounds: Vec<(i64, Vec<Exchange>)> = Vec::new();
        while let Some(row) = rows.next()? {
            let (round, exchange): (i64, String) = (row.get(0)?, row.get(1)?);
            let exchange = serde_json::from_str(&exchange)?;
            match rounds.last_mut() {
                Some((last, seen)) if *last == round => seen.push(exchange),
                _ => rounds.push((round, vec![exchange])),
            }
        }
        Ok(rounds.into_iter().map(|(_, seen)| seen).collect())
    }

    /// The addresses outside of every site that were simply there in a look of the run.
    ///
    /// # Errors
    /// If the database fails.
    pub fn outside(&self, run: i64) -> Result<Vec<String>> {
        let mut statement = self.conn.prepare(
            "SELECT u.href FROM visit v JOIN url u ON u.id = v.url
             WHERE v.run = ?1 AND v.site = ?2 AND v.state = 1 AND v.answer IS NULL",
        )?;
        let rows = statement.query_map(params![run, NO_SITE], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A page below the home page that the first look simply found there, without a redirect, and that is no mere notice:
    /// always the same one.
    ///
    /// # Errors
    /// If the database fails.
    pub fn known_good(&self, run: i64, site: SiteIndex) -> Result<Option<String>> {
        let row = self.conn.query_row(
            "SELECT u.href FROM visit v JOIN url u ON u.id = v.url
             WHERE v.run = ?1 AND v.look = 1 AND v.site = ?2 AND v.state = 1 AND v.answer IS NULL
               AND v.role BETWEEN ?3 AND ?4 AND instr(v.exchange, '\"hops\":[]') > 0
               AND json_extract(v.exchange, '$.outcome.Ok.status') = 200
               AND json_extract(v.exchange, '$.outcome.Ok.body_len') >= 512
             ORDER BY v.role DESC, v.url LIMIT 1",
            params![run, site, Role::Column as i64, Role::Page as i64],
            |row| row.get(0),
        );
        Ok(row.optional()?)
    }

    /// Visits of a look that were simply there, and to which redirects led.
    ///
    /// # Errors
    /// If the database fails.
    pub fn visits_led_elsewhere(&self, run: i64, look: u8) -> Result<Vec<VisitRow>> {
        let mut statement = self.conn.prepare(
            "SELECT v.url, u.href, v.site, v.role, v.answer, v.exchange FROM visit v JOIN url u ON u.id = v.url
             WHERE v.run = ?1 AND v.look = ?2 AND v.state = 1 AND v.answer IS NULL
               AND instr(v.exchange, '\"hops\":[{') > 0 ORDER BY v.url",
        )?;
        let rows = statement.query_map(params![run, look], visit_row)?;
        rows.map(|row| visit_of(row?)).collect()
    }

    /// When each visit of a look that was simply there was answered: id, site, beginning, milliseconds.
    ///
    /// # Errors
    /// If the database fails.
    pub fn answer_times(&self, run: i64, look: u8) -> Result<Vec<(UrlId, SiteIndex, Instant8, u64)>> {
        let mut statement = self.conn.prepare(
            "SELECT url, site, json_extract(exchange, '$.at'), json_extract(exchange, '$.took_ms') FROM visit
             WHERE run = ?1 AND look = ?2 AND state = 1 AND answer IS NULL",
        )?;
        let mut rows = statement.query(params![run, look])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let (at, took): (String, i64) = (row.get(2)?, row.get(3)?);
            let at = chrono::DateTime::parse_from_rfc3339(&at)?;
            out.push((row.get(0)?, row.get(1)?, at, took.unsigned_abs()));
        }
        Ok(out)
    }

    /// SHA-256 of what a look read of a site beside its home page.
    ///
    /// # Errors
    /// If the database fails.
    pub fn other_pages(&self, run: i64, look: u8, site: SiteIndex) -> Result<BTreeSet<String>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT DISTINCT json_extract(exchange, '$.outcome.Ok.body_sha256') FROM visit
             WHERE run = ?1 AND look = ?2 AND site = ?3 AND state = 1 AND role BETWEEN ?4 AND ?5
               AND (answer IS NULL OR json_extract(answer, '$.is') IN ('home-instead', 'same-for-all', 'soft-not-found'))",
        )?;
        let rows = statement
            .query_map(params![run, look, site, Role::Column as i64, Role::Page as i64], |row| {
                row.get::<_, Option<String>>(0)
            })?;
        let all: Vec<Option<String>> = rows.collect::<Result<_, _>>()?;
        Ok(all.into_iter().flatten().filter(|sha| !sha.is_empty()).collect())
    }

    /// Keeps what a run says of its own failures, in place of what it said before.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_own_failures(&self, run: i64, told: &[(u8, String)]) -> Result<()> {
        self.conn.execute("DELETE FROM own_failure WHERE run = ?1", [run])?;
        for (nth, (look, told)) in told.iter().enumerate() {
            self.conn.execute(
                "INSERT INTO own_failure (run, look, nth, told) VALUES (?1, ?2, ?3, ?4)",
                params![run, look, i64::try_from(nth).unwrap_or(i64::MAX), told],
            )?;
        }
        Ok(())
    }

    /// What a run said of its own failures.
    ///
    /// # Errors
    /// If the database fails.
    pub fn own_failures(&self, run: i64) -> Result<Vec<(u8, String)>> {
        let mut statement =
            self.conn.prepare("SELECT look, told FROM own_failure WHERE run = ?1 ORDER BY look, nth")?;
        let rows = statement.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
