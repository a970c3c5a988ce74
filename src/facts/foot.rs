//! The foot of a page that no name tells: the last block of it that says nothing but who runs the site and under which numbers
//! it is filed.

use super::dates;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::regions::is_letter;

/// Bytes at the end of a page's text in which a foot is looked for, and most that one says.
const TAIL: usize = 1800;
const MOST: u32 = 1500;
/// Letters that may follow it: a counter, a way back to the top.
const AFTER: usize = 30;
/// Letters of a number or code, at most.
const LONGEST_NUMBER: usize = 30;
/// Nodes of a foot, at most.
const MOST_NODES: usize = 200;
/// What stands beside a filing number or a site's code.
const FILED: [&str; 6] = ["ICP备", "ICP证", "网安备", "标识码", "备案号", "备案编号"];
/// What else a foot says, and nothing that an office would say of itself in its pages.
const SAID: [&str; 14] = [
    "版权",
    "主办",
    "承办",
    "主管",
    "备案",
    "技术支持",
    "网站地图",
    "站点地图",
    "维护",
    "找错",
    "分辨率",
    "Copyright",
    "copyright",
    "©",
];
/// What its links are called beside that.
const LINKS: [&str; 14] = [
    "联系我们",
    "关于我们",
    "隐私",
    "设为首页",
    "加入收藏",
    "收藏本站",
    "友情链接",
    "法律声明",
    "网站声明",
    "使用帮助",
    "无障碍",
    "手机版",
    "点击进入",
    "返回顶部",
];
/// Elements that no foot has.
const CONTENT: [Tag; 11] = [
    Tag::H1,
    Tag::H2,
    Tag::H3,
    Tag::Iframe,
    Tag::Frame,
    Tag::Object,
    Tag::Embed,
    Tag::Video,
    Tag::Audio,
    Tag::Input,
    Tag::Textarea,
];
/// Parts of addresses that its pictures and links lead to.
const MARKS: [&str; 5] = ["conac", "jiucuo", "beian", "12377", "wzdt"];

/// The outermost element that is nothing but a foot, around the last filing number or site code of the page; `None` where there is
/// none, where it stands in no `body` of the page but in a foot that a name tells, and where what stands beside it may be content.
pub(super) fn find(page: &Outline, body: impl Fn(NodeId) -> bool) -> Option<NodeId> {
    let tail_at = page.text.floor_char_boundary(page.text.len().saturating_sub(TAIL));
    let tail = page.text.get(tail_at..)?;
    if !is_filed(tail) {
        return None;
    }
    let signed = page
        .ids()
        .rev()
        .filter(|id| page.node(*id).tag == Tag::Text && !page.node(*id).inert)
        .take_while(|id| page.node(*id).text_end as usize > tail_at)
        .find(|id| is_filed(page.text_of(*id)))
        .filter(|id| body(*id))?;
    let blocks = page.ancestors(signed).take_while(|up| {
        let node = page.node(*up);
        let whole = matches!(node.tag, Tag::Html | Tag::Body | Tag::Main | Tag::Article);
        !whole && node.text_end - node.text_start <= MOST && is_foot(page, *up)
    });
    let foot = blocks.last()?;
    let after = page.text.get(page.node(foot).text_end as usize..)?;
    after.chars().filter(|c| is_letter(*c)).nth(AFTER).is_none().then_some(foot)
}

/// Whether a text says any of what feet say.
pub(super) fn is_said(text: &str) -> bool {
    is_filed(text) || SAID.iter().chain(&LINKS).any(|word| text.contains(word))
}

/// Whether a text names a filing number or a site's code.
pub(super) fn is_filed(text: &str) -> bool {
    FILED.iter().any(|word| text.contains(word))
}

/// Whether everything an element holds is what a foot holds.
fn is_foot(page: &Outline, id: NodeId) -> bool {
    let all = page.inside(id);
    if all.len() > MOST_NODES || !dates::find(page.text_of(id), false).is_empty() {
        return false;
    }
    all.filter(|inner| !page.node(*inner).inert).all(|inner| match page.node(inner).tag {
        Tag::Text => is_said_at_the_foot(page, inner),
        Tag::Img => is_mark(page, inner),
        tag => !CONTENT.contains(&tag),
    })
}

fn is_said_at_the_foot(page: &Outline, text: NodeId) -> bool {
    let said = page.text_of(text);
    let linked = page.node(page.node(text).parent).tag == Tag::A;
    let mut letters = said.chars().filter(|c| is_letter(*c));
    let number = letters.clone().all(|c| c < '\u{2e80}') && letters.nth(LONGEST_NUMBER).is_none();
    number
        || is_filed(said)
        || SAID.iter().any(|word| said.contains(word))
        || linked && LINKS.iter().any(|word| said.contains(word))
}

/// Whether a picture belongs to a mark: it leads to one or comes from one's site, is called one, or stands in one line with a number.
fn is_mark(page: &Outline, picture: NodeId) -> bool {
    let called =
        [Attr::Alt, Attr::Title].into_iter().filter_map(|name| page.attr(picture, name)).any(|words| {
            is_filed(words)
                || SAID.iter().chain(&["党政机关", "事业单位", "公安"]).any(|word| words.contains(word))
        });
    let parent = page.node(picture).parent;
    let leads = page.node(parent).tag == Tag::A
        && page.attr(parent, Attr::Href).is_some_and(|href| MARKS.iter().any(|part| href.contains(part)));
    let source = page.attr(picture, Attr::Src).is_some_and(|src| MARKS.iter().any(|part| src.contains(part)));
    called || leads || source || is_filed(page.text_of(parent))
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::*;

    fn foot_of(html: &str) -> Option<String> {
        let (page, _) = tokens::read(html, &mut || false);
        find(&page, |_| true).map(|id| page.class_and_id(id))
    }

    #[test]
    fn feet_without_a_name() {
        let foot = "<div class=bq><div class=in><p>示例市水利局主办　示例市水利局承办</p><p><img src=/i/bsm.png> <a href=https://beian.miit.gov.cn/>示ICP备00000001号</a></p>\
            <a href=//bszs.conac.cn/sitename><img src=/i/red.png></a><a href=/wzdt/><img src=/i/map.gif alt=网站地图></a></div></div>";
        let page =
            |rest: &str| format!("<body><div class=main><h1>通知公告</h1><ul></ul></div>{foot}{rest}</body>");
        assert_eq!(foot_of(&page("")).as_deref().map(str::trim), Some("bq"));
        assert_eq!(
            foot_of(&page("<div>您是第 <b>12</b> 位访客</div>")).as_deref().map(str::trim),
            Some("bq")
        );
        let goes_on = "<div class=list>关于示例河道采砂许可证办理情况的公告，以及关于农村饮水工程验收结果的公示和说明</div>";
        assert_eq!(foot_of(&page(goes_on)), None, "what stands before more content is no foot");
    }

    #[test]
    fn content_beside_the_numbers_is_never_swallowed() {
        for (html, want) in [
            (
                "<body><div class=all><ul><li><a href=a>停水通知</a></li></ul><p class=p>示ICP备00000001号</p></div>",
                "p",
            ),
            ("<body><div class=all><p>本局负责全市河道管理。</p><p class=p>示ICP备00000001号</p></div>", "p"),
            ("<body><div class=all><h2>联系方式</h2><p class=p>示ICP备00000001号</p></div>", "p"),
            ("<body><div class=all><p><img src=photo.jpg></p><p class=p>示ICP备00000001号</p></div>", "p"),
            (
                "<body><div class=all><p>电话：000-1234567 地址：示例路1号</p><p class=p>示ICP备00000001号</p></div>",
                "p",
            ),
            (
                "<body><div class=all><p>Flood season begins in May and ends in September.</p><p class=p>示ICP备00000001号</p></div>",
                "p",
            ),
            ("<body><div class=all><p>版权所有 2026-11-02</p><p class=p>示ICP备00000001号</p></div>", "p"),
        ] {
            assert_eq!(foot_of(html).as_deref().map(str::trim), Some(want), "{html}");
        }
        assert_eq!(foot_of("<body>本局负责全市河道管理。示ICP备00000001号"), None);
    }
}
