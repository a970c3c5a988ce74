//! What a page is and, were it a column's page, what state it is in. A page is called empty only where nothing could be there.

use super::regions::{fold, is_letter};
use std::collections::BTreeMap;

use super::data::Data;
use super::lists::{self, Block};
use super::middle::Middle;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{Empty, LinkPlace, List, ListItem, PageContext, PageKind, PageState};
use super::pubdate::Visible;
use super::regions::Regions;
use super::{blank, dates, headlines, partly, scripts, shapes, unwell};

/// A page that shows so many characters does not merely send its reader elsewhere.
const ENOUGH_TEXT: usize = 400;

/// A home page with fewer characters, and with no more links, has nothing of its own behind what it says.
const FEW_CHARS: usize = 160;
const FEW_LINKS: usize = 8;

/// Everything the judgement rests on.
pub struct Shape<'a> {
    /// The page.
    pub page: &'a Outline,
    /// Its regions.
    pub regions: &'a Regions,
    /// What was known before.
    pub cx: &'a PageContext<'a>,
    /// Its title.
    pub title: &'a str,
    /// Its tags.
    pub tags: &'a BTreeMap<String, String>,
    /// The date beside the title.
    pub visible: Option<Visible>,
    /// Characters of text outside links, frame and list blocks.
    pub own_chars: usize,
    /// Its list blocks.
    pub blocks: &'a [Block],
    /// What it calls its column.
    pub names: &'a [String],
    /// Lists held as data.
    pub data: &'a Data,
    /// The firewall that answered.
    pub wall: Option<&'a str>,
    /// Clear signs of an article: blocks were not looked for.
    pub surely_article: bool,
    /// The same signs, whether or not blocks were looked for.
    pub clearly_article: bool,
    /// The page was not read to its end.
    pub cut: bool,
    /// The column's own part, once it is looked for; the body until then.
    pub middle: Option<&'a Middle>,
}

impl Shape<'_> {
    /// Whether a reader finds a node in the body, or, once it is known, in the column's own part of it.
    pub(super) fn is_own(&self, id: NodeId) -> bool {
        !self.page.node(id).inert
            && self.regions.place(id) == LinkPlace::Body
            && !self.regions.is_hidden(id)
            && self.middle.is_none_or(|middle| middle.contains(id))
    }
}

/// The judgement.
#[derive(Debug)]
pub struct Verdict {
    /// What the page is.
    pub kind: PageKind,
    /// What state it is in.
    pub state: PageState,
    /// Whether it is an empty list.
    pub empty: Empty,
    /// Why.
    pub reason: String,
    /// What could not be seen.
    pub gap: Option<String>,
    /// The main list.
    pub list: Option<List>,
    /// Further blocks.
    pub blocks: Vec<List>,
    /// What stands above the main list in no block.
    pub headlines: Vec<ListItem>,
    /// Why its newest items may not be seen.
    pub partly: Option<String>,
    /// Raw address it sends the reader to.
    pub jumps_to: Option<String>,
    /// False where a date beside a title is a list's, not an article's.
    pub keeps_visible: bool,
}

impl Verdict {
    pub(super) fn new(kind: PageKind, state: PageState, empty: Empty, reason: impl Into<String>) -> Self {
        let keeps_visible = matches!(kind, PageKind::Article | PageKind::Static | PageKind::Other);
        Self {
            kind,
            state,
            empty,
            reason: reason.into(),
            gap: None,
            list: None,
            blocks: Vec::new(),
            headlines: Vec::new(),
            partly: None,
            jumps_to: None,
            keeps_visible,
        }
    }

    pub(super) fn with_gap(mut self, why: &str) -> Self {
        self.gap = Some(why.to_owned());
        self
    }
}

/// Judges a page.
pub fn judge(shape: &Shape<'_>) -> Verdict {
    if let Some(wall) = shape.wall {
        return Verdict::new(
            PageKind::Blocked,
            PageState::Blocked,
            Empty::Uncertain,
            format!("blocked: {wall}"),
        )
        .with_gap(&format!("blocked: {wall}"));
    }
    let text_chars = visible_chars(shape);
    if let Some(jumps_to) = jump(shape, text_chars) {
        let mut verdict = Verdict::new(PageKind::Redirect, PageState::Jumps, Empty::No, "leads-elsewhere");
        verdict.jumps_to = Some(jumps_to);
        return verdict;
    }
    if shape.surely_article || (shape.cut && shape.clearly_article) {
        return article("date-beside-title");
    }
    if shape.cut {
        return with_lists(
            shape,
            Verdict::new(kind_when_cut(shape), PageState::Failed, Empty::Uncertain, "not-read-to-the-end"),
        );
    }
    if let Some(verdict) = shell(shape, text_chars) {
        return verdict;
    }
    if is_home(shape) {
        if text_chars < FEW_CHARS
            && shape.page.ids().filter(|id| shape.page.node(*id).tag == Tag::A).nth(FEW_LINKS).is_none()
            && let Some(words) = unwell::is_no_home(&shape.page.text)
        {
            let reason = format!("says {words}");
            return Verdict::new(PageKind::Other, PageState::Failed, Empty::Uncertain, reason)
                .with_gap("server-error-text");
        }
        return with_lists(
            shape,
            Verdict::new(PageKind::Home, PageState::OwnContent, Empty::No, "home-page"),
        );
    }
    let main = main_block(shape);
    if is_article(shape, main) {
        return article(if shape.visible.is_some() { "date-beside-title" } else { "article-tags-and-text" });
    }
    if let Some(main) = main
        && main.dated == 0
        && let Some(why) = blank::list_by_script(shape)
    {
        let verdict =
            Verdict::new(PageKind::List, PageState::Script, Empty::Uncertain, format!("needs-render: {why}"));
        return verdict.with_gap("needs-render");
    }
    if let Some(main) = main
        && !is_own_text(shape, main)
    {
        return with_lists(
            shape,
            Verdict::new(PageKind::List, PageState::Normal, Empty::No, format!("{} items", main.list.count)),
        );
    }
    blank::judge(shape)
}

fn article(reason: &str) -> Verdict {
    Verdict::new(PageKind::Article, PageState::OwnContent, Empty::No, reason)
}

fn kind_when_cut(shape: &Shape<'_>) -> PageKind {
    if main_block(shape).is_some() { PageKind::List } else { PageKind::Other }
}

/// The best list: of the page's blocks and of what stands as data.
fn main_block<'a>(shape: &'a Shape<'_>) -> Option<&'a Block> {
    let by_markup = lists::main_of(shape.blocks, shape.names).map(|index| &shape.blocks[index]);
    match (&shape.data.list, by_markup) {
        (Some(data), Some(markup)) if markup.dated >= 1 && markup.score > data.score => Some(markup),
        (Some(data), _) => Some(data),
        (None, markup) => markup,
    }
}

/// What a page calls its own column: the tag, the end of its breadcrumb, the first and the last part of its title.
pub fn column_names(
    page: &Outline,
    regions: &Regions,
    tags: &BTreeMap<String, String>,
    title: &str,
) -> Vec<String> {
    let mut names: Vec<String> = tags.get("ColumnName").map(|name| fold(name)).into_iter().collect();
    if let Some(at) = regions.crumb_at {
        let text = page.text_of(at);
        names.extend(
            text.rsplit(['>', '»', '›', '/', '＞', '→', '\u{a0}']).map(fold).find(|step| !step.is_empty()),
        );
    }
    let mut parts = title.split(['-', '_', '|', '—', '－', ' ']).map(fold);
    names.extend(parts.next());
    names.extend(parts.next_back());
    let site = tags.get("SiteName").map(|name| fold(name));
    names.retain(|name| Some(name) != site.as_ref() && (2..=16).contains(&name.chars().count()));
    names
}

fn with_lists(shape: &Shape<'_>, mut verdict: Verdict) -> Verdict {
    let main = main_block(shape);
    verdict.list = main.map(|block| block.list.clone());
    let is_main = |block: &Block| {
        main.is_some_and(|main| main.span == block.span && main.list.count == block.list.count)
    };
    let is_list = |block: &Block| block.dated > 0 || (block.list.count >= 2 && block.title_len >= 6.0);
    let further = shape.blocks.iter().filter(|block| !is_main(block) && is_list(block));
    verdict.blocks = further.map(|block| block.list.clone()).collect();
    let listed = |id: NodeId| {
        shape.blocks.iter().any(|block| (is_main(block) || is_list(block)) && block.has_row_at(id))
    };
    if verdict.kind == PageKind::List
        && let Some(main) = main
    {
        verdict.partly = partly::why(shape, &main.list, main.span.start).map(str::to_owned);
    }
    verdict.headlines =
        main.map(|main| headlines::above(shape, main.span.start, &listed)).unwrap_or_default();
    verdict
}

/// Characters that a reader sees; counted up to [`ENOUGH_TEXT`], because no more is asked of it.
fn visible_chars(shape: &Shape<'_>) -> usize {
    let page = shape.page;
    let mut seen = 0;
    for id in page.ids() {
        let node = page.node(id);
        if node.tag == Tag::Text && !node.inert && !shape.regions.is_hidden(id) {
            seen += page.text_of(id).chars().filter(|c| is_letter(*c)).count();
            if seen >= ENOUGH_TEXT {
                break;
            }
        }
    }
    seen
}

fn jump(shape: &Shape<'_>, text_chars: usize) -> Option<String> {
    let elsewhere = |raw: &String| {
        let raw = raw.trim();
        !raw.is_empty()
            && !raw.starts_with('#')
            && shape
                .cx
                .url
                .join(raw)
                .is_ok_and(|to| to.as_str() != shape.cx.url.as_str() && to.scheme() != "javascript")
    };
    if let Some((delay, raw)) = scripts::refresh(shape.page)
        && elsewhere(&raw)
        && (delay <= 3 && text_chars < ENOUGH_TEXT || text_chars < 120)
    {
        return Some(raw);
    }
    let links = shape.page.ids().filter(|id| shape.page.node(*id).tag == Tag::A).take(8).count();
    if text_chars < 80 && links < 5 { scripts::jump(shape.page).filter(elsewhere) } else { None }
}

/// A page that shows nothing until scripts have run.
fn shell(shape: &Shape<'_>, text_chars: usize) -> Option<Verdict> {
    let page = shape.page;
    let has = |wanted: &[Tag]| page.ids().any(|id| wanted.contains(&page.node(id).tag));
    if page.ids().any(|id| page.node(id).tag == Tag::Frame) {
        return Some(
            Verdict::new(PageKind::Other, PageState::Script, Empty::Uncertain, "frameset")
                .with_gap("frameset"),
        );
    }
    if text_chars >= 40 || shape.data.list.is_some() || !shape.blocks.is_empty() {
        return None;
    }
    let scripts = page.ids().filter(|id| page.node(*id).tag == Tag::Script).count();
    let links = page.ids().filter(|id| page.node(*id).tag == Tag::A).take(4).count();
    if scripts > 0 && links < 4 && !has(&[Tag::Video, Tag::Embed, Tag::Object]) && !has_pictures(shape) {
        return Some(
            Verdict::new(PageKind::Shell, PageState::Script, Empty::Uncertain, "needs-render")
                .with_gap("needs-render"),
        );
    }
    None
}

fn is_home(shape: &Shape<'_>) -> bool {
    if shapes::looks_like_home_url(shape.cx.url) {
        return true;
    }
    if shape.cx.url.scheme() != "file" || shape.visible.is_some() {
        return false;
    }
    // A saved page without its address: many blocks, no breadcrumb, no column.
    let tagged = |name: &str| shape.tags.get(name).is_some_and(|value| !value.trim().is_empty());
    let big = shape.blocks.iter().filter(|block| block.list.count >= 3).count();
    shape.regions.crumb_at.is_none() && !tagged("ColumnName") && !tagged("ArticleTitle") && big >= 5
}

fn is_article(shape: &Shape<'_>, main: Option<&Block>) -> bool {
    let tagged = shape.tags.get("ArticleTitle").is_some_and(|value| !value.trim().is_empty());
    let list_address = shapes::looks_like_list_url(shape.cx.url);
    let strong_list = main.is_some_and(|main| main.dated >= 3 || (main.dated >= 1 && list_address));
    match shape.visible {
        Some(visible) if strong_list => {
            // A date in the head of a list page, or an article with dated related links?
            let article_address = shapes::looks_like_article_url(shape.cx.url);
            let of_text =
                visible.near_title && !list_address && has_long_title(shape) && shape.own_chars > 120;
            (visible.told || of_text)
                && (tagged
                    || article_address
                    || shape.own_chars > 400
                    || (visible.near_title && shape.own_chars > 80))
                && !(list_address && !tagged && main.is_some_and(|main| main.dated >= 5))
        }
        Some(visible) => visible.told || visible.near_title && (shape.own_chars > 30 || has_pictures(shape)),
        None if main.is_some_and(|main| main.dated >= 3) => tagged && shape.own_chars > 300,
        None if shapes::surely_article_url(shape.cx.url) => true,
        None if main.is_some_and(|main| main.dated >= 1) => tagged && shape.own_chars > 300,
        None if tagged
            && shape.tags.get("PubDate").is_some_and(|date| !dates::find(date, false).is_empty()) =>
        {
            shape.own_chars > 30 || has_pictures(shape)
        }
        None => {
            (tagged || shapes::looks_like_article_url(shape.cx.url))
                && (shape.own_chars > 100 || (tagged && has_pictures(shape)))
        }
    }
}

/// Whether a line of the body is the page's title, and longer than columns are called.
fn has_long_title(shape: &Shape<'_>) -> bool {
    const LONGER: usize = 9;
    body_elements(shape, &[Tag::Text]).any(|id| {
        let text = shape.page.text_of(id).trim();
        text.chars().nth(LONGER).is_some()
            && shape.title.contains(text)
            && !shape.blocks.iter().any(|block| block.has_row_at(id))
    })
}

/// The page's own text outweighs the block: a static page with a few links beside it.
fn is_own_text(shape: &Shape<'_>, main: &Block) -> bool {
    // Read up to the bound: what was counted as text of the page's own are further rows.
    if main.list.items.len() >= lists::MAX_ROWS / 2 {
        return false;
    }
    #[expect(clippy::cast_precision_loss, reason = "lengths of one page")]
    let (own, listed) = (shape.own_chars as f64, f64::from(main.list.count) * main.title_len);
    let links_stand_in_text = main.dated == 0 && own > 200.0 && own > listed;
    let few = main.list.count <= 6 && own > 500.0 && own > listed * 3.0;
    links_stand_in_text || few || (own > 1500.0 && own > listed * 4.0)
}

/// Pictures in the body that are content and no decoration.
pub(super) fn has_pictures(shape: &Shape<'_>) -> bool {
    body_elements(shape, &[Tag::Img]).any(|id| is_content_picture(shape, id))
}

/// Whether a picture is content, by its address and size.
pub(super) fn is_content_picture(shape: &Shape<'_>, id: NodeId) -> bool {
    let src = shape.page.attr(id, Attr::Src).unwrap_or_default().to_ascii_lowercase();
    let name = src.rsplit('/').next().unwrap_or_default();
    let small = |attr| {
        shape
            .page
            .attr(id, attr)
            .and_then(|value| value.trim().trim_end_matches("px").parse::<f64>().ok())
            .is_some_and(|size| size < 60.0)
    };
    let decor = [
        "icon", "ico_", "logo", "arrow", "dot", "bg", "line", "btn", "button", "more", "close", "search",
        "blank", "spacer", "banner", "title", "tit", "home", "print", "weixin", "weibo", "qr", "ewm",
        "erweima", "share", "top", "jt", "nodata", "empty", "none", "loading",
    ]
    .iter()
    .any(|word| name.contains(word));
    // The sign of the site above its pages.
    let leads_home = shape.page.node(shape.page.node(id).parent).tag == Tag::A
        && shape
            .page
            .attr(shape.page.node(id).parent, Attr::Href)
            .and_then(|href| shape.cx.url.join(href.trim()).ok())
            .is_some_and(|to| to.origin() == shape.cx.url.origin() && shapes::looks_like_home_url(&to));
    let uploaded = ["upload", "attach", "/files/", "/w020", "/p020"].iter().any(|part| src.contains(part));
    !leads_home && (uploaded || !decor) && !name.is_empty() && !small(Attr::Width) && !small(Attr::Height)
}

/// Visible elements of the body.
pub(super) fn body_elements<'a>(shape: &'a Shape<'_>, tags: &'a [Tag]) -> impl Iterator<Item = NodeId> + 'a {
    let page = shape.page;
    page.ids().skip(1).filter(move |id| tags.contains(&page.node(*id).tag) && shape.is_own(*id))
}
