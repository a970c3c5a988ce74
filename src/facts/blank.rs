//! Pages on which no list was found: their own content, a list that holds nothing, or one that comes later.

use super::outline::{Attr, NodeId, Tag};
use super::page::{Empty, LinkKind, LinkPlace, PageKind, PageState};
use super::regions::fold;
use super::regions::is_letter;
use super::state::{Shape, Verdict, body_elements, has_pictures};
use super::{dates, lists, rows, scripts, shapes, sources};

/// Text of its own, in characters, that makes a page its own content.
const OWN_CONTENT: usize = 60;
/// Text that may be left on an empty list page: a heading, a label.
const LEFTOVER: usize = 24;

/// A page on which no list was found: its own content, an empty list, or one that comes by script.
pub(super) fn judge(shape: &Shape<'_>) -> Verdict {
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
    if shape.data.present
        && shape.data.total == Some(0)
        && unexplained_links(shape) < 3
        && !sources::ask_for_more(page)
    {
        return Verdict::new(PageKind::List, PageState::Empty, Empty::Yes, "data-island-states-0");
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
    let embeds = body_elements(shape, &[Tag::Iframe]).any(|id| {
        let zero = |attr| {
            page.attr(id, attr).is_some_and(|value| matches!(value.trim().trim_end_matches("px"), "0" | "1"))
        };
        let src = page.attr(id, Attr::Src).unwrap_or_default().trim();
        !src.is_empty() && src != "about:blank" && !zero(Attr::Width) && !zero(Attr::Height)
    });
    if embeds {
        return Verdict::new(PageKind::List, PageState::Script, Empty::Uncertain, "frame-may-carry-it")
            .with_gap("frame-content");
    }
    let attached = body_elements(shape, &[Tag::A]).any(|id| {
        page.attr(id, Attr::Href).is_some_and(|href| {
            shapes::kind_by_ending(href.split(['?', '#']).next().unwrap_or_default()) == LinkKind::Attachment
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
    let has_menu =
        page.ids().any(|id| shape.regions.place(id) == LinkPlace::Nav && page.node(id).tag == Tag::A);
    if boxes.is_empty() && leftover > 8 {
        return own("short-text");
    }
    let own_links = body_elements(shape, &[Tag::A]).filter(|id| !leads_aside(shape, *id)).count();
    if own_links >= 15 || (boxes.is_empty() && own_links >= 4) {
        return own("links-of-its-own");
    }
    if boxes.is_empty() || !has_menu || names_own_links >= 3 {
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
            // What can be pressed and headings are frame here, unless a heading is a whole paragraph.
            Tag::A | Tag::Select | Tag::Option | Tag::Button | Tag::Label => skip_to = node.end,
            Tag::H1 | Tag::H2 | Tag::H3 | Tag::H4 | Tag::Th
                if page.text_of(id).chars().filter(|c| is_letter(*c)).nth(30).is_none() =>
            {
                skip_to = node.end;
            }
            Tag::Text
                if !node.inert
                    && shape.regions.place(id) == LinkPlace::Body
                    && !shape.regions.is_hidden(id) =>
            {
                let text = fold(page.text_of(id));
                let chars = text.chars().filter(|c| is_letter(*c)).count();
                let is_frame = chars <= 16
                    && (text == column
                        || shape.title.contains(&text)
                        || CHROME.iter().any(|word| text.contains(word))
                        || text.chars().all(|c| c.is_ascii_digit() || !is_letter(c))
                        || !dates::find(&text, false).is_empty());
                if !is_frame && seen.insert(text) {
                    count += chars;
                }
            }
            _ => {}
        }
    }
    count
}

/// Why the page's list is filled by a script, where an empty list box is named in one: undated links beside it are not the list.
pub(super) fn list_by_script(shape: &Shape<'_>) -> Option<String> {
    let page = shape.page;
    let mut boxes = empty_boxes(shape);
    boxes.retain(|id| {
        let list = matches!(page.node(*id).tag, Tag::Ul | Tag::Ol | Tag::Tbody);
        (list || page.class_and_id(*id).contains("list")) && page.attr(*id, Attr::Id).is_some()
    });
    if boxes.is_empty() {
        return None;
    }
    scripts::fills(page, &boxes)
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
