//! `xuncha init`: writes a commented configuration, example registers and a crontab into a new place.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::Failure;

/// The files written, as they stand in the repository's `config/`.
pub const FILES: [(&str, &str); 7] = [
    ("xuncha.toml", include_str!("../../config/xuncha.toml")),
    ("units.csv", include_str!("../../config/units.csv")),
    ("sites.csv", include_str!("../../config/sites.csv")),
    ("columns.csv", include_str!("../../config/columns.csv")),
    ("exemptions.csv", include_str!("../../config/exemptions.csv")),
    ("holidays.toml", include_str!("../../config/holidays.toml")),
    ("crontab", include_str!("../../config/crontab")),
];

/// Arguments of `xuncha init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 写入哪个文件夹；不存在则新建，其中已有同名文件则不写
    dir: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let written = write_all(&args.dir)?;
    #[allow(clippy::print_stdout, reason = "the command's answer")]
    {
        for path in &written {
            println!("已写入 {}", path.display());
        }
        println!("下一步：");
        println!("  1. 用 WPS 或 Excel 打开 units.csv、sites.csv、columns.csv，换成本地的单位、网站和栏目；");
        println!("  2. 打开 xuncha.toml，填写 [crawl] contact 等项；");
        println!("  3. 执行 xuncha registry check --config {}；", args.dir.join("xuncha.toml").display());
        println!("  4. 无误后执行 xuncha patrol 试巡，再按 crontab 中的说明设置定时任务。");
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes every file, or none where one is already there.
fn write_all(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
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
        let content = if name == "crontab" { crontab(content, dir) } else { content.to_owned() };
        // Not opened where it exists: a file that came meanwhile is not ours to overwrite.
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(content.as_bytes()))
            .with_context(|| format!("无法写入 {}", path.display()))?;
        written.push(path);
    }
    Ok(written)
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
