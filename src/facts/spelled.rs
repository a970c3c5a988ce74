//! Dates in the spellings that need a second look: ２０２６．１１．０２, 二〇二六年十一月二日, 26-11-02, 20261102, 昨天 09:12, `<time datetime>`.
//!
//! Figures and words like these stand for many things. Here is said only which date they would be; that they are one, a label or
//! their place must say.

use std::borrow::Cow;
use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate, TimeDelta};

use super::dates::{self, Stamp};
use super::outline::{Attr, NodeId, Outline};
use crate::calendar::{Instant8, beijing};

/// The days that words name, and how many days ago they were.
const DAYS: [(&str, u64); 6] = [("今天", 0), ("今日", 0), ("刚刚", 0), ("昨天", 1), ("昨日", 1), ("前天", 2)];
/// The first year that eight figures in a row may begin with.
const FIRST_YEAR: i32 = 1995;

/// A date as it would be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelled {
    /// Where it stands in the text.
    pub(super) at: Range<usize>,
    /// The date.
    pub(super) stamp: Stamp,
    /// Year, month and day are told as such; otherwise it is a date only where nothing else is possible.
    pub(super) full: bool,
    /// It is told by how long ago it was, so that it means another day whenever it is read.
    pub(super) relative: bool,
}

/// A text in plain digits, with the place in the original of each of its bytes and of its end.
struct Plain<'a> {
    text: Cow<'a, str>,
    /// Empty where the text is the original.
    from: Vec<usize>,
}

impl<'a> Plain<'a> {
    fn of(text: &'a str) -> Self {
        const WIDE_ZERO: u32 = '０' as u32;
        let wide = text.chars().any(|c| matches!(c, '０'..='９'));
        let spoken = text.contains('年') && text.contains('月') && text.chars().any(|c| value(c).is_some());
        if !wide && !spoken {
            return Self { text: Cow::Borrowed(text), from: Vec::new() };
        }
        let mut out = String::with_capacity(text.len());
        let mut from = Vec::with_capacity(text.len() + 1);
        let push = |out: &mut String, from: &mut Vec<usize>, at: usize, piece: &str| {
            out.push_str(piece);
            from.resize(out.len(), at);
        };
        let mut run = 0..0;
        let flush = |out: &mut String, from: &mut Vec<usize>, run: &Range<usize>, unit: Option<char>| {
            let numerals = text.get(run.clone()).unwrap_or_default();
            match unit.and_then(|unit| number(numerals, unit)) {
                Some(number) => push(out, from, run.start, &number.to_string()),
                None => {
                    for (at, c) in numerals.char_indices() {
                        push(out, from, run.start + at, c.encode_utf8(&mut [0; 4]));
                    }
                }
            }
        };
        for (at, c) in text.char_indices() {
            if spoken && value(c).is_some() {
                run = if run.is_empty() { at } else { run.start }..at + c.len_utf8();
                continue;
            }
            flush(&mut out, &mut from, &run, Some(c));
            run = 0..0;
            let digit =
                matches!(c, '０'..='９').then(|| char::from_digit(u32::from(c) - WIDE_ZERO, 10)).flatten();
            push(&mut out, &mut from, at, digit.unwrap_or(c).encode_utf8(&mut [0; 4]));
        }
        flush(&mut out, &mut from, &run, None);
        from.push(text.len());
        Self { text: Cow::Owned(out), from }
    }

    /// A place in the original.
    fn back(&self, at: usize) -> usize {
        self.from.get(at).copied().unwrap_or(at)
    }
}

/// A text with the numbers of its dates in plain digits, where they stand in full-width or in Chinese ones: ２０２６－１０－３０,
/// 二〇二六年十月三十日. `None` where there is nothing to write anew.
pub fn plain(text: &str) -> Option<String> {
    match Plain::of(text).text {
        Cow::Owned(text) => Some(text),
        Cow::Borrowed(_) => None,
    }
}

/// What a Chinese numeral counts; 10 for 十.
fn value(c: char) -> Option<u32> {
    match c {
        '○' | '零' => Some(0),
        '〇' | '一'..='龥' => {
            "〇一二三四五六七八九十".chars().position(|sign| sign == c).and_then(|at| u32::try_from(at).ok())
        }
        _ => None,
    }
}

/// The year, month or day that Chinese numerals before `unit` write.
fn number(run: &str, unit: char) -> Option<u32> {
    let values: Vec<u32> = run.chars().filter_map(value).collect();
    match (unit, &*values) {
        ('年', [a, b, c, d]) if values.iter().all(|digit| *digit < 10) => {
            Some(a * 1000 + b * 100 + c * 10 + d)
        }
        ('月' | '日' | '号', [one]) => Some(*one),
        ('月' | '日' | '号', [10, ones]) if *ones < 10 => Some(10 + ones),
        ('日' | '号', [tens, 10]) if *tens < 10 => Some(tens * 10),
        ('日' | '号', [tens, 10, ones]) if *tens < 10 && *ones < 10 => Some(tens * 10 + ones),
        _ => None,
    }
}

/// 今天, 昨天 18:20, 3天前, 2小时前 … as a day, where the text is nothing else.
pub fn relative(text: &str, as_of: NaiveDate) -> Option<NaiveDate> {
    let text = text.trim().trim_matches(['[', ']', '(', ')', '（', '）', '【', '】']);
    if text.chars().nth(12).is_some() {
        return None;
    }
    let ago = |unit: &str| {
        let (count, rest) = text.split_once(unit)?;
        if rest.is_empty() { count.trim().parse::<u64>().ok() } else { None }
    };
    let is_clock =
        |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || ":：".contains(c));
    let day = DAYS.iter().find(|(word, _)| text.strip_prefix(word).is_some_and(is_clock));
    let days = if let Some((_, days)) = day {
        *days
    } else if let Some(days) = ago("天前") {
        days
    } else if ago("小时前")
        .or_else(|| ago("个小时前"))
        .or_else(|| ago("分钟前"))
        .or_else(|| ago("秒前"))
        .is_some()
    {
        0
    } else if let Some(weeks) = ago("周前") {
        weeks.checked_mul(7)?
    } else {
        return None;
    };
    as_of.checked_sub_days(Days::new(days))
}

/// Whether a text holds anything that [`find`] may read: a look that costs next to nothing, since most texts hold nothing.
pub(super) fn may_stand(text: &str) -> bool {
    let mut digits = 0;
    text.chars().any(|c| {
        digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
        digits == 2 || matches!(c, '０'..='９' | '〇' | '○' | '零' | '今' | '昨' | '前' | '刚')
    })
}

/// Every date that a short text may hold, ordinary ones included, in no order. `now` is when the page was seen.
pub(super) fn find(text: &str, now: Instant8) -> Vec<Spelled> {
    let now = now.with_timezone(&beijing());
    let plain = Plain::of(text);
    let figures = &*plain.text;
    let mut found = Vec::new();
    for written in dates::find(figures, true) {
        let Some(stamp) = written.stamp() else { continue };
        let digits = figures.get(written.start..).unwrap_or_default();
        // The month of `Nov 2, 2026` comes first.
        let lead = digits.bytes().take_while(u8::is_ascii_digit).count();
        found.push((
            written.start..written.end,
            stamp,
            lead != 2 || figures.get(written.start..written.end).is_some_and(english),
        ));
    }
    found.extend(compact(figures).map(|(at, stamp)| (at, stamp, false)));
    let in_text = |relative: bool| {
        let back = |at: Range<usize>| plain.back(at.start)..plain.back(at.end);
        move |(at, stamp, full): (Range<usize>, Stamp, bool)| Spelled { at: back(at), stamp, full, relative }
    };
    let ago = words(figures, now).map(|(at, stamp)| (at, stamp, false)).map(in_text(true));
    found
        .into_iter()
        .map(in_text(false))
        .chain(ago)
        .filter(|found| found.stamp.date <= now.date_naive())
        .collect()
}

fn english(date: &str) -> bool {
    date.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Eight figures that are a day and no part of a longer number or name.
fn compact(text: &str) -> impl Iterator<Item = (Range<usize>, Stamp)> {
    let part = |c: char| c.is_ascii_alphanumeric() || "-_./:：—－#*+".contains(c);
    let runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 8);
    runs.filter_map(move |run| {
        let start = run.as_ptr() as usize - text.as_ptr() as usize;
        let (before, after) = (text.get(..start)?, text.get(start + 8..)?);
        let colon = before.ends_with([':', '：']);
        let alone = !after.starts_with(part) && (colon || !before.ends_with(part));
        let date = NaiveDate::parse_from_str(run, "%Y%m%d").ok().filter(|date| date.year() >= FIRST_YEAR)?;
        alone.then_some((start..start + 8, Stamp { date, time: None, seconds: false }))
    })
}

/// 昨天 09:12, 3天前, 2小时前.
fn words(text: &str, now: Instant8) -> impl Iterator<Item = (Range<usize>, Stamp)> {
    let named = text.char_indices().filter(|(_, c)| matches!(c, '今' | '昨' | '前' | '刚')).filter_map(
        move |(at, _)| {
            let rest = text.get(at..)?;
            let (word, days) = DAYS.iter().find(|(word, _)| rest.starts_with(word))?;
            let date = now.date_naive().checked_sub_days(Days::new(*days))?;
            let end = at + word.len();
            let clock = dates::clock_at(text, end);
            let (time, seconds, end) =
                clock.map_or((None, false, end), |(time, seconds, end)| (Some(time), seconds, end));
            Some((at..end, Stamp { date, time, seconds }))
        },
    );
    let ago = text.match_indices('前').filter_map(move |(front, sign)| {
        const UNITS: [(&str, i64); 5] =
            [("天", 24 * 3600), ("个小时", 3600), ("小时", 3600), ("分钟", 60), ("秒", 1)];
        let before = text.get(..front)?;
        let (count, seconds) =
            UNITS.iter().find_map(|(unit, seconds)| Some((before.strip_suffix(unit)?, *seconds)))?;
        let count = count.trim_end();
        let digits = count.bytes().rev().take_while(u8::is_ascii_digit).count();
        let start = count.len() - digits;
        let ago = count.get(start..).filter(|digits| (1..=3).contains(&digits.len()))?.parse::<i64>().ok()?;
        let date = now.checked_sub_signed(TimeDelta::try_seconds(ago * seconds)?)?.date_naive();
        let more = count.get(..start)?.ends_with(['.', '第', '-', '—', '近', '约']);
        (!more).then_some((start..front + sign.len(), Stamp { date, time: None, seconds: false }))
    });
    named.chain(ago)
}

/// The date in the attribute of a `time` element whose text does not tell the whole date itself.
pub(super) fn machine_date(page: &Outline, id: NodeId) -> Option<Stamp> {
    let value = page.attr(id, Attr::DateTime)?;
    let text = page.text_of(id);
    let told = text.len() > 60 || dates::find(text, false).iter().any(|written| written.stamp().is_some());
    if told { None } else { dates::machine(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::end_of_day;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    #[test]
    fn numbers_written_plainly() {
        for (text, want) in [
            ("二〇二六年十月三十日", Some("2026年10月30日")),
            ("二○二六年十一月二十八日", Some("2026年11月28日")),
            ("二零二六年一月八日", Some("2026年1月8日")),
            ("２０２６－１０－３０", Some("2026－10－30")),
            ("2026年10月十个项目", Some("2026年10月十个项目")),
            ("2026-10-30 十件实事", None),
            ("十四五规划", None),
        ] {
            assert_eq!(plain(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn words_for_days() {
        let today = day(2026, 11, 2);
        assert_eq!(relative("今天 09:30", today), Some(today));
        assert_eq!(relative("[昨天]", today), Some(day(2026, 11, 1)));
        assert_eq!(relative("3天前", today), Some(day(2026, 10, 30)));
        assert_eq!(relative("今天我们召开了全市经济工作会议", today), None);
    }

    fn read(text: &str) -> String {
        let found = find(text, end_of_day(day(2026, 11, 20)));
        let told =
            |found: Spelled| format!("{}={}", text.get(found.at).expect("a piece of the text"), found.stamp);
        found.into_iter().map(told).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn every_spelling_is_found_where_it_stands() {
        for (text, want) in [
            ("发布时间：２０２６年１１月２日", "２０２６年１１月２日=2026-11-02"),
            ("日期：２０２６．１１．０２ 来源", "２０２６．１１．０２=2026-11-02"),
            ("（二〇二六年十一月二日）", "二〇二六年十一月二日=2026-11-02"),
            ("发布时间：26-10-13", "26-10-13=2026-10-13"),
            ("20261019 来源", "20261019=2026-10-19"),
            ("发布日期:２０２６１０１９", "２０２６１０１９=2026-10-19"),
            ("昨天 09:12", "昨天 09:12=2026-11-19 09:12"),
            ("前天　来源", "前天=2026-11-18"),
            ("12天前", "12天前=2026-11-08"),
            ("3 个小时前", "3 个小时前=2026-11-20"),
            ("Nov 2, 2026", "Nov 2, 2026=2026-11-02"),
        ] {
            assert_eq!(read(text), want, "{text}");
            assert!(may_stand(text), "{text}");
        }
    }

    #[test]
    fn what_only_looks_alike_is_not_found() {
        for text in [
            "〔2026〕12号",
            "〔２０２６〕１２号",
            "11330000/2026-00012",
            "11330000202610190012",
            "11330000-20261019",
            "20261019.00元",
            "V20261019",
            "010-20261019",
            "20269999",
            "19490101",
            "10-13-26",
            "09-11-02",
            "27-10-13",
            "26.10.13.1",
            "1100001990101９００１",
            "20271019",
            "目前、之前、从前",
            "第3天前",
            "1000天前",
            "二〇二六年十一月",
            "十一月二日",
        ] {
            assert_eq!(read(text), "", "{text}");
        }
    }

    #[test]
    fn hours_are_counted_back_over_midnight() {
        let night = end_of_day(day(2026, 11, 19)) + TimeDelta::try_hours(1).expect("an hour");
        let at = |text: &str| find(text, night).first().map(|found| found.stamp.date);
        assert_eq!(at("2小时前"), Some(day(2026, 11, 19)));
        assert_eq!(at("20分钟前"), Some(day(2026, 11, 20)));
    }
}
