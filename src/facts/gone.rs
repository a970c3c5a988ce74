//! Statements that what was asked for is not there, by their parts: a thing (页面, 信息 …), what is said of it (不存在, 已下线 …), and
//! something that points to what the reader asked for (您要查看的, 该 …) or nothing beside them.

/// What a reader asks a site for.
const THING: &[&str] = &[
    "网页面",
    "网页",
    "页面",
    "页",
    "信息",
    "内容",
    "文章",
    "资源",
    "文件",
    "事项",
    "栏目",
    "稿件",
    "文档",
    "新闻",
    "链接",
    "资讯",
];
/// What is said of a thing that is not there; neither 失效 nor 取消, which are said of rules and of matters that are settled.
const GONE: &[&str] = &[
    "不存在",
    "未找到",
    "找不到",
    "没找到",
    "没有找到",
    "无法找到",
    "无法显示",
    "无法访问",
    "走丢",
    "未通过审核",
    "未通过审批",
    "未经审核",
    "未经审批",
];
/// What was done to a thing that is not there any more.
const DONE: &[&str] = &["已经", "已", "被"];
const REMOVED: &[&str] = &["删除", "下线", "下架", "移除", "移走"];
/// What points to the thing that the reader asked for.
const POINTING: &[&str] = &[
    "您",
    "你",
    "访问的",
    "请求的",
    "浏览的",
    "查看的",
    "查找的",
    "要找的",
    "打开的",
    "点击的",
    "该",
    "此",
    "这个",
    "这篇",
    "这条",
    "当前",
];
const LOST: &[&str] = &["找不到", "没找到", "没有找到", "无法找到"];
/// What ends a clause.
const ENDS: &[char] = &['，', '。', '；', '！', '？', ',', ';', '!', '?', '“', '”', '《', '》'];

/// The statements of a text without white space: of a thing that something points to, wherever they stand; of a thing that
/// nothing points to, only as the whole first clause.
pub(super) fn statements(squeezed: &str) -> impl Iterator<Item = &str> {
    let pointed = squeezed.split(ENDS).filter_map(|clause| {
        clause.char_indices().find_map(|(at, _)| {
            let clause = clause.get(at..)?;
            clause.get(..clause.len() - pointed(clause)?.len())
        })
    });
    pointed.chain(bare(squeezed))
}

/// What follows a statement that begins a clause, of a thing that something points to.
fn pointed(clause: &str) -> Option<&str> {
    let thing_is_gone = |rest| within(rest, 10, |rest| within(word(rest, THING)?, 6, gone));
    let pointed_thing =
        |rest| within(rest, 4, |rest| within(word(rest, POINTING)?, 8, |rest| word(rest, THING)));
    word(clause, POINTING).and_then(thing_is_gone).or_else(|| word(clause, LOST).and_then(pointed_thing))
}

/// The statement that is a text's whole first clause.
fn bare(text: &str) -> Option<&str> {
    let lead = word(text, &["系统提示", "提示", "很抱歉", "抱歉", "对不起"]).unwrap_or(text);
    let clause = lead.strip_prefix(['：', ':', '，', ',', '！', '!']).unwrap_or(lead);
    let rest = gone(word(clause, THING)?)?;
    let tail = rest.split(ENDS).next().unwrap_or_default();
    tail.chars().nth(4).is_none().then(|| clause.get(..clause.len() - rest.len())).flatten()
}

/// What follows the words, at the beginning of a text, that say that a thing is gone.
fn gone(text: &str) -> Option<&str> {
    word(text, GONE).or_else(|| within(word(text, DONE)?, 8, |rest| word(rest, REMOVED)))
}

/// What follows one of some words at the beginning of a text.
fn word<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| text.strip_prefix(word))
}

/// What `found` gives at the first place that at most so many characters stand before.
fn within<'a>(text: &'a str, most: usize, found: impl Fn(&'a str) -> Option<&'a str>) -> Option<&'a str> {
    text.char_indices().take(most + 1).find_map(|(at, _)| found(text.get(at..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_that_are_gone() {
        for text in [
            "您访问的信息已被删除或不存在",
            "您所访问的信息已被删除或不存在",
            "该事项不存在或已下架",
            "抱歉，您要查看的信息已下线，5秒后自动返回首页",
            "信息不存在",
            "请求的页面找不到",
            "您要查看的信息不存在或者还未通过审批",
            "您浏览的网页可能已被删除、重命名或暂时不可用",
            "此内容已被发布者删除",
            "该文章不存在!",
            "没有找到您要查看的文章",
        ] {
            assert!(statements(text).next().is_some(), "{text}");
        }
        for text in [
            "该文件已失效",
            "该事项已取消",
            "该项目信息已公开",
            "此件主动公开",
            "申请公开的信息不属于本机关",
            "您要查看的信息请到服务大厅咨询",
            "系统内没有该单位的登记信息",
            "经检索，政府信息不存在的，应当告知申请人",
            "本栏目信息已更新",
        ] {
            assert_eq!(statements(text).next(), None, "{text}");
        }
    }
}
