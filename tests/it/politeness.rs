//! Never faster than configured, as the server's log tells it: robots.txt, pages, pictures, redirects, retries, second
//! looks, probes and processes that are killed and started again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::kit::office::{accused, alone, gaps, until};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{self, Dns, Office, Plan, Script, Seen, Server};

const PER_HOST: u32 = 5;
const PER_GROUP: u32 = 8;

/// Most requests in any window of this length, its beginning included and its end not.
fn busiest(times: &[Instant], window: Duration) -> usize {
    let mut times = times.to_vec();
    times.sort();
    (0..times.len())
        .map(|from| times.iter().skip(from).take_while(|at| **at - times[from] < window).count())
        .max()
        .unwrap_or(0)
}

/// The windows in which more came than `rate` allows, in words.
pub(crate) fn too_fast(who: &str, times: &[Instant], rate: u32) -> Vec<String> {
    [1, 10, 60]
        .into_iter()
        .filter_map(|seconds| {
            let most = busiest(times, Duration::from_secs(seconds));
            let allowed = usize::try_from(u64::from(rate) * seconds).expect("a small number");
            (most > allowed)
                .then(|| format!("{who}: {most} requests within {seconds} s, {allowed} are allowed"))
        })
        .collect()
}

pub(crate) fn times(log: &[Seen]) -> Vec<Instant> {
    log.iter().map(|seen| seen.at).collect()
}

fn by_host(logs: &[&[Seen]]) -> BTreeMap<String, Vec<Instant>> {
    let mut hosts: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
    for seen in logs.iter().copied().flatten() {
        hosts.entry(seen.host.clone()).or_default().push(seen.at);
    }
    hosts
}

#[test]
fn the_window_checker_finds_a_planted_burst() {
    let start = Instant::now();
    let steady: Vec<Instant> = (0..600).map(|n| start + Duration::from_millis(200 * n)).collect();
    assert_eq!(too_fast("steady", &steady, PER_HOST), Vec::<String>::new());
    let mut burst = steady.clone();
    burst.push(start + Duration::from_millis(40_100));
    assert_eq!(too_fast("burst", &burst, PER_HOST).len(), 3, "one too many is seen in every window");
    let mut early = steady;
    early[300] -= Duration::from_millis(1);
    assert_eq!(too_fast("early", &early, PER_HOST).len(), 3, "a request that came a millisecond too early");
}

/// Three names on one address; the first has an IPv6 address as well, where this machine has one.
struct World {
    v4: Server,
    v6: Option<Server>,
    dns: Dns,
}

impl World {
    async fn start() -> Self {
        let v4 = Server::start().await;
        let port = v4.addr().port();
        let v6 =
            if kit::has_ipv6_loopback() { Some(Server::bind(&format!("[::1]:{port}")).await) } else { None };
        let dns = Dns::start().await;
        dns.set("a.test", if v6.is_some() { "127.0.0.1 ::1" } else { "127.0.0.1" });
        dns.set("b.test", "127.0.0.1");
        dns.set("c.test", "127.0.0.1");
        let world = Self { v4, v6, dns };
        for server in world.servers() {
            server.in_turn(
                "a.test /busy",
                vec![Script::reply(429, &[("retry-after", "2")], b""), fine("busy")],
            );
            server.in_turn(
                "a.test /down",
                vec![Script::reply(503, &[("retry-after", "1")], b""), fine("down")],
            );
            server.otherwise(move |seen| answer(seen, port));
        }
        world
    }

    fn servers(&self) -> impl Iterator<Item = &Server> {
        std::iter::once(&self.v4).chain(&self.v6)
    }

    fn requests(&self) -> usize {
        self.servers().map(|server| server.log().len()).sum()
    }

    fn office(&self, per_host: u32, per_group: u32) -> Office {
        let url = |host: &str| format!("http://{host}:{}/", self.v4.addr().port());
        Plan::new()
            .dns(self.dns.addr())
            .site(&url("a.test"))
            .site(&url("b.test"))
            .crawl(&format!(
                "rate-per-host = {per_host}\nrate-per-group = {per_group}\nconfirm-apart = \"1ms\""
            ))
            .set_up()
    }

    /// What was too fast so far, of any host and of the address that all share.
    fn too_fast(&self, per_host: u32, per_group: u32) -> Vec<String> {
        let logs: Vec<Vec<Seen>> = self.servers().map(Server::log).collect();
        let logs: Vec<&[Seen]> = logs.iter().map(Vec::as_slice).collect();
        let mut out: Vec<String> =
            by_host(&logs).iter().flat_map(|(host, times)| too_fast(host, times, per_host)).collect();
        out.extend(too_fast("127.0.0.1", &times(logs[0]), per_group));
        out
    }
}

fn fine(title: &str) -> Script {
    Script::html(article(title, day(1), "内容"))
}

fn answer(seen: &Seen, port: u16) -> Script {
    match seen.path.as_str() {
        "/robots.txt" => {
            Script::reply(200, &[("content-type", "text/plain")], b"User-agent: *\nDisallow: /secret/\n")
        }
        "/" => {
            let items: Vec<_> =
                (1..=8).map(|n| (format!("关于第{n}项工作的通知"), format!("/{n}.html"), day(n))).collect();
            let pictures = (1..=4).map(|n| format!("<img src=\"/{n}.png\">")).collect::<Vec<_>>().concat();
            let others = ["b.test", "c.test"]
                .iter()
                .flat_map(|host| {
                    (20..24).map(move |n| format!("<a href=\"http://{host}:{port}/{n}.html\">{n}</a>"))
                })
                .collect::<Vec<_>>()
                .concat();
            Script::html(page(
                "示例网站",
                &[("公告", "/"), ("业务", "/busy"), ("服务", "/down")],
                &format!(
                    "{}{pictures}{others}<a href=\"/r1\">专题</a><a href=\"/secret/1.html\">内部</a>\
                     <a href=\"/gone.html\">失效</a>",
                    rows(&items)
                ),
            ))
        }
        "/r1" => Script::redirect(302, "/r2"),
        "/r2" => Script::redirect(301, &format!("http://c.test:{port}/r3")),
        "/r3" => Script::redirect(302, "/30.html"),
        "/gone.html" => Script::status(404),
        "/busy" | "/down" => fine("业务"),
        path if path.contains(".png") => Script::reply(200, &[("content-type", "image/png")], b"\x89PNG"),
        path if path.contains(".html") => fine(path),
        _ => Script::status(404),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_window_sees_more_than_the_rate() {
    let _alone = alone().await;
    let world = World::start().await;
    let office = world.office(PER_HOST, PER_GROUP);
    office.run_well(&["patrol"]).await;
    let first = world.requests();
    for path in ["/robots.txt", "/", "/1.html", "/1.png", "/r1", "/r2", "/r3", "/30.html", "/gone.html"] {
        assert!(
            world
                .v4
                .paths()
                .iter()
                .chain(&world.v6.as_ref().map(Server::paths).unwrap_or_default())
                .any(|p| p == path),
            "{path} was not asked"
        );
    }
    let suspects = accused(&office.findings().await);
    assert!(
        suspects.iter().any(|finding| finding.starts_with("broken-link") && finding.ends_with("/gone.html")),
        "{suspects:?}"
    );
    office.run_well(&["recheck"]).await;
    assert!(world.requests() > first, "the second look asks again");

    let all: Vec<Seen> = world.servers().flat_map(Server::log).collect();
    assert!(!all.iter().any(|seen| seen.path.starts_with("/secret/")), "robots.txt forbids it");
    for (path, wait) in [("/busy", 2), ("/down", 1)] {
        let mut asked: Vec<Instant> = all
            .iter()
            .filter(|seen| seen.path == path && seen.host.starts_with("a.test"))
            .map(|seen| seen.at)
            .collect();
        asked.sort();
        assert!(asked.len() >= 2, "{path} was asked {} times", asked.len());
        assert!(asked[1] - asked[0] >= Duration::from_secs(wait), "{path} was asked again too early");
    }
    assert_eq!(world.too_fast(PER_HOST, PER_GROUP), Vec::<String>::new(), "in one patrol and its recheck");
}

/// The rate is so low that starting takes less than an interval: who did not wait at the start would be seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn started_again_and_again_it_is_no_faster() {
    let _alone = alone().await;
    let world = World::start().await;
    let office = world.office(1, 2);
    for round in 0..20_usize {
        let base = world.requests();
        let mut patrol = office.start(&["patrol", "--new-run"]);
        let moment = 1 + usize::from(round % 5 == 4);
        until("a few requests", || (world.requests() >= base + moment).then_some(())).await;
        assert!(patrol.kill(), "the patrol ended after {moment} requests");
    }
    assert!(world.requests() >= 24);
    assert_eq!(world.too_fast(1, 2), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn patience_asked_for_survives_a_kill() {
    let _alone = alone().await;
    let site = Server::start().await;
    site.on("/", Script::html(page("示例网站", &[("业务", "/busy")], "")));
    site.in_turn("/busy", vec![Script::reply(429, &[("retry-after", "5")], b""), fine("busy")]);
    let office = Plan::new().site(&site.url("/")).crawl("connections-per-host = 1").set_up();
    let mut patrol = office.start(&["patrol"]);
    let asked = until("a 429", || site.log().into_iter().find(|seen| seen.path == "/busy")).await.at;
    until("the patience to be kept", || {
        let db = Connection::open(office.state("facts.db")).ok()?;
        let kept: i64 = db.query_row("SELECT count(*) FROM patience", [], |row| row.get(0)).ok()?;
        assert!(asked.elapsed() < Duration::from_secs(5), "the patience asked for was not kept in time");
        (kept > 0).then_some(())
    })
    .await;
    assert!(patrol.kill());
    let before = site.log().len();
    office.run_well(&["patrol", "--resume"]).await;
    let log = site.log();
    let next = log.get(before).expect("a further request");
    assert!(
        next.at - asked >= Duration::from_secs(5),
        "{} was asked {:?} after Retry-After: 5",
        next.path,
        next.at - asked
    );
    assert!(log.iter().skip(before).any(|seen| seen.path == "/busy"), "it was asked again in the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crawl_delay_holds_between_all_requests() {
    let _alone = alone().await;
    let site = Server::start().await;
    site.on(
        "/robots.txt",
        Script::reply(200, &[("content-type", "text/plain")], b"User-agent: *\nCrawl-delay: 2\n"),
    );
    site.on(
        "/",
        Script::html(page("示例网站", &[("甲", "/1.html"), ("乙", "/2.html")], "<img src=\"/x.png\">")),
    );
    for path in ["/1.html", "/2.html"] {
        site.on(path, fine(path));
    }
    let office = Plan::new().site(&site.url("/")).set_up();
    office.run_well(&["patrol"]).await;
    let log = site.log();
    // Two of them are the addresses made up to tell soft 404 by.
    assert_eq!(log.len(), 7, "{:?}", site.paths());
    for pair in log.windows(2) {
        assert!(
            pair[1].at - pair[0].at >= Duration::from_secs(2),
            "{} came {:?} after {}",
            pair[1].path,
            pair[1].at - pair[0].at,
            pair[0].path
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_robots_forbids_is_never_asked() {
    let (open, broken) = (Server::start().await, Server::bind("127.0.0.2:0").await);
    let rules = b"User-agent: *\nDisallow: /private/\nDisallow: /*.pdf$\nAllow: /private/open.html\n";
    open.on("/robots.txt", Script::reply(200, &[("content-type", "text/plain")], rules));
    open.on(
        "/",
        Script::html(page(
            "示例网站",
            &[("甲", "/private/1.html"), ("乙", "/private/open.html"), ("丙", "/2.html")],
            &format!(
                "<a href=\"/x.pdf\">附件</a><a href=\"/way\">去内部</a><a href=\"{}\">外部</a>",
                broken.url("/e.html")
            ),
        )),
    );
    open.on("/way", Script::redirect(302, "/private/2.html"));
    for path in ["/private/1.html", "/private/2.html", "/private/open.html", "/2.html", "/x.pdf"] {
        open.on(path, fine(path));
    }
    broken.on("/robots.txt", Script::status(503));
    broken.otherwise(|_| fine("page"));
    let office = Plan::new().site(&open.url("/")).site(&broken.url("/")).set_up();
    office.run_well(&["patrol"]).await;

    let asked = open.paths();
    assert!(
        asked.contains(&"/private/open.html".to_owned()) && asked.contains(&"/way".to_owned()),
        "{asked:?}"
    );
    for forbidden in ["/private/1.html", "/private/2.html", "/x.pdf"] {
        assert!(!asked.contains(&forbidden.to_owned()), "{forbidden} was asked");
    }
    assert!(
        !broken.paths().is_empty() && broken.paths().iter().all(|path| path == "/robots.txt"),
        "{:?}",
        broken.paths()
    );

    let judged = office.judged().await;
    let accused = accused(&kit::office::findings(&judged));
    for innocent in ["/private/", "/x.pdf", "/way", "/e.html", &broken.url("")] {
        assert!(!accused.iter().any(|finding| finding.contains(innocent)), "{innocent} in {accused:?}");
    }
    let gaps = gaps(&judged);
    assert!(
        gaps.iter().any(|(subject, why)| subject.ends_with("/private/1.html") && why == "robots"),
        "{gaps:?}"
    );
    assert!(gaps.iter().any(|(_, why)| why == "robots-unreadable"), "{gaps:?}");
}

/// A patrol and, again and again, a probe: two processes that ask the same hosts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_probe_and_a_patrol_are_one_visitor() {
    let _alone = alone().await;
    let world = World::start().await;
    let office = world.office(PER_HOST, PER_GROUP);
    let mut patrol = office.start(&["patrol"]);
    let mut rounds = 0;
    // Not to the patrol's end: it gets no turn while somebody probes.
    while rounds < 6 && patrol.ended().is_none() {
        let output = office.run(&["probe"]).await;
        assert!(output.status.success(), "{}", crate::kit::office::told(&output));
        rounds += 1;
    }
    assert_eq!(patrol.end().await, 0, "{}", office.complaints());
    assert!(rounds >= 3, "the patrol was over after {rounds} rounds");
    let homes = world.servers().flat_map(Server::log).filter(|seen| seen.path == "/").count();
    assert!(homes > 2 * rounds, "{homes} visits in {rounds} rounds");
    assert_eq!(world.too_fast(PER_HOST, PER_GROUP), Vec::<String>::new(), "of both together");
}
