//! Name resolution that yields only addresses the egress policy allows.
//!
//! [`Names::check`] is asked before a request and tells the typed reason; [`CheckedResolver`] is what reqwest itself
//! resolves with, so that it cannot connect to anything that was not checked. Both see one cache, which holds even
//! answers with no life time for some seconds: a name that changes between the two questions changes nothing.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::egress::{EgressPolicy, Refusal};
use crate::config::valid::{ConnectTo, EgressConfig};
use crate::exchange::{FetchError, OurLimit, ResolveError};

/// Which addresses are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Both, IPv4 first.
    Any,
    /// Only IPv4.
    V4,
    /// Only IPv6.
    V6,
}

impl Family {
    /// Whether a connection to `ip` is of this family: a mapped address (`::ffff:a.b.c.d`) is IPv4.
    pub fn holds(self, ip: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => ip.to_canonical().is_ipv4(),
            Self::V6 => ip.to_canonical().is_ipv6(),
        }
    }
}

/// Why a name yields nothing to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// Resolving failed.
    Resolve(ResolveError),
    /// `--connect-to` is in use and the name is not mapped: it was not resolved.
    NotMapped,
    /// It resolves, and every address is refused; the first refusal.
    Refused(Refusal),
}

impl Denied {
    /// The reason that lies somewhere below an error of the HTTP library.
    pub fn within<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut below = Some(error);
        while let Some(error) = below {
            if let Some(denied) = error.downcast_ref() {
                return Some(denied);
            }
            below = error.source();
        }
        None
    }
}

impl From<Denied> for FetchError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Resolve(error) => Self::Resolve(error),
            Denied::NotMapped => Self::Ours(OurLimit::NotMapped),
            Denied::Refused(Refusal::Scheme(_) | Refusal::NoHost) => Self::Ours(OurLimit::Scheme),
            Denied::Refused(Refusal::Address(..)) => Self::Ours(OurLimit::InnerAddress),
            Denied::Refused(_) => Self::Ours(OurLimit::Egress),
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve(error) => write!(f, "resolving failed: {error:?}"),
            Self::NotMapped => f.write_str("the name is not mapped by --connect-to"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl Error for Denied {}

/// Resolves names. One per process; shared behind an `Arc`.
pub struct Names {
    policy: Arc<EgressPolicy>,
    /// `None` where the system names no servers.
    resolver: Option<TokioResolver>,
    mapped: Vec<ConnectTo>,
}

impl Names {
    /// Resolves by `config`: its name servers or the system's, never /etc/hosts, and search domains are never appended.
    pub fn new(config: &EgressConfig, policy: Arc<EgressPolicy>) -> Self {
        let resolver = resolver(&config.dns)
            .inspect_err(|error| tracing::warn!(%error, "no name servers: names will not resolve"))
            .ok();
        Self { policy, resolver, mapped: config.connect_to.clone() }
    }

    /// Whether `host` is mapped by `--connect-to` on any port, so that the public DNS says nothing of where we connect.
    pub fn is_mapped(&self, host: &str) -> bool {
        let host = plain(host);
        self.mapped.iter().any(|m| m.host == host)
    }

    /// Whether `--connect-to` is in use: then no name that is not mapped is resolved.
    pub fn maps_anything(&self) -> bool {
        !self.mapped.is_empty()
    }

    /// The addresses of `host` as they are answered, without judging them. A literal is its own address; a mapped name
    /// has the addresses it is mapped to.
    ///
    /// # Errors
    /// [`Denied::Resolve`] or [`Denied::NotMapped`].
    pub async fn addresses(&self, host: &str, family: Family) -> Result<Vec<IpAddr>, Denied> {
        let host = plain(host);
        if self.is_mapped(&host) {
            let targets = self.mapped.iter().filter(|m| m.host == host).map(|m| m.to.ip());
            return of_family(targets.collect(), family);
        }
        if let Ok(ip) = host.parse::<IpAddr>() {
            return of_family(vec![ip], family);
        }
        if !self.mapped.is_empty() {
            return Err(Denied::NotMapped);
        }
        if host == "localhost" || host.ends_with(".localhost") {
            let both = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            return of_family(both, family);
        }
        self.ask(&host, family).await.map_err(Denied::Resolve)
    }

    /// Where a connection to `host:port` may go: every address allowed, refused ones dropped. A mapped name yields the
    /// address and port it is mapped to.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn check(&self, host: &str, port: u16, family: Family) -> Result<Vec<SocketAddr>, Denied> {
        let name = plain(host);
        let found: Vec<SocketAddr> = if self.mapped.is_empty() {
            let ips = self.addresses(host, family).await?;
            ips.into_iter().map(|ip| SocketAddr::new(ip, port)).collect()
        } else {
            let targets = self.mapped.iter().filter(|m| m.host == name && m.port == port).map(|m| m.to);
            let targets: Vec<_> = targets.collect();
            // A literal that is not mapped needs no resolving: it is its own target.
            match (targets.is_empty(), name.parse::<IpAddr>()) {
                (true, Ok(ip)) => vec![SocketAddr::new(ip, port)],
                (true, Err(_)) => return Err(Denied::NotMapped),
                (false, _) => targets,
            }
        };
        let found = found.into_iter().filter(|addr| family.holds(addr.ip())).collect();
        keep_allowed(found, |addr| self.policy.allow(addr))
    }

    /// Whether the peer that a connection was really made to may be read from.
    ///
    /// # Errors
    /// The refusal: the answer must then be discarded.
    pub fn check_peer(&self, peer: SocketAddr) -> Result<(), Refusal> {
        self.policy.allow(peer)
    }

    /// The name servers of exactly `zone`, sorted; a name that is no zone has none.
    ///
    /// # Errors
    /// [`ResolveError::NoAddress`] where the name is no zone, else what failed.
    pub async fn name_servers(&self, zone: &str) -> Result<Vec<String>, ResolveError> {
        let zone = plain(zone);
        let name = Name::from_ascii(format!("{zone}.")).map_err(|_| ResolveError::NoSuchName)?;
        let Some(resolver) = &self.resolver else { return Err(ResolveError::ServerFailure) };
        let answer = tokio::time::timeout(LOOKUP, resolver.lookup(name.clone(), RecordType::NS)).await;
        let lookup = answer.map_err(|_| ResolveError::Timeout)?.map_err(|error| failure(&error))?;
        let own = lookup.answers().iter().filter(|record| record.name == name);
        let mut found: Vec<String> = own
            .filter_map(|record| match &record.data {
                RData::NS(server) => Some(plain(&server.0.to_ascii())),
                _ => None,
            })
            .collect();
        found.sort();
        found.dedup();
        found.truncate(MAX_ADDRESSES);
        if found.is_empty() { Err(ResolveError::NoAddress) } else { Ok(found) }
    }

    /// A resolver for reqwest that yields only allowed addresses of `family`. For a mapped name it yields the target of
    /// `port`, with its port; note that reqwest lets a port written in the URL override that.
    pub fn resolver(self: &Arc<Self>, family: Family, port: Option<u16>) -> CheckedResolver {
        CheckedResolver { names: Arc::clone(self), family, port }
    }

    async fn ask(&self, host: &str, family: Family) -> Result<Vec<IpAddr>, ResolveError> {
        let name = Name::from_ascii(format!("{host}.")).map_err(|_| ResolveError::NoSuchName)?;
        let Some(resolver) = &self.resolver else { return Err(ResolveError::ServerFailure) };
        match family {
            Family::V4 => typed(resolver, name, RecordType::A).await,
            Family::V6 => typed(resolver, name, RecordType::AAAA).await,
            Family::Any => {
                let (v4, v6) = tokio::join!(
                    typed(resolver, name.clone(), RecordType::A),
                    typed(resolver, name, RecordType::AAAA)
                );
                match (v4, v6) {
                    (Ok(mut v4), Ok(v6)) => {
                        v4.extend(v6);
                        Ok(v4)
                    }
                    (Ok(found), Err(_)) | (Err(_), Ok(found)) => Ok(found),
                    (Err(a), Err(b)) => Err(graver(a, b)),
                }
            }
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names")
            .field("policy", &self.policy)
            .field("mapped", &self.mapped)
            .finish_non_exhaustive()
    }
}

/// What reqwest resolves with. Its errors carry a [`Denied`], which [`Denied::within`] finds again.
#[derive(Debug, Clone)]
pub struct CheckedResolver {
    names: Arc<Names>,
    family: Family,
    port: Option<u16>,
}

impl reqwest::dns::Resolve for CheckedResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let Self { names, family, port } = self.clone();
        Box::pin(async move {
            let found = match (names.mapped.is_empty(), port) {
                (false, Some(port)) => names.check(name.as_str(), port, family).await?,
                (false, None) => {
                    let host = plain(name.as_str());
                    let targets = names.mapped.iter().filter(|m| m.host == host).map(|m| m.to);
                    let targets: Vec<_> = targets.filter(|addr| family.holds(addr.ip())).collect();
                    if targets.is_empty() {
                        return Err(Denied::NotMapped.into());
                    }
                    keep_allowed(targets, |addr| names.policy.allow(addr))?
                }
                // Port 0 keeps the URL's; whether that port is open was asked by `check`, and is asked of the peer.
                (true, _) => {
                    let ips = names.addresses(name.as_str(), family).await?;
                    let ips = ips.into_iter().filter(|ip| family.holds(*ip));
                    let found = ips.map(|ip| SocketAddr::new(ip, 0)).collect();
                    keep_allowed(found, |addr| names.policy.allow_ip(addr.ip()))?
                }
            };
            let found: reqwest::dns::Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

/// A question to one server, and the questions of one lookup: within the 10 s that connecting may take.
const ASK: Duration = Duration::from_secs(3);
const LOOKUP: Duration = Duration::from_secs(10);
/// Shortest life of an answer: longer than from the check to the connection.
const PIN: Duration = Duration::from_secs(10);
/// Longest life of a failure: shorter than the time between two looks.
const FORGET_FAILURE: Duration = Duration::from_secs(2);
/// Longest life of an answer.
const FORGET: Duration = Duration::from_mins(15);
/// Addresses of one name that are used; more is no portal but an attack on whoever tries them all.
const MAX_ADDRESSES: usize = 32;

fn resolver(servers: &[SocketAddr]) -> Result<TokioResolver, NetError> {
    let mut builder = if servers.is_empty() {
        TokioResolver::builder_tokio()?
    } else {
        let servers = servers.iter().map(|server| {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                connection.port = server.port();
                connection
            });
            NameServerConfig::new(server.ip(), true, connections.into())
        });
        let config = ResolverConfig::from_name_servers(servers.collect());
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    };
    let options: &mut ResolverOpts = builder.options_mut();
    options.use_hosts_file = ResolveHosts::Never;
    options.timeout = ASK;
    options.attempts = 2;
    options.try_tcp_on_error = true;
    options.positive_min_ttl = Some(PIN);
    options.positive_max_ttl = Some(FORGET);
    options.negative_min_ttl = Some(Duration::ZERO);
    options.negative_max_ttl = Some(FORGET_FAILURE);
    builder.build()
}

async fn typed(resolver: &TokioResolver, name: Name, kind: RecordType) -> Result<Vec<IpAddr>, ResolveError> {
    let answer = tokio::time::timeout(LOOKUP, resolver.lookup(name, kind)).await;
    let lookup = answer.map_err(|_| ResolveError::Timeout)?.map_err(|error| failure(&error))?;
    let mut found: Vec<IpAddr> = Vec::new();
    for record in lookup.answers() {
        let ip = match &record.data {
            RData::A(a) if kind == RecordType::A => IpAddr::V4(a.0),
            RData::AAAA(aaaa) if kind == RecordType::AAAA => IpAddr::V6(aaaa.0),
            _ => continue,
        };
        if !found.contains(&ip) && found.len() < MAX_ADDRESSES {
            found.push(ip);
        }
    }
    if found.is_empty() { Err(ResolveError::NoAddress) } else { Ok(found) }
}

fn failure(error: &NetError) -> ResolveError {
    match error {
        NetError::Timeout => ResolveError::Timeout,
        NetError::Io(io) if io.kind() == std::io::ErrorKind::TimedOut => ResolveError::Timeout,
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => ResolveError::NoSuchName,
            // A referral in place of an answer: the server does not know the zone.
            ResponseCode::NoError if none.ns.is_some() && none.soa.is_none() => ResolveError::ServerFailure,
            ResponseCode::NoError => ResolveError::NoAddress,
            _ => ResolveError::ServerFailure,
        },
        _ => ResolveError::ServerFailure,
    }
}

/// Of two failures the one that says more: a name that does not exist has neither family, but "no address" of one
/// family says nothing while the other was not answered.
fn graver(a: ResolveError, b: ResolveError) -> ResolveError {
    [ResolveError::NoSuchName, ResolveError::ServerFailure, ResolveError::Timeout]
        .into_iter()
        .find(|error| [a, b].contains(error))
        .unwrap_or(ResolveError::NoAddress)
}

fn of_family(found: Vec<IpAddr>, family: Family) -> Result<Vec<IpAddr>, Denied> {
    let found: Vec<_> = found.into_iter().filter(|ip| family.holds(*ip)).collect();
    if found.is_empty() { Err(Denied::Resolve(ResolveError::NoAddress)) } else { Ok(found) }
}

fn keep_allowed(
    found: Vec<SocketAddr>,
    allow: impl Fn(SocketAddr) -> Result<(), Refusal>,
) -> Result<Vec<SocketAddr>, Denied> {
    let mut refused = None;
    let mut kept = Vec::with_capacity(found.len());
    for addr in found {
        match allow(addr) {
            Ok(()) => kept.push(addr),
            Err(refusal) => refused = refused.or(Some(refusal)),
        }
    }
    match (kept.is_empty(), refused) {
        (false, _) => Ok(kept),
        (true, Some(refusal)) => Err(Denied::Refused(refusal)),
        (true, None) => Err(Denied::Resolve(ResolveError::NoAddress)),
    }
}

/// A host as it stands in a URL, as names are compared: lower case, no brackets, no trailing dot.
fn plain(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}
