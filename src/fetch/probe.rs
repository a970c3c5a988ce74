//! Looks that pin the address family: what a host really offers over IPv6.
//!
//! Every address is tried by itself, without happy eyeballs and without falling back to IPv4; and our own IPv6 is
//! tried first, because what we cannot reach says nothing of the site until we know that we can reach anything.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::authority::{self, Zones};
use super::dns::{Denied, Family, Names};
use super::egress::{EgressPolicy, globally_reachable};
use super::http::{Fetched, Want};
use crate::config::valid::EgressConfig;
use crate::exchange::{ConnectError, FetchError, ResolveError};
use crate::facts::alike::{self, Likeness};
use crate::facts::authority as authority_facts;
use crate::facts::ipv6::{Ipv6Facts, Ipv6Try, Lack, Otherwise, lack};
use crate::facts::reach::NameSeen;
use crate::finding::{Gap, Seen};
use crate::url::PolitenessKey;

/// What a probe asks of the crawl around it.
pub trait Surroundings: Sync {
    /// Waits until politeness allows one more connection to `addr`, which answers for `host`.
    fn token(&self, host: &str, addr: SocketAddr) -> impl Future<Output = ()> + Send;

    /// Fetches `url` with the family pinned through every redirect, through the usual gates.
    fn fetch(&self, url: &Url, family: Family, want: Want) -> impl Future<Output = Fetched> + Send;
}

/// What one look at many sites asks only once: zones and hosts that they share.
#[derive(Debug, Default)]
pub struct Shared {
    zones: Zones,
    hosts: Mutex<HashMap<String, NameSeen>>,
}

/// Looks at IPv6. One per process.
pub struct Ipv6Probe {
    names: Arc<Names>,
    policy: Arc<EgressPolicy>,
    tls: Arc<ClientConfig>,
    proxied: bool,
    /// An address in each IPv6 range the operator opened.
    opened: Vec<Ipv6Addr>,
    connect: Duration,
    witnesses: Vec<SocketAddr>,
}

impl Ipv6Probe {
    /// A probe that gives each TCP and each TLS handshake `connect`, and verifies certificates by `tls`.
    pub fn new(
        config: &EgressConfig,
        policy: Arc<EgressPolicy>,
        names: Arc<Names>,
        tls: Arc<ClientConfig>,
        connect: Duration,
    ) -> Self {
        let opened = config.allow_private.iter().filter_map(|range| match range.addr {
            std::net::IpAddr::V6(v6) => Some(v6),
            std::net::IpAddr::V4(_) => None,
        });
        Self {
            names,
            policy,
            tls,
            proxied: config.proxy.is_some(),
            opened: opened.collect(),
            connect,
            witnesses: WITNESSES.iter().map(|ip| SocketAddr::new((*ip).into(), 53)).collect(),
        }
    }

    /// Asks these in place of the public name servers whether our own IPv6 reaches anything.
    #[must_use]
    pub fn with_witnesses(mut self, witnesses: Vec<SocketAddr>) -> Self {
        self.witnesses = witnesses;
        self
    }

    /// One look at the IPv6 support of the site whose home page is `home`.
    ///
    /// # Errors
    /// A gap where the question has no meaning: the site is addressed by an IPv4 literal, or its name is mapped to IPv4
    /// addresses by the configuration.
    pub async fn look(
        &self,
        home: &Url,
        shared: &Shared,
        around: &impl Surroundings,
    ) -> Result<Ipv6Facts, Gap> {
        let host = home.host_str().unwrap_or_default().to_owned();
        if matches!(home.host(), Some(Host::Ipv4(_))) {
            return Err(Gap::new(host, "ip-literal"));
        }
        let aaaa = match self.names.addresses(&host, Family::V6).await {
            Ok(found) => Ok(found.into_iter().filter_map(as_v6).collect::<Vec<_>>()),
            Err(Denied::NotMapped) => return Err(Gap::new(host, "not-mapped")),
            // The mapping hides what the public DNS says.
            Err(_) if self.names.is_mapped(&host) => return Err(Gap::new(host, "mapped")),
            Err(Denied::Resolve(error)) => Err(error),
            Err(Denied::Refused(_)) => Err(ResolveError::NoAddress),
        };
        let found = aaaa.as_deref().unwrap_or_default();
        let global: Vec<_> = found.iter().copied().filter(|ip| self.policy.counts_as_global(*ip)).collect();
        let mut facts = Ipv6Facts::of_names(host, aaaa, global);
        facts.own_fault = self.own_fault(&facts.global);
        facts.authority = self.authority(&facts, shared, around).await;
        if facts.own_fault.is_some() || facts.global.is_empty() {
            return Ok(facts);
        }
        facts.tries = self.tries(home, &facts, around).await;
        if facts.tries.iter().any(|seen| seen.tcp.is_ok()) {
            let fetched = around.fetch(home, Family::V6, Want::Page).await;
            facts.likeness = likeness(home, &fetched, around).await;
            facts.home = Some(fetched.exchange);
        } else {
            facts.own_fault = self.doubt(&facts).await;
        }
        Ok(facts)
    }

    /// What the DNS says of each host, each asked once in a look.
    pub async fn hosts(&self, wanted: Vec<String>, shared: &Shared) -> Vec<NameSeen> {
        let known =
            |name: &str| shared.hosts.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        let mut open: Vec<&String> = wanted.iter().filter(|name| known(name).is_none()).collect();
        open.sort();
        open.dedup();
        open.truncate(MOST_HOSTS);
        for some in open.chunks(AT_ONCE) {
            let mut asking = JoinSet::new();
            for name in some.iter().map(|name| (*name).clone()) {
                let (names, policy) = (Arc::clone(&self.names), Arc::clone(&self.policy));
                asking.spawn(async move {
                    let seen = name_seen(&name, &names, &policy).await;
                    (name, seen)
                });
            }
            let seen = asking.join_all().await;
            shared.hosts.lock().unwrap_or_else(PoisonError::into_inner).extend(seen);
        }
        let unseen = || NameSeen::Unknown("not-tried".to_owned());
        wanted.iter().map(|name| known(name).unwrap_or_else(unseen)).collect()
    }

    /// Whether the name servers of the public DNS may be asked at all: behind a proxy they may not.
    pub fn sees_names(&self) -> bool {
        !self.proxied
    }

    async fn authority(
        &self,
        facts: &Ipv6Facts,
        shared: &Shared,
        around: &impl Surroundings,
    ) -> Seen<authority_facts::Authority> {
        let unheard = matches!(facts.aaaa, Err(ResolveError::ServerFailure | ResolveError::Timeout));
        match &facts.own_fault {
            Some(fault) if fault == "proxy" => Err(Gap::new(&facts.host, "proxy")),
            _ if unheard => Err(Gap::new(&facts.host, "dns")),
            fault => {
                let with = (&*self.names, &*self.policy);
                authority::look(&facts.host, fault.is_none(), &shared.zones, with, around).await
            }
        }
    }

    /// Why our own IPv6 cannot be used for a look at `targets`, before anything is sent.
    fn own_fault(&self, targets: &[Ipv6Addr]) -> Option<String> {
        if self.proxied {
            return Some("proxy".to_owned());
        }
        let witnesses =
            || self.opened.iter().copied().chain(self.witnesses.iter().filter_map(|w| as_v6(w.ip())));
        let usable = if targets.is_empty() {
            witnesses().any(has_route)
        } else {
            targets.iter().copied().any(has_route)
        };
        (!usable).then(|| "no-route".to_owned())
    }

    /// Whether it may be we who cannot connect: every try failed without an answer, and so does every witness.
    async fn doubt(&self, facts: &Ipv6Facts) -> Option<String> {
        let silent = |seen: &Ipv6Try| matches!(seen.tcp, Err(ConnectError::Timeout | ConnectError::NoRoute));
        if facts.tries.iter().all(|seen| seen.tcp == Err(ConnectError::NoRoute)) {
            return Some("no-route".to_owned());
        }
        let public = facts.global.iter().any(|ip| globally_reachable(*ip));
        if !public || !facts.tries.iter().all(silent) {
            return None;
        }
        for witness in &self.witnesses {
            // A refusal is an answer too: something out there was reached.
            if matches!(tcp(*witness, self.connect).await, Ok(_) | Err(ConnectError::Refused)) {
                return None;
            }
        }
        Some("self-test-failed".to_owned())
    }

    async fn tries(&self, home: &Url, facts: &Ipv6Facts, around: &impl Surroundings) -> Vec<Ipv6Try> {
        let mut targets = Vec::new();
        for (port, tls) in ports(home) {
            // A mapped name goes where the mapping says, port included.
            let found = self.names.check(&facts.host, port, Family::V6).await.unwrap_or_default();
            targets.extend(found.into_iter().map(|addr| (addr, tls)));
        }
        let mut tries = Vec::with_capacity(targets.len());
        for (addr, tls) in targets {
            if as_v6(addr.ip()).is_none_or(|ip| !facts.global.contains(&ip)) {
                continue;
            }
            around.token(PolitenessKey::of(home).as_str(), addr).await;
            let started = Instant::now();
            let connected = tcp(addr, self.connect).await;
            let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let (tcp, tls) = match connected {
                Ok(stream) if tls => (Ok(()), Some(self.handshake(stream, home).await)),
                Ok(_) => (Ok(()), None),
                Err(error) => (Err(error), None),
            };
            tries.push(Ipv6Try { addr, tcp, tls, took_ms });
        }
        tries
    }

    async fn handshake(&self, stream: TcpStream, home: &Url) -> Result<(), String> {
        let name = match home.host() {
            Some(Host::Domain(name)) => ServerName::try_from(name.trim_end_matches('.').to_owned()),
            Some(Host::Ipv6(ip)) => Ok(ServerName::from(std::net::IpAddr::V6(ip))),
            _ => return Err("no name to verify".to_owned()),
        }
        .map_err(|error| error.to_string())?;
        let shaking = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream);
        match tokio::time::timeout(self.connect, shaking).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("timeout".to_owned()),
        }
    }
}

/// One link asked for over IPv6, and once more where it seems to lack something.
///
/// # Errors
/// The reason why nothing can be said.
pub async fn link(
    url: &Url,
    otherwise: Otherwise,
    around: &impl Surroundings,
) -> Result<Option<Lack>, String> {
    if lack(&around.fetch(url, Family::V6, Want::Probe).await.exchange, otherwise)?.is_none() {
        return Ok(None);
    }
    if !otherwise.works {
        return Err("fails-over-ipv4-too".to_owned());
    }
    lack(&around.fetch(url, Family::V6, Want::Probe).await.exchange, otherwise)
}

/// Hosts of one site that are resolved, and how many at a time.
const MOST_HOSTS: usize = 500;
const AT_ONCE: usize = 8;

/// The home page over IPv6 beside the same over IPv4; asked over IPv4 a second time where they differ.
async fn likeness(home: &Url, six: &Fetched, around: &impl Surroundings) -> Seen<Likeness> {
    let host = home.host_str().unwrap_or_default();
    let gap = |why: &str| Gap::new(host, why);
    let over_ipv6 = alike::read(&six.exchange, &six.body).ok_or_else(|| gap("not-fetched"))?;
    let four = around.fetch(home, Family::V4, Want::Page).await;
    if matches!(four.exchange.outcome, Err(FetchError::Resolve(ResolveError::NoAddress))) {
        return Err(gap("no-ipv4"));
    }
    let over_ipv4 = alike::read(&four.exchange, &four.body).ok_or_else(|| gap("fails-over-ipv4-too"))?;
    let mut likeness = alike::compare(Some(&over_ipv4), &over_ipv6);
    if likeness.wants_control() {
        let again = around.fetch(home, Family::V4, Want::Page).await;
        let again = alike::read(&again.exchange, &again.body);
        likeness.restless = again.map(|again| alike::text_score(&over_ipv4, &again));
    }
    Ok(likeness)
}

async fn name_seen(name: &str, names: &Names, policy: &EgressPolicy) -> NameSeen {
    let answer = match names.addresses(name, Family::V6).await {
        Ok(found) => Ok(found.into_iter().filter_map(as_v6).collect()),
        Err(Denied::Resolve(error)) => Err(error),
        Err(Denied::NotMapped) => return NameSeen::Unknown("not-mapped".to_owned()),
        Err(Denied::Refused(_)) => return NameSeen::Unknown("egress".to_owned()),
    };
    if names.is_mapped(name) && answer.is_err() {
        return NameSeen::Unknown("mapped".to_owned());
    }
    NameSeen::of(&answer, |ip| policy.counts_as_global(ip))
}

/// Public name servers in China and abroad, which exist to be asked: of Alibaba, of CFIEC, of Google.
const WITNESSES: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0x2400, 0x3200, 0, 0, 0, 0, 0, 1),
    Ipv6Addr::new(0x240c, 0, 0, 0, 0, 0, 0, 0x6666),
    Ipv6Addr::new(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888),
];

/// The ports a browser may try for this home page, and whether they speak TLS.
fn ports(home: &Url) -> Vec<(u16, bool)> {
    match home.port() {
        Some(port) => vec![(port, home.scheme() == "https")],
        None => vec![(80, false), (443, true)],
    }
}

fn as_v6(ip: std::net::IpAddr) -> Option<Ipv6Addr> {
    match ip {
        std::net::IpAddr::V6(v6) => Some(v6),
        std::net::IpAddr::V4(_) => None,
    }
}

/// Whether the kernel would send to `target`, and from an address that can be answered. Connecting a UDP socket asks
/// the routing table and sends nothing.
fn has_route(target: Ipv6Addr) -> bool {
    let source = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))
        .and_then(|socket| socket.connect((target, 443)).and_then(|()| socket.local_addr()));
    match source {
        // From a unique local address, the usual case in containers, nothing comes back from the global network.
        Ok(SocketAddr::V6(source)) => !globally_reachable(target) || globally_reachable(*source.ip()),
        _ => false,
    }
}

async fn tcp(addr: SocketAddr, limit: Duration) -> Result<TcpStream, ConnectError> {
    match tokio::time::timeout(limit, TcpStream::connect(addr)).await {
        Ok(connected) => connected.map_err(|error| connect_error(&error)),
        Err(_) => Err(ConnectError::Timeout),
    }
}

/// The kind of a failure to connect.
pub(super) fn connect_error(error: &io::Error) -> ConnectError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ConnectError::Refused,
        io::ErrorKind::TimedOut => ConnectError::Timeout,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => ConnectError::Reset,
        _ => ConnectError::NoRoute,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(config: &EgressConfig) -> Ipv6Probe {
        let policy = Arc::new(EgressPolicy::new(config));
        let names = Arc::new(Names::new(config, Arc::clone(&policy)));
        let tls = super::super::tls::verifying_tls().map(Arc::new).expect("a TLS configuration");
        Ipv6Probe::new(config, policy, names, tls, Duration::from_secs(1))
    }

    fn facts(ip: &str, tcp: Result<(), ConnectError>) -> Ipv6Facts {
        let ip: Ipv6Addr = ip.parse().expect("an address");
        let seen = Ipv6Try { addr: SocketAddr::new(ip.into(), 443), tcp, tls: None, took_ms: 1 };
        Ipv6Facts { tries: vec![seen], ..Ipv6Facts::of_names("h.test".into(), Ok(vec![ip]), vec![ip]) }
    }

    #[test]
    fn ports_of_a_home_page() {
        let of = |url: &str| ports(&Url::parse(url).expect("a URL"));
        assert_eq!(of("http://h.test/"), [(80, false), (443, true)]);
        assert_eq!(of("https://h.test/"), [(80, false), (443, true)]);
        assert_eq!(of("https://h.test:8443/"), [(8443, true)]);
        assert_eq!(of("http://h.test:8080/"), [(8080, false)]);
    }

    #[tokio::test]
    async fn silence_is_ours_until_a_witness_answers() {
        let closed = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
            listener.local_addr().expect("its address")
        };
        let alone = probe(&EgressConfig::default()).with_witnesses(Vec::new());
        let answered = probe(&EgressConfig::default()).with_witnesses(vec![closed]);
        let silent = facts("2400:3200::1", Err(ConnectError::Timeout));
        assert_eq!(alone.doubt(&silent).await.as_deref(), Some("self-test-failed"));
        assert_eq!(answered.doubt(&silent).await, None, "a refusal proves that something was reached");
        let refused = facts("2400:3200::1", Err(ConnectError::Refused));
        assert_eq!(alone.doubt(&refused).await, None, "the host itself answered");
        let routeless = facts("2400:3200::1", Err(ConnectError::NoRoute));
        assert_eq!(answered.doubt(&routeless).await.as_deref(), Some("no-route"));
        let private = facts("fd00::1", Err(ConnectError::Timeout));
        assert_eq!(alone.doubt(&private).await, None, "no public witness speaks for an opened private range");
    }

    #[test]
    fn a_proxy_hides_ipv6() {
        let config = EgressConfig {
            proxy: Some(Url::parse("http://p.test:3128").expect("a URL")),
            ..EgressConfig::default()
        };
        assert_eq!(probe(&config).own_fault(&[Ipv6Addr::LOCALHOST]).as_deref(), Some("proxy"));
    }

    #[test]
    fn errors_of_the_kernel() {
        let of = |kind: io::ErrorKind| connect_error(&io::Error::from(kind));
        assert_eq!(of(io::ErrorKind::ConnectionRefused), ConnectError::Refused);
        assert_eq!(of(io::ErrorKind::NetworkUnreachable), ConnectError::NoRoute);
        assert_eq!(of(io::ErrorKind::HostUnreachable), ConnectError::NoRoute);
        assert_eq!(of(io::ErrorKind::ConnectionReset), ConnectError::Reset);
        assert_eq!(of(io::ErrorKind::TimedOut), ConnectError::Timeout);
    }
}
