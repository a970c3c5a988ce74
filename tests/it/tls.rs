//! Certificates and old TLS as the program names them, against openssl's servers: a fault is named, an old protocol is a
//! gap, and neither makes a site "down".

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;
use xuncha::config::valid::{ConnectTo, EgressConfig};
use xuncha::facts::tls::{CertificateFault, Legacy, TlsSeen};
use xuncha::fetch::dns::Names;
use xuncha::fetch::egress::EgressPolicy;
use xuncha::fetch::tls::{TlsLook, Turns};

use crate::kit;
use crate::kit::office::{ended, told};
use crate::kit::openssl::{Authority, HOST, is_there};

const NOW: [&str; 2] = ["20200101000000Z", "20500101000000Z"];

struct AtOnce;

impl Turns for AtOnce {
    async fn turn(&self, _: &Url, _: SocketAddr) {}
}

/// What a look at `addr` sees that trusts the authority's root.
async fn seen(authority: &Authority, addr: SocketAddr) -> TlsSeen {
    let config = EgressConfig {
        connect_to: vec![ConnectTo { host: HOST.to_owned(), port: 443, to: addr }],
        allow_private: kit::loopback(),
        ..EgressConfig::default()
    };
    let names = Arc::new(Names::new(&config, Arc::new(EgressPolicy::new(&config))));
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_file(authority.path("root.pem")).expect("a certificate");
    roots.add(root).expect("a root");
    let look = TlsLook::new(names, Arc::new(roots), false, Duration::from_secs(2));
    let home = Url::parse(&format!("https://{HOST}/")).expect("a URL");
    look.look(&home, xuncha::patrol::now(), &AtOnce).await.seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_certificate_is_named() {
    use CertificateFault as F;
    if !is_there() {
        return;
    }
    let authority = Authority::new("Test Root");
    authority.issue("good", HOST, "int", NOW);
    authority.issue("expired", HOST, "root", ["20200101000000Z", "20260101000000Z"]);
    authority.issue("early", HOST, "root", ["20490101000000Z", "20500101000000Z"]);
    authority.issue("other", "mail.shili.test", "root", NOW);
    authority.issue("both", "mail.shili.test", "root", ["20200101000000Z", "20260101000000Z"]);
    authority.self_signed("self", HOST, &["-addext", &format!("subjectAltName=DNS:{HOST}")]);
    let stranger = Authority::new("Another Root");
    stranger.issue("strange", HOST, "int", NOW);
    let chain: &[&str] = &["-cert_chain", "int.pem"];
    for (of, name, options, faults) in [
        (&authority, "good", chain, [].as_slice()),
        (&authority, "good", &[], &[F::IncompleteChain]),
        (&authority, "expired", &[], &[F::Expired]),
        (&authority, "early", &[], &[F::NotYetValid]),
        (&authority, "other", &[], &[F::WrongName]),
        (&authority, "both", &[], &[F::Expired, F::WrongName]),
        (&authority, "self", &[], &[F::SelfSigned]),
        (&stranger, "strange", chain, &[F::UnknownRoot]),
    ] {
        let server = of.serve(name, options);
        match seen(&authority, server.addr()).await {
            TlsSeen::Agreed(certificate) => {
                assert_eq!(certificate.faults, faults, "{name} {options:?}: {certificate:?}");
                assert_eq!(certificate.protocol, "TLSv1.3", "{name}");
            }
            other => panic!("{name} {options:?}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_tls_is_named_by_the_servers_own_answer() {
    if !is_there() {
        return;
    }
    let authority = Authority::new("Test Root");
    authority.issue("good", HOST, "root", NOW);
    for (options, legacy) in [
        (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], Legacy::Tls10),
        (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], Legacy::Tls11),
        (["-tls1_2", "-cipher", "kRSA"], Legacy::RsaKeyExchange),
        (["-tls1_2", "-cipher", "kDHE"], Legacy::DheKeyExchange),
        (["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"], Legacy::CbcSuites),
    ] {
        let server = authority.serve("good", &options);
        assert_eq!(seen(&authority, server.addr()).await, TlsSeen::Legacy(legacy), "{options:?}");
    }
    let sm2 = gateway(Speaks::Sm2).await;
    assert_eq!(seen(&authority, sm2).await, TlsSeen::Legacy(Legacy::Sm2));
    let closing = gateway(Speaks::Nothing).await;
    assert_eq!(seen(&authority, closing).await, TlsSeen::Unknown("tls".to_owned()), "it never says anything");
    let plain = gateway(Speaks::Http).await;
    assert_eq!(seen(&authority, plain).await, TlsSeen::NotTls);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
    assert_eq!(seen(&authority, closed).await, TlsSeen::Unknown("unreachable".to_owned()));
}

#[derive(Clone, Copy, PartialEq)]
enum Speaks {
    Sm2,
    Http,
    Nothing,
}

/// A gateway that closes on every hello, save that of TLCP where it speaks SM2.
async fn gateway(speaks: Speaks) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 5];
            if stream.read_exact(&mut hello).await.is_ok()
                && speaks == Speaks::Sm2
                && hello[..3] == [22, 1, 1]
            {
                let mut body = vec![2, 0, 0, 38, 1, 1];
                body.extend_from_slice(&[7; 32]);
                body.extend_from_slice(&[0, 0xe0, 0x13, 0]);
                let mut record = vec![22, 1, 1, 0, u8::try_from(body.len()).expect("short")];
                record.extend_from_slice(&body);
                let _ = stream.write_all(&record).await;
            }
            if speaks == Speaks::Http {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            }
            let mut rest = [0; 2048];
            let _ = stream.read(&mut rest).await;
        }
    });
    addr
}

/// The lines of `check --json -`, of which the last is the summary.
async fn check(authority: &Authority, addr: SocketAddr) -> Vec<Value> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xuncha"));
    command.args(["check", &format!("https://{HOST}/"), "--json", "-", "--rate", "50", "--max-pages", "2"]);
    command.args(["--connect-to", &format!("{HOST}:443:{addr}"), "--allow-private", "127.0.0.0/8"]);
    command.env("SSL_CERT_FILE", authority.path("root.pem")).env_remove("SSL_CERT_DIR");
    let output = ended(command).await;
    assert!(output.status.success(), "{}", told(&output));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn accused(lines: &[Value]) -> Vec<(&str, &str)> {
    let found = lines.iter().filter_map(|line| Some((line["rule"].as_str()?, line["state"].as_str()?)));
    found.collect()
}

fn gaps(lines: &[Value]) -> Vec<&str> {
    let gaps = lines.last().and_then(|line| line["summary"]["gaps"].as_array()).expect("gaps");
    gaps.iter().filter_map(|gap| gap["why"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_of_old_tls_is_a_gap_and_a_faulty_certificate_is_no_outage() {
    if !is_there() {
        return;
    }
    let authority = Authority::new("Test Root");
    authority.issue("good", HOST, "root", NOW);
    authority.issue("expired", HOST, "root", ["20200101000000Z", "20260101000000Z"]);
    authority.issue("leaf", HOST, "int", NOW);
    for options in [["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1_2", "-cipher", "kRSA"]] {
        let server = authority.serve("good", &options);
        let lines = check(&authority, server.addr()).await;
        assert_eq!(accused(&lines), [], "{options:?}");
        assert!(gaps(&lines).contains(&"tls-legacy"), "{options:?}: {lines:?}");
    }
    let sm2 = check(&authority, gateway(Speaks::Sm2).await).await;
    assert_eq!((accused(&sm2), gaps(&sm2).contains(&"tls-legacy")), (vec![], true), "{sm2:?}");
    for (name, finding) in [
        ("good", None),
        ("expired", Some(("certificate", "confirmed"))),
        ("leaf", Some(("certificate", "suspected"))),
    ] {
        let server = authority.serve(name, &[]);
        let lines = check(&authority, server.addr()).await;
        assert_eq!(accused(&lines), finding.into_iter().collect::<Vec<_>>(), "{name}: {lines:?}");
    }
}
