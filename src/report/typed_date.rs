//! Dates as people type them into a returned list: `11.25`, `2026.11.25`, `11月25日`, a spreadsheet's serial number.
#![deny(clippy::disallowed_methods)]

use chrono::{Datelike as _, Days, NaiveDate};

/// What a cell says of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Nothing.
    Empty,
    /// This day.
    Day(NaiveDate),
    /// Nothing that can be understood, or more than one day: `11.2` is 2 November, or 20 November typed as a number.
    Unclear,
}

impl Typed {
    /// The day, where there is one.
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(day),
            Self::Empty | Self::Unclear => None,
        }
    }
}

/// How far before `around` a day without a year may lie: a reply names days about its list, rarely earlier ones.
const BEFORE: u64 = 31;
/// Serial numbers that are taken for days: 2009 to 2064.
const SERIALS: std::ops::RangeInclusive<u64> = 40_000..=60_000;

/// The day that `text` means. A year that is not written is the one that brings the day nearest after `around`.
pub fn typed(text: &str, around: NaiveDate) -> Typed {
    let plain = plain(text);
    if plain.is_empty() {
        return Typed::Empty;
    }
    let parts: Vec<&str> = plain.split('.').filter(|part| !part.is_empty()).collect();
    let number = |part: &str| part.parse::<u32>().ok();
    let digits = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
    if parts.is_empty() || !parts.iter().all(digits) {
        return Typed::Unclear;
    }
    match parts.as_slice() {
        [whole] => alone(whole),
        [month, day] => match (number(month), number(day)) {
            (Some(month), Some(n)) if day.len() == 1 && (1..=3).contains(&n) && is_number(text) => {
                let both = [n, n * 10].map(|day| without_year(month, day, around));
                match both {
                    [Some(one), None] | [None, Some(one)] => Typed::Day(one),
                    _ => Typed::Unclear,
                }
            }
            (Some(month), Some(day)) => without_year(month, day, around).map_or(Typed::Unclear, Typed::Day),
            _ => Typed::Unclear,
        },
        [year, month, day] => {
            let year = match (year.len(), number(year)) {
                (4, Some(year)) => i32::try_from(year).ok(),
                (2, Some(year)) => i32::try_from(year + 2000).ok(),
                _ => None,
            };
            let date = year
                .zip(number(month))
                .zip(number(day))
                .and_then(|((y, m), d)| NaiveDate::from_ymd_opt(y, m, d));
            date.filter(|date| (2009..=2064).contains(&date.year())).map_or(Typed::Unclear, Typed::Day)
        }
        _ => Typed::Unclear,
    }
}

/// Digits with dots between year, month and day; a time of day and words around the date are dropped.
fn plain(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            '：' => ':',
            _ => c,
        })
        .collect();
    let day = text.trim();
    let mut day = day.split_once(['T', ' ']).filter(|(_, rest)| rest.contains(':')).map_or(day, |(d, _)| d);
    for end in ["之前", "以前", "前", "完成", "整改完毕"] {
        day = day.strip_suffix(end).unwrap_or(day);
    }
    day.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if "-/．。年月日号—－、".contains(c) { '.' } else { c })
        .collect()
}

/// Whether the text is what a spreadsheet makes of a number: `11.20` becomes `11.2`.
fn is_number(text: &str) -> bool {
    text.trim().bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// `20261125`, or a spreadsheet's count of days since 1899-12-30.
fn alone(digits: &str) -> Typed {
    let date = match digits.len() {
        8 => NaiveDate::parse_from_str(digits, "%Y%m%d").ok(),
        5 => digits.parse::<u64>().ok().filter(|n| SERIALS.contains(n)).and_then(|n| {
            NaiveDate::from_ymd_opt(1899, 12, 30).and_then(|first| first.checked_add_days(Days::new(n)))
        }),
        _ => None,
    };
    date.filter(|date| (2009..=2064).contains(&date.year())).map_or(Typed::Unclear, Typed::Day)
}

fn without_year(month: u32, day: u32, around: NaiveDate) -> Option<NaiveDate> {
    let earliest = around.checked_sub_days(Days::new(BEFORE)).unwrap_or(around);
    (around.year() - 1..=around.year() + 1)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .find(|date| *date >= earliest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn as_people_type_them() {
        let around = day("2026-11-20");
        for text in [
            "11.25",
            "2026.11.25",
            "2026-11-25",
            "2026/11/25",
            "26.11.25",
            "11月25日",
            "11月25号",
            "2026年11月25日",
            "20261125",
            "46351",
            "１１．２５",
            " 11-25 ",
            "11/25",
            "11月25日前",
            "2026-11-25 00:00:00",
            "11.25。",
            "2026-11-25T10:00:00",
            "2026年 11月 25日",
        ] {
            assert_eq!(typed(text, around), Typed::Day(day("2026-11-25")), "{text}");
        }
    }

    #[test]
    fn a_year_that_is_not_written_is_the_next_one() {
        assert_eq!(typed("1.15", day("2026-12-20")), Typed::Day(day("2027-01-15")));
        assert_eq!(typed("12.28", day("2027-01-05")), Typed::Day(day("2026-12-28")));
        assert_eq!(typed("11.1", day("2026-11-20")), Typed::Unclear, "1 or 10 November");
        assert_eq!(typed("11月2日", day("2026-11-20")), Typed::Day(day("2026-11-02")));
        assert_eq!(typed("2.3", day("2027-02-01")), Typed::Day(day("2027-02-03")), "there is no 30 February");
        assert_eq!(typed("2.29", day("2028-02-01")), Typed::Day(day("2028-02-29")));
    }

    #[test]
    fn what_says_nothing_is_said_so() {
        let around = day("2026-11-20");
        for text in ["月底", "尽快", "11月", "13.45", "2026.13.1", "12345678", "7", "11.25-11.30", "99999"]
        {
            assert_eq!(typed(text, around), Typed::Unclear, "{text}");
        }
        assert_eq!(typed("  ", around), Typed::Empty);
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "(\\PC|[0-9.年月日/ -]){0,20}") {
            let _ = typed(&text, day("2026-11-20"));
        }

        #[test]
        fn a_written_year_is_kept(n in 0_u64..9000) {
            let date = day("2010-01-01") + Days::new(n);
            let forms = ["%Y-%m-%d", "%Y.%-m.%-d", "%Y年%-m月%-d日", "%Y%m%d", "%Y/%m/%d"];
            for form in forms {
                let text = date.format(form).to_string();
                prop_assert_eq!(typed(&text, day("2026-11-20")), Typed::Day(date), "{}", text);
            }
        }
    }
}
