//! The house's invariants that no compiler holds: what is listed is there, what is there is listed, and each thing is done
//! in the one place that may do it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use xuncha::checks::CHECKS;
use xuncha::rules::{RuleFiles, RuleSet};

use super::checks::{Expected, expectations, folders};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under `src` as its path from there, and its text.
fn sources() -> Vec<(String, String)> {
    fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                files.push(path);
            }
        }
    }
    let src = root().join("src");
    let mut files = Vec::new();
    walk(&src, &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&src).expect("under src").to_string_lossy().replace('\\', "/");
        (name, std::fs::read_to_string(&path).expect("a source file"))
    };
    files.into_iter().map(read).collect()
}

/// Lines of code of `sources` outside `allowed` that hold one of `words`, as `file:line`; comments do not count.
fn offenders(sources: &[(String, String)], allowed: &[&str], words: &[&str]) -> Vec<String> {
    let outside = |name: &str| !allowed.iter().any(|place| name.starts_with(place));
    let mut found = Vec::new();
    for (name, text) in sources.iter().filter(|(name, _)| outside(name)) {
        for (number, line) in (1..).zip(text.lines()) {
            let code = line.split("//").next().unwrap_or_default();
            if words.iter().any(|word| code.contains(word)) {
                found.push(format!("{name}:{number}: {}", line.trim()));
            }
        }
    }
    found
}

const SQL: [&str; 6] =
    ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"CREATE TABLE", "rusqlite::params"];
const PRINTS: [&str; 3] = ["println!", "print!", "dbg!"];
const SOCKETS: [&str; 5] = ["TcpStream", "TcpListener", "UdpSocket", "TcpSocket", "reqwest::"];

/// Modules that do no I/O and read no clock.
const PURE: [&str; 8] = [
    "facts/mod.rs",
    "checks/mod.rs",
    "rules/mod.rs",
    "judge/mod.rs",
    "assess.rs",
    "report/mod.rs",
    "ledger/case.rs",
    "crawl/frontier.rs",
];

#[test]
fn checks_files_fixtures_and_rules_agree() {
    let files: BTreeSet<String> = std::fs::read_dir(root().join("src/checks"))
        .expect("src/checks")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name != "mod.rs")
        .map(|name| name.trim_end_matches(".rs").replace('_', "-"))
        .collect();
    let listed: BTreeSet<String> = CHECKS.iter().map(|check| check.id().to_owned()).collect();
    let fixtures: BTreeSet<String> = folders().into_keys().collect();
    assert_eq!(files, listed, "files in src/checks, and CHECKS");
    assert_eq!(fixtures, listed, "folders in tests/checks, and CHECKS");
    let files = RuleFiles::shipped();
    let load = |pack: &str| RuleSet::load(&files, pack).unwrap_or_else(|faults| panic!("{faults}"));
    let rules = files.packs().into_iter().flat_map(|pack| load(pack).rules);
    let used: BTreeSet<String> = rules.map(|bound| bound.rule.check).collect();
    assert_eq!(used, listed, "checks that rules use, and CHECKS");
}

#[test]
fn every_check_is_documented_under_the_same_headings() {
    for check in CHECKS {
        let doc = check.doc();
        assert!(doc.lines().next().is_some_and(|title| !title.trim().is_empty()), "{}: no title", check.id());
        let headings: Vec<_> = doc.lines().filter_map(|line| line.trim().strip_prefix("## ")).collect();
        assert_eq!(headings, ["What it does", "Why it matters", "Gaps", "Example"], "{}", check.id());
    }
}

#[test]
fn every_rule_cites_a_sentence() {
    let files = RuleFiles::shipped();
    for pack in files.packs() {
        cites(&RuleSet::load(&files, pack).unwrap_or_else(|faults| panic!("{faults}")));
    }
}

fn cites(rules: &RuleSet) {
    let cited = rules.rules.iter().map(|bound| (&bound.rule.id, &bound.rule.basis));
    for (id, basis) in cited.chain(rules.indicators.iter().map(|i| (&i.id, &i.basis))) {
        let basis = rules.basis.get(basis).unwrap_or_else(|| panic!("{id}: no basis `{basis}`"));
        assert!(!basis.quote.is_empty() && !basis.document.is_empty(), "{id}");
        assert!(basis.verified || !basis.note.is_empty(), "{id}: an unverified sentence says what is open");
    }
}

#[test]
fn every_fixture_fails_passes_and_knows_not() {
    for (check, folder) in folders() {
        let seen: BTreeSet<Expected> = expectations(&folder).case.iter().map(|case| case.verdict).collect();
        assert_eq!(seen, BTreeSet::from([Expected::Fail, Expected::Pass, Expected::Gap]), "{check}");
    }
}

#[test]
fn the_rules_page_is_current() {
    let page = std::fs::read_to_string(root().join("docs/rules.md")).expect("docs/rules.md");
    let rules = RuleSet::shipped().unwrap_or_else(|faults| panic!("{faults}"));
    assert!(page == rules.explain_all(), "run: cargo run -- rules explain --all > docs/rules.md");
}

#[test]
fn pure_modules_refuse_io_and_clocks() {
    let sources = sources();
    for pure in PURE {
        let (_, text) = sources.iter().find(|(name, _)| name == pure).unwrap_or_else(|| panic!("no {pure}"));
        assert!(text.contains("#![deny(clippy::disallowed_methods)]"), "{pure}");
    }
}

#[test]
fn every_file_says_what_it_owns() {
    for (name, text) in sources() {
        assert!(text.starts_with("//! "), "{name} does not begin with a sentence");
    }
}

#[test]
fn each_thing_is_done_in_one_place() {
    let sources = sources();
    let none: Vec<String> = Vec::new();
    assert_eq!(offenders(&sources, &["store/"], &SQL), none, "SQL outside store/");
    assert_eq!(offenders(&sources, &["cli/", "main.rs"], &PRINTS), none, "printing outside cli/");
    let nets = ["fetch/", "mail/send", "demo/"];
    assert_eq!(offenders(&sources, &nets, &SOCKETS), none, "sockets outside fetch/");
    let lettre = ["lettre::transport", "SmtpTransport", "SmtpConnection"];
    assert_eq!(offenders(&sources, &["mail/send"], &lettre), none, "SMTP outside mail/send.rs");
    assert_eq!(offenders(&sources, &["config/"], &["env::var"]), none, "the environment outside config/");
}

#[test]
fn a_planted_offence_is_noticed() {
    let plant = |line: &str| vec![("report/list.rs".to_owned(), format!("//! A list.\n{line}\n"))];
    assert_eq!(offenders(&plant("db.query(\"SELECT 1\")"), &["store/"], &SQL).len(), 1);
    assert_eq!(offenders(&plant("println!(\"x\")"), &["cli/"], &PRINTS).len(), 1);
    assert_eq!(offenders(&plant("eprintln!(\"x\")"), &["cli/"], &PRINTS).len(), 1);
    assert_eq!(offenders(&plant("let s = TcpStream::connect(a)"), &["fetch/"], &SOCKETS).len(), 1);
    assert!(offenders(&plant("// println! is for cli/"), &["cli/"], &PRINTS).is_empty());
    let allowed = vec![("store/facts.rs".to_owned(), "\"SELECT 1\"".to_owned())];
    assert!(offenders(&allowed, &["store/"], &SQL).is_empty());
}
