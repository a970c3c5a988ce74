//! Which new-media account a link leads to, read off its address alone, and the accounts that a site's pages link to.

use serde::{Deserialize, Serialize};
use url::Url;

use super::account::Platform;
use crate::finding::Look;

/// An account that pages of a site link to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountAt {
    /// 平台.
    pub platform: Platform,
    /// The platform's identifier as the address has it.
    pub id: String,
}

/// An account that a site links to and the register lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlisted {
    /// 标识码 of the site.
    pub site: String,
    /// 网站名称.
    pub site_name: String,
    /// 平台.
    pub platform: Platform,
    /// The platform's identifier as the address has it.
    pub id: String,
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

/// The account that an address is the home of; `None` for anything else, single posts included, because a post that is
/// quoted may be anybody's.
pub fn account_at(url: &str) -> Option<AccountAt> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?.strip_prefix("www.").unwrap_or(url.host_str()?);
    let steps: Vec<&str> = url.path_segments()?.filter(|step| !step.is_empty()).collect();
    let (platform, id) = match (host, steps.as_slice()) {
        ("weibo.com" | "m.weibo.cn", ["u", id]) => (Platform::Weibo, *id),
        ("weibo.com" | "m.weibo.cn", [id]) if is_name(id) && !WEIBO_OWN.contains(id) => {
            (Platform::Weibo, *id)
        }
        ("douyin.com", ["user", id]) => (Platform::Douyin, *id),
        ("kuaishou.com", ["profile", id]) => (Platform::Kuaishou, *id),
        ("toutiao.com", ["c", "user", "token", id] | ["c", "user", id]) => (Platform::Toutiao, *id),
        ("space.bilibili.com", [id, ..]) => (Platform::Bilibili, *id),
        ("xiaohongshu.com", ["user", "profile", id]) => (Platform::Xiaohongshu, *id),
        ("author.baidu.com", ["home", id]) => (Platform::Baijiahao, *id),
        ("mp.weixin.qq.com", ["mp", "profile_ext"]) => {
            let biz = url.query_pairs().find(|(name, _)| name == "__biz")?.1.into_owned();
            return (!biz.is_empty()).then_some(AccountAt { platform: Platform::Wechat, id: biz });
        }
        _ => return None,
    };
    is_name(id).then(|| AccountAt { platform, id: id.to_owned() })
}

/// First steps of Weibo's own pages.
const WEIBO_OWN: [&str; 8] = ["signup", "login", "login.php", "newlogin", "hot", "tv", "p", "about"];

fn is_name(id: &str) -> bool {
    (3..=120).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-=.%".contains(&b))
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
}
