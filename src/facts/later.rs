//! Pages 2, 3, … of a list: told by the words of its controls, by their addresses, and by bearing the first page's names under
//! an address that differs only by a number.

use std::collections::HashSet;

use super::columns::folder_form;

/// Digits of a page's number: longer ones are ids and days.
const MOST_DIGITS: usize = 4;

/// Names of parameters that carry a page's number.
const PARAMETERS: [&str; 6] = ["page", "pageindex", "pageno", "p", "currentpage", "cur_page"];

/// What stands around a page's number, or for the way to another page.
const BRACKETS: [char; 17] =
    ['[', ']', '【', '】', '(', ')', '（', '）', '«', '»', '‹', '›', '<', '>', '＜', '＞', '…'];

/// Whether a link's text leads from one page of a list to another: `下一页`, `尾页`, `3`, `[2]`, `第2页`, `>>`.
pub(super) fn turns_pages(text: &str) -> bool {
    let around = |c: char| c.is_whitespace() || BRACKETS.contains(&c);
    let bare = text.trim_matches(around);
    let marks = bare.is_empty() && text.contains(['»', '›', '>', '＞', '«', '‹', '<', '＜']);
    let way = |stem: &str| !stem.is_empty() && stem.chars().all(|c| "第一上下前后末尾最".contains(c));
    marks
        || is_number(bare.trim_start_matches('第').trim_end_matches('页'))
        || bare.strip_suffix('页').is_some_and(way)
}

/// Whether a URL is that of page 2, 3, … of a list: `index_2.html`, `list_3.htm`, `?page=4`.
pub(super) fn is_further_page(url: &str) -> bool {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let numbered = stem.rsplit_once(['_', '-']).is_some_and(|(word, number)| {
        is_number(number) && ["index", "list", "default", "more"].iter().any(|known| word.ends_with(known))
    });
    numbered || is_paged(query)
}

/// Whether a URL is that of page 2, 3, … of a list: `index_2.html`, `?page=4`, or an address that differs only in its last
/// number from that of a first page which is `known`: `003-2.html` beside `003-1.html`.
pub(super) fn is_later_page(url: &str, known: &HashSet<&str>) -> bool {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    if let Some((word, number)) = stem.rsplit_once(['_', '-']).filter(|(_, number)| is_number(number)) {
        if matches!(word, "index" | "default") {
            return true;
        }
        let mark = stem.as_bytes()[word.len()] as char;
        let first = |one: String| known.contains(one.as_str());
        let later = number.parse::<u32>().is_ok_and(|number| number > 1);
        if first(format!("{folder}/{word}.{ending}"))
            || later && first(format!("{folder}/{word}{mark}1.{ending}"))
        {
            return true;
        }
        let listing =
            ["list", "more", "index"].iter().any(|start| word.to_ascii_lowercase().starts_with(start));
        if listing && (first(format!("{folder}/")) || first(format!("{folder}/index.{ending}"))) {
            return true;
        }
    }
    is_paged(query)
}

/// Whether `later` may be the address of another page of the list that begins at `first`: it differs by a number alone, which
/// stands in place of another (`1.html`, `2.html`), is added (`tzgg.htm`, `tzgg_2.htm`, `?id=3`, `?id=3&n=2`), or names a file or
/// a folder below it (`tzgg.htm`, `tzgg/2.htm`; `tzgg/`, `tzgg/page/2/`).
pub(super) fn is_numbered_beside(later: &str, first: &str) -> bool {
    let (path, query) = later.split_once('?').unwrap_or((later, ""));
    let (first_path, first_query) = first.split_once('?').unwrap_or((first, ""));
    if path == first_path {
        return adds_a_number(query, first_query);
    }
    if query != first_query {
        return false;
    }
    let (folder, name) = path.trim_end_matches('/').rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or_default();
    if is_number(stem) {
        let above = folder.strip_suffix("/page").unwrap_or(folder);
        let place = folder_form(first_path).trim_end_matches('/');
        let (first_folder, first_name) = place.rsplit_once('/').unwrap_or(("", place));
        let first_stem = first_name.split('.').next().unwrap_or_default();
        return place == above
            || format!("{first_folder}/{first_stem}") == folder
            || first_folder == folder && is_number(first_stem);
    }
    let Some((word, number)) = before_last_number(name) else { return false };
    let ending = name.get(word.len() + number.len()..).unwrap_or_default();
    let Some(at) = first_path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else {
        return false;
    };
    let Some(held) =
        at.strip_prefix(word.trim_end_matches(['_', '-'])).and_then(|rest| rest.strip_suffix(ending))
    else {
        return false;
    };
    // A number that is joined to letters names the column; one behind a mark may be a page's.
    held.is_empty() && word.ends_with(['_', '-'])
        || held.strip_prefix(['_', '-']).is_some_and(is_number) && word.ends_with(['_', '-'])
}

/// A name up to its last number, and that number.
fn before_last_number(name: &str) -> Option<(&str, &str)> {
    let stem = name.split('.').next()?;
    let word = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = stem.get(word.len()..)?;
    is_number(number).then_some((word, number))
}

/// Whether a query is another one with a number added, or with another number in one place.
fn adds_a_number(query: &str, first: &str) -> bool {
    let pairs = |query: &str| -> Vec<(String, String)> {
        let cut = query.split('&').filter_map(|pair| pair.split_once('='));
        cut.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect()
    };
    let (mine, other) = (pairs(query), pairs(first));
    let added: Vec<_> = mine.iter().filter(|pair| !other.contains(pair)).collect();
    let lost: Vec<_> = other.iter().filter(|pair| !mine.contains(pair)).collect();
    match (added.as_slice(), lost.as_slice()) {
        ([(_, value)], []) => is_number(value),
        ([(name, value)], [(same, _)]) => name == same && is_number(value) && PARAMETERS.contains(&&**name),
        _ => false,
    }
}

fn is_paged(query: &str) -> bool {
    query.split('&').filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
        PARAMETERS.contains(&&*name.to_ascii_lowercase()) && value.parse::<u32>().is_ok_and(|page| page > 1)
    })
}

fn is_number(text: &str) -> bool {
    (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_turn_pages() {
        for text in
            ["下一页", "上页", "尾页", "末页", "后一页", "后页", "最后一页", "第3页", "[2]", "3", ">>"]
        {
            assert!(turns_pages(text), "{text}");
        }
        for text in ["首页", "首页推荐", "网页", "页", "通知公告", "", "第一届", "20261"] {
            assert!(!turns_pages(text), "{text}");
        }
    }

    #[test]
    fn addresses_that_differ_by_a_number() {
        for (later, first, want) in [
            ("http://a.cn/gk/tzgg/2.htm", "http://a.cn/gk/tzgg.htm", true),
            ("http://a.cn/gk/tzgg/2.html", "http://a.cn/gk/tzgg/1.html", true),
            ("http://a.cn/tzgg/2/", "http://a.cn/tzgg/", true),
            ("http://a.cn/tzgg/page/2/", "http://a.cn/tzgg/", true),
            ("http://a.cn/tzgg/12.html", "http://a.cn/tzgg/index.html", true),
            ("http://a.cn/tzgg_2.html", "http://a.cn/tzgg.html", true),
            ("http://a.cn/list-9-2.html", "http://a.cn/list-9-1.html", true),
            ("http://a.cn/l.jsp?id=3&n=2", "http://a.cn/l.jsp?id=3", true),
            ("http://a.cn/l.jsp?n=2&id=3", "http://a.cn/l.jsp?id=3", true),
            ("http://a.cn/l.jsp?id=3&page=2", "http://a.cn/l.jsp?id=3&page=1", true),
            ("http://a.cn/c02/", "http://a.cn/c01/", false),
            ("http://a.cn/tzgg2.html", "http://a.cn/tzgg.html", false),
            ("http://a.cn/l.jsp?id=4", "http://a.cn/l.jsp?id=3", false),
            ("http://a.cn/zcwj/2.htm", "http://a.cn/tzgg.htm", false),
            ("http://a.cn/tzgg/20261101.htm", "http://a.cn/tzgg.htm", false),
            ("http://a.cn/tzgg/zy.htm", "http://a.cn/tzgg.htm", false),
        ] {
            assert_eq!(is_numbered_beside(later, first), want, "{later} beside {first}");
        }
    }
}
