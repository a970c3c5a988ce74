//! What an answer means before any rule is asked: there, gone, challenged, restricted, or not known.

use serde::{Deserialize, Serialize};

use super::astray::Astray;
use super::challenge::challenge;
use super::files::FileFault;
use super::impossible::Nowhere;
use super::no_file::Excuse;
use super::page::{PageFacts, PageKind};
use crate::exchange::{ConnectError, Exchange, FetchError, OurLimit, ReadError, Reply, ResolveError};

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
    /// It leads to the home page, as every address of the host does that was made up.
    HomeInstead,
    /// 200, but the page is the one that the host gives for addresses that were made up.
    SameForAll,
    /// 200, but the file is not what its name says.
    FaultyFile(FileFault),
    /// 200, but in the place of a file, where the link offers one, stand words about it.
    NoFile(Excuse),
    /// An address that nobody outside its author's machine or office can follow.
    Impossible(Nowhere),
    /// An outside page that is there and of a kind that nobody links to on purpose, or another than it was.
    Astray(Astray),
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

impl Answer {
    /// Whether it says that a visitor would not get in, and so may be worth asking again.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::NotFound(_)
            | Self::ClientError(_)
            | Self::ServerError(_)
            | Self::SoftNotFound
            | Self::HomeInstead
            | Self::SameForAll
            | Self::FaultyFile(_)
            | Self::NoFile(Excuse::Missing)
            | Self::Loop
            | Self::BadRedirect
            | Self::NoSuchName
            | Self::Unreachable(_) => true,
            // What nobody asks for cannot be asked again; what has gone astray opens.
            Self::There
            | Self::NoFile(Excuse::Login)
            | Self::Impossible(_)
            | Self::Astray(_)
            | Self::Challenge(_)
            | Self::Restricted
            | Self::Unknown(_) => false,
        }
    }

    /// Whether another asking, a little later, may well bring the page: a server's stumble, a broken connection, silence.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(Fault::Connect(_) | Fault::Read(_)) | Self::ServerError(..520) => true,
            Self::Unknown(why) => matches!(why.as_str(), "body-cut" | "dns-timeout" | "dns-failure"),
            _ => false,
        }
    }

    /// Whether a failure is worth a further try within the look: not silence and broken connections, which stay suspected
    /// anyway and after three of which a host is left alone.
    pub fn is_worth_a_try(&self) -> bool {
        use ConnectError::{Reset, Timeout};
        self.is_failure()
            && !matches!(
                self,
                Self::Unreachable(Fault::Connect(Reset | Timeout) | Fault::Tls | Fault::Read(_))
            )
    }

    /// What several tries within one look say together: a failure only where every one of them failed the same way. A
    /// target that one server of several does not have, or that fails under load, is not known to be gone.
    pub fn of_tries(tries: &[Self]) -> Self {
        let Some(last) = tries.last() else { return Self::Unknown("not-tried".to_owned()) };
        let alike = |other: &Self| std::mem::discriminant(other) == std::mem::discriminant(last);
        if tries.len() > 1 && !tries.iter().all(alike) {
            return Self::Unknown("unsteady".to_owned());
        }
        last.clone()
    }

    /// What an exchange says of its target. `page` is what was read of the body, where it is a page.
    pub fn of(exchange: &Exchange, page: Option<&PageFacts>) -> Self {
        match &exchange.outcome {
            Ok(reply) => of_reply(exchange, reply, page),
            Err(error) => of_error(error),
        }
    }

    /// The word that a gap or a report gives for it.
    pub fn word(&self) -> String {
        match self {
            Self::There => "there".to_owned(),
            Self::NotFound(status) | Self::ClientError(status) | Self::ServerError(status) => {
                format!("status-{status}")
            }
            Self::SoftNotFound | Self::HomeInstead | Self::SameForAll => "soft-404".to_owned(),
            Self::FaultyFile(_) | Self::NoFile(_) => "faulty-attachment".to_owned(),
            Self::Impossible(_) => "impossible-link".to_owned(),
            Self::Astray(_) => "astray".to_owned(),
            Self::Loop => "redirect-loop".to_owned(),
            Self::BadRedirect => "bad-redirect".to_owned(),
            Self::NoSuchName => "no-such-name".to_owned(),
            Self::Unreachable(_) => "unreachable".to_owned(),
            Self::Challenge(_) => "blocked".to_owned(),
            Self::Restricted => "restricted".to_owned(),
            Self::Unknown(why) => why.clone(),
        }
    }
}

fn of_reply(exchange: &Exchange, reply: &Reply, page: Option<&PageFacts>) -> Answer {
    if let Some(sign) = challenge(Some(reply.status), &reply.headers, "") {
        return Answer::Challenge(sign);
    }
    if let Some(page) = page.filter(|page| page.kind == PageKind::Blocked) {
        return Answer::Challenge(page.reason.clone());
    }
    if reply.addr.is_none() && matches!(reply.status, 407 | 502..=504) {
        // Without a peer address the answer came through the operator's own proxy, whose failures look like this.
        return Answer::Unknown("proxy".to_owned());
    }
    match reply.status {
        200..=299 | 304 | 416 if asks_login(exchange) => Answer::Restricted,
        200..=299 if page.is_some_and(|page| page.not_found.is_some()) => Answer::SoftNotFound,
        200..=299 | 304 | 416 => Answer::There,
        401 | 407 => Answer::Restricted,
        404 | 410 => Answer::NotFound(reply.status),
        // Refusals of us rather than of everybody (4xx), answers of a content network in place of the server (52x):
        // what a browser would be shown is not known.
        status @ (402
        | 403
        | 406
        | 408
        | 409
        | 412
        | 418
        | 421
        | 423
        | 425
        | 426
        | 428
        | 429
        | 431
        | 444
        | 451
        | 468
        | 499
        | 520..=530) => Answer::Challenge(format!("status-{status}")),
        status @ 400..=499 => Answer::ClientError(status),
        status @ 500..=599 => Answer::ServerError(status),
        status => Answer::Unknown(format!("status-{status}")),
    }
}

/// Whether the redirects led to a login page.
fn asks_login(exchange: &Exchange) -> bool {
    let Some(hop) = exchange.hops.last() else { return false };
    let path = hop.to.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let own = exchange.url.to_ascii_lowercase();
    ["login", "signin", "/sso", "/cas/", "passport", "oauth"]
        .iter()
        .any(|word| path.contains(word) && !own.contains(word))
}

fn of_error(error: &FetchError) -> Answer {
    match error {
        FetchError::Resolve(ResolveError::NoSuchName) => Answer::NoSuchName,
        FetchError::Resolve(why @ ResolveError::NoAddress) => Answer::Unreachable(Fault::Resolve(*why)),
        FetchError::Resolve(ResolveError::ServerFailure) => Answer::Unknown("dns-failure".to_owned()),
        FetchError::Resolve(ResolveError::Timeout) => Answer::Unknown("dns-timeout".to_owned()),
        FetchError::Connect(ConnectError::NoRoute) => Answer::Unknown("own-network".to_owned()),
        FetchError::Connect(why) => Answer::Unreachable(Fault::Connect(*why)),
        // Old TLS, SM2 and a broken chain look alike here: a browser may well get in.
        FetchError::Tls(_) => Answer::Unknown("tls".to_owned()),
        FetchError::Head(why) => Answer::Unreachable(Fault::Read(*why)),
        FetchError::Body(_) => Answer::Unknown("body-cut".to_owned()),
        FetchError::RedirectLoop => Answer::Loop,
        FetchError::RedirectTarget(_) => Answer::BadRedirect,
        FetchError::Ours(limit) => Answer::Unknown(
            match limit {
                OurLimit::Robots => "robots",
                OurLimit::RobotsUnreadable => "robots-unreadable",
                OurLimit::Egress => "egress",
                OurLimit::InnerAddress => "inner-address",
                OurLimit::NotMapped => "not-mapped",
                OurLimit::Redirects => "redirects",
                OurLimit::Cookies => "cookies",
                OurLimit::HeadSize => "head-size",
                OurLimit::Packing => "packing",
                OurLimit::Budget => "not-reached",
                OurLimit::UrlLength => "url-length",
                OurLimit::OwnNetwork => "own-network",
                OurLimit::Scheme => "scheme",
            }
            .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::exchange::Hop;

    fn exchange(outcome: Result<u16, FetchError>) -> Exchange {
        let url = "http://www.shili.example/a".to_owned();
        let reply = |status| Reply {
            url: url.clone(),
            status,
            addr: Some(([192, 0, 2, 7], 80).into()),
            headers: Vec::new(),
            body_len: 0,
            body_sha256: String::new(),
            body_cut: false,
        };
        let outcome = outcome.map(reply);
        Exchange { url, at: from_millis(0), took_ms: 1, hops: Vec::new(), outcome }
    }

    #[test]
    fn statuses() {
        for (status, expected) in [
            (200, Answer::There),
            (206, Answer::There),
            (304, Answer::There),
            (416, Answer::There),
            (401, Answer::Restricted),
            (404, Answer::NotFound(404)),
            (410, Answer::NotFound(410)),
            (405, Answer::ClientError(405)),
            (500, Answer::ServerError(500)),
        ] {
            assert_eq!(Answer::of(&exchange(Ok(status)), None), expected, "{status}");
        }
        for status in [403, 412, 429, 468, 521] {
            assert!(matches!(Answer::of(&exchange(Ok(status)), None), Answer::Challenge(_)), "{status}");
        }
    }

    #[test]
    fn a_proxys_own_failure_is_not_the_sites() {
        let mut behind = exchange(Ok(503));
        assert_eq!(Answer::of(&behind, None), Answer::ServerError(503));
        if let Ok(reply) = &mut behind.outcome {
            reply.addr = None;
        }
        assert_eq!(Answer::of(&behind, None), Answer::Unknown("proxy".to_owned()));
    }

    #[test]
    fn what_is_ours_or_passing_is_never_a_fault() {
        for error in [
            FetchError::Ours(OurLimit::Robots),
            FetchError::Ours(OurLimit::NotMapped),
            FetchError::Connect(ConnectError::NoRoute),
            FetchError::Tls("handshake".to_owned()),
            FetchError::Resolve(ResolveError::ServerFailure),
            FetchError::Body(ReadError::Cut),
        ] {
            assert!(
                matches!(Answer::of(&exchange(Err(error.clone())), None), Answer::Unknown(_)),
                "{error:?}"
            );
        }
    }

    #[test]
    fn tries_must_fail_alike() {
        let gone = || Answer::NotFound(404);
        assert_eq!(Answer::of_tries(&[gone(), gone(), Answer::NotFound(410)]), Answer::NotFound(410));
        assert_eq!(Answer::of_tries(&[Answer::There]), Answer::There);
        let unsteady = Answer::Unknown("unsteady".to_owned());
        for other in [Answer::There, Answer::ServerError(500), Answer::Unknown("no-control".to_owned())] {
            assert_eq!(Answer::of_tries(&[gone(), gone(), other]), unsteady);
        }
    }

    #[test]
    fn a_redirect_to_a_login_is_restricted() {
        let mut exchange = exchange(Ok(200));
        exchange.hops.push(Hop {
            url: exchange.url.clone(),
            status: 302,
            to: "http://sso.shili.example/login?back=a".to_owned(),
            addr: None,
        });
        assert_eq!(Answer::of(&exchange, None), Answer::Restricted);
    }
}
