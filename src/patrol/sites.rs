//! Stored facts of a run to the looks that are judged, site by site.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use chrono::TimeDelta;

use super::own::{self, OwnFailures};
use super::{Order, sites_of, texts};
use crate::calendar::Instant8;
use crate::crawl::frontier::{NO_SITE, Role, SiteIndex};
use crate::facts::answer::Answer;
use crate::facts::fold::{Fold, RegisteredColumn, Surroundings, look_again};
use crate::facts::site::{SiteFacts, TargetSeen, Visit};
use crate::facts::survey::Survey;
use crate::facts::visits::{Sample, Watch};
use crate::finding::Gap;
use crate::judge::LookFacts;
use crate::registry::{Registry, Site, SiteKind};
use crate::store::facts::{FactsDb, VisitRow};
use crate::store::seen::look_of;

/// Every site's looks, oldest first, and what the first of them found of its columns, in the register's order.
pub(super) fn looks(
    order: Order<'_>,
    db: &FactsDb,
    run: i64,
    as_of: Instant8,
) -> Result<Vec<(Vec<LookFacts>, Survey)>> {
    let registry = order.registry;
    let week = TimeDelta::days(i64::from(order.rules.watched_days()));
    let mut first_watch = db.samples(as_of - week, as_of)?;
    let mut surveys: Vec<Survey> = sites_of(registry).map(|_| Survey::default()).collect();
    let mut later: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    let mut all: Vec<Vec<LookFacts>> = sites_of(registry).map(|_| Vec::new()).collect();
    for look in db.looks(run)? {
        let rows = db.visits(run, look, look > 1)?;
        let own = own::of_look(registry, db, run, look)?;
        let homes = homes(registry, db, run, look, &rows)?;
        if look > 1 {
            let latest = homes.iter().flatten().map(|visit| visit.exchange.at).max();
            later = latest.map_or(Ok(BTreeMap::new()), |until| db.samples(as_of - week, until))?;
        }
        let targets: HashMap<u32, TargetSeen> =
            rows.iter().map(|row| (row.id, target(row, own.answer(row)))).collect();
        let answered = db.answered(run, look)?;
        let each = all.iter_mut().zip(&mut surveys).zip(homes);
        for ((index, site), ((out, survey), visits)) in sites_of(registry).zip(each) {
            let coverage = db.coverage(run, look, index)?;
            let watch = match (out.last(), visits.as_ref()) {
                (None, _) => first_watch.remove(&site.code).map(|samples| (as_of, None, samples)),
                (Some(before), Some(visit)) => {
                    let until = visit.exchange.at;
                    let known = later.get(&site.code).into_iter().flatten();
                    let in_week = |sample: &&Sample| sample.at >= until - week && sample.at < until;
                    Some((until, Some(before.at), known.filter(in_week).cloned().collect()))
                }
                (Some(_), None) => None,
            };
            let watch = watch.map(|(until, since, samples)| Watch { until, since, samples });
            let visits = visits
                .into_iter()
                .map(|row| Visit { look: look_of(&row.exchange), answer: own.answer(&row) });
            let around = Surroundings {
                id: site.code.clone(),
                name: site.name.clone(),
                url: site.url.to_string(),
                portal: site.kind == SiteKind::Portal,
                visits: visits.collect(),
                // A later look asks again only where there was doubt; elsewhere the earlier answer stands.
                ipv6: (db.ipv6(run, look, index)?.map(|facts| own.ipv6(facts)))
                    .or_else(|| out.last()?.facts.site.ipv6.clone()),
                tls: db.tls(run, look, index)?.or_else(|| out.last()?.facts.site.tls.clone()),
                watch,
                columns: columns(registry, site),
                requests: coverage.requests,
                not_reached: coverage.not_reached,
                links_seen: answered.get(&index).copied().unwrap_or(0),
                traps: coverage.traps,
            };
            let mut facts = match out.first() {
                None => {
                    let (facts, found) = first(db, run, index, around, &targets, &own)?;
                    *survey = found;
                    facts
                }
                Some(before) => again(db, (run, look, index), &before.facts, &around, &targets, &own)?,
            };
            let before = out.first().map(|look: &LookFacts| &look.facts);
            texts::add(order, db, (run, look, index), before, &own, &mut facts)?;
            if !own.voids.is_empty() {
                facts.gaps.push(Gap::new(site.url.as_str(), "own-network"));
                for gap in facts.columns.iter_mut().filter_map(|column| column.gap.as_mut()) {
                    if gap.why == "not-read" {
                        "own-network".clone_into(&mut gap.why);
                    }
                }
            }
            let began = facts.site.visits.first().map(|visit| visit.look.at);
            if look == 1 || began.is_some() {
                let at = began.unwrap_or_else(|| crate::calendar::from_millis(0));
                out.push(LookFacts { look_no: u32::from(look), at, facts });
            }
        }
    }
    Ok(all.into_iter().zip(surveys).collect())
}

fn first(
    db: &FactsDb,
    run: i64,
    site: SiteIndex,
    around: Surroundings,
    targets: &HashMap<u32, TargetSeen>,
    own: &OwnFailures,
) -> Result<(SiteFacts, Survey)> {
    let mut fold = Fold::new(around, targets.clone());
    db.pages(run, 1, site, |page| {
        if !own.covers(&page.look) {
            fold.page(page);
        }
    })?;
    fold.redirected(db.redirected(run, 1, site)?);
    Ok(fold.finish_with_survey())
}

fn again(
    db: &FactsDb,
    (run, look, site): (i64, u8, SiteIndex),
    before: &SiteFacts,
    around: &Surroundings,
    targets: &HashMap<u32, TargetSeen>,
    own: &OwnFailures,
) -> Result<SiteFacts> {
    let mut pages = Vec::new();
    db.pages(run, look, site, |page| {
        if !own.covers(&page.look) {
            pages.push(page);
        }
    })?;
    let by_url: HashMap<String, TargetSeen> =
        targets.values().map(|target| (target.url.clone(), target.clone())).collect();
    Ok(look_again(before, around, &pages, &by_url))
}

/// The visits of a look to each site's home page.
pub(super) fn homes(
    registry: &Registry,
    db: &FactsDb,
    run: i64,
    look: u8,
    rows: &[VisitRow],
) -> Result<Vec<Option<VisitRow>>> {
    let by_url: HashMap<&str, &VisitRow> =
        rows.iter().filter(|row| row.role == Role::Home).map(|row| (row.url.as_str(), row)).collect();
    sites_of(registry)
        .map(|(_, site)| match by_url.get(site.url.as_str()) {
            Some(row) => Ok(Some((*row).clone())),
            None => db.visit(run, look, site.url.as_str()),
        })
        .collect()
}

fn target(row: &VisitRow, answer: Answer) -> TargetSeen {
    TargetSeen {
        id: row.id,
        url: row.url.clone(),
        external: row.site == NO_SITE,
        answer,
        look: look_of(&row.exchange),
    }
}

fn columns(registry: &Registry, site: &Site) -> Vec<RegisteredColumn> {
    registry
        .columns
        .iter()
        .filter(|column| column.site == site.code)
        .map(|column| RegisteredColumn {
            url: column.url.to_string(),
            name: column.name.clone(),
            class: column.class,
            level: column.level,
            cycle_days: column.cycle_days,
        })
        .collect()
}
