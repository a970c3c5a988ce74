//! The date a reader would call an article's publication date, with every other candidate and the reason for the choice.

use super::regions::is_letter;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use chrono::NaiveDate;

use super::dates::{self, Stamp};
use super::outline::{NodeId, Outline, Tag};
use super::page::{LinkPlace, PubDate};
use super::regions::{Regions, fold};
use super::scripts;

/// The date beside the title, and how sure that is.
#[derive(Debug, Clone, Copy)]
pub struct Visible {
    /// The date.
    pub stamp: Stamp,
    /// Words call it the publication date, or a line of source and author holds it.
    pub told: bool,
    /// It stands right below the title.
    pub near_title: bool,
    /// The greater, the surer.
    pub weight: i32,
}

/// Runs of text with digits looked at; the date of an article is among the first.
const MOST_DATES: usize = 4000;

/// Labels that call a date the publication date.
const PUBLISHED: &[&str] = &[
    "发布时间",
    "发布日期",
    "发布于",
    "发稿时间",
    "发稿日期",
    "发表时间",
    "发表日期",
    "发表于",
    "上传时间",
    "公开日期",
    "公开时间",
    "信息时间",
    "信息日期",
    "录入时间",
    "添加时间",
    "创建时间",
    "创建日期",
    "刊发时间",
    "编辑日期",
    "编发时间",
    "发布",
    "发文时间",
    "稿件时间",
    "文章时间",
    "新闻时间",
    "推送时间",
    "登载时间",
    "播出时间",
    "发布日",
    "Published",
    "Posted on",
    "Date",
    "Time",
    "日期",
    "时间",
];
/// Labels that only say when a page was last touched.
const UPDATED: &[&str] = &["更新时间", "更新日期", "修改时间", "最后更新", "更新于"];
/// Labels of dates that are the document's own, or somebody else's.
const OTHER: &[&str] = &[
    "成文日期",
    "成文时间",
    "生成日期",
    "生成时间",
    "印发日期",
    "印发时间",
    "发文日期",
    "施行日期",
    "实施日期",
    "生效日期",
    "生效时间",
    "失效日期",
    "失效时间",
    "废止日期",
    "有效期",
    "有效期至",
    "截止日期",
    "截止时间",
    "签发日期",
    "起始时间",
    "开始时间",
    "结束时间",
    "活动时间",
    "会议时间",
    "报名时间",
    "公示时间",
    "公示期",
    "征集时间",
    "开标时间",
    "来信时间",
    "留言时间",
    "写信时间",
    "提交时间",
    "答复时间",
    "回复时间",
    "办结时间",
    "受理时间",
    "处理时间",
    "出生年月",
    "成立日期",
    "任职时间",
    "北京时间",
    "今天是",
    "今天",
    "今日",
    "当前时间",
    "现在是",
    "当前日期",
    "归档时间",
    "办公时间",
    "工作时间",
    "截至",
    "截止",
    "自",
    "从",
    "至",
    "到",
    "于",
    "在",
    "考试时间",
    "访谈时间",
    "直播时间",
    "播放时间",
    "立案日期",
    "处罚日期",
    "决定日期",
    "登记日期",
    "审批日期",
    "打印时间",
    "打印日期",
    "采集时间",
    "采购时间",
    "举办时间",
    "拍摄时间",
    "摄影时间",
    "缴费时间",
    "调查时间",
    "上次访问",
    "建立时间",
    "信件时间",
    "咨询时间",
];

/// The visible publication date, where the page shows one. `titles` are the names its title may stand under.
pub fn visible(page: &Outline, regions: &Regions, titles: &[String], as_of: NaiveDate) -> Option<Visible> {
    let titles = title_places(page, regions, titles);
    let first_title = titles.iter().map(|title| title.end).min();
    let body_at = body_start(page, regions, first_title.unwrap_or(0));
    let mut best: Option<Visible> = None;
    let mut looked_at = 0;
    for id in page.ids() {
        let node = page.node(id);
        if node.inert || !matches!(node.tag, Tag::Text | Tag::Script) {
            continue;
        }
        if node.tag == Tag::Script {
            let written = page.raw_of(id).and_then(scripts::written_date).and_then(|written| written.stamp());
            let Some(stamp) = written.filter(|stamp| stamp.date <= as_of) else { continue };
            let at = node.text_start as usize;
            if let Some(seen) = weigh(page, id, at, at, stamp, &titles, body_at)
                && seen.told
                && best.is_none_or(|best| seen.weight > best.weight)
            {
                best = Some(seen);
            }
            continue;
        }
        let text = page.text_of(id);
        if text.len() < 6 || !holds_a_year(text.as_bytes()) || regions.is_hidden(id) {
            continue;
        }
        looked_at += 1;
        if looked_at > MOST_DATES {
            break;
        }
        let place = regions.place(id);
        for written in dates::find(text, false).into_iter().take(4) {
            let Some(stamp) = written.stamp().filter(|stamp| stamp.date <= as_of) else { continue };
            let at = node.text_start as usize + written.start;
            let end = node.text_start as usize + written.end;
            let Some(seen) = weigh(page, id, at, end, stamp, &titles, body_at) else { continue };
            if place == LinkPlace::Footer || (place == LinkPlace::Nav && !seen.near_title) {
                continue;
            }
            if best.is_none_or(|best| seen.weight > best.weight) {
                best = Some(seen);
            }
        }
    }
    if best.is_none() {
        best = pieced(page, &titles, body_at, as_of).or_else(|| big_day(page, &titles, as_of));
    }
    best.filter(|best| best.weight >= 40)
}

/// Whether four digits stand side by side: then one of every four bytes is a digit.
fn holds_a_year(text: &[u8]) -> bool {
    (3..text.len()).step_by(4).any(|at| {
        text[at].is_ascii_digit() && {
            let before = text[at - 3..at].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            let after = text[at + 1..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
            before + after >= 3
        }
    })
}

/// A date whose parts stand in elements of their own, right below the title.
fn pieced(page: &Outline, titles: &[Range<usize>], body_at: usize, as_of: NaiveDate) -> Option<Visible> {
    for title in titles.iter().map(|title| title.end) {
        let end = page.text.floor_char_boundary((title + 240).min(body_at).min(page.text.len()));
        let near = page.text.get(title..end).unwrap_or_default();
        for written in dates::find(near, false).into_iter().take(2) {
            let Some(stamp) = written.stamp().filter(|stamp| stamp.date <= as_of) else { continue };
            let (at, end) = (title + written.start, title + written.end);
            let Some(id) = page
                .ids()
                .find(|id| page.node(*id).tag == Tag::Text && page.node(*id).text_end as usize > at)
            else {
                continue;
            };
            if let Some(seen) = weigh(page, id, at, end, stamp, titles, body_at) {
                return Some(seen);
            }
        }
    }
    None
}

/// A big day above or below its year and month, in a box of its own right above the title.
fn big_day(page: &Outline, titles: &[Range<usize>], as_of: NaiveDate) -> Option<Visible> {
    titles.iter().find_map(|title| {
        let first = page.nodes.partition_point(|node| (node.text_start as usize) < title.start);
        let mut texts = (first.saturating_sub(12)..first).rev().filter_map(|at| {
            let id = NodeId::try_from(at).ok()?;
            let node = page.node(id);
            let shown = node.tag == Tag::Text && !node.inert;
            shown.then(|| page.text_of(id).trim()).filter(|text| !text.is_empty()).map(|text| (id, text))
        });
        let ((lower_at, lower), (upper_at, upper)) = (texts.next()?, texts.next()?);
        let around = page.ancestors(lower_at).find(|up| *up < upper_at)?;
        if page.text_of(around).trim().len() > lower.len() + upper.len() + 2 || in_row(page, lower_at) {
            return None;
        }
        let date = [(upper, lower), (lower, upper)].into_iter().find_map(|(day, month)| {
            let written = *dates::find(month, true).first().filter(|written| written.day.is_none())?;
            let rest = [month.get(..written.start)?, month.get(written.end..)?];
            let alone = !rest.iter().any(|rest| rest.chars().any(is_letter));
            let day = day.trim_end_matches('日').parse().ok().filter(|_| alone)?;
            NaiveDate::from_ymd_opt(written.year?, written.month, day)
        })?;
        let stamp = Stamp { date, time: None, seconds: false };
        (date <= as_of).then_some(Visible { stamp, told: false, near_title: true, weight: 45 })
    })
}

fn weigh(
    page: &Outline,
    id: NodeId,
    at: usize,
    end: usize,
    stamp: Stamp,
    titles: &[Range<usize>],
    body_at: usize,
) -> Option<Visible> {
    let from = page.text.floor_char_boundary(at.saturating_sub(48));
    let before = page.text.get(from..at).unwrap_or_default();
    let bare =
        before.trim_end_matches(|c: char| c.is_whitespace() || "[【(（:：|*".contains(c) || c == '\u{a0}');
    // Letters of a label may be set apart: 时　间. A line above is no part of it.
    let label = bare.rsplit('\n').next().unwrap_or_default();
    let squeezed: String = label.chars().filter(|c| !c.is_whitespace() && *c != '\u{3000}').collect();
    let ends = |words: &[&str]| words.iter().any(|word| squeezed.ends_with(word));
    let colon = before.get(bare.len()..).is_some_and(|signs| signs.contains([':', '：']));
    let own_line = bare.is_empty() || before.get(bare.len()..).is_some_and(|signs| signs.contains('\n'));
    let after = page
        .text
        .get(end..page.text.ceil_char_boundary((end + 120).min(page.text.len())))
        .unwrap_or_default();
    let line_before = before.rsplit('\n').next().unwrap_or_default();
    let line_after = after.split('\n').next().unwrap_or_default();
    let info_words = [
        "来源",
        "作者",
        "浏览",
        "点击",
        "阅读",
        "字体",
        "字号",
        "访问量",
        "访问次数",
        "编辑",
        "打印",
        "撰稿",
        "责编",
        "信息来源",
        "发布机构",
        "发布者",
        "稿源",
    ];
    let info = info_words
        .iter()
        .any(|word| line_before.contains(word) || after.contains(word) || before.contains(word));
    let near = titles.iter().filter_map(|title| at.checked_sub(title.end)).min();
    let near_title = near.is_some_and(|gap| gap < 400) && at <= body_at.saturating_add(40);
    let mut weight = 0;
    let told;
    if ends(UPDATED) && (colon || own_line) {
        weight += 50;
        told = true;
    } else if ends(OTHER) && !ends(&["发布于", "发表于", "刊发时间"]) {
        return None;
    } else if ends(PUBLISHED)
        && (colon
            || own_line
            || squeezed.chars().count() <= 6
            || squeezed.ends_with("发布于")
            || squeezed.ends_with("时间")
            || squeezed.ends_with("日期"))
    {
        let vague = ends(&["日期", "时间", "发布"])
            && !ends(&["发布时间", "发布日期", "发稿时间", "公开时间", "公开日期"]);
        weight += if vague { 80 } else { 100 };
        told = true;
        if vague && !near_title && !info {
            weight -= 50;
        }
    } else {
        // Alone on the line right above the title.
        let alone = !line_before.chars().chain(line_after.chars()).any(is_letter);
        let above = titles.iter().any(|title| {
            title.start >= end
                && title.start - end < 40
                && page.text.get(end..title.start).is_some_and(|gap| !gap.chars().any(is_letter))
        });
        if alone && above && !near_title && !in_row(page, id) {
            return Some(Visible { stamp, told: false, near_title: true, weight: 45 });
        }
        // A bare date: only in the lines between title and text, and hardly anything else in its line but source and author.
        let gap_text = near.and_then(|gap| page.text.get(at - gap..at)).unwrap_or_default();
        let between = gap_text.chars().filter(|c| is_letter(*c)).take(200).count();
        if between > if info { 120 } else { 40 } {
            return None;
        }
        let rest = line_before.chars().chain(line_after.chars()).filter(|c| is_letter(*c)).count();
        if !near_title
            || (rest > 12 && !info)
            || rest > 80
            || line_after
                .trim_start()
                .starts_with(['至', '到', '起', '—', '前', '，', '。', '、', '在', '上', '下'])
        {
            return None;
        }
        if line_before.chars().filter(|c| is_letter(*c)).count() > 30 {
            return None;
        }
        weight += if info { 70 } else { 45 };
        told = info;
    }
    if in_row(page, id) {
        return None;
    }
    if let Some(gap) = near {
        weight += match gap {
            0..=120 => 25,
            121..=400 => 15,
            401..=1500 => 5,
            _ => 0,
        };
    }
    if stamp.time.is_some() {
        weight += 4;
    }
    if at > body_at {
        weight -= if told { 15 } else { 60 };
    }
    Some(Visible { stamp, told, near_title, weight })
}

/// Inside a row of links, a cell of a list: that date is the row's.
fn in_row(page: &Outline, id: NodeId) -> bool {
    for up in page.ancestors(id).take(6) {
        let node = page.node(up);
        // A row around a table is layout.
        if node.tag == Tag::Table {
            return false;
        }
        let row = matches!(node.tag, Tag::Li | Tag::Tr | Tag::Dd | Tag::Dl | Tag::A);
        if node.tag == Tag::A && (node.text_end - node.text_start) > 30 {
            return true;
        }
        if row && (node.text_end - node.text_start) < 900 {
            let long_link = page.inside(up).take(80).any(|inner| {
                let tag = page.node(inner).tag;
                tag == Tag::A
                    && page.text_of(inner).len() < 3000
                    && fold(page.text_of(inner)).chars().count() >= 8
            });
            if long_link {
                return true;
            }
        }
    }
    false
}

/// Where the title stands in the page's text: its headings, and every line that is the title.
fn title_places(page: &Outline, regions: &Regions, titles: &[String]) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    for id in page.ids() {
        let node = page.node(id);
        if node.inert || regions.place(id) == LinkPlace::Footer {
            continue;
        }
        let heading = matches!(node.tag, Tag::H1 | Tag::H2) && regions.place(id) == LinkPlace::Body;
        if heading && !page.text_of(id).trim().is_empty() {
            places.push(node.text_start as usize..node.text_end as usize);
        } else if node.tag == Tag::Text && regions.place(id) != LinkPlace::Nav {
            let text = page.text_of(id);
            if (9..=600).contains(&text.len())
                && titles.iter().any(|title| same_title(text, title))
                && !in_row(page, id)
            {
                places.push(node.text_start as usize..node.text_end as usize);
            }
        } else if node.tag == Tag::Other
            && page.attr(id, super::outline::Attr::Name).is_some_and(|name| name.contains("title"))
        {
            places.push(node.text_start as usize..node.text_end as usize);
        }
        if places.len() > 60 {
            break;
        }
    }
    places
}

/// Equal but for white space, or the whole beginning of it where the title is set in two lines.
fn same_title(text: &str, title: &str) -> bool {
    let mut left = text.chars().filter(|c| !c.is_whitespace());
    let mut right = title.chars().filter(|c| !c.is_whitespace());
    let mut matched = 0;
    loop {
        match (left.next(), right.next()) {
            (Some(a), Some(b)) if a == b => matched += 1,
            (None, None) => return matched >= 3,
            (None, Some(_)) => return matched >= 8,
            (Some(_), None) => return matched >= 8 && left.count() <= 4,
            _ => return false,
        }
    }
}

/// Where the running text begins: the first long run after the title.
fn body_start(page: &Outline, regions: &Regions, title: usize) -> usize {
    for id in page.ids() {
        let node = page.node(id);
        if node.tag != Tag::Text
            || node.inert
            || (node.text_start as usize) < title
            || regions.place(id) != LinkPlace::Body
        {
            continue;
        }
        let text = page.text_of(id).trim();
        if text.chars().nth(55).is_some()
            && dates::find(
                text.get(..text.floor_char_boundary(120.min(text.len()))).unwrap_or_default(),
                false,
            )
            .is_empty()
        {
            return node.text_start as usize;
        }
        if text.chars().nth(120).is_some()
            || (text.chars().nth(30).is_some() && text.contains(['，', '。', '；']))
        {
            return node.text_start as usize;
        }
    }
    page.text.len()
}

/// All candidates and the choice: visible before tag before URL.
pub fn choose(
    visible: Option<Visible>,
    tags: &BTreeMap<String, String>,
    url: &str,
    as_of: NaiveDate,
) -> PubDate {
    let tagged = tags.get("PubDate").map(String::as_str).unwrap_or_default();
    let tag = dates::first(tagged, as_of).or_else(|| compact(tagged, as_of));
    let by_url = dates::in_url(url).filter(|date| *date <= as_of).map(|date| Stamp {
        date,
        time: None,
        seconds: false,
    });
    let seen = visible.map(|visible| visible.stamp);
    let (chosen, mut why) = match (seen, tag, by_url) {
        (Some(stamp), ..) => (
            Some(stamp),
            if visible.is_some_and(|visible| visible.told) {
                "visible-labelled"
            } else {
                "visible-beside-title"
            }
            .to_owned(),
        ),
        (None, Some(stamp), _) => (Some(stamp), "tag".to_owned()),
        (None, None, Some(stamp)) => (Some(stamp), "url".to_owned()),
        (None, None, None) => (None, "no-date".to_owned()),
    };
    if let (Some(seen), Some(tag)) = (seen, tag)
        && seen.date != tag.date
    {
        // Far apart, one of them belongs to another publication of the same text: both stay, the reader decides.
        let days = (tag.date - seen.date).num_days();
        let _ = write!(why, "; tag-differs by {days} days");
    }
    PubDate { visible: seen, tag, url: by_url, chosen, why }
}

/// `20261102` and `20261102093000`.
fn compact(text: &str, as_of: NaiveDate) -> Option<Stamp> {
    let digits = text.trim().get(..8)?;
    let date = NaiveDate::parse_from_str(digits, "%Y%m%d").ok().filter(|date| *date <= as_of)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then_some(Stamp { date, time: None, seconds: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tokens;

    #[test]
    fn four_digits_are_found_wherever_they_stand() {
        for len in 0..=12_u32 {
            for bits in 0_u32..1 << len {
                let text: Vec<u8> = (0..len).map(|n| if bits >> n & 1 == 1 { b'7' } else { b'x' }).collect();
                let plain = text.windows(4).any(|four| four.iter().all(u8::is_ascii_digit));
                assert_eq!(holds_a_year(&text), plain, "{:?}", String::from_utf8_lossy(&text));
            }
        }
    }

    fn seen(html: &str) -> Option<String> {
        let (page, _) = tokens::read(html, &mut || false);
        let as_of = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date");
        visible(&page, &Regions::read(&page), &["关于召开全市工作会议的通知".to_owned()], as_of)
            .map(|seen| seen.stamp.to_string())
    }

    #[test]
    fn where_pages_show_it() {
        let title = "<h1>关于召开全市工作会议的通知</h1>";
        let body = "<div class=c><p>各县区人民政府，市政府各部门：定于2026年12月1日召开会议，现将有关事项通知如下，请认真做好准备并按时参加，会议地点另行通知。</p><p>2025年4月24日</p></div>";
        for (info, want) in [
            ("<p>发布时间：2026-11-02 09:30　来源：市政府办公室</p>", Some("2026-11-02 09:30")),
            ("<p>【时间：2018年07月06日 11:25】【来源：网】</p>", Some("2018-07-06 11:25")),
            ("<div>2025-04-11 14:32 <span>来源：某社</span></div>", Some("2025-04-11 14:32")),
            ("<div><span>2025-04-11</span></div>", Some("2025-04-11")),
            ("<ul><li>来源：甲网</li><li>2025年06月03日 13时44分</li></ul>", Some("2025-06-03 13:44")),
            (
                "<table><tr><td>成文日期</td><td>2024-01-02</td></tr><tr><td>发布日期</td><td>2024-01-05</td></tr></table>",
                Some("2024-01-05"),
            ),
            ("<p>成文日期：2024-01-02</p>", None),
            (
                "<p style='display:none'>发布时间：2026-11-02</p><p>2026-10-07 来源：某社</p>",
                Some("2026-10-07"),
            ),
            ("<p>发布时间：2027-01-01</p>", None),
            ("<p>发布时间：2026-13-45</p>", None),
            ("<p>今天是2026年11月20日</p>", None),
            ("", None),
        ] {
            assert_eq!(seen(&format!("{title}{info}{body}")).as_deref(), want, "{info}");
        }
        let list =
            format!("{title}<ul><li><a href=1>关于开展年度检查的通知</a><span>2026-11-02</span></li></ul>");
        assert_eq!(seen(&list), None);
    }
}
