//! What superiors want reposted or linked to, and whether a site lists it: known by its title, whatever signs and spaces.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::page::PageKind;
use super::site::PageSeen;

/// One text to be reposted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its title.
    pub title: String,
    /// When it was published.
    pub date: NaiveDate,
    /// Who published it, as the register says.
    pub source: String,
    /// Where on the site it was found: a list's item, an article, a link.
    pub found: Option<String>,
}

/// Looks for the titles while pages go by.
#[derive(Debug, Default)]
pub(super) struct Reposts {
    wanted: Vec<(String, Wanted)>,
}

impl Reposts {
    pub(super) fn new(wanted: &[Wanted]) -> Self {
        Self { wanted: wanted.iter().map(|one| (letters(&one.title), one.clone())).collect() }
    }

    /// Takes in one page, in any order.
    pub(super) fn page(&mut self, page: &PageSeen) {
        if self.wanted.is_empty() {
            return;
        }
        let mut note = |text: &str, url: &str| {
            // Shorter than any title in the register: not worth the comparison.
            if text.len() < 18 {
                return;
            }
            let text = letters(text);
            for (title, wanted) in &mut self.wanted {
                let earlier = wanted.found.as_deref().is_none_or(|found| url < found);
                if earlier && text.contains(title.as_str()) {
                    wanted.found = Some(url.to_owned());
                }
            }
        };
        if page.facts.kind == PageKind::Article {
            note(&page.facts.title, &page.url);
        }
        for item in page.facts.list.iter().chain(&page.facts.blocks).flat_map(|list| &list.items) {
            note(&item.title, &item.url);
        }
        for link in page.links.iter().filter(|_| page.facts.kind != PageKind::Article) {
            note(&link.text, &page.url);
        }
    }

    /// Each with the place where it was found.
    pub(super) fn told(&self) -> Vec<Wanted> {
        self.wanted.iter().map(|(_, wanted)| wanted.clone()).collect()
    }
}

/// The letters and digits of a title.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
