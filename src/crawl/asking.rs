//! Which page asks for a list source: the items of an answer are resolved against it, not against the source. Pure.
#![deny(clippy::disallowed_methods)]

use std::collections::HashMap;

use super::frontier::{Candidate, Role, Stage, UrlId};

/// The asking page of every source of a look.
#[derive(Debug, Default)]
pub(super) struct Asking {
    pages: HashMap<UrlId, String>,
}

impl Asking {
    /// Notes that `carrier`, read at `url`, asks for `source`. What a source itself asks for belongs to the page behind it.
    pub(super) fn note(&mut self, source: UrlId, carrier: UrlId, url: &str) {
        let page = self.pages.get(&carrier).map_or(url, String::as_str).to_owned();
        self.pages.entry(source).or_insert(page);
    }

    /// The page that asks for `source`.
    pub(super) fn page_of(&self, source: UrlId) -> Option<&str> {
        self.pages.get(&source).map(String::as_str)
    }

    /// What an earlier process noted, from the frontier that it left behind.
    pub(super) fn restored(frontier: &[(UrlId, Candidate, Stage)]) -> Self {
        let waits = |(_, what, stage): &&(UrlId, Candidate, Stage)| {
            what.role == Role::Source && *stage == Stage::Waiting
        };
        if !frontier.iter().any(|entry| waits(&entry)) {
            return Self::default();
        }
        let known: HashMap<UrlId, &Candidate> = frontier.iter().map(|(id, what, _)| (*id, what)).collect();
        let page_behind = |what: &Candidate| {
            let mut at = known.get(&what.via?)?;
            // A chain of sources is as long as the crawl is deep.
            for _ in 0..known.len() {
                if at.role != Role::Source {
                    return Some(at.url.clone());
                }
                at = known.get(&at.via?)?;
            }
            None
        };
        let pages = frontier.iter().filter(waits);
        Self { pages: pages.filter_map(|(id, what, _)| Some((*id, page_behind(what)?))).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: UrlId, role: Role, via: Option<UrlId>) -> (UrlId, Candidate, Stage) {
        let what =
            Candidate { url: format!("http://h/{id}"), key: "h".to_owned(), site: 0, role, depth: 1, via };
        (id, what, if role == Role::Source { Stage::Waiting } else { Stage::Done })
    }

    #[test]
    fn the_page_behind_a_chain_of_sources_asks() {
        let mut asking = Asking::default();
        asking.note(2, 1, "http://h/1");
        asking.note(3, 2, "http://h/2");
        assert_eq!(asking.page_of(3), Some("http://h/1"));
        let restored = Asking::restored(&[
            entry(1, Role::Column, None),
            entry(2, Role::Source, Some(1)),
            entry(3, Role::Source, Some(2)),
            entry(4, Role::Source, Some(9)),
        ]);
        assert_eq!(restored.page_of(2), Some("http://h/1"));
        assert_eq!(restored.page_of(3), Some("http://h/1"), "as before the restart");
        assert_eq!(restored.page_of(4), None);
    }
}
