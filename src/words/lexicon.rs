//! The lists of one installation, compiled when they are first asked for.

use std::sync::OnceLock;

use super::Words;
use super::files::{List, WordFiles};
use crate::config::fault::Faults;

/// See the module. By default the shipped lists alone.
#[derive(Debug)]
pub struct Lexicon {
    files: WordFiles,
    compiled: OnceLock<Words>,
}

impl Default for Lexicon {
    fn default() -> Self {
        Self { files: WordFiles::shipped(), compiled: OnceLock::new() }
    }
}

impl Lexicon {
    /// The lists of these files, compiled and checked.
    ///
    /// # Errors
    /// Every fault of the files with its place.
    pub fn new(files: WordFiles) -> Result<Self, Faults> {
        let words = Words::load(&files)?;
        Ok(Self { files, compiled: OnceLock::from(words) })
    }

    /// The lists, compiled.
    ///
    /// # Errors
    /// Never of the shipped lists and of those that [`Self::new`] has checked.
    pub fn words(&self) -> Result<&Words, Faults> {
        if let Some(words) = self.compiled.get() {
            return Ok(words);
        }
        let words = Words::load(&self.files)?;
        Ok(self.compiled.get_or_init(|| words))
    }

    /// The text of an office's own files, for the hash of what judges; empty where there are none.
    pub fn own(&self) -> impl Iterator<Item = (List, &str)> {
        self.files.own()
    }
}
