//! Pages that are answered with 200 and say of themselves that they are not there.

/// A page longer than this, white space left out, is more than a notice.
const MOST_CHARS: usize = 260;

/// Whole sentences that are a notice wherever they stand on a short page.
const SENTENCES: &[&str] = &[
    "访问的页面不存在",
    "访问的页面已",
    "访问的页面没有找到",
    "访问的页面找不到",
    "访问的网页不存在",
    "访问的网页已",
    "访问的内容不存在",
    "访问的信息不存在",
    "访问的文章不存在",
    "浏览的页面不存在",
    "浏览的页面暂时",
    "浏览的网页不存在",
    "请求的页面不存在",
    "请求的网页不存在",
    "请求的资源不存在",
    "查看的页面不存在",
    "查看的内容不存在",
    "页面不存在或已",
    "页面已被删除",
    "页面已删除",
    "页面找不到了",
    "页面未找到",
    "页面走丢",
    "页面被删除",
    "网页不存在",
    "网页已被删除",
    "页面可能已",
    "内容已被删除",
    "内容不存在或已",
    "信息不存在或已",
    "文章不存在或已",
    "文章已被删除",
    "文章已删除",
    "该信息已被删除",
    "该信息不存在",
    "该文章不存在",
    "该页面不存在",
    "该内容不存在",
    "该栏目不存在",
    "无法找到该页",
    "无法找到该网页",
    "找不到该页",
    "找不到您访问",
    "找不到您要",
    "找不到您请求",
    "没有找到您要访问",
    "没有找到您要的页面",
    "您要找的页面不存在",
    "您要查看的页面不存在",
    "您查找的页面",
    "此页面不存在",
    "抱歉，找不到",
    "对不起，您访问的",
    "抱歉，您访问的",
    "很抱歉，您要访问的",
    "不存在或已被删除",
    "不存在或者已",
    "page not found",
    "the page you requested",
    "the page cannot be found",
    "the requested url was not found",
    "file not found",
    "http 404",
];

/// Words that are a notice only as a title or on a page that says hardly anything else.
const TITLES: &[&str] = &[
    "404",
    "页面不存在",
    "页面未找到",
    "找不到页面",
    "页面丢失",
    "not found",
    "找不到网页",
    "无法找到",
    "出错了",
    "错误页面",
    "页面出错",
];

/// The phrase by which a short page says that it does not exist; `None` for any page that says more than that.
pub fn says_not_found(title: &str, text: &str) -> Option<String> {
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).take(MOST_CHARS + 1).collect();
    if squeezed.chars().nth(MOST_CHARS).is_some() {
        return None;
    }
    let (title, text) = (title.to_ascii_lowercase(), text.to_ascii_lowercase());
    let squeezed = squeezed.to_ascii_lowercase();
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(said) =
        SENTENCES.iter().find(|said| squeezed.contains(&said.replace(' ', "")) || flat.contains(*said))
    {
        return Some((*said).to_owned());
    }
    let named = TITLES.iter().find(|word| is_named(&title, word));
    if let Some(word) = named
        && (squeezed.chars().nth(120).is_none() || squeezed.starts_with(word))
    {
        return Some((*word).to_owned());
    }
    let tiny = squeezed.chars().nth(40).is_none();
    TITLES.iter().find(|word| tiny && is_named(squeezed.trim(), word)).map(|word| (*word).to_owned())
}

/// A word that is the whole name or stands at its edge; `404` inside a longer number is none.
fn is_named(name: &str, word: &str) -> bool {
    let trimmed = name.trim();
    let Some(at) = trimmed.find(word) else { return false };
    let (before, after) =
        (trimmed.get(..at).unwrap_or_default(), trimmed.get(at + word.len()..).unwrap_or_default());
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    if digit(before.chars().next_back()) || digit(after.chars().next()) {
        return false;
    }
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let goes_on = after.is_empty()
        || apart(after.chars().next())
        || ["错误", "页", "not", "error", "找不到", "未找到"].iter().any(|next| after.starts_with(next));
    word != "404"
        || (apart(before.chars().next_back()) || before.ends_with("http") || before.ends_with("错误"))
            && goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_and_articles() {
        for (title, text, want) in [
            ("提示信息", "404\n抱歉，您访问的页面不存在或已被删除！", true),
            ("404", "返回首页", true),
            ("404 Not Found", "404 Not Found nginx", true),
            ("某县人民政府", "您访问的页面不存在，5秒后返回首页", true),
            ("出错了", "系统提示 该信息不存在 返回", true),
            ("某县人民政府", "首页 要闻 公告", false),
            ("第404期政府公报", "第404期政府公报目录：一、关于印发实施方案的通知", false),
            (
                "关于清理网站错链的通知",
                &"部分页面不存在、链接打不开，请各单位在本月底前自查整改并报送情况。".repeat(12),
                false,
            ),
            ("关于1404号提案的答复", "您提出的提案收悉", false),
        ] {
            assert_eq!(says_not_found(title, text).is_some(), want, "{title}: {text}");
        }
    }
}
