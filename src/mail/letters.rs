//! Which letters a batch becomes: one a responsible unit, one package a county. Pure; owns who gets what, not
//! the wording.
#![deny(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, NaiveDate};

use crate::calendar::day_with_weekday;
use crate::config::valid::Config;
use crate::finding::Gap;
use crate::ledger::Undecided;
use crate::ledger::case::Case;
use crate::ledger::deadline::Holidays;
use crate::ledger::event::Step;
use crate::registry::{Account, AccountStatus, Delivery, Registry, Site, Unit, UnitKind};
use crate::report::list::{CountyPackage, ProblemList, Terms, is_sensitive};
use crate::report::wording::{batch_month, one_line};

/// The dates of one batch's letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// Date of the letters.
    pub issued: NaiveDate,
    /// 限期整改 until this day.
    pub due: NaiveDate,
    /// 立行立改 until this day.
    pub due_at_once: NaiveDate,
}

/// What a letter asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 问题交办 to the responsible unit.
    Unit,
    /// 问题交办 to a county's government office: 汇总表 and one list a unit.
    County,
    /// 问题交办 of what never goes into a collective list: personal data, hidden links, tampering.
    Separate,
    /// 提示单: no limit, no reply.
    Hint,
    /// A rung of the ladder: what has been handed over and comes near its date, or has passed it.
    Ladder(Step),
}

impl Kind {
    /// A stable word for the outbox.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::County => "county",
            Self::Separate => "separate",
            Self::Hint => "hint",
            Self::Ladder(Step::Notice) => "notice",
            Self::Ladder(Step::Reminder) => "reminder",
            Self::Ladder(Step::SecondReminder) => "second-reminder",
            Self::Ladder(Step::Order) => "order",
        }
    }

    /// As `notify --outbox` prints it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unit => "问题交办",
            Self::County => "问题交办（县区）",
            Self::Separate => "问题交办（专送）",
            Self::Hint => "提示单",
            Self::Ladder(step) => step.label(),
        }
    }

    /// The rung that the outbox keeps under `word`; `None` for the letters of a batch.
    pub fn step_of(word: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| Self::Ladder(*step).word() == word)
    }
}

/// 送达方式 as printed.
pub fn delivery_label(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Mail => "邮件",
        Delivery::Exchange => "公文交换",
        Delivery::Offline => "线下",
    }
}

/// One letter of a batch: who gets it and all that it says, as values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it asks for.
    pub kind: Kind,
    /// 批次.
    pub batch: String,
    /// Name of the unit that is written to.
    pub unit: String,
    /// 送达方式.
    pub delivery: Delivery,
    /// 主送: the unit's address; `None` where it is not reached by mail.
    pub to: Option<String>,
    /// 抄送: addresses.
    pub cc: Vec<String>,
    /// 主题.
    pub subject: String,
    /// Date of the letter.
    pub issued: NaiveDate,
    /// The days on which the looks were taken, first and last.
    pub period: (NaiveDate, NaiveDate),
    /// What was patrolled, in words.
    pub scope: String,
    /// The lists: one, or a county's in protocol order.
    pub lists: Vec<ProblemList>,
    /// Whether it goes to a county's government office for the units below it.
    pub county: bool,
}

impl Letter {
    /// Counted problems.
    pub fn total(&self) -> usize {
        self.lists.iter().map(|list| list.rows.len()).sum()
    }

    /// 反馈截止.
    pub fn due(&self) -> Option<NaiveDate> {
        self.lists.iter().filter_map(|list| list.due).max()
    }

    /// Numbers of the cases that the letter hands over, by their 整改时限 (`None`: told without a limit).
    pub fn handed_over(&self) -> BTreeMap<Option<NaiveDate>, Vec<String>> {
        let mut by_day: BTreeMap<Option<NaiveDate>, Vec<String>> = BTreeMap::new();
        for row in self.lists.iter().flat_map(|list| list.rows.iter().chain(&list.stock).chain(&list.hints)) {
            by_day.entry(row.due).or_default().push(row.number.clone());
        }
        by_day
    }

    /// Numbers of the cases that did not fit and wait for the next batch.
    pub fn held_over(&self) -> impl Iterator<Item = &str> {
        self.lists.iter().flat_map(|list| list.held_over.iter().map(String::as_str))
    }

    /// The package of a county's letter.
    pub fn package(&self) -> Option<CountyPackage> {
        let first = self.lists.first().filter(|_| self.county)?;
        Some(CountyPackage {
            area: first.area.clone(),
            county: self.unit.clone(),
            batch: self.batch.clone(),
            issued: self.issued,
            due: self.due(),
            contact: first.contact.clone(),
            lists: self.lists.clone(),
        })
    }
}

/// Why letters cannot be composed. Always a matter of the office's files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// `[office]` lacks what every letter needs.
    #[error("配置 [office] 缺少“{0}”，填写后才能生成交办邮件")]
    Office(&'static str),
    /// A case's unit is not in the register.
    #[error("问题 {number} 的责任单位“{unit}”不在单位登记表中")]
    UnknownUnit {
        /// 问题编号.
        number: String,
        /// The unit's name as the case has it.
        unit: String,
    },
    /// A unit is to be reached by mail and has no address.
    #[error("单位“{0}”的送达方式为邮件，但登记表中没有邮箱")]
    NoAddress(String),
    /// The calendar of working days does not reach far enough.
    #[error("{0}")]
    Calendar(String),
    /// An address that mail cannot be sent to.
    #[error("“{0}”不是可用的邮箱地址")]
    Address(String),
    /// A template failed.
    #[error("信函模板：{0}")]
    Template(String),
    /// The message or a workbook could not be built.
    #[error("无法生成邮件：{0}")]
    Build(String),
}

/// The letters of `batch`, dated `on`: [`letters_dated`] with the days that the calendar and `[deadlines]` give.
///
/// 限期整改 is counted in working days; 立行立改 in days of the week, because what is to be done at once does not
/// wait for Monday.
///
/// # Errors
/// As [`letters_dated`]; [`LetterError::Calendar`] where the calendar lacks a year.
pub fn letters(
    batch: &str,
    cases: &[Case],
    registry: &Registry,
    config: &Config,
    holidays: &Holidays,
    gaps: &[Undecided],
    on: NaiveDate,
) -> Result<Vec<Letter>, LetterError> {
    let due = holidays
        .add_working_days(on, config.deadlines.working_days)
        .map_err(|missing| LetterError::Calendar(missing.to_string()))?;
    let due_at_once = on + Duration::days(i64::from(config.deadlines.immediate_days));
    letters_dated(batch, cases, registry, config, gaps, Dates { issued: on, due, due_at_once })
}

/// The letters of `batch` from its cases, in protocol order of the units written to.
///
/// One letter a responsible unit; what belongs to units below a county goes to the county's government office
/// as one package, except personal data and the like, which goes to the unit alone. Cases of another batch,
/// unconfirmed and ended ones are left out; a unit without any gets no letter. `gaps` are 未判定事项 with the
/// unit that would answer for them; they are told only in letters that go out anyway.
///
/// # Errors
/// [`LetterError`] where the register or the configuration lacks what a letter needs.
pub fn letters_dated(
    batch: &str,
    cases: &[Case],
    registry: &Registry,
    config: &Config,
    gaps: &[Undecided],
    dates: Dates,
) -> Result<Vec<Letter>, LetterError> {
    let own: Vec<&Case> = cases.iter().filter(|case| belongs(case, batch)).collect();
    gathered(batch, &own, registry, config, gaps, dates)
}

/// The letters that tell of `cases`, whatever batch they belong to.
///
/// # Errors
/// As [`letters_dated`].
pub(super) fn gathered(
    batch: &str,
    cases: &[&Case],
    registry: &Registry,
    config: &Config,
    gaps: &[Undecided],
    dates: Dates,
) -> Result<Vec<Letter>, LetterError> {
    check_office(config)?;
    let others = kept_for_others(registry);
    let identity = identity(config);
    let terms = Terms {
        office: &config.office,
        batch,
        issued: dates.issued,
        due: dates.due,
        due_at_once: dates.due_at_once,
        max_rows: config.deadlines.max_rows,
        identity: &identity,
        kept_for_others: &others,
    };
    let period = period(cases, dates.issued);
    let units: BTreeMap<&str, &Unit> = registry.units.iter().map(|unit| (unit.name.as_str(), unit)).collect();
    let mut own: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in cases.iter().copied() {
        let Some(unit) = units.get(case.unit.as_str()) else {
            return Err(LetterError::UnknownUnit { number: case.number.clone(), unit: case.unit.clone() });
        };
        own.entry(&unit.name).or_default().push(case);
    }
    let mut letters = Vec::new();
    let mut packages: BTreeMap<&str, Vec<(&Unit, ProblemList)>> = BTreeMap::new();
    for (name, cases) in own {
        let Some(unit) = units.get(name).copied() else { continue };
        let gaps: Vec<&Gap> = gaps.iter().filter(|one| one.unit == name).map(|one| &one.gap).collect();
        let write = |kind, list| letter(kind, unit, vec![list], registry, &terms, period);
        match county_of(unit, &units) {
            None => {
                let list = ProblemList::of(name, &cases, &gaps, &terms);
                if !list.is_empty() {
                    letters.push(write(Kind::Unit, list)?);
                }
            }
            Some(county) => {
                let (apart, together): (Vec<&Case>, Vec<&Case>) =
                    cases.into_iter().partition(|case| is_sensitive(&case.finding));
                let alone = ProblemList::of(name, &apart, &[], &terms);
                if !alone.is_empty() {
                    letters.push(write(Kind::Separate, alone)?);
                }
                let list = ProblemList::of(name, &together, &gaps, &terms);
                if !list.is_empty() {
                    packages.entry(&county.name).or_default().push((unit, list));
                }
            }
        }
    }
    for (name, mut lists) in packages {
        let Some(county) = units.get(name).copied() else { continue };
        lists.sort_by(|(a, _), (b, _)| (a.order, &a.name).cmp(&(b.order, &b.name)));
        let lists = lists.into_iter().map(|(_, list)| list).collect();
        letters.push(letter(Kind::County, county, lists, registry, &terms, period)?);
    }
    letters.sort_by_key(|letter| {
        (
            units.get(letter.unit.as_str()).map_or(u32::MAX, |unit| unit.order),
            letter.unit.clone(),
            letter.kind,
        )
    });
    Ok(letters)
}

/// Approved for `batch`, or handed over in it. A problem that came back belongs to the batch that takes it up.
fn belongs(case: &Case, batch: &str) -> bool {
    case.progress.approved.as_deref().or(case.batch.as_deref()).is_none_or(|named| named == batch)
}

fn letter(
    kind: Kind,
    unit: &Unit,
    lists: Vec<ProblemList>,
    registry: &Registry,
    terms: &Terms<'_>,
    period: (NaiveDate, NaiveDate),
) -> Result<Letter, LetterError> {
    if unit.delivery == Delivery::Mail && unit.mail.is_none() {
        return Err(LetterError::NoAddress(unit.name.clone()));
    }
    let total: usize = lists.iter().map(|list| list.rows.len()).sum();
    let due = lists.iter().filter_map(|list| list.due).max();
    let kind = match (kind, total) {
        (Kind::Unit, 0) => Kind::Hint,
        (kind, _) => kind,
    };
    let month = batch_month(terms.batch, terms.issued);
    let name = one_line(&unit.name);
    let subject = if let Some(due) = due {
        format!("【问题交办】{name} {month}监测问题{total}项，请于{}前反馈", day_with_weekday(due))
    } else {
        let hints: usize = lists.iter().map(|list| list.hints.len() + list.stock.len()).sum();
        format!("【提示】{name} {month}监测提示{hints}项，无需反馈")
    };
    let by_mail = unit.delivery == Delivery::Mail;
    Ok(Letter {
        kind,
        batch: terms.batch.to_owned(),
        unit: name,
        delivery: unit.delivery,
        to: unit.mail.clone().filter(|_| by_mail),
        cc: if by_mail && kind != Kind::Separate { unit.cc.clone() } else { Vec::new() },
        subject,
        issued: terms.issued,
        period,
        scope: scope(kind, unit, registry, &lists),
        lists,
        county: kind == Kind::County,
    })
}

fn check_office(config: &Config) -> Result<(), LetterError> {
    let office = &config.office;
    for (value, name) in [
        (&office.signature, "落款"),
        (&office.area, "地区"),
        (&office.contact, "联系人"),
        (&office.phone, "联系电话"),
        (&office.reply_to, "回复邮箱"),
    ] {
        if value.trim().is_empty() {
            return Err(LetterError::Office(name));
        }
    }
    Ok(())
}

/// The county office above `unit`, or `unit` itself where it is one.
fn county_of<'a>(unit: &'a Unit, units: &BTreeMap<&str, &'a Unit>) -> Option<&'a Unit> {
    let mut seen = BTreeSet::new();
    let mut at = unit;
    while seen.insert(at.name.as_str()) {
        if at.kind == UnitKind::County {
            return Some(at);
        }
        at = units.get(at.parent.as_deref()?)?;
    }
    None
}

/// Pairs of site and unit where the unit keeps a column of a site that another unit hosts.
fn kept_for_others(registry: &Registry) -> BTreeSet<(String, String)> {
    let hosts: BTreeMap<&str, &str> =
        registry.sites.iter().map(|site| (site.code.as_str(), site.host_unit.as_str())).collect();
    registry
        .columns
        .iter()
        .filter_map(|column| Some((column.site.clone(), column.keeper.clone()?)))
        .filter(|(site, keeper)| hosts.get(site.as_str()).is_some_and(|host| host != keeper))
        .collect()
}

/// `你单位主办的网站和你单位负责内容保障的示例市人民政府门户网站栏目`.
fn scope(kind: Kind, unit: &Unit, registry: &Registry, lists: &[ProblemList]) -> String {
    let rows = || lists.iter().flat_map(|list| &list.rows);
    let accused =
        |account: &Account| rows().map(|row| &row.site).any(|name| *name == one_line(&account.printed()));
    if kind == Kind::County {
        let accounts = if registry.accounts.iter().any(accused) { "和政务新媒体" } else { "" };
        return "你县（市、区）政府网站".replace("县（市、区）", county_word(&unit.name)) + accounts;
    }
    let mut parts = Vec::new();
    let name = |site: &Site| called_a_site(&one_line(&site.name));
    let hosts_account = registry.accounts.iter().any(|account| {
        account.status != AccountStatus::Cancelled && account.host_unit.as_ref() == Some(&unit.name)
            || accused(account)
    });
    match (registry.sites.iter().any(|site| site.host_unit == unit.name), hosts_account) {
        (true, true) => parts.push("你单位主办的网站、政务新媒体".to_owned()),
        (true, false) => parts.push("你单位主办的网站".to_owned()),
        (false, true) => parts.push("你单位主办的政务新媒体".to_owned()),
        (false, false) => {}
    }
    let kept: Vec<String> = registry
        .sites
        .iter()
        .filter(|site| site.host_unit != unit.name)
        .filter(|site| {
            registry.columns.iter().any(|c| c.site == site.code && c.keeper.as_deref() == Some(&unit.name))
        })
        .map(name)
        .collect();
    if !kept.is_empty() {
        parts.push(format!("你单位负责内容保障的{}栏目", kept.join("、")));
    }
    let templates: BTreeSet<&str> =
        rows().filter(|row| row.template_pages.is_some()).map(|row| row.site.as_str()).collect();
    let operated: Vec<String> = registry
        .sites
        .iter()
        .filter(|site| site.host_unit != unit.name && site.operator.as_deref() == Some(&unit.name))
        .filter(|site| templates.contains(one_line(&site.name).as_str()))
        .map(name)
        .collect();
    if !operated.is_empty() {
        parts.push(format!("你单位运维的{}", operated.join("、")));
    }
    if parts.is_empty() {
        parts.push("你单位负责的政府网站及栏目".to_owned());
    }
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() { last } else { format!("{}以及{last}", parts.join("、")) }
}

/// A site's name that says that it is one: `示例市人民政府` alone would be the government.
fn called_a_site(name: &str) -> String {
    let said = ["网站", "网", "站", "频道", "平台", "专栏"].into_iter().any(|word| name.ends_with(word));
    if said { name.to_owned() } else { format!("{name}网站") }
}

/// 县, 区 or 市, as the county's own name has it.
pub(super) fn county_word(name: &str) -> &'static str {
    let area = name.split("人民政府").next().unwrap_or(name);
    match area.chars().next_back() {
        Some('区') => "区",
        Some('市') => "市",
        _ => "县",
    }
}

/// First and last day of the looks behind the batch; looks of long ago stand in 佐证, not in the letter.
fn period(cases: &[&Case], issued: NaiveDate) -> (NaiveDate, NaiveDate) {
    let days: BTreeSet<NaiveDate> = cases
        .iter()
        .flat_map(|case| case.finding.evidence.looks.iter().map(|look| look.at).chain([case.last_seen]))
        .map(|at| at.with_timezone(&crate::calendar::beijing()).date_naive())
        .collect();
    let last = days.last().copied().unwrap_or(issued);
    let first = days.into_iter().find(|day| last - *day <= Duration::days(31)).unwrap_or(last);
    (first, last)
}

fn identity(config: &Config) -> String {
    let crawl = &config.crawl;
    if crawl.contact.is_empty() {
        crawl.user_agent.clone()
    } else {
        format!("{} ({})", crawl.user_agent, crawl.contact)
    }
}

#[cfg(test)]
#[path = "letters_tests.rs"]
pub(crate) mod tests;
