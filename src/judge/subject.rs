//! The subjects of one look: what rules judge, and where each belongs.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::SubjectRef;
use crate::facts::site::{ForeignScript, HiddenLinks, SiteFacts};
use crate::facts::wording::{Leaks, Wording};
use crate::finding::{Cause, Look, Subject, SubjectKind};

/// Pages with the same hidden links from which on, if they are most of the site, a template holds them.
const TEMPLATE_LEAST: usize = 10;

/// A subject as one look saw it, with all that a finding says of its place.
pub(super) struct Known<'a> {
    pub(super) subject: SubjectRef<'a>,
    pub(super) facts: &'a SiteFacts,
    /// What the identity is made of beside site and rule.
    pub(super) key: String,
    pub(super) url: &'a str,
    pub(super) page: Option<&'a str>,
    pub(super) cause: Cause,
    pub(super) look: Option<&'a Look>,
}

impl Known<'_> {
    /// Where the subject belongs, for routing and lists.
    pub(super) fn place(&self) -> Subject {
        let (kind, place, column) = match self.subject {
            SubjectRef::Site(_) => (SubjectKind::Site, "全站".to_owned(), None),
            SubjectRef::Marks(_) => (SubjectKind::Site, "全站页面底部".to_owned(), None),
            SubjectRef::Tags(_) => (SubjectKind::Site, "全站页面标签".to_owned(), None),
            SubjectRef::Home(_) => (SubjectKind::Home, "首页".to_owned(), None),
            SubjectRef::Column(column) => {
                (SubjectKind::Column, column.name.clone(), Some(column.url.clone()))
            }
            SubjectRef::Page(HiddenLinks { page, .. }) | SubjectRef::Script(ForeignScript { page, .. }) => {
                let home = *page == self.facts.home.url;
                (SubjectKind::Page, if home { "首页" } else { "内容页面" }.to_owned(), None)
            }
            SubjectRef::Wording(Wording { page, column, cause, .. }) => {
                self.on_page(page, column.as_ref(), *cause)
            }
            SubjectRef::Leaks(Leaks { page, column, .. }) => {
                self.on_page(page, column.as_ref(), Cause::Single)
            }
            SubjectRef::Link(link) => {
                let place = match (&link.cause, &link.column) {
                    (Cause::Template(_), _) => "全站模板".to_owned(),
                    _ if link.on_home => "首页".to_owned(),
                    (_, Some((name, _))) => name.clone(),
                    (_, None) => "内容页面".to_owned(),
                };
                // A template is its operator's, whatever column its first page lies in.
                let column = link.column.as_ref().filter(|_| !matches!(link.cause, Cause::Template(_)));
                (SubjectKind::Link, place, column.map(|(_, url)| url.clone()))
            }
        };
        let site = &self.facts.site;
        Subject { kind, site: site.id.clone(), site_name: site.name.clone(), place, column }
    }
}

impl Known<'_> {
    /// Where something in the text of a page belongs: what pages share is the template's.
    fn on_page(
        &self,
        page: &str,
        column: Option<&(String, String)>,
        cause: Cause,
    ) -> (SubjectKind, String, Option<String>) {
        match (cause, column) {
            (Cause::Template(_), _) => (SubjectKind::Page, "全站模板".to_owned(), None),
            _ if page == self.facts.home.url => (SubjectKind::Page, "首页".to_owned(), None),
            (_, Some((name, url))) => (SubjectKind::Page, name.clone(), Some(url.clone())),
            (_, None) => (SubjectKind::Page, "内容页面".to_owned(), None),
        }
    }
}

/// Every subject of a look.
pub(super) fn subjects(facts: &SiteFacts) -> Vec<Known<'_>> {
    let site = Known {
        subject: SubjectRef::Site(&facts.site),
        facts,
        key: "site".to_owned(),
        url: &facts.site.url,
        page: None,
        cause: Cause::Single,
        look: facts.site.visits.last().map(|visit| &visit.look),
    };
    let home = Known {
        subject: SubjectRef::Home(&facts.home),
        key: "home".to_owned(),
        url: &facts.home.url,
        look: facts.home.look.as_ref(),
        ..site
    };
    let site = Known { key: "site".to_owned(), ..site };
    let marks = facts.marks.as_ref().map(|marks| Known {
        subject: SubjectRef::Marks(marks),
        key: "marks".to_owned(),
        look: marks.look.as_ref(),
        ..site.again()
    });
    let tags = facts.tags.as_ref().map(|tags| Known {
        subject: SubjectRef::Tags(tags),
        key: "tags".to_owned(),
        look: tags.look.as_ref(),
        ..site.again()
    });
    let mut all = vec![site, home];
    all.extend(marks.into_iter().chain(tags));
    all.extend(facts.columns.iter().map(|column| Known {
        subject: SubjectRef::Column(column),
        facts,
        key: column.url.clone(),
        url: &column.url,
        page: column.page.as_deref(),
        cause: Cause::Single,
        look: column.look.as_ref(),
    }));
    all.extend(facts.links.iter().map(|link| Known {
        subject: SubjectRef::Link(link),
        facts,
        key: link.url.clone(),
        url: &link.url,
        page: Some(&link.page),
        cause: link.cause,
        look: Some(&link.look),
    }));
    all.extend(hidden(facts));
    all.extend(facts.scripts.iter().map(|script| Known {
        subject: SubjectRef::Script(script),
        facts,
        key: script.host.clone(),
        url: &script.page,
        page: Some(&script.page),
        cause: if script.pages > 1 { Cause::Several(script.pages) } else { Cause::Single },
        look: script.look.as_ref(),
    }));
    all.extend(facts.wordings.iter().map(|wording| Known {
        subject: SubjectRef::Wording(wording),
        facts,
        key: wording.key(),
        url: &wording.page,
        page: Some(&wording.page),
        cause: wording.cause,
        look: wording.look.as_ref(),
    }));
    all.extend(facts.leaks.iter().map(|leaks| Known {
        subject: SubjectRef::Leaks(leaks),
        facts,
        key: leaks.page.clone(),
        url: &leaks.page,
        page: Some(&leaks.page),
        cause: Cause::Single,
        look: leaks.look.as_ref(),
    }));
    all
}

/// Pages with hidden links; pages that carry the same ones have one cause and are told by the first of them, which is the
/// one with the shortest address.
fn hidden(facts: &SiteFacts) -> Vec<Known<'_>> {
    let mut blocks: BTreeMap<BTreeSet<&str>, Vec<&HiddenLinks>> = BTreeMap::new();
    for page in &facts.hidden {
        let urls: BTreeSet<_> = page.urls.iter().map(String::as_str).collect();
        blocks.entry(urls).or_default().push(page);
    }
    let one = |pages: &[&'_ HiddenLinks]| u32::try_from(pages.len()).unwrap_or(u32::MAX);
    let mut all = Vec::new();
    for (urls, mut pages) in blocks {
        pages.sort_by_key(|page| (page.page.len(), page.page.as_str()));
        // Pages in order have no cause to share.
        let told = if urls.is_empty() { pages.len() } else { 1 };
        let template = pages.len() >= TEMPLATE_LEAST && pages.len() as u64 * 2 > facts.pages_read;
        let cause = match (told == 1, pages.len()) {
            (false, _) | (true, ..=1) => Cause::Single,
            _ if template => Cause::Template(one(&pages)),
            _ => Cause::Several(one(&pages)),
        };
        all.extend(pages.iter().take(told).map(|page| Known {
            subject: SubjectRef::Page(page),
            facts,
            key: page.page.clone(),
            url: &page.page,
            page: Some(&page.page),
            cause,
            look: page.look.as_ref(),
        }));
    }
    all
}

impl<'a> Known<'a> {
    /// The same subject once more: all but its key is borrowed.
    pub(super) fn again(&self) -> Known<'a> {
        Known { key: self.key.clone(), ..*self }
    }
}
