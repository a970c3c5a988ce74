//! 人工核查表: what no machine can judge, as a workbook that a person fills in, and the reading of it when it comes back.

use std::io::Cursor;

use calamine::{Data, Range, Reader as _};
use chrono::NaiveDate;
use rust_xlsxwriter::XlsxError;

use super::figures::{Figures, Open};
use super::render::sheets::{Input, Sheet, sheets_to_fill_in};
use crate::inspection::Member;
use crate::inspection::standing::{BY_HAND, Verdict};

/// Heading of the column with 网站标识码 or the key of the account.
const CODE: &str = "标识";
/// Heading of the column with the indicator's short name.
const INDICATOR: &str = "指标代码";
/// Heading of the column in which a person decides.
const VERDICT: &str = "核查结论";
/// Heading of the column for what was looked at.
const REASON: &str = "核查情况";
/// Rows searched for the headings, from the top of a sheet.
const HEADING_ROWS: usize = 30;

const COLUMNS: [(&str, f64); 11] = [
    ("序号", 6.0),
    ("名称", 22.0),
    ("类型（平台）", 12.0),
    (CODE, 20.0),
    ("主办单位", 20.0),
    ("网址", 26.0),
    (INDICATOR, 9.0),
    ("指标", 22.0),
    ("监测情况、核查要点", 36.0),
    (VERDICT, 11.0),
    (REASON, 26.0),
];

/// The workbook: 未判定指标, and 程序不能判定的指标 of everything that is inspected.
///
/// # Errors
/// [`XlsxError`] where a sheet has more rows than a spreadsheet takes.
pub fn workbook(
    figures: &Figures,
    inspected: &[&Member],
    judged: &[&str],
    issued: NaiveDate,
) -> Result<Vec<u8>, XlsxError> {
    let label = figures.period.label();
    let title = format!("{label}检查人工核查表");
    let row = |n: usize, member: &Member, indicator: &str, title: &str, told: &str| {
        vec![
            n.to_string(),
            member.name.clone(),
            member.category.clone(),
            member.code.clone(),
            member.host_unit.clone(),
            member.url.clone(),
            indicator.to_owned(),
            title.to_owned(),
            told.to_owned(),
        ]
    };
    let open = (1usize..)
        .zip(&figures.open)
        .map(|(n, Open { member, indicator, title, sentence })| row(n, member, indicator, title, sentence))
        .collect();
    let by_hand = inspected.iter().flat_map(|member| {
        BY_HAND
            .iter()
            .filter(|(id, _, kind, _)| *kind == member.kind && !judged.contains(id))
            .map(move |(id, title, _, what)| (member, *id, *title, *what))
    });
    let by_hand =
        (1usize..).zip(by_hand).map(|(n, (m, id, title, what))| row(n, m, id, title, what)).collect();
    let inputs = [Input { column: 9, words: &["达到", "未达到"] }, Input { column: 10, words: &[] }];
    let note = format!(
        "共{}项。“达到”指出现该指标所列情形（不合格），“未达到”指未出现；请在黄色两列填写，以“标识”和“指标代码”识别。指标代码为空的\
         没有监测结果，须先巡查。",
        figures.open.len()
    );
    let other = "程序不判定以下指标；经人工核查出现所列情形的填“达到”，其余可以留空。";
    sheets_to_fill_in(
        &title,
        issued,
        &[
            Sheet { name: "未判定指标", title: &title, head: &note, headings: &COLUMNS, rows: open },
            Sheet {
                name: "程序不能判定的指标",
                title: "程序不能判定的指标",
                head: other,
                headings: &COLUMNS,
                rows: by_hand,
            },
        ],
        &inputs,
    )
}

/// What a person wrote in one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// 网站标识码, or the key of the account.
    pub code: String,
    /// Short name of the indicator.
    pub indicator: String,
    /// 达到 or 未达到.
    pub verdict: Verdict,
    /// What was looked at; may be empty.
    pub reason: String,
}

/// Reads a filled workbook: rows may be sorted, deleted or copied, as long as the headings came along. Rows without a
/// 结论 are passed over.
///
/// # Errors
/// Every row that cannot be understood, or that the file is no workbook of this kind.
pub fn read(bytes: &[u8]) -> Result<Vec<Filled>, Vec<String>> {
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| vec![format!("无法作为表格读取（支持 xlsx、xls、ods）：{error}")])?;
    let (mut filled, mut faults, mut sheets) = (Vec::new(), Vec::new(), 0);
    for (name, range) in book.worksheets() {
        let Some((heading, [code, indicator, verdict, reason])) = columns(&range) else { continue };
        sheets += 1;
        for (n, row) in range.rows().enumerate().skip(heading + 1) {
            let text =
                |at: usize| row.get(at).map(|cell| cell.to_string().trim().to_owned()).unwrap_or_default();
            let said = text(verdict);
            if said.is_empty() {
                continue;
            }
            let place = range.start().map_or(0, |(row, _)| row as usize) + n + 1;
            match Verdict::ruled(&said) {
                _ if text(code).is_empty() || text(indicator).is_empty() => {
                    faults.push(format!("工作表“{name}”第{place}行：缺少“{CODE}”或者“{INDICATOR}”"));
                }
                Some(verdict) => filled.push(Filled {
                    code: text(code),
                    indicator: text(indicator),
                    verdict,
                    reason: text(reason),
                }),
                None => faults.push(format!("工作表“{name}”第{place}行：“{said}”不是“达到”或者“未达到”")),
            }
        }
    }
    if sheets == 0 {
        faults.push(format!("没有找到同时含有“{CODE}”“{INDICATOR}”“{VERDICT}”三列的工作表"));
    }
    let mut said: std::collections::BTreeMap<(&str, &str), Verdict> = std::collections::BTreeMap::new();
    for row in &filled {
        if said.insert((&row.code, &row.indicator), row.verdict).is_some_and(|other| other != row.verdict) {
            faults.push(format!("{} 的 {} 填了两个不同的结论", row.code, row.indicator));
        }
    }
    if faults.is_empty() { Ok(filled) } else { Err(faults) }
}

/// The row of the headings, and the columns of code, indicator, verdict and reason.
fn columns(range: &Range<Data>) -> Option<(usize, [usize; 4])> {
    range.rows().take(HEADING_ROWS).enumerate().find_map(|(n, row)| {
        let squeezed: Vec<String> =
            row.iter().map(|cell| cell.to_string().split_whitespace().collect::<String>()).collect();
        let at = |heading: &str| squeezed.iter().position(|text| text == heading);
        Some((n, [at(CODE)?, at(INDICATOR)?, at(VERDICT)?, at(REASON).unwrap_or(usize::MAX)]))
    })
}
