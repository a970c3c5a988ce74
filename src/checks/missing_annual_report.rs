//! `missing-annual-report`: a yearly report that is not there by its day, or whose table does not balance.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::{Context, Defect, check};
use crate::calendar::long_date;
use crate::facts::asked::{Ask, Contents, Item};
use crate::facts::periods::named_year;
use crate::finding::{Confidence, Seen};

check! {
    /// 年度报告缺失或数据不平衡
    ///
    /// ## What it does
    /// Looks for the report of the year before, from the day `by` (month and day) of this year on, among the lists and
    /// articles of the site: a title that says one of `titles` and names that year. Flags its absence, and with `balances`
    /// each report of the last `years` years whose table of requests does not balance: received and carried over must be
    /// what was done and what is left, column by column.
    ///
    /// ## Why it matters
    /// The report is due by law; figures that do not add up are found by every reader who tries.
    ///
    /// ## Gaps
    /// A site of which pages were left out or columns could not be read. A table in a file or a picture is not read; a
    /// report under another title is not seen: absence is 疑似 at most.
    ///
    /// ## Example
    /// On 1 April nothing on the site is called 2025年政府信息公开工作年度报告: flagged.
    MissingAnnualReport = "missing-annual-report", Contents, Params, run, asks
}

/// Parameters of `missing-annual-report`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// What it is, as told: `政府信息公开工作年度报告`.
    name: String,
    titles: Vec<String>,
    /// Month and day of the year after: `01-31`.
    by: String,
    /// Whether tables are held to their sums.
    #[serde(default)]
    balances: bool,
    /// Years back whose tables are.
    #[serde(default)]
    years: i32,
    /// Days before its time from which on it counts as due.
    #[serde(default)]
    ahead_days: u64,
}

fn ask(params: &Params) -> Ask {
    Ask::Titled(params.titles.clone())
}

fn asks(params: &Params) -> Vec<Ask> {
    vec![ask(params)]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let items = &contents.answer(&ask(params))?.items;
    let mut defects = Vec::new();
    if params.balances {
        defects.extend(items.iter().filter_map(|item| unbalanced(item, params, cx)));
    }
    let unclear = || crate::finding::Gap::new(&contents.url, "rule-without-day");
    let now = cx.as_of.checked_add_days(chrono::Days::new(params.ahead_days)).unwrap_or(cx.as_of);
    let this = day_of(&params.by, now.year()).ok_or_else(unclear)?;
    let due = if now > this { this } else { day_of(&params.by, now.year() - 1).ok_or_else(unclear)? };
    let year = due.year() - 1;
    // A report that names no year is that of the year before the one in which it came out.
    let of = |item: &Item| named_year(&item.title).or(item.date.map(|date| date.year() - 1));
    if items.iter().any(|item| of(item) == Some(year)) {
        return Ok(defects);
    }
    match contents.whole() {
        Ok(()) => {}
        // What was found wrong is wrong, whatever was not seen.
        Err(_) if !defects.is_empty() => return Ok(defects),
        Err(gap) => return Err(gap),
    }
    let over = if due < cx.as_of { "最迟应于" } else { "应于" };
    let text = format!("未见{year}年{}，{over}{}前公布。", params.name, long_date(due));
    let listed: Vec<&str> = items.iter().take(5).map(|item| item.title.as_str()).collect();
    let excerpt =
        if listed.is_empty() { String::new() } else { format!("已列出：{}", listed.join("；")) };
    defects.push(Defect { suspected: true, ..Defect::new(text, excerpt, Confidence::Medium) });
    Ok(defects)
}

fn unbalanced(item: &Item, params: &Params, cx: Context) -> Option<Defect> {
    let recent = named_year(&item.title).is_some_and(|year| year >= cx.as_of.year() - params.years);
    let table = item.table.as_ref().filter(|_| recent)?;
    let columns = table.unbalanced();
    let first = *columns.first()?;
    let at = |row: &[u64]| row.get(first - 1).copied().unwrap_or(0);
    let text = format!(
        "《{}》的申请情况表第{}列数据不平衡：本年新收{}件、上年结转{}件，总计办理{}件、结转下年度{}件。",
        item.title,
        columns.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
        at(&table.received),
        at(&table.carried),
        at(&table.done),
        at(&table.left),
    );
    Some(Defect::new(text, item.url.clone(), Confidence::High))
}

fn day_of(by: &str, year: i32) -> Option<NaiveDate> {
    let (month, day) = by.split_once('-')?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}
