//! 抖音: `video_list` of the open platform, for an account whose owner gave consent.

use serde_json::Value;
use url::Url;

use super::interface::{address, title, whole};
use super::{Sources, broken};
use crate::calendar::{Instant8, from_millis};
use crate::config::valid::Credential;
use crate::facts::account::{AccountFacts, Health, Post, Source};
use crate::fetch::call::Call;
use crate::fetch::http::Gate;

/// Where the platform is asked.
const PLATFORM: &str = "https://open.douyin.com/";
/// Pages of ten: pinned videos stand first, whatever their age.
const PAGES: usize = 3;
/// `video_status` of a video that everybody can see.
const PUBLIC: i64 = 1;

/// What the interface says of the account.
pub(super) async fn ask<G: Gate>(
    sources: &Sources<G>,
    credential: &Credential,
    as_of: Instant8,
) -> AccountFacts {
    let mut facts =
        AccountFacts::new(Source::OwnerApi, format!("抖音开放平台接口 {}", credential.name), Health::Ok);
    if let Err(health) = videos(sources, credential, as_of, &mut facts).await {
        facts.health = health;
    }
    facts.posts.sort_unstable_by(|a, b| b.cmp(a));
    facts
}

async fn videos<G: Gate>(
    sources: &Sources<G>,
    credential: &Credential,
    as_of: Instant8,
    facts: &mut AccountFacts,
) -> Result<(), Health> {
    let day = as_of.date_naive();
    let mut cursor = 0;
    let mut whole_list = false;
    for _ in 0..PAGES {
        let reply = page(sources, credential, cursor, facts).await?;
        let data = reply.get("data").ok_or_else(|| broken("unreadable"))?;
        let list = data.get("list").and_then(Value::as_array).ok_or_else(|| broken("unreadable"))?;
        let mut settled = false;
        for video in list {
            // One that nobody can see yet, or any more, is no post.
            if whole(video.get("video_status")).is_some_and(|status| status != PUBLIC) {
                continue;
            }
            match post(video) {
                Some(post) => {
                    settled |= !is_pinned(video);
                    facts.posts.push(post);
                }
                None => facts.health = Health::Partial,
            }
        }
        let more =
            data.get("has_more").is_some_and(|more| more.as_bool() == Some(true) || more.as_i64() == Some(1));
        let next = whole(data.get("cursor")).filter(|next| *next > cursor);
        if settled || !more || next.is_none() {
            whole_list = settled || !more;
            break;
        }
        cursor = next.unwrap_or(cursor);
    }
    // A list without anything is that of an account without consent as well.
    if facts.posts.is_empty() {
        return Err(broken("empty-list"));
    }
    if facts.health == Health::Ok && whole_list {
        facts.until = Some(facts.answered_at.map_or(day, |at| at.date_naive().min(day)));
    }
    Ok(())
}

async fn page<G: Gate>(
    sources: &Sources<G>,
    credential: &Credential,
    cursor: i64,
    facts: &mut AccountFacts,
) -> Result<Value, Health> {
    let base = credential.address.as_ref().map_or(PLATFORM, Url::as_str);
    let mut url = Url::parse(base)
        .and_then(|base| base.join("api/douyin/v1/video/video_list/"))
        .map_err(|_| broken("no-credentials"))?;
    url.query_pairs_mut()
        .append_pair("open_id", &credential.id)
        .append_pair("cursor", &cursor.to_string())
        .append_pair("count", "10");
    let call = Call { headers: vec![("access-token", &credential.secret)], ..Call::get(url) };
    let reply = sources.json(&call, facts).await?;
    let code = ["data", "extra"]
        .iter()
        .filter_map(|part| whole(reply.get(*part)?.get("error_code")))
        .chain(whole(reply.get("err_no")))
        .find(|code| *code != 0);
    code.map_or(Ok(reply), |code| Err(broken(word(code))))
}

fn is_pinned(video: &Value) -> bool {
    video.get("is_top").is_some_and(|top| top.as_bool() == Some(true) || top.as_i64() == Some(1))
}

fn post(video: &Value) -> Option<Post> {
    let seconds = whole(video.get("create_time")).filter(|seconds| *seconds > 1_400_000_000)?;
    let at = from_millis(seconds.checked_mul(1000)?);
    Some(Post::at(at, title(video.get("title")), address(video.get("share_url"))))
}

/// What an error of the platform means for the source.
fn word(code: i64) -> String {
    match code {
        10008 | 10010 | 2_190_002 | 2_190_008 | 28_001_003 | 28_001_008 => "token".to_owned(),
        2_190_001 | 2_190_015 | 28_001_006 | 28_003_017 => "quota".to_owned(),
        2_190_003 | 2_190_004 | 28_001_014 | 28_001_016 | 28_001_018 | 28_001_019 => "no-right".to_owned(),
        2_100_004 | 28_001_005 => "busy".to_owned(),
        code => format!("error-{code}"),
    }
}
