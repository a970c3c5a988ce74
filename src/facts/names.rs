//! What a link is called: its text, its title, its picture's description, or the row around it.

use super::dates;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::regions::fold;
use super::rows::is_date_text;

/// Link texts that lead on without being an item.
pub fn leads_on(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "更多",
        "更多...",
        "更多…",
        "更多信息",
        "查看更多",
        "点击更多",
        "more",
        "more...",
        "MORE",
        "More",
        "详情",
        "详细",
        "查看",
        "查看详情",
        "[详情]",
        "[详细]",
        "阅读全文",
        "[阅读全文]",
        "查看全文",
        "全文",
        "首页",
        "上一页",
        "下一页",
        "尾页",
        "末页",
        "上页",
        "下页",
        "前一页",
        "后一页",
        "第一页",
        "最后一页",
        "首 页",
        "尾 页",
        "上一篇",
        "下一篇",
        "跳转",
        "确定",
        "GO",
        "go",
        "返回",
        "返回顶部",
        "回到顶部",
        "TOP",
        "打印",
        "关闭",
        "打印本页",
        "关闭窗口",
        "大",
        "中",
        "小",
        "收藏",
        "分享",
        "登录",
        "注册",
        "搜索",
        "下载",
        "点击下载",
        "在线办理",
        "附件",
        "前页",
        "后页",
        "转到",
        "刷新",
        "查询",
        "简体",
        "繁体",
        "无障碍",
        "长者模式",
        "English",
        "RSS订阅",
        "网站地图",
        "设为首页",
        "加入收藏",
        "点击查看",
        "点击查看详情",
        "了解更多",
        "more>>",
        "更多>>",
        "更多>",
        "更多+",
        "+更多",
        "...",
        "…",
        "展开",
        "收起",
    ];
    let bare = text
        .trim_matches(|c: char| c.is_whitespace() || "<>《》»«›‹[]【】()（）·.+-|_/\\→←>＞＜…".contains(c));
    bare.is_empty()
        || bare.chars().all(|c| c.is_ascii_digit())
        || WORDS.contains(&bare)
        || WORDS.contains(&text)
}

/// Link texts that lead to the thing their row names.
pub fn leads_in(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "查看",
        "查看详情",
        "详情",
        "详细",
        "查看详细",
        "点击查看",
        "下载",
        "点击下载",
        "附件",
        "附件下载",
        "查阅",
        "浏览",
        "在线查看",
        "全文",
    ];
    WORDS.contains(&text.trim_matches(|c: char| c.is_whitespace() || "[]【】<>《》>›».".contains(c)))
}

/// The longest name in a dated row whose only link says no more than 查看.
pub fn named_by_row(page: &Outline, link: NodeId) -> Option<String> {
    let row = page.ancestors(link).take(5).find(|up| matches!(page.node(*up).tag, Tag::Li | Tag::Tr))?;
    let text = page.text_of(row);
    if text.len() > 1500 || dates::find(text, true).is_empty() {
        return None;
    }
    if page.inside(row).filter(|id| page.node(*id).tag == Tag::A).nth(1).is_some() {
        return None;
    }
    let names = page
        .inside(row)
        .filter(|id| page.node(*id).tag == Tag::Text && !(link..page.node(link).end).contains(id))
        .map(|id| fold(page.text_of(id)));
    names
        .filter(|name| name.chars().nth(5).is_some() && !is_date_text(name))
        .max_by_key(|name| name.chars().count())
}

/// The text of an anchor that names what it leads to.
pub fn anchor_text(page: &Outline, id: NodeId) -> String {
    let text = page.text_of(id);
    let mut best = String::new();
    if text.contains('\n') {
        // Several lines: the heading inside, else the first line that is a name and no date.
        let heading = page.inside(id).take(60).find(|inner| {
            let tag = page.node(*inner).tag;
            (tag.is_heading() || tag == Tag::Dt) && !page.text_of(*inner).trim().is_empty()
        });
        if let Some(heading) = heading {
            best = fold(page.text_of(heading));
        } else {
            let mut lines = text.lines().map(fold);
            best =
                lines.find(|line| line.chars().nth(3).is_some() && !is_date_text(line)).unwrap_or_default();
        }
    }
    if best.is_empty() {
        best = without_dates(page, id);
    }
    let trimmed = best.trim_matches(|c: char| c.is_whitespace() || "·•▪◆■□●○►▶»›※*|".contains(c)).to_owned();
    let titled = page.attr(id, Attr::Title).map(fold).filter(|title| !title.is_empty());
    let cut = trimmed.ends_with('…') || trimmed.ends_with("...") || trimmed.ends_with("..");
    match titled {
        Some(title)
            if trimmed.is_empty()
                || (cut
                    && title.chars().count() + 3 >= trimmed.chars().count()
                    && !title.ends_with("...")) =>
        {
            clean_title(&title)
        }
        _ if trimmed.is_empty() => page
            .inside(id)
            .take(40)
            .filter(|inner| page.node(*inner).tag == Tag::Img)
            .find_map(|image| {
                page.attr(image, Attr::Alt)
                    .or_else(|| page.attr(image, Attr::Title))
                    .map(fold)
                    .filter(|alt| !alt.is_empty())
            })
            .unwrap_or_default(),
        _ => trimmed,
    }
}

/// The name in a title attribute that lists `标题：… 发布时间：…`.
fn clean_title(title: &str) -> String {
    let title = title.strip_prefix("标题：").or_else(|| title.strip_prefix("标题:")).unwrap_or(title);
    let end = ["发布时间", "发布日期", "作者："]
        .iter()
        .filter_map(|word| title.find(word))
        .min()
        .filter(|end| *end > 0);
    title.get(..end.unwrap_or(title.len())).unwrap_or(title).trim().to_owned()
}

/// An anchor's text with runs that are nothing but a date left out.
fn without_dates(page: &Outline, id: NodeId) -> String {
    let mut text = String::new();
    for inner in page.inside(id) {
        if page.node(inner).tag == Tag::Text {
            let run = page.text_of(inner);
            if !is_date_text(run) {
                text.push_str(run);
            }
        }
        if text.len() > 2000 {
            break;
        }
    }
    fold(&text)
}
