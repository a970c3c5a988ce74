//! The text of a page as rules about words read it: block by block, one a line, without what frames it, numbers of persons masked.

use super::outline::{Outline, Tag};
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
    let mut last = None;
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
                let apart = last.is_none_or(|end| page.text_between(end, node.text_start).contains('\n'));
                if apart && !text.ends_with('\n') {
                    text.push('\n');
                }
                push_folded(&mut text, piece);
                last = Some(node.text_end);
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

/// Adds a text with its white space folded, a line feed in it kept.
fn push_folded(out: &mut String, piece: &str) {
    let mut rest = piece;
    while let Some(at) = rest.find(char::is_whitespace) {
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
