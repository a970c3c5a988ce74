//! The platforms' interfaces as their documents describe them, on loopback: tokens that are lent and expire, a day's articles,
//! a timeline, a list of videos; and every way in which they fail.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::server::{Script, Seen, Server};

/// The `AppSecret`, tokens and keys that no log may ever show.
pub(crate) const CANARY: &str = "canary5ecret";

/// How the platforms behave.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manner {
    /// An `errcode` for every call that is none for a token.
    pub(crate) error: Option<i64>,
    /// An `errcode` in place of a token.
    pub(crate) no_token: Option<i64>,
    /// How many of the tokens lent first are refused, and with what.
    pub(crate) refused: (u32, i64),
    /// Whether a token is lent anew only when it is forced.
    pub(crate) stubborn: bool,
    /// Days that are not counted yet.
    pub(crate) delayed: Vec<NaiveDate>,
    /// What was published: day and title.
    pub(crate) published: BTreeMap<NaiveDate, Vec<&'static str>>,
    /// Edits of what was published without notification, in seconds since 1970.
    pub(crate) edited: Vec<i64>,
    /// Its menu; closed where there is none.
    pub(crate) menu: Option<Value>,
    /// In place of any answer.
    pub(crate) instead: Option<Script>,
    /// In place of the answer of 微博 and 抖音.
    pub(crate) reply: Option<Value>,
}

#[derive(Default)]
struct World {
    manner: Manner,
    lent: u32,
    forced: u32,
}

/// Running platforms. Stop when dropped.
pub(crate) struct Platforms {
    pub(crate) server: Server,
    world: Arc<Mutex<World>>,
}

impl Platforms {
    /// Starts them on 127.0.0.1.
    pub(crate) async fn start(manner: Manner) -> Self {
        let server = Server::start().await;
        let world = Arc::new(Mutex::new(World { manner, ..World::default() }));
        let shared = Arc::clone(&world);
        server
            .otherwise(move |seen| answer(seen, &mut shared.lock().unwrap_or_else(PoisonError::into_inner)));
        Self { server, world }
    }

    /// How many tokens were asked for, and how many of these were forced.
    pub(crate) fn lent(&self) -> (usize, u32) {
        let asked =
            self.server.paths().iter().filter(|path| path.starts_with("/cgi-bin/stable_token")).count();
        (asked, self.world.lock().unwrap_or_else(PoisonError::into_inner).forced)
    }
}

fn answer(seen: &Seen, world: &mut World) -> Script {
    if let Some(script) = &world.manner.instead {
        return script.clone();
    }
    let body: Value = serde_json::from_slice(&seen.body).unwrap_or(Value::Null);
    let path = seen.path.split('?').next().unwrap_or_default();
    if path == "/cgi-bin/stable_token" {
        return said(&world.lend(&body));
    }
    if let Some(reply) = &world.manner.reply {
        return said(reply);
    }
    if let Some(code) = refusal(seen, world) {
        return said(&json!({ "errcode": code, "errmsg": format!("refused {}", seen.path) }));
    }
    match path {
        "/datacube/getarticletotaldetail" => said(&world.day(&body)),
        "/cgi-bin/freepublish/batchget" => {
            let items: Vec<Value> = world
                .manner
                .edited
                .iter()
                .map(|at| json!({ "article_id": "a", "update_time": at, "content": { "news_item": [{ "title": "改" }] } }))
                .collect();
            said(&json!({ "total_count": items.len(), "item_count": items.len(), "item": items }))
        }
        "/cgi-bin/get_current_selfmenu_info" => {
            let open = u8::from(world.manner.menu.is_some());
            said(&json!({ "is_menu_open": open, "selfmenu_info": { "button": world.manner.menu } }))
        }
        _ => Script::status(404),
    }
}

/// The error that the platform answers with, where it does.
fn refusal(seen: &Seen, world: &World) -> Option<i64> {
    let token = seen
        .path
        .split_once("access_token=")
        .map(|(_, token)| token.split('&').next().unwrap_or_default())?;
    let number: u32 = token.strip_prefix(CANARY)?.strip_prefix("-token-")?.parse().ok()?;
    let (refused, code) = world.manner.refused;
    if number <= refused { Some(code) } else { world.manner.error }
}

impl World {
    fn lend(&mut self, body: &Value) -> Value {
        if let Some(code) = self.manner.no_token {
            return json!({ "errcode": code, "errmsg": "no token" });
        }
        if body["secret"] != CANARY || body["grant_type"] != "client_credential" {
            return json!({ "errcode": 40125, "errmsg": "invalid appsecret" });
        }
        let forced = body["force_refresh"] == true;
        self.forced += u32::from(forced);
        // The same token is given out until it ends, or until somebody forces another.
        if self.lent == 0 || forced || (self.lent <= self.manner.refused.0 && !self.manner.stubborn) {
            self.lent += 1;
        }
        json!({ "access_token": format!("{CANARY}-token-{}", self.lent), "expires_in": 7200 })
    }

    fn day(&self, body: &Value) -> Value {
        let read = |key: &str| body[key].as_str().and_then(|day| day.parse::<NaiveDate>().ok());
        let Some(day) = read("begin_date").filter(|day| read("end_date") == Some(*day)) else {
            return json!({ "errcode": 61501, "errmsg": "date range error" });
        };
        let titles = self.manner.published.get(&day).cloned().unwrap_or_default();
        let list: Vec<Value> = titles
            .iter()
            .enumerate()
            .map(|(n, title)| {
                json!({ "ref_date": day.to_string(), "msgid": format!("2247490098_{}", n + 1), "publish_type": n % 2, "title": title,
                    "content_url": "https://mp.weixin.qq.com/s/a", "detail_list": [] })
            })
            .collect();
        json!({ "list": list, "is_delay": self.manner.delayed.contains(&day) })
    }
}

fn said(value: &Value) -> Script {
    Script::reply(200, &[("content-type", "application/json; charset=utf-8")], value.to_string().as_bytes())
}
