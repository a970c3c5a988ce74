//! One round of spaced visits: every home page once over IPv4 and once over IPv6, for the availability indicator.
//!
//! A round is short and runs beside a patrol: it calls a truce, under which the patrol sends nothing, so that each host and
//! each address sees one polite visitor at a time. Samples are stored as they come; a killed round keeps what it has.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;

use super::gear::truce_lock;
use super::{Gear, Order, now, own, sites_of};
use crate::calendar::Instant8;
use crate::crawl::gate::CrawlGate;
use crate::crawl::truce;
use crate::exchange::{Exchange, FetchError, OurLimit, ResolveError};
use crate::facts::answer::Answer;
use crate::facts::challenge::challenge;
use crate::facts::visits::{Ip, Outcome, Sample, last_visit};
use crate::fetch::dns::Family;
use crate::fetch::http::{Ask, Fetched, Http, Want};
use crate::store::facts::FactsDb;
use crate::store::samples::Taken;
use crate::url::PolitenessKey;

/// How long robots.txt is taken as read: RFC 9309 §2.4.
const ROBOTS_FRESH: TimeDelta = TimeDelta::hours(24);
/// Bytes of a home page that are read: enough to know a firewall's page from one that opened.
const PAGE_BYTES: u64 = 64 << 10;
/// Waited for beyond the rule's limit, so that what is given up has surely lasted as long as the rule says.
const GRACE: Duration = Duration::from_secs(1);
/// What a visit waits for where no rule says how long: the indicator's 15 s.
const PATIENCE: u32 = 15;
/// A host that asked to be left alone for longer is not visited in this round.
const SHORT_WAIT: Duration = Duration::from_secs(5);
/// Samples committed together at most, and the longest that one waits for the next.
const GROUP: usize = 32;
const FLUSH: Duration = Duration::from_millis(200);
/// Samples are kept for so long: a quarter's inspection, and the dispute after it.
const KEPT: TimeDelta = TimeDelta::days(120);

/// What became of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundOutcome {
    /// Its number.
    pub round: i64,
    /// Sites visited in it now; fewer than registered where a broken-off round was finished.
    pub visited: usize,
    /// Sites whose state is another than in their visit before: name, URL, and how it is now.
    pub changes: Vec<Change>,
}

/// A site that opened and no longer does, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// 网站名称.
    pub name: String,
    /// Its home page.
    pub url: String,
    /// What the visit of this round said.
    pub outcome: Outcome,
}

/// Visits every home page once over each family. A round that was broken off less than the rule's spacing ago is finished.
///
/// # Errors
/// If the database, a lock file or the network stack fails; what sites do is never an error.
pub async fn round(order: Order<'_>, mut db: FactsDb, state_dir: &Path) -> Result<RoundOutcome> {
    let measures = order.rules.rules.iter().filter_map(|bound| order.rules.measure(&bound.rule.id));
    let (limit, spaced) = measures.fold((PATIENCE, 0), |(limit, spaced), measure| {
        (limit.max(measure.timeout_seconds), spaced.max(measure.spaced_minutes))
    });
    let limit = Duration::from_secs(limit.into()) + GRACE;
    let began = now();
    let round = db.begin_round(began, began - TimeDelta::minutes(spaced.into()))?;
    let before = latest(&db, began, round)?;
    let path = truce_lock(state_dir);
    let visit = truce::call(&path).with_context(|| format!("cannot lock {}", path.display()))?;
    tokio::time::sleep(truce::SETTLE).await;

    let gear = gear(order, &db, limit, began)?;
    let taken_already = db.sampled(round)?;
    let mut work = JoinSet::new();
    let places = Arc::new(Semaphore::new(order.config.crawl.concurrency.max(1)));
    for (_, site) in sites_of(order.registry).filter(|(_, site)| !taken_already.contains(&site.code)) {
        let (http, gate) = gear.visitor();
        let (code, url, places) = (site.code.clone(), site.url.clone(), Arc::clone(&places));
        work.spawn(async move {
            let _place = places.acquire_owned().await;
            visit_both(&http, &gate, &code, &url, round, limit).await
        });
    }
    let visited = work.len();
    let mut waiting: Vec<Taken> = Vec::new();
    loop {
        let next = timeout(FLUSH, work.join_next()).await;
        let over = matches!(next, Ok(None));
        let quiet = next.is_err();
        if let Ok(Some(taken)) = next {
            waiting.extend(taken.context("a visit broke off")?);
        }
        if !waiting.is_empty() && (waiting.len() >= GROUP || over || quiet) {
            db.put_samples(&waiting)?;
            waiting.clear();
        }
        if over {
            break;
        }
    }
    if let Some(reached) = own::witnesses_answer(order.config, &gear).await {
        db.witness_round(round, reached)?;
    }
    drop(visit);
    let ended = now();
    db.put_robots(&gear.visitor().1.learned(), ended)?;
    db.put_patience(&patience(&gear, ended))?;
    db.end_round(round, ended, ended - KEPT)?;
    let after = latest(&db, ended + TimeDelta::milliseconds(1), i64::MAX)?;
    Ok(RoundOutcome { round, visited, changes: changes(order, &before, &after) })
}

/// The network side with the limits of a visit.
fn gear(order: Order<'_>, db: &FactsDb, limit: Duration, now: Instant8) -> Result<Gear> {
    let mut config = order.config.clone();
    config.limits.connect = limit;
    config.limits.first_byte = limit;
    config.limits.whole = limit;
    config.limits.page_bytes = config.limits.page_bytes.min(PAGE_BYTES);
    let robots = db.robots()?.into_iter();
    let robots = robots.map(|(origin, at, body)| (origin, now - at < ROBOTS_FRESH, body)).collect();
    Gear::for_visits(&config, order.registry, &db.patience()?, robots)
}

fn patience(gear: &Gear, now: Instant8) -> Vec<(String, i64)> {
    let (_, gate) = gear.visitor();
    let until = |left: Duration| now.timestamp_millis() + i64::try_from(left.as_millis()).unwrap_or(0) + 1;
    gate.pace().patience().into_iter().map(|(host, left)| (host, until(left))).collect()
}

async fn visit_both(
    http: &Http,
    gate: &CrawlGate,
    code: &str,
    url: &Url,
    round: i64,
    limit: Duration,
) -> Vec<Taken> {
    let mut taken = Vec::with_capacity(2);
    for ip in [Ip::V4, Ip::V6] {
        let family = if ip == Ip::V4 { Family::V4 } else { Family::V6 };
        let host = PolitenessKey::of(url);
        let asked_for = |(key, left): &(String, Duration)| key == host.as_str() && *left > SHORT_WAIT;
        let fetched = if gate.pace().patience().iter().any(asked_for) {
            None
        } else {
            let ask = Ask { family, ..Ask::new(url, Want::Page) };
            Some(http.fetch_within(&ask, gate, limit).await)
        };
        let at = fetched.as_ref().map_or_else(now, |fetched| fetched.exchange.at);
        let answered = fetched.as_ref().and_then(|fetched| fetched.exchange.outcome.as_ref().ok());
        let addr = answered.and_then(|reply| reply.addr);
        let group = http.group(url, family).await.unwrap_or_else(|_| host.as_str().to_owned());
        let outcome = fetched.as_ref().map_or_else(|| Outcome::Ours("patience".to_owned()), outcome);
        let reached = match &outcome {
            Outcome::Absent | Outcome::Ours(_) | Outcome::Declared => None,
            _ => fetched.as_ref().map(|fetched| is_answered(&fetched.exchange)),
        };
        let sample = Sample {
            round,
            at,
            ip,
            addr: addr.map(|addr| addr.to_string()),
            status: answered.map(|reply| reply.status),
            outcome,
            took_ms: fetched.as_ref().map_or(0, |fetched| fetched.exchange.took_ms),
        };
        taken.push(Taken { site: code.to_owned(), group, reached, sample });
    }
    taken
}

/// What a visit says: the answer's meaning, with the head of the page read for a firewall's.
fn outcome(fetched: &Fetched) -> Outcome {
    let Fetched { exchange, body } = fetched;
    match &exchange.outcome {
        Err(FetchError::Resolve(ResolveError::NoAddress)) if exchange.hops.is_empty() => Outcome::Absent,
        // A redirect to a host without addresses of the family: the other family may be led there well.
        Err(FetchError::Resolve(ResolveError::NoAddress)) => Outcome::Unknown("redirected-away".to_owned()),
        Err(FetchError::Ours(OurLimit::OwnNetwork)) => Outcome::Ours("own-network".to_owned()),
        Ok(reply)
            if challenge(Some(reply.status), &reply.headers, &String::from_utf8_lossy(body)).is_some() =>
        {
            Outcome::Unknown("blocked".to_owned())
        }
        _ => Outcome::of(&Answer::of(exchange, None)),
    }
}

/// Whether anything out there answered, with whatever.
fn is_answered(exchange: &Exchange) -> bool {
    exchange.outcome.is_ok() || !exchange.hops.is_empty()
}

/// The latest visit of each site before `until` and `round`, both families together.
fn latest(db: &FactsDb, until: Instant8, round: i64) -> Result<BTreeMap<String, Outcome>> {
    let samples = db.samples(until - TimeDelta::days(1), until)?;
    let of_site = |(code, mut samples): (String, Vec<Sample>)| {
        samples.retain(|sample| sample.round < round);
        Some((code, last_visit(&samples)?))
    };
    Ok(samples.into_iter().filter_map(of_site).collect())
}

fn changes(
    order: Order<'_>,
    before: &BTreeMap<String, Outcome>,
    after: &BTreeMap<String, Outcome>,
) -> Vec<Change> {
    let failed = |outcome: Option<&Outcome>| matches!(outcome, Some(Outcome::Failed(_)));
    sites_of(order.registry)
        .filter_map(|(_, site)| {
            let (was, is) = (before.get(&site.code), after.get(&site.code)?);
            let told = (failed(Some(is)) && !failed(was)) || (*is == Outcome::Opened && failed(was));
            let (name, url) = (site.name.clone(), site.url.to_string());
            told.then(|| Change { name, url, outcome: is.clone() })
        })
        .collect()
}
