//! What servers, firewalls and networks answer in place of a page that is well: the raw material of the scenarios.

use xuncha::exchange::{ConnectError, FetchError, OurLimit, ReadError, ResolveError};

/// One answer, or the way in which none came.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// A status with headers and a body.
    Reply(u16, &'static [(&'static str, &'static str)], &'static str),
    /// Redirects that end in such a reply at the last address.
    Led(&'static [&'static str], u16, &'static str),
    /// None came.
    Failed(FetchError),
}

/// A named answer.
pub(crate) type Named = (&'static str, Said);

const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
const PLAIN: &[(&str, &str)] = &[];

/// Firewalls and bot checks: products, public services, home-made ones. Words and codes as public reports show them.
pub(crate) fn walls() -> Vec<Named> {
    let reply = |name, status, body| (name, Said::Reply(status, HTML, body));
    let with = |name, status, headers, body| (name, Said::Reply(status, headers, body));
    vec![
        with(
            "jsl 521 with cookie script",
            521,
            &[("set-cookie", "__jsluid_h=1f; path=/"), ("content-type", "text/html")],
            "<script>document.cookie=('_')+('_')+('jsl_clearance=1763=|0|x');location.href=location.pathname+location.search</script>",
        ),
        reply(
            "jsl second stage 521",
            521,
            "<script>var _0x=['cookie'];document.cookie='__jsl_clearance_s=a';</script>",
        ),
        reply(
            "jsl stage as 200",
            200,
            "<script>document.cookie='__jsl_clearance_s=1690|-1|x';location.href=location.pathname</script>",
        ),
        reply(
            "ruishu 412",
            412,
            "<html><head><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script></head><body></body></html>",
        ),
        reply(
            "ruishu 202",
            202,
            "<html><head><script>$_ts=window['$_ts'];$_ts.cd='qx';</script></head><body></body></html>",
        ),
        reply(
            "ruishu as 200",
            200,
            "<html><head><meta charset=utf-8><script>$_ts=window['$_ts'];$_ts.cd='qx';</script></head><body></body></html>",
        ),
        with("412 bare", 412, PLAIN, ""),
        with("418 bare", 418, PLAIN, ""),
        with("468 bare", 468, PLAIN, ""),
        with("493 bare", 493, PLAIN, ""),
        reply(
            "safeline 468",
            468,
            "<title>安全检测能力由雷池 WAF 提供</title><p>您的访问正在进行安全检查</p>",
        ),
        reply(
            "safeline as 200",
            200,
            "<html><body><div id=slg-box></div><script src='/.safeline/static/challenge.js'></script></body></html>",
        ),
        reply(
            "safeline block 403",
            403,
            "<p>请求存在威胁，已被拦截</p><p>安全检测能力由 长亭雷池 WAF 提供</p>",
        ),
        with(
            "safeline server 404",
            404,
            &[("server", "SafeLine-CE"), ("content-type", "text/html")],
            "<h1>404</h1>",
        ),
        reply(
            "anubis as 200",
            200,
            "<title>Making sure you&#39;re not a bot!</title><p>anubis_challenge</p><script id=x></script>",
        ),
        reply(
            "anubis as 404",
            404,
            "<title>Making sure you're not a bot!</title><script id=anubis_challenge type=application/json>{}</script>",
        ),
        reply(
            "aliyun acw 200",
            200,
            "<html><script>var arg1='3000176000B2';var x='acw_sc__v2';</script></html>",
        ),
        reply(
            "aliyun 405 block",
            405,
            "<title>405</title><p>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</p><img src=//errors.aliyun.com/x.png>",
        ),
        reply(
            "aliyun slider",
            200,
            "<html><body><script src=//g.alicdn.com/aliyun_waf/x.js></script></body></html>",
        ),
        reply(
            "tencent waf 403",
            403,
            "<p>很抱歉，您提交的请求可能对网站造成威胁，请求已被管理员设置的策略阻断</p><a href=//waf.tencent.com>x</a>",
        ),
        reply(
            "tencent edgeone 567",
            567,
            "<title>Restricted Access</title><p>The request is blocked by the security policy.</p>",
        ),
        reply(
            "edgeone script",
            200,
            "<script>document.cookie='EO_Bot_Ssid=1;path=/';location.reload()</script>",
        ),
        with(
            "huawei 418",
            418,
            &[("set-cookie", "HWWAFSESID=7; path=/"), ("content-type", "text/html")],
            "<title>访问被拦截！</title>",
        ),
        reply("knownsec 403", 403, "<p>当前访问疑似黑客攻击，已被创宇盾拦截</p>"),
        reply("baidu yunjiasu 403", 403, "<title>百度云加速</title><p>您的访问被阻断</p>"),
        with(
            "yunjiasu header 404",
            404,
            &[("server", "yunjiasu-nginx"), ("content-type", "text/html")],
            "<h1>Not Found</h1>",
        ),
        reply(
            "safedog as 200",
            200,
            "<p>网站防火墙 您的请求带有不合法参数，已被网站管理员设置拦截！ 安全狗</p>",
        ),
        reply(
            "safedog 404",
            404,
            "<title>网站安全狗</title><p>您的请求带有不合法参数，已被网站管理员设置拦截</p>",
        ),
        reply(
            "yunsuo cookie",
            200,
            "<script>function YunSuoAutoJump(){}</script><script>document.cookie='security_session_verify=1';location.reload()</script>",
        ),
        reply("yunsuo 404", 404, "<input type=hidden name=security_verify_data value=x>"),
        reply("360 websafe 493", 493, "<p>抱歉，您的访问可能对网站造成威胁，已被云安全拦截</p>"),
        with(
            "anquanbao 405",
            405,
            &[("x-powered-by-anquanbao", "MISS"), ("content-type", "text/html")],
            "blocked",
        ),
        reply("dbapp xuanwudun", 403, "<p>您的访问被拦截，玄武盾提供防护</p>"),
        reply("dbapp 200", 200, "<script>window.dbappwaf=1</script><p>访问行为存在异常</p>"),
        reply("nsfocus 403", 403, "<img src=http://d.nsfocus.com/x><p>请求被拦截</p>"),
        reply("topsec 404", 404, "<!-- topsec_waf --><p>访问已被阻断</p>"),
        reply("sangfor 200", 200, "<script src=/sangfor/af.js></script><p>您的访问被阻断</p>"),
        reply(
            "imperva as 200",
            200,
            "<html><body><iframe src='/_Incapsula_Resource?x=1'></iframe></body></html>",
        ),
        reply(
            "cloudflare 503 just a moment",
            503,
            "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>",
        ),
        reply(
            "cloudflare 403",
            403,
            "<title>Attention Required! | Cloudflare</title><p>Sorry, you have been blocked</p>",
        ),
        with(
            "cloudflare mitigated 404",
            404,
            &[("cf-mitigated", "challenge"), ("content-type", "text/html")],
            "<h1>x</h1>",
        ),
        reply("cloudflare 520", 520, "<p>Web server is returning an unknown error</p>"),
        reply("cloudflare 521", 521, "<p>Web server is down</p>"),
        reply("cloudflare 522", 522, "<p>Connection timed out</p>"),
        reply("cloudflare 523", 523, "<p>Origin is unreachable</p>"),
        reply("cloudflare 524", 524, "<p>A timeout occurred</p>"),
        reply("cloudflare 525", 525, "<p>SSL handshake failed</p>"),
        reply("cloudflare 526", 526, "<p>Invalid SSL certificate</p>"),
        reply("cloudflare 530", 530, "<p>Error 1016</p>"),
        reply(
            "f5 rejected",
            200,
            "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br>Your support ID is: 1</body></html>",
        ),
        reply(
            "f5 rejected 404",
            404,
            "<title>Request Rejected</title>The requested URL was rejected. Please consult with your administrator.",
        ),
        reply(
            "akamai 403",
            403,
            "<H1>Access Denied</H1>You don't have permission to access this on this server. Reference #18.1",
        ),
        reply(
            "ddos-guard",
            403,
            "<title>DDoS-Guard</title><script src='/.well-known/ddos-guard/check'></script>",
        ),
        reply("guard cookie", 200, "<script src='/_guard/auto.js'></script>"),
        reply("generic 202 script", 202, "<script>document.cookie='a=1';location.reload()</script>"),
        reply(
            "generic 403 nginx",
            403,
            "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr><center>nginx</center></body></html>",
        ),
        reply(
            "generic 406",
            406,
            "<h1>Not Acceptable!</h1><p>An appropriate representation could not be found. Mod_Security</p>",
        ),
        with("429 with patience", 429, &[("retry-after", "30")], ""),
        reply("429 words", 429, "<p>您的访问过于频繁，请稍后再试</p>"),
        with("444 as a status", 444, PLAIN, ""),
        with("451", 451, PLAIN, ""),
        with("499", 499, PLAIN, ""),
        with("431", 431, PLAIN, ""),
        with("421 misdirected", 421, PLAIN, ""),
        with("425 too early", 425, PLAIN, ""),
        with("428 precondition required", 428, PLAIN, ""),
        with("402", 402, PLAIN, ""),
        with("409", 409, PLAIN, ""),
        with("999 of a social site", 999, PLAIN, ""),
        with("300 choices", 300, PLAIN, ""),
        reply("rate words as 404", 404, "<p>访问频率过高，请稍后再试</p>"),
        reply("captcha as 404", 404, "<title>安全验证</title><p>请完成安全验证后继续访问</p>"),
        reply("captcha as 200", 200, "<title>安全验证</title><p>请完成验证，滑动滑块到最右侧</p>"),
        reply("slider as 410", 410, "<p>人机验证</p>"),
        reply("browser check as 503", 503, "<p>正在检查您的浏览器，请稍候</p>"),
        reply("geo block 403", 403, "<p>抱歉，本网站仅限境内访问</p>"),
        reply("geo block 451", 451, "<p>根据所在地区限制，无法访问本内容</p>"),
        reply("401 basic", 401, "<p>Unauthorized</p>"),
        reply("407", 407, "<p>Proxy Authentication Required</p>"),
        (
            "login by redirect",
            Said::Led(
                &["http://sso.fine.example/login?service=x"],
                200,
                "<title>统一身份认证</title><form></form>",
            ),
        ),
        (
            "login by oauth",
            Said::Led(&["http://passport.other.example/oauth/authorize?x=1"], 200, "<form></form>"),
        ),
        ("cas login that is 404", Said::Led(&["http://sso.fine.example/cas/login"], 403, "<p>Forbidden</p>")),
        ("cookie asked for in a circle", Said::Failed(FetchError::Ours(OurLimit::Cookies))),
        ("too many redirects", Said::Failed(FetchError::Ours(OurLimit::Redirects))),
        ("robots forbids", Said::Failed(FetchError::Ours(OurLimit::Robots))),
        ("robots unreadable", Said::Failed(FetchError::Ours(OurLimit::RobotsUnreadable))),
        ("head too large", Said::Failed(FetchError::Ours(OurLimit::HeadSize))),
        ("inner address", Said::Failed(FetchError::Ours(OurLimit::InnerAddress))),
        ("silence to programs", Said::Failed(FetchError::Head(ReadError::Timeout))),
        ("reset after the request", Said::Failed(FetchError::Head(ReadError::Cut))),
        ("reset while connecting", Said::Failed(FetchError::Connect(ConnectError::Reset))),
        ("packets dropped", Said::Failed(FetchError::Connect(ConnectError::Timeout))),
        ("garbage in place of a head", Said::Failed(FetchError::Head(ReadError::Malformed))),
        (
            "tls alert handshake_failure",
            Said::Failed(FetchError::Tls("received fatal alert: HandshakeFailure".to_owned())),
        ),
        (
            "tls alert unrecognized_name",
            Said::Failed(FetchError::Tls("received fatal alert: UnrecognisedName".to_owned())),
        ),
        (
            "tls of another age",
            Said::Failed(FetchError::Tls("peer is incompatible: ServerDoesNotSupportTls12Or13".to_owned())),
        ),
        (
            "tls unknown issuer",
            Said::Failed(FetchError::Tls("invalid peer certificate: UnknownIssuer".to_owned())),
        ),
        (
            "maintenance 503",
            Said::Reply(503, HTML, "<title>系统维护</title><p>网站系统升级维护中，请稍后访问</p>"),
        ),
        ("maintenance 503 with patience", Said::Reply(503, &[("retry-after", "3600")], "")),
        (
            "limit_req 503",
            Said::Reply(
                503,
                HTML,
                "<center><h1>503 Service Temporarily Unavailable</h1></center><hr><center>nginx</center>",
            ),
        ),
        (
            "maintenance as 200",
            Said::Reply(
                200,
                HTML,
                "<title>系统维护</title><p>网站系统升级维护中，给您带来不便敬请谅解。</p>",
            ),
        ),
        ("empty 200", Said::Reply(200, HTML, "")),
        ("blank page 200", Said::Reply(200, HTML, "<html><head></head><body></body></html>")),
        ("204", Said::Reply(204, PLAIN, "")),
        ("body stops in a chunk", Said::Failed(FetchError::Body(ReadError::Cut))),
        ("body trickles", Said::Failed(FetchError::Body(ReadError::Timeout))),
        ("gzip breaks off", Said::Failed(FetchError::Body(ReadError::Malformed))),
    ]
}

/// Faults that pass: what a page that is well answers now and then.
pub(crate) fn faults() -> Vec<Named> {
    let fail = |name, error| (name, Said::Failed(error));
    let reply = |name, status, body| (name, Said::Reply(status, HTML, body));
    vec![
        reply("404", 404, "<h1>404 Not Found</h1>"),
        reply("404 in Chinese", 404, "<title>404</title><p>抱歉，您访问的页面不存在</p>"),
        reply("410", 410, "<h1>Gone</h1>"),
        reply("soft 404", 200, "<title>提示信息</title><p>抱歉，您访问的页面不存在或已被删除！</p>"),
        reply("400", 400, "<h1>Bad Request</h1>"),
        reply("405", 405, "<h1>Method Not Allowed</h1>"),
        reply("414", 414, ""),
        reply("500", 500, "<h1>HTTP Status 500</h1>"),
        reply("502", 502, "<center><h1>502 Bad Gateway</h1></center>"),
        reply("503", 503, "<h1>503 Service Unavailable</h1>"),
        reply("504", 504, "<h1>504 Gateway Time-out</h1>"),
        reply("508", 508, ""),
        fail("NXDOMAIN", FetchError::Resolve(ResolveError::NoSuchName)),
        fail("no address", FetchError::Resolve(ResolveError::NoAddress)),
        fail("SERVFAIL", FetchError::Resolve(ResolveError::ServerFailure)),
        fail("names time out", FetchError::Resolve(ResolveError::Timeout)),
        fail("refused", FetchError::Connect(ConnectError::Refused)),
        fail("connect times out", FetchError::Connect(ConnectError::Timeout)),
        fail("reset while connecting", FetchError::Connect(ConnectError::Reset)),
        fail("no route", FetchError::Connect(ConnectError::NoRoute)),
        fail("head times out", FetchError::Head(ReadError::Timeout)),
        fail("goaway or reset before the head", FetchError::Head(ReadError::Cut)),
        fail("not HTTP", FetchError::Head(ReadError::Malformed)),
        fail("body cut", FetchError::Body(ReadError::Cut)),
        fail("redirects in a circle", FetchError::RedirectLoop),
        fail("redirect to nowhere", FetchError::RedirectTarget("javascript:;".to_owned())),
    ]
}

/// Real breakage: what these say always, a visitor finds too.
pub(crate) fn breakages() -> Vec<Named> {
    faults()
        .into_iter()
        .filter(|(name, _)| {
            [
                "404",
                "404 in Chinese",
                "410",
                "soft 404",
                "400",
                "500",
                "502",
                "redirects in a circle",
                "redirect to nowhere",
            ]
            .contains(name)
        })
        .collect()
}
