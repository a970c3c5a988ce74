//! What the demo serves, as plain values: hosts, resources and how each behaves. Knows no sockets and no HTML.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use bytes::Bytes;
use chrono::NaiveDate;

/// Every host that the demo's name server knows.
#[derive(Debug, Clone)]
pub struct Web {
    /// The port that every machine serves on.
    pub port: u16,
    /// Hosts by name.
    pub hosts: BTreeMap<String, Host>,
}

impl Web {
    /// What `path_and_query` of `host` serves: the exact path and query, else the path alone.
    pub fn find(&self, host: &str, path_and_query: &str) -> Option<&Resource> {
        self.hosts.get(host)?.find(path_and_query)
    }
}

/// One virtual host.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its name.
    pub name: &'static str,
    /// The loopback address that stands for its machine.
    pub machine: Ipv4Addr,
    /// Whether it has an AAAA record.
    pub ipv6: bool,
    /// What it serves, by path and query as they go over the wire.
    pub paths: BTreeMap<String, Resource>,
    /// What answers in place of every path, where a firewall stands before the host.
    pub wall: Option<Resource>,
    /// What answers for a path that is not there.
    pub missing: Option<Resource>,
}

impl Host {
    /// A host that serves nothing yet.
    pub fn new(name: &'static str, machine: Ipv4Addr, ipv6: bool) -> Self {
        Self { name, machine, ipv6, paths: BTreeMap::new(), wall: None, missing: None }
    }

    /// Adds a resource.
    pub fn put(&mut self, path: impl Into<String>, resource: Resource) {
        self.paths.insert(path.into(), resource);
    }

    /// What `path_and_query` serves: the exact path and query, else the path alone.
    pub fn find(&self, path_and_query: &str) -> Option<&Resource> {
        let path = path_and_query.split('?').next().unwrap_or_default();
        self.wall
            .as_ref()
            .or_else(|| self.paths.get(path_and_query))
            .or_else(|| self.paths.get(path))
            .or(self.missing.as_ref())
    }
}

/// One answer and the manner in which it is given.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The HTTP status.
    pub status: u16,
    /// The Content-Type header.
    pub content_type: &'static str,
    /// Further headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
    /// The day of Last-Modified; `None` = neither that header nor an `ETag`.
    pub modified: Option<NaiveDate>,
    /// How it behaves.
    pub manner: Manner,
}

/// How a resource behaves when asked again or otherwise.
#[derive(Debug, Clone)]
pub enum Manner {
    /// Always the same.
    Steady,
    /// The first GET gets this answer in its place.
    FirstOther(Box<Resource>),
    /// HEAD is refused with 405.
    NoHead,
    /// Asked by POST, the first whose words stand in what was sent is the body; else its own is.
    Posted(Vec<(String, Bytes)>),
}

/// `Content-Type` of a page that declares its encoding in the header.
pub const HTML: &str = "text/html; charset=utf-8";
/// `Content-Type` of a page that leaves its encoding to its own declaration.
pub const BARE_HTML: &str = "text/html";

impl Resource {
    /// A page or file that is simply there.
    pub fn ok(content_type: &'static str, body: impl Into<Bytes>, modified: NaiveDate) -> Self {
        Self {
            status: 200,
            content_type,
            headers: Vec::new(),
            body: body.into(),
            modified: Some(modified),
            manner: Manner::Steady,
        }
    }

    /// An answer other than 200 with a page of its own.
    pub fn status(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type: HTML,
            headers: Vec::new(),
            body: body.into(),
            modified: None,
            manner: Manner::Steady,
        }
    }

    /// A redirect.
    pub fn redirect(status: u16, to: impl Into<String>) -> Self {
        Self { headers: vec![("location", to.into())], ..Self::status(status, Bytes::new()) }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same, but the first GET is answered by `first`.
    #[must_use]
    pub fn at_first(mut self, first: Self) -> Self {
        self.manner = Manner::FirstOther(Box::new(first));
        self
    }

    /// The same, but it is asked by POST: what is answered where these words stand in what was sent.
    #[must_use]
    pub fn posted(mut self, answers: Vec<(String, String)>) -> Self {
        self.manner = Manner::Posted(answers.into_iter().map(|(words, body)| (words, body.into())).collect());
        self
    }

    /// The same, but HEAD is refused.
    #[must_use]
    pub fn no_head(mut self) -> Self {
        self.manner = Manner::NoHead;
        self
    }
}
