//! A column's page with what its list sources brought: the items a reader would see there, and what is still not seen.

use super::page::{Empty, List, ListSource, PageFacts, PageKind, PageState, SourceKind};

/// Sources of sources that are followed: a frame that carries a page that asks an endpoint.
const MAX_DEPTH: u32 = 3;

/// A column's page, completed.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The page's facts with the items of its sources.
    pub facts: PageFacts,
    /// Where they came from.
    pub source: String,
    /// True where something beside the sources may hold more items.
    pub partial: bool,
}

/// Completes a page whose list stands elsewhere by what `find` knows of the addresses it names. `None` where the page
/// carries its own list, or nothing came that says more than the page itself.
pub fn join<'a>(page: &PageFacts, find: &dyn Fn(&str) -> Option<&'a PageFacts>) -> Option<Joined> {
    let mut seen = Seen::default();
    match page.state {
        PageState::Script => seen.follow(&page.list_sources, find, 0),
        PageState::Jumps => {
            let to = ListSource { url: page.jumps_to.clone()?, by: SourceKind::Frame, complete: true };
            seen.follow(std::slice::from_ref(&to), find, 0);
        }
        _ => return None,
    }
    let jumped = page.state == PageState::Jumps;
    let complete = jumped || page.list_sources.iter().all(|source| source.complete);
    let mut facts = PageFacts { kind: PageKind::List, ..page.clone() };
    let because = |what: &str, source: &str| {
        if jumped { format!("{what} at {source}") } else { format!("{what} from {source}") }
    };
    if let Some((source, list)) = seen.lists.first() {
        let count: u32 = seen.lists.iter().map(|(_, list)| list.count).sum();
        let (source, main) = (source.clone(), (*list).clone());
        facts.state = PageState::Normal;
        facts.empty = Empty::No;
        facts.reason = because(&format!("{count} items"), &source);
        facts.blocks.extend(page.list.clone());
        facts.blocks.extend(seen.lists.iter().skip(1).map(|(_, list)| (*list).clone()));
        facts.list = Some(main);
        let partial = seen.unseen > 0 || !complete;
        return Some(Joined { facts, source, partial });
    }
    if seen.unseen > 0 || !complete { None } else { seen.at_the_end(facts) }
}

#[derive(Default)]
struct Seen<'a> {
    /// Lists with items, each with the address it came from.
    lists: Vec<(String, &'a List)>,
    /// Pages without items at the end of the sources.
    ends: Vec<(String, &'a PageFacts)>,
    /// Sources that were not read, or hold what a reader of the source cannot see.
    unseen: u32,
}

impl<'a> Seen<'a> {
    fn follow(&mut self, sources: &[ListSource], find: &dyn Fn(&str) -> Option<&'a PageFacts>, depth: u32) {
        for source in sources.iter().filter(|source| source.by != SourceKind::Further) {
            let bare = source.url.split('#').next().unwrap_or_default();
            let Some(page) = find(bare).filter(|_| depth < MAX_DEPTH) else {
                self.unseen += 1;
                continue;
            };
            let lists = page.list.iter().chain(&page.blocks);
            let before = self.lists.len();
            if page.state == PageState::Normal {
                self.lists.extend(lists.filter(|list| list.count > 0).map(|list| (bare.to_owned(), list)));
            }
            if self.lists.len() > before {
                continue;
            }
            match page.state {
                // A column that was sent to the home page is neither empty nor filled.
                _ if page.kind == PageKind::Home => self.unseen += 1,
                PageState::Empty | PageState::Placeholder | PageState::OwnContent => {
                    self.ends.push((bare.to_owned(), page));
                }
                PageState::Script => {
                    self.follow(&page.list_sources, find, depth + 1);
                    self.unseen += u32::from(!page.list_sources.iter().all(|source| source.complete));
                    self.unseen += u32::from(page.list_sources.is_empty());
                }
                PageState::Failed if !page.list_sources.is_empty() => {
                    self.follow(&page.list_sources, find, depth + 1);
                    self.unseen += 1;
                }
                PageState::Jumps => {
                    let to = page.jumps_to.clone().map(|url| ListSource {
                        url,
                        by: SourceKind::Frame,
                        complete: true,
                    });
                    self.unseen += u32::from(to.is_none());
                    self.follow(to.as_slice(), find, depth + 1);
                }
                PageState::Normal | PageState::Blocked | PageState::Failed => self.unseen += 1,
            }
        }
    }

    /// The page as all its sources say it is: empty, or content of its own.
    fn at_the_end(&self, facts: PageFacts) -> Option<Joined> {
        let own = self.ends.iter().find(|(_, end)| end.state == PageState::OwnContent);
        let (source, end) = own.or(self.ends.first())?;
        let none = facts.declared_total == Some(0);
        if own.is_none() && !self.ends.iter().all(|(_, end)| none || end.empty == Empty::Yes) {
            return None;
        }
        let facts = PageFacts {
            state: end.state,
            empty: if own.is_some() { Empty::No } else { Empty::Yes },
            reason: format!("{} from {source}", end.reason),
            ..facts
        };
        Some(Joined { facts, source: source.clone(), partial: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::page::ListItem;

    fn page(url: &str, state: PageState, sources: &[(&str, bool)]) -> PageFacts {
        let source = |(url, complete): &(&str, bool)| ListSource {
            url: (*url).to_owned(),
            by: SourceKind::Endpoint,
            complete: *complete,
        };
        PageFacts { list_sources: sources.iter().map(source).collect(), ..PageFacts::bare(url, state, "") }
    }

    fn filled(url: &str) -> PageFacts {
        let item =
            ListItem { title: "某某通知".to_owned(), url: "http://h/1.html".to_owned(), date: None };
        let list = List { count: 1, items: vec![item], ..List::default() };
        PageFacts { list: Some(list), ..page(url, PageState::Normal, &[]) }
    }

    fn empty(url: &str, empty: Empty) -> PageFacts {
        PageFacts { empty, ..page(url, PageState::Empty, &[]) }
    }

    /// State, items and whether something is left unseen; `None` where the page stays as it is.
    fn joined(column: &PageFacts, others: &[PageFacts]) -> Option<(PageState, u32, bool)> {
        let joined = join(column, &|url| others.iter().find(|page| page.url == url))?;
        let count = joined.facts.list.iter().chain(&joined.facts.blocks).map(|list| list.count).sum();
        Some((joined.facts.state, count, joined.partial))
    }

    #[test]
    fn items_come_from_where_the_page_says() {
        let sure = page("c", PageState::Script, &[("s", true)]);
        assert_eq!(joined(&sure, &[filled("s")]), Some((PageState::Normal, 1, false)));
        let unsure = page("c", PageState::Script, &[("s", false)]);
        assert_eq!(joined(&unsure, &[filled("s")]), Some((PageState::Normal, 1, true)));
        let two = page("c", PageState::Script, &[("s", true), ("t", true)]);
        assert_eq!(joined(&two, &[filled("s"), filled("t")]), Some((PageState::Normal, 2, false)));
        assert_eq!(joined(&two, &[filled("s")]), Some((PageState::Normal, 1, true)), "one was not read");
        let chain = [page("s", PageState::Script, &[("t", true)]), filled("t")];
        assert_eq!(joined(&sure, &chain), Some((PageState::Normal, 1, false)));
    }

    #[test]
    fn empty_only_where_every_source_states_it() {
        let sure = page("c", PageState::Script, &[("s", true)]);
        assert_eq!(joined(&sure, &[empty("s", Empty::Yes)]), Some((PageState::Empty, 0, false)));
        assert_eq!(joined(&sure, &[empty("s", Empty::Uncertain)]), None);
        let says_so = PageFacts { declared_total: Some(0), ..sure.clone() };
        assert_eq!(joined(&says_so, &[empty("s", Empty::Uncertain)]), Some((PageState::Empty, 0, false)));
        for unseen in [
            page("s", PageState::Failed, &[]),
            page("s", PageState::Blocked, &[]),
            page("x", PageState::Empty, &[]),
        ] {
            assert_eq!(joined(&sure, &[unseen]), None);
        }
        let unsure = page("c", PageState::Script, &[("s", false)]);
        assert_eq!(joined(&unsure, &[empty("s", Empty::Yes)]), None);
        let two = page("c", PageState::Script, &[("s", true), ("t", true)]);
        assert_eq!(joined(&two, &[empty("s", Empty::Yes)]), None);
    }

    #[test]
    fn a_jump_is_followed_and_no_loop_is() {
        let jump = |from: &str, to: &str| PageFacts {
            jumps_to: Some(to.to_owned()),
            ..page(from, PageState::Jumps, &[])
        };
        assert_eq!(joined(&jump("c", "t"), &[filled("t")]), Some((PageState::Normal, 1, false)));
        assert_eq!(joined(&jump("c", "d"), &[jump("d", "c"), jump("c", "d")]), None);
        let home = PageFacts { kind: PageKind::Home, ..page("h", PageState::OwnContent, &[]) };
        assert_eq!(joined(&jump("c", "h"), &[home]), None, "sent to the home page");
        assert_eq!(joined(&filled("c"), &[]), None, "a page with its own list is left alone");
    }
}
