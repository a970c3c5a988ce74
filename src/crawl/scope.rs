//! Which URLs belong to which site. Pure.
//!
//! A site is a set of hosts, or of path prefixes on shared hosts: a channel of a platform is never billed for its
//! parent's pages. The longest prefix wins.
#![deny(clippy::disallowed_methods)]

use std::collections::HashMap;

use url::Url;

use super::frontier::SiteIndex;
use crate::url::PolitenessKey;

/// The extent of all sites of a run.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    prefixes: HashMap<String, Vec<(String, SiteIndex)>>,
}

impl Scope {
    /// An empty scope.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a site its home page's host — with and without `www.` — below the home page's folder, and what `extra`
    /// names: `host` or `host/prefix/`.
    pub fn add(&mut self, site: SiteIndex, home: &Url, extra: &[String]) {
        let key = PolitenessKey::of(home).as_str().to_owned();
        let twin = key.strip_prefix("www.").map_or_else(|| format!("www.{key}"), str::to_owned);
        let folder = home.path().rsplit_once('/').map_or("/".to_owned(), |(folder, _)| format!("{folder}/"));
        self.insert(key, folder.clone(), site);
        self.insert(twin, folder, site);
        for place in extra {
            let (host, path) = place.split_once('/').unwrap_or((place, ""));
            self.insert(host.to_ascii_lowercase(), format!("/{path}"), site);
        }
    }

    /// The site a URL belongs to.
    pub fn site_of(&self, url: &Url) -> Option<SiteIndex> {
        let prefixes = self.prefixes.get(PolitenessKey::of(url).as_str())?;
        let path = url.path();
        prefixes.iter().find(|(prefix, _)| path.starts_with(prefix.as_str())).map(|(_, site)| *site)
    }

    fn insert(&mut self, host: String, prefix: String, site: SiteIndex) {
        let prefixes = self.prefixes.entry(host).or_default();
        if !prefixes.iter().any(|(known, _)| *known == prefix) {
            prefixes.push((prefix, site));
            prefixes.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.cmp(b)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_owns_a_url() {
        let url = |text: &str| Url::parse(text).expect("a URL");
        let mut scope = Scope::new();
        scope.add(0, &url("https://www.shili.example/"), &[]);
        scope.add(1, &url("https://www.shili.example/jtj/index.html"), &["jt.shili.example/old/".to_owned()]);
        for (text, owner) in [
            ("https://www.shili.example/zwgk/", Some(0)),
            ("http://shili.example/zwgk/", Some(0)),
            ("https://www.shili.example/jtj/gg/1.html", Some(1)),
            ("https://www.shili.example/jtjx/", Some(0)),
            ("https://jt.shili.example/old/a", Some(1)),
            ("https://jt.shili.example/new/a", None),
            ("https://www.shili.example:8080/", None),
        ] {
            assert_eq!(scope.site_of(&url(text)), owner, "{text}");
        }
    }
}
