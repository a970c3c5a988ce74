//! The runs of a page's text as numbers, figures folded: by them the crawl tells whether a further page of one address shape
//! says anything that others of it do not. They are stored nowhere.

use super::outline::{Outline, Tag};

/// Runs that are looked at: what comes after as many is as telling.
const MOST_RUNS: usize = 400;
/// A run of more bytes than this is text of its own, and not a label that names a month or repeats a word asked for.
const LONG_RUN: usize = 40;

/// A run of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Its letters, figures folded.
    pub hash: u32,
    /// Whether it is more than a label.
    pub long: bool,
}

/// The runs of a page; of an article all its text as one, figures and all, because they may be what it is there for.
pub(super) fn runs(page: &Outline, article: bool) -> Vec<Run> {
    if article {
        return vec![whole(&page.text)];
    }
    let texts = page.ids().filter(|id| page.node(*id).tag == Tag::Text && !page.node(*id).inert);
    texts.filter_map(|id| run(page.text_of(id).trim())).take(MOST_RUNS).collect()
}

fn whole(text: &str) -> Run {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |word: u64| {
        state = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^= state >> 29;
    };
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    for word in words {
        take(u64::from_le_bytes(*word));
    }
    for byte in rest {
        take(u64::from(*byte));
    }
    Run { hash: u32::try_from(state >> 32).unwrap_or(0), long: true }
}

/// `None` of a run without a letter.
fn run(text: &str) -> Option<Run> {
    let mut state = 0x811c_9dc5_u32;
    let mut letters = false;
    let mut figure = false;
    for byte in text.bytes() {
        let is_figure = byte.is_ascii_digit();
        if is_figure && figure {
            continue;
        }
        figure = is_figure;
        letters |= byte.is_ascii_alphabetic() || byte >= 0x80;
        state = (state ^ u32::from(if is_figure { b'0' } else { byte })).wrapping_mul(0x0100_0193);
    }
    letters.then_some(Run { hash: state, long: text.len() > LONG_RUN })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_do_not_matter_and_letters_do() {
        assert_eq!(run("2031年5月"), run("2032年11月"));
        assert_ne!(run("2031年5月"), run("2031年5日"));
        assert_eq!(run("31 / 12"), None);
        assert_ne!(whole("优良天数12天"), whole("优良天数13天"));
        assert!(run(&"请各单位认真贯彻执行".repeat(2)).is_some_and(|run| run.long));
    }
}
