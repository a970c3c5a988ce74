//! The fold of a site's facts into the subjects that checks judge: [`Site`], [`Home`], [`Column`], [`Link`].
//! Associative and commutative over pages; knows no rule.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::account_marks::AccountMarks;
use super::answer::Answer;
use super::asked::Contents;
use super::class::ColumnClass;
use super::identity::{Marks, Tags};
use super::ipv6::Ipv6Facts;
use super::page::{LinkKind, LinkPlace, PageFacts, PageKind, PageState};
use super::stray::Stray;
use super::tls::TlsFacts;
use super::visits::Watch;
use super::wording::{Leaks, Wording};
use crate::finding::{Cause, Gap, Look};

/// All subjects of one site as one look saw them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteFacts {
    /// The site itself.
    pub site: Site,
    /// Its home page.
    pub home: Home,
    /// Its columns, registered ones first, by URL.
    pub columns: Vec<Column>,
    /// Link targets that are not [`Answer::There`]: what is in order is only counted. A later look that asks again
    /// for a suspected target lists it whatever the answer: an absent target keeps its earlier result.
    pub links: Vec<Link>,
    /// Pages with links that a reader cannot see; pages without are not listed, save in a later look that asked again.
    #[serde(default)]
    pub hidden: Vec<HiddenLinks>,
    /// Marks at the foot of its pages; `None` where a later look did not read the home page.
    #[serde(default)]
    pub marks: Option<Marks>,
    /// Page tags; `None` in a later look, which reads too few pages to tell.
    #[serde(default)]
    pub tags: Option<Tags>,
    /// Outside hosts whose scripts the site's pages load; a later look lists none, as it reads few pages.
    #[serde(default)]
    pub scripts: Vec<ForeignScript>,
    /// What it holds of what rules in force ask for; `None` where none asks, and in a later look, which reads too few pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents: Option<Contents>,
    /// Addresses beside all sites in operation; the first site of the register carries them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strays: Vec<Stray>,
    /// The new-media accounts that its home page shows; `None` where a look did not read it.
    #[serde(default)]
    pub accounts: Option<AccountMarks>,
    /// Forms of word lists in its texts; a later look lists those whose page it asked for again.
    #[serde(default)]
    pub wordings: Vec<Wording>,
    /// Numbers of persons on its pages, likewise.
    #[serde(default)]
    pub leaks: Vec<Leaks>,
    /// Link targets in all.
    pub links_seen: u64,
    /// Pages read.
    pub pages_read: u64,
    /// Requests sent for this site.
    pub requests: u64,
    /// Pages known and not reached within the budget.
    pub not_reached: u64,
    /// What was not seen.
    pub gaps: Vec<Gap>,
}

/// The site as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// 标识码, or the host where no register is in use.
    pub id: String,
    /// Name as registered.
    pub name: String,
    /// Home page URL.
    pub url: String,
    /// Whether it is a portal (政府门户网站).
    pub portal: bool,
    /// What each visit to the home page in this look said, in order of time.
    pub visits: Vec<Visit>,
    /// IPv6, where it was probed.
    pub ipv6: Option<Ipv6Facts>,
    /// TLS of the home page, where it is served over https.
    #[serde(default)]
    pub tls: Option<TlsFacts>,
    /// The spaced visits of the week before this look, where there are any.
    #[serde(default)]
    pub watch: Option<Watch>,
}

impl Site {
    /// The home page as the latest visit reached it: the last redirect's target, or its URL.
    pub fn reached_url(&self) -> &str {
        let hop = self.visits.last().and_then(|visit| visit.look.hops.last());
        hop.map_or(self.url.as_str(), |hop| hop.to.as_str())
    }
}

/// One visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// What was asked and answered.
    pub look: Look,
    /// What it means.
    pub answer: Answer,
}

/// The home page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// Its URL.
    pub url: String,
    /// The newest dated item on it; where it lists none, the newest of the second-level pages (see `from_columns`).
    pub newest: Option<NaiveDate>,
    /// Title and URL of that item.
    pub newest_item: Option<(String, String)>,
    /// True where the home page is only an entrance to columns and `newest` was taken from them.
    pub from_columns: bool,
    /// Why nothing can be said, where nothing can.
    pub gap: Option<Gap>,
    /// What was asked and answered.
    pub look: Option<Look>,
}

/// A column as one look saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, with its parents': `政务公开-规划计划`.
    pub name: String,
    /// Its first page.
    pub url: String,
    /// Its class, from the register or guessed from its name.
    pub class: ColumnClass,
    /// 1 for a first-level column (一级栏目); `None` where not known.
    pub level: Option<u8>,
    /// Update cycle in days from the register.
    pub cycle_days: Option<u16>,
    /// True where it stands in `columns.csv`; false where it was discovered.
    pub registered: bool,
    /// What kind of page it is.
    pub kind: PageKind,
    /// Its state.
    pub state: PageState,
    /// Why the state reads so.
    pub reason: String,
    /// Items on its first page.
    pub items: u32,
    /// Newest dated item, by the column's list or, where its rows carry no date, by the articles it lists.
    pub newest: Option<NaiveDate>,
    /// Title and URL of that item.
    pub newest_item: Option<(String, String)>,
    /// Further pages or blocks of the column that hold items: a first page without rows is then not an empty column.
    pub items_elsewhere: u32,
    /// Where its items were read, where that is not its own page: a list source, a frame, what it leads on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Why nothing can be said, where nothing can (blocked, failed, needs-render …).
    pub gap: Option<Gap>,
    /// The page that carries a link to it.
    pub page: Option<String>,
    /// What was asked and answered.
    pub look: Option<Look>,
    /// True where its page says of itself that it is archived or no longer updated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
}

/// A link target that one look did not simply find there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the same link")]
pub struct Link {
    /// The target as linked: resolved, without fragment.
    pub url: String,
    /// What kind of thing it asks for.
    pub kind: LinkKind,
    /// True where it leads to another site.
    pub external: bool,
    /// What the answer means.
    pub answer: Answer,
    /// True where the home page of the same host answered well in this look: without that a 404 proves nothing.
    pub control_ok: bool,
    /// The first page that carries it, in order of the crawl.
    pub page: String,
    /// The link's text there.
    pub text: String,
    /// The column that page lies in.
    pub column: Option<(String, String)>,
    /// True where every page that carries it lies in [`Self::column`].
    #[serde(default)]
    pub one_column: bool,
    /// How many pages carry it, and whether as part of a template.
    pub cause: Cause,
    /// True where the home page carries it.
    pub on_home: bool,
    /// Publication date of the newest article that carries it; `None` where a page other than an article does.
    pub newest_carrier: Option<NaiveDate>,
    /// What was asked and answered.
    pub look: Look,
}

/// Links to other sites on one page that a reader of it cannot see (暗链).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenLinks {
    /// The page.
    pub page: String,
    /// Where they lead.
    pub urls: Vec<String>,
    /// What was asked and answered.
    pub look: Option<Look>,
}

/// An outside host whose scripts pages of the site load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignScript {
    /// The host; empty where the address has none.
    pub host: String,
    /// The script's address on [`Self::page`].
    pub url: String,
    /// The page that is shown for it: the home page where that loads it, else the one with the smallest address.
    pub page: String,
    /// Pages that load scripts of the host.
    pub pages: u32,
    /// What was asked and answered when that page was read.
    pub look: Option<Look>,
}

/// A page as it is stored: its facts with the links taken out, and the links by the id of their target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSeen {
    /// Id of the page's URL.
    pub id: u32,
    /// The URL it was asked for under.
    pub url: String,
    /// Its facts; `links` is empty.
    pub facts: PageFacts,
    /// Its links, one entry a distinct occurrence.
    pub links: Links,
    /// What was asked and answered.
    pub look: Look,
}

/// The links of a stored page in its order. Stretches that pages of a site share, such as menus, are held once.
#[derive(Debug, Clone, Default)]
pub struct Links(Vec<Arc<Vec<LinkSeen>>>);

impl Links {
    /// Adds links behind those that are there.
    pub fn push(&mut self, stretch: Arc<Vec<LinkSeen>>) {
        if !stretch.is_empty() {
            self.0.push(stretch);
        }
    }

    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = &LinkSeen> {
        self.0.iter().flat_map(|stretch| stretch.iter())
    }

    /// As they are held: a stretch that two pages share is one and the same.
    pub fn stretches(&self) -> &[Arc<Vec<LinkSeen>>] {
        &self.0
    }
}

impl FromIterator<LinkSeen> for Links {
    fn from_iter<I: IntoIterator<Item = LinkSeen>>(links: I) -> Self {
        let mut all = Self::default();
        all.push(Arc::new(links.into_iter().collect()));
        all
    }
}

impl PartialEq for Links {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Links {}

/// One link of a stored page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSeen {
    /// Id of the target's URL.
    pub target: u32,
    /// Its text.
    pub text: String,
    /// What kind of thing it asks for.
    pub kind: LinkKind,
    /// Where on the page it stands.
    pub place: LinkPlace,
    /// True where a reader cannot see it.
    pub hidden: bool,
}

/// One target that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetSeen {
    /// Id of its URL.
    pub id: u32,
    /// The target as linked, without fragment.
    pub url: String,
    /// True where it leads to another site.
    pub external: bool,
    /// What the answer means.
    pub answer: Answer,
    /// What was asked and answered.
    pub look: Look,
}
