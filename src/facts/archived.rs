//! Whether a page says of itself that it is archived (归档) or no longer updated: by its title, its breadcrumb or a statement, never by a
//! menu.

use std::sync::LazyLock;

use regex::Regex;

use super::outline::{NodeId, Outline, Tag};
use super::page::{Crumb, LinkPlace};
use super::regions::Regions;

const WORD: &str = "归档";

/// See the module. `in_rows` tells what stands in a row of a list.
pub(super) fn says(
    page: &Outline,
    regions: &Regions,
    title: &str,
    crumbs: &[Crumb],
    in_rows: &dyn Fn(NodeId) -> bool,
) -> bool {
    // More than the word alone, which heads the list of months beside a page.
    static STATED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:已经?|予以|现|均)归档|归档(?:时间|日期|保存|保留|于)|[（(\[【〔]归档|(?:本|该|此)(?:栏目|专题|专栏|频道|页面|网页)[^。！？\n]{0,40}(?:停止|不再|暂停|停)(?:内容|信息|数据)?(?:更新|维护|发布)",
        )
        .expect("a valid pattern")
    });
    if title.contains(WORD) || crumbs.iter().any(|crumb| crumb.name.contains(WORD)) {
        return true;
    }
    let mut skip_to = 0;
    for id in page.ids().skip(1) {
        if id < skip_to {
            continue;
        }
        let node = page.node(id);
        match node.tag {
            Tag::A | Tag::Select | Tag::Button => skip_to = node.end,
            Tag::Text
                if !node.inert
                    && regions.place(id) == LinkPlace::Body
                    && !regions.is_hidden(id)
                    && !in_rows(id)
                    && STATED.is_match(page.text_of(id)) =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_speaks_of_itself() {
        let says = |title: &str, html: &str| {
            let (page, _) = crate::facts::tokens::read(html, &mut || false);
            let regions = Regions::read(&page);
            says(&page, &regions, title, &[], &|_| false)
        };
        assert!(says("经济普查（已归档）_示例市", "<p>经济普查</p>"));
        assert!(says("经济普查", "<h1>经济普查</h1><p>本专题工作已结束，现已归档。</p>"));
        assert!(says("经济普查", "<p>归档时间：2024-01-15</p>"));
        assert!(says("原卫计局动态", "<p>因机构改革，本栏目自2024年4月起停止更新。</p>"));
        assert!(says("机构动态", "<p>按照有关要求，该栏目已不再更新，请访问新栏目。</p>"));
        assert!(!says("系统动态", "<p>系统自2024年4月起停止服务。</p><p>不再更新证书。</p>"));
        assert!(!says("政策法规", "<div><h2>归档</h2><ul><li><a href=/2026/11/>2026年11月</a></ul></div>"));
        assert!(!says("政策法规", "<div><a href=/gd/>专题归档</a> <a href=/x/>已归档专题</a></div>"));
    }
}
