//! Items of a list that stand as data: which array of objects is the list, and which fields are title, address and date.

use chrono::{DateTime, NaiveDate};

use super::dates::{self, Stamp};
use super::literal::{Literal, Reader, is_named};

/// Steps spent on all arrays of one text.
pub const MAX_STEPS: usize = 400_000;
/// Nested objects and lists looked into.
const MAX_DEPTH: usize = 8;

const TITLES: &[&str] = &[
    "title",
    "infotitle",
    "doctitle",
    "subject",
    "newstitle",
    "articletitle",
    "showtitle",
    "bt",
    "topic",
    "headline",
    "text",
    "name",
];
const ADDRESSES: &[&str] = &[
    "url",
    "href",
    "link",
    "docpuburl",
    "infourl",
    "linkurl",
    "puburl",
    "visiturl",
    "htmlurl",
    "pageurl",
    "articleurl",
    "detailurl",
    "newsurl",
    "docurl",
    "staticurl",
    "weburl",
    "path",
    "gotourl",
    "lj",
];
/// The first that is there is the date of publication: later ones are of changes.
const DATES: &[&str] = &[
    "pubdate",
    "publishtime",
    "publishdate",
    "publishedtime",
    "publishedtimestr",
    "publisheddate",
    "publishedat",
    "published",
    "pubtime",
    "docreltime",
    "docpubtime",
    "releasetime",
    "releasedate",
    "showtime",
    "showdate",
    "displaytime",
    "displaydate",
    "infodate",
    "infotime",
    "webdate",
    "newsdate",
    "articledate",
    "writetime",
    "inputtime",
    "fbsj",
    "fbrq",
    "datetime",
    "date",
    "time",
    "rq",
    "createtime",
    "createdate",
    "createdat",
    "crtime",
    "addtime",
    "adddate",
    "updatetime",
    "updatedate",
    "modifytime",
];
const TOTALS: &[&str] = &[
    "total",
    "totalcount",
    "totalrecord",
    "totalrecords",
    "recordcount",
    "recordstotal",
    "totalelements",
    "totalnum",
    "totalsize",
    "totalrows",
    "count",
    "rowcount",
    "allcount",
];
const LISTS: &[&str] = &[
    "rows",
    "list",
    "data",
    "records",
    "items",
    "result",
    "results",
    "docs",
    "content",
    "datas",
    "datalist",
    "infolist",
    "articles",
    "news",
    "infos",
    "datastore",
];

/// One item as it stands in the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its title, perhaps with markup.
    pub title: String,
    /// Its address, raw; empty where the data has none.
    pub href: String,
    /// Its date.
    pub date: Option<Stamp>,
}

/// The longest list of items within a value. `strict`: an item needs title, address and date; else a title and one of the others.
pub fn longest(value: &Literal, as_of: NaiveDate, strict: bool) -> Vec<Record> {
    let mut best = Vec::new();
    walk(value, 0, &mut |list| {
        let rows = rows_of(list, as_of, strict);
        if rows.len() > best.len() {
            best = rows;
        }
    });
    best
}

/// The items of one array, where most of its entries are items.
pub fn rows_of(list: &[Literal], as_of: NaiveDate, strict: bool) -> Vec<Record> {
    let rows: Vec<Record> = list
        .iter()
        .filter_map(|entry| match entry {
            Literal::Object(_) => of_object(entry, as_of),
            Literal::List(cells) => of_cells(cells, as_of),
            _ => None,
        })
        .filter(|row| {
            if strict {
                row.date.is_some() && !row.href.is_empty()
            } else {
                row.date.is_some() || !row.href.is_empty()
            }
        })
        .collect();
    if rows.len() * 2 >= list.len() { rows } else { Vec::new() }
}

/// Entries of markup that stand in an array of strings: `["<li>…</li>", …]`.
pub fn markup_of(list: &[Literal]) -> Option<String> {
    let entries: Vec<&str> = list
        .iter()
        .filter_map(Literal::as_text)
        .filter(|entry| entry.contains("<a ") && (entry.contains("href") || entry.contains("HREF")))
        .collect();
    (!entries.is_empty() && entries.len() * 2 >= list.len()).then(|| entries.join("\n"))
}

/// The total that a reply states of its list.
pub fn total(value: &Literal) -> Option<u32> {
    let mut level = vec![value];
    for _ in 0..3 {
        let stated = level.iter().find_map(|one| one.field(TOTALS)?.as_text()?.trim().parse().ok());
        if stated.is_some() {
            return stated;
        }
        level = level
            .into_iter()
            .flat_map(|one| match one {
                Literal::Object(fields) => fields.as_slice(),
                _ => &[],
            })
            .map(|(_, inner)| inner)
            .collect();
    }
    None
}

/// Whether a reply is well and its list is there without an entry: a known name with an empty array, and no word of failure.
pub fn is_empty_list(value: &Literal) -> bool {
    if *value == Literal::List(Vec::new()) {
        return true;
    }
    let code =
        value.field(&["code", "status", "errcode", "retcode", "resultcode"]).and_then(Literal::as_text);
    let well = code.is_none_or(|code| {
        ["0", "00", "000", "200", "1", "true", "success", "ok", "SUCCESS", "OK"].contains(&code)
    });
    let denied =
        value.field(&["success", "ok"]).and_then(Literal::as_text).is_some_and(|word| word == "false");
    well && !denied && holds_empty(value, 0)
}

fn holds_empty(value: &Literal, depth: usize) -> bool {
    let Literal::Object(fields) = value else { return false };
    let named = || fields.iter().filter(|(key, _)| LISTS.iter().any(|name| is_named(key, name)));
    let empty = named().any(|(_, inner)| *inner == Literal::List(Vec::new()));
    let filled = fields.iter().any(|(_, inner)| matches!(inner, Literal::List(list) if !list.is_empty()));
    (empty && !filled) || depth < 3 && named().any(|(_, inner)| holds_empty(inner, depth + 1))
}

/// Every array literal that stands in a script, longest list of items first found wins; `left` steps are spent at most.
pub fn in_script(text: &str, as_of: NaiveDate, left: &mut usize) -> (Vec<Record>, Option<String>) {
    let mut best: Vec<Record> = Vec::new();
    let mut markup: Option<String> = None;
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('[')) {
        let start = at + open;
        at = start + 1;
        let next = text.get(at..).unwrap_or_default().trim_start().chars().next();
        if !matches!(next, Some('{' | '[' | '"' | '\'')) {
            continue;
        }
        let mut reader = Reader::new(text, start, *left);
        let read = reader.value();
        *left = reader.left;
        if *left == 0 {
            break;
        }
        let Some(Literal::List(list)) = read else { continue };
        let value = Literal::List(list);
        let rows = longest(&value, as_of, true);
        if rows.len() > best.len() {
            best = rows;
        }
        if let Literal::List(list) = &value
            && let Some(found) = markup_of(list)
            && markup.as_ref().is_none_or(|known| known.len() < found.len())
        {
            markup = Some(found);
        }
        at = reader.at.max(at);
    }
    let pushed = pushed(text, as_of, left);
    if pushed.len() > best.len() {
        best = pushed;
    }
    (best, markup)
}

/// Items that a script appends one by one: `list.push({…})`.
fn pushed(text: &str, as_of: NaiveDate, left: &mut usize) -> Vec<Record> {
    let mut rows = Vec::new();
    for (at, word) in text.match_indices(".push(") {
        let start = at + word.len();
        if !text.get(start..).is_some_and(|rest| rest.trim_start().starts_with('{')) {
            continue;
        }
        let mut reader = Reader::new(text, start, *left);
        if let Some(value) = reader.value() {
            rows.push(value);
        }
        *left = reader.left;
        if *left == 0 {
            break;
        }
    }
    rows_of(&rows, as_of, true)
}

fn walk<'a>(value: &'a Literal, depth: usize, each: &mut dyn FnMut(&'a [Literal])) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Literal::List(list) => {
            each(list);
            for inner in list {
                walk(inner, depth + 1, each);
            }
        }
        Literal::Object(fields) => {
            for (_, inner) in fields {
                walk(inner, depth + 1, each);
            }
        }
        _ => {}
    }
}

fn of_object(entry: &Literal, as_of: NaiveDate) -> Option<Record> {
    let filled = |names: &[&str]| {
        names.iter().find_map(|name| {
            let text = entry.field(&[name])?.as_text()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        })
    };
    let title = filled(TITLES)?;
    let href = filled(ADDRESSES).unwrap_or_default();
    let date = DATES.iter().find_map(|name| stamp(entry.field(&[name])?.as_text()?, as_of));
    Some(Record { title, href, date })
}

/// A row of bare cells: one is an address, one a date, the longest other one the title.
fn of_cells(cells: &[Literal], as_of: NaiveDate) -> Option<Record> {
    if cells.len() < 3 || cells.len() > 12 {
        return None;
    }
    let texts: Vec<&str> = cells.iter().filter_map(Literal::as_text).map(str::trim).collect();
    let is_address = |text: &&&str| {
        !text.contains(char::is_whitespace)
            && (text.starts_with("http")
                || text.starts_with('/')
                || text.starts_with("./")
                || text.contains(".html"))
    };
    let href = texts.iter().find(is_address)?;
    let date = texts.iter().filter(|text| *text != href).find_map(|text| stamp(text, as_of))?;
    let title = texts
        .iter()
        .filter(|text| *text != href && stamp(text, as_of).is_none() && text.parse::<f64>().is_err())
        .max_by_key(|text| text.chars().count())?;
    Some(Record { title: (*title).to_owned(), href: (*href).to_owned(), date: Some(date) })
}

/// A date as data writes it: as a page would, as `20261102` with or without a time, or as seconds or milliseconds since 1970.
fn stamp(text: &str, as_of: NaiveDate) -> Option<Stamp> {
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return dates::first(text, as_of);
    }
    let date = match text.len() {
        8 | 14 => NaiveDate::parse_from_str(text.get(..8)?, "%Y%m%d").ok()?,
        10 | 13 => {
            let seconds: i64 = text.get(..10)?.parse().ok()?;
            let instant = DateTime::from_timestamp(seconds, 0)?.with_timezone(&crate::calendar::beijing());
            let (date, time) = (instant.date_naive(), instant.time());
            let early = NaiveDate::from_ymd_opt(1990, 1, 1)?;
            return (early <= date && date <= as_of).then_some(Stamp {
                date,
                time: Some(time),
                seconds: true,
            });
        }
        _ => return None,
    };
    let early = NaiveDate::from_ymd_opt(1990, 1, 1)?;
    (early <= date && date <= as_of).then_some(Stamp { date, time: None, seconds: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_of() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date")
    }

    fn value(text: &str) -> Literal {
        Reader::new(text, 0, MAX_STEPS).value().expect("a literal")
    }

    #[test]
    fn the_list_of_a_reply_whatever_it_is_called() {
        for reply in [
            r#"{"code":200,"data":{"total":7,"rows":[{"title":"甲通知","url":"/a.html","publishTime":"2026-11-02 08:00:00"}]}}"#,
            r#"{"total":7,"list":[{"DOC_TITLE":"甲通知","docPubUrl":"/a.html","docRelTime":1793577600000}]}"#,
            r#"{"totalRecord":"7","x":[["1","甲通知","/a.html","20261102"]]}"#,
            r#"{"total":7,"menu":[{"name":"x"},{"name":"y"}],"rows":[{"TITLE":"甲通知","link":"/a.html","FBSJ":"2026/11/2"}]}"#,
        ] {
            let value = value(reply);
            let rows = longest(&value, as_of(), false);
            assert_eq!(rows.len(), 1, "{reply}");
            assert_eq!((rows[0].title.as_str(), rows[0].href.as_str()), ("甲通知", "/a.html"), "{reply}");
            assert_eq!(
                rows[0].date.map(|stamp| stamp.date.to_string()).as_deref(),
                Some("2026-11-02"),
                "{reply}"
            );
            assert_eq!(total(&value), Some(7), "{reply}");
            assert!(!is_empty_list(&value));
        }
    }

    #[test]
    fn emptiness_must_be_plain() {
        for (reply, empty) in [
            (r#"{"total":0,"rows":[]}"#, true),
            (r#"{"code":200,"data":{"list":[],"total":0}}"#, true),
            ("[]", true),
            (r#"{"code":500,"data":[]}"#, false),
            (r#"{"success":false,"data":[]}"#, false),
            (r#"{"code":200,"data":null}"#, false),
            (r#"{"banner":[],"code":0}"#, false),
            (r#"{"list":[],"top":[{"a":1}]}"#, false),
            (r#"{"msg":"请登录"}"#, false),
        ] {
            assert_eq!(is_empty_list(&value(reply)), empty, "{reply}");
        }
    }

    #[test]
    fn dates_as_data_writes_them() {
        for (text, want) in [
            ("1793577600", Some("2026-11-02 08:00:00")),
            ("20261102093000", Some("2026-11-02")),
            ("2026-11-02T09:30:00.000+08:00", Some("2026-11-02 09:30:00")),
            ("1234567890123456", None),
            ("30000101", None),
            ("12345678", None),
        ] {
            let got = stamp(text, as_of()).map(|stamp| stamp.to_string());
            let got = got.as_deref().map(|got| got.get(..want.map_or(10, str::len)).unwrap_or(got));
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn lists_in_scripts() {
        let (rows, _) = in_script(
            "var nav=[{title:'x',url:'y'}];var tabs={a:[{name:'甲',items:[{title:'一',url:'/1',date:'2026-11-02'},{title:'二',url:'/2',date:'2026-11-01'}]}]}",
            as_of(),
            &mut MAX_STEPS.clone(),
        );
        assert_eq!(rows.len(), 2);
        let (rows, _) = in_script(
            "var l=[];l.push({title:'一',url:'/1',date:'2026-11-02'});\nl.push({title:'二',url:'/2',date:'2026-11-01'});",
            as_of(),
            &mut MAX_STEPS.clone(),
        );
        assert_eq!(rows.len(), 2);
        let (rows, markup) = in_script(
            "var dataStore = ['<li><a href=\"/1\">一</a></li>','<li><a href=\"/2\">二</a></li>'];",
            as_of(),
            &mut MAX_STEPS.clone(),
        );
        assert!(rows.is_empty());
        assert!(markup.is_some_and(|markup| markup.lines().count() == 2));
    }
}
