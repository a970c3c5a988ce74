//! RSS, RDF and Atom off their markup, whether or not it is well-formed.

use std::collections::HashSet;

use super::marks::{Kind, Mark, Marks, cdata_end};
use super::{Found, MAX_ITEMS, Raw, plain};
use crate::facts::charref;

/// Elements read of one item.
const MAX_CHILDREN: usize = 2_000;

/// Reads a document.
pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    let mut marks = Marks::between(text, 0, text.len());
    let (mut root, mut page, mut ended, mut headless) = (None, false, false, false);
    while let Some(mark) = marks.next() {
        let local = mark.local();
        let is = |names: &[&str]| names.iter().any(|name| local.eq_ignore_ascii_case(name));
        if mark.kind == Kind::End {
            ended |= root.is_some_and(|root: &str| root.eq_ignore_ascii_case(local));
            continue;
        }
        if root.is_none() {
            if is(&["rss", "feed", "rdf", "channel"]) {
                root = Some(local);
                continue;
            }
            page |= is(&["html", "body"]);
        }
        if !is(&["item", "entry"]) || (root.is_none() && page) || mark.kind == Kind::Alone {
            continue;
        }
        headless |= root.is_none();
        let item = Item::at(text, &mark);
        found.damaged |= !item.closed;
        marks.jump(item.after);
        found.items.push(item.raw);
        if found.items.len() > MAX_ITEMS {
            break;
        }
    }
    // Without a head it is a feed only if its items say what a feed's say.
    headless &= found.items.iter().any(|item| !item.published.is_empty() || !item.url.is_empty());
    found.is_feed = root.is_some() || headless;
    found.damaged |= headless;
    found.cut = root.is_some() && !ended;
    let base = channel_address(text);
    for item in &mut found.items {
        if !item.url.is_empty()
            && !item.url.contains("://")
            && let Some(joined) = base.as_ref().and_then(|base| base.join(&item.url).ok())
        {
            item.url = joined.into();
        }
    }
    found
}

/// The address of the channel itself, before its first item.
fn channel_address(text: &str) -> Option<url::Url> {
    for mark in Marks::between(text, 0, text.len()) {
        let local = mark.local();
        if local.eq_ignore_ascii_case("item") || local.eq_ignore_ascii_case("entry") {
            return None;
        }
        if !local.eq_ignore_ascii_case("link") || mark.kind == Kind::End || is_other_relation(&mark) {
            continue;
        }
        let written = mark.attr("href").map_or_else(|| value(text, mark.end, text.len()).0, str::to_owned);
        if let Ok(url) = url::Url::parse(charref::decode(written.trim(), true).trim()) {
            return Some(url);
        }
    }
    None
}

/// One item, read up to where the next begins.
struct Item {
    raw: Raw,
    after: usize,
    closed: bool,
}

impl Item {
    /// The item whose start tag is `open`.
    fn at(text: &str, open: &Mark<'_>) -> Self {
        let (until, after, closed) = bounds(text, open);
        let mut raw = Raw::default();
        let mut guid = String::new();
        let mut marks = Marks::between(text, open.end, until);
        let mut unclosed: HashSet<String> = HashSet::new();
        let mut read = 0;
        while let Some(mark) = marks.next() {
            read += 1;
            if read > MAX_CHILDREN {
                break;
            }
            if mark.kind == Kind::End {
                continue;
            }
            let local = mark.local().to_ascii_lowercase();
            match &*local {
                "title" if raw.title.is_empty() && !mark.name.to_ascii_lowercase().starts_with("media:") => {
                    raw.title = plain(&value(text, mark.end, until).0);
                }
                "link" => link(text, &mark, until, &mut raw),
                "guid" | "id" if guid.is_empty() => {
                    value(text, mark.end, until).0.trim().clone_into(&mut guid);
                }
                "pubdate" | "published" | "issued" | "date" | "pubtime" | "publishtime" | "created" => {
                    // One that the document breaks off in is not read: half a day is another day.
                    if let (written, true) = value(text, mark.end, until) {
                        let edit =
                            mark.name.to_ascii_lowercase().starts_with("dcterms:") && local == "modified";
                        let texts = if edit { &mut raw.updated } else { &mut raw.published };
                        texts.push(charref::decode(&written, false).into_owned());
                    }
                }
                "updated" | "modified" | "lastmodified" => {
                    if let (written, true) = value(text, mark.end, until) {
                        raw.updated.push(charref::decode(&written, false).into_owned());
                    }
                }
                _ => {}
            }
            if mark.kind == Kind::Start {
                // What is in an element is not the item's: the title of its source, the markup of its text.
                match close_of(text, &mark, until, &mut unclosed) {
                    Some(end) => marks.jump(end),
                    // The document breaks off in it.
                    None if local == "source" && until == text.len() => marks.jump(until),
                    None => {}
                }
            }
        }
        // Of an item that the document breaks off in, an edit is no date: what says when it was published may be what is lost.
        if !closed && until == text.len() {
            raw.updated.clear();
        }
        if raw.url.is_empty() {
            let about = open.attr("about").unwrap_or_default();
            let named = [guid.as_str(), about].into_iter().find(|name| name.starts_with("http"));
            charref::decode(named.unwrap_or_default(), true).trim().clone_into(&mut raw.url);
        }
        Self { raw, after, closed }
    }
}

/// Where the content of an item ends, where reading goes on after it, and whether it was closed.
fn bounds(text: &str, open: &Mark<'_>) -> (usize, usize, bool) {
    for mark in Marks::between(text, open.end, text.len()) {
        if !mark.name.eq_ignore_ascii_case(open.name) && !is_end_of_all(&mark) {
            continue;
        }
        return match mark.kind {
            Kind::End if mark.name.eq_ignore_ascii_case(open.name) => (mark.start, mark.end, true),
            // The next item begins, or all ends, before this one did.
            Kind::Start | Kind::End => (mark.start, mark.start, false),
            Kind::Alone => continue,
        };
    }
    (text.len(), text.len(), false)
}

fn is_end_of_all(mark: &Mark<'_>) -> bool {
    mark.kind == Kind::End
        && ["channel", "rss", "feed", "rdf"].iter().any(|name| mark.local().eq_ignore_ascii_case(name))
}

/// After the end tag of an element, where it has one before `until`.
fn close_of(text: &str, open: &Mark<'_>, until: usize, unclosed: &mut HashSet<String>) -> Option<usize> {
    let name = open.name.to_ascii_lowercase();
    if unclosed.contains(&name) {
        return None;
    }
    let close = Marks::between(text, open.end, until)
        .find(|mark| mark.kind == Kind::End && mark.name.eq_ignore_ascii_case(open.name));
    if close.is_none() {
        unclosed.insert(name);
    }
    close.map(|mark| mark.end)
}

/// The text from `at` to the next tag, sections unwrapped; and whether a tag follows at all.
fn value(text: &str, at: usize, until: usize) -> (String, bool) {
    let mut out = String::new();
    let mut at = at;
    loop {
        let rest = text.get(at..until).unwrap_or_default();
        let Some(next) = rest.find('<') else {
            out.push_str(rest);
            // An item that is cut by the next one has ended its values; a document that ends has not.
            return (out, until < text.len());
        };
        out.push_str(rest.get(..next).unwrap_or_default());
        let tag = rest.get(next..).unwrap_or_default();
        if tag.starts_with("<![CDATA[") {
            let inner = tag.get(9..).unwrap_or_default();
            if let Some(end) = cdata_end(tag) {
                out.push_str(tag.get(9..end).unwrap_or_default());
                at += next + end + 3;
            } else {
                at = until - inner.len();
            }
        } else if tag.starts_with("]]>")
            || !tag.get(1..).is_some_and(|name| {
                name.starts_with(['/', '!', '?']) || name.starts_with(|c: char| c.is_ascii_alphabetic())
            })
        {
            out.push('<');
            at += next + 1;
        } else {
            return (out.trim_end_matches("]]>").to_owned(), true);
        }
    }
}

/// A link element: RSS writes the address inside, Atom in `href`.
fn link(text: &str, mark: &Mark<'_>, until: usize, raw: &mut Raw) {
    if !raw.url.is_empty() || is_other_relation(mark) {
        return;
    }
    let written = match mark.attr("href") {
        Some(href) => charref::decode(href, true).into_owned(),
        None if mark.kind == Kind::Alone => return,
        None => charref::decode(&value(text, mark.end, until).0, true).into_owned(),
    };
    written.trim().clone_into(&mut raw.url);
}

fn is_other_relation(mark: &Mark<'_>) -> bool {
    mark.attr("rel").is_some_and(|rel| !rel.is_empty() && !rel.eq_ignore_ascii_case("alternate"))
}
