//! Malformed packs: each file of `tests/data/packs/` is refused with exactly the faults it lists, at their places, all at
//! once; and every shipped pack, alone and with the others, is sound.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use xuncha::rules::{RuleFiles, RuleSet};

/// A file of the folder: lines `? file:line:column part of the message`, then `--- path` before the text of each rule file.
struct Case {
    name: String,
    expected: Vec<(String, String)>,
    files: Vec<(String, String)>,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/packs");
    let entries = std::fs::read_dir(&folder).expect("tests/data/packs");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| case(path)).collect()
}

fn case(path: &Path) -> Case {
    let text = std::fs::read_to_string(path).expect("a case");
    let (mut expected, mut files) = (Vec::new(), Vec::<(String, String)>::new());
    for line in text.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix("--- ") {
            files.push((path.trim().to_owned(), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
        } else if let Some(fault) = line.strip_prefix("? ") {
            let (place, part) = fault.trim_end_matches('\n').split_once(' ').expect("place and message");
            expected.push((place.to_owned(), part.to_owned()));
        }
    }
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    Case { name, expected, files }
}

/// What differs between the faults told and those expected; empty where nothing does.
fn differences(case: &Case) -> Vec<String> {
    let mut files = RuleFiles::shipped();
    for (path, text) in &case.files {
        files = files.with(path, path, text.clone());
    }
    let told: Vec<String> = match RuleSet::load(&files, &["city"]) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.0.iter().map(ToString::to_string).collect(),
    };
    let mut wrong = Vec::new();
    let mut open: Vec<&String> = told.iter().collect();
    for (place, part) in &case.expected {
        let full = format!("{place}: ");
        match open.iter().position(|fault| fault.starts_with(&full) && fault.contains(part.as_str())) {
            Some(at) => {
                open.remove(at);
            }
            None => wrong.push(format!("{}: not told: {place} {part}", case.name)),
        }
    }
    wrong.extend(open.iter().map(|fault| format!("{}: not expected: {fault}", case.name)));
    wrong
}

#[test]
fn malformed_packs_are_refused_with_all_their_faults_at_their_places() {
    let cases = cases();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let wrong: Vec<String> = cases.iter().flat_map(differences).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.iter().all(|case| !case.expected.is_empty()), "a case without a fault proves nothing");
}

#[test]
fn a_wrong_expectation_is_noticed() {
    let mut case = cases().into_iter().next().expect("a case");
    assert!(differences(&case).is_empty());
    case.expected.push(("city/pack.toml:9:9".to_owned(), "x".to_owned()));
    assert_eq!(differences(&case).len(), 1);
    case.expected.clear();
    assert_eq!(differences(&case).len(), 1, "what nobody expected");
}

#[test]
fn shipped_packs_are_sound_alone_and_cite_what_is_open() {
    let files = RuleFiles::shipped();
    let packs = files.packs();
    for pack in [
        "fujian-minhou-2025",
        "guangdong-zhaoqing-2019",
        "henan-xiayi-2022",
        "liaoning-panjin-2021",
        "national-2019",
        "shaanxi-yangling-2021",
        "sichuan-2021",
    ] {
        assert!(packs.contains(&pack), "{pack} in {packs:?}");
    }
    for pack in packs {
        let rules = RuleSet::load(&files, &[pack]).unwrap_or_else(|faults| panic!("{faults}"));
        let own: BTreeSet<&str> = rules.packs.iter().map(|pack| pack.id.as_str()).collect();
        assert!(own.contains(pack));
    }
    let shown: Vec<String> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"))
        .expect("rules/")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        shown.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        files.packs().into_iter().collect(),
        "folders of rules/, and the packs in the program"
    );
}
