//! The integration tests: one binary, so that the crate is linked once.

mod mail;
mod papers_sample;
mod smtp_sink;
