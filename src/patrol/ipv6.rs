//! The part of a look that is pinned to IPv6: each home page, its name servers, and a sample of the links below it.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use chrono::Datelike as _;
use tokio::task::JoinSet;
use url::Url;

use super::gear::{Gear, Pinned};
use super::{Order, sites_of};
use crate::calendar::Instant8;
use crate::crawl::frontier::{SiteIndex, UrlId};
use crate::facts::answer::Answer;
use crate::facts::draft::{Carried, Draft, Plan};
use crate::facts::ipv6::{Ipv6Facts, Otherwise};
use crate::facts::links::domain_of;
use crate::facts::reach::NameSeen;
use crate::fetch::probe::Shared;
use crate::finding::Gap;
use crate::registry::Site;
use crate::store::facts::{FactsDb, ReadPage};

/// Sites under way at a time: politeness holds each back, so that they wait side by side.
const AT_ONCE: usize = 16;
/// Pages of the second level that are read for links of the third.
const SECOND_PAGES: usize = 300;

/// Looks at the sites of `wanted` and stores what was seen as look `look` of `run`. Links are those that the first look
/// of the run read.
pub(super) async fn look(
    order: Order<'_>,
    gear: &Gear,
    db: &mut FactsDb,
    (run, look): (i64, u8),
    as_of: Instant8,
    wanted: &[SiteIndex],
) -> Result<()> {
    let shared = Arc::new(Shared::default());
    let seed = seed(as_of);
    let most = usize::try_from(order.config.crawl.ipv6_links).unwrap_or(usize::MAX);
    for some in wanted.chunks(AT_ONCE) {
        let sites: Vec<_> = sites_of(order.registry).filter(|(index, _)| some.contains(index)).collect();
        let mut asking = JoinSet::new();
        for (index, site) in &sites {
            let (index, pinned, home, shared) =
                (*index, gear.pinned(), site.url.clone(), Arc::clone(&shared));
            asking.spawn(async move { (index, pinned.home(&home, &shared).await) });
        }
        let mut homes: HashMap<SiteIndex, Option<Ipv6Facts>> = asking.join_all().await.into_iter().collect();
        let mut asking = JoinSet::new();
        for (index, site) in sites {
            let Some(mut facts) = homes.remove(&index).flatten() else { continue };
            if !gear.pinned().sees_names() {
                facts.reach = Err(Gap::new(&facts.host, "proxy"));
                db.put_ipv6(run, look, index, &facts)?;
                continue;
            }
            let (plan, ids) = plan(order, gear, db, run, (index, site))?;
            let (pinned, shared) = (gear.pinned(), Arc::clone(&shared));
            asking.spawn(async move {
                let names = pinned.hosts(plan.hosts().map(str::to_owned).collect(), &shared).await;
                (index, facts, plan, ids, names)
            });
        }
        let drafts = asking.join_all().await;
        let mut asking = JoinSet::new();
        for (index, facts, plan, ids, names) in drafts {
            let drawn = if facts.home_came() { plan.sample(&names, most, seed) } else { Vec::new() };
            let with = |url: &Url| Ok((url.clone(), otherwise(db, run, ids.get(url.as_str()))?));
            let links: Result<Vec<_>> = drawn.iter().map(|link| with(&link.url)).collect();
            let links = links?;
            asking.spawn(links_of(gear.pinned(), index, facts, plan, names, links, seed));
        }
        for (index, facts) in asking.join_all().await {
            db.put_ipv6(run, look, index, &facts)?;
        }
    }
    Ok(())
}

async fn links_of(
    pinned: Pinned,
    index: SiteIndex,
    mut facts: Ipv6Facts,
    plan: Plan,
    names: Vec<NameSeen>,
    links: Vec<(Url, Otherwise)>,
    seed: u64,
) -> (SiteIndex, Ipv6Facts) {
    let mut tried = HashMap::new();
    for (url, otherwise) in links {
        let became = pinned.link(&url, otherwise).await;
        tried.insert(url, became);
    }
    facts.reach = Ok(plan.finish(names, &tried, seed));
    (index, facts)
}

/// What is drawn on one day is the same for everybody who repeats it: the day, as a number.
fn seed(as_of: Instant8) -> u64 {
    let day = as_of.date_naive();
    u64::from(day.year_ce().1) * 10_000 + u64::from(day.month()) * 100 + u64::from(day.day())
}

/// A plan, and the ids under which its links are stored.
type Mapped = (Plan, HashMap<String, UrlId>);

/// The links of a site's first two levels, from the stored pages of the run's first look.
fn plan(order: Order<'_>, gear: &Gear, db: &FactsDb, run: i64, site: (SiteIndex, &Site)) -> Result<Mapped> {
    let (index, site) = site;
    let own = |url: &Url| is_own(gear, index, &site.url, url);
    let columns = order.registry.columns.iter().filter(|column| column.site == site.code);
    let columns: Vec<_> = columns.map(|column| (column.name.as_str(), &column.url)).collect();
    let mut draft = Draft::new(&site.url, &columns, &own);
    let mut hrefs = Hrefs { db, known: HashMap::new(), ids: HashMap::new() };
    let visit = db.visit(run, 1, site.url.as_str())?;
    let home = visit.map(|visit| db.page(run, 1, visit.id)).transpose()?.flatten();
    if let Some(home) = home {
        hrefs.learn(&home)?;
        draft.home(&hrefs.carried(&home));
        let second: Vec<Url> = draft.second_level().take(SECOND_PAGES).cloned().collect();
        for url in second {
            let Some(id) = hrefs.ids.get(url.as_str()) else { continue };
            let Some(page) = db.page(run, 1, *id)? else { continue };
            hrefs.learn(&page)?;
            draft.second(&hrefs.carried(&page));
        }
    }
    Ok((draft.finish(), hrefs.ids))
}

/// The site's own: what is in its scope and, where it has a host to itself, what lies under its domain and belongs to no
/// other registered site.
fn is_own(gear: &Gear, index: SiteIndex, home: &Url, url: &Url) -> bool {
    match gear.scope().site_of(url) {
        Some(site) => site == index,
        None if !matches!(home.path().rsplit_once('/'), Some(("", _))) => false,
        None => match (home.host_str(), url.host_str()) {
            (Some(mine), Some(host)) => {
                let domain = mine.strip_prefix("www.").unwrap_or(mine);
                // A registrable domain at least: a public suffix holds everybody.
                let whole =
                    domain_of(&format!("http://{domain}/")).is_some_and(|least| domain.ends_with(&least));
                host == mine || (whole && host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
            }
            _ => false,
        },
    }
}

/// How a link fared in the first look, without pinning.
fn otherwise(db: &FactsDb, run: i64, id: Option<&UrlId>) -> Result<Otherwise> {
    let row = id.map(|id| db.visit_of_id(run, 1, *id)).transpose()?.flatten();
    let Some(row) = row.filter(|row| row.answer == Answer::There) else { return Ok(Otherwise::default()) };
    Ok(Otherwise { works: true, https: row.exchange.final_url().starts_with("https:") })
}

/// URLs of link targets by their id and back, each read once.
struct Hrefs<'a> {
    db: &'a FactsDb,
    known: HashMap<UrlId, String>,
    ids: HashMap<String, UrlId>,
}

impl Hrefs<'_> {
    fn learn(&mut self, page: &ReadPage) -> Result<()> {
        for link in page.links.iter() {
            if !self.known.contains_key(&link.target)
                && let Some(href) = self.db.href(link.target)?
            {
                self.ids.insert(href.clone(), link.target);
                self.known.insert(link.target, href);
            }
        }
        Ok(())
    }

    fn carried<'p>(&'p self, page: &'p ReadPage) -> Vec<Carried<'p>> {
        let links = page.links.iter().filter(|link| !link.hidden);
        links
            .filter_map(|link| {
                let url = self.known.get(&link.target)?;
                Some(Carried { url, text: &link.text, kind: link.kind, place: link.place })
            })
            .collect()
    }
}
