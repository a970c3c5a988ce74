//! The network side of a patrol, put together once: egress policy, names, HTTP, politeness, scope.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use url::Url;

use crate::calendar::in_beijing;
use crate::config::valid::{Config, CrawlPolicy};
use crate::crawl::gate::CrawlGate;
use crate::crawl::hours::closed_for;
use crate::crawl::pace::Pace;
use crate::crawl::scope::Scope;
use crate::crawl::worker::{Crawl, Plan, Progress};
use crate::facts::ipv6::{Ipv6Facts, Lack, Otherwise};
use crate::facts::reach::NameSeen;
use crate::fetch::dns::{Family, Names};
use crate::fetch::egress::EgressPolicy;
use crate::fetch::http::{Ask, Fetched, Http, Want};
use crate::fetch::probe;
use crate::registry::Registry;
use crate::store::facts::FactsDb;

/// See the module.
pub struct Gear {
    probe: Arc<probe::Ipv6Probe>,
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
        let now = chrono::Utc::now().timestamp_millis();
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
        let gate = CrawlGate::new(Arc::clone(&http), pace, Arc::clone(&scope), obeying);
        let tls = probe::verifying_tls()?;
        let probe = probe::Ipv6Probe::new(&config.egress, policy, names, tls, config.limits.connect);
        let hours = Arc::new(config.crawl.clone());
        Ok(Self { probe: Arc::new(probe), http, gate: Arc::new(gate), scope, hours })
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

    /// Fetches one page through all gates.
    pub async fn fetch(&self, url: &Url) -> Fetched {
        self.http.fetch(&Ask::new(url, Want::Page), &*self.gate).await
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
        while let Some(wait) = closed_for(&self.hours, in_beijing(chrono::Utc::now())) {
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
