//! Papers as documents: lists, letters' contents, summaries. Pure; [`render`] turns them into files.
//!
//! [`Document`] is the one shape of a page that people read: the report of a check, of the demo, of a run.
#![deny(clippy::disallowed_methods)]

pub mod accounts;
pub mod annexes;
pub mod bulletin;
pub mod candidates;
pub mod chart;
pub mod columns;
pub mod document;
pub mod domains;
pub mod drawn;
pub mod export;
pub mod figures;
pub mod ics;
pub mod internal;
mod ipv6;
pub mod letterhead;
pub mod list;
pub mod manual;
pub mod monthly;
pub mod orders;
pub mod register;
pub mod render;
pub mod replies;
pub mod review;
pub mod score;
pub mod site;
pub mod supplement;
pub mod today;
pub mod trouble;
pub mod typed_date;
pub mod verdict_sheet;
pub mod visits;
pub mod wording;
mod workbook;

/// A page that people read: a title and blocks in reading order. Every text is plain: renderers escape it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The title, also of the window.
    pub title: String,
    /// A line under the title: the date, the site, the office.
    pub subtitle: String,
    /// What follows, in order.
    pub blocks: Vec<Block>,
}

/// One part of a [`Document`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of level 1 (part) to 3.
    Heading(u8, String),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// Items of equal rank.
    Items(Vec<Vec<Inline>>),
    /// Name and value pairs: what a document says of itself.
    Pairs(Vec<(String, Vec<Inline>)>),
    /// A table.
    Table(Table),
    /// A figure.
    Figure(Figure),
}

/// A piece of running text or of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Plain text; line breaks are kept.
    Text(String),
    /// A text that leads to an http(s) address; any other address is printed as text.
    Link {
        /// What is read.
        text: String,
        /// Where it leads.
        url: String,
    },
    /// A short word with a colour: a state, a verdict.
    Mark(Tone, String),
}

impl From<&str> for Inline {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Inline {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// What a colour means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// In order.
    Good,
    /// To be mended.
    Bad,
    /// To be looked at.
    Warn,
    /// Not seen, not counted.
    Quiet,
}

/// A table with one heading row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Its caption; may be empty.
    pub caption: String,
    /// Headings, one a column.
    pub head: Vec<String>,
    /// Rows; short rows are filled with empty cells.
    pub rows: Vec<Vec<Vec<Inline>>>,
}

impl Table {
    /// A table of these headings, without rows yet.
    pub fn new<S: Into<String>>(caption: impl Into<String>, head: impl IntoIterator<Item = S>) -> Self {
        Self { caption: caption.into(), head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Adds a row of one piece a cell.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Inline>) {
        self.rows.push(cells.into_iter().map(|cell| vec![cell]).collect());
    }
}

/// A figure: horizontal bars, as long as their values, on one scale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    /// What it shows.
    pub caption: String,
    /// The bars from top to bottom.
    pub bars: Vec<Bar>,
}

/// One bar of a [`Figure`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// How many.
    pub value: u64,
    /// Its colour.
    pub tone: Tone,
}

impl Document {
    /// An empty document with this title.
    pub fn new(title: impl Into<String>, subtitle: impl Into<String>) -> Self {
        Self { title: title.into(), subtitle: subtitle.into(), blocks: Vec::new() }
    }

    /// Adds a heading.
    pub fn heading(&mut self, level: u8, text: impl Into<String>) -> &mut Self {
        self.blocks.push(Block::Heading(level, text.into()));
        self
    }

    /// Adds a paragraph of plain text.
    pub fn paragraph(&mut self, text: impl Into<String>) -> &mut Self {
        self.blocks.push(Block::Paragraph(vec![Inline::Text(text.into())]));
        self
    }

    /// Adds a table.
    pub fn table(&mut self, table: Table) -> &mut Self {
        self.blocks.push(Block::Table(table));
        self
    }

    /// Adds a figure.
    pub fn figure(&mut self, figure: Figure) -> &mut Self {
        self.blocks.push(Block::Figure(figure));
        self
    }
}
