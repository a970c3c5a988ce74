//! A page as a flat outline: elements and text in document order, built from tag events in one pass, in bounded depth.

use std::borrow::Cow;
use std::ops::Range;

use super::elements::TAGS;
pub use super::elements::{Attr, Tag};
use super::tokens::Events;

/// Elements nested deeper than this are kept as leaves.
pub const MAX_DEPTH: usize = 512;
/// Script text kept of one element, in bytes.
const MAX_RAW: usize = 512 * 1024;

/// Index of a node in its [`Outline`].
pub type NodeId = u32;

/// One element or run of text.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// What it is.
    pub tag: Tag,
    /// The element around it; the root is its own parent.
    pub parent: NodeId,
    /// The first node after it and everything in it.
    pub end: NodeId,
    /// Where its text starts in [`Outline::text`].
    pub text_start: u32,
    /// Where its text ends.
    pub text_end: u32,
    attrs: (u32, u16),
    /// Inside `<template>` or another element whose content is not shown and not live.
    pub inert: bool,
    /// Between `<head>` and the first thing that belongs to a body.
    pub in_head: bool,
}

/// A page in document order.
#[derive(Debug, Default)]
pub struct Outline {
    /// Elements and runs of text, each before what it contains.
    pub nodes: Vec<Node>,
    /// All visible-candidate text; block elements are set apart by line feeds.
    pub text: String,
    /// Content of scripts, styles, text areas and the like: the element and its range in the raw text.
    pub raws: Vec<(NodeId, Range<usize>)>,
    /// Comments that may be marks of a template (short ones) or server-side includes: the node they stand before, their text.
    pub comments: Vec<(NodeId, String)>,
    /// True where something was nested deeper than [`MAX_DEPTH`].
    pub too_deep: bool,
    /// What `<html lang>` says; empty where it says nothing.
    pub lang: String,
    raw: String,
    attrs: Vec<(Attr, u32, u32)>,
    values: String,
}

impl Outline {
    /// One node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// The nodes inside an element, without itself.
    pub fn inside(&self, id: NodeId) -> Range<NodeId> {
        id + 1..self.node(id).end
    }

    /// All nodes.
    pub fn ids(&self) -> Range<NodeId> {
        0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// The text of an element, as it stands.
    pub fn text_of(&self, id: NodeId) -> &str {
        let node = self.node(id);
        self.text_between(node.text_start, node.text_end)
    }

    /// A piece of [`Self::text`].
    pub fn text_between(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// All attributes of an element that mean something to the reader, in their order.
    pub fn attrs_of(&self, id: NodeId) -> impl Iterator<Item = (Attr, &str)> {
        let (start, len) = self.node(id).attrs;
        let attrs = self.attrs.get(start as usize..start as usize + len as usize).unwrap_or_default();
        attrs
            .iter()
            .filter_map(|(attr, from, to)| Some((*attr, self.values.get(*from as usize..*to as usize)?)))
    }

    /// The value of an attribute.
    pub fn attr(&self, id: NodeId, name: Attr) -> Option<&str> {
        let (start, len) = self.node(id).attrs;
        let attrs = self.attrs.get(start as usize..start as usize + len as usize)?;
        let (_, from, to) = attrs.iter().find(|(attr, ..)| *attr == name)?;
        self.values.get(*from as usize..*to as usize)
    }

    /// Class and id in one string, for matching words.
    pub fn class_and_id(&self, id: NodeId) -> String {
        let (class, id) =
            (self.attr(id, Attr::Class).unwrap_or_default(), self.attr(id, Attr::Id).unwrap_or_default());
        let mut both = String::with_capacity(class.len() + id.len() + 1);
        both.push_str(class);
        both.push(' ');
        both.push_str(id);
        both.make_ascii_lowercase();
        both
    }

    /// Content of a script, style or text area.
    pub fn raw_text(&self, range: &Range<usize>) -> &str {
        self.raw.get(range.clone()).unwrap_or_default()
    }

    /// Content of one raw element.
    pub fn raw_of(&self, id: NodeId) -> Option<&str> {
        let at = self.raws.binary_search_by_key(&id, |(raw, _)| *raw).ok()?;
        self.raws.get(at).map(|(_, range)| self.raw_text(range))
    }

    /// Every script or other raw element of one tag with its content.
    pub fn raws_of(&self, tag: Tag) -> impl Iterator<Item = (NodeId, &str)> {
        self.raws
            .iter()
            .filter(move |(id, _)| self.node(*id).tag == tag)
            .map(|(id, range)| (*id, self.raw_text(range)))
    }

    /// The elements around a node, innermost first.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let mut at = id;
        std::iter::from_fn(move || {
            let parent = self.node(at).parent;
            (parent != at).then(|| {
                at = parent;
                parent
            })
        })
    }
}

/// What the tokenizer should do after a start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// Go on with markup.
    Markup,
    /// Character data until the end tag, entities decoded.
    RcData,
    /// Character data until the end tag, as it stands.
    RawText,
    /// A script.
    Script,
    /// Text to the end of the page.
    Plaintext,
}

/// Builds an [`Outline`] from tag events, closing elements much as browsers do. Every event costs at most [`MAX_DEPTH`] steps.
#[derive(Debug)]
pub struct Builder {
    page: Outline,
    stack: Vec<NodeId>,
    open: [u32; TAGS],
    /// Start tags beyond the depth cap whose end tags are still to come.
    overflow: u32,
    inert: u32,
    foreign: bool,
    in_head: bool,
    /// The raw element that is open.
    raw_open: Option<NodeId>,
}

impl Default for Builder {
    fn default() -> Self {
        let mut builder = Self {
            page: Outline::default(),
            stack: Vec::with_capacity(64),
            open: [0; TAGS],
            overflow: 0,
            inert: 0,
            foreign: false,
            in_head: true,
            raw_open: None,
        };
        let root = Node {
            tag: Tag::Html,
            parent: 0,
            end: 0,
            text_start: 0,
            text_end: 0,
            attrs: (0, 0),
            inert: false,
            in_head: false,
        };
        builder.page.nodes.push(root);
        builder.stack.push(0);
        builder
    }
}

impl Events for Builder {
    fn start(&mut self, tag: Tag, name: &str, attrs: &[(Attr, Cow<'_, str>)], self_closing: bool) -> Follow {
        if matches!(tag, Tag::Html | Tag::Body | Tag::Head) {
            self.in_head &= tag != Tag::Body;
            if tag == Tag::Body {
                self.push_node(tag, name, attrs);
            }
            if let Some((_, lang)) = attrs.iter().find(|(attr, _)| *attr == Attr::Lang) {
                self.page.lang.clear();
                self.page.lang.push_str(lang);
            }
            return Follow::Markup;
        }
        if self.foreign && (tag.is_block() || matches!(tag, Tag::Span | Tag::Img | Tag::Em | Tag::Strong)) {
            self.leave_foreign();
        }
        if !matches!(
            tag,
            Tag::Meta
                | Tag::Title
                | Tag::Link
                | Tag::Script
                | Tag::Style
                | Tag::Base
                | Tag::Noscript
                | Tag::Template
        ) {
            self.in_head = false;
        }
        if !self.foreign && self.make_room(tag) == Room::Ignore {
            return Follow::Markup;
        }
        let id = self.push_node(tag, name, attrs);
        if tag.is_block() {
            self.line_break();
            self.page.nodes[id as usize].text_start = self.text_at();
        }
        if tag.is_void() || (self_closing && self.foreign) {
            self.page.nodes[id as usize].text_end = self.text_at();
            return Follow::Markup;
        }
        if self.stack.len() >= MAX_DEPTH {
            self.page.too_deep = true;
            if tag.is_raw() && !self.foreign {
                return self.follow_raw(id, tag);
            }
            self.overflow = self.overflow.saturating_add(1);
            return Follow::Markup;
        }
        if tag.is_raw() && !self.foreign {
            return self.follow_raw(id, tag);
        }
        self.stack.push(id);
        self.open[tag as usize] += 1;
        match tag {
            Tag::Template => self.inert += 1,
            Tag::Svg | Tag::Math if !self_closing => self.foreign = true,
            Tag::Plaintext => return Follow::Plaintext,
            _ => {}
        }
        Follow::Markup
    }

    fn end(&mut self, tag: Tag, name: &str) {
        if let Some(raw) = self.raw_open.take() {
            self.page.nodes[raw as usize].end = self.next_id();
            return;
        }
        if self.overflow > 0 {
            self.overflow -= 1;
            return;
        }
        if matches!(tag, Tag::Html | Tag::Body | Tag::Head) {
            self.in_head &= tag != Tag::Head;
            return;
        }
        if tag == Tag::Br {
            self.line_break();
            return;
        }
        if self.open[tag as usize] == 0 {
            return;
        }
        let Some(depth) = self.find_open(tag, name) else { return };
        if tag.is_formatting() && depth + 1 < self.stack.len() && self.block_above(depth) {
            // A misnested formatting element ends here; the blocks opened inside it stay open.
            let id = self.stack.remove(depth);
            self.close_node(id, tag);
            return;
        }
        self.pop_to(depth);
    }

    fn text(&mut self, piece: &str) {
        if let Some(raw) = self.raw_open {
            let Some((id, range)) = self.page.raws.last_mut() else { return };
            if *id == raw {
                let room = piece.floor_char_boundary(MAX_RAW.saturating_sub(range.len()).min(piece.len()));
                self.page.raw.push_str(piece.split_at(room).0);
                range.end = self.page.raw.len();
            }
            return;
        }
        let lead = piece.len() - piece.trim_start().len();
        let blank = lead == piece.len();
        if !blank {
            self.in_head = false;
        }
        let start = self.text_at();
        let parent = *self.stack.last().unwrap_or(&0);
        if let Some(last) = self.page.nodes.last_mut()
            && last.tag == Tag::Text
            && last.text_end == start
            && last.parent == parent
        {
            self.page.text.push_str(piece);
            last.text_end = u32::try_from(self.page.text.len()).unwrap_or(u32::MAX);
            return;
        }
        self.page.text.push_str(piece);
        if blank {
            return;
        }
        let id = self.next_id();
        let (text_end, inert) = (self.text_at(), self.inert > 0);
        let node = Node {
            tag: Tag::Text,
            parent,
            end: id + 1,
            // However the text is cut into pieces, it begins where it begins for a reader.
            text_start: start + u32::try_from(lead).unwrap_or_default(),
            text_end,
            attrs: (0, 0),
            inert,
            in_head: false,
        };
        self.page.nodes.push(node);
    }

    fn comment(&mut self, text: &str) {
        let trimmed = text.trim();
        let kept = trimmed.starts_with("#include")
            || trimmed.chars().nth(40).is_none()
            || trimmed.contains("<recordset");
        if kept && self.page.comments.len() < 10_000 {
            let cut = trimmed.chars().take(200_000).collect();
            self.page.comments.push((self.next_id(), cut));
        }
    }

    fn in_foreign(&self) -> bool {
        self.foreign
    }
}

impl Builder {
    /// A builder with room for a page of so many bytes, as pages are on the whole.
    pub fn for_page(bytes: usize) -> Self {
        let mut builder = Self::default();
        builder.page.nodes.reserve(bytes / 48);
        builder.page.attrs.reserve(bytes / 64);
        builder.page.text.reserve(bytes / 8 * 5);
        builder.page.values.reserve(bytes / 3);
        builder
    }

    /// Closes what is open and hands the page over.
    pub fn finish(mut self) -> Outline {
        self.pop_to(0);
        self.page
    }

    fn next_id(&self) -> NodeId {
        u32::try_from(self.page.nodes.len()).unwrap_or(u32::MAX)
    }

    fn text_at(&self) -> u32 {
        u32::try_from(self.page.text.len()).unwrap_or(u32::MAX)
    }

    fn line_break(&mut self) {
        if !self.page.text.is_empty() && !self.page.text.ends_with('\n') {
            self.page.text.push('\n');
        }
    }

    fn push_node(&mut self, tag: Tag, name: &str, attrs: &[(Attr, Cow<'_, str>)]) -> NodeId {
        let id = self.next_id();
        let first = self.page.attrs.len();
        let mut push = |attr: Attr, value: &str| {
            let from = self.page.values.len();
            self.page.values.push_str(value);
            let span = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            self.page.attrs.push((attr, span(from), span(self.page.values.len())));
        };
        for (attr, value) in attrs {
            push(*attr, value);
        }
        if tag == Tag::Other {
            push(Attr::Name, name);
        }
        let count = u16::try_from(self.page.attrs.len() - first).unwrap_or(u16::MAX);
        let at = self.text_at();
        self.page.nodes.push(Node {
            tag,
            parent: *self.stack.last().unwrap_or(&0),
            end: id + 1,
            text_start: at,
            text_end: at,
            attrs: (u32::try_from(first).unwrap_or(u32::MAX), count),
            inert: self.inert > 0,
            in_head: self.in_head,
        });
        id
    }

    fn follow_raw(&mut self, id: NodeId, tag: Tag) -> Follow {
        let at = self.page.raw.len();
        self.page.raws.push((id, at..at));
        self.raw_open = Some(id);
        match tag {
            Tag::Script => Follow::Script,
            Tag::Title | Tag::Textarea => Follow::RcData,
            _ => Follow::RawText,
        }
    }

    /// Closes what a start tag closes by itself.
    fn make_room(&mut self, tag: Tag) -> Room {
        #[allow(clippy::enum_glob_use, reason = "a list of names reads best bare")]
        use Tag::*;
        if tag.closes_paragraph() && self.open[P as usize] > 0 {
            self.close_implied(&[P], &[Table, Td, Th, Caption, Button, Marquee, Object, Template]);
        }
        match tag {
            Li => self.close_implied(
                &[Li],
                &[
                    Ul, Ol, Menu, Dir, Table, Td, Th, Caption, Object, Template, Form, Center, Blockquote,
                    Section, Dl,
                ],
            ),
            Dt | Dd => self.close_implied(
                &[Dt, Dd],
                &[Dl, Table, Td, Th, Caption, Object, Template, Ul, Ol, Form, Center, Blockquote, Section],
            ),
            Option => self.close_implied(&[Option], &[Select, Table, Td, Template]),
            A if self.open[A as usize] > 0 => {
                if let Some(depth) = self.find_open(A, "a") {
                    let id = self.stack.remove(depth);
                    self.close_node(id, A);
                }
            }
            Tr | Td | Th | Tbody | Thead | Tfoot => {
                let Some(table) = self.stack.iter().rposition(|id| self.page.node(*id).tag == Table) else {
                    return Room::Ignore;
                };
                let keep: &[Tag] = match tag {
                    Td | Th => &[Tr, Tbody, Thead, Tfoot],
                    Tr => &[Tbody, Thead, Tfoot],
                    _ => &[],
                };
                let cut = (table + 1..self.stack.len())
                    .find(|depth| !keep.contains(&self.page.node(self.stack[*depth]).tag))
                    .unwrap_or(self.stack.len());
                self.pop_to(cut);
            }
            _ => {}
        }
        Room::Made
    }

    /// Pops to the innermost of `tags`, unless one of `barriers` stands before it.
    fn close_implied(&mut self, tags: &[Tag], barriers: &[Tag]) {
        if tags.iter().all(|tag| self.open[*tag as usize] == 0) {
            return;
        }
        for depth in (1..self.stack.len()).rev() {
            let tag = self.page.node(self.stack[depth]).tag;
            if tags.contains(&tag) {
                self.pop_to(depth);
                return;
            }
            if barriers.contains(&tag) {
                return;
            }
        }
    }

    /// Depth of the element an end tag closes, as far as it may reach.
    fn find_open(&self, tag: Tag, name: &str) -> Option<usize> {
        #[allow(clippy::enum_glob_use, reason = "a list of names reads best bare")]
        use Tag::*;
        for depth in (1..self.stack.len()).rev() {
            let id = self.stack[depth];
            let open = self.page.node(id).tag;
            if open == tag && (tag != Other || self.page.attr(id, Attr::Name) == Some(name)) {
                return Some(depth);
            }
            let barrier = match tag {
                Table | Tr | Tbody | Thead | Tfoot => open == Table || open == Template,
                Td | Th => matches!(open, Table | Template),
                Li => matches!(open, Ul | Ol | Td | Th | Table | Template | Caption | Marquee),
                Span | Label | Other => open.is_block(),
                _ => matches!(open, Td | Th | Table | Template | Caption | Marquee | Object),
            };
            if barrier {
                return None;
            }
        }
        None
    }

    fn block_above(&self, depth: usize) -> bool {
        self.stack
            .get(depth + 1..)
            .is_some_and(|above| above.iter().any(|id| self.page.node(*id).tag.is_block()))
    }

    fn pop_to(&mut self, depth: usize) {
        while self.stack.len() > depth {
            let Some(id) = self.stack.pop() else { return };
            let tag = self.page.node(id).tag;
            self.close_node(id, tag);
        }
    }

    fn close_node(&mut self, id: NodeId, tag: Tag) {
        let (end, text_end) = (self.next_id(), self.text_at());
        let node = &mut self.page.nodes[id as usize];
        (node.end, node.text_end) = (end, text_end);
        self.open[tag as usize] = self.open[tag as usize].saturating_sub(1);
        match tag {
            Tag::Template => self.inert = self.inert.saturating_sub(1),
            Tag::Svg | Tag::Math => {
                self.foreign = self.open[Tag::Svg as usize] + self.open[Tag::Math as usize] > 0;
            }
            _ => {}
        }
        if tag.is_block() {
            self.line_break();
        }
    }

    fn leave_foreign(&mut self) {
        if let Some(depth) =
            self.stack.iter().position(|id| matches!(self.page.node(*id).tag, Tag::Svg | Tag::Math))
        {
            self.pop_to(depth);
        }
        self.foreign = false;
    }
}

#[derive(PartialEq)]
enum Room {
    Made,
    Ignore,
}
