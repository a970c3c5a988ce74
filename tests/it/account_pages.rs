//! Feeds and named links as sources of evidence: what they list was published, what hides or breaks says nothing.

use xuncha::facts::account::{Health, Platform, Source};

use crate::account_sources::{Asker, broken, day, feed, nothing_secret, wechat_page};
use crate::kit::platforms::CANARY;
use crate::kit::{Script, Server};

#[tokio::test]
async fn feeds_are_hints_and_keys_stay_at_home() {
    let server = Server::start().await;
    let asker = Asker::new(&server, 5000.0);
    for (script, health, posts) in [
        (feed(&["2026-11-17", "2026-11-02"]), Health::Partial, 2),
        (feed(&["2027-11-17", "2026-11-17"]), Health::Partial, 1),
        (feed(&["2026-10-01"]), broken("frozen"), 1),
        (feed(&[]), broken("empty-feed"), 0),
        (feed(&["无"]), broken("empty-feed"), 0),
        (Script::html("<h1>登录</h1>"), broken("not-a-feed"), 0),
        (Script::status(403), broken("no-right"), 0),
        (Script::status(432), broken("quota"), 0),
        (Script::status(503), broken("status-503"), 0),
        (Script::reset(), broken("cut"), 0),
        (Script::silence(), broken("timeout"), 0),
    ] {
        server.on("other.test /a", script);
        let facts = asker.one(Platform::Weibo, Source::Feed, "http://other.test/a").await;
        assert_eq!((&facts.health, facts.posts.len()), (&health, posts));
        assert_eq!(facts.silence(day(20)), None);
    }
    // The digest of the path and the key.
    let code = "5657eb51db3795ce7d798499e79dd3e1";
    server.on(&format!("feed.test /weibo/user/1?code={code}"), feed(&["2026-11-17"]));
    let facts = asker.one(Platform::Weibo, Source::Feed, "http://feed.test/weibo/user/1").await;
    assert_eq!((facts.health.clone(), facts.posts.len()), (Health::Partial, 1), "{:?}", server.paths());
    assert!(server.paths().iter().all(|path| !path.contains(CANARY)), "the key itself never leaves");
    nothing_secret(std::slice::from_ref(&facts));
    assert!(!format!("{facts:?}").contains(code), "nor is its code kept");
}

#[tokio::test]
async fn a_named_link_is_fetched_once_and_read() {
    let server = Server::start().await;
    let asker = Asker::new(&server, 5000.0);
    for (path, script, health) in [
        ("/s/good", wechat_page("示例发布", 1_793_500_000), Health::Ok),
        ("/s/other", wechat_page("别处发布", 1_794_879_000), broken("other-account")),
        ("/s/check", Script::html("<p>当前环境异常，完成验证后即可继续访问</p>"), broken("blocked")),
        ("/s/gone", Script::html("<p>该内容已被发布者删除</p>"), broken("deleted")),
        ("/s/404", Script::status(404), broken("deleted")),
        ("/s/nobody", Script::html("<p>2026-11-17</p>"), broken("no-identity")),
        ("/s/undated", Script::html("<script>var nickname = \"示例发布\";</script>"), broken("no-date")),
        ("/s/500", Script::status(500), broken("status-500")),
        ("/s/reset", Script::reset(), broken("cut")),
        ("/s/captcha", Script::redirect(302, "/mp/wappoc_appmsgcaptcha?x=1"), broken("blocked")),
    ] {
        server.on("/mp/wappoc_appmsgcaptcha?x=1", Script::html("<html></html>"));
        server.on(path, script);
        let facts =
            asker.one(Platform::Wechat, Source::Attested, &format!("http://mp.weixin.qq.com{path}")).await;
        assert_eq!(facts.health, health, "{path}: {facts:?}");
        if health == Health::Ok {
            // What the unit itself called its newest on the 19th is from the 1st: that is a silence.
            assert_eq!(facts.silence(day(20)), Some((day(1), day(19))));
            assert_eq!(facts.sha256.len(), 64);
        } else {
            assert_eq!((facts.silence(day(20)), facts.posts.len()), (None, 0), "{path}");
        }
    }
    let times = server.paths().into_iter().filter(|path| path == "/s/good").count();
    assert_eq!(times, 1);
    let facts = asker.one(Platform::Weibo, Source::Attested, "http://mp.weixin.qq.com/s/good").await;
    assert_eq!(facts.health, broken("other-platform"));
}

#[tokio::test]
async fn robots_txt_of_a_platform_holds_until_the_office_decides() {
    let server = Server::start().await;
    server.on(
        "/robots.txt",
        Script::reply(200, &[("content-type", "text/plain")], b"User-agent: *\nDisallow: /\n"),
    );
    server.on("/s/good", wechat_page("示例发布", 1_794_879_000));
    let mut asker = Asker::new(&server, 5000.0);
    let link = "http://mp.weixin.qq.com/s/good";
    assert_eq!(asker.one(Platform::Wechat, Source::Attested, link).await.health, broken("robots"));
    asker.config.obey_robots = false;
    assert_eq!(asker.one(Platform::Wechat, Source::Attested, link).await.health, Health::Ok);
}
