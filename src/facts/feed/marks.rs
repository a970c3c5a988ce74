//! The markup of a feed, start and end tags in order: CDATA and comments are stepped over, and whatever is not closed is not believed.

use memchr::{memchr, memchr2_iter, memmem};

/// A tag whose `>` is farther away than this has none.
const MAX_TAG: usize = 16 << 10;
/// The same of comments and declarations.
const MAX_ASIDE: usize = 64 << 10;
const MAX_DECLARATION: usize = 8 << 10;

/// A start or end tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark<'a> {
    /// Where its `<` stands.
    pub(super) start: usize,
    /// After its `>`.
    pub(super) end: usize,
    /// Its name with its prefix, as written.
    pub(super) name: &'a str,
    /// What stands between the name and the `>`.
    pub(super) attrs: &'a str,
    /// What kind of tag it is.
    pub(super) kind: Kind,
}

/// Kinds of tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `<a>`
    Start,
    /// `</a>`
    End,
    /// `<a/>`
    Alone,
}

impl<'a> Mark<'a> {
    /// The name without its prefix.
    pub(super) fn local(&self) -> &'a str {
        self.name.rsplit_once(':').map_or(self.name, |(_, local)| local)
    }

    /// The value of an attribute, references not yet decoded; the name may stand with any prefix.
    pub(super) fn attr(&self, wanted: &str) -> Option<&'a str> {
        let mut rest = self.attrs;
        while let Some(equals) = rest.find('=') {
            let name = rest.get(..equals)?.split_whitespace().next_back().unwrap_or_default();
            let name = name.rsplit_once(':').map_or(name, |(_, local)| local);
            let after = rest.get(equals + 1..)?.trim_start();
            let (value, tail) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inner = after.get(1..)?;
                    inner.split_once(quote).unwrap_or((inner, ""))
                }
                _ => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(value);
            }
            rest = tail;
        }
        None
    }
}

/// Walks over the tags of a text from one place to another.
#[derive(Debug, Clone)]
pub(super) struct Marks<'a> {
    text: &'a str,
    at: usize,
    until: usize,
    /// From here on, no CDATA section is closed.
    no_cdata_end: bool,
    /// Before this, no comment is closed.
    no_comment_end: usize,
}

impl<'a> Marks<'a> {
    /// The tags of `text` between two offsets.
    pub(super) fn between(text: &'a str, at: usize, until: usize) -> Self {
        Self { text, at, until, no_cdata_end: false, no_comment_end: 0 }
    }

    /// Goes on at `at`.
    pub(super) fn jump(&mut self, at: usize) {
        self.at = at.max(self.at);
    }
}

impl<'a> Iterator for Marks<'a> {
    type Item = Mark<'a>;

    fn next(&mut self) -> Option<Mark<'a>> {
        loop {
            let rest = self.text.get(self.at..self.until)?;
            let open = memchr(b'<', rest.as_bytes())?;
            let start = self.at + open;
            let tag = rest.get(open..)?;
            if tag.starts_with("<![CDATA[") {
                let end = if self.no_cdata_end { Section::Unclosed } else { section_end(tag) };
                self.no_cdata_end |= end == Section::Unclosed;
                self.at = start + end.closed().map_or(9, |end| end + 3);
                continue;
            }
            if tag.starts_with("<!--") {
                let near = tag.as_bytes().get(..MAX_ASIDE.min(tag.len())).unwrap_or_default();
                let end = if start < self.no_comment_end { None } else { memmem::find(near, b"-->") };
                if end.is_none() {
                    self.no_comment_end = self.no_comment_end.max(start + near.len());
                }
                self.at = start + end.map_or(4, |end| end + 3);
                continue;
            }
            if tag.starts_with("<?") || tag.starts_with("<!") {
                self.at = start + declaration_end(tag).unwrap_or(2);
                continue;
            }
            match tag_at(tag, start) {
                Some(mark) => {
                    self.at = mark.end;
                    return Some(mark);
                }
                None => self.at = start + 1,
            }
        }
    }
}

/// How a CDATA section ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    /// Before the `]]>` at this offset.
    Closed(usize),
    /// Not before the next one begins: it is none.
    Reopened,
    /// Not at all.
    Unclosed,
}

impl Section {
    fn closed(self) -> Option<usize> {
        if let Self::Closed(at) = self { Some(at) } else { None }
    }
}

/// Where the section that begins here ends, before its `]]>`; one that is not closed before the next opens is none.
pub(super) fn cdata_end(section: &str) -> Option<usize> {
    section_end(section).closed()
}

fn section_end(section: &str) -> Section {
    let bytes = section.as_bytes();
    let end = memchr2_iter(b'<', b']', bytes).skip(1).find_map(|at| {
        let here = bytes.get(at..).unwrap_or_default();
        if here.starts_with(b"]]>") {
            Some(Section::Closed(at))
        } else {
            here.starts_with(b"<![CDATA[").then_some(Section::Reopened)
        }
    });
    end.unwrap_or(Section::Unclosed)
}

/// The length of `<?…>` or `<!…>`, an internal subset included.
fn declaration_end(tag: &str) -> Option<usize> {
    let tag = tag.get(..tag.floor_char_boundary(MAX_DECLARATION)).unwrap_or(tag);
    let close = memchr(b'>', tag.as_bytes())?;
    let bracket = memchr(b'[', tag.get(..close)?.as_bytes());
    match bracket {
        Some(_) if tag.get(..9).is_some_and(|head| head.eq_ignore_ascii_case("<!DOCTYPE")) => {
            let end = memmem::find(tag.as_bytes(), b"]>").or_else(|| {
                let bracket = memchr(b']', tag.as_bytes())?;
                memchr(b'>', tag.as_bytes().get(bracket..)?).map(|more| bracket + more - 1)
            });
            end.map(|end| end + 2)
        }
        _ => Some(close + 1),
    }
}

/// The tag at the start of `tag`, whose `<` stands at `start`. It ends at its `>`, or where the next tag begins.
fn tag_at(tag: &str, start: usize) -> Option<Mark<'_>> {
    let (is_end, body) = match tag.strip_prefix("</") {
        Some(body) => (true, body),
        None => (false, tag.strip_prefix('<')?),
    };
    if !body.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let named =
        body.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '<' | '=')).unwrap_or(body.len());
    let name = body.get(..named)?;
    let after = body.get(named..)?;
    let after = after.get(..after.floor_char_boundary(MAX_TAG)).unwrap_or(after);
    let mut quote = None;
    let mut close = None;
    for (at, byte) in after.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>' | b'<') => {
                close = Some((at, byte == b'>'));
                break;
            }
            // A quote opens a value only after an equals sign: elsewhere it is a slip.
            (None, b'"' | b'\'') if after.get(..at).is_some_and(|head| head.trim_end().ends_with('=')) => {
                quote = Some(byte);
            }
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    // A value that is never closed: the tag ends at the first `>` all the same.
    let (at, closed) = match close {
        Some(found) => found,
        None => (memchr(b'>', after.as_bytes())?, true),
    };
    let attrs = after.get(..at)?;
    let alone = attrs.trim_end().ends_with('/');
    let head = tag.len() - body.len();
    Some(Mark {
        start,
        end: start + head + named + at + usize::from(closed),
        name,
        attrs: attrs.trim_end().trim_end_matches('/'),
        kind: match (is_end, alone) {
            (true, _) => Kind::End,
            (false, true) => Kind::Alone,
            (false, false) => Kind::Start,
        },
    })
}
