//! The city's portal, columns and articles: lists in the manner of TRS, some in order and some not.
#![deny(clippy::disallowed_methods)]

use std::net::Ipv4Addr;

use super::pages::{
    Article, Charset, Chrome, Foot, Grounds, NavEntry, Page, article_body, article_tags, articles,
    column_body, column_tags,
};
use super::web::Host;
use super::{CITY, COUNTY, LAPSED, PROVINCE, portal_lists, portal_pages};

/// The navigation, which names every column.
pub const NAV: [NavEntry; 6] = [
    (
        "新闻动态",
        "/xwzx/",
        &[
            ("政务要闻", "/zwyw/"),
            ("部门动态", "/bmdt/"),
            ("区县动态", "/qxdt/"),
            ("媒体聚焦", "/mtjj/"),
            ("图片新闻", "/tpxw/"),
            ("民生实事", "/mssx/"),
            ("政务督查", "/zwdc/"),
            ("专题访谈", "/ztft/"),
        ],
    ),
    (
        "政务公开",
        "/zwgk/",
        &[
            ("通知公告", "/tzgg/"),
            ("公示公告", "/gsgg/"),
            ("政策文件", "/zcwj/"),
            ("部门文件", "/bmwj/"),
            ("规划计划", "/ghjh/"),
            ("政府信息公开年报", "/zfnb/"),
            ("行政规范性文件", "/xzgfxwj/"),
            ("人事信息", "/rsxx/"),
            ("统计数据", "/tjsj/"),
            ("领导信息", "/ldxx/"),
            ("机构职能", "/jgzn/"),
        ],
    ),
    ("政策解读", "/zcjd/", &[]),
    ("办事服务", "/bsfw/", &[]),
    ("互动交流", "/hdjl/", &[("意见征集", "/yjzj/"), ("结果反馈", "/dcfk/"), ("建议提案", "/jyta/")]),
    ("数据开放", "/sjkf/", &[]),
];

/// How a column's page lists its articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Rows with dates; beyond this many, further pages that only a script names.
    Rows(usize),
    /// Rows without dates: only the addresses carry them.
    UrlDates,
    /// An old row pinned to the top, and a blank row after every five.
    Pinned,
    /// Pictures with captions.
    Pictures,
    /// A table with document numbers.
    Documents,
    /// Rows in a data island that a script unpacks.
    Island,
    /// The first page shows no row, the second all.
    SecondPage,
    /// A list without a row.
    Nothing,
    /// Words in place of rows.
    Placeholder,
    /// A list that a script fills from an interface whose address is put together at run time.
    Scripted,
    /// A list that a script fills from an interface whose address stands plain in the page.
    Endpoint,
    /// A list on a page of its own, embedded.
    Framed,
}

/// One column with its articles.
#[derive(Debug)]
pub struct Column {
    /// Its folder.
    pub dir: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The ColumnType tag.
    pub kind: &'static str,
    /// How it lists.
    pub shape: Shape,
    /// Its articles, newest first.
    pub articles: Vec<Article>,
}

/// The site's chrome.
pub fn chrome(grounds: Grounds) -> Chrome<'static> {
    Chrome {
        grounds,
        host: CITY,
        name: "示例市人民政府",
        code: "9901000001",
        charset: Charset::Utf8,
        colour: "#1f5fa8",
        nav: &NAV,
        footer: "<a href=\"/gywm/\">关于我们</a><a href=\"/wzdt/\">网站地图</a><a href=\"/wza/sm.html\">无障碍说明</a>",
        tail: "",
        foot: Foot::OwnScripts,
    }
}

/// The portal as a host.
pub fn host(grounds: Grounds) -> Host {
    let mut host = Host::new(CITY, Ipv4Addr::LOCALHOST, true);
    let chrome = chrome(grounds);
    chrome.furnish(&mut host, "User-agent: *\nDisallow: /nbgl/\nDisallow: /search\n");
    let columns = columns(grounds);
    for column in &columns {
        publish(&chrome, &mut host, column);
    }
    portal_pages::publish(&chrome, &mut host, &columns);
    host
}

/// Every column that lists articles.
pub fn columns(grounds: Grounds) -> Vec<Column> {
    let make = |dir: &'static str, name, kind, shape, first, source, list: &[(u64, &'static str)]| {
        let path = |day: chrono::NaiveDate, id| {
            format!("{dir}{}/t{}_{id}.html", day.format("%Y%m"), day.format("%Y%m%d"))
        };
        Column { dir, name, kind, shape, articles: articles(grounds, first, source, list, path) }
    };
    let mut columns = vec![
        make(
            "/zwyw/",
            "政务要闻",
            "工作动态",
            Shape::Rows(8),
            1001,
            "示例市融媒体中心",
            &[
                (1, "市政府召开常务会议研究民生实事办理进展"),
                (2, "全市秋冬季大气污染防治工作推进会召开"),
                (3, "市领导调研老旧小区改造和养老服务工作"),
                (5, "示例市举行“万企兴万村”项目对接活动"),
                (6, "全市高标准农田建设现场推进会在示例县召开"),
                (8, "市政府与省农业科学院签署合作协议"),
                (9, "示例市职工职业技能大赛闭幕"),
                (12, "全市冬春火灾防控工作部署会召开"),
                (14, "市政府召开优化营商环境座谈会"),
                (16, "市领导检查城区供热保障工作"),
                (20, "示例市召开季度经济运行分析会"),
                (22, "全市文化惠民演出季启动"),
            ],
        ),
        make(
            "/bmdt/",
            "部门动态",
            "工作动态",
            Shape::UrlDates,
            1101,
            "市政府有关部门",
            &[
                (2, "市交通运输局：404路公交线路优化调整"),
                (4, "市水利局开展河道清淤专项行动"),
                (7, "市人社局举办高校毕业生专场招聘会"),
                (11, "市民政局启动冬季困难群众走访"),
                (15, "市市场监管局开展燃气器具质量抽查"),
            ],
        ),
        make(
            "/qxdt/",
            "区县动态",
            "工作动态",
            Shape::Rows(20),
            1201,
            "各县（区）",
            &[
                (23, "示例县举办农民丰收文化活动"),
                (27, "城东区推进社区嵌入式服务设施建设"),
                (33, "城西区开展校园周边环境整治"),
                (41, "示例县召开产业链企业座谈会"),
            ],
        ),
        make(
            "/mtjj/",
            "媒体聚焦",
            "工作动态",
            Shape::Pinned,
            1301,
            "示例日报",
            &[
                (420, "示例市入选全国文明典范城市创建提名"),
                (3, "一条绿道串起半座城"),
                (6, "小菜场改造暖了街坊心"),
                (10, "示例港集装箱吞吐量稳步增长"),
                (13, "老厂房变身文化创意街区"),
                (17, "山村小学的科学课"),
                (19, "夜间经济点亮示例老街"),
            ],
        ),
        make(
            "/tpxw/",
            "图片新闻",
            "工作动态",
            Shape::Pictures,
            1401,
            "示例市融媒体中心",
            &[
                (2, "示例大桥主桥合龙"),
                (7, "滨河绿道二期建成开放"),
                (12, "秋粮颗粒归仓"),
                (18, "示例水库除险加固工程完工"),
            ],
        ),
        make(
            "/mssx/",
            "民生实事",
            "工作动态",
            Shape::Endpoint,
            2501,
            "示例市人民政府办公室",
            &[
                (4, "社区食堂新增服务点投入运营"),
                (11, "老旧小区加装电梯工程集中开工"),
                (26, "城区口袋公园建设完成年度任务"),
            ],
        ),
        make(
            "/zwdc/",
            "政务督查",
            "工作动态",
            Shape::Endpoint,
            2601,
            "示例市人民政府办公室",
            &[(38, "市政府督查重点工程建设进度"), (61, "民生实事办理情况专项督查展开")],
        ),
        make(
            "/ztft/",
            "专题访谈",
            "工作动态",
            Shape::Framed,
            2701,
            "示例市融媒体中心",
            &[(6, "市教育局负责人谈义务教育招生"), (20, "市卫生健康委负责人谈家庭医生签约服务")],
        ),
        make(
            "/tzgg/",
            "通知公告",
            "通知公告",
            Shape::Rows(20),
            1501,
            "示例市人民政府办公室",
            &[
                (40, "示例市人民政府办公室关于做好冬季供暖工作的通知"),
                (66, "关于征集民生实事项目建议的公告"),
                (95, "关于调整市级行政许可事项清单的通知"),
                (130, "关于开展防汛应急演练的公告"),
            ],
        ),
        make(
            "/gsgg/",
            "公示公告",
            "通知公告",
            Shape::Rows(20),
            1601,
            "示例市人民政府办公室",
            &[
                (236, "关于拟认定市级示范家庭农场名单的公示"),
                (260, "关于市级重点实验室拟立项名单的公示"),
                (301, "关于拟命名卫生村名单的公示"),
            ],
        ),
        make(
            "/zcwj/",
            "政策文件",
            "政策文件",
            Shape::Documents,
            1701,
            "示例市人民政府",
            &[
                (75, "示例市人民政府关于促进养老服务高质量发展的实施意见"),
                (118, "示例市人民政府关于印发城市更新行动方案的通知"),
                (190, "示例市人民政府关于支持县域商业体系建设的意见"),
                (260, "示例市人民政府关于加强地下水管理的通告"),
            ],
        ),
        make(
            "/bmwj/",
            "部门文件",
            "政策文件",
            Shape::Documents,
            1801,
            "市政府有关部门",
            &[
                (310, "示例市教育局关于规范校外供餐管理的通知"),
                (345, "示例市住房城乡建设局关于物业服务收费公示的通知"),
                (402, "示例市农业农村局关于农机购置补贴有关事项的通知"),
            ],
        ),
        make(
            "/zcjd/",
            "政策解读",
            "政策解读",
            Shape::Island,
            1901,
            "示例市人民政府办公室",
            &[
                (30, "一图读懂养老服务高质量发展实施意见"),
                (52, "《城市更新行动方案》政策解读"),
                (101, "《地下水管理通告》问答"),
            ],
        ),
        make(
            "/ghjh/",
            "规划计划",
            "规划计划",
            Shape::Rows(20),
            2001,
            "示例市发展和改革委员会",
            &[
                (505, "示例市养老服务体系建设规划"),
                (640, "示例市综合交通体系规划"),
                (1010, "示例市国民经济和社会发展规划纲要"),
                (1203, "示例市水安全保障规划"),
            ],
        ),
        make(
            "/zfnb/",
            "政府信息公开年报",
            "年度报告",
            Shape::Rows(20),
            2101,
            "示例市人民政府办公室",
            &[
                (298, "示例市人民政府政府信息公开工作年度报告（上一年度）"),
                (663, "示例市人民政府政府信息公开工作年度报告（再上一年度）"),
            ],
        ),
        make(
            "/rsxx/",
            "人事信息",
            "人事信息",
            Shape::Rows(20),
            2201,
            "示例市人力资源和社会保障局",
            &[
                (120, "示例市人民政府关于李某某等同志职务任免的通知"),
                (274, "示例市事业单位公开招聘拟聘用人员公示"),
            ],
        ),
        make(
            "/tjsj/",
            "统计数据",
            "统计信息",
            Shape::SecondPage,
            2301,
            "示例市统计局",
            &[(60, "示例市上半年主要经济指标"), (150, "示例市一季度主要经济指标")],
        ),
        make(
            "/yjzj/",
            "意见征集",
            "互动交流",
            Shape::Rows(20),
            2401,
            "示例市人民政府办公室",
            &[
                (200, "关于《示例市养犬管理办法》公开征求意见的公告"),
                (288, "关于公共停车收费标准公开征求意见的公告"),
            ],
        ),
        make(
            "/ztzl/jjpc/",
            "经济普查专题（已归档）",
            "专题专栏",
            Shape::Rows(20),
            2801,
            "示例市统计局",
            &[(905, "示例市经济普查登记工作全面完成"), (960, "示例市经济普查工作启动")],
        ),
        make("/dcfk/", "结果反馈", "互动交流", Shape::Placeholder, 0, "", &[]),
        make("/jyta/", "建议提案", "互动交流", Shape::Nothing, 0, "", &[]),
        make("/xzgfxwj/", "行政规范性文件", "政策文件", Shape::Scripted, 0, "", &[]),
    ];
    for column in &mut columns {
        for (index, article) in column.articles.iter_mut().enumerate() {
            article.extra = extra(grounds, column.dir, index);
        }
    }
    columns
}

/// What stands below the text of some articles.
fn extra(grounds: Grounds, dir: &str, index: usize) -> String {
    let province = grounds.url(PROVINCE, "");
    let shouted = grounds.url(CITY, "/gsgg/").replace("http", "HTTP").replace("shili-city", "SHILI-CITY");
    match (dir, index) {
        ("/zwyw/", 0) => "<p><img src=\"/images/tp1.svg\" alt=\"会议现场\"></p>".to_owned(),
        ("/zwyw/", 1) => "<p>相关阅读：<a href=\"/zwyw/2025zt/fzgh.html\">大气污染防治专题</a></p>".to_owned(),
        ("/zwyw/", 2) => "<p><img src=\"/images/ldhd/20260003.jpg\" alt=\"调研现场\"></p>".to_owned(),
        ("/zwyw/", 3) => "<!-- <p><a href=\"/trap/comment.html\">旧版页面</a></p> -->\n\
             <script type=\"text/javascript\">var tpl='<a href=\"/trap/script.html\">更多</a><img src=\"/trap/script.png\">';</script>\n\
             <p>转载代码：<textarea rows=\"2\" cols=\"60\"><a href=\"/trap/textarea.html\">转载本文</a></textarea></p>\n\
             <p data-href=\"/trap/data.html\">本文共一页。</p>"
            .to_owned(),
        ("/zwyw/", 4) => format!(
            "<p>相关链接：<a href=\"../../tzgg/\">通知公告</a> <a href=\"../../zcwj/../gsgg/\">公示公告</a> <a href=\" /zcjd/\n\">政策解读</a> \
             <a href=\"{slashes}\">示例省人民政府</a> <a href=\"{shouted}\">公示</a> <a href=\"\\bsfw\\\">办事服务</a> <a href=\"?from=wap\">手机版</a> \
             <a href=\"#top\">回到顶部</a> <a href=\"mailto:office@shili-city.example\">来信</a> <a href=\"tel:0000-0000000\">来电</a> \
             <a href=\"javascript:window.print()\">打印</a> <a href=\"/zwyw/./index.html\">返回列表</a></p>",
            slashes = province.trim_start_matches("http:").to_owned() + "/",
        ),
        ("/zwyw/", 10) => "<p>附：<a href=\"/zwyw/fx/jjyx.html\">经济运行分析专栏</a></p>".to_owned(),
        ("/bmdt/", 0) => "<p>404路公交起讫站为火车站、示例大学城。乘客反映的站牌更新不及时、线路查询页面不存在等问题，将一并解决。</p>".to_owned(),
        ("/mtjj/", 2) => "<p>更多内容见<a href=\"/zt/lcz/\">菜场改造专题</a>。</p>".to_owned(),
        ("/tzgg/", 0) => "<div class=\"attach\">附件：<a href=\"/attach/供暖服务电话.pdf\">供暖服务电话.pdf</a>　<a href=\"/attach/gnzd.xls\">供暖站点一览表.xls</a></div>".to_owned(),
        ("/tzgg/", 1) => "<div class=\"attach\">附件：<a href=\"/attach/msss-sbb.doc\">民生实事项目建议申报表.doc</a></div>".to_owned(),
        ("/zcwj/", 1) => "<p>原件：<a href=\"/attach/csgx.pdf\" target=\"_blank\">城市更新行动方案（PDF）</a></p>".to_owned(),
        ("/zcjd/", 0) => format!("<p>上级文件：<a href=\"{province}/zcwj/gone.html\">省政府有关文件</a>　<a href=\"{province}/zcwj/\">省政府政策文件库</a></p>"),
        ("/ghjh/", 3) => format!("<p>参见：<a href=\"{province}/gh/2019/szy.html\">省级水资源规划</a></p>"),
        ("/zcjd/", 1) => "<p>下载：<a href=\"/attach/hqzcsb.pdf\">惠企政策申报指南.pdf</a>　<a href=\"/attach/hqzcqd.xls\">惠企政策清单.xls</a></p>".to_owned(),
        ("/mtjj/", 3) => format!(
            "<p>相关链接：<a href=\"{}\">示例市农业信息网</a>　<a href=\"{province}/fzxc/dbxc.html\">反诈宣传</a></p>",
            grounds.url(LAPSED, "/")
        ),
        ("/mtjj/", 5) => "<p><img src=\"file:///C:/Users/ADMINI~1/Temp/ksohtml/wps1.jpg\" alt=\"老街夜景\"></p>\n\
             <p>办件请登录<a href=\"http://192.168.10.8:8080/oa/index.do\">协同办公系统</a>，打印控件<script src=\"http://localhost:18000/CLodopfuncs.js\"></script>见\
             <a href=\"/bsfw/zn.html?back=http://10.0.0.1/\">办事指南</a>。</p>"
            .to_owned(),
        ("/qxdt/", 0) => format!("<p>来源：<a href=\"{}\">示例县人民政府</a></p>", grounds.url(COUNTY, "/")),
        _ => String::new(),
    }
}

fn publish(chrome: &Chrome<'_>, host: &mut Host, column: &Column) {
    let group = NAV.iter().find(|(_, _, below)| below.iter().any(|(_, href)| *href == column.dir));
    let beside = group.map_or(&[][..], |(_, _, below)| below);
    let mut crumb: Vec<(&str, &str)> = group.map(|(name, href, _)| (*name, *href)).into_iter().collect();
    crumb.push((column.name, column.dir));
    let newest = column.articles.iter().map(|a| a.day).max().unwrap_or_else(|| chrome.grounds.day(700));
    for (number, content) in portal_lists::contents(column).into_iter().enumerate() {
        let page = Page {
            title: column.name,
            tags: column_tags(column.name, column.kind),
            crumb: crumb.clone(),
            body: column_body(column.name, beside, &content),
            ..Page::default()
        };
        let resource = chrome.page(&page, newest);
        if number == 0 {
            host.put(column.dir, resource.clone());
            host.put(format!("{}index.html", column.dir), resource);
        } else {
            host.put(format!("{}index_{number}.html", column.dir), resource);
        }
    }
    portal_lists::publish_source(chrome, host, column);
    for article in &column.articles {
        let page = Page {
            title: article.title,
            tags: article_tags(article, column.name, column.kind),
            crumb: crumb.clone(),
            body: article_body(article),
            ..Page::default()
        };
        host.put(article.path.clone(), chrome.page(&page, article.day));
    }
}
