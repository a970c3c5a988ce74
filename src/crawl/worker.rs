//! The loop that takes leases from the frontier and brings back exchanges and facts.
//!
//! One task owns the frontier and nothing else decides what is fetched; fetches run beside it, pages are read off
//! the async threads, and one thread writes. Whole units of work are committed in groups, so that a killed run is
//! resumed from what was committed and repeats only the last moment.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::mpsc;
use url::Url;

use super::again::Again;
use super::asking::Asking;
use super::calibration::{Calibrations, Turn};
use super::files::FileBudget;
use super::front;
use super::frontier::{Bounds, Candidate, Frontier, Lease, Role, SiteIndex, Stage, UrlId};
use super::gate::CrawlGate;
use super::hours::closed_for;
use super::intake::Lately;
use super::memory;
use super::pace::{FASTEST_PUBLIC, is_private};
pub use super::plan::{Plan, Progress};
use super::reading::{Beside, Done, beside_control, fetch_and_read, in_the_hosts_name, wanted_as_evidence};
use super::sameness::Sameness;
use super::scope::Scope;
use super::writing;
use crate::clock;
use crate::config::valid::{CrawlPolicy, Limits};
use crate::exchange::FetchError;
use crate::facts::answer::Answer;
use crate::facts::page::PageState;
use crate::fetch::http::Http;
use crate::store::facts::{Coverage, FactsDb, Unit, Validator};
use crate::url::PolitenessKey;

/// Failures in a row after which a host is left alone for the rest of the look.
const GIVE_UP: u32 = 3;
/// Times a URL is asked again after 429 or 503 with patience.
const PATIENCE_TRIES: u8 = 2;
/// Times a target that fails is asked within a look that confirms.
const CONFIRMING_TRIES: usize = 3;
/// Connections to one private host while the rate is lifted.
const PRIVATE_CONNECTIONS: usize = 12;

/// The crawl of one look.
pub struct Crawl {
    /// Fetches.
    pub http: Arc<Http>,
    /// Guards.
    pub gate: Arc<CrawlGate>,
    /// Says what belongs to whom.
    pub scope: Arc<Scope>,
    /// Politeness and budgets.
    pub policy: CrawlPolicy,
    /// Bounds of a single page.
    pub limits: Limits,
}

impl Crawl {
    /// Crawls until nothing is left to do, and returns the database.
    ///
    /// # Errors
    /// If the database fails. What was committed until then is kept.
    pub async fn run(&self, db: FactsDb, plan: Plan, progress: impl FnMut(Progress)) -> Result<FactsDb> {
        let reader = db.beside()?;
        let bounds = Bounds {
            max_pages: self.policy.max_pages.unwrap_or(u64::MAX),
            max_depth: self.policy.max_depth,
            max_per_pattern: self.policy.max_per_pattern,
        };
        let mut frontier = Frontier::new(bounds, reader.urls()?.into_iter());
        let left_behind = reader.frontier(plan.run, plan.look)?;
        let asking = Asking::restored(&left_behind);
        for (id, mut what, stage) in left_behind {
            what.key = key_of(&what.url).unwrap_or_default();
            let waits = stage == Stage::Waiting && plan.again.is_empty();
            frontier.restore(id, what, if waits || stage != Stage::Waiting { stage } else { Stage::Refused });
        }
        let again = plan.again.iter().map(|(id, what)| {
            let key = key_of(&what.url).unwrap_or_default();
            (*id, Candidate { key, ..what.clone() })
        });
        let again = Again::new(again);
        let (units, inbox) = std::sync::mpsc::sync_channel(2 * writing::GROUP);
        let conditional = if plan.look == 1 { reader.with_validator()? } else { HashSet::new() };
        let run = plan.run;
        let writer = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || writing::write(db, run, &inbox))?;
        let mut calibrations = Calibrations::new(plan.run, plan.look, &plan.calibrate);
        calibrations.recall(&reader, plan.run, plan.look)?;
        let files = FileBudget::new(plan.files.clone(), &self.limits, self.policy.max_bytes);
        let mut shift = Shift {
            crawl: self,
            calibrations,
            plan,
            frontier,
            reader,
            conditional,
            ready: Vec::new(),
            parked: Vec::new(),
            unheard: Vec::new(),
            queued: Vec::new(),
            refused: Vec::new(),
            lanes: HashMap::new(),
            failures: HashMap::new(),
            given_up: HashMap::new(),
            private: HashSet::new(),
            tries: HashMap::new(),
            asking,
            again,
            listing: false,
            sameness: Sameness::default(),
            lately: Lately::default(),
            said: HashMap::new(),
            coverage: BTreeMap::new(),
            bytes: HashMap::new(),
            files,
            progress: Progress::default(),
        };
        let worked = shift.work(&units, progress).await;
        drop(units);
        writer.thread().unpark();
        let written = writer.join().map_err(|_| anyhow::anyhow!("the writing thread ended early"))?;
        let mut db = written.context("facts.db")?;
        worked?;
        shift.settle(&mut db)?;
        Ok(db)
    }
}

/// One look at work: everything that changes while it runs.
pub(super) struct Shift<'a> {
    pub(super) crawl: &'a Crawl,
    pub(super) plan: Plan,
    calibrations: Calibrations,
    pub(super) frontier: Frontier,
    pub(super) reader: FactsDb,
    /// URLs that an earlier run got a validator for: they are asked for conditionally.
    conditional: HashSet<UrlId>,
    /// Keys under which something may be started.
    pub(super) ready: Vec<String>,
    /// Keys that had to wait because enough was under way.
    parked: Vec<String>,
    /// URLs new to `facts.db` that no unit has carried there yet.
    pub(super) unheard: Vec<(UrlId, String)>,
    /// URLs taken up since the last unit.
    pub(super) queued: Vec<(UrlId, Candidate)>,
    /// URLs refused since the last unit.
    pub(super) refused: Vec<(UrlId, Candidate)>,
    /// Fetches under way per politeness key.
    lanes: HashMap<String, usize>,
    failures: HashMap<String, u32>,
    /// Keys that are left alone, with the failure that decided it.
    given_up: HashMap<String, FetchError>,
    /// Keys that answered from a private address while the rate is lifted.
    private: HashSet<String>,
    tries: HashMap<UrlId, u8>,
    pub(super) asking: Asking,
    again: Again,
    /// Whether the page that is taken in is a list: its further pages lie no deeper than itself.
    pub(super) listing: bool,
    pub(super) sameness: Sameness,
    pub(super) lately: Lately,
    /// What a target said at each try of a look that confirms.
    said: HashMap<UrlId, Vec<Answer>>,
    coverage: BTreeMap<SiteIndex, Coverage>,
    pub(super) bytes: HashMap<SiteIndex, u64>,
    files: FileBudget,
    progress: Progress,
}

type Units = std::sync::mpsc::SyncSender<Unit>;

impl Shift<'_> {
    async fn work(&mut self, units: &Units, mut progress: impl FnMut(Progress)) -> Result<()> {
        let (sender, mut inbox) = mpsc::channel::<Done>(256);
        for seed in std::mem::take(&mut self.plan.seeds) {
            let (offer, unheard) = self.frontier.offer(seed.clone());
            if unheard {
                self.unheard.push((offer.id(), seed.url));
            }
        }
        self.ready = self.waiting_keys();
        let mut under_way = 0_usize;
        loop {
            self.wait_for_window(under_way).await;
            let mut finished = Vec::new();
            while let Some(key) = self.ready.pop() {
                if let Some(error) = self.given_up.get(&key).cloned() {
                    let leases = self.frontier.drain(&key);
                    self.again.forget(&key);
                    self.sameness.forget(&key);
                    let made_up = std::iter::from_fn(|| self.calibrations.lease(&key));
                    let all = made_up.chain(leases);
                    finished.extend(all.map(|lease| in_the_hosts_name(lease, &error)));
                    continue;
                }
                under_way += self.fill(&key, &sender, under_way);
            }
            if finished.is_empty() {
                if under_way == 0 {
                    self.ready = self.waiting_keys();
                    self.parked.clear();
                    if self.ready.is_empty() {
                        break;
                    }
                    continue;
                }
                let Some(done) = inbox.recv().await else { break };
                under_way -= 1;
                let key = done.lease.what.key.clone();
                if let Some(lanes) = self.lanes.get_mut(&key) {
                    *lanes -= 1;
                }
                self.note_outcome(&key, &done);
                finished.push(done);
                self.ready.push(key);
                self.ready.extend(self.parked.pop());
            }
            for done in finished {
                if done.exchange.asks_for_patience() {
                    // At once: a process that is killed and started again must not forget it.
                    self.reader.put_patience(&self.patience())?;
                }
                for mut done in self.calibrated(done) {
                    let title = memory::recall(&self.reader, self.plan.run, &mut done)?;
                    let Some(unit) = self.absorb(done, title) else { continue };
                    // Blocks only where the disk is slower than the network.
                    units.send(unit).map_err(|_| anyhow::anyhow!("the writing thread ended early"))?;
                }
            }
            progress(self.progress);
        }
        for done in self.calibrations.give_up() {
            let Some(unit) = self.absorb(done, None) else { continue };
            units.send(unit).map_err(|_| anyhow::anyhow!("the writing thread ended early"))?;
        }
        Ok(())
    }

    /// What can be taken in after `done` has come, with answers set right by what the site gives for made-up addresses.
    fn calibrated(&mut self, done: Done) -> Vec<Done> {
        if Calibrations::is_made_up(&done) {
            let coverage = self.coverage.entry(done.lease.what.site).or_default();
            coverage.requests += 1 + done.exchange.hops.len() as u64;
        }
        let Turn::Go(mut ready) = self.calibrations.turn(done) else { return Vec::new() };
        for done in &mut ready {
            self.calibrations.correct(done);
        }
        ready
    }

    /// Starts as many fetches under `key` as politeness has connections for; returns how many.
    fn fill(&mut self, key: &str, sender: &mpsc::Sender<Done>, under_way: usize) -> usize {
        let mut started = 0;
        let connections = if self.private.contains(key) {
            self.crawl.policy.connections_per_host.max(PRIVATE_CONNECTIONS)
        } else {
            self.crawl.policy.connections_per_host
        };
        while self.lanes.get(key).copied().unwrap_or(0) < connections {
            if under_way + started >= self.crawl.policy.concurrency {
                self.parked.push(key.to_owned());
                break;
            }
            let Some(lease) = self.next(key) else { break };
            *self.lanes.entry(key.to_owned()).or_default() += 1;
            self.start(lease, sender.clone());
            started += 1;
        }
        started
    }

    /// The next lease under `key`, best first.
    fn next(&mut self, key: &str) -> Option<Lease> {
        if let Some(made_up) = self.calibrations.lease(key) {
            return Some(made_up);
        }
        while let Some(lease) = self.frontier.lease(key) {
            if self.plan.look > 1 || !self.sameness.keeps(&lease) {
                return Some(lease);
            }
            self.frontier.give_back(&lease);
        }
        self.again.lease(key).or_else(|| self.sameness.trial(key))
    }

    /// Politeness keys under which something waits.
    fn waiting_keys(&self) -> Vec<String> {
        let mut keys = self.frontier.keys();
        keys.extend(self.calibrations.keys().chain(self.again.keys()).chain(self.sameness.keys()).cloned());
        keys
    }

    fn start(&self, lease: Lease, sender: mpsc::Sender<Done>) {
        let (http, gate) = (Arc::clone(&self.crawl.http), Arc::clone(&self.crawl.gate));
        let (limits, as_of) = (self.crawl.limits.clone(), self.plan.as_of);
        let home = lease.what.role == Role::Home;
        let have = if lease.what.role.is_read() && self.conditional.contains(&lease.id) {
            self.reader
                .validator(lease.id)
                .ok()
                .flatten()
                .filter(|known| !home || !self.led_on(lease.id, known))
        } else {
            None
        };
        let file = self.files.wants(&lease, self.bytes.get(&lease.what.site).copied());
        let asked_by = self.asking.page_of(lease.id).and_then(|page| Url::parse(page).ok());
        let beside = Beside { asked_by, have, file, confirming: self.plan.look > 1 };
        let tried = self.said.get(&lease.id).map_or(0, Vec::len);
        let last = self.plan.look > 1 && tried + 1 == CONFIRMING_TRIES;
        let control = self.plan.controls.get(&lease.what.key).filter(|_| last).cloned();
        let scope = home.then(|| Arc::clone(&self.crawl.scope));
        tokio::spawn(async move {
            let mut done = fetch_and_read(&http, &gate, lease, beside, limits.clone(), as_of).await;
            if let Some(scope) = scope {
                front::follow(&http, &gate, &scope, &mut done, &limits, as_of).await;
            }
            if let Some(control) = control {
                beside_control(&http, &gate, &mut done, &control, limits, as_of).await;
            }
            // The receiver is gone only when the crawl has failed already.
            let _ = sender.send(done).await;
        });
    }

    /// Whether a page that led its reader on was stored: what it leads to may have changed while it has not itself.
    fn led_on(&self, page: UrlId, known: &Validator) -> bool {
        let stored = self.reader.page(known.run, 1, page).ok().flatten();
        stored.is_some_and(|read| read.facts.state == PageState::Jumps)
    }

    /// Counts failures in a row per host; at [`GIVE_UP`] the host is left alone and decides its other links.
    fn note_outcome(&mut self, key: &str, done: &Done) {
        match &done.exchange.outcome {
            Ok(reply) => {
                self.failures.remove(key);
                self.given_up.remove(key);
                let lifted = self.crawl.policy.rate_per_host > FASTEST_PUBLIC;
                if lifted && reply.addr.is_some_and(|addr| is_private(addr.ip())) {
                    self.private.insert(key.to_owned());
                }
            }
            Err(
                error @ (FetchError::Connect(_)
                | FetchError::Resolve(_)
                | FetchError::Head(_)
                | FetchError::Tls(_)),
            ) => {
                let failures = self.failures.entry(key.to_owned()).or_default();
                *failures += 1;
                if *failures >= GIVE_UP {
                    self.given_up.insert(key.to_owned(), error.clone());
                }
            }
            Err(_) => {}
        }
    }

    /// Takes in what came: links to the frontier, figures to the coverage; `None` where it is to be asked again.
    fn absorb(&mut self, done: Done, title: Option<String>) -> Option<Unit> {
        self.files.note(&done);
        let Done { lease, exchange, mut answer, facts, title: _, body, text } = done;
        let patient = exchange
            .outcome
            .as_ref()
            .is_ok_and(|reply| matches!(reply.status, 429 | 503) && reply.header("retry-after").is_some());
        if patient {
            let tries = self.tries.entry(lease.id).or_default();
            *tries += 1;
            if *tries <= PATIENCE_TRIES {
                self.frontier.put_back(lease);
                return None;
            }
        }
        self.coverage.entry(lease.what.site).or_default().requests += 1 + exchange.hops.len() as u64;
        if self.plan.look > 1 {
            let said = self.said.entry(lease.id).or_default();
            said.push(answer.clone());
            let together = Answer::of_tries(said);
            if together.is_worth_a_try() && said.len() < CONFIRMING_TRIES {
                self.frontier.put_back(lease);
                return None;
            }
            answer = together;
        }
        if self.plan.look == 1 {
            if self.again.is_second(&lease) && answer != Answer::There {
                // What was said first stands, at its time.
                return None;
            }
            self.again.note(&lease, &answer);
        }
        self.progress.done += 1;
        let page = self.page_facts(&lease, &exchange, facts);
        self.progress.pages += u64::from(page.is_some());
        let snapshot = wanted_as_evidence(&lease, &answer, page.as_ref(), &body).then_some(body);
        let queued = std::mem::take(&mut self.queued);
        for (_, what) in &queued {
            if !self.ready.contains(&what.key) {
                self.ready.push(what.key.clone());
            }
        }
        Some(Unit {
            look: self.plan.look,
            id: lease.id,
            what: lease.what,
            exchange,
            answer,
            page,
            new_urls: std::mem::take(&mut self.unheard),
            queued,
            refused: std::mem::take(&mut self.refused),
            snapshot,
            title,
            text,
        })
    }

    /// Outside the allowed hours nothing new is started; what is under way may end.
    async fn wait_for_window(&self, under_way: usize) {
        while under_way == 0
            && let Some(wait) = closed_for(&self.crawl.policy, clock::now())
        {
            tokio::time::sleep(wait).await;
        }
    }

    /// Who asked for patience and until when, in milliseconds since 1970, never rounded down.
    fn patience(&self) -> Vec<(String, i64)> {
        let now = clock::now().timestamp_millis();
        let until = |left: Duration| now + i64::try_from(left.as_millis()).unwrap_or(0) + 1;
        let patience = self.crawl.gate.pace().patience();
        patience.into_iter().map(|(host, left)| (host, until(left))).collect()
    }

    fn settle(&mut self, db: &mut FactsDb) -> Result<()> {
        for site in 0..self.plan.sites {
            let usage = self.frontier.usage(site);
            let mut coverage = self.coverage.remove(&site).unwrap_or_default();
            let (put_off, repeating) = self.sameness.left(site);
            coverage.not_reached = usage.not_reached + put_off;
            coverage.traps = usage.traps;
            coverage.traps.extend(repeating);
            if !self.plan.again.is_empty() {
                // What is asked once more adds to what the look has seen before.
                let before = db.coverage(self.plan.run, self.plan.look, site)?;
                coverage.not_reached = before.not_reached.max(coverage.not_reached);
                coverage.traps.extend(before.traps);
                coverage.traps.sort();
                coverage.traps.dedup();
            }
            db.put_coverage(self.plan.run, self.plan.look, site, &coverage)?;
        }
        db.put_patience(&self.patience())
    }
}

fn key_of(url: &str) -> Option<String> {
    Some(PolitenessKey::of(&Url::parse(url).ok()?).as_str().to_owned())
}
