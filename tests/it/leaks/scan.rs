//! Looks for canaries in every byte of what the program wrote: files as they lie, and whatever is packed in them.

#![allow(clippy::string_slice, reason = "cut at ASCII")]

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// Digits in a row that give a number away, whoever cut or masked the rest.
const ENOUGH: usize = 10;
/// How deep packed things are unpacked within each other: a database's snapshot of an xlsx in a letter is three.
const DEEPEST: u8 = 5;
/// Most bytes unpacked of one thing.
const MOST: u64 = 64 << 20;

/// What is looked for, and where it was found.
pub(super) struct Scan {
    pieces: Vec<(Vec<u8>, String)>,
    /// `place: number` of each find.
    pub(super) found: BTreeSet<String>,
    /// How many things were looked at, packed ones included.
    pub(super) looked: usize,
    /// All masked forms that were met.
    pub(super) masked: usize,
}

impl Scan {
    /// A scan for these numbers, whole or in part.
    pub(super) fn new<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Self {
        let mut pieces = Vec::new();
        for number in numbers {
            for piece in number.as_bytes().windows(ENOUGH) {
                pieces.push((piece.to_vec(), number.to_owned()));
            }
        }
        Self { pieces, found: BTreeSet::new(), looked: 0, masked: 0 }
    }

    /// Every file below a folder.
    pub(super) fn folder(&mut self, folder: &Path) {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        entries.sort();
        for path in entries {
            let name = path.display().to_string();
            self.bytes(&name, name.as_bytes(), DEEPEST);
            if path.is_dir() {
                self.folder(&path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file");
            if bytes.starts_with(b"SQLite format 3") {
                self.database(&path);
            }
            self.bytes(&name, &bytes, 0);
        }
    }

    /// Every value of every table, as SQLite reads it with its log; values lie across pages in the file itself.
    pub(super) fn database(&mut self, path: &Path) {
        let conn = Connection::open(path).expect("a database");
        let mut tables = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").expect("SQL");
        let tables: Vec<String> = tables
            .query_map([], |row| row.get(0))
            .expect("tables")
            .map(|name| name.expect("a name"))
            .collect();
        for table in tables {
            let mut all = conn.prepare(&format!("SELECT * FROM \"{table}\"")).expect("SQL");
            let columns: Vec<String> = all.column_names().map(str::to_owned).collect();
            let mut rows = all.query([]).expect("rows");
            while let Some(row) = rows.next().expect("a row") {
                for (at, column) in columns.iter().enumerate() {
                    let place = format!("{}/{table}.{column}", path.display());
                    match row.get_ref(at).expect("a value") {
                        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => self.bytes(&place, bytes, 0),
                        ValueRef::Integer(number) => {
                            self.bytes(&place, number.to_string().as_bytes(), DEEPEST);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// These bytes as they are, and all that can be unpacked from them.
    pub(super) fn bytes(&mut self, place: &str, bytes: &[u8], depth: u8) {
        self.looked += 1;
        self.masked += memchr::memmem::find_iter(bytes, "********").count();
        self.plain(place, bytes);
        // Spread over lines, as letters and papers break them.
        let joined: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if joined.len() != bytes.len() {
            self.plain(place, &joined);
        }
        if depth >= DEEPEST {
            return;
        }
        for (how, inner) in unpacked(bytes) {
            self.bytes(&format!("{place} › {how}"), &inner, depth + 1);
        }
    }

    fn plain(&mut self, place: &str, bytes: &[u8]) {
        // Most of what is looked at has no ten digits in a row.
        let mut digits = 0;
        let mut any = false;
        for byte in bytes {
            digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
            any |= digits >= ENOUGH - 1;
        }
        if !any {
            return;
        }
        for (piece, number) in &self.pieces {
            if memchr::memmem::find(bytes, piece).is_some() {
                self.found.insert(format!("{place}: {number}"));
            }
        }
    }
}

/// What is packed in some bytes, in each form that the program or its readers know: its name and the bytes.
fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    for at in memchr::memmem::find_iter(bytes, b"\x28\xb5\x2f\xfd") {
        let mut inner = Vec::new();
        let frame = &bytes[at..];
        if let Ok(reader) = zstd::stream::read::Decoder::new(frame) {
            let _ = reader.single_frame().take(MOST).read_to_end(&mut inner);
            out.push((format!("zstd at {at}"), inner));
        }
    }
    if let Ok((size, _)) = lz4_flex::block::uncompressed_size(bytes)
        && (size as u64) < MOST
        && size > bytes.len() / 2
        && let Ok(inner) = lz4_flex::decompress_size_prepended(bytes)
    {
        out.push(("lz4".to_owned(), inner));
    }
    if bytes.starts_with(b"\x1f\x8b") {
        let mut inner = Vec::new();
        let _ = flate2::read::MultiGzDecoder::new(bytes).take(MOST).read_to_end(&mut inner);
        out.push(("gzip".to_owned(), inner));
    }
    if bytes.starts_with(b"PK\x03\x04")
        && let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes))
    {
        for at in 0..archive.len() {
            let part = archive.by_index(at).expect("a part");
            let name = part.name().expect("a name").into_owned();
            let mut inner = Vec::new();
            let _ = part.take(MOST).read_to_end(&mut inner);
            out.push((name, inner));
        }
    }
    if memchr::memmem::find(bytes, b"=\r\n").is_some() || memchr::memmem::find(bytes, b"=3").is_some() {
        out.push(("quoted-printable".to_owned(), quoted_printable(bytes)));
    }
    // Blocks of letters, `data:` addresses, encoded words of headers.
    let code = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let mut run = Vec::new();
        while let Some(byte) = bytes.get(at) {
            let folded = matches!(byte, b'\r' | b'\n') && run.len() % 4 == 0 && !run.is_empty();
            if code(*byte) {
                run.push(*byte);
            } else if !folded {
                break;
            }
            at += 1;
        }
        let word = start >= 3 && matches!(bytes.get(start - 3..start), Some(b"?B?" | b"?b?"));
        if word {
            words.extend(base64(&run));
        } else if run.len() >= 16 {
            out.push((format!("base64 at {start}"), base64(&run)));
        }
        at += 1;
    }
    if !words.is_empty() {
        out.push(("encoded words".to_owned(), words));
    }
    // Characters written as numbers, of XML and HTML.
    if memchr::memmem::find(bytes, b"&#").is_some() {
        out.push(("character references".to_owned(), references(bytes)));
    }
    out
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        let code = hex.and_then(|two| u8::from_str_radix(two, 16).ok());
        match (byte, code) {
            (b'=', _) if bytes.get(at + 1..at + 3) == Some(b"\r\n") => at += 3,
            (b'=', _) if bytes.get(at + 1) == Some(&b'\n') => at += 2,
            (b'=', Some(code)) => {
                out.push(code);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

fn base64(run: &[u8]) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut out = Vec::with_capacity(run.len());
    for four in run.chunks(4) {
        let bits = four.iter().fold(0, |bits, byte| bits << 6 | value(*byte)) << (6 * (4 - four.len()));
        let whole = [bits >> 16, bits >> 8, bits].map(|part| u8::try_from(part & 0xff).expect("a byte"));
        out.extend_from_slice(&whole[..four.len().saturating_sub(1)]);
    }
    out
}

fn references(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find("&#") {
        out.push_str(&rest[..at]);
        let after = &rest[at + 2..];
        let code = after.split(';').next().unwrap_or_default();
        let number = match code.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => code.parse().ok(),
        };
        if let Some(c) = number.and_then(char::from_u32) {
            out.push(c);
            rest = after.get(code.len() + 1..).unwrap_or_default();
        } else {
            out.push_str("&#");
            rest = after;
        }
    }
    out.push_str(rest);
    out.into_bytes()
}
