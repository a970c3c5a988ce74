//! The one data set behind every paper, annex and export of a period. Text, tables and JSON are all made from it, so that
//! no two of them can differ. Pure.
#![deny(clippy::disallowed_methods)]

mod output;
mod problems;
mod themes;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::output::{Output, OutputRow};
pub use self::problems::{Held, KindRow, Problems, Tally, problems};
pub use self::themes::{Theme, themes};
use crate::calendar::Instant8;
use crate::inspection::draw::Draw;
use crate::inspection::period::Period;
use crate::inspection::standing::{Outcome, Result, Ruling, Standing, Verdict};
use crate::inspection::{self, Member, MemberKind};
use crate::ledger::event::Event;
use crate::registry::Registry;

/// What is inspected in a period: a drawn list, or the whole register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The period.
    pub period: Period,
    /// First and last day of the check.
    pub window: (NaiveDate, NaiveDate),
    /// Everything registered, in protocol order.
    pub members: Vec<Member>,
    /// What is looked at, and whether it failed the time before.
    pub picked: Vec<(Member, bool)>,
}

impl Inspection {
    /// The list of a draw.
    pub fn drawn(draw: &Draw) -> Self {
        Self {
            period: draw.period,
            window: draw.window,
            members: draw.members.clone(),
            picked: draw.picked().map(|(member, pick)| (member.clone(), pick.again)).collect(),
        }
    }

    /// The whole register, for a period without a draw.
    pub fn whole(period: Period, window: (NaiveDate, NaiveDate), members: Vec<Member>) -> Self {
        let picked = members.iter().map(|member| (member.clone(), false)).collect();
        Self { period, window, members, picked }
    }
}

/// All that figures are made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The register of today: units and their order.
    pub registry: &'a Registry,
    /// What is inspected.
    pub inspection: &'a Inspection,
    /// Earlier inspections of the same span, oldest first.
    pub earlier: &'a [Inspection],
    /// Standings of all their windows, in the order in which they were recorded.
    pub standings: &'a [Standing],
    /// All rulings, in the order in which they were entered.
    pub rulings: &'a [Ruling],
    /// Every case's history.
    pub histories: &'a [Vec<Event>],
    /// Problems are counted up to the end of this day.
    pub cutoff: NaiveDate,
}

/// A share in tenths of a per cent, rounded half up: what is printed, and what differences are taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tenths(pub i64);

impl Tenths {
    /// `part` of `whole`; `None` of nothing.
    pub fn of(part: usize, whole: usize) -> Option<Self> {
        let tenths = (part * 2000 + whole).checked_div(2 * whole)?;
        i64::try_from(tenths).ok().map(Self)
    }

    /// How it compares with an earlier share, as papers say it: `较上季度提高1.9个百分点`.
    pub fn against(self, before: Self, last: &str) -> String {
        let points = |tenths: i64| format!("{}.{}个百分点", tenths / 10, tenths % 10);
        match self.0 - before.0 {
            0 => format!("与{last}持平"),
            more @ 1.. => format!("较{last}提高{}", points(more)),
            less => format!("较{last}下降{}", points(-less)),
        }
    }
}

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 1000 { f.write_str("100%") } else { write!(f, "{}.{}%", self.0 / 10, self.0 % 10) }
    }
}

/// How many of one kind there are and how they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// 运行数, 在册数.
    pub registered: usize,
    /// 检查数.
    pub checked: usize,
    /// 合格数.
    pub passed: usize,
    /// 不合格数.
    pub failed: usize,
    /// 未判定.
    pub undecided: usize,
}

impl Group {
    /// 检查比例.
    pub fn share(&self) -> Option<Tenths> {
        Tenths::of(self.checked, self.registered)
    }

    /// 合格率; `None` while anything is undecided, because it can be counted as neither.
    pub fn rate(&self) -> Option<Tenths> {
        if self.undecided > 0 { None } else { Tenths::of(self.passed, self.checked) }
    }

    fn add(&mut self, outcome: Outcome) {
        self.checked += 1;
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Undecided => self.undecided += 1,
        }
    }
}

/// A category with its number: 其中市政府门户网站1个.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// 类型 or 平台.
    pub name: String,
    /// How they stand.
    pub group: Group,
}

/// One line of 附件1: what is 不合格.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What.
    pub member: Member,
    /// 不合格情形（对应指标）.
    pub situations: Vec<String>,
}

/// One line of 附件2: a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRow {
    /// Its name.
    pub unit: String,
    /// Whether it stands for a county.
    pub county: bool,
    /// Its sites.
    pub sites: Group,
    /// Its accounts.
    pub accounts: Group,
    /// Its problems.
    pub problems: Tally,
}

/// One line of 附件3: what failed the time before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// What.
    pub member: Member,
    /// 上季度问题.
    pub situations: Vec<String>,
    /// When it was looked at again; `None` where it was not.
    pub at: Option<Instant8>,
    /// The result; `None` where it is no longer registered.
    pub outcome: Option<Outcome>,
}

/// One thing for the 人工核查表: an indicator of a member that is 未判定.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// What.
    pub member: Member,
    /// Short name of the indicator; empty where no run of the window looked at it at all.
    pub indicator: String,
    /// 指标.
    pub title: String,
    /// What is known.
    pub sentence: String,
}

/// One point of the chart of pass rates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The period.
    pub period: Period,
    /// Sites.
    pub sites: Group,
    /// Accounts.
    pub accounts: Group,
}

/// The data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// The period.
    pub period: Period,
    /// First and last day of the check.
    pub window: (NaiveDate, NaiveDate),
    /// Problems are counted from the first day of the period up to the end of this day.
    pub cutoff: NaiveDate,
    /// 政府网站.
    pub sites: Group,
    /// The same by 类型.
    pub site_kinds: Vec<Part>,
    /// 政务新媒体.
    pub accounts: Group,
    /// The same by platform.
    pub platforms: Vec<Part>,
    /// Problems handed over in the period.
    pub problems: Problems,
    /// The same by 问题类型.
    pub kinds: Vec<KindRow>,
    /// What the second part of a bulletin tells.
    pub themes: Vec<Theme>,
    /// 附件1.
    pub failures: Vec<Failure>,
    /// 附件2, counties first, each part in protocol order.
    pub units: Vec<UnitRow>,
    /// 附件3.
    pub again: Vec<Again>,
    /// 未判定.
    pub open: Vec<Open>,
    /// The inspection before.
    pub before: Option<Point>,
    /// Pass rates of the earlier inspections and this one, oldest first.
    pub trend: Vec<Point>,
    /// Accounts registered since the inspection before.
    pub accounts_added: usize,
    /// Accounts no longer registered since then.
    pub accounts_gone: usize,
    /// What accounts published, by platform and by unit.
    #[serde(default)]
    pub output: Output,
    /// Home pages of 门户 that open over IPv6, that do not, and of which it is not known.
    pub ipv6_portals: (usize, usize, usize),
}

impl Figures {
    /// Makes the data set.
    pub fn of(source: &Source<'_>) -> Self {
        let inspection = source.inspection;
        let latest = Latest::new(source);
        let held =
            problems::held(source.histories, source.registry, inspection.period.first_day(), source.cutoff);
        let mut figures = Self {
            period: inspection.period,
            window: inspection.window,
            cutoff: source.cutoff,
            sites: Group::default(),
            site_kinds: Vec::new(),
            accounts: Group::default(),
            platforms: Vec::new(),
            problems: problems::problems(
                &held,
                source.histories,
                inspection.period.first_day(),
                source.cutoff,
            ),
            kinds: problems::kinds(&held),
            themes: themes(&held),
            failures: Vec::new(),
            units: Vec::new(),
            again: again(source, &latest),
            open: Vec::new(),
            before: source.earlier.last().map(|inspection| point(inspection, &latest)),
            trend: source.earlier.iter().chain([inspection]).map(|one| point(one, &latest)).collect(),
            accounts_added: 0,
            accounts_gone: 0,
            output: output::output(source.registry, inspection, &latest),
            ipv6_portals: (0, 0, 0),
        };
        figures.count_members(inspection, &latest);
        figures.open_again(inspection, &latest);
        figures.units = units(source, inspection, &latest, &held);
        if let Some(before) = source.earlier.last() {
            let codes = |inspection: &'_ Inspection| -> BTreeSet<String> {
                let accounts = inspection.members.iter().filter(|m| m.kind == MemberKind::Account);
                accounts.map(|member| member.code.clone()).collect()
            };
            let (then, now) = (codes(before), codes(inspection));
            figures.accounts_added = now.difference(&then).count();
            figures.accounts_gone = then.difference(&now).count();
        }
        figures
    }

    /// Whether anything is 未判定: the paper is a draft then.
    pub fn is_draft(&self) -> bool {
        let again = self.again.iter().any(|again| again.outcome == Some(Outcome::Undecided));
        self.sites.undecided + self.accounts.undecided > 0 || again
    }

    fn count_members(&mut self, inspection: &Inspection, latest: &Latest<'_>) {
        for member in &inspection.members {
            let (group, parts) = self.of_kind(member.kind);
            group.registered += 1;
            part(parts, &category(member)).registered += 1;
        }
        for (member, _) in &inspection.picked {
            let result = latest.result(inspection, member);
            let (group, parts) = self.of_kind(member.kind);
            group.add(result.outcome);
            part(parts, &category(member)).add(result.outcome);
            match result.outcome {
                Outcome::Failed => self.failures.push(Failure {
                    member: member.clone(),
                    situations: result.failed().into_iter().map(str::to_owned).collect(),
                }),
                Outcome::Undecided => self.open.extend(open(member, &result)),
                Outcome::Passed => {}
            }
            if member.category == "政府门户网站" {
                match latest.standing(inspection, member).and_then(|standing| standing.ipv6) {
                    Some(true) => self.ipv6_portals.0 += 1,
                    Some(false) => self.ipv6_portals.1 += 1,
                    None => self.ipv6_portals.2 += 1,
                }
            }
        }
    }

    /// What failed the time before and stands on no list may be undecided, too.
    fn open_again(&mut self, inspection: &Inspection, latest: &Latest<'_>) {
        let undecided = self.again.iter().filter(|again| again.outcome == Some(Outcome::Undecided));
        let listed = |member: &Member| {
            inspection.picked.iter().any(|(m, _)| m.kind == member.kind && m.code == member.code)
        };
        let more: Vec<Open> = undecided
            .filter(|again| !listed(&again.member))
            .flat_map(|again| open(&again.member, &latest.result(inspection, &again.member)))
            .collect();
        self.open.extend(more);
    }

    fn of_kind(&mut self, kind: MemberKind) -> (&mut Group, &mut Vec<Part>) {
        match kind {
            MemberKind::Site => (&mut self.sites, &mut self.site_kinds),
            MemberKind::Account => (&mut self.accounts, &mut self.platforms),
        }
    }
}

/// The results of one inspection, in the order of its list.
pub fn results<'a>(source: &Source<'a>) -> Vec<(&'a Member, Result)> {
    let latest = Latest::new(source);
    let inspection = source.inspection;
    inspection.picked.iter().map(|(member, _)| (member, latest.result(inspection, member))).collect()
}

/// Standings and rulings by what they are about.
struct Latest<'a> {
    standings: BTreeMap<(MemberKind, &'a str), Vec<&'a Standing>>,
    rulings: BTreeMap<(&'a str, &'a str), Vec<&'a Ruling>>,
}

impl<'a> Latest<'a> {
    fn new(source: &Source<'a>) -> Self {
        let mut latest = Self { standings: BTreeMap::new(), rulings: BTreeMap::new() };
        for standing in source.standings {
            latest.standings.entry((standing.kind, &standing.code)).or_default().push(standing);
        }
        for ruling in source.rulings {
            latest.rulings.entry((&ruling.period, &ruling.code)).or_default().push(ruling);
        }
        latest
    }

    /// The latest standing within the window; of one instant, the one recorded last.
    fn standing(&self, inspection: &Inspection, member: &Member) -> Option<&'a Standing> {
        let (from, to) = inspection.window;
        let all = self.standings.get(&(member.kind, member.code.as_str()))?;
        all.iter().copied().filter(|s| (from..=to).contains(&s.at.date_naive())).max_by_key(|s| s.at)
    }

    fn result(&self, inspection: &Inspection, member: &Member) -> Result {
        let period = inspection.period.to_string();
        let rulings = self.rulings.get(&(period.as_str(), member.code.as_str()));
        Result::of(self.standing(inspection, member), rulings.map_or(&[], Vec::as_slice))
    }
}

/// The category as a bulletin counts it: the city's own portal apart from those of counties.
fn category(member: &Member) -> String {
    match (member.category.as_str(), member.county.is_empty()) {
        ("政府门户网站", true) => "本级政府门户网站".to_owned(),
        ("政府门户网站", false) => "县（区）政府门户网站".to_owned(),
        (other, _) => other.to_owned(),
    }
}

fn part<'p>(parts: &'p mut Vec<Part>, name: &str) -> &'p mut Group {
    let at = parts.iter().position(|part| part.name == name).unwrap_or_else(|| {
        parts.push(Part { name: name.to_owned(), group: Group::default() });
        parts.len() - 1
    });
    &mut parts[at].group
}

fn open(member: &Member, result: &Result) -> Vec<Open> {
    if result.marks.is_empty() || result.at.is_none() {
        return vec![Open {
            member: member.clone(),
            indicator: String::new(),
            title: "全部指标".to_owned(),
            sentence: "检查期内没有监测结果。".to_owned(),
        }];
    }
    let undecided = result.marks.iter().filter(|mark| mark.verdict == Verdict::Undecided);
    undecided
        .map(|mark| Open {
            member: member.clone(),
            indicator: mark.indicator.clone(),
            title: mark.title.clone(),
            sentence: mark.sentence.clone(),
        })
        .collect()
}

fn point(inspection: &Inspection, latest: &Latest<'_>) -> Point {
    let mut point = Point { period: inspection.period, sites: Group::default(), accounts: Group::default() };
    for member in &inspection.members {
        match member.kind {
            MemberKind::Site => point.sites.registered += 1,
            MemberKind::Account => point.accounts.registered += 1,
        }
    }
    for (member, _) in &inspection.picked {
        let outcome = latest.result(inspection, member).outcome;
        match member.kind {
            MemberKind::Site => point.sites.add(outcome),
            MemberKind::Account => point.accounts.add(outcome),
        }
    }
    point
}

/// What failed the time before, and how it stands now.
fn again(source: &Source<'_>, latest: &Latest<'_>) -> Vec<Again> {
    let Some(before) = source.earlier.last() else { return Vec::new() };
    // What is on no list and still registered is looked at all the same, as far as any run saw it.
    let now: BTreeMap<(MemberKind, &str), &Member> =
        source.inspection.members.iter().map(|m| ((m.kind, m.code.as_str()), m)).collect();
    before
        .picked
        .iter()
        .filter_map(|(member, _)| {
            let then = latest.result(before, member);
            if then.outcome != Outcome::Failed {
                return None;
            }
            let result = now
                .get(&(member.kind, member.code.as_str()))
                .map(|member| latest.result(source.inspection, member));
            Some(Again {
                member: member.clone(),
                situations: then.failed().into_iter().map(str::to_owned).collect(),
                at: result.as_ref().and_then(|result| result.at),
                outcome: result.map(|result| result.outcome),
            })
        })
        .collect()
}

fn units(
    source: &Source<'_>,
    inspection: &Inspection,
    latest: &Latest<'_>,
    held: &[Held<'_>],
) -> Vec<UnitRow> {
    let mut rows: BTreeMap<String, UnitRow> = BTreeMap::new();
    let mut row = |name: &str, change: &mut dyn FnMut(&mut UnitRow)| {
        let entry = rows.entry(name.to_owned()).or_insert_with(|| UnitRow {
            unit: name.to_owned(),
            county: inspection::is_county(source.registry, name),
            sites: Group::default(),
            accounts: Group::default(),
            problems: Tally::default(),
        });
        change(entry);
    };
    let group = |row: &'_ mut UnitRow, kind: MemberKind, change: &dyn Fn(&mut Group)| match kind {
        MemberKind::Site => change(&mut row.sites),
        MemberKind::Account => change(&mut row.accounts),
    };
    for member in &inspection.members {
        row(member.summed_under(), &mut |row| group(row, member.kind, &|group| group.registered += 1));
    }
    for (member, _) in &inspection.picked {
        let outcome = latest.result(inspection, member).outcome;
        row(member.summed_under(), &mut |row| group(row, member.kind, &|group| group.add(outcome)));
    }
    for problem in held.iter().filter(|problem| problem.counts()) {
        row(&problem.summed_under, &mut |row| row.problems.add(problem));
    }
    let mut rows: Vec<UnitRow> = rows.into_values().collect();
    rows.sort_by_cached_key(|row| (!row.county, source.registry.protocol_order(&row.unit), row.unit.clone()));
    rows
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
