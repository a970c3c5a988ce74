//! Which new-media accounts a site shows on its home page in pictures: those that may hold a code, and what the codes say.
//!
//! A code of 微信 names nobody, so the words beside it are kept; whether an account is registered is for others to judge.

use serde::{Deserialize, Serialize};
use url::Url;

use super::account::Platform;
use super::article::platform_of;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::regions::fold;

/// Pictures of one page that are looked at.
const MAX_PICTURES: usize = 12;
/// Characters beside a picture that may tell what it is.
const BESIDE: usize = 40;

/// The accounts that a home page shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountMarks {
    /// Pictures that may hold a code, with what was found in them.
    pub account_codes: Vec<AccountCode>,
}

/// An account as an address names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Named {
    /// Its platform.
    pub platform: Platform,
    /// Its identifier on the platform; empty where the address only leads there and names nobody (a code of 微信, a short
    /// address).
    pub id: String,
}

/// A picture that may hold a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountCode {
    /// The picture.
    pub image: String,
    /// Its description and the words beside it.
    pub text: String,
    /// The account's name in them.
    pub name: Option<String>,
    /// The platform they speak of.
    pub platform: Option<Platform>,
    /// What its codes say; empty where it holds none, `None` where it was not looked at.
    pub says: Option<Vec<String>>,
    /// Why it was not looked at, or could not be read.
    pub gap: Option<String>,
}

impl AccountCode {
    /// The accounts that its codes lead to.
    pub fn accounts(&self) -> Vec<Named> {
        self.says.iter().flatten().filter_map(|said| named(said)).collect()
    }
}

/// Reads the marks off a home page.
pub fn read(page: &Outline, resolve: &dyn Fn(&str) -> Option<String>) -> AccountMarks {
    AccountMarks { account_codes: pictures(page, resolve) }
}

/// The pictures that may hold a code, the likeliest first. One that shows when somebody points at a sign is hidden until then, so
/// that visibility says nothing here.
fn pictures(page: &Outline, resolve: &dyn Fn(&str) -> Option<String>) -> Vec<AccountCode> {
    let images: Vec<NodeId> =
        page.ids().skip(1).filter(|id| page.node(*id).tag == Tag::Img && !page.node(*id).inert).collect();
    let text_at = |at: Option<&NodeId>| at.map(|id| page.node(*id).text_start);
    let mut found: Vec<(u32, AccountCode)> = Vec::new();
    for (n, id) in images.iter().enumerate() {
        let Some(raw) = super::links::picture(page, *id).filter(|raw| !raw.starts_with("data:")) else {
            continue;
        };
        let before = text_at(n.checked_sub(1).and_then(|n| images.get(n))).unwrap_or(0);
        let after = text_at(images.get(n + 1)).unwrap_or(u32::MAX);
        let text = words_of(page, *id, before, after);
        let weight = weigh(raw, &text);
        if weight == 0 {
            continue;
        }
        let Some(image) = resolve(raw) else { continue };
        if !found.iter().any(|(_, known)| known.image == image) {
            let (name, platform) = (name_in(&text), spoken_of(&text));
            found.push((weight, AccountCode { image, name, platform, text, says: None, gap: None }));
        }
    }
    // Stable: among equals the order of the page.
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    found.truncate(MAX_PICTURES);
    found.into_iter().map(|(_, code)| code).collect()
}

/// A picture's description and the words just before and after it: between the pictures on either side (the places in the text
/// where they stand), and no farther away than two elements around it reach.
fn words_of(page: &Outline, id: NodeId, before: u32, after: u32) -> String {
    let node = page.node(id);
    let around = page
        .ancestors(id)
        .take(2)
        .last()
        .map_or((0, u32::MAX), |around| (page.node(around).text_start, page.node(around).text_end));
    let left = page.text_between(before.max(around.0).min(node.text_start), node.text_start);
    let right = page.text_between(node.text_end, after.min(around.1).max(node.text_end));
    let filled = |line: &&str| !line.trim().is_empty();
    let short = |line: &str| fold(line).chars().take(BESIDE).collect::<String>();
    let described = [Attr::Alt, Attr::Title].into_iter().filter_map(|attr| page.attr(id, attr)).map(fold);
    let mut words: Vec<String> = described.collect();
    words.extend(right.lines().find(filled).map(short));
    words.extend(left.lines().rev().find(filled).map(short));
    words.retain(|word| !word.is_empty());
    words.dedup();
    words.join(" ").chars().take(120).collect()
}

/// How likely a picture holds an account's code; 0: it is not looked at.
fn weigh(raw: &str, text: &str) -> u32 {
    const WORDS: [&str; 4] = ["二维码", "扫一扫", "扫码", "公众号"];
    const FILES: [&str; 8] = ["qrcode", "ewm", "erweima", "2weima", "qr_", "_qr", "/qr", "gzh"];
    const PLATFORMS: [&str; 12] = [
        "微信",
        "微博",
        "抖音",
        "快手",
        "视频号",
        "头条",
        "百家号",
        "小红书",
        "哔哩",
        "B站",
        "新媒体",
        "客户端",
    ];
    const PLATFORM_FILES: [&str; 10] =
        ["weixin", "wechat", "weibo", "douyin", "kuaishou", "toutiao", "wx.", "wx_", "wb.", "dy."];
    // Marks of the state are pictures in the same places.
    const OTHERS: [&str; 7] = ["党政机关", "事业单位", "网站标识", "找错", "无障碍", "适老", "12377"];
    if OTHERS.iter().any(|word| text.contains(word)) && !WORDS.iter().any(|word| text.contains(word)) {
        return 0;
    }
    let file = raw.rsplit('/').next().unwrap_or(raw).to_ascii_lowercase();
    let file = file.split(['?', '#']).next().unwrap_or_default();
    let any = |words: &[&str], text: &str| u32::from(words.iter().any(|word| text.contains(word)));
    8 * any(&WORDS, text)
        + 4 * any(&FILES, &format!("/{file}"))
        + 2 * any(&PLATFORMS, text)
        + any(&PLATFORM_FILES, file)
}

/// The platform that some words speak of.
fn spoken_of(text: &str) -> Option<Platform> {
    const WORDS: [(&str, Platform); 14] = [
        ("视频号", Platform::Channels),
        ("小程序", Platform::WechatMini),
        ("公众号", Platform::Wechat),
        ("微信", Platform::Wechat),
        ("微博", Platform::Weibo),
        ("抖音", Platform::Douyin),
        ("快手", Platform::Kuaishou),
        ("头条", Platform::Toutiao),
        ("百家号", Platform::Baijiahao),
        ("哔哩", Platform::Bilibili),
        ("B站", Platform::Bilibili),
        ("小红书", Platform::Xiaohongshu),
        ("客户端", Platform::App),
        ("APP", Platform::App),
    ];
    WORDS.iter().find(|(word, _)| text.contains(word)).map(|(_, platform)| *platform)
}

/// The name of an account in the words that go with it: what is left of them without those that every account has.
fn name_in(text: &str) -> Option<String> {
    const COMMON: [&str; 34] = [
        "微信公众平台",
        "微信公众号",
        "微信订阅号",
        "微信服务号",
        "公众号",
        "微信视频号",
        "视频号",
        "微信小程序",
        "小程序",
        "微信",
        "新浪微博",
        "腾讯微博",
        "微博",
        "抖音号",
        "抖音",
        "快手号",
        "快手",
        "今日头条",
        "头条号",
        "百家号",
        "哔哩哔哩",
        "B站",
        "小红书",
        "二维码",
        "扫一扫",
        "扫描",
        "扫码",
        "关注我们",
        "关注",
        "官方",
        "政务新媒体",
        "新媒体",
        "手机客户端",
        "客户端",
    ];
    text.split_whitespace().filter(|word| !word.is_ascii()).find_map(|word| {
        let left = COMMON.iter().fold(word.to_owned(), |left, common| left.replace(common, " "));
        let parts = left.split(|c: char| c.is_whitespace() || ":：,，、。！!|（）()《》“”\"—-".contains(c));
        let name = parts.max_by_key(|part| part.chars().count())?;
        (3..=20).contains(&name.chars().count()).then(|| name.to_owned())
    })
}

/// The account that an address names, or leads to; `None` for an article, a share button, or any other page.
pub fn named(address: &str) -> Option<Named> {
    let url = Url::parse(address.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = url.host_str()?.trim_start_matches("www.").trim_start_matches("m.").to_owned();
    let parts: Vec<&str> =
        url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let query =
        |wanted: &str| url.query_pairs().find(|(key, _)| key == wanted).map(|(_, value)| value.into_owned());
    let platform = platform_of(url.as_str());
    #[allow(clippy::match_same_arms, reason = "one arm a platform")]
    let id = match (&*host, parts.as_slice()) {
        // A code that opens the account in the programme; it says whose only there.
        ("weixin.qq.com", ["r" | "q" | "g", _])
        | ("v.douyin.com" | "v.kuaishou.com" | "xhslink.com" | "b23.tv", [_, ..]) => String::new(),
        ("mp.weixin.qq.com", ["mp", "profile_ext" | "homepage" | "getmasssendmsg" | "appmsgalbum"]) => {
            query("__biz")?
        }
        ("mp.weixin.qq.com", ["a", _]) => {
            return Some(Named { platform: Platform::WechatMini, id: String::new() });
        }
        ("weibo.com" | "weibo.cn" | "e.weibo.com", ["u" | "profile" | "n", id]) => (*id).to_owned(),
        ("weibo.com", ["p", page]) => {
            page.get(6..).filter(|id| page.starts_with("100") && is_number(id))?.to_owned()
        }
        ("weibo.cn", ["qr", "userinfo"]) => query("uid")?,
        ("weibo.com" | "e.weibo.com" | "weibo.cn", [id]) if is_user_name(id) => (*id).to_owned(),
        ("douyin.com", ["user", id]) | ("iesdouyin.com", ["share", "user", id]) => (*id).to_owned(),
        ("kuaishou.com", ["profile", id]) | ("live.kuaishou.com", ["u" | "profile", id]) => (*id).to_owned(),
        ("toutiao.com", ["c", "user", "token", id] | ["c", "user", id]) => (*id).to_owned(),
        ("space.bilibili.com", [id, ..]) if is_number(id) => (*id).to_owned(),
        ("xiaohongshu.com", ["user", "profile", id]) => (*id).to_owned(),
        ("author.baidu.com", ["home", id]) => {
            return Some(Named { platform: Platform::Baijiahao, id: (*id).to_owned() });
        }
        ("qr.alipay.com" | "m.alipay.com", [_, ..]) => {
            return Some(Named { platform: Platform::AlipayMini, id: String::new() });
        }
        _ => return None,
    };
    Some(Named { platform: platform?, id })
}

fn is_number(text: &str) -> bool {
    text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A user's own address on 微博; its own pages have addresses as short.
fn is_user_name(text: &str) -> bool {
    const OWN: [&str; 16] = [
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
        "newlogin",
        "mygroups",
        "at",
        "settings",
        "topgov",
        "gov",
    ];
    (4..=30).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && !OWN.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tokens;

    fn marks(html: &str) -> AccountMarks {
        let (page, _) = tokens::read(html, &mut || false);
        let url = Url::parse("http://www.jia.gov.cn/").expect("a URL");
        read(&page, &|raw| url.join(raw).ok().map(String::from))
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

    #[test]
    fn a_home_page_shows_its_accounts() {
        let found = marks(
            "<body><div class=nav><a href='https://weibo.com/u/1234567890'>示例发布新浪微博</a><a href='https://weibo.com/u/1234567890'><img src=wb.png></a>\
             <a href='https://service.weibo.com/share/share.php'>分享</a></div><div><img src=/images/banner.jpg><img src='/images/logo.png' alt='甲市人民政府'></div>\
             <div class=footer><div><img src='/images/1.jpg'><p>示例交通微信公众号</p></div><p>扫一扫</p><img src='../ewm2.png' alt=''><img src=red.png alt='党政机关网站标识'>\
             <div style='display:none'><img src=dy.png title='示例文旅抖音号'></div></div></body>",
        );
        let codes: Vec<_> = found
            .account_codes
            .iter()
            .map(|code| {
                (code.image.rsplit('/').next().unwrap_or_default(), code.platform, code.name.as_deref())
            })
            .collect();
        assert_eq!(
            codes,
            [
                ("ewm2.png", None, None),
                ("1.jpg", Some(Platform::Wechat), Some("示例交通")),
                ("wb.png", Some(Platform::Weibo), Some("示例发布")),
                ("dy.png", Some(Platform::Douyin), Some("示例文旅")),
            ]
        );
    }

    #[test]
    fn codes_lead_to_accounts() {
        let code = AccountCode {
            image: "a".to_owned(),
            text: String::new(),
            name: None,
            platform: None,
            says: Some(vec![
                "https://weibo.com/u/1234567890".to_owned(),
                "https://www.jia.gov.cn/".to_owned(),
            ]),
            gap: None,
        };
        assert_eq!(code.accounts(), [Named { platform: Platform::Weibo, id: "1234567890".to_owned() }]);
    }
}
