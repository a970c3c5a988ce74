//! The scan held against html5ever's tokenizer, event by event, on real pages, invented pages and arbitrary soup.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use proptest::prelude::*;

use super::*;

/// Builds the outline and notes every event on the way.
#[derive(Default)]
struct Recorder {
    builder: Builder,
    log: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq)]
enum Event {
    Start(String, Vec<(Attr, String)>, bool),
    End(String),
    Text(String),
    Comment(String),
}

impl Events for Recorder {
    fn start(&mut self, tag: Tag, name: &str, attrs: &[(Attr, Cow<'_, str>)], self_closing: bool) -> Follow {
        let kept = attrs.iter().map(|(attr, value)| (*attr, value.clone().into_owned())).collect();
        self.log.push(Event::Start(name.to_owned(), kept, self_closing));
        self.builder.start(tag, name, attrs, self_closing)
    }

    fn end(&mut self, tag: Tag, name: &str) {
        self.log.push(Event::End(name.to_owned()));
        self.builder.end(tag, name);
    }

    fn text(&mut self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        match self.log.last_mut() {
            Some(Event::Text(text)) => text.push_str(piece),
            _ => self.log.push(Event::Text(piece.to_owned())),
        }
        self.builder.text(piece);
    }

    fn comment(&mut self, text: &str) {
        self.log.push(Event::Comment(text.to_owned()));
        self.builder.comment(text);
    }

    fn in_foreign(&self) -> bool {
        self.builder.in_foreign()
    }
}

struct Sink(RefCell<Recorder>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut to = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let known = packed(tag.name.as_bytes()).map_or(Tag::Other, Tag::of);
                if tag.kind == TagKind::EndTag {
                    to.end(known, &tag.name);
                    return TokenSinkResult::Continue;
                }
                let mut attrs: Vec<(Attr, Cow<'_, str>)> = tag
                    .attrs
                    .iter()
                    .filter_map(|attr| {
                        Some((
                            Attr::given(attr.name.local.as_bytes(), &attr.value)?,
                            Cow::Borrowed(&*attr.value),
                        ))
                    })
                    .collect();
                // Of several that mean the same the first is kept.
                let mut met: Vec<Attr> = Vec::new();
                attrs.retain(|(attr, _)| !met.contains(attr) && (met.push(*attr), true).1);
                return match to.start(known, &tag.name, &attrs, tag.self_closing) {
                    Follow::Markup => TokenSinkResult::Continue,
                    Follow::RcData => TokenSinkResult::RawData(RawKind::Rcdata),
                    Follow::RawText => TokenSinkResult::RawData(RawKind::Rawtext),
                    Follow::Script => TokenSinkResult::RawData(RawKind::ScriptData),
                    Follow::Plaintext => TokenSinkResult::Plaintext,
                };
            }
            Token::CharacterTokens(text) => to.text(&text),
            Token::CommentToken(text) => to.comment(&text),
            Token::DoctypeToken(_) | Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.0.borrow().in_foreign()
    }
}

fn by_html5ever(text: &str) -> Recorder {
    let opts = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let tokenizer = Tokenizer::new(Sink(RefCell::default()), opts);
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(text));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

fn by_scan(text: &str) -> Recorder {
    let mut recorder = Recorder::default();
    assert!(scan(text, &mut recorder, &mut || false), "no clock, no cut");
    recorder
}

fn assert_same(text: &str, what: &str) {
    let (ours, theirs) = (by_scan(text), by_html5ever(text));
    if let Some(at) =
        (0..ours.log.len().max(theirs.log.len())).find(|at| ours.log.get(*at) != theirs.log.get(*at))
    {
        panic!("{what}: event {at}: {:?} where html5ever has {:?}", ours.log.get(at), theirs.log.get(at));
    }
    let (ours, theirs) = (ours.builder.finish(), theirs.builder.finish());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{what}: outline");
}

#[test]
fn tricky_pages_read_as_html5ever_reads_them() {
    for text in [
        "",
        "<",
        "</",
        "a<b c",
        "a < b &lt; c",
        "<p>one\r\ntwo\rthree\r\r\n",
        "<A HREF=x CLASS='y' title=\"z\" href=second>t</A >",
        "<a href = x class= 'y z'title=\"z\"/>t</a/>",
        "<a href=/x/>t</a href=1>",
        "<a =href=1 \"=2 <b href='1>'>t",
        "<a href=\"a&amp;b&copy=1&copy;&#x4e2d;\" title=&nbsp>x",
        "<a href=\"unended",
        "<img src=a.png/><br/><div/>x</br></p>",
        "<!---->a<!-->b<!--->c<!-- d -- e --->f<!-- g --!>h<!--i--!j-->k<!-- l",
        "<!-- a -",
        "<!-- a --",
        "<!-- a --!",
        "<!doctype html><!DOCTYPE html PUBLIC \"a>b\" 'c'>d",
        "<!x y><?php a > b ?></ z></>e<!",
        "<![CDATA[ a ]]>b<svg><![CDATA[ c < d ]]>e</svg><math><![CDATA[ f",
        "<script>a<b</scripty></script >x<script>never ended",
        "<script><!-- a </script>x<script><!--<script>b</script>c--></script>d",
        "<script><!--><script></script>e",
        "<script><!-- <scripts> </script>f",
        "<script><!-- <script/ </script > --> </script>g",
        "<style>a</b></STYLE\n>x<title>a &amp; b<i></title>y<textarea>&lt;</textarea>z<xmp>&lt;</xmp>",
        "<title>&lt;a</titl></title/ x=1>b<noscript><img src=1></noscript>",
        "<iframe>a<b></iframe>c<plaintext>d</plaintext>&amp;",
        "a\0b<i\0 x\0=1 class=a\0b>c</i\0><!--\0--><title>\0</title><script>\0</script>",
        "<svg viewBox=1><title>a<b>c</title><p>d",
        "<my-Element Class=a>b</My-element><h1>x</H1>",
        "<ul><li>a<li>b</ul><table><tr><td>c<td>d<tr><td>e</table>",
        "&#13;&#10;&#0;&#128;&#x9f; &hellip &ldquo;x&rdquo;",
    ] {
        assert_same(text, text);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this test reads pages from a folder")]
fn stored_pages_read_as_html5ever_reads_them() {
    let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/tests").to_owned()];
    let mut pages = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of pages") {
            let path = entry.expect("an entry").path();
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(name);
            } else if path.extension().is_some_and(|kind| kind == "html" || kind == "htm") {
                let bytes = std::fs::read(&path).expect("a page");
                assert_same(&crate::facts::decode::decode(&bytes, None).text, &name);
                pages += 1;
            }
        }
    }
    assert!(pages > 20, "only {pages} pages");
}

/// Pieces that steer a tokenizer somewhere.
const PIECES: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "/",
    "=",
    "'",
    "\"",
    " ",
    "\n",
    "\r",
    "\t",
    "\0",
    "-",
    "--",
    "-->",
    "--!>",
    "<!--",
    "<!",
    "<?",
    "!",
    "]]>",
    "<![CDATA[",
    "&",
    "&amp",
    "&amp;",
    "&#",
    "&#x",
    "&#20013;",
    "&nbsp",
    "&noti",
    ";",
    "a",
    "b",
    "中文",
    "<a href=",
    "<a href='",
    "<p>",
    "</p>",
    "<div class=\"",
    "<b>",
    "</b>",
    "<script",
    "<script>",
    "</script",
    "</script>",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
    "<textarea>",
    "</textarea>",
    "<svg>",
    "</svg>",
    "<math>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<li>",
    "<ul>",
    "</ul>",
    "<iframe>",
    "</iframe>",
    "<noscript>",
    "</noscript>",
    "<x-y>",
    "<template>",
    "</template>",
    "<br>",
    "<img src=x>",
    "<doctype",
    "<!doctype html>",
    "hidden",
    "style=",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]
    #[test]
    fn any_soup_reads_as_html5ever_reads_it(picks in prop::collection::vec(0..PIECES.len(), 0..40)) {
        let soup: String = picks.into_iter().map(|pick| PIECES[pick]).collect();
        assert_same(&soup, &soup);
    }
}
