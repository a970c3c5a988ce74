//! Tests of 今日待办: what people read, and what stays out of it.

use chrono::TimeZone as _;

use super::*;
use crate::calendar::beijing;
use crate::finding::{
    Cause, Class, Confidence, Evidence, Finding, Fingerprint, Severity, State, Subject, SubjectKind,
};
use crate::ledger::event::{Claim, Event, What};

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).expect("a date")
}

fn at(month: u32, day: u32) -> Instant8 {
    beijing().with_ymd_and_hms(2026, month, day, 20, 0, 0).single().expect("an instant")
}

fn case(n: u32, unit: &str, severity: Severity, due: Option<NaiveDate>) -> Case {
    let url = format!("http://www.example.test/{n}/");
    let finding = Finding {
        rule: "empty-column".to_owned(),
        title: "空白栏目".to_owned(),
        indicator: String::new(),
        severity,
        class: Class::VetoCount,
        subject: Subject {
            kind: SubjectKind::Column,
            site: "9901000001".to_owned(),
            site_name: "示例市人民政府".to_owned(),
            place: format!("第{n}栏"),
            column: Some(url.clone()),
        },
        description: String::new(),
        remedy: String::new(),
        fingerprint: Fingerprint::of("9901000001", "empty-column", &url),
        url,
        page: None,
        cause: Cause::Single,
        stock: false,
        confidence: Confidence::High,
        state: State::Confirmed,
        evidence: Evidence { looks: Vec::new(), excerpt: String::new(), last_update: None },
    };
    let number = format!("202611-{n:04}");
    let event = |what, on| Event {
        number: number.clone(),
        at: at(11, on),
        by: "李某某".into(),
        what,
        evidence: None,
    };
    let seen = What::Seen { run: "1".to_owned(), unit: unit.to_owned(), finding: Box::new(finding) };
    let mut case = Case::open(&event(seen, 16)).expect("opens");
    let batch = "202611".to_owned();
    case.apply(&event(What::Approved { batch: batch.clone() }, 17)).expect("approved");
    case.apply(&event(What::Assigned { batch, due, on: day(11, 17) }, 17)).expect("assigned");
    case
}

fn county(unit: &str) -> String {
    if unit.starts_with("示例县") { "示例县人民政府办公室".to_owned() } else { unit.to_owned() }
}

fn soon(unit: &str, addressee: &str, site: &str, place: &str, newest: NaiveDate, limit: u32) -> Soon {
    Soon {
        addressee: addressee.to_owned(),
        unit: unit.to_owned(),
        site: site.to_owned(),
        place: place.to_owned(),
        url: "http://jtj.shili.example/gzdt/".to_owned(),
        newest,
        limit,
    }
}

fn trouble_of(unit: &str, addressee: &str, kind: TroubleKind, what: &str) -> Trouble {
    Trouble {
        site: unit.to_owned(),
        url: "http://gaj.shili.example/".to_owned(),
        unit: unit.to_owned(),
        addressee: addressee.to_owned(),
        kind,
        what: what.to_owned(),
    }
}

fn busy() -> Today {
    let mut answered = case(6, "示例市民政局", Severity::Deadline, Some(day(12, 4)));
    let mut disputed = case(7, "示例市民政局", Severity::Deadline, Some(day(12, 4)));
    let act = |number: &str, what| Event {
        number: number.to_owned(),
        at: at(11, 18),
        by: "李某某".to_owned(),
        what,
        evidence: None,
    };
    answered
        .apply(&act("202611-0006", What::Answered { text: "已改".into(), link: None, done: None }))
        .expect("answered");
    disputed
        .apply(&act("202611-0007", What::Disputed { reason: "按季度更新".into(), claim: Claim::NotRequired }))
        .expect("disputed");
    let mut today = Today {
        on: day(11, 20),
        patrol: Some(Patrol { run: 3, as_of: at(11, 16), broken_off: Some(4) }),
        probed: Some(at(11, 20)),
        troubles: vec![
            trouble_of(
                "示例市公安局",
                "示例市公安局",
                TroubleKind::Look,
                "首页打不开（连接不上），11月16日20:13核查",
            ),
            trouble_of(
                "示例县教育局",
                "示例县人民政府办公室",
                TroubleKind::Down,
                "首页自11月20日08:03起连续3次定时访问未能打开（响应超时），最近一次为11月20日09:03",
            ),
            trouble_of(
                "示例市民政局",
                "示例市民政局",
                TroubleKind::Certificate,
                "首页安全证书将于12月1日（星期二）到期，剩余11天（据11月16日所见证书）",
            ),
        ],
        soon: vec![
            soon("示例市交通运输局", "示例市交通运输局", "示例市交通运输局", "工作动态", day(11, 8), 14),
            soon("示例市交通运输局", "示例市交通运输局", "示例市交通运输局", "首页", day(11, 8), 14),
            soon("示例县教育局", "示例县人民政府办公室", "示例县人民政府", "教育要闻", day(11, 9), 14),
            soon("示例市交通运输局", "示例市交通运输局", "示例市交通运输局", "通知公告", day(5, 27), 180),
        ],
        passed: 2,
        candidates: 31,
        brake: Some("本批明显增多".to_owned()),
        unsent: vec![("202611-2".to_owned(), 5)],
        letters: vec![Stuck {
            unit: "示例市教育局".to_owned(),
            batch: "202611".to_owned(),
            state: "被拒收，请核实邮箱".to_owned(),
            note: "a@shili.example 550 no such user".to_owned(),
        }],
        signature: "示例市人民政府办公室政务公开科".to_owned(),
        ..Today::default()
    };
    let cases = [
        case(1, "示例市教育局", Severity::Deadline, Some(day(11, 18))),
        case(2, "示例市教育局", Severity::Deadline, Some(day(11, 20))),
        case(3, "示例市教育局", Severity::Immediate, Some(day(11, 20))),
        case(4, "示例市教育局", Severity::Deadline, Some(day(11, 24))),
        case(5, "示例市教育局", Severity::Deadline, Some(day(11, 25))),
        case(8, "示例市教育局", Severity::Deadline, None),
        case(9, "示例县教育局", Severity::Deadline, Some(day(11, 20))),
        answered,
        disputed,
    ];
    today.take_cases(&cases, 4, county);
    today
}

#[test]
fn the_list_of_a_busy_day() {
    insta::assert_snapshot!("busy_day", super::super::render::text::text(&busy().document()));
}

#[test]
fn a_day_with_nothing_due_is_one_line() {
    let mut today = Today {
        on: day(11, 20),
        patrol: Some(Patrol { run: 3, as_of: at(11, 20), broken_off: None }),
        ..Today::default()
    };
    today.take_cases(&[case(5, "示例市教育局", Severity::Deadline, Some(day(11, 25)))], 4, county);
    assert!(today.is_empty());
    assert_eq!(
        today.nothing(),
        "今日（11月20日）没有待办事项。网站和栏目情况据第3次巡查，监测时点2026-11-20 20:00。"
    );
    assert_eq!(today.texts(), Vec::<String>::new());
    today.patrol = None;
    assert!(today.nothing().ends_with("尚未完成过巡查，没有网站和栏目情况。"));
}

#[test]
fn what_is_told_by_telephone_is_not_pasted() {
    let mut today = Today { on: day(11, 20), ..Today::default() };
    today.take_cases(&[case(3, "示例市教育局", Severity::Immediate, Some(day(11, 19)))], 4, county);
    assert_eq!(today.deadlines.len(), 1);
    assert_eq!(today.texts(), Vec::<String>::new());
}
