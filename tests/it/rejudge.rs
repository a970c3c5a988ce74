//! Stored folds: what they say is what the pages say, other rules are compared over them, a score sheet is counted from them,
//! and a thousand sites are judged again in bounded time and memory.

use std::fmt::Write as _;
use std::time::Instant;

use calamine::Reader as _;
use chrono::{Datelike as _, TimeDelta};
use xuncha::calendar::{Instant8, from_millis};
use xuncha::config::valid::Config;
use xuncha::facts::answer::Answer;
use xuncha::facts::class::ColumnClass;
use xuncha::facts::page::{LinkKind, PageKind, PageState};
use xuncha::facts::site::{Column, Home, Link, Site, SiteFacts, Visit};
use xuncha::facts::survey::Survey;
use xuncha::finding::{Cause, Look};
use xuncha::judge::LookFacts;
use xuncha::judge::compare::compare;
use xuncha::patrol::{self, Order};
use xuncha::registry::{Registry, SiteKind, SiteStatus};
use xuncha::rules::{RuleFiles, RuleSet};
use xuncha::store::facts::{FactsDb, RunRecord};

use crate::kit::office::told;
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Office, Plan, Script, Server};

/// An office that has patrolled a portal whose news is 20 days old.
async fn patrolled() -> (Office, String) {
    let site = Server::start().await;
    let items: Vec<_> =
        (1..9).map(|n| (format!("第{n}号工作信息"), format!("/dt/{n}.html"), day(20 + n))).collect();
    let news = rows(&items);
    site.otherwise(move |seen| match seen.path.as_str() {
        "/" => Script::html(page("示例网站", &[("动态", "/dt/")], "<a href=\"/gone.html\">失效</a>")),
        "/dt/" => Script::html(page("动态", &[], &news)),
        path if path.starts_with("/dt/") => Script::html(article(path, day(20), "内容")),
        _ => Script::status(404),
    });
    let url = site.url("/");
    let plan = Plan::new().site(&url).column("动态", &format!("{url}dt/"), "动态要闻");
    let named = "[office]\nsignature = \"示例市人民政府办公室政务公开科\"\narea = \"示例市\"\ncontact = \"李某某\"\n\
                 phone = \"0000-0000000\"\nreply-to = \"a@shili.example\"\n";
    let office = plan.sections(named).set_up();
    office.run_well(&["patrol"]).await;
    (office, url)
}

fn folds(office: &Office) -> i64 {
    let path = office.state(FactsDb::FILE);
    let conn = rusqlite::Connection::open(path).expect("facts.db");
    conn.query_row("SELECT count(*) FROM fold", [], |row| row.get(0)).expect("a count")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn folds_say_what_the_pages_say() {
    let (office, _) = patrolled().await;
    let by_fold = office.run_well(&["judge", "--json", "-"]).await;
    assert!(folds(&office) > 0, "the judgement stored what it read");
    let path = office.state(FactsDb::FILE);
    rusqlite::Connection::open(&path).expect("facts.db").execute("DELETE FROM fold", []).expect("forgotten");
    let by_pages = office.run_well(&["judge", "--json", "-"]).await;
    assert!(by_fold.stdout == by_pages.stdout, "the same bytes with folds and without");
    let again = office.run_well(&["judge", "--json", "-"]).await;
    assert!(again.stdout == by_pages.stdout && folds(&office) > 0);
    // A register with another column is another fold.
    let columns = office.dir().join("columns.csv");
    let text = std::fs::read_to_string(&columns).expect("columns.csv");
    std::fs::write(&columns, text.replace("动态要闻", "通知公告")).expect("writes");
    let changed = office.run_well(&["judge", "--json", "-"]).await;
    assert!(changed.stdout != by_pages.stdout, "a column of another class is judged by another rule");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_rules_are_compared_without_recording() {
    let (office, url) = patrolled().await;
    let pack = office.dir().join("rules/city");
    std::fs::create_dir_all(&pack).expect("a folder");
    let head = "id = \"city\"\ntitle = \"示例市\"\nextends = \"national-2019\"\neffective = 2026-01-01\nbasis = \"2019-19/veto-3\"\n";
    std::fs::write(pack.join("pack.toml"), head).expect("writes");
    let row =
        "[[override]]\nid = \"stale-news-column\"\nchanges = \"按30天\"\nparams = { max-age-days = 30 }\n";
    std::fs::write(pack.join("columns.toml"), row).expect("writes");
    let config = office.dir().join("xuncha.toml");
    let text = std::fs::read_to_string(&config).expect("a file");
    std::fs::write(&config, format!("{text}\n[rules]\ndir = \"rules\"\n")).expect("writes");
    let lenient = told(&office.run_well(&["judge", "--rules", "city"]).await);
    for part in
        ["max-age-days：14 → 30", "规则`stale-news-column` 栏目超期未更新：新增0，不再1", "没有记入台账"]
    {
        assert!(lenient.contains(part), "{part} in\n{lenient}");
    }
    assert!(
        lenient.contains(&format!("不再 示例网站｜动态｜{url}dt/")) || lenient.contains("不再"),
        "{lenient}"
    );
    let same = told(&office.run_well(&["judge", "--rules", "national-2019"]).await);
    assert!(same.contains("没有差别") && same.contains("问题没有增减"), "{same}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_declared_is_told_and_not_counted() {
    let (office, _) = patrolled().await;
    let before = office.findings().await.len();
    assert!(before >= 2, "a column and a link at least");
    let declare = |from: i64, until: i64| {
        let day = |days: i64| xuncha::patrol::now().date_naive() + TimeDelta::days(days);
        let rows = format!(
            "规则,对象,理由,有效期自,有效期至\n全部,9901000100,机房搬迁，已报备,{},{}\n",
            day(from),
            day(until)
        );
        std::fs::write(office.dir().join("exemptions.csv"), rows).expect("writes");
    };
    for (from, until, left) in [(0, 0, 0), (-3, 0, 0), (0, 5, 0), (1, 5, before), (-9, -1, before)] {
        declare(from, until);
        assert_eq!(office.findings().await.len(), left, "{from} to {until}");
    }
    declare(0, 0);
    let judged = told(&office.run_well(&["judge", "--record"]).await);
    assert!(judged.contains(&format!("报备不计入{before}")), "{judged}");
    assert!(
        judged.contains("报备不计入：栏目超期未更新，") && judged.contains("（机房搬迁，已报备）"),
        "{judged}"
    );
    let listed = told(&office.run_well(&["list", "--candidates", "--out", "待核.xlsx"]).await);
    assert!(listed.contains("已确认待交办 0 项"), "{listed}");
    let mut book = calamine::open_workbook_auto(office.dir().join("待核.xlsx")).expect("a workbook");
    let sheet = book.worksheet_range("报备不计入").expect("the sheet");
    let row: Vec<String> = sheet.rows().nth(3).expect("a row").iter().map(ToString::to_string).collect();
    assert_eq!(row[1..4], ["全部（维护、临时下线等）", "示例网站1", "机房搬迁，已报备"], "{row:?}");
    let (year, month) = (day(0).year(), day(0).month());
    let quarter = format!("{year}Q{}", month.div_ceil(3));
    office.run_well(&["spot-check", "draw", "--quarter", &quarter, "--by", "李某某", "--out", "名单"]).await;
    office.run_well(&["spot-check", "run", "--quarter", &quarter]).await;
    office.run_well(&["report", "internal", "--quarter", &quarter, "--out", "说明"]).await;
    let label = format!("{year}年第{}季度", ["一", "二", "三", "四"][month.div_ceil(3) as usize - 1]);
    let text =
        std::fs::read_to_string(office.dir().join(format!("说明/{label}监测情况说明.txt"))).expect("a paper");
    assert!(text.contains("检查期内有效的报备1条") && text.contains("机房搬迁，已报备"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_is_filled_in_by_persons_and_counted() {
    let (office, _) = patrolled().await;
    let before = told(&office.run_well(&["score"]).await);
    assert!(before.contains("V1") && before.contains("须人工核查"), "{before}");
    office.run_well(&["score", "--sheet", "manual.xlsx"]).await;
    let path = office.dir().join("manual.xlsx");
    let mut book = calamine::open_workbook_auto(&path).expect("a workbook");
    let range = book.worksheet_range("人工核查项").expect("the sheet");
    let rows: Vec<Vec<String>> =
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    assert!(rows.iter().any(|row| row.get(3).is_some_and(|id| id == "V1-2")), "{rows:?}");

    let fill = |said: &dyn Fn(&str) -> &'static str, by: &str| {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (n, row) in (0_u32..).zip(&rows) {
            for (column, text) in (0_u16..).zip(row) {
                sheet.write_string(n, column, text).expect("a cell");
            }
            if row.get(3).is_some_and(|id| id.contains('-')) {
                let how = row.get(6).map_or("", String::as_str);
                let said = if row[3] == "V1-3" {
                    said("V1-3")
                } else if how.starts_with("数量") {
                    "0"
                } else {
                    "否"
                };
                sheet.write_string(n, 8, said).expect("a cell");
                sheet.write_string(n, 10, by).expect("a cell");
                sheet.write_string(n, 11, day(0).to_string().get(..10).unwrap_or_default()).expect("a cell");
            }
        }
        book.save(&path).expect("saved");
    };
    fill(&|_| "否", "");
    let nameless = office.run(&["score", "--answers", "manual.xlsx"]).await;
    assert_eq!(nameless.status.code(), Some(2), "{}", told(&nameless));
    fill(&|_| "否", "李某某");
    let entered = told(&office.run_well(&["score", "--answers", "manual.xlsx"]).await);
    assert!(entered.contains("已登记核查结果"), "{entered}");
    let after = told(&office.run_well(&["score"]).await);
    assert!(after.contains("未达到。人工核查未发现"), "{after}");
    fill(&|_| "是", "李某某");
    office.run_well(&["score", "--answers", "manual.xlsx"]).await;
    let vetoed = told(&office.run_well(&["score"]).await);
    assert!(vetoed.contains("达到。人工核查认定：V1-3 是（李某某"), "{vetoed}");
    assert!(vetoed.contains("不合格：出现单项否决情形（V1"), "{vetoed}");

    // The same answers are a result of the quarter: one sheet, one place, score and bulletin alike.
    let (year, month) = (day(0).year(), day(0).month());
    let quarter = format!("{year}Q{}", month.div_ceil(3));
    let draw = ["spot-check", "draw", "--quarter", &quarter, "--by", "李某某", "--out", "名单"];
    office.run_well(&draw).await;
    let run = told(&office.run_well(&["spot-check", "run", "--quarter", &quarter]).await);
    assert!(run.contains("采用第1次巡查的结果") && run.contains("检查1个，合格0个，不合格1个"), "{run}");
    let result = told(&office.run_well(&["spot-check", "result", "--quarter", &quarter]).await);
    assert!(result.contains("不合格"), "{result}");
    let bulletin = ["report", "quarter", "--quarter", &quarter, "--out", "通报"];
    office.run_well(&bulletin).await;
    let internal = ["report", "internal", "--quarter", &quarter, "--out", "说明"];
    office.run_well(&internal).await;
    let label = format!("{year}年第{}季度", ["一", "二", "三", "四"][month.div_ceil(3) as usize - 1]);
    let text =
        std::fs::read_to_string(office.dir().join(format!("说明/{label}监测情况说明.txt"))).expect("a paper");
    assert!(text.contains("程序不作判定。应核查") && text.contains("V1-3 是（李某某"), "{text}");
}

/// How many sites and pages the measure is about.
const SITES: u32 = 1000;
const PAGES: u64 = 500;

fn at() -> Instant8 {
    from_millis(1_794_800_000_000)
}

fn look(url: &str, status: u16) -> Look {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Look {
        at: at(),
        url: url.to_owned(),
        hops: vec![],
        addr: Some("192.0.2.7:80".to_owned()),
        status: Some(status),
        error: None,
        headers: vec![
            header("content-type", "text/html; charset=utf-8"),
            header("server", "nginx"),
            header("last-modified", "Mon, 16 Nov 2026 01:00:00 GMT"),
        ],
        body_sha256: "ab".repeat(32),
    }
}

/// A site of 500 pages as its fold leaves it: 40 columns, of which some are old, and 60 link targets that are not there.
fn folded(code: &str, home: &str, n: u32) -> SiteFacts {
    let column = |c: u32| {
        let url = format!("{home}lanmu{c}/");
        let class = [ColumnClass::News, ColumnClass::Notice, ColumnClass::Policy, ColumnClass::Other];
        Column {
            name: format!("政务公开-示例栏目{c}"),
            class: class[c as usize % 4],
            level: Some(1),
            cycle_days: c.is_multiple_of(3).then_some(30),
            registered: c < 20,
            kind: PageKind::List,
            state: PageState::Normal,
            reason: String::new(),
            items: 15,
            newest: Some((at() - TimeDelta::days(i64::from((c * 7 + n) % 40))).date_naive()),
            newest_item: Some((format!("关于示例工作的第{c}号通知"), format!("{url}t{c}.html"))),
            items_elsewhere: 30,
            source: None,
            gap: None,
            page: Some(home.to_owned()),
            look: Some(look(&url, 200)),
            archived: false,
            url,
        }
    };
    let link = |l: u32| {
        let url = format!("http://www.waibu{l}.example/ziliao/{n}.html");
        Link {
            kind: if l.is_multiple_of(5) { LinkKind::Image } else { LinkKind::Page },
            external: true,
            answer: Answer::NotFound(404),
            control_ok: true,
            page: format!("{home}lanmu{}/t{l}.html", l % 40),
            text: "示例链接".to_owned(),
            column: Some((format!("示例栏目{}", l % 40), format!("{home}lanmu{}/", l % 40))),
            one_column: true,
            cause: Cause::Single,
            on_home: l < 3,
            newest_carrier: None,
            look: look(&url, 404),
            url,
        }
    };
    SiteFacts {
        site: Site {
            id: code.to_owned(),
            name: format!("示例单位{n}"),
            url: home.to_owned(),
            portal: n.is_multiple_of(50),
            visits: vec![Visit { look: look(home, 200), answer: Answer::There }],
            ipv6: None,
            tls: None,
            watch: None,
        },
        home: Home {
            url: home.to_owned(),
            newest: Some((at() - TimeDelta::days(2)).date_naive()),
            newest_item: None,
            from_columns: false,
            gap: None,
            look: Some(look(home, 200)),
        },
        columns: (0..40).map(column).collect(),
        links: (0..60).map(link).collect(),
        hidden: vec![],
        marks: None,
        tags: None,
        scripts: vec![],
        contents: None,
        wordings: vec![],
        leaks: vec![],
        accounts: None,
        strays: vec![],
        links_seen: 4000,
        pages_read: PAGES,
        requests: 5000,
        not_reached: 0,
        gaps: vec![],
    }
}

/// `VmHWM` of this process in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// A measure, run alone: `cargo test --release --test it a_thousand_sites -- --ignored --nocapture`.
#[test]
#[ignore = "a measure of a release build: run it alone"]
#[allow(clippy::print_stderr, reason = "the figures")]
fn a_thousand_sites_are_judged_again_under_a_changed_threshold() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut db = FactsDb::open(dir.path()).expect("facts.db");
    let record = RunRecord {
        id: 0,
        as_of: at(),
        ended: None,
        version: String::new(),
        config_hash: String::new(),
        registry_hash: String::new(),
        rules_hash: String::new(),
    };
    let run = db.start_run(&record, at()).expect("a run");
    let mut registry = Registry::default();
    for n in 0..SITES {
        let home = format!("http://danwei{n}.shili.gov.cn/");
        registry.sites.push(xuncha::registry::Site {
            name: format!("示例单位{n}"),
            code: format!("99{n:08}"),
            url: url::Url::parse(&home).expect("an address"),
            kind: SiteKind::Department,
            level: "市级".to_owned(),
            supervisor: None,
            host_unit: format!("示例单位{n}"),
            undertaker: None,
            operator: None,
            status: SiteStatus::Running,
            tags: vec![],
            scope: vec![],
            obey_robots: true,
        });
    }
    let stored = (0_u32..).zip(&registry.sites).map(|(n, site)| {
        let look = |look_no: u32, at: Instant8| LookFacts {
            look_no,
            at,
            facts: folded(&site.code, site.url.as_str(), n),
        };
        (vec![look(1, at()), look(2, at() + TimeDelta::hours(7))], Survey::default())
    });
    let config = Config::default();
    let old = RuleSet::shipped().expect("the shipped rules");
    let order = Order { config: &config, registry: &registry, rules: &old };
    patrol::keep_folds(order, &db, run, 2, stored).expect("kept");
    let files = RuleFiles::shipped()
        .with(
            "city/pack.toml",
            "city/pack.toml",
            "id = \"city\"\ntitle = \"x\"\nextends = \"national-2019\"\neffective = 2026-01-01\nbasis = \"2019-19/veto-3\"\n"
                .to_owned(),
        )
        .with(
            "city/rows.toml",
            "city/rows.toml",
            "[[override]]\nid = \"stale-news-column\"\nchanges = \"7天\"\nparams = { max-age-days = 7 }\nwarn = { max-age-days = 5 }\n"
                .to_owned(),
        );
    let new = RuleSet::load(&files, &["city"]).unwrap_or_else(|faults| panic!("{faults}"));
    let order = Order { config: &config, registry: &registry, rules: &old };
    let (before, began) = (peak_kib(), Instant::now());
    let (mut sites, mut changed) = (0, 0);
    patrol::each_site(order, &db, run, at(), &[&old, &new], |judged| {
        let [was, is] = judged else { return };
        sites += 1;
        changed += compare(&was.judgement, &is.judgement).rules.values().map(|c| c.new.len()).sum::<usize>();
    })
    .expect("judged");
    let took = began.elapsed();
    let mut told = String::new();
    let _ = write!(
        told,
        "{sites} sites x {PAGES} pages (2 looks), judged under two sets of rules: {took:.1?}, {changed} new; peak {} MiB ({} MiB before)",
        peak_kib() / 1024,
        before / 1024
    );
    eprintln!("{told}");
    assert_eq!(sites, SITES);
    assert!(changed > 1000, "the threshold makes a difference: {changed}");
}
