//! Stored facts of a run to the looks that are judged, site by site.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use super::articles::Articles;
use super::declared;
use super::mentions::{self, Mentions};
use super::own::{self, OwnFailures};
use super::{Order, sites_of, texts};
use crate::calendar::Instant8;
use crate::crawl::frontier::{NO_SITE, Role, SiteIndex};
use crate::facts::account_links::Unlisted;
use crate::facts::account_seen::SiteTitles;
use crate::facts::answer::Answer;
use crate::facts::asked::Ask;
use crate::facts::astray::{self, Astray};
use crate::facts::beside::Reported;
use crate::facts::fold::{Fold, RegisteredColumn, Surroundings, look_again};
use crate::facts::personal::mask;
use crate::facts::rendered::{self, Rendered};
use crate::facts::reposts::Wanted;
use crate::facts::site::{PageSeen, SiteFacts, TargetSeen, Visit};
use crate::facts::survey::Survey;
use crate::facts::tls::TlsFacts;
use crate::facts::visits::{Sample, Watch};
use crate::finding::Gap;
use crate::judge::LookFacts;
use crate::ledger::deadline::Holidays;
use crate::registry::{Registry, Repost, Site, SiteKind};
use crate::rules::RuleSet;
use crate::store::facts::{FactsDb, VisitRow};
use crate::store::folds::StoredFold;
use crate::store::seen::look_of;

/// What is stored of one site, as it is judged.
#[derive(Debug, Clone, Default)]
pub(super) struct Looked {
    /// Its looks, oldest first.
    pub(super) looks: Vec<LookFacts>,
    /// What the first of them found of its columns.
    pub(super) survey: Survey,
    /// Accounts that its pages link to and the register lacks.
    pub(super) unlisted: Vec<Unlisted>,
    /// Titles that an account is to carry, too, where one is.
    pub(super) titles: Option<SiteTitles>,
}

/// Every site's looks, oldest first, and what the first of them found of its columns, in the register's order.
pub(super) fn looks(order: Order<'_>, db: &FactsDb, run: i64, as_of: Instant8) -> Result<Vec<Looked>> {
    let mut all = Vec::new();
    each(order, db, run, as_of, &[order.rules], |looked| all.push(looked))?;
    Ok(all)
}

/// Hands each site's looks to `take`, one site after the other: from the folds that are stored, or from the pages, whose
/// folds are then stored. What is folded serves all of `rules`.
pub(super) fn each(
    order: Order<'_>,
    db: &FactsDb,
    run: i64,
    as_of: Instant8,
    rules: &[&RuleSet],
    mut take: impl FnMut(Looked),
) -> Result<()> {
    let days = rules.iter().map(|rules| rules.watched_days()).max().unwrap_or(0);
    let asks = asks(rules);
    let key = key(order, &asks)?;
    let count = sites_of(order.registry).count();
    let since = db.version()?;
    let snapshot = db.snapshot()?;
    let Some(numbers) = db.folded(run, &key, count)? else {
        drop(snapshot);
        let folded = from_pages(order, db, run, as_of, days, &asks)?;
        let looks = db.looks(run)?.last().copied().unwrap_or(0);
        store(order.registry, db, run, (&key, since), looks, folded.iter().cloned())?;
        for looked in folded {
            take(looked);
        }
        return Ok(());
    };
    let mut weeks = Weeks::new(order, db, as_of, days)?;
    for (index, site) in sites_of(order.registry) {
        let mut looked = Looked::default();
        for &number in &numbers {
            let stored = db.fold(run, number, index)?.context("facts.db: a fold is missing")?;
            if number == 1 {
                looked = Looked {
                    looks: Vec::new(),
                    survey: stored.survey,
                    unlisted: stored.unlisted,
                    titles: stored.titles,
                };
            }
            let Some(mut look) = stored.look else { continue };
            look.facts.site.watch = match looked.looks.last() {
                None => weeks.before_run(&site.code),
                Some(before) => weeks.before_look(&site.code, look.at, before.at)?,
            };
            looked.looks.push(look);
        }
        take(looked);
    }
    Ok(())
}

/// What any of `rules` wants to know of a site beside what is folded anyway, each once.
pub(super) fn asks(rules: &[&RuleSet]) -> Vec<Ask> {
    let all: BTreeSet<Ask> = rules.iter().flat_map(|rules| rules.asks()).collect();
    all.into_iter().collect()
}

/// What a fold depends on beside the look: what the register says of sites, what the rules ask, and the program that folds.
pub(super) fn key(order: Order<'_>, asks: &[Ask]) -> Result<String> {
    let program = std::env::current_exe().and_then(std::fs::metadata).map(|file| {
        let since = file.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        (file.len(), since.map_or(0, |since| since.as_nanos()))
    });
    let program = (env!("CARGO_PKG_VERSION"), program.unwrap_or_default());
    let Registry { sites, columns, counterfeits, reposts, public_reports, accounts, units: _, exemptions: _ } =
        order.registry;
    let counted = (public_reports, calendar(order, asks).map(|holidays| holidays.hash()));
    let texts = texts::depends_on(order.rules);
    let all = serde_json::to_vec(&(
        program,
        sites,
        columns,
        counterfeits,
        reposts,
        counted,
        accounts,
        asks,
        texts,
    ))?;
    Ok(crate::finding::hex(&Sha256::digest(all)))
}

pub(super) fn store(
    registry: &Registry,
    db: &FactsDb,
    run: i64,
    (key, since): (&str, i64),
    looks: u8,
    folded: impl Iterator<Item = Looked>,
) -> Result<()> {
    let rows = sites_of(registry).zip(folded).flat_map(move |((index, _), looked)| {
        let row = move |number: u8| {
            let mut look = looked.looks.iter().find(|look| look.look_no == u32::from(number)).cloned();
            // It follows from the samples, and the rules say how many days of them.
            if let Some(look) = &mut look {
                look.facts.site.watch = None;
            }
            let stored = if number == 1 {
                let Looked { survey, unlisted, titles, .. } = looked.clone();
                StoredFold { look, survey, unlisted, titles }
            } else {
                StoredFold { look, ..StoredFold::default() }
            };
            (number, index, stored)
        };
        (1..=looks).map(row).collect::<Vec<_>>()
    });
    db.put_folds(run, key, since, rows)
}

/// The weeks of spaced visits that looks are judged with.
struct Weeks<'a> {
    order: Order<'a>,
    db: &'a FactsDb,
    as_of: Instant8,
    week: TimeDelta,
    first: BTreeMap<String, Vec<Sample>>,
    /// Samples up to the later looks, read when the first of them asks.
    later: Option<BTreeMap<String, Vec<Sample>>>,
}

impl<'a> Weeks<'a> {
    fn new(order: Order<'a>, db: &'a FactsDb, as_of: Instant8, days: u32) -> Result<Self> {
        let week = TimeDelta::days(i64::from(days));
        let first = declared::visits(order, db, as_of - week, as_of)?;
        Ok(Self { order, db, as_of, week, first, later: None })
    }

    fn before_run(&mut self, code: &str) -> Option<Watch> {
        let samples = self.first.remove(code)?;
        Some(Watch { until: self.as_of, since: None, samples })
    }

    fn before_look(&mut self, code: &str, until: Instant8, since: Instant8) -> Result<Option<Watch>> {
        if self.later.is_none() {
            // A recheck follows its patrol within days.
            let until = self.as_of + TimeDelta::days(90);
            self.later = Some(declared::visits(self.order, self.db, self.as_of - self.week, until)?);
        }
        let known = self.later.iter().filter_map(|later| later.get(code)).flatten();
        let in_week = |sample: &&Sample| sample.at >= until - self.week && sample.at < until;
        Ok(Some(Watch { until, since: Some(since), samples: known.filter(in_week).cloned().collect() }))
    }
}

/// The same from the stored pages: every one of them is read.
fn from_pages(
    order: Order<'_>,
    db: &FactsDb,
    run: i64,
    as_of: Instant8,
    days: u32,
    asks: &[Ask],
) -> Result<Vec<Looked>> {
    let registry = order.registry;
    let week = TimeDelta::days(i64::from(days));
    let carrier = sites_of(registry).next().map_or(NO_SITE, |(index, _)| index);
    let mut first_watch = declared::visits(order, db, as_of - week, as_of)?;
    let mut later: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    let mut all: Vec<Looked> = sites_of(registry).map(|_| Looked::default()).collect();
    let accounts = mentions::targets(registry, db)?;
    let holidays = calendar(order, asks);
    for look in db.looks(run)? {
        let rows = db.visits(run, look, look > 1)?;
        let own = own::of_look(registry, db, run, look)?;
        let homes = homes(registry, db, run, look, &rows)?;
        if look > 1 {
            let latest = homes.iter().flatten().map(|visit| visit.exchange.at).max();
            later = latest
                .map_or(Ok(BTreeMap::new()), |until| declared::visits(order, db, as_of - week, until))?;
        }
        let certificates = if look > 1 { db.outside_tls(run, look)? } else { HashMap::new() };
        let targets: HashMap<u32, TargetSeen> = rows
            .iter()
            .map(|row| (row.id, target(row, certified(own.answer(row), row, &certificates))))
            .collect();
        let answered = db.answered(run, look)?;
        let each = all.iter_mut().zip(homes);
        for ((index, site), (looked, visits)) in sites_of(registry).zip(each) {
            let out = &mut looked.looks;
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
                reposts: reposts(registry, look, asks),
                reports: reports(registry, site, holidays.as_ref(), look, as_of),
                asks: if look == 1 { asks.to_vec() } else { Vec::new() },
            };
            let mut said = out.is_empty().then(|| Mentions::new(registry, site, &accounts));
            let mut facts = match out.first() {
                None => {
                    let articles = Articles::new(asks, as_of.date_naive());
                    let (facts, found) =
                        first(db, (run, index), around, &targets, &own, said.as_mut(), articles)?;
                    looked.survey = found;
                    facts
                }
                Some(before) => again(db, (run, look, index), &before.facts, &around, &targets, &own)?,
            };
            let before = out.first().map(|look: &LookFacts| &look.facts);
            texts::add(order, db, (run, look, index), before, &own, &mut facts, |page, text| {
                if let Some(said) = &mut said {
                    said.text(page, text);
                }
            })?;
            if let Some(said) = said {
                (looked.unlisted, looked.titles) = said.finish(&facts, |page| {
                    let row = db.visit(run, look, page)?;
                    Ok(row.filter(|row| own.answer(row) == Answer::There).map(|row| look_of(&row.exchange)))
                })?;
            }
            if !own.voids.is_empty() {
                facts.gaps.push(Gap::new(site.url.as_str(), "own-network"));
                for gap in facts.columns.iter_mut().filter_map(|column| column.gap.as_mut()) {
                    if gap.why == "not-read" {
                        "own-network".clone_into(&mut gap.why);
                    }
                }
            }
            if index == carrier {
                facts.strays = super::strays::of_look(order, db, run, look, &own)?;
            }
            let began = facts.site.visits.first().map(|visit| visit.look.at);
            if look == 1 || began.is_some() {
                let at = began.unwrap_or_else(|| crate::calendar::from_millis(0));
                out.push(LookFacts { look_no: u32::from(look), at, facts });
            }
        }
    }
    Ok(all)
}

fn first(
    db: &FactsDb,
    (run, site): (i64, SiteIndex),
    around: Surroundings,
    targets: &HashMap<u32, TargetSeen>,
    own: &OwnFailures,
    mut said: Option<&mut Mentions<'_>>,
    mut articles: Articles<'_>,
) -> Result<(SiteFacts, Survey)> {
    let mut fold = Fold::new(around, targets.clone());
    let rendered = db.rendered(run, 1, site)?;
    db.pages(run, 1, site, |page| {
        if !own.covers(&page.look) {
            if let Some(said) = &mut said {
                said.page(&page);
            }
            articles.page(&page);
            fold.page(as_rendered(page, &rendered));
        }
    })?;
    fold.texts(articles.told(db, run, site)?);
    fold.redirected(db.redirected(run, 1, site)?);
    let addresses = db.addresses(&fold.targets())?;
    fold.addressed(addresses);
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
    let rendered = db.rendered(run, look, site)?;
    db.pages(run, look, site, |page| {
        if !own.covers(&page.look) {
            pages.push(as_rendered(page, &rendered));
        }
    })?;
    let by_url: HashMap<String, TargetSeen> =
        targets.values().map(|target| (target.url.clone(), target.clone())).collect();
    Ok(look_again(before, around, &pages, &by_url))
}

/// A page with what a browser showed of it in the same look.
fn as_rendered(page: PageSeen, rendered: &HashMap<String, Rendered>) -> PageSeen {
    match rendered.get(&page.url) {
        Some(seen) => PageSeen { facts: rendered::over(page.facts, seen), ..page },
        None => page,
    }
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

/// What superiors want reposted, where a rule asks for it.
fn reposts(registry: &Registry, look: u8, asks: &[Ask]) -> Vec<Wanted> {
    if look > 1 || !asks.contains(&Ask::Reposts) {
        return Vec::new();
    }
    let wanted = |row: &Repost| Wanted {
        title: row.title.clone(),
        date: row.date,
        source: row.source.clone(),
        found: None,
    };
    registry.reposts.iter().map(wanted).collect()
}

/// The office's calendar, where a rule counts working days of messages; `None` where its file cannot be read.
fn calendar(order: Order<'_>, asks: &[Ask]) -> Option<Holidays> {
    if asks.contains(&Ask::Reports) { Holidays::load(&order.config.holidays).ok() } else { None }
}

/// Messages over 我为政府网站找错 about a site; `None` where the register has none of any site.
fn reports(
    registry: &Registry,
    site: &Site,
    holidays: Option<&Holidays>,
    look: u8,
    as_of: Instant8,
) -> Option<Vec<Reported>> {
    if look > 1 || registry.public_reports.is_empty() {
        return None;
    }
    let own = registry.public_reports.iter().filter(|row| row.site == site.code);
    let reported = own.map(|row| {
        let until = row.answered.unwrap_or(as_of.date_naive());
        let worked = holidays.and_then(|known| known.working_days_between(row.received, until).ok());
        Reported {
            number: row.number.clone(),
            about: mask(&row.about).0,
            received: row.received,
            answered: row.answered,
            worked,
        }
    });
    Some(reported.collect())
}

/// An outside page that has gone astray, with what its host's certificate says.
fn certified(answer: Answer, row: &VisitRow, certificates: &HashMap<String, TlsFacts>) -> Answer {
    match answer {
        Answer::Astray(astray) => {
            let certified = certificates.get(&row.url).and_then(astray::certified_for);
            Answer::Astray(Astray { certified, ..astray })
        }
        other => other,
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
