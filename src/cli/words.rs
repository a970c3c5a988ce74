//! The word lists of an installation: those in the binary and the folder `words/` of its rules.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Failure;
use crate::config::fault::{Fault, Faults, suggestion};
use crate::finding::hex;
use crate::rules::RuleSet;
use crate::words::files::{List, WordFiles};
use crate::words::lexicon::Lexicon;

/// The shipped lists with those of `<rules>/words/` added.
///
/// # Errors
/// [`Failure::Faults`] where a file there has no list's name or is not UTF-8, [`Failure::Usage`] where it cannot be read.
pub(crate) fn files(rules: Option<&Path>) -> Result<WordFiles, Failure> {
    let mut files = WordFiles::shipped();
    let Some(folder) = rules.map(|rules| rules.join("words")).filter(|folder| folder.is_dir()) else {
        return Ok(files);
    };
    let unreadable = |path: &Path, error: &std::io::Error| {
        Failure::Usage(format!("词表读不出来：{}：{error}", path.display()))
    };
    let listed = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
    let mut paths: Vec<_> = listed.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut faults = Vec::new();
    for path in paths.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "tsv")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let shown = path.display().to_string();
        let Some(list) = List::named(&name) else {
            let names: Vec<String> = List::ALL.iter().map(|list| format!("{}.tsv", list.name())).collect();
            let hint = suggestion(&name, names.iter().map(String::as_str));
            faults.push(Fault::new(shown, 1, 1, format!("没有名为“{name}”的词表{hint}")));
            continue;
        };
        let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
        match String::from_utf8(bytes) {
            Ok(text) => files = files.with(list, &shown, text),
            Err(_) => faults.push(Fault::new(shown, 1, 1, "不是UTF-8编码；请另存为UTF-8")),
        }
    }
    Faults::none_or(faults, files).map_err(Failure::from)
}

/// Gives the rules the word lists of their folder: they are part of what judges, and so of its hash.
///
/// # Errors
/// As [`files`], and every fault of the lists.
pub(crate) fn lay_over(rules: &mut RuleSet, dir: Option<&Path>) -> Result<(), Failure> {
    let files = files(dir)?;
    if files == WordFiles::shipped() {
        return Ok(());
    }
    let lexicon = Lexicon::new(files)?;
    let mut hash = Sha256::new();
    hash.update(&rules.hash);
    for (list, text) in lexicon.own() {
        hash.update(list.name());
        hash.update(text);
    }
    rules.hash = hex(&hash.finalize());
    rules.word_lists = Arc::new(lexicon);
    Ok(())
}
