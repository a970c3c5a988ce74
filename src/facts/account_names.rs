//! Accounts that a text invites to follow by their names: `欢迎关注“示例发布”微信公众号`.
//!
//! What a news item says in passing of somebody's account is none: the name must stand in quotation marks beside the platform's
//! word, and an invitation in the same line.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::account::Platform;

/// Words of platforms beside which names stand.
const WORDS: [(&str, Platform); 9] = [
    ("公众号", Platform::Wechat),
    ("公众平台", Platform::Wechat),
    ("视频号", Platform::Channels),
    ("微博", Platform::Weibo),
    ("抖音", Platform::Douyin),
    ("快手", Platform::Kuaishou),
    ("头条号", Platform::Toutiao),
    ("百家号", Platform::Baijiahao),
    ("小红书", Platform::Xiaohongshu),
];
/// What makes of a mention an invitation.
const INVITING: [&str; 7] = ["关注", "扫码", "扫一扫", "扫描", "我们的", "搜索", "添加"];
/// Characters before the name, or the platform's word, among which the invitation stands.
const BEFORE: usize = 24;
/// Beginnings of names that belong to no office of a city or county.
const OF_OTHERS: [&str; 9] = ["国家", "中国", "全国", "国务院", "中央", "人民", "新华", "央视", "学习强国"];
/// What stands between quotation marks and is no name.
const NO_NAMES: [&str; 12] =
    ["微信", "公众号", "二维码", "扫一扫", "点击", "菜单", "关注", "服务", "办理", "查询", "预约", "小程序"];
const QUOTES: [(char, char); 6] =
    [('“', '”'), ('"', '"'), ('「', '」'), ('『', '』'), ('【', '】'), ('‘', '’')];

/// The accounts that a text names in an invitation, each once: platform and name as written.
pub fn invited(text: &str) -> Vec<(Platform, String)> {
    static FINDERS: LazyLock<Vec<(Finder<'static>, usize, Platform)>> = LazyLock::new(|| {
        WORDS.iter().map(|(word, platform)| (Finder::new(*word), word.len(), *platform)).collect()
    });
    let mut found: Vec<(Platform, String)> = Vec::new();
    for (finder, length, platform) in FINDERS.iter() {
        for at in finder.find_iter(text.as_bytes()) {
            let start = text.get(..at).unwrap_or_default();
            let start = start.rsplit_once('\n').map_or(start, |(_, line)| line);
            let end = text.get(at + length..).unwrap_or_default();
            let end = end.split_once('\n').map_or(end, |(line, _)| line);
            let (before, name) = match (behind(start), ahead(end)) {
                (Some(found), None) => found,
                (None, Some(name)) => (start, name),
                // Which of two is the account's nobody can tell.
                _ => continue,
            };
            let name = name.trim_start_matches('@');
            if !is_inviting(before) || !is_name(name) {
                continue;
            }
            if !found.iter().any(|(of, known)| of == platform && known == name) {
                found.push((*platform, name.to_owned()));
            }
        }
    }
    found
}

/// Whether a name is that of an account which no office of a city or county keeps.
pub fn is_of_others(name: &str) -> bool {
    OF_OTHERS.iter().any(|start| name.starts_with(start))
}

/// `“示例发布”官方微信` before the platform's word: what stands before the name, and the name.
fn behind(start: &str) -> Option<(&str, &str)> {
    let mut rest = start.trim_end();
    while let Some(shorter) =
        ["微信", "新浪", "官方", "政务", "的"].iter().find_map(|filler| rest.strip_suffix(filler))
    {
        rest = shorter.trim_end();
    }
    let (open, close) = QUOTES.iter().find(|(_, close)| rest.ends_with(*close))?;
    let inner = rest.strip_suffix(*close)?;
    let (before, name) = inner.rsplit_once(*open)?;
    Some((before, name))
}

/// `：“示例发布”` after the platform's word.
fn ahead(end: &str) -> Option<&str> {
    let mut rest = end.trim_start_matches([':', '：', '—', ' ', '\u{3000}']);
    for filler in ["账号", "平台", "名称"] {
        rest = rest.strip_prefix(filler).unwrap_or(rest);
    }
    let rest = rest.trim_start_matches([':', '：', ' ', '\u{3000}']);
    let (_, close) = QUOTES.iter().find(|(open, _)| rest.starts_with(*open))?;
    let mut inner = rest.chars();
    inner.next();
    inner.as_str().split_once(*close).map(|(name, _)| name)
}

fn is_inviting(before: &str) -> bool {
    let from = before.char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let near = before.get(from..).unwrap_or_default();
    INVITING.iter().any(|word| near.contains(word))
}

fn is_name(name: &str) -> bool {
    let chars = name.chars().count();
    (3..=16).contains(&chars)
        && name.chars().filter(|c| !c.is_ascii()).count() >= 2
        && !name.contains(|c: char| c.is_whitespace() || "，。；、！？：".contains(c))
        && !is_of_others(name)
        && !NO_NAMES.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invitations_name_accounts_and_nothing_else_does() {
        for (text, platform, name) in [
            ("欢迎关注“示例发布”微信公众号。", Platform::Wechat, "示例发布"),
            ("关注我们的微信公众号“示例文旅”，了解更多", Platform::Wechat, "示例文旅"),
            ("请扫码关注 “示例交通” 官方微信公众号", Platform::Wechat, "示例交通"),
            ("微信搜索公众号：【示例医保】办理", Platform::Wechat, "示例医保"),
            ("更多资讯请关注新浪微博“@示例公安”", Platform::Weibo, "示例公安"),
            ("扫一扫关注\"平安示例\"抖音", Platform::Douyin, "平安示例"),
        ] {
            assert_eq!(invited(text), [(platform, name.to_owned())], "{text}");
        }
        for text in [
            "据“示例生活圈”微信公众号报道，昨日",
            "关注微信公众号，点击“办事大厅”",
            "请关注“国家反诈中心”微信公众号",
            "关注我们的微信公众号",
            "关注公众号\n“示例发布”",
            "我市“示例发布”公众号获奖",
            "关注公众号“点击关注”",
            "关注公众号“这一句话里有逗号，不是名称”",
            "关注公众号“没有写完",
            "关注“示例发布”公众号“办事大厅”",
        ] {
            assert_eq!(invited(text), [], "{text}");
        }
        assert_eq!(invited(&"关注“示例发布”公众号。".repeat(3)).len(), 1);
    }

    #[test]
    fn any_text_is_read() {
        for text in ["”公众号", "“”公众号", "公众号“", "关注公众号\"\"", "\u{1F600}公众号\u{1F600}关注“"]
        {
            assert_eq!(invited(text), [], "{text}");
        }
    }
}
