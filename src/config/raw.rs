//! A TOML file as a person wrote it: every value with its place, faults collected rather than thrown, and
//! whatever nobody asked for refused with a suggestion. Knows no key of any particular file.
//!
//! A derived deserialiser would stop at its first error and speak English; an operator wants all of them, in
//! his language. So a section is asked for its keys one by one, and the keys asked for are the known ones.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, suggestion};

/// Bytes a TOML file of ours may have: a thousand times what one needs.
const MAX_BYTES: u64 = 1 << 20;

/// A value and the byte at which it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot<T> {
    pub(crate) value: T,
    pub(crate) at: usize,
}

/// The text of one file, and the faults found in it so far.
#[derive(Debug)]
pub(crate) struct Document {
    file: String,
    text: String,
    faults: RefCell<Vec<Fault>>,
    /// Lines on which the syntax is wrong: what else they seem to say is not to be trusted.
    broken: RefCell<BTreeSet<u32>>,
}

/// One table of a document, to be asked for its keys.
#[derive(Debug)]
pub(crate) struct Section<'d> {
    document: &'d Document,
    /// As in the file: `crawl`; empty for the top of the file.
    name: String,
    /// Where it begins; the place of faults about what is missing in it.
    at: usize,
    /// Whether the file has it.
    present: bool,
    entries: Vec<Entry>,
    asked: Vec<&'static str>,
}

#[derive(Debug, Clone)]
struct Entry {
    key: String,
    key_at: usize,
    value: Value,
    value_at: usize,
}

#[derive(Debug, Clone)]
enum Value {
    Text(String),
    Whole(i128),
    Real(f64),
    Flag(bool),
    /// A TOML date or time, as written.
    Moment(String),
    List(Vec<(usize, Value)>),
    Table(Vec<Entry>),
}

/// The text of a TOML file, or the one fault that keeps it from being read.
pub(crate) fn read_text(path: &Path) -> Result<String, Fault> {
    let file = path.display().to_string();
    let fault = |message: String| Fault::new(file.clone(), 1, 1, message);
    let length = std::fs::metadata(path).map_err(|error| fault(unreadable(&error)))?.len();
    if length > MAX_BYTES {
        return Err(fault(format!("文件过大（{length} 字节，上限 {MAX_BYTES} 字节），不像是配置文件")));
    }
    let bytes = std::fs::read(path).map_err(|error| fault(unreadable(&error)))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let before =
                String::from_utf8_lossy(error.as_bytes().get(..good).unwrap_or_default()).into_owned();
            let (line, column) = place(&before, good);
            Err(Fault::new(
                file,
                line,
                column,
                "此处不是 UTF-8 编码（可能以 GBK 或 ANSI 保存），请用 UTF-8 编码另存",
            ))
        }
    }
}

/// Why a file could not be read, for an operator.
pub(crate) fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "找不到该文件".to_owned(),
        std::io::ErrorKind::PermissionDenied => "没有权限读取该文件".to_owned(),
        _ => format!("无法读取该文件（{error}）"),
    }
}

impl Document {
    /// A document over `text`; a byte order mark is dropped.
    pub(crate) fn new(file: &str, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        Self { file: file.to_owned(), text, faults: RefCell::default(), broken: RefCell::default() }
    }

    /// The top of the file. Errors of syntax are among the faults; what could be read is there all the same.
    pub(crate) fn top(&self) -> Section<'_> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        for error in &errors {
            let at = error.span().map_or(0, |span| span.start);
            // Refused by `fault` where the line has one already: the rest of a broken line is its echo.
            self.fault(at, format!("TOML 格式有误：{}", explain_syntax(error.message())));
            self.broken.borrow_mut().insert(self.place(at).0);
        }
        let entries = entries(table.get_ref());
        Section { document: self, name: String::new(), at: 0, present: true, entries, asked: Vec::new() }
    }

    /// Adds a fault at a byte of the text.
    pub(crate) fn fault(&self, at: usize, message: impl Into<String>) {
        let (line, column) = place(&self.text, at);
        if self.broken.borrow().contains(&line) {
            return;
        }
        self.faults.borrow_mut().push(Fault::new(self.file.clone(), line, column, message));
    }

    /// The faults found.
    pub(crate) fn into_faults(self) -> Vec<Fault> {
        self.faults.into_inner()
    }

    /// Line and column of a byte.
    pub(crate) fn place(&self, at: usize) -> (u32, u32) {
        place(&self.text, at)
    }
}

impl<'d> Section<'d> {
    /// Whether the file has this section.
    pub(crate) fn is_present(&self) -> bool {
        self.present
    }

    /// A text of one line, trimmed.
    pub(crate) fn text(&mut self, key: &'static str) -> Option<Spot<String>> {
        self.parsed(key, |text| Ok(text.to_owned()))
    }

    /// A text (or a TOML date) that `parse` understands.
    pub(crate) fn parsed<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Spot<T>> {
        let entry = self.take(key)?;
        self.understand(key, entry.value_at, &entry.value, &parse)
    }

    /// A list of texts (or TOML dates) that `parse` understands; one bad item does not hide the next.
    pub(crate) fn list<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<Spot<T>>> {
        let entry = self.take(key)?;
        let Value::List(items) = &entry.value else {
            self.wrong_kind(key, entry.value_at, "列表，如 [\"…\", \"…\"]", &entry.value);
            return None;
        };
        Some(items.iter().filter_map(|(at, value)| self.understand(key, *at, value, &parse)).collect())
    }

    /// A list of whole numbers within `range`.
    pub(crate) fn wholes(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<Vec<Spot<u64>>> {
        let entry = self.take(key)?;
        let Value::List(items) = &entry.value else {
            self.wrong_kind(key, entry.value_at, "整数列表，如 [1, 2]", &entry.value);
            return None;
        };
        Some(items.iter().filter_map(|(at, value)| self.within(key, *at, value, &range)).collect())
    }

    /// A whole number within `range`.
    pub(crate) fn whole(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<Spot<u64>> {
        let entry = self.take(key)?;
        self.within(key, entry.value_at, &entry.value, &range)
    }

    /// A finite number.
    pub(crate) fn number(&mut self, key: &'static str) -> Option<Spot<f64>> {
        let entry = self.take(key)?;
        #[allow(clippy::cast_precision_loss, reason = "rates are small")]
        let value = match entry.value {
            Value::Whole(number) => number as f64,
            Value::Real(number) if number.is_finite() => number,
            ref other => {
                self.wrong_kind(key, entry.value_at, "数", other);
                return None;
            }
        };
        Some(Spot { value, at: entry.value_at })
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, key: &'static str) -> Option<Spot<bool>> {
        let entry = self.take(key)?;
        if let Value::Flag(value) = entry.value {
            return Some(Spot { value, at: entry.value_at });
        }
        self.wrong_kind(key, entry.value_at, "true 或 false（不加引号）", &entry.value);
        None
    }

    /// A subsection; an absent one is empty and not [present](Self::is_present).
    pub(crate) fn section(&mut self, key: &'static str) -> Section<'d> {
        let mut below = Section {
            document: self.document,
            name: key.to_owned(),
            at: self.at,
            present: false,
            entries: Vec::new(),
            asked: Vec::new(),
        };
        if let Some(entry) = self.take(key) {
            below.at = entry.key_at;
            match entry.value {
                Value::Table(entries) => {
                    below.entries = entries;
                    below.present = true;
                }
                other => self.wrong_kind(key, entry.value_at, &format!("一节，写作 [{key}]"), &other),
            }
        }
        below
    }

    /// The tables of `[[key]]`, in the order of the file.
    pub(crate) fn sections(&mut self, key: &'static str) -> Vec<Section<'d>> {
        let Some(entry) = self.take(key) else { return Vec::new() };
        let Value::List(items) = entry.value else {
            self.wrong_kind(key, entry.value_at, &format!("若干节，每节以 [[{key}]] 开头"), &entry.value);
            return Vec::new();
        };
        let mut found = Vec::new();
        for (at, item) in items {
            match item {
                Value::Table(entries) => found.push(Section {
                    document: self.document,
                    name: key.to_owned(),
                    at,
                    present: true,
                    entries,
                    asked: Vec::new(),
                }),
                other => self.wrong_kind(key, at, &format!("若干节，每节以 [[{key}]] 开头"), &other),
            }
        }
        found
    }

    /// Where the value of a key stands.
    pub(crate) fn place_of(&self, key: &str) -> Option<usize> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.value_at)
    }

    /// Adds a fault at a byte of the text.
    pub(crate) fn fault(&self, at: usize, message: impl Into<String>) {
        self.document.fault(at, message);
    }

    /// Adds a fault about something that this section lacks; none where it is there and wrong, or where the
    /// syntax of the file is broken and it may be there unread.
    pub(crate) fn lacks(&self, key: &str, why: &str) {
        let written = self.entries.iter().any(|entry| entry.key == key);
        if written || !self.document.broken.borrow().is_empty() {
            return;
        }
        let missing = if self.name.is_empty() { key.to_owned() } else { format!("[{}] {key}", self.name) };
        self.fault(self.at, format!("缺少必填项 {missing}：{why}"));
    }

    /// Ends the reading: whatever was not asked for is unknown. Returns the keys that were asked for.
    pub(crate) fn finish(self) -> Vec<String> {
        for entry in self.entries.iter().filter(|entry| !self.asked.contains(&entry.key.as_str())) {
            let what = if matches!(entry.value, Value::Table(_)) { "节" } else { "配置项" };
            let near = suggestion(&entry.key, self.asked.iter().copied());
            let hint =
                if near.is_empty() { format!("，可用的有：{}", self.asked.join("、")) } else { near };
            let place = if self.name.is_empty() { String::new() } else { format!("[{}] 中", self.name) };
            self.fault(entry.key_at, format!("{place}没有名为“{}”的{what}{hint}", printable(&entry.key)));
        }
        self.asked
            .iter()
            .map(|key| if self.name.is_empty() { (*key).to_owned() } else { format!("{}.{key}", self.name) })
            .collect()
    }

    fn take(&mut self, key: &'static str) -> Option<Entry> {
        self.asked.push(key);
        self.entries.iter().find(|entry| entry.key == key).cloned()
    }

    fn understand<T>(
        &self,
        key: &str,
        at: usize,
        value: &Value,
        parse: &impl Fn(&str) -> Result<T, String>,
    ) -> Option<Spot<T>> {
        let (Value::Text(text) | Value::Moment(text)) = value else {
            self.wrong_kind(key, at, "带引号的文本", value);
            return None;
        };
        match super::scalar::one_line(text).and_then(&parse) {
            Ok(value) => Some(Spot { value, at }),
            Err(message) => {
                self.fault(at, format!("{key}：{message}"));
                None
            }
        }
    }

    fn within(&self, key: &str, at: usize, value: &Value, range: &RangeInclusive<u64>) -> Option<Spot<u64>> {
        let Value::Whole(number) = value else {
            self.wrong_kind(key, at, "整数（不加引号）", value);
            return None;
        };
        let value = u64::try_from(*number).ok().filter(|number| range.contains(number));
        if value.is_none() {
            let (low, high) = (range.start(), range.end());
            self.fault(at, format!("{key} 应在 {low} 至 {high} 之间，现为 {number}"));
        }
        value.map(|value| Spot { value, at })
    }

    fn wrong_kind(&self, key: &str, at: usize, wanted: &str, got: &Value) {
        let got = match got {
            Value::Text(_) => "带引号的文本",
            Value::Whole(_) => "整数",
            Value::Real(_) => "小数",
            Value::Flag(_) => "true/false",
            Value::Moment(_) => "日期时间",
            Value::List(_) => "列表",
            Value::Table(_) => "一节",
        };
        self.fault(at, format!("{key} 应为{wanted}，现为{got}"));
    }
}

fn entries(table: &DeTable<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_at: key.span().start,
            value: plain(value),
            value_at: value.span().start,
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_at);
    entries
}

fn plain(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::Text(number.to_string()), Value::Whole),
        DeValue::Float(number) => number.as_str().parse().map_or(Value::Real(f64::NAN), Value::Real),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(moment) => Value::Moment(moment.to_string()),
        DeValue::Array(items) => {
            Value::List(items.iter().map(|item| (item.span().start, plain(item))).collect())
        }
        DeValue::Table(table) => Value::Table(entries(table)),
    }
}

/// Line and column, from 1, of a byte; the column counts characters.
fn place(text: &str, at: usize) -> (u32, u32) {
    let before = text.char_indices().take_while(|(index, _)| *index < at).map(|(_, c)| c);
    let (mut line, mut column) = (1_u32, 1_u32);
    for c in before {
        if c == '\n' {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
    }
    (line, column)
}

/// What an operator probably did, before what the parser says.
fn explain_syntax(message: &str) -> String {
    let cause = [
        ("duplicate key", "同一项写了两次"),
        ("missing comma between array", "列表各项之间要用逗号隔开，末尾要有右方括号 ]"),
        ("missing escaped value", "反斜杠的写法不对，Windows 路径请用单引号或改用 /"),
        ("unclosed array", "列表缺少右方括号 ]"),
        ("unclosed inline table", "缺少右花括号 }"),
        ("unclosed table", "节名缺少右方括号 ]"),
        ("invalid basic string", "文本缺少右引号，或含有不允许的字符"),
        ("invalid literal string", "文本缺少右引号"),
        ("invalid escape", "反斜杠的写法不对，Windows 路径请用单引号或改用 /"),
        ("string values must be quoted", "文本要加半角引号"),
        ("missing value", "等号后面没有值"),
        ("missing assignment", "缺少等号"),
        ("key with no value", "缺少等号和值"),
        ("unquoted keys cannot contain", "项名只能用英文字母、数字、- 和 _"),
        ("invalid unquoted key", "项名只能用英文字母、数字、- 和 _（检查是否用了全角字符）"),
    ]
    .into_iter()
    .find(|(english, _)| message.contains(english))
    .map_or("请检查引号、等号和括号是否为半角且成对", |(_, chinese)| chinese);
    format!("{cause}（{message}）")
}

/// A word safe to print: control characters shown as `\u{…}`.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if super::scalar::is_unprintable(c) { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }
        })
        .collect()
}
