//! Which attachments are read and not only verified, within what a site may be asked for. Pure.
#![deny(clippy::disallowed_methods)]

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::frontier::{Lease, NO_SITE, Role, SiteIndex};
use super::reading::Done;
use crate::config::valid::Limits;
use crate::facts::attachments::is_readable;

/// Of which attachments the text is wanted: only where a rule in force judges it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Files {
    /// Of none.
    #[default]
    None,
    /// Of all that can be read.
    All,
    /// Of these, by their addresses.
    These(Arc<BTreeSet<String>>),
}

/// What reading attachments has cost each site in one look.
#[derive(Debug)]
pub(super) struct FileBudget {
    wanted: Files,
    spent: HashMap<SiteIndex, u64>,
    /// Bytes of one site's attachments, and of everything that is read of it.
    most: u64,
    most_in_all: u64,
}

impl FileBudget {
    pub(super) fn new(wanted: Files, limits: &Limits, most_in_all: Option<u64>) -> Self {
        let most_in_all = most_in_all.unwrap_or(u64::MAX);
        Self { wanted, spent: HashMap::new(), most: limits.site_attachments, most_in_all }
    }

    /// Whether the file is to be read, `pages` being the bytes of its site's pages so far.
    pub(super) fn wants(&self, lease: &Lease, pages: Option<u64>) -> bool {
        let wanted = match &self.wanted {
            Files::None => false,
            Files::All => true,
            Files::These(these) => these.contains(&lease.what.url),
        };
        let spent = self.spent.get(&lease.what.site).copied().unwrap_or(0);
        wanted
            && lease.what.role == Role::Target
            && lease.what.site != NO_SITE
            && is_readable(&lease.what.url)
            && spent < self.most
            && spent.saturating_add(pages.unwrap_or(0)) < self.most_in_all
    }

    /// Takes down what came.
    pub(super) fn note(&mut self, done: &Done) {
        if self.wanted != Files::None && is_readable(&done.lease.what.url) {
            *self.spent.entry(done.lease.what.site).or_default() += done.body.len() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::frontier::Candidate;
    use crate::crawl::reading::in_the_hosts_name;
    use crate::exchange::{FetchError, OurLimit};

    fn lease(url: &str, site: SiteIndex, role: Role) -> Lease {
        let what = Candidate { url: url.to_owned(), key: "h".to_owned(), site, role, depth: 1, via: None };
        Lease { id: 1, what }
    }

    #[test]
    fn only_what_can_be_read_is_asked_for_whole_and_no_more_than_a_site_may_be_asked_for() {
        let limits = Limits { site_attachments: 10, ..Limits::default() };
        let url = "http://h/a.docx";
        let mut budget = FileBudget::new(Files::All, &limits, Some(50));
        assert!(budget.wants(&lease(url, 0, Role::Target), Some(49)));
        for other in [
            lease("http://h/a.pdf", 0, Role::Target),
            lease(url, 0, Role::Page),
            lease(url, NO_SITE, Role::External),
        ] {
            assert!(!budget.wants(&other, None), "{other:?}");
        }
        assert!(!budget.wants(&lease(url, 0, Role::Target), Some(50)));
        let failed = in_the_hosts_name(lease(url, 0, Role::Target), &FetchError::Ours(OurLimit::Budget));
        budget.note(&Done { body: vec![0; 10], ..failed });
        assert!(!budget.wants(&lease(url, 0, Role::Target), None));
        assert!(budget.wants(&lease(url, 1, Role::Target), None));
        let these = Files::These(Arc::new(BTreeSet::from([url.to_owned()])));
        let budget = FileBudget::new(these, &limits, None);
        assert!(budget.wants(&lease(url, 0, Role::Target), None));
        assert!(!budget.wants(&lease("http://h/b.docx", 0, Role::Target), None));
        assert!(!FileBudget::new(Files::None, &limits, None).wants(&lease(url, 0, Role::Target), None));
    }
}
