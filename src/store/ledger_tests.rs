//! Tests of the ledger: recording, numbers, idempotence, append-only histories, approval, interrupted writes.

use proptest::prelude::*;

use super::*;
use crate::finding::State::{Confirmed, Suspected};
use crate::finding::{Finding, Fingerprint};
use crate::ledger::samples::{day, finding, observed};
use crate::ledger::{Accounted, Observations};
use crate::store::batches::Review;

fn fresh() -> (tempfile::TempDir, Ledger) {
    let dir = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::open(dir.path()).expect("opens");
    (dir, ledger)
}

fn dead(n: u32) -> Finding {
    finding(&format!("http://example.test/{n:03}"), Confirmed)
}

fn doubtful(n: u32) -> Finding {
    finding(&format!("http://example.test/{n:03}"), Suspected)
}

fn passing(run: &str, at: Instant8, passed: &[&Finding]) -> Observations {
    let passed = passed.iter().map(|f| f.fingerprint.clone()).collect();
    Observations { passed, ..observed(run, at, Vec::new()) }
}

fn review(batch: &str, adopted: &[&str]) -> Review {
    Review {
        batch: batch.to_owned(),
        by: "李某某".to_owned(),
        at: day(11, 19),
        adopted: adopted.iter().map(|n| (*n).to_owned()).collect(),
        refused: Vec::new(),
        source: None,
    }
}

/// Everything the ledger holds, row by row.
fn dump(ledger: &Ledger) -> Vec<String> {
    let mut rows = Vec::new();
    for table in ["cases", "event", "recording", "undecided", "batch", "batch_case"] {
        let mut select =
            ledger.conn.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).expect("selects");
        let columns = select.column_count();
        let mut cursor = select.query([]).expect("queries");
        while let Some(row) = cursor.next().expect("a row") {
            let cells: Vec<String> =
                (0..columns).map(|c| format!("{:?}", row.get_ref(c).expect("a cell"))).collect();
            rows.push(format!("{table} {}", cells.join(" ")));
        }
    }
    rows
}

fn states(ledger: &Ledger) -> Vec<(String, CaseState)> {
    ledger.cases(&Wanted::default()).expect("reads").into_iter().map(|c| (c.number, c.state)).collect()
}

#[test]
fn numbers_run_by_month_and_stay() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(2), dead(1)])).expect("records");
    ledger.record(&observed("r2", day(11, 30), vec![dead(1), dead(3)])).expect("records");
    ledger.record(&observed("r3", day(12, 1), vec![dead(1), dead(4)])).expect("records");
    let cases = ledger.cases(&Wanted::default()).expect("reads");
    let numbers: Vec<(&str, &str)> =
        cases.iter().map(|c| (c.number.as_str(), c.finding.url.as_str())).collect();
    assert_eq!(
        numbers,
        [
            ("202611-0001", "http://example.test/001"),
            ("202611-0002", "http://example.test/002"),
            ("202611-0003", "http://example.test/003"),
            ("202612-0001", "http://example.test/004"),
        ]
    );
}

#[test]
fn the_month_is_that_of_beijing() {
    let (_dir, mut ledger) = fresh();
    let utc_evening = chrono::DateTime::parse_from_rfc3339("2026-11-30T16:30:00+00:00").expect("an instant");
    ledger.record(&observed("r1", utc_evening, vec![dead(1)])).expect("records");
    assert_eq!(states(&ledger), [("202612-0001".to_owned(), CaseState::Confirmed)]);
}

#[test]
fn the_same_run_twice_changes_nothing() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 15), vec![dead(1), doubtful(2), dead(4)])).expect("records");
    let mut second = observed("r2", day(11, 16), vec![dead(1), dead(3)]);
    second.passed = vec![dead(2).fingerprint];
    second.unseen = vec![dead(4).fingerprint];
    second.undecided = vec![Undecided {
        unit: "示例市民政局".to_owned(),
        gap: Gap::new("http://example.test/q", "blocked"),
    }];
    let first = ledger.record(&second).expect("records");
    let before = dump(&ledger);
    let again = ledger.record(&second).expect("records");
    assert_eq!(dump(&ledger), before);
    assert_eq!(again, Outcome { repeated: true, ..first });
    let shuffled = Observations { findings: vec![dead(3), dead(1)], ..second };
    assert!(ledger.record(&shuffled).expect("records").repeated);
    assert_eq!(dump(&ledger), before);
}

#[test]
fn a_later_look_of_the_same_run_confirms() {
    let (_dir, mut ledger) = fresh();
    let first = ledger.record(&observed("r1", day(11, 16), vec![doubtful(1), doubtful(2)])).expect("records");
    assert_eq!((first.opened, first.confirmed), (2, 0));
    assert_eq!(ledger.to_recheck().expect("reads").len(), 2);
    assert!(ledger.candidates().expect("reads").is_empty());
    let mut recheck = observed("r1", day(11, 16), vec![dead(1)]);
    recheck.passed = vec![dead(2).fingerprint];
    let second = ledger.record(&recheck).expect("records");
    assert_eq!((second.opened, second.confirmed, second.dropped, second.closed), (0, 1, 1, 0));
    let expected = [CaseState::Confirmed, CaseState::Dropped];
    assert_eq!(states(&ledger).into_iter().map(|(_, s)| s).collect::<Vec<_>>(), expected);
}

#[test]
fn gaps_change_nothing_and_open_nothing() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(1)])).expect("records");
    let unseen = vec![dead(1).fingerprint, dead(9).fingerprint];
    let outcome =
        ledger.record(&Observations { unseen, ..observed("r2", day(12, 16), Vec::new()) }).expect("records");
    assert_eq!((outcome.unseen, outcome.opened, outcome.closed), (1, 0, 0));
    assert_eq!(states(&ledger), [("202611-0001".to_owned(), CaseState::Confirmed)]);
}

#[test]
fn a_doubt_outweighs_a_pass_and_a_sighting_a_doubt() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(1), dead(2)])).expect("records");
    let mut muddled = observed("r2", day(11, 17), vec![dead(1), doubtful(1)]);
    muddled.passed = vec![dead(1).fingerprint, dead(2).fingerprint];
    muddled.unseen = vec![dead(2).fingerprint];
    let outcome = ledger.record(&muddled).expect("records");
    assert_eq!((outcome.still, outcome.unseen, outcome.closed), (1, 1, 0));
}

#[test]
fn a_problem_that_returns_keeps_its_number() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(1)])).expect("records");
    let closed = ledger.record(&passing("r2", day(12, 16), &[&dead(1)])).expect("records");
    assert_eq!(closed.closed, 1);
    let back = ledger
        .record(&Observations { findings: vec![dead(1)], ..observed("r3", day(12, 30), Vec::new()) })
        .expect("records");
    assert_eq!(back.reopened, 1);
    assert_eq!(states(&ledger), [("202611-0001".to_owned(), CaseState::Reopened)]);
    assert_eq!(ledger.candidates().expect("reads").len(), 1);
    assert_eq!(ledger.history("202611-0001").expect("reads").len(), 3);
}

#[test]
fn an_older_run_judged_late_changes_nothing() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r2", day(11, 16), vec![dead(1)])).expect("records");
    let outcome = ledger.record(&passing("r1", day(11, 9), &[&dead(1)])).expect("records");
    assert_eq!((outcome.outdated, outcome.closed), (1, 0));
    assert_eq!(states(&ledger), [("202611-0001".to_owned(), CaseState::Confirmed)]);
}

#[test]
fn ended_cases_do_not_grow_with_every_run() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 1), vec![doubtful(1), dead(2), dead(3)])).expect("records");
    let refusal =
        Review { refused: vec![("202611-0003".to_owned(), "误报".to_owned())], ..review("202611", &[]) };
    ledger.approve(&refusal).expect("enters");
    for n in 20..28 {
        ledger
            .record(&passing(&format!("r{n}"), day(11, n), &[&dead(1), &dead(2), &dead(3)]))
            .expect("records");
    }
    for (number, events) in [("202611-0001", 2), ("202611-0002", 2), ("202611-0003", 3)] {
        assert_eq!(ledger.history(number).expect("reads").len(), events, "{number}");
    }
}

#[test]
fn undecided_items_are_those_of_the_latest_whole_run() {
    let (_dir, mut ledger) = fresh();
    let gap = |subject: &str| Undecided {
        unit: "示例市民政局".to_owned(),
        gap: Gap::new(subject, "blocked"),
    };
    let run = |run: &str, at, whole, subjects: &[&str]| Observations {
        whole,
        undecided: subjects.iter().map(|s| gap(s)).collect(),
        ..observed(run, at, Vec::new())
    };
    ledger.record(&run("r1", day(11, 16), true, &["a", "b"])).expect("records");
    ledger.record(&run("r1-recheck", day(11, 17), false, &["c"])).expect("records");
    let subjects = |ledger: &Ledger| -> Vec<String> {
        ledger.undecided().expect("reads").into_iter().map(|u| u.gap.subject).collect()
    };
    assert_eq!(subjects(&ledger), ["a", "b", "c"]);
    ledger.record(&run("r2", day(12, 16), true, &["d"])).expect("records");
    assert_eq!(subjects(&ledger), ["d"]);
    assert_eq!(ledger.recordings(2).expect("reads").len(), 2);
}

#[test]
fn histories_cannot_be_changed_even_by_hand() {
    let (dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(1), dead(2)])).expect("records");
    drop(ledger);
    let stranger = Connection::open(dir.path().join(Ledger::FILE)).expect("opens");
    for statement in [
        "UPDATE event SET author = 'x'",
        "UPDATE event SET body = '{}' WHERE id = 1",
        "DELETE FROM event",
        "DELETE FROM event WHERE id = 1",
        "INSERT OR REPLACE INTO event (id, number, at, author, kind, body) VALUES (1, '202611-0001', 0, 'x', 'x', '{}')",
        "REPLACE INTO event SELECT * FROM event",
        "UPDATE cases SET number = '202611-0009' WHERE serial = 1",
        "UPDATE cases SET fingerprint = 'x' WHERE serial = 1",
        "DELETE FROM cases",
    ] {
        assert!(stranger.execute_batch(statement).is_err(), "{statement}");
    }
    let ledger = Ledger::open(dir.path()).expect("opens");
    assert_eq!(ledger.history("202611-0001").expect("reads").len(), 1);
    assert_eq!(ledger.audit().expect("reads"), Vec::<String>::new());
}

#[test]
fn the_audit_finds_a_state_that_does_not_follow_from_the_history() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(1)])).expect("records");
    let tampered = "UPDATE cases SET folded = replace(folded, '示例市民政局', '示例市教育局')";
    ledger.conn.execute_batch(tampered).expect("updates");
    assert_eq!(ledger.audit().expect("reads"), ["202611-0001"]);
}

/// Where a write is broken off must not matter: after each prefix of the statements the ledger is as before.
#[test]
fn an_interrupted_recording_leaves_nothing() {
    let (dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 15), vec![dead(1), dead(2)])).expect("records");
    let before = dump(&ledger);
    let mut next = observed("r2", day(11, 16), vec![dead(1), dead(3), dead(4)]);
    next.passed = vec![dead(2).fingerprint];
    for broken_at in ["202611-0001", "202611-0002", "202611-0003", "202611-0004"] {
        let trap = format!(
            "CREATE TEMP TRIGGER trap BEFORE INSERT ON event WHEN NEW.number = '{broken_at}'
             BEGIN SELECT RAISE(ROLLBACK, 'power cut'); END;"
        );
        ledger.conn.execute_batch(&trap).expect("sets the trap");
        assert!(ledger.record(&next).is_err(), "{broken_at}");
        ledger.conn.execute_batch("DROP TRIGGER trap").expect("takes it away");
        assert_eq!(dump(&ledger), before, "{broken_at}");
    }
    let outcome = ledger.record(&next).expect("records");
    assert_eq!((outcome.opened, outcome.closed, outcome.still, outcome.repeated), (2, 1, 1, false));
    drop(ledger);
    let ledger = Ledger::open(dir.path()).expect("opens");
    assert_eq!(states(&ledger).len(), 4);
}

/// What a killed process leaves on disk: a copy of the files while a transaction is open and its pages are
/// already in the WAL. Opening the copy must show none of it.
#[test]
fn a_transaction_that_never_committed_is_not_there_after_a_restart() {
    let (dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 15), vec![dead(1)])).expect("records");
    let before = dump(&ledger);
    ledger.conn.pragma_update(None, "cache_size", 1).expect("sets");
    ledger.conn.pragma_update(None, "cache_spill", 1).expect("sets");
    let committed = std::fs::metadata(dir.path().join("ledger.db-wal")).expect("there").len();
    let tx = ledger.conn.transaction().expect("begins");
    for n in 0..400 {
        let padding = "p".repeat(2000);
        tx.execute(
            "INSERT INTO event (number, at, author, kind, body) VALUES ('202611-0001', ?1, ?2, 'x', '{}')",
            params![n, padding],
        )
        .expect("inserts");
    }
    let spilled = std::fs::metadata(dir.path().join("ledger.db-wal")).expect("there").len();
    assert!(spilled > committed + 100_000, "the test needs uncommitted pages on disk: {spilled}");
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["ledger.db", "ledger.db-wal"] {
        std::fs::copy(dir.path().join(name), copy.path().join(name)).expect("copies");
    }
    drop(tx);
    assert_eq!(dump(&Ledger::open(copy.path()).expect("opens")), before);
}

#[test]
fn approval_hands_over_once_and_only_what_was_approved() {
    let (_dir, mut ledger) = fresh();
    ledger
        .record(&observed("r1", day(11, 16), vec![dead(1), dead(2), dead(3), doubtful(4)]))
        .expect("records");
    let mut decided = review("202611", &["202611-0001"]);
    decided.refused = vec![("202611-0002".to_owned(), "页面正常".to_owned())];
    let batch = ledger.approve(&decided).expect("approves");
    assert_eq!((batch.cases.len(), batch.pending().count(), batch.approved_by.as_str()), (1, 1, "李某某"));
    let before = dump(&ledger);
    ledger.approve(&decided).expect("the same again");
    assert_eq!(dump(&ledger), before);
    assert!(ledger.approve(&review("202611", &["202611-0004"])).is_err(), "a suspicion cannot be approved");
    assert!(ledger.approve(&review("202612", &["202611-0001"])).is_err(), "nor anything twice");
    assert_eq!(dump(&ledger), before, "a refused review leaves nothing");

    let due = day(12, 4).date_naive();
    let on = day(11, 20).date_naive();
    let both = ["202611-0001".to_owned(), "202611-0003".to_owned()];
    assert!(ledger.mark_assigned(&both, due, on, "程序", day(11, 20)).is_err(), "0003 is not approved");
    assert_eq!(dump(&ledger), before);
    let one = ["202611-0001".to_owned()];
    assert_eq!(ledger.mark_assigned(&one, due, on, "程序", day(11, 20)).expect("marks"), 1);
    assert_eq!(ledger.mark_assigned(&one, due, on, "程序", day(11, 20)).expect("marks"), 0);
    let case = ledger.case("202611-0001").expect("there");
    assert_eq!(
        (case.state, case.batch.as_deref(), case.due),
        (CaseState::Assigned, Some("202611"), Some(due))
    );
    let closed = ledger.approve(&review("202611", &["202611-0003"])).expect_err("the batch has gone out");
    assert!(closed.to_string().contains("202611-2"), "{closed}");
    ledger.approve(&review("202611-2", &["202611-0003"])).expect("approves");
    let sizes: Vec<usize> = ledger.batches().expect("reads").iter().map(|b| b.cases.len()).collect();
    assert_eq!(sizes, [1, 1]);
}

#[test]
fn what_was_mended_before_the_letter_is_not_in_the_batch_any_more() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(1), dead(2)])).expect("records");
    ledger.approve(&review("202611", &["202611-0001", "202611-0002"])).expect("approves");
    ledger.record(&passing("r2", day(11, 20), &[&dead(1)])).expect("records");
    let batch = ledger.batch("202611").expect("there");
    assert_eq!(batch.cases.iter().map(|c| c.number.as_str()).collect::<Vec<_>>(), ["202611-0002"]);
}

#[test]
fn what_the_register_accounts_for_is_exempt_while_it_does() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 1), vec![dead(1), dead(2)])).expect("records");
    let accounted = |run: &str, at: Instant8, until| Observations {
        accounted: [dead(1), dead(9)]
            .map(|f| Accounted { fingerprint: f.fingerprint, reason: "改版".to_owned(), until })
            .to_vec(),
        ..observed(run, at, Vec::new())
    };
    let first = accounted("r2", day(11, 10), None);
    assert_eq!(ledger.record(&first).expect("records").exempted, 1);
    assert!(ledger.record(&first).expect("records").repeated);
    let until = Some(day(11, 30).date_naive());
    assert_eq!(ledger.record(&accounted("r3", day(11, 20), until)).expect("records").exempted, 1);
    assert_eq!(ledger.record(&accounted("r4", day(11, 25), until)).expect("records").exempted, 0);
    assert_eq!(ledger.case("202611-0001").expect("there").state, CaseState::Exempt);
    ledger.record(&observed("r5", day(12, 1), vec![dead(1)])).expect("records");
    assert_eq!(ledger.case("202611-0001").expect("there").state, CaseState::Confirmed);
    assert_eq!(states(&ledger).len(), 2, "it opens no case");
}

#[test]
fn what_a_full_list_left_out_waits_for_the_next_batch() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(1), dead(2)])).expect("records");
    ledger.approve(&review("202611", &["202611-0001", "202611-0002"])).expect("approves");
    let (sent, left) = (["202611-0001".to_owned()], ["202611-0002".to_owned()]);
    let on = day(11, 20).date_naive();
    ledger.mark_assigned(&sent, None, on, "程序", day(11, 20)).expect("marks");
    assert_eq!(ledger.hold_over(&left, "程序", day(11, 20)).expect("marks"), 1);
    assert_eq!(ledger.hold_over(&left, "程序", day(11, 20)).expect("marks"), 0);
    assert_eq!(ledger.batch("202611").expect("there").cases.len(), 1);
    ledger.approve(&review("202612", &["202611-0002"])).expect("approves");
    assert_eq!(ledger.batch("202612").expect("there").pending().count(), 1);
}

#[test]
fn a_review_that_adopts_nothing_opens_no_batch() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(1)])).expect("records");
    let refusal =
        Review { refused: vec![("202611-0001".to_owned(), "误报".to_owned())], ..review("202611", &[]) };
    assert!(ledger.approve(&refusal).expect("enters").cases.is_empty());
    assert!(ledger.batches().expect("reads").is_empty());
    assert_eq!(ledger.case("202611-0001").expect("there").state, CaseState::Revoked);
}

#[test]
fn acts_on_single_cases_are_entered_with_author_and_reason() {
    let (_dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(1)])).expect("records");
    let revoked = |reason: &str| What::Revoked { reason: reason.to_owned() };
    assert!(ledger.enter("202611-0001", revoked("误报"), " ", day(11, 17), None).is_err());
    assert!(ledger.enter("202611-0001", revoked(" "), "李某某", day(11, 17), None).is_err());
    assert!(ledger.enter("202611-0009", revoked("误报"), "李某某", day(11, 17), None).is_err());
    let pass = What::NotSeen { run: "x".to_owned() };
    assert!(ledger.enter("202611-0001", pass, "李某某", day(11, 17), None).is_err(), "nobody closes by hand");
    let case = ledger.enter("202611-0001", revoked("误报"), "李某某", day(11, 17), None).expect("enters");
    assert_eq!(case.state, CaseState::Revoked);
    let last = ledger.history("202611-0001").expect("reads").pop().expect("one");
    assert_eq!((last.by.as_str(), last.what.detail().as_str()), ("李某某", "误报"));
}

#[test]
fn a_missing_ledger_is_never_replaced_by_an_empty_one() {
    let (dir, mut ledger) = fresh();
    ledger.record(&observed("r1", day(11, 16), vec![dead(1)])).expect("records");
    let backup = ledger.back_up(day(11, 16)).expect("copies");
    drop(ledger);
    std::fs::remove_file(dir.path().join(Ledger::FILE)).expect("removes");
    let missing = Ledger::open(dir.path()).expect_err("refuses");
    assert!(missing.to_string().contains(&backup.display().to_string()), "{missing}");
    for leftover in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(dir.path().join(leftover));
    }
    std::fs::copy(&backup, dir.path().join(Ledger::FILE)).expect("restores");
    assert_eq!(states(&Ledger::open(dir.path()).expect("opens")).len(), 1);
    let empty = tempfile::tempdir().expect("a folder");
    assert!(matches!(Ledger::open_existing(empty.path()), Err(StoreError::Missing { .. })));
    assert!(!empty.path().join(Ledger::FILE).exists());
}

#[test]
fn a_ledger_of_a_newer_program_is_refused() {
    let (dir, ledger) = fresh();
    ledger
        .conn
        .execute_batch(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
             VALUES (900, 'later', '2027-01-01T00:00:00Z', '1')",
        )
        .expect("inserts");
    drop(ledger);
    assert!(matches!(Ledger::open(dir.path()), Err(StoreError::Schema { .. })));
}

#[test]
fn a_second_writer_waits_and_is_then_told() {
    let (dir, mut ledger) = fresh();
    let tx = ledger.conn.transaction().expect("begins");
    let path = dir.path().join(Ledger::FILE);
    let pragmas = Pragmas { busy_timeout: std::time::Duration::ZERO, ..Pragmas::default() };
    let conn = crate::store::open(&path, &pragmas).expect("opens");
    let mut second = Ledger { conn, path };
    let busy = second.record(&observed("r1", day(11, 16), vec![dead(1)])).expect_err("locked");
    assert!(busy.is_resource() && busy.to_string().contains("正被另一个进程使用"), "{busy}");
    drop(tx);
    second.record(&observed("r1", day(11, 16), vec![dead(1)])).expect("records");
}

#[test]
fn batch_ids_are_months() {
    use crate::store::batches::is_batch_id;
    for id in ["202611", "202601", "202612-2", "202612-12"] {
        assert!(is_batch_id(id), "{id}");
    }
    for id in ["", "2026", "202600", "202613", "2026-11", "202611-", "202611-x", "２０２６１１", "202611-123"]
    {
        assert!(!is_batch_id(id), "{id}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any sequence of runs over three problems: stored states follow from histories, numbers stay with
    /// their fingerprints, and recording each run twice makes no difference.
    #[test]
    fn any_sequence_of_runs_is_told_truly(runs in prop::collection::vec(prop::array::uniform3(0..5_u8), 1..12)) {
        let (_once, mut once) = fresh();
        let (_twice, mut twice) = fresh();
        let mut numbers: std::collections::BTreeMap<Fingerprint, String> = std::collections::BTreeMap::new();
        for (n, outcomes) in (0..).zip(&runs) {
            let at = day(11, 1) + chrono::Duration::days(n * 9);
            let mut seen = observed(&format!("r{n}"), at, Vec::new());
            for (subject, outcome) in (1..).zip(outcomes) {
                match outcome {
                    0 => seen.findings.push(dead(subject)),
                    1 => seen.findings.push(doubtful(subject)),
                    2 => seen.passed.push(dead(subject).fingerprint),
                    3 => seen.unseen.push(dead(subject).fingerprint),
                    _ => {}
                }
            }
            once.record(&seen).expect("records");
            twice.record(&seen).expect("records");
            twice.record(&seen).expect("records");
            for case in once.cases(&Wanted::default()).expect("reads") {
                let known = numbers.entry(case.finding.fingerprint.clone()).or_insert(case.number.clone());
                prop_assert_eq!(&*known, &case.number);
            }
        }
        prop_assert_eq!(dump(&once), dump(&twice));
        prop_assert_eq!(once.audit().expect("reads"), Vec::<String>::new());
    }
}
