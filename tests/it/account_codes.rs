//! Codes of new-media accounts on home pages: which pictures are asked for, what they say, and what is left alone.

use xuncha::config::installation::Installation;
use xuncha::facts::account::Platform;
use xuncha::facts::account_marks::AccountMarks;
use xuncha::patrol::{self, Gear, Order};
use xuncha::registry::{Account, AccountStatus};
use xuncha::rules::RuleSet;
use xuncha::store::facts::{FactsDb, RunRecord};

use crate::kit::{self, Plan, Script, Server};

const HOME: &str = "<!DOCTYPE html><html><head><title>示例市人民政府</title></head><body><ul><li><a href='/a.html'>要闻</a></li></ul>\
    <img src='/images/banner.jpg' alt='横幅'><p>欢迎访问</p><div class='footer'><a href='https://weibo.com/u/1234567890'>示例发布微博</a>\
    <div><img src='/images/wx.png'><p>示例交通微信公众号</p></div><p>扫一扫</p><img src='/images/ewm.gif'>\
    <img src='/images/gone_qrcode.png'><img src='/images/page_qrcode.png'><img src='/images/huge_qrcode.png'></div></body></html>";

fn picture(name: &str, kind: &str) -> Script {
    let bytes = std::fs::read(format!("tests/data/qr/{name}")).expect("a picture");
    Script::reply(200, &[("content-type", kind)], &bytes)
}

async fn site() -> Server {
    let site = Server::start().await;
    site.on("/", Script::html(HOME));
    site.on("/a.html", Script::html("<html><head><title>要闻</title></head><body>2026-11-01</body></html>"));
    site.on("/images/wx.png", picture("wechat.png", "image/png"));
    site.on("/images/ewm.gif", picture("douyin.gif", "image/gif"));
    site.on("/images/banner.jpg", picture("weibo.jpg", "image/jpeg"));
    site.on("/images/page_qrcode.png", Script::html("<h1>登录</h1>"));
    site.on(
        "/images/huge_qrcode.png",
        Script::reply(200, &[("content-type", "image/png")], &vec![0x89; 3 << 20]),
    );
    site
}

/// What a first look keeps of the home page's accounts.
async fn looked(site: &Server, accounts: Vec<Account>) -> (Option<AccountMarks>, AccountMarks) {
    kit::install_tls();
    let office = Plan::new().site(&site.url("/")).set_up();
    let mut files = Installation::open(&office.dir().join("xuncha.toml"), None).expect("an installation");
    files.registry.accounts = accounts;
    let rules = RuleSet::shipped().expect("rules");
    let order = Order { config: &files.config, registry: &files.registry, rules: &rules };
    let mut db = FactsDb::open(office.dir()).expect("a database");
    let as_of = patrol::now();
    let record = RunRecord {
        id: 0,
        as_of,
        ended: None,
        version: "0".to_owned(),
        config_hash: String::new(),
        registry_hash: String::new(),
        rules_hash: String::new(),
    };
    let run = db.start_run(&record, as_of).expect("a run");
    let gear = Gear::new(order.config, order.registry, &[]).expect("the network side");
    let db = patrol::first_look(order, &gear, db, run, as_of, |_| ()).await.expect("a look");
    let judged = patrol::judged(order, &db, run, as_of).expect("judged");
    let stored = judged[0].looks[0].facts.accounts.clone().expect("the home page was read");
    let visit = db.visit(run, 1, &site.url("/")).expect("the database").expect("a visit");
    let page = db.page(run, 1, visit.id).expect("the database").expect("a page");
    (page.facts.accounts, stored)
}

fn some_account() -> Account {
    Account {
        platform: Platform::Weibo,
        platform_name: String::new(),
        name: "别处发布".to_owned(),
        platform_id: String::new(),
        supervisor: None,
        host_unit: None,
        responsible: None,
        status: AccountStatus::Running,
        filing: String::new(),
        opened: None,
        closed: None,
        menu: None,
        reply: None,
        publishes: true,
        site: None,
        address: None,
        sources: Vec::new(),
        origin: "accounts.csv:2".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_codes_on_a_home_page_say_is_kept_with_it() {
    let site = site().await;
    let (on_page, of_site) = looked(&site, vec![some_account()]).await;
    assert_eq!(on_page.as_ref(), Some(&of_site), "as stored, so judged");
    let mut codes: Vec<_> = of_site
        .account_codes
        .iter()
        .map(|code| {
            let file = code.image.rsplit('/').next().unwrap_or_default();
            (file, code.says.as_deref().map(<[String]>::concat), code.gap.as_deref())
        })
        .collect();
    codes.sort();
    assert_eq!(
        codes,
        [
            ("ewm.gif", Some("https://v.douyin.com/iAbCdEf/".to_owned()), None),
            ("gone_qrcode.png", None, Some("status-404")),
            ("huge_qrcode.png", None, Some("too-large")),
            ("page_qrcode.png", None, Some("no-picture")),
            ("wx.png", Some("http://weixin.qq.com/r/abcdEFGH1234".to_owned()), None),
        ]
    );
    let wechat = of_site.account_codes.iter().find(|code| code.image.ends_with("wx.png")).expect("a code");
    assert_eq!((wechat.name.as_deref(), wechat.platform), (Some("示例交通"), Some(Platform::Wechat)));
    assert_eq!(wechat.accounts()[0].platform, Platform::Wechat);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_register_of_accounts_no_picture_is_opened() {
    let site = site().await;
    let (_, marks) = looked(&site, Vec::new()).await;
    assert!(marks.account_codes.iter().all(|code| code.says.is_none() && code.gap.is_none()));
    assert_eq!(marks.account_codes.len(), 5, "which pictures there are is known all the same");
}
