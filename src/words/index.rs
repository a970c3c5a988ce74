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
    items: Vec<(Beside, M)>,
}

/// The character that must stand beside a pair for something filed under it to be there: most pairs that pass are no more than
/// pairs, and this tells it without a look at what is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Any,
    Before(char),
    After(char),
}

/// A map from pairs of characters.
pub(super) type PairMap<T> = HashMap<u64, T, BuildHasherDefault<PairHasher>>;

impl<M: Copy> Index<M> {
    /// Files each meaning under its [`pair`]; under one pair they keep their order.
    pub(super) fn new(mut filed: Vec<(u64, Beside, M)>) -> Self {
        filed.sort_by_key(|(key, ..)| *key);
        let mut sieve = vec![0; 1 << (SIEVE_BITS - 6)].into_boxed_slice();
        let mut pairs = PairMap::default();
        let mut items = Vec::with_capacity(filed.len());
        for (key, beside, meaning) in filed {
            let number = as_u32(items.len());
            pairs.entry(key).or_insert((number, number)).1 = number + 1;
            items.push((beside, meaning));
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
        let (mut before, mut one, mut two) = ('\0', (0, '\0'), (0, '\0'));
        for (at, c) in text.char_indices() {
            for meaning in self.filed([before, one.1, two.1, c]) {
                met([one.0, two.0, at], meaning);
            }
            (before, one, two) = (one.1, two, (at, c));
        }
        for meaning in self.filed([before, one.1, two.1, '\0']) {
            met([one.0, two.0, text.len()], meaning);
        }
    }

    /// What is filed under the middle two of four characters and has the right one beside it.
    #[inline]
    fn filed(&self, [before, one, two, after]: [char; 4]) -> impl Iterator<Item = M> {
        let key = pair(one, two);
        let bit = sieve_bit(key);
        let passes = self.sieve.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 == 1);
        let range = if passes { self.pairs.get(&key) } else { None };
        let items = range.and_then(|(first, last)| self.items.get(*first as usize..*last as usize));
        let fits = move |beside: &Beside| match beside {
            Beside::Any => true,
            Beside::Before(c) => *c == before,
            Beside::After(c) => *c == after,
        };
        items.unwrap_or_default().iter().filter(move |(beside, _)| fits(beside)).map(|(_, meaning)| *meaning)
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
