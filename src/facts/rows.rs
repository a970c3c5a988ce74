//! One row of a list: its title, where it leads, and the date a reader sees in it.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};

use super::dates::{self, Stamp};
use super::heads::Columns;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::{scripts, spelled};

/// A link that may be a row's title.
#[derive(Debug, Clone)]
pub struct Anchor {
    /// Its node.
    pub id: NodeId,
    /// Resolved.
    pub url: String,
    /// Same number, same target.
    pub target: u32,
    /// Its text, or the title attribute or the picture's description.
    pub text: String,
    /// True where it holds a picture.
    pub picture: bool,
}

/// A row's date before the year of a short one is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowDate {
    /// With its year.
    Full(Stamp),
    /// 11-02.
    Short(u32, u32),
    /// By the URL only.
    ByUrl(NaiveDate),
    /// By words in its title only: the day may be what the title is about.
    ByTitle(Stamp),
    /// None.
    Absent,
}

impl RowDate {
    /// Whether it is no date that the row itself shows beside its title.
    pub fn is_weak(self) -> bool {
        matches!(self, Self::ByUrl(_) | Self::ByTitle(_) | Self::Absent)
    }
}

/// Nothing but a date, its brackets and its label.
pub fn is_date_text(text: &str) -> bool {
    let text = text.trim();
    if text.chars().nth(40).is_some() {
        return false;
    }
    let found = dates::find(text, true);
    let Some(date) = found.first() else { return false };
    let rest: String = text.get(..date.start).into_iter().chain(text.get(date.end..)).collect();
    is_label(&rest)
}

/// What a row's date may be called on its own.
const LABELS: &[&str] = &[
    "发布时间",
    "发布日期",
    "发布于",
    "发布",
    "时间",
    "日期",
    "发文日期",
    "更新时间",
    "更新日期",
    "公开日期",
    "公开时间",
    "发表时间",
    "信息时间",
    "上传时间",
    "添加时间",
    "发稿时间",
];

/// A text without the label that it begins with.
fn unlabelled(text: &str) -> &str {
    let label = LABELS.iter().find_map(|label| text.strip_prefix(label));
    let rest = label.map(str::trim_start).and_then(|rest| rest.strip_prefix([':', '：']));
    rest.map_or(text, str::trim_start)
}

fn is_label(rest: &str) -> bool {
    let bare =
        rest.trim_matches(|c: char| c.is_whitespace() || "[]【】()（）:：|-—/·〔〕<>《》,，".contains(c));
    let weekday = bare.strip_prefix("星期").or_else(|| bare.strip_prefix("周"));
    bare.is_empty() || LABELS.contains(&bare) || weekday.is_some_and(|day| day.chars().nth(1).is_none())
}

/// The date of a row. `extent` is the row and what follows it up to the next; `title` the anchor that names it.
pub fn date_of(
    page: &Outline,
    extent: Range<NodeId>,
    title: &Anchor,
    columns: &Columns<'_>,
    as_of: NaiveDate,
) -> RowDate {
    let mut found = Candidates::default();
    let title_end = page.node(title.id).end;
    let is_published = |id: NodeId| page.node(id).tag == Tag::Time && !is_touch(page, id);
    let mut skip_to = 0;
    for id in extent.clone() {
        let node = page.node(id);
        // The day of the last change beside that of publication.
        if node.tag == Tag::Time && is_touch(page, id) && extent.clone().any(is_published) {
            skip_to = node.end;
        }
        if id < skip_to {
            continue;
        }
        if node.tag == Tag::Script && !node.inert {
            let written = page.raw_of(id).and_then(scripts::written_date).and_then(|written| written.stamp());
            found.offer(4, written.filter(|stamp| stamp.date <= as_of).map(RowDate::Full));
        }
        if node.tag == Tag::Time && !node.inert {
            let label = label_before(page, node.text_start);
            found.offer(if label == Label::Other { 1 } else { 7 }, by_machine(page, id, as_of));
        }
        if node.tag != Tag::Text || node.inert {
            let stated = match node.tag {
                Tag::Time => page.attr(id, Attr::DateTime),
                Tag::Text => None,
                _ => page.attr(id, Attr::DataDate),
            };
            found.stated = found.stated.or_else(|| dates::first(stated?, as_of));
            continue;
        }
        let text = page.text_of(id);
        if text.len() > 2000 {
            continue;
        }
        let in_title = id >= title.id && id < title_end;
        let before = match label_before(page, node.text_start) {
            Label::None => columns.label(id),
            label => label,
        };
        consider(text, before, in_title, as_of, &mut found);
    }
    if found.best.is_none()
        && let Some(attr) = page.attr(title.id, Attr::Title)
        && let Some((_, rest)) = attr
            .split_once("时间：")
            .or_else(|| attr.split_once("日期："))
            .or_else(|| attr.split_once("时间:"))
    {
        found.offer(2, dates::first(rest, as_of).map(RowDate::Full));
    }
    found
        .choose(as_of)
        .or_else(|| dates::in_url(&title.url).filter(|date| *date <= as_of).map(RowDate::ByUrl))
        .or(found.named.map(RowDate::ByTitle))
        .unwrap_or(RowDate::Absent)
}

/// Whether a `time` element says of itself that it is the day of the last change.
fn is_touch(page: &Outline, id: NodeId) -> bool {
    let names = page.class_and_id(id);
    names.contains("updated") && !names.contains("published")
}

/// The date in a `time` element's attribute, where its text does not tell the whole date.
fn by_machine(page: &Outline, id: NodeId, as_of: NaiveDate) -> Option<RowDate> {
    let stamp = spelled::machine_date(page, id).filter(|stamp| stamp.date <= as_of)?;
    Some(RowDate::Full(stamp))
}

#[derive(Default)]
struct Candidates {
    best: Option<(u8, RowDate)>,
    /// A cell that holds only a number that may be a day of month.
    day: Option<u32>,
    year_month: Option<(Option<i32>, u32)>,
    year: Option<i32>,
    /// What an attribute for machines states: the year of a short date.
    stated: Option<Stamp>,
    /// The date in brackets that a title ends in.
    named: Option<Stamp>,
}

/// Of a date on its own: from here on a date is what the row shows as its own.
const OWN: u8 = 5;

impl Candidates {
    fn offer(&mut self, weight: u8, date: Option<RowDate>) {
        let Some(date) = date else { return };
        // Of two that a row shows as its own the newer: the older may be the document's.
        if let (Some((best, RowDate::Full(known))), RowDate::Full(stamp)) = (self.best, date)
            && best.min(weight) >= OWN
        {
            self.best = Some((best.max(weight), RowDate::Full(known.max(stamp))));
            return;
        }
        // Of equal ones the last: 成文日期 stands before 发布日期.
        if self.best.is_none_or(|(best, _)| weight >= best) {
            self.best = Some((weight, date));
        }
    }

    fn choose(&self, as_of: NaiveDate) -> Option<RowDate> {
        let pieced = self.pieced(as_of);
        match self.best {
            Some((_, RowDate::Short(month, day)))
                if self.stated.is_some_and(|at| (at.date.month(), at.date.day()) == (month, day)) =>
            {
                let date = self.stated?.date;
                Some(RowDate::Full(Stamp { date, time: None, seconds: false }))
            }
            Some((_, RowDate::Short(month, day))) if self.year.is_some() => {
                let date = NaiveDate::from_ymd_opt(self.year?, month, day).filter(|date| *date <= as_of)?;
                Some(RowDate::Full(Stamp { date, time: None, seconds: false }))
            }
            Some((weight, date)) if weight >= 3 || pieced.is_none() => Some(date),
            _ => pieced,
        }
    }

    /// A big day beside its year and month.
    fn pieced(&self, as_of: NaiveDate) -> Option<RowDate> {
        let (year, month) = self.year_month?;
        let day = self.day?;
        match year.or(self.year) {
            Some(year) => {
                let date = NaiveDate::from_ymd_opt(year, month, day).filter(|date| *date <= as_of)?;
                Some(RowDate::Full(Stamp { date, time: None, seconds: false }))
            }
            None => NaiveDate::from_ymd_opt(2000, month, day).map(|_| RowDate::Short(month, day)),
        }
    }
}

/// What words call a date.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Label {
    /// The day something was published.
    Published,
    /// The day it was written or opened: as near to publication as a row says where it does not say that.
    Made,
    /// Another day: in force from, valid until, closing.
    Other,
    /// Nothing.
    None,
}

fn label_before(page: &Outline, at: u32) -> Label {
    let at = at as usize;
    let from = page.text.floor_char_boundary(at.saturating_sub(30));
    label_of(page.text.get(from..at).unwrap_or_default())
}

/// What the words right before a date call it.
pub fn label_of(before: &str) -> Label {
    let bare = before.trim_end_matches(|c: char| c.is_whitespace() || "[【(（:：".contains(c));
    let ends = |words: &[&str]| words.iter().any(|word| bare.ends_with(word));
    if ends(&["成文日期", "成文时间", "生成日期", "印发日期", "发文日期", "发文时间", "开始时间", "开始日期"])
    {
        Label::Made
    } else if ends(&[
        "截止时间",
        "截止日期",
        "施行日期",
        "实施日期",
        "生效日期",
        "有效期",
        "有效期限",
        "结束时间",
        "结束日期",
        "失效日期",
        "废止日期",
        "开标时间",
        "至",
        "来信时间",
        "留言时间",
        "提问时间",
        "写信时间",
    ]) {
        Label::Other
    } else if ends(&["发布时间", "发布日期", "发布于", "公开日期", "公开时间", "发布"]) {
        Label::Published
    } else {
        Label::None
    }
}

fn consider(text: &str, before: Label, in_title: bool, as_of: NaiveDate, found: &mut Candidates) {
    let plain = spelled::plain(text);
    let text = plain.as_deref().unwrap_or(text);
    let trimmed = text.trim();
    if trimmed.len() <= 12 {
        let bare = trimmed.trim_matches(['[', ']', '(', ')', '/', '-', '.', '日', '月', '年', ' ']);
        if let Ok(number) = bare.parse::<u32>() {
            let shape = bare.len();
            if shape <= 2 && (1..=31).contains(&number) && found.day.is_none() && !trimmed.contains('月') {
                found.day = Some(number);
            } else if shape <= 2 && (1..=12).contains(&number) && trimmed.contains('月') {
                found.year_month.get_or_insert((None, number));
            } else if shape == 4 {
                found.year = i32::try_from(number)
                    .ok()
                    .filter(|year| (1990..=as_of.year()).contains(year))
                    .or(found.year);
            }
        }
        if shape_8(bare) && !in_title {
            found.offer(3, compact(bare, as_of).map(RowDate::Full));
        }
    }
    if let Some(date) = spelled::relative(unlabelled(trimmed), as_of) {
        found.offer(4, Some(RowDate::Full(Stamp { date, time: None, seconds: false })));
        return;
    }
    if let Some((month, year)) = month_then_year(trimmed) {
        found.year_month = Some((Some(year), month));
        return;
    }
    for written in dates::find(text, true) {
        let lead = text.get(..written.start).unwrap_or_default();
        let tail = text.get(written.end..).unwrap_or_default();
        let label = if lead.trim().is_empty() { before } else { label_of(lead) };
        let Some(day) = written.day else {
            if is_label(lead) && is_label(tail) {
                found.year_month = Some((written.year, written.month));
            }
            continue;
        };
        let date = match written.stamp() {
            Some(stamp) if stamp.date <= as_of => RowDate::Full(stamp),
            Some(_) => continue,
            None => RowDate::Short(written.month, day),
        };
        let alone = is_label(lead) && is_label(tail);
        let numeric = text
            .get(written.start..written.end)
            .is_some_and(|date| !date.contains('年') && !date.contains('月'));
        let short = matches!(date, RowDate::Short(..));
        let opens = lead.trim_matches(|c: char| c.is_whitespace() || "[【(（".contains(c)).is_empty();
        let closes = tail.trim_matches(|c: char| c.is_whitespace() || "]】)）".contains(c)).is_empty();
        let bracketed = lead.trim_end().ends_with(['[', '【', '(', '（', '〔'])
            && tail.trim_start().starts_with([']', '】', ')', '）', '〕']);
        if in_title && !alone {
            // A day in words is what the title is about; one in numbers and brackets may have been put there by the list.
            if label != Label::None || !(opens || closes) {
                continue;
            }
            if numeric && (bracketed || !short) {
                found.offer(2, Some(date));
            } else if bracketed && let RowDate::Full(stamp) = date {
                found.named = Some(stamp);
            }
            continue;
        }
        let bare = alone && !lead.chars().chain(tail.chars()).any(char::is_alphabetic);
        let weight = match label {
            Label::Other => 1,
            Label::Made => 2,
            Label::Published => 6,
            Label::None if bare => OWN,
            Label::None if alone || (opens || closes) && bracketed => 4,
            Label::None if numeric && !short && (opens || closes) => 3,
            Label::None if !short && numeric => 2,
            Label::None if !short && opens && tail.contains("来源") => 2,
            Label::None => 0,
        };
        if weight > 0 {
            found.offer(weight, Some(date));
        }
    }
}

/// `/11月 2026`, `11.2026`, beside a big day.
fn month_then_year(text: &str) -> Option<(u32, i32)> {
    if text.len() > 20 || text.bytes().any(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let signs = |c: char| !c.is_ascii_digit();
    let bare = text.trim_matches(signs);
    let (month, year) = bare.split_once(signs)?;
    let between: String = bare.chars().filter(|c| !c.is_ascii_digit()).collect();
    let year = year.trim_start_matches(signs);
    let plain = between.chars().all(|c| c.is_whitespace() || "月/.-,，".contains(c));
    let shaped = plain && (1..=2).contains(&month.len()) && year.len() == 4;
    let (month, year) = (month.parse().ok()?, year.parse().ok()?);
    (shaped && (1..=12).contains(&month) && (1990..=2099).contains(&year)).then_some((month, year))
}

fn shape_8(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit())
}

fn compact(text: &str, as_of: NaiveDate) -> Option<Stamp> {
    let date = NaiveDate::parse_from_str(text, "%Y%m%d")
        .ok()
        .filter(|date| *date <= as_of && date.year() >= 1995)?;
    Some(Stamp { date, time: None, seconds: false })
}

/// Gives the short dates of a list's rows their years: by the row's URL, by a year that stands above, else by the order of rows.
pub fn settle_years(
    rows: &[(RowDate, &str)],
    heading_years: &[Option<i32>],
    as_of: NaiveDate,
) -> Vec<Option<Stamp>> {
    let shorts: Vec<(u32, u32)> = rows
        .iter()
        .filter_map(|(date, _)| if let RowDate::Short(m, d) = date { Some((*m, *d)) } else { None })
        .collect();
    let rises = shorts.windows(2).filter(|pair| pair[1] > pair[0]).count();
    let ordered = rises * 3 <= shorts.len().max(6);
    let mut limit = as_of;
    rows.iter()
        .enumerate()
        .map(|(index, (date, url))| {
            let plain = |date| Some(Stamp { date, time: None, seconds: false });
            match *date {
                RowDate::Full(stamp) | RowDate::ByTitle(stamp) => Some(stamp),
                RowDate::ByUrl(date) => plain(date),
                RowDate::Absent => None,
                RowDate::Short(month, day) => {
                    let by_url = dates::in_url(url)
                        .filter(|date| (date.month(), date.day()) == (month, day))
                        .or_else(|| {
                            let (year, named) = dates::month_in_url(url)?;
                            let near = named.is_none_or(|named| named == month);
                            near.then(|| NaiveDate::from_ymd_opt(year, month, day)).flatten()
                        })
                        .filter(|date| *date <= as_of);
                    let by_heading = heading_years
                        .get(index)
                        .copied()
                        .flatten()
                        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
                        .filter(|date| *date <= as_of);
                    let settled = by_url.or(by_heading).or_else(|| {
                        dates::newest_not_after(month, day, if ordered { limit } else { as_of })
                    })?;
                    // A pinned first row must not drag the years of all others down.
                    if index > 0 || rows.len() == 1 {
                        limit = settled.min(limit);
                    }
                    plain(settled)
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    #[test]
    fn years_by_order() {
        let rows = [
            (RowDate::Short(1, 5), ""),
            (RowDate::Short(12, 30), ""),
            (RowDate::Short(12, 2), ""),
            (RowDate::Short(12, 30), ""),
        ];
        let years: Vec<i32> = settle_years(&rows, &[], day(2026, 1, 10))
            .iter()
            .map(|stamp| stamp.expect("dated").date.year())
            .collect();
        assert_eq!(years, [2026, 2025, 2025, 2024]);
        let rows = [(RowDate::Short(11, 2), "http://a.example/202311/c1.html")];
        assert_eq!(settle_years(&rows, &[], day(2026, 11, 10))[0].expect("dated").date, day(2023, 11, 2));
        let rows = [(RowDate::Short(11, 2), "http://a.example/c1.html")];
        assert_eq!(
            settle_years(&rows, &[Some(2019)], day(2026, 11, 10))[0].expect("dated").date,
            day(2019, 11, 2)
        );
    }

    #[test]
    fn dates_in_runs_of_text() {
        let as_of = day(2026, 11, 20);
        let read = |text: &str, in_title: bool| {
            let mut found = Candidates::default();
            consider(text, Label::None, in_title, as_of, &mut found);
            found.choose(as_of)
        };
        let full = |y, m, d| Some(RowDate::Full(Stamp { date: day(y, m, d), time: None, seconds: false }));
        assert_eq!(read("2026-11-02", false), full(2026, 11, 2));
        assert_eq!(read("[11-02]", false), Some(RowDate::Short(11, 2)));
        assert_eq!(read("11/02", false), Some(RowDate::Short(11, 2)));
        assert_eq!(read("今天", false), full(2026, 11, 20));
        assert_eq!(read("发布时间：昨天", false), full(2026, 11, 19));
        assert_eq!(read("昨天召开的会议", false), None);
        assert_eq!(read("会议时间：昨天", false), None);
        assert_eq!(read("26-11-02", false), full(2026, 11, 2));
        assert_eq!(read("11-02-26", false), None, "any of three days");
        assert_eq!(read("发布时间：2026年11月2日", false), full(2026, 11, 2));
        assert_eq!(read("关于2025年12月31日停水的通知", true), None);
        assert_eq!(read("2025年1月1日起施行的新规", true), None);
        assert_eq!(read("关于召开会议的通知（2026-11-02）", true), full(2026, 11, 2));
        assert_eq!(read("2027-01-01", false), None);
        assert_eq!(read("20261102", false), full(2026, 11, 2));
        assert_eq!(read("二〇二六年十月三十日", false), full(2026, 10, 30));
        assert_eq!(read("２０２６－１０－３０", false), full(2026, 10, 30));
        assert_eq!(read("二〇二六年十月三十日起施行的新规", true), None);
    }
}
