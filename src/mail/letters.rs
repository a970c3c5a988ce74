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
use crate::registry::{Delivery, Registry, Site, Unit, UnitKind};
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
}

impl Kind {
    /// A stable word for the outbox.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::County => "county",
            Self::Separate => "separate",
            Self::Hint => "hint",
        }
    }

    /// As `notify --outbox` prints it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unit => "问题交办",
            Self::County => "问题交办（县区）",
            Self::Separate => "问题交办（专送）",
            Self::Hint => "提示单",
        }
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
        let first = self.lists.first().filter(|_| self.kind == Kind::County)?;
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
    for case in cases.iter().filter(|case| belongs(case, batch)) {
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
    if kind == Kind::County {
        return "你县（市、区）政府网站".replace("县（市、区）", county_word(&unit.name));
    }
    let mut parts = Vec::new();
    let name = |site: &Site| one_line(&site.name);
    if registry.sites.iter().any(|site| site.host_unit == unit.name) {
        parts.push("你单位主办的网站".to_owned());
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
    let named: BTreeSet<&str> =
        lists.iter().flat_map(|l| l.rows.iter().map(|row| row.site.as_str())).collect();
    let operated: Vec<String> = registry
        .sites
        .iter()
        .filter(|site| site.host_unit != unit.name && site.operator.as_deref() == Some(&unit.name))
        .map(name)
        .filter(|site| named.contains(site.as_str()) && !kept.contains(site))
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

/// 县, 区 or 市, as the county's own name has it.
fn county_word(name: &str) -> &'static str {
    let area = name.split("人民政府").next().unwrap_or(name);
    match area.chars().next_back() {
        Some('区') => "区",
        Some('市') => "市",
        _ => "县",
    }
}

/// First and last day of the looks behind the batch; looks of long ago stand in 佐证, not in the letter.
fn period(cases: &[Case], issued: NaiveDate) -> (NaiveDate, NaiveDate) {
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
pub(crate) mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::registry::{Column, SiteKind, SiteStatus};
    use crate::report::list::tests::{case, day, office};

    pub(crate) const DATES: fn() -> Dates =
        || Dates { issued: day(11, 20), due: day(12, 4), due_at_once: day(11, 21) };

    fn unit(name: &str, parent: Option<&str>, kind: UnitKind, order: u32) -> Unit {
        Unit {
            name: name.into(),
            short: name.into(),
            parent: parent.map(Into::into),
            kind,
            order,
            leader: String::new(),
            liaison: "张某".into(),
            phone: "0000-0000000".into(),
            mail: Some(format!("u{order}@example.gov.cn")),
            cc: Vec::new(),
            delivery: Delivery::Mail,
        }
    }

    fn site(name: &str, code: &str, host_unit: &str) -> Site {
        Site {
            name: name.into(),
            code: code.into(),
            url: url::Url::parse("https://www.example.gov.cn/").expect("a URL"),
            kind: SiteKind::Portal,
            level: "市级".into(),
            supervisor: None,
            host_unit: host_unit.into(),
            undertaker: None,
            operator: None,
            status: SiteStatus::Running,
            tags: Vec::new(),
            scope: Vec::new(),
            obey_robots: true,
        }
    }

    pub(crate) fn registry() -> Registry {
        Registry {
            units: vec![
                unit("示例市电子政务中心", None, UnitKind::Agency, 30),
                unit("示例市交通运输局", None, UnitKind::Department, 20),
                unit("示例县人民政府办公室", None, UnitKind::County, 40),
                unit("示例县水利局", Some("示例县人民政府办公室"), UnitKind::Department, 42),
                unit("示例县教育局", Some("示例县人民政府办公室"), UnitKind::Department, 41),
                unit("示例镇人民政府", Some("示例县教育局"), UnitKind::Township, 43),
            ],
            sites: vec![
                site("示例市人民政府门户网站", "1100000001", "示例市电子政务中心"),
                site("示例市交通运输局网站", "1100000002", "示例市交通运输局"),
            ],
            columns: vec![Column {
                site: "1100000001".into(),
                name: "政务公开-规划计划".into(),
                url: url::Url::parse("https://www.example.gov.cn/ghjh/").expect("a URL"),
                class: None,
                level: None,
                cycle_days: None,
                keeper: Some("示例市交通运输局".into()),
            }],
            exemptions: Vec::new(),
        }
    }

    pub(crate) fn config() -> Config {
        Config { office: office(), ..Config::default() }
    }

    #[test]
    fn days_come_from_the_calendar() {
        let text = include_str!("../../config/holidays.toml");
        let holidays = Holidays::parse("holidays.toml", text).expect("a calendar");
        let written = |on: NaiveDate| {
            let cases = [case(1, "示例市交通运输局")];
            super::letters("202602", &cases_of(&cases, "202602"), &registry(), &config(), &holidays, &[], on)
        };
        let letters = written(day(2, 6)).expect("letters");
        assert_eq!(letters[0].due(), Some(day(2, 27)));
        let far = NaiveDate::from_ymd_opt(2099, 1, 5).expect("a date");
        assert!(matches!(written(far), Err(LetterError::Calendar(_))));
    }

    fn cases_of(cases: &[Case], batch: &str) -> Vec<Case> {
        cases.iter().cloned().map(|case| Case { batch: Some(batch.into()), ..case }).collect()
    }

    fn letters(cases: &[Case]) -> Vec<Letter> {
        letters_dated("202611", cases, &registry(), &config(), &[], DATES()).expect("letters")
    }

    #[test]
    fn one_letter_a_unit_in_protocol_order() {
        let cases = [case(1, "示例市电子政务中心"), case(2, "示例市交通运输局"), case(3, "示例市交通运输局")];
        let told: Vec<_> = letters(&cases).iter().map(|l| (l.unit.clone(), l.kind, l.total())).collect();
        assert_eq!(
            told,
            [
                ("示例市交通运输局".to_owned(), Kind::Unit, 2),
                ("示例市电子政务中心".to_owned(), Kind::Unit, 1)
            ]
        );
    }

    #[test]
    fn the_subject_has_its_exact_form() {
        let cases: Vec<Case> = (1..=7).map(|n| case(n, "示例市交通运输局")).collect();
        assert_eq!(
            letters(&cases)[0].subject,
            "【问题交办】示例市交通运输局 2026年11月监测问题7项，请于12月4日（星期五）前反馈"
        );
    }

    #[test]
    fn below_a_county_everything_goes_as_one_package() {
        let cases = [case(1, "示例镇人民政府"), case(2, "示例县水利局"), case(3, "示例县人民政府办公室")];
        let letters = letters(&cases);
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].kind, letters[0].unit.as_str()), (Kind::County, "示例县人民政府办公室"));
        let units: Vec<&str> = letters[0].lists.iter().map(|list| list.unit.as_str()).collect();
        assert_eq!(units, ["示例县人民政府办公室", "示例县水利局", "示例镇人民政府"]);
        assert_eq!(letters[0].package().map(|p| (p.total(), p.units())), Some((3, 3)));
    }

    #[test]
    fn personal_data_never_enters_a_collective_list() {
        let mut leak = case(1, "示例县水利局");
        leak.finding.rule = "id-number-leak".into();
        leak.finding.severity = Severity::Immediate;
        let letters = letters(&[leak, case(2, "示例县水利局")]);
        let told: Vec<_> =
            letters.iter().map(|l| (l.unit.as_str(), l.kind, l.lists[0].rows[0].number.as_str())).collect();
        assert_eq!(
            told,
            [
                ("示例县人民政府办公室", Kind::County, "202611-0002"),
                ("示例县水利局", Kind::Separate, "202611-0001")
            ]
        );
    }

    #[test]
    fn hints_alone_make_a_letter_without_a_limit() {
        let mut one = case(1, "示例市交通运输局");
        one.finding.severity = Severity::Advisory;
        let letters = letters(&[one]);
        assert_eq!((letters[0].kind, letters[0].due()), (Kind::Hint, None));
        assert_eq!(letters[0].subject, "【提示】示例市交通运输局 2026年11月监测提示1项，无需反馈");
    }

    #[test]
    fn what_does_not_fit_is_named_and_not_handed_over() {
        let cases: Vec<Case> = (1..=5).map(|n| case(n, "示例市交通运输局")).collect();
        let mut config = config();
        config.deadlines.max_rows = 3;
        let letters = letters_dated("202611", &cases, &registry(), &config, &[], DATES()).expect("letters");
        assert_eq!(letters[0].held_over().collect::<Vec<_>>(), ["202611-0004", "202611-0005"]);
        let handed_over: Vec<String> = letters[0].handed_over().into_values().flatten().collect();
        assert_eq!(handed_over, ["202611-0001", "202611-0002", "202611-0003"]);
    }

    #[test]
    fn no_problem_no_letter_and_no_foreign_batch() {
        assert_eq!(letters(&[]), []);
        let mut other = case(1, "示例市交通运输局");
        other.batch = Some("202610".into());
        assert_eq!(letters(&[other.clone()]), []);
        other.progress.approved = Some("202611".into());
        assert_eq!(letters(&[other]).len(), 1, "it came back and was approved again");
    }

    #[test]
    fn gaps_are_told_to_their_unit_only() {
        let gaps = ["示例市交通运输局", "示例市电子政务中心"]
            .map(|unit| Undecided { unit: unit.into(), gap: Gap::new(unit, "blocked") });
        let cases = [case(1, "示例市交通运输局")];
        let letters =
            letters_dated("202611", &cases, &registry(), &config(), &gaps, DATES()).expect("letters");
        assert_eq!(letters.len(), 1);
        let told: Vec<&str> = letters[0].lists[0].undecided.iter().map(|u| u.subject.as_str()).collect();
        assert_eq!(told, ["示例市交通运输局"]);
    }

    #[test]
    fn what_a_letter_lacks_is_said() {
        let refused = |cases: &[Case], registry: &Registry, config: &Config| {
            letters_dated("202611", cases, registry, config, &[], DATES()).expect_err("refused")
        };
        let cases = [case(1, "示例市交通运输局")];
        let mut nameless = config();
        nameless.office.signature.clear();
        assert_eq!(refused(&cases, &registry(), &nameless), LetterError::Office("落款"));
        let unknown = refused(&[case(1, "某局")], &registry(), &config());
        assert!(matches!(unknown, LetterError::UnknownUnit { .. }));
        let mut mute = registry();
        mute.units[1].mail = None;
        assert_eq!(refused(&cases, &mute, &config()), LetterError::NoAddress("示例市交通运输局".into()));
        mute.units[1].delivery = Delivery::Exchange;
        let letters = letters_dated("202611", &cases, &mute, &config(), &[], DATES()).expect("letters");
        assert_eq!((letters[0].delivery, letters[0].to.clone()), (Delivery::Exchange, None));
    }

    #[test]
    fn the_scope_names_what_was_patrolled() {
        let letters = letters(&[case(1, "示例市交通运输局")]);
        assert_eq!(letters[0].scope, "你单位主办的网站以及你单位负责内容保障的示例市人民政府门户网站栏目");
        assert_eq!(county_word("示例区人民政府办公室"), "区");
        assert_eq!(county_word("示例市（县级）人民政府"), "县");
    }

    #[test]
    fn parents_in_a_circle_end() {
        let mut circle = registry();
        circle.units[1].parent = Some("示例市电子政务中心".into());
        circle.units[0].parent = Some("示例市交通运输局".into());
        let cases = [case(1, "示例市交通运输局")];
        let letters = letters_dated("202611", &cases, &circle, &config(), &[], DATES()).expect("letters");
        assert_eq!(letters[0].kind, Kind::Unit);
    }
}
