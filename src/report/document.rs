//! [`Paper`]: an official document (公文) as a value, from its title to its annexes; `render` makes DOCX, HTML and text of it.

use chrono::NaiveDate;

use super::wording::columns;
use crate::calendar::long_date;

/// The mark of what still has to be settled; renderers set it off.
pub const PENDING: &str = "【待核】";
/// A place that the office fills in.
pub const BLANK: &str = "    ";

/// An official document. Every text is plain: renderers escape it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paper {
    /// Name of its file, without an ending.
    pub file: String,
    /// 标题, one line an element.
    pub title: Vec<String>,
    /// 文号, left blank where it has to be: `示府办函〔2026〕  号`.
    pub number: Option<String>,
    /// 主送机关, with its colon.
    pub addressee: Option<String>,
    /// 正文.
    pub body: Vec<Part>,
    /// 附件.
    pub annexes: Vec<Annex>,
    /// 署名.
    pub signature: Option<String>,
    /// 成文日期.
    pub date: Option<NaiveDate>,
    /// 附注: `此件公开发布`.
    pub notes: Vec<String>,
    /// Why it is a draft: printed at its head, and its file is named so.
    pub draft: Option<String>,
}

/// One part of the text.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// 一、
    Level1(String),
    /// （一）: its heading, and the text that goes on behind it; the heading may stand alone.
    Level2(String, String),
    /// A paragraph.
    Text(String),
    /// 附件说明 of files that travel beside the paper: their names, numbered as the text counts them.
    Enclosures(Vec<String>),
    /// A table.
    Grid(Grid),
    /// A form: rows of label and content, as wide as the page.
    Form(Vec<Row>),
    /// A chart; office documents leave it to its attachment.
    Chart(super::chart::Chart),
}

/// A row of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is asked.
    pub label: String,
    /// What is said, line by line.
    pub lines: Vec<String>,
    /// Least height, in printed lines.
    pub least: usize,
}

impl Row {
    /// A row of one text.
    pub fn new(label: &str, text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self { label: label.to_owned(), lines: text.split('\n').map(str::to_owned).collect(), least: 1 }
    }

    /// The same with room for so many lines.
    #[must_use]
    pub fn at_least(mut self, lines: usize) -> Self {
        self.least = lines;
        self
    }
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grid {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Rows; short ones are filled with empty cells.
    pub rows: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What stands above several columns; equal neighbours are joined.
    pub group: String,
    /// Its heading.
    pub heading: String,
    /// Its width beside the others'.
    pub width: f64,
    /// Whether its cells are short: they are centred.
    pub short: bool,
}

impl Grid {
    /// A table of these headings and widths; columns narrower than 9 hold short things.
    pub fn new(columns: &[(&str, f64)]) -> Self {
        let column = |&(heading, width): &(&str, f64)| Column {
            group: String::new(),
            heading: heading.to_owned(),
            width,
            short: width < 9.0,
        };
        Self { columns: columns.iter().map(column).collect(), rows: Vec::new() }
    }

    /// Adds columns under one heading.
    #[must_use]
    pub fn and(mut self, group: &str, columns: &[(&str, f64)]) -> Self {
        for mut column in Self::new(columns).columns {
            group.clone_into(&mut column.group);
            self.columns.push(column);
        }
        self
    }

    /// Adds a row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether any heading stands above several columns.
    pub fn has_groups(&self) -> bool {
        self.columns.iter().any(|column| !column.group.is_empty())
    }

    /// Runs of columns under one heading: the heading, and how many.
    pub fn groups(&self) -> Vec<(&str, usize)> {
        let mut runs: Vec<(&str, usize)> = Vec::new();
        for column in &self.columns {
            match runs.last_mut().filter(|(group, _)| !group.is_empty() && *group == column.group) {
                Some((_, count)) => *count += 1,
                None => runs.push((&column.group, 1)),
            }
        }
        runs
    }
}

/// 附件.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annex {
    /// Its title.
    pub title: String,
    /// A line under the title; may be empty.
    pub note: String,
    /// Its table.
    pub grid: Grid,
    /// Whether its page lies on its side.
    pub landscape: bool,
}

/// Who signs, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// 署名.
    pub name: String,
    /// 成文日期 in words, four characters from the right edge.
    pub date: Option<String>,
    /// Half characters between the name and the right edge: it is centred above the date.
    pub indent: usize,
}

impl Paper {
    /// A paper of this file name and title.
    pub fn new(file: impl Into<String>, title: &[&str]) -> Self {
        Self {
            file: file.into(),
            title: title.iter().map(|line| (*line).to_owned()).collect(),
            ..Self::default()
        }
    }

    /// Adds a heading 一、; the number is put before it.
    pub fn level1(&mut self, heading: &str) {
        let nth = self.body.iter().filter(|part| matches!(part, Part::Level1(_))).count() + 1;
        self.body.push(Part::Level1(format!("{}、{heading}", numeral(nth))));
    }

    /// Adds a heading （一） with what goes on behind it; the number is put before it.
    pub fn level2(&mut self, heading: &str, text: impl Into<String>) {
        let since = self.body.iter().rev().take_while(|part| !matches!(part, Part::Level1(_)));
        let nth = since.filter(|part| matches!(part, Part::Level2(..))).count() + 1;
        self.body.push(Part::Level2(format!("（{}）{heading}", numeral(nth)), text.into()));
    }

    /// Adds a paragraph.
    pub fn text(&mut self, text: impl Into<String>) {
        self.body.push(Part::Text(text.into()));
    }

    /// The title on one line.
    pub fn heading(&self) -> String {
        self.title.concat()
    }

    /// Name of its file with an ending; a draft says so.
    pub fn file_name(&self, ending: &str) -> String {
        let name: String = self
            .file
            .chars()
            .map(|c| if r#"/\:*?"<>|"#.contains(c) || c.is_control() { '_' } else { c })
            .collect();
        let draft = if self.draft.is_some() { PENDING } else { "" };
        format!("{draft}{name}.{ending}")
    }

    /// The lines 附件：1．… as they stand under the text.
    pub fn annex_lines(&self) -> Vec<String> {
        let titles: Vec<&str> = self.annexes.iter().map(|annex| annex.title.as_str()).collect();
        numbered(&titles)
    }

    /// Who signs, and when; a form has its date where it is signed.
    pub fn signed(&self) -> Option<Signed> {
        let name = self.signature.clone()?;
        let date = self.date.map(long_date);
        let half = date.as_deref().map_or(0, columns) / 2;
        let indent = (8 + half).saturating_sub(columns(&name) / 2).max(4);
        Some(Signed { name, date, indent })
    }

    /// What stands above the `n`th annex, from 0: 附件, or 附件1.
    pub fn annex_label(&self, n: usize) -> String {
        if self.annexes.len() == 1 { "附件".to_owned() } else { format!("附件{}", n + 1) }
    }
}

/// `附件：1．问题清单`, the others below it; the only one has no number.
pub fn numbered<S: AsRef<str>>(titles: &[S]) -> Vec<String> {
    match titles {
        [] => Vec::new(),
        [one] => vec![format!("附件：{}", one.as_ref())],
        several => (1..)
            .zip(several)
            .map(|(n, title)| {
                let lead = if n == 1 { "附件：" } else { "　　　" };
                format!("{lead}{n}．{}", title.as_ref())
            })
            .collect(),
    }
}

/// The same with a number for each, because the text speaks of 附件1.
pub fn enclosed(names: &[String]) -> Vec<String> {
    match names {
        [one] => vec![format!("附件：1．{one}")],
        several => numbered(several),
    }
}

/// `一` to `九十九`; beyond that, digits.
pub fn numeral(n: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (n / 10, n % 10) {
        (0, ones) => DIGITS[ones].to_owned(),
        (1, ones) => format!("十{}", DIGITS[ones]),
        (tens @ 2..=9, ones) => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
        _ => n.to_string(),
    }
}

/// `text` cut at every [`PENDING`]: whether a piece is the mark, and the piece.
pub fn pieces(text: &str) -> Vec<(bool, &str)> {
    let mut out = Vec::new();
    for (n, piece) in text.split(PENDING).enumerate() {
        if n > 0 {
            out.push((true, PENDING));
        }
        if !piece.is_empty() {
            out.push((false, piece));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_numbered_within_their_part() {
        let mut paper = Paper::new("通报", &["标题"]);
        paper.level1("总体情况");
        paper.level2("政府网站。", "一");
        paper.text("文");
        paper.level2("政务新媒体。", "二");
        paper.level1("主要问题");
        paper.level2("更新。", "");
        let heads: Vec<&str> = paper
            .body
            .iter()
            .filter_map(|part| match part {
                Part::Level1(text) | Part::Level2(text, _) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(
            heads,
            ["一、总体情况", "（一）政府网站。", "（二）政务新媒体。", "二、主要问题", "（一）更新。"]
        );
        assert_eq!([10, 11, 20, 34].map(numeral), ["十", "十一", "二十", "三十四"]);
    }

    #[test]
    fn marks_are_cut_out() {
        assert_eq!(pieces("合格率【待核】，"), [(false, "合格率"), (true, PENDING), (false, "，")]);
        assert_eq!(pieces(""), []);
        let mut paper = Paper::new("通报/下发版", &["标题"]);
        assert_eq!(paper.file_name("docx"), "通报_下发版.docx");
        paper.draft = Some("未判定2项".into());
        assert_eq!(paper.file_name("docx"), "【待核】通报_下发版.docx");
    }

    #[test]
    fn headings_above_several_columns() {
        let grid = Grid::new(&[("单位", 20.0)])
            .and("网站", &[("检查数", 6.0), ("合格数", 6.0)])
            .and("问题", &[("交办", 6.0)]);
        assert_eq!(grid.groups(), [("", 1), ("网站", 2), ("问题", 1)]);
    }
}
