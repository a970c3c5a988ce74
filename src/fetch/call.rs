//! A call to a platform's interface in the name of its owner: one request, one answer, and nothing that could be kept of a secret.
//!
//! The same turns and the same egress policy as for pages. No redirect is followed, because the secret would travel on; the
//! address is kept without its query, and headers not at all.

use reqwest::header;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;
use url::Url;

use super::clock::Stopped;
use super::dns::Family;
use super::failure::{body_error, classify};
use super::http::{Gate, Http, Route, authority, retry_after};
use crate::calendar::Instant8;
use crate::clock;
use crate::config::valid::Secret;
use crate::exchange::{FetchError, OurLimit, ReadError};
use crate::finding::{Look, hex};

/// Decoded bytes read of an answer.
const MOST: usize = 4 << 20;

/// What to ask.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// Where, without secrets.
    pub(super) url: Url,
    /// Parameters of the query that are secret.
    pub(super) query: Vec<(&'static str, &'a Secret)>,
    /// Headers that are secret.
    pub(super) headers: Vec<(&'static str, &'a Secret)>,
    /// The body of a POST, in JSON; a GET where there is none.
    pub(super) body: Option<Secret>,
}

impl<'a> Call<'a> {
    /// A GET.
    pub(super) fn get(url: Url) -> Self {
        Self { url, query: Vec::new(), headers: Vec::new(), body: None }
    }

    /// A POST.
    pub(super) fn post(url: Url, body: &serde_json::Value) -> Self {
        Self { body: Some(Secret::new(body.to_string())), ..Self::get(url) }
    }

    /// With a secret parameter.
    pub(super) fn with(mut self, name: &'static str, secret: &'a Secret) -> Self {
        self.query.push((name, secret));
        self
    }
}

/// What came.
#[derive(Debug)]
pub(super) struct Called {
    /// When it was asked.
    pub(super) at: Instant8,
    /// What can be shown of it.
    pub(super) look: Look,
    /// Status and body, or why there is none.
    pub(super) outcome: Result<(u16, Vec<u8>), FetchError>,
}

impl Http {
    /// Makes one call.
    pub(super) async fn call(&self, call: &Call<'_>, gate: &impl Gate) -> Called {
        let at = clock::now();
        let gate = Stopped::at(gate);
        let limit = self.limits.whole + self.limits.first_byte;
        let asked = tokio::select! {
            biased;
            asked = self.called(call, &gate) => asked,
            () = gate.run_out(limit) => (None, Err(FetchError::Head(ReadError::Timeout))),
        };
        let (addr, outcome) = asked;
        let mut shown = call.url.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        let body_sha256 =
            outcome.as_ref().map_or_else(|_| String::new(), |(_, body)| hex(&Sha256::digest(body)));
        let look = Look {
            at,
            url: shown.into(),
            hops: Vec::new(),
            addr,
            status: outcome.as_ref().ok().map(|(status, _)| *status),
            error: outcome.as_ref().err().cloned(),
            headers: Vec::new(),
            body_sha256,
        };
        Called { at, look, outcome }
    }

    async fn called(
        &self,
        call: &Call<'_>,
        gate: &impl Gate,
    ) -> (Option<String>, Result<(u16, Vec<u8>), FetchError>) {
        let route = match self.route(&call.url, Family::Any).await {
            Ok(route) => route,
            Err(error) => return (None, Err(error)),
        };
        let group = match &route {
            Route::Open { group } => group.clone(),
            Route::Pinned { to } => to.ip().to_string(),
        };
        let turn = match gate.pass(&call.url, &group).await {
            Ok(turn) => turn,
            Err(error) => return (None, Err(error)),
        };
        let mut response = match self.send_call(call, &route).await {
            Ok(response) => response,
            Err(error) => {
                gate.answered(&call.url, &group, turn, Err(&error));
                return (None, Err(error));
            }
        };
        let status = response.status().as_u16();
        gate.answered(&call.url, &group, turn, Ok((status, retry_after(response.headers()))));
        let peer = if self.proxied { None } else { response.remote_addr() };
        let addr = peer.map(|peer| peer.to_string());
        if peer.is_some_and(|peer| self.policy.allow(peer).is_err()) {
            return (addr, Err(FetchError::Ours(OurLimit::Egress)));
        }
        let mut body = Vec::new();
        loop {
            match timeout(self.limits.first_byte, response.chunk()).await {
                Err(_) => return (addr, Err(FetchError::Body(ReadError::Timeout))),
                Ok(Err(error)) => return (addr, Err(body_error(&error))),
                Ok(Ok(None)) => return (addr, Ok((status, body))),
                Ok(Ok(Some(chunk))) if body.len() + chunk.len() > MOST => {
                    return (addr, Err(FetchError::Ours(OurLimit::Budget)));
                }
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            }
        }
    }

    async fn send_call(&self, call: &Call<'_>, route: &Route) -> Result<reqwest::Response, FetchError> {
        let mut target = call.url.clone();
        for (name, secret) in &call.query {
            target.query_pairs_mut().append_pair(name, secret.expose());
        }
        let client = match route {
            Route::Open { .. } => self.any.clone(),
            Route::Pinned { to } => {
                // A mapped URL is http or https, whose port can always be set.
                let _ = target.set_port(Some(to.port()));
                self.client_for(to.ip())?
            }
        };
        let mut request = match &call.body {
            Some(body) => client
                .post(target)
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.expose().to_owned()),
            None => client.get(target),
        };
        request = request
            .header(header::USER_AGENT, &self.user_agent)
            .header(header::ACCEPT, "application/json, */*;q=0.5");
        if let Route::Pinned { .. } = route {
            request = request.header(header::HOST, authority(&call.url));
        }
        for (name, secret) in &call.headers {
            let mut value = header::HeaderValue::from_str(secret.expose())
                .map_err(|_| FetchError::Ours(OurLimit::HeadSize))?;
            value.set_sensitive(true);
            request = request.header(*name, value);
        }
        match timeout(self.limits.connect + self.limits.first_byte, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(classify(&error, call.url.scheme() == "https")),
            Err(_) => Err(FetchError::Head(ReadError::Timeout)),
        }
    }
}
