//! Links that open and are wrong all the same, through the real binary: sites that answer everything, files that are none,
//! outside names that others have bought, addresses that nobody can follow; each beside what is in order and looks alike.

use crate::kit::office::{accused, findings, gaps};
use crate::kit::portal::{article, day, page, rows};
use crate::kit::{Dns, Office, Plan, Script, Server};

const NAV: [(&str, &str); 3] = [("首页", "/"), ("工作动态", "/dt/"), ("机构概况", "/jg.html")];

/// A home page with a list, and what it lists; `more` stands below.
fn furnish(site: &Server, more: &str) {
    let items: Vec<_> = (1..9)
        .map(|n| (format!("市局召开第{n}次工作会议部署重点任务"), format!("/dt/{n}.html"), day(n)))
        .collect();
    site.on("/", Script::html(page("示例市交通运输局", &NAV, &format!("{}{more}", rows(&items)))));
    site.on("/dt/", Script::html(page("工作动态", &NAV, &rows(&items))));
    site.on(
        "/jg.html",
        Script::html(page(
            "机构概况",
            &NAV,
            "<p>主要职责：贯彻执行国家和省有关方针政策，承担全市公路水路运输行业管理。</p>",
        )),
    );
    for (title, path, date) in items {
        site.on(&path, Script::html(article(&title, date, &format!("{title}的有关情况。"))));
    }
}

/// What two looks accuse, by rule and path, and in which state.
async fn twice(office: &Office) -> Vec<String> {
    office.run_well(&["patrol"]).await;
    office.run_well(&["recheck"]).await;
    told(office).await
}

async fn told(office: &Office) -> Vec<String> {
    let mut all: Vec<String> = office
        .findings()
        .await
        .iter()
        .filter(|finding| finding["rule"] != "no-ipv6")
        .map(|finding| {
            let url = finding["url"].as_str().unwrap_or_default();
            let path = url.splitn(4, '/').nth(3).map_or(url, |path| path);
            format!(
                "{} {path} {}",
                finding["rule"].as_str().unwrap_or_default(),
                finding["state"].as_str().unwrap_or_default()
            )
        })
        .collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_answers_200_for_all_is_seen_through() {
    let site = Server::start().await;
    furnish(
        &site,
        "<p><a href=\"/zt/2019/\">二〇一九年专题</a> <a href=\"/old/jh.html\">工作计划</a> <a href=\"/jg.html?from=home\">机构设置</a></p>",
    );
    site.on("/jg.html?from=home", Script::html(article("机构设置", day(9), "机构设置情况。")));
    // No word of it says that anything is missing.
    site.otherwise(|_| {
        let text = "<p>欢迎访问示例市交通运输局网站，请从上方导航选择您需要的栏目，感谢您的关注和支持。</p>";
        Script::html(page("示例市交通运输局", &NAV, text))
    });
    site.on("/robots.txt", Script::status(404));
    let office = Plan::new().site(&site.url("/")).set_up();
    assert_eq!(
        twice(&office).await,
        ["soft-404 old/jh.html confirmed", "soft-404 zt/2019/ confirmed"],
        "{:?}",
        site.paths()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_redirects_all_to_its_home_page_is_seen_through() {
    let site = Server::start().await;
    furnish(
        &site,
        "<p><a href=\"/zt/2019/\">二〇一九年专题</a> <a href=\"/gk\">机构</a> <a href=\"/sy\">返回首页</a> <a href=\"/index.html\">主站</a></p>",
    );
    site.on("/gk", Script::redirect(302, "/jg.html"));
    site.otherwise(|_| Script::redirect(302, "/"));
    site.on("/robots.txt", Script::status(404));
    let office = Plan::new().site(&site.url("/")).set_up();
    assert_eq!(twice(&office).await, ["soft-404 zt/2019/ confirmed"], "{:?}", site.paths());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_that_routes_by_itself_is_not_accused() {
    let site = Server::start().await;
    let links: String =
        (1..9).fold(String::new(), |all, n| all + &format!("<a href=\"/view/{n}\">第{n}条政策文件</a>"));
    site.on("/", Script::html(page("示例市交通运输局", &NAV, &links)));
    site.otherwise(|_| {
        Script::html(
            "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>示例市交通运输局</title><script src=\"/js/app.js\"></script></head>\
             <body><div id=\"app\"></div><noscript>请启用脚本后访问本网站，谢谢您的理解和支持</noscript></body></html>",
        )
    });
    site.on("/js/app.js", Script::reply(200, &[("content-type", "application/javascript")], b"var a=1;"));
    site.on("/robots.txt", Script::status(404));
    let office = Plan::new().site(&site.url("/")).set_up();
    let told = twice(&office).await;
    assert!(!told.iter().any(|finding| finding.starts_with("soft-404")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attachments_are_what_their_names_say_or_are_told() {
    let site = Server::start().await;
    let names = [
        "good.pdf",
        "empty.doc",
        "gone.xls",
        "sorry.doc",
        "picture.docx",
        "office.pdf",
        "table.xls",
        "viewer.pdf",
        "new.doc",
        "stump.zip",
        "range.pdf",
        "home.rar",
    ];
    let links: String =
        names.iter().fold(String::new(), |all, name| all + &format!("<a href=\"/f/{name}\">附件{name}</a>"));
    furnish(&site, &links);
    let file = |kind: &str, body: &[u8]| Script::reply(200, &[("content-type", kind)], body);
    let long = |start: &[u8]| [start, &[b' '; 4096]].concat();
    let octets = "application/octet-stream";
    site.on("/f/good.pdf", file("application/pdf", &long(b"%PDF-1.7\n")));
    site.on("/f/empty.doc", file("application/msword", b""));
    site.on("/f/gone.xls", Script::status(404));
    let sorry = "<!DOCTYPE html><html><head><meta charset=utf-8><title>提示信息</title></head><body>抱歉，您访问的页面不存在或已被删除！</body></html>";
    site.on("/f/sorry.doc", file("application/msword", sorry.as_bytes()));
    site.on("/f/picture.docx", file(octets, &long(b"\x89PNG\r\n\x1a\n")));
    site.on("/f/office.pdf", file(octets, &long(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])));
    let table = "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head><title>404号文件</title></head><body><table><tr><td>1</td></tr></table></body></html>";
    site.on("/f/table.xls", file("application/vnd.ms-excel", table.as_bytes()));
    site.on(
        "/f/viewer.pdf",
        Script::html(
            "<html><head><title>附件预览</title></head><body>正在为您打开文件，请稍候片刻。</body></html>",
        ),
    );
    site.on("/f/new.doc", file("application/msword", &long(b"PK\x03\x04")));
    site.on("/f/stump.zip", file("application/zip", b"PK\x03\x04"));
    let part = Script::reply(
        206,
        &[("content-type", "application/pdf"), ("content-range", "bytes 0-8/99999")],
        b"%PDF-1.7\n",
    );
    site.on("/f/range.pdf", part);
    site.on("/f/home.rar", Script::redirect(302, "/"));
    site.otherwise(|_| Script::status(404));
    let office = Plan::new().site(&site.url("/")).set_up();
    assert_eq!(
        twice(&office).await,
        [
            "broken-link f/gone.xls confirmed",
            "faulty-attachment f/empty.doc confirmed",
            "faulty-attachment f/home.rar confirmed",
            "faulty-attachment f/office.pdf confirmed",
            "faulty-attachment f/picture.docx confirmed",
            "faulty-attachment f/sorry.doc confirmed",
            "faulty-attachment f/stump.zip confirmed",
        ]
    );
    let unclear = gaps(&office.judged().await);
    assert!(
        unclear.iter().any(|(url, why)| url.ends_with("/f/viewer.pdf") && why == "page-instead-of-file"),
        "{unclear:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_others_have_bought_are_told_by_their_titles_and_by_memory() {
    let site = Server::start().await;
    let outside = Server::bind("127.0.0.2:0").await;
    let links: String =
        ["bet", "sale", "moved", "renamed", "police", "walled"].iter().fold(String::new(), |all, path| {
            all + &format!("<a href=\"{}\">合作单位{path}</a>", outside.url(&format!("/{path}/")))
        });
    furnish(&site, &format!("{links}<a href=\"{}\">示例福利彩票</a>", outside.url("/lottery/")));
    let titled = |title: &str| Script::html(page(title, &[], "<p>内容</p>"));
    for path in ["/bet/", "/sale/", "/moved/", "/renamed/"] {
        outside.on(path, titled("示例县农业信息网"));
    }
    outside.on("/police/", titled("公安机关严厉打击百家乐、棋牌类网络赌博"));
    outside.on("/lottery/", titled("示例彩票投注站-棋牌"));
    outside.on("/walled/", Script::status(403));
    outside.otherwise(|_| Script::status(404));
    site.otherwise(|_| Script::status(404));
    let office = Plan::new().site(&site.url("/")).set_up();
    assert_eq!(twice(&office).await, Vec::<String>::new());

    outside.on("/bet/", titled("某某娱乐城-棋牌-百家乐-官网入口"));
    outside.on("/sale/", titled("nongye.example 域名出售"));
    outside.on("/moved/", titled("某某软件下载站"));
    outside.on("/renamed/", titled("示例县农业农村信息网"));
    assert_eq!(
        twice(&office).await,
        ["changed-target moved/ suspected", "lapsed-domain bet/ confirmed", "lapsed-domain sale/ confirmed"]
    );
    let judged = office.judged().await;
    let bet = findings(&judged).into_iter().find(|f| f["url"].as_str().is_some_and(|u| u.ends_with("/bet/")));
    let description = bet.expect("a finding")["description"].as_str().unwrap_or_default().to_owned();
    assert!(description.contains("现为赌博内容，此前标题为“示例县农业信息网”"), "{description}");
    assert!(gaps(&judged).iter().any(|(url, why)| url.ends_with("/walled/") && why == "blocked"));

    // Told until somebody sees to it, and gone with the link.
    assert_eq!(twice(&office).await.len(), 3);
    furnish(&site, "");
    assert_eq!(twice(&office).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_that_nobody_can_follow_are_told_and_never_asked() {
    let site = Server::bind("127.0.0.3:0").await;
    let inward = Server::bind("127.0.0.99:0").await;
    let dns = Dns::start().await;
    dns.set("www.jia.test", "127.0.0.3");
    let there = inward.url("/oa/");
    furnish(
        &site,
        &format!(
            "<p><img src=\"file:///C:/Users/1.png\"><a href=\"C:\\Users\\a.doc\">申报表</a><a href=\"{there}\">内部系统</a><a href=\"http://oaserver/x\">公文</a>\
             <a href=\"htttp://www.jia.test/\">主站</a><a href=\"javascript:void(0)\">展开</a><a href=\"weixin://dl/\">微信</a>\
             <a href=\"/jg.html?u=http://10.0.0.1/\">机构</a><script src=\"http://localhost:18000/CLodopfuncs.js\"></script></p>"
        ),
    );
    site.on("/jg.html?u=http://10.0.0.1/", Script::html(article("机构", day(9), "机构概况。")));
    site.otherwise(|_| Script::status(404));
    let home = format!("http://www.jia.test:{}/", site.addr().port());
    let office = Plan::new().dns(dns.addr()).private(r#"["127.0.0.3/32"]"#).site(&home).set_up();
    let findings = {
        office.run_well(&["patrol"]).await;
        office.run_well(&["recheck"]).await;
        office.findings().await
    };
    let mut expected = vec![
        "impossible-link c:\\Users\\a.doc".to_owned(),
        "impossible-link file:///C:/Users/1.png".to_owned(),
        "impossible-link htttp://www.jia.test/".to_owned(),
        "impossible-link http://oaserver/x".to_owned(),
        format!("impossible-link {there}"),
    ];
    expected.sort();
    let told: Vec<String> =
        accused(&findings).into_iter().filter(|finding| !finding.starts_with("no-ipv6")).collect();
    assert_eq!(told, expected);
    assert_eq!(inward.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_of_unknown_hosts_are_a_hint_and_hidden_farms_a_problem() {
    let site = Server::start().await;
    let other = Server::bind("127.0.0.2:0").await;
    other.otherwise(|_| Script::html("<html><head><title>某站</title></head><body>某站</body></html>"));
    let farm: String = (0..6).fold(String::new(), |all, n| {
        all + &format!("<a href=\"{}\">棋牌{n}</a>", other.url(&format!("/{n}")))
    });
    let dns = Dns::start().await;
    dns.set("tj.weizhi.test", "127.0.0.2");
    let script = format!("<script src=\"http://tj.weizhi.test:{}/s.js\"></script>", other.addr().port());
    furnish(&site, &format!("{script}<div style=\"position:absolute;left:-9999px\">{farm}</div>"));
    site.otherwise(|_| Script::status(404));
    let office = Plan::new().dns(dns.addr()).site(&site.url("/")).set_up();
    assert_eq!(twice(&office).await, ["foreign-script  suspected", "hidden-link  confirmed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_that_scripts_load_late_are_asked_for_and_what_holds_their_place_is_not() {
    let site = Server::start().await;
    let pictures = "<div><img src=\"/i/blank.gif\" data-original=\"/i/gone-1.jpg\" alt=\"会议现场\"><img data-src=\"/i/gone-2.jpg\" alt=\"视察\">\
        <img lay-src=\"/i/gone-3.png\" alt=\"签约\"><img srcset=\"/i/gone-4.jpg 1x, /i/gone-5.jpg 2x\" alt=\"开工\">\
        <img data-src=\"/i/there.jpg\" src=\"/i/blank.gif\"><img src=\"/i/there.jpg\" data-original=\"/i/large.jpg\">\
        <img src=\"/i/blank.gif\" data-src=\"\"><img src=\"/i/blank.gif\" data-src=\"{{url}}\"><img src=\"{{item.pic}}\">\
        <img src=\"/i/blank.gif\" data-src=\"javascript:\"></div>";
    furnish(&site, pictures);
    site.on("/i/there.jpg", Script::reply(200, &[("content-type", "image/jpeg")], b"\xff\xd8\xff\xe0"));
    site.otherwise(|_| Script::status(404));
    let office = Plan::new().site(&site.url("/")).set_up();
    assert_eq!(
        twice(&office).await,
        [
            "broken-link i/gone-1.jpg confirmed",
            "broken-link i/gone-2.jpg confirmed",
            "broken-link i/gone-3.png confirmed",
            "broken-link i/gone-4.jpg confirmed",
        ]
    );
    for finding in office.findings().await.iter().filter(|finding| finding["rule"] == "broken-link") {
        let description = finding["description"].as_str().unwrap_or_default();
        assert!(description.contains("”图片打不开"), "{description}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_programs_give_out_are_there_or_the_answer_that_says_not_is_told() {
    let site = Server::start().await;
    let html = "text/html;charset=utf-8";
    let answers: [(&str, &str, &str, &str); 18] = [
        ("/download.jsp?id=1", "附件1.申报表.doc", "text/plain;charset=utf-8", "文件不存在"),
        (
            "/attachment/down?fid=2",
            "附件下载",
            html,
            "<html><head><title>提示</title></head><body>对不起，文件不存在！<a href=\"/\">返回首页</a></body></html>",
        ),
        (
            "/module/download/downfile.jsp?filename=3.doc",
            "申报表",
            "application/json",
            "{\"code\":404,\"msg\":\"文件不存在\"}",
        ),
        (
            "/fj/show.do?id=4",
            "附件2：名单.xls",
            html,
            "<html><head><title>HTTP Status 404 – Not Found</title></head><body><h1>HTTP Status 404 – Not Found</h1><p><b>Type</b> Status Report</p>\
             <p>The origin server did not find a current representation for the target resource or is not willing to disclose that one exists.</p>\
             <h3>Apache Tomcat/8.5.57</h3></body></html>",
        ),
        ("/f/5.doc", "附件3.doc", html, "<html><body>您访问的文件不存在或已被删除</body></html>"),
        (
            "/f/6.pdf",
            "附件4.pdf",
            "application/json",
            "{\"code\":500,\"msg\":\"附件已被删除\",\"data\":null}",
        ),
        (
            "/download.jsp?id=7",
            "附件7.doc",
            "text/html;charset=utf-8",
            "<script>alert('附件不存在');history.back();</script>",
        ),
        // Nothing offers a file here: a page that is not there.
        ("/tishi?id=25", "系统提示", "text/plain;charset=utf-8", "文件不存在"),
        // All of these are in order, or not known.
        (
            "/download.jsp?id=20",
            "附件20.doc",
            html,
            "<html><head><title>下载</title></head><body>若提示文件不存在，请改用此处：<a href=\"/f/real.doc\">申报表.doc</a></body></html>",
        ),
        (
            "/download.jsp?id=21",
            "附件21.doc",
            html,
            "<html><body><script>location.href=\"/f/real.doc\";</script></body></html>",
        ),
        (
            "/viewer?f=22.pdf",
            "附件22.pdf",
            html,
            "<html><head><title>附件预览</title></head><body><iframe src=\"/f/real.doc\"></iframe></body></html>",
        ),
        ("/fj/23.html", "附件：实施方案", html, ""),
        ("/fj/show?id=24", "附件24", html, ""),
        ("/download.jsp?id=26", "附件26.doc", "application/msword", "\u{7f}PK"),
        ("/download.jsp?id=30", "附件30.doc", html, "<html><body>请先登录</body></html>"),
        ("/download.jsp?id=31", "附件31.doc", "application/json", "{\"code\":401,\"msg\":\"请先登录\"}"),
        (
            "/download.jsp?id=32",
            "附件32.doc",
            html,
            "<html><head><title>网站防火墙</title></head><body>您的请求带有不合法参数，已被网站管理员设置拦截！</body></html>",
        ),
        (
            "/download.jsp?id=33",
            "附件33.doc",
            html,
            "<html><head><title>用户登录</title></head><body><form><input name=u><input type=password name=p><button>登录</button></form></body></html>",
        ),
    ];
    let links: String = answers
        .iter()
        .fold(String::new(), |all, (path, text, ..)| all + &format!("<p><a href=\"{path}\">{text}</a></p>"));
    furnish(&site, &links);
    for (path, text, kind, body) in answers {
        if body.is_empty() {
            site.on(path, Script::html(article(text, day(3), &format!("{text}的有关情况说明。"))));
        } else {
            site.on(path, Script::reply(200, &[("content-type", kind)], body.as_bytes()));
        }
    }
    let long = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 4096]].concat();
    site.on("/f/real.doc", Script::reply(200, &[("content-type", "application/msword")], &long));
    site.otherwise(|_| Script::status(404));
    let office = Plan::new().site(&site.url("/")).set_up();
    assert_eq!(
        twice(&office).await,
        [
            "faulty-attachment download.jsp?id=7 confirmed",
            "faulty-attachment f/5.doc confirmed",
            "faulty-attachment f/6.pdf confirmed",
            "faulty-attachment module/download/downfile.jsp?filename=3.doc confirmed",
            // Pages that say so of themselves.
            "soft-404 attachment/down?fid=2 confirmed",
            "soft-404 download.jsp?id=1 confirmed",
            "soft-404 fj/show.do?id=4 confirmed",
            "soft-404 tishi?id=25 confirmed",
        ]
    );
    let open = gaps(&office.judged().await);
    for (id, why) in [("30", "restricted"), ("31", "restricted"), ("32", "blocked"), ("33", "restricted")] {
        let told = |(url, gap): &(String, String)| url.ends_with(&format!("?id={id}")) && gap == why;
        assert!(open.iter().any(told), "{id}: {open:?}");
    }
    let inward =
        open.iter().any(|(url, _)| ["id=20", "id=21", "id=25", "id=26"].iter().any(|id| url.ends_with(id)));
    assert!(!inward, "{open:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_against_links_from_elsewhere_accuses_nobody() {
    let site = Server::start().await;
    furnish(&site, "<p><a href=\"/f/guarded.pdf\">附件1</a><a href=\"/f/gone.pdf\">附件2</a></p>");
    let home = site.url("/");
    let origin = home.trim_end_matches('/').to_owned();
    site.otherwise(move |seen| {
        let from_here = seen.header("referer").is_some_and(|from| from.starts_with(&origin));
        if seen.path == "/f/guarded.pdf" && from_here {
            Script::reply(200, &[("content-type", "application/pdf")], b"%PDF-1.7\n1 0 obj\nendobj\n")
        } else {
            Script::status(404)
        }
    });
    let office = Plan::new().site(&home).set_up();
    office.run_well(&["patrol"]).await;
    assert!(site.log().iter().all(|seen| seen.header("referer").is_none()), "the first look names nothing");
    office.run_well(&["recheck"]).await;
    let guarded = |line: &String| line.contains("guarded");
    let told = told(&office).await;
    assert_eq!(told.iter().filter(|line| line.contains("gone.pdf")).count(), 1, "{told:?}");
    assert!(!told.iter().any(|line| guarded(line) && line.ends_with("confirmed")), "{told:?}");
}
