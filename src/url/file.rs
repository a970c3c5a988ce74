//! `file:` URLs by the WHATWG standard, which the `url` crate leaves where hosts, drive letters or empty segments meet.
//! Only for telling what a link says: no `file:` URL is ever fetched.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Host;

/// A `file:` URL in the standard's parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FileUrl {
    host: String,
    path: Vec<String>,
    query: Option<String>,
    fragment: Option<String>,
}

/// What the standard makes of `href` against `base` where that is a `file:` URL; the outer `None` where it is another.
/// The inner `None` is the standard's failure.
pub(super) fn file_url(base: &str, href: &str) -> Option<Option<FileUrl>> {
    let text = stripped(href);
    let base_text = stripped(base);
    let base = || file_rest(&base_text).and_then(|rest| FileUrl::parse(rest, None));
    match (file_rest(&text), has_scheme(&text)) {
        (Some(rest), _) => Some(FileUrl::parse(rest, base().as_ref())),
        (None, true) => None,
        (None, false) => {
            file_rest(&base_text)?;
            Some(base().and_then(|base| FileUrl::parse(&text, Some(&base))))
        }
    }
}

impl fmt::Display for FileUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "file://{}", self.host)?;
        self.path.iter().try_for_each(|segment| write!(f, "/{segment}"))?;
        self.query.iter().try_for_each(|query| write!(f, "?{query}"))?;
        self.fragment.iter().try_for_each(|fragment| write!(f, "#{fragment}"))
    }
}

impl FileUrl {
    /// The standard's *file state* over what follows `file:`, or over a reference without scheme.
    fn parse(text: &str, base: Option<&Self>) -> Option<Self> {
        let (text, fragment) = cut(text, '#');
        let (text, query) = cut(text, '?');
        let encoded = |text: Option<&str>, set| text.map(|text| utf8_percent_encode(text, set).to_string());
        let mut url = Self::default();
        if let Some(rest) = text.strip_prefix(SLASHES) {
            if let Some(rest) = rest.strip_prefix(SLASHES) {
                url.authority(rest)?;
            } else {
                if let Some(base) = base {
                    url.host.clone_from(&base.host);
                    let drive = base.path.first().filter(|first| is_drive(first) && !first.ends_with('|'));
                    if !starts_with_drive(rest) {
                        url.path.extend(drive.cloned());
                    }
                }
                url.segments(rest);
            }
        } else if let Some(base) = base {
            url = Self { fragment: None, ..base.clone() };
            if !text.is_empty() {
                if starts_with_drive(text) {
                    url.path.clear();
                } else {
                    url.shorten();
                }
                url.segments(text);
            }
            if !text.is_empty() || query.is_some() {
                url.query = None;
            }
        } else {
            url.segments(text);
        }
        url.query = encoded(query, QUERY).or(url.query);
        url.fragment = encoded(fragment, FRAGMENT);
        Some(url)
    }

    /// *File host state*: what follows two slashes.
    fn authority(&mut self, text: &str) -> Option<()> {
        let (host, path) = text.split_at(text.find(SLASHES).unwrap_or(text.len()));
        if is_drive(host) {
            self.segments(text);
            return Some(());
        }
        if !host.is_empty() {
            self.host = Host::parse(host).ok()?.to_string();
            if self.host == "localhost" {
                self.host.clear();
            }
        }
        self.segments(path.strip_prefix(SLASHES).unwrap_or(path));
        Some(())
    }

    /// *Path state*.
    fn segments(&mut self, text: &str) {
        let mut segments = text.split(SLASHES).peekable();
        while let Some(segment) = segments.next() {
            let last = segments.peek().is_none();
            let dots = segment.to_ascii_lowercase().replace("%2e", ".");
            if dots == ".." {
                self.shorten();
            }
            if dots == "." || dots == ".." {
                if last {
                    self.path.push(String::new());
                }
            } else if self.path.is_empty() && is_drive(segment) {
                self.path.push(segment.replace('|', ":"));
            } else {
                self.path.push(utf8_percent_encode(segment, PATH).to_string());
            }
        }
    }

    /// One level up, but never above the drive.
    fn shorten(&mut self) {
        let only_drive = self.path.len() == 1 && self.path.first().is_some_and(|first| is_drive(first));
        if !only_drive {
            self.path.pop();
        }
    }
}

const SLASHES: [char; 2] = ['/', '\\'];
const FRAGMENT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\'');
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Without what the standard drops before it parses: white space and controls around, tabs and line ends within.
fn stripped(text: &str) -> String {
    text.trim_matches(|c: char| c <= ' ').replace(['\t', '\n', '\r'], "")
}

fn file_rest(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked(5)?;
    scheme.eq_ignore_ascii_case("file:").then_some(rest)
}

fn has_scheme(text: &str) -> bool {
    let scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.trim_start_matches(scheme).starts_with(':')
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// `C:` or `C|`.
fn is_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':' | b'|'] if letter.is_ascii_alphabetic())
}

/// Whether the first segment is a drive letter.
fn starts_with_drive(text: &str) -> bool {
    text.split(SLASHES).next().is_some_and(is_drive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_has_it() {
        for (base, href, expected) in [
            ("", "file:///C:\\资料\\a b.doc", "file:///C:/%E8%B5%84%E6%96%99/a%20b.doc"),
            ("", "file:\\\\//", "file:////"),
            ("", "file:.//p", "file:////p"),
            ("", "FILE://localhost////foo", "file://////foo"),
            ("", "file:", "file:///"),
            ("", "file:///w|/m?a'b#c`", "file:///w:/m?a%27b#c%60"),
            ("file://h/C:/a/b", "/", "file://h/C:/"),
            ("file://host/D:/dir1/dir2/file", "C|#", "file://host/C:#"),
            ("file://host/dir/file", "C|\n/", "file://host/C:/"),
            ("file://lion/", "/..//localhost//pig", "file://lion//localhost//pig"),
            ("file:///c:/", "../../x", "file:///c:/x"),
            ("file:///a/b?q#f", "", "file:///a/b?q"),
            ("file:///a/b?q", "?r", "file:///a/b?r"),
            ("file:///a/b?q", "#f", "file:///a/b?q#f"),
            ("file:///a/b", "%2E%2e/./c/.", "file:///c/"),
            ("http://h/", "file:x", "file:///x"),
        ] {
            let url = file_url(base, href).flatten().map(|url| url.to_string());
            assert_eq!(url.as_deref(), Some(expected), "{href} against {base}");
        }
        assert_eq!(file_url("", "file://a b/"), Some(None));
        assert_eq!(file_url("http://h/", "x"), None);
        assert_eq!(file_url("file:///x", "http://h/"), None);
        assert_eq!(file_url("file:///x", "c:/a"), None, "a scheme of one letter");
    }
}
