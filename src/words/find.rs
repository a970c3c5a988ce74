//! Finding: all wrong forms of a text, each place told once, by the surest list and the longest form.

use std::collections::BTreeMap;
use std::ops::Range;

use super::compile::{Meaning, Purpose, Words};
use super::files::List;
use super::{Hit, Tier, keep};

/// Bytes of the longest text that is right: how far around a hit one is looked for.
const FARTHEST: usize = 240;

/// Which lists a text is looked through for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Typos, up to this much in doubt.
    pub typos: Option<Tier>,
    /// The office's own forbidden forms.
    pub forbidden: bool,
    /// The office's own list of superseded texts.
    pub superseded: bool,
}

impl Asked {
    /// A number of its own for every choice of lists.
    pub(super) fn number(self) -> u64 {
        let typos = self.typos.map_or(0, |most| u64::from(most.number()));
        typos | u64::from(self.forbidden) << 2 | u64::from(self.superseded) << 3
    }

    fn tier_of(self, list: List) -> Option<Tier> {
        match list {
            List::Forbidden => self.forbidden.then_some(Tier::Never),
            List::Superseded => self.superseded.then_some(Tier::Never),
            list => list.tier().filter(|tier| self.typos.is_some_and(|most| *tier <= most)),
        }
    }
}

/// A hit before it is known whether it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    tier: Tier,
    list: List,
    start: usize,
    end: usize,
    /// The part that is wrong.
    core: (usize, usize),
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Entry(u32),
    Term(u32),
    Near(u32),
}

impl Words {
    /// Every wrong form in `text`, in order, of lists up to `most` in doubt; no two overlap.
    pub fn find(&self, text: &str, most: Tier) -> Vec<Hit> {
        self.look(text, Asked { typos: Some(most), ..Asked::default() })
    }

    /// Every form of the lists that are asked for, in one pass: typos in order, then forbidden, then superseded forms; no two of
    /// a kind overlap.
    pub fn look(&self, text: &str, asked: Asked) -> Vec<Hit> {
        self.settle(text, self.candidates(text, 0..text.len(), asked))
    }

    /// What reads as wrong in a part of a text, whole lines of it, and stands in nothing that is right. No form reaches from one
    /// line into another, so that this depends on the line alone.
    pub(super) fn candidates(&self, text: &str, part: Range<usize>, asked: Asked) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        let (terms, near) = (asked.tier_of(List::Terms), asked.tier_of(List::Near));
        let from = part.start;
        let line = text.get(part).unwrap_or_default();
        self.wrong.scan(line, |places, meaning| {
            let [start, second, end] = places.map(|at| at + from);
            match meaning {
                Meaning::Entry(number, lead) => {
                    let Some(entry) = self.entries.get(number as usize) else { return };
                    let Some(tier) = asked.tier_of(entry.list) else { return };
                    let Some(start) = start.checked_sub(usize::from(lead)) else { return };
                    if text
                        .as_bytes()
                        .get(start..)
                        .is_some_and(|text| text.starts_with(entry.wrong.as_bytes()))
                    {
                        let end = start + entry.wrong.len();
                        // Two characters alone may be the end of one word and the beginning of the next.
                        let two = entry.list == List::Never && entry.wrong.chars().nth(2).is_none();
                        if two && self.known.is_across(text, start, end) {
                            return;
                        }
                        let (core, what) = ((start, end), What::Entry(number));
                        found.push(Candidate { tier, list: entry.list, start, end, core, what });
                    }
                }
                Meaning::Near(number) => {
                    if let Some(tier) = near.filter(|_| self.known.is_beside(text, start, end)) {
                        let (core, what) = ((start, end), What::Near(number));
                        found.push(Candidate { tier, list: List::Near, start, end, core, what });
                    }
                }
                Meaning::Term(number, place, first) => {
                    let (Some(tier), Some(term)) = (terms, self.terms.get(number as usize)) else { return };
                    let here = if first { (start, second) } else { (second, end) };
                    if let Some(wrong) = term.at(text, here, (usize::from(place), first), &self.alike) {
                        let (start, end, core) = (wrong.start, wrong.end, wrong.core);
                        let what = What::Term(number);
                        found.push(Candidate { tier, list: List::Terms, start, end, core, what });
                    }
                }
            }
        });
        found.retain(|candidate| !self.is_right(text, candidate));
        found
    }

    /// The candidates of a text that nothing around them excuses, each place told once.
    pub(super) fn settle(&self, text: &str, mut found: Vec<Candidate>) -> Vec<Hit> {
        if found.is_empty() {
            return Vec::new();
        }
        found.retain(|candidate| !keep::is_apart(text, candidate.start, candidate.end));
        let purpose = |candidate: &Candidate| Purpose::of(candidate.list);
        found.sort_by_key(|candidate| {
            let longest = std::cmp::Reverse(candidate.end - candidate.start);
            (purpose(candidate), candidate.tier, longest, candidate.start)
        });
        // By where they start: none overlaps another, so that only its neighbours can overlap a further one.
        let mut told: BTreeMap<(Purpose, usize), Candidate> = BTreeMap::new();
        for candidate in found {
            let (kind, start) = (purpose(&candidate), candidate.start);
            let before = told.range((kind, 0)..(kind, candidate.end)).next_back();
            if before.is_none_or(|(_, other)| other.end <= start) {
                told.insert((kind, start), candidate);
            }
        }
        let (mut at, mut characters) = (0, 0);
        let mut hits = Vec::with_capacity(told.len());
        for candidate in told.into_values() {
            if candidate.start < at {
                // The next kind's first.
                (at, characters) = (0, 0);
            }
            let wrong = text.get(candidate.start..candidate.end).unwrap_or_default();
            characters += text.get(at..candidate.start).map_or(0, |part| part.chars().count());
            at = candidate.start;
            let right = match candidate.what {
                What::Entry(number) => self.entries.get(number as usize).map(|entry| entry.right.clone()),
                What::Near(number) => self.short.get(number as usize).cloned(),
                What::Term(number) => self.terms.get(number as usize).map(|term| term.whole.clone()),
            };
            hits.push(Hit {
                tier: candidate.tier,
                start: characters,
                len: wrong.chars().count(),
                wrong: wrong.to_owned(),
                right: right.unwrap_or_default(),
                rule: candidate.list.name(),
                at: candidate.start,
            });
        }
        hits
    }

    /// Whether what is called wrong lies in a text that is right.
    fn is_right(&self, text: &str, candidate: &Candidate) -> bool {
        let from = text.floor_char_boundary(candidate.core.0.saturating_sub(FARTHEST));
        let to = text.ceil_char_boundary(candidate.core.0 + 1);
        let purpose = Purpose::of(candidate.list);
        // A word of two characters is right by itself, and may be wrong within a fixed expression.
        let least = if matches!(candidate.what, What::Term(_)) { 3 } else { 2 };
        let mut is_right = false;
        // A pair may begin at what is wrong and end behind it.
        let to = text.ceil_char_boundary((to + 1).min(text.len()));
        self.right.scan(text.get(from..to).unwrap_or_default(), |[start, ..], number| {
            let start = from + start;
            is_right |= start <= candidate.core.0
                && self.rights.get(number as usize).is_some_and(|right| {
                    right.to == purpose
                        && right.text.chars().nth(least - 1).is_some()
                        && start + right.text.len() >= candidate.core.1
                        && text
                            .as_bytes()
                            .get(start..)
                            .is_some_and(|at| at.starts_with(right.text.as_bytes()))
                });
        });
        is_right
    }
}
