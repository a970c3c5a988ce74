//! 微博: `statuses/user_timeline`, which shows the user who gave the token, and of it the newest five.

use chrono::NaiveDate;
use serde_json::Value;
use url::Url;

use super::interface::{title, whole};
use super::{Sources, broken};
use crate::calendar::{Instant8, beijing};
use crate::config::valid::Credential;
use crate::facts::account::{AccountFacts, Health, Post, Source};
use crate::facts::article::plain_name;
use crate::fetch::call::Call;
use crate::fetch::http::Gate;
use crate::registry::Account;

/// Where the platform is asked.
const PLATFORM: &str = "https://api.weibo.com/";

/// What the interface says of the account.
pub(super) async fn ask<G: Gate>(
    sources: &Sources<G>,
    credential: &Credential,
    account: &Account,
    as_of: Instant8,
) -> AccountFacts {
    let mut facts = AccountFacts::new(Source::OwnerApi, format!("微博接口 {}", credential.name), Health::Ok);
    if let Err(health) = timeline(sources, credential, account, as_of, &mut facts).await {
        // What cannot be told to be this account's is not taken for it.
        facts.posts.clear();
        facts.health = health;
    }
    facts
}

async fn timeline<G: Gate>(
    sources: &Sources<G>,
    credential: &Credential,
    account: &Account,
    as_of: Instant8,
    facts: &mut AccountFacts,
) -> Result<(), Health> {
    let base = credential.address.as_ref().map_or(PLATFORM, Url::as_str);
    let url = Url::parse(base)
        .and_then(|base| base.join("2/statuses/user_timeline.json"))
        .map_err(|_| broken("no-credentials"))?;
    let reply = sources.json(&Call::get(url).with("access_token", &credential.secret), facts).await?;
    if let Some(code) = whole(reply.get("error_code")).filter(|code| *code != 0) {
        return Err(broken(word(code)));
    }
    let statuses = reply.get("statuses").and_then(Value::as_array).ok_or_else(|| broken("unreadable"))?;
    // An account that never published and one whose list is withheld look alike.
    if statuses.is_empty() {
        return Err(broken("empty-list"));
    }
    let day = as_of.date_naive();
    let mut until = Some(facts.answered_at.map_or(day, |at| at.date_naive().min(day)));
    for status in statuses {
        let user = status.get("user");
        let text = |key: &str| user.and_then(|user| user.get(key)).and_then(Value::as_str);
        let number = whole(user.and_then(|user| user.get("id"))).map(|id| id.to_string());
        let (name, id) = (text("screen_name"), text("idstr").map(str::to_owned).or(number));
        let by_name = name.is_some_and(|name| plain_name(name) == plain_name(&account.name));
        let by_id = id.as_deref().is_some_and(|id| id == account.platform_id);
        if (name.is_some() || id.is_some()) && !by_name && !by_id {
            return Err(broken("other-account"));
        }
        facts.name = facts.name.take().or(name.map(str::to_owned));
        if let Some(post) = post(status, id.as_deref()) {
            facts.posts.push(post);
        } else {
            // The one that cannot be read may be the newest.
            (facts.health, until) = (Health::Partial, None);
        }
    }
    if facts.name.is_none() {
        return Err(broken("no-identity"));
    }
    facts.posts.sort_unstable_by(|a, b| b.cmp(a));
    facts.until = until;
    Ok(())
}

/// `Tue May 31 17:46:55 +0800 2011`.
fn post(status: &Value, user: Option<&str>) -> Option<Post> {
    let written = status.get("created_at")?.as_str()?;
    let at =
        chrono::DateTime::parse_from_str(written, "%a %b %d %H:%M:%S %z %Y").ok()?.with_timezone(&beijing());
    if at.date_naive() < NaiveDate::from_ymd_opt(2009, 8, 1)? {
        return None;
    }
    let id = status.get("mid").or_else(|| status.get("idstr")).and_then(Value::as_str);
    let url = user.zip(id).map(|(user, id)| format!("https://weibo.com/{user}/{id}"));
    Some(Post::at(at, title(status.get("text")), url))
}

/// What an error of the platform means for the source.
fn word(code: i64) -> String {
    match code {
        21301..=21303 | 21311..=21332 => "token".to_owned(),
        10009 | 10010 | 10001 => "busy".to_owned(),
        10022..=10024 | 20046 => "quota".to_owned(),
        10006 | 10014 | 20112 | 21335 => "no-right".to_owned(),
        10002..=10004 => "address-not-listed".to_owned(),
        code => format!("error-{code}"),
    }
}
