//! The guides keep what they promise: tests and places that ARCHITECTURE.md names are there, and so is every command.

use std::collections::BTreeSet;
use std::path::Path;

use clap::CommandFactory as _;
use xuncha::cli::Cli;

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Pairs of file and test that a guide names as `` `file.rs` › `test` ``.
fn named_tests(guide: &str) -> Vec<(&str, &str)> {
    let quoted: Vec<&str> = guide.split('`').collect();
    let pair = |parts: &&[&str]| parts[1].trim() == "›";
    quoted.windows(3).filter(pair).map(|parts| (parts[0], parts[2])).collect()
}

/// Whether `source` has a test function of that name.
fn has_test(source: &str, name: &str) -> bool {
    source.contains(&format!("fn {name}("))
}

#[test]
fn the_tests_that_hold_the_invariants_are_there() {
    let guide = text("ARCHITECTURE.md");
    let named = named_tests(&guide);
    assert!(named.len() >= 25, "only {} tests are named", named.len());
    let gone: Vec<_> = named.into_iter().filter(|(file, test)| !has_test(&text(file), test)).collect();
    assert!(gone.is_empty(), "no such tests: {gone:?}");
    assert!(!has_test(&text("tests/it/documents.rs"), "a_test_that_is_not_there"), "the search has teeth");
}

#[test]
fn the_code_map_names_every_module_and_nothing_that_is_gone() {
    let guide = text("ARCHITECTURE.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (_, map) = guide.split_once("## Code map").expect("a code map");
    let (map, _) = map.split_once("\n## ").expect("a section after it");
    let rows = map.lines().filter(|line| line.starts_with("| `"));
    let named: BTreeSet<&str> = rows
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    for place in &named {
        assert!(root.join(place).exists(), "{place} is not there");
    }
    for entry in std::fs::read_dir(root.join("src")).expect("src") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let place = if entry.path().is_dir() { format!("src/{name}/") } else { format!("src/{name}") };
        assert!(place == "src/lib.rs" || named.contains(place.as_str()), "the code map lacks {place}");
    }
}

#[test]
fn the_readmes_know_every_command_and_both_promised_ones() {
    for readme in ["README.md", "README.zh-CN.md"] {
        let told = text(readme);
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            assert!(told.contains(&format!("`{name}`")), "{readme} does not explain `{name}`");
        }
        for promised in ["cargo run -- demo", "tests/run"] {
            assert!(told.contains(promised), "{readme} does not name {promised}");
        }
    }
}

#[test]
fn commands_that_the_guides_show_are_understood() {
    let mut seen = 0;
    for guide in ["README.md", "README.zh-CN.md", "docs/operations.zh-CN.md"] {
        for line in text(guide).lines() {
            let line = line.trim_start().trim_start_matches("$ ");
            let Some(words) = line.strip_prefix("xuncha ") else { continue };
            let words = words.split(" #").next().unwrap_or_default();
            let words: Vec<&str> = words.split_whitespace().map(|word| word.trim_matches('"')).collect();
            if words.iter().any(|word| word.ends_with('\\')) {
                continue;
            }
            let parsed = Cli::command().try_get_matches_from(std::iter::once("xuncha").chain(words));
            assert!(
                parsed.is_ok(),
                "{guide}: {line}\n{}",
                parsed.err().map(|e| e.to_string()).unwrap_or_default()
            );
            seen += 1;
        }
    }
    assert!(seen >= 20, "only {seen} commands were found");
    assert!(Cli::command().try_get_matches_from(["xuncha", "patroll"]).is_err(), "the parser has teeth");
}
