//! `xuncha rules`: the rules in force listed, explained, checked, compared, and tried on pages from disk.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Subcommand;

use super::{Failure, print, tried};
use crate::config::fault::Faults;
use crate::config::valid::{Config, RulesConfig};
use crate::facts::class::ColumnClass;
use crate::rules::{RuleFiles, RuleSet, diff, explain};

/// Arguments of `xuncha rules`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 规则包文件夹；不给时使用程序自带的规则包
    #[arg(long, global = true, value_name = "DIR")]
    rules_dir: Option<PathBuf>,
    /// 规则包，可写多个，按先后顺序；默认 national-2019
    #[arg(long, global = true, value_name = "ID", value_delimiter = ',')]
    pack: Vec<String>,
    /// 按配置文件中的规则文件夹和规则包
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["rules_dir", "pack"])]
    config: Option<PathBuf>,
    /// What to show.
    #[command(subcommand)]
    show: Show,
}

#[derive(Debug, Subcommand)]
enum Show {
    /// 列出全部规则
    List,
    /// 列出全部规则包
    Packs,
    /// 说明一条规则、指标或评分项（或用 --all 说明全部）的内容、阈值和依据
    Explain {
        /// 规则、指标或评分项编号，如 empty-column、V4c、availability
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// 全部
        #[arg(long)]
        all: bool,
    },
    /// 检查规则文件，一次指出全部错误（文件:行:列）
    Check,
    /// 比较两个规则包：逐条说明改了什么
    Diff {
        /// 规则包编号，或者规则包文件夹（如旧版本的）
        old: String,
        /// 同上
        new: String,
    },
    /// 用一条规则判断本地的页面文件
    Try {
        /// 规则编号
        rule: String,
        /// 页面文件；第一个带 --home 时为首页，其余为栏目
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// 页面的网址，按文件顺序；不写的按示例网站下的同名文件
        #[arg(long, value_name = "URL")]
        url: Vec<url::Url>,
        /// 第一个文件是首页
        #[arg(long)]
        home: bool,
        /// 栏目类别，如 news；默认取规则适用的第一类
        #[arg(long, value_name = "CLASS", value_parser = class)]
        class: Option<ColumnClass>,
        /// 更新周期（天）
        #[arg(long, value_name = "DAYS")]
        cycle_days: Option<u16>,
        /// 不是门户网站
        #[arg(long)]
        not_portal: bool,
        /// 以哪一天为准，默认今天
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
    },
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let config = chosen(args)?;
    let rules = || load(&config);
    match &args.show {
        Show::List => print(&rules()?.list()),
        Show::Packs => print(&packs(&files(&config)?)?),
        Show::Explain { id: Some(id), .. } => match rules()?.explain(id) {
            Some(text) => print(&text),
            None => {
                return Err(Failure::Usage(format!(
                    "没有规则、指标或评分项“{id}”；`xuncha rules list` 列出全部规则，本单位的规则包请加 --config xuncha.toml"
                )));
            }
        },
        Show::Explain { .. } if args.rules_dir.is_none() && args.pack.is_empty() && args.config.is_none() => {
            print(&explain::shipped_page()?);
        }
        Show::Explain { .. } => print(&rules()?.explain_all()),
        Show::Check => print(&check(&files(&config)?)?),
        Show::Diff { old, new } => {
            let told = diff(&named(&config, old)?, &named(&config, new)?);
            print(if told.is_empty() { "没有差别。\n" } else { &told });
        }
        Show::Try { rule, files, url, home, class, cycle_days, not_portal, as_of } => {
            let trial = tried::Trial {
                rule,
                files,
                urls: url,
                home: *home,
                class: *class,
                cycle_days: *cycle_days,
                portal: !not_portal,
                as_of: as_of.map_or_else(crate::patrol::now, crate::calendar::end_of_day),
            };
            print(&tried::told(&rules()?, &trial)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The rules that the configuration names: the packs in the binary, overlaid by the folder where it names one.
///
/// # Errors
/// [`Failure::Faults`] with every fault of the files, [`Failure::Usage`] where the folder cannot be read.
pub fn load(config: &RulesConfig) -> Result<RuleSet, Failure> {
    let mut rules = RuleSet::load(&files(config)?, &config.packs)?;
    super::words::lay_over(&mut rules, config.dir.as_deref())?;
    Ok(rules)
}

fn chosen(args: &Args) -> Result<RulesConfig, Failure> {
    if let Some(path) = &args.config {
        return Ok(Config::load(path)?.rules);
    }
    let mut config = RulesConfig { dir: args.rules_dir.clone(), ..RulesConfig::default() };
    if !args.pack.is_empty() {
        config.packs.clone_from(&args.pack);
    }
    Ok(config)
}

fn files(config: &RulesConfig) -> Result<RuleFiles, Failure> {
    let mut files = RuleFiles::shipped();
    if let Some(dir) = &config.dir {
        files = add(files, dir, "")?;
        for pack in entries(dir)?.into_iter().filter(|path| path.is_dir() && name(path) != "words") {
            files = add(files, &pack, &format!("{}/", name(&pack)))?;
        }
    }
    Ok(files)
}

/// A pack by its id, or a pack's folder in place of the one of that id.
fn named(config: &RulesConfig, which: &str) -> Result<RuleSet, Failure> {
    let files = files(config)?;
    let dir = Path::new(which);
    if !dir.join("pack.toml").is_file() {
        return Ok(RuleSet::load(&files, &[which])?);
    }
    let dir = std::path::absolute(dir).map_err(|error| unreadable(dir, &error))?;
    let id = name(&dir);
    let mut files = files.without(&format!("{id}/"));
    let beside = dir.parent().map(|folder| folder.join("basis.toml"));
    if let Some(basis) = beside.filter(|basis| basis.is_file()) {
        let bytes = std::fs::read(&basis).map_err(|error| unreadable(&basis, &error))?;
        files = files.with_bytes("basis.toml", &basis.display().to_string(), bytes);
    }
    files = add(files, &dir, &format!("{id}/"))?;
    // What it extends may be another pack of the office, in the same folder.
    for pack in dir.parent().map_or(Ok(Vec::new()), entries)? {
        let beside = name(&pack);
        if pack.join("pack.toml").is_file() && !files.packs().contains(&beside.as_str()) {
            files = add(files, &pack, &format!("{beside}/"))?;
        }
    }
    Ok(RuleSet::load(&files, &[id.as_str()])?)
}

/// Every pack by itself, all faults together.
fn check(files: &RuleFiles) -> Result<String, Failure> {
    let (mut faults, mut out) = (files.stray(), String::new());
    for id in files.packs() {
        match RuleSet::load(files, &[id]) {
            Ok(rules) => {
                let own = rules.rules.iter().filter(|bound| bound.rule.pack == id).count();
                let changed = changed(&rules);
                let _ = writeln!(out, "{id}：规则{own}条，调整{changed}处，无误");
            }
            Err(Faults(found)) => faults.extend(found),
        }
    }
    // What a pack below is told for is told once, not once for every pack that lies over it.
    faults.sort();
    faults.dedup();
    Faults::none_or(faults, out).map_err(Failure::from)
}

/// In how many places packs change something of another.
fn changed(rules: &RuleSet) -> usize {
    let of_rules = rules.rules.iter().map(|bound| bound.rule.changes.len()).sum::<usize>();
    let of_indicators = rules.indicators.iter().filter(|indicator| !indicator.changes.is_empty()).count();
    let of_sheet = rules.sheet.as_ref().map_or(0, |sheet| {
        sheet.changes.len() + sheet.items.iter().map(|item| item.changes.len()).sum::<usize>()
    });
    of_rules + rules.disabled.len() + of_indicators + of_sheet
}

fn packs(files: &RuleFiles) -> Result<String, Failure> {
    let mut out = String::new();
    for id in files.packs() {
        let rules = RuleSet::load(files, &[id])?;
        let Some(pack) = rules.packs.first() else { continue };
        let over = pack.extends.as_ref().map_or_else(String::new, |below| format!("，依托 {below}"));
        let note = if pack.note.is_empty() { String::new() } else { format!("\n    {}", pack.note) };
        let _ = writeln!(out, "{id}  {}（自{}起{over}）{note}", pack.title, pack.effective);
    }
    Ok(out)
}

fn class(word: &str) -> Result<ColumnClass, String> {
    serde_json::from_value(serde_json::Value::from(word)).map_err(|_| {
        "应为 news、notice、policy、planning、personnel、interaction、service 或 other".to_owned()
    })
}

/// The TOML files of one folder added under `prefix`.
fn add(mut files: RuleFiles, dir: &Path, prefix: &str) -> Result<RuleFiles, Failure> {
    for path in entries(dir)?.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "toml")) {
        let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
        files = files.with_bytes(&format!("{prefix}{}", name(&path)), &path.display().to_string(), bytes);
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
