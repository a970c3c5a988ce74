//! What the header row of a table, or of a list built like one, calls the columns of its rows.

use super::outline::{Attr, NodeId, Outline, Tag};
use super::rows::{Label, label_of};

/// Nodes looked at before a first row in search of its header.
const BACK: NodeId = 80;
/// Columns of one table.
const MOST: usize = 20;

/// The cells of one row under their heads.
#[derive(Debug)]
pub struct Columns<'a> {
    ends: Vec<NodeId>,
    heads: &'a [Label],
}

impl<'a> Columns<'a> {
    /// A row under the heads that [`heads`] found; without use where it has another number of cells.
    pub fn of(page: &Outline, row: NodeId, heads: &'a [Label]) -> Self {
        let ends = if heads.is_empty() { Vec::new() } else { cells(page, row) };
        let heads = if ends.len() == heads.len() { heads } else { &[] };
        let ends = ends.into_iter().map(|cell| page.node(cell).end).collect();
        Self { ends, heads }
    }

    /// No heads at all.
    pub fn none() -> Self {
        Self { ends: Vec::new(), heads: &[] }
    }

    /// What the head of the column calls the date that stands in a node.
    pub fn label(&self, id: NodeId) -> Label {
        let column = self.ends.partition_point(|end| *end <= id);
        self.heads.get(column).copied().unwrap_or(Label::None)
    }
}

/// What the row above a block's first row calls each column; empty where there is none, or where no column is another day's.
pub fn heads(page: &Outline, first: NodeId) -> Vec<Label> {
    let tag = page.node(first).tag;
    let wanted = cells(page, first).len();
    if wanted < 2 || matches!(tag, Tag::A | Tag::P) {
        return Vec::new();
    }
    let around = page.node(page.node(first).parent).parent;
    let from = first.saturating_sub(BACK).max(around + 1);
    let above = (from..first).rev().find(|id| page.node(*id).tag == tag && page.node(*id).end <= first);
    let Some(cells) = above.map(|row| cells(page, row)).filter(|cells| cells.len() == wanted) else {
        return Vec::new();
    };
    let is_link = |cell: &NodeId| {
        page.inside(*cell)
            .any(|inner| page.node(inner).tag == Tag::A && page.attr(inner, Attr::Href).is_some())
    };
    if cells.iter().any(is_link) {
        return Vec::new();
    }
    cells.into_iter().map(|cell| of_head(page.text_of(cell).trim())).collect()
}

fn of_head(text: &str) -> Label {
    const OTHER: [&str; 13] = [
        "截止", "截至", "结束", "终止", "到期", "有效", "失效", "废止", "施行", "实施", "生效", "开标",
        "期限",
    ];
    const MADE: [&str; 6] = ["成文", "生成", "印发", "签发", "开始", "起始"];
    const PUBLISHED: [&str; 7] = ["发布", "公开", "发文", "上传", "更新", "日期", "时间"];
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if text.chars().nth(12).is_some() {
        Label::None
    } else if has(&OTHER) || label_of(text) == Label::Other {
        Label::Other
    } else if has(&MADE) {
        Label::Made
    } else if has(&PUBLISHED) {
        Label::Published
    } else {
        Label::None
    }
}

/// The elements right inside a row, or inside the one element that wraps them.
fn cells(page: &Outline, row: NodeId) -> Vec<NodeId> {
    let mut at = row;
    for _ in 0..3 {
        let mut found = Vec::new();
        let mut next = at + 1;
        while next < page.node(at).end && found.len() <= MOST {
            if page.node(next).tag != Tag::Text {
                found.push(next);
            }
            next = page.node(next).end.max(next + 1);
        }
        match found[..] {
            [only] if page.node(row).tag != Tag::Tr => at = only,
            _ => return found,
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tokens;

    #[test]
    fn heads_of_columns() {
        let html = "<table><tr><th>名称</th><th>成文日期</th><th>发布日期</th></tr>\
                    <tr><td><a href=1>关于供水的通知</a></td><td>2026-10-12</td><td>2026-10-15</td></tr></table>";
        let (page, _) = tokens::read(html, &mut || false);
        let row = page.ids().filter(|id| page.node(*id).tag == Tag::Tr).nth(1).expect("two rows");
        let heads = heads(&page, row);
        assert_eq!(heads, [Label::None, Label::Made, Label::Published]);
        let columns = Columns::of(&page, row, &heads);
        let labels: Vec<Label> = cells(&page, row).into_iter().map(|cell| columns.label(cell + 1)).collect();
        assert_eq!(labels, heads);
        assert!(super::heads(&page, row - 4).is_empty());
    }
}
