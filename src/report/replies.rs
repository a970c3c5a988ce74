//! Reading a filled-in 问题清单 back: rows are recognised by 问题编号 alone, wherever they stand by then. Works on bytes;
//! what a reply does to a case is the ledger's business.
#![deny(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::list::{FEEDBACK, HANDED_OVER};
use super::review::number;
use super::typed_date::{Typed, typed};
use super::wording::one_line;
use crate::ledger::event::{Claim, What};
use crate::registry::sheet::{Cell, Sheet, of_bytes};

/// What a unit wrote beside one problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// 问题编号.
    pub number: String,
    /// 整改情况.
    pub answer: Answer,
    /// 整改说明（理由、依据）.
    pub explanation: String,
    /// 整改后链接.
    pub link: String,
    /// 完成时间, as typed.
    pub date: String,
    /// 填报人及电话.
    pub person: String,
    /// Where it stands: `“问题清单”第7行`.
    pub place: String,
}

/// 整改情况 as chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 已整改
    Done,
    /// 整改中（申请延期）
    Delay,
    /// 情况不属实
    Untrue,
    /// 按规定无需更新
    NotRequired,
    /// 不属本单位职责
    NotOurs,
    /// 无后台权限，需技术支撑单位处理
    NoAccess,
}

/// All that a returned file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replies {
    /// One a problem, in the order of the file.
    pub rows: Vec<Reply>,
    /// Rows that name a problem and leave 整改情况 empty.
    pub blank: Vec<String>,
    /// What cannot be understood or contradicts itself, each with sheet and row. Nothing of such a row is entered.
    pub faults: Vec<String>,
    /// What a person should know of how the file was read.
    pub notes: Vec<String>,
}

/// Why a file says nothing at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no table.
    #[error("无法作为表格读取（支持 xlsx、xls、et、ods、csv）：{0}")]
    NoTable(String),
    /// No sheet has numbers and answers.
    #[error("没有找到填有“问题编号”和“整改情况”的工作表")]
    NoReplies,
}

/// Rows searched for the headings, from the top of a sheet.
const HEADING_ROWS: u32 = 40;

/// Reads the replies from a workbook or a CSV file; `file` names it in messages. Sheets may be sorted, cut, copied into
/// another book, and even lack their headings.
///
/// # Errors
/// [`Unreadable`] where the file is no table or holds no replies; everything else is a fault of a row.
pub fn read(bytes: Vec<u8>, file: &str) -> Result<Replies, Unreadable> {
    let book = bytes.starts_with(b"PK") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
    let mut notices = Vec::new();
    let sheets = of_bytes(bytes, file, !book, &mut notices).map_err(|f| Unreadable::NoTable(f.message))?;
    let mut out = Replies::default();
    let mut told = Told::default();
    let mut found = false;
    for sheet in &sheets {
        let Some(columns) = Columns::find(sheet) else { continue };
        found = true;
        if columns.heading_row.is_none() {
            out.notes.push(format!("{}没有表头，已按各列内容识别", place(sheet, None)));
        }
        take(sheet, &columns, &mut out, &mut told);
    }
    // A problem with two different answers has none.
    out.rows.retain(|reply| !told.torn.contains(&reply.number));
    if found { Ok(out) } else { Err(Unreadable::NoReplies) }
}

/// What was read already, and which problems have been answered in two ways.
#[derive(Default)]
struct Told {
    rows: BTreeMap<String, usize>,
    torn: BTreeSet<String>,
}

impl Reply {
    /// What the ledger enters for it. `around` is the day from which the year of a date like `11.25` is taken; a date that
    /// cannot be understood is kept in the words of the reply.
    pub fn event(&self, around: NaiveDate) -> What {
        let day = typed(&self.date, around);
        let mut words = self.explanation.clone();
        if day == Typed::Unclear {
            add(&mut words, &format!("完成时间填为“{}”", self.date));
        }
        if !self.person.is_empty() {
            add(&mut words, &format!("填报人：{}", self.person));
        }
        let reason =
            if self.explanation.is_empty() { format!("（未写明理由）{words}") } else { words.clone() };
        let disputed = |claim| What::Disputed { reason: reason.clone(), claim };
        match self.answer {
            Answer::Done => What::Answered {
                text: if words.is_empty() { "已整改".to_owned() } else { format!("已整改：{words}") },
                link: is_web(&self.link).then(|| self.link.clone()),
                done: day.day(),
            },
            Answer::Delay => What::DelayAsked { until: day.day(), reason },
            Answer::Untrue => disputed(Claim::Untrue),
            Answer::NotRequired => disputed(Claim::NotRequired),
            Answer::NotOurs => disputed(Claim::NotOurs { to: self.named_unit() }),
            Answer::NoAccess => disputed(Claim::NoAccess),
        }
    }

    /// The unit that stands behind 请转, in the answer or its explanation.
    fn named_unit(&self) -> Option<String> {
        let text = &self.explanation;
        let (_, rest) = ["请转：", "请转:", "请转", "应转", "转办至", "转："]
            .into_iter()
            .find_map(|word| text.split_once(word))?;
        let unit: String = rest
            .chars()
            .skip_while(|c| "：:_ ".contains(*c))
            .take_while(|c| !"，。；,;）)_ ".contains(*c))
            .collect();
        (!unit.is_empty()).then_some(unit)
    }
}

fn add(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push('；');
    }
    text.push_str(more);
}

fn is_web(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

struct Columns {
    heading_row: Option<u32>,
    number: u32,
    answer: u32,
    explanation: Option<u32>,
    link: Option<u32>,
    date: Option<u32>,
    person: Option<u32>,
}

impl Columns {
    fn find(sheet: &Sheet) -> Option<Self> {
        Self::by_headings(sheet).or_else(|| Self::by_contents(sheet))
    }

    fn by_headings(sheet: &Sheet) -> Option<Self> {
        let top = sheet.rows.keys().next().copied()?;
        sheet.rows.range(..top + HEADING_ROWS).find_map(|(row, cells)| {
            let at = |heading: &str| {
                let wanted = squeezed(heading.split('（').next().unwrap_or(heading));
                let starts = |(_, cell): &(&u32, &Cell)| squeezed(&text(cell)).starts_with(&wanted);
                cells.iter().find(starts).map(|(column, _)| *column)
            };
            let [answer, explanation, link, date, person] = FEEDBACK.map(at);
            Some(Self {
                heading_row: Some(*row),
                number: at(HANDED_OVER[1])?,
                answer: answer?,
                explanation,
                link,
                date,
                person,
            })
        })
    }

    /// Without headings: the column of numbers, and right of it the column of answers with its neighbours in their order.
    fn by_contents(sheet: &Sheet) -> Option<Self> {
        let mut numbers: BTreeMap<u32, usize> = BTreeMap::new();
        let mut answers: BTreeMap<u32, usize> = BTreeMap::new();
        for (column, cell) in sheet.rows.values().flatten() {
            let text = text(cell);
            *numbers.entry(*column).or_default() += usize::from(number(&text).is_some());
            let exact = super::list::ANSWERS.iter().any(|answer| squeezed(answer) == squeezed(&text));
            *answers.entry(*column).or_default() += usize::from(exact);
        }
        let best = |counts: &BTreeMap<u32, usize>| {
            counts
                .iter()
                .filter(|(_, n)| **n > 0)
                .max_by_key(|(column, n)| (**n, u32::MAX - **column))
                .map(|(c, _)| *c)
        };
        let (number, answer) = (best(&numbers)?, best(&answers)?);
        (answer > number).then_some(Self {
            heading_row: None,
            number,
            answer,
            explanation: Some(answer + 1),
            link: Some(answer + 2),
            date: Some(answer + 3),
            person: Some(answer + 4),
        })
    }
}

fn take(sheet: &Sheet, columns: &Columns, out: &mut Replies, told: &mut Told) {
    let first = columns.heading_row.map_or(0, |row| row + 1);
    for (row, cells) in sheet.rows.range(first..) {
        let place = place(sheet, Some(*row));
        let cell =
            |column: Option<u32>| column.and_then(|column| cells.get(&column)).map(text).unwrap_or_default();
        let (written, word) = (cell(Some(columns.number)), cell(Some(columns.answer)));
        if squeezed(&written) == HANDED_OVER[1] {
            continue;
        }
        let rest = [columns.explanation, columns.link, columns.date].map(&cell);
        let Some(number) = number(&written) else {
            if !word.is_empty() && answer(&word).is_some() {
                out.faults.push(format!("{place}：问题编号“{}”不对，应如 202611-0032", one_line(&written)));
            }
            continue;
        };
        if word.is_empty() {
            match rest.iter().find(|text| !text.is_empty()) {
                Some(text) => out.faults.push(format!(
                    "{place} {number}：没有选填“整改情况”，但填了“{}”，请与填报人核实",
                    one_line(text)
                )),
                None => out.blank.push(number),
            }
            continue;
        }
        let Some(answer) = answer(&word) else {
            out.faults.push(format!("{place} {number}：整改情况“{}”不能识别", one_line(&word)));
            continue;
        };
        let [explanation, link, date] = rest.map(|text| one_line(&text));
        let explanation = match (answer, explanation.is_empty()) {
            (Answer::NotOurs, true) => one_line(&word),
            (Answer::NotOurs, false) if word.contains("请转") => {
                format!("{explanation}；{}", one_line(&word))
            }
            _ => explanation,
        };
        let person = one_line(&cell(columns.person));
        let reply = Reply { number: number.clone(), answer, explanation, link, date, person, place };
        match told.rows.get(&number).and_then(|at| out.rows.get(*at)) {
            None => {
                told.rows.insert(number, out.rows.len());
                out.rows.push(reply);
            }
            Some(before) if before.answer == reply.answer && before.explanation == reply.explanation => {}
            Some(before) => {
                let fault = format!("{} {number}：与{}的填报不一致，两处均未采用", reply.place, before.place);
                out.faults.push(fault);
                told.torn.insert(number);
            }
        }
    }
}

/// The answer that a cell means: the words of the list, and what people type in their place.
fn answer(word: &str) -> Option<Answer> {
    let word = squeezed(word);
    let starts = |with: &[&str]| with.iter().any(|start| word.starts_with(start));
    let partly = ["部分", "未整改", "正在", "尚未", "基本"].iter().any(|not| word.contains(not));
    match () {
        () if word.contains("申请延期") || starts(&["整改中", "正在整改", "延期"]) => {
            Some(Answer::Delay)
        }
        () if word.contains("不属实") => Some(Answer::Untrue),
        () if word.contains("无需更新") => Some(Answer::NotRequired),
        () if starts(&["不属本单位", "不属于本单位", "非本单位", "不属我单位", "不属于我单位"]) => {
            Some(Answer::NotOurs)
        }
        () if starts(&["无后台权限", "没有后台权限"]) => Some(Answer::NoAccess),
        () if !partly
            && starts(&[
                "已整改",
                "已完成",
                "整改完成",
                "整改完毕",
                "完成整改",
                "已修复",
                "已处理",
                "已更新",
                "已改",
            ]) =>
        {
            Some(Answer::Done)
        }
        () => None,
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.trim().to_owned(),
        Cell::Date(day) => day.to_string(),
        Cell::Error(_) => String::new(),
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn place(sheet: &Sheet, row: Option<u32>) -> String {
    let name = if sheet.name.is_empty() { String::new() } else { format!("“{}”", one_line(&sheet.name)) };
    row.map_or_else(|| name.clone(), |row| format!("{name}第{row}行"))
}

#[cfg(test)]
#[path = "replies_tests.rs"]
mod tests;
