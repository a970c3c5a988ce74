//! The shapes of the demo's pages: chrome, lists in the manner of several publishing systems, articles. Pure text.
#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;

use bytes::Bytes;
use chrono::{Days, NaiveDate};

use super::web::{BARE_HTML, HTML, Host, Resource};
use super::{FILING, style};

/// What all pages relate to: the day on which they are looked at, and the port in their links.
#[derive(Debug, Clone, Copy)]
pub struct Grounds {
    /// The day of the patrol.
    pub as_of: NaiveDate,
    /// The port of every host.
    pub port: u16,
}

impl Grounds {
    /// The day `ago` days before the patrol.
    pub fn day(self, ago: u64) -> NaiveDate {
        self.as_of.checked_sub_days(Days::new(ago)).unwrap_or(self.as_of)
    }

    /// An absolute URL.
    pub fn url(self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }
}

/// How a site writes its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, said in the header and in the page.
    Utf8,
    /// GBK, said as `gb2312` in the page alone.
    Gbk,
}

/// An entry of the navigation: name, address, entries below it.
pub type NavEntry = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// What every page of one site has around its content.
#[derive(Debug)]
pub struct Chrome<'a> {
    /// Dates and port.
    pub grounds: Grounds,
    /// The site's host.
    pub host: &'static str,
    /// The site's name.
    pub name: &'static str,
    /// Its 标识码.
    pub code: &'static str,
    /// Its encoding.
    pub charset: Charset,
    /// Its colour.
    pub colour: &'static str,
    /// Its navigation.
    pub nav: &'a [NavEntry],
    /// Links of its own in the footer.
    pub footer: &'static str,
    /// Markup that the template carries after the footer.
    pub tail: &'static str,
    /// How the marks stand at the foot.
    pub foot: Foot,
}

/// How the marks stand at the foot of a site's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foot {
    /// All of them, in the source.
    Whole,
    /// All of them; two are written by the marks' own scripts, as their registers hand them out.
    OwnScripts,
    /// Without 公安备案.
    NoPoliceFiling,
    /// With the 标识码 of another site.
    CodeOf(&'static str),
}

/// What differs from page to page.
#[derive(Debug, Default)]
pub struct Page<'a> {
    /// The page's own part of `<title>`.
    pub title: &'a str,
    /// Page tags beside those of the site.
    pub tags: Vec<(&'a str, String)>,
    /// Steps after 首页: name and address.
    pub crumb: Vec<(&'a str, &'a str)>,
    /// Markup for the end of `<head>`.
    pub head: &'a str,
    /// The content.
    pub body: String,
}

/// One article and its row in the list of its column.
#[derive(Debug, Clone)]
pub struct Article {
    /// Its title.
    pub title: &'static str,
    /// Its day.
    pub day: NaiveDate,
    /// Its number.
    pub id: u32,
    /// Its path.
    pub path: String,
    /// 来源.
    pub source: &'static str,
    /// Markup after its text.
    pub extra: String,
}

impl Article {
    /// Its time of day: different for each, always in office hours.
    fn time(&self) -> String {
        format!("{:02}:{:02}", 8 + self.id % 9, self.id * 7 % 60)
    }
}

/// Articles with the given ages in days and titles, numbered from `first`; `path` makes the address of each.
pub fn articles(
    grounds: Grounds,
    first: u32,
    source: &'static str,
    rows: &[(u64, &'static str)],
    path: impl Fn(NaiveDate, u32) -> String,
) -> Vec<Article> {
    rows.iter()
        .zip(first..)
        .map(|(&(ago, title), id)| {
            let day = grounds.day(ago);
            Article { title, day, id, path: path(day, id), source, extra: String::new() }
        })
        .collect()
}

impl Chrome<'_> {
    /// The whole page as text.
    pub fn text(&self, page: &Page<'_>) -> String {
        let mut tags = format!(
            "<meta name=\"SiteName\" content=\"{}\">\n<meta name=\"SiteDomain\" content=\"{}\">\n<meta name=\"SiteIDCode\" content=\"{}\">\n",
            self.name, self.host, self.code
        );
        for (name, value) in &page.tags {
            let _ = writeln!(tags, "<meta name=\"{name}\" content=\"{value}\">");
        }
        let label = match self.charset {
            Charset::Utf8 => "utf-8",
            Charset::Gbk => "gb2312",
        };
        let title = if page.title.is_empty() {
            self.name.to_owned()
        } else {
            format!("{}_{}", page.title, self.name)
        };
        let crumb = if page.crumb.is_empty() { String::new() } else { crumb(&page.crumb) };
        format!(
            "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset={label}\">\n\
             <title>{title}</title>\n{tags}<meta name=\"viewport\" content=\"width=1240\">\n<link rel=\"shortcut icon\" href=\"/images/favicon.svg\">\n\
             <link rel=\"stylesheet\" type=\"text/css\" href=\"/images/style.css\">\n<script type=\"text/javascript\" src=\"/js/site.js\"></script>\n{head}</head>\n<body>\n{header}{crumb}\
             {body}\n{footer}{tail}</body>\n</html>\n",
            head = page.head,
            header = self.header(),
            body = page.body,
            footer = self.footer(),
            tail = self.tail,
        )
    }

    /// The whole page as a resource, in the site's encoding.
    pub fn page(&self, page: &Page<'_>, modified: NaiveDate) -> Resource {
        let text = self.text(page);
        match self.charset {
            Charset::Utf8 => Resource::ok(HTML, text, modified),
            Charset::Gbk => {
                let (bytes, _, _) = encoding_rs::GBK.encode(&text);
                Resource::ok(BARE_HTML, Bytes::from(bytes.into_owned()), modified)
            }
        }
    }

    /// Style sheet, badge, pictures, robots.txt and the page for what is missing.
    pub fn furnish(&self, host: &mut Host, robots: &'static str) {
        let day = self.grounds.day(400);
        host.put("/images/style.css", Resource::ok("text/css", style::sheet(self.colour), day));
        host.put("/js/site.js", Resource::ok("application/javascript", style::SCRIPT, day));
        let pictures = [
            ("logo", style::badge(self.colour)),
            ("favicon", style::badge(self.colour)),
            ("dzjg", style::mark()),
            ("leader", style::figure()),
        ];
        for (name, drawing) in pictures {
            host.put(format!("/images/{name}.svg"), Resource::ok("image/svg+xml", drawing, day));
        }
        for seed in 1..=6 {
            let picture = Resource::ok("image/svg+xml", style::landscape(seed), day);
            host.put(format!("/images/tp{seed}.svg"), picture);
        }
        host.put("/robots.txt", Resource::ok("text/plain; charset=utf-8", robots, day));
        let body = "<div class=\"wall\"><h1>404</h1><p>抱歉，您访问的页面不存在。</p><p><a href=\"/\">返回首页</a></p></div>";
        let page = Page { title: "页面不存在", body: body.to_owned(), ..Page::default() };
        host.missing = Some(Resource { status: 404, modified: None, ..self.page(&page, day) });
    }

    fn header(&self) -> String {
        let mut nav = String::from("<li><a href=\"/\">首页</a></li>\n");
        for (name, href, below) in self.nav {
            let mut sub = String::new();
            for (name, href) in *below {
                let _ = write!(sub, "<a href=\"{href}\">{name}</a>");
            }
            if !sub.is_empty() {
                sub = format!("<div class=\"sub\" style=\"display:none\">{sub}</div>");
            }
            let _ = writeln!(nav, "<li><a href=\"{href}\">{name}</a>{sub}</li>");
        }
        format!(
            "<div class=\"topbar\"><div class=\"wrap\"><span>欢迎访问{name}网站</span><span><a href=\"javascript:void(0)\" onclick=\"setHome(this)\">设为首页</a>\
             <a href=\"javascript:;\">简体</a><a href=\"#\">长者模式</a></span></div></div>\n\
             <div class=\"head\"><div class=\"wrap\"><a class=\"logo\" href=\"/\"><img src=\"/images/logo.svg\" alt=\"{name}\"><span><strong>{name}</strong>\
             <small>{host}（演示网站，内容均为虚构）</small></span></a>\
             <form class=\"search\" action=\"/search\" method=\"get\"><input name=\"q\" placeholder=\"请输入关键词\"><button>搜索</button></form></div></div>\n\
             <div class=\"nav\"><ul class=\"wrap\">{nav}</ul></div>\n",
            name = self.name,
            host = self.host,
        )
    }

    fn footer(&self) -> String {
        let filing = self.grounds.url(FILING, "");
        let code = self.code;
        let printed = if let Foot::CodeOf(other) = self.foot { other } else { code };
        let police = if self.foot == Foot::NoPoliceFiling {
            String::new()
        } else {
            format!(
                "<a href=\"{filing}/portal/registerSystemInfo?recordcode=00000000000000\" target=\"_blank\">京公网安备 00000000000000号</a>"
            )
        };
        let marks = if self.foot == Foot::OwnScripts {
            format!(
                "<script>document.write(unescape(\"%3Cspan id='_ideConac' %3E%3C/span%3E\"));</script>\
                 <script>document.write(unescape(\"%3Cscript id='_jiucuo_' sitecode='{code}' src='{filing}/exposure/jiucuo.js'%3E%3C/script%3E\"));</script>"
            )
        } else {
            format!(
                "<span id=\"_ideConac\"><a href=\"{filing}/sitename?method=show&amp;id={code}\" target=\"_blank\"><img src=\"/images/dzjg.svg\" alt=\"党政机关网站标识\"></a></span>\
                 <a href=\"{filing}/exposure/jiucuo.html?site_code={code}\" target=\"_blank\">我为政府网站找错</a>"
            )
        };
        format!(
            "<div class=\"foot\"><div class=\"wrap\"><p>{own}</p>\
             <p>主办：{name}办公室　　承办：示例市电子政务中心　　联系电话：0000-0000000</p>\
             <p>网站标识码：{printed}　　<a href=\"{filing}/icp\" target=\"_blank\">京ICP备00000000号-1</a>\
             {police}</p>\
             <p class=\"marks\">{marks}</p></div></div>\n",
            own = self.footer,
            name = self.name,
        )
    }
}

/// Tags of a column's page.
pub fn column_tags<'a>(name: &str, kind: &str) -> Vec<(&'a str, String)> {
    vec![
        ("ColumnName", name.to_owned()),
        ("ColumnDescription", format!("{name}栏目发布有关信息")),
        ("ColumnKeywords", format!("{name},示例")),
        ("ColumnType", kind.to_owned()),
    ]
}

/// Side menu and content of a column's page.
pub fn column_body(name: &str, beside: &[(&str, &str)], content: &str) -> String {
    let mut menu = String::new();
    for (other, href) in beside {
        let on = if *other == name { " class=\"on\"" } else { "" };
        let _ = write!(menu, "<li{on}><a href=\"{href}\">{other}</a></li>");
    }
    format!(
        "<div class=\"cols wrap\"><div class=\"side\"><h2>栏目导航</h2><ul>{menu}</ul></div>\n<div class=\"main\"><h2 class=\"name\">{name}</h2>\n{content}\n</div></div>"
    )
}

/// A list with the date in a `span`; addresses relative to the folder `column` (as TRS publishes them), or absolute
/// where that is empty.
pub fn rows(articles: &[Article], column: &str, dated: bool) -> String {
    let mut list = String::from("<ul class=\"list\">\n");
    for article in articles {
        let inside = article.path.strip_prefix(column).filter(|_| !column.is_empty());
        let href = inside.map_or_else(|| article.path.clone(), |p| format!("./{p}"));
        let date = if dated { format!("<span>{}</span>", article.day) } else { String::new() };
        let _ = writeln!(
            list,
            "<li><a href=\"{href}\" target=\"_blank\" title=\"{t}\">{t}</a>{date}</li>",
            t = article.title
        );
    }
    list + "</ul>"
}

/// The script that writes the numbers of further pages.
pub fn pager(pages: usize, current: usize) -> String {
    format!(
        "<div class=\"page\"><script type=\"text/javascript\">createPageHTML({pages}, {current}, \"index\", \"html\");</script></div>"
    )
}

/// An article's page in the manner of TRS.
pub fn article_body(article: &Article) -> String {
    format!(
        "<div class=\"article wrap\"><h1>{}</h1>\n<div class=\"info\"><span>发布时间：{} {}</span><span>来源：{}</span><span>字体：【<a href=\"javascript:doZoom(20)\">大</a> \
         <a href=\"javascript:doZoom(16)\">中</a>】</span></div>\n<div class=\"TRS_Editor\">{}{}</div>\n<p class=\"editor\">（责任编辑：李某某　审核：张某某）</p></div>",
        article.title,
        article.day,
        article.time(),
        article.source,
        paragraphs(article),
        article.extra
    )
}

/// Tags of an article's page, those of its column included.
pub fn article_tags<'a>(article: &Article, column: &str, kind: &str) -> Vec<(&'a str, String)> {
    let mut tags = column_tags(column, kind);
    tags.push(("ArticleTitle", article.title.to_owned()));
    tags.push(("PubDate", format!("{} {}", article.day, article.time())));
    tags.push(("ContentSource", article.source.to_owned()));
    tags
}

/// Three paragraphs of invented text.
pub fn paragraphs(article: &Article) -> String {
    let seed = article.id as usize;
    let pick =
        |offset: usize| SENTENCES.get((seed * 3 + offset) % SENTENCES.len()).copied().unwrap_or_default();
    format!(
        "<p>{}。{}{}</p>\n<p>{}{}</p>\n<p>{}</p>\n",
        article.title,
        pick(0),
        pick(4),
        pick(1),
        pick(7),
        pick(2)
    )
}

fn crumb(steps: &[(&str, &str)]) -> String {
    let mut crumb = String::from("您的位置：<a href=\"/\">首页</a>");
    for (name, href) in steps {
        let _ = write!(crumb, " &gt; <a href=\"{href}\">{name}</a>");
    }
    format!("<div class=\"crumb wrap\">{crumb}</div>\n")
}

const SENTENCES: [&str; 11] = [
    "会议指出，要把群众满意作为检验工作成效的标准，逐项明确责任单位和完成时限。",
    "有关部门负责同志介绍了前期工作情况，并就下一步安排听取了基层代表的意见。",
    "各级各部门要加强协调配合，形成工作合力，确保各项任务按期完成。",
    "据介绍，项目建成后将进一步完善城区路网，方便沿线居民出行。",
    "现场还设置了咨询服务台，工作人员为群众讲解办理流程和所需材料。",
    "下一步，将继续做好跟踪服务，及时协调解决推进过程中遇到的困难。",
    "活动得到了社区居民和企业代表的积极参与，大家围绕有关话题深入交流。",
    "要坚持问题导向，建立工作台账，做到底数清、情况明、措施实。",
    "相关工作情况将定期向社会公布，欢迎广大群众监督。",
    "与会人员一致认为，要总结推广好的经验做法，推动工作再上新台阶。",
    "要压实安全生产责任，加强隐患排查，切实保障人民群众生命财产安全。",
];
