//! What a reader of a page cannot see: hidden by its own style, by the page's style sheets, by a script, by its size, its
//! place or its colour; and markup that a script writes.

use std::collections::{HashMap, HashSet};
use std::num::NonZero;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::outline::{Attr, NodeId, Outline, Tag};

/// Names that hide, of one page, in all.
const MOST_RULES: usize = 500;
/// A script longer than this does more than hide one thing.
const SHORT_SCRIPT: usize = 400;
/// Bytes of a script that writes markup that are looked at.
const WRITTEN: usize = 128 << 10;

/// Of every node, the outermost element that hides it; the root never does.
pub fn by(page: &Outline) -> Vec<Option<NonZero<NodeId>>> {
    let mut rules = Rules::of_sheets(page);
    rules.add_scripts(page);
    let body = page.ids().find(|id| page.node(*id).tag == Tag::Body);
    rules.ground = body.and_then(|id| ground_of(page, id));
    let mut styles = HashMap::new();
    let mut hidden_by: Vec<Option<NonZero<NodeId>>> = vec![None; page.nodes.len()];
    let mut written: Option<(NodeId, NodeId)> = None;
    let mut scripts = page.raws.iter().peekable();
    for id in page.ids().skip(1) {
        let node = page.node(id);
        let mut own = hidden_by[node.parent as usize];
        if own.is_none() && node.tag != Tag::Text && hides(page, id, &rules, &mut styles) {
            own = NonZero::new(id);
        }
        if let Some((by, until)) = written {
            if id >= until {
                written = None;
            } else if own.is_none() {
                own = NonZero::new(by);
            }
        }
        hidden_by[id as usize] = own;
        while let Some((raw, range)) = scripts.peek()
            && *raw <= id
        {
            if *raw == id && node.tag == Tag::Script {
                match written_wrapper(page.raw_text(range)) {
                    Wrapper::Opens => written = Some((id, page.node(node.parent).end)),
                    Wrapper::Closes => written = None,
                    Wrapper::None => {}
                }
            }
            scripts.next();
        }
    }
    hidden_by
}

/// The markup with links that a script writes into the page: its string literals, unescaped; `None` where it writes none.
pub fn written_markup(script: &str) -> Option<String> {
    let finds = |part: &str| memchr::memmem::find(script.as_bytes(), part.as_bytes()).is_some();
    if !finds("document.write") {
        return None;
    }
    let script = script.get(..script.floor_char_boundary(WRITTEN)).unwrap_or(script);
    let mut text = literals(script);
    if finds("unescape") || finds("decodeURI") {
        text = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    (text.contains("href") && text.contains('<')).then_some(text)
}

/// All string literals of a script, one after the other, with their escapes undone.
fn literals(script: &str) -> String {
    let mut out = String::new();
    let mut chars = script.chars();
    let mut quote: Option<char> = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, _) => {}
            (Some(open), _) if c == open => quote = None,
            (Some(_), '\\') => match chars.next() {
                Some(kind @ ('x' | 'u')) => {
                    let digits: String = chars.clone().take(if kind == 'x' { 2 } else { 4 }).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                    if let Some(code) = code {
                        out.push(code);
                        chars.by_ref().take(digits.len()).for_each(drop);
                    }
                }
                Some('n' | 'r' | 't') => out.push(' '),
                Some(other) => out.push(other),
                None => {}
            },
            (Some(_), c) => out.push(c),
        }
    }
    out
}

enum Wrapper {
    Opens,
    Closes,
    None,
}

/// A script that only writes the opening or the closing tag of something unseen around the markup that follows.
fn written_wrapper(script: &str) -> Wrapper {
    if script.len() > SHORT_SCRIPT || !script.contains("document.write") {
        return Wrapper::None;
    }
    let flat = flatten(script);
    let any = |tags: [&str; 6]| tags.iter().any(|tag| flat.contains(tag));
    let opens = any(["<div", "<marquee", "<span", "<ul", "<table", "<p"]);
    let closes = any(["</div", "</marquee", "</span", "</ul", "</table", "</p"]);
    if closes && !opens {
        Wrapper::Closes
    } else if opens && !closes && (style_hides(&flat) || zero_marquee(&flat)) {
        Wrapper::Opens
    } else {
        Wrapper::None
    }
}

fn zero_marquee(flat: &str) -> bool {
    let zero = [
        "height=0",
        "height=1",
        "height=\"0",
        "height=\"1\"",
        "height='0",
        "height='1'",
        "width=0",
        "width=1",
        "width=\"0",
        "width='0",
    ];
    flat.contains("<marquee") && zero.iter().any(|zero| flat.contains(zero))
}

/// Ids and classes that hide what bears them.
#[derive(Debug, Default)]
struct Rules<'a> {
    ids: HashSet<&'a str>,
    classes: HashSet<&'a str>,
    /// What `<body>` itself declares: it is no node's parent.
    ground: Option<Ground>,
}

impl<'a> Rules<'a> {
    /// What the page's own style sheets hide for every screen, by selectors of one name.
    fn of_sheets(page: &'a Outline) -> Self {
        let mut rules = Self::default();
        for (_, css) in page.raws_of(Tag::Style).filter(|(_, css)| may_hide(css)) {
            // Inside `@media` and its kin: how many braces are open.
            let mut conditional = 0_u32;
            let mut selector = "";
            for chunk in css.split_inclusive(['{', '}']) {
                if let Some(head) = chunk.strip_suffix('{') {
                    selector = head.rsplit("*/").next().unwrap_or_default().trim();
                    conditional += u32::from(conditional > 0 || selector.starts_with('@'));
                } else if let Some(body) = chunk.strip_suffix('}') {
                    if conditional > 0 {
                        conditional -= 1;
                    } else if selector.len() <= 200 && hides_by_rule(body) {
                        selector.split(',').for_each(|one| rules.add(one.trim()));
                    }
                }
                if rules.ids.len() + rules.classes.len() > MOST_RULES {
                    return rules;
                }
            }
        }
        rules
    }

    /// What short scripts of one statement hide at once: `document.getElementById("x").style.display="none"`.
    fn add_scripts(&mut self, page: &'a Outline) {
        for (_, script) in page.raws_of(Tag::Script) {
            let short = script.len() <= SHORT_SCRIPT && !script.is_empty();
            if !short || script.contains("function") || script.contains("=>") {
                continue;
            }
            let hides = flatten(script);
            let none = hides.contains("display=\"none") || hides.contains("display='none");
            let away = hides.contains("visibility=\"hidden") || hides.contains("visibility='hidden");
            if !(none || away || hides.contains(").hide()") || style_hides(&hides)) {
                continue;
            }
            for start in ["getElementById(", "$(", "jQuery("] {
                for rest in script.split(start).skip(1) {
                    let rest = rest.trim_start();
                    let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                        continue;
                    };
                    let name = rest.get(1..).and_then(|rest| rest.split(quote).next()).unwrap_or_default();
                    if start == "getElementById(" && is_name(name) {
                        self.ids.insert(name);
                    } else {
                        self.add(name);
                    }
                }
            }
        }
    }

    /// `.name`, `#name` or `div#name`, and nothing else.
    fn add(&mut self, selector: &'a str) {
        if let Some(class) = selector.strip_prefix('.').filter(|name| is_name(name)) {
            self.classes.insert(class);
        } else if let Some((tag, id)) = selector.split_once('#')
            && tag.bytes().all(|byte| byte.is_ascii_alphabetic())
            && is_name(id)
        {
            self.ids.insert(id);
        }
    }

    fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.classes.is_empty()
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

/// What a style comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Veil {
    Hides,
    /// It hides what stands on a ground of this colour.
    Coloured([u8; 3]),
    Shows,
}

/// Whether an element hides itself. `styles` remembers what each `style` came to: pages repeat a handful of them.
fn hides<'a>(page: &'a Outline, id: NodeId, rules: &Rules<'_>, styles: &mut HashMap<&'a str, Veil>) -> bool {
    let node = page.node(id);
    if page.attr(id, Attr::Hidden).is_some() {
        return true;
    }
    if let Some(style) = page.attr(id, Attr::Style) {
        match *styles.entry(style).or_insert_with(|| veil(style)) {
            Veil::Hides => return true,
            Veil::Coloured(text) if has_its_grounds_colour(page, id, text, rules) => return true,
            Veil::Coloured(_) | Veil::Shows => {}
        }
    }
    if matches!(node.tag, Tag::Marquee | Tag::Iframe) {
        let tiny = |attr| {
            page.attr(id, attr)
                .is_some_and(|value| matches!(value.trim().trim_end_matches("px"), "0" | "1" | "2" | "3"))
        };
        if tiny(Attr::Width) || tiny(Attr::Height) {
            return true;
        }
    }
    if node.tag == Tag::Font
        && let Some(text) = page.attr(id, Attr::Color).and_then(rgb)
        && has_its_grounds_colour(page, id, text, rules)
    {
        return true;
    }
    if rules.is_empty() {
        return false;
    }
    page.attr(id, Attr::Id).is_some_and(|name| rules.ids.contains(name))
        || page
            .attr(id, Attr::Class)
            .is_some_and(|names| names.split_ascii_whitespace().any(|name| rules.classes.contains(name)))
}

fn veil(style: &str) -> Veil {
    let flat = flatten(style);
    if style_hides(&flat) {
        return Veil::Hides;
    }
    value_of(&flat, "color").and_then(rgb).map_or(Veil::Shows, Veil::Coloured)
}

/// White space out, lower case, backslashes out.
fn flatten(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    flat.extend(text.chars().filter(|c| !c.is_whitespace() && *c != '\\'));
    flat.make_ascii_lowercase();
    flat
}

/// The values of a property of a flattened style, shorthand's parts apart.
fn values<'s>(flat: &'s str, property: &'s str) -> impl Iterator<Item = &'s str> {
    flat.split(property).skip(1).map(|rest| rest.split([';', '!', '"', '\'', '>']).next().unwrap_or_default())
}

/// A style, white space removed, in lower case, that leaves nothing to see.
fn style_hides(flat: &str) -> bool {
    if flat.contains("display:none")
        || flat.contains("visibility:hidden")
        || flat.contains("visibility:collapse")
    {
        return true;
    }
    // Most styles are about size and ordinary colour: whatever hides in another way uses one of these words.
    let ways =
        ["font-size:", "overflow:", "position:", "indent:", "opacity", "margin", "transform:", "transparent"];
    if !ways.iter().any(|word| flat.contains(word)) {
        return false;
    }
    let zero = |property: &str| {
        values(flat, property)
            .any(|value| matches!(value, "0" | "0px" | "0pt" | "0em" | "0rem" | "1px" | "0%" | "0.0"))
    };
    let beyond = |property: &str, least: f64| {
        values(flat, property).any(|value| {
            value
                .strip_prefix('-')
                .and_then(|value| value.trim_end_matches(|c: char| !c.is_ascii_digit()).parse::<f64>().ok())
                .is_some_and(|by| by >= least)
        })
    };
    let starts_zero = |property: &str| flat.starts_with(property) && zero(property);
    let thin = |property: &str, after: &str| zero(after) || starts_zero(property);
    let placed = flat.contains("position:absolute") || flat.contains("position:fixed");
    zero("font-size:")
        || flat.contains("overflow:hidden")
            && (thin("height:", ";height:")
                || thin("width:", ";width:")
                || thin("max-height:", ";max-height:"))
        || placed
            && (["left:", "top:", "right:", "bottom:"].iter().any(|side| beyond(side, 300.0))
                || flat.contains("clip:rect(0")
                || flat.contains("clip:rect(1px,1px")
                || flat.contains("clip-path:inset(50%)")
                || flat.contains("clip-path:inset(100%)"))
        || beyond("text-indent:", 300.0)
        || ["margin-left:", "margin-top:", "margin:"].iter().any(|side| beyond(side, 2000.0))
        || (zero("opacity:") || flat.contains("alpha(opacity=0)")) && !flat.contains("opacity:1")
        || flat.contains("transform:scale(0")
        || values(flat, "transform:translate")
            .any(|value| value.contains("(-9999") || value.contains("(-999"))
        || values(flat, "color:").any(|value| value == "transparent")
            && !flat.contains("background-color:transparent")
}

/// Whether a rule or a whole sheet has a word without which [`hides_by_rule`] says no.
fn may_hide(css: &str) -> bool {
    static WORDS: LazyLock<[Finder<'static>; 5]> =
        LazyLock::new(|| ["none", "absolute", "fixed", "indent", "font-size"].map(Finder::new));
    WORDS.iter().any(|word| word.find(css.as_bytes()).is_some())
}

fn hides_by_rule(body: &str) -> bool {
    if !may_hide(body) {
        return false;
    }
    let flat = flatten(body);
    // Opacity and visibility are how menus fade in.
    flat.contains("display:none")
        || !flat.contains("opacity") && !flat.contains("visibility") && style_hides(&flat)
}

/// The value of exactly this property, not of one whose name ends like it.
fn value_of<'s>(flat: &'s str, property: &str) -> Option<&'s str> {
    flat.split(';')
        .find_map(|part| part.split_once(':').filter(|(name, _)| *name == property))
        .map(|(_, value)| value)
}

/// Whether links of this colour stand on a ground of the same colour, as far as the page's own markup says of both.
fn has_its_grounds_colour(page: &Outline, id: NodeId, text: [u8; 3], rules: &Rules<'_>) -> bool {
    // Pasted text has a colour on every other word; only what links is asked for its ground.
    if page.node(id).tag != Tag::A && !page.inside(id).take(40).any(|inner| page.node(inner).tag == Tag::A) {
        return false;
    }
    let declared = std::iter::once(id).chain(page.ancestors(id)).find_map(|around| ground_of(page, around));
    let Some(Ground::Colour(ground)) = declared.or(rules.ground) else { return false };
    text.iter().zip(ground).all(|(a, b)| a.abs_diff(b) <= 8)
}

/// What an element declares to stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    Colour([u8; 3]),
    /// A picture, or a colour that is not read.
    Other,
}

fn ground_of(page: &Outline, id: NodeId) -> Option<Ground> {
    let read = |value: &str| rgb(value).map_or(Ground::Other, Ground::Colour);
    if let Some(style) = page.attr(id, Attr::Style).filter(|style| style.contains("ackground")) {
        let flat = flatten(style);
        if let Some(value) = value_of(&flat, "background-color").or_else(|| value_of(&flat, "background")) {
            let clear = matches!(value, "transparent" | "none" | "inherit");
            return (!clear).then(|| read(value));
        }
    }
    page.attr(id, Attr::BgColor).map(read)
}

/// A colour as it is mostly written: `#fff`, `#ffffff`, `white`, `rgb(255,255,255)`.
fn rgb(text: &str) -> Option<[u8; 3]> {
    let text = text.trim().trim_end_matches("!important").to_ascii_lowercase();
    match text.as_str() {
        "white" => return Some([255; 3]),
        "black" => return Some([0; 3]),
        _ => {}
    }
    if let Some(parts) = text.strip_prefix("rgb(").and_then(|rest| rest.strip_suffix(')')) {
        let mut parts = parts.split(',').map(|part| part.trim().parse::<u8>().ok());
        return Some([parts.next()??, parts.next()??, parts.next()??]);
    }
    let hex = text.strip_prefix('#').unwrap_or(&text);
    let part = |from: usize, to: usize| u8::from_str_radix(hex.get(from..to)?, 16).ok();
    match hex.len() {
        3 => Some([part(0, 1)? * 17, part(1, 2)? * 17, part(2, 3)? * 17]),
        6 => Some([part(0, 2)?, part(2, 4)?, part(4, 6)?]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::regions::{Regions, fold};
    use crate::facts::tokens;

    fn hidden_texts(html: &str) -> Vec<String> {
        let (page, _) = tokens::read(html, &mut || false);
        let regions = Regions::read(&page);
        page.ids()
            .filter(|id| page.node(*id).tag == Tag::A && regions.is_hidden(*id))
            .map(|id| fold(page.text_of(id)))
            .collect()
    }

    #[test]
    fn what_a_reader_cannot_see() {
        let html = "<style>/* x */ .off, #gone { display : none } @media print { .shown { display:none } } .a .b{display:none}</style>\
            <div style='display: none'><p><a href=1>一</a></p></div><a style='position:absolute;left:-9999px' href=2>二</a>\
            <div class='x off'><a href=3>三</a></div><div id=gone><a href=4>四</a></div><div class=shown><a href=5>五</a></div>\
            <a hidden href=6>六</a><span style='font-size:0px'><a href=7>七</a></span><div style='overflow:hidden;height:0'><a href=8>八</a></div>\
            <marquee height=1 width=5><a href=9>九</a></marquee><div class=b><a href=10>十</a></div><div style='line-height:0;height:100px'><a href=11>十一</a></div>\
            <script>document.write(\"<div style='display:none'>\")</script><a href=12>十二</a><script>document.write('</div>')</script><a href=13>十三</a>";
        assert_eq!(hidden_texts(html), ["一", "二", "三", "四", "六", "七", "八", "九", "十二"]);
    }

    #[test]
    fn colours_places_and_sizes() {
        let html = "<body bgcolor=#ffffff><div style='color:#FFF'><a href=1>一</a></div><font color=white><a href=2>二</a></font>\
            <div style='background:#003366'><a style='color:#fff' href=3>三</a></div><div style='background:url(x.png) #fff'><a style='color:#fff' href=4>四</a></div>\
            <div style='background-color:rgb(1, 2, 3);color:#010203'><a href=5>五</a></div><a style='color:#333' href=6>六</a>\
            <div style='margin-left:-9999px'><a href=7>七</a></div><div style='margin-left:-1200px'><a href=8>八</a></div>\
            <div style='position:fixed;right:-2000px'><a href=9>九</a></div><div style='max-height:0;overflow:hidden'><a href=10>十</a></div>\
            <div style='filter:alpha(opacity=0);opacity:0'><a href=11>十一</a></div><div style='background-color:transparent'><a href=12>十二</a></div>\
            <div style='transform:scale(0)'><a href=13>十三</a></div><a style='COLOR:transparent' href=14>十四</a>";
        assert_eq!(hidden_texts(html), ["一", "二", "五", "七", "九", "十", "十一", "十三", "十四"]);
    }

    #[test]
    fn sheets_and_scripts() {
        let html = "<style>.far{position:absolute;left:-9999px} .fade{opacity:0} .tiny{font-size:0} div#box{display:none}</style>\
            <div class=far><a href=1>一</a></div><div class=fade><a href=2>二</a></div><div class=tiny><a href=3>三</a></div>\
            <div id=box><a href=4>四</a></div><div id=late><a href=5>五</a></div><script>document.getElementById(\"late\").style.display='none';</script>\
            <div id=ad><a href=6>六</a></div><script>function shut(){document.getElementById('ad').style.display='none'}</script>\
            <div class=jq><a href=7>七</a></div><script>$('.jq').hide()</script>";
        assert_eq!(hidden_texts(html), ["一", "三", "四", "五", "七"]);
    }

    #[test]
    fn what_scripts_write() {
        let plain = written_markup(
            "document.write('<div style=\"display:none\">'+\"<a href='http://a.example/'>x<\\/a></div>\")",
        );
        assert_eq!(
            plain.as_deref(),
            Some("<div style=\"display:none\"><a href='http://a.example/'>x</a></div>")
        );
        let escaped =
            written_markup(r#"document.write("\x3ca href=\u0022http://a.example/\u0022\x3ex\x3c/a\x3e")"#);
        assert_eq!(escaped.as_deref(), Some("<a href=\"http://a.example/\">x</a>"));
        let percent =
            written_markup("document.write(unescape('%3Ca%20href%3Dhttp://a.example/%3Ex%3C/a%3E'))");
        assert_eq!(percent.as_deref(), Some("<a href=http://a.example/>x</a>"));
        assert_eq!(written_markup("var a = '<a href=x>'"), None);
        assert_eq!(written_markup("document.write(new Date())"), None);
    }
}
