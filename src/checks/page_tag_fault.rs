//! `page-tag-fault`: page tags that the guide requires and a site's pages do not carry.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::identity::{TagUse, TaggedKind, Tags};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 页面标签缺失
    ///
    /// ## What it does
    /// Flags a site whose home page lacks one of the three tags of the site, or whose columns or articles lack one of
    /// their seven or ten on at least `share-percent` of at least `min-pages` pages; a tag without a value, or with a word
    /// of the publishing system such as `null` in its place, is lacking. With `foreign-domain`, a SiteDomain that names
    /// another site is flagged as well. All of it is one finding of the site, because a template makes it.
    ///
    /// ## Why it matters
    /// Search, reposting and supervision find columns and articles by these tags.
    ///
    /// ## Gaps
    /// A home page that was not read. Kinds of page of which too few were read say nothing. Tags written twice, in other
    /// letters, a ColumnType that repeats the ColumnName and dates in another form are figures, never faults.
    ///
    /// ## Example
    /// 12 columns, on each `<meta name="ColumnType" content="null">`: flagged.
    PageTagFault = "page-tag-fault", Tags, Params, run
}

/// Parameters of `page-tag-fault`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// On which part of the columns or articles a tag must be lacking.
    share_percent: u32,
    /// How many columns or articles must have been read.
    min_pages: u32,
    /// Whether another site's domain in SiteDomain counts.
    foreign_domain: bool,
}

fn run(tags: &Tags, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    if !tags.uses.iter().any(|used| used.kind == TaggedKind::Home) {
        return Err(Gap::new(&tags.url, "not-read"));
    }
    let mut defects: Vec<Defect> = tags.uses.iter().filter_map(|used| lacking(used, params)).collect();
    if params.foreign_domain
        && let Some(domain) = &tags.domain
        && is_foreign(domain, &tags.url)
    {
        let text = format!("首页标签SiteDomain为{domain}，不是本站域名。");
        defects.push(Defect::new(text, domain, Confidence::High));
    }
    Ok(defects)
}

/// What one kind of page lacks, in one sentence.
fn lacking(used: &TagUse, params: &Params) -> Option<Defect> {
    let (name, least) = match used.kind {
        TaggedKind::Home => ("首页", 1),
        TaggedKind::Column => ("栏目页", params.min_pages),
        TaggedKind::Article => ("内容页", params.min_pages),
    };
    if used.pages < least.max(1) {
        return None;
    }
    let enough =
        |pages: u32| u64::from(pages) * 100 >= u64::from(used.pages) * u64::from(params.share_percent);
    let mut faults: Vec<_> = used
        .kind
        .required()
        .iter()
        .filter_map(|tag| used.faults.get(*tag).map(|count| (*tag, count)))
        .filter(|(_, count)| count.missing + count.empty > 0 && enough(count.missing + count.empty))
        .collect();
    if faults.is_empty() {
        return None;
    }
    // What the home page lacks, the template of all pages lacks: the site's own tags are told once.
    if used.kind != TaggedKind::Home && faults.len() > 1 {
        let own: Vec<_> = faults.iter().filter(|(tag, _)| !tag.starts_with("Site")).copied().collect();
        if !own.is_empty() {
            faults = own;
        }
    }
    let words: Vec<_> = faults
        .iter()
        .map(|(tag, count)| {
            let what = if count.empty > count.missing { "无有效值" } else { "缺失" };
            if used.kind == TaggedKind::Home {
                format!("{tag}{what}")
            } else {
                format!("{tag}{what}{}页", count.missing + count.empty)
            }
        })
        .collect();
    let scope = if used.kind == TaggedKind::Home {
        String::new()
    } else {
        format!("（共读取{}个）", used.pages)
    };
    let text = format!("{name}{scope}页面标签不全：{}。", words.join("、"));
    let example = faults.iter().map(|(_, count)| count.page.as_str()).min().unwrap_or_default();
    Some(Defect::new(text, example, Confidence::High))
}

/// Whether the tag names a host of another owner. What is no host says nothing.
fn is_foreign(domain: &str, home: &str) -> bool {
    let Some(own) = url::Url::parse(home).ok().and_then(|url| url.host_str().map(str::to_owned)) else {
        return false;
    };
    let bare = domain.trim().to_ascii_lowercase();
    let rest = bare.split_once("//").map_or(bare.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    let is_host =
        host.contains('.') && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    is_host && !crate::url::same_site(host, &own)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::stale_column::tests::cx;
    use super::*;
    use crate::facts::identity::TagCount;

    const PARAMS: Params = Params { share_percent: 50, min_pages: 3, foreign_domain: true };

    fn used(kind: TaggedKind, pages: u32, faults: &[(&str, u32, u32)]) -> TagUse {
        let count = |&(tag, missing, empty): &(&str, u32, u32)| {
            (
                tag.to_owned(),
                TagCount { missing, empty, page: format!("http://h/{tag}"), ..TagCount::default() },
            )
        };
        let faults: BTreeMap<_, _> = faults.iter().map(count).collect();
        TagUse { kind, pages, faults, copied_type: 0, odd_date: 0 }
    }

    fn outcome(uses: &[TagUse], domain: Option<&str>) -> Result<String, String> {
        let tags = Tags {
            url: "http://www.shili.gov.cn/".to_owned(),
            portal: true,
            uses: uses.to_vec(),
            domain: domain.map(str::to_owned),
            look: None,
        };
        run(&tags, &PARAMS, cx())
            .map(|found| found.into_iter().map(|defect| defect.description).collect())
            .map_err(|gap| gap.why)
    }

    #[test]
    fn templates_are_told_and_single_pages_are_not() {
        let home = used(TaggedKind::Home, 1, &[]);
        assert_eq!(outcome(std::slice::from_ref(&home), None), Ok(String::new()));
        assert_eq!(
            outcome(&[used(TaggedKind::Home, 1, &[("SiteDomain", 0, 1), ("SiteName", 1, 0)])], None),
            Ok("首页页面标签不全：SiteName缺失、SiteDomain无有效值。".to_owned())
        );
        let columns = used(TaggedKind::Column, 12, &[("ColumnType", 0, 12), ("ColumnKeywords", 5, 0)]);
        assert_eq!(
            outcome(&[home.clone(), columns], None),
            Ok("栏目页（共读取12个）页面标签不全：ColumnType无有效值12页。".to_owned())
        );
        let few = used(TaggedKind::Article, 2, &[("PubDate", 2, 0)]);
        assert_eq!(outcome(&[home.clone(), few], None), Ok(String::new()));
        let doubled = TagUse {
            faults: BTreeMap::from([(
                "PubDate".to_owned(),
                TagCount { duplicated: 9, odd_case: 9, ..TagCount::default() },
            )]),
            copied_type: 9,
            ..used(TaggedKind::Article, 9, &[])
        };
        assert_eq!(outcome(&[home, doubled], None), Ok(String::new()), "figures accuse nobody");
    }

    #[test]
    fn the_domain_of_another_site() {
        let home = [used(TaggedKind::Home, 1, &[])];
        for own in ["www.shili.gov.cn", "http://shili.gov.cn/", "jtj.shili.gov.cn", "示例市", ""] {
            assert_eq!(outcome(&home, Some(own)), Ok(String::new()), "{own}");
        }
        assert_eq!(
            outcome(&home, Some("www.other.gov.cn")),
            Ok("首页标签SiteDomain为www.other.gov.cn，不是本站域名。".to_owned())
        );
    }

    #[test]
    fn without_the_home_page_nothing_is_said() {
        assert_eq!(
            outcome(&[used(TaggedKind::Article, 9, &[("PubDate", 9, 0)])], None),
            Err("not-read".to_owned())
        );
    }
}
