//! Tests of the candidates' workbook: what stands in it, and the way out and back through a person's hands.

use std::io::Cursor;

use calamine::{Data, Range, Reader as _};

use super::*;
use crate::finding::{Gap, Severity, State};
use crate::ledger::event::{Event, PROGRAM, What};
use crate::ledger::samples::{day, finding};
use crate::report::review::{Decision, Unreadable, Verdict, read};

fn case(n: u32, unit: &str, change: impl FnOnce(&mut Finding)) -> Case {
    let mut finding = finding(&format!("http://example.test/{n}"), State::Confirmed);
    change(&mut finding);
    let what = What::Seen { run: "r1".to_owned(), unit: unit.to_owned(), finding: Box::new(finding) };
    let number = format!("202611-{n:04}");
    Case::open(&Event { number, at: day(11, 16), by: PROGRAM.to_owned(), what, evidence: None })
        .expect("opens")
}

fn cases() -> Vec<Case> {
    vec![
        case(1, "示例市教育局", |_| {}),
        case(2, "示例市民政局", |_| {}),
        case(3, "示例市民政局", |f| f.severity = Severity::Immediate),
        case(4, "示例市民政局", |f| f.stock = true),
        case(5, "甲单位（未登记）", |f| {
            f.description = "=HYPERLINK(\"http://x\")\u{202e}\u{1b}[31m".to_owned();
        }),
    ]
}

fn units() -> Vec<String> {
    ["示例市民政局", "示例市教育局"].map(str::to_owned).to_vec()
}

fn made(cases: &[Case]) -> Vec<u8> {
    let suspects = [case(6, "示例市教育局", |f| f.state = State::Suspected)];
    let gap = Gap::new("http://example.test/query", "blocked");
    let undecided = [Undecided { unit: "示例市教育局".to_owned(), gap }];
    let units = units();
    let of = Candidates {
        at: day(11, 18),
        candidates: cases,
        suspects: &suspects,
        undecided: &undecided,
        declared: &[],
        units: &units,
    };
    workbook(&of).expect("builds")
}

fn sheets(bytes: &[u8]) -> Vec<(String, Range<Data>)> {
    calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).expect("opens").worksheets()
}

fn column(range: &Range<Data>, column: usize) -> Vec<String> {
    range.rows().skip(3).map(|row| row.get(column).expect("a cell").to_string()).collect()
}

/// The sheet of `bytes` copied cell by cell into a new book, as people do, with `change` in between.
fn copied(bytes: &[u8], sheet: usize, change: impl FnOnce(&mut Vec<Vec<String>>)) -> Vec<u8> {
    let all = sheets(bytes);
    let (_, range) = all.get(sheet).expect("a sheet");
    let mut rows: Vec<Vec<String>> =
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    change(&mut rows);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in (2..).zip(&rows) {
        for (c, cell) in (1..).zip(row) {
            sheet.write_string(r, c, cell).expect("writes");
        }
    }
    book.save_to_buffer().expect("builds")
}

fn decided(rows: &mut [Vec<String>], number: &str, word: &str, reason: &str) {
    let row = rows.iter_mut().find(|row| row.get(1).is_some_and(|n| n == number)).expect("a row");
    row.resize(15, String::new());
    if let [.., decision, why] = row.as_mut_slice() {
        word.clone_into(decision);
        reason.clone_into(why);
    }
}

#[test]
fn rows_stand_in_protocol_order_worst_first_and_stock_apart() {
    let book = sheets(&made(&cases()));
    let names: Vec<&str> = book.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["待核清单", "疑似待核（不交办）", "未判定事项", "存量问题"]);
    let numbers = |sheet: usize| column(&book.get(sheet).expect("a sheet").1, 1);
    assert_eq!(numbers(0), ["202611-0003", "202611-0002", "202611-0001", "202611-0005"]);
    assert_eq!(numbers(1), ["202611-0006"]);
    assert_eq!(numbers(3), ["202611-0004"]);
    let undecided = &book.get(2).expect("a sheet").1;
    assert_eq!(column(undecided, 3), ["页面防护拦截"]);
    let main = &book.first().expect("a sheet").1;
    let headings: Vec<String> =
        main.rows().nth(2).expect("headings").iter().map(ToString::to_string).collect();
    assert_eq!(
        headings.join(" "),
        "序号 问题编号 责任单位 网站名称 栏目位置 问题类型 问题描述 问题链接 所在页面 对应指标 处置要求 两次核查 \
         证据摘录 采纳/不采纳 理由"
    );
    let looks = column(main, 11);
    assert_eq!(looks.first().map(String::as_str), Some("11月16日10:00 返回404\n11月16日17:00 返回404"));
}

#[test]
fn page_text_becomes_neither_formula_nor_control_character() {
    let book = sheets(&made(&cases()));
    let descriptions = column(&book.first().expect("a sheet").1, 6);
    assert_eq!(descriptions.last().map(String::as_str), Some("=HYPERLINK(\"http://x\")[31m"));
    let formulas = calamine::open_workbook_auto_from_rs(Cursor::new(made(&cases())))
        .expect("opens")
        .worksheet_formula("待核清单")
        .expect("reads");
    assert!(formulas.is_empty(), "{formulas:?}");
}

#[test]
fn the_same_candidates_give_the_same_bytes() {
    assert_eq!(made(&cases()), made(&cases()));
}

#[test]
fn an_untouched_workbook_decides_nothing() {
    let decisions = read(&made(&cases())).expect("reads");
    assert_eq!(decisions.faults, Vec::<String>::new());
    assert_eq!(decisions.rows.len(), 5, "candidates and stock, no suspects");
    assert!(decisions.rows.iter().all(|row| row.verdict.is_none()));
}

#[test]
fn rows_sorted_deleted_and_copied_elsewhere_are_still_understood() {
    let bytes = copied(&made(&cases()), 0, |rows| {
        decided(rows, "202611-0001", "采纳", "");
        decided(rows, "202611-0002", " 不采纳 ", "页面正常");
        decided(rows, "202611-0005", "√", "");
        rows.retain(|row| row.get(1).is_none_or(|n| n != "202611-0003"));
        rows.get_mut(3..).expect("rows").reverse();
        if let Some(number) = rows.get_mut(3).and_then(|row| row.get_mut(1)) {
            *number = number.replace('-', "－");
        }
    });
    let decisions = read(&bytes).expect("reads");
    assert_eq!(decisions.faults, Vec::<String>::new());
    let row = |number: &str, verdict, reason: &str| Decision {
        number: number.to_owned(),
        verdict: Some(verdict),
        reason: reason.to_owned(),
    };
    assert_eq!(
        decisions.rows,
        [
            row("202611-0001", Verdict::Adopt, ""),
            row("202611-0002", Verdict::Refuse, "页面正常"),
            row("202611-0005", Verdict::Adopt, ""),
        ]
    );
}

#[test]
fn each_fault_is_told_with_its_row() {
    let bytes = copied(&made(&cases()), 0, |rows| {
        decided(rows, "202611-0003", "不采纳", " ");
        decided(rows, "202611-0002", "待定", "");
        decided(rows, "202611-0001", "采纳", "");
        let mut twice =
            rows.iter().find(|row| row.get(1).is_some_and(|n| n == "202611-0001")).cloned().expect("one");
        rows.push(twice.clone());
        if let [.., decision, reason] = twice.as_mut_slice() {
            "不采纳".clone_into(decision);
            "误报".clone_into(reason);
            rows.push(twice.clone());
            if let [_, number, ..] = twice.as_mut_slice() {
                "32".clone_into(number);
            }
            rows.push(twice);
        }
    });
    let decisions = read(&bytes).expect("reads");
    assert_eq!(
        decisions.faults,
        [
            "“Sheet1”第6行 202611-0003：不采纳须写理由",
            "“Sheet1”第7行 202611-0002：“待定”既不是“采纳”也不是“不采纳”",
            "“Sheet1”第11行 202611-0001：与“Sheet1”第8行的意见不一致",
            "“Sheet1”第12行：问题编号“32”不对，应如 202611-0032",
        ]
    );
}

#[test]
fn a_workbook_of_something_else_is_refused() {
    let suspects = copied(&made(&cases()), 1, |_| {});
    assert_eq!(read(&suspects), Err(Unreadable::NoDecisions));
}

#[test]
fn the_overview_tells_state_and_dates() {
    let mut reopened = case(7, "示例市教育局", |_| {});
    let event = |n: u32, what| Event {
        number: "202611-0007".to_owned(),
        at: day(11, n),
        by: "李某某".to_owned(),
        what,
        evidence: None,
    };
    let due = day(12, 4).date_naive();
    let batch = || "202611".to_owned();
    for event in [
        event(19, What::Approved { batch: batch() }),
        event(20, What::Assigned { batch: batch(), due: Some(due), on: day(11, 20).date_naive() }),
    ] {
        reopened.apply(&event).expect("legal");
    }
    let book = sheets(&overview(&[reopened], &units(), day(11, 21)).expect("builds"));
    let row: Vec<String> = book
        .first()
        .expect("a sheet")
        .1
        .rows()
        .nth(3)
        .expect("a row")
        .iter()
        .skip(13)
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        row,
        [
            "已交办整改中",
            "2026-11-16 10:00",
            "2026-11-16 10:00",
            "202611",
            "2026年11月20日",
            "2026年12月4日",
            "0"
        ]
    );
}
