//! What the first look could not read for a reason that may pass, read before a further look as if it had come at once: its
//! facts are the first look's, its links are followed, its columns judged. What fails again keeps the answer of its own time.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::Result;

use super::{Gear, Order, count, own, sites_of, texts};
use crate::crawl::frontier::{Candidate, Role, SiteIndex, Stage, UrlId};
use crate::crawl::worker::Plan;
use crate::store::facts::FactsDb;

/// Asks once more for pages of a run's first look whose reading failed in passing. The second value tells whether there were
/// any.
///
/// # Errors
/// If a database or the network stack fails; what the sites do is never an error.
pub async fn catch_up(order: Order<'_>, gear: &Gear, db: FactsDb, run: i64) -> Result<(FactsDb, bool)> {
    let Some(as_of) = db.run(run)?.map(|record| record.as_of) else { return Ok((db, false)) };
    let known: HashSet<SiteIndex> = sites_of(order.registry).map(|(index, _)| index).collect();
    let failed: HashSet<UrlId> = db
        .visits(run, 1, false)?
        .into_iter()
        .filter(|row| row.role <= Role::List && known.contains(&row.site) && row.answer.may_pass())
        .map(|row| row.id)
        .collect();
    if failed.is_empty() {
        return Ok((db, false));
    }
    let left = db.frontier(run, 1)?.into_iter();
    let again: Vec<(UrlId, Candidate)> = left
        .filter(|(id, _, stage)| *stage == Stage::Done && failed.contains(id))
        .map(|(id, what, _)| (id, what))
        .collect();
    let concerned: BTreeSet<SiteIndex> = again.iter().map(|(_, what)| what.site).collect();
    let plan = Plan {
        run,
        look: 1,
        as_of,
        seeds: Vec::new(),
        sites: count(order.registry),
        controls: HashMap::new(),
        files: texts::files(order.rules),
        again,
        calibrate: sites_of(order.registry)
            .filter(|(index, _)| concerned.contains(index))
            .map(|(index, site)| (index, site.url.to_string()))
            .collect(),
    };
    let mut db = own::ask_witnesses(order.config, gear, db, run, 1).await?;
    db.keep_texts(texts::wanted(order.rules));
    let db = gear.crawl(order.config, db, plan, |_| ()).await?;
    Ok((own::ask_witnesses(order.config, gear, db, run, 1).await?, true))
}
