//! Files to download: whether what came is what the name says, by its size and its first bytes.

use serde::{Deserialize, Serialize};

use super::no_file::{self, Excuse};
use super::page::{LinkKind, PageFacts, PageKind};
use super::shapes;
use crate::exchange::{Exchange, Reply};

/// What is wrong with a file that came with success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFault {
    /// Not a byte.
    Empty,
    /// Whole, and shorter than any file of its format can be.
    Stump,
    /// A web page that tells of an error, or the home page, in the file's place.
    ErrorPage,
    /// A PDF under the name of something else.
    Pdf,
    /// An office document under the name of something that no office program opens.
    Office,
    /// A picture under the name of a document.
    Picture,
}

/// What a file's first bytes say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Pdf,
    /// The container of doc, xls, ppt, wps, msi.
    Ole,
    /// The container of docx, xlsx, ofd, apk and of archives.
    Zip,
    Picture,
    Markup,
    Unknown,
}

/// Bytes within which readers of PDF look for its mark.
const PDF_MARK_WITHIN: usize = 1024;
/// The least a compound document has: its header and two sectors.
const LEAST_OLE: u64 = 1536;
/// The least an archive has: its closing record.
const LEAST_ZIP: u64 = 22;
/// The least a PDF that shows anything has; the shortest ones built for the purpose have a hundred bytes more.
const LEAST_PDF: u64 = 67;

/// Marks of the markup that office programs save and open themselves.
const OFFICE_MARKS: [&[u8]; 5] = [
    b"urn:schemas-microsoft-com:office",
    b"mso-application",
    b"office:word",
    b"office:excel",
    b"content=\"Excel.Sheet",
];

/// What page titles say in place of a file.
const ERROR_TITLES: [&str; 14] = [
    "404",
    "403",
    "500",
    "502",
    "错误",
    "出错",
    "找不到",
    "不存在",
    "无法",
    "异常",
    "error",
    "not found",
    "exception",
    "forbidden",
];

/// True for an address whose path ends like a file to download.
pub fn is_named_as_file(url: &str) -> bool {
    ending(url).is_some_and(|ending| shapes::kind_by_ending(&format!("a.{ending}")) == LinkKind::Attachment)
}

/// True where a body begins as markup does, whatever its `Content-Type` says.
pub fn is_markup(body: &[u8]) -> bool {
    form(body) == Form::Markup
}

/// What is wrong with the file that `exchange` brought; `body` is its beginning, `page` what was read of it where it is
/// markup. `Ok(None)` for what is in order or not recognised, `Err` with a stable word where a web page stands in the file's
/// place and does not say why.
///
/// # Errors
/// The word for a gap.
pub fn examine(
    exchange: &Exchange,
    reply: &Reply,
    body: &[u8],
    page: Option<&PageFacts>,
) -> Result<Option<FileFault>, &'static str> {
    let Some(ending) = ending(&exchange.url) else { return Ok(None) };
    let whole = size(reply);
    if whole == Some(0) {
        return Ok(Some(FileFault::Empty));
    }
    if !(200..300).contains(&reply.status) || body.is_empty() {
        return Ok(None);
    }
    let form = form(body);
    let least = match form {
        Form::Pdf => LEAST_PDF,
        Form::Ole => LEAST_OLE,
        Form::Zip => LEAST_ZIP,
        _ => 0,
    };
    if whole.is_some_and(|size| size < least) {
        return Ok(Some(FileFault::Stump));
    }
    let ending = ending.as_str();
    let is = |list: &[&str]| list.contains(&ending);
    let document =
        is(&["doc", "docx", "docm", "xls", "xlsx", "xlsm", "ppt", "pptx", "wps", "et", "dps", "rtf"]);
    let strict = is(&[
        "pdf", "ofd", "ceb", "docx", "xlsx", "pptx", "zip", "rar", "7z", "gz", "tar", "tgz", "apk", "exe",
        "msi", "iso", "csv", "odt", "ods", "epub", "caj", "dwg",
    ]);
    Ok(match form {
        Form::Markup if !document && !strict => None,
        Form::Markup => return markup(exchange, reply, body, page, strict),
        Form::Pdf if document || is(&["ofd", "zip", "rar", "7z"]) => Some(FileFault::Pdf),
        Form::Ole if is(&["pdf", "ofd", "zip", "rar", "7z"]) => Some(FileFault::Office),
        Form::Zip if ending == "pdf" => Some(FileFault::Office),
        Form::Unknown if document || strict => match no_file::excuse(reply, body, page) {
            Some(Excuse::Missing) => Some(FileFault::ErrorPage),
            Some(Excuse::Login) => return Err("restricted"),
            None => None,
        },
        Form::Picture if document || is(&["pdf", "ofd", "zip", "rar", "7z"]) => Some(FileFault::Picture),
        _ => None,
    })
}

/// Markup in a file's place: what office programs save as markup opens in them, and a viewer's page shows the file; only
/// what says that it is an error, or is the home page, is known to be none of these.
fn markup(
    exchange: &Exchange,
    reply: &Reply,
    body: &[u8],
    page: Option<&PageFacts>,
    strict: bool,
) -> Result<Option<FileFault>, &'static str> {
    if OFFICE_MARKS.iter().any(|mark| memchr::memmem::find(body, mark).is_some()) {
        return Ok(None);
    }
    let Some(page) = page else { return Err("page-instead-of-file") };
    if page.kind == PageKind::Blocked {
        return Err("blocked");
    }
    let title = page.title.to_lowercase();
    let excuse = no_file::excuse(reply, body, Some(page));
    if excuse == Some(Excuse::Login) {
        return Err("restricted");
    }
    let said = excuse.is_some()
        || page.not_found.is_some()
        || page.maybe_not_found.is_some()
        || title.chars().count() <= 40 && ERROR_TITLES.iter().any(|word| title.contains(word));
    let home = exchange.hops.last().is_some()
        && url::Url::parse(exchange.final_url()).is_ok_and(|url| shapes::looks_like_home_url(&url));
    if said || home {
        return Ok(Some(FileFault::ErrorPage));
    }
    // Tables that programs export as markup are opened by office programs; nothing else opens markup as a document.
    if strict { Err("page-instead-of-file") } else { Ok(None) }
}

fn form(body: &[u8]) -> Form {
    let head = body.get(..PDF_MARK_WITHIN.min(body.len())).unwrap_or_default();
    if body.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return Form::Ole;
    }
    if [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|mark| body.starts_with(*mark)) {
        return Form::Zip;
    }
    let picture: [&[u8]; 4] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"];
    if picture.iter().any(|mark| body.starts_with(mark)) {
        return Form::Picture;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let markup: [&[u8]; 8] =
        [b"<!doctype html", b"<html", b"<head", b"<body", b"<meta", b"<script", b"<title", b"<!--"];
    if markup.iter().any(|word| begins(word)) {
        return Form::Markup;
    }
    if memchr::memmem::find(head, b"%PDF-").is_some() {
        return Form::Pdf;
    }
    Form::Unknown
}

/// The whole file's bytes, where the answer tells.
fn size(reply: &Reply) -> Option<u64> {
    let stated =
        reply.header("content-range").and_then(|range| range.rsplit('/').next()?.trim().parse().ok());
    match reply.status {
        200 if !reply.body_cut => Some(reply.body_len),
        206 | 416 => stated,
        _ => None,
    }
}

/// The ending of a URL's path, in lower case.
pub(super) fn ending(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let name = path.split_once("://")?.1.rsplit_once('/')?.1;
    let (_, ending) = name.rsplit_once('.')?;
    (ending.len() <= 5).then(|| ending.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::exchange::Hop;
    use crate::facts::html::read_page;
    use crate::facts::page::PageContext;

    fn brought(name: &str, body: &[u8], home: bool) -> Result<Option<FileFault>, &'static str> {
        let url = format!("http://www.shili.gov.cn/attach/{name}");
        let reply = Reply {
            url: url.clone(),
            status: 200,
            addr: None,
            headers: Vec::new(),
            body_len: body.len() as u64,
            body_sha256: String::new(),
            body_cut: false,
        };
        let hop =
            Hop { url: url.clone(), status: 302, to: "http://www.shili.gov.cn/".to_owned(), addr: None };
        let reply = if home { Reply { url: "http://www.shili.gov.cn/".to_owned(), ..reply } } else { reply };
        let hops = if home { vec![hop] } else { Vec::new() };
        let exchange =
            Exchange { url: url.clone(), at: from_millis(0), took_ms: 1, hops, outcome: Ok(reply.clone()) };
        let place = url::Url::parse(&url).expect("a URL");
        let cx = PageContext {
            url: &place,
            content_type: None,
            status: Some(200),
            as_of: from_millis(1_790_000_000_000),
            want_structure: false,
        };
        let page = is_markup(body).then(|| read_page(body, &cx, || false));
        examine(&exchange, &reply, body, page.as_ref())
    }

    type Told = Result<Option<FileFault>, &'static str>;

    #[test]
    fn names_and_first_bytes() {
        let long = |start: &[u8]| [start, &[b'x'; 4096]].concat();
        let ole = long(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
        let (zip, pdf, jpeg) = (long(b"PK\x03\x04"), long(b"\r\n%PDF-1.4"), long(b"\xff\xd8\xff\xe0"));
        let cases: [(&str, &[u8], Told); 27] = [
            ("a.pdf", &pdf, Ok(None)),
            ("a.PDF", &jpeg, Ok(Some(FileFault::Picture))),
            ("a.pdf", &ole, Ok(Some(FileFault::Office))),
            ("a.pdf", &zip, Ok(Some(FileFault::Office))),
            ("a.pdf", b"", Ok(Some(FileFault::Empty))),
            ("a.doc", b"", Ok(Some(FileFault::Empty))),
            ("a.doc", &ole, Ok(None)),
            ("a.doc", &zip, Ok(None)),
            ("a.docx", &ole, Ok(None)),
            ("a.doc", b"{\\rtf1\\ansi", Ok(None)),
            ("a.xls", "姓名\t单位\n".as_bytes(), Ok(None)),
            ("a.xls", b"<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><table>", Ok(None)),
            ("a.xls", b"<html><head><meta charset=utf-8></head><table><tr><td>1</td></tr></table>", Ok(None)),
            ("a.xls", "<html><title>404</title><body>404 Not Found</body></html>".as_bytes(), Ok(Some(FileFault::ErrorPage))),
            ("a.doc", "<!DOCTYPE html><html><title>提示信息</title><body>抱歉，您访问的页面不存在或已被删除！</body></html>".as_bytes(), Ok(Some(FileFault::ErrorPage))),
            ("a.doc", &pdf, Ok(Some(FileFault::Pdf))),
            ("a.zip", &ole, Ok(Some(FileFault::Office))),
            ("a.rar", &zip, Ok(None)),
            ("a.zip", b"Rar!\x1a\x07\x00", Ok(None)),
            ("a.docx", b"PK\x03\x04short", Ok(Some(FileFault::Stump))),
            ("a.pdf", "<html><title>附件预览</title><body>预览</body></html>".as_bytes(), Err("page-instead-of-file")),
            ("a.txt", b"<html><title>404</title>", Ok(None)),
            ("a.csv", b"<html><title>404 Not Found</title><body>404</body></html>", Ok(Some(FileFault::ErrorPage))),
            ("a.csv", "<html><title>统计数据</title><body>表格</body></html>".as_bytes(), Err("page-instead-of-file")),
            ("a.csv", "年份,产值\n2025,1\n".as_bytes(), Ok(None)),
            ("a.ofd", &zip, Ok(None)),
            ("a.pdf", &[0_u8; 5000], Ok(None)),
        ];
        for (name, body, expected) in cases {
            assert_eq!(
                brought(name, body, false),
                expected,
                "{name} {:?}",
                String::from_utf8_lossy(body).get(..40)
            );
        }
        let home = "<html><title>示例市人民政府</title><body>要闻 公告</body></html>".as_bytes();
        assert_eq!(brought("a.pdf", home, true), Ok(Some(FileFault::ErrorPage)));
    }

    #[test]
    fn an_unsatisfiable_range_tells_an_empty_file() {
        let reply = |status, range: &str| Reply {
            url: String::new(),
            status,
            addr: None,
            headers: vec![("content-range".to_owned(), range.to_owned())],
            body_len: 0,
            body_sha256: String::new(),
            body_cut: status == 206,
        };
        assert_eq!(size(&reply(416, "bytes */0")), Some(0));
        assert_eq!(size(&reply(206, "bytes 0-99/4711")), Some(4711));
        assert_eq!(size(&reply(206, "bytes 0-99/*")), None);
    }

    #[test]
    fn names_of_files() {
        assert!(is_named_as_file("http://a.example/x/y.PDF?from=1"));
        assert!(!is_named_as_file("http://a.example/x/y.html") && !is_named_as_file("http://a.doc"));
    }
}
