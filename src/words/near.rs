//! Words of two characters of which one is taken for another: told only beside another known word, because two characters
//! may stand together by chance.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use super::index::{PairHasher, pair};

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

    /// Whether either of the two characters at `start..end` is part of a known word with its other neighbour: 发布署名 holds no 布署.
    pub(super) fn is_across(&self, text: &str, start: usize, end: usize) -> bool {
        let (Some(before), Some(after)) = (text.get(..start), text.get(end..)) else { return false };
        let mut pair = text.get(start..end).unwrap_or_default().chars();
        let known =
            |one: Option<char>, two: Option<char>| one.zip(two).is_some_and(|(one, two)| self.has(one, two));
        let (one, two) = (pair.next(), pair.next());
        known(before.chars().next_back(), one) || known(two, after.chars().next())
    }

    /// Whether a known word stands on either side of the two characters at `start..end`, and these are not [`Self::is_across`] the border
    /// of two words: 招标计划 holds no 标计.
    pub(super) fn is_beside(&self, text: &str, start: usize, end: usize) -> bool {
        let (Some(before), Some(after)) = (text.get(..start), text.get(end..)) else { return false };
        let (mut left, mut right) = (before.chars().rev(), after.chars());
        let (l1, l2) = (left.next(), left.next());
        let (r1, r2) = (right.next(), right.next());
        let known =
            |one: Option<char>, two: Option<char>| one.zip(two).is_some_and(|(one, two)| self.has(one, two));
        (known(l2, l1) || known(r1, r2)) && !self.is_across(text, start, end)
    }
}
