//! Spaced visits by the real binary: what a round stores, what a week of them decides, and what it never does.

use std::sync::Arc;

use calamine::Reader as _;
use chrono::TimeDelta;
use rusqlite::Connection;
use serde_json::Value;
use tokio::sync::Notify;
use xuncha::calendar::from_millis;
use xuncha::facts::visits::{Ip, Outcome, Sample};
use xuncha::store::facts::FactsDb;
use xuncha::store::samples::Taken;

use crate::kit::office::until;
use crate::kit::{Dns, Office, Plan, Script, Server};

/// Site, family, outcome and time of every stored sample, in order of site and family.
fn stored(office: &Office) -> Vec<(String, i64, Outcome, i64)> {
    let db = Connection::open(office.state("facts.db")).expect("facts.db");
    let mut statement = db
        .prepare("SELECT site, family, outcome, took_ms FROM sample ORDER BY round, site, family")
        .expect("SQL");
    let rows =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?)));
    rows.expect("rows")
        .map(|row| {
            let (site, family, outcome, took): (String, i64, String, i64) = row.expect("a row");
            (site, family, serde_json::from_str(&outcome).expect("an outcome"), took)
        })
        .collect()
}

fn failed(why: &str) -> Outcome {
    Outcome::Failed(why.to_owned())
}

/// `n` sites on one server each by its own name, and the names they have.
async fn city(n: usize) -> (Server, Dns, Plan) {
    let server = Server::start().await;
    server.otherwise(|seen| match seen.path.as_str() {
        "/" => Script::html("<title>示例网站</title><p>首页</p>"),
        _ => Script::status(404),
    });
    let dns = Dns::start().await;
    let mut plan = Plan::new().dns(dns.addr());
    for site in 0..n {
        let host = format!("s{site}.test");
        dns.set(&host, "127.0.0.1");
        plan = plan.site(&format!("http://{host}:{}/", server.addr().port()));
    }
    (server, dns, plan)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_is_quiet_when_all_is_well_and_tells_what_changed() {
    let (server, dns, plan) = city(3).await;
    let office = plan.set_up();
    let quiet = office.run_well(&["probe"]).await;
    assert_eq!((quiet.stdout, quiet.stderr), (Vec::new(), Vec::new()));
    let all = stored(&office);
    let opened: Vec<_> =
        all.iter().map(|(site, family, outcome, _)| (site.as_str(), *family, outcome)).collect();
    let expected: Vec<_> = ["9901000100", "9901000101", "9901000102"]
        .into_iter()
        .flat_map(|site| [(site, 4, &Outcome::Opened), (site, 6, &Outcome::Absent)])
        .collect();
    assert_eq!(opened, expected);

    server.in_turn("s1.test /", vec![Script::status(502), Script::html("<p>首页</p>")]);
    dns.answer("s2.test", crate::kit::Answer::Addresses(Vec::new()));
    let told = office.run_well(&["probe"]).await;
    let told = String::from_utf8(told.stdout).expect("UTF-8");
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(told.contains("示例网站2 未能打开（返回502）") && told.contains("示例网站3 "), "{told}");
    let robots = server.paths().iter().filter(|path| *path == "/robots.txt").count();
    assert_eq!(robots, 3, "once a site and day, not once a visit");

    let again = office.run_well(&["probe"]).await;
    let again = String::from_utf8(again.stdout).expect("UTF-8");
    assert!(again.contains("示例网站2 已恢复访问") && again.lines().count() == 1, "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifteen_seconds_without_an_answer_are_a_failed_visit() {
    let (server, _dns, plan) = city(2).await;
    let office = plan.set_up();
    office.run_well(&["probe"]).await;
    server.on("s1.test /", Script::silence());
    office.run_well(&["probe"]).await;
    let slow: Vec<_> =
        stored(&office).into_iter().filter(|(.., outcome, _)| *outcome == failed("timeout")).collect();
    assert_eq!(slow.len(), 1, "{slow:?}");
    assert!(slow[0].3 >= 15_000, "{slow:?}");
    assert_eq!(slow[0].0, "9901000101");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_round_keeps_what_it_has_and_is_finished_by_the_next() {
    let (server, _dns, plan) = city(2).await;
    let office = plan.set_up();
    let gate = Arc::new(Notify::new());
    server.in_turn("s1.test /", vec![Script::html("late").held(&gate), Script::html("<p>首页</p>")]);
    let mut first = office.start(&["probe"]);
    until("a sample of the first site", || {
        let there = office.state("facts.db").exists()
            && Connection::open(office.state("facts.db"))
                .and_then(|db| db.query_row("SELECT count(*) FROM sample", [], |row| row.get::<_, i64>(0)))
                .is_ok_and(|count| count == 2);
        there.then_some(())
    })
    .await;
    let beside = office.run(&["probe"]).await;
    assert_eq!(beside.status.code(), Some(75), "one probe at a time");
    assert!(first.kill(), "it was under way");
    office.run_well(&["probe"]).await;
    let sites: Vec<_> = stored(&office).into_iter().map(|(site, family, ..)| (site, family)).collect();
    assert_eq!(sites.len(), 4, "{sites:?}");
    let db = Connection::open(office.state("facts.db")).expect("facts.db");
    let rounds: (i64, i64) = db
        .query_row("SELECT count(*), count(ended) FROM probe_round", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("rounds");
    assert_eq!(rounds, (1, 1), "the same round, and now it is whole");
    let homes =
        server.log().iter().filter(|seen| seen.host.starts_with("s0.test") && seen.path == "/").count();
    assert_eq!(homes, 1, "what was visited is not visited again");
}

/// Fills the week before now with `a_day` rounds a day; `outcome` says what each site (by number) gave in each round.
fn seed(office: &Office, sites: usize, a_day: i32, outcome: impl Fn(i32, usize) -> Outcome) {
    std::fs::create_dir_all(office.dir().join("state")).expect("a folder");
    let mut db = FactsDb::open(&office.dir().join("state")).expect("facts.db");
    let now = xuncha::patrol::now();
    let apart = TimeDelta::seconds(24 * 3600) / a_day;
    // Between two rounds, so that the few moments until the patrol begins move none of them out of the week.
    let beginning = now - TimeDelta::days(8) + apart / 2;
    for n in 0..8 * a_day {
        let at = beginning + apart * n;
        let round = db.begin_round(at, at).expect("a round");
        let taken: Vec<Taken> = (0..sites)
            .map(|site| {
                let outcome = outcome(n, site);
                let reached = match &outcome {
                    Outcome::Opened => Some(true),
                    Outcome::Ours(_) | Outcome::Absent => None,
                    _ => Some(false),
                };
                let took_ms = if outcome == Outcome::Opened { 80 } else { 16_000 };
                let sample = Sample { round, at, ip: Ip::V4, addr: None, status: None, outcome, took_ms };
                Taken {
                    site: format!("99010001{site:02}"),
                    group: format!("192.0.2.{site}"),
                    reached,
                    sample,
                }
            })
            .collect();
        db.put_samples(&taken).expect("samples");
        db.end_round(round, at, beginning).expect("a whole round");
    }
}

/// Each site's `V2`, and `unreachable-site` findings as site and state.
fn verdicts(judged: &Value) -> (Vec<String>, Vec<(String, String)>) {
    let sites = judged.as_array().expect("sites");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let v2 = sites.iter().flat_map(|site| site["assessments"].as_array().expect("assessments"));
    let v2 = v2.filter(|a| a["indicator"] == "V2").map(|a| word(&a["standing"]["is"])).collect();
    let found = sites.iter().flat_map(|site| site["judgement"]["findings"].as_array().expect("findings"));
    let found = found.filter(|finding| finding["rule"] == "unreachable-site");
    (v2, found.map(|finding| (word(&finding["subject"]["site"]), word(&finding["state"]))).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_is_down_all_week_is_confirmed_by_its_samples() {
    let (server, _dns, plan) = city(3).await;
    let office = plan.set_up();
    seed(&office, 3, 24, |n, site| match site {
        1 => failed("timeout"),
        2 if n % 24 == 3 => failed("timeout"),
        _ => Outcome::Opened,
    });
    server.on("s1.test /", Script::status(503));
    office.run_well(&["patrol"]).await;
    let judged = office.judged().await;
    let (v2, found) = verdicts(&judged);
    assert_eq!(v2, ["not-met", "met", "not-met"], "{judged}");
    assert_eq!(found, [("9901000101".to_owned(), "confirmed".to_owned())]);
    let said = judged.to_string();
    assert!(said.contains("定时访问首页168次，其中168次未能打开（响应超时168次），占100.00%"), "{said}");

    // The visits behind it, for the unit.
    office.run_well(&["probe", "--annex", "fjwjl.xlsx", "--site", "示例网站2"]).await;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(office.dir().join("fjwjl.xlsx")).expect("a workbook");
    let list = book.worksheet_range("访问记录").expect("the list");
    assert_eq!(list.height() - 3, 168);
    let summary = book.worksheet_range("汇总").expect("the summary");
    let row: Vec<String> = summary.rows().nth(3).expect("a site").iter().map(ToString::to_string).collect();
    assert_eq!(row[4..12], ["168", "168", "0", "0", "0", "0", "100.00%", "达到"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_week_of_our_own_outages_accuses_nobody() {
    let (_server, _dns, plan) = city(6).await;
    let office = plan.set_up();
    // Every fifth hour nothing is reached; every seventh, only half of the city. The rest of the rounds are enough.
    seed(&office, 6, 48, |n, site| match n {
        n if n % 5 == 0 => failed("connect-timeout"),
        n if n % 7 == 0 && site % 2 == 0 => failed("timeout"),
        _ => Outcome::Opened,
    });
    office.run_well(&["patrol"]).await;
    let (v2, found) = verdicts(&office.judged().await);
    assert_eq!((v2, found), (vec!["not-met".to_owned(); 6], Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_week_without_any_network_decides_nothing() {
    let (_server, _dns, plan) = city(2).await;
    let office = plan.set_up();
    seed(&office, 2, 24, |_, _| failed("connect-timeout"));
    office.run_well(&["patrol"]).await;
    let (v2, found) = verdicts(&office.judged().await);
    assert_eq!((v2, found), (vec!["undecided".to_owned(); 2], Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn witnesses_say_whose_fault_a_silent_round_is() {
    let witness = Server::start().await;
    witness.otherwise(|_| Script::html("<title>见证网页</title><p>在</p>"));
    // Port 9 of the machine refuses: the only site is down, and so is the second office's witness.
    for (asked, outcome) in [
        (witness.url("/"), failed("refused")),
        ("http://127.0.0.8:9/".to_owned(), Outcome::Ours("own-network".to_owned())),
    ] {
        let plan = Plan::new().site("http://127.0.0.1:9/").crawl(&format!("witnesses = [\"{asked}\"]"));
        let office = plan.set_up();
        office.run_well(&["probe"]).await;
        let db = FactsDb::open(&office.dir().join("state")).expect("facts.db");
        let samples = db.samples(from_millis(0), from_millis(4_000_000_000_000)).expect("samples");
        let v4: Vec<Outcome> = samples
            .into_values()
            .flatten()
            .filter(|sample| sample.ip == Ip::V4)
            .map(|sample| sample.outcome)
            .collect();
        assert_eq!(v4, [outcome], "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_visits_every_site_once() {
    let (server, _dns, plan) = city(150).await;
    let office = plan.set_up();
    office.run_well(&["probe"]).await;
    assert_eq!(stored(&office).len(), 300);
    assert_eq!(server.paths().iter().filter(|path| *path == "/").count(), 150);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_crontab_that_init_writes_visits_more_than_twenty_times_a_day() {
    let office = Plan::new().set_up();
    office.run_well(&["init", "neu"]).await;
    let crontab = std::fs::read_to_string(office.dir().join("neu/crontab")).expect("a crontab");
    let line = crontab.lines().find(|line| line.contains(" probe ")).expect("the probe's line");
    let mut fields = line.split_whitespace();
    let minutes = fields.next().expect("minutes").split(',').count();
    assert_eq!(fields.take(4).collect::<Vec<_>>(), ["*"; 4], "{line}");
    assert!(minutes * 24 >= 24, "{line}: room for some of the twenty to be ours");
}

/// The exemptions of an office: one window for everything of its second site.
fn declare(office: &Office, from: i64, until: i64) {
    let day = |ago: i64| xuncha::patrol::now().date_naive() - TimeDelta::days(ago);
    let rows = format!(
        "rule,target,reason,from,until\nall,9901000101,机房搬迁，已报备,{},{}\n",
        day(from),
        day(until)
    );
    std::fs::write(office.dir().join("exemptions.csv"), rows).expect("writes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_is_down_in_a_declared_window_is_not_held_to_it() {
    let (_server, _dns, plan) = city(3).await;
    let office = plan.set_up();
    // Down for three whole days of the calendar, four to two days ago.
    let now = xuncha::patrol::now();
    let ago = move |n: i32| {
        let apart = TimeDelta::seconds(24 * 3600) / 48;
        let at = now - TimeDelta::days(8) + apart / 2 + apart * n;
        (now.date_naive() - at.date_naive()).num_days()
    };
    seed(&office, 3, 48, |n, site| match (site, ago(n)) {
        (1, 2..=4) => failed("refused"),
        _ => Outcome::Opened,
    });
    office.run_well(&["patrol"]).await;
    let (v2, found) = verdicts(&office.judged().await);
    assert_eq!((v2[1].as_str(), found.len()), ("met", 1), "nothing was declared");

    declare(&office, 4, 2);
    let judged = office.judged().await;
    let (v2, found) = verdicts(&judged);
    assert_eq!((v2[1].as_str(), found.len()), ("not-met", 0), "the window and nothing but the window");
    assert!(judged.to_string().contains("次在报备期内不计"), "{judged}");

    // One day less at either end, and what was seen on that day counts, though a week it is no more.
    for (from, until) in [(3, 2), (4, 3)] {
        declare(&office, from, until);
        let (v2, found) = verdicts(&office.judged().await);
        assert_eq!(v2, ["not-met", "undecided", "not-met"], "{from} to {until}");
        assert_eq!(found, [("9901000101".to_owned(), "suspected".to_owned())]);
    }
    // Windows that lie before and behind it say nothing.
    for (from, until) in [(30, 8), (-1, -9)] {
        declare(&office, from, until);
        let (v2, found) = verdicts(&office.judged().await);
        assert_eq!(v2, ["not-met", "met", "not-met"], "{from} to {until}");
        assert_eq!(found, [("9901000101".to_owned(), "confirmed".to_owned())]);
    }
    declare(&office, 4, 2);
    office.run_well(&["probe", "--annex", "fjwjl.xlsx", "--site", "示例网站2"]).await;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(office.dir().join("fjwjl.xlsx")).expect("a workbook");
    let summary = book.worksheet_range("汇总").expect("the summary");
    let row: Vec<String> = summary.rows().nth(3).expect("a site").iter().map(ToString::to_string).collect();
    assert_eq!((row[8].as_str(), row[11].as_str()), ("144", "未达到"), "{row:?}");
}
