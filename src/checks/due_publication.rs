//! `due-publication`: something that must be published again and again, or by a day, and was not.

use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

use super::{Context, Defect, check};
use crate::calendar::long_date;
use crate::facts::asked::{Ask, Contents, Item, Place};
use crate::facts::periods::{Every, Period, named_end, named_year, surely_worked};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 未按期公开
    ///
    /// ## What it does
    /// Takes the latest period (`every`) whose day of publication (`within-days` or `working-days` after its end, or `by` a
    /// day of the following year) is over, and looks for an item of any list or any article whose title says one of
    /// `titles` and which names that period or a later one, or names none and is dated after its end. `on` a day asks for
    /// one publication since `from`. Flags where there is none. Working days are counted so generously that every holiday
    /// fits in. Confirmed where a column of one of the names `columns` is there and shows nothing at all dated after the
    /// period; 疑似 where the column has news under other titles. With `ahead-days` (early warning) days that come soon
    /// count as over.
    ///
    /// ## Why it matters
    /// Documents fix days for finances, statistics, inspections and reports; nobody reads all columns every month to see
    /// which is late.
    ///
    /// ## Gaps
    /// No column of these names (`missing-column` tells that); a column that could not be read; a site of which pages were
    /// left out; items whose titles match without date or period.
    ///
    /// ## Example
    /// Finances of each month within 20 days: on 16 November nothing titled 财政收支 is newer than 30 September's report of
    /// August: flagged.
    DuePublication = "due-publication", Contents, Params, run, asks
}

/// Parameters of `due-publication`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// What it is, as told: `财政收支情况`.
    name: String,
    /// Names of the columns in which it is expected; one is enough.
    columns: Vec<String>,
    /// What its title says; one is enough.
    titles: Vec<String>,
    every: Option<Every>,
    within_days: Option<u32>,
    working_days: Option<u32>,
    /// Month and day of the following year: `03-31`.
    by: Option<String>,
    /// The one day by which it must be there.
    on: Option<NaiveDate>,
    /// What is older does not count; periods that ended before it are not asked for.
    from: Option<NaiveDate>,
    /// Days before its time from which on it counts as due.
    #[serde(default)]
    ahead_days: u32,
    /// Days after its time that are let pass.
    #[serde(default)]
    grace_days: u32,
}

/// What is due: told as, after which day it must be dated, by when.
struct Due {
    period: Option<Period>,
    after: NaiveDate,
    day: NaiveDate,
}

fn asks(params: &Params) -> Vec<Ask> {
    vec![Ask::Named(params.columns.clone()), Ask::Titled(params.titles.clone())]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let Some(due) = due(params, cx.as_of, &contents.url)? else { return Ok(Vec::new()) };
    let items = &contents.answer(&Ask::Titled(params.titles.clone()))?.items;
    if items.iter().any(|item| due.is_met_by(item)) {
        return Ok(Vec::new());
    }
    if items.iter().any(|item| item.date.is_none() && named_end(&item.title, None).is_none()) {
        return Err(Gap::new(&contents.url, "undated"));
    }
    let columns: Vec<&Place> = contents
        .answer(&Ask::Named(params.columns.clone()))?
        .places
        .iter()
        .filter(|place| place.state.is_some())
        .collect();
    if let Some(gap) = columns.iter().find_map(|place| place.gap.clone()) {
        return Err(gap);
    }
    contents.whole()?;
    let Some(column) = columns.first() else {
        let name = params.columns.first().map_or("", String::as_str);
        return Err(Gap::new(format!("“{name}”栏目（{}）", contents.url), "no-such-column"));
    };
    let silent = columns.iter().all(|place| place.newest.is_some_and(|newest| newest <= due.after));
    let last = items.iter().find(|item| item.date.is_some());
    let excerpt = last.map_or_else(String::new, |item| {
        format!("最近一期：{} {} {}", item.title, item.date.unwrap_or_default(), item.url)
    });
    let what = due
        .period
        .map_or_else(|| params.name.clone(), |period| format!("{}的{}", period.name(), params.name));
    let over = if due.day < cx.as_of { "最迟应于" } else { "应于" };
    let text = format!("{what}{over}{}前公开，截至{}未见。", long_date(due.day), long_date(cx.as_of));
    Ok(vec![Defect {
        last_update: last.and_then(|item| item.date),
        suspected: !silent,
        at: column.url.clone().map(|url| (column.name.clone(), url)),
        ..Defect::new(text, excerpt, Confidence::Medium)
    }])
}

/// What is due as of a day; `None` where nothing is yet.
fn due(params: &Params, as_of: NaiveDate, url: &str) -> Seen<Option<Due>> {
    let add = |day: NaiveDate, days: u32| day.checked_add_days(Days::new(days.into()));
    let over = |day: NaiveDate| {
        add(day, params.grace_days).zip(add(as_of, params.ahead_days)).is_some_and(|(limit, now)| limit < now)
    };
    if let Some(day) = params.on {
        let after = params.from.and_then(|from| from.pred_opt()).unwrap_or(NaiveDate::MIN);
        return Ok(over(day).then_some(Due { period: None, after, day }));
    }
    let unclear = || Gap::new(url, "rule-without-day");
    let every = params.every.ok_or_else(unclear)?;
    let day_of = |period: Period| match (params.within_days, params.working_days, &params.by) {
        (Some(days), ..) => add(period.end, days),
        (_, Some(days), _) => add(period.end, surely_worked(days)),
        (.., Some(by)) => {
            let (month, day) = by.split_once('-')?;
            NaiveDate::from_ymd_opt(period.end.year() + 1, month.parse().ok()?, day.parse().ok()?)
        }
        _ => None,
    };
    let mut period = Period::of(every, as_of);
    while let Some(one) = period {
        if params.from.is_some_and(|from| one.end < from) {
            return Ok(None);
        }
        let day = day_of(one).ok_or_else(unclear)?;
        if over(day) {
            return Ok(Some(Due { period: Some(one), after: one.end, day }));
        }
        period = one.before();
    }
    Ok(None)
}

impl Due {
    fn is_met_by(&self, item: &Item) -> bool {
        let dated = item.date.is_some_and(|date| date > self.after);
        let Some(period) = self.period else { return dated };
        if period.every == Every::Year {
            return named_year(&item.title).map_or(dated, |year| year >= period.end.year());
        }
        named_end(&item.title, item.date).map_or(dated, |end| end >= period.end)
    }
}

#[cfg(test)]
mod tests {
    use super::super::stale_column::tests::day;
    use super::*;

    fn params(text: &str) -> Params {
        let whole = format!("name='财政收支情况'\ncolumns=['财政']\ntitles=['财政 收支']\n{text}");
        toml::from_str(&whole).expect("parameters")
    }

    fn due_on(text: &str, as_of: NaiveDate) -> Option<(String, NaiveDate)> {
        let due = due(&params(text), as_of, "u").expect("a rule with a day")?;
        Some((due.period.map_or_else(String::new, Period::name), due.day))
    }

    #[test]
    fn the_calendar_says_what_is_due() {
        let monthly = "every='month'\nwithin-days=20";
        for (rule, as_of, due) in [
            (monthly, day(2026, 11, 16), Some(("2026年9月", day(2026, 10, 20)))),
            (monthly, day(2026, 11, 20), Some(("2026年9月", day(2026, 10, 20)))),
            (monthly, day(2026, 11, 21), Some(("2026年10月", day(2026, 11, 20)))),
            (
                "every='month'\nwithin-days=20\nahead-days=7",
                day(2026, 11, 16),
                Some(("2026年10月", day(2026, 11, 20))),
            ),
            (
                "every='quarter'\nwithin-days=28",
                day(2026, 10, 20),
                Some(("2026年第二季度", day(2026, 7, 28))),
            ),
            ("every='quarter'\nwithin-days=7", day(2026, 10, 9), Some(("2026年第三季度", day(2026, 10, 7)))),
            ("every='year'\nby='03-31'", day(2026, 3, 31), Some(("2024年", day(2025, 3, 31)))),
            ("every='year'\nby='03-31'", day(2026, 4, 1), Some(("2025年", day(2026, 3, 31)))),
            ("every='year'\nby='03-31'\nfrom=2026-01-01", day(2026, 11, 16), None),
            ("on=2026-06-30\nfrom=2026-01-01", day(2026, 6, 30), None),
            ("on=2026-06-30\nfrom=2026-01-01", day(2026, 7, 1), Some(("", day(2026, 6, 30)))),
            ("every='month'\nworking-days=5", day(2026, 11, 16), Some(("2026年9月", day(2026, 10, 19)))),
        ] {
            let rule = rule.replace("2026-01-01", "'2026-01-01'").replace("2026-06-30", "'2026-06-30'");
            assert_eq!(due_on(&rule, as_of), due.map(|(name, day)| (name.to_owned(), day)), "{rule} {as_of}");
        }
    }

    #[test]
    fn a_title_that_names_an_earlier_period_is_no_publication_of_a_later_one() {
        let due =
            due(&params("every='month'\nwithin-days=20"), day(2026, 11, 16), "u").expect("due").expect("due");
        let met = |title: &str, date: Option<NaiveDate>| {
            due.is_met_by(&Item { title: title.to_owned(), url: String::new(), date, table: None })
        };
        assert!(met("财政收支情况", Some(day(2026, 10, 8))));
        assert!(!met("财政收支情况", Some(day(2026, 9, 30))));
        assert!(met("9月财政收支情况", Some(day(2026, 10, 8))));
        assert!(met("2026年9月财政收支情况", None));
        assert!(!met("8月财政收支情况", Some(day(2026, 10, 8))), "late, and not September's");
        assert!(met("前三季度财政收支情况", Some(day(2026, 10, 25))));
    }
}
