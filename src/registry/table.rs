//! A sheet read by its headings: which column holds which field, in any order, under title rows or none;
//! and cells handed out one by one, with a fault at `file:row:column` where one is wrong.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::sheet::{self, Cell, MAX_CELL, Sheet};
use crate::config::fault::{Fault, Notice, suggestion};
use crate::config::{one_line, printable};

/// Rows among which the headings are looked for.
const HEADING_WITHIN: usize = 20;
/// Characters kept of a post's title.
const MAX_TITLE: usize = 200;

/// One field of a register's file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    /// English heading, and the name in code.
    pub(crate) key: &'static str,
    /// Chinese headings; the first is the one printed.
    pub(crate) names: &'static [&'static str],
    /// Whether the heading must be there and its cells filled.
    pub(crate) required: bool,
}

/// A file of the register, open for reading by fields.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// The file as named to the program.
    pub(crate) file: String,
    /// Rows under the headings that hold anything.
    pub(crate) rows: Vec<Row>,
    /// Faults so far.
    pub(crate) faults: Vec<Fault>,
    /// Notices so far.
    pub(crate) notices: Vec<Notice>,
    fields: &'static [Field],
    columns: BTreeMap<&'static str, u32>,
    others: Vec<(u32, String)>,
    heading_row: u32,
}

/// One row under the headings.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// As the spreadsheet numbers it.
    pub(crate) number: u32,
    cells: BTreeMap<u32, Cell>,
}

impl Row {
    /// The text of the first filled cell.
    pub(crate) fn first_text(&self) -> Option<String> {
        self.cells.keys().map(|column| self.written(*column)).find(|text| !text.is_empty())
    }

    fn written(&self, column: u32) -> String {
        match self.cells.get(&column) {
            Some(Cell::Text(text)) => crate::config::trim(text).to_owned(),
            Some(Cell::Date(date)) => date.to_string(),
            Some(Cell::Error(_)) | None => String::new(),
        }
    }
}

impl Table {
    /// Opens a file and finds its headings. What keeps it from being read is among the faults.
    pub(crate) fn open(path: &Path, fields: &'static [Field]) -> Self {
        let mut table = Self { file: path.display().to_string(), fields, heading_row: 1, ..Self::default() };
        match sheet::read(path, &mut table.notices) {
            Ok(sheets) => table.settle(sheets),
            Err(fault) => table.faults.push(fault),
        }
        table
    }

    /// Takes one sheet of a file that has been read. `label` names file and sheet.
    pub(crate) fn of_sheet(label: &str, sheet: Sheet, fields: &'static [Field]) -> Self {
        let mut table = Self { file: label.to_owned(), fields, heading_row: 1, ..Self::default() };
        table.settle(vec![sheet]);
        table
    }

    /// Whether the file has a column of this field.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.columns.contains_key(key)
    }

    /// The row of the headings, as the spreadsheet numbers it.
    pub(crate) fn heading_row(&self) -> u32 {
        self.heading_row
    }

    /// A field's cell, as the spreadsheet has it.
    pub(crate) fn cell<'r>(&self, row: &'r Row, key: &str) -> Option<&'r Cell> {
        row.cells.get(self.columns.get(key)?)
    }

    /// The cell's text on one line, cut where it is long: the words of a post, which no rule of registers binds.
    pub(crate) fn long_text(&self, row: &Row, key: &str) -> String {
        let text = self.written(row, key);
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_TITLE).collect()
    }

    /// Whether every needed heading and a row were found, so that what is not in the file is not registered.
    pub(crate) fn is_readable(&self) -> bool {
        let needed = self.fields.iter().filter(|field| field.required);
        !self.rows.is_empty() && needed.into_iter().all(|field| self.columns.contains_key(field.key))
    }

    /// Adds a fault if there are headings and no row under them.
    pub(crate) fn must_have_rows(&mut self, what: &str) {
        if self.rows.is_empty() && self.faults.is_empty() {
            let message = format!("表头之下没有任何{what}");
            self.faults.push(Fault::new(&self.file, self.heading_row, 1, message));
        }
    }

    /// The rows, moved out so that faults can be added while they are walked.
    pub(crate) fn take_rows(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.rows)
    }

    /// The cell's text, trimmed; `None` where it is blank or wrong.
    pub(crate) fn text(&mut self, row: &Row, key: &'static str) -> Option<String> {
        let cell = row.cells.get(self.columns.get(key)?)?;
        let text = match cell {
            Cell::Date(date) => return Some(date.to_string()),
            Cell::Error(error) => {
                let message = format!("单元格是公式错误 {error}");
                self.fault(row, key, &message);
                return None;
            }
            Cell::Text(text) => text,
        };
        if text.chars().count() > MAX_CELL {
            self.fault(row, key, &format!("内容过长（超过 {MAX_CELL} 个字符）"));
            return None;
        }
        match one_line(text) {
            Ok("") => None,
            Ok(text) => Some(text.to_owned()),
            Err(message) => {
                self.fault(row, key, &message);
                None
            }
        }
    }

    /// A field's cell as it stands in the file, whatever it says; empty where there is none.
    pub(crate) fn written(&self, row: &Row, key: &str) -> String {
        self.columns.get(key).map(|column| row.written(*column)).unwrap_or_default()
    }

    /// The headings that name no field.
    pub(crate) fn other_headings(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(|(_, heading)| heading.as_str())
    }

    /// The cells under the headings that name no field, as they stand in the file.
    pub(crate) fn other_cells<'t>(&'t self, row: &'t Row) -> impl Iterator<Item = String> + 't {
        self.others.iter().map(|(column, _)| row.written(*column))
    }

    /// As [`text`](Self::text), for a cell that must be filled.
    pub(crate) fn needed(&mut self, row: &Row, key: &'static str) -> Option<String> {
        let text = self.text(row, key);
        if text.is_none() && self.columns.contains_key(key) && !self.faulted(row, key) {
            self.fault(row, key, "不能为空");
        }
        text
    }

    /// The cell as `parse` understands it; `None` where it is blank or wrong.
    pub(crate) fn parsed<T>(
        &mut self,
        row: &Row,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(row, key)?;
        self.understood(row, key, &text, parse)
    }

    /// As [`parsed`](Self::parsed), for a cell that must be filled.
    pub(crate) fn needed_parsed<T>(
        &mut self,
        row: &Row,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.needed(row, key)?;
        self.understood(row, key, &text, parse)
    }

    /// The parts of a cell that holds several values, each as `parse` understands it.
    pub(crate) fn several<T>(
        &mut self,
        row: &Row,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let Some(text) = self.text(row, key) else { return Vec::new() };
        text.split([';', '；', ',', '，', '、'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .filter_map(|part| self.understood(row, key, part, &parse))
            .collect()
    }

    /// Adds a fault at a cell, named by its heading.
    pub(crate) fn fault(&mut self, row: &Row, key: &str, message: &str) {
        let (column, heading) = (self.column(key), self.heading(key));
        self.faults.push(Fault::new(
            &self.file,
            row.number,
            column,
            format!("“{heading}”{}", joined(message)),
        ));
    }

    /// Adds a notice at a cell, named by its heading.
    pub(crate) fn notice(&mut self, row: &Row, key: &str, message: &str) {
        let (column, heading) = (self.column(key), self.heading(key));
        self.notices.push(Notice::new(
            &self.file,
            row.number,
            column,
            format!("“{heading}”{}", joined(message)),
        ));
    }

    /// The column of a field; 1 where the file has none.
    pub(crate) fn column(&self, key: &str) -> u32 {
        self.columns.get(key).copied().unwrap_or(1)
    }

    /// Whether a fault stands at the cell already.
    pub(crate) fn faulted(&self, row: &Row, key: &str) -> bool {
        let column = self.column(key);
        self.faults.iter().rev().take_while(|f| f.line == row.number).any(|f| f.column == column)
    }

    fn heading(&self, key: &str) -> &'static str {
        self.fields.iter().find(|field| field.key == key).map_or("", |field| field.names[0])
    }

    fn understood<T>(
        &mut self,
        row: &Row,
        key: &'static str,
        text: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(text) {
            Ok(value) => Some(value),
            Err(message) => {
                self.fault(row, key, &message);
                None
            }
        }
    }

    /// Takes the sheet whose headings fit best, and its rows.
    fn settle(&mut self, sheets: Vec<Sheet>) {
        let known = Headings::new(self.fields);
        let best = sheets
            .iter()
            .enumerate()
            .flat_map(|(index, sheet)| {
                sheet.rows.iter().take(HEADING_WITHIN).map(move |(number, row)| (index, *number, row))
            })
            .filter(|(_, _, row)| !is_comment(row))
            .map(|(index, number, row)| (known.recognised(row), index, number))
            // The first of the best.
            .max_by_key(|(score, index, number)| (*score, std::cmp::Reverse((*index, *number))));
        let Some((score, index, heading_row)) = best.filter(|(score, ..)| *score > 0) else {
            let names =
                self.fields.iter().filter(|f| f.required).map(|f| f.names[0]).collect::<Vec<_>>().join("、");
            let why = if sheets.iter().all(|sheet| sheet.rows.is_empty()) {
                "文件是空的"
            } else {
                "找不到表头"
            };
            let message = format!("{why}，前 {HEADING_WITHIN} 行中应有一行写着：{names}");
            self.faults.push(Fault::new(&self.file, 1, 1, message));
            return;
        };
        debug_assert!(score > 0);
        self.heading_row = heading_row;
        for (other, sheet) in sheets.iter().enumerate() {
            if other != index && !sheet.rows.is_empty() {
                let message = format!("工作表“{}”未使用，只读取“{}”", sheet.name, sheets[index].name);
                self.notices.push(Notice::new(&self.file, 1, 1, message));
            }
        }
        let Some(sheet) = sheets.into_iter().nth(index) else { return };
        if sheet.spread > 0 {
            let message = format!("{} 处纵向合并单元格已按每行同值读取", sheet.spread);
            self.notices.push(Notice::new(&self.file, heading_row, 1, message));
        }
        for (number, cells) in sheet.rows {
            if number == heading_row {
                self.headings(&cells, &known);
            } else if number > heading_row && !is_comment(&cells) && !is_blank(&cells) {
                self.rows.push(Row { number, cells });
            }
        }
    }

    fn headings(&mut self, row: &BTreeMap<u32, Cell>, known: &Headings) {
        let mut unused: Vec<(u32, String)> = Vec::new();
        for (&column, cell) in row {
            if let Some(field) = known.field_of(cell) {
                if let Some(first) = self.columns.get(field.key) {
                    let message = format!("表头“{}”重复，第 {first} 列已是此项", field.names[0]);
                    self.faults.push(Fault::new(&self.file, self.heading_row, column, message));
                } else {
                    self.columns.insert(field.key, column);
                }
            } else if let Cell::Text(text) = cell {
                let shown = printable(crate::config::trim(text));
                if !shown.is_empty() {
                    unused.push((column, shown));
                }
            }
        }
        for field in self.fields.iter().filter(|field| field.required) {
            if !self.columns.contains_key(field.key) {
                let names = field.names.iter().copied().chain([field.key]);
                let near = unused
                    .iter()
                    .find(|(_, text)| crate::config::fault::did_you_mean(text, names.clone()).is_some());
                let hint = near.map(|(_, text)| format!("，“{text}”是否就是它？")).unwrap_or_default();
                let column = near.map_or(1, |(column, _)| *column);
                let message = format!("缺少“{}”一列（英文表头 {}）{hint}", field.names[0], field.key);
                self.faults.push(Fault::new(&self.file, self.heading_row, column, message));
            }
        }
        self.others.clone_from(&unused);
        for (column, text) in unused {
            // What the program itself writes is never what a person meant to write.
            let missing = self
                .fields
                .iter()
                .filter(|field| !field.key.starts_with("proposed-") && !self.columns.contains_key(field.key));
            let near = suggestion(&text, missing.map(|field| field.names[0]));
            let message = format!("“{text}”一列不使用{near}");
            self.notices.push(Notice::new(&self.file, self.heading_row, column, message));
        }
    }
}

/// A message that begins with a quotation continues the heading after a colon.
fn joined(message: &str) -> String {
    if message.starts_with("不能为空") || message.starts_with('含') {
        message.to_owned()
    } else {
        format!("：{message}")
    }
}

/// Fields by their headings, as [`plain_heading`] has them.
struct Headings(HashMap<String, &'static Field>);

impl Headings {
    fn new(fields: &'static [Field]) -> Self {
        let mut known = HashMap::new();
        for field in fields {
            for heading in field.names.iter().map(|name| plain_heading(name)).chain([field.key.to_owned()]) {
                known.entry(heading).or_insert(field);
            }
        }
        Self(known)
    }

    fn field_of(&self, cell: &Cell) -> Option<&'static Field> {
        let Cell::Text(text) = cell else { return None };
        self.0.get(&plain_heading(text)).copied()
    }

    fn recognised(&self, row: &BTreeMap<u32, Cell>) -> usize {
        row.values().filter(|cell| self.field_of(cell).is_some()).count()
    }
}

/// A heading without what offices add to it: spaces, line ends, stars, remarks in brackets, full-width forms.
fn plain_heading(text: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_usize;
    for c in text.chars() {
        let c = match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        };
        match c {
            '(' | '[' | '【' => depth += 1,
            ')' | ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth > 0 || c.is_whitespace() && !plain.is_ascii() => {}
            '*' | ':' | '\u{feff}' | '\u{200b}' | '\u{3000}' | '\r' | '\n' => {}
            '_' | ' ' => plain.push('-'),
            _ => plain.extend(c.to_lowercase()),
        }
    }
    plain.trim_matches('-').to_owned()
}

fn is_comment(row: &BTreeMap<u32, Cell>) -> bool {
    matches!(row.values().next(), Some(Cell::Text(text)) if crate::config::trim(text).starts_with(['#', '＃']))
}

fn is_blank(row: &BTreeMap<u32, Cell>) -> bool {
    row.values().all(|cell| matches!(cell, Cell::Text(text) if crate::config::trim(text).is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_without_their_trimmings() {
        for text in [
            "单位名称",
            " 单 位 名 称 ",
            "单位名称*",
            "单位名称（必填）",
            "\u{feff}单位\n名称：",
            "单位名称【全称】",
        ] {
            assert_eq!(plain_heading(text), "单位名称", "{text:?}");
        }
        for text in ["host-unit", "Host Unit", "HOST_UNIT", "ｈｏｓｔ－ｕｎｉｔ"] {
            assert_eq!(plain_heading(text), "host-unit", "{text:?}");
        }
    }
}
