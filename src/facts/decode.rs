//! Bytes to text in the order browsers use: BOM, Content-Type header, meta, guess.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    Encoding, GB18030, GBK, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED,
};

use super::page::{CharsetFault, CharsetFaultKind, CharsetFrom};

/// How far into a page a late meta is still looked for; the standard's prescan stops at 1,024 bytes, real pages do not.
const META_REACH: usize = 8 * 1024;

/// A decoded page.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The text; what no character stands for is U+FFFD.
    pub text: Cow<'a, str>,
    /// The encoding it was read in.
    pub encoding: &'static Encoding,
    /// What the page or its header claimed, where the bytes say otherwise.
    pub contradicted: Option<&'static Encoding>,
    /// Every wrong statement about the encoding, the strongest first.
    pub faults: Vec<CharsetFault>,
}

/// Reads `body` as a browser would, except where the declared label plainly contradicts the bytes: then as the bytes say.
pub fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    let header = content_type.and_then(header_label);
    let meta = meta_label(body);
    let mut read = if let Some((encoding, bom)) = Encoding::for_bom(body) {
        let (text, _) = encoding.decode_without_bom_handling(body.get(bom..).unwrap_or_default());
        Decoded { text, encoding, contradicted: None, faults: Vec::new() }
    } else if let Some(declared) = [&header, &meta].into_iter().flatten().find_map(Label::usable) {
        honour(body, declared)
    } else {
        let encoding = guess(body);
        let text = encoding.decode_without_bom_handling(body).0;
        Decoded { text, encoding, contradicted: None, faults: Vec::new() }
    };
    read.faults = faults(&read, header.as_ref(), meta.as_ref(), body);
    read
}

/// A declared encoding.
struct Label<'a> {
    from: CharsetFrom,
    written: Cow<'a, str>,
    encoding: Option<&'static Encoding>,
}

impl<'a> Label<'a> {
    fn new(from: CharsetFrom, written: Cow<'a, str>) -> Self {
        let encoding = Encoding::for_label(written.as_bytes());
        Self { from, written, encoding }
    }

    /// The encoding to read by. Labels that browsers refuse to read by (`hz-gb-2312`) are none, so that a page with one is read all the same.
    fn usable(&self) -> Option<&'static Encoding> {
        let encoding = self.encoding.filter(|encoding| *encoding != REPLACEMENT)?;
        let by_bytes = self.from != CharsetFrom::Header;
        Some(match encoding {
            // Who could read the label has not read UTF-16.
            e if by_bytes && (e == UTF_16LE || e == UTF_16BE) => UTF_8,
            e if by_bytes && e == X_USER_DEFINED => WINDOWS_1252,
            e => e,
        })
    }
}

fn faults(
    read: &Decoded<'_>,
    header: Option<&Label<'_>>,
    meta: Option<&Label<'_>>,
    body: &[u8],
) -> Vec<CharsetFault> {
    let bom = Encoding::for_bom(body).is_some();
    if header.is_none() && meta.is_none() {
        let silent = !bom && !body.is_ascii();
        let missing =
            CharsetFault { from: CharsetFrom::Meta, label: String::new(), fault: CharsetFaultKind::Missing };
        return if silent { vec![missing] } else { Vec::new() };
    }
    let fault = |label: &Label<'_>| {
        let fault = match label.encoding {
            None => CharsetFaultKind::Unknown,
            Some(encoding) if same_script(encoding, read.encoding) => return None,
            // In plain ASCII every label but UTF-16 says the same.
            Some(encoding) if body.is_ascii() && encoding.is_ascii_compatible() => return None,
            Some(_) => CharsetFaultKind::Differs,
        };
        Some(CharsetFault { from: label.from, label: label.written.chars().take(40).collect(), fault })
    };
    [header, meta].into_iter().flatten().filter_map(fault).collect()
}

/// Whether two labels mean the same to a reader: GBK is read by the tables of GB18030.
fn same_script(a: &'static Encoding, b: &'static Encoding) -> bool {
    let chinese = |encoding: &'static Encoding| encoding == GBK || encoding == GB18030;
    a == b || (chinese(a) && chinese(b))
}

/// Decodes by the declared encoding, unless many bytes do not fit it and all fit another.
fn honour<'a>(body: &'a [u8], declared: &'static Encoding) -> Decoded<'a> {
    let (text, broken) = declared.decode_without_bom_handling(body);
    let kept = |text| Decoded { text, encoding: declared, contradicted: None, faults: Vec::new() };
    let wide = declared == UTF_16LE || declared == UTF_16BE;
    let suspicious = broken
        || (wide && bare_utf16(body).is_none())
        || (declared != UTF_8 && !body.is_ascii() && std::str::from_utf8(body).is_ok());
    if !suspicious {
        return kept(text);
    }
    let other = if std::str::from_utf8(body).is_ok() { UTF_8 } else { guess(body) };
    if other == declared {
        return kept(text);
    }
    let (theirs, _) = other.decode_without_bom_handling(body);
    let (ours_bad, theirs_bad) = (strange(&text), strange(&theirs));
    // A stray byte or two is damage, not another encoding; real contradiction is wholesale. Markup that is none when
    // two bytes are taken for one character was not written so.
    let no_markup = wide && !text.contains('<') && theirs.contains('<');
    if no_markup || (ours_bad >= 8 && theirs_bad * 4 < ours_bad) {
        Decoded { text: theirs, encoding: other, contradicted: Some(declared), faults: Vec::new() }
    } else {
        kept(text)
    }
}

/// Characters that no Chinese page means: replacements, private use, and the CJK that UTF-8 read as GBK yields.
fn strange(text: &str) -> usize {
    text.chars()
        .filter(|c| {
            matches!(
                c,
                '\u{fffd}' | '\u{e000}'
                    ..='\u{f8ff}' | '锟' | '斤' | '鈥' | '銆' | '锛' | '鐨' | '鍥' | '闂' | '绉' | '勫'
            )
        })
        .count()
}

fn guess(body: &[u8]) -> &'static Encoding {
    if let Some(encoding) = bare_utf16(body) {
        return encoding;
    }
    if std::str::from_utf8(body).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body.get(..body.len().min(256 * 1024)).unwrap_or(body), true);
    detector.guess(Some(b"cn"), Utf8Detection::Allow)
}

/// UTF-16 without a BOM: every other byte of the opening markup is zero.
fn bare_utf16(body: &[u8]) -> Option<&'static Encoding> {
    let head = body.get(..64.min(body.len()))?;
    if head.len() < 16 {
        return None;
    }
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    if odd * 10 >= half * 7 && even == 0 {
        Some(UTF_16LE)
    } else if even * 10 >= half * 7 && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn header_label(content_type: &str) -> Option<Label<'_>> {
    content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("charset") {
            return None;
        }
        let value = value.trim().trim_matches(['"', '\'']);
        (!value.is_empty()).then(|| Label::new(CharsetFrom::Header, value.into()))
    })
}

/// The label of the first `<meta charset>` or `<meta http-equiv content>` that names an encoding, comments skipped; else of the
/// XML declaration; else the first that names none.
fn meta_label(body: &[u8]) -> Option<Label<'_>> {
    let head = body.get(..META_REACH.min(body.len()))?;
    let mut unknown = None;
    let mut at = 0;
    while let Some(open) = head.get(at..).and_then(|rest| memchr::memchr(b'<', rest)) {
        let tag = head.get(at + open..)?;
        if tag.starts_with(b"<!--") {
            let Some(end) = memchr::memmem::find(tag, b"-->") else { break };
            at += open + end + 3;
            continue;
        }
        if tag.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"<meta")) {
            let close = memchr::memchr(b'>', tag).unwrap_or(tag.len());
            match label_in(tag.get(..close)?, b"charset", CharsetFrom::Meta) {
                Some(label) if label.encoding.is_some() => return Some(label),
                other => unknown = unknown.or(other),
            }
        }
        at += open + 1;
    }
    let declaration = head.strip_prefix(b"<?xml").and_then(|rest| rest.split(|b| *b == b'>').next());
    let xml = declaration.and_then(|rest| label_in(rest, b"encoding", CharsetFrom::Xml));
    xml.filter(|label| label.encoding.is_some()).or(unknown)
}

/// The label after `name` and `=` in a tag: the first that names an encoding, else the first.
fn label_in<'a>(tag: &'a [u8], name: &[u8], from: CharsetFrom) -> Option<Label<'a>> {
    let lower = tag.to_ascii_lowercase();
    let mut unknown = None;
    for found in memchr::memmem::find_iter(&lower, name) {
        let mut rest = tag.get(found + name.len()..)?.trim_ascii_start();
        if rest.first() != Some(&b'=') {
            continue;
        }
        rest = rest.get(1..)?.trim_ascii_start();
        while matches!(rest.first(), Some(b'"' | b'\'')) {
            rest = rest.get(1..)?.trim_ascii_start();
        }
        let end = rest
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || b"-_.:".contains(b)))
            .unwrap_or(rest.len());
        let label = Label::new(from, String::from_utf8_lossy(rest.get(..end)?));
        if label.encoding.is_some() {
            return Some(label);
        }
        unknown = unknown.or(Some(label).filter(|label| !label.written.is_empty()));
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::BIG5;

    fn gbk(text: &str) -> Vec<u8> {
        GBK.encode(text).0.into_owned()
    }

    #[test]
    fn order_of_precedence() {
        let page = "<meta charset=gb2312><p>通知公告：关于放假安排的通知</p>";
        assert_eq!(decode(page.as_bytes(), Some("text/html; charset=UTF-8")).encoding, UTF_8);
        assert_eq!(decode(&gbk(page), None).encoding, GBK);
        assert_eq!(decode(&gbk(page), Some("text/html")).text, page);
        let mut bom = vec![0xef, 0xbb, 0xbf];
        bom.extend_from_slice("通知".as_bytes());
        let read = decode(&bom, Some("text/html; charset=gbk"));
        assert_eq!((read.encoding, &*read.text), (UTF_8, "通知"));
    }

    #[test]
    fn labels_in_every_dress() {
        for (meta, want) in [
            ("<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=GB2312'>", GBK),
            ("<meta charset = \"gb18030\" />", GB18030),
            ("<!-- <meta charset=big5> --><meta charset=utf-8>", UTF_8),
            ("<meta name=a content='charset'><meta charset=big5>", BIG5),
            ("<meta charset=utf-16le>", UTF_8),
        ] {
            assert_eq!(decode(meta.as_bytes(), None).encoding, want, "{meta}");
        }
    }

    #[test]
    fn a_wrong_label_is_read_rightly_and_said() {
        let text = "<meta charset=utf-8><title>某县人民政府</title>关于印发实施方案的通知，请认真贯彻执行。"
            .repeat(3);
        let read = decode_owned(&gbk(&text), None);
        assert_eq!(read, (text.clone(), GBK, Some(UTF_8)));
        let text = text.replace("charset=utf-8", "charset=gb2312");
        assert_eq!(decode_owned(text.as_bytes(), None), (text.clone(), UTF_8, Some(GBK)));
    }

    fn faults_of(body: &[u8], header: Option<&str>) -> Vec<(CharsetFrom, String, CharsetFaultKind)> {
        let read = decode(body, header);
        read.faults.into_iter().map(|fault| (fault.from, fault.label, fault.fault)).collect()
    }

    #[test]
    fn wrong_labels_are_facts() {
        use {CharsetFaultKind as Kind, CharsetFrom as From};
        let text = "<meta charset=GB2312><title>某县人民政府</title>关于印发实施方案的通知，请认真贯彻执行。"
            .repeat(3);
        let utf8 = text.as_bytes();
        assert_eq!(faults_of(&gbk(&text), Some("text/html; charset=GB18030")), []);
        assert_eq!(faults_of(&gbk(&text), None), []);
        let differs = |from, label: &str| (from, label.to_owned(), Kind::Differs);
        assert_eq!(faults_of(utf8, Some("text/html; charset=utf-8")), [differs(From::Meta, "GB2312")]);
        assert_eq!(
            faults_of(&gbk(&text), Some("text/html;charset=UTF-8")),
            [differs(From::Header, "UTF-8")],
            "the header is wrong, the page is right"
        );
        let mut marked = vec![0xef, 0xbb, 0xbf];
        marked.extend_from_slice(utf8);
        assert_eq!(
            faults_of(&marked, Some("text/html; charset=gbk")),
            [differs(From::Header, "gbk"), differs(From::Meta, "GB2312")]
        );
        let unknown = text.replace("GB2312", "utf8mb4");
        assert_eq!(faults_of(unknown.as_bytes(), None), [(From::Meta, "utf8mb4".to_owned(), Kind::Unknown)]);
        assert_eq!(faults_of("通知公告".as_bytes(), None), [(From::Meta, String::new(), Kind::Missing)]);
        assert_eq!(faults_of(b"<meta charset=gbk>plain", Some("text/html; charset=utf-8")), []);
        assert_eq!(faults_of(b"plain", None), []);
    }

    #[test]
    fn wide_labels_on_narrow_pages() {
        let page = "<html><meta charset=utf-8><title>abc</title></html>";
        let read = decode(page.as_bytes(), Some("text/html; charset=utf-16"));
        assert_eq!((&*read.text, read.encoding, read.contradicted), (page, UTF_8, Some(UTF_16LE)));
        assert_eq!(read.faults.len(), 1);
        let wide: Vec<u8> = page.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let read = decode(&wide, Some("text/html; charset=utf-16be"));
        assert_eq!((&*read.text, read.contradicted), (page, None));
    }

    #[test]
    fn labels_of_xml_and_labels_nobody_reads_by() {
        let page = "<?xml version='1.0' encoding='GBK'?><html><title>通知公告</title></html>";
        assert_eq!(decode(&gbk(page), None).text, page);
        let page = "<meta charset=hz-gb-2312><title>某县人民政府关于印发实施方案的通知</title>";
        assert_eq!(decode(&gbk(page), None).text, page);
        let page = "<meta charset=nonsense><meta charset=gbk><title>通知公告</title>";
        assert_eq!(decode(&gbk(page), None).text, page);
    }

    #[test]
    fn a_damaged_byte_is_no_other_encoding() {
        let mut body = "<meta charset=utf-8>关于印发实施方案的通知".as_bytes().to_vec();
        body.push(0xe5);
        let read = decode(&body, None);
        assert_eq!((read.encoding, read.contradicted), (UTF_8, None));
    }

    #[test]
    fn no_label_at_all() {
        assert_eq!(decode(&gbk("关于做好年度工作的通知，各区县人民政府，市政府各部门"), None).encoding, GBK);
        assert_eq!(decode("关于做好年度工作的通知".as_bytes(), None).encoding, UTF_8);
        let utf16: Vec<u8> =
            "<html><title>abc</title></html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16, None).text, "<html><title>abc</title></html>");
    }

    fn decode_owned(
        body: &[u8],
        header: Option<&str>,
    ) -> (String, &'static Encoding, Option<&'static Encoding>) {
        let read = decode(body, header);
        (read.text.into_owned(), read.encoding, read.contradicted)
    }
}
