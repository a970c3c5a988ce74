//! Subscription feeds (RSS, RDF, Atom, JSON Feed) as they come, whole or damaged: items with their dates, and what is wrong.
//!
//! A feed is a hint: what it lists was published, what it lacks proves nothing. So dates are taken from items alone, never from
//! the channel (that is when somebody fetched it), and a date that cannot be read for certain is none. One tolerant reader
//! serves good and bad documents alike; a strict one beside it would only ever be asked where it fails.

mod dates;
mod json;
mod marks;
mod xml;

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::{Days, NaiveDate};
use encoding_rs::{Encoding, GB18030};
use serde::{Deserialize, Serialize};

use super::dates::Stamp;
use super::decode::decode;
use crate::calendar::Instant8;
use crate::finding::Gap;

pub use dates::{Moment, read_date};

/// Bytes of a document that are read.
const MAX_BYTES: usize = 8 << 20;
/// Items read of one document.
const MAX_ITEMS: usize = 5_000;
/// Characters kept of a title.
const TITLE_CHARS: usize = 300;

/// What a feed holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// The newest date of publication that is not in the future, pinned items included; of a feed that tells edits alone, the
    /// newest edit.
    pub newest: Option<Stamp>,
    /// Its items in the order of the document, repeated ones once.
    pub items: Vec<FeedItem>,
    /// What could not be read, and what is odd: `not-a-feed`, `cut`, `no-items`, `no-dates`, `undated-items`, `future-date`,
    /// `updated-only`, `placeholder-date`, `unreadable-date`, `encoding`, `repeated-items`, `too-many-items`, `damaged`.
    pub gaps: Vec<Gap>,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FeedItem {
    /// Its title, without markup; empty where it has none.
    pub title: String,
    /// Its address, empty where it has none.
    pub url: String,
    /// When it was published, in +08:00.
    pub date: Option<Stamp>,
    /// True where the date is that of an edit: the item was published then or before.
    #[serde(skip)]
    pub edited: bool,
}

/// An item as a reader of one format found it.
#[derive(Debug, Default)]
struct Raw {
    title: String,
    url: String,
    /// What is said of its publication, in the order of trust.
    published: Vec<String>,
    /// What is said of its last edit.
    updated: Vec<String>,
}

/// What a reader of one format found.
#[derive(Debug, Default)]
struct Found {
    items: Vec<Raw>,
    /// Whether it is a feed at all.
    is_feed: bool,
    /// Whether the document ends before its end.
    cut: bool,
    /// Whether something had to be guessed because the markup is broken.
    damaged: bool,
}

/// Reads any bytes. Dates are judged against `as_of`; a zone that is not named is +08:00.
pub fn read(body: &[u8], content_type: Option<&str>, as_of: Instant8) -> Feed {
    let mut gaps = Vec::new();
    let kept = body.get(..MAX_BYTES).unwrap_or(body);
    let (decoded, odd) = text_of(kept, content_type);
    if odd {
        gaps.push(Gap::new("feed", "encoding"));
    }
    let text: String = decoded
        .chars()
        .filter(|c| *c != '\u{feff}' && (*c == '\n' || *c == '\t' || !c.is_control()))
        .collect();
    let mut found = if looks_like_json(&text) { json::read(&text) } else { xml::read(&text) };
    found.cut |= kept.len() < body.len();
    if !found.is_feed {
        gaps.push(Gap::new("feed", "not-a-feed"));
        return Feed { newest: None, items: Vec::new(), gaps };
    }
    for (is, why) in [
        (found.cut, "cut"),
        (found.damaged, "damaged"),
        (found.items.is_empty(), "no-items"),
        (found.items.len() > MAX_ITEMS, "too-many-items"),
    ] {
        if is {
            gaps.push(Gap::new("feed", why));
        }
    }
    found.items.truncate(MAX_ITEMS);
    let mut feed = Feed { newest: None, items: Vec::new(), gaps };
    feed.take(found.items, as_of.date_naive());
    feed
}

impl Feed {
    fn take(&mut self, raws: Vec<Raw>, as_of: NaiveDate) {
        // Feeds that write the local hour and call it GMT are hours ahead.
        let latest = as_of.checked_add_days(Days::new(1)).unwrap_or(as_of);
        let mut newest_edit = None;
        let mut seen = HashSet::new();
        let mut odd: Vec<(&str, u32)> = Vec::new();
        let mut note = |why: &'static str| match odd.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => odd.push((why, 1)),
        };
        for raw in raws {
            let (moment, edited) = moment_of(&raw, as_of);
            let date = match moment {
                Moment::At(stamp) => Some(stamp),
                Moment::Placeholder => {
                    note("placeholder-date");
                    None
                }
                Moment::Unreadable => {
                    note("unreadable-date");
                    None
                }
                Moment::Absent => {
                    note("undated-items");
                    None
                }
            };
            let title = raw.title.chars().take(TITLE_CHARS).collect();
            let item = FeedItem { title, url: raw.url, date, edited };
            if !seen.insert(item.clone()) {
                note("repeated-items");
                continue;
            }
            if date.is_some() && edited {
                note("updated-only");
            }
            match date {
                Some(date) if date.date > latest => note("future-date"),
                Some(date) if edited => newest_edit = newest_edit.max(Some(date)),
                Some(date) => self.newest = self.newest.max(Some(date)),
                None => {}
            }
            self.items.push(item);
        }
        self.newest = self.newest.or(newest_edit);
        self.gaps.extend(odd.iter().map(|(why, count)| Gap::new(format!("{count} items"), *why)));
        if !self.items.is_empty() && self.newest.is_none() {
            self.gaps.push(Gap::new("feed", "no-dates"));
        }
    }
}

/// The first of its dates that can be read, and whether that is one of an edit.
fn moment_of(raw: &Raw, as_of: NaiveDate) -> (Moment, bool) {
    let mut worst = Moment::Absent;
    for (texts, edited) in [(&raw.published, false), (&raw.updated, true)] {
        for text in texts {
            match read_date(text, as_of) {
                Moment::At(stamp) => return (Moment::At(stamp), edited),
                Moment::Absent => {}
                other => worst = other,
            }
        }
    }
    (worst, false)
}

fn looks_like_json(text: &str) -> bool {
    let head = text.trim_start();
    if head.starts_with('<') {
        return false;
    }
    let markup = head.find('<').unwrap_or(usize::MAX);
    // Something may stand before it: a callback's name, a warning of the server.
    head.find(['{', '[']).is_some_and(|at| at < markup && head.contains('"'))
}

/// The text, and whether what it says of its encoding is wrong or some of it is damaged. What reads as UTF-8 is UTF-8 whatever is
/// declared, and what does not, and is declared so, is the encoding of this country.
fn text_of<'a>(body: &'a [u8], content_type: Option<&str>) -> (Cow<'a, str>, bool) {
    let damaged = |text: &str| text.chars().filter(|c| *c == '\u{fffd}').count();
    let zeros = body.iter().take(64).filter(|byte| **byte == 0).count();
    if Encoding::for_bom(body).is_some() || zeros > 8 {
        let decoded = decode(body, content_type);
        let odd = decoded.contradicted.is_some() || decoded.text.contains('\u{fffd}');
        return (decoded.text, odd);
    }
    let lossy = String::from_utf8_lossy(body);
    let bad = if matches!(lossy, Cow::Borrowed(_)) { 0 } else { damaged(&lossy) };
    if bad == 0 {
        return (lossy, false);
    }
    // A character that was cut, a stray byte: the rest is UTF-8 all the same.
    if lossy.chars().filter(|c| !c.is_ascii() && *c != '\u{fffd}').count() > bad * 2 {
        return (lossy, true);
    }
    let decoded = decode(body, content_type);
    let (chinese, _) = GB18030.decode_without_bom_handling(body);
    if damaged(&chinese) < damaged(&decoded.text) {
        return (chinese, true);
    }
    let odd = decoded.contradicted.is_some() || decoded.text.contains('\u{fffd}');
    (decoded.text, odd)
}

/// A text without markup, references and folded white space.
fn plain(text: &str) -> String {
    let text = text.get(..text.floor_char_boundary(TITLE_CHARS * 12)).unwrap_or(text);
    let once = super::charref::decode(text, false);
    let mut out = String::new();
    let mut rest = &*once;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let name = tag.chars().nth(1).unwrap_or(' ');
        let is_tag = name.is_ascii_alphabetic() || matches!(name, '/' | '!');
        if let Some(end) = tag.find('>').filter(|_| is_tag) {
            rest = tag.get(end + 1..).unwrap_or_default();
        } else {
            out.push('<');
            rest = tag.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    super::regions::fold(&super::charref::decode(&out, false))
}

#[cfg(test)]
mod tests;
