//! How a site names itself: the marks at the foot of its pages and its page tags, folded over its pages. Knows no rule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::page::{Footer, Mark, PageFacts, PageKind, TagFaultKind};
use super::site::PageSeen;
use super::tags;
use crate::finding::{Gap, Look};

/// The marks of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// 标识码 as registered, or the host where no register is in use.
    pub site: String,
    /// Home page URL.
    pub url: String,
    /// Whether the site is a portal (政府门户网站).
    pub portal: bool,
    /// The foot of the home page; `None` where it was not read.
    pub home: Option<Footer>,
    /// The SiteIDCode tag of the home page.
    pub tag_code: Option<String>,
    /// Pages read whose foot stands in the source.
    pub pages: u32,
    /// How many of them show each mark.
    pub shown: BTreeMap<Mark, u32>,
    /// Why nothing can be said of the home page, where nothing can.
    pub gap: Option<Gap>,
    /// What was asked and answered for the home page.
    pub look: Option<Look>,
}

/// The page tags (网页标签) of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// Home page URL.
    pub url: String,
    /// Whether the site is a portal (政府门户网站).
    pub portal: bool,
    /// Home page, columns and articles, each with what it lacks; a kind without pages is not listed.
    pub uses: Vec<TagUse>,
    /// The SiteDomain tag of the home page.
    pub domain: Option<String>,
    /// What was asked and answered for the home page.
    pub look: Option<Look>,
}

/// The kinds of page that the guide asks different tags of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaggedKind {
    /// The home page: three tags of the site.
    Home,
    /// A column's page: four of the column as well.
    Column,
    /// An article: three of the article as well.
    Article,
}

impl TaggedKind {
    /// The tags that a page of this kind must carry.
    pub fn required(self) -> &'static [&'static str] {
        let count = match self {
            Self::Home => 3,
            Self::Column => 7,
            Self::Article => 10,
        };
        tags::REQUIRED.get(..count).unwrap_or_default()
    }
}

/// Page tags of one kind of page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagUse {
    /// The kind.
    pub kind: TaggedKind,
    /// Pages of it that were read.
    pub pages: u32,
    /// What is wrong, by required tag.
    pub faults: BTreeMap<String, TagCount>,
    /// Pages whose ColumnType only repeats their ColumnName.
    pub copied_type: u32,
    /// Pages whose PubDate is not written `YYYY-MM-DD HH:MM`.
    pub odd_date: u32,
}

/// Pages on which one tag is at fault, by what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TagCount {
    /// Absent.
    pub missing: u32,
    /// Present without a value, or with a word of the publishing system in place of one (`null`).
    pub empty: u32,
    /// Present more than once.
    pub duplicated: u32,
    /// Not written as the guide writes it.
    pub odd_case: u32,
    /// The first page, by URL, that lacks the tag or its value.
    pub page: String,
}

/// What the home page says of its site.
#[derive(Debug, Clone)]
struct HomeSaid {
    footer: Footer,
    code: Option<String>,
    domain: Option<String>,
    gap: Option<Gap>,
}

/// The fold of both. Commutative over pages.
#[derive(Debug, Clone, Default)]
pub(super) struct Identity {
    home: Option<HomeSaid>,
    pages: u32,
    shown: BTreeMap<Mark, u32>,
    uses: BTreeMap<TaggedKind, TagUse>,
}

impl Identity {
    /// Takes in one page.
    pub(super) fn page(&mut self, page: &PageSeen, is_home: bool) {
        let facts = &page.facts;
        let unread =
            matches!(facts.kind, PageKind::Blocked | PageKind::Redirect) || facts.not_found.is_some();
        let cut = facts.gaps.iter().any(|gap| gap.why == "page-too-complex");
        if is_home {
            let tag = |name: &str| facts.tags.get(name).map(|value| value.trim().to_owned());
            let why = match facts.kind {
                PageKind::Blocked => Some("blocked"),
                PageKind::Redirect => Some("leads-on"),
                PageKind::Shell => Some("needs-render"),
                _ if cut => Some("page-too-complex"),
                _ => None,
            };
            let gap = why.map(|why| Gap::new(&page.url, why));
            let footer = facts.footer.clone();
            self.home = Some(HomeSaid { footer, code: tag("SiteIDCode"), domain: tag("SiteDomain"), gap });
        }
        if unread || cut {
            return;
        }
        if let Some(signs) = facts.footer.signs.as_ref().filter(|signs| signs.foot && facts.footer.is_static)
        {
            self.pages += 1;
            for mark in &signs.shown {
                *self.shown.entry(*mark).or_default() += 1;
            }
        }
        let kind = match facts.kind {
            PageKind::Shell => return,
            _ if is_home => TaggedKind::Home,
            PageKind::List => TaggedKind::Column,
            PageKind::Article => TaggedKind::Article,
            _ => return,
        };
        self.tags(kind, &page.url, facts);
    }

    fn tags(&mut self, kind: TaggedKind, url: &str, facts: &PageFacts) {
        let used = self.uses.entry(kind).or_insert_with(|| TagUse {
            kind,
            pages: 0,
            faults: BTreeMap::new(),
            copied_type: 0,
            odd_date: 0,
        });
        used.pages += 1;
        let required = kind.required();
        let mut note = |tag: &str, fault: TagFaultKind| {
            let count = used.faults.entry(tag.to_owned()).or_default();
            *match fault {
                TagFaultKind::Missing => &mut count.missing,
                TagFaultKind::Empty => &mut count.empty,
                TagFaultKind::Duplicated => &mut count.duplicated,
                TagFaultKind::OddCase => &mut count.odd_case,
            } += 1;
            let lacks = matches!(fault, TagFaultKind::Missing | TagFaultKind::Empty);
            if lacks && (count.page.is_empty() || url < count.page.as_str()) {
                url.clone_into(&mut count.page);
            }
        };
        for fault in facts.tag_faults.iter().filter(|fault| required.contains(&fault.tag.as_str())) {
            note(&fault.tag, fault.fault);
        }
        for tag in required {
            if facts.tags.get(*tag).is_some_and(|value| tags::is_placeholder(value)) {
                note(tag, TagFaultKind::Empty);
            }
        }
        let value =
            |tag: &str| facts.tags.get(tag).map(|value| value.trim()).filter(|value| !value.is_empty());
        let copied = value("ColumnType").is_some_and(|kind| value("ColumnName") == Some(kind));
        used.copied_type += u32::from(copied);
        let odd = value("PubDate").is_some_and(|date| !tags::is_guide_date(date));
        used.odd_date += u32::from(odd && kind == TaggedKind::Article);
    }

    /// Ends the fold. `look` is the home page's.
    pub(super) fn finish(self, site: &str, url: &str, portal: bool, look: Option<&Look>) -> (Marks, Tags) {
        let (home, tag_code, domain, gap) = match self.home {
            Some(HomeSaid { footer, code, domain, gap }) => (Some(footer), code, domain, gap),
            None => (None, None, None, Some(Gap::new(url, "not-read"))),
        };
        let marks = Marks {
            site: site.to_owned(),
            url: url.to_owned(),
            portal,
            home,
            tag_code,
            pages: self.pages,
            shown: self.shown,
            gap,
            look: look.cloned(),
        };
        let uses = self.uses.into_values().collect();
        let tags = Tags { url: url.to_owned(), portal, uses, domain, look: look.cloned() };
        (marks, tags)
    }
}
