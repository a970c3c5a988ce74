//! List blocks: which rows are items, which block is the main one, and what the page states of their number.

use std::collections::HashSet;
use std::ops::Range;

use chrono::NaiveDate;

use super::candidates::{self, is_script_address};
use super::dates;
use super::grouping::{self, Row, is_period};
use super::heads::{self, Columns};
use super::names;
use super::outline::{NodeId, Outline, Tag};
use super::page::{LinkPlace, List, ListItem};
use super::regions::{Regions, fold};
use super::rows::{self, Anchor, RowDate};
use super::sides::{self, Side};

/// Rows read of one page; more is a hostile page.
pub(super) const MAX_ROWS: usize = 20_000;
/// Blocks compared with one another.
const MAX_BLOCKS: usize = 400;

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
    /// The nodes of each row.
    pub rows: Vec<Range<NodeId>>,
    /// True where it stands aside: 相关链接, 热门, sidebars.
    pub aside: bool,
    /// True where a reader sees less than half of its rows.
    pub hidden: bool,
    /// The part of the page that calls itself a side, where it stands in one.
    pub side: Option<Side>,
    /// True where it stands in a side under a name that is not the column's: see [`sides::mark`].
    pub elsewhere: bool,
}

impl Block {
    /// Whether a node stands in one of its rows.
    pub(super) fn has_row_at(&self, id: NodeId) -> bool {
        let before = self.rows.partition_point(|row| row.start <= id);
        before.checked_sub(1).and_then(|at| self.rows.get(at)).is_some_and(|row| row.contains(&id))
    }
}

/// Every list block of a page in document order, copies for other screens left out.
pub fn blocks(
    page: &Outline,
    regions: &Regions,
    resolve: &mut dyn FnMut(NodeId) -> Option<String>,
    as_of: NaiveDate,
) -> Vec<Block> {
    let anchors = candidates::read(page, regions, resolve);
    let rows = grouping::find(page, &anchors);
    let groups = grouping::group(page, regions, &anchors, rows);
    let mut blocks: Vec<Block> =
        groups.into_iter().filter_map(|rows| judge(page, regions, &anchors, &rows, as_of)).collect();
    drop_copies(&mut blocks);
    blocks
}

/// The block the page is there for, where one qualifies. `names` are what the page calls its column.
pub fn main_of(blocks: &[Block], names: &[String]) -> Option<usize> {
    const OTHERS: [&str; 6] = ["最新", "热点", "要闻", "排行", "头条", "推荐"];
    let weight = |block: &Block| {
        let heading = &block.list.heading;
        let is_headed = |name: &String| heading.starts_with(&**name);
        if heading.is_empty() {
            block.score
        } else if names.iter().any(is_headed) {
            block.score * 2.0
        } else if OTHERS.iter().any(|word| heading.contains(word)) && heading.chars().nth(6).is_none() {
            block.score * 0.6
        } else {
            block.score
        }
    };
    let able: Vec<(usize, &Block)> =
        blocks.iter().enumerate().filter(|(_, block)| qualifies(block)).collect();
    // Of more blocks than any column has, none is asked whom it yields to.
    let few = able.len() <= MAX_BLOCKS;
    let mut best: Option<(usize, f64)> = None;
    for (index, block) in &able {
        let score = weight(block);
        let yields = || few && able.iter().any(|(_, other)| sides::yields(block, other, names));
        if best.is_none_or(|(_, best)| score > best * 1.001) && !yields() {
            best = Some((*index, score));
        }
    }
    best.map(|(index, _)| index)
}

fn qualifies(block: &Block) -> bool {
    let items = block.list.items.len();
    if block.aside || block.elsewhere {
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

/// What the page states: 共 N 条, 总计 N 条, 总记录数 N, 当前 1-5/N 条, N 条记录.
pub fn declared_total(text: &str) -> Option<u32> {
    for (start, word) in [
        "共有",
        "共计",
        "总共",
        "共找到",
        "共",
        "总记录数",
        "记录总数",
        "总条数",
        "信息总数",
        "总数",
        "总计",
        "总",
    ]
    .iter()
    .flat_map(|word| text.match_indices(word))
    {
        let rest = text.get(start + word.len()..)?;
        let word: &str = word;
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || ":：为&nbsp;[【".contains(c));
        let Some((total, digits)) = grouped(rest) else { continue };
        let after =
            rest.get(digits..)?.trim_start_matches(|c: char| c.is_whitespace() || c == ']' || c == '】');
        let unit = ["条", "篇", "个结果", "个文件", "封信", "项记录", "项结果", "则"]
            .iter()
            .any(|unit| after.starts_with(unit));
        // Of an article's comments, not of a list.
        let voices = ["评论", "留言", "回复", "跟帖", "点评", "附件"];
        if voices.iter().any(|voice| after.chars().skip(1).take(4).collect::<String>().contains(voice)) {
            continue;
        }
        let needs_unit = word.starts_with('共') || matches!(word, "总共" | "总计" | "总");
        if unit || !needs_unit {
            return Some(total);
        }
    }
    text.match_indices('条').find_map(|(at, _)| counted(text, at))
}

/// A number of at most eight digits, maybe in groups of three, and its bytes.
fn grouped(text: &str) -> Option<(u32, usize)> {
    let digits =
        |from: usize| text.get(from..).map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let mut end = digits(0);
    if (1..=3).contains(&end) {
        while text.get(end..).is_some_and(|rest| rest.starts_with(',')) && digits(end + 1) == 3 {
            end += 4;
        }
    }
    let number = text.get(..end)?.replace(',', "");
    if number.is_empty() || number.len() > 8 { None } else { Some((number.parse().ok()?, end)) }
}

/// The total before a 条 that no 共 leads: `1-5/45条`, `45条记录`. None of these says 0 for sure.
fn counted(text: &str, at: usize) -> Option<u32> {
    let number_before = |text: &str| {
        let bare = text.trim_end();
        let digits = bare.bytes().rev().take_while(u8::is_ascii_digit).count();
        let split = bare.len() - digits;
        (1..=8).contains(&digits).then(|| (split, bare.get(split..).and_then(|n| n.parse::<u32>().ok())))
    };
    let (split, total) = number_before(text.get(..at)?)?;
    let lead = text.get(..split)?.trim_end();
    let of_range = lead.strip_suffix('/').is_some_and(|range| {
        number_before(range).is_some_and(|(split, _)| {
            let from = range.get(..split).unwrap_or_default().trim_end();
            from.strip_suffix(['-', '~']).is_some_and(|from| number_before(from).is_some())
        })
    });
    // 每页 20 条记录, 第 1-20 条记录: of a page, not of the list.
    let alone = lead.is_empty()
        || lead.ends_with(['|', '(', '（', '[', '\n'])
        || ["找到", "查到", "查询到", "搜索到"].iter().any(|word| lead.ends_with(word))
        || (lead.ends_with('页') && !lead.ends_with("每页") && !lead.ends_with("本页"));
    let records = text.get(at..)?.starts_with("条记录") && alone;
    total.filter(|total| *total > 0 && (of_range || records))
}

#[expect(clippy::cast_precision_loss, reason = "counts of one page")]
fn judge(
    page: &Outline,
    regions: &Regions,
    anchors: &[Anchor],
    rows: &[Row],
    as_of: NaiveDate,
) -> Option<Block> {
    let first = rows.first()?;
    let mut raw: Vec<(String, String, RowDate, Option<i32>)> = Vec::new();
    let heads = heads::heads(page, first.node);
    let leads = dates_lead(page, anchors, rows, as_of);
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
        let columns = Columns::of(page, row.node, &heads);
        let mut date = rows::date_of(page, row.node..end, title, &columns, as_of);
        if leads {
            let wider = rows::date_of(page, lead_of(page, anchors, rows, index), title, &columns, as_of);
            if !wider.is_weak() {
                date = wider;
            }
        } else if date.is_weak() && extent.end > end {
            let wider = rows::date_of(page, extent, title, &columns, as_of);
            if !matches!(wider, RowDate::Absent) {
                date = wider;
            }
        }
        let name = row_title(page, row, title, anchors);
        hidden += usize::from(regions.is_hidden(row.node));
        pictures += usize::from(title.picture);
        raw.push((name, title.url.clone(), date, year));
    }
    let written: Vec<(RowDate, &str)> = raw.iter().map(|(_, url, date, _)| (*date, url.as_str())).collect();
    let years: Vec<Option<i32>> = raw.iter().map(|(.., year)| *year).collect();
    let stamps = rows::settle_years(&written, &years, as_of);
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
    // Paragraphs of running text with a link in each are no list.
    let text_chars: usize = rows.iter().map(|row| page.text_of(row.node).len() / 3).sum();
    let prose = dated == 0
        && matches!(first.tag, Tag::P | Tag::Div | Tag::Td | Tag::Span | Tag::Font)
        && text_chars as f64 > title_len * count as f64 * 4.0;
    if prose {
        return None;
    }
    let (heading, heading_at) = heading_of(page, regions, first).unzip();
    let heading = heading.unwrap_or_default();
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
    let hidden = hidden * 2 > rows.len();
    if hidden {
        score *= 0.6;
    }
    if pictures == rows.len() && dated == 0 {
        score *= 0.7;
    }
    let newest = items.iter().filter_map(|item| item.date).max();
    let list = List { heading, count: u32::try_from(count).unwrap_or(u32::MAX), newest, items };
    let ranges = rows.iter().map(|row| row.node..page.node(row.node).end).collect();
    let side = Side::of(page, regions, &span, heading_at);
    Some(Block { list, score, dated, title_len, span, rows: ranges, aside, hidden, side, elsewhere: false })
}

/// How far after a row its date may stand: to the next row or link, for rows that are no closed element of a list.
fn reach(page: &Outline, anchors: &[Anchor], row: &Row, next: Option<NodeId>) -> NodeId {
    let end = page.node(row.node).end;
    if matches!(row.tag, Tag::Li | Tag::Tr | Tag::Dl) {
        return end;
    }
    let limit = page.node(row.parent).end.min(next.unwrap_or(end + 12));
    // A closed element with a link in it is another row's, whatever stands before its link.
    let others = |id: &NodeId| {
        matches!(page.node(*id).tag, Tag::Li | Tag::Tr | Tag::Dl) && {
            let inside = anchors.partition_point(|anchor| anchor.id < *id);
            anchors.get(inside).is_some_and(|anchor| anchor.id < page.node(*id).end)
        }
    };
    let limit = (end..limit).find(others).unwrap_or(limit);
    let after = anchors.partition_point(|anchor| anchor.id < end);
    anchors.get(after).map_or(limit, |anchor| limit.min(anchor.id))
}

/// Whether the dates of a block stand before its rows: one before the first, none in it and none after the last.
fn dates_lead(page: &Outline, anchors: &[Anchor], rows: &[Row], as_of: NaiveDate) -> bool {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return false };
    if rows.len() < 2 || matches!(first.tag, Tag::Li | Tag::Tr | Tag::Dl) {
        return false;
    }
    let has_date = |row: &Row, range: Range<NodeId>| {
        title_anchor(anchors, row).is_some_and(|title| {
            let read = rows::date_of(page, range, title, &Columns::none(), as_of);
            !read.is_weak()
        })
    };
    let end = page.node(last.node).end;
    has_date(first, lead_of(page, anchors, rows, 0))
        && !has_date(first, first.node..page.node(first.node).end)
        && !has_date(last, end..reach(page, anchors, last, None).max(end))
}

/// What stands between the row before and a row, inside the element around it.
fn lead_of(page: &Outline, anchors: &[Anchor], rows: &[Row], index: usize) -> Range<NodeId> {
    let Some(row) = rows.get(index) else { return 0..0 };
    let before = anchors.partition_point(|anchor| anchor.id < row.node).checked_sub(1);
    let last_link =
        before.and_then(|before| anchors.get(before)).map_or(0, |anchor| page.node(anchor.id).end);
    let near = if index == 0 { row.node.saturating_sub(4) } else { row.node.saturating_sub(40) };
    last_link.max(row.parent + 1).max(near).min(row.node)..row.node
}

/// The anchor that names a row: the longest text that is no category.
fn title_anchor<'a>(anchors: &'a [Anchor], row: &Row) -> Option<&'a Anchor> {
    let in_row = || row.anchors.iter().filter_map(|index| anchors.get(*index));
    let len = |anchor: &Anchor| anchor.text.chars().count();
    let longest = in_row().map(len).max()?;
    in_row()
        .find(|anchor| len(anchor) >= 8 && len(anchor) * 2 >= longest)
        .or_else(|| in_row().find(|anchor| len(anchor) == longest))
}

fn row_title(page: &Outline, row: &Row, title: &Anchor, anchors: &[Anchor]) -> String {
    if !title.text.is_empty() && !names::leads_on(&title.text) {
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

/// The last short line before a block, and where it begins.
/// The line above a block, and where its text begins; none where that is the last entry of the site's menu.
fn heading_of(page: &Outline, regions: &Regions, first: &Row) -> Option<(String, usize)> {
    let start = page.node(first.node).text_start as usize;
    let from = page.text.floor_char_boundary(start.saturating_sub(240));
    let before = page.text.get(from..start).unwrap_or_default();
    let mut end = start;
    for line in before.split('\n').rev() {
        let (at, name) = (end.saturating_sub(line.len()), fold(line));
        end = at.saturating_sub(1);
        if !name.is_empty()
            && !names::leads_on(&name)
            && name.chars().any(char::is_alphanumeric)
            && !name.starts_with("按")
        {
            let short = name.chars().nth(24).is_none();
            return (short && !is_of_menu(page, regions, first.node, at)).then_some((name, at));
        }
    }
    None
}

/// Whether the text that begins at a byte before a node is the menu's, the breadcrumb aside.
fn is_of_menu(page: &Outline, regions: &Regions, before: NodeId, at: usize) -> bool {
    let texts = (1..before).rev().filter(|id| page.node(*id).tag == Tag::Text);
    let Some(id) = texts.take(200).find(|id| page.node(*id).text_start as usize <= at) else { return false };
    let in_crumbs = regions.crumb_at.is_some_and(|crumbs| (crumbs..page.node(crumbs).end).contains(&id));
    regions.place(id) == LinkPlace::Nav && !in_crumbs
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
                "related",
                "xgxx",
                "xglj",
                "xgwz",
                "xgyd",
                "xgnews",
                "tuijian",
                "recommend",
                "paihang",
                "hotnews",
                "prenext",
                "pre-next",
                "prev-next",
                "shangxia",
                "pagination",
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
    if blocks.len() > MAX_BLOCKS {
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
            let (one, other) = (&blocks[earlier], &blocks[later]);
            // The box of the newest beside the list that it is drawn from.
            let is_aside = |block: &Block| block.side.as_ref().is_some_and(|side| side.sure && side.headed);
            if is_aside(one) != is_aside(other) {
                dropped[if is_aside(one) { earlier } else { later }] = true;
                continue;
            }
            let unseen = one.hidden != other.hidden && if one.hidden { other.dated } else { one.dated } > 0;
            if if unseen { one.hidden } else { other.score > one.score * 1.2 } {
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
            ("总计5条", Some(5)),
            ("5条记录 1/1页", Some(5)),
            ("第1页/共3页 总45条", Some(45)),
            ("共 1,234 条", Some(1234)),
            ("当前1-5/45条", Some(45)),
            ("每页20条记录", None),
            ("每页 20 条记录", None),
            ("第1-20条记录", None),
            ("显示1到20条记录", None),
            ("查询到7条记录", Some(7)),
            ("已选0条记录", None),
            ("总投资12亿元，1/3条道路", None),
        ] {
            assert_eq!(declared_total(text), want, "{text}");
        }
    }
}
