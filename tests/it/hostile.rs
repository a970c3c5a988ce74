//! Hostile servers, through the real binary.
