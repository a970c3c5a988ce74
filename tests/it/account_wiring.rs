//! New media through the real binary: links that units name in a table, accounts that a site shows and nobody registered, links of
//! menus, and what papers say of accounts.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate};

use super::kit::office::{Office, Plan};
use super::kit::{Script, Server};

const HEAD: &str = "平台,账号名称,账号ID,主办单位,状态,备案编号,佐证来源\n";

/// An office whose register lists these accounts; `home` is its one site.
fn office(home: &str, accounts: &str) -> Office {
    // No name but this one is resolved: nothing leaves the machine.
    let office = Plan::new()
        .site(home)
        .sections("[office]\narea = \"示例市\"\nsignature = \"示例市人民政府办公室\"\ncontact = \"李某某\"\nphone = \"0000-0000000\"\nreply-to = \"zwgk@shili.example\"\n")
        .set_up_with("connect-to = [\"no.example:80:127.0.0.1:9\"]\n");
    std::fs::write(office.dir().join("accounts.csv"), format!("{HEAD}{accounts}")).expect("writes");
    std::fs::create_dir(office.dir().join("evidence")).expect("a folder");
    office
}

fn evidence(office: &Office, name: &str, text: &str) {
    std::fs::write(office.dir().join("evidence").join(name), text).expect("writes");
}

fn ago(days: u64) -> NaiveDate {
    xuncha::patrol::now().date_naive().checked_sub_days(Days::new(days)).expect("a date")
}

fn article(author: &str, day: NaiveDate) -> Script {
    Script::html(format!(
        "<html><head><title>工作动态</title><meta name='author' content='{author}'>\
         <meta property='article:published_time' content='{day} 09:30:00'></head><body><h1>工作动态</h1><p>正文</p></body></html>"
    ))
}

/// State and description of what a rule found.
async fn found(office: &Office, rule: &str) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let all = office.findings().await;
    let of_rule = all.iter().filter(|finding| finding["rule"] == rule);
    of_rule.map(|finding| (text(&finding["state"]), text(&finding["description"]))).collect()
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn links_that_units_report_in_a_table_are_asked_for_once() {
    let server = Server::start().await;
    server.on("/robots.txt", Script::status(404));
    server.on("/old.html", article("示例交通", ago(30)));
    server.on("/new.html", article("示例交通", ago(1)));
    server.on("/others.html", article("别处教育", ago(40)));
    let office = office(
        "http://127.0.0.1:9/",
        "微信,示例交通,gh_jt,示例市交通运输局,正常运行,A1,\n微博,示例教育,1000000002,示例市交通运输局,正常运行,A2,\n",
    );
    office.run_well(&["check-account", "--link-form", "报送表.xlsx"]).await;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(office.dir().join("报送表.xlsx")).expect("the form");
    let range = calamine::Reader::worksheet_range_at(&mut book, 0).expect("a sheet").expect("a sheet");
    let cells: Vec<String> = range.used_cells().map(|(_, _, cell)| cell.to_string()).collect();
    assert!(
        cells.iter().any(|cell| cell == "报送链接") && cells.iter().any(|cell| cell == "示例教育"),
        "{cells:?}"
    );

    // As units send it back: two filled in, one of them about somebody else's article, one date that nobody can read.
    let table = |link: &str, day: &str| {
        format!(
            "政务新媒体最新信息报送表,,,,,,\n平台,账号名称,账号ID,主办单位,报送链接,报送日期,联络员\n\
             微信公众号,示例交通,gh_jt,示例市交通运输局,{},{day},王某\n微博,示例教育,1000000002,示例市交通运输局,{},{},孙某\n",
            server.url(link),
            server.url("/others.html"),
            ago(0),
        )
    };
    evidence(&office, "报送表11月.csv", &table("/old.html", &ago(0).to_string()));
    office.run_well(&["patrol"]).await;
    let stale = found(&office, "stale-account").await;
    assert_eq!(stale.len(), 1, "{stale:?}");
    assert!(stale[0].0 == "confirmed" && stale[0].1.contains("已30天未更新"), "{stale:?}");
    assert!(stale[0].1.contains("报送链接"), "{stale:?}");

    // Another patrol asks nothing again of the page that was read, and again of the one that was not this account's.
    office.run_well(&["patrol"]).await;
    let times = |path: &str| server.paths().iter().filter(|asked| *asked == path).count();
    assert_eq!((times("/old.html"), times("/others.html")), (1, 2));
    assert_eq!(found(&office, "stale-account").await.len(), 1, "what was read holds");

    // A person looks at one account: the named page is asked for, and only if wanted.
    evidence(&office, "报送表12月.csv", &table("/new.html", &ago(0).to_string()));
    let offline = said(&office.run_well(&["check-account", "示例交通", "--offline"]).await);
    assert!(offline.contains("无佐证") && times("/new.html") == 0, "{offline}");
    // Of two links of one day the later file holds.
    let asked = said(&office.run_well(&["check-account", "示例交通"]).await);
    assert!(asked.contains("按期更新") && times("/new.html") == 1, "{asked}");
    office.run_well(&["recheck", "--all"]).await;
    assert_eq!(found(&office, "stale-account").await, []);

    evidence(&office, "报送表12月.csv", &table("/new.html", "十二月"));
    let told = said(&office.run_well(&["patrol"]).await);
    assert!(told.contains("报送表12月.csv:3:6"), "{told}");
}

#[tokio::test]
async fn accounts_that_codes_and_texts_show_are_proposed_and_known_ones_left_alone() {
    let site = Server::start().await;
    let picture = std::fs::read("tests/data/qr/wechat.png").expect("a picture");
    site.on("/images/wx.png", Script::reply(200, &[("content-type", "image/png")], &picture));
    let article = |n: u32| {
        Script::html(format!(
            "<html><head><title>消息{n}</title></head><body><h1>消息{n}</h1><p>各乡镇有序开展第{n}项工作，进展顺利，群众满意。</p>\
             <p>更多消息请关注“示例乡村”微信公众号。</p><p>据“邻市观察”微信公众号报道。</p></body></html>"
        ))
    };
    let mut list = String::new();
    for n in 0..4 {
        site.on(&format!("/a{n}.html"), article(n));
        let _ = write!(list, "<li><a href='/a{n}.html'>消息{n}</a></li>");
    }
    site.on(
        "/",
        Script::html(format!(
            "<html><head><title>示例网站</title></head><body><ul>{list}</ul><div class='foot'><img src='/images/wx.png'><p>示例交通微信公众号</p></div></body></html>"
        )),
    );
    let office = office(&site.url("/"), "微博,别处,1000000001,示例市交通运输局,正常运行,A1,\n");
    office.run_well(&["patrol"]).await;
    let mut told = found(&office, "unregistered-account").await;
    told.sort();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|(state, _)| state == "suspected"));
    assert!(told[0].1.contains("有4个页面邀请关注微信公众号“示例乡村”"), "{told:?}");
    assert!(told[1].1.contains("首页有微信公众号的二维码，旁边写有“示例交通”"), "{told:?}");

    let register = |rows: &str| {
        std::fs::write(office.dir().join("accounts.csv"), format!("{HEAD}{rows}")).expect("writes");
    };
    // Registered under these names; or under others of the site's own unit, so that nobody can tell.
    register("微信,示例交通,,示例市交通运输局,正常运行,A1,\n微信,示例乡村发布,,示例市公安局,正常运行,A2,\n");
    assert_eq!(found(&office, "unregistered-account").await, []);
    register("微信,通达四方,,示例市交通运输局,正常运行,A1,\n微信,示例乡镇,,示例市公安局,正常运行,A2,\n");
    assert_eq!(found(&office, "unregistered-account").await, []);
}

#[tokio::test]
async fn links_of_menus_are_asked_for_once_and_told() {
    let server = Server::start().await;
    let page = |title: &str| {
        Script::html(format!(
            "<html><head><title>{title}</title></head><body><h1>{title}</h1><p>正文</p></body></html>"
        ))
    };
    server.on("menu.shili.example /robots.txt", Script::status(404));
    server.on("bet.example /robots.txt", Script::status(404));
    server.on("menu.shili.example /well", page("办事大厅"));
    server.on("menu.shili.example /gone", Script::status(404));
    server.on("menu.shili.example /walled", Script::status(403));
    server.on("bet.example /", page("某某娱乐城 百家乐 时时彩 真人娱乐"));
    let office = Plan::new().site("http://127.0.0.1:9/").set_up_with(&format!(
        "connect-to = [\"menu.shili.example:80:{0}\", \"bet.example:80:{0}\"]\n",
        server.addr()
    ));
    let register = "微信,示例交通,gh_1,示例市交通运输局,正常运行,A1,\n微信,示例公安,gh_2,示例市公安局,正常运行,A2,\n\
        微信,示例教育,gh_3,示例市文化旅游局,正常运行,A3,\n微信,示例旧号,gh_4,示例市公安局,已注销,A4,\n";
    std::fs::write(office.dir().join("accounts.csv"), format!("{HEAD}{register}")).expect("writes");
    std::fs::create_dir(office.dir().join("evidence")).expect("a folder");
    let menus = "平台,账号名称,菜单链接\n\
        微信,示例交通,办事大厅 http://menu.shili.example/well；查询 http://menu.shili.example/gone；下载 http://bet.example/\n\
        微信,示例公安,办事 http://menu.shili.example/well\n\
        微信,示例教育,办事 http://menu.shili.example/well；报名 http://menu.shili.example/walled\n\
        微信,示例旧号,旧页 http://menu.shili.example/old\n";
    evidence(&office, "菜单.csv", menus);
    office.run_well(&["patrol"]).await;
    for (rule, says) in [
        ("unsafe-link", "菜单链接“下载”指向赌博内容。"),
        ("dead-menu-link", "菜单链接“查询”打不开（返回404）。"),
    ] {
        assert_eq!(found(&office, rule).await, [("suspected".to_owned(), says.to_owned())], "{rule}");
    }
    let times = |path: &str| server.log().iter().filter(|seen| seen.path == path).count();
    // What two accounts offer is asked for once, what failed twice; of a cancelled account nothing.
    assert_eq!((times("/well"), times("/gone"), times("/old")), (1, 2, 0));
    assert!(times("/walled") >= 1);

    // As the operator asks about one account: the same, and the wall is a gap that says which link.
    let one = said(&office.run_well(&["check-account", "示例教育"]).await);
    assert!(!one.contains("新媒体菜单链接无法访问——"), "{one}");
    let offline = said(&office.run_well(&["check-account", "示例交通", "--offline"]).await);
    assert!(!offline.contains("菜单链接无法访问——"), "nothing is known of what was not asked: {offline}");

    // Mended: the page is back, the bet gone from the menu.
    server.on("menu.shili.example /gone", page("查询"));
    evidence(&office, "菜单.csv", &menus.replace("；下载 http://bet.example/", ""));
    office.run_well(&["recheck", "--all"]).await;
    assert_eq!(found(&office, "unsafe-link").await, []);
    assert_eq!(found(&office, "dead-menu-link").await, []);
}

#[tokio::test]
async fn papers_tell_what_accounts_published() {
    let office = office(
        "http://127.0.0.1:9/",
        "微信,示例交通,gh_jt,示例市交通运输局,正常运行,A1,导出表\n微信,示例公安,gh_ga,示例市公安局,正常运行,A2,\n",
    );
    let mut table = format!("统计时间：{}至{},,,\n平台,账号名称,标题,发布时间\n", ago(60), ago(0));
    for days in [1, 20, 25] {
        let _ = writeln!(table, "微信,示例交通,动态{days},{}", ago(days));
    }
    evidence(&office, "明细.csv", &table);
    evidence(
        &office,
        "菜单.csv",
        "平台,账号名称,菜单链接\n微信,示例交通,\"办事大厅：http://192.168.1.20/bs；门户 https://www.shili.example/\"\n",
    );
    office.run_well(&["patrol"]).await;
    let dead = found(&office, "dead-menu-link").await;
    assert_eq!(dead.len(), 1, "{dead:?}");
    assert!(dead[0].1.contains("菜单链接“办事大厅”指向外部无法访问的地址"), "{dead:?}");
    let today = xuncha::patrol::now().date_naive();
    let month = today.format("%Y-%m").to_string();
    office.run_well(&["report", "monthly", "--month", &month, "--out", "papers"]).await;
    let mut text = String::new();
    for entry in std::fs::read_dir(office.dir().join("papers")).expect("papers") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|kind| kind == "txt") {
            text.push_str(&std::fs::read_to_string(path).expect("text"));
        }
    }
    assert!(text.contains("政务新媒体发布情况统计表"), "{text}");
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && !"│|┃".contains(*c)).collect();
    // Two accounts, one of them with evidence.
    assert!(plain.contains("平台微信公众号21"), "{text}");
}

#[tokio::test]
async fn other_rules_are_compared_over_accounts_too() {
    let server = Server::start().await;
    server.on("/robots.txt", Script::status(404));
    server.on("/new.html", article("示例交通", ago(12)));
    let office = office("http://127.0.0.1:9/", "微信,示例交通,gh_jt,示例市交通运输局,正常运行,A1,\n");
    let table = format!(
        "平台,账号名称,账号ID,主办单位,报送链接,报送日期,联络员\n微信公众号,示例交通,gh_jt,示例市交通运输局,{},{},王某\n",
        server.url("/new.html"),
        ago(0),
    );
    evidence(&office, "报送表.csv", &table);
    office.run_well(&["patrol"]).await;
    assert_eq!(found(&office, "stale-account").await, [], "twelve days are within two weeks");
    let told = said(&office.run_well(&["judge", "--rules", "fujian-minhou-2025"]).await);
    for part in
        ["max-age-days：14 → 10", "规则`stale-account` 新媒体超期未更新：新增1，不再0", "未达到 → 达到"]
    {
        assert!(told.contains(part), "{part} in {told}");
    }
    let same = said(&office.run_well(&["judge", "--rules", "national-2019"]).await);
    assert!(same.contains("问题没有增减"), "{same}");
}
