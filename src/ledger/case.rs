//! The case: pure transitions, the state as a fold of events.
