//! What sources said of new-media accounts, look by look, in `facts.db`.

use anyhow::{Context as _, Result};
use rusqlite::{OptionalExtension as _, params};

use super::facts::FactsDb;
use crate::calendar::{Instant8, from_millis};
use crate::crawl::frontier::UrlId;
use crate::facts::account::AccountFacts;

/// Compression of stored answers: lists of titles shrink to a fifth, and speed matters more than the rest.
const LEVEL: i32 = 3;

impl FactsDb {
    /// Begins to gather evidence for a run, and gives the number of the look. A look that was broken off is begun anew.
    ///
    /// # Errors
    /// If the database fails.
    pub fn begin_account_look(&mut self, run: i64, at: Instant8, anew: bool) -> Result<u8> {
        let last: Option<u8> =
            self.conn
                .query_row("SELECT max(look) FROM account_look WHERE run = ?1", [run], |row| row.get(0))?;
        let look = match last {
            Some(last) if anew => last,
            Some(last) => last.checked_add(1).context("too many looks")?,
            None => 1,
        };
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for table in ["account_facts", "account_remark"] {
            transaction
                .execute(&format!("DELETE FROM {table} WHERE run = ?1 AND look = ?2"), params![run, look])?;
        }
        transaction.execute(
            "INSERT OR REPLACE INTO account_look (run, look, at) VALUES (?1, ?2, ?3)",
            params![run, look, at.timestamp_millis()],
        )?;
        transaction.commit()?;
        Ok(look)
    }

    /// The latest look at the accounts of a run, and when its evidence was gathered.
    ///
    /// # Errors
    /// If the database fails.
    pub fn account_look(&self, run: i64) -> Result<Option<(u8, Instant8)>> {
        let found = self.conn.query_row(
            "SELECT look, at FROM account_look WHERE run = ?1 ORDER BY look DESC LIMIT 1",
            [run],
            |row| Ok((row.get(0)?, from_millis(row.get(1)?))),
        );
        Ok(found.optional()?)
    }

    /// The look at accounts before this one, of the same run or an earlier one.
    ///
    /// # Errors
    /// If the database fails.
    pub fn account_look_before(&self, (run, look): (i64, u8)) -> Result<Option<(i64, u8)>> {
        let found = self.conn.query_row(
            "SELECT run, look FROM account_look WHERE (run, look) < (?1, ?2) ORDER BY run DESC, look DESC LIMIT 1",
            params![run, look],
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        Ok(found.optional()?)
    }

    /// Keeps what sources said, in one transaction. `asked`: the network was asked.
    ///
    /// # Errors
    /// If the database fails; then nothing of it is kept.
    pub fn put_account_facts(
        &mut self,
        (run, look): (i64, u8),
        asked: bool,
        all: &[(&str, &AccountFacts)],
    ) -> Result<()> {
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut put = transaction.prepare_cached(
                "INSERT INTO account_facts (run, look, account, nth, asked, facts) VALUES (?1, ?2, ?3,
                 (SELECT ifnull(max(nth), 0) + 1 FROM account_facts WHERE run = ?1 AND look = ?2 AND account = ?3), ?4, ?5)",
            )?;
            for (account, facts) in all {
                put.execute(params![run, look, account, asked, packed(facts)?])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Rewrites what sources said of one account in this look where `change` says that it changed it.
    ///
    /// # Errors
    /// If the database fails; then nothing of it is kept.
    pub fn change_account_facts(
        &mut self,
        (run, look): (i64, u8),
        account: &str,
        change: impl Fn(&mut AccountFacts) -> bool,
    ) -> Result<()> {
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut kept = transaction.prepare_cached(
                "SELECT nth, facts FROM account_facts WHERE run = ?1 AND look = ?2 AND account = ?3",
            )?;
            let rows = kept.query_map(params![run, look, account], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let rows: Vec<(i64, Vec<u8>)> = rows.collect::<rusqlite::Result<_>>()?;
            let mut put = transaction.prepare_cached(
                "UPDATE account_facts SET facts = ?5 WHERE run = ?1 AND look = ?2 AND account = ?3 AND nth = ?4",
            )?;
            for (nth, packed) in rows {
                let mut facts = unpacked(&packed)?;
                if change(&mut facts) {
                    put.execute(params![run, look, account, nth, self::packed(&facts)?])?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// What sources said of one account: the files of this look, and the network's latest answers up to it.
    ///
    /// # Errors
    /// If the database fails.
    pub fn account_facts(&self, run: i64, look: u8, account: &str) -> Result<Vec<AccountFacts>> {
        // By look and account, as the key of the table stands: a search over all looks of a run reads every account's rows.
        let mut statement = self.conn.prepare_cached(
            "SELECT facts FROM (
                 SELECT asked, nth, facts FROM account_facts
                     WHERE run = ?1 AND look = ?2 AND account = ?3 AND asked = 0
                 UNION ALL
                 SELECT asked, nth, facts FROM account_facts
                     WHERE run = ?1 AND account = ?3 AND asked = 1 AND look = (
                         SELECT max(l.look) FROM account_look l WHERE l.run = ?1 AND l.look <= ?2 AND EXISTS (
                             SELECT 1 FROM account_facts f
                                 WHERE f.run = l.run AND f.look = l.look AND f.account = ?3 AND f.asked = 1)))
             ORDER BY asked, nth",
        )?;
        let rows = statement.query_map(params![run, look, account], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|packed| unpacked(&packed?)).collect()
    }

    /// Every address ever met that begins so, by its id.
    ///
    /// # Errors
    /// If the database fails.
    pub fn urls_under(&self, prefix: &str) -> Result<Vec<(UrlId, String)>> {
        let mut statement =
            self.conn.prepare_cached("SELECT id, href FROM url WHERE href >= ?1 AND href < ?2")?;
        // The first text behind everything that begins with the prefix: no address holds this character.
        let end = format!("{prefix}\u{10ffff}");
        let rows = statement.query_map(params![prefix, end], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps what could not be read of the evidence.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_account_remarks(&mut self, run: i64, look: u8, told: &[String]) -> Result<()> {
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for (nth, told) in (1_i64..).zip(told) {
            transaction.execute(
                "INSERT OR REPLACE INTO account_remark (run, look, nth, told) VALUES (?1, ?2, ?3, ?4)",
                params![run, look, nth, told],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// What could not be read of the evidence of a look.
    ///
    /// # Errors
    /// If the database fails.
    pub fn account_remarks(&self, run: i64, look: u8) -> Result<Vec<String>> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT told FROM account_remark WHERE run = ?1 AND look = ?2 ORDER BY nth")?;
        let rows = statement.query_map(params![run, look], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn packed(facts: &AccountFacts) -> Result<Vec<u8>> {
    Ok(zstd::bulk::compress(&serde_json::to_vec(facts)?, LEVEL)?)
}

fn unpacked(packed: &[u8]) -> Result<AccountFacts> {
    Ok(serde_json::from_slice(&zstd::stream::decode_all(packed)?)?)
}
