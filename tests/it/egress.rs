//! Nothing forbidden is ever connected to: by literal, by name, by redirect, by a name that changes its mind.

use std::net::{IpAddr, SocketAddr};
use std::process::Command;
use std::sync::Arc;

use hickory_resolver::proto::op::ResponseCode;
use url::Url;
use xuncha::config::valid::{Cidr, ConnectTo, EgressConfig};
use xuncha::exchange::{FetchError, OurLimit, ResolveError};
use xuncha::fetch::dns::{Denied, Family, Names};
use xuncha::fetch::egress::{EgressPolicy, Refusal};
use xuncha::url::CanonicalUrl;

use crate::kit;

/// Hosts as someone might write them into a register, a link or a redirect; each leads inward or nowhere.
const SPELLINGS: &[&str] = &[
    // loopback: dotted, decimal, hex, octal, short, mixed, padded, trailing dot, other digits and dots
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0.0.1",
    "0X7F.0X0.0X0.0X1",
    "017700000001",
    "0177.1",
    "0177.0.0.1",
    "0177.0.0x0.1",
    "00000177.0.0.1",
    "127.0.0.1.",
    "127.255.255.254",
    "127.8.8.8",
    "127.0.0.0x1",
    "１２７.0.0.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "0x7F.0.1",
    // this network, broadcast, overflow (no URL at all)
    "0",
    "0.0.0.0",
    "0x0",
    "00",
    "0.1",
    "0.0.0.1",
    "255.255.255.255",
    "0xffffffff",
    "4294967295",
    "4294967296",
    "0x100000000",
    "256.0.0.1",
    "127.0.0.256",
    "1.2.3.4.5",
    "127.0.0.0x100",
    // private, shared, link-local, protocol, documentation, benchmark, multicast, reserved
    "10.0.0.1",
    "10.255.255.255",
    "167772161",
    "0xa000001",
    "012.0.0.1",
    "10.1",
    "172.16.0.1",
    "172.31.255.255",
    "0xac100001",
    "192.168.0.1",
    "192.168.1",
    "3232235777",
    "0300.0250.1.1",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.169.254",
    "169.254.1",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169。254。169。254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.1",
    "192.0.0.192",
    "100.96.0.96",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "254.1.1.1",
    // IPv6: loopback, unspecified, zones (no URL at all), mapped, compatible, translated
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::]",
    "[::1%25lo]",
    "[fe80::1%25eth0]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::FFFF:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::ffff:192.168.1.1]",
    "[::ffff:0.0.0.0]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::10.0.0.1]",
    "[::a9fe:a9fe]",
    "[::ffff:0:127.0.0.1]",
    "[::ffff:0:10.0.0.1]",
    "[::ffff:0:a9fe:a9fe]",
    // NAT64, local NAT64, 6to4, Teredo (server or client inside), ISATAP
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b::192.168.1.1]",
    "[64:ff9b:1::1]",
    "[64:ff9b:1::8.8.8.8]",
    "[64:ff9b:1:fffe::10.0.0.1]",
    "[2002:7f00:1::]",
    "[2002:7f00:1::1]",
    "[2002:a00:1::1]",
    "[2002:c0a8:101::1]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::f7f7:f7f7]",
    "[2001:0:808:808::80ff:fffe]",
    "[2001:0:808:808::f5ff:fffe]",
    "[2001:0:a00:1::f7f7:f7f7]",
    "[2400:3200::5efe:127.0.0.1]",
    "[2400:3200::200:5efe:10.0.0.1]",
    "[fe80::5efe:10.0.0.1]",
    // unique local, link-local, site-local, multicast, documentation, discard, others that are not global
    "[fc00::1]",
    "[fd00::1]",
    "[fdff:ffff::1]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fe80::1]",
    "[fe80::a9fe:a9fe]",
    "[febf::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[2001:2::1]",
    "[2001:10::1]",
    "[2001:20::1]",
    "[5f00::1]",
    "[4000::1]",
    "[1::1]",
    "[::2]",
    "[8000::1]",
    // names that mean this machine or its cloud
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "x.y.localhost.",
    "ｌｏｃａｌｈｏｓｔ",
    "loc%61lhost",
    "metadata.google.internal",
    "METADATA.google.internal.",
    "metadata",
    // who is the host: userinfo, backslash, fragment, TAB and LF within
    "8.8.8.8@127.0.0.1",
    "www.example.gov.cn@127.0.0.1",
    "8.8.8.8:80@127.0.0.1",
    "127.0.0.1#@8.8.8.8",
    "127.0.0.1\\@8.8.8.8",
    "127.0.0.1?@8.8.8.8",
    "127.0.\t0.1",
    "12\n7.0.0.1",
    "8.8.8.8 &@127.0.0.1#",
    "127.0.0.1:80",
    "127.0.0.1:443",
    "127.0.0.1:0080",
    // allowed hosts on ports that are not
    "8.8.8.8:22",
    "8.8.8.8:25",
    "8.8.8.8:6379",
    "8.8.8.8:4222",
    "8.8.8.8:8080",
    "[2400:3200::1]:22",
    "www.example.gov.cn:25",
    "www.example.gov.cn:0",
];

/// Public addresses, plain and carried in IPv6: blocking these would be over-blocking.
const PUBLIC: &[&str] = &[
    "8.8.8.8",
    "134744072",
    "0x8080808",
    "223.5.5.5",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.0.1",
    "198.20.0.1",
    "223.255.255.255",
    "126.255.255.255",
    "128.0.0.1",
    "11.0.0.1",
    "9.255.255.255",
    "169.253.255.255",
    "[2400:3200::1]",
    "[240e::1]",
    "[2001:da8::1]",
    "[2001:4860:4860::8888]",
    "[::ffff:8.8.8.8]",
    "[::8.8.8.8]",
    "[::ffff:0:8.8.8.8]",
    "[64:ff9b::8.8.8.8]",
    "[2002:808:808::1]",
    "[2001:0:808:808::f7f7:f7f7]",
    "[2400:3200::5efe:8.8.8.8]",
];

fn strict() -> EgressPolicy {
    EgressPolicy::new(&EgressConfig::default())
}

fn names(config: &EgressConfig) -> Arc<Names> {
    Arc::new(Names::new(config, Arc::new(EgressPolicy::new(config))))
}

/// A client as the patrol builds it: no proxy, no redirects of its own, checked addresses only.
fn client(names: &Arc<Names>) -> reqwest::Client {
    kit::install_tls();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .dns_resolver(Arc::new(names.resolver(Family::Any, None)))
        .build()
        .expect("a client")
}

/// Whether the gates before the first packet refuse `url`.
fn refused(policy: &EgressPolicy, url: &Result<CanonicalUrl, xuncha::url::UrlFault>) -> bool {
    url.as_ref().map_or(true, |url| policy.allow_url(url.url()).is_err())
}

#[test]
fn every_spelling_is_refused_as_seed_and_as_redirect() {
    assert!(SPELLINGS.len() >= 120, "{}", SPELLINGS.len());
    let policy = strict();
    let page = CanonicalUrl::parse("http://www.example.gov.cn/a/b.html").expect("a URL");
    for host in SPELLINGS {
        for scheme in ["http", "https"] {
            // On port 443 `:80` is no default and is kept: refused by address all the same.
            let seed = CanonicalUrl::parse(&format!("{scheme}://{host}/"));
            assert!(refused(&policy, &seed), "seed {scheme}://{host:?}: {seed:?}");
        }
        let slashes =
            ["//", "http://", "http:////", "http:\\\\", "\\\\", "https:///", " \thttp://", "ht\ntp://"];
        for to in slashes.map(|lead| format!("{lead}{host}/x")) {
            let to = page.join(&to);
            assert!(refused(&policy, &to), "redirect {host:?}: {to:?}");
        }
    }
}

#[test]
fn other_schemes_are_refused() {
    let page = CanonicalUrl::parse("http://www.example.gov.cn/").expect("a URL");
    for to in [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "fi\tle:///x",
        "gopher://8.8.8.8:70/1",
        "ftp://8.8.8.8/",
        "data:text/html,x",
        "javascript:alert(1)",
        "ws://8.8.8.8/",
        "ldap://8.8.8.8/",
        "dict://8.8.8.8:11211/",
        "jar:http://8.8.8.8!/",
        "view-source:http://8.8.8.8/",
        "blob:http://8.8.8.8/x",
        "about:blank",
    ] {
        assert!(page.join(to).is_err(), "{to}");
        if let Ok(url) = Url::parse(to) {
            assert!(strict().allow_url(&url).is_err(), "{to}");
        }
    }
}

#[test]
fn public_addresses_pass() {
    for host in PUBLIC {
        let url = CanonicalUrl::parse(&format!("http://{host}/")).expect("a URL");
        assert_eq!(strict().allow_url(url.url()), Ok(()), "{host}");
    }
}

#[tokio::test]
async fn every_spelling_is_refused_as_a_resolved_name() {
    let dns = kit::Dns::start().await;
    let names = names(&EgressConfig { dns: vec![dns.addr()], ..EgressConfig::default() });
    let client = client(&names);
    let mut tried = 0;
    for (nth, host) in SPELLINGS.iter().enumerate() {
        let Some(ip) = Url::parse(&format!("http://{host}/")).ok().and_then(|url| match url.host() {
            Some(url::Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(url::Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            _ => None,
        }) else {
            continue;
        };
        if strict().allow_ip(ip).is_ok() {
            continue;
        }
        tried += 1;
        let name = format!("n{nth}.test");
        dns.set(&name, &ip.to_string());
        let checked = names.check(&name, 80, Family::Any).await;
        assert!(matches!(checked, Err(Denied::Refused(Refusal::Address(..)))), "{host}: {checked:?}");
        let error = client.get(format!("http://{name}/")).send().await.expect_err(host);
        let denied = Denied::within(&error).cloned().expect("a reason");
        assert_eq!(FetchError::from(denied), FetchError::Ours(OurLimit::InnerAddress), "{host}");
    }
    assert!(tried >= 100, "{tried}");
    for local in ["localhost", "a.localhost."] {
        assert!(matches!(names.check(local, 80, Family::Any).await, Err(Denied::Refused(_))), "{local}");
    }
}

#[tokio::test]
async fn of_mixed_answers_only_the_allowed_are_used() {
    let dns = kit::Dns::start().await;
    let names = names(&EgressConfig { dns: vec![dns.addr()], ..EgressConfig::default() });
    dns.set("mixed.test", "127.0.0.1 8.8.8.8 10.0.0.1 ::1 2400:3200::1 ::ffff:127.0.0.1");
    let found = names.check("mixed.test", 443, Family::Any).await.expect("addresses");
    assert_eq!(
        found.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["8.8.8.8:443", "[2400:3200::1]:443"]
    );
    let port = names.check("mixed.test", 25, Family::V4).await;
    assert!(matches!(port, Err(Denied::Refused(_))), "a port that is not open: {port:?}");
}

/// Two servers on one port of 127.0.0.1 and 127.0.0.2.
async fn two_servers() -> (kit::Server, kit::Server) {
    loop {
        let first = kit::Server::start().await;
        let second = format!("127.0.0.2:{}", first.addr().port());
        if std::net::TcpListener::bind(&second).is_ok() {
            return (first, kit::Server::bind(&second).await);
        }
    }
}

fn only(ip: [u8; 4], bits: u8) -> Vec<Cidr> {
    vec![Cidr { addr: ip.into(), bits }]
}

#[tokio::test]
async fn a_name_that_changes_its_mind_leads_nowhere_else() {
    let (open, shut) = two_servers().await;
    let dns = kit::Dns::start().await;
    let fetch = async |config: &EgressConfig| {
        dns.rebind("turn.test", &["127.0.0.1", "127.0.0.2"]);
        let names = names(config);
        let port = open.addr().port();
        let checked = names.check("turn.test", port, Family::V4).await.expect("the first answer");
        assert_eq!(checked, [open.addr()]);
        let reply = client(&names).get(format!("http://turn.test:{port}/")).send().await;
        reply.ok().and_then(|reply| reply.remote_addr())
    };
    let config = EgressConfig {
        dns: vec![dns.addr()],
        allow_private: only([127, 0, 0, 1], 32),
        ..EgressConfig::default()
    };
    assert_eq!(fetch(&config).await, Some(open.addr()), "what was checked is what was connected to");
    assert_eq!(shut.connections(), 0);

    // Every later answer is the forbidden one: the name is then refused, not followed.
    let names_after = names(&config);
    let denied = names_after.check("turn.test", open.addr().port(), Family::V4).await;
    assert!(matches!(denied, Err(Denied::Refused(_))), "{denied:?}");
    assert!(
        client(&names_after).get(format!("http://turn.test:{}/", open.addr().port())).send().await.is_err()
    );
    assert_eq!(shut.connections(), 0);

    // The counter has teeth: with the range opened, the same question leads to the other server.
    let reckless = names(&EgressConfig { allow_private: only([127, 0, 0, 0], 8), ..config });
    let reply = client(&reckless).get(format!("http://turn.test:{}/", open.addr().port())).send().await;
    assert_eq!(reply.ok().and_then(|reply| reply.remote_addr()), Some(shut.addr()));
    assert_eq!(shut.connections(), 1);
}

#[tokio::test]
async fn a_mapping_opens_nothing() {
    let site = kit::Server::start().await;
    let map = vec![ConnectTo { host: "www.test".into(), port: 80, to: site.addr() }];
    let closed = names(&EgressConfig { connect_to: map.clone(), ..EgressConfig::default() });
    assert!(matches!(closed.check("www.test", 80, Family::Any).await, Err(Denied::Refused(_))));
    assert!(client(&closed).get("http://www.test/").send().await.is_err());
    assert_eq!(site.connections(), 0);

    let config = EgressConfig { connect_to: map, allow_private: kit::loopback(), ..EgressConfig::default() };
    let open = names(&config);
    assert_eq!(open.check("WWW.test.", 80, Family::Any).await, Ok(vec![site.addr()]));
    assert_eq!(open.check("www.test", 443, Family::Any).await, Err(Denied::NotMapped));
    assert_eq!(open.check("other.test", 80, Family::Any).await, Err(Denied::NotMapped));
    let reply = client(&open).get("http://www.test/").send().await.expect("an answer");
    assert_eq!(reply.remote_addr(), Some(site.addr()));
    assert_eq!(site.log().first().map(|seen| seen.host.clone()).as_deref(), Some("www.test"));
}

#[tokio::test]
async fn failures_of_names_are_told_apart() {
    let dns = kit::Dns::start().await;
    dns.set("v4.test", "8.8.8.8");
    dns.set("both.test", "8.8.8.8 2400:3200::1");
    dns.answer("broken.test", kit::Answer::Code(ResponseCode::ServFail));
    dns.answer("refused.test", kit::Answer::Code(ResponseCode::Refused));
    dns.answer("alias.test", kit::Answer::Alias("both.test".into()));
    dns.answer("long.test", kit::Answer::OnlyTcp(vec![IpAddr::from([8, 8, 4, 4])]));
    let names = names(&EgressConfig { dns: vec![dns.addr()], ..EgressConfig::default() });
    let ask = async |host: &str, family| names.addresses(host, family).await;
    let failed = |error| Err(Denied::Resolve(error));
    assert_eq!(ask("v4.test", Family::Any).await, Ok(vec![IpAddr::from([8, 8, 8, 8])]));
    assert_eq!(ask("v4.test", Family::V6).await, failed(ResolveError::NoAddress));
    assert_eq!(ask("both.test", Family::V6).await, Ok(vec!["2400:3200::1".parse().expect("an address")]));
    assert_eq!(ask("both.test.", Family::Any).await.map(|found| found.len()), Ok(2));
    assert_eq!(ask("alias.test", Family::V4).await, Ok(vec![IpAddr::from([8, 8, 8, 8])]));
    assert_eq!(ask("long.test", Family::V4).await, Ok(vec![IpAddr::from([8, 8, 4, 4])]));
    assert_eq!(ask("nobody.test", Family::Any).await, failed(ResolveError::NoSuchName));
    assert_eq!(ask("broken.test", Family::Any).await, failed(ResolveError::ServerFailure));
    assert_eq!(ask("refused.test", Family::V4).await, failed(ResolveError::ServerFailure));
    assert_eq!(ask(&format!("{}.test", "a".repeat(64)), Family::Any).await, failed(ResolveError::NoSuchName));
    assert_eq!(ask("[2400:3200::1]", Family::V4).await, failed(ResolveError::NoAddress));
}

/// Set in the process that runs inside the namespace.
const INSIDE: &str = "XUNCHA_TEST_INSIDE_NAMESPACE";

/// The kernel's own count of connections opened, in a network namespace where every address has a route: what our code
/// says of itself is not asked.
#[test]
#[allow(clippy::print_stderr, reason = "a skipped test must be seen")]
fn no_packet_leaves_for_forbidden_networks() {
    let setup = "ip link set lo up && ip addr add 11.0.0.1/32 dev lo && ip route add default dev lo src 11.0.0.1 \
                 && (ip -6 route add default dev lo || true) && exec \"$0\" \"$@\"";
    let test = std::env::current_exe().expect("this program");
    let run = Command::new("unshare")
        .args(["--net", "sh", "-c", setup])
        .arg(test)
        .args(["--exact", "egress::inside_the_namespace", "--nocapture", "--include-ignored"])
        .env(INSIDE, "1")
        .output();
    let Ok(run) = run else {
        eprintln!("SKIPPED: no unshare(1) here");
        return;
    };
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    if !said.contains("inside_the_namespace") {
        eprintln!("SKIPPED: no network namespace without privileges: {said}");
        return;
    }
    assert!(run.status.success(), "{said}");
    assert!(said.contains("COUNTED"), "{said}");
}

#[tokio::test]
#[ignore = "runs inside the namespace that no_packet_leaves_for_forbidden_networks makes"]
#[allow(clippy::print_stdout, reason = "tells the outer test that the count was taken")]
async fn inside_the_namespace() {
    if std::env::var_os(INSIDE).is_none() {
        return;
    }
    let dns = kit::Dns::start().await;
    let config = EgressConfig { dns: vec![dns.addr()], ..EgressConfig::default() };
    let (policy, names) = (EgressPolicy::new(&config), names(&config));
    let client = client(&names);
    let before = connections_opened();
    for (nth, host) in SPELLINGS.iter().enumerate() {
        let url = CanonicalUrl::parse(&format!("http://{host}/"));
        if !refused(&policy, &url) {
            let url = url.expect("a URL that is not refused");
            let _ = client.get(url.as_str()).send().await;
        }
        let Ok(url) = Url::parse(&format!("http://{host}/")) else { continue };
        let ip = url
            .host_str()
            .map(|host| host.trim_matches(['[', ']']))
            .and_then(|host| host.parse::<IpAddr>().ok());
        if let Some(ip) = ip.filter(|ip| policy.allow_ip(*ip).is_err()) {
            dns.set(&format!("n{nth}.test"), &ip.to_string());
            let _ = client.get(format!("http://n{nth}.test/")).send().await;
        }
    }
    assert_eq!(connections_opened(), before, "connections were opened");
    // The counter has teeth: one careless connection shows.
    let careless = SocketAddr::from(([10, 0, 0, 1], 80));
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    tokio::select! {
        _ = socket.connect(careless) => {}
        () = tokio::task::yield_now() => {}
    }
    assert!(connections_opened() > before, "the kernel counts");
    println!("COUNTED");
}

/// `ActiveOpens` of this namespace: SYNs of new connections, IPv4 and IPv6.
fn connections_opened() -> u64 {
    let text = std::fs::read_to_string("/proc/self/net/snmp").expect("counters");
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("Tcp: "));
    let (names, values) = (lines.next().expect("names"), lines.next().expect("values"));
    let at = names.split(' ').position(|name| name == "ActiveOpens").expect("the counter");
    values.split(' ').nth(at).and_then(|value| value.parse().ok()).expect("a number")
}
