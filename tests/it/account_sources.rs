//! Sources of evidence about new-media accounts against servers that answer as the platforms' documents say, well and badly:
//! whatever breaks is the source's health and never a silence of the account; tokens are shared and renewed once; no secret shows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use xuncha::calendar::{Instant8, end_of_day};
use xuncha::config::valid::{
    AccountsConfig, ConnectTo, CrawlPolicy, Credential, CredentialKind, EgressConfig, Limits, Secret,
};
use xuncha::crawl::gate::{CrawlGate, Passage};
use xuncha::crawl::pace::Pace;
use xuncha::crawl::scope::Scope;
use xuncha::facts::account::{AccountFacts, Health, Platform, Post, Source};
use xuncha::fetch::account::{Sources, gather_all};
use xuncha::fetch::dns::Names;
use xuncha::fetch::egress::EgressPolicy;
use xuncha::fetch::http::Http;
use xuncha::registry::{Account, AccountStatus, SourceSpec};

use crate::kit::platforms::{CANARY, Manner, Platforms};
use crate::kit::{self, Script, Server};

pub(crate) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).expect("a date")
}

pub(crate) fn as_of() -> Instant8 {
    end_of_day(day(20))
}

fn account(platform: Platform, sources: &[(Source, &str)]) -> Account {
    Account {
        platform,
        platform_name: String::new(),
        name: "示例发布".to_owned(),
        platform_id: "1234567890".to_owned(),
        supervisor: None,
        host_unit: None,
        responsible: None,
        status: AccountStatus::Running,
        filing: String::new(),
        opened: None,
        closed: None,
        menu: None,
        reply: None,
        publishes: true,
        site: None,
        address: None,
        sources: sources
            .iter()
            .map(|(kind, what)| SourceSpec { kind: *kind, what: (*what).to_owned(), stated: Some(day(19)) })
            .collect(),
        origin: "accounts.csv:2".to_owned(),
    }
}

/// What asks, with the credentials of four interfaces at one server; hosts of the platforms lead there as well.
pub(crate) struct Asker {
    gate: Arc<CrawlGate>,
    http: Arc<Http>,
    pub(crate) config: AccountsConfig,
}

impl Asker {
    pub(crate) fn new(server: &Server, rate: f64) -> Self {
        kit::install_tls();
        let mapped = ["mp.weixin.qq.com", "m.weibo.cn", "feed.test", "other.test"];
        let connect_to = mapped
            .into_iter()
            .chain((0..12).map(|n| HOSTS[n]))
            .map(|host| ConnectTo { host: host.to_owned(), port: 80, to: server.addr() })
            .chain([ConnectTo {
                host: server.addr().ip().to_string(),
                port: server.addr().port(),
                to: server.addr(),
            }])
            .collect();
        let egress = EgressConfig { allow_private: kit::loopback(), connect_to, ..EgressConfig::default() };
        let policy = Arc::new(EgressPolicy::new(&egress));
        let names = Arc::new(Names::new(&egress, Arc::clone(&policy)));
        let limits = Limits {
            connect: Duration::from_millis(500),
            first_byte: Duration::from_millis(1500),
            whole: Duration::from_secs(20),
            ..Limits::default()
        };
        let http =
            Arc::new(Http::new(&CrawlPolicy::default(), &limits, &egress, policy, names).expect("a client"));
        let pace = Arc::new(Pace::new(rate, rate * 100.0));
        let gate = Arc::new(CrawlGate::new(Arc::clone(&http), pace, Arc::new(Scope::new()), Vec::new()));
        let address = url::Url::parse(&server.url("/")).expect("a URL");
        let credential = |name: &str, kind, id: &str| Credential {
            name: name.to_owned(),
            kind,
            id: id.to_owned(),
            secret: Secret::new(CANARY),
            address: Some(address.clone()),
        };
        let hub = Credential {
            address: url::Url::parse("http://feed.test/").ok(),
            ..credential("hub", CredentialKind::Rsshub, "")
        };
        let credentials = vec![
            credential("wx", CredentialKind::Wechat, "wx0001"),
            credential("wb", CredentialKind::Weibo, ""),
            credential("dy", CredentialKind::Douyin, "open-1"),
            hub,
        ];
        Self { gate, http, config: AccountsConfig { credentials, ..AccountsConfig::default() } }
    }

    fn sources(&self) -> Arc<Sources<Passage>> {
        let pages = self.gate.passage(self.config.obey_robots);
        Arc::new(Sources::new(Arc::clone(&self.http), pages, self.gate.passage(false), &self.config))
    }

    pub(crate) async fn one(&self, platform: Platform, kind: Source, what: &str) -> AccountFacts {
        let account = account(platform, &[(kind, what)]);
        self.sources().ask(&account, &account.sources[0], as_of()).await
    }
}

const HOSTS: [&str; 12] = [
    "h0.test", "h1.test", "h2.test", "h3.test", "h4.test", "h5.test", "h6.test", "h7.test", "h8.test",
    "h9.test", "h10.test", "h11.test",
];

async fn wechat(manner: Manner) -> (AccountFacts, Platforms) {
    let platforms = Platforms::start(manner).await;
    let facts = Asker::new(&platforms.server, 5000.0).one(Platform::Wechat, Source::OwnerApi, "wx").await;
    (facts, platforms)
}

fn published(days: &[u32]) -> BTreeMap<NaiveDate, Vec<&'static str>> {
    days.iter().map(|d| (day(*d), vec!["供暖通知", "天气提示"])).collect()
}

pub(crate) fn broken(why: &str) -> Health {
    Health::Broken(why.to_owned())
}

pub(crate) fn nothing_secret(facts: &[AccountFacts]) {
    let shown = format!("{facts:?}{}", serde_json::to_string(facts).expect("plain values"));
    assert!(!shown.contains(CANARY) && !shown.contains("access_token"), "{shown}");
}

#[tokio::test]
async fn wechat_tells_day_by_day_what_was_published() {
    let (facts, platforms) = wechat(Manner { published: published(&[3, 17]), ..Manner::default() }).await;
    assert_eq!((facts.health.clone(), facts.from, facts.until), (Health::Ok, Some(day(17)), Some(day(19))));
    assert_eq!(facts.posts.len(), 2, "both of the newest day: {facts:?}");
    assert_eq!(
        (facts.posts[0].day, facts.posts[0].url.as_deref()),
        (day(17), Some("https://mp.weixin.qq.com/s/a"))
    );
    assert_eq!(platforms.lent(), (1, 0));
    nothing_secret(&[facts]);
    // Truly silent, and the source well: found, however long ago the last was or where there is none at all.
    for last in [&[1_u32][..], &[]] {
        let (facts, _) = wechat(Manner { published: published(last), ..Manner::default() }).await;
        let since = last.first().map_or_else(|| day(20) - Days::new(31), |last| day(*last));
        assert_eq!(facts.silence(day(20)), Some((since, day(19))), "{facts:?}");
    }
}

#[tokio::test]
async fn the_menu_is_read_beside_the_posts_and_changes_nothing_of_them() {
    let menu = json!([
        { "name": "办事", "sub_button": { "list": [
            { "type": "view", "name": "办事大厅", "url": "https://bs.shili.example/" },
            { "type": "miniprogram", "name": "小程序", "url": "http://mp.weixin.qq.com", "appid": "wx1", "pagepath": "a" },
            { "type": "click", "name": "今日要闻", "key": "V1" },
        ] } },
        { "type": "view", "name": "门户", "url": "http://www.shili.example/" },
        { "type": "view", "name": "坏", "url": "weixin://x" },
        7,
    ]);
    let manner = || Manner { published: published(&[3]), ..Manner::default() };
    let (without, _) = wechat(manner()).await;
    assert_eq!((without.links.len(), without.interaction.menu), (0, None));
    let (facts, platforms) = wechat(Manner { menu: Some(menu.clone()), ..manner() }).await;
    let told: Vec<_> = facts.links.iter().map(|link| (link.text.as_str(), link.url.as_str())).collect();
    assert_eq!(told, [("办事大厅", "https://bs.shili.example/"), ("门户", "http://www.shili.example/")]);
    assert!(facts.links.iter().all(|link| link.answer.is_none()), "nobody asked for them yet");
    assert_eq!((facts.interaction.menu, facts.interaction.tried), (Some(true), false));
    assert_eq!(facts.silence(day(20)), without.silence(day(20)));
    assert!(
        facts.looks.last().is_some_and(|look| !look.url.contains("selfmenu")),
        "what shows the posts stays the evidence: {:?}",
        platforms.server.paths()
    );
    nothing_secret(&[facts]);
    // Without a right to it, or with anything else in its place, the posts are what they were.
    for menu in [json!("x"), json!({}), json!([{ "type": "view" }, { "sub_button": { "list": 3 } }])] {
        let (facts, _) = wechat(Manner { menu: Some(menu.clone()), ..manner() }).await;
        assert_eq!((facts.links.len(), &facts.health), (0, &without.health), "{menu}");
        assert_eq!(facts.silence(day(20)), without.silence(day(20)), "{menu}");
    }
}

#[tokio::test]
async fn tokens_that_expire_are_renewed_once() {
    for code in [40001, 42001, 40014] {
        let (facts, platforms) =
            wechat(Manner { published: published(&[18]), refused: (1, code), ..Manner::default() }).await;
        assert_eq!((facts.health.clone(), facts.posts.len()), (Health::Ok, 2), "{code}");
        assert_eq!(platforms.lent(), (2, 0), "{code}: one more, and not by force");
        let stubborn =
            Manner { published: published(&[18]), refused: (1, code), stubborn: true, ..Manner::default() };
        let (facts, platforms) = wechat(stubborn).await;
        assert_eq!(
            (facts.health, platforms.lent()),
            (Health::Ok, (3, 1)),
            "{code}: by force where the same came again"
        );
        let (facts, platforms) = wechat(Manner { refused: (99, code), ..Manner::default() }).await;
        assert_eq!(facts.health, broken("token"), "{code}");
        assert!(platforms.lent().0 <= 3, "{code}: {:?}", platforms.lent());
        nothing_secret(&[facts]);
    }
}

#[tokio::test]
async fn a_token_is_shared_by_all_that_hold_the_same_credentials() {
    for (refused, asked) in [((0, 0), 1), ((1, 42001), 2)] {
        let platforms =
            Platforms::start(Manner { published: published(&[19]), refused, ..Manner::default() }).await;
        let asker = Asker::new(&platforms.server, 5000.0);
        let accounts: Vec<_> = (0..60)
            .map(|n| (n, account(Platform::Wechat, &[(Source::OwnerApi, "wx")]), Vec::new()))
            .collect();
        let mut health = Vec::new();
        gather_all(asker.sources(), accounts, as_of(), |_, facts| {
            health.extend(facts.into_iter().map(|facts| facts.health));
        })
        .await;
        assert_eq!(health, vec![Health::Ok; 60]);
        assert_eq!(platforms.lent(), (asked, 0));
    }
}

/// Every way in which the interface of 微信 fails, with the health that it has then.
fn failures_of_wechat() -> Vec<(&'static str, Manner, Health)> {
    let none = Manner::default;
    let instead = |script| Manner { instead: Some(script), ..none() };
    let json = |text: &str| Script::reply(200, &[("content-type", "application/json")], text.as_bytes());
    vec![
        ("quota", Manner { error: Some(45009), ..none() }, broken("quota")),
        ("frequency", Manner { error: Some(45011), ..none() }, broken("quota")),
        ("right", Manner { error: Some(48001), ..none() }, broken("no-right")),
        ("busy", Manner { error: Some(-1), ..none() }, broken("busy")),
        ("other error", Manner { error: Some(61500), ..none() }, broken("error-61500")),
        ("expired for ever", Manner { refused: (99, 42001), ..none() }, broken("token")),
        ("secret", Manner { no_token: Some(40125), ..none() }, broken("credentials")),
        ("appid", Manner { no_token: Some(40013), ..none() }, broken("credentials")),
        ("allow-list", Manner { no_token: Some(40164), ..none() }, broken("address-not-listed")),
        ("tokens used up", Manner { no_token: Some(45009), ..none() }, broken("quota")),
        ("all delayed", Manner { delayed: (1..20).map(day).collect(), ..none() }, Health::Late),
        (
            "one day delayed",
            Manner { delayed: vec![day(15)], published: published(&[2]), ..none() },
            Health::Late,
        ),
        (
            "contradicted",
            Manner { edited: vec![1_794_879_000], published: published(&[2]), ..none() },
            Health::Partial,
        ),
        ("down", instead(Script::status(502)), broken("status-502")),
        ("not found", instead(Script::status(404)), broken("status-404")),
        ("a page", instead(Script::html("<h1>系统维护</h1>")), broken("unreadable")),
        ("empty", instead(json("")), broken("unreadable")),
        ("empty object", instead(json("{}")), broken("unreadable")),
        ("no list", instead(json("{\"access_token\":\"t\",\"expires_in\":7200}")), broken("unreadable")),
        ("list of nothing", instead(json("[]")), broken("unreadable")),
        (
            "null",
            instead(json("{\"access_token\":\"t\",\"expires_in\":7200,\"list\":null}")),
            broken("unreadable"),
        ),
        (
            "items without dates",
            instead(json("{\"access_token\":\"t\",\"expires_in\":7200,\"list\":[{}]}")),
            Health::Partial,
        ),
        ("cut", instead(Script::cut(200, b"{\"list\":[")), broken("unreadable")),
        ("garbage", instead(Script::raw(vec![0xff; 300])), broken("unreadable")),
        ("reset", instead(Script::reset()), broken("cut")),
        ("silence", instead(Script::silence()), broken("timeout")),
        ("away", instead(Script::redirect(302, "http://other.test/steal")), broken("status-302")),
    ]
}

#[tokio::test]
async fn nothing_that_breaks_at_wechat_is_a_silence() {
    for (name, manner, health) in failures_of_wechat() {
        let (facts, platforms) = wechat(manner).await;
        assert_eq!(facts.health, health, "{name}: {facts:?}");
        assert_eq!(facts.silence(day(20)), None, "{name}");
        assert!(
            !platforms.server.paths().iter().any(|path| path.contains("steal")),
            "{name}: secrets do not travel on"
        );
        nothing_secret(&[facts]);
    }
}

fn status(at: &str, name: &str, id: i64) -> Value {
    json!({ "created_at": at, "mid": "51", "text": "通知", "user": { "id": id, "idstr": id.to_string(), "screen_name": name } })
}

fn video(at: i64, top: bool, status: i64) -> Value {
    json!({ "item_id": "7", "title": "通知", "create_time": at, "is_top": top, "share_url": "https://www.iesdouyin.com/share/video/7", "video_status": status })
}

/// What 微博 and 抖音 may answer, with health and newest day.
fn answers_of_others() -> Vec<(&'static str, Value, Health, Option<NaiveDate>)> {
    let recent = "Tue Nov 17 09:30:00 +0800 2026";
    let old = "Sun Nov 01 23:30:00 +0000 2026";
    let list = |list: Value| json!({ "data": { "list": list, "has_more": false, "cursor": 0, "error_code": 0 }, "extra": { "error_code": 0 } });
    vec![
        (
            "wb",
            json!({ "statuses": [status(old, "示例发布", 1), status(recent, "示例 发布", 1)] }),
            Health::Ok,
            Some(day(17)),
        ),
        ("wb", json!({ "statuses": [status(recent, "改名以后", 1_234_567_890)] }), Health::Ok, Some(day(17))),
        ("wb", json!({ "statuses": [status(old, "示例发布", 1)] }), Health::Ok, Some(day(2))),
        ("wb", json!({ "statuses": [status(old, "别处发布", 1)] }), broken("other-account"), None),
        ("wb", json!({ "statuses": [], "total_number": 0 }), broken("empty-list"), None),
        (
            "wb",
            json!({ "statuses": [status(old, "示例发布", 1), status("昨天", "示例发布", 1)] }),
            Health::Partial,
            Some(day(2)),
        ),
        ("wb", json!({ "statuses": [{ "created_at": old, "mid": "51" }] }), broken("no-identity"), None),
        ("wb", json!({ "error_code": 21327, "error": "expired_token" }), broken("token"), None),
        (
            "wb",
            json!({ "error_code": 10023, "error": "User requests out of rate limit" }),
            broken("quota"),
            None,
        ),
        (
            "wb",
            json!({ "error_code": 10014, "error": "Insufficient app permissions!" }),
            broken("no-right"),
            None,
        ),
        ("wb", json!({}), broken("unreadable"), None),
        ("wb", json!("x"), broken("unreadable"), None),
        (
            "dy",
            list(json!([video(1_700_000_000, true, 1), video(1_794_879_000, false, 1)])),
            Health::Ok,
            Some(day(17)),
        ),
        (
            "dy",
            list(json!([video(1_793_500_000, false, 1), video(1_794_879_000, false, 4)])),
            Health::Ok,
            Some(day(1)),
        ),
        (
            "dy",
            list(json!([video(0, false, 1), video(1_793_500_000, false, 1)])),
            Health::Partial,
            Some(day(1)),
        ),
        ("dy", list(json!([])), broken("empty-list"), None),
        (
            "dy",
            json!({ "data": { "error_code": 2_190_008, "description": "access_token过期" } }),
            broken("token"),
            None,
        ),
        ("dy", json!({ "data": {}, "extra": { "error_code": 28_003_017 } }), broken("quota"), None),
        ("dy", json!({ "err_no": 28_001_018, "data": null }), broken("no-right"), None),
        ("dy", json!({ "data": { "error_code": 0 } }), broken("unreadable"), None),
        ("dy", json!({}), broken("unreadable"), None),
    ]
}

#[tokio::test]
async fn weibo_and_douyin_say_what_they_list() {
    for (what, reply, health, newest) in answers_of_others() {
        let platforms = Platforms::start(Manner { reply: Some(reply.clone()), ..Manner::default() }).await;
        let asker = Asker::new(&platforms.server, 5000.0);
        let platform = if what == "wb" { Platform::Weibo } else { Platform::Douyin };
        let facts = asker.one(platform, Source::OwnerApi, what).await;
        assert_eq!(facts.health, health, "{reply}");
        assert_eq!(facts.newest(day(20)).map(|post| post.day), newest, "{reply}");
        assert!(
            facts.silence(day(20)).is_none() || (facts.health == Health::Ok && newest.is_some()),
            "{reply}"
        );
        let seen = &platforms.server.log()[0];
        let by_header = seen.header("access-token") == Some(CANARY);
        assert!(by_header == (what == "dy") && seen.path.contains(CANARY) == (what == "wb"), "{}", seen.path);
        nothing_secret(&[facts]);
    }
}

#[tokio::test]
async fn pinned_videos_do_not_hide_what_follows() {
    let platforms = Platforms::start(Manner::default()).await;
    let page = |videos: Value, more: bool, cursor: u32| {
        let body = json!({ "data": { "list": videos, "has_more": more, "cursor": cursor } }).to_string();
        Script::reply(200, &[("content-type", "application/json")], body.as_bytes())
    };
    let pinned = json!([video(1_700_000_000, true, 1), video(1_700_000_001, true, 1)]);
    let path =
        |cursor: u32| format!("/api/douyin/v1/video/video_list/?open_id=open-1&cursor={cursor}&count=10");
    platforms.server.on(&path(0), page(pinned.clone(), true, 10));
    platforms.server.on(&path(10), page(json!([video(1_794_879_000, false, 1)]), true, 20));
    let facts = Asker::new(&platforms.server, 5000.0).one(Platform::Douyin, Source::OwnerApi, "dy").await;
    assert_eq!(
        (facts.health.clone(), facts.newest(day(20)).map(|post| post.day)),
        (Health::Ok, Some(day(17)))
    );
    // Nothing but pinned ones, and more to come than is read: the newest is not known.
    platforms.server.on(&path(10), page(pinned.clone(), true, 20));
    platforms.server.on(&path(20), page(pinned, true, 30));
    let facts = Asker::new(&platforms.server, 5000.0).one(Platform::Douyin, Source::OwnerApi, "dy").await;
    assert_eq!((facts.until, facts.silence(day(20))), (None, None));
}

pub(crate) fn feed(dates: &[&str]) -> Script {
    let item = |at: &&str| {
        format!("<item><title>通知</title><link>http://x/{at}</link><pubDate>{at}</pubDate></item>")
    };
    let items = dates.iter().map(item).collect::<Vec<_>>().concat();
    Script::reply(
        200,
        &[("content-type", "application/rss+xml")],
        format!("<rss><channel>{items}</channel></rss>").as_bytes(),
    )
}

pub(crate) fn wechat_page(name: &str, at: i64) -> Script {
    Script::html(format!(
        "<script>var nickname = htmlDecode(\"{name}\"); var ct = \"{at}\"; var msg_title = '通知';</script>"
    ))
}

#[tokio::test]
async fn the_ladder_goes_on_until_something_recent_shows() {
    let server = Server::start().await;
    let asker = Asker::new(&server, 5000.0);
    server.on("/s/old", wechat_page("示例发布", 1_793_500_000));
    server.on("/feed", feed(&["2026-11-19"]));
    let rungs = [
        (Source::Export, ""),
        (Source::Attested, "http://mp.weixin.qq.com/s/old"),
        (Source::Feed, "http://other.test/feed"),
        (Source::Feed, "http://other.test/never"),
    ];
    let table = AccountFacts {
        until: Some(day(16)),
        posts: vec![Post::on(day(1), "旧", None)],
        ..AccountFacts::new(Source::Export, "表", Health::Ok)
    };
    let seems_silent = account(Platform::Wechat, &rungs);
    let gathered = asker.sources().gather(&seems_silent, vec![table.clone()], as_of()).await;
    let sources: Vec<_> = gathered.iter().map(|facts| facts.source).collect();
    assert_eq!(sources, [Source::Export, Source::Attested, Source::Feed], "the hint ended it");
    let fresh = AccountFacts { posts: vec![Post::on(day(19), "新", None)], ..table };
    let before = server.log().len();
    let gathered = asker.sources().gather(&seems_silent, vec![fresh], as_of()).await;
    assert_eq!(
        (gathered.len(), server.log().len()),
        (1, before),
        "nothing is asked where a table shows a recent post"
    );
    let unknown = account(Platform::Wechat, &[(Source::OwnerApi, "没有"), (Source::Person, "")]);
    let gathered = asker.sources().gather(&unknown, Vec::new(), as_of()).await;
    assert_eq!(
        gathered.iter().map(|facts| facts.health.clone()).collect::<Vec<_>>(),
        [broken("no-credentials")]
    );
}

#[tokio::test]
async fn six_thousand_accounts_keep_the_limits_of_each_host() {
    let _alone = kit::office::alone().await;
    let server = Server::start().await;
    let gauge = Arc::new(Mutex::new((0_usize, 0_usize)));
    server.otherwise(
        |seen| if seen.path == "/robots.txt" { Script::status(404) } else { feed(&["2026-11-18"]) },
    );
    let rate = 60.0;
    let asker = Asker::new(&server, rate);
    // All of one host stand together in the register, as an office would list them.
    let accounts: Vec<_> = (0..6_000)
        .map(|n| {
            (
                n,
                account(Platform::Weibo, &[(Source::Feed, &format!("http://{}/{n}", HOSTS[n / 500]))]),
                Vec::new(),
            )
        })
        .collect();
    let mut done = vec![false; 6_000];
    gather_all(asker.sources(), accounts, as_of(), |index, facts| {
        let mut gauge = gauge.lock().expect("no panic");
        gauge.0 += 1;
        gauge.1 += facts.iter().map(|facts| facts.posts.len()).sum::<usize>();
        assert!(!std::mem::replace(&mut done[index], true), "told once");
    })
    .await;
    assert_eq!(*gauge.lock().expect("no panic"), (6_000, 6_000));
    let mut hosts: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
    for seen in server.log() {
        hosts.entry(seen.host).or_default().push(seen.at);
    }
    assert_eq!(hosts.len(), 12);
    for (host, times) in hosts {
        for window in times.windows(61) {
            assert!(
                window[60] - window[0] >= Duration::from_secs(1),
                "{host}: more than {rate} within a second"
            );
        }
    }
    // Some dozens hold a connection and an answer at a time, however many accounts there are.
    assert!(server.connections() <= 100, "{}", server.connections());
}

#[tokio::test]
async fn no_log_shows_a_secret() {
    use tracing_subscriber::fmt::MakeWriter;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl<'a> MakeWriter<'a> for Kept {
        type Writer = Self;
        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }
    let kept = Kept::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(kept.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    tracing::trace!("the log is kept");
    let (_, _platforms) =
        wechat(Manner { published: published(&[18]), refused: (1, 42001), ..Manner::default() }).await;
    let platforms =
        Platforms::start(Manner { reply: Some(json!({ "statuses": [] })), ..Manner::default() }).await;
    let asker = Asker::new(&platforms.server, 5000.0);
    for (platform, what) in [(Platform::Weibo, "wb"), (Platform::Douyin, "dy")] {
        let _ = asker.one(platform, Source::OwnerApi, what).await;
    }
    let _ = asker.one(Platform::Weibo, Source::Feed, "http://feed.test/weibo/user/1").await;
    assert!(!format!("{:?}{:?}", asker.config, asker.http).contains(CANARY));
    let log = String::from_utf8_lossy(&kept.0.lock().expect("no panic")).into_owned();
    assert!(log.contains("the log is kept"), "a log that can show something");
    assert!(!log.contains(CANARY), "{log}");
}
