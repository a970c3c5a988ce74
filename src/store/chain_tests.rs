//! Tests of the chain: what a hand at the database prompt changes is found, and where; older ledgers are sealed once.

use super::*;
use crate::finding::State::Confirmed;
use crate::ledger::case::CaseState;
use crate::ledger::samples::{day, finding, observed};

fn ledger(dir: &std::path::Path) -> Ledger {
    let mut ledger = Ledger::open(dir).expect("opens");
    for (run, on) in [("r1", 16), ("r2", 17), ("r3", 18)] {
        let findings = (1..=2).map(|n| finding(&format!("http://example.test/{n}"), Confirmed)).collect();
        ledger.record(&observed(run, day(11, on), findings)).expect("records");
    }
    ledger
}

/// The ledger after `sql`, run by somebody who has switched the triggers off.
fn tampered(sql: &str) -> Verified {
    let dir = tempfile::tempdir().expect("a folder");
    let ledger = ledger(dir.path());
    let head = ledger.verify(None).expect("walks").head;
    ledger.conn.execute_batch("PRAGMA foreign_keys = OFF").expect("a pragma");
    for trigger in [
        "event_is_never_updated",
        "event_is_never_deleted",
        "chain_is_never_updated",
        "chain_is_never_deleted",
    ] {
        ledger.conn.execute(&format!("DROP TRIGGER {trigger}"), []).expect("dropped");
    }
    ledger.conn.execute_batch(sql).expect("tampers");
    ledger.verify(Some(&head)).expect("walks")
}

#[test]
fn an_untouched_ledger_holds_and_its_head_moves_with_each_event() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut ledger = ledger(dir.path());
    let before = ledger.verify(None).expect("walks");
    assert_eq!((before.events, before.broken), (6, None));
    let revoked = What::Revoked { reason: "误报".to_owned() };
    ledger.enter("202611-0001", revoked, "李某某", day(11, 19), None).expect("entered");
    let after = ledger.verify(Some(&before.head)).expect("walks");
    assert_eq!((after.events, after.broken), (7, None));
    assert_ne!(after.head, before.head);
}

#[test]
fn the_first_broken_link_is_named() {
    let table = [
        ("UPDATE event SET author = '别人' WHERE id = 3", 3, "校验值不符"),
        ("UPDATE event SET at = at + 1 WHERE id = 5", 5, "校验值不符"),
        ("UPDATE event SET body = replace(body, '404', '500') WHERE id = 2", 2, "校验值不符"),
        ("DELETE FROM event WHERE id = 4; DELETE FROM chain WHERE event = 4", 5, "校验值不符"),
        ("DELETE FROM event WHERE id = 6", 6, "记录已不存在"),
        ("DELETE FROM event WHERE id = 6; DELETE FROM chain WHERE event = 6", 0, "被截去"),
        (
            "INSERT INTO event SELECT 7, number, at, author, kind, run, body, evidence FROM event WHERE id = 6",
            7,
            "没有校验值",
        ),
        ("UPDATE chain SET hash = (SELECT hash FROM chain WHERE event = 2) WHERE event = 1", 1, "校验值不符"),
    ];
    for (sql, event, why) in table {
        let link = tampered(sql).broken.unwrap_or_else(|| panic!("not found: {sql}"));
        assert_eq!(link.event, event, "{sql}");
        assert!(link.why.contains(why), "{sql}: {}", link.why);
    }
}

#[test]
fn a_ledger_of_before_the_chain_is_sealed_once_and_folded_by_the_table_of_today() {
    let dir = tempfile::tempdir().expect("a folder");
    {
        let mut ledger = ledger(dir.path());
        let head = ledger.verify(None).expect("walks").head;
        // As the schema before left it: no links, and a state that the table of today calls otherwise.
        ledger
            .conn
            .execute_batch(
                "DROP TRIGGER chain_is_never_deleted; DELETE FROM chain; UPDATE sealing SET done = 0;
                 UPDATE cases SET state = 'assigned', folded = json_set(folded, '$.state', 'assigned')",
            )
            .expect("aged");
        ledger.seal().expect("sealed");
        assert_eq!(ledger.verify(None).expect("walks").head, head);
    }
    let ledger = Ledger::open(dir.path()).expect("opens");
    assert_eq!(ledger.audit().expect("audits"), Vec::<String>::new());
    assert!(ledger.cases(&Wanted::default()).expect("reads").iter().all(|c| c.state == CaseState::Confirmed));
}

#[test]
fn what_is_slipped_in_later_is_never_sealed_by_opening() {
    let dir = tempfile::tempdir().expect("a folder");
    ledger(dir.path())
        .conn
        .execute_batch(
            "INSERT INTO event SELECT 7, number, at, author, kind, run, body, evidence FROM event WHERE id = 6",
        )
        .expect("slipped in");
    let ledger = Ledger::open(dir.path()).expect("opens");
    assert_eq!(ledger.verify(None).expect("walks").broken.expect("found").event, 7);
}

#[test]
fn the_log_tells_every_event_in_order_with_its_link() {
    let dir = tempfile::tempdir().expect("a folder");
    let ledger = ledger(dir.path());
    let mut lines: Vec<Logged> = Vec::new();
    ledger
        .log(&mut |logged| {
            lines.push(logged);
            Ok(())
        })
        .expect("a log");
    assert_eq!(lines.iter().map(|line| line.id).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(lines.last().map(|line| line.hash.clone()), Some(ledger.verify(None).expect("walks").head));
    let json = serde_json::to_value(&lines[0]).expect("serialises");
    assert_eq!((json["number"].as_str(), json["what"]["kind"].as_str()), (Some("202611-0001"), Some("seen")));
}
