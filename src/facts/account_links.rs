//! Which new-media account an address leads to, read off it alone, and the accounts that a site shows and the register lacks.

use serde::{Deserialize, Serialize};
use url::Url;

use super::account::Platform;
use crate::finding::Look;

/// An account that pages of a site show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountAt {
    /// 平台.
    pub platform: Platform,
    /// The platform's identifier as the address has it; where a site only names the account, that name; empty where it does
    /// neither.
    pub id: String,
}

/// By what a site shows an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// A link to its home.
    #[default]
    Link,
    /// A code that leads to its home.
    Code,
    /// A code that opens it and names nobody, with words beside it.
    NamelessCode,
    /// Its name in a sentence that invites to follow it.
    Text,
}

/// An account that a site shows and the register lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlisted {
    /// 标识码 of the site.
    pub site: String,
    /// 网站名称.
    pub site_name: String,
    /// 平台.
    pub platform: Platform,
    /// As in [`AccountAt::id`].
    pub id: String,
    /// By what the site shows it.
    #[serde(default)]
    pub shown: Shown,
    /// The link's text, or the text of the picture that it is.
    pub text: String,
    /// The address.
    pub url: String,
    /// The first page that carries it.
    pub page: String,
    /// Pages that carry it.
    pub pages: u32,
    /// True where at least half of the site's pages carry it: then it is the site's own word and no passing mention.
    pub everywhere: bool,
    /// True where the home page shows it, as a link or as a code.
    #[serde(default)]
    pub on_home: bool,
    /// Whether the register could be compared: an entry without the platform's identifier may be this one.
    pub comparable: bool,
    /// What was asked and answered when the page was read.
    pub look: Option<Look>,
}

/// The account that an address names, or leads to (then without an identifier: a code of 微信, a short address); `None` for an
/// article, a share button, or any other page: a post that is quoted may be anybody's.
pub fn named(address: &str) -> Option<AccountAt> {
    let url = Url::parse(address.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = url.host_str()?.trim_start_matches("www.").trim_start_matches("m.").to_owned();
    let steps: Vec<&str> = url.path_segments()?.filter(|step| !step.is_empty()).collect();
    let query =
        |wanted: &str| url.query_pairs().find(|(key, _)| key == wanted).map(|(_, value)| value.into_owned());
    let (platform, id) = match (&*host, steps.as_slice()) {
        // A code that opens the account in the programme; it says whose only there.
        ("weixin.qq.com", ["r" | "q" | "g", _]) => (Platform::Wechat, String::new()),
        ("mp.weixin.qq.com", ["a", _]) => (Platform::WechatMini, String::new()),
        ("v.douyin.com", [_, ..]) => (Platform::Douyin, String::new()),
        ("v.kuaishou.com", [_, ..]) => (Platform::Kuaishou, String::new()),
        ("xhslink.com", [_, ..]) => (Platform::Xiaohongshu, String::new()),
        ("b23.tv", [_, ..]) => (Platform::Bilibili, String::new()),
        ("qr.alipay.com", [_, ..]) => (Platform::AlipayMini, String::new()),
        ("mp.weixin.qq.com", ["mp", "profile_ext" | "homepage" | "getmasssendmsg" | "appmsgalbum"]) => {
            (Platform::Wechat, query("__biz").filter(|id| !id.is_empty())?)
        }
        ("weibo.com" | "weibo.cn" | "e.weibo.com", ["u" | "profile" | "n", id]) => {
            (Platform::Weibo, (*id).to_owned())
        }
        ("weibo.com", ["p", page]) => {
            let id = page.get(6..).filter(|id| page.starts_with("100") && is_number(id))?;
            (Platform::Weibo, id.to_owned())
        }
        ("weibo.cn", ["qr", "userinfo"]) => (Platform::Weibo, query("uid")?),
        ("weibo.com" | "e.weibo.com" | "weibo.cn", [id]) if is_user_name(id) => {
            (Platform::Weibo, (*id).to_owned())
        }
        ("douyin.com", ["user", id]) | ("iesdouyin.com", ["share", "user", id]) => {
            (Platform::Douyin, (*id).to_owned())
        }
        ("kuaishou.com", ["profile", id]) | ("live.kuaishou.com", ["u" | "profile", id]) => {
            (Platform::Kuaishou, (*id).to_owned())
        }
        ("toutiao.com", ["c", "user", "token", id] | ["c", "user", id]) => {
            (Platform::Toutiao, (*id).to_owned())
        }
        ("space.bilibili.com", [id, ..]) if is_number(id) => (Platform::Bilibili, (*id).to_owned()),
        ("xiaohongshu.com", ["user", "profile", id]) => (Platform::Xiaohongshu, (*id).to_owned()),
        ("author.baidu.com", ["home", id]) => (Platform::Baijiahao, (*id).to_owned()),
        _ => return None,
    };
    (id.is_empty() || is_identifier(&id)).then_some(AccountAt { platform, id })
}

/// The same where the address names the account: what the register can be compared with.
pub fn account_at(address: &str) -> Option<AccountAt> {
    named(address).filter(|at| !at.id.is_empty())
}

fn is_number(text: &str) -> bool {
    text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_identifier(id: &str) -> bool {
    (3..=120).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-=.%".contains(&b))
}

/// A user's own address on 微博; its own pages have addresses as short.
fn is_user_name(text: &str) -> bool {
    const OWN: [&str; 18] = [
        "login",
        "signup",
        "hot",
        "share",
        "search",
        "home",
        "index.php",
        "login.php",
        "ajax",
        "tv",
        "p",
        "about",
        "newlogin",
        "mygroups",
        "at",
        "settings",
        "topgov",
        "gov",
    ];
    (3..=30).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && !OWN.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_of_accounts_and_nothing_else() {
        for (url, found) in [
            ("https://weibo.com/u/1234567890", Some((Platform::Weibo, "1234567890"))),
            ("https://weibo.com/shilifabu?is_all=1", Some((Platform::Weibo, "shilifabu"))),
            ("https://weibo.com/1234567890/Abc123", None),
            ("https://weibo.com/login.php", None),
            ("https://service.weibo.com/share/share.php?url=x", None),
            ("https://www.douyin.com/user/MS4wLjABAAAAabc?x=1", Some((Platform::Douyin, "MS4wLjABAAAAabc"))),
            ("https://www.douyin.com/video/7300000000000000000", None),
            ("https://space.bilibili.com/12345/video", Some((Platform::Bilibili, "12345"))),
            ("https://mp.weixin.qq.com/s/abcdef", None),
            (
                "https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=MzA5==&scene=124",
                Some((Platform::Wechat, "MzA5==")),
            ),
            ("https://www.toutiao.com/c/user/token/MS4w/", Some((Platform::Toutiao, "MS4w"))),
            ("https://www.shili.gov.cn/weibo.com/u/1", None),
            ("javascript:;", None),
        ] {
            let at = account_at(url);
            assert_eq!(at.as_ref().map(|a| (a.platform, a.id.as_str())), found, "{url}");
        }
    }

    #[test]
    fn addresses_of_accounts_and_of_other_things() {
        let of = |url: &str| named(url).map(|named| (named.platform, named.id));
        for (url, platform, id) in [
            ("https://weibo.com/u/1234567890?from=x", Platform::Weibo, "1234567890"),
            ("https://www.weibo.com/shilifabu", Platform::Weibo, "shilifabu"),
            ("http://weibo.com/p/1001061234567890/home", Platform::Weibo, ""),
            ("https://m.weibo.cn/u/1234567890", Platform::Weibo, "1234567890"),
            ("http://weixin.qq.com/r/abcd", Platform::Wechat, ""),
            (
                "https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=MzA5==#wechat_redirect",
                Platform::Wechat,
                "MzA5==",
            ),
            ("https://www.douyin.com/user/MS4wLjABAAAAx", Platform::Douyin, "MS4wLjABAAAAx"),
            ("https://v.douyin.com/iAbC/", Platform::Douyin, ""),
            ("https://www.toutiao.com/c/user/token/MS4w/?source=x", Platform::Toutiao, "MS4w"),
            ("https://space.bilibili.com/1234567", Platform::Bilibili, "1234567"),
            ("https://mp.weixin.qq.com/a/~abc~~", Platform::WechatMini, ""),
        ] {
            let want = if url.contains("/p/") { None } else { Some((platform, id.to_owned())) };
            assert_eq!(of(url), want, "{url}");
        }
        assert_eq!(
            of("http://weibo.com/p/1001061234567890"),
            Some((Platform::Weibo, "1234567890".to_owned()))
        );
        for url in [
            "https://mp.weixin.qq.com/s?__biz=MzA5&mid=1",
            "https://mp.weixin.qq.com/s/abc",
            "https://service.weibo.com/share/share.php?url=x",
            "https://weibo.com/1234567890/Nabcde",
            "https://weibo.com/login.php",
            "https://weibo.com/",
            "https://www.douyin.com/video/7",
            "javascript:void(0)",
            "https://www.jia.gov.cn/weibo.com/u/1234567890",
            "https://weibo.com.evil.example/u/1234567890",
            "mailto:a@weibo.com",
        ] {
            assert_eq!(of(url), None, "{url}");
        }
    }
}
