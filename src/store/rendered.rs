//! What a look found beside the pages that were fetched: pages as a browser showed them with their pictures, and the certificates of
//! outside hosts.

use std::collections::HashMap;

use anyhow::Result;
use chrono::TimeDelta;
use rusqlite::{OptionalExtension as _, params};

use super::facts::FactsDb;
use crate::calendar::Instant8;
use crate::crawl::frontier::SiteIndex;
use crate::facts::rendered::Rendered;
use crate::facts::tls::TlsFacts;
use crate::finding::hex;

/// A picture belongs to the visit before it, when no longer than this ago.
const BELONGS: TimeDelta = TimeDelta::hours(24);

impl FactsDb {
    /// Keeps what a browser showed of a page, with its picture; the picture's name in `seen` is set here.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_rendered(
        &mut self,
        (run, look, site): (i64, u8, SiteIndex),
        url: &str,
        mut seen: Rendered,
        picture: Option<&[u8]>,
    ) -> Result<()> {
        use sha2::Digest as _;
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if let Some(picture) = picture {
            seen.picture = hex(&sha2::Sha256::digest(picture));
            transaction.execute(
                "INSERT OR IGNORE INTO body (sha256, bytes) VALUES (?1, ?2)",
                params![seen.picture, zstd::stream::encode_all(picture, 1)?],
            )?;
        }
        transaction.execute(
            "INSERT OR REPLACE INTO rendered (run, look, site, url, at, seen, picture) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                run,
                look,
                site,
                url,
                seen.at.timestamp_millis(),
                zstd::stream::encode_all(serde_json::to_vec(&seen)?.as_slice(), 1)?,
                seen.picture
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Keeps what a look found of the TLS behind an outside target.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_outside_tls(&mut self, run: i64, look: u8, url: &str, facts: &TlsFacts) -> Result<()> {
        self.conn.execute(
            "INSERT OR REPLACE INTO outside_tls (run, look, url, tls) VALUES (?1, ?2, ?3, ?4)",
            params![run, look, url, serde_json::to_string(facts)?],
        )?;
        Ok(())
    }

    /// What a look found of the TLS behind outside targets, by their addresses.
    ///
    /// # Errors
    /// If the database fails or what is stored cannot be read.
    pub fn outside_tls(&self, run: i64, look: u8) -> Result<HashMap<String, TlsFacts>> {
        let mut statement =
            self.conn.prepare("SELECT url, tls FROM outside_tls WHERE run = ?1 AND look = ?2")?;
        let mut rows = statement.query(params![run, look])?;
        let mut all = HashMap::new();
        while let Some(row) = rows.next()? {
            all.insert(row.get(0)?, serde_json::from_str(&row.get::<_, String>(1)?)?);
        }
        Ok(all)
    }

    /// What a browser showed of a site's pages in one look, by the address they were asked for.
    ///
    /// # Errors
    /// If the database fails or what is stored cannot be read.
    pub fn rendered(&self, run: i64, look: u8, site: SiteIndex) -> Result<HashMap<String, Rendered>> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT url, seen FROM rendered WHERE run = ?1 AND look = ?2 AND site = ?3")?;
        let mut rows = statement.query(params![run, look, site])?;
        let mut all = HashMap::new();
        while let Some(row) = rows.next()? {
            let packed: Vec<u8> = row.get(1)?;
            let seen = serde_json::from_slice(&zstd::stream::decode_all(packed.as_slice())?)?;
            all.insert(row.get(0)?, seen);
        }
        Ok(all)
    }

    /// The picture of a page that was taken with the visit at `at`, as PNG.
    ///
    /// # Errors
    /// If the database fails.
    pub fn picture(&self, url: &str, at: Instant8) -> Result<Option<Vec<u8>>> {
        let sha: Option<String> = self
            .conn
            .query_row(
                "SELECT picture FROM rendered WHERE url = ?1 AND at >= ?2 AND at < ?3 AND picture <> '' ORDER BY at LIMIT 1",
                params![url, at.timestamp_millis(), (at + BELONGS).timestamp_millis()],
                |row| row.get(0),
            )
            .optional()?;
        sha.map_or(Ok(None), |sha| self.body(&sha))
    }
}
