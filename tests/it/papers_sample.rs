//! An invented office and one batch of its problems, of every kind that papers show.

use std::collections::BTreeMap;

use xuncha::calendar::{Instant8, beijing};
use xuncha::config::valid::{Config, Office};
use xuncha::exchange::{ConnectError, FetchError};
use xuncha::finding::{
    Cause, Class, Confidence, Evidence, Finding, Fingerprint, Gap, Look, Severity, State, Subject,
    SubjectKind,
};
use xuncha::ledger::Undecided;
use xuncha::ledger::case::Case;
use xuncha::mail::Dates;
use xuncha::registry::{Column, Delivery, Registry, Site, SiteKind, SiteStatus, Unit, UnitKind};

pub(crate) const BATCH: &str = "202611";

/// `2026-11-16T22:14`, as every time of the sample is written.
pub(crate) fn at(text: &str) -> Instant8 {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
        .expect("a time")
        .and_local_timezone(beijing())
        .single()
        .expect("a time")
}

pub(crate) fn dates() -> Dates {
    let day = |text: &str| text.parse().expect("a date");
    Dates { issued: day("2026-11-20"), due: day("2026-12-04"), due_at_once: day("2026-11-21") }
}

pub(crate) fn config() -> Config {
    Config {
        office: Office {
            signature: "示例市人民政府办公室政务公开科".into(),
            area: "示例市".into(),
            contact: "李某某".into(),
            phone: "0000-0000000".into(),
            reply_to: "zwgk@office.example".into(),
        },
        ..Config::default()
    }
}

pub(crate) fn registry() -> Registry {
    let unit = |order: u32, name: &str, parent: Option<&str>, kind, mail: &str| Unit {
        name: name.into(),
        short: name.into(),
        parent: parent.map(Into::into),
        kind,
        order,
        leader: String::new(),
        liaison: "联络员".into(),
        phone: "0000-0000000".into(),
        mail: Some(mail.into()),
        cc: Vec::new(),
        delivery: Delivery::Mail,
    };
    let site = |name: &str, code: &str, host_unit: &str, url: &str| Site {
        name: name.into(),
        code: code.into(),
        url: url.parse().expect("a URL"),
        kind: SiteKind::Portal,
        level: "市级".into(),
        supervisor: None,
        host_unit: host_unit.into(),
        undertaker: None,
        operator: Some("示例市电子政务中心".into()),
        status: SiteStatus::Running,
        tags: Vec::new(),
        scope: Vec::new(),
        obey_robots: true,
    };
    let county = "示例县人民政府办公室";
    let mut registry = Registry {
        units: vec![
            unit(10, "示例市交通运输局", None, UnitKind::Department, "jtj@units.example"),
            unit(11, "示例市民政局", None, UnitKind::Department, "mzj@units.example"),
            unit(30, "示例市电子政务中心", None, UnitKind::Agency, "dzzw@units.example"),
            unit(50, county, None, UnitKind::County, "xzfb@county.example"),
            unit(51, "示例县教育局", Some(county), UnitKind::Department, "jyj@county.example"),
            unit(52, "示例县青山镇人民政府", Some(county), UnitKind::Township, "qsz@county.example"),
        ],
        sites: vec![
            site("示例市人民政府门户网站", "1100000001", "示例市电子政务中心", "https://www.city.example/"),
            site("示例市交通运输局网站", "1100000002", "示例市交通运输局", "https://jt.city.example/"),
            site("示例县人民政府门户网站", "1100000003", county, "https://www.county.example/"),
        ],
        columns: vec![Column {
            site: "1100000001".into(),
            name: "政务公开-规划计划".into(),
            url: "https://www.city.example/zwgk/ghjh/".parse().expect("a URL"),
            class: None,
            level: None,
            cycle_days: None,
            keeper: Some("示例市交通运输局".into()),
        }],
        exemptions: Vec::new(),
        counterfeits: Vec::new(),
        reposts: Vec::new(),
        public_reports: Vec::new(),
        accounts: Vec::new(),
    };
    registry.units[0].cc = vec!["dzzw@units.example".into()];
    registry
}

/// One problem of the sample: what differs from case to case.
struct Problem<'a> {
    n: u32,
    unit: &'a str,
    rule: &'a str,
    title: &'a str,
    indicator: &'a str,
    severity: Severity,
    class: Class,
    site: (&'a str, &'a str),
    place: &'a str,
    column: Option<&'a str>,
    description: &'a str,
    url: &'a str,
    page: Option<&'a str>,
    cause: Cause,
    stock: bool,
    status: Result<u16, FetchError>,
    last_update: Option<&'a str>,
}

const CITY: (&str, &str) = ("1100000001", "示例市人民政府门户网站");
const TRAFFIC: (&str, &str) = ("1100000002", "示例市交通运输局网站");
const COUNTY: (&str, &str) = ("1100000003", "示例县人民政府门户网站");

fn plain() -> Problem<'static> {
    Problem {
        n: 0,
        unit: "示例市交通运输局",
        rule: "broken-link",
        title: "断链",
        indicator: "扣分-可用性",
        severity: Severity::Deadline,
        class: Class::Deduction,
        site: TRAFFIC,
        place: "首页",
        column: None,
        description: "",
        url: "https://jt.city.example/wzaysm/",
        page: Some("https://jt.city.example/"),
        cause: Cause::Single,
        stock: false,
        status: Ok(404),
        last_update: None,
    }
}

/// Fourteen problems of four units.
pub(crate) fn cases() -> Vec<Case> {
    let stale = "stale-news-column";
    [
        Problem {
            n: 31,
            rule: "id-number-leak",
            title: "个人信息泄露",
            indicator: "日常监管",
            severity: Severity::Immediate,
            class: Class::Advisory,
            place: "公示公告-《××名单公示》附件",
            description: "附件“名单.xls”公开完整身份证号码3处（本清单不显示号码）。",
            url: "https://jt.city.example/gsgg/202611/P020261112345678901234.xls",
            page: Some("https://jt.city.example/gsgg/202611/t20261112_1234567.html"),
            status: Ok(200),
            ..plain()
        },
        Problem {
            n: 32,
            rule: "stale-plan-column",
            title: "栏目超期未更新",
            indicator: "单项否决-栏目不更新",
            class: Class::VetoCount,
            site: CITY,
            place: "政务公开-规划计划",
            column: Some("https://www.city.example/zwgk/ghjh/"),
            description: "最新一条信息发布于2026年3月2日，截至11月16日已259天未更新，超过6个月。",
            url: "https://www.city.example/zwgk/ghjh/",
            page: None,
            status: Ok(200),
            last_update: Some("2026-03-02"),
            ..plain()
        },
        Problem {
            n: 33,
            rule: "empty-column",
            title: "空白栏目",
            indicator: "单项否决-栏目不更新（空白栏目）",
            class: Class::VetoCount,
            place: "互动交流-结果反馈",
            description: "栏目内无信息（11月16日22:14、11月17日09:40两次核查）。",
            url: "https://jt.city.example/hdjl/jgfk/",
            page: None,
            status: Ok(200),
            ..plain()
        },
        Problem {
            n: 34,
            place: "全站底部模板",
            description: "“无障碍说明”链接打不开（返回404，两次核查）",
            cause: Cause::Template(1043),
            ..plain()
        },
        Problem {
            n: 35,
            place: "首页-友情链接",
            indicator: "扣分-可用性；外链安全",
            description: "“示例县交通运输局”链接打不开（连接被拒绝，两次核查）。",
            url: "http://jtj.oldcounty.example/index.php?s=/home/article/detail/category/tzgg/id/20180912/session/4a5b6c7d8e9f0a1b2c3d4e5f.html",
            status: Err(FetchError::Connect(ConnectError::Refused)),
            ..plain()
        },
        Problem {
            n: 37,
            rule: stale,
            title: "栏目超期未更新",
            indicator: "单项否决-栏目不更新（动态要闻类）",
            class: Class::VetoCount,
            place: "工作动态",
            description: "最新一条信息发布于2026年10月20日，截至11月16日已27天未更新，超过2周。",
            url: "https://jt.city.example/gzdt/",
            page: None,
            status: Ok(200),
            last_update: Some("2026-10-20"),
            ..plain()
        },
        Problem {
            n: 38,
            rule: "stale-notice-column",
            title: "栏目临期提示",
            severity: Severity::Advisory,
            class: Class::Advisory,
            indicator: "单项否决-栏目不更新",
            place: "通知公告",
            description: "最新一条信息发布于2026年5月26日，将于11月26日达到6个月未更新标准。",
            url: "https://jt.city.example/tzgg/",
            page: None,
            status: Ok(200),
            last_update: Some("2026-05-26"),
            ..plain()
        },
        Problem {
            n: 39,
            place: "工作动态-2019年信息",
            description: "正文中的外部链接打不开（返回404，两次核查）",
            url: "http://news.example/2019/0312/c1001-30972345.html",
            page: Some("https://jt.city.example/gzdt/201903/t20190312_234.html"),
            stock: true,
            ..plain()
        },
        Problem {
            n: 40,
            unit: "示例市民政局",
            rule: stale,
            title: "栏目临期提示",
            severity: Severity::Advisory,
            class: Class::Advisory,
            indicator: "单项否决-栏目不更新",
            site: CITY,
            place: "养老服务",
            description: "最新一条信息发布于2026年11月8日，将于11月22日达到2周未更新标准。",
            url: "https://www.city.example/ylfw/",
            page: None,
            status: Ok(200),
            last_update: Some("2026-11-08"),
            ..plain()
        },
        Problem {
            n: 41,
            unit: "示例市电子政务中心",
            rule: "no-ipv6",
            title: "首页不支持IPv6访问",
            indicator: "扣分-IPv6改造",
            site: CITY,
            description: "网站域名有IPv6地址，但经IPv6访问首页未成功（两次核查）。",
            url: "https://www.city.example/",
            page: None,
            status: Err(FetchError::Connect(ConnectError::Timeout)),
            ..plain()
        },
        Problem {
            n: 42,
            unit: "示例县人民政府办公室",
            rule: "stale-home",
            title: "首页超期未更新",
            indicator: "单项否决-首页不更新",
            class: Class::Veto,
            site: COUNTY,
            description: "首页最新一条信息发布于2026年10月28日，截至11月16日已19天未更新，超过2周。",
            url: "https://www.county.example/",
            page: None,
            status: Ok(200),
            last_update: Some("2026-10-28"),
            ..plain()
        },
        Problem {
            n: 43,
            unit: "示例县教育局",
            rule: "empty-column",
            title: "空白栏目",
            indicator: "单项否决-栏目不更新（空白栏目）",
            class: Class::VetoCount,
            site: COUNTY,
            place: "重点领域-义务教育",
            column: Some("https://www.county.example/zdly/ywjy/"),
            description: "栏目内仅有“正在建设中”字样（两次核查）。",
            url: "https://www.county.example/zdly/ywjy/",
            page: None,
            status: Ok(200),
            ..plain()
        },
        Problem {
            n: 44,
            unit: "示例县教育局",
            site: COUNTY,
            place: "政务公开-政策文件",
            description: "附件“实施方案.pdf”打不开（返回404，两次核查）",
            url: "https://www.county.example/zcwj/202609/P0202609.pdf",
            page: Some("https://www.county.example/zcwj/202609/t20260901_77.html"),
            cause: Cause::Several(3),
            ..plain()
        },
        Problem {
            n: 45,
            unit: "示例县青山镇人民政府",
            rule: "id-number-leak",
            title: "个人信息泄露",
            indicator: "日常监管",
            severity: Severity::Immediate,
            class: Class::Advisory,
            site: COUNTY,
            place: "乡镇之窗-青山镇",
            description: "页面公开完整身份证号码12处（本清单不显示号码）。",
            url: "https://www.county.example/xz/qsz/202611/t20261110_9.html",
            page: None,
            status: Ok(200),
            ..plain()
        },
    ]
    .iter()
    .map(case)
    .collect()
}

/// 未判定事项 with the unit that would answer.
pub(crate) fn gaps() -> Vec<Undecided> {
    [
        ("示例市交通运输局", "https://jt.city.example/cxfw/", "blocked"),
        ("示例市交通运输局", "https://jt.city.example/cxfw/clcx/", "blocked"),
        ("示例市交通运输局", "https://jt.city.example/sjkf/", "needs-render"),
        ("示例县教育局", "https://www.county.example/jyj/wjdc/", "timeout"),
    ]
    .into_iter()
    .map(|(unit, subject, why)| Undecided { unit: unit.to_owned(), gap: Gap::new(subject, why) })
    .collect()
}

fn case(problem: &Problem<'_>) -> Case {
    let looks = ["2026-11-16T22:14", "2026-11-17T09:40"].map(|time| Look {
        at: at(time),
        url: problem.url.to_owned(),
        hops: Vec::new(),
        addr: Some("192.0.2.17:443".into()),
        status: problem.status.as_ref().ok().copied(),
        error: problem.status.as_ref().err().cloned(),
        headers: Vec::new(),
        body_sha256: String::new(),
    });
    // JSON, so that fields which a case gains later keep their defaults.
    let finding = Finding {
        rule: problem.rule.into(),
        title: problem.title.into(),
        indicator: problem.indicator.into(),
        severity: problem.severity,
        class: problem.class,
        subject: Subject {
            kind: SubjectKind::Page,
            site: problem.site.0.into(),
            site_name: problem.site.1.into(),
            place: problem.place.into(),
            column: problem.column.map(Into::into),
        },
        description: problem.description.into(),
        remedy: if problem.severity == Severity::Immediate {
            "请立即下架并自查同类文件。"
        } else {
            "请修复或者撤下。"
        }
        .into(),
        url: problem.url.into(),
        page: problem.page.map(Into::into),
        cause: problem.cause,
        stock: problem.stock,
        confidence: Confidence::High,
        state: State::Confirmed,
        evidence: Evidence {
            looks: looks.to_vec(),
            excerpt: "底部导航：网站地图 | 无障碍说明 | 联系我们".into(),
            last_update: problem.last_update.map(Into::into),
        },
        fingerprint: Fingerprint::of(problem.site.0, problem.rule, problem.url),
    };
    let mut fields = BTreeMap::from([
        ("number", serde_json::json!(format!("{BATCH}-{:04}", problem.n))),
        ("unit", serde_json::json!(problem.unit)),
        ("state", serde_json::json!("confirmed")),
        ("first_seen", serde_json::json!(looks[0].at)),
        ("last_seen", serde_json::json!(looks[1].at)),
    ]);
    fields.insert("finding", serde_json::to_value(finding).expect("plain values serialise"));
    let fields: serde_json::Value = serde_json::to_value(fields).expect("plain values serialise");
    serde_json::from_value(fields).expect("a case")
}
