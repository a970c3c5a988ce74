//! Tests of reading returned lists: as a unit fills them in, sorts, cuts, copies, and saves them.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A sheet with `headings` in row `top` (0 for none) and `rows` under it, starting in column `left`.
fn book(top: u32, left: u16, headings: &[&str], rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("问题清单").expect("a name");
    let lines = std::iter::once(headings).filter(|headings| !headings.is_empty()).chain(rows.iter().copied());
    for (r, row) in (top..).zip(lines) {
        for (c, cell) in (left..).zip(row) {
            sheet.write_string(r, c, *cell).expect("writes");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

const HEADINGS: [&str; 7] =
    ["序号", "问题编号", "整改情况", "整改说明\n（理由、依据）", "整改后链接", "完成时间", "填报人及电话"];

fn read_rows(rows: &[&[&str]]) -> Replies {
    read(book(3, 0, &HEADINGS, rows), "a.xlsx").expect("readable")
}

#[test]
fn every_answer_becomes_what_it_says() {
    let rows: [&[&str]; 6] = [
        &["1", "202611-0001", "已整改", "已补充内容", "http://www.example.test/a/", "11.25", "张某 0000"],
        &["2", "202611-0002", "整改中（申请延期）", "平台升级", "", "12月20日", ""],
        &["3", "202611-0003", "情况不属实", "栏目有内容", "", "", ""],
        &["4", "202611-0004", "按规定无需更新", "年度栏目", "", "", ""],
        &["5", "202611-0005", "不属本单位职责（请转：示例市教育局）", "", "", "", ""],
        &["6", "202611-0006", "无后台权限，需技术支撑单位处理", "由平台管理", "", "", ""],
    ];
    let told = read_rows(&rows);
    assert_eq!((told.faults.len(), told.blank.len(), told.notes.len()), (0, 0, 0), "{told:?}");
    let events: Vec<What> = told.rows.iter().map(|reply| reply.event(day("2026-11-20"))).collect();
    assert_eq!(
        events[0],
        What::Answered {
            text: "已整改：已补充内容；填报人：张某 0000".to_owned(),
            link: Some("http://www.example.test/a/".to_owned()),
            done: Some(day("2026-11-25")),
        }
    );
    assert_eq!(events[1], What::DelayAsked { until: Some(day("2026-12-20")), reason: "平台升级".to_owned() });
    let claims: Vec<Claim> = events[2..]
        .iter()
        .map(|what| match what {
            What::Disputed { claim, .. } => claim.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let to = Some("示例市教育局".to_owned());
    assert_eq!(claims, [Claim::Untrue, Claim::NotRequired, Claim::NotOurs { to }, Claim::NoAccess]);
}

#[test]
fn rows_are_found_by_their_number_wherever_they_stand() {
    let rows: [&[&str]; 3] =
        [&["9", "２０２６１１－0003", "已整改"], &["合计", "", ""], &["1", "202611-0001", "已 整 改"]];
    for (top, left) in [(0, 0), (7, 3)] {
        let told = read(book(top, left, &HEADINGS[..3], &rows), "a.xlsx").expect("readable");
        let numbers: Vec<&str> = told.rows.iter().map(|reply| reply.number.as_str()).collect();
        assert_eq!(numbers, ["202611-0003", "202611-0001"]);
        assert_eq!(told.rows[0].place, format!("“问题清单”第{}行", top + 2));
        assert!(told.faults.is_empty(), "{told:?}");
    }
}

#[test]
fn a_copy_without_its_headings_is_read_by_its_contents() {
    let rows: [&[&str]; 2] = [
        &["1", "202611-0001", "示例网站", "已整改", "说明", "http://example.test/", "11.25", "张某"],
        &["2", "202611-0002", "示例网站", "情况不属实", "有内容", "", "", ""],
    ];
    let told = read(book(0, 0, &[], &rows), "a.xlsx").expect("readable");
    assert_eq!((told.rows.len(), told.notes.len()), (2, 1));
    assert_eq!(
        (told.rows[0].link.as_str(), told.rows[1].explanation.as_str()),
        ("http://example.test/", "有内容")
    );
}

#[test]
fn csv_in_the_encodings_of_offices() {
    let text = "问题编号,整改情况,整改说明,完成时间\r\n202611-0001,已整改,\"已补充，完成\",2026.11.25\r\n";
    let gbk = encoding_rs::GBK.encode(text).0.into_owned();
    for bytes in [text.as_bytes().to_vec(), gbk] {
        let told = read(bytes, "a.csv").expect("readable");
        assert_eq!(
            (told.rows[0].explanation.as_str(), told.rows[0].date.as_str()),
            ("已补充，完成", "2026.11.25")
        );
    }
}

#[test]
fn dates_that_a_spreadsheet_made_of_what_was_typed() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (c, heading) in (0..).zip(["问题编号", "整改情况", "完成时间"]) {
        sheet.write_string(0, c, heading).expect("writes");
    }
    for r in 1..=3 {
        sheet.write_string(r, 0, format!("202611-000{r}")).expect("writes");
        sheet.write_string(r, 1, "已整改").expect("writes");
    }
    let date = ExcelDateTime::from_ymd(2026, 11, 25).expect("a date");
    sheet
        .write_datetime_with_format(1, 2, &date, &Format::new().set_num_format("m\"月\"d\"日\""))
        .expect("writes");
    sheet.write_number(2, 2, 46_351.0).expect("writes");
    sheet.write_number(3, 2, 11.25).expect("writes");
    let told = read(book.save_to_buffer().expect("a workbook"), "a.xlsx").expect("readable");
    for reply in &told.rows {
        let What::Answered { done, .. } = reply.event(day("2026-11-20")) else { panic!("{reply:?}") };
        assert_eq!(done, Some(day("2026-11-25")), "{}", reply.date);
    }
}

#[test]
fn what_cannot_be_understood_is_told_with_its_place_and_not_entered() {
    let rows: [&[&str]; 8] = [
        &["1", "202611-0001", "未整改", ""],
        &["2", "202611-0002", "部分已整改", ""],
        &["3", "2026-0003", "已整改", ""],
        &["4", "202611-0004", "", "已经改好"],
        &["5", "202611-0005", "", ""],
        &["6", "202611-0006", "已整改", ""],
        &["7", "202611-0006", "情况不属实", "有内容"],
        &["8", "202611-0008", "已整改", ""],
    ];
    let told = read_rows(&rows);
    let numbers: Vec<&str> = told.rows.iter().map(|reply| reply.number.as_str()).collect();
    assert_eq!((numbers, told.blank), (vec!["202611-0008"], vec!["202611-0005".to_owned()]));
    let faults = [
        "“问题清单”第5行 202611-0001：整改情况“未整改”不能识别",
        "“问题清单”第6行 202611-0002：整改情况“部分已整改”不能识别",
        "“问题清单”第7行：问题编号“2026-0003”不对，应如 202611-0032",
        "“问题清单”第8行 202611-0004：没有选填“整改情况”，但填了“已经改好”，请与填报人核实",
        "“问题清单”第11行 202611-0006：与“问题清单”第10行的填报不一致，两处均未采用",
    ];
    assert_eq!(told.faults, faults);
}

#[test]
fn a_date_that_is_not_clear_stays_in_the_words() {
    let told = read_rows(&[&["1", "202611-0001", "整改中（申请延期）", "改版", "", "月底", ""]]);
    let event = told.rows[0].event(day("2026-11-20"));
    assert_eq!(event, What::DelayAsked { until: None, reason: "改版；完成时间填为“月底”".to_owned() });
}

#[test]
fn the_list_that_is_sent_can_be_read_back() {
    use crate::report::list::ProblemList;
    use crate::report::list::tests::{case, office, terms};
    use crate::report::render::xlsx;
    let (office, others) = (office(), BTreeSet::new());
    let one = case(1, "示例市交通运输局");
    let list = ProblemList::of("示例市交通运输局", &[&one], &[], &terms(&office, &others));
    let told = read(xlsx::problem_list(&list).expect("a workbook"), "a.xlsx").expect("readable");
    assert_eq!(
        (told.rows.len(), told.blank),
        (0, vec![one.number]),
        "nothing was filled in: {:?}",
        told.faults
    );
}

#[test]
fn other_files_say_nothing() {
    assert!(matches!(read(b"PK\x03\x04rubbish".to_vec(), "a.xlsx"), Err(Unreadable::NoTable(_))));
    assert_eq!(read(b"a,b,c\n1,2,3\n".to_vec(), "a.csv"), Err(Unreadable::NoReplies));
}
