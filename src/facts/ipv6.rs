//! What was seen of a host's IPv6 support, as plain values; `fetch::probe` fills them in.

use std::net::{Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::exchange::{ConnectError, Exchange, ResolveError};

/// Everything one look saw of a site's IPv6 support. Stage by stage, so that a failed stage is told from one not reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ipv6Facts {
    /// The host of the home page.
    pub host: String,
    /// Why our own IPv6 could not be used, where it could not (`no-route`, `self-test-failed`, `proxy`): then only
    /// `aaaa` below means anything.
    pub own_fault: Option<String>,
    /// AAAA records as answered.
    pub aaaa: Result<Vec<Ipv6Addr>, ResolveError>,
    /// Those of them that are globally reachable (or lie in a range the operator allowed).
    pub global: Vec<Ipv6Addr>,
    /// One TCP (and, on 443, TLS) try to every global address on the ports in use.
    pub tries: Vec<Ipv6Try>,
    /// The home page fetched with the family pinned to IPv6 through all redirects; `None` where no address answered.
    pub home: Option<Exchange>,
}

/// One address and port that was tried over IPv6.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ipv6Try {
    /// Where to.
    pub addr: SocketAddr,
    /// TCP.
    pub tcp: Result<(), ConnectError>,
    /// TLS with SNI and verification, where the port speaks it and TCP was made.
    pub tls: Option<Result<(), String>>,
    /// Milliseconds until TCP was made or given up.
    pub took_ms: u64,
}
