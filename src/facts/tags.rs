//! Page tags (网页标签) and their faults.

use std::collections::BTreeMap;

use super::outline::{Attr, Outline, Tag};
use super::page::{TagFault, TagFaultKind};

/// The ten tags that the guide requires: three of the site, four of the column, three of the article.
pub const REQUIRED: [&str; 10] = [
    "SiteName",
    "SiteDomain",
    "SiteIDCode",
    "ColumnName",
    "ColumnDescription",
    "ColumnKeywords",
    "ColumnType",
    "ArticleTitle",
    "PubDate",
    "ContentSource",
];

/// Those it leaves open.
pub const OPTIONAL: [&str; 5] = ["Keywords", "Author", "Description", "Image", "Url"];

/// The tags of a page by canonical name, and the faults of the required ones.
/// A tag that is there without a value stands in the map with what it holds; `missing` names every absent one of the ten, whatever the
/// page is: the rules know which of them a kind of page needs.
pub fn read(page: &Outline) -> (BTreeMap<String, String>, Vec<TagFault>) {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let mut seen = [(0_u32, false); REQUIRED.len()];
    for id in page.ids() {
        let node = page.node(id);
        if node.tag != Tag::Meta || node.inert {
            continue;
        }
        let Some(name) = page.attr(id, Attr::MetaName).map(str::trim) else { continue };
        let required = REQUIRED.iter().position(|tag| tag.eq_ignore_ascii_case(name));
        let canonical = match required {
            Some(index) => REQUIRED[index],
            None => match OPTIONAL.iter().find(|tag| tag.eq_ignore_ascii_case(name)) {
                Some(tag) => tag,
                None => continue,
            },
        };
        if let Some(index) = required {
            seen[index].0 += 1;
            seen[index].1 |= name != canonical;
        }
        let content = page.attr(id, Attr::Content).unwrap_or_default();
        let held = values.entry(canonical.to_owned()).or_default();
        if held.trim().is_empty() && (held.is_empty() || !content.trim().is_empty()) {
            content.clone_into(held);
        }
    }
    (values.clone(), faults(&values, &seen))
}

/// Whether a value is a word of the publishing system in place of one: `null`, or a variable that was never filled in.
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let word =
        ["null", "undefined", "none", "nan", "nil"].iter().any(|word| value.eq_ignore_ascii_case(word));
    let variable =
        [("${", "}"), ("{{", "}}"), ("<%", "%>"), ("[[", "]]"), ("#", "#"), ("{", "}"), ("$", "$")]
            .iter()
            .any(|(open, close)| value.len() > 2 && value.starts_with(open) && value.ends_with(close));
    word || (variable && value.is_ascii())
}

/// Whether a date is written as the guide writes it: `YYYY-MM-DD HH:MM`, 24 hours; seconds may follow.
pub fn is_guide_date(value: &str) -> bool {
    let form = "0000-00-00 00:00:00";
    let value = value.trim();
    matches!(value.len(), 16 | 19)
        && value
            .bytes()
            .zip(form.bytes())
            .all(|(b, form)| if form == b'0' { b.is_ascii_digit() } else { b == form })
}

fn faults(values: &BTreeMap<String, String>, seen: &[(u32, bool)]) -> Vec<TagFault> {
    let mut faults = Vec::new();
    for (tag, (count, odd)) in REQUIRED.iter().zip(seen) {
        let mut add = |fault| faults.push(TagFault { tag: (*tag).to_owned(), fault });
        if *count == 0 {
            add(TagFaultKind::Missing);
            continue;
        }
        if values.get(*tag).is_none_or(|value| value.trim().is_empty()) {
            add(TagFaultKind::Empty);
        }
        if *count > 1 {
            add(TagFaultKind::Duplicated);
        }
        if *odd {
            add(TagFaultKind::OddCase);
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tokens;

    fn read_text(html: &str) -> (BTreeMap<String, String>, Vec<(String, TagFaultKind)>) {
        let (page, _) = tokens::read(html, &mut || false);
        let (values, faults) = read(&page);
        (
            values,
            faults
                .into_iter()
                .map(|fault| (fault.tag, fault.fault))
                .filter(|(_, kind)| *kind != TagFaultKind::Missing)
                .collect(),
        )
    }

    #[test]
    fn words_in_place_of_values() {
        for value in ["null", " NULL ", "undefined", "${site.name}", "{{title}}", "<%=name%>", "#SiteName#"] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["", "甲县人民政府", "无", "#1号文件#", "nullable", "{甲}"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn dates_of_the_guide() {
        for (value, want) in [
            ("2026-11-02 09:30", true),
            (" 2026-11-02 09:30:01 ", true),
            ("2026-11-02", false),
            ("2026/11/02 09:30", false),
            ("2026-11-2 9:30", false),
            ("2026年11月2日 09:30", false),
        ] {
            assert_eq!(is_guide_date(value), want, "{value}");
        }
    }

    #[test]
    fn values_and_faults() {
        let (values, faults) = read_text(
            "<meta name=sitename content='甲县人民政府'><META NAME='SiteDomain' CONTENT=''><meta name='PubDate' content=' 2026-11-02 09:30 '>\
             <meta name='ContentSource' content=''><meta name='ContentSource' content='甲县&amp;办'><meta name=keywords content='a,b'>\
             <!-- <meta name='ColumnName' content='x'> --><script>'<meta name=\"ColumnType\" content=\"x\">'</script>",
        );
        assert_eq!(values["SiteName"], "甲县人民政府");
        assert_eq!(values["PubDate"], " 2026-11-02 09:30 ");
        assert_eq!(values["ContentSource"], "甲县&办");
        assert_eq!(values["Keywords"], "a,b");
        assert_eq!(values["SiteDomain"], "");
        assert!(!values.contains_key("ColumnName") && !values.contains_key("ColumnType"));
        assert_eq!(
            faults,
            [
                ("SiteName".to_owned(), TagFaultKind::OddCase),
                ("SiteDomain".to_owned(), TagFaultKind::Empty),
                ("ContentSource".to_owned(), TagFaultKind::Duplicated)
            ]
        );
    }
}
