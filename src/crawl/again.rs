//! Home pages and lists that could not be read for a reason that may pass: asked once more in the first look, after everything else of
//! their host, and read as if they had come at once. Pure.
#![deny(clippy::disallowed_methods)]

use std::collections::{BTreeMap, HashMap, HashSet};

use super::frontier::{Candidate, Lease, NO_SITE, Role, SiteIndex, UrlId};
use crate::facts::answer::Answer;

/// Pages of one site that are asked once more: a site of which more fails is in trouble, and is not asked twice for all of it.
const MOST_OF_A_SITE: u32 = 50;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Again {
    due: BTreeMap<String, Vec<Lease>>,
    asked: HashSet<UrlId>,
    of_site: HashMap<SiteIndex, u32>,
}

impl Again {
    /// What an earlier process left to be asked once more.
    pub(super) fn new(left: impl IntoIterator<Item = (UrlId, Candidate)>) -> Self {
        let mut again = Self::default();
        for (id, what) in left {
            again.add(Lease { id, what });
        }
        again
    }

    /// Takes down an answer; a list whose reading may succeed later is asked for once more.
    pub(super) fn note(&mut self, lease: &Lease, answer: &Answer) {
        if lease.what.role <= Role::List && lease.what.site != NO_SITE && answer.may_pass() {
            self.add(lease.clone());
        }
    }

    fn add(&mut self, lease: Lease) {
        let asked = self.of_site.entry(lease.what.site).or_default();
        if *asked < MOST_OF_A_SITE && self.asked.insert(lease.id) {
            *asked += 1;
            self.due.entry(lease.what.key.clone()).or_default().push(lease);
        }
    }

    /// Whether this is the second asking: then the answer to the first is kept already.
    pub(super) fn is_second(&self, lease: &Lease) -> bool {
        self.asked.contains(&lease.id)
    }

    /// The next page of `key` to be asked once more.
    pub(super) fn lease(&mut self, key: &str) -> Option<Lease> {
        let leases = self.due.get_mut(key)?;
        let lease = leases.pop();
        if leases.is_empty() {
            self.due.remove(key);
        }
        lease
    }

    /// Leaves alone what waits under `key`.
    pub(super) fn forget(&mut self, key: &str) {
        self.due.remove(key);
    }

    /// Politeness keys under which something waits.
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.due.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(id: UrlId, role: Role, site: SiteIndex) -> Lease {
        let what =
            Candidate { url: format!("http://h/{id}"), key: "h".to_owned(), site, role, depth: 1, via: None };
        Lease { id, what }
    }

    #[test]
    fn what_may_pass_is_asked_once_more_and_no_more() {
        let mut again = Again::default();
        let list = lease(1, Role::List, 0);
        again.note(&list, &Answer::ServerError(502));
        again.note(&lease(2, Role::List, 0), &Answer::NotFound(404));
        again.note(&lease(3, Role::Target, 0), &Answer::ServerError(502));
        assert!(again.is_second(&list));
        assert_eq!(again.lease("h"), Some(list.clone()));
        again.note(&list, &Answer::ServerError(502));
        assert_eq!((again.lease("h"), again.keys().next()), (None, None));
    }

    #[test]
    fn a_site_in_trouble_is_not_asked_twice_for_all() {
        let mut again = Again::default();
        for id in 0..200 {
            again.note(&lease(id, Role::List, 0), &Answer::Unknown("body-cut".to_owned()));
        }
        again.note(&lease(500, Role::List, 1), &Answer::ServerError(500));
        assert_eq!(std::iter::from_fn(|| again.lease("h")).count(), 51);
        assert!(!again.is_second(&lease(100, Role::List, 0)));
    }
}
