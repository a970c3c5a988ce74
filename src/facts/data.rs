//! Lists that stand as data in a page's source: `<datastore>` records, arrays in scripts.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::links::Resolver;
use super::lists::{self, Block};
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{List, ListItem};
use super::records::{self, Record};
use super::regions::{Regions, fold};
use super::tokens;

/// Script text searched for arrays, in bytes.
const MAX_DATA: usize = 512 * 1024;
/// How an array of items begins.
const OPENINGS: [&str; 8] = ["[{", "[ {", "[\n", "[\r\n", "[[", "['<", "[\"<", ".push("];

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

/// Lists that stand as data: `<datastore>` records, arrays in scripts.
pub fn read(
    page: &Outline,
    resolver: &Resolver<'_>,
    as_of: NaiveDate,
    clock: &mut dyn FnMut() -> bool,
) -> Data {
    let mut held = Data::default();
    if let Some((_, markup, total)) = datastore(page) {
        held.present = true;
        held.total = total;
        held.list = in_markup(&markup, resolver, as_of, clock);
        return held;
    }
    let (rows, markup) = in_scripts(page, as_of);
    held.list = block_of(rows, resolver).or_else(|| in_markup(&markup?, resolver, as_of, clock));
    held.present = held.list.is_some();
    held
}

/// Items that stand as data, as a block.
pub(super) fn block_of(rows: Vec<Record>, resolver: &Resolver<'_>) -> Option<Block> {
    let mut seen = HashSet::new();
    let mut items: Vec<ListItem> = Vec::new();
    for row in rows {
        let href = row.href.trim();
        let Some(url) = (if href.is_empty() { Some(String::new()) } else { resolver.resolve_loose(href) })
        else {
            continue;
        };
        let (shown, _) = tokens::read(&row.title, &mut || false);
        let title = fold(&shown.text);
        if seen.insert((url.clone(), if url.is_empty() { title.clone() } else { String::new() })) {
            items.push(ListItem { title, url, date: row.date });
        }
    }
    let count = items.len();
    if count == 0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "items of one page")]
    let title_len = items.iter().map(|item| item.title.chars().count()).sum::<usize>() as f64 / count as f64;
    let newest = items.iter().filter_map(|item| item.date).max();
    let dated = items.iter().filter(|item| item.date.is_some()).count();
    #[expect(clippy::cast_precision_loss, reason = "items of one page")]
    let score = count as f64 * 4.0;
    let list =
        List { heading: String::new(), count: u32::try_from(count).unwrap_or(u32::MAX), newest, items };
    Some(Block {
        list,
        score,
        dated,
        title_len,
        span: 0..0,
        rows: Vec::new(),
        aside: false,
        hidden: false,
        side: None,
        elsewhere: false,
    })
}

/// The best list of rows that stand as markup inside data.
pub(super) fn in_markup(
    markup: &str,
    resolver: &Resolver<'_>,
    as_of: NaiveDate,
    clock: &mut dyn FnMut() -> bool,
) -> Option<Block> {
    let wrapped = if markup.contains("<tr") {
        format!("<table>{markup}</table>")
    } else {
        format!("<div>{markup}</div>")
    };
    let (inner, _) = tokens::read(&wrapped, clock);
    let regions = Regions::read(&inner);
    let mut resolve = |id: NodeId| inner.attr(id, Attr::Href).and_then(|href| resolver.resolve_loose(href));
    let blocks = lists::blocks(&inner, &regions, &mut resolve, as_of);
    let best = blocks.into_iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
    Some(Block { rows: Vec::new(), span: 0..0, ..best })
}

/// Records of `<datastore>` blocks (hanweb's jpage): the markup of all rows, and the total they state. The element that holds them comes first.
fn datastore(page: &Outline) -> Option<(NodeId, String, Option<u32>)> {
    let comments = page.comments.iter().map(|(id, text)| (*id, text.as_str()));
    let scripts = page.raws_of(Tag::Script).chain(page.raws_of(Tag::Textarea));
    let mut best: Option<(NodeId, String, Option<u32>)> = None;
    for (id, text) in scripts.chain(comments) {
        if !text.contains("<recordset") && !text.contains("<record>") {
            continue;
        }
        let (rows, total) = records_in(text);
        if best.as_ref().is_none_or(|(_, held, _)| rows.len() > held.len()) {
            best = Some((id, rows, total));
        }
    }
    best
}

/// The markup of all records in the text of a `datastore`, and the total that it states.
pub(super) fn records_in(text: &str) -> (String, Option<u32>) {
    let mut rows = String::new();
    for record in text.split("<record>").skip(1) {
        let record = record.split("</record>").next().unwrap_or_default();
        let body = record.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>");
        rows.push_str(body);
        rows.push('\n');
    }
    let total = ["totalrecord>", "totalRecord>", "totalrecord:", "totalRecord:"].iter().find_map(|name| {
        let rest = text.split_once(name)?.1.trim_start();
        rest.get(..rest.bytes().take_while(u8::is_ascii_digit).count())?.parse().ok()
    });
    (rows, total)
}

/// The longest array of items that stands plain in an inline script, and the longest array of rows as markup.
fn in_scripts(page: &Outline, as_of: NaiveDate) -> (Vec<Record>, Option<String>) {
    let mut best: Vec<Record> = Vec::new();
    let mut markup = None;
    let mut left = MAX_DATA;
    let mut steps = records::MAX_STEPS;
    for (_, text) in page.raws_of(Tag::Script) {
        let may_hold =
            text.len() >= 60 && text.len() <= left && OPENINGS.iter().any(|opening| text.contains(opening));
        if !may_hold {
            continue;
        }
        left -= text.len();
        let unescaped = text.contains("\\\"title\\\"").then(|| text.replace("\\\"", "\""));
        let (rows, found) = records::in_script(unescaped.as_deref().unwrap_or(text), as_of, &mut steps);
        if rows.len() > best.len() {
            best = rows;
        }
        markup = markup.or(found);
    }
    (best, markup)
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;
    use url::Url;

    use super::*;

    fn held(html: &str) -> Data {
        let as_of = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date");
        let (page, _) = tokens::read(html, &mut || false);
        let url = Url::parse("http://www.jia.gov.cn/a/").expect("a URL");
        read(&page, &Resolver::new(&page, &url, UTF_8), as_of, &mut || false)
    }

    #[test]
    fn lists_held_as_data() {
        let html = "<script>var list = [{title:'甲通知',url:\"/a.html\",pubDate:'2026-11-02 08:00',n:{x:[1]}},{\"title\":\"\\u4e59\",\"url\":\"/b.html\",\"pubDate\":\"2026-11-01\"}];var nav=[{title:'x',url:'y'}]</script>";
        let list = held(html).list.expect("a list").list;
        assert_eq!(list.count, 2);
        assert_eq!(
            (list.items[1].title.as_str(), list.items[1].url.as_str()),
            ("乙", "http://www.jia.gov.cn/b.html")
        );
    }

    #[test]
    fn the_dresses_of_data() {
        for html in [
            "<script type=application/json>{\"props\":{\"list\":[{\"title\":\"甲通知\",\"url\":\"/a.html\",\"date\":\"2026-11-02\"}]}}</script>",
            "<script>window.__INITIAL_STATE__={tabs:[{name:'要闻',list:[{title:'甲通知',url:'/a.html',publishDate:'2026-11-02'}]}]};(function(){})()</script>",
            "<script>window.__DATA__=\"{\\\"list\\\":[{\\\"title\\\":\\\"甲通知\\\",\\\"url\\\":\\\"/a.html\\\",\\\"date\\\":\\\"2026-11-02\\\"}]}\"</script>",
            "<script>var rows=[['1','甲通知','/a.html','2026-11-02']];render(rows, document.getElementById('l'))</script>",
            "<script>var dataStore=['<li><a href=\"/a.html\">甲通知甲通知甲通知</a><span>2026-11-02</span></li>'];</script>",
            "<script>var arr=new Array();arr.push({title:'甲通知',url:'/a.html',date:'2026-11-02'});</script>",
        ] {
            let list = held(html).list.unwrap_or_else(|| panic!("no list in {html}")).list;
            assert_eq!(
                list.items.first().map(|item| item.url.as_str()),
                Some("http://www.jia.gov.cn/a.html"),
                "{html}"
            );
            assert_eq!(
                list.newest.map(|stamp| stamp.date.to_string()).as_deref(),
                Some("2026-11-02"),
                "{html}"
            );
        }
    }
}
