//! From links to rows to blocks: which element is a link's row, and which rows belong together.

use std::collections::HashMap;
use std::ops::Range;

use super::dates;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::regions::Regions;
use super::rows::Anchor;

/// Levels climbed from a link in search of its row.
const CLIMB: usize = 12;
/// A row before it is read.
pub(super) struct Row {
    /// Its element.
    pub node: NodeId,
    /// The element around it.
    pub parent: NodeId,
    /// Its tag.
    pub tag: Tag,
    /// Its links, by their index.
    pub anchors: Vec<usize>,
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

pub(super) fn find(page: &Outline, anchors: &[Anchor]) -> Vec<Row> {
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

/// A container, unless it is a section that stands among its like: a row.
fn bounds_rows(page: &Outline, id: NodeId) -> bool {
    let tag = page.node(id).tag;
    is_container(tag) && !(tag == Tag::Section && has_like_twin(page, id))
}

/// The element that is the row of one anchor.
fn row_of(page: &Outline, anchors: &[Anchor], at: usize) -> NodeId {
    let anchor = &anchors[at];
    // A row tag with a second short link (its category, its office, a picture) is still one row.
    for up in page.ancestors(anchor.id).take(CLIMB) {
        let tag = page.node(up).tag;
        if matches!(tag, Tag::Li | Tag::Tr | Tag::Dl) {
            let inside = within(anchors, whole(page, up));
            let one = is_one_item(&anchors[inside.clone()]) || is_linked_twice(page, anchors, up, inside);
            if one && !has_row_children(page, up, tag) {
                return wider_row(page, anchors, up).unwrap_or(up);
            }
            break;
        }
        if bounds_rows(page, up) || tag == Tag::Table {
            break;
        }
        if matches!(tag, Tag::Div | Tag::Section) && is_card(page, anchors, up, at) {
            return up;
        }
    }
    let mut top = anchor.id;
    let mut row_tag = None;
    for up in page.ancestors(anchor.id).take(CLIMB) {
        let node = page.node(up);
        if up == 0 || bounds_rows(page, up) {
            break;
        }
        let inside = within(anchors, whole(page, up));
        let one = inside.len() <= 200 && anchors[inside].iter().all(|other| other.target == anchor.target);
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

/// A list whose every row is a small list of its own: `<ul><li>title</li><li>date</li></ul>`.
fn wider_row(page: &Outline, anchors: &[Anchor], row: NodeId) -> Option<NodeId> {
    let parent = page.node(row).parent;
    let around = page.node(parent);
    let single = matches!(around.tag, Tag::Ul | Tag::Ol | Tag::Tbody | Tag::Table)
        && within(anchors, whole(page, parent)).len() == within(anchors, whole(page, row)).len();
    let others = single && around.text_end - page.node(row).text_end > 3;
    (others && has_twin(page, anchors, parent)).then_some(parent)
}

/// A text and, say, its interpretation in one row: two or three names, not more than one date, rows of the same kind beside it.
fn is_linked_twice(page: &Outline, anchors: &[Anchor], row: NodeId, inside: Range<usize>) -> bool {
    if inside.len() > 4 || page.node(row).tag == Tag::Dl {
        return false;
    }
    let text = page.text_of(row);
    let dated = if text.len() > 3000 { 9 } else { dates::find(text, true).len() };
    let nested = page
        .inside(row)
        .take(200)
        .any(|inner| matches!(page.node(inner).tag, Tag::Ul | Tag::Ol | Tag::Li | Tag::Table));
    let enough = dated == 1 || (dated == 0 && page.node(row).tag == Tag::Li && inside.len() == 2);
    enough && !nested && has_twin(page, anchors, row)
}

/// A box with a name, its day and a few short links (政策解读, PDF下载), and a box of the same build beside it.
fn is_card(page: &Outline, anchors: &[Anchor], up: NodeId, at: usize) -> bool {
    let inside = within(anchors, whole(page, up));
    let (links, name) = (&anchors[inside.clone()], &anchors[at]);
    if inside.start != at
        || links.len() > 8
        || links.iter().all(|link| link.target == name.target)
        || !is_one_item(links)
        || links.iter().any(|link| link.text.chars().count() > name.text.chars().count())
    {
        return false;
    }
    let text = page.text_of(up);
    let dated = if text.len() > 3000 { 0 } else { dates::find(text, true).len() };
    let nested = page
        .inside(up)
        .take(200)
        .any(|inner| matches!(page.node(inner).tag, Tag::Ul | Tag::Ol | Tag::Li | Tag::Table | Tag::Dl));
    (1..=3).contains(&dated) && !nested && has_like_twin(page, up)
}

/// A neighbour with the same tag and the same class.
fn has_like_twin(page: &Outline, id: NodeId) -> bool {
    let node = page.node(id);
    let class = page.attr(id, Attr::Class);
    let is_like = |other: NodeId| {
        let twin = page.node(other);
        twin.tag == node.tag && twin.parent == node.parent && page.attr(other, Attr::Class) == class
    };
    let mut next = node.end.max(id + 1);
    for _ in 0..6 {
        if next >= page.node(node.parent).end {
            break;
        }
        if is_like(next) {
            return true;
        }
        next = page.node(next).end.max(next + 1);
    }
    (node.parent + 1..id).rev().take(120).any(is_like)
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
    // The rows of a `<dl>` are its names.
    let tag = if tag == Tag::Dl { Tag::Dt } else { tag };
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
pub(super) fn group(page: &Outline, regions: &Regions, anchors: &[Anchor], rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = Vec::new();
    let mut by_parent: HashMap<(NodeId, u8), usize> = HashMap::new();
    for row in rows {
        let key = (row.parent, row.tag as u8);
        let index = *by_parent.entry(key).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Vec::new());
        }
        groups[index].push(row);
    }
    let mut merged: Vec<Vec<Row>> = Vec::new();
    for mut group in groups {
        if merged.last().is_some_and(|last| opens(page, last, &group))
            && let Some(first) = merged.pop()
        {
            group.splice(0..0, first);
        }
        match merged.last_mut() {
            Some(last) if continues(page, regions, anchors, last, &group) => last.extend(group),
            _ => merged.push(group),
        }
    }
    merged
}

/// Whether a single link is the first row of those behind it: `<td><a>…</a> date <p><a>…</a> date <p>…` sets rows apart by what opens a
/// paragraph, and the first has none.
fn opens(page: &Outline, single: &[Row], next: &[Row]) -> bool {
    let ([single], Some(first)) = (single, next.first()) else { return false };
    single.tag == Tag::A
        && first.tag == Tag::P
        && single.parent == first.parent
        && single.node < first.node
        && is_dated(page, first)
        && !dates::find(
            page.text_between(page.node(single.node).text_end, page.node(first.node).text_start),
            true,
        )
        .is_empty()
}

fn continues(page: &Outline, regions: &Regions, anchors: &[Anchor], last: &[Row], next: &[Row]) -> bool {
    let (Some(before), Some(after)) = (last.last(), next.first()) else { return false };
    if before.tag != after.tag || before.node >= after.node {
        return false;
    }
    let between = page.text_between(page.node(before.node).text_end, page.node(after.node).text_start);
    if between.len() > 200 {
        return false;
    }
    // The date of the last row may stand behind it.
    let mut rest = between;
    if let Some(date) = dates::find(between, true).first() {
        let before = between.get(..date.start).unwrap_or_default();
        if !before.chars().any(char::is_alphanumeric) {
            rest = between.get(date.end..).unwrap_or_default();
        }
    }
    let bare: String = rest.chars().filter(|c| c.is_alphanumeric()).take(12).collect();
    if !bare.is_empty() && !is_period(&bare) {
        return false;
    }
    // Panes of tabs, of which one at most is shown; a menu above a list.
    if regions.hidden_by(before.node) != regions.hidden_by(after.node)
        || is_bare(page, anchors, before) != is_bare(page, anchors, after)
    {
        return false;
    }
    // A box of undated links beside a dated list.
    let shares = (dated_share(page, last), dated_share(page, next));
    if last.len() >= 3
        && next.len() >= 2
        && matches!(shares, (Some(true), Some(false)) | (Some(false), Some(true)))
    {
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

/// Whether the first rows of a group are dated; `None` where some are.
fn dated_share(page: &Outline, group: &[Row]) -> Option<bool> {
    let mut dated = group.iter().take(5).map(|row| is_dated(page, row));
    let first = dated.next()?;
    dated.all(|other| other == first).then_some(first)
}

/// Short names and no date: a row of a menu rather than of a list.
fn is_bare(page: &Outline, anchors: &[Anchor], row: &Row) -> bool {
    let mut named = row.anchors.iter().filter_map(|index| anchors.get(*index));
    named.all(|anchor| anchor.text.chars().nth(6).is_none()) && !is_dated(page, row)
}

fn is_dated(page: &Outline, row: &Row) -> bool {
    let text = page.text_of(row.node);
    let text = text.get(..text.floor_char_boundary(1500)).unwrap_or(text);
    !dates::find(text, true).is_empty()
}

/// A year or a month that heads a part of one list.
pub(super) fn is_period(bare: &str) -> bool {
    let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
    let rest: String = bare.chars().filter(|c| !c.is_ascii_digit()).collect();
    matches!(&*rest, "" | "年" | "月" | "年月" | "年度")
        && (digits.len() == 4 || digits.len() == 6 || rest == "月")
}
