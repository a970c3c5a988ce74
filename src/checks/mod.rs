//! The checks: one file each, all listed in `CHECKS`. A check judges one subject as one look saw it.
#![deny(clippy::disallowed_methods)]
