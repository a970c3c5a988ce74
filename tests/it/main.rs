//! The integration tests: one binary, so that the crate is linked once.

mod architecture;
mod checks;
mod columns;
mod config;
mod crawl;
mod demo;
mod documents;
mod egress;
mod hostile;
mod inspect_url_robots;
mod ipv6;
mod kill;
mod kit;
mod ledger;
mod links;
mod mail;
mod notify;
mod pages;
mod papers_sample;
mod politeness;
mod registry;
mod registry_faults;
mod replay;
mod smtp_sink;
mod sources;
mod today;
