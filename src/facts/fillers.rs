//! What could fill an empty list box unseen: calls when the page has loaded, numbers of channels, a box with a name beside a
//! script of the site's own. Whoever reads the source alone cannot tell such a page from one that is empty.

use std::sync::LazyLock;

use regex::Regex;

use super::dates;
use super::doubts::is_named_list;
use super::outline::{Attr, NodeId, Tag};
use super::page::LinkPlace;
use super::regions::is_letter;
use super::scripts::{self, is_aside};
use super::state::{Shape, body_elements};

/// Letters of a title, at least; and values of a script that are looked at.
const TITLE: usize = 6;
const MOST_VALUES: usize = 2000;

/// Inline scripts longer than this are libraries.
const LONGEST: usize = 64 * 1024;

/// Why a page without any item, and without a word that it has none, may be filled by a script after all.
pub(super) fn found(shape: &Shape<'_>, boxes: &[NodeId]) -> Option<String> {
    if sourced(shape) {
        return Some("an element names its source".to_owned());
    }
    if asks_for_scripts(shape) {
        return Some("asks for scripts".to_owned());
    }
    let page = shape.page;
    if page.comments.iter().any(|(_, text)| text.starts_with("?php") || text.starts_with("?=")) {
        return Some("a template that was not run".to_owned());
    }
    called(shape).or_else(|| named_beside_script(shape, boxes))
}

/// A call at load that may fetch or list something, also where a placeholder stands until it has run.
pub(super) fn called(shape: &Shape<'_>) -> Option<String> {
    let page = shape.page;
    let inline = page.raws_of(Tag::Script).map(|(_, text)| text);
    let onload = page.ids().filter(|id| page.node(*id).tag == Tag::Body);
    let onload = onload.filter_map(|id| page.attr(id, Attr::OnLoad));
    inline
        .chain(onload)
        .filter(|text| text.len() < LONGEST)
        .find_map(|text| calls(text).or_else(|| records(text)))
}

/// An empty element whose attributes say where its content comes from.
fn sourced(shape: &Shape<'_>) -> bool {
    const SOURCES: [Attr; 8] = [
        Attr::DataUrl,
        Attr::DataApi,
        Attr::DataSrc,
        Attr::DataId,
        Attr::DataPage,
        Attr::DataChannel,
        Attr::HxGet,
        Attr::HxPost,
    ];
    let page = shape.page;
    // Of a table with a script's attribute only the head stands there.
    let headed = body_elements(shape, &[Tag::Table]).any(|id| {
        page.attr(id, Attr::Bound).is_some() && !page.inside(id).any(|cell| page.node(cell).tag == Tag::Td)
    });
    if headed {
        return true;
    }
    body_elements(shape, &[Tag::Div, Tag::Section, Tag::Ul, Tag::Ol, Tag::Dl, Tag::Table, Tag::Tbody])
        .filter(|id| page.text_of(*id).trim().is_empty())
        .any(|id| SOURCES.iter().any(|source| page.attr(id, *source).is_some_and(|value| !value.is_empty())))
}

/// A word in the body that the page needs scripts, for those who run none.
fn asks_for_scripts(shape: &Shape<'_>) -> bool {
    let page = shape.page;
    page.ids().any(|id| {
        let asks = |text: &str| text.contains("脚本") || text.to_ascii_lowercase().contains("javascript");
        page.node(id).tag == Tag::Noscript
            && shape.regions.place(id) == LinkPlace::Body
            && (asks(page.text_of(id)) || page.raw_of(id).is_some_and(asks))
    })
}

/// Titles or dates that a script holds as values: the items of a list, however it will show them.
fn records(text: &str) -> Option<String> {
    static VALUE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"[=:,\[]\s*(?:"([^"<>\n]{6,300})"|'([^'<>\n]{6,300})')"#).expect("a valid pattern")
    });
    let (mut dates, mut titles) = (0, 0);
    for value in VALUE.captures_iter(text).take(MOST_VALUES) {
        let value = value.get(1).or(value.get(2)).map_or("", |value| value.as_str());
        dates += usize::from(value.len() < 24 && !dates::find(value, false).is_empty());
        titles +=
            usize::from(value.chars().filter(|c| *c >= '\u{2e80}' && is_letter(*c)).nth(TITLE - 1).is_some());
        if dates == 2 || titles == 3 {
            return Some("script-values".to_owned());
        }
    }
    None
}

/// A call by whose name something is fetched or listed, and which serves nothing else; or the number of a channel.
fn calls(text: &str) -> Option<String> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(?P<before>function\s+|[)\]]\s*\.\s*|\.)?\b(?P<path>(?:[\w$]+\.)*?)(?P<name>[a-z_$][\w$]*)\s*\(")
            .expect("a valid pattern")
    });
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:channel|column|catalog|cat|class|node|lanmu|lm|cid|cate)_?(?:id|code)?\b\s*[:=]\s*['\x22]?\d|\bpage_?size\b\s*[:=]")
            .expect("a valid pattern")
    });
    for call in CALL.captures_iter(text) {
        let name = call.name("name").map_or("", |name| name.as_str()).to_ascii_lowercase();
        let before = call.name("before").map_or("", |before| before.as_str());
        let method = before.ends_with('.');
        if before.starts_with("function") || !fetches_by_name(&name, method) {
            continue;
        }
        let whole = call.get(0).map_or(0..0, |whole| whole.range());
        if !is_aside(text, whole) {
            return Some(format!("script-call {name}"));
        }
    }
    NUMBER.find(text).map(|found| format!("script-value {}", found.as_str().trim()))
}

/// Whether a function's name says that it fetches or lists. `method` where it is called on something else's result, as plugins
/// are.
fn fetches_by_name(name: &str, method: bool) -> bool {
    const VERBS: [&str; 15] = [
        "load", "get", "show", "query", "init", "fetch", "render", "fill", "draw", "build", "refresh",
        "request", "list", "page", "find",
    ];
    const THINGS: [&str; 12] = [
        "list", "data", "news", "info", "article", "items", "content", "channel", "column", "page", "table",
        "grid",
    ];
    // What browsers and jQuery call so, and what every template brings.
    const OTHERS: [&str; 62] = [
        "getelement",
        "getattribute",
        "getitem",
        "getcomputed",
        "getbounding",
        "getcookie",
        "getcontext",
        "getdate",
        "getday",
        "getmonth",
        "getfullyear",
        "getyear",
        "gettime",
        "gethour",
        "getminute",
        "getsecond",
        "getweek",
        "getlunar",
        "getscript",
        "getselection",
        "getparameter",
        "getquery",
        "getrandom",
        "queryselector",
        "date",
        "time",
        "clock",
        "week",
        "menu",
        "nav",
        "tab",
        "search",
        "slide",
        "swiper",
        "banner",
        "scroll",
        "share",
        "font",
        "voice",
        "login",
        "user",
        "top",
        "foot",
        "head",
        "size",
        "style",
        "color",
        "lang",
        "jiucuo",
        "qr",
        "float",
        "marquee",
        "tree",
        "print",
        "hit",
        "count",
        "click",
        "visit",
        "weather",
        "createpage",
        "preventdefault",
        "pagey",
    ];
    if OTHERS.iter().any(|word| name.contains(word)) {
        return false;
    }
    if method {
        // `.show()`, `.find()`, `.data()` are jQuery's own.
        return THINGS.iter().any(|word| name.contains(word))
            && !matches!(name, "data" | "contents" | "content");
    }
    !matches!(name, "get" | "show" | "find" | "data" | "pagex")
        && (VERBS.iter().any(|verb| name.starts_with(verb)) || THINGS.iter().any(|word| name.contains(word)))
}

/// A list box with an id of its own beside a script file that is no known library: such an id is there for a script.
fn named_beside_script(shape: &Shape<'_>, boxes: &[NodeId]) -> Option<String> {
    let page = shape.page;
    if !boxes.iter().any(|id| is_named_list(page, *id)) {
        return None;
    }
    let sign = |src: &str| ["conac.cn", "jiucuo"].iter().any(|part| src.contains(part));
    scripts::files(page)
        .find_map(|(src, name)| (!scripts::is_library(&name) && !sign(src)).then(|| format!("script {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_the_items_of_a_list() {
        for (script, holds) in [
            (r#"urls[0]="/a.html";dates[0]="2026-11-05";urls[1]="/b.html";dates[1]="2026-10-30";"#, true),
            ("var l=[{t:'关于停水的通知'},{t:'供水管网改造公告'},{t:'水质检测结果公示'}]", true),
            ("headers[0]='关于停水的通知';headers[1]='供水管网改造公告';headers[2]='水质检测结果公示'", true),
            ("var today='2026-11-23';", false),
            (
                "alert('请输入要搜索的内容');alert('加入收藏失败，请手动添加');alert('浏览器不支持此操作')",
                false,
            ),
            ("var week=['星期日','星期一','星期二','星期三']", false),
            ("document.writeln('<p>主办单位：示例市水利局</p>')", false),
        ] {
            assert_eq!(records(script).is_some(), holds, "{script}");
        }
    }

    #[test]
    fn calls_that_may_fill_a_list() {
        for (script, fills) in [
            ("$(function(){loadData()})", true),
            ("$(document).ready(function(){showList(1)})", true),
            ("window.onload=function(){getNewsList();}", true),
            ("$(function(){page.init({cid:12})})", true),
            ("var list=new NewsList('#x');", true),
            ("$('#u').pagelist({url:'/api'})", true),
            ("var channelId=\"12345\",pageSize=15;", true),
            ("init();", true),
            ("$(function(){$('.slide').slide({})})", false),
            ("new Swiper('.s',{loop:true})", false),
            ("showDate();setTab(1)", false),
            ("var d=new Date();document.write(d.getFullYear()+'年')", false),
            ("document.getElementById('kw').value='';$('.nav li').find('a').show()", false),
            ("createPageHTML(1, 0, 'index', 'html');", false),
            ("function loadData(){}", false),
            ("$.getScript('/visitcount/visit.js')", false),
            ("var siteId=7;addVisit(siteId)", false),
        ] {
            assert_eq!(calls(script).is_some(), fills, "{script}: {:?}", calls(script));
        }
    }
}
