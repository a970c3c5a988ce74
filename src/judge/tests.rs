//! Tests of judging on hand-built looks.

use std::time::Duration;

use chrono::{NaiveDate, TimeZone as _};
use proptest::prelude::*;

use super::*;
use crate::calendar::beijing;
use crate::facts::answer::Answer;
use crate::facts::class::ColumnClass;
use crate::facts::page::{LinkKind, PageKind, PageState};
use crate::facts::site::{HiddenLinks, Home, Site, Visit};
use crate::finding::Cause;

const HOME: &str = "http://www.example.gov.cn/";

fn at(day: u32, hour: u32, minute: u32) -> Instant8 {
    beijing().with_ymd_and_hms(2026, 11, day, hour, minute, 0).single().expect("an instant")
}

fn look(at: Instant8, url: &str) -> Look {
    Look {
        at,
        url: url.to_owned(),
        hops: vec![],
        addr: None,
        status: None,
        error: None,
        headers: vec![],
        body_sha256: String::new(),
    }
}

fn date(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).expect("a date")
}

fn column(
    at: Instant8,
    name: &str,
    class: ColumnClass,
    state: PageState,
    newest: Option<NaiveDate>,
) -> Column {
    let url = format!("{HOME}{name}/");
    Column {
        name: name.to_owned(),
        look: Some(look(at, &url)),
        archived: false,
        url,
        class,
        level: Some(1),
        cycle_days: None,
        registered: true,
        kind: PageKind::List,
        state,
        reason: String::new(),
        items: u32::from(newest.is_some()),
        newest,
        newest_item: None,
        items_elsewhere: 0,
        source: None,
        gap: None,
        page: Some(HOME.to_owned()),
    }
}

fn link(at: Instant8, path: &str, answer: Answer) -> Link {
    let url = format!("{HOME}{path}");
    Link {
        look: look(at, &url),
        url,
        kind: LinkKind::Page,
        external: false,
        answer,
        control_ok: true,
        page: HOME.to_owned(),
        text: "无障碍说明".to_owned(),
        column: None,
        one_column: false,
        cause: Cause::Single,
        on_home: true,
        newest_carrier: None,
    }
}

fn facts(at: Instant8) -> SiteFacts {
    SiteFacts {
        site: Site {
            id: "5101000001".to_owned(),
            name: "示例市人民政府门户网站".to_owned(),
            url: HOME.to_owned(),
            portal: true,
            visits: vec![Visit { look: look(at, HOME), answer: Answer::There }],
            ipv6: None,
            tls: None,
            watch: None,
        },
        home: Home {
            url: HOME.to_owned(),
            newest: Some(date(2026, 11, 15)),
            newest_item: None,
            from_columns: false,
            gap: None,
            look: Some(look(at, HOME)),
        },
        columns: vec![],
        links: vec![],
        hidden: vec![],
        marks: None,
        tags: None,
        scripts: vec![],
        contents: None,
        strays: vec![],
        accounts: None,
        wordings: Vec::new(),
        leaks: Vec::new(),
        links_seen: 10,
        pages_read: 100,
        requests: 110,
        not_reached: 0,
        gaps: vec![],
    }
}

fn one(no: u32, at: Instant8, fill: impl FnOnce(&mut SiteFacts)) -> LookFacts {
    let mut facts = facts(at);
    if no > 1 {
        facts.pages_read = 3;
    }
    fill(&mut facts);
    LookFacts { look_no: no, at, facts }
}

fn judged(looks: &[LookFacts]) -> Judgement {
    let rules = RuleSet::shipped().expect("the shipped rules");
    judge(&rules, looks, at(16, 12, 0), |_| None)
}

fn of<'a>(judgement: &'a Judgement, rule: &str) -> Vec<&'a Finding> {
    judgement.findings.iter().filter(|finding| finding.rule == rule).collect()
}

fn empty(no: u32, at: Instant8, state: PageState) -> LookFacts {
    one(no, at, |facts| facts.columns.push(column(at, "jgfk", ColumnClass::Interaction, state, None)))
}

fn answers(answers: &[(Instant8, Answer)]) -> Judgement {
    let looks: Vec<_> = (1..)
        .zip(answers)
        .map(|(no, (at, answer))| one(no, *at, |facts| facts.links.push(link(*at, "a.html", answer.clone()))))
        .collect();
    judged(&looks)
}

#[test]
fn what_was_published_since_is_seen_by_a_later_look() {
    let stale = |look: u32, day: u32, newest| {
        one(look, at(day, 9, 0), |facts| {
            let news = ColumnClass::News;
            facts.columns.push(column(at(day, 9, 0), "gzdt", news, PageState::Normal, Some(newest)));
        })
    };
    let first = stale(1, 16, date(2026, 10, 1));
    assert_eq!(of(&judged(std::slice::from_ref(&first)), "stale-news-column").len(), 1);
    let mended = judged(&[first.clone(), stale(2, 25, date(2026, 11, 24))]);
    assert!(of(&mended, "stale-news-column").is_empty());
    assert_eq!(mended.tally["stale-news-column"].passed, 1, "{:?}", mended.gaps);
    let later = judged(&[first, stale(2, 25, date(2026, 10, 1))]);
    let told = &of(&later, "stale-news-column")[0].description;
    assert!(told.contains("截至11月16日"), "{told}");
}

#[test]
fn a_day_that_has_passed_is_judged_as_it_was() {
    let seen = one(1, at(28, 9, 0), |facts| {
        let news = ColumnClass::News;
        facts.columns.push(column(at(28, 9, 0), "gzdt", news, PageState::Normal, Some(date(2026, 11, 17))));
    });
    let judgement = judged(&[seen]);
    let column = |of: &[Fingerprint]| {
        let mine = Fingerprint::of("5101000001", "stale-news-column", &format!("{HOME}gzdt/"));
        of.contains(&mine)
    };
    assert!(!column(&judgement.passed), "{:?}", judgement.passed);
    assert!(of(&judgement, "stale-news-column").is_empty());
    let why = judgement.gaps.iter().map(|gap| gap.why.as_str());
    assert!(why.filter(|why| *why == "future-date").count() == 1, "{:?}", judgement.gaps);
}

#[test]
fn an_empty_column_takes_two_looks_six_hours_apart() {
    let first = empty(1, at(16, 22, 14), PageState::Empty);
    let once = judged(std::slice::from_ref(&first));
    assert_eq!(of(&once, "empty-column")[0].state, State::Suspected);
    assert_eq!(of(&once, "empty-column")[0].description, "栏目内无信息。");

    let twice = judged(&[first.clone(), empty(2, at(17, 9, 40), PageState::Empty)]);
    let finding = of(&twice, "empty-column")[0];
    assert_eq!(finding.state, State::Confirmed);
    assert_eq!(finding.description, "栏目内无信息（11月16日22:14、11月17日09:40两次核查）。");
    assert_eq!(finding.evidence.looks.len(), 2);
    assert_eq!(finding.subject.place, "jgfk");
    assert_eq!(twice.tally["empty-column"], Tally { failed: 1, ..Tally::default() });

    let early = judged(&[first, empty(2, at(16, 23, 0), PageState::Empty)]);
    assert_eq!(of(&early, "empty-column")[0].state, State::Suspected);
}

#[test]
fn a_demo_may_set_the_looks_closer() {
    let rules = RuleSet::shipped().expect("the shipped rules").with_apart(Duration::from_secs(3));
    let looks = [empty(1, at(16, 22, 14), PageState::Empty), empty(2, at(16, 22, 15), PageState::Empty)];
    let judgement = judge(&rules, &looks, at(16, 12, 0), |_| None);
    assert_eq!(of(&judgement, "empty-column")[0].state, State::Confirmed);
}

#[test]
fn the_latest_look_decides() {
    let gone = || Answer::NotFound(404);
    let hidden = || Answer::Challenge("412".to_owned());
    let (a, b, c) = (at(15, 8, 0), at(15, 18, 0), at(16, 8, 0));
    let state = |seen: &[(Instant8, Answer)]| of(&answers(seen), "broken-link").first().map(|f| f.state);
    assert_eq!(state(&[(a, gone()), (b, Answer::There)]), None, "mended");
    assert_eq!(state(&[(a, gone()), (b, hidden())]), None, "not seen any more");
    assert_eq!(state(&[(a, hidden()), (b, gone())]), Some(State::Suspected), "a gap is no look");
    assert_eq!(state(&[(a, gone()), (b, hidden()), (c, gone())]), Some(State::Confirmed), "a gap is no pass");
    assert_eq!(
        state(&[(a, gone()), (b, Answer::There), (c, gone())]),
        Some(State::Suspected),
        "a pass begins anew"
    );

    let mended = answers(&[(a, gone()), (b, Answer::There)]);
    let broken = Fingerprint::of("5101000001", "broken-link", &format!("{HOME}a.html"));
    assert!(mended.passed.contains(&broken) && !mended.unseen.contains(&broken));
    let blocked = answers(&[(a, gone()), (b, hidden())]);
    assert!(blocked.unseen.contains(&broken) && !blocked.passed.contains(&broken));
    assert!(blocked.gaps.contains(&Gap::new(format!("{HOME}a.html"), "blocked")));
}

#[test]
fn what_a_later_look_did_not_ask_for_keeps_its_result() {
    let first =
        one(1, at(15, 8, 0), |facts| facts.links.push(link(at(15, 8, 0), "a.html", Answer::NotFound(404))));
    let judgement = judged(&[first, one(2, at(16, 8, 0), |_| {})]);
    assert_eq!(of(&judgement, "broken-link")[0].state, State::Suspected);
}

#[test]
fn a_second_look_at_single_targets_keeps_what_the_first_knew_of_the_site() {
    let first = one(1, at(16, 22, 14), |facts| {
        let cause = Cause::Template(1043);
        facts.links.push(Link { cause, ..link(at(16, 22, 14), "wza.html", Answer::NotFound(404)) });
    });
    let second = one(2, at(17, 9, 40), |facts| {
        facts
            .links
            .push(Link { text: String::new(), ..link(at(17, 9, 40), "wza.html", Answer::NotFound(404)) });
    });
    let judgement = judged(&[second, first]);
    let finding = of(&judgement, "broken-link")[0];
    assert_eq!(
        finding.description,
        "“无障碍说明”链接打不开（返回404），涉及1043个页面，修改模板1处即可（11月16日22:14、11月17日09:40两次核查）。"
    );
    assert_eq!((finding.cause, finding.subject.place.as_str()), (Cause::Template(1043), "全站模板"));
}

#[test]
fn dates_need_one_look_and_warn_before_the_limit() {
    let news = |newest| {
        one(1, at(16, 9, 0), |facts| {
            let news = ColumnClass::News;
            facts.columns.push(column(at(16, 9, 0), "gzdt", news, PageState::Normal, Some(newest)));
        })
    };
    let stale = judged(&[news(date(2026, 10, 20))]);
    let finding = of(&stale, "stale-news-column")[0];
    assert_eq!(finding.state, State::Confirmed);
    assert_eq!(finding.description, "最新一条信息发布于2026年10月20日，截至11月16日已27天未更新，超过2周。");
    assert_eq!(finding.evidence.last_update.as_deref(), Some("2026-10-20"));

    let soon = judged(&[news(date(2026, 11, 5))]);
    assert!(of(&soon, "stale-news-column").is_empty());
    assert_eq!(soon.warnings.len(), 1);
    assert_eq!((soon.warnings[0].severity, soon.warnings[0].class), (Severity::Advisory, Class::Advisory));
    assert_eq!(
        soon.warnings[0].description,
        "最新一条信息发布于2026年11月5日，截至11月16日已11天未更新，超过10天（临期提示，尚未超过规定时限）。"
    );
    assert!(judged(&[news(date(2026, 11, 10))]).warnings.is_empty());
}

#[test]
fn one_column_is_told_once_and_yearly_columns_not_at_all() {
    let with = |class, newest| {
        judged(&[one(1, at(16, 9, 0), |facts| {
            let column = column(at(16, 9, 0), "x", class, PageState::Normal, Some(newest));
            facts.columns.push(Column { cycle_days: Some(7), ..column });
        })])
    };
    let both = with(ColumnClass::News, date(2026, 10, 1));
    assert_eq!(both.findings.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>(), ["stale-news-column"]);
    let cycle = with(ColumnClass::News, date(2026, 11, 5));
    assert_eq!(cycle.findings.iter().map(|f| f.rule.as_str()).collect::<Vec<_>>(), ["overdue-column"]);
    let yearly = judged(&[one(1, at(16, 9, 0), |facts| {
        for class in [ColumnClass::Planning, ColumnClass::Personnel, ColumnClass::Other] {
            let name = format!("{class:?}");
            facts.columns.push(column(at(16, 9, 0), &name, class, PageState::Normal, Some(date(2023, 1, 1))));
        }
    })]);
    assert_eq!(yearly.findings, vec![]);
}

#[test]
fn an_unreachable_site_is_never_more_than_suspected() {
    let down = |no, when| {
        one(no, when, |facts| {
            facts.site.visits = vec![Visit { look: look(when, HOME), answer: Answer::ServerError(502) }];
        })
    };
    let judgement = judged(&[down(1, at(15, 8, 0)), down(2, at(16, 8, 0))]);
    assert_eq!(of(&judgement, "unreachable-site")[0].state, State::Suspected);
    assert_eq!(of(&judgement, "unreachable-site")[0].evidence.looks.len(), 2);
}

#[test]
fn exempt_findings_are_kept_apart_and_not_counted() {
    let rules = RuleSet::shipped().expect("the shipped rules");
    let looks = [empty(1, at(16, 9, 0), PageState::Empty)];
    let judgement =
        judge(&rules, &looks, at(16, 12, 0), |f| (f.rule == "empty-column").then(|| "改版".to_owned()));
    assert!(of(&judgement, "empty-column").is_empty());
    assert_eq!(judgement.exempt.len(), 1);
    assert_eq!(judgement.tally["empty-column"], Tally::default());
}

#[test]
fn one_injected_block_is_one_finding() {
    let judgement = judged(&[one(1, at(16, 9, 0), |facts| {
        for page in ["", "a.html", "b/c.html"] {
            let urls = (0..5).map(|i| format!("http://s{i}.bet.test/")).collect();
            facts.hidden.push(HiddenLinks { page: format!("{HOME}{page}"), urls, look: None });
        }
        facts.hidden.push(HiddenLinks { page: format!("{HOME}d.html"), urls: vec![], look: None });
    })]);
    let found = of(&judgement, "hidden-link");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].url.as_str(), found[0].cause), (HOME, Cause::Several(3)));
}

fn some_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::There),
        Just(Answer::NotFound(404)),
        Just(Answer::SoftNotFound),
        Just(Answer::ServerError(500)),
        Just(Answer::Challenge("412".to_owned())),
        Just(Answer::NoSuchName),
    ]
}

fn some_state() -> impl Strategy<Value = PageState> {
    prop_oneof![
        Just(PageState::Normal),
        Just(PageState::Empty),
        Just(PageState::Script),
        Just(PageState::OwnContent),
    ]
}

prop_compose! {
    fn some_look()(
        links in proptest::collection::btree_map(0_u8..6, some_answer(), 0..6),
        columns in proptest::collection::btree_map(0_u8..6, (some_state(), 0_u32..400), 0..6),
        hours in 0_i64..48,
        pages in 1_u64..50,
    ) -> SiteFacts {
        let at = at(14, 0, 0) + chrono::Duration::hours(hours);
        let mut facts = facts(at);
        facts.pages_read = pages;
        facts.links = links.into_iter().map(|(n, answer)| link(at, &format!("{n}.html"), answer)).collect();
        facts.columns = columns
            .into_iter()
            .map(|(n, (state, age))| {
                let newest = (state == PageState::Normal).then(|| date(2026, 11, 16) - chrono::Days::new(age.into()));
                let class = if n % 2 == 0 { ColumnClass::News } else { ColumnClass::Notice };
                column(at, &n.to_string(), class, state, newest)
            })
            .collect();
        facts
    }
}

proptest! {
    #[test]
    fn the_order_of_the_input_does_not_matter(
        all in proptest::collection::vec(some_look(), 1..4),
        turn in 0_usize..4,
    ) {
        let looks: Vec<_> =
            (1..).zip(all).map(|(look_no, facts)| LookFacts { look_no, at: at(14, 0, 0), facts }).collect();
        let mut other = looks.clone();
        let length = other.len();
        other.rotate_left(turn % length);
        for look in &mut other {
            look.facts.links.reverse();
            look.facts.columns.reverse();
        }
        prop_assert_eq!(judged(&looks), judged(&other));
    }

    #[test]
    fn every_subject_ends_in_one_verdict(all in proptest::collection::vec(some_look(), 1..4)) {
        let looks: Vec<_> =
            (1..).zip(all).map(|(look_no, facts)| LookFacts { look_no, at: at(14, 0, 0), facts }).collect();
        let judgement = judged(&looks);
        let failed = judgement.subjects.iter().filter(|s| matches!(s.verdict, Verdict::Failed | Verdict::Suspected));
        prop_assert_eq!(failed.count(), judgement.findings.len());
        let passed = judgement.subjects.iter().filter(|s| s.verdict == Verdict::Passed).count();
        prop_assert_eq!(passed, judgement.passed.len());
        let unseen = judgement.subjects.iter().filter(|s| s.verdict == Verdict::Gap).count();
        prop_assert_eq!(unseen, judgement.unseen.len());
        // A finding that needs two looks is never confirmed by one.
        for finding in judgement.findings.iter().filter(|f| f.rule == "broken-link" && f.state == State::Confirmed) {
            prop_assert!(finding.evidence.looks.len() >= 2);
        }
    }
}
