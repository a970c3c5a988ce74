//! The integration tests: one binary, so that the crate is linked once.

mod architecture;
mod checks;
mod config;
mod demo;
mod documents;
mod egress;
mod inspect_url_robots;
mod ipv6;
mod kit;
mod ledger;
mod mail;
mod notify;
mod pages;
mod papers_sample;
mod registry;
mod registry_faults;
mod smtp_sink;
