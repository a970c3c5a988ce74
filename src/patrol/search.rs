//! The part of a first look that asks each site's own search for titles that the site lists, where a rule in force judges it:
//! by GET, through the patrol's gates, at most two titles, each twice at most.

use anyhow::Result;
use chrono::{Days, NaiveDate};
use tokio::task::JoinSet;
use url::Url;

use super::gear::{Gear, Pages, Reading};
use super::{Order, sites_of};
use crate::calendar::Instant8;
use crate::config::valid::Limits;
use crate::facts::answer::Answer;
use crate::facts::asked::Ask;
use crate::facts::page::PageFacts;
use crate::facts::search::{Entrance, Form, Outcome, Search, Tried, outcome, wording};
use crate::store::facts::FactsDb;
use crate::url::registrable_domain;

/// Sites under way at a time.
const AT_ONCE: usize = 16;
/// Titles that a site is asked for.
const TITLES: usize = 2;
/// Days that an article has stood there: an index takes its time.
const INDEXED: Days = Days::new(3);
/// Days after which an article may have left the index.
const OUT_OF_USE: Days = Days::new(400);

/// Asks every site of look 1 and keeps the answers with its home page. Without a rule that judges them nothing is asked.
pub(super) async fn look(
    order: Order<'_>,
    gear: &Gear,
    db: &mut FactsDb,
    run: i64,
    as_of: Instant8,
) -> Result<()> {
    if !order.rules.asks().contains(&Ask::Searched) {
        return Ok(());
    }
    let homes: Vec<Url> = sites_of(order.registry).map(|(_, site)| site.url.clone()).collect();
    for some in homes.chunks(AT_ONCE) {
        let mut asking = JoinSet::new();
        for home in some {
            let Some(visit) = db.visit(run, 1, home.as_str())? else { continue };
            let Some(page) = db.page(run, 1, visit.id)? else { continue };
            let Some(Search { entrance: Entrance::Form(form), .. }) = &page.facts.search else { continue };
            let titles = titles(&page.facts, as_of.date_naive());
            let (form, charset, limits) =
                (form.clone(), page.facts.charset.clone(), order.config.limits.clone());
            let engine = Engine { pages: gear.pages(), form: form.clone(), charset, limits, as_of };
            asking.spawn(async move {
                let mut tried = Vec::new();
                for (title, url) in titles {
                    tried.extend(engine.ask(title, url).await);
                }
                (visit.id, Search { entrance: Entrance::Form(form), tried })
            });
        }
        for (id, search) in asking.join_all().await {
            db.put_search(run, 1, id, &search)?;
        }
    }
    Ok(())
}

/// Titles and addresses of articles of the site that its home page has listed for some days, newest first.
fn titles(home: &PageFacts, as_of: NaiveDate) -> Vec<(String, String)> {
    let (from, until) = (as_of.checked_sub_days(OUT_OF_USE), as_of.checked_sub_days(INDEXED));
    let (Some(from), Some(until)) = (from, until) else { return Vec::new() };
    let host = |url: &str| Url::parse(url).ok()?.host_str().map(str::to_owned);
    let own = host(&home.url);
    let items = home.list.iter().chain(&home.blocks).flat_map(|list| &list.items);
    let mut fit: Vec<(NaiveDate, &str, &str)> = items
        .filter_map(|item| Some((item.date?.date, item.title.as_str(), item.url.as_str())))
        .filter(|(date, title, url)| {
            let cut = title.ends_with(['…', '.']);
            (from..=until).contains(date) && !cut && host(url) == own && wording(title).is_some()
        })
        .collect();
    fit.sort_by(|a, b| (b.0, a.2).cmp(&(a.0, b.2)));
    fit.dedup_by(|a, b| a.2 == b.2);
    fit.into_iter().take(TITLES).map(|(_, title, url)| (title.to_owned(), url.to_owned())).collect()
}

/// The search of one site.
struct Engine {
    pages: Pages,
    form: Form,
    charset: String,
    limits: Limits,
    as_of: Instant8,
}

impl Engine {
    /// Asks for one title; what is not found is asked for once more, so that a passing fault accuses nobody.
    async fn ask(&self, title: String, url: String) -> Option<Tried> {
        let asked = self.form.question(&wording(&title)?, &self.charset)?;
        let mut outcome = Outcome::Unclear("search-elsewhere".to_owned());
        if is_own(&asked, &url) {
            for _ in 0..2 {
                outcome = self.answer(&asked, &title, &url).await;
                if outcome != Outcome::NotFound {
                    break;
                }
            }
        }
        Some(Tried { title, url, asked: asked.into(), outcome })
    }

    async fn answer(&self, asked: &Url, title: &str, url: &str) -> Outcome {
        let how = Reading { as_of: self.as_of, budget: self.limits.parse, want_structure: true };
        match self.pages.read(asked, how, |answer, facts| (answer, facts)).await {
            // That nothing was found reads much like a page that does not exist.
            Some((Answer::There | Answer::SoftNotFound, Some(facts))) => outcome(&facts, title, url),
            Some((answer, _)) => Outcome::Unclear(answer.word()),
            None => Outcome::Unclear("reader-failed".to_owned()),
        }
    }
}

/// Whether the address that is asked belongs to the owner of the article: what another site searches is not this site's own.
fn is_own(asked: &Url, article: &str) -> bool {
    let Ok(article) = Url::parse(article) else { return false };
    let domain = |url: &Url| url.host_str().and_then(registrable_domain).map(str::to_owned);
    article.host_str() == asked.host_str() || domain(&article).is_some() && domain(&article) == domain(asked)
}
