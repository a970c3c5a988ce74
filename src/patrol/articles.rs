//! What the stored texts of a site's articles say, where a rule in force asks: which go by a later date than before, and which
//! name who read them.

use std::collections::HashMap;

use anyhow::Result;
use chrono::NaiveDate;

use crate::crawl::frontier::SiteIndex;
use crate::facts::asked::Ask;
use crate::facts::beside::{Signatures, Texts};
use crate::facts::redated::{self, Article, Redated, Redatings};
use crate::facts::site::PageSeen;
use crate::store::facts::FactsDb;

/// Characters from which on equal texts of two addresses are looked at.
const SAME_CHARS: u32 = 200;
/// Articles of a site whose texts are read, the newest.
const MOST_READ: usize = 500;
/// Articles under a new date that are told of one site.
const MOST_TOLD: usize = 100;

/// The articles of one site, gathered while its pages go by; nothing where no rule asks.
pub(super) struct Articles<'a> {
    asks: Vec<&'a Ask>,
    all: Vec<Article>,
    as_of: NaiveDate,
}

impl<'a> Articles<'a> {
    pub(super) fn new(asks: &'a [Ask], as_of: NaiveDate) -> Self {
        let asked = asks.iter().filter(|ask| matches!(ask, Ask::Redated { .. } | Ask::Signed { .. }));
        Self { asks: asked.collect(), all: Vec::new(), as_of }
    }

    pub(super) fn page(&mut self, page: &PageSeen) {
        if !self.asks.is_empty() {
            self.all.extend(Article::of(page.id, &page.url, &page.facts));
        }
    }

    /// What the texts of a run say of them.
    pub(super) fn told(self, db: &FactsDb, run: i64, site: SiteIndex) -> Result<Texts> {
        let mut texts = Texts::default();
        for ask in &self.asks {
            match ask {
                Ask::Redated { apart, within } => {
                    texts.redated = Some(self.redated(db, run, site, (*apart, *within))?);
                }
                Ask::Signed { words, within } => {
                    texts.signed = Some(self.signed(db, run, site, words, *within)?);
                }
                _ => {}
            }
        }
        Ok(texts)
    }

    fn recent(&self, within: u32) -> impl Iterator<Item = &Article> {
        self.all.iter().filter(move |article| {
            let age = self.as_of.signed_duration_since(article.date).num_days();
            (0..=i64::from(within)).contains(&age)
        })
    }

    fn signed(
        &self,
        db: &FactsDb,
        run: i64,
        site: SiteIndex,
        words: &[String],
        within: u32,
    ) -> Result<Signatures> {
        let mut recent: Vec<&Article> = self.recent(within).collect();
        recent.sort_by(|a, b| (b.date, &a.url).cmp(&(a.date, &b.url)));
        let mut signed = Signatures::default();
        for article in recent.into_iter().take(MOST_READ) {
            if let Some(text) = db.text(run, 1, site, article.id)? {
                signed.note(&article.title, &article.url, &text, words);
            }
        }
        Ok(signed)
    }

    fn redated(
        &self,
        db: &FactsDb,
        run: i64,
        site: SiteIndex,
        (apart, within): (u32, u32),
    ) -> Result<Redatings> {
        let mut newest: Vec<&Article> = self.recent(within).collect();
        newest.sort_by(|a, b| (b.date, &a.url).cmp(&(a.date, &b.url)));
        newest.truncate(MOST_READ);
        let recent: HashMap<&str, &Article> =
            newest.iter().map(|article| (article.url.as_str(), *article)).collect();
        let mut found: Vec<Redated> = redated::mistagged(&self.all, apart);
        found.retain(|one| recent.contains_key(one.url.as_str()));
        let body = |article: &Article| db.text(run, 1, site, article.id);
        for (now, was) in redated::doubles(&self.all, apart) {
            if recent.contains_key(now.url.as_str()) && same(body(now)?, body(was)?) {
                found.push(now.told(was));
            }
        }
        // The earlier copy is often taken down: then only an earlier run has seen it.
        let mut before: Vec<(&Article, i64, SiteIndex, u32)> = Vec::new();
        for now in &newest {
            if let Some((then, site)) = db.first_text(now.id, run)? {
                before.push((now, then, site, now.id));
            }
        }
        if !recent.is_empty() {
            for (page, other, then) in db.same_texts(run, site, SAME_CHARS)? {
                if let Some(now) = recent.get(page.as_str()).filter(|now| then < run && now.id != other) {
                    before.push((now, then, site, other));
                }
            }
        }
        for (now, then, site, id) in before {
            let Some(read) = db.page(then, 1, id)? else { continue };
            let Some(url) = db.href(id)? else { continue };
            let Some(was) = Article::of(id, &url, &read.facts) else { continue };
            if now.may_be(&was, apart) && same(body(now)?, db.text(then, 1, site, id)?) {
                found.push(now.told(&was));
            }
        }
        found.sort();
        found.dedup_by(|a, b| a.url == b.url);
        found.truncate(MOST_TOLD);
        let dated = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        Ok(Redatings { dated, found })
    }
}

fn same(now: Option<String>, was: Option<String>) -> bool {
    now.zip(was).is_some_and(|(now, was)| redated::same_body(&now, &was))
}
