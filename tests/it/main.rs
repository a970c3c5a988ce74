//! The integration tests: one binary, so that the crate is linked once.

mod egress;
mod ipv6;
mod kit;
