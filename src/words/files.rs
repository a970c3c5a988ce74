//! The word lists: those in the binary, and an installation's own, which add to them.

use super::Tier;

/// One list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// Wrong forms that are never right, and what is right.
    Never,
    /// Words of two characters, and what is wrongly written for each of them.
    Near,
    /// Wrong forms that are right in some contexts.
    Context,
    /// Matters of style.
    Style,
    /// Fixed expressions: a text that differs from one in a single character that sounds or looks alike is wrong.
    Terms,
    /// What is right although it looks wrong.
    Right,
    /// Characters that sound alike.
    Sounds,
    /// Characters that look alike.
    Shapes,
    /// What an office does not want to see on its sites; none are shipped.
    Forbidden,
    /// Texts that were replaced or repealed, and by what; none are shipped.
    Superseded,
}

impl List {
    /// All lists.
    pub const ALL: [Self; 10] = [
        Self::Never,
        Self::Near,
        Self::Context,
        Self::Style,
        Self::Terms,
        Self::Right,
        Self::Sounds,
        Self::Shapes,
        Self::Forbidden,
        Self::Superseded,
    ];

    /// Its name: the file without `.tsv`, and the `rule` of its hits.
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Near => "near",
            Self::Context => "context",
            Self::Style => "style",
            Self::Terms => "terms",
            Self::Right => "right",
            Self::Sounds => "sounds",
            Self::Shapes => "shapes",
            Self::Forbidden => "forbidden",
            Self::Superseded => "superseded",
        }
    }

    /// The tier of its hits; `None` where it has none.
    pub fn tier(self) -> Option<Tier> {
        match self {
            Self::Never | Self::Terms => Some(Tier::Never),
            // Nobody knows every word of two characters.
            Self::Near | Self::Context => Some(Tier::Context),
            Self::Style => Some(Tier::Style),
            Self::Right | Self::Sounds | Self::Shapes | Self::Forbidden | Self::Superseded => None,
        }
    }

    /// The list that a file of this name holds.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| name.strip_suffix(".tsv") == Some(list.name()))
    }
}

/// Files of word lists, later ones added to earlier ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WordFiles(pub(super) Vec<WordFile>);

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WordFile {
    pub(super) list: List,
    /// Its name in messages.
    pub(super) shown: String,
    pub(super) text: std::borrow::Cow<'static, str>,
}

impl WordFiles {
    /// The lists in the binary.
    pub fn shipped() -> Self {
        let files = SHIPPED.iter().map(|(list, text)| WordFile {
            list: *list,
            shown: format!("rules/words/{}.tsv", list.name()),
            text: std::borrow::Cow::Borrowed(text),
        });
        Self(files.collect())
    }

    /// The files that are not in the binary.
    pub(super) fn own(&self) -> impl Iterator<Item = (List, &str)> {
        let own = self.0.iter().filter(|file| matches!(file.text, std::borrow::Cow::Owned(_)));
        own.map(|file| (file.list, file.text.as_ref()))
    }

    /// The same lists with one more file; messages call it `shown`.
    #[must_use]
    pub fn with(mut self, list: List, shown: &str, text: String) -> Self {
        self.0.push(WordFile { list, shown: shown.to_owned(), text: std::borrow::Cow::Owned(text) });
        self
    }
}

macro_rules! shipped {
    ($($list:ident = $file:literal),* $(,)?) => {
        &[$((List::$list, include_str!(concat!("../../rules/words/", $file)))),*]
    };
}

const SHIPPED: &[(List, &str)] = shipped![
    Sounds = "sounds.tsv",
    Shapes = "shapes.tsv",
    Never = "never.tsv",
    Near = "near.tsv",
    Context = "context.tsv",
    Style = "style.tsv",
    Terms = "terms.tsv",
    Right = "right.tsv",
];
