//! Headlines: links to articles that stand above the rows of a list and in none of its blocks, such as the picture of the newest item.

use super::dates;
use super::heads::Columns;
use super::names;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{LinkPlace, ListItem};
use super::pager;
use super::regions::fold;
use super::rows::{self, Anchor, RowDate};
use super::shapes;
use super::state::Shape;

/// Links looked at, and headlines kept, of one page.
const LOOKED_AT: usize = 200;
const MOST: usize = 20;
/// Characters of a title, at least: what is shorter names a column.
const TITLE: usize = 8;
/// Bytes of the part of a page that belongs to one headline, at most.
const PART: usize = 2_000;
/// Levels climbed from a link in search of its date.
const CLIMB: usize = 5;

/// The headlines between the breadcrumb and the node `list`, where the rows begin, each once, in document order. A headline without a
/// date of its own has that of the address, or none. `listed` says what is a row of a list already.
pub(super) fn above(shape: &Shape<'_>, list: NodeId, listed: &dyn Fn(NodeId) -> bool) -> Vec<ListItem> {
    let page = shape.page;
    let start = shape.regions.crumb_at.map_or(1, |crumbs| page.node(crumbs).end);
    let mut found: Vec<ListItem> = Vec::new();
    // Behind the breadcrumb a box called top or banner is no frame of the site.
    let shown = |id: &NodeId| {
        shape.is_own(*id)
            || start > 1
                && !page.node(*id).inert
                && !shape.regions.is_hidden(*id)
                && shape.regions.place(*id) != LinkPlace::Footer
    };
    let links = (start..list).filter(|id| {
        let pressed = || page.attr(*id, Attr::OnClick).is_some_and(|call| call.contains("location"));
        shown(id) && (page.node(*id).tag == Tag::A || page.node(*id).tag == Tag::Div && pressed())
    });
    for id in links.take(LOOKED_AT).filter(|id| !listed(*id)) {
        let text = names::anchor_text(page, id);
        let pictured = page.inside(id).any(|inner| page.node(inner).tag == Tag::Img);
        let named = pictured || text.chars().nth(TITLE - 1).is_some();
        let Some(url) = target(shape, id).filter(|_| named) else { continue };
        let date = date_beside(shape, id, &url, &text);
        if let Some(known) = found.iter_mut().find(|item| item.url == url) {
            known.date = known.date.max(date);
        } else if found.len() < MOST {
            found.push(ListItem { title: fold(&text), url, date });
        }
    }
    found
}

/// Where a link leads, if that may be an article.
fn target(shape: &Shape<'_>, id: NodeId) -> Option<String> {
    let raw = shape.page.attr(id, Attr::Href).or_else(|| pager::goes_to(shape.page.attr(id, Attr::OnClick)?));
    let url = shape.cx.url.join(raw?.trim()).ok()?;
    let page = matches!(url.scheme(), "http" | "https")
        && !shapes::looks_like_list_url(&url)
        && !shapes::looks_like_home_url(&url);
    page.then(|| url.into())
}

/// The date in the largest part of the page around a link that leads nowhere else.
fn date_beside(shape: &Shape<'_>, id: NodeId, url: &str, text: &str) -> Option<dates::Stamp> {
    let page = shape.page;
    let as_of = shape.cx.as_of.date_naive();
    let own = |up: &NodeId| {
        let node = page.node(*up);
        !matches!(node.tag, Tag::Body | Tag::Html)
            && ((node.text_end - node.text_start) as usize) < PART
            && leads_nowhere_else(page, *up, page.attr(id, Attr::Href))
    };
    let part = page.ancestors(id).take(CLIMB).take_while(own).last().unwrap_or(id);
    let title = Anchor { id, url: url.to_owned(), target: 0, text: text.to_owned(), picture: false };
    match rows::date_of(page, part..page.node(part).end, &title, &Columns::none(), as_of) {
        RowDate::Full(stamp) => Some(stamp),
        RowDate::Short(month, day) => dates::newest_not_after(month, day, as_of).map(|date| dates::Stamp {
            date,
            time: None,
            seconds: false,
        }),
        RowDate::ByUrl(date) => Some(dates::Stamp { date, time: None, seconds: false }),
        RowDate::ByTitle(_) | RowDate::Absent => None,
    }
    .filter(|stamp| stamp.date <= as_of)
}

fn leads_nowhere_else(page: &Outline, part: NodeId, href: Option<&str>) -> bool {
    page.inside(part).all(|id| page.node(id).tag != Tag::A || page.attr(id, Attr::Href) == href)
}

#[cfg(test)]
mod tests {
    use crate::calendar::from_millis;
    use crate::facts::html::read_page;
    use crate::facts::page::{PageContext, PageFacts};

    fn read(above: &str) -> PageFacts {
        let url = url::Url::parse("http://www.shili.gov.cn/zfdt/").expect("a URL");
        let cx = PageContext {
            url: &url,
            content_type: Some("text/html; charset=utf-8"),
            status: Some(200),
            as_of: from_millis(1_795_000_000_000),
            want_structure: false,
        };
        let html = format!(
            "<title>执法动态</title><div class=nav><a href='/1/a.html'>关于开展执法检查的专题页面</a></div><div class=main>{above}<ul>\
            <li><a href='/zfdt/1.html'>第一条关于执法检查的消息</a><span>2026-10-01</span></li>\
            <li><a href='/zfdt/2.html'>第二条关于执法检查的消息</a><span>2026-09-02</span></li></ul></div>"
        );
        read_page(html.as_bytes(), &cx, || false)
    }

    #[test]
    fn the_newest_item_may_stand_above_the_rows() {
        for (above, date) in [
            (
                "<div><a href='/zfdt/9.html'><img src=9.jpg alt=联合执法检查启动仪式举行></a><h3><a href='/zfdt/9.html'>联合执法检查启动仪式举行</a></h3><span>2026-11-09</span></div>",
                Some("2026-11-09"),
            ),
            (
                "<h2><a href='/zfdt/202611/t20261108_9.html'>联合执法检查启动仪式举行</a></h2><p>　　启动仪式昨日举行……<a href='/zfdt/202611/t20261108_9.html'>[详细]</a></p>",
                Some("2026-11-08"),
            ),
            ("<h2><a href='/zfdt/9.html'>联合执法检查启动仪式举行</a></h2>", None),
        ] {
            let facts = read(above);
            assert_eq!(facts.list.expect("the rows").count, 2, "{above}");
            let [headline] = facts.headlines.as_slice() else { panic!("{above}: {:?}", facts.headlines) };
            assert_eq!(headline.date.map(|stamp| stamp.date.to_string()).as_deref(), date, "{above}");
        }
        assert_eq!(
            read("<a href='/gd/'>更多</a><a href='/zfdt/'>执法动态栏目首页入口</a>").headlines,
            vec![]
        );
    }
}
