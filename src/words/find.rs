//! Finding: all wrong forms of a text, each place told once, by the surest list and the longest form.

use super::alike::Kind;
use super::compile::{Meaning, Term, Words};
use super::files::List;
use super::{Hit, Tier, keep};

/// Characters of grammar: where one stands for another character of a fixed expression, something else is meant.
const GRAMMAR: &str = "的了与和及或在是为以于其而并不向对从由将被把等所依给时";

/// A hit before it is known whether it stands.
#[derive(Debug, Clone, Copy)]
struct Candidate {
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
        self.find_where(text, |list| list.tier().filter(|tier| *tier <= most))
    }

    /// Every form of one of the office's own lists, in order; no two overlap.
    pub fn find_own(&self, text: &str, wanted: List) -> Vec<Hit> {
        self.find_where(text, |list| (list == wanted).then_some(Tier::Never))
    }

    fn find_where(&self, text: &str, tier_of: impl Fn(List) -> Option<Tier>) -> Vec<Hit> {
        let mut found: Vec<Candidate> = Vec::new();
        let mut right: Vec<(usize, usize)> = Vec::new();
        let (terms, near) = (tier_of(List::Terms), tier_of(List::Near));
        let doubtful = tier_of(List::Context).is_some();
        self.index.scan(text, |start, end, meaning| match meaning {
            Meaning::Right => right.push((start, end)),
            Meaning::Entry(number) => {
                let Some(entry) = self.entries.get(number as usize) else { return };
                let Some(tier) = tier_of(entry.list) else { return };
                let (core, what) = ((start, end), What::Entry(number));
                found.push(Candidate { tier, list: entry.list, start, end, core, what });
            }
            Meaning::Near(number) => {
                if near.is_some()
                    && let Some(tier) = self.known.beside(text, start, end)
                    && (doubtful || tier == Tier::Never)
                {
                    let (core, what) = ((start, end), What::Near(number));
                    found.push(Candidate { tier, list: List::Near, start, end, core, what });
                }
            }
            Meaning::Term(number) => {
                let (Some(tier), Some(term)) = (terms, self.terms.get(number as usize)) else { return };
                match self.around(text, term, start) {
                    Piece::Other => {}
                    Piece::Same(start, end) => right.push((start, end)),
                    Piece::Wrong { start, end, core } => {
                        let what = What::Term(number);
                        found.push(Candidate { tier, list: List::Terms, start, end, core, what });
                    }
                }
            }
        });
        if found.is_empty() {
            return Vec::new();
        }
        self.settle(text, found, &right)
    }

    /// Compares what stands around the middle of an expression with it; the last character of its first half stands at `at`.
    fn around(&self, text: &str, term: &Term, at: usize) -> Piece {
        let Some(middle) = text.get(at..).and_then(|rest| rest.chars().next()).map(|c| at + c.len_utf8())
        else {
            return Piece::Other;
        };
        let (before, after) = text.split_at_checked(middle).unwrap_or_default();
        let Some((right_len, right)) = self.compare(after.chars(), term.tail.iter().copied()) else {
            return Piece::Other;
        };
        let Some((left_len, left)) = self.compare(before.chars().rev(), term.head.iter().copied()) else {
            return Piece::Other;
        };
        let (start, end) = (middle - left_len, middle + right_len);
        match (left, right) {
            (None, None) => Piece::Same(start, end),
            (None, Some((from, to))) => Piece::Wrong { start, end, core: (middle + from, middle + to) },
            (Some((from, to)), None) => Piece::Wrong { start, end, core: (middle - to, middle - from) },
            (Some(_), Some(_)) => Piece::Other,
        }
    }

    /// Compares what stands there with what should: its length in bytes, and which bytes are wrong, where that is one
    /// character like the right one, or two beside each other that sound the same.
    fn compare(
        &self,
        found: impl Iterator<Item = char>,
        wanted: impl ExactSizeIterator<Item = char>,
    ) -> Option<(usize, Option<(usize, usize)>)> {
        let mut len = 0;
        let mut wrong: Option<(usize, usize)> = None;
        let (mut count, mut same) = (0, true);
        let mut compared = 0;
        let all = wanted.len();
        for (is, should) in found.zip(wanted) {
            if is != should {
                if GRAMMAR.contains(is) {
                    return None;
                }
                let kind = self.alike.kind(is, should)?;
                count += 1;
                same &= kind == Kind::Same;
                match &mut wrong {
                    None => wrong = Some((len, len + is.len_utf8())),
                    Some((_, to)) if *to == len => *to += is.len_utf8(),
                    Some(_) => return None,
                }
                if count > 2 || (count == 2 && !same) {
                    return None;
                }
            }
            len += is.len_utf8();
            compared += 1;
        }
        (compared == all).then_some((len, wrong))
    }

    fn settle(&self, text: &str, mut found: Vec<Candidate>, right: &[(usize, usize)]) -> Vec<Hit> {
        let is_right = |candidate: &Candidate| {
            right.iter().any(|(from, to)| *from <= candidate.core.0 && candidate.core.1 <= *to)
        };
        found.retain(|candidate| {
            !is_right(candidate) && !keep::is_apart(text, candidate.start, candidate.end)
        });
        found.sort_by_key(|candidate| {
            (candidate.tier, std::cmp::Reverse(candidate.end - candidate.start), candidate.start)
        });
        let mut told: Vec<Candidate> = Vec::new();
        for candidate in found {
            if !told.iter().any(|other| candidate.start < other.end && other.start < candidate.end) {
                told.push(candidate);
            }
        }
        told.sort_by_key(|candidate| candidate.start);
        let (mut at, mut characters) = (0, 0);
        let mut hits = Vec::with_capacity(told.len());
        for candidate in told {
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
}

/// What stands around the middle of a fixed expression.
enum Piece {
    /// Something else.
    Other,
    /// The expression.
    Same(usize, usize),
    /// The expression, written wrongly.
    Wrong { start: usize, end: usize, core: (usize, usize) },
}
