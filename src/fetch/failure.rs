//! At which step a request failed: the HTTP client's error, with all that is wrapped in it, to a [`FetchError`].

use std::error::Error as _;

use super::dns::Denied;
use crate::exchange::{ConnectError, FetchError, OurLimit, ReadError};

/// The step at which a request failed, from the types in the error's chain. `secure` where TLS was to be spoken.
pub(super) fn classify(error: &reqwest::Error, secure: bool) -> FetchError {
    if let Some(denied) = Denied::within(error) {
        return denied.clone().into();
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return FetchError::Tls(tls.to_string());
        }
        if let Some(hyper) = cause.downcast_ref::<hyper::Error>() {
            if hyper.is_parse_too_large() {
                return FetchError::Ours(OurLimit::HeadSize);
            }
            if hyper.is_parse() {
                return FetchError::Head(ReadError::Malformed);
            }
            if hyper.is_incomplete_message() {
                return FetchError::Head(ReadError::Cut);
            }
        }
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            let (io, tls) = innermost(io);
            if let Some(tls) = tls {
                return FetchError::Tls(tls.to_string());
            }
            return classify_io(io, error.is_connect(), secure);
        }
        source = cause.source();
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, _) => FetchError::Connect(ConnectError::Timeout),
        (false, true) => FetchError::Head(ReadError::Timeout),
        (false, false) => FetchError::Head(ReadError::Cut),
    }
}

/// The error that the kernel or TLS gave, out of the errors that were wrapped around it.
fn innermost(mut io: &std::io::Error) -> (&std::io::Error, Option<&rustls::Error>) {
    while let Some(inner) = io.get_ref() {
        if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
            return (io, Some(tls));
        }
        let Some(wrapped) = inner.downcast_ref::<std::io::Error>() else { break };
        io = wrapped;
    }
    (io, None)
}

fn classify_io(io: &std::io::Error, connecting: bool, secure: bool) -> FetchError {
    use std::io::ErrorKind as Kind;
    match (io.kind(), connecting) {
        // TCP was made: a closed port refuses, it does not reset. Servers that find nothing in our hello to agree to, of
        // old TLS or SM2, often just close.
        (Kind::UnexpectedEof | Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe, true)
            if secure =>
        {
            FetchError::Tls("the connection was closed during the handshake".to_owned())
        }
        (Kind::ConnectionRefused, _) => FetchError::Connect(ConnectError::Refused),
        (Kind::NetworkUnreachable | Kind::AddrNotAvailable, _) => FetchError::Connect(ConnectError::NoRoute),
        (Kind::HostUnreachable | Kind::TimedOut, true) => FetchError::Connect(ConnectError::Timeout),
        (Kind::TimedOut, false) => FetchError::Head(ReadError::Timeout),
        (Kind::InvalidData, _) => FetchError::Head(ReadError::Malformed),
        (_, true) => FetchError::Connect(ConnectError::Reset),
        (_, false) => FetchError::Head(ReadError::Cut),
    }
}

pub(super) fn body_error(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Body(ReadError::Timeout);
    }
    if error.is_decode() { FetchError::Body(ReadError::Malformed) } else { FetchError::Body(ReadError::Cut) }
}
