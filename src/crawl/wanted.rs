//! What is wanted of a link's target, from the link and the shape of its address alone.

use url::Url;

use super::frontier::Role;
use crate::facts::files::is_named_as_file;
use crate::facts::impossible::nowhere_at;
use crate::facts::page::{LinkKind, LinkPlace, PageLink};
use crate::facts::shapes;

/// Which links to an address are asked for, or told as ones that nobody can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// All.
    Always,
    /// Those that are shown: what is not, and scripts of the visitor's own machine, by which printing and signing controls are
    /// reached, lead no reader anywhere.
    Shown,
    /// None: the address is none of the web's.
    Never,
}

impl Worth {
    pub(super) fn is_of(self, link: &PageLink) -> bool {
        match self {
            Self::Always => true,
            Self::Shown => !link.hidden && !matches!(link.kind, LinkKind::Script | LinkKind::Style),
            Self::Never => false,
        }
    }
}

/// What an address without its fragment is worth; on an `inward` page inward addresses are ordinary.
pub(super) fn worth_of(bare: &str, inward: bool) -> Worth {
    match nowhere_at(bare) {
        None if bare.starts_with("http://") || bare.starts_with("https://") => Worth::Always,
        None => Worth::Never,
        Some(nowhere) if inward && nowhere.may_be_opened() => Worth::Always,
        Some(_) => Worth::Shown,
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
