//! `xuncha rules`: the rules in force, listed and explained.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::Failure;
use crate::config::valid::RulesConfig;
use crate::rules::{RuleFiles, RuleSet};

/// Arguments of `xuncha rules`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 规则包文件夹；不给时使用程序自带的规则包
    #[arg(long, global = true, value_name = "DIR")]
    rules_dir: Option<PathBuf>,
    /// 规则包
    #[arg(long, global = true, value_name = "ID", default_value = "national-2019")]
    pack: String,
    /// What to show.
    #[command(subcommand)]
    show: Show,
}

#[derive(Debug, Subcommand)]
enum Show {
    /// 列出全部规则
    List,
    /// 说明一条规则（或用 --all 说明全部）的内容、阈值和依据
    Explain {
        /// 规则编号，如 empty-column
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// 全部规则
        #[arg(long)]
        all: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
#[allow(clippy::print_stdout, reason = "the command's answer")]
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let rules = load(&RulesConfig { dir: args.rules_dir.clone(), pack: args.pack.clone() })?;
    match &args.show {
        Show::List => print!("{}", rules.list()),
        Show::Explain { id: Some(id), all: false } => match rules.explain(id) {
            Some(text) => print!("{text}"),
            None => return Err(Failure::Usage(format!("没有规则“{id}”；`xuncha rules list` 列出全部规则"))),
        },
        Show::Explain { .. } => print!("{}", rules.explain_all()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The rules that the configuration names: the packs in the binary, overlaid by the folder where it names one.
///
/// # Errors
/// [`Failure::Faults`] with every fault of the files, [`Failure::Usage`] where the folder cannot be read.
pub fn load(config: &RulesConfig) -> Result<RuleSet, Failure> {
    let mut files = RuleFiles::shipped();
    if let Some(dir) = &config.dir {
        files = add(files, dir, "")?;
        for pack in entries(dir)?.into_iter().filter(|path| path.is_dir() && name(path) != "words") {
            files = add(files, &pack, &format!("{}/", name(&pack)))?;
        }
    }
    let mut rules = RuleSet::load(&files, &config.pack)?;
    super::words::lay_over(&mut rules, config.dir.as_deref())?;
    Ok(rules)
}

/// The TOML files of one folder added under `prefix`.
fn add(mut files: RuleFiles, dir: &Path, prefix: &str) -> Result<RuleFiles, Failure> {
    for path in entries(dir)?.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "toml")) {
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        files = files.with(&format!("{prefix}{}", name(&path)), &path.display().to_string(), text);
    }
    Ok(files)
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let listed = std::fs::read_dir(dir).map_err(|error| unreadable(dir, &error))?;
    let paths: Result<Vec<_>, _> = listed.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(|error| unreadable(dir, &error))?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("规则文件读不出来：{}：{error}", path.display()))
}
