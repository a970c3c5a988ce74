//! `xuncha probe`: one round of spaced visits to every home page, for a timer; and the list of visits as a workbook.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{NaiveDate, TimeDelta};

use super::desk::write_new;
use super::installed::Installed;
use super::runtime::{self, RunLock};
use super::{Failure, print};
use crate::calendar::end_of_day;
use crate::facts::visits::{Outcome, in_words};
use crate::patrol;
use crate::report::visits::{SiteVisits, workbook};
use crate::store::facts::FactsDb;

/// Arguments of `xuncha probe`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 配置文件
    #[arg(long, default_value = "xuncha.toml", value_name = "FILE")]
    config: PathBuf,
    /// 不访问网站，把近7天的访问记录写入该文件（XLSX）
    #[arg(long, value_name = "FILE.xlsx")]
    annex: Option<PathBuf>,
    /// 访问记录的监测时点（YYYY-MM-DD，含当日），默认现在
    #[arg(long, value_name = "日期", requires = "annex")]
    as_of: Option<NaiveDate>,
    /// 只写该网站的访问记录（名称或标识码）
    #[arg(long, value_name = "NAME", requires = "annex")]
    site: Option<String>,
    /// 覆盖已有文件
    #[arg(long, requires = "annex")]
    force: bool,
}

/// Runs the command. Says nothing where every site is as it was.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let installed = Installed::open(&args.config)?;
    if let Some(out) = &args.annex {
        return annex(args, &installed, out);
    }
    if installed.files.config.crawl.quiet_dates.contains(&patrol::now().date_naive()) {
        return Ok(ExitCode::SUCCESS);
    }
    let state = &installed.files.config.state_dir;
    let _lock = RunLock::take_for_probe(state)?;
    let db = FactsDb::open(state)?;
    let done = runtime::block_on(patrol::sampling::round(installed.order(), db, state))?;
    for change in &done.changes {
        let at = patrol::now().format("%Y-%m-%d %H:%M");
        let line = match &change.outcome {
            Outcome::Opened => format!("{at} {} 已恢复访问 {}\n", change.name, change.url),
            failed => format!("{at} {} 未能打开（{}） {}\n", change.name, in_words(failed), change.url),
        };
        print(&line);
    }
    Ok(ExitCode::SUCCESS)
}

fn annex(args: &Args, installed: &Installed, out: &std::path::Path) -> Result<ExitCode, Failure> {
    let db = FactsDb::open(&installed.files.config.state_dir)?;
    let until = args.as_of.map_or_else(patrol::now, |day| end_of_day(day) + TimeDelta::seconds(1));
    let days = i64::from(installed.rules.watched_days().max(1));
    let mut samples = patrol::declared::visits(installed.order(), &db, until - TimeDelta::days(days), until)?;
    let sites = &installed.files.registry.sites;
    let wanted: Vec<_> = sites
        .iter()
        .filter(|site| args.site.as_ref().is_none_or(|name| *name == site.name || *name == site.code))
        .collect();
    if wanted.is_empty() {
        return Err(Failure::Usage("登记表中没有这个网站".to_owned()));
    }
    let all: Vec<SiteVisits> = wanted
        .into_iter()
        .map(|site| SiteVisits {
            name: site.name.clone(),
            code: site.code.clone(),
            url: site.url.to_string(),
            samples: samples.remove(&site.code).unwrap_or_default(),
        })
        .collect();
    let measure = installed
        .rules
        .indicators
        .iter()
        .find_map(|indicator| indicator.visits.as_deref().and_then(|rule| installed.rules.measure(rule)));
    let measure = measure.ok_or_else(|| Failure::Usage("现行规则没有站点可用性指标".to_owned()))?;
    let bytes = workbook(&all, until, &measure).map_err(anyhow::Error::from)?;
    write_new(out, &bytes, args.force)?;
    let count: usize = all.iter().map(|site| site.samples.len()).sum();
    print(&format!("已写入 {}：{}个网站，{count}条访问记录\n", out.display(), all.len()));
    Ok(ExitCode::SUCCESS)
}
