//! Pages of the platforms in the shapes in which their sources stand: whose they are, when published, and what hides them.

use super::*;
use crate::calendar::end_of_day;

fn as_of() -> Instant8 {
    end_of_day(NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date"))
}

fn page(url: &str, html: &str) -> Seen<Article> {
    read(html.as_bytes(), Some("text/html; charset=utf-8"), url, 200, &[], as_of())
}

fn said(article: &Article) -> (String, Option<String>) {
    (article.names.first().cloned().unwrap_or_default(), article.published.map(|stamp| stamp.to_string()))
}

#[test]
fn articles_of_wechat() {
    let url = "https://mp.weixin.qq.com/s?__biz=MzA5OTk5OTk5OQ==&mid=2650000000&idx=1";
    for html in [
        r#"<html><head><meta property="og:title" content="供暖通知"><meta property="og:article:author" content="李某"></head><body><script>
            var biz = "MzA5OTk5OTk5OQ=="||""; var nickname = htmlDecode("示例交通"); var user_name = "gh_0123456789ab"; var ct = "1794879000"; var msg_title = '供暖\x26通知'.html(false);</script></body></html>"#,
        r#"<a href="javascript:;" class="wx_tap_link" id="js_name"> 示例交通 </a><em id="publish_time" class="rich">2026-11-17 09:30</em>"#,
        r"<script>window.cgiDataNew = { nick_name: JsDecode('示例交通'), user_name: JsDecode('gh_0123456789ab'), ori_create_time: JsDecode('1794879000') }</script>",
        r#"<strong class="profile_nickname">示例交通</strong><script>var publish_time = "2026-11-17" || "";</script>"#,
    ] {
        let article = page(url, html).expect("an article");
        let (name, published) = said(&article);
        assert_eq!(name, "示例交通", "{html}");
        assert!(published.as_deref().is_some_and(|at| at.starts_with("2026-11-17")), "{published:?} {html}");
        assert_eq!(article.is_of("示例 交通", ""), Some(true));
        assert_eq!(article.is_of("别处发布", ""), Some(false));
        assert_eq!(article.is_of("改名以前", "MzA5OTk5OTk5OQ=="), Some(true), "by what the address says");
    }
}

#[test]
fn articles_of_others() {
    let weibo = r#"<script>var $render_data = [{"status":{"created_at":"Tue Nov 17 09:30:00 +0800 2026","id":"5100000000000001","mid":"5100000000000001","text":"<b>通知</b>一则",
        "user":{"id":1234567890,"screen_name":"示例发布"},"retweeted_status":{"created_at":"Sun Nov 01 09:30:00 +0800 2026","id":"4","user":{"screen_name":"别处"}}}}][0] || {};</script>"#;
    let douyin = format!(
        "<script id=\"RENDER_DATA\" type=\"application/json\">{}</script>",
        percent_encoding::utf8_percent_encode(
            r#"{"app":{"videoDetail":{"awemeId":"7400000000000000001","desc":"通知一则","createTime":1794879000,"authorInfo":{"uid":"99","nickname":"示例发布"}},
            "related":[{"awemeId":"7400000000000000002","createTime":1700000000,"authorInfo":{"nickname":"别处"}}]}}"#,
            percent_encoding::NON_ALPHANUMERIC
        )
    );
    let router = r#"<script>window._ROUTER_DATA = {"loaderData":{"video":{"item_list":[{"aweme_id":"7400000000000000001","desc":"通知一则","create_time":1794879000,"author":{"nickname":"示例发布","unique_id":"shili"}}]}}}</script>"#;
    let toutiao = r#"<script id="RENDER_DATA" type="application/json">{"data":{"title":"通知一则","publishTime":"2026-11-17 09:30","itemId":"7400000000000000001","mediaInfo":{"name":"示例发布"}}}</script>"#;
    let ld = r#"<script type="application/ld+json">{"@type":"VideoObject","name":"通知一则","uploadDate":"2026-11-17T01:30:00Z","author":{"name":"示例发布"}}</script>"#;
    let metas = r#"<meta itemprop="datePublished" content="2026-11-17 09:30:00"><meta itemprop="author" name="author" content="示例发布"><title>通知一则</title>"#;
    for (url, html) in [
        ("https://m.weibo.cn/status/5100000000000001", weibo),
        ("https://www.douyin.com/video/7400000000000000001", &*douyin),
        ("https://www.iesdouyin.com/share/video/7400000000000000001/", router),
        ("https://www.toutiao.com/article/7400000000000000001/", toutiao),
        ("https://www.bilibili.com/video/BV1xx411c7mD", metas),
        ("https://www.kuaishou.com/short-video/3x", ld),
    ] {
        let article = page(url, html).expect("an article");
        let (name, published) = said(&article);
        assert_eq!(name, "示例发布", "{url}");
        assert!(
            published.as_deref().is_some_and(|at| at.starts_with("2026-11-17 09:30")),
            "{published:?} {url}"
        );
        assert_eq!(article.platform, platform_of(url));
    }
}

#[test]
fn what_is_hidden_or_gone_is_a_gap() {
    let why = |url: &str, html: &str| page(url, html).expect_err("a gap").why;
    let mp = "https://mp.weixin.qq.com/s/abc";
    assert_eq!(why(mp, "<p>当前环境异常，完成验证后即可继续访问。</p><a>去验证</a>"), "blocked");
    assert_eq!(
        why("https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=x", "<html></html>"),
        "blocked"
    );
    assert_eq!(why("https://weibo.com/1/N", "<title>Sina Visitor System</title>"), "blocked");
    assert_eq!(why(mp, "<p>该内容已被发布者删除</p>"), "deleted");
    assert_eq!(read(b"", None, mp, 404, &[], as_of()).expect_err("a gap").why, "deleted");
    assert_eq!(read(b"", None, mp, 500, &[], as_of()).expect_err("a gap").why, "status-500");
    // An article that speaks of such things is an article.
    let speaks = r#"<script>var nickname = "示例环保"; var ct = "1794879000";</script><p>监测到环境异常，该内容已被发布者删除</p>"#;
    assert_eq!(said(&page(mp, speaks).expect("an article")).0, "示例环保");
    // A profile, a list, an empty shell: nothing that could be taken for the account's.
    let empty = page("https://www.douyin.com/video/1", "<div id=root></div>").expect("a page");
    assert_eq!((empty.names.len(), empty.published, empty.is_of("示例发布", "")), (0, None, None));
}

#[test]
fn of_several_records_only_the_one_that_the_address_names_counts() {
    let two = r#"<script>window.__INITIAL_STATE__={"a":{"id":"700000001","createTime":1794879000,"author":{"nickname":"甲"}},"b":{"id":"700000002","createTime":1700000000,"author":{"nickname":"乙"}}};</script>"#;
    let named = page("https://www.douyin.com/video/700000002", two).expect("a page");
    assert_eq!(said(&named).0, "乙");
    let unnamed = page("https://www.douyin.com/video/9", two).expect("a page");
    assert!(unnamed.names.is_empty() && unnamed.published.is_none());
}

proptest::proptest! {
    #[test]
    fn any_page_is_read(text in "\\PC{0,300}", tail in "(var ct = \"[0-9]{0,12}\"|\\$render_data = |[\\[{]{1,30}|\"createTime\":|<meta |<script id=\"RENDER_DATA\">){0,20}") {
        let _ = page("https://mp.weixin.qq.com/s/a", &format!("{text}{tail}"));
        let _ = page("https://www.douyin.com/video/1", &format!("{tail}{text}"));
    }
}
