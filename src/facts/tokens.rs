//! The source of tag events: one scan over the text of a page by the rules of the HTML standard's tokenizer. Nothing else knows how it is done.
//!
//! Tests hold it against html5ever's tokenizer, event by event. It is an own scan because every page of every patrol goes through it: most of a
//! page is jumped over by searching for the next `<`, nothing is copied that is not kept, and a name costs one comparison of integers.

use std::borrow::Cow;

use super::charref;
use super::elements::{Attr, Tag, packed};
use super::outline::{Builder, Follow, Outline};

/// Bytes read between two looks at the clock.
const PIECE: usize = 4096;
/// Attributes of one tag beyond this many are not looked at.
const MAX_ATTRIBUTES: usize = 64;

/// What tag events are told to.
pub trait Events {
    /// A start tag with those of its attributes that mean something here, the first of each name; entities are decoded. `name` is in lower
    /// case.
    fn start(&mut self, tag: Tag, name: &str, attrs: &[(Attr, Cow<'_, str>)], self_closing: bool) -> Follow;
    /// An end tag.
    fn end(&mut self, tag: Tag, name: &str);
    /// A run of text; may come in pieces.
    fn text(&mut self, piece: &str);
    /// A comment.
    fn comment(&mut self, text: &str);
    /// Whether `<![CDATA[` means something here.
    fn in_foreign(&self) -> bool;
}

/// Reads a page into its outline. The second value is false where time ran out before the end of the page.
pub fn read(text: &str, clock: &mut dyn FnMut() -> bool) -> (Outline, bool) {
    let mut builder = Builder::for_page(text.len().min(1 << 20));
    let whole = scan(text, &mut builder, clock);
    (builder.finish(), whole)
}

/// Tells the events of a page in their order; false where time ran out.
fn scan(text: &str, to: &mut impl Events, clock: &mut dyn FnMut() -> bool) -> bool {
    let text = one_kind_of_line_end(text);
    let nul = memchr::memchr(0, text.as_bytes()).is_some();
    let mut scan =
        Scan { text: &text, bytes: text.as_bytes(), at: 0, nul, attrs: Vec::new(), name: String::new() };
    let mut next_look = 0;
    while scan.at < scan.bytes.len() {
        if scan.at >= next_look {
            if clock() {
                return false;
            }
            next_look = scan.at + PIECE;
        }
        scan.step(to);
    }
    true
}

/// CR LF and CR become LF before anything is read.
fn one_kind_of_line_end(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for (index, piece) in text.split('\r').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(if index > 0 { piece.strip_prefix('\n').unwrap_or(piece) } else { piece });
    }
    Cow::Owned(out)
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The page holds U+0000, which is dropped from text and replaced elsewhere.
    nul: bool,
    attrs: Vec<(Attr, Cow<'a, str>)>,
    /// The name of the tag at hand in lower case, where it is longer or rarer than what [`Tag`] knows.
    name: String,
}

/// The name of a tag, read.
struct Name {
    tag: Tag,
    start: usize,
    end: usize,
}

impl Scan<'_> {
    /// Reads on to behind the next piece of markup.
    fn step(&mut self, to: &mut impl Events) {
        let start = self.at;
        let open = self.find(b'<', start);
        if open > start {
            self.tell_text(to, start, open);
        }
        self.at = open;
        let Some(next) = self.bytes.get(open + 1) else {
            if open < self.bytes.len() {
                to.text("<");
                self.at = self.bytes.len();
            }
            return;
        };
        match next {
            b'a'..=b'z' | b'A'..=b'Z' => self.start_tag(to),
            b'/' => self.end_tag_or_not(to),
            b'!' => self.declaration(to),
            b'?' => self.bogus_comment(to, open + 1),
            _ => {
                to.text("<");
                self.at = open + 1;
            }
        }
    }

    fn start_tag(&mut self, to: &mut impl Events) {
        let name = self.name(self.at + 1);
        self.at = name.end;
        let Some(self_closing) = self.attributes(true) else {
            self.at = self.bytes.len();
            return;
        };
        let follow = to.start(name.tag, self.name_of(&name), &self.attrs, self_closing);
        let raw = match follow {
            Follow::Markup => return,
            Follow::Plaintext => {
                self.tell_replaced(to, self.at, self.bytes.len());
                self.at = self.bytes.len();
                return;
            }
            Follow::Script => self.script_end(self.at, name.start..name.end),
            Follow::RcData | Follow::RawText => self.end_tag_of(self.at, name.start..name.end),
        };
        // Without its end tag, everything that is left is content.
        let content = raw.unwrap_or(self.bytes.len());
        if follow == Follow::RcData {
            let text = self.text.get(self.at..content).unwrap_or_default();
            to.text(&self.without_nul(charref::decode(text, false)));
        } else {
            self.tell_replaced(to, self.at, content);
        }
        self.at = content;
        if raw.is_some() {
            self.end_tag(to);
        }
    }

    fn end_tag_or_not(&mut self, to: &mut impl Events) {
        match self.bytes.get(self.at + 2) {
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.end_tag(to),
            Some(b'>') => self.at += 3,
            Some(_) => self.bogus_comment(to, self.at + 2),
            None => {
                to.text("</");
                self.at = self.bytes.len();
            }
        }
    }

    fn end_tag(&mut self, to: &mut impl Events) {
        let name = self.name(self.at + 2);
        self.at = name.end;
        if self.attributes(false).is_some() {
            to.end(name.tag, self.name_of(&name));
        } else {
            self.at = self.bytes.len();
        }
    }

    /// `<!…`: a comment, a doctype, character data in foreign content, or something that counts as a comment.
    fn declaration(&mut self, to: &mut impl Events) {
        let inside = self.at + 2;
        let rest = self.bytes.get(inside..).unwrap_or_default();
        if rest.starts_with(b"--") {
            self.comment(to, inside + 2);
        } else if rest.get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"doctype")) {
            // Even inside a quoted identifier, `>` ends a doctype.
            self.at = (self.find(b'>', inside) + 1).min(self.bytes.len());
        } else if rest.starts_with(b"[CDATA[") && to.in_foreign() {
            let start = inside + 7;
            let end = memchr::memmem::find(self.bytes.get(start..).unwrap_or_default(), b"]]>")
                .map(|at| start + at);
            let text = self.text.get(start..end.unwrap_or(self.bytes.len())).unwrap_or_default();
            to.text(&text.replace('\0', ""));
            self.at = end.map_or(self.bytes.len(), |end| end + 3);
        } else {
            self.bogus_comment(to, inside);
        }
    }

    fn comment(&mut self, to: &mut impl Events, start: usize) {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let at_once = [&b">"[..], b"->"].into_iter().find(|end| rest.starts_with(end));
        if let Some(end) = at_once {
            to.comment("");
            self.at = start + end.len();
            return;
        }
        let mut from = start;
        let (end, after) = loop {
            let Some(dashes) = memchr::memmem::find(self.bytes.get(from..).unwrap_or_default(), b"--") else {
                break (self.unended_comment(start), self.bytes.len());
            };
            let mut close = from + dashes + 2;
            while self.bytes.get(close) == Some(&b'-') {
                close += 1;
            }
            match (self.bytes.get(close), self.bytes.get(close + 1)) {
                (Some(b'>'), _) => break (close - 2, close + 1),
                (Some(b'!'), Some(b'>')) => break (close - 2, close + 2),
                _ => from = close,
            }
        };
        let text = Cow::Borrowed(self.text.get(start..end).unwrap_or_default());
        to.comment(&self.without_nul(text));
        self.at = after;
    }

    /// Where the text of a comment ends that the page's end cuts: the beginning of an end mark is none of it.
    fn unended_comment(&self, start: usize) -> usize {
        let text = self.text.get(start..).unwrap_or_default();
        let cut = ["--!", "--", "-"].into_iter().find_map(|mark| text.strip_suffix(mark)).unwrap_or(text);
        start + cut.len()
    }

    fn bogus_comment(&mut self, to: &mut impl Events, start: usize) {
        let end = self.find(b'>', start);
        let text = Cow::Borrowed(self.text.get(start..end).unwrap_or_default());
        to.comment(&self.without_nul(text));
        self.at = (end + 1).min(self.bytes.len());
    }

    /// Reads a tag's name.
    fn name(&mut self, start: usize) -> Name {
        let mut end = start;
        while self.bytes.get(end).is_some_and(|b| !matches!(b, b'\t' | b'\n' | b'\x0c' | b' ' | b'/' | b'>'))
        {
            end += 1;
        }
        let tag = self.bytes.get(start..end).and_then(packed).map_or(Tag::Other, Tag::of);
        if tag == Tag::Other {
            self.name.clear();
            self.name
                .push_str(&self.without_nul(Cow::Borrowed(self.text.get(start..end).unwrap_or_default())));
            self.name.make_ascii_lowercase();
        }
        Name { tag, start, end }
    }

    fn name_of(&self, name: &Name) -> &str {
        if name.tag == Tag::Other { &self.name } else { name.tag.name() }
    }

    /// Reads from behind a tag's name to behind its `>`, and tells whether it closes itself; nothing where the page ends inside.
    fn attributes(&mut self, keep: bool) -> Option<bool> {
        self.attrs.clear();
        let mut seen = 0;
        loop {
            match *self.bytes.get(self.at)? {
                b'\t' | b'\n' | b'\x0c' | b' ' => self.at += 1,
                b'>' => {
                    self.at += 1;
                    return Some(false);
                }
                b'/' => {
                    self.at += 1;
                    if *self.bytes.get(self.at)? == b'>' {
                        self.at += 1;
                        return Some(true);
                    }
                }
                _ => {
                    let name = self.attribute_name()?;
                    let value = self.value()?;
                    seen += 1;
                    if keep
                        && seen <= MAX_ATTRIBUTES
                        && let Some(name) = self.bytes.get(name)
                        && let value = self.text.get(value).unwrap_or_default()
                        && let Some(attr) = Attr::given(name, value)
                        && self.attrs.iter().all(|(known, _)| *known != attr)
                    {
                        let value = self.without_nul(charref::decode(value, true));
                        self.attrs.push((attr, value));
                    }
                }
            }
        }
    }

    fn attribute_name(&mut self) -> Option<std::ops::Range<usize>> {
        let start = self.at;
        // A leading `=` is part of the name.
        self.at += 1;
        while !matches!(*self.bytes.get(self.at)?, b'\t' | b'\n' | b'\x0c' | b' ' | b'/' | b'>' | b'=') {
            self.at += 1;
        }
        Some(start..self.at)
    }

    /// The value that may follow an attribute's name; an empty range where none does.
    fn value(&mut self) -> Option<std::ops::Range<usize>> {
        let none = self.at..self.at;
        let mut at = self.after_spaces(self.at)?;
        if *self.bytes.get(at)? != b'=' {
            self.at = at;
            return Some(none);
        }
        at = self.after_spaces(at + 1)?;
        match *self.bytes.get(at)? {
            quote @ (b'"' | b'\'') => {
                let start = at + 1;
                let end = start + memchr::memchr(quote, self.bytes.get(start..)?)?;
                self.at = end + 1;
                Some(start..end)
            }
            b'>' => {
                self.at = at;
                Some(none)
            }
            _ => {
                let start = at;
                while !matches!(*self.bytes.get(at)?, b'\t' | b'\n' | b'\x0c' | b' ' | b'>') {
                    at += 1;
                }
                self.at = at;
                Some(start..at)
            }
        }
    }

    fn after_spaces(&self, mut at: usize) -> Option<usize> {
        while matches!(*self.bytes.get(at)?, b'\t' | b'\n' | b'\x0c' | b' ') {
            at += 1;
        }
        Some(at)
    }

    /// Where the end tag of the element whose name stands at `name` begins.
    fn end_tag_of(&self, from: usize, name: std::ops::Range<usize>) -> Option<usize> {
        let mut from = from;
        loop {
            let open = self.find(b'<', from);
            if open >= self.bytes.len() {
                return None;
            }
            if self.is_end_tag(open, &name) {
                return Some(open);
            }
            from = open + 1;
        }
    }

    fn is_end_tag(&self, open: usize, name: &std::ops::Range<usize>) -> bool {
        let (Some(b'/'), Some(name)) = (self.bytes.get(open + 1), self.bytes.get(name.clone())) else {
            return false;
        };
        let start = open + 2;
        let end = start + name.len();
        self.bytes.get(start..end).is_some_and(|word| word.eq_ignore_ascii_case(name))
            && matches!(self.bytes.get(end), Some(b'\t' | b'\n' | b'\x0c' | b' ' | b'/' | b'>'))
    }

    /// Where the end tag of a script begins: one inside `<!-- <script> … -->` is none.
    fn script_end(&self, from: usize, name: std::ops::Range<usize>) -> Option<usize> {
        let mut at = from;
        loop {
            at = self.find(b'<', at);
            if at >= self.bytes.len() {
                return None;
            }
            if self.is_end_tag(at, &name) {
                return Some(at);
            }
            if self.bytes.get(at..)?.starts_with(b"<!--") {
                match self.escaped_end(at + 4, &name)? {
                    Escaped::ByEndTag(at) => return Some(at),
                    Escaped::ByDashes(after) => at = after,
                }
            } else {
                at += 1;
            }
        }
    }

    /// From behind `<!--` of a script to the first `-->`, or to an end tag that is not inside a nested `<script>`.
    fn escaped_end(&self, from: usize, name: &std::ops::Range<usize>) -> Option<Escaped> {
        let mut at = from;
        // The dashes of `<!--` count: `<!-->` and `<!--->` end at once.
        let mut dashes = 2;
        let mut nested = false;
        loop {
            match *self.bytes.get(at)? {
                b'-' => dashes += 1,
                b'>' if dashes >= 2 => return Some(Escaped::ByDashes(at + 1)),
                b'<' => {
                    dashes = 0;
                    if !nested && self.is_end_tag(at, name) {
                        return Some(Escaped::ByEndTag(at));
                    }
                    let close = self.bytes.get(at + 1) == Some(&b'/');
                    let word = at + 1 + usize::from(close);
                    if close == nested && self.is_script_word(word) {
                        nested = !nested;
                        at = word + 6;
                    }
                }
                _ => dashes = 0,
            }
            at += 1;
        }
    }

    fn is_script_word(&self, at: usize) -> bool {
        self.bytes.get(at..at + 6).is_some_and(|word| word.eq_ignore_ascii_case(b"script"))
            && matches!(self.bytes.get(at + 6), Some(b'\t' | b'\n' | b'\x0c' | b' ' | b'/' | b'>'))
    }

    /// Text between tags, entities decoded; U+0000 is dropped.
    fn tell_text(&self, to: &mut impl Events, start: usize, end: usize) {
        let text = charref::decode(self.text.get(start..end).unwrap_or_default(), false);
        // No reference stands for U+0000, so that what is dropped here stood in the page.
        to.text(&if self.nul { Cow::Owned(text.replace('\0', "")) } else { text });
    }

    /// Text as it stands; U+0000 becomes U+FFFD.
    fn tell_replaced(&self, to: &mut impl Events, start: usize, end: usize) {
        to.text(&self.without_nul(Cow::Borrowed(self.text.get(start..end).unwrap_or_default())));
    }

    fn without_nul<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if self.nul { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { text }
    }

    /// Where `byte` stands next; the end of the page where it does not.
    fn find(&self, byte: u8, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        memchr::memchr(byte, rest).map_or(self.bytes.len(), |at| from + at)
    }
}

enum Escaped {
    /// The end tag at this place ends the script.
    ByEndTag(usize),
    /// `-->` ended before this place.
    ByDashes(usize),
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
