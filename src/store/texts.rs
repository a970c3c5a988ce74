//! The texts of pages: written with the page, read back to be judged, compared with what earlier runs saw.

use std::borrow::Cow;

use anyhow::{Context as _, Result, bail, ensure};
use encoding_rs::UTF_8;
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};
use sha2::{Digest, Sha256};

use super::facts::{FactsDb, Unit};
use crate::crawl::frontier::{Role, SiteIndex, UrlId};
use crate::facts::maintext::PageText;
use crate::facts::personal::Leak;

/// Largest text that is read back, in bytes.
const LARGEST: usize = 16 << 20;

/// One page's text as a look of a run stored it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredText<'a> {
    /// The page's URL.
    pub url: String,
    /// Title and body, one block a line; of an attachment its lines and rows.
    pub text: &'a str,
    /// How many characters that is.
    pub chars: u32,
    /// Numbers of persons that stood in it, masked.
    pub leaks: Vec<Leak>,
}

/// The statements that write texts, within one transaction.
pub(super) struct Writer<'a> {
    find: CachedStatement<'a>,
    add: CachedStatement<'a>,
    page: CachedStatement<'a>,
    again: CachedStatement<'a>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(conn: &'a Connection) -> Result<Self> {
        Ok(Self {
            find: conn.prepare_cached("SELECT id FROM text WHERE print = ?1")?,
            add: conn.prepare_cached("INSERT INTO text (print, chars, bytes, leaks) VALUES (?1, ?2, ?3, ?4) RETURNING id")?,
            page: conn.prepare_cached(
                "INSERT OR REPLACE INTO page_text (run, look, site, url, text) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?,
            again: conn.prepare_cached(
                "INSERT OR REPLACE INTO page_text (run, look, site, url, text)
                 SELECT ?1, ?2, ?3, url, text FROM page_text WHERE url = ?4 AND run < ?1 ORDER BY run DESC, look DESC LIMIT 1",
            )?,
        })
    }

    /// Stores the text of a page that was read.
    pub(super) fn put(&mut self, (run, unit): (i64, &Unit), text: &PageText) -> Result<()> {
        let leaks = if text.leaks.is_empty() { None } else { Some(serde_json::to_string(&text.leaks)?) };
        let mut hash = Sha256::new();
        hash.update(text.text.as_bytes());
        hash.update(leaks.as_deref().unwrap_or_default().as_bytes());
        let print = hash.finalize();
        let print = print.get(..16).context("a hash")?;
        let known: Option<i64> = self.find.query_row([print], |row| row.get(0)).optional()?;
        let id = if let Some(id) = known {
            id
        } else {
            let zipped = lz4_flex::compress_prepend_size(text.text.as_bytes());
            let chars = i64::try_from(text.text.chars().count())?;
            self.add.query_row(params![print, chars, zipped, leaks], |row| row.get(0))?
        };
        self.page.execute(params![run, unit.look, unit.what.site, unit.id, id])?;
        Ok(())
    }

    /// A page that has not changed has the text it had when it was last read.
    pub(super) fn again(&mut self, run: i64, unit: &Unit) -> Result<()> {
        self.again.execute(params![run, unit.look, unit.what.site, unit.id])?;
        Ok(())
    }
}

impl FactsDb {
    /// Hands the text of every page of a site and look to `each`, in order of their addresses' ids.
    ///
    /// # Errors
    /// If the database fails or a stored text cannot be read.
    pub fn texts(
        &self,
        run: i64,
        look: u8,
        site: SiteIndex,
        mut each: impl FnMut(StoredText<'_>),
    ) -> Result<()> {
        let mut statement = self.conn.prepare_cached(
            "SELECT u.href, t.bytes, t.leaks, t.chars FROM page_text p
             JOIN text t ON t.id = p.text JOIN url u ON u.id = p.url
             WHERE p.run = ?1 AND p.look = ?2 AND p.site = ?3 ORDER BY p.url",
        )?;
        let mut rows = statement.query(params![run, look, site])?;
        let mut room = Vec::new();
        while let Some(row) = rows.next()? {
            let text = unpack(row.get_ref(1)?.as_blob()?, &mut room)?;
            let leaks: Option<String> = row.get(2)?;
            each(StoredText {
                url: row.get(0)?,
                text,
                chars: row.get(3)?,
                leaks: leaks.map_or(Ok(Vec::new()), |leaks| serde_json::from_str(&leaks))?,
            });
        }
        Ok(())
    }

    /// The text of one page; `None` where the look stored none.
    ///
    /// # Errors
    /// If the database fails or the stored text cannot be read.
    pub fn text(&self, run: i64, look: u8, site: SiteIndex, page: UrlId) -> Result<Option<String>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT t.bytes FROM page_text p JOIN text t ON t.id = p.text
             WHERE p.run = ?1 AND p.look = ?2 AND p.site = ?3 AND p.url = ?4",
        )?;
        let found: Option<Vec<u8>> =
            statement.query_row(params![run, look, site, page], |row| row.get(0)).optional()?;
        let Some(packed) = found else { return Ok(None) };
        Ok(Some(unpack(&packed, &mut Vec::new())?.to_owned()))
    }

    /// The first run before `run` whose first look stored a text of this page, with its site's number of then.
    ///
    /// # Errors
    /// If the database fails.
    pub fn first_text(&self, page: UrlId, run: i64) -> Result<Option<(i64, SiteIndex)>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT run, site FROM page_text WHERE url = ?1 AND look = 1 AND run < ?2 ORDER BY run LIMIT 1",
        )?;
        Ok(statement.query_row(params![page, run], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// The addresses of a site's targets that were there: pictures, attachments.
    ///
    /// # Errors
    /// If the database fails.
    pub fn files(&self, run: i64, look: u8, site: SiteIndex) -> Result<Vec<String>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT u.href FROM visit v JOIN url u ON u.id = v.url
             WHERE v.run = ?1 AND v.look = ?2 AND v.site = ?3 AND v.role = ?4 AND v.state = 1 AND v.answer IS NULL",
        )?;
        let rows = statement.query_map(params![run, look, site, Role::Target.code()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The page that first carried a link to a URL in a look: its id and address.
    ///
    /// # Errors
    /// If the database fails.
    pub fn carrier(&self, run: i64, look: u8, id: UrlId) -> Result<Option<(UrlId, String)>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT u.id, u.href FROM visit v JOIN url u ON u.id = v.via WHERE v.run = ?1 AND v.look = ?2 AND v.url = ?3",
        )?;
        let row = statement.query_row(params![run, look, id], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(row.optional()?)
    }

    /// Pages of a run and site whose text of at least `chars` characters stood under another address of the same site, or in an
    /// earlier run under the same one: the page, the other address, the other run.
    ///
    /// # Errors
    /// If the database fails.
    pub fn same_texts(&self, run: i64, site: SiteIndex, chars: u32) -> Result<Vec<(String, UrlId, i64)>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT u.href, o.url, min(o.run) FROM page_text p
             JOIN text t ON t.id = p.text AND t.chars >= ?3
             JOIN page_text o ON o.text = p.text AND o.site = p.site AND o.look = 1 AND (o.url <> p.url OR o.run < p.run)
             JOIN url u ON u.id = p.url
             WHERE p.run = ?1 AND p.look = 1 AND p.site = ?2 AND o.run <= ?1 GROUP BY p.url, o.url ORDER BY u.href, o.url",
        )?;
        let rows = statement
            .query_map(params![run, site, chars], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// A text as [`Writer::put`] packed it, unpacked into `room`: its length, then LZ4, which is read and written several times as
/// fast as anything that packs it smaller.
fn unpack<'a>(packed: &[u8], room: &'a mut Vec<u8>) -> Result<&'a str> {
    let (size, packed) = lz4_flex::block::uncompressed_size(packed).context("facts.db: text")?;
    ensure!(size <= LARGEST, "facts.db: a text of {size} bytes");
    if room.len() < size {
        room.resize(size, 0);
    }
    let written = lz4_flex::block::decompress_into(packed, room).context("facts.db: text")?;
    ensure!(written == size, "facts.db: a text of {written} instead of {size} bytes");
    // Checks several characters at a time, unlike the standard library.
    match UTF_8.decode_without_bom_handling_and_without_replacement(room.get(..size).unwrap_or_default()) {
        Some(Cow::Borrowed(text)) => Ok(text),
        _ => bail!("facts.db: a text that is not UTF-8"),
    }
}
