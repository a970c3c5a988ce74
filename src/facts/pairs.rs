//! Documents and their interpretations (政策解读): which belong together, by the name that an interpretation's title puts in
//! 《》, and whether each leads to the other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::class::ColumnClass;
use super::page::{LinkKind, LinkPlace, PageKind};
use super::site::PageSeen;
use super::survey::place_of;

/// Characters from which on a name in 《》 is one document's and no other's.
const SHORTEST_NAME: usize = 6;

/// One interpretation and the document that it explains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The document.
    pub document: Half,
    /// Its interpretation.
    pub interpretation: Half,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Half {
    /// Its title.
    pub title: String,
    /// Its URL.
    pub url: String,
    /// When it was published.
    pub date: Option<NaiveDate>,
    /// Whether its page leads to the other.
    pub leads: bool,
    /// True where a frame or a script brings a part of its page: a link that is not seen may be there.
    pub scripted: bool,
}

/// Collects articles that may be one of a pair.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    documents: BTreeMap<String, Text>,
    interpretations: BTreeMap<String, Text>,
}

#[derive(Debug)]
struct Text {
    title: String,
    date: Option<NaiveDate>,
    targets: BTreeSet<u32>,
    scripted: bool,
}

impl Pairs {
    /// Takes in one page, in any order.
    pub(super) fn page(&mut self, page: &PageSeen) {
        let facts = &page.facts;
        if facts.kind != PageKind::Article {
            return;
        }
        let title = facts.tags.get("ArticleTitle").filter(|title| !title.trim().is_empty());
        let title = title.map_or(facts.title.as_str(), String::as_str);
        let under = |word: &str| facts.breadcrumb.iter().any(|crumb| crumb.name.contains(word));
        let explains =
            ["解读", "图解", "读懂", "问答"].iter().any(|word| title.contains(word)) || under("解读");
        let policy = || {
            let crumbs = facts.breadcrumb.iter().map(|crumb| crumb.name.as_str());
            crumbs.into_iter().any(|name| ColumnClass::guess(name) == ColumnClass::Policy)
        };
        let group = match explains {
            true if name_in(title).is_some() => &mut self.interpretations,
            false if policy() => &mut self.documents,
            _ => return,
        };
        let body = page.links.iter().filter(|link| {
            matches!(link.kind, LinkKind::Page | LinkKind::Attachment)
                && !matches!(link.place, LinkPlace::Nav | LinkPlace::Footer | LinkPlace::Head)
        });
        let text = Text {
            title: title.to_owned(),
            date: facts.pubdate.lasting().map(|stamp| stamp.date),
            targets: body.map(|link| link.target).collect(),
            scripted: !facts.list_sources.is_empty()
                || facts
                    .gaps
                    .iter()
                    .any(|gap| matches!(gap.why.as_str(), "needs-render" | "page-too-complex"))
                || page.links.iter().any(|link| link.kind == LinkKind::Frame),
        };
        group.insert(page.url.clone(), text);
    }

    /// The targets whose addresses [`Self::joined`] needs.
    pub(super) fn targets(&self) -> impl Iterator<Item = u32> {
        let texts = self.documents.values().chain(self.interpretations.values());
        texts.flat_map(|text| text.targets.iter().copied())
    }

    /// Each interpretation with its document, by the interpretation's URL; one whose document is not on the site, or of
    /// which there are several, is in no pair.
    pub(super) fn joined(&self, addresses: &BTreeMap<u32, String>) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (url, text) in &self.interpretations {
            let Some(name) = name_in(&text.title) else { continue };
            let mut named =
                self.documents.iter().filter(|(_, document)| squeezed(&document.title).contains(&name));
            let (Some((document_url, document)), None) = (named.next(), named.next()) else { continue };
            let leads = |from: &Text, to: &str| {
                let mut addresses = from.targets.iter().filter_map(|target| addresses.get(target));
                addresses.any(|address| place_of(address) == place_of(to))
            };
            let half = |url: &str, text: &Text, other: &str| Half {
                title: text.title.clone(),
                url: url.to_owned(),
                date: text.date,
                leads: leads(text, other),
                scripted: text.scripted,
            };
            pairs.push(Pair {
                document: half(document_url, document, url),
                interpretation: half(url, text, document_url),
            });
        }
        pairs
    }
}

/// The first name in 《》, where it is long enough to be one document's.
fn name_in(title: &str) -> Option<String> {
    let (_, rest) = title.split_once('《')?;
    let (name, _) = rest.rsplit_once('》')?;
    let name = squeezed(name.split('》').next().unwrap_or(name));
    (name.chars().count() >= SHORTEST_NAME).then_some(name)
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_stands_in_the_marks() {
        for (title, name) in [
            ("《示例市停车场管理办法》政策解读", Some("示例市停车场管理办法")),
            ("一图读懂《示例市 停车场 管理办法》（修订）", Some("示例市停车场管理办法")),
            ("《示例市停车场管理办法》《收费标准》解读", Some("示例市停车场管理办法")),
            ("《办法》解读", None),
            ("停车场管理办法解读", None),
        ] {
            assert_eq!(name_in(title).as_deref(), name, "{title}");
        }
    }
}
