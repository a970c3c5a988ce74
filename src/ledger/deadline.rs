//! Working days by the State Council's calendar (`holidays.toml`). A year that is not in the file is an error,
//! never a guess.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use sha2::{Digest as _, Sha256};

use crate::config::fault::{Fault, Faults};
use crate::config::{Document, date, read_text};

/// Days that a holiday may last at most; the longest so far had nine.
const LONGEST: u64 = 15;

/// The calendar: which days are off beside weekends, and which weekend days are worked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holidays {
    /// Where it was read from, for messages.
    file: String,
    /// Years of which the whole arrangement is known.
    years: BTreeSet<i32>,
    /// Day → whether it is worked.
    days: BTreeMap<NaiveDate, bool>,
}

/// The calendar does not say which days of a year are worked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "整改时限会落到 {year} 年，但 {file} 中还没有 {year} 年的放假安排（现有：{listed}）。\n\
     国务院办公厅一般在每年 11 月发布次年放假通知。请打开 {file}：\n\
     1. 在 years 中加入 {year}；\n\
     2. 照通知为每个假日加一节 [[holiday]]，写明 name、from、to，以及调休上班日 work；\n\
     3. 保存后执行 xuncha registry check，无误后重新执行本命令。"
)]
pub struct MissingYear {
    /// The year.
    pub year: i32,
    /// The calendar's file.
    pub file: String,
    /// The years it has: `2025、2026`.
    pub listed: String,
}

impl Holidays {
    /// Reads `holidays.toml`.
    ///
    /// # Errors
    /// Every fault of the file, with line and column.
    pub fn load(path: &Path) -> Result<Self, Faults> {
        let file = path.display().to_string();
        let text = read_text(path).map_err(|fault| Faults(vec![fault]))?;
        Self::parse(&file, &text)
    }

    /// Reads the text of a `holidays.toml` that is named `file` in messages.
    ///
    /// # Errors
    /// Every fault of the text, with line and column.
    pub fn parse(file: &str, text: &str) -> Result<Self, Faults> {
        let document = Document::new(file, text);
        let holidays = read(&document, file);
        Faults::none_or(document.into_faults(), holidays)
    }

    /// Whether a day is worked.
    ///
    /// # Errors
    /// If the calendar lacks the day's year.
    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, MissingYear> {
        if !self.years.contains(&day.year()) {
            return Err(self.missing(day.year()));
        }
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(self.days.get(&day).copied().unwrap_or(!weekend))
    }

    /// The `n`th working day after `from`; the day itself does not count. For `n` = 0, `from` if it is worked,
    /// otherwise the next working day.
    ///
    /// # Errors
    /// If a day on the way, or the end, lies in a year that the calendar lacks.
    pub fn add_working_days(&self, from: NaiveDate, n: u16) -> Result<NaiveDate, MissingYear> {
        let mut day = from;
        let mut left = n;
        if left == 0 && self.is_working_day(day)? {
            return Ok(day);
        }
        loop {
            day = day.succ_opt().ok_or_else(|| self.missing(day.year()))?;
            if self.is_working_day(day)? {
                left = left.saturating_sub(1);
                if left == 0 {
                    return Ok(day);
                }
            }
        }
    }

    /// Working days after `from` up to and including `to`; 0 where `to` is not later.
    ///
    /// # Errors
    /// If a day between lies in a year that the calendar lacks.
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> Result<u32, MissingYear> {
        let mut worked = 0;
        for day in from.iter_days().skip(1).take_while(|day| *day <= to) {
            worked += u32::from(self.is_working_day(day)?);
        }
        Ok(worked)
    }

    /// The years of which the arrangement is known.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.iter().copied()
    }

    /// SHA-256 in hex of the calendar, whatever its file's layout.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for year in &self.years {
            hash.update(format!("{year}\n"));
        }
        for (day, worked) in &self.days {
            hash.update(format!("{day} {worked}\n"));
        }
        crate::finding::hex(&hash.finalize())
    }

    fn missing(&self, year: i32) -> MissingYear {
        let listed: Vec<String> = self.years.iter().map(ToString::to_string).collect();
        let listed = if listed.is_empty() { "无".to_owned() } else { listed.join("、") };
        MissingYear { year, file: self.file.clone(), listed }
    }
}

fn read(document: &Document, file: &str) -> Holidays {
    let mut top = document.top();
    let mut holidays = Holidays { file: file.to_owned(), ..Holidays::default() };
    let years = top.wholes("years", 2000..=2100);
    match (&years, top.place_of("years")) {
        (Some(years), Some(at)) if years.is_empty() => top.fault(at, "years 不能为空，如 years = [2026]"),
        _ if years.is_none() => top.lacks("years", "写明已录入哪些年份，如 years = [2026]"),
        _ => {}
    }
    let years = years.unwrap_or_default();
    for spot in &years {
        if !i32::try_from(spot.value).is_ok_and(|year| holidays.years.insert(year)) {
            top.fault(spot.at, format!("年份 {} 重复", spot.value));
        }
    }
    for mut section in top.sections("holiday") {
        let name = section.text("name");
        if name.as_ref().is_none_or(|spot| spot.value.is_empty()) {
            section.lacks("name", "节日名称");
        }
        let from = section.parsed("from", date);
        let to = section.parsed("to", date);
        let worked = section.list("work", date).unwrap_or_default();
        for (key, given) in [("from", &from), ("to", &to)] {
            if given.is_none() {
                section.lacks(key, "放假起止日期");
            }
        }
        let mut put = |at: usize, day: NaiveDate, worked: bool| {
            let next_listed = day.month() == 12 && holidays.years.contains(&(day.year() + 1));
            if !holidays.years.contains(&day.year()) && !next_listed {
                section.fault(at, format!("{day} 不在 years 所列的年份中"));
            } else if holidays.days.insert(day, worked).is_some() {
                section.fault(at, format!("{day} 重复"));
            }
        };
        if let (Some(from), Some(to)) = (from, to) {
            let length = to.value.signed_duration_since(from.value).num_days();
            match u64::try_from(length) {
                Err(_) => section.fault(to.at, format!("to（{}）早于 from（{}）", to.value, from.value)),
                Ok(length) if length >= LONGEST => {
                    section.fault(to.at, format!("假期超过 {LONGEST} 天，请检查年月日"));
                }
                Ok(length) => {
                    let days = (0..=length).filter_map(|n| from.value.checked_add_days(Days::new(n)));
                    days.for_each(|day| put(from.at, day, false));
                }
            }
        }
        for spot in worked {
            if matches!(spot.value.weekday(), Weekday::Sat | Weekday::Sun) {
                put(spot.at, spot.value, true);
            } else {
                section.fault(spot.at, format!("{} 不是周六或周日，不会是调休上班日", spot.value));
            }
        }
        section.finish();
    }
    for spot in years {
        let fixed = [(1, 1, "元旦"), (5, 1, "劳动节"), (10, 1, "国庆节")];
        for (month, day, name) in fixed {
            let date = i32::try_from(spot.value).ok().and_then(|y| NaiveDate::from_ymd_opt(y, month, day));
            if date.is_some_and(|date| holidays.days.get(&date) != Some(&false)) {
                top.fault(
                    spot.at,
                    format!("{} 年缺少{name}（{month}月{day}日），请照放假通知补全", spot.value),
                );
            }
        }
    }
    top.finish();
    holidays
}

impl MissingYear {
    /// The error as a fault of the calendar's file.
    pub fn to_fault(&self) -> Fault {
        Fault::new(&self.file, 1, 1, self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shipped() -> Holidays {
        Holidays::parse("holidays.toml", include_str!("../../config/holidays.toml"))
            .expect("the shipped calendar")
    }

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a date")
    }

    #[test]
    fn the_shipped_calendar_has_the_published_days() {
        let calendar = shipped();
        let worked = |m, d| calendar.is_working_day(day(2026, m, d)).expect("2026 is there");
        for (m, d) in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)] {
            assert!(worked(m, d), "{m}.{d} is made up for");
        }
        for (m, d) in [(1, 1), (1, 2), (2, 16), (2, 23), (4, 6), (5, 5), (6, 19), (9, 25), (10, 7)] {
            assert!(!worked(m, d), "{m}.{d} is off");
        }
        // Off days on weekdays less made-up days, against the notices: 2025 has 248 working days, 2026 has 248.
        let total = |year| {
            calendar.working_days_between(day(year, 1, 1), day(year, 12, 31)).expect("the year is there")
        };
        assert_eq!((total(2025), total(2026)), (248, 248));
    }

    #[test]
    fn deadlines_over_made_up_days() {
        let calendar = shipped();
        for (from, n, to) in [
            (day(2026, 11, 20), 10, day(2026, 12, 4)),
            (day(2026, 9, 18), 10, day(2026, 10, 9)),
            (day(2026, 2, 13), 1, day(2026, 2, 14)),
            (day(2026, 2, 14), 1, day(2026, 2, 24)),
            (day(2025, 9, 26), 3, day(2025, 9, 30)),
            (day(2025, 9, 30), 3, day(2025, 10, 11)),
            (day(2025, 12, 31), 1, day(2026, 1, 4)),
            (day(2026, 5, 1), 0, day(2026, 5, 6)),
            (day(2026, 5, 6), 0, day(2026, 5, 6)),
        ] {
            assert_eq!(calendar.add_working_days(from, n), Ok(to), "{from} + {n}");
        }
    }

    #[test]
    fn a_missing_year_is_told_and_never_guessed() {
        let error = shipped().add_working_days(day(2026, 12, 21), 10).expect_err("2027 is not there");
        assert_eq!((error.year, error.listed.as_str()), (2027, "2025、2026"));
        let text = error.to_string();
        assert!(text.contains("years 中加入 2027") && text.contains("[[holiday]]"), "{text}");
        assert_eq!(shipped().add_working_days(day(2026, 12, 18), 9), Ok(day(2026, 12, 31)));
    }

    #[test]
    fn faults_of_the_file() {
        let table = [
            ("years = []", "h:1:9: years 不能为空"),
            ("# 空", "h:1:1: 缺少必填项 years"),
            ("years = [2026, 2026]", "h:1:16: 年份 2026 重复"),
            ("years = [2027]", "h:1:10: 2027 年缺少元旦"),
            ("years = 2026", "h:1:9: years 应为整数列表"),
            ("years = [2026]\nyear = [2027]", "h:2:1: 没有名为“year”的配置项，您是否想写“years”"),
            (
                "years = [2026]\n[[holiday]]\nname = \"元旦\"\nfrom = 2026-01-03\nto = 2026-01-01",
                "h:5:6: to（2026-01-01）早于",
            ),
            (
                "years = [2026]\n[[holiday]]\nname = \"元旦\"\nfrom = 2027-01-01\nto = 2027-01-03",
                "h:4:8: 2027-01-01 不在 years",
            ),
            (
                "years = [2026]\n[[holiday]]\nname = \"元旦\"\nfrom = 2026-01-01\nto = 2026-11-03",
                "h:5:6: 假期超过",
            ),
            (
                "years = [2026]\n[[holiday]]\nname = \"元旦\"\nfrom = 2026-01-01\nto = 2026-01-03\nwork = [2026-01-05]",
                "h:6:9: 2026-01-05 不是周六或周日",
            ),
            (
                "years = [2026]\n[[holiday]]\nname = \"元旦\"\nfrom = 2026-01-01\nto = 2026-01-03\nwork = [2026-01-03]",
                "h:6:9: 2026-01-03 重复",
            ),
            (
                "years = [2026]\n[[holiday]]\nname = \"元旦\"\nto = 2026-01-03",
                "h:2:1: 缺少必填项 [holiday] from",
            ),
        ];
        for (text, wanted) in table {
            let faults = Holidays::parse("h", text).expect_err(text).to_string();
            assert!(faults.contains(wanted), "{text}\n{faults}");
        }
    }

    proptest! {
        #[test]
        fn working_days_add_up(offset in 0_u64..600, a in 1_u16..20, b in 1_u16..20) {
            let calendar = shipped();
            let from = day(2025, 1, 1).checked_add_days(Days::new(offset)).expect("within the years");
            let end = calendar.add_working_days(from, a + b).expect("within the years");
            prop_assert!(calendar.is_working_day(end).expect("within the years"));
            prop_assert_eq!(calendar.working_days_between(from, end).expect("within"), u32::from(a + b));
            let halfway = calendar.add_working_days(from, a).expect("within the years");
            prop_assert!(halfway < end);
            prop_assert_eq!(calendar.add_working_days(halfway, b).expect("within"), end);
            let later = from.succ_opt().expect("a day");
            prop_assert!(calendar.add_working_days(later, a).expect("within") >= halfway);
        }
    }
}
