//! A document as plain text for a terminal: headings, lines, and a row a line.

use crate::report::{Block, Document, Inline};

/// Renders a document as plain text, ending with a line feed.
pub fn text(document: &Document) -> String {
    let mut out = format!("{}\n", document.title);
    if !document.subtitle.is_empty() {
        out.push_str(&format!("{}\n", document.subtitle));
    }
    for block in &document.blocks {
        match block {
            Block::Heading(_, heading) => out.push_str(&format!("\n{heading}\n")),
            Block::Paragraph(pieces) => out.push_str(&format!("{}\n", line(pieces))),
            Block::Items(items) => {
                for item in items {
                    out.push_str(&format!("  - {}\n", line(item)));
                }
            }
            Block::Pairs(pairs) => {
                for (name, value) in pairs {
                    out.push_str(&format!("  {name}：{}\n", line(value)));
                }
            }
            Block::Table(table) => {
                for row in &table.rows {
                    let cells: Vec<String> =
                        row.iter().map(|cell| line(cell)).filter(|cell| !cell.is_empty()).collect();
                    out.push_str(&format!("  {}\n", cells.join(" · ")));
                }
            }
            Block::Figure(figure) => {
                for bar in &figure.bars {
                    out.push_str(&format!("  {}：{}\n", bar.label, bar.value));
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
