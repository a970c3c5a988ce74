//! What single cells say of new-media accounts: platforms, states, identifiers, days, sources of evidence.

use chrono::NaiveDate;

use super::cell::{Words, one_of};
use super::{AccountStatus, SourceSpec};
use crate::config::{printable, web_url};
use crate::facts::account::{Platform, Source};

const PLATFORMS: &[Words<Platform>] = &[
    (
        Platform::Wechat,
        &[
            "微信公众号",
            "公众号",
            "微信",
            "订阅号",
            "服务号",
            "微信订阅号",
            "微信服务号",
            "政务微信",
            "wechat",
        ],
    ),
    (Platform::Channels, &["微信视频号", "视频号", "channels"]),
    (Platform::Weibo, &["微博", "新浪微博", "政务微博", "weibo"]),
    (Platform::Douyin, &["抖音", "抖音号", "抖音短视频", "douyin"]),
    (Platform::Kuaishou, &["快手", "快手号", "kuaishou"]),
    (Platform::Toutiao, &["今日头条", "头条", "头条号", "今日头条号", "toutiao"]),
    (Platform::Baijiahao, &["百家号", "百度百家号", "baijiahao"]),
    (Platform::Bilibili, &["B站", "哔哩哔哩", "bilibili"]),
    (Platform::Xiaohongshu, &["小红书", "xiaohongshu"]),
    (Platform::WechatMini, &["微信小程序", "小程序", "wechat-mini"]),
    (Platform::AlipayMini, &["支付宝小程序", "alipay-mini"]),
    (Platform::App, &["APP", "移动客户端", "客户端", "政务APP", "手机客户端", "移动应用"]),
    (Platform::Other, &["其他", "其它", "other"]),
];
const STATUSES: &[Words<AccountStatus>] = &[
    (AccountStatus::Running, &["正常运行", "运行", "正常", "在用", "运行中", "running"]),
    (AccountStatus::ClosingRequested, &["申请关停", "拟关停", "申请注销", "closing-requested"]),
    (AccountStatus::ClosingAnnounced, &["关停公告中", "公告中", "关停公告", "closing-announced"]),
    (AccountStatus::Cancelled, &["已注销", "注销", "已关停", "关停", "cancelled"]),
];
const SOURCES: &[Words<Source>] = &[
    (Source::Export, &["导出表", "导出", "export"]),
    (Source::Attested, &["链接", "报送链接", "link"]),
    (Source::Person, &["人工", "人工核查", "person"]),
    (Source::OwnerApi, &["接口", "平台接口", "api"]),
    (Source::Feed, &["订阅", "订阅源", "RSS", "feed"]),
];
const YES_NO: &[Words<bool>] = &[
    (true, &["是", "有", "能", "√", "yes", "true", "1"]),
    (false, &["否", "无", "没有", "不能", "×", "no", "false", "0"]),
];

/// 平台, and its name as written where it is 其他: `其他（学习强国）`.
pub(crate) fn platform(text: &str) -> Result<(Platform, String), String> {
    let named = text.strip_prefix("其他").or_else(|| text.strip_prefix("其它"));
    if let Some(named) = named {
        let named = named.trim_matches(['（', '）', '(', ')', '-', '：', ':', ' ']);
        return Ok((Platform::Other, named.to_owned()));
    }
    one_of(text, PLATFORMS).map(|platform| (platform, String::new()))
}

/// 平台 as a foreign table writes it, loosely: `微信公众号（订阅号）`, `新浪微博账号`.
pub(crate) fn platform_in(text: &str) -> Option<Platform> {
    if let Ok((platform, _)) = platform(text) {
        return Some(platform);
    }
    // The longest word that stands in the text: 微信小程序 before 微信.
    let words =
        PLATFORMS.iter().flat_map(|(platform, words)| words.iter().map(move |word| (*platform, *word)));
    let lower = text.to_ascii_lowercase();
    words
        .filter(|(_, word)| word.chars().count() > 1 && lower.contains(&word.to_ascii_lowercase()))
        .max_by_key(|(_, word)| word.chars().count())
        .map(|(platform, _)| platform)
}

/// 状态 of an account.
pub(crate) fn status(text: &str) -> Result<AccountStatus, String> {
    one_of(text, STATUSES)
}

/// 是 or 否, 有 or 无.
pub(crate) fn yes_no(text: &str) -> Result<bool, String> {
    one_of(text, YES_NO)
}

/// A platform's identifier of an account.
pub(crate) fn identifier(text: &str) -> Result<String, String> {
    let upper = text.to_ascii_uppercase();
    if upper.contains("E+") && text.parse::<f64>().is_ok() {
        return Err(format!("“{}”被表格软件写成了科学计数法，请先把该列设为文本再重新录入", printable(text)));
    }
    if text.chars().any(char::is_whitespace) || text.chars().count() > 200 {
        return Err(format!("“{}”不是账号ID，其中不能有空格", printable(text)));
    }
    Ok(text.to_owned())
}

/// A day, or a month as hand-kept tables write it (`2021.3`, `2021年3月`): then its first day.
pub(crate) fn day_or_month(text: &str) -> Result<NaiveDate, String> {
    let wrong = match crate::config::date(text) {
        Ok(day) => return Ok(day),
        Err(wrong) => wrong,
    };
    // A table that knows times writes them behind the day.
    if let Some((day, _)) = text.split_once([' ', 'T'])
        && let Ok(day) = crate::config::date(day)
    {
        return Ok(day);
    }
    let unified = text.replace(['/', '-', '年'], ".");
    let unified = unified.trim_end_matches(['月', '.']);
    let parts = unified.split_once('.').and_then(|(year, month)| {
        let month = if month.len() <= 2 { month.parse::<u32>().ok()? } else { return None };
        (year.len() == 4).then_some((year.parse::<i32>().ok()?, month))
    });
    parts.and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1)).ok_or(wrong)
}

/// One source: `导出表`, `链接 https://… 2026-11-16`, `人工`, `接口 NAME`, `订阅 https://…`.
pub(crate) fn source(text: &str) -> Result<SourceSpec, String> {
    let (word, rest) = text.split_once([' ', '：', '\u{3000}']).unwrap_or((text, ""));
    let kind = one_of(word, SOURCES)?;
    let mut what = rest.trim().trim_start_matches('：').trim().to_owned();
    let mut stated = None;
    if let Some((before, last)) = what.rsplit_once(' ')
        && let Ok(day) = crate::config::date(last)
    {
        stated = Some(day);
        what = before.trim().to_owned();
    }
    match kind {
        Source::Attested | Source::Feed => {
            if what.is_empty() {
                return Err(format!("“{}”后面应写网址，如 {word} https://…", printable(text)));
            }
            what = web_url(&what).map(|url| url.to_string())?;
        }
        Source::OwnerApi if what.is_empty() => {
            return Err(format!("“{}”后面应写密钥配置中的名称", printable(text)));
        }
        Source::OwnerApi => {}
        Source::Export | Source::Person => {
            if !what.is_empty() || stated.is_some() {
                return Err(format!("“{}”后面不用写内容，佐证表放在佐证文件夹即可", printable(text)));
            }
        }
    }
    if stated.is_some() && kind != Source::Attested {
        return Err(format!("“{}”：只有“链接”后面可以写日期", printable(text)));
    }
    Ok(SourceSpec { kind, what, stated })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_in_the_words_of_tables() {
        for (text, found) in [
            ("微信公众号（订阅号）", Some(Platform::Wechat)),
            ("微信小程序", Some(Platform::WechatMini)),
            ("新浪微博账号", Some(Platform::Weibo)),
            ("抖音政务号", Some(Platform::Douyin)),
            ("移动客户端（APP）", Some(Platform::App)),
            ("门户", None),
        ] {
            assert_eq!(platform_in(text), found, "{text}");
        }
        assert_eq!(platform("其他（学习强国）"), Ok((Platform::Other, "学习强国".to_owned())));
        assert!(platform("微傅").is_err());
    }

    #[test]
    fn sources_and_days() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 16);
        let link = source("链接 https://mp.weixin.qq.com/s/abc 2026-11-16").expect("a source");
        assert_eq!(
            (link.kind, link.what.as_str(), link.stated),
            (Source::Attested, "https://mp.weixin.qq.com/s/abc", day)
        );
        assert_eq!(source("接口：jtj").map(|s| s.what), Ok("jtj".to_owned()));
        for wrong in
            ["链接", "导出表 a.xlsx", "订阅 abc", "短信", "接口", "订阅 https://a.example/ 2026-11-16"]
        {
            assert!(source(wrong).is_err(), "{wrong}");
        }
        assert_eq!(day_or_month("2021.3"), Ok(NaiveDate::from_ymd_opt(2021, 3, 1).expect("a date")));
        assert_eq!(day_or_month("2021年03月"), Ok(NaiveDate::from_ymd_opt(2021, 3, 1).expect("a date")));
        assert!(day_or_month("2021.30").is_err() && day_or_month("去年").is_err());
        assert!(identifier("1.23E+15").is_err() && identifier("gh_0123").is_ok());
    }
}
