//! The rule files: those in the binary, and those of a folder laid over them.

use std::collections::BTreeMap;

/// Rule files by path within the rules folder: `basis.toml`, `national-2019/columns.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleFiles(pub(super) BTreeMap<String, RuleFile>);

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleFile {
    /// Its name in messages.
    pub(super) shown: String,
    /// Its text.
    pub(super) text: String,
}

impl RuleFiles {
    /// The files in the binary.
    pub fn shipped() -> Self {
        SHIPPED.iter().fold(Self::default(), |files, (path, text)| {
            files.with(path, &format!("rules/{path}"), (*text).to_owned())
        })
    }

    /// The same files with the one at `path` added or replaced; messages call it `shown`.
    #[must_use]
    pub fn with(mut self, path: &str, shown: &str, text: String) -> Self {
        self.0.insert(path.to_owned(), RuleFile { shown: shown.to_owned(), text });
        self
    }

    /// The ids of the packs: the folders with a `pack.toml`.
    pub fn packs(&self) -> Vec<&str> {
        self.0.keys().filter_map(|path| path.strip_suffix("/pack.toml")).collect()
    }
}

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../rules/", $path)))),*]
    };
}

const SHIPPED: &[(&str, &str)] = shipped![
    "basis.toml",
    "national-2019/columns.toml",
    "national-2019/indicators.toml",
    "national-2019/links.toml",
    "national-2019/marks.toml",
    "national-2019/pack.toml",
    "national-2019/site.toml",
    "national-2019/texts.toml",
];
