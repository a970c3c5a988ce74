//! The XML of office documents to text: paragraphs by lines, tables and sheets by rows with a tab between cells.

use super::charref;

/// Strings that cells of a workbook name by number, one after the other.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    fn get(&self, number: usize) -> &str {
        let from =
            number.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        let to = self.ends.get(number).map_or(from, |end| *end as usize);
        self.text.get(from..to).unwrap_or_default()
    }
}

/// Adds the text of a part of a Word document, until `out` has more than `most` characters; deleted text and what is shown only
/// where something else cannot be is left out.
pub(super) fn document(xml: &str, out: &mut String, most: usize) {
    let (mut in_text, mut cells, mut instead) = (false, 0_u32, 0_u32);
    walk(xml, |piece| {
        match piece {
            Piece::Open("t", _) => in_text = true,
            Piece::Close("t") => in_text = false,
            Piece::Open("tab", _) if instead == 0 => out.push(' '),
            Piece::Open("br" | "cr", _) if instead == 0 => out.push('\n'),
            Piece::Open("tc", _) => cells += 1,
            Piece::Close("tc") => {
                cells = cells.saturating_sub(1);
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\t');
            }
            Piece::Close("tr") => {
                out.truncate(out.trim_end_matches([' ', '\t']).len());
                out.push('\n');
            }
            // In a cell the row is the line: a name and its number belong together.
            Piece::Close("p") => out.push(if cells > 0 { ' ' } else { '\n' }),
            Piece::Open("Fallback", _) => instead += 1,
            Piece::Close("Fallback") => instead = instead.saturating_sub(1),
            Piece::Text(text) if in_text && instead == 0 => out.push_str(&charref::decode(text, false)),
            _ => {}
        }
        is_short(out, most)
    });
}

/// The strings of a workbook, without the readings that stand beside some of them.
pub(super) fn shared_strings(xml: &str) -> Strings {
    let mut strings = Strings::default();
    let (mut in_text, mut beside) = (false, false);
    walk(xml, |piece| {
        match piece {
            Piece::Open("t", _) => in_text = true,
            Piece::Close("t") => in_text = false,
            Piece::Open("rPh", _) => beside = true,
            Piece::Close("rPh") => beside = false,
            Piece::Close("si") => strings.ends.push(u32::try_from(strings.text.len()).unwrap_or(u32::MAX)),
            Piece::Text(text) if in_text && !beside => strings.text.push_str(&charref::decode(text, false)),
            _ => {}
        }
        true
    });
    strings
}

/// Adds the cells of a sheet, row by row, until `out` has more than `most` characters.
pub(super) fn sheet(xml: &str, strings: &Strings, out: &mut String, most: usize) {
    let (mut shared, mut in_value, mut first) = (false, false, true);
    walk(xml, |piece| {
        match piece {
            Piece::Open("row", _) => first = true,
            Piece::Close("row") => out.push('\n'),
            Piece::Open("c", attributes) => {
                if !first {
                    out.push('\t');
                }
                first = false;
                shared = attributes.contains(" t=\"s\"") || attributes.contains(" t='s'");
            }
            Piece::Open("v" | "t", _) => in_value = true,
            Piece::Close("v" | "t") => in_value = false,
            Piece::Text(text) if in_value && shared => {
                out.push_str(text.trim().parse().map_or("", |number| strings.get(number)));
            }
            Piece::Text(text) if in_value => out.push_str(&charref::decode(text, false)),
            _ => {}
        }
        is_short(out, most)
    });
}

/// Adds the text of a page of an OFD document, until `out` has more than `most` characters.
pub(super) fn ofd_page(xml: &str, out: &mut String, most: usize) {
    let mut in_text = false;
    walk(xml, |piece| {
        match piece {
            Piece::Open("TextCode", _) => in_text = true,
            Piece::Close("TextCode") => {
                in_text = false;
                out.push('\n');
            }
            Piece::Text(text) if in_text => out.push_str(&charref::decode(text, false)),
            _ => {}
        }
        is_short(out, most)
    });
}

/// A character takes at most four bytes, so that nothing is counted before it may matter.
fn is_short(out: &str, most: usize) -> bool {
    out.len() <= most * 4
}

/// A piece of XML: names without their prefixes, text as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// With its attributes, as written.
    Open(&'a str, &'a str),
    Close(&'a str),
    Text(&'a str),
}

/// Hands every piece of `xml` to `each`, in order, while that says so; a tag that is not closed ends the walk.
fn walk(xml: &str, mut each: impl FnMut(Piece<'_>) -> bool) {
    let mut rest = xml;
    while let Some(open) = memchr::memchr(b'<', rest.as_bytes()) {
        let (text, tag) = rest.split_at(open);
        if !text.is_empty() && !each(Piece::Text(text)) {
            return;
        }
        if let Some((inner, is_text, after)) = aside(tag) {
            if is_text && !each(Piece::Text(inner)) {
                return;
            }
            rest = after;
            continue;
        }
        let Some(close) = memchr::memchr(b'>', tag.as_bytes()) else { return };
        let (inner, after) =
            (tag.get(1..close).unwrap_or_default(), tag.get(close + 1..).unwrap_or_default());
        rest = after;
        let go_on = if let Some(name) = inner.strip_prefix('/') {
            each(Piece::Close(local(name)))
        } else {
            let whole = inner.strip_suffix('/').unwrap_or(inner);
            let end = whole.find(|c: char| c.is_ascii_whitespace()).unwrap_or(whole.len());
            let (name, attributes) = whole.split_at(end);
            let empty = whole.len() < inner.len();
            each(Piece::Open(local(name), attributes)) && (!empty || each(Piece::Close(local(name))))
        };
        if !go_on {
            return;
        }
    }
}

/// What begins like a tag and is none: comments, sections of text, instructions. Its inside, whether that is text, what follows.
fn aside(tag: &str) -> Option<(&str, bool, &str)> {
    let kinds = [("<!--", "-->", false), ("<![CDATA[", "]]>", true), ("<?", "?>", false)];
    let (inner, end, is_text) =
        kinds.into_iter().find_map(|(start, end, is_text)| Some((tag.strip_prefix(start)?, end, is_text)))?;
    // What is not closed goes on to the end.
    let (inner, after) = inner.split_once(end).unwrap_or((inner, ""));
    Some((inner, is_text, after))
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    let name = name.trim();
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
