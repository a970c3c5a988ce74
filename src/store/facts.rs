//! `facts.db`: runs, frontier, exchanges, page facts, snapshots.
