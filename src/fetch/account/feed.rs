//! 订阅源: a feed that the register names, fetched once. What it lists was published; that it lists nothing, or nothing new, proves nothing.

use chrono::{Days, TimeZone as _};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::md5::md5;
use super::{Sources, broken, unanswered};
use crate::calendar::{Instant8, beijing};
use crate::config::valid::{CredentialKind, Secret};
use crate::facts::account::{AccountFacts, Health, Post, Source};
use crate::facts::feed::{FeedItem, read};
use crate::fetch::call::Call;
use crate::fetch::http::{Ask, Gate, Want};
use crate::finding::{Look, hex};
use crate::registry::SourceSpec;

/// Days after which a feed without anything new may have stopped.
const FROZEN_DAYS: u64 = 7;

/// What the feed says.
pub(super) async fn ask<G: Gate>(sources: &Sources<G>, spec: &SourceSpec, as_of: Instant8) -> AccountFacts {
    // What follows a question mark may be somebody's key.
    let shown = spec.what.split('?').next().unwrap_or_default();
    let mut facts = AccountFacts::new(Source::Feed, format!("订阅源 {shown}"), Health::Partial);
    if let Err(health) = items(sources, spec, as_of, &mut facts).await {
        facts.health = health;
    }
    facts
}

async fn items<G: Gate>(
    sources: &Sources<G>,
    spec: &SourceSpec,
    as_of: Instant8,
    facts: &mut AccountFacts,
) -> Result<(), Health> {
    let url = Url::parse(&spec.what).map_err(|_| broken("no-address"))?;
    let (status, content_type, body) = if let Some(key) = key_for(sources, &url) {
        // The code serves for this path alone: the key itself never leaves.
        let code = Secret::new(hex(&md5(format!("{}{}", url.path(), key.expose()).as_bytes())));
        let called = sources.http.call(&Call::get(url).with("code", &code), &sources.calls).await;
        facts.answered_at = Some(called.at);
        facts.looks.push(called.look);
        let (status, body) = called.outcome.map_err(|error| unanswered(&error))?;
        (status, None, body)
    } else {
        let fetched = sources.http.fetch(&Ask::new(&url, Want::Page), &sources.pages).await;
        let mut look = Look::of(&fetched.exchange);
        look.url.truncate(look.url.find('?').unwrap_or(look.url.len()));
        look.headers.clear();
        look.hops.clear();
        facts.answered_at = Some(fetched.exchange.at);
        facts.looks.push(look);
        let reply = fetched.exchange.outcome.map_err(|error| unanswered(&error))?;
        (reply.status, reply.header("content-type").map(str::to_owned), fetched.body)
    };
    match status {
        200..=299 => {}
        401 | 403 => return Err(broken("no-right")),
        429 | 432 => return Err(broken("quota")),
        status => return Err(broken(format!("status-{status}"))),
    }
    facts.sha256 = hex(&Sha256::digest(&body));
    let feed = read(&body, content_type.as_deref(), as_of);
    if let Some(gap) = feed.gaps.iter().find(|gap| gap.why == "not-a-feed") {
        return Err(broken(gap.why.clone()));
    }
    let day = as_of.date_naive();
    facts.posts = feed.items.into_iter().filter_map(post).filter(|post| post.day <= day).collect();
    facts.posts.sort_unstable_by(|a, b| b.cmp(a));
    let recent = day.checked_sub_days(Days::new(FROZEN_DAYS)).unwrap_or(day);
    match facts.posts.first() {
        None => Err(broken("empty-feed")),
        Some(newest) if newest.day < recent => Err(broken("frozen")),
        Some(_) => Ok(()),
    }
}

/// The key of the instance that a feed is on.
fn key_for<'a, G>(sources: &'a Sources<G>, url: &Url) -> Option<&'a Secret> {
    let mut hubs = sources.credentials.iter().filter(|credential| credential.kind == CredentialKind::Rsshub);
    hubs.find(|hub| hub.address.as_ref().is_some_and(|address| address.origin() == url.origin()))
        .map(|hub| &hub.secret)
}

/// An item that was published when it says; an edit says only that it was published before.
fn post(item: FeedItem) -> Option<Post> {
    let stamp = item.date.filter(|_| !item.edited)?;
    let url = Some(item.url).filter(|url| !url.is_empty());
    Some(match stamp.time {
        Some(time) => {
            Post::at(beijing().from_local_datetime(&stamp.date.and_time(time)).single()?, item.title, url)
        }
        None => Post::on(stamp.date, item.title, url),
    })
}
