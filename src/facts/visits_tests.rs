//! The availability indicator's arithmetic at its bounds.

use chrono::TimeZone as _;

use super::*;
use crate::calendar::beijing;

/// The numbers of the regulation.
pub(crate) const MEASURE: Measure =
    Measure { fail_percent: 5, days: 7, visits_a_day: 20, timeout_seconds: 15, spaced_minutes: 10 };

/// The end of the week.
pub(crate) fn until() -> Instant8 {
    beijing().with_ymd_and_hms(2026, 11, 16, 20, 0, 0).single().expect("an instant")
}

fn failed(why: &str) -> Outcome {
    Outcome::Failed(why.to_owned())
}

/// `a_day` visits a day for seven days over IPv4, evenly spaced; `outcome` says what each gave, by its number.
pub(crate) fn week(a_day: i32, outcome: impl Fn(i32) -> Outcome) -> Vec<Sample> {
    let apart = TimeDelta::seconds(i64::from(24 * 3600 / a_day));
    (0..7 * a_day)
        .map(|n| {
            let outcome = outcome(n);
            let at = until() - TimeDelta::days(7) + apart * n;
            let took_ms = if matches!(outcome, Outcome::Failed(_)) { 16_000 } else { 120 };
            Sample { round: i64::from(n), at, ip: Ip::V4, addr: None, status: None, outcome, took_ms }
        })
        .collect()
}

fn decided(samples: &[Sample]) -> (Decision, u32, u32) {
    let week = reckon(samples, until(), &MEASURE);
    (week.decision, week.failed(), week.visits())
}

#[test]
fn five_percent_are_met_and_one_visit_less_is_not() {
    for (a_day, visits, least) in [(20, 140, 7), (24, 168, 9), (48, 336, 17), (40, 280, 14)] {
        let of = |count| week(a_day, move |n| if n < count { failed("timeout") } else { Outcome::Opened });
        assert_eq!(
            decided(&of(least)),
            (Decision::Met, u32::try_from(least).expect("few"), visits),
            "{a_day}"
        );
        let less = (Decision::NotMet, u32::try_from(least - 1).expect("few"), visits);
        assert_eq!(decided(&of(least - 1)), less, "{a_day}");
    }
    assert_eq!(decided(&week(20, |_| Outcome::Opened)), (Decision::NotMet, 0, 140));
    assert_eq!(decided(&week(20, |_| failed("refused"))), (Decision::Met, 140, 140));
}

#[test]
fn a_day_of_nineteen_visits_decides_nothing() {
    for broken in [true, false] {
        let all = week(20, |_| if broken { failed("refused") } else { Outcome::Opened });
        assert_ne!(decided(&all).0, Decision::Undecided);
        for gone in [0, 70, 139] {
            let mut less = all.clone();
            less.remove(gone);
            let week = reckon(&less, until(), &MEASURE);
            assert_eq!((week.decision, week.short_days, week.missing), (Decision::Undecided, 1, 1), "{gone}");
        }
    }
    let none = reckon(&[], until(), &MEASURE);
    assert_eq!((none.decision, none.short_days, none.share()), (Decision::Undecided, 7, (0, 10_000)));
}

#[test]
fn visits_of_other_weeks_do_not_count() {
    let all = week(20, |_| failed("refused"));
    let later = until() + TimeDelta::hours(1);
    let week = reckon(&all, later, &MEASURE);
    assert_eq!((week.decision, week.failed()), (Decision::Undecided, 139), "the first left the window");
    let at_the_end = Sample { at: until(), round: 999, ..all[0].clone() };
    assert_eq!(reckon(&[at_the_end], until(), &MEASURE).visits(), 0, "the end belongs to the next week");
    let at_the_beginning = Sample { at: until() - TimeDelta::days(7), round: 999, ..all[0].clone() };
    assert_eq!(reckon(&[at_the_beginning], until(), &MEASURE).visits(), 1);
}

#[test]
fn our_own_failures_are_no_denominators() {
    // 24 rounds a day, four of them ours: 20 visits are left, 7 of 140 failed.
    let mixed = week(24, |n| match n {
        n if n % 24 < 4 => Outcome::Ours("own-network".to_owned()),
        n if n % 24 == 5 => failed("timeout"),
        _ => Outcome::Opened,
    });
    assert_eq!(decided(&mixed), (Decision::Met, 7, 140));
    let week_of_ours = week(48, |_| Outcome::Ours("own-network".to_owned()));
    assert_eq!(decided(&week_of_ours), (Decision::Undecided, 0, 0));
    // One more of ours a day, and the days are too short to tell.
    let short = week(24, |n| if n % 24 < 5 { Outcome::Ours("x".to_owned()) } else { failed("timeout") });
    assert_eq!(decided(&short), (Decision::Undecided, 133, 133));
}

#[test]
fn what_could_not_be_told_makes_an_interval() {
    let of = |broken: i32, blocked: i32| {
        week(40, move |n| match n % 40 {
            m if m < blocked && n / 40 == 0 => Outcome::Unknown("blocked".to_owned()),
            _ if n >= 280 - broken => failed("timeout"),
            _ => Outcome::Opened,
        })
    };
    assert_eq!(decided(&of(14, 6)).0, Decision::Met, "14 of 280 whatever the six were");
    assert_eq!(decided(&of(7, 6)).0, Decision::NotMet, "13 of 280 at most");
    assert_eq!(decided(&of(8, 6)).0, Decision::Undecided, "8 to 14 of 280");
    assert_eq!(reckon(&of(8, 6), until(), &MEASURE).share(), (285, 500));
    assert_eq!(decided(&of(14, 21)).0, Decision::Undecided, "a day with 19 visits that were told");
}

#[test]
fn fifteen_seconds_are_too_late_and_a_moment_less_is_not() {
    let slow = |ms| {
        let mut all = week(20, |_| Outcome::Opened);
        all.iter_mut().take(7).for_each(|sample| sample.took_ms = ms);
        all
    };
    assert_eq!(decided(&slow(14_999)).0, Decision::NotMet);
    assert_eq!(decided(&slow(15_000)).0, Decision::Met);
    assert_eq!(reckon(&slow(15_000), until(), &MEASURE).reasons, [(SLOW.to_owned(), 7)]);
    // Given up before the time was over: that was we.
    let mut early = week(24, |n| if n < 4 { failed("timeout") } else { Outcome::Opened });
    early.iter_mut().take(4).for_each(|sample| sample.took_ms = 9_000);
    assert_eq!(decided(&early), (Decision::NotMet, 0, 164));
    // A closed port needs no waiting.
    let mut closed = week(20, |n| if n < 7 { failed("refused") } else { Outcome::Opened });
    for sample in &mut closed {
        sample.took_ms = 1;
    }
    assert_eq!(decided(&closed).0, Decision::Met);
}

#[test]
fn visits_that_are_not_spaced_count_once() {
    let all = week(20, |_| Outcome::Opened);
    let mut crowded = all.clone();
    for n in 0..100 {
        let at = all[0].at + TimeDelta::seconds(5 * (n + 1));
        crowded.push(Sample { round: 1000 + n, at, outcome: failed("refused"), ..all[0].clone() });
    }
    assert_eq!(decided(&crowded), (Decision::NotMet, 0, 140));
    let spaced = Sample { round: 2000, at: all[0].at + TimeDelta::minutes(10), ..all[0].clone() };
    crowded.push(spaced);
    assert_eq!(decided(&crowded).2, 141, "ten minutes are apart");
}

#[test]
fn two_families_are_one_visit() {
    let of = |v4: Outcome, v6: Outcome| {
        let at = until() - TimeDelta::hours(1);
        let one =
            |ip, outcome| Sample { round: 1, at, ip, addr: None, status: None, outcome, took_ms: 15_000 };
        let both = [one(Ip::V4, v4), Sample { took_ms: 100, ..one(Ip::V6, v6) }];
        let day = reckon(&both, until(), &MEASURE).days[6];
        (day.opened, day.failed, day.unknown, day.ours)
    };
    let unknown = || Outcome::Unknown("blocked".to_owned());
    let ours = || Outcome::Ours("no-route".to_owned());
    let refused = || failed("refused");
    assert_eq!(of(refused(), Outcome::Opened), (1, 0, 0, 0), "IPv6 opened");
    assert_eq!(of(refused(), refused()), (0, 1, 0, 0));
    assert_eq!(of(refused(), Outcome::Absent), (0, 1, 0, 0));
    assert_eq!(of(refused(), ours()), (0, 1, 0, 0), "IPv4 decides");
    assert_eq!(of(refused(), unknown()), (0, 0, 1, 0), "something answered");
    assert_eq!(of(unknown(), refused()), (0, 0, 1, 0));
    assert_eq!(of(ours(), refused()), (0, 0, 0, 1), "without IPv4 of ours nothing is said");
    assert_eq!(of(Outcome::Absent, refused()), (0, 1, 0, 0), "a site of IPv6 alone");
    assert_eq!(of(Outcome::Absent, ours()), (0, 0, 0, 1));
    assert_eq!(of(Outcome::Absent, Outcome::Absent), (0, 1, 0, 0), "a name without any address");
    assert_eq!(of(Outcome::Opened, refused()), (0, 1, 0, 0), "opened after 15 s");
}

#[test]
fn a_round_bears_witness_or_not() {
    let ground = |groups, reached, witness| Ground { groups, reached, witness }.doubt();
    assert_eq!(ground(1, 0, None), Some("no-witness"));
    assert_eq!(ground(1, 0, Some(true)), None);
    assert_eq!(ground(2, 1, None), None, "the other one was reached");
    assert_eq!(ground(2, 1, Some(false)), Some("own-network"));
    assert_eq!(ground(5, 4, None), None, "one of five");
    assert_eq!(ground(5, 3, None), Some("own-network"));
    assert_eq!(ground(4, 1, None), None, "too few to tell by their number");
    assert_eq!(ground(150, 120, None), None);
    assert_eq!(ground(150, 119, None), Some("own-network"));
}

#[test]
fn visits_in_a_declared_window_are_none_and_the_rest_accuses_nobody() {
    // The last day of 48 visits is declared.
    let of = |count: i32| {
        week(48, move |n| match n {
            n if n >= 288 => Outcome::Declared,
            n if n < count => failed("refused"),
            _ => Outcome::Opened,
        })
    };
    let quiet = reckon(&of(0), until(), &MEASURE);
    assert_eq!((quiet.decision, quiet.visits(), quiet.declared()), (Decision::NotMet, 288, 48));
    assert_eq!((quiet.short_days, quiet.excused_days, quiet.missing), (0, 1, 0));
    assert_eq!(decided(&of(14)), (Decision::NotMet, 14, 288), "4.9 percent of what is left");
    assert_eq!(decided(&of(15)), (Decision::Undecided, 15, 288), "six days are no week");
    let all = reckon(&week(48, |_| Outcome::Declared), until(), &MEASURE);
    assert_eq!((all.decision, all.visits(), all.excused_days), (Decision::Undecided, 0, 7));
    // Ten visits in a day, two of them declared: it was too few anyhow.
    let few = week(10, |n| if n % 10 < 2 { Outcome::Declared } else { Outcome::Opened });
    assert_eq!(reckon(&few, until(), &MEASURE).short_days, 7);
    // A few hours declared of a day that has enough visits besides take nothing from the week.
    let hours = week(48, |n| if n >= 330 { Outcome::Declared } else { failed("refused") });
    assert_eq!(decided(&hours), (Decision::Met, 330, 330));
}
