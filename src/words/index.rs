//! Many texts looked for at once, in one pass over the characters of another: each is filed under a pair of its characters, and
//! a sieve lets through only pairs under which something is filed.
//!
//! An automaton over bytes would take each of three bytes a character through a state and report every piece of every fixed
//! expression; this looks once a character, and at what is wrong rather than at what is right.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Bits of the sieve, a power of two: small enough to stay in the processor's second cache.
const SIEVE_BITS: u32 = 22;
/// Shelves, a power of two, for some hundred thousand pairs.
const SHELF_BITS: u32 = 18;

/// See the module. `M` is what stands under a pair.
#[derive(Debug, Clone)]
pub(super) struct Index<M> {
    sieve: Box<[u64]>,
    /// Where each shelf begins in `items`, and where the last one ends.
    shelves: Box<[u32]>,
    /// In order of their pairs' spread numbers, whose first bits are the shelf.
    items: Box<[(u64, Beside, M)]>,
}

/// The characters that must stand beside a pair for something filed under it to be there, where only one may: most pairs that
/// pass are no more than pairs, and this tells it without a look at what is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Beside {
    pub(super) before: Option<char>,
    pub(super) after: Option<char>,
}

/// A map from pairs of characters.
pub(super) type PairMap<T> = HashMap<u64, T, BuildHasherDefault<PairHasher>>;

impl<M: Copy> Index<M> {
    /// Files each meaning under its [`pair`]; under one pair they keep their order.
    pub(super) fn new(mut filed: Vec<(u64, Beside, M)>) -> Self {
        let mut sieve = vec![0; 1 << (SIEVE_BITS - 6)].into_boxed_slice();
        for (key, ..) in &filed {
            let bit = top(SIEVE_BITS, *key);
            if let Some(bits) = sieve.get_mut(bit / 64) {
                *bits |= 1 << (bit % 64);
            }
        }
        filed.sort_by_key(|(key, ..)| mix(*key));
        let mut shelves = Vec::with_capacity((1 << SHELF_BITS) + 1);
        let mut begins = 0;
        for shelf in 0..1 << SHELF_BITS {
            shelves.push(as_u32(begins));
            let rest = filed.get(begins..).unwrap_or_default();
            begins += rest.iter().take_while(|(key, ..)| top(SHELF_BITS, *key) == shelf).count();
        }
        shelves.push(as_u32(begins));
        Self { sieve, shelves: shelves.into(), items: filed.into() }
    }

    /// Calls `met` with the place of every pair under which something is filed (start, start of its second character and end,
    /// in bytes) and with what is, in order of their starts.
    #[inline]
    pub(super) fn scan(&self, text: &str, mut met: impl FnMut([usize; 3], M)) {
        let (mut before, mut one, mut two) = ('\0', (0, '\0'), (0, '\0'));
        for (at, c) in text.char_indices().chain([(text.len(), '\0')]) {
            let key = pair(one.1, two.1);
            if self.passes(key) {
                for (_, beside, meaning) in self.shelf(key).iter().filter(|(filed, ..)| *filed == key) {
                    if beside.before.is_none_or(|wanted| wanted == before)
                        && beside.after.is_none_or(|wanted| wanted == c)
                    {
                        met([one.0, two.0, at], *meaning);
                    }
                }
            }
            (before, one, two) = (one.1, two, (at, c));
        }
    }

    /// Whether anything may be filed under a pair.
    #[inline]
    fn passes(&self, key: u64) -> bool {
        let bit = top(SIEVE_BITS, key);
        self.sieve.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 == 1)
    }

    /// What is filed under a pair, and under others of its shelf.
    #[inline]
    fn shelf(&self, key: u64) -> &[(u64, Beside, M)] {
        let number = top(SHELF_BITS, key);
        let ends = self.shelves.get(number).zip(self.shelves.get(number + 1));
        ends.and_then(|(first, last)| self.items.get(*first as usize..*last as usize)).unwrap_or_default()
    }
}

/// Two characters as one number.
pub(super) fn pair(one: char, two: char) -> u64 {
    u64::from(one as u32) << 21 | u64::from(two as u32)
}

/// The pairs of a text, each with the byte at which it starts.
pub(super) fn pairs_of(text: &str) -> impl Iterator<Item = (usize, u64)> + '_ {
    text.char_indices().zip(text.chars().skip(1)).map(|((at, one), two)| (at, pair(one, two)))
}

fn mix(pair: u64) -> u64 {
    pair.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The first bits of a pair's spread number.
fn top(bits: u32, pair: u64) -> usize {
    usize::try_from(mix(pair) >> (64 - bits)).unwrap_or(0)
}

pub(super) fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Pairs are spread well enough by one multiplication; the lists are the office's own, so nobody picks them to collide.
#[derive(Debug, Clone, Default)]
pub(super) struct PairHasher(u64);

impl Hasher for PairHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mix(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, pair: u64) {
        let mixed = mix(pair);
        self.0 = mixed ^ (mixed >> 32);
    }
}
