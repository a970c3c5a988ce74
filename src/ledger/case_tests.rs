//! Tests of the case: the table of transitions, and properties over any sequence of events.

use chrono::{Duration, NaiveDate};
use proptest::prelude::*;

use super::*;
use crate::calendar::from_millis;
use crate::finding::Fingerprint;
use crate::ledger::samples;

const NUMBER: &str = "202611-0032";

fn finding(state: State) -> Finding {
    samples::finding("http://example.test/gone", state)
}

fn day(n: i64) -> Instant8 {
    from_millis(1_793_000_000_000) + Duration::days(n)
}

fn date(n: i64) -> NaiveDate {
    day(n).date_naive()
}

fn event(n: i64, what: What) -> Event {
    Event { number: NUMBER.to_owned(), at: day(n), by: "李某某".to_owned(), what, evidence: None }
}

fn seen(n: i64, state: State) -> Event {
    let what = What::Seen {
        run: format!("r{n}"),
        unit: "示例市民政局".to_owned(),
        finding: Box::new(finding(state)),
    };
    event(n, what)
}

fn passed(n: i64) -> Event {
    event(n, What::NotSeen { run: format!("r{n}") })
}

fn gap(n: i64) -> Event {
    event(n, What::Gap { run: format!("r{n}") })
}

fn approved(n: i64, batch: &str) -> Event {
    event(n, What::Approved { batch: batch.to_owned() })
}

fn assigned(n: i64, batch: &str) -> Event {
    event(n, What::Assigned { batch: batch.to_owned(), due: Some(date(n + 14)), on: date(n) })
}

fn answered(n: i64) -> Event {
    event(n, reply("已修复"))
}

fn reply(text: &str) -> What {
    What::Answered { text: text.to_owned(), link: None, done: None }
}

fn objection(reason: &str) -> What {
    What::Disputed { reason: reason.to_owned(), claim: Claim::Untrue }
}

fn transfer(n: i64) -> Event {
    event(n, What::Transferred { unit: "示例市财政局".to_owned(), reason: why("职责") })
}

fn why(text: &str) -> String {
    text.to_owned()
}

fn state_after(events: &[Event]) -> CaseState {
    Case::fold(events).expect("a legal history").state
}

/// A case in each state, as the history that leads there.
fn history_to(state: CaseState) -> Vec<Event> {
    let confirmed = vec![seen(0, State::Confirmed)];
    let mut assigned_case = confirmed.clone();
    assigned_case.extend([approved(1, "202611"), assigned(2, "202611")]);
    let with = |mut history: Vec<Event>, last: Event| {
        history.push(last);
        history
    };
    match state {
        CaseState::Suspected => vec![seen(0, State::Suspected)],
        CaseState::Dropped => vec![seen(0, State::Suspected), passed(1)],
        CaseState::Confirmed => confirmed,
        CaseState::Assigned => assigned_case,
        CaseState::Answered => with(assigned_case, answered(3)),
        CaseState::Closed => with(assigned_case, passed(4)),
        CaseState::Disputed => with(assigned_case, event(3, objection("不属实"))),
        CaseState::Extended => {
            with(assigned_case, event(3, What::Extended { due: date(40), reason: why("改版") }))
        }
        CaseState::Unfixed => with(with(assigned_case, answered(3)), seen(4, State::Confirmed)),
        CaseState::Transferred => with(assigned_case, transfer(3)),
        CaseState::Exempt => {
            with(confirmed, event(3, What::Exempted { until: date(30), reason: why("改版") }))
        }
        CaseState::Reopened => with(with(assigned_case, passed(4)), seen(5, State::Confirmed)),
        CaseState::Revoked => with(confirmed, event(3, What::Rejected { reason: why("误报") })),
    }
}

#[test]
fn each_history_leads_where_it_says() {
    for state in CaseState::ALL {
        assert_eq!(state_after(&history_to(state)), state, "{state:?}");
    }
}

#[test]
fn observations_move_every_state_as_the_table_says() {
    use CaseState as S;
    // (from, a single look sees it, all looks see it, it is in order)
    let table = [
        (S::Suspected, S::Suspected, S::Confirmed, S::Dropped),
        (S::Dropped, S::Suspected, S::Confirmed, S::Dropped),
        (S::Confirmed, S::Confirmed, S::Confirmed, S::Closed),
        (S::Assigned, S::Assigned, S::Assigned, S::Closed),
        (S::Answered, S::Answered, S::Unfixed, S::Closed),
        (S::Extended, S::Extended, S::Extended, S::Closed),
        (S::Unfixed, S::Unfixed, S::Unfixed, S::Closed),
        (S::Transferred, S::Transferred, S::Transferred, S::Closed),
        (S::Closed, S::Closed, S::Reopened, S::Closed),
        (S::Disputed, S::Disputed, S::Disputed, S::Disputed),
        (S::Exempt, S::Exempt, S::Exempt, S::Exempt),
        (S::Reopened, S::Reopened, S::Reopened, S::Closed),
        (S::Revoked, S::Revoked, S::Revoked, S::Revoked),
    ];
    assert_eq!(table.len(), S::ALL.len());
    for (from, once, all, ok) in table {
        for (next, to) in [
            (seen(10, State::Suspected), once),
            (seen(10, State::Confirmed), all),
            (passed(10), ok),
            (gap(10), from),
        ] {
            let mut history = history_to(from);
            history.push(next.clone());
            assert_eq!(state_after(&history), to, "{from:?} after {}", next.what.label());
        }
    }
}

#[test]
fn what_people_do_is_refused_where_it_makes_no_sense() {
    use CaseState as S;
    const WITH_UNIT: [S; 3] = [S::Assigned, S::Extended, S::Unfixed];
    const UNASSIGNED: [S; 3] = [S::Confirmed, S::Reopened, S::Transferred];
    let some = |sets: &[&[S]]| sets.concat();
    let told = some(&[&WITH_UNIT, &[S::Answered, S::Disputed]]);
    let reminded = What::Reminded {
        step: Step::Reminder,
        due: date(16),
        on: date(17),
        unit: why("局"),
        letter: why("x"),
    };
    let acts: [(What, Vec<S>); 14] = [
        (What::Approved { batch: "202612".to_owned() }, UNASSIGNED.to_vec()),
        (What::Rejected { reason: why("误报") }, UNASSIGNED.to_vec()),
        (What::Assigned { batch: "202612".to_owned(), due: None, on: date(10) }, Vec::new()),
        (What::HeldOver { batch: "202611".to_owned() }, Vec::new()),
        (reply("已改"), told.clone()),
        (objection("不属实"), some(&[&WITH_UNIT, &[S::Answered]])),
        (What::DelayAsked { until: Some(date(40)), reason: why("改版") }, told.clone()),
        (What::Maintained { reason: why("属实") }, vec![S::Disputed]),
        (What::Extended { due: date(40), reason: why("改版") }, told.clone()),
        (reminded, some(&[&told, &[S::Closed, S::Reopened, S::Transferred]])),
        (
            What::Exempted { until: date(40), reason: why("改版") },
            some(&[&told, &UNASSIGNED, &[S::Suspected, S::Exempt]]),
        ),
        (
            What::Transferred { unit: why("示例市财政局"), reason: why("职责") },
            some(&[&told, &UNASSIGNED, &[S::Suspected]]),
        ),
        (
            What::Revoked { reason: why("误报") },
            some(&[&told, &UNASSIGNED, &[S::Suspected, S::Closed, S::Exempt]]),
        ),
        (What::Reopened { reason: why("复查") }, vec![S::Closed, S::Exempt, S::Revoked]),
    ];
    for (what, legal) in acts {
        for from in S::ALL {
            let mut history = history_to(from);
            history.push(event(10, what.clone()));
            let outcome = Case::fold(&history);
            assert_eq!(outcome.is_ok(), legal.contains(&from), "{} from {from:?}: {outcome:?}", what.label());
        }
    }
}

#[test]
fn a_letter_needs_approval_for_that_very_batch() {
    let mut history = vec![seen(0, State::Confirmed), approved(1, "202611")];
    assert!(Case::fold(&history).expect("legal").progress.approved.is_some());
    history.push(assigned(2, "202612"));
    let refusal = Case::fold(&history).expect_err("another batch").to_string();
    assert_eq!(refusal, "202611-0032：目前为“已确认待交办”，不能“交办”：须先在该批次中获得批准");
}

#[test]
fn what_a_full_list_left_out_is_a_candidate_for_the_next_batch() {
    let mut history = vec![seen(0, State::Confirmed), approved(1, "202611")];
    history.push(event(2, What::HeldOver { batch: "202611".to_owned() }));
    assert!(Case::fold(&history).expect("legal").is_candidate());
    history.extend([approved(30, "202612"), assigned(31, "202612")]);
    assert_eq!(state_after(&history), CaseState::Assigned);
}

#[test]
fn approval_does_not_survive_a_pass() {
    let history = [seen(0, State::Confirmed), approved(1, "202611"), passed(2), seen(3, State::Confirmed)];
    let case = Case::fold(&history).expect("legal");
    assert_eq!(case.state, CaseState::Reopened);
    assert_eq!(case.progress.approved, None);
    assert!(case.is_candidate());
}

#[test]
fn a_relapse_keeps_its_number_and_is_counted() {
    let case = Case::fold(&history_to(CaseState::Reopened)).expect("legal");
    assert_eq!((case.number.as_str(), case.progress.relapses), (NUMBER, 1));
    assert_eq!(case.first_seen, day(0));
}

#[test]
fn a_single_look_at_a_closed_case_accuses_nobody_but_is_kept() {
    let mut history = history_to(CaseState::Closed);
    history.push(seen(8, State::Suspected));
    let case = Case::fold(&history).expect("legal");
    assert_eq!(case.state, CaseState::Closed);
    assert!(case.suspicion().is_some());
    history.push(passed(9));
    assert!(Case::fold(&history).expect("legal").suspicion().is_none());
}

#[test]
fn a_single_look_does_not_replace_confirmed_evidence() {
    let case = Case::fold(&[seen(0, State::Confirmed), seen(1, State::Suspected)]).expect("legal");
    assert_eq!(case.finding.state, State::Confirmed);
    assert_eq!(case.last_seen, day(1));
}

#[test]
fn an_expired_exemption_lets_the_problem_return_for_approval() {
    let mut history = history_to(CaseState::Exempt);
    history.push(seen(30, State::Confirmed));
    assert_eq!(state_after(&history), CaseState::Exempt);
    history.push(seen(31, State::Confirmed));
    let case = Case::fold(&history).expect("legal");
    assert!(case.state == CaseState::Confirmed && case.is_candidate());
}

#[test]
fn a_false_alarm_stays_silent_until_it_has_been_in_order() {
    let mut history = history_to(CaseState::Revoked);
    history.push(seen(10, State::Confirmed));
    assert_eq!(state_after(&history), CaseState::Revoked);
    history.extend([passed(11), seen(12, State::Confirmed)]);
    assert_eq!(state_after(&history), CaseState::Confirmed);
}

#[test]
fn a_sighting_of_before_the_reply_does_not_refute_it() {
    let mut early = vec![seen(0, State::Confirmed), approved(1, "202611"), assigned(2, "202611")];
    early.extend([answered(6), seen(5, State::Confirmed)]);
    assert_eq!(state_after(&early), CaseState::Answered);
    early.push(seen(7, State::Confirmed));
    let case = Case::fold(&early).expect("legal");
    assert_eq!((case.state, case.progress.failed_rechecks), (CaseState::Unfixed, 1));
}

#[test]
fn the_register_moves_a_case_only_before_approval_and_never_after_a_person_has() {
    let moved = |n: i64| {
        let mut event = seen(n, State::Confirmed);
        if let What::Seen { unit, .. } = &mut event.what {
            "示例市教育局".clone_into(unit);
        }
        event
    };
    let unit = |events: &[Event]| Case::fold(events).expect("legal").unit;
    let first = seen(0, State::Confirmed);
    assert_eq!(unit(&[first.clone(), moved(1)]), "示例市教育局");
    assert_eq!(unit(&[first.clone(), approved(1, "202611"), moved(2)]), "示例市民政局");
    let transfer = event(1, What::Transferred { unit: "示例市财政局".to_owned(), reason: why("职责") });
    assert_eq!(unit(&[first, transfer, moved(2)]), "示例市财政局");
}

#[test]
fn a_transferred_problem_is_handed_over_anew() {
    let mut history = history_to(CaseState::Disputed);
    history.push(event(6, What::Transferred { unit: "示例市财政局".to_owned(), reason: why("职责") }));
    let case = Case::fold(&history).expect("legal");
    assert!(case.state == CaseState::Transferred && case.is_candidate());
    history.extend([approved(7, "202612"), assigned(8, "202612")]);
    let case = Case::fold(&history).expect("legal");
    assert_eq!((case.state, case.unit.as_str()), (CaseState::Assigned, "示例市财政局"));
}

/// The same problem, handed over with the date `date(16)`, after further events.
fn handed_over(more: &[Event]) -> Case {
    let mut history = history_to(CaseState::Assigned);
    history.extend_from_slice(more);
    Case::fold(&history).expect("legal")
}

#[test]
fn late_without_a_word_and_late_without_a_repair_are_told_apart() {
    use CaseState as S;
    let delay = |n| event(n, What::DelayAsked { until: Some(date(30)), reason: why("改版") });
    let extended = |n| event(n, What::Extended { due: date(30), reason: why("改版") });
    let table: [(&str, Vec<Event>, i64, Standing); 12] = [
        ("on the day itself", vec![], 16, Standing::Is(S::Assigned)),
        ("a day later, no reply", vec![], 17, Standing::NoReply),
        ("seen before the date", vec![seen(15, State::Confirmed)], 17, Standing::NoReply),
        ("seen by one look after it", vec![seen(17, State::Suspected)], 18, Standing::NoReply),
        ("confirmed after it", vec![seen(17, State::Confirmed)], 18, Standing::NotMended),
        ("not to be seen after it", vec![gap(17)], 18, Standing::NoReply),
        ("replied in time, not rechecked", vec![answered(15)], 20, Standing::Is(S::Answered)),
        ("recheck failed", vec![answered(15), seen(16, State::Confirmed)], 17, Standing::NotMended),
        ("asked for time in time", vec![delay(15)], 20, Standing::Is(S::Assigned)),
        ("asked for time too late", vec![delay(17)], 20, Standing::NotMended),
        ("time granted", vec![delay(15), extended(16)], 30, Standing::Is(S::Extended)),
        ("granted time is over", vec![delay(15), extended(16)], 31, Standing::NotMended),
    ];
    for (what, events, day, standing) in table {
        assert_eq!(handed_over(&events).standing(date(day)), standing, "{what}");
    }
}

#[test]
fn what_the_office_decides_of_an_objection() {
    let case =
        handed_over(&[event(3, objection("栏目有内容")), event(4, What::Revoked { reason: why("属实") })]);
    assert!(case.progress.false_alarm && case.state == CaseState::Revoked);
    let case = handed_over(&[event(4, What::Revoked { reason: why("重复") })]);
    assert!(!case.progress.false_alarm, "nobody had objected");
    let kept = event(4, What::Maintained { reason: why("仍为空白") });
    let case = handed_over(&[event(3, objection("栏目有内容")), kept.clone()]);
    assert_eq!((case.state, case.progress.pending), (CaseState::Assigned, None));
    let unfixed = [answered(3), seen(4, State::Confirmed), event(5, objection("已改")), event(6, kept.what)];
    assert_eq!(handed_over(&unfixed).state, CaseState::Unfixed, "back to where it stood");
}

#[test]
fn a_new_hand_over_starts_afresh() {
    let again = [answered(3), seen(4, State::Confirmed), passed(5), seen(8, State::Confirmed)];
    let again = [&again[..], &[approved(20, "202612"), assigned(21, "202612")]].concat();
    let case = handed_over(&again);
    assert_eq!((case.state, case.progress.answered_at), (CaseState::Assigned, None));
    assert_eq!(case.standing(date(40)), Standing::NoReply, "an old reply is no reply to the new letter");
}

#[test]
fn an_older_observation_and_a_foreign_one_are_refused() {
    let case = Case::fold(&[seen(5, State::Confirmed)]).expect("legal");
    assert!(case.clone().apply(&passed(4)).is_err());
    let foreign = Event { number: "202611-0033".to_owned(), ..passed(6) };
    assert!(case.clone().apply(&foreign).is_err());
    let mut other = seen(6, State::Confirmed);
    if let What::Seen { finding, .. } = &mut other.what {
        finding.fingerprint = Fingerprint::of("a", "b", "c");
    }
    assert!(case.clone().apply(&other).is_err());
    assert!(Case::fold(&[]).is_err() && Case::fold(&[passed(0)]).is_err());
}

#[test]
fn states_are_named_both_ways() {
    for state in CaseState::ALL {
        assert_eq!(CaseState::parse(state.label()), Some(state));
        assert_eq!(CaseState::parse(state.word()), Some(state));
        let json = serde_json::to_string(&state).expect("serializes");
        assert_eq!(json, format!("\"{}\"", state.word()));
    }
    assert_eq!(CaseState::parse("已撤销"), Some(CaseState::Revoked));
    assert_eq!(CaseState::parse("已消号"), None);
}

fn any_what() -> impl Strategy<Value = What> {
    let text = || prop_oneof![Just(String::new()), Just("理由".to_owned())];
    let batch = || prop_oneof![Just("202611".to_owned()), Just("202612".to_owned())];
    let any_state = prop_oneof![Just(State::Suspected), Just(State::Confirmed)];
    prop_oneof![
        6 => any_state.prop_map(|state| What::Seen {
            run: "r".to_owned(),
            unit: "示例市民政局".to_owned(),
            finding: Box::new(finding(state)),
        }),
        4 => Just(What::NotSeen { run: "r".to_owned() }),
        3 => Just(What::Gap { run: "r".to_owned() }),
        3 => batch().prop_map(|batch| What::Approved { batch }),
        1 => text().prop_map(|reason| What::Rejected { reason }),
        3 => batch().prop_map(|batch| What::Assigned { batch, due: None, on: date(0) }),
        1 => batch().prop_map(|batch| What::HeldOver { batch }),
        2 => text().prop_map(|text| What::Answered { text, link: None, done: None }),
        1 => text().prop_map(|reason| What::Disputed { reason, claim: Claim::NotRequired }),
        1 => text().prop_map(|reason| What::DelayAsked { until: None, reason }),
        1 => text().prop_map(|reason| What::Maintained { reason }),
        1 => (0..60i64).prop_map(|n| What::Reminded {
            step: Step::Notice,
            due: date(n),
            on: date(n),
            unit: "示例市民政局".to_owned(),
            letter: "x".to_owned(),
        }),
        1 => text().prop_map(|reason| What::Extended { due: date(50), reason }),
        1 => (0..60i64, text()).prop_map(|(n, reason)| What::Exempted { until: date(n), reason }),
        1 => text().prop_map(|reason| What::Transferred { unit: "示例市教育局".to_owned(), reason }),
        1 => text().prop_map(|reason| What::Revoked { reason }),
        1 => text().prop_map(|reason| What::Reopened { reason }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_keeps_the_promises(whats in prop::collection::vec(any_what(), 1..60)) {
        let first = seen(0, State::Suspected);
        let mut legal = vec![first.clone()];
        let mut case = Case::open(&first).expect("a sighting opens a case");
        for (n, what) in (1..).zip(whats) {
            let event = event(n, what);
            let before = case.clone();
            if case.apply(&event).is_err() {
                prop_assert_eq!(&case, &before, "a refused event leaves no trace");
                continue;
            }
            legal.push(event.clone());
            let moved = case.state != before.state;
            prop_assert_eq!(case.number.as_str(), NUMBER);
            prop_assert_eq!(&case.finding.fingerprint, &before.finding.fingerprint);
            prop_assert_eq!(case.first_seen, before.first_seen);
            if matches!(event.what, What::Gap { .. }) {
                prop_assert!(!moved, "a gap neither opens nor closes");
            }
            if moved && matches!(case.state, CaseState::Closed | CaseState::Dropped) {
                prop_assert!(matches!(event.what, What::NotSeen { .. }), "only an observed pass closes");
            }
            if matches!(event.what, What::Assigned { .. }) {
                prop_assert!(before.progress.approved.is_some(), "nothing leaves without approval");
                prop_assert_eq!(before.finding.state, State::Confirmed);
            }
        }
        let folded = Case::fold(&legal).expect("each was legal");
        prop_assert_eq!(&folded, &case, "folding again gives the same case");
        let json = serde_json::to_string(&legal).expect("serializes");
        let back: Vec<Event> = serde_json::from_str(&json).expect("reads back");
        prop_assert_eq!(Case::fold(&back).expect("legal"), case, "also after storage");
    }
}
