//! Where a patrol goes and where it never goes: forbidden addresses, proxies, redirects, conditional requests, channels,
//! budgets and traps, through the real binary.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::kit::office::{accused, canonical, findings, gaps, told};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{self, Dns, Office, Plan, Script, Server};

/// Spellings of 127.0.0.99 and of names that lead there, and of places that no patrol may ask whatever is allowed.
fn forbidden(port: u16) -> Vec<String> {
    let inward = [
        "127.0.0.99",
        "127.99",
        "127.0.99",
        "2130706531",
        "0x7f000063",
        "0x7f.0.0.0x63",
        "0177.0.0.0143",
        "017700000143",
        "127.0.0.99.",
        "１２７.0.0.99",
        "127。0。0。99",
        "①②⑦.0.0.99",
        "%31%32%37.0.0.99",
        "user@127.0.0.99",
        "user:word@127.0.0.99",
        "good.test@127.0.0.99",
        "good.test:80@127.0.0.99",
        "inward.test",
        "INWARD.test.",
        "mixed.test",
        "[::ffff:127.0.0.99]",
        "[::ffff:7f00:63]",
        "[::127.0.0.99]",
        "[64:ff9b::127.0.0.99]",
        "[2002:7f00:63::]",
    ];
    inward
        .iter()
        .map(|host| format!("http://{host}:{port}/in"))
        .chain([
            format!("http:\\\\127.0.0.99:{port}/in"),
            format!("//127.0.0.99:{port}/in"),
            format!("http:/\t/127.0.0.99:{port}/in"),
            format!("http://[::1]:{port}/in"),
            format!("http://localhost:{port}/in"),
            "http://169.254.169.254/latest/meta-data/".to_owned(),
            "http://100.100.100.200/latest/meta-data/".to_owned(),
            "http://metadata.google.internal/".to_owned(),
            "http://10.0.0.1/".to_owned(),
            "http://192.168.1.1:8080/".to_owned(),
            "http://172.16.0.1/".to_owned(),
            "http://0.0.0.0/".to_owned(),
        ])
        .collect()
}

/// A site on 127.0.0.3 that leads to forbidden places by every means a page has.
async fn tempting_site(port: u16) -> Server {
    let site = Server::bind("127.0.0.3:0").await;
    let places = forbidden(port);
    let links = places
        .iter()
        .enumerate()
        .map(|(n, place)| {
            format!("<a href=\"{place}?a\">甲{n}</a><img src=\"{place}?b.png\"><a href=\"/hop{n}\">乙{n}</a>")
        })
        .collect::<Vec<_>>()
        .concat();
    for (n, place) in places.iter().enumerate() {
        site.on(&format!("/hop{n}"), Script::redirect(302, &format!("{place}?c")));
    }
    let there = format!("http://127.0.0.99:{port}");
    let home = page(
        "示例网站",
        &[("甲", "/base.html"), ("乙", "/refresh.html"), ("丙", "/parts.html")],
        &format!("<a href=\"/good.html\">好</a>{links}"),
    );
    site.on("/", Script::html(home));
    site.on("/good.html", Script::html(article("好", day(1), "内容")));
    site.on(
        "/base.html",
        Script::html(format!(
            "<html><head><base href=\"{there}/\"></head><body><a href=\"x.html\">x</a></body></html>"
        )),
    );
    site.on(
        "/refresh.html",
        Script::html(format!(
            "<html><head><meta http-equiv=\"refresh\" content=\"0;url={there}/m\"></head></html>"
        )),
    );
    site.on(
        "/parts.html",
        Script::html(format!(
            "<html><head><link rel=\"canonical\" href=\"{there}/canonical\"><link rel=\"stylesheet\" href=\"{there}/s.css\">\
             <script src=\"{there}/s.js\"></script></head><body><iframe src=\"{there}/frame\"></iframe>\
             <script>location.href=\"{there}/jump\";window.open('{there}/open')</script>\
             <form action=\"{there}/form\"></form><video src=\"{there}/v.mp4\"></video></body></html>"
        )),
    );
    site
}

async fn names() -> Dns {
    let dns = Dns::start().await;
    dns.set("good.test", "127.0.0.3");
    dns.set("inward.test", "127.0.0.99");
    dns.set("mixed.test", "127.0.0.99 10.0.0.1 ::1");
    dns
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forbidden_addresses_are_never_connected_to() {
    let trap = Server::bind("127.0.0.99:0").await;
    let port = trap.addr().port();
    let six =
        if kit::has_ipv6_loopback() { Some(Server::bind(&format!("[::1]:{port}")).await) } else { None };
    let home = Server::bind(&format!("127.0.0.1:{port}")).await;
    let site = tempting_site(port).await;
    let dns = names().await;
    let narrow = Plan::new().dns(dns.addr()).private(r#"["127.0.0.3/32"]"#).site(&site.url("/")).set_up();
    narrow.run_well(&["patrol"]).await;
    narrow.run_well(&["recheck"]).await;
    assert_eq!(trap.connections(), 0, "{:?}", trap.paths());
    assert_eq!(home.connections(), 0, "{:?}", home.paths());
    assert_eq!(six.as_ref().map_or(0, Server::connections), 0, "[::1] is not opened");
    let asked = site.paths();
    for path in ["/good.html", "/base.html", "/refresh.html", "/parts.html", "/hop0"] {
        assert!(asked.iter().any(|p| p == path), "{path} was not asked: {asked:?}");
    }
    let judged = narrow.judged().await;
    let accused: Vec<String> = accused(&findings(&judged))
        .into_iter()
        .filter(|finding| finding.starts_with("broken-link"))
        .collect();
    assert_eq!(accused, Vec::<String>::new(), "what we may not ask is not accused");
    let egress = gaps(&judged).iter().filter(|(_, why)| why == "egress" || why == "inner-address").count();
    assert!(egress >= 2 * 20, "{egress} links are told as not asked for");

    // The listener does listen: where its address is allowed, it is connected to.
    let wide = Plan::new().dns(dns.addr()).private(r#"["127.0.0.0/8"]"#).site(&site.url("/")).set_up();
    wide.run_well(&["patrol"]).await;
    assert!(trap.connections() > 0);
}

fn of_home(judged: &Value, rule: &str) -> Value {
    let found = findings(judged).into_iter().find(|finding| finding["rule"] == rule);
    found.unwrap_or_else(|| panic!("no {rule} in {:?}", accused(&findings(judged))))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_configured_proxy_is_used() {
    let proxy = Server::start().await;
    let site = Server::bind("127.0.0.2:0").await;
    let old: Vec<_> =
        (1..9).map(|n| (format!("第{n}号动态信息"), format!("/dt/{n}.html"), day(90))).collect();
    for server in [&proxy, &site] {
        let list = rows(&old);
        server.otherwise(move |seen| match seen.path.trim_start_matches("http://www.site.test:8099") {
            "/" => Script::html(page("示例网站", &[("动态", "/dt/")], &list)),
            "/dt/" => Script::html(page("动态", &[], &list)),
            path if path.contains(".html") => Script::html(article(path, day(90), "内容")),
            _ => Script::status(404),
        });
    }
    let url = format!("http://{}", proxy.addr());
    let direct = Plan::new().site(&site.url("/")).column("动态", &site.url("/dt/"), "动态要闻").set_up();
    let mut command = direct.command(&["patrol"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, &url);
    }
    let output = kit::office::ended(command).await;
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(proxy.connections(), 0, "the environment names no proxy for us");
    assert!(site.paths().contains(&"/dt/".to_owned()));
    let stale = of_home(&direct.judged().await, "stale-news-column");
    assert_eq!(stale["evidence"]["looks"][0]["addr"], site.addr().to_string());

    let home = "http://www.site.test:8099/";
    let dns = Dns::start().await;
    dns.set("www.site.test", "127.0.0.2");
    let through = Plan::new()
        .dns(dns.addr())
        .site(home)
        .column("动态", &format!("{home}dt/"), "动态要闻")
        .set_up_with(&format!("proxy = \"{url}\"\n"));
    through.run_well(&["patrol"]).await;
    assert!(proxy.paths().iter().any(|path| path == &format!("{home}dt/")), "{:?}", proxy.paths());
    let judged = through.judged().await;
    let stale = of_home(&judged, "stale-news-column");
    assert_eq!(stale["evidence"]["looks"][0]["status"], 200);
    assert_eq!(stale["evidence"]["looks"][0]["addr"], Value::Null, "a proxy hides who answered");
    assert!(!accused(&findings(&judged)).iter().any(|finding| finding.starts_with("no-ipv6")));
    assert!(gaps(&judged).iter().any(|(_, why)| why.contains("ipv6")), "{:?}", gaps(&judged));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redirects_pass_every_gate_and_carry_nothing() {
    let (site, other) = (Server::start().await, Server::bind("127.0.0.2:0").await);
    let secret = Server::bind("127.0.0.99:0").await;
    let dns = Dns::start().await;
    dns.set("a.test", "127.0.0.1");
    dns.set("b.test", "127.0.0.2");
    let (a, b) = (site.addr().port(), other.addr().port());
    let cookie = ("set-cookie", "session=0123456789; Path=/; Domain=test");
    let home = page(
        "示例网站",
        &[("甲", "/one")],
        &format!(
            "<a href=\"/out\">外</a><a href=\"/barred\">禁</a><a href=\"/inward\">内</a><a href=\"/loop1\">环</a>\
             <a href=\"http://user:word@a.test:{a}/in.html\">带口令</a><a href=\"http://user:word@b.test:{b}/own.html\">带口令</a>"
        ),
    );
    site.on("/", Script::reply(200, &[("content-type", "text/html"), cookie], home.as_bytes()));
    let hop = |to: &str| Script::reply(302, &[("location", to), cookie], b"");
    site.on("/one", hop("/two"));
    site.on("/two", hop("/three.html"));
    site.on("/three.html", Script::html(article("三", day(1), "内容")));
    site.on("/in.html", Script::html(article("内", day(1), "内容")));
    site.on("/out", hop(&format!("http://b.test:{b}/landing.html")));
    site.on("/barred", hop(&format!("http://b.test:{b}/private/x.html")));
    site.on("/inward", hop(&secret.url("/x")));
    site.on("/loop1", hop("/loop2"));
    site.on("/loop2", hop("/loop1"));
    other.on(
        "/robots.txt",
        Script::reply(200, &[("content-type", "text/plain")], b"User-agent: *\nDisallow: /private/\n"),
    );
    other.otherwise(|seen| Script::html(article(&seen.path, day(1), "内容")));
    let office = Plan::new()
        .dns(dns.addr())
        .private(r#"["127.0.0.1/32", "127.0.0.2/32"]"#)
        .site(&format!("http://a.test:{a}/"))
        .set_up();
    office.run_well(&["patrol"]).await;

    let asked = [site.log(), other.log()].concat();
    let paths: Vec<&str> = asked.iter().map(|seen| seen.path.as_str()).collect();
    for path in ["/two", "/three.html", "/out", "/landing.html", "/barred", "/inward", "/in.html"] {
        assert!(paths.contains(&path), "{path} not in {paths:?}");
    }
    assert!(!paths.contains(&"/private/x.html"), "robots.txt of the second host holds for redirects");
    assert_eq!(secret.connections(), 0);
    assert!(paths.iter().filter(|path| path.starts_with("/loop")).count() <= 4, "{paths:?}");
    for seen in &asked {
        for header in ["cookie", "authorization", "referer", "proxy-authorization", "origin"] {
            assert_eq!(seen.header(header), None, "{header} was sent to {}{}", seen.host, seen.path);
        }
        assert!(
            seen.header("user-agent")
                .is_some_and(|ua| ua.starts_with("xuncha/") && ua.contains("zwgk@shili.example"))
        );
    }
    let judged = office.judged().await;
    let gaps = gaps(&judged);
    assert!(gaps.iter().any(|(subject, why)| subject.ends_with("/barred") && why == "robots"), "{gaps:?}");
    assert!(gaps.iter().any(|(subject, why)| subject.ends_with("/inward") && why == "egress"), "{gaps:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unchanged_site_is_not_sent_again() {
    let site = Server::start().await;
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let padding = format!("<style>{}</style>", ".list li { line-height: 2em }".repeat(800));
    let recent: Vec<_> =
        (1..9).map(|n| (format!("第{n}号工作动态信息"), format!("/gg/{n}.html"), day(n))).collect();
    let old: Vec<_> =
        (1..9).map(|n| (format!("第{n}号工作动态信息"), format!("/dt/{n}.html"), day(50 + n))).collect();
    site.otherwise(move |seen| {
        let html = match seen.path.as_str() {
            "/" => page(
                "示例网站",
                &[("动态", "/dt/"), ("公告", "/gg/")],
                &format!("{}{padding}<a href=\"/gone.html\">失效</a>", rows(&recent)),
            ),
            "/dt/" => page("动态", &[], &format!("{}{padding}", rows(&old))),
            "/gg/" => page("公告", &[], &format!("{}{padding}", rows(&recent))),
            path if path.starts_with("/dt/") || path.starts_with("/gg/") => {
                article(path, day(50), &format!("{padding}<a href=\"/files/x.doc\">附件</a>"))
            }
            _ => return Script::status(404),
        };
        let tag = format!("\"{}\"", html.len());
        if seen.header("if-none-match") == Some(tag.as_str()) {
            return Script::reply(304, &[("etag", &tag)], b"");
        }
        counted.fetch_add(html.len(), Ordering::Relaxed);
        Script::reply(200, &[("content-type", "text/html; charset=utf-8"), ("etag", &tag)], html.as_bytes())
    });
    let office = Plan::new()
        .site(&site.url("/"))
        .column("动态", &site.url("/dt/"), "动态要闻")
        .column("公告", &site.url("/gg/"), "通知公告")
        .set_up();
    office.run_well(&["patrol"]).await;
    let first = (office.judged().await, sent.swap(0, Ordering::Relaxed), site.log().len());
    for rule in ["stale-news-column", "broken-link"] {
        of_home(&first.0, rule);
    }
    office.run_well(&["patrol"]).await;
    let second = (office.judged().await, sent.load(Ordering::Relaxed));
    assert!(second.1 * 20 <= first.1, "{} bytes of bodies after {}", second.1, first.1);
    let again = site.log().split_off(first.2);
    let pages = again.iter().filter(|seen| !seen.path.contains('.') || seen.path.contains(".html"));
    for seen in pages.filter(|seen| seen.path != "/gone.html" && !kit::is_made_up(&seen.path)) {
        assert!(seen.header("if-none-match").is_some(), "{} was asked without its tag", seen.path);
    }
    assert_eq!(accused(&findings(&first.0)), accused(&findings(&second.0)));
    assert_eq!(without_looks(&first.0), without_looks(&second.0));

    // Nor a third time, when what was stored was itself taken from the run before.
    sent.store(0, Ordering::Relaxed);
    office.run_well(&["patrol"]).await;
    assert!(sent.load(Ordering::Relaxed) * 20 <= first.1);
    assert_eq!(without_looks(&first.0), without_looks(&office.judged().await));

    // What another version of the program read is sent again: this one may read it better.
    let facts = rusqlite::Connection::open(office.state("facts.db")).expect("facts.db");
    facts.execute("UPDATE run SET version = '0.0.1'", []).expect("older");
    drop(facts);
    sent.store(0, Ordering::Relaxed);
    office.run_well(&["patrol"]).await;
    assert!(sent.load(Ordering::Relaxed) * 20 > first.1 * 19);
    assert_eq!(without_looks(&first.0), without_looks(&office.judged().await));
}

/// What is accused of a site whose home page leads on to `/sy.html`, which `answers` so, and the reasons of its gaps.
async fn led_on(home: &str, answers: Script) -> (Vec<String>, Vec<String>) {
    let site = Server::start().await;
    site.on("/", Script::html(home));
    site.on("/sy.html", answers);
    let old: Vec<_> =
        (1..6).map(|n| (format!("第{n}号道路施工通告"), format!("/gg/{n}.html"), day(40 + n))).collect();
    site.on("/gg/", Script::html(page("通知公告", &[("首页", "/sy.html")], &rows(&old))));
    for (title, path, date) in &old {
        site.on(path, Script::html(article(title, *date, title)));
    }
    let office = Plan::new().site(&site.url("/")).column("公告", &site.url("/gg/"), "通知公告").set_up();
    office.run_well(&["patrol"]).await;
    let judged = office.judged().await;
    let rules = findings(&judged).iter().filter_map(|one| one["rule"].as_str().map(str::to_owned)).collect();
    let home = site.url("/");
    let gaps = gaps(&judged).into_iter().filter(|(subject, _)| *subject == home).map(|(_, why)| why);
    (rules, gaps.collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_that_a_home_page_leads_to_at_once_is_the_home_page() {
    let listed = |ago: u64| {
        let items: Vec<_> = (1..6)
            .map(|n| (format!("市局召开第{n}次会议"), format!("https://www.example/{n}"), day(ago + n)))
            .collect();
        let nav = [("通知公告", "/gg/")];
        Script::html(page("示例市水利局", &nav, &rows(&items)))
    };
    let meta = "<html><head><meta http-equiv=refresh content='0;url=/sy.html'></head><body></body></html>";
    let script = "<html><body><script>window.location.href = '/sy.html';</script></body></html>";
    for home in [meta, script] {
        let (fresh, _) = led_on(home, listed(0)).await;
        assert!(!fresh.iter().any(|rule| rule == "stale-home"), "{home}: {fresh:?}");
        let (stale, _) = led_on(home, listed(60)).await;
        assert!(stale.iter().any(|rule| rule == "stale-home"), "{home}: {stale:?}");
        let (unread, gaps) = led_on(home, Script::status(503)).await;
        assert!(!unread.iter().any(|rule| rule == "stale-home"), "{home}: {unread:?}");
        assert!(gaps.iter().any(|why| why == "leads-on"), "{home}: {gaps:?}");
    }
}

/// What was judged, but for the looks: their status is 304 where nothing had changed.
fn without_looks(judged: &Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.remove("looks");
                map.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut judged = judged.clone();
    strip(&mut judged);
    canonical(&judged)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_does_not_answer_for_its_parent() {
    let site = Server::start().await;
    let nav = [("首页", "/"), ("交通", "/jtj/"), ("政务", "/zw/")];
    site.on("/", Script::html(page("示例网站", &nav, "<a href=\"/dead-of-parent.html\">失效</a>")));
    site.on(
        "/zw/",
        Script::html(page(
            "政务",
            &nav,
            "<a href=\"/dead-too.html\">失效</a><a href=\"/jtj/dead-linked-by-parent.html\">失效</a>",
        )),
    );
    site.on(
        "/jtj/",
        Script::html(page(
            "交通",
            &nav,
            "<a href=\"/jtj/1.html\">通知一</a><a href=\"/jtj/dead.html\">失效</a>",
        )),
    );
    site.on("/jtj/1.html", Script::html(article("一", day(1), "<a href=\"/dead-elsewhere.html\">见此</a>")));
    let alone = Plan::new().site(&site.url("/jtj/")).set_up();
    alone.run_well(&["patrol"]).await;
    let own = accused(&alone.findings().await);
    let dead = |path: &str| format!("broken-link {}", site.url(path));
    assert!(own.contains(&dead("/jtj/dead.html")), "{own:?}");
    assert!(own.contains(&dead("/dead-elsewhere.html")), "a dead link on its own page is its own: {own:?}");
    for path in ["/dead-of-parent.html", "/dead-too.html", "/jtj/dead-linked-by-parent.html"] {
        assert!(!own.contains(&dead(path)), "{path}: {own:?}");
    }
    assert!(!site.paths().contains(&"/dead-of-parent.html".to_owned()), "the parent's pages are not read");

    // Both registered: each is told what its own pages carry.
    let both = Plan::new().site(&site.url("/")).site(&site.url("/jtj/")).set_up();
    both.run_well(&["patrol"]).await;
    let judged = both.judged().await;
    let of_site = |n: usize| accused(&findings(&Value::Array(vec![judged[n].clone()])));
    let (parent, channel) = (of_site(0), of_site(1));
    for path in ["/dead-of-parent.html", "/dead-too.html", "/jtj/dead-linked-by-parent.html"] {
        assert!(parent.contains(&dead(path)), "{path} not in {parent:?}");
        assert!(!channel.contains(&dead(path)), "{path} in {channel:?}");
    }
    for path in ["/jtj/dead.html", "/dead-elsewhere.html"] {
        assert!(channel.contains(&dead(path)), "{path} not in {channel:?}");
        assert!(!parent.contains(&dead(path)), "{path} in {parent:?}");
    }
}

fn not_reached(judged: &Value) -> Option<String> {
    gaps(judged).into_iter().find(|(_, why)| why == "not-reached").map(|(subject, _)| subject)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_that_ends_is_told() {
    let site = Server::start().await;
    site.otherwise(|seen| match seen.path.as_str() {
        "/robots.txt" => Script::status(404),
        "/" => {
            let links =
                (0..30).map(|n| format!("<a href=\"/{n}.html\">第{n}条</a>")).collect::<Vec<_>>().concat();
            Script::html(page("示例网站", &[], &links))
        }
        path => Script::html(article(path, day(1), "内容")),
    });
    let office = Plan::new().site(&site.url("/")).crawl("max-pages = 12").set_up();
    office.run_well(&["patrol"]).await;
    assert_eq!(
        site.paths().iter().filter(|path| *path != "/robots.txt" && !kit::is_made_up(path)).count(),
        12
    );
    assert_eq!(not_reached(&office.judged().await).as_deref(), Some("19 pages"));

    let whole = Plan::new().site(&site.url("/")).crawl("max-pages = 0").set_up();
    whole.run_well(&["patrol"]).await;
    assert_eq!(not_reached(&whole.judged().await), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traps_are_bounded_and_named_and_the_rest_is_read() {
    let site = Server::start().await;
    let columns = ["/gg/", "/zc/", "/zz/"];
    site.otherwise(move |seen| {
        let path = seen.path.as_str();
        let more = if let Some(day) = path.strip_prefix("/cal?day=").and_then(|n| n.parse::<u64>().ok()) {
            format!("<a href=\"/cal?day={}\">后一天</a><a href=\"/cal?day={}\">下月</a>", day + 1, day + 30)
        } else if path.starts_with("/deep/") {
            "<a href=\"deep/\">更深</a><a href=\"deep/x.html\">文</a>".to_owned()
        } else if path == "/" {
            "<a href=\"/cal?day=1\">日历</a><a href=\"/deep/\">目录</a>".to_owned()
        } else if columns.contains(&path) {
            let items: Vec<_> =
                (1..6).map(|n| (format!("第{n}号通知信息"), format!("{path}{n}.html"), day(n))).collect();
            rows(&items)
        } else if path.contains(".html") {
            return Script::html(article(path, day(1), "内容"));
        } else {
            return Script::status(404);
        };
        Script::html(page("示例网站", &[("公告", "/gg/"), ("政策", "/zc/"), ("组织", "/zz/")], &more))
    });
    let office: Office =
        Plan::new().site(&site.url("/")).crawl("max-per-pattern = 12\nmax-depth = 100").set_up();
    office.run_well(&["patrol"]).await;
    let asked = site.paths();
    let calendar = asked.iter().filter(|path| path.starts_with("/cal")).count();
    assert_eq!(calendar, 12, "{asked:?}");
    let deep = asked.iter().filter(|path| path.starts_with("/deep")).count();
    assert!(deep <= 30, "{deep} of a path that grows");
    for column in columns {
        for n in 1..6 {
            let path = format!("{column}{n}.html");
            assert!(asked.contains(&path), "{path} was not read");
        }
    }
    let judged = office.judged().await;
    let traps: Vec<String> =
        gaps(&judged).into_iter().filter(|(_, why)| why == "trap").map(|(subject, _)| subject).collect();
    assert!(traps.iter().any(|trap| trap.ends_with("/cal?day")), "{traps:?}");
    assert!(traps.iter().any(|trap| trap.contains("/deep/deep/")), "{traps:?}");
    assert!(not_reached(&judged).is_some());
}
