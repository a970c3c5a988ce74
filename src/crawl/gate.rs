//! What every request of a crawl passes: robots.txt first, then its turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use url::Url;

use super::pace::Pace;
use super::robots::Robots;
use super::scope::Scope;
use crate::exchange::{FetchError, OurLimit};
use crate::fetch::http::{Ask, Gate, Http, Want};
use crate::url::PolitenessKey;

/// The name by which robots.txt files know us.
pub const PRODUCT: &str = "xuncha";

/// Wait after a 429 that names none.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(10);

/// What robots.txt of one origin says.
#[derive(Debug)]
enum Rules {
    /// Read; 4xx reads as no rules at all (RFC 9309 §2.3.1.3).
    Known(Robots),
    /// 5xx, or a break after connecting: everything is disallowed (§2.3.1.4).
    Unreadable,
}

/// Texts of robots.txt by origin.
type Learned = Vec<(String, Vec<u8>)>;

/// The gate of a crawl. One for all workers of a process.
#[derive(Debug)]
pub struct CrawlGate {
    http: Arc<Http>,
    pace: Arc<Pace>,
    scope: Arc<Scope>,
    /// Per site index: whether robots.txt is obeyed there.
    obeying: Vec<bool>,
    origins: Mutex<HashMap<String, Arc<OnceCell<Rules>>>>,
    /// robots.txt as an earlier process read it, for an origin that cannot be asked now.
    earlier: HashMap<String, Vec<u8>>,
    /// robots.txt as this process read it; `None` where nobody wants to keep it.
    learned: Option<Mutex<Learned>>,
}

impl CrawlGate {
    /// A gate over `pace`; `obeying` says per site whether robots.txt is obeyed.
    pub fn new(http: Arc<Http>, pace: Arc<Pace>, scope: Arc<Scope>, obeying: Vec<bool>) -> Self {
        let (origins, earlier, learned) = (Mutex::default(), HashMap::new(), None);
        Self { http, pace, scope, obeying, origins, earlier, learned }
    }

    /// A gate that takes over what is known of robots.txt, by origin, and whether it is fresh enough not to be asked for
    /// again. What cannot be read now is obeyed as it was read before.
    #[must_use]
    pub fn remembering(mut self, known: Vec<(String, bool, Vec<u8>)>) -> Self {
        for (origin, fresh, body) in known {
            if fresh && let Ok(url) = Url::parse(&origin) {
                let robots = Robots::parse(&body);
                self.slow_down(&url, &robots);
                let cell = OnceCell::new_with(Some(Rules::Known(robots)));
                self.origins.lock().unwrap_or_else(PoisonError::into_inner).insert(origin, Arc::new(cell));
            } else {
                self.earlier.insert(origin, body);
            }
        }
        self.learned = Some(Mutex::default());
        self
    }

    /// A way through this gate that may be kept. Without `robots`, only turns are taken: for interfaces that are asked in their
    /// owners' names by the platform's own terms, and for pages that a unit itself named, where the office has decided so.
    pub fn passage(self: &Arc<Self>, robots: bool) -> Passage {
        Passage { gate: Arc::clone(self), robots }
    }

    /// Every robots.txt read since the start, by origin; an answer that means "no rules" is an empty one.
    pub fn learned(&self) -> Vec<(String, Vec<u8>)> {
        let learned = self.learned.as_ref().map(|all| all.lock().unwrap_or_else(PoisonError::into_inner));
        learned.map(|all| all.clone()).unwrap_or_default()
    }

    /// The owner of politeness.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    async fn robots(&self, url: &Url) -> Result<(), FetchError> {
        let overridden = self
            .scope
            .site_of(url)
            .and_then(|site| self.obeying.get(usize::try_from(site).ok()?))
            .is_some_and(|obey| !obey);
        if overridden {
            return Ok(());
        }
        let origin = url.origin().ascii_serialization();
        let cell = {
            let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(origins.entry(origin).or_default())
        };
        match cell.get_or_try_init(|| self.read_robots(url)).await? {
            Rules::Known(robots) if robots.allows(PRODUCT, url.as_str()) => Ok(()),
            Rules::Known(_) => Err(FetchError::Ours(OurLimit::Robots)),
            Rules::Unreadable => Err(FetchError::Ours(OurLimit::RobotsUnreadable)),
        }
    }

    /// Fails where the host could not be reached at all: that decides the link itself, and is tried again at the next.
    async fn read_robots(&self, url: &Url) -> Result<Rules, FetchError> {
        let mut robots_url = url.clone();
        robots_url.set_path("/robots.txt");
        robots_url.set_query(None);
        let fetched = self.http.fetch(&Ask::new(&robots_url, Want::Page), &PaceOnly(&self.pace)).await;
        let origin = url.origin().ascii_serialization();
        let text = match fetched.exchange.outcome {
            Ok(reply) if (200..300).contains(&reply.status) => Some(fetched.body),
            Ok(reply) if reply.status >= 500 => None,
            // A redirect to where we may not go leaves no rules to obey either.
            Ok(_) | Err(FetchError::RedirectLoop | FetchError::RedirectTarget(_) | FetchError::Ours(_)) => {
                Some(Vec::new())
            }
            Err(error @ (FetchError::Resolve(_) | FetchError::Connect(_) | FetchError::Tls(_))) => {
                // A gate that remembers is the probe's, which is to find out just that: where nothing can be connected to,
                // its one visit fails at the same place.
                return match (&self.learned, self.earlier.get(&origin)) {
                    (None, _) => Err(error),
                    (Some(_), text) => Ok(Rules::Known(Robots::parse(text.map_or(b"", Vec::as_slice)))),
                };
            }
            Err(FetchError::Head(_) | FetchError::Body(_)) => None,
        };
        if let (Some(learned), Some(text)) = (&self.learned, &text) {
            learned.lock().unwrap_or_else(PoisonError::into_inner).push((origin.clone(), text.clone()));
        }
        let Some(text) = text.or_else(|| self.earlier.get(&origin).cloned()) else {
            return Ok(Rules::Unreadable);
        };
        let robots = Robots::parse(&text);
        self.slow_down(url, &robots);
        Ok(Rules::Known(robots))
    }

    fn slow_down(&self, url: &Url, robots: &Robots) {
        let delay = robots.crawl_delay(PRODUCT).filter(|delay| delay.is_finite() && *delay > 0.0);
        if let Some(delay) = delay {
            self.pace.slow_down(PolitenessKey::of(url).as_str(), Duration::from_secs_f64(delay.min(60.0)));
        }
    }
}

impl Gate for CrawlGate {
    async fn pass(&self, url: &Url, group: &str) -> Result<(), FetchError> {
        self.robots(url).await?;
        self.pace.turn(PolitenessKey::of(url).as_str(), group).await;
        Ok(())
    }

    fn answered(&self, url: &Url, took: Duration, reply: Result<(u16, Option<Duration>), &FetchError>) {
        PaceOnly(&self.pace).answered(url, took, reply);
    }
}

/// A way through a [`CrawlGate`]: see [`CrawlGate::passage`].
#[derive(Debug, Clone)]
pub struct Passage {
    gate: Arc<CrawlGate>,
    robots: bool,
}

impl Gate for Passage {
    async fn pass(&self, url: &Url, group: &str) -> Result<(), FetchError> {
        if self.robots {
            self.gate.pass(url, group).await
        } else {
            PaceOnly(&self.gate.pace).pass(url, group).await
        }
    }

    fn answered(&self, url: &Url, took: Duration, reply: Result<(u16, Option<Duration>), &FetchError>) {
        self.gate.answered(url, took, reply);
    }
}

/// Politeness without robots.txt: for robots.txt itself.
struct PaceOnly<'a>(&'a Pace);

impl Gate for PaceOnly<'_> {
    async fn pass(&self, url: &Url, group: &str) -> Result<(), FetchError> {
        self.0.turn(PolitenessKey::of(url).as_str(), group).await;
        Ok(())
    }

    fn answered(&self, url: &Url, took: Duration, reply: Result<(u16, Option<Duration>), &FetchError>) {
        let host = PolitenessKey::of(url);
        match reply {
            Ok((status, wait)) => {
                self.0.outcome(host.as_str(), took, false);
                match (status, wait) {
                    (429 | 503, Some(wait)) => self.0.pause(host.as_str(), wait),
                    (429, None) => self.0.pause(host.as_str(), DEFAULT_PATIENCE),
                    _ => {}
                }
            }
            Err(FetchError::Connect(_) | FetchError::Head(_) | FetchError::Tls(_)) => {
                self.0.outcome(host.as_str(), took, true);
            }
            Err(_) => {}
        }
    }
}
