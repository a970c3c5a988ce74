//! Reading back what a run saw: pages, visits, probes, snapshots. Nothing here writes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;
use rusqlite::{OptionalExtension as _, Row, params};

use super::facts::{Coverage, FactsDb, ReadPage, Validator, VisitRow};
use super::pages::Unpacker;
use crate::crawl::frontier::{NO_SITE, Role, SiteIndex, UrlId};
use crate::exchange::Exchange;
use crate::facts::answer::Answer;
use crate::facts::ipv6::Ipv6Facts;
use crate::facts::site::PageSeen;
use crate::finding::Look;

impl FactsDb {
    /// What a conditional GET may offer for a page whose facts of an earlier run are still stored, as this version of the program
    /// read them: what another version misread is read anew.
    ///
    /// # Errors
    /// If the database fails.
    pub fn validator(&self, id: UrlId) -> Result<Option<Validator>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT v.run, v.etag, v.last_modified FROM validator v JOIN run r ON r.id = v.run AND r.version = ?2
             JOIN page p ON p.run = v.run AND p.look = 1 AND p.url = v.url WHERE v.url = ?1",
        )?;
        let row = statement.query_row(params![id, env!("CARGO_PKG_VERSION")], |row| {
            Ok(Validator { run: row.get(0)?, etag: row.get(1)?, last_modified: row.get(2)? })
        });
        Ok(row.optional()?)
    }

    /// The URLs that have a validator: nothing else need be asked for one.
    ///
    /// # Errors
    /// If the database fails.
    pub fn with_validator(&self) -> Result<HashSet<UrlId>> {
        let mut statement = self
            .conn
            .prepare("SELECT v.url FROM validator v JOIN run r ON r.id = v.run AND r.version = ?1")?;
        let rows = statement.query_map([env!("CARGO_PKG_VERSION")], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The URL with this id.
    ///
    /// # Errors
    /// If the database fails.
    pub fn href(&self, id: UrlId) -> Result<Option<String>> {
        let mut statement = self.conn.prepare_cached("SELECT href FROM url WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    /// The URLs with these ids.
    ///
    /// # Errors
    /// If the database fails.
    pub fn addresses(&self, ids: &BTreeSet<UrlId>) -> Result<BTreeMap<UrlId, String>> {
        let mut known = BTreeMap::new();
        for id in ids {
            known.extend(self.href(*id)?.map(|href| (*id, href)));
        }
        Ok(known)
    }

    /// What an outside target called itself when a run before `run` last asked for it.
    ///
    /// # Errors
    /// If the database fails.
    pub fn earlier_title(&self, id: UrlId, run: i64) -> Result<Option<String>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT title FROM target_title WHERE url = ?1 AND run < ?2 ORDER BY run DESC LIMIT 1",
        )?;
        Ok(statement.query_row(params![id, run], |row| row.get(0)).optional()?)
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
        packed.map(|packed| Unpacker::new(&self.conn)?.page(&packed)).transpose()
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
        let mut unpacker = Unpacker::new(&self.conn)?;
        let mut rows = statement.query(params![run, look, site])?;
        while let Some(row) = rows.next()? {
            let packed: Vec<u8> = row.get(2)?;
            let read = unpacker.page(&packed)?;
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

    /// Targets of a site that were there under another address, by their ids.
    ///
    /// # Errors
    /// If the database fails.
    pub fn redirected(&self, run: i64, look: u8, site: SiteIndex) -> Result<BTreeMap<UrlId, String>> {
        let mut statement = self.conn.prepare(
            "SELECT url, exchange FROM visit
             WHERE run = ?1 AND look = ?2 AND site = ?3 AND state = 1 AND answer IS NULL
               AND exchange LIKE '%\"hops\":[{%'",
        )?;
        let rows = statement.query_map(params![run, look, site], |row| {
            Ok((row.get::<_, UrlId>(0)?, row.get::<_, String>(1)?))
        })?;
        rows.map(|row| {
            let (id, exchange) = row?;
            let exchange: Exchange = serde_json::from_str(&exchange)?;
            Ok((id, exchange.final_url().to_owned()))
        })
        .collect()
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
        let rows = statement.query_map(params![run, look, all], visit_row)?;
        rows.map(|row| visit_of(row?)).collect()
    }

    /// The answer and exchange of one URL in one look.
    ///
    /// # Errors
    /// If the database fails.
    pub fn visit(&self, run: i64, look: u8, url: &str) -> Result<Option<VisitRow>> {
        let id: Option<UrlId> =
            self.conn.query_row("SELECT id FROM url WHERE href = ?1", [url], |row| row.get(0)).optional()?;
        id.map_or(Ok(None), |id| self.visit_of_id(run, look, id))
    }

    /// The same by the URL's id, at the price of one row.
    ///
    /// # Errors
    /// If the database fails.
    pub fn visit_of_id(&self, run: i64, look: u8, id: UrlId) -> Result<Option<VisitRow>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT v.url, u.href, v.site, v.role, v.answer, v.exchange FROM visit v JOIN url u ON u.id = v.url
             WHERE v.run = ?1 AND v.look = ?2 AND v.url = ?3 AND v.state = 1",
        )?;
        let row = statement.query_row(params![run, look, id], visit_row).optional()?;
        row.map(visit_of).transpose()
    }

    /// How many targets were verified or read in a look, by site; a target elsewhere counts for the site that named it first.
    ///
    /// # Errors
    /// If the database fails.
    pub fn answered(&self, run: i64, look: u8) -> Result<HashMap<SiteIndex, u64>> {
        let mut statement = self.conn.prepare(
            "SELECT CASE v.site WHEN ?3 THEN p.site ELSE v.site END AS of_site, count(*)
             FROM visit v LEFT JOIN visit p ON p.run = v.run AND p.look = v.look AND p.url = v.via
             WHERE v.run = ?1 AND v.look = ?2 AND v.state = 1 GROUP BY of_site HAVING of_site IS NOT NULL",
        )?;
        let rows = statement.query_map(params![run, look, NO_SITE], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
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
}

/// The look that an exchange was, as findings show it.
pub fn look_of(exchange: &Exchange) -> Look {
    Look::of(exchange)
}

/// Columns of one visit as they are selected: id, URL, site, role, answer, exchange.
pub(super) type Columns = (UrlId, String, SiteIndex, i64, Option<String>, String);

pub(super) fn visit_row(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

pub(super) fn visit_of((id, url, site, role, answer, exchange): Columns) -> Result<VisitRow> {
    let answer = answer.map_or(Ok(Answer::There), |text| serde_json::from_str(&text))?;
    Ok(VisitRow {
        id,
        url,
        site,
        role: Role::from_code(role),
        answer,
        exchange: serde_json::from_str(&exchange)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::crawl::frontier::Candidate;
    use crate::exchange::Reply;
    use crate::store::facts::Unit;

    fn unit(id: UrlId, site: SiteIndex, role: Role, via: Option<UrlId>) -> Unit {
        let url = format!("http://127.0.0.1/{id}");
        let reply = Reply {
            url: url.clone(),
            status: 200,
            addr: None,
            headers: Vec::new(),
            body_len: 0,
            body_sha256: String::new(),
            body_cut: false,
        };
        Unit {
            look: 1,
            id,
            what: Candidate { url: url.clone(), key: "h".to_owned(), site, role, depth: 0, via },
            exchange: Exchange {
                url: url.clone(),
                at: from_millis(0),
                took_ms: 1,
                hops: Vec::new(),
                outcome: Ok(reply),
            },
            answer: Answer::There,
            page: None,
            new_urls: vec![(id, url)],
            queued: Vec::new(),
            refused: Vec::new(),
            snapshot: None,
            title: None,
            text: None,
        }
    }

    #[test]
    fn targets_count_for_the_site_that_named_them() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut db = FactsDb::open(dir.path()).expect("a database");
        let units = [
            unit(0, 0, Role::Home, None),
            unit(1, 0, Role::Page, Some(0)),
            unit(2, NO_SITE, Role::External, Some(1)),
            unit(3, 1, Role::Home, None),
            unit(4, NO_SITE, Role::External, Some(3)),
            unit(5, NO_SITE, Role::External, Some(3)),
            unit(6, 1, Role::Target, Some(3)),
            unit(7, NO_SITE, Role::External, None),
        ];
        db.commit(1, &units).expect("a commit");
        let answered = db.answered(1, 1).expect("counts");
        assert_eq!(answered, HashMap::from([(0, 3), (1, 4)]));
        let visit = db.visit(1, 1, "http://127.0.0.1/6").expect("a query").expect("a visit");
        assert_eq!((visit.id, visit.site), (6, 1));
    }
}
