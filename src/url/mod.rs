//! The only place where a URL is normalised: [`CanonicalUrl`], and what it is grouped by, [`PolitenessKey`].
//!
//! Canonical means the WHATWG form without fragment and nothing else, because findings print the target as linked.

mod file;
mod session;

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

pub use self::session::{is_throwaway, without_session};

/// An http(s) URL in WHATWG form, without fragment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CanonicalUrl(Url);

/// Why a text is no [`CanonicalUrl`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// The WHATWG parser gives it up.
    #[error("not a URL: {0}")]
    Malformed(#[from] url::ParseError),
    /// It is a URL of another scheme, in lower case without the colon.
    #[error("scheme {0} is not http or https")]
    Scheme(String),
}

impl CanonicalUrl {
    /// Parses an absolute URL.
    ///
    /// # Errors
    /// [`UrlFault`] where it is none, or not http(s).
    pub fn parse(text: &str) -> Result<Self, UrlFault> {
        Self::from_url(resolve(None, text)?)
    }

    /// Resolves `href` as found on the page at this URL. A `<base>` is its own URL: parse it and join there.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn join(&self, href: &str) -> Result<Self, UrlFault> {
        Self::from_url(resolve(Some(&self.0), href)?)
    }

    /// Takes a parsed URL.
    ///
    /// # Errors
    /// [`UrlFault::Scheme`] where it is not http(s).
    pub fn from_url(mut url: Url) -> Result<Self, UrlFault> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(UrlFault::Scheme(url.scheme().to_owned()));
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The parsed URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The host as it stands in the URL: ASCII, lower case, IPv6 in brackets.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port connected to.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(80)
    }

    /// What pacing and robots.txt are kept by.
    pub fn host_key(&self) -> PolitenessKey {
        PolitenessKey::of(&self.0)
    }
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for CanonicalUrl {
    type Error = UrlFault;

    fn try_from(text: String) -> Result<Self, UrlFault> {
        Self::parse(&text)
    }
}

impl From<CanonicalUrl> for String {
    fn from(url: CanonicalUrl) -> Self {
        url.0.into()
    }
}

impl AsRef<str> for CanonicalUrl {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// What one owner of politeness stands for: the host, lower case without trailing dot, and the port where it is not
/// the scheme's own. `http` and `https` of one host share a key; two servers on one address with ports of their own do not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolitenessKey(String);

impl PolitenessKey {
    /// The key of a URL.
    pub fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
        Self(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
    }

    /// As text: `www.example.gov.cn`, `127.0.0.1:8080`, `[::1]:8080`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolitenessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The registrable domain of a host by the Public Suffix List: `www.beijing.gov.cn` → `beijing.gov.cn`.
/// `None` for addresses, single labels and bare suffixes (`gov.cn`).
pub fn registrable_domain(host: &str) -> Option<&str> {
    let host = host.trim_end_matches('.');
    let literal = matches!(Host::parse(host), Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_));
    if literal || !host.contains('.') { None } else { psl::domain_str(host) }
}

/// Whether two hosts belong to one site's owner: the same registrable domain, or the same host where there is none.
pub fn same_site(a: &str, b: &str) -> bool {
    let [a, b] = [a, b].map(|host| host.trim_end_matches('.').to_ascii_lowercase());
    match (registrable_domain(&a), registrable_domain(&b)) {
        (Some(left), Some(right)) => left == right,
        (None, None) => a == b,
        _ => false,
    }
}

/// The WHATWG `href` of a link: any scheme, fragment kept, nothing canonicalised. An empty `base` stands for none.
/// `None` where the standard says failure.
pub fn whatwg_href(base: &str, href: &str) -> Option<String> {
    if let Some(file) = file::file_url(base, href) {
        return file.ok().map(|url| url.to_string());
    }
    let url =
        if base.is_empty() { resolve(None, href) } else { resolve(Some(&resolve(None, base).ok()?), href) };
    url.ok().map(opaque_end_encoded)
}

/// Parses by the WHATWG rules, mending the spots where the `url` crate is known to leave them.
///
/// Refused on purpose although the standard has let them pass since June 2026: hosts of ASCII letters with a label
/// that begins with `xn--` and is no Punycode. No such name can be registered, and registers and findings print names.
fn resolve(base: Option<&Url>, href: &str) -> Result<Url, url::ParseError> {
    match veiled(base, href) {
        Some((base, href)) => {
            let url = parsed(base.as_deref().map(Url::parse).transpose()?.as_ref(), &href)?;
            Url::parse(&url.as_str().replace(VEIL_ENCODED, ":"))
        }
        None => parsed(base, href),
    }
}

/// A character of private use that stands for the colon of a drive letter, and what becomes of it in a URL.
const VEIL: &str = "\u{10fffd}";
const VEIL_ENCODED: &str = "%F4%8F%BF%BD";

/// Base and reference with the colons of `/C:/` hidden, where `..` would have to climb over them: only in `file:` URLs
/// is a drive letter a root, and the crate takes it for one everywhere.
fn veiled(base: Option<&Url>, href: &str) -> Option<(Option<String>, String)> {
    let climbs = href.contains("..") || href.contains("%2e") || href.contains("%2E");
    let base = base.filter(|base| base.scheme() != "file").map(Url::as_str);
    if !climbs || !(has_drive(href) || base.is_some_and(has_drive)) {
        return None;
    }
    let taken = |text: &str| text.contains(VEIL) || text.contains(VEIL_ENCODED);
    (!taken(href) && !base.is_some_and(taken)).then(|| (base.map(without_drives), without_drives(href)))
}

/// The places of colons after a single letter that is all of a path's segment.
fn drive_colons(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let slash =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|b| matches!(b, b'/' | b'\\'));
    memchr::memchr_iter(b':', bytes).filter(move |&at| {
        let letter = at.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
        let ends = bytes.get(at + 1).is_none_or(|b| matches!(b, b'/' | b'\\' | b'?' | b'#'));
        // After two slashes stands a host.
        letter && ends && slash(at.checked_sub(2)) && !slash(at.checked_sub(3))
    })
}

fn has_drive(text: &str) -> bool {
    drive_colons(text).next().is_some()
}

fn without_drives(text: &str) -> String {
    let mut veiled = text.to_owned();
    for at in drive_colons(text).collect::<Vec<_>>().into_iter().rev() {
        veiled.replace_range(at..=at, VEIL);
    }
    veiled
}

fn parsed(base: Option<&Url>, href: &str) -> Result<Url, url::ParseError> {
    let mut url = match base {
        None => Url::parse(href)?,
        Some(base) => base.join(mended(base, href).as_deref().unwrap_or(href))?,
    };
    // The standard's path percent-encode set has held the caret since 2024.
    if !url.cannot_be_a_base() && url.path().contains('^') {
        let path = url.path().replace('^', "%5E");
        url.set_path(&path);
    }
    Ok(url)
}

/// The last space of an opaque path before `?` or `#` is written `%20`, so that the text parses to the same URL again.
fn opaque_end_encoded(url: Url) -> String {
    let text = String::from(url);
    match text.find(['?', '#']).and_then(|end| text.split_at_checked(end)) {
        Some((path, rest)) => path.strip_suffix(' ').map(|path| format!("{path}%20{rest}")),
        None => None,
    }
    .unwrap_or(text)
}

/// References that the crate reads otherwise than browsers do, written so that both agree.
fn mended(base: &Url, href: &str) -> Option<String> {
    let lead = href.trim_start_matches(|c: char| c <= ' ');
    if !matches!(base.scheme(), "http" | "https" | "ws" | "wss" | "ftp" | "file") {
        // A backslash is no slash where the scheme is not special.
        return lead.starts_with('\\').then(|| format!("./{lead}"));
    }
    // `///host/path`: browsers skip every slash before the host, the crate takes the third for the path.
    let rest = lead.trim_start_matches(['/', '\\', '\t', '\n', '\r']);
    let run = lead.len() - rest.len();
    let count = lead.bytes().take(run).filter(|b| matches!(b, b'/' | b'\\')).count();
    (count > 2 && base.scheme() != "file").then(|| format!("//{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_drops_the_fragment_and_nothing_else() {
        let text = |s: &str| CanonicalUrl::parse(s).map(String::from);
        assert_eq!(
            text("HTTP://WWW.Example.GOV.cn:80/a/../b?utm_source=x#top"),
            Ok("http://www.example.gov.cn/b?utm_source=x".into())
        );
        assert_eq!(
            text("http://例子.测试/路径?q=值"),
            Ok("http://xn--fsqu00a.xn--0zwm56d/%E8%B7%AF%E5%BE%84?q=%E5%80%BC".into())
        );
        assert_eq!(text("http://h/a//b/?"), Ok("http://h/a//b/?".into()));
        assert_eq!(text("javascript:void(0)"), Err(UrlFault::Scheme("javascript".into())));
        assert!(text("http://").is_err() && text("/a").is_err());
    }

    #[test]
    fn join_follows_the_standard() {
        let base = CanonicalUrl::parse("http://h.cn/a/b.html?x#y").expect("a URL");
        let join = |href: &str| base.join(href).map(String::from);
        assert_eq!(join("../c"), Ok("http://h.cn/c".into()));
        assert_eq!(join("?z"), Ok("http://h.cn/a/b.html?z".into()));
        assert_eq!(join(""), Ok("http://h.cn/a/b.html?x".into()));
        assert_eq!(join(" \t//o.cn\\p\n"), Ok("http://o.cn/p".into()));
        assert_eq!(join("///o.cn/p"), Ok("http://o.cn/p".into()));
        assert_eq!(join("mailto:a@b"), Err(UrlFault::Scheme("mailto".into())));
    }

    #[test]
    fn keys_tell_servers_apart() {
        let key = |s: &str| CanonicalUrl::parse(s).expect("a URL").host_key().as_str().to_owned();
        assert_eq!(key("http://WWW.h.cn./a"), "www.h.cn");
        assert_eq!(key("https://www.h.cn:443/"), key("http://www.h.cn/"));
        assert_eq!(key("http://127.0.0.1:8080/"), "127.0.0.1:8080");
        assert_eq!(key("http://[::1]:81/"), "[::1]:81");
    }

    #[test]
    fn registrable_domains() {
        assert_eq!(registrable_domain("www.beijing.gov.cn"), Some("beijing.gov.cn"));
        assert_eq!(registrable_domain("zwgk.www.beijing.gov.cn."), Some("beijing.gov.cn"));
        assert_eq!(registrable_domain("gov.cn"), None);
        assert_eq!(registrable_domain("127.0.0.1"), None);
        assert_eq!(registrable_domain("[::1]"), None);
        assert_eq!(registrable_domain("localhost"), None);
        assert!(same_site("a.sz.gov.cn", "B.sz.gov.cn.") && !same_site("a.sz.gov.cn", "gz.gov.cn"));
        assert!(same_site("127.0.0.1", "127.0.0.1") && !same_site("127.0.0.1", "127.0.0.2"));
    }

    #[test]
    fn href_of_any_scheme() {
        assert_eq!(whatwg_href("http://a/b", "tel:12 3"), Some("tel:12 3".into()));
        assert_eq!(whatwg_href("http://a/b", "#f"), Some("http://a/b#f".into()));
        assert_eq!(whatwg_href("", "http://a"), Some("http://a/".into()));
        assert_eq!(whatwg_href("about:blank", "#x"), Some("about:blank#x".into()));
        assert_eq!(whatwg_href("about:blank", "x"), None);
        assert_eq!(whatwg_href("", "x"), None);
        assert_eq!(whatwg_href("foo://h/a", "\\\\b"), Some("foo://h/\\\\b".into()));
        assert_eq!(whatwg_href("http://h/", "/^"), Some("http://h/%5E".into()));
    }

    #[test]
    fn drive_letters_are_roots_in_files_alone() {
        for (base, href, expected) in [
            ("abc://x/y/z/C:/", "..", "abc://x/y/z/"),
            ("abc://x/y/z/C:/", "../..", "abc://x/y/"),
            ("http://h/C:/资料/", "../../x?C:/..#d", "http://h/x?C:/..#d"),
            ("", "http://h/a/c:/%2E%2e/b", "http://h/a/b"),
            ("", "http://c:/x/..", "http://c/"),
            ("http://h/C:/", "b", "http://h/C:/b"),
            ("http://h/C:/%F4%8F%BF%BD/", "../D:/b", "http://h/C:/D:/b"),
        ] {
            assert_eq!(whatwg_href(base, href).as_deref(), Some(expected), "{href} against {base}");
        }
    }
}
