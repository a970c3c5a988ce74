//! What was seen of a host's IPv6 support, as plain values; `fetch::probe` fills them in.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::alike::Likeness;
use super::authority::Authority;
use super::reach::Reach;
use crate::exchange::{ConnectError, Exchange, FetchError, ReadError, ResolveError};
use crate::finding::{Gap, Seen};

/// Everything one look saw of a site's IPv6 support. Stage by stage, so that a failed stage is told from one not reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ipv6Facts {
    /// The host of the home page.
    pub host: String,
    /// Why our own IPv6 could not be used, where it could not (`no-route`, `self-test-failed`, `proxy`): then only
    /// what the DNS says means anything.
    pub own_fault: Option<String>,
    /// AAAA records as answered.
    pub aaaa: Result<Vec<Ipv6Addr>, ResolveError>,
    /// Those of them that are globally reachable (or lie in a range the operator allowed).
    pub global: Vec<Ipv6Addr>,
    /// One TCP (and, on 443, TLS) try to every global address on the ports in use.
    pub tries: Vec<Ipv6Try>,
    /// The home page fetched with the family pinned to IPv6 through all redirects; `None` where no address answered.
    pub home: Option<Exchange>,
    /// The name servers of the host's zone.
    #[serde(default = "not_tried")]
    pub authority: Seen<Authority>,
    /// The home page over IPv4 and over IPv6, set beside each other.
    #[serde(default = "not_tried")]
    pub likeness: Seen<Likeness>,
    /// Links of the second and third level, and the hosts that pages load from.
    #[serde(default = "not_tried")]
    pub reach: Seen<Reach>,
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

/// What is wrong with something asked for over IPv6 that is in order otherwise. Printed as the papers say it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "is", content = "at", rename_all = "kebab-case")]
pub enum Lack {
    /// It is answered by this status.
    Status(u16),
    /// It redirects to this URL, whose host has no IPv6 address.
    LeadsToIpv4(String),
    /// The connection was refused.
    Refused,
    /// Nobody answered the connection.
    NoConnection,
    /// The connection broke.
    Broken,
    /// No whole answer came in time.
    NoAnswer,
    /// TLS was not agreed.
    Tls,
    /// The redirects go in a circle.
    Loop,
    /// A redirect points nowhere.
    BadRedirect,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "访问返回{status}"),
            Self::LeadsToIpv4(url) => write!(f, "访问时跳转到没有IPv6地址的域名（{url}）"),
            Self::Refused => f.write_str("访问时连接被拒绝"),
            Self::NoConnection => f.write_str("访问时连接超时"),
            Self::Broken => f.write_str("访问时连接中断"),
            Self::NoAnswer => f.write_str("访问时响应超时"),
            Self::Tls => f.write_str("访问时TLS握手失败"),
            Self::Loop => f.write_str("访问时循环跳转"),
            Self::BadRedirect => f.write_str("访问时跳转到无效地址"),
        }
    }
}

/// How the same thing fares where the family is not pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Otherwise {
    /// It is there.
    pub works: bool,
    /// And it is there over https, with a certificate that holds.
    pub https: bool,
}

/// What is lacking in an answer over IPv6; `None` where nothing is.
///
/// # Errors
/// The reason why nothing can be said: a firewall, our own limits, or a fault that shows without IPv6 too.
pub fn lack(exchange: &Exchange, otherwise: Otherwise) -> Result<Option<Lack>, String> {
    let gap = |why: &str| Err(why.to_owned());
    let only_here = |lack: Lack| if otherwise.works { Ok(Some(lack)) } else { gap("fails-over-ipv4-too") };
    match &exchange.outcome {
        Ok(reply) => match reply.status {
            200..=399 => Ok(None),
            status @ (401 | 403 | 407 | 412 | 416 | 429 | 451 | 468 | 520..) => {
                gap(&format!("status-{status}"))
            }
            status => only_here(Lack::Status(status)),
        },
        Err(FetchError::Resolve(ResolveError::NoAddress)) => {
            Ok(Some(Lack::LeadsToIpv4(exchange.final_url().to_owned())))
        }
        Err(FetchError::Resolve(_)) => gap("dns"),
        Err(FetchError::Connect(ConnectError::NoRoute)) => gap("no-route"),
        Err(FetchError::Connect(ConnectError::Refused)) => Ok(Some(Lack::Refused)),
        Err(FetchError::Connect(ConnectError::Timeout)) => Ok(Some(Lack::NoConnection)),
        Err(FetchError::Connect(ConnectError::Reset)) => Ok(Some(Lack::Broken)),
        Err(FetchError::Head(ReadError::Timeout) | FetchError::Body(ReadError::Timeout)) => {
            only_here(Lack::NoAnswer)
        }
        Err(FetchError::Head(_) | FetchError::Body(_)) => only_here(Lack::Broken),
        // A certificate that fails over IPv4 too is no question of IPv6.
        Err(FetchError::Tls(_)) if otherwise.https => Ok(Some(Lack::Tls)),
        Err(FetchError::Tls(_)) => gap("tls"),
        Err(FetchError::RedirectLoop) => only_here(Lack::Loop),
        Err(FetchError::RedirectTarget(_)) => only_here(Lack::BadRedirect),
        Err(FetchError::Ours(_)) => gap("our-limit"),
    }
}

impl Ipv6Facts {
    /// What the DNS said of `host`, with nothing tried yet.
    pub fn of_names(host: String, aaaa: Result<Vec<Ipv6Addr>, ResolveError>, global: Vec<Ipv6Addr>) -> Self {
        Self {
            host,
            own_fault: None,
            aaaa,
            global,
            tries: Vec::new(),
            home: None,
            authority: not_tried(),
            likeness: not_tried(),
            reach: not_tried(),
        }
    }

    /// Whether the home page itself came over IPv6: then ours works, and so does the site's.
    pub fn home_came(&self) -> bool {
        self.own_fault.is_none()
            && self.home.as_ref().is_some_and(|home| {
                home.outcome.as_ref().is_ok_and(|reply| (200..400).contains(&reply.status))
            })
    }
}

fn not_tried<T>() -> Seen<T> {
    Err(Gap::new("", "not-tried"))
}
