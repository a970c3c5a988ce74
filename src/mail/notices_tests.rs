//! Tests of the ladder's letters: who gets what, what is never mailed, and what a name of a batch stands for.

use super::*;
use crate::ledger::event::{Event, What};
use crate::mail::compose::Templates;
use crate::mail::letters::tests::{config, registry};
use crate::report::list::tests::case as listed;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn case(n: u32, unit: &str, rule: &str) -> Case {
    let mut case = listed(n, unit);
    case.finding.rule = rule.to_owned();
    let number = case.number.clone();
    for what in [
        What::Approved { batch: "202611".to_owned() },
        What::Assigned { batch: "202611".to_owned(), due: Some(day("2026-12-04")), on: day("2026-11-20") },
    ] {
        let at = crate::calendar::end_of_day(day("2026-11-20"));
        let event = Event { number: number.clone(), at, by: "李某某".to_owned(), what, evidence: None };
        case.apply(&event).expect("legal");
    }
    case
}

fn action(case: &Case, step: Step) -> Action {
    let (unit, number) = (case.unit.clone(), case.number.clone());
    Action { unit, step, due: day("2026-12-04"), number, late: 1, reminded: 0 }
}

#[test]
fn one_letter_a_unit_and_rung_and_a_countys_in_one_package() {
    let cases = [
        case(1, "示例市交通运输局", "broken-link"),
        case(2, "示例市交通运输局", "broken-link"),
        case(3, "示例县水利局", "broken-link"),
        case(4, "示例县教育局", "broken-link"),
        case(5, "示例县教育局", "id-number-leak"),
    ];
    let mut actions: Vec<Action> = cases.iter().map(|case| action(case, Step::Reminder)).collect();
    actions[1].step = Step::Order;
    let (registry, config) = (registry(), config());
    let letters = notices(&actions, &cases, &registry, &config, day("2026-12-07")).expect("letters");
    let told: Vec<(&str, &str, usize, bool)> =
        letters.iter().map(|l| (l.unit.as_str(), l.kind.word(), l.total(), l.to.is_some())).collect();
    assert_eq!(
        told,
        [
            ("示例市交通运输局", "reminder", 1, true),
            ("示例县人民政府办公室", "reminder", 2, true),
            ("示例县教育局", "reminder", 1, true),
            ("示例市交通运输局", "order", 1, false),
        ]
    );
    assert!(letters[2].batch.ends_with("-专送") && letters[2].cc.is_empty());
    assert!(letters[1].package().is_some() && letters[0].package().is_none());
    let handed: Vec<_> = letters.iter().flat_map(Letter::handed_over).collect();
    assert!(handed.iter().all(|(due, _)| *due == Some(day("2026-12-04"))), "{handed:?}");
    let texts = texts(&letters, "示例市人民政府办公室");
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert_eq!(
        texts[0],
        "【催办】示例市交通运输局：交办的问题有1项尚未办结。请尽快整改并反馈。如已反馈请忽略。——示例市人民政府办公室"
    );
}

#[test]
fn every_rung_is_written_from_its_own_template() {
    let cases = [case(1, "示例市交通运输局", "broken-link")];
    for (step, word) in [
        (Step::Notice, "整改时限将到"),
        (Step::Reminder, "尚未办结，请尽快"),
        (Step::SecondReminder, "现再次催办"),
        (Step::Order, "问题督办单"),
    ] {
        let actions = [action(&cases[0], step)];
        let (registry, config) = (registry(), config());
        let letters = notices(&actions, &cases, &registry, &config, day("2026-12-07")).expect("letters");
        let written = Templates::embedded().write(&letters[0], &config).expect("written");
        for text in [&written.text, &written.html] {
            assert!(text.contains(word) && text.contains("202611-0001"), "{step:?}: {text}");
        }
        assert_eq!(written.text.contains("逾期3天") || written.text.contains("  3"), step != Step::Notice);
        assert_eq!(written.attachments.len(), 1);
    }
}

#[test]
fn a_batch_is_named_after_what_is_in_it() {
    let one = case(1, "示例市交通运输局", "broken-link");
    let on = day("2026-12-07");
    let name = batch_of(&[action(&one, Step::Reminder)], on);
    assert_eq!(name, batch_of(&[action(&one, Step::Reminder)], on));
    assert!(name.starts_with("T20261207-"), "{name}");
    assert_ne!(name, batch_of(&[action(&one, Step::Order)], on));
    assert_ne!(name, batch_of(&[], on));
}
