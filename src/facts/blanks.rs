//! White space, many bytes at a time: texts are gone through often, and hold little of it.
#![expect(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler compares many bytes in one step"
)]

/// Bytes that are looked at together.
const STEP: usize = 32;

/// Where the first white space of a text stands.
pub(super) fn find(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    // Two bytes more than are looked at, to tell the ideographic blank from the marks beside it.
    while let Some(piece) = bytes.get(at..at + STEP + 2) {
        let (Some(next), Some(third)) = (piece.get(1..=STEP), piece.get(2..)) else { break };
        let may = piece
            .iter()
            .zip(next)
            .zip(third)
            .fold(false, |may, ((one, two), three)| may | may_begin(*one, *two, *three));
        if may && let Some(found) = find_among(text, at, at + STEP) {
            return Some(found);
        }
        at += STEP;
    }
    find_among(text, at, bytes.len())
}

/// Whether a text surely holds neither white space nor characters that take no room.
pub(super) fn has_none(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (next, third) = (bytes.get(1..).unwrap_or_default(), bytes.get(2..).unwrap_or_default());
    let may = bytes.iter().zip(next).zip(third).fold(false, |may, ((one, two), three)| {
        may | may_begin(*one, *two, *three) | ((*one == 0xef) & (*two == 0xbb))
    });
    // In the last two bytes only a blank of one byte or of two can begin.
    !may && bytes.iter().rev().take(2).all(|byte| *byte > b' ' && *byte != 0xc2)
}

/// Whether white space may begin with three bytes.
#[inline]
fn may_begin(one: u8, two: u8, three: u8) -> bool {
    (one <= b' ') | matches!(one, 0xc2 | 0xe1 | 0xe2) | ((one == 0xe3) & (two == 0x80) & (three == 0x80))
}

/// As [`find`], of what begins within some bytes.
fn find_among(text: &str, from: usize, to: usize) -> Option<usize> {
    let bytes = text.as_bytes().get(from..to)?;
    // None of these bytes is a later one of a character.
    let begins = |byte: u8| byte <= b' ' || matches!(byte, 0xc2 | 0xe1..=0xe3);
    let mut may = bytes.iter().enumerate().filter(|(_, byte)| begins(**byte)).map(|(at, _)| from + at);
    may.find(|at| text.get(*at..).and_then(|rest| rest.chars().next()).is_some_and(char::is_whitespace))
}

/// Whether a text holds a digit of ASCII.
pub(super) fn holds_digit(text: &[u8]) -> bool {
    text.chunks(STEP).any(|piece| piece.iter().fold(false, |holds, byte| holds | byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_one_character_at_a_time(
            text in "[一、。“”é\u{e000}\u{200b}a-z0-9]{0,80}[ \t\n\u{a0}\u{85}\u{1680}\u{2003}\u{2028}\u{205f}\u{3000}]?[一。“,]{0,40}\\PC{0,8}"
        ) {
            prop_assert_eq!(find(&text), text.find(char::is_whitespace));
            if has_none(&text) {
                let blank = |c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}');
                prop_assert!(!text.contains(blank));
            }
            prop_assert_eq!(holds_digit(text.as_bytes()), text.bytes().any(|byte| byte.is_ascii_digit()));
        }
    }
}
