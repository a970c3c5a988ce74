//! Evidence of new-media accounts that an office has as files: the tables in its evidence folder, read by their headings.
//! Owns which file is read and whose row is whose; what single cells mean stands in `cells`.

pub(crate) mod cells;
pub mod checklist;
pub mod diff;
mod export;
mod headings;
pub mod national;
mod whose;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::config::fault::Fault;
use crate::facts::account::AccountFacts;
use crate::finding::hex;
use crate::registry::sheet;
use crate::registry::{Account, SourceSpec};

pub use self::whose::Whose;

/// What a table may be called at its end.
const TABLES: [&str; 5] = ["csv", "xlsx", "xlsm", "xls", "ods"];
/// Files of one folder; more than an office of a province collects in a year.
const MOST_FILES: usize = 5_000;
/// Posts kept of one account and file; more say nothing more.
pub(crate) const MOST_POSTS: usize = 3_000;

/// What one file said.
#[derive(Debug, Default)]
pub struct Told {
    /// The file as named to the program.
    pub file: String,
    /// Answers, by the place of the account in the register.
    pub facts: Vec<(usize, AccountFacts)>,
    /// Newest posts that units named by their addresses, to be asked for: the account's place, and the source.
    pub links: Vec<(usize, SourceSpec)>,
    /// What could not be read, at file, sheet and cell.
    pub faults: Vec<Fault>,
    /// Rows about accounts that the register lacks: platform and name as written, and where.
    pub unknown: Vec<Unknown>,
}

/// A row about an account that the register lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// 平台 as written; empty where the table has none.
    pub platform: String,
    /// 账号名称 as written.
    pub name: String,
    /// `导出表.xlsx[Sheet1]:7`.
    pub place: String,
}

/// The tables of a folder and of the folders in it, by name; none where there is no such folder.
///
/// # Errors
/// If the folder cannot be listed, or holds far too much.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| format!("无法读取 {}", folder.display())),
        };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            // What a spreadsheet leaves beside an open file is no table.
            if name.starts_with(['.', '~']) {
                continue;
            }
            let kind = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
            if path.is_dir() {
                open.push(path);
            } else if TABLES.contains(&kind.as_str()) {
                found.push(path);
            }
            anyhow::ensure!(
                found.len() <= MOST_FILES,
                "{} 中的文件过多（超过 {MOST_FILES} 个）",
                dir.display()
            );
        }
    }
    found.sort();
    Ok(found)
}

/// Reads one table. `known` says whose a row is.
pub fn read(path: &Path, accounts: &[Account], known: &Whose) -> Told {
    let mut told = Told { file: path.display().to_string(), ..Told::default() };
    let mut notices = Vec::new();
    let sheets = match sheet::read(path, &mut notices) {
        Ok(sheets) => sheets,
        Err(fault) => {
            told.faults.push(fault);
            return told;
        }
    };
    let sha256 = std::fs::read(path).map(|bytes| hex(&Sha256::digest(bytes))).unwrap_or_default();
    export::read(path, sheets, &sha256, accounts, known, &mut told);
    told
}

/// Where a sheet of a file stands, as faults and 佐证 name it: `wx.xlsx[公众号]`, `wx.csv`.
pub(crate) fn place(file: &str, sheet: &str) -> String {
    if sheet.is_empty() { file.to_owned() } else { format!("{file}[{sheet}]") }
}
