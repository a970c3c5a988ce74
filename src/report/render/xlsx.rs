//! Problem lists and county summaries to XLSX, as an office prints and fills them in: A4 landscape, one page
//! wide, repeated headings, no formulas, no macros. The same list gives the same bytes.

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet, XlsxError,
};

use super::heights::row_height;
use crate::calendar::{day_with_weekday, long_date};
use crate::finding::Severity;
use crate::report::list::{
    ANSWERS, CountyPackage, FEEDBACK, HANDED_OVER, ProblemList, RECHECK, RECHECK_RESULTS, Row,
};
use crate::report::wording::{self, batch_title, printable, shortened};

/// What a cell may hold; Excel's own limit is 32,767.
const CELL_CHARS: usize = 2000;
/// Rows below the last problem that also carry the drop-down lists: room for what a unit adds.
const SPARE_ROWS: u32 = 20;

/// The workbook 问题清单 · 填报说明 · 佐证 · 未判定事项, and 存量问题 and 提示事项 where there are any. A list that
/// asks for nothing has no 问题清单 and nothing to fill in.
///
/// # Errors
/// Only where the writer refuses what a list can never hold.
pub fn problem_list(list: &ProblemList) -> Result<Vec<u8>, XlsxError> {
    let title = format!("{}政府网站与政务新媒体问题清单（{}）", list.area, batch_title(&list.batch));
    let styles = Styles::new();
    let mut book = workbook(&title, list.issued);
    if list.asks_for_something() {
        main_sheet(book.add_worksheet(), list, &title, &styles)?;
        notes_sheet(book.add_worksheet(), list, &styles)?;
        proof_sheet(book.add_worksheet(), list, &styles)?;
        undecided_sheet(book.add_worksheet(), list, &styles)?;
        stock_and_hints(&mut book, list, &styles)?;
    } else {
        stock_and_hints(&mut book, list, &styles)?;
        proof_sheet(book.add_worksheet(), list, &styles)?;
        undecided_sheet(book.add_worksheet(), list, &styles)?;
    }
    book.save_to_buffer()
}

/// The 汇总表 of a county: one line a unit, and the sum.
///
/// # Errors
/// As [`problem_list`].
pub fn county_summary(package: &CountyPackage) -> Result<Vec<u8>, XlsxError> {
    const COLUMNS: [(&str, f64); 9] = [
        ("序号", 6.0),
        ("责任单位", 30.0),
        ("问题数", 9.0),
        ("立行立改", 9.0),
        ("限期整改", 9.0),
        ("存量问题（不计）", 11.0),
        ("提示事项（不计）", 11.0),
        ("反馈截止", 22.0),
        ("分单位清单（附件2）", 42.0),
    ];
    let title = format!("{}政府网站与政务新媒体问题汇总表（{}）", package.area, batch_title(&package.batch));
    let due = package.due.map_or_else(|| "—".to_owned(), long_date);
    let head = format!(
        "{}    共{}项，涉及{}个单位    反馈截止：{due}    联系人：{}",
        package.county,
        package.total(),
        package.units(),
        package.contact,
    );
    let mut rows: Vec<Vec<String>> = package
        .lists
        .iter()
        .enumerate()
        .map(|(n, list)| {
            vec![
                (n + 1).to_string(),
                list.unit.clone(),
                list.rows.len().to_string(),
                list.count(Severity::Immediate).to_string(),
                list.count(Severity::Deadline).to_string(),
                list.stock.len().to_string(),
                list.hints.len().to_string(),
                list.due.map_or_else(|| "—".to_owned(), day_with_weekday),
                list.file_name(),
            ]
        })
        .collect();
    let sum =
        |count: &dyn Fn(&ProblemList) -> usize| package.lists.iter().map(count).sum::<usize>().to_string();
    rows.push(vec![
        String::new(),
        "合计".to_owned(),
        package.total().to_string(),
        sum(&|list| list.count(Severity::Immediate)),
        sum(&|list| list.count(Severity::Deadline)),
        sum(&|list| list.stock.len()),
        sum(&|list| list.hints.len()),
        String::new(),
        String::new(),
    ]);
    let mut book = workbook(&title, package.issued);
    let sheet = book.add_worksheet();
    table_sheet_titled(sheet, "汇总表", &title, &head, &COLUMNS, &rows, &Styles::new())?;
    book.save_to_buffer()
}

/// Widths of the main sheet's columns, in characters: the parts handed over, fed back, rechecked.
const WIDTHS: [f64; 19] = [
    4.6, 11.8, 11.0, 11.5, 8.6, 26.0, 17.0, 17.0, 10.0, 8.8, 10.8, 10.8, // 交办内容
    11.0, 13.0, 12.0, 9.0, 10.0, // 整改反馈
    9.5, 9.5, // 复查
];

/// Columns of the sheets that ask for nothing.
const SHORT: [(&str, f64); 9] = [
    ("序号", 5.0),
    ("问题编号", 13.0),
    ("网站（账号）名称", 18.0),
    ("栏目（页面）位置", 18.0),
    ("问题类型", 10.0),
    ("问题描述", 34.0),
    ("问题链接", 26.0),
    ("所在页面", 26.0),
    ("发现时间", 11.0),
];

pub(super) struct Styles {
    title: Format,
    head: Format,
    banner: Format,
    banner_feedback: Format,
    banner_recheck: Format,
    heading: Format,
    heading_feedback: Format,
    cell: Format,
    middle: Format,
    pub(super) input: Format,
    recheck: Format,
    note: Format,
}

impl Styles {
    pub(super) fn new() -> Self {
        let base = Format::new()
            .set_font_name("宋体")
            .set_font_size(10.5)
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter);
        let boxed = base.clone().set_border(FormatBorder::Thin).set_border_color(Color::RGB(0x0080_8080));
        let banner = boxed.clone().set_bold().set_align(FormatAlign::Center);
        let cell = boxed.clone().set_align(FormatAlign::Left);
        let yellow = Color::RGB(0x00FF_F2CC);
        let green = Color::RGB(0x00E8_F1E4);
        Self {
            title: base.clone().set_font_name("黑体").set_font_size(16).set_align(FormatAlign::Center),
            head: base.clone().set_align(FormatAlign::Left),
            banner: banner.clone().set_background_color(Color::RGB(0x00DD_E6F2)),
            banner_feedback: banner.clone().set_background_color(Color::RGB(0x00FF_E699)),
            banner_recheck: banner.clone().set_background_color(Color::RGB(0x00D5_E6CE)),
            heading: banner.clone().set_background_color(Color::RGB(0x00F2_F2F2)),
            heading_feedback: banner.set_background_color(yellow),
            middle: boxed.clone().set_align(FormatAlign::Center),
            input: cell.clone().set_background_color(yellow),
            recheck: cell.clone().set_background_color(green),
            cell,
            note: base.set_align(FormatAlign::Left).set_font_size(11),
        }
    }
}

/// A workbook whose properties depend on nothing but the paper: no clock, no user name.
pub(super) fn workbook(title: &str, issued: chrono::NaiveDate) -> Workbook {
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&issued));
    book
}

fn main_sheet(
    sheet: &mut Worksheet,
    list: &ProblemList,
    title: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    sheet.set_name("问题清单")?;
    page_setup(sheet, 3)?;
    for (col, width) in (0u16..).zip(WIDTHS) {
        sheet.set_column_width(col, width)?;
    }
    let edge = column(WIDTHS.len() - 1);
    let fed_back = column(HANDED_OVER.len());
    // What is printed is what was handed over, in a size that can be read; the rest is filled in on the screen.
    let rows = u32::try_from(list.rows.len()).unwrap_or(u32::MAX);
    sheet.set_print_area(0, 0, 3 + rows, fed_back - 1)?;
    sheet.merge_range(0, 0, 0, fed_back - 1, title, &styles.title)?.set_row_height(0, 30)?;
    sheet.merge_range(1, 0, 1, fed_back - 1, &main_head(list), &styles.head)?.set_row_height(1, 22)?;
    let second_look = fed_back + column(FEEDBACK.len());
    sheet.merge_range(2, 0, 2, fed_back - 1, "交办内容（请勿改动）", &styles.banner)?;
    sheet.merge_range(
        2,
        fed_back,
        2,
        second_look - 1,
        "整改反馈（请填写，黄色）",
        &styles.banner_feedback,
    )?;
    sheet.merge_range(2, second_look, 2, edge, "复查（主管单位填写）", &styles.banner_recheck)?;
    sheet.set_row_height(2, 20)?;
    for (col, heading) in (0u16..).zip(HANDED_OVER.iter().chain(&FEEDBACK).chain(&RECHECK)) {
        let style = match col {
            col if col >= second_look => &styles.recheck_heading(),
            col if col >= fed_back => &styles.heading_feedback,
            _ => &styles.heading,
        };
        sheet.write_string_with_format(3, col, on_two_lines(heading), style)?;
    }
    sheet.set_row_height(3, 32)?;
    for (at, (n, row)) in (4u32..).zip((1usize..).zip(&list.rows)) {
        let cells = main_cells(n, row);
        for (col, text) in (0u16..).zip(&cells) {
            match col {
                0 | 1 | 4 | 9 | 10 | 11 => text_cell(sheet, at, col, text, &styles.middle)?,
                _ => text_cell(sheet, at, col, text, &styles.cell)?,
            }
        }
        for col in fed_back..=edge {
            sheet.write_blank(at, col, if col < second_look { &styles.input } else { &styles.recheck })?;
        }
        sheet.set_row_height(at, row_height(cells.iter().map(String::as_str).zip(WIDTHS)))?;
    }
    let end = 4 + rows + SPARE_ROWS;
    sheet.add_data_validation(4, fed_back, end, fed_back, &choice(&ANSWERS)?)?;
    sheet.add_data_validation(4, second_look, end, second_look, &choice(&RECHECK_RESULTS)?)?;
    sheet.set_freeze_panes(4, 2)?;
    Ok(())
}

impl Styles {
    pub(super) fn group(&self) -> Format {
        self.cell.clone().set_bold().set_background_color(Color::RGB(0x00DD_E6F2))
    }

    fn recheck_heading(&self) -> Format {
        self.heading.clone().set_background_color(Color::RGB(0x00E8_F1E4))
    }
}

fn main_head(list: &ProblemList) -> String {
    let due = list.due.map(|due| format!("反馈截止：{}", long_date(due)));
    let over = match list.held_over.len() {
        0 => None,
        n => Some(format!("另有{n}项列入下一批次")),
    };
    let parts = [Some(format!("责任单位：{}", list.unit)), Some(list.counts()), due, over];
    let contact = Some(format!("联系人：{}", list.contact));
    parts.into_iter().chain([contact]).flatten().collect::<Vec<_>>().join("    ")
}

fn main_cells(n: usize, row: &Row) -> [String; 12] {
    [
        n.to_string(),
        row.number.clone(),
        row.site.clone(),
        row.place.clone(),
        row.kind.clone(),
        row.description.clone(),
        row.url.clone(),
        row.page.clone(),
        row.indicator.clone(),
        wording::severity(row.severity).to_owned(),
        row.found.format("%Y-%m-%d").to_string(),
        row.due_text(),
    ]
}

fn short_cells((n, row): (usize, &Row)) -> Vec<String> {
    vec![
        n.to_string(),
        row.number.clone(),
        row.site.clone(),
        row.place.clone(),
        row.kind.clone(),
        row.description.clone(),
        row.url.clone(),
        row.page.clone(),
        row.found.format("%Y-%m-%d").to_string(),
    ]
}

fn stock_and_hints(book: &mut Workbook, list: &ProblemList, styles: &Styles) -> Result<(), XlsxError> {
    let cells = |rows: &[Row]| (1usize..).zip(rows).map(short_cells).collect::<Vec<_>>();
    if !list.stock.is_empty() {
        let head = format!("责任单位：{}    共{}项，不设时限，不计入本批次问题", list.unit, list.stock.len());
        let name = "存量问题（建议逐步清理）";
        table_sheet(book.add_worksheet(), name, &head, &SHORT, &cells(&list.stock), styles)?;
    }
    if !list.hints.is_empty() {
        let head = format!("责任单位：{}    共{}项，不作为问题，无需反馈", list.unit, list.hints.len());
        table_sheet(book.add_worksheet(), "提示事项", &head, &SHORT, &cells(&list.hints), styles)?;
    }
    Ok(())
}

fn notes_sheet(sheet: &mut Worksheet, list: &ProblemList, styles: &Styles) -> Result<(), XlsxError> {
    const WIDTH: f64 = 110.0;
    sheet.set_name("填报说明")?;
    page_setup(sheet, 0)?;
    sheet.set_column_width(0, 5)?.set_column_width(1, WIDTH)?;
    sheet.merge_range(0, 0, 0, 1, "填报说明", &styles.title)?.set_row_height(0, 30)?;
    for (at, note) in (1u32..).zip(&list.notes) {
        text_cell(sheet, at, 0, &format!("{at}."), &styles.note)?;
        text_cell(sheet, at, 1, note, &styles.note)?;
        sheet.set_row_height(at, row_height([(note.as_str(), WIDTH)]) + 4.0)?;
    }
    Ok(())
}

fn proof_sheet(sheet: &mut Worksheet, list: &ProblemList, styles: &Styles) -> Result<(), XlsxError> {
    const COLUMNS: [(&str, f64); 8] = [
        ("问题编号", 13.0),
        ("核查次序", 9.0),
        ("核查时间", 16.5),
        ("核查网址", 36.0),
        ("服务器地址", 19.0),
        ("返回情况", 19.0),
        ("页面摘录", 34.0),
        ("最后更新时间（读取）", 14.0),
    ];
    let rows: Vec<Vec<String>> = list
        .proofs
        .iter()
        .map(|proof| {
            vec![
                proof.number.clone(),
                proof.nth.clone(),
                proof.at.clone(),
                proof.url.clone(),
                proof.addr.clone(),
                proof.answer.clone(),
                proof.excerpt.clone(),
                proof.last_update.clone(),
            ]
        })
        .collect();
    let head = format!("责任单位：{}    各项问题的核查记录，与“问题清单”以问题编号对应", list.unit);
    table_sheet(sheet, "佐证", &head, &COLUMNS, &rows, styles)
}

fn undecided_sheet(sheet: &mut Worksheet, list: &ProblemList, styles: &Styles) -> Result<(), XlsxError> {
    const COLUMNS: [(&str, f64); 4] =
        [("序号", 6.0), ("未能判定的对象", 62.0), ("原因", 32.0), ("建议", 44.0)];
    let mut rows: Vec<Vec<String>> = (1usize..)
        .zip(&list.undecided)
        .map(|(n, item)| {
            vec![n.to_string(), item.subject.clone(), item.why.to_owned(), item.advice.to_owned()]
        })
        .collect();
    if list.undecided_more > 0 {
        let rest = format!("另有{}项，原因相近，不再逐一列出", list.undecided_more);
        rows.push(vec![String::new(), rest, String::new(), String::new()]);
    }
    if rows.is_empty() {
        rows.push(vec![String::new(), "无".to_owned(), String::new(), String::new()]);
    }
    let head = format!("责任单位：{}    以下事项不作为问题，无需反馈", list.unit);
    table_sheet(sheet, "未判定事项", &head, &COLUMNS, &rows, styles)
}

fn table_sheet(
    sheet: &mut Worksheet,
    name: &str,
    head: &str,
    headings: &[(&str, f64)],
    rows: &[Vec<String>],
    styles: &Styles,
) -> Result<(), XlsxError> {
    table_sheet_titled(sheet, name, name, head, headings, rows, styles)
}

/// A sheet of title, head line, headings and rows.
pub(super) fn table_sheet_titled(
    sheet: &mut Worksheet,
    name: &str,
    title: &str,
    head: &str,
    headings: &[(&str, f64)],
    rows: &[Vec<String>],
    styles: &Styles,
) -> Result<(), XlsxError> {
    table_in_part(sheet, name, title, head, headings, rows, styles, column(headings.len()))
}

/// The same, with title and head line across the first `across` columns only.
#[allow(clippy::too_many_arguments, reason = "one sheet, said once")]
pub(super) fn table_in_part(
    sheet: &mut Worksheet,
    name: &str,
    title: &str,
    head: &str,
    headings: &[(&str, f64)],
    rows: &[Vec<String>],
    styles: &Styles,
    across: u16,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    page_setup(sheet, 2)?;
    let last = across - 1;
    sheet.merge_range(0, 0, 0, last, title, &styles.title)?.set_row_height(0, 30)?;
    let whole: f64 = headings.iter().take(usize::from(across)).map(|(_, width)| width).sum();
    sheet.merge_range(1, 0, 1, last, head, &styles.head)?.set_row_height(1, row_height([(head, whole)]))?;
    for (col, (heading, width)) in (0u16..).zip(headings) {
        sheet.set_column_width(col, *width)?;
        sheet.write_string_with_format(2, col, on_two_lines(heading), &styles.heading)?;
    }
    sheet.set_row_height(2, 32)?;
    for (at, row) in (3u32..).zip(rows) {
        for (col, (text, (_, width))) in (0u16..).zip(row.iter().zip(headings)) {
            let style = if *width < 18.0 { &styles.middle } else { &styles.cell };
            text_cell(sheet, at, col, text, style)?;
        }
        let widths = headings.iter().map(|(_, width)| *width);
        sheet.set_row_height(at, row_height(row.iter().map(String::as_str).zip(widths)))?;
    }
    sheet.set_freeze_panes(3, 0)?;
    Ok(())
}

/// A4 landscape, one page wide, page numbers, and the first rows repeated on each page.
fn page_setup(sheet: &mut Worksheet, last_title_row: u32) -> Result<(), XlsxError> {
    sheet
        .set_paper_size(9)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.3, 0.3, 0.5, 0.6, 0.3, 0.3)
        .set_print_center_horizontally(true)
        .set_footer("&C第 &P 页，共 &N 页");
    sheet.set_repeat_rows(0, last_title_row)?;
    Ok(())
}

fn choice(words: &[&str]) -> Result<DataValidation, XlsxError> {
    DataValidation::new()
        .allow_list_strings(words)?
        .set_error_style(DataValidationErrorStyle::Information)
        .set_error_title("请从列表中选择")?
        .set_error_message("建议从下拉列表中选择；确需补充说明的，请填写在“整改说明”列。")
}

/// Text is always written as a string: `=1+1` stays text. Addresses too: cells with links are not wrapped by every
/// office program, and what a list accuses need not be one click away.
fn text_cell(sheet: &mut Worksheet, row: u32, col: u16, text: &str, style: &Format) -> Result<(), XlsxError> {
    sheet.write_string_with_format(row, col, cell_text(text), style)?;
    Ok(())
}

/// A heading with its bracket on a line of its own: office programs would break before the closing bracket.
fn on_two_lines(heading: &str) -> String {
    match heading.strip_suffix('）').and_then(|text| text.rsplit_once('（')) {
        Some((name, inside)) if name.chars().count() > 1 => format!("{name}\n（{inside}）"),
        _ => heading.to_owned(),
    }
}

fn cell_text(text: &str) -> String {
    shortened(&printable(text), CELL_CHARS)
}

fn column(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Cursor;

    use calamine::{Data, DataRef, Reader as _, Xlsx};

    use super::*;
    use crate::finding::{Gap, Severity};
    use crate::report::list::tests::{case, office, terms};

    fn sample(change: impl Fn(&mut crate::ledger::case::Case)) -> ProblemList {
        let (office, others) = (office(), BTreeSet::new());
        let mut one = case(1, "示例市交通运输局");
        change(&mut one);
        let gap = Gap::new("https://www.example.gov.cn/cx/", "blocked");
        ProblemList::of("示例市交通运输局", &[&one], &[&gap], &terms(&office, &others))
    }

    fn opened(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
        Xlsx::new(Cursor::new(bytes)).expect("a workbook")
    }

    #[test]
    fn sheets_columns_and_first_row() {
        let mut book = opened(problem_list(&sample(|_| ())).expect("a workbook"));
        assert_eq!(book.sheet_names(), ["问题清单", "填报说明", "佐证", "未判定事项"]);
        let sheet = book.worksheet_range("问题清单").expect("the sheet");
        let row = |n: usize| -> Vec<String> {
            sheet.rows().nth(n).into_iter().flatten().map(ToString::to_string).collect()
        };
        let headings: Vec<&str> = HANDED_OVER.iter().chain(&FEEDBACK).chain(&RECHECK).copied().collect();
        let told: Vec<String> = row(3).iter().map(|heading| heading.replace('\n', "")).collect();
        assert_eq!(told, headings);
        assert_eq!(row(0)[0], "示例市政府网站与政务新媒体问题清单（2026年第11批）");
        assert_eq!(
            row(1)[0],
            "责任单位：示例市交通运输局    共1项（限期整改1项）    反馈截止：2026年12月4日    联系人：李某某 0000-0000000"
        );
        assert_eq!(
            (row(2)[0].as_str(), row(2)[12].as_str(), row(2)[17].as_str()),
            ("交办内容（请勿改动）", "整改反馈（请填写，黄色）", "复查（主管单位填写）")
        );
        assert_eq!(row(4)[..2], ["1", "202611-0001"]);
        assert_eq!(row(4)[9..12], ["限期整改", "2026-11-16", "2026-12-04"]);
        let undecided = book.worksheet_range("未判定事项").expect("the sheet");
        assert_eq!(undecided.get((3, 2)), Some(&Data::String("页面防护拦截".into())));
    }

    #[test]
    fn same_list_same_bytes() {
        assert_eq!(
            problem_list(&sample(|_| ())).expect("bytes"),
            problem_list(&sample(|_| ())).expect("bytes")
        );
    }

    #[test]
    fn nothing_becomes_a_formula() {
        let list = sample(|case| {
            case.finding.description = "=1+1".into();
            case.finding.subject.place = "@SUM(1)".into();
            case.finding.url = "=HYPERLINK(\"http://x\")".into();
            case.finding.evidence.excerpt = "+cmd|' /C calc'!A0".into();
        });
        let mut book = opened(problem_list(&list).expect("a workbook"));
        let sheet = book.worksheet_range("问题清单").expect("the sheet");
        assert_eq!(sheet.get((4, 5)), Some(&Data::String("=1+1".into())));
        assert_eq!(sheet.get((4, 6)), Some(&Data::String("=HYPERLINK(\"http://x\")".into())));
        for name in book.sheet_names() {
            assert_eq!(book.worksheet_formula(&name).expect("formulas").used_cells().count(), 0, "{name}");
            let mut cells = book.worksheet_cells_reader(&name).expect("cells");
            while let Some(cell) = cells.next_cell().expect("a cell") {
                assert!(
                    matches!(
                        cell.get_value(),
                        DataRef::SharedString(_) | DataRef::String(_) | DataRef::Empty
                    ),
                    "{name}: {cell:?}"
                );
            }
        }
    }

    #[test]
    fn further_sheets_only_where_needed() {
        let names = |change: &dyn Fn(&mut crate::ledger::case::Case)| {
            opened(problem_list(&sample(change)).expect("a workbook")).sheet_names()
        };
        assert_eq!(names(&|c| c.finding.stock = true), ["存量问题（建议逐步清理）", "佐证", "未判定事项"]);
        assert_eq!(names(&|c| c.finding.severity = Severity::Advisory), ["提示事项", "佐证", "未判定事项"]);
    }

    #[test]
    fn a_county_sums_up() {
        let (office, others) = (office(), BTreeSet::new());
        let terms = terms(&office, &others);
        let (first, second) = (case(1, "示例县教育局"), case(2, "示例县水利局"));
        let lists = vec![
            ProblemList::of("示例县教育局", &[&first], &[], &terms),
            ProblemList::of("示例县水利局", &[&second], &[], &terms),
            ProblemList::of("示例县民政局", &[], &[], &terms),
        ];
        let package = CountyPackage::of("示例县人民政府办公室", lists, &terms);
        let mut book = opened(county_summary(&package).expect("a workbook"));
        let sheet = book.worksheet_range("汇总表").expect("the sheet");
        let cell = |row, col| sheet.get_value((row, col)).map(ToString::to_string).unwrap_or_default();
        assert_eq!((cell(3, 1), cell(3, 2)), ("示例县教育局".to_owned(), "1".to_owned()));
        assert_eq!((cell(5, 1), cell(5, 2)), ("合计".to_owned(), "2".to_owned()));
        assert!(cell(1, 0).contains("共2项，涉及2个单位    反馈截止：2026年12月4日"));
    }
}
