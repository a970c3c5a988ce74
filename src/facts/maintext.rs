//! The text of a page as rules about words read it: block by block, one a line, without what frames it, numbers of persons masked.

use super::blanks;
use super::outline::{NodeId, Outline, Tag};
use super::page::{LinkPlace, PageKind};
use super::personal::{Leak, mask};
use super::regions::Regions;

/// Longest text kept of one page, in bytes: more is a book.
const LONGEST: usize = 256 << 10;

/// What is kept of a page's text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageText {
    /// Title and body, one block a line, numbers of persons masked. Of the home page, its frame too: what a template says, it
    /// says there.
    pub text: String,
    /// Numbers of persons that stood in it.
    pub leaks: Vec<Leak>,
    /// True where such a number stands anywhere on the page.
    pub personal: bool,
}

/// Reads the text of a page of this kind; `None` where it has none of its own.
pub(super) fn read(
    page: &Outline,
    regions: &Regions,
    title: &str,
    kind: PageKind,
    rows: &[bool],
) -> Option<PageText> {
    if matches!(kind, PageKind::Redirect | PageKind::Shell | PageKind::Blocked) {
        return None;
    }
    let whole = kind == PageKind::Home;
    let mut text = String::with_capacity(page.text.len().min(LONGEST));
    text.push_str(title);
    let mut last: Option<(NodeId, u32)> = None;
    let mut skip_to = 0;
    for id in page.ids().skip(1) {
        if id < skip_to || !whole && rows.get(id as usize).copied().unwrap_or(false) {
            continue;
        }
        let node = page.node(id);
        match node.tag {
            Tag::Select | Tag::Option | Tag::Button => skip_to = node.end,
            Tag::Text
                if !node.inert
                    && !regions.is_hidden(id)
                    && (whole || regions.place(id) == LinkPlace::Body) =>
            {
                let piece = page.text_of(id);
                let piece = piece.get(..piece.floor_char_boundary(LONGEST)).unwrap_or_default();
                let between = last.map(|(_, end)| page.text_between(end, node.text_start));
                // Elements beside each other, of which the second is a label, are shown apart by their style.
                let beside = |(other, _): (NodeId, u32)| {
                    let (mine, before) = (node.parent, page.node(other).parent);
                    mine != before && page.node(mine).parent == page.node(before).parent
                };
                let labelled = last.is_some_and(beside) && begins_with_label(piece);
                if between.is_none_or(|between| between.contains('\n')) {
                    if !text.ends_with('\n') {
                        text.push('\n');
                    }
                } else if !text.ends_with(char::is_whitespace)
                    && (labelled || between.is_some_and(|between| !between.is_empty()))
                {
                    text.push(' ');
                }
                push_folded(&mut text, piece);
                last = Some((id, node.text_end));
                if text.len() > LONGEST {
                    break;
                }
            }
            _ => {}
        }
    }
    let (text, leaks) = mask(&text);
    Some(PageText { text, leaks, personal: false })
}

/// Whether a piece begins with a label: `点击：`.
fn begins_with_label(piece: &str) -> bool {
    let ends = |c: char| matches!(c, '：' | ':');
    let name = piece.chars().take(7).position(ends).filter(|length| *length >= 2);
    name.is_some_and(|length| piece.chars().take(length).all(|c| c >= '\u{2e80}'))
}

/// Adds a text with its white space folded, a line feed in it kept.
fn push_folded(out: &mut String, piece: &str) {
    let mut rest = piece;
    while let Some(at) = blanks::find(rest) {
        let (plain, blank) = rest.split_at(at);
        out.push_str(plain);
        let mut after = blank.chars();
        let feed = after.next() == Some('\n');
        rest = after.as_str();
        if !out.ends_with([' ', '\n']) {
            out.push(if feed { '\n' } else { ' ' });
        } else if feed && out.ends_with(' ') {
            out.pop();
            if !out.ends_with('\n') {
                out.push('\n');
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_apart_stays_apart() {
        let text = |html: &str| {
            let (page, _) = crate::facts::tokens::read(html, &mut || false);
            let regions = Regions::read(&page);
            read(&page, &regions, "", PageKind::Article, &[]).expect("a text").text.trim().to_owned()
        };
        for (html, want) in [
            ("<p><span>某年</span>　作者：<span>办公室</span>　点击：3</p>", "某年 作者：办公室 点击：3"),
            ("<p><span>办公室</span>&nbsp;<span>点将台</span></p>", "办公室 点将台"),
            ("<p><span>办公室</span>&emsp;点将台</p>", "办公室 点将台"),
            ("<p><span>办公室</span><span>点击：3</span></p>", "办公室 点击：3"),
            ("<p>开展<b>试</b><span>点</span>工作</p>", "开展试点工作"),
            ("<p>要求<b>做好试点</b>工作：一是</p>", "要求做好试点工作：一是"),
        ] {
            assert_eq!(text(html), want, "{html}");
        }
    }
}
