//! Looks at the TLS of a home page: its certificate, verified for ourselves, or which old protocol stands behind a handshake
//! that fails. Nothing is asked over such a connection.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::dns::{Denied, Family, Names};
use super::tls_der::{self, Leaf};
use super::tls_hello::{self, Hello, Reply};
use crate::calendar::Instant8;
use crate::exchange::ResolveError;
use crate::facts::tls::{Certificate, CertificateFault, TlsFacts, TlsSeen};
use crate::finding::hex;

/// Waits until politeness allows one more connection to an address for a URL.
pub trait Turns: Sync {
    /// See the trait.
    fn turn(&self, url: &Url, addr: SocketAddr) -> impl Future<Output = ()> + Send;
}

/// Looks at TLS. One per process.
pub struct TlsLook {
    names: Arc<Names>,
    roots: Arc<RootCertStore>,
    proxied: bool,
    /// For connecting, and again for the handshake.
    limit: Duration,
}

impl TlsLook {
    /// A look that trusts `roots` and gives each step `limit`. Behind a proxy nothing can be seen.
    pub fn new(names: Arc<Names>, roots: Arc<RootCertStore>, proxied: bool, limit: Duration) -> Self {
        Self { names, roots, proxied, limit }
    }

    /// One look at `home`, an https URL, with validity judged as of `at`.
    pub async fn look(&self, home: &Url, at: Instant8, turns: &impl Turns) -> TlsFacts {
        let host = home.host_str().unwrap_or_default().to_owned();
        let port = home.port_or_known_default().unwrap_or(443);
        let mut facts = TlsFacts { host, port, addr: None, at, seen: TlsSeen::Unknown("proxy".to_owned()) };
        if self.proxied {
            return facts;
        }
        let addr = match self.names.check(&facts.host, port, Family::Any).await {
            Ok(found) => found.into_iter().min_by_key(SocketAddr::is_ipv6),
            Err(denied) => {
                facts.seen = TlsSeen::Unknown(word(&denied).to_owned());
                return facts;
            }
        };
        let Some(addr) = addr else { return facts };
        facts.addr = Some(addr.to_string());
        facts.seen = self.seen(home, addr, at, turns).await;
        facts
    }

    async fn seen(&self, home: &Url, addr: SocketAddr, at: Instant8, turns: &impl Turns) -> TlsSeen {
        let Some(name) = server_name(home) else { return TlsSeen::Unknown("url".to_owned()) };
        turns.turn(home, addr).await;
        let record = Arc::new(Record::new());
        match self.handshake(addr, name.clone(), &record).await {
            Shake::Agreed(protocol) => {
                let chain = record.chain();
                certificate(&chain, &protocol, &name, &self.roots, at)
                    .map_or_else(|| TlsSeen::Unknown("certificate-unreadable".to_owned()), TlsSeen::Agreed)
            }
            Shake::NoConnection => TlsSeen::Unknown("unreachable".to_owned()),
            Shake::Timeout => match self.explain(home, addr, turns).await {
                TlsSeen::Unknown(_) => TlsSeen::Unknown("timeout".to_owned()),
                explained => explained,
            },
            Shake::Failed => self.explain(home, addr, turns).await,
        }
    }

    async fn handshake(&self, addr: SocketAddr, name: ServerName<'static>, record: &Arc<Record>) -> Shake {
        let Ok(Ok(stream)) = timeout(self.limit, TcpStream::connect(addr)).await else {
            return Shake::NoConnection;
        };
        let Ok(config) = ClientConfig::builder_with_provider(Arc::clone(&record.provider))
            .with_safe_default_protocol_versions()
        else {
            return Shake::Failed;
        };
        let verifier: Arc<dyn ServerCertVerifier> = Arc::clone(record) as _;
        let config = config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        let shaking = TlsConnector::from(Arc::new(config)).connect(name, stream);
        match timeout(self.limit, shaking).await {
            Err(_) => Shake::Timeout,
            Ok(Err(_)) => Shake::Failed,
            Ok(Ok(stream)) => {
                let version = stream.get_ref().1.protocol_version();
                Shake::Agreed(
                    version.and_then(|version| version.as_str()).unwrap_or_default().replace('_', "."),
                )
            }
        }
    }

    /// What the server says to hellos of our own, one connection each.
    async fn explain(&self, home: &Url, addr: SocketAddr, turns: &impl Turns) -> TlsSeen {
        let host = match home.host() {
            Some(Host::Domain(name)) => Some(name.trim_end_matches('.').to_owned()),
            _ => None,
        };
        let mut other = false;
        for hello in [Hello::Broad, Hello::Tlcp, Hello::Old] {
            turns.turn(home, addr).await;
            let reply = timeout(self.limit, say(addr, hello, host.as_deref())).await;
            let Ok(Ok(reply)) = reply else { continue };
            if let Some(legacy) = tls_hello::legacy(hello, reply) {
                return TlsSeen::Legacy(legacy);
            }
            other |= reply == Reply::Other;
        }
        if other { TlsSeen::NotTls } else { TlsSeen::Unknown("tls".to_owned()) }
    }
}

impl fmt::Debug for TlsLook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsLook").field("proxied", &self.proxied).finish_non_exhaustive()
    }
}

/// The roots of this system, read from their files once.
pub fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
        let native = rustls_native_certs::load_native_certs();
        for error in &native.errors {
            tracing::warn!(%error, "a root certificate could not be read");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(native.certs);
        Arc::new(roots)
    });
    Arc::clone(&ROOTS)
}

/// Verification by the system's roots.
///
/// # Errors
/// Where the provider has no protocol version in common with us; a build fault.
pub fn verifying_tls() -> Result<ClientConfig, Error> {
    let verifying = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(verifying.with_root_certificates(system_roots()).with_no_client_auth())
}

enum Shake {
    /// Finished, with this version.
    Agreed(String),
    NoConnection,
    Timeout,
    Failed,
}

/// Bytes of an answer that are waited for: a `ServerHello` is far shorter.
const ANSWER: usize = 2048;

async fn say(addr: SocketAddr, hello: Hello, host: Option<&str>) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(addr).await?;
    // Only to be no replay of an earlier one: nothing secret is ever derived from it.
    let mut random = [0; 32];
    let seed = format!("{addr} {:?} {:?}", stream.local_addr(), std::time::SystemTime::now());
    random.copy_from_slice(&Sha256::digest(seed));
    stream.write_all(&tls_hello::bytes(hello, host, random)).await?;
    let mut answer = Vec::with_capacity(ANSWER);
    loop {
        let came = stream.read_buf(&mut answer).await?;
        match tls_hello::read(&answer) {
            Reply::More if came > 0 && answer.len() < ANSWER => {}
            reply => return Ok(reply),
        }
    }
}

fn server_name(home: &Url) -> Option<ServerName<'static>> {
    match home.host()? {
        Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()).ok(),
        Host::Ipv4(ip) => Some(ServerName::from(std::net::IpAddr::V4(ip))),
        Host::Ipv6(ip) => Some(ServerName::from(std::net::IpAddr::V6(ip))),
    }
}

fn word(denied: &Denied) -> &'static str {
    match denied {
        Denied::Resolve(ResolveError::NoSuchName | ResolveError::NoAddress) => "no-such-name",
        Denied::Resolve(_) => "dns",
        Denied::NotMapped => "not-mapped",
        Denied::Refused(_) => "egress",
    }
}

/// What stands in a chain, and what is wrong with it for `name` as of `at`; `None` where the leaf cannot be read.
fn certificate(
    chain: &[CertificateDer<'static>],
    protocol: &str,
    name: &ServerName<'_>,
    roots: &RootCertStore,
    at: Instant8,
) -> Option<Certificate> {
    let (end, rest) = chain.split_first()?;
    let Leaf { not_before, not_after, subject, issuer, self_issued, names } = tls_der::leaf(end)?;
    let mut faults = Vec::new();
    if at > not_after {
        faults.push(CertificateFault::Expired);
    } else if at < not_before {
        faults.push(CertificateFault::NotYetValid);
    }
    let parsed = ParsedCertificate::try_from(end).ok();
    match parsed.as_ref().map(|parsed| verify_server_name(parsed, name)) {
        Some(Ok(())) => {}
        Some(Err(_)) => faults.push(CertificateFault::WrongName),
        None => faults.push(CertificateFault::Unverifiable),
    }
    if let Some(parsed) = &parsed {
        // The leaf's own time is told above: here it is asked who vouches for it.
        let when = at.clamp(not_before, not_after).timestamp();
        let when = UnixTime::since_unix_epoch(Duration::from_secs(when.unsigned_abs()));
        let algorithms = ring::default_provider().signature_verification_algorithms.all;
        let vouched = verify_server_cert_signed_by_trust_anchor(parsed, roots, rest, when, algorithms);
        faults.extend(vouched.err().map(|error| match error {
            Error::InvalidCertificate(CertificateError::UnknownIssuer) if self_issued => {
                CertificateFault::SelfSigned
            }
            Error::InvalidCertificate(CertificateError::UnknownIssuer) if rest.is_empty() => {
                CertificateFault::IncompleteChain
            }
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => CertificateFault::UnknownRoot,
            Error::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            ) => CertificateFault::ChainExpired,
            // A CA's certificate in place of a server's: made by hand, which is what self-signed ones are.
            _ if self_issued => CertificateFault::SelfSigned,
            _ => CertificateFault::Unverifiable,
        }));
    }
    faults.sort();
    faults.dedup();
    Some(Certificate {
        protocol: protocol.to_owned(),
        not_before,
        not_after,
        subject,
        issuer,
        names,
        sent: u32::try_from(chain.len()).unwrap_or(u32::MAX),
        sha256: hex(&Sha256::digest(end)),
        faults,
    })
}

/// Takes any certificate and keeps what was sent, so that a faulty one can be told in full.
#[derive(Debug)]
struct Record {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Vec<CertificateDer<'static>>>,
}

impl Record {
    fn new() -> Self {
        Self { provider: Arc::new(ring::default_provider()), chain: Mutex::default() }
    }

    fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for Record {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(end_entity).chain(intermediates).map(|der| der.clone().into_owned());
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = all.collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
