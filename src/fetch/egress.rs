//! What may be connected to: one function, asked at every literal, every resolved address and every connected peer.
//!
//! Judges parsed addresses, never text: the URL parser has already turned every spelling of an address into one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use crate::config::valid::{Cidr, EgressConfig};

/// Which connections are allowed. Cheap to share behind an `Arc`; holds no state.
#[derive(Debug, Clone, Default)]
pub struct EgressPolicy {
    allow_private: Vec<Cidr>,
    ports: Vec<u16>,
    mapped: Vec<(String, u16)>,
}

/// Why a connection is refused. Always our own limit, never a fault of the site.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The port is neither 80 nor 443 nor listed, and the address lies in no opened range.
    Port(u16),
    /// The address is not globally reachable and in no opened range; which kind of address it is.
    Address(IpAddr, Kind),
    /// The scheme is neither http nor https.
    Scheme(String),
    /// A name that always means this machine or its cloud's metadata service.
    Name(String),
    /// The URL has no host.
    NoHost,
}

/// What kind of address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A cloud's metadata service or link-local: refused whatever the configuration opens.
    Metadata,
    /// This machine: 127.0.0.0/8, `::1`.
    Loopback,
    /// Private use: RFC 1918, RFC 6598, unique local.
    Private,
    /// 198.18.0.0/15: what local proxies with invented addresses answer.
    FakeIp,
    /// Reserved, documentation, multicast, unspecified, or not assigned for global use.
    Special,
}

impl EgressPolicy {
    /// The policy that `config` asks for.
    pub fn new(config: &EgressConfig) -> Self {
        Self {
            allow_private: config.allow_private.clone(),
            ports: config.ports.clone(),
            mapped: config.connect_to.iter().map(|m| (m.host.to_ascii_lowercase(), m.port)).collect(),
        }
    }

    /// Whether a connection to `addr` is allowed.
    ///
    /// # Errors
    /// The reason where it is not.
    pub fn allow(&self, addr: SocketAddr) -> Result<(), Refusal> {
        let ip = addr.ip();
        match self.judge(ip) {
            Standing::Opened => Ok(()),
            Standing::Refused(kind) => Err(Refusal::Address(ip, kind)),
            Standing::Global if self.port_listed(addr.port()) => Ok(()),
            Standing::Global => Err(Refusal::Port(addr.port())),
        }
    }

    /// Whether `ip` may be connected to on the ports that are open for it: [`Self::allow`] without the port.
    ///
    /// # Errors
    /// The reason where it may not.
    pub fn allow_ip(&self, ip: IpAddr) -> Result<(), Refusal> {
        match self.judge(ip) {
            Standing::Opened | Standing::Global => Ok(()),
            Standing::Refused(kind) => Err(Refusal::Address(ip, kind)),
        }
    }

    /// What can be said of a URL before any name is resolved: scheme, literal host, port, and names that need no asking.
    /// A name that passes here must still have its addresses passed to [`Self::allow`].
    ///
    /// # Errors
    /// The reason where the URL may not be fetched.
    pub fn allow_url(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        }
        let port = url.port_or_known_default().unwrap_or(0);
        match url.host() {
            None => Err(Refusal::NoHost),
            Some(Host::Ipv4(v4)) => self.allow_literal(SocketAddr::new(v4.into(), port), url),
            Some(Host::Ipv6(v6)) => self.allow_literal(SocketAddr::new(v6.into(), port), url),
            Some(Host::Domain(name)) => self.allow_name(name, port),
        }
    }

    /// Whether an address counts as reachable from everywhere: global, or in a range the operator opened.
    pub fn counts_as_global(&self, ip: Ipv6Addr) -> bool {
        // To every socket call a mapped address is IPv4: an opened IPv4 range makes it no IPv6.
        if ip.to_ipv4_mapped().is_some() {
            return false;
        }
        match self.judge(IpAddr::V6(ip)) {
            Standing::Opened => true,
            Standing::Global => globally_reachable(ip),
            Standing::Refused(_) => false,
        }
    }

    fn allow_literal(&self, addr: SocketAddr, url: &Url) -> Result<(), Refusal> {
        let host = url.host_str().unwrap_or_default();
        // The mapped target is judged by its own address once the mapping is looked up.
        if self.is_mapped(host, addr.port()) { Ok(()) } else { self.allow(addr) }
    }

    fn allow_name(&self, name: &str, port: u16) -> Result<(), Refusal> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if name.is_empty() {
            return Err(Refusal::NoHost);
        }
        if self.is_mapped(&name, port) {
            return Ok(());
        }
        let local = name == "localhost" || name.ends_with(".localhost");
        let loopback_open = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
            .into_iter()
            .any(|ip| self.allow_ip(ip).is_ok());
        if METADATA_NAMES.contains(&name.as_str()) || (local && !loopback_open) {
            return Err(Refusal::Name(name));
        }
        // With nothing opened, no address the name could have would take another port.
        if self.allow_private.is_empty() && !self.port_listed(port) {
            return Err(Refusal::Port(port));
        }
        Ok(())
    }

    fn is_mapped(&self, host: &str, port: u16) -> bool {
        self.mapped.iter().any(|(h, p)| *p == port && h == host)
    }

    fn port_listed(&self, port: u16) -> bool {
        matches!(port, 80 | 443) || self.ports.contains(&port)
    }

    fn judge(&self, ip: IpAddr) -> Standing {
        // A mapped address is the IPv4 address to every socket call.
        let ip = ip.to_canonical();
        if is_metadata(ip) || embedded(ip).iter().any(|v4| is_metadata(IpAddr::V4(*v4))) {
            return Standing::Refused(Kind::Metadata);
        }
        if self.allow_private.iter().any(|range| contains(range, ip)) {
            return Standing::Opened;
        }
        if let IpAddr::V4(v4) = ip {
            return special_v4(v4).map_or(Standing::Global, Standing::Refused);
        }
        let IpAddr::V6(v6) = ip else { return Standing::Refused(Kind::Special) };
        if let Some(kind) = special_v6(v6) {
            return Standing::Refused(kind);
        }
        embedded(ip).into_iter().find_map(special_v4).map_or(Standing::Global, Standing::Refused)
    }
}

impl Refusal {
    /// What an operator may try, where something is known; in Chinese, for reports.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Address(_, Kind::FakeIp) => {
                Some("解析结果为 198.18.0.0/15，本机可能装有 fake-IP 代理，请关闭后重试")
            }
            Self::Address(_, Kind::Private | Kind::Loopback) => {
                Some("内网地址默认不访问；政务外网网站请在配置 egress.allow_private 中列出网段")
            }
            Self::Port(_) => Some("默认只访问 80 和 443 端口；其他端口请在配置 egress.ports 中列出"),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(port) => write!(f, "port {port} is not open to us"),
            Self::Address(ip, kind) => write!(f, "{ip} is refused: {kind}"),
            Self::Scheme(scheme) => write!(f, "scheme {scheme} is not http or https"),
            Self::Name(name) => write!(f, "{name} is refused by its name"),
            Self::NoHost => f.write_str("the URL has no host"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metadata => "metadata or link-local address",
            Self::Loopback => "loopback address",
            Self::Private => "private address",
            Self::FakeIp => "198.18.0.0/15 (local fake-IP proxy?)",
            Self::Special => "special-purpose address",
        })
    }
}

impl std::error::Error for Refusal {}

/// Whether an IPv6 address is native, global unicast by IANA's special-purpose registry: what counts as IPv6 support.
/// 6to4, Teredo, NAT64 and every form that embeds IPv4 by a well-known prefix do not.
pub fn globally_reachable(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let native = first & 0xe000 == 0x2000 && first != 0x2002 && !(first == 0x2001 && second == 0);
    native
        && special_v6(ip).is_none()
        && embedded(IpAddr::V6(ip)).into_iter().all(|v4| special_v4(v4).is_none())
}

/// Names of metadata services; their addresses are refused as well, but a proxy would resolve the name for us.
const METADATA_NAMES: [&str; 5] =
    ["metadata", "metadata.google.internal", "metadata.goog", "metadata.tencentyun.com", "instance-data"];

enum Standing {
    /// In a range the operator opened.
    Opened,
    Global,
    Refused(Kind),
}

/// Addresses at which clouds answer with credentials, and the link-local ranges they live in.
fn is_metadata(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            v4.is_link_local()
                || matches!(
                    v4.octets(),
                    // Alibaba, Azure, Oracle, Volcengine
                    [100, 100, 100, 200] | [168, 63, 129, 16] | [192, 0, 0, 192] | [100, 96, 0, 96]
                )
        }
        IpAddr::V6(v6) => {
            v6.is_unicast_link_local()
                // Amazon and Google
                || v6.segments() == [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254]
                || v6.segments() == [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254]
        }
    }
}

/// IANA's special-purpose IPv4 registry, without the few blocks it calls globally reachable.
fn special_v4(ip: Ipv4Addr) -> Option<Kind> {
    let kind = match ip.octets() {
        [127, ..] => Kind::Loopback,
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] | [100, 64..=127, ..] => Kind::Private,
        [198, 18 | 19, ..] => Kind::FakeIp,
        [169, 254, ..] => Kind::Metadata,
        [0 | 224..=255, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Kind::Special,
        _ => return None,
    };
    Some(kind)
}

/// The same for IPv6. Forms that carry an IPv4 address by a known rule pass here and are judged by what they carry.
fn special_v6(ip: Ipv6Addr) -> Option<Kind> {
    let [first, second, ..] = ip.segments();
    if ip.is_loopback() {
        return Some(Kind::Loopback);
    }
    if matches!(first, 0xfc00..=0xfdff | 0xfec0..=0xfeff) {
        return Some(Kind::Private);
    }
    // IPv4-compatible, -mapped, -translated, NAT64; 6to4 and Teredo lie within 2000::/3.
    if matches!(ip.segments(), [0, 0, 0, 0, 0 | 0xffff, 0 | 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..]) {
        return None;
    }
    let unicast = first & 0xe000 == 0x2000;
    // 2001::/23 beside Teredo (benchmarking, ORCHID …), and the two documentation blocks.
    let reserved = match first {
        0x2001 => matches!(second, 1..=0x1ff | 0xdb8),
        0x3fff => second <= 0xfff,
        _ => false,
    };
    (!unicast || reserved).then_some(Kind::Special)
}

/// Every IPv4 address that `ip` carries by a well-known rule.
fn embedded(ip: IpAddr) -> Vec<Ipv4Addr> {
    let IpAddr::V6(v6) = ip else { return Vec::new() };
    let s = v6.segments();
    let pair = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    let mut found = Vec::new();
    match s {
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            found.push(pair(s[6], s[7]));
        }
        [0x2002, high, low, ..] => found.push(pair(high, low)),
        [0x2001, 0, high, low, ..] => found.extend([pair(high, low), pair(!s[6], !s[7])]),
        _ => {}
    }
    // ISATAP: the interface identifier says "IPv4 follows".
    if s[4] & !0x0200 == 0 && s[5] == 0x5efe {
        found.push(pair(s[6], s[7]));
    }
    found
}

fn contains(range: &Cidr, ip: IpAddr) -> bool {
    let shared = |left: u128, right: u128, width: u32| {
        let bits = u32::from(range.bits).min(width);
        bits == 0 || (left ^ right) >> (width - bits) == 0
    };
    match (range.addr, ip) {
        (IpAddr::V4(net), IpAddr::V4(ip)) => shared(net.to_bits().into(), ip.to_bits().into(), 32),
        (IpAddr::V6(net), IpAddr::V6(ip)) => shared(net.to_bits(), ip.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(private: &[&str], ports: &[u16]) -> EgressPolicy {
        let allow_private = private
            .iter()
            .map(|range| {
                let (addr, bits) = range.split_once('/').expect("a range");
                Cidr { addr: addr.parse().expect("an address"), bits: bits.parse().expect("a length") }
            })
            .collect();
        EgressPolicy::new(&EgressConfig { allow_private, ports: ports.to_vec(), ..EgressConfig::default() })
    }

    fn socket(text: &str) -> SocketAddr {
        text.parse().expect("a socket address")
    }

    #[test]
    fn public_addresses_pass_on_listed_ports_only() {
        let strict = policy(&[], &[8443]);
        for open in ["8.8.8.8:80", "114.114.114.114:443", "[2400:3200::1]:443", "8.8.8.8:8443"] {
            assert_eq!(strict.allow(socket(open)), Ok(()), "{open}");
        }
        for port in [0, 22, 25, 6379, 4222, 8080] {
            assert_eq!(strict.allow(SocketAddr::new([8, 8, 8, 8].into(), port)), Err(Refusal::Port(port)));
        }
    }

    #[test]
    fn an_opened_range_opens_every_port_and_nothing_beside_it() {
        let office = policy(&["10.1.0.0/16", "fd12::/16"], &[]);
        assert_eq!(office.allow(socket("10.1.255.255:6379")), Ok(()));
        assert_eq!(office.allow(socket("[::ffff:10.1.2.3]:8080")), Ok(()));
        assert_eq!(office.allow(socket("[fd12::1]:8080")), Ok(()));
        assert!(office.allow(socket("10.2.0.0:80")).is_err());
        assert!(office.allow(socket("127.0.0.1:80")).is_err());
        assert!(office.allow(socket("[64:ff9b::10.1.2.3]:80")).is_err(), "only the range itself is opened");
    }

    #[test]
    fn metadata_stays_refused_whatever_is_opened() {
        let reckless = policy(&["0.0.0.0/0", "::/0"], &[]);
        for addr in [
            "169.254.169.254:80",
            "100.100.100.200:80",
            "168.63.129.16:80",
            "192.0.0.192:80",
            "[fd00:ec2::254]:80",
            "[fe80::a9fe:a9fe]:80",
            "[::ffff:169.254.169.254]:80",
            "[64:ff9b::169.254.169.254]:80",
            "[2002:a9fe:a9fe::1]:80",
        ] {
            let refusal = reckless.allow(socket(addr)).expect_err(addr);
            assert!(matches!(refusal, Refusal::Address(_, Kind::Metadata)), "{addr}: {refusal}");
        }
        assert_eq!(reckless.allow(socket("127.0.0.1:1")), Ok(()), "everything else is open");
    }

    #[test]
    fn what_ipv6_carries_is_judged() {
        let strict = policy(&[], &[]);
        for public in
            ["::ffff:8.8.8.8", "::8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
        {
            let ip: IpAddr = public.parse().expect("an address");
            assert_eq!(strict.allow_ip(ip), Ok(()), "{public}");
        }
        // Teredo hides the client's address inverted: 192.168.1.1 is 3f57:fefe.
        assert!(strict.allow_ip("2001:0:4136:e378::3f57:fefe".parse().expect("an address")).is_err());
        assert!(strict.allow_ip("2001:0:808:808::f7f7:f7f7".parse().expect("an address")).is_ok());
        assert!(strict.allow_ip("2400:3200::5efe:10.0.0.1".parse().expect("an address")).is_err());
        assert!(strict.allow_ip("64:ff9b:1::8.8.8.8".parse().expect("an address")).is_err());
    }

    #[test]
    fn fake_ip_carries_a_hint() {
        let refusal = policy(&[], &[]).allow(socket("198.18.0.7:443")).expect_err("refused");
        assert!(refusal.hint().is_some_and(|hint| hint.contains("fake-IP")));
        assert!(refusal.to_string().contains("fake-IP proxy?"));
    }

    #[test]
    fn urls_are_judged_before_resolving() {
        let strict = policy(&[], &[]);
        let allow = |policy: &EgressPolicy, url: &str| policy.allow_url(&Url::parse(url).expect("a URL"));
        assert_eq!(allow(&strict, "https://www.example.gov.cn/"), Ok(()));
        assert_eq!(allow(&strict, "ftp://www.example.gov.cn/"), Err(Refusal::Scheme("ftp".into())));
        assert_eq!(allow(&strict, "http://www.example.gov.cn:8080/"), Err(Refusal::Port(8080)));
        assert!(allow(&strict, "http://2130706433/").is_err());
        assert!(allow(&strict, "http://localhost./").is_err());
        assert!(allow(&strict, "http://a.localhost/").is_err());
        assert!(allow(&policy(&["127.0.0.0/8"], &[]), "http://localhost:9999/").is_ok());
        assert!(allow(&policy(&["0.0.0.0/0"], &[]), "http://metadata.google.internal/").is_err());
    }

    #[test]
    fn reachable_means_native_global_unicast() {
        let global = |text: &str| globally_reachable(text.parse().expect("an address"));
        assert!(global("2400:3200::1") && global("240e::1") && global("2001:da8:8000::1"));
        for not in [
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "2001:db8::1",
            "3fff::1",
            "2002:808:808::1",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
            "2001:0:808:808::f7f7:f7f7",
            "ff02::1",
            "5f00::1",
            "100::1",
            "2001:2::1",
            "4000::1",
        ] {
            assert!(!global(not), "{not}");
        }
        assert!(policy(&["::1/128"], &[]).counts_as_global(Ipv6Addr::LOCALHOST));
        assert!(!policy(&[], &[]).counts_as_global(Ipv6Addr::LOCALHOST));
        let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
        assert!(!policy(&["127.0.0.0/8"], &[]).counts_as_global(mapped));
    }
}
