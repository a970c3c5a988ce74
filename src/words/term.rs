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
            let (before, after) = (self.letter(place.wrapping_sub(1)), self.letter(place + 1));
            let head = self.letter(place.wrapping_sub(2)).map_or(Beside::Any, Beside::Before);
            let tail = self.letter(place + 2).map_or(Beside::Any, Beside::After);
            for (other, same) in likes.of(*c) {
                let front = before.map(|before| (pair(before, *other), head, place, false));
                let back = after.map(|after| (pair(*other, after), tail, place, true));
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
        let (left, right) = (before.ends_with(head), after.starts_with(tail));
        if left && right {
            let start = at - head.len();
            return Some(Wrong { start, end: end + tail.len(), core: (at, end) });
        }
        let same = |found: &str, place: usize| {
            let found = found.chars().next()?;
            let sounds = alike.kind(found, self.letter(place)?) == Some(Kind::Same);
            (sounds && !GRAMMAR.contains(found)).then_some(())
        };
        let middle = self.letters.len() / 2;
        if !first && left && place + 1 != middle {
            let second = after.chars().next()?.len_utf8();
            let rest = self.whole.get(self.starts(place + 2)..)?;
            after.get(second..)?.starts_with(rest).then_some(())?;
            same(text.get(at..end)?, place)?;
            same(after, place + 1)?;
            let core = (at, end + second);
            return Some(Wrong { start: at - head.len(), end: core.1 + rest.len(), core });
        }
        if first && right && place > 0 && place != middle {
            let other = before.chars().next_back()?.len_utf8();
            let rest = self.whole.get(..self.starts(place - 1))?;
            before.get(..at - other)?.ends_with(rest).then_some(())?;
            same(text.get(at..end)?, place)?;
            same(before.get(at - other..)?, place - 1)?;
            let core = (at - other, end);
            return Some(Wrong { start: core.0 - rest.len(), end: end + tail.len(), core });
        }
        None
    }

    fn letter(&self, place: usize) -> Option<char> {
        self.letters.get(place).map(|(_, c)| *c)
    }

    /// The byte at which a character starts; behind the last, the end.
    fn starts(&self, place: usize) -> usize {
        self.letters.get(place).map_or(self.whole.len(), |(at, _)| *at)
    }
}
