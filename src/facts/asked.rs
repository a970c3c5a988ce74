//! What rules in force ask of a site beside what is folded anyway: plain questions ([`Ask`]), collected over the pages that
//! the fold reads in any case and answered at its end ([`Contents`]). Knows no rule; without questions it keeps nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::annual::RequestTable;
use super::answer::Answer;
use super::beside::{Beside, Reported, Said, Texts};
use super::columns::{Census, folder_form, plain};
use super::fold::Surroundings;
use super::guides::Guide;
use super::messages::Message;
use super::page::{LinkKind, PageKind, PageState};
use super::pairs::{Pair, Pairs};
use super::reposts::{Reposts, Wanted};
use super::site::{Column, PageSeen, TargetSeen};
use super::survey::{Survey, place_of};
use crate::finding::{Gap, Look};

/// Items that are kept of one question, newest first.
const MOST_ITEMS: usize = 200;
/// Places that are kept of one question.
const MOST_PLACES: usize = 20;

/// One question. Names and titles are patterns: words with spaces between them, all of which must stand in the text, in any
/// order; of several patterns one is enough.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// Which columns, pages and entrances are called so.
    Named(Vec<String>),
    /// Which items of lists and which articles are titled so.
    Titled(Vec<String>),
    /// Which links lead there or are called so.
    Linked {
        /// The columns that must carry it, by name; empty: the home page.
        on: Vec<String>,
        /// Hosts (with all below them), or a host with the beginning of a path.
        to: Vec<String>,
        /// What the link is called.
        called: Vec<String>,
    },
    /// Which documents and interpretations (解读) of the site belong together.
    Paired,
    /// Which service guides (办事指南) the site has, and what they show.
    Guides,
    /// Which of the titles that superiors want reposted the site lists.
    Reposts,
    /// Which messages of readers (网民留言) the site shows, and whether they were answered.
    Messages,
    /// Which barriers its home page and columns hold for readers who cannot see or cannot use a mouse.
    Barriers,
    /// What its own search answered.
    Searched,
    /// Which messages came in over 我为政府网站找错, by the office's file.
    Reports,
    /// Which articles go by a later date than before.
    Redated {
        /// Days between both dates from which on it counts.
        apart: u32,
        /// Days before the run within which the later date lies.
        within: u32,
    },
    /// Whether articles name who read them before they were published.
    Signed {
        /// Words of which one is enough.
        words: Vec<String>,
        /// Days before the run within which they were published.
        within: u32,
    },
    /// Which columns lie below one called so, when they were last updated, and whether they say that they are archived.
    Topics(Vec<String>),
}

/// What a site holds of what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Name as registered.
    pub name: String,
    /// Home page URL.
    pub url: String,
    /// Whether the site is a portal (政府门户网站).
    pub portal: bool,
    /// The home page's title.
    pub title: String,
    /// Why nothing can be said of what the home page lacks, where a script brings a part of it.
    pub scripted: Option<Gap>,
    /// Why absence cannot be told: the home page was not read, pages were left out, or columns could not be read.
    pub gap: Option<Gap>,
    /// Each question with its answer.
    pub told: Vec<Told>,
    /// What was asked and answered for the home page.
    pub look: Option<Look>,
}

/// One question's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The question.
    pub ask: Ask,
    /// To [`Ask::Named`], and of [`Ask::Linked`] the columns that should carry the link: columns first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// To [`Ask::Titled`]: newest first, undated ones last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// To [`Ask::Linked`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<Lead>,
    /// To [`Ask::Paired`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<Pair>,
    /// To [`Ask::Guides`], by URL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guides: Vec<GuideSeen>,
    /// To [`Ask::Reposts`], in the register's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reposts: Vec<Wanted>,
    /// To [`Ask::Messages`], by URL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageSeen>,
    /// To all further questions.
    #[serde(default)]
    pub said: Said,
}

/// One message of a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageSeen {
    /// Its title.
    pub title: String,
    /// Its URL.
    pub url: String,
    /// When it was written and answered.
    pub message: Message,
}

/// One service guide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuideSeen {
    /// Its title.
    pub title: String,
    /// Its URL.
    pub url: String,
    /// What it shows.
    pub guide: Guide,
}

/// Something that goes by a name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The name it goes by.
    pub name: String,
    /// Its URL, where it is a page that was read.
    pub url: Option<String>,
    /// Its state, where it is a column.
    pub state: Option<PageState>,
    /// The newest date on it.
    pub newest: Option<NaiveDate>,
    /// Why nothing can be said of what it holds.
    pub gap: Option<Gap>,
}

/// An item of a list, or an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its title.
    pub title: String,
    /// Where it leads.
    pub url: String,
    /// Its date.
    pub date: Option<NaiveDate>,
    /// The table of requests, where it is an annual report on disclosure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<RequestTable>,
}

/// A link that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// The page that carries it.
    pub page: String,
    /// What it is called.
    pub text: String,
    /// Where it leads.
    pub url: String,
    /// What became of its target.
    pub answer: Answer,
}

/// Collects while pages go by.
#[derive(Debug, Default)]
pub(super) struct Asked {
    asks: Vec<Ask>,
    items: Vec<BTreeMap<String, Item>>,
    headings: BTreeMap<String, String>,
    links: Vec<Kept>,
    addresses: BTreeMap<u32, String>,
    pairs: Pairs,
    guides: BTreeMap<String, GuideSeen>,
    reposts: Reposts,
    messages: BTreeMap<String, MessageSeen>,
    beside: Beside,
    shells: usize,
    cut_home: bool,
    title: String,
    scripted: bool,
}

/// One link of a page whose links matter.
#[derive(Debug)]
struct Kept {
    target: u32,
    text: String,
    page: String,
    home: bool,
}

impl Contents {
    /// The answer to `ask`; a gap where nobody asked.
    ///
    /// # Errors
    /// `not-asked`.
    pub fn answer(&self, ask: &Ask) -> Result<&Told, Gap> {
        self.told.iter().find(|told| told.ask == *ask).ok_or_else(|| Gap::new(&self.url, "not-asked"))
    }

    /// `Ok` where what was not found is not there.
    ///
    /// # Errors
    /// Why it may be there.
    pub fn whole(&self) -> Result<(), Gap> {
        self.gap.clone().map_or(Ok(()), Err)
    }
}

impl Told {
    fn nothing(ask: &Ask) -> Self {
        Self {
            ask: ask.clone(),
            places: vec![],
            items: vec![],
            leads: vec![],
            pairs: vec![],
            guides: vec![],
            reposts: vec![],
            messages: vec![],
            said: Said::Nothing,
        }
    }
}

impl Asked {
    pub(super) fn new(asks: &[Ask], reposts: &[Wanted], told: Option<&[Reported]>) -> Self {
        let items = asks.iter().map(|_| BTreeMap::new()).collect();
        let reposts = if asks.contains(&Ask::Reposts) { reposts } else { &[] };
        let beside = Beside::new(told.map(<[_]>::to_vec));
        Self { asks: asks.to_vec(), items, reposts: Reposts::new(reposts), beside, ..Self::default() }
    }

    /// Takes in one page, in any order.
    pub(super) fn page(&mut self, page: &PageSeen, is_home: bool) {
        if self.asks.is_empty() {
            return;
        }
        let article = page.facts.kind == PageKind::Article;
        self.shells += usize::from(matches!(page.facts.kind, PageKind::Shell | PageKind::Blocked));
        self.cut_home |= is_home && page.facts.gaps.iter().any(|gap| gap.why == "page-too-complex");
        if is_home {
            self.title.clone_from(&page.facts.title);
            self.scripted = matches!(page.facts.state, PageState::Script | PageState::Jumps)
                || !page.facts.list_sources.is_empty()
                || page.facts.gaps.iter().any(|gap| gap.why == "needs-render");
        }
        self.reposts.page(page);
        self.beside.page(page, is_home);
        let mut wants_links = false;
        for (ask, items) in self.asks.iter().zip(&mut self.items) {
            match ask {
                Ask::Titled(titles) => titled(page, article, titles, items),
                Ask::Linked { on, .. } if on.is_empty() => wants_links |= is_home,
                Ask::Linked { on, .. } => wants_links |= !article && !is_home && is_called(page, on),
                _ => {}
            }
        }
        if wants_links {
            // Also what a tab hides: it is there for whoever opens the tab.
            let page_links = page
                .links
                .iter()
                .filter(|link| matches!(link.kind, LinkKind::Page | LinkKind::Image | LinkKind::Attachment));
            self.links.extend(page_links.map(|link| Kept {
                target: link.target,
                text: link.text.clone(),
                page: page.url.clone(),
                home: is_home,
            }));
        }
        if !article && self.asks.iter().any(|ask| matches!(ask, Ask::Named(_))) {
            let lists = page.facts.list.iter().chain(&page.facts.blocks);
            for list in lists.filter(|list| !list.heading.is_empty() && list.heading.len() < 90) {
                self.headings.entry(plain(&list.heading)).or_insert_with(|| page.url.clone());
            }
        }
        if let Some(guide) = page.facts.guide.as_ref().filter(|_| self.asks.contains(&Ask::Guides)) {
            let title = page.facts.tags.get("ArticleTitle").unwrap_or(&page.facts.title).clone();
            let url = page.url.clone();
            self.guides.insert(page.url.clone(), GuideSeen { title, url, guide: guide.clone() });
        }
        if let Some(message) = page.facts.message.as_ref().filter(|_| self.asks.contains(&Ask::Messages)) {
            let title = page.facts.tags.get("ArticleTitle").unwrap_or(&page.facts.title).clone();
            let seen = MessageSeen { title, url: page.url.clone(), message: message.clone() };
            self.messages.insert(page.url.clone(), seen);
        }
        if self.asks.contains(&Ask::Paired) {
            self.pairs.page(page);
        }
    }

    /// The targets whose addresses the answers need, by their ids.
    pub(super) fn targets(&self) -> BTreeSet<u32> {
        self.links.iter().map(|link| link.target).chain(self.pairs.targets()).collect()
    }

    /// Says where targets lead.
    pub(super) fn addressed(&mut self, addresses: BTreeMap<u32, String>) {
        self.addresses = addresses;
    }

    /// Says what stored texts told.
    pub(super) fn texts(&mut self, texts: Texts) {
        self.beside.texts(texts);
    }

    /// Ends the fold.
    pub(super) fn finish<S: BuildHasher>(
        self,
        around: &Surroundings,
        (census, survey): (&Census, &Survey),
        columns: &[Column],
        suspects: &HashMap<u32, TargetSeen, S>,
        look: Option<&Look>,
    ) -> Option<Contents> {
        if self.asks.is_empty() {
            return None;
        }
        let gap = self.gap(around, census, survey);
        let mut told = Vec::with_capacity(self.asks.len());
        for (ask, items) in self.asks.iter().zip(&self.items) {
            let mut answer = Told::nothing(ask);
            match ask {
                Ask::Named(names) => answer.places = self.places(names, census, survey, columns),
                Ask::Titled(_) => answer.items = newest_first(items),
                Ask::Linked { on, to, called } => {
                    if !on.is_empty() {
                        answer.places = self.places(on, census, survey, columns);
                        // A page whose links were not kept, because it does not call itself so, may carry it.
                        let kept: BTreeSet<&str> =
                            self.links.iter().map(|link| place_of(&link.page)).collect();
                        let is_kept = |place: &Place| {
                            place.url.as_deref().is_some_and(|url| kept.contains(place_of(url)))
                        };
                        answer.places.retain(is_kept);
                    }
                    answer.leads = self.leads(on.is_empty(), &answer.places, (to, called), suspects);
                }
                Ask::Paired => answer.pairs = self.pairs.joined(&self.addresses),
                Ask::Messages => answer.messages = self.messages.values().cloned().collect(),
                Ask::Reposts => answer.reposts = self.reposts.told(),
                Ask::Guides => answer.guides = self.guides.values().cloned().collect(),
                _ => answer.said = self.beside.told(ask, columns),
            }
            told.push(answer);
        }
        Some(Contents {
            name: around.name.clone(),
            url: around.url.clone(),
            portal: around.portal,
            title: self.title,
            scripted: self.scripted.then(|| Gap::new(&around.url, "needs-render")),
            gap,
            told,
            look: look.cloned(),
        })
    }

    /// Why what was not found may be there all the same.
    fn gap(&self, around: &Surroundings, census: &Census, survey: &Survey) -> Option<Gap> {
        let why = if !census.home_read {
            "not-read"
        } else if self.cut_home {
            "page-too-complex"
        } else if around.not_reached > 0 {
            "not-reached"
        } else if self.shells * 10 > survey.columns.len().max(1) {
            // Each page that only a script fills may name what was asked for.
            "needs-render"
        } else {
            return None;
        };
        Some(Gap::new(&around.url, why))
    }

    /// What goes by one of these names: columns first, then what only links, breadcrumbs or headings call so.
    fn places(&self, names: &[String], census: &Census, survey: &Survey, columns: &[Column]) -> Vec<Place> {
        let mut places: BTreeMap<(u8, String), Place> = BTreeMap::new();
        let mut put = |rank: u8, key: &str, place: Place| {
            if places.len() < MOST_PLACES {
                places.entry((rank, key.to_owned())).or_insert(place);
            }
        };
        let leaf = |name: &str| plain(name.rsplit('-').next().unwrap_or(name));
        for column in columns.iter().filter(|column| says_any(&leaf(&column.name), names)) {
            put(
                0,
                place_of(&column.url),
                Place {
                    name: column.name.clone(),
                    url: Some(column.url.clone()),
                    state: Some(column.state),
                    newest: column.newest,
                    gap: column.gap.clone(),
                },
            );
        }
        let known: BTreeSet<&str> = columns.iter().map(|column| place_of(&column.url)).collect();
        let bare = |name: &str, url: Option<&str>| Place {
            name: name.to_owned(),
            url: url.map(ToOwned::to_owned),
            state: None,
            newest: None,
            gap: None,
        };
        let found = survey.columns.iter().filter(|found| !known.contains(place_of(&found.url)));
        for found in found.filter(|found| says_any(&leaf(&found.name), names)) {
            put(
                1,
                place_of(&found.url),
                Place {
                    state: Some(found.state),
                    newest: found.dates.first().copied(),
                    ..bare(&found.name, Some(&found.url))
                },
            );
        }
        let urls: HashMap<u32, &str> =
            census.pages.iter().map(|(url, page)| (page.id, url.as_str())).collect();
        let mentions: BTreeMap<u32, _> = census.mentions.iter().map(|(id, said)| (*id, said)).collect();
        for (id, said) in mentions {
            let framed = said.nav.all().chain(said.map.all()).map(plain).find(|name| says_any(name, names));
            let in_body = || said.body.all().map(plain).find(|name| nearly(name, names));
            if let Some(name) = framed.or_else(in_body) {
                let url = urls.get(&id).copied();
                if url.is_none_or(|url| !known.contains(place_of(url))) {
                    put(2, &name, bare(&name, url));
                }
            }
        }
        for (url, below) in &census.below {
            let step =
                below.trails.keys().filter_map(|way| way.last()).find(|step| says_any(&step.name, names));
            if let Some(step) = step.filter(|_| !known.contains(place_of(folder_form(url)))) {
                put(3, &step.name, bare(&step.name, Some(url)));
            }
        }
        for (heading, _) in self.headings.iter().filter(|(heading, _)| nearly(heading, names)) {
            put(4, heading, bare(heading, None));
        }
        places.into_values().collect()
    }

    fn leads<S: BuildHasher>(
        &self,
        home: bool,
        places: &[Place],
        (to, called): (&[String], &[String]),
        suspects: &HashMap<u32, TargetSeen, S>,
    ) -> Vec<Lead> {
        let on: BTreeSet<&str> =
            places.iter().filter_map(|place| place.url.as_deref()).map(place_of).collect();
        let mut leads: Vec<Lead> = self
            .links
            .iter()
            .filter(|link| if home { link.home } else { on.contains(place_of(&link.page)) })
            .filter_map(|link| {
                let url = self.addresses.get(&link.target).map_or("", String::as_str);
                let hit = to.iter().any(|to| leads_to(url, to)) || says_any(&plain(&link.text), called);
                let answer = || suspects.get(&link.target).map_or(Answer::There, |seen| seen.answer.clone());
                hit.then(|| Lead {
                    page: link.page.clone(),
                    text: link.text.clone(),
                    url: url.to_owned(),
                    answer: answer(),
                })
            })
            .collect();
        leads.sort_by(|a, b| (&a.page, &a.url, &a.text).cmp(&(&b.page, &b.url, &b.text)));
        leads.dedup();
        leads.truncate(MOST_PLACES);
        leads
    }
}

/// Whether a text says a pattern: each of its words, in any order.
pub fn says(text: &str, pattern: &str) -> bool {
    pattern.split_whitespace().all(|word| text.contains(word))
}

/// Whether a text says one of these patterns.
pub fn says_any(text: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| says(text, pattern))
}

/// As [`says_any`], by a text that says little beside: a heading or link in a list is else any article's title.
fn nearly(text: &str, patterns: &[String]) -> bool {
    let long = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    patterns.iter().any(|pattern| says(text, pattern) && long(text) <= long(pattern) + 6)
}

/// Whether a URL leads to a host (or one below it), or under the beginning of a path on that very host.
pub fn leads_to(url: &str, to: &str) -> bool {
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (authority, path) = bare.find('/').map_or((bare, ""), |at| bare.split_at(at));
    let host = authority.split(['?', '#', ':']).next().unwrap_or_default();
    match to.find('/').map(|at| to.split_at(at)) {
        Some((of, beginning)) => host == of && path.starts_with(beginning),
        None => host == to || host.strip_suffix(to).is_some_and(|above| above.ends_with('.')),
    }
}

fn titled(page: &PageSeen, article: bool, titles: &[String], items: &mut BTreeMap<String, Item>) {
    let mut put = |title: &str, url: &str, date: Option<NaiveDate>| {
        let item = items.entry(url.to_owned()).or_insert_with(|| Item {
            title: title.to_owned(),
            url: url.to_owned(),
            date,
            table: None,
        });
        item.table = item.table.take().or_else(|| page.facts.requests.clone().filter(|_| url == page.url));
        // What the article says of itself and what a list says of it: the earlier date, the longer title.
        item.date = match (item.date, date) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        if (title.len(), title) > (item.title.len(), &item.title) {
            title.clone_into(&mut item.title);
        }
    };
    if article {
        let own = page.facts.tags.get("ArticleTitle").map_or(page.facts.title.as_str(), String::as_str);
        if says_any(own, titles) {
            put(own, &page.url, page.facts.pubdate.chosen.map(|stamp| stamp.date));
        }
    }
    for item in page.facts.list.iter().chain(&page.facts.blocks).flat_map(|list| &list.items) {
        if says_any(&item.title, titles) {
            put(&item.title, &item.url, item.date.map(|stamp| stamp.date));
        }
    }
}

fn newest_first(items: &BTreeMap<String, Item>) -> Vec<Item> {
    let mut items: Vec<Item> = items.values().cloned().collect();
    items.sort_by(|a, b| (b.date, &a.url).cmp(&(a.date, &b.url)));
    items.truncate(MOST_ITEMS);
    items
}

/// Whether a page gives itself one of these names: in its title, its tag, or at the end of its breadcrumb.
fn is_called(page: &PageSeen, names: &[String]) -> bool {
    let facts = &page.facts;
    says_any(&facts.title, names)
        || facts.tags.get("ColumnName").is_some_and(|name| says_any(name, names))
        || facts.breadcrumb.last().is_some_and(|crumb| says_any(&crumb.name, names))
}

#[cfg(test)]
#[path = "asked_tests.rs"]
mod tests;
