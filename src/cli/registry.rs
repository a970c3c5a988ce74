//! `xuncha registry`: `check` tells every fault and notice of the files; `columns` compares the registered columns with
//! those that the latest patrol found, and proposes a `columns.csv`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;

use super::Failure;
use super::desk::{now, say, table, write_new};
use super::installed::Installed;
use crate::config::fault::Faults;
use crate::config::installation::Installation;
use crate::evidence::diff::{self, Difference};
use crate::evidence::national;
use crate::facts::class::ColumnClass;
use crate::facts::survey::Survey;
use crate::patrol;
use crate::registry::Registry;
use crate::registry::propose::{self, Sources, Written};
use crate::report::columns::Compared;
use crate::report::{self, render};
use crate::store::facts::{FactsDb, RunRecord};

/// Arguments of `xuncha registry`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// 检查配置、登记表和放假安排，列出全部错误和提示
    Check(CheckArgs),
    /// 对照最近一次巡查所见核对栏目登记；加 --propose 写出提议的 columns.csv（不联网）
    Columns(ColumnsArgs),
    /// 与全国政府网站（政务新媒体）信息报送系统的导出表核对：新增、关停、更名、网址不一致、漏报（不联网）
    Diff(DiffArgs),
}

#[derive(Debug, clap::Args)]
struct DiffArgs {
    /// 导出表（.xls、.xlsx、.csv）
    file: PathBuf,
    /// 配置文件
    #[arg(long, value_name = "FILE", default_value = "xuncha.toml")]
    config: PathBuf,
    /// 另存为 XLSX
    #[arg(long, value_name = "FILE.xlsx")]
    xlsx: Option<PathBuf>,
    /// 覆盖已有文件
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
struct ColumnsArgs {
    /// 配置文件
    #[arg(long, value_name = "FILE", default_value = "xuncha.toml")]
    config: PathBuf,
    /// 写出提议的栏目登记表（CSV）
    #[arg(long)]
    propose: bool,
    /// 只看一个网站（标识码）；提议稿中其他网站的登记照录
    #[arg(long, value_name = "CODE")]
    site: Option<String>,
    /// 提议稿写入的文件；不写则写到标准输出
    #[arg(long, value_name = "FILE", requires = "propose")]
    out: Option<PathBuf>,
    /// 覆盖已有文件
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
struct CheckArgs {
    /// 配置文件
    #[arg(long, value_name = "FILE", default_value = "xuncha.toml")]
    config: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Verb::Check(args) => check(args),
        Verb::Columns(args) => columns(args),
        Verb::Diff(args) => diff(args),
    }
}

fn check(check: &CheckArgs) -> Result<ExitCode, Failure> {
    let (installation, faults) = Installation::read(&check.config, None);
    let told = if faults.is_empty() {
        let today = now().date_naive();
        let mut told: Vec<String> = installation.notices.iter().map(ToString::to_string).collect();
        told.extend(of_the_day(&installation, today));
        let registry = &installation.registry;
        let years: Vec<String> = installation.holidays.years().map(|year| year.to_string()).collect();
        told.push(format!(
            "未发现错误：单位 {} 个，网站 {} 个，栏目 {} 个，新媒体账号 {} 个，报备 {} 条，放假安排有 {} 年",
            registry.units.len(),
            registry.sites.len(),
            registry.columns.len(),
            registry.accounts.len(),
            registry.exemptions.len(),
            years.join("、"),
        ));
        told
    } else {
        installation.notices.iter().map(ToString::to_string).collect()
    };
    for line in told {
        say(&line);
    }
    Faults::none_or(faults, ExitCode::SUCCESS).map_err(Failure::from)
}

fn diff(args: &DiffArgs) -> Result<ExitCode, Failure> {
    let installed = Installed::open(&args.config)?;
    let export = national::read(&args.file);
    if export.sites.is_empty() && export.accounts.is_empty() {
        return Err(Faults(export.faults).into());
    }
    for fault in &export.faults {
        super::print_err(&format!("未读取：{fault}\n"));
    }
    let found = diff::differences(&installed.files.registry, &export);
    // The reader knows where the file lies.
    let folder = args.file.parent().map(|folder| format!("{}/", folder.display())).unwrap_or_default();
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|one| {
            let Difference { kind, class, what, ours, theirs, place } = one;
            let place = place.strip_prefix(&folder).unwrap_or(place);
            [kind.label(), class, what, ours, theirs, place].map(str::to_owned).to_vec()
        })
        .collect();
    if !rows.is_empty() {
        let headings = [
            ("情况", 14),
            ("类别", 10),
            ("名称", 30),
            ("本地登记", 36),
            ("报送系统", 36),
            ("导出表位置", 60),
        ];
        say(&table(&headings, &rows));
    }
    say(&format!(
        "导出表有网站{}个、账号{}个，与登记表不一致{}处",
        export.sites.len(),
        export.accounts.len(),
        found.len()
    ));
    if let Some(out) = &args.xlsx {
        let headings = [
            ("情况", 14.0),
            ("类别", 12.0),
            ("名称", 30.0),
            ("本地登记", 36.0),
            ("报送系统", 36.0),
            ("导出表位置", 30.0),
        ];
        let title = "登记表与报送系统核对";
        let sheet =
            render::sheets::Sheet { name: "核对结果", title, head: "", headings: &headings, rows };
        let bytes =
            render::sheets::sheets(title, now().date_naive(), &[sheet]).map_err(anyhow::Error::from)?;
        write_new(out, &bytes, args.force)?;
        say(&format!("已写入 {}", out.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn columns(args: &ColumnsArgs) -> Result<ExitCode, Failure> {
    let installed = Installed::open(&args.config)?;
    let registry = &installed.files.registry;
    let chosen = args.site.as_ref().map(|code| {
        registry.site(code).ok_or_else(|| Failure::Usage(format!("网站登记表中没有标识码 {code}")))
    });
    let chosen = chosen.transpose()?.map(|site| site.code.as_str());
    let state = &installed.files.config.state_dir;
    let no_run = || Failure::Usage("还没有巡查过，请先运行 xuncha patrol".to_owned());
    if !state.join(FactsDb::FILE).exists() {
        return Err(no_run());
    }
    let db = FactsDb::open(state)?;
    let record = db.last_run()?.ok_or_else(no_run)?;
    let surveys = patrol::surveys(installed.order(), &db, record.id)?;
    let surveys: BTreeMap<String, Survey> =
        surveys.into_iter().filter(|(code, _)| chosen.is_none_or(|chosen| chosen == code)).collect();
    let compared = compared(registry, &surveys, &record);
    if !args.propose {
        super::print(&compared);
        return Ok(ExitCode::SUCCESS);
    }
    let text = propose::csv(Sources {
        registry,
        written: &Written::of(&installed.files.config.registry_dir),
        surveys: &surveys,
        limits: &limits(&installed),
        as_of: record.as_of.date_naive(),
    });
    if let Some(out) = &args.out {
        write_new(out, text.as_bytes(), args.force)?;
        super::print(&compared);
        say(&format!("\n已写入 {}。核对后可替换登记表目录中的 columns 文件", out.display()));
    } else {
        super::print(&text);
        super::print_err(&compared);
    }
    Ok(ExitCode::SUCCESS)
}

fn compared(registry: &Registry, surveys: &BTreeMap<String, Survey>, record: &RunRecord) -> String {
    let names: Vec<Vec<(&str, &str)>> = registry
        .sites
        .iter()
        .map(|site| registry.columns_of(&site.code).map(|c| (c.name.as_str(), c.url.as_str())).collect())
        .collect();
    let sites: Vec<Compared<'_>> = registry
        .sites
        .iter()
        .zip(&names)
        .filter_map(|(site, registered)| {
            Some(Compared { site: &site.name, survey: surveys.get(&site.code)?, registered })
        })
        .collect();
    let unfinished = if record.ended.is_none() { "（巡查尚未完成）" } else { "" };
    let subtitle = format!("第{}次巡查{unfinished}，监测时点{}", record.id, record.as_of.format("%Y-%m-%d"));
    render::text::text(&report::columns::document("栏目登记核对", &subtitle, &sites))
}

/// Days within which the rules want a column of each class updated.
fn limits(installed: &Installed) -> BTreeMap<ColumnClass, u16> {
    let stale = installed.rules.rules.iter().filter(|bound| bound.rule.check == "stale-column");
    let mut limits = BTreeMap::new();
    for rule in stale.map(|bound| &bound.rule) {
        let days = rule.params.get("max-age-days").and_then(toml::Value::as_integer);
        let Some(days) = days.and_then(|days| u16::try_from(days).ok()) else { continue };
        let named = rule.applies.get("column").into_iter().flatten();
        for class in named.filter_map(|word| ColumnClass::of_word(word)) {
            limits.entry(class).and_modify(|least: &mut u16| *least = days.min(*least)).or_insert(days);
        }
    }
    limits
}

/// What is right as written and will be in the way today or soon.
fn of_the_day(installation: &Installation, today: NaiveDate) -> Vec<String> {
    let mut told = Vec::new();
    for exemption in installation.registry.lapsed(today) {
        told.push(format!(
            "{}: 提示：报备已于 {} 到期，不再生效，可以删除",
            exemption.origin, exemption.until
        ));
    }
    if let Err(missing) =
        installation.holidays.add_working_days(today, installation.config.deadlines.working_days)
    {
        told.push(format!("提示：{missing}"));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::valid::Config;
    use crate::ledger::deadline::Holidays;
    use crate::registry::{Exemption, Registry};

    #[test]
    fn what_will_be_in_the_way_is_told_before_it_is() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a date");
        let exemption = Exemption {
            rule: "empty-column".to_owned(),
            target: "9901000001".to_owned(),
            reason: "r".to_owned(),
            from: None,
            until: day(2026, 11, 30),
            origin: "exemptions.csv:4".to_owned(),
        };
        let installation = Installation {
            config: Config::default(),
            registry: Registry { exemptions: vec![exemption], ..Registry::default() },
            holidays: Holidays::parse("holidays.toml", include_str!("../../config/holidays.toml"))
                .expect("the shipped calendar"),
            notices: Vec::new(),
        };
        assert_eq!(of_the_day(&installation, day(2026, 11, 30)), Vec::<String>::new());
        let told = of_the_day(&installation, day(2026, 12, 21));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("exemptions.csv:4: 提示：报备已于 2026-11-30 到期"), "{told:?}");
        assert!(told[1].contains("years 中加入 2027"), "{told:?}");
    }
}
