//! Blocks at the side of a page: which part calls itself a side, and which blocks yield to the column's own list.

use std::ops::Range;

use super::lists::Block;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::LinkPlace;
use super::regions::{Regions, fold};

/// Levels climbed from a block in search of a side.
const CLIMB: usize = 12;
/// Of twelve columns of a grid: what is no wider stands at the side.
const NARROW: u32 = 4;

/// A part of a page that calls itself a side.
#[derive(Debug, Clone)]
pub struct Side {
    /// Its nodes.
    pub span: Range<NodeId>,
    /// The element it stands in, beside what it is the side of.
    pub around: Range<NodeId>,
    /// Whether its name can mean nothing else: `right` may as well hold the list itself.
    pub sure: bool,
    /// Whether the block has its heading inside it.
    pub headed: bool,
}

impl Side {
    /// The side that a whole block stands in; `heading_at` is where the text of its heading begins. A part with the breadcrumb or a pager
    /// in it is the main one, whatever its name.
    pub fn of(
        page: &Outline,
        regions: &Regions,
        block: &Range<NodeId>,
        heading_at: Option<usize>,
    ) -> Option<Self> {
        let mut found: Option<(NodeId, bool)> = None;
        for up in page.ancestors(block.start).take(CLIMB) {
            let node = page.node(up);
            if up == 0 || matches!(node.tag, Tag::Body | Tag::Html) {
                break;
            }
            if node.end < block.end || matches!(node.tag, Tag::Ul | Tag::Ol | Tag::Li | Tag::Tr) {
                continue;
            }
            let sure = node.tag == Tag::Aside || calls_itself_side(page, up) || is_narrower(page, up);
            if sure {
                found = Some((up, true));
                break;
            }
            if found.is_none() && is_named(page, up, is_edge) {
                found = Some((up, false));
            }
        }
        let (side, sure) = found?;
        let span = side..page.node(side).end;
        let text = page.text_of(side);
        let pages = ["下一页", "尾页", "末页", "下页"].iter().any(|word| text.contains(word));
        if pages || regions.crumb_at.is_some_and(|crumbs| span.contains(&crumbs)) {
            return None;
        }
        let parent = page.node(side).parent;
        let headed = heading_at.is_some_and(|at| at >= page.node(side).text_start as usize);
        Some(Self { span, around: parent..page.node(parent).end, sure, headed })
    }

    fn is_beside(&self, block: &Block) -> bool {
        let holds = |range: &Range<NodeId>| range.start <= block.span.start && block.span.end <= range.end;
        holds(&self.around) && !holds(&self.span)
    }
}

/// Marks the blocks that a page's column does not hold: they stand in a side under a heading of their own, and the page calls its column
/// by one of `names` outside of it; in what may or may not be a side, where the breadcrumb heads the part beside it.
pub fn mark(page: &Outline, regions: &Regions, blocks: &mut [Block], names: &[String]) {
    for block in &mut *blocks {
        let heading = &block.list.heading;
        let beside = regions.crumb_at.is_some() || block.side.as_ref().is_some_and(|side| side.sure);
        if beside && heads_a_side(heading) && !is_own(heading, names) {
            block.elsewhere = true;
            continue;
        }
        let Some(side) = block.side.as_ref().filter(|side| side.headed) else { continue };
        let called = || regions.crumb_at.is_some() || is_called_outside(page, regions, &side.span, names);
        let heading = &block.list.heading;
        // 信息列表 names nothing.
        block.elsewhere = !(is_own(heading, names) || heading.ends_with("列表"))
            && if side.sure { called() } else { is_headed_beside(page, regions, side) };
    }
    // Several sides and no middle: the page is made of such boxes.
    let dated = |block: &&Block| block.dated > 0;
    let mut sides = blocks.iter().filter(dated).map(|block| block.side.as_ref().filter(|_| block.elsewhere));
    let first = sides.next().flatten().map(|side| side.span.start);
    let of_boxes = first.is_some()
        && blocks.iter().filter(dated).all(|block| block.elsewhere)
        && sides.flatten().any(|side| Some(side.span.start) != first);
    if of_boxes {
        for block in blocks {
            block.elsewhere = false;
        }
    }
}

/// Whether the breadcrumb stands in a part beside a side together with more than itself.
fn is_headed_beside(page: &Outline, regions: &Regions, side: &Side) -> bool {
    const MORE: usize = 24;
    let Some(crumbs) = regions.crumb_at.filter(|at| side.around.contains(at)) else { return false };
    let around = side.around.start;
    let part =
        std::iter::once(crumbs).chain(page.ancestors(crumbs)).find(|up| page.node(*up).parent == around);
    part.is_some_and(|part| page.text_of(part).trim().len() > page.text_of(crumbs).trim().len() + MORE)
}

/// Whether an element stands with the column's name or the breadcrumb in one part of the page, without a list that is not the column's.
pub fn is_under_name(
    page: &Outline,
    regions: &Regions,
    blocks: &[Block],
    names: &[String],
    id: NodeId,
) -> bool {
    let holds_side = |up: NodeId| {
        let mut sides = blocks.iter().filter(|block| block.elsewhere).filter_map(|block| block.side.as_ref());
        sides.any(|side| (up..page.node(up).end).contains(&side.span.start))
    };
    let Some(part) = page.ancestors(id).take_while(|up| !holds_side(*up)).last() else { return false };
    let part = part..page.node(part).end;
    regions.crumb_at.is_some_and(|at| part.contains(&at))
        || part.into_iter().any(|id| is_name(page, regions, id, names))
}

/// Whether one of the names stands as a text of the body outside of a part of it.
fn is_called_outside(page: &Outline, regions: &Regions, part: &Range<NodeId>, names: &[String]) -> bool {
    page.ids().any(|id| !part.contains(&id) && is_name(page, regions, id, names))
}

fn is_name(page: &Outline, regions: &Regions, id: NodeId, names: &[String]) -> bool {
    let node = page.node(id);
    node.tag == Tag::Text
        && !node.inert
        && (node.text_end - node.text_start) < 100
        && regions.place(id) == LinkPlace::Body
        && !regions.is_hidden(id)
        && names.contains(&fold(page.text_of(id)))
}

/// Whether a heading is one of the names, or a breadcrumb that ends in it.
pub fn is_own(heading: &str, names: &[String]) -> bool {
    names.iter().any(|name| {
        heading.strip_suffix(&**name).is_some_and(|before| {
            before.is_empty() || before.trim_end().ends_with(['>', '»', '›', '＞', '→', '/', '：', ':'])
        })
    })
}

/// Headings of menus and of lists that are chosen from the whole site.
pub(super) fn heads_a_side(heading: &str) -> bool {
    const WORDS: [&str; 18] = [
        "导航",
        "分类",
        "栏目列表",
        "信息目录",
        "公开目录",
        "归档",
        "热点",
        "热门",
        "排行",
        "推荐",
        "最新发布",
        "最新文章",
        "最新更新",
        "近期文章",
        "点击榜",
        "相关链接",
        "友情链接",
        "相关专题",
    ];
    const MOST: usize = 8;
    heading.chars().nth(MOST).is_none() && WORDS.iter().any(|word| heading.contains(word))
}

/// Headings that stand over the same box on every page of a site.
pub fn is_of_all_pages(heading: &str) -> bool {
    const WORDS: [&str; 11] = [
        "最新",
        "热点",
        "要闻",
        "排行",
        "头条",
        "推荐",
        "图片新闻",
        "图片信息",
        "通知公告",
        "公示公告",
        "公告公示",
    ];
    heading.chars().nth(6).is_none() && WORDS.iter().any(|word| heading.contains(word))
}

/// Whether a block gives way to another, though it may be the larger one: what is hidden to what is shown, the side to the list beside it, and
/// the box of all pages to the list under the column's own name. `names` are what the page calls its column.
pub fn yields(block: &Block, to: &Block, names: &[String]) -> bool {
    let is_own = |block: &Block| is_own(&block.list.heading, names);
    if to.dated == 0 || to.hidden || to.aside || is_own(block) && !block.hidden {
        return false;
    }
    if to.side.as_ref().is_some_and(|side| side.sure) {
        return false;
    }
    if block.hidden {
        return true;
    }
    let of_all = is_of_all_pages(&block.list.heading);
    if is_of_all_pages(&to.list.heading) && !is_own(to) {
        return false;
    }
    let beside = block.side.as_ref().is_some_and(|side| {
        side.is_beside(to) && (is_own(to) || to.list.items.len() >= 2 && (side.sure || of_all))
    });
    beside || is_own(to) && of_all
}

/// Whether an element is called a side and nothing else.
pub(super) fn calls_itself_side(page: &Outline, id: NodeId) -> bool {
    is_named(page, id, is_side)
}

/// Whether an element is a narrow column beside a wider one.
pub(super) fn is_narrower(page: &Outline, id: NodeId) -> bool {
    is_narrow(page, id) || is_narrow_cell(page, id)
}

fn is_named(page: &Outline, id: NodeId, is_meant: fn(&str) -> bool) -> bool {
    page.class_and_id(id).split_ascii_whitespace().any(is_meant)
}

/// `side`, `sidebar`, `side-right`; not `slide`, and not `right-side`, where the list may stand.
fn is_side(name: &str) -> bool {
    name.strip_prefix("side").is_some_and(|rest| !rest.starts_with(['d', 's']))
}

fn is_edge(name: &str) -> bool {
    let part = |part: &str| matches!(part, "left" | "right" | "fl" | "fr" | "l" | "r");
    name != "copyright"
        && (name.split(['-', '_']).any(part)
            || ["left", "right"].iter().any(|edge| name.starts_with(edge) || name.ends_with(edge)))
}

/// A narrow column of a grid beside a wider one.
fn is_narrow(page: &Outline, id: NodeId) -> bool {
    let Some(own) = grid_width(page, id).filter(|width| *width <= NARROW) else { return false };
    siblings(page, id).any(|other| grid_width(page, other).is_some_and(|width| width > own))
}

/// How many of twelve columns an element takes where it takes most.
fn grid_width(page: &Outline, id: NodeId) -> Option<u32> {
    let names = page.class_and_id(id);
    let widths = names.split_ascii_whitespace().filter_map(|name| {
        let width = ["col-md-", "col-lg-", "col-xl-"].iter().find_map(|size| name.strip_prefix(size))?;
        width.parse::<u32>().ok()
    });
    widths.max()
}

/// The first children of the element around one, without itself.
fn siblings(page: &Outline, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    let parent = page.node(id).parent;
    let mut next = parent + 1;
    let children = std::iter::from_fn(move || {
        (next < page.node(parent).end).then(|| {
            let at = next;
            next = page.node(at).end.max(at + 1);
            at
        })
    });
    children.take(40).filter(move |other| *other != id)
}

/// A cell of a layout table that says it is narrow, beside one that is wider or takes what is left and holds something.
fn is_narrow_cell(page: &Outline, id: NodeId) -> bool {
    const PIXELS: f32 = 300.0;
    const SHARE: f32 = 33.0;
    let node = page.node(id);
    let width = |cell: NodeId| {
        let value = page.attr(cell, Attr::Width)?.trim();
        let share = value.ends_with('%');
        value.trim_end_matches(['%', 'p', 'x']).parse::<f32>().ok().map(|width| (width, share))
    };
    let Some((own, share)) = width(id).filter(|_| node.tag == Tag::Td) else { return false };
    if own > if share { SHARE } else { PIXELS } {
        return false;
    }
    siblings(page, id).any(|other| {
        page.node(other).tag == Tag::Td
            && (!page.text_of(other).trim().is_empty() || page.node(other).end > other + 1)
            && width(other).is_none_or(|(wide, other)| other == share && wide > own * 1.5)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sides() {
        for name in ["side", "sidebar", "side-list", "side_r", "sidebox"] {
            assert!(is_side(name), "{name}");
        }
        for name in ["slide", "inside", "right-side", "sides", "content"] {
            assert!(!is_side(name), "{name}");
        }
        for name in ["right", "fr", "con_left", "leftbox", "pull-right"] {
            assert!(is_edge(name), "{name}");
        }
        assert!(!is_edge("copyright") && !is_edge("list"));
    }
}
