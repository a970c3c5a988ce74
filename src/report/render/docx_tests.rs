//! DOCX read back: well-formed, elements in the schema's order, the same bytes, hostile text inert.

use std::io::Read as _;

use chrono::NaiveDate;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;

fn sample() -> Paper {
    let mut paper = Paper::new("通报", &["示例市人民政府办公室", "关于2026年第四季度检查情况的通报"]);
    paper.number = Some("示府办函〔2026〕    号".into());
    paper.addressee = Some("各县（区）人民政府：".into());
    paper.draft = Some("未判定2项".into());
    paper.level1("总体情况");
    paper.level2("政府网站。", "合格率【待核】，a & b <c> \u{1b}[1m\u{ffff}");
    let mut small = Grid::new(&[("类别", 12.0), ("数量", 6.0)]);
    small.row(["空白栏目", "1"]);
    paper.body.push(Part::Grid(small));
    paper.body.push(Part::Enclosures(vec!["问题清单.xlsx".into(), "佐证.zip".into()]));
    paper.body.push(Part::Form(vec![Row::new("受文单位", "示例市××局\n第二行").at_least(3)]));
    for landscape in [false, true, false] {
        let mut grid = Grid::new(&[("单位", 20.0)]).and("网站", &[("检查数", 6.0), ("合格数", 6.0)]);
        grid.row(["示例县", "1"]);
        paper.annexes.push(Annex { title: "统计表".into(), note: "注".into(), grid, landscape });
    }
    paper.signature = Some("示例市人民政府办公室".into());
    paper.date = NaiveDate::from_ymd_opt(2026, 12, 11);
    paper.notes = vec!["此件公开发布".into()];
    paper
}

fn parts(bytes: Vec<u8>) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    (0..archive.len())
        .map(|n| {
            let mut file = archive.by_index(n).expect("a part");
            let mut text = String::new();
            file.read_to_string(&mut text).expect("UTF-8");
            (file.name().expect("a name").into_owned(), text)
        })
        .collect()
}

/// Children of every element `name`, each element's in order.
fn children(text: &str, name: &str) -> Vec<Vec<String>> {
    let mut reader = Reader::from_str(text);
    let mut stack: Vec<(String, Vec<String>)> = Vec::new();
    let mut found: Vec<Vec<String>> = Vec::new();
    loop {
        let (element, empty) = match reader.read_event().expect("well-formed") {
            Event::Start(e) => (e.name().as_ref().to_owned(), false),
            Event::Empty(e) => (e.name().as_ref().to_owned(), true),
            Event::End(_) => {
                let (ended, inside) = stack.pop().expect("balanced");
                if ended == name {
                    found.push(inside);
                }
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        if let Some((_, inside)) = stack.last_mut() {
            inside.push(element.clone());
        }
        match empty {
            true if element == name => found.push(Vec::new()),
            true => {}
            false => stack.push((element, Vec::new())),
        }
    }
    assert!(stack.is_empty());
    found
}

/// The order of ECMA-376, part 1, as far as it is used here.
const ORDER: [(&str, &[&str]); 8] = [
    (
        "w:pPr",
        &[
            "w:pStyle",
            "w:keepNext",
            "w:widowControl",
            "w:wordWrap",
            "w:spacing",
            "w:ind",
            "w:jc",
            "w:outlineLvl",
            "w:sectPr",
        ],
    ),
    ("w:rPr", &["w:rFonts", "w:color", "w:spacing", "w:kern", "w:sz", "w:szCs", "w:highlight", "w:lang"]),
    ("w:sectPr", &["w:footerReference", "w:pgSz", "w:pgMar", "w:cols"]),
    ("w:tblPr", &["w:tblW", "w:jc", "w:tblBorders", "w:tblLayout", "w:tblCellMar"]),
    ("w:tbl", &["w:tblPr", "w:tblGrid", "w:tr"]),
    ("w:trPr", &["w:cantSplit", "w:trHeight", "w:tblHeader"]),
    ("w:tcPr", &["w:tcW", "w:gridSpan", "w:vMerge", "w:vAlign"]),
    ("w:tc", &["w:tcPr", "w:p"]),
];

#[test]
fn every_part_is_well_formed_and_in_the_schemas_order() {
    let parts = parts(docx(&sample()).expect("bytes"));
    assert_eq!(parts.len(), 10);
    for (name, text) in &parts {
        for (element, order) in ORDER {
            for inside in children(text, element) {
                let at: Vec<usize> = inside
                    .iter()
                    .map(|child| {
                        order
                            .iter()
                            .position(|o| o == child)
                            .unwrap_or_else(|| panic!("{name}: {child} in {element}"))
                    })
                    .collect();
                assert!(at.is_sorted(), "{name}: {element} has {inside:?}");
            }
        }
    }
    // A cell without a paragraph is what Word calls damaged.
    let document = &parts.iter().find(|(name, _)| name == "word/document.xml").expect("the text").1;
    assert!(children(document, "w:tc").iter().all(|inside| inside.last().is_some_and(|last| last == "w:p")));
    assert_eq!(children(document, "w:body")[0].last().map(String::as_str), Some("w:sectPr"));
    assert_eq!(children(document, "w:sectPr").len(), 4, "the text and three annexes");
}

#[test]
fn the_order_is_really_looked_at() {
    let turned = "<w:pPr><w:jc/><w:ind/></w:pPr>";
    let at: Vec<usize> = children(turned, "w:pPr")[0]
        .iter()
        .map(|c| ORDER[0].1.iter().position(|o| o == c).expect("known"))
        .collect();
    assert!(!at.is_sorted());
}

#[test]
fn every_part_is_declared_and_every_relation_leads_somewhere() {
    let parts = parts(docx(&sample()).expect("bytes"));
    let text =
        |name: &str| &parts.iter().find(|(part, _)| part == name).unwrap_or_else(|| panic!("{name}")).1;
    for (name, _) in parts.iter().filter(|(name, _)| name.starts_with("word/") && !name.contains("_rels")) {
        assert!(text("[Content_Types].xml").contains(&format!("PartName=\"/{name}\"")), "{name}");
    }
    for target in text("word/_rels/document.xml.rels").split("Target=\"").skip(1) {
        text(&format!("word/{}", target.split('"').next().unwrap_or_default()));
    }
}

#[test]
fn the_same_paper_gives_the_same_bytes_and_hostile_text_is_text() {
    assert_eq!(docx(&sample()).expect("bytes"), docx(&sample()).expect("bytes"));
    let parts = parts(docx(&sample()).expect("bytes"));
    let document = &parts.iter().find(|(name, _)| name == "word/document.xml").expect("the text").1;
    assert!(document.contains("a &amp; b &lt;c&gt; [1m<"));
    assert!(document.contains("<w:highlight w:val=\"yellow\"/></w:rPr><w:t xml:space=\"preserve\">【待核】"));
}
