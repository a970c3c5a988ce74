//! `xuncha inspect feed`: what the program reads off a subscription feed, as one JSON object.

use std::process::ExitCode;

use anyhow::Context as _;
use chrono::NaiveDate;

use super::super::Failure;
use crate::calendar;
use crate::facts::feed;

/// Arguments of `xuncha inspect feed`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 订阅源文件（RSS、Atom、JSON Feed）
    #[arg(value_name = "FILE")]
    file: String,
    /// Content-Type 响应头
    #[arg(long, value_name = "CT")]
    content_type: Option<String>,
    /// 以哪一天为准判断日期，默认今天（+08:00）
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// 输出 JSON（默认）
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells; a feed that is broken or hostile is none.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let _ = args.json;
    let body = std::fs::read(&args.file)
        .map_err(|error| Failure::Usage(format!("无法读取文件 {}：{error}", args.file)))?;
    let as_of = args.as_of.map_or_else(crate::patrol::now, calendar::end_of_day);
    let read = feed::read(&body, args.content_type.as_deref(), as_of);
    crate::cli::print(&format!("{}\n", serde_json::to_string(&read).context("writing the result")?));
    Ok(ExitCode::SUCCESS)
}
