//! The demo portal: its list of defects is complete, its server and name server behave as they say.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use chrono::NaiveDate;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RecordType;
use scraper::{Html, Selector};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;
use xuncha::demo::dns::{NameServer, Zone};
use xuncha::demo::server::Server;
use xuncha::demo::truth::Truth;
use xuncha::demo::web::{Manner, Web};
use xuncha::demo::{self, CITY, COUNTY, ECOLOGY, Running, SILENT, TRANSPORT};

const PORT: u16 = 8080;

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date")
}

/// What a reader who follows every link of the served sites comes upon: target → page that carries it.
struct Walk {
    pages: BTreeSet<String>,
    targets: BTreeMap<String, String>,
}

impl Walk {
    fn through(web: &Web) -> Self {
        let mut walk = Self { pages: BTreeSet::new(), targets: BTreeMap::new() };
        let mut queue: VecDeque<Url> = [CITY, COUNTY, TRANSPORT, ECOLOGY]
            .iter()
            .map(|host| Url::parse(&format!("http://{host}:{PORT}/")).expect("a URL"))
            .collect();
        while let Some(url) = queue.pop_front() {
            let host = url.host_str().unwrap_or_default().to_owned();
            let inside = [CITY, COUNTY, TRANSPORT, ECOLOGY].contains(&host.as_str());
            let Some(resource) = web.find(&host, path_of(&url)) else { continue };
            let html = resource.content_type.starts_with("text/html");
            if !inside || !html || resource.status != 200 || !walk.pages.insert(url.to_string()) {
                continue;
            }
            for target in links(&url, &resource.body) {
                if walk.targets.insert(target.to_string(), url.to_string()).is_none() {
                    queue.push_back(target);
                }
            }
        }
        walk
    }
}

fn path_of(url: &Url) -> &str {
    &url[url::Position::BeforePath..url::Position::AfterQuery]
}

fn in_gbk(query: &str) -> Cow<'_, [u8]> {
    encoding_rs::GBK.encode(query).0
}

fn in_utf8(query: &str) -> Cow<'_, [u8]> {
    Cow::Borrowed(query.as_bytes())
}

/// Links of a page as a browser resolves them, those included that its own scripts write.
fn links(base: &Url, body: &[u8]) -> Vec<Url> {
    let gbk = memchr::memmem::find(body, b"charset=gb2312").is_some();
    let encoding = if gbk { encoding_rs::GBK } else { encoding_rs::UTF_8 };
    let (text, _, faulty) = encoding.decode(body);
    assert!(!faulty, "{base} is not in its own encoding");
    let encode: fn(&str) -> Cow<'_, [u8]> = if gbk { in_gbk } else { in_utf8 };
    let join = |href: &str| {
        let url = Url::options().base_url(Some(base)).encoding_override(Some(&encode)).parse(href).ok()?;
        let mut url = url.scheme().starts_with("http").then_some(url)?;
        url.set_fragment(None);
        Some(url)
    };
    let document = Html::parse_document(&text);
    let mut found: Vec<Url> = Vec::new();
    for (selector, attribute) in [
        ("a[href]", "href"),
        ("link[href]", "href"),
        ("img[src]", "src"),
        ("script[src]", "src"),
        ("iframe[src]", "src"),
    ] {
        let selector = Selector::parse(selector).expect("a selector");
        found.extend(document.select(&selector).filter_map(|e| join(e.attr(attribute)?)));
    }
    let island = Selector::parse("script[type='text/xml']").expect("a selector");
    for script in document.select(&island) {
        let rows = script.text().collect::<String>().replace("<![CDATA[", "").replace("]]>", "");
        let anchors = Selector::parse("a[href]").expect("a selector");
        found.extend(Html::parse_fragment(&rows).select(&anchors).filter_map(|e| join(e.attr("href")?)));
    }
    let meta = Selector::parse("meta[http-equiv='refresh']").expect("a selector");
    found.extend(document.select(&meta).filter_map(|e| join(e.attr("content")?.split_once("url=")?.1)));
    let pages = regex::Regex::new(r#"createPageHTML\((\d+), \d+, "index", "html"\)"#).expect("an expression");
    for found_pages in pages.captures_iter(&text) {
        let count: u32 = found_pages[1].parse().expect("a number");
        found.extend((1..count).filter_map(|n| join(&format!("index_{n}.html"))));
    }
    found
}

/// Whether a patient reader finds what a link promises: `Err` says why not.
fn follow(web: &Web, target: &Url) -> Result<(), String> {
    let mut url = target.clone();
    let mut moved = false;
    for _ in 0..10 {
        let host = url.host_str().unwrap_or_default();
        let served = web.hosts.get(host).ok_or("no such name")?;
        if served.machine == SILENT || url.port_or_known_default() != Some(PORT) {
            return Err("refused".to_owned());
        }
        let resource = served.find(path_of(&url)).ok_or("404")?;
        match (resource.status, resource.headers.iter().find(|(name, _)| *name == "location")) {
            (300..400, Some((_, to))) => {
                url = url.join(to).map_err(|e| e.to_string())?;
                moved = true;
            }
            (200, _) if moved && url.path() == "/" => return Err("leads home".to_owned()),
            (200, _) if String::from_utf8_lossy(&resource.body).contains("您访问的页面不存在或已被删除") =>
            {
                return Err("says it is not there".to_owned());
            }
            (200, _) => return Ok(()),
            (status, _) => return Err(status.to_string()),
        }
    }
    Err("loop".to_owned())
}

#[test]
fn every_dead_link_is_planted_and_every_planted_one_is_linked() {
    let web = demo::web(day(), PORT);
    let truth = Truth::on(PORT);
    let walk = Walk::through(&web);
    let planted: BTreeMap<&str, &str> = truth
        .planted
        .iter()
        .filter(|p| {
            let impossible = p.rule == "impossible-link" && p.url.starts_with("http");
            matches!(p.rule, "broken-link" | "soft-404" | "faulty-attachment") || impossible
        })
        .map(|p| (p.url.as_str(), p.what))
        .collect();
    let healthy: BTreeSet<&str> = truth.look_alikes.iter().map(|h| h.url.as_str()).collect();
    let mut dead = BTreeSet::new();
    for (target, page) in &walk.targets {
        let url = Url::parse(target).expect("a resolved URL");
        if let Err(why) = follow(&web, &url) {
            let known = planted.contains_key(target.as_str()) || healthy.contains(target.as_str());
            assert!(known, "{target} on {page}: {why}");
            dead.insert(target.as_str());
        }
    }
    for (url, what) in &planted {
        assert!(dead.contains(url), "{what}: {url} is not linked or not dead");
    }
    assert!(!walk.targets.keys().any(|target| target.contains("/trap/")), "a trap is a real link");
}

#[test]
fn columns_and_look_alikes_are_there() {
    let web = demo::web(day(), PORT);
    let truth = Truth::on(PORT);
    let walk = Walk::through(&web);
    for planted in truth.planted.iter().filter(|p| p.rule.ends_with("-column")) {
        assert!(walk.pages.contains(&planted.url), "{} is not reached: {}", planted.what, planted.url);
    }
    for healthy in &truth.look_alikes {
        let home = Url::parse(&healthy.url).expect("a URL").path() == "/";
        let reached = walk.targets.contains_key(&healthy.url) || walk.pages.contains(&healthy.url) || home;
        assert!(
            reached || healthy.url.contains("/trap/") || healthy.url.contains(xuncha::demo::MEDIA),
            "{} is not reached: {}",
            healthy.what,
            healthy.url
        );
    }
    let portals = walk.pages.iter().filter(|p| p.contains(CITY) || p.contains(COUNTY)).count();
    assert!(portals >= 60, "{portals} pages on the portals");
    let planted: BTreeSet<(&str, &str)> = truth.planted.iter().map(|p| (p.rule, p.url.as_str())).collect();
    assert_eq!(planted.len(), truth.planted.len(), "a defect stands twice in the list");
}

#[test]
fn ages_follow_the_day_of_the_patrol() {
    for as_of in [day(), NaiveDate::from_ymd_opt(2028, 3, 1).expect("a date")] {
        let web = demo::web(as_of, PORT);
        let text = |host: &str, path: &str| {
            let body = web.find(host, path).expect("a page").body.clone();
            encoding_rs::UTF_8.decode(&body).0.into_owned()
        };
        let ago = |days: u64| as_of.checked_sub_days(chrono::Days::new(days)).expect("a date").to_string();
        assert!(text(CITY, "/zwyw/").contains(&ago(1)));
        assert!(text(CITY, "/qxdt/").contains(&ago(23)));
        assert!(text(COUNTY, "/col/col106/index.html").contains(&ago(230)));
        assert!(!text(CITY, "/qxdt/").contains(&ago(1)));
    }
}

#[test]
fn the_transport_bureau_is_gbk_and_says_gb2312() {
    let web = demo::web(day(), PORT);
    let page = web.find(TRANSPORT, "/").expect("a home page");
    assert_eq!(page.content_type, "text/html");
    assert!(std::str::from_utf8(&page.body).is_err());
    let (text, _, faulty) = encoding_rs::GBK.decode(&page.body);
    assert!(!faulty && text.contains("charset=gb2312") && text.contains("示例市交通运输局"));
}

async fn served() -> Server {
    Running::start(day(), 0).await.expect("ports of loopback").server
}

struct Raw {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Raw {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.split_once(": ").filter(|(n, _)| *n == name)).map(|(_, v)| v)
    }
}

async fn ask(server: &Server, machine: [u8; 4], method: &str, host: &str, path: &str, more: &str) -> Raw {
    let to = SocketAddr::from((machine, server.port));
    let mut stream = TcpStream::connect(to).await.expect("the server listens");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n{more}\r\n",
        server.port
    );
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("an answer");
    let end = memchr::memmem::find(&bytes, b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    Raw { status, head, body: bytes[end + 4..].to_vec() }
}

const M1: [u8; 4] = [127, 0, 0, 1];

#[tokio::test]
async fn the_server_answers_by_host_path_and_condition() {
    let server = served().await;
    let home = ask(&server, M1, "GET", CITY, "/", "").await;
    assert_eq!(home.status, 200);
    assert!(String::from_utf8_lossy(&home.body).contains("示例市人民政府"));
    let county = ask(&server, [127, 0, 0, 2], "GET", COUNTY, "/", "").await;
    assert!(String::from_utf8_lossy(&county.body).contains("示例县人民政府"));

    let tag = home.header("etag").expect("an ETag");
    let modified = home.header("last-modified").expect("a date");
    for condition in [format!("If-None-Match: {tag}\r\n"), format!("If-Modified-Since: {modified}\r\n")] {
        let again = ask(&server, M1, "GET", CITY, "/", &condition).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{condition}");
    }
    let other = "If-None-Match: \"0\"\r\n";
    assert_eq!(ask(&server, M1, "GET", CITY, "/", other).await.status, 200);

    let part = ask(&server, M1, "GET", CITY, "/attach/gnzd.xls", "Range: bytes=0-1023\r\n").await;
    assert_eq!((part.status, part.body.len()), (206, 1024));
    assert_eq!(part.header("content-range"), Some("bytes 0-1023/24576"));
    assert_eq!(
        ask(&server, M1, "GET", CITY, "/attach/gnzd.xls", "Range: bytes=99999-\r\n").await.status,
        416
    );

    let packed = ask(&server, M1, "GET", CITY, "/", "Accept-Encoding: gzip\r\n").await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.starts_with(&[0x1f, 0x8b]) && packed.body.len() < home.body.len());

    assert_eq!(ask(&server, M1, "GET", CITY, "/no/such/page.html", "").await.status, 404);
    assert_eq!(ask(&server, M1, "GET", "unknown.example", "/", "").await.status, 404);
    let loops = ask(&server, M1, "GET", CITY, "/zt/lh/", "").await;
    assert_eq!((loops.status, loops.header("location")), (302, Some("/zt/lh/index.html")));
    assert_eq!(ask(&server, M1, "HEAD", CITY, "/bsfw/gjj.html", "").await.status, 405);
    assert_eq!(ask(&server, M1, "GET", CITY, "/bsfw/gjj.html", "").await.status, 200);
    assert_eq!(ask(&server, M1, "HEAD", CITY, "/bsfw/sbcx.html", "").await.status, 200);

    let log = server.log();
    assert_eq!(log.len(), 14);
    assert!(log.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert_eq!((log[1].machine, log[1].host.as_str()), (IpAddr::from([127, 0, 0, 2]), COUNTY));
}

#[tokio::test]
async fn what_fails_once_heals_on_the_second_look() {
    let server = served().await;
    for (path, first) in
        [("/bsfw/yy.html", 404), ("/bsfw/tj.html", 503), ("/bsfw/zn.html", 429), ("/bsfw/wtjd.html", 404)]
    {
        let web = server.web();
        let resource = web.find(CITY, path).expect("a page");
        assert!(matches!(resource.manner, Manner::FirstOther(_)), "{path}");
        let seen = ask(&server, M1, "GET", CITY, path, "").await;
        assert_eq!(seen.status, first, "{path}");
        assert_eq!(seen.header("retry-after").is_some(), first == 429);
        for _ in 0..2 {
            assert_eq!(ask(&server, M1, "GET", CITY, path, "").await.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn the_silent_machine_refuses() {
    let server = served().await;
    let refused = TcpStream::connect(SocketAddr::from((SILENT, server.port))).await;
    assert_eq!(refused.map(drop).map_err(|e| e.kind()), Err(std::io::ErrorKind::ConnectionRefused));
}

fn resolver(addr: SocketAddr, connection: fn() -> ConnectionConfig) -> TokioResolver {
    let mut connection = connection();
    connection.port = addr.port();
    let server = NameServerConfig::new(addr.ip(), true, vec![connection]);
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build().expect("a resolver")
}

#[tokio::test]
async fn the_name_server_knows_its_names_and_no_others() {
    let web = demo::web(day(), PORT);
    let server = NameServer::start(Zone::of(&web, true)).await.expect("a port of loopback");
    for transport in [ConnectionConfig::udp, ConnectionConfig::tcp] {
        let resolver = resolver(server.addr, transport);
        let data = |name: &'static str, kind| {
            let resolver = resolver.clone();
            async move {
                let lookup = resolver.lookup(name, kind).await?;
                Ok::<_, hickory_resolver::net::NetError>(
                    lookup.answers().iter().map(|r| r.data.to_string()).collect::<Vec<_>>(),
                )
            }
        };
        let city = data("www.shili-city.example.", RecordType::A).await.expect("an address");
        assert_eq!(city, [Ipv4Addr::LOCALHOST.to_string()]);
        assert_eq!(data("www.shili-city.example.", RecordType::AAAA).await.expect("an address"), ["::1"]);
        let none = data("www.shili-county.example.", RecordType::AAAA).await.expect_err("no AAAA");
        assert!(none.is_no_records_found() && !none.is_nx_domain(), "{none}");
        let gone = data("www.shili-gone.example.", RecordType::A).await.expect_err("no such name");
        assert!(gone.is_nx_domain(), "{gone}");
        assert!(data("www.example.com.", RecordType::A).await.expect_err("no such name").is_nx_domain());
    }
}

#[tokio::test]
async fn without_ipv6_no_name_has_an_aaaa() {
    let web = demo::web(day(), PORT);
    let server = NameServer::start(Zone::of(&web, false)).await.expect("a port of loopback");
    let resolver = resolver(server.addr, ConnectionConfig::udp);
    let none = resolver.lookup("www.shili-city.example.", RecordType::AAAA).await.expect_err("no AAAA");
    assert!(none.is_no_records_found() && !none.is_nx_domain());
}
