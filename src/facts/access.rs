//! Barriers to readers who cannot see or cannot use a mouse, as far as the source of a page tells: pictures without a
//! description, fields without a label, frames and pages without a title, no language, links that say nothing, locked zoom.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::outline::{Attr, NodeId, Outline, Tag};
use super::regions::Regions;

/// Nodes looked at inside one link for something that names it.
const INSIDE: usize = 60;

/// A kind of barrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Barrier {
    /// `<img>` without `alt`; an empty one says that the picture is mere decoration.
    Image,
    /// A field of a form that nothing names: no label, title, placeholder or `aria-label`.
    Field,
    /// A frame without a title.
    Frame,
    /// A link whose words say nothing of its target (点击这里), or that has none.
    Link,
    /// A page that does not say its language.
    Language,
    /// A page without a title.
    Title,
    /// A page that forbids enlarging.
    Zoom,
}

/// How many of a kind there are, and how many are barriers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// All of the kind.
    pub all: u32,
    /// Those that are barriers.
    pub bad: u32,
}

/// The barriers of a page by kind; kinds of which the page has nothing are not listed.
pub type Barriers = BTreeMap<Barrier, Count>;

/// Words that say nothing of what a link leads to.
const VAGUE: [&str; 12] = [
    "点击这里",
    "点击此处",
    "请点击这里",
    "点这里",
    "点此",
    "此处",
    "这里",
    "点击",
    "点击进入",
    "点击查看",
    "here",
    "click here",
];

/// Counts the barriers of a page in one walk over its elements. What a reader cannot see anyway, and what a script may still fill in
/// (a picture without an address), counts as none.
pub(super) fn read(page: &Outline, regions: &Regions, title: &str) -> Barriers {
    let mut found = Barriers::new();
    let mut count = |kind: Barrier, bad: bool| {
        let count = found.entry(kind).or_default();
        count.all += 1;
        count.bad += u32::from(bad);
    };
    count(Barrier::Title, title.trim().is_empty());
    count(Barrier::Language, page.lang.trim().is_empty());
    let labelled = labelled(page);
    for id in page.ids().skip(1) {
        let node = page.node(id);
        let kind = match node.tag {
            Tag::Img => Barrier::Image,
            Tag::Input | Tag::Select | Tag::Textarea => Barrier::Field,
            Tag::Iframe | Tag::Frame => Barrier::Frame,
            Tag::A => Barrier::Link,
            Tag::Meta => {
                if let Some(locked) = locks_zoom(page, id) {
                    count(Barrier::Zoom, locked);
                }
                continue;
            }
            _ => continue,
        };
        if node.inert || regions.is_hidden(id) {
            continue;
        }
        match kind {
            Barrier::Image if filled(page, id, Attr::Src) => {
                let named = page.attr(id, Attr::Alt).is_some() || filled(page, id, Attr::AriaLabel);
                count(kind, !named);
            }
            Barrier::Field if is_field(page, id) => count(kind, !is_named(page, id, &labelled)),
            Barrier::Frame if filled(page, id, Attr::Src) => {
                let named = filled(page, id, Attr::Title) || filled(page, id, Attr::AriaLabel);
                count(kind, !named && !is_speck(page, id));
            }
            Barrier::Link if filled(page, id, Attr::Href) => count(kind, says_nothing(page, id)),
            _ => {}
        }
    }
    found
}

fn filled(page: &Outline, id: NodeId, attr: Attr) -> bool {
    page.attr(id, attr).is_some_and(|value| !value.trim().is_empty())
}

/// The ids that labels are `for`.
fn labelled(page: &Outline) -> HashSet<&str> {
    let labels = page.ids().filter(|id| page.node(*id).tag == Tag::Label);
    labels.filter_map(|id| page.attr(id, Attr::For)).map(str::trim).collect()
}

/// Whether a field is filled in by a reader: buttons name themselves.
fn is_field(page: &Outline, id: NodeId) -> bool {
    if page.node(id).tag != Tag::Input {
        return true;
    }
    let kind = page.attr(id, Attr::Type).unwrap_or("text").trim().to_ascii_lowercase();
    !matches!(kind.as_str(), "hidden" | "submit" | "button" | "reset" | "image")
}

fn is_named(page: &Outline, id: NodeId, labelled: &HashSet<&str>) -> bool {
    [Attr::Title, Attr::AriaLabel, Attr::AriaLabelledBy, Attr::Placeholder]
        .into_iter()
        .any(|attr| filled(page, id, attr))
        || page.attr(id, Attr::Id).is_some_and(|name| labelled.contains(name.trim()))
        || page.ancestors(id).take(4).any(|around| page.node(around).tag == Tag::Label)
        // A word that stands in the field until one writes into it.
        || page.node(id).tag == Tag::Input && filled(page, id, Attr::Value)
}

/// A frame of a counter: nobody is led into it.
fn is_speck(page: &Outline, id: NodeId) -> bool {
    [Attr::Width, Attr::Height].into_iter().any(|attr| {
        page.attr(id, attr).is_some_and(|size| matches!(size.trim().trim_end_matches("px"), "0" | "1"))
    })
}

fn says_nothing(page: &Outline, id: NodeId) -> bool {
    let text = page.text_of(id);
    let named = [Attr::Title, Attr::AriaLabel].into_iter().any(|attr| filled(page, id, attr));
    if named {
        return false;
    }
    let bare = text.trim();
    if !bare.is_empty() {
        let bare = bare.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        return VAGUE.contains(&bare.as_str());
    }
    // What a picture, a style or a script shows in it is not known; a picture that says nothing is counted as one.
    let inside = page.inside(id).take(INSIDE);
    let pictures: Vec<NodeId> = inside.filter(|inner| page.node(*inner).tag == Tag::Img).collect();
    let silent = |image: &NodeId| page.attr(*image, Attr::Alt).is_some_and(|alt| alt.trim().is_empty());
    !pictures.is_empty() && pictures.iter().all(silent)
}

/// Whether a viewport forbids enlarging; `None` where the element is none.
fn locks_zoom(page: &Outline, id: NodeId) -> Option<bool> {
    page.attr(id, Attr::MetaName).filter(|name| name.trim().eq_ignore_ascii_case("viewport"))?;
    let content: String = page
        .attr(id, Attr::Content)
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase();
    let said = |key: &str| content.split([',', ';']).find_map(|part| part.strip_prefix(key));
    let fixed = matches!(said("user-scalable="), Some("no" | "0"));
    let capped =
        said("maximum-scale=").and_then(|most| most.parse::<f32>().ok()).is_some_and(|most| most < 2.0);
    Some(fixed || capped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tokens;

    fn counted(html: &str) -> Vec<(Barrier, u32, u32)> {
        let (page, _) = tokens::read(html, &mut || false);
        let title = page.raws_of(Tag::Title).next().map(|(_, text)| text.to_owned()).unwrap_or_default();
        let found = read(&page, &Regions::read(&page), &title);
        found.into_iter().map(|(kind, count)| (kind, count.all, count.bad)).collect()
    }

    #[test]
    fn each_kind_is_counted_with_what_is_in_order() {
        let page = r#"<!DOCTYPE html><html lang="zh-CN"><head><title>示例</title>
            <meta name="viewport" content="width=device-width, user-scalable=no"></head><body>
            <img src="a.png"><img src="b.png" alt=""><img src="c.png" alt="会议现场"><img data-src="d.png">
            <form><label for="q">检索</label><input id="q" type="text"><input type="text" name="from"><input type="submit">
            <label>年份<select><option>2026</option></select></label></form>
            <iframe src="/a.html"></iframe><iframe src="/b.html" title="天气"></iframe><iframe src="/c.html" width="0"></iframe>
            <a href="/1.html">点击这里</a><a href="/2.html">关于示例的通知</a><a href="/3.html"><img src="x.png" alt=""></a>
            </body></html>"#;
        assert_eq!(
            counted(page),
            [
                (Barrier::Image, 4, 1),
                (Barrier::Field, 3, 1),
                // The one without a width is not seen by anybody.
                (Barrier::Frame, 2, 1),
                (Barrier::Link, 3, 2),
                (Barrier::Language, 1, 0),
                (Barrier::Title, 1, 0),
                (Barrier::Zoom, 1, 1),
            ]
        );
        let bare = counted("<html><body><p>正文</p></body></html>");
        assert_eq!(bare, [(Barrier::Language, 1, 1), (Barrier::Title, 1, 1)]);
        assert_eq!(
            counted("<html lang=zh><title>示</title><meta name=viewport content='maximum-scale=5'>").len(),
            3
        );
    }
}
