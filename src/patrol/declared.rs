//! Declared maintenance and offline times (报备): visits that fall into them are said so and not counted.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{Order, sites_of};
use crate::calendar::Instant8;
use crate::facts::visits::{Outcome, Sample};
use crate::store::facts::FactsDb;

/// The spaced visits from `from` to `until` by 标识码, those in a declared window told as such.
///
/// # Errors
/// If the database fails.
pub fn visits(
    order: Order<'_>,
    db: &FactsDb,
    from: Instant8,
    until: Instant8,
) -> Result<BTreeMap<String, Vec<Sample>>> {
    let mut all = db.samples(from, until)?;
    let counting: Vec<&str> = order
        .rules
        .rules
        .iter()
        .filter(|bound| bound.check.id() == "unreachable-site")
        .map(|bound| bound.rule.id.as_str())
        .collect();
    if order.registry.exemptions.is_empty() {
        return Ok(all);
    }
    for (_, site) in sites_of(order.registry) {
        for sample in all.get_mut(&site.code).into_iter().flatten() {
            let day = sample.at.date_naive();
            let covers = |rule: &&&str| {
                order.registry.exempt(rule, &site.code, site.url.as_str(), None, day).is_some()
            };
            if !matches!(sample.outcome, Outcome::Ours(_) | Outcome::Absent)
                && counting.iter().any(|rule| covers(&rule))
            {
                sample.outcome = Outcome::Declared;
            }
        }
    }
    Ok(all)
}
