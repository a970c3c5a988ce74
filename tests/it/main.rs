//! The integration tests: one binary, so that the crate is linked once.

mod accuracy;
mod architecture;
#[cfg(feature = "browser")]
mod browser;
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
mod ipv6_sites;
mod kill;
mod kit;
mod ledger;
mod links;
mod mail;
mod notify;
mod own;
mod pages;
mod papers_sample;
mod politeness;
mod probe;
mod registry;
mod registry_faults;
mod replay;
mod shapes;
mod smtp_sink;
mod sources;
mod tls;
mod today;
mod verdicts;
