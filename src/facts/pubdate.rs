//! The date a reader would call an article's publication date, with every other candidate and the reason for the choice.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use chrono::NaiveDate;

use super::blanks;
use super::dated::{self, Called};
use super::dates::{self, Stamp};
use super::outline::{NodeId, Outline, Tag};
use super::page::{LinkPlace, PubDate};
use super::regions::{Regions, fold, is_letter};
use super::{scripts, spelled};
use crate::calendar::Instant8;

/// The date beside the title, and how sure that is.
#[derive(Debug, Clone, Copy)]
pub struct Visible {
    /// The date.
    pub stamp: Stamp,
    /// Words call it the publication date, or a line of source and author holds it.
    pub told: bool,
    /// It stands right below the title.
    pub near_title: bool,
    /// It is told by how long ago it was: 昨天, 3天前.
    pub relative: bool,
    /// The greater, the surer.
    pub weight: i32,
}

/// The reason for a date that was told by how long ago it was when the page was read.
pub const RELATIVE: &str = "visible-relative";

/// Runs of text with digits looked at; the date of an article is among the first.
const MOST_DATES: usize = 4000;
/// Titles, and labels of each word, beside which a second look is taken; bytes below and after one that it takes in.
const MOST_TITLES: usize = 8;
const MOST_LABELS: usize = 40;
const BELOW: usize = 400;
const AFTER_LABEL: usize = 72;

/// The visible publication date, where the page shows one. `titles` are the names its title may stand under, `now` is when the
/// page was seen.
pub fn visible(page: &Outline, regions: &Regions, titles: &[String], now: Instant8) -> Option<Visible> {
    let as_of = now.date_naive();
    let titles = title_places(page, regions, titles);
    let first_title = titles.iter().map(|title| title.end).min();
    let body_at = body_start(page, regions, first_title.unwrap_or(0));
    let mut best: Option<Visible> = None;
    let mut looked_at = 0;
    for id in page.ids() {
        let node = page.node(id);
        if node.inert || !matches!(node.tag, Tag::Text | Tag::Script | Tag::Time) {
            continue;
        }
        if node.tag == Tag::Time {
            let stamp = spelled::machine_date(page, id).filter(|stamp| stamp.date <= as_of);
            let framed = matches!(regions.place(id), LinkPlace::Footer | LinkPlace::Nav);
            if let Some(stamp) = stamp.filter(|_| !framed && !regions.is_hidden(id))
                && let Some(seen) =
                    weigh(page, id, node.text_start as usize, node.text_end as usize, stamp, &titles, body_at)
                && best.is_none_or(|best| seen.weight > best.weight)
            {
                best = Some(seen);
            }
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
    if best.is_none_or(|best| !best.told) {
        let other = respelled(page, regions, &titles, body_at, now);
        let better = other.filter(|other| best.is_none_or(|best| other.weight > best.weight));
        best = better.or(best);
    }
    if best.is_none() {
        best = big_day(page, &titles, as_of);
    }
    best.filter(|best| best.weight >= 40)
}

/// Bytes of a text that are looked through together for a digit; a multiple of four.
const PIECE: usize = 256;

/// Whether four digits stand side by side: then one of every four bytes is a digit.
fn holds_a_year(text: &[u8]) -> bool {
    let stands_at = |at: usize| {
        text[at].is_ascii_digit() && {
            let before = text[at - 3..at].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            let after = text[at + 1..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
            before + after >= 3
        }
    };
    let pieces = (0..text.len()).step_by(PIECE).map(|from| from..(from + PIECE).min(text.len()));
    let mut numbered = pieces.filter(|piece| blanks::holds_digit(&text[piece.clone()]));
    numbered.any(|piece| piece.skip(3).step_by(4).any(stands_at))
}

/// A date in an unusual spelling, or one whose parts stand in elements of their own: right below the title, or after a label.
fn respelled(
    page: &Outline,
    regions: &Regions,
    titles: &[Range<usize>],
    body_at: usize,
    now: Instant8,
) -> Option<Visible> {
    let below = titles.iter().take(MOST_TITLES).map(|title| title.end..(title.end + BELOW).min(body_at));
    let labelled = ["时间", "日期", "发布"].into_iter().flat_map(|word| {
        let places = memchr::memmem::find_iter(page.text.as_bytes(), word);
        places.take(MOST_LABELS).map(move |at| at..at + AFTER_LABEL)
    });
    let mut best: Option<Visible> = None;
    for (window, told_only) in
        below.map(|window| (window, false)).chain(labelled.map(|window| (window, true)))
    {
        let start = page.text.floor_char_boundary(window.start);
        let end = page.text.floor_char_boundary(window.end);
        let text = page.text.get(start..end).unwrap_or_default();
        if !spelled::may_stand(text) {
            continue;
        }
        for found in spelled::find(text, now).into_iter().take(4) {
            let (at, end) = (start + found.at.start, start + found.at.end);
            let Some(id) = text_node(page, at) else { continue };
            let Some(seen) = weigh(page, id, at, end, found.stamp, titles, body_at) else { continue };
            let place = regions.place(id);
            let framed = place == LinkPlace::Footer || (place == LinkPlace::Nav && !seen.near_title);
            if framed || (told_only && !seen.told) || regions.is_hidden(id) {
                continue;
            }
            if !found.full && !is_nothing_else(page, id, at..end, titles) {
                continue;
            }
            if best.is_none_or(|best| seen.weight > best.weight) {
                best = Some(Visible { relative: found.relative, ..seen });
            }
        }
    }
    best
}

/// The run of text at a place.
fn text_node(page: &Outline, at: usize) -> Option<NodeId> {
    let after = page.nodes.partition_point(|node| node.text_start as usize <= at);
    let before = page.nodes.get(..after)?.iter().enumerate().rev().take(50);
    let (id, _) = before.into_iter().find(|(_, node)| node.tag == Tag::Text)?;
    NodeId::try_from(id).ok()
}

/// Whether figures or words that may mean anything can only be the date: right after a label that says so, or alone with source,
/// author and counter in the line below the title.
fn is_nothing_else(page: &Outline, id: NodeId, at: Range<usize>, titles: &[Range<usize>]) -> bool {
    let text = &page.text;
    let letterless = |text: &str| !text.chars().any(char::is_alphanumeric);
    let (Some(head), Some(tail)) = (text.get(..at.start), text.get(at.end..)) else { return false };
    let after = tail.split('\n').next().unwrap_or_default();
    let after = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    if !after.is_empty() && !dated::opens_info(after) {
        return false;
    }
    let from = text.floor_char_boundary(at.start.saturating_sub(48));
    let before = text.get(from..at.start).unwrap_or_default();
    let bare = bare(before);
    let apart = before.get(bare.len()..).is_some_and(|signs| signs.contains([':', '：', '\n']));
    match dated::called(bare, apart) {
        Called::Published { vague: false, .. } | Called::Updated => return true,
        Called::Published { whole, .. } if apart => return whole,
        Called::Published { .. } | Called::Other | Called::Nothing => {}
    }
    let Some(title) = titles.iter().rfind(|title| title.end <= at.start).cloned() else {
        return false;
    };
    let chinese =
        text.get(title.clone()).is_some_and(|title| title.chars().any(|c| !c.is_ascii() && is_letter(c)));
    let between = head.get(title.end..).unwrap_or_default();
    let (above, line) = between.rsplit_once('\n').unwrap_or(("", between));
    // A word right before it would say what else it is.
    let own = page.node(id).text_start as usize == at.start
        || !line.ends_with(|c: char| c.is_alphanumeric() || c == ':' || c == '：');
    let info = |line: &str| {
        letterless(line)
            || (dated::holds_info(line)
                && line.split_once([':', '：']).is_some_and(|(_, said)| !letterless(said)))
    };
    chinese && own && !line.trim_end().ends_with([':', '：']) && info(line) && above.lines().all(info)
}

/// Characters of a label in brackets, at most.
const BRACKETED: usize = 8;

/// A text without the signs at its end that set a label apart from what it labels.
fn bare(before: &str) -> &str {
    before.trim_end_matches(|c: char| c.is_whitespace() || "[【(（:：|*".contains(c) || c == '\u{a0}')
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
        (date <= as_of).then_some(Visible {
            stamp,
            told: false,
            near_title: true,
            relative: false,
            weight: 45,
        })
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
    let bare = bare(before);
    // 【发布日期】2026-11-02: the bracket stands for the colon.
    let bracketed = bare.strip_suffix(['】', ']']).filter(|label| {
        let name = label.rsplit(['【', '[']).next().unwrap_or_default();
        name.len() < label.len() && name.chars().nth(BRACKETED).is_none()
    });
    let colon =
        bracketed.is_some() || before.get(bare.len()..).is_some_and(|signs| signs.contains([':', '：']));
    let bare = bracketed.unwrap_or(bare);
    let own_line = bare.is_empty() || before.get(bare.len()..).is_some_and(|signs| signs.contains('\n'));
    // What writes nothing itself may stand at the very place where the next paragraph begins.
    let block = page.ancestors(id).find(|up| page.node(*up).tag.is_block()).filter(|_| at == end);
    let line_end = block.map_or(page.text.len(), |block| page.node(block).text_end as usize);
    let after_end = page.text.ceil_char_boundary((end + 120).min(line_end));
    let after = page.text.get(end..after_end).unwrap_or_default();
    let line_before = before.rsplit('\n').next().unwrap_or_default();
    let line_after = after.split('\n').next().unwrap_or_default();
    let line = page.text.get(page.text.floor_char_boundary(at.saturating_sub(160))..at).unwrap_or_default();
    let opens = line.rsplit('\n').next().is_some_and(|line| dated::opens_info(line.trim_start()));
    let info =
        opens || dated::holds_info(line_before) || dated::holds_info(after) || dated::holds_info(before);
    // A line of its own within a heading stands below the title, too.
    let within = titles.iter().any(|title| {
        title.contains(&at)
            && page.text.get(title.start..at).is_some_and(|above| above.trim_end_matches(' ').ends_with('\n'))
    });
    let near = titles.iter().filter_map(|title| at.checked_sub(title.end)).min();
    let near = if within { Some(0) } else { near };
    let near_title = near.is_some_and(|gap| gap < 400) && at <= body_at.saturating_add(40);
    let above = titles.iter().any(|title| {
        title.start >= end
            && title.start - end < 40
            && page.text.get(end..title.start).is_some_and(|gap| !gap.chars().any(is_letter))
    });
    let mut weight = 0;
    let told;
    let called = dated::called(bare, colon || own_line);
    if called == Called::Updated {
        weight += 50;
        told = true;
    } else if called == Called::Other {
        return None;
    } else if let Called::Published { vague, whole } = called {
        // 笔试时间, 停电时间: the day of what the text is about.
        if vague && !whole && !info {
            return None;
        }
        weight += if vague { 80 } else { 100 };
        told = true;
        let beside = near_title || info || (whole && above);
        if vague && !beside {
            weight -= 50;
        }
    } else {
        // Alone on the line right above the title.
        let alone = !line_before.chars().chain(line_after.chars()).any(is_letter);
        if alone && above && !near_title && !in_row(page, id) {
            return Some(Visible { stamp, told: false, near_title: true, relative: false, weight: 45 });
        }
        // A bare date: only in the lines between title and text, and hardly anything else in its line but source and author.
        let gap_text = near.and_then(|gap| page.text.get(at - gap..at)).unwrap_or_default();
        let between = bulk(gap_text);
        if between > if info { 120 } else { 40 } {
            return None;
        }
        let rest = line_before.chars().chain(line_after.chars()).filter(|c| is_letter(*c)).count();
        if !near_title
            || (rest > 12 && !info)
            || bulk(line_before) + bulk(line_after) > 80
            || line_after
                .trim_start()
                .starts_with(['至', '到', '起', '—', '前', '，', '。', '、', '在', '上', '下'])
        {
            return None;
        }
        if bulk(line_before) > 30 {
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
    Some(Visible { stamp, told, near_title, relative: false, weight })
}

/// How much a text says, in Chinese characters; two letters of a script that spells count as one.
fn bulk(text: &str) -> usize {
    let letters = text.chars().filter(|c| is_letter(*c)).take(400);
    letters.map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>() / 2
}

/// Inside a row of links, a cell of a list: that date is the row's.
fn in_row(page: &Outline, id: NodeId) -> bool {
    for up in page.ancestors(id).take(6) {
        let node = page.node(up);
        // A row around a table is layout, and so is one with the page's heading in it.
        let headed = || page.inside(up).take(60).any(|inner| page.node(inner).tag == Tag::H1);
        if node.tag == Tag::Table || matches!(node.tag, Tag::Tr | Tag::Td) && headed() {
            return false;
        }
        let row = matches!(node.tag, Tag::Li | Tag::Tr | Tag::Dd | Tag::Dl | Tag::A);
        if node.tag == Tag::A && names_something(page.text_of(up)) {
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

/// Whether a link's words are more than dates.
fn names_something(text: &str) -> bool {
    const LEAST: usize = 8;
    let letters =
        text.chars().filter(|c| is_letter(*c) && !c.is_ascii_digit() && !"年月日时分秒".contains(*c));
    text.len() > 30 && letters.count() >= LEAST
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
            if visible.is_some_and(|visible| visible.relative) {
                RELATIVE
            } else if visible.is_some_and(|visible| visible.told) {
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
        let as_of = crate::calendar::end_of_day(NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date"));
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
            ("<p>２０２６年１１月２日</p>", Some("2026-11-02")),
            ("<p>（二〇二六年十一月二日）　来源：市政府办公室</p>", Some("2026-11-02")),
            ("<p>来源：市政府办公室　发布时间：26-10-13</p>", Some("2026-10-13")),
            ("<p>来源：市政府办公室 26-10-13</p>", Some("2026-10-13")),
            ("<p>来源：<b>市政府办公室</b><i>昨天 09:12</i></p>", Some("2026-11-19 09:12")),
            ("<p>字号：大 中 小</p><p>20261019</p>", Some("2026-10-19")),
            ("<dl><dt>发布日期</dt><dd>20261019</dd></dl>", Some("2026-10-19")),
            ("<p>发布日期：20261019</p><p>成文日期：20261001</p>", Some("2026-10-19")),
            ("<div><time datetime='2026-11-02'></time></div>", Some("2026-11-02")),
            ("<p><time datetime='2025-11-02'>2026-11-03</time></p>", Some("2026-11-03")),
            ("<p>截止时间：<time datetime='2026-11-02'></time></p>", None),
            ("<p hidden><time datetime='2026-11-02'></time></p>", None),
            ("<p>成文日期：20261019</p>", None),
            ("<p>成文日期：２０２６年１１月２日</p>", None),
            ("<p>文号：20261019</p>", None),
            ("<p>文号 20261019</p>", None),
            ("<dl><dt>流水号</dt><dd>20261019</dd></dl>", None),
            ("<p>来源：20261019</p>", None),
            ("<p>电话 20261019 传真 20261020</p>", None),
            ("<p>阅读 20261019 次</p>", None),
            ("<dl><dt>浏览次数：</dt><dd>20261019</dd></dl>", None),
            ("<p>26-10-13室</p>", None),
            ("<p>第26-10-13号</p>", None),
            ("<p>v26.10.13</p>", None),
            ("<p>开庭时间：26-10-13</p>", None),
            ("<p>会议时间：昨天 09:12</p>", None),
            ("<p>昨天，我市召开会议</p>", None),
            ("<p>提前天数</p>", None),
            ("<p>今天 多云转晴</p>", None),
            ("<p>张三</p><p>3天前</p>", None),
            ("<p>发布时间：27-10-13</p>", None),
            ("", None),
        ] {
            assert_eq!(seen(&format!("{title}{info}{body}")).as_deref(), want, "{info}");
        }
        let why = |info: &str| {
            let (page, _) = tokens::read(&format!("{title}{info}{body}"), &mut || false);
            let as_of = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date");
            let now = crate::calendar::end_of_day(as_of);
            let seen = visible(&page, &Regions::read(&page), &[], now);
            choose(seen, &BTreeMap::new(), "http://www.shili.gov.cn/t20261101_1.html", as_of).why
        };
        assert_eq!(why("<p>发布时间：昨天</p>"), RELATIVE);
        assert_eq!(why("<p>发布时间：20261019</p>"), "visible-labelled");
        assert_eq!(why("<p>20261019</p>"), "visible-beside-title");
        assert_eq!(why("<p>电话：20261019</p>"), "url");
        let english = |info: &str| {
            seen(&format!(
                "<h1>County hosts regional trade fair</h1>{info}<p>{}</p>",
                "The fair brought exhibitors. ".repeat(9)
            ))
        };
        for (info, want) in [
            ("<p>Nov 2, 2026</p>", Some("2026-11-02")),
            ("<p>Release date: November 2, 2026</p>", Some("2026-11-02")),
            ("<p>Source: Information Office of the County Government | Nov 2, 2026</p>", Some("2026-11-02")),
            ("<p>Closing date: November 2, 2026</p>", None),
            ("<p>Apply by Nov 2, 2026</p>", None),
            ("<p>26-10-13</p>", None),
        ] {
            assert_eq!(english(info).as_deref(), want, "{info}");
        }
        let list =
            format!("{title}<ul><li><a href=1>关于开展年度检查的通知</a><span>2026-11-02</span></li></ul>");
        assert_eq!(seen(&list), None);
    }
}
