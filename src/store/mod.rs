//! SQLite: the only place that writes SQL.

pub mod facts;
pub mod ledger;
pub mod outbox;
