//! `empty-column`: a column that is there and holds nothing.

use serde::Deserialize;

use super::{Context, Defect, check, stale_column};
use crate::facts::page::PageState;
use crate::facts::site::Column;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 空白栏目
    ///
    /// ## What it does
    /// Flags a column whose list is there and holds no item, or holds nothing but a sentence such as 暂无数据 or
    /// 栏目建设中, and that has no further page or block with items.
    ///
    /// ## Why it matters
    /// 空白栏目 is counted by the inspection indicators; enough of them fail the whole site.
    ///
    /// ## Gaps
    /// A list that a script fills, a firewall's page and a failed fetch: what a reader would see is not known. A page
    /// with content of its own, and one that sends the reader elsewhere, are not empty.
    ///
    /// ## Example
    /// 互动交流-结果反馈 with an empty `<ul>` and no script that could fill it: flagged, and confirmed by a second look.
    EmptyColumn = "empty-column", Column, Params, run
}

/// Parameters of `empty-column`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Whether a column that says 暂无数据 or the like counts as empty.
    #[serde(default = "yes")]
    placeholder: bool,
}

fn yes() -> bool {
    true
}

fn run(column: &Column, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let description = match column.state {
        PageState::Normal | PageState::OwnContent | PageState::Jumps => return Ok(Vec::new()),
        PageState::Script | PageState::Blocked | PageState::Failed => {
            return Err(column
                .gap
                .clone()
                .unwrap_or_else(|| Gap::new(&column.url, stale_column::unseen(column.state))));
        }
        PageState::Placeholder if !params.placeholder => return Ok(Vec::new()),
        PageState::Placeholder => "栏目内无信息，仅显示提示文字。",
        PageState::Empty => "栏目内无信息。",
    };
    if column.items > 0 || column.items_elsewhere > 0 {
        return Ok(Vec::new());
    }
    if let Some(gap) = &column.gap {
        return Err(gap.clone());
    }
    let confidence = if column.registered { Confidence::High } else { Confidence::Medium };
    let excerpt = match (column.reason.strip_prefix("says "), &column.source) {
        (_, Some(source)) => format!("列表取自 {source}，其中没有条目"),
        (Some(words), None) => format!("页面显示：{words}"),
        (None, None) => "列表区域内没有条目".to_owned(),
    };
    Ok(vec![Defect::new(description, &excerpt, confidence)])
}

#[cfg(test)]
mod tests {
    use super::super::stale_column::tests::{column, cx};
    use super::*;

    fn outcome(state: PageState, items: u32, elsewhere: u32, gap: bool) -> Result<usize, String> {
        let mut subject = column(state, None);
        (subject.items, subject.items_elsewhere) = (items, elsewhere);
        subject.gap = gap.then(|| Gap::new(&subject.url, "budget"));
        run(&subject, &Params { placeholder: true }, cx()).map(|found| found.len()).map_err(|gap| gap.why)
    }

    #[test]
    fn empty_only_where_nothing_else_is_possible() {
        for (state, items, elsewhere, gap, expected) in [
            (PageState::Empty, 0, 0, false, Ok(1)),
            (PageState::Placeholder, 0, 0, false, Ok(1)),
            (PageState::Empty, 0, 4, false, Ok(0)),
            (PageState::Empty, 0, 0, true, Err("budget")),
            (PageState::Normal, 9, 0, false, Ok(0)),
            (PageState::OwnContent, 0, 0, false, Ok(0)),
            (PageState::Jumps, 0, 0, false, Ok(0)),
            (PageState::Script, 0, 0, false, Err("needs-render")),
            (PageState::Blocked, 0, 0, false, Err("blocked")),
            (PageState::Failed, 0, 0, false, Err("failed")),
        ] {
            let expected = expected.map_err(str::to_owned);
            assert_eq!(
                outcome(state, items, elsewhere, gap),
                expected,
                "{state:?} {items} {elsewhere} {gap}"
            );
        }
    }

    #[test]
    fn a_placeholder_can_be_let_pass() {
        let subject = Column { items: 0, ..column(PageState::Placeholder, None) };
        assert_eq!(run(&subject, &Params { placeholder: false }, cx()), Ok(vec![]));
    }
}
