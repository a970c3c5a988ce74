//! Lines that hold nothing wrong: a site says the same on every page, and prints a text in several columns.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, BuildHasherDefault};

use foldhash::quality::RandomState;
use memchr::memchr_iter;

use super::Hit;
use super::compile::Words;
use super::find::Asked;
use super::index::PairHasher;

/// Lines that are remembered: more than the templates and reprints of a large site have, in a few megabytes.
const MOST_LINES: usize = 1 << 18;

/// Lines that were looked through and hold none of the forms that were asked for, whatever stands around them.
#[derive(Debug, Default)]
pub struct Clean {
    /// Their fingerprints; keyed anew in every process, so that nobody can write a line that passes for another.
    prints: HashSet<u64, BuildHasherDefault<PairHasher>>,
    key: RandomState,
}

impl Words {
    /// As [`Self::look`], where a line that was looked through before costs no second look.
    pub fn look_anew(&self, text: &str, asked: Asked, clean: &mut Clean) -> Vec<Hit> {
        let lists = asked.number();
        let mut found = Vec::new();
        let mut from = 0;
        for end in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
            let part = from..end;
            from = end + 1;
            let line = text.get(part.clone()).unwrap_or_default();
            let print = clean.key.hash_one(line) ^ lists;
            if clean.prints.contains(&print) {
                continue;
            }
            let here = self.candidates(text, part, asked);
            if here.is_empty() && clean.prints.len() < MOST_LINES {
                clean.prints.insert(print);
            }
            found.extend(here);
        }
        self.settle(text, found)
    }
}
