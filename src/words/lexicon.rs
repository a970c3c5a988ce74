//! The lists of one installation, compiled when they are first asked for.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Words;
use super::files::{List, WordFiles};
use crate::config::fault::Faults;

/// See the module. By default the shipped lists alone.
#[derive(Debug)]
pub struct Lexicon {
    files: WordFiles,
    compiled: OnceLock<Arc<Words>>,
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
        let words = compiled(&files)?;
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
        let words = compiled(&self.files)?;
        Ok(self.compiled.get_or_init(|| words))
    }

    /// The text of an office's own files, for the hash of what judges; empty where there are none.
    pub fn own(&self) -> impl Iterator<Item = (List, &str)> {
        self.files.own()
    }
}

/// The lists of these files, and for who asks again in the same process, as a demo of many commands does, the same lists.
fn compiled(files: &WordFiles) -> Result<Arc<Words>, Faults> {
    static LAST: Mutex<Option<(WordFiles, Arc<Words>)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, words)) = last.as_ref().filter(|(of, _)| of == files) {
        return Ok(Arc::clone(words));
    }
    let words = Arc::new(Words::load(files)?);
    *last = Some((files.clone(), Arc::clone(&words)));
    Ok(words)
}
