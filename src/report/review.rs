//! Reading a reviewed 待核清单 back: rows are recognised by 问题编号 alone, wherever they stand by then.
//! Works on bytes; who may approve what is the ledger's business.
#![deny(clippy::disallowed_methods)]

use std::collections::BTreeMap;

use calamine::{Data, Range};

use super::candidates::{ADOPT, NUMBER, REASON, REFUSE};
use super::workbook::worksheets;

/// What a person wrote beside one problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// 问题编号.
    pub number: String,
    /// The decision; `None` where the cell was left empty.
    pub verdict: Option<Verdict>,
    /// 理由; never empty where it was refused.
    pub reason: String,
}

/// 采纳 or 不采纳.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 采纳
    Adopt,
    /// 不采纳
    Refuse,
}

/// All that a reviewed workbook says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// One a problem, by number.
    pub rows: Vec<Decision>,
    /// What cannot be understood or contradicts itself, each with sheet and row: to be mended before anything
    /// is approved.
    pub faults: Vec<String>,
}

/// Why a file says nothing at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no workbook.
    #[error("无法作为表格读取（支持 xlsx、xls、ods）：{0}")]
    NoWorkbook(String),
    /// No sheet has both the number and the decision.
    #[error("没有找到同时含有“问题编号”和“采纳/不采纳”两列的工作表")]
    NoDecisions,
}

/// Rows searched for the headings, from the top of a sheet.
const HEADING_ROWS: usize = 30;

/// Reads the decisions from a workbook: `.xlsx`, `.xls` or `.ods`, with rows sorted, deleted, or copied into
/// another book, as long as the headings came along.
///
/// # Errors
/// [`Unreadable`] where the file is no workbook or holds no decisions; everything else is a fault of a row.
pub fn read(bytes: &[u8]) -> Result<Decisions, Unreadable> {
    let book = worksheets(bytes).map_err(Unreadable::NoWorkbook)?;
    let mut decided: BTreeMap<String, (Decision, String)> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut sheets = 0;
    for (name, range) in book {
        if let Some(columns) = Columns::find(&range) {
            sheets += 1;
            read_sheet(&name, &range, &columns, &mut decided, &mut faults);
        }
    }
    if sheets == 0 {
        return Err(Unreadable::NoDecisions);
    }
    Ok(Decisions { rows: decided.into_values().map(|(decision, _)| decision).collect(), faults })
}

/// `text` as a 问题编号: `202611-0032`; full-width digits, other dashes and blanks are put right.
pub fn number(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '０'..='９' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            '－' | '—' | '–' | '‐' | '‑' | '−' => '-',
            _ => c,
        })
        .collect();
    let (month, serial) = plain.split_once('-')?;
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    (month.len() == 6 && (4..=7).contains(&serial.len()) && digits(month) && digits(serial)).then_some(plain)
}

struct Columns {
    heading_row: usize,
    number: usize,
    decision: usize,
    reason: Option<usize>,
}

impl Columns {
    fn find(range: &Range<Data>) -> Option<Self> {
        range.rows().take(HEADING_ROWS).enumerate().find_map(|(heading_row, row)| {
            let at = |wanted: fn(&str) -> bool| row.iter().position(|cell| wanted(&squeezed(cell)));
            Some(Self {
                heading_row,
                number: at(|text| text == NUMBER)?,
                decision: at(|text| text.contains(ADOPT) && text.contains(REFUSE))?,
                reason: at(|text| text.starts_with(REASON)),
            })
        })
    }
}

fn read_sheet(
    sheet: &str,
    range: &Range<Data>,
    columns: &Columns,
    decided: &mut BTreeMap<String, (Decision, String)>,
    faults: &mut Vec<String>,
) {
    let top = range.start().map_or(0, |(row, _)| row as usize);
    for (n, row) in range.rows().enumerate().skip(columns.heading_row + 1) {
        let place = format!("“{sheet}”第{}行", top + n + 1);
        let cell = |column: usize| row.get(column).unwrap_or(&Data::Empty);
        let (written, word) = (squeezed(cell(columns.number)), squeezed(cell(columns.decision)));
        if written == NUMBER || (written.is_empty() && word.is_empty()) {
            continue;
        }
        let Some(number) = number(&written) else {
            if !word.is_empty() {
                faults.push(format!("{place}：问题编号“{written}”不对，应如 202611-0032"));
            }
            continue;
        };
        let Ok(verdict) = verdict(&word) else {
            faults.push(format!("{place} {number}：“{word}”既不是“采纳”也不是“不采纳”"));
            continue;
        };
        let reason = columns.reason.map(|column| text(cell(column))).unwrap_or_default();
        if verdict == Some(Verdict::Refuse) && reason.is_empty() {
            faults.push(format!("{place} {number}：不采纳须写理由"));
            continue;
        }
        let decision = Decision { number: number.clone(), verdict, reason };
        match decided.get(&number) {
            Some((before, other)) if before.verdict.is_some() => {
                if verdict.is_some() && verdict != before.verdict {
                    faults.push(format!("{place} {number}：与{other}的意见不一致"));
                }
            }
            _ => {
                decided.insert(number, (decision, place));
            }
        }
    }
}

fn verdict(word: &str) -> Result<Option<Verdict>, ()> {
    match word {
        "" => Ok(None),
        ADOPT | "是" | "√" | "✓" | "同意" => Ok(Some(Verdict::Adopt)),
        REFUSE | "否" | "×" | "✗" | "不同意" => Ok(Some(Verdict::Refuse)),
        _ => Err(()),
    }
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        other => other.to_string().trim().to_owned(),
    }
}

fn squeezed(cell: &Data) -> String {
    text(cell).chars().filter(|c| !c.is_whitespace()).map(|c| if c == '／' { '/' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_recognised_as_people_type_them() {
        for typed in
            ["202611-0032", " 202611-0032 ", "２０２６１１－００３２", "202611—0032", "202611 - 0032"]
        {
            assert_eq!(number(typed).as_deref(), Some("202611-0032"), "{typed}");
        }
        assert_eq!(number("202611-12345").as_deref(), Some("202611-12345"));
        for other in ["", "合计", "20261-0032", "202611-032", "202611", "202611-003x", "0000-0000000"] {
            assert_eq!(number(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_workbook_is_said_so() {
        assert!(matches!(read(b"%PDF-1.7"), Err(Unreadable::NoWorkbook(_))));
        assert!(matches!(read(b""), Err(Unreadable::NoWorkbook(_))));
    }
}
