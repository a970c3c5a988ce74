//! What the demo's persons do with workbooks: fill in what the program wrote, and save it as an office program does.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context as _, Result};
use calamine::{Data, Reader as _};
use chrono::NaiveDate;

use crate::report::render::sheets::{Sheet, sheets};

/// One row of a sheet that is filled in: texts by their headings, blanks taken out of both.
pub(super) struct Row<'a> {
    /// Name of the sheet.
    pub(super) sheet: &'a str,
    headings: &'a [String],
    cells: &'a mut [String],
}

impl Row<'_> {
    /// What stands under the first heading that begins with `heading`.
    pub(super) fn get(&self, heading: &str) -> &str {
        self.at(heading).map_or("", |at| &self.cells[at])
    }

    /// Writes `text` under that heading, where there is one.
    pub(super) fn set(&mut self, heading: &str, text: &str) {
        if let Some(at) = self.at(heading) {
            text.clone_into(&mut self.cells[at]);
        }
    }

    fn at(&self, heading: &str) -> Option<usize> {
        self.headings.iter().position(|known| known.starts_with(heading))
    }
}

/// Rows searched for the headings, from the top of a sheet.
const HEADING_ROWS: usize = 30;

/// Reads the workbook `from`, lets `fill` go over every row below the headings (known by `key`), and saves it as `to`.
///
/// # Errors
/// Where a file cannot be read or written, or no sheet has the key.
pub(super) fn fill_in(
    from: &Path,
    to: &Path,
    key: &str,
    on: NaiveDate,
    fill: &mut dyn FnMut(&mut Row<'_>),
) -> Result<()> {
    let bytes = std::fs::read(from).with_context(|| format!("{}", from.display()))?;
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes))
        .with_context(|| format!("{}", from.display()))?;
    let mut filled: Vec<(String, Vec<String>, Vec<Vec<String>>)> = Vec::new();
    for (name, range) in book.worksheets() {
        let texts: Vec<Vec<String>> =
            range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect();
        let squeezed = |row: &[String]| -> Vec<String> {
            row.iter().map(|text| text.split_whitespace().collect()).collect()
        };
        let top =
            texts.iter().take(HEADING_ROWS).position(|row| squeezed(row).iter().any(|text| text == key));
        let Some(top) = top else { continue };
        let headings = squeezed(&texts[top]);
        let mut rows = Vec::new();
        for mut cells in texts.into_iter().skip(top + 1) {
            cells.resize(headings.len(), String::new());
            if cells.iter().all(String::is_empty) {
                continue;
            }
            fill(&mut Row { sheet: &name, headings: &headings, cells: &mut cells });
            rows.push(cells);
        }
        filled.push((name, headings, rows));
    }
    anyhow::ensure!(!filled.is_empty(), "{}: no sheet has “{key}”", from.display());
    let headings: Vec<Vec<(&str, f64)>> = filled
        .iter()
        .map(|(_, headings, _)| headings.iter().map(|heading| (heading.as_str(), 16.0)).collect())
        .collect();
    let all: Vec<Sheet<'_>> = filled
        .iter()
        .zip(&headings)
        .map(|((name, _, rows), headings)| Sheet {
            name,
            title: name,
            head: "",
            headings,
            rows: rows.clone(),
        })
        .collect();
    let bytes = sheets("已填写", on, &all)?;
    to.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    std::fs::write(to, bytes).with_context(|| format!("{}", to.display()))
}

/// Every file below `dir`, by its path relative to it, with its size.
///
/// # Errors
/// Where a folder cannot be read.
pub(super) fn files_below(dir: &Path) -> Result<BTreeMap<String, u64>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else if let Ok(below) = path.strip_prefix(dir) {
                found.insert(below.to_string_lossy().replace('\\', "/"), entry.metadata()?.len());
            }
        }
    }
    Ok(found)
}

/// Whether a file's name has this ending.
pub(super) fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_stands_under_its_heading() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("a.xlsx"), folder.path().join("b/c.xlsx"));
        let day = NaiveDate::from_ymd_opt(2026, 7, 14).expect("a date");
        let headings = [("序号", 6.0), ("问题编号", 12.0), ("整改 情况", 12.0)];
        let rows = [["1", "202607-0001", ""], ["2", "202607-0002", ""]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec()).to_vec();
        let sheet = Sheet { name: "清单", title: "问题清单", head: "", headings: &headings, rows };
        std::fs::write(&from, sheets("x", day, &[sheet]).expect("a book")).expect("writes");
        fill_in(&from, &to, "问题编号", day, &mut |row| {
            if row.get("问题编号") == "202607-0002" {
                row.set("整改情况", "已整改");
            }
        })
        .expect("fills");
        let mut seen = Vec::new();
        fill_in(&to, &from, "问题编号", day, &mut |row| {
            seen.push((row.get("问题编号").to_owned(), row.get("整改情况").to_owned()));
        })
        .expect("reads");
        assert_eq!(
            seen,
            [("202607-0001", ""), ("202607-0002", "已整改")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        assert!(fill_in(&from, &to, "没有", day, &mut |_| ()).is_err());
        assert_eq!(
            files_below(folder.path()).expect("reads").keys().collect::<Vec<_>>(),
            ["a.xlsx", "b/c.xlsx"]
        );
    }
}
