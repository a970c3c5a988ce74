//! Many texts looked for at once, in one pass over the characters of another: each is filed under a pair of its characters, and
//! a sieve lets through only pairs under which something is filed.
//!
//! An automaton over bytes would take each of three bytes a character through a state and report every piece of every fixed
//! expression; this looks once a character, and at what is wrong rather than at what is right.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Bits of the sieve, a power of two: small enough to stay in the processor's second cache.
const SIEVE_BITS: u32 = 22;

/// See the module. `M` is what stands under a pair.
#[derive(Debug, Clone)]
pub(super) struct Index<M> {
    sieve: Box<[u64]>,
    /// Under each pair, where its items begin and end.
    pairs: PairMap<(u32, u32)>,
    items: Vec<M>,
}

/// A map from pairs of characters.
pub(super) type PairMap<T> = HashMap<u64, T, BuildHasherDefault<PairHasher>>;

impl<M: Copy> Index<M> {
    /// Files each meaning under its [`pair`]; under one pair they keep their order.
    pub(super) fn new(mut filed: Vec<(u64, M)>) -> Self {
        filed.sort_by_key(|(key, _)| *key);
        let mut sieve = vec![0; 1 << (SIEVE_BITS - 6)].into_boxed_slice();
        let mut pairs = PairMap::default();
        let mut items = Vec::with_capacity(filed.len());
        for (key, meaning) in filed {
            let number = as_u32(items.len());
            pairs.entry(key).or_insert((number, number)).1 = number + 1;
            items.push(meaning);
            let bit = sieve_bit(key);
            if let Some(bits) = sieve.get_mut(bit / 64) {
                *bits |= 1 << (bit % 64);
            }
        }
        Self { sieve, pairs, items }
    }

    /// Calls `met` with the place of every pair under which something is filed (start, start of its second character and end,
    /// in bytes) and with what is, in order of their starts.
    #[inline]
    pub(super) fn scan(&self, text: &str, mut met: impl FnMut([usize; 3], M)) {
        let mut before = (0, '\0');
        for (at, c) in text.char_indices() {
            let (start, one) = before;
            before = (at, c);
            let key = pair(one, c);
            let bit = sieve_bit(key);
            let passes = self.sieve.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 == 1);
            if passes && let Some((first, last)) = self.pairs.get(&key) {
                for item in self.items.get(*first as usize..*last as usize).unwrap_or_default() {
                    met([start, at, at + c.len_utf8()], *item);
                }
            }
        }
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

fn sieve_bit(pair: u64) -> usize {
    usize::try_from(mix(pair) >> (64 - SIEVE_BITS)).unwrap_or(0)
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
