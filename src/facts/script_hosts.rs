//! Outside hosts whose scripts a site's pages load, gathered page by page in any order.

use std::collections::BTreeMap;

use super::links::host_of;
use super::site::{ForeignScript, PageSeen};

/// See the module.
#[derive(Debug, Default)]
pub struct ScriptHosts(BTreeMap<String, ForeignScript>);

impl ScriptHosts {
    /// Takes in one page; `home` is the site's home page, which is shown where it loads a script itself.
    pub fn note(&mut self, page: &PageSeen, home: &str) {
        let mut on_page: Vec<&str> = Vec::new();
        for url in &page.facts.foreign_scripts {
            let host = host_of(url).unwrap_or_default();
            if on_page.contains(&host) {
                continue;
            }
            on_page.push(host);
            let known = self.0.get(host);
            let pages = known.map_or(1, |known| known.pages + 1);
            let better =
                known.is_none_or(|known| page.url == home || known.page != home && page.url < known.page);
            if better {
                let (host, url, at) = (host.to_owned(), url.clone(), page.url.clone());
                let shown =
                    ForeignScript { host: host.clone(), url, page: at, pages, look: Some(page.look.clone()) };
                self.0.insert(host, shown);
            } else if let Some(known) = self.0.get_mut(host) {
                known.pages = pages;
            }
        }
    }

    /// All hosts, by name.
    pub fn list(self) -> Vec<ForeignScript> {
        self.0.into_values().collect()
    }
}
