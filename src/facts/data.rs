//! Lists that stand as data in a page's source: `<datastore>` records, arrays in scripts.

use chrono::NaiveDate;

use super::dates::{self, Stamp};
use super::links::Resolver;
use super::lists::{self, Block};
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{List, ListItem};
use super::regions::{Regions, fold};
use super::tokens;

/// Script text searched for arrays, in bytes.
const MAX_DATA: usize = 512 * 1024;
/// Steps spent on all arrays of a page.
const MAX_STEPS: usize = 1_000_000;

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
            held.list =
                blocks.into_iter().next().map(|block| Block { rows: Vec::new(), span: 0..0, ..block });
        }
        return held;
    }
    let rows = data_rows(page, as_of);
    if rows.is_empty() {
        return held;
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
        return held;
    }
    #[expect(clippy::cast_precision_loss, reason = "items of one page")]
    let title_len = items.iter().map(|item| item.title.chars().count()).sum::<usize>() as f64 / count as f64;
    let newest = items.iter().filter_map(|item| item.date).max();
    #[expect(clippy::cast_precision_loss, reason = "items of one page")]
    let score = count as f64 * 4.0;
    let list =
        List { heading: String::new(), count: u32::try_from(count).unwrap_or(u32::MAX), newest, items };
    held.present = true;
    held.list =
        Some(Block { list, score, dated: count, title_len, span: 0..0, rows: Vec::new(), aside: false });
    held
}

/// A row of a list that stands as data in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DataRow {
    title: String,
    href: String,
    date: String,
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
        let mut rows = String::new();
        for record in text.split("<record>").skip(1) {
            let record = record.split("</record>").next().unwrap_or_default();
            let body = record.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>");
            rows.push_str(body);
            rows.push('\n');
        }
        let total =
            ["totalrecord>", "totalRecord>", "totalrecord:", "totalRecord:"].iter().find_map(|name| {
                let rest = text.split_once(name)?.1.trim_start();
                rest.get(..rest.bytes().take_while(u8::is_ascii_digit).count())?.parse().ok()
            });
        if best.as_ref().is_none_or(|(_, held, _)| rows.len() > held.len()) {
            best = Some((id, rows, total));
        }
    }
    best
}

/// The longest array of objects with title, address and date that stands plain in an inline script.
fn data_rows(page: &Outline, as_of: NaiveDate) -> Vec<DataRow> {
    let mut best: Vec<DataRow> = Vec::new();
    let mut left = MAX_DATA;
    let mut steps = MAX_STEPS;
    for (_, text) in page.raws_of(Tag::Script) {
        if text.len() < 60
            || !(text.contains("[{")
                || text.contains("[ {")
                || text.contains("[\n")
                || text.contains("[\r\n"))
            || text.len() > left
        {
            continue;
        }
        left -= text.len();
        let mut at = 0;
        while let Some(open) = text.get(at..).and_then(|rest| rest.find('[')) {
            let start = at + open;
            at = start + 1;
            if !text.get(at..).is_some_and(|rest| rest.trim_start().starts_with('{')) {
                continue;
            }
            let mut reader = Literal { text, at: start, left: steps };
            let objects = reader.array();
            steps = reader.left;
            let Some(objects) = objects else { continue };
            at = reader.at.max(at);
            let rows: Vec<DataRow> = objects.iter().filter_map(|fields| as_row(fields, as_of)).collect();
            if rows.len() * 2 >= objects.len() && rows.len() > best.len() {
                best = rows;
            }
        }
    }
    best
}

fn as_row(fields: &[(String, String)], as_of: NaiveDate) -> Option<DataRow> {
    let pick = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| {
                fields.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.trim().is_empty())
            })
            .map(|(_, value)| value.trim().to_owned())
    };
    let title =
        pick(&["title", "infotitle", "doctitle", "subject", "newstitle", "articletitle", "name", "topic"])?;
    let href = pick(&[
        "url",
        "href",
        "link",
        "docpuburl",
        "infourl",
        "linkurl",
        "puburl",
        "visiturl",
        "htmlurl",
        "path",
        "gotourl",
    ])?;
    let date = pick(&[
        "pubdate",
        "publishtime",
        "publishdate",
        "publishedtime",
        "publishedtimestr",
        "docreltime",
        "docpubtime",
        "releasetime",
        "releasedate",
        "showtime",
        "infodate",
        "webdate",
        "date",
        "time",
        "createtime",
        "createdate",
        "crtime",
        "addtime",
        "fbsj",
    ])?;
    dates::first(&date, as_of).is_some().then_some(DataRow { title, href, date })
}

/// Reads array literals of flat objects: JSON, or the same with single quotes and bare names.
struct Literal<'a> {
    text: &'a str,
    at: usize,
    left: usize,
}

impl Literal<'_> {
    fn array(&mut self) -> Option<Vec<Vec<(String, String)>>> {
        let mut objects = Vec::new();
        self.take('[')?;
        loop {
            self.blank();
            match self.peek()? {
                ']' => {
                    self.at += 1;
                    return Some(objects);
                }
                ',' => self.at += 1,
                '{' => objects.push(self.object()?),
                _ => return None,
            }
        }
    }

    fn object(&mut self) -> Option<Vec<(String, String)>> {
        let mut fields = Vec::new();
        self.take('{')?;
        loop {
            self.blank();
            match self.peek()? {
                '}' => {
                    self.at += 1;
                    return Some(fields);
                }
                ',' => self.at += 1,
                _ => {
                    let key = self.scalar()?;
                    self.blank();
                    self.take(':')?;
                    self.blank();
                    if matches!(self.peek()?, '{' | '[') {
                        self.skip_nested()?;
                    } else {
                        let value = self.scalar()?;
                        fields.push((key, value));
                    }
                }
            }
        }
    }

    fn scalar(&mut self) -> Option<String> {
        self.left = self.left.checked_sub(1)?;
        let quote = self.peek()?;
        if quote == '"' || quote == '\'' {
            self.at += 1;
            let mut out = String::new();
            let mut chars = self.text.get(self.at..)?.char_indices();
            while let Some((offset, c)) = chars.next() {
                if c == quote {
                    self.at += offset + 1;
                    return Some(out);
                }
                if c != '\\' {
                    out.push(c);
                    continue;
                }
                match chars.next()?.1 {
                    'n' | 'r' | 't' => out.push(' '),
                    'u' => {
                        let code: String = (0..4).filter_map(|_| chars.next()).map(|(_, c)| c).collect();
                        out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                    }
                    other => out.push(other),
                }
            }
            return None;
        }
        let rest = self.text.get(self.at..)?;
        let len = rest.find(|c: char| !(c.is_alphanumeric() || "_$.-+".contains(c)))?;
        let word = rest.get(..len).filter(|word| !word.is_empty())?;
        self.at += len;
        Some(if word == "null" { String::new() } else { word.to_owned() })
    }

    /// Steps over a nested object or array.
    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        loop {
            match self.peek()? {
                '{' | '[' => {
                    depth += 1;
                    self.at += 1;
                }
                '}' | ']' => {
                    depth -= 1;
                    self.at += 1;
                    if depth == 0 {
                        return Some(());
                    }
                }
                '"' | '\'' => {
                    self.scalar()?;
                }
                c => self.at += c.len_utf8(),
            }
            self.left = self.left.checked_sub(1)?;
        }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn take(&mut self, sign: char) -> Option<()> {
        (self.peek()? == sign).then(|| self.at += sign.len_utf8())
    }

    fn blank(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.len() - rest.trim_start().len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_held_as_data() {
        let as_of = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date");
        let html = "<script>var list = [{title:'甲通知',url:\"/a.html\",pubDate:'2026-11-02 08:00',n:{x:[1]}},{\"title\":\"\\u4e59\",\"url\":\"/b.html\",\"pubDate\":\"2026-11-01\"}];var nav=[{title:'x',url:'y'}]</script>";
        let rows = data_rows(&tokens::read(html, &mut || false).0, as_of);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[1].title.as_str(), rows[1].href.as_str()), ("乙", "/b.html"));
    }
}
