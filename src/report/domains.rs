//! 域名清查表: every domain of the register with what the program can say of it, and room for what a person finds.

use std::collections::BTreeSet;

use rust_xlsxwriter::XlsxError;

use super::letterhead::Letterhead;
use super::render::sheets::{Input, Sheet, sheets_to_fill_in};
use crate::inspection::site_kind;
use crate::registry::{Registry, Site, SiteKind, SiteStatus};

const COLUMNS: [(&str, f64); 12] = [
    ("序号", 6.0),
    ("网站名称", 24.0),
    ("网站标识码", 13.0),
    ("类型", 12.0),
    ("主办单位", 22.0),
    ("状态", 11.0),
    ("首页域名", 26.0),
    ("同站其他域名", 28.0),
    ("协议", 8.0),
    ("程序检查情况", 34.0),
    ("核查结论", 14.0),
    ("核查情况", 26.0),
];

/// The workbook: one line a site, and an empty sheet for sites that pretend to be one (假冒网站).
///
/// # Errors
/// [`XlsxError`] where a sheet has more rows than a spreadsheet takes.
pub fn workbook(registry: &Registry, period: &str, head: &Letterhead<'_>) -> Result<Vec<u8>, XlsxError> {
    const FAKES: [(&str, f64); 12] = [
        ("序号", 6.0),
        ("疑似假冒网站名称", 26.0),
        ("域名或网址", 30.0),
        ("发现时间", 13.0),
        ("发现途径", 16.0),
        ("被仿冒的网站", 24.0),
        ("处置情况", 26.0),
        ("移送单位", 18.0),
        ("办结时间", 13.0),
        ("经办人", 11.0),
        ("核查结论", 14.0),
        ("备注", 20.0),
    ];
    let title = format!("{}政府网站域名清查表（{period}）", head.office.area);
    let rows: Vec<Vec<String>> =
        registry.sites.iter().enumerate().map(|(n, site)| row(registry, n + 1, site)).collect();
    let odd = rows.iter().filter(|row| row.get(9).is_some_and(|told| told != FINE)).count();
    let note = format!(
        "共{}个网站，其中{odd}个需要核实。依据国办函〔2018〕55号。程序只核对登记信息；域名注册人、解析安全和关停网站域名注销情况请人工核查后填写黄色两列。",
        rows.len()
    );
    let blank = (1..=10).map(|n: u32| {
        let mut row = vec![n.to_string()];
        row.resize(10, String::new());
        row
    });
    let free = |column| Input { column, words: &[], only: None };
    let judged = Input {
        column: 10, words: &["规范", "不规范，已要求整改", "不规范，已整改"], only: None
    };
    let judged = [judged, free(11)];
    let entered: Vec<Input<'_>> = (1u16..12).map(free).collect();
    let domains = Sheet { name: "域名清查表", title: &title, head: &note, headings: &COLUMNS, rows };
    let fakes = Sheet {
        name: "疑似假冒网站",
        title: "疑似假冒政府网站处置情况",
        head: "发现假冒政府网站的，逐个登记并移送网信、公安、电信主管部门处置；没有的填“无”。",
        headings: &FAKES,
        rows: blank.collect(),
    };
    sheets_to_fill_in(&title, head.issued, &[(domains, &judged), (fakes, &entered)])
}

const FINE: &str = "未发现不规范情形";

fn row(registry: &Registry, n: usize, site: &Site) -> Vec<String> {
    let host = site.url.host_str().unwrap_or_default();
    let own = registrable(host);
    let elsewhere: BTreeSet<String> = site
        .scope
        .iter()
        .filter_map(|scope| scope.split('/').next())
        .map(str::to_owned)
        .chain(registry.columns_of(&site.code).filter_map(|column| column.url.host_str().map(str::to_owned)))
        .filter(|other| other != host)
        .collect();
    let mut told = Vec::new();
    if site.url.host().is_some_and(|host| !matches!(host, url::Host::Domain(_))) {
        told.push("仅以IP地址访问，未使用域名".to_owned());
    } else if !(host.ends_with(".gov.cn") || host.ends_with(".政务") || host.ends_with(".xn--zfr164b")) {
        told.push("未使用.gov.cn或者.政务后缀".to_owned());
    }
    let foreign: Vec<&String> = elsewhere.iter().filter(|other| registrable(other) != own).collect();
    if !foreign.is_empty() {
        let named: Vec<&str> = foreign.iter().map(|other| other.as_str()).collect();
        told.push(format!("栏目或者频道使用其他域名：{}", named.join("、")));
    }
    let same = |other: &&Site| other.code != site.code && other.url.host_str() == Some(host);
    if let Some(other) = registry.sites.iter().find(same).filter(|_| site.kind != SiteKind::Channel) {
        told.push(format!("与“{}”使用同一域名", other.name));
    }
    if site.url.scheme() == "http" {
        told.push("首页登记为http地址".to_owned());
    }
    match site.status {
        SiteStatus::Closed => told.push("网站已关停，请核实域名是否注销、是否另作他用".to_owned()),
        SiteStatus::Moved => told.push("网站已迁移，请核实原域名是否跳转、注销".to_owned()),
        SiteStatus::ClosingAnnounced => told.push("关停公告中，公告期满后注销域名".to_owned()),
        SiteStatus::Running | SiteStatus::ClosingRequested => {}
    }
    let status = match site.status {
        SiteStatus::Running => "正常运行",
        SiteStatus::ClosingRequested => "申请关停",
        SiteStatus::ClosingAnnounced => "关停公告中",
        SiteStatus::Closed => "已关停",
        SiteStatus::Moved => "已迁移",
    };
    vec![
        n.to_string(),
        site.name.clone(),
        site.code.clone(),
        site_kind(site.kind).to_owned(),
        site.host_unit.clone(),
        status.to_owned(),
        host.to_owned(),
        elsewhere.into_iter().collect::<Vec<_>>().join("\n"),
        site.url.scheme().to_owned(),
        if told.is_empty() { FINE.to_owned() } else { told.join("；") },
    ]
}

/// The domain that is registered: `example.gov.cn` of `www.example.gov.cn`; the host itself where there is none.
fn registrable(host: &str) -> String {
    psl::domain_str(host).unwrap_or(host).to_owned()
}
