//! What a page is and, were it a column's page, what state it is in. A page is called empty only where nothing could be there.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::dates::Stamp;
use super::links::Resolver;
use super::lists::{self, Block};
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{Empty, LinkPlace, List, ListItem, PageContext, PageKind, PageState};
use super::pubdate::Visible;
use super::regions::{Regions, fold};
use super::{dates, rows, scripts, shapes, tokens};

/// Text of its own, in characters, that makes a page its own content.
const OWN_CONTENT: usize = 60;
/// Text that may be left on an empty list page: a heading, a label.
const LEFTOVER: usize = 24;

/// Lists that stand as data in the source.
#[derive(Debug, Default)]
pub struct Data {
    /// The list, where one was read.
    pub list: Option<Block>,
    /// The total the data states.
    pub total: Option<u32>,
    /// True where a data block is there, with or without records.
    pub present: bool,
}

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
    /// Lists held as data.
    pub data: &'a Data,
    /// The firewall that answered.
    pub wall: Option<&'a str>,
    /// Clear signs of an article: blocks were not looked for.
    pub surely_article: bool,
    /// The page was not read to its end.
    pub cut: bool,
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
    /// Raw address it sends the reader to.
    pub jumps_to: Option<String>,
    /// False where a date beside a title is a list's, not an article's.
    pub keeps_visible: bool,
}

impl Verdict {
    fn new(kind: PageKind, state: PageState, empty: Empty, reason: impl Into<String>) -> Self {
        let keeps_visible = matches!(kind, PageKind::Article | PageKind::Static | PageKind::Other);
        Self {
            kind,
            state,
            empty,
            reason: reason.into(),
            gap: None,
            list: None,
            blocks: Vec::new(),
            jumps_to: None,
            keeps_visible,
        }
    }

    fn with_gap(mut self, why: &str) -> Self {
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
    if shape.surely_article {
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
        && !is_own_text(shape, main)
    {
        return with_lists(
            shape,
            Verdict::new(PageKind::List, PageState::Normal, Empty::No, format!("{} items", main.list.count)),
        );
    }
    without_list(shape)
}

fn article(reason: &str) -> Verdict {
    Verdict::new(PageKind::Article, PageState::OwnContent, Empty::No, reason)
}

fn kind_when_cut(shape: &Shape<'_>) -> PageKind {
    if main_block(shape).is_some() { PageKind::List } else { PageKind::Other }
}

/// The best list: of the page's blocks and of what stands as data.
fn main_block<'a>(shape: &'a Shape<'_>) -> Option<&'a Block> {
    let by_markup = lists::main_of(shape.blocks).map(|index| &shape.blocks[index]);
    match (&shape.data.list, by_markup) {
        (Some(data), Some(markup)) if markup.dated >= 1 && markup.score > data.score => Some(markup),
        (Some(data), _) => Some(data),
        (None, markup) => markup,
    }
}

fn with_lists(shape: &Shape<'_>, mut verdict: Verdict) -> Verdict {
    let main = main_block(shape);
    verdict.list = main.map(|block| block.list.clone());
    let is_main = |block: &Block| {
        main.is_some_and(|main| main.span == block.span && main.list.count == block.list.count)
    };
    let further = shape.blocks.iter().filter(|block| {
        !is_main(block) && (block.dated > 0 || (block.list.count >= 2 && block.title_len >= 6.0))
    });
    verdict.blocks = further.map(|block| block.list.clone()).collect();
    verdict
}

fn visible_chars(shape: &Shape<'_>) -> usize {
    let page = shape.page;
    page.ids()
        .filter(|id| {
            page.node(*id).tag == Tag::Text && !page.node(*id).inert && !shape.regions.is_hidden(*id)
        })
        .map(|id| page.text_of(id).chars().filter(|c| c.is_alphanumeric()).count())
        .sum()
}

fn jump(shape: &Shape<'_>, text_chars: usize) -> Option<String> {
    let elsewhere = |raw: &String| {
        let raw = raw.trim();
        !raw.is_empty()
            && !raw.starts_with('#')
            && shape.cx.url.join(raw).is_ok_and(|to| to.as_str() != shape.cx.url.as_str())
    };
    if let Some((delay, raw)) = scripts::refresh(shape.page)
        && elsewhere(&raw)
        && (delay <= 3 && text_chars < 400 || text_chars < 120)
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
            visible.told
                && (tagged || article_address || shape.own_chars > 400)
                && !(list_address && !tagged && main.is_some_and(|main| main.dated >= 5))
        }
        Some(visible) => visible.told || visible.near_title && shape.own_chars > 30,
        None if main.is_some_and(|main| main.dated >= 3) => tagged && shape.own_chars > 300,
        None if shapes::surely_article_url(shape.cx.url) => true,
        None if main.is_some_and(|main| main.dated >= 1) => tagged && shape.own_chars > 300,
        None => {
            (tagged || shapes::looks_like_article_url(shape.cx.url))
                && (shape.own_chars > 100 || (tagged && has_pictures(shape)))
        }
    }
}

/// The page's own text outweighs the block: a static page with a few links beside it.
fn is_own_text(shape: &Shape<'_>, main: &Block) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "lengths of one page")]
    let (own, listed) = (shape.own_chars as f64, f64::from(main.list.count) * main.title_len);
    let links_stand_in_text = main.dated == 0 && own > 200.0 && own > listed;
    let few = main.list.count <= 6 && own > 500.0 && own > listed * 3.0;
    links_stand_in_text || few || (own > 1500.0 && own > listed * 4.0)
}

fn has_pictures(shape: &Shape<'_>) -> bool {
    body_elements(shape, &[Tag::Img]).any(|id| {
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
        !decor && !name.is_empty() && !small(Attr::Width) && !small(Attr::Height)
    })
}

fn body_elements<'a>(shape: &'a Shape<'_>, tags: &'a [Tag]) -> impl Iterator<Item = NodeId> + 'a {
    let page = shape.page;
    page.ids().skip(1).filter(move |id| {
        let node = page.node(*id);
        tags.contains(&node.tag)
            && !node.inert
            && shape.regions.place(*id) == LinkPlace::Body
            && !shape.regions.is_hidden(*id)
    })
}

/// A page on which no list was found: its own content, an empty list, or one that comes by script.
fn without_list(shape: &Shape<'_>) -> Verdict {
    let page = shape.page;
    let own = |reason: &str| Verdict::new(PageKind::Static, PageState::OwnContent, Empty::No, reason);
    let said = says_empty(shape);
    let leftover = leftover_chars(shape);
    if body_elements(shape, &[Tag::Video, Tag::Audio, Tag::Embed, Tag::Object]).next().is_some() {
        return own("media");
    }
    if leftover >= OWN_CONTENT && (said.is_none() || leftover >= 3 * OWN_CONTENT) {
        let boxes = empty_boxes(shape);
        if !boxes.is_empty()
            && leftover < 2 * OWN_CONTENT
            && let Some(why) = scripts::fills(page, &boxes)
        {
            return Verdict::new(PageKind::List, PageState::Script, Empty::Uncertain, why)
                .with_gap("needs-render");
        }
        return own("text-of-its-own");
    }
    let boxes = empty_boxes(shape);
    if let Some(why) = scripts::fills(page, &boxes) {
        let reason = format!("needs-render: {why}");
        let kind = if body_elements(shape, &[Tag::A]).next().is_some() || !shape.title.is_empty() {
            PageKind::List
        } else {
            PageKind::Shell
        };
        return Verdict::new(kind, PageState::Script, Empty::Uncertain, reason).with_gap("needs-render");
    }
    let frames = body_elements(shape, &[Tag::Iframe]).any(|id| {
        let zero = |attr| {
            page.attr(id, attr).is_some_and(|value| matches!(value.trim().trim_end_matches("px"), "0" | "1"))
        };
        let src = page.attr(id, Attr::Src).unwrap_or_default().trim();
        !src.is_empty() && src != "about:blank" && !zero(Attr::Width) && !zero(Attr::Height)
    });
    if frames {
        return Verdict::new(PageKind::List, PageState::Script, Empty::Uncertain, "frame-may-carry-it")
            .with_gap("frame-content");
    }
    let attached = body_elements(shape, &[Tag::A]).any(|id| {
        page.attr(id, Attr::Href).is_some_and(|href| {
            shapes::kind_by_ending(href.split(['?', '#']).next().unwrap_or_default())
                == super::page::LinkKind::Attachment
        })
    });
    if attached {
        return own("attachment");
    }
    if said.is_none() && has_pictures(shape) {
        return own("pictures");
    }
    if body_elements(shape, &[Tag::Textarea]).next().is_some() {
        return own("form");
    }
    let names_own_links = unexplained_links(shape);
    if let Some(words) = said {
        let zero = lists::declared_total(&page.text) == Some(0);
        if names_own_links >= 3 {
            return Verdict::new(
                PageKind::List,
                PageState::Placeholder,
                Empty::Uncertain,
                format!("says {words}, but carries links"),
            );
        }
        let state = if zero { PageState::Empty } else { PageState::Placeholder };
        return Verdict::new(PageKind::List, state, Empty::Yes, format!("says {words}"));
    }
    if leftover > LEFTOVER {
        return if boxes.is_empty() {
            own("short-text")
        } else {
            Verdict::new(PageKind::Other, PageState::OwnContent, Empty::Uncertain, "little-text")
        };
    }
    let framed =
        page.ids().any(|id| shape.regions.place(id) == LinkPlace::Nav && page.node(id).tag == Tag::A);
    if body_elements(shape, &[Tag::A]).filter(|id| !leads_aside(shape, *id)).count() >= 15 {
        return own("links-of-its-own");
    }
    if boxes.is_empty() || !framed || names_own_links >= 3 {
        return Verdict::new(PageKind::Other, PageState::OwnContent, Empty::Uncertain, "nothing-recognised");
    }
    Verdict::new(PageKind::List, PageState::Empty, Empty::Yes, "empty-list-box")
}

/// The words by which a page says that its list holds nothing.
fn says_empty(shape: &Shape<'_>) -> Option<&'static str> {
    const WORDS: &[&str] = &[
        "暂无数据",
        "暂无信息",
        "暂无内容",
        "暂无相关",
        "暂无记录",
        "暂无文章",
        "暂无资料",
        "暂无新闻",
        "暂无公告",
        "暂无文件",
        "暂没有",
        "暂时没有",
        "没有相关信息",
        "没有相关数据",
        "没有找到相关",
        "没有数据",
        "没有信息",
        "没有内容",
        "没有任何",
        "无相关信息",
        "无相关数据",
        "无数据",
        "未查询到",
        "未找到相关",
        "栏目建设中",
        "正在建设中",
        "建设中",
        "内容更新中",
        "正在更新",
        "正在整理",
        "敬请期待",
        "即将上线",
        "该栏目下没有",
        "该栏目暂无",
        "本栏目暂无",
        "暂未公开",
        "暂未发布",
        "暂不涉及",
        "暂无",
        "No data",
        "no data",
        "共0条",
        "共 0 条",
        "共有0条",
        "总共0条",
        "0条记录",
    ];
    let page = shape.page;
    for id in page.ids() {
        let node = page.node(id);
        if node.tag != Tag::Text
            || node.inert
            || shape.regions.is_hidden(id)
            || shape.regions.place(id) != LinkPlace::Body
        {
            continue;
        }
        let text = page.text_of(id).trim();
        if text.chars().nth(40).is_none()
            && let Some(word) = WORDS.iter().find(|word| text.contains(*word))
        {
            return Some(word);
        }
    }
    (lists::declared_total(&page.text) == Some(0)).then_some("共0条")
}

/// Characters of own text that are no heading, no step of the breadcrumb, no pager and no word for emptiness.
fn leftover_chars(shape: &Shape<'_>) -> usize {
    const CHROME: &[&str] = &[
        "暂无",
        "没有",
        "共",
        "第",
        "页",
        "条",
        "首页",
        "上一",
        "下一",
        "尾页",
        "末页",
        "跳转",
        "当前",
        "位置",
        "分享",
        "字体",
        "字号",
        "打印",
        "关闭",
        "今天是",
        "星期",
        "搜索",
        "更多",
        "每页",
        "转到",
        "返回",
        "标题",
        "发布时间",
        "发布日期",
        "序号",
        "日期",
        "时间",
        "名称",
        "文号",
        "索引号",
        "来源",
        "扫一扫",
    ];
    let page = shape.page;
    let column = shape.tags.get("ColumnName").map(|name| fold(name)).unwrap_or_default();
    let mut count = 0;
    let mut skip_to = 0;
    let mut seen = std::collections::HashSet::new();
    for id in page.ids().skip(1) {
        if id < skip_to {
            continue;
        }
        let node = page.node(id);
        match node.tag {
            Tag::A
            | Tag::Select
            | Tag::Option
            | Tag::Button
            | Tag::Label
            | Tag::H1
            | Tag::H2
            | Tag::H3
            | Tag::H4
            | Tag::Th => {
                // Headings and what can be pressed are frame here, unless a heading is a whole paragraph.
                if page.text_of(id).chars().filter(|c| c.is_alphanumeric()).nth(30).is_none()
                    || node.tag == Tag::A
                {
                    skip_to = node.end;
                }
            }
            Tag::Text
                if !node.inert
                    && shape.regions.place(id) == LinkPlace::Body
                    && !shape.regions.is_hidden(id) =>
            {
                let text = fold(page.text_of(id));
                let chars = text.chars().filter(|c| c.is_alphanumeric()).count();
                let framed = chars <= 16
                    && (text == column
                        || shape.title.contains(&text)
                        || CHROME.iter().any(|word| text.contains(word))
                        || text.chars().all(|c| c.is_ascii_digit() || !c.is_alphanumeric())
                        || !dates::find(&text, false).is_empty() && chars <= 16);
                if !framed && seen.insert(text) {
                    count += chars;
                }
            }
            _ => {}
        }
    }
    count
}

/// List boxes of the body that hold nothing: no link, no picture, no text but blanks.
fn empty_boxes(shape: &Shape<'_>) -> Vec<NodeId> {
    const NAMES: &[&str] = &[
        "list", "news", "liebiao", "lb", "lie", "xxgk", "xx", "gl", "data", "con", "main", "right",
        "article", "info", "box", "nr", "items", "wrap", "body", "default", "pageinfo", "page", "view",
        "zoom", "editor", "doc", "text", "channel", "column",
    ];
    let page = shape.page;
    let named = |id: NodeId| {
        let names = page.class_and_id(id);
        NAMES.iter().any(|word| names.contains(word))
    };
    let mut found = Vec::new();
    for id in page.ids().skip(1) {
        let node = page.node(id);
        let holder = matches!(node.tag, Tag::Ul | Tag::Ol | Tag::Dl | Tag::Table | Tag::Tbody);
        if !(holder || matches!(node.tag, Tag::Div | Tag::Section | Tag::Td))
            || node.inert
            || shape.regions.place(id) != LinkPlace::Body
        {
            continue;
        }
        let blank = |id: NodeId| page.text_of(id).trim().is_empty();
        let only_heads = node.tag == Tag::Table
            && page
                .inside(id)
                .take(200)
                .all(|inner| !matches!(page.node(inner).tag, Tag::Td | Tag::A | Tag::Img))
            && page.inside(id).take(200).any(|inner| page.node(inner).tag == Tag::Th);
        if !(blank(id) || only_heads) {
            continue;
        }
        let holds = page.inside(id).take(60).any(|inner| {
            let tag = page.node(inner).tag;
            matches!(
                tag,
                Tag::A
                    | Tag::Img
                    | Tag::Iframe
                    | Tag::Video
                    | Tag::Embed
                    | Tag::Object
                    | Tag::Input
                    | Tag::Select
                    | Tag::Textarea
                    | Tag::Form
                    | Tag::Script
                    | Tag::Other
            )
        });
        if holds {
            continue;
        }
        let around = holder && page.ancestors(id).take(4).any(named);
        if named(id) || around || holder {
            found.push(id);
        }
    }
    found
}

/// Links in the body that are neither a side menu nor a way on: they may be what the page is there for.
fn unexplained_links(shape: &Shape<'_>) -> usize {
    let page = shape.page;
    let mut count = 0;
    for id in body_elements(shape, &[Tag::A]) {
        let text = rows::anchor_text(page, id);
        if rows::leads_on(&text) || text.chars().count() < 8 || page.attr(id, Attr::Href).is_none() {
            continue;
        }
        let aside = leads_aside(shape, id);
        count += usize::from(!aside);
    }
    count
}

/// Inside something named as a side menu.
fn leads_aside(shape: &Shape<'_>, id: NodeId) -> bool {
    const NAMES: [&str; 11] =
        ["left", "side", "menu", "nav", "sub", "tree", "lm", "link", "hot", "tuijian", "tab"];
    shape.page.ancestors(id).take(6).any(|up| {
        let names = shape.page.class_and_id(up);
        NAMES.iter().any(|word| names.contains(word))
    })
}

/// Lists that stand as data: `<datastore>` records, arrays in scripts.
pub fn data_lists(
    page: &Outline,
    resolver: &Resolver<'_>,
    as_of: NaiveDate,
    clock: &mut dyn FnMut() -> bool,
) -> Data {
    let mut data = Data::default();
    if let Some((_, markup, total)) = scripts::datastore(page) {
        data.present = true;
        data.total = total;
        let wrapped = if markup.contains("<tr") {
            format!("<table>{markup}</table>")
        } else {
            format!("<div>{markup}</div>")
        };
        let (inner, _) = tokens::read(&wrapped, clock);
        let regions = Regions::read(&inner);
        let mut resolve =
            |id: NodeId| inner.attr(id, Attr::Href).and_then(|href| resolver.resolve_loose(href));
        let mut blocks = lists::blocks(&inner, &regions, &mut resolve, as_of);
        if !blocks.is_empty() {
            blocks.sort_by(|a, b| b.score.total_cmp(&a.score));
            data.list = blocks.into_iter().next();
        }
        return data;
    }
    let rows = scripts::data_rows(page, as_of);
    if rows.is_empty() {
        return data;
    }
    let items: Vec<ListItem> = rows
        .into_iter()
        .filter_map(|row| {
            let url = resolver.resolve_loose(row.href.trim())?;
            let date: Option<Stamp> = dates::first(&row.date, as_of);
            let (shown, _) = tokens::read(&row.title, &mut || false);
            Some(ListItem { title: fold(&shown.text), url, date })
        })
        .collect();
    let count = items.len();
    if count == 0 {
        return data;
    }
    #[expect(clippy::cast_precision_loss, reason = "items of one page")]
    let title_len = items.iter().map(|item| item.title.chars().count()).sum::<usize>() as f64 / count as f64;
    let newest = items.iter().filter_map(|item| item.date).max();
    #[expect(clippy::cast_precision_loss, reason = "items of one page")]
    let score = count as f64 * 4.0;
    let list =
        List { heading: String::new(), count: u32::try_from(count).unwrap_or(u32::MAX), newest, items };
    data.present = true;
    data.list = Some(Block { list, score, dated: count, title_len, span: 0..0, aside: false });
    data
}
