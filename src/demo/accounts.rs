//! The demo's new-media accounts: their register, the evidence that the invented office has of them, and what is wrong with
//! them. Evidence is all that a patrol sees of an account, so the two are written side by side.
#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use chrono::{Days, NaiveDate};

use super::pages::Grounds;
use super::web::{HTML, Host, Resource};
use super::{MEDIA, portal};

/// Planted defects: rule, path of the account's page, what.
pub(super) const PLANTED: [(&str, &str, &str); 12] = [
    ("stale-account", "/wb/sfb/", "微博18天未更新（导出表）"),
    ("stale-account", "/wx/ga/", "公众号20天未更新（人工核查）"),
    ("stale-account", "/wx/zw/", "公众号19天未更新（报送链接）"),
    ("stale-account", "/wx/wl/", "公众号22天未更新（平台接口）"),
    ("stale-account", "/dy/wl/", "抖音26天未更新，置顶旧视频在前（平台接口）"),
    ("dead-account", "/tt/wl/", "头条号120天未更新"),
    ("stopped-not-cancelled", "/dy/jt/", "公告关停100天未注销"),
    ("cancelled-alive", "/xhs/wl/", "登记已注销，仍在发布"),
    ("duplicate-account", "/wx/ga2/", "同一单位的第二个公众号"),
    ("app-unavailable", "/app/slt/", "APP下载后打不开（人工核查）"),
    ("no-interaction", "/bz/xzf/", "留言无人回应（人工核查）"),
    ("commercial-content", "/sph/wl/", "视频号有商业广告（人工核查）"),
];

/// Planted proposals and suspicions, as [`PLANTED`].
pub(super) const PROPOSED: [(&str, &str, &str); 4] = [
    ("idle-account", "/wb/ly/", "半年只发4条的微博"),
    ("merge-candidate", "/wx/ga2/", "另有主账号、半年只发6条的公众号"),
    ("dead-menu-link", "/wx/ga2/", "菜单链接指向内网地址"),
    ("unsynchronised", "/tt/sfb/", "登记为与市政府网站同步、未见网站要闻的头条号"),
];

/// Healthy accounts that look as if they were not: path, what.
pub(super) const LOOK_ALIKES: [(&str, &str); 15] = [
    ("/wx/sfb/", "每天更新的公众号"),
    ("/wx/jt/", "13天未更新，未满两周"),
    ("/wx/hb/", "旧系统的导出表没有截止日期"),
    ("/ks/rm/", "导出表里的时间无法识别"),
    ("/xcx/bs/", "只办事、不发布信息的小程序"),
    ("/wx/xjy/", "导出表过期，人工核查昨天有更新"),
    ("/wx/old/", "已注销的旧账号"),
    ("/wx/ny/", "报送链接是两天前的文章"),
    ("/tt/xzf/", "订阅源里有昨天的信息"),
    ("/wb/xzf/", "订阅源为空"),
    ("/wx/xfb/", "平台数据延迟，看似25天未更新"),
    ("/wb/ga/", "平台接口里有昨天的微博"),
    ("/dy/ga/", "200天前的视频置顶，其后有新视频"),
    ("/wb/ny/", "平台接口额度用完"),
    ("/wx/sfb/", "网站要闻都同步发布的公众号"),
];

/// Platform, name, identifier, unit, status, closed days ago, path of its page.
type Registered =
    (&'static str, &'static str, &'static str, &'static str, &'static str, Option<u64>, &'static str);

const ACCOUNTS: [Registered; 28] = [
    ("微信公众号", "示例市发布", "gh_sfb", OFFICE, "正常运行", None, "/wx/sfb/"),
    ("微博", "示例市发布", "9000000001", OFFICE, "正常运行", None, "/wb/sfb/"),
    ("微信公众号", "示例交通", "gh_jt", "示例市交通运输局", "正常运行", None, "/wx/jt/"),
    ("抖音", "示例交通", "sljt", "示例市交通运输局", "关停公告中", Some(100), "/dy/jt/"),
    ("微信公众号", "示例生态环境", "gh_hb", "示例市生态环境局", "正常运行", None, "/wx/hb/"),
    ("今日头条", "示例文旅", "slwl", "示例市文化旅游局", "正常运行", None, "/tt/wl/"),
    ("小红书", "示例文旅", "xhs01", "示例市文化旅游局", "已注销", Some(60), "/xhs/wl/"),
    ("微博", "示例旅游", "9000000002", "示例市文化旅游局", "正常运行", None, "/wb/ly/"),
    ("微信公众号", "示例公安", "gh_ga", "示例市公安局", "正常运行", None, "/wx/ga/"),
    ("微信公众号", "平安示例", "gh_ga2", "示例市公安局", "正常运行", None, "/wx/ga2/"),
    ("微信公众号", "示例公安旧号", "gh_ga0", "示例市公安局", "已注销", Some(300), "/wx/old/"),
    ("APP", "示例通", "", OFFICE, "正常运行", None, "/app/slt/"),
    ("微信小程序", "示例办事", "wx_bs", OFFICE, "正常运行", None, "/xcx/bs/"),
    ("B站", "示例县发布", "bz01", COUNTY_OFFICE, "正常运行", None, "/bz/xzf/"),
    ("快手", "示例县融媒", "ks01", COUNTY_OFFICE, "正常运行", None, "/ks/rm/"),
    ("微信公众号", "示例县教育", "gh_xjy", "示例县教育局", "正常运行", None, "/wx/xjy/"),
    ("微信公众号", "示例政务服务", "gh_zw", "示例市电子政务中心", "正常运行", None, "/wx/zw/"),
    ("微信公众号", "示例县农业", "gh_ny", "示例县农业农村局", "正常运行", None, "/wx/ny/"),
    ("今日头条", "示例县政务", "tt02", COUNTY_OFFICE, "正常运行", None, "/tt/xzf/"),
    ("微博", "示例县政务", "9000000003", COUNTY_OFFICE, "正常运行", None, "/wb/xzf/"),
    ("微信公众号", "示例文旅", "gh_wl", "示例市文化旅游局", "正常运行", None, "/wx/wl/"),
    ("抖音", "示例文旅", "slwl_dy", "示例市文化旅游局", "正常运行", None, "/dy/wl/"),
    ("微信视频号", "示例文旅", "sph_wl", "示例市文化旅游局", "正常运行", None, "/sph/wl/"),
    ("微信公众号", "示例县发布", "gh_xfb", COUNTY_OFFICE, "正常运行", None, "/wx/xfb/"),
    ("微博", "示例公安", "9000000004", "示例市公安局", "正常运行", None, "/wb/ga/"),
    ("抖音", "示例公安", "slga_dy", "示例市公安局", "正常运行", None, "/dy/ga/"),
    ("微博", "示例县农业", "9000000005", "示例县农业农村局", "正常运行", None, "/wb/ny/"),
    ("今日头条", "示例市发布", "tt_sfb", OFFICE, "正常运行", None, "/tt/sfb/"),
];

/// In place of the address of the newest article, which is another each time a unit names it.
const NEWEST: &str = "";

/// Sources that stand on the network: the account's page, what is asked for below it.
const ON_NETWORK: [(&str, &str); 4] =
    [("/wx/zw/", NEWEST), ("/wx/ny/", NEWEST), ("/tt/xzf/", "rss.xml"), ("/wb/xzf/", "rss.xml")];

/// Accounts whose platform is asked through its interface, in the name of a credential.
const BY_INTERFACE: [(&str, &str); 6] = [
    ("/wx/wl/", "wl-wx"),
    ("/wx/xfb/", "xfb-wx"),
    ("/wb/ga/", "ga-wb"),
    ("/wb/ny/", "ny-wb"),
    ("/dy/ga/", "ga-dy"),
    ("/dy/wl/", "wl-dy"),
];
/// Accounts that are to carry what the city's site publishes.
const IN_STEP: [&str; 2] = ["/wx/sfb/", "/tt/sfb/"];

const OFFICE: &str = "示例市人民政府办公室";
const COUNTY_OFFICE: &str = "示例县人民政府办公室";

/// What the newest article is called on the day on which a unit names it.
pub fn article_of(day: NaiveDate) -> String {
    format!("t{}.html", day.format("%Y%m%d"))
}

/// `accounts.csv`.
pub(super) fn register(port: u16, as_of: NaiveDate) -> String {
    let mut text =
        "平台,账号名称,账号ID,主办单位,状态,备案编号,开设时间,注销时间,同步网站,网址,佐证来源\n".to_owned();
    for (n, (platform, name, id, unit, status, closed, path)) in (1..).zip(ACCOUNTS) {
        let closed = closed.map(|days| ago(as_of, days).to_string()).unwrap_or_default();
        let asked = ON_NETWORK.iter().find(|(of, _)| *of == path);
        let sources = match asked {
            Some((_, file)) if *file == NEWEST => {
                format!("链接 http://{MEDIA}:{port}{path}{} {as_of}", article_of(as_of))
            }
            Some((_, file)) => format!("订阅 http://{MEDIA}:{port}{path}{file}"),
            None => match BY_INTERFACE.iter().find(|(of, _)| *of == path) {
                Some((_, credential)) => format!("接口 {credential}"),
                None => "导出表；人工".to_owned(),
            },
        };
        let site = if IN_STEP.contains(&path) { "示例市人民政府" } else { "" };
        let _ = writeln!(
            text,
            "{platform},{name},{id},{unit},{status},9901A{n:03},2020.6,{closed},{site},http://{MEDIA}:{port}{path},{sources}"
        );
    }
    text
}

/// What the sources on the network answer: articles that units named, and feeds.
pub(super) fn host(grounds: Grounds) -> Host {
    let mut host = Host::new(MEDIA, Ipv4Addr::new(127, 0, 0, 5), false);
    let article = |author: &str, title: &str, days: u64| {
        let body = format!(
            "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"author\" content=\"{author}\"><meta property=\"article:published_time\" content=\"{} 09:30:00\">\
             </head><body><h1>{title}</h1><p>演示用文章，内容为虚构。</p></body></html>",
            grounds.day(days)
        );
        Resource::ok(HTML, body, grounds.day(days))
    };
    let newest = article_of(grounds.day(0));
    host.put(format!("/wx/zw/{newest}"), article("示例政务服务", "政务服务大厅国庆期间安排", 19));
    host.put(format!("/wx/ny/{newest}"), article("示例县农业", "秋冬季麦田管理要点", 2));
    let feed = |items: &str| {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>演示</title>{items}</channel></rss>"
        );
        Resource::ok("application/rss+xml; charset=utf-8", body, grounds.day(0))
    };
    let item = format!(
        "<item><title>示例县政务要闻</title><link>http://{MEDIA}/1</link><pubDate>{}</pubDate></item>",
        grounds.day(1).format("%a, %d %b %Y 09:30:00 +0800")
    );
    host.put("/tt/xzf/rss.xml", feed(&item));
    host.put("/wb/xzf/rss.xml", feed(""));
    host
}

/// The tables of the evidence folder: names and texts.
pub(super) fn evidence(as_of: NaiveDate) -> Vec<(&'static str, String)> {
    vec![
        ("省级平台导出.csv", of_province(as_of)),
        ("人工核查.csv", signed(as_of)),
        ("示例旅游微博导出.csv", posts(as_of)),
        ("旧系统导出.csv", undated(as_of)),
        ("平安示例公众号导出.csv", little(as_of)),
        ("示例市发布内容明细.csv", in_step(as_of)),
        ("菜单链接.csv", menus().to_owned()),
    ]
}

/// A table of the provincial system: title rows, sums, one cell that nobody can read.
fn of_province(as_of: NaiveDate) -> String {
    let mut text = format!(
        "政务新媒体监测汇总,,,,\n统计时间：{}至{as_of},,,,\n序号,平台类型,新媒体名称,账号标识,最后更新时间\n",
        ago(as_of, 30)
    );
    let rows = [
        ("微信公众号", "示例市发布", "gh_sfb", 0),
        ("新浪微博", "示例市发布", "9000000001", 18),
        ("微信公众号", "示例交通", "gh_jt", 13),
        ("抖音", "示例交通", "sljt", 3),
        ("今日头条", "示例文旅", "slwl", 120),
        ("小红书", "示例文旅", "xhs01", 5),
        ("微信公众号", "平安示例", "gh_ga2", 2),
    ];
    for (n, (platform, name, id, days)) in (1..).zip(rows) {
        let _ = writeln!(text, "{n},{platform},{name},{id},{} 09:30", ago(as_of, days));
    }
    text.push_str("8,快手,示例县融媒,ks01,约两个月前\n合计,,,,\n");
    text
}

/// A checklist that a person filled in and signed.
fn signed(as_of: NaiveDate) -> String {
    let mut text = "政务新媒体人工核查表,,,,,,,,\n\
                    平台,账号名称,账号ID,最近发布时间,能否有效互动,有无商业广告,能否下载使用,核查时间,核查人\n"
        .to_owned();
    for (platform, name, id, days, talks, works) in [
        ("微信公众号", "示例公安", "gh_ga", Some(20), "能", ""),
        ("APP", "示例通", "", None, "能", "否"),
        ("微信小程序", "示例办事", "wx_bs", None, "能", "能"),
        ("B站", "示例县发布", "bz01", Some(1), "否", ""),
        ("微信公众号", "示例县教育", "gh_xjy", Some(1), "能", ""),
        ("微信视频号", "示例文旅", "sph_wl", Some(2), "能", ""),
    ] {
        let day = days.map(|days| ago(as_of, days).to_string()).unwrap_or_default();
        let sells = if id == "sph_wl" { "有" } else { "无" };
        let _ = writeln!(text, "{platform},{name},{id},{day},{talks},{sells},{works},{as_of},李某某");
    }
    text
}

/// A platform's own export: a line a post, of the account that the title names.
fn posts(as_of: NaiveDate) -> String {
    let mut text = format!(
        "“示例旅游”微博内容导出,,\n统计时间：{}至{as_of},,\n微博内容,发布时间,阅读数\n",
        ago(as_of, 200)
    );
    for (days, title) in [
        (1, "示例湖国庆客流公告"),
        (60, "示例山索道检修通知"),
        (110, "文明旅游倡议书"),
        (170, "古城夜游开放"),
    ] {
        let _ = writeln!(text, "{title},{} 10:00:00,12", ago(as_of, days));
    }
    text
}

/// An old system's table, which does not say up to which day it reaches, and another account's evidence that has aged.
fn undated(as_of: NaiveDate) -> String {
    format!(
        "平台,账号名称,最近发布时间,截止日期\n微信公众号,示例生态环境,{},\n微信公众号,示例县教育,{},{}\n",
        ago(as_of, 40),
        ago(as_of, 50),
        ago(as_of, 25)
    )
}

/// A platform's export of an account that publishes little.
fn little(as_of: NaiveDate) -> String {
    let mut text = format!(
        "“平安示例”公众号图文明细,,\n统计时间：{}至{as_of},,\n标题,发表时间,阅读人数\n",
        ago(as_of, 200)
    );
    for (days, title) in [
        (2, "冬季防火提示"),
        (40, "交通安全宣传日活动"),
        (75, "反诈知识问答"),
        (100, "户籍业务办理须知"),
        (130, "汛期出行提示"),
        (160, "禁毒宣传"),
    ] {
        let _ = writeln!(text, "{title},{} 15:00,30", ago(as_of, days));
    }
    text
}

/// What two accounts of the city published that are to keep step with its site: one carries its headlines, the other its own.
fn in_step(as_of: NaiveDate) -> String {
    let mut text =
        format!("内容明细,,,\n统计时间：{}至{as_of},,,\n平台,账号名称,标题,发布时间\n", ago(as_of, 30));
    let columns = portal::columns(Grounds { as_of, port: 0 });
    for article in columns.iter().flat_map(|column| &column.articles) {
        if article.day >= ago(as_of, 30) {
            let _ = writeln!(text, "微信公众号,示例市发布,{},{} 18:00", article.title, article.day);
        }
    }
    let _ = writeln!(text, "微信公众号,示例市发布,天气早知道,{as_of} 07:30");
    for (days, title) in
        [(1, "周末去哪儿"), (4, "示例美食地图"), (9, "老照片里的示例城"), (15, "夜跑路线推荐")]
    {
        let _ = writeln!(text, "今日头条,示例市发布,{title},{} 20:00", ago(as_of, days));
    }
    text
}

/// Links of menus, as a person copied them.
fn menus() -> &'static str {
    "平台,账号名称,菜单链接\n微信公众号,平安示例,警务大厅 http://10.6.1.9/jwdt；办事指南 https://www.shili-city.example/bsfw/\n"
}

fn ago(as_of: NaiveDate, days: u64) -> NaiveDate {
    as_of.checked_sub_days(Days::new(days)).unwrap_or(as_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_an_account_of_the_register() {
        let paths: Vec<&str> = ACCOUNTS.iter().map(|account| account.6).collect();
        let named = PLANTED.iter().chain(&PROPOSED).map(|(_, path, _)| *path);
        for path in named.chain(LOOK_ALIKES.iter().map(|(path, _)| *path)) {
            assert!(paths.contains(&path), "{path}");
        }
    }
}
