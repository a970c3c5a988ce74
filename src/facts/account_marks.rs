//! Which new-media accounts a site shows on its home page in pictures: those that may hold a code, and what the codes say.
//!
//! A code of 微信 names nobody, so the words beside it are kept; whether an account is registered is for others to judge.

use serde::{Deserialize, Serialize};

use super::account::Platform;
use super::account_links::{AccountAt, named};
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
    pub fn accounts(&self) -> Vec<AccountAt> {
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
        let Some(raw) = super::pictures::address(page, *id).filter(|raw| !raw.starts_with("data:")) else {
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

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    use crate::facts::tokens;

    fn marks(html: &str) -> AccountMarks {
        let (page, _) = tokens::read(html, &mut || false);
        let url = Url::parse("http://www.jia.gov.cn/").expect("a URL");
        read(&page, &|raw| url.join(raw).ok().map(String::from))
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
        assert_eq!(code.accounts(), [AccountAt { platform: Platform::Weibo, id: "1234567890".to_owned() }]);
    }
}
