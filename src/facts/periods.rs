//! Months, quarters and years: those that a day lies in, and those that titles name.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Every {
    /// 月
    Month,
    /// 季度
    Quarter,
    /// 半年
    HalfYear,
    /// 年
    Year,
}

/// One period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// How long it is.
    pub every: Every,
    /// Its first day.
    pub start: NaiveDate,
    /// Its last day.
    pub end: NaiveDate,
}

impl Every {
    fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::HalfYear => 6,
            Self::Year => 12,
        }
    }
}

impl Period {
    /// The period that `day` lies in; `None` at the ends of the calendar.
    pub fn of(every: Every, day: NaiveDate) -> Option<Self> {
        let months = every.months();
        let first = day.month0() / months * months + 1;
        let start = NaiveDate::from_ymd_opt(day.year(), first, 1)?;
        let end = start.checked_add_months(Months::new(months))?.pred_opt()?;
        Some(Self { every, start, end })
    }

    /// The period before it.
    pub fn before(self) -> Option<Self> {
        Self::of(self.every, self.start.pred_opt()?)
    }

    /// `2026年9月`, `2026年第三季度`, `2026年上半年`, `2026年`.
    pub fn name(self) -> String {
        let (year, month) = (self.start.year(), self.start.month());
        match self.every {
            Every::Month => format!("{year}年{month}月"),
            Every::Quarter => {
                let number = ["一", "二", "三", "四"].get(self.start.month0() as usize / 3);
                format!("{year}年第{}季度", number.unwrap_or(&"四"))
            }
            Every::HalfYear => format!("{year}年{}半年", if month == 1 { "上" } else { "下" }),
            Every::Year => format!("{year}年"),
        }
    }
}

/// The year that a title names: `2026年…`, `2026年度`; of several the last.
pub fn named_year(title: &str) -> Option<i32> {
    let mut found = None;
    for (at, _) in title.match_indices('年') {
        let before: Vec<char> = title.get(..at)?.chars().rev().take(5).collect();
        let year: String = before.iter().take(4).rev().collect();
        let longer = before.get(4).is_some_and(char::is_ascii_digit);
        if !longer && let Ok(year @ 1990..=2199) = year.parse::<i32>() {
            found = Some(year);
        }
    }
    found
}

/// The last day of the month, quarter or half-year that a title names: `2026年9月`, `1-9月`, `第三季度`, `上半年`. A title
/// that names no year means the one that ended last before `date`, its own day; a year alone names no period here.
pub fn named_end(title: &str, date: Option<NaiveDate>) -> Option<NaiveDate> {
    let month = named_quarter(title).or_else(|| named_half(title)).or_else(|| named_month(title))?;
    let end =
        |year: i32| NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt();
    match (named_year(title), date) {
        (Some(year), _) => end(year),
        // The report of a month may come out on its last days.
        (None, Some(date)) => {
            let reached = |end: &NaiveDate| *end <= date.checked_add_days(Days::new(10)).unwrap_or(date);
            end(date.year()).filter(reached).or_else(|| end(date.year() - 1))
        }
        (None, None) => None,
    }
}

fn named_quarter(title: &str) -> Option<u32> {
    let (before, _) = title.rsplit_once("季度")?;
    let number = before.chars().next_back()?;
    let quarters = [('一', '1'), ('二', '2'), ('三', '3'), ('四', '4')];
    (1..=4).zip(quarters).find(|(_, (word, digit))| number == *word || number == *digit).map(|(n, _)| n * 3)
}

fn named_half(title: &str) -> Option<u32> {
    if title.contains("上半年") { Some(6) } else { title.contains("下半年").then_some(12) }
}

/// The last month that is named and is no part of a day: `9月`, `1-9月`, `九月`, not `9月3日`.
fn named_month(title: &str) -> Option<u32> {
    let mut found = None;
    for (at, sign) in title.match_indices('月') {
        let after = title.get(at + sign.len()..).unwrap_or_default();
        if after.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let before = title.get(..at).unwrap_or_default();
        let digits: String = before
            .chars()
            .rev()
            .take_while(char::is_ascii_digit)
            .take(3)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let written =
            MONTHS.iter().rposition(|month| before.ends_with(month)).and_then(|n| u32::try_from(n + 1).ok());
        let month = digits.parse().ok().or(written);
        found = month.filter(|month| (1..=12).contains(month)).or(found);
    }
    found
}

const MONTHS: [&str; 12] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];

/// Days of the calendar in which `days` working days surely lie, whatever holidays there are: weekends, and one holiday as
/// long as any so far (ten days with the weekend before or after it).
pub fn surely_worked(days: u32) -> u32 {
    if days == 0 { 0 } else { days + 2 * (days / 5 + 1) + 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a date")
    }

    #[test]
    fn periods_follow_each_other() {
        for (every, before, name) in [
            (Every::Month, (day(2026, 10, 1), day(2026, 10, 31)), "2026年10月"),
            (Every::Quarter, (day(2026, 7, 1), day(2026, 9, 30)), "2026年第三季度"),
            (Every::HalfYear, (day(2026, 1, 1), day(2026, 6, 30)), "2026年上半年"),
            (Every::Year, (day(2025, 1, 1), day(2025, 12, 31)), "2025年"),
        ] {
            let period = Period::of(every, day(2026, 11, 16)).and_then(Period::before).expect("a period");
            assert_eq!(((period.start, period.end), period.name().as_str()), (before, name));
        }
    }

    #[test]
    fn titles_name_periods() {
        let on = Some(day(2026, 11, 5));
        for (title, date, end) in [
            ("2026年9月示例市财政收支情况", None, Some(day(2026, 9, 30))),
            ("示例市1-9月财政收支情况", on, Some(day(2026, 9, 30))),
            ("示例市12月财政收支情况", on, Some(day(2025, 12, 31))),
            ("十月份财政收支", on, Some(day(2026, 10, 31))),
            ("十二月份财政收支", on, Some(day(2025, 12, 31))),
            ("2026年第三季度环境质量", None, Some(day(2026, 9, 30))),
            ("前三季度经济运行情况", on, Some(day(2026, 9, 30))),
            ("2026年上半年预算执行情况", None, Some(day(2026, 6, 30))),
            ("截至9月3日的情况", on, None),
            ("财政收支情况", on, None),
            ("2026年财政收支情况", on, None),
        ] {
            assert_eq!(named_end(title, date), end, "{title}");
        }
        for (title, year) in [
            ("2025年政府信息公开工作年度报告", Some(2025)),
            ("示例市2025年度报告", Some(2025)),
            ("二〇二五年报告", None),
            ("编号120261年", None),
        ] {
            assert_eq!(named_year(title), year, "{title}");
        }
    }
}
