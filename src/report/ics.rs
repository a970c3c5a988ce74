//! Deadlines as a calendar file (RFC 5545) that phones and office suites import: one event a unit and date.
#![deny(clippy::disallowed_methods)]

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate, Utc};
use sha2::{Digest as _, Sha256};

use super::list::IMMEDIATE_HOUR;
use super::wording::one_line;
use crate::calendar::{Instant8, end_of_day};
use crate::finding::hex;
use crate::ledger::case::Case;

/// Octets of a line, without its end; longer ones are folded (§3.1).
const LINE: usize = 75;
/// 问题编号 that one event names.
const NUMBERS: usize = 20;

/// The calendar of all dates that units have to keep, as of `at`.
pub fn calendar(cases: &[Case], at: Instant8) -> String {
    let mut by_day: BTreeMap<(NaiveDate, &str), Vec<&str>> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.state.is_with_unit()) {
        let Some(due) = case.due else { continue };
        by_day.entry((due, &case.unit)).or_default().push(&case.number);
    }
    let mut out = String::new();
    let mut line = |text: &str| fold(&mut out, text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//xuncha//deadlines//ZH");
    line("CALSCALE:GREGORIAN");
    for ((due, unit), numbers) in by_day {
        let end = end_of_day(due) + Duration::seconds(1) - Duration::hours(i64::from(24 - IMMEDIATE_HOUR));
        let start = end - Duration::minutes(30);
        let more = if numbers.len() > NUMBERS { "等" } else { "" };
        let named = numbers.iter().take(NUMBERS).copied().collect::<Vec<_>>().join("、");
        line("BEGIN:VEVENT");
        line(&format!("UID:{}@xuncha", uid(due, unit)));
        line(&format!("DTSTAMP:{}", utc(at)));
        line(&format!("DTSTART:{}", utc(start)));
        line(&format!("DTEND:{}", utc(end)));
        line(&format!(
            "SUMMARY:{}",
            escaped(&format!("整改时限：{}（{}项）", one_line(unit), numbers.len()))
        ));
        line(&format!("DESCRIPTION:{}", escaped(&format!("{named}{more}"))));
        line("TRANSP:TRANSPARENT");
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    out
}

/// The same date of the same unit is the same event in every file.
fn uid(due: NaiveDate, unit: &str) -> String {
    hex(&Sha256::digest(format!("{due}\0{unit}"))).chars().take(32).collect()
}

fn utc(at: Instant8) -> String {
    at.with_timezone(&Utc).format("%Y%m%dT%H%M%SZ").to_string()
}

/// Text values (§3.3.11).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// Adds `text` as a line, folded so that no line has more than [`LINE`] octets and no character is cut in two.
fn fold(out: &mut String, text: &str) {
    let mut room = LINE;
    for c in text.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            room = LINE - 1;
        }
        out.push(c);
        room -= c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::State;
    use crate::ledger::event::{Event, What};
    use crate::ledger::samples::{day, finding};

    fn case(n: u32, unit: &str, due: u32) -> Case {
        let number = format!("202611-{n:04}");
        let finding = Box::new(finding(&format!("http://example.test/{n}"), State::Confirmed));
        let on = |d: u32| day(12, d).date_naive();
        let whats = [
            What::Seen { run: "1".to_owned(), unit: unit.to_owned(), finding },
            What::Approved { batch: "202611".to_owned() },
            What::Assigned { batch: "202611".to_owned(), due: Some(on(due)), on: on(1) },
        ];
        let event = |what| Event {
            number: number.clone(),
            at: day(11, 20),
            by: "李".to_owned(),
            what,
            evidence: None,
        };
        Case::fold(&whats.map(event)).expect("legal")
    }

    #[test]
    fn one_event_a_unit_and_date_with_folded_lines() {
        let long = "示例市名称很长很长很长很长很长很长很长很长的办公室, 分部; 一";
        let mut cases: Vec<Case> = (1..=30).map(|n| case(n, long, 4)).collect();
        cases.push(case(31, "示例市民政局", 4));
        cases.push(case(32, "示例市民政局", 9));
        let text = calendar(&cases, day(11, 22));
        assert_eq!(text, calendar(&cases, day(11, 22)));
        assert!(text.split("\r\n").all(|line| line.len() <= LINE), "{text}");
        assert!(text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
        let unfolded = text.replace("\r\n ", "");
        assert_eq!(unfolded.matches("BEGIN:VEVENT").count(), 3);
        // 18:00 in +08:00.
        assert!(unfolded.contains("DTEND:20261204T100000Z\r\n"), "{unfolded}");
        assert!(
            unfolded.contains("DTSTART:20261204T093000Z") && unfolded.contains("DTSTAMP:20261122T020000Z")
        );
        assert!(unfolded.contains("很长的办公室\\, 分部\\; 一（30项）"), "{unfolded}");
        let mut uids: Vec<&str> = unfolded.lines().filter(|line| line.starts_with("UID:")).collect();
        uids.sort_unstable();
        uids.dedup();
        assert_eq!(uids.len(), 3);
    }

    #[test]
    fn what_is_no_longer_with_the_unit_has_no_date() {
        let mut closed = case(1, "示例市民政局", 4);
        let passed = What::NotSeen { run: "2".to_owned() };
        let event = Event {
            number: closed.number.clone(),
            at: day(11, 21),
            by: "李".to_owned(),
            what: passed,
            evidence: None,
        };
        closed.apply(&event).expect("legal");
        assert!(!calendar(&[closed], day(11, 22)).contains("VEVENT"));
    }
}
