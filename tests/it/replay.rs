//! Stored facts judged again: the same bytes every time, no network, and other findings under other rules.

use serde_json::Value;

use crate::kit::office::{accused, findings, told, until};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Office, Plan, Script, Server};

/// An office that has patrolled a site whose news is 40 days old and whose notices are 100 days old; the site is gone.
async fn patrolled() -> (Office, String) {
    let site = Server::start().await;
    let listed = |folder: &str, age: u64| {
        let items: Vec<_> = (1..9)
            .map(|n| (format!("第{n}号工作信息"), format!("/{folder}/{n}.html"), day(age + n)))
            .collect();
        rows(&items)
    };
    let (news, notices) = (listed("dt", 40), listed("gg", 100));
    site.otherwise(move |seen| match seen.path.as_str() {
        "/" => Script::html(page(
            "示例网站",
            &[("动态", "/dt/"), ("公告", "/gg/")],
            "<a href=\"/gone.html\">失效</a>",
        )),
        "/dt/" => Script::html(page("动态", &[], &news)),
        "/gg/" => Script::html(page("公告", &[], &notices)),
        path if path.starts_with("/dt/") || path.starts_with("/gg/") => {
            Script::html(article(path, day(40), "内容"))
        }
        _ => Script::status(404),
    });
    let url = site.url("/");
    let office = Plan::new()
        .site(&url)
        .column("动态", &format!("{url}dt/"), "动态要闻")
        .column("公告", &format!("{url}gg/"), "通知公告")
        .set_up();
    office.run_well(&["patrol"]).await;
    (office, url)
}

fn stale(judged: &Value) -> Vec<String> {
    accused(&findings(judged)).into_iter().filter(|finding| finding.starts_with("stale-n")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stored_facts_are_judged_again_without_the_network() {
    let (office, url) = patrolled().await;
    let site = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    until("the site to be gone", || std::net::TcpStream::connect(&site).is_err().then_some(())).await;

    let first = office.run_well(&["judge", "--json", "-"]).await;
    let second = office.run_well(&["judge", "--json", "-"]).await;
    assert!(first.stdout == second.stdout, "the same facts under the same rules are the same bytes");
    let file = office.dir().join("judged.json");
    office.run_well(&["judge", "--json", file.to_str().expect("a path")]).await;
    let written: Value = serde_json::from_slice(&std::fs::read(file).expect("a file")).expect("JSON");
    let before: Value = serde_json::from_slice(&first.stdout).expect("JSON");
    assert_eq!(written, before);
    assert_eq!(stale(&before), [format!("stale-news-column {url}dt/")]);

    // An overlay with other ages: news may be 60 days old, notices 90.
    let pack = office.dir().join("rules/city");
    std::fs::create_dir_all(&pack).expect("a folder");
    let head = "id = \"city\"\ntitle = \"示例市\"\nextends = \"national-2019\"\neffective = 2026-01-01\nbasis = \"2019-19/veto-3\"\n";
    std::fs::write(pack.join("pack.toml"), head).expect("writes");
    let ages = |news: u32, notices: u32| {
        format!(
            "[[override]]\nid = \"stale-news-column\"\nchanges = \"按{news}天\"\nparams = {{ max-age-days = {news} }}\n\
             warn = {{ max-age-days = {} }}\n\n\
             [[override]]\nid = \"stale-notice-column\"\nchanges = \"按{notices}天\"\nparams = {{ max-age-days = {notices} }}\n\
             warn = {{ max-age-days = {} }}\n",
            news - 1,
            notices - 1
        )
    };
    std::fs::write(pack.join("columns.toml"), ages(60, 90)).expect("writes");
    let config = office.dir().join("xuncha.toml");
    let text = std::fs::read_to_string(&config).expect("a file");
    std::fs::write(&config, format!("{text}\n[rules]\ndir = \"rules\"\npack = \"city\"\n")).expect("writes");
    let other = office.judged().await;
    assert_eq!(stale(&other), [format!("stale-notice-column {url}gg/")]);
    let others = |judged: &Value| -> Vec<String> {
        accused(&findings(judged)).into_iter().filter(|finding| !finding.starts_with("stale-n")).collect()
    };
    assert_eq!(others(&before), others(&other), "what the overlay does not touch stays");
    let shown = office.run_well(&["judge"]).await;
    assert!(told(&shown).contains("规则与该次巡查时不同"), "{}", told(&shown));

    std::fs::write(pack.join("columns.toml"), ages(41, 101)).expect("writes");
    assert_eq!(
        stale(&office.judged().await),
        Vec::<String>::new(),
        "an age that is just reached is not exceeded"
    );
    std::fs::write(pack.join("columns.toml"), ages(40, 100)).expect("writes");
    assert_eq!(stale(&office.judged().await).len(), 2, "a day more is");

    // Back under the rules of the patrol, the bytes are those of the beginning.
    std::fs::write(&config, text).expect("writes");
    assert!(office.run_well(&["judge", "--json", "-"]).await.stdout == first.stdout);
}
