//! Time as the papers print it: China Standard Time, which has one offset and no summer time.
//! Owns the offset and the printed forms; must not read a clock.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};

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
}
