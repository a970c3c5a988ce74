//! Where a page's list is fetched from, where the source says so plainly: calls with a whole address, frames, data proxies.
//!
//! Plain means: the address and every parameter can be read off without running anything. Only what a browser would ask
//! for with GET counts, a data proxy of hanweb's `jpage` excepted, which answers GET as well.

use std::cell::Cell;
use std::sync::LazyLock;

use regex::Regex;

use super::calls::{Asks, Call, is_address};
use super::links::Resolver;
use super::outline::{Attr, Outline, Tag};
use super::page::{LinkPlace, ListSource, PageState, SourceKind};
use super::regions::Regions;
use super::scripts;

/// Sources taken from one page.
const MAX_SOURCES: usize = 6;
/// Script text searched for calls, in bytes.
const MAX_SCRIPT: usize = 256 * 1024;
/// Calls looked at on one page.
const MAX_CALLS: usize = 60;
/// Bytes searched for what names stand for, on one page.
const MAX_SEARCH: usize = 8 << 20;

/// The sources of a page whose list does not stand in it; where data does (`holds_data`), the next group of records of one whose first group does.
pub(super) fn of_page(
    page: &Outline,
    regions: &Regions,
    state: PageState,
    holds_data: bool,
    resolver: &Resolver<'_>,
) -> Vec<ListSource> {
    if state != PageState::Script && !holds_data {
        return Vec::new();
    }
    if state != PageState::Script {
        let next = next_group(page).and_then(|raw| resolver.resolve_loose(&raw));
        return next
            .map(|url| ListSource { url, by: SourceKind::Further, complete: false })
            .into_iter()
            .collect();
    }
    let texts: Vec<&str> = page.raws_of(Tag::Script).map(|(_, text)| text).collect();
    let mut found = of_scripts(&texts);
    if let Some(next) = next_group(page) {
        found.add(&next, SourceKind::Endpoint);
    }
    for id in page.ids().skip(1) {
        let node = page.node(id);
        let Some(src) = page.attr(id, Attr::Src).map(str::trim).filter(|src| !src.is_empty()) else {
            continue;
        };
        let tiny = |attr| {
            page.attr(id, attr).is_some_and(|value| matches!(value.trim().trim_end_matches("px"), "0" | "1"))
        };
        match node.tag {
            Tag::Frame => found.add(src, SourceKind::Frame),
            Tag::Iframe => {
                let seen = regions.place(id) == LinkPlace::Body && !node.inert && !regions.is_hidden(id);
                if seen && !src.starts_with("about:") && !tiny(Attr::Width) && !tiny(Attr::Height) {
                    found.add(src, SourceKind::Frame);
                }
            }
            Tag::Script if holds_items(src) => found.add(src, SourceKind::Script),
            Tag::Script if is_bundle(src) => found.unclear += 1,
            _ => {}
        }
    }
    found.resolved(resolver)
}

/// Addresses that script text names, and how many calls name none that is plain.
#[derive(Debug, Default)]
pub(super) struct Found {
    raw: Vec<(String, SourceKind)>,
    unclear: usize,
    /// True where something else than the unpacking of a data island was called.
    beside_island: bool,
}

impl Found {
    fn add(&mut self, raw: &str, by: SourceKind) {
        if self.raw.len() < MAX_SOURCES && !self.raw.iter().any(|(known, _)| known == raw) {
            self.raw.push((raw.to_owned(), by));
        }
    }

    /// As URLs; what cannot be one is left out.
    pub(super) fn resolved(self, resolver: &Resolver<'_>) -> Vec<ListSource> {
        let complete = self.unclear == 0;
        let url = |raw: &str| {
            let url = resolver.resolve_loose(raw)?;
            (url.starts_with("http://") || url.starts_with("https://")).then_some(url)
        };
        self.raw
            .iter()
            .filter_map(|(raw, by)| Some(ListSource { url: url(raw)?, by: *by, complete }))
            .collect()
    }
}

/// The sources that calls in script text name.
pub(super) fn of_scripts(texts: &[&str]) -> Found {
    static CALLS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:(?:\$|\bjQuery|\bjq)\.(get|post|getJSON|getScript|ajax)|(\baxios|\$http)(?:\.(get|post|put|request))?|(\bfetch)|(\.load)|\.open|\.(jpage|lpage))\s*\(",
        )
        .expect("a valid pattern")
    });
    let mut found = Found::default();
    let mut left = MAX_SCRIPT;
    let search = Cell::new(MAX_SEARCH);
    let mut calls = 0;
    for text in texts {
        if text.len() > left {
            found.unclear += 1;
            continue;
        }
        left -= text.len();
        for caught in CALLS.captures_iter(text) {
            let Some(whole) = caught.get(0) else { continue };
            if scripts::is_aside(text, whole.range()) {
                continue;
            }
            calls += 1;
            if calls > MAX_CALLS {
                found.unclear += 1;
                break;
            }
            let name =
                (1..=6).rev().find_map(|group| caught.get(group)).map_or(".open", |name| name.as_str());
            let call = Call { texts, text, at: whole.end(), name, search: &search };
            let asks = call.asks();
            found.beside_island |= asks != Asks::Nothing && !matches!(name, "jpage" | "lpage");
            match asks {
                Asks::Plain(raw) if changes_something(&raw) => found.unclear += 1,
                Asks::Plain(raw) => found.add(&raw, SourceKind::Endpoint),
                Asks::Unclear => found.unclear += 1,
                Asks::Nothing => {}
            }
        }
        for raw in proxies(text) {
            found.add(&raw, SourceKind::Endpoint);
        }
    }
    found
}

/// Whether the page's scripts ask for anything but the records of its own data island.
pub(super) fn ask_for_more(page: &Outline) -> bool {
    let texts: Vec<&str> = page.raws_of(Tag::Script).map(|(_, text)| text).collect();
    of_scripts(&texts).beside_island
}

/// Addresses that by their words do more than read.
fn changes_something(url: &str) -> bool {
    const WORDS: [&str; 16] = [
        "save", "delete", "remove", "update", "submit", "insert", "/add", "vote", "praise", "/like", "zan",
        "log", "hits", "logout", "upload", "addhit",
    ];
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    // Of the path's last parts only: a folder named /blog/ changes nothing.
    let mut parts = path.rsplitn(3, '/');
    let (last, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let tail = format!("/{before}/{last}");
    WORDS.iter().any(|word| tail.contains(word)) && !tail.contains("catalog") && !tail.contains("log.json")
}

/// Data proxies that stand with their parameters in a text, quoted whole.
fn proxies(text: &str) -> Vec<String> {
    let quoted = |at: usize| {
        let open = text.get(at.saturating_sub(200)..at).unwrap_or_default().rfind(['"', '\''])?;
        let start = at.saturating_sub(200) + open;
        let quote = text.get(start..)?.chars().next()?;
        let (raw, after) = text.get(start + 1..)?.split_once(quote)?;
        let ends = after
            .trim_start()
            .chars()
            .next()
            .is_none_or(|c| matches!(c, ',' | ';' | ')' | '}' | ']' | '>' | '<'));
        let raw = raw.replace("&amp;", "&");
        (ends && is_address(&raw) && !raw.contains(char::is_whitespace)).then_some(raw)
    };
    text.match_indices("dataproxy.jsp?").take(MAX_SOURCES).filter_map(|(at, _)| quoted(at)).collect()
}

/// The address of the next group in a `datastore` that stands in the page.
fn next_group(page: &Outline) -> Option<String> {
    let comments = page.comments.iter().map(|(_, text)| text.as_str());
    let scripts = page.raws_of(Tag::Script).chain(page.raws_of(Tag::Textarea)).map(|(_, text)| text);
    scripts.chain(comments).filter(|text| text.contains("<nextgroup")).find_map(next_group_in)
}

/// The address of the next group in the text of a `datastore`.
pub(super) fn next_group_in(text: &str) -> Option<String> {
    let group = text.split_once("<nextgroup")?.1.split("</nextgroup").next()?;
    let href = group.split_once("href=")?.1;
    let quote = href.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let raw = href.get(1..)?.split(quote).next()?.trim().replace("&amp;", "&");
    is_address(&raw).then_some(raw)
}

/// Whether a script by its name holds or fetches items rather than being a library.
fn holds_items(src: &str) -> bool {
    let path = src.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let library =
        ["jquery", "vue", "react", "layui", "bootstrap", "polyfill", "swiper", "echarts", "page", "proxy"];
    !library.iter().any(|word| name.contains(word))
        && ["list", "data", "news", "docs"].iter().any(|word| name.contains(word))
}

/// Whether a script by its name is a whole application, which may ask for anything.
fn is_bundle(src: &str) -> bool {
    let path = src.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    ["chunk", "bundle", "umi.", "nuxt", "app.", "main.", "infolist", "loaddata"]
        .iter()
        .any(|word| name.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(script: &str) -> (Vec<String>, usize) {
        let found = of_scripts(&[script]);
        (found.raw.into_iter().map(|(raw, _)| raw).collect(), found.unclear)
    }

    #[test]
    fn addresses_that_stand_plain() {
        for (script, want) in [
            ("$.get('/api/list?channel=12', function(r){show(r)})", "/api/list?channel=12"),
            ("$.getJSON(\"/api/list.json\", {page: 1, size: 20}, f)", "/api/list.json?page=1&size=20"),
            (
                "$.ajax({type:'GET', url:'/api/list', data:{id:'甲', n:15}, success:function(d){a(d)}})",
                "/api/list?id=%E7%94%B2&n=15",
            ),
            ("fetch('/data/list.json').then(function(r){return r.json()})", "/data/list.json"),
            (
                "axios.get('/api/list',{params:{channelId:'x1',page:1}}).then(r=>{})",
                "/api/list?channelId=x1&page=1",
            ),
            ("axios({method:'get',url:'./list.json'})", "./list.json"),
            ("var x=new XMLHttpRequest();x.open('GET','/list.xml',true);x.send()", "/list.xml"),
            ("$('#list').load('/inc/list_12.html #rows')", "/inc/list_12.html"),
            (
                "var cid = '1203';\nvar api=\"/api/list\";\n$.get(api + '?c=' + cid + '&p=' + 1, f)",
                "/api/list?c=1203&p=1",
            ),
            (
                "$('#1').jpage({perPage:15,groupSize:3,proxyUrl:'/module/web/jpage/dataproxy.jsp',ajaxParam:{col:1,columnid:77}})",
                "/module/web/jpage/dataproxy.jsp?startrecord=1&endrecord=45&perpage=15&col=1&columnid=77",
            ),
            (
                "x({url:'/module/web/jpage/dataproxy.jsp?columnid=77&amp;unitid=9'})",
                "/module/web/jpage/dataproxy.jsp?columnid=77&unitid=9",
            ),
        ] {
            assert_eq!(plain(script), (vec![want.to_owned()], 0), "{script}");
        }
    }

    #[test]
    fn what_is_not_plain_is_not_guessed() {
        for script in [
            "function load(p){$.get('/api/list?page='+p, f)} load(1)",
            "$.ajax({url: base + '/api/list', success: f})",
            "$.post('/api/list', {page:1}, f)",
            "$.ajax({url:'/api/list', type:'post', data:{page:1}})",
            "$.ajax({url:'/api/list', data:$('#form').serialize()})",
            "$.ajax({url:'/api/list', type: kind, data:{page:1}})",
            "fetch(`/api/list?page=${page}`)",
            "fetch('/api/list',{method:'POST',body:'{}'})",
            "var p=1; p++; $.get('/api/list?page='+p)",
            "var c='1'; if(x) c='2'; $.get('/api/list?c='+c)",
            "$.get('/api/list?t='+new Date().getTime())",
            "$.get('/article/delete?id=3')",
            "axios.get(url)",
            "$('#1').jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp'})",
        ] {
            assert_eq!(plain(script), (vec![], 1), "{script}");
        }
        for script in [
            "window.open('/a.html','_blank')",
            "$(img).load(function(){f()})",
            "$.get('/hits?id=3')",
            "var x='/api/list'",
        ] {
            assert_eq!(plain(script), (vec![], 0), "{script}");
        }
    }

    #[test]
    fn hostile_scripts_cost_little() {
        for script in [
            "$.get(a+a+a+a);".repeat(15_000),
            format!("var a='x';$.get({}'');", "a+".repeat(100_000)),
            "a ".repeat(100_000) + "$.get(a)",
            format!("var a=b,b=a;{}", "$.ajax({url:a+b,data:{a:b}});".repeat(5_000)),
            "x('dataproxy.jsp?".repeat(10_000),
        ] {
            assert!(plain(&script).0.len() <= MAX_SOURCES);
        }
    }

    #[test]
    fn the_next_group_of_a_datastore() {
        let text = "<datastore><nextgroup><![CDATA[<a href=\"/module/jpage/dataproxy.jsp?page=1&amp;columnid=5\"></a>]]></nextgroup></datastore>";
        assert_eq!(next_group_in(text).as_deref(), Some("/module/jpage/dataproxy.jsp?page=1&columnid=5"));
        assert_eq!(next_group_in("<nextgroup></nextgroup><a href='/x.html'>"), None);
    }
}
