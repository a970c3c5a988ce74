//! What offices open is opened by `LibreOffice`, where the machine has it: workbooks hold text and no formulas, documents their whole
//! text on pages of the standard's size.

use std::path::{Path, PathBuf};
use std::process::Command;

use xuncha::mail::compose::Templates;
use xuncha::mail::{letters_dated, preview};
use xuncha::report::candidates::{self, Candidates};
use xuncha::report::register::{self, Register};

use crate::papers_sample::{BATCH, at, cases, config, dates, gaps, registry};

/// Whether `LibreOffice` can be asked; says so where it cannot.
#[allow(clippy::print_stderr, reason = "a skipped test must be seen")]
fn present() -> bool {
    let found = Command::new("soffice").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("soffice（LibreOffice）未安装：没有检查它能否打开文书");
    }
    found
}

/// Converts `files` with `LibreOffice` into `out`.
fn convert(to: &str, files: &[PathBuf], out: &Path) {
    let profile = format!("-env:UserInstallation=file://{}", out.join("profile").display());
    let output = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", to, "--outdir"])
        .arg(out)
        .args(files)
        .output()
        .expect("soffice runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn with_ending(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The sample's letters as parcels, 待核清单 and 总台账, with text that a spreadsheet would like to compute.
fn written(dir: &Path) {
    let (registry, config) = (registry(), config());
    let mut cases = cases();
    for case in &mut cases {
        case.finding.description.insert_str(0, "=1+1 ");
        case.finding.subject.place = "@SUM(A1)".into();
    }
    let letters = letters_dated(BATCH, &cases, &registry, &config, &gaps(), dates()).expect("letters");
    let folders = preview::parcels(dir, &letters, &Templates::embedded(), &config).expect("parcels");
    assert!(folders.iter().all(|folder| folder.join("正文.docx").exists()));
    let units: Vec<String> = registry.units.iter().map(|unit| unit.name.clone()).collect();
    let candidates = Candidates {
        candidates: &cases,
        suspects: &[],
        declared: &[],
        undecided: &gaps(),
        units: &units,
        at: at("2026-11-18T09:00"),
    };
    std::fs::write(dir.join("待核清单.xlsx"), candidates::workbook(&candidates).expect("a workbook"))
        .expect("writes");
    let via = std::collections::BTreeMap::new();
    let whole = Register { cases: &cases, registry: &registry, via: &via, on: dates().issued };
    std::fs::write(dir.join("总台账.xlsx"), register::workbook(&whole).expect("a workbook")).expect("writes");
}

/// Every cell of a CSV in which text is quoted and nothing else is: whether it was text, and what it says.
fn cells(csv: &str) -> Vec<(bool, String)> {
    let mut out = Vec::new();
    let (mut cell, mut text, mut quoted) = (String::new(), false, false);
    let mut chars = csv.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => (quoted, text) = (!quoted, true),
            ',' | '\n' if !quoted => {
                out.push((text, std::mem::take(&mut cell)));
                text = false;
            }
            c => cell.push(c),
        }
    }
    out.retain(|(_, cell)| !cell.is_empty());
    out
}

#[test]
fn workbooks_hold_text_and_no_formulas() {
    if !present() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    written(folder.path());
    let books = with_ending(folder.path(), "xlsx");
    assert!(books.len() >= 8, "{books:?}");
    for (n, book) in books.iter().enumerate() {
        std::fs::copy(book, folder.path().join(format!("{n}.xlsx"))).expect("copies");
    }
    let mut all: Vec<PathBuf> = (0..books.len()).map(|n| folder.path().join(format!("{n}.xlsx"))).collect();
    // A control: what is a formula is seen to be one.
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write_formula(0, 0, "=40+2").expect("a cell");
    book.save(folder.path().join("control.xlsx")).expect("saves");
    all.push(folder.path().join("control.xlsx"));
    let out = folder.path().join("csv");
    // Commas, quotes, UTF-8, text quoted and numbers not, every sheet a file.
    convert("csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,true,false,false,-1", &all, &out);
    let (mut sheets, mut computed, mut tempting) = (0, Vec::new(), 0);
    for file in with_ending(&out, "csv") {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let csv = std::fs::read_to_string(&file).expect("UTF-8");
        for (text, cell) in cells(&csv) {
            tempting += usize::from(text && cell.starts_with("=1+1"));
            if !text {
                computed.push((name.clone(), cell));
            }
        }
        sheets += 1;
    }
    assert!(sheets > books.len() * 2 && tempting > 10, "{sheets} sheets, {tempting} cells");
    assert_eq!(computed.len(), 1, "only the control computes: {computed:?}");
    assert!(computed[0].0.starts_with("control"), "{computed:?}");
}

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test must be seen")]
fn documents_open_with_their_whole_text() {
    let has = |program: &str| Command::new(program).arg("-v").output().is_ok();
    if !present() || !has("pdftotext") || !has("pdfinfo") {
        eprintln!("没有 soffice 或者 pdftotext：没有检查 DOCX 的版面");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    written(folder.path());
    let documents = with_ending(folder.path(), "docx");
    let mut copies = Vec::new();
    for (n, document) in documents.iter().enumerate() {
        let copy = folder.path().join(format!("{n}.docx"));
        std::fs::copy(document, &copy).expect("copies");
        copies.push(copy);
    }
    let out = folder.path().join("pdf");
    convert("pdf", &copies, &out);
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for (n, document) in documents.iter().enumerate() {
        let pdf = out.join(format!("{n}.pdf"));
        let output = Command::new("pdftotext").arg(&pdf).arg("-").output().expect("pdftotext runs");
        let read = squeezed(&String::from_utf8_lossy(&output.stdout));
        let text = std::fs::read_to_string(document.with_file_name("正文.txt")).expect("the mail's text");
        for line in text.lines().filter(|line| line.starts_with("　　") && !line.contains("附件：")) {
            // A page break puts a page's number between two lines of a paragraph.
            let half: String = squeezed(line).chars().take(24).collect();
            assert!(read.contains(&half), "{}: {half}", document.display());
        }
        assert!(read.contains("—1—"), "page numbers as the standard has them");
        let info = Command::new("pdfinfo").arg(&pdf).output().expect("pdfinfo runs");
        assert!(String::from_utf8_lossy(&info.stdout).contains("A4"), "{}", document.display());
    }
}
