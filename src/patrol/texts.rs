//! Stored texts of a look to the wordings and personal numbers that are judged: a changed word list needs no new crawl.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use sha2::{Digest as _, Sha256};

use super::Order;
use super::own::OwnFailures;
use crate::crawl::files::Files;
use crate::crawl::frontier::SiteIndex;
use crate::facts::answer::Answer;
use crate::facts::attachments::{LONGEST, is_beyond_us, is_readable};
use crate::facts::columns::column_of;
use crate::facts::site::SiteFacts;
use crate::facts::wording::{Leaks, Reading, Wording};
use crate::finding::{Gap, Look, hex};
use crate::rules::RuleSet;
use crate::store::facts::FactsDb;
use crate::store::seen::look_of;
use crate::words::files::List;
use crate::words::{Asked, Tier};

/// Ids of the checks that judge texts by typo lists, and by an office's own.
const TYPOS: [&str; 1] = ["typo"];
const OWN: [&str; 2] = ["forbidden-text", "superseded-regulation"];
/// Those that compare the texts of articles, or look for a line in them.
const ARTICLES: [&str; 2] = ["redated-article", "no-review-line"];
const NUMBERS: [&str; 3] = ["id-number-leak", "phone-leak", "bank-card-leak"];

/// Whether any rule in force reads texts: else they are not stored.
pub(super) fn wanted(rules: &RuleSet) -> bool {
    uses(rules, &TYPOS) || uses(rules, &NUMBERS) || uses(rules, &OWN) || uses(rules, &ARTICLES)
}

/// Of which attachments the first look wants the text.
pub(super) fn files(rules: &RuleSet) -> Files {
    let reads =
        rules.reads_attachments(&TYPOS) || rules.reads_attachments(&NUMBERS) || rules.reads_attachments(&OWN);
    if reads { Files::All } else { Files::None }
}

/// What the wordings and numbers of a site depend on beside its texts: which of them the rules read, and the office's own lists.
pub(super) fn depends_on(rules: &RuleSet) -> impl serde::Serialize {
    let read =
        [&TYPOS[..], &NUMBERS, &OWN].map(|checks| (uses(rules, checks), rules.reads_attachments(checks)));
    let own: Vec<(&str, String)> =
        rules.word_lists.own().map(|(list, text)| (list.name(), hex(&Sha256::digest(text)))).collect();
    (read, own)
}

/// Adds to a site's facts what its texts of a look hold. `before` are the facts of the first look, where this is a later one: then
/// only what is known is looked at again. `also` is handed each page's address and text.
pub(super) fn add(
    order: Order<'_>,
    db: &FactsDb,
    (run, look, site): (i64, u8, SiteIndex),
    before: Option<&SiteFacts>,
    own: &OwnFailures,
    facts: &mut SiteFacts,
    mut also: impl FnMut(&str, &str),
) -> Result<()> {
    let words = order.rules.word_lists.words()?;
    let asked = Asked {
        typos: uses(order.rules, &TYPOS).then_some(Tier::Context),
        forbidden: uses(order.rules, &["forbidden-text"]) && words.has_own(List::Forbidden),
        superseded: uses(order.rules, &["superseded-regulation"]) && words.has_own(List::Superseded),
    };
    let of_file = Asked {
        typos: asked.typos.filter(|_| order.rules.reads_attachments(&TYPOS)),
        forbidden: asked.forbidden && order.rules.reads_attachments(&OWN),
        // Which text a document replaces stands in the document itself.
        superseded: false,
    };
    let mut reading = Reading::default();
    let mut files = HashSet::new();
    db.texts(run, look, site, |page| {
        also(&page.url, page.text);
        let file = is_readable(&page.url);
        reading.page(&page.url, page.text, &page.leaks, words, if file { of_file } else { asked });
        // What was cut off may hold more: it was read, and not to its end.
        if file && (page.chars as usize) < LONGEST {
            files.insert(page.url);
        }
    })?;
    let (wordings, leaks) = reading.finish(&facts.home.url);
    if before.is_none() && self::files(order.rules) != Files::None {
        facts.gaps.extend(unread(&db.files(run, look, site)?, &files));
    }
    let mut pages = Pages { db, run, look, own, files, seen: HashMap::new() };
    let Some(before) = before else {
        for mut wording in wordings {
            let Some(page) = pages.of(&wording.page)? else { continue };
            (wording.look, wording.column, wording.carrier) = (Some(page.look), page.column, page.carrier);
            facts.wordings.push(wording);
        }
        for mut leaks in leaks {
            let Some(page) = pages.of(&leaks.page)? else { continue };
            (leaks.look, leaks.column, leaks.carrier) = (Some(page.look), page.column, page.carrier);
            facts.leaks.push(leaks);
        }
        return Ok(());
    };
    for known in &before.wordings {
        let Some(page) = pages.of(&known.page)? else { continue };
        let again = wordings
            .iter()
            .filter(|now| (&now.list, &now.wrong, &now.page) == (&known.list, &known.wrong, &known.page));
        let (times, places) = again.fold((0, Vec::new()), |(times, mut places), now| {
            places.extend(now.places.iter().cloned());
            (times + now.times, places)
        });
        facts.wordings.push(Wording { times, places, gap: page.gap, look: Some(page.look), ..known.clone() });
    }
    for known in &before.leaks {
        let Some(page) = pages.of(&known.page)? else { continue };
        let again = leaks.iter().find(|now| (now.kind, &now.page) == (known.kind, &known.page));
        let now =
            again.cloned().unwrap_or(Leaks { count: 0, private: 0, shown: Vec::new(), ..known.clone() });
        let (column, carrier) = (known.column.clone(), known.carrier.clone());
        facts.leaks.push(Leaks { column, carrier, gap: page.gap, look: Some(page.look), ..now });
    }
    Ok(())
}

/// The documents of a site whose text was not seen, as two gaps: those that could not be read, and those for which there is no
/// reader.
fn unread(targets: &[String], read: &HashSet<String>) -> Vec<Gap> {
    let missed = targets.iter().filter(|url| is_readable(url) && !read.contains(*url)).count();
    let beyond = targets.iter().filter(|url| is_beyond_us(url)).count();
    let counted =
        [(missed, "file-not-read"), (beyond, "file-format")].into_iter().filter(|(count, _)| *count > 0);
    counted.map(|(count, why)| Gap::new(format!("{count} files"), why)).collect()
}

fn uses(rules: &RuleSet, checks: &[&str]) -> bool {
    rules.rules.iter().any(|bound| checks.contains(&bound.check.id()))
}

/// The pages that something stands on, as the look saw them.
struct Pages<'a> {
    db: &'a FactsDb,
    run: i64,
    look: u8,
    own: &'a OwnFailures,
    /// Attachments that were read to their end.
    files: HashSet<String>,
    seen: HashMap<String, Option<Page>>,
}

#[derive(Clone)]
struct Page {
    look: Look,
    column: Option<(String, String)>,
    /// The page that carries it, of an attachment.
    carrier: Option<String>,
    gap: Option<Gap>,
}

impl Pages<'_> {
    /// One page; `None` where the look did not ask for it, or what came then proves nothing.
    fn of(&mut self, url: &str) -> Result<Option<Page>> {
        if let Some(page) = self.seen.get(url) {
            return Ok(page.clone());
        }
        let page = match self.db.visit(self.run, self.look, url)? {
            None => None,
            Some(row) => {
                let answer = self.own.answer(&row);
                let stored = self.db.page(self.run, self.look, row.id)?;
                let file = is_readable(url);
                let gap = match (&answer, &stored) {
                    (Answer::There, Some(_)) => None,
                    (Answer::There, None) if file && self.files.contains(url) => None,
                    (Answer::There, None) => {
                        Some(Gap::new(url, if file { "file-not-read" } else { "not-read" }))
                    }
                    _ => Some(Gap::new(url, answer.word())),
                };
                let carrier = if file { self.db.carrier(self.run, self.look, row.id)? } else { None };
                let column = match &carrier {
                    Some((id, address)) => {
                        let stored = self.db.page(self.run, self.look, *id)?;
                        stored.and_then(|read| column_of(&read.facts, address))
                    }
                    None => stored.and_then(|read| column_of(&read.facts, url)),
                };
                let carrier = carrier.map(|(_, address)| address);
                Some(Page { look: look_of(&row.exchange), column, carrier, gap })
            }
        };
        self.seen.insert(url.to_owned(), page.clone());
        Ok(page)
    }
}
