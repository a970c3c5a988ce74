//! The subjects of one look: what rules judge, and where each belongs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::checks::SubjectRef;
use crate::facts::account_links::Unlisted;
use crate::facts::account_seen::AccountSeen;
use crate::facts::attachments::is_readable;
use crate::facts::site::{ForeignScript, HiddenLinks, SiteFacts};
use crate::facts::wording::{Leaks, Wording};
use crate::finding::{Cause, Look, Subject, SubjectKind};

/// Pages with the same hidden links from which on, if they are most of the site, a template holds them.
const TEMPLATE_LEAST: usize = 10;

/// What a subject is part of: a site, or an account.
#[derive(Clone, Copy)]
pub(super) struct Whole<'a> {
    /// 标识码 or key.
    pub(super) id: &'a str,
    /// Its name.
    pub(super) name: &'a str,
    /// Address of the home page.
    home: &'a str,
    /// Pages that the look read of it.
    pub(super) pages_read: u64,
}

/// A subject as one look saw it, with all that a finding says of its place.
pub(super) struct Known<'a> {
    pub(super) subject: SubjectRef<'a>,
    pub(super) whole: Whole<'a>,
    /// What the identity is made of beside site and rule.
    pub(super) key: String,
    pub(super) url: &'a str,
    pub(super) page: Option<&'a str>,
    pub(super) cause: Cause,
    pub(super) look: Option<&'a Look>,
}

impl Known<'_> {
    /// 标识码 of the site that it is a matter of.
    pub(super) fn owner(&self) -> &str {
        match self.subject {
            SubjectRef::Stray(stray) => &stray.site,
            _ => self.whole.id,
        }
    }

    /// Where the subject belongs, for routing and lists.
    pub(super) fn place(&self) -> Subject {
        let (kind, place, column) = match self.subject {
            SubjectRef::Site(_) | SubjectRef::Contents(_) => (SubjectKind::Site, "全站".to_owned(), None),
            SubjectRef::Stray(_) => (SubjectKind::Site, "网站首页".to_owned(), None),
            SubjectRef::Marks(_) => (SubjectKind::Site, "全站页面底部".to_owned(), None),
            SubjectRef::Tags(_) => (SubjectKind::Site, "全站页面标签".to_owned(), None),
            SubjectRef::Home(_) => (SubjectKind::Home, "首页".to_owned(), None),
            SubjectRef::Column(column) => {
                (SubjectKind::Column, column.name.clone(), Some(column.url.clone()))
            }
            SubjectRef::Page(HiddenLinks { page, .. }) | SubjectRef::Script(ForeignScript { page, .. }) => {
                let home = *page == self.whole.home;
                (SubjectKind::Page, if home { "首页" } else { "内容页面" }.to_owned(), None)
            }
            SubjectRef::Account(_) => (SubjectKind::Account, "—".to_owned(), None),
            SubjectRef::Unlisted(found) => {
                let place = match (found.on_home, found.everywhere) {
                    (true, _) => "首页",
                    (false, true) => "全站模板",
                    (false, false) => "内容页面",
                };
                (SubjectKind::Link, place.to_owned(), None)
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
        if let SubjectRef::Stray(stray) = self.subject {
            let (site, site_name) = (stray.site.clone(), stray.name.clone());
            return Subject { kind, site, site_name, place, column };
        }
        let Whole { id, name, .. } = self.whole;
        Subject { kind, site: id.to_owned(), site_name: name.to_owned(), place, column }
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
            _ if page == self.whole.home => (SubjectKind::Page, "首页".to_owned(), None),
            (_, Some((name, url))) => (SubjectKind::Page, name.clone(), Some(url.clone())),
            (_, None) if is_readable(page) => (SubjectKind::Page, "附件".to_owned(), None),
            (_, None) => (SubjectKind::Page, "内容页面".to_owned(), None),
        }
    }
}

/// Every subject of a look.
pub(super) fn subjects(facts: &SiteFacts) -> Vec<Known<'_>> {
    let whole = Whole {
        id: &facts.site.id,
        name: &facts.site.name,
        home: &facts.home.url,
        pages_read: facts.pages_read,
    };
    let site = Known {
        subject: SubjectRef::Site(&facts.site),
        whole,
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
    let contents = facts.contents.as_ref().map(|contents| Known {
        subject: SubjectRef::Contents(contents),
        key: "contents".to_owned(),
        look: contents.look.as_ref(),
        ..site.again()
    });
    let mut all = vec![site, home];
    all.extend(marks.into_iter().chain(tags).chain(contents));
    all.extend(facts.columns.iter().map(|column| Known {
        subject: SubjectRef::Column(column),
        whole,
        key: column.url.clone(),
        url: &column.url,
        page: column.page.as_deref(),
        cause: Cause::Single,
        look: column.look.as_ref(),
    }));
    all.extend(facts.links.iter().map(|link| Known {
        subject: SubjectRef::Link(link),
        whole,
        key: link.url.clone(),
        url: &link.url,
        page: Some(&link.page),
        cause: link.cause,
        look: Some(&link.look),
    }));
    all.extend(facts.strays.iter().map(|stray| Known {
        subject: SubjectRef::Stray(stray),
        whole,
        key: stray.url.clone(),
        url: &stray.url,
        page: None,
        cause: Cause::Single,
        look: stray.visit.as_ref().map(|visit| &visit.look),
    }));
    all.extend(hidden(facts, whole));
    all.extend(facts.scripts.iter().map(|script| Known {
        subject: SubjectRef::Script(script),
        whole,
        key: script.host.clone(),
        url: &script.page,
        page: Some(&script.page),
        cause: if script.pages > 1 { Cause::Several(script.pages) } else { Cause::Single },
        look: script.look.as_ref(),
    }));
    all.extend(facts.wordings.iter().map(|wording| Known {
        subject: SubjectRef::Wording(wording),
        whole,
        key: wording.key(),
        url: &wording.page,
        page: Some(wording.carrier.as_ref().unwrap_or(&wording.page)),
        cause: wording.cause,
        look: wording.look.as_ref(),
    }));
    all.extend(facts.leaks.iter().map(|leaks| Known {
        subject: SubjectRef::Leaks(leaks),
        whole,
        key: leaks.page.clone(),
        url: &leaks.page,
        page: Some(leaks.carrier.as_ref().unwrap_or(&leaks.page)),
        cause: Cause::Single,
        look: leaks.look.as_ref(),
    }));
    all
}

/// An account.
pub(super) fn of_account<'a>(account: &'a AccountSeen, look: Option<&'a Look>) -> Known<'a> {
    let whole = Whole { id: &account.key, name: &account.name, home: &account.address, pages_read: 0 };
    // What a person opens first: the account's own page, or its newest post.
    let newest = account.last_post(NaiveDate::MAX).and_then(|(post, _)| post.url.as_deref());
    let url = if account.address.is_empty() { newest.unwrap_or_default() } else { &account.address };
    Known {
        subject: SubjectRef::Account(account),
        whole,
        key: "account".to_owned(),
        url,
        page: None,
        cause: Cause::Single,
        look,
    }
}

/// An account that a site links to and the register lacks.
pub(super) fn of_unlisted(found: &Unlisted) -> Known<'_> {
    let whole = Whole { id: &found.site, name: &found.site_name, home: "", pages_read: 0 };
    Known {
        subject: SubjectRef::Unlisted(found),
        whole,
        key: format!("account:{}:{}", found.platform.word(), found.id),
        url: &found.url,
        page: Some(&found.page),
        // Whether it is the unit's own is for the unit to say, wherever the link stands.
        cause: if found.pages > 1 { Cause::Several(found.pages) } else { Cause::Single },
        look: found.look.as_ref(),
    }
}

/// Pages with hidden links; pages that carry the same ones have one cause and are told by the first of them, which is the
/// one with the shortest address.
fn hidden<'a>(facts: &'a SiteFacts, whole: Whole<'a>) -> Vec<Known<'a>> {
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
            whole,
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
