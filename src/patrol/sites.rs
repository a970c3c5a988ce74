//! Stored facts of a run to the looks that are judged, site by site.

use std::collections::HashMap;

use anyhow::Result;

use super::sites_of;
use crate::crawl::frontier::{NO_SITE, Role, SiteIndex};
use crate::facts::answer::Answer;
use crate::facts::fold::{Fold, RegisteredColumn, Surroundings, look_again};
use crate::facts::ipv6::Ipv6Facts;
use crate::facts::site::{SiteFacts, TargetSeen, Visit};
use crate::facts::survey::Survey;
use crate::finding::Gap;
use crate::judge::LookFacts;
use crate::registry::{Registry, Site, SiteKind};
use crate::store::facts::{FactsDb, VisitRow};
use crate::store::seen::look_of;

/// Registered sites that must be in the run before common failure is taken for our own.
const UNRELATED: usize = 5;

/// Every site's looks, oldest first, and what the first of them found of its columns, in the register's order.
pub(super) fn looks(registry: &Registry, db: &FactsDb, run: i64) -> Result<Vec<(Vec<LookFacts>, Survey)>> {
    let mut surveys: Vec<Survey> = sites_of(registry).map(|_| Survey::default()).collect();
    let mut all: Vec<Vec<LookFacts>> = sites_of(registry).map(|_| Vec::new()).collect();
    for look in db.looks(run)? {
        let rows = db.visits(run, look, look > 1)?;
        let homes = homes(registry, db, run, look, &rows)?;
        let void = own_network_failed(&homes);
        let mut targets: HashMap<u32, TargetSeen> = HashMap::new();
        for row in &rows {
            let answer = if void { voided(&row.answer) } else { row.answer.clone() };
            targets.insert(row.id, target(row, answer));
        }
        let answered = db.answered(run, look)?;
        let each = all.iter_mut().zip(&mut surveys).zip(homes);
        for ((index, site), ((out, survey), visits)) in sites_of(registry).zip(each) {
            let coverage = db.coverage(run, look, index)?;
            let visits = visits.into_iter().map(|visit| Visit {
                answer: if void { voided(&visit.answer) } else { visit.answer },
                ..visit
            });
            let around = Surroundings {
                id: site.code.clone(),
                name: site.name.clone(),
                url: site.url.to_string(),
                portal: site.kind == SiteKind::Portal,
                visits: visits.collect(),
                // A later look asks again only where there was doubt; elsewhere the earlier answer stands.
                ipv6: ipv6(db, (run, look, index), void)?.or_else(|| out.last()?.facts.site.ipv6.clone()),
                columns: columns(registry, site),
                requests: coverage.requests,
                not_reached: coverage.not_reached,
                links_seen: answered.get(&index).copied().unwrap_or(0),
                traps: coverage.traps,
            };
            let mut facts = match out.first() {
                None => {
                    let (facts, found) = first(db, run, index, around, &targets)?;
                    *survey = found;
                    facts
                }
                Some(before) => again(db, run, look, index, &before.facts, &around, &targets)?,
            };
            if void {
                facts.gaps.push(Gap::new(site.url.as_str(), "own-network"));
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

/// What a look found of a site's IPv6; of nothing but names while our own network is in doubt.
fn ipv6(db: &FactsDb, (run, look, site): (i64, u8, SiteIndex), void: bool) -> Result<Option<Ipv6Facts>> {
    let mut facts = db.ipv6(run, look, site)?;
    if let Some(facts) = facts.as_mut().filter(|facts| void && facts.own_fault.is_none()) {
        facts.own_fault = Some("own-network".to_owned());
    }
    Ok(facts)
}

fn first(
    db: &FactsDb,
    run: i64,
    site: SiteIndex,
    around: Surroundings,
    targets: &HashMap<u32, TargetSeen>,
) -> Result<(SiteFacts, Survey)> {
    let mut fold = Fold::new(around, targets.clone());
    db.pages(run, 1, site, |page| fold.page(page))?;
    fold.redirected(db.redirected(run, 1, site)?);
    Ok(fold.finish_with_survey())
}

fn again(
    db: &FactsDb,
    run: i64,
    look: u8,
    site: SiteIndex,
    before: &SiteFacts,
    around: &Surroundings,
    targets: &HashMap<u32, TargetSeen>,
) -> Result<SiteFacts> {
    let mut pages = Vec::new();
    db.pages(run, look, site, |page| pages.push(page))?;
    let by_url: HashMap<String, TargetSeen> =
        targets.values().map(|target| (target.url.clone(), target.clone())).collect();
    Ok(look_again(before, around, &pages, &by_url))
}

/// The visits of a look to each site's home page.
fn homes(
    registry: &Registry,
    db: &FactsDb,
    run: i64,
    look: u8,
    rows: &[VisitRow],
) -> Result<Vec<Vec<Visit>>> {
    let by_url: HashMap<&str, &VisitRow> =
        rows.iter().filter(|row| row.role == Role::Home).map(|row| (row.url.as_str(), row)).collect();
    sites_of(registry)
        .map(|(_, site)| {
            let row = match by_url.get(site.url.as_str()) {
                Some(row) => Some((*row).clone()),
                None => db.visit(run, look, site.url.as_str())?,
            };
            Ok(row
                .map(|row| Visit { look: look_of(&row.exchange), answer: row.answer })
                .into_iter()
                .collect())
        })
        .collect()
}

/// Whether so many unrelated sites failed at the level of the network that the failure must be taken for ours.
fn own_network_failed(homes: &[Vec<Visit>]) -> bool {
    let visited: Vec<&Visit> = homes.iter().filter_map(|visits| visits.last()).collect();
    let failed = visited
        .iter()
        .filter(|visit| match &visit.answer {
            Answer::Unreachable(_) | Answer::NoSuchName => true,
            Answer::Unknown(why) => matches!(why.as_str(), "own-network" | "dns-timeout" | "dns-failure"),
            _ => false,
        })
        .count();
    visited.len() >= UNRELATED && failed * 5 > visited.len()
}

/// What a failing answer is worth while our own network is in doubt.
fn voided(answer: &Answer) -> Answer {
    match answer {
        Answer::Unreachable(_) | Answer::NoSuchName => Answer::Unknown("own-network".to_owned()),
        other => other.clone(),
    }
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
