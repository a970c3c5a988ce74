//! The source of tag events: html5ever's tokenizer, fed in pieces under a deadline. Nothing else knows which tokenizer it is.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::outline::{Builder, Follow, Outline};

/// Bytes fed between two looks at the clock.
const PIECE: usize = 4096;

/// The attributes of one tag, whatever tokenizer they come from.
pub trait Attributes {
    /// How many there are.
    fn count(&self) -> usize;
    /// Name and value of one; entities are decoded.
    fn at(&self, index: usize) -> (&str, &str);
}

/// Reads a page into its outline. The second value is false where time ran out before the end of the page.
pub fn read(text: &str, clock: &mut dyn FnMut() -> bool) -> (Outline, bool) {
    let opts = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let tokenizer = Tokenizer::new(Sink { builder: RefCell::new(Builder::default()) }, opts);
    let queue = BufferQueue::default();
    let mut rest = text;
    let mut whole = true;
    while !rest.is_empty() {
        if clock() {
            whole = false;
            break;
        }
        let (piece, tail) = rest.split_at(rest.floor_char_boundary(PIECE.min(rest.len())));
        queue.push_back(StrTendril::from_slice(piece));
        let _ = tokenizer.feed(&queue);
        rest = tail;
    }
    if whole {
        tokenizer.end();
    }
    (tokenizer.sink.builder.into_inner().finish(), whole)
}

struct Sink {
    builder: RefCell<Builder>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut builder = self.builder.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                return match builder.start(&tag.name, &tag, tag.self_closing) {
                    Follow::Markup => TokenSinkResult::Continue,
                    Follow::RcData => TokenSinkResult::RawData(RawKind::Rcdata),
                    Follow::RawText => TokenSinkResult::RawData(RawKind::Rawtext),
                    Follow::Script => TokenSinkResult::RawData(RawKind::ScriptData),
                    Follow::Plaintext => TokenSinkResult::Plaintext,
                };
            }
            Token::TagToken(tag) => builder.end(&tag.name),
            Token::CharacterTokens(text) => builder.text(&text),
            Token::CommentToken(text) => builder.comment(&text),
            Token::DoctypeToken(_) | Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.borrow().in_foreign()
    }
}

impl Attributes for Tag {
    fn count(&self) -> usize {
        self.attrs.len()
    }

    fn at(&self, index: usize) -> (&str, &str) {
        self.attrs.get(index).map_or(("", ""), |attr| (&*attr.name.local, &*attr.value))
    }
}
