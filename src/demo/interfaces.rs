//! What the platforms' interfaces answer in the demo, in the shapes that the platforms document: tokens, days of articles, a timeline,
//! lists of videos, a quota that is used up. And the credentials with which the invented office asks.
#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use chrono::{NaiveDate, NaiveTime};
use serde_json::{Value, json};

use super::pages::Grounds;
use super::web::{Host, Resource};

/// Where the interfaces are asked: a number, because secrets go unencrypted only to a number inside.
pub const INTERFACES: &str = "127.0.0.5";
/// The file of credentials.
pub const CREDENTIALS: &str = "new-media.toml";

const JSON: &str = "application/json; charset=utf-8";

/// 公众号 that are asked through their interface: the credential's name, and the days ago on which they published; `true`: the
/// platform has not counted yesterday yet.
const WECHAT: [(&str, &[u64], bool); 2] = [("wl-wx", &[22, 24], false), ("xfb-wx", &[25], true)];
/// 微博: the credential's name, the user's number and name, the ages of its posts in days; without any, the quota is used up.
const WEIBO: [(&str, i64, &str, &[u64]); 2] =
    [("ga-wb", 9_000_000_004, "示例公安", &[1, 3, 8, 9, 15]), ("ny-wb", 9_000_000_005, "示例县农业", &[])];
/// 抖音: the credential's name, and the ages of its videos, the first of them pinned.
const DOUYIN: [(&str, &[u64]); 2] = [("ga-dy", &[200, 3, 9]), ("wl-dy", &[150, 26, 40])];

/// The interfaces as a host.
pub(super) fn host(grounds: Grounds) -> Host {
    let mut host = Host::new(INTERFACES, Ipv4Addr::new(127, 0, 0, 5), false);
    wechat(&mut host, grounds);
    weibo(&mut host, grounds);
    douyin(&mut host, grounds);
    host
}

/// The file of credentials.
pub(super) fn credentials(port: u16) -> String {
    let mut text = "# 演示用密钥，由 xuncha demo 生成，均为虚构。\n".to_owned();
    let mut one = |name: &str, kind: &str, id: &str| {
        let id = if id.is_empty() { String::new() } else { format!("id = \"{id}\"\n") };
        let _ = write!(
            text,
            "\n[[credential]]\nname = \"{name}\"\nkind = \"{kind}\"\n{id}secret = \"{}\"\naddress = \"http://{INTERFACES}:{port}/\"\n",
            secret(name)
        );
    };
    for (name, ..) in WECHAT {
        one(name, "wechat", &app(name));
    }
    for (name, ..) in WEIBO {
        one(name, "weibo", "");
    }
    for (name, _) in DOUYIN {
        one(name, "douyin", &app(name));
    }
    text
}

fn app(name: &str) -> String {
    format!("yanshi-{name}")
}

fn secret(name: &str) -> String {
    format!("yanshi-miyao-{name}")
}

fn token(name: &str) -> String {
    format!("yanshi-lingpai-{name}")
}

fn wechat(host: &mut Host, grounds: Grounds) {
    let refused = json!({ "errcode": 40125, "errmsg": "invalid appsecret" });
    let lent = WECHAT
        .map(|(name, ..)| (secret(name), text(&json!({ "access_token": token(name), "expires_in": 7200 }))));
    host.put("/cgi-bin/stable_token", answer(&refused).posted(lent.to_vec()));
    for path in ["/datacube/getarticletotaldetail", "/cgi-bin/freepublish/batchget"] {
        host.put(
            path,
            answer(&json!({ "errcode": 40001, "errmsg": "invalid credential" })).posted(Vec::new()),
        );
    }
    for (name, published, late) in WECHAT {
        let mut days: Vec<(String, String)> = published
            .iter()
            .map(|ago| {
                let day = grounds.day(*ago);
                let article = json!({
                    "ref_date": day.to_string(), "msgid": format!("2247490{ago:03}_1"), "publish_type": 0, "detail_list": [],
                    "title": format!("{}月工作动态", day.format("%-m")), "content_url": format!("http://{INTERFACES}/s/{name}{ago}"),
                });
                (day.to_string(), text(&json!({ "list": [article], "is_delay": false })))
            })
            .collect();
        if late {
            days.push((grounds.day(1).to_string(), text(&json!({ "list": [], "is_delay": true }))));
        }
        let none = answer(&json!({ "list": [], "is_delay": false }));
        host.put(with_token("/datacube/getarticletotaldetail", name), none.posted(days));
        let none = answer(&json!({ "total_count": 0, "item_count": 0, "item": [] }));
        host.put(with_token("/cgi-bin/freepublish/batchget", name), none.posted(Vec::new()));
    }
}

fn weibo(host: &mut Host, grounds: Grounds) {
    for (name, id, user, ages) in WEIBO {
        let statuses: Vec<Value> = ages
            .iter()
            .map(|ago| {
                json!({
                    "created_at": format!("{} +0800 {}", at(grounds, *ago).format("%a %b %d %H:%M:%S"), grounds.day(*ago).format("%Y")),
                    "mid": format!("49{ago:08}"), "text": "演示用微博，内容为虚构", "user": { "id": id, "idstr": id.to_string(), "screen_name": user },
                })
            })
            .collect();
        let reply = if statuses.is_empty() {
            json!({ "request": "/2/statuses/user_timeline.json", "error_code": 10023, "error": "User requests out of rate limit!" })
        } else {
            json!({ "statuses": statuses, "total_number": statuses.len() })
        };
        let path = format!("/2/statuses/user_timeline.json?access_token={}", secret(name));
        host.put(path, answer(&reply));
    }
}

fn douyin(host: &mut Host, grounds: Grounds) {
    for (name, ages) in DOUYIN {
        let list: Vec<Value> = (0_u32..)
            .zip(ages)
            .map(|(nth, ago)| {
                let seconds = at(grounds, *ago).and_utc().timestamp() - 8 * 3600;
                json!({
                    "item_id": format!("@{name}{ago}"), "title": "演示用视频", "create_time": seconds, "is_top": nth == 0, "video_status": 1,
                    "share_url": format!("https://www.douyin.example/share/{name}{ago}"),
                })
            })
            .collect();
        let reply = json!({ "data": { "list": list, "has_more": false, "cursor": 0, "error_code": 0 }, "extra": { "error_code": 0 } });
        let path = format!("/api/douyin/v1/video/video_list/?open_id={}&cursor=0&count=10", app(name));
        host.put(path, answer(&reply));
    }
}

fn with_token(path: &str, name: &str) -> String {
    format!("{path}?access_token={}", token(name))
}

fn at(grounds: Grounds, ago: u64) -> chrono::NaiveDateTime {
    NaiveDate::and_time(&grounds.day(ago), NaiveTime::MIN) + chrono::TimeDelta::minutes(9 * 60 + 30)
}

fn answer(value: &Value) -> Resource {
    Resource { modified: None, ..Resource::ok(JSON, text(value), NaiveDate::MIN) }
}

fn text(value: &Value) -> String {
    value.to_string()
}
