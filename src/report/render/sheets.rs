//! Plain tables to XLSX, in the style of the other papers: a title, a line under it, headings, rows of text.

use chrono::NaiveDate;
use rust_xlsxwriter::{DataValidation, XlsxError};

use super::xlsx::{Styles, table_in_part, table_sheet_titled, workbook};

/// One sheet.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// Its name on the tab.
    pub name: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The line under the title.
    pub head: &'a str,
    /// Headings and the widths of their columns, in characters.
    pub headings: &'a [(&'a str, f64)],
    /// One text a cell.
    pub rows: Vec<Vec<String>>,
}

/// A column of a sheet that a person fills in.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Which column, from 0.
    pub column: u16,
    /// What may be chosen; empty = free text.
    pub words: &'a [&'a str],
    /// In which rows it may be chosen; the others take free text. `None` = in all.
    pub only: Option<&'a [bool]>,
}

/// The same with columns to fill in, yellow as in the other papers.
///
/// # Errors
/// As [`sheets`].
pub fn sheets_to_fill_in(
    title: &str,
    issued: NaiveDate,
    all: &[(Sheet<'_>, &[Input<'_>])],
) -> Result<Vec<u8>, XlsxError> {
    let styles = Styles::new();
    let mut book = workbook(title, issued);
    for (Sheet { name, title, head, headings, rows }, inputs) in all {
        let sheet = book.add_worksheet();
        table_sheet_titled(sheet, name, title, head, headings, rows, &styles)?;
        let Some(last) = u32::try_from(rows.len()).ok().filter(|n| *n > 0).map(|n| n + 2) else { continue };
        for Input { column, words, only } in *inputs {
            for row in 3..=last {
                sheet.write_blank(row, *column, &styles.input)?;
            }
            if words.is_empty() {
                continue;
            }
            let choice = DataValidation::new().allow_list_strings(words)?;
            match only {
                None => {
                    sheet.add_data_validation(3, *column, last, *column, &choice)?;
                }
                Some(only) => {
                    for (row, _) in (3..=last).zip(*only).filter(|(_, chosen)| **chosen) {
                        sheet.add_data_validation(row, *column, row, *column, &choice)?;
                    }
                }
            }
        }
    }
    book.save_to_buffer()
}

/// A workbook of such sheets, dated `issued`. The same sheets give the same bytes.
///
/// # Errors
/// [`XlsxError`] where a sheet has more rows than a spreadsheet takes.
pub fn sheets(title: &str, issued: NaiveDate, all: &[Sheet<'_>]) -> Result<Vec<u8>, XlsxError> {
    let styles = Styles::new();
    let mut book = workbook(title, issued);
    for Sheet { name, title, head, headings, rows } in all {
        table_sheet_titled(book.add_worksheet(), name, title, head, headings, rows, &styles)?;
    }
    book.save_to_buffer()
}

/// The same for sheets too wide for paper: only their first `printed` columns are printed, the rest is read on the screen,
/// where `fixed` columns stay in sight. Rows of which only the column `heads` holds something are headings of groups and go
/// across what is printed.
///
/// # Errors
/// As [`sheets`].
pub fn sheets_printed_in_part(
    title: &str,
    issued: NaiveDate,
    all: &[Sheet<'_>],
    part: Part,
) -> Result<Vec<u8>, XlsxError> {
    let styles = Styles::new();
    let mut book = workbook(title, issued);
    for Sheet { name, title, head, headings, rows } in all {
        let sheet = book.add_worksheet();
        table_in_part(sheet, name, title, head, headings, rows, &styles, part.printed)?;
        let last = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(2);
        sheet.set_print_area(0, 0, last, part.printed - 1)?;
        sheet.set_freeze_panes(3, part.fixed)?;
        for (at, row) in (3u32..).zip(rows) {
            let text = row.get(part.heads).filter(|text| !text.is_empty());
            let alone = row.iter().filter(|cell| !cell.is_empty()).count() == 1;
            if let Some(text) = text.filter(|_| alone) {
                sheet.merge_range(at, 0, at, part.printed - 1, text, &styles.group())?;
                sheet.set_row_height(at, 24)?;
            }
        }
    }
    book.save_to_buffer()
}

/// Which part of a sheet is printed.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Columns on paper, from the first.
    pub printed: u16,
    /// Columns that stay in sight on the screen, from the first.
    pub fixed: u16,
    /// The column in which headings of groups stand, from 0.
    pub heads: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_sheets_give_the_same_bytes_and_no_cell_is_a_formula() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date");
        let book = || {
            let rows = vec![vec!["=1+1".to_owned(), "打开".to_owned()]];
            let headings = [("结果", 10.0), ("说明", 20.0)];
            let sheet =
                Sheet {
                    name: "访问记录", title: "站点访问记录", head: "", headings: &headings, rows
                };
            sheets("站点访问记录", day, &[sheet]).expect("a workbook")
        };
        let bytes = book();
        assert_eq!(bytes, book());
        let mut read: calamine::Xlsx<_> =
            calamine::Reader::new(std::io::Cursor::new(bytes)).expect("reads its own");
        let cells = calamine::Reader::worksheet_range(&mut read, "访问记录").expect("the sheet");
        assert_eq!(cells.get_value((3, 0)).map(ToString::to_string).as_deref(), Some("=1+1"));
    }
}
