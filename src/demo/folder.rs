//! The folder into which the demo writes: made by it, marked as its own, and overwritten only then.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::interfaces::{CREDENTIALS, credentials};
use super::registers::{Addresses, EVIDENCE, FILES, evidence, files};

/// The file that says that the demo made the folder.
pub const MARKER: &str = ".xuncha-demo";
/// Where the ledger and the facts lie.
pub const STATE: &str = "state";
/// One folder for the papers of each month.
pub const MONTHS: [&str; 3] = ["第1个月", "第2个月", "第3个月"];
/// Where the demo's mail server lays what was sent.
pub const MAIL: &str = "收件箱";
/// Every command that the demo ran, with what it printed.
pub const TRANSCRIPT: &str = "命令记录.txt";
/// What the three months came to.
pub const OUTCOME: &str = "三个月办理情况.txt";
/// The office's own book of all problems.
pub const REGISTER: &str = "总台账.xlsx";
/// The report on the patrol.
pub const REPORT: &str = "巡查报告.html";
/// The table of what was planted and found.
pub const SCORE: &str = "演示结果.txt";

/// Why the folder could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Something of somebody else is there.
    #[error("{0} 不是演示生成的文件夹（其中没有 {MARKER}），为免覆盖已停止；请用 --dir 另指定一个文件夹")]
    Foreign(String),
    /// The disk or its rights.
    #[error("无法写入演示文件夹：{0}")]
    Io(#[from] io::Error),
    /// A register could not be put together.
    #[error("无法生成登记表：{0}")]
    Csv(#[from] csv::Error),
}

/// Makes `dir` a fresh installation: what an earlier demo made there is removed, what it did not make stays.
///
/// # Errors
/// As [`FolderError`] tells; a folder that holds anything and was not made by the demo is not touched.
pub fn prepare(dir: &Path, addresses: Addresses) -> Result<(), FolderError> {
    let occupied = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => false,
        Err(e) => return Err(e.into()),
    };
    if occupied && !dir.join(MARKER).is_file() {
        return Err(FolderError::Foreign(dir.display().to_string()));
    }
    fs::create_dir_all(dir)?;
    // First of all: a demo that is cut short must be able to clear up after itself.
    fs::write(dir.join(MARKER), "本文件夹由 xuncha demo 生成，再次运行演示时其中的同名文件会被覆盖。\n")?;
    for name in [STATE, MAIL, EVIDENCE].iter().chain(&MONTHS) {
        gone(fs::remove_dir_all(dir.join(name)))?;
    }
    for name in FILES.iter().chain(&[REPORT, SCORE, REGISTER, TRANSCRIPT, OUTCOME, CREDENTIALS]) {
        gone(fs::remove_file(dir.join(name)))?;
    }
    for (name, text) in files(addresses)? {
        let path = dir.join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    // Secrets are refused where anybody else can read them.
    let mut secrets =
        fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(dir.join(CREDENTIALS))?;
    secrets.write_all(credentials(addresses.port).as_bytes())?;
    fs::create_dir_all(dir.join(EVIDENCE))?;
    for (name, text) in evidence(addresses) {
        fs::write(dir.join(EVIDENCE).join(name), text)?;
    }
    for month in MONTHS {
        fs::create_dir_all(dir.join(month))?;
    }
    Ok(())
}

/// What is not there needs no removing.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use std::net::SocketAddr;

    fn addresses(port: u16) -> Addresses {
        let dns = SocketAddr::from(([127, 0, 0, 1], 5353));
        Addresses { port, dns, mail: 2525, as_of: NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date") }
    }

    #[test]
    fn a_second_run_clears_up_and_keeps_what_is_not_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("demo");
        prepare(&dir, addresses(8080)).expect("a fresh folder");
        fs::create_dir(dir.join(STATE)).expect("a folder");
        fs::write(dir.join(STATE).join("ledger.db"), "old").expect("a file");
        fs::write(dir.join("笔记.txt"), "mine").expect("a file");
        prepare(&dir, addresses(9090)).expect("its own folder");
        assert!(!dir.join(STATE).exists());
        assert_eq!(fs::read_to_string(dir.join("笔记.txt")).expect("a file"), "mine");
        assert!(fs::read_to_string(dir.join("sites.csv")).expect("a file").contains(":9090/"));
    }

    #[test]
    fn a_foreign_folder_is_not_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("sites.csv"), "mine").expect("a file");
        let refused = prepare(folder.path(), addresses(8080));
        assert!(matches!(refused, Err(FolderError::Foreign(_))));
        assert_eq!(fs::read_to_string(folder.path().join("sites.csv")).expect("a file"), "mine");
        assert!(!folder.path().join(MARKER).exists());
    }

    #[test]
    fn an_empty_folder_is_as_good_as_none() {
        let folder = tempfile::tempdir().expect("a folder");
        prepare(folder.path(), addresses(8080)).expect("an empty folder");
        assert!(FILES.iter().all(|name| folder.path().join(name).is_file()));
    }
}
