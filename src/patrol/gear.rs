//! The network side of a patrol, put together once: egress policy, names, HTTP, politeness, scope.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use url::Url;

use crate::calendar::Instant8;
use crate::clock;
use crate::config::valid::{Config, CrawlPolicy};
use crate::crawl::budget::CpuBudget;
use crate::crawl::gate::{CrawlGate, Passage};
use crate::crawl::hours::closed_for;
use crate::crawl::pace::Pace;
use crate::crawl::scope::Scope;
use crate::crawl::worker::{Crawl, Plan, Progress};
use crate::facts::answer::Answer;
use crate::facts::html::read_page;
use crate::facts::ipv6::{Ipv6Facts, Lack, Otherwise};
use crate::facts::page::{PageContext, PageFacts};
use crate::facts::reach::NameSeen;
use crate::facts::tls::TlsFacts;
use crate::fetch::account::Sources;
use crate::fetch::dns::{Family, Names};
use crate::fetch::egress::EgressPolicy;
use crate::fetch::http::{Ask, Fetched, Http, Want};
use crate::fetch::probe;
use crate::fetch::tls::{TlsLook, Turns, system_roots, verifying_tls};
use crate::registry::Registry;
use crate::store::facts::FactsDb;
use crate::url::PolitenessKey;

/// See the module.
pub struct Gear {
    probe: Arc<probe::Ipv6Probe>,
    tls: TlsLook,
    http: Arc<Http>,
    gate: Arc<CrawlGate>,
    scope: Arc<Scope>,
    hours: Arc<CrawlPolicy>,
}

impl Gear {
    /// Puts the network side together. `patience` is what hosts asked for in earlier processes, in milliseconds
    /// since 1970.
    ///
    /// # Errors
    /// If TLS or the resolver cannot be set up.
    pub fn new(config: &Config, registry: &Registry, patience: &[(String, i64)]) -> Result<Self> {
        Self::build(config, registry, patience, None)
    }

    /// The same for the probe, which takes over what is known of robots.txt: by origin, and whether it is fresh.
    ///
    /// # Errors
    /// As [`Gear::new`].
    pub(super) fn for_visits(
        config: &Config,
        registry: &Registry,
        patience: &[(String, i64)],
        robots: Vec<(String, bool, Vec<u8>)>,
    ) -> Result<Self> {
        Self::build(config, registry, patience, Some(robots))
    }

    /// The client and the gate, for visits that run beside each other.
    pub(super) fn visitor(&self) -> (Arc<Http>, Arc<CrawlGate>) {
        (Arc::clone(&self.http), Arc::clone(&self.gate))
    }

    fn build(
        config: &Config,
        registry: &Registry,
        patience: &[(String, i64)],
        robots: Option<Vec<(String, bool, Vec<u8>)>>,
    ) -> Result<Self> {
        let policy = Arc::new(EgressPolicy::new(&config.egress));
        let names = Arc::new(Names::new(&config.egress, Arc::clone(&policy)));
        let http = Http::new(
            &config.crawl,
            &config.limits,
            &config.egress,
            Arc::clone(&policy),
            Arc::clone(&names),
        )?;
        let http = Arc::new(http);
        let pace = Arc::new(Pace::new(config.crawl.rate_per_host, config.crawl.rate_per_group));
        let now = clock::now().timestamp_millis();
        for (host, until) in patience {
            if let Ok(left) = u64::try_from(until - now) {
                pace.pause(host, std::time::Duration::from_millis(left));
            }
        }
        let mut scope = Scope::new();
        for (index, site) in (0..).zip(&registry.sites) {
            scope.add(index, &site.url, &site.scope);
        }
        let scope = Arc::new(scope);
        let obeying = registry.sites.iter().map(|site| site.obey_robots).collect();
        let mut gate = CrawlGate::new(Arc::clone(&http), pace, Arc::clone(&scope), obeying);
        if let Some(robots) = robots {
            gate = gate.remembering(robots);
        }
        let tls = Arc::new(verifying_tls()?);
        let proxied = config.egress.proxy.is_some();
        let tls_look = TlsLook::new(Arc::clone(&names), system_roots(), proxied, config.limits.connect);
        let probe = probe::Ipv6Probe::new(&config.egress, policy, names, tls, config.limits.connect);
        let hours = Arc::new(config.crawl.clone());
        Ok(Self { probe: Arc::new(probe), tls: tls_look, http, gate: Arc::new(gate), scope, hours })
    }

    /// Sends nothing while the probe of the same installation visits.
    ///
    /// # Errors
    /// If the lock file cannot be used.
    pub fn keep_truce(&self, state_dir: &Path) -> Result<()> {
        let path = truce_lock(state_dir);
        self.gate.pace().keep_truce(&path).with_context(|| format!("cannot open {}", path.display()))
    }

    /// What belongs to which site.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Requests sent so far.
    pub fn requests(&self) -> u64 {
        self.gate.pace().sent()
    }

    /// Crawls one look.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn crawl(
        &self,
        config: &Config,
        db: FactsDb,
        plan: Plan,
        progress: impl FnMut(Progress),
    ) -> Result<FactsDb> {
        let crawl = Crawl {
            http: Arc::clone(&self.http),
            gate: Arc::clone(&self.gate),
            scope: Arc::clone(&self.scope),
            policy: config.crawl.clone(),
            limits: config.limits.clone(),
        };
        crawl.run(db, plan, progress).await
    }

    /// What asks about new-media accounts, through the patrol's gates.
    pub fn account_sources(&self, config: &Config) -> Arc<Sources<Passage>> {
        let (pages, calls) = (self.gate.passage(config.accounts.obey_robots), self.gate.passage(false));
        Arc::new(Sources::new(Arc::clone(&self.http), pages, calls, &config.accounts))
    }

    /// What fetches pictures; cheap to clone.
    pub(super) fn pictures(&self) -> Pictures {
        let (http, gate) = self.visitor();
        Pictures(Around { http, gate, hours: Arc::clone(&self.hours) })
    }

    /// What fetches pages beside the crawl; cheap to clone.
    pub(super) fn pages(&self) -> Pages {
        let (http, gate) = self.visitor();
        Pages(Around { http, gate, hours: Arc::clone(&self.hours) })
    }

    /// Fetches one page through all gates.
    pub async fn fetch(&self, url: &Url) -> Fetched {
        self.http.fetch(&Ask::new(url, Want::Page), &*self.gate).await
    }

    /// Waits for the hours in which the office lets its patrol run.
    pub(super) async fn opened(&self) {
        while let Some(wait) = closed_for(&self.hours, clock::now()) {
            tokio::time::sleep(wait).await;
        }
    }

    /// Looks at the TLS of an https URL, valid as of `at`.
    pub async fn look_at_tls(&self, url: &Url, at: Instant8) -> TlsFacts {
        self.tls.look(url, at, &Turning(&self.gate)).await
    }

    /// What looks with the family pinned; cheap to clone.
    pub(super) fn pinned(&self) -> Pinned {
        let around = Around {
            http: Arc::clone(&self.http),
            gate: Arc::clone(&self.gate),
            hours: Arc::clone(&self.hours),
        };
        Pinned { probe: Arc::clone(&self.probe), around }
    }
}

/// Fetches pictures through the patrol's gates, in the hours of its crawl.
#[derive(Clone)]
pub(super) struct Pictures(Around);

impl Pictures {
    /// One picture.
    pub(super) async fn fetch(&self, url: &Url) -> Fetched {
        self.0.opened().await;
        self.0.http.fetch(&Ask::new(url, Want::Picture), &*self.0.gate).await
    }
}

/// Fetches and reads pages beside the crawl, through the patrol's gates, in the hours of its crawl.
#[derive(Clone)]
pub(super) struct Pages(Around);

/// How a page beside the crawl is read.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// Dates after it are none.
    pub(super) as_of: Instant8,
    /// Processor time that one page may take.
    pub(super) budget: Duration,
    /// Whether its lists are wanted.
    pub(super) want_structure: bool,
}

impl Pages {
    /// One page.
    pub(super) async fn fetch(&self, url: &Url) -> Fetched {
        self.0.opened().await;
        self.0.http.fetch(&Ask::new(url, Want::Page), &*self.0.gate).await
    }

    /// What `then` makes of one page's answer and, where there was something to read, its facts; `None` where the reader broke on
    /// it, which ends this page alone.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        url: &Url,
        how: Reading,
        then: impl FnOnce(Answer, Option<PageFacts>) -> T + Send + 'static,
    ) -> Option<T> {
        let Fetched { exchange, body } = self.fetch(url).await;
        let reading = tokio::task::spawn_blocking(move || {
            let read = || {
                let reply = exchange.outcome.as_ref().ok();
                let page = reply.and_then(|reply| {
                    let cx = PageContext {
                        url: &Url::parse(&reply.url).ok()?,
                        content_type: reply.header("content-type"),
                        status: Some(reply.status),
                        as_of: how.as_of,
                        want_structure: how.want_structure,
                    };
                    Some(read_page(&body, &cx, CpuBudget::start(how.budget).check()))
                });
                then(Answer::of(&exchange, page.as_ref()), page)
            };
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        });
        reading.await.ok()?.ok()
    }
}

/// Looks that are pinned to one address family, through the patrol's gates.
#[derive(Clone)]
pub(super) struct Pinned {
    probe: Arc<probe::Ipv6Probe>,
    around: Around,
}

impl Pinned {
    /// Looks at a home page over IPv6; `None` where the question has no meaning for it (an address in place of a
    /// name, a name that is mapped).
    pub(super) async fn home(&self, home: &Url, shared: &probe::Shared) -> Option<Ipv6Facts> {
        self.probe.look(home, shared, &self.around).await.ok()
    }

    /// What the DNS says of each host.
    pub(super) async fn hosts(&self, names: Vec<String>, shared: &probe::Shared) -> Vec<NameSeen> {
        self.probe.hosts(names, shared).await
    }

    /// Whether the public DNS is seen at all.
    pub(super) fn sees_names(&self) -> bool {
        self.probe.sees_names()
    }

    /// What one link lacks over IPv6.
    ///
    /// # Errors
    /// The reason why nothing can be said.
    pub(super) async fn link(&self, url: &Url, otherwise: Otherwise) -> Result<Option<Lack>, String> {
        probe::link(url, otherwise, &self.around).await
    }
}

/// The file by whose lock a patrol and the probe keep out of each other's way.
pub(super) fn truce_lock(state_dir: &Path) -> PathBuf {
    state_dir.join("truce.lock")
}

/// The patrol's pace, as a look at TLS needs it.
struct Turning<'a>(&'a CrawlGate);

impl Turns for Turning<'_> {
    async fn turn(&self, url: &Url, addr: SocketAddr) {
        self.0.pace().turn(PolitenessKey::of(url).as_str(), &addr.ip().to_string()).await;
    }
}

/// The patrol's own gates, as the probe needs them.
#[derive(Clone)]
struct Around {
    http: Arc<Http>,
    gate: Arc<CrawlGate>,
    hours: Arc<CrawlPolicy>,
}

impl Around {
    /// Waits for the hours in which the office lets its patrol run.
    async fn opened(&self) {
        while let Some(wait) = closed_for(&self.hours, clock::now()) {
            tokio::time::sleep(wait).await;
        }
    }
}

impl probe::Surroundings for Around {
    async fn token(&self, host: &str, addr: SocketAddr) {
        self.opened().await;
        self.gate.pace().turn(host, &addr.ip().to_string()).await;
    }

    async fn fetch(&self, url: &Url, family: Family, want: Want) -> Fetched {
        self.opened().await;
        let ask = Ask { family, ..Ask::new(url, want) };
        self.http.fetch(&ask, &*self.gate).await
    }
}
