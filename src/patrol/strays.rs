//! Addresses beside the sites in operation: closed and moved sites, counterfeits. Asked for once a look, where a rule in force
//! judges them; nothing on them is followed.

use anyhow::Result;

use super::own::OwnFailures;
use super::{Order, candidate};
use crate::crawl::frontier::{Candidate, NO_SITE, Role};
use crate::facts::site::Visit;
use crate::facts::stray::{Stray, StrayKind};
use crate::registry::{Registry, SiteStatus};
use crate::store::facts::FactsDb;
use crate::store::seen::look_of;

/// What a look should ask for.
pub(super) fn seeds(order: Order<'_>) -> Vec<Candidate> {
    listed(order).iter().map(|stray| candidate(&stray.url, NO_SITE, Role::External)).collect()
}

/// Whether an address is one of them.
pub(super) fn is_listed(order: Order<'_>, url: &str) -> bool {
    listed(order).iter().any(|stray| stray.url == url)
}

/// All of them as a look saw them; in a later look only what it asked for.
pub(super) fn of_look(
    order: Order<'_>,
    db: &FactsDb,
    run: i64,
    look: u8,
    own: &OwnFailures,
) -> Result<Vec<Stray>> {
    let mut strays = Vec::new();
    for stray in listed(order) {
        let row = db.visit(run, look, &stray.url)?;
        if row.is_none() && look > 1 {
            continue;
        }
        let title = row.as_ref().map_or(Ok(None), |row| db.earlier_title(row.id, run + 1))?;
        let visit = row.map(|row| Visit { look: look_of(&row.exchange), answer: own.answer(&row) });
        strays.push(Stray { visit, title: title.unwrap_or_default(), ..stray });
    }
    Ok(strays)
}

/// What the register lists, where a rule in force judges it.
fn listed(order: Order<'_>) -> Vec<Stray> {
    let judged = order.rules.rules.iter().any(|bound| bound.check.scope().0 == "stray");
    if judged { of_register(order.registry) } else { Vec::new() }
}

fn of_register(registry: &Registry) -> Vec<Stray> {
    let stray = |kind, site: &crate::registry::Site, url: &url::Url| Stray {
        kind,
        site: site.code.clone(),
        name: site.name.clone(),
        url: url.to_string(),
        found: None,
        handled: None,
        title: String::new(),
        visit: None,
    };
    let retired = registry.sites.iter().filter_map(|site| match site.status {
        SiteStatus::Closed => Some(stray(StrayKind::Closed, site, &site.url)),
        SiteStatus::Moved => Some(stray(StrayKind::Moved, site, &site.url)),
        SiteStatus::Running | SiteStatus::ClosingRequested | SiteStatus::ClosingAnnounced => None,
    });
    let counterfeits = registry.counterfeits.iter().filter_map(|row| {
        let site = registry.site(&row.site)?;
        let stray = stray(StrayKind::Counterfeit, site, &row.url);
        Some(Stray { found: Some(row.found), handled: row.handled, ..stray })
    });
    retired.chain(counterfeits).collect()
}
