//! [`PageFacts`]: what a careful reader finds on one page. This is also the JSON of `inspect page`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::access::Barriers;
use super::account_marks::AccountMarks;
use super::annual::RequestTable;
use super::dates::Stamp;
use super::guides::Guide;
use super::maintext::PageText;
use super::messages::Message;
use super::personal;
use super::search::Search;
use super::texture::Run;
use crate::calendar::Instant8;
use crate::finding::Gap;

/// The version of [`PageFacts`]' shape, stored with it.
pub const SCHEMA: u16 = 1;

/// What is known of a page before it is read.
#[derive(Debug, Clone)]
pub struct PageContext<'a> {
    /// The page's own URL (after redirects): base of its links.
    pub url: &'a url::Url,
    /// The Content-Type header.
    pub content_type: Option<&'a str>,
    /// The HTTP status, where the page came over HTTP.
    pub status: Option<u16>,
    /// The day against which dates are judged: nothing later counts as a date.
    pub as_of: Instant8,
    /// True where the structure matters whatever the page looks like: the home page, registered and navigation columns.
    pub want_structure: bool,
}

/// Everything read off one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFacts {
    /// [`SCHEMA`].
    pub schema: u16,
    /// The page's URL.
    pub url: String,
    /// What the page is.
    pub kind: PageKind,
    /// What state it is in, were it a column's page.
    pub state: PageState,
    /// Text of `<title>`, white space folded.
    pub title: String,
    /// WHATWG label in lower case.
    pub charset: String,
    /// What the page or its header says wrongly of its encoding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charset_faults: Vec<CharsetFault>,
    /// Page tags (网页标签) by canonical name: first non-empty value, untouched.
    pub tags: BTreeMap<String, String>,
    /// What is wrong with the page tags.
    pub tag_faults: Vec<TagFault>,
    /// The publication date and every candidate for it.
    pub pubdate: PubDate,
    /// The main list, desktop and mobile copies counted once.
    pub list: Option<List>,
    /// Further list blocks on the page (channel pages, home page), in document order; the main list is not repeated.
    #[serde(default)]
    pub blocks: Vec<List>,
    /// Articles named above the main list in none of its rows: the picture of the newest item, with or without a date beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headlines: Vec<ListItem>,
    /// Why the newest items of the list may not be seen, as the word of a gap: a frame or a script may show them, or the list begins with
    /// its oldest and a script turns its pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partly: Option<String>,
    /// What the page itself states: 共 N 条.
    pub declared_total: Option<u32>,
    /// Whether it is a list page without items.
    pub empty: Empty,
    /// Why [`Self::empty`] reads so.
    pub reason: String,
    /// Marks in the footer.
    pub footer: Footer,
    /// Every link in document order, one entry an occurrence.
    pub links: Vec<PageLink>,
    /// URLs of links a reader cannot see.
    pub hidden_links: Vec<String>,
    /// URLs of scripts from other registrable domains.
    pub foreign_scripts: Vec<String>,
    /// 您的位置: names and URLs from the home page down.
    #[serde(default)]
    pub breadcrumb: Vec<Crumb>,
    /// Target of a meta refresh or a bare `location.href`, resolved.
    #[serde(default)]
    pub jumps_to: Option<String>,
    /// URLs of further pages of the list that only a script names (`createPageHTML` and its kin), resolved.
    #[serde(default)]
    pub script_pages: Vec<String>,
    /// Where its list is fetched from, where the source says so plainly (frames, calls with a whole address, data proxies).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub list_sources: Vec<ListSource>,
    /// The words by which the page says that it is not there (soft 404).
    #[serde(default)]
    pub not_found: Option<String>,
    /// Such words where nothing else on the page bears them out: they count only beside another sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maybe_not_found: Option<String>,
    /// A fingerprint of the page's own text: letters of East Asian scripts alone, so that addresses, times and tokens in it
    /// do not matter; 0 where there are too few of them to compare.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub text_print: u64,
    /// The table of requests, where the page is an annual report on disclosure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<RequestTable>,
    /// What it shows of a service, where it is a guide (办事指南).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
    /// The message of a reader (网民留言) that the page shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// Barriers to readers who cannot see or cannot use a mouse, of home pages and columns: there stands what templates repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barriers: Option<Barriers>,
    /// The site's own search, of a home page; what it answered is added once it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    /// Whether it says of itself that it is archived (归档).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// The new-media accounts that it shows, of a home page; what codes say is added once the pictures have come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<AccountMarks>,
    /// What could not be read of the page.
    pub gaps: Vec<Gap>,
    /// The page's text, where it was read just now: it is stored apart from the facts.
    #[serde(skip)]
    pub own_text: Option<Box<PageText>>,
    /// Its runs of text, where it was read just now.
    #[serde(skip)]
    pub texture: Vec<Run>,
}

/// One wrong statement about a page's encoding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CharsetFault {
    /// Where it stands.
    pub from: CharsetFrom,
    /// What is said there, as written.
    pub label: String,
    /// What is wrong with it.
    pub fault: CharsetFaultKind,
}

/// Where an encoding is declared, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CharsetFrom {
    /// The byte order mark.
    Bom,
    /// The Content-Type header.
    Header,
    /// `<meta>`.
    Meta,
    /// `<?xml encoding=…?>`.
    Xml,
}

/// What can be wrong with a declared encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CharsetFaultKind {
    /// It names another encoding than the one the bytes are in.
    Differs,
    /// No encoding is called so.
    Unknown,
    /// Nothing is declared anywhere, and the page is not plain ASCII.
    Missing,
}

impl PageFacts {
    /// Masks the numbers of persons in everything that a page says of itself.
    pub(super) fn mask(&mut self) {
        let masked = |text: &mut String| {
            if personal::any(text) {
                *text = personal::mask(text).0;
            }
        };
        masked(&mut self.title);
        self.tags.values_mut().for_each(masked);
        self.not_found.iter_mut().chain(&mut self.maybe_not_found).for_each(masked);
        self.gaps.iter_mut().for_each(|gap| masked(&mut gap.subject));
        let items = self.list.iter_mut().chain(&mut self.blocks).flat_map(|list| &mut list.items);
        items.chain(&mut self.headlines).for_each(|item| masked(&mut item.title));
        self.links.iter_mut().for_each(|link| masked(&mut link.text));
        self.breadcrumb.iter_mut().for_each(|crumb| masked(&mut crumb.name));
        masked(&mut self.reason);
        let lists = self.list.iter_mut().chain(&mut self.blocks);
        lists.for_each(|list| masked(&mut list.heading));
        self.message.iter_mut().filter_map(|message| message.open.as_mut()).for_each(masked);
        self.guide.iter_mut().flat_map(|guide| &mut guide.vague).for_each(masked);
        for code in self.accounts.iter_mut().flat_map(|accounts| &mut accounts.account_codes) {
            masked(&mut code.text);
            code.name.iter_mut().for_each(masked);
        }
        if let Some(signs) = &mut self.footer.signs {
            // As written, not resolved.
            signs.links.iter_mut().for_each(|link| masked(&mut link.url));
        }
    }

    /// The facts of something of which nothing is known but its address and state.
    pub fn bare(url: &str, state: PageState, reason: &str) -> Self {
        Self {
            schema: SCHEMA,
            url: url.to_owned(),
            kind: PageKind::Other,
            state,
            title: String::new(),
            charset: String::new(),
            charset_faults: Vec::new(),
            tags: BTreeMap::new(),
            tag_faults: Vec::new(),
            pubdate: PubDate::default(),
            list: None,
            blocks: Vec::new(),
            headlines: Vec::new(),
            partly: None,
            declared_total: None,
            empty: Empty::Uncertain,
            reason: reason.to_owned(),
            footer: Footer::default(),
            links: Vec::new(),
            hidden_links: Vec::new(),
            foreign_scripts: Vec::new(),
            breadcrumb: Vec::new(),
            jumps_to: None,
            script_pages: Vec::new(),
            list_sources: Vec::new(),
            not_found: None,
            maybe_not_found: None,
            text_print: 0,
            requests: None,
            guide: None,
            message: None,
            barriers: None,
            search: None,
            archived: false,
            accounts: None,
            gaps: Vec::new(),
            own_text: None,
            texture: Vec::new(),
        }
    }
}

/// What a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageKind {
    /// One text with a title and a date.
    Article,
    /// A list of items, or the place of one.
    List,
    /// The home page of a site.
    Home,
    /// A page that is its own content: leaders, duties, guides.
    Static,
    /// It only sends the reader elsewhere.
    Redirect,
    /// Its content comes by script.
    Shell,
    /// A firewall's page.
    Blocked,
    /// Anything else.
    Other,
}

/// The state of a column's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageState {
    /// It shows items.
    Normal,
    /// Its list is there and holds nothing.
    Empty,
    /// In place of items it says so: 暂无数据, 栏目建设中.
    Placeholder,
    /// Items come by script: what a reader would see is not known.
    Script,
    /// A firewall answered.
    Blocked,
    /// It could not be fetched or read.
    Failed,
    /// It is its own content.
    OwnContent,
    /// It sends the reader elsewhere.
    Jumps,
}

/// Whether a page is an empty list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// Surely empty.
    Yes,
    /// It has content.
    No,
    /// A reader of the source cannot tell.
    Uncertain,
}

/// One fault of one page tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TagFault {
    /// Canonical name of the tag.
    pub tag: String,
    /// What is wrong.
    pub fault: TagFaultKind,
}

/// What can be wrong with a page tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagFaultKind {
    /// Required for this kind of page and absent.
    Missing,
    /// Present without a value.
    Empty,
    /// Present more than once.
    Duplicated,
    /// Its name is not written as the guide writes it.
    OddCase,
}

/// The publication date and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PubDate {
    /// Beside the title, as a reader sees it.
    pub visible: Option<Stamp>,
    /// The PubDate tag.
    pub tag: Option<Stamp>,
    /// In the URL.
    pub url: Option<Stamp>,
    /// The one to use.
    pub chosen: Option<Stamp>,
    /// Why that one.
    pub why: String,
}

impl PubDate {
    /// The date to use where it is held against another day: none where it is told by how long ago it was, for 昨天 in a page that
    /// nobody writes anew names a later day every time.
    pub fn lasting(&self) -> Option<Stamp> {
        self.chosen.filter(|_| !self.why.starts_with(super::pubdate::RELATIVE))
    }
}

/// One list block.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct List {
    /// Its heading, where it has one.
    #[serde(default)]
    pub heading: String,
    /// Distinct items.
    pub count: u32,
    /// The newest date among them.
    pub newest: Option<Stamp>,
    /// The items in document order.
    pub items: Vec<ListItem>,
}

impl List {
    /// Whether it begins with its oldest items, so that its newest stand on its last page.
    pub(super) fn begins_with_oldest(&self) -> bool {
        let dates: Vec<_> = self.items.iter().filter_map(|item| Some(item.date?.date)).collect();
        dates.len() >= 3 && dates.is_sorted() && dates.first() < dates.last()
    }
}

/// One row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListItem {
    /// Its text (or `title` attribute where the text is cut).
    pub title: String,
    /// Where it leads, resolved.
    pub url: String,
    /// Its date.
    pub date: Option<Stamp>,
}

/// Marks that the guide wants in the footer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Footer {
    /// 网站标识码, as printed.
    pub site_code: Vec<String>,
    /// ICP filing numbers, as printed.
    pub icp: Vec<String>,
    /// 公安备案 numbers, as printed.
    pub gongan: Vec<String>,
    /// 党政机关网站标识.
    pub conac: bool,
    /// `sitecode` of each 找错 entry.
    pub jiucuo: Vec<String>,
    /// False where the footer comes by script: then what is absent here is not seen, rather than missing.
    #[serde(rename = "static")]
    pub is_static: bool,
    /// Which marks stand there in whatever form; `None` in facts of versions that did not look.
    #[serde(default)]
    pub signs: Option<Signs>,
}

/// The marks that stand on a page, as text, link, picture or script of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Signs {
    /// Each mark that shows in some form, in order.
    pub shown: Vec<Mark>,
    /// Addresses that marks lead to, as written.
    pub links: Vec<MarkLink>,
    /// True where something of a foot can be read in the source.
    pub foot: bool,
    /// True where a script or frame in the foot brings what is not in the source: what is absent may come from there.
    pub scripted: bool,
}

/// What the guide wants at the foot of every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// 党政机关网站标识.
    Conac,
    /// 网站标识码.
    SiteCode,
    /// ICP备案编号.
    Icp,
    /// 公安机关备案标识.
    Gongan,
    /// 我为政府网站找错.
    Jiucuo,
    /// 主办单位.
    Host,
    /// 联系方式.
    Contact,
    /// 网站地图.
    SiteMap,
}

/// Where a mark leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MarkLink {
    /// The mark.
    pub mark: Mark,
    /// The address, as written.
    pub url: String,
}

/// An address from which a page's list is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSource {
    /// Resolved against the page.
    pub url: String,
    /// How the page asks for it.
    pub by: SourceKind,
    /// True where the page asks for nothing beside the sources it names: what these do not hold, it does not show.
    #[serde(default)]
    pub complete: bool,
}

/// How a page asks for its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// By a frame: a page of its own.
    Frame,
    /// By a call of its script: data or a piece of a page.
    Endpoint,
    /// By a script file that may hold the items.
    Script,
    /// Not for the first items: the next group of records behind those that stand in the page.
    Further,
}

/// One link on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageLink {
    /// Resolved by the WHATWG rules, fragment kept; any scheme.
    pub url: String,
    /// Its text, white space folded, at most 200 characters.
    pub text: String,
    /// What kind of thing it asks for.
    pub kind: LinkKind,
    /// Where on the page it stands.
    pub place: LinkPlace,
    /// True where a reader cannot see it.
    pub hidden: bool,
}

/// What a link asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// A page.
    Page,
    /// A picture.
    Image,
    /// A file to download.
    Attachment,
    /// A script.
    Script,
    /// A style sheet.
    Style,
    /// An embedded page.
    Frame,
    /// Sound or film.
    Media,
}

/// Where on its page a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkPlace {
    /// Header and navigation, breadcrumb included.
    Nav,
    /// A list block.
    List,
    /// The body.
    Body,
    /// The footer.
    Footer,
    /// `<head>`.
    Head,
}

/// One step of the breadcrumb.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crumb {
    /// The column's name.
    pub name: String,
    /// Its URL, where it is a link.
    pub url: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(print: &u64) -> bool {
    *print == 0
}
