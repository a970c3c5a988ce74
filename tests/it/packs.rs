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
        .filter(|name| name != "words")
        .collect();
    assert_eq!(
        shown.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        files.packs().into_iter().collect(),
        "folders of rules/, and the packs in the program"
    );
}

#[test]
fn the_pack_ipv6_beside_the_national_one_asks_nothing_twice() {
    let files = RuleFiles::shipped();
    let load = |packs: &[&str]| RuleSet::load(&files, packs).unwrap_or_else(|faults| panic!("{faults}"));
    let (alone, both) = (load(&["ipv6"]), load(&["national-2019", "ipv6"]));
    let ids =
        |set: &RuleSet| -> BTreeSet<String> { set.rules.iter().map(|bound| bound.rule.id.clone()).collect() };
    assert_eq!(ids(&alone), ids(&both), "the national rows come with it, once");
    let national = ids(&load(&["national-2019"]));
    assert!(
        national.contains("no-ipv6") && !national.iter().any(|id| id.starts_with("ipv6-")),
        "off by default"
    );
    assert!(!alone.changes_others());
    for bound in alone.rules.iter().filter(|bound| bound.rule.pack == "ipv6") {
        let rule = &bound.rule;
        assert!(rule.yields_to.iter().any(|other| other == "no-ipv6"), "{}", rule.id);
        assert!(!both.basis[&rule.basis].verified && rule.at_most.is_some(), "{}", rule.id);
        // Of what the national pack asks, only where it asks for more, and behind it.
        let degree = rule.params.get("degree");
        for below in alone.rules.iter().filter(|below| below.rule.pack == "national-2019") {
            let same = below.rule.check == rule.check && below.rule.params.get("degree") == degree;
            assert!(!same || rule.yields_to.contains(&below.rule.id), "{} and {}", rule.id, below.rule.id);
        }
    }
}

fn xuncha(args: &[&str]) -> (Option<i32>, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_xuncha"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary runs");
    let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code(), told.concat())
}

#[test]
fn a_rule_is_tried_on_pages_from_disk() {
    let page = |name: &str| format!("tests/checks/stale-column/{name}.html");
    let (old, new, script) = (page("old_news"), page("new_news"), page("script_list"));
    let (code, told) =
        xuncha(&["rules", "try", "stale-news-column", &old, &new, &script, "--as-of", "2026-11-16"]);
    assert_eq!(code, Some(0), "{told}");
    for part in ["不符合", "截至11月16日已27天未更新，超过2周", "通过", "未判定", "页面内容由脚本加载"]
    {
        assert!(told.contains(part), "{part} in\n{told}");
    }
    let (code, told) = xuncha(&["rules", "try", "stale-new-column", &old]);
    assert_eq!(code, Some(2), "{told}");
}

#[test]
fn a_folder_of_packs_is_checked_and_compared() {
    let dir = tempfile::tempdir().expect("a folder");
    let pack = dir.path().join("city");
    std::fs::create_dir(&pack).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(pack.join(name), text).expect("writes");
    write(
        "pack.toml",
        "id = \"city\"\ntitle = \"示例市\"\nextends = \"national-2019\"\neffective = 2026-01-01\nbasis = \"2019-19/veto-3\"\n",
    );
    let row =
        "[[override]]\nid = \"stale-news-column\"\nchanges = \"我市按7天\"\nparams = { max-age-days = 7 }\n";
    write("columns.toml", row);
    let folder = dir.path().to_str().expect("a path");
    let (code, told) = xuncha(&["rules", "check", "--rules-dir", folder]);
    assert!(code == Some(0) && told.contains("city：规则0条，调整1处，无误"), "{told}");
    let (code, told) = xuncha(&["rules", "diff", "national-2019", pack.to_str().expect("a path")]);
    assert!(code == Some(0) && told.contains("max-age-days：14 → 7") && told.contains("我市按7天"), "{told}");
    let district = dir.path().join("district");
    std::fs::create_dir(&district).expect("a folder");
    let district_file = |name: &str, text: &str| std::fs::write(district.join(name), text).expect("writes");
    district_file(
        "pack.toml",
        "id = \"district\"\ntitle = \"示例区\"\nextends = \"city\"\neffective = 2026-01-01\nbasis = \"2019-19/veto-3\"\n",
    );
    district_file("columns.toml", &row.replace("= 7", "= 5"));
    let (code, told) =
        xuncha(&["rules", "diff", pack.to_str().expect("a path"), district.to_str().expect("a path")]);
    assert!(code == Some(0) && told.contains("max-age-days：7 → 5"), "a pack of the same folder: {told}");
    write("columns.toml", &row.replace("max-age-days", "max-days"));
    write("indicators.toml", "[[indicatr]]\nid = \"X\"\n");
    let (code, told) = xuncha(&["rules", "check", "--rules-dir", folder]);
    assert_eq!(code, Some(2), "{told}");
    let strays = dir.path().join("draft");
    std::fs::create_dir(&strays).expect("a folder");
    std::fs::write(strays.join("rules.toml"), row).expect("writes");
    std::fs::write(pack.join("site.toml"), b"# \xca\xbe\xc0\xfd\n").expect("writes");
    let (code, both) = xuncha(&["rules", "check", "--rules-dir", folder]);
    assert_eq!(code, Some(2), "{both}");
    for part in [
        "draft/rules.toml:1:1: 文件夹`draft`没有 pack.toml",
        "site.toml:1:4: 文件不是UTF-8编码",
        "city/columns.toml:4:10",
    ] {
        assert_eq!(both.matches(part).count(), 1, "{part} once in {both}");
    }
    assert!(
        told.contains("columns.toml:4:10") && told.contains("indicators.toml:1:3"),
        "all at once: {told}"
    );
}
