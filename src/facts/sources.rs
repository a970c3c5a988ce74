//! Where a page's list is fetched from, where the source says so plainly: calls with a whole address, frames, data proxies.
//!
//! Plain means: the address and every parameter can be read off without running anything. Only what a browser would ask
//! for with GET counts, a data proxy of hanweb's `jpage` excepted, which answers GET as well.

use std::sync::LazyLock;

use regex::Regex;

use super::links::Resolver;
use super::literal::{Literal, Reader};
use super::outline::{Attr, Outline, Tag};
use super::page::{LinkPlace, ListSource, PageState, SourceKind};
use super::regions::Regions;
use super::scripts;

/// Sources taken from one page.
const MAX_SOURCES: usize = 6;
/// Script text searched for calls, in bytes.
const MAX_SCRIPT: usize = 256 * 1024;
/// Steps spent on the arguments of one call.
const MAX_STEPS: usize = 20_000;
/// Names that stand for other names, followed so far.
const MAX_NAMES: u32 = 3;

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
            r#"(?:(?:\$|\bjQuery|\bjq)\.(get|post|getJSON|getScript|ajax)|(\baxios|\$http)(?:\.(get|post|put|request))?|(\bfetch)|(\.load)|\.open|\.(jpage|lpage))\s*\("#,
        )
        .expect("a valid pattern")
    });
    let mut found = Found::default();
    let mut left = MAX_SCRIPT;
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
            let name =
                (1..=6).rev().find_map(|group| caught.get(group)).map_or(".open", |name| name.as_str());
            let call = Call { texts, text, at: whole.end(), name };
            match call.asks() {
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
    let texts: Vec<&str> =
        page.raws_of(Tag::Script).map(|(_, text)| text).filter(|text| !text.contains(".jpage")).collect();
    let found = of_scripts(&texts);
    !found.raw.is_empty() || found.unclear > 0
}

/// What a call asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asks {
    /// This address, by GET.
    Plain(String),
    /// Something that cannot be told, or not by GET.
    Unclear,
    /// It is no request.
    Nothing,
}

struct Call<'a> {
    texts: &'a [&'a str],
    text: &'a str,
    at: usize,
    name: &'a str,
}

impl Call<'_> {
    fn asks(&self) -> Asks {
        let Some(args) = self.arguments() else { return Asks::Unclear };
        let first = args.first();
        match self.name {
            ".open" => {
                let method = first.and_then(Literal::as_text).unwrap_or_default().to_ascii_uppercase();
                match method.as_str() {
                    "GET" => self.address(args.get(1), None),
                    "POST" | "PUT" => Asks::Unclear,
                    // window.open and the like.
                    _ => Asks::Nothing,
                }
            }
            ".load" => match first {
                // `.load(function …)` waits for a picture.
                None | Some(Literal::Raw(_) | Literal::Word(_)) if self.eval_any(first).is_none() => {
                    Asks::Nothing
                }
                _ => match self.address(first, None) {
                    Asks::Plain(raw) => Asks::Plain(raw.split(' ').next().unwrap_or_default().to_owned()),
                    other => other,
                },
            },
            "post" | "put" => Asks::Unclear,
            "jpage" | "lpage" => self.data_proxy(first),
            _ => match first {
                Some(options @ Literal::Object(_)) => self.by_options(options.field(&["url"]), options),
                _ => {
                    let options = args.iter().skip(1).find(|arg| matches!(arg, Literal::Object(_)));
                    match (self.name, options) {
                        ("ajax" | "fetch" | "request" | "axios" | "$http", Some(options)) => {
                            self.by_options(first, options)
                        }
                        // axios.get(url, {params: {…}}); $.get(url, {…}).
                        ("get", Some(options)) if options.field(&["params"]).is_some() => {
                            self.by_options(first, options)
                        }
                        (_, data) => self.address(first, data),
                    }
                }
            },
        }
    }

    /// The arguments up to the one that is no literal, name or sum.
    fn arguments(&self) -> Option<Vec<Literal>> {
        let end = self.text.ceil_char_boundary((self.at + 4000).min(self.text.len()));
        // Read as a list: the parenthesis ends what the bracket would.
        let inner = self.text.get(self.at..end)?;
        let mut reader = Reader::new(inner, 0, MAX_STEPS);
        let mut args = Vec::new();
        loop {
            reader.blank();
            match reader.peek()? {
                ')' => return Some(args),
                ',' => reader.at += 1,
                _ => args.push(reader.argument()?),
            }
            if args.len() > 5 {
                return Some(args);
            }
        }
    }

    fn by_options(&self, url: Option<&Literal>, options: &Literal) -> Asks {
        let method = options.field(&["type", "method"]).map(|method| self.eval_any(Some(method)));
        match method {
            Some(Some(method)) if !method.eq_ignore_ascii_case("get") => return Asks::Unclear,
            Some(None) => return Asks::Unclear,
            _ => {}
        }
        self.address(url, options.field(&["data", "params"]))
    }

    fn address(&self, url: Option<&Literal>, data: Option<&Literal>) -> Asks {
        let Some(mut url) = self.eval_any(url).filter(|url| is_address(url)) else { return Asks::Unclear };
        match data {
            None => {}
            Some(Literal::Object(fields)) => {
                for (key, value) in fields {
                    let Some(value) = self.eval_any(Some(value)) else { return Asks::Unclear };
                    append(&mut url, key, &value);
                }
            }
            // $.get(url, callback)
            Some(Literal::Raw(raw)) if raw.starts_with("function") || raw.contains("=>") => {}
            Some(_) => return Asks::Unclear,
        }
        Asks::Plain(url)
    }

    /// The first group of records that a `jpage` of hanweb asks its proxy for.
    fn data_proxy(&self, options: Option<&Literal>) -> Asks {
        let Some(options) = options else { return Asks::Nothing };
        let proxy = options.field(&["proxyurl", "url"]);
        let Some(mut url) = self.eval_any(proxy).filter(|url| is_address(url)) else { return Asks::Unclear };
        if let Some(data) = options.field(&["ajaxparam", "ajaxdata", "params", "param", "data"]) {
            let per_page =
                options.field(&["perpage"]).and_then(|n| self.eval_any(Some(n))?.parse::<u32>().ok());
            let groups =
                options.field(&["groupsize"]).and_then(|n| self.eval_any(Some(n))?.parse::<u32>().ok());
            if let Some(per_page) = per_page {
                let end = per_page.saturating_mul(groups.unwrap_or(1)).min(500);
                append(&mut url, "startrecord", "1");
                append(&mut url, "endrecord", &end.to_string());
                append(&mut url, "perpage", &per_page.to_string());
            }
            return self.address(Some(&Literal::Text(url)), Some(data));
        }
        // Without parameters the proxy does not know which list is meant.
        if url.contains('?') { Asks::Plain(url) } else { Asks::Unclear }
    }

    /// The text that a literal or a sum of texts and names comes to.
    fn eval_any(&self, value: Option<&Literal>) -> Option<String> {
        match value? {
            Literal::Text(text) => Some(text.clone()),
            Literal::Word(word) => self.eval_word(word, 0),
            Literal::Raw(raw) => self.sum(raw, 0).map(|(text, _)| text),
            Literal::List(_) | Literal::Object(_) => None,
        }
    }

    /// The sum that begins a text, and the rest behind it; `None` where a part of it is neither text, number nor name of one.
    fn sum<'t>(&self, text: &'t str, names: u32) -> Option<(String, &'t str)> {
        let mut reader = Reader::new(text, 0, MAX_STEPS);
        let mut out = String::new();
        loop {
            reader.blank();
            match reader.peek()? {
                '"' | '\'' | '`' => out.push_str(&reader.string()?),
                _ => {
                    let rest = text.get(reader.at..)?;
                    let len = rest
                        .find(|c: char| !(c.is_alphanumeric() || "_$.".contains(c)))
                        .unwrap_or(rest.len());
                    out.push_str(&self.eval_word(rest.get(..len)?, names)?);
                    reader.at += len;
                }
            }
            reader.blank();
            if reader.peek() != Some('+') {
                let rest = text.get(reader.at..)?;
                // A call, an index or another operator goes on: not plain.
                let ends = rest.chars().next().is_none_or(|c| matches!(c, ';' | ',' | ')' | '}' | ']'))
                    || text.get(..reader.at).is_some_and(|read| read.ends_with('\n'))
                    || rest.starts_with("var ");
                return ends.then_some((out, rest));
            }
            reader.at += 1;
        }
    }

    /// A number as it stands, or the one text that a name is given on the page.
    fn eval_word(&self, word: &str, names: u32) -> Option<String> {
        if word.parse::<f64>().is_ok() || matches!(word, "true" | "false") {
            return Some(word.to_owned());
        }
        let is_name =
            word.starts_with(|c: char| c.is_alphabetic() || "_$".contains(c)) && !word.contains('.');
        if !is_name || names >= MAX_NAMES {
            return None;
        }
        let mut value = None;
        for text in self.texts {
            for (at, _) in text.match_indices(word) {
                let part_of_name = |c: char| c.is_alphanumeric() || "_$.".contains(c);
                let before = text.get(..at)?;
                let after = text.get(at + word.len()..)?;
                if before.ends_with(part_of_name)
                    || after.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$')
                {
                    continue;
                }
                let after = after.trim_start();
                if after.starts_with("+=")
                    || after.starts_with("++")
                    || after.starts_with("--")
                    || is_parameter(before)
                {
                    return None;
                }
                if after.starts_with('=') && !after.starts_with("==") && !after.starts_with("=>") {
                    let (given, _) = self.sum(after.get(1..)?, names + 1)?;
                    if value.replace(given.clone()).is_some_and(|known| known != given) {
                        return None;
                    }
                }
            }
        }
        value
    }
}

/// Whether what stands before a name makes it the parameter of a function: its value is then the caller's.
fn is_parameter(before: &str) -> bool {
    let Some(open) = before.rfind('(') else { return false };
    let between = before.get(open + 1..).unwrap_or_default();
    let listed = between.chars().all(|c| c.is_alphanumeric() || "_$, \t\r\n".contains(c));
    let head = before.get(..open).unwrap_or_default().trim_end();
    let head = head.trim_end_matches(|c: char| c.is_alphanumeric() || "_$".contains(c)).trim_end();
    listed
        && (head.ends_with("function")
            || before.get(..open).is_some_and(|head| head.trim_end().ends_with("function")))
}

/// Whether a text can be the address of a request.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.len() < 2000
        && !text.starts_with('#')
        && !text.contains(['{', '}', '<', '>', '\n'])
        && (text.contains('/') || text.contains('.') || text.contains('?'))
        && !text.to_ascii_lowercase().starts_with("javascript:")
}

/// Addresses that by their words do more than read.
fn changes_something(url: &str) -> bool {
    const WORDS: [&str; 16] = [
        "save", "delete", "remove", "update", "submit", "insert", "/add", "vote", "praise", "/like", "zan",
        "log", "hits", "logout", "upload", "addhit",
    ];
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    // Of the path's last parts only: a folder named /blog/ changes nothing.
    let tail: String = path
        .rsplit('/')
        .take(2)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .map(|part| format!("/{part}"))
        .collect();
    WORDS.iter().any(|word| tail.contains(word)) && !tail.contains("catalog") && !tail.contains("log.json")
}

fn append(url: &mut String, key: &str, value: &str) {
    let encode = |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(&encode(key));
    url.push('=');
    url.push_str(&encode(value));
}

/// Data proxies that stand with their parameters in a text.
fn proxies(text: &str) -> Vec<String> {
    static PROXY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"["']([^"'\s<>{}]{0,200}dataproxy\.jsp\?[^"'\s<>{}]{3,500})["']\s*(?:[,;})\]>]|$|\n|</)"#,
        )
        .expect("a valid pattern")
    });
    if !text.contains("dataproxy.jsp?") {
        return Vec::new();
    }
    PROXY
        .captures_iter(text)
        .filter_map(|caught| Some(caught.get(1)?.as_str().replace("&amp;", "&")))
        .collect()
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
    fn the_next_group_of_a_datastore() {
        let text = "<datastore><nextgroup><![CDATA[<a href=\"/module/jpage/dataproxy.jsp?page=1&amp;columnid=5\"></a>]]></nextgroup></datastore>";
        assert_eq!(next_group_in(text).as_deref(), Some("/module/jpage/dataproxy.jsp?page=1&columnid=5"));
        assert_eq!(next_group_in("<nextgroup></nextgroup><a href='/x.html'>"), None);
    }
}
