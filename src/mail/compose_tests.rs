//! Tests of the words of letters and the messages they travel in.

use super::*;
use crate::calendar::from_millis;
use crate::finding::{Cause, Class, Gap};
use crate::ledger::Undecided;
use crate::ledger::case::Case;
use crate::mail::letters::letters_dated;
use crate::mail::letters::tests::{DATES, config, registry};
use crate::report::list::tests::{case, day};

fn written(cases: &[Case], gaps: &[Undecided]) -> (Letter, Written) {
    let letters = letters_dated("202611", cases, &registry(), &config(), gaps, DATES()).expect("letters");
    let letter = letters.into_iter().next().expect("a letter");
    let written = Templates::embedded().write(&letter, &config()).expect("a letter");
    (letter, written)
}

fn blocked() -> Undecided {
    let gap = Gap::new("https://www.example.gov.cn/cx/", "blocked");
    Undecided { unit: "示例市交通运输局".into(), gap }
}

fn every_kind() -> Vec<Case> {
    let mut cases: Vec<Case> = (1..=6).map(|n| case(n, "示例市交通运输局")).collect();
    cases[0].finding.severity = Severity::Immediate;
    cases[0].finding.rule = "id-number-leak".into();
    cases[0].finding.title = "个人信息泄露".into();
    cases[1].finding.cause = Cause::Template(1043);
    cases[2].finding.class = Class::VetoCount;
    cases[2].finding.title = "栏目超期未更新".into();
    cases[4].finding.severity = Severity::Advisory;
    cases[5].finding.stock = true;
    cases
}

/// Text as it is read: without tags, entities and white space.
fn read(text: &str) -> String {
    let body = text.split("<body").nth(1).map_or(text, |body| body.split_once('>').map_or(body, |(_, b)| b));
    let mut out = String::new();
    let mut tag = false;
    for c in body.replace("&emsp;", " ").replace("&#x2f;", "/").replace("&quot;", "\"").chars() {
        match c {
            '<' => tag = true,
            '>' if tag => tag = false,
            c if !tag && !c.is_whitespace() => out.push(c),
            _ => {}
        }
    }
    out
}

#[test]
fn the_letter_says_what_an_office_says() {
    let gaps = [blocked()];
    let (_, letter) = written(&every_kind(), &gaps);
    insta::assert_snapshot!("letter_to_a_unit", letter.text);
}

#[test]
fn a_county_is_asked_to_pass_it_on() {
    let cases = [case(1, "示例县水利局"), case(2, "示例县教育局"), case(3, "示例县教育局")];
    let (_, letter) = written(&cases, &[]);
    insta::assert_snapshot!("letter_to_a_county", letter.text);
    let names: Vec<&str> = letter.attachments.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "问题汇总表_示例县人民政府办公室_202611.xlsx",
            "问题清单_示例县教育局_202611.xlsx",
            "问题清单_示例县水利局_202611.xlsx"
        ]
    );
}

#[test]
fn a_hint_asks_for_nothing() {
    let mut one = case(1, "示例市交通运输局");
    one.finding.severity = Severity::Advisory;
    let (_, letter) = written(&[one], &[]);
    insta::assert_snapshot!("hint_to_a_unit", letter.text);
    assert!(!letter.text.contains("反馈电子版") && !letter.text.contains("整改时限"));
}

#[test]
fn html_and_plain_text_say_the_same() {
    let gaps = [blocked()];
    let county = [case(1, "示例县水利局"), case(2, "示例县教育局")];
    let mut hint = case(1, "示例市交通运输局");
    hint.finding.severity = Severity::Advisory;
    for (cases, gaps) in [(every_kind(), &gaps[..]), (county.to_vec(), &[]), (vec![hint], &[])] {
        let (_, letter) = written(&cases, gaps);
        assert_eq!(read(&letter.html), read(&letter.text));
    }
}

#[test]
fn what_a_page_says_is_inert_in_html() {
    let mut one = case(1, "示例市交通运输局");
    one.finding.title = "<script>alert(1)</script>".into();
    let (_, letter) = written(&[one], &[]);
    assert!(!letter.html.contains("<script>") && letter.html.contains("&lt;script&gt;"));
}

#[test]
fn no_tool_signs() {
    let (letter, written) = written(&every_kind(), &[]);
    let message = message(&letter, &written, &config(), from_millis(0)).expect("a message");
    let head = String::from_utf8_lossy(&message.bytes).to_ascii_lowercase();
    assert!(!head.contains("xuncha") && !written.text.contains("xuncha"));
}

#[test]
fn the_message_is_fixed_and_seven_bit() {
    let (mut letter, written) = written(&every_kind(), &[]);
    letter.cc = vec!["copy@example.gov.cn".into(), "u20@example.gov.cn".into()];
    let build = |ms| message(&letter, &written, &config(), from_millis(ms)).expect("a message");
    let (first, later) = (build(0), build(86_400_000));
    assert_eq!(first.message_id, later.message_id);
    assert_ne!(first.bytes, later.bytes);
    assert_eq!(first, build(0));
    assert_eq!(first.recipients, ["u20@example.gov.cn", "copy@example.gov.cn"]);
    assert!(first.bytes.is_ascii());
    assert!(first.bytes.split(|&b| b == b'\n').all(|line| line.len() <= 999));
    assert!(first.message_id.ends_with("@example.gov.cn>"));
}

#[test]
fn other_content_has_another_id() {
    let id = |cases: &[Case]| {
        let (letter, written) = written(cases, &[]);
        message(&letter, &written, &config(), from_millis(0)).expect("a message").message_id
    };
    assert_ne!(id(&every_kind()), id(&every_kind()[..3]));
}

#[test]
fn line_breaks_in_names_and_addresses_cannot_add_headers() {
    let (mut letter, written) = written(&every_kind(), &[]);
    letter.unit = "某局\r\nBcc: x@example.org".into();
    let sent = message(&letter, &written, &config(), from_millis(0)).expect("a message");
    assert!(!String::from_utf8_lossy(&sent.bytes).contains("\nBcc:"));
    for bad in ["a@b\r\nX: y", "甲@example.cn", "nobody", "a b@c.d", "<a@b.c>"] {
        letter.to = Some(bad.into());
        let refused = message(&letter, &written, &config(), from_millis(0)).expect_err(bad);
        assert!(matches!(refused, LetterError::Address(_)), "{bad}");
    }
}

#[test]
fn a_wrong_template_is_found_when_it_is_loaded() {
    let fault = |source: &str| {
        let own = [("letter.txt", "templates/letter.txt".to_owned(), source.to_owned())];
        Templates::of(&own).expect_err("refused").to_string()
    };
    assert!(fault("一\n{{ salutaton }}").starts_with("templates/letter.txt:2:1: "));
    assert!(fault("{% if %}").starts_with("templates/letter.txt:1:1: "));
    assert!(
        fault("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}")
            .contains("fuel")
    );
    let own = [("letter.txt", "t".to_owned(), "{{ salutation }}：好".to_owned())];
    let (letter, _) = written(&every_kind(), &[]);
    let changed = Templates::of(&own).expect("sound").write(&letter, &config()).expect("a letter");
    assert_eq!(changed.text, "示例市交通运输局：好\n");
}

#[test]
fn periods_and_days_are_short() {
    assert_eq!(period((day(11, 16), day(11, 18))), "2026年11月16日至18日");
    assert_eq!(period((day(10, 30), day(11, 2))), "2026年10月30日至11月2日");
    assert_eq!(period((day(11, 16), day(11, 16))), "2026年11月16日");
    let next_year = NaiveDate::from_ymd_opt(2027, 1, 4).expect("a date");
    assert_eq!(short_day(next_year, day(12, 20)), "2027年1月4日");
}

#[test]
fn several_template_problems_in_one_line() {
    let mut cases: Vec<Case> = (1..=3).map(|n| case(n, "示例市交通运输局")).collect();
    cases[0].finding.cause = Cause::Template(1043);
    cases[1].finding.cause = Cause::Template(87);
    let (_, letter) = written(&cases, &[]);
    assert!(letter.text.contains("其中2项为模板问题，涉及1043、87个页面，各修改1处即可"));
}
