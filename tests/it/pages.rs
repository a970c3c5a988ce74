//! The reader of pages against the invented pages in `tests/pages`, the real ones that `XUNCHA_REAL` names, and hostile ones.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::Value;
use url::Url;
use xuncha::calendar;
use xuncha::facts::html::read_page;
use xuncha::facts::page::{Empty, PageContext, PageFacts, TagFaultKind};

fn read(body: &[u8], url: &str, as_of: &str, want_structure: bool) -> PageFacts {
    let url = Url::parse(url).expect("a URL");
    let date = NaiveDate::parse_from_str(as_of, "%Y-%m-%d").expect("a date");
    let as_of = date.and_hms_opt(12, 0, 0).expect("noon").and_local_timezone(calendar::beijing()).unwrap();
    let cx = PageContext { url: &url, content_type: None, status: None, as_of, want_structure };
    read_page(body, &cx, || false)
}

/// What the page turned out to be, in the words of an expectation.
fn told(facts: &PageFacts, key: &str) -> Value {
    let json = serde_json::to_value(facts).expect("facts serialise");
    let items = facts.list.iter().flat_map(|list| &list.items);
    match key {
        "count" => facts.list.as_ref().map_or(0, |list| list.count).into(),
        "newest" => json["list"]["newest"].clone(),
        "oldest" => items.filter_map(|item| item.date).min().map(|stamp| stamp.to_string()).into(),
        "first" => items.map(|item| item.title.clone()).next().into(),
        "blocks" => facts.blocks.len().into(),
        "visible" | "tag" | "chosen" => json["pubdate"][key].clone(),
        "script_pages" => facts.script_pages.len().into(),
        "hidden" => facts.hidden_links.len().into(),
        "footer_static" => facts.footer.is_static.into(),
        "not_found" => facts.not_found.is_some().into(),
        "gap" => facts.gaps.iter().map(|gap| gap.why.clone()).collect::<Vec<_>>().join(" ").into(),
        _ => json[key].clone(),
    }
}

#[test]
fn invented_pages_read_as_labelled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let mut wrong = Vec::new();
    let mut pages = 0;
    for entry in std::fs::read_dir(folder).expect("tests/pages") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "html") {
            continue;
        }
        pages += 1;
        let expect: Value =
            serde_json::from_slice(&std::fs::read(path.with_extension("json")).expect("the label"))
                .expect("a label");
        let body = std::fs::read(&path).expect("the page");
        let text = |key: &str| expect[key].as_str().unwrap_or_default();
        for want_structure in [true, false] {
            let facts = read(&body, text("url"), text("as_of"), want_structure);
            for (key, want) in expect.as_object().expect("an object") {
                let got = told(&facts, key);
                let same = match key.as_str() {
                    "url" | "as_of" => true,
                    "gap" => got.as_str().unwrap_or_default().contains(text("gap")),
                    _ => got == *want,
                };
                if !same {
                    wrong.push(format!(
                        "{} {key}: {got} instead of {want} ({:?} {})",
                        path.display(),
                        facts.kind,
                        facts.reason
                    ));
                }
            }
        }
    }
    assert!(pages >= 40, "{pages} pages");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn real_pages_read_as_labelled() {
    let Some(folder) = std::env::var_os("XUNCHA_REAL").map(PathBuf::from) else {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("skipped: XUNCHA_REAL is not set");
        }
        return;
    };
    let labels: Vec<Value> =
        serde_json::from_slice(&std::fs::read(folder.join("labels.json")).expect("labels.json"))
            .expect("labels");
    let mut wrong = Vec::new();
    for label in &labels {
        let file = label["file"].as_str().unwrap_or_default();
        if file.ends_with('/') {
            continue;
        }
        let body = std::fs::read(folder.join(file)).expect("the page");
        let url = match file.strip_prefix("sites/") {
            Some(path) => {
                let (site, path) = path.split_once('/').unwrap_or((path, ""));
                format!("http://www.{site}.example/{path}")
            }
            None => Url::from_file_path(std::path::absolute(folder.join(file)).expect("a path"))
                .expect("a URL")
                .into(),
        };
        let facts = read(&body, &url, "2026-11-22", true);
        check_label(&facts, &label["expect"], &String::from_utf8_lossy(&body), &mut |what| {
            wrong.push(format!("{file} {what}"));
        });
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn check_label(facts: &PageFacts, expect: &Value, source: &str, wrong: &mut dyn FnMut(String)) {
    let json = serde_json::to_value(facts).expect("facts serialise");
    let mut same = |name: &str, got: &Value, want: &Value| {
        if got != want && !want.is_null() {
            wrong(format!("{name}: {got} instead of {want}"));
        }
    };
    same("kind", &json["kind"], &expect["page_kind"]);
    let day =
        |stamp: &Value| Value::from(stamp.as_str().map(|stamp| stamp.chars().take(10).collect::<String>()));
    // A label whose date does not stand in its file belongs to another page.
    let stands = expect["visible_pubdate"].as_str().is_some_and(|date| {
        let mut parts = date.split('-');
        let (year, month, day) =
            (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        source.contains(date) || source.contains(&format!("{year}年{month}月{day}日"))
    });
    if stands {
        same("visible", &day(&json["pubdate"]["visible"]), &expect["visible_pubdate"]);
    }
    same("tag", &json["pubdate"]["tag"], &expect["tag_pubdate"]);
    same("title", &json["title"], &expect["title_element"]);
    if expect.get("item_count").is_some() {
        same("count", &facts.list.as_ref().map_or(0, |list| list.count).into(), &expect["item_count"]);
    }
    if expect.get("newest_date").is_some() {
        same("newest", &day(&json["list"]["newest"]), &expect["newest_date"]);
    }
    let empty = match expect["is_empty_column"].as_bool() {
        Some(true) => Empty::Yes,
        Some(false) => Empty::No,
        None => facts.empty,
    };
    same("empty", &json["empty"], &serde_json::to_value(empty).expect("a word"));
    for key in ["site_code", "icp", "gongan", "conac"] {
        same(key, &json["footer"][key], &expect["footer"][key]);
    }
    same("jiucuo", &json["footer"]["jiucuo"], &expect["footer"]["jiucuo_sitecode"]);
    same("static", &json["footer"]["static"], &expect["footer_in_static_html"]);
    if let Some(values) = expect["tags"]["values"].as_object() {
        for (tag, want) in values {
            // Long values are cut in the labels.
            let want = want.as_str().unwrap_or_default().trim_end_matches('…');
            let got = facts.tags.get(tag).map(String::as_str).unwrap_or_default();
            if !got.starts_with(want) {
                wrong(format!("tag {tag}: {got} instead of {want}"));
            }
        }
        for (key, kind) in [
            ("missing", TagFaultKind::Missing),
            ("empty", TagFaultKind::Empty),
            ("duplicated", TagFaultKind::Duplicated),
            ("odd_case", TagFaultKind::OddCase),
        ] {
            let got: Vec<&str> = facts
                .tag_faults
                .iter()
                .filter(|fault| fault.fault == kind)
                .map(|fault| &*fault.tag)
                .collect();
            if Value::from(got.clone()) != expect["tags"][key] {
                wrong(format!("{key}: {got:?} instead of {}", expect["tags"][key]));
            }
        }
    }
    if let Some(blocks) = expect["blocks"].as_object() {
        for (heading, count) in blocks {
            let found = facts
                .list
                .iter()
                .chain(&facts.blocks)
                .any(|list| list.heading == *heading && count.as_u64() == Some(u64::from(list.count)));
            if !found {
                wrong(format!("no block {heading} of {count}"));
            }
        }
    }
    if let Some(farm) = expect["hidden_link_farm"].as_bool()
        && (facts.hidden_links.len() > 5) != farm
    {
        wrong(format!("{} hidden links", facts.hidden_links.len()));
    }
}

/// Reads under a clock that allows so many looks.
fn read_with_looks(body: &str, looks: u32) -> (PageFacts, u32) {
    let url = Url::parse("http://www.qingxi.gov.cn/zwdt/").expect("a URL");
    let as_of = calendar::from_millis(1_795_000_000_000);
    let cx = PageContext {
        url: &url,
        content_type: Some("text/html; charset=utf-8"),
        status: None,
        as_of,
        want_structure: true,
    };
    let mut used = 0;
    let facts = read_page(body.as_bytes(), &cx, || {
        used += 1;
        used > looks
    });
    (facts, used)
}

fn many_attributes(count: u32) -> String {
    let mut tag = "<div".to_owned();
    for n in 0..count {
        write!(tag, " a{n}=1").expect("a string takes all");
    }
    tag + ">"
}

#[test]
fn hostile_shapes_stop_and_are_never_called_empty() {
    // Of many tags, or of one: the latter is read in one go, whatever its length.
    let shapes = [
        ("<ul><li>".repeat(64_000), true),
        (many_attributes(100_000), false),
        ("<b><i><a href=x>".repeat(30_000), true),
        ("<table><a>".repeat(30_000), true),
        ("&amp;&nbsp;&#x4e2d;".repeat(100_000), false),
        ("<!--".repeat(100_000), false),
        ("</div>".repeat(200_000), true),
        (format!("<a href='{}'>x</a>", "x".repeat(1_000_000)), false),
    ];
    for (shape, stops) in &shapes {
        let (facts, used) = read_with_looks(shape, 40);
        assert!(used <= 60, "{used} looks");
        assert_ne!(facts.empty, Empty::Yes);
        let stopped = facts.gaps.iter().any(|gap| gap.why == "page-too-complex");
        assert_eq!(stopped, *stops, "{}: {}", shape.get(..20).unwrap_or_default(), &facts.reason);
    }
}

#[test]
fn two_hundred_thousand_links_are_all_read() {
    let mut body = String::new();
    for n in 0..200_000 {
        writeln!(body, "<a href=/n/{n}.html>第{n}条</a>").expect("a string takes all");
    }
    let (facts, _) = read_with_looks(&body, u32::MAX);
    assert_eq!(facts.links.len(), 200_000);
}

#[test]
fn deep_pages_keep_their_links() {
    let body = format!("{}<a href=/deep.html>深</a>{}", "<div>".repeat(2_000), "</div>".repeat(2_000));
    let (facts, _) = read_with_looks(&body, u32::MAX);
    assert_eq!(facts.links.len(), 1);
    assert_eq!(facts.empty, Empty::Uncertain);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2000)) {
        let _ = read(&body, "http://www.qingxi.gov.cn/zwdt/", "2026-11-20", true);
    }

    #[test]
    fn any_markup_is_read(parts in proptest::collection::vec(proptest::sample::select(PARTS.to_vec()), 0..120)) {
        let _ = read(parts.concat().as_bytes(), "http://www.qingxi.gov.cn/zwdt/", "2026-11-20", true);
    }
}

const PARTS: [&str; 40] = [
    "<ul>",
    "</ul>",
    "<li>",
    "</li>",
    "<a href='/n/1.html'>",
    "<a href='x",
    "</a>",
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "</table>",
    "<p>",
    "</p>",
    "<div class='list'>",
    "</div>",
    "<script>",
    "</script>",
    "<style>.a{display:none",
    "}</style>",
    "2026-11-02",
    "[11-02]",
    "2026年",
    "11月",
    "02日",
    "发布时间：",
    "关于召开会议的通知",
    "<!--",
    "-->",
    "<svg>",
    "</svg>",
    "<template>",
    "<title>",
    "</title>",
    "<textarea>",
    "共0条",
    "暂无数据",
    "<dl><dt>",
    "&#x4e2d;",
    "[{\"title\":\"a\",\"url\":\"b\",\"date\":\"2026-01-01\"",
];

/// Links of the browser-grade tree, by the same reading of which elements carry one.
fn links_of_tree(body: &str, base: &Url) -> std::collections::BTreeSet<String> {
    let selector = scraper::Selector::parse("a[href], area[href]").expect("a selector");
    scraper::Html::parse_document(body)
        .select(&selector)
        .filter(|link| {
            let inert = |name: &str| matches!(name, "template" | "noscript");
            !link.ancestors().filter_map(|node| node.value().as_element()).any(|e| inert(e.name()))
        })
        .filter_map(|link| base.join(link.value().attr("href")?).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .map(Into::into)
        .collect()
}

#[test]
fn links_are_those_of_a_browsers_tree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).expect("tests/pages") {
        let path = entry.expect("an entry").path();
        let Some(body) =
            std::fs::read(&path).ok().filter(|_| path.extension().is_some_and(|ending| ending == "html"))
        else {
            continue;
        };
        let Ok(body) = String::from_utf8(body) else { continue };
        if body.contains("<base") {
            continue;
        }
        let base = Url::parse("http://www.shili.example/zwgk/index.html").expect("a URL");
        let facts = read(body.as_bytes(), base.as_str(), "2026-11-22", true);
        let got: std::collections::BTreeSet<String> = facts
            .links
            .iter()
            .filter(|link| link.kind != xuncha::facts::page::LinkKind::Frame)
            .map(|link| link.url.clone())
            .filter(|url| url.starts_with("http"))
            .collect();
        let missed: Vec<_> = links_of_tree(&body, &base).difference(&got).cloned().collect();
        assert!(missed.is_empty(), "{}: {missed:?}", path.display());
        compared += 1;
    }
    assert!(compared > 50, "only {compared} pages were compared");
}
