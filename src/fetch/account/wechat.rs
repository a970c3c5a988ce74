//! 微信公众号: the interface for the owner of the account. `stable_token` lends a token; `datacube/getarticletotaldetail` tells day by
//! day, up to yesterday, what was published, with or without notification; `freepublish/batchget` lists only part of it and can
//! contradict a silence, never prove one; `get_current_selfmenu_info` tells the menu.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};
use url::Url;

use super::interface::{address, title, whole};
use super::tokens::Token;
use super::{Sources, broken, is_fresh, yesterday};
use crate::calendar::{Instant8, from_millis};
use crate::config::valid::{Credential, Secret};
use crate::facts::account::{AccountFacts, Health, Offered, Post, Source};
use crate::fetch::call::Call;
use crate::fetch::http::Gate;

/// Where the platform is asked.
const PLATFORM: &str = "https://api.weixin.qq.com/";
/// Links of a menu that are kept: three buttons of five each, and some to spare.
const MOST_LINKS: usize = 20;
/// Of the list of publications without notification, the newest.
const NEWEST: u32 = 20;

/// What the interface says of the credential's account.
pub(super) async fn ask<G: Gate>(
    sources: &Sources<G>,
    credential: &Credential,
    as_of: Instant8,
) -> AccountFacts {
    let mut facts =
        AccountFacts::new(Source::OwnerApi, format!("微信公众平台接口 {}", credential.name), Health::Ok);
    let mut account = Asked { sources, credential, token: None, renewed: false };
    if let Err(health) = account.days(&mut facts, as_of).await {
        facts.health = health;
    }
    account.menu(&mut facts).await;
    facts.posts.sort_unstable_by(|a, b| b.cmp(a));
    facts.posts.dedup();
    facts
}

struct Asked<'a, G> {
    sources: &'a Sources<G>,
    credential: &'a Credential,
    token: Option<Token>,
    /// Whether the token was renewed for this account: a second refusal is not about its age.
    renewed: bool,
}

impl<G: Gate> Asked<'_, G> {
    /// From yesterday backwards, until something was published or the days are used up.
    async fn days(&mut self, facts: &mut AccountFacts, as_of: Instant8) -> Result<(), Health> {
        let last = yesterday(as_of.date_naive());
        let mut day = last;
        for _ in 0..self.sources.look_back_days {
            let written = day.format("%Y-%m-%d").to_string();
            let reply = self
                .call(
                    "datacube/getarticletotaldetail",
                    Some(&json!({ "begin_date": written, "end_date": written })),
                    facts,
                )
                .await?;
            // Not yet counted: nothing can be said of the day, nor of the silence around it.
            if is_true(reply.get("is_delay")) {
                facts.health = Health::Late;
            }
            let Some(articles) = reply.get("list").and_then(Value::as_array) else {
                // Without a list there is no answer, whatever else it says.
                return Err(broken("unreadable"));
            };
            for item in articles {
                match post(item) {
                    Some(post) if post.day <= last => facts.posts.push(post),
                    _ => facts.health = Health::Partial,
                }
            }
            facts.from = Some(day);
            if !facts.posts.is_empty() {
                break;
            }
            day = yesterday(day);
        }
        if facts.health == Health::Ok {
            facts.until = Some(last);
        }
        if !is_fresh(facts, as_of.date_naive()) {
            self.contradict(facts, as_of).await;
        }
        Ok(())
    }

    /// Before an account is called silent: whether the other list shows something later. Its times are those of edits, so that what
    /// it shows is no post either: then the two do not agree, and nothing is known.
    async fn contradict(&mut self, facts: &mut AccountFacts, as_of: Instant8) {
        let wanted = json!({ "offset": 0, "count": NEWEST, "no_content": 1 });
        // That it is not to be had (no right, no quota) says nothing: it lists only part of what is published.
        let Ok(reply) = self.call("cgi-bin/freepublish/batchget", Some(&wanted), facts).await else { return };
        let known = facts.posts.iter().map(|post| post.day).max();
        let since = known.or(facts.from).unwrap_or(NaiveDate::MIN);
        let items = reply.get("item").and_then(Value::as_array);
        let later = items.into_iter().flatten().filter_map(|item| whole(item.get("update_time")));
        let later = later.filter_map(|seconds| seconds.checked_mul(1000)).map(from_millis);
        if later.filter(|at| *at <= as_of + TimeDelta::days(1)).any(|at| at.date_naive() > since) {
            facts.health = Health::Partial;
            facts.until = None;
        }
    }

    /// The menu as it stands, whoever made it and however. That it is not to be had says nothing, and an account whose token
    /// does not serve is asked nothing more.
    async fn menu(&mut self, facts: &mut AccountFacts) {
        if self.token.is_none() {
            return;
        }
        // When and how it answered is when and how its posts were told: what is asked here stands before that.
        let told = facts.answered_at;
        let looks = std::mem::take(&mut facts.looks);
        if let Ok(reply) = self.call("cgi-bin/get_current_selfmenu_info", None, facts).await
            && is_true(reply.get("is_menu_open"))
        {
            let buttons = reply.get("selfmenu_info").and_then(|menu| menu.get("button"));
            let buttons = buttons.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            facts.interaction.menu = (!buttons.is_empty()).then_some(true);
            facts.links = buttons.iter().flat_map(under).filter_map(link).take(MOST_LINKS).collect();
        }
        facts.answered_at = told;
        facts.looks.extend(looks);
    }

    /// One call with the shared token, once more with a new one where the platform finds it expired.
    async fn call(
        &mut self,
        path: &str,
        body: Option<&Value>,
        facts: &mut AccountFacts,
    ) -> Result<Value, Health> {
        loop {
            let token = match self.token.clone() {
                Some(token) => token,
                None => self.lend(None, facts).await?,
            };
            let url = self.url(path)?;
            let call = body.map_or_else(|| Call::get(url.clone()), |body| Call::post(url.clone(), body));
            let call = call.with("access_token", &token.value);
            let reply = self.sources.json(&call, facts).await?;
            match whole(reply.get("errcode")).unwrap_or(0) {
                0 => {
                    self.token = Some(token);
                    return Ok(reply);
                }
                40001 | 40014 | 42001 if !self.renewed => {
                    self.renewed = true;
                    self.token = Some(self.lend(Some(token.number), facts).await?);
                }
                code => return Err(broken(word(code))),
            }
        }
    }

    /// The account's token; `refused` is the number of one that no longer serves.
    async fn lend(&self, refused: Option<u32>, facts: &mut AccountFacts) -> Result<Token, Health> {
        let base = self.credential.address.as_ref().map_or(PLATFORM, Url::as_str);
        let key = format!("wechat {base} {}", self.credential.id);
        self.sources
            .tokens
            .get(&key, refused, async |old: Option<Secret>| {
                let lent = self.token(false, facts).await?;
                // Still the one that was refused: only now is it worth one of the day's twenty forced renewals.
                if old.is_some_and(|old| old == lent.0) { self.token(true, facts).await } else { Ok(lent) }
            })
            .await
    }

    async fn token(&self, force: bool, facts: &mut AccountFacts) -> Result<(Secret, Duration), Health> {
        let body = json!({
            "grant_type": "client_credential",
            "appid": self.credential.id,
            "secret": self.credential.secret.expose(),
            "force_refresh": force,
        });
        let reply = self.sources.json(&Call::post(self.url("cgi-bin/stable_token")?, &body), facts).await?;
        match whole(reply.get("errcode")).unwrap_or(0) {
            0 => {}
            // Here it is the secret that is wrong.
            40001 | 40013 | 40125 | 41002 | 41004 => return Err(broken("credentials")),
            code => return Err(broken(word(code))),
        }
        let token = reply.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
        let lives =
            whole(reply.get("expires_in")).and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
        let token = token.ok_or_else(|| broken("unreadable"))?;
        Ok((Secret::new(token), Duration::from_secs(lives.min(7200))))
    }

    fn url(&self, path: &str) -> Result<Url, Health> {
        let base = self.credential.address.as_ref().map_or(PLATFORM, Url::as_str);
        Url::parse(base).and_then(|base| base.join(path)).map_err(|_| broken("no-credentials"))
    }
}

/// A button of a menu and those under it.
fn under(button: &Value) -> impl Iterator<Item = &Value> {
    let below = button.get("sub_button").and_then(|below| below.get("list")).and_then(Value::as_array);
    std::iter::once(button).chain(below.into_iter().flatten())
}

/// What a button opens, where it is a page: what opens within the platform is nobody's to ask for.
fn link(button: &Value) -> Option<Offered> {
    button.get("type").filter(|kind| *kind == "view")?;
    Some(Offered { url: address(button.get("url"))?, text: title(button.get("name")), answer: None })
}

/// One article of a day's list. The day is that of its publication.
fn post(item: &Value) -> Option<Post> {
    let day = NaiveDate::parse_from_str(item.get("ref_date")?.as_str()?, "%Y-%m-%d").ok()?;
    Some(Post::on(day, title(item.get("title")), address(item.get("content_url"))))
}

fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(is)) => *is,
        Some(Value::Number(number)) => number.as_i64() != Some(0),
        Some(Value::String(text)) => !matches!(text.as_str(), "" | "0" | "false"),
        _ => false,
    }
}

/// What an error of the platform means for the source.
fn word(code: i64) -> String {
    match code {
        40001 | 40014 | 42001 | 42007 => "token".to_owned(),
        40013 | 40125 => "credentials".to_owned(),
        40164 | 61004 => "address-not-listed".to_owned(),
        45009 | 45011 | 45063 => "quota".to_owned(),
        48001 | 48002 | 48004 | 48005 | 50001 | 50002 | 61007 => "no-right".to_owned(),
        -1 | 61503 => "busy".to_owned(),
        code => format!("error-{code}"),
    }
}
