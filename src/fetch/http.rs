//! One request with its redirects, by hand, within limits: URL in, [`Exchange`] and body out.
//!
//! Every hop passes the same gate (robots.txt, politeness) and the same egress policy, and is asked without
//! cookies, credentials or referrer. Bodies are streams whose *decoded* bytes are counted.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chrono::Utc;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Client, Response};
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use url::{Position, Url};

use super::clock::Stopped;
use super::dns::{Family, Names};
use super::egress::EgressPolicy;
use super::failure::{body_error, classify};
use super::tls::verifying_tls;
use crate::clock;
use crate::config::valid::{CrawlPolicy, EgressConfig, Limits};
use crate::exchange::{Exchange, FetchError, Hop, OurLimit, ReadError, Reply};
use crate::facts::personal::{self, mask_address};
use crate::finding::hex;

/// Headers kept of an answer, in bytes.
const KEPT_HEADERS: usize = 16 << 10;
/// Decoded bytes read of an answer that is not 2xx: enough to recognise a firewall's page.
const ERROR_BYTES: u64 = 64 << 10;
/// Slowest body that is still waited for, in bytes per second over [`SLOW_WINDOW`].
const SLOWEST: u64 = 1 << 10;
const SLOW_WINDOW: Duration = Duration::from_secs(10);

/// Bytes of a picture that is looked at.
pub const PICTURE_BYTES: u64 = 1 << 20;

/// What is asked before each request of an exchange is sent.
pub trait Gate: Send + Sync {
    /// Waits for the turn of `url`, whose host answers on `group`, and tells when it was given; refuses what must not be
    /// asked.
    fn pass(&self, url: &Url, group: &str) -> impl Future<Output = Result<Instant, FetchError>> + Send;
    /// Told of the head of the answer to what was asked in `turn`, or that none came.
    fn answered(
        &self,
        url: &Url,
        group: &str,
        turn: Instant,
        reply: Result<(u16, Option<Duration>), &FetchError>,
    );
}

/// What is wanted of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// The page, to be read.
    Page,
    /// Only whether it is there: a ranged GET.
    Probe,
    /// A picture, to be looked at, up to [`PICTURE_BYTES`].
    Picture,
    /// A file whose text is read: a ranged GET, too. Of one that is larger than the limit, or slow, no more than its beginning
    /// comes back, as it does for a probe.
    File,
}

/// One thing to ask.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// The URL.
    pub url: &'a Url,
    /// What is wanted of it.
    pub want: Want,
    /// Which addresses may be used, through all redirects.
    pub family: Family,
    /// `ETag` and `Last-Modified` of the copy we have.
    pub have: (Option<&'a str>, Option<&'a str>),
    /// Whether to name the site of the URL as where the request comes from, as the browser of a reader of that site does.
    pub from_its_site: bool,
    /// Headers beside our own.
    pub headers: HeaderMap,
    /// What is sent, where it is a POST: such a request is sent once and follows no redirect.
    pub post: Option<Vec<u8>>,
}

impl<'a> Ask<'a> {
    /// Asks for `url` over any address.
    pub fn new(url: &'a Url, want: Want) -> Self {
        Self {
            url,
            want,
            family: Family::Any,
            have: (None, None),
            from_its_site: false,
            headers: HeaderMap::new(),
            post: None,
        }
    }
}

/// What came.
#[derive(Debug)]
pub struct Fetched {
    /// The record of it.
    pub exchange: Exchange,
    /// The bytes that were read.
    pub body: Vec<u8>,
}

/// The HTTP client. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Http {
    pub(super) limits: Limits,
    pub(super) policy: Arc<EgressPolicy>,
    names: Arc<Names>,
    pub(super) proxied: bool,
    pub(super) user_agent: HeaderValue,
    pub(super) any: Client,
    v4: Client,
    v6: Client,
    pinned: Mutex<HashMap<IpAddr, Client>>,
}

impl Http {
    /// Builds the client.
    ///
    /// # Errors
    /// If the User-Agent is not a header value or TLS cannot be set up.
    pub fn new(
        crawl: &CrawlPolicy,
        limits: &Limits,
        egress: &EgressConfig,
        policy: Arc<EgressPolicy>,
        names: Arc<Names>,
    ) -> Result<Self> {
        // Installing fails only where it was done before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let contact = if crawl.contact.is_empty() { String::new() } else { format!(" (+{})", crawl.contact) };
        let user_agent = HeaderValue::from_str(&format!("{}{contact}", crawl.user_agent))
            .context("the User-Agent is not a valid header value")?;
        let build = |family: Family| -> Result<Client> {
            let resolver = names.resolver(family, None);
            let mut builder = builder(limits)?.dns_resolver(Arc::new(resolver));
            if let Some(proxy) = &egress.proxy {
                builder = builder.proxy(reqwest::Proxy::all(proxy.clone())?);
            }
            Ok(builder.build()?)
        };
        Ok(Self {
            limits: limits.clone(),
            any: build(Family::Any)?,
            v4: build(Family::V4)?,
            v6: build(Family::V6)?,
            proxied: egress.proxy.is_some(),
            pinned: Mutex::default(),
            policy,
            names,
            user_agent,
        })
    }

    /// Asks, following redirects through the gate, and reads the answer.
    pub async fn fetch(&self, ask: &Ask<'_>, gate: &impl Gate) -> Fetched {
        self.fetch_within(ask, gate, self.limits.whole + self.limits.first_byte).await
    }

    /// As [`fetch`](Self::fetch), given up after `limit`. Waiting at the gate is no time of the site's: it counts neither
    /// towards the limit nor in the record.
    pub async fn fetch_within(&self, ask: &Ask<'_>, gate: &impl Gate, limit: Duration) -> Fetched {
        let gate = Stopped::at(gate);
        let at = clock::now();
        let mut hops = Vec::new();
        let outcome = tokio::select! {
            biased;
            outcome = self.follow(ask, &gate, &mut hops) => outcome,
            () = gate.run_out(limit) => Err(FetchError::Head(ReadError::Timeout)),
        };
        let (outcome, body) = match outcome {
            Ok((reply, body)) => (Ok(reply), body),
            Err(error) => (Err(error), Vec::new()),
        };
        let took_ms = u64::try_from(gate.spent().as_millis()).unwrap_or(u64::MAX);
        let mut exchange = Exchange { url: without_fragment(ask.url), at, took_ms, hops, outcome };
        without_persons(&mut exchange);
        Fetched { exchange, body }
    }

    /// The politeness group of a host: the address its requests go to.
    ///
    /// # Errors
    /// As resolving, the egress policy and the mapping decide.
    pub async fn group(&self, url: &Url, family: Family) -> Result<String, FetchError> {
        Ok(match self.route(url, family).await? {
            Route::Open { group } => group,
            Route::Pinned { to } => to.ip().to_string(),
        })
    }

    async fn follow(
        &self,
        ask: &Ask<'_>,
        gate: &impl Gate,
        hops: &mut Vec<Hop>,
    ) -> Result<(Reply, Vec<u8>), FetchError> {
        let mut url = bare(ask.url.clone());
        let mut cookies = false;
        loop {
            let (response, addr) = match self.ask_once(&url, ask, gate).await {
                Err(FetchError::Head(ReadError::Cut)) if ask.post.is_none() => {
                    self.ask_once(&url, ask, gate).await?
                }
                other => other?,
            };
            let status = response.status().as_u16();
            let location = match status {
                301 | 302 | 303 | 307 | 308 => response.headers().get(header::LOCATION).cloned(),
                _ => None,
            };
            let Some(location) = location else {
                return self.read(url, response, addr, ask.want).await;
            };
            cookies |= response.headers().contains_key(header::SET_COOKIE);
            let target = String::from_utf8_lossy(location.as_bytes()).into_owned();
            let next = bare(url.join(&target).map_err(|_| FetchError::RedirectTarget(target.clone()))?);
            if !matches!(next.scheme(), "http" | "https") || ask.post.is_some() {
                return Err(FetchError::RedirectTarget(target));
            }
            hops.push(Hop { url: url.to_string(), status, to: next.to_string(), addr });
            if hops.iter().any(|hop| hop.url == next.as_str()) {
                let asks = FetchError::Ours(OurLimit::Cookies);
                return Err(if cookies { asks } else { FetchError::RedirectLoop });
            }
            if hops.len() > self.limits.redirects {
                return Err(FetchError::Ours(OurLimit::Redirects));
            }
            url = next;
        }
    }

    async fn ask_once(
        &self,
        url: &Url,
        ask: &Ask<'_>,
        gate: &impl Gate,
    ) -> Result<(Response, Option<SocketAddr>), FetchError> {
        if url.as_str().len() > self.limits.url_bytes {
            return Err(FetchError::Ours(OurLimit::UrlLength));
        }
        let route = self.route(url, ask.family).await?;
        let group = match &route {
            Route::Open { group } => group.clone(),
            Route::Pinned { to } => to.ip().to_string(),
        };
        let turn = gate.pass(url, &group).await?;
        match self.send(url, ask, &route).await {
            Err(error) => {
                gate.answered(url, &group, turn, Err(&error));
                Err(error)
            }
            Ok(response) => {
                let wait = retry_after(response.headers());
                gate.answered(url, &group, turn, Ok((response.status().as_u16(), wait)));
                let addr = if self.proxied { None } else { response.remote_addr() };
                if addr.is_some_and(|addr| self.policy.allow(addr).is_err()) {
                    return Err(FetchError::Ours(OurLimit::Egress));
                }
                Ok((response, addr))
            }
        }
    }

    async fn send(&self, url: &Url, ask: &Ask<'_>, route: &Route) -> Result<Response, FetchError> {
        let (client, target) = match route {
            Route::Open { .. } => {
                let client = match ask.family {
                    Family::Any => &self.any,
                    Family::V4 => &self.v4,
                    Family::V6 => &self.v6,
                };
                (client.clone(), url.clone())
            }
            Route::Pinned { to } => {
                let mut target = url.clone();
                // A mapped URL is http or https, whose port can always be set.
                let _ = target.set_port(Some(to.port()));
                (self.client_for(to.ip())?, target)
            }
        };
        let request = match &ask.post {
            None => client.get(target),
            Some(body) => client.post(target).body(body.clone()),
        };
        let mut request = request.headers(ask.headers.clone()).header(header::USER_AGENT, &self.user_agent);
        if let Route::Pinned { .. } = route {
            request = request.header(header::HOST, authority(url));
        }
        if ask.from_its_site {
            request = request.header(header::REFERER, &url[..Position::BeforePath]);
        }
        let ranged = match ask.want {
            Want::Probe => Some(self.limits.probe_bytes),
            Want::File => Some(self.limits.attachment_bytes),
            Want::Page | Want::Picture => None,
        };
        if let Some(most) = ranged {
            request = request
                .header(header::RANGE, format!("bytes=0-{}", most.saturating_sub(1)))
                .header(header::ACCEPT_ENCODING, "identity");
        }
        if let Some(etag) = ask.have.0 {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(modified) = ask.have.1 {
            request = request.header(header::IF_MODIFIED_SINCE, modified);
        }
        match timeout(self.limits.connect + self.limits.first_byte, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(classify(&error, url.scheme() == "https")),
            Err(_) => Err(FetchError::Head(ReadError::Timeout)),
        }
    }

    pub(super) async fn route(&self, url: &Url, family: Family) -> Result<Route, FetchError> {
        self.policy.allow_url(url).map_err(|_| FetchError::Ours(OurLimit::Egress))?;
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(80);
        if self.proxied {
            return Ok(Route::Open { group: "proxy".to_owned() });
        }
        let found = self.names.check(host, port, family).await?;
        if self.names.is_mapped(host) {
            return Ok(Route::Pinned { to: found[0] });
        }
        let first = found.iter().map(SocketAddr::ip).min();
        Ok(Route::Open { group: first.map(|ip| ip.to_string()).unwrap_or_default() })
    }

    pub(super) fn client_for(&self, ip: IpAddr) -> Result<Client, FetchError> {
        let mut pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = pinned.get(&ip) {
            return Ok(client.clone());
        }
        let client = builder(&self.limits)
            .and_then(|builder| Ok(builder.dns_resolver(Arc::new(Fixed(ip))).build()?))
            .map_err(|_| FetchError::Ours(OurLimit::Egress))?;
        pinned.insert(ip, client.clone());
        Ok(client)
    }

    async fn read(
        &self,
        url: Url,
        mut response: Response,
        addr: Option<SocketAddr>,
        want: Want,
    ) -> Result<(Reply, Vec<u8>), FetchError> {
        let status = response.status().as_u16();
        let headers = kept_headers(response.headers());
        let packed = want == Want::Page && is_still_packed(response.headers());
        if packed && (200..300).contains(&status) {
            return Err(FetchError::Ours(OurLimit::Packing));
        }
        let cap = match want {
            _ if packed => 0,
            _ if !(200..300).contains(&status) => ERROR_BYTES,
            Want::Page if is_page(response.headers()) => self.limits.page_bytes,
            Want::Picture => PICTURE_BYTES,
            Want::File if size(&response).is_none_or(|size| size <= self.limits.attachment_bytes) => {
                self.limits.attachment_bytes
            }
            Want::Page | Want::Probe | Want::File => self.limits.probe_bytes,
        };
        let cap = usize::try_from(cap).unwrap_or(usize::MAX);
        let expected = response.content_length().and_then(|length| usize::try_from(length).ok());
        let mut body: Vec<u8> = Vec::with_capacity(expected.unwrap_or(0).min(cap).min(1 << 20));
        let mut cut = status == 206;
        // That a file is slow is no fault of its: it is there.
        let file = want == Want::File;
        let deadline = Instant::now() + if file { self.limits.whole / 2 } else { self.limits.whole };
        let mut window = (Instant::now(), 0_usize);
        loop {
            let left = deadline.saturating_duration_since(Instant::now()).min(self.limits.first_byte);
            let chunk = match timeout(left, response.chunk()).await {
                Err(_) | Ok(Err(_)) if file && !body.is_empty() => {
                    cut = true;
                    break;
                }
                Err(_) => return Err(FetchError::Body(ReadError::Timeout)),
                Ok(Err(error)) => return Err(body_error(&error)),
                Ok(Ok(None)) => break,
                Ok(Ok(Some(chunk))) => chunk,
            };
            let room = cap - body.len();
            body.extend_from_slice(chunk.get(..room.min(chunk.len())).unwrap_or_default());
            // A body that ends just here is read to its end, so that its connection serves the next request.
            if body.len() >= cap && expected.is_none_or(|expected| expected > cap) {
                cut = true;
                break;
            }
            if window.0.elapsed() > SLOW_WINDOW {
                if ((body.len() - window.1) as u64) < SLOWEST * SLOW_WINDOW.as_secs() {
                    if file {
                        cut = true;
                        break;
                    }
                    return Err(FetchError::Body(ReadError::Timeout));
                }
                window = (Instant::now(), body.len());
            }
        }
        let body_sha256 = if body.is_empty() { String::new() } else { hex(&Sha256::digest(&body)) };
        let reply = Reply {
            url: url.into(),
            status,
            addr,
            headers,
            body_len: body.len() as u64,
            body_sha256,
            body_cut: cut,
        };
        Ok((reply, body))
    }
}

/// Where a request goes.
pub(super) enum Route {
    /// To an address of the host, resolved by us.
    Open { group: String },
    /// To a fixed address that stands in for the host.
    Pinned { to: SocketAddr },
}

/// Resolves every name to one address.
struct Fixed(IpAddr);

impl reqwest::dns::Resolve for Fixed {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let addr = SocketAddr::new(self.0, 0);
        Box::pin(async move { Ok(Box::new(std::iter::once(addr)) as reqwest::dns::Addrs) })
    }
}

fn builder(limits: &Limits) -> Result<reqwest::ClientBuilder> {
    let mut tls = verifying_tls()?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let mut headers = HeaderMap::new();
    headers.insert(
        header::ACCEPT,
        HeaderValue::from_static("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    );
    headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("zh-CN,zh;q=0.9,en;q=0.5"));
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .default_headers(headers)
        .connect_timeout(limits.connect)
        .pool_idle_timeout(Duration::from_secs(30))
        .referer(false))
}

pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// What is asked for: no fragment, and no name and password, which the client would send on as credentials.
fn bare(mut url: Url) -> Url {
    url.set_fragment(None);
    // Refused only where there is no host, and such a URL is never asked for.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

fn without_fragment(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    url.into()
}

fn is_page(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return true;
    };
    let kind = kind.to_ascii_lowercase();
    ["text/", "html", "xml", "json", "javascript"].iter().any(|part| kind.contains(part))
}

/// Whether a body is packed in spite of what was unpacked: several codings one over the other, or one that we do not know. What
/// is no coding at all (`utf-8`) is ignored, as browsers do.
fn is_still_packed(headers: &HeaderMap) -> bool {
    const CODINGS: [&str; 8] = ["gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb"];
    let values = headers.get_all(header::CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings =
        values.flat_map(|value| value.split(',')).map(|coding| coding.trim().to_ascii_lowercase());
    codings.any(|coding| CODINGS.contains(&coding.as_str()))
}

/// The whole file's bytes, where the answer tells.
fn size(response: &Response) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    match range.and_then(|range| range.rsplit_once('/')) {
        Some((_, total)) => total.trim().parse().ok(),
        None => response.content_length(),
    }
}

/// What is kept of an exchange names nobody: redirects and headers carry what a visitor typed.
fn without_persons(exchange: &mut Exchange) {
    let address = |url: &mut String| {
        if let Some((masked, _)) = mask_address(url) {
            *url = masked;
        }
    };
    for hop in &mut exchange.hops {
        address(&mut hop.url);
        address(&mut hop.to);
    }
    match &mut exchange.outcome {
        Ok(reply) => {
            address(&mut reply.url);
            for (_, value) in &mut reply.headers {
                if personal::any(value) {
                    *value = personal::mask(value).0;
                }
            }
        }
        Err(FetchError::RedirectTarget(to)) => address(to),
        Err(_) => {}
    }
}

fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut left = KEPT_HEADERS;
    headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .take_while(|(name, value)| {
            let size = name.len() + value.len();
            let fits = size <= left;
            left = left.saturating_sub(size);
            fits
        })
        .collect()
}

pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = chrono::DateTime::parse_from_rfc2822(value).ok()?;
    (until.to_utc() - Utc::now()).to_std().ok()
}
