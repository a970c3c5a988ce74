//! The demo's new-media accounts: their register, the evidence that the invented office has of them, and what is wrong with
//! them. Evidence is all that a patrol sees of an account, so the two are written side by side.
#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use chrono::{Days, NaiveDate};

use super::MEDIA;
use super::pages::Grounds;
use super::web::{HTML, Host, Resource};

/// Files of evidence, in the folder of that name.
pub const EVIDENCE: [&str; 4] =
    ["省级平台导出.csv", "人工核查.csv", "示例旅游微博导出.csv", "旧系统导出.csv"];

/// Planted defects: rule, path of the account's page, what.
pub(super) const PLANTED: [(&str, &str, &str); 9] = [
    ("stale-account", "/wb/sfb/", "微博18天未更新（导出表）"),
    ("stale-account", "/wx/ga/", "公众号20天未更新（人工核查）"),
    ("stale-account", "/wx/zw/", "公众号19天未更新（报送链接）"),
    ("dead-account", "/tt/wl/", "头条号120天未更新"),
    ("stopped-not-cancelled", "/dy/jt/", "公告关停100天未注销"),
    ("cancelled-alive", "/xhs/wl/", "登记已注销，仍在发布"),
    ("duplicate-account", "/wx/ga2/", "同一单位的第二个公众号"),
    ("app-unavailable", "/app/slt/", "APP下载后打不开（人工核查）"),
    ("no-interaction", "/bz/xzf/", "留言无人回应（人工核查）"),
];

/// Planted proposals and suspicions, as [`PLANTED`].
pub(super) const PROPOSED: [(&str, &str, &str); 1] = [("idle-account", "/wb/ly/", "半年只发4条的微博")];

/// Healthy accounts that look as if they were not: path, what.
pub(super) const LOOK_ALIKES: [(&str, &str); 10] = [
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
];

/// Platform, name, identifier, unit, status, closed days ago, path of its page.
type Registered =
    (&'static str, &'static str, &'static str, &'static str, &'static str, Option<u64>, &'static str);

const ACCOUNTS: [Registered; 20] = [
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
];

/// Sources that stand on the network: the account's page, what is asked for below it.
const ON_NETWORK: [(&str, &str); 4] =
    [("/wx/zw/", "new.html"), ("/wx/ny/", "new.html"), ("/tt/xzf/", "rss.xml"), ("/wb/xzf/", "rss.xml")];

const OFFICE: &str = "示例市人民政府办公室";
const COUNTY_OFFICE: &str = "示例县人民政府办公室";

/// `accounts.csv`.
pub(super) fn register(port: u16, as_of: NaiveDate) -> String {
    let mut text = "平台,账号名称,账号ID,主办单位,状态,备案编号,开设时间,注销时间,网址,佐证来源\n".to_owned();
    for (n, (platform, name, id, unit, status, closed, path)) in (1..).zip(ACCOUNTS) {
        let closed = closed.map(|days| ago(as_of, days).to_string()).unwrap_or_default();
        let asked = ON_NETWORK.iter().find(|(of, _)| *of == path);
        let sources = match asked {
            Some((_, file)) if *file == "new.html" => {
                format!("链接 http://{MEDIA}:{port}{path}{file} {as_of}")
            }
            Some((_, file)) => format!("订阅 http://{MEDIA}:{port}{path}{file}"),
            None => "导出表；人工".to_owned(),
        };
        let _ = writeln!(
            text,
            "{platform},{name},{id},{unit},{status},9901A{n:03},2020.6,{closed},http://{MEDIA}:{port}{path},{sources}"
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
    host.put("/wx/zw/new.html", article("示例政务服务", "政务服务大厅国庆期间安排", 19));
    host.put("/wx/ny/new.html", article("示例县农业", "秋冬季麦田管理要点", 2));
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

/// The tables of the evidence folder, in the order of [`EVIDENCE`].
pub(super) fn evidence(as_of: NaiveDate) -> [(&'static str, String); 4] {
    let [province, checklist, weibo, old] = EVIDENCE;
    [(province, of_province(as_of)), (checklist, signed(as_of)), (weibo, posts(as_of)), (old, undated(as_of))]
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
    ] {
        let day = days.map(|days| ago(as_of, days).to_string()).unwrap_or_default();
        let _ = writeln!(text, "{platform},{name},{id},{day},{talks},无,{works},{as_of},李某某");
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
