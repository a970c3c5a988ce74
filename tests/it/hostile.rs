//! Servers that misbehave, firewalls, passing faults and a dead network of our own: bounded, told, and nobody accused.

use std::fmt::Write as _;

use hickory_resolver::proto::op::ResponseCode;
use serde_json::Value;

use crate::kit::office::{accused, findings, gaps, told, until};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Dns, Office, Plan, Script, Server, gzip_bomb};

/// Short patience, so that the tests are short.
const HASTE: &str = "[limits]\nconnect = \"2s\"\nfirst-byte = \"2s\"\nwhole = \"5s\"\n";

/// What is accused and confirmed.
fn confirmed(findings: &[Value]) -> Vec<String> {
    let confirmed: Vec<Value> =
        findings.iter().filter(|finding| finding["state"] == "confirmed").cloned().collect();
    accused(&confirmed)
}

fn about<'a>(list: &'a [String], url: &str) -> Vec<&'a String> {
    list.iter().filter(|line| line.contains(url)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_answers_cost_little_and_are_gaps() {
    let site = Server::start().await;
    let slow = Server::bind("127.0.0.2:0").await;
    let columns =
        ["/cut/", "/bomb/", "/zstd/", "/endless/", "/stalled/", "/wide/", "/lying/", "/slow/", "/chain/0"];
    let nav: Vec<(&str, &str)> =
        columns.iter().map(|path| ("栏目", *path)).chain([("公告", "/gg/")]).collect();
    let home = page(
        "示例网站",
        &nav,
        &format!(
            "<a href=\"/dead.html\">失效</a><a href=\"/to-file\">一</a><a href=\"/to-script\">二</a>\
             <a href=\"/to-data\">三</a><a href=\"/to-self\">四</a><a href=\"{}\">外</a>",
            slow.url("/drip")
        ),
    );
    site.on("/", Script::html(home));
    let items: Vec<_> =
        (1..6).map(|n| (format!("第{n}号通知信息"), format!("/gg/{n}.html"), day(n))).collect();
    site.on("/gg/", Script::html(page("公告", &[], &rows(&items))));
    for n in 1..6 {
        site.on(&format!("/gg/{n}.html"), Script::html(article("通知", day(n), "内容")));
    }
    let empty =
        b"<html><head><meta charset=utf-8><title>\xe6\xa0\x8f</title></head><body><ul class=list></ul>";
    site.on("/cut/", Script::cut(200, empty));
    let gibibyte = gzip_bomb(1 << 30);
    assert!(gibibyte.len() < 8 << 20, "a thousandth on the wire");
    site.on(
        "/bomb/",
        Script::reply(200, &[("content-type", "text/html"), ("content-encoding", "gzip")], &gibibyte),
    );
    site.on("/zstd/", Script::bomb("zstd", 64 << 20));
    site.on("/endless/", Script::endless(&[]));
    let stalled = Script::raw(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5000\r\n\r\n<html><ul></ul>",
    );
    site.on("/stalled/", stalled.then(Script::silence()));
    let megabyte = "x".repeat(1 << 20);
    site.on(
        "/wide/",
        Script::reply(200, &[("content-type", "text/html"), ("x-wide", &megabyte)], b"<ul></ul>"),
    );
    let lying = [("content-type", "text/html"), ("content-encoding", "gzip")];
    site.on("/lying/", Script::reply(200, &lying, b"<html><ul></ul></html>"));
    site.on("/slow/", Script::raw("HTTP/1.1 200 OK\r\nx-slow: ").then(Script::silence()));
    slow.on("/drip", Script::silence());
    site.on("/to-file", Script::redirect(302, "file:///etc/passwd"));
    site.on("/to-script", Script::redirect(302, "javascript:alert(1)"));
    site.on("/to-data", Script::redirect(302, "data:text/html,<h1>x</h1>"));
    site.on("/to-self", Script::redirect(302, "/to-self"));
    site.otherwise(|seen| match seen.path.strip_prefix("/chain/").and_then(|n| n.parse::<u32>().ok()) {
        Some(n) if n < 1000 => Script::redirect(302, &format!("/chain/{}", n + 1)),
        _ => Script::status(404),
    });
    let mut plan = Plan::new().sections(HASTE).site(&site.url("/"));
    for path in columns.iter().chain(&["/gg/"]) {
        plan = plan.column("栏目", &site.url(path), "通知公告");
    }
    let office = plan.set_up();
    let mut patrol = office.start(&["patrol"]);
    let mut peak = 0;
    let code = until("the patrol's end", || {
        peak = peak.max(patrol.peak_kib().unwrap_or(0));
        patrol.ended()
    })
    .await;
    let said = std::fs::read_to_string(office.dir().join("err.txt")).unwrap_or_default();
    assert_eq!(code, 0, "{said}");
    assert!(peak > 1 << 10 && peak < 200 << 10, "{peak} KiB at the most");
    office.run_well(&["recheck"]).await;

    let asked = site.paths();
    for path in columns.iter().chain(&["/gg/5.html", "/to-file"]) {
        assert!(asked.iter().any(|p| p == path), "{path} was not asked");
    }
    let chain = asked.iter().filter(|path| path.starts_with("/chain/")).count();
    assert!(chain <= 2 * 11, "{chain} requests along a chain in two looks");
    let judged = office.judged().await;
    let found = findings(&judged);
    let all = accused(&found);
    assert_eq!(about(&confirmed(&found), "/dead.html").len(), 1, "what is truly dead is told: {all:?}");
    for path in columns.iter().filter(|path| **path != "/slow/") {
        assert!(about(&all, &site.url(path)).is_empty(), "{path} in {all:?}");
    }
    assert!(!all.iter().any(|finding| finding.starts_with("empty-column")), "{all:?}");
    assert!(!all.iter().any(|finding| finding.starts_with("unreachable-site")), "{all:?}");
    let gaps = gaps(&judged);
    for path in columns {
        assert!(gaps.iter().any(|(subject, _)| *subject == site.url(path)), "{path} not in {gaps:?}");
    }
    for why in ["head-size", "redirects", "body-cut"] {
        assert!(gaps.iter().any(|gap| gap.1 == why), "{why} not in {gaps:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packed_bodies_are_bounded_and_what_is_packed_twice_is_a_gap() {
    let site = Server::start().await;
    let columns = ["/zstd-wide/", "/br/", "/deflate/", "/nested/", "/nested-twice/", "/unknown/"];
    let nav: Vec<(&str, &str)> = columns.iter().map(|path| ("栏目", *path)).collect();
    site.on("/", Script::html(page("示例网站", &nav, "")));
    let gibibyte = gzip_bomb(1 << 30);
    site.on("/zstd-wide/", Script::bomb("zstd-wide", 256 << 20));
    site.on("/br/", Script::bomb("br", 64 << 20));
    site.on("/deflate/", Script::bomb("deflate", 64 << 20));
    // Packed twice, in one header and in two; and by a coding that nobody knows how to unpack.
    let twice = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, &gibibyte).expect("packed");
        encoder.finish().expect("packed")
    };
    let html = ("content-type", "text/html");
    site.on("/nested/", Script::reply(200, &[html, ("content-encoding", "gzip, gzip")], &twice));
    let two = [html, ("content-encoding", "br"), ("content-encoding", "gzip")];
    site.on("/nested-twice/", Script::reply(200, &two, &twice));
    site.on(
        "/unknown/",
        Script::reply(200, &[html, ("content-encoding", "x-compress")], b"\x1f\x9d<ul></ul>"),
    );
    let mut plan = Plan::new().site(&site.url("/"));
    for path in columns {
        plan = plan.column("栏目", &site.url(path), "通知公告");
    }
    let office = plan.set_up();
    let mut patrol = office.start(&["patrol"]);
    let mut peak = 0;
    let code = until("the patrol's end", || {
        peak = peak.max(patrol.peak_kib().unwrap_or(0));
        patrol.ended()
    })
    .await;
    assert_eq!(code, 0, "{}", std::fs::read_to_string(office.dir().join("err.txt")).unwrap_or_default());
    assert!(peak > 1 << 10 && peak < 200 << 10, "{peak} KiB at the most");
    let judged = office.judged().await;
    let all = accused(&findings(&judged));
    let of_columns = |finding: &&String| columns.iter().any(|path| finding.ends_with(&site.url(path)));
    assert_eq!(all.iter().filter(of_columns).count(), 0, "{all:?}");
    let gaps = gaps(&judged);
    // Of two headers the HTTP library unpacks by the first, and finds what is no such thing.
    for (path, why) in [("/nested/", "packing"), ("/nested-twice/", "body-cut"), ("/unknown/", "packing")] {
        assert!(gaps.contains(&(site.url(path), why.to_owned())), "{path} in {gaps:?}");
    }
    for path in ["/zstd-wide/", "/br/", "/deflate/"] {
        let why: Vec<_> = gaps.iter().filter(|gap| gap.0 == site.url(path)).map(|gap| &gap.1).collect();
        assert!(why.iter().any(|why| *why == "page-bytes"), "{path}: {why:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_cut_at_our_own_limit_is_no_empty_column() {
    let site = Server::start().await;
    let items: Vec<_> =
        (1..6).map(|n| (format!("第{n}号通知信息"), format!("/gg/{n}.html"), day(n))).collect();
    let style = ".list li { line-height: 2em }".repeat(4000);
    site.on("/", Script::html(page("示例网站", &[("公告", "/gg/"), ("公示", "/kb/")], "")));
    let behind = format!("<p class=\"none\">暂无信息</p><style>{style}</style>{}", rows(&items));
    site.on("/gg/", Script::html(page("公告", &[], &behind)));
    site.on(
        "/kb/",
        Script::html(page("公示", &[], "<ul class=\"list\"></ul><p class=\"none\">暂无信息</p>")),
    );
    site.otherwise(|seen| Script::html(article(&seen.path, day(1), "内容")));
    let url = site.url("/gg/");
    let plan = || {
        let plan = Plan::new().site(&site.url("/")).column("公告", &url, "通知公告");
        plan.column("公示", &site.url("/kb/"), "通知公告")
    };
    let empty = format!("empty-column {}", site.url("/kb/"));
    for (limit, cut) in [("64KiB", true), ("5MiB", false)] {
        let office = plan().sections(&format!("[limits]\npage-bytes = \"{limit}\"\n")).set_up();
        office.run_well(&["patrol"]).await;
        let judged = office.judged().await;
        assert_eq!(accused(&findings(&judged)), std::slice::from_ref(&empty), "{limit}");
        let told = gaps(&judged).iter().any(|(subject, why)| *subject == url && why == "page-bytes");
        assert_eq!(told, cut, "{limit}: {:?}", gaps(&judged));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_only_once_is_never_accused() {
    let site = Server::start().await;
    let nav = [("公告", "/gg/"), ("公示", "/kb/")];
    let items: Vec<_> =
        (1..6).map(|n| (format!("第{n}号通知信息"), format!("/gg/{n}.html"), day(n))).collect();
    let list = page("公告", &nav, &rows(&items));
    let faults = ["404", "410", "500", "503", "reset", "cut"];
    let links = faults
        .iter()
        .map(|fault| format!("<a href=\"/{fault}.html\">{fault}</a>"))
        .collect::<Vec<_>>()
        .concat();
    let home = page("示例网站", &nav, &format!("{links}<a href=\"/always.html\">失效</a>"));
    site.on("/", Script::html(home));
    site.on("/gg/", Script::html(&list));
    // A column that is empty for a moment, while its list is written anew.
    let empty = Script::html(page("公示", &nav, "<ul class=\"list\"></ul><p class=\"none\">暂无信息</p>"));
    site.in_turn("/kb/", vec![empty, Script::html(&list)]);
    let healed = || Script::html(article("好了", day(1), "内容"));
    for fault in faults {
        let first = match fault {
            "reset" => vec![Script::reset(), Script::reset()],
            "cut" => vec![Script::cut(200, b"<html>")],
            status => vec![Script::status(status.parse().expect("a status"))],
        };
        site.in_turn(&format!("/{fault}.html"), first.into_iter().chain([healed()]).collect());
    }
    for n in 1..6 {
        site.on(&format!("/gg/{n}.html"), healed());
    }
    let office = Plan::new()
        .site(&site.url("/"))
        .column("公告", &site.url("/gg/"), "通知公告")
        .column("公示", &site.url("/kb/"), "通知公告")
        .set_up();
    office.run_well(&["patrol"]).await;
    let first = office.findings().await;
    for path in ["/404.html", "/410.html", "/500.html", "/reset.html", "/always.html", "/kb/"] {
        let about = accused(&first);
        assert!(
            about.iter().any(|finding| finding.ends_with(path)),
            "{path} was suspected at first: {about:?}"
        );
    }
    assert_eq!(confirmed(&first).len(), 0, "one look confirms none of these: {:?}", confirmed(&first));
    office.run_well(&["recheck"]).await;
    let second = office.findings().await;
    let always = format!("broken-link {}", site.url("/always.html"));
    assert_eq!(accused(&second), std::slice::from_ref(&always), "only what failed twice is left");
    assert_eq!(confirmed(&second), [always]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn firewalls_are_never_accused() {
    let site = Server::start().await;
    let statuses = [401, 403, 406, 412, 418, 429, 444, 451, 468, 521, 522];
    let challenges = [
        (
            "jsl",
            "<script>document.cookie='__jsl_clearance_s=1690|-1|x';location.href=location.pathname</script>",
        ),
        ("anubis", "<title>Making sure you&#39;re not a bot!</title><p>anubis_challenge</p>"),
        ("safeline", "<title>安全检测能力由雷池 WAF 提供</title><p>您的访问正在进行安全检查</p>"),
        ("aliyun", "<script>var arg1='3000';var x='acw_sc__v2';</script>"),
    ];
    let mut links = String::new();
    for status in statuses {
        site.on(&format!("/s{status}.html"), Script::status(status));
        let _ = write!(links, "<a href=\"/s{status}.html\">{status}</a>");
    }
    for (n, (_, body)) in challenges.iter().enumerate() {
        let html = format!("<html><head><meta charset=\"utf-8\"></head><body>{body}</body></html>");
        site.on(&format!("/c{n}/"), Script::html(&html));
        site.on(
            &format!("/d{n}/"),
            Script::reply(404, &[("content-type", "text/html; charset=utf-8")], html.as_bytes()),
        );
        let _ = write!(links, "<a href=\"/c{n}/\">甲{n}</a><a href=\"/d{n}/\">乙{n}</a>");
    }
    site.on(
        "/",
        Script::html(page(
            "示例网站",
            &[("公告", "/c0/")],
            &format!("{links}<a href=\"/dead.html\">失效</a>"),
        )),
    );
    let mut plan = Plan::new().site(&site.url("/")).column("公告", &site.url("/c0/"), "通知公告");
    let mut walls = Vec::new();
    for (n, script) in
        [Script::status(412), Script::status(521), Script::html(challenges[0].1)].into_iter().enumerate()
    {
        let wall = Server::bind(&format!("127.0.0.{}:0", n + 2)).await;
        wall.on("/robots.txt", Script::status(404));
        wall.otherwise(move |_| script.clone());
        plan = plan.site(&wall.url("/")).column("动态", &wall.url("/dt/"), "动态要闻");
        walls.push(wall);
    }
    let office = plan.set_up();
    office.run_well(&["patrol"]).await;
    let dead = [format!("broken-link {}", site.url("/dead.html"))];
    assert_eq!(accused(&office.findings().await), dead, "in the first look");
    office.run_well(&["recheck"]).await;
    let judged = office.judged().await;
    assert_eq!(accused(&findings(&judged)), dead, "in the second");
    let gaps = gaps(&judged);
    for wall in &walls {
        assert!(
            gaps.iter().any(|(subject, why)| *subject == wall.url("/") && why.contains("blocked")),
            "{gaps:?}"
        );
    }
    for status in statuses {
        assert!(
            gaps.iter().any(|(subject, _)| *subject == site.url(&format!("/s{status}.html"))),
            "{status}: {gaps:?}"
        );
    }
}

/// Six sites of one server, each with a stale column and a dead link.
async fn six() -> (Server, Dns, Office) {
    let (site, dns) = (Server::start().await, Dns::start().await);
    let items: Vec<_> =
        (1..6).map(|n| (format!("第{n}号动态信息"), format!("/dt/{n}.html"), day(60 + n))).collect();
    site.otherwise(move |seen| match seen.path.as_str() {
        "/" => Script::html(page("示例网站", &[("动态", "/dt/")], "<a href=\"/gone.html\">失效</a>")),
        "/dt/" => Script::html(page("动态", &[], &rows(&items))),
        path if path.starts_with("/dt/") => Script::html(article(path, day(60), "内容")),
        _ => Script::status(404),
    });
    let mut plan = Plan::new().dns(dns.addr()).sections(HASTE);
    for name in SIX {
        dns.set(name, "127.0.0.1");
        let home = format!("http://{name}:{}/", site.addr().port());
        plan = plan.site(&home).column("动态", &format!("{home}dt/"), "动态要闻");
    }
    let office = plan.set_up();
    (site, dns, office)
}

const SIX: [&str; 6] = ["a.test", "b.test", "c.test", "d.test", "e.test", "f.test"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_network_of_our_own_accuses_nobody() {
    let (site, dns, office) = six().await;
    for name in SIX {
        dns.answer(name, crate::kit::Answer::Code(ResponseCode::ServFail));
    }
    office.run_well(&["patrol"]).await;
    let judged = office.judged().await;
    assert_eq!(accused(&findings(&judged)), Vec::<String>::new());
    let own = gaps(&judged).iter().filter(|(_, why)| why == "own-network").count();
    assert!(own >= SIX.len(), "{:?}", gaps(&judged));
    assert_eq!(site.log().len(), 0);
    assert_eq!(office.cases().as_array().map(Vec::len), Some(0), "no case is opened");

    // The network comes back, and goes again: what was found stays as it was.
    for name in SIX {
        dns.set(name, "127.0.0.1");
    }
    office.run_well(&["patrol"]).await;
    let found = accused(&office.findings().await);
    for name in SIX {
        assert!(about(&found, name).len() >= 2, "{name}: {found:?}");
    }
    let states = |office: &Office| -> Vec<(String, String)> {
        let cases = office.cases();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let cases = cases.as_array().expect("cases").iter();
        cases.map(|case| (word(&case["case"]["finding"]["url"]), word(&case["case"]["state"]))).collect()
    };
    let before = states(&office);
    assert!(before.len() >= 2 * SIX.len(), "{before:?}");
    for (name, code) in
        SIX.iter().zip([ResponseCode::ServFail, ResponseCode::NXDomain, ResponseCode::Refused].iter().cycle())
    {
        dns.answer(name, crate::kit::Answer::Code(*code));
    }
    office.run_well(&["patrol"]).await;
    assert_eq!(accused(&office.findings().await), Vec::<String>::new());
    assert_eq!(states(&office), before, "a dead network closes no case and opens none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_dead_site_among_six_is_suspected() {
    let (site, dns, office) = six().await;
    dns.answer("f.test", crate::kit::Answer::Code(ResponseCode::NXDomain));
    office.run_well(&["patrol"]).await;
    office.run_well(&["recheck"]).await;
    let found = office.findings().await;
    let dead = format!("http://f.test:{}/", site.addr().port());
    assert_eq!(about(&accused(&found), "f.test"), [&format!("unreachable-site {dead}")]);
    assert!(about(&confirmed(&found), "f.test").is_empty(), "one patrol's visits only raise a suspicion");
    assert!(!about(&confirmed(&found), "a.test").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_of_a_dead_host_suspects_the_site_and_nothing_else() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("its address").port()
    };
    let dead = format!("http://127.0.0.1:{port}/");
    let office = Plan::new().site(&dead).set_up();
    let output = office
        .run_well(&["check", &dead, "--allow-private", "127.0.0.0/8", "--rate", "100", "--json", "-"])
        .await;
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let (summary, found) = lines.split_last().expect("a summary");
    assert_eq!(found.len(), 1, "{}", told(&output));
    assert_eq!(
        (&found[0]["rule"], &found[0]["state"]),
        (&Value::from("unreachable-site"), &Value::from("suspected"))
    );
    assert_eq!(summary["summary"]["findings"], 1);
    let failing = office
        .run(&["check", &dead, "--allow-private", "127.0.0.0/8", "--rate", "100", "--fail-on-findings"])
        .await;
    assert_eq!(failing.status.code(), Some(0), "a suspicion is no finding: {}", told(&failing));
}
