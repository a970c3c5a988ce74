//! Lists compiled into two indexes: what is wrong, looked for in every text, and what is right, looked for around a hit.

use super::alike::Alike;
use super::files::{List, WordFiles};
use super::index::{Beside, Index, PairMap, as_u32, pair, pairs_of};
use super::near::Known;
use super::read::{Entry, read};
use super::term::{Likes, Term};
use crate::config::fault::Faults;

/// The lists in force, ready to be looked for.
#[derive(Debug, Clone)]
pub struct Words {
    pub(super) wrong: Index<Meaning>,
    /// Numbers of texts in `rights`, each under its first pair.
    pub(super) right: Index<u32>,
    pub(super) rights: Vec<Right>,
    pub(super) entries: Vec<Entry>,
    pub(super) terms: Vec<Term>,
    /// The right words of [`Meaning::Near`].
    pub(super) short: Vec<String>,
    pub(super) known: Known,
    pub(super) alike: Alike,
}

/// What may stand where a pair of the index occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A wrong form, something forbidden, or a superseded text: number of its entry, and bytes of it before the pair.
    Entry(u32, u8),
    /// A fixed expression with a wrong character: its number, which character that is, and whether it stands first in the pair.
    Term(u32, u8, bool),
    /// A wrong word of two characters: number of the right one.
    Near(u32),
}

/// A text that is right although a wrong form stands in it.
#[derive(Debug, Clone)]
pub(super) struct Right {
    pub(super) text: String,
    /// Of which lists it is an exception: an office's own lists have theirs.
    pub(super) to: Purpose,
}

/// What lists are read for: a place is told once for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    Typos,
    Forbidden,
    Superseded,
}

impl Purpose {
    pub(super) fn of(list: List) -> Self {
        match list {
            List::Forbidden => Self::Forbidden,
            List::Superseded => Self::Superseded,
            _ => Self::Typos,
        }
    }
}

impl Words {
    /// The lists in the binary.
    ///
    /// # Errors
    /// Never of the files as shipped, which tests hold.
    pub fn shipped() -> Result<Self, Faults> {
        Self::load(&WordFiles::shipped())
    }

    /// The lists of these files.
    ///
    /// # Errors
    /// Every fault of the files with its place.
    pub fn load(files: &WordFiles) -> Result<Self, Faults> {
        let read = read(files)?;
        let alike = Alike::new(&read.sounds, &read.shapes);
        let mut rights: Vec<Right> = Vec::new();
        let typos = |text: &String| Right { text: text.clone(), to: Purpose::Typos };
        rights.extend(read.right.iter().map(typos));
        rights.extend(read.terms.iter().map(typos));
        for entry in &read.forms {
            let to = Purpose::of(entry.list);
            rights.extend(entry.unless.iter().map(|text| Right { text: text.clone(), to }));
        }
        let mut wrong: Vec<(u64, Beside, Meaning)> = Vec::new();
        let common = common(&rights, read.forms.iter().map(|entry| &entry.right), &read.near);
        for (number, entry) in read.forms.iter().enumerate() {
            // Filed where it differs from what is right, for what is right stands in every text.
            let pairs = pairs_of(&entry.wrong);
            let rarest = pairs.min_by_key(|(_, key)| common.get(key).copied().unwrap_or(0));
            let Some((lead, key)) = rarest else { continue };
            let after = entry.wrong.get(lead..).and_then(|rest| rest.chars().nth(2));
            let before = entry.wrong.get(..lead).and_then(|head| head.chars().next_back());
            let beside = Beside { before, after };
            let lead = u8::try_from(lead).unwrap_or(u8::MAX);
            wrong.push((key, beside, Meaning::Entry(as_u32(number), lead)));
        }
        let mut terms = Vec::with_capacity(read.terms.len());
        let mut likes = Likes::new(&alike);
        for (number, whole) in read.terms.into_iter().enumerate() {
            let term = Term::new(whole);
            wrong.extend(term.wrong_pairs(&mut likes, &common).into_iter().map(
                |(key, beside, place, first)| {
                    let place = u8::try_from(place).unwrap_or(u8::MAX);
                    (key, beside, Meaning::Term(as_u32(number), place, first))
                },
            ));
            terms.push(term);
        }
        let mut known = Known::default();
        for (word, ..) in &read.near {
            known.add(word);
        }
        let mut short = Vec::with_capacity(read.near.len());
        for (number, (word, first, second)) in read.near.into_iter().enumerate() {
            let mut letters = word.chars();
            let (Some(one), Some(two)) = (letters.next(), letters.next()) else { continue };
            let forms = first.chars().map(|c| (c, two)).chain(second.chars().map(|c| (one, c)));
            wrong.extend(
                forms
                    .filter(|(one, two)| !known.has(*one, *two))
                    .map(|(one, two)| (pair(one, two), Beside::default(), Meaning::Near(as_u32(number)))),
            );
            short.push(word);
        }
        let by_pair = rights.iter().enumerate().filter_map(|(number, right)| {
            pairs_of(&right.text).next().map(|(_, key)| (key, Beside::default(), as_u32(number)))
        });
        let right = Index::new(by_pair.collect());
        Ok(Self { wrong: Index::new(wrong), right, rights, entries: read.forms, terms, short, known, alike })
    }

    /// Whether there is any entry that an office wrote for one of its own lists, which ship empty.
    pub fn has_own(&self, list: List) -> bool {
        self.entries.iter().any(|entry| entry.list == list)
    }
}

/// How often a pair stands in texts that are right.
fn common<'a>(
    rights: &'a [Right],
    forms: impl Iterator<Item = &'a String>,
    near: &'a [(String, String, String)],
) -> PairMap<u32> {
    let mut common = PairMap::default();
    let texts = rights.iter().map(|right| &right.text).chain(forms).chain(near.iter().map(|(word, ..)| word));
    for (_, key) in texts.flat_map(|text| pairs_of(text)) {
        *common.entry(key).or_default() += 1;
    }
    common
}
