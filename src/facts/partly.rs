//! Whether a list page may show newer items than its source holds: an inner frame, a script of the column's own part that brings or
//! holds items, or a script that turns a list which begins with its oldest.

use std::sync::LazyLock;

use regex::Regex;

use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{LinkPlace, List};
use super::regions::is_letter;
use super::state::{Shape, body_elements};
use super::{doubts, pager, scripts};

/// Letters of a title that a script holds, at least.
const TITLE: usize = 6;

/// The word of the gap, where the newest item of a list that begins at the node `rows` may not be seen.
pub(super) fn why(shape: &Shape<'_>, list: &List, rows: NodeId) -> Option<&'static str> {
    if list.begins_with_oldest() && pager::turns_by_script(shape.page) {
        return Some("items-elsewhere");
    }
    if holds_frame(shape) {
        return Some("frame-content");
    }
    (brings_by_script(shape, rows) || named_box_above(shape, rows)).then_some("needs-render")
}

/// A visible frame with a page of the same site that is no part of the template.
fn holds_frame(shape: &Shape<'_>) -> bool {
    const TEMPLATE: [&str; 12] = [
        "head", "top", "foot", "bottom", "nav", "menu", "left", "search", "weather", "tianqi", "login",
        "count",
    ];
    let page = shape.page;
    body_elements(shape, &[Tag::Iframe]).any(|id| {
        let small = |attr| {
            let value = page.attr(id, attr).unwrap_or_default().trim().trim_end_matches("px");
            value.parse::<u32>().is_ok_and(|size| size < 60)
        };
        let src = page.attr(id, Attr::Src).unwrap_or_default().trim();
        let to = shape.cx.url.join(src).ok().filter(|_| !src.is_empty());
        let own = to.is_some_and(|to| {
            to.host_str() == shape.cx.url.host_str()
                && to.path() != shape.cx.url.path()
                && !TEMPLATE.iter().any(|word| to.path().to_ascii_lowercase().contains(word))
        });
        own && !small(Attr::Width) && !small(Attr::Height)
    })
}

/// An inline script between the breadcrumb and the first row that asks for something or holds titles with their addresses.
fn brings_by_script(shape: &Shape<'_>, rows: NodeId) -> bool {
    static ASKS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\$\s*\.\s*(?:get|post|ajax|getJSON|getScript)\s*\(|\.\s*load\s*\(\s*[\x22']|\bfetch\s*\(|XMLHttpRequest")
            .expect("a valid pattern")
    });
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"[\w/]\.(?:s?html?|jhtml|jspx?|aspx?|php)\b|["'][\w./:-]+/\d+["'/]|url["']?\s*:"#)
            .expect("a valid pattern")
    });
    let page = shape.page;
    let start = shape.regions.crumb_at.map_or(1, |crumbs| page.node(crumbs).end);
    (start..rows)
        .filter(|id| page.node(*id).tag == Tag::Script && shape.regions.place(*id) == LinkPlace::Body)
        .filter_map(|id| page.raw_of(id))
        .any(|text| {
            ASKS.find_iter(text).any(|call| !scripts::is_aside(text, call.range()))
                || ADDRESS.is_match(text) && holds_title(text)
        })
}

/// Whether a string of a script is long enough for a title in Chinese.
fn holds_title(script: &str) -> bool {
    script
        .split(['"', '\'', '|', '>', '<'])
        .any(|part| part.chars().filter(|c| *c >= '\u{2e80}' && is_letter(*c)).nth(TITLE - 1).is_some())
}

/// An empty element with a name above the rows, and a script that names it or a file behind it that may fill it.
fn named_box_above(shape: &Shape<'_>, rows: NodeId) -> bool {
    let page = shape.page;
    let start = shape.regions.crumb_at.map_or(1, |crumbs| page.node(crumbs).end);
    let is_box = |id: &NodeId| {
        matches!(page.node(*id).tag, Tag::Div | Tag::Ul | Tag::Section)
            && page.attr(*id, Attr::Id).is_some()
            && is_blank(page, *id)
            && shape.is_own(*id)
    };
    let boxes: Vec<NodeId> = (start..rows).filter(is_box).take(8).collect();
    !boxes.is_empty()
        && (doubts::script_behind_box(shape, &boxes).is_some() || scripts::fills(page, &boxes).is_some())
}

fn is_blank(page: &Outline, id: NodeId) -> bool {
    page.text_of(id).trim().is_empty()
        && !page.inside(id).any(|inner| matches!(page.node(inner).tag, Tag::A | Tag::Img))
}
