//! Tests of the ladder: a problem walks up rung by rung, over holidays, never twice, and only while it is with its unit.

use chrono::NaiveDate;

use super::*;
use crate::calendar::{Instant8, end_of_day};
use crate::finding::State;
use crate::ledger::event::{Claim, Event, What};
use crate::ledger::samples;

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn at(text: &str) -> Instant8 {
    end_of_day(date(text)) - chrono::Duration::hours(12)
}

fn holidays() -> Holidays {
    Holidays::parse("holidays.toml", include_str!("../../config/holidays.toml"))
        .expect("the shipped calendar")
}

/// A problem handed over on 9 September 2026 with the date 23 September; holidays from 25 to 27 September (中秋) and from
/// 1 to 7 October (国庆), worked on 20 September and 10 October.
fn case(more: &[(&str, What)]) -> Case {
    graded(Severity::Deadline, more)
}

fn graded(severity: Severity, more: &[(&str, What)]) -> Case {
    let number = "202609-0001".to_owned();
    let mut finding = samples::finding("http://example.test/gone", State::Confirmed);
    finding.severity = severity;
    let unit = "示例市民政局".to_owned();
    let seen = What::Seen { run: "1".to_owned(), unit, finding: Box::new(finding) };
    let approved = What::Approved { batch: "202609".to_owned() };
    let due = Some(date("2026-09-23"));
    let assigned = What::Assigned { batch: "202609".to_owned(), due, on: date("2026-09-09") };
    let first = [("2026-09-07", seen), ("2026-09-08", approved), ("2026-09-09", assigned)];
    let history: Vec<Event> = first
        .iter()
        .chain(more)
        .map(|(on, what)| Event {
            number: number.clone(),
            at: at(on),
            by: "李某某".to_owned(),
            what: what.clone(),
            evidence: None,
        })
        .collect();
    Case::fold(&history).expect("legal")
}

fn reminded(step: Step, on: &str) -> What {
    let (due, on) = (date("2026-09-23"), date(on));
    What::Reminded { step, due, on, unit: "示例市民政局".to_owned(), letter: "x".to_owned() }
}

fn due(case: &Case, on: &str) -> Option<Step> {
    let actions =
        due_actions(std::slice::from_ref(case), &BTreeSet::new(), date(on), Ladder::default(), &holidays());
    actions.expect("the calendar reaches").first().map(|action| action.step)
}

#[test]
fn a_problem_walks_up_the_ladder_by_working_days() {
    let mut walked: Vec<(&str, What)> = Vec::new();
    let table = [
        ("2026-09-09", None),
        ("2026-09-17", None),
        // 18, 20 (a Sunday that is worked), 21, 22, 23: three working days are left on the 20th.
        ("2026-09-18", None),
        ("2026-09-20", Some(Step::Notice)),
        ("2026-09-21", None),
        ("2026-09-23", None),
        ("2026-09-24", Some(Step::Reminder)),
        ("2026-09-27", None),
        // Worked since the date: 24, 28, 29.
        ("2026-09-28", None),
        ("2026-09-29", Some(Step::SecondReminder)),
        ("2026-09-30", None),
        ("2026-10-07", None),
        // 30 September and 8 October make five.
        ("2026-10-08", Some(Step::Order)),
        ("2026-10-09", None),
        ("2026-11-20", None),
    ];
    for (day, step) in table {
        let found = due(&case(&walked), day);
        assert_eq!(found, step, "{day}");
        if let Some(step) = found {
            walked.push((day, reminded(step, day)));
            assert_eq!(due(&case(&walked), day), None, "nothing twice on {day}");
        }
    }
}

#[test]
fn an_order_waits_for_a_reminder_and_haste_for_nobody_else() {
    assert_eq!(due(&case(&[]), "2026-11-20"), Some(Step::Reminder), "the mildest step comes first");
    let asked = [("2026-10-20", reminded(Step::Reminder, "2026-10-20"))];
    assert_eq!(due(&case(&asked), "2026-10-21"), Some(Step::Order));
    let urgent = |more: &[(&str, What)], on| due(&graded(Severity::Immediate, more), on);
    assert_eq!(urgent(&[], "2026-09-22"), None, "nothing before the date");
    assert_eq!(urgent(&[], "2026-09-24"), Some(Step::Reminder));
    assert_eq!(
        urgent(&[("2026-09-24", reminded(Step::Reminder, "2026-09-24"))], "2026-09-28"),
        Some(Step::Order)
    );
    assert_eq!(due(&graded(Severity::Advisory, &[]), "2026-11-20"), None, "a hint is never called in");
}

#[test]
fn nobody_is_reminded_of_what_lies_with_the_office() {
    let unit = |what: What| due(&case(&[("2026-09-20", what)]), "2026-11-20");
    let why = || "理由".to_owned();
    assert_eq!(unit(What::Answered { text: why(), link: None, done: None }), None);
    assert_eq!(unit(What::Disputed { reason: why(), claim: Claim::Untrue }), None);
    assert_eq!(unit(What::DelayAsked { until: None, reason: why() }), None);
    assert_eq!(unit(What::NotSeen { run: "2".to_owned() }), None);
    assert_eq!(unit(What::Revoked { reason: why() }), None);
    let granted = What::Extended { due: date("2026-11-30"), reason: why() };
    assert_eq!(unit(granted.clone()), None);
    let granted = case(&[("2026-09-20", reminded(Step::Notice, "2026-09-20")), ("2026-09-21", granted)]);
    assert_eq!(due(&granted, "2026-11-26"), Some(Step::Notice), "a new date is reminded of anew");
}

#[test]
fn a_failed_recheck_is_told_at_once_and_ordered_soon() {
    let mended = What::Answered { text: "已改".to_owned(), link: None, done: None };
    let finding = Box::new(samples::finding("http://example.test/gone", State::Confirmed));
    let seen = What::Seen { run: "2".to_owned(), unit: String::new(), finding };
    let mut history = vec![("2026-09-14", mended), ("2026-09-15", seen)];
    assert_eq!(due(&case(&history), "2026-09-16"), Some(Step::Reminder), "though its date has not come");
    history.push(("2026-09-16", reminded(Step::Reminder, "2026-09-16")));
    assert_eq!(due(&case(&history), "2026-09-21"), None);
    assert_eq!(due(&case(&history), "2026-09-24"), Some(Step::Order));
}

#[test]
fn what_waits_in_the_outbox_is_not_due_again() {
    let one = case(&[]);
    let waiting = BTreeSet::from([("202609-0001".to_owned(), Step::Reminder)]);
    let actions = due_actions(&[one], &waiting, date("2026-09-24"), Ladder::default(), &holidays());
    assert_eq!(actions, Ok(Vec::new()));
}

#[test]
fn a_year_that_the_calendar_lacks_is_an_error() {
    let error =
        due_actions(&[case(&[])], &BTreeSet::new(), date("2027-01-05"), Ladder::default(), &holidays());
    assert_eq!(error.expect_err("2027 is not there").year, 2027);
}

#[test]
fn talks_are_suggested_after_an_order_and_after_two_quarters() {
    let ordered = case(&[("2026-09-30", reminded(Step::Order, "2026-09-30"))]);
    let found = |cases: &[Case], on: &str| {
        let talks = talks(cases, date(on), Ladder::default(), &holidays()).expect("the calendar reaches");
        talks.into_iter().flat_map(|talk| talk.reasons).collect::<Vec<_>>()
    };
    assert_eq!(found(std::slice::from_ref(&ordered), "2026-10-19"), Vec::<String>::new());
    // 8, 9, 10 (worked), 12 to 16, 19, 20 October: ten working days.
    assert_eq!(found(&[ordered], "2026-10-20"), ["202609-0001经督办10个工作日后仍未办结"]);
    let closed = ("2026-10-09", What::NotSeen { run: "2".to_owned() });
    let both = case(&[
        ("2026-09-30", reminded(Step::Order, "2026-09-30")),
        ("2026-10-08", reminded(Step::Order, "2026-10-08")),
        closed,
    ]);
    assert_eq!(
        found(std::slice::from_ref(&both), "2026-12-31"),
        ["连续两个季度被督办（上季度1项，本季度1项）"]
    );
    assert_eq!(found(&[both], "2026-09-30"), Vec::<String>::new());
}

#[test]
fn reminders_are_counted_by_letter_unit_and_month() {
    let told = [
        ("2026-09-20", reminded(Step::Notice, "2026-09-20")),
        ("2026-09-24", reminded(Step::Reminder, "2026-09-24")),
        ("2026-10-08", reminded(Step::Order, "2026-10-08")),
    ];
    let counted = reminders_by_month(&[case(&told), case(&told[..2])]);
    let of = |month: &str| counted.get(&("示例市民政局".to_owned(), month.to_owned())).copied();
    assert_eq!((of("202609"), of("202610"), of("202611")), (Some(2), Some(1), None));
}
