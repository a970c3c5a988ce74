//! Tests of the sheet: caps, intervals, proportion, thresholds, and nothing counted twice.

use super::*;
use crate::facts::site::{Home, Site};
use crate::finding::{Cause, Class, Confidence, Evidence, Finding, Severity, State, Subject, SubjectKind};
use crate::judge::{Outcome, Verdict as Judged};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date")
}

fn facts() -> SiteFacts {
    let home = "http://www.shili.gov.cn/".to_owned();
    SiteFacts {
        site: Site {
            id: "9901000001".to_owned(),
            name: "示例市人民政府门户网站".to_owned(),
            url: home.clone(),
            portal: true,
            visits: vec![],
            ipv6: None,
            tls: None,
            watch: None,
        },
        home: Home { url: home, newest: None, newest_item: None, from_columns: false, gap: None, look: None },
        columns: vec![],
        links: vec![],
        hidden: vec![],
        marks: None,
        tags: None,
        scripts: vec![],
        contents: None,
        wordings: vec![],
        leaks: vec![],
        accounts: None,
        strays: vec![],
        links_seen: 0,
        pages_read: 1,
        requests: 1,
        not_reached: 0,
        gaps: vec![],
    }
}

fn finding(rule: &str, url: &str, state: State) -> Finding {
    Finding {
        rule: rule.to_owned(),
        title: rule.to_owned(),
        indicator: "x".to_owned(),
        severity: Severity::Deadline,
        class: Class::Deduction,
        subject: Subject {
            kind: if rule.contains("column") { SubjectKind::Column } else { SubjectKind::Link },
            site: "9901000001".to_owned(),
            site_name: "示例市人民政府门户网站".to_owned(),
            place: "x".to_owned(),
            column: None,
        },
        description: "x".to_owned(),
        remedy: "x".to_owned(),
        url: url.to_owned(),
        page: None,
        cause: Cause::Single,
        stock: false,
        confidence: Confidence::High,
        state,
        evidence: Evidence { looks: vec![], excerpt: String::new(), last_update: None },
        fingerprint: Fingerprint::of("9901000001", rule, url),
    }
}

fn judgement(findings: Vec<Finding>, gaps: &[(&str, usize)]) -> Judgement {
    let unseen = gaps.iter().flat_map(|&(rule, n)| {
        (0..n).map(move |i| Outcome {
            rule: rule.to_owned(),
            fingerprint: Fingerprint(format!("{rule}{i}")),
            verdict: Judged::Gap,
            level: None,
            has_cycle: false,
        })
    });
    Judgement { subjects: unseen.collect(), findings, ..Judgement::default() }
}

/// An answer to every question of the rules: nothing found, no bonus.
fn all_clear(rules: &RuleSet) -> Vec<Answer> {
    let said = |question: &Question| if question.points.is_some() { Said::Count(0) } else { Said::No };
    questions(rules, Whom::Site, true, true)
        .into_iter()
        .map(|(question, _)| answer(&question.id, said(question)))
        .collect()
}

fn answer(question: &str, said: Said) -> Answer {
    Answer {
        subject: "9901000001".to_owned(),
        question: question.to_owned(),
        said,
        note: String::new(),
        by: "李某某".to_owned(),
        on: day(),
    }
}

fn not_met(rules: &RuleSet) -> Vec<Assessment> {
    let machine = rules.indicators.iter().filter(|indicator| indicator.by_machine());
    machine
        .map(|indicator| Assessment {
            indicator: indicator.id.clone(),
            title: indicator.title.clone(),
            basis: indicator.basis.clone(),
            at_least: indicator.at_least,
            standing: Standing::NotMet { fails: 0, most: 0 },
            sentence: format!("{}：未达到。", indicator.title),
        })
        .collect()
}

fn scored(rules: &RuleSet, judgement: &Judgement, answers: &[Answer], services: bool) -> Scored {
    let (facts, assessments) = (facts(), not_met(rules));
    score(Basis {
        rules,
        facts: &facts,
        judgement,
        assessments: &assessments,
        portal: true,
        services,
        answers,
        as_of: day(),
    })
}

fn rules() -> RuleSet {
    RuleSet::shipped().unwrap_or_else(|faults| panic!("{faults}"))
}

fn line<'a>(rules: &RuleSet, scored: &'a Scored, id: &str) -> &'a Line {
    let sheet = rules.sheet.as_ref().expect("a sheet");
    let at = sheet.items.iter().position(|item| item.id == id).expect("the item");
    scored.items.iter().find(|line| line.item == at).expect("the line")
}

fn links(n: usize) -> Vec<Finding> {
    (0..n).map(|i| finding("broken-link", &format!("http://x.example/{i}"), State::Confirmed)).collect()
}

#[test]
fn a_site_in_order_has_all_points_and_one_without_answers_none_for_sure() {
    let rules = rules();
    let clear = scored(&rules, &judgement(vec![], &[]), &all_clear(&rules), true);
    assert_eq!((clear.second.least, clear.second.most), (10_000, 10_000));
    assert_eq!((clear.total.least, clear.verdict), (10_000, Verdict::Passed));
    let unasked = scored(&rules, &judgement(vec![], &[]), &[], true);
    assert_eq!((unasked.second.most, unasked.verdict), (10_000, Verdict::Open));
    assert!(unasked.second.least < 6_000, "{:?}", unasked.second);
    assert!(unasked.vetoes.iter().any(|veto| veto.id == "V1" && veto.is == Known::Open));
}

#[test]
fn deductions_stop_at_the_items_points() {
    let rules = rules();
    let many = scored(&rules, &judgement(links(500), &[]), &all_clear(&rules), true);
    let availability = line(&rules, &many, "availability");
    assert_eq!(availability.counted, PointSpan { least: 600, most: 600 });
    assert_eq!(availability.steps[0].points.least, 5_000, "before the cap: 500 × 0.1");
    assert_eq!(many.second.least, 9_400);
    let few = scored(&rules, &judgement(links(7), &[]), &all_clear(&rules), true);
    assert_eq!(line(&rules, &few, "availability").counted, PointSpan { least: 70, most: 70 });
}

#[test]
fn suspicions_and_gaps_make_an_interval() {
    let rules = rules();
    let mut found = links(2);
    found.push(finding("broken-link", "http://x.example/maybe", State::Suspected));
    let open = scored(&rules, &judgement(found, &[("broken-link", 3)]), &all_clear(&rules), true);
    assert_eq!(line(&rules, &open, "availability").counted, PointSpan { least: 20, most: 60 });
    let unseen = Judgement { home_unseen: true, ..judgement(vec![], &[]) };
    let dark = scored(&rules, &unseen, &all_clear(&rules), true);
    assert_eq!(line(&rules, &dark, "availability").counted, PointSpan { least: 0, most: 600 });
}

#[test]
fn no_problem_is_counted_twice() {
    let rules = rules();
    let column = "http://www.shili.gov.cn/zcwj/";
    let found = vec![
        finding("stale-policy-column", column, State::Confirmed),
        finding("overdue-column", column, State::Confirmed),
        finding("empty-column", "http://www.shili.gov.cn/kong/", State::Confirmed),
    ];
    let sheet = scored(&rules, &judgement(found, &[]), &all_clear(&rules), true);
    assert_eq!(line(&rules, &sheet, "policies").counted.least, 500);
    let others = line(&rules, &sheet, "other-columns");
    assert_eq!(others.counted, PointSpan { least: 200, most: 200 }, "the empty one alone");
    assert!(others.steps.iter().any(|step| step.words.contains("不重复扣分")), "{others:?}");
    let old = Finding { stock: true, ..finding("broken-link", "http://x.example/", State::Confirmed) };
    let stock = scored(&rules, &judgement(vec![old], &[]), &all_clear(&rules), true);
    assert_eq!(line(&rules, &stock, "availability").counted.most, 0);
}

#[test]
fn without_services_seventy_five_points_count_four_thirds() {
    let rules = rules();
    let none = scored(&rules, &judgement(vec![], &[]), &all_clear(&rules), false);
    assert_eq!((none.of, none.second.least), (Points::whole(75), 10_000));
    assert!(line(&rules, &none, "service-guide").left_out);
    let some = scored(&rules, &judgement(links(7), &[]), &all_clear(&rules), false);
    assert_eq!((some.raw.least, some.second.least), (7_430, 9_907), "74.3 × 4/3 = 99.07");
}

#[test]
fn sixty_passes_and_eighty_opens_no_bonus() {
    let rules = rules();
    // Points taken by answers, on top of what else is in order; bonus answers give 10 points.
    let at = |taken: &[(&str, i64)]| {
        let mut answers = all_clear(&rules);
        answers.extend(taken.iter().map(|&(question, n)| answer(question, Said::Count(n * 100))));
        answers.extend(
            ["bonus-data-1", "bonus-robot-1", "bonus-open-data-1"].map(|q| answer(q, Said::Count(400))),
        );
        scored(&rules, &judgement(vec![], &[]), &answers, true)
    };
    let eighty = at(&[("service-guide-1", 15), ("messages-2", 5)]);
    assert_eq!((eighty.second.least, eighty.third.least, eighty.total.least), (8_000, 0, 8_000));
    assert_eq!(eighty.verdict, Verdict::Passed);
    let above = at(&[("service-guide-1", 15), ("messages-2", 4)]);
    assert_eq!((above.second.least, above.third.least, above.total.least), (8_100, 1_200, 9_300));
    let deep: &[(&str, i64)] = &[
        ("service-guide-1", 15),
        ("messages-2", 5),
        ("answers-1", 1),
        ("interpretation-1", 3),
        ("overview-2", 4),
        ("organisation-2", 4),
    ];
    let low = at(deep);
    assert_eq!((low.second.least, low.verdict), (6_100, Verdict::Passed));
    let sixty: Vec<_> = deep.iter().copied().chain([("leaders-2", 1)]).collect();
    assert_eq!((at(&sixty).second.least, at(&sixty).verdict), (6_000, Verdict::Passed), "60 is not below 60");
    let below: Vec<_> = deep.iter().copied().chain([("leaders-2", 2)]).collect();
    assert_eq!((at(&below).second.least, at(&below).verdict), (5_900, Verdict::Below));
}

#[test]
fn one_yes_vetoes_and_ends_the_sheet() {
    let rules = rules();
    let mut answers = all_clear(&rules);
    answers.push(answer("V1-3", Said::Yes));
    let vetoed = scored(&rules, &judgement(vec![], &[]), &answers, true);
    assert_eq!((vetoed.verdict, vetoed.items.len()), (Verdict::Vetoed, 0));
    let v1 = vetoed.vetoes.iter().find(|veto| veto.id == "V1").expect("V1");
    assert!(v1.words.contains("李某某") && v1.is == Known::Yes, "{}", v1.words);
}

#[test]
fn an_old_answer_opens_the_question_again() {
    let rules = rules();
    let mut answers = all_clear(&rules);
    for answer in &mut answers {
        answer.on = day() - chrono::TimeDelta::days(101);
    }
    let old = scored(&rules, &judgement(vec![], &[]), &answers, true);
    assert_eq!(old.verdict, Verdict::Open);
    let words = &line(&rules, &old, "search").steps[0].words;
    assert!(words.contains("上次核查已过101天"), "{words}");
}

#[test]
fn the_text_can_be_followed_by_hand() {
    let rules = rules();
    let judgement = judgement(links(3), &[("empty-column", 1)]);
    let scored = scored(&rules, &judgement, &all_clear(&rules), true);
    let numbers = BTreeMap::from([(links(1)[0].fingerprint.clone(), "202611-0001".to_owned())]);
    let heading = crate::report::score::Heading {
        name: "示例市人民政府门户网站",
        code: "9901000001",
        portal: true,
        services: true,
        as_of: day(),
        numbers: &numbers,
    };
    let text = crate::report::score::text(&rules, heading, &scored);
    for part in [
        "其他页面断链（broken-link）：3处×0.1分=0.3分",
        "问题编号：202611-0001，另有2项未记入台账",
        "扣0.3分，得5.7分。",
        "疑似0、未能判定1个栏目，最多再扣2分",
        "得分：第二部分97.7至99.7分＋第三部分0分＝97.7至99.7分。",
        "分值未核实",
        "合格：没有单项否决情形",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}
