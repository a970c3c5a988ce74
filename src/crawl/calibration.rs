//! What a site answers for addresses that were made up: two are asked for as soon as its home page has come, and the pages
//! that come before their answers wait for them.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use sha2::{Digest, Sha256};
use url::Url;

use super::frontier::{Candidate, Lease, Role, SiteIndex, UrlId};
use super::reading::Done;
use crate::facts::answer::Answer;
use crate::facts::soft404::Calibration;
use crate::finding::hex;
use crate::store::facts::FactsDb;
use crate::url::PolitenessKey;

/// The id of a lease for an address that was made up: it is no URL of the run and is stored nowhere.
const MADE_UP: UrlId = UrlId::MAX;

/// The calibrations of one look.
#[derive(Debug, Default)]
pub(super) struct Calibrations {
    sites: BTreeMap<SiteIndex, State>,
    /// Made-up addresses still to be asked for, by politeness key.
    due: HashMap<String, Vec<Lease>>,
}

#[derive(Debug, Default)]
struct State {
    home: String,
    calibration: Calibration,
    made_up: Vec<Lease>,
    home_came: bool,
    /// Answers still to come.
    awaited: usize,
    waiting: Vec<Done>,
}

/// What an answer is to the calibration of its site.
pub(super) enum Turn {
    /// To be taken in, with what waited for it.
    Go(Vec<Done>),
    /// It teaches what it had to teach, or waits.
    Kept,
}

impl Calibrations {
    /// Calibrations of these sites; `run` makes the addresses new in every run, so that no cache knows them.
    pub(super) fn new(run: i64, look: u8, homes: &[(SiteIndex, String)]) -> Self {
        let state = |(site, home): &(SiteIndex, String)| {
            let made_up = made_up(run, look, *site, home);
            let awaited = made_up.len();
            (*site, State { home: home.clone(), made_up, awaited, ..State::default() })
        };
        Self { sites: homes.iter().map(state).collect(), due: HashMap::new() }
    }

    /// Takes up what an earlier process of the same look had of the home pages: their answers will not come again.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn recall(&mut self, reader: &FactsDb, run: i64, look: u8) -> Result<()> {
        for state in self.sites.values_mut() {
            let Some(visit) = reader.visit(run, look, &state.home)? else { continue };
            state.home_came = true;
            if visit.answer == Answer::There {
                let page = reader.page(run, look, visit.id)?;
                state.calibration.home(&visit.exchange, page.as_ref().map(|read| &read.facts));
                release(&mut self.due, &mut state.made_up);
            } else {
                state.awaited = 0;
            }
        }
        Ok(())
    }

    /// Politeness keys under which made-up addresses are still to be asked for.
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.due.keys()
    }

    /// The next made-up address of `key`.
    pub(super) fn lease(&mut self, key: &str) -> Option<Lease> {
        let leases = self.due.get_mut(key)?;
        let lease = leases.pop();
        if leases.is_empty() {
            self.due.remove(key);
        }
        lease
    }

    /// Whether `done` answers a made-up address.
    pub(super) fn is_made_up(done: &Done) -> bool {
        done.lease.id == MADE_UP
    }

    /// Takes in an answer: what it teaches of its site, and whether it has to wait for what others will teach.
    pub(super) fn turn(&mut self, done: Done) -> Turn {
        let what = &done.lease.what;
        let made_up = Self::is_made_up(&done);
        let Some(state) = self.sites.get_mut(&what.site) else {
            return if made_up { Turn::Kept } else { Turn::Go(vec![done]) };
        };
        if made_up {
            state.awaited = state.awaited.saturating_sub(1);
            state.calibration.made_up(&done.exchange, &done.answer, done.facts.as_ref());
            if state.awaited > 0 {
                return Turn::Kept;
            }
            return Turn::Go(std::mem::take(&mut state.waiting));
        }
        // One that failed at first may come when it is asked once more.
        if what.role == Role::Home && (!state.home_came || !state.made_up.is_empty()) {
            state.home_came = true;
            let mut go = vec![done];
            if go.iter().all(|home| home.answer == Answer::There && home.exchange.outcome.is_ok()) {
                if let Some(home) = go.first() {
                    state.calibration.home(&home.exchange, home.facts.as_ref());
                }
                state.awaited = state.made_up.len();
                release(&mut self.due, &mut state.made_up);
            } else {
                // A site whose home page did not come answers made-up addresses no better.
                state.awaited = 0;
                go.append(&mut state.waiting);
            }
            return Turn::Go(go);
        }
        if state.awaited > 0 && seems_there(&done.answer) {
            state.waiting.push(done);
            return Turn::Kept;
        }
        Turn::Go(vec![done])
    }

    /// Gives up what is still awaited, and hands back what waited for it.
    pub(super) fn give_up(&mut self) -> Vec<Done> {
        self.due.clear();
        let mut waiting = Vec::new();
        for state in self.sites.values_mut() {
            state.awaited = 0;
            waiting.append(&mut state.waiting);
        }
        waiting
    }

    /// Sets right the answer of a page that only looks as if it were there.
    pub(super) fn correct(&self, done: &mut Done) {
        if !seems_there(&done.answer) || matches!(done.lease.what.role, Role::Home | Role::Source) {
            return;
        }
        let state = self.sites.get(&done.lease.what.site);
        if let Some(really) =
            state.and_then(|state| state.calibration.judge(&done.exchange, done.facts.as_ref()))
        {
            done.answer = really;
            done.facts = None;
        }
    }
}

/// What the comparison with made-up addresses may show to be none.
fn seems_there(answer: &Answer) -> bool {
    matches!(answer, Answer::There | Answer::NoFile(_))
}

fn release(due: &mut HashMap<String, Vec<Lease>>, made_up: &mut Vec<Lease>) {
    for lease in made_up.drain(..) {
        due.entry(lease.what.key.clone()).or_default().push(lease);
    }
}

/// Two addresses beside the home page that nobody ever linked to: a file's and a folder's.
fn made_up(run: i64, look: u8, site: SiteIndex, home: &str) -> Vec<Lease> {
    let Ok(home) = Url::parse(home) else { return Vec::new() };
    let word: String = hex(&Sha256::digest(format!("{run} {look} {home}"))).chars().take(20).collect();
    [format!("{word}/"), format!("{word}.html")]
        .iter()
        .filter_map(|path| home.join(path).ok())
        .map(|url| Lease {
            id: MADE_UP,
            what: Candidate {
                key: PolitenessKey::of(&url).as_str().to_owned(),
                url: url.into(),
                site,
                role: Role::List,
                depth: 1,
                via: None,
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::exchange::{Exchange, FetchError, OurLimit};

    fn done(lease: Lease, answer: Answer) -> Done {
        let exchange = Exchange {
            url: lease.what.url.clone(),
            at: from_millis(0),
            took_ms: 0,
            hops: Vec::new(),
            outcome: Ok(crate::exchange::Reply {
                url: lease.what.url.clone(),
                status: 200,
                addr: None,
                headers: Vec::new(),
                body_len: 0,
                body_sha256: String::new(),
                body_cut: false,
            }),
        };
        Done { lease, exchange, answer, facts: None, title: String::new(), body: Vec::new(), text: None }
    }

    fn page(path: &str, role: Role) -> Lease {
        let url = format!("http://www.shili.gov.cn{path}");
        let what = Candidate { key: "www.shili.gov.cn".to_owned(), url, site: 0, role, depth: 1, via: None };
        Lease { id: 7, what }
    }

    fn count(turn: Turn) -> usize {
        if let Turn::Go(done) = turn { done.len() } else { 0 }
    }

    #[test]
    fn pages_wait_for_the_made_up_ones_and_none_is_lost() {
        let homes = [(0, "http://www.shili.gov.cn/bm/index.html".to_owned())];
        let mut calibrations = Calibrations::new(1, 1, &homes);
        assert!(calibrations.lease("www.shili.gov.cn").is_none(), "the home page comes first");
        assert_eq!(count(calibrations.turn(done(page("/a.html", Role::Page), Answer::There))), 0);
        assert_eq!(count(calibrations.turn(done(page("/b.html", Role::Page), Answer::NotFound(404)))), 1);
        assert_eq!(count(calibrations.turn(done(page("/bm/index.html", Role::Home), Answer::There))), 1);
        let first = calibrations.lease("www.shili.gov.cn").expect("one");
        let second = calibrations.lease("www.shili.gov.cn").expect("two");
        assert!(calibrations.lease("www.shili.gov.cn").is_none());
        assert!(first.what.url.starts_with("http://www.shili.gov.cn/bm/"), "{}", first.what.url);
        assert_ne!(first.what.url, second.what.url);
        assert_eq!(count(calibrations.turn(done(page("/c.html", Role::Page), Answer::There))), 0);
        assert_eq!(count(calibrations.turn(done(first, Answer::NotFound(404)))), 0);
        assert_eq!(count(calibrations.turn(done(second, Answer::NotFound(404)))), 2);
        assert_eq!(count(calibrations.turn(done(page("/d.html", Role::Page), Answer::There))), 1);
        assert!(calibrations.give_up().is_empty());
    }

    #[test]
    fn a_dead_home_page_ends_the_waiting() {
        let homes = [(0, "http://www.shili.gov.cn/".to_owned())];
        let mut calibrations = Calibrations::new(1, 1, &homes);
        assert_eq!(count(calibrations.turn(done(page("/a.html", Role::Page), Answer::There))), 0);
        let mut dead = done(page("/", Role::Home), Answer::NoSuchName);
        dead.exchange.outcome = Err(FetchError::Ours(OurLimit::Budget));
        assert_eq!(count(calibrations.turn(dead)), 2);
        assert!(calibrations.lease("www.shili.gov.cn").is_none());
    }
}
