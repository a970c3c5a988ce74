//! What stands in the column's own part of a page beside an empty list or the word that there is nothing: with anything here that
//! no empty column has, the page is not called empty.

use super::idle;
use super::middle::Middle;
use super::names;
use super::nothing;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::LinkPlace;
use super::regions::{fold, is_letter};
use super::state::{Shape, is_content_picture};
use super::words;

/// Letters of a label or a heading, at most.
const LABEL: usize = 8;
/// Sizes in pixels from which a drawing or a box is no decoration.
const DRAWING: f64 = 60.0;
const BOX: f64 = 100.0;

/// What the part holds, for a reason; `said` is the text that says that there is nothing.
pub(super) fn of(shape: &Shape<'_>, middle: &Middle, said: Option<NodeId>) -> Option<String> {
    let page = shape.page;
    let statement = said.map(|at| box_of(page, at));
    let mut skip_to = 0;
    for id in middle.span() {
        let node = page.node(id);
        let read = matches!(node.tag, Tag::Noscript | Tag::Other) || !node.inert;
        if id < skip_to || !read || !middle.contains(id) || shape.regions.is_hidden(id) {
            continue;
        }
        let about = statement.as_ref().is_some_and(|around| around.contains(&id));
        let (next, found) = look(shape, id, about);
        skip_to = next;
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The outermost element that says no more than the text does.
fn box_of(page: &Outline, at: NodeId) -> std::ops::Range<NodeId> {
    let letters = |id: NodeId| page.text_of(id).chars().filter(|c| is_letter(*c)).count();
    let own = letters(at);
    let around = page.ancestors(at).take_while(|up| *up > 0 && letters(*up) <= own).last().unwrap_or(at);
    around..page.node(around).end
}

/// Where to go on after a node, and what it is if no empty column has it; `about` within the words that there is nothing.
fn look(shape: &Shape<'_>, id: NodeId, about: bool) -> (NodeId, Option<String>) {
    let page = shape.page;
    let node = page.node(id);
    let skip = |why: Option<String>| (node.end, why);
    match node.tag {
        Tag::Text => (id, text(shape, id)),
        Tag::A => link(shape, id).map_or_else(skip, |()| (id, None)),
        Tag::Img if !about => (id, is_picture(shape, id).then(|| "a picture".to_owned())),
        Tag::Input => {
            let kind = page.attr(id, Attr::Type).unwrap_or("text").to_ascii_lowercase();
            let asks = match kind.as_str() {
                "image" | "radio" | "checkbox" | "file" => true,
                "submit" | "button" => !is_tool(page.attr(id, Attr::Value).unwrap_or_default()),
                _ => false,
            };
            (id, asks.then(|| "a form".to_owned()))
        }
        Tag::Button => skip((!is_tool(page.text_of(id))).then(|| "a button".to_owned())),
        Tag::Script => skip(page.raw_of(id).and_then(idle::busy).map(|name| format!("script {name}"))),
        Tag::Select if page.attr(id, Attr::OnChange).is_some() && is_choice(page, id) => {
            skip(Some("a choice of others".to_owned()))
        }
        Tag::Textarea => skip(Some("a form".to_owned())),
        Tag::Video | Tag::Audio | Tag::Embed | Tag::Object => skip(Some("media".to_owned())),
        Tag::Svg if !about => skip(is_drawn(page, id).then(|| "a drawing".to_owned())),
        Tag::Svg => skip(None),
        Tag::Noscript => {
            let links = page.raw_of(id).is_some_and(|raw| raw.contains("<a "));
            skip(links.then(|| "links for those who run no scripts".to_owned()))
        }
        Tag::Other => {
            let name = page.attr(id, Attr::Name).unwrap_or_default();
            let made = name.contains('-') || matches!(name, "canvas" | "map" | "xml");
            (id, made.then(|| format!("an element {name}")))
        }
        Tag::Div | Tag::Section | Tag::P | Tag::Span | Tag::Table | Tag::Ul | Tag::Ol if !about => {
            (id, is_made_elsewhere(shape, id).then(|| "a box that is filled or painted elsewhere".to_owned()))
        }
        _ => (id, None),
    }
}

/// Text that is no frame, no heading of the list and no word that there is nothing.
fn text(shape: &Shape<'_>, id: NodeId) -> Option<String> {
    let page = shape.page;
    let text = fold(page.text_of(id));
    let letters = text.chars().filter(|c| is_letter(*c)).count();
    if is_figure(page, id, &text) {
        return Some(format!("a figure: {text}"));
    }
    let says = |text: &str| text.chars().nth(60).is_none() && nothing::is_said_alone(text, shape.names);
    if letters == 0
        || nothing::is_frame(&text, shape.names)
        || shape.names.contains(&text)
        || shape.title.contains(&text) && letters <= 2 * LABEL
        || says(&text)
        || says(words::line_of(page, id))
        || letters <= LABEL && is_label(&text)
    {
        return None;
    }
    // What the older tests know to weigh stands in plain text; headings are what they pass over.
    let heading = page.ancestors(id).take(3).any(|up| page.node(up).tag.is_heading());
    heading.then(|| format!("heading: {}", text.chars().take(20).collect::<String>()))
}

/// A number that is no page's and no list's: what is measured, or an hour of duty.
fn is_figure(page: &Outline, id: NodeId, text: &str) -> bool {
    const OF_PAGES: [&str; 6] = ["pag", "fenye", "total", "count", "num", "page"];
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let bare = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'%' | b',' | b'-'));
    let of_pages = || {
        page.ancestors(id).take(3).any(|up| {
            let names = page.class_and_id(up);
            matches!(page.node(up).tag, Tag::A | Tag::Option | Tag::Select)
                || OF_PAGES.iter().any(|part| names.contains(part))
        })
    };
    let line = words::line_of(page, id).trim();
    bare && digits > 0 && !matches!(text, "0" | "1") && line == text && !of_pages()
}

/// Whether a drop-down list leads to other parts of the site: its entries are more than numbers of pages.
fn is_choice(page: &Outline, id: NodeId) -> bool {
    let entries = page.inside(id).filter(|inner| page.node(*inner).tag == Tag::Option);
    let named = |entry: &NodeId| {
        let text = page.text_of(*entry);
        text.chars().filter(|c| *c >= '\u{2e80}' && !"第页共条".contains(*c)).nth(2).is_some()
    };
    entries.filter(named).nth(1).is_some()
}

/// A few letters that name a list or a part of it, and state nothing.
fn is_label(text: &str) -> bool {
    const STATES: [&str; 12] = ["无", "没", "未", "不", "见", "已", "停", "请", "：", ":", "。", "，"];
    !STATES.iter().any(|word| text.contains(word)) && !text.chars().any(|c| c.is_ascii_digit())
}

/// Err with what a link leads to, or with nothing where it is a tool that is read as a whole; Ok to go on with what is in it.
fn link(shape: &Shape<'_>, id: NodeId) -> Result<(), Option<String>> {
    let page = shape.page;
    let href = page.attr(id, Attr::Href).unwrap_or_default().trim();
    let name = names::anchor_text(page, id);
    let script = href.to_ascii_lowercase().starts_with("javascript:");
    if href.is_empty() || href.starts_with('#') || script {
        return Ok(());
    }
    let Ok(to) = shape.cx.url.join(href) else { return Ok(()) };
    let own = shape.cx.url;
    let here = to.host_str() == own.host_str() && to.path() == own.path() && to.query() == own.query();
    let back = ["返回", "回到", "首页", "主页"].iter().any(|word| name.starts_with(word));
    let pictured = page.inside(id).any(|inner| page.node(inner).tag == Tag::Img);
    if here || back || shape.names.contains(&name) || names::leads_on(&name) && !(name.is_empty() && pictured)
    {
        return Err(None);
    }
    if name.trim().is_empty() && !pictured {
        return Err(None);
    }
    Err(Some(format!("leads on to {}", if name.is_empty() { "a picture's target" } else { &name })))
}

/// The words on what a list is searched, turned over and printed with.
fn is_tool(words: &str) -> bool {
    let words: String = words.chars().filter(|c| !c.is_whitespace()).collect();
    words.is_empty()
        || names::leads_on(&words)
        || ["搜索", "检索", "查询", "查找", "筛选", "重置", "清空", "确定", "跳转", "站内搜索"]
            .contains(&&*words)
}

/// A picture that is content, wherever its address stands.
fn is_picture(shape: &Shape<'_>, id: NodeId) -> bool {
    let page = shape.page;
    let later = [Attr::DataSrc, Attr::DataOriginal, Attr::LaySrc]
        .into_iter()
        .find_map(|attr| page.attr(id, attr).filter(|src| !src.trim().is_empty()));
    later.is_some() || page.attr(id, Attr::Src).is_some() && is_content_picture(shape, id)
}

/// A drawing by its size, or one that says nothing of its size and stands in no line of text.
fn is_drawn(page: &Outline, id: NodeId) -> bool {
    [Attr::Width, Attr::Height]
        .into_iter()
        .filter_map(|attr| page.attr(id, attr)?.trim().trim_end_matches("px").parse::<f64>().ok())
        .any(|size| size > DRAWING)
}

/// An element without content that a script reads, or that a style paints or keeps room for.
fn is_made_elsewhere(shape: &Shape<'_>, id: NodeId) -> bool {
    const WIDGETS: [&str; 16] = [
        "map", "chart", "player", "viewer", "tree", "gallery", "calendar", "chat", "video", "floor", "plan",
        "form", "znwd", "swiper", "canvas", "fc",
    ];
    let page = shape.page;
    let holds = page.inside(id).any(|inner| page.node(inner).tag != Tag::Text);
    if holds || page.text_of(id).chars().any(is_letter) || shape.regions.place(id) == LinkPlace::Nav {
        return false;
    }
    if page.attr(id, Attr::Bound).is_some() {
        return true;
    }
    let painted = page.attr(id, Attr::Style).is_some_and(|style| {
        let style: String = style.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
        let high = style
            .split(';')
            .filter_map(|rule| rule.strip_prefix("height:"))
            .any(|value| value.trim_end_matches("px").parse::<f64>().is_ok_and(|size| size >= BOX));
        high || style.contains("background") && style.contains("url(")
    });
    let names = page.class_and_id(id);
    let widget = names
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| WIDGETS.contains(&word) || word.ends_with("tree") || word.ends_with("map"));
    let block = matches!(page.node(id).tag, Tag::Div | Tag::Section);
    painted || block && widget
}
