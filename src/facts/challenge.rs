//! Firewalls and bot checks that answer in a site's place, recognised by status, headers and the head of the body.

/// How much of a body is looked at.
const HEAD_BYTES: usize = 96 * 1024;
/// Pages with more visible text than this are content that happens to mention a firewall.
const MOST_VISIBLE: usize = 1500;

/// A page that comes with status 200 and shows more characters than this is no challenge, whatever it says.
pub(super) const MOST_OF_A_PLAIN_ANSWER: usize = 400;

/// Signs that stand in the source of challenge pages only, with the name reported. Compared in lower case.
const SOURCE_SIGNS: &[(&str, &str)] = &[
    ("__jsl_clearance", "jsl"),
    ("/cdn-cgi/challenge-platform", "cloudflare"),
    ("cf-browser-verification", "cloudflare"),
    ("cf_chl_opt", "cloudflare"),
    ("acw_sc__v2", "aliyun"),
    ("acw_sc__v3", "aliyun"),
    ("errors.aliyun.com", "aliyun"),
    ("aliyun_waf", "aliyun"),
    ("aliyunwaf", "aliyun"),
    ("$_ts=window", "ruishu"),
    ("$_ts.nsd", "ruishu"),
    ("$_ts.cd", "ruishu"),
    ("window['$_ts']", "ruishu"),
    ("techaro", "anubis"),
    ("anubis_challenge", "anubis"),
    ("safeline", "safeline"),
    ("/.safeline/", "safeline"),
    ("yunsuo_session", "yunsuo"),
    ("yunsuoautojump", "yunsuo"),
    ("security_verify_data", "yunsuo"),
    ("safedog", "safedog"),
    ("knownsec", "knownsec"),
    ("yundun.console", "aliyun"),
    ("waf.tencent", "tencent"),
    ("wafblock", "waf"),
    ("waf-block", "waf"),
    ("dbappwaf", "dbapp"),
    ("_wafuid", "waf"),
    ("topsec_waf", "topsec"),
    ("d.nsfocus", "nsfocus"),
    ("sangfor", "sangfor"),
    ("probe.js?cv", "waf"),
    ("__tst_status", "waf"),
    ("eo_bot_ssid", "tencent"),
    ("hwwafsesid", "huawei"),
    ("hwclouds-dns", "huawei"),
    ("imperva", "imperva"),
    ("_incapsula_resource", "imperva"),
    ("ddos-guard", "ddos-guard"),
    ("/_guard/", "guard"),
    ("guardret", "guard"),
];

/// What challenge pages say to a reader.
const SPOKEN_SIGNS: &[(&str, &str)] = &[
    ("创宇盾", "knownsec"),
    ("安全狗", "safedog"),
    ("云锁", "yunsuo"),
    ("雷池", "safeline"),
    ("长亭", "safeline"),
    ("玄武盾", "dbapp"),
    ("网站防火墙", "waf"),
    ("web应用防火墙", "waf"),
    ("您的访问可能对网站造成威胁", "waf"),
    ("可能对网站造成威胁", "waf"),
    ("您的请求带有不合法参数", "waf"),
    ("请求可能存在威胁", "waf"),
    ("疑似黑客攻击", "waf"),
    ("疑似攻击行为", "waf"),
    ("访问被拦截", "waf"),
    ("请求已被拦截", "waf"),
    ("请求被拦截", "waf"),
    ("已被拦截", "waf"),
    ("您的访问被阻断", "waf"),
    ("访问被阻断", "waf"),
    ("访问已被阻断", "waf"),
    ("触发了安全防护", "waf"),
    ("访问行为存在异常", "waf"),
    ("您的访问过于频繁", "rate-limit"),
    ("访问过于频繁", "rate-limit"),
    ("访问频率过高", "rate-limit"),
    ("操作过于频繁", "rate-limit"),
    ("您的ip已被", "waf"),
    ("您的ip地址已被", "waf"),
    ("ip已被封禁", "waf"),
    ("正在进行安全检查", "bot-check"),
    ("正在检查您的浏览器", "bot-check"),
    ("浏览器安全检查", "bot-check"),
    ("人机验证", "bot-check"),
    ("请完成安全验证", "bot-check"),
    ("安全验证中", "bot-check"),
    ("请完成验证", "bot-check"),
    ("checking your browser", "bot-check"),
    ("just a moment...", "cloudflare"),
    ("making sure you're not a bot", "anubis"),
    ("making sure you&#39;re not a bot", "anubis"),
    ("attention required! | cloudflare", "cloudflare"),
    ("please enable cookies", "bot-check"),
    ("request blocked", "waf"),
    ("access denied", "waf"),
    ("this request has been blocked", "waf"),
    ("the requested url was rejected", "f5"),
];

/// The short name of the firewall or check that answered, or `None` where the site itself seems to have. `text_head` is the
/// beginning of the decoded body, markup included.
pub fn challenge(status: Option<u16>, headers: &[(String, String)], text_head: &str) -> Option<String> {
    if let Some(named) = by_headers(status, headers) {
        return Some(named.to_owned());
    }
    let text_head = text_head.get(..text_head.floor_char_boundary(HEAD_BYTES)).unwrap_or(text_head);
    let head = text_head.to_ascii_lowercase();
    let visible = visible_chars(&head);
    let find = |signs: &[(&str, &'static str)]| {
        signs.iter().find(|(sign, _)| head.contains(sign)).map(|(_, name)| *name)
    };
    if visible <= MOST_OF_A_PLAIN_ANSWER
        && let Some(name) = find(SOURCE_SIGNS)
    {
        return Some(name.to_owned());
    }
    if visible <= MOST_VISIBLE
        && (status.is_none_or(|status| status != 200) || visible <= MOST_OF_A_PLAIN_ANSWER)
        && let Some(name) = find(SPOKEN_SIGNS)
    {
        return Some(name.to_owned());
    }
    match status {
        // These codes are a bot check's own; no page of a site answers with them.
        Some(412 | 468 | 521) => Some(format!("status-{}", status.unwrap_or_default())),
        Some(202 | 403 | 405 | 429 | 503) if visible <= 200 && sets_cookie_by_script(&head) => {
            Some("script-cookie".to_owned())
        }
        Some(200) | None if visible <= 40 && sets_cookie_by_script(&head) && head.contains("reload") => {
            Some("script-cookie".to_owned())
        }
        Some(429) => Some("rate-limit".to_owned()),
        _ => None,
    }
}

fn by_headers(status: Option<u16>, headers: &[(String, String)]) -> Option<&'static str> {
    let refused = status.is_some_and(|status| status >= 400 || status == 202);
    for (name, value) in headers {
        let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
        match &*name {
            "cf-mitigated" => return Some("cloudflare"),
            "server" if refused && value.contains("safeline") => return Some("safeline"),
            "server"
                if refused
                    && ["yunjiasu", "waf", "knownsec", "jiasule", "yundun", "safedog"]
                        .iter()
                        .any(|sign| value.contains(sign)) =>
            {
                return Some("waf");
            }
            "x-powered-by-anquanbao" if refused => return Some("anquanbao"),
            "x-via-jsl" if status == Some(521) => return Some("jsl"),
            "set-cookie" if refused && value.contains("__jsl") => return Some("jsl"),
            "set-cookie" if refused && value.contains("acw_sc") => return Some("aliyun"),
            _ => {}
        }
    }
    None
}

fn sets_cookie_by_script(head: &str) -> bool {
    head.contains("<script")
        && (head.contains("document.cookie")
            || head.contains("document['cookie']")
            || head.contains("\\x63\\x6f\\x6f\\x6b\\x69\\x65"))
}

/// Characters outside tags, scripts and styles, of a text in lower case.
fn visible_chars(html: &str) -> usize {
    let mut count = 0;
    let mut rest = html;
    while let Some(open) = memchr::memchr(b'<', rest.as_bytes()) {
        let (before, tag) = rest.split_at(open);
        count += before.chars().filter(|c| !c.is_whitespace()).count();
        if count > MOST_VISIBLE {
            return count;
        }
        let closer = [
            ("<script", "</script"),
            ("<style", "</style"),
            ("<noscript", "</noscript"),
            ("<title", "</title"),
            ("<!--", "-->"),
        ]
        .iter()
        .find(|(opener, _)| tag.starts_with(opener));
        let close = match closer {
            Some((_, closer)) => {
                memchr::memmem::find(tag.as_bytes(), closer.as_bytes()).map(|at| at + closer.len())
            }
            None => memchr::memchr(b'>', tag.as_bytes()).map(|at| at + 1),
        };
        rest = tag.get(close.unwrap_or(tag.len())..).unwrap_or_default();
        if closer.is_some_and(|(opener, _)| *opener != "<!--") {
            rest = rest.split_once('>').map_or("", |(_, rest)| rest);
        }
    }
    count + rest.chars().filter(|c| !c.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_and_pages() {
        let named = |status, body: &str| challenge(status, &[], body);
        assert_eq!(
            named(Some(412), "<html><script>$_ts=window['$_ts']</script></html>").as_deref(),
            Some("ruishu")
        );
        assert_eq!(named(Some(412), "").as_deref(), Some("status-412"));
        assert_eq!(
            named(Some(521), "<script>document.cookie='__jsl_clearance_s=1'</script>").as_deref(),
            Some("jsl")
        );
        assert_eq!(named(Some(403), "<h1>您的访问可能对网站造成威胁，已被拦截</h1>").as_deref(), Some("waf"));
        assert_eq!(
            named(Some(200), "<title>Making sure you're not a bot!</title>").as_deref(),
            Some("anubis")
        );
        assert_eq!(
            named(Some(202), "<script>document.cookie='a=1';location.reload()</script>").as_deref(),
            Some("script-cookie")
        );
        assert_eq!(named(Some(200), "<p>网站安全狗提醒您</p>").as_deref(), Some("safedog"));
        assert_eq!(named(Some(404), "<h1>404</h1>"), None);
        assert_eq!(named(Some(403), "<h1>403 Forbidden</h1>"), None);
        let article =
            format!("<p>{}</p>", "我市召开网络安全会议，部署网站防火墙建设，通报访问被拦截情况。".repeat(30));
        assert_eq!(named(Some(200), &article), None);
        assert_eq!(
            challenge(Some(403), &[("CF-Mitigated".to_owned(), "challenge".to_owned())], "").as_deref(),
            Some("cloudflare")
        );
    }
}
