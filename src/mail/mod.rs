//! Letters: composed (pure), kept in an outbox, sent.

pub mod compose;
pub mod outbox;
pub mod send;
