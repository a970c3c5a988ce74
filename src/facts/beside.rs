//! Answers to questions that single pages do not tell, or not by themselves: barriers counted over a site, what its search
//! answered, closed topics, and what the office's files and stored texts say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::access::Barrier;
use super::asked::Ask;
use super::columns::folder_form;
use super::page::PageState;
use super::redated::Redatings;
use super::search::Search;
use super::site::{Column, PageSeen};
use crate::finding::Gap;

/// Examples kept of one answer.
const MOST: usize = 20;

/// One answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// The question has another kind of answer.
    #[default]
    Nothing,
    /// To [`Ask::Barriers`].
    Barriers(BTreeMap<Barrier, Met>),
    /// To [`Ask::Searched`]; `None` where the home page was not read for it.
    Searched(Option<Search>),
    /// To [`Ask::Reports`]; `None` where the office keeps no such file.
    Reports(Option<Vec<Reported>>),
    /// To [`Ask::Redated`]; `None` where no texts were compared.
    Redated(Option<Redatings>),
    /// To [`Ask::Signed`]; `None` where no texts were read.
    Signed(Option<Signatures>),
    /// To [`Ask::Topics`], by URL.
    Topics(Vec<Topic>),
}

/// One kind of barrier over the pages of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// Pages that were read for it.
    pub pages: u32,
    /// Pages with at least one barrier of the kind.
    pub with: u32,
    /// All of the kind.
    pub all: u32,
    /// Those that are barriers.
    pub bad: u32,
    /// The page with most of them; of equal ones that with the smallest address.
    pub page: String,
    /// How many it has.
    pub most: u32,
}

/// A message from 我为政府网站找错 as the office's file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// Its number, as written; may be empty.
    pub number: String,
    /// What it is about, as written; may be empty.
    pub about: String,
    /// When it came in.
    pub received: NaiveDate,
    /// When it was answered.
    pub answered: Option<NaiveDate>,
    /// Working days from then until it was answered, or until the run's day; `None` where the office's calendar lacks a year of them.
    pub worked: Option<u32>,
}

/// Whether articles name who read them before they were published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatures {
    /// Articles of the time that was asked for whose text was read.
    pub articles: u32,
    /// How many of them hold none of the words.
    pub unsigned: u32,
    /// Title and URL of some, by URL.
    pub shown: Vec<(String, String)>,
}

/// A column of a topic (专题).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Its name, with its parents'.
    pub name: String,
    /// Its URL.
    pub url: String,
    /// Its newest date.
    pub newest: Option<NaiveDate>,
    /// Whether it says that it is archived (归档).
    pub archived: bool,
    /// Why nothing can be said.
    pub gap: Option<Gap>,
}

/// What stored texts say, once all pages have gone by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// Articles under a new date; `None` where nobody looked.
    pub redated: Option<Redatings>,
    /// Articles and their signatures; `None` where nobody looked.
    pub signed: Option<Signatures>,
}

/// Collects while pages go by.
#[derive(Debug, Default)]
pub(super) struct Beside {
    barriers: BTreeMap<Barrier, Met>,
    search: Option<Search>,
    archived: BTreeSet<String>,
    reports: Option<Vec<Reported>>,
    texts: Texts,
}

impl Beside {
    pub(super) fn new(reports: Option<Vec<Reported>>) -> Self {
        Self { reports, ..Self::default() }
    }

    /// Takes in one page, in any order.
    pub(super) fn page(&mut self, page: &PageSeen, is_home: bool) {
        if let Some(barriers) = &page.facts.barriers {
            for (kind, count) in barriers {
                let met = self.barriers.entry(*kind).or_default();
                met.pages += 1;
                met.all += count.all;
                met.bad += count.bad;
                met.with += u32::from(count.bad > 0);
                let worse =
                    count.bad > met.most || count.bad == met.most && count.bad > 0 && page.url < met.page;
                if worse {
                    (met.most, met.page) = (count.bad, page.url.clone());
                }
            }
        }
        if is_home {
            self.search.clone_from(&page.facts.search);
        }
        if page.facts.archived {
            self.archived.insert(folder_form(&page.url).to_owned());
        }
    }

    /// Says what stored texts told.
    pub(super) fn texts(&mut self, texts: Texts) {
        self.texts = texts;
    }

    /// The answer to `ask`.
    pub(super) fn told(&self, ask: &Ask, columns: &[Column]) -> Said {
        match ask {
            Ask::Barriers => Said::Barriers(self.barriers.clone()),
            Ask::Searched => Said::Searched(self.search.clone()),
            Ask::Reports => Said::Reports(self.reports.clone()),
            Ask::Redated { .. } => Said::Redated(self.texts.redated.clone()),
            Ask::Signed { .. } => Said::Signed(self.texts.signed.clone()),
            Ask::Topics(names) => Said::Topics(self.topics(names, columns)),
            _ => Said::Nothing,
        }
    }

    /// Columns below one that is called so: the column of topics itself is no topic.
    fn topics(&self, names: &[String], columns: &[Column]) -> Vec<Topic> {
        let is_topic = |column: &&Column| {
            let above = column.name.rsplit_once('-').map_or("", |(above, _)| above);
            names.iter().any(|name| above.contains(name.as_str()))
        };
        let mut topics: Vec<Topic> = columns
            .iter()
            .filter(is_topic)
            .map(|column| Topic {
                name: column.name.clone(),
                url: column.url.clone(),
                newest: column.newest,
                archived: column.name.contains("归档") || self.archived.contains(folder_form(&column.url)),
                gap: column
                    .gap
                    .clone()
                    .or_else(|| (column.state == PageState::Failed).then(|| Gap::new(&column.url, "failed"))),
            })
            .collect();
        topics.sort_by(|a, b| a.url.cmp(&b.url));
        topics.truncate(MOST * 10);
        topics
    }
}

impl Signatures {
    /// Takes in one article's text.
    pub fn note(&mut self, title: &str, url: &str, text: &str, words: &[String]) {
        self.articles += 1;
        if words.iter().any(|word| text.contains(word.as_str())) {
            return;
        }
        self.unsigned += 1;
        let at = self.shown.partition_point(|(_, known)| known.as_str() < url);
        if at < MOST {
            self.shown.insert(at, (title.to_owned(), url.to_owned()));
            self.shown.truncate(MOST);
        }
    }
}
