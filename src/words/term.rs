//! Fixed expressions of which a character is wrong: where they are filed, and whether one stands at a place.

use std::collections::HashMap;

use super::alike::{Alike, Kind};
use super::index::{Beside, PairMap, pair};

/// Characters of grammar: where one stands for another character of a fixed expression, something else is meant.
const GRAMMAR: &str = "的了与和及或在是为以于其而并不向对从由将被把等所依给时";

/// A fixed expression.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) whole: String,
    /// Its characters, each with the byte at which it starts.
    letters: Vec<(usize, char)>,
}

/// The characters that may stand by mistake for one of a fixed expression, each with whether it sounds the same; found once a
/// character, of which the expressions share a few thousand.
pub(super) struct Likes<'a> {
    alike: &'a Alike,
    found: HashMap<char, Vec<(char, bool)>>,
}

impl<'a> Likes<'a> {
    pub(super) fn new(alike: &'a Alike) -> Self {
        Self { alike, found: HashMap::new() }
    }

    fn of(&mut self, c: char) -> &[(char, bool)] {
        self.found.entry(c).or_insert_with(|| {
            let others = self.alike.all_like(c).into_iter().filter(|other| !GRAMMAR.contains(*other));
            others.map(|other| (other, self.alike.kind(other, c) == Some(Kind::Same))).collect()
        })
    }
}

/// Where a fixed expression stands with something wrong in it, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The part that is wrong.
    pub(super) core: (usize, usize),
}

impl Term {
    pub(super) fn new(whole: String) -> Self {
        Self { letters: whole.char_indices().collect(), whole }
    }

    /// Every pair of characters with a wrong one in it under which the expression is filed: the pair and what must stand beside
    /// it, which of the expression's characters is wrong, and whether that is the first of the pair. Of the two pairs that a wrong character is in, that is the one
    /// that stands less often in right texts.
    pub(super) fn wrong_pairs(
        &self,
        likes: &mut Likes<'_>,
        common: &PairMap<u32>,
    ) -> Vec<(u64, Beside, usize, bool)> {
        let often = |key: u64| common.get(&key).copied().unwrap_or(0);
        let mut all = Vec::new();
        for (place, (_, c)) in self.letters.iter().enumerate() {
            let letter = |at: Option<usize>| at.and_then(|at| self.letter(at));
            let (before, after) = (letter(place.checked_sub(1)), letter(Some(place + 1)));
            for (other, same) in likes.of(*c) {
                // On the other side of what is wrong one more may be.
                let sure = |at, first| letter(at).filter(|_| !same || self.other(place, first).is_none());
                let front = before.map(|before| {
                    let head = letter(place.checked_sub(2));
                    let beside = Beside { before: head, after: sure(Some(place + 1), false) };
                    (pair(before, *other), beside, place, false)
                });
                let back = after.map(|after| {
                    let tail = letter(Some(place + 2));
                    let beside = Beside { before: sure(place.checked_sub(1), true), after: tail };
                    (pair(*other, after), beside, place, true)
                });
                let pairs = || [front, back].into_iter().flatten();
                // Beside another that sounds the same it may be known by either of its neighbours alone.
                if *same && pairs().any(|(key, ..)| often(key) == 0) {
                    all.extend(pairs().filter(|(key, ..)| often(*key) == 0));
                } else {
                    all.extend(pairs().min_by_key(|(key, ..)| often(*key)));
                }
            }
        }
        all
    }

    /// Whether the expression stands in `text` with `found` at `at` for its character number `place`: everything else is right,
    /// or one more beside it in the same half is wrong, and both sound the same as what they stand for.
    pub(super) fn at(
        &self,
        text: &str,
        (at, end): (usize, usize),
        (place, first): (usize, bool),
        alike: &Alike,
    ) -> Option<Wrong> {
        let (before, after) = (text.get(..at)?, text.get(end..)?);
        let (from, to) = (self.letters.get(place)?.0, self.starts(place + 1));
        let (head, tail) = (self.whole.get(..from)?, self.whole.get(to..)?);
        let core = (at, end);
        if before.ends_with(head) && after.starts_with(tail) {
            return Some(Wrong { start: at - head.len(), end: end + tail.len(), core });
        }
        let other = self.other(place, first)?;
        let same = |found: &str, place: usize| {
            let found = found.chars().next()?;
            let sounds = alike.kind(found, self.letter(place)?) == Some(Kind::Same);
            (sounds && !GRAMMAR.contains(found)).then_some(())
        };
        same(text.get(at..end)?, place)?;
        if first {
            let second = at - before.chars().next_back()?.len_utf8();
            let rest = self.whole.get(..self.starts(other))?;
            (before.get(..second)?.ends_with(rest) && after.starts_with(tail)).then_some(())?;
            same(before.get(second..)?, other)?;
            return Some(Wrong { start: second - rest.len(), end: end + tail.len(), core: (second, end) });
        }
        let second = end + after.chars().next()?.len_utf8();
        let rest = self.whole.get(self.starts(other + 1)..)?;
        (text.get(second..)?.starts_with(rest) && before.ends_with(head)).then_some(())?;
        same(after, other)?;
        Some(Wrong { start: at - head.len(), end: second + rest.len(), core: (at, second) })
    }

    /// Which character beside a wrong one may be wrong as well: on the other side than its right neighbour, in the same half.
    /// `first` where the wrong one stands before that neighbour.
    fn other(&self, place: usize, first: bool) -> Option<usize> {
        let middle = self.letters.len() / 2;
        if first {
            place.checked_sub(1).filter(|_| place != middle)
        } else {
            Some(place + 1).filter(|other| *other != middle && *other < self.letters.len())
        }
    }

    fn letter(&self, place: usize) -> Option<char> {
        self.letters.get(place).map(|(_, c)| *c)
    }

    /// The byte at which a character starts; behind the last, the end.
    fn starts(&self, place: usize) -> usize {
        self.letters.get(place).map_or(self.whole.len(), |(at, _)| *at)
    }
}
