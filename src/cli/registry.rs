//! `xuncha registry check`: tells every fault and notice of the configuration, the register and the calendar.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{NaiveDate, Utc};

use super::Failure;
use crate::calendar::in_beijing;
use crate::config::fault::Faults;
use crate::config::installation::Installation;

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
    let Verb::Check(check) = &args.command;
    let (installation, faults) = Installation::read(&check.config, None);
    let told = if faults.is_empty() {
        let today = in_beijing(Utc::now()).date_naive();
        let mut told: Vec<String> = installation.notices.iter().map(ToString::to_string).collect();
        told.extend(of_the_day(&installation, today));
        let registry = &installation.registry;
        let years: Vec<String> = installation.holidays.years().map(|year| year.to_string()).collect();
        told.push(format!(
            "未发现错误：单位 {} 个，网站 {} 个，栏目 {} 个，报备 {} 条，放假安排有 {} 年",
            registry.units.len(),
            registry.sites.len(),
            registry.columns.len(),
            registry.exemptions.len(),
            years.join("、"),
        ));
        told
    } else {
        installation.notices.iter().map(ToString::to_string).collect()
    };
    #[allow(clippy::print_stdout, reason = "the command's answer")]
    for line in told {
        println!("{line}");
    }
    Faults::none_or(faults, ExitCode::SUCCESS).map_err(Failure::from)
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
