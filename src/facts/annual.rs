//! The table of an annual report on disclosure (政府信息公开工作年度报告) that must balance: requests received, done, left.

use serde::{Deserialize, Serialize};

use super::outline::{NodeId, Outline, Tag};
use super::regions::fold;

/// Rows that are read at most of one page.
const MOST_ROWS: usize = 400;

/// 收到和处理政府信息公开申请情况: one figure a kind of applicant, the total last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestTable {
    /// 一、本年新收政府信息公开申请数量
    pub received: Vec<u64>,
    /// 二、上年结转政府信息公开申请数量
    pub carried: Vec<u64>,
    /// 三、（七）总计
    pub done: Vec<u64>,
    /// 四、结转下年度继续办理
    pub left: Vec<u64>,
}

/// Reads the table of a page that calls itself such a report; `None` where there is none whose four rows are complete.
pub fn request_table(page: &Outline, title: &str) -> Option<RequestTable> {
    if !title.contains("信息公开") || !title.contains("年度报告") && !title.contains("年报") {
        return None;
    }
    let mut table = RequestTable::default();
    for row in page.ids().filter(|id| page.node(*id).tag == Tag::Tr).take(MOST_ROWS) {
        let cells: Vec<String> = cells(page, row);
        let Some(place) =
            cells.iter().position(|cell| cell.chars().any(|c| c.is_ascii_digit()) && figure(cell).is_some())
        else {
            continue;
        };
        let label: String = cells.iter().take(place).map(String::as_str).collect();
        let label: String = label.chars().filter(|c| !c.is_whitespace()).collect();
        let figures: Option<Vec<u64>> = cells.iter().skip(place).map(|cell| figure(cell)).collect();
        let Some(figures) = figures else { continue };
        let of = if label.contains("新收政府信息公开申请") {
            &mut table.received
        } else if label.contains("上年结转政府信息公开申请") {
            &mut table.carried
        } else if label.ends_with("（七）总计") || label.ends_with("(七)总计") {
            &mut table.done
        } else if label.contains("结转下年度继续办理") {
            &mut table.left
        } else {
            continue;
        };
        if of.is_empty() {
            *of = figures;
        }
    }
    let width = table.received.len();
    let complete = [&table.carried, &table.done, &table.left].into_iter().all(|row| row.len() == width);
    (width > 0 && complete).then_some(table)
}

impl RequestTable {
    /// The columns, from 1, in which what came is not what was done and what is left.
    pub fn unbalanced(&self) -> Vec<usize> {
        let rows = self.received.iter().zip(&self.carried).zip(self.done.iter().zip(&self.left));
        let sums = rows.map(|((received, carried), (done, left))| {
            received.checked_add(*carried) == done.checked_add(*left)
        });
        sums.enumerate().filter(|(_, balanced)| !balanced).map(|(column, _)| column + 1).collect()
    }
}

fn cells(page: &Outline, row: NodeId) -> Vec<String> {
    let inside = page.inside(row).filter(|id| matches!(page.node(*id).tag, Tag::Td | Tag::Th));
    inside.map(|id| fold(page.text_of(id))).filter(|text| !text.is_empty()).collect()
}

/// A whole number, as tables write it.
fn figure(cell: &str) -> Option<u64> {
    let digits: String = cell.chars().filter(|c| !c.is_whitespace() && *c != ',' && *c != '，').collect();
    if digits.len() > 12 { None } else { digits.parse().ok() }
}
