//! Bytes to text in the order browsers use: BOM, Content-Type header, meta, guess.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

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
}

/// Reads `body` as a browser would, except where the declared label plainly contradicts the bytes: then as the bytes say.
pub fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    if let Some((encoding, bom)) = Encoding::for_bom(body) {
        let (text, _) = encoding.decode_without_bom_handling(body.get(bom..).unwrap_or_default());
        return Decoded { text, encoding, contradicted: None };
    }
    let declared = content_type.and_then(header_label).or_else(|| meta_label(body));
    if let Some(encoding) = declared {
        return honour(body, encoding);
    }
    let encoding = guess(body);
    Decoded { text: encoding.decode_without_bom_handling(body).0, encoding, contradicted: None }
}

/// Decodes by the declared encoding, unless many bytes do not fit it and all fit another.
fn honour<'a>(body: &'a [u8], declared: &'static Encoding) -> Decoded<'a> {
    let (text, broken) = declared.decode_without_bom_handling(body);
    let suspicious = broken || (declared != UTF_8 && !body.is_ascii() && std::str::from_utf8(body).is_ok());
    if !suspicious {
        return Decoded { text, encoding: declared, contradicted: None };
    }
    let other = if std::str::from_utf8(body).is_ok() { UTF_8 } else { guess(body) };
    if other == declared {
        return Decoded { text, encoding: declared, contradicted: None };
    }
    let (theirs, _) = other.decode_without_bom_handling(body);
    let (ours_bad, theirs_bad) = (strange(&text), strange(&theirs));
    // A stray byte or two is damage, not another encoding; real contradiction is wholesale.
    if ours_bad >= 8 && theirs_bad * 4 < ours_bad {
        Decoded { text: theirs, encoding: other, contradicted: Some(declared) }
    } else {
        Decoded { text, encoding: declared, contradicted: None }
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

fn header_label(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("charset") {
            return None;
        }
        Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes())
    })
}

/// The label of the first `<meta charset>` or `<meta http-equiv content>`, comments skipped.
fn meta_label(body: &[u8]) -> Option<&'static Encoding> {
    let head = body.get(..META_REACH.min(body.len()))?;
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'<', head.get(at..)?) {
        let tag = head.get(at + open..)?;
        if tag.starts_with(b"<!--") {
            at += open + memchr::memmem::find(tag, b"-->")? + 3;
            continue;
        }
        let close = memchr::memchr(b'>', tag).unwrap_or(tag.len());
        let inside = tag.get(..close)?;
        if inside.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"<meta")) {
            let lower = inside.to_ascii_lowercase();
            if let Some(encoding) = charset_in(&lower) {
                return Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding });
            }
        }
        at += open + 1;
    }
    None
}

fn charset_in(tag: &[u8]) -> Option<&'static Encoding> {
    for found in memchr::memmem::find_iter(tag, b"charset") {
        let mut rest = tag.get(found + 7..)?.trim_ascii_start();
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
        if let Some(encoding) = Encoding::for_label(rest.get(..end)?) {
            return Some(encoding);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{BIG5, GB18030, GBK};

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
