//! New-media accounts in a patrol: evidence gathered and stored, then judged account by account, so that thousands of them
//! need no more memory than the largest file of evidence.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::offered::{self, classified};
use super::{Gear, JudgedSite, Order, now};
use crate::assess::{Assessment, assess_account};
use crate::calendar::Instant8;
use crate::evidence::{self, Whose};
use crate::facts::account::{AccountFacts, AccountStatus, Health, Source};
use crate::facts::account_seen::{AccountSeen, Figures, SiteTitles, is_of_posts};
use crate::fetch::account::gather_all;
use crate::finding::{Confidence, Finding, State};
use crate::judge::Judgement;
use crate::judge::accounts::{AccountLook, judge_account};
use crate::registry::{Account, Registry, SourceSpec};
use crate::store::facts::FactsDb;

/// Answers that are written in one transaction.
const BATCH: usize = 500;
/// Posts of which a judged account keeps the titles, newest first: for reports.
const SHOWN: usize = 3;
/// Further accounts of a unit that are named beside one of its own.
const KIN: usize = 5;
/// Remarks that are kept of one look.
const MOST_REMARKS: usize = 500;

/// What gathering evidence came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gathered {
    /// Tables read.
    pub files: usize,
    /// Answers kept.
    pub answers: usize,
    /// What could not be read, or is about accounts that the register lacks.
    pub remarks: Vec<String>,
    /// Newest posts that units named in tables: the account's place in the register, and the source.
    pub links: Vec<(usize, SourceSpec)>,
    /// Accounts, by their place in the register, whose menus hold links that were not asked for yet.
    pub offering: BTreeSet<usize>,
}

/// One account, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedAccount {
    /// What is known of it; of its posts, only the newest.
    pub seen: AccountSeen,
    /// 主管单位 as registered.
    pub supervisor: Option<String>,
    /// Its figures.
    pub figures: Figures,
    /// Findings and gaps.
    pub judgement: Judgement,
    /// Indicators.
    pub assessments: Vec<Assessment>,
}

/// The accounts of a register, judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JudgedAccounts {
    /// In the register's order.
    pub accounts: Vec<JudgedAccount>,
    /// When their evidence was gathered; `None` where it was not.
    pub at: Option<Instant8>,
    /// What could not be read of the evidence.
    pub remarks: Vec<String>,
}

impl JudgedAccounts {
    /// Every finding, suspicions included.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.accounts.iter().flat_map(|account| &account.judgement.findings)
    }
}

/// Reads the evidence folder, asks the sources that stand on the network, and stores what they say of the registered accounts. With
/// `anew`, the latest look of the run is begun again instead of adding one.
///
/// # Errors
/// If the database or the folder fails; a table that cannot be read is a remark, and a source that does not answer is a fact.
pub async fn gather(
    order: Order<'_>,
    gear: &Gear,
    db: &mut FactsDb,
    run: i64,
    anew: bool,
) -> Result<Gathered> {
    let mut gathered = gather_files(order, db, run, anew)?;
    if let Some((look, _)) = db.account_look(run)? {
        ask(order, gear, db, (run, look), &mut gathered).await?;
        follow(order, gear, db, (run, look), &gathered.offering).await?;
    }
    Ok(gathered)
}

/// As [`gather`], without the network.
///
/// # Errors
/// As [`gather`].
pub fn gather_files(order: Order<'_>, db: &mut FactsDb, run: i64, anew: bool) -> Result<Gathered> {
    let accounts = &order.registry.accounts;
    if accounts.is_empty() {
        return Ok(Gathered::default());
    }
    let look = db.begin_account_look(run, now(), anew)?;
    let mut gathered = Gathered::default();
    let known = Whose::of(accounts);
    for path in evidence::files(&order.config.evidence_dir)? {
        let told = evidence::read(&path, accounts, &known);
        gathered.files += 1;
        gathered.answers += told.facts.len();
        let offering = told.facts.iter().filter(|(_, facts)| offered::is_open(facts));
        gathered.offering.extend(offering.map(|(index, _)| *index));
        keep(db, (run, look), accounts, told.facts)?;
        gathered.links.extend(told.links);
        gathered.remarks.extend(told.faults.iter().map(ToString::to_string));
        let unknown = told.unknown.iter();
        gathered.remarks.extend(unknown.map(|row| {
            format!("{}: 登记表中没有账号“{}”（{}），请核实是否漏报", row.place, row.name, row.platform)
        }));
    }
    if gathered.remarks.len() > MOST_REMARKS {
        let more = gathered.remarks.len() - MOST_REMARKS;
        gathered.remarks.truncate(MOST_REMARKS);
        gathered.remarks.push(format!("另有{more}条未列出"));
    }
    db.put_account_remarks(run, look, &gathered.remarks)?;
    Ok(gathered)
}

/// Asks about every account of which a source on the network is named, and keeps each answer as it comes.
async fn ask(
    order: Order<'_>,
    gear: &Gear,
    db: &mut FactsDb,
    place: (i64, u8),
    gathered: &mut Gathered,
) -> Result<()> {
    let accounts = &order.registry.accounts;
    let Gathered { links, answers, offering, .. } = gathered;
    let before = db.account_look_before(place)?;
    let mut wanted = Vec::new();
    for index in 0..accounts.len() {
        let Some(account) = asked_about(accounts, index, links) else { continue };
        // What the files say settles some accounts; their newest posts are enough for that.
        let mut known = db.account_facts(place.0, place.1, &account.key())?;
        known.retain(|facts| !on_network(facts.source));
        known.iter_mut().for_each(shown_only);
        if let Some((run, look)) = before {
            let earlier = db.account_facts(run, look, &account.key())?;
            known.extend(earlier.into_iter().filter(|facts| facts.source == Source::Attested));
        }
        wanted.push((index, account, known));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    gear.opened().await;
    let mut failed = Ok(());
    gather_all(gear.account_sources(order.config), wanted, now(), |index, facts| {
        let asked: Vec<AccountFacts> =
            facts.into_iter().filter(|facts| on_network(facts.source)).map(classified).collect();
        let Some(account) = accounts.get(index) else { return };
        let key = account.key();
        let all: Vec<(&str, &AccountFacts)> = asked.iter().map(|facts| (key.as_str(), facts)).collect();
        *answers += all.len();
        if asked.iter().any(offered::is_open) {
            offering.insert(index);
        }
        if failed.is_ok() {
            failed = db.put_account_facts(place, true, &all);
        }
    })
    .await;
    failed
}

/// Asks for the links of menus, and writes what they answered into what was kept.
async fn follow(
    order: Order<'_>,
    gear: &Gear,
    db: &mut FactsDb,
    place: (i64, u8),
    offering: &BTreeSet<usize>,
) -> Result<()> {
    let accounts = offering.iter().filter_map(|index| order.registry.accounts.get(*index));
    let keys: Vec<String> =
        accounts.filter(|account| account.status != AccountStatus::Cancelled).map(Account::key).collect();
    let mut open = Vec::new();
    for key in &keys {
        let facts = db.account_facts(place.0, place.1, key)?;
        open.extend(facts.into_iter().map(offered::links_alone).filter(offered::is_open));
    }
    let answers = offered::ask(order, gear, open.iter(), now()).await;
    for key in &keys {
        db.change_account_facts(place, key, |facts| offered::fill(facts, &answers))?;
    }
    Ok(())
}

/// Asks the sources on the network of the accounts at the places of `evidence`, which holds what files say of them, and adds the
/// answers. Returns of how many accounts any was asked.
pub async fn ask_now(
    order: Order<'_>,
    gear: &Gear,
    evidence: &mut BTreeMap<usize, Vec<AccountFacts>>,
    links: &[(usize, SourceSpec)],
) -> usize {
    let wanted: Vec<_> = evidence
        .iter()
        .filter_map(|(index, known)| {
            let account = asked_about(&order.registry.accounts, *index, links)?;
            let mut known = known.clone();
            known.iter_mut().for_each(shown_only);
            Some((*index, account, known))
        })
        .collect();
    let count = wanted.len();
    gather_all(gear.account_sources(order.config), wanted, now(), |index, facts| {
        let asked = facts.into_iter().filter(|facts| on_network(facts.source));
        evidence.entry(index).or_default().extend(asked);
    })
    .await;
    for told in evidence.values_mut() {
        *told = std::mem::take(told).into_iter().map(classified).collect();
    }
    let answers = offered::ask(order, gear, evidence.values().flatten(), now()).await;
    for facts in evidence.values_mut().flatten() {
        offered::fill(facts, &answers);
    }
    count
}

/// Whether there is anything to ask the network about an account that is not cancelled: a source that is named for it, or a link
/// of a menu that the files tell.
pub fn needs_network(
    order: Order<'_>,
    index: usize,
    known: &[AccountFacts],
    links: &[(usize, SourceSpec)],
) -> bool {
    asked_about(&order.registry.accounts, index, links).is_some() || known.iter().any(offered::is_open)
}

/// An account with the sources that the network is asked for; `None` where there are none. Of the links that units named, the latest
/// stands in place of an earlier one of the register.
fn asked_about(accounts: &[Account], index: usize, links: &[(usize, SourceSpec)]) -> Option<Account> {
    let mut account =
        accounts.get(index).filter(|account| account.status != AccountStatus::Cancelled)?.clone();
    let of_account = links.iter().filter(|(of, _)| *of == index).map(|(_, spec)| spec);
    if let Some(latest) = of_account.max_by_key(|spec| spec.stated) {
        let registered = account.sources.iter_mut().find(|spec| spec.kind == Source::Attested);
        match registered {
            Some(spec) if spec.stated <= latest.stated => spec.clone_from(latest),
            Some(_) => {}
            None => account.sources.push(latest.clone()),
        }
    }
    account.sources.iter().any(|spec| on_network(spec.kind)).then_some(account)
}

fn on_network(source: Source) -> bool {
    !matches!(source, Source::Export | Source::Person)
}

fn keep(
    db: &mut FactsDb,
    place: (i64, u8),
    accounts: &[Account],
    facts: Vec<(usize, AccountFacts)>,
) -> Result<()> {
    let keys: Vec<(String, AccountFacts)> = facts
        .into_iter()
        .filter_map(|(index, facts)| Some((accounts.get(index)?.key(), classified(facts))))
        .collect();
    for batch in keys.chunks(BATCH) {
        let batch: Vec<(&str, &AccountFacts)> =
            batch.iter().map(|(key, facts)| (key.as_str(), facts)).collect();
        db.put_account_facts(place, false, &batch)?;
    }
    Ok(())
}

/// Judges every account of a run from its stored evidence. `sites` are the same run's, for what accounts are to carry.
///
/// # Errors
/// If the database fails.
pub fn judged_accounts(
    order: Order<'_>,
    db: &FactsDb,
    run: i64,
    sites: &[JudgedSite],
) -> Result<JudgedAccounts> {
    let titles = sites
        .iter()
        .filter_map(|site| Some((site.looks.first()?.facts.site.id.as_str(), site.titles.as_ref()?)))
        .collect();
    judged_by_titles(order, db, run, &titles)
}

/// As [`judged_accounts`], of the titles of the run's sites by 标识码.
///
/// # Errors
/// If the database fails.
pub fn judged_by_titles(
    order: Order<'_>,
    db: &FactsDb,
    run: i64,
    titles: &BTreeMap<&str, &SiteTitles>,
) -> Result<JudgedAccounts> {
    let Some((look, at)) = db.account_look(run)? else { return Ok(JudgedAccounts::default()) };
    let kin = Kin::of(order.registry);
    let mut judged =
        JudgedAccounts { at: Some(at), remarks: db.account_remarks(run, look)?, ..JudgedAccounts::default() };
    for (index, account) in order.registry.accounts.iter().enumerate() {
        let evidence = db.account_facts(run, look, &account.key())?;
        let seen = seen(order.registry, index, account, evidence, &kin, titles);
        judged.accounts.push(judge_one(order, account, seen, at));
    }
    Ok(judged)
}

/// Judges one account from evidence at hand, without a database.
pub fn judged_account(
    order: Order<'_>,
    index: usize,
    evidence: Vec<AccountFacts>,
    at: Instant8,
) -> Option<JudgedAccount> {
    let account = order.registry.accounts.get(index)?;
    let kin = Kin::of(order.registry);
    let evidence = evidence.into_iter().map(classified).collect();
    let seen = seen(order.registry, index, account, evidence, &kin, &BTreeMap::new());
    Some(judge_one(order, account, seen, at))
}

fn judge_one(order: Order<'_>, account: &Account, seen: AccountSeen, at: Instant8) -> JudgedAccount {
    let day = at.date_naive();
    let looks = [AccountLook { at, account: seen }];
    let judgement = judge_account(order.rules, &looks, at, |finding| {
        let exemption =
            order.registry.exempt(&finding.rule, &finding.subject.site, &finding.url, None, day)?;
        Some(exemption.reason.clone())
    });
    let [AccountLook { account: mut seen, .. }] = looks;
    let figures = seen.figures(day, order.rules.account_limit());
    seen.evidence.iter_mut().for_each(shown_only);
    seen.site = None;
    let assessments = assess_account(order.rules, &judgement);
    JudgedAccount { seen, supervisor: account.supervisor.clone(), figures, judgement, assessments }
}

/// Of its posts, the newest alone.
fn shown_only(facts: &mut AccountFacts) {
    facts.posts.sort_by_key(|post| std::cmp::Reverse((post.day, post.at)));
    facts.posts.truncate(SHOWN);
    facts.posts.shrink_to_fit();
}

/// Accounts of one unit on one platform, in the register's order, without those that are cancelled.
struct Kin(BTreeMap<(String, String), Vec<usize>>);

impl Kin {
    fn of(registry: &Registry) -> Self {
        let mut kin: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for (index, account) in registry.accounts.iter().enumerate() {
            if let Some(unit) = unit(account)
                && account.status != AccountStatus::Cancelled
            {
                kin.entry((unit.to_owned(), account.platform_label().to_owned())).or_default().push(index);
            }
        }
        Self(kin)
    }

    fn of_account(&self, account: &Account) -> &[usize] {
        let place = unit(account).map(|unit| (unit.to_owned(), account.platform_label().to_owned()));
        place.and_then(|place| self.0.get(&place)).map_or(&[], Vec::as_slice)
    }
}

/// The unit whose account it is.
fn unit(account: &Account) -> Option<&str> {
    account.host_unit.as_deref().or(account.responsible.as_deref())
}

fn seen(
    registry: &Registry,
    index: usize,
    account: &Account,
    mut evidence: Vec<AccountFacts>,
    kin: &Kin,
    titles: &BTreeMap<&str, &SiteTitles>,
) -> AccountSeen {
    let preference = |source: Source| {
        let place = account.sources.iter().position(|spec| spec.kind == source);
        (place.unwrap_or(account.sources.len()), source)
    };
    evidence.sort_by_key(|facts| preference(facts.source));
    let named = |wanted: &dyn Fn(usize) -> bool| -> Vec<String> {
        let others = kin.of_account(account).iter().copied().filter(|other| wanted(*other)).take(KIN);
        others.filter_map(|other| registry.accounts.get(other)).map(|other| other.name.clone()).collect()
    };
    AccountSeen {
        key: account.key(),
        name: account.printed(),
        platform: account.platform,
        status: account.status,
        publishes: account.publishes,
        unit: unit(account).unwrap_or_default().to_owned(),
        filing: account.filing.clone(),
        opened: account.opened,
        closed: account.closed,
        menu: account.menu,
        reply: account.reply,
        address: account.address.as_ref().map(ToString::to_string).unwrap_or_default(),
        before: named(&|other| other < index),
        after: named(&|other| other > index),
        evidence,
        site: account.site.as_deref().and_then(|code| titles.get(code)).map(|titles| (*titles).clone()),
    }
}

/// In one word how an account stands: for lists and reports.
pub fn standing(account: &JudgedAccount) -> &'static str {
    let state = |rule: &str, state: State| {
        let mut found = account.judgement.findings.iter();
        found.any(|finding| {
            finding.rule == rule && finding.state == state && finding.confidence > Confidence::Low
        })
    };
    let broken = |facts: &AccountFacts| matches!(facts.health, Health::Broken(_));
    match () {
        () if account.seen.status == AccountStatus::Cancelled => "已注销",
        () if state("dead-account", State::Confirmed) => "僵尸账号",
        () if state("stale-account", State::Confirmed) => "超期未更新",
        () if !account.seen.publishes => "不发布信息",
        () if account.seen.evidence.is_empty() => "无佐证",
        () if account.seen.evidence.iter().all(broken) => "佐证失效",
        () if account.judgement.gaps.iter().any(is_of_posts) => "未判定",
        () if account.judgement.warnings.iter().any(|finding| finding.rule == "stale-account") => "临期",
        () => "按期更新",
    }
}
