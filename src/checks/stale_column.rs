//! `stale-column`: a column whose newest item is too old for its class.

use chrono::Datelike;
use serde::Deserialize;

use super::{Context, Defect, Freshness, Undated, check};
use crate::calendar::limit_in_words;
use crate::facts::page::PageState;
use crate::facts::site::Column;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 栏目不更新
    ///
    /// ## What it does
    /// Flags a column whose newest dated item is more than `max-age-days` older than the day of the patrol. Which
    /// classes of columns it looks at is said by the rule: guides, yearly reports, plans and personnel columns change
    /// rarely by nature and belong to no freshness rule.
    ///
    /// ## Why it matters
    /// The inspection indicators count columns that were not updated in time; enough of them fail the whole site.
    ///
    /// ## Gaps
    /// A list filled by script, a firewall's page or a failed fetch says nothing about the newest item. A list without
    /// any date is a gap too, unless the rule sets `undated = "stale"`. An item in time is enough to pass, whatever else
    /// was not seen. An empty column is left to `empty-column`. A column whose page says that it is archived (归档) or no
    /// longer updated (本栏目停止更新), or whose name is of a past year, is not judged.
    ///
    /// ## Example
    /// 工作动态, newest item of 20 October, patrol on 16 November, `max-age-days = 14`: 27 days, flagged.
    StaleColumn = "stale-column", Column, Params, run
}

/// Parameters of `stale-column`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// The oldest the newest item may be, in days.
    max_age_days: u32,
    #[serde(default)]
    undated: Undated,
}

fn run(column: &Column, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let Some(freshness) = of(column, cx)? else { return Ok(Vec::new()) };
    freshness.judge(params.max_age_days, params.undated, cx, "最新一条信息发布于", |newest| {
        limit_in_words(params.max_age_days, newest, cx.as_of)
    })
}

/// What there is to say about a column's newest item; `None` where it lists nothing that could grow old.
pub(super) fn of(column: &Column, cx: Context) -> Seen<Option<Freshness<'_>>> {
    match column.state {
        _ if column.archived => return Ok(None),
        _ if is_of_a_past_year(&column.name, cx.as_of.year())
            || lies_in_a_past_year(&column.url, cx.as_of.year()) =>
        {
            return Ok(None);
        }
        PageState::Empty | PageState::Placeholder if column.newest.is_none() => return Ok(None),
        PageState::OwnContent | PageState::Jumps => return Ok(None),
        PageState::Script | PageState::Blocked | PageState::Failed if column.newest.is_none() => {
            return Err(column.gap.clone().unwrap_or_else(|| Gap::new(&column.url, unseen(column.state))));
        }
        _ => {}
    }
    Ok(Some(Freshness {
        subject: &column.url,
        newest: column.newest,
        item: column.newest_item.as_ref(),
        source: column.source.as_deref(),
        gap: column.gap.as_ref(),
        confidence: if column.registered { Confidence::High } else { Confidence::Medium },
    }))
}

/// Whether a name or that of a column above it holds an earlier year and no later one: 2022年创建国家卫生县城.
fn is_of_a_past_year(name: &str, now: i32) -> bool {
    let years = name.match_indices("20").filter_map(|(at, _)| {
        let digits = name.get(at..)?.bytes().take_while(u8::is_ascii_digit).count();
        let alone = !name.get(..at)?.ends_with(|c: char| c.is_ascii_digit());
        (digits == 4 && alone).then(|| name.get(at..at + 4)?.parse::<i32>().ok()).flatten()
    });
    years.max().is_some_and(|year| year < now)
}

/// Whether a folder of an address is that of an earlier year's topic: `/zt/2019czkc/gzdt/`.
fn lies_in_a_past_year(url: &str, now: i32) -> bool {
    let folders = url.split('/').skip(3);
    folders
        .filter(|folder| folder.starts_with("20") && folder.ends_with(|c: char| c.is_ascii_alphabetic()))
        .any(|folder| is_of_a_past_year(folder, now))
}

/// The gap's word for a state that hides the column.
pub(super) fn unseen(state: PageState) -> &'static str {
    match state {
        PageState::Script => "needs-render",
        PageState::Blocked => "blocked",
        _ => "failed",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::facts::class::ColumnClass;
    use crate::facts::page::PageKind;

    pub(in crate::checks) fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a date")
    }

    pub(in crate::checks) fn cx() -> Context {
        Context { as_of: day(2026, 11, 16) }
    }

    pub(in crate::checks) fn column(state: PageState, newest: Option<NaiveDate>) -> Column {
        Column {
            name: "政务公开-规划计划".to_owned(),
            url: "http://www.example.gov.cn/ghjh/".to_owned(),
            class: ColumnClass::Notice,
            level: Some(1),
            cycle_days: None,
            registered: true,
            kind: PageKind::List,
            state,
            reason: String::new(),
            items: 3,
            newest,
            newest_item: newest
                .map(|_| ("某某规划".to_owned(), "http://www.example.gov.cn/a.html".to_owned())),
            items_elsewhere: 0,
            source: None,
            gap: None,
            page: None,
            look: None,
            archived: false,
        }
    }

    fn params(max_age_days: u32) -> Params {
        Params { max_age_days, undated: Undated::Gap }
    }

    #[test]
    fn the_sentence_is_that_of_the_list() {
        let found = run(&column(PageState::Normal, Some(day(2026, 3, 2))), &params(180), cx()).expect("seen");
        let [defect] = found.as_slice() else { panic!("one defect: {found:?}") };
        assert_eq!(
            defect.description,
            "最新一条信息发布于2026年3月2日，截至11月16日已259天未更新，超过6个月。"
        );
        assert_eq!(defect.last_update, Some(day(2026, 3, 2)));
        assert_eq!(defect.confidence, Confidence::High);
        let old = run(&column(PageState::Normal, Some(day(2025, 12, 2))), &params(180), cx()).expect("seen");
        assert!(old.first().is_some_and(|d| d.description.contains("截至2026年11月16日已349天")));
    }

    #[test]
    fn six_months_are_those_of_the_calendar() {
        for (newest, flagged) in
            [(day(2026, 5, 20), false), (day(2026, 5, 16), false), (day(2026, 5, 15), true)]
        {
            let found = run(&column(PageState::Normal, Some(newest)), &params(180), cx()).expect("seen");
            assert_eq!(!found.is_empty(), flagged, "{newest}");
        }
    }

    #[test]
    fn the_last_day_of_the_limit_is_in_time() {
        for (newest, flagged) in
            [(day(2026, 11, 2), false), (day(2026, 11, 1), true), (day(2026, 11, 16), false)]
        {
            let found = run(&column(PageState::Normal, Some(newest)), &params(14), cx()).expect("seen");
            assert_eq!(!found.is_empty(), flagged, "{newest}");
        }
    }

    #[test]
    fn what_was_not_seen_is_a_gap() {
        let old = Some(day(2026, 1, 1));
        for (state, newest, gap, why) in [
            (PageState::Script, None, None, "needs-render"),
            (PageState::Blocked, None, None, "blocked"),
            (PageState::Failed, None, Some("timeout"), "timeout"),
            (PageState::Normal, None, None, "undated"),
            (PageState::Normal, None, Some("budget"), "budget"),
            (PageState::Normal, old, Some("budget"), "budget"),
            (PageState::Normal, Some(day(2026, 11, 17)), None, "future-date"),
        ] {
            let mut subject = column(state, newest);
            subject.gap = gap.map(|why| Gap::new("http://www.example.gov.cn/", why));
            let gap = run(&subject, &params(14), cx()).expect_err("a gap");
            assert_eq!(gap.why, why, "{state:?} {newest:?}");
        }
    }

    #[test]
    fn an_item_in_time_passes_whatever_else_was_not_seen() {
        let mut subject = column(PageState::Normal, Some(day(2026, 11, 10)));
        subject.gap = Some(Gap::new("http://www.example.gov.cn/", "budget"));
        assert_eq!(run(&subject, &params(14), cx()), Ok(vec![]));
    }

    #[test]
    fn what_says_that_it_has_ended_is_not_judged() {
        let old = Column { archived: true, ..column(PageState::Normal, Some(day(2024, 1, 1))) };
        assert_eq!(run(&old, &params(14), cx()), Ok(vec![]));
    }

    #[test]
    fn columns_of_past_years_rest() {
        for (name, flagged) in [
            ("专题：2022年创建国家卫生县城动态", false),
            ("2019年某某专题-工作动态", false),
            ("2026年工作动态", true),
            ("2025-2026年度动态", true),
            ("工作动态", true),
        ] {
            let old = Column { name: name.to_owned(), ..column(PageState::Normal, Some(day(2026, 1, 1))) };
            assert_eq!(run(&old, &params(14), cx()).is_ok_and(|found| !found.is_empty()), flagged, "{name}");
        }
    }

    #[test]
    fn undated_is_stale_only_where_the_rule_says_so() {
        let strict = Params { max_age_days: 14, undated: Undated::Stale };
        let subject = column(PageState::Normal, None);
        assert!(run(&subject, &strict, cx()).is_ok_and(|found| found.len() == 1));
        for state in [PageState::Empty, PageState::Placeholder, PageState::OwnContent, PageState::Jumps] {
            assert_eq!(run(&column(state, None), &strict, cx()), Ok(vec![]), "{state:?}");
        }
        assert!(run(&column(PageState::Script, None), &strict, cx()).is_err());
    }
}
