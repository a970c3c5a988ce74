//! What the main part of a page shows of its own, beside its frame and a word that there is nothing: with it no page is empty.

use super::names;
use super::nothing;
use super::outline::{Attr, NodeId, Tag};
use super::page::LinkPlace;
use super::regions::{fold, is_letter};
use super::state::{Shape, is_content_picture};
use super::words::{self, Said};

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
        .or_else(|| links(shape, said, names))
        .or_else(|| said.and_then(|said| picture(shape, &parts, said)))
}

/// The nodes behind the site's head and before its foot, in so far as these are not regions already.
fn own_parts(shape: &Shape<'_>) -> Vec<NodeId> {
    let (page, regions) = (shape.page, shape.regions);
    let crumbs = regions.crumb_at.filter(|id| page.text_of(*id).len() < 400);
    let start = crumbs.map_or(1, |id| page.node(id).end);
    let shown = |id: &NodeId| {
        !page.node(*id).inert && regions.place(*id) == LinkPlace::Body && !regions.is_hidden(*id)
    };
    page.ids()
        .skip(start as usize)
        .filter(shown)
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
                if count == 0
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

/// Links to what the page is the door of: folders below its own, and, where it does not say that there is nothing, other years.
fn links(shape: &Shape<'_>, said: Option<Said>, names: &[String]) -> Option<String> {
    let page = shape.page;
    let own = shape.cx.url;
    let folder = own.path().get(..=own.path().rfind('/').unwrap_or(0)).unwrap_or("/");
    let front = own.path().get(folder.len()..).unwrap_or_default();
    let is_front =
        front.is_empty() || ["index.", "default.", "list."].iter().any(|name| front.starts_with(name));
    page.ids()
        .filter(|id| {
            page.node(*id).tag == Tag::A
                && shape.regions.place(*id) == LinkPlace::Body
                && !shape.regions.is_hidden(*id)
                && leads_somewhere(shape, *id)
        })
        .find_map(|id| {
            let to = own.join(page.attr(id, Attr::Href)?.trim()).ok()?;
            let text = names::anchor_text(page, id);
            if to.host_str() != own.host_str() || names.contains(&text) {
                return None;
            }
            let rest = to.path().strip_prefix(folder)?;
            let below = is_front
                && folder.len() > 1
                && rest
                    .split_once('/')
                    .is_some_and(|(_, page)| page.is_empty() || page.starts_with("index."));
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let year = said.is_none()
                && digits.len() == 4
                && digits.starts_with("20")
                && text.trim_end_matches('年').chars().count() <= 5;
            (below || year).then(|| format!("leads on to {text}"))
        })
}

/// A picture that is no decoration and does not itself stand with the words that there is nothing.
fn picture(shape: &Shape<'_>, parts: &[NodeId], said: Said) -> Option<String> {
    let page = shape.page;
    let around = said.at.and_then(|at| {
        let letters = |id: NodeId| page.text_of(id).chars().filter(|c| is_letter(*c)).count();
        let own = letters(at);
        page.ancestors(at)
            .take_while(|up| *up > 0 && letters(*up) <= own)
            .filter(|up| page.inside(*up).filter(|id| page.node(*id).tag == Tag::Img).count() <= 1)
            .last()
    });
    parts
        .iter()
        .copied()
        .find(|id| {
            page.node(*id).tag == Tag::Img
                && Some(*id) != said.at
                && !around.is_some_and(|box_of| page.inside(box_of).contains(id))
                && !super::blank::leads_aside(shape, *id)
                && is_content_picture(shape, *id)
        })
        .map(|_| "pictures".to_owned())
}
