//! Tests of problem lists and their order.

use super::*;
use crate::calendar::from_millis;
use crate::finding::{Confidence, Evidence, Fingerprint, Subject, SubjectKind};
use crate::ledger::case::CaseState;

/// 2026-11-16 22:14 in +08:00.
const SEEN: i64 = 1_794_838_440_000;

pub(crate) fn office() -> Office {
    Office {
        signature: "示例市人民政府办公室政务公开科".into(),
        area: "示例市".into(),
        contact: "李某某".into(),
        phone: "0000-0000000".into(),
        reply_to: "jiucha@example.gov.cn".into(),
    }
}

pub(crate) fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).expect("a date")
}

pub(crate) fn terms<'a>(office: &'a Office, others: &'a BTreeSet<(String, String)>) -> Terms<'a> {
    Terms {
        office,
        batch: "202611",
        issued: day(11, 20),
        due: day(12, 4),
        due_at_once: day(11, 21),
        max_rows: 50,
        identity: "",
        kept_for_others: others,
    }
}

/// A confirmed case of `unit` in batch 202611: dead link `n` of the site `1100000001`.
pub(crate) fn case(n: u32, unit: &str) -> Case {
    let url = format!("https://www.example.gov.cn/a/{n}.html");
    let look = |minutes: i64| Look {
        at: from_millis(SEEN + minutes * 60_000),
        url: url.clone(),
        hops: Vec::new(),
        addr: Some("192.0.2.7:443".into()),
        status: Some(404),
        error: None,
        headers: Vec::new(),
        body_sha256: String::new(),
    };
    Case {
        number: format!("202611-{n:04}"),
        finding: Finding {
            rule: "broken-link".into(),
            title: "断链".into(),
            indicator: "扣分-可用性".into(),
            severity: Severity::Deadline,
            class: Class::Deduction,
            subject: Subject {
                kind: SubjectKind::Link,
                site: "1100000001".into(),
                site_name: "示例市交通运输局".into(),
                place: "首页".into(),
                column: None,
            },
            description: format!("第{n}号链接打不开（返回404，两次核查）"),
            remedy: "修复或者撤下该链接".into(),
            url: url.clone(),
            page: Some("https://www.example.gov.cn/".into()),
            cause: Cause::Single,
            stock: false,
            confidence: Confidence::High,
            state: State::Confirmed,
            evidence: Evidence {
                looks: vec![look(0), look(686)],
                excerpt: "<a href>通知公告</a>".into(),
                last_update: None,
            },
            fingerprint: Fingerprint::of("1100000001", "broken-link", &url),
        },
        unit: unit.into(),
        state: CaseState::Confirmed,
        first_seen: from_millis(SEEN),
        last_seen: from_millis(SEEN + 686 * 60_000),
        batch: Some("202611".into()),
        assigned_on: None,
        due: None,
        progress: crate::ledger::case::Progress::default(),
    }
}

fn list_of(cases: &[Case], max_rows: usize) -> ProblemList {
    let (office, others) = (office(), BTreeSet::new());
    let terms = Terms { max_rows, ..terms(&office, &others) };
    ProblemList::of("示例市交通运输局", &cases.iter().collect::<Vec<_>>(), &[], &terms)
}

#[test]
fn worst_first_and_nothing_dropped() {
    let mut cases: Vec<Case> = (1..=5).map(|n| case(n, "示例市交通运输局")).collect();
    cases[1].finding.cause = Cause::Template(1043);
    cases[2].finding.class = Class::Veto;
    cases[3].finding.severity = Severity::Immediate;
    let list = list_of(&cases, 3);
    let numbers: Vec<&str> = list.rows.iter().map(|row| row.number.as_str()).collect();
    assert_eq!(numbers, ["202611-0004", "202611-0003", "202611-0002"]);
    assert_eq!(list.held_over, ["202611-0001", "202611-0005"]);
    assert!(list.notes.iter().any(|note| note.contains("另有2项（202611-0001、202611-0005）")));
    assert_eq!(list.counts(), "共3项（立行立改1项，限期整改2项）");
    assert_eq!(list.rows[0].due_text(), "2026-11-21\n18时前");
    assert_eq!(
        list.rows[2].description,
        "第2号链接打不开（返回404，两次核查）。涉及1043个页面，修改模板1处即可。"
    );
}

#[test]
fn only_what_was_confirmed_and_is_open_is_told() {
    let told = |change: &dyn Fn(&mut Case)| {
        let mut one = case(1, "示例市交通运输局");
        change(&mut one);
        !list_of(&[one], 50).is_empty()
    };
    assert!(told(&|_| ()));
    assert!(told(&|c| c.state = CaseState::Assigned));
    assert!(told(&|c| c.state = CaseState::Reopened));
    assert!(!told(&|c| c.finding.state = State::Suspected));
    for state in [
        CaseState::Suspected,
        CaseState::Answered,
        CaseState::Closed,
        CaseState::Disputed,
        CaseState::Exempt,
        CaseState::Revoked,
    ] {
        assert!(!told(&|c| c.state = state), "{state:?}");
    }
}

#[test]
fn stock_and_hints_have_no_limit_and_are_not_counted() {
    let mut cases: Vec<Case> = (1..=3).map(|n| case(n, "示例市交通运输局")).collect();
    cases[0].finding.stock = true;
    cases[1].finding.severity = Severity::Advisory;
    let list = list_of(&cases, 50);
    assert_eq!((list.rows.len(), list.stock.len(), list.hints.len()), (1, 1, 1));
    assert_eq!((list.stock[0].due, list.hints[0].due), (None, None));
    assert_eq!(list_of(&cases[..2], 50).due, None);
    assert_eq!(list.due, Some(day(12, 4)));
}

#[test]
fn one_cause_is_one_row() {
    let twice = [case(1, "示例市交通运输局"), case(1, "示例市交通运输局")];
    assert_eq!(list_of(&twice, 50).rows.len(), 1);
}

#[test]
fn what_was_handed_over_keeps_its_day() {
    let mut one = case(1, "示例市交通运输局");
    one.due = Some(day(12, 9));
    one.state = CaseState::Assigned;
    assert_eq!(list_of(&[one.clone()], 50).due, Some(day(12, 9)));
    one.state = CaseState::Reopened;
    assert_eq!(list_of(&[one], 50).due, Some(day(12, 4)));
}

#[test]
fn a_kept_column_says_so() {
    let mut one = case(1, "示例市交通运输局");
    one.finding.subject.column = Some("https://www.example.gov.cn/zwgk/".into());
    let office = office();
    let others = BTreeSet::from([("1100000001".to_owned(), "示例市交通运输局".to_owned())]);
    let list = ProblemList::of("示例市交通运输局", &[&one], &[], &terms(&office, &others));
    assert_eq!(list.rows[0].place, "首页（你单位保障）");
}

#[test]
fn what_a_page_says_cannot_leak_or_disturb() {
    let mut one = case(1, "示例市交通运输局");
    one.finding.description = "附件含11010519491231002X\u{202e}等".into();
    one.finding.evidence.excerpt = "张某 11010519491231002X".into();
    one.finding.url = "https://www.example.gov.cn/?id=11010519491231002X".into();
    one.finding.severity = Severity::Immediate;
    let list = list_of(&[one], 50);
    assert!(!format!("{list:?}").contains("11010519491231002"));
    assert_eq!(list.proofs[0].excerpt, "张某 ******************");
    assert_eq!(list.rows[0].description, "附件含******************等。修复或者撤下该链接。");
}

#[test]
fn the_passage_of_a_leak_is_not_shown() {
    let mut one = case(1, "示例市交通运输局");
    one.finding.rule = "id-number-leak".into();
    let list = list_of(&[one], 50);
    assert_eq!(list.proofs[0].excerpt, "（不显示）");
    assert!(list.notes.iter().any(|note| note.contains("敏感内容")));
}

#[test]
fn looks_become_proofs() {
    let list = list_of(&[case(1, "示例市交通运输局")], 50);
    let told: Vec<_> =
        list.proofs.iter().map(|p| (p.nth.as_str(), p.at.as_str(), p.answer.as_str())).collect();
    assert_eq!(told, [("第1次", "2026-11-16 22:14", "返回404"), ("第2次", "2026-11-17 09:40", "返回404")]);
}

#[test]
fn file_names_hold_no_path() {
    assert_eq!(file_name("问题清单", "a/../b:c", "202611"), "问题清单_a_.._b_c_202611.xlsx");
}
