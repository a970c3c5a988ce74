//! The text in files to download: Word and Excel in their XML formats, OFD, plain text; numbers of persons masked.
//!
//! A file may be made to hurt its reader: how many parts are listed, how many bytes are unpacked and how much text is kept is bounded,
//! and what goes beyond that is not read rather than read in part.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use super::decode::decode;
use super::files::{ending, is_markup};
use super::maintext::PageText;
use super::office::{Strings, document, ofd_page, shared_strings, sheet};
use super::personal::mask;
use crate::exchange::Reply;

/// Endings of the files that can be read.
const READABLE: [&str; 7] = ["docx", "docm", "xlsx", "xlsm", "ofd", "txt", "csv"];
/// Endings of other documents with text in them, for which there is no reader.
const UNREADABLE: [&str; 11] = ["doc", "xls", "ppt", "pptx", "pdf", "wps", "et", "dps", "rtf", "ceb", "odt"];
/// Most characters kept of one file; a text of that length was cut.
pub const LONGEST: usize = 400_000;
/// Most parts of a package.
const PARTS: usize = 5_000;
/// Most bytes unpacked of one part, and of all parts of a file together.
const PART: u64 = 16 << 20;
const ALL_PARTS: u64 = 32 << 20;

/// Whether text in the file at this address can be read.
pub fn is_readable(url: &str) -> bool {
    ending(url).is_some_and(|ending| READABLE.contains(&ending.as_str()))
}

/// Whether the file at this address is a document with text in it that cannot be read.
pub fn is_beyond_us(url: &str) -> bool {
    ending(url).is_some_and(|ending| UNREADABLE.contains(&ending.as_str()))
}

/// Whether `body` is the whole file that `reply` brought.
pub fn is_whole(reply: &Reply, body: &[u8]) -> bool {
    match reply.status {
        200 => !reply.body_cut,
        206 => {
            let range = reply.header("content-range").and_then(|range| range.rsplit_once('/'));
            let total = range.and_then(|(_, total)| total.trim().parse::<usize>().ok());
            total == Some(body.len())
        }
        _ => false,
    }
}

/// Reads the text of the whole file `body` that came from `url`; `over` tells when to give up.
///
/// # Errors
/// A stable word where the file cannot be read: `file-format`, `file-locked`, `file-broken`, `file-too-large`.
pub fn read(url: &str, body: &[u8], mut over: impl FnMut() -> bool) -> Result<PageText, &'static str> {
    if is_markup(body) {
        return Err("file-format");
    }
    let mut text = if body.starts_with(b"PK") {
        packed(body, &mut over)?
    } else if ending(url).is_some_and(|ending| matches!(ending.as_str(), "txt" | "csv")) {
        plain(body)?
    } else {
        // What stands under the name of a package and is none is the affair of the attachment's own check.
        return Err("file-format");
    };
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
    }
    let (text, leaks) = mask(&text);
    let personal = !leaks.is_empty();
    Ok(PageText { text, leaks, personal })
}

fn plain(body: &[u8]) -> Result<String, &'static str> {
    // The header of a download names the encoding of the site's pages rather than the file's.
    let decoded = decode(body, None);
    let strange = decoded.text.chars().take(4_000).filter(|c| *c == '\u{fffd}' || *c == '\0').count();
    if strange > 40 {
        return Err("file-format");
    }
    Ok(decoded.text.replace("\r\n", "\n").replace('\r', "\n"))
}

fn packed(body: &[u8], over: &mut impl FnMut() -> bool) -> Result<String, &'static str> {
    if memchr::memmem::find_iter(body, b"PK\x01\x02").take(PARTS + 1).count() > PARTS {
        return Err("file-too-large");
    }
    let archive = ZipArchive::new(Cursor::new(body)).map_err(|error| word(&error))?;
    let names: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    let mut parts = Parts { archive, left: ALL_PARTS };
    let mut out = String::new();
    if names.iter().any(|name| name == "word/document.xml") {
        let more = numbered(&names, &["word/header", "word/footer", "word/footnotes", "word/endnotes"]);
        for name in std::iter::once("word/document.xml").chain(more) {
            if over() {
                return Err("file-too-large");
            }
            document(&parts.read(name)?, &mut out, LONGEST);
        }
    } else if names.iter().any(|name| name == "xl/workbook.xml") {
        let strings = if names.iter().any(|name| name == "xl/sharedStrings.xml") {
            shared_strings(&parts.read("xl/sharedStrings.xml")?)
        } else {
            Strings::default()
        };
        for name in numbered(&names, &["xl/worksheets/sheet"]) {
            if over() {
                return Err("file-too-large");
            }
            sheet(&parts.read(name)?, &strings, &mut out, LONGEST);
        }
    } else if names.iter().any(|name| name == "OFD.xml") {
        let pages = names.iter().filter(|name| name.ends_with("/Content.xml")).map(String::as_str);
        for name in in_order(pages.collect()) {
            if over() {
                return Err("file-too-large");
            }
            ofd_page(&parts.read(name)?, &mut out, LONGEST);
        }
    } else {
        return Err("file-format");
    }
    Ok(out)
}

struct Parts<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl Parts<'_> {
    /// One part, as text. What it says of its own size is not believed.
    fn read(&mut self, name: &str) -> Result<String, &'static str> {
        let part = self.archive.by_name(name).map_err(|error| word(&error))?;
        let most = PART.min(self.left);
        let mut bytes = Vec::new();
        part.take(most + 1).read_to_end(&mut bytes).map_err(|_| "file-broken")?;
        let length = bytes.len() as u64;
        if length > most {
            return Err("file-too-large");
        }
        self.left -= length;
        Ok(encoding_rs::UTF_8.decode(&bytes).0.into_owned())
    }
}

/// Parts that begin with any of `stems`, by their numbers.
fn numbered<'a>(names: &'a [String], stems: &[&str]) -> Vec<&'a str> {
    // Names in a package are told apart by their letters' case.
    let wanted = |name: &&String| {
        let stem = name.strip_suffix(".xml").filter(|stem| !stem.contains("_rels"));
        stem.is_some_and(|stem| stems.iter().any(|start| stem.starts_with(start)))
    };
    in_order(names.iter().filter(wanted).map(String::as_str).collect())
}

/// `sheet2` before `sheet10`.
fn in_order(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_by_key(|name| (name.len(), *name));
    names
}

fn word(error: &ZipError) -> &'static str {
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::InvalidPassword => "file-locked",
        _ => "file-broken",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::super::personal::Personal;
    use super::*;

    fn package(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
            zip.write_all(text.as_bytes()).expect("its text");
        }
        zip.finish().expect("a package").into_inner()
    }

    fn told(name: &str, body: &[u8]) -> Result<PageText, &'static str> {
        read(&format!("http://www.shili.gov.cn/fj/{name}"), body, || false)
    }

    const DOCX: &str = "<w:document xmlns:w=\"x\"><w:body><w:p><w:r><w:t>公示</w:t></w:r><w:r><w:t xml:space=\"preserve\">名单 &amp; </w:t>\
        </w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>张三</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>1380013</w:t></w:r><w:r>\
        <w:t>8023</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p><w:del><w:r><w:delText>删去</w:delText></w:r></w:del>\
        <mc:AlternateContent><mc:Choice><w:t>一次</w:t></mc:Choice><mc:Fallback><w:t>两次</w:t></mc:Fallback></mc:AlternateContent></w:p></w:body></w:document>";

    #[test]
    fn a_document_is_read_by_lines_and_rows_and_its_numbers_are_masked() {
        let body = package(&[
            ("[Content_Types].xml", "<x/>"),
            ("word/document.xml", DOCX),
            ("word/footer1.xml", "<w:p><w:t>页脚</w:t></w:p>"),
        ]);
        let read = told("a.docx", &body).expect("read");
        assert_eq!(read.text, "公示名单 & \n张三\t138******23\n一次\n页脚\n");
        assert_eq!((read.leaks.len(), read.leaks[0].kind, read.personal), (1, Personal::Mobile, true));
        assert_eq!(read.leaks[0].before, "张三\t");
    }

    #[test]
    fn a_workbook_is_read_by_rows_whatever_holds_its_strings() {
        let strings =
            "<sst><si><t>姓名</t></si><si><r><t>李</t></r><r><t>四</t></r><rPh><t>lisi</t></rPh></si></sst>";
        let first = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>电话</t></is></c></row>\
            <row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\"><f>1+1</f><v>13800138023</v></c></row></sheetData></worksheet>";
        let second = "<worksheet><sheetData><row><c t=\"s\"><v>99</v></c><c t=\"str\"><v>另表</v></c></row></sheetData></worksheet>";
        let body = package(&[
            ("xl/workbook.xml", "<x/>"),
            ("xl/sharedStrings.xml", strings),
            ("xl/worksheets/sheet10.xml", second),
            ("xl/worksheets/sheet2.xml", first),
        ]);
        let read = told("a.xlsx", &body).expect("read");
        assert_eq!(read.text, "姓名\t电话\n李四\t138******23\n\t另表\n");
        assert_eq!(read.leaks[0].before, "李四\t");
    }

    #[test]
    fn plain_text_and_ofd_are_read() {
        let gbk = encoding_rs::GBK.encode("姓名,电话\r\n王五,13800138023\r\n").0.into_owned();
        assert_eq!(told("a.csv", &gbk).expect("read").text, "姓名,电话\n王五,138******23\n");
        let page = "<ofd:Page><ofd:TextObject><ofd:TextCode X=\"1\">会议部暑</ofd:TextCode></ofd:TextObject></ofd:Page>";
        let body = package(&[("OFD.xml", "<x/>"), ("Doc_0/Pages/Page_0/Content.xml", page)]);
        assert_eq!(told("a.ofd", &body).expect("read").text, "会议部暑\n");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        assert_eq!(told("a.docx", b"\xd0\xcf\x11\xe0 locked").err(), Some("file-format"));
        assert_eq!(told("a.docx", b"PK\x03\x04 cut").err(), Some("file-broken"));
        assert_eq!(told("a.docx", &package(&[("x.txt", "x")])).err(), Some("file-format"));
        assert_eq!(told("a.txt", &[0_u8; 500]).err(), Some("file-format"));
        let mut broken = package(&[("word/document.xml", &DOCX.repeat(40))]);
        broken.iter_mut().skip(60).take(200).for_each(|byte| *byte ^= 0x55);
        assert!(told("a.docx", &broken).is_err());
    }

    #[test]
    fn bombs_cost_a_bounded_amount() {
        // 40 MiB of one letter in one part, and 60 parts of 8 MiB: a few kilobytes each on the wire.
        let large = "<w:t>".to_owned() + &"a".repeat(40 << 20);
        let body = package(&[("word/document.xml", &large)]);
        assert!(body.len() < 1 << 20);
        assert_eq!(told("a.docx", &body).err(), Some("file-too-large"));
        let sheet = format!("<row>{}", " ".repeat(8 << 20));
        let names: Vec<String> = (0..6).map(|n| format!("xl/worksheets/sheet{n}.xml")).collect();
        let mut parts: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), sheet.as_str())).collect();
        parts.push(("xl/workbook.xml", "<x/>"));
        assert_eq!(told("a.xlsx", &package(&parts)).err(), Some("file-too-large"));
        // One string of 20,000 characters that every cell names again.
        let strings = format!("<si><t>{}</t></si>", "长".repeat(20_000));
        let cells = "<row><c t=\"s\"><v>0</v></c></row>".repeat(100_000);
        let body = package(&[
            ("xl/workbook.xml", "<x/>"),
            ("xl/sharedStrings.xml", &strings),
            ("xl/worksheets/sheet1.xml", &cells),
        ]);
        assert_eq!(told("a.xlsx", &body).expect("cut").text.chars().count(), LONGEST);
        let many: Vec<String> = (0..=PARTS).map(|n| format!("word/x{n}.xml")).collect();
        let parts: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
        assert_eq!(told("a.docx", &package(&parts)).err(), Some("file-too-large"));
        let body = package(&[("word/document.xml", DOCX)]);
        assert_eq!(read("http://a.example/a.docx", &body, || true).err(), Some("file-too-large"));
    }

    #[test]
    fn a_file_is_whole_where_the_answer_says_so() {
        let reply = |status, range: &str, cut| Reply {
            url: String::new(),
            status,
            addr: None,
            headers: vec![("content-range".to_owned(), range.to_owned())],
            body_len: 3,
            body_sha256: String::new(),
            body_cut: cut,
        };
        assert!(
            is_whole(&reply(206, "bytes 0-2/3", true), b"abc") && is_whole(&reply(200, "", false), b"abc")
        );
        assert!(
            !is_whole(&reply(206, "bytes 0-2/4711", true), b"abc")
                && !is_whole(&reply(200, "", true), b"abc")
        );
        assert!(
            !is_whole(&reply(206, "bytes 0-2/*", true), b"abc") && !is_whole(&reply(404, "", false), b"abc")
        );
    }
}
