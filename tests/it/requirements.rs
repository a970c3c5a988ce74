//! What the documents ask, row by row (`tests/data/requirements.toml`): each row has a rule whose source names it, a case that
//! finds the defect and a healthy one that is left alone; `docs/requirements.md` is written from it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use xuncha::demo::truth::Truth;
use xuncha::rules::{RuleFiles, RuleSet};

use super::checks::{Expected, expectations, folders};

/// Rows of the documents that are about pages; the others are matters of the ledger, of papers and of the register.
const ROWS: [&str; 22] = [
    "R4", "R5", "R6", "R7", "R8", "R9", "R16", "R17", "R18", "R19", "R20", "R21", "R22", "R23", "R24", "R25",
    "R26", "R27", "R28", "R29", "R30", "R33",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    asks: String,
    names: String,
    rules: Vec<String>,
}

/// One rule as a row needs it.
struct Known {
    check: String,
    pack: String,
    document: String,
    source: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("tests/data/requirements.toml")).expect("the rows");
    toml::from_str::<Table>(&text).expect("rows").row
}

/// The rules of every shipped pack by id.
fn rules() -> BTreeMap<String, Known> {
    let files = RuleFiles::shipped();
    let mut all = BTreeMap::new();
    for pack in files.packs() {
        let set = RuleSet::load(&files, &[pack]).unwrap_or_else(|faults| panic!("{faults}"));
        for bound in &set.rules {
            let rule = &bound.rule;
            let basis = &set.basis[&rule.basis];
            let source = [&*basis.document, &*basis.article, &*basis.quote, &*basis.note].join(" ");
            let (check, pack) = (rule.check.clone(), rule.pack.clone());
            let document = basis.document.clone();
            all.entry(rule.id.clone()).or_insert(Known { check, pack, document, source });
        }
    }
    all
}

/// Names of the failing and the passing case of a rule itself: what another rule of its check finds proves nothing of its
/// words and days.
fn cases(folders: &BTreeMap<String, PathBuf>, rule: &str, check: &str) -> [Option<String>; 2] {
    let Some(folder) = folders.get(check) else { return [None, None] };
    let expect = expectations(folder);
    [Expected::Fail, Expected::Pass].map(|verdict| {
        let own = expect.case.iter().find(|case| case.verdict == verdict && case.rule() == rule);
        own.map(|case| case.name().to_owned())
    })
}

/// The page, and what is wrong.
fn page() -> (String, Vec<String>) {
    let (rules, folders) = (rules(), folders());
    let planted: BTreeSet<&str> = Truth::on(1).planted.iter().map(|planted| planted.rule).collect();
    let mut wrong = Vec::new();
    let mut out = String::from(
        "# 文件要求与规则对照\n\n本页由 `XUNCHA_BLESS=1 cargo test requirements` 生成：每项要求由哪些规则检查、依据哪份文件，\
         哪个样例查得出、哪个相似而正常的样例不误报（`tests/checks/<检查>/expect.toml` 中的名称）；“演示”为 `xuncha demo` 中也有该问题。\n",
    );
    for row in rows() {
        let _ = write!(
            out,
            "\n## {} {}\n\n| 规则 | 规则包 | 依据 | 查得出 | 不误报 | 演示 |\n|---|---|---|---|---|---|\n",
            row.id, row.asks
        );
        let mut named = false;
        for id in &row.rules {
            let Some(known) = rules.get(id) else {
                wrong.push(format!("{}: no rule {id}", row.id));
                continue;
            };
            named |= known.source.contains(&row.names);
            let [found, spared] = cases(&folders, id, &known.check);
            let (Some(found), Some(spared)) = (found, spared) else {
                wrong.push(format!("{}: {id} is not seen to fail and to pass", row.id));
                continue;
            };
            let check = &known.check;
            let demo = if planted.contains(id.as_str()) { "有" } else { "" };
            let _ = writeln!(
                out,
                "| `{id}` | {} | {} | `{check}`: {found} | `{check}`: {spared} | {demo} |",
                known.pack, known.document
            );
        }
        if !named {
            wrong.push(format!("{}: no rule's source names {}", row.id, row.names));
        }
    }
    (out, wrong)
}

#[test]
fn every_row_has_a_rule_that_names_it_and_cases_that_hold_it() {
    let ids: Vec<String> = rows().into_iter().map(|row| row.id).collect();
    assert_eq!(ids, ROWS, "rows of the documents that are about pages");
    let (_, wrong) = page();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_of_requirements_is_current() {
    let path = root().join("docs/requirements.md");
    let (current, _) = page();
    if std::env::var_os("XUNCHA_BLESS").is_some() {
        std::fs::write(&path, &current).expect("writes");
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(page == current, "run: XUNCHA_BLESS=1 cargo test requirements");
}
