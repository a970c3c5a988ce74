//! robots.txt by RFC 9309 with the practice of the large crawlers. Pure.
//!
//! Where the standard and the practice read a rule differently, the reading that keeps us out is taken: a `Disallow`
//! is also matched with needlessly encoded letters decoded (`%7E` is `~`), an `Allow` only as it is written.
#![deny(clippy::disallowed_methods)]

use std::borrow::Cow;

use memchr::memmem;

/// Bytes of a robots.txt that are read (RFC 9309 §2.5: at least 500 KiB).
pub const MAX_BYTES: usize = 500 << 10;
/// Bytes of a line that are read; the rest of the line is dropped. As Google: eight times the longest URL of old browsers.
const MAX_LINE: usize = 2083 * 8 - 1;

/// A robots.txt, parsed once and asked often.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Robots {
    groups: Vec<Group>,
    sitemaps: Vec<String>,
}

impl Robots {
    /// Reads a robots.txt. Never fails: what is not understood is skipped, as the standard asks.
    pub fn parse(text: &[u8]) -> Self {
        let text = whole_lines(text.get(..MAX_BYTES).map_or(text, |head| head), text.len() > MAX_BYTES);
        let text = decoded(text);
        let mut robots = Self::default();
        // True where the last group has a rule, so that the next user-agent line opens a new group.
        let mut closed = true;
        for line in text.split(|b| matches!(b, b'\n' | b'\r')) {
            let Some((field, value)) = field_of(line.get(..MAX_LINE).unwrap_or(line)) else { continue };
            match field {
                Field::UserAgent => {
                    if closed {
                        robots.groups.push(Group::default());
                        closed = false;
                    }
                    if let Some(group) = robots.groups.last_mut() {
                        group.name(value);
                    }
                }
                Field::Allow | Field::Disallow => {
                    if let Some(group) = robots.groups.last_mut() {
                        closed = true;
                        group.add(field == Field::Allow, value);
                    }
                }
                Field::CrawlDelay => {
                    if let (Some(group), Some(delay)) = (robots.groups.last_mut(), seconds(value)) {
                        group.delay = Some(group.delay.map_or(delay, |known| known.max(delay)));
                    }
                }
                Field::Sitemap => robots.sitemaps.push(String::from_utf8_lossy(value).into_owned()),
            }
        }
        robots
    }

    /// Whether `agent` may fetch `url`. Of `agent`, what stands before the first `/` counts (`xuncha/0.1 (…)` → `xuncha`).
    /// `url` is absolute; its path and query are matched. Time is linear in the rules and the URL.
    pub fn allows(&self, agent: &str, url: &str) -> bool {
        let path = path_of(url);
        // RFC 9309 §2.2.2: robots.txt itself is always allowed.
        if path == "/robots.txt" {
            return true;
        }
        let path = Target::new(path.as_bytes());
        let (mut allow, mut disallow) = (0, 0);
        for rule in self.groups_for(agent).flat_map(|group| &group.rules) {
            let best = if rule.allow { &mut allow } else { &mut disallow };
            if rule.weight > *best && rule.matches(&path) {
                *best = rule.weight;
            }
        }
        allow >= disallow
    }

    /// The longest Crawl-delay that is asked of `agent`, in seconds, as it stands: the caller caps it.
    pub fn crawl_delay(&self, agent: &str) -> Option<f64> {
        self.groups_for(agent).filter_map(|group| group.delay).reduce(f64::max)
    }

    /// The sitemaps named, in order, as they stand.
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }

    /// The groups that name `agent`; where none does, those that name everybody.
    fn groups_for(&self, agent: &str) -> impl Iterator<Item = &Group> {
        let token = agent.split('/').next().unwrap_or_default().to_ascii_lowercase().into_bytes();
        let named = |group: &Group| group.agents.contains(&token);
        let specific = self.groups.iter().any(named);
        self.groups
            .iter()
            .filter(move |group| if specific { group.agents.contains(&token) } else { group.everybody })
    }
}

/// Consecutive user-agent lines and the rules below them.
#[derive(Debug, Clone, Default, PartialEq)]
struct Group {
    /// Product tokens in lower case.
    agents: Vec<Vec<u8>>,
    /// `*` is among its user-agent lines.
    everybody: bool,
    rules: Vec<Rule>,
    delay: Option<f64>,
}

impl Group {
    fn name(&mut self, value: &[u8]) {
        if value == b"*"
            || (value.first() == Some(&b'*') && value.get(1).is_some_and(u8::is_ascii_whitespace))
        {
            self.everybody = true;
        } else {
            let token = value.split(|b| !(b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'))).next();
            if let Some(token) = token.filter(|token| !token.is_empty()) {
                self.agents.push(token.to_ascii_lowercase());
            }
        }
    }

    fn add(&mut self, allow: bool, value: &[u8]) {
        // An empty value forbids nothing and allows nothing.
        if value.is_empty() {
            return;
        }
        self.rules.push(Rule::new(allow, value));
        // Who allows /a/index.html means /a/ as well.
        if let Some(folder) = index_of(value).filter(|_| allow) {
            self.rules.push(Rule::new(true, &[folder, b"$"].concat()));
        }
    }
}

/// One Allow or Disallow line.
#[derive(Debug, Clone, PartialEq)]
struct Rule {
    allow: bool,
    /// True where the pattern ended in `$`.
    anchored: bool,
    /// Octets of the pattern: the longest match wins.
    weight: usize,
    /// Normalised, `$` cut off.
    pattern: Box<[u8]>,
}

impl Rule {
    fn new(allow: bool, value: &[u8]) -> Self {
        let (body, anchored) = value.strip_suffix(b"$").map_or((value, false), |body| (body, true));
        let pattern = if allow {
            normal(body, Spelling::Pattern)
        } else {
            decoded_letters(&normal(body, Spelling::Pattern)).into_owned()
        };
        let weight = decoded_letters(&pattern).len() + usize::from(anchored);
        Self { allow, anchored, weight, pattern: pattern.into() }
    }

    fn matches(&self, target: &Target) -> bool {
        glob(&self.pattern, self.anchored, if self.allow { &target.written } else { &target.plain })
    }
}

/// The path and query of a URL in the two spellings that rules are matched against.
struct Target {
    written: Vec<u8>,
    plain: Vec<u8>,
}

impl Target {
    fn new(path: &[u8]) -> Self {
        let encoded = normal(path, Spelling::Path);
        let plain = decoded_letters(&encoded).into_owned();
        // Whoever asks with bare letters beyond ASCII asks for no URL: it meets no Allow, as with Google's matcher.
        let written = if path.is_ascii() { encoded } else { path.to_vec() };
        Self { written, plain }
    }
}

/// Whether `pattern` matches the start of `text`, or all of it where `anchored`. Leftmost pieces first: linear.
fn glob(pattern: &[u8], anchored: bool, text: &[u8]) -> bool {
    let mut pieces = pattern.split(|b| *b == b'*');
    let Some(mut rest) = pieces.next().and_then(|head| text.strip_prefix(head)) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return !anchored || rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if anchored && pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(at) = memmem::find(rest, piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    UserAgent,
    Allow,
    Disallow,
    CrawlDelay,
    Sitemap,
}

/// The field and value of a line, comment and white space cut off. The colon may be missing between two words.
fn field_of(line: &[u8]) -> Option<(Field, &[u8])> {
    let line = line.split(|b| *b == b'#').next().unwrap_or_default().trim_ascii();
    let (key, value) = if let Some(colon) = memchr::memchr(b':', line) {
        (line.get(..colon)?, line.get(colon + 1..)?)
    } else {
        let white = |b: &u8| matches!(b, b' ' | b'\t');
        let (key, value) = line.split_at(line.iter().position(white)?);
        (!value.trim_ascii().iter().any(white)).then_some((key, value))?
    };
    let key = key.trim_ascii();
    let field = FIELDS.iter().find(|(name, _)| {
        key.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    })?;
    Some((field.1, value.trim_ascii()))
}

/// Names of fields and the misspellings that large crawlers accept; a longer key that starts so counts too.
const FIELDS: [(&str, Field); 13] = [
    ("user-agent", Field::UserAgent),
    ("useragent", Field::UserAgent),
    ("user agent", Field::UserAgent),
    ("allow", Field::Allow),
    ("disallow", Field::Disallow),
    ("dissallow", Field::Disallow),
    ("dissalow", Field::Disallow),
    ("disalow", Field::Disallow),
    ("diasllow", Field::Disallow),
    ("disallaw", Field::Disallow),
    ("crawl-delay", Field::CrawlDelay),
    ("sitemap", Field::Sitemap),
    ("site-map", Field::Sitemap),
];

fn seconds(value: &[u8]) -> Option<f64> {
    let delay: f64 = std::str::from_utf8(value).ok()?.parse().ok()?;
    (delay.is_finite() && delay >= 0.0).then_some(delay)
}

/// `/a/index.html` and `/a/index.htm` → `/a/`.
fn index_of(pattern: &[u8]) -> Option<&[u8]> {
    let slash = memchr::memrchr(b'/', pattern)?;
    let (folder, name) = pattern.split_at(slash + 1);
    name.starts_with(b"index.htm").then_some(folder)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// `*` is a wildcard.
    Pattern,
    /// `*` is an asterisk.
    Path,
}

/// Percent signs in upper case, and everything encoded that may not stand bare in a URL, so that two spellings meet.
fn normal(text: &[u8], spelling: Spelling) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'%' if text.get(at..at + 2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => {
                out.push(b'%');
                out.extend(text.iter().skip(at).take(2).map(u8::to_ascii_uppercase));
                at += 2;
            }
            b'*' if spelling == Spelling::Pattern => out.push(byte),
            // Literal where they do not rule: encoded on both sides, as RFC 9309 §2.2.3 asks rules to write them.
            b'*' | b'$' => push_encoded(&mut out, byte),
            b'!'..=b'~' if !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}') => {
                out.push(byte);
            }
            _ => push_encoded(&mut out, byte),
        }
    }
    out
}

fn push_encoded(out: &mut Vec<u8>, byte: u8) {
    out.push(b'%');
    for digit in [byte >> 4, byte & 15] {
        out.push(if digit < 10 { b'0' + digit } else { b'A' + digit - 10 });
    }
}

/// RFC 9309 §2.2.2: encoded octets that need no encoding are compared decoded. `text` is [`normal`].
fn decoded_letters(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'%', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let letter = text
            .get(at + 1..at + 3)
            .filter(|_| byte == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'));
        out.push(letter.unwrap_or(byte));
        at += if letter.is_some() { 3 } else { 1 };
    }
    Cow::Owned(out)
}

/// What follows the host in a URL, fragment cut off; `/` where nothing does.
fn path_of(url: &str) -> Cow<'_, str> {
    let url = url.split('#').next().unwrap_or_default();
    let url = url.strip_prefix("//").unwrap_or(url);
    let delimiter = |c: char| matches!(c, '/' | '?' | ';');
    let after_scheme = match url.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(delimiter) => rest,
        _ => url,
    };
    match after_scheme.find(delimiter).and_then(|at| after_scheme.get(at..)) {
        None => Cow::Borrowed("/"),
        Some(path) if path.starts_with('/') => Cow::Borrowed(path),
        Some(path) => Cow::Owned(format!("/{path}")),
    }
}

/// A last line that our limit cut in two is dropped: half a path would forbid more, or allow more, than was meant.
fn whole_lines(text: &[u8], cut: bool) -> &[u8] {
    let end = if cut { text.iter().rposition(|b| matches!(b, b'\n' | b'\r')) } else { None };
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The text without byte order mark, of which, as in Google's parser, a part is also skipped; UTF-16 is decoded.
fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if let Some((encoding, _)) =
        encoding_rs::Encoding::for_bom(text).filter(|(e, _)| *e != encoding_rs::UTF_8)
    {
        return Cow::Owned(encoding.decode(text).0.into_owned().into_bytes());
    }
    let mark = [0xef, 0xbb, 0xbf];
    let len = text.iter().zip(mark).take_while(|(byte, mark)| **byte == *mark).count();
    Cow::Borrowed(text.get(len..).unwrap_or_default())
}

#[cfg(test)]
#[path = "robots_cases.rs"]
mod tests;
