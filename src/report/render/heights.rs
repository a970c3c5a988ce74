//! How high the rows of a sheet must be for their longest cell: office programs do not compute it when they open a file.

use crate::report::wording::columns;

/// Height of one printed line, in points.
const LINE: f64 = 14.0;

/// Points that the tallest of these cells needs, each with its column's width in characters.
pub(super) fn row_height<'a>(cells: impl IntoIterator<Item = (&'a str, f64)>) -> f64 {
    let lines = cells.into_iter().map(|(text, width)| lines(text, width)).max().unwrap_or(1);
    #[allow(
        clippy::cast_precision_loss,
        reason = "a count of printed lines, bounded by the length of a cell"
    )]
    let height = lines as f64 * LINE + 6.0;
    height.clamp(24.0, 400.0)
}

fn lines(text: &str, width: f64) -> usize {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "widths are small and positive"
    )]
    let grid = (width - 2.0).max(1.0) as usize;
    // Programs differ in whether they break an address: the higher of both is enough for all.
    text.split('\n').map(|line| wrapped(line, grid, "/-?&").max(wrapped(line, grid, ""))).sum()
}

/// Lines of `grid` columns that `line` takes where words are kept whole as long as one fits into a line; they break behind
/// `breaks`.
fn wrapped(line: &str, grid: usize, breaks: &str) -> usize {
    let (mut lines, mut at) = (1, 0);
    let mut put = |wide: usize| {
        if at > 0 && at + wide > grid {
            lines += 1;
            at = 0;
        }
        at += wide;
        lines += at.saturating_sub(1) / grid;
        at = if at > grid { (at - 1) % grid + 1 } else { at };
    };
    let mut word = 0;
    for c in line.chars() {
        if c.is_ascii_graphic() {
            word += 1;
            if !breaks.contains(c) {
                continue;
            }
        }
        if word > 0 {
            put(std::mem::take(&mut word));
        }
        if !c.is_ascii_graphic() {
            put(columns(c.encode_utf8(&mut [0; 4])));
        }
    }
    put(word);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_follow_the_longest_cell() {
        assert!((row_height([("短", 10.0)]) - 24.0).abs() < 0.1);
        assert_eq!(lines("一二三四五六", 8.0), 2);
        assert_eq!(lines("a\nb", 10.0), 2);
        assert_eq!(lines("见 abcdefgh ijk", 12.0), 3, "a word goes to the next line as a whole");
        assert_eq!(lines("图 http://a/b/cde", 14.0), 3, "so does an address that some programs never break");
        assert_eq!(lines(&"a".repeat(25), 12.0), 3, "what fits into no line is broken");
    }
}
