//! 待核清单: the workbook in which a person adopts or refuses what is to be handed over. What comes back is read
//! in [`review`](super::review).
#![deny(clippy::disallowed_methods)]

use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::wording;
use crate::calendar::{Instant8, long_date};
use crate::finding::{Confidence, Finding, Look};
use crate::ledger::Undecided;
use crate::ledger::case::{Case, CaseState};

/// What a workbook of candidates is made of.
#[derive(Debug, Clone, Copy)]
pub struct Candidates<'a> {
    /// When it was made: printed, and the document's creation time.
    pub at: Instant8,
    /// Cases that may be approved.
    pub candidates: &'a [Case],
    /// Cases with a suspicion that wants a further look; they cannot be approved.
    pub suspects: &'a [Case],
    /// 未判定事项.
    pub undecided: &'a [Undecided],
    /// 报备不计入 on that day: 问题类型, 对象, 理由, 有效期.
    pub declared: &'a [[String; 4]],
    /// Units in protocol order; units that are not among them follow by name.
    pub units: &'a [String],
}

/// Headings of the columns that describe a problem.
const PROBLEM: [(&str, f64); 13] = [
    ("序号", 5.0),
    (NUMBER, 12.0),
    ("责任单位", 13.0),
    ("网站名称", 13.0),
    ("栏目位置", 13.0),
    ("问题类型", 9.0),
    ("问题描述", 28.0),
    ("问题链接", 20.0),
    ("所在页面", 20.0),
    ("对应指标", 12.0),
    ("处置要求", 9.0),
    ("两次核查", 21.0),
    ("证据摘录", 22.0),
];
/// Heading of the column by which rows are recognised.
pub const NUMBER: &str = "问题编号";
/// Heading of the column in which a person decides.
pub const DECISION: &str = "采纳/不采纳";
/// Heading of the column for the reason.
pub const REASON: &str = "理由";
/// The word for adopting.
pub const ADOPT: &str = "采纳";
/// The word for refusing.
pub const REFUSE: &str = "不采纳";
/// Height of one printed line, in points.
const LINE: f64 = 13.5;
/// The highest row that spreadsheets allow, in points.
const HIGHEST_ROW: f64 = 409.0;
/// Characters of a page's own text in one cell.
const EXCERPT: usize = 300;
/// Characters in any other cell; Excel refuses more than 32,767.
const CELL: usize = 4000;

/// The workbook: 待核清单, 疑似待核（不交办）, 未判定事项, 报备不计入 and 存量问题 where there are any.
///
/// # Errors
/// [`XlsxError`] where the workbook could not be built.
pub fn workbook(of: &Candidates<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let created = of.at.naive_utc();
    book.set_properties(&DocProperties::new().set_title("待核清单").set_creation_datetime(&created));
    let style = Style::new();

    let main = sorted(of.candidates, of.units, |case| !case.finding.stock);
    let note = format!(
        "共{}项，制表时间{}。请在黄色两列选择“采纳”或“不采纳”（不采纳须写理由）；留空的不交办，留待下批。",
        main.len(),
        printed(of.at)
    );
    let sheet = book.add_worksheet().set_name("待核清单")?;
    problem_sheet(sheet, &style, "待核清单（已确认待交办）", &note, &main, true)?;

    let suspects = sorted(of.suspects, of.units, |case| case.suspicion().is_some());
    let note = format!(
        "共{}项，尚未经两次核查确认，仅供了解，不交办；请运行复查（xuncha recheck）。",
        suspects.len()
    );
    let sheet = book.add_worksheet().set_name("疑似待核（不交办）")?;
    problem_sheet(sheet, &style, "疑似待核问题", &note, &suspects, false)?;

    let sheet = book.add_worksheet().set_name("未判定事项")?;
    undecided_sheet(sheet, &style, of)?;
    if !of.declared.is_empty() {
        declared_sheet(book.add_worksheet().set_name("报备不计入")?, &style, of)?;
    }

    let stock = sorted(of.candidates, of.units, |case| case.finding.stock);
    if !stock.is_empty() {
        let note =
            format!("共{}项，均在较早的文章中，建议逐步清理，不设时限；填写方法同“待核清单”。", stock.len());
        let sheet = book.add_worksheet().set_name("存量问题")?;
        problem_sheet(sheet, &style, "存量问题（建议逐步清理）", &note, &stock, true)?;
    }
    book.save_to_buffer()
}

/// The workbook of `list --xlsx`: one row a case with its state, in protocol order.
///
/// # Errors
/// [`XlsxError`] where the workbook could not be built.
pub fn overview(cases: &[Case], units: &[String], at: Instant8) -> Result<Vec<u8>, XlsxError> {
    const TRACE: [(&str, f64); 7] = [
        ("状态", 14.0),
        ("发现时间", 17.0),
        ("最近核查", 17.0),
        ("批次", 10.0),
        ("交办时间", 12.0),
        ("整改时限", 12.0),
        ("重复出现次数", 8.0),
    ];
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_title("问题台账").set_creation_datetime(&at.naive_utc()));
    let style = Style::new();
    let cases = sorted(cases, units, |_| true);
    let headings: Vec<(&str, f64)> = PROBLEM.into_iter().chain(TRACE).collect();
    let sheet = book.add_worksheet().set_name("问题台账")?;
    let note = format!("共{}项，制表时间{}。", cases.len(), printed(at));
    frame(sheet, &style, "问题台账", &note, &headings, cases.len())?;
    for (row, (n, case)) in (3..).zip((1..).zip(&cases)) {
        let date = |date: Option<chrono::NaiveDate>| date.map(long_date).unwrap_or_default();
        let mut cells = problem_cells(n, case, &case.finding);
        cells.extend([
            case.state.label().to_owned(),
            printed(case.first_seen),
            printed(case.last_observed()),
            case.batch.clone().or_else(|| case.progress.approved.clone()).unwrap_or_default(),
            date(case.assigned_on),
            date(case.due),
            case.progress.relapses.to_string(),
        ]);
        write_row(sheet, row, &cells, &headings, &style.cell)?;
    }
    book.save_to_buffer()
}

/// One look in words: `11月16日22:14 返回404`.
pub fn look_in_words(look: &Look) -> String {
    let answer = match (&look.error, look.status) {
        (Some(error), _) => wording::fetch_error(error),
        (None, Some(status)) => format!("返回{status}"),
        (None, None) => "未记录结果".to_owned(),
    };
    format!("{} {answer}", look.at.format("%-m月%-d日%H:%M"))
}

/// 处置要求 of a problem; old stock has none.
pub fn requirement(finding: &Finding) -> &'static str {
    if finding.stock { "逐步清理（存量）" } else { wording::severity(finding.severity) }
}

/// The cases that `keep` lets pass: by unit in protocol order, then worst first.
pub fn sorted<'a>(cases: &'a [Case], units: &[String], keep: fn(&Case) -> bool) -> Vec<&'a Case> {
    let mut kept: Vec<&Case> = cases.iter().filter(|case| keep(case)).collect();
    kept.sort_by_cached_key(|case| {
        let place = units.iter().position(|unit| *unit == case.unit).unwrap_or(usize::MAX);
        (place, case.unit.clone(), case.finding.severity, case.finding.class, case.number.clone())
    });
    kept
}

fn printed(at: Instant8) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

fn problem_sheet(
    sheet: &mut Worksheet,
    style: &Style,
    title: &str,
    note: &str,
    cases: &[&Case],
    decide: bool,
) -> Result<(), XlsxError> {
    let decisions = [(DECISION, 10.0), (REASON, 16.0)];
    let headings: Vec<(&str, f64)> =
        PROBLEM.into_iter().chain(decisions.into_iter().filter(|_| decide)).collect();
    frame(sheet, style, title, note, &headings, cases.len())?;
    for (row, (n, case)) in (3..).zip((1..).zip(cases)) {
        let finding = if decide { &case.finding } else { case.suspicion().unwrap_or(&case.finding) };
        write_row(sheet, row, &problem_cells(n, case, finding), &headings, &style.cell)?;
        if decide {
            sheet.write_blank(row, 13, &style.fill)?.write_blank(row, 14, &style.fill)?;
        }
    }
    if decide && !cases.is_empty() {
        let choice = DataValidation::new()
            .allow_list_strings(&[ADOPT, REFUSE])?
            .set_error_title("采纳/不采纳")?
            .set_error_message("请选择“采纳”或“不采纳”，或者留空。")?;
        sheet.add_data_validation(3, 13, last_row(cases.len()), 13, &choice)?;
    }
    Ok(())
}

fn undecided_sheet(sheet: &mut Worksheet, style: &Style, of: &Candidates<'_>) -> Result<(), XlsxError> {
    let headings =
        [("序号", 5.0), ("责任单位", 24.0), ("未能检测的对象", 60.0), ("原因", 28.0), ("建议", 40.0)];
    let note = format!("共{}项，不作为问题，不交办。", of.undecided.len());
    frame(sheet, style, "未判定事项", &note, &headings, of.undecided.len())?;
    let mut rows: Vec<&Undecided> = of.undecided.iter().collect();
    rows.sort_by_cached_key(|u| {
        (of.units.iter().position(|unit| *unit == u.unit).unwrap_or(usize::MAX), (*u).clone())
    });
    for (row, (n, undecided)) in (3..).zip((1..).zip(rows)) {
        let cells = [
            n.to_string(),
            undecided.unit.clone(),
            undecided.gap.subject.clone(),
            wording::gap_reason(&undecided.gap.why).to_owned(),
            wording::gap_advice(&undecided.gap.why).to_owned(),
        ];
        write_row(sheet, row, &cells, &headings, &style.cell)?;
    }
    Ok(())
}

fn declared_sheet(sheet: &mut Worksheet, style: &Style, of: &Candidates<'_>) -> Result<(), XlsxError> {
    let headings = [("序号", 5.0), ("问题类型", 24.0), ("对象", 48.0), ("报备理由", 40.0), ("有效期", 26.0)];
    let note = format!("登记表中当前有效的报备共{}条，有效期内发现的不列入清单。", of.declared.len());
    frame(sheet, style, "报备不计入", &note, &headings, of.declared.len())?;
    for (row, (n, cells)) in (3..).zip((1..).zip(of.declared)) {
        let number = std::iter::once(n.to_string());
        let cells: Vec<String> = number.chain(cells.iter().cloned()).collect();
        write_row(sheet, row, &cells, &headings, &style.cell)?;
    }
    Ok(())
}

/// Title, note and headings, and how the sheet is printed: A4 landscape, one page wide, headings repeated.
fn frame(
    sheet: &mut Worksheet,
    style: &Style,
    title: &str,
    note: &str,
    headings: &[(&str, f64)],
    rows: usize,
) -> Result<(), XlsxError> {
    let last = u16::try_from(headings.len() - 1).unwrap_or(u16::MAX);
    sheet.merge_range(0, 0, 0, last, title, &style.title)?;
    sheet.merge_range(1, 0, 1, last, note, &style.note)?;
    sheet.set_row_height(0, 28)?.set_row_height(1, 20)?.set_row_height(2, 24)?;
    for (column, (heading, width)) in (0..).zip(headings) {
        let format = if [DECISION, REASON].contains(heading) { &style.fill_heading } else { &style.heading };
        sheet.write_string_with_format(2, column, *heading, format)?;
        sheet.set_column_width(column, *width)?;
    }
    if rows > 0 {
        sheet.autofilter(2, 0, last_row(rows), last)?;
    }
    sheet.set_freeze_panes(3, 2)?.set_repeat_rows(0, 2)?;
    sheet
        .set_landscape()
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.3, 0.3, 0.4, 0.5, 0.2, 0.2)
        .set_footer("&C第 &P 页，共 &N 页");
    Ok(())
}

fn problem_cells(n: u32, case: &Case, finding: &Finding) -> Vec<String> {
    let mut description = String::new();
    if finding.confidence == Confidence::Low {
        description.push_str("【请重点核对】");
    }
    if case.state == CaseState::Reopened {
        description.push_str("【问题反弹】");
    }
    description.push_str(&finding.description);
    let looks: Vec<String> = finding.evidence.looks.iter().map(look_in_words).collect();
    vec![
        n.to_string(),
        case.number.clone(),
        case.unit.clone(),
        finding.subject.site_name.clone(),
        finding.subject.place.clone(),
        finding.title.clone(),
        description,
        finding.url.clone(),
        finding.page.clone().unwrap_or_default(),
        finding.indicator.clone(),
        requirement(finding).to_owned(),
        looks.join("\n"),
        wording::shortened(&wording::one_line(&finding.evidence.excerpt), EXCERPT),
    ]
}

/// Writes a row of `cells` under `headings`, as high as its longest cell: not every office program does that
/// by itself when it opens a file.
fn write_row(
    sheet: &mut Worksheet,
    row: u32,
    cells: &[String],
    headings: &[(&str, f64)],
    format: &Format,
) -> Result<(), XlsxError> {
    let mut most = 1;
    for ((column, cell), (_, width)) in (0..).zip(cells).zip(headings) {
        let text = wording::shortened(&wording::printable(cell), CELL);
        most = most.max(lines(&text, *width));
        sheet.write_string_with_format(row, column, text, format)?;
    }
    sheet.set_row_height(row, (f64::from(most) * LINE + 4.0).min(HIGHEST_ROW))?;
    Ok(())
}

/// Lines that `text` takes in a column of `width` characters.
fn lines(text: &str, width: f64) -> u32 {
    // A character at the end of a line that no longer fits leaves up to two columns empty.
    let room = (width - 2.0).max(1.0);
    let of_line = |line: &str| {
        let columns = u32::try_from(wording::columns(line)).unwrap_or(u32::MAX);
        (1..=64).find(|n| f64::from(*n) * room >= f64::from(columns)).unwrap_or(64)
    };
    text.lines().map(of_line).sum::<u32>().max(1)
}

/// The sheet's row of the last of `rows` problems.
fn last_row(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX - 2) + 2
}

struct Style {
    title: Format,
    note: Format,
    heading: Format,
    cell: Format,
    fill: Format,
    fill_heading: Format,
}

impl Style {
    fn new() -> Self {
        let base = Format::new().set_font_name("宋体").set_font_size(10).set_text_wrap();
        let boxed = base.clone().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter);
        let yellow = Color::RGB(0x00FF_F2CC);
        let heading = boxed.clone().set_bold().set_align(FormatAlign::Center);
        Self {
            title: base
                .clone()
                .set_font_size(16)
                .set_bold()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter),
            note: base.clone().set_align(FormatAlign::VerticalCenter),
            fill_heading: heading.clone().set_background_color(yellow),
            heading: heading.set_background_color(Color::RGB(0x00D9_E2F3)),
            fill: boxed.clone().set_background_color(yellow),
            cell: boxed,
        }
    }
}

#[cfg(test)]
#[path = "candidates_tests.rs"]
mod tests;
