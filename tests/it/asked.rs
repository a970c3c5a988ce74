//! What rules ask of a site beside its pages, through the program: its own search, articles under a new date, messages of
//! readers in the office's file.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::kit::office::gaps;
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Office, Plan, Script, Server};

const FORM: &str = "<form action=\"/so/s.jsp\"><input type=\"hidden\" name=\"siteid\" value=\"7\">\
                    <input name=\"q\" placeholder=\"请输入检索词\"></form>";
const OLD: &str = "示例市交通运输局开展道路运输安全检查";

/// How a site's search behaves.
#[derive(Clone, Copy)]
enum Search {
    Finds,
    SaysNothingIsThere,
    OnlyRepeats,
    Forbidden,
}

/// A site with a search; `redated` says whether its article of last year goes by a new date.
async fn site(search: Search, redated: &Arc<AtomicBool>) -> Server {
    let site = Server::start().await;
    let redated = Arc::clone(redated);
    site.otherwise(move |seen| {
        let date = if redated.load(Ordering::Relaxed) { day(2) } else { day(300) };
        let news: Vec<_> = (1..9)
            .map(|n| (format!("示例市召开第{n}次重点工作推进会议"), format!("/dt/{n}.html"), day(4 + n)))
            .chain([(OLD.to_owned(), "/dt/old.html".to_owned(), date)])
            .collect();
        let (path, asked) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        match path {
            "/robots.txt" if matches!(search, Search::Forbidden) => {
                Script::reply(200, &[("content-type", "text/plain")], b"User-agent: *\nDisallow: /so/\n")
            }
            "/" => Script::html(page("示例网站", &[("动态", "/dt/")], &format!("{FORM}{}", rows(&news)))),
            "/dt/" => Script::html(page("动态", &[("首页", "/")], &rows(&news))),
            "/dt/old.html" => {
                Script::html(article(OLD, date, &"执法人员深入客运站场和货运企业开展检查。".repeat(6)))
            }
            "/so/s.jsp" if asked.starts_with("siteid=7&q=") => {
                let echo = "<p>您搜索的是：示例市召开第1次重点工作推进</p>";
                Script::html(match search {
                    Search::Finds => page("搜索", &[], &format!("{echo}{}", rows(&news))),
                    Search::OnlyRepeats => page("搜索", &[], echo),
                    _ => page("搜索", &[], &format!("{echo}<p>抱歉，没有找到相关内容。</p>")),
                })
            }
            path if path.starts_with("/dt/") => {
                let n = path.trim_start_matches("/dt/").trim_end_matches(".html");
                let title = format!("示例市召开第{n}次重点工作推进会议");
                Script::html(article(
                    &title,
                    day(4 + n.parse::<u64>().unwrap_or(1)),
                    &format!("会议研究了第{n}批事项。"),
                ))
            }
            _ => Script::status(404),
        }
    });
    site
}

async fn told(office: &Office, rule: &str) -> Vec<Value> {
    office.findings().await.into_iter().filter(|finding| finding["rule"] == rule).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_is_asked_by_get_and_believed_only_in_its_own_words() {
    let never = Arc::new(AtomicBool::new(false));
    let mut sites = Vec::new();
    for search in [Search::SaysNothingIsThere, Search::Finds, Search::OnlyRepeats, Search::Forbidden] {
        sites.push(site(search, &never).await);
    }
    let plan = sites.iter().fold(Plan::new(), |plan, site| plan.site(&site.url("/")));
    let office = plan.sections("[rules]\npacks = [\"national-2019\", \"guide-47\"]").set_up();
    office.run_well(&["patrol"]).await;
    let found = told(&office, "no-site-search").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["url"], &found[0]["state"]), (&sites[0].url("/").into(), &"suspected".into()));
    let text = found[0]["description"].as_str().unwrap_or_default();
    assert!(text.contains("站内搜索搜不到首页已列出的《示例市召开第1次重点工作推进会议》"), "{text}");
    let open = gaps(&office.judged().await);
    for (site, why) in [(&sites[2], "search-unclear"), (&sites[3], "robots")] {
        assert!(open.contains(&(site.url("/"), why.to_owned())), "{why}: {open:?}");
    }
    let asked = |site: &Server| site.paths().iter().filter(|path| path.starts_with("/so/")).count();
    assert_eq!(sites.iter().map(asked).collect::<Vec<_>>(), [4, 2, 2, 0], "twice only what was not found");
    assert!(sites.iter().flat_map(Server::log).all(|seen| seen.method == "GET"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_rule_no_search_is_asked() {
    let site = site(Search::SaysNothingIsThere, &Arc::new(AtomicBool::new(false))).await;
    let office = Plan::new().site(&site.url("/")).set_up();
    office.run_well(&["patrol"]).await;
    assert!(site.paths().iter().all(|path| !path.starts_with("/so/")), "{:?}", site.paths());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_article_under_a_new_date_is_told_with_both() {
    let redated = Arc::new(AtomicBool::new(false));
    let site = site(Search::Finds, &redated).await;
    let office = Plan::new().site(&site.url("/")).set_up();
    office.run_well(&["patrol"]).await;
    assert_eq!(
        told(&office, "redated-article").await,
        Vec::<Value>::new(),
        "nobody has redated anything yet"
    );
    redated.store(true, Ordering::Relaxed);
    office.run_well(&["patrol"]).await;
    let found = told(&office, "redated-article").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["state"], "suspected");
    let text = found[0]["description"].as_str().unwrap_or_default();
    let long = |ago| xuncha::calendar::long_date(day(ago));
    let whole = format!("《{OLD}》标注{}，以前核查时为{}", long(2), long(300));
    assert!(text.contains(&whole), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_readers_are_late_by_the_offices_calendar() {
    let never = Arc::new(AtomicBool::new(false));
    let (late, fine) = (site(Search::Finds, &never).await, site(Search::Finds, &never).await);
    let office = Plan::new()
        .site(&late.url("/"))
        .site(&fine.url("/"))
        .sections("[rules]\npacks = [\"zigong-2022\"]")
        .set_up();
    office.run_well(&["patrol"]).await;
    let before = gaps(&office.judged().await);
    assert!(before.contains(&(late.url("/"), "no-imported-table".to_owned())), "{before:?}");
    let rows = format!(
        "网站,编号,收到日期,答复日期,内容\n示例网站1,ZC-1,{},,首页链接打不开\n示例网站2,ZC-2,{},{},错别字\n",
        day(40),
        day(40),
        day(39)
    );
    std::fs::write(office.dir().join("public-reports.csv"), rows).expect("writes");
    let found = told(&office, "public-report").await;
    assert_eq!(found.len(), 1, "the file is read anew, no page is: {found:?}");
    assert_eq!((&found[0]["url"], &found[0]["state"]), (&late.url("/").into(), &"confirmed".into()));
    let text = found[0]["description"].as_str().unwrap_or_default();
    assert!(text.contains("ZC-1“首页链接打不开”") && text.contains("个工作日）"), "{text}");
    assert_eq!(told(&office, "public-report-late").await, Vec::<Value>::new());
}
