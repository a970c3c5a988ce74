//! xuncha (巡查): the patrol that an office runs over its government websites.
//!
//! The crate is one straight line; read [`patrol`] to see it as code:
//!
//! ```text
//! registry ─▶ crawl (frontier, pace) ─▶ fetch ─ Exchange ─▶ facts ─ PageFacts ─▶ facts::site ─ SiteFacts
//!    ─▶ checks (bound to rules) ─ Finding | Gap ─▶ assess ─▶ ledger ─▶ report ─▶ mail
//! ```
//!
//! Crawling and judging are apart: facts are stored, so a changed rule judges them again without a crawl.
//! A network observation is never a `bool`: what could not be seen is a [`finding::Gap`].

pub mod assess;
pub mod calendar;
pub mod checks;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crawl;
pub mod demo;
pub mod evidence;
pub mod exchange;
pub mod expr;
pub mod facts;
pub mod fetch;
pub mod finding;
pub mod inspection;
pub mod judge;
pub mod ledger;
pub mod mail;
pub mod patrol;
pub mod registry;
pub mod report;
pub mod rules;
pub mod score;
pub mod store;
pub mod url;
pub mod words;
