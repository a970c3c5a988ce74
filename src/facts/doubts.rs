//! What speaks against calling a page empty on which no item was found.

use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{LinkKind, LinkPlace};
use super::regions::{fold, is_letter};
use super::state::{Shape, body_elements};
use super::words::Said;
use super::{blank, lists, names, pager, scripts, shapes};

/// What the page itself states that its list holds, where it shows none of it: a page past the end, or items left out.
pub(super) fn states_items(shape: &Shape<'_>) -> Option<String> {
    let page = shape.page;
    if let Some(total) = lists::declared_total(&page.text).filter(|total| *total > 0) {
        return Some(format!("states {total} items and shows none"));
    }
    let numbered = body_elements(shape, &[Tag::A])
        .filter(|id| {
            let text = page.text_of(*id).trim();
            (1..=3).contains(&text.len()) && text.parse::<u32>().is_ok_and(|number| number >= 1)
        })
        .take(2)
        .count();
    // 1/12, and a way to the second.
    let of_many = body_elements(shape, &[Tag::Text]).any(|id| {
        let text = page.text_of(id).trim();
        let text = text.trim_start_matches('第').trim_end_matches('页');
        let number = |part: &str| part.trim().parse::<u16>().ok();
        text.len() <= 12
            && text
                .split_once('/')
                .and_then(|(at, of)| number(at).zip(number(of)))
                .is_some_and(|(at, of)| of >= 2 && at <= of)
    });
    let leads_on =
        body_elements(shape, &[Tag::A]).any(|id| {
            let href = page.attr(id, Attr::Href).unwrap_or_default().trim();
            matches!(page.text_of(id).trim(), "下一页" | "下页" | "后一页")
                && shape.cx.url.join(href).is_ok_and(|to| {
                    matches!(to.scheme(), "http" | "https") && to.path() != shape.cx.url.path()
                })
        });
    (numbered == 2 || of_many || leads_on || !pager::further_pages(page, true).0.is_empty())
        .then(|| "further pages, and no item".to_owned())
}

/// Script files of their own that templates bring, beside the libraries: they are on every page of a site, whatever it lists.
const TEMPLATES: [&str; 16] = [
    "index", "common", "base", "public", "main", "global", "top", "head", "foot", "nav", "menu", "login",
    "search", "page", "tongji", "stat",
];

/// An empty list box, or one that holds only the words that there is nothing (`holders`), that a script file may fill: by its name,
/// or because the file stands right behind it.
pub(super) fn filled_unseen(
    shape: &Shape<'_>,
    boxes: &[NodeId],
    holders: &[NodeId],
    said: Option<Said>,
) -> Option<String> {
    let page = shape.page;
    let sourced = [Attr::DataUrl, Attr::DataApi, Attr::DataSrc];
    if boxes
        .iter()
        .any(|id| sourced.iter().any(|attr| page.attr(*id, *attr).is_some_and(|url| url.len() > 1)))
    {
        return Some("a box names its source".to_owned());
    }
    let named = boxes.iter().any(|id| is_named_list(page, *id));
    let in_place = body_elements(shape, &[Tag::Script]).any(|id| fills_its_box(shape, id));
    let included = page.comments.iter().any(|(next, text)| {
        let of_frame =
            ["foot", "bottom", "copy", "head", "top", "nav", "menu"].iter().any(|word| text.contains(word));
        text.starts_with("#include")
            && !of_frame
            && shape.regions.place(next.saturating_sub(1)) == LinkPlace::Body
    });
    if in_place || included {
        return Some(
            if in_place {
                "a script stands in the place of the list"
            } else {
                "an include that was not filled in"
            }
            .to_owned(),
        );
    }
    let standing = if said.is_some() { holders.to_vec() } else { with_named_boxes(shape, boxes) };
    if let Some(name) = script_behind_box(shape, &standing) {
        return Some(format!("script {name} behind an empty box"));
    }
    let named = if said.is_some() { holders.iter().any(|id| is_named_list(page, *id)) } else { named };
    if !named {
        return None;
    }
    scripts::files(page).find_map(|(src, name)| {
        let foreign =
            src.contains("//") && shape.cx.url.join(src).ok()?.host_str() != shape.cx.url.host_str();
        (!is_known(&name) && !foreign).then(|| format!("script {name}"))
    })
}

fn is_known(name: &str) -> bool {
    scripts::is_library(name) || TEMPLATES.iter().any(|known| name.contains(known))
}

/// A script file of no known library between whose place and an empty box before it nothing can be read.
pub(super) fn script_behind_box(shape: &Shape<'_>, boxes: &[NodeId]) -> Option<String> {
    let page = shape.page;
    boxes.iter().copied().find_map(|id| {
        (page.node(id).end..page.ids().end)
            .take(40)
            .take_while(|next| {
                let tag = page.node(*next).tag;
                let unseen = shape.regions.is_hidden(*next);
                unseen
                    || !matches!(tag, Tag::A | Tag::Img)
                        && (tag != Tag::Text || page.text_of(*next).trim().is_empty())
            })
            .filter(|next| page.node(*next).tag == Tag::Script && shape.is_own(*next))
            .filter_map(|next| page.attr(next, Attr::Src))
            .map(scripts::file_name)
            .find(|name| !is_known(name))
    })
}

/// The list around a text, or else the box it stands in.
pub(super) fn holders_of(page: &Outline, at: NodeId) -> Vec<NodeId> {
    let list = page
        .ancestors(at)
        .take(5)
        .filter(|up| matches!(page.node(*up).tag, Tag::Ul | Tag::Ol | Tag::Dl | Tag::Tbody | Tag::Table));
    let around: Vec<NodeId> = list.collect();
    if around.is_empty() { page.ancestors(at).take(1).collect() } else { around }
}

/// Whether an empty box is, or stands in, the side of a page whose other part shows something: the side's menu is no list.
pub(super) fn is_at_side(shape: &Shape<'_>, id: NodeId, names: &[String]) -> bool {
    const SIDES: [&str; 5] = ["left", "side", "menu", "nav", "tree"];
    let page = shape.page;
    let side = std::iter::once(id).chain(page.ancestors(id).take(6)).find(|up| {
        let node = page.node(*up);
        !matches!(node.tag, Tag::Body | Tag::Html)
            && (node.tag == Tag::Aside
                || page
                    .class_and_id(*up)
                    .split_ascii_whitespace()
                    .any(|name| SIDES.iter().any(|side| name.contains(side))))
    });
    let Some(side) = side else { return false };
    let own = fold(page.text_of(side));
    let is_main = names.iter().any(|name| own.contains(name.as_str())) || own.contains("下一页");
    let node = page.node(side);
    let around = page.node(node.parent);
    let beside = [(around.text_start, node.text_start), (node.text_end, around.text_end)];
    !is_main && beside.iter().any(|(from, to)| page.text_between(*from, *to).chars().any(is_letter))
}

/// Whether an element has an id of its own, and is a list by its tag or by that id.
pub(super) fn is_named_list(page: &Outline, id: NodeId) -> bool {
    const LISTS: [&str; 8] = ["list", "news", "data", "item", "doc", "info", "content", "article"];
    let list = matches!(page.node(id).tag, Tag::Ul | Tag::Ol | Tag::Tbody | Tag::Table | Tag::Dl);
    page.attr(id, Attr::Id).is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        name.len() > 1 && (list || LISTS.iter().any(|word| name.contains(word)))
    })
}

/// A script that is all that its box holds, and no known writer of pagers, counters, dates or marks.
fn fills_its_box(shape: &Shape<'_>, script: NodeId) -> bool {
    const KNOWN: [&str; 14] = [
        "createPage",
        "hm.",
        "_hmt",
        "bdshare",
        "conac",
        "jiucuo",
        "Date()",
        "countPage",
        "setTab",
        "function ",
        "$(",
        "location",
        "share",
        "window.",
    ];
    let page = shape.page;
    let parent = page.node(script).parent;
    let around = page.node(parent);
    if matches!(around.tag, Tag::Html | Tag::Body) || !page.text_of(parent).trim().is_empty() {
        return false;
    }
    let holds_more =
        page.inside(parent).any(|id| matches!(page.node(id).tag, Tag::Img | Tag::A | Tag::Input));
    let text = page.raw_of(script).unwrap_or_default();
    let src = page.attr(script, Attr::Src).unwrap_or_default();
    let calls = text.contains('(') && text.len() < 400 && !KNOWN.iter().any(|known| text.contains(known));
    let library = ["jquery", ".min.js", "conac", "jiucuo", "count", "tongji", "share", "page", "hm.js"]
        .iter()
        .any(|known| src.to_ascii_lowercase().contains(known));
    !holds_more && (calls || !src.is_empty() && !library)
}

/// The empty boxes, and every other empty element of the body with a name that a script could fill it by.
pub(super) fn with_named_boxes(shape: &Shape<'_>, boxes: &[NodeId]) -> Vec<NodeId> {
    let page = shape.page;
    let mut all = boxes.to_vec();
    let blank = body_elements(shape, &[Tag::Div, Tag::Section]).filter(|id| {
        page.attr(*id, Attr::Id).is_some()
            && page.text_of(*id).trim().is_empty()
            && page.inside(*id).is_empty()
    });
    all.extend(blank.filter(|id| !boxes.contains(id)).take(16));
    all.sort_unstable();
    all
}

/// A short text that says something: a sentence, a telephone number, an address.
pub(super) fn has_statement(shape: &Shape<'_>) -> bool {
    const FIELDS: [&str; 9] = ["电话", "地址", "邮编", "传真", "邮箱", "联系人", "负责人", "网址", "姓名"];
    const FRAME: [&str; 9] = ["今天", "星期", "当前", "位置", "共", "页", "版权", "欢迎", "搜索"];
    let page = shape.page;
    body_elements(shape, &[Tag::Text]).any(|id| {
        let text = fold(page.text_of(id));
        let letters = text.chars().filter(|c| is_letter(*c)).count();
        let field =
            FIELDS.iter().any(|word| text.starts_with(word)) && text.contains(['：', ':']) && letters > 4;
        let sentence = letters >= 6 && text.ends_with('。') && !FRAME.iter().any(|word| text.contains(word));
        let linked = page.ancestors(id).take(4).any(|up| page.node(up).tag == Tag::A);
        (field || sentence) && !linked
    })
}

/// Something in the body that no empty list page needs: a form of its own, a drawing, a number, a link out of the site.
pub(super) fn unexplained(shape: &Shape<'_>) -> Option<String> {
    let page = shape.page;
    let drawing = body_elements(shape, &[Tag::Other])
        .any(|id| page.attr(id, Attr::Name).is_some_and(|name| matches!(name, "canvas" | "svg" | "map")));
    if drawing {
        return Some("a drawing".to_owned());
    }
    if let Some(form) = form(shape) {
        return Some(form);
    }
    let number = body_elements(shape, &[Tag::Text]).any(|id| {
        let text = page.text_of(id).trim();
        text.len() >= 3
            && text.bytes().all(|b| b.is_ascii_digit())
            && !matches!(page.node(page.node(id).parent).tag, Tag::A | Tag::Option)
    });
    if number {
        return Some("a number".to_owned());
    }
    let out = body_elements(shape, &[Tag::A]).any(|id| {
        let Some(href) = page.attr(id, Attr::Href) else { return false };
        let Ok(url) = shape.cx.url.join(href.trim()) else { return false };
        let text = names::anchor_text(page, id);
        let foreign = matches!(url.scheme(), "http" | "https") && url.host_str() != shape.cx.url.host_str();
        let article =
            shapes::surely_article_url(&url) || shapes::kind_by_ending(url.path()) != LinkKind::Page;
        !names::leads_on(&text) && (foreign || article) && !blank::leads_aside(shape, id)
    });
    out.then(|| "a link that is no menu's".to_owned())
}

/// A form of the page's own: fields to fill in that are no search of the site.
pub(super) fn form(shape: &Shape<'_>) -> Option<String> {
    let page = shape.page;
    let asked = body_elements(shape, &[Tag::Input, Tag::Select]).any(|id| {
        let kind = page.attr(id, Attr::Type).unwrap_or("text");
        let around = page.ancestors(id).take(3).find(|up| page.text_of(*up).chars().any(is_letter));
        let text = around.map(|up| page.text_of(up)).unwrap_or_default();
        let form = page.ancestors(id).find(|up| page.node(*up).tag == Tag::Form);
        let written = form.map_or(id..id + 1, |form| page.inside(form)).any(|field| {
            [Attr::Value, Attr::Placeholder]
                .into_iter()
                .filter_map(|attr| page.attr(field, attr))
                .any(|text| ["搜索", "检索", "关键"].iter().any(|word| text.contains(word)))
        });
        let site_search = written
            || ["搜索", "检索", "页", "友情链接", "搜 索"].iter().any(|word| text.contains(word))
            || page.ancestors(id).take(4).any(|up| page.class_and_id(up).contains("search"));
        matches!(kind, "text" | "number" | "date" | "tel") && !site_search
    });
    asked.then(|| "a form".to_owned())
}
