//! Dates as Chinese pages write them, and the choice of the one a reader would call the publication date.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A date as a page states it, with the time of day where it states one. Serialised as
/// `YYYY-MM-DD`, `YYYY-MM-DD HH:MM` or `YYYY-MM-DD HH:MM:SS`, in +08:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The day.
    pub date: NaiveDate,
    /// The time of day.
    pub time: Option<NaiveTime>,
    /// Whether the time was given to the second.
    pub seconds: bool,
}

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.date.format("%Y-%m-%d"))?;
        match (self.time, self.seconds) {
            (Some(time), true) => write!(f, " {}", time.format("%H:%M:%S")),
            (Some(time), false) => write!(f, " {}", time.format("%H:%M")),
            (None, _) => Ok(()),
        }
    }
}

impl std::str::FromStr for Stamp {
    type Err = String;

    /// Reads back what [`Display`](std::fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, String> {
        let (day, clock) = text.split_once(' ').map_or((text, None), |(day, clock)| (day, Some(clock)));
        let date = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|e| format!("{text}: {e}"))?;
        let seconds = clock.is_some_and(|clock| clock.matches(':').count() == 2);
        let format = if seconds { "%H:%M:%S" } else { "%H:%M" };
        let time = clock.map(|clock| NaiveTime::parse_from_str(clock, format)).transpose();
        Ok(Self { date, time: time.map_err(|e| format!("{text}: {e}"))?, seconds })
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// The months in English, January first.
pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// The years a page's date may lie in.
const YEARS: std::ops::RangeInclusive<i32> = 1980..=2099;

/// A date as found in a text; parts that the text leaves out are `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Byte offset of its first digit.
    pub start: usize,
    /// Byte offset after its last sign.
    pub end: usize,
    /// Four digits.
    pub year: Option<i32>,
    /// 1–12.
    pub month: u32,
    /// 1–31; `None` for 2026-11.
    pub day: Option<u32>,
    /// The time of day behind it.
    pub time: Option<NaiveTime>,
    /// Whether that had seconds.
    pub seconds: bool,
}

impl Written {
    /// As a full date, where it is one.
    pub fn stamp(&self) -> Option<Stamp> {
        let date = NaiveDate::from_ymd_opt(self.year?, self.month, self.day?)?;
        Some(Stamp { date, time: self.time, seconds: self.seconds })
    }
}

/// Every date in a text: `2026-11-02`, `2026/11/2 09:30`, `2026年11月2日`, `2026.11.02`; with `short` also `11-02`, `11月2日`,
/// `26年11月2日`, bare `2026-11`, and `26-11-02` where its first number cannot be a month.
pub fn find(text: &str, short: bool) -> Vec<Written> {
    let mut found = Vec::new();
    let mut scan = Scan { text, at: 0 };
    while let Some(start) = scan.next_number() {
        if let Some(written) = scan.date_at(start, short) {
            scan.at = written.end;
            found.push(written);
        } else {
            scan.at = start + scan.digits(start);
        }
    }
    found
}

/// The time of day at an offset, as `09:30` or `9时30分`, whether it has seconds, and where it ends.
pub(super) fn clock_at(text: &str, at: usize) -> Option<(NaiveTime, bool, usize)> {
    let scan = Scan { text, at };
    scan.time_at(at + scan.blanks(at))
}

/// The moment that a `datetime` attribute names, in +08:00; a zone that it does not name is that one.
pub fn machine(value: &str) -> Option<Stamp> {
    let value = value.trim();
    let zoned = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"]
        .iter()
        .find_map(|format| DateTime::parse_from_str(value, format).ok());
    if let Some(at) = zoned {
        let at = at.with_timezone(&crate::calendar::beijing());
        return Some(Stamp { date: at.date_naive(), time: Some(at.time()), seconds: true });
    }
    let written = *find(value, false).first().filter(|written| written.start == 0)?;
    written.stamp()
}

/// The first full date in a text that is not later than `as_of`.
pub fn first(text: &str, as_of: NaiveDate) -> Option<Stamp> {
    find(text, false).iter().filter_map(Written::stamp).find(|stamp| stamp.date <= as_of)
}

/// The date in a URL's path (or query): `t20231127_1.html`, `/2023-11/27/`, `/2023/11/27/`, `/20231127/`, `20231127093012.html`.
/// A month alone is no date.
pub fn in_url(url: &str) -> Option<NaiveDate> {
    let path =
        url.split_once("://").map_or(url, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let bytes = path.as_bytes();
    let mut best = None;
    let mut at = 0;
    while at < bytes.len() {
        if !bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
            continue;
        }
        let run = bytes.get(at..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
        let before = at.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or(b'/');
        if let Some(date) = url_date_at(path, at, run, before) {
            best = Some(date);
            if run >= 8 {
                return best;
            }
        }
        at += run;
    }
    best
}

fn url_date_at(path: &str, at: usize, run: usize, before: u8) -> Option<NaiveDate> {
    let number = |from: usize, len: usize| path.get(from..from + len)?.parse::<u32>().ok();
    let checked = |year: u32, month: u32, day: u32| {
        let year = i32::try_from(year).ok().filter(|year| YEARS.contains(year) && *year >= 1995)?;
        NaiveDate::from_ymd_opt(year, month, day)
    };
    match run {
        // An id may begin with eight digits that look like a date only where it starts a name or follows `t`, `_`, `-` …
        8 | 12 | 14 | 17 => checked(number(at, 4)?, number(at + 4, 2)?, number(at + 6, 2)?),
        6 => {
            // /202311/27/
            let (year, month) = (number(at, 4)?, number(at + 4, 2)?);
            let rest = path.get(at + 6..)?.strip_prefix('/')?;
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let ends = rest.get(digits..).is_none_or(|tail| tail.starts_with('/'));
            if before == b'/' && (1..=2).contains(&digits) && ends {
                checked(year, month, rest.get(..digits)?.parse().ok()?)
            } else {
                None
            }
        }
        4 if matches!(before, b'/' | b'_' | b'-' | b'=' | b't') => {
            let year = number(at, 4)?;
            let mut rest = path.get(at + 4..)?;
            let mut parts = [0; 2];
            for (index, part) in parts.iter_mut().enumerate() {
                rest = rest.strip_prefix(['/', '-', '_', '.'])?;
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                if !(1..=2).contains(&digits) {
                    // /2023/1127/
                    if index == 0
                        && digits == 4
                        && rest.get(4..).is_none_or(|tail| !tail.starts_with(|c: char| c.is_ascii_digit()))
                    {
                        return checked(year, rest.get(..2)?.parse().ok()?, rest.get(2..4)?.parse().ok()?);
                    }
                    return None;
                }
                *part = rest.get(..digits)?.parse().ok()?;
                rest = rest.get(digits..)?;
            }
            checked(year, parts[0], parts[1])
        }
        _ => None,
    }
}

/// The year and, where it stands there, the month that a URL's path names: `/2023/`, `/202311/`, `/2023-11/`.
pub fn month_in_url(url: &str) -> Option<(i32, Option<u32>)> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    for part in path.split(['/', '?']).skip(1) {
        let digits: String = part.chars().filter(char::is_ascii_digit).collect();
        let plain = part.chars().all(|c| c.is_ascii_digit() || c == '-');
        if !plain || !(digits.len() == 4 || digits.len() == 6) {
            continue;
        }
        let year = digits.get(..4)?.parse::<i32>().ok()?;
        if !YEARS.contains(&year) || year < 1995 {
            continue;
        }
        let month =
            digits.get(4..).and_then(|month| month.parse().ok()).filter(|month| (1..=12).contains(month));
        if digits.len() == 6 && month.is_none() {
            continue;
        }
        return Some((year, month));
    }
    None
}

/// The newest day of that month and day of month that is not after `limit`.
pub fn newest_not_after(month: u32, day: u32, limit: NaiveDate) -> Option<NaiveDate> {
    (0..9).find_map(|back| {
        NaiveDate::from_ymd_opt(limit.year() - back, month, day).filter(|date| *date <= limit)
    })
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn next_number(&self) -> Option<usize> {
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.iter().position(u8::is_ascii_digit).map(|found| self.at + found)
    }

    fn digits(&self, at: usize) -> usize {
        self.text
            .as_bytes()
            .get(at..)
            .map_or(0, |rest| rest.iter().take_while(|b| b.is_ascii_digit()).count())
    }

    fn number(&self, at: usize, len: usize) -> Option<u32> {
        self.text.get(at..at + len)?.parse().ok()
    }

    fn blanks(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        rest.chars()
            .take(3)
            .take_while(|c| matches!(c, ' ' | '\u{a0}' | '\u{3000}' | '\n' | '\r' | '\t'))
            .map(char::len_utf8)
            .sum()
    }

    fn one_of(&self, at: usize, signs: &[char]) -> Option<usize> {
        let sign = self.text.get(at..)?.chars().next()?;
        signs.contains(&sign).then(|| at + sign.len_utf8())
    }

    /// A sign between two parts, with blanks around it.
    fn part(&self, at: usize, signs: &[char]) -> Option<usize> {
        let after = self.one_of(at + self.blanks(at), signs)?;
        Some(after + self.blanks(after))
    }

    fn date_at(&self, start: usize, short: bool) -> Option<Written> {
        const YEAR_SIGNS: &[char] = &['-', '/', '.', '年', '－', '–', '—', '．', '／'];
        const MONTH_SIGNS: &[char] = &['-', '/', '.', '月', '－', '–', '—', '．', '／'];
        let before = self.text.get(..start)?.chars().next_back();
        let len = self.digits(start);
        if len == 4 && before != Some('.') {
            let year = i32::try_from(self.number(start, 4)?).ok().filter(|year| YEARS.contains(year))?;
            let month_at = self.part(start + 4, YEAR_SIGNS)?;
            let (month, month_end) = self.small(month_at, 12)?;
            let day = self.part(month_end, MONTH_SIGNS).and_then(|at| self.small(at, 31));
            if let Some((day, day_end)) = day {
                NaiveDate::from_ymd_opt(year, month, day)?;
                let end = self.one_of(day_end, &['日', '号']).unwrap_or(day_end);
                return Some(self.with_time(start, end, Some(year), month, day));
            }
            // A day that is there but is no day spoils the whole.
            let spoiled = self.part(month_end, MONTH_SIGNS).is_some_and(|at| self.digits(at) > 0);
            if !short || spoiled {
                return None;
            }
            let end = self.one_of(month_end, &['月']).unwrap_or(month_end);
            return Some(Written {
                start,
                end,
                year: Some(year),
                month,
                day: None,
                time: None,
                seconds: false,
            });
        }
        if (1..=2).contains(&len)
            && let Some(written) = self.english_at(start, len)
        {
            return Some(written);
        }
        if !short || !(1..=2).contains(&len) || matches!(before, Some('-' | '/' | '.' | ':' | '第')) {
            return None;
        }
        let first = self.number(start, len)?;
        let second_at = self.part(start + len, YEAR_SIGNS).or_else(|| self.part(start + len, MONTH_SIGNS))?;
        let (second, second_end) = self.small(second_at, 31)?;
        let sign = self.text.get(start + len..second_at)?;
        let (named_year, chinese) = (sign.contains('年'), sign.contains('月'));
        if let Some((third, third_end)) = self.part(second_end, MONTH_SIGNS).and_then(|at| self.small(at, 31))
            && len == 2
            && !chinese
        {
            // 26-11-02; 11-02-26 may be any of three days, and is none.
            let end = self.one_of(third_end, &['日', '号']).unwrap_or(third_end);
            let goes_on = self.one_of(end, &['-', '/', '.']).is_some_and(|at| self.digits(at) > 0);
            if (first <= 12 && !named_year) || goes_on {
                return None;
            }
            let year = 2000 + i32::try_from(first).ok()?;
            NaiveDate::from_ymd_opt(year, second, third)?;
            return Some(self.with_time(start, end, Some(year), second, third));
        }
        if named_year {
            return None;
        }
        if !(1..=12).contains(&first) || NaiveDate::from_ymd_opt(2000, first, second).is_none() {
            return None;
        }
        let end = self.one_of(second_end, &['日', '号']).unwrap_or(second_end);
        if chinese && end == second_end {
            return None;
        }
        Some(self.with_time(start, end, None, first, second))
    }

    /// `Nov 2, 2026` and `2 November 2026`, at the number of the day.
    fn english_at(&self, start: usize, len: usize) -> Option<Written> {
        let bytes = self.text.as_bytes();
        let is_word = |b: &&u8| b.is_ascii_alphabetic() || **b == b'.';
        let month = |word: &str| {
            let word = word.trim_matches('.').to_ascii_lowercase();
            let word = if word == "sept" { "sep" } else { &word };
            let mut known = MONTHS.iter().zip(1..);
            known.find(|(month, _)| word.len() >= 3 && month.starts_with(word)).map(|(_, number)| number)
        };
        let day = self.number(start, len)?;
        let gap = |at: usize| {
            at + bytes
                .get(at..)
                .map_or(0, |rest| rest.iter().take_while(|b| matches!(b, b' ' | b',' | b'.')).count())
        };
        let before = bytes.get(..start)?.trim_ascii_end();
        let word = before.iter().rev().take(10).take_while(is_word).count();
        let first = before.len() - word;
        let (month, begins, year_at) = if word >= 3 {
            (month(self.text.get(first..before.len())?)?, first, gap(start + len))
        } else {
            let at = gap(start + len);
            let word = bytes.get(at..)?.iter().take(10).take_while(is_word).count();
            (month(self.text.get(at..at + word)?)?, start, gap(at + word))
        };
        if self.digits(year_at) != 4 {
            return None;
        }
        let year = i32::try_from(self.number(year_at, 4)?).ok().filter(|year| YEARS.contains(year))?;
        NaiveDate::from_ymd_opt(year, month, day)?;
        Some(self.with_time(begins, year_at + 4, Some(year), month, day))
    }

    /// One or two digits in 1..=max that no further digit follows.
    fn small(&self, at: usize, max: u32) -> Option<(u32, usize)> {
        let len = self.digits(at);
        if !(1..=2).contains(&len) {
            return None;
        }
        let number = self.number(at, len)?;
        (1..=max).contains(&number).then_some((number, at + len))
    }

    fn with_time(&self, start: usize, end: usize, year: Option<i32>, month: u32, day: u32) -> Written {
        let mut written = Written { start, end, year, month, day: Some(day), time: None, seconds: false };
        let mut at = end + self.blanks(end);
        if at == end {
            if let Some(after) = self.one_of(end, &['T', '-', ',']).filter(|_| year.is_some()) {
                at = after;
            } else if !self.text.get(..end).is_some_and(|text| text.ends_with(['日', '号'])) {
                return written;
            }
        }
        let Some((time, seconds, end)) = self.time_at(at) else { return written };
        (written.time, written.seconds, written.end) = (Some(time), seconds, end);
        written
    }

    fn time_at(&self, at: usize) -> Option<(NaiveTime, bool, usize)> {
        const HOUR_SIGNS: &[char] = &[':', '：', '时', '点'];
        const MINUTE_SIGNS: &[char] = &[':', '：', '分'];
        let two = |at: usize| -> Option<(u32, usize)> {
            let len = self.digits(at);
            (1..=2).contains(&len).then(|| self.number(at, len)).flatten().map(|number| (number, at + len))
        };
        let (hour, hour_end) = two(at)?;
        let (minute, minute_end) = two(self.one_of(hour_end, HOUR_SIGNS)?)?;
        let after = self.one_of(minute_end, MINUTE_SIGNS);
        if let Some((second, second_end)) = after.and_then(two)
            && let Some(time) = NaiveTime::from_hms_opt(hour, minute, second)
        {
            return Some((time, true, self.one_of(second_end, &['秒']).unwrap_or(second_end)));
        }
        let time = NaiveTime::from_hms_opt(hour, minute, 0)?;
        let end = self.one_of(minute_end, &['分']).unwrap_or(minute_end);
        Some((time, false, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    fn texts(text: &str) -> Vec<String> {
        find(text, false).iter().filter_map(Written::stamp).map(|stamp| stamp.to_string()).collect()
    }

    #[test]
    fn full_dates() {
        for (text, want) in [
            ("发布时间：2026-11-02 09:30", "2026-11-02 09:30"),
            ("2026/11/2 9:05:07 来源", "2026-11-02 09:05:07"),
            ("【时间：2018年07月06日 11:25】", "2018-07-06 11:25"),
            ("2025年06月03日 13时44分", "2025-06-03 13:44"),
            ("2026.11.02", "2026-11-02"),
            ("Nov 2, 2026", "2026-11-02"),
            ("Posted on 2 November 2026 09:30", "2026-11-02 09:30"),
            ("Sept. 30, 2026", "2026-09-30"),
            ("version 2 mark 2026", ""),
            ("2026 年 11 月 2 日", "2026-11-02"),
            ("2025-04-11-14:32:00", "2025-04-11 14:32:00"),
            ("2026-11-02T08:00:00+08:00", "2026-11-02 08:00:00"),
            ("2026-11-0209", ""),
            ("2026-13-45", ""),
            ("2026-02-30", ""),
            ("电话 2018-12345678", ""),
            ("2023—2025年", ""),
            ("〔2023〕11号", ""),
            ("192.2020.11.02", ""),
            ("2020年1月", ""),
        ] {
            assert_eq!(texts(text).join("|"), want, "{text}");
        }
        assert_eq!(texts("2020年1月1日至2021年1月1日"), ["2020-01-01", "2021-01-01"]);
    }

    #[test]
    fn short_dates() {
        let short = |text: &str| find(text, true).first().map(|w| (w.year, w.month, w.day));
        assert_eq!(short("[11-02]"), Some((None, 11, Some(2))));
        assert_eq!(short("11/02"), Some((None, 11, Some(2))));
        assert_eq!(short("11月2日"), Some((None, 11, Some(2))));
        assert_eq!(short("26-11-02"), Some((Some(2026), 11, Some(2))));
        assert_eq!(short("26年11月2日"), Some((Some(2026), 11, Some(2))));
        assert_eq!(short("08年11月2日"), Some((Some(2008), 11, Some(2))));
        for neither in ["11-02-26", "09/11/02", "26-11-02-7", "26.11.02.1", "26年11月", "第26-11-02"] {
            assert_eq!(short(neither), None, "{neither}");
        }
        assert_eq!(short("2026-11"), Some((Some(2026), 11, None)));
        assert_eq!(short("第3-5号"), None);
        assert_eq!(short("13-45"), None);
        assert_eq!(short("1月"), None);
        assert_eq!(short("2026-13-45"), None);
    }

    #[test]
    fn moments_for_machines() {
        for (value, want) in [
            ("2026-11-02T09:30:00+08:00", "2026-11-02 09:30:00"),
            ("2026-11-02T18:30:00Z", "2026-11-03 02:30:00"),
            ("2026-11-02T18:30:00.000+0000", "2026-11-03 02:30:00"),
            ("2026-11-02T18:30Z", "2026-11-03 02:30:00"),
            ("2026-11-02T09:30", "2026-11-02 09:30"),
            ("2026-11-02", "2026-11-02"),
            ("PT2H", ""),
            ("2026-11", ""),
            ("week 2026-11-02", ""),
            ("", ""),
        ] {
            assert_eq!(machine(value).map_or_else(String::new, |stamp| stamp.to_string()), want, "{value}");
        }
    }

    #[test]
    fn dates_in_urls() {
        for (url, want) in [
            ("http://a.example/xw/202311/t20231127_1234.html", Some(day(2023, 11, 27))),
            ("http://a.example/n/2023-11/27/c_112233.htm", Some(day(2023, 11, 27))),
            ("http://a.example/2023/11/27/a.html", Some(day(2023, 11, 27))),
            ("http://a.example/20231127/a.html", Some(day(2023, 11, 27))),
            ("http://a.example/art/2023/11/5/art_12_34.html", Some(day(2023, 11, 5))),
            ("http://a.example/202311/27/a.html", Some(day(2023, 11, 27))),
            ("http://a.example/2023/1127/c1.html", Some(day(2023, 11, 27))),
            ("http://a.example/202311/c1.html", None),
            ("http://a.example/2023/info_12345678.html", None),
            ("http://20231127.example/a.html", None),
            ("http://a.example/t20231345_1.html", None),
            ("http://a.example/info/1021/4567.htm", None),
        ] {
            assert_eq!(in_url(url), want, "{url}");
        }
        assert_eq!(month_in_url("http://a.example/xw/202311/c1.html"), Some((2023, Some(11))));
        assert_eq!(month_in_url("http://a.example/xw/2023/c1.html"), Some((2023, None)));
    }

    #[test]
    fn the_newest_day_of_a_month_and_day() {
        let today = day(2026, 11, 2);
        assert_eq!(newest_not_after(12, 31, today), Some(day(2025, 12, 31)));
        assert_eq!(newest_not_after(2, 29, today), Some(day(2024, 2, 29)));
    }
}
