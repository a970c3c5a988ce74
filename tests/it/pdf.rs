//! Papers as PDF, read back by Debian's poppler: `apt install poppler-utils fonts-noto-cjk`, then
//! `cargo test --features pdf --test it pdf::`. Without them each test says so and ends.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use typst_kit::fonts::{FontStore, system};
use xuncha::inspection::standing::Verdict::{Met, NotMet};
use xuncha::report::chart::{Chart, Shape};
use xuncha::report::document::{Annex, Grid, Paper, Part, Row};
use xuncha::report::render::pdf::{PdfError, Typesetter};
use xuncha::store::ledger::Ledger;

use crate::papers::{at, office, standing, well};

/// Poppler's `tool` over a file.
fn poppler(tool: &str, args: &[&str], file: &Path) -> Option<String> {
    let mut command = Command::new(tool);
    command.args(args).arg(file);
    if tool == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().ok()?;
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

/// The typesetter with this machine's fonts, where it has Chinese ones and poppler.
#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn typesetter() -> Option<Typesetter> {
    let mut fonts = FontStore::new();
    fonts.extend(system());
    let made = Typesetter::new(fonts).ok();
    let poppler = Command::new("pdftotext").arg("-v").output().is_ok();
    if made.is_none() || !poppler {
        eprintln!("skipped: no Chinese font, or no pdftotext (fonts-noto-cjk, poppler-utils)");
        assert!(std::env::var_os("CI").is_none(), "tests of PDF need fonts-noto-cjk and poppler-utils");
        return None;
    }
    made
}

/// What is read of a page, without its number, white space and places to break.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

/// The whole text in the order of the file, without page numbers; headings of tables stand on each of their pages.
fn text_of(file: &Path) -> String {
    let text = poppler("pdftotext", &["-raw"], file).expect("pdftotext");
    let number = |line: &&str| line.starts_with("— ") && line.ends_with(" —");
    let lines: Vec<&str> = text.lines().filter(|line| !number(&line.trim())).collect();
    squeezed(&lines.concat())
}

/// Width and height of each page, in points.
fn pages(file: &Path) -> Vec<(f64, f64)> {
    let told = poppler("pdfinfo", &["-f", "1", "-l", "99"], file).expect("pdfinfo");
    told.lines()
        .filter_map(|line| line.strip_prefix("Page ")?.split_once("size:"))
        .map(|(_, size)| {
            let mut numbers = size.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
            (numbers.next().expect("a width"), numbers.next().expect("a height"))
        })
        .collect()
}

/// Fails at the first of `wanted` that does not stand behind the one before it.
fn in_order(text: &str, wanted: impl IntoIterator<Item = String>) {
    let mut rest = text;
    for line in wanted {
        let line = squeezed(&line);
        let at = rest.find(&line).unwrap_or_else(|| panic!("“{line}” is not in\n{rest}"));
        rest = rest.split_at(at + line.len()).1;
    }
}

/// Paragraphs of a DOCX, in its order.
fn paragraphs(file: &Path) -> Vec<String> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(file).expect("a file")).expect("a DOCX");
    let mut xml = String::new();
    zip.by_name("word/document.xml").expect("its text").read_to_string(&mut xml).expect("UTF-8");
    let plain = |paragraph: &str| {
        let text: String =
            paragraph.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect();
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    };
    let mut found: Vec<String> = xml.split("</w:p>").map(plain).collect();
    found.retain(|text| !text.trim().is_empty());
    found
}

#[test]
fn a_bulletin_says_the_same_as_its_docx_on_pages_of_the_standard() {
    if typesetter().is_none() {
        return;
    }
    let folder = office();
    let dir = folder.path();
    let draw = [
        "spot-check",
        "draw",
        "--quarter",
        "2026Q4",
        "--from",
        "2026-11-24",
        "--to",
        "2026-12-04",
        "--seed",
        "407",
        "--by",
        "李某某",
        "--out",
        "名单",
        "--pdf",
    ];
    well(dir, &draw);
    let (v3, v4) = ("单项否决-首页不更新", "单项否决-栏目不更新（应更新但长期未更新）");
    let mut ledger = Ledger::open(&dir.join("state")).expect("opens");
    ledger
        .put_standings(&[
            standing("9901000001", at(11, 25), [("V3", v3, NotMet), ("V4b", v4, NotMet)]),
            standing("9901000002", at(11, 25), [("V3", v3, NotMet), ("V4b", v4, NotMet)]),
            standing("9901000003", at(11, 25), [("V3", v3, Met), ("V4b", v4, NotMet)]),
        ])
        .expect("standings");
    drop(ledger);
    let report = ["report", "quarter", "--quarter", "2026Q4", "--on", "2026-12-11", "--out", "通报", "--pdf"];
    well(dir, &report);
    for name in [
        "名单/2026年第四季度抽查名单",
        "通报/2026年第四季度通报（下发版）",
        "通报/2026年第四季度通报（公开版）",
    ] {
        let (docx, pdf) = (dir.join(format!("{name}.docx")), dir.join(format!("{name}.pdf")));
        let said = paragraphs(&docx);
        assert!(said.len() > 20, "{name}: {said:?}");
        let text = text_of(&pdf);
        // Headings above several columns stand behind their columns in the file.
        let (groups, said): (Vec<String>, Vec<String>) =
            said.into_iter().partition(|line| ["政府网站", "政务新媒体", "问题整改"].contains(&line.trim()));
        assert!(groups.iter().all(|group| text.contains(group.trim())), "{name}: {groups:?}");
        in_order(&text, said);
        let pages = pages(&pdf);
        assert!(pages.len() >= 2, "{name}");
        for (width, height) in pages {
            let (short, long) = (width.min(height), width.max(height));
            assert!((short - 595.3).abs() < 0.5 && (long - 841.9).abs() < 0.5, "{name}: {width} × {height}");
        }
    }
    let first = std::fs::read(dir.join("名单/2026年第四季度抽查名单.pdf")).expect("a PDF");
    assert!(!String::from_utf8_lossy(&first).contains("Typst"), "no tool is named in an office's paper");
}

#[test]
fn long_tables_charts_forms_and_hostile_text_come_across() {
    let Some(typesetter) = typesetter() else { return };
    let mut paper = Paper::new("样张", &["示例市政府网站检查情况样张"]);
    paper.draft = Some("未判定1项".into());
    paper.level1("总体情况");
    paper.level2(
        "政府网站。",
        "合格率【待核】，= 1 + 1 *重* _斜_ #import \"/etc/passwd\": x $x^2$ <a> @b \\ `c` //d",
    );
    let address = format!("http://www.example.gov.cn/{}", "abcdefgh/".repeat(30));
    paper.text(format!("#read(\"/etc/passwd\")\n{address}"));
    let bars = vec![("栏目超期未更新".to_owned(), 12), ("断链".to_owned(), 3)];
    let chart = Chart { caption: "问题类型".into(), file: "图".into(), shape: Shape::Bars(bars) };
    paper.body.push(Part::Chart(chart));
    let form =
        vec![Row::new("签批", "分管领导：").at_least(3), Row::new("校验值", "0123456789abcdef".repeat(8))];
    paper.body.push(Part::Form(form));
    let mut grid =
        Grid::new(&[("序号", 6.0), ("单位", 30.0)]).and("网站", &[("检查数", 8.0), ("合格数", 8.0)]);
    for n in 1..=80 {
        grid.row([n.to_string(), format!("示例{n}局"), "1".to_owned(), "1".to_owned()]);
    }
    // One row that no page holds.
    grid.row(["81".to_owned(), "示例单位说明 ".repeat(700), "0".to_owned(), "0".to_owned()]);
    paper.annexes.push(Annex { title: "统计表".into(), grid, landscape: true, ..Annex::default() });
    paper.signature = Some("示例市人民政府办公室".into());
    paper.date = chrono::NaiveDate::from_ymd_opt(2026, 12, 11);

    let bytes = typesetter.pdf(&paper).expect("a PDF");
    assert_eq!(bytes, typesetter.pdf(&paper).expect("a PDF"), "the same paper, the same bytes");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("样张.pdf");
    std::fs::write(&file, bytes).expect("writes");
    let text = text_of(&file);
    let rows = (1..=80).map(|n| format!("{n}示例{n}局11"));
    let said = [
        "【待核】未判定1项",
        "示例市政府网站检查情况样张",
        "一、总体情况",
        "（一）政府网站。合格率【待核】，= 1 + 1 *重* _斜_ #import \"/etc/passwd\": x $x^2$ <a> @b \\ `c` //d",
        "#read(\"/etc/passwd\")",
        &address,
        "栏目超期未更新",
        "断链",
        "签批",
        "分管领导：",
        &"0123456789abcdef".repeat(8),
        "附件：统计表",
        "示例市人民政府办公室",
        "2026年12月11日",
        "统计表",
    ];
    in_order(&text, said.map(str::to_owned).into_iter().chain(rows));
    // A page may end within a word, and the headings come between.
    assert_eq!(text.matches('说').count(), 700, "a row longer than a page is printed whole");
    let pages = pages(&file);
    let wide = pages.iter().filter(|(width, height)| width > height).count();
    assert!(wide >= 4, "{pages:?}");
    assert_eq!(text.matches("检查数").count(), wide, "the headings of a table stand on each of its pages");
}

#[test]
fn without_a_chinese_font_there_is_no_paper_of_empty_boxes() {
    assert!(matches!(Typesetter::new(FontStore::new()), Err(PdfError::NoChineseFont)));
    let told = PdfError::NoChineseFont.to_string();
    assert!(told.contains("fonts-noto-cjk") && told.contains("--fonts"), "{told}");
}
