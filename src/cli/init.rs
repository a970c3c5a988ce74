//! `xuncha init`: writes a commented configuration, example registers and a crontab into a new place.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::Failure;
use super::desk::say;
use crate::config::fault::{Fault, Faults};
use crate::evidence::national::{self, Export};

/// The files written, as they stand in the repository's `config/`.
pub const FILES: [(&str, &str); 11] = [
    ("xuncha.toml", include_str!("../../config/xuncha.toml")),
    ("units.csv", include_str!("../../config/units.csv")),
    ("sites.csv", include_str!("../../config/sites.csv")),
    ("columns.csv", include_str!("../../config/columns.csv")),
    ("accounts.csv", include_str!("../../config/accounts.csv")),
    ("exemptions.csv", include_str!("../../config/exemptions.csv")),
    ("counterfeits.csv", include_str!("../../config/counterfeits.csv")),
    ("reposts.csv", include_str!("../../config/reposts.csv")),
    ("public-reports.csv", include_str!("../../config/public-reports.csv")),
    ("holidays.toml", include_str!("../../config/holidays.toml")),
    ("crontab", include_str!("../../config/crontab")),
];

/// Arguments of `xuncha init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 写入哪个文件夹；不存在则新建，其中已有同名文件则不写
    dir: PathBuf,
    /// 从全国政府网站（政务新媒体）信息报送系统的导出表生成登记表，可重复
    #[arg(long, value_name = "FILE")]
    from: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let registers = registers(&args.from)?;
    let written = write_all(&args.dir, &registers)?;
    for path in &written {
        say(&format!("已写入 {}", path.display()));
    }
    say("下一步：");
    say(if args.from.is_empty() {
        "  1. 用 WPS 或 Excel 打开 units.csv、sites.csv、columns.csv，换成本地的单位、网站和栏目；"
    } else {
        "  1. 登记表已按导出表生成；单位类别由名称推断，请核对 units.csv 的类别和上级，补填联络员、邮箱；"
    });
    say("  2. 打开 xuncha.toml，填写 [crawl] contact 等项；");
    say(&format!("  3. 执行 xuncha registry check --config {}；", args.dir.join("xuncha.toml").display()));
    say("  4. 无误后执行 xuncha patrol 试巡，再按 crontab 中的说明设置定时任务。");
    Ok(ExitCode::SUCCESS)
}

/// The registers that exports of the national systems give; none without any.
fn registers(from: &[PathBuf]) -> Result<Vec<(&'static str, String)>, Failure> {
    let exports: Vec<Export> = from.iter().map(|path| national::read(path)).collect();
    let faults: Vec<Fault> = exports.iter().flat_map(|export| export.faults.iter().cloned()).collect();
    // Rows that can be read are worth having; a file that cannot is refused.
    if exports.iter().any(|export| export.sites.is_empty() && export.accounts.is_empty()) {
        return Err(Faults(faults).into());
    }
    for fault in faults {
        super::print_err(&format!("未写入登记表：{fault}\n"));
    }
    Ok(if exports.is_empty() { Vec::new() } else { national::registers(&exports) })
}

/// Writes every file, or none where one is already there. `registers` stand in the place of the examples.
fn write_all(dir: &Path, registers: &[(&'static str, String)]) -> Result<Vec<PathBuf>, Failure> {
    if dir.exists() && !dir.is_dir() {
        return Err(Failure::Usage(format!("{} 不是文件夹", dir.display())));
    }
    let present: Vec<&str> = FILES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| dir.join(name).symlink_metadata().is_ok())
        .collect();
    if !present.is_empty() {
        return Err(Failure::Usage(format!(
            "{} 中已有 {}，为免覆盖，什么也没有写；请换一个文件夹",
            dir.display(),
            present.join("、")
        )));
    }
    std::fs::create_dir_all(dir).with_context(|| format!("无法新建文件夹 {}", dir.display()))?;
    let mut written = Vec::new();
    for (name, content) in FILES {
        let path = dir.join(name);
        let content = match registers.iter().find(|(register, _)| *register == name) {
            Some((_, register)) => register.clone(),
            None if name == "crontab" => crontab(content, dir),
            // Examples of one kind beside true registers of another would name units that are not there.
            None if !registers.is_empty()
                && Path::new(name).extension().is_some_and(|kind| kind == "csv") =>
            {
                headings_only(content)
            }
            None => content.to_owned(),
        };
        // Not opened where it exists: a file that came meanwhile is not ours to overwrite.
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(content.as_bytes()))
            .with_context(|| format!("无法写入 {}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

/// The remarks and the headings of an example register, without its rows.
fn headings_only(example: &str) -> String {
    let mut kept = String::new();
    for line in example.lines() {
        kept.push_str(line);
        kept.push('\n');
        if !line.trim_start_matches('\u{feff}').starts_with('#') {
            break;
        }
    }
    kept
}

/// The crontab with the places of this machine: cron knows neither the folder nor the search path.
fn crontab(template: &str, dir: &Path) -> String {
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf());
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("xuncha"));
    template
        .replace("{{XUNCHA}}", &program.display().to_string())
        .replace("{{CONFIG}}", &dir.join("xuncha.toml").display().to_string())
        .replace("{{LOG}}", &dir.join("cron.log").display().to_string())
}
