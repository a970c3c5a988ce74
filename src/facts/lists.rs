//! List blocks: which rows are items, which block is the main one, and what the page states of their number.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use chrono::NaiveDate;

use super::dates;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{LinkPlace, List, ListItem};
use super::regions::{Regions, fold};
use super::rows::{self, Anchor, RowDate};

/// Levels climbed from a link in search of its row.
const CLIMB: usize = 12;
/// Rows read of one page; more is a hostile page.
const MAX_ROWS: usize = 20_000;

/// A block of rows, judged.
#[derive(Debug, Clone)]
pub struct Block {
    /// Items and newest date.
    pub list: List,
    /// How much it looks like the list a page is there for.
    pub score: f64,
    /// Rows that carry a date a reader sees.
    pub dated: usize,
    /// Mean length of its titles in characters.
    pub title_len: f64,
    /// First node of its first row and end of its last.
    pub span: Range<NodeId>,
    /// True where it stands aside: 相关链接, 热门, sidebars.
    pub aside: bool,
}

struct Row {
    node: NodeId,
    parent: NodeId,
    tag: Tag,
    anchors: Vec<usize>,
}

/// Every list block of a page in document order, copies for other screens left out.
pub fn blocks(
    page: &Outline,
    regions: &Regions,
    resolve: &mut dyn FnMut(NodeId) -> Option<String>,
    as_of: NaiveDate,
) -> Vec<Block> {
    let anchors = candidates(page, regions, resolve);
    let rows = find_rows(page, &anchors);
    let groups = group(page, rows);
    let mut blocks: Vec<Block> =
        groups.into_iter().filter_map(|rows| judge(page, regions, &anchors, &rows, as_of)).collect();
    drop_copies(&mut blocks);
    blocks
}

/// The block the page is there for, where one qualifies.
pub fn main_of(blocks: &[Block]) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (index, block) in blocks.iter().enumerate() {
        if qualifies(block) && best.is_none_or(|best| block.score > blocks[best].score * 1.001) {
            best = Some(index);
        }
    }
    best
}

fn qualifies(block: &Block) -> bool {
    let items = block.list.items.len();
    if block.aside {
        return false;
    }
    block.dated >= 1
        || (items >= 3 && block.title_len >= 8.0)
        || (items >= 1 && block.title_len >= 10.0)
        || (items >= 2 && by_article_urls(block))
}

fn by_article_urls(block: &Block) -> bool {
    let known = block
        .list
        .items
        .iter()
        .filter(|item| {
            url::Url::parse(&item.url).is_ok_and(|url| super::shapes::looks_like_article_url(&url))
        })
        .count();
    known * 3 >= block.list.items.len() * 2
}

/// What the page states: 共 N 条, 总记录数 N.
pub fn declared_total(text: &str) -> Option<u32> {
    for (start, word) in
        ["共有", "共计", "总共", "共找到", "共", "总记录数", "记录总数", "总条数", "信息总数", "总数"]
            .iter()
            .flat_map(|word| text.match_indices(word))
    {
        let rest = text.get(start + word.len()..)?;
        let word: &str = word;
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || ":：为&nbsp;[【".contains(c));
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 8 {
            continue;
        }
        let after =
            rest.get(digits..)?.trim_start_matches(|c: char| c.is_whitespace() || c == ']' || c == '】');
        let unit =
            ["条", "篇", "个结果", "项记录", "项结果", "则"].iter().any(|unit| after.starts_with(unit));
        if unit || !word.starts_with('共') && word != "总共" {
            return rest.get(..digits)?.parse().ok();
        }
    }
    None
}

fn candidates(
    page: &Outline,
    regions: &Regions,
    resolve: &mut dyn FnMut(NodeId) -> Option<String>,
) -> Vec<Anchor> {
    let mut targets: HashMap<String, u32> = HashMap::new();
    let mut found = Vec::new();
    for id in page.ids().skip(1) {
        let node = page.node(id);
        if node.tag != Tag::A
            || node.inert
            || regions.place(id) != LinkPlace::Body
            || page.attr(id, Attr::Href).is_none()
        {
            continue;
        }
        let text = rows::anchor_text(page, id);
        let picture = page.inside(id).take(30).any(|inner| page.node(inner).tag == Tag::Img);
        if text.is_empty() && !picture || rows::leads_on(&text) && !picture {
            continue;
        }
        let Some(url) = resolve(id) else { continue };
        if url.starts_with("mailto:")
            || url.starts_with("tel:")
            || (url.starts_with("javascript:") && text.chars().nth(5).is_none())
        {
            continue;
        }
        // A script address says nothing: each such link is its own target.
        let key = if is_script_address(&url) { format!("{id} {url}") } else { url.clone() };
        let next = u32::try_from(targets.len()).unwrap_or(u32::MAX);
        let target = *targets.entry(key).or_insert(next);
        found.push(Anchor { id, url, target, text, picture });
        if found.len() >= MAX_ROWS {
            break;
        }
    }
    found
}

/// The anchors inside a node range.
fn within(anchors: &[Anchor], range: Range<NodeId>) -> Range<usize> {
    let start = anchors.partition_point(|anchor| anchor.id < range.start);
    let end = anchors.partition_point(|anchor| anchor.id < range.end);
    start..end
}

fn whole(page: &Outline, id: NodeId) -> Range<NodeId> {
    id..page.node(id).end.max(id + 1)
}

fn find_rows(page: &Outline, anchors: &[Anchor]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut at = 0;
    while at < anchors.len() {
        let node = row_of(page, anchors, at);
        let inside = within(anchors, whole(page, node));
        let next = inside.end.max(at + 1);
        rows.push(Row {
            node,
            parent: page.node(node).parent,
            tag: page.node(node).tag,
            anchors: (at..next).collect(),
        });
        at = next;
    }
    rows
}

fn is_row_tag(tag: Tag) -> bool {
    matches!(tag, Tag::Li | Tag::Tr | Tag::Dl | Tag::Dd | Tag::Dt)
}

fn is_container(tag: Tag) -> bool {
    matches!(tag, Tag::Tbody | Tag::Thead | Tag::Form | Tag::Body | Tag::Html | Tag::Main | Tag::Section)
}

/// The element that is the row of one anchor.
fn row_of(page: &Outline, anchors: &[Anchor], at: usize) -> NodeId {
    let anchor = &anchors[at];
    // A row tag with a second short link (its category, its office, a picture) is still one row.
    for up in page.ancestors(anchor.id).take(CLIMB) {
        let tag = page.node(up).tag;
        if matches!(tag, Tag::Li | Tag::Tr | Tag::Dl) {
            let inside = within(anchors, whole(page, up));
            if is_one_item(&anchors[inside]) && !has_row_children(page, up, tag) {
                return up;
            }
            break;
        }
        if is_container(tag) || tag == Tag::Table {
            break;
        }
    }
    let mut top = anchor.id;
    let mut row_tag = None;
    for up in page.ancestors(anchor.id).take(CLIMB) {
        let node = page.node(up);
        if up == 0 || is_container(node.tag) {
            break;
        }
        let inside = within(anchors, whole(page, up));
        let one = anchors[inside].iter().all(|other| other.target == anchor.target);
        if !one || (node.text_end - node.text_start) > 6000 {
            break;
        }
        if is_row_tag(node.tag) {
            row_tag = Some(up);
        }
        top = up;
    }
    if has_twin(page, anchors, top) {
        return top;
    }
    row_tag.unwrap_or_else(|| innermost_with_twin(page, anchors, anchor.id, top))
}

fn innermost_with_twin(page: &Outline, anchors: &[Anchor], from: NodeId, top: NodeId) -> NodeId {
    std::iter::once(from)
        .chain(page.ancestors(from))
        .take(CLIMB)
        .take_while(|id| *id >= top)
        .find(|id| has_twin(page, anchors, *id))
        .unwrap_or(from)
}

/// One target, or one long name beside short ones.
fn is_one_item(inside: &[Anchor]) -> bool {
    let mut targets: Vec<(u32, usize)> = Vec::new();
    for anchor in inside {
        let len = anchor.text.chars().count();
        match targets.iter_mut().find(|(target, _)| *target == anchor.target) {
            Some((_, longest)) => *longest = (*longest).max(len),
            None => targets.push((anchor.target, len)),
        }
        if targets.len() > 4 {
            return false;
        }
    }
    if targets.len() <= 1 {
        return !inside.is_empty();
    }
    targets.sort_by_key(|(_, len)| std::cmp::Reverse(*len));
    targets[0].1 >= 8
        && targets.get(1).is_none_or(|(_, second)| *second <= 8 && *second * 3 <= targets[0].1 * 2)
}

/// A row tag that itself holds rows of its kind is layout.
fn has_row_children(page: &Outline, id: NodeId, tag: Tag) -> bool {
    page.inside(id).take(400).filter(|inner| page.node(*inner).tag == tag).take(2).count() >= 2
}

/// Another child of the same parent with the same tag and a link in it.
fn has_twin(page: &Outline, anchors: &[Anchor], id: NodeId) -> bool {
    let node = page.node(id);
    let parent = node.parent;
    let mut sibling = node.end;
    let end = page.node(parent).end;
    let mut steps = 0;
    while sibling < end && steps < 12 {
        if page.node(sibling).tag == node.tag
            && page.node(sibling).parent == parent
            && !within(anchors, whole(page, sibling)).is_empty()
        {
            return true;
        }
        sibling = page.node(sibling).end.max(sibling + 1);
        steps += 1;
    }
    // Backwards: the nearest earlier link's ancestor under the same parent.
    let earlier = within(anchors, parent + 1..id);
    earlier.end.checked_sub(1).filter(|_| !earlier.is_empty()).is_some_and(|last| {
        let last = anchors[last].id;
        std::iter::once(last)
            .chain(page.ancestors(last))
            .take(CLIMB * 2)
            .find(|up| page.node(*up).parent == parent)
            .is_some_and(|up| page.node(up).tag == node.tag)
    })
}

/// Rows under one parent make a block; blocks of the same build with nothing between them make one.
fn group(page: &Outline, rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
    let mut by_parent: HashMap<(NodeId, u8), usize> = HashMap::new();
    for row in rows {
        let key = (row.parent, row.tag as u8);
        match by_parent.get(&key) {
            Some(index) => groups[*index].push(row),
            None => {
                by_parent.insert(key, groups.len());
                groups.push(vec![row]);
            }
        }
    }
    let mut merged: Vec<Vec<Row>> = Vec::new();
    for group in groups {
        match merged.last_mut() {
            Some(last) if continues(page, last, &group) => last.extend(group),
            _ => merged.push(group),
        }
    }
    merged
}

fn continues(page: &Outline, last: &[Row], next: &[Row]) -> bool {
    let (Some(before), Some(after)) = (last.last(), next.first()) else { return false };
    if before.tag != after.tag || before.node >= after.node {
        return false;
    }
    let between = page.text_between(page.node(before.node).text_end, page.node(after.node).text_start);
    let bare: String = between.chars().filter(|c| c.is_alphanumeric()).take(12).collect();
    if !bare.is_empty() && !is_period(&bare) {
        return false;
    }
    // The same tags from the nearest common element down to either row.
    let path = |row: &Row| -> Vec<NodeId> { page.ancestors(row.node).take(10).collect() };
    let (one, two) = (path(before), path(after));
    let Some((up, down)) = one
        .iter()
        .enumerate()
        .find_map(|(up, id)| two.iter().position(|other| other == id).map(|down| (up, down)))
    else {
        return false;
    };
    up == down
        && up <= 5
        && one.iter().zip(&two).take(up).all(|(a, b)| {
            page.node(*a).tag == page.node(*b).tag && page.attr(*a, Attr::Class) == page.attr(*b, Attr::Class)
        })
}

/// A year or a month that heads a part of one list.
fn is_period(bare: &str) -> bool {
    let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
    let rest: String = bare.chars().filter(|c| !c.is_ascii_digit()).collect();
    matches!(&*rest, "" | "年" | "月" | "年月" | "年度")
        && (digits.len() == 4 || digits.len() == 6 || rest == "月")
}

fn judge(
    page: &Outline,
    regions: &Regions,
    anchors: &[Anchor],
    rows: &[Row],
    as_of: NaiveDate,
) -> Option<Block> {
    let first = rows.first()?;
    let mut raw: Vec<(String, String, RowDate, Option<i32>)> = Vec::new();
    let mut year = heading_year(page, page.node(first.node).text_start);
    let mut hidden = 0;
    let mut pictures = 0;
    for (index, row) in rows.iter().enumerate() {
        let title = title_anchor(anchors, row)?;
        let end = page.node(row.node).end;
        let next = rows.get(index + 1).map(|next| next.node);
        let extent = row.node..reach(page, anchors, row, next).max(end);
        if index > 0 {
            let before = rows.get(index - 1).map_or(0, |before| page.node(before.node).text_end);
            year = period_year(page.text_between(before, page.node(row.node).text_start)).or(year);
        }
        let mut date = rows::date_of(page, row.node..end, title, as_of);
        if matches!(date, RowDate::Absent | RowDate::ByUrl(_)) && extent.end > end {
            let wider = rows::date_of(page, extent, title, as_of);
            if !matches!(wider, RowDate::Absent) {
                date = wider;
            }
        }
        let name = row_title(page, row, title, anchors);
        hidden += usize::from(regions.is_hidden(row.node));
        pictures += usize::from(title.picture);
        raw.push((name, title.url.clone(), date, year));
    }
    let dates: Vec<(RowDate, &str)> = raw.iter().map(|(_, url, date, _)| (*date, url.as_str())).collect();
    let years: Vec<Option<i32>> = raw.iter().map(|(.., year)| *year).collect();
    let stamps = rows::settle_years(&dates, &years, as_of);
    let mut seen = HashSet::new();
    let mut items = Vec::new();
    let mut dated = 0;
    for (index, ((title, url, date, _), stamp)) in raw.iter().zip(stamps).enumerate() {
        let key = if is_script_address(url) { format!("{index} {title}") } else { url.clone() };
        if !seen.insert(key) {
            continue;
        }
        dated += usize::from(matches!(date, RowDate::Full(_) | RowDate::Short(..)));
        items.push(ListItem {
            title: title.clone(),
            url: url.clone(),
            date: stamp.filter(|stamp| stamp.date <= as_of),
        });
    }
    items.retain(|item| !item.title.is_empty() || !item.url.is_empty());
    let count = items.len();
    if count == 0 {
        return None;
    }
    let title_len = items.iter().map(|item| item.title.chars().count()).sum::<usize>() as f64 / count as f64;
    let span = first.node..rows.last().map_or(first.node, |row| page.node(row.node).end);
    let heading = heading_of(page, first);
    let aside = stands_aside(page, first, &heading);
    let mut score: f64 = items
        .iter()
        .map(|item| {
            let len = item.title.chars().count();
            let own = if len >= 10 {
                2.0
            } else if len >= 6 {
                1.0
            } else {
                0.3
            };
            own + if item.date.is_some() { 1.0 } else { 0.0 }
        })
        .sum::<f64>()
        + dated as f64 * 2.0;
    if aside {
        score *= 0.15;
    }
    if hidden * 2 > rows.len() {
        score *= 0.6;
    }
    if pictures == rows.len() && dated == 0 {
        score *= 0.7;
    }
    let newest = items.iter().filter_map(|item| item.date).max();
    let list = List { heading, count: u32::try_from(count).unwrap_or(u32::MAX), newest, items };
    Some(Block { list, score, dated, title_len, span, aside })
}

/// An address that is the same for every row of a list.
fn is_script_address(url: &str) -> bool {
    url.starts_with("javascript:") || url.ends_with('#')
}

/// How far after a row its date may stand: to the next row or link, for rows that are no closed element of a list.
fn reach(page: &Outline, anchors: &[Anchor], row: &Row, next: Option<NodeId>) -> NodeId {
    let end = page.node(row.node).end;
    if matches!(row.tag, Tag::Li | Tag::Tr | Tag::Dl) {
        return end;
    }
    let limit = page.node(row.parent).end.min(next.unwrap_or(end + 12));
    let after = anchors.partition_point(|anchor| anchor.id < end);
    anchors.get(after).map_or(limit, |anchor| limit.min(anchor.id))
}

/// The anchor that names a row: the longest text that is no category.
fn title_anchor<'a>(anchors: &'a [Anchor], row: &Row) -> Option<&'a Anchor> {
    let in_row = row.anchors.iter().filter_map(|index| anchors.get(*index));
    in_row.max_by_key(|anchor| (anchor.text.chars().count().min(200), std::cmp::Reverse(anchor.id)))
}

fn row_title(page: &Outline, row: &Row, title: &Anchor, anchors: &[Anchor]) -> String {
    if !title.text.is_empty() && !rows::leads_on(&title.text) {
        // A picture link whose description is the same as the text link's cut text: prefer the text.
        let uncut = row.anchors.iter().filter_map(|index| anchors.get(*index)).find(|anchor| {
            anchor.target == title.target && !anchor.picture && anchor.text.chars().count() > 5
        });
        return uncut.map_or_else(|| title.text.clone(), |anchor| anchor.text.clone());
    }
    page.text_of(row.node)
        .lines()
        .map(fold)
        .find(|line| line.chars().nth(3).is_some() && dates::find(line, true).is_empty())
        .unwrap_or_default()
}

/// The last short line before a block.
fn heading_of(page: &Outline, first: &Row) -> String {
    let start = page.node(first.node).text_start as usize;
    let from = page.text.floor_char_boundary(start.saturating_sub(240));
    let before = page.text.get(from..start).unwrap_or_default();
    before
        .lines()
        .rev()
        .map(fold)
        .filter(|line| {
            !line.is_empty()
                && !rows::leads_on(line)
                && line.chars().any(char::is_alphanumeric)
                && !line.starts_with("按")
        })
        .take(1)
        .find(|line| line.chars().nth(24).is_none())
        .unwrap_or_default()
}

fn heading_year(page: &Outline, start: u32) -> Option<i32> {
    let start = start as usize;
    let from = page.text.floor_char_boundary(start.saturating_sub(40));
    let last = page.text.get(from..start)?.lines().rev().find(|line| !line.trim().is_empty())?;
    period_year(last)
}

fn period_year(text: &str) -> Option<i32> {
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).take(12).collect();
    if !is_period(&bare) {
        return None;
    }
    bare.get(..4)?.parse::<i32>().ok().filter(|year| (1990..=2099).contains(year))
}

fn stands_aside(page: &Outline, first: &Row, heading: &str) -> bool {
    const HEADINGS: &[&str] = &[
        "相关链接",
        "相关文章",
        "相关信息",
        "相关阅读",
        "相关新闻",
        "相关报道",
        "相关稿件",
        "相关推荐",
        "相关文件",
        "相关解读",
        "热门",
        "热点推荐",
        "热点排行",
        "点击排行",
        "阅读排行",
        "排行",
        "推荐阅读",
        "推荐",
        "友情链接",
        "猜你喜欢",
        "最近浏览",
        "站内链接",
        "快速通道",
        "上一篇",
        "下一篇",
    ];
    if HEADINGS.iter().any(|word| heading.contains(word)) && heading.chars().nth(12).is_none() {
        return true;
    }
    page.ancestors(first.node).take(8).any(|up| {
        let names = page.class_and_id(up);
        names.split_ascii_whitespace().any(|name| {
            [
                "related", "xgxx", "xglj", "xgwz", "xgyd", "xgnews", "tuijian", "recommend", "paihang", "hotnews", "prenext", "pre-next", "prev-next", "shangxia", "pagination",
                ]
            .iter()
            .any(|word| name.contains(word))
        })
    })
}

/// Takes out blocks that repeat an earlier or better one for another screen.
fn drop_copies(blocks: &mut Vec<Block>) {
    let keys: Vec<HashSet<&str>> =
        blocks.iter().map(|block| block.list.items.iter().map(|item| &*item.url).collect()).collect();
    let titles: Vec<HashSet<&str>> =
        blocks.iter().map(|block| block.list.items.iter().map(|item| &*item.title).collect()).collect();
    let mut dropped = vec![false; blocks.len()];
    if blocks.len() > 400 {
        return;
    }
    for later in 1..blocks.len() {
        for earlier in 0..later {
            if dropped[earlier] || dropped[later] {
                continue;
            }
            let by_title = titles[later].intersection(&titles[earlier]).count();
            let shared = keys[later].intersection(&keys[earlier]).count().max(by_title);
            let (small, large) =
                (keys[later].len().min(keys[earlier].len()), keys[later].len().max(keys[earlier].len()));
            if shared == 0 || shared * 10 < small * 7 || small * 2 < large && small < 4 {
                continue;
            }
            if blocks[later].score > blocks[earlier].score * 1.2 {
                dropped[earlier] = true;
            } else {
                dropped[later] = true;
            }
        }
    }
    let mut index = 0;
    blocks.retain(|_| {
        index += 1;
        !dropped[index - 1]
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stated_totals() {
        for (text, want) in [
            ("共 128 条 第1/7页", Some(128)),
            ("共有128条记录", Some(128)),
            ("总记录数：0", Some(0)),
            ("共0条", Some(0)),
            ("共12页", None),
            ("中共中央 共同富裕", None),
            ("共 7 页 共 133 条", Some(133)),
        ] {
            assert_eq!(declared_total(text), want, "{text}");
        }
    }
}
