//! [`Paper`] to DOCX in the layout of GB/T 9704—2012, as the body that an office puts its red head on. Written here element by
//! element, in the order that the schema asks for. The same paper gives the same bytes.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::docx_parts::{
    CONTENT_TYPES, DOCUMENT_RELS, EVEN_FOOTER, FONTS, ODD_FOOTER, RELS, SETTINGS, STYLES, footer,
};
use super::html::escaped;
use crate::report::document::{Annex, Grid, PENDING, Paper, Part, Row, enclosed, pieces};
use crate::report::wording::printable;

/// Width of the text in twentieths of a point: 156 mm; on its side: 225 mm.
const TEXT_WIDTH: u32 = 8844;
const WIDE_TEXT_WIDTH: u32 = 12756;

/// The whole file.
///
/// # Errors
/// Only where memory cannot be written to.
pub fn docx(paper: &Paper) -> Result<Vec<u8>, ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // The archive's own default date, so that the same paper gives the same bytes.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let (odd, even, core, document) = (footer(true), footer(false), core(paper), document(paper));
    for (name, content) in [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELS),
        ("docProps/core.xml", core.as_str()),
        ("word/document.xml", document.as_str()),
        ("word/_rels/document.xml.rels", DOCUMENT_RELS),
        ("word/styles.xml", STYLES),
        ("word/settings.xml", SETTINGS),
        ("word/fontTable.xml", FONTS),
        ("word/footer1.xml", odd.as_str()),
        ("word/footer2.xml", even.as_str()),
    ] {
        zip.start_file(name, options)?;
        zip.write_all(content.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn core(paper: &Paper) -> String {
    let created = paper
        .date
        .map(|day| format!("<dcterms:created xsi:type=\"dcterms:W3CDTF\">{day}T00:00:00Z</dcterms:created>"));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator>{}\
         </cp:coreProperties>",
        xml(&paper.heading()),
        xml(paper.signature.as_deref().unwrap_or_default()),
        created.unwrap_or_default()
    )
}

fn document(paper: &Paper) -> String {
    let mut out = String::with_capacity(64 << 10);
    out.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:body>",
    );
    if let Some(why) = &paper.draft {
        paragraph(&mut out, "", "", &format!("{PENDING}{why}"));
    }
    for line in &paper.title {
        paragraph(&mut out, "PaperTitle", "", line);
    }
    if let Some(number) = &paper.number {
        paragraph(&mut out, "", "<w:jc w:val=\"center\"/>", number);
    }
    if !paper.title.is_empty() {
        paragraph(&mut out, "", "", "");
    }
    if let Some(addressee) = &paper.addressee {
        paragraph(&mut out, "", "", addressee);
    }
    // What is signed stands with the end of its text: no page holds a signature alone.
    let shown = |part: &Part| !matches!(part, Part::Chart(_));
    let last = paper.body.iter().rposition(shown).filter(|_| paper.signature.is_some());
    for (n, part) in paper.body.iter().enumerate() {
        // Nor does a line that announces a table stand on another page.
        let announces = matches!(part, Part::Text(_))
            && matches!(paper.body.get(n + 1), Some(Part::Grid(_) | Part::Form(_)));
        self::part(&mut out, part, announces || Some(n) == last);
    }
    tail(&mut out, paper);
    let mut landscape = false;
    for (n, annex) in paper.annexes.iter().enumerate() {
        // A section's properties stand in its last paragraph.
        let _ = write!(
            out,
            "<w:p><w:pPr><w:spacing w:line=\"20\" w:lineRule=\"exact\"/>{}</w:pPr></w:p>",
            section(landscape)
        );
        landscape = annex.landscape;
        paragraph(&mut out, "AnnexLabel", "", &paper.annex_label(n));
        self::annex(&mut out, annex);
    }
    out.push_str(&section(landscape));
    out.push_str("</w:body></w:document>");
    out
}

/// `keep`: it stays on the page of what follows.
fn part(out: &mut String, part: &Part, keep: bool) {
    let kept = if keep { KEEP } else { "" };
    match part {
        Part::Level1(text) => paragraph(out, "PaperHead1", "", text),
        Part::Level2(head, text) => {
            let _ = write!(out, "<w:p><w:pPr><w:pStyle w:val=\"PaperText\"/>{kept}</w:pPr>");
            runs(out, "<w:rFonts w:eastAsia=\"楷体_GB2312\"/>", head);
            runs(out, "", text);
            out.push_str("</w:p>");
        }
        Part::Text(text) => {
            for line in text.split('\n') {
                paragraph(out, "PaperText", kept, line);
            }
        }
        Part::Enclosures(names) => {
            paragraph(out, "", KEEP, "");
            // Who is to be asked, and who signs, follow below.
            enclosures(out, &enclosed(names), KEEP);
        }
        Part::Grid(grid) => {
            // A line of text and a table's border need air between them.
            paragraph(out, "CellText", &format!("{KEEP}{THIN}"), "");
            table(out, grid, TEXT_WIDTH, keep);
            // Two tables that touch become one.
            paragraph(out, "CellText", &format!("{kept}{THIN}"), "");
        }
        Part::Form(rows) => form(out, rows, keep),
        Part::Chart(_) => {}
    }
}

const KEEP: &str = "<w:keepNext/>";
const THIN: &str = "<w:spacing w:line=\"160\" w:lineRule=\"exact\"/>";

/// Lines 附件：…; three characters of 附件： and two of the number hang.
fn enclosures(out: &mut String, lines: &[String], kept: &str) {
    let (left, hanging) =
        if lines.first().is_some_and(|line| line.contains('．')) { (2080, 1440) } else { (1600, 960) };
    for line in lines {
        paragraph(out, "", &format!("{kept}<w:ind w:left=\"{left}\" w:hanging=\"{hanging}\"/>"), line);
    }
}

/// What follows the text: the names of the annexes, who signs, the date, the notes.
fn tail(out: &mut String, paper: &Paper) {
    // A form says itself what is in its annex, and stays on its page.
    let lines = if paper.signature.is_some() { paper.annex_lines() } else { Vec::new() };
    if !lines.is_empty() {
        paragraph(out, "", KEEP, "");
    }
    enclosures(out, &lines, KEEP);
    if let Some(signed) = paper.signed() {
        paragraph(out, "", KEEP, "");
        paragraph(out, "", KEEP, "");
        let indent = signed.indent * 160;
        paragraph(
            out,
            "",
            &format!("{KEEP}<w:ind w:right=\"{indent}\"/><w:jc w:val=\"right\"/>"),
            &signed.name,
        );
        if let Some(date) = &signed.date {
            paragraph(out, "", "<w:ind w:right=\"1280\"/><w:jc w:val=\"right\"/>", date);
        }
    }
    for note in &paper.notes {
        paragraph(out, "PaperText", "", &format!("（{note}）"));
    }
}

fn annex(out: &mut String, annex: &Annex) {
    paragraph(out, "AnnexTitle", "", &annex.title);
    if !annex.note.is_empty() {
        paragraph(
            out,
            "CellText",
            "<w:spacing w:after=\"80\" w:line=\"400\" w:lineRule=\"exact\"/>",
            &annex.note,
        );
    }
    table(out, &annex.grid, if annex.landscape { WIDE_TEXT_WIDTH } else { TEXT_WIDTH }, false);
}

/// Rows at the end of a table that stay with the signature below it.
const LAST_ROWS: usize = 2;

const BORDERS: &str = "<w:tblBorders><w:top w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"000000\"/>\
    <w:left w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"000000\"/>\
    <w:bottom w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"000000\"/>\
    <w:right w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"000000\"/>\
    <w:insideH w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>\
    <w:insideV w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/></w:tblBorders>";

fn open_table(out: &mut String, widths: &[u32]) {
    let whole: u32 = widths.iter().sum();
    let _ = write!(
        out,
        "<w:tbl><w:tblPr><w:tblW w:w=\"{whole}\" w:type=\"dxa\"/><w:jc w:val=\"center\"/>{BORDERS}<w:tblLayout w:type=\"fixed\"/>\
         <w:tblCellMar><w:left w:w=\"50\" w:type=\"dxa\"/><w:right w:w=\"50\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>"
    );
    for width in widths {
        let _ = write!(out, "<w:gridCol w:w=\"{width}\"/>");
    }
    out.push_str("</w:tblGrid>");
}

fn table(out: &mut String, grid: &Grid, whole: u32, keep: bool) {
    let widths = widths(grid, whole);
    open_table(out, &widths);
    let head = "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>";
    if grid.has_groups() {
        out.push_str(head);
        let mut at = 0;
        for (group, count) in grid.groups() {
            let width: u32 = widths.iter().skip(at).take(count).sum();
            if group.is_empty() {
                let heading = grid.columns.get(at).map_or("", |column| &column.heading);
                cell(out, width, "<w:vMerge w:val=\"restart\"/>", "CellHead", "", heading);
            } else {
                cell(out, width, &format!("<w:gridSpan w:val=\"{count}\"/>"), "CellHead", "", group);
            }
            at += count;
        }
        out.push_str("</w:tr>");
    }
    out.push_str(head);
    for (column, width) in grid.columns.iter().zip(&widths) {
        if grid.has_groups() && column.group.is_empty() {
            cell(out, *width, "<w:vMerge/>", "CellHead", "", "");
        } else {
            cell(out, *width, "", "CellHead", "", &column.heading);
        }
    }
    out.push_str("</w:tr>");
    for (nth, row) in grid.rows.iter().enumerate() {
        let kept = if keep && nth + LAST_ROWS >= grid.rows.len() { KEEP } else { "" };
        out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        for (n, (column, width)) in grid.columns.iter().zip(&widths).enumerate() {
            let centred = if column.short { "<w:jc w:val=\"center\"/>" } else { "" };
            let properties = format!("{kept}{centred}");
            cell(out, *width, "", "CellText", &properties, row.get(n).map_or("", String::as_str));
        }
        out.push_str("</w:tr>");
    }
    out.push_str("</w:tbl>");
}

fn form(out: &mut String, rows: &[Row], keep: bool) {
    const LABEL: u32 = 1900;
    const LINE: usize = 460;
    open_table(out, &[LABEL, TEXT_WIDTH - LABEL]);
    for (nth, row) in rows.iter().enumerate() {
        let kept = if keep && nth + LAST_ROWS >= rows.len() { KEEP } else { "" };
        let height = row.least.max(1) * LINE + 120;
        let _ = write!(out, "<w:tr><w:trPr><w:trHeight w:val=\"{height}\" w:hRule=\"atLeast\"/></w:trPr>");
        cell(out, LABEL, "", "FormText", &format!("{kept}<w:jc w:val=\"center\"/>"), &row.label);
        cell(out, TEXT_WIDTH - LABEL, "", "FormText", kept, &row.lines.join("\n"));
        out.push_str("</w:tr>");
    }
    out.push_str("</w:tbl>");
}

fn cell(out: &mut String, width: u32, merge: &str, style: &str, properties: &str, text: &str) {
    let _ = write!(
        out,
        "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{merge}<w:vAlign w:val=\"center\"/></w:tcPr>"
    );
    for line in text.split('\n') {
        paragraph(out, style, properties, line);
    }
    out.push_str("</w:tc>");
}

/// The columns' widths, which add up to the whole.
fn widths(grid: &Grid, whole: u32) -> Vec<u32> {
    let sum: f64 = grid.columns.iter().map(|column| column.width).sum();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a page's width, never negative"
    )]
    let mut widths: Vec<u32> =
        grid.columns.iter().map(|column| (f64::from(whole) * column.width / sum.max(1.0)) as u32).collect();
    let rest = whole.saturating_sub(widths.iter().sum());
    if let Some(last) = widths.last_mut() {
        *last += rest;
    }
    widths
}

/// `properties` are further elements of `w:pPr`, in the schema's order.
fn paragraph(out: &mut String, style: &str, properties: &str, text: &str) {
    out.push_str("<w:p>");
    if !style.is_empty() || !properties.is_empty() {
        out.push_str("<w:pPr>");
        if !style.is_empty() {
            let _ = write!(out, "<w:pStyle w:val=\"{style}\"/>");
        }
        out.push_str(properties);
        out.push_str("</w:pPr>");
    }
    runs(out, "", text);
    out.push_str("</w:p>");
}

/// Text with its marks set off; `properties` are those of `w:rPr`, in the schema's order.
fn runs(out: &mut String, properties: &str, text: &str) {
    for (mark, piece) in pieces(text) {
        let set_off = if mark { "<w:color w:val=\"C00000\"/><w:highlight w:val=\"yellow\"/>" } else { "" };
        out.push_str("<w:r>");
        if !properties.is_empty() || !set_off.is_empty() {
            let _ = write!(out, "<w:rPr>{properties}{set_off}</w:rPr>");
        }
        let _ = write!(out, "<w:t xml:space=\"preserve\">{}</w:t></w:r>", xml(piece));
    }
}

/// A4 with the margins of the standard: 37, 35, 28 and 26 mm; 22 lines of 28 characters.
fn section(landscape: bool) -> String {
    let page = if landscape {
        "<w:pgSz w:w=\"16838\" w:h=\"11906\" w:orient=\"landscape\"/>\
         <w:pgMar w:top=\"1587\" w:right=\"2098\" w:bottom=\"1474\" w:left=\"1984\" w:header=\"851\" w:footer=\"992\" w:gutter=\"0\"/>"
    } else {
        "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1588\" w:header=\"851\" w:footer=\"1587\" w:gutter=\"0\"/>"
    };
    format!(
        "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"{ODD_FOOTER}\"/>\
         <w:footerReference w:type=\"even\" r:id=\"{EVEN_FOOTER}\"/>{page}<w:cols w:space=\"425\"/></w:sectPr>"
    )
}

/// Text that XML can hold: escaped, without characters that XML forbids.
fn xml(text: &str) -> String {
    let kept: String = printable(text).chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
    escaped(&kept)
}

#[cfg(test)]
#[path = "docx_tests.rs"]
mod tests;
