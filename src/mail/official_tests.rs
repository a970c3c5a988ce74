//! Tests of letters as official documents: not a word is lost, added or moved.

use super::*;
use crate::finding::Severity;
use crate::ledger::case::Case;
use crate::mail::compose::Templates;
use crate::mail::letters::letters_dated;
use crate::mail::letters::tests::{DATES, config, registry};
use crate::report::document::enclosed;
use crate::report::list::tests::case;

fn letters(cases: &[Case]) -> Vec<(Letter, Written)> {
    let letters = letters_dated("202611", cases, &registry(), &config(), &[], DATES()).expect("letters");
    let write = |letter: Letter| {
        let written = Templates::embedded().write(&letter, &config()).expect("a letter");
        (letter, written)
    };
    letters.into_iter().map(write).collect()
}

fn every_kind() -> Vec<(Letter, Written)> {
    let mut leak = case(1, "示例市交通运输局");
    leak.finding.severity = Severity::Immediate;
    leak.finding.rule = "id-number-leak".into();
    let mut hint = case(3, "示例市电子政务中心");
    hint.finding.severity = Severity::Advisory;
    let cases = [leak, case(2, "示例市交通运输局"), hint, case(4, "示例县水利局"), case(5, "示例县教育局")];
    let mut all = letters(&cases);
    let unit = all.iter().find(|(letter, _)| letter.kind == Kind::Unit).expect("one to a unit").0.clone();
    for step in Step::ALL {
        let letter = Letter { kind: Kind::Ladder(step), ..unit.clone() };
        let written = Templates::embedded().write(&letter, &config()).expect("a letter");
        all.push((letter, written));
    }
    all
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// All that a paper says in order; with its title where the template has one.
fn told(paper: &Paper, titled: bool) -> String {
    let mut out = if titled { paper.title.concat() } else { String::new() };
    out.extend(paper.number.iter().chain(&paper.addressee).map(String::as_str));
    for part in &paper.body {
        match part {
            Part::Level1(text) | Part::Text(text) => out.push_str(text),
            Part::Level2(head, text) => out.extend([head.as_str(), text]),
            Part::Enclosures(names) => out.push_str(&enclosed(names).concat()),
            Part::Grid(grid) => {
                out.extend(grid.columns.iter().map(|column| column.heading.as_str()));
                out.extend(grid.rows.iter().flatten().map(String::as_str));
            }
            Part::Form(rows) => rows.iter().for_each(|row| {
                out.push_str(&row.label);
                out.push_str(&row.lines.concat());
            }),
            Part::Chart(_) => unreachable!("a letter has none"),
        }
    }
    out.extend(paper.signature.clone());
    out.extend(paper.date.map(long_date));
    squeezed(&out)
}

fn as_read(html: &str) -> String {
    let tree = Html::parse_document(html);
    let body = Selector::parse("body").expect("a selector");
    squeezed(&tree.select(&body).next().expect("a body").text().collect::<String>())
}

#[test]
fn every_letter_says_as_a_document_what_its_mail_says() {
    let all = every_kind();
    assert!(all.len() >= 7, "{}", all.len());
    for (letter, written) in all {
        let paper = paper(&letter, &written);
        let titled = letter.kind == Kind::Ladder(Step::Order);
        assert_eq!(told(&paper, titled), as_read(&written.html), "{:?}", letter.kind);
        assert_eq!(paper.signature.as_deref(), Some(config().office.signature.as_str()), "{:?}", letter.kind);
        assert_eq!(paper.date, Some(letter.issued));
        assert!(!paper.title.is_empty());
    }
}

#[test]
fn parts_become_those_of_an_official_document() {
    let (letter, written) =
        every_kind().into_iter().find(|(letter, _)| letter.kind == Kind::Unit).expect("one to a unit");
    let paper = paper(&letter, &written);
    assert_eq!(paper.title, ["关于交办2026年11月政府网站", "与政务新媒体监测问题的通知"]);
    assert_eq!(paper.addressee.as_deref(), Some("示例市交通运输局："));
    let heads: Vec<&String> = paper
        .body
        .iter()
        .filter_map(|part| if let Part::Level1(text) = part { Some(text) } else { None })
        .collect();
    assert_eq!(heads, ["一、问题情况", "二、办理要求"]);
    let Some(Part::Grid(grid)) = paper.body.iter().find(|part| matches!(part, Part::Grid(_))) else {
        panic!("no table")
    };
    assert_eq!(
        grid.columns.iter().map(|c| c.heading.as_str()).collect::<Vec<_>>().concat(),
        "类别数量处置要求整改时限备注"
    );
    assert!(grid.columns[1].short && !grid.rows.is_empty());
    let files = paper
        .body
        .iter()
        .find_map(|p| if let Part::Enclosures(names) = p { Some(names.clone()) } else { None });
    assert_eq!(files, Some(vec!["问题清单_示例市交通运输局_202611.xlsx".to_owned()]));
}

#[test]
fn an_offices_own_template_loses_no_words_either() {
    let (letter, mut written) = every_kind().remove(0);
    written.html = "<html><head><style>p{}</style></head><body>甲<b>乙</b><div><p>丙：</p><ul><li>丁<br>戊</li></ul>\
                    <table><tr><td>1</td><td>2</td><td>己</td></tr></table><p style='text-align: right'>庚</p><p>辛</p></div></body></html>"
        .to_owned();
    let paper = paper(&letter, &written);
    assert_eq!(told(&paper, false), "甲乙丙：丁戊12己庚辛");
    assert_eq!(
        (paper.signature, paper.date),
        (None, None),
        "what stands on the right in the middle signs nothing"
    );
}
