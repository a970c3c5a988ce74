//! A patrol that is killed and resumed says what an undisturbed one says; and no two runs get in each other's way.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use rusqlite::Connection;
use serde_json::Value;
use tokio::sync::Notify;

use crate::kit::office::{accused, alone, canonical, findings, gaps, told, until};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Dns, Office, Plan, Script, Seen, Server};

/// Patrols that are killed, twice each.
const RUNS: usize = 7;

const HOSTS: [&str; 3] = ["a.test", "b.test", "c.test"];

/// Three sites on two machines: lists fresh, stale and empty, dead links of every kind, hidden links, a trap.
struct World {
    one: Server,
    two: Server,
    dns: Dns,
}

impl World {
    async fn start() -> Self {
        let (one, two) = (Server::start().await, Server::bind("127.0.0.2:0").await);
        let dns = Dns::start().await;
        dns.set("a.test", "127.0.0.1");
        dns.set("b.test", "127.0.0.1");
        dns.set("c.test", "127.0.0.2");
        let today = day(0);
        for server in [&one, &two] {
            let neighbour = format!("http://b.test:{}/zc/1.html", one.addr().port());
            server.otherwise(move |seen| answer(seen, today, &neighbour));
        }
        Self { one, two, dns }
    }

    fn home(&self, host: &str) -> String {
        let server = if host == "c.test" { &self.two } else { &self.one };
        format!("http://{host}:{}/", server.addr().port())
    }

    fn requests(&self) -> usize {
        self.one.log().len() + self.two.log().len()
    }

    fn office(&self) -> Office {
        let mut plan = Plan::new()
            .dns(self.dns.addr())
            .crawl("rate-per-host = 120\nrate-per-group = 160\nmax-per-pattern = 10");
        for host in HOSTS {
            let home = self.home(host);
            plan = plan
                .site(&home)
                .column("动态", &format!("{home}dt/"), "动态要闻")
                .column("公告", &format!("{home}gg/"), "通知公告")
                .column("公示", &format!("{home}kb/"), "通知公告")
                .column("政策", &format!("{home}zc/"), "政策文件");
        }
        plan.set_up()
    }
}

/// A page with a tag by which it is recognised in the next run.
fn html(seen: &Seen, body: &str) -> Script {
    let tag = format!("\"{}-{}\"", seen.path.len(), body.len());
    let kind = ("content-type", "text/html; charset=utf-8");
    if seen.header("if-none-match") == Some(tag.as_str()) {
        return Script::reply(304, &[("etag", &tag)], b"");
    }
    Script::reply(200, &[kind, ("etag", &tag)], body.as_bytes())
}

fn answer(seen: &Seen, today: NaiveDate, neighbour: &str) -> Script {
    let nav = [("动态", "/dt/"), ("公告", "/gg/"), ("公示", "/kb/"), ("政策", "/zc/")];
    let ago = |days: u64| today.checked_sub_days(chrono::Days::new(days)).expect("a day");
    let listed = |folder: &str, count: u64, age: u64| {
        let items: Vec<_> = (1..=count)
            .map(|n| (format!("关于{folder}工作第{n}号的通知"), format!("/{folder}/{n}.html"), ago(age + n)))
            .collect();
        rows(&items)
    };
    let parts: Vec<&str> = seen.path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        [""] => html(
            seen,
            &page(
                "示例网站",
                &nav,
                &format!(
                    "{}<img src=\"/ok.png\"><img src=\"/missing.png\"><a href=\"/gone.html\">办事指南</a>\
                 <a href=\"{neighbour}\">邻居</a><a href=\"/cal?d=0\">日历</a>",
                    listed("gg", 6, 0)
                ),
            ),
        ),
        ["dt", ""] => html(seen, &page("动态", &nav, &listed("dt", 10, 40))),
        ["gg", ""] => html(seen, &page("公告", &nav, &listed("gg", 12, 0))),
        ["zc", ""] => html(seen, &page("政策", &nav, &listed("zc", 10, 2))),
        ["kb", ""] => {
            html(seen, &page("公示", &nav, "<ul class=\"list\"></ul><p class=\"none\">暂无信息</p>"))
        }
        ["zc", "soft.html"] => html(seen, &page("提示", &nav, "<p>您访问的页面不存在或已被删除</p>")),
        ["gg", "3.html"] => {
            let farm = (1..6)
                .map(|n| format!("<a href=\"http://x{n}.test/\">彩票{n}</a>"))
                .collect::<Vec<_>>()
                .concat();
            html(seen, &article("第3号", ago(3), &format!("内容<div style=\"display:none\">{farm}</div>")))
        }
        ["ok.png"] => Script::reply(200, &[("content-type", "image/png")], &[0x89, b'P', b'N', b'G']),
        [folder @ ("dt" | "gg" | "zc"), name] => {
            let Some(n) = name.strip_suffix(".html").and_then(|n| n.parse::<u64>().ok()) else {
                return Script::status(404);
            };
            let more = match (*folder, n % 3) {
                ("zc", 0) => format!("<a href=\"/files/{n}.pdf\">附件{n}.pdf</a>"),
                ("zc", 1) => "<a href=\"/zc/soft.html\">相关解读</a>".to_owned(),
                _ => String::new(),
            };
            html(seen, &article(&format!("第{n}号"), ago(40), &format!("内容{more}")))
        }
        [calendar] if calendar.starts_with("cal?d=") => {
            let from: u64 = calendar.trim_start_matches("cal?d=").parse().unwrap_or(0);
            let days = (from + 1..from + 13)
                .map(|n| format!("<a href=\"/cal?d={n}\">{n}日</a>"))
                .collect::<Vec<_>>()
                .concat();
            html(seen, &page("日历", &nav, &days))
        }
        _ => Script::status(404),
    }
}

/// The findings and the ledger in a form in which two runs that saw the same are equal.
async fn export(office: &Office) -> (Value, Value) {
    (canonical(&office.judged().await), office.cases())
}

/// Small numbers that look random and are the same every time.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound.max(1)
    }
}

fn differences(a: &Value, b: &Value, at: &str, out: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            for key in x.keys().chain(y.keys().filter(|key| !x.contains_key(*key))) {
                differences(
                    &x.get(key).cloned().unwrap_or_default(),
                    &y.get(key).cloned().unwrap_or_default(),
                    &format!("{at}/{key}"),
                    out,
                );
            }
        }
        (Value::Array(x), Value::Array(y)) => {
            out.extend(
                x.iter().filter(|item| !y.contains(item)).map(|item| format!("{at} only before: {item}")),
            );
            out.extend(
                y.iter().filter(|item| !x.contains(item)).map(|item| format!("{at} only after: {item}")),
            );
            if x.len() != y.len() {
                out.push(format!("{at}: {} and {}", x.len(), y.len()));
            }
        }
        _ if a != b => out.push(format!("{at}: {a} and {b}")),
        _ => {}
    }
}

fn assert_same(before: &(Value, Value), after: &(Value, Value), when: &str) {
    let mut out = Vec::new();
    differences(&before.0, &after.0, "judged", &mut out);
    differences(&before.1, &after.1, "ledger", &mut out);
    let out: Vec<String> = out.into_iter().map(|line| line.chars().take(600).collect()).collect();
    assert!(before == after, "{when}:\n{}", out.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_anywhere_and_resumed_the_findings_are_the_same() {
    let _alone = alone().await;
    let world = World::start().await;
    let reference = world.office();
    reference.run_well(&["patrol"]).await;
    let total = world.requests();
    let expected = export(&reference).await;
    let judged = reference.judged().await;
    for rule in ["broken-link", "soft-404", "stale-news-column", "empty-column", "hidden-link"] {
        let found = findings(&judged).iter().filter(|finding| finding["rule"] == rule).count();
        assert!(found >= HOSTS.len(), "{rule}: {found} in {:#?}", accused(&findings(&judged)));
    }
    for (what, why) in [("/cal?d", "trap"), ("12 pages", "not-reached")] {
        let told = gaps(&judged).iter().filter(|gap| gap.0.ends_with(what) && gap.1 == why).count();
        assert!(told == HOSTS.len(), "{why}: {:?}", gaps(&judged));
    }

    let undisturbed = world.office();
    undisturbed.run_well(&["patrol"]).await;
    assert_same(&expected, &export(&undisturbed).await, "two undisturbed runs");

    let mut seeded = Seeded(20_261_122);
    let mut killed = 0;
    for run in 0..RUNS {
        let office = world.office();
        let stratum = total * 9 / 10 / RUNS;
        let first = 1 + run * stratum + seeded.below(stratum);
        let second = 4 + seeded.below((total - first).max(2) / 2);
        for (args, moment) in [(vec!["patrol"], first), (vec!["patrol", "--resume"], second)] {
            let base = world.requests();
            let mut patrol = office.start(&args);
            until("the moment", || {
                (world.requests() >= base + moment || patrol.ended().is_some()).then_some(())
            })
            .await;
            killed += usize::from(patrol.kill());
        }
        office.run_well(&["patrol", "--resume"]).await;
        assert_same(
            &expected,
            &export(&office).await,
            &format!("killed after {first} and {second} requests"),
        );
    }
    assert!(killed >= 12, "only {killed} processes were killed before they ended");

    // Between the last answer and the end: while the figures are kept, the run is judged, the ledger written.
    let office = world.office();
    let mut patrol = office.start(&["patrol"]);
    until("the crawl's end", || settled(&office.state("facts.db")).then_some(())).await;
    patrol.kill();
    for round in 0..8 {
        let mut patrol = office.start(&["patrol", "--resume"]);
        let moment = Instant::now() + Duration::from_millis(60 * round + seeded.below(60) as u64);
        until("the moment", || (Instant::now() >= moment || patrol.ended().is_some()).then_some(())).await;
        patrol.kill();
    }
    office.run_well(&["patrol", "--resume"]).await;
    assert_same(&expected, &export(&office).await, "killed after the crawl");

    // A second run, which is told that nothing has changed.
    for office in [&reference, &office] {
        office.run_well(&["patrol"]).await;
    }
    let again = export(&reference).await;
    assert_same(&again, &export(&office).await, "a second run after one that was killed");
    let office = world.office();
    office.run_well(&["patrol"]).await;
    for moment in [total / 4, total / 3] {
        let base = world.requests();
        let args = if moment == total / 4 { vec!["patrol"] } else { vec!["patrol", "--resume"] };
        let mut patrol = office.start(&args);
        let there = || (world.requests() >= base + moment || patrol.ended().is_some()).then_some(());
        until("the moment", there).await;
        assert!(patrol.kill(), "the second run ended within {moment} requests");
    }
    office.run_well(&["patrol", "--resume"]).await;
    assert_same(&again, &export(&office).await, "a second run that was killed");

    // The comparison has teeth: a lost page and a lost answer are both seen.
    for lost in [
        "DELETE FROM page WHERE url = (SELECT id FROM url WHERE href LIKE '%a.test%/dt/')",
        "UPDATE visit SET answer = NULL WHERE url = (SELECT id FROM url WHERE href LIKE '%c.test%/files/9.pdf')",
    ] {
        let db = Connection::open(undisturbed.state("facts.db")).expect("facts");
        assert_eq!(db.execute(lost, []).expect("SQL"), 1, "{lost}");
        // What was folded before would still say it.
        db.execute("DELETE FROM fold", []).expect("SQL");
        drop(db);
        let damaged = export(&undisturbed).await;
        assert_ne!(damaged.0, expected.0, "{lost}");
    }
}

/// Whether a crawl has kept its figures, which it does last.
fn settled(facts: &Path) -> bool {
    let Ok(db) = Connection::open_with_flags(facts, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return false;
    };
    db.query_row("SELECT count(*) FROM coverage", [], |row| row.get::<_, i64>(0)).is_ok_and(|rows| rows > 0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_look_that_is_killed_is_taken_again() {
    let site = Server::start().await;
    let links = |count: u32| {
        (1..=count).map(|n| format!("<a href=\"/dead{n}.html\">失效{n}</a>")).collect::<Vec<_>>()
    };
    let home = page("示例网站", &[("公告", "/kb/")], &links(5).concat());
    let empty = page("公告", &[("公告", "/kb/")], "<ul class=\"list\"></ul><p class=\"none\">暂无信息</p>");
    site.on("/", Script::html(home));
    site.on("/kb/", Script::html(empty));
    let plan = || {
        Plan::new()
            .site(&site.url("/"))
            .column("公告", &site.url("/kb/"), "通知公告")
            .crawl("connections-per-host = 1")
    };
    let reference = plan().set_up();
    reference.run_well(&["patrol"]).await;
    let before = site.log().len();
    reference.run_well(&["recheck"]).await;
    let asked = site.log().len() - before;
    let told = |office: Value| accused(&findings(&office));
    let expected = told(reference.judged().await);
    assert_eq!(expected.len(), 6, "{expected:?}");
    for moment in 1..=asked {
        let office = plan().set_up();
        office.run_well(&["patrol"]).await;
        let base = site.log().len();
        let mut recheck = office.start(&["recheck"]);
        until("the moment", || {
            (site.log().len() >= base + moment || recheck.ended().is_some()).then_some(())
        })
        .await;
        recheck.kill();
        office.run_well(&["recheck"]).await;
        assert_eq!(told(office.judged().await), expected, "killed after {moment} requests");
        let confirmed = |office: &Office| {
            let cases = office.cases();
            let states =
                cases.as_array().expect("cases").iter().map(|case| case["case"]["state"].to_string());
            states.filter(|state| state.contains("confirmed")).count()
        };
        assert_eq!(confirmed(&office), confirmed(&reference), "killed after {moment} requests");
    }

    // All is mended when the second look comes, which is killed before it is written down.
    let office = plan().set_up();
    office.run_well(&["patrol"]).await;
    site.otherwise(|seen| Script::html(article(&seen.path, day(1), "内容")));
    let items: Vec<_> =
        (1..6).map(|n| (format!("第{n}号通知信息"), format!("/gg/{n}.html"), day(n))).collect();
    site.on("/kb/", Script::html(page("公告", &[("公告", "/kb/")], &rows(&items))));
    let mut recheck = office.start(&["recheck"]);
    until("the look's end", || {
        assert!(recheck.ended().is_none(), "it ended by itself");
        looked_twice(&office.state("facts.db")).then_some(())
    })
    .await;
    assert!(recheck.kill(), "it ended by itself");
    office.run_well(&["recheck"]).await;
    let open: Vec<String> = office
        .cases()
        .as_array()
        .expect("cases")
        .iter()
        .map(|case| case["case"]["state"].to_string())
        .filter(|state| !state.contains("dropped"))
        .collect();
    assert!(open.is_empty(), "suspicions that did not hold are dropped: {open:?}");
}

/// Whether a second look has kept its figures.
fn looked_twice(facts: &Path) -> bool {
    let Ok(db) = Connection::open_with_flags(facts, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return false;
    };
    let seen = db.query_row("SELECT count(*) FROM coverage WHERE look = 2", [], |row| row.get::<_, i64>(0));
    seen.is_ok_and(|rows| rows > 0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_do_not_get_in_each_others_way() {
    let site = Server::start().await;
    let gate = Arc::new(Notify::new());
    site.on("/", Script::html(page("示例网站", &[("公告", "/gg/")], "")));
    site.on("/gg/", Script::html(page("公告", &[], "")).held(&gate));
    let office = Plan::new().site(&site.url("/")).crawl("connections-per-host = 1").set_up();

    let nothing = office.run(&["patrol", "--resume"]).await;
    assert_eq!(nothing.status.code(), Some(0), "nothing to resume: {}", told(&nothing));
    assert!(site.log().is_empty());

    let mut patrol = office.start(&["patrol"]);
    until("the page that is held", || site.paths().contains(&"/gg/".to_owned()).then_some(())).await;
    for args in [&["patrol"][..], &["patrol", "--resume"], &["judge"], &["recheck"]] {
        let second = office.run(args).await;
        assert_eq!(second.status.code(), Some(75), "{args:?} beside a patrol: {}", told(&second));
    }
    assert!(patrol.kill(), "the patrol had ended by itself");

    let before = site.log().len();
    let again = office.run(&["patrol"]).await;
    assert_eq!(again.status.code(), Some(2), "an unfinished run is not passed over: {}", told(&again));
    let early = office.run(&["recheck"]).await;
    assert_eq!(early.status.code(), Some(2), "nothing to recheck before the end: {}", told(&early));

    let file = office.dir().join("xuncha.toml");
    let configuration = std::fs::read_to_string(&file).expect("a file");
    let changed = configuration.replace("[crawl]", "[crawl]\nmax-depth = 7");
    std::fs::write(&file, changed).expect("writes");
    let refused = office.run(&["patrol", "--resume"]).await;
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(told(&refused).contains("配置"), "{}", told(&refused));
    std::fs::write(&file, &configuration).expect("writes");
    let sites = office.dir().join("sites.csv");
    let register = std::fs::read_to_string(&sites).expect("a file");
    std::fs::write(&sites, register.replace("示例网站1", "示例网站一")).expect("writes");
    let refused = office.run(&["patrol", "--resume"]).await;
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(told(&refused).contains("登记表"), "{}", told(&refused));
    std::fs::write(&sites, register).expect("writes");
    assert_eq!(site.log().len(), before, "what is refused asks nothing");

    site.on("/gg/", Script::html(page("公告", &[], "")));
    office.run_well(&["patrol", "--resume"]).await;
    let done = office.run(&["patrol", "--resume"]).await;
    assert_eq!(done.status.code(), Some(0), "nothing is left: {}", told(&done));
}
