//! What on a page may name a row of a list: links of the body, and dated rows that a script opens.

use std::collections::HashMap;

use super::dates;
use super::lists::MAX_ROWS;
use super::names;
use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::LinkPlace;
use super::regions::{Regions, fold};
use super::rows::{self, Anchor};
use super::shapes;

/// The links, and the rows that a script opens, in document order.
pub(super) fn read(
    page: &Outline,
    regions: &Regions,
    resolve: &mut dyn FnMut(NodeId) -> Option<String>,
) -> Vec<Anchor> {
    let mut targets: HashMap<String, u32> = HashMap::new();
    let mut found = Vec::new();
    for id in page.ids().skip(1) {
        let node = page.node(id);
        if node.inert || regions.place(id) != LinkPlace::Body {
            continue;
        }
        if let Some((text, script)) = pressed_row(page, id) {
            let next = u32::try_from(targets.len()).unwrap_or(u32::MAX);
            let url = format!("javascript:{script}");
            let target = *targets.entry(format!("{id} {url}")).or_insert(next);
            found.push(Anchor { id, url, target, text, picture: false });
        }
        if node.tag != Tag::A || page.attr(id, Attr::Href).is_none() {
            continue;
        }
        let text = names::anchor_text(page, id);
        let mut text = text;
        if names::leads_in(&text) {
            text = names::named_by_row(page, id).unwrap_or(text);
        }
        let picture = page.inside(id).take(30).any(|inner| page.node(inner).tag == Tag::Img);
        if !picture && (text.is_empty() || names::leads_on(&text)) {
            continue;
        }
        let Some(url) = resolve(id) else { continue };
        if is_of_the_foot(&text) || picture && leads_home(&url) {
            continue;
        }
        if url.starts_with("mailto:")
            || url.starts_with("tel:")
            || (url.starts_with("javascript:") && text.chars().nth(5).is_none())
        {
            continue;
        }
        // A script address says nothing: each such link is its own target.
        let key = if is_script_address(&url) { format!("{id} {url}") } else { url.clone() };
        let next = u32::try_from(targets.len()).unwrap_or(u32::MAX);
        let target = *targets.entry(key).or_insert(next);
        found.push(Anchor { id, url, target, text, picture });
        if found.len() >= MAX_ROWS {
            break;
        }
    }
    drop_recurring(&mut found, targets.len());
    found
}

/// A dated row without a link that a script opens: what it says and the script's call.
fn pressed_row(page: &Outline, id: NodeId) -> Option<(String, String)> {
    let node = page.node(id);
    if !matches!(node.tag, Tag::Div | Tag::Li | Tag::Tr | Tag::P | Tag::Dl | Tag::Section | Tag::Article)
        || (node.text_end - node.text_start) > 2_000
    {
        return None;
    }
    let call = page.attr(id, Attr::OnClick).map(str::trim).filter(|call| !call.is_empty())?;
    let dated = !dates::find(page.text_of(id), true).is_empty();
    if !dated || page.inside(id).any(|inner| page.attr(inner, Attr::Href).is_some()) {
        return None;
    }
    let texts = page.inside(id).filter(|inner| page.node(*inner).tag == Tag::Text);
    let name = texts
        .map(|inner| page.text_of(inner))
        .find(|text| text.trim().chars().nth(3).is_some() && !rows::is_date_text(text))?;
    Some((fold(name), call.to_owned()))
}

/// A filing number and nothing else: 京ICP备05000000号-1, 京公网安备 11000000000000号.
fn is_of_the_foot(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 5
        && text.chars().nth(40).is_none()
        && ["ICP备", "ICP证", "网安备"].iter().any(|mark| {
            text.rsplit_once(mark).is_some_and(|(before, after)| {
                let number = |c: char| c.is_ascii_digit() || c.is_whitespace() || "号-－()（）[]".contains(c);
                before.chars().filter(|c| !c.is_whitespace()).count() <= 12 && after.chars().all(number)
            })
        })
}

/// The emblem above a page: a picture that leads to a home page.
fn leads_home(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| shapes::looks_like_home_url(&url))
}

/// Takes out short links to one target that stand in row after row: the paper, the office, the column.
fn drop_recurring(found: &mut Vec<Anchor>, targets: usize) {
    let mut short = vec![0_u32; targets];
    let is_short = |anchor: &Anchor| !anchor.picture && anchor.text.chars().nth(6).is_none();
    for anchor in found.iter().filter(|anchor| is_short(anchor)) {
        short[anchor.target as usize] += 1;
    }
    found.retain(|anchor| !is_short(anchor) || short[anchor.target as usize] < 3);
}

/// An address that is the same for every row of a list.
pub(super) fn is_script_address(url: &str) -> bool {
    url.starts_with("javascript:") || url.ends_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filing_numbers_are_of_the_foot() {
        for text in ["琼ICP备20990001号-1", "ICP备案号：琼ICP备 20990001号", "琼公网安备 46990102000001号"]
        {
            assert!(is_of_the_foot(text), "{text}");
        }
        for text in ["关于注销琼ICP备20990001号备案的公告", "ICP备案须知", "2026年第12345号公告"]
        {
            assert!(!is_of_the_foot(text), "{text}");
        }
    }
}
