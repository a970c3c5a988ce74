//! The integration tests: one binary, so that the crate is linked once.

mod architecture;
mod checks;
mod config;
mod demo;
mod egress;
mod ipv6;
mod kit;
mod ledger;
mod mail;
mod papers_sample;
mod registry;
mod smtp_sink;
