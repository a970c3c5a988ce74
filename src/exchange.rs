//! What came from the network, as plain values: [`Exchange`], [`Hop`], [`FetchError`].
//! Lives apart from `fetch/` so that `facts/` never imports anything that can open a socket.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::calendar::Instant8;

/// One thing asked of the network and all that became of it: every hop, and the reply or the typed error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The URL that was asked for, without fragment.
    pub url: String,
    /// When the first request of the exchange was sent.
    pub at: Instant8,
    /// From the first request to the last byte read, in milliseconds; waiting for our own politeness is not counted.
    pub took_ms: u64,
    /// Requests answered by a redirect, in order; empty where the first answer was final.
    pub hops: Vec<Hop>,
    /// The final answer, or what prevented it.
    pub outcome: Result<Reply, FetchError>,
}

impl Exchange {
    /// The URL that gave the final answer: the last hop's target, or the URL asked for.
    pub fn final_url(&self) -> &str {
        match (&self.outcome, self.hops.last()) {
            (Ok(reply), _) => &reply.url,
            (Err(_), Some(hop)) => &hop.to,
            (Err(_), None) => &self.url,
        }
    }

    /// Whether a host asked to be left alone for a while, in its answer or in that to its robots.txt.
    pub fn asks_for_patience(&self) -> bool {
        match &self.outcome {
            Ok(reply) => matches!(reply.status, 429 | 503),
            Err(error) => *error == FetchError::Ours(OurLimit::RobotsUnreadable),
        }
    }
}

/// A redirect that was followed by hand, or a home page that sent its reader on by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The URL that redirected.
    pub url: String,
    /// Its status: 301–308, or that of a page that sends on by itself.
    pub status: u16,
    /// Where it pointed, resolved.
    pub to: String,
    /// The address that answered; `None` behind a proxy.
    pub addr: Option<SocketAddr>,
}

/// A final answer. The body itself travels beside the exchange, never inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The URL that answered.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// The address that answered; `None` behind a proxy.
    pub addr: Option<SocketAddr>,
    /// Response headers in order, names in lower case, values lossily decoded, at most 16 KiB in all.
    pub headers: Vec<(String, String)>,
    /// Decoded bytes that were read.
    pub body_len: u64,
    /// SHA-256 of the bytes read, in hex; empty where the body was not read.
    pub body_sha256: String,
    /// True where the body was cut at our own cap or because only a range was asked for.
    pub body_cut: bool,
}

impl Reply {
    /// The first value of header `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Why no final answer came, named by the step that failed and never guessed from error text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", content = "why", rename_all = "kebab-case")]
pub enum FetchError {
    /// The name could not be resolved.
    Resolve(ResolveError),
    /// No address accepted a connection.
    Connect(ConnectError),
    /// The connection was made but TLS was not agreed: the rustls error, for people to read.
    Tls(String),
    /// Connected, but no complete response head came.
    Head(ReadError),
    /// The head came, but the body broke off.
    Body(ReadError),
    /// The redirects went in a circle.
    RedirectLoop,
    /// A redirect pointed to something that is not an http(s) URL; the target as it stood.
    RedirectTarget(String),
    /// A limit or a rule of our own prevented the answer: nothing is known about the site.
    Ours(OurLimit),
}

/// How name resolution failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolveError {
    /// NXDOMAIN: the authoritative answer that the name does not exist.
    NoSuchName,
    /// The name exists and has no address of the family asked for.
    NoAddress,
    /// SERVFAIL, REFUSED, or garbage: the name servers failed.
    ServerFailure,
    /// No answer in time.
    Timeout,
}

/// How connecting failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectError {
    /// The port is closed: RST.
    Refused,
    /// No answer to SYN in time.
    Timeout,
    /// Reset or otherwise broken while connecting.
    Reset,
    /// This machine has no route to the address: says nothing of the site.
    NoRoute,
}

/// How reading failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadError {
    /// Nothing, or too little, came in time.
    Timeout,
    /// The peer closed or reset before the end.
    Cut,
    /// What came is not HTTP.
    Malformed,
}

/// A limit or rule of ours that was in the way. Always a gap, never a fault of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OurLimit {
    /// robots.txt forbids it.
    Robots,
    /// robots.txt could not be read (5xx or a break after connecting), which forbids all.
    RobotsUnreadable,
    /// The egress policy refuses every address of the host.
    Egress,
    /// A public name leads to inner addresses only: a name server of ours, or a local proxy, invents them.
    InnerAddress,
    /// `--connect-to` is in use and the name is not mapped.
    NotMapped,
    /// More redirects than we follow.
    Redirects,
    /// Redirects in a circle that set a cookie on the way: a browser keeps it and gets in, we keep none.
    Cookies,
    /// The response head was larger than our HTTP library reads.
    HeadSize,
    /// The body was packed more than once, or in a way that we do not unpack.
    Packing,
    /// A page, depth, byte or time budget was used up.
    Budget,
    /// The URL is longer than we ask for.
    UrlLength,
    /// Our own network was down.
    OwnNetwork,
    /// The scheme is not http or https.
    Scheme,
}
