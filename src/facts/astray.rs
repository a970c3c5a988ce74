//! Outside pages that are there and lead a visitor astray: gambling, pornography, parked domains and domains for sale, told
//! by what a page calls itself; and pages that call themselves something wholly different from what they did before.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::page::PageFacts;
use super::tls::{TlsFacts, TlsSeen};
use crate::url::registrable_domain;

/// What an outside page has become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Astray {
    /// Its kind.
    pub trade: Trade,
    /// What it calls itself now.
    pub title: String,
    /// What it called itself in an earlier run, where that is known and was something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// Another domain that the certificate of its host is for, where a confirming look saw one: told beside the rest, never a
    /// ground by itself, because hosts of many share certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified: Option<String>,
}

/// Kinds of pages that nobody links to on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trade {
    /// Gambling.
    Gambling,
    /// Pornography.
    Adult,
    /// The domain is offered for sale.
    ForSale,
    /// Nothing but a registrar's or an advertiser's filling.
    Parked,
    /// Another page than it was, of no kind that is known.
    Other,
}

/// Words of which two different ones make a gambling site; pages about the fight against gambling use other ones beside.
const GAMBLING: &[&str] = &[
    "娱乐城",
    "真人娱乐",
    "博彩",
    "棋牌",
    "百家乐",
    "时时彩",
    "六合彩",
    "pg电子",
    "pg游戏",
    "真人视讯",
    "开云体育",
    "kaiyun",
    "电竞下注",
    "乐鱼体育",
    "华体会",
    "星空体育",
    "九游会",
    "米兰体育",
    "必威",
    "6合彩",
    "马会资料",
    "一肖一码",
    "特码",
    "真钱",
    "炸金花",
    "彩金",
    "澳门新葡",
    "新葡京",
    "葡京",
    "威尼斯人",
    "太阳城",
    "赌场",
    "赌博",
    "下注",
    "投注",
    "北京赛车",
    "快三",
    "快3",
    "老虎机",
    "捕鱼",
    "体育投注",
    "真人荷官",
    "彩票平台",
    "彩票网",
    "开元",
    "金沙",
    "皇冠体育",
    "亚博",
    "必赢",
    "注册送",
    "首存",
    "官网入口",
    "登录入口",
    "手机版下载",
    "app下载",
    "老品牌",
    "信誉",
    "bet365",
    "casino",
    "baccarat",
    "sportsbook",
];
/// Of these, those that only say anything beside another: entrances and promises.
const LURES: &[&str] = &[
    "官网入口",
    "登录入口",
    "手机版下载",
    "app下载",
    "老品牌",
    "信誉",
    "注册送",
    "首存",
    "开元",
    "金沙",
    "太阳城",
    "威尼斯人",
    "彩票网",
    "下注",
    "投注",
];
/// As for gambling.
const ADULT: &[&str] = &[
    "成人视频",
    "成人影片",
    "成人电影",
    "色情",
    "情色",
    "黄色视频",
    "黄色网站",
    "黄片",
    "毛片",
    "成人在线",
    "激情小说",
    "av在线",
    "无码",
    "一区二区",
    "国产精品",
    "久久",
    "伦理片",
    "偷拍",
    "裸聊",
    "约炮",
    "porn",
    "xxx",
];
/// One is enough: nobody says this of anything but a domain.
const FOR_SALE: &[&str] = &[
    "域名出售",
    "域名正在出售",
    "域名可以转让",
    "域名可转让",
    "域名转让中",
    "此域名可出售",
    "本域名出售",
    "出售此域名",
    "出售域名",
    "购买此域名",
    "购买该域名",
    "域名正在转让",
    "域名待售",
    "此域名正在出售",
    "该域名正在出售",
    "您正在访问的域名可以转让",
    "domain is for sale",
    "domain for sale",
    "domain may be for sale",
    "buy this domain",
    "domain name is for sale",
];
/// As above.
const PARKED: &[&str] = &[
    "域名停放",
    "域名未绑定",
    "域名已过期",
    "域名过期",
    "该域名已被注册",
    "域名暂停解析",
    "domain parking",
    "parked domain",
    "domain has expired",
    "this domain is parked",
    "domain parked",
];
/// Of these and their like, those that mean the page's own domain wherever they stand.
const SURELY_PARKED: &[&str] = &[
    "域名已过期",
    "该域名停放",
    "域名停放中",
    "该域名已被注册",
    "domain has expired",
    "this domain is parked",
    "domain parking by",
];
/// Who tells *of* such trades, and is none.
const TOLD_OF: &[&str] = &[
    "打击", "防范", "警惕", "反诈", "治理", "整治", "警方", "公安", "曝光", "通报", "严禁", "查处", "法院",
    "检察", "判决", "案例", "宣传", "新闻", "日报", "晚报", "政府", "禁毒", "举报", "拒绝", "犯罪", "被抓",
    "查获", "通知", "公告", "提醒",
];
/// What a page is called while its server is at work or stands in for it: no change of trade.
const PASSING: &[&str] = &[
    "404",
    "403",
    "500",
    "502",
    "503",
    "not found",
    "error",
    "错误",
    "维护",
    "升级",
    "无法",
    "登录",
    "login",
    "跳转",
    "loading",
    "加载",
    "安全",
    "验证",
    "welcome",
    "nginx",
    "iis",
    "apache",
    "test",
    "untitled",
    "无标题",
    "index",
];

/// What kind of page an outside page is by what it calls itself and, of one that says nothing more, by its few words; `None` for
/// everything that is not surely one of them.
pub fn trade_of(page: &PageFacts) -> Option<Trade> {
    /// Characters of a page that only says what became of its domain, at most.
    const NOTICE: usize = 200;
    /// Words of gambling in a title and text, at least, where title and tags hold a single one.
    const ENOUGH: usize = 4;
    let title = page.title.to_lowercase();
    let mut said = title.clone();
    for tag in ["Keywords", "Description"] {
        if let Some(value) = page.tags.get(tag) {
            said.push(' ');
            said.push_str(&value.to_lowercase());
        }
    }
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if TOLD_OF.iter().any(|word| title.contains(word)) {
        return None;
    }
    let text = page.own_text.as_ref().map(|text| text.text.to_lowercase()).unwrap_or_default();
    let brief = text.chars().nth(NOTICE).is_none() && !TOLD_OF.iter().any(|word| text.contains(word));
    let in_brief = |words: &[&str]| brief && words.iter().any(|word| text.contains(word));
    if has(FOR_SALE) || in_brief(FOR_SALE) {
        return Some(Trade::ForSale);
    }
    if has(PARKED) || in_brief(SURELY_PARKED) {
        return Some(Trade::Parked);
    }
    // The title itself must say it: keywords alone are what a page that was broken into carries, too.
    let of = |words: &'static [&'static str]| -> Vec<&'static str> {
        words.iter().filter(|word| said.contains(**word)).copied().collect()
    };
    let named = |words: &[&str]| words.iter().any(|word| title.contains(word));
    let gambling = of(GAMBLING);
    let plain = gambling.iter().any(|word| !LURES.contains(word) && title.contains(*word));
    let in_text = || GAMBLING.iter().filter(|word| !LURES.contains(word) && text.contains(**word)).count();
    if plain && (gambling.len() >= 2 || brief && in_text() >= ENOUGH) {
        return Some(Trade::Gambling);
    }
    if of(ADULT).len() >= 2 && named(ADULT) {
        return Some(Trade::Adult);
    }
    None
}

/// The first domain, other than the host's own, that the certificate of an outside host is for.
pub fn certified_for(tls: &TlsFacts) -> Option<String> {
    let TlsSeen::Agreed(certificate) = &tls.seen else { return None };
    let own = registrable_domain(&tls.host)?;
    let names = certificate.names.iter().chain(std::iter::once(&certificate.subject));
    let mut domains = names.filter_map(|name| registrable_domain(name.trim_start_matches("*.")));
    domains.find(|domain| !domain.eq_ignore_ascii_case(own)).map(str::to_ascii_lowercase)
}

/// Whether a page that called itself `was` and calls itself `now` has become another one: not two characters in a row are
/// common to both, both say something, and neither is what a server says when it is out of order.
pub fn became_another(was: &str, now: &str) -> bool {
    let (was, now) = (was.to_lowercase(), now.to_lowercase());
    let passing = |title: &str| PASSING.iter().any(|word| title.contains(word));
    if passing(&was) || passing(&now) {
        return false;
    }
    let (old, new) = (pairs(&was), pairs(&now));
    old.len() >= 3 && new.len() >= 3 && old.is_disjoint(&new)
}

/// Whether a link's text itself says what its target turned out to be: then it leads where it should.
pub fn says_the_same(text: &str, title: &str) -> bool {
    let (text, title) = (text.to_lowercase(), title.to_lowercase());
    let told = |words: &[&str]| words.iter().any(|word| text.contains(word) && title.contains(word));
    told(GAMBLING) || told(ADULT) || text.contains("彩票") || text.contains("彩中心") || text.contains("域名")
}

fn pairs(text: &str) -> HashSet<(char, char)> {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    letters.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::facts::html::read_page;
    use crate::facts::page::PageContext;

    fn trade(title: &str, keywords: &str) -> Option<Trade> {
        trade_with(title, keywords, "内容")
    }

    fn trade_with(title: &str, keywords: &str, text: &str) -> Option<Trade> {
        let url = url::Url::parse("http://www.waibu.example/").expect("a URL");
        let cx = PageContext {
            url: &url,
            content_type: Some("text/html; charset=utf-8"),
            status: Some(200),
            as_of: from_millis(1_790_000_000_000),
            want_structure: false,
        };
        let html = format!(
            "<html><head><title>{title}</title><meta name=keywords content='{keywords}'></head><body><p>{text}</p></body></html>"
        );
        trade_of(&read_page(html.as_bytes(), &cx, || false))
    }

    #[test]
    fn what_pages_call_themselves() {
        for (title, keywords, expected) in [
            ("澳门新葡京官网入口-真人娱乐平台", "", Some(Trade::Gambling)),
            ("bet365体育投注_官网入口", "百家乐,棋牌", Some(Trade::Gambling)),
            ("&#28595;&#38376;&#26032;&#33889;&#20140;棋牌", "", Some(Trade::Gambling)),
            ("国产精品久久久久久无码", "", Some(Trade::Adult)),
            ("shili.example 域名出售", "", Some(Trade::ForSale)),
            ("This domain is for sale", "", Some(Trade::ForSale)),
            ("域名停放页面", "", Some(Trade::Parked)),
            ("公安机关打击网络赌博、博彩犯罪", "百家乐,棋牌", None),
            ("示例市棋牌协会", "", None),
            ("金沙江流域管理局登录入口", "", None),
            ("中国体育彩票网", "开奖,投注", None),
            ("威尼斯人酒店", "金沙", None),
            ("示例银行信誉好的老品牌", "", None),
            ("久久公益基金会", "", None),
            ("示例市交通运输局", "", None),
            ("", "", None),
            ("域名管理办法", "", None),
            ("示例公司官网入口", "博彩,百家乐", None),
        ] {
            assert_eq!(trade(title, keywords), expected, "{title} {keywords}");
        }
    }

    #[test]
    fn a_page_that_says_hardly_more_than_what_became_of_it() {
        let long = "示例县农业信息。".repeat(40);
        for (title, text, expected) in [
            ("shili.example", "shili.example 域名已过期，该域名停放中", Some(Trade::Parked)),
            ("shili.example", "您所访问的域名正在出售！有意购买此域名者请联系", Some(Trade::ForSale)),
            ("6合彩开奖结果-马会资料大全", "", Some(Trade::Gambling)),
            ("某某棋牌下载", "真钱棋牌，捕鱼，炸金花，百家乐，注册送金", Some(Trade::Gambling)),
            ("示例市棋牌协会", "棋牌比赛报名，捕鱼大赛另行通知", None),
            ("示例网络公司", &format!("{long}购买此域名"), None),
            ("域名管理中心", "域名注册管理办法，域名过期处理", None),
            ("PG电子官方网站-PG游戏试玩", "", Some(Trade::Gambling)),
            ("关于域名已过期的通知", "公安机关提醒：域名已过期的应及时注销", None),
        ] {
            assert_eq!(trade_with(title, "", text), expected, "{title} {text}");
        }
    }

    #[test]
    fn another_page_than_it_was() {
        for (was, now, expected) in [
            ("示例县农业信息网", "某某软件下载站", true),
            ("示例县农业信息网", "示例县农业农村信息网", false),
            ("示例县农业信息网", "系统维护中", false),
            ("示例县农业信息网", "404 Not Found", false),
            ("示例网", "某某软件下载站", false),
            ("Login", "某某软件下载站", false),
        ] {
            assert_eq!(became_another(was, now), expected, "{was} {now}");
        }
    }

    #[test]
    fn certificates_tell_of_other_domains() {
        let told = |names: &[&str]| {
            let certificate = crate::facts::tls::Certificate {
                protocol: "TLSv1.3".to_owned(),
                not_before: crate::calendar::from_millis(0),
                not_after: crate::calendar::from_millis(0),
                subject: String::new(),
                issuer: String::new(),
                names: names.iter().map(|name| (*name).to_owned()).collect(),
                sent: 1,
                sha256: String::new(),
                faults: vec![],
            };
            certified_for(&TlsFacts {
                host: "www.lapsed.example".to_owned(),
                port: 443,
                addr: None,
                at: crate::calendar::from_millis(0),
                seen: TlsSeen::Agreed(certificate),
            })
        };
        assert_eq!(told(&["lapsed.example", "*.lapsed.example"]), None);
        assert_eq!(told(&["lapsed.example", "*.Bet.example"]).as_deref(), Some("bet.example"));
        assert_eq!(told(&[]), None);
    }
}
