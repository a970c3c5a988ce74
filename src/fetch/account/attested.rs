//! 报送链接: the public address of the newest article, as the unit named it. The page is fetched once; whose it is and when it was
//! published is read off it and kept with its hash.

use chrono::TimeZone as _;

use super::{broken, unanswered};
use crate::calendar::{Instant8, beijing};
use crate::facts::account::{AccountFacts, Health, Platform, Post, Source};
use crate::facts::article::{self, platform_of};
use crate::fetch::http::{Ask, Gate, Http, Want};
use crate::finding::Look;
use crate::registry::{Account, SourceSpec};

/// What the page said when it was asked for before, of the same address: a page once published stays so, and platforms are asked
/// no more often than needed. Other earlier answers are dropped, because nobody names them any more.
pub(super) fn again(known: &mut Vec<AccountFacts>, spec: &SourceSpec) -> Option<AccountFacts> {
    let wanted = origin(spec);
    let (earlier, rest) = std::mem::take(known)
        .into_iter()
        .partition(|facts| facts.source == Source::Attested && facts.origin == wanted);
    *known = rest;
    let earlier: Vec<AccountFacts> = earlier;
    let mut facts = earlier.into_iter().find(|facts| facts.health == Health::Ok)?;
    let newest = facts.posts.first()?.day;
    facts.until = spec.stated.filter(|stated| *stated >= newest);
    Some(facts)
}

/// What the page says.
pub(super) async fn ask(
    http: &Http,
    gate: &impl Gate,
    account: &Account,
    spec: &SourceSpec,
    as_of: Instant8,
) -> AccountFacts {
    let mut facts = AccountFacts::new(Source::Attested, origin(spec), Health::Ok);
    if let Err(health) = page(http, gate, account, spec, as_of, &mut facts).await {
        facts.health = health;
    }
    facts
}

fn origin(spec: &SourceSpec) -> String {
    format!("报送链接 {}", spec.what)
}

async fn page(
    http: &Http,
    gate: &impl Gate,
    account: &Account,
    spec: &SourceSpec,
    as_of: Instant8,
    facts: &mut AccountFacts,
) -> Result<(), Health> {
    let url = url::Url::parse(&spec.what).map_err(|_| broken("no-address"))?;
    let named = platform_of(url.as_str());
    if named.is_some_and(|platform| !serves(platform, account.platform)) {
        return Err(broken("other-platform"));
    }
    let fetched = http.fetch(&Ask::new(&url, Want::Page), gate).await;
    facts.looks.push(Look::of(&fetched.exchange));
    facts.answered_at = Some(fetched.exchange.at);
    let reply = fetched.exchange.outcome.map_err(|error| unanswered(&error))?;
    facts.sha256.clone_from(&reply.body_sha256);
    let article = article::read(
        &fetched.body,
        reply.header("content-type"),
        &reply.url,
        reply.status,
        &reply.headers,
        as_of,
    )
    .map_err(|gap| broken(gap.why))?;
    facts.name = article.names.first().cloned();
    match article.is_of(&account.name, &account.platform_id) {
        Some(true) => {}
        Some(false) => return Err(broken("other-account")),
        None => return Err(broken("no-identity")),
    }
    let stamp = article.published.ok_or_else(|| broken("no-date"))?;
    let at = stamp.time.and_then(|time| beijing().from_local_datetime(&stamp.date.and_time(time)).single());
    facts.posts.push(match at {
        Some(at) => Post::at(at, article.title, Some(spec.what.clone())),
        None => Post::on(stamp.date, article.title, Some(spec.what.clone())),
    });
    // Up to the day on which it was named it was the newest; one that is newer than that was not.
    facts.until = spec.stated.filter(|stated| *stated >= stamp.date);
    Ok(())
}

/// Whether pages of one platform are those of an account on another: 视频号 is shown by 微信's pages.
fn serves(page: Platform, account: Platform) -> bool {
    page == account
        || (page == Platform::Wechat && matches!(account, Platform::Channels | Platform::WechatMini))
}
