//! Debian's chromium as a second reader, against pages on loopback: `cargo test --features browser --test it browser::`. Without
//! chromium on the machine each test says so and ends.

use std::path::Path;

use serde_json::Value;
use xuncha::store::ledger::{Ledger, Wanted};

use crate::kit::office::{Office, accused, findings, gaps};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Plan, Script, Server};
use crate::politeness::{times, too_fast};

const COMMAND: &str = "/usr/bin/chromium";

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn is_there() -> bool {
    let there = Path::new(COMMAND).is_file();
    if !there {
        eprintln!("skipped: no {COMMAND}");
    }
    there
}

/// A site with one registered column of news at `/lm/`, whose page holds a list box and `script`.
async fn site(script: &str) -> Server {
    let site = Server::start().await;
    let recent = rows(&[("市政府召开常务会议研究民生实事".to_owned(), "/n.html".to_owned(), day(1))]);
    let nav = [("首页", "/"), ("栏目", "/lm/")];
    site.on("/", Script::html(page("示例网站", &nav, &recent)));
    let main = format!(
        "<h2>栏目</h2><div class=\"con\"><ul id=\"list\" class=\"list\"></ul></div><script>{script}</script>"
    );
    site.on("/lm/", Script::html(page("栏目", &nav, &main)));
    site.otherwise(|seen| match seen.path.as_str() {
        path if path.contains(".html") => Script::html(article(path, day(1), "内容")),
        _ => Script::status(404),
    });
    site
}

/// Fills the list with what a request answers, whose address no reader of the source can know.
fn fills_from(address: &str) -> String {
    format!(
        "var part=['a','p','i'].join('');function show(t){{document.getElementById('list').innerHTML=t}}\
         var r=new XMLHttpRequest();r.open('POST',{address});r.onload=function(){{show(r.responseText)}};\
         setTimeout(function(){{r.send('cid=7')}},1500);"
    )
}

fn items(ago: u64) -> String {
    format!(
        "<li><a href=\"/a.html\">全市重点项目集中开工</a><span>{}</span></li><li><a href=\"/b.html\">市领导检查供热保障工作</a><span>{}</span></li>",
        day(ago),
        day(ago + 3)
    )
}

fn plan(site: &Server, whole: &str) -> Plan {
    Plan::new()
        .site(&site.url("/"))
        .column("栏目", &site.url("/lm/"), "动态要闻")
        .sections(&format!("[browser]\nenable = true\ncommand = \"{COMMAND}\"\nwhole = \"{whole}\"\n"))
}

async fn patrolled(site: &Server, whole: &str) -> (Office, Value) {
    let office = plan(site, whole).set_up();
    office.run_well(&["patrol"]).await;
    office.run_well(&["recheck"]).await;
    let judged = office.judged().await;
    let left: Vec<_> = std::fs::read_dir(office.dir().join("state"))
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("browser-"))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "a profile is left behind");
    (office, judged)
}

fn why_unseen(site: &Server, judged: &Value) -> Vec<String> {
    let url = site.url("/lm/");
    let mut why: Vec<_> =
        gaps(judged).into_iter().filter(|(subject, _)| *subject == url).map(|(_, why)| why).collect();
    why.sort();
    why.dedup();
    why
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_a_script_fills_becomes_items() {
    if !is_there() {
        return;
    }
    for (ago, told) in [(2, Vec::new()), (40, vec!["stale-news-column".to_owned()])] {
        let site = site(&fills_from("'/'+part+'/list'")).await;
        site.on("/api/list", Script::html(items(ago)));
        let (_, judged) = patrolled(&site, "60s").await;
        let found: Vec<String> = accused(&findings(&judged))
            .into_iter()
            .filter_map(|finding| Some(finding.strip_suffix(&format!(" {}", site.url("/lm/")))?.to_owned()))
            .collect();
        assert_eq!((found, why_unseen(&site, &judged)), (told, vec![]), "{ago} days old: {judged}");
        let posts = site.log().into_iter().filter(|seen| seen.method == "POST").collect::<Vec<_>>();
        assert!(posts.iter().all(|seen| seen.path == "/api/list") && !posts.is_empty(), "{posts:?}");
        let agent = posts[0].header("user-agent").unwrap_or_default().to_owned();
        assert!(agent.starts_with("xuncha/") && posts[0].header("cookie").is_none(), "{agent}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forbidden_address_is_never_asked_whatever_the_page_tries() {
    if !is_there() {
        return;
    }
    // Port and address are not opened: only 127.0.0.1/32 is.
    let inner = Server::bind("127.0.0.2:0").await;
    inner.otherwise(|_| Script::html("secret"));
    let (host, there) = (inner.addr(), inner.url("/"));
    let script = format!(
        "var u='{there}';fetch(u,{{mode:'no-cors'}});new Image().src=u+'i.png';navigator.sendBeacon(u+'b','x');\
         try{{new WebSocket('ws://{host}/w')}}catch(e){{}}try{{new EventSource(u+'e')}}catch(e){{}}\
         try{{new Worker(URL.createObjectURL(new Blob([\"fetch('{there}k')\"])))}}catch(e){{}}\
         var f=document.createElement('iframe');f.src=u+'f';document.body.appendChild(f);\
         var s=document.createElement('script');s.src=u+'s.js';document.body.appendChild(s);\
         var l=document.createElement('link');l.rel='prefetch';l.href=u+'p';document.head.appendChild(l);\
         var d=document.createElement('link');d.rel='stylesheet';d.href=u+'c.css';document.head.appendChild(d);\
         window.open(u+'o');{}",
        fills_from("'/'+part+'/list'")
    );
    let site = site(&script).await;
    site.on("/api/list", Script::html(""));
    let office = plan(&site, "60s").private("[\"127.0.0.1/32\"]").set_up();
    office.run_well(&["patrol"]).await;
    assert!(site.log().iter().any(|seen| seen.method == "POST"), "the browser ran the page");
    assert_eq!(inner.log().len(), 0, "{:?}", inner.paths());
    let judged = office.judged().await;
    assert_eq!(accused(&findings(&judged)), Vec::<String>::new(), "what was refused may have been the list");
    assert_eq!(why_unseen(&site, &judged), ["needs-render"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_without_end_are_bounded_and_stay_unseen() {
    if !is_there() {
        return;
    }
    let loops = [
        // Never yields.
        "setTimeout(function(){while(true){}},10);",
        // Asks on and on.
        "var n=0;function go(){var r=new XMLHttpRequest();r.open('GET','/x/'+['p','q'].join('')+(n++));r.onloadend=go;r.send()}go();",
        // Leads on and on.
        "setTimeout(function(){location.href='/lm/?'+['n'].join('')+Math.random()},5);",
    ];
    for script in loops {
        let site = site(&format!("{script}{}", fills_from("'/'+part+'/none'"))).await;
        let office = plan(&site, "8s").set_up();
        let began = site.log().len();
        office.run_well(&["patrol"]).await;
        let asked = site.log().len() - began;
        assert!(asked < 250, "{asked} requests by {script}");
        let judged = office.judged().await;
        assert_eq!(accused(&findings(&judged)), Vec::<String>::new(), "{script}");
        assert_eq!(why_unseen(&site, &judged), ["needs-render"], "{script}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_column_is_confirmed_with_its_picture_only_where_nothing_failed() {
    if !is_there() {
        return;
    }
    for (answer, told) in [(Script::html(""), true), (Script::status(500), false)] {
        let site = site(&fills_from("'/'+part+'/list'")).await;
        site.on("/api/list", answer);
        let (office, judged) = patrolled(&site, "60s").await;
        let found = accused(&findings(&judged));
        if !told {
            assert_eq!((found, why_unseen(&site, &judged)), (vec![], vec!["needs-render".to_owned()]));
            continue;
        }
        assert_eq!(found, [format!("empty-column {}", site.url("/lm/"))], "{judged}");
        let number = {
            let ledger = Ledger::open(&office.dir().join("state")).expect("a ledger");
            ledger.cases(&Wanted::default()).expect("cases")[0].number.clone()
        };
        let out = office.dir().join("evidence");
        office.run_well(&["case", "evidence", &number, "--out", out.to_str().expect("a path")]).await;
        for look in ["第1次核查", "第2次核查"] {
            let picture = std::fs::read(out.join(format!("{look}_页面截图.png"))).expect("a picture");
            assert!(
                picture.starts_with(b"\x89PNG\r\n\x1a\n") && picture.len() > 2_000,
                "{} bytes",
                picture.len()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_of_a_page_takes_its_turn() {
    if !is_there() {
        return;
    }
    let script =
        "for(var i=0;i<8;i++){var r=new XMLHttpRequest();r.open('GET','/t/'+['x'].join('')+i);r.send()}";
    let site = site(&format!("{script}{}", fills_from("'/'+part+'/list'"))).await;
    site.on("/api/list", Script::html(items(2)));
    site.otherwise(|seen| match seen.path.as_str() {
        path if path.starts_with("/t/") => Script::html("1"),
        path if path.contains(".html") => Script::html(article(path, day(1), "内容")),
        _ => Script::status(404),
    });
    let office = plan(&site, "60s").crawl("rate-per-host = 5\nrate-per-group = 5").set_up();
    office.run_well(&["patrol"]).await;
    let all = site.log();
    assert_eq!(all.iter().filter(|seen| seen.path.starts_with("/t/")).count(), 8);
    assert_eq!(too_fast("the site", &times(&all), 5), Vec::<String>::new());
}
