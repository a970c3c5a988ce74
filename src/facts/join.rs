//! Addresses of links joined to the page's own, as browsers do it; the plain ones, nearly all of them, without parsing.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use url::{Position, Url};

/// The WHATWG `href` of a raw address on a page; a query is written in the page's encoding.
pub(super) fn join(base: &Url, raw: &str, encoding: &'static Encoding) -> Option<String> {
    if let Some(plain) = join_plain(base, raw) {
        return Some(plain);
    }
    let encode = query_encoder(encoding);
    let options = Url::options().base_url(Some(base));
    // WHATWG: the encoding of the query is the document's, UTF-16 counting as UTF-8.
    let parsed = if encoding.output_encoding() == UTF_8 {
        options.parse(raw)
    } else {
        options.encoding_override(Some(&encode)).parse(raw)
    };
    parsed.ok().map(String::from)
}

fn query_encoder(encoding: &'static Encoding) -> impl for<'t> Fn(&'t str) -> Cow<'t, [u8]> {
    move |text| Cow::Owned(encoding.encode(text).0.into_owned())
}

/// Joins an address in which nothing needs decoding, encoding, folding or cutting: whatever is the least out of the ordinary is left to
/// the parser.
pub(super) fn join_plain(base: &Url, raw: &str) -> Option<String> {
    if !matches!(base.scheme(), "http" | "https")
        || raw.is_empty()
        || !raw.bytes().all(|b| PLAIN[usize::from(b)])
    {
        return None;
    }
    let raw_path = |rest: &str| !rest.contains("/.") && !rest.starts_with('.');
    let joined = |start: &str, rest: &str| {
        let mut out = String::with_capacity(start.len() + rest.len());
        out.push_str(start);
        out.push_str(rest);
        out
    };
    if raw.starts_with('/') {
        let plain = !raw.starts_with("//") && raw_path(raw);
        return plain.then(|| joined(&base[..Position::BeforePath], raw));
    }
    if let Some(rest) = raw.strip_prefix("http://").or_else(|| raw.strip_prefix("https://")) {
        let (host, path) = rest.split_at(rest.find('/')?);
        let (name, port) = host.split_once(':').unwrap_or((host, ""));
        let plain = (is_plain_host(name) || name.parse::<std::net::Ipv4Addr>().is_ok())
            && (port.is_empty() && name == host || is_plain_port(port));
        return (plain && raw_path(path)).then(|| raw.to_owned());
    }
    let mut rest = raw.strip_prefix("./").unwrap_or(raw);
    let mut up = 0;
    while let Some(above) = rest.strip_prefix("../") {
        (rest, up) = (above, up + 1);
    }
    if rest.is_empty() || rest.starts_with(['?', '/']) || rest.contains(':') || !raw_path(rest) {
        return None;
    }
    let own = &base[..Position::AfterPath];
    let root = base[..Position::BeforePath].len();
    let mut folder = own.rfind('/')?;
    for _ in 0..up {
        folder = own.get(root..folder).and_then(|path| path.rfind('/')).map_or(root, |at| root + at);
    }
    own.get(..=folder).map(|folder| joined(folder, rest))
}

/// Of every byte, whether it [`is_plain`].
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        plain[byte as usize] = is_plain(byte);
        byte += 1;
    }
    plain
};

/// Bytes that stand for themselves in a path as in a query.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'_' | b'.' | b'~' | b'/' | b'=' | b'&' | b'+' | b',' | b';' | b':' | b'@' | b'?'
        )
}

/// A port as parsing writes it, which is no scheme's own.
fn is_plain_port(port: &str) -> bool {
    !matches!(port, "80" | "443")
        && !port.starts_with('0')
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && port.parse::<u16>().is_ok()
}

/// A name in lower case that is no number and needs no IDNA.
fn is_plain_host(host: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    let last = host.rsplit('.').next().unwrap_or_default();
    host.bytes().all(plain)
        && last.starts_with(|c: char| c.is_ascii_lowercase())
        && !host.starts_with('.')
        && !host.contains("..")
        && !host.contains("xn--")
        && host.len() < 200
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_addresses_take_the_short_way() {
        let base = Url::parse("https://www.city.gov.cn:8443/zwgk/tzgg/index.html?p=2#top").expect("a URL");
        for (raw, expected) in [
            ("/a/b.html", "https://www.city.gov.cn:8443/a/b.html"),
            ("./202611/t20261102_7.html", "https://www.city.gov.cn:8443/zwgk/tzgg/202611/t20261102_7.html"),
            ("index_2.html?x=1&y=2", "https://www.city.gov.cn:8443/zwgk/tzgg/index_2.html?x=1&y=2"),
            ("http://www.gov.cn/", "http://www.gov.cn/"),
            ("http://a:8081/", "http://a:8081/"),
            ("http://10.0.0.7:8081/a", "http://10.0.0.7:8081/a"),
            ("../x", "https://www.city.gov.cn:8443/zwgk/x"),
            ("../../../x/", "https://www.city.gov.cn:8443/x/"),
        ] {
            assert_eq!(join_plain(&base, raw).as_deref(), Some(expected), "{raw}");
        }
        for raw in [
            "",
            "#",
            "..",
            "../",
            ".././x",
            "a/../x",
            "/a/./b",
            "//h/x",
            "http://H/",
            "http://1.2.3/",
            "http://1.2.3.04/",
            "http://h.1/",
            "http://a:80/",
            "http://a:/",
            "http://a:081/",
            "http://a:65536/",
            "a b",
            "新闻.html",
            "?x",
            "/a\\b",
            "javascript:x",
            "http://a",
            "/%2e%2e/x",
            "http://xn--a/",
            "mailto:a@b",
        ] {
            assert_eq!(join_plain(&base, raw), None, "{raw}");
        }
        assert_eq!(join_plain(&Url::parse("file:///a/b").expect("a URL"), "/c"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(5_000) })]
        #[test]
        fn the_short_way_leads_where_the_parser_leads(
            base in "https?://[a-z0-9.]{1,8}(:[0-9]{1,3})?(/[a-z0-9.~;]{0,4}){0,3}(\\?[a-z/]{0,3})?",
            raw in "((https?:/{0,3})|(\\.\\./){0,4})?[a-z0-9/.:@?&=;+,~_%A-]{0,14}",
        ) {
            if let Ok(base) = Url::parse(&base)
                && let Some(short) = join_plain(&base, &raw)
            {
                let long = base.join(&raw).map(String::from);
                prop_assert_eq!(Ok(short), long, "{} + {}", base, raw);
            }
        }
    }
}
