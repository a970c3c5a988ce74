//! The county's portal: lists in the manner of hanweb, a hidden link farm on the home page, and no IPv6.
#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use super::pages::{
    Article, Charset, Chrome, Foot, Grounds, NavEntry, Page, article_tags, articles, column_body,
    column_tags, paragraphs,
};
use super::portal_lists::{island, scripts};
use super::web::{Host, Resource};
use super::{CITY, COUNTY, FARM, PROVINCE};

/// The navigation.
pub const NAV: [NavEntry; 9] = [
    ("县内要闻", "/col/col101/index.html", &[]),
    ("乡镇动态", "/col/col102/index.html", &[]),
    ("通知公告", "/col/col103/index.html", &[]),
    ("政策文件", "/col/col104/index.html", &[]),
    ("惠农公示", "/col/col106/index.html", &[]),
    ("教育资助", "/col/col107/index.html", &[]),
    ("人大代表建议", "/col/col105/index.html", &[]),
    ("发展规划", "/col/col109/index.html", &[]),
    ("领导之窗", "/col/col108/index.html", &[]),
];

const SIDE: [(&str, &str); 5] = [
    ("县内要闻", "/col/col101/index.html"),
    ("乡镇动态", "/col/col102/index.html"),
    ("通知公告", "/col/col103/index.html"),
    ("政策文件", "/col/col104/index.html"),
    ("惠农公示", "/col/col106/index.html"),
];

/// What the county's publishing system writes for a ColumnType that nobody entered.
const NO_KIND: &str = "null";

struct Column {
    number: u32,
    name: &'static str,
    island: bool,
    articles: Vec<Article>,
}

/// The portal as a host.
pub fn host(grounds: Grounds) -> Host {
    let mut host = Host::new(COUNTY, Ipv4Addr::new(127, 0, 0, 2), false);
    let chrome = Chrome {
        grounds,
        host: COUNTY,
        name: "示例县人民政府",
        code: "9901210002",
        charset: Charset::Utf8,
        colour: "#b3322b",
        nav: &NAV,
        footer: "<a href=\"/col/col110/index.html\">网站声明</a><a href=\"/\">返回首页</a>",
        tail: "<div class=\"float\"><img src=\"/images/tp6.svg\"></div>\n",
        foot: Foot::NoPoliceFiling,
    };
    chrome.furnish(&mut host, "User-agent: *\nDisallow: /module/\n");
    for (path, script) in scripts(grounds) {
        host.put(path, script);
    }
    let columns = columns(grounds);
    for column in &columns {
        publish(&chrome, &mut host, column);
    }
    plain_columns(&chrome, &mut host);
    let home = chrome.page(&Page { body: home(grounds, &columns), ..Page::default() }, grounds.day(2));
    host.put("/", home.clone());
    host.put("/index.html", home);
    host
}

fn columns(grounds: Grounds) -> Vec<Column> {
    let make = |number: u32, name, island, source, list: &[(u64, &'static str)]| {
        let path = |day: chrono::NaiveDate, id: u32| {
            format!("/art/{}/art_{number}_{id}.html", day.format("%Y/%-m/%-d"))
        };
        Column { number, name, island, articles: articles(grounds, number * 100 + 1, source, list, path) }
    };
    let mut columns = vec![
        make(
            101,
            "县内要闻",
            true,
            "示例县融媒体中心",
            &[
                (2, "示例县召开县委农村工作会议"),
                (5, "全县重点项目集中开工"),
                (8, "示例县开展送医下乡活动"),
                (13, "示例县特色果蔬走进城区社区"),
                (21, "示例县举办返乡创业座谈会"),
            ],
        ),
        make(
            102,
            "乡镇动态",
            false,
            "各乡镇",
            &[(45, "示例镇组织人居环境整治"), (58, "河口乡完成秋粮收购"), (80, "石桥镇修缮农村危桥")],
        ),
        make(
            103,
            "通知公告",
            false,
            "示例县人民政府办公室",
            &[
                (17, "关于示例县城区部分路段交通管制的通告"),
                (70, "关于开展农业普查试点的通知"),
                (160, "关于汛期安全防范的通告"),
            ],
        ),
        make(
            104,
            "政策文件",
            false,
            "示例县人民政府",
            &[
                (100, "示例县人民政府关于支持乡村产业发展的若干措施"),
                (220, "示例县人民政府关于划定森林防火区的通告"),
            ],
        ),
        make(
            106,
            "惠农公示",
            false,
            "示例县农业农村局",
            &[(230, "示例县耕地地力保护补贴发放公示"), (395, "示例县农机购置补贴资金公示")],
        ),
        make(
            109,
            "发展规划",
            false,
            "示例县发展和改革局",
            &[(830, "示例县国民经济和社会发展规划纲要"), (1100, "示例县乡村振兴规划")],
        ),
        make(
            111,
            "防汛救灾专题",
            false,
            "示例县应急管理局",
            &[(900, "示例县全力开展防汛救灾"), (912, "受灾群众妥善安置")],
        ),
    ];
    for article in columns.iter_mut().flat_map(|c| c.articles.iter_mut()) {
        article.extra = match article.id {
            10102 => "<p><img src=\"/images/tp3.svg\" alt=\"开工现场\"></p>".to_owned(),
            10103 => "<p><img src=\"/picture/0/s2026_yz.png\" alt=\"义诊现场\"></p>".to_owned(),
            10301 => "<p class=\"attach\">附件：<a href=\"/module/download/downfile.jsp?filename=gz.doc\">管制路段示意图.doc</a></p>".to_owned(),
            10302 => "<p class=\"attach\">附件：<a href=\"/attach/0/nypc-fa.docx\">试点工作方案.docx</a></p>".to_owned(),
            10401 => format!("<p>相关：<a href=\"{}\">省政府网站</a></p>", grounds.url(PROVINCE, "/")),
            _ => String::new(),
        };
    }
    columns
}

fn publish(chrome: &Chrome<'_>, host: &mut Host, column: &Column) {
    let href = format!("/col/col{}/index.html", column.number);
    let content = if column.island { island(&column.articles) } else { table(&column.articles) };
    let page = Page {
        title: column.name,
        tags: column_tags(column.name, NO_KIND),
        crumb: vec![(column.name, &href)],
        body: column_body(column.name, &SIDE, &content),
        ..Page::default()
    };
    let newest = column.articles.iter().map(|a| a.day).max().unwrap_or(chrome.grounds.as_of);
    host.put(href.clone(), chrome.page(&page, newest));
    for article in &column.articles {
        let body = format!(
            "<div class=\"article wrap\"><h1>{}</h1><div class=\"info\"><span>发布日期：{} 09:{:02}</span><span>信息来源：{}</span></div><div id=\"zoom\">{}{}</div></div>",
            article.title,
            article.day,
            article.id % 60,
            article.source,
            paragraphs(article),
            article.extra
        );
        let page = Page {
            title: article.title,
            tags: article_tags(article, column.name, NO_KIND),
            crumb: vec![(column.name, &href)],
            body,
            ..Page::default()
        };
        host.put(article.path.clone(), chrome.page(&page, article.day));
    }
}

/// Rows of a table with the date in brackets, as older hanweb templates print them.
fn table(articles: &[Article]) -> String {
    let mut rows = String::new();
    for a in articles {
        let _ = writeln!(
            rows,
            "<tr><td class=\"t\"><a href=\"{}\" title=\"{t}\">{t}</a></td><td width=\"110\">[{}]</td></tr>",
            a.path,
            a.day,
            t = a.title
        );
    }
    format!("<table class=\"docs\" cellpadding=\"0\">\n{rows}</table>")
}

fn plain_columns(chrome: &Chrome<'_>, host: &mut Host) {
    let leaders = "<div class=\"leader\"><img src=\"/images/leader.svg\" alt=\"孙某某\"><div><h4>孙某某</h4><p>县委副书记、县长</p><p>主持县政府全面工作，联系人大、政协工作。</p></div></div>\
        <div class=\"leader\"><img src=\"/images/leader.svg\" alt=\"周某某\"><div><h4>周某某</h4><p>副县长</p><p>分管农业农村、水利、林业等方面工作。</p></div></div>";
    let notice = "<div class=\"own\"><p>本网站由示例县人民政府办公室主办。未经许可，任何单位和个人不得以营利为目的转载本网站内容。网站内容如有疏漏，请与我们联系，电话：0000-0000000。</p></div>";
    for (number, name, content) in [
        (105, "人大代表建议", "<ul class=\"list\">\n</ul>\n<div class=\"page\">共 0 条记录　1/1 页</div>"),
        (107, "教育资助", "<div class=\"none\">栏目建设中，敬请期待！</div>"),
        (108, "领导之窗", leaders),
        (110, "网站声明", notice),
    ] {
        let href = format!("/col/col{number}/index.html");
        let page = Page {
            title: name,
            tags: column_tags(name, NO_KIND),
            crumb: vec![(name, &href)],
            body: column_body(name, &SIDE, content),
            ..Page::default()
        };
        host.put(href.clone(), chrome.page(&page, chrome.grounds.day(280)));
    }
    host.put("/module/download/downfile.jsp", Resource::status(200, "attachment"));
    let nothing = Page {
        title: "站内搜索",
        body: "<div class=\"own\"><h4>站内搜索</h4><p>抱歉，没有找到相关内容，请更换关键词。</p></div>"
            .to_owned(),
        ..Page::default()
    };
    host.put("/search", chrome.page(&nothing, chrome.grounds.day(280)));
}

fn home(grounds: Grounds, columns: &[Column]) -> String {
    let mut boxes = String::new();
    for column in columns.iter().filter(|c| matches!(c.number, 101..=104)) {
        let href = format!("/col/col{}/index.html", column.number);
        let list: String = column.articles.iter().fold(String::new(), |mut list, a| {
            let _ = write!(list, "<li><a href=\"{}\">{}</a><span>{}</span></li>", a.path, a.title, a.day);
            list
        });
        let _ = writeln!(
            boxes,
            "<div class=\"box\"><h3><a href=\"{href}\">{}</a><a class=\"more\" href=\"{href}\">更多&gt;&gt;</a></h3><ul class=\"list\">{list}</ul></div>",
            column.name
        );
    }
    let farm: String = FARM
        .iter()
        .zip(["棋牌大厅", "彩票投注", "真人博彩", "娱乐城开户", "无抵押贷款", "捕鱼游戏"])
        .flat_map(|(host, words)| {
            ["/", "/app.html"].map(|path| format!("<a href=\"{}\">{words}</a>\n", grounds.url(host, path)))
        })
        .collect();
    format!(
        "<div style=\"display:none\">\n{farm}</div>\n<div class=\"wrap\"><div class=\"banner\">务实为民　清正廉洁　勤政高效</div><div class=\"grid\">{boxes}</div>\
         <p>欢迎关注“示例县融媒中心”微信公众号，了解更多县内资讯。</p><p>专题专栏：<a href=\"/col/col111/index.html\">防汛救灾专题</a></p><div class=\"tabs\"><div class=\"tab-hd\"><b>友情链接</b></div><div class=\"tab-bd\"><a href=\"{}\">示例市人民政府</a><a href=\"{}\">示例省人民政府</a></div></div></div>",
        grounds.url(CITY, "/"),
        grounds.url(PROVINCE, "/"),
    )
}
