//! Figures from hand-built histories and standings, checked by hand.

use chrono::NaiveDate;

use super::problems::Progress;
use super::*;
use crate::calendar::Instant8;
use crate::finding::State;
use crate::inspection::standing::Mark;
use crate::ledger::event::What;
use crate::ledger::samples::{day, finding};

fn date(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).expect("a date")
}

fn event(number: &str, at: Instant8, what: What) -> Event {
    Event { number: number.into(), at, by: "李某某".into(), what, evidence: None }
}

fn seen(number: &str, at: Instant8, unit: &str) -> Event {
    let finding = Box::new(finding(&format!("http://example.test/{number}"), State::Confirmed));
    event(number, at, What::Seen { run: at.to_string(), unit: unit.into(), finding })
}

/// Seen on the first, approved on the second, handed over on the third of the month, to be mended by the 20th.
fn handed_over(number: &str, month: u32) -> Vec<Event> {
    vec![
        seen(number, day(month, 1), "示例市民政局"),
        event(number, day(month, 2), What::Approved { batch: format!("2026{month:02}") }),
        event(
            number,
            day(month, 3),
            What::Assigned {
                batch: format!("2026{month:02}"),
                due: Some(date(month, 20)),
                on: date(month, 3),
            },
        ),
    ]
}

fn not_seen(number: &str, at: Instant8) -> Event {
    event(number, at, What::NotSeen { run: at.to_string() })
}

#[test]
fn how_far_a_problem_is_at_the_cutoff() {
    let registry = Registry::default();
    let far = |history: Vec<Event>, cutoff: NaiveDate| {
        problems::held(&[history], &registry, date(10, 1), cutoff).first().map(|held| held.progress)
    };
    let base = || handed_over("202611-0001", 11);
    assert_eq!(far(base(), date(11, 2)), None, "not handed over yet");
    assert_eq!(far(base(), date(11, 20)), Some(Progress::Within), "the last day still counts");
    assert_eq!(far(base(), date(11, 21)), Some(Progress::Overdue));
    let with = |more: Vec<Event>| [base(), more].concat();
    let closed = with(vec![not_seen("202611-0001", day(11, 25))]);
    assert_eq!(
        far(closed.clone(), date(11, 24)),
        Some(Progress::Overdue),
        "what comes later is not known yet"
    );
    assert_eq!(far(closed.clone(), date(11, 25)), Some(Progress::Closed));
    let back = [closed, vec![seen("202611-0001", day(11, 28), "示例市民政局")]].concat();
    assert_eq!(far(back, date(11, 30)), Some(Progress::Relapsed));
    let longer = What::Extended { due: date(12, 10), reason: "招标".into() };
    let longer = with(vec![event("202611-0001", day(11, 19), longer)]);
    assert_eq!(far(longer.clone(), date(12, 10)), Some(Progress::Extended));
    assert_eq!(far(longer, date(12, 11)), Some(Progress::Overdue));
    let revoked = with(vec![event("202611-0001", day(11, 19), What::Revoked { reason: "误报".into() })]);
    assert_eq!(far(revoked, date(11, 30)), Some(Progress::Revoked));
    let old = problems::held(&[base()], &registry, date(12, 1), date(12, 31)).len();
    assert_eq!(old, 0, "handed over before the period");
}

#[test]
fn what_was_revoked_is_not_counted_as_handed_over() {
    let registry = Registry::default();
    let mut disputed = handed_over("202611-0002", 11);
    let contested: What = serde_json::from_str(r#"{"kind":"disputed","reason":"已更新"}"#).expect("an event");
    disputed.push(event("202611-0002", day(11, 10), contested));
    disputed.push(event("202611-0002", day(11, 12), What::Revoked { reason: "属实".into() }));
    let mut closed = handed_over("202611-0003", 11);
    closed.push(not_seen("202611-0003", day(11, 18)));
    let histories = vec![handed_over("202611-0001", 11), disputed, closed];
    let held = problems::held(&histories, &registry, date(10, 1), date(11, 30));
    let problems = problems::problems(&held, &histories, date(10, 1), date(11, 30));
    assert_eq!((problems.found, problems.assigned, problems.closed, problems.overdue), (3, 2, 1, 1));
    assert_eq!((problems.revoked, problems.objections_upheld, problems.units), (1, 1, 1));
    assert_eq!(
        problems.assigned,
        problems.closed + problems.extended + problems.overdue + problems.within + problems.relapsed
    );
}

fn member(kind: MemberKind, code: &str, category: &str, county: &str) -> Member {
    Member {
        kind,
        code: code.into(),
        name: format!("名{code}"),
        category: category.into(),
        county: county.into(),
        host_unit: format!("单位{code}"),
        supervisor: String::new(),
        url: String::new(),
    }
}

fn standing(member: &Member, at: Instant8, verdict: Verdict) -> Standing {
    Standing {
        kind: member.kind,
        code: member.code.clone(),
        run: "1".into(),
        at,
        rules: String::new(),
        marks: vec![Mark {
            indicator: "V3".into(),
            title: "单项否决-首页不更新".into(),
            verdict,
            sentence: String::new(),
        }],
        read: 1,
        gaps: 0,
        ipv6: None,
        account: None,
    }
}

#[test]
fn members_rates_and_what_is_looked_at_again() {
    let registry = Registry::default();
    let members: Vec<Member> =
        (0..6).map(|n| member(MemberKind::Site, &n.to_string(), "部门网站", "")).collect();
    let then =
        Inspection::whole("2026Q3".parse().expect("a period"), (date(8, 1), date(9, 10)), members.clone());
    let now =
        Inspection::whole("2026Q4".parse().expect("a period"), (date(11, 24), date(12, 4)), members.clone());
    let mut standings: Vec<Standing> = members
        .iter()
        .enumerate()
        .map(|(n, m)| standing(m, day(9, 1), if n < 2 { Verdict::Met } else { Verdict::NotMet }))
        .collect();
    standings.extend(
        members
            .iter()
            .enumerate()
            .map(|(n, m)| standing(m, day(11, 25), if n == 1 { Verdict::Met } else { Verdict::NotMet })),
    );
    // Seen after the window: not of this inspection.
    standings.push(standing(&members[5], day(12, 20), Verdict::Met));
    let earlier = [then];
    let source = Source {
        registry: &registry,
        inspection: &now,
        earlier: &earlier,
        standings: &standings,
        rulings: &[],
        histories: &[],
        cutoff: date(12, 11),
    };
    let figures = Figures::of(&source);
    assert_eq!((figures.sites.checked, figures.sites.passed, figures.sites.failed), (6, 5, 1));
    assert_eq!(figures.sites.rate(), Some(Tenths(833)));
    assert_eq!(figures.before.as_ref().and_then(|p| p.sites.rate()), Some(Tenths(667)));
    assert_eq!(
        Tenths(833).against(Tenths(667), "上季度"),
        "较上季度提高16.6个百分点",
        "of the shown figures"
    );
    let again: Vec<_> =
        figures.again.iter().map(|again| (again.member.code.as_str(), again.outcome)).collect();
    assert_eq!(again, [("0", Some(Outcome::Passed)), ("1", Some(Outcome::Failed))]);
    assert!(!figures.is_draft());

    let doubt = standing(&members[2], day(12, 1), Verdict::Undecided);
    let more: Vec<Standing> = standings.iter().cloned().chain([doubt]).collect();
    let figures = Figures::of(&Source { standings: &more, ..source });
    assert!(figures.is_draft() && figures.sites.rate().is_none());
    assert_eq!((figures.sites.passed, figures.sites.failed, figures.sites.undecided), (4, 1, 1));
    let unseen = Source { standings: &[], ..source };
    assert_eq!(Figures::of(&unseen).sites.undecided, 6, "nobody looked");
}

#[test]
fn shares_are_rounded_half_up_and_print_one_decimal() {
    for (part, whole, printed) in [
        (56, 58, "96.6%"),
        (96, 312, "30.8%"),
        (221, 236, "93.6%"),
        (1, 16, "6.3%"),
        (7, 7, "100%"),
        (0, 7, "0.0%"),
    ] {
        assert_eq!(Tenths::of(part, whole).map(|t| t.to_string()).as_deref(), Some(printed));
    }
    assert_eq!(Tenths::of(0, 0), None);
    assert_eq!(Tenths(947).against(Tenths(966), "上季度"), "较上季度下降1.9个百分点");
    assert_eq!(Tenths(947).against(Tenths(947), "上季度"), "与上季度持平");
}
