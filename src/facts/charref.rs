//! Character references (`&amp;`, `&#x4e2d;`) as the HTML standard decodes them, in text and in attribute values.

use std::borrow::Cow;

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Letters of the longest name of the standard's table.
const LONGEST_NAME: usize = 32;

/// Decodes every reference in `text`. In the value of an attribute, a name without its semicolon that goes on as `=` or a letter stays
/// as it stands, so that `?a=1&copy=2` keeps its parameter.
pub(in crate::facts) fn decode(text: &str, in_attribute: bool) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let (head, mut rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len());
    out.push_str(head);
    while !rest.is_empty() {
        let length = reference(rest, in_attribute, &mut out);
        let plain = rest.split_at(length).1;
        let next = memchr::memchr(b'&', plain.as_bytes()).unwrap_or(plain.len());
        let (literal, tail) = plain.split_at(next);
        out.push_str(literal);
        rest = tail;
    }
    Cow::Owned(out)
}

/// Writes what the reference at the start of `text` (an ampersand) stands for, and tells how many bytes it takes; an ampersand that begins
/// none stands for itself.
fn reference(text: &str, in_attribute: bool, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    let found = match bytes.get(1) {
        Some(b'#') => numeric(bytes).map(|(length, c)| {
            out.push(c);
            length
        }),
        Some(c) if c.is_ascii_alphanumeric() => named(text, in_attribute, out),
        _ => None,
    };
    found.unwrap_or_else(|| {
        out.push('&');
        1
    })
}

/// `&#` or `&#x` with its digits: the length and the character.
fn numeric(bytes: &[u8]) -> Option<(usize, char)> {
    let (radix, start) = if matches!(bytes.get(2), Some(b'x' | b'X')) { (16, 3) } else { (10, 2) };
    let mut at = start;
    let mut code: u32 = 0;
    while let Some(digit) = bytes.get(at).and_then(|b| char::from(*b).to_digit(radix)) {
        code = code.saturating_mul(radix).saturating_add(digit);
        at += 1;
    }
    if at == start {
        return None;
    }
    if bytes.get(at) == Some(&b';') {
        at += 1;
    }
    let replaced = match code {
        0 => None,
        0x80..=0x9F => C1_REPLACEMENTS.get(code as usize - 0x80).copied().flatten().or(char::from_u32(code)),
        _ => char::from_u32(code),
    };
    Some((at, replaced.unwrap_or(char::REPLACEMENT_CHARACTER)))
}

/// Writes what the named reference at the start of `text` stands for, and tells its length with the ampersand.
fn named(text: &str, in_attribute: bool, out: &mut String) -> Option<usize> {
    for (common, c) in [("&nbsp;", '\u{a0}'), ("&amp;", '&'), ("&quot;", '"'), ("&lt;", '<'), ("&gt;", '>')] {
        if text.starts_with(common) {
            out.push(c);
            return Some(common.len());
        }
    }
    let (length, (first, second)) = with_semicolon(text).or_else(|| longest(text))?;
    let bytes = text.as_bytes();
    let open_ended = bytes.get(length - 1) != Some(&b';');
    let goes_on = bytes.get(length).is_some_and(|b| *b == b'=' || b.is_ascii_alphanumeric());
    if in_attribute && open_ended && goes_on {
        return None;
    }
    out.extend(char::from_u32(first));
    if second != 0 {
        out.extend(char::from_u32(second));
    }
    Some(length)
}

/// A name that ends with its semicolon, which is the longest there can be: its length with the ampersand, and what it stands for.
fn with_semicolon(text: &str) -> Option<(usize, (u32, u32))> {
    let letters = text.bytes().skip(1).take(LONGEST_NAME).take_while(u8::is_ascii_alphanumeric).count();
    let length = letters + 2;
    let name = text.get(1..length).filter(|name| name.ends_with(';'))?;
    NAMED_ENTITIES.get(name).filter(|found| found.0 != 0).map(|found| (length, *found))
}

/// The longest name that stands at the start of `text`, which may lack its semicolon.
fn longest(text: &str) -> Option<(usize, (u32, u32))> {
    let mut best = None;
    let mut end = 1;
    // The table also holds the beginnings of names, with nothing to stand for, so that the walk knows when to stop.
    while let Some(found) = text.get(1..=end).and_then(|name| NAMED_ENTITIES.get(name)) {
        end += 1;
        if found.0 != 0 {
            best = Some((end, *found));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stand_for_characters() {
        for (text, expected) in [
            ("a&amp;b", "a&b"),
            ("&nbsp;&lt;&gt;&quot;", "\u{a0}<>\""),
            ("&#20013;&#x56fd;", "中国"),
            ("&#150;&#0;&#xd800;&#x110000;&#99999999999;", "\u{2013}\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("&copy 2026 &notit; &notin;", "© 2026 ¬it; ∉"),
            ("&", "&"),
            ("&;&#;&#x;&zzz;&中;", "&;&#;&#x;&zzz;&中;"),
            ("&amp", "&"),
        ] {
            assert_eq!(decode(text, false), expected, "{text}");
        }
        assert_eq!(decode("?a=1&copy=2&lt3&amp;b&reg;&copy", true), "?a=1&copy=2&lt3&b®©");
    }
}
