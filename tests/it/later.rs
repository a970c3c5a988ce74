//! Pages that fail once and come later in the same run, through the real binary: they are read as if they had come at once.

use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Office, Plan, Script, Server};

const NAV: [(&str, &str); 3] = [("首页", "/"), ("通知公告", "/tz/"), ("工作动态", "/dt/")];

/// A home page and two lists with their articles; one of the second list leads to what is not there.
fn furnish(site: &Server) -> (String, String) {
    let items = |name: &str, under: &str| -> Vec<_> {
        (1..9)
            .map(|n| (format!("{name}第{n}号有关事项的通知"), format!("/{under}/{n}.html"), day(n)))
            .collect()
    };
    let (tz, dt) = (items("通知公告", "tz"), items("工作动态", "dt"));
    site.on("/", Script::html(page("示例市交通运输局", &NAV, &rows(&dt[..3]))));
    for (title, path, date) in tz.iter().chain(&dt) {
        let more = if path == "/tz/7.html" { "<a href=\"/gone.html\">实施细则</a>" } else { "" };
        site.on(path, Script::html(article(title, *date, &format!("{title}的有关情况。{more}"))));
    }
    site.otherwise(|_| Script::status(404));
    (page("通知公告", &NAV, &rows(&tz)), page("工作动态", &NAV, &rows(&dt)))
}

fn office(site: &Server) -> Office {
    Plan::new().site(&site.url("/")).column("通知公告", &site.url("/tz/"), "通知公告").set_up()
}

fn asked(site: &Server, path: &str) -> usize {
    site.paths().iter().filter(|asked| *asked == path).count()
}

async fn gaps_over(office: &Office, path: &str) -> Vec<String> {
    let open = crate::kit::office::gaps(&office.judged().await);
    open.into_iter().filter(|(url, _)| url.ends_with(path)).map(|(_, why)| why).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_fails_once_is_read_in_the_same_look() {
    let failures = [
        Script::reset(),
        Script::status(502),
        Script::cut(200, "<html><body><ul><li>".as_bytes()),
        Script::raw("HTTP/1.1 garbage\r\n\r\n"),
    ];
    for failure in failures {
        let site = Server::start().await;
        let (list, other) = furnish(&site);
        // A connection that ends without an answer is tried at once, too.
        site.in_turn("/tz/", vec![failure.clone(), failure, Script::html(&list)]);
        site.on("/dt/", Script::html(other));
        let office = office(&site);
        office.run_well(&["patrol"]).await;
        if asked(&site, "/tz/") < 3 {
            // The first asking and the second both failed.
            office.run_well(&["recheck"]).await;
        }
        assert_eq!(asked(&site, "/tz/8.html"), 1, "{:?}", site.paths());
        assert!(asked(&site, "/gone.html") >= 1, "{:?}", site.paths());
        assert_eq!(gaps_over(&office, "/tz/").await, Vec::<String>::new());
        let findings = office.findings().await;
        let about =
            |path: &str| findings.iter().any(|f| f["url"].as_str().is_some_and(|url| url.ends_with(path)));
        assert!(about("/gone.html") && !about("/tz/"), "{findings:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_fails_throughout_the_first_look_is_read_when_a_later_one_sees_it() {
    let site = Server::start().await;
    let (list, other) = furnish(&site);
    site.on("/tz/", Script::status(502));
    site.on("/dt/", Script::html(other));
    let office = office(&site);
    office.run_well(&["patrol"]).await;
    assert_eq!((asked(&site, "/tz/"), asked(&site, "/tz/8.html")), (2, 0), "{:?}", site.paths());
    // It still fails: the answer of the first look stays, at its time, and the second look confirms it.
    office.run_well(&["recheck"]).await;
    let state = |findings: &[serde_json::Value]| {
        let about = |f: &&serde_json::Value| {
            f["rule"] == "broken-link" && f["url"].as_str().is_some_and(|url| url.ends_with("/tz/"))
        };
        findings.iter().find(about).map(|finding| finding["state"].clone())
    };
    assert_eq!(state(&office.findings().await), Some("confirmed".into()));
    site.on("/tz/", Script::html(list));
    office.run_well(&["recheck", "--all"]).await;
    assert_eq!(asked(&site, "/tz/8.html"), 1, "{:?}", site.paths());
    assert_eq!(state(&office.findings().await), None);
    assert_eq!(gaps_over(&office, "/tz/").await, Vec::<String>::new());
}
