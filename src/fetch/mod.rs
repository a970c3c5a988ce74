//! The only place that opens sockets to targets.

pub mod authority;
pub mod dns;
pub mod egress;
pub mod http;
pub mod probe;
