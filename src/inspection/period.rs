//! The periods that papers speak of: a month, a quarter, half a year, a year; their names, days and order.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// A month.
    Month,
    /// A quarter.
    Quarter,
    /// Half a year.
    Half,
    /// A year.
    Year,
}

impl Span {
    /// A stable word for the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Half => "half",
            Self::Year => "year",
        }
    }

    /// Its length in months.
    pub fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Half => 6,
            Self::Year => 12,
        }
    }
}

/// One period of the calendar. Written `2026-11`, `2026Q4`, `2026H2`, `2026`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    span: Span,
    year: i32,
    /// From 0.
    nth: u32,
}

impl Period {
    /// The period of this span in which `day` lies.
    pub fn of(span: Span, day: NaiveDate) -> Self {
        Self { span, year: day.year(), nth: day.month0() / span.months() }
    }

    /// How long it is.
    pub fn span(self) -> Span {
        self.span
    }

    /// The year it lies in.
    pub fn year(self) -> i32 {
        self.year
    }

    /// Its first day.
    ///
    /// # Panics
    /// Never: the year was read from a date, or is one of four digits.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.nth * self.span.months() + 1, 1).expect("a first of a month")
    }

    /// Its last day.
    pub fn last_day(self) -> NaiveDate {
        let next = self.first_day().checked_add_months(Months::new(self.span.months()));
        next.and_then(|day| day.pred_opt()).unwrap_or(NaiveDate::MAX)
    }

    /// The period of the same span before it.
    #[must_use]
    pub fn before(self) -> Self {
        self.first_day().pred_opt().map_or(self, |day| Self::of(self.span, day))
    }

    /// As titles print it: `2026年第四季度`, `2026年下半年`, `2026年11月`, `2026年`.
    pub fn label(self) -> String {
        let year = self.year;
        match self.span {
            Span::Month => format!("{year}年{}月", self.nth + 1),
            Span::Quarter => format!("{year}年第{}季度", ["一", "二", "三", "四"][self.nth as usize % 4]),
            Span::Half => format!("{year}年{}半年", ["上", "下"][self.nth as usize % 2]),
            Span::Year => format!("{year}年"),
        }
    }

    /// As running text calls it: `本季度`.
    pub fn this(self) -> &'static str {
        match self.span {
            Span::Month => "本月",
            Span::Quarter => "本季度",
            Span::Half => "本次",
            Span::Year => "本年度",
        }
    }

    /// The one before, as running text calls it: `上季度`.
    pub fn last(self) -> &'static str {
        match self.span {
            Span::Month => "上月",
            Span::Quarter => "上季度",
            Span::Half => "上次",
            Span::Year => "上年度",
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, nth) = (self.year, self.nth + 1);
        match self.span {
            Span::Month => write!(f, "{year}-{nth:02}"),
            Span::Quarter => write!(f, "{year}Q{nth}"),
            Span::Half => write!(f, "{year}H{nth}"),
            Span::Year => write!(f, "{year}"),
        }
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("“{text}”不是期次；月度写 2026-11，季度写 2026Q4，半年写 2026H2，年度写 2026");
        let upper = text.trim().to_ascii_uppercase();
        let (year, rest) = upper.split_at_checked(4).ok_or_else(wrong)?;
        let year: i32 = year.parse().map_err(|_| wrong())?;
        let (span, nth) = match rest.split_at_checked(1) {
            None => (Span::Year, "1"),
            Some(("-", nth)) => (Span::Month, nth),
            Some(("Q", nth)) => (Span::Quarter, nth),
            Some(("H", nth)) => (Span::Half, nth),
            Some(_) => return Err(wrong()),
        };
        let nth: u32 = nth.parse().map_err(|_| wrong())?;
        let sound = (1..=12 / span.months()).contains(&nth) && (1900..=2999).contains(&year);
        if sound { Ok(Self { span, year, nth: nth - 1 }) } else { Err(wrong()) }
    }
}

impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_days_and_order() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        for (id, label, first, last, before) in [
            ("2026-11", "2026年11月", "2026-11-01", "2026-11-30", "2026-10"),
            ("2026-01", "2026年1月", "2026-01-01", "2026-01-31", "2025-12"),
            ("2026Q4", "2026年第四季度", "2026-10-01", "2026-12-31", "2026Q3"),
            ("2026Q1", "2026年第一季度", "2026-01-01", "2026-03-31", "2025Q4"),
            ("2026H2", "2026年下半年", "2026-07-01", "2026-12-31", "2026H1"),
            ("2026", "2026年", "2026-01-01", "2026-12-31", "2025"),
        ] {
            let period: Period = id.parse().expect(id);
            assert_eq!((period.to_string().as_str(), period.label().as_str()), (id, label));
            assert_eq!((period.first_day(), period.last_day()), (day(first), day(last)));
            assert_eq!(period.before().to_string(), before);
            assert_eq!(Period::of(period.span(), day(last)), period);
        }
        assert_eq!("2026q4".parse::<Period>().map(|p| p.to_string()).as_deref(), Ok("2026Q4"));
        for wrong in ["", "2026Q5", "2026Q0", "2026-13", "26Q1", "2026X1", "二〇二六", "2026Q四"] {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
    }
}
