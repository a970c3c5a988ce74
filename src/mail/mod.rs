//! Letters: grouped and composed (pure), kept in an outbox, sent.

pub mod compose;
pub mod letters;
pub mod notices;
pub mod official;
pub mod outbox;
pub mod preview;
pub mod robot;
pub mod send;

pub use letters::{Dates, Letter, LetterError, letters, letters_dated};
