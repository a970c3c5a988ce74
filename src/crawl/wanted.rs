//! What is wanted of a link's target, from the link and the shape of its address alone.

use url::Url;

use super::frontier::Role;
use crate::facts::files::is_named_as_file;
use crate::facts::impossible::nowhere_at;
use crate::facts::page::{LinkKind, LinkPlace, PageLink};
use crate::facts::shapes;

/// Whether a link's address is asked for, or told as one that nobody can follow. What is not shown, and scripts of the
/// visitor's own machine, by which printing and signing controls are reached, lead no reader anywhere; on an `inward` page
/// inward addresses are ordinary.
pub(super) fn is_worth_a_visit(link: &PageLink, bare: &str, inward: bool) -> bool {
    match nowhere_at(bare) {
        None => bare.starts_with("http://") || bare.starts_with("https://"),
        Some(nowhere) if inward && nowhere.may_be_opened() => true,
        Some(_) => !link.hidden && !matches!(link.kind, LinkKind::Script | LinkKind::Style),
    }
}

/// What is wanted of a link's target, from the place and kind of the link and the shape of the URL.
pub(super) fn role_of(kind: LinkKind, place: LinkPlace, url: &Url) -> Role {
    // What a program gives out under a file's name may be a page that leads to the file.
    let kind =
        if kind == LinkKind::Attachment && !is_named_as_file(url.as_str()) { LinkKind::Page } else { kind };
    match (kind, place) {
        (LinkKind::Page | LinkKind::Frame, LinkPlace::Nav) => Role::Column,
        (LinkKind::Page | LinkKind::Frame, _) if shapes::looks_like_list_url(url) => Role::List,
        (LinkKind::Page | LinkKind::Frame, _) => Role::Page,
        _ => Role::Target,
    }
}
