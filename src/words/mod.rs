//! Words: forms that are wrong in official texts, and forms that an office forbids, found in plain text. Pure; knows no page.
//!
//! Lists are data (`rules/words/*.tsv`, and an installation's own beside them), read by [`read`](self::files::WordFiles) and
//! compiled once into [`Words`]. A list's name is the `rule` of its hits, and decides their [`Tier`].
#![deny(clippy::disallowed_methods)]

mod alike;
mod clean;
mod compile;
pub mod files;
mod find;
mod index;
mod keep;
pub mod lexicon;
mod near;
mod read;
mod term;

use serde::Serialize;

pub use self::clean::Clean;
pub use self::compile::Words;
pub use self::find::Asked;
pub use self::keep::is_like_a_name;

/// How sure a list is of its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Never right: goes into a list by itself.
    Never,
    /// Right in some contexts: a person looks.
    Context,
    /// A matter of style: off unless asked for.
    Style,
}

impl Tier {
    /// 1, 2 or 3.
    pub fn number(self) -> u8 {
        match self {
            Self::Never => 1,
            Self::Context => 2,
            Self::Style => 3,
        }
    }
}

impl Serialize for Tier {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

/// One wrong form in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// How sure its list is.
    pub tier: Tier,
    /// Where it starts, in characters.
    pub start: usize,
    /// How long it is, in characters.
    pub len: usize,
    /// What stands there.
    pub wrong: String,
    /// What would be right.
    pub right: String,
    /// The list that has it.
    pub rule: &'static str,
    /// Where it starts, in bytes.
    #[serde(skip)]
    pub at: usize,
}

#[cfg(test)]
mod tests;
