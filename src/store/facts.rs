//! `facts.db`: runs, frontier, exchanges, page facts, snapshots. What was seen, kept so that it can be judged again.
//!
//! One writer: units of work are committed together, a few hundred at a time, and a unit is never split, so that a
//! killed run continues from whole units.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::Pragmas;
use super::pages::Packer;
use crate::calendar::Instant8;
use crate::crawl::frontier::{Candidate, Role, SiteIndex, Stage, UrlId};
use crate::exchange::{Exchange, Reply};
use crate::facts::answer::Answer;
use crate::facts::ipv6::Ipv6Facts;
use crate::facts::maintext::PageText;
use crate::facts::page::PageFacts;
use crate::facts::site::Links;

mod embedded {
    refinery::embed_migrations!("src/store/migrations/facts");
}

/// A file of gigabytes is not read through at every start: its loss costs a crawl, never a case. The text of a page, packed, is
/// some 10 KB: on pages of 16 KB it is written and read with a quarter of the system calls.
const PRAGMAS: Pragmas = Pragmas {
    busy_timeout: Duration::from_secs(10),
    cache_kib: 16 << 10,
    page_bytes: 16 << 10,
    quick_check: false,
};

/// What a run was started with. A run is resumed only with the same three hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Its number.
    pub id: i64,
    /// The instant against which ages are judged.
    pub as_of: Instant8,
    /// When it ended; `None` while it may be resumed.
    pub ended: Option<String>,
    /// Version of the program.
    pub version: String,
    /// Hash of the configuration.
    pub config_hash: String,
    /// Hash of the register.
    pub registry_hash: String,
    /// Hash of the rules.
    pub rules_hash: String,
}

/// One URL done: everything that is committed together.
#[derive(Debug)]
pub struct Unit {
    /// Which look of the run.
    pub look: u8,
    /// Id of the URL.
    pub id: UrlId,
    /// What it was leased as.
    pub what: Candidate,
    /// What came.
    pub exchange: Exchange,
    /// What that means.
    pub answer: Answer,
    /// What was read, where it is a page.
    pub page: Option<ReadPage>,
    /// URLs never heard of before.
    pub new_urls: Vec<(UrlId, String)>,
    /// URLs to be fetched in this look.
    pub queued: Vec<(UrlId, Candidate)>,
    /// URLs that a bound forbids.
    pub refused: Vec<(UrlId, Candidate)>,
    /// The body, where it is kept as evidence; stored under the reply's `body_sha256`.
    pub snapshot: Option<Vec<u8>>,
    /// What an outside target calls itself, where it is to be remembered.
    pub title: Option<String>,
    /// The text of an attachment, where a rule reads it.
    pub text: Option<Box<PageText>>,
}

/// A page's facts with its links resolved to ids.
#[derive(Debug, Clone)]
pub struct ReadPage {
    /// The facts; `links` is empty.
    pub facts: PageFacts,
    /// The links.
    pub links: Links,
}

/// A visit that is not simply "there".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRow {
    /// Id of the URL.
    pub id: UrlId,
    /// The URL.
    pub url: String,
    /// Site it belongs to.
    pub site: SiteIndex,
    /// What it was wanted for.
    pub role: Role,
    /// What the answer means.
    pub answer: Answer,
    /// What was asked and answered.
    pub exchange: Exchange,
}

/// What a server gave us to recognise an unchanged page by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validator {
    /// The run whose page facts it stands for.
    pub run: i64,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// Figures of one site and look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Requests sent for the site.
    pub requests: u64,
    /// Pages known and not read.
    pub not_reached: u64,
    /// Trap patterns that reached their bound.
    pub traps: Vec<String>,
}

/// The open database.
pub struct FactsDb {
    path: PathBuf,
    pub(super) conn: Connection,
    pub(super) packer: Packer,
    /// Whether texts of pages are stored.
    texts: bool,
}

/// Tables of which each statement speaks are listed in the migration.
impl FactsDb {
    /// The database's file name in the state folder.
    pub const FILE: &'static str = "facts.db";

    /// Opens or creates `facts.db` in `dir`.
    ///
    /// # Errors
    /// If the file cannot be opened, is damaged, or is of a newer version.
    pub fn open(dir: &Path) -> Result<Self> {
        let path = dir.join(Self::FILE);
        let _alone = super::alone(&path)?;
        let mut conn = super::open(&path, &PRAGMAS)?;
        embedded::migrations::runner().run(&mut conn).context("facts.db: migration")?;
        Ok(Self { path, conn, packer: Packer::new()?, texts: true })
    }

    /// The folder that the database lies in.
    pub fn folder(&self) -> PathBuf {
        self.path.parent().map(Path::to_path_buf).unwrap_or_default()
    }

    /// A second connection to the same file, for reading beside the one that writes.
    ///
    /// # Errors
    /// As [`FactsDb::open`].
    pub fn beside(&self) -> Result<Self> {
        let conn = super::open(&self.path, &PRAGMAS)?;
        Ok(Self { path: self.path.clone(), conn, packer: Packer::new()?, texts: true })
    }

    /// Whether the texts of pages are stored with them: only where some rule reads them.
    pub fn keep_texts(&mut self, keep: bool) {
        self.texts = keep;
    }

    /// Starts a run and returns its number.
    ///
    /// # Errors
    /// If the database fails.
    pub fn start_run(&mut self, record: &RunRecord, now: Instant8) -> Result<i64> {
        self.conn.execute(
            "INSERT INTO run (as_of, started, version, config_hash, registry_hash, rules_hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                record.as_of.to_rfc3339(),
                now.to_rfc3339(),
                record.version,
                record.config_hash,
                record.registry_hash,
                record.rules_hash
            ],
        )?;
        Ok(self.conn.last_insert_rowid())
    }

    /// The latest run, ended or not.
    ///
    /// # Errors
    /// If the database fails.
    pub fn last_run(&self) -> Result<Option<RunRecord>> {
        self.run_where("ORDER BY id DESC LIMIT 1", [])
    }

    /// Run number `id`.
    ///
    /// # Errors
    /// If the database fails.
    pub fn run(&self, id: i64) -> Result<Option<RunRecord>> {
        self.run_where("WHERE id = ?1", [id])
    }

    /// Marks a run as ended.
    ///
    /// # Errors
    /// If the database fails.
    pub fn end_run(&mut self, run: i64, now: Instant8) -> Result<()> {
        self.conn.execute("UPDATE run SET ended = ?2 WHERE id = ?1", params![run, now.to_rfc3339()])?;
        Ok(())
    }

    /// Every URL ever met, with its id.
    ///
    /// # Errors
    /// If the database fails.
    pub fn urls(&self) -> Result<Vec<(UrlId, String)>> {
        let mut statement = self.conn.prepare("SELECT id, href FROM url")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The frontier of a look as the last commit left it.
    ///
    /// # Errors
    /// If the database fails.
    pub fn frontier(&self, run: i64, look: u8) -> Result<Vec<(UrlId, Candidate, Stage)>> {
        let mut statement = self.conn.prepare(
            "SELECT v.url, u.href, v.site, v.role, v.depth, v.via, v.state
             FROM visit v JOIN url u ON u.id = v.url WHERE v.run = ?1 AND v.look = ?2 ORDER BY v.url",
        )?;
        let rows = statement.query_map(params![run, look], |row| {
            let url: String = row.get(1)?;
            let what = Candidate {
                key: String::new(),
                url,
                site: row.get(2)?,
                role: Role::from_code(row.get(3)?),
                depth: row.get(4)?,
                via: row.get(5)?,
            };
            Ok((row.get(0)?, what, Stage::from_code(row.get(6)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Commits units in one transaction.
    ///
    /// # Errors
    /// If the database fails; then nothing of the batch is stored.
    pub fn commit(&mut self, run: i64, units: &[Unit]) -> Result<()> {
        let transaction = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            transaction.prepare_cached("DELETE FROM fold WHERE run = ?1")?.execute([run])?;
            let mut add_url =
                transaction.prepare_cached("INSERT OR IGNORE INTO url (id, href) VALUES (?1, ?2)")?;
            let mut queue = transaction.prepare_cached(
                "INSERT INTO visit (run, look, url, site, role, depth, via, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT DO NOTHING",
            )?;
            let mut done = transaction.prepare_cached(
                "INSERT INTO visit (run, look, url, site, role, depth, via, state, answer, exchange)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9)
                 ON CONFLICT (run, look, url) DO UPDATE SET state = 1, answer = excluded.answer, exchange = excluded.exchange",
            )?;
            let mut page = transaction.prepare_cached(
                "INSERT INTO page (run, look, url, site, facts) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (run, look, url) DO UPDATE SET facts = excluded.facts",
            )?;
            let mut stretch =
                transaction.prepare_cached("INSERT OR IGNORE INTO stretch (id, links) VALUES (?1, ?2)")?;
            let mut body =
                transaction.prepare_cached("INSERT OR IGNORE INTO body (sha256, bytes) VALUES (?1, ?2)")?;
            let mut validator = transaction.prepare_cached(
                "INSERT INTO validator (url, run, etag, last_modified) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (url) DO UPDATE SET run = excluded.run, etag = excluded.etag, last_modified = excluded.last_modified",
            )?;
            let mut title = transaction.prepare_cached(
                "INSERT OR IGNORE INTO target_title (url, run, title) SELECT ?1, ?2, ?3 WHERE ?3 IS NOT
                 (SELECT title FROM target_title WHERE url = ?1 ORDER BY run DESC LIMIT 1)",
            )?;
            let mut texts = super::texts::Writer::new(&transaction)?;
            for unit in units {
                for (id, href) in &unit.new_urls {
                    add_url.execute(params![id, href])?;
                }
                let queued = unit.queued.iter().map(|entry| (Stage::Waiting, entry));
                let refused = unit.refused.iter().map(|entry| (Stage::Refused, entry));
                for (stage, (id, what)) in queued.chain(refused) {
                    queue.execute(params![
                        run,
                        unit.look,
                        id,
                        what.site,
                        what.role.code(),
                        what.depth,
                        what.via,
                        stage as i64
                    ])?;
                }
                let there = unit.answer == Answer::There;
                let answer = if there { None } else { Some(serde_json::to_string(&unit.answer)?) };
                done.execute(params![
                    run,
                    unit.look,
                    unit.id,
                    unit.what.site,
                    unit.what.role.code(),
                    unit.what.depth,
                    unit.what.via,
                    answer,
                    stored_exchange(&unit.exchange, there && !unit.what.role.is_read())?
                ])?;
                if let Some(read) = &unit.page {
                    let packed = self.packer.pack_page(read, &mut stretch)?;
                    page.execute(params![run, unit.look, unit.id, unit.what.site, packed])?;
                }
                let page_text =
                    unit.page.as_ref().and_then(|page| page.facts.own_text.as_ref()).or(unit.text.as_ref());
                if let Some(text) = page_text.filter(|_| self.texts) {
                    texts.put((run, unit), text)?;
                } else if unit.page.is_some() && unit.exchange.outcome.as_ref().is_ok_and(|r| r.status == 304)
                {
                    texts.again(run, unit)?;
                }
                if let Some(name) = &unit.title {
                    title.execute(params![unit.id, run, name])?;
                }
                if let Ok(reply) = &unit.exchange.outcome {
                    if let Some(bytes) = &unit.snapshot {
                        body.execute(params![reply.body_sha256, self.packer.pack(bytes)?])?;
                    }
                    let (etag, modified) = (reply.header("etag"), reply.header("last-modified"));
                    let fit = unit.page.is_some() && unit.look == 1 && unit.exchange.hops.is_empty();
                    if fit && (etag.is_some() || modified.is_some()) {
                        validator.execute(params![unit.id, run, etag, modified])?;
                    }
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Keeps what a look found of a site's IPv6.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_ipv6(&mut self, run: i64, look: u8, site: SiteIndex, facts: &Ipv6Facts) -> Result<()> {
        self.conn.execute(
            "INSERT OR REPLACE INTO probe (run, look, site, ipv6) VALUES (?1, ?2, ?3, ?4)",
            params![run, look, site, serde_json::to_string(facts)?],
        )?;
        Ok(())
    }

    /// Keeps the figures of one site and look; requests of a resumed look add up.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_coverage(&mut self, run: i64, look: u8, site: SiteIndex, coverage: &Coverage) -> Result<()> {
        self.conn.execute(
            "INSERT INTO coverage (run, look, site, requests, not_reached, traps) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (run, look, site) DO UPDATE SET requests = requests + excluded.requests,
                 not_reached = excluded.not_reached, traps = excluded.traps",
            params![
                run,
                look,
                site,
                i64::try_from(coverage.requests)?,
                i64::try_from(coverage.not_reached)?,
                serde_json::to_string(&coverage.traps)?
            ],
        )?;
        Ok(())
    }

    /// Hosts that asked for patience, with the instant until which they are left in peace.
    ///
    /// # Errors
    /// If the database fails.
    pub fn patience(&self) -> Result<Vec<(String, i64)>> {
        let mut statement = self.conn.prepare("SELECT key, not_until FROM patience ORDER BY key")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps which hosts asked for patience, beside what is kept already; instants in milliseconds since 1970.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_patience(&mut self, patience: &[(String, i64)]) -> Result<()> {
        let transaction = self.conn.transaction()?;
        // Another process may have been asked for patience too: only what is over is forgotten.
        transaction.execute("DELETE FROM patience WHERE not_until < unixepoch('subsec') * 1000", [])?;
        for (key, until) in patience {
            transaction.execute(
                "INSERT INTO patience (key, not_until) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET not_until = max(not_until, excluded.not_until)",
                params![key, until],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn run_where(&self, clause: &str, args: impl rusqlite::Params) -> Result<Option<RunRecord>> {
        let sql = format!(
            "SELECT id, as_of, ended, version, config_hash, registry_hash, rules_hash FROM run {clause}"
        );
        let row = self
            .conn
            .query_row(&sql, args, |row| {
                Ok((
                    row.get::<_, String>(1)?,
                    RunRecord {
                        id: row.get(0)?,
                        as_of: crate::calendar::from_millis(0),
                        ended: row.get(2)?,
                        version: row.get(3)?,
                        config_hash: row.get(4)?,
                        registry_hash: row.get(5)?,
                        rules_hash: row.get(6)?,
                    },
                ))
            })
            .optional()?;
        let Some((as_of, record)) = row else { return Ok(None) };
        let as_of = Instant8::parse_from_rfc3339(&as_of).context("facts.db: run.as_of")?;
        Ok(Some(RunRecord { as_of, ..record }))
    }
}

/// A target that is there needs no headers in its record: it is never shown to anyone.
fn stored_exchange(exchange: &Exchange, plain: bool) -> Result<String> {
    if !plain {
        return Ok(serde_json::to_string(exchange)?);
    }
    let outcome = exchange.outcome.as_ref().map(|reply| Reply { headers: Vec::new(), ..reply.clone() });
    let lean = Exchange { outcome: outcome.map_err(Clone::clone), ..exchange.clone() };
    Ok(serde_json::to_string(&lean)?)
}
