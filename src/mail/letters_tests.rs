//! Tests of who gets which letter.

use super::*;
use crate::facts::account::Platform;
use crate::finding::Severity;
use crate::registry::{Column, SiteKind, SiteStatus};
use crate::report::list::tests::{case, day, office};

pub(crate) const DATES: fn() -> Dates =
    || Dates { issued: day(11, 20), due: day(12, 4), due_at_once: day(11, 21) };

fn unit(name: &str, parent: Option<&str>, kind: UnitKind, order: u32) -> Unit {
    Unit {
        name: name.into(),
        short: name.into(),
        parent: parent.map(Into::into),
        kind,
        order,
        leader: String::new(),
        liaison: "张某".into(),
        phone: "0000-0000000".into(),
        mail: Some(format!("u{order}@example.gov.cn")),
        cc: Vec::new(),
        delivery: Delivery::Mail,
    }
}

fn site(name: &str, code: &str, host_unit: &str) -> Site {
    Site {
        name: name.into(),
        code: code.into(),
        url: url::Url::parse("https://www.example.gov.cn/").expect("a URL"),
        kind: SiteKind::Portal,
        level: "市级".into(),
        supervisor: None,
        host_unit: host_unit.into(),
        undertaker: None,
        operator: None,
        status: SiteStatus::Running,
        tags: Vec::new(),
        scope: Vec::new(),
        obey_robots: true,
    }
}

pub(crate) fn registry() -> Registry {
    Registry {
        units: vec![
            unit("示例市电子政务中心", None, UnitKind::Agency, 30),
            unit("示例市交通运输局", None, UnitKind::Department, 20),
            unit("示例县人民政府办公室", None, UnitKind::County, 40),
            unit("示例县水利局", Some("示例县人民政府办公室"), UnitKind::Department, 42),
            unit("示例县教育局", Some("示例县人民政府办公室"), UnitKind::Department, 41),
            unit("示例镇人民政府", Some("示例县教育局"), UnitKind::Township, 43),
        ],
        sites: vec![
            site("示例市人民政府门户网站", "1100000001", "示例市电子政务中心"),
            site("示例市交通运输局网站", "1100000002", "示例市交通运输局"),
        ],
        columns: vec![Column {
            site: "1100000001".into(),
            name: "政务公开-规划计划".into(),
            url: url::Url::parse("https://www.example.gov.cn/ghjh/").expect("a URL"),
            class: None,
            level: None,
            cycle_days: None,
            keeper: Some("示例市交通运输局".into()),
        }],
        exemptions: Vec::new(),
        counterfeits: Vec::new(),
        reposts: Vec::new(),
        public_reports: Vec::new(),
        accounts: Vec::new(),
    }
}

pub(crate) fn config() -> Config {
    Config { office: office(), ..Config::default() }
}

#[test]
fn days_come_from_the_calendar() {
    let text = include_str!("../../config/holidays.toml");
    let holidays = Holidays::parse("holidays.toml", text).expect("a calendar");
    let written = |on: NaiveDate| {
        let cases = [case(1, "示例市交通运输局")];
        super::letters("202602", &cases_of(&cases, "202602"), &registry(), &config(), &holidays, &[], on)
    };
    let letters = written(day(2, 6)).expect("letters");
    assert_eq!(letters[0].due(), Some(day(2, 27)));
    let far = NaiveDate::from_ymd_opt(2099, 1, 5).expect("a date");
    assert!(matches!(written(far), Err(LetterError::Calendar(_))));
}

fn cases_of(cases: &[Case], batch: &str) -> Vec<Case> {
    cases.iter().cloned().map(|case| Case { batch: Some(batch.into()), ..case }).collect()
}

fn letters(cases: &[Case]) -> Vec<Letter> {
    letters_dated("202611", cases, &registry(), &config(), &[], DATES()).expect("letters")
}

#[test]
fn one_letter_a_unit_in_protocol_order() {
    let cases = [case(1, "示例市电子政务中心"), case(2, "示例市交通运输局"), case(3, "示例市交通运输局")];
    let told: Vec<_> = letters(&cases).iter().map(|l| (l.unit.clone(), l.kind, l.total())).collect();
    assert_eq!(
        told,
        [("示例市交通运输局".to_owned(), Kind::Unit, 2), ("示例市电子政务中心".to_owned(), Kind::Unit, 1)]
    );
}

#[test]
fn the_subject_has_its_exact_form() {
    let cases: Vec<Case> = (1..=7).map(|n| case(n, "示例市交通运输局")).collect();
    assert_eq!(
        letters(&cases)[0].subject,
        "【问题交办】示例市交通运输局 2026年11月监测问题7项，请于12月4日（星期五）前反馈"
    );
}

#[test]
fn below_a_county_everything_goes_as_one_package() {
    let cases = [case(1, "示例镇人民政府"), case(2, "示例县水利局"), case(3, "示例县人民政府办公室")];
    let letters = letters(&cases);
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].kind, letters[0].unit.as_str()), (Kind::County, "示例县人民政府办公室"));
    let units: Vec<&str> = letters[0].lists.iter().map(|list| list.unit.as_str()).collect();
    assert_eq!(units, ["示例县人民政府办公室", "示例县水利局", "示例镇人民政府"]);
    assert_eq!(letters[0].package().map(|p| (p.total(), p.units())), Some((3, 3)));
}

#[test]
fn personal_data_never_enters_a_collective_list() {
    let mut leak = case(1, "示例县水利局");
    leak.finding.rule = "id-number-leak".into();
    leak.finding.severity = Severity::Immediate;
    let letters = letters(&[leak, case(2, "示例县水利局")]);
    let told: Vec<_> =
        letters.iter().map(|l| (l.unit.as_str(), l.kind, l.lists[0].rows[0].number.as_str())).collect();
    assert_eq!(
        told,
        [
            ("示例县人民政府办公室", Kind::County, "202611-0002"),
            ("示例县水利局", Kind::Separate, "202611-0001")
        ]
    );
}

#[test]
fn hints_alone_make_a_letter_without_a_limit() {
    let mut one = case(1, "示例市交通运输局");
    one.finding.severity = Severity::Advisory;
    let letters = letters(&[one]);
    assert_eq!((letters[0].kind, letters[0].due()), (Kind::Hint, None));
    assert_eq!(letters[0].subject, "【提示】示例市交通运输局 2026年11月监测提示1项，无需反馈");
}

#[test]
fn what_does_not_fit_is_named_and_not_handed_over() {
    let cases: Vec<Case> = (1..=5).map(|n| case(n, "示例市交通运输局")).collect();
    let mut config = config();
    config.deadlines.max_rows = 3;
    let letters = letters_dated("202611", &cases, &registry(), &config, &[], DATES()).expect("letters");
    assert_eq!(letters[0].held_over().collect::<Vec<_>>(), ["202611-0004", "202611-0005"]);
    let handed_over: Vec<String> = letters[0].handed_over().into_values().flatten().collect();
    assert_eq!(handed_over, ["202611-0001", "202611-0002", "202611-0003"]);
}

#[test]
fn no_problem_no_letter_and_no_foreign_batch() {
    assert_eq!(letters(&[]), []);
    let mut other = case(1, "示例市交通运输局");
    other.batch = Some("202610".into());
    assert_eq!(letters(&[other.clone()]), []);
    other.progress.approved = Some("202611".into());
    assert_eq!(letters(&[other]).len(), 1, "it came back and was approved again");
}

#[test]
fn gaps_are_told_to_their_unit_only() {
    let gaps = ["示例市交通运输局", "示例市电子政务中心"]
        .map(|unit| Undecided { unit: unit.into(), gap: Gap::new(unit, "blocked") });
    let cases = [case(1, "示例市交通运输局")];
    let letters = letters_dated("202611", &cases, &registry(), &config(), &gaps, DATES()).expect("letters");
    assert_eq!(letters.len(), 1);
    let told: Vec<&str> = letters[0].lists[0].undecided.iter().map(|u| u.subject.as_str()).collect();
    assert_eq!(told, ["示例市交通运输局"]);
}

#[test]
fn what_a_letter_lacks_is_said() {
    let refused = |cases: &[Case], registry: &Registry, config: &Config| {
        letters_dated("202611", cases, registry, config, &[], DATES()).expect_err("refused")
    };
    let cases = [case(1, "示例市交通运输局")];
    let mut nameless = config();
    nameless.office.signature.clear();
    assert_eq!(refused(&cases, &registry(), &nameless), LetterError::Office("落款"));
    let unknown = refused(&[case(1, "某局")], &registry(), &config());
    assert!(matches!(unknown, LetterError::UnknownUnit { .. }));
    let mut mute = registry();
    mute.units[1].mail = None;
    assert_eq!(refused(&cases, &mute, &config()), LetterError::NoAddress("示例市交通运输局".into()));
    mute.units[1].delivery = Delivery::Exchange;
    let letters = letters_dated("202611", &cases, &mute, &config(), &[], DATES()).expect("letters");
    assert_eq!((letters[0].delivery, letters[0].to.clone()), (Delivery::Exchange, None));
}

#[test]
fn the_scope_names_what_was_patrolled() {
    let letters = letters(&[case(1, "示例市交通运输局")]);
    assert_eq!(letters[0].scope, "你单位主办的网站以及你单位负责内容保障的示例市人民政府门户网站栏目");
    // A unit with accounts is told that they were looked at.
    let mut with_account = registry();
    with_account.accounts = vec![account("示例市交通运输局")];
    let scope = |registry: &Registry| {
        let cases = [case(1, "示例市交通运输局")];
        letters_dated("202611", &cases, registry, &config(), &[], DATES()).expect("letters")[0].scope.clone()
    };
    assert_eq!(
        scope(&with_account),
        "你单位主办的网站、政务新媒体以及你单位负责内容保障的示例市人民政府门户网站栏目"
    );
    with_account.accounts[0].status = AccountStatus::Cancelled;
    assert!(!scope(&with_account).contains("新媒体"));
    let mut operated = registry();
    operated.sites[0].host_unit = "示例市交通运输局".into();
    operated.sites[0].name = "示例市人民政府".into();
    operated.sites[0].operator = Some("示例市电子政务中心".into());
    let mut template = case(1, "示例市电子政务中心");
    template.finding.cause = crate::finding::Cause::Template(97);
    template.finding.subject.site_name = "示例市人民政府".into();
    let letters = letters_dated("202611", &[template], &operated, &config(), &[], DATES()).expect("letters");
    assert_eq!(letters[0].scope, "你单位运维的示例市人民政府网站");
    assert_eq!(county_word("示例区人民政府办公室"), "区");
    assert_eq!(county_word("示例市（县级）人民政府"), "县");
}

#[test]
fn parents_in_a_circle_end() {
    let mut circle = registry();
    circle.units[1].parent = Some("示例市电子政务中心".into());
    circle.units[0].parent = Some("示例市交通运输局".into());
    let cases = [case(1, "示例市交通运输局")];
    let letters = letters_dated("202611", &cases, &circle, &config(), &[], DATES()).expect("letters");
    assert_eq!(letters[0].kind, Kind::Unit);
}

fn account(unit: &str) -> Account {
    Account {
        platform: Platform::Wechat,
        platform_name: String::new(),
        name: "示例交通".into(),
        platform_id: String::new(),
        supervisor: None,
        host_unit: Some(unit.into()),
        responsible: None,
        status: AccountStatus::Running,
        filing: String::new(),
        opened: None,
        closed: None,
        menu: None,
        reply: None,
        publishes: true,
        site: None,
        address: None,
        sources: Vec::new(),
        origin: "accounts.csv:2".into(),
    }
}
