//! The command line: one file a subcommand, clap types and a few lines of wiring each.

pub mod approve;
mod asked;
pub mod case;
pub mod check;
pub mod check_account;
pub mod demo;
mod demo_diary;
mod demo_months;
mod demo_outcome;
mod demo_papers;
pub(crate) mod desk;
mod due;
mod evidence;
pub mod export;
mod gather;
pub mod init;
pub mod inspect;
mod installed;
pub mod judge;
pub mod list;
pub mod notify;
mod output;
mod parcel;
pub mod patrol;
mod pdf;
pub mod probe;
pub mod recheck;
pub mod registry;
mod rejudge;
mod reply;
pub mod report;
mod robots;
pub mod rules;
mod runtime;
pub mod score;
pub mod spot_check;
pub mod status;
pub mod today;
mod tried;
pub(crate) mod words;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::output::{print, print_err};
use crate::config::fault::Faults;

/// 政府网站与政务新媒体巡查
#[derive(Debug, Parser)]
#[command(name = "xuncha", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 写出配置、登记表样例和定时任务
    Init(init::Args),
    /// 按登记表巡查全部网站
    Patrol(patrol::Args),
    /// 访问全部首页一次，供定时任务使用（站点可用性）
    Probe(probe::Args),
    /// 复查疑似问题和已反馈问题
    Recheck(recheck::Args),
    /// 用当前规则重新判定已存的事实（不联网）
    Judge(judge::Args),
    /// 导出待核清单或问题清单
    List(list::Args),
    /// 批准一个批次（可附复核后的待核清单）
    Approve(approve::Args),
    /// 预览或发送交办邮件
    Notify(notify::Args),
    /// 查看和办理单个问题
    Case(case::Args),
    /// 当前运行、批次和台账概况
    Status(status::Args),
    /// 今日待办：访问异常、临期栏目、整改时限、待批准和需人工处理的事项（不联网）
    Today(today::Args),
    /// 逐步列出网站的评分；导出、导入人工核查表（不联网）
    Score(score::Args),
    /// 季度抽查、半年检查：抽取名单、检查、结果和人工核查
    SpotCheck(spot_check::Args),
    /// 生成文书：月度监测情况、季度通报、半年检查通报、年度数据、整改通知书、督办单、提示单等
    Report(report::Args),
    /// 导出台账、办理经过和统计数据（JSON、CSV）
    Export(export::Args),
    /// 不用登记表，检查一个网站
    Check(check::Args),
    /// 汇总一个政务新媒体账号的佐证并判定，或导出人工核查表
    CheckAccount(check_account::Args),
    /// 查看程序对一个页面、网址或 robots.txt 的解读
    Inspect(inspect::Args),
    /// 检查配置和登记表
    Registry(registry::Args),
    /// 列出和说明规则、阈值和依据
    Rules(rules::Args),
    /// 在本机搭建演示网站，巡查并走完三个月的交办、整改、抽查和通报
    Demo(demo::Args),
}

/// How a command ends when it does not end well; each kind has its exit code.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The user's files or arguments are wrong: 2.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// The user's arguments are wrong: 2.
    #[error("{0}")]
    Usage(String),
    /// A resource or a second run is in the way: 75.
    #[error("{0}")]
    Busy(String),
    /// Ours: 70.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

impl Failure {
    /// The process's exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Faults(_) | Self::Usage(_) => 2,
            Self::Busy(_) => 75,
            Self::Internal(_) => 70,
        }
    }
}

/// Runs one command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        Command::Init(args) => init::run(&args),
        Command::Patrol(args) => patrol::run(&args),
        Command::Probe(args) => probe::run(&args),
        Command::Recheck(args) => recheck::run(&args),
        Command::Judge(args) => judge::run(&args),
        Command::List(args) => list::run(&args),
        Command::Approve(args) => approve::run(&args),
        Command::Notify(args) => notify::run(&args),
        Command::Case(args) => case::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Today(args) => today::run(&args),
        Command::Score(args) => score::run(&args),
        Command::SpotCheck(args) => spot_check::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Check(args) => check::run(&args),
        Command::CheckAccount(args) => check_account::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Registry(args) => registry::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Demo(args) => demo::run(&args),
    }
}
