//! Hostile and huge pages through `xuncha inspect page`, each in a process of its own: what is said of them, and, on
//! demand, what each costs.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// What a page may cost in release mode: processor time, and memory in KiB.
const MOST_TIME: Duration = Duration::from_secs(1);
const MOST_MEMORY: u64 = 128 << 10;
/// Ticks of a second in /proc, on every Linux.
const TICKS: u32 = 100;

/// Name and bytes of every shape; `full` = 100 is the size that hurts.
fn shapes(full: usize) -> Vec<(&'static str, Vec<u8>)> {
    let times = |text: &str, count: usize| text.repeat((count * full / 100).max(1)).into_bytes();
    let numbered = |count: usize, each: &dyn Fn(usize) -> String| -> Vec<u8> {
        (0..(count * full / 100).max(1)).map(each).collect::<String>().into_bytes()
    };
    let framed =
        |before: &str, middle: Vec<u8>, after: &str| [before.as_bytes(), &middle, after.as_bytes()].concat();
    let utf16 = |text: Vec<u8>| -> Vec<u8> {
        String::from_utf8_lossy(&text).encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    let item = "<li><a href=/a.html>关于召开会议的通知</a>2026-11-02</li>";
    vec![
        // Nesting and unclosed tags.
        ("ul-li", times("<ul><li>", 64_000)),
        ("div", times("<div>", 64_000)),
        ("misnested-a-i", times("<b><i><a href=x>", 60_000)),
        ("closed-in-disorder", times("<a href=x><i></a>", 100_000)),
        ("table-foster", times("<table><a>", 60_000)),
        ("table-td", times("<table><tr><td>", 60_000)),
        ("closing-only", times("</div>", 800_000)),
        ("svg", times("<svg><foreignObject>", 100_000)),
        ("template", times("<template>", 100_000)),
        ("select", times("<select><option>", 100_000)),
        // Attributes.
        ("attributes-100k", framed("<div", numbered(100_000, &|n| format!(" a{n}=1")), ">x</div>")),
        ("attributes-1m", framed("<div", numbered(1_000_000, &|n| format!(" a{n}=1")), ">x</div>")),
        ("attribute-50mb", framed("<div title=\"", times("x", 50_000_000), "\">x</div>")),
        ("href-50mb", framed("<a href=\"", times("x", 50_000_000), "\">x</a>")),
        ("inline-style", framed("<div style=\"", times("a:b;", 1_000_000), "\">x</div>")),
        ("quotes", framed("<a href=\"", times("'\"", 1_000_000), "")),
        // Comments, entities, brackets.
        ("comment-20mb", framed("<!--", times("x", 20_000_000), "--><ul></ul>")),
        ("comments-open", times("<!--", 1_000_000)),
        ("entities", times("&amp;&nbsp;&#x4e2d;&notin;&notit;", 150_000)),
        ("entities-long", times("&CounterClockwiseContourIntegral;", 100_000)),
        ("ampersands", times("&", 4_000_000)),
        ("cdata", times("<![CDATA[", 500_000)),
        ("title-unclosed", framed("<title>", times("标题", 2_000_000), "")),
        ("textarea", framed("<textarea>", times("</textare", 500_000), "")),
        ("nul", times("<ul><li>\0", 300_000)),
        // Scripts, styles, data.
        ("scripts", times("<script>var a=1;</script>", 100_000)),
        ("script-escapes", times("<script><!--<script>", 250_000)),
        ("styles", framed("", times("<style>.a{display:none}</style>", 80_000), "<div class=a>x</div>")),
        ("json", framed("<script>var d=[", numbered(50_000, &|n| format!("{{\"title\":\"标题{n}\",\"url\":\"/n/{n}.html\",\"date\":\"2026-11-02\"}},")), "0]</script>")),
        ("json-deep", framed("<script>var d=", times("[{\"a\":", 400_000), "</script>")),
        ("records", framed("<datastore><recordset>", times("<record><![CDATA[<li><a href=\"/a.html\">标题</a><span>2026-11-02</span></li>]]></record>", 40_000), "</recordset></datastore>")),
        // Much of what pages really have.
        ("dates", times("<p>2026-11-02 2026年11月2日 [11-02] 11/02 </p>", 80_000)),
        ("almost-dates", framed("<p>", times("2026-11-0", 500_000), "")),
        ("same-item", framed("<ul>", times(item, 60_000), "</ul>")),
        ("crumbs", framed("<div class=position>您的位置：", times("<a href=/x/>栏目</a> &gt; ", 100_000), "</div>")),
        ("frames", times("<iframe src=/x.html></iframe>", 80_000)),
        ("footers", framed("<div class=footer>", times("主办单位：示例市人民政府 ICP备12345678号 ", 60_000), "</div>")),
        ("digits", framed("<p>网站标识码", times("5", 4_000_000), "</p>")),
        ("signs", times("‹", 5_000_000)),
        ("entities-of-signs", times("&lsaquo;", 5_000_000)),
        ("white-space", framed("<p>", times("\u{3000}\u{a0}", 1_000_000), "</p>")),
        ("metas", times("<meta name=\"PubDate\" content=\"2026-11-02\">", 60_000)),
        ("bases", framed("", times("<base href=\"http://a.example/\">", 50_000), "<a href=x>y</a>")),
        // Encodings.
        ("gbk-labelled-utf-8", framed("<meta charset=utf-8><ul>", gbk(item).repeat((40_000 * full / 100).max(1)), "</ul>")),
        ("gb18030-four-bytes", framed("<meta charset=gb18030>", gbk("<p>𠀀𠀁㐀").repeat((150_000 * full / 100).max(1)), "")),
        ("utf-16-without-mark", utf16(times(item, 40_000))),
        ("iso-2022-jp", framed("<meta charset=iso-2022-jp>", times("\u{1b}$B", 800_000), "")),
        ("utf-7", framed("<meta charset=utf-7>", times("+ADw-script+AD4-", 200_000), "")),
        ("invalid-bytes", [b"<p>".to_vec(), b"\xff\xfe\xc0\x80".repeat((1_000_000 * full / 100).max(1))].concat()),
        ("labels-that-clash", times("<meta charset=gbk><meta charset=utf-8><meta charset=big5>", 60_000)),
        // XML.
        ("billion-laughs", format!("<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a0 \"lol\">{}]><rss><item>&a19;</item></rss>",
            laughs()).into_bytes()),
        ("external-entity", b"<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><rss><channel><item><title>&x;</title></item></channel></rss>".to_vec()),
        ("sitemap-index", framed("<?xml version=\"1.0\"?><sitemapindex>", times("<sitemap><loc>http://a.example/s.xml</loc></sitemap>", 60_000), "</sitemapindex>")),
        ("feed", framed("<?xml version=\"1.0\"?><rss><channel>", times("<item><title>标题</title><link>http://a.example/x.html</link><pubDate>Mon, 02 Nov 2026 08:00:00 GMT</pubDate></item>", 35_000), "</channel></rss>")),
    ]
}

/// Entities of which each is ten of the one before.
fn laughs() -> String {
    (1..20).fold(String::new(), |mut out, n| {
        write!(out, "<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10)).expect("a string takes all");
        out
    })
}

/// A page of as many links as the largest real ones, 4.7 MB in full size.
fn links(full: usize) -> Vec<u8> {
    let mut page = String::new();
    for n in 0..200_000 * full / 100 {
        write!(page, "<a href=/n/{n}.html>{n}</a>").expect("a string takes all");
    }
    page.into_bytes()
}

/// As many rows with short names and dates.
fn dated_rows(full: usize) -> Vec<u8> {
    let mut page = "<title>通知公告</title><ul>".to_owned();
    for n in 0..200_000 * full / 100 {
        write!(page, "<li><a href=/{n}>通知{n}</a>11-{:02}", n % 20 + 1).expect("a string takes all");
    }
    page.into_bytes()
}

/// What reading cost.
struct Cost {
    time: Duration,
    memory_kib: u64,
}

/// Reads a page by the binary and returns its facts, and what that cost.
fn inspect(page: &Path, into: &Path) -> (Value, Cost) {
    let out = std::fs::File::create(into).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_xuncha"))
        .args(["inspect", "page", "--url", "http://www.shili.example/zwdt/", "--as-of", "2026-11-22"])
        .arg(page)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let mut memory_kib = 0;
    let time = loop {
        let of =
            |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap_or_default();
        let peak = of("status").lines().find_map(|line| {
            line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
        });
        memory_kib = memory_kib.max(peak.unwrap_or(0));
        // A process that has ended and is not waited for still tells its time.
        let stat = of("stat");
        let fields: Vec<&str> =
            stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
        if fields.first() == Some(&"Z") {
            let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok()).unwrap_or(0);
            break Duration::from_secs(1) * (ticks(11) + ticks(12)) / TICKS;
        }
        std::thread::yield_now();
    };
    let status = child.wait().expect("its end");
    assert!(status.success(), "{}: {status}", page.display());
    let facts = serde_json::from_slice(&std::fs::read(into).expect("a file")).expect("JSON");
    (facts, Cost { time, memory_kib })
}

fn links_of(facts: &Value) -> usize {
    facts["links"].as_array().map_or(0, Vec::len)
}

#[test]
fn no_hostile_shape_is_called_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let (page, out) = (folder.path().join("page.html"), folder.path().join("facts.json"));
    for (name, body) in shapes(2).into_iter().chain([("rows-200k", dated_rows(15))]) {
        std::fs::write(&page, body).expect("writes");
        let (facts, _) = inspect(&page, &out);
        assert_ne!(facts["empty"], "yes", "{name}");
        assert!(!["empty", "placeholder"].contains(&facts["state"].as_str().unwrap_or_default()), "{name}");
        assert!(!facts.to_string().contains("root:x:"), "{name} reads a file");
        assert!(
            name != "rows-200k" || facts["kind"] == "list",
            "more rows than are read: {}",
            facts["reason"]
        );
    }
}

#[test]
fn two_hundred_thousand_links_are_told_by_the_binary() {
    let folder = tempfile::tempdir().expect("a folder");
    let (page, out) = (folder.path().join("page.html"), folder.path().join("facts.json"));
    std::fs::write(&page, links(2)).expect("writes");
    assert_eq!(links_of(&inspect(&page, &out).0), 4_000);
    if !cfg!(debug_assertions) {
        std::fs::write(&page, links(100)).expect("writes");
        assert_eq!(links_of(&inspect(&page, &out).0), 200_000);
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a measurement's result is what it prints")]
#[ignore = "measures; for release mode on an idle machine (docs/performance.md)"]
fn hostile_shapes_cost_little() {
    let folder = tempfile::tempdir().expect("a folder");
    let (page, out) = (folder.path().join("page.html"), folder.path().join("facts.json"));
    let mut dear = Vec::new();
    let many = [("links-200k", links(100)), ("rows-200k", dated_rows(100))];
    for (name, body) in shapes(100).into_iter().chain(many) {
        std::fs::write(&page, &body).expect("writes");
        let (facts, cost) = inspect(&page, &out);
        let told = format!(
            "{name:24} {:5} KB {:5} ms {:4} MiB  {} {} {} links",
            body.len() / 1000,
            cost.time.as_millis(),
            cost.memory_kib >> 10,
            facts["state"],
            facts["empty"],
            links_of(&facts)
        );
        eprintln!("{told}");
        assert_ne!(facts["empty"], "yes", "{name}");
        assert!(!name.ends_with("-200k") || links_of(&facts) == 200_000, "{name}");
        assert!(name != "rows-200k" || facts["kind"] == "list", "{}", facts["reason"]);
        if cost.time > MOST_TIME || cost.memory_kib > MOST_MEMORY {
            dear.push(told);
        }
    }
    assert!(dear.is_empty(), "{}", dear.join("\n"));
}
