//! How a home page fares by the probe's latest rounds: down, by turns up and down, or well; and how each family did, day by day.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::visits::{Ip, Measure, Outcome, Sample, Visit, visits};
use crate::calendar::Instant8;

/// Visits of this long before the instant are looked at: what a day's list should tell.
const LOOKED_AT: TimeDelta = TimeDelta::hours(24);
/// Visits in a row that failed before a site is called down: one may be a passing fault anywhere.
const DOWN: u32 = 2;
/// Failed visits, and separate spells of them, from which on a site is said to come and go.
const UNSTEADY: (u32, u32) = (3, 2);

/// What the visits of the last day say. Visits that could not be told, or were spoilt by ourselves, say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Lately {
    /// Opened at the last visit that was told, and not by turns.
    Well {
        /// The last visit that was told.
        last: Instant8,
    },
    /// The last visits failed one after the other.
    Down {
        /// The first of them.
        since: Instant8,
        /// The last of them.
        last: Instant8,
        /// How many.
        visits: u32,
        /// What the last of them gave.
        outcome: Outcome,
    },
    /// Failed, opened, failed again.
    Unsteady {
        /// Visits that failed.
        failed: u32,
        /// Visits that were told.
        visits: u32,
        /// The last visit that was told.
        last: Instant8,
        /// Whether that one opened.
        opened: bool,
    },
    /// The last visit failed, and alone: it takes another to say more.
    Once {
        /// When.
        last: Instant8,
    },
}

impl Lately {
    /// The last visit that was told.
    pub fn last(&self) -> Instant8 {
        match self {
            Self::Well { last }
            | Self::Down { last, .. }
            | Self::Unsteady { last, .. }
            | Self::Once { last } => *last,
        }
    }
}

/// What the visits of the 24 hours before `until` say; `None` where none was told. A visit that says the same as the one before
/// it and lies closer than the rule's spacing counts as that one.
pub fn lately(samples: &[Sample], until: Instant8, measure: &Measure) -> Option<Lately> {
    let spaced = TimeDelta::minutes(i64::from(measure.spaced_minutes));
    let mut told: Vec<Visit> = Vec::new();
    // Something was there that could not be told: whatever failed before it is not one spell with what fails after it.
    let mut broken = false;
    let (mut failed, mut spells, mut row) = (0, 0, 0);
    for visit in visits(samples, measure) {
        if visit.at < until - LOOKED_AT || visit.at >= until {
            continue;
        }
        let fails = match visit.outcome {
            Outcome::Opened => false,
            Outcome::Failed(_) => true,
            Outcome::Unknown(_) => {
                broken = true;
                continue;
            }
            Outcome::Ours(_) | Outcome::Absent | Outcome::Declared => continue,
        };
        let before = told.last().map(|last| (last.at, matches!(last.outcome, Outcome::Failed(_))));
        if before.is_some_and(|(at, was)| was == fails && !broken && visit.at - at < spaced) {
            continue;
        }
        if fails {
            failed += 1;
            let goes_on = before.is_some_and(|(_, was)| was) && !broken;
            row = if goes_on { row + 1 } else { 1 };
            // A gap in between may have been one long failure.
            spells += u32::from(!before.is_some_and(|(_, was)| was));
        }
        broken = false;
        told.push(visit);
    }
    let end = told.last()?;
    let last = end.at;
    let opened = end.outcome == Outcome::Opened;
    let count = u32::try_from(told.len()).unwrap_or(u32::MAX);
    let stays_down = !opened && !broken && row >= UNSTEADY.0;
    if !stays_down && failed >= UNSTEADY.0 && spells >= UNSTEADY.1 {
        return Some(Lately::Unsteady { failed, visits: count, last, opened });
    }
    Some(match row {
        _ if opened => Lately::Well { last },
        row if row >= DOWN && !broken => {
            let first = told.len().saturating_sub(usize::try_from(row).unwrap_or(usize::MAX));
            let since = told.get(first).map_or(last, |visit| visit.at);
            Lately::Down { since, last, visits: row, outcome: end.outcome.clone() }
        }
        _ => Lately::Once { last },
    })
}

/// Visits over one family, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// The page opened.
    pub opened: u32,
    /// It did not.
    pub failed: u32,
    /// Of these, the other family opened in the same round.
    pub alone: u32,
    /// It could not be told.
    pub unknown: u32,
    /// Milliseconds that each opening took, sorted.
    delays: Vec<u64>,
}

impl Tally {
    /// The visits of `samples` over one family. What we spoilt, and rounds in which the name had no address, are none.
    pub fn of(samples: &[Sample], ip: Ip) -> Self {
        Self::by_day(samples, ip).into_values().fold(Self::default(), Self::and)
    }

    /// The same by the day of the visit.
    pub fn by_day(samples: &[Sample], ip: Ip) -> BTreeMap<NaiveDate, Self> {
        let other: BTreeMap<i64, bool> = samples
            .iter()
            .filter(|sample| sample.ip != ip)
            .map(|sample| (sample.round, sample.outcome == Outcome::Opened))
            .collect();
        let mut days: BTreeMap<NaiveDate, Self> = BTreeMap::new();
        for sample in samples.iter().filter(|sample| sample.ip == ip) {
            let one = match sample.outcome {
                Outcome::Opened => Self { opened: 1, delays: vec![sample.took_ms], ..Self::default() },
                Outcome::Failed(_) => {
                    let alone = u32::from(other.get(&sample.round) == Some(&true));
                    Self { failed: 1, alone, ..Self::default() }
                }
                Outcome::Unknown(_) => Self { unknown: 1, ..Self::default() },
                Outcome::Ours(_) | Outcome::Absent | Outcome::Declared => continue,
            };
            let day = days.entry(sample.at.date_naive()).or_default();
            *day = std::mem::take(day).and(one);
        }
        days
    }

    /// Visits of which it was told whether the page opened.
    pub fn told(&self) -> u32 {
        self.opened + self.failed
    }

    /// The delay that `percent` of the openings did not exceed, in milliseconds; `None` where none opened.
    pub fn delay(&self, percent: usize) -> Option<u64> {
        let last = self.delays.len().checked_sub(1)?;
        self.delays.get((self.delays.len() * percent / 100).min(last)).copied()
    }

    /// The share that opened, in thousandths of those told, rounded down.
    pub fn share(&self) -> Option<u32> {
        (u64::from(self.opened) * 1000)
            .checked_div(u64::from(self.told()))
            .and_then(|n| u32::try_from(n).ok())
    }

    fn and(mut self, other: Self) -> Self {
        self.opened += other.opened;
        self.failed += other.failed;
        self.alone += other.alone;
        self.unknown += other.unknown;
        self.delays.extend(other.delays);
        self.delays.sort_unstable();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::visits::tests::{MEASURE, until};
    use super::*;

    /// Half-hourly visits that end half an hour before [`until`]: `o` opened, `f` failed, `u` not told, `x` ours.
    fn visited(pattern: &str) -> Vec<Sample> {
        let count = i32::try_from(pattern.len()).expect("few");
        (0..).zip(pattern.chars()).map(|(n, c)| sample(c, n, TimeDelta::minutes(30) * (count - n))).collect()
    }

    fn sample(c: char, n: i32, before: TimeDelta) -> Sample {
        let outcome = match c {
            'o' => Outcome::Opened,
            'f' => Outcome::Failed("refused".to_owned()),
            'u' => Outcome::Unknown("blocked".to_owned()),
            _ => Outcome::Ours("own-network".to_owned()),
        };
        let at = until() - before;
        Sample { round: i64::from(n), at, ip: Ip::V4, addr: None, status: None, outcome, took_ms: 100 }
    }

    fn word(pattern: &str) -> String {
        match lately(&visited(pattern), until(), &MEASURE) {
            None => "nothing".to_owned(),
            Some(Lately::Well { .. }) => "well".to_owned(),
            Some(Lately::Once { .. }) => "once".to_owned(),
            Some(Lately::Down { visits, since, .. }) => {
                format!("down {visits} for {} min", (until() - since).num_minutes())
            }
            Some(Lately::Unsteady { failed, visits, opened, .. }) => {
                format!("unsteady {failed}/{visits} {opened}")
            }
        }
    }

    #[test]
    fn two_failures_in_a_row_are_down_and_one_is_not() {
        for (pattern, said) in [
            ("", "nothing"),
            ("uxu", "nothing"),
            ("oooo", "well"),
            ("ooof", "once"),
            ("ooff", "down 2 for 60 min"),
            ("fffffo", "well"),
            ("offxf", "down 3 for 120 min"),
            ("oofuf", "once"),
            ("ooffu", "once"),
            ("ofooofff", "down 3 for 90 min"),
            ("ofofof", "unsteady 3/6 false"),
            ("offooof", "unsteady 3/7 false"),
            ("ofofo", "well"),
            ("offofo", "unsteady 3/6 true"),
            ("ooffuff", "down 2 for 60 min"),
        ] {
            assert_eq!(word(pattern), said, "{pattern}");
        }
    }

    #[test]
    fn rounds_in_a_hurry_are_one_visit_and_a_recovery_always_counts() {
        let minutes = TimeDelta::minutes;
        let hurried = [sample('o', 0, minutes(40)), sample('f', 1, minutes(5)), sample('f', 2, minutes(4))];
        assert!(matches!(lately(&hurried, until(), &MEASURE), Some(Lately::Once { .. })));
        let back = [sample('f', 0, minutes(40)), sample('f', 1, minutes(5)), sample('o', 2, minutes(4))];
        assert!(matches!(lately(&back, until(), &MEASURE), Some(Lately::Well { .. })));
        let old = [sample('f', 0, minutes(60 * 26)), sample('f', 1, minutes(60 * 25))];
        assert_eq!(lately(&old, until(), &MEASURE), None, "yesterday's");
    }

    #[test]
    fn a_family_is_counted_by_itself() {
        let mut samples = visited("oofx");
        for (n, (c, took)) in (0..).zip([('o', 300), ('f', 9), ('f', 9), ('o', 100)]) {
            let v6 = Sample { ip: Ip::V6, took_ms: took, ..sample(c, n, TimeDelta::minutes(30)) };
            samples.push(v6);
        }
        let six = Tally::of(&samples, Ip::V6);
        assert_eq!((six.opened, six.failed, six.alone, six.told()), (2, 2, 1, 4));
        assert_eq!((six.share(), six.delay(50), six.delay(90)), (Some(500), Some(300), Some(300)));
        let four = Tally::of(&samples, Ip::V4);
        assert_eq!((four.opened, four.failed, four.alone, four.delay(50)), (2, 1, 0, Some(100)));
        assert_eq!(Tally::of(&[], Ip::V6).share(), None);
    }
}
