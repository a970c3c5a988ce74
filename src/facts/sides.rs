//! Blocks at the side of a page: which part calls itself a side, and which blocks yield to the column's own list.

use std::ops::Range;

use super::lists::Block;
use super::outline::{NodeId, Outline, Tag};
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
            let sure = node.tag == Tag::Aside || is_named(page, up, is_side) || is_narrow(page, up);
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
/// by one of `names` outside of it.
pub fn mark(page: &Outline, regions: &Regions, blocks: &mut [Block], names: &[String]) {
    for block in blocks {
        let Some(side) = block.side.as_ref().filter(|side| side.sure && side.headed) else { continue };
        let called = || regions.crumb_at.is_some() || is_called_outside(page, regions, &side.span, names);
        block.elsewhere = !is_own(&block.list.heading, names) && called();
    }
}

/// Whether one of the names stands as a text of the body outside of a part of it.
fn is_called_outside(page: &Outline, regions: &Regions, part: &Range<NodeId>, names: &[String]) -> bool {
    page.ids().filter(|id| !part.contains(id)).any(|id| {
        let node = page.node(id);
        node.tag == Tag::Text
            && !node.inert
            && (node.text_end - node.text_start) < 100
            && regions.place(id) == LinkPlace::Body
            && !regions.is_hidden(id)
            && names.contains(&fold(page.text_of(id)))
    })
}

/// Whether a heading is one of the names, or a breadcrumb that ends in it.
pub fn is_own(heading: &str, names: &[String]) -> bool {
    names.iter().any(|name| {
        heading.strip_suffix(&**name).is_some_and(|before| {
            before.is_empty() || before.trim_end().ends_with(['>', '»', '›', '＞', '→', '/', '：', ':'])
        })
    })
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

fn is_narrow(page: &Outline, id: NodeId) -> bool {
    let names = page.class_and_id(id);
    let mut widths = names.split_ascii_whitespace().filter_map(|name| {
        let width = ["col-md-", "col-lg-", "col-xl-"].iter().find_map(|size| name.strip_prefix(size))?;
        width.parse::<u32>().ok()
    });
    widths.next().is_some_and(|width| width <= NARROW && widths.all(|width| width <= NARROW))
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
