//! The reader of pages against hostile ones, against any bytes, and its links against those of a browser-grade tree.

use std::fmt::Write as _;
use std::path::Path;

use chrono::NaiveDate;
use url::Url;
use xuncha::calendar;
use xuncha::facts::html::read_page;
use xuncha::facts::page::{Empty, PageContext, PageFacts};

fn read(body: &[u8], url: &str, as_of: &str, want_structure: bool) -> PageFacts {
    let url = Url::parse(url).expect("a URL");
    let date = NaiveDate::parse_from_str(as_of, "%Y-%m-%d").expect("a date");
    let as_of = date.and_hms_opt(12, 0, 0).expect("noon").and_local_timezone(calendar::beijing()).unwrap();
    let cx = PageContext { url: &url, content_type: None, status: None, as_of, want_structure };
    read_page(body, &cx, || false)
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
