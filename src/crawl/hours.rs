//! The hours and days in which a crawl rests. Pure.
#![deny(clippy::disallowed_methods)]

use std::time::Duration;

use chrono::NaiveTime;

use crate::calendar::Instant8;
use crate::config::valid::CrawlPolicy;

/// How long the crawl must rest at `now`; `None` where it may run.
pub fn closed_for(policy: &CrawlPolicy, now: Instant8) -> Option<Duration> {
    let minute = Duration::from_mins(1);
    if policy.quiet_dates.contains(&now.date_naive()) {
        return Some(minute);
    }
    let time: NaiveTime = now.time();
    let open = policy.windows.is_empty()
        || policy.windows.iter().any(|(from, to)| {
            if from <= to { *from <= time && time < *to } else { *from <= time || time < *to }
        });
    (!open).then_some(minute)
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeZone as _};

    use super::*;
    use crate::calendar::beijing;

    #[test]
    fn windows_and_quiet_dates_hold_the_crawl_back() {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
        let at =
            |day, hour| beijing().with_ymd_and_hms(2026, 11, day, hour, 30, 0).single().expect("an instant");
        let mut policy = CrawlPolicy { windows: vec![(time(20), time(6))], ..CrawlPolicy::default() };
        assert_eq!(closed_for(&policy, at(22, 23)), None, "a window may reach over midnight");
        assert_eq!(closed_for(&policy, at(22, 5)), None);
        assert!(closed_for(&policy, at(22, 12)).is_some());
        policy.windows = vec![(time(8), time(18))];
        assert_eq!(closed_for(&policy, at(22, 12)), None);
        assert!(closed_for(&policy, at(22, 20)).is_some());
        policy.quiet_dates = vec![NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day")];
        assert!(closed_for(&policy, at(22, 12)).is_some());
        assert_eq!(closed_for(&policy, at(23, 12)), None);
    }
}
