//! What came from a list source: JSON, records of a data proxy, XML, script data or a piece of a page, read for items.
//!
//! Items are resolved against the page that asks, as its script would put them there. What is none of these (a whole
//! page, a sentence of failure) holds no list: that is not an empty one.

use chrono::NaiveDate;
use encoding_rs::UTF_8;
use url::Url;

use super::data::{block_of, in_markup};
use super::html::read_page;
use super::links::Resolver;
use super::lists::Block;
use super::literal::{Literal, Reader};
use super::page::{Empty, ListSource, PageContext, PageFacts, PageKind, PageState, SourceKind};
use super::records::{self, Record};
use super::{challenge, dates, decode, sources, tokens};

/// Reads the answer of a list source. `cx.url` is its own address, `asked_by` that of the page whose list it fills.
/// `clock` as for [`read_page`].
pub fn read_reply(
    body: &[u8],
    cx: &PageContext<'_>,
    asked_by: &Url,
    mut clock: impl FnMut() -> bool,
) -> PageFacts {
    let decoded = decode::decode(body, cx.content_type);
    let text = decoded.text.trim_start_matches('\u{feff}').trim();
    let (blank, _) = tokens::read("", &mut || false);
    let resolver = Resolver::new(&blank, asked_by, UTF_8);
    let as_of = cx.as_of.date_naive();
    let mut facts = nothing(cx);
    decoded.encoding.name().to_ascii_lowercase().clone_into(&mut facts.charset);
    if let Some(wall) = challenge::challenge(cx.status, &[], text) {
        (facts.kind, facts.state) = (PageKind::Blocked, PageState::Blocked);
        facts.reason = format!("blocked: {wall}");
        return facts;
    }
    let read = of_text(text, &resolver, as_of, &mut clock);
    let Read { block, total, empty, sources } = match read {
        Some(read) => read,
        None if is_whole_page(text) || text.is_empty() => return facts,
        None => {
            let piece = PageContext { url: asked_by, want_structure: true, ..cx.clone() };
            return as_reply(read_page(body, &piece, clock), cx);
        }
    };
    facts.declared_total = total;
    facts.list_sources = sources;
    if let Some(block) = block {
        facts.state = PageState::Normal;
        facts.empty = Empty::No;
        facts.reason = format!("{} items", block.list.count);
        facts.list = Some(block.list);
    } else if empty && total.is_none_or(|total| total == 0) {
        facts.state = PageState::Empty;
        // An empty array alone may be the answer to a question badly put; a total of 0 is a statement.
        facts.empty = if total == Some(0) { Empty::Yes } else { Empty::Uncertain };
        "reply-empty".clone_into(&mut facts.reason);
    }
    facts.mask();
    facts
}

/// What was read of a reply.
#[derive(Default)]
struct Read {
    block: Option<Block>,
    total: Option<u32>,
    empty: bool,
    sources: Vec<ListSource>,
}

fn of_text(
    text: &str,
    resolver: &Resolver<'_>,
    as_of: NaiveDate,
    clock: &mut dyn FnMut() -> bool,
) -> Option<Read> {
    let head = text.get(..text.floor_char_boundary(512.min(text.len()))).unwrap_or_default();
    if let Some(value) = json(text) {
        return Some(of_value(&value, resolver, as_of, clock));
    }
    if text.contains("<recordset") || text.contains("<record>") {
        return Some(of_records(text, resolver, as_of, clock));
    }
    if head.starts_with('<') {
        let xml = head.starts_with("<?xml") || head.starts_with("<rss") || head.starts_with("<feed");
        let rows = if xml { of_xml(text, as_of) } else { Vec::new() };
        return (!rows.is_empty()).then(|| Read { block: block_of(rows, resolver), ..Read::default() });
    }
    let script = [
        "var ",
        "let ",
        "const ",
        "window.",
        "function",
        "$(",
        "(function",
        "document.",
        "//",
        "/*",
        "!function",
    ];
    if !script.iter().any(|word| head.starts_with(word)) {
        return None;
    }
    let mut left = records::MAX_STEPS;
    let (rows, markup) = records::in_script(text, as_of, &mut left);
    let block = block_of(rows, resolver).or_else(|| in_markup(&markup?, resolver, as_of, clock));
    // Code of its own: what it asks for with a plain address is followed in its place.
    let found = if block.is_none() { sources::of_scripts(&[text]).resolved(resolver) } else { Vec::new() };
    let sources = found.into_iter().map(|source| ListSource { complete: false, ..source }).collect();
    Some(Read { block, sources, ..Read::default() })
}

/// A reply that is one JSON value, bare or as the argument of a callback.
fn json(text: &str) -> Option<Literal> {
    let bare = if text.starts_with(['{', '[']) {
        text
    } else {
        let (name, rest) = text.split_once('(')?;
        let name = name.trim();
        let called = !name.is_empty()
            && name.len() < 80
            && name.chars().all(|c| c.is_alphanumeric() || "_$.".contains(c));
        let rest = rest.trim_start();
        (called && rest.starts_with(['{', '['])).then_some(rest)?
    };
    let value = Reader::new(bare, 0, records::MAX_STEPS).value()?;
    matches!(value, Literal::List(_) | Literal::Object(_)).then_some(value)
}

fn of_value(
    value: &Literal,
    resolver: &Resolver<'_>,
    as_of: NaiveDate,
    clock: &mut dyn FnMut() -> bool,
) -> Read {
    let rows = records::longest(value, as_of, false);
    let block = block_of(rows, resolver).or_else(|| in_markup(&markup(value)?, resolver, as_of, clock));
    let empty = block.is_none() && records::is_empty_list(value);
    Read { block, total: records::total(value), empty, sources: Vec::new() }
}

/// Rows as markup inside a value: an array of rows, or one long text of them.
fn markup(value: &Literal) -> Option<String> {
    match value {
        Literal::List(list) => records::markup_of(list).or_else(|| list.iter().find_map(markup)),
        Literal::Object(fields) => fields.iter().find_map(|(_, inner)| markup(inner)),
        Literal::Text(text) => (text.contains("<a ") && text.contains("href")).then(|| text.clone()),
        _ => None,
    }
}

fn of_records(
    text: &str,
    resolver: &Resolver<'_>,
    as_of: NaiveDate,
    clock: &mut dyn FnMut() -> bool,
) -> Read {
    let (rows, total) = super::data::records_in(text);
    let block = in_markup(&rows, resolver, as_of, clock);
    let empty = rows.trim().is_empty();
    let next = sources::next_group_in(text).and_then(|raw| resolver.resolve_loose(&raw));
    let sources = next.map(|url| ListSource { url, by: SourceKind::Further, complete: false });
    Read { block, total, empty, sources: sources.into_iter().collect() }
}

/// Items of an XML list: elements that hold a title and an address or date, each as an element or attribute of the usual names.
fn of_xml(text: &str, as_of: NaiveDate) -> Vec<Record> {
    const ITEMS: [&str; 8] = ["item", "entry", "row", "record", "news", "info", "article", "doc"];
    const TITLES: [&str; 4] = ["title", "infotitle", "doctitle", "subject"];
    const ADDRESSES: [&str; 6] = ["link", "url", "href", "docpuburl", "infourl", "puburl"];
    const DATES: [&str; 9] = [
        "pubdate",
        "published",
        "publishtime",
        "publishdate",
        "docreltime",
        "releasetime",
        "date",
        "time",
        "updated",
    ];
    let mut rows = Vec::new();
    for name in ITEMS {
        let open = format!("<{name}");
        for part in text.split(open.as_str()).skip(1).take(5000) {
            if !part.starts_with([' ', '>', '\t', '\r', '\n']) {
                continue;
            }
            let part = part.split(&format!("</{name}>")).next().unwrap_or_default();
            let Some(title) = TITLES.iter().find_map(|name| element(part, name)) else { continue };
            let href = ADDRESSES.iter().find_map(|name| element(part, name)).unwrap_or_default();
            let date = DATES.iter().find_map(|name| xml_date(&element(part, name)?, as_of));
            if date.is_some() || !href.is_empty() {
                rows.push(Record { title, href, date });
            }
        }
        if !rows.is_empty() {
            break;
        }
    }
    rows
}

/// The text of the first element of a name in XML, or its `href` where it has no text; names without regard to case.
fn element(part: &str, name: &str) -> Option<String> {
    let mut rest = part;
    loop {
        let (_, after) = rest.split_once('<')?;
        rest = after;
        let named = after.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        let behind = after.get(name.len()..).unwrap_or_default();
        if !named || !behind.starts_with(['>', ' ', '/']) {
            continue;
        }
        let (attributes, body) = behind.split_once('>')?;
        let body = body.split("</").next().unwrap_or_default().trim();
        let body = body.trim_start_matches("<![CDATA[").split("]]>").next().unwrap_or_default().trim();
        if !body.is_empty() && !attributes.ends_with('/') {
            return Some(unescape(body));
        }
        let href = attributes.split_once("href=\"").and_then(|(_, href)| href.split('"').next());
        return href.map(unescape);
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

/// A date as pages write it, or as feeds do: `Mon, 02 Nov 2026 08:00:00 +0800`.
fn xml_date(text: &str, as_of: NaiveDate) -> Option<dates::Stamp> {
    if let Some(stamp) = dates::first(text, as_of) {
        return Some(stamp);
    }
    let instant =
        chrono::DateTime::parse_from_rfc2822(text.trim()).ok()?.with_timezone(&crate::calendar::beijing());
    let stamp = dates::Stamp { date: instant.date_naive(), time: Some(instant.time()), seconds: true };
    (stamp.date <= as_of).then_some(stamp)
}

/// A document rather than a piece of one: an error page, a login page, a home page.
fn is_whole_page(text: &str) -> bool {
    let head: String =
        text.get(..text.floor_char_boundary(2048.min(text.len()))).unwrap_or_default().to_ascii_lowercase();
    head.contains("<html") || head.contains("<!doctype") || head.contains("<body") || head.contains("<head")
}

/// A piece of a page, read as part of the page that asks for it: it has no tags, footer or address of its own.
fn as_reply(mut facts: PageFacts, cx: &PageContext<'_>) -> PageFacts {
    let blank = nothing(cx);
    let holds = facts.state == PageState::Normal && facts.list.is_some();
    if !holds {
        let Some(list) = facts.list.take().filter(|list| list.newest.is_some()) else {
            return PageFacts { charset: facts.charset, ..blank };
        };
        facts.list = Some(list);
    }
    PageFacts {
        state: PageState::Normal,
        empty: Empty::No,
        charset: facts.charset,
        list: facts.list,
        blocks: facts.blocks,
        declared_total: facts.declared_total,
        reason: facts.reason,
        links: facts.links,
        ..blank
    }
}

/// The facts of a reply in which no list was found.
fn nothing(cx: &PageContext<'_>) -> PageFacts {
    PageFacts::bare(cx.url.as_str(), PageState::Failed, "reply-without-a-list")
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;
    use crate::calendar::beijing;

    fn read(body: &str) -> PageFacts {
        let url = Url::parse("http://www.jia.gov.cn/api/list?c=1").expect("a URL");
        let page = Url::parse("http://www.jia.gov.cn/zwgk/tzgg/index.html").expect("a URL");
        let as_of = beijing().with_ymd_and_hms(2026, 11, 20, 12, 0, 0).single().expect("an instant");
        let cx =
            PageContext { url: &url, content_type: None, status: Some(200), as_of, want_structure: true };
        read_reply(body.as_bytes(), &cx, &page, || false)
    }

    #[test]
    fn items_in_whatever_dress() {
        for body in [
            r#"{"total":1,"rows":[{"title":"关于召开会议的通知","url":"./202611/t1.html","date":"2026-11-02"}]}"#,
            r#"callback({"rows":[{"title":"关于召开会议的通知","url":"./202611/t1.html","date":"2026-11-02"}]});"#,
            r#"{"html":"<li><a href='./202611/t1.html'>关于召开会议的通知</a><span>2026-11-02</span></li>"}"#,
            "<?xml version='1.0'?><datastore><recordset><record><![CDATA[<li><a href='./202611/t1.html'>关于召开会议的通知</a><span>2026-11-02</span></li>]]></record></recordset></datastore>",
            "<?xml version='1.0'?><rss><channel><title>x</title><item><title><![CDATA[关于召开会议的通知]]></title><link>./202611/t1.html</link><pubDate>Mon, 02 Nov 2026 08:00:00 +0800</pubDate></item></channel></rss>",
            "var list=[{title:'关于召开会议的通知',url:'./202611/t1.html',date:'2026-11-02'}];",
            "<ul><li><a href='./202611/t1.html'>关于召开会议的通知</a><span>2026-11-02</span></li></ul>",
        ] {
            let facts = read(body);
            assert_eq!((facts.kind, facts.state), (PageKind::Other, PageState::Normal), "{body}");
            let list = facts.list.unwrap_or_else(|| panic!("no list in {body}"));
            assert_eq!(
                (list.count, list.newest.map(|n| n.date.to_string()).as_deref()),
                (1, Some("2026-11-02")),
                "{body}"
            );
            let item = list.items.first().expect("an item");
            assert_eq!(item.title, "关于召开会议的通知", "{body}");
            assert_eq!(
                item.url, "http://www.jia.gov.cn/zwgk/tzgg/202611/t1.html",
                "as the asking page would resolve it"
            );
            assert!(facts.tag_faults.is_empty() && facts.gaps.is_empty());
        }
    }

    #[test]
    fn failures_are_no_empty_lists() {
        for body in [
            "",
            "error",
            r#"{"code":500,"msg":"系统繁忙","data":[]}"#,
            r#"{"code":401,"data":null}"#,
            "<!DOCTYPE html><html><head><title>系统错误</title></head><body><ul><li><a href='/a.html'>市政府召开常务会议研究工作</a><span>2026-11-02</span></li></ul></body></html>",
            "<p>没有权限</p>",
            r#"{"total":12,"rows":[]}"#,
        ] {
            let facts = read(body);
            assert_eq!((facts.state, facts.empty), (PageState::Failed, Empty::Uncertain), "{body}");
            assert!(facts.list.is_none());
        }
    }

    #[test]
    fn emptiness_is_stated_or_uncertain() {
        for (body, empty) in [
            (r#"{"total":0,"rows":[]}"#, Empty::Yes),
            ("<datastore><totalrecord>0</totalrecord><recordset></recordset></datastore>", Empty::Yes),
            (r#"{"code":200,"data":[]}"#, Empty::Uncertain),
            ("[]", Empty::Uncertain),
        ] {
            let facts = read(body);
            assert_eq!((facts.state, facts.empty), (PageState::Empty, empty), "{body}");
        }
    }

    #[test]
    fn what_leads_on_is_named() {
        let facts = read(
            "<datastore><nextgroup><![CDATA[<a href=\"/m/dataproxy.jsp?page=2&c=1\"></a>]]></nextgroup><recordset><record><![CDATA[<li><a href='/a.html'>关于召开会议的通知</a>2026-11-02</li>]]></record></recordset></datastore>",
        );
        assert_eq!(
            facts.list_sources.first().map(|s| (s.url.as_str(), s.by)),
            Some(("http://www.jia.gov.cn/m/dataproxy.jsp?page=2&c=1", SourceKind::Further))
        );
        let facts = read("$(function(){$.get('/api/list.json',function(r){$('#l').html(r)})})");
        assert_eq!(facts.state, PageState::Failed);
        assert_eq!(
            facts.list_sources.first().map(|s| s.url.as_str()),
            Some("http://www.jia.gov.cn/api/list.json")
        );
    }
}
