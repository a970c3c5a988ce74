//! The part of a page that is its column's own: behind the breadcrumb, beside menus and hot lists, before links to other sites
//! and the foot. What stands elsewhere is on every page of a site and says nothing of this one.

use std::ops::Range;

use super::foot;
use super::names;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::LinkPlace;
use super::regions::{Regions, fold, is_letter};
use super::sides;
use super::state::Shape;

/// A breadcrumb says no more, in bytes.
const CRUMBS: usize = 400;
/// Characters that the name of a menu's entry has, at most.
const ENTRY: usize = 12;
/// Characters that the heading of a side has, at most.
const HEADING: usize = 8;
/// Letters that stand in a row of links to other sites without being one of them, at most.
const LABELS: usize = 24;

/// The column's own part of a page.
#[derive(Debug, Clone)]
pub struct Middle {
    own: Range<NodeId>,
    /// What stands in it and is on every page.
    beside: Vec<Range<NodeId>>,
}

impl Middle {
    /// The part around the place `at`, where the page says that it holds nothing; `None` where no breadcrumb stands before it.
    pub(super) fn around(shape: &Shape<'_>, at: NodeId) -> Option<Self> {
        let (page, regions) = (shape.page, shape.regions);
        let start = head_end(shape);
        if start == 0 || at < start {
            return None;
        }
        let crumbs = regions.crumb_at?;
        let holds_both = |up: &NodeId| (*up..page.node(*up).end).contains(&crumbs);
        let shared = page.ancestors(at).find(holds_both)?;
        let mut middle = Self::between(shape, shared, start..page.ids().end, at);
        middle.own.start = start;
        Some(middle)
    }

    /// The part around the place `at` as far as no menu and no foot stands in it, for pages without a breadcrumb.
    pub(super) fn near(shape: &Shape<'_>, at: NodeId) -> Self {
        let (page, regions) = (shape.page, shape.regions);
        let framed = |id: NodeId| matches!(regions.place(id), LinkPlace::Nav | LinkPlace::Footer);
        let own = page
            .ancestors(at)
            .take_while(|up| {
                !matches!(page.node(*up).tag, Tag::Body | Tag::Html) && !page.inside(*up).any(framed)
            })
            .last()
            .unwrap_or_else(|| page.node(at).parent);
        Self::between(shape, own, own..page.node(own).end, at)
    }

    /// As [`Self::near`], where a heading there is what the page calls its column.
    pub(super) fn headed(shape: &Shape<'_>, at: NodeId) -> Option<Self> {
        let near = Self::near(shape, at);
        let page = shape.page;
        let is_heading = |id: &NodeId| {
            page.node(*id).tag.is_heading()
                && near.contains(*id)
                && *id < at
                && shape.names.iter().any(|name| fold(page.text_of(*id)).ends_with(name.as_str()))
        };
        near.span().any(|id| is_heading(&id)).then_some(near)
    }

    /// `shared` holds the place and the breadcrumb, `all` is looked through.
    fn between(shape: &Shape<'_>, shared: NodeId, all: Range<NodeId>, at: NodeId) -> Self {
        let (page, regions) = (shape.page, shape.regions);
        let mut beside = Vec::new();
        let mut id = all.start;
        let mut end = all.end;
        // The part of a page that is made of bars one below the other, with the place in one of them.
        let bars = (shared + 1..page.node(shared).end).any(|id| is_foot_region(page, regions, id));
        while id < end {
            let node = page.node(id);
            if (id..node.end).contains(&at) || !is_element(node.tag) {
                id += 1;
                continue;
            }
            let outside = id >= page.node(shared).end || bars && node.parent == shared && id > at;
            if id > at && (is_foot_region(page, regions, id) || outside) && says_foot(page.text_of(id)) {
                end = id;
                break;
            }
            let explained = is_side(shape, id, at)
                || outside && (is_bar(shape, id) || regions.place(id) != LinkPlace::Body)
                || is_foot_region(page, regions, id) && foot::is_said(page.text_of(id));
            if explained {
                beside.push(id..node.end);
                id = node.end.max(id + 1);
            } else {
                id += 1;
            }
        }
        Self { own: all.start..end, beside }
    }

    /// Whether a node stands in it.
    pub fn contains(&self, id: NodeId) -> bool {
        let before = self.beside.partition_point(|part| part.start <= id);
        let beside = before.checked_sub(1).and_then(|at| self.beside.get(at));
        self.own.contains(&id) && !beside.is_some_and(|part| part.contains(&id))
    }

    /// From its first node to its last.
    pub(super) fn span(&self) -> Range<NodeId> {
        self.own.clone()
    }
}

/// Where the breadcrumb ends, 0 without one: before it stands a site's head, even where no name marks it.
pub(super) fn head_end(shape: &Shape<'_>) -> NodeId {
    let crumbs = shape.regions.crumb_at.filter(|id| shape.page.text_of(*id).len() < CRUMBS);
    crumbs.map_or(0, |id| shape.page.node(id).end)
}

fn is_element(tag: Tag) -> bool {
    !matches!(tag, Tag::Text | Tag::A | Tag::Img | Tag::Br | Tag::Script | Tag::Style | Tag::Html | Tag::Body)
}

/// The outermost element of a foot by name.
fn is_foot_region(page: &Outline, regions: &Regions, id: NodeId) -> bool {
    regions.place(id) == LinkPlace::Footer
        && regions.place(page.node(id).parent) != LinkPlace::Footer
        && page.node(id).tag != Tag::Text
}

/// What only the foot of a site says.
fn says_foot(text: &str) -> bool {
    ["版权所有", "ICP备", "标识码", "公网安备", "Copyright", "主办单位", "主办：", "备案"]
        .iter()
        .any(|mark| text.contains(mark))
}

/// A part that stands beside the column's own on every page: a menu, or a list under a heading of its own.
fn is_side(shape: &Shape<'_>, id: NodeId, at: NodeId) -> bool {
    let page = shape.page;
    let node = page.node(id);
    if !matches!(
        node.tag,
        Tag::Div
            | Tag::Section
            | Tag::Aside
            | Tag::Nav
            | Tag::Td
            | Tag::Table
            | Tag::Ul
            | Tag::Dl
            | Tag::Form
    ) {
        return false;
    }
    if node.tag == Tag::Aside || sides::calls_itself_side(page, id) {
        return true;
    }
    let headings: Vec<String> = first_text(page, id).into_iter().chain(text_before(page, id)).collect();
    if headings.iter().any(|heading| is_side_heading(shape, heading)) && !is_twin(page, id, at) {
        return true;
    }
    let links = entries(shape, id);
    let own = || {
        links.iter().any(|(text, href)| {
            shape.names.contains(text)
                || shape.cx.url.join(href).is_ok_and(|to| {
                    to.host_str() == shape.cx.url.host_str()
                        && to.path() == shape.cx.url.path()
                        && to.query() == shape.cx.url.query()
                })
        })
    };
    let menu = links.len() >= 2
        && links.iter().all(|(text, _)| (1..=ENTRY).contains(&text.chars().count()))
        && !links.iter().any(|(_, href)| leads_below(shape, href));
    menu && (own() && links.len() >= 3 || is_menu_beside(shape, id, &headings, &links))
}

/// Whether a menu is one of the whole site or of a part of it, and no way into the column: by its names or its width, because it is
/// headed by a step of the breadcrumb above the column or by a part of the site, or because it leads to the folders beside
/// the page's own.
fn is_menu_beside(shape: &Shape<'_>, id: NodeId, headings: &[String], links: &[(String, &str)]) -> bool {
    let page = shape.page;
    let start = head_end(shape);
    let section = || {
        let crumbs = shape.regions.crumb_at.map(|at| page.text_of(at)).unwrap_or_default();
        let steps: Vec<String> =
            crumbs.split(['>', '»', '›', '＞', '→', '/', '|', '\n', ':', '：']).map(fold).collect();
        headings.iter().any(|heading| {
            !shape.names.contains(heading)
                && (steps.contains(heading)
                    || (1..start)
                        .any(|id| page.node(id).tag == Tag::A && page.text_of(id).trim() == heading.as_str()))
        })
    };
    links.iter().all(|(_, href)| leads_beside(shape, href))
        || page.node(id).tag != Tag::Ul
            && (sides::is_narrower(page, id)
                || called(page, id, &["left", "side"]) && called(page, id, &["menu", "nav", "tree", "lm"])
                || section())
}

/// Whether an address is that of a folder beside the page's own and not at the root, where columns are numbered rather than nested.
fn leads_beside(shape: &Shape<'_>, href: &str) -> bool {
    let own = shape.cx.url;
    let plain = |name: &str| name.contains(|c: char| c.is_ascii_alphabetic()) && !name.starts_with("col");
    let split = |path: &str| {
        let (folder, file) = path.rsplit_once('/')?;
        let (above, name) = folder.rsplit_once('/')?;
        (!above.is_empty() && plain(name)).then(|| (above.to_owned(), name.to_owned(), is_front(file)))
    };
    let to = shape.cx.url.join(href).ok().filter(|to| to.host_str() == own.host_str());
    match (split(own.path()), to.and_then(|to| split(to.path()))) {
        (Some((above, name, _)), Some((beside, other, front))) => front && beside == above && other != name,
        _ => false,
    }
}

/// Whether a file's name is that of a folder's first page.
fn is_front(file: &str) -> bool {
    file.is_empty() || ["index", "default", "list"].iter().any(|word| file.starts_with(word))
}

/// A part after the column's own with nothing but links to other sites, codes to scan and ways to the top.
fn is_bar(shape: &Shape<'_>, id: NodeId) -> bool {
    let page = shape.page;
    let own = shape.cx.url.host_str();
    let (mut letters, mut inner) = (0, 0);
    let mut skip_to = 0;
    for part in id..page.node(id).end {
        let node = page.node(part);
        if part < skip_to || node.inert || shape.regions.is_hidden(part) {
            continue;
        }
        match node.tag {
            Tag::A => {
                skip_to = node.end;
                let text = names::anchor_text(page, part);
                let href = page.attr(part, Attr::Href).unwrap_or_default().trim();
                let to = shape.cx.url.join(href).ok();
                let out = to.is_some_and(|to| to.host_str() != own);
                if !out && !names::leads_on(&text) {
                    inner += 1;
                    if text.chars().count() > 6 {
                        return false;
                    }
                }
            }
            Tag::Select => skip_to = node.end,
            Tag::Text => {
                letters += page.text_of(part).chars().filter(|c| is_letter(*c)).count();
            }
            Tag::Iframe | Tag::Video | Tag::Audio | Tag::Object | Tag::Embed | Tag::Textarea => return false,
            Tag::Img => {
                let src = page.attr(part, Attr::Src).unwrap_or_default().to_ascii_lowercase();
                let small = ["qr", "ewm", "erweima", "wx", "weixin", "wb", "ico", "top", "code"]
                    .iter()
                    .any(|word| src.contains(word));
                if !small {
                    return false;
                }
            }
            _ => {}
        }
    }
    letters <= LABELS && inner <= 6
}

/// The first text of an element, where it is short enough to be a heading and not in a link.
fn first_text(page: &Outline, id: NodeId) -> Option<String> {
    let text = page
        .inside(id)
        .take(60)
        .find(|inner| page.node(*inner).tag == Tag::Text && !page.text_of(*inner).trim().is_empty())?;
    let text = fold(page.text_of(text));
    (text.chars().filter(|c| is_letter(*c)).count() <= HEADING).then_some(text)
}

/// The heading right before a list: the text of the element before it in the same part.
fn text_before(page: &Outline, id: NodeId) -> Option<String> {
    let node = page.node(id);
    if !matches!(node.tag, Tag::Ul | Tag::Dl) {
        return None;
    }
    let before = (node.parent + 1..id).rev().take(12).filter(|other| page.node(*other).parent == node.parent);
    let heading = before.into_iter().find(|other| !page.text_of(*other).trim().is_empty())?;
    let text = fold(page.text_of(heading));
    let short = text.chars().filter(|c| is_letter(*c)).count() <= HEADING;
    (short && (page.node(heading).tag.is_heading() || page.node(heading).tag == Tag::Div)).then_some(text)
}

fn is_side_heading(shape: &Shape<'_>, heading: &str) -> bool {
    sides::heads_a_side(heading) && !shape.names.iter().any(|name| name == heading)
}

/// Whether an element is built as the one beside it that holds the place: a box of the same list.
fn is_twin(page: &Outline, id: NodeId, at: NodeId) -> bool {
    let parent = page.node(id).parent;
    let branch = page.ancestors(at).take_while(|up| *up != parent).last().unwrap_or(at);
    page.node(branch).parent == parent
        && page.node(branch).tag == page.node(id).tag
        && page.attr(branch, Attr::Class) == page.attr(id, Attr::Class)
        && page.attr(id, Attr::Class).is_some()
}

fn called(page: &Outline, id: NodeId, words: &[&str]) -> bool {
    std::iter::once(id)
        .chain(page.inside(id).take(12))
        .filter(|inner| page.node(*inner).tag != Tag::Text)
        .any(|inner| {
            let names = page.class_and_id(inner);
            words.iter().any(|word| names.contains(word))
        })
}

/// The links of an element that lead somewhere, with their raw addresses; pictures have no name.
fn entries<'a>(shape: &'a Shape<'_>, id: NodeId) -> Vec<(String, &'a str)> {
    let page = shape.page;
    let links = page.inside(id).take(600).filter(|id| page.node(*id).tag == Tag::A && !page.node(*id).inert);
    links
        .filter_map(|id| Some((names::anchor_text(page, id), page.attr(id, Attr::Href)?.trim())))
        .filter(|(_, href)| !href.is_empty() && !href.starts_with('#') && !href.starts_with("javascript"))
        .collect()
}

/// Whether an address lies below the page's own folder: what the column is the door of.
fn leads_below(shape: &Shape<'_>, href: &str) -> bool {
    let own = shape.cx.url;
    let (folder, name) = own.path().split_at(own.path().rfind('/').map_or(0, |at| at + 1));
    folder.len() > 1
        && is_front(name)
        && shape.cx.url.join(href).is_ok_and(|to| {
            to.host_str() == own.host_str()
                && to.path().strip_prefix(folder).is_some_and(|rest| rest.contains('/'))
        })
}
