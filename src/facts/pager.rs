//! Further pages of a list that no link names: what a script of the publishing system would write, and what stands in a pager's controls.

use std::sync::LazyLock;

use regex::Regex;

use super::later::turns_pages;
use super::literal::{Literal, Reader};
use super::outline::{Attr, Outline, Tag};

/// Further pages taken from one call.
const MAX_PAGES: u32 = 2000;
/// The same where a number of pages cannot be told from one of records.
const MAX_DOUBTFUL: u32 = 200;
/// Further pages taken from the controls of one page.
const MAX_CONTROLS: usize = 200;

/// Raw addresses of further pages that `createPageHTML` and its kin would write, and the total it states; of a page that
/// lists something (`listing`) also those that stand in its pager's controls.
pub fn further_pages(page: &Outline, listing: bool) -> (Vec<String>, Option<u32>) {
    let (mut pages, total) = of_scripts(page);
    if listing {
        pages.extend(of_controls(page));
    }
    (pages, total)
}

fn of_scripts(page: &Outline) -> (Vec<String>, Option<u32>) {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\bcreatePage(?:HTML|Html|html)?\w*\s*\(([^(){};]{3,300})\)").expect("a valid pattern")
    });
    static COUNT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\bcountPage\s*=\s*(\d{1,5})").expect("a valid pattern"));
    for (_, text) in page.raws_of(Tag::Script) {
        if text.contains("createPage")
            && let Some(read) = CALL
                .captures_iter(text)
                .filter_map(|caught| caught.get(1))
                .find_map(|args| pages_of_call(args.as_str()))
        {
            return read;
        }
        if (text.contains("uffix") || text.contains("Ext"))
            && let Some(pages) = pages_of_options(text)
        {
            return (pages, None);
        }
        if text.contains("countPage")
            && text.contains("index_")
            && let Some(total) =
                COUNT.captures(text).and_then(|caught| caught.get(1)?.as_str().parse::<u32>().ok())
        {
            let ending = ["shtml", "html", "htm"]
                .into_iter()
                .find(|ending| text.contains(&format!(".{ending}")))
                .unwrap_or("html");
            return (
                (1..total.min(MAX_PAGES)).map(|number| format!("index_{number}.{ending}")).collect(),
                None,
            );
        }
    }
    (Vec::new(), None)
}

fn pages_of_call(args: &str) -> Option<(Vec<String>, Option<u32>)> {
    let args: Vec<&str> = args.split(',').map(str::trim).collect();
    let quoted = |arg: &str| arg.starts_with(['"', '\'']);
    let numbers: Vec<u32> =
        args.iter().filter(|arg| !quoted(arg)).filter_map(|arg| arg.parse().ok()).collect();
    let words: Vec<&str> =
        args.iter().filter(|arg| quoted(arg)).map(|arg| arg.trim_matches(['"', '\''])).collect();
    let by_box = args.first().is_some_and(|first| quoted(first)) && words.len() >= 3;
    let (name, ending) =
        if by_box { (words.get(1)?, words.get(2)?) } else { (words.first()?, words.get(1)?) };
    let total = *numbers.first()?;
    if ending.is_empty() || ending.len() > 6 || name.len() > 200 {
        return None;
    }
    // TRS counts pages from 0 and names the second `index_1`; the kin that names its box first counts from 1.
    let range = if by_box { 2..total.min(MAX_PAGES).saturating_add(1) } else { 1..total.min(MAX_PAGES) };
    let stated = by_box.then(|| numbers.get(2).copied()).flatten();
    Some((range.map(|number| format!("{name}_{number}.{ending}")).collect(), stated))
}

/// The pages of `new Pager({total: 12, current: 0, prefix: 'index', suffix: 'html'})` and the like.
fn pages_of_options(text: &str) -> Option<Vec<String>> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:page|pager|paging|pagination|fenye)\w*\s*\(\s*(?:[^(){}]{0,80},\s*)?\{")
            .expect("a valid pattern")
    });
    CALL.find_iter(text).find_map(|call| {
        let options = Reader::new(text, call.end() - 1, 2000).value()?;
        let number = |names: &[&str]| options.field(names).and_then(Literal::as_text)?.parse::<u32>().ok();
        let word = |names: &[&str]| {
            let word = options.field(names).and_then(Literal::as_text)?.trim();
            let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte));
            (plain && !word.is_empty() && word.len() < 100).then_some(word)
        };
        let name = word(&["prefix", "pagename", "filename", "urlprefix", "name"])?;
        let ending = word(&["suffix", "ext", "pageext", "fileext", "extension"])?.trim_start_matches('.');
        if !ENDINGS.contains(&ending) {
            return None;
        }
        let size = number(&["size", "pagesize", "perpage", "limit"]).filter(|size| *size > 0);
        let pages = number(&["pagecount", "countpage", "totalpage", "totalpages", "pagetotal", "pages"]);
        let total = match (pages, number(&["total", "count", "totalcount", "recordcount"]), size) {
            (Some(pages), ..) => pages.min(MAX_PAGES),
            (None, Some(records), Some(size)) => records.div_ceil(size).min(MAX_PAGES),
            (None, Some(pages), None) => pages.min(MAX_DOUBTFUL),
            (None, None, _) => return None,
        };
        let from_one = number(&["current", "currentpage", "curr", "cur", "pageindex"]) == Some(1);
        let numbers = if from_one { 2..total.saturating_add(1) } else { 1..total };
        Some(numbers.map(|number| format!("{}_{number}.{ending}", name.trim_end_matches('_'))).collect())
    })
}

/// Endings of pages that lie still.
const ENDINGS: [&str; 6] = ["html", "htm", "shtml", "jhtml", "xhtml", "shtm"];

/// Addresses in a pager's drop-down list, and in what can be pressed: `location.href='index_2.html'`.
fn of_controls(page: &Outline) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for id in page.ids().skip(1) {
        let node = page.node(id);
        let pressed = match node.tag {
            Tag::Option => page.attr(id, Attr::Value),
            Tag::A | Tag::Span | Tag::Li | Tag::Button | Tag::Input | Tag::Div | Tag::Td => {
                let onclick = page.attr(id, Attr::OnClick).and_then(goes_to);
                onclick.or_else(|| page.attr(id, Attr::Href).filter(|href| is_script(href)).and_then(goes_to))
            }
            _ => None,
        };
        let Some(raw) = pressed.map(str::trim) else { continue };
        if !node.inert && is_numbered(raw) && !found.iter().any(|known| known == raw) {
            found.push(raw.to_owned());
            if found.len() >= MAX_CONTROLS {
                break;
            }
        }
    }
    found
}

/// Whether controls lead to other pages of a list (下一页, 尾页, 3) by script alone.
pub(super) fn turns_by_script(page: &Outline) -> bool {
    page.ids().skip(1).any(|id| {
        let by_script = match page.node(id).tag {
            Tag::A => {
                page.attr(id, Attr::Href).is_none_or(|href| is_script(href) || href.trim().starts_with('#'))
            }
            Tag::Span | Tag::Li | Tag::Button => page.attr(id, Attr::OnClick).is_some(),
            _ => false,
        };
        by_script && !page.node(id).inert && turns_pages(page.text_of(id).trim())
    })
}

fn is_script(href: &str) -> bool {
    href.trim_start().get(..11).is_some_and(|scheme| scheme.eq_ignore_ascii_case("javascript:"))
}

/// The one plain address that a piece of script goes to.
pub(super) fn goes_to(script: &str) -> Option<&str> {
    let (_, rest) = script.split_once("location")?;
    let rest = rest.strip_prefix(".href").unwrap_or(rest).trim_start();
    let rest = rest
        .strip_prefix('=')
        .or_else(|| rest.strip_prefix(".replace("))
        .or_else(|| rest.strip_prefix(".assign("))?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (raw, after) = rest.get(1..)?.split_once(quote)?;
    (!after.trim_start().starts_with('+')).then_some(raw)
}

/// Whether an address is relative and ends in a page's number: `index_2.html`, `list-3.htm`, `?page=4`.
fn is_numbered(raw: &str) -> bool {
    if raw.len() > 300 || raw.contains("://") || raw.starts_with("//") || raw.contains(char::is_whitespace) {
        return false;
    }
    let (path, query) = raw.split_once('?').unwrap_or((raw, ""));
    let Some((stem, ending)) = path.rsplit_once('.') else { return is_paged(query) };
    let number = stem.rsplit(['_', '-', '/']).next().unwrap_or_default();
    let numbered = stem.contains(['_', '-', '/'])
        && (1..=4).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit());
    is_paged(query) || numbered && ENDINGS.contains(&ending)
}

fn is_paged(query: &str) -> bool {
    query.split('&').filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
        let name = name.to_ascii_lowercase();
        (name == "p" || name.contains("page"))
            && !value.is_empty()
            && value.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tokens;

    fn pages(html: &str) -> (Vec<String>, Option<u32>) {
        further_pages(&tokens::read(html, &mut || false).0, true)
    }

    #[test]
    fn pages_written_by_script() {
        assert_eq!(
            pages("<script>createPageHTML(3, 0, \"index\", \"html\");</script>").0,
            ["index_1.html", "index_2.html"]
        );
        let (pages, total) = pages("<script>createPageHTML('page_div',3,1,'index','shtml',45);</script>");
        assert_eq!((pages.len(), total), (2, Some(45)));
        assert_eq!(pages[0], "index_2.shtml");
    }

    #[test]
    fn the_kin_of_it() {
        for (script, first, count) in [
            ("new Pager({total:3,current:0,prefix:'list',suffix:'shtml'})", "list_1.shtml", 2),
            (
                "pagination('#p', {pageCount: 4, current: 1, prefix: 'index', suffix: '.html'})",
                "index_2.html",
                3,
            ),
            ("initPage({count: 45, limit: 15, pageName: 'index', pageExt: 'htm'})", "index_1.htm", 2),
            ("var countPage = 3; document.write('index_'+i+'.html')", "index_1.html", 2),
        ] {
            let (found, _) = pages(&format!("<script>{script}</script>"));
            assert_eq!((found.first().map(String::as_str), found.len()), (Some(first), count), "{script}");
        }
        for script in
            ["new Pager({total:n,prefix:'list',suffix:'html'})", "f({total:3,prefix:'a',suffix:'exe'})"]
        {
            assert_eq!(pages(&format!("<script>{script}</script>")).0, Vec::<String>::new(), "{script}");
        }
    }

    #[test]
    fn what_stands_in_a_pagers_controls() {
        let html = "<select><option value='index.html'>1</option><option value='index_2.html'>2</option><option value='http://www.yi.gov.cn/a_2.html'>乙</option></select>\
            <a href=\"javascript:location.href='list-3.htm'\">3</a><span onclick=\"window.location.href='?page=4'\">4</span>\
            <a onclick=\"location.href='x_'+n+'.html'\">n</a><a onclick=\"location.href='/login.jsp'\">登录</a>";
        assert_eq!(pages(html).0, ["index_2.html", "list-3.htm", "?page=4"]);
    }
}
