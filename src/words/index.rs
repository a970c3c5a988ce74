//! Many texts looked for at once, in one pass over the characters of another: each is filed under its first two characters, and
//! a sieve lets through only pairs that begin one.
//!
//! An automaton over bytes would take each of three bytes a character through a state and report every piece of every fixed
//! expression; this looks once a character.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Bits of the sieve, a power of two: small enough to stay in the processor's second cache.
const SIEVE_BITS: u32 = 21;

/// See the module. `M` is what a match means.
#[derive(Debug, Clone)]
pub(super) struct Index<M> {
    sieve: Vec<u64>,
    /// Under each pair, where its items begin and end.
    pairs: HashMap<u64, (u32, u32), BuildHasherDefault<PairHasher>>,
    items: Vec<Item<M>>,
    rests: String,
}

#[derive(Debug, Clone)]
struct Item<M> {
    /// What follows the pair, in `rests`.
    from: u32,
    to: u32,
    meaning: M,
}

impl<M: Copy> Index<M> {
    /// Files what [`filed`] made of texts.
    pub(super) fn new(mut filed: Vec<(u64, String, M)>) -> Self {
        filed.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let mut index = Self {
            sieve: vec![0; 1 << (SIEVE_BITS - 6)],
            pairs: HashMap::default(),
            items: Vec::with_capacity(filed.len()),
            rests: String::new(),
        };
        for (key, rest, meaning) in filed {
            let number = as_u32(index.items.len());
            index.pairs.entry(key).or_insert((number, number)).1 = number + 1;
            let from = as_u32(index.rests.len());
            index.rests.push_str(&rest);
            index.items.push(Item { from, to: as_u32(index.rests.len()), meaning });
            let bit = sieve_bit(key);
            if let Some(bits) = index.sieve.get_mut(bit / 64) {
                *bits |= 1 << (bit % 64);
            }
        }
        index
    }

    /// Calls `met` with start, end (in bytes) and meaning of every text that occurs, in order of their starts.
    #[inline]
    pub(super) fn scan(&self, text: &str, mut met: impl FnMut(usize, usize, M)) {
        let mut before = None;
        for (at, c) in text.char_indices() {
            if let Some((start, one)) = before {
                let key = pair(one, c);
                let bit = sieve_bit(key);
                let passes = self.sieve.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 == 1);
                if passes && let Some((first, last)) = self.pairs.get(&key) {
                    let end = at + c.len_utf8();
                    let after = text.as_bytes().get(end..).unwrap_or_default();
                    for item in self.items.get(*first as usize..*last as usize).unwrap_or_default() {
                        let rest = self.rests.as_bytes().get(item.from as usize..item.to as usize);
                        if rest.is_some_and(|rest| after.starts_with(rest)) {
                            met(start, end + (item.to - item.from) as usize, item.meaning);
                        }
                    }
                }
            }
            before = Some((at, c));
        }
    }
}

/// A text with its meaning, as [`Index::new`] takes it; `None` for fewer than two characters.
pub(super) fn filed<M>(text: &str, meaning: M) -> Option<(u64, String, M)> {
    let mut letters = text.chars();
    let key = pair(letters.next()?, letters.next()?);
    Some((key, letters.as_str().to_owned(), meaning))
}

/// Two characters as one number.
pub(super) fn pair(one: char, two: char) -> u64 {
    u64::from(one as u32) << 21 | u64::from(two as u32)
}

fn mix(pair: u64) -> u64 {
    pair.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn sieve_bit(pair: u64) -> usize {
    usize::try_from(mix(pair) >> (64 - SIEVE_BITS)).unwrap_or(0)
}

fn as_u32(number: usize) -> u32 {
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
