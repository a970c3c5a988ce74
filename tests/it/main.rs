//! The integration tests: one binary, so that the crate is linked once.

mod egress;
mod inspect_url_robots;
mod ipv6;
mod kit;
