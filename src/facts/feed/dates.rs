//! Dates as feeds write them: RFC 822 with whatever zone, ISO 8601, the forms that Java, .NET and scripts print, Chinese ones, and
//! seconds since 1970. What can mean two days is no date.

use chrono::{Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};

use crate::calendar::{beijing, from_millis};
use crate::facts::dates::{MONTHS, Stamp};
use crate::facts::spelled::relative;

/// Years in which something can have been published. Later ones are kept and called future.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2199;
/// Bytes of a text that may be a date.
const LONGEST: usize = 120;

/// What a text says of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// This, in +08:00.
    At(Stamp),
    /// A date that publishing systems print for want of one: 1970-01-01, 0001-01-01.
    Placeholder,
    /// Something that is no date, or could be two.
    Unreadable,
    /// Nothing at all.
    Absent,
}

/// Reads a date. A zone that is not named is +08:00, and CST is China's; 昨天 and the like count from `as_of`.
pub fn read_date(text: &str, as_of: NaiveDate) -> Moment {
    let text = narrow(text);
    let text = text.trim().trim_matches(|c: char| matches!(c, '"' | '\'' | '[' | ']' | '(' | ')'));
    if text.is_empty() {
        return Moment::Absent;
    }
    if text.len() > LONGEST {
        return Moment::Unreadable;
    }
    if let Some(moment) = since_1970(text) {
        return moment;
    }
    let words = Words::of(text);
    match words.day().map(|day| words.stamp(day)) {
        Some(Some(stamp)) if YEARS.contains(&stamp.date.year()) && !is_placeholder(stamp) => {
            Moment::At(stamp)
        }
        Some(_) => Moment::Placeholder,
        None => match relative(text, as_of) {
            Some(date) => Moment::At(Stamp { date, time: None, seconds: false }),
            None if text.starts_with("0000") => Moment::Placeholder,
            None => Moment::Unreadable,
        },
    }
}

fn is_placeholder(stamp: Stamp) -> bool {
    // In a western zone the first second of 1970 is still 1969, which no year here is.
    stamp.date.year() <= 1970
}

/// Full-width signs as the narrow ones they mean, odd blanks as blanks.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{2212}' | '\u{2013}' | '\u{2014}' => '-',
            c if c.is_whitespace() || c == '\u{200b}' => ' ',
            c => c,
        })
        .collect()
}

/// Seconds or milliseconds since 1970, where the text is nothing else.
fn since_1970(text: &str) -> Option<Moment> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let millis = match whole.len() {
        9 | 10 => number.checked_mul(1000)?,
        12 | 13 if number > 99_999_999_999 => number,
        16 => number / 1000,
        _ if number == 0 => return Some(Moment::Placeholder),
        // 20261117093000 is read as any other date.
        _ => return None,
    };
    let at = from_millis(millis);
    let stamp = Stamp { date: at.date_naive(), time: Some(at.time()), seconds: true };
    Some(if (1996..=2199).contains(&stamp.date.year()) {
        Moment::At(clean(stamp))
    } else {
        Moment::Placeholder
    })
}

/// Without parts of a second.
fn clean(stamp: Stamp) -> Stamp {
    use chrono::Timelike as _;
    Stamp { time: stamp.time.and_then(|time| time.with_nanosecond(0)), ..stamp }
}

/// A run of digits, letters, or one other sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word<'a> {
    Number { text: &'a str, value: u32 },
    Name(&'a str),
    Sign(char),
    Blank,
}

/// A text in words.
struct Words<'a> {
    words: Vec<Word<'a>>,
}

/// A day, and the words that named it.
#[derive(Debug, Clone, Copy)]
struct Day {
    date: NaiveDate,
    /// The first word after it.
    end: usize,
    /// The word that names its year, where that stands apart, behind the time.
    year_at: Option<usize>,
    /// The time of day, where it was written in one with it: `20261117093000`.
    clock: Option<(NaiveTime, bool)>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let mut words = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let run = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
            let len = if first.is_ascii_digit() {
                run(|c| c.is_ascii_digit())
            } else if first.is_alphabetic() {
                // 日 in 17日 and 点 in 9点 are signs; 十一月 is a name.
                if matches!(first, '年' | '月' | '日' | '号' | '时' | '点' | '分' | '秒') {
                    first.len_utf8()
                } else {
                    run(|c| c.is_alphabetic() && !matches!(c, '年' | '日' | '号' | '时' | '点' | '分' | '秒'))
                }
            } else {
                first.len_utf8()
            };
            let (word, tail) = rest.split_at(len);
            words.push(match first {
                c if c.is_ascii_digit() => {
                    Word::Number { text: word, value: word.parse().unwrap_or(u32::MAX) }
                }
                ' ' => Word::Blank,
                c if c.is_alphabetic() && len > c.len_utf8() || c.is_ascii_alphabetic() => Word::Name(word),
                c => Word::Sign(c),
            });
            rest = tail;
        }
        Self { words }
    }

    fn at(&self, at: usize) -> Option<Word<'a>> {
        self.words.get(at).copied()
    }

    fn number(&self, at: usize) -> Option<(u32, usize)> {
        match self.at(at)? {
            Word::Number { text, value } => Some((value, text.len())),
            _ => None,
        }
    }

    fn year(&self, at: usize) -> Option<i32> {
        self.number(at).filter(|(_, len)| *len == 4).and_then(|(year, _)| i32::try_from(year).ok())
    }

    /// The next word that is no blank, comma or full stop.
    fn past(&self, mut at: usize) -> usize {
        while matches!(self.at(at), Some(Word::Blank | Word::Sign(',' | '.' | '-' | '、'))) {
            at += 1;
        }
        at
    }

    /// The month that a word names: `Nov`, `十一月`; `11月` is two words.
    fn month(&self, at: usize) -> Option<(u32, usize)> {
        match self.at(at)? {
            Word::Name(name) => month_of(name).map(|month| (month, at + 1)),
            Word::Number { value, text } if text.len() <= 2 && (1..=12).contains(&value) => {
                let sign = self.past(at + 1);
                (self.at(sign) == Some(Word::Sign('月'))).then_some((value, sign + 1))
            }
            _ => None,
        }
    }

    fn day(&self) -> Option<Day> {
        let starts = 0..self.words.len();
        starts
            .clone()
            .find_map(|at| self.year_first(at).or_else(|| self.joined(at)))
            .or_else(|| starts.clone().find_map(|at| self.with_name(at)))
            .or_else(|| starts.clone().find_map(|at| self.year_last(at)))
    }

    /// `2026-11-17`, `2026年11月17日`, `2026/11/17`, `2026.11.17`, `2026 11 17`.
    fn year_first(&self, at: usize) -> Option<Day> {
        let year = self.year(at)?;
        let sign = |at: usize| {
            let mut next = at;
            while self.at(next) == Some(Word::Blank) {
                next += 1;
            }
            match self.at(next)? {
                Word::Sign('-' | '/' | '.' | '年' | '月' | ':') => {
                    let mut next = next + 1;
                    while self.at(next) == Some(Word::Blank) {
                        next += 1;
                    }
                    Some(next)
                }
                _ => None,
            }
        };
        let month_at = sign(at + 1)?;
        let (month, day_at) = match self.number(month_at) {
            Some((month, 1 | 2)) => (month, sign(month_at + 1)?),
            Some(_) => return None,
            // 2026-Nov-17
            None => {
                let (month, next) = self.month(month_at)?;
                (month, sign(next).unwrap_or(next))
            }
        };
        let (day, _) = self.number(day_at).filter(|(_, len)| *len <= 2)?;
        let end = day_at + 1 + usize::from(matches!(self.at(day_at + 1), Some(Word::Sign('日' | '号'))));
        Some(Day { date: NaiveDate::from_ymd_opt(year, month, day)?, end, year_at: None, clock: None })
    }

    /// `20261117`, `20261117T093000`, `20261117093000`.
    fn joined(&self, at: usize) -> Option<Day> {
        let Word::Number { text, .. } = self.at(at)? else { return None };
        if !matches!(text.len(), 8 | 12 | 14) {
            return None;
        }
        let part = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
        let date = NaiveDate::from_ymd_opt(i32::try_from(part(0, 4)?).ok()?, part(4, 6)?, part(6, 8)?)?;
        let clock = part(8, 10).and_then(|hour| {
            let (minute, second) = (part(10, 12)?, part(12, 14));
            Some((NaiveTime::from_hms_opt(hour, minute, second.unwrap_or(0))?, second.is_some()))
        });
        Some(Day { date, end: at + 1, year_at: None, clock })
    }

    /// `17 Nov 2026`, `17 十一月 26`, `Nov 17, 2026`, `Nov 17 09:30:00 CST 2026`.
    fn with_name(&self, at: usize) -> Option<Day> {
        let (month, next) = self.month(at)?;
        let before = (0..at).rev().find(|before| {
            !matches!(self.at(*before), Some(Word::Blank | Word::Sign('-' | '/' | ',' | '.')))
        });
        let ordinal =
            before.filter(|before| matches!(self.at(*before), Some(Word::Name("st" | "nd" | "rd" | "th"))));
        let before = ordinal.and_then(|at| at.checked_sub(1)).or(before);
        if let Some((day, 1 | 2)) = before.and_then(|before| self.number(before)) {
            let year_at = self.past(next);
            let (year, len) = self.number(year_at)?;
            // Two digits as RFC 822 had them, unless they are an hour.
            let clock = matches!(self.at(year_at + 1), Some(Word::Sign(':')));
            let year = match len {
                4 => i32::try_from(year).ok()?,
                2 if !clock => century(year),
                _ => self.year_behind(next)?.0,
            };
            let end = if clock { next } else { year_at + 1 };
            return Some(Day {
                date: NaiveDate::from_ymd_opt(year, month, day)?,
                end,
                year_at: None,
                clock: None,
            });
        }
        let day_at = self.past(next);
        let (day, _) = self.number(day_at).filter(|(_, len)| *len <= 2)?;
        let mut end = day_at + 1;
        if matches!(self.at(end), Some(Word::Sign('日') | Word::Name("st" | "nd" | "rd" | "th"))) {
            end += 1;
        }
        let year_at = self.past(end);
        if let Some(year) = self.year(year_at) {
            let date = NaiveDate::from_ymd_opt(year, month, day)?;
            return Some(Day { date, end: year_at + 1, year_at: None, clock: None });
        }
        let (year, year_at) = self.year_behind(end)?;
        Some(Day {
            date: NaiveDate::from_ymd_opt(year, month, day)?,
            end,
            year_at: Some(year_at),
            clock: None,
        })
    }

    /// A year that stands behind the time of day: four digits that are no zone's.
    fn year_behind(&self, from: usize) -> Option<(i32, usize)> {
        (from..self.words.len()).find_map(|at| {
            let zone = at
                .checked_sub(1)
                .is_some_and(|before| matches!(self.at(before), Some(Word::Sign('+' | '-' | '.'))));
            self.year(at).filter(|year| !zone && YEARS.contains(year)).map(|year| (year, at))
        })
    }

    /// `11/17/2026`, `17/11/2026`, `17.11.2026`: only where one of the first two can be no month, or both are one day.
    fn year_last(&self, at: usize) -> Option<Day> {
        let sign = self.at(at + 1).filter(|sign| matches!(sign, Word::Sign('/' | '.' | '-')))?;
        let (first, 1 | 2) = self.number(at)? else { return None };
        let (second, 1 | 2) = self.number(at + 2)? else { return None };
        if self.at(at + 3) != Some(sign) {
            return None;
        }
        let year = self.year(at + 4)?;
        let american = self.half_day().is_some() && sign == Word::Sign('/');
        let (month, day) = match (first, second) {
            (month, day) if month == day => (month, day),
            (day, month) if day > 12 => (month, day),
            (month, day) if day > 12 || american => (month, day),
            (day, month) if sign == Word::Sign('.') => (month, day),
            _ => return None,
        };
        Some(Day {
            date: NaiveDate::from_ymd_opt(year, month, day)?,
            end: at + 5,
            year_at: None,
            clock: None,
        })
    }

    /// The day with its time, brought to +08:00; `None` where the time leads out of all calendars.
    fn stamp(&self, day: Day) -> Option<Stamp> {
        let bare = Stamp { date: day.date, time: None, seconds: false };
        let (hour, minute, second, seconds, after) = match day.clock {
            Some((time, seconds)) => {
                use chrono::Timelike as _;
                (time.hour(), time.minute(), time.second(), seconds, day.end)
            }
            None => match self.clock(day.end) {
                Some(clock) => clock,
                None => return Some(bare),
            },
        };
        let hour = match self.half_day() {
            Some(true) if hour < 12 => hour + 12,
            Some(false) if hour == 12 => 0,
            _ => hour,
        };
        let (date, hour) = if hour == 24 && minute == 0 {
            (day.date.checked_add_days(Days::new(1))?, 0)
        } else {
            (day.date, hour)
        };
        // A leap second.
        let Some(time) = NaiveTime::from_hms_opt(hour, minute, second.min(59)) else { return Some(bare) };
        let Some(zone) = self.zone(after, day.year_at) else { return Some(bare) };
        let local = NaiveDateTime::new(date, time).checked_sub_offset(zone)?.checked_add_offset(beijing())?;
        Some(Stamp { date: local.date(), time: Some(local.time()), seconds })
    }

    /// Hour, minute, second, whether there are seconds, and the word after them.
    fn clock(&self, from: usize) -> Option<(u32, u32, u32, bool, usize)> {
        let colon = |at: usize| matches!(self.at(at), Some(Word::Sign(':' | '时' | '点' | '分')));
        let at = (from..self.words.len()).find(|at| self.number(*at).is_some())?;
        let (hour, len) = self.number(at)?;
        // 20261117T093000Z
        if let (6 | 4, Some(Word::Number { text, .. })) = (len, self.at(at)) {
            let follows_t = at
                .checked_sub(1)
                .is_some_and(|before| matches!(self.at(before), Some(Word::Name("T" | "t"))));
            let part = |from: usize| text.get(from..from + 2)?.parse::<u32>().ok();
            return if follows_t {
                Some((part(0)?, part(2)?, part(4).unwrap_or(0), len == 6, at + 1))
            } else {
                None
            };
        }
        let (minute, 1 | 2) = self.number(at + 2).filter(|_| colon(at + 1))? else { return None };
        if hour > 24 || minute > 59 {
            return None;
        }
        let second = self.number(at + 4).filter(|(value, len)| colon(at + 3) && *value <= 60 && *len <= 2);
        let mut after = if second.is_some() { at + 5 } else { at + 3 };
        if matches!(self.at(after), Some(Word::Sign('秒' | '分'))) {
            after += 1;
        }
        // .123
        if matches!(self.at(after), Some(Word::Sign('.' | ','))) && self.number(after + 1).is_some() {
            after += 2;
        }
        Some((hour, minute, second.map_or(0, |(value, _)| value), second.is_some(), after))
    }

    /// Some(true) for PM, 下午 and 晚上.
    fn half_day(&self) -> Option<bool> {
        self.words.iter().find_map(|word| match word {
            Word::Name(name) => match name.to_ascii_uppercase().as_str() {
                "PM" | "P" => Some(true),
                "AM" | "A" => Some(false),
                _ if ["下午", "晚上", "傍晚"].iter().any(|half| name.contains(half)) => Some(true),
                _ if ["上午", "凌晨", "早上", "清晨"].iter().any(|half| name.contains(half)) => {
                    Some(false)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// The zone that stands behind the time; `None` where one is named that nobody knows.
    fn zone(&self, from: usize, year_at: Option<usize>) -> Option<FixedOffset> {
        let mut named = None;
        let mut at = from;
        while let Some(word) = self.at(at) {
            match word {
                Word::Sign(sign @ ('+' | '-')) if self.number(at + 1).is_some() => {
                    return self.offset(sign, at + 1);
                }
                Word::Name(name) if named.is_none() => match name.to_ascii_uppercase().as_str() {
                    "AM" | "PM" | "A" | "P" | "年" => {}
                    _ if month_of(name).is_some() || is_weekday(name) => {}
                    word => named = Some(zone_of(word)),
                },
                _ => {}
            }
            at += 1;
            if Some(at) == year_at {
                at += 1;
            }
        }
        named.unwrap_or(Some(beijing()))
    }

    /// `+0800`, `+08:00`, `+8`, `+08`.
    fn offset(&self, sign: char, at: usize) -> Option<FixedOffset> {
        let (value, len) = self.number(at)?;
        let (hours, minutes) = match len {
            1 | 2 => {
                let more = self
                    .number(at + 2)
                    .filter(|(_, len)| *len == 2 && self.at(at + 1) == Some(Word::Sign(':')));
                (value, more.map_or(0, |(minutes, _)| minutes))
            }
            3 | 4 => (value / 100, value % 100),
            _ => return None,
        };
        // No zone is farther from Greenwich.
        if hours > 14 || minutes > 59 {
            return None;
        }
        let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
        FixedOffset::east_opt(if sign == '-' { -seconds } else { seconds })
    }
}

/// A year of two digits, as RFC 5322 reads it.
fn century(year: u32) -> i32 {
    let year = i32::try_from(year).unwrap_or(0);
    if year < 50 { 2000 + year } else { 1900 + year }
}

fn month_of(name: &str) -> Option<u32> {
    const CHINESE: [&str; 12] =
        ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"];
    let lower = name.to_ascii_lowercase();
    let index = MONTHS
        .iter()
        .position(|month| *month == lower || month.get(..3) == Some(&lower))
        .or_else(|| CHINESE.iter().position(|month| *month == name))
        .or((lower == "sept").then_some(8))?;
    u32::try_from(index).ok().map(|index| index + 1)
}

fn is_weekday(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().any(|day| lower.starts_with(day))
        || ["星期", "周", "礼拜"].iter().any(|day| name.starts_with(day))
}

/// A zone by its name; `None` for one that is not known.
fn zone_of(name: &str) -> Option<FixedOffset> {
    let hours = match name {
        "Z" | "GMT" | "UTC" | "UT" | "WET" => 0,
        // In feeds of this country CST is China Standard Time, whatever RFC 822 made of it.
        "CST" | "CCT" | "BJT" | "BEIJING" | "HKT" | "SGT" | "AWST" | "PRC" | "ASIA" | "SHANGHAI" | "T" => 8,
        "EST" | "CDT" => -5,
        "EDT" => -4,
        "MST" | "PDT" => -7,
        "MDT" => -6,
        "PST" => -8,
        "CET" | "BST" | "MEZ" => 1,
        "CEST" | "EET" => 2,
        "MSK" => 3,
        "JST" | "KST" => 9,
        _ if name.contains("北京") || name.contains("中国") || name.contains("东八") => 8,
        // Words that are no zone at all.
        _ if !name.is_ascii() => 8,
        _ => return None,
    };
    FixedOffset::east_opt(hours * 3600)
}
