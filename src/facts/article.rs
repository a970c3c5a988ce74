//! One public page of a new-media platform that a unit named as its newest: whose it is and when it was published.
//!
//! Only what stands in the page's source is taken, and only where it is the page's own: the account's name beside its
//! identifier, the time that the platform wrote. What hides behind a check, or is gone, is a gap and says nothing of the account.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::account::Platform;
use super::challenge::challenge;
use super::dates::Stamp;
use super::decode::decode;
use super::feed::{Moment, read_date};
use super::regions::fold;
use super::{charref, links};
use crate::calendar::Instant8;
use crate::finding::{Gap, Seen};

/// Values looked at in the records of one page.
const MAX_VALUES: usize = 200_000;
/// Levels of nesting.
const MAX_DEPTH: usize = 48;

/// What such a page says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Article {
    /// The platform that serves it; `None` for any other site.
    pub platform: Option<Platform>,
    /// The account's name, as written.
    pub names: Vec<String>,
    /// The account's identifiers: `gh_…`, `__biz`, a user's number.
    pub ids: Vec<String>,
    /// Its title or first words.
    pub title: String,
    /// When it was published.
    pub published: Option<Stamp>,
}

impl Article {
    /// Whether it is of the account that the register calls `name`, with `id` where that is known. `None` where the page
    /// names nobody.
    pub fn is_of(&self, name: &str, id: &str) -> Option<bool> {
        if self.names.is_empty() && self.ids.is_empty() {
            return None;
        }
        let same = |a: &str, b: &str| !b.is_empty() && plain_name(a) == plain_name(b);
        let by_id = self.ids.iter().any(|known| !id.is_empty() && known.eq_ignore_ascii_case(id));
        if by_id || self.names.iter().any(|known| same(known, name)) {
            return Some(true);
        }
        // An identifier of a kind that the page does not show decides nothing.
        if self.names.is_empty() { None } else { Some(false) }
    }
}

/// A name as people compare it: without blanks, width and case.
pub fn plain_name(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '·' | '•'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The platform whose pages a host serves.
pub fn platform_of(url: &str) -> Option<Platform> {
    const HOSTS: [(&str, Platform); 17] = [
        ("weixin.qq.com", Platform::Wechat),
        ("weibo.com", Platform::Weibo),
        ("weibo.cn", Platform::Weibo),
        ("douyin.com", Platform::Douyin),
        ("iesdouyin.com", Platform::Douyin),
        ("kuaishou.com", Platform::Kuaishou),
        ("chenzhongtech.com", Platform::Kuaishou),
        ("gifshow.com", Platform::Kuaishou),
        ("toutiao.com", Platform::Toutiao),
        ("toutiaocdn.com", Platform::Toutiao),
        ("baijiahao.baidu.com", Platform::Baijiahao),
        ("author.baidu.com", Platform::Baijiahao),
        ("mbd.baidu.com", Platform::Baijiahao),
        ("bilibili.com", Platform::Bilibili),
        ("b23.tv", Platform::Bilibili),
        ("xiaohongshu.com", Platform::Xiaohongshu),
        ("xhslink.com", Platform::Xiaohongshu),
    ];
    let host = links::host_of(url)?;
    let of =
        |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    HOSTS.iter().find(|(domain, _)| of(domain)).map(|(_, platform)| *platform)
}

/// Reads the answer that came from `url` (the final one).
///
/// # Errors
/// The gap where it is no such page: `blocked`, `deleted`, `status-404` …
pub fn read(
    body: &[u8],
    content_type: Option<&str>,
    url: &str,
    status: u16,
    headers: &[(String, String)],
    as_of: Instant8,
) -> Seen<Article> {
    let decoded = decode(body, content_type);
    let text = &*decoded.text;
    let gap = |why: &str| Err(Gap::new(url.split('?').next().unwrap_or(url), why));
    if is_check(text, url) || challenge(Some(status), headers, text).is_some() {
        return gap("blocked");
    }
    if matches!(status, 404 | 410) {
        return gap("deleted");
    }
    if !(200..300).contains(&status) {
        return gap(&format!("status-{status}"));
    }
    let platform = platform_of(url);
    let mut article = match platform {
        Some(Platform::Wechat) => wechat(text, url, as_of.date_naive()),
        _ => from_records(text, url, as_of.date_naive()),
    };
    article.platform = platform;
    if article.names.is_empty() && article.published.is_none() && is_gone(text) {
        return gap("deleted");
    }
    if article.title.is_empty() {
        article.title = meta(text, "og:title")
            .or_else(|| first(&TITLE, text))
            .map(|title| fold(&charref::decode(&title, false)))
            .unwrap_or_default();
    }
    Ok(article)
}

/// A page that asks whether we are people.
fn is_check(text: &str, url: &str) -> bool {
    const ADDRESSES: [&str; 6] = [
        "/wappoc_appmsgcaptcha",
        "passport.weibo.c",
        "visitor/visitor",
        "/captcha",
        "verify.snssdk",
        "/antispider",
    ];
    const WORDS: [&str; 9] = [
        "环境异常",
        "完成验证后即可继续访问",
        "Sina Visitor System",
        "TTGCaptcha",
        "verify.snssdk.com",
        "请完成下列验证后继续",
        "访问过于频繁",
        "secsdk-captcha",
        "captcha_container",
    ];
    if ADDRESSES.iter().any(|part| url.contains(part)) {
        return true;
    }
    // An article may well speak of a 环境异常: one that states its own time is no check.
    let head: String = text.chars().take(60_000).collect();
    WORDS.iter().any(|word| head.contains(word))
        && first(&CT, text).is_none()
        && !text.contains("\"create_time\"")
        && !text.contains("\"created_at\"")
        && !text.contains("createTime")
}

fn is_gone(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "该内容已被发布者删除",
        "此内容因违规无法查看",
        "此内容发送失败无法查看",
        "该公众号已迁移",
        "此帐号已自主注销",
        "此账号已自主注销",
        "此帐号已被屏蔽",
        "此账号已被屏蔽",
        "链接已过期",
        "该微博不存在",
        "微博不存在或暂无查看权限",
        "视频不见了",
        "作品已失效",
        "内容不存在",
    ];
    WORDS.iter().any(|word| text.contains(word))
}

macro_rules! patterns {
    ($($name:ident = $pattern:literal;)*) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($pattern).expect("a pattern"));)*
    };
}
patterns! {
    TITLE = r"(?is)<title[^>]*>(.*?)</title>";
    CT = r#"(?:\bvar\s+ct\s*=\s*|\b(?:ori_)?create_time\s*:\s*JsDecode\(|\boriCreateTime\s*=\s*)["'](\d{10})["']"#;
    PUBLISH_TIME = r#"\b(?:var\s+(?:publish_time|createTime)\s*=\s*|(?:ori_)?create_time\s*:\s*JsDecode\()["'](\d{4}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d{2}(?::\d{2})?)?)["']"#;
    SHOWN_TIME = r#"<em[^>]*\bid=["']publish_time["'][^>]*>([^<]{6,40})</em>"#;
    NICKNAME = r#"\b(?:var\s+nickname\s*=\s*(?:htmlDecode\()?|(?:d\.)?nick_name\s*[:=]\s*(?:xml\s*\?\s*getXmlValue\([^)]*\)\s*:\s*)?(?:JsDecode\()?)["']([^"'\n]{1,80})["']"#;
    PROFILE = r#"<strong[^>]*\bclass=["'][^"']*\bprofile_nickname\b[^"']*["'][^>]*>([^<]{1,80})</strong>"#;
    JS_NAME = r#"<a[^>]*\bid=["']js_name["'][^>]*>([^<]{1,80})</a>"#;
    GH = r#"\buser_?name\s*[:=]\s*(?:JsDecode\()?["'](gh_[0-9A-Za-z]{6,24})["']"#;
    BIZ = r#"(?:\bvar\s+biz\s*=\s*|\bbizuin\s*[:=]\s*(?:JsDecode\()?)["']([0-9A-Za-z+/]{6,30}={0,2})["']"#;
    MSG_TITLE = r#"\bvar\s+msg_title\s*=\s*["']([^"'\n]{1,300})["']"#;
    META = r"(?is)<meta\s[^>]*>";
    ATTR = r#"(?is)\b(property|name|itemprop|content)\s*=\s*(?:"([^"]*)"|'([^']*)')"#;
    LD = r#"(?is)<script[^>]*type=["']application/ld\+json["'][^>]*>(.*?)</script>"#;
    RENDER = r#"(?is)<script[^>]*\bid=["'](?:RENDER_DATA|__NEXT_DATA__|SIGI_STATE)["'][^>]*>(.*?)</script>"#;
    STATE = r"(?:\$render_data|window\._ROUTER_DATA|window\.__INITIAL_STATE__|window\.INIT_STATE|window\.__APOLLO_STATE__|window\._SSR_HYDRATED_DATA)\s*=\s*";
}

fn first(pattern: &Regex, text: &str) -> Option<String> {
    Some(pattern.captures(text)?.get(1)?.as_str().to_owned())
}

/// The text of a script's string, its escapes undone.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let digits = match after.chars().next() {
            Some('x') => 2,
            Some('u') => 4,
            _ => 0,
        };
        let code =
            after.get(1..=digits).filter(|_| digits > 0).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        if let Some(c) = code.and_then(char::from_u32) {
            out.push(c);
            rest = after.get(digits + 1..).unwrap_or_default();
        } else {
            rest = after;
        }
    }
    out.push_str(rest);
    fold(&charref::decode(&out, false))
}

/// An article of a 微信公众号.
fn wechat(text: &str, url: &str, as_of: NaiveDate) -> Article {
    let names = [&NICKNAME, &PROFILE, &JS_NAME].into_iter().filter_map(|pattern| first(pattern, text));
    let mut names: Vec<String> = names.map(|name| unescaped(&name)).filter(|name| !name.is_empty()).collect();
    names.dedup();
    let mut ids: Vec<String> = [&GH, &BIZ].into_iter().filter_map(|pattern| first(pattern, text)).collect();
    ids.extend(
        Url::parse(url).ok().and_then(|url| {
            url.query_pairs().find(|(key, _)| key == "__biz").map(|(_, biz)| biz.into_owned())
        }),
    );
    ids.dedup();
    let time = [&CT, &PUBLISH_TIME, &SHOWN_TIME].into_iter().filter_map(|pattern| first(pattern, text));
    let published = time.into_iter().find_map(|time| stamp(&charref::decode(&time, false), as_of));
    let title = first(&MSG_TITLE, text).map(|title| unescaped(&title)).unwrap_or_default();
    Article { platform: None, names, ids, title, published }
}

fn stamp(text: &str, as_of: NaiveDate) -> Option<Stamp> {
    match read_date(text, as_of) {
        Moment::At(stamp) => Some(stamp),
        _ => None,
    }
}

/// The content of a meta element.
fn meta(text: &str, wanted: &str) -> Option<String> {
    META.find_iter(text).take(200).find_map(|element| {
        let (mut named, mut content) = (false, None);
        for attr in ATTR.captures_iter(element.as_str()) {
            let value = attr.get(2).or_else(|| attr.get(3)).map_or("", |value| value.as_str());
            match attr.get(1).map(|name| name.as_str().to_ascii_lowercase()).as_deref() {
                Some("content") => content = Some(charref::decode(value, true).into_owned()),
                _ => named |= value.eq_ignore_ascii_case(wanted),
            }
        }
        content.filter(|content| named && !content.trim().is_empty())
    })
}

/// A page whose records stand as JSON in its source, or whose meta elements say what is needed.
fn from_records(text: &str, url: &str, as_of: NaiveDate) -> Article {
    let mut search = Search { url, as_of, seen: 0, named: Vec::new(), others: Vec::new() };
    for value in records(text) {
        search.value(&value, 0);
    }
    // The record that the address names, or the only one there is: pages carry what else one might like to see.
    search.named.dedup();
    search.others.dedup();
    let found = match (search.named.as_slice(), search.others.as_slice()) {
        ([first, ..], _) => Some(first.clone()),
        ([], [only]) => Some(only.clone()),
        _ => None,
    };
    if let Some(article) = found {
        return article;
    }
    let time = ["article:published_time", "datePublished", "uploadDate", "publishdate", "og:release_date"];
    let published = time.iter().find_map(|name| stamp(&meta(text, name)?, as_of));
    let names = ["article:author", "og:article:author", "author"].iter().find_map(|name| meta(text, name));
    Article { names: names.into_iter().map(|name| fold(&name)).collect(), published, ..Article::default() }
}

/// Every piece of JSON that such pages are filled from.
fn records(text: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for script in RENDER.captures_iter(text).chain(LD.captures_iter(text)).take(8) {
        let inner = script.get(1).map_or("", |inner| inner.as_str()).trim();
        let decoded = percent_encoding::percent_decode_str(inner).decode_utf8_lossy();
        found.extend(serde_json::from_str(inner).or_else(|_| serde_json::from_str(&decoded)).ok());
    }
    for start in STATE.find_iter(text).take(8) {
        let rest = text.get(start.end()..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        found.extend(values.next().and_then(Result::ok));
    }
    found
}

struct Search<'a> {
    url: &'a str,
    as_of: NaiveDate,
    seen: usize,
    /// Records whose identifier stands in the address.
    named: Vec<Article>,
    others: Vec<Article>,
}

impl Search<'_> {
    fn value(&mut self, value: &Value, depth: usize) {
        self.seen += 1;
        if self.seen > MAX_VALUES || depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::Array(all) => all.iter().for_each(|one| self.value(one, depth + 1)),
            Value::Object(object) => {
                if let Some((article, named)) = self.record(object) {
                    if named { &mut self.named } else { &mut self.others }.push(article);
                    // What it quotes or passes on is another's.
                    return;
                }
                object.values().for_each(|one| self.value(one, depth + 1));
            }
            _ => {}
        }
    }

    /// A record with a time of publication and an author.
    fn record(&self, object: &serde_json::Map<String, Value>) -> Option<(Article, bool)> {
        const TIMES: [&str; 13] = [
            "create_time",
            "createTime",
            "publish_time",
            "publishTime",
            "created_at",
            "pubdate",
            "datePublished",
            "uploadDate",
            "pub_time",
            "photoTime",
            "timestamp",
            "time",
            "ctime",
        ];
        const AUTHORS: [&str; 9] = [
            "author",
            "authorInfo",
            "user",
            "userInfo",
            "mediaInfo",
            "media_info",
            "media",
            "owner",
            "account",
        ];
        const NAMES: [&str; 7] =
            ["nickname", "screen_name", "screenName", "name", "nickName", "user_name", "userName"];
        const USER_IDS: [&str; 9] =
            ["idstr", "id", "uid", "sec_uid", "secUid", "mid", "userId", "user_id", "unique_id"];
        const IDS: [&str; 16] = [
            "aweme_id", "awemeId", "idstr", "id", "mid", "mblogid", "bid", "bvid", "item_id", "itemId",
            "group_id", "groupId", "noteId", "photoId", "nid", "url",
        ];
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let published = TIMES
            .iter()
            .filter_map(|key| object.get(*key))
            .filter_map(text)
            .find_map(|time| stamp(&time, self.as_of))?;
        let author = AUTHORS.iter().filter_map(|key| object.get(*key)).find_map(|author| match author {
            Value::Object(author) => Some(author),
            Value::Array(authors) => authors.first().and_then(Value::as_object),
            _ => None,
        });
        let mut names: Vec<String> = author
            .into_iter()
            .flat_map(|author| NAMES.iter().filter_map(|key| author.get(*key)).filter_map(text).take(1))
            .collect();
        if names.is_empty() {
            names.extend(
                ["source", "mediaName", "media_name", "author"]
                    .iter()
                    .filter_map(|key| object.get(*key))
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .take(1),
            );
        }
        names.retain(|name| !name.trim().is_empty());
        if names.is_empty() {
            return None;
        }
        let ids = author
            .into_iter()
            .flat_map(|author| USER_IDS.iter().filter_map(|key| author.get(*key)).filter_map(text))
            .collect();
        let title = ["title", "desc", "text_raw", "text", "headline", "content"]
            .iter()
            .filter_map(|key| object.get(*key)?.as_str())
            .find(|title| !title.trim().is_empty())
            .map(|title| fold(&charref::decode(&strip(title), false)).chars().take(120).collect())
            .unwrap_or_default();
        let in_address = IDS
            .iter()
            .filter_map(|key| object.get(*key))
            .filter_map(text)
            .any(|id| id.len() >= 6 && self.url.contains(&id));
        Some((Article { platform: None, names, ids, title, published: Some(published) }, in_address))
    }
}

fn strip(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars().take(4_000) {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
#[path = "article_tests.rs"]
mod tests;
