//! The fold itself: stored pages and verified targets of one site become [`SiteFacts`]. Commutative over pages:
//! every choice is made by value (home first, then the smallest URL), never by the order of arrival.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher;

use chrono::NaiveDate;

use super::answer::Answer;
use super::asked::{Ask, Asked};
use super::beside::{Reported, Texts};
use super::carried::Carried;
use super::class::ColumnClass;
use super::columns::{Census, folder_form};
use super::identity::Identity;
use super::ipv6::Ipv6Facts;
use super::joined::{Joined, join};
use super::later::{is_further_page, turns_pages};
use super::page::{Empty, List, ListItem, PageFacts, PageKind, PageState};
use super::reposts::Wanted;
use super::script_hosts::ScriptHosts;
use super::site::{Column, HiddenLinks, Home, Link, LinkSeen, PageSeen, Site, SiteFacts, TargetSeen, Visit};
use super::survey::Survey;
use super::tls::TlsFacts;
use super::visits::Watch;
use crate::finding::{Gap, Look};

/// A column of the register, as the fold needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredColumn {
    /// Its URL.
    pub url: String,
    /// Its name with its parents'.
    pub name: String,
    /// Its class; `None` = guess it from the name.
    pub class: Option<ColumnClass>,
    /// 1 for 一级栏目.
    pub level: Option<u8>,
    /// Update cycle in days.
    pub cycle_days: Option<u16>,
}

/// What is known of a site beside its pages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// 标识码, or the host where no register is in use.
    pub id: String,
    /// Name as registered.
    pub name: String,
    /// Home page URL.
    pub url: String,
    /// Whether it is a portal.
    pub portal: bool,
    /// Visits to the home page in this look.
    pub visits: Vec<Visit>,
    /// IPv6, where it was probed.
    pub ipv6: Option<Ipv6Facts>,
    /// TLS, where the home page is served over https.
    pub tls: Option<TlsFacts>,
    /// The spaced visits of the week before.
    pub watch: Option<Watch>,
    /// Columns of the register.
    pub columns: Vec<RegisteredColumn>,
    /// Requests sent for the site.
    pub requests: u64,
    /// Pages known and not reached.
    pub not_reached: u64,
    /// Link targets in all.
    pub links_seen: u64,
    /// Names of URL patterns that reached their bound.
    pub traps: Vec<String>,
    /// What rules in force ask of the site beside all this.
    pub asks: Vec<Ask>,
    /// What superiors want reposted, where a rule asks.
    pub reposts: Vec<Wanted>,
    /// Messages over 我为政府网站找错, where a rule asks; `None` where the office keeps no such file.
    pub reports: Option<Vec<Reported>>,
}

/// See the module.
#[derive(Debug)]
pub struct Fold {
    around: Surroundings,
    carried: Carried,
    pages: u64,
    home: Option<PageNote>,
    notes: BTreeMap<String, PageNote>,
    dates: HashMap<String, NaiveDate>,
    census: Census,
    redirected: BTreeMap<u32, String>,
    crumbs: BTreeMap<String, u32>,
    /// Pages whose controls lead to further pages of the same list.
    turning: BTreeSet<String>,
    /// Columns in their own right, as [`folder_form`] has them.
    own: HashSet<String>,
    hidden: Vec<HiddenLinks>,
    identity: Identity,
    scripts: ScriptHosts,
    asked: Asked,
    gaps: Vec<Gap>,
}

/// What the fold keeps of a page that may be a column.
#[derive(Debug, Clone)]
struct PageNote {
    facts: PageFacts,
    look: Look,
}

impl Fold {
    /// Starts a fold. `suspects` are the targets that were not simply there.
    pub fn new(around: Surroundings, suspects: HashMap<u32, TargetSeen>) -> Self {
        Self {
            asked: Asked::new(&around.asks, &around.reposts, around.reports.as_deref()),
            around,
            carried: Carried::new(suspects),
            pages: 0,
            home: None,
            notes: BTreeMap::new(),
            dates: HashMap::new(),
            census: Census::default(),
            redirected: BTreeMap::new(),
            crumbs: BTreeMap::new(),
            turning: BTreeSet::new(),
            own: HashSet::new(),
            hidden: Vec::new(),
            identity: Identity::default(),
            scripts: ScriptHosts::default(),
            gaps: Vec::new(),
        }
    }

    /// Says which targets led to another address of the site, by their ids.
    pub fn redirected(&mut self, redirected: BTreeMap<u32, String>) {
        self.redirected = redirected;
    }

    /// The targets of which [`Self::addressed`] is to tell where they lead, by their ids.
    pub fn targets(&self) -> BTreeSet<u32> {
        self.asked.targets()
    }

    /// Says where targets lead.
    pub fn addressed(&mut self, addresses: BTreeMap<u32, String>) {
        self.asked.addressed(addresses);
    }

    /// Says what stored texts of the site told, where a rule asks.
    pub fn texts(&mut self, texts: Texts) {
        self.asked.texts(texts);
    }

    /// Takes in one page, in any order.
    pub fn page(&mut self, page: PageSeen) {
        self.pages += 1;
        let is_home = page.url == self.around.url;
        let article = page.facts.kind == PageKind::Article;
        if let Some(stamp) = page.facts.pubdate.chosen.filter(|_| article) {
            self.dates.insert(page.url.clone(), stamp.date);
        }
        self.carried.page(&page, is_home, article);
        self.identity.page(&page, is_home);
        let keep = !article || self.around.columns.iter().any(|column| column.url == page.url);
        self.census.page(&page, &self.around.url, keep);
        let under = page.facts.breadcrumb.iter().filter_map(|crumb| crumb.url.as_ref());
        for url in under.filter(|url| **url != page.url) {
            *self.crumbs.entry(folder_form(url).to_owned()).or_default() += u32::from(article);
        }
        if is_further_page(&page.url)
            && let Some((folder, _)) = page.url.rsplit_once('/')
        {
            let items: u32 = page.facts.list.iter().chain(&page.facts.blocks).map(|list| list.count).sum();
            *self.crumbs.entry(format!("{folder}/")).or_default() += items;
        }
        let leads_on = |link: &LinkSeen| link.target != page.id && turns_pages(&link.text);
        if keep && (!page.facts.script_pages.is_empty() || page.links.iter().any(leads_on)) {
            self.turning.insert(page.url.clone());
        }
        if !page.facts.hidden_links.is_empty() {
            self.hidden.push(HiddenLinks {
                page: page.url.clone(),
                urls: page.facts.hidden_links.clone(),
                look: Some(page.look.clone()),
            });
        }
        self.scripts.note(&page, &self.around.url);
        self.asked.page(&page, is_home);
        // These are told by the column that they hide, where it is one.
        let by_column = ["needs-render", "frame-content", "frameset"];
        let told = page.facts.gaps.iter().filter(|gap| !by_column.contains(&gap.why.as_str()));
        self.gaps.extend(
            told.map(|gap| Gap::new(gap.subject.clone(), gap.why.split(':').next().unwrap_or_default())),
        );
        if is_home {
            self.home = Some(PageNote { facts: page.facts, look: page.look });
        } else if keep {
            self.notes.insert(page.url, PageNote { facts: page.facts, look: page.look });
        }
    }

    /// Ends the fold.
    pub fn finish(self) -> SiteFacts {
        self.finish_with_survey().0
    }

    /// Ends the fold, with all that was found of columns.
    pub fn finish_with_survey(mut self) -> (SiteFacts, Survey) {
        let control_ok = self.around.visits.iter().any(|visit| visit.answer == Answer::There);
        let survey = Survey::of(&self.census, &self.around, &self.redirected, self.carried.suspects());
        let found = survey.columns.iter().map(|found| &found.url);
        let registered = self.around.columns.iter().map(|column| &column.url);
        self.own = found.chain(registered).map(|url| folder_form(url).to_owned()).collect();
        let columns = self.columns(&survey);
        let home = self.home(&columns);
        let links = self.carried.links(control_ok, self.pages);
        let known = (&self.census, &survey);
        let suspects = self.carried.suspects();
        let contents = self.asked.finish(&self.around, known, &columns, suspects, home.look.as_ref());
        let accounts = self.home.as_ref().and_then(|note| note.facts.accounts.clone());
        let around = self.around;
        let (marks, tags) = self.identity.finish(&around.id, &around.url, around.portal, home.look.as_ref());
        self.hidden.sort_by(|a, b| a.page.cmp(&b.page));
        self.gaps.extend(around.traps.iter().map(|trap| Gap::new(trap.clone(), "trap")));
        if around.not_reached > 0 {
            self.gaps.push(Gap::new(format!("{} pages", around.not_reached), "not-reached"));
        }
        self.gaps.sort();
        self.gaps.dedup();
        let facts = SiteFacts {
            site: Site {
                id: around.id,
                name: around.name,
                url: around.url,
                portal: around.portal,
                visits: around.visits,
                ipv6: around.ipv6,
                tls: around.tls,
                watch: around.watch,
            },
            home,
            columns,
            links,
            hidden: self.hidden,
            marks: Some(marks),
            tags: Some(tags),
            scripts: self.scripts.list(),
            contents,
            strays: Vec::new(),
            accounts,
            wordings: Vec::new(),
            leaks: Vec::new(),
            links_seen: around.links_seen,
            pages_read: self.pages,
            requests: around.requests,
            not_reached: around.not_reached,
            gaps: self.gaps,
        };
        (facts, survey)
    }

    fn home(&self, columns: &[Column]) -> Home {
        let visit = self.around.visits.last();
        let mut home = Home {
            url: self.around.url.clone(),
            newest: None,
            newest_item: None,
            from_columns: false,
            gap: None,
            look: self.home.as_ref().map(|note| note.look.clone()).or(visit.map(|v| v.look.clone())),
        };
        let Some(note) = &self.home else {
            let why = visit.map_or("not-reached".to_owned(), |visit| visit.answer.word());
            home.gap = Some(Gap::new(home.url.clone(), why));
            return home;
        };
        // What it leads to is the home page, and was not read.
        if note.facts.state == PageState::Jumps {
            home.gap = Some(Gap::new(home.url.clone(), "leads-on"));
            return home;
        }
        if let Some((date, item)) = self.newest_item(&note.facts) {
            home.newest = Some(date);
            home.newest_item = Some((item.title.clone(), item.url.clone()));
            return home;
        }
        home.gap = state_gap(note.facts.kind, note.facts.state, &home.url);
        if home.gap.is_none() {
            home.from_columns = true;
            // What a column does not show may be newer than what the others do.
            home.gap = columns.iter().find_map(|column| column.gap.clone());
            let newest = columns.iter().filter(|c| c.newest.is_some()).max_by_key(|c| c.newest);
            home.newest = newest.and_then(|column| column.newest);
            home.newest_item = newest.and_then(|column| column.newest_item.clone());
        }
        home
    }

    /// The newest item a page lists: by its row's date or, where the row carries none, by the article's own.
    fn newest_item<'a>(&self, facts: &'a PageFacts) -> Option<(NaiveDate, &'a ListItem)> {
        let items = facts.list.iter().chain(&facts.blocks).flat_map(|list| &list.items);
        let dated = items.chain(&facts.headlines).filter_map(|item| {
            let date = item.date.map(|stamp| stamp.date).or_else(|| self.dates.get(&item.url).copied());
            Some((date?, item))
        });
        dated.max_by(|a, b| a.0.cmp(&b.0).then(b.1.url.cmp(&a.1.url)))
    }

    /// The register's columns and, of the others, those that are lists or that could not be read.
    fn columns(&self, survey: &Survey) -> Vec<Column> {
        let registered = self.around.columns.iter().map(|registered| self.registered_column(registered));
        let judged = |kind| matches!(kind, PageKind::List | PageKind::Shell | PageKind::Blocked);
        let found = survey.unregistered().filter_map(|found| {
            let note = self.notes.get(&found.url)?;
            (judged(found.kind) || is_unrecognised(&note.facts)).then_some(())?;
            Some(self.column(&found.url, note, found.name.clone(), found.class, found.level))
        });
        registered.chain(found).collect()
    }

    fn registered_column(&self, registered: &RegisteredColumn) -> Column {
        let leaf = registered.name.rsplit('-').next().unwrap_or(&registered.name);
        let class = registered.class.unwrap_or_else(|| ColumnClass::guess(leaf));
        let note = self
            .notes
            .get(&registered.url)
            .or(self.home.as_ref().filter(|_| registered.url == self.around.url));
        let mut column = match note {
            Some(note) => {
                self.column(&registered.url, note, registered.name.clone(), class, registered.level)
            }
            None => Column {
                name: registered.name.clone(),
                url: registered.url.clone(),
                class,
                level: registered.level,
                cycle_days: None,
                registered: true,
                kind: PageKind::Other,
                state: PageState::Failed,
                reason: String::new(),
                items: 0,
                newest: None,
                newest_item: None,
                items_elsewhere: 0,
                source: None,
                gap: Some(Gap::new(registered.url.clone(), "not-read")),
                page: None,
                look: None,
                archived: false,
            },
        };
        column.cycle_days = registered.cycle_days;
        column.registered = true;
        column
    }

    /// A page with what its list sources brought. Where it leads on to a column in its own right, that one answers for itself.
    fn joined(&self, note: &PageNote) -> Option<Joined> {
        let (own, jumps) = (folder_form(&note.facts.url), note.facts.state == PageState::Jumps);
        join(&note.facts, &|url| {
            // The page of an error is no part of the column.
            let other =
                self.notes.get(url).filter(|other| other.look.status.is_none_or(|status| status < 400))?;
            let apart = jumps && folder_form(url) != own && self.own.contains(folder_form(url));
            (!apart).then_some(&other.facts)
        })
    }

    fn column(
        &self,
        url: &str,
        note: &PageNote,
        name: String,
        class: ColumnClass,
        level: Option<u8>,
    ) -> Column {
        let joined = self.joined(note);
        let facts = joined.as_ref().map_or(&note.facts, |joined| &joined.facts);
        let blocks = facts.list.iter().chain(&facts.blocks);
        let newest = self.newest_item(facts);
        let further = facts.script_pages.iter().filter_map(|page| self.notes.get(page)?.facts.list.as_ref());
        let elsewhere = self.crumbs.get(folder_form(url)).copied().unwrap_or(0)
            + further.map(|list| list.count).sum::<u32>();
        let partial = joined.as_ref().is_some_and(|joined| joined.partial);
        let ends_elsewhere =
            self.turning.contains(url) && facts.list.as_ref().is_some_and(List::begins_with_oldest);
        Column {
            name,
            url: url.to_owned(),
            class,
            level,
            cycle_days: None,
            registered: false,
            kind: facts.kind,
            state: if is_unrecognised(facts) { PageState::Failed } else { facts.state },
            reason: facts.reason.clone(),
            items: blocks.map(|list| list.count).sum(),
            newest: newest.map(|(date, _)| date),
            newest_item: newest.map(|(_, item)| (item.title.clone(), item.url.clone())),
            items_elsewhere: elsewhere,
            gap: column_gap(facts, url, elsewhere)
                .or(partial.then(|| Gap::new(url, "needs-render")))
                .or(ends_elsewhere.then(|| Gap::new(url, "items-elsewhere")))
                .or(facts.partly.as_ref().map(|why| Gap::new(url, why.clone()))),
            source: joined.as_ref().map(|joined| joined.source.clone()),
            page: Some(self.around.url.clone()),
            look: Some(note.look.clone()),
            archived: facts.archived,
        }
    }
}

/// The same subjects as a later look saw them: only what was looked at again is in the result.
pub fn look_again<S: BuildHasher>(
    before: &SiteFacts,
    around: &Surroundings,
    pages: &[PageSeen],
    targets: &HashMap<String, TargetSeen, S>,
) -> SiteFacts {
    let by_url: HashMap<&str, &PageSeen> = pages.iter().map(|page| (page.url.as_str(), page)).collect();
    let control_ok = around.visits.iter().any(|visit| visit.answer == Answer::There);
    let mut fold = Fold::new(around.clone(), HashMap::new());
    for page in pages {
        fold.page(page.clone());
    }
    let mut columns = Vec::new();
    for column in &before.columns {
        if let Some(page) = by_url.get(column.url.as_str()) {
            let note = PageNote { facts: page.facts.clone(), look: page.look.clone() };
            let seen = fold.column(&column.url, &note, column.name.clone(), column.class, column.level);
            columns.push(Column {
                cycle_days: column.cycle_days,
                registered: column.registered,
                items_elsewhere: column.items_elsewhere,
                page: column.page.clone(),
                ..seen
            });
        } else if let Some(target) = targets.get(&column.url).filter(|target| {
            // Of what opens and was not read as a page, and of what was read since, an earlier look says more.
            let since = column.look.as_ref().is_some_and(|look| look.at > target.look.at);
            target.answer != Answer::There && !since
        }) {
            columns.push(Column {
                state: PageState::Failed,
                gap: Some(Gap::new(column.url.clone(), target.answer.word())),
                look: Some(target.look.clone()),
                ..column.clone()
            });
        }
    }
    let links = before.links.iter().filter_map(|link| {
        let target = targets.get(&link.url)?;
        let gone = by_url.get(link.page.as_str()).is_some_and(|page| {
            page.facts.gaps.is_empty() && page.links.iter().all(|seen| seen.target != target.id)
        });
        let answer = if gone { Answer::There } else { target.answer.clone() };
        Some(Link { answer, control_ok, look: target.look.clone(), ..link.clone() })
    });
    let links = links.collect();
    let hidden = before
        .hidden
        .iter()
        .filter_map(|hidden| {
            let page = by_url.get(hidden.page.as_str())?;
            Some(HiddenLinks {
                page: hidden.page.clone(),
                urls: page.facts.hidden_links.clone(),
                look: Some(page.look.clone()),
            })
        })
        .collect();
    let home_read = by_url.contains_key(around.url.as_str());
    let mut facts = fold.finish();
    if !home_read || facts.home.from_columns {
        facts.home = Home { look: facts.home.look, ..before.home.clone() };
    }
    let marks = facts.marks.filter(|_| home_read);
    SiteFacts {
        columns,
        links,
        hidden,
        scripts: Vec::new(),
        contents: None,
        marks,
        tags: None,
        accounts: None,
        ..facts
    }
}

/// Whether nothing was made out on a page: it may hold something all the same.
fn is_unrecognised(facts: &PageFacts) -> bool {
    facts.kind == PageKind::Other && facts.state == PageState::OwnContent && facts.empty == Empty::Uncertain
}

fn column_gap(facts: &PageFacts, url: &str, elsewhere: u32) -> Option<Gap> {
    if let Some(gap) = state_gap(facts.kind, facts.state, url) {
        return Some(gap);
    }
    let bare = matches!(facts.state, PageState::Empty | PageState::Placeholder);
    if bare && elsewhere > 0 {
        return Some(Gap::new(url, "items-elsewhere"));
    }
    if is_unrecognised(facts) || bare && facts.empty == Empty::Uncertain {
        return Some(Gap::new(url, "uncertain"));
    }
    None
}

fn state_gap(kind: PageKind, state: PageState, url: &str) -> Option<Gap> {
    let why = match (kind, state) {
        (_, PageState::Blocked) | (PageKind::Blocked, _) => "blocked",
        (_, PageState::Script) | (PageKind::Shell, _) => "needs-render",
        (_, PageState::Failed) => "failed",
        _ => return None,
    };
    Some(Gap::new(url, why))
}
