//! Where on a page each node stands, and whether a reader can see it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::num::NonZero;
use std::sync::OnceLock;

use super::blanks;
use super::dates;
use super::foot;
use super::hidden;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{Crumb, LinkPlace};

/// Place and visibility of every node, by its index.
#[derive(Debug)]
pub struct Regions {
    place: Vec<LinkPlace>,
    /// The outermost element that hides a node.
    hidden_by: Vec<Option<NonZero<NodeId>>>,
    /// The element that holds the breadcrumb.
    pub crumb_at: Option<NodeId>,
}

impl Regions {
    /// Reads a page's regions off its elements' names, classes and styles, and the foot off its words.
    pub fn read(page: &Outline) -> Self {
        let crumb_at = find_crumbs(page);
        let mut place = vec![LinkPlace::Body; page.nodes.len()];
        let most = page.text.len() / 2 + 200;
        for id in page.ids().skip(1) {
            let node = page.node(id);
            if node.in_head {
                place[id as usize] = LinkPlace::Head;
                continue;
            }
            let above = place[node.parent as usize];
            place[id as usize] = if above == LinkPlace::Body || above == LinkPlace::Head && !node.in_head {
                let own = own_place(page, id);
                let swallows = (node.text_end - node.text_start) as usize > most;
                if Some(id) == crumb_at {
                    LinkPlace::Nav
                } else if own != LinkPlace::Body && !swallows && is_frame(page, id, own) {
                    own
                } else {
                    LinkPlace::Body
                }
            } else {
                above
            };
        }
        if let Some(foot) = foot::find(page, |id| place[id as usize] == LinkPlace::Body) {
            for id in foot..page.node(foot).end {
                if place[id as usize] == LinkPlace::Body {
                    place[id as usize] = LinkPlace::Footer;
                }
            }
        }
        Self { hidden_by: hidden::by(page), place, crumb_at }
    }

    /// Where a node stands; never [`LinkPlace::List`].
    pub fn place(&self, id: NodeId) -> LinkPlace {
        self.place.get(id as usize).copied().unwrap_or(LinkPlace::Body)
    }

    /// True where a reader cannot see it.
    pub fn is_hidden(&self, id: NodeId) -> bool {
        self.hidden_by(id).is_some()
    }

    /// The outermost element that hides it.
    pub fn hidden_by(&self, id: NodeId) -> Option<NodeId> {
        self.hidden_by.get(id as usize).copied().flatten().map(NonZero::get)
    }
}

/// The steps of the breadcrumb, 首页 first.
pub fn crumbs(
    page: &Outline,
    regions: &Regions,
    resolve: &mut dyn FnMut(&str) -> Option<String>,
) -> Vec<Crumb> {
    let Some(at) = regions.crumb_at else { return Vec::new() };
    let mut steps: Vec<Crumb> = Vec::new();
    let mut skip_to = 0;
    for id in page.inside(at).take(200) {
        let node = page.node(id);
        if id < skip_to || node.inert {
            continue;
        }
        match node.tag {
            Tag::A => {
                skip_to = node.end;
                let name = fold(page.text_of(id));
                if !name.is_empty() {
                    let url = page
                        .attr(id, Attr::Href)
                        .filter(|href| !href.trim().is_empty())
                        .and_then(&mut *resolve);
                    steps.push(Crumb { name, url });
                }
            }
            Tag::Text => {
                for part in
                    page.text_of(id).split(['>', '»', '›', '/', '|', '→', '＞', '\\', ':', '：', '-', '—'])
                {
                    let name = part.trim_matches(|c: char| c.is_whitespace() || "<《》→>·[]【】".contains(c));
                    let known = name.contains("位置") || name.is_empty() || name.chars().nth(30).is_some();
                    if !known {
                        steps.push(Crumb { name: fold(name), url: None });
                    }
                }
            }
            _ => {}
        }
        if steps.len() >= 12 {
            break;
        }
    }
    steps
}

/// White space folded to single blanks, ends trimmed.
pub fn fold(text: &str) -> String {
    if blanks::has_none(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(256));
    for word in text
        .split(|c: char| c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}')
        .filter(|word| !word.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Names whose meaning is remembered, and the longest of them: templates repeat a handful on every page of a site.
const REMEMBERED: usize = 4096;
const SHORT_NAMES: usize = 64;

thread_local! {
    static SAID: RefCell<HashMap<Box<str>, (LinkPlace, bool)>> = RefCell::default();
}

/// The region that the names in a `class` or `id` call themselves, and whether they call themselves a breadcrumb.
fn say(names: &str) -> (LinkPlace, bool) {
    if names.len() > SHORT_NAMES {
        return read_names(names);
    }
    SAID.with_borrow_mut(|known| {
        if let Some(said) = known.get(names) {
            return *said;
        }
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let said = read_names(names);
        known.insert(names.into(), said);
        said
    })
}

fn read_names(names: &str) -> (LinkPlace, bool) {
    let mut places = names.split_ascii_whitespace().take(12).map(place_by_name);
    let place = places.find(|place| *place != LinkPlace::Body).unwrap_or(LinkPlace::Body);
    (place, is_crumbs_name(&names.to_ascii_lowercase()))
}

fn is_crumbs_name(names: &str) -> bool {
    ["crumb", "dqwz", "curpos", "currentposition", "weizhi", "cur-pos", "bread", "mianbao"]
        .iter()
        .any(|name| names.contains(name))
        || names
            .split_whitespace()
            .any(|name| matches!(name, "position" | "location" | "path" | "place" | "wz" | "address"))
}

/// Signs between the steps of a breadcrumb.
const STEPS: &str = ">»›＞→-－—/|";

fn find_crumbs(page: &Outline) -> Option<NodeId> {
    const SAID: [&str; 5] = ["当前位置", "所在位置", "您的位置", "你的位置", "现在的位置"];
    let (mut by_class, mut by_sign) = (None, None);
    let said = page.text.contains("位置");
    for id in page.ids() {
        let node = page.node(id);
        if node.tag == Tag::Text {
            let text = page.text_of(id);
            if said
                && text.len() < 400
                && text.contains("位置")
                && SAID.iter().any(|said| text.contains(said))
            {
                return Some(crumb_box(page, id));
            }
            if by_sign.is_none() && matches!(text.trim(), "首页" | "主页" | "网站首页") {
                by_sign = steps_from(page, id);
            }
        } else if by_class.is_none() && node.tag != Tag::Other && !node.inert {
            let Some(class) = page.attr(id, Attr::Class).or_else(|| page.attr(id, Attr::Id)) else {
                continue;
            };
            let (_, crumbs) = say(class);
            if crumbs
                && (node.text_end - node.text_start) < 600
                && (page.inside(id).take(60).any(|id| page.node(id).tag == Tag::A)
                    || ["首页", "主页"].iter().any(|home| page.text_of(id).trim_start().starts_with(home)))
                && !foot::is_filed(page.text_of(id))
            {
                by_class = Some(id);
            }
        }
    }
    let begins_at_home = |id: &NodeId| ["首页", "主页"].iter().any(|home| page.text_of(*id).contains(home));
    by_class.filter(begins_at_home).or(by_sign).or(by_class)
}

/// The element around 首页 and a sign that leads on from it, where it says hardly more than the steps of a breadcrumb.
fn steps_from(page: &Outline, home: NodeId) -> Option<NodeId> {
    const SIGNS: [char; 5] = ['>', '»', '›', '＞', '→'];
    let next = (home + 1..page.ids().end)
        .take(6)
        .find(|id| page.node(*id).tag == Tag::Text && !page.text_of(*id).trim().is_empty())?;
    let steps = page.text_of(next).trim_start();
    if !steps.starts_with(SIGNS) {
        return None;
    }
    let around = page.ancestors(home).find(|up| page.inside(*up).contains(&next))?;
    let node = page.node(around);
    (!matches!(node.tag, Tag::Body | Tag::Html) && node.text_end - node.text_start < 200).then_some(around)
}

/// The smallest element around the words that holds more than the words, or the words' own element.
fn crumb_box(page: &Outline, text: NodeId) -> NodeId {
    let own = page.text_of(text).trim().len();
    let first = page.node(text).parent;
    if holds_steps(page.text_of(text)) {
        return first;
    }
    let mut best = first;
    for id in std::iter::once(first).chain(page.ancestors(first)).take(4) {
        let node = page.node(id);
        let len = (node.text_end - node.text_start) as usize;
        if id == 0 || len > 700 {
            break;
        }
        best = id;
        if len > own + 6 && page.inside(id).take(80).any(|id| page.node(id).tag == Tag::A) {
            break;
        }
    }
    best
}

/// Whether the words and all steps are one text: 当前位置：首页 → 通知公告. What stands around it is no breadcrumb.
fn holds_steps(text: &str) -> bool {
    let signs = |c: char| c.is_whitespace() || STEPS.contains(c);
    let Some((_, steps)) = text.split_once("位置") else { return false };
    let steps = steps.trim_start_matches(|c: char| signs(c) || matches!(c, ':' | '：' | '】' | ']'));
    let whole = steps.trim_end();
    whole == whole.trim_end_matches(signs) && whole.contains(|c| STEPS.contains(c))
}

/// What calls itself menu or footer and holds dated rows, or is called bottom and says nothing a footer says, is content.
fn is_frame(page: &Outline, id: NodeId, place: LinkPlace) -> bool {
    const SAID: [&str; 14] = [
        "版权",
        "主办",
        "承办",
        "ICP",
        "备案",
        "标识码",
        "Copyright",
        "COPYRIGHT",
        "copyright",
        "技术支持",
        "网站地图",
        "联系我们",
        "友情链接",
        "©",
    ];
    let text = page.text_of(id);
    let text = text.get(..text.floor_char_boundary(4000)).unwrap_or(text);
    match place {
        LinkPlace::Nav => dates::find(text, true).len() < 3,
        LinkPlace::Footer => {
            text.trim().is_empty()
                || SAID.iter().any(|said| text.contains(said))
                || dates::find(text, false).is_empty()
        }
        _ => true,
    }
}

fn own_place(page: &Outline, id: NodeId) -> LinkPlace {
    match page.node(id).tag {
        Tag::Nav => return LinkPlace::Nav,
        Tag::Header | Tag::Footer => {
            let nested = page
                .ancestors(id)
                .any(|up| matches!(page.node(up).tag, Tag::Article | Tag::Main | Tag::Li | Tag::Section));
            if !nested {
                return if page.node(id).tag == Tag::Header { LinkPlace::Nav } else { LinkPlace::Footer };
            }
        }
        Tag::Text
        | Tag::A
        | Tag::Script
        | Tag::Img
        | Tag::Br
        | Tag::Option
        | Tag::Li
        | Tag::Dd
        | Tag::Dt
        | Tag::Span
        | Tag::Tr => {
            return LinkPlace::Body;
        }
        _ => {}
    }
    [Attr::Class, Attr::Id]
        .into_iter()
        .filter_map(|attr| page.attr(id, attr))
        .map(|names| say(names).0)
        .find(|place| *place != LinkPlace::Body)
        .unwrap_or(LinkPlace::Body)
}

fn place_by_name(name: &str) -> LinkPlace {
    let mut buffer = [0_u8; 48];
    let Some(lower) = buffer.get_mut(..name.len()) else { return LinkPlace::Body };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let Ok(name) = std::str::from_utf8(lower) else { return LinkPlace::Body };
    let has = |part: &str| name.contains(part);
    let footer = has("foot") && !has("footnote")
        || has("copyright")
        || name.starts_with("bottom")
        || name.ends_with("bottom") && !has("border") && !has("margin") && !has("clear")
        || has("friendlink")
        || has("friend-link")
        || has("yqlj")
        || has("banquan");
    if footer {
        return LinkPlace::Footer;
    }
    let nav = name.starts_with("nav") && !name.starts_with("nav-content")
        || name.ends_with("nav")
        || has("navbar")
        || has("menu")
        || name.starts_with("header")
        || name == "head"
        || name == "top"
        || name.starts_with("head_")
        || name.starts_with("head-")
        || name.starts_with("top_")
        || name.starts_with("topbar")
        || name.starts_with("top-bar")
        || has("daohang")
        || has("toolbar")
        || name == "banner"
        || name.starts_with("search") && !has("list") && !has("result") && !has("con")
        || name == "logo"
        || has("crumb");
    if nav { LinkPlace::Nav } else { LinkPlace::Body }
}

/// Whether a character counts as text of its own: letters, digits and everything written from U+2E80 on but
/// punctuation. The standard tables are exact and, asked for every character of a page, a tenth of its cost.
pub(super) fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        '\u{3000}'..='\u{303f}'
        | '\u{ff00}'..='\u{ff0f}'
        | '\u{ff1a}'..='\u{ff20}'
        | '\u{fe30}'..='\u{fe4f}' => false,
        '\u{2e80}'.. => true,
        _ => letters_below_cjk().get(c as usize / 64).is_some_and(|word| word >> (c as u32 % 64) & 1 == 1),
    }
}

/// A bit for each character below U+2E80: the standard tables search, which a page of nothing but signs would ask millions of times.
fn letters_below_cjk() -> &'static [u64; 186] {
    static LETTERS: OnceLock<[u64; 186]> = OnceLock::new();
    LETTERS.get_or_init(|| {
        let mut bits = [0; 186];
        for c in ('\u{80}'..'\u{2e80}').filter(|c| c.is_alphanumeric()) {
            if let Some(word) = bits.get_mut(c as usize / 64) {
                *word |= 1 << (c as u32 % 64);
            }
        }
        bits
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tokens;

    #[test]
    fn letters_are_those_of_the_standard_tables() {
        for c in '\0'..'\u{2e80}' {
            assert_eq!(is_letter(c), c.is_alphanumeric(), "{c:?}");
        }
        assert!(is_letter('中') && !is_letter('。') && !is_letter('，'));
    }

    #[test]
    fn places() {
        let html = "<head><link rel=icon href=i></head><body><div class='nav_bj'><a href=1>a</a></div><div class=content><a href=2>b</a></div><div id=foot_bj><a href=3>c</a></div>";
        let (page, _) = tokens::read(html, &mut || false);
        let regions = Regions::read(&page);
        let places: Vec<LinkPlace> = page
            .ids()
            .filter(|id| matches!(page.node(*id).tag, Tag::A | Tag::Link))
            .map(|id| regions.place(id))
            .collect();
        assert_eq!(places, [LinkPlace::Head, LinkPlace::Nav, LinkPlace::Body, LinkPlace::Footer]);
    }

    #[test]
    fn a_breadcrumb_of_one_text_swallows_no_rows() {
        let rows = "<tr><td><a href=1>关于停水的通知</a></td><td>2026-11-02</td></tr>";
        for (crumbs, want) in [
            ("<table><tr><td>当前位置：首页 → 通知公告</td></tr>", "当前位置：首页 → 通知公告"),
            (
                "<table><tr><td>当前位置：首页 → <a href=/c/>通知公告</a></td></tr>",
                "当前位置：首页 → 通知公告",
            ),
        ] {
            let (page, _) = tokens::read(&format!("{crumbs}{rows}</table>"), &mut || false);
            let at = Regions::read(&page).crumb_at.expect("a breadcrumb");
            assert_eq!(fold(page.text_of(at)), want);
        }
    }

    #[test]
    fn breadcrumbs() {
        let html = "<div class=x>您当前所在位置：<a href='/'>首页</a>&nbsp;&raquo;&nbsp;<a href='../'>工作动态</a> &gt; 人事考试</div><div>正文</div>";
        let (page, _) = tokens::read(html, &mut || false);
        let regions = Regions::read(&page);
        let names: Vec<String> = crumbs(&page, &regions, &mut |href| Some(href.to_owned()))
            .into_iter()
            .map(|crumb| crumb.name)
            .collect();
        assert_eq!(names, ["首页", "工作动态", "人事考试"]);
    }
}
