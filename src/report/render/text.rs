//! A document as plain text for a terminal: headings, lines, and a row a line.

use crate::report::{Block, Document, Inline};

/// Renders a document as plain text, ending with a line feed.
pub fn text(document: &Document) -> String {
    let mut out = String::new();
    let mut say = |line: String| {
        out.push_str(&line);
        out.push('\n');
    };
    say(document.title.clone());
    if !document.subtitle.is_empty() {
        say(document.subtitle.clone());
    }
    for block in &document.blocks {
        match block {
            Block::Heading(_, heading) => say(format!("\n{heading}")),
            Block::Paragraph(pieces) => say(line(pieces)),
            Block::Items(items) => {
                for item in items {
                    say(format!("  - {}", line(item)));
                }
            }
            Block::Pairs(pairs) => {
                for (name, value) in pairs {
                    say(format!("  {name}：{}", line(value)));
                }
            }
            Block::Table(table) => {
                for row in &table.rows {
                    let cells: Vec<String> =
                        row.iter().map(|cell| line(cell)).filter(|cell| !cell.is_empty()).collect();
                    say(format!("  {}", cells.join(" · ")));
                }
            }
            Block::Figure(figure) => {
                for bar in &figure.bars {
                    say(format!("  {}：{}", bar.label, bar.value));
                }
            }
        }
    }
    out
}

fn line(pieces: &[Inline]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Inline::Text(text) | Inline::Mark(_, text) => text.clone(),
            Inline::Link { text, url } if text == url => url.clone(),
            Inline::Link { text, url } => format!("{text}（{url}）"),
        })
        .collect::<String>()
        .replace('\n', " ")
}
