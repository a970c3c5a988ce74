//! The IPv6 look against servers on `[::1]`: each stage by itself, and what is ours told from what is the site's.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use url::Url;
use xuncha::calendar::from_millis;
use xuncha::config::valid::{ConnectTo, EgressConfig};
use xuncha::exchange::{ConnectError, Exchange, FetchError, Reply, ResolveError};
use xuncha::facts::ipv6::Ipv6Facts;
use xuncha::fetch::dns::{Denied, Family, Names};
use xuncha::fetch::egress::EgressPolicy;
use xuncha::fetch::http::{Fetched, Want};
use xuncha::fetch::probe::{Ipv6Probe, Shared, Surroundings};
use xuncha::finding::Gap;

use crate::kit;

/// Counts tokens; fetches by reqwest with the pinned resolver.
struct Around {
    four: reqwest::Client,
    six: reqwest::Client,
    tokens: Mutex<Vec<SocketAddr>>,
}

impl Surroundings for Around {
    async fn token(&self, _: &str, addr: SocketAddr) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).push(addr);
    }

    async fn fetch(&self, url: &Url, family: Family, _: Want) -> Fetched {
        let client = if family == Family::V6 { &self.six } else { &self.four };
        let mut body = Vec::new();
        let outcome = match client.get(url.clone()).send().await {
            Ok(mut reply) => {
                let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                };
                let head = Reply {
                    url: reply.url().to_string(),
                    status: reply.status().as_u16(),
                    addr: reply.remote_addr(),
                    headers: reply.headers().iter().map(header).collect(),
                    body_len: 0,
                    body_sha256: String::new(),
                    body_cut: true,
                };
                while let Ok(Some(chunk)) = reply.chunk().await {
                    body.extend_from_slice(&chunk);
                }
                Ok(head)
            }
            Err(error) => Err(Denied::within(&error)
                .map_or(FetchError::Connect(ConnectError::Reset), |denied| denied.clone().into())),
        };
        let exchange =
            Exchange { url: url.to_string(), at: from_millis(0), took_ms: 0, hops: Vec::new(), outcome };
        Fetched { exchange, body }
    }
}

async fn look(config: &EgressConfig, home: &str) -> (Result<Ipv6Facts, Gap>, Vec<SocketAddr>) {
    kit::install_tls();
    let policy = Arc::new(EgressPolicy::new(config));
    let names = Arc::new(Names::new(config, Arc::clone(&policy)));
    let home = Url::parse(home).expect("a URL");
    let client = |family: Family| {
        reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(names.resolver(family, home.port_or_known_default())))
            .build()
            .expect("a client")
    };
    let around = Around { four: client(Family::V4), six: client(Family::V6), tokens: Mutex::default() };
    let probe = Ipv6Probe::new(config, policy, names, kit::trusting(), Duration::from_secs(10));
    let facts = probe.with_witnesses(Vec::new()).look(&home, &Shared::default(), &around).await;
    let tokens = around.tokens.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (facts, tokens)
}

fn config(dns: &kit::Dns) -> EgressConfig {
    EgressConfig { dns: vec![dns.addr()], allow_private: kit::loopback(), ..EgressConfig::default() }
}

/// Tells a reader of the test's output why nothing was tried.
#[allow(clippy::print_stderr, reason = "a skipped test must be seen")]
fn without_ipv6() -> bool {
    let absent = !kit::has_ipv6_loopback();
    if absent {
        eprintln!("SKIPPED: this machine has no [::1]");
    }
    absent
}

#[tokio::test]
async fn every_stage_is_seen() {
    if without_ipv6() {
        return;
    }
    let dns = kit::Dns::start().await;
    let site = kit::Server::bind("[::1]:0").await;
    site.on("/", kit::Script::html("here"));
    dns.set("six.test", "127.0.0.1 2001:db8::1 ::1 fe80::1 ::ffff:127.0.0.1 64:ff9b::808:808");
    let (facts, tokens) = look(&config(&dns), &format!("http://six.test:{}/", site.addr().port())).await;
    let facts = facts.expect("facts");
    assert_eq!(facts.own_fault, None);
    assert_eq!(facts.aaaa.as_ref().map(Vec::len), Ok(5), "as answered");
    assert_eq!(facts.global, [std::net::Ipv6Addr::LOCALHOST], "what is not global does not count");
    assert_eq!(
        facts.tries.iter().map(|seen| (seen.addr, seen.tcp)).collect::<Vec<_>>(),
        [(site.addr(), Ok(()))]
    );
    assert_eq!(tokens, [site.addr()], "every connection takes a token");
    let reply = facts.home.expect("a fetch").outcome.expect("an answer");
    assert_eq!((reply.status, reply.addr), (200, Some(site.addr())));
}

#[tokio::test]
async fn no_record_is_told_from_a_failed_server() {
    if without_ipv6() {
        return;
    }
    let dns = kit::Dns::start().await;
    dns.set("four.test", "127.0.0.1");
    dns.answer("broken.test", kit::Answer::Code(hickory_resolver::proto::op::ResponseCode::ServFail));
    for (host, error) in
        [("four.test", ResolveError::NoAddress), ("broken.test", ResolveError::ServerFailure)]
    {
        let (facts, tokens) = look(&config(&dns), &format!("http://{host}:8080/")).await;
        let facts = facts.expect("facts");
        assert_eq!((facts.aaaa, facts.own_fault, facts.home), (Err(error), None, None), "{host}");
        assert_eq!(tokens, []);
    }
}

#[tokio::test]
async fn a_closed_port_is_the_sites() {
    if without_ipv6() {
        return;
    }
    let dns = kit::Dns::start().await;
    dns.set("closed.test", "::1");
    let port = kit::Server::bind("[::1]:0").await.addr().port();
    // The server is gone again: its port refuses.
    let (facts, _) = look(&config(&dns), &format!("http://closed.test:{port}/")).await;
    let facts = facts.expect("facts");
    assert_eq!(facts.tries.first().map(|seen| seen.tcp), Some(Err(ConnectError::Refused)));
    assert_eq!((facts.own_fault, facts.home), (None, None));
}

#[tokio::test]
async fn certificates_are_verified_by_name() {
    if without_ipv6() {
        return;
    }
    let dns = kit::Dns::start().await;
    let site = kit::Server::start().await;
    let tls = kit::TlsServer::bind("[::1]:0", site.addr()).await;
    let port = tls.addr().port();
    for (host, good) in [(kit::SECURE_HOST, true), ("other.test", false)] {
        dns.set(host, "::1");
        let (facts, _) = look(&config(&dns), &format!("https://{host}:{port}/")).await;
        let tries = facts.expect("facts").tries;
        let seen = tries.first().expect("a try");
        assert_eq!(seen.tcp, Ok(()), "{host}");
        assert_eq!(seen.tls.as_ref().map(Result::is_ok), Some(good), "{host}: {:?}", seen.tls);
    }
}

#[tokio::test]
async fn where_the_question_has_no_meaning_it_is_a_gap() {
    let dns = kit::Dns::start().await;
    let why = async |config: &EgressConfig, home: &str| look(config, home).await.0.expect_err(home).why;
    assert_eq!(why(&config(&dns), "http://127.0.0.1:8080/").await, "ip-literal");
    let to = SocketAddr::from(([127, 0, 0, 1], 8080));
    let mapped = EgressConfig {
        connect_to: vec![ConnectTo { host: "www.test".into(), port: 80, to }],
        ..config(&dns)
    };
    assert_eq!(why(&mapped, "http://www.test/").await, "mapped");
    assert_eq!(why(&mapped, "http://other.test/").await, "not-mapped");
    assert_eq!(dns.asked(), [], "nothing was resolved");
}

#[tokio::test]
async fn a_name_mapped_to_ipv6_is_looked_at_there() {
    if without_ipv6() {
        return;
    }
    let site = kit::Server::bind("[::1]:0").await;
    let mapped = EgressConfig {
        connect_to: vec![ConnectTo { host: "www.test".into(), port: 80, to: site.addr() }],
        allow_private: kit::loopback(),
        ..EgressConfig::default()
    };
    let (facts, _) = look(&mapped, "http://www.test/").await;
    let facts = facts.expect("facts");
    assert_eq!(facts.tries.iter().map(|seen| seen.addr).collect::<Vec<_>>(), [site.addr()]);
    assert_eq!(facts.home.expect("a fetch").outcome.expect("an answer").status, 404);
}
