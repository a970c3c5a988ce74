//! On which days the demo's three months happen: from the last whole quarter, each a working day, one after the other.

use chrono::{Datelike as _, Days, Months, NaiveDate, Weekday};

use crate::inspection::period::{Period, Span};
use crate::ledger::deadline::{Holidays, MissingYear};

/// Working days from the hand-over until a unit's date, as the configuration's default has it.
const TERM: u16 = 10;

/// The days of the story. All are working days.
#[derive(Debug, Clone, Copy)]
pub(super) struct Diary {
    pub(super) found: NaiveDate,
    pub(super) handed: NaiveDate,
    pub(super) at_once: NaiveDate,
    pub(super) replied: NaiveDate,
    pub(super) notice: NaiveDate,
    pub(super) late: NaiveDate,
    pub(super) order: NaiveDate,
    pub(super) first_end: NaiveDate,
    pub(super) second: NaiveDate,
    pub(super) handed_again: NaiveDate,
    pub(super) second_end: NaiveDate,
    pub(super) draw: NaiveDate,
    pub(super) third: NaiveDate,
    pub(super) ruled: NaiveDate,
    pub(super) issued: NaiveDate,
}

/// The day of the first patrol: in the first month of the quarter that ended before `today`, so that a whole quarter can pass.
pub(super) fn first_day(today: NaiveDate) -> NaiveDate {
    let first = Period::of(Span::Quarter, today).before().first_day();
    // A day that is worked in every year: neither a weekend nor near a holiday.
    first.iter_days().skip(10).find(|day| is_weekday(*day)).unwrap_or(first)
}

fn is_weekday(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The days of the story, which begins with the patrol of `found`.
///
/// # Errors
/// Where the calendar lacks a year.
pub(super) fn days(holidays: &Holidays, quarter: Period, found: NaiveDate) -> Result<Diary, MissingYear> {
    let after = |day: NaiveDate, n: u16| holidays.add_working_days(day, n);
    let first = quarter.first_day();
    let [second, third, next] = [1, 2, 3].map(|n| first + Months::new(n));
    let last_of = |next: NaiveDate| -> Result<NaiveDate, MissingYear> {
        let mut day = next.pred_opt().unwrap_or(next);
        while !holidays.is_working_day(day)? {
            day = day.pred_opt().unwrap_or(day);
        }
        Ok(day)
    };
    let in_middle = |first: NaiveDate| after(first + Days::new(13), 0);
    let handed = after(found, 1)?;
    let due = after(handed, TERM)?;
    Ok(Diary {
        found,
        handed,
        at_once: after(handed, 1)?,
        replied: after(handed, 6)?,
        notice: after(handed, TERM - 3)?,
        late: after(due, 1)?,
        order: after(due, 5)?,
        first_end: last_of(second)?,
        second: in_middle(second)?,
        handed_again: after(in_middle(second)?, 1)?,
        second_end: last_of(third)?,
        draw: after(third, 0)?,
        third: in_middle(third)?,
        ruled: after(in_middle(third)?, 2)?,
        issued: last_of(next)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::registers::{Addresses, files};

    #[test]
    fn whenever_the_demo_is_run_its_days_follow_each_other() {
        let start = NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date");
        for quarters in 0..60 {
            let today = start + Months::new(3 * quarters);
            let found = first_day(today);
            let of = Addresses { port: 80, dns: ([127, 0, 0, 1], 53).into(), mail: 25, as_of: found };
            let calendar = files(of).expect("files").into_iter().find(|(name, _)| *name == "holidays.toml");
            let holidays =
                Holidays::parse("holidays.toml", &calendar.expect("a calendar").1).expect("a calendar");
            let quarter = Period::of(Span::Quarter, found);
            let d = days(&holidays, quarter, found).expect("days");
            let all = [
                d.found,
                d.handed,
                d.at_once,
                d.replied,
                d.notice,
                d.late,
                d.first_end,
                d.order,
                d.second,
                d.handed_again,
                d.second_end,
                d.draw,
                d.third,
                d.ruled,
                d.issued,
            ];
            assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
            assert!(all.iter().all(|day| holidays.is_working_day(*day).expect("known")), "{all:?}");
            assert!(quarter.last_day() < today && d.issued <= quarter.last_day(), "{today}");
            assert_eq!(d.first_end.month(), d.late.month(), "{today}");
        }
    }
}
