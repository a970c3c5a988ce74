//! The straight line from register to judgement, one short function a stage, read from top to bottom.
//!
//! [`first_look`] crawls everything; [`look_again`] asks once more for what seemed wrong; [`judged`] reads the stored
//! facts and applies the rules. Only the first two touch the network, and `judged` may be called as often as rules change.

pub mod accounts;
mod articles;
mod catch_up;
mod codes;
pub mod declared;
mod gear;
mod ipv6;
mod mentions;
mod offered;
mod own;
mod render;
pub mod sampling;
mod search;
mod settle;
mod sites;
mod standing;
mod strays;
mod texts;

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;

use crate::assess::{Assessment, assess};
use crate::calendar::Instant8;
use crate::config::valid::Config;
use crate::crawl::files::Files;
use crate::crawl::frontier::{Candidate, NO_SITE, Role, SiteIndex};
use crate::crawl::worker::{Plan, Progress};
use crate::facts::account_seen::SiteTitles;
use crate::facts::ipv6::Ipv6Facts;
use crate::facts::survey::Survey;
use crate::fetch::http::Fetched;
use crate::finding::{Finding, State, SubjectKind};
use crate::judge::accounts::judge_unlisted;
use crate::judge::{Judgement, LookFacts, judge};
use crate::registry::{Registry, Site};
use crate::rules::RuleSet;
use crate::store::facts::FactsDb;
use crate::url::PolitenessKey;

use self::sites::Looked;

pub use crate::clock::now;
pub use catch_up::catch_up;
pub use gear::Gear;
pub use own::{OwnFailures, of_visits, own_failures};
pub use settle::{awaiting, observations};
pub use standing::standings;

/// What a patrol is made of: the office's files, checked.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The register; its sites are numbered in file order.
    pub registry: &'a Registry,
    /// The rules in force.
    pub rules: &'a RuleSet,
}

/// One site, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedSite {
    /// The looks the judgement rests on, oldest first.
    pub looks: Vec<LookFacts>,
    /// Findings and gaps.
    pub judgement: Judgement,
    /// Indicators.
    pub assessments: Vec<Assessment>,
    /// What the first look found of its columns.
    pub survey: Survey,
    /// 责任单位 by rule, where the document behind the rule names one.
    pub assigned: BTreeMap<String, String>,
    /// Titles that an account is to carry, too, where one is.
    pub titles: Option<SiteTitles>,
}

impl JudgedSite {
    /// IPv6 as the latest look saw it; `None` where it was not asked for.
    pub fn ipv6(&self) -> Option<&Ipv6Facts> {
        self.looks.last()?.facts.site.ipv6.as_ref()
    }
}

/// The first look: every site from its home page, every link once; then each home page over IPv6, and the pictures on it that
/// may hold the code of an account.
///
/// # Errors
/// If a database or the network stack fails; what the sites do is never an error.
pub async fn first_look(
    order: Order<'_>,
    gear: &Gear,
    db: FactsDb,
    run: i64,
    as_of: Instant8,
    progress: impl FnMut(Progress),
) -> Result<FactsDb> {
    let seeds = sites_of(order.registry).flat_map(|(index, site)| seeds(order.registry, index, site));
    let calibrate = sites_of(order.registry).map(|(index, site)| (index, site.url.to_string())).collect();
    let plan = Plan {
        run,
        look: 1,
        as_of,
        seeds: seeds.chain(strays::seeds(order)).collect(),
        sites: count(order.registry),
        controls: HashMap::new(),
        files: texts::files(order.rules),
        again: Vec::new(),
        calibrate,
    };
    let mut db = own::ask_witnesses(order.config, gear, db, run, 1).await?;
    db.keep_texts(texts::wanted(order.rules));
    db = gear.crawl(order.config, db, plan, progress).await?;
    let mut wanted = Vec::new();
    for (index, site) in sites_of(order.registry) {
        if db.ipv6(run, 1, index)?.is_none() {
            wanted.push(index);
        }
        if db.tls(run, 1, index)?.is_none() {
            look_at_tls(gear, &mut db, run, 1, index, site).await?;
        }
    }
    ipv6::look(order, gear, &mut db, (run, 1), as_of, &wanted).await?;
    codes::look(order, gear, &mut db, run).await?;
    search::look(order, gear, &mut db, run, as_of).await?;
    render::look(order, gear, &mut db, (run, 1), as_of).await?;
    own::ask_witnesses(order.config, gear, db, run, 1).await
}

/// Looks at the TLS of a home page, where the look's visit was led to https.
async fn look_at_tls(
    gear: &Gear,
    db: &mut FactsDb,
    run: i64,
    look: u8,
    index: SiteIndex,
    site: &Site,
) -> Result<()> {
    let Some(visit) = db.visit(run, look, site.url.as_str())? else { return Ok(()) };
    let reached = url::Url::parse(visit.exchange.final_url())?;
    if reached.scheme() == "https" {
        db.put_tls(run, look, index, &gear.look_at_tls(&reached, now()).await)?;
    }
    Ok(())
}

/// A further look at what the findings are about: the target, the page that carries it, and the home page as control.
/// Returns the number of the look, or `None` where there was nothing to look at. Dates after `as_of` are none: today for a
/// recheck, the day that is judged where somebody asks how things stood on it.
///
/// # Errors
/// As [`first_look`].
pub async fn look_again(
    order: Order<'_>,
    gear: &Gear,
    db: FactsDb,
    run: i64,
    as_of: Instant8,
    findings: &[&Finding],
) -> Result<(FactsDb, Option<u8>)> {
    let (db, _) = catch_up(order, gear, db, run).await?;
    let look = db.looks(run)?.last().copied().unwrap_or(0) + 1;
    let mut wanted: BTreeMap<String, (SiteIndex, Role)> = BTreeMap::new();
    let mut want = |url: &str, site: SiteIndex, role: Role| {
        let entry = wanted.entry(url.to_owned()).or_insert((site, role));
        entry.1 = entry.1.min(role);
    };
    let mut probes = Vec::new();
    let mut handshakes = Vec::new();
    let mut calibrate = BTreeMap::new();
    let mut outside = Vec::new();
    let mut files = std::collections::BTreeSet::new();
    // An account is looked at through its evidence; to visit the platform says nothing more.
    for finding in findings.iter().filter(|finding| !about_account(order.rules, finding)) {
        if strays::is_listed(order, &finding.url) {
            want(&finding.url, NO_SITE, Role::External);
            // The site that carries them in the facts.
            if let Some((index, site)) = sites_of(order.registry).next() {
                want(site.url.as_str(), index, Role::Home);
            }
            continue;
        }
        let found = sites_of(order.registry).find(|(_, site)| site.code == finding.subject.site);
        let Some((index, site)) = found else { continue };
        want(site.url.as_str(), index, Role::Home);
        if about_ipv6(order.rules, finding) && !probes.contains(&index) {
            probes.push(index);
        }
        if order.rules.get(&finding.rule).is_some_and(|bound| bound.check.id() == "certificate") {
            handshakes.push((index, site));
        }
        if order.rules.get(&finding.rule).is_some_and(|bound| bound.check.id() == "lapsed-domain") {
            outside.push(finding.url.as_str());
        }
        if finding.rule == "soft-404" {
            calibrate.insert(index, site.url.to_string());
        }
        if finding.subject.kind == SubjectKind::Link {
            let own = gear.scope().site_of(&url::Url::parse(&finding.url)?);
            let listed =
                db.visit(run, 1, &finding.url)?.map(|row| row.role).filter(|role| *role <= Role::List);
            let role = match own {
                // Where a list comes again, it is read again.
                Some(_) if listed.is_some() => Role::Column,
                // What is compared as a whole is read as a whole.
                Some(_) if finding.rule == "soft-404" => Role::Page,
                Some(_) => Role::Target,
                None => Role::External,
            };
            want(&finding.url, own.unwrap_or(NO_SITE), role);
            if let Some(page) = &finding.page {
                want(page, index, Role::Column);
            }
        } else if crate::facts::attachments::is_readable(&finding.url) {
            files.insert(finding.url.clone());
            want(&finding.url, index, Role::Target);
        } else {
            want(&finding.url, index, Role::Column);
        }
    }
    if wanted.is_empty() {
        return Ok((db, None));
    }
    let controls =
        own::controls(order.registry, &db, run, wanted.iter().map(|(url, (site, _))| (url, *site)))?;
    let seeds = wanted.into_iter().map(|(url, (site, role))| candidate(&url, site, role)).collect();
    let calibrate = calibrate.into_iter().collect();
    let files = Files::These(std::sync::Arc::new(files));
    let sites = count(order.registry);
    let again = Vec::new();
    let plan = Plan { run, look, as_of, seeds, sites, controls, files, again, calibrate };
    let mut db = own::ask_witnesses(order.config, gear, db, run, look).await?;
    db.keep_texts(texts::wanted(order.rules));
    db = gear.crawl(order.config, db, plan, |_| ()).await?;
    ipv6::look(order, gear, &mut db, (run, look), as_of, &probes).await?;
    for (index, site) in handshakes {
        look_at_tls(gear, &mut db, run, look, index, site).await?;
    }
    for target in outside {
        let host = url::Url::parse(target)?.host_str().map(|host| format!("https://{host}/"));
        if let Some(secure) = host.and_then(|host| url::Url::parse(&host).ok()) {
            db.put_outside_tls(run, look, target, &gear.look_at_tls(&secure, now()).await)?;
        }
    }
    render::look(order, gear, &mut db, (run, look), as_of).await?;
    let db = own::ask_witnesses(order.config, gear, db, run, look).await?;
    Ok((db, Some(look)))
}

/// Judges every site of a run from its stored facts.
///
/// # Errors
/// If the database fails.
pub fn judged(order: Order<'_>, db: &FactsDb, run: i64, as_of: Instant8) -> Result<Vec<JudgedSite>> {
    let mut all = Vec::new();
    sites::each(order, db, run, as_of, &[order.rules], |looked| {
        all.push(judged_site(order.registry, order.rules, looked, as_of));
    })?;
    Ok(all)
}

/// Hands each site of a run to `take`, judged under each of `rules` in turn; only one site is held at a time.
///
/// # Errors
/// If the database fails.
pub fn each_site(
    order: Order<'_>,
    db: &FactsDb,
    run: i64,
    as_of: Instant8,
    rules: &[&RuleSet],
    mut take: impl FnMut(&[JudgedSite]),
) -> Result<()> {
    sites::each(order, db, run, as_of, rules, |looked| {
        let judged: Vec<JudgedSite> =
            rules.iter().map(|rules| judged_site(order.registry, rules, looked.clone(), as_of)).collect();
        take(&judged);
    })
}

/// Keeps what the pages of a run's `looks` looks came to, site by site in the register's order, so that it is judged without
/// reading them again.
///
/// # Errors
/// If the database fails.
pub fn keep_folds(
    order: Order<'_>,
    db: &FactsDb,
    run: i64,
    looks: u8,
    folded: impl Iterator<Item = (Vec<LookFacts>, Survey)>,
) -> Result<()> {
    let folded = folded.map(|(looks, survey)| Looked { looks, survey, ..Looked::default() });
    let key = sites::key(order, &sites::asks(&[order.rules]))?;
    sites::store(order.registry, db, run, (&key, db.version()?), looks, folded)
}

fn judged_site(registry: &Registry, rules: &RuleSet, looked: Looked, as_of: Instant8) -> JudgedSite {
    let day = as_of.date_naive();
    let named = rules.rules.iter().map(|bound| &bound.rule);
    let assigned = named.filter_map(|rule| Some((rule.id.clone(), rule.unit.clone()?))).collect();
    let exempt = |finding: &Finding| {
        let column = finding.subject.column.as_deref();
        let exemption = registry.exempt(&finding.rule, &finding.subject.site, &finding.url, column, day)?;
        Some(exemption.reason.clone())
    };
    let Looked { looks, survey, unlisted, titles } = looked;
    let mut judgement = judge(rules, &looks, as_of, exempt);
    judgement.absorb(judge_unlisted(rules, &unlisted, as_of, exempt));
    let watch = looks.first().and_then(|look| look.facts.site.watch.as_ref());
    let assessments = assess(rules, &judgement, watch);
    JudgedSite { looks, judgement, assessments, survey, assigned, titles }
}

/// What the first look of a run found of each site's columns, by 标识码.
///
/// # Errors
/// If the database fails.
pub fn surveys(order: Order<'_>, db: &FactsDb, run: i64) -> Result<Vec<(String, Survey)>> {
    let as_of = db.run(run)?.map_or_else(now, |record| record.as_of);
    let looks = sites::looks(order, db, run, as_of)?;
    let codes = sites_of(order.registry).map(|(_, site)| site.code.clone());
    Ok(codes.zip(looks).map(|(code, looked)| (code, looked.survey)).collect())
}

/// Findings that another look may confirm or clear.
pub fn suspects(judged: &[JudgedSite]) -> Vec<&Finding> {
    judged
        .iter()
        .flat_map(|site| &site.judgement.findings)
        .filter(|finding| finding.state == State::Suspected)
        .collect()
}

/// One page, asked for as a patrol of its site would.
///
/// # Errors
/// If the network stack fails; what the site does is in the exchange.
pub async fn fetch_one(url: &url::Url) -> Result<Fetched> {
    Ok(Gear::new(&Config::default(), &Registry::default(), &[])?.fetch(url).await)
}

/// Whether only another look over IPv6 can settle it.
fn about_ipv6(rules: &RuleSet, finding: &Finding) -> bool {
    rules.rules.iter().any(|bound| {
        bound.rule.id == finding.rule && matches!(&*bound.rule.check, "no-ipv6" | "incomplete-ipv6")
    })
}

/// Whether it is about an account, and not about what a page of the site answers.
fn about_account(rules: &RuleSet, finding: &Finding) -> bool {
    rules.get(&finding.rule).is_some_and(|bound| matches!(bound.check.scope().0, "account" | "unlisted"))
}

/// The sites that are looked at, numbered as in the register: closed and moved ones are not.
fn sites_of(registry: &Registry) -> impl Iterator<Item = (SiteIndex, &Site)> {
    (0..).zip(&registry.sites).filter(|(_, site)| site.status.is_patrolled())
}

fn count(registry: &Registry) -> u32 {
    u32::try_from(registry.sites.len()).unwrap_or(u32::MAX)
}

fn seeds(registry: &Registry, index: SiteIndex, site: &Site) -> Vec<Candidate> {
    let columns = registry.columns.iter().filter(|column| column.site == site.code);
    std::iter::once((site.url.as_str(), Role::Home))
        .chain(columns.map(|column| (column.url.as_str(), Role::Column)))
        .map(|(url, role)| candidate(url, index, role))
        .collect()
}

fn candidate(url: &str, site: SiteIndex, role: Role) -> Candidate {
    let bare = url.split('#').next().unwrap_or_default();
    let key =
        url::Url::parse(bare).map(|url| PolitenessKey::of(&url).as_str().to_owned()).unwrap_or_default();
    Candidate { url: bare.to_owned(), key, site, role, depth: u16::from(role != Role::Home), via: None }
}
