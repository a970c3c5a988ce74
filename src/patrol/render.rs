//! Columns whose pages scripts fill, or which hold nothing, shown by a browser where the office uses one.

use anyhow::Result;

use super::{Gear, Order};
use crate::calendar::Instant8;
use crate::store::facts::FactsDb;

/// Shows the columns of a look that its source could not settle, and stores what was seen; what is stored already is not shown again.
/// Without a browser nothing happens.
///
/// # Errors
/// If the database fails. A browser that does not start or breaks leaves the columns as they were, and is logged.
#[cfg(feature = "browser")]
pub(super) async fn look(
    order: Order<'_>,
    gear: &Gear,
    db: &mut FactsDb,
    (run, look): (i64, u8),
    as_of: Instant8,
) -> Result<()> {
    shown::look(order, gear, db, (run, look), as_of).await
}

/// Nothing: this program was built without a browser.
///
/// # Errors
/// Never.
#[cfg(not(feature = "browser"))]
#[expect(clippy::unused_async, reason = "the same as with a browser")]
pub(super) async fn look(_: Order<'_>, _: &Gear, _: &mut FactsDb, _: (i64, u8), _: Instant8) -> Result<()> {
    Ok(())
}

#[cfg(feature = "browser")]
mod shown {
    use anyhow::Result;
    use url::Url;

    use super::super::{Gear, Order, now, sites, sites_of};
    use crate::calendar::Instant8;
    use crate::config::valid::Limits;
    use crate::crawl::budget::CpuBudget;
    use crate::crawl::frontier::SiteIndex;
    use crate::facts::html::read_page;
    use crate::facts::page::{PageContext, PageFacts, PageState};
    use crate::facts::personal;
    use crate::facts::rendered::Rendered;
    use crate::facts::site::Column;
    use crate::fetch::browser::{Browser, Shown};
    use crate::store::facts::FactsDb;

    /// Times a browser is started anew in one look before it is given up.
    const STARTS: u32 = 5;

    pub(super) async fn look(
        order: Order<'_>,
        gear: &Gear,
        db: &mut FactsDb,
        (run, look): (i64, u8),
        as_of: Instant8,
    ) -> Result<()> {
        let Some(config) = &order.config.browser else { return Ok(()) };
        let wanted = wanted(order, db, (run, look), as_of, config.pages)?;
        let mut browser: Option<Browser> = None;
        let mut starts = 0;
        for (site, url, start) in wanted {
            let running = match browser.take() {
                Some(running) => running,
                None if starts >= STARTS => break,
                None => {
                    starts += 1;
                    match Browser::start(config, &db.folder()).await {
                        Ok(running) => running,
                        Err(error) => {
                            tracing::warn!("{error:#}");
                            break;
                        }
                    }
                }
            };
            gear.opened().await;
            let (http, gate) = gear.visitor();
            match running.show(&http, &gate, &start).await {
                Ok(shown) => {
                    browser = Some(running);
                    // A picture shows the numbers of persons as the page does.
                    let picture =
                        shown.picture.clone().filter(|_| !personal::in_bytes(shown.html.as_bytes()));
                    if let Some(seen) = read(shown, &order.config.limits, as_of).await {
                        db.put_rendered((run, look, site), &url, seen, picture.as_deref())?;
                    }
                }
                Err(error) => {
                    tracing::warn!("{url}: {error:#}");
                    running.close().await;
                }
            }
        }
        if let Some(running) = browser {
            running.close().await;
        }
        Ok(())
    }

    /// The columns that a browser may settle: site, the address they were asked for, and where that led.
    fn wanted(
        order: Order<'_>,
        db: &FactsDb,
        (run, look): (i64, u8),
        as_of: Instant8,
        most: usize,
    ) -> Result<Vec<(SiteIndex, String, Url)>> {
        let looks = sites::looks(order, db, run, as_of)?;
        let mut all = Vec::new();
        for ((index, site), looked) in sites_of(order.registry).zip(looks) {
            let Some(seen) = looked.looks.iter().find(|one| one.look_no == u32::from(look)) else { continue };
            let known = db.rendered(run, look, index)?;
            let open = seen.facts.columns.iter().filter(|column| is_open(column));
            let open = open.filter(|column| !known.contains_key(&column.url));
            for column in open.take(most) {
                let hop = column.look.as_ref().and_then(|look| look.hops.last());
                let start = Url::parse(hop.map_or(&column.url, |hop| &hop.to))?;
                // Somebody else's page is no column of this site.
                if start.host_str() == site.url.host_str() || column.registered {
                    all.push((index, column.url.clone(), start));
                }
            }
        }
        Ok(all)
    }

    fn is_open(column: &Column) -> bool {
        let needs = column.gap.as_ref().is_some_and(|gap| gap.why == "needs-render");
        needs || matches!(column.state, PageState::Empty | PageState::Placeholder)
    }

    /// Reads what the browser showed like any page, off the thread of the network; `None` where reading broke.
    async fn read(shown: Shown, limits: &Limits, as_of: Instant8) -> Option<Rendered> {
        let parse = limits.parse;
        let requests = shown.requests;
        let failed = u32::try_from(shown.failed.len()).unwrap_or(u32::MAX);
        for why in &shown.failed {
            tracing::debug!("{}: {why}", shown.url);
        }
        let settled = shown.settled;
        let reading = tokio::task::spawn_blocking(move || -> PageFacts {
            let cx = PageContext {
                url: &shown.url,
                content_type: Some("text/html; charset=utf-8"),
                status: Some(200),
                as_of,
                want_structure: true,
            };
            read_page(shown.html.as_bytes(), &cx, CpuBudget::start(parse).check())
        });
        let mut facts = reading.await.ok()?;
        facts.links.clear();
        Some(Rendered { at: now(), facts, requests, failed, settled, picture: String::new() })
    }
}
