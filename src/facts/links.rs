//! Links with their kind, place, text and whether a reader can see them; foreign scripts.

use std::collections::{HashMap, HashSet};

use encoding_rs::Encoding;
use url::Url;

use super::impossible::nowhere_at;
use super::join::{join, join_plain};
use super::no_file;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{LinkKind, LinkPlace, PageLink};
use super::personal::{Leak, mask_address};
use super::pictures;
use super::regions::{Regions, fold};
use super::shapes;

/// Characters kept of a link's text.
const TEXT_CHARS: usize = 200;
/// A raw address longer than this is none.
const MAX_HREF: usize = 8 * 1024;

/// Resolves raw addresses against the page's base; those that need parsing once each.
#[derive(Debug)]
pub struct Resolver<'a> {
    base: Url,
    encoding: &'static Encoding,
    known: HashMap<&'a str, Option<String>>,
    /// Addresses that no rule could make a URL of, in order of appearance.
    pub failed: Vec<&'a str>,
    /// Identity numbers in addresses, of which only the masked form is given out.
    pub leaks: Vec<Leak>,
}

impl<'a> Resolver<'a> {
    /// Against `<base href>` where the page has one, else against its own URL.
    pub fn new(page: &'a Outline, url: &Url, encoding: &'static Encoding) -> Self {
        let written =
            page.ids().find(|id| page.node(*id).tag == Tag::Base && page.attr(*id, Attr::Href).is_some());
        let base = written
            .and_then(|id| page.attr(id, Attr::Href))
            .and_then(|href| url.join(href.trim()).ok())
            .filter(|base| !base.cannot_be_a_base())
            .unwrap_or_else(|| url.clone());
        Self { base, encoding, known: HashMap::new(), failed: Vec::new(), leaks: Vec::new() }
    }

    /// The WHATWG `href` of a raw address.
    pub fn resolve(&mut self, raw: &'a str) -> Option<String> {
        if raw.len() > MAX_HREF {
            return None;
        }
        if let Some(plain) = join_plain(&self.base, raw)
            && mask_address(&plain).is_none()
        {
            return Some(plain);
        }
        let resolved = self.known.entry(raw).or_insert_with(|| {
            let resolved = join(&self.base, raw, self.encoding);
            if resolved.is_none() && self.failed.len() < 50 {
                self.failed.push(raw);
            }
            match resolved.as_deref().and_then(mask_address) {
                Some((masked, leaks)) => {
                    self.leaks.extend(leaks);
                    Some(masked)
                }
                None => resolved,
            }
        });
        resolved.clone()
    }

    /// As [`Self::resolve`] for an address that does not live in the outline.
    pub fn resolve_loose(&self, raw: &str) -> Option<String> {
        let resolved = (raw.len() <= MAX_HREF).then(|| join(&self.base, raw, self.encoding)).flatten()?;
        Some(mask_address(&resolved).map_or(resolved, |(masked, _)| masked))
    }
}

/// Nodes of a menu's entry before what opens under it, at most.
const MENU_ENTRY: NodeId = 20;

/// All links in document order. `in_list` tells of an anchor whether it stands in a list block.
pub fn read<'a>(
    page: &'a Outline,
    regions: &Regions,
    resolver: &mut Resolver<'a>,
    in_list: &dyn Fn(NodeId) -> bool,
) -> Vec<PageLink> {
    let anchors = page.ids().filter(|id| page.node(*id).tag == Tag::A).count();
    let mut links = Vec::with_capacity(anchors);
    for id in page.ids().skip(1) {
        let node = page.node(id);
        if node.inert {
            continue;
        }
        let Some((raw, kind)) = target(page, id) else { continue };
        let Some(url) = resolver.resolve(raw) else { continue };
        let mut kind = kind.unwrap_or_else(|| shapes::kind_by_ending(path_of(&url)));
        let text = text_of(page, id);
        if kind == LinkKind::Page && no_file::is_offered(&url, &text, page.attr(id, Attr::Title)) {
            kind = LinkKind::Attachment;
        }
        let place = if in_list(id) && regions.place(id) == LinkPlace::Body {
            LinkPlace::List
        } else {
            regions.place(id)
        };
        let hidden = regions
            .hidden_by(id)
            .is_some_and(|root| place != LinkPlace::Nav || !is_drop_down(page, regions, root));
        links.push(PageLink { url, text, kind, place, hidden });
    }
    links
}

/// Whether a hidden part of the navigation is what opens under an entry that a reader sees: the entry is the one link before it in the
/// element around both.
fn is_drop_down(page: &Outline, regions: &Regions, root: NodeId) -> bool {
    let node = page.node(root);
    let around = node.parent;
    let entry = |id: &NodeId| page.node(*id).tag == Tag::A && !regions.is_hidden(*id);
    matches!(node.tag, Tag::Ul | Tag::Ol | Tag::Dl | Tag::Div)
        && matches!(page.node(around).tag, Tag::Li | Tag::Dl | Tag::Dd | Tag::Div | Tag::Td)
        && root - around <= MENU_ENTRY
        && (around + 1..root).filter(entry).count() == 1
}

/// What a reader calls the link: its text, else the title or the picture's description.
fn text_of(page: &Outline, id: NodeId) -> String {
    let node = page.node(id);
    let mut text = String::new();
    if node.tag == Tag::A {
        text = fold(page.text_of(id));
        if text.is_empty() {
            let described = page.attr(id, Attr::Title).or_else(|| {
                let image = page.inside(id).take(40).find(|inner| page.node(*inner).tag == Tag::Img)?;
                page.attr(image, Attr::Alt).or_else(|| page.attr(image, Attr::Title))
            });
            text = fold(described.unwrap_or_default());
        }
    } else if matches!(node.tag, Tag::Img | Tag::Area | Tag::Input) {
        text = fold(page.attr(id, Attr::Alt).or_else(|| page.attr(id, Attr::Title)).unwrap_or_default());
    }
    if let Some((cut, _)) = text.char_indices().nth(TEXT_CHARS) {
        text.truncate(cut);
    }
    text
}

/// The raw address an element asks for, and its kind where the element itself says so.
fn target(page: &Outline, id: NodeId) -> Option<(&str, Option<LinkKind>)> {
    let attr = |name| page.attr(id, name);
    let filled = |name| page.attr(id, name).filter(|value| !value.trim().is_empty());
    Some(match page.node(id).tag {
        Tag::A | Tag::Area => (attr(Attr::Href)?, None),
        Tag::Img => (pictures::address(page, id)?, Some(LinkKind::Image)),
        Tag::Input if attr(Attr::Type).is_some_and(|kind| kind.eq_ignore_ascii_case("image")) => {
            (filled(Attr::Src)?, Some(LinkKind::Image))
        }
        Tag::Script => (filled(Attr::Src)?, Some(LinkKind::Script)),
        Tag::Iframe | Tag::Frame => (filled(Attr::Src)?, Some(LinkKind::Frame)),
        Tag::Video | Tag::Audio | Tag::Source | Tag::Embed => (filled(Attr::Src)?, Some(LinkKind::Media)),
        Tag::Object => (filled(Attr::Data)?, Some(LinkKind::Media)),
        Tag::Link => {
            let rel = attr(Attr::Rel)?.to_ascii_lowercase();
            let is = |word: &str| rel.split_ascii_whitespace().any(|one| one == word);
            let kind = if is("stylesheet") {
                LinkKind::Style
            } else if is("icon") || is("apple-touch-icon") {
                LinkKind::Image
            } else {
                return None;
            };
            (filled(Attr::Href)?, Some(kind))
        }
        _ => return None,
    })
}

fn path_of(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split_once("://").map_or("", |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path))
}

/// The host of an http(s) URL; addresses of the sixth version keep their brackets.
pub fn host_of(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "http" | "https") {
        return None;
    }
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    if host.starts_with('[') { Some(host) } else { host.split(':').next() }
}

/// Registrable domain of a URL's host, or the host itself where it has none (an address, a bare name).
pub fn domain_of(url: &str) -> Option<String> {
    let host = host_of(url)?;
    Some(psl::domain_str(host).unwrap_or(host).to_owned())
}

/// True for hosts of government and of the bodies that run its marks: no reader is led astray by them.
pub(super) fn is_official(domain: &str) -> bool {
    const OFFICIAL: [&str; 6] = ["conac.cn", "gov.cn", "org.cn.政务", "政务", "miit.gov.cn", "12377.cn"];
    domain == "gov.cn"
        || domain.ends_with(".gov.cn")
        || domain.ends_with(".政务")
        || domain.ends_with(".xn--zfr164b")
        || OFFICIAL.contains(&domain)
}

/// Scripts from other registrable domains that are not official, each once.
pub fn foreign_scripts(links: &[PageLink], own: Option<&str>) -> Vec<String> {
    let mut seen = HashSet::new();
    let scripts = links.iter().filter(|link| link.kind == LinkKind::Script);
    scripts
        .filter(|link| {
            domain_of(&link.url).is_some_and(|domain| Some(&*domain) != own && !is_official(&domain))
                // A control on the visitor's own machine is no stranger's script.
                && nowhere_at(&link.url).is_none()
        })
        .filter(|link| seen.insert(&*link.url))
        .map(|link| link.url.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;

    use super::*;
    use crate::facts::tokens;

    fn links_of(html: &str, encoding: &'static Encoding) -> Vec<PageLink> {
        let (page, _) = tokens::read(html, &mut || false);
        let regions = Regions::read(&page);
        let url = Url::parse("http://www.jia.gov.cn/a/b.html").expect("a URL");
        let mut resolver = Resolver::new(&page, &url, encoding);
        read(&page, &regions, &mut resolver, &|_| false)
    }

    #[test]
    fn kinds_and_resolution() {
        let html = "<a href='../x.html#y'>甲 乙</a><a href=' /附件.pdf\n'>f</a><img src=c.png alt=图><img src=loading.gif data-src=real.jpg>\
            <script src=//other.example/a.js></script><link rel='shortcut icon' href=/f.ico><link rel=canonical href=/z><iframe src=if.html></iframe>\
            <embed src=v.mp4><!-- <a href=no1> --><textarea><a href=no2></textarea><noscript><a href=no3></noscript><template><a href=no4></a></template>\
            <a href='javascript:void(0)'>j</a><a href='http://[bad'>b</a><a>none</a><a href='/q?a=1&amp;b=2'>q</a>";
        let got: Vec<(String, LinkKind)> =
            links_of(html, UTF_8).into_iter().map(|link| (link.url, link.kind)).collect();
        let want = [
            ("http://www.jia.gov.cn/x.html#y", LinkKind::Page),
            ("http://www.jia.gov.cn/%E9%99%84%E4%BB%B6.pdf", LinkKind::Attachment),
            ("http://www.jia.gov.cn/a/c.png", LinkKind::Image),
            ("http://www.jia.gov.cn/a/real.jpg", LinkKind::Image),
            ("http://other.example/a.js", LinkKind::Script),
            ("http://www.jia.gov.cn/f.ico", LinkKind::Image),
            ("http://www.jia.gov.cn/a/if.html", LinkKind::Frame),
            ("http://www.jia.gov.cn/a/v.mp4", LinkKind::Media),
            ("javascript:void(0)", LinkKind::Page),
            ("http://www.jia.gov.cn/q?a=1&b=2", LinkKind::Page),
        ];
        assert_eq!(got, want.map(|(url, kind)| (url.to_owned(), kind)));
    }

    #[test]
    fn what_opens_under_an_entry_of_the_menu_is_seen() {
        let html = "<div class=nav><ul><li><a href=1>要闻</a><ul style='display:none'><li><a href=2>动态</a></li></ul></li>\
            <li style='display:none'><a href=3>旧栏目</a></li></ul></div><div><a href=4>更多</a><div style='display:none'><a href=5>甲</a></div></div>";
        let hidden: Vec<String> =
            links_of(html, UTF_8).into_iter().filter(|link| link.hidden).map(|link| link.url).collect();
        assert_eq!(hidden, ["http://www.jia.gov.cn/a/3", "http://www.jia.gov.cn/a/5"]);
    }

    #[test]
    fn queries_in_the_page_encoding() {
        let links = links_of("<a href='/s?q=通知'>s</a><a href='/通知'>p</a>", encoding_rs::GBK);
        assert_eq!(links[0].url, "http://www.jia.gov.cn/s?q=%CD%A8%D6%AA");
        assert_eq!(links[1].url, "http://www.jia.gov.cn/%E9%80%9A%E7%9F%A5");
    }
}
