//! [`Paper`] as the data that `paper.typ` sets: texts cut into pieces, widths in points, what stays on one page.

use serde_json::{Value, json};

use super::faces::Faces;
use crate::report::document::{Annex, Grid, PENDING, Paper, Part, Row, enclosed, pieces};
use crate::report::wording::{columns, printable};

/// Width of the text in points: 156 mm; on its side: 225 mm.
const TEXT_WIDTH: f64 = 442.2;
const WIDE_TEXT_WIDTH: f64 = 637.8;
/// Half characters in a line of the text.
const TEXT_HALVES: usize = 54;

/// The paper, and the fonts it is set in.
pub(super) fn of(paper: &Paper, faces: &Faces) -> Value {
    let last = paper.body.len().checked_sub(1).filter(|_| paper.signature.is_some());
    let body: Vec<Value> = paper
        .body
        .iter()
        .enumerate()
        .map(|(n, part)| {
            let mut value = self::part(part);
            // What is signed stands with the end of its text: no page holds a signature alone.
            // Nor does a line that announces a table stand on another page.
            let announces = matches!(part, Part::Text(_))
                && matches!(paper.body.get(n + 1), Some(Part::Grid(_) | Part::Form(_)));
            value["keep"] = json!(announces || Some(n) == last);
            value
        })
        .collect();
    // A form says itself what is in its annex, and stays on its page.
    let annex_lines = if paper.signature.is_some() { paper.annex_lines() } else { Vec::new() };
    let signature = paper.signed().map(|signed| {
        json!({
            "name": text(&signed.name),
            "date": signed.date.as_deref().map(text),
            "indent": signed.indent * 8,
        })
    });
    json!({
        "faces": faces,
        "heading": printable(&paper.heading()),
        "author": printable(paper.signature.as_deref().unwrap_or_default()),
        "draft": paper.draft.as_ref().map(|why| text(&format!("{PENDING}{why}"))),
        "title": paper.title.iter().map(|line| text(line)).collect::<Vec<_>>(),
        "number": paper.number.as_deref().map(text),
        "addressee": paper.addressee.as_deref().map(text),
        "body": body,
        "annex-lines": enclosures(&annex_lines),
        "signature": signature,
        "notes": paper.notes.iter().map(|note| text(&format!("（{note}）"))).collect::<Vec<_>>(),
        "annexes": (0..).zip(&paper.annexes).map(|(n, annex)| self::annex(&paper.annex_label(n), annex)).collect::<Vec<_>>(),
    })
}

fn part(part: &Part) -> Value {
    match part {
        Part::Level1(line) => json!({ "kind": "level1", "text": text(line) }),
        Part::Level2(head, rest) => json!({ "kind": "level2", "head": text(head), "text": text(rest) }),
        Part::Text(lines) => {
            json!({ "kind": "text", "lines": lines.split('\n').map(text).collect::<Vec<_>>() })
        }
        Part::Enclosures(names) => json!({ "kind": "enclosures", "lines": enclosures(&enclosed(names)) }),
        Part::Grid(table) => json!({ "kind": "grid", "grid": grid(table, TEXT_WIDTH) }),
        Part::Form(rows) => json!({ "kind": "form", "rows": rows.iter().map(row).collect::<Vec<_>>() }),
        Part::Chart(chart) => {
            json!({ "kind": "chart", "svg": chart.svg(), "caption": printable(&chart.caption) })
        }
    }
}

/// Lines of a cell beyond which its row may be printed on two pages; rows below are kept whole.
const LONG_LINES: usize = 12;

fn enclosures(lines: &[String]) -> Vec<Value> {
    lines.iter().map(|line| json!({ "text": text(line), "numbered": line.contains('．') })).collect()
}

fn annex(label: &str, annex: &Annex) -> Value {
    let width = if annex.landscape { WIDE_TEXT_WIDTH } else { TEXT_WIDTH };
    json!({
        "label": text(label),
        "title": text(&annex.title),
        "note": text(&annex.note),
        "grid": grid(&annex.grid, width),
        "landscape": annex.landscape,
    })
}

fn grid(grid: &Grid, whole: f64) -> Value {
    let sum: f64 = grid.columns.iter().map(|column| column.width).sum();
    let widths: Vec<f64> =
        grid.columns.iter().map(|column| whole * column.width / sum.max(f64::MIN_POSITIVE)).collect();
    let rows: Vec<Value> = grid
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<Value> = widths
                .iter()
                .enumerate()
                .map(|(n, width)| {
                    let said = row.get(n).map_or("", String::as_str);
                    json!(said.split('\n').map(|line| within(line, halves(*width))).collect::<Vec<_>>())
                })
                .collect();
            let long = widths.iter().zip(row).any(|(width, said)| {
                let lines: usize =
                    said.split('\n').map(|line| columns(line).div_ceil(halves(*width).max(1)).max(1)).sum();
                lines > LONG_LINES
            });
            json!({ "cells": cells, "long": long })
        })
        .collect();
    json!({
        "widths": widths,
        "short": grid.columns.iter().map(|column| column.short).collect::<Vec<_>>(),
        "head": head(grid),
        "rows": rows,
    })
}

/// Heading cells with their places.
fn head(grid: &Grid) -> Vec<Value> {
    let cell = |x: usize, y: usize, (colspan, rowspan): (usize, usize), said: &str| json!({ "x": x, "y": y, "colspan": colspan, "rowspan": rowspan, "text": text(said) });
    let groups = grid.has_groups();
    let mut cells = Vec::new();
    let mut at = 0;
    for (group, count) in grid.groups().into_iter().filter(|_| groups) {
        if !group.is_empty() {
            cells.push(cell(at, 0, (count, 1), group));
        }
        at += count;
    }
    for (n, column) in grid.columns.iter().enumerate() {
        let above = groups && column.group.is_empty();
        let (y, rows) = if above { (0, 2) } else { (usize::from(groups), 1) };
        cells.push(cell(n, y, (1, rows), &column.heading));
    }
    cells
}

fn row(row: &Row) -> Value {
    let long = row.lines.iter().map(|line| columns(line).div_ceil(48).max(1)).sum::<usize>() > LONG_LINES;
    json!({
        "label": text(&row.label),
        "lines": row.lines.iter().map(|line| within(line, 46)).collect::<Vec<_>>(),
        "height": row.least.max(1) * 23 + 6,
        "long": long,
    })
}

/// Half characters of 11 points (Latin ones are wider than half a Chinese one) that a cell of this width holds.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a page's width")]
fn halves(points: f64) -> usize {
    ((points - 5.0) / 6.2).max(1.0) as usize
}

fn text(said: &str) -> Value {
    within(said, TEXT_HALVES)
}

/// `said` in pieces, with places to break in what is longer than a line of so many half characters and has none.
fn within(said: &str, halves: usize) -> Value {
    let kept = printable(said);
    let cut = |(mark, piece): (bool, &str)| json!({ "mark": mark, "text": breakable(piece, halves) });
    pieces(&kept).into_iter().map(cut).collect()
}

/// Zero-width spaces in runs without a place to break that are wider than a line.
fn breakable(said: &str, halves: usize) -> String {
    let solid = |c: char| c.is_ascii_graphic();
    let mut out = String::with_capacity(said.len());
    let mut rest = said;
    while let Some(start) = rest.find(solid) {
        let (before, from) = rest.split_at(start);
        let (run, after) = from.split_at(from.find(|c| !solid(c)).unwrap_or(from.len()));
        out.push_str(before);
        if run.len() > halves {
            for c in run.chars() {
                out.push(c);
                out.push('\u{200b}');
            }
        } else {
            out.push_str(run);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}
