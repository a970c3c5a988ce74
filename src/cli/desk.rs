//! What the commands of the office desk share: opening the ledger, the clock, and tables for a terminal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Failure;
use super::installed::Installed;
pub(crate) use super::output::say;
use crate::config::installation::Installation;
use crate::ledger::deadline::Holidays;
pub(crate) use crate::patrol::now;
use crate::registry::Registry;
use crate::report::wording::{columns, one_line};
use crate::store::StoreError;
use crate::store::ledger::Ledger as Book;

/// Where the installation is: the options that every command of the desk takes.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Place {
    /// 配置文件
    #[arg(long, value_name = "FILE", default_value = "xuncha.toml")]
    pub(crate) config: PathBuf,
    /// 台账所在目录（默认为配置中的目录）
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
}

/// The opened ledger, and what of the register the desk needs.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The ledger.
    pub(crate) ledger: Book,
    /// Units in protocol order.
    pub(crate) units: Vec<String>,
    /// The register.
    pub(crate) registry: Registry,
    /// The calendar of working days.
    pub(crate) holidays: Holidays,
    /// Folder of the databases.
    pub(crate) dir: PathBuf,
    /// Whether an approved batch is sent without a further command.
    pub(crate) auto_send: bool,
    /// Titles of the rules in force, by their ids.
    pub(crate) rule_titles: BTreeMap<String, String>,
}

impl Desk {
    /// Opens the ledger of the installation; it must be there already.
    ///
    /// # Errors
    /// As [`Failure`] tells.
    pub(crate) fn open(place: &Place) -> Result<Self, Failure> {
        let installed = Installed::open(&place.config)?;
        let dir = place.state_dir.as_ref().unwrap_or(&installed.files.config.state_dir);
        let units = installed.files.registry.units.iter().map(|unit| unit.name.clone()).collect();
        let auto_send = installed.files.config.mail.as_ref().is_some_and(|mail| mail.auto_send);
        let (ledger, dir) = (open_ledger(dir)?, dir.clone());
        let Installation { registry, holidays, .. } = installed.files;
        let rules = installed.rules.rules.into_iter().map(|bound| bound.rule);
        let rule_titles = rules.map(|rule| (rule.id, rule.title)).collect();
        Ok(Self { ledger, units, registry, holidays, dir, auto_send, rule_titles })
    }
}

fn open_ledger(dir: &Path) -> Result<Book, Failure> {
    Book::open_existing(dir).map_err(|error| match error {
        StoreError::Missing { path, backup: None } => {
            Failure::Usage(format!("{} 不存在：还没有巡查过，请先运行 xuncha patrol", path.display()))
        }
        other => other.into(),
    })
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if error.is_callers() {
            Self::Usage(error.to_string())
        } else if error.is_resource() {
            Self::Busy(error.to_string())
        } else {
            Self::Internal(error.into())
        }
    }
}

/// Writes `bytes` to `path`, whole or not at all. A file that is there already is kept unless `force`: it may
/// hold a person's work.
///
/// # Errors
/// [`Failure::Usage`] where the file is there, [`Failure::Busy`] where it cannot be written.
pub(crate) fn write_new(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    if path.exists() && !force {
        let message =
            format!("{} 已存在，可能含有已填写的内容；请换个文件名，或加 --force 覆盖", path.display());
        return Err(Failure::Usage(message));
    }
    let failed = |error: std::io::Error| Failure::Busy(format!("{}：{error}", path.display()));
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    std::fs::write(&part, bytes).map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)
}

/// A table for a terminal, where a Chinese character takes two columns. Cells wider than their column's limit
/// are cut; the last column is never padded.
pub(crate) fn table(headings: &[(&str, usize)], rows: &[Vec<String>]) -> String {
    let cell = |text: &str, limit: usize| cut(&one_line(text), limit);
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(n, (heading, limit))| {
            let cells = rows.iter().filter_map(|row| row.get(n)).map(|text| columns(&cell(text, *limit)));
            cells.chain([columns(heading)]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: Vec<String>| -> String {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', (width + 2).saturating_sub(columns(cell))));
        }
        line.trim_end().to_owned()
    };
    let mut lines = vec![line(headings.iter().map(|(heading, _)| (*heading).to_owned()).collect())];
    for row in rows {
        lines.push(line(row.iter().zip(headings).map(|(text, (_, limit))| cell(text, *limit)).collect()));
    }
    lines.join("\n")
}

/// At most `limit` terminal columns of `text`, with two dots where something was cut: terminals disagree about
/// the width of an ellipsis.
fn cut(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if columns(&kept) + columns(c.encode_utf8(&mut [0; 4])) + 2 > limit {
            break;
        }
        kept.push(c);
    }
    kept.push_str("..");
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up_by_terminal_columns() {
        let rows = [["202611-0001", "示例市民政局", "断链"], ["202611-0002", "a\u{1b}[31m\nb", "空白栏目"]];
        let rows: Vec<Vec<String>> = rows.iter().map(|r| r.map(str::to_owned).to_vec()).collect();
        let text = table(&[("问题编号", 20), ("责任单位", 8), ("类型", 20)], &rows);
        assert_eq!(
            text,
            "问题编号     责任单位  类型\n\
             202611-0001  示例市..  断链\n\
             202611-0002  a[31m b   空白栏目"
        );
    }

    #[test]
    fn a_file_with_a_persons_work_is_not_overwritten() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("待核清单.xlsx");
        write_new(&path, b"first", false).expect("writes");
        assert!(matches!(write_new(&path, b"second", false), Err(Failure::Usage(_))));
        assert_eq!(std::fs::read(&path).expect("reads"), b"first");
        write_new(&path, b"second", true).expect("writes");
        assert_eq!(std::fs::read(&path).expect("reads"), b"second");
        assert_eq!(std::fs::read_dir(dir.path()).expect("reads").count(), 1);
    }
}
