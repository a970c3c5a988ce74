//! As much of an X.509 certificate as a report tells: validity, names, subject and issuer. Verifying is left to webpki.

use chrono::{DateTime, NaiveDate, Utc};

use crate::calendar::{Instant8, in_beijing};

/// What was read of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) not_before: Instant8,
    pub(super) not_after: Instant8,
    /// Common name of the subject, or empty.
    pub(super) subject: String,
    /// Common name of the issuer, or empty.
    pub(super) issuer: String,
    /// Whether subject and issuer are the same name.
    pub(super) self_issued: bool,
    /// DNS names and addresses it is for.
    pub(super) names: Vec<String>,
}

/// Reads a certificate; `None` where it is none.
pub(super) fn leaf(der: &[u8]) -> Option<Leaf> {
    let certificate = Reader(der).expect(SEQUENCE)?;
    let mut tbs = Reader(Reader(certificate).expect(SEQUENCE)?);
    tbs.optional(VERSION);
    tbs.expect(INTEGER)?;
    tbs.expect(SEQUENCE)?;
    let issuer = tbs.expect(SEQUENCE)?;
    let mut validity = Reader(tbs.expect(SEQUENCE)?);
    let (not_before, not_after) = (instant(validity.next()?)?, instant(validity.next()?)?);
    let subject = tbs.expect(SEQUENCE)?;
    tbs.expect(SEQUENCE)?;
    tbs.optional(ISSUER_ID);
    tbs.optional(SUBJECT_ID);
    let extensions = tbs.optional(EXTENSIONS).and_then(|body| Reader(body).expect(SEQUENCE));
    Some(Leaf {
        not_before,
        not_after,
        subject: common_name(subject),
        issuer: common_name(issuer),
        self_issued: subject == issuer,
        names: extensions.map(alternative_names).unwrap_or_default(),
    })
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const BMP: u8 = 0x1e;
const BOOLEAN: u8 = 0x01;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const ISSUER_ID: u8 = 0x81;
const SUBJECT_ID: u8 = 0x82;
const EXTENSIONS: u8 = 0xa3;
/// 2.5.4.3
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
/// 2.5.29.17
const ALTERNATIVE_NAMES: [u8; 3] = [0x55, 0x1d, 0x11];
/// Names listed of one certificate; some carry hundreds.
const MOST_NAMES: usize = 20;

/// DER values one after the other.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next value: its tag and its content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], mut rest) = self.0.split_first_chunk::<2>()?;
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
            rest = after;
            // Four bytes of length are more than any certificate needs.
            (1..=4).contains(&bytes.len()).then_some(())?;
            bytes.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte))
        };
        let (content, after) = rest.split_at_checked(length)?;
        self.0 = after;
        Some((tag, content))
    }

    /// The next value, which must carry this tag.
    fn expect(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }

    /// The next value, if it carries this tag.
    fn optional(&mut self, wanted: u8) -> Option<&'a [u8]> {
        if self.0.first() == Some(&wanted) { self.expect(wanted) } else { None }
    }
}

fn instant((tag, text): (u8, &[u8])) -> Option<Instant8> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i32 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let mut parts = [0_u32; 5];
    let mut rest = rest;
    for part in &mut parts {
        let (two, after) = rest.split_at_checked(2)?;
        (*part, rest) = (two.parse().ok()?, after);
    }
    let [month, day, hour, minute, second] = parts;
    let at = NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(hour, minute, second)?;
    Some(in_beijing(DateTime::<Utc>::from_naive_utc_and_offset(at, Utc)))
}

fn common_name(name: &[u8]) -> String {
    let mut sets = Reader(name);
    let mut found = String::new();
    while let Some(set) = sets.expect(SET) {
        let Some(pair) = Reader(set).expect(SEQUENCE) else { continue };
        let mut pair = Reader(pair);
        if pair.expect(OID) == Some(&COMMON_NAME)
            && let Some((tag, text)) = pair.next()
        {
            found = string(tag, text);
        }
    }
    found
}

fn string(tag: u8, text: &[u8]) -> String {
    if tag == BMP {
        let units: Vec<u16> =
            text.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        return String::from_utf16_lossy(&units);
    }
    String::from_utf8_lossy(text).into_owned()
}

fn alternative_names(extensions: &[u8]) -> Vec<String> {
    let mut all = Reader(extensions);
    while let Some(extension) = all.expect(SEQUENCE) {
        let mut extension = Reader(extension);
        if extension.expect(OID) != Some(&ALTERNATIVE_NAMES) {
            continue;
        }
        extension.optional(BOOLEAN);
        let Some(list) = extension.expect(OCTETS).and_then(|octets| Reader(octets).expect(SEQUENCE)) else {
            break;
        };
        let mut list = Reader(list);
        let mut names = Vec::new();
        while let Some((tag, value)) = list.next() {
            match (tag, value) {
                (0x82, name) => names.push(String::from_utf8_lossy(name).into_owned()),
                (0x87, &[a, b, c, d]) => names.push(std::net::Ipv4Addr::new(a, b, c, d).to_string()),
                _ => {}
            }
        }
        names.truncate(MOST_NAMES);
        return names;
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    fn sample() -> Vec<u8> {
        let pem = include_bytes!("../../tests/it/kit/tls/leaf.pem");
        CertificateDer::from_pem_slice(pem).expect("a certificate").to_vec()
    }

    #[test]
    fn a_certificate_is_read() {
        let read = leaf(&sample()).expect("a certificate");
        assert_eq!(read.names, ["secure.test"]);
        assert!(!read.self_issued && read.not_before < read.not_after, "{read:?}");
    }

    #[test]
    fn whatever_is_cut_or_broken_is_none_or_less() {
        let whole = sample();
        for cut in 0..whole.len() {
            assert_eq!(leaf(&whole[..cut]), None, "{cut} bytes of it");
        }
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0x80;
            // Must not panic; what comes of it is of no matter.
            let _ = leaf(&broken);
        }
    }

    #[test]
    fn both_forms_of_time() {
        let of = |tag, text: &str| instant((tag, text.as_bytes())).map(|at| at.to_rfc3339());
        assert_eq!(of(UTC_TIME, "261122040506Z").as_deref(), Some("2026-11-22T12:05:06+08:00"));
        assert_eq!(of(UTC_TIME, "990101000000Z").as_deref(), Some("1999-01-01T08:00:00+08:00"));
        assert_eq!(of(GENERALIZED_TIME, "20500101000000Z").as_deref(), Some("2050-01-01T08:00:00+08:00"));
        for wrong in ["", "Z", "2611220405Z", "269922040506Z", "26年1220405Z"] {
            assert_eq!(of(UTC_TIME, wrong), None, "{wrong}");
        }
    }
}
