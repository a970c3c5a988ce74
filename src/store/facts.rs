//! `facts.db`: runs, frontier, exchanges, page facts, snapshots. What was seen, kept so that it can be judged again.
//!
//! One writer: units of work are committed together, a few hundred at a time, and a unit is never split, so that a
//! killed run continues from whole units.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::Pragmas;
use crate::calendar::Instant8;
use crate::crawl::frontier::{Candidate, Role, SiteIndex, Stage, UrlId};
use crate::exchange::{Exchange, Reply};
use crate::facts::answer::Answer;
use crate::facts::ipv6::Ipv6Facts;
use crate::facts::page::{LinkKind, LinkPlace, PageFacts};
use crate::facts::site::{LinkSeen, PageSeen};
use crate::finding::Look;

mod embedded {
    refinery::embed_migrations!("src/store/migrations/facts");
}

/// A file of gigabytes is not read through at every start: its loss costs a crawl, never a case.
const PRAGMAS: Pragmas =
    Pragmas { busy_timeout: Duration::from_secs(10), cache_kib: 16 << 10, quick_check: false };

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
}

/// A page's facts with its links resolved to ids.
#[derive(Debug, Clone)]
pub struct ReadPage {
    /// The facts; `links` is empty.
    pub facts: PageFacts,
    /// The links.
    pub links: Vec<LinkSeen>,
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
    /// ETag.
    pub etag: Option<String>,
    /// Last-Modified.
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
    conn: Connection,
    packer: zstd::bulk::Compressor<'static>,
}

/// Tables of which each statement speaks are listed in the migration.
impl FactsDb {
    /// Opens or creates `facts.db` in `dir`.
    ///
    /// # Errors
    /// If the file cannot be opened, is damaged, or is of a newer version.
    pub fn open(dir: &Path) -> Result<Self> {
        let path = dir.join("facts.db");
        let mut conn = super::open(&path, &PRAGMAS)?;
        embedded::migrations::runner().run(&mut conn).context("facts.db: migration")?;
        Ok(Self { path, conn, packer: zstd::bulk::Compressor::new(1)? })
    }

    /// A second connection to the same file, for reading beside the one that writes.
    ///
    /// # Errors
    /// As [`FactsDb::open`].
    pub fn beside(&self) -> Result<Self> {
        let conn = super::open(&self.path, &PRAGMAS)?;
        Ok(Self { path: self.path.clone(), conn, packer: zstd::bulk::Compressor::new(1)? })
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
            let mut body =
                transaction.prepare_cached("INSERT OR IGNORE INTO body (sha256, bytes) VALUES (?1, ?2)")?;
            let mut validator = transaction.prepare_cached(
                "INSERT INTO validator (url, run, etag, last_modified) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (url) DO UPDATE SET run = excluded.run, etag = excluded.etag, last_modified = excluded.last_modified",
            )?;
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
                        what.role as i64,
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
                    unit.what.role as i64,
                    unit.what.depth,
                    unit.what.via,
                    answer,
                    stored_exchange(&unit.exchange, there && !unit.what.role.is_read())?
                ])?;
                if let Some(read) = &unit.page {
                    let packed = self.packer.compress(&encode(read)?)?;
                    page.execute(params![run, unit.look, unit.id, unit.what.site, packed])?;
                }
                if let Ok(reply) = &unit.exchange.outcome {
                    if let Some(bytes) = &unit.snapshot {
                        body.execute(params![reply.body_sha256, self.packer.compress(bytes)?])?;
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

    /// What a conditional GET may offer for a page whose facts of an earlier run are still stored.
    ///
    /// # Errors
    /// If the database fails.
    pub fn validator(&self, id: UrlId) -> Result<Option<Validator>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT v.run, v.etag, v.last_modified FROM validator v
             JOIN page p ON p.run = v.run AND p.look = 1 AND p.url = v.url WHERE v.url = ?1",
        )?;
        let row = statement.query_row([id], |row| {
            Ok(Validator { run: row.get(0)?, etag: row.get(1)?, last_modified: row.get(2)? })
        });
        Ok(row.optional()?)
    }

    /// The URL with this id.
    ///
    /// # Errors
    /// If the database fails.
    pub fn href(&self, id: UrlId) -> Result<Option<String>> {
        let mut statement = self.conn.prepare_cached("SELECT href FROM url WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    /// One stored page.
    ///
    /// # Errors
    /// If the database fails or the stored facts are of a version that cannot be read.
    pub fn page(&self, run: i64, look: u8, id: UrlId) -> Result<Option<ReadPage>> {
        let packed: Option<Vec<u8>> = self
            .conn
            .query_row(
                "SELECT facts FROM page WHERE run = ?1 AND look = ?2 AND url = ?3",
                params![run, look, id],
                |row| row.get(0),
            )
            .optional()?;
        packed.map(|packed| decode(&packed)).transpose()
    }

    /// Hands every page of a site and look to `each`.
    ///
    /// # Errors
    /// If the database fails or the stored facts are of a version that cannot be read.
    pub fn pages(&self, run: i64, look: u8, site: SiteIndex, mut each: impl FnMut(PageSeen)) -> Result<()> {
        let mut statement = self.conn.prepare(
            "SELECT p.url, u.href, p.facts, v.exchange FROM page p
             JOIN url u ON u.id = p.url
             JOIN visit v ON v.run = p.run AND v.look = p.look AND v.url = p.url
             WHERE p.run = ?1 AND p.look = ?2 AND p.site = ?3 ORDER BY p.rowid",
        )?;
        let mut rows = statement.query(params![run, look, site])?;
        while let Some(row) = rows.next()? {
            let packed: Vec<u8> = row.get(2)?;
            let read = decode(&packed)?;
            let exchange: Exchange = serde_json::from_str(&row.get::<_, String>(3)?)?;
            each(PageSeen {
                id: row.get(0)?,
                url: row.get(1)?,
                facts: read.facts,
                links: read.links,
                look: look_of(&exchange),
            });
        }
        Ok(())
    }

    /// Visits of a look whose answer is not simply "there"; with `all`, every one.
    ///
    /// # Errors
    /// If the database fails.
    pub fn visits(&self, run: i64, look: u8, all: bool) -> Result<Vec<VisitRow>> {
        let mut statement = self.conn.prepare(
            "SELECT v.url, u.href, v.site, v.role, v.answer, v.exchange FROM visit v JOIN url u ON u.id = v.url
             WHERE v.run = ?1 AND v.look = ?2 AND v.state = 1 AND (?3 OR v.answer IS NOT NULL) ORDER BY v.url",
        )?;
        let rows = statement.query_map(params![run, look, all], |row| {
            Ok((visit_row(row)?, row.get::<_, Option<String>>(4)?, row.get::<_, String>(5)?))
        })?;
        rows.map(|row| {
            let ((id, url, site, role), answer, exchange) = row?;
            let answer = answer.map_or(Ok(Answer::There), |text| serde_json::from_str(&text))?;
            Ok(VisitRow { id, url, site, role, answer, exchange: serde_json::from_str(&exchange)? })
        })
        .collect()
    }

    /// The answer and exchange of one URL in one look.
    ///
    /// # Errors
    /// If the database fails.
    pub fn visit(&self, run: i64, look: u8, url: &str) -> Result<Option<VisitRow>> {
        let id: Option<UrlId> =
            self.conn.query_row("SELECT id FROM url WHERE href = ?1", [url], |row| row.get(0)).optional()?;
        let Some(id) = id else { return Ok(None) };
        let row = self
            .conn
            .query_row(
                "SELECT v.url, u.href, v.site, v.role, v.answer, v.exchange FROM visit v JOIN url u ON u.id = v.url
                 WHERE v.run = ?1 AND v.look = ?2 AND v.url = ?3 AND v.state = 1",
                params![run, look, id],
                |row| Ok((visit_row(row)?, row.get::<_, Option<String>>(4)?, row.get::<_, String>(5)?)),
            )
            .optional()?;
        row.map(|((id, url, site, role), answer, exchange)| {
            let answer = answer.map_or(Ok(Answer::There), |text| serde_json::from_str(&text))?;
            Ok(VisitRow { id, url, site, role, answer, exchange: serde_json::from_str(&exchange)? })
        })
        .transpose()
    }

    /// How many targets of each site were verified or read in a look.
    ///
    /// # Errors
    /// If the database fails.
    pub fn counts(&self, run: i64, look: u8) -> Result<u64> {
        let count: i64 = self.conn.query_row(
            "SELECT count(*) FROM visit WHERE run = ?1 AND look = ?2 AND state = 1",
            params![run, look],
            |row| row.get(0),
        )?;
        Ok(count.unsigned_abs())
    }

    /// The looks of a run, in order.
    ///
    /// # Errors
    /// If the database fails.
    pub fn looks(&self, run: i64) -> Result<Vec<u8>> {
        let mut statement =
            self.conn.prepare("SELECT DISTINCT look FROM visit WHERE run = ?1 ORDER BY look")?;
        let rows = statement.query_map([run], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
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

    /// What a look found of a site's IPv6.
    ///
    /// # Errors
    /// If the database fails.
    pub fn ipv6(&self, run: i64, look: u8, site: SiteIndex) -> Result<Option<Ipv6Facts>> {
        let text: Option<String> = self
            .conn
            .query_row(
                "SELECT ipv6 FROM probe WHERE run = ?1 AND look = ?2 AND site = ?3",
                params![run, look, site],
                |row| row.get(0),
            )
            .optional()?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
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

    /// The figures of one site and look.
    ///
    /// # Errors
    /// If the database fails.
    pub fn coverage(&self, run: i64, look: u8, site: SiteIndex) -> Result<Coverage> {
        let row = self
            .conn
            .query_row(
                "SELECT requests, not_reached, traps FROM coverage WHERE run = ?1 AND look = ?2 AND site = ?3",
                params![run, look, site],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)),
            )
            .optional()?;
        let Some((requests, not_reached, traps)) = row else { return Ok(Coverage::default()) };
        Ok(Coverage {
            requests: requests.unsigned_abs(),
            not_reached: not_reached.unsigned_abs(),
            traps: serde_json::from_str(&traps)?,
        })
    }

    /// A stored body.
    ///
    /// # Errors
    /// If the database fails.
    pub fn body(&self, sha256: &str) -> Result<Option<Vec<u8>>> {
        let packed: Option<Vec<u8>> = self
            .conn
            .query_row("SELECT bytes FROM body WHERE sha256 = ?1", [sha256], |row| row.get(0))
            .optional()?;
        Ok(packed.map(|packed| zstd::stream::decode_all(packed.as_slice())).transpose()?)
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

    /// Keeps which hosts asked for patience; instants in milliseconds since 1970.
    ///
    /// # Errors
    /// If the database fails.
    pub fn put_patience(&mut self, patience: &[(String, i64)]) -> Result<()> {
        let transaction = self.conn.transaction()?;
        transaction.execute("DELETE FROM patience", [])?;
        for (key, until) in patience {
            transaction
                .execute("INSERT INTO patience (key, not_until) VALUES (?1, ?2)", params![key, until])?;
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

/// The look that an exchange was, as findings show it.
pub fn look_of(exchange: &Exchange) -> Look {
    let reply = exchange.outcome.as_ref().ok();
    Look {
        at: exchange.at,
        url: exchange.url.clone(),
        hops: exchange.hops.clone(),
        addr: reply.and_then(|reply| reply.addr).map(|addr| addr.to_string()),
        status: reply.map(|reply| reply.status),
        error: exchange.outcome.as_ref().err().cloned(),
        headers: reply.map(|reply| reply.headers.clone()).unwrap_or_default(),
        body_sha256: reply.map(|reply| reply.body_sha256.clone()).unwrap_or_default(),
    }
}

fn visit_row(row: &Row<'_>) -> rusqlite::Result<(UrlId, String, SiteIndex, Role)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, Role::from_code(row.get(3)?)))
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

/// Facts and links as they lie in the `page` table.
#[derive(Serialize)]
struct Written<'a> {
    facts: &'a PageFacts,
    links: Vec<(u32, &'a str, LinkKind, LinkPlace, bool)>,
}

#[derive(Deserialize)]
struct Stored {
    facts: PageFacts,
    links: Vec<(u32, String, LinkKind, LinkPlace, bool)>,
}

fn encode(read: &ReadPage) -> Result<Vec<u8>> {
    let links = read
        .links
        .iter()
        .map(|link| (link.target, link.text.as_str(), link.kind, link.place, link.hidden))
        .collect();
    Ok(serde_json::to_vec(&Written { facts: &read.facts, links })?)
}

fn decode(packed: &[u8]) -> Result<ReadPage> {
    let bytes = zstd::stream::decode_all(packed)?;
    let stored: Stored = serde_json::from_slice(&bytes).context("facts.db: page facts of another version")?;
    let links = stored
        .links
        .into_iter()
        .map(|(target, text, kind, place, hidden)| LinkSeen { target, text, kind, place, hidden })
        .collect();
    Ok(ReadPage { facts: stored.facts, links })
}
