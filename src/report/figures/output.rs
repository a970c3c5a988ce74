//! What accounts published, by platform and by unit, as the latest standings of a check's window tell it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Inspection, Latest};
use crate::inspection::MemberKind;
use crate::registry::Registry;

/// Figures of the accounts of a platform or a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputRow {
    /// Platform or unit.
    pub name: String,
    /// 在册数.
    pub accounts: usize,
    /// Of them, those whose posts any evidence of the window tells.
    pub known: usize,
    /// Posts of the year that evidence tells, at least.
    pub posts: u64,
    /// Accounts that were silent beyond the limit this year.
    pub late: usize,
    /// Days beyond the limit, of all of them.
    pub late_days: u64,
    /// The longest time between two posts, in days; `None` where no evidence lists enough to know.
    pub longest: Option<u32>,
}

/// The same by platform and by unit; empty where no standing of the window tells any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// By platform, in the order of the register.
    pub platforms: Vec<OutputRow>,
    /// By unit, in protocol order.
    pub units: Vec<OutputRow>,
}

impl Output {
    /// All accounts together.
    pub fn whole(&self) -> OutputRow {
        let mut whole = OutputRow { name: "合计".to_owned(), ..OutputRow::default() };
        for row in &self.platforms {
            whole.accounts += row.accounts;
            whole.known += row.known;
            whole.posts += row.posts;
            whole.late += row.late;
            whole.late_days += row.late_days;
            whole.longest = whole.longest.max(row.longest);
        }
        whole
    }
}

pub(super) fn output(registry: &Registry, inspection: &Inspection, latest: &Latest<'_>) -> Output {
    let (mut platforms, mut units) = (Vec::new(), BTreeMap::new());
    let mut any = false;
    for member in inspection.members.iter().filter(|member| member.kind == MemberKind::Account) {
        let figures = latest.standing(inspection, member).and_then(|standing| standing.account);
        any |= figures.is_some();
        let place = platforms.iter().position(|row: &OutputRow| row.name == member.category);
        let place = place.unwrap_or_else(|| {
            platforms.push(OutputRow { name: member.category.clone(), ..OutputRow::default() });
            platforms.len() - 1
        });
        let unit = member.summed_under();
        let unit = units
            .entry(unit.to_owned())
            .or_insert_with(|| OutputRow { name: unit.to_owned(), ..OutputRow::default() });
        for row in platforms.get_mut(place).into_iter().chain([unit]) {
            row.accounts += 1;
            let Some(figures) = figures else { continue };
            let late = figures.late_days.unwrap_or(0);
            row.known += usize::from(figures.last.is_some() || figures.known_until.is_some());
            row.posts += u64::from(figures.posts);
            row.late += usize::from(late > 0);
            row.late_days += u64::from(late);
            row.longest = row.longest.max(figures.longest);
        }
    }
    if !any {
        return Output::default();
    }
    let mut units: Vec<OutputRow> = units.into_values().collect();
    units.sort_by_cached_key(|row| (registry.protocol_order(&row.name), row.name.clone()));
    Output { platforms, units }
}
