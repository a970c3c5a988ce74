//! What the main part of a page shows of its own, beside its frame and a word that there is nothing: with it no page is empty.

use super::middle::head_end;
use super::outline::{Attr, NodeId, Tag};
use super::page::LinkPlace;
use super::regions::{fold, is_letter};
use super::state::{Shape, is_content_picture};
use super::words::{self, Said};
use super::{blank, names, nothing, shapes};

/// Letters that a label or heading nobody marked as one may have; only one such is looked over.
const LABEL: usize = 8;
/// A longer text is no frame.
const LONG: usize = 60;
/// Letters in all that are not yet content.
const FEW: usize = 3;

/// What the page holds of its own, for a reason; `boxes` are its empty ones, `names` what it calls its column.
pub(super) fn content(
    shape: &Shape<'_>,
    said: Option<Said>,
    boxes: &[NodeId],
    names: &[String],
) -> Option<String> {
    let parts = own_parts(shape);
    let list = said.and_then(|said| said.at).or(boxes.last().copied()).unwrap_or(NodeId::MAX);
    text(shape, &parts, list, names)
        .or_else(|| links(shape, &parts, said, names))
        .or_else(|| said.and_then(|said| beside_box(shape, said)))
        .or_else(|| picture(shape, &parts, said))
}

/// What is shown in the body before the foot, whether a name marks it or not: boxes that float over a page stand behind it.
fn own_parts(shape: &Shape<'_>) -> Vec<NodeId> {
    let (page, regions) = (shape.page, shape.regions);
    let half = page.ids().count() / 2;
    let foot =
        page.ids().skip(half).find(|id| regions.place(*id) == LinkPlace::Footer).unwrap_or(NodeId::MAX);
    page.ids()
        .skip(1)
        .take_while(|id| *id < foot)
        .filter(|id| shape.is_own(*id))
        .take_while(|id| page.node(*id).tag != Tag::Text || !is_foot(page.text_of(*id)))
        .collect()
}

/// A line that only stands at a site's foot.
fn is_foot(text: &str) -> bool {
    let text = text.trim();
    let marks = ["版权所有", "ICP备", "标识码", "公网安备", "Copyright", "主办单位", "主办："];
    text.chars().nth(LONG).is_none()
        && (marks.iter().any(|mark| text.contains(mark)) || text.ends_with("主办"))
}

/// Text that is neither frame, heading, link nor the word that there is nothing; one label may stand before the `list`.
fn text(shape: &Shape<'_>, parts: &[NodeId], list: NodeId, names: &[String]) -> Option<String> {
    let page = shape.page;
    let mut skip_to = 0;
    let mut letters = 0;
    let mut first = None;
    let mut label_seen = false;
    let head_end = head_end(shape);
    for id in parts.iter().copied() {
        if id < skip_to {
            continue;
        }
        let node = page.node(id);
        match node.tag {
            Tag::A if leads_somewhere(shape, id) => skip_to = node.end,
            Tag::Select | Tag::Option | Tag::Button => skip_to = node.end,
            Tag::H1 | Tag::H2 | Tag::H3 | Tag::H4 | Tag::Th
                if page.text_of(id).chars().filter(|c| is_letter(*c)).nth(30).is_none() =>
            {
                skip_to = node.end;
            }
            Tag::Text => {
                let text = fold(page.text_of(id));
                let count = text.chars().filter(|c| is_letter(*c)).count();
                let short = text.chars().nth(LONG).is_none();
                let line = words::line_of(page, id);
                let says =
                    |text: &str| text.chars().nth(LONG).is_none() && nothing::is_said_alone(text, names);
                // A column beside the one with the breadcrumb tells sentences; a site's head does not.
                if count == 0
                    || id < head_end && (count <= LABEL || !text.contains('。'))
                    || short
                        && (nothing::is_frame(&text, names)
                            || shape.title.contains(&text)
                            || says(&text)
                            || says(line))
                {
                    continue;
                }
                let plain = !text.contains(['：', ':', '。', '，', '；', '请'])
                    && !text.chars().any(|c| c.is_ascii_digit())
                    && page.node(node.parent).tag != Tag::P;
                let heading = is_heading(shape, id);
                if count <= LABEL && plain && (heading || !label_seen && id < list) {
                    label_seen |= !heading;
                    continue;
                }
                letters += count;
                first.get_or_insert(text);
            }
            _ => {}
        }
    }
    first.filter(|_| letters > FEW).map(|text| format!("text: {}", text.chars().take(20).collect::<String>()))
}

/// A heading by its box's name, or of a side's menu.
fn is_heading(shape: &Shape<'_>, id: NodeId) -> bool {
    const NAMES: [&str; 9] = ["tit", "head", "hd", "bt", "left", "side", "menu", "nav", "tab"];
    let page = shape.page;
    page.ancestors(id).take(4).any(|up| {
        page.node(up).tag == Tag::Dt || {
            let names = page.class_and_id(up);
            NAMES.iter().any(|name| names.contains(name))
        }
    })
}

/// A link with an address; what only a script opens is text that can be read.
fn leads_somewhere(shape: &Shape<'_>, id: NodeId) -> bool {
    shape.page.attr(id, Attr::Href).map(str::trim).is_some_and(|href| {
        !href.is_empty() && !href.starts_with('#') && !href.to_ascii_lowercase().starts_with("javascript:")
    })
}

/// Links to what the page is the door of: what lies below its own folder, single texts, other sites, and, where it does not say
/// that there is nothing, other years.
fn links(shape: &Shape<'_>, parts: &[NodeId], said: Option<Said>, names: &[String]) -> Option<String> {
    let page = shape.page;
    let own = shape.cx.url;
    let folder = own.path().get(..=own.path().rfind('/').unwrap_or(0)).unwrap_or("/");
    let is_front = |rest: &str| {
        let rest = rest.to_ascii_lowercase();
        rest.is_empty() || ["index", "default.", "list"].iter().any(|name| rest.starts_with(name))
    };
    let has_below = folder.len() > 1 && is_front(own.path().get(folder.len()..).unwrap_or_default());
    let head_end = head_end(shape);
    let shown = parts.iter().copied();
    shown.filter(|id| page.node(*id).tag == Tag::A && leads_somewhere(shape, *id)).find_map(|id| {
        let to = own.join(page.attr(id, Attr::Href)?.trim()).ok()?;
        let text = names::anchor_text(page, id);
        let number = text.chars().count() <= 3 && text.chars().all(char::is_numeric);
        if !matches!(to.scheme(), "http" | "https")
            || names.contains(&text)
            || names::leads_on(&text) && !has_below
        {
            return None;
        }
        let foreign = to.host_str() != own.host_str();
        let below = !foreign
            && has_below
            && !number
            && to.path().strip_prefix(folder).is_some_and(|rest| !is_front(rest));
        let single = (foreign || shapes::surely_article_url(&to))
            && id > head_end
            && !names::leads_on(&text)
            && !blank::leads_aside(shape, id);
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let year = said.is_none()
            && to.path() == own.path()
            && digits.len() == 4
            && digits.starts_with("20")
            && text.chars().count() <= 5;
        (below || single || year).then(|| format!("leads on to {text}"))
    })
}

/// Links in the same box as one that is named for having nothing: such a box is shown or hidden by a style sheet nobody read.
fn beside_box(shape: &Shape<'_>, said: Said) -> Option<String> {
    const NAMES: [&str; 7] = ["nodata", "no-", "no_", "empty", "none", "zanwu", "noinfo"];
    let page = shape.page;
    let at = said.at?;
    let length = |id: NodeId| page.text_of(id).trim().len();
    let alone = page.ancestors(at).take_while(|up| *up > 0 && length(*up) <= length(at));
    let boxes: Vec<NodeId> = alone.collect();
    let named = boxes.iter().any(|id| {
        let names = page.class_and_id(*id);
        NAMES.iter().any(|name| names.contains(name))
    });
    let around = page.node(*boxes.last()?).parent;
    let beside = page.inside(around).filter(|id| {
        page.node(*id).tag == Tag::A
            && shape.is_own(*id)
            && *id > head_end(shape)
            && leads_somewhere(shape, *id)
            && !blank::leads_aside(shape, *id)
            && !names::leads_on(&names::anchor_text(page, *id))
    });
    (named && beside.take(2).count() == 2).then(|| "links beside it".to_owned())
}

/// A picture that is no decoration, or that is a link, and does not itself stand with the words that there is nothing.
fn picture(shape: &Shape<'_>, parts: &[NodeId], said: Option<Said>) -> Option<String> {
    const TOOLS: [&str; 16] = [
        "ico", "logo", "arrow", "dot", "btn", "button", "more", "close", "search", "print", "share",
        "weixin", "weibo", "rss", "home", "top",
    ];
    let page = shape.page;
    let at = said.and_then(|said| said.at);
    let around = at.and_then(|at| {
        let letters = |id: NodeId| page.text_of(id).chars().filter(|c| is_letter(*c)).count();
        let own = letters(at);
        page.ancestors(at)
            .take_while(|up| *up > 0 && letters(*up) <= own)
            .filter(|up| page.inside(*up).filter(|id| page.node(*id).tag == Tag::Img).count() <= 1)
            .last()
    });
    let linked = |id: NodeId| {
        let src = page.attr(id, Attr::Src).unwrap_or_default().to_ascii_lowercase();
        let name = src.rsplit('/').next().unwrap_or_default();
        page.ancestors(id).take(3).any(|up| page.node(up).tag == Tag::A && leads_somewhere(shape, up))
            && !TOOLS.iter().any(|tool| name.contains(tool))
    };
    let head_end = head_end(shape);
    parts
        .iter()
        .copied()
        .find(|id| {
            *id > head_end
                && page.node(*id).tag == Tag::Img
                && Some(*id) != at
                && !around.is_some_and(|around| page.inside(around).contains(id))
                && !blank::leads_aside(shape, *id)
                && (linked(*id) || said.is_some() && is_content_picture(shape, *id))
        })
        .map(|_| "pictures".to_owned())
}
