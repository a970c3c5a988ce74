//! Papers as documents: lists, ledgers, summaries. Pure; `render` turns them into files.

pub mod candidates;
pub mod render;
pub mod review;
pub mod wording;
