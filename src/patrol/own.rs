//! Our own failures in a run: asks the witnesses, gathers what the sites answered and when, and voids what was seen while
//! the fault was ours.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::Ipv4Addr;

use anyhow::Result;
use url::Url;

use super::gear::Gear;
use super::{sites, sites_of};
use crate::calendar::Instant8;
use crate::config::valid::Config;
use crate::crawl::frontier::{NO_SITE, Role, SiteIndex};
use crate::crawl::scope::Scope;
use crate::exchange::{Exchange, FetchError, OurLimit};
use crate::facts::answer::Answer;
use crate::facts::ipv6::Ipv6Facts;
use crate::finding::Look;
use crate::judge::outage::{OwnFailure, Round, Sight, Testimony, Ties, Void, Way, windows, worth_a_look};
use crate::registry::Registry;
use crate::store::facts::{FactsDb, VisitRow};
use crate::url::{PolitenessKey, registrable_domain};

/// Registered sites that must be in a look before the failure of many is taken for our own.
const MANY: usize = 5;

/// Domains outside of the registered sites that fail, and none of which is reached, before that is taken for our own way out.
const SHUT: usize = 5;

/// The windows of one look in which nothing counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnFailures {
    /// The windows, oldest first.
    pub voids: Vec<Void>,
    /// Whether nothing at all is reached outside of the registered sites: an inner name server knows no name but its own, and a
    /// firewall lets nobody out.
    pub shut_in: bool,
}

impl OwnFailures {
    /// Whether something that was asked at `look` was seen in a void window.
    pub fn covers(&self, look: &Look) -> bool {
        self.voids.iter().any(|void| void.covers(look.at, look.at))
    }

    /// What a stored visit is worth.
    pub fn answer(&self, row: &VisitRow) -> Answer {
        let until = ended(&row.exchange);
        let void = self.voids.iter().any(|void| void.covers(row.exchange.at, until));
        let many = self.voids.iter().any(|void| void.why == OwnFailure::Many);
        match &row.answer {
            _ if void => Answer::Unknown("own-network".to_owned()),
            Answer::Unreachable(_) | Answer::NoSuchName
                if many || self.shut_in && row.site == NO_SITE && !is_reserved_name(&row.url) =>
            {
                Answer::Unknown("own-network".to_owned())
            }
            other => other.clone(),
        }
    }

    /// What a look over IPv6 is worth: where our network was in doubt, only what is dated outside every window.
    pub fn ipv6(&self, mut facts: Ipv6Facts) -> Ipv6Facts {
        let dated = facts.home.as_ref().map(|home| (home.at, ended(home)));
        let sound =
            dated.is_some_and(|(from, until)| !self.voids.iter().any(|void| void.covers(from, until)));
        if !self.voids.is_empty() && !sound {
            facts.own_fault = Some("own-network".to_owned());
        }
        facts
    }
}

/// The own failures of every look of a run, as `(look, window)`.
///
/// # Errors
/// If the database fails.
pub fn own_failures(registry: &Registry, db: &FactsDb, run: i64) -> Result<Vec<(u8, Void)>> {
    let mut all = Vec::new();
    for look in db.looks(run)? {
        all.extend(of_look(registry, db, run, look)?.voids.into_iter().map(|void| (look, void)));
    }
    Ok(all)
}

/// The own failures of one look, from every visit to a registered site in it and every round of witnesses. Pure.
pub fn of_visits(registry: &Registry, rows: &[VisitRow], witnesses: &[Vec<Exchange>]) -> OwnFailures {
    let homes: Vec<Option<VisitRow>> = sites_of(registry)
        .map(|(_, site)| rows.iter().find(|row| row.url == site.url.as_str()).cloned())
        .collect();
    let mut others: HashMap<usize, BTreeSet<String>> = HashMap::new();
    for row in rows.iter().filter(|row| row.role != Role::Home) {
        if let Ok(reply) = &row.exchange.outcome {
            others.entry(at(row.site)).or_default().insert(reply.body_sha256.clone());
        }
    }
    let scope = scope(registry);
    let mut sights: Vec<Sight> =
        rows.iter().filter(|row| row.site != NO_SITE).filter_map(|row| sight(row, &scope)).collect();
    for site in pages_in_doubt(&mut sights) {
        keep_page(&mut sights, site, others.get(&site).unwrap_or(&BTreeSet::new()));
    }
    let shut_in = is_shut_in(rows, witnesses);
    OwnFailures { shut_in, ..concluded(registry, &homes, &sights, witnesses) }
}

/// The own failures of one look, from what is stored of it.
pub(super) fn of_look(registry: &Registry, db: &FactsDb, run: i64, look: u8) -> Result<OwnFailures> {
    let mut rows = db.visits(run, look, false)?;
    let homes = sites::homes(registry, db, run, look, &rows)?;
    let witnesses = db.witnesses(run, look)?;
    let shut_in = is_shut_in(&rows, &witnesses) && !db.outside(run)?.iter().any(|url| is_outside_name(url));
    rows.retain(|row| row.site != NO_SITE);
    rows.extend(db.visits_led_elsewhere(run, look)?.into_iter().filter(|row| row.site != NO_SITE));
    let known: BTreeSet<u32> = rows.iter().map(|row| row.id).collect();
    rows.extend(homes.iter().flatten().filter(|row| !known.contains(&row.id)).cloned());
    let scope = scope(registry);
    let mut sights: Vec<Sight> = rows.iter().filter_map(|row| sight(row, &scope)).collect();
    for site in pages_in_doubt(&mut sights) {
        keep_page(&mut sights, site, &db.other_pages(run, look, u32::try_from(site)?)?);
    }
    let failed: BTreeSet<usize> =
        sights.iter().filter(|sight| sight.way == Way::Failed).map(|sight| sight.site).collect();
    let odd =
        sights.iter().any(|sight| sight.way == Way::Inner || sight.landed.is_some() || sight.page.is_some());
    let doubted = witnesses.iter().any(|round| testimony(round) != Testimony::Alive);
    if odd || doubted || worth_a_look(&ties(registry, &homes), &failed) {
        // Only then is it worth the time to read when everything else was answered.
        let known: BTreeSet<u32> = rows.iter().map(|row| row.id).collect();
        let well = db.answer_times(run, look)?;
        let well = well.into_iter().filter(|(id, site, ..)| !known.contains(id) && *site != NO_SITE);
        sights.extend(well.map(|(_, site, from, took_ms)| Sight {
            site: at(site),
            from,
            until: later(from, took_ms),
            way: Way::Answered,
            landed: None,
            page: None,
        }));
    }
    Ok(OwnFailures { shut_in, ..concluded(registry, &homes, &sights, &witnesses) })
}

/// Whether many domains outside of the registered sites failed, and not one of them, nor a witness, was reached.
fn is_shut_in(rows: &[VisitRow], witnesses: &[Vec<Exchange>]) -> bool {
    let mut failed: BTreeSet<String> = BTreeSet::new();
    for (row, domain) in rows.iter().filter_map(|row| Some((row, outside_domain(row)?))) {
        match way(&row.exchange, &row.answer) {
            Some(Way::Failed) => _ = failed.insert(domain),
            Some(Way::Answered) => return false,
            _ => {}
        }
    }
    let mut named = witnesses.iter().flatten().filter(|seen| is_outside_name(&seen.url));
    failed.len() >= SHUT && !named.any(|seen| seen.outcome.is_ok())
}

/// The domain of an address that belongs to no registered site and that only the world's name servers know.
fn outside_domain(row: &VisitRow) -> Option<String> {
    (row.site == NO_SITE && is_outside_name(&row.url)).then(|| zone(&row.url))
}

/// Whether a URL's host is a name of the world's.
fn is_outside_name(url: &str) -> bool {
    let named =
        |host: &str| host.contains('.') && !host.starts_with('[') && host.parse::<Ipv4Addr>().is_err();
    host(url).is_some_and(|host| named(&host)) && !is_reserved_name(url)
}

/// Whether a URL's host has a name that the standards keep out of the world's name servers (RFC 2606): whoever is asked for it, the
/// answer says nothing of him.
fn is_reserved_name(url: &str) -> bool {
    let last = |host: String| host.trim_end_matches('.').rsplit('.').next().unwrap_or_default().to_owned();
    host(url).map(last).is_some_and(|last| matches!(&*last, "invalid" | "example" | "test" | "localhost"))
}

fn concluded(
    registry: &Registry,
    homes: &[Option<VisitRow>],
    sights: &[Sight],
    witnesses: &[Vec<Exchange>],
) -> OwnFailures {
    let rounds: Vec<Round> = witnesses
        .iter()
        .filter_map(|round| {
            Some(Round {
                from: round.iter().map(|seen| seen.at).min()?,
                until: round.iter().map(ended).max()?,
                said: testimony(round),
            })
        })
        .collect();
    let mut voids = windows(&ties(registry, homes), sights, &rounds);
    voids.extend(many(homes));
    OwnFailures { voids, shut_in: false }
}

/// Asks every witness once more, as one round.
pub(super) async fn ask_witnesses(
    config: &Config,
    gear: &Gear,
    mut db: FactsDb,
    run: i64,
    look: u8,
) -> Result<FactsDb> {
    let seen = each_witness(config, gear).await;
    if !seen.is_empty() && testimony(&seen) != Testimony::Alive {
        tracing::warn!(look, "见证网址均未正常应答：可能是本单位网络异常，该时段的结果将作废");
    }
    db.put_witnesses(run, look, &seen)?;
    Ok(db)
}

/// Whether a witness answers as itself; `None` where the configuration names none.
pub(super) async fn witnesses_answer(config: &Config, gear: &Gear) -> Option<bool> {
    let seen = each_witness(config, gear).await;
    (!seen.is_empty()).then(|| testimony(&seen) == Testimony::Alive)
}

async fn each_witness(config: &Config, gear: &Gear) -> Vec<Exchange> {
    let mut seen = Vec::with_capacity(config.crawl.witnesses.len());
    for url in &config.crawl.witnesses {
        seen.push(gear.fetch(url).await.exchange);
    }
    seen
}

/// Per host of what a further look asks for, a page that is known to be there: of a site one that the first look found
/// (an inner one where there is one, because what turns robots away often leaves the home page open), of any other host
/// its root.
pub(super) fn controls<'a>(
    registry: &Registry,
    db: &FactsDb,
    run: i64,
    wanted: impl Iterator<Item = (&'a String, SiteIndex)>,
) -> Result<HashMap<String, Url>> {
    let mut controls: HashMap<String, Url> = HashMap::new();
    for (url, index) in wanted {
        let Ok(url) = Url::parse(url) else { continue };
        let host = host_key(&url);
        if controls.contains_key(&host) {
            continue;
        }
        let site = registry.sites.get(at(index)).filter(|site| host_key(&site.url) == host);
        let known = match site {
            Some(site) => {
                let inner = db.known_good(run, index)?.and_then(|url| Url::parse(&url).ok());
                // Another host of the site says nothing of this one.
                inner.filter(|inner| host_key(inner) == host).unwrap_or_else(|| site.url.clone())
            }
            None => url.join("/").unwrap_or(url),
        };
        controls.insert(host, known);
    }
    Ok(controls)
}

/// The host of a URL as politeness knows it.
fn host_key(url: &Url) -> String {
    PolitenessKey::of(url).as_str().to_owned()
}

/// The sites whose home page another site shows as well; of all others the page is of no interest.
fn pages_in_doubt(sights: &mut [Sight]) -> BTreeSet<usize> {
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    for page in sights.iter().filter_map(|sight| sight.page.as_ref()) {
        *shown.entry(page.clone()).or_default() += 1;
    }
    for sight in sights.iter_mut() {
        sight.page = sight.page.take().filter(|page| shown.get(page).is_some_and(|sites| *sites > 1));
    }
    sights.iter().filter(|sight| sight.page.is_some()).map(|sight| sight.site).collect()
}

/// A home page that others show, too, counts as foreign only where the site shows it under its other addresses: a portal
/// answers whatever is asked with one page; sites made from one template do not.
fn keep_page(sights: &mut [Sight], site: usize, others: &BTreeSet<String>) {
    for sight in sights.iter_mut().filter(|sight| sight.site == site) {
        sight.page = sight.page.take().filter(|page| others.contains(page));
    }
}

/// Whether so many sites failed at the level of the network that these failures are taken for ours, window or none.
fn many(homes: &[Option<VisitRow>]) -> Option<Void> {
    let visited: Vec<&VisitRow> = homes.iter().flatten().collect();
    let failed: Vec<&VisitRow> =
        visited.iter().copied().filter(|row| way(&row.exchange, &row.answer) == Some(Way::Failed)).collect();
    if visited.len() < MANY || failed.len() * 5 <= visited.len() {
        return None;
    }
    Some(Void {
        from: failed.iter().map(|row| row.exchange.at).min()?,
        until: failed.iter().map(|row| ended(&row.exchange)).max()?,
        why: OwnFailure::Many,
        sites: failed.len(),
    })
}

/// What the witnesses of a round say together.
fn testimony(round: &[Exchange]) -> Testimony {
    let mut pages: Vec<(&str, String)> = Vec::new();
    let (mut own, mut foreign) = (0, 0);
    for seen in round {
        let reached = match &seen.outcome {
            // Behind a proxy, its own failures look like answers.
            Ok(reply) => reply.addr.is_some() || !matches!(reply.status, 407 | 502..=504),
            // Rules and redirects come from somebody who was reached.
            Err(
                FetchError::Ours(
                    OurLimit::Robots | OurLimit::Redirects | OurLimit::HeadSize | OurLimit::Packing,
                )
                | FetchError::Body(_)
                | FetchError::RedirectLoop
                | FetchError::RedirectTarget(_),
            ) => true,
            Err(_) => false,
        };
        if landed_outside(seen) {
            foreign += 1;
        } else if reached {
            own += 1;
            if let Ok(reply) = &seen.outcome
                && !reply.body_sha256.is_empty()
            {
                pages.push((&reply.body_sha256, zone(&seen.url)));
            }
        }
    }
    let same = pages
        .iter()
        .filter(|(page, from)| pages.iter().any(|(other, of)| page == other && from != of))
        .count();
    match (own - same, foreign + same) {
        (1.., _) => Testimony::Alive,
        (_, 1..) => Testimony::Foreign,
        _ => Testimony::Silent,
    }
}

fn ties(registry: &Registry, homes: &[Option<VisitRow>]) -> Vec<Ties> {
    let mut ties: Vec<Ties> = registry
        .sites
        .iter()
        .map(|site| Ties {
            unit: site.host_unit.clone(),
            domain: zone(site.url.as_str()),
            addresses: BTreeSet::new(),
        })
        .collect();
    for ((index, _), row) in sites_of(registry).zip(homes) {
        let addr = row.as_ref().and_then(|row| row.exchange.outcome.as_ref().ok()?.addr);
        if let (Some(addr), Some(ties)) = (addr, ties.get_mut(at(index))) {
            ties.addresses.insert(addr.ip().to_string());
        }
    }
    ties
}

fn sight(row: &VisitRow, scope: &Scope) -> Option<Sight> {
    let exchange = &row.exchange;
    let registered = |url: &str| Url::parse(url).is_ok_and(|url| scope.site_of(&url).is_some());
    let outside = landed_outside(exchange) && !registered(exchange.final_url());
    let landed = if outside { host(exchange.final_url()) } else { None };
    let way = match way(exchange, &row.answer) {
        // Refused as an inner address, and yet a redirect led there.
        None if landed.is_some() => Way::Answered,
        way => way?,
    };
    let page = match &exchange.outcome {
        Ok(reply) if row.role == Role::Home && reply.status == 200 && row.answer == Answer::There => {
            Some(reply.body_sha256.clone()).filter(|sha| !sha.is_empty())
        }
        _ => None,
    };
    Some(Sight { site: at(row.site), from: exchange.at, until: ended(exchange), way, landed, page })
}

/// How an exchange went; `None` where a rule or a limit of ours decided it without the network.
fn way(exchange: &Exchange, answer: &Answer) -> Option<Way> {
    match (&exchange.outcome, answer) {
        (Err(FetchError::Ours(OurLimit::InnerAddress)), _) if exchange.hops.is_empty() => Some(Way::Inner),
        (Err(FetchError::Ours(_)), _) => None,
        // A gateway that wants a login and is shown no cookie sends everybody in circles.
        (_, Answer::Unreachable(_) | Answer::NoSuchName | Answer::Loop) => Some(Way::Failed),
        (_, Answer::Unknown(why))
            if matches!(why.as_str(), "own-network" | "dns-timeout" | "dns-failure") =>
        {
            Some(Way::Failed)
        }
        _ => Some(Way::Answered),
    }
}

/// Whether redirects led out of the zone that was asked.
fn landed_outside(exchange: &Exchange) -> bool {
    !exchange.hops.is_empty() && zone(exchange.final_url()) != zone(&exchange.url)
}

/// The registrable domain of a URL's host, or the host itself.
fn zone(url: &str) -> String {
    let host = host(url).unwrap_or_default();
    registrable_domain(&host).map_or_else(|| host.clone(), str::to_owned)
}

fn host(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

fn scope(registry: &Registry) -> Scope {
    let mut scope = Scope::new();
    for (index, site) in (0..).zip(&registry.sites) {
        scope.add(index, &site.url, &site.scope);
    }
    scope
}

fn ended(exchange: &Exchange) -> Instant8 {
    later(exchange.at, exchange.took_ms)
}

fn later(from: Instant8, took_ms: u64) -> Instant8 {
    from + chrono::Duration::milliseconds(i64::try_from(took_ms).unwrap_or(0))
}

fn at(site: SiteIndex) -> usize {
    usize::try_from(site).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::exchange::{ConnectError, Reply, ResolveError};
    use crate::facts::answer::Fault;

    fn row((number, url): (u32, &str), failed: Option<FetchError>) -> VisitRow {
        let answer = match &failed {
            Some(FetchError::Resolve(_)) => Answer::NoSuchName,
            Some(_) => Answer::Unreachable(Fault::Connect(ConnectError::Timeout)),
            None => Answer::NotFound(404),
        };
        let reply = Reply {
            url: url.to_owned(),
            status: 404,
            addr: None,
            headers: Vec::new(),
            body_len: 0,
            body_sha256: String::new(),
            body_cut: false,
        };
        let outcome = failed.map_or(Ok(reply), Err);
        let exchange =
            Exchange { url: url.to_owned(), at: from_millis(0), took_ms: 1, hops: Vec::new(), outcome };
        VisitRow { id: number, url: url.to_owned(), site: NO_SITE, role: Role::External, answer, exchange }
    }

    #[test]
    fn who_is_let_out_nowhere_says_nothing_of_others() {
        let gone = || Some(FetchError::Resolve(ResolveError::NoSuchName));
        let names = ["http://a.cn/", "http://b.cn/", "http://c.com/", "http://d.net/", "http://e.org.cn/"];
        let rows = || -> Vec<VisitRow> { (0..).zip(names).map(|place| row(place, gone())).collect() };
        let told = |rows: &[VisitRow]| of_visits(&Registry::default(), rows, &[]).answer(&rows[0]);
        let ours = Answer::Unknown("own-network".to_owned());
        assert_eq!(told(&rows()), ours);

        let mut behind_a_firewall = rows();
        behind_a_firewall[4] = row((4, names[4]), Some(FetchError::Connect(ConnectError::Timeout)));
        assert_eq!(told(&behind_a_firewall), ours);

        let reached = [rows(), vec![row((9, "http://f.cn/gone.html"), None)]].concat();
        assert_eq!(told(&reached), Answer::NoSuchName, "another answered");
        let few = &rows()[..4];
        assert_eq!(told(few), Answer::NoSuchName, "few may be gone together");
        let one_domain: Vec<VisitRow> =
            ["http://a.cn/", "http://b.a.cn/", "http://c.a.cn/", "http://d.a.cn/", "http://e.a.cn/"]
                .into_iter()
                .zip(0..)
                .map(|(url, number)| row((number, url), gone()))
                .collect();
        assert_eq!(told(&one_domain), Answer::NoSuchName, "a domain may be gone as a whole");
        let reserved = [vec![row((9, "http://gone.invalid/"), gone())], rows()].concat();
        assert_eq!(told(&reserved), Answer::NoSuchName, "no name server knows this name, inner or not");
        let numbered =
            [vec![row((9, "http://192.0.2.7/"), Some(FetchError::Connect(ConnectError::Refused)))], rows()]
                .concat();
        assert_eq!(told(&numbered), ours, "a firewall shuts off addresses as well");
    }
}
