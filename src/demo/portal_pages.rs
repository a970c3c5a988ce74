//! The city's portal, everything that is no list: home page, channels, services, attachments, and odd answers.
#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;

use super::pages::{Chrome, Page, column_body, column_tags, rows};
use super::portal::{Column, NAV};
use super::portal_lists::scripts;
use super::web::{HTML, Host, Resource};
use super::{COUNTY, ECOLOGY, GONE, POLICE, PROVINCE, REFUSING, TRANSPORT, WALLED};

/// Name, post and duties of the city's invented leaders.
const LEADERS: [(&str, &str, &str); 3] = [
    ("王某某", "市委副书记、市长", "主持市政府全面工作，负责审计方面工作。"),
    ("张某某", "市委常委、常务副市长", "负责市政府常务工作，分管发展改革、财政、应急管理等方面工作。"),
    ("赵某某", "副市长", "分管教育、卫生健康、文化旅游等方面工作。"),
];

/// What a page says that is not there and answers 200 all the same.
const SORRY: &str = "<p>您访问的页面不存在或已被删除。</p><p><a href=\"/\">返回首页</a></p>";

/// Puts all of it on `host`.
pub fn publish(chrome: &Chrome<'_>, host: &mut Host, columns: &[Column]) {
    let today = chrome.grounds.day(1);
    let home = chrome.page(&Page { body: home(chrome, columns), ..Page::default() }, today);
    for (name, kind, picture) in [
        ("wx.png", "image/png", include_bytes!("codes/wechat.png").as_slice()),
        ("wb.jpg", "image/jpeg", include_bytes!("codes/weibo.jpg").as_slice()),
    ] {
        host.put(format!("/images/xmt/{name}"), Resource::ok(kind, picture, chrome.grounds.day(300)));
    }
    host.put("/", home.clone());
    host.put("/index.html", home);
    for (path, script) in scripts(chrome.grounds) {
        host.put(path, script);
    }
    channels(chrome, host, columns);
    own_content(chrome, host);
    services(chrome, host);
    files(chrome, host, columns);
    odd_answers(chrome, host);
}

fn home(chrome: &Chrome<'_>, columns: &[Column]) -> String {
    let boxed = |dir: &str, count: usize| {
        columns.iter().find(|c| c.dir == dir).map_or_else(String::new, |column| {
            let list: String = column.articles.iter().take(count).fold(String::new(), |mut list, a| {
                let _ = writeln!(
                    list,
                    "<li><a href=\"{}\" title=\"{t}\">{t}</a><span>{}</span></li>",
                    a.path,
                    a.day.format("%m-%d"),
                    t = a.title
                );
                list
            });
            format!(
                "<div class=\"box\"><h3><a href=\"{dir}\">{}</a><a class=\"more\" href=\"{dir}\">更多&gt;&gt;</a></h3><ul class=\"list\">{list}</ul></div>",
                column.name
            )
        })
    };
    let lead = columns.iter().find(|c| c.dir == "/tpxw/").and_then(|c| c.articles.first());
    let focus = lead.map_or_else(String::new, |a| {
        format!("<div class=\"pic\"><a href=\"{}\"><img src=\"/images/tp1.svg\" alt=\"{t}\"></a><p><a href=\"{}\">{t}</a></p></div>", a.path, a.path, t = a.title)
    });
    let doors: String = [
        ("办事大厅", "/bsfw/"),
        ("政务公开", "/zwgk/"),
        ("政策解读", "/zcjd/"),
        ("互动交流", "/hdjl/"),
        ("数据开放", "/sjkf/"),
        ("网站地图", "/wzdt/"),
    ]
    .iter()
    .fold(String::new(), |doors, (name, href)| doors + &format!("<a href=\"{href}\">{name}</a>"));
    let link = |host: &str, name: &str| {
        format!("<a href=\"{}\" target=\"_blank\">{name}</a>", chrome.grounds.url(host, "/"))
    };
    format!(
        "<div class=\"wrap\"><div class=\"focus\">{focus}{news}</div>\n<div class=\"banner\"><a href=\"/zt/lh/\">聚焦示例市两会专题</a>　<a href=\"/ztzl/jjpc/\">经济普查专题</a></div>\n\
         <div class=\"doors\">{doors}</div>\n<div class=\"grid\">{notice}{policy}{county}{depart}</div>\n\
         <div class=\"tabs\"><div class=\"tab-hd\"><b>上级政府网站</b><b>县（区）政府网站</b><b>部门网站</b></div>\n\
         <div class=\"tab-bd\">{province}{walled}<a href=\"http://{GONE}/\" target=\"_blank\">示例省大数据中心</a></div>\n\
         <div class=\"tab-bd\" style=\"display:none\">{county_site}</div>\n\
         <div class=\"tab-bd\" style=\"display:none\">{transport}{ecology}{police}</div></div>\n\
         <div class=\"codes\"><div><img src=\"/images/xmt/wx.png\" alt=\"\"><p>示例市发布微信公众号</p></div>\
         <div><img src=\"/images/xmt/wb.jpg\" alt=\"\"><p>示例文旅微博</p></div></div></div>",
        news = boxed("/zwyw/", 7),
        notice = boxed("/tzgg/", 4),
        policy = boxed("/zcwj/", 4),
        county = boxed("/mtjj/", 5),
        depart = boxed("/bmdt/", 5),
        province = link(PROVINCE, "示例省人民政府"),
        walled = link(WALLED, "示例省公共资源交易网"),
        county_site = link(COUNTY, "示例县人民政府"),
        transport = link(TRANSPORT, "示例市交通运输局"),
        ecology = link(ECOLOGY, "示例市生态环境局"),
        police = link(POLICE, "示例市公安局"),
    )
}

fn channels(chrome: &Chrome<'_>, host: &mut Host, columns: &[Column]) {
    let channel = |dirs: &[&str]| {
        let boxes = columns
            .iter()
            .filter(|c| dirs.contains(&c.dir) && !c.articles.is_empty())
            .map(|c| {
                format!(
                    "<div class=\"box\"><h3><a href=\"{dir}\">{}</a><a class=\"more\" href=\"{dir}\">更多&gt;&gt;</a></h3>{}</div>",
                    c.name,
                    rows(c.articles.get(..3).unwrap_or(&c.articles), "", true),
                    dir = c.dir
                )
            })
            .collect::<Vec<_>>()
            .concat();
        format!("<div class=\"wrap\"><div class=\"grid\">{boxes}</div></div>")
    };
    let open = channel(&["/tzgg/", "/zcwj/", "/bmwj/", "/ghjh/", "/zfnb/", "/rsxx/"])
        + "<div class=\"wrap\"><p><a href=\"/nbgl/tj.html\">后台统计</a>　<a href=\"/xxgk/old.html\">旧版信息公开目录</a>　<a href=\"/zfxxgk/\">政府信息公开</a></p></div>";
    let talk = channel(&["/yjzj/"])
        + "<div class=\"wrap\"><div class=\"doors\"><a href=\"/hdjl/szxx/\">市长信箱</a><a href=\"/hdjl/wdly/\">我的留言</a><a href=\"/yjzj/\">意见征集</a><a href=\"/dcfk/\">结果反馈</a><a href=\"/jyta/\">建议提案</a></div></div>";
    for (name, path, body) in [("政务公开", "/zwgk/", open), ("互动交流", "/hdjl/", talk)] {
        let page = Page {
            title: name,
            tags: column_tags(name, name),
            crumb: vec![(name, path)],
            body,
            ..Page::default()
        };
        host.put(path, chrome.page(&page, chrome.grounds.day(3)));
    }
    let jump = Page {
        title: "新闻动态",
        head: "<meta http-equiv=\"refresh\" content=\"0; url=/zwyw/\">\n",
        body: "<div class=\"wall\"><p>正在转到<a href=\"/zwyw/\">政务要闻</a>……</p></div>".to_owned(),
        ..Page::default()
    };
    host.put("/xwzx/", chrome.page(&jump, chrome.grounds.day(300)));
    host.put("/zfxxgk/", Resource::redirect(301, "/zwgk/"));
    host.put("/gk", Resource::redirect(302, chrome.grounds.url(chrome.host, "/zwgk/")));
}

fn own_content(chrome: &Chrome<'_>, host: &mut Host) {
    let leaders = LEADERS
        .map(|(name, post, duty)| {
            format!(
                "<div class=\"leader\"><img src=\"/images/leader.svg\" alt=\"{name}\"><div><h4>{name}</h4><p>{post}</p>\
                 <p>工作分工：{duty}</p></div></div>"
            )
        })
        .concat();
    let duties = "<div class=\"own\"><h4>一、机构名称</h4><p>示例市人民政府办公室。</p><h4>二、主要职责</h4><p>协助市政府领导同志组织起草、审核以市政府、市政府办公室名义印发的公文。负责市政府会议的准备工作，协助组织实施会议决定事项。\
        指导、监督全市政府信息和政务公开工作。负责市政府值班工作，及时报告重要情况，传达和督促落实市政府领导同志指示。</p><h4>三、办公地址</h4><p>示例市政府路1号，办公时间：工作日8:30至12:00，14:30至18:00，联系电话：0000-0000000。</p></div>";
    let about = "<div class=\"own\"><h4>网站简介</h4><p>示例市人民政府网站是示例市政府在互联网上公开政府信息、提供办事服务、听取群众意见的统一平台，由示例市人民政府办公室主办，示例市电子政务中心承办。</p>\
        <h4>联系我们</h4><p>电话：0000-0000000，地址：示例市政府路1号。</p></div>";
    let mut map = String::from("<div class=\"own\">");
    for (name, href, below) in NAV {
        let _ = write!(map, "<h4><a href=\"{href}\">{name}</a></h4><p>");
        for (name, href) in below {
            let _ = write!(map, "<a href=\"{href}\">{name}</a>　");
        }
        map.push_str("</p>");
    }
    map.push_str("</div>");
    let open = NAV.iter().find(|(name, ..)| *name == "政务公开").map_or(&[][..], |(_, _, below)| below);
    for (name, path, content) in [
        ("领导信息", "/ldxx/", leaders.as_str()),
        ("机构职能", "/jgzn/", duties),
        ("关于我们", "/gywm/", about),
        ("网站地图", "/wzdt/", &map),
    ] {
        let page = Page {
            title: name,
            tags: column_tags(name, "概况信息"),
            crumb: vec![("政务公开", "/zwgk/"), (name, path)],
            body: column_body(name, open, content),
            ..Page::default()
        };
        host.put(path, chrome.page(&page, chrome.grounds.day(350)));
    }
}

fn services(chrome: &Chrome<'_>, host: &mut Host) {
    let refusing = chrome.grounds.url(REFUSING, "/login");
    let body = format!(
        "<div class=\"own\"><p>办事服务栏目提供个人办事、法人办事的入口和常用查询，具体事项以实施机关的办事指南为准。</p><h4>常用服务</h4><p>\
         <a href=\"/bsfw/gjj.html\">公积金查询</a>　<a href=\"/bsfw/sbcx.html\">社保查询</a>　<a href=\"/bsfw/jdcx.jsp\">办件进度查询</a>　<a href=\"{refusing}\">企业开办系统</a></p>\
         <h4>办事入口</h4><p><a href=\"/bsfw/zxbl.html\">在线办理</a>　<a href=\"/gk\">政务公开</a>　<a href=\"/bsfw/yy.html\">预约办事</a>　<a href=\"/bsfw/tj.html\">办件统计</a>　\
         <a href=\"/bsfw/zn.html\">办事指南</a>　<a href=\"/bsfw/jb.html\">简版办事大厅</a>　<a href=\"/bsfw/wtjd.html\">问题解答</a></p></div>"
    );
    let page = Page {
        title: "办事服务",
        tags: column_tags("办事服务", "办事服务"),
        crumb: vec![("办事服务", "/bsfw/")],
        body: column_body("办事服务", &[("办事服务", "/bsfw/")], &body),
        ..Page::default()
    };
    let day = chrome.grounds.day(200);
    host.put("/bsfw/", chrome.page(&page, day));
    let guide = |name: &'static str| {
        let body = format!(
            "<div class=\"own\"><h4>事项名称</h4><p>{name}</p><h4>设定依据</h4><p>《示例市政务服务管理办法》第十二条。</p><h4>申请条件</h4><p>在示例市行政区域内居住或者注册登记。</p>\
             <h4>办理材料</h4><p>有效身份证件。</p><h4>办理地点</h4><p>示例市政务服务中心二楼综合窗口。</p><h4>办理时间</h4><p>工作日9:00至17:00。</p>\
             <h4>联系电话</h4><p>0000-0000000</p><h4>办理流程</h4><p>申请、受理、审核、办结。</p></div>"
        );
        let page = Page {
            title: name,
            crumb: vec![("办事服务", "/bsfw/"), (name, "#")],
            body: column_body(name, &[("办事服务", "/bsfw/")], &body),
            ..Page::default()
        };
        chrome.page(&page, day)
    };
    let broken = || {
        Resource::status(
            500,
            "<html><head><title>Error 500</title></head><body><h1>HTTP Status 500 - Internal Server Error</h1></body></html>",
        )
    };
    host.put("/bsfw/jdcx.jsp", broken());
    host.put("/bsfw/gjj.html", guide("公积金查询").no_head());
    host.put("/bsfw/sbcx.html", guide("社保查询"));
    host.put("/bsfw/yy.html", guide("预约办事").at_first(missing(chrome)));
    host.put(
        "/bsfw/tj.html",
        guide("办件统计").at_first(Resource::status(503, "<h1>503 Service Unavailable</h1>")),
    );
    host.put(
        "/bsfw/zn.html",
        guide("办事指南")
            .at_first(Resource::status(429, "<h1>429 Too Many Requests</h1>").with("retry-after", "1")),
    );
    host.put(
        "/bsfw/jb.html",
        Resource::status(403, "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center></body></html>"),
    );
    host.put("/bsfw/wtjd.html", guide("问题解答").at_first(challenge(404)));
    host.put("/bsfw/zxbl.html", Resource::redirect(302, "/error.html"));
    let sorry = Page {
        title: "页面不存在",
        body: format!("<div class=\"wall\"><h1>页面不存在</h1>{SORRY}</div>"),
        ..Page::default()
    };
    host.put("/zt/lcz/", chrome.page(&sorry, day));
    let bare = format!(
        "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>提示信息</title></head><body><div class=\"wall\">{SORRY}</div></body></html>"
    );
    host.put("/error.html", Resource::ok(HTML, bare, day));
    let login = Page {
        title: "用户登录",
        body: "<div class=\"wall\"><h2>统一身份认证</h2><form action=\"/sso/auth\" method=\"post\"><p>用户名 <input name=\"username\"></p><p>密码 <input type=\"password\" name=\"password\"></p><p><button>登录</button></p></form></div>"
            .to_owned(),
        ..Page::default()
    };
    host.put("/sso/login", chrome.page(&login, day));
    host.put("/hdjl/wdly/", Resource::redirect(302, "/sso/login?from=/hdjl/wdly/"));
    host.put(
        "/hdjl/szxx/",
        Resource::status(401, "<h1>401 Unauthorized</h1>")
            .with("www-authenticate", "Basic realm=\"mailbox\""),
    );
}

fn missing(chrome: &Chrome<'_>) -> Resource {
    let body = "<div class=\"wall\"><h1>404</h1><p>抱歉，您访问的页面不存在。</p></div>";
    let page = Page { title: "页面不存在", body: body.to_owned(), ..Page::default() };
    Resource { status: 404, modified: None, ..chrome.page(&page, chrome.grounds.day(400)) }
}

fn files(chrome: &Chrome<'_>, host: &mut Host, columns: &[Column]) {
    let day = chrome.grounds.day(41);
    let pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n\
               3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
    let encoded: String =
        percent_encoding::utf8_percent_encode("供暖服务电话", percent_encoding::NON_ALPHANUMERIC).collect();
    host.put(format!("/attach/{encoded}.pdf"), Resource::ok("application/pdf", pdf, day));
    host.put("/attach/csgx.pdf", Resource::ok("application/pdf", pdf, day));
    let sorry = format!(
        "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>下载出错</title></head><body>{SORRY}</body></html>"
    );
    host.put("/attach/hqzcsb.pdf", Resource::ok("application/pdf", sorry, day));
    let table = "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head><meta charset=\"utf-8\"><title>404号文件清单</title></head><body><table><tr><td>示府发〔2026〕404号</td></tr></table></body></html>";
    host.put("/attach/hqzcqd.xls", Resource::ok("application/vnd.ms-excel", table, day));
    let mut sheet = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    sheet.resize(24_576, 0);
    host.put("/attach/gnzd.xls", Resource::ok("application/vnd.ms-excel", sheet, day));
    let rows: Vec<serde_json::Value> = columns
        .iter()
        .filter(|c| c.dir == "/zcwj/")
        .flat_map(|c| &c.articles)
        .map(|a| serde_json::json!({"title": a.title, "url": a.path, "date": a.day.to_string()}))
        .collect();
    let list = serde_json::json!({ "rows": rows }).to_string();
    host.put("/api/documents", Resource::ok("application/json", list, day));
    let results = Page {
        title: "站内搜索",
        body: "<div class=\"wrap\"><div class=\"box\"><h3>站内搜索</h3><p class=\"none\">没有找到相关内容，请更换关键词。</p></div></div>".to_owned(),
        ..Page::default()
    };
    host.put("/search", chrome.page(&results, day));
}

fn odd_answers(chrome: &Chrome<'_>, host: &mut Host) {
    host.put("/sjkf/", challenge(412));
    host.put("/zt/lh/", Resource::redirect(302, "/zt/lh/index.html"));
    host.put("/zt/lh/index.html", Resource::redirect(302, "/zt/lh/"));
    host.put(
        "/xxgk/old.html",
        Resource::redirect(301, chrome.grounds.url(chrome.host, "/xxgk/2018/index.html")),
    );
}

/// A firewall's page: no words, one meta element and a script, as a bot check sends it.
pub fn challenge(status: u16) -> Resource {
    let page = "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\
        <meta id=\"Qx7aDemo\" content=\"9f2c41d0a77be350\" r=\"m\"><script type=\"text/javascript\" r=\"m\">$_ts=window['$_ts'];if(!$_ts)$_ts={};\
        $_ts.nsd=40817;$_ts.cd=\"qEqWrsqcDAlSrcGWDADm\";(function(){var _0x1c=['cookie','location','reload'];document[_0x1c[0]]='demo_wzws=1; path=/';})();</script>\
        </head><body></body></html>";
    Resource::status(status, page)
        .with("set-cookie", "acw_demo=60a3; Path=/; HttpOnly")
        .with("cache-control", "no-store")
}
