//! The demo's installation as files: configuration, registers and calendar, as an office would keep them.
#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::net::SocketAddr;

use chrono::{Datelike, Days, NaiveDate};

use super::{CITY, COUNTY, CULTURE, ECOLOGY, FILING, POLICE, PROVINCE, TRANSPORT};

/// What the files must know of the running demo.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// The port of every site.
    pub port: u16,
    /// The demo's name server.
    pub dns: SocketAddr,
    /// The port of the demo's mail server on 127.0.0.1.
    pub mail: u16,
    /// The day of the patrol.
    pub as_of: NaiveDate,
}

/// Names of the files that [`files`] makes.
pub const FILES: [&str; 10] = [
    "xuncha.toml",
    "units.csv",
    "sites.csv",
    "columns.csv",
    "exemptions.csv",
    "holidays.toml",
    "rules/shili-2026/pack.toml",
    "rules/shili-2026/rules.toml",
    "accounts.csv",
    "public-reports.csv",
];
/// The folder of evidence about new-media accounts.
pub const EVIDENCE: &str = "evidence";

/// Every file of the installation, in the order of [`FILES`].
///
/// # Errors
/// Never in practice: writing CSV to memory.
pub fn files(addresses: Addresses) -> Result<[(&'static str, String); 10], csv::Error> {
    let [toml, units, sites, columns, exemptions, holidays, pack, rules, accounts, reports] = FILES;
    Ok([
        (toml, configuration(addresses)),
        (units, table(&UNIT_HEADINGS, &UNITS.map(|row| row.map(str::to_owned)))?),
        (sites, table(&SITE_HEADINGS, &site_rows(addresses.port))?),
        (columns, table(&COLUMN_HEADINGS, &column_rows(addresses.port))?),
        (exemptions, table::<5>(&["rule", "target", "reason", "from", "until"], &[])?),
        (holidays, calendar(addresses.as_of)),
        (pack, include_str!("pack.toml").to_owned()),
        (rules, include_str!("rules.toml").to_owned()),
        (accounts, super::accounts::register(addresses.port, addresses.as_of)),
        (reports, table(&REPORT_HEADINGS, &report_rows(addresses.as_of))?),
    ])
}

/// The tables of the evidence folder.
pub fn evidence(addresses: Addresses) -> Vec<(&'static str, String)> {
    super::accounts::evidence(addresses.as_of)
}

fn configuration(Addresses { port, dns, mail, .. }: Addresses) -> String {
    format!(
        r#"# 演示用配置，由 xuncha demo 生成。各项说明见 xuncha init 写出的样例。

[paths]
state = "state"
registry = "."
holidays = "holidays.toml"

[office]
signature = "示例市人民政府办公室政务公开科"
area = "示例市"
contact = "李某某"
phone = "0000-0000000"
reply-to = "zwgk@{CITY}"

# 演示网站就在本机，速率高于默认值；对公网网站请用默认值。
[crawl]
contact = "http://{CITY}:{port}/gywm/"
rate-per-host = 200
rate-per-group = 400
confirm-apart = "3s"
witnesses = ["http://{PROVINCE}:{port}/", "http://{FILING}:{port}/"]

[egress]
allow-private = ["127.0.0.0/8", "::1/128"]
dns = ["{dns}"]

# 有账号单位授权的，由平台接口佐证；密钥另存，只有本人可读。
[accounts]
credentials = "new-media.toml"

# 国家指标之外，再加示例市自己的要求，在 rules 文件夹中。
[rules]
dir = "rules"
pack = "shili-2026"

# 演示自带的邮件服务只收不转，收到的信存放在“收件箱”文件夹。
[mail]
host = "127.0.0.1"
port = {mail}
letters-apart = "10ms"
security = "plain"
from = "zwgk@{CITY}"
domain = "shili-city.example"
auto-send = false
"#
    )
}

/// A calendar that holds for whatever day the demo is run on: only holidays whose date never moves.
fn calendar(as_of: NaiveDate) -> String {
    let (this, next) = (as_of.year(), as_of.year() + 1);
    let mut text = format!(
        "# 演示用日历，只列日期固定的节日；正式使用请以国务院办公厅通知为准。\nyears = [{this}, {next}]\n"
    );
    for year in [this, next] {
        for (name, from, to) in
            [("元旦", "01-01", "01-01"), ("劳动节", "05-01", "05-05"), ("国庆节", "10-01", "10-07")]
        {
            let _ =
                writeln!(text, "\n[[holiday]]\nname = \"{name}\"\nfrom = {year}-{from}\nto = {year}-{to}");
        }
    }
    text
}

fn table<const N: usize>(headings: &[&str; N], rows: &[[String; N]]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(headings)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.flush()?;
    let bytes = writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

const REPORT_HEADINGS: [&str; 5] = ["网站", "编号", "收到日期", "答复日期", "内容"];

/// Messages over 我为政府网站找错, as the national platform exports them: one that waits, one answered on the next day.
fn report_rows(as_of: NaiveDate) -> [[String; 5]; 2] {
    let day = |ago| (as_of - Days::new(ago)).to_string();
    [
        [
            "示例县人民政府".to_owned(),
            "ZC-0012".to_owned(),
            day(40),
            String::new(),
            "义诊新闻的图片打不开".to_owned(),
        ],
        ["示例市人民政府".to_owned(), "ZC-0013".to_owned(), day(40), day(39), "首页专题打不开".to_owned()],
    ]
}

const UNIT_HEADINGS: [&str; 11] = [
    "单位名称",
    "简称",
    "上级主管单位",
    "类别",
    "排序",
    "分管领导",
    "联络员",
    "办公电话",
    "邮箱",
    "抄送",
    "送达方式",
];

const OFFICE: &str = "示例市人民政府办公室";
const OPERATOR: &str = "示例市电子政务中心";
const COUNTY_OFFICE: &str = "示例县人民政府办公室";

const UNITS: [[&str; 11]; 9] = [
    [
        OFFICE,
        "市政府办公室",
        "",
        "市本级",
        "1",
        "张某某",
        "李某某",
        "0000-0000001",
        "zwgk@shili-city.example",
        "",
        "邮件",
    ],
    [
        "示例市交通运输局",
        "市交通运输局",
        OFFICE,
        "部门",
        "10",
        "陈某某",
        "王某",
        "0000-0000010",
        "jtj@shili-city.example",
        "jtj-bgs@shili-city.example",
        "邮件",
    ],
    [
        "示例市生态环境局",
        "市生态环境局",
        OFFICE,
        "部门",
        "11",
        "刘某某",
        "何某",
        "0000-0000011",
        "sthjj@shili-city.example",
        "",
        "邮件",
    ],
    [
        "示例市文化旅游局",
        "市文化旅游局",
        OFFICE,
        "部门",
        "12",
        "吴某某",
        "马某",
        "0000-0000012",
        "wlj@shili-city.example",
        "",
        "邮件",
    ],
    ["示例市公安局", "市公安局", OFFICE, "部门", "13", "郑某某", "冯某", "0000-0000013", "", "", "公文交换"],
    [
        OPERATOR,
        "市电子政务中心",
        OFFICE,
        "直属机构",
        "30",
        "黄某某",
        "林某",
        "0000-0000030",
        "dzzw@shili-city.example",
        "",
        "邮件",
    ],
    [
        COUNTY_OFFICE,
        "县政府办公室",
        OFFICE,
        "县区",
        "50",
        "杨某某",
        "朱某",
        "0000-0000050",
        "xfb@shili-county.example",
        "",
        "邮件",
    ],
    [
        "示例县教育局",
        "县教育局",
        COUNTY_OFFICE,
        "部门",
        "51",
        "徐某某",
        "孙某",
        "0000-0000051",
        "jyj@shili-county.example",
        "",
        "邮件",
    ],
    [
        "示例县农业农村局",
        "县农业农村局",
        COUNTY_OFFICE,
        "部门",
        "52",
        "胡某某",
        "高某",
        "0000-0000052",
        "nyj@shili-county.example",
        "",
        "邮件",
    ],
];

const SITE_HEADINGS: [&str; 11] = [
    "网站名称",
    "网站标识码",
    "首页网址",
    "类型",
    "级别",
    "主管单位",
    "主办单位",
    "承办单位",
    "运维单位",
    "状态",
    "标签",
];

fn site_rows(port: u16) -> [[String; 11]; 6] {
    [
        ("示例市人民政府", "9901000001", CITY, "政府门户网站", "市级", OFFICE, OPERATOR),
        ("示例县人民政府", "9901210002", COUNTY, "政府门户网站", "县级", COUNTY_OFFICE, COUNTY_OFFICE),
        ("示例市交通运输局", "9901000003", TRANSPORT, "部门网站", "市级", "示例市交通运输局", OPERATOR),
        ("示例市生态环境局", "9901000004", ECOLOGY, "部门网站", "市级", "示例市生态环境局", OPERATOR),
        ("示例市公安局", "9901000005", POLICE, "部门网站", "市级", "示例市公安局", "示例市公安局"),
        (
            "示例市文化旅游局",
            "9901000006",
            CULTURE,
            "部门网站",
            "市级",
            "示例市文化旅游局",
            "示例市文化旅游局",
        ),
    ]
    .map(|(name, code, host, kind, level, owner, undertaker)| {
        let home = format!("http://{host}:{port}/");
        [name, code, &home, kind, level, OFFICE, owner, undertaker, OPERATOR, "正常运行", "演示"]
            .map(str::to_owned)
    })
}

const COLUMN_HEADINGS: [&str; 7] = ["网站名称", "栏目", "网址", "类别", "级", "更新周期", "内容保障单位"];

fn column_rows(port: u16) -> Vec<[String; 7]> {
    COLUMNS
        .iter()
        .map(|(host, [name, path, class, level, cycle, keeper])| {
            let site = match *host {
                CITY => "示例市人民政府",
                COUNTY => "示例县人民政府",
                TRANSPORT => "示例市交通运输局",
                _ => "示例市生态环境局",
            };
            let url = format!("http://{host}:{port}{path}");
            [site, name, &url, class, level, cycle, keeper].map(str::to_owned)
        })
        .collect()
}

const PLANNED: &str = "规划计划";

/// Host; then name, path, class, level, cycle and keeper. Two of the county's columns are left for the patrol to
/// discover: 乡镇动态 and 人大代表建议.
const COLUMNS: [(&str, [&str; 6]); 37] = [
    (CITY, ["新闻动态-政务要闻", "/zwyw/", "动态要闻", "1", "14天", ""]),
    (CITY, ["新闻动态-部门动态", "/bmdt/", "动态要闻", "1", "14天", ""]),
    (CITY, ["新闻动态-区县动态", "/qxdt/", "动态要闻", "1", "14天", ""]),
    (CITY, ["新闻动态-媒体聚焦", "/mtjj/", "动态要闻", "1", "14天", ""]),
    (CITY, ["新闻动态-图片新闻", "/tpxw/", "动态要闻", "1", "14天", ""]),
    (CITY, ["新闻动态-民生实事", "/mssx/", "动态要闻", "1", "14天", ""]),
    (CITY, ["新闻动态-政务督查", "/zwdc/", "动态要闻", "1", "14天", ""]),
    (CITY, ["新闻动态-专题访谈", "/ztft/", "动态要闻", "1", "14天", ""]),
    (CITY, ["政务公开-通知公告", "/tzgg/", "通知公告", "1", "6个月", ""]),
    (CITY, ["政务公开-公示公告", "/gsgg/", "通知公告", "1", "6个月", "示例市生态环境局"]),
    (CITY, ["政务公开-政策文件", "/zcwj/", "政策文件", "1", "6个月", ""]),
    (CITY, ["政务公开-部门文件", "/bmwj/", "政策文件", "1", "6个月", "示例市文化旅游局"]),
    (CITY, ["政务公开-行政规范性文件", "/xzgfxwj/", "政策文件", "2", "", ""]),
    (CITY, ["政务公开-规划计划", "/ghjh/", PLANNED, "1", "不定期", "示例市交通运输局"]),
    (CITY, ["政务公开-政府信息公开年报", "/zfnb/", PLANNED, "1", "每年", ""]),
    (CITY, ["政务公开-人事信息", "/rsxx/", "人事信息", "1", "每年", ""]),
    (CITY, ["政务公开-统计数据", "/tjsj/", "其他", "1", "每季度", ""]),
    (CITY, ["政务公开-领导信息", "/ldxx/", PLANNED, "1", "不定期", ""]),
    (CITY, ["政务公开-机构职能", "/jgzn/", PLANNED, "1", "不定期", ""]),
    (CITY, ["政策解读", "/zcjd/", "政策文件", "1", "6个月", ""]),
    (CITY, ["办事服务", "/bsfw/", "办事服务", "1", "", OPERATOR]),
    (CITY, ["互动交流-意见征集", "/yjzj/", "互动交流", "2", "90天", "示例市交通运输局"]),
    (CITY, ["互动交流-结果反馈", "/dcfk/", "互动交流", "2", "", ""]),
    (CITY, ["互动交流-建议提案", "/jyta/", "互动交流", "2", "", "示例市生态环境局"]),
    (CITY, ["数据开放", "/sjkf/", "其他", "1", "", OPERATOR]),
    (COUNTY, ["县内要闻", "/col/col101/index.html", "动态要闻", "1", "14天", ""]),
    (COUNTY, ["通知公告", "/col/col103/index.html", "通知公告", "1", "6个月", ""]),
    (COUNTY, ["政策文件", "/col/col104/index.html", "政策文件", "1", "6个月", ""]),
    (COUNTY, ["惠农公示", "/col/col106/index.html", "通知公告", "1", "6个月", "示例县农业农村局"]),
    (COUNTY, ["教育资助", "/col/col107/index.html", "其他", "1", "", "示例县教育局"]),
    (COUNTY, ["发展规划", "/col/col109/index.html", PLANNED, "1", "不定期", ""]),
    (CITY, ["专题专栏-经济普查专题", "/ztzl/jjpc/", "其他", "2", "", ""]),
    (COUNTY, ["专题专栏-防汛救灾专题", "/col/col111/index.html", "其他", "2", "", ""]),
    (TRANSPORT, ["工作动态", "/gzdt/", "动态要闻", "1", "14天", ""]),
    (TRANSPORT, ["通知公告", "/tzgg/", "通知公告", "1", "6个月", ""]),
    (ECOLOGY, ["环境要闻", "/hjyw/", "动态要闻", "1", "14天", ""]),
    (ECOLOGY, ["通知公告", "/tzgg/", "通知公告", "1", "6个月", ""]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo;

    fn addresses() -> Addresses {
        Addresses {
            port: 8080,
            dns: SocketAddr::from(([127, 0, 0, 1], 5353)),
            mail: 2525,
            as_of: NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date"),
        }
    }

    #[test]
    fn every_registered_address_is_served() {
        let web = demo::web(addresses().as_of, addresses().port);
        for (host, [_, path, ..]) in COLUMNS {
            assert!(web.find(host, path).is_some_and(|r| r.status != 404), "{host}{path}");
        }
        for row in site_rows(8080) {
            let host = row[2].trim_start_matches("http://").trim_end_matches(":8080/").to_owned();
            assert!(web.hosts.contains_key(host.as_str()), "{host}");
        }
    }

    #[test]
    fn references_lead_somewhere() {
        let units: Vec<&str> = UNITS.iter().map(|row| row[0]).collect();
        let known = |name: &str| name.is_empty() || units.contains(&name);
        assert!(UNITS.iter().all(|row| known(row[2])));
        assert!(COLUMNS.iter().all(|(_, row)| known(row[5])));
        assert!(site_rows(1).iter().all(|row| row[5..9].iter().all(|name| known(name))));
    }

    #[test]
    fn planted_columns_are_registered_but_for_two() {
        let registered: Vec<String> = column_rows(8080).into_iter().map(|row| row[2].clone()).collect();
        let truth = demo::truth::Truth::on(8080);
        let of_column = |rule: &str| rule.ends_with("-column") && !rule.starts_with("missing-");
        let left = truth.planted.iter().filter(|p| of_column(p.rule) && !registered.contains(&p.url));
        assert_eq!(left.count(), 2);
    }

    #[test]
    fn the_files_are_as_an_office_would_see_them() {
        let files = files(addresses()).expect("files");
        let text = |name: &str| files.iter().find(|(n, _)| *n == name).map(|(_, text)| text.as_str());
        assert!(text("units.csv").is_some_and(|t| t.starts_with("单位名称,简称,上级主管单位,类别,排序,")));
        assert!(text("sites.csv").is_some_and(|t| t.contains("http://www.shili-city.example:8080/")));
        let config: toml::Table = text("xuncha.toml").expect("a file").parse().expect("TOML");
        assert_eq!(config["egress"]["dns"][0].as_str(), Some("127.0.0.1:5353"));
        let calendar: toml::Table = text("holidays.toml").expect("a file").parse().expect("TOML");
        assert_eq!(calendar["years"][1].as_integer(), Some(2027));
    }
}
