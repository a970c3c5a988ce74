//! Failures that are ours: witnesses that fall silent, sites that fail together, captive portals, an inner name server.
//! What was seen meanwhile counts for nothing, and the run says so.

use serde_json::Value;

use crate::kit::office::{accused, findings, gaps, told};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Dns, Office, Plan, Script, Server};

/// Short patience, so that the tests are short.
const HASTE: &str = "[limits]\nconnect = \"2s\"\nfirst-byte = \"2s\"\nwhole = \"5s\"\n";

/// Units of the demo's register, none of which has anything to do with another.
const UNITS: [&str; 5] =
    ["示例市人民政府办公室", "示例市交通运输局", "示例市生态环境局", "示例市文化旅游局", "示例市公安局"];

/// A home page with a dead link, over a stale column.
fn plain_site(path: &str) -> Script {
    let items: Vec<_> =
        (1..6).map(|n| (format!("第{n}号动态信息"), format!("/dt/{n}.html"), day(60 + n))).collect();
    match path {
        "/" => Script::html(page("示例网站", &[("动态", "/dt/")], "<a href=\"/gone.html\">失效</a>")),
        "/dt/" => Script::html(page("动态", &[], &rows(&items))),
        path if path.starts_with("/dt/") => Script::html(article(path, day(60), "内容")),
        _ => Script::status(404),
    }
}

/// What status, the run's report and the run itself say together.
async fn said(office: &Office, output: &std::process::Output) -> String {
    let status = told(&office.run_well(&["status"]).await);
    let report = std::fs::read_dir(office.dir().join("state"))
        .expect("a folder")
        .filter_map(|entry| {
            Some(entry.ok()?.path()).filter(|path| path.extension().is_some_and(|e| e == "html"))
        })
        .map(|path| std::fs::read_to_string(path).expect("a report"))
        .max()
        .expect("a report");
    let run = told(output);
    let sentence = run.lines().find_map(|line| line.strip_prefix("注意：")).unwrap_or_default().to_owned();
    if sentence.is_empty() {
        return String::new();
    }
    assert!(status.contains(&sentence), "status does not say: {sentence}\n{status}");
    assert!(report.contains(&sentence), "the report does not say: {sentence}");
    sentence
}

fn case_states(office: &Office) -> Vec<(String, String)> {
    let cases = office.cases();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let cases = cases.as_array().expect("cases").iter();
    cases.map(|case| (word(&case["case"]["finding"]["url"]), word(&case["case"]["state"]))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_witnesses_void_what_failed_meanwhile() {
    let witness = Server::start().await;
    witness.on("/", Script::html("<p>好</p>"));
    let dead = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}/", listener.local_addr().expect("its address"))
    };
    for (asked, alive) in [(witness.url("/"), true), (dead.replace("127.0.0.1", "127.0.0.9"), false)] {
        let office =
            Plan::new().sections(HASTE).crawl(&format!("witnesses = [\"{asked}\"]")).site(&dead).set_up();
        let output = office.run_well(&["patrol"]).await;
        let judged = office.judged().await;
        let suspected = accused(&findings(&judged)) == [format!("unreachable-site {dead}")];
        assert_eq!(suspected, alive, "{}", told(&output));
        let sentence = said(&office, &output).await;
        assert_eq!(sentence.contains("见证网址均无法访问"), !alive, "{}", told(&output));
        assert_eq!(gaps(&judged).iter().any(|(_, why)| why == "own-network"), !alive);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_led_astray_voids_the_whole_look() {
    let (site, witness, portal) =
        (Server::start().await, Server::start().await, Server::bind("127.0.0.9:0").await);
    site.otherwise(|seen| plain_site(&seen.path));
    witness.on("/", Script::html("<p>好</p>"));
    let office = Plan::new()
        .sections(HASTE)
        .crawl(&format!("witnesses = [\"{}\"]", witness.url("/")))
        .site(&site.url("/"))
        .column("动态", &site.url("/dt/"), "动态要闻")
        .set_up();
    let output = office.run_well(&["patrol"]).await;
    assert_eq!(said(&office, &output).await, "", "all is well");
    let before = case_states(&office);
    assert!(before.len() >= 2, "a dead link and a stale column: {before:?}");

    // From now on a login stands in the way of everything: whatever is asked seems to be there.
    portal.otherwise(|_| Script::html("<title>上网认证</title><p>请先登录后上网</p>"));
    witness.otherwise({
        let to = portal.url("/wifi");
        move |_| Script::redirect(302, &to)
    });
    witness.on("/", Script::redirect(302, &portal.url("/wifi")));
    site.otherwise(|_| Script::html("<title>上网认证</title><p>请先登录后上网</p>"));
    let output = office.run_well(&["patrol"]).await;
    assert!(said(&office, &output).await.contains("上网认证页面"), "{}", told(&output));
    assert_eq!(accused(&office.findings().await), Vec::<String>::new());
    assert_eq!(case_states(&office), before, "what a portal answers closes no case and opens none");
}

/// Five sites that share nothing: unit, zone and address are each one's own.
async fn strangers(dns: &Dns) -> (Vec<Server>, Vec<String>) {
    let (mut servers, mut homes) = (Vec::new(), Vec::new());
    for n in 0..UNITS.len() {
        let server = Server::bind(&format!("127.0.0.{}:0", n + 2)).await;
        let name = format!("www.site{n}.test");
        dns.set(&name, &format!("127.0.0.{}", n + 2));
        homes.push(format!("http://{name}:{}/", server.addr().port()));
        servers.push(server);
    }
    (servers, homes)
}

fn office_of(dns: &Dns, homes: &[String]) -> Office {
    let mut plan = Plan::new().dns(dns.addr()).sections(HASTE);
    for (unit, home) in UNITS.iter().zip(homes) {
        plan = plan.site_of(unit, home).column("动态", &format!("{home}dt/"), "动态要闻");
    }
    plan.set_up()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sites_that_share_nothing_and_fail_together_are_not_accused() {
    let dns = Dns::start().await;
    let (servers, homes) = strangers(&dns).await;
    let down = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    for server in &servers {
        let down = std::sync::Arc::clone(&down);
        server.otherwise(move |seen| match seen.path.as_str() {
            "/" | "/robots.txt" => plain_site(&seen.path),
            _ if down.load(std::sync::atomic::Ordering::Relaxed) => Script::reset(),
            path => plain_site(path),
        });
    }
    let office = office_of(&dns, &homes);
    let output = office.run_well(&["patrol"]).await;
    assert!(
        said(&office, &output).await.contains("5个网站同时无法访问，其中至少5个互不相关"),
        "{}",
        told(&output)
    );
    assert_eq!(accused(&office.findings().await), Vec::<String>::new());
    assert_eq!(office.cases().as_array().map(Vec::len), Some(0));

    down.store(false, std::sync::atomic::Ordering::Relaxed);
    let output = office.run_well(&["patrol"]).await;
    assert_eq!(said(&office, &output).await, "", "the same home page alone is no portal: {}", told(&output));
    let found = accused(&office.findings().await);
    assert_eq!(found.iter().filter(|finding| finding.contains("gone.html")).count(), 5, "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captive_portal_voids_what_it_answered() {
    let dns = Dns::start().await;
    let (servers, homes) = strangers(&dns).await;
    let portal = Server::bind("127.0.0.9:0").await;
    dns.set("wifi.lan", "127.0.0.9");
    portal.otherwise(|_| {
        Script::html(page(
            "上网认证",
            &[("帮助", "/help.html")],
            "<a href=\"/gone.html\">失效</a><p>请先登录</p>",
        ))
    });
    let to = format!("http://wifi.lan:{}/portal", portal.addr().port());
    for server in &servers {
        let to = to.clone();
        server.otherwise(move |_| Script::redirect(302, &to));
    }
    let office = office_of(&dns, &homes);
    let output = office.run_well(&["patrol"]).await;
    assert!(said(&office, &output).await.contains("返回同一个无关页面"), "{}", told(&output));
    assert_eq!(accused(&office.findings().await), Vec::<String>::new());
    // The same page in place, without a redirect.
    for server in &servers {
        server.otherwise(|seen| match seen.path.as_str() {
            "/robots.txt" => Script::status(404),
            _ => Script::html(page("上网认证", &[("帮助", "/help.html")], "<p>请先登录后再访问网络资源</p>")),
        });
    }
    let output = office.run_well(&["patrol"]).await;
    assert!(said(&office, &output).await.contains("返回同一个无关页面"), "{}", told(&output));
    assert_eq!(accused(&office.findings().await), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inner_addresses_for_public_names_are_our_name_servers_fault() {
    let dns = Dns::start().await;
    let (servers, homes) = strangers(&dns).await;
    for server in &servers {
        server.otherwise(|seen| plain_site(&seen.path));
    }
    for n in 0..4 {
        dns.set(&format!("www.site{n}.test"), "10.9.9.9");
    }
    let office = office_of(&dns, &homes);
    let output = office.run_well(&["patrol"]).await;
    assert!(said(&office, &output).await.contains("4个网站的公网域名被解析为内网地址"), "{}", told(&output));
    let judged = office.judged().await;
    let found = accused(&findings(&judged));
    assert!(!found.iter().any(|finding| (0..4).any(|n| finding.contains(&format!("site{n}")))), "{found:?}");
    assert!(gaps(&judged).iter().any(|(_, why)| why == "own-network" || why == "inner-address"));
    for server in servers.iter().take(4) {
        assert_eq!(server.log().len(), 0);
    }
}
