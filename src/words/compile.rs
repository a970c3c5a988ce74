//! Lists compiled into one index: every wrong form, every text that is right, and two pieces of every fixed expression.

use super::alike::Alike;
use super::files::WordFiles;
use super::index::{Index, filed, pair};
use super::near::Known;
use super::read::{Entry, read};
use crate::config::fault::Faults;

/// The lists in force, ready to be looked for.
#[derive(Debug, Clone)]
pub struct Words {
    pub(super) index: Index<Meaning>,
    pub(super) entries: Vec<Entry>,
    pub(super) terms: Vec<Term>,
    /// The right words of [`Meaning::Near`].
    pub(super) short: Vec<String>,
    pub(super) known: Known,
    pub(super) alike: Alike,
}

/// What stands where a text of the index occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A wrong form, something forbidden, or a superseded text: number of its entry.
    Entry(u32),
    /// Something that is right.
    Right,
    /// The middle of a fixed expression, with one of its two characters perhaps written wrongly: its number.
    Term(u32),
    /// A wrong word of two characters: number of the right one.
    Near(u32),
}

/// A fixed expression in two pieces.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) whole: String,
    /// The first half, last character first.
    pub(super) head: Vec<char>,
    pub(super) tail: Vec<char>,
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
        let mut texts: Vec<(u64, String, Meaning)> = Vec::new();
        for (number, entry) in read.forms.iter().enumerate() {
            texts.extend(filed(&entry.wrong, Meaning::Entry(as_u32(number))));
            texts.extend(entry.unless.iter().filter_map(|text| filed(text, Meaning::Right)));
        }
        texts.extend(read.right.iter().filter_map(|text| filed(text, Meaning::Right)));
        let mut terms = Vec::with_capacity(read.terms.len());
        for (number, whole) in read.terms.into_iter().enumerate() {
            let letters: Vec<char> = whole.chars().collect();
            let (head, tail) = letters.split_at(letters.len() / 2);
            let (Some(before), Some(after)) = (head.last(), tail.first()) else { continue };
            let meaning = Meaning::Term(as_u32(number));
            // Filed in its middle: its ends are words that begin many others.
            texts.extend(
                alike.all_like(*after).into_iter().map(|c| (pair(*before, c), String::new(), meaning)),
            );
            let wrong = alike.all_like(*before).into_iter().skip(1);
            texts.extend(wrong.map(|c| (pair(c, *after), String::new(), meaning)));
            terms.push(Term { head: head.iter().rev().copied().collect(), tail: tail.to_vec(), whole });
        }
        let mut known = Known::default();
        for (word, ..) in &read.near {
            known.add(word);
        }
        let mut short = Vec::with_capacity(read.near.len());
        for (number, (word, first, second)) in read.near.into_iter().enumerate() {
            let mut letters = word.chars();
            let (Some(one), Some(two)) = (letters.next(), letters.next()) else { continue };
            let wrong = first.chars().map(|c| (c, two)).chain(second.chars().map(|c| (one, c)));
            texts.extend(
                wrong
                    .filter(|(one, two)| !known.has(*one, *two))
                    .map(|(one, two)| (pair(one, two), String::new(), Meaning::Near(as_u32(number)))),
            );
            short.push(word);
        }
        Ok(Self { index: Index::new(texts), entries: read.forms, terms, short, known, alike })
    }

    /// Whether there is any entry that an office wrote for one of its own lists, which ship empty.
    pub fn has_own(&self, list: super::files::List) -> bool {
        self.entries.iter().any(|entry| entry.list == list)
    }
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
