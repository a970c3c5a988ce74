//! The only place that opens sockets to targets.

pub mod account;
pub mod authority;
#[cfg(feature = "browser")]
pub mod browser;
mod call;
mod clock;
pub mod dns;
pub mod egress;
mod failure;
pub mod hook;
pub mod http;
pub mod probe;
pub mod tls;
mod tls_der;
mod tls_hello;
