//! Columns found beside the register, through the real binary: what a patrol saw, what is proposed, and how it changes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use url::Url;
use xuncha::calendar::{end_of_day, from_millis};
use xuncha::facts::fold::{Fold, Surroundings};
use xuncha::facts::html::read_page;
use xuncha::facts::page::PageContext;
use xuncha::facts::site::{LinkSeen, PageSeen};
use xuncha::facts::survey::Survey;
use xuncha::finding::Look;

use crate::kit::office::{today, told};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Office, Plan, Script, Server};

/// A site of four columns. Once `moved`, the notices stand at another address and the plans are gone from every page.
async fn site(moved: Arc<AtomicBool>) -> Server {
    let site = Server::start().await;
    site.otherwise(move |seen| {
        let moved = moved.load(Ordering::SeqCst);
        let notices = if moved { "/zwgk/tzgg/" } else { "/tzgg/" };
        let mut nav =
            vec![("首页", "/"), ("工作动态", "/gzdt/"), ("通知公告", notices), ("统计数据", "/tjsj/")];
        if !moved {
            nav.push(("规划计划", "/ghjh/"));
        }
        let list = |folder: &str, every: u64| {
            let items: Vec<_> = (1..9)
                .map(|n| (format!("关于第{n}项示例工作的情况"), format!("{folder}{n}.html"), day(n * every)))
                .collect();
            rows(&items)
        };
        let crumbs = |name: &str, body: String| {
            format!("<div class=\"path\">您的位置：<a href=\"/\">首页</a> &gt; {name}</div>{body}")
        };
        let column = |name: &str, folder: &str, every| {
            Script::html(page(name, &nav, &crumbs(name, list(folder, every))))
        };
        match seen.path.as_str() {
            "/" => Script::html(page("示例网站", &nav, &list("/gzdt/", 1))),
            "/gzdt/" => column("工作动态", "/gzdt/", 1),
            "/tjsj/" => column("统计数据", "/tjsj/", 25),
            "/ghjh/" => column("规划计划", "/ghjh/", 200),
            path if path == notices => column("通知公告", notices, 8),
            path if path.contains(".html") => Script::html(article(path, day(9), "内容")),
            _ => Script::status(404),
        }
    });
    site
}

async fn output(office: &Office, args: &[&str]) -> String {
    String::from_utf8(office.run_well(args).await.stdout).expect("UTF-8")
}

/// Rows of a proposal without its mark, its note and the address of the server.
fn lines(text: &str, url: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.replace(url, "/")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proposal_is_the_register_of_tomorrow() {
    let moved = Arc::new(AtomicBool::new(false));
    let server = site(Arc::clone(&moved)).await;
    let url = server.url("/");
    let office = Plan::new().site(&url).set_up();
    let early = office.run(&["registry", "columns"]).await;
    assert_eq!(early.status.code(), Some(2), "{}", told(&early));
    let columns = office.dir().join("columns.csv");
    let own = format!(
        "网站名称,栏目,网址,责任单位,更新频率,备注\n示例网站1,动态,{url}gzdt/index.html,,两周,\"王, 李\"\n"
    );
    std::fs::write(&columns, own).expect("writes");
    office.run_well(&["patrol"]).await;

    let report = std::fs::read_to_string(office.state("巡查报告_第1次.html")).expect("a report");
    assert!(
        report.contains("栏目登记核对：登记1个，未登记的栏目3个（规划计划、统计数据、通知公告）"),
        "{report}"
    );
    let first = output(&office, &["registry", "columns", "--propose"]).await;
    assert_eq!(
        output(&office, &["registry", "columns", "--propose"]).await,
        first,
        "the same facts, the same bytes"
    );
    let why = "导航、页面自身的位置栏或标签列为栏目；页面为列表";
    assert_eq!(
        lines(&first, &url),
        [
            "网站标识码,栏目,网址,类别,级,更新周期,内容保障单位,备注,提议登记情况,提议上级栏目,提议把握,提议依据".to_owned(),
            "9901000100,动态,/gzdt/index.html,,,两周,,\"王, 李\",已登记,,中,导航、页面自身的位置栏或标签列为栏目；页面为列表".to_owned(),
            format!("9901000100,规划计划,/ghjh/,规划计划,1,不定期,,,新发现,,中,{why}"),
            format!("9901000100,统计数据,/tjsj/,其他,1,每月,,,新发现,,中,{why}"),
            format!("9901000100,通知公告,/tzgg/,通知公告,1,180天,,,新发现,,中,{why}"),
        ]
    );

    // Checked by the operator and put in place, it is a register without a fault or a notice about it, and nothing is new.
    let out = office.dir().join("proposed.csv");
    let path = out.to_str().expect("a path");
    let said = output(&office, &["registry", "columns", "--propose", "--out", path]).await;
    assert!(said.contains("已写入"), "{said}");
    let again = office.run(&["registry", "columns", "--propose", "--out", path]).await;
    assert_eq!(again.status.code(), Some(2), "a file is not overwritten unasked: {}", told(&again));
    std::fs::copy(&out, &columns).expect("copies");
    let check = output(&office, &["registry", "check"]).await;
    assert!(check.contains("栏目 4 个") && !check.contains("提议"), "{check}");
    let second = output(&office, &["registry", "columns", "--propose"]).await;
    let without_remark = |line: &String| line.replace("新发现", "已登记");
    assert_eq!(lines(&second, &url), lines(&first, &url).iter().map(without_remark).collect::<Vec<_>>());
    let compared = output(&office, &["registry", "columns"]).await;
    assert!(
        compared.contains("登记4个，网站上查见4个，其中未登记0个") && compared.contains("登记与网站一致"),
        "{compared}"
    );

    moved.store(true, Ordering::SeqCst);
    office.run_well(&["patrol"]).await;
    let drifted = output(&office, &["registry", "columns", "--site", "9901000100"]).await.replace(&url, "/");
    assert!(
        drifted.contains("登记的栏目疑似迁移 · 通知公告 · /tzgg/ · 网站上同名栏目现为 /zwgk/tzgg/"),
        "{drifted}"
    );
    assert!(drifted.contains("登记的栏目已无入口 · 规划计划 · /ghjh/"), "{drifted}");
    let third = lines(&output(&office, &["registry", "columns", "--propose"]).await, &url);
    let cells = |line: &str| line.split(',').take(7).map(ToOwned::to_owned).collect::<Vec<_>>();
    let kept: Vec<_> = third.iter().take(5).map(|line| cells(line)).collect();
    assert_eq!(
        kept,
        lines(&first, &url).iter().map(|line| cells(line)).collect::<Vec<_>>(),
        "the operator's rows stay"
    );
    assert_eq!(third.len(), 6, "{third:#?}");
    assert!(third[5].starts_with("9901000100,通知公告,/zwgk/tzgg/,通知公告,"), "{third:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_was_not_seen_has_lost_nothing() {
    let server = Server::start().await;
    server.otherwise(|_| Script::status(412));
    let url = server.url("/");
    let office = Plan::new().site(&url).column("动态", &format!("{url}gzdt/"), "动态要闻").set_up();
    office.run_well(&["patrol"]).await;
    let compared = output(&office, &["registry", "columns"]).await;
    assert!(compared.contains("另有登记的栏目1个本次未能核对"), "{compared}");
    assert!(!compared.contains("登记的栏目页面") && !compared.contains("登记的栏目已无"), "{compared}");
    let unknown = office.run(&["registry", "columns", "--site", "9909999999"]).await;
    assert_eq!(unknown.status.code(), Some(2), "{}", told(&unknown));
}

/// Every page of a site that lies in a folder, read and folded as a patrol of it would.
fn survey_of(folder: &Path, home: &str) -> Survey {
    let mut ids: HashMap<String, u32> = HashMap::new();
    let mut id_of = |url: &str| {
        let next = u32::try_from(ids.len()).expect("few");
        *ids.entry(url.to_owned()).or_insert(next)
    };
    let mut fold =
        Fold::new(Surroundings { url: home.to_owned(), ..Surroundings::default() }, HashMap::new());
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()),
            );
            continue;
        }
        let name = path.strip_prefix(folder).expect("inside").to_str().expect("UTF-8").to_owned();
        if !name.ends_with("html") && !name.ends_with("htm") {
            continue;
        }
        let name = name.strip_suffix("index.html").unwrap_or(&name);
        let url = Url::parse(home).and_then(|home| home.join(name)).expect("a URL");
        let cx = PageContext {
            url: &url,
            content_type: None,
            status: Some(200),
            as_of: end_of_day(today()),
            want_structure: url.as_str() == home,
        };
        let mut facts = read_page(&std::fs::read(&path).expect("the page"), &cx, || false);
        let links = std::mem::take(&mut facts.links).into_iter().map(|link| LinkSeen {
            target: id_of(link.url.strip_suffix("index.html").unwrap_or(&link.url)),
            text: link.text,
            kind: link.kind,
            place: link.place,
            hidden: link.hidden,
        });
        let links = links.collect();
        let look = Look {
            at: from_millis(0),
            url: url.to_string(),
            hops: Vec::new(),
            addr: None,
            status: Some(200),
            error: None,
            headers: Vec::new(),
            body_sha256: String::new(),
        };
        fold.page(PageSeen { id: id_of(url.as_str()), url: url.to_string(), facts, links, look });
    }
    fold.finish_with_survey().1
}

#[test]
fn every_list_of_the_real_sites_that_a_reader_named_is_found_by_that_name() {
    let Some(real) = std::env::var_os("XUNCHA_REAL").map(PathBuf::from) else {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("skipped: XUNCHA_REAL is not set");
        }
        return;
    };
    let labels = std::fs::read(real.join("labels.json")).expect("labels.json");
    let labels: Vec<Value> = serde_json::from_slice(&labels).expect("labels");
    let mut surveys: HashMap<&str, Survey> = HashMap::new();
    let (mut found, mut missed) = (0, Vec::new());
    for label in &labels {
        let file = label["file"].as_str().unwrap_or_default();
        let Some((site, path)) = file.strip_prefix("sites/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        let (Some("list"), Some(name)) = (label["kind"].as_str(), label["expect"]["column_name"].as_str())
        else {
            continue;
        };
        let home = format!("http://www.{site}.example/");
        let survey = surveys.entry(site).or_insert_with(|| survey_of(&real.join("sites").join(site), &home));
        let url = format!("{home}{}", path.strip_suffix("index.html").unwrap_or(path));
        match survey.columns.iter().find(|column| column.url == url) {
            Some(column) if column.name.rsplit('-').next() == Some(name) => found += 1,
            other => missed.push(format!("{url}: {name}, not {:?}", other.map(|column| &column.name))),
        }
    }
    assert!(found >= 10 && missed.is_empty(), "{found} found\n{}", missed.join("\n"));
}
