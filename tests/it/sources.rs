//! Columns whose list stands elsewhere than in their markup: data islands, endpoints, frames, jumps, pages named by script —
//! served, patrolled by the real binary, and judged.

use serde_json::Value;

use crate::kit::office::{Office, accused, findings, gaps};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Plan, Script, Server};

fn json(body: &str) -> Script {
    Script::reply(200, &[("content-type", "application/json; charset=utf-8")], body.as_bytes())
}

/// A column's page: a list box and the script that fills it.
fn filled_by(script: &str) -> Script {
    let main =
        format!("<h2>栏目</h2><div class=\"con\"><ul id=\"list\"></ul></div><script>{script}</script>");
    Script::html(page("栏目", &[("首页", "/"), ("栏目", "/lm/")], &main))
}

/// A site with one registered column of news at `/lm/` and a home page that is up to date.
async fn site() -> Server {
    let site = Server::start().await;
    let recent = rows(&[("市政府召开常务会议研究民生实事".to_owned(), "/n.html".to_owned(), day(1))]);
    site.on("/", Script::html(page("示例网站", &[("首页", "/"), ("栏目", "/lm/")], &recent)));
    site.otherwise(|seen| match seen.path.as_str() {
        path if path.contains(".html") && !path.contains("list") => {
            Script::html(article(path, day(1), "内容"))
        }
        _ => Script::status(404),
    });
    site
}

async fn patrolled(site: &Server) -> (Office, Value) {
    let office = Plan::new().site(&site.url("/")).column("栏目", &site.url("/lm/"), "动态要闻").set_up();
    office.run_well(&["patrol"]).await;
    office.run_well(&["recheck"]).await;
    let judged = office.judged().await;
    (office, judged)
}

/// Rule and state of what is found of the column, and the reasons for not seeing it.
fn of_column(site: &Server, judged: &Value) -> (Vec<String>, Vec<String>) {
    let url = site.url("/lm/");
    let found = findings(judged).into_iter().filter(|finding| finding["url"] == url.as_str());
    let told =
        found.map(|f| format!("{} {}", f["rule"].as_str().unwrap_or(""), f["state"].as_str().unwrap_or("")));
    let unseen = gaps(judged).into_iter().filter(|(subject, _)| *subject == url).map(|(_, why)| why);
    let (mut told, mut unseen): (Vec<_>, Vec<_>) = (told.collect(), unseen.collect());
    told.sort();
    unseen.sort();
    unseen.dedup();
    (told, unseen)
}

fn excerpt(site: &Server, judged: &Value) -> String {
    let url = site.url("/lm/");
    let found = findings(judged).into_iter().find(|finding| finding["url"] == url.as_str());
    found.and_then(|finding| Some(finding["evidence"]["excerpt"].as_str()?.to_owned())).unwrap_or_default()
}

const STALE: &str = "stale-news-column confirmed";
const EMPTY: &str = "empty-column confirmed";
const UNSEEN: &str = "needs-render";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_endpoint_is_the_columns_list() {
    let site = site().await;
    let script = "var cid='77';$.ajax({type:'get',url:'/api/list',data:{channel:cid,page:1},success:function(r){show(r)}})";
    site.on("/lm/", filled_by(script));
    let items = |ago| {
        format!(
            "{{\"total\":2,\"rows\":[{{\"title\":\"全市重点项目集中开工\",\"url\":\"./a.html\",\"pubDate\":\"{}\"}},\
             {{\"title\":\"市领导检查供热保障工作\",\"url\":\"/b.html\",\"pubDate\":\"{}\"}}]}}",
            day(ago),
            day(ago + 9)
        )
    };
    let endpoint = "/api/list?channel=77&page=1";
    site.on(endpoint, json(&items(3)));
    let (_, judged) = patrolled(&site).await;
    assert_eq!(of_column(&site, &judged), (vec![], vec![]), "in time");
    let asked = site.paths();
    for path in [endpoint, "/lm/a.html", "/b.html"] {
        assert!(asked.iter().any(|p| p == path), "{path} not in {asked:?}");
    }
    assert!(!asked.iter().any(|path| path == "/api/a.html"), "items lie where the page would put them");
    assert_eq!(asked.iter().filter(|path| *path == endpoint).count(), 1, "asked once: nothing was in doubt");
    let accused = accused(&findings(&judged));
    assert!(!accused.iter().any(|told| told.contains("/api/") || told.contains("/lm/")), "{accused:?}");

    site.on(endpoint, json(&items(40)));
    let (office, judged) = patrolled(&site).await;
    assert_eq!(of_column(&site, &judged), (vec![STALE.to_owned()], vec![]));
    let excerpt = excerpt(&site, &judged);
    assert!(excerpt.contains(&site.url(endpoint)) && excerpt.contains("全市重点项目集中开工"), "{excerpt}");
    assert_eq!(office.judged().await, judged, "judged again from what is stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_tells_nothing_is_a_gap() {
    let whole_page =
        page("系统错误", &[], &rows(&[("关于调整系统的公告信息".to_owned(), "/x.html".to_owned(), day(90))]));
    for (reply, told, unseen) in [
        (Script::status(403), vec![], vec![UNSEEN]),
        (Script::status(500), vec![], vec![UNSEEN]),
        (Script::status(404), vec![], vec![UNSEEN]),
        (Script::html(&whole_page), vec![], vec![UNSEEN]),
        (json("{\"code\":500,\"msg\":\"系统繁忙\",\"data\":[]}"), vec![], vec![UNSEEN]),
        (json("{\"code\":401,\"msg\":\"请登录\"}"), vec![], vec![UNSEEN]),
        (json("{\"data\":[]}"), vec![], vec![UNSEEN]),
        (json(""), vec![], vec![UNSEEN]),
        (Script::redirect(302, "http://127.0.0.77:1/login"), vec![], vec![UNSEEN]),
        (json("{\"code\":200,\"data\":{\"total\":0,\"list\":[]}}"), vec![EMPTY], vec![]),
    ] {
        let site = site().await;
        site.on("/lm/", filled_by("fetch('/api/list?c=1').then(function(r){return r.json()}).then(show)"));
        site.on("/api/list?c=1", reply.clone());
        let (_, judged) = patrolled(&site).await;
        let told: Vec<String> = told.into_iter().map(str::to_owned).collect();
        let unseen: Vec<String> = unseen.into_iter().map(str::to_owned).collect();
        assert_eq!(of_column(&site, &judged), (told, unseen), "{reply:?}");
        let accused = accused(&findings(&judged));
        assert!(!accused.iter().any(|told| told.contains("/api/")), "an endpoint is no link: {accused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_plain_or_not_ours_is_not_asked_for() {
    let site = site().await;
    let other = Server::bind("127.0.0.2:0").await;
    let old =
        format!("[{{\"title\":\"全市重点项目集中开工\",\"url\":\"/a.html\",\"date\":\"{}\"}}]", day(90));
    for path in ["/api/post", "/api/private", "/api/list?page=1", "/api/delete"] {
        site.on(path, json(&old));
    }
    other.on("/api/list", json(&old));
    site.on(
        "/robots.txt",
        Script::reply(200, &[("content-type", "text/plain")], b"User-agent: *\nDisallow: /api/private\n"),
    );
    let elsewhere = format!("$.get('{}',show)", other.url("/api/list"));
    for script in [
        "$.post('/api/post',{page:1},show)",
        "function load(p){$.get('/api/list?page='+p,show)} load(1)",
        "$.get('/api/private',show)",
        "$.get('/api/delete',show)",
        &elsewhere,
    ] {
        site.on("/lm/", filled_by(script));
        let (_, judged) = patrolled(&site).await;
        assert_eq!(of_column(&site, &judged), (vec![], vec![UNSEEN.to_owned()]), "{script}");
    }
    let asked = site.paths();
    assert!(!asked.iter().any(|path| path.starts_with("/api/")), "{asked:?}");
    assert_eq!(other.connections(), 0);
    assert!(site.log().iter().all(|seen| seen.method == "GET"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_carries_the_list() {
    let site = site().await;
    site.on(
        "/lm/",
        Script::html(page(
            "栏目",
            &[("首页", "/"), ("栏目", "/lm/")],
            "<h2>栏目</h2><iframe src=\"/inc/list_12.html\" width=\"100%\" height=\"600\"></iframe>",
        )),
    );
    let frame = |items: &str| {
        Script::html(format!(
            "<html><head><meta charset=\"utf-8\"><title></title></head><body>{items}</body></html>"
        ))
    };
    let list = |ago| {
        let item = |n: u64| (format!("第{n}号工作动态信息标题"), format!("/inc/{n}.html"), day(ago + n));
        rows(&[item(1), item(2), item(3)])
    };
    for (reply, told, unseen) in [
        (frame(&list(2)), vec![], vec![]),
        (frame(&list(30)), vec![STALE.to_owned()], vec![]),
        (Script::status(403), vec![], vec![UNSEEN.to_owned()]),
    ] {
        site.on("/inc/list_12.html", reply.clone());
        let (_, judged) = patrolled(&site).await;
        assert_eq!(of_column(&site, &judged), (told, unseen), "{reply:?}");
    }
    assert!(site.paths().contains(&"/inc/1.html".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_proxy_is_read_group_by_group() {
    let site = site().await;
    let record = |n: u64| {
        let date = day(n);
        format!(
            "<record><![CDATA[<li><a href=\"/art/{n}.html\">第{n}号工作动态信息标题</a><span>{date}</span></li>]]></record>"
        )
    };
    let store = |next: &str, from: u64| {
        let records: String = (from..from + 3).map(record).collect();
        let next =
            if next.is_empty() { String::new() } else { format!("<![CDATA[<a href=\"{next}\"></a>]]>") };
        format!(
            "<datastore><nextgroup>{next}</nextgroup><recordset>{records}</recordset><totalrecord>9</totalrecord></datastore>"
        )
    };
    let proxy = |page: u32| format!("/module/web/jpage/dataproxy.jsp?page={page}&columnid=5&unitid=9");
    let island = format!("<div id=\"9\"><script type=\"text/xml\">{}</script></div>", store(&proxy(2), 30));
    site.on("/lm/", Script::html(page("栏目", &[("首页", "/"), ("栏目", "/lm/")], &island)));
    let xml =
        |body: &str| Script::reply(200, &[("content-type", "text/xml; charset=utf-8")], body.as_bytes());
    site.on(&proxy(2), xml(&store(&proxy(3), 40)));
    site.on(&proxy(3), xml(&store("", 50)));
    let (_, judged) = patrolled(&site).await;
    let asked = site.paths();
    for n in [30, 32, 40, 42, 50, 52] {
        assert!(asked.contains(&format!("/art/{n}.html")), "{n} was not reached: {asked:?}");
    }
    assert_eq!(of_column(&site, &judged), (vec![STALE.to_owned()], vec![]));

    // Where the page holds no record, the proxy that its `jpage` names with plain parameters is the list.
    let call = "$('#9').jpage({perPage:15,groupSize:3,proxyUrl:'/module/web/jpage/dataproxy.jsp',ajaxParam:{columnid:5,unitid:9}});";
    site.on("/lm/", filled_by(call));
    site.on(
        "/module/web/jpage/dataproxy.jsp?startrecord=1&endrecord=45&perpage=15&columnid=5&unitid=9",
        xml(&store("", 2)),
    );
    let (_, judged) = patrolled(&site).await;
    assert_eq!(of_column(&site, &judged), (vec![], vec![]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_only_a_script_names_are_reached() {
    let site = site().await;
    let list = |from: u64, pager: &str| {
        let items: Vec<_> = (from..from + 5)
            .map(|n| (format!("第{n}号工作动态信息标题"), format!("/art/{n}.html"), day(n)))
            .collect();
        Script::html(page("栏目", &[("首页", "/"), ("栏目", "/lm/")], &format!("{}{pager}", rows(&items))))
    };
    for (pager, pages) in [
        (
            "<script>createPageHTML(3, 0, \"index\", \"html\");</script>",
            ["/lm/index_1.html", "/lm/index_2.html"],
        ),
        (
            "<div id=\"pages\"></div><script>new Pager({total:3,current:0,prefix:'list',suffix:'shtml'});</script>",
            ["/lm/list_1.shtml", "/lm/list_2.shtml"],
        ),
        (
            "<a href=\"javascript:location.href='more_2.html'\">2</a><a href=\"#\" onclick=\"location.href='more_3.html'\">3</a>",
            ["/lm/more_2.html", "/lm/more_3.html"],
        ),
        (
            "<select onchange=\"location.href=this.value\"><option value=\"./\">1</option><option value=\"p_2.html\">2</option><option value=\"p_3.html\">3</option></select>",
            ["/lm/p_2.html", "/lm/p_3.html"],
        ),
    ] {
        site.on("/lm/", list(1, pager));
        for (path, from) in pages.iter().zip([100, 200]) {
            site.on(path, list(from, ""));
        }
        let before = site.log().len();
        let (_, judged) = patrolled(&site).await;
        let asked: Vec<String> = site.paths().split_off(before);
        for path in pages.into_iter().chain(["/art/104.html", "/art/204.html"]) {
            assert!(asked.iter().any(|p| p == path), "{path} not reached by {pager}: {asked:?}");
        }
        assert_eq!(of_column(&site, &judged), (vec![], vec![]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_reads_every_article_behind_pages_that_only_a_script_names() {
    let site = site().await;
    let dead = 37;
    for page_no in 0..3_u64 {
        let items: Vec<_> = (page_no * 20..page_no * 20 + 20)
            .map(|n| (format!("第{n}号工作动态信息标题"), format!("/art/{n}.html"), day(n)))
            .collect();
        let pager = format!(
            "<div class=\"page\"><script>createPageHTML(3, {page_no}, \"index\", \"html\");</script></div>"
        );
        let path = if page_no == 0 { "/lm/".to_owned() } else { format!("/lm/index_{page_no}.html") };
        site.on(
            &path,
            Script::html(page(
                "栏目",
                &[("首页", "/"), ("栏目", "/lm/")],
                &format!("{}{pager}", rows(&items)),
            )),
        );
    }
    site.on(&format!("/art/{dead}.html"), Script::status(404));
    let office = Plan::new().site(&site.url("/")).set_up();
    let checked = office
        .run_well(&[
            "check",
            &site.url("/"),
            "--allow-private",
            "127.0.0.0/8",
            "--rate",
            "1000",
            "--json",
            "-",
        ])
        .await;
    let asked = site.paths();
    for n in 0..60 {
        assert!(asked.contains(&format!("/art/{n}.html")), "article {n} was not asked for");
    }
    let told = String::from_utf8(checked.stdout).expect("UTF-8");
    assert!(told.contains(&site.url(&format!("/art/{dead}.html"))), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_that_leads_on_is_judged_by_where_it_leads() {
    let site = site().await;
    let jumps = [
        "<html><head><title>x</title></head><body><script>window.location.replace('list/');</script></body></html>",
        "<html><head><meta http-equiv=\"refresh\" content=\"0;url=list/\"></head><body></body></html>",
    ];
    let list = |ago| {
        let item = |n: u64| (format!("第{n}号工作动态信息标题"), format!("/art/{n}.html"), day(ago + n));
        Script::html(page("栏目", &[("首页", "/"), ("栏目", "/lm/")], &rows(&[item(1), item(2), item(3)])))
    };
    for jump in jumps {
        site.on("/lm/", Script::html(jump));
        for (ago, told) in [(2, vec![]), (30, vec![STALE.to_owned()])] {
            site.on("/lm/list/", list(ago));
            let (_, judged) = patrolled(&site).await;
            assert_eq!(of_column(&site, &judged), (told, vec![]), "{ago}");
        }
        // To a column of its own: that one answers for itself.
        let nav = [("首页", "/"), ("栏目", "/lm/"), ("另一栏目", "/lm/list/")];
        site.on(
            "/",
            Script::html(page(
                "示例网站",
                &nav,
                &rows(&[("市政府召开常务会议".to_owned(), "/n.html".to_owned(), day(1))]),
            )),
        );
        let (_, judged) = patrolled(&site).await;
        assert_eq!(of_column(&site, &judged), (vec![], vec![]));
        site.on(
            "/",
            Script::html(page(
                "示例网站",
                &[("首页", "/"), ("栏目", "/lm/")],
                &rows(&[("市政府召开常务会议".to_owned(), "/n.html".to_owned(), day(1))]),
            )),
        );
    }
}
