//! `xuncha export`: the ledger and its figures for other programs.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::NaiveDate;

use super::desk::{Place, now, say, write_new};
use super::gather::{Gathered, day};
use super::installed::Installed;
use super::{Failure, asked};
use crate::inspection::period::Period;
use crate::report::export::{Export, SCHEMA, cases_csv, events_csv};
use crate::report::figures::Inspection;
use crate::store::ledger::{Ledger, Wanted};

/// Arguments of `xuncha export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// 附带这些期次的统计数据，如 2026Q4、2026-11；可重复
    #[arg(long, value_name = "PERIOD")]
    period: Vec<Period>,
    /// 统计截止日（默认今天）
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// 写入的目录
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 覆盖已有文件
    #[arg(long)]
    force: bool,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let installed = Installed::open(&args.place.config)?;
    let state = args.place.state_dir.as_ref().unwrap_or(&installed.files.config.state_dir);
    let ledger = Ledger::open_existing(state)?;
    let mut figures = Vec::new();
    for period in &args.period {
        let gathered = Gathered::of(&installed, &ledger, *period, (None, None), day(args.on))?;
        figures.push(gathered.figures(&installed));
    }
    let cases = ledger.cases(&Wanted::default())?;
    let histories = ledger.all_histories()?;
    let draws = ledger.draws()?;
    let standings = ledger.standings(NaiveDate::MIN, NaiveDate::MAX)?;
    let inspected: Vec<Inspection> = draws.iter().map(Inspection::drawn).collect();
    let mut rulings = asked::rulings(&installed, &ledger, inspected.iter())?;
    rulings.extend(ledger.rulings()?);
    let export = Export {
        schema: SCHEMA,
        exported_at: now(),
        program: env!("CARGO_PKG_VERSION"),
        cases: &cases,
        events: histories.iter().flatten().collect(),
        draws: &draws,
        standings: &standings,
        rulings: &rulings,
        figures: &figures,
    };
    let files = [
        ("台账.json", serde_json::to_vec_pretty(&export).context("JSON")?),
        ("问题.csv", cases_csv(&cases).context("CSV")?),
        ("办理经过.csv", events_csv(histories.iter().flatten()).context("CSV")?),
    ];
    std::fs::create_dir_all(&args.out).map_err(|e| Failure::Busy(format!("{}：{e}", args.out.display())))?;
    for (name, bytes) in &files {
        write_new(&args.out.join(name), bytes, args.force)?;
    }
    say(&format!(
        "已写入 {}：问题 {} 项，办理记录 {} 条",
        args.out.display(),
        cases.len(),
        export.events.len()
    ));
    Ok(ExitCode::SUCCESS)
}
