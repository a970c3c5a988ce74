//! The bureaus' sites: one in GBK whose home page lies still, one whose home page only leads on, one behind a firewall.
#![deny(clippy::disallowed_methods)]

use std::net::Ipv4Addr;

use super::pages::{
    Article, Charset, Chrome, Foot, Grounds, NavEntry, Page, article_body, article_tags, articles,
    column_body, column_tags, rows,
};
use super::portal_pages::challenge;
use super::web::{Host, Resource};
use super::{CITY, ECOLOGY, POLICE, TRANSPORT};

/// Columns of the transport bureau.
pub const TRANSPORT_NAV: [NavEntry; 4] = [
    ("工作动态", "/gzdt/", &[]),
    ("通知公告", "/tzgg/", &[]),
    ("机构概况", "/jggk/", &[]),
    ("下载专区", "/下载专区/", &[]),
];

/// Columns of the environment bureau.
pub const ECOLOGY_NAV: [NavEntry; 3] =
    [("环境要闻", "/hjyw/", &[]), ("通知公告", "/tzgg/", &[]), ("机构概况", "/jggk/", &[])];

/// The machine that both bureaus' sites share.
const PLATFORM: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

type ColumnText<'a> = (&'static str, &'static str, &'static str, &'a [(u64, &'static str)]);

/// 示例市交通运输局.
pub fn transport(grounds: Grounds) -> Host {
    let mut host = Host::new(TRANSPORT, PLATFORM, true);
    let chrome = Chrome {
        grounds,
        host: TRANSPORT,
        name: "示例市交通运输局",
        code: "9901000003",
        charset: Charset::Gbk,
        colour: "#23735a",
        nav: &TRANSPORT_NAV,
        footer: "<a href=\"/jggk/\">联系我们</a>",
        tail: "",
        foot: Foot::CodeOf("9901000030"),
    };
    chrome.furnish(&mut host, "User-agent: *\nAllow: /\n");
    let texts: [ColumnText<'_>; 2] = [
        (
            "工作动态",
            "/gzdt/",
            "工作动态",
            &[
                (31, "市交通运输局开展公交站台安全检查"),
                (46, "农村公路养护现场会召开"),
                (63, "城区道路标线完成复划"),
                (90, "市交通运输局走访运输企业"),
            ],
        ),
        (
            "通知公告",
            "/tzgg/",
            "通知公告",
            &[
                (50, "关于调整部分公交线路的通告"),
                (97, "关于公布道路运输企业信誉考核结果的公告"),
                (166, "关于开展网约车合规检查的通知"),
            ],
        ),
    ];
    // Printed again 269 days later as it was: numbers that are eleven apart make the same text.
    let earlier = earlier(grounds, "/gzdt/", 2990, chrome.name, "市交通运输局开展公交站台安全检查");
    put_article(&chrome, &mut host, &earlier, ("工作动态", "/gzdt/", "工作动态"));
    let mut boxes = String::new();
    for (text, first) in texts.iter().zip([3001, 3101]) {
        boxes += &column(&chrome, &mut host, text, first, |index, ago| {
            match (ago, index) {
            (50, _) => "<div class=\"attach\">附件：<a href=\"/下载专区/线路调整表.xls\">线路调整表.xls</a>　<a href=\"/下载专区/站点示意图.jpg\">站点示意图</a></div>".to_owned(),
            (97, _) => format!(
                "<div class=\"attach\">附件：<a href=\"/files/cx.asp?name=考核结果\">考核结果查询</a></div><p>往期报道：<a href=\"{}\">公交站台检查</a></p>",
                earlier.path
            ),
            _ => String::new(),
        }
        });
    }
    let plain = [
        (
            "机构概况",
            "/jggk/",
            "<div class=\"own\"><h4>主要职责</h4><p>负责全市公路、水路运输行业管理，组织编制综合交通运输规划，承担道路运输市场监管和交通建设工程质量监督。</p><h4>办公地址</h4><p>示例市交通路8号，联系电话：0000-0000000。</p></div>",
        ),
        (
            "下载专区",
            "/下载专区/",
            "<ul class=\"list\">\n<li><a href=\"/下载专区/线路调整表.xls\">公交线路调整表</a><span></span></li>\n<li><a href=\"/下载专区/申请表.doc\">道路运输经营许可申请表</a><span></span></li>\n</ul>",
        ),
    ];
    plain_pages(&chrome, &mut host, &plain);
    let day = grounds.day(97);
    let mut sheet = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    sheet.resize(8_192, 0);
    for name in ["线路调整表.xls", "申请表.doc"] {
        let kind = "application/vnd.ms-excel";
        host.put(encoded(&format!("/下载专区/{name}")), Resource::ok(kind, sheet.clone(), day));
    }
    let found = Page {
        title: "考核结果",
        body: "<div class=\"article wrap\"><h1>道路运输企业信誉考核结果</h1><p>考核结果已公布，共有十二家企业评定为优良等次。</p></div>".to_owned(),
        ..Page::default()
    };
    // In a GBK page the browser sends a query in GBK: the same words in UTF-8 are another address.
    host.put("/files/cx.asp?name=%BF%BC%BA%CB%BD%E1%B9%FB", chrome.page(&found, day));
    let found =
        Page { title: "站内搜索", body: format!("<div class=\"grid\">{boxes}</div>"), ..Page::default() };
    host.put("/search", chrome.page(&found, day));
    home(&chrome, &mut host, &format!("<div class=\"grid\">{boxes}</div>"), 31);
    host
}

/// 示例市生态环境局.
pub fn ecology(grounds: Grounds) -> Host {
    let mut host = Host::new(ECOLOGY, PLATFORM, true);
    let chrome = Chrome {
        grounds,
        host: ECOLOGY,
        name: "示例市生态环境局",
        code: "9901000004",
        charset: Charset::Utf8,
        colour: "#2f7d32",
        nav: &ECOLOGY_NAV,
        footer: "<a href=\"/jggk/\">联系我们</a>",
        tail: "",
        foot: Foot::Whole,
    };
    chrome.furnish(&mut host, "User-agent: *\nAllow: /\n");
    let texts: [ColumnText<'_>; 2] = [
        (
            "环境要闻",
            "/hjyw/",
            "工作动态",
            &[
                (4, "示例市开展噪声污染防治宣传"),
                (9, "饮用水水源地水质监测结果良好"),
                (15, "市生态环境局帮扶企业绿色转型"),
            ],
        ),
        (
            "通知公告",
            "/tzgg/",
            "通知公告",
            &[(20, "关于发布重污染天气应急预案的通知"), (88, "关于排污许可证申领的公告")],
        ),
    ];
    // The same title as this year's, and another text.
    let earlier = earlier(grounds, "/hjyw/", 2995, chrome.name, "示例市开展噪声污染防治宣传");
    put_article(&chrome, &mut host, &earlier, ("环境要闻", "/hjyw/", "工作动态"));
    for (text, first) in texts.iter().zip([3201, 3301]) {
        let _ = column(&chrome, &mut host, text, first, |_, ago| {
            match ago {
            88 => "<p>参见：<a href=\"/zt/2024/pwxk/index.html\">排污许可专题</a>　<a href=\"/sy\">返回首页</a>　<a href=\"/gs/gzzj.html\">年度工作小结</a>　<a href=\"/gs/bzgs.html\">补助公示</a>　<a href=\"/gs/yzts.html\">校对提示</a>　<a href=\"/gs/hjmd.html\">获奖名单</a></p>".to_owned(),
            20 => format!("<p>延伸阅读：<a href=\"{}\">往年宣传活动</a></p>", earlier.path),
            _ => String::new(),
        }
        });
    }
    plain_pages(
        &chrome,
        &mut host,
        &[
            (
                "年度工作小结",
                "/gs/gzzj.html",
                "<div class=\"own\"><p>一年来，全局认真贯彻落实上级决策，会同有关部门部暑开展水源地排查，完成问题整改，群众满意度稳步提高。</p></div>",
            ),
            ("补助公示", "/gs/bzgs.html", PERSONAL),
            (
                "校对提示",
                "/gs/yzts.html",
                "<div class=\"own\"><p>请各科室校对稿件时注意：“部暑”应为“部署”，“一但”应为“一旦”。</p><p>局机关统一社会信用代码：510400197608152074。</p></div>",
            ),
            (
                "获奖名单",
                "/gs/hjmd.html",
                "<div class=\"own\"><p>生态环境征文活动获奖名单：</p><p>李晓红、关健、王建国、赵明、陈小满，身份证号码前后均已隐去：5104**********1234。</p></div>",
            ),
            (
                "机构概况",
                "/jggk/",
                "<div class=\"own\"><h4>主要职责</h4><p>负责建立健全生态环境基本制度，监督管理减排目标的落实，承担生态环境监测和执法工作，组织开展生态环境宣传教育。</p><h4>办公地址</h4><p>示例市环保路6号，联系电话：0000-0000000。</p></div>",
            ),
        ],
    );
    let doors = "<div class=\"doors\"><a href=\"/hjyw/\">环境要闻</a><a href=\"/tzgg/\">通知公告</a><a href=\"/jggk/\">机构概况</a></div>";
    home(&chrome, &mut host, doors, 300);
    // Since its new home page this site answers every old address with it.
    host.missing = Some(Resource::redirect(302, "/"));
    host
}

/// A table with an invented identity number whose check digit is right: no output may ever show it.
const PERSONAL: &str = "<div class=\"own\"><p>生态补助发放情况公示。</p><table><tr><td>姓名</td><td>证件</td><td>金额</td></tr><tr><td>张小山</td><td>510400198802291048</td><td>800</td></tr></table></div>";

/// 示例市公安局: whatever is asked for, a firewall's page answers.
pub fn police(_grounds: Grounds) -> Host {
    let mut host = Host::new(POLICE, Ipv4Addr::new(127, 0, 0, 4), true);
    host.wall = Some(challenge(412));
    host
}

/// Puts a column with its articles; gives back its box for the home page. `extra` sees an article's place and age.
fn column(
    chrome: &Chrome<'_>,
    host: &mut Host,
    (name, dir, kind, list): &ColumnText<'_>,
    first: u32,
    extra: impl Fn(usize, u64) -> String,
) -> String {
    let path = |day: chrono::NaiveDate, id| {
        format!("{dir}{}/t{}_{id}.html", day.format("%Y%m"), day.format("%Y%m%d"))
    };
    let mut articles = articles(chrome.grounds, first, chrome.name, list, path);
    for (index, (article, (ago, _))) in articles.iter_mut().zip(*list).enumerate() {
        article.extra = extra(index, *ago);
    }
    let beside: Vec<(&str, &str)> = chrome.nav.iter().map(|(name, href, _)| (*name, *href)).collect();
    let page = Page {
        title: name,
        tags: column_tags(name, kind),
        crumb: vec![(*name, *dir)],
        body: column_body(name, &beside, &rows(&articles, dir, true)),
        ..Page::default()
    };
    let newest = articles.first().map_or(chrome.grounds.as_of, |a| a.day);
    host.put(*dir, chrome.page(&page, newest));
    for article in &articles {
        put_article(chrome, host, article, (*name, *dir, *kind));
    }
    format!("<div class=\"box\"><h3><a href=\"{dir}\">{name}</a></h3>{}</div>", rows(&articles, "", true))
}

/// An article of three hundred days ago that no list shows any more.
fn earlier(grounds: Grounds, dir: &str, id: u32, source: &'static str, title: &'static str) -> Article {
    let day = grounds.day(300);
    let path = format!("{dir}{}/t{}_{id}.html", day.format("%Y%m"), day.format("%Y%m%d"));
    Article { title, day, id, path, source, extra: String::new() }
}

fn put_article(
    chrome: &Chrome<'_>,
    host: &mut Host,
    article: &Article,
    (name, dir, kind): (&str, &str, &str),
) {
    let page = Page {
        title: article.title,
        tags: article_tags(article, name, kind),
        crumb: vec![(name, dir)],
        body: article_body(article),
        ..Page::default()
    };
    host.put(article.path.clone(), chrome.page(&page, article.day));
}

fn plain_pages(chrome: &Chrome<'_>, host: &mut Host, pages: &[(&'static str, &'static str, &'static str)]) {
    let beside: Vec<(&str, &str)> = chrome.nav.iter().map(|(name, href, _)| (*name, *href)).collect();
    for (name, path, content) in pages {
        let page = Page {
            title: name,
            tags: column_tags(name, name),
            crumb: vec![(*name, *path)],
            body: column_body(name, &beside, content),
            ..Page::default()
        };
        host.put(encoded(path), chrome.page(&page, chrome.grounds.day(240)));
    }
}

fn home(chrome: &Chrome<'_>, host: &mut Host, content: &str, ago: u64) {
    let up = chrome.grounds.url(CITY, "/");
    let body = format!(
        "<div class=\"wrap\"><div class=\"banner\">{}</div>{content}<div class=\"tabs\"><a href=\"{up}\">示例市人民政府</a></div></div>",
        chrome.name
    );
    let home = chrome.page(&Page { body, ..Page::default() }, chrome.grounds.day(ago));
    host.put("/", home.clone());
    host.put("/index.html", home);
}

/// A path as it goes over the wire: UTF-8, whatever the page's encoding.
fn encoded(path: &str) -> String {
    path.split('/')
        .map(|part| {
            let plain = part.is_ascii();
            if plain { part.to_owned() } else { url_part(part) }
        })
        .collect::<Vec<_>>()
        .join("/")
}

fn url_part(part: &str) -> String {
    part.chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                percent_encoding::utf8_percent_encode(&c.to_string(), percent_encoding::NON_ALPHANUMERIC)
                    .to_string()
            }
        })
        .collect()
}
