//! The part of a first look that asks for pictures: those of each home page that may hold the code of a new-media account.

use anyhow::Result;
use tokio::task::JoinSet;
use url::Url;

use super::gear::{Gear, Pictures};
use super::{Order, sites_of};
use crate::crawl::frontier::SiteIndex;
use crate::facts::account_marks::AccountMarks;
use crate::facts::qr;
use crate::store::facts::FactsDb;

/// Sites under way at a time.
const AT_ONCE: usize = 16;

/// Asks for the pictures of every home page of look 1 and keeps what their codes say with the page. Without a register of accounts
/// there is nothing to hold them against, and nothing is asked for.
pub(super) async fn look(order: Order<'_>, gear: &Gear, db: &mut FactsDb, run: i64) -> Result<()> {
    if order.registry.accounts.is_empty() {
        return Ok(());
    }
    let sites: Vec<(SiteIndex, Url)> =
        sites_of(order.registry).map(|(index, site)| (index, site.url.clone())).collect();
    for some in sites.chunks(AT_ONCE) {
        let mut asking = JoinSet::new();
        for (_, home) in some {
            let Some(visit) = db.visit(run, 1, home.as_str())? else { continue };
            let Some(page) = db.page(run, 1, visit.id)? else { continue };
            let Some(marks) = page.facts.accounts.filter(|marks| !marks.account_codes.is_empty()) else {
                continue;
            };
            let pictures = gear.pictures();
            asking.spawn(async move { (visit.id, read(&pictures, marks).await) });
        }
        for (id, marks) in asking.join_all().await {
            db.put_accounts(run, 1, id, &marks)?;
        }
    }
    Ok(())
}

async fn read(pictures: &Pictures, mut marks: AccountMarks) -> AccountMarks {
    for code in &mut marks.account_codes {
        (code.says, code.gap) = match picture(pictures, &code.image).await {
            Ok(says) => (Some(says), None),
            Err(why) => (None, Some(why)),
        };
    }
    marks
}

/// What the codes in a picture say.
async fn picture(pictures: &Pictures, address: &str) -> Result<Vec<String>, String> {
    let url = Url::parse(address).map_err(|_| "not-a-url".to_owned())?;
    let fetched = pictures.fetch(&url).await;
    let reply = fetched.exchange.outcome.map_err(|_| "not-fetched".to_owned())?;
    match reply.status {
        200..=299 if reply.body_cut => return Err("too-large".to_owned()),
        200..=299 => {}
        status => return Err(format!("status-{status}")),
    }
    // A decoder that breaks on a picture ends that picture.
    let reading = tokio::task::spawn_blocking(move || std::panic::catch_unwind(|| qr::read(&fetched.body)));
    match reading.await {
        Ok(Ok(Ok(says))) => Ok(says),
        Ok(Ok(Err(unread))) => Err(unread.word().to_owned()),
        Ok(Err(_)) | Err(_) => Err("reader-failed".to_owned()),
    }
}
