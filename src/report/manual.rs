//! 人工核查表: the workbook in which persons answer what no check judges, and reading it back. Rows are recognised by
//! 标识码 and 核查项编号 alone, wherever they stand by then.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader as _};
use chrono::NaiveDate;
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, Format, FormatAlign, FormatBorder, Workbook, XlsxError,
};

use super::wording::one_line;
use crate::rules::sheet::Question;
use crate::score::answer::{Answer, said};

/// One subject with its questions.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// 标识码.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The questions, what each belongs to, and what the program found that may help.
    pub rows: Vec<(&'a Question, String, String)>,
    /// The answers that still hold, by question: printed in grey beside the empty cell.
    pub before: BTreeMap<String, String>,
}

/// All that a filled-in workbook says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// Answers in the order of the sheet.
    pub answers: Vec<Answer>,
    /// What cannot be understood, each with sheet and row: to be mended before anything is entered.
    pub faults: Vec<String>,
}

const HEADINGS: [(&str, f64); 12] = [
    ("序号", 5.0),
    (CODE, 13.0),
    ("名称", 18.0),
    (ITEM, 15.0),
    ("对应指标", 22.0),
    ("核查内容", 40.0),
    ("填写方法", 12.0),
    ("机器线索", 24.0),
    (RESULT, 10.0),
    (NOTE, 24.0),
    (BY, 10.0),
    (ON, 12.0),
];
const CODE: &str = "标识码";
const ITEM: &str = "核查项编号";
const RESULT: &str = "核查结果";
const NOTE: &str = "情况说明";
const BY: &str = "核查人";
const ON: &str = "核查日期";
/// The first of the columns to be filled in.
const FILL_FROM: u16 = 8;
/// Rows searched for the headings, from the top of a sheet.
const HEADING_ROWS: usize = 30;

/// The workbook.
///
/// # Errors
/// [`XlsxError`] where it could not be built.
pub fn workbook(asked: &[Asked<'_>], on: NaiveDate) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_title("人工核查表").set_creation_datetime(&on));
    let base = Format::new().set_font_name("宋体").set_font_size(10.5).set_align(FormatAlign::VerticalCenter);
    let cell = base.clone().set_text_wrap().set_border(FormatBorder::Thin);
    let head = cell.clone().set_bold().set_background_color(Color::RGB(0x00D9_E2F3));
    let fill = cell.clone().set_background_color(Color::RGB(0x00FF_F8DC));
    let sheet = book.add_worksheet().set_name("人工核查表")?;
    let total: usize = asked.iter().map(|subject| subject.rows.len()).sum();
    sheet.write_string_with_format(0, 0, "人工核查表", &base.clone().set_bold().set_font_size(16.0))?;
    let note = format!(
        "共{total}项，制表日期{on}。请填写黄色各列：核查结果填“是”“否”或者数量，填了结果的须写核查人和核查日期；留空的视为未核查，按未判定处理。"
    );
    sheet.write_string_with_format(1, 0, &note, &base)?;
    for (column, (heading, width)) in (0..).zip(HEADINGS) {
        sheet.write_string_with_format(2, column, heading, &head)?.set_column_width(column, width)?;
    }
    let rows = asked.iter().flat_map(|subject| subject.rows.iter().map(move |row| (subject, row)));
    for (row, (n, (subject, (question, of, clue)))) in (3..).zip((1..).zip(rows)) {
        let how = if question.points.is_some() {
            format!("数量（{}）", question.unit)
        } else {
            "是/否".to_owned()
        };
        let before = subject.before.get(&question.id).map_or_else(String::new, |b| format!("上次：{b}"));
        let clue = if clue.is_empty() { before } else { format!("{clue}　{before}") };
        let cells = [
            format!("{n}"),
            subject.code.to_owned(),
            one_line(subject.name),
            question.id.clone(),
            of.clone(),
            question.ask.clone(),
            how,
            one_line(clue.trim()),
        ];
        for (column, text) in (0..).zip(cells) {
            sheet.write_string_with_format(row, column, text, &cell)?;
        }
        for column in FILL_FROM..FILL_FROM + 4 {
            sheet.write_blank(row, column, &fill)?;
        }
        if question.points.is_none() {
            let choice = DataValidation::new().allow_list_strings(&["是", "否"])?;
            sheet.add_data_validation(row, FILL_FROM, row, FILL_FROM, &choice)?;
        }
    }
    sheet.set_freeze_panes(3, 0)?;
    book.save_to_buffer()
}

/// Reads the answers from a workbook (`.xlsx`, `.xls`, `.ods`). `questions` are those of the rules in force, `subjects`
/// the codes of the register, `today` the last day that can have been one of checking.
///
/// # Errors
/// Where the file is no workbook or holds no such sheet; everything else is a fault of a row.
pub fn read(
    bytes: &[u8],
    questions: &BTreeMap<String, Question>,
    subjects: &dyn Fn(&str) -> bool,
    today: NaiveDate,
) -> Result<Filled, String> {
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| format!("无法作为表格读取（支持 xlsx、xls、ods）：{error}"))?;
    let (mut filled, mut sheets) = (Filled::default(), 0);
    let mut seen: BTreeMap<(String, String), (Answer, String)> = BTreeMap::new();
    for (name, range) in book.worksheets() {
        let Some(columns) = Columns::find(&range) else { continue };
        sheets += 1;
        let top = range.start().map_or(0, |(row, _)| row as usize);
        for (n, row) in range.rows().enumerate().skip(columns.heading_row + 1) {
            let place = format!("“{name}”第{}行", top + n + 1);
            match columns.answer(row, questions, subjects, today) {
                Ok(None) => {}
                Err(why) => filled.faults.push(format!("{place}：{why}")),
                Ok(Some(answer)) => {
                    let key = (answer.subject.clone(), answer.question.clone());
                    match seen.get(&key) {
                        Some((before, other)) if *before != answer => {
                            filled.faults.push(format!("{place}：与{other}的同一核查项不一致"));
                        }
                        Some(_) => {}
                        None => {
                            seen.insert(key, (answer.clone(), place));
                            filled.answers.push(answer);
                        }
                    }
                }
            }
        }
    }
    if sheets == 0 {
        return Err(format!("没有找到同时含有“{CODE}”“{ITEM}”“{RESULT}”“{BY}”“{ON}”各列的工作表"));
    }
    Ok(filled)
}

struct Columns {
    heading_row: usize,
    code: usize,
    item: usize,
    result: usize,
    note: Option<usize>,
    by: usize,
    on: usize,
}

impl Columns {
    fn find(range: &Range<Data>) -> Option<Self> {
        range.rows().take(HEADING_ROWS).enumerate().find_map(|(heading_row, row)| {
            let at = |wanted: &str| row.iter().position(|cell| squeezed(cell) == wanted);
            Some(Self {
                heading_row,
                code: at(CODE)?,
                item: at(ITEM)?,
                result: at(RESULT)?,
                note: at(NOTE),
                by: at(BY)?,
                on: at(ON)?,
            })
        })
    }

    fn answer(
        &self,
        row: &[Data],
        questions: &BTreeMap<String, Question>,
        subjects: &dyn Fn(&str) -> bool,
        today: NaiveDate,
    ) -> Result<Option<Answer>, String> {
        let cell = |column: usize| row.get(column).unwrap_or(&Data::Empty);
        let (subject, id, result) =
            (squeezed(cell(self.code)), squeezed(cell(self.item)), text(cell(self.result)));
        if result.is_empty() || id == ITEM {
            return Ok(None);
        }
        let question = questions.get(&id).ok_or_else(|| format!("现行规则没有核查项“{id}”"))?;
        if !subjects(&subject) {
            return Err(format!("登记表中没有标识码“{subject}”"));
        }
        let Some(said) = said(question, &result).map_err(|why| format!("{id}：{why}"))? else {
            return Ok(None);
        };
        let by = text(cell(self.by));
        if by.is_empty() {
            return Err(format!("{id}：填了核查结果，须写核查人"));
        }
        let on = day(cell(self.on)).ok_or_else(|| format!("{id}：核查日期应如 2026-11-16"))?;
        if on > today {
            return Err(format!("{id}：核查日期{on}在今天之后"));
        }
        let note = self.note.map(|column| text(cell(column))).unwrap_or_default();
        Ok(Some(Answer { subject, question: id, said, note, by, on }))
    }
}

/// A date as a cell of that kind, or as people write it: `2026-11-16`, `2026/11/16`, `2026.11.16`, `2026年11月16日`.
fn day(cell: &Data) -> Option<NaiveDate> {
    if let Data::DateTime(moment) = cell {
        return moment.as_datetime().map(|moment| moment.date());
    }
    let text = squeezed(cell);
    let plain: String = text
        .trim_end_matches('日')
        .chars()
        .map(|c| if matches!(c, '/' | '.' | '年' | '月') { '-' } else { c })
        .collect();
    let day = plain.get(..10).unwrap_or(&plain);
    NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        other => other.to_string().trim().to_owned(),
    }
}

fn squeezed(cell: &Data) -> String {
    text(cell).chars().filter(|c| !c.is_whitespace()).collect()
}
