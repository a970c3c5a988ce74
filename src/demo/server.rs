//! The demo's web server: HTTP/1.1 on several loopback addresses, virtual hosts, and a log of every request.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::NaiveDate;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, HOST, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, RANGE, USER_AGENT};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Collected, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::web::{Manner, Resource, Web};
use crate::finding::hex;

/// Bytes of a request's body that are read; what programs send here is short.
const MOST_SENT: usize = 64 << 10;

/// One request as the server saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Time since the server started, monotonic.
    pub at: Duration,
    /// The address that was connected to.
    pub machine: IpAddr,
    /// The Host header, without port.
    pub host: String,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The User-Agent header.
    pub user_agent: String,
    /// The status answered.
    pub status: u16,
}

/// Sockets that are bound and not yet served: they fix the port that the pages' links need.
#[derive(Debug)]
pub struct Bound {
    listeners: Vec<TcpListener>,
    port: u16,
    ipv6: bool,
}

/// A running server; dropping it closes every connection.
#[derive(Debug)]
pub struct Server {
    /// The port on every machine.
    pub port: u16,
    /// Whether it serves on `[::1]` as well.
    pub ipv6: bool,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    web: RwLock<Arc<Web>>,
    started: Instant,
    log: Mutex<Vec<Logged>>,
    gets: Mutex<BTreeMap<(String, String), u32>>,
}

impl Bound {
    /// Binds every address in `machines` on one port, and `[::1]` on the same port where this machine has it.
    /// With `port` 0 the system chooses.
    ///
    /// # Errors
    /// Where a port is taken or an address is not there.
    pub async fn bind(machines: &BTreeSet<Ipv4Addr>, port: u16) -> io::Result<Self> {
        let mut failure = io::Error::from(io::ErrorKind::InvalidInput);
        // A port that is free on one address may be taken on the next: ask for another one.
        for _ in 0..16 {
            match Self::bind_once(machines, port).await {
                Ok(bound) => return Ok(bound),
                Err(e) => failure = e,
            }
        }
        Err(failure)
    }

    async fn bind_once(machines: &BTreeSet<Ipv4Addr>, wanted: u16) -> io::Result<Self> {
        let mut port = wanted;
        let mut listeners = Vec::new();
        for machine in machines {
            let listener = TcpListener::bind(SocketAddr::from((*machine, port))).await?;
            port = listener.local_addr()?.port();
            listeners.push(listener);
        }
        let ipv6 = match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await {
            Ok(listener) => {
                listeners.push(listener);
                true
            }
            Err(e) if e.kind() == io::ErrorKind::AddrInUse => return Err(e),
            Err(_) => false,
        };
        Ok(Self { listeners, port, ipv6 })
    }

    /// The port on every machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether `[::1]` is there too.
    pub fn ipv6(&self) -> bool {
        self.ipv6
    }

    /// Serves `web` from now on. To be called inside a tokio runtime.
    pub fn serve(self, web: Web) -> Server {
        let shared = Arc::new(Shared {
            web: RwLock::new(Arc::new(web)),
            started: Instant::now(),
            log: Mutex::default(),
            gets: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for listener in self.listeners {
            tasks.spawn(accept(listener, Arc::clone(&shared)));
        }
        Server { port: self.port, ipv6: self.ipv6, shared, _tasks: tasks }
    }
}

impl Server {
    /// Every request so far, in order of arrival.
    pub fn log(&self) -> Vec<Logged> {
        lock(&self.shared.log).clone()
    }

    /// What is served.
    pub fn web(&self) -> Arc<Web> {
        self.shared.web()
    }

    /// Serves `web` from now on, on the machines that serve already: time has passed, and people have worked on their sites.
    pub fn show(&self, web: Web) {
        *self.shared.web.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(web);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let Ok(local) = listener.local_addr() else { return };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    let service = service_fn(move |request: Request<Incoming>| {
                        let shared = Arc::clone(&shared);
                        async move {
                            let (head, sent) = request.into_parts();
                            let sent = Limited::new(sent, MOST_SENT).collect().await;
                            let sent = sent.map_or_else(|_| Bytes::new(), Collected::to_bytes);
                            Ok::<_, Infallible>(answer(&shared, local.ip(), &Request::from_parts(head, sent)))
                        }
                    });
                    // A client that goes away in the middle is no concern of the demo.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

fn answer(shared: &Shared, machine: IpAddr, request: &Request<Bytes>) -> Response<Full<Bytes>> {
    let text = |name: HeaderName| header(request.headers(), &name).to_owned();
    let host = text(HOST).rsplit_once(':').map_or_else(|| text(HOST), |(name, _)| name.to_owned());
    let host = host.to_ascii_lowercase();
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let web = shared.web();
    let response = match web.find(&host, &path) {
        Some(resource) => shared.give(resource, &host, &path, request),
        None => plain(StatusCode::NOT_FOUND, Bytes::from_static(b"<h1>404 Not Found</h1>")),
    };
    lock(&shared.log).push(Logged {
        at: shared.started.elapsed(),
        machine,
        host,
        method: request.method().to_string(),
        path,
        user_agent: text(USER_AGENT),
        status: response.status().as_u16(),
    });
    response
}

impl Shared {
    fn web(&self) -> Arc<Web> {
        Arc::clone(&self.web.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn give(
        &self,
        resource: &Resource,
        host: &str,
        path: &str,
        request: &Request<Bytes>,
    ) -> Response<Full<Bytes>> {
        if request.method() == Method::GET {
            let mut gets = lock(&self.gets);
            let count = gets.entry((host.to_owned(), path.to_owned())).or_default();
            *count += 1;
            if let (1, Manner::FirstOther(first)) = (*count, &resource.manner) {
                return compose(first, request.headers());
            }
        } else if let (&Method::POST, Manner::Posted(answers)) = (request.method(), &resource.manner) {
            let sent = String::from_utf8_lossy(request.body());
            let told = answers.iter().find(|(words, _)| sent.contains(words.as_str()));
            let body = told.map_or_else(|| resource.body.clone(), |(_, body)| body.clone());
            return compose(&Resource { body, ..resource.clone() }, request.headers());
        } else if request.method() != Method::HEAD || matches!(resource.manner, Manner::NoHead) {
            return with(plain(StatusCode::METHOD_NOT_ALLOWED, Bytes::new()), "allow", "GET");
        }
        compose(resource, request.headers())
    }
}

fn compose(resource: &Resource, asked: &HeaderMap) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(resource.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut head: Vec<(&str, String)> = vec![("content-type", resource.content_type.to_owned())];
    head.extend(resource.headers.iter().map(|(name, value)| (*name, value.clone())));
    let mut body = resource.body.clone();
    let mut status = status;
    if let (Some(day), StatusCode::OK) = (resource.modified, status) {
        let tag = format!("\"{}\"", hex(&Sha256::digest(&body)).chars().take(16).collect::<String>());
        let modified = http_date(day);
        let unchanged = match header(asked, &IF_NONE_MATCH) {
            "" => header(asked, &IF_MODIFIED_SINCE) == modified,
            tags => tags.split(',').any(|t| t.trim().trim_start_matches("W/") == tag || t.trim() == "*"),
        };
        head.extend([("etag", tag), ("last-modified", modified), ("accept-ranges", "bytes".to_owned())]);
        if unchanged {
            (status, body) = (StatusCode::NOT_MODIFIED, Bytes::new());
        } else {
            let whole = body.len();
            match part(header(asked, &RANGE), whole) {
                Part::Whole => {}
                Part::Bytes(first, last) => {
                    status = StatusCode::PARTIAL_CONTENT;
                    head.push(("content-range", format!("bytes {first}-{last}/{whole}")));
                    body = body.slice(first..=last);
                }
                Part::Beyond => {
                    status = StatusCode::RANGE_NOT_SATISFIABLE;
                    head.push(("content-range", format!("bytes */{whole}")));
                    body = Bytes::new();
                }
            }
        }
    }
    let text = resource.content_type.starts_with("text/") || resource.content_type.contains("javascript");
    if status == StatusCode::OK
        && text
        && body.len() > 1024
        && header(asked, &ACCEPT_ENCODING).contains("gzip")
        && let Ok(packed) = gzip(&body)
    {
        body = packed;
        head.extend([("content-encoding", "gzip".to_owned()), ("vary", "accept-encoding".to_owned())]);
    }
    head.into_iter().fold(plain(status, body), |response, (name, value)| with(response, name, &value))
}

fn plain(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
}

fn with(mut response: Response<Full<Bytes>>, name: &str, value: &str) -> Response<Full<Bytes>> {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value.try_into()) {
        response.headers_mut().append(name, value);
    }
    response
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// What a Range header asks of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// No single byte range: the whole body.
    Whole,
    /// From the first to the last byte.
    Bytes(usize, usize),
    /// A range beyond the end.
    Beyond,
}

fn part(asked: &str, len: usize) -> Part {
    let Some((first, last)) = asked.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Part::Whole;
    };
    let (first, last) = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first > last => return Part::Whole,
        (Ok(first), last) => (first, last.unwrap_or(usize::MAX)),
        (Err(_), Ok(0)) => return Part::Beyond,
        (Err(_), Ok(suffix)) => (len.saturating_sub(suffix), usize::MAX),
        (Err(_), Err(_)) => return Part::Whole,
    };
    match len.checked_sub(1) {
        Some(end) if first <= end => Part::Bytes(first, last.min(end)),
        _ => Part::Beyond,
    }
}

fn gzip(body: &[u8]) -> io::Result<Bytes> {
    let mut packer = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::fast());
    packer.write_all(body)?;
    packer.finish().map(Bytes::from)
}

fn http_date(day: NaiveDate) -> String {
    day.format("%a, %d %b %Y 01:30:00 GMT").to_string()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_rfc_9110_reads_them() {
        for (asked, len, expected) in [
            ("bytes=0-9", 100, Part::Bytes(0, 9)),
            ("bytes=90-200", 100, Part::Bytes(90, 99)),
            ("bytes=5-", 10, Part::Bytes(5, 9)),
            ("bytes=-3", 10, Part::Bytes(7, 9)),
            ("bytes=-30", 10, Part::Bytes(0, 9)),
            ("bytes=10-", 10, Part::Beyond),
            ("bytes=-0", 10, Part::Beyond),
            ("bytes=0-", 0, Part::Beyond),
            ("bytes=9-3", 10, Part::Whole),
            ("lines=1-2", 10, Part::Whole),
            ("", 10, Part::Whole),
        ] {
            assert_eq!(part(asked, len), expected, "{asked} of {len}");
        }
    }
}
