//! Cases: append-only events and the state folded from them.

pub mod case;
pub mod deadline;
pub mod event;
