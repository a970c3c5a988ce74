//! `stale-home`: a home page on which nothing new appeared.

use serde::Deserialize;

use super::{Context, Defect, Freshness, Undated, check};
use crate::calendar::limit_in_words;
use crate::facts::site::Home;
use crate::finding::{Confidence, Seen};

check! {
    /// 首页不更新
    ///
    /// ## What it does
    /// Flags a home page whose newest dated item is more than `max-age-days` old. Where the home page is only an entrance
    /// to the columns, the newest item of all second-level pages decides.
    ///
    /// ## Why it matters
    /// A home page that stood still through the two weeks of observation fails the whole site by itself.
    ///
    /// ## Gaps
    /// A home page that could not be read, or whose items come by script; items without any date, unless the rule sets
    /// `undated = "stale"`; of an entrance page, second-level pages that were not all seen.
    ///
    /// ## Example
    /// Newest item of 20 October, patrol on 16 November, `max-age-days = 14`: 27 days, flagged.
    StaleHome = "stale-home", Home, Params, run
}

/// Parameters of `stale-home`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// The oldest the newest item may be, in days.
    max_age_days: u32,
    #[serde(default)]
    undated: Undated,
}

fn run(home: &Home, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let freshness = Freshness {
        subject: &home.url,
        newest: home.newest,
        item: home.newest_item.as_ref(),
        source: None,
        gap: home.gap.as_ref(),
        confidence: if home.from_columns { Confidence::Medium } else { Confidence::High },
    };
    let lead = if home.from_columns {
        "首页仅为栏目导航入口，所有二级页面最新一条信息发布于"
    } else {
        "首页最新一条信息发布于"
    };
    freshness.judge(params.max_age_days, params.undated, cx, lead, |newest| {
        limit_in_words(params.max_age_days, newest, cx.as_of)
    })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::stale_column::tests::{cx, day};
    use super::*;
    use crate::finding::Gap;

    fn home(newest: Option<NaiveDate>, from_columns: bool, gap: Option<&str>) -> Home {
        let url = "http://www.example.gov.cn/".to_owned();
        let gap = gap.map(|why| Gap::new(&url, why));
        Home { url, newest, newest_item: None, from_columns, gap, look: None }
    }

    fn outcome(home: &Home) -> Result<Vec<String>, String> {
        let params = Params { max_age_days: 14, undated: Undated::Gap };
        let found = run(home, &params, cx()).map_err(|gap| gap.why)?;
        Ok(found.into_iter().map(|defect| defect.description).collect())
    }

    #[test]
    fn old_new_and_unknown() {
        let old = Some(day(2026, 10, 20));
        let sentence = "首页最新一条信息发布于2026年10月20日，截至11月16日已27天未更新，超过2周。";
        assert_eq!(outcome(&home(old, false, None)), Ok(vec![sentence.to_owned()]));
        assert_eq!(outcome(&home(Some(day(2026, 11, 2)), false, None)), Ok(vec![]));
        assert_eq!(outcome(&home(Some(day(2026, 11, 2)), false, Some("needs-render"))), Ok(vec![]));
        assert_eq!(outcome(&home(old, false, Some("needs-render"))), Err("needs-render".to_owned()));
        assert_eq!(outcome(&home(None, false, None)), Err("undated".to_owned()));
        assert_eq!(outcome(&home(None, true, Some("blocked"))), Err("blocked".to_owned()));
    }

    #[test]
    fn an_entrance_is_judged_by_its_second_level() {
        let found = outcome(&home(Some(day(2026, 10, 20)), true, None)).expect("seen");
        assert!(
            found.first().is_some_and(|text| text.starts_with("首页仅为栏目导航入口，所有二级页面最新一条"))
        );
    }
}
