//! Which address a picture is shown from once the page's scripts have run: `src`, or what waits beside it to be loaded late.

use super::outline::{Attr, NodeId, Outline};

/// Where scripts that load pictures late have a page name them, and what browsers choose from.
const LATE: [Attr; 5] = [Attr::DataSrc, Attr::DataOriginal, Attr::LaySrc, Attr::DataSrcset, Attr::Srcset];

/// Words in the address of a picture that only holds another's place.
const PLACES: [&str; 10] =
    ["blank", "placeholder", "loading", "lazy", "grey.", "gray.", "spacer", "pixel", "1x1", "transparent"];

/// The address of a picture, as written; `None` where it has none that a reader is shown, or a script writes it.
pub(super) fn address(page: &Outline, id: NodeId) -> Option<&str> {
    let src = page.attr(id, Attr::Src).filter(|src| !src.trim().is_empty());
    let mut waits = false;
    for name in LATE {
        let Some(value) = page.attr(id, name) else { continue };
        waits = true;
        if src.is_some_and(|src| !holds_a_place(src)) {
            break;
        }
        let choice = matches!(name, Attr::Srcset | Attr::DataSrcset);
        let late = if choice { chosen(value) } else { Some(value) };
        if let Some(late) = late.filter(|late| is_address(late)) {
            return Some(late);
        }
    }
    // What holds the place of a picture that a script has still to name is not what readers are meant to see.
    src.filter(|src| is_address(src) && !(waits && holds_a_place(src)))
}

fn holds_a_place(src: &str) -> bool {
    let src = src.trim().to_ascii_lowercase();
    src.starts_with("data:") || PLACES.iter().any(|word| src.contains(word)) || !is_address(&src)
}

/// Whether an attribute holds an address at all, and not the mark of a template, a script or nothing.
fn is_address(value: &str) -> bool {
    let value = value.trim();
    let starts = |word: &str| value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    !value.is_empty()
        && !["javascript:", "about:", "#"].iter().any(|word| starts(word))
        && !["null", "undefined", "none"].iter().any(|word| value.eq_ignore_ascii_case(word))
        && !["{{", "${", "<%", "{%", "[["].iter().any(|mark| value.contains(mark))
}

/// Of a `srcset`, what an ordinary desktop screen is shown: the plain one, else the widest.
fn chosen(srcset: &str) -> Option<&str> {
    let mut rest = srcset;
    let mut best: Option<(&str, f32)> = None;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (url, after) = rest.split_at(end);
        if url.is_empty() {
            return best.map(|(url, _)| url);
        }
        let bare = url.trim_end_matches(',');
        // A comma at the end of an address ends the candidate; one inside belongs to it.
        let (descriptor, after) =
            if bare.len() < url.len() { ("", after) } else { after.split_once(',').unwrap_or((after, "")) };
        let descriptor = descriptor.trim();
        let number = |unit: char| descriptor.strip_suffix(unit).and_then(|number| number.parse::<f32>().ok());
        let fit = match (number('w'), number('x')) {
            (Some(width), _) => width,
            (None, Some(density)) => -density,
            (None, None) => -1.0,
        };
        if best.is_none_or(|(_, other)| fit > other) {
            best = Some((bare, fit));
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::super::outline::Tag;
    use super::super::tokens;
    use super::*;

    #[test]
    fn what_a_reader_is_shown_once_scripts_have_run() {
        for (html, want) in [
            ("<img src=a.jpg>", Some("a.jpg")),
            ("<img data-original=a.jpg>", Some("a.jpg")),
            ("<img src='' data-src=a.jpg>", Some("a.jpg")),
            ("<img lay-src=a.jpg>", Some("a.jpg")),
            ("<img src=/images/blank.gif lay-src=a.jpg>", Some("a.jpg")),
            ("<img src='data:image/gif;base64,R0' data-original=a.jpg>", Some("a.jpg")),
            ("<img srcset='a.jpg 1x, b.jpg 2x'>", Some("a.jpg")),
            ("<img srcset='a.jpg 480w, b.jpg 1200w,c.jpg 800w'>", Some("b.jpg")),
            ("<img srcset='b.jpg 2x, a,1.jpg'>", Some("a,1.jpg")),
            ("<img srcset='a.jpg, b.jpg 2x'>", Some("a.jpg")),
            ("<img data-srcset='a.jpg 1x'>", Some("a.jpg")),
            // The larger picture of a viewer is not the one that is shown.
            ("<img src=small.jpg data-original=large.jpg>", Some("small.jpg")),
            ("<img src=small.jpg srcset='large.jpg 2x'>", Some("small.jpg")),
            ("<img src=blank.gif data-src=''>", None),
            ("<img src=blank.gif data-src='{{url}}'>", None),
            ("<img src=blank.gif data-src='javascript:'>", None),
            ("<img src=blank.gif data-src='javascript:;' data-original=a.jpg>", Some("a.jpg")),
            ("<img data-src=''>", None),
            ("<img data-src='{{url}}'>", None),
            ("<img src='{{item.pic}}'>", None),
            ("<img src='${pic}' data-src=a.jpg>", Some("a.jpg")),
            ("<img srcset=' , '>", None),
            ("<img>", None),
        ] {
            let (page, _) = tokens::read(html, &mut || false);
            let id = page.ids().find(|id| page.node(*id).tag == Tag::Img).expect("a picture");
            assert_eq!(address(&page, id), want, "{html}");
        }
    }
}
