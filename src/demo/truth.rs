//! What is wrong with the demo's sites, and what only looks wrong: the list that a patrol of them is measured against.
#![deny(clippy::disallowed_methods)]

use super::{
    CITY, COUNTY, CULTURE, ECOLOGY, FARM, GONE, LAPSED, MEDIA, POLICE, PROVINCE, REFUSING, TRANSPORT, WALLED,
    accounts,
};
use crate::finding::{Finding, State};

/// One planted defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// Id of the rule that must find it.
    pub rule: &'static str,
    /// What was planted, in Chinese.
    pub what: &'static str,
    /// Where: the link's target, the column's page, the site's home page.
    pub url: String,
    /// True where it stands only in an article older than two years: to be reported as old stock.
    pub stock: bool,
    /// How sure a patrol of two looks can be of it.
    pub state: State,
    /// How far a finding's URL may differ.
    pub reach: Reach,
}

/// What part of a finding's URL must equal the planted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of it.
    Url,
    /// Its host.
    Site,
    /// It is the page itself, is carried by that page, or leads to the link farm.
    Page,
}

/// Something in order that looks like a defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookAlike {
    /// What it looks like and is not, in Chinese.
    pub what: &'static str,
    /// Where it is.
    pub url: String,
}

/// The whole list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Every planted defect.
    pub planted: Vec<Planted>,
    /// Every healthy look-alike.
    pub look_alikes: Vec<LookAlike>,
    /// What follows from a planted defect and is true, but is not asked for: rule and host.
    pub consequences: Vec<(&'static str, &'static str)>,
}

impl Planted {
    /// Whether `finding` tells of this defect, however sure it is.
    pub fn is_told_by(&self, finding: &Finding) -> bool {
        let place = match self.reach {
            Reach::Url => finding.url == self.url,
            Reach::Site => host(&finding.url) == host(&self.url),
            Reach::Page => {
                finding.url == self.url
                    || finding.page.as_deref() == Some(self.url.as_str())
                    || FARM.contains(&host(&finding.url))
            }
        };
        self.rule == finding.rule && place
    }
}

impl Truth {
    /// The list for a demo that serves on `port`.
    pub fn on(port: u16) -> Self {
        let url = |host: &str, path: &str| format!("http://{host}:{port}{path}");
        let plant = |(rule, host, path, what): &(&'static str, &str, &str, &'static str)| Planted {
            rule,
            what,
            url: match *host {
                GONE => format!("http://{GONE}/"),
                NOWHERE => (*path).to_owned(),
                _ => url(host, path),
            },
            stock: path.ends_with(STOCK),
            state: match *rule {
                "unreachable-site"
                | "missing-police-filing"
                | "missing-interpretation-column"
                | "redated-article"
                | "no-site-search"
                | "not-archived-special"
                | "no-review-line"
                | "inaccessible-image"
                | "unregistered-account" => State::Suspected,
                _ => State::Confirmed,
            },
            reach: match *rule {
                "no-ipv6"
                | "unreachable-site"
                | "stale-home"
                | "missing-police-filing"
                | "wrong-site-code"
                | "missing-interpretation-column"
                | "missing-ecology-link"
                | "redated-article"
                | "public-report"
                | "no-site-search"
                | "not-archived-special"
                | "no-review-line"
                | "inaccessible-image"
                | "page-tag-fault" => Reach::Site,
                "hidden-link" => Reach::Page,
                _ => Reach::Url,
            },
        };
        let look = |(host, path, what): &(&str, &str, &'static str)| LookAlike {
            what,
            url: if *host == NOWHERE { (*path).to_owned() } else { url(host, path) },
        };
        let account = |(rule, path, what): &(&'static str, &str, &'static str), state| Planted {
            rule,
            what,
            url: url(MEDIA, path),
            stock: false,
            state,
            reach: Reach::Url,
        };
        let of_accounts = accounts::PLANTED.iter().map(|one| account(one, State::Confirmed));
        let proposed = accounts::PROPOSED.iter().map(|one| account(one, State::Suspected));
        let healthy =
            accounts::LOOK_ALIKES.iter().map(|(path, what)| LookAlike { what, url: url(MEDIA, path) });
        Self {
            planted: PLANTED.iter().map(plant).chain(of_accounts).chain(proposed).collect(),
            look_alikes: LOOK_ALIKES.iter().map(look).chain(healthy).collect(),
            consequences: vec![("no-ipv6", CULTURE)],
        }
    }

    /// The planted defect that `finding` tells of.
    pub fn planted_for(&self, finding: &Finding) -> Option<&Planted> {
        self.planted.iter().find(|planted| planted.is_told_by(finding))
    }

    /// The healthy thing that `finding` accuses, where it stands in the list.
    pub fn look_alike_for(&self, finding: &Finding) -> Option<&LookAlike> {
        self.look_alikes.iter().find(|healthy| healthy.url == finding.url)
    }

    /// Whether `finding` is true and merely follows from a planted defect.
    pub fn follows(&self, finding: &Finding) -> bool {
        self.consequences.iter().any(|(rule, of)| *rule == finding.rule && *of == host(&finding.url))
    }
}

/// The host of a URL as text.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':', '?', '#']).next().unwrap_or_default()
}

/// The dead link that stands only in an article over two years old.
const STOCK: &str = "/gh/2019/szy.html";

/// In place of a host: the path is the whole address, which leads nowhere.
const NOWHERE: &str = "";

/// Rule, host, path, what.
const PLANTED: [(&str, &str, &str, &str); 54] = [
    ("broken-link", CITY, "/zwyw/2025zt/fzgh.html", "文章内站内链接404"),
    ("broken-link", CITY, "/zwyw/fx/jjyx.html", "列表第二页文章内链接404"),
    ("broken-link", CITY, "/images/ldhd/20260003.jpg", "文章配图404"),
    ("broken-link", CITY, "/attach/msss-sbb.doc", "通知附件404"),
    ("broken-link", CITY, "/bsfw/jdcx.jsp", "服务入口返回500"),
    ("broken-link", CITY, "/zt/lh/", "首页专题链接循环跳转"),
    ("broken-link", CITY, "/xxgk/old.html", "跳转后404"),
    ("broken-link", CITY, "/wza/sm.html", "页脚模板链接404（每页都有）"),
    ("broken-link", GONE, "/", "友情链接域名不存在"),
    ("broken-link", REFUSING, "/login", "站外系统拒绝连接"),
    ("broken-link", PROVINCE, "/zcwj/gone.html", "站外页面404"),
    ("broken-link", PROVINCE, STOCK, "两年前文章内的站外404（存量）"),
    ("broken-link", COUNTY, "/picture/0/s2026_yz.png", "县网站文章配图404"),
    ("broken-link", COUNTY, "/attach/0/nypc-fa.docx", "县网站附件404"),
    (
        "broken-link",
        TRANSPORT,
        "/%E4%B8%8B%E8%BD%BD%E4%B8%93%E5%8C%BA/%E7%AB%99%E7%82%B9%E7%A4%BA%E6%84%8F%E5%9B%BE.jpg",
        "GBK页面中文路径附件404",
    ),
    ("soft-404", CITY, "/zt/lcz/", "返回200的“页面不存在”"),
    ("soft-404", CITY, "/bsfw/zxbl.html", "跳转到返回200的提示页"),
    ("soft-404", ECOLOGY, "/zt/2024/pwxk/index.html", "旧专题跳转到首页，与任意地址相同"),
    ("faulty-attachment", CITY, "/attach/hqzcsb.pdf", "PDF附件实为报错网页"),
    ("impossible-link", NOWHERE, "file:///C:/Users/ADMINI~1/Temp/ksohtml/wps1.jpg", "配图指向编辑电脑"),
    ("impossible-link", NOWHERE, "http://192.168.10.8:8080/oa/index.do", "链接指向内网地址"),
    ("lapsed-domain", LAPSED, "/", "友情链接域名被他人注册为赌博网站"),
    ("hidden-link", COUNTY, "/", "首页隐藏的站外链接群"),
    ("empty-column", CITY, "/jyta/", "栏目无任何信息"),
    ("empty-column", CITY, "/dcfk/", "栏目只有“暂无数据”"),
    ("empty-column", COUNTY, "/col/col105/index.html", "未登记的空白栏目"),
    ("empty-column", COUNTY, "/col/col107/index.html", "栏目建设中"),
    ("stale-news-column", CITY, "/qxdt/", "动态栏目23天未更新"),
    ("stale-news-column", CITY, "/zwdc/", "列表由接口提供的动态栏目38天未更新"),
    ("stale-news-column", COUNTY, "/col/col102/index.html", "未登记的动态栏目45天未更新"),
    ("stale-news-column", TRANSPORT, "/gzdt/", "部门动态栏目31天未更新"),
    ("stale-notice-column", CITY, "/gsgg/", "公告栏目236天未更新"),
    ("stale-notice-column", COUNTY, "/col/col106/index.html", "县公示栏目230天未更新"),
    ("stale-policy-column", CITY, "/bmwj/", "文件栏目310天未更新"),
    ("overdue-column", CITY, "/yjzj/", "更新周期90天的栏目200天未更新"),
    ("stale-home", TRANSPORT, "/", "首页31天无新信息"),
    ("no-ipv6", COUNTY, "/", "没有AAAA记录"),
    ("missing-police-filing", COUNTY, "/", "页面底部没有公安备案标识"),
    ("wrong-site-code", TRANSPORT, "/", "页面底部印着别的网站的标识码"),
    ("page-tag-fault", COUNTY, "/", "栏目页、内容页的ColumnType都是null"),
    ("typo", ECOLOGY, "/gs/gzzj.html", "文章里的错别字“部暑”"),
    ("id-number-leak", ECOLOGY, "/gs/bzgs.html", "公示表里的完整身份证号码"),
    ("unregistered-account", CITY, "/images/xmt/wb.jpg", "首页二维码指向没有登记的微博"),
    ("unregistered-account", COUNTY, "/", "首页邀请关注没有登记的公众号"),
    ("unreachable-site", CULTURE, "/", "登记的网站无人应答"),
    ("missing-interpretation-column", COUNTY, "/", "没有政策解读栏目"),
    ("missing-ecology-link", COUNTY, "/", "首页没有到市生态环境局的链接"),
    ("late-subsidy-list", COUNTY, "/col/col106/index.html", "按季度应公开的补贴发放情况230天没有"),
    ("redated-article", TRANSPORT, "/", "300天前的稿件换成31天前的日期再次发布"),
    ("public-report", COUNTY, "/", "找错留言40天没有答复"),
    ("no-site-search", COUNTY, "/", "站内搜索搜不到首页已列出的信息"),
    ("not-archived-special", COUNTY, "/", "900天没有更新的专题未标明归档"),
    ("no-review-line", COUNTY, "/", "稿件页面没有审核、编辑署名"),
    ("inaccessible-image", COUNTY, "/", "模板里的图片没有替代文本"),
];

/// Host, path, what.
const LOOK_ALIKES: [(&str, &str, &str); 63] = [
    (CITY, "/", "有IPv6、首页常新的门户"),
    (CITY, "/", "规定的链接在首页的选项卡里"),
    (CITY, "/zcjd/", "规定栏目的列表在数据岛中"),
    (CITY, "/images/xmt/wx.png", "已登记公众号的二维码"),
    (CITY, "/zwyw/", "按季度应公开的信息在要闻列表的第二页"),
    (CITY, "/", "党政机关标识和找错入口由标识自身的脚本写出"),
    (CITY, "/xzgfxwj/", "列表由脚本加载，源码看似空白"),
    (CITY, "/mssx/", "列表由接口提供，内容常新"),
    (CITY, "/ztft/", "列表在内嵌页面中"),
    (CITY, "/zcjd/", "列表在数据岛中"),
    (COUNTY, "/col/col101/index.html", "列表在数据岛中"),
    (CITY, "/tjsj/", "首页无条目，第二页有"),
    (CITY, "/ghjh/", "规划计划本就少更新"),
    (CITY, "/zfnb/", "年报一年一次"),
    (COUNTY, "/col/col109/index.html", "规划本就少更新"),
    (CITY, "/ldxx/", "栏目页即内容"),
    (CITY, "/jgzn/", "栏目页即内容"),
    (COUNTY, "/col/col108/index.html", "栏目页即内容"),
    (TRANSPORT, "/jggk/", "栏目页即内容"),
    (CITY, "/bmdt/", "列表无日期，网址有日期"),
    (CITY, "/mtjj/", "置顶旧稿加空行的新栏目"),
    (CITY, "/tpxw/", "图片列表"),
    (CITY, "/tzgg/", "40天前的通知，未满6个月"),
    (CITY, "/zcwj/", "表格列表，75天前的文件"),
    (CITY, "/rsxx/", "更新周期一年的人事栏目"),
    (CITY, "/xwzx/", "自动跳转的栏目"),
    (CITY, "/sjkf/", "防火墙412页面"),
    (CITY, "/bsfw/jb.html", "403页面"),
    (CITY, "/bsfw/gjj.html", "只拒绝HEAD的页面"),
    (CITY, "/bsfw/yy.html", "第一次404，第二次正常"),
    (CITY, "/bsfw/tj.html", "第一次503，第二次正常"),
    (CITY, "/bsfw/zn.html", "第一次429并要求稍候"),
    (CITY, "/bsfw/wtjd.html", "第一次以404给出防火墙验证"),
    (CITY, "/hdjl/szxx/", "需要登录（401）"),
    (CITY, "/hdjl/wdly/", "跳转到登录页"),
    (CITY, "/nbgl/tj.html", "robots禁止访问"),
    (COUNTY, "/module/download/downfile.jsp?filename=gz.doc", "robots禁止访问的附件"),
    (CITY, "/gk", "正常的跳转"),
    (CITY, "/attach/hqzcqd.xls", "由表格软件存为网页格式的附件"),
    (CITY, "/bsfw/zn.html?back=http://10.0.0.1/", "参数里有内网地址的链接"),
    (NOWHERE, "http://localhost:18000/CLodopfuncs.js", "本机打印控件的脚本"),
    (PROVINCE, "/fzxc/dbxc.html", "站外的反赌宣传页面"),
    (ECOLOGY, "/sy", "跳转到首页的“返回首页”链接"),
    (CITY, "/zfxxgk/", "正常的跳转"),
    (CITY, "/trap/comment.html", "注释里的链接"),
    (CITY, "/trap/script.html", "脚本里的链接"),
    (CITY, "/trap/script.png", "脚本里的图片"),
    (CITY, "/trap/textarea.html", "文本框里的链接"),
    (CITY, "/trap/data.html", "data属性里的地址"),
    (WALLED, "/", "对程序返回403的站外网站"),
    (POLICE, "/", "全站由防火墙应答的部门网站"),
    (ECOLOGY, "/", "只有栏目入口的首页"),
    (ECOLOGY, "/hjyw/", "正常更新的栏目"),
    (ECOLOGY, "/gs/yzts.html", "加引号说明的错别字、统一社会信用代码"),
    (ECOLOGY, "/gs/hjmd.html", "与错别字同形的姓名、已隐去的证件号码"),
    (TRANSPORT, "/files/cx.asp?name=%BF%BC%BA%CB%BD%E1%B9%FB", "GBK页面里的GBK查询串"),
    (TRANSPORT, "/%E4%B8%8B%E8%BD%BD%E4%B8%93%E5%8C%BA/", "GBK页面里的中文路径"),
    (ECOLOGY, "/", "题目相同、内容不同的往年稿件"),
    (CITY, "/", "次日答复的找错留言"),
    (TRANSPORT, "/", "能搜到已发布信息的站内搜索"),
    (CITY, "/ztzl/jjpc/", "标明归档的旧专题"),
    (CITY, "/", "稿件末尾有编辑、审核署名"),
    (CITY, "/", "装饰图片写空的替代文本"),
];
