//! 未判定指标, a sheet of the 人工核查表: what the program could not settle in a period, and the reading of a person's word on it.

use calamine::{Data, Range};

use super::figures::Open;
use super::render::sheets::Input;
use super::workbook::worksheets;
use crate::inspection::standing::Verdict;

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

/// Name of the sheet.
pub(super) const NAME: &str = "未判定指标";

/// Its columns.
pub(super) const COLUMNS: [(&str, f64); 11] = [
    ("序号", 5.5),
    ("名称", 17.0),
    ("类型（平台）", 11.0),
    (CODE, 15.0),
    ("主办单位", 16.0),
    ("网址", 20.0),
    (INDICATOR, 7.5),
    ("指标", 18.0),
    ("监测情况、核查要点", 30.0),
    (VERDICT, 9.0),
    (REASON, 20.0),
];

/// Those that a person fills in.
pub(super) const INPUTS: [Input<'static>; 2] = [
    Input { column: 9, words: &["达到", "未达到"], only: None },
    Input { column: 10, words: &[], only: None },
];

/// The line above it.
pub(super) fn head(open: &[Open]) -> String {
    format!(
        "共{}项。“达到”指出现该指标所列情形（不合格），“未达到”指未出现；请在黄色两列填写，以“标识”和“指标代码”识别。指标代码为空的\
         没有监测结果，须先巡查。",
        open.len()
    )
}

/// Its rows.
pub(super) fn rows(open: &[Open]) -> Vec<Vec<String>> {
    let row = |(n, Open { member, indicator, title, sentence }): (usize, &Open)| {
        vec![
            n.to_string(),
            member.name.clone(),
            member.category.clone(),
            member.code.clone(),
            member.host_unit.clone(),
            member.url.clone(),
            indicator.clone(),
            title.clone(),
            sentence.clone(),
        ]
    };
    (1usize..).zip(open).map(row).collect()
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
/// 结论 are passed over; `None` where the workbook has no such sheet.
///
/// # Errors
/// Every row that cannot be understood, or that the file is no workbook.
pub fn read(bytes: &[u8]) -> Result<Option<Vec<Filled>>, Vec<String>> {
    let book = worksheets(bytes)
        .map_err(|error| vec![format!("无法作为表格读取（支持 xlsx、xls、ods）：{error}")])?;
    let (mut filled, mut faults, mut sheets) = (Vec::new(), Vec::new(), 0);
    for (name, range) in book {
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
    let mut said: std::collections::BTreeMap<(&str, &str), Verdict> = std::collections::BTreeMap::new();
    for row in &filled {
        if said.insert((&row.code, &row.indicator), row.verdict).is_some_and(|other| other != row.verdict) {
            faults.push(format!("{} 的 {} 填了两个不同的结论", row.code, row.indicator));
        }
    }
    if faults.is_empty() { Ok((sheets > 0).then_some(filled)) } else { Err(faults) }
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
