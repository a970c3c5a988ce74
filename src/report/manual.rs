//! 人工核查表: the workbook in which persons settle what the program left open (未判定指标) and answer what no check judges
//! (人工核查项), and reading it back. Rows are recognised by their codes alone, wherever they stand by then.

use std::collections::BTreeMap;

use calamine::{Data, Range};
use chrono::NaiveDate;
use rust_xlsxwriter::XlsxError;

use super::figures::Open;
use super::render::sheets::{Input, Sheet, sheets_to_fill_in};
use super::verdict_sheet;
use super::wording::one_line;
use super::workbook::worksheets;
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
    /// Whether there was such a sheet at all.
    pub found: bool,
    /// Answers in the order of the sheet.
    pub answers: Vec<Answer>,
    /// What cannot be understood, each with sheet and row: to be mended before anything is entered.
    pub faults: Vec<String>,
}

const HEADINGS: [(&str, f64); 12] = [
    ("序号", 5.5),
    (CODE, 13.0),
    ("名称", 14.0),
    (ITEM, 8.5),
    ("对应指标", 18.0),
    ("核查内容", 30.0),
    ("填写方法", 9.5),
    ("机器线索", 18.0),
    (RESULT, 9.0),
    (NOTE, 18.0),
    (BY, 9.0),
    (ON, 11.5),
];
/// Name of the sheet.
const ITEMS: &str = "人工核查项";
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

/// What of a period is open, and what is printed above it.
#[derive(Debug, Clone, Copy)]
pub struct Doubts<'a> {
    /// `2026年第四季度`.
    pub period: &'a str,
    /// The indicators that the program could not settle.
    pub open: &'a [Open],
}

/// The workbook: 人工核查项, behind 未判定指标 where it belongs to a period.
///
/// # Errors
/// [`XlsxError`] where it could not be built.
pub fn workbook(
    doubts: Option<Doubts<'_>>,
    asked: &[Asked<'_>],
    on: NaiveDate,
) -> Result<Vec<u8>, XlsxError> {
    let title =
        doubts.map_or_else(|| "人工核查表".to_owned(), |doubts| format!("{}检查人工核查表", doubts.period));
    let total: usize = asked.iter().map(|subject| subject.rows.len()).sum();
    let note = format!(
        "共{total}项，制表日期{on}。请填写黄色各列：核查结果填“是”“否”或者数量，填了结果的须写核查人和核查日期；留空的视为未核查。\
         有一项填“是”的，对应单项否决指标即为达到。导入后既计入评分，也计入检查结果。"
    );
    let (mut rows, mut choices) = (Vec::new(), Vec::new());
    for subject in asked {
        for row in &subject.rows {
            choices.push(row.0.points.is_none());
            rows.push(cells(rows.len() + 1, subject, row));
        }
    }
    let free = |column| Input { column, words: &[], only: None };
    let inputs = [
        Input { column: FILL_FROM, words: &["是", "否"], only: Some(&choices) },
        free(FILL_FROM + 1),
        free(FILL_FROM + 2),
        free(FILL_FROM + 3),
    ];
    let items = Sheet { name: ITEMS, title: ITEMS, head: &note, headings: &HEADINGS, rows };
    let Some(doubts) = doubts else {
        let items = Sheet { title: &title, ..items };
        return sheets_to_fill_in(&title, on, &[(items, &inputs)]);
    };
    let head = verdict_sheet::head(doubts.open);
    let open = Sheet {
        name: verdict_sheet::NAME,
        title: &title,
        head: &head,
        headings: &verdict_sheet::COLUMNS,
        rows: verdict_sheet::rows(doubts.open),
    };
    sheets_to_fill_in(&title, on, &[(open, &verdict_sheet::INPUTS), (items, &inputs)])
}

fn cells(n: usize, subject: &Asked<'_>, (question, of, clue): &(&Question, String, String)) -> Vec<String> {
    let how = match question.points {
        Some(_) => format!("数量（{}）", question.unit),
        None => "是/否".to_owned(),
    };
    let before = subject.before.get(&question.id).map_or_else(String::new, |b| format!("上次：{b}"));
    let clue = if clue.is_empty() { before } else { format!("{clue}　{before}") };
    vec![
        n.to_string(),
        subject.code.to_owned(),
        one_line(subject.name),
        question.id.clone(),
        of.clone(),
        question.ask.clone(),
        how,
        one_line(clue.trim()),
    ]
}

/// What answers are held against, and what stands where a row names nobody.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The questions of the rules in force.
    pub questions: &'a BTreeMap<String, Question>,
    /// Whether the register has such a code.
    pub subjects: &'a dyn Fn(&str) -> bool,
    /// The last day that can have been one of checking.
    pub today: NaiveDate,
    /// Who hands the sheet in: whoever a row does not name otherwise, and then on `today`. `None` = every row names its own.
    pub by: Option<&'a str>,
}

/// Reads the answers from a workbook (`.xlsx`, `.xls`, `.ods`).
///
/// # Errors
/// Where the file is no workbook; everything else is a fault of a row.
pub fn read(bytes: &[u8], known: Known<'_>) -> Result<Filled, String> {
    let book =
        worksheets(bytes).map_err(|error| format!("无法作为表格读取（支持 xlsx、xls、ods）：{error}"))?;
    let (mut filled, mut sheets) = (Filled::default(), 0);
    let mut seen: BTreeMap<(String, String), (Answer, String)> = BTreeMap::new();
    for (name, range) in book {
        let Some(columns) = Columns::find(&range) else { continue };
        sheets += 1;
        let top = range.start().map_or(0, |(row, _)| row as usize);
        for (n, row) in range.rows().enumerate().skip(columns.heading_row + 1) {
            let place = format!("“{name}”第{}行", top + n + 1);
            match columns.answer(row, known) {
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
    filled.found = sheets > 0;
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

    fn answer(&self, row: &[Data], known: Known<'_>) -> Result<Option<Answer>, String> {
        let Known { questions, subjects, today, by: sender } = known;
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
        let by = Some(text(cell(self.by))).filter(|by| !by.is_empty()).or_else(|| sender.map(str::to_owned));
        let by = by.ok_or_else(|| format!("{id}：填了核查结果，须写核查人"))?;
        let on = match cell(self.on) {
            left_out if sender.is_some() && text(left_out).is_empty() => today,
            written => day(written).ok_or_else(|| format!("{id}：核查日期应如 2026-11-16"))?,
        };
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
