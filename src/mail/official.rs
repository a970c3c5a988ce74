//! A letter as an official document (正文.docx): the words of its mail, read back from the HTML that the office's template makes,
//! so that what is carried by hand says what the mail would say.
#![deny(clippy::disallowed_methods)]

use scraper::{ElementRef, Html, Node, Selector};

use super::compose::Written;
use super::letters::{Kind, Letter};
use crate::calendar::long_date;
use crate::ledger::event::Step;
use crate::report::document::{Column, Grid, Paper, Part, Row};
use crate::report::wording::{batch_month, columns, printable};

/// Columns of print that a cell of a letter's table takes at most before it is broken.
const WIDEST: usize = 44;
/// Below this a column holds short things and is centred.
const SHORT: usize = 20;

/// The paper. Its title is of the letter's kind unless the template has one of its own.
pub fn paper(letter: &Letter, written: &Written) -> Paper {
    let mut paper = Paper::new("正文", &[]);
    let mut tail: Vec<String> = Vec::new();
    for block in blocks(&written.html) {
        // What stands on the right with more text behind it is no signature.
        if !matches!(block, Block::Right(_)) {
            paper.body.extend(tail.drain(..).map(Part::Text));
        }
        match block {
            Block::Title(text) => paper.title.push(text),
            Block::Right(text) => tail.push(text),
            Block::Heading(text) => paper.body.push(Part::Level1(text)),
            Block::Text(text) => text_of(&mut paper, text),
            Block::Table(rows) => paper.body.push(table(rows)),
        }
    }
    if tail.last().is_some_and(|text| *text == long_date(letter.issued)) {
        tail.pop();
        paper.date = Some(letter.issued);
        paper.signature = tail.pop();
    }
    paper.body.extend(tail.into_iter().map(Part::Text));
    if paper.title.is_empty() {
        paper.title = title(letter);
    }
    paper
}

/// A paragraph in its place: who is written to, what travels with the letter, or text.
fn text_of(paper: &mut Paper, text: String) {
    if paper.body.is_empty() && paper.addressee.is_none() && text.ends_with('：') {
        // A form's number stands under its title.
        let place = if text.starts_with("编号") { &mut paper.number } else { &mut paper.addressee };
        *place = Some(text);
        return;
    }
    let first = text.strip_prefix("附件：");
    let under = matches!(paper.body.last(), Some(Part::Enclosures(_)));
    let named = first.or_else(|| under.then_some(text.as_str())).and_then(|line| {
        let (number, name) = line.split_once('．')?;
        number.chars().all(|c| c.is_ascii_digit()).then(|| name.to_owned())
    });
    let Some(name) = named else {
        paper.body.push(Part::Text(text));
        return;
    };
    if let Some(Part::Enclosures(names)) = paper.body.last_mut() {
        names.push(name);
    } else {
        paper.body.push(Part::Enclosures(vec![name]));
    }
}

fn title(letter: &Letter) -> Vec<String> {
    let lines: [&str; 2] = match letter.kind {
        Kind::Unit | Kind::County | Kind::Separate if letter.total() > 0 => {
            let month = batch_month(&letter.batch, letter.issued);
            return vec![format!("关于交办{month}政府网站"), "与政务新媒体监测问题的通知".to_owned()];
        }
        Kind::Unit | Kind::County | Kind::Separate | Kind::Hint => ["政府网站与政务新媒体", "监测提示单"],
        Kind::Ladder(Step::Notice) => ["政府网站与政务新媒体", "问题整改临期提示"],
        Kind::Ladder(Step::Reminder) => ["政府网站与政务新媒体", "问题整改催办通知"],
        Kind::Ladder(Step::SecondReminder) => ["政府网站与政务新媒体", "问题整改再次催办通知"],
        Kind::Ladder(Step::Order) => ["政府网站与政务新媒体", "问题督办单"],
    };
    lines.map(str::to_owned).to_vec()
}

/// A part of a letter's HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    Title(String),
    Heading(String),
    Text(String),
    /// Aligned to the right: signature and date.
    Right(String),
    /// Rows of cells: whether it is a heading cell, and its text.
    Table(Vec<Vec<(bool, String)>>),
}

/// The parts in reading order. A template may nest them as it likes.
fn blocks(html: &str) -> Vec<Block> {
    let tree = Html::parse_document(html);
    let mut out = Vec::new();
    if let Ok(body) = Selector::parse("body")
        && let Some(body) = tree.select(&body).next()
    {
        gather(body, &mut out);
    }
    out
}

fn gather(parent: ElementRef<'_>, out: &mut Vec<Block>) {
    let mut loose = String::new();
    for child in parent.children() {
        let element = ElementRef::wrap(child);
        match (child.value(), element.map(|element| (element, element.value().name()))) {
            (_, Some((table, "table"))) => {
                flush(&mut loose, out);
                out.push(Block::Table(rows(table)));
            }
            (_, Some((block, "p" | "h1" | "h2" | "h3" | "h4" | "li"))) => {
                flush(&mut loose, out);
                out.extend(line(block));
            }
            (_, Some((_, "style" | "script"))) => {}
            (_, Some((block, "div" | "section" | "ul" | "ol" | "center" | "blockquote"))) => {
                flush(&mut loose, out);
                gather(block, out);
            }
            (_, Some((inline, _))) => loose.push_str(&text(inline)),
            (Node::Text(words), None) => loose.push_str(words),
            _ => {}
        }
    }
    flush(&mut loose, out);
}

fn flush(loose: &mut String, out: &mut Vec<Block>) {
    let text = tidy(loose);
    loose.clear();
    if !text.is_empty() {
        out.push(Block::Text(text));
    }
}

fn line(block: ElementRef<'_>) -> Option<Block> {
    let text = tidy(&text(block));
    if text.is_empty() {
        return None;
    }
    let style = block.value().attr("style").unwrap_or_default();
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    Some(match block.value().name() {
        "h1" => Block::Title(text),
        "h2" | "h3" | "h4" => Block::Heading(text),
        _ if style.contains("text-align:right") => Block::Right(text),
        _ if style.contains("黑体") => Block::Heading(text),
        _ => Block::Text(text),
    })
}

fn rows(table: ElementRef<'_>) -> Vec<Vec<(bool, String)>> {
    let find = |name: &str| Selector::parse(name).ok();
    let (Some(row), Some(cell)) = (find("tr"), find("th, td")) else { return Vec::new() };
    let cells = |row: ElementRef<'_>| -> Vec<(bool, String)> {
        row.select(&cell).map(|cell| (cell.value().name() == "th", tidy(&text(cell)))).collect()
    };
    table.select(&row).map(cells).filter(|row| !row.is_empty()).collect()
}

/// A table under one row of headings, or a form whose rows begin with what is asked.
fn table(mut rows: Vec<Vec<(bool, String)>>) -> Part {
    let headed = rows.first().is_some_and(|row| row.iter().all(|(heading, _)| *heading));
    if !headed && rows.iter().all(|row| matches!(row.as_slice(), [(true, _), (false, _)])) {
        let row = |row: Vec<(bool, String)>| {
            let mut cells = row.into_iter().map(|(_, text)| text);
            let (label, told) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
            Row::new(&label, told)
        };
        return Part::Form(rows.into_iter().map(row).collect());
    }
    let wide = rows.iter().map(Vec::len).max().unwrap_or(0);
    let head = if headed { rows.remove(0) } else { Vec::new() };
    let widest = |at: usize, of: &Vec<(bool, String)>| {
        of.get(at).map_or(0, |(_, text)| text.split('\n').map(columns).max().unwrap_or(0))
    };
    let width = |at: usize| rows.iter().map(|row| widest(at, row)).chain([widest(at, &head)]).max();
    let column = |at: usize| {
        let wanted = width(at).unwrap_or(0).clamp(6, WIDEST);
        Column {
            group: String::new(),
            heading: head.get(at).map(|(_, text)| text.clone()).unwrap_or_default(),
            width: f64::from(u32::try_from(wanted).unwrap_or(u32::MAX)) + 2.0,
            short: wanted < SHORT,
        }
    };
    let columns = (0..wide).map(column).collect();
    let rows = rows.into_iter().map(|row| row.into_iter().map(|(_, text)| text).collect()).collect();
    Part::Grid(Grid { columns, rows })
}

/// All text below an element; `<br>` is a line break, and those of the source are spaces.
fn text(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    for node in element.descendants() {
        match node.value() {
            Node::Text(words) => out.extend(words.chars().map(|c| if c == '\n' { ' ' } else { c })),
            Node::Element(inside) if inside.name() == "br" => out.push('\n'),
            _ => {}
        }
    }
    out
}

/// Wide spaces become those of Chinese text, runs of others one space; what surrounds a line is dropped.
fn tidy(text: &str) -> String {
    let wide = printable(&text.replace(['\u{2003}', '\u{2002}', '\u{a0}'], "\u{3000}"));
    let line = |line: &str| {
        let words: Vec<&str> = line.split([' ', '\t', '\r']).filter(|word| !word.is_empty()).collect();
        words.join(" ").trim_matches(['\u{3000}', ' ']).to_owned()
    };
    let lines: Vec<String> = wide.split('\n').map(line).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
#[path = "official_tests.rs"]
mod tests;
