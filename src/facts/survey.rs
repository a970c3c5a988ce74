//! The columns of a site, concluded from a [`Census`]: which pages are columns, what they are called and under what
//! they lie; and how they stand beside the register ([`Standing`]).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::class::ColumnClass;
use super::columns::{Below, Candidate, Census, Mentions, Names, Step, folder_form, is_name, plain};
use super::fold::{RegisteredColumn, Surroundings};
use super::grouping::is_period;
use super::later::{is_later_page, is_numbered_beside, turns_pages};
use super::page::{PageKind, PageState};
use super::site::TargetSeen;
use crate::finding::Confidence;

/// What one look found of a site's columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Its columns by URL, registered or not.
    pub columns: Vec<FoundColumn>,
    /// How each column of the register stands on the site, in the register's order.
    pub standings: Vec<Standing>,
    /// False where the home page was not read or pages were left out: then what is not found may be there.
    pub whole: bool,
}

/// A page that the site itself treats as a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundColumn {
    /// Its first page.
    pub url: String,
    /// Its name with those it lies under: `政务公开-规划计划`.
    pub name: String,
    /// The name of the column above it, with those that one lies under.
    pub parent: Option<String>,
    /// Guessed from its own name.
    pub class: ColumnClass,
    /// 1 for 一级栏目; `None` where nothing says it.
    pub level: Option<u8>,
    /// Who names it.
    pub named_by: NamedBy,
    /// What kind of page it is.
    pub kind: PageKind,
    /// Its state.
    pub state: PageState,
    /// How sure it is that this is a column.
    pub confidence: Confidence,
    /// Dates of its newest items, newest first.
    pub dates: Vec<NaiveDate>,
    /// True where it stands in the register.
    pub registered: bool,
}

/// Who names a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "five sources that have nothing to do with each other")]
pub struct NamedBy {
    /// 导航
    pub navigation: bool,
    /// Breadcrumbs (位置栏) of pages under it.
    pub breadcrumbs: bool,
    /// 网站地图
    pub site_map: bool,
    /// The home page, a channel page or a list, by the name that the page gives itself.
    pub pages: bool,
    /// The page itself: its breadcrumb or its `ColumnName` tag.
    pub itself: bool,
}

/// How a registered column stands on the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is there under its name.
    Agrees,
    /// The site calls it otherwise, everywhere.
    Renamed(String),
    /// Its name now leads to another address.
    Moved(String),
    /// Its page is there, and no page of the site leads to it outside articles.
    NoEntrance,
    /// Its page is not there any more, and nothing else bears its name.
    Gone,
    /// Nothing can be said, and why.
    NotSeen(String),
}

impl NamedBy {
    /// How many name it, apart from itself.
    pub fn others(self) -> u32 {
        [self.navigation, self.breadcrumbs, self.site_map, self.pages].into_iter().map(u32::from).sum()
    }
}

/// All that is known of one place of the site.
struct Place<'c> {
    url: &'c str,
    page: &'c Candidate,
    mentions: Mentions,
    below: Option<&'c Below>,
    site_names: &'c BTreeSet<String>,
}

impl Survey {
    /// Concludes what columns there are. `redirected` are the targets that led to another address of the site, `failed` those
    /// that were not simply there.
    pub fn of<S: BuildHasher>(
        census: &Census,
        around: &Surroundings,
        redirected: &BTreeMap<u32, String>,
        failed: &HashMap<u32, TargetSeen, S>,
    ) -> Self {
        let places = places(census, redirected);
        let known: HashSet<&str> = places.values().map(|place| place.url).collect();
        let registered: BTreeSet<&str> = around.columns.iter().map(|column| place_of(&column.url)).collect();
        let mut columns: Vec<FoundColumn> = places
            .iter()
            .filter(|(key, place)| {
                **key != place_of(&around.url)
                    && !place.page.is_map
                    && (!is_later_page(place.url, &known) || place.is_called_by_its_name())
                    && !place.is_turned_to()
                    && !is_search(place.url)
            })
            .filter_map(|(key, place)| Some((place, place.column(registered.contains(key))?)))
            .filter(|(place, column)| {
                column.registered || !places.values().any(|first| place.is_later_page_of(first))
            })
            .map(|(_, column)| column)
            .collect();
        without_copies(&mut columns);
        under_folders(&mut columns, &places, place_of(&around.url));
        let whole = census.home_read && around.not_reached == 0;
        let mut survey = Self { columns, standings: Vec::new(), whole };
        let gone: HashMap<&str, &Answer> =
            failed.values().map(|target| (place_of(&target.url), &target.answer)).collect();
        survey.standings =
            around.columns.iter().map(|column| survey.standing(column, &places, redirected, &gone)).collect();
        survey
    }

    /// Columns that the register does not name.
    pub fn unregistered(&self) -> impl Iterator<Item = &FoundColumn> {
        self.columns.iter().filter(|column| !column.registered)
    }

    fn standing(
        &self,
        column: &RegisteredColumn,
        places: &BTreeMap<&str, Place<'_>>,
        redirected: &BTreeMap<u32, String>,
        gone: &HashMap<&str, &Answer>,
    ) -> Standing {
        let Some(place) = places.get(place_of(&column.url)) else {
            let answer = gone.get(place_of(&column.url));
            return match (answer, self.bearing(column, true)) {
                (Some(Answer::NotFound(_) | Answer::SoftNotFound), Some(to)) => Standing::Moved(to),
                (Some(Answer::NotFound(_) | Answer::SoftNotFound), None) => Standing::Gone,
                (Some(answer), _) => Standing::NotSeen(answer.word()),
                (None, _) => Standing::NotSeen("not-read".to_owned()),
            };
        };
        if let Some(to) = redirected.get(&place.page.id).filter(|to| place_of(to) != place_of(&column.url)) {
            return Standing::Moved(to.clone());
        }
        if place.mentions.nav.first().is_none()
            && self.whole
            && let Some(to) = self.bearing(column, !place.mentions.entrance)
        {
            return Standing::Moved(to);
        }
        if !place.mentions.entrance && place.below.is_none() {
            return if self.whole {
                Standing::NoEntrance
            } else {
                Standing::NotSeen("not-reached".to_owned())
            };
        }
        let leaf = leaf_of(&column.name);
        let names = place.names();
        let same = names.iter().any(|name| name.contains(leaf.as_str()) || leaf.contains(name.as_str()));
        match place.own_name() {
            Some(name) if !same && place.agreed(&name) >= 2 => Standing::Renamed(name),
            _ => Standing::Agrees,
        }
    }

    /// The one column outside the register that bears a registered column's name. `loosely`: its last step is enough where
    /// no other column ends so; otherwise the whole way must be the same, and the navigation must name it.
    fn bearing(&self, column: &RegisteredColumn, loosely: bool) -> Option<String> {
        let (leaf, whole) = (leaf_of(&column.name), plain(&column.name));
        let exact: Vec<&FoundColumn> = self
            .unregistered()
            .filter(|found| plain(&found.name) == whole && (loosely || found.named_by.navigation))
            .collect();
        if let [one] = exact.as_slice() {
            return Some(one.url.clone());
        }
        let mut alike = self.columns.iter().filter(|found| leaf_of(&found.name) == leaf);
        match (alike.next(), alike.next()) {
            (Some(one), None) if loosely && !one.registered => Some(one.url.clone()),
            _ => None,
        }
    }
}

impl Place<'_> {
    fn column(&self, registered: bool) -> Option<FoundColumn> {
        let named_by = self.named_by();
        let page = self.page;
        let others = named_by.others();
        let index = self.url.ends_with('/') || folder_form(self.url) != self.url;
        let agreed = named_by.itself || self.own_name().is_some_and(|name| self.agreed(&name) >= 2);
        let wanted = match page.kind {
            PageKind::List => others > 0 || named_by.itself,
            PageKind::Shell | PageKind::Blocked => {
                named_by.navigation || named_by.breadcrumbs || named_by.site_map
            }
            PageKind::Static | PageKind::Other => {
                index && agreed && (named_by.navigation || named_by.breadcrumbs || named_by.site_map)
            }
            PageKind::Article | PageKind::Home | PageKind::Redirect => false,
        };
        let path = self.path();
        let leaf = path.last().map(|step| step.name.clone())?;
        let archive = is_period(&leaf.chars().filter(|c| c.is_alphanumeric()).collect::<String>());
        if !wanted || archive || !is_name(&leaf) {
            return None;
        }
        let confidence = match (page.kind, others) {
            (PageKind::List, 2..) => Confidence::High,
            (PageKind::List, 1) | (_, 2..) => Confidence::Medium,
            _ => Confidence::Low,
        };
        let names: Vec<&str> = path.iter().map(|step| step.name.as_str()).collect();
        let said = !page.trail.is_empty() || self.below.is_some();
        Some(FoundColumn {
            url: self.url.to_owned(),
            name: names.join("-"),
            parent: (names.len() > 1).then(|| names[..names.len() - 1].join("-")),
            class: ColumnClass::guess(&leaf),
            level: u8::try_from(names.len()).ok().filter(|_| said),
            named_by,
            kind: page.kind,
            state: page.state,
            confidence,
            dates: page.dates.clone(),
            registered,
        })
    }

    /// Reached as a further page of a list, and by nothing that names it; or by no entrance and no breadcrumb at all, as the
    /// first page under the address that its own list's controls give it.
    fn is_turned_to(&self) -> bool {
        let Mentions { nav, map, body, more, turned, entrance } = &self.mentions;
        (*turned || !entrance && self.below.is_none())
            && !more
            && [nav, map, body].iter().all(|names| names.first().is_none())
    }

    /// Whether the navigation or a site map calls it by a name that it gives itself, as they do no later page of a list.
    fn is_called_by_its_name(&self) -> bool {
        let own = self.own_names();
        let mut names = self.mentions.nav.all().chain(self.mentions.map.all());
        names.any(|name| own.contains(&plain(name)))
    }

    /// Whether it is a further page of the list that begins at `first`: nobody calls it by the names it gives itself, `first` is
    /// called so and gives itself the same, the address differs by a number alone, and what it lists is no newer.
    fn is_later_page_of(&self, first: &Self) -> bool {
        if self.url == first.url || !is_numbered_beside(self.url, first.url) {
            return false;
        }
        let (own, named) = (self.own_names(), first.own_names());
        let called = |place: &Self| {
            let Mentions { nav, map, body, more, .. } = &place.mentions;
            let by_name = |names: &Names| names.all().any(|name| own.contains(&plain(name)));
            *more || [nav, map, body].into_iter().any(by_name)
        };
        let trail = self.page.trail.last().and_then(|step| step.url.as_deref());
        let under_it = trail.is_some_and(|url| place_of(url) == place_of(first.url));
        let turned = |name: &String| turns_pages(name);
        let most = first.page.dates.get(first.page.dates.len() / 2);
        let no_newer = match (self.page.dates.first(), most) {
            (Some(newest), Some(most)) => newest <= most,
            _ => true,
        };
        own.iter().any(|name| named.contains(name))
            && own.iter().all(|name| named.contains(name) || turned(name))
            && !called(self)
            && (called(first) || under_it)
            && self.mentions.nav.first().is_none()
            && self.mentions.map.first().is_none()
            && no_newer
    }

    fn named_by(&self) -> NamedBy {
        let page = self.page;
        let own: Vec<String> = self.own_names();
        let ends_here = page.trail.last().is_some_and(|step| self.is_here(step));
        NamedBy {
            navigation: self.mentions.nav.first().is_some(),
            breadcrumbs: self.below.is_some(),
            site_map: self.mentions.map.first().is_some(),
            pages: self.mentions.more && (ends_here || page.tag.is_some())
                || self.mentions.body.all().any(|name| own.contains(&plain(name))),
            itself: ends_here || page.tag.is_some(),
        }
    }

    /// Whether the last step of the page's own breadcrumb is the page itself, rather than what it lies under.
    fn is_here(&self, step: &Step) -> bool {
        let Some(url) = &step.url else { return true };
        place_of(url) == place_of(self.url) || {
            let mut names = self.mentions.nav.all().chain(self.mentions.map.all());
            names.any(|name| plain(name) == step.name)
                || self.page.tag.as_deref() == Some(&step.name)
                || self.page.title.contains(&step.name)
        }
    }

    /// The way down from the home page.
    fn path(&self) -> Vec<Step> {
        let mut path = self.page.trail.clone();
        // The site's own name, where it stands for the home page.
        if path.len() > 1 && path.first().is_some_and(|step| self.site_names.contains(&step.name)) {
            path.remove(0);
        }
        if path.last().is_some_and(|step| !self.is_here(step)) {
            if let Some(name) = self.given_name().filter(|name| path.last().is_some_and(|s| s.name != *name))
            {
                path.push(Step { name, url: Some(self.url.to_owned()) });
            }
        } else if path.is_empty() {
            let common = self
                .below
                .and_then(|below| below.trails.iter().min_by_key(|(way, n)| (std::cmp::Reverse(**n), *way)));
            path = common.map(|(way, _)| way.clone()).unwrap_or_default();
        }
        if path.is_empty()
            && let Some(name) = self.given_name()
        {
            path.push(Step { name, url: Some(self.url.to_owned()) });
        }
        path
    }

    /// Its name by those who link to it, or by its tag or title.
    fn given_name(&self) -> Option<String> {
        let linked = self.mentions.nav.first().or_else(|| self.mentions.map.first()).map(plain);
        let own = self.page.tag.clone().or_else(|| self.titles().find(|name| is_name(name)).cloned());
        linked.or(own).or_else(|| self.mentions.body.first().map(plain))
    }

    fn own_name(&self) -> Option<String> {
        self.path().pop().map(|step| step.name)
    }

    /// Names that the page gives itself.
    fn own_names(&self) -> Vec<String> {
        let crumb = self.page.trail.last().filter(|step| self.is_here(step)).map(|step| step.name.clone());
        crumb.into_iter().chain(self.page.tag.clone()).chain(self.titles().cloned()).collect()
    }

    /// The parts of its title without the site's name.
    fn titles(&self) -> impl Iterator<Item = &String> {
        self.page.title.iter().filter(|part| !self.site_names.contains(*part))
    }

    /// All names that it goes by.
    fn names(&self) -> BTreeSet<String> {
        let mentions = &self.mentions;
        let linked = mentions.nav.all().chain(mentions.map.all()).chain(mentions.body.all()).map(plain);
        let under = self.below.iter().flat_map(|below| below.trails.keys());
        let under = under.filter_map(|way| way.last()).map(|step| step.name.clone());
        linked.chain(under).chain(self.own_names()).filter(|name| !name.is_empty()).collect()
    }

    /// How many kinds of sources use this name.
    fn agreed(&self, name: &str) -> usize {
        let mentions = &self.mentions;
        let under = |below: &Below| below.trails.keys().any(|way| way.last().is_some_and(|s| s.name == name));
        [
            mentions.nav.all().any(|other| plain(other) == name),
            mentions.map.all().any(|other| plain(other) == name),
            mentions.body.all().any(|other| plain(other) == name),
            self.below.is_some_and(under),
            self.own_names().iter().any(|other| other == name),
        ]
        .into_iter()
        .filter(|said| *said)
        .count()
    }
}

fn places<'c>(census: &'c Census, redirected: &BTreeMap<u32, String>) -> BTreeMap<&'c str, Place<'c>> {
    let mut places: BTreeMap<&str, Place<'_>> = BTreeMap::new();
    for (url, page) in &census.pages {
        let own = census.mentions.get(&page.id).cloned().unwrap_or_default();
        if let Some(place) = places.get_mut(place_of(url)) {
            place.mentions.join(&own);
        } else {
            let below = census.below.get(folder_form(url));
            let site_names = &census.site_names;
            places.insert(place_of(url), Place { url, page, mentions: own, below, site_names });
        }
    }
    for (id, to) in redirected {
        if let (Some(place), Some(more)) = (places.get_mut(place_of(to)), census.mentions.get(id)) {
            place.mentions.join(more);
        }
    }
    places
}

impl Mentions {
    fn join(&mut self, other: &Self) {
        self.nav.join(&other.nav);
        self.map.join(&other.map);
        self.body.join(&other.body);
        self.entrance |= other.entrance;
        self.more |= other.more;
        self.turned |= other.turned;
    }
}

/// A column that the site shows to telephones once more under the same name is one column.
fn without_copies(columns: &mut Vec<FoundColumn>) {
    let is_copy = |url: &str| {
        let first = place_of(url).split('/').nth(1).unwrap_or_default();
        matches!(first, "m" | "wap" | "mobile" | "phone" | "3g")
    };
    let names: BTreeSet<String> =
        columns.iter().filter(|column| !is_copy(&column.url)).map(|column| column.name.clone()).collect();
    columns.retain(|column| column.registered || !is_copy(&column.url) || !names.contains(&column.name));
}

/// Where no breadcrumb says under what a column lies, its folder does.
fn under_folders(columns: &mut [FoundColumn], places: &BTreeMap<&str, Place<'_>>, home: &str) {
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    for (key, place) in places.iter().filter(|(key, _)| **key != home) {
        let steps = place.path();
        let way: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        let heads = place.page.kind == PageKind::Redirect && place.mentions.nav.first().is_some();
        let column = columns.iter().any(|column| place_of(&column.url) == *key);
        if (heads || column) && !way.is_empty() && folder_form(place.url).ends_with('/') {
            named.insert((*key).to_owned(), way.join("-"));
        }
    }
    // Sorted by place, what lies above comes first and has its whole name by then.
    for column in columns.iter_mut().filter(|column| column.level.is_none()) {
        let key = place_of(&column.url).to_owned();
        let above = key.match_indices('/').rev().find_map(|(end, _)| named.get(key.get(..end)?));
        if let Some(parent) = above {
            column.parent = Some(parent.clone());
            column.name = format!("{parent}-{}", column.name);
        }
        column.level = u8::try_from(column.name.split('-').count()).ok();
        if let Some(name) = named.get_mut(&key) {
            name.clone_from(&column.name);
        }
    }
}

/// A URL without scheme, index page and last slash: what makes two addresses one column.
pub fn place_of(url: &str) -> &str {
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    folder_form(bare).trim_end_matches('/')
}

fn is_search(url: &str) -> bool {
    let place = place_of(url).to_ascii_lowercase();
    let path = place.split_once('/').map_or("", |(_, path)| path);
    ["search", "sousuo", "jiansuo", "/so/", "login", "register"].iter().any(|word| path.contains(word))
}

fn leaf_of(name: &str) -> String {
    plain(name.rsplit('-').next().unwrap_or(name))
}

#[cfg(test)]
#[path = "survey_tests.rs"]
mod tests;
