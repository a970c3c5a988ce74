//! Who carries the targets that were not simply there, and what that says of the cause: a template, several pages, one.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::columns::column_of;
use super::page::{LinkKind, LinkPlace};
use super::site::{Link, LinkSeen, PageSeen, TargetSeen};
use crate::finding::Cause;

/// The targets that were not simply there, with their carriers.
#[derive(Debug)]
pub(super) struct Carried {
    suspects: HashMap<u32, TargetSeen>,
    carriers: HashMap<u32, Carriers>,
    /// Shared stretches of links, by their place in memory, that name no suspect: most menus. Held, so that the place
    /// stays theirs.
    clear: HashMap<usize, Arc<Vec<LinkSeen>>>,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a different fact of the same carriers")]
struct Carriers {
    pages: u32,
    in_frame: u32,
    on_home: bool,
    page: String,
    text: String,
    kind: LinkKind,
    column: Option<(String, String)>,
    one_column: bool,
    /// Whether any of them offers a file.
    offered: bool,
    articles_only: bool,
    newest: Option<NaiveDate>,
}

impl Carried {
    pub(super) fn new(suspects: HashMap<u32, TargetSeen>) -> Self {
        Self { suspects, carriers: HashMap::new(), clear: HashMap::new() }
    }

    /// The targets.
    pub(super) fn suspects(&self) -> &HashMap<u32, TargetSeen> {
        &self.suspects
    }

    /// Takes in the links of one page.
    pub(super) fn page(&mut self, page: &PageSeen, is_home: bool, article: bool) {
        let mut on_page: HashSet<u32> = HashSet::new();
        for stretch in page.links.stretches() {
            let place = Arc::as_ptr(stretch).addr();
            if self.clear.contains_key(&place) {
                continue;
            }
            let mut clear = true;
            for link in stretch.iter().filter(|link| self.suspects.contains_key(&link.target)) {
                clear = false;
                let first = on_page.insert(link.target);
                let framed = matches!(link.place, LinkPlace::Nav | LinkPlace::Footer | LinkPlace::Head);
                let in_frame = u32::from(first && framed);
                let date = page.facts.pubdate.chosen.map(|stamp| stamp.date).filter(|_| article);
                match self.carriers.entry(link.target) {
                    Entry::Vacant(entry) => {
                        entry.insert(Carriers {
                            pages: 1,
                            in_frame,
                            on_home: is_home,
                            page: page.url.clone(),
                            text: link.text.clone(),
                            kind: link.kind,
                            column: column_of(&page.facts, &page.url),
                            one_column: true,
                            offered: link.kind == LinkKind::Attachment,
                            articles_only: article,
                            newest: date,
                        });
                    }
                    Entry::Occupied(mut entry) => {
                        entry.get_mut().add(page, link, first, in_frame, is_home, article, date);
                    }
                }
            }
            // One that only this page holds is gone before another page could name it.
            if clear && Arc::strong_count(stretch) > 1 {
                self.clear.insert(place, Arc::clone(stretch));
            }
        }
    }

    /// The links, by address. `control_ok` says that the home page answered well, `pages_read` how many pages were read.
    pub(super) fn links(&mut self, control_ok: bool, pages_read: u64) -> Vec<Link> {
        let mut links: Vec<Link> = std::mem::take(&mut self.carriers)
            .into_iter()
            .filter_map(|(id, carriers)| {
                Some(link(self.suspects.get(&id)?, carriers, control_ok, pages_read))
            })
            .collect();
        links.sort_by(|a, b| a.url.cmp(&b.url));
        links
    }
}

impl Carriers {
    #[allow(clippy::too_many_arguments, reason = "one call, and each is a different fact of the same link")]
    fn add(
        &mut self,
        page: &PageSeen,
        link: &LinkSeen,
        first: bool,
        in_frame: u32,
        is_home: bool,
        article: bool,
        date: Option<NaiveDate>,
    ) {
        self.pages += u32::from(first);
        self.in_frame += in_frame;
        self.offered |= link.kind == LinkKind::Attachment;
        self.articles_only &= article;
        self.newest = self.newest.max(date);
        let column = column_of(&page.facts, &page.url);
        self.one_column &= column == self.column;
        let better = (is_home && !self.on_home) || (is_home == self.on_home && page.url < self.page);
        if better {
            self.page.clone_from(&page.url);
            self.text.clone_from(&link.text);
            self.kind = link.kind;
            self.column = column;
        }
        self.on_home |= is_home;
    }
}

fn link(target: &TargetSeen, carriers: Carriers, control_ok: bool, pages_read: u64) -> Link {
    let many = u64::from(carriers.pages) * 5 >= pages_read && carriers.pages >= 10;
    let cause = if (carriers.in_frame >= 3 && carriers.in_frame * 2 >= carriers.pages) || many {
        Cause::Template(carriers.pages)
    } else if carriers.pages > 1 {
        Cause::Several(carriers.pages)
    } else {
        Cause::Single
    };
    Link {
        url: target.url.clone(),
        kind: match carriers.kind {
            LinkKind::Page if carriers.offered => LinkKind::Attachment,
            kind => kind,
        },
        external: target.external,
        answer: target.answer.clone(),
        control_ok,
        page: carriers.page,
        text: carriers.text,
        one_column: carriers.one_column && carriers.column.is_some(),
        column: carriers.column,
        cause,
        on_home: carriers.on_home,
        newest_carrier: carriers.newest.filter(|_| carriers.articles_only),
        look: target.look.clone(),
    }
}
