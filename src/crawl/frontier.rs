//! The frontier: what is known, what is due, in which order. Pure.
