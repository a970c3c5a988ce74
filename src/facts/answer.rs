//! What an answer means before any rule is asked: there, gone, challenged, restricted, or not known.

use serde::{Deserialize, Serialize};

use crate::exchange::{ConnectError, ReadError, ResolveError};

/// What one exchange says of its target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "as", rename_all = "kebab-case")]
pub enum Answer {
    /// It is there: 2xx or 304, and no sign of anything else.
    There,
    /// 404 or 410, and the body is no challenge page.
    NotFound(u16),
    /// Another 4xx that is neither a challenge nor a question of rights: 400, 405, 406, 414 …
    ClientError(u16),
    /// 5xx without the marks of a firewall.
    ServerError(u16),
    /// 200, but the page says of itself that it is not there.
    SoftNotFound,
    /// The redirects go in a circle.
    Loop,
    /// A redirect to something that cannot be fetched.
    BadRedirect,
    /// NXDOMAIN.
    NoSuchName,
    /// A connection could not be made or broke off; may be passing.
    Unreachable(Fault),
    /// A firewall or bot check answered in the site's place: never a fault of the page.
    Challenge(String),
    /// 401, or redirected to a login.
    Restricted,
    /// Nothing can be said: our own limits, SERVFAIL, a cut body … as a stable word.
    Unknown(String),
}

/// What broke, by the step at which it broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "step", content = "why", rename_all = "kebab-case")]
pub enum Fault {
    /// Resolving.
    Resolve(ResolveError),
    /// Connecting.
    Connect(ConnectError),
    /// TLS.
    Tls,
    /// Reading the answer.
    Read(ReadError),
}
