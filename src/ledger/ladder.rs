//! The ladder: which reminder of which problem is due on a day, and which units the office should talk to. Computed from
//! the cases and the calendar alone; what goes out is a person's decision.
#![deny(clippy::disallowed_methods)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;

use super::case::{Case, Standing};
use super::deadline::{Holidays, MissingYear};
use super::event::Step;
use crate::finding::Severity;

/// `[ladder]`: how long each rung waits, in working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ladder {
    /// 临期提示: this long before the date.
    pub notice_before: u16,
    /// 催办: this long after the date.
    pub remind_after: u16,
    /// 再次催办: this long after the date.
    pub remind_again_after: u16,
    /// 督办单: this long after the date, where a reminder has gone out.
    pub order_after: u16,
    /// 约谈建议: this long after a 督办单 was delivered.
    pub talk_after: u16,
}

impl Default for Ladder {
    fn default() -> Self {
        Self { notice_before: 3, remind_after: 1, remind_again_after: 3, order_after: 5, talk_after: 10 }
    }
}

/// One reminder that is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Action {
    /// 责任单位.
    pub unit: String,
    /// Which rung.
    pub step: Step,
    /// 整改时限.
    pub due: NaiveDate,
    /// 问题编号.
    pub number: String,
    /// Working days since the date; 0 where it has not passed.
    pub late: u32,
    /// How often the unit has been reminded of it for this date.
    pub reminded: usize,
}

/// A unit that the office should talk to. Printed for the office, never sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    /// 责任单位.
    pub unit: String,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// 问题编号 that it is about.
    pub numbers: Vec<String>,
}

/// What is due on `day`, at most one rung a case. `under_way` are the reminders that wait in the outbox.
///
/// # Errors
/// [`MissingYear`] where the calendar does not reach: working days are never guessed.
pub fn due_actions(
    cases: &[Case],
    under_way: &BTreeSet<(String, Step)>,
    day: NaiveDate,
    ladder: Ladder,
    holidays: &Holidays,
) -> Result<Vec<Action>, MissingYear> {
    let mut actions = Vec::new();
    for case in cases {
        let Some(due) = case.due.filter(|_| may_be_reminded(case, day)) else { continue };
        let late = holidays.working_days_between(due, day)?;
        let step = match case.standing(day) {
            Standing::Is(_) if due < day => None,
            Standing::Is(_) => early(case, holidays.working_days_between(day, due)?, ladder),
            Standing::NoReply | Standing::NotMended => overdue(case, late, ladder),
        };
        let Some(step) = step else { continue };
        if under_way.contains(&(case.number.clone(), step)) {
            continue;
        }
        let reminded = case.progress.reminders.iter().filter(|one| one.due == due).count();
        let (unit, number) = (case.unit.clone(), case.number.clone());
        actions.push(Action { unit, step, due, number, late, reminded });
    }
    actions.sort();
    Ok(actions)
}

/// 约谈建议名单: units that stay late after a 督办单, and units that needed one in two quarters running.
///
/// # Errors
/// As [`due_actions`].
pub fn talks(
    cases: &[Case],
    day: NaiveDate,
    ladder: Ladder,
    holidays: &Holidays,
) -> Result<Vec<Talk>, MissingYear> {
    let mut by_unit: BTreeMap<&str, Talk> = BTreeMap::new();
    let mut quarters: BTreeMap<&str, BTreeMap<i32, BTreeSet<&str>>> = BTreeMap::new();
    for case in cases {
        let orders = || case.progress.reminders.iter().filter(|one| one.step == Step::Order);
        for order in orders() {
            let numbers = quarters.entry(&order.unit).or_default().entry(quarter(order.on)).or_default();
            numbers.insert(&case.number);
        }
        let Some(last) = orders().filter(|one| Some(one.due) == case.due).map(|one| one.on).max() else {
            continue;
        };
        let since = holidays.working_days_between(last, day)?;
        if case.is_overdue(day) && since >= u32::from(ladder.talk_after) {
            let talk = by_unit.entry(&case.unit).or_insert_with(|| Talk::with(&case.unit));
            talk.reasons.push(format!("{}经督办{since}个工作日后仍未办结", case.number));
            talk.numbers.push(case.number.clone());
        }
    }
    let now = quarter(day);
    for (unit, by_quarter) in quarters {
        let (Some(last), Some(this)) = (by_quarter.get(&(now - 1)), by_quarter.get(&now)) else { continue };
        let talk = by_unit.entry(unit).or_insert_with(|| Talk::with(unit));
        talk.reasons.push(format!("连续两个季度被督办（上季度{}项，本季度{}项）", last.len(), this.len()));
        talk.numbers.extend(last.iter().chain(this).map(|number| (*number).to_owned()));
        talk.numbers.sort();
        talk.numbers.dedup();
    }
    Ok(by_unit.into_values().collect())
}

/// 提醒次数: letters that went to each unit in each month (`202612`). What one letter names of several problems counts once.
pub fn reminders_by_month(cases: &[Case]) -> BTreeMap<(String, String), usize> {
    let letters: BTreeSet<(&str, NaiveDate, Step)> = cases
        .iter()
        .flat_map(|case| &case.progress.reminders)
        .map(|one| (one.unit.as_str(), one.on, one.step))
        .collect();
    let mut counted = BTreeMap::new();
    for (unit, on, _) in letters {
        *counted.entry((unit.to_owned(), on.format("%Y%m").to_string())).or_default() += 1;
    }
    counted
}

impl Talk {
    fn with(unit: &str) -> Self {
        Self { unit: unit.to_owned(), reasons: Vec::new(), numbers: Vec::new() }
    }
}

/// Whether the case is with its unit, nothing of it lies with the office, and it was neither handed over nor reminded of today.
fn may_be_reminded(case: &Case, day: NaiveDate) -> bool {
    case.state.is_with_unit()
        && case.finding.severity != Severity::Advisory
        && case.progress.pending.is_none()
        && case.assigned_on.is_none_or(|on| on < day)
        && case.progress.reminders.iter().all(|one| one.on < day)
}

fn early(case: &Case, left: u32, ladder: Ladder) -> Option<Step> {
    if case.progress.unfixed {
        return (!case.was_reminded(Step::Reminder)).then_some(Step::Reminder);
    }
    let near = left <= u32::from(ladder.notice_before);
    // What is to be done at once has no time of grace to be reminded of.
    let patient = case.finding.severity != Severity::Immediate;
    (near && patient && !case.was_reminded(Step::Notice)).then_some(Step::Notice)
}

fn overdue(case: &Case, late: u32, ladder: Ladder) -> Option<Step> {
    let reminded = case.was_reminded(Step::Reminder);
    let order_after = match case.finding.severity {
        _ if case.progress.unfixed => ladder.remind_after,
        Severity::Immediate => ladder.remind_after.saturating_add(1),
        Severity::Deadline | Severity::Advisory => ladder.order_after,
    };
    match late {
        _ if case.was_reminded(Step::Order) => None,
        late if reminded && late >= u32::from(order_after) => Some(Step::Order),
        late if reminded
            && late >= u32::from(ladder.remind_again_after)
            && !case.was_reminded(Step::SecondReminder) =>
        {
            Some(Step::SecondReminder)
        }
        late if !reminded && late >= u32::from(ladder.remind_after) => Some(Step::Reminder),
        _ => None,
    }
}

/// Quarters since the year 0: consecutive numbers over the turn of the year.
fn quarter(day: NaiveDate) -> i32 {
    day.year() * 4
        + i32::from(day.month0() >= 3)
        + i32::from(day.month0() >= 6)
        + i32::from(day.month0() >= 9)
}

#[cfg(test)]
#[path = "ladder_tests.rs"]
mod tests;
