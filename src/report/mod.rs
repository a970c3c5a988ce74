//! Papers as documents: lists, ledgers, summaries. Pure; `render` turns them into files.

pub mod render;
