//! Problems of a period, counted from the histories alone: what was handed over, and how far it is by the cutoff.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::end_of_day;
use crate::inspection;
use crate::ledger::case::{Case, CaseState};
use crate::ledger::event::{Event, What};
use crate::registry::Registry;

/// One problem that was handed over with a limit in the period, as it stood at the cutoff.
#[derive(Debug, Clone)]
pub struct Held<'a> {
    /// The case as its history up to the cutoff makes it.
    pub case: Case,
    /// Its history up to the cutoff.
    pub history: &'a [Event],
    /// The unit of the summary table that it counts for.
    pub summed_under: String,
    /// How far it is.
    pub progress: Progress,
}

impl Held<'_> {
    /// Whether it counts: what was revoked or accounted for does not.
    pub fn counts(&self) -> bool {
        !matches!(self.progress, Progress::Revoked | Progress::Exempt)
    }
}

/// How far a problem is at the cutoff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// 已整改销号.
    Closed,
    /// 经同意延期, and the later date has not passed.
    Extended,
    /// 逾期未完成.
    Overdue,
    /// 整改期限内.
    Within,
    /// 问题反弹: it was closed and is back.
    Relapsed,
    /// 已撤销（误报）.
    Revoked,
    /// 报备不计入.
    Exempt,
}

/// 交办问题数, 销号数, 逾期数.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// 交办.
    pub assigned: usize,
    /// 已整改销号.
    pub closed: usize,
    /// 逾期未完成.
    pub overdue: usize,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, problem: &Held<'_>) {
        self.assigned += 1;
        self.closed += usize::from(problem.progress == Progress::Closed);
        self.overdue += usize::from(problem.progress == Progress::Overdue);
    }
}

/// Problems of the period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problems {
    /// 新发现并确认.
    pub found: usize,
    /// 交办, without what was revoked or accounted for.
    pub assigned: usize,
    /// Of these: 已整改销号.
    pub closed: usize,
    /// Of these: 经同意延期.
    pub extended: usize,
    /// Of these: 逾期未完成.
    pub overdue: usize,
    /// Of these: 整改期限内.
    pub within: usize,
    /// Of these: 问题反弹.
    pub relapsed: usize,
    /// Handed over in the period and revoked by the cutoff.
    pub revoked: usize,
    /// Handed over in the period and accounted for by the cutoff.
    pub exempt: usize,
    /// 销号 in the period, whenever handed over.
    pub closed_in_period: usize,
    /// 反弹 in the period, whenever handed over.
    pub relapsed_in_period: usize,
    /// Objections that were right: revoked in the period after the unit had contested them.
    pub objections_upheld: usize,
    /// Columns of which a problem was closed in the period.
    pub columns_mended: usize,
    /// Units that problems were handed over to.
    pub units: usize,
}

/// One 问题类型.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindRow {
    /// 问题类型.
    pub title: String,
    /// How many, and how far.
    pub tally: Tally,
    /// Units concerned.
    pub units: usize,
}

/// The problems that were handed over with a limit between `from` and `cutoff`, as they stood at the end of `cutoff`, by number.
pub(super) fn held<'a>(
    histories: &'a [Vec<Event>],
    registry: &Registry,
    from: NaiveDate,
    cutoff: NaiveDate,
) -> Vec<Held<'a>> {
    histories
        .iter()
        .filter_map(|history| {
            let known = known(history, cutoff);
            let handed_over = known.iter().any(|event| {
                matches!(event.what, What::Assigned { on, due: Some(_), .. } if (from..=cutoff).contains(&on))
            });
            if !handed_over {
                return None;
            }
            let case = Case::fold(known).ok()?;
            let county = inspection::county(registry, &case.unit);
            let summed_under = if county.is_empty() { case.unit.clone() } else { county };
            let progress = progress(&case, cutoff);
            Some(Held { case, history: known, summed_under, progress })
        })
        .collect()
}

/// Counts them, and what else the histories say of the period.
pub fn problems(held: &[Held<'_>], histories: &[Vec<Event>], from: NaiveDate, cutoff: NaiveDate) -> Problems {
    let mut problems = Problems::default();
    for problem in held {
        problems.assigned += usize::from(problem.counts());
        match problem.progress {
            Progress::Closed => problems.closed += 1,
            Progress::Extended => problems.extended += 1,
            Progress::Overdue => problems.overdue += 1,
            Progress::Within => problems.within += 1,
            Progress::Relapsed => problems.relapsed += 1,
            Progress::Revoked => problems.revoked += 1,
            Progress::Exempt => problems.exempt += 1,
        }
    }
    let units: std::collections::BTreeSet<&str> =
        held.iter().filter(|problem| problem.counts()).map(|problem| problem.case.unit.as_str()).collect();
    problems.units = units.len();
    let mut columns = std::collections::BTreeSet::new();
    for history in histories {
        let steps = Steps::of(known(history, cutoff), from);
        problems.found += usize::from(steps.found);
        problems.closed_in_period += usize::from(steps.closed);
        problems.relapsed_in_period += usize::from(steps.relapsed);
        problems.objections_upheld += usize::from(steps.objection_upheld);
        columns.extend(steps.column.map(str::to_owned));
    }
    problems.columns_mended = columns.len();
    problems
}

/// By 问题类型, most first, then by title.
pub(super) fn kinds(held: &[Held<'_>]) -> Vec<KindRow> {
    let mut kinds: BTreeMap<&str, (Tally, std::collections::BTreeSet<&str>)> = BTreeMap::new();
    for problem in held.iter().filter(|problem| problem.counts()) {
        let entry = kinds.entry(&problem.case.finding.title).or_default();
        entry.0.add(problem);
        entry.1.insert(&problem.case.unit);
    }
    let mut kinds: Vec<KindRow> = kinds
        .into_iter()
        .map(|(title, (tally, units))| KindRow { title: title.to_owned(), tally, units: units.len() })
        .collect();
    kinds.sort_by_key(|row| std::cmp::Reverse(row.tally.assigned));
    kinds
}

/// The events of a history up to the end of `cutoff`.
fn known(history: &[Event], cutoff: NaiveDate) -> &[Event] {
    let end = end_of_day(cutoff);
    let after = history.iter().position(|event| event.at.timestamp() > end.timestamp());
    history.split_at(after.unwrap_or(history.len())).0
}

fn progress(case: &Case, cutoff: NaiveDate) -> Progress {
    match case.state {
        CaseState::Closed => Progress::Closed,
        CaseState::Revoked | CaseState::Dropped => Progress::Revoked,
        CaseState::Exempt => Progress::Exempt,
        CaseState::Reopened => Progress::Relapsed,
        _ if case.progress.extended_to.is_some_and(|until| until >= cutoff) => Progress::Extended,
        _ if case.due.is_some_and(|due| due < cutoff) => Progress::Overdue,
        _ => Progress::Within,
    }
}

/// What one history says of the period.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is counted by itself")]
struct Steps<'a> {
    found: bool,
    closed: bool,
    relapsed: bool,
    objection_upheld: bool,
    column: Option<&'a str>,
}

impl<'a> Steps<'a> {
    fn of(history: &'a [Event], from: NaiveDate) -> Self {
        let mut steps = Self::default();
        let Some((first, rest)) = history.split_first() else { return steps };
        let Ok(mut case) = Case::open(first) else { return steps };
        let mut confirmed = case.state == CaseState::Confirmed;
        steps.found = confirmed && first.at.date_naive() >= from;
        let mut assigned = false;
        for event in rest {
            let state = case.state;
            if case.apply(event).is_err() {
                return steps;
            }
            let counts = event.at.date_naive() >= from;
            let moved = case.state != state;
            if !confirmed && case.state == CaseState::Confirmed {
                confirmed = true;
                steps.found = counts;
            }
            match &event.what {
                What::Assigned { .. } => assigned = true,
                What::Revoked { .. } if state == CaseState::Disputed => steps.objection_upheld |= counts,
                _ => {}
            }
            if moved && case.state == CaseState::Closed && assigned && counts {
                steps.closed = true;
                if let Event { what: What::Seen { finding, .. }, .. } = first {
                    steps.column = finding.subject.column.as_deref();
                }
            }
            steps.relapsed |= moved && case.state == CaseState::Reopened && counts;
        }
        steps
    }
}
