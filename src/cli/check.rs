//! `xuncha check`: patrols one site without any register.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use chrono::NaiveDate;
use serde_json::json;
use url::Url;

use super::Failure;
use super::runtime::{self, Ticker};
use crate::calendar::{Instant8, end_of_day};
use crate::config::scalar;
use crate::config::valid::{BrowserConfig, Config, ConnectTo};
use crate::finding::{Finding, State};
use crate::patrol::{self, Gear, JudgedSite, Order};
use crate::registry::{Registry, Site, SiteKind, SiteStatus};
use crate::report::render;
use crate::report::site::{SiteReport, document};
use crate::rules::RuleSet;
use crate::store::facts::{FactsDb, RunRecord};

/// Between the two looks, in place of the hours that a patrol leaves.
const APART: Duration = Duration::from_secs(3);

/// Arguments of `xuncha check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 首页网址
    url: String,
    /// 监测时点（YYYY-MM-DD），默认今天
    #[arg(long, value_name = "日期")]
    as_of: Option<NaiveDate>,
    /// 把 HOST:PORT 的连接改到 ADDR:PORT；一旦使用，未列出的域名不再解析
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT")]
    connect_to: Vec<String>,
    /// 允许访问的内网地址段
    #[arg(long, value_name = "CIDR")]
    allow_private: Vec<String>,
    /// 每秒请求数（每主机、每地址组）；大于10仅对内网地址有效
    #[arg(long, value_name = "N")]
    rate: Option<f64>,
    /// 最多读取的页面数
    #[arg(long, value_name = "N")]
    max_pages: Option<u64>,
    /// 逐条写出 JSON（“-”为标准输出）
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// 写出网页报告
    #[arg(long, value_name = "OUT")]
    html: Option<PathBuf>,
    /// 用浏览器（chromium）再看一遍由脚本生成内容的栏目和空白栏目
    #[arg(long)]
    browser: bool,
    /// 有确认的问题时退出码为1
    #[arg(long)]
    fail_on_findings: bool,
    /// 保留本次抓取的事实库（默认用后即删）
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let config = config(args)?;
    let registry = register(&args.url)?;
    let rules = RuleSet::shipped()?.with_apart(APART);
    let as_of = args.as_of.map_or_else(patrol::now, end_of_day);
    let order = Order { config: &config, registry: &registry, rules: &rules };
    let (judged, requests) = if let Some(dir) = &args.keep {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        runtime::block_on(look_twice(order, dir, as_of))?
    } else {
        let dir = runtime::Scratch::new()?;
        runtime::block_on(look_twice(order, dir.path(), as_of))?
    };
    let judged = judged.first().context("the site was not judged")?;
    let mut looks = judged.looks.first().context("the site was not looked at")?.facts.clone();
    looks.requests = requests;
    let report = document(SiteReport {
        facts: &looks,
        judgement: &judged.judgement,
        assessments: &judged.assessments,
        as_of,
        ipv6: judged.ipv6(),
        robots_overridden: false,
        survey: None,
    });
    let text = render::text::text(&report);
    let to_stdout = args.json.as_deref() == Some(Path::new("-"));
    if to_stdout {
        super::print_err(&text);
    } else {
        super::print(&text);
    }
    if let Some(path) = &args.html {
        std::fs::write(path, render::html(&report))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = &args.json {
        write_json(path, judged, &looks)?;
    }
    let confirmed = judged.judgement.findings.iter().any(|finding| finding.state == State::Confirmed);
    Ok(ExitCode::from(u8::from(args.fail_on_findings && confirmed)))
}

async fn look_twice(order: Order<'_>, dir: &Path, as_of: Instant8) -> anyhow::Result<(Vec<JudgedSite>, u64)> {
    let mut db = FactsDb::open(dir)?;
    let gear = Gear::new(order.config, order.registry, &db.patience()?)?;
    let record = RunRecord {
        id: 0,
        as_of,
        ended: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_hash: String::new(),
        registry_hash: order.registry.hash(),
        rules_hash: order.rules.hash.clone(),
    };
    let run = db.start_run(&record, patrol::now())?;
    let mut ticker = Ticker::new();
    let db = patrol::first_look(order, &gear, db, run, as_of, |progress| ticker.tick(progress)).await?;
    ticker.clear();
    let judged = patrol::judged(order, &db, run, as_of)?;
    let suspects = patrol::suspects(&judged);
    if suspects.is_empty() {
        return Ok((judged, gear.requests()));
    }
    tokio::time::sleep(APART + Duration::from_millis(50)).await;
    let (db, _) = patrol::look_again(order, &gear, db, run, as_of, &suspects).await?;
    Ok((patrol::judged(order, &db, run, as_of)?, gear.requests()))
}

fn config(args: &Args) -> Result<Config, Failure> {
    let mut config = Config::default();
    config.crawl.max_pages = args.max_pages;
    config.crawl.max_bytes = None;
    config.crawl.max_per_pattern = 50_000;
    config.crawl.confirm_apart = APART;
    if let Some(rate) = args.rate {
        if !(rate.is_finite() && rate > 0.0) {
            return Err(Failure::Usage("--rate 应为大于0的数".to_owned()));
        }
        config.crawl.rate_per_host = rate;
        config.crawl.rate_per_group = rate;
    }
    if args.browser {
        let browser = BrowserConfig::default();
        if !cfg!(feature = "browser") {
            return Err(Failure::Usage("本程序编译时未包含浏览器功能（--features browser）".to_owned()));
        }
        if !browser.command.is_file() {
            return Err(Failure::Usage(format!("找不到浏览器程序 {}", browser.command.display())));
        }
        config.browser = Some(browser);
    }
    for text in &args.allow_private {
        config.egress.allow_private.push(scalar::cidr(text).map_err(Failure::Usage)?);
    }
    for text in &args.connect_to {
        let mapping: ConnectTo = scalar::connect_to(text).map_err(Failure::Usage)?;
        config.egress.connect_to.push(mapping);
    }
    Ok(config)
}

/// A register of one site, named by its host.
fn register(text: &str) -> Result<Registry, Failure> {
    let wrong = |why: &str| Failure::Usage(format!("网址“{text}”有误：{why}"));
    let mut url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => wrong("请写完整，如 http://www.shili.example/"),
        other => wrong(&other.to_string()),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("只支持 http 和 https"));
    }
    url.set_fragment(None);
    let host = url.host_str().unwrap_or_default().to_owned();
    let site = Site {
        name: host.clone(),
        code: host,
        url,
        kind: SiteKind::Department,
        level: String::new(),
        supervisor: None,
        host_unit: String::new(),
        undertaker: None,
        operator: None,
        status: SiteStatus::Running,
        tags: Vec::new(),
        scope: Vec::new(),
        obey_robots: true,
    };
    Ok(Registry { sites: vec![site], ..Registry::default() })
}

fn write_json(
    path: &Path,
    judged: &JudgedSite,
    facts: &crate::facts::site::SiteFacts,
) -> Result<(), Failure> {
    let mut out = Vec::new();
    for finding in &judged.judgement.findings {
        out.push(line(finding));
    }
    out.push(json!({ "summary": {
        "pages": facts.pages_read,
        "links": facts.links_seen,
        "requests": facts.requests,
        "findings": judged.judgement.findings.len(),
        "gaps": judged.judgement.gaps,
        "ipv6": judged.ipv6(),
    }}));
    let mut text = Vec::new();
    for value in out {
        writeln!(text, "{value}").context("JSON")?;
    }
    if path == Path::new("-") {
        std::io::stdout().write_all(&text).context("standard output")?;
    } else {
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn line(finding: &Finding) -> serde_json::Value {
    json!({
        "rule": finding.rule,
        "url": finding.url,
        "page": finding.page,
        "subject": finding.subject.place,
        "evidence": {
            "description": finding.description,
            "excerpt": finding.evidence.excerpt,
            "last_update": finding.evidence.last_update,
            "looks": finding.evidence.looks.iter().map(|look| json!({
                "at": look.at.format("%Y-%m-%d %H:%M:%S").to_string(),
                "status": look.status,
                "addr": look.addr,
                "error": look.error,
                "hops": look.hops,
            })).collect::<Vec<_>>(),
        },
        "confidence": finding.confidence,
        "state": finding.state,
    })
}
