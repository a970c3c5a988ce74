//! Time as the papers print it: China Standard Time, which has one offset and no summer time.
//! Owns the offset and the printed forms; must not read a clock.

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};

/// An instant in +08:00, the only zone the program prints.
pub type Instant8 = DateTime<FixedOffset>;

/// China Standard Time, UTC+8.
///
/// # Panics
/// Never: eight hours is a valid offset.
pub fn beijing() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).expect("eight hours is a valid offset")
}

/// The same instant in +08:00.
pub fn in_beijing(at: DateTime<Utc>) -> Instant8 {
    at.with_timezone(&beijing())
}

/// Milliseconds since 1970 as an instant in +08:00; out-of-range values become the epoch.
pub fn from_millis(ms: i64) -> Instant8 {
    beijing().timestamp_millis_opt(ms).single().unwrap_or_else(|| in_beijing(DateTime::<Utc>::UNIX_EPOCH))
}

/// The last second of a day.
pub fn end_of_day(date: NaiveDate) -> Instant8 {
    let midnight = beijing().from_local_datetime(&date.and_time(NaiveTime::MIN)).single();
    midnight.unwrap_or_else(|| from_millis(0)) + TimeDelta::seconds(24 * 3600 - 1)
}

/// `2026年12月4日`.
pub fn long_date(date: NaiveDate) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// `12月4日（星期五）`.
pub fn day_with_weekday(date: NaiveDate) -> String {
    let day = ["一", "二", "三", "四", "五", "六", "日"][date.weekday().num_days_from_monday() as usize];
    format!("{}月{}日（星期{day}）", date.month(), date.day())
}

/// `11月16日`.
pub fn month_day(date: NaiveDate) -> String {
    format!("{}月{}日", date.month(), date.day())
}

/// Whether a limit has passed; one in whole months by the calendar: the 184th day can still lie within six months.
pub fn is_over(days: u32, newest: NaiveDate, as_of: NaiveDate) -> bool {
    as_of.signed_duration_since(newest).num_days() > i64::from(days)
        && months_of(days).is_none_or(|months| months_over(months, newest, as_of))
}

/// A limit in days as the regulation words it: `2周`, `6个月`. Months are said only where the calendar's months are over
/// too: the 181st day can still lie within six months.
pub fn limit_in_words(days: u32, newest: NaiveDate, as_of: NaiveDate) -> String {
    match months_of(days).filter(|months| months_over(*months, newest, as_of)) {
        Some(_) if days.is_multiple_of(365) => format!("{}年", days / 365),
        Some(months) => format!("{months}个月"),
        None if days > 0 && days.is_multiple_of(7) => format!("{}周", days / 7),
        None => format!("{days}天"),
    }
}

/// The whole months that a limit in days stands for, as regulations word it: 180 for six months, 365 for a year.
fn months_of(days: u32) -> Option<u32> {
    match days {
        0 => None,
        d if d % 365 == 0 => Some(d / 365 * 12),
        d if d % 30 == 0 => Some(d / 30),
        _ => None,
    }
}

/// Whether the calendar's months since `newest` are over on a day.
fn months_over(months: u32, newest: NaiveDate, as_of: NaiveDate) -> bool {
    newest.checked_add_months(Months::new(months)).is_some_and(|end| end < as_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_forms() {
        let date = NaiveDate::from_ymd_opt(2026, 12, 4).expect("a date");
        assert_eq!(long_date(date), "2026年12月4日");
        assert_eq!(day_with_weekday(date), "12月4日（星期五）");
        assert_eq!(end_of_day(date).to_rfc3339(), "2026-12-04T23:59:59+08:00");
    }

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).expect("a date")
    }

    #[test]
    fn months_are_said_only_when_they_are_over() {
        let as_of = day(2026, 11, 16);
        for (days, newest, words) in [
            (14, day(2026, 11, 1), "2周"),
            (180, day(2026, 3, 2), "6个月"),
            (180, day(2026, 5, 18), "180天"),
            (365, day(2025, 1, 1), "1年"),
            (10, day(2026, 1, 1), "10天"),
        ] {
            assert_eq!(limit_in_words(days, newest, as_of), words, "{days} days from {newest}");
        }
    }
}
