//! `overdue-column`: a column that was not updated within the cycle its register row promises.

use serde::Deserialize;

use super::{Context, Defect, Undated, check, stale_column};
use crate::facts::site::Column;
use crate::finding::Seen;

check! {
    /// 应更新未更新
    ///
    /// ## What it does
    /// Flags a column whose newest dated item is older than the update cycle (更新周期) that the register gives it, plus
    /// `grace-days`. A column without a cycle has promised nothing and is not judged.
    ///
    /// ## Why it matters
    /// The indicators count columns that should be updated and were not; the national text names no period, so the
    /// register does.
    ///
    /// ## Gaps
    /// As `stale-column`: lists filled by script, firewall pages, failed fetches, and lists without any date unless the
    /// rule sets `undated = "stale"`.
    ///
    /// ## Example
    /// 结果反馈, cycle 30 days, newest item 45 days old: flagged.
    OverdueColumn = "overdue-column", Column, Params, run
}

/// Parameters of `overdue-column`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days beyond the cycle that are let pass.
    #[serde(default)]
    grace_days: u32,
    #[serde(default)]
    undated: Undated,
}

fn run(column: &Column, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let Some(cycle) = column.cycle_days else { return Ok(Vec::new()) };
    let Some(freshness) = stale_column::of(column, cx)? else { return Ok(Vec::new()) };
    let limit = u32::from(cycle) + params.grace_days;
    freshness.judge(limit, params.undated, cx, "最新一条信息发布于", |_| {
        format!("登记的更新周期（{cycle}天）")
    })
}

#[cfg(test)]
mod tests {
    use super::super::stale_column::tests::{column, cx, day};
    use super::*;
    use crate::facts::page::PageState;

    #[test]
    fn the_register_sets_the_limit() {
        let params = Params { grace_days: 3, undated: Undated::Gap };
        for (cycle, newest, flagged) in [
            (None, day(2020, 1, 1), false),
            (Some(30), day(2026, 10, 14), false),
            (Some(30), day(2026, 10, 13), true),
            (Some(1), day(2026, 11, 13), false),
        ] {
            let mut subject = column(PageState::Normal, Some(newest));
            subject.cycle_days = cycle;
            let found = run(&subject, &params, cx()).expect("seen");
            assert_eq!(!found.is_empty(), flagged, "{cycle:?} {newest}");
        }
        let mut subject = column(PageState::Normal, Some(day(2026, 10, 1)));
        subject.cycle_days = Some(30);
        let found = run(&subject, &params, cx()).expect("seen");
        assert_eq!(
            found.first().map(|d| d.description.as_str()),
            Some("最新一条信息发布于2026年10月1日，截至11月16日已46天未更新，超过登记的更新周期（30天）。")
        );
    }

    #[test]
    fn a_hidden_list_is_a_gap() {
        let mut subject = column(PageState::Script, None);
        subject.cycle_days = Some(30);
        let params = Params { grace_days: 0, undated: Undated::Stale };
        assert_eq!(run(&subject, &params, cx()).map_err(|gap| gap.why), Err("needs-render".to_owned()));
    }
}
