//! Pages on which no list was found: their own content, a list that holds nothing, or one that comes later.

use super::inventory;
use super::lists::Block;
use super::middle::{self, Middle};
use super::outline::{Attr, NodeId, Tag};
use super::page::{Empty, LinkKind, LinkPlace, PageKind, PageState};
use super::regions::fold;
use super::regions::is_letter;
use super::state::{Shape, Verdict, body_elements, has_pictures};
use super::{dates, doubts, fillers, held, lists, names, scripts, shapes, sides, sources, unwell, words};

/// Text of its own, in characters, that makes a page its own content.
const OWN_CONTENT: usize = 60;
/// Text that may be left on an empty list page: a heading, a label.
const LEFTOVER: usize = 24;

/// A page on which no list was found: its own content, an empty list, or one that comes by script.
pub(super) fn judge(shape: &Shape<'_>) -> Verdict {
    let at = place_of_nothing(shape);
    let middle = at.and_then(|at| Middle::around(shape, at).or_else(|| Middle::headed(shape, at)));
    let shape = &Shape { middle: middle.as_ref(), ..*shape };
    let verdict = judge_own(shape);
    if verdict.empty != Empty::Yes {
        return verdict;
    }
    let near = at.filter(|_| middle.is_none()).map(|at| Middle::near(shape, at));
    let said = words::says_empty(shape, shape.names).and_then(|said| said.at);
    match middle.as_ref().or(near.as_ref()).and_then(|middle| inventory::of(shape, middle, said)) {
        Some(why) => {
            let reason = format!("{}, but {why}", verdict.reason);
            Verdict::new(PageKind::List, verdict.state, Empty::Uncertain, reason)
        }
        None => verdict,
    }
}

/// Where a page says that its list holds nothing, or has a list without anything, behind its breadcrumb; or else what follows that.
fn place_of_nothing(shape: &Shape<'_>) -> Option<NodeId> {
    let said = words::says_empty(shape, shape.names).and_then(|said| said.at);
    let start = middle::head_end(shape);
    said.filter(|at| *at >= start)
        .or_else(|| empty_boxes(shape).into_iter().find(|at| *at >= start))
        .or_else(|| Some(start).filter(|at| (1..shape.page.ids().end).contains(at)))
}

/// As [`judge`], by what stands in the column's own part where that is known.
fn judge_own(shape: &Shape<'_>) -> Verdict {
    let page = shape.page;
    let own = |reason: &str| Verdict::new(PageKind::Static, PageState::OwnContent, Empty::No, reason);
    if page.text.len() < 6_000
        && let Some(words) = unwell::says_server_error(&page.text)
    {
        let verdict =
            Verdict::new(PageKind::Other, PageState::Failed, Empty::Uncertain, format!("says {words}"));
        return verdict.with_gap("server-error-text");
    }
    let names = shape.names;
    let said = words::says_empty(shape, names);
    let leftover = leftover_chars(shape);
    if leftover < OWN_CONTENT
        && let Some(words) =
            body_elements(shape, &[Tag::Text]).find_map(|id| unwell::asks_to_retry(page.text_of(id)))
    {
        let verdict =
            Verdict::new(PageKind::Other, PageState::Failed, Empty::Uncertain, format!("says {words}"));
        return verdict.with_gap("server-error-text");
    }
    if body_elements(shape, &[Tag::Video, Tag::Audio, Tag::Embed, Tag::Object]).next().is_some() {
        return own("media");
    }
    if leftover >= OWN_CONTENT && (said.is_none() || leftover >= 3 * OWN_CONTENT) {
        let boxes = empty_boxes(shape);
        if !boxes.is_empty()
            && leftover < 2 * OWN_CONTENT
            && let Some(why) = scripts::fills(page, &boxes)
        {
            return Verdict::new(PageKind::List, PageState::Script, Empty::Uncertain, why)
                .with_gap("needs-render");
        }
        return own("text-of-its-own");
    }
    if shape.data.present
        && shape.data.total == Some(0)
        && unexplained_links(shape) < 3
        && !sources::ask_for_more(page)
        && held::content(shape, said, &[], names).is_none()
    {
        return Verdict::new(PageKind::List, PageState::Empty, Empty::Yes, "data-island-states-0");
    }
    let boxes = empty_boxes(shape);
    let mut fillable = doubts::with_named_boxes(shape, &boxes);
    let holders = said.and_then(|said| said.at).map(|at| doubts::holders_of(page, at)).unwrap_or_default();
    fillable.extend_from_slice(&holders);
    if let Some(why) = scripts::fills(page, &fillable) {
        let reason = format!("needs-render: {why}");
        let kind = if body_elements(shape, &[Tag::A]).next().is_some() || !shape.title.is_empty() {
            PageKind::List
        } else {
            PageKind::Shell
        };
        return Verdict::new(kind, PageState::Script, Empty::Uncertain, reason).with_gap("needs-render");
    }
    if let Some(why) = words::comes_later(shape)
        .map(str::to_owned)
        .or_else(|| doubts::filled_unseen(shape, &boxes, &holders, said))
    {
        let verdict =
            Verdict::new(PageKind::List, PageState::Script, Empty::Uncertain, format!("needs-render: {why}"));
        return verdict.with_gap("needs-render");
    }
    let embeds = body_elements(shape, &[Tag::Iframe]).any(|id| {
        let zero = |attr| {
            page.attr(id, attr).is_some_and(|value| matches!(value.trim().trim_end_matches("px"), "0" | "1"))
        };
        let src = page.attr(id, Attr::Src).unwrap_or_default().trim();
        !src.is_empty() && src != "about:blank" && !zero(Attr::Width) && !zero(Attr::Height)
    });
    if embeds {
        return Verdict::new(PageKind::List, PageState::Script, Empty::Uncertain, "frame-may-carry-it")
            .with_gap("frame-content");
    }
    let attached = body_elements(shape, &[Tag::A]).any(|id| {
        page.attr(id, Attr::Href).is_some_and(|href| {
            shapes::kind_by_ending(href.split(['?', '#']).next().unwrap_or_default()) == LinkKind::Attachment
        })
    });
    if attached {
        return own("attachment");
    }
    if said.is_none() && has_pictures(shape) {
        return own("pictures");
    }
    let chosen_from = body_elements(shape, &[Tag::Input])
        .any(|id| page.attr(id, Attr::Type).is_some_and(|kind| matches!(kind, "radio" | "checkbox")));
    if chosen_from && said.is_none() || body_elements(shape, &[Tag::Textarea]).next().is_some() {
        return own("form");
    }
    let names_own_links = unexplained_links(shape);
    if let Some(said) = said {
        let words = said.words;
        let zero = lists::declared_total(&page.text) == Some(0);
        if names_own_links >= 3 {
            return Verdict::new(
                PageKind::List,
                PageState::Placeholder,
                Empty::Uncertain,
                format!("says {words}, but carries links"),
            );
        }
        if let Some(why) = doubts::states_items(shape).filter(|_| !zero) {
            return Verdict::new(PageKind::List, PageState::Placeholder, Empty::Uncertain, why);
        }
        let beside = if said.alone {
            held::content(shape, Some(said), &boxes, names).or_else(|| doubts::form(shape))
        } else {
            Some("within a sentence".to_owned())
        };
        if let Some(beside) = beside {
            let reason = format!("says {words}, but {beside}");
            return Verdict::new(PageKind::List, PageState::Placeholder, Empty::Uncertain, reason);
        }
        if let Some(why) = fillers::called(shape) {
            let reason = format!("needs-render: says {words}, {why}");
            return Verdict::new(PageKind::List, PageState::Script, Empty::Uncertain, reason)
                .with_gap("needs-render");
        }
        let state = if zero { PageState::Empty } else { PageState::Placeholder };
        return Verdict::new(PageKind::List, state, Empty::Yes, format!("says {words}"));
    }
    if has_filled_table(shape) {
        return own("table");
    }
    if doubts::has_statement(shape) {
        return own("short-text");
    }
    if leftover > LEFTOVER {
        return if boxes.is_empty() {
            own("short-text")
        } else {
            Verdict::new(PageKind::Other, PageState::OwnContent, Empty::Uncertain, "little-text")
        };
    }
    let has_menu =
        page.ids().any(|id| shape.regions.place(id) == LinkPlace::Nav && page.node(id).tag == Tag::A);
    if boxes.is_empty() && leftover > 8 {
        return own("short-text");
    }
    let own_links = body_elements(shape, &[Tag::A]).filter(|id| !leads_aside(shape, *id)).count();
    let few = if shape.middle.is_some() { 2 } else { 4 };
    if own_links >= 15 || (boxes.is_empty() && own_links >= few) {
        return own("links-of-its-own");
    }
    let none_in_main = boxes.iter().all(|id| doubts::is_at_side(shape, *id, names));
    if !boxes.is_empty() && none_in_main && held::content(shape, None, &boxes, names).is_some() {
        return own("content-beside-an-empty-side");
    }
    if none_in_main || !has_menu || names_own_links >= 3 {
        return Verdict::new(PageKind::Other, PageState::OwnContent, Empty::Uncertain, "nothing-recognised");
    }
    let doubt = doubts::states_items(shape)
        .or_else(|| doubts::unexplained(shape))
        .or_else(|| held::content(shape, None, &boxes, names));
    if let Some(why) = doubt {
        return Verdict::new(PageKind::List, PageState::Empty, Empty::Uncertain, why);
    }
    let is_under_name =
        |id: &NodeId| sides::is_under_name(page, shape.regions, shape.blocks, shape.names, *id);
    // With its pager or its heading the box stands in a part of its own beside that list.
    let is_apart = |id: &NodeId| {
        let parent = page.node(*id).parent;
        let part = parent..page.node(parent).end;
        !page.text_of(parent).trim().is_empty()
            && !shape.blocks.iter().any(|block| part.contains(&block.span.start))
    };
    if !(shape.middle.is_some() && boxes.iter().any(is_apart))
        && shape.blocks.iter().any(|block| block.elsewhere && block.dated > 0)
        && !boxes.iter().any(is_under_name)
    {
        return Verdict::new(PageKind::Other, PageState::OwnContent, Empty::Uncertain, "a list beside it");
    }
    if let Some(why) = fillers::found(shape, &boxes) {
        let reason = format!("needs-render: {why}");
        return Verdict::new(PageKind::List, PageState::Script, Empty::Uncertain, reason)
            .with_gap("needs-render");
    }
    Verdict::new(PageKind::List, PageState::Empty, Empty::Yes, "empty-list-box")
}

/// A table with rows of words or numbers and no link: what the page is there for.
fn has_filled_table(shape: &Shape<'_>) -> bool {
    let page = shape.page;
    body_elements(shape, &[Tag::Table]).any(|id| {
        let rows = page.inside(id).take(2_000).filter(|row| {
            page.node(*row).tag == Tag::Tr
                && page
                    .inside(*row)
                    .filter(|cell| {
                        matches!(page.node(*cell).tag, Tag::Td | Tag::Th)
                            && !page.text_of(*cell).trim().is_empty()
                    })
                    .nth(1)
                    .is_some()
        });
        rows.take(3).count() == 3
    })
}

/// Characters of own text that are no heading, no step of the breadcrumb, no pager and no word for emptiness.
fn leftover_chars(shape: &Shape<'_>) -> usize {
    const CHROME: &[&str] = &[
        "暂无",
        "没有",
        "共",
        "第",
        "页",
        "条",
        "首页",
        "上一",
        "下一",
        "尾页",
        "末页",
        "跳转",
        "当前",
        "位置",
        "分享",
        "字体",
        "字号",
        "打印",
        "关闭",
        "今天是",
        "星期",
        "搜索",
        "更多",
        "每页",
        "转到",
        "返回",
        "标题",
        "发布时间",
        "发布日期",
        "序号",
        "日期",
        "时间",
        "名称",
        "文号",
        "索引号",
        "来源",
        "扫一扫",
    ];
    let page = shape.page;
    let column = shape.tags.get("ColumnName").map(|name| fold(name)).unwrap_or_default();
    let mut count = 0;
    let mut skip_to = 0;
    let mut seen = std::collections::HashSet::new();
    for id in page.ids().skip(1) {
        if id < skip_to {
            continue;
        }
        let node = page.node(id);
        match node.tag {
            // What can be pressed and headings are frame here, unless a heading is a whole paragraph.
            Tag::A | Tag::Select | Tag::Option | Tag::Button | Tag::Label => skip_to = node.end,
            Tag::H1 | Tag::H2 | Tag::H3 | Tag::H4 | Tag::Th
                if page.text_of(id).chars().filter(|c| is_letter(*c)).nth(30).is_none() =>
            {
                skip_to = node.end;
            }
            Tag::Text if shape.is_own(id) => {
                let text = fold(page.text_of(id));
                let chars = text.chars().filter(|c| is_letter(*c)).count();
                let is_frame = chars <= 16
                    && (text == column
                        || shape.title.contains(&text)
                        || CHROME.iter().any(|word| text.contains(word))
                        || text.chars().all(|c| c.is_ascii_digit() || !is_letter(c))
                        || !dates::find(&text, false).is_empty());
                if !is_frame && seen.insert(text) {
                    count += chars;
                }
            }
            _ => {}
        }
    }
    count
}

/// Why the page's list is filled by a script, where an empty list box is named in one: undated links beside it are not the list.
pub(super) fn list_by_script(shape: &Shape<'_>) -> Option<String> {
    let page = shape.page;
    let mut boxes = empty_boxes(shape);
    boxes.retain(|id| {
        let list = matches!(page.node(*id).tag, Tag::Ul | Tag::Ol | Tag::Tbody);
        (list || page.class_and_id(*id).contains("list")) && page.attr(*id, Attr::Id).is_some()
    });
    if boxes.is_empty() {
        return None;
    }
    scripts::fills(page, &boxes)
}

/// List boxes of the body that hold nothing: no link, no picture, no text but blanks.
fn empty_boxes(shape: &Shape<'_>) -> Vec<NodeId> {
    const NAMES: &[&str] = &[
        "list", "news", "liebiao", "lb", "lie", "xxgk", "xx", "gl", "data", "con", "main", "right",
        "article", "info", "box", "nr", "items", "wrap", "body", "default", "pageinfo", "page", "view",
        "zoom", "editor", "doc", "text", "channel", "column",
    ];
    let page = shape.page;
    let named = |id: NodeId| {
        let names = page.class_and_id(id);
        NAMES.iter().any(|word| names.contains(word))
    };
    let mut found = Vec::new();
    for id in page.ids().skip(1) {
        let node = page.node(id);
        let holder = matches!(node.tag, Tag::Ul | Tag::Ol | Tag::Dl | Tag::Table | Tag::Tbody);
        let is_beside = |block: &Block| {
            block.elsewhere && block.side.as_ref().is_some_and(|side| side.span.contains(&id))
        };
        if shape.blocks.iter().any(is_beside) {
            continue;
        }
        if !(holder || matches!(node.tag, Tag::Div | Tag::Section | Tag::Td))
            || node.inert
            || shape.regions.place(id) != LinkPlace::Body
            || shape.middle.is_some_and(|middle| !middle.contains(id))
        {
            continue;
        }
        let blank = |id: NodeId| page.text_of(id).trim().is_empty();
        let only_heads = words::is_head_row_alone(page, id)
            || node.tag == Tag::Table
                && page
                    .inside(id)
                    .take(200)
                    .all(|inner| !matches!(page.node(inner).tag, Tag::Td | Tag::A | Tag::Img))
                && page.inside(id).take(200).any(|inner| page.node(inner).tag == Tag::Th);
        if !(blank(id) || only_heads) {
            continue;
        }
        let holds = page.inside(id).take(60).any(|inner| {
            let tag = page.node(inner).tag;
            matches!(
                tag,
                Tag::A
                    | Tag::Img
                    | Tag::Iframe
                    | Tag::Video
                    | Tag::Embed
                    | Tag::Object
                    | Tag::Input
                    | Tag::Select
                    | Tag::Textarea
                    | Tag::Form
                    | Tag::Script
                    | Tag::Other
            )
        });
        // A drawing of an organisation, for one, may be the ground of a box.
        let pictured = (id..node.end)
            .take(60)
            .any(|inner| page.attr(inner, Attr::Style).is_some_and(|style| style.contains("url(")));
        if holds || pictured {
            continue;
        }
        let around = holder && page.ancestors(id).take(4).any(named);
        if named(id) || around || holder {
            found.push(id);
        }
    }
    found
}

/// Links in the body that are neither a side menu nor a way on: they may be what the page is there for.
fn unexplained_links(shape: &Shape<'_>) -> usize {
    let page = shape.page;
    let mut count = 0;
    for id in body_elements(shape, &[Tag::A]) {
        let text = names::anchor_text(page, id);
        if names::leads_on(&text) || text.chars().count() < 8 || page.attr(id, Attr::Href).is_none() {
            continue;
        }
        let aside = leads_aside(shape, id);
        count += usize::from(!aside);
    }
    count
}

/// Inside something named as a side menu, or in a list that is not the column's.
pub(super) fn leads_aside(shape: &Shape<'_>, id: NodeId) -> bool {
    const NAMES: [&str; 11] =
        ["left", "side", "menu", "nav", "sub", "tree", "lm", "link", "hot", "tuijian", "tab"];
    if shape.blocks.iter().any(|block| block.elsewhere && block.span.contains(&id)) {
        return true;
    }
    shape.page.ancestors(id).take(6).any(|up| {
        let names = shape.page.class_and_id(up);
        NAMES.iter().any(|word| names.contains(word))
    })
}
