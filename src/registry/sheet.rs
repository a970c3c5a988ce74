//! A table file as rows of cells, each row numbered as a spreadsheet shows it: CSV in the encodings that
//! offices save, XLSX, XLS. Knows nothing of headings or registers.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, DataRef, Dimensions, Reader as _, Sheets};
use chrono::NaiveDate;

use crate::config::fault::{Fault, Notice};
use crate::config::unreadable;

/// Bytes a register's file may have; the largest province's sites fit fifty times.
pub(crate) const MAX_BYTES: u64 = 20 << 20;
/// Cells read from one file.
const MAX_CELLS: usize = 4_000_000;
/// Characters in one cell.
pub(crate) const MAX_CELL: usize = 4_000;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Text as it stands.
    Text(String),
    /// A date that the spreadsheet knows to be one.
    Date(NaiveDate),
    /// A spreadsheet's own error: `#N/A`.
    Error(String),
}

/// One sheet: rows and columns are numbered from 1; absent cells are empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sheet {
    /// 工作表 name; empty for CSV.
    pub(crate) name: String,
    pub(crate) rows: BTreeMap<u32, BTreeMap<u32, Cell>>,
    /// Merged cells whose value was copied into all their rows.
    pub(crate) spread: usize,
}

/// Reads every sheet of a file. Notices go to `notices`.
///
/// # Errors
/// Why the file as a whole cannot be read.
pub(crate) fn read(path: &Path, notices: &mut Vec<Notice>) -> Result<Vec<Sheet>, Fault> {
    let file = path.display().to_string();
    let fault = |message: String| Fault::new(file.clone(), 1, 1, message);
    let length = std::fs::metadata(path).map_err(|error| fault(unreadable(&error)))?.len();
    if length > MAX_BYTES {
        let (length, most) = (length.div_ceil(1 << 20), MAX_BYTES >> 20);
        return Err(fault(format!(
            "文件过大（{length} MB，上限 {most} MB），不像是登记表，请检查是否放错了文件"
        )));
    }
    let bytes = std::fs::read(path).map_err(|error| fault(unreadable(&error)))?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    of_bytes(bytes, &file, extension == "csv", notices)
}

/// Every sheet of a file's bytes; `file` names it in messages.
///
/// # Errors
/// Why the file as a whole cannot be read.
pub(crate) fn of_bytes(
    bytes: Vec<u8>,
    file: &str,
    csv: bool,
    notices: &mut Vec<Notice>,
) -> Result<Vec<Sheet>, Fault> {
    let fault = |message: String| Fault::new(file, 1, 1, message);
    if csv {
        let text = decode(&bytes, file, notices).map_err(fault)?;
        return csv_sheet(&text, file).map(|sheet| vec![sheet]);
    }
    workbook(bytes).map_err(fault)
}

/// The text of a CSV file in UTF-8, UTF-16 with a byte order mark, or GB18030.
fn decode(bytes: &[u8], file: &str, notices: &mut Vec<Notice>) -> Result<String, String> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err("这是 Excel 工作簿而不是 CSV，请把扩展名改回 .xlsx 或 .xls".to_owned());
    }
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return Ok(text.into_owned());
    }
    let lossy = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(text.to_owned()),
        Err(_) => String::from_utf8_lossy(bytes),
    };
    // Chinese in GBK read as UTF-8 falls to pieces; UTF-8 with a scratch stays Chinese nearly everywhere.
    let broken = lossy.chars().filter(|c| *c == '\u{fffd}').count();
    let chinese = lossy.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
    if chinese > broken * 4 {
        return Ok(lossy.into_owned());
    }
    let (text, _) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
    notices.push(Notice::new(
        file,
        1,
        1,
        "文件不是 UTF-8 编码，已按 GBK（GB18030）读取；建议另存为“CSV UTF-8”",
    ));
    Ok(text.into_owned())
}

fn csv_sheet(text: &str, file: &str) -> Result<Sheet, Fault> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut sheet = Sheet::default();
    let (mut record, mut row, mut end, mut cells) = (csv::StringRecord::new(), 0_u32, 0_usize, 0_usize);
    loop {
        let more = reader.read_record(&mut record).map_err(|error| {
            Fault::new(file, row + 1, 1, format!("CSV 格式有误（{error}），请检查引号是否成对"))
        })?;
        if !more {
            return Ok(sheet);
        }
        // The reader passes over empty lines; a spreadsheet shows them as rows.
        let rest = text.get(end..).unwrap_or_default();
        let rest = if text.get(..end).is_some_and(|t| t.ends_with('\r')) {
            rest.strip_prefix('\n').unwrap_or(rest)
        } else {
            rest
        };
        let empty = rest.chars().take_while(|c| matches!(c, '\r' | '\n')).collect::<String>();
        row += 1 + count(empty.replace("\r\n", "\n").chars().count());
        end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let raw = text.get(text.len() - rest.len()..end).unwrap_or_default();
        if raw.matches('"').count() % 2 == 1 && raw.trim_end().contains('\n') {
            let column =
                record.iter().position(|cell| cell.contains('\n')).map_or(1, |index| count(index) + 1);
            return Err(Fault::new(file, row, column, "引号没有成对，从这里起的各行被当成了一个单元格"));
        }
        cells += record.len();
        if cells > MAX_CELLS {
            return Err(Fault::new(file, row, 1, format!("单元格过多（超过 {MAX_CELLS} 个），不像是登记表")));
        }
        let filled: BTreeMap<u32, Cell> = record
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(index, cell)| (count(index) + 1, Cell::Text(cell.to_owned())))
            .collect();
        if !filled.is_empty() {
            sheet.rows.insert(row, filled);
        }
    }
}

/// Comma, or what the first lines use in its place: a tab (pasted from a spreadsheet) or a semicolon.
fn delimiter(text: &str) -> u8 {
    let head: Vec<&str> = text.lines().filter(|line| !line.starts_with(['#', '"'])).take(3).collect();
    let uses = |c: char| head.iter().filter(|line| line.matches(c).count() >= 2).count();
    if uses(',') > 0 {
        b','
    } else if uses('\t') > 0 {
        b'\t'
    } else if uses(';') > 0 {
        b';'
    } else {
        b','
    }
}

fn workbook(bytes: Vec<u8>) -> Result<Vec<Sheet>, String> {
    // The reader computes with what stands in the file, and stops the program where that is nonsense.
    std::panic::catch_unwind(|| sheets_of(bytes))
        .unwrap_or_else(|_| Err("无法作为 Excel 工作簿打开（文件已损坏），请重新另存后再用".to_owned()))
}

fn sheets_of(bytes: Vec<u8>) -> Result<Vec<Sheet>, String> {
    let unreadable = |error: &dyn std::fmt::Display| {
        format!("无法作为 Excel 工作簿打开（{error}）；如有打开密码请先取消，或另存为 .xlsx 或“CSV UTF-8”")
    };
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| unreadable(&e))?;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == calamine::SheetVisible::Visible)
        .filter(|sheet| sheet.typ == calamine::SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut sheets = Vec::new();
    let mut cells = 0_usize;
    for name in names {
        let mut sheet = Sheet { name: name.clone(), ..Sheet::default() };
        let mut keep = |row: u32, column: u32, cell: Option<Cell>| {
            if let Some(cell) = cell {
                cells += 1;
                sheet.rows.entry(row + 1).or_default().insert(column + 1, cell);
            }
            if cells > MAX_CELLS {
                Err(format!("单元格过多（超过 {MAX_CELLS} 个），不像是登记表"))
            } else {
                Ok(())
            }
        };
        let merged: Vec<Dimensions>;
        if let Sheets::Xlsx(xlsx) = &mut book {
            // Cell by cell: one stray cell in the last corner of a sheet must not cost its whole rectangle.
            let mut reader = xlsx.worksheet_cells_reader(&name).map_err(|e| unreadable(&e))?;
            while let Some(found) = reader.next_cell().map_err(|e| unreadable(&e))? {
                let (row, column) = found.get_position();
                keep(row, column, cell(&Data::from(DataRef::clone(found.get_value()))))?;
            }
            drop(reader);
            merged = xlsx.merge_cells_by_sheet_name(&name).unwrap_or_default();
        } else {
            let range = book.worksheet_range(&name).map_err(|e| unreadable(&e))?;
            let (top, left) = range.start().unwrap_or_default();
            for (row, column, value) in range.used_cells() {
                keep(top + count(row), left + count(column), cell(value))?;
            }
            merged = match &book {
                Sheets::Xls(xls) => xls.merge_cells_by_sheet_name(&name).unwrap_or_default(),
                _ => Vec::new(),
            };
        }
        spread(&mut sheet, &merged);
        sheets.push(sheet);
    }
    if sheets.is_empty() { Err("工作簿中没有可见的工作表".to_owned()) } else { Ok(sheets) }
}

/// Copies the value of cells merged downwards into all their rows: hand-kept tables name a unit once for
/// many columns.
fn spread(sheet: &mut Sheet, merged: &[Dimensions]) {
    for area in merged {
        let (top, left) = (area.start.0 + 1, area.start.1 + 1);
        if area.end.0 <= area.start.0 {
            continue;
        }
        let Some(value) = sheet.rows.get(&top).and_then(|row| row.get(&left)).cloned() else { continue };
        for (_, row) in sheet.rows.range_mut(top + 1..=area.end.0 + 1) {
            row.insert(left, value.clone());
        }
        sheet.spread += 1;
    }
}

fn cell(value: &Data) -> Option<Cell> {
    match value {
        Data::Empty => None,
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            (!text.is_empty()).then(|| Cell::Text(text.clone()))
        }
        Data::Int(number) => Some(Cell::Text(number.to_string())),
        // Rust writes a whole f64 without a fraction or an exponent: 5101320017, as the cell was meant.
        Data::Float(number) => Some(Cell::Text(number.to_string())),
        Data::Bool(true) => Some(Cell::Text("是".to_owned())),
        Data::Bool(false) => Some(Cell::Text("否".to_owned())),
        Data::DateTime(moment) => Some(match moment.as_datetime() {
            Some(at) if moment.is_datetime() => Cell::Date(at.date()),
            _ => Cell::Text(moment.as_f64().to_string()),
        }),
        Data::Error(error) => Some(Cell::Error(error.to_string())),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u32, Vec<(u32, String)>)> {
        let sheet = csv_sheet(text, "t.csv").expect("a sheet");
        sheet
            .rows
            .into_iter()
            .map(|(row, cells)| {
                let texts = cells.into_iter().map(|(column, cell)| match cell {
                    Cell::Text(text) => (column, text),
                    other => panic!("{other:?}"),
                });
                (row, texts.collect())
            })
            .collect()
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_shows_them() {
        for newline in ["\n", "\r\n"] {
            let text = "a,b\n\n\n\"c\nd\",e\n,,\nf,\n\n".replace('\n', newline);
            let found = rows(&text);
            let numbers: Vec<u32> = found.iter().map(|(row, _)| *row).collect();
            assert_eq!(numbers, [1, 4, 6], "{newline:?}");
            assert_eq!(found[1].1[1], (2, "e".to_owned()));
        }
    }

    #[test]
    fn an_open_quote_is_told_where_it_begins() {
        let fault = csv_sheet("a,b\nc,\"d\ne,f\ng,h\n", "t.csv").expect_err("an open quote");
        assert_eq!((fault.line, fault.column), (2, 2));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_rows_in_order_or_one_fault(text in "(,|\"|\r\n|\n|\r|甲|a| |\t|;){0,60}") {
            if let Ok(sheet) = csv_sheet(&text, "t.csv") {
                let lines = text.matches(['\n', '\r']).count() + 1;
                let last = sheet.rows.keys().last().copied().unwrap_or(0);
                proptest::prop_assert!(usize::try_from(last).expect("small") <= lines, "row {last} of {lines} lines");
            }
        }

        #[test]
        fn rows_written_are_rows_read(rows in proptest::collection::vec(proptest::collection::vec("[甲a,\"\n ]{0,4}", 2..4), 1..8), blank in 0_usize..8) {
            // Each row begins with a mark, so that none is empty; one empty line stands somewhere between.
            let mut text = String::new();
            let mut wanted = Vec::new();
            let mut number = 0;
            for (index, row) in rows.iter().enumerate() {
                if index == blank {
                    text.push_str("\r\n");
                    number += 1;
                }
                number += 1;
                wanted.push(number);
                let cells: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
                text.extend(["x,", &cells.join(","), "\r\n"]);
            }
            let sheet = csv_sheet(&text, "t.csv").expect("what was written well");
            proptest::prop_assert_eq!(sheet.rows.keys().copied().collect::<Vec<u32>>(), wanted);
        }
    }

    proptest::proptest! {
        // Unpacking is slow without optimisation.
        #![proptest_config(proptest::prelude::ProptestConfig {
            failure_persistence: None,
            ..proptest::prelude::ProptestConfig::with_cases(48)
        })]

        #[test]
        fn a_damaged_workbook_is_a_fault_or_rows(damage in proptest::collection::vec((0_usize..6000, proptest::prelude::any::<u8>()), 1..20)) {
            let mut book = rust_xlsxwriter::Workbook::new();
            let sheet = book.add_worksheet();
            for row in 0..5 {
                sheet.write(row, 0, "单位名称").expect("a cell");
                sheet.write(row, 1, f64::from(row)).expect("a cell");
            }
            let mut bytes = book.save_to_buffer().expect("a workbook");
            for (at, value) in damage {
                let length = bytes.len();
                bytes[at % length] = value;
            }
            let _ = workbook(bytes);
        }
    }

    #[test]
    fn a_column_beyond_all_counting_is_a_fault() {
        let namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let parts = [
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{namespace}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!(
                    "<worksheet xmlns=\"{namespace}\"><sheetData><row r=\"1\"><c r=\"ZZZZZZZZZZ1\"><v>1</v></c></row></sheetData></worksheet>"
                ),
            ),
        ];
        let mut package = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in &parts {
            package.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a part");
            std::io::Write::write_all(&mut package, text.as_bytes()).expect("writes");
        }
        let bytes = package.finish().expect("a package").into_inner();
        let told = workbook(bytes).map(|_| ());
        // Where overflow is not checked the reader goes on with whatever column comes of it.
        let refused = told.as_ref().is_err_and(|why| why.starts_with("无法作为 Excel 工作簿打开"));
        assert!(refused || !cfg!(debug_assertions), "{told:?}");
    }

    #[test]
    fn other_delimiters() {
        assert_eq!(rows("a\tb\tc\n1\t2\t3\n")[1].1.len(), 3);
        assert_eq!(rows("a;b;c\n1;2;3\n")[1].1.len(), 3);
    }

    #[test]
    fn encodings() {
        let text = "单位名称,类别\n示例市教育局,部门\n";
        let (gbk, _, _) = encoding_rs::GBK.encode(text);
        let mut notices = Vec::new();
        assert_eq!(decode(&gbk, "f", &mut notices).as_deref(), Ok(text));
        assert_eq!(notices.len(), 1);
        notices.clear();
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(decode(&utf16, "f", &mut notices).as_deref(), Ok(text));
        let mut scratched = text.repeat(5).into_bytes();
        scratched[1] = 0xff;
        assert!(
            decode(&scratched, "f", &mut notices)
                .is_ok_and(|text| text.contains('\u{fffd}') && text.contains("教育局"))
        );
        assert!(notices.is_empty());
        assert!(decode(b"PK\x03\x04", "f", &mut notices).is_err());
    }
}
