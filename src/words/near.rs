//! Words of two characters of which one is taken for another: told only beside another known word, because two characters
//! may stand together by chance.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use super::Tier;
use super::index::{PairHasher, pair};

/// Characters of grammar, beside which a word begins or ends.
const GRAMMAR: &str = "的和与及等对将了在为并或是由各不把被";

/// The known words, to tell by what stands beside a wrong one.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(HashSet<u64, BuildHasherDefault<PairHasher>>);

impl Known {
    pub(super) fn add(&mut self, word: &str) {
        let mut letters = word.chars();
        if let (Some(one), Some(two)) = (letters.next(), letters.next()) {
            self.0.insert(pair(one, two));
        }
    }

    pub(super) fn has(&self, one: char, two: char) -> bool {
        self.0.contains(&pair(one, two))
    }

    /// How sure it is that a word stands at `start..end`: a known word on one side, and on the other one, too, or the end of a
    /// phrase.
    pub(super) fn beside(&self, text: &str, start: usize, end: usize) -> Option<Tier> {
        let mut left = text.get(..start)?.chars().rev();
        let mut right = text.get(end..)?.chars();
        let (l1, l2) = (left.next(), left.next());
        let (r1, r2) = (right.next(), right.next());
        let known =
            |one: Option<char>, two: Option<char>| one.zip(two).is_some_and(|(one, two)| self.has(one, two));
        let (on_left, on_right) = (known(l2, l1), known(r1, r2));
        if !on_left && !on_right {
            return None;
        }
        let ends = |c: Option<char>| c.is_none_or(|c| !is_han(c) || GRAMMAR.contains(c));
        Some(if (on_left || ends(l1)) && (on_right || ends(r1)) { Tier::Never } else { Tier::Context })
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}
