//! Thousands of feed documents of every kind and damage, each with the newest date that a careful reader finds in it.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Utc};
use encoding_rs::{Encoding, GBK, UTF_8};

use super::*;
use crate::calendar::{Instant8, beijing, end_of_day, in_beijing};

fn as_of() -> Instant8 {
    end_of_day(NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date"))
}

/// Numbers that look drawn and are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % most
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

/// How an instant is written, and what of it can be read again: all, no seconds, or the day alone.
type Writer = fn(Instant8) -> String;
#[derive(Clone, Copy, PartialEq)]
enum Keeps {
    Seconds,
    Minutes,
    Day,
}

fn utc(at: Instant8) -> DateTime<Utc> {
    at.to_utc()
}

fn tokyo(at: Instant8) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(9 * 3600).expect("an offset"))
}

fn chinese_month(at: Instant8) -> &'static str {
    ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"]
        [at.month0() as usize]
}

fn weekday(at: Instant8) -> char {
    ['一', '二', '三', '四', '五', '六', '日'][at.weekday().num_days_from_monday() as usize]
}

const WRITERS: &[(&str, Keeps, Writer)] = &[
    ("rfc822", Keeps::Seconds, |at| at.format("%a, %d %b %Y %H:%M:%S +0800").to_string()),
    ("rfc822 gmt", Keeps::Seconds, |at| utc(at).format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
    ("rfc822 bare", Keeps::Seconds, |at| at.format("%d %b %Y %H:%M:%S").to_string()),
    ("rfc822 two digits", Keeps::Minutes, |at| at.format("%d %b %y %H:%M +0800").to_string()),
    ("rfc822 cst", Keeps::Seconds, |at| at.format("%a, %d %b %Y %H:%M:%S CST").to_string()),
    ("rfc822 tokyo", Keeps::Seconds, |at| tokyo(at).format("%a, %d %b %Y %H:%M:%S +0900").to_string()),
    ("rfc822 jst", Keeps::Seconds, |at| tokyo(at).format("%a, %d %b %Y %H:%M:%S JST").to_string()),
    ("rfc822 long", Keeps::Seconds, |at| at.format("%A, %d %B %Y %H:%M:%S +08:00").to_string()),
    ("rfc822 utc8", Keeps::Seconds, |at| at.format("%a, %d %b %Y %H:%M:%S UTC+8").to_string()),
    ("rfc822 北京时间", Keeps::Seconds, |at| at.format("%a, %d %b %Y %H:%M:%S 北京时间").to_string()),
    ("rfc822 chinese", Keeps::Seconds, |at| {
        format!("星期{}, {} {} {}", weekday(at), at.day(), chinese_month(at), at.format("%Y %H:%M:%S +0800"))
    }),
    ("rfc822 周", Keeps::Seconds, |at| {
        format!("周{}, {:02} {}月 {}", weekday(at), at.day(), at.month(), at.format("%Y %H:%M:%S +0800"))
    }),
    ("asctime", Keeps::Seconds, |at| at.format("%a %b %e %H:%M:%S %Y").to_string()),
    ("java", Keeps::Seconds, |at| at.format("%a %b %d %H:%M:%S CST %Y").to_string()),
    ("weibo", Keeps::Seconds, |at| at.format("%a %b %d %H:%M:%S +0800 %Y").to_string()),
    ("script", Keeps::Seconds, |at| at.format("%a %b %d %Y %H:%M:%S GMT+0800 (中国标准时间)").to_string()),
    ("american", Keeps::Seconds, |at| at.format("%b %-d, %Y %-I:%M:%S %p").to_string()),
    ("iso", Keeps::Seconds, |at| at.to_rfc3339()),
    ("iso utc", Keeps::Seconds, |at| utc(at).format("%Y-%m-%dT%H:%M:%SZ").to_string()),
    ("iso millis", Keeps::Seconds, |at| utc(at).format("%Y-%m-%dT%H:%M:%S.123Z").to_string()),
    ("iso short zone", Keeps::Seconds, |at| at.format("%Y-%m-%dT%H:%M:%S+0800").to_string()),
    ("iso bare", Keeps::Seconds, |at| at.format("%Y-%m-%dT%H:%M:%S").to_string()),
    ("iso packed", Keeps::Seconds, |at| utc(at).format("%Y%m%dT%H%M%SZ").to_string()),
    ("sql", Keeps::Seconds, |at| at.format("%Y-%m-%d %H:%M:%S.0").to_string()),
    ("minutes", Keeps::Minutes, |at| at.format("%Y-%m-%d %H:%M").to_string()),
    ("day", Keeps::Day, |at| at.format("%Y-%m-%d").to_string()),
    ("dots", Keeps::Day, |at| at.format("%Y.%-m.%-d").to_string()),
    ("chinese", Keeps::Minutes, |at| at.format("%Y年%-m月%-d日 %H:%M").to_string()),
    ("chinese clock", Keeps::Minutes, |at| at.format("%Y年%m月%d日%H时%M分").to_string()),
    ("chinese half", Keeps::Seconds, |at| {
        let half = if at.format("%p").to_string() == "PM" { "下午" } else { "上午" };
        format!("{} {half}{}", at.format("%Y-%-m-%-d"), at.format("%-I:%M:%S"))
    }),
    (".net zh", Keeps::Seconds, |at| {
        format!("{} 星期{} {}", at.format("%Y/%-m/%-d"), weekday(at), at.format("%-H:%M:%S"))
    }),
    (".net en", Keeps::Seconds, |at| at.format("%-m/%-d/%Y %-I:%M:%S %p").to_string()),
    ("packed", Keeps::Seconds, |at| at.format("%Y%m%d%H%M%S").to_string()),
    ("unix", Keeps::Seconds, |at| at.timestamp().to_string()),
    ("unix millis", Keeps::Seconds, |at| at.timestamp_millis().to_string()),
    ("wide", Keeps::Minutes, |at| {
        at.format("%Y-%m-%d %H:%M")
            .to_string()
            .chars()
            .map(|c| match c {
                ' ' => '\u{3000}',
                c => char::from_u32(u32::from(c) + 0xfee0).expect("a wide sign"),
            })
            .collect()
    }),
];

fn kept(at: Instant8, keeps: Keeps) -> Stamp {
    let time = (keeps != Keeps::Day).then(|| at.time());
    let time = time.map(|time| {
        if keeps == Keeps::Seconds { time } else { at.format("%H:%M").to_string().parse().unwrap_or(time) }
    });
    Stamp { date: at.date_naive(), time, seconds: keeps == Keeps::Seconds }
}

#[test]
fn every_form_of_a_date_is_read() {
    for day in 0..400_i64 {
        let at = as_of() - TimeDelta::seconds(day * 80_021 + 3_607);
        for (name, keeps, write) in WRITERS {
            let text = write(at);
            assert_eq!(
                read_date(&text, as_of().date_naive()),
                Moment::At(kept(at, *keeps)),
                "{name}: {text}"
            );
        }
    }
}

#[test]
fn what_is_no_date_is_none() {
    let read = |text: &str| read_date(text, as_of().date_naive());
    for text in ["", "  ", "\u{3000}"] {
        assert_eq!(read(text), Moment::Absent, "{text:?}");
    }
    for text in [
        "yesterday",
        "无",
        "null",
        "03/04/2026",
        "2026",
        "2026-11",
        "11-17",
        "2026-13-40",
        "第2026号",
        "99999999999",
        "12:30",
        "Tue, 17 Nov",
        "[object Object]",
        "NaN-NaN-NaN",
        "Invalid Date",
        "+0800",
        "3/4",
        "2026-02-30",
    ] {
        assert_eq!(read(text), Moment::Unreadable, "{text}");
    }
    for text in [
        "0",
        "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 08:00:00 +0800",
        "0001-01-01T00:00:00",
        "0000-00-00 00:00:00",
        "Mon, 01 Jan 0001 00:00:00 GMT",
    ] {
        assert_eq!(read(text), Moment::Placeholder, "{text}");
    }
    let stamp = |text: &str| match read(text) {
        Moment::At(stamp) => stamp.to_string(),
        other => format!("{other:?}"),
    };
    for (text, want) in [
        ("Sat, 31 Dec 2025 23:30:00 GMT", "2026-01-01 07:30:00"),
        ("2026-11-17T24:00:00+08:00", "2026-11-18 00:00:00"),
        ("2026-11-17T09:30:60Z", "2026-11-17 17:30:59"),
        ("2026-11-17 09:30 -0500", "2026-11-17 22:30"),
        ("2026-11-17 09:30:00 EST", "2026-11-17 22:30:00"),
        ("2026-11-17 25:77:00", "2026-11-17"),
        ("Tue, 17 Nov 2026 09:30:00 QQQ", "2026-11-17"),
        ("发布时间：2026-11-17 09:30", "2026-11-17 09:30"),
        ("昨天 18:20", "2026-11-19"),
        ("3天前", "2026-11-17"),
        ("17/11/2026", "2026-11-17"),
        ("17.11.2026 09:30", "2026-11-17 09:30"),
        ("2099-01-01", "2099-01-01"),
    ] {
        assert_eq!(stamp(text), want, "{text}");
    }
}

/// One item as it was meant.
struct Meant {
    title: String,
    url: String,
    at: Option<(Instant8, Keeps, String)>,
}

/// One document and the newest date in it.
struct Document {
    bytes: Vec<u8>,
    newest: Option<Stamp>,
    about: String,
}

const TITLES: [&str; 6] = [
    "关于做好冬季供暖工作的通知",
    "全市招商引资大会召开",
    "图解：惠企政策十条",
    "天气 & 交通提示",
    "A<B 的问答",
    "“最美村庄”评选",
];

fn meant(draw: &mut Draw, format: Option<usize>) -> Vec<Meant> {
    let count = draw.below(9) + 1;
    (0..count)
        .map(|n| {
            let at = as_of() - TimeDelta::seconds(i64::try_from(draw.below(9_000_000)).unwrap_or(0) + 90_000);
            let (_, keeps, write) = WRITERS[format.unwrap_or_else(|| draw.below(WRITERS.len()))];
            let at = (!draw.chance(12)).then(|| (at, keeps, write(at)));
            Meant {
                title: draw.of(&TITLES).to_owned(),
                url: format!("https://xw.shili.example/a/{n}.html?a=1&b=2"),
                at,
            }
        })
        .collect()
}

fn newest(items: &[Meant]) -> Option<Stamp> {
    items.iter().filter_map(|item| item.at.as_ref().map(|(at, keeps, _)| kept(*at, *keeps))).max()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A well-formed document of one kind; `declared` is its encoding.
fn written(kind: usize, items: &[Meant], declared: &str, draw: &mut Draw) -> String {
    use std::fmt::Write as _;
    let mut out = format!("<?xml version=\"1.0\" encoding=\"{declared}\"?>\n");
    // What the channel says of itself is when somebody fetched it, and no item's date.
    let fetched = as_of().format("%a, %d %b %Y %H:%M:%S +0800");
    let now = as_of().to_rfc3339();
    let cdata = draw.chance(2);
    let wrap = |text: &str| if cdata { format!("<![CDATA[{text}]]>") } else { escape(text) };
    let body = "<p>正文 <b>2027-01-01</b> <a href='x'>&nbsp;</a></p><img src=a.jpg>";
    match kind {
        0 | 1 => {
            let date = if kind == 0 { "pubDate" } else { "dc:date" };
            let _ = writeln!(
                out,
                "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:content=\"c\"><channel><title>示例发布</title>\
                <link>https://xw.shili.example/</link><lastBuildDate>{fetched}</lastBuildDate><pubDate>{fetched}</pubDate><image><title>图</title><url>u</url></image>"
            );
            for item in items {
                let _ = write!(
                    out,
                    "<item>\n<title>{}</title><link>{}</link>",
                    wrap(&item.title),
                    escape(&item.url)
                );
                let _ = write!(
                    out,
                    "<description>{}</description><content:encoded><![CDATA[{body}]]></content:encoded>",
                    wrap(body)
                );
                if let Some((_, _, text)) = &item.at {
                    let _ = write!(out, "<{date}>{}</{date}>", wrap(text));
                }
                out.push_str("<source url=\"s\">来源</source></item>\n");
            }
            out.push_str("</channel></rss>\n");
        }
        2 => {
            let _ = writeln!(
                out,
                "<rdf:RDF xmlns:rdf=\"r\" xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"d\"><channel rdf:about=\"a\"><title>示例</title><dc:date>{now}</dc:date>\
                <items><rdf:Seq><rdf:li resource=\"x\"/></rdf:Seq></items></channel>"
            );
            for item in items {
                let _ = write!(
                    out,
                    "<item rdf:about=\"{0}\"><title>{1}</title><link>{0}</link>",
                    escape(&item.url),
                    wrap(&item.title)
                );
                if let Some((_, _, text)) = &item.at {
                    let _ = write!(out, "<dc:date>{text}</dc:date>");
                }
                out.push_str("</item>\n");
            }
            out.push_str("</rdf:RDF>");
        }
        3 | 4 => {
            let prefix = if kind == 3 { "" } else { "atom:" };
            let _ = writeln!(
                out,
                "<{prefix}feed xmlns=\"http://www.w3.org/2005/Atom\"><{prefix}title>示例</{prefix}title><{prefix}updated>{now}</{prefix}updated>\
                <{prefix}link href=\"https://xw.shili.example/\"/>"
            );
            for item in items {
                let _ = write!(
                    out,
                    "<{prefix}entry><{prefix}title type=\"html\">{}</{prefix}title><{prefix}link rel=\"edit\" href=\"/edit\"/><{prefix}link rel=\"alternate\" href=\"{}\"/>",
                    wrap(&item.title),
                    escape(&item.url)
                );
                let _ = write!(
                    out,
                    "<{prefix}source><{prefix}title>别处</{prefix}title><{prefix}published>{now}</{prefix}published><{prefix}updated>{now}</{prefix}updated></{prefix}source>"
                );
                let _ = write!(out, "<{prefix}summary type=\"html\">{}</{prefix}summary>", wrap(body));
                if let Some((_, _, text)) = &item.at {
                    let _ = write!(
                        out,
                        "<{prefix}updated>{now}</{prefix}updated><{prefix}published>{text}</{prefix}published>"
                    );
                }
                let _ = writeln!(out, "</{prefix}entry>");
            }
            let _ = write!(out, "</{prefix}feed>");
        }
        _ => {
            let items: Vec<_> = items.iter().enumerate().map(|(n, item)| {
                let mut object = serde_json::json!({ "id": n.to_string(), "url": item.url, "title": item.title, "content_html": body,
                    "author": { "name": "示例", "url": "https://xw.shili.example/" } });
                if let Some((_, _, text)) = &item.at {
                    object["date_published"] = serde_json::json!(text);
                    object["date_modified"] = serde_json::json!(now);
                }
                object
            }).collect();
            let feed = serde_json::json!({ "version": "https://jsonfeed.org/version/1.1", "title": "示例", "items": items });
            out = if draw.chance(2) {
                feed.to_string()
            } else {
                serde_json::to_string_pretty(&feed).expect("JSON")
            };
        }
    }
    out
}

/// The document of one seed: a kind, dates in some forms, an encoding, and a damage that leaves `newest` legible or takes it.
fn document(seed: u64) -> Document {
    let mut draw = Draw(seed.wrapping_mul(7_919).wrapping_add(13));
    for _ in 0..4 {
        draw.below(2);
    }
    let kind = draw.below(7).min(5);
    let format = draw.chance(2).then(|| draw.below(WRITERS.len()));
    let mut items = meant(&mut draw, format);
    let damage = draw.below(24);
    let json = kind == 5;
    let (encoding, declared): (&'static Encoding, &str) = draw.of(&[
        (UTF_8, "utf-8"),
        (UTF_8, "UTF-8"),
        (GBK, "gb2312"),
        (GBK, "gbk"),
        (UTF_8, "gb2312"),
        (GBK, "utf-8"),
    ]);
    let mut about = format!("seed {seed} kind {kind} damage {damage} {declared} as {}", encoding.name());
    if damage == 1 {
        items.clear();
    }
    if damage == 2 {
        let at = as_of() + TimeDelta::days(400);
        items.push(Meant {
            title: "明年".to_owned(),
            url: "https://xw.shili.example/f".to_owned(),
            at: Some((at, Keeps::Seconds, at.to_rfc3339())),
        });
    }
    let mut text = written(kind, &items, declared, &mut draw);
    let mut want = if damage == 2 { newest(&items[..items.len() - 1]) } else { newest(&items) };
    match damage {
        // Cut off right after the newest item's dates, in the middle of a word, or in the middle of a date.
        3 | 4 => {
            let mut cut = draw.below(text.len() - 60) + 60;
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            text.truncate(cut);
            // What is legible: every date whose text stands whole before the cut.
            let whole = |item: &Meant| item.at.as_ref().is_some_and(|(_, _, date)| {
                let marks: Vec<String> = if json { vec![format!("\"date_published\":{}", serde_json::json!(date)), format!("\"date_published\": {}", serde_json::json!(date))] }
                    else { ["pubDate", "dc:date", "published", "atom:published"].iter().flat_map(|tag| [format!("<{tag}>{date}<"), format!("<{tag}><![CDATA[{date}]]><")]).collect() };
                marks.iter().any(|mark| text.contains(mark.as_str()))
            });
            let left: Vec<Meant> = items.into_iter().filter(whole).collect();
            want = newest(&left);
            about.push_str(" cut");
        }
        5 => text = text.replace("</title>", ""),
        6 => text = text.replace("</item>", "").replace("entry>\n", ">\n"),
        7 => text = text.replace("]]></title>", "</title>"),
        8 => text = text.replace("&amp;", "&").replace("&lt;", "&nbsp;&bogus;&#xZZ;"),
        9 if !json => text = format!("<br />\n<b>Warning</b>:  mysql_connect() [x] in <b>/www/rss.php</b> on line <b>3</b><br />\n{text}"),
        9 => text = format!("Notice: Undefined index in /www/feed.php\n{text}"),
        10 => text = format!("\n\n  \u{feff}{text}"),
        11 => text = text.replace('\n', "\u{0}\u{8}\n\u{b}"),
        12 if !json => text = text.split_once("?>").map_or(String::new(), |(_, rest)| rest.to_owned()),
        13 => text.push_str("\n<!-- 执行时间 0.3 秒 --><script>stat()</script>"),
        14 if !json => text = text.replace("<item", "<!-- 注 --><item").replace("<title>", "<title >").replace("<link>", "<link\n>"),
        15 if !json => text = text.replace("<pubDate>", "<PUBDATE>").replace("</pubDate>", "</PubDate>"),
        16 => text = text.replace("</description>", "").replace("</channel></rss>", ""),
        17 if !json => {
            // Every item twice.
            let open = text.find("<item").or_else(|| text.find("<entry")).or_else(|| text.find("<atom:entry"));
            let close = text.rfind("</channel>").or_else(|| text.rfind("</rdf:RDF>")).or_else(|| text.rfind("</feed>")).or_else(|| text.rfind("</atom:feed>"));
            if let (Some(open), Some(close)) = (open.filter(|_| kind != 2), close) {
                let twice = text.get(open..close).unwrap_or_default().to_owned();
                text.insert_str(close, &twice);
            }
        }
        18 => {
            text = format!("<!DOCTYPE html><html><head><title>访问出错 2026-11-19</title></head><body><h1>404</h1><ul><li>2026-11-18</li></ul>{}</body></html>", if draw.chance(2) { "<article><time>2026-11-01</time></article>" } else { "" });
            want = None;
        }
        19 => {
            text = draw.of(&["", "{\"error\":{\"message\":\"Access denied.\"}}", "403 Forbidden", "[]", "<rss></rss>", "\u{0}\u{1}\u{2}", "{", "<", "<![CDATA[", "<!DOCTYPE rss [<!ENTITY a \"b\">"]).to_owned();
            want = None;
        }
        20 if !json => text = text.replace("<rss ", "<!DOCTYPE rss [<!ENTITY x \"y\"> <!ENTITY z '<item><pubDate>2026-11-19</pubDate></item>'>]>\n<rss "),
        21 if json => text = text.replace("},{", "},,{").replace("\"id\"", "id"),
        22 if json => text = format!("callback({text});"),
        _ => {}
    }
    let (bytes, ..) = encoding.encode(&text);
    let mut bytes = bytes.into_owned();
    if encoding == UTF_8 && draw.chance(4) {
        bytes.splice(0..0, [0xef, 0xbb, 0xbf]);
    }
    if damage == 23 {
        // A stray byte in a title.
        if let Some(at) = bytes.windows(5).position(|five| five == b"title") {
            bytes.insert(at + 6, 0xff);
        }
    }
    Document { bytes, newest: want, about }
}

#[test]
fn thousands_of_documents_of_all_kinds_and_damages() {
    let mut wrong = Vec::new();
    let mut dated = 0;
    for seed in 0..2_400 {
        let document = document(seed);
        let feed = read(&document.bytes, None, as_of());
        dated += usize::from(document.newest.is_some());
        if feed.newest != document.newest {
            wrong.push(format!("{}: {:?} for {:?}", document.about, feed.newest, document.newest));
        }
    }
    assert!(dated > 1_600, "the generator writes dates: {dated}");
    assert_eq!(wrong, Vec::<String>::new(), "{} of 2400", wrong.len());
}

#[test]
fn items_are_read_with_title_and_address() {
    for kind in 0..6 {
        let mut draw = Draw(kind as u64 + 3);
        let items = meant(&mut draw, Some(0));
        let text = written(kind, &items, "utf-8", &mut draw);
        let feed = read(text.as_bytes(), None, as_of());
        let got: Vec<_> =
            feed.items.iter().map(|item| (item.title.replace(' ', ""), item.url.clone())).collect();
        let want: Vec<_> = items.iter().map(|item| (item.title.replace(' ', ""), item.url.clone())).collect();
        assert_eq!(got, want, "kind {kind}");
        assert!(feed.gaps.iter().all(|gap| gap.why == "undated-items"), "{:?}", feed.gaps);
    }
}

#[test]
fn dates_of_the_channel_and_of_edits_are_no_publication() {
    let text = "<rss><channel><lastBuildDate>Fri, 20 Nov 2026 01:00:00 GMT</lastBuildDate><item><title>a</title></item></channel></rss>";
    let feed = read(text.as_bytes(), None, as_of());
    assert_eq!((feed.newest, feed.items.len()), (None, 1));
    let text = "<feed><entry><title>a</title><updated>2026-11-17T01:00:00Z</updated></entry></feed>";
    let feed = read(text.as_bytes(), None, as_of());
    assert_eq!(feed.newest.map(|stamp| stamp.to_string()).as_deref(), Some("2026-11-17 09:00:00"));
    assert!(feed.items[0].edited && feed.gaps.iter().any(|gap| gap.why == "updated-only"));
    let text = "<rss><channel><item><pubDate>2026-11-17</pubDate></item><item><pubDate>2027-03-01</pubDate></item></channel></rss>";
    let feed = read(text.as_bytes(), None, as_of());
    assert_eq!(feed.newest.map(|stamp| stamp.to_string()).as_deref(), Some("2026-11-17"));
    assert_eq!(feed.items[1].date.map(|stamp| stamp.to_string()).as_deref(), Some("2027-03-01"));
    assert!(feed.gaps.iter().any(|gap| gap.why == "future-date"));
}

#[test]
fn hostile_documents_cost_little() {
    for (unit, times) in [
        ("<item>", 33_000),
        ("<a>", 75_000),
        ("<![CDATA[", 50_000),
        ("<!--", 75_000),
        ("<item><x>", 25_000),
        ("<", 250_000),
        ("<item a=\"", 25_000),
        ("{", 250_000),
        ("{\"a\":", 75_000),
        ("[", 250_000),
        ("{\"date\":\"", 25_000),
        ("<!DOCTYPE [", 25_000),
        ("<title>", 41_000),
        ("]]>", 75_000),
        ("&#x4e2d;", 41_000),
        ("<item><title><![CDATA[", 12_000),
        ("<item><!--", 25_000),
        ("<![CDATA[<b", 25_000),
    ] {
        for (head, tail) in [("", ""), ("<rss><channel><item>", "]]>-->"), ("{\"items\":[", "\">")] {
            let text = format!("{head}{}{tail}", unit.repeat(times));
            let feed = read(text.as_bytes(), None, as_of());
            assert!(feed.items.len() <= MAX_ITEMS && feed.newest.is_none(), "{unit}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2_000), seed in 0_u64..5_000, at in 0_usize..3_000) {
        let _ = read(&bytes, None, as_of());
        let mut document = document(seed).bytes;
        let at = at.min(document.len());
        document.splice(at..at, bytes.iter().take(9).copied());
        let _ = read(&document, None, as_of());
        let text = String::from_utf8_lossy(&bytes);
        let _ = read_date(&text.chars().take(60).collect::<String>(), as_of().date_naive());
    }
}

#[test]
fn the_calendar_is_that_of_beijing() {
    assert_eq!(in_beijing(as_of().to_utc()).timezone(), beijing());
}
