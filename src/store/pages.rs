//! Pages as they lie in `facts.db`: JSON, compressed, with the links that pages of a site share held once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rusqlite::{CachedStatement, Connection, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::get_frame_content_size;

use super::facts::ReadPage;
use crate::facts::page::{LinkKind, LinkPlace, PageFacts};
use crate::facts::site::{LinkSeen, Links};

/// Fewest links of a stretch that is worth a row of its own.
const SHARED: usize = 8;
/// Compression of pages: each is written and read in every run, and without entropy coding takes half the time for a third more room.
const LEVEL: i32 = -4;
/// Largest page record: far beyond what the limits of the reader allow for.
const LARGEST: usize = 1 << 30;

type Row<'a> = (u32, &'a str, LinkKind, LinkPlace, bool);
type OwnedRow = (u32, String, LinkKind, LinkPlace, bool);

/// Facts and links as they are written. `shared` names stretches and the index in the page's links at which each stands,
/// counted with all that stands before it.
#[derive(Serialize)]
struct Written<'a> {
    facts: &'a PageFacts,
    links: Vec<Row<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shared: Vec<(usize, i64)>,
}

/// The same as it is read.
#[derive(Deserialize)]
struct Stored {
    facts: PageFacts,
    links: Vec<OwnedRow>,
    #[serde(default)]
    shared: Vec<(usize, i64)>,
}

/// Packs pages for one connection that writes.
pub(super) struct Packer {
    zstd: Compressor<'static>,
    written: HashSet<i64>,
}

impl Packer {
    pub(super) fn new() -> Result<Self> {
        Ok(Self { zstd: Compressor::new(LEVEL)?, written: HashSet::new() })
    }

    /// Any bytes.
    pub(super) fn pack(&mut self, bytes: &[u8]) -> Result<Vec<u8>> {
        Ok(self.zstd.compress(bytes)?)
    }

    /// A page; stretches that are not in the database yet are put there by `add`.
    pub(super) fn pack_page(&mut self, read: &ReadPage, add: &mut CachedStatement<'_>) -> Result<Vec<u8>> {
        let all: Vec<&LinkSeen> = read.links.iter().collect();
        let (mut links, mut shared) = (Vec::new(), Vec::new());
        let mut at = 0;
        for run in all.chunk_by(|a, b| in_frame(a) == in_frame(b)) {
            if run.len() >= SHARED && in_frame(run[0]) {
                let id = name(run);
                if self.written.insert(id) {
                    let rows: Vec<Row<'_>> = run.iter().map(|link| row(link)).collect();
                    add.execute(params![id, self.zstd.compress(&serde_json::to_vec(&rows)?)?])?;
                }
                shared.push((at, id));
            } else {
                links.extend(run.iter().map(|link| row(link)));
            }
            at += run.len();
        }
        let written = Written { facts: &read.facts, links, shared };
        Ok(self.zstd.compress(&serde_json::to_vec(&written)?)?)
    }
}

/// Unpacks pages for one reading; keeps the stretches it has met.
pub(super) struct Unpacker<'a> {
    conn: &'a Connection,
    zstd: Decompressor<'static>,
    stretches: HashMap<i64, Arc<Vec<LinkSeen>>>,
}

impl<'a> Unpacker<'a> {
    pub(super) fn new(conn: &'a Connection) -> Result<Self> {
        Ok(Self { conn, zstd: Decompressor::new()?, stretches: HashMap::new() })
    }

    /// A page.
    pub(super) fn page(&mut self, packed: &[u8]) -> Result<ReadPage> {
        let bytes = self.unpack(packed)?;
        let stored: Stored =
            serde_json::from_slice(&bytes).context("facts.db: page facts of another version")?;
        let mut own = stored.links.into_iter().map(link);
        let mut links = Links::default();
        let mut at = 0;
        for (place, id) in stored.shared {
            let before: Vec<LinkSeen> = own.by_ref().take(place.saturating_sub(at)).collect();
            at += before.len();
            links.push(Arc::new(before));
            let stretch = self.stretch(id)?;
            at += stretch.len();
            links.push(stretch);
        }
        links.push(Arc::new(own.collect()));
        Ok(ReadPage { facts: stored.facts, links })
    }

    fn stretch(&mut self, id: i64) -> Result<Arc<Vec<LinkSeen>>> {
        if let Some(stretch) = self.stretches.get(&id) {
            return Ok(Arc::clone(stretch));
        }
        let mut statement = self.conn.prepare_cached("SELECT links FROM stretch WHERE id = ?1")?;
        let packed: Vec<u8> = statement.query_row([id], |row| row.get(0))?;
        let rows: Vec<OwnedRow> = serde_json::from_slice(&self.unpack(&packed)?)?;
        let stretch = Arc::new(rows.into_iter().map(link).collect());
        self.stretches.insert(id, Arc::clone(&stretch));
        Ok(stretch)
    }

    /// What was packed by [`Packer::pack`].
    fn unpack(&mut self, packed: &[u8]) -> Result<Vec<u8>> {
        let size = get_frame_content_size(packed).ok().flatten().and_then(|size| usize::try_from(size).ok());
        let size = size.filter(|size| *size <= LARGEST).context("facts.db: a record without its size")?;
        Ok(self.zstd.decompress(packed, size)?)
    }
}

fn in_frame(link: &LinkSeen) -> bool {
    matches!(link.place, LinkPlace::Nav | LinkPlace::Footer | LinkPlace::Head)
}

/// The name of a stretch: 63 bits of a hash of all it holds.
fn name(run: &[&LinkSeen]) -> i64 {
    let mut hash = Sha256::new();
    for link in run {
        hash.update(link.target.to_le_bytes());
        hash.update([link.kind as u8, link.place as u8, u8::from(link.hidden)]);
        hash.update(u32::try_from(link.text.len()).unwrap_or(u32::MAX).to_le_bytes());
        hash.update(&link.text);
    }
    let digest = hash.finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_le_bytes(first) & i64::MAX
}

fn row(link: &LinkSeen) -> Row<'_> {
    (link.target, link.text.as_str(), link.kind, link.place, link.hidden)
}

fn link((target, text, kind, place, hidden): OwnedRow) -> LinkSeen {
    LinkSeen { target, text, kind, place, hidden }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::html::read_page;
    use crate::facts::page::PageContext;

    fn links(from: u32, places: &[(LinkPlace, usize)]) -> Vec<LinkSeen> {
        let places = places.iter().flat_map(|(place, count)| std::iter::repeat_n(*place, *count));
        let number = from..;
        let one = |(target, place)| LinkSeen {
            target,
            text: format!("第{target}项"),
            kind: LinkKind::Page,
            place,
            hidden: target % 5 == 0,
        };
        number.zip(places).map(one).collect()
    }

    #[test]
    fn pages_come_back_as_they_were_with_shared_stretches_held_once() {
        use LinkPlace::{Body, Footer, List, Nav};
        let dir = tempfile::tempdir().expect("a folder");
        let db = crate::store::facts::FactsDb::open(dir.path()).expect("opens");
        let shapes: [&[(LinkPlace, usize)]; 6] = [
            &[(Nav, 20), (List, 9), (Footer, 12)],
            &[(List, 3), (Nav, 20), (Body, 2), (Nav, 3)],
            &[(Nav, 8)],
            &[(Nav, 7), (Body, 30), (Footer, 7)],
            &[(Nav, 5), (Footer, 5)],
            &[],
        ];
        let mut packer = Packer::new().expect("zstd");
        let mut add = db.conn.prepare_cached("INSERT OR IGNORE INTO stretch VALUES (?1, ?2)").expect("SQL");
        let url = url::Url::parse("http://www.shili.example/").expect("a URL");
        let at = crate::calendar::from_millis(0);
        let cx =
            PageContext { url: &url, content_type: None, status: Some(200), as_of: at, want_structure: true };
        let mut facts = read_page("<title>标题</title><p>内容".as_bytes(), &cx, || false);
        // The one is kept in a table of its own, the other nowhere.
        facts.own_text = None;
        facts.texture.clear();
        for shape in shapes {
            for from in [1, 1, 100] {
                let read = ReadPage { facts: facts.clone(), links: links(from, shape).into_iter().collect() };
                let row = packer.pack_page(&read, &mut add).expect("packs");
                let back = Unpacker::new(&db.conn).expect("zstd").page(&row).expect("unpacks");
                assert_eq!((back.facts, back.links), (read.facts, read.links), "{shape:?}");
            }
        }
        let stored: i64 =
            db.conn.query_row("SELECT count(*) FROM stretch", [], |row| row.get(0)).expect("counts");
        assert_eq!(stored, 10, "menus and footers of two sets of targets");
    }
}
