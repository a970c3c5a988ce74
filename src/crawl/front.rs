//! A home page that sends its reader on at once: the page it sends him to is the home page, as behind a redirect.

use url::Url;

use super::gate::CrawlGate;
use super::reading::{Done, read_again};
use super::scope::Scope;
use crate::calendar::Instant8;
use crate::config::valid::Limits;
use crate::exchange::Hop;
use crate::facts::answer::Answer;
use crate::facts::page::PageState;
use crate::fetch::http::{Ask, Fetched, Http, Want};

/// Pages that send on one after the other.
const MOST: usize = 3;

/// Follows a home page that leads on within its site, and takes what stands there for it. What does not come well is left to the
/// fold: then the home page was not seen.
pub(super) async fn follow(
    http: &Http,
    gate: &CrawlGate,
    scope: &Scope,
    done: &mut Done,
    limits: &Limits,
    as_of: Instant8,
) {
    for _ in 0..MOST {
        let Some((to, hop)) = next(done, scope) else { return };
        let Fetched { exchange, body } = http.fetch(&Ask::new(&to, Want::Page), gate).await;
        let took_ms = done.exchange.took_ms.saturating_add(exchange.took_ms);
        let mut whole = exchange;
        whole.url.clone_from(&done.exchange.url);
        whole.at = done.exchange.at;
        whole.took_ms = took_ms;
        let before = done.exchange.hops.iter().cloned().chain([hop]);
        whole.hops = before.chain(std::mem::take(&mut whole.hops)).collect();
        match read_again(done.lease.clone(), whole, body, limits.clone(), as_of).await {
            Some(front) if front.answer == Answer::There && front.facts.is_some() => *done = front,
            _ => return,
        }
    }
}

/// Where a page that came well sends its reader, unless it has been there.
fn next(done: &Done, scope: &Scope) -> Option<(Url, Hop)> {
    let facts = done.facts.as_ref().filter(|facts| facts.state == PageState::Jumps)?;
    let reply = done.exchange.outcome.as_ref().ok().filter(|_| done.answer == Answer::There)?;
    let mut to = Url::parse(facts.jumps_to.as_deref()?).ok()?;
    to.set_fragment(None);
    let own = scope.site_of(&to) == Some(done.lease.what.site);
    let been = to.as_str() == reply.url || done.exchange.hops.iter().any(|hop| hop.url == to.as_str());
    let hop = Hop { url: reply.url.clone(), status: reply.status, to: to.to_string(), addr: reply.addr };
    (own && !been).then_some((to, hop))
}
