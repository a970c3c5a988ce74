//! 站点访问记录: the list of visits behind the availability indicator, site by site, as an annex. The same samples give the
//! same bytes.

use rust_xlsxwriter::XlsxError;

use super::render::sheets::{Sheet, sheets};
use crate::calendar::Instant8;
use crate::facts::lately::Tally;
use crate::facts::visits::{Decision, Ip, Measure, Sample, in_words, reckon};

/// The samples of one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteVisits {
    /// 网站名称.
    pub name: String,
    /// 网站标识码.
    pub code: String,
    /// Home page.
    pub url: String,
    /// In order of time.
    pub samples: Vec<Sample>,
}

/// The workbook: 汇总 with one line a site, 访问记录 with one line a visit and family.
///
/// # Errors
/// [`XlsxError`] where the workbook could not be built: more visits than a sheet has rows.
pub fn workbook(sites: &[SiteVisits], until: Instant8, measure: &Measure) -> Result<Vec<u8>, XlsxError> {
    let from = until - chrono::TimeDelta::days(i64::from(measure.days));
    let head = format!(
        "{}至{}，每天访问{}次以上，超过（含）{}秒未打开的占比达到{}%的为站点无法访问",
        from.format("%Y-%m-%d %H:%M"),
        until.format("%Y-%m-%d %H:%M"),
        measure.visits_a_day,
        measure.timeout_seconds,
        measure.fail_percent
    );
    let summary = Sheet {
        name: "汇总",
        title: "站点访问情况汇总",
        head: &head,
        headings: &SUMMARY,
        rows: (1..).zip(sites).map(|(n, site)| summary_row(n, site, until, measure)).collect(),
    };
    let list = Sheet {
        name: "访问记录",
        title: "站点访问记录",
        head: &head,
        headings: &VISITS,
        rows: sites.iter().flat_map(rows).collect(),
    };
    sheets("站点访问记录", until.date_naive(), &[summary, list])
}

/// Headings and widths of 汇总.
const SUMMARY: [(&str, f64); 14] = [
    ("序号", 6.0),
    ("网站标识码", 13.0),
    ("网站名称", 26.0),
    ("首页网址", 32.0),
    ("访问次数", 9.0),
    ("未打开次数", 9.0),
    ("未能判定次数", 9.0),
    ("监测方原因不计", 10.0),
    ("报备期内不计", 9.0),
    ("不足天数", 8.0),
    ("未打开占比", 16.0),
    ("结论", 9.0),
    ("IPv4中位时延（毫秒）", 12.0),
    ("IPv6中位时延（毫秒）", 12.0),
];

/// Headings and widths of 访问记录.
const VISITS: [(&str, f64); 8] = [
    ("网站标识码", 13.0),
    ("网站名称", 24.0),
    ("访问时间", 19.0),
    ("协议", 8.0),
    ("服务器地址", 26.0),
    ("状态码", 8.0),
    ("结果", 26.0),
    ("时延（毫秒）", 10.0),
];

fn summary_row(n: usize, site: &SiteVisits, until: Instant8, measure: &Measure) -> Vec<String> {
    let week = reckon(&site.samples, until, measure);
    let percent = |hundredths: u32| format!("{}.{:02}%", hundredths / 100, hundredths % 100);
    let share = match week.share() {
        (least, most) if least == most => percent(least),
        (least, most) => format!("{}至{}", percent(least), percent(most)),
    };
    let word = match week.decision {
        Decision::Met => "达到",
        Decision::NotMet => "未达到",
        Decision::Undecided => "未判定",
    };
    let delay =
        |ip| Tally::of(&site.samples, ip).delay(50).map_or_else(|| "—".to_owned(), |ms| ms.to_string());
    vec![
        n.to_string(),
        site.code.clone(),
        site.name.clone(),
        site.url.clone(),
        week.visits().to_string(),
        week.failed().to_string(),
        week.unknown().to_string(),
        week.ours().to_string(),
        week.declared().to_string(),
        week.short_days.to_string(),
        share,
        word.to_owned(),
        delay(Ip::V4),
        delay(Ip::V6),
    ]
}

fn rows(site: &SiteVisits) -> impl Iterator<Item = Vec<String>> {
    site.samples.iter().map(|sample| {
        vec![
            site.code.clone(),
            site.name.clone(),
            sample.at.format("%Y-%m-%d %H:%M:%S").to_string(),
            if sample.ip == Ip::V4 { "IPv4" } else { "IPv6" }.to_owned(),
            sample.addr.clone().unwrap_or_default(),
            sample.status.map(|status| status.to_string()).unwrap_or_default(),
            in_words(&sample.outcome),
            sample.took_ms.to_string(),
        ]
    })
}
