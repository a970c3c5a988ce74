//! Footer marks: 网站标识码, ICP, 公安备案, 党政机关标识, 找错, and what else the guide wants at the foot of a page.
//!
//! The source is searched for literals, and only what stands around one is looked at: most of a page is never read here.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use percent_encoding::percent_decode_str;

use super::filing;
use super::outline::{Attr, Outline, Tag};
use super::page::{Footer, LinkPlace, Mark, MarkLink, Signs};
use super::regions::Regions;

/// Bytes at the end of a page's text that count as its footer whatever they are called.
const TAIL: usize = 4000;
/// Scripts longer than this are libraries and write no marks.
const MAX_SCRIPT: usize = 64 * 1024;
/// Addresses of marks kept of one page.
const MAX_LINKS: usize = 20;

/// Reads the marks off a page's source; scripts are searched for what they write, never run.
pub fn read(page: &Outline, regions: &Regions) -> Footer {
    let mut footer = Footer { is_static: true, ..Footer::default() };
    let mut signs = Signs::default();
    read_text(&page.text, &mut footer, &mut signs);
    scan_elements(page, regions, &mut footer, &mut signs);
    scan_scripts(page, regions, &mut footer, &mut signs);
    for (there, mark) in [
        (footer.conac, Mark::Conac),
        (!footer.site_code.is_empty(), Mark::SiteCode),
        (!footer.icp.is_empty(), Mark::Icp),
        (!footer.gongan.is_empty(), Mark::Gongan),
        (!footer.jiucuo.is_empty(), Mark::Jiucuo),
    ] {
        if there {
            signs.shown.push(mark);
        }
    }
    signs.shown.extend(signs.links.iter().map(|link| link.mark));
    signs.shown.sort_unstable();
    signs.shown.dedup();
    signs.foot |= signs.shown.iter().any(|mark| !matches!(mark, Mark::Contact | Mark::SiteMap));
    footer.is_static = is_static(page, regions, &footer);
    footer.signs = Some(signs);
    footer
}

macro_rules! finders {
    ($($name:ident = $text:literal;)*) => { $(static $name: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new($text));)* };
}
finders! {
    CODE = "标识码";
    ICP = "ICP";
    GONGAN = "网安备";
    CONAC = "onac";
    JIUCUO = "jiucuo";
    SLASHES = "//";
    ESCAPED = "%3Cs";
    ESCAPED_LOW = "%3cs";
}

/// The marks that are text: numbers anywhere on the page (those of the tail, where it has any), words in its tail.
fn read_text(text: &str, footer: &mut Footer, signs: &mut Signs) {
    footer.site_code = numbers(text, &CODE, Mark::SiteCode);
    footer.icp = numbers(text, &ICP, Mark::Icp);
    footer.gongan = numbers(text, &GONGAN, Mark::Gongan);
    let mut others = Vec::new();
    let tail = text.get(text.floor_char_boundary(text.len().saturating_sub(TAIL))..).unwrap_or_default();
    for (at, c) in tail.char_indices().filter(|(_, c)| may_begin(*c)) {
        // One look at each character: a search for every word would read the tail two dozen times.
        let words: &[(&str, Mark)] = match c {
            '党' => &[("党政机关", Mark::Conac)],
            '标' => &[("标识码", Mark::SiteCode), ("标识编码", Mark::SiteCode), ("标识号", Mark::SiteCode)],
            '识' => &[("识别码", Mark::SiteCode)],
            'I' | 'i' | 'Ｉ' | 'ｉ' => &[
                ("ICP", Mark::Icp),
                ("icp", Mark::Icp),
                ("Icp", Mark::Icp),
                ("ＩＣＰ", Mark::Icp),
                ("ｉｃｐ", Mark::Icp),
            ],
            '网' => &[("网安备", Mark::Gongan), ("网站地图", Mark::SiteMap)],
            '公' => &[("公安备案", Mark::Gongan), ("公安机关备案", Mark::Gongan)],
            '找' => &[("找错", Mark::Jiucuo)],
            '主' => &[("主办", Mark::Host), ("主管", Mark::Host)],
            '承' => &[("承办", Mark::Host)],
            '版' => &[("版权", Mark::Host)],
            '联' => &[("联系", Mark::Contact)],
            '电' => &[("电话", Mark::Contact), ("电子邮", Mark::Contact)],
            '邮' => &[("邮箱", Mark::Contact), ("邮编", Mark::Contact)],
            '地' => &[("地址", Mark::Contact)],
            '传' => &[("传真", Mark::Contact)],
            '站' => &[("站点地图", Mark::SiteMap)],
            'C' | 'c' => {
                signs.foot |= starts_with(tail, at, "Copyright") || starts_with(tail, at, "copyright");
                continue;
            }
            '技' => {
                signs.foot |= starts_with(tail, at, "技术支持");
                continue;
            }
            _ => continue,
        };
        for (word, mark) in words.iter().filter(|(word, _)| starts_with(tail, at, word)) {
            signs.shown.push(*mark);
            others.extend(filing::number(*mark, tail, at, word).map(|number| (*mark, number)));
        }
    }
    take_others(others, footer);
}

/// Numbers that stand by other words than the usual ones, where those told none.
fn take_others(found: Vec<(Mark, String)>, footer: &mut Footer) {
    let known = [footer.site_code.is_empty(), footer.icp.is_empty(), footer.gongan.is_empty()];
    for (mark, number) in found {
        match mark {
            Mark::SiteCode if known[0] => add(&mut footer.site_code, &number),
            Mark::Icp if known[1] => add(&mut footer.icp, &number),
            Mark::Gongan if known[2] => add(&mut footer.gongan, &number),
            _ => {}
        }
    }
}

/// Whether a character may be one that a word of the tail begins with: most are not, and cost one look into a small table.
fn may_begin(c: char) -> bool {
    const BEGINS: [bool; 256] = {
        let first = [
            '党', '标', '识', 'I', 'i', 'Ｉ', 'ｉ', '网', '公', '找', '主', '承', '版', '联', '电', '邮',
            '地', '传', '站', 'C', 'c', '技',
        ];
        let mut low = [false; 256];
        let mut at = 0;
        while at < first.len() {
            low[first[at] as usize & 255] = true;
            at += 1;
        }
        low
    };
    BEGINS.get(c as usize & 255).copied().unwrap_or(true)
}

fn starts_with(text: &str, at: usize, word: &str) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with(word))
}

/// The numbers of a mark at each place where the literal stands: those in the tail, or all where none stands there.
fn numbers(text: &str, literal: &Finder<'_>, mark: Mark) -> Vec<String> {
    let mut found: Vec<(bool, String)> = Vec::new();
    let word = std::str::from_utf8(literal.needle()).unwrap_or_default();
    for at in literal.find_iter(text.as_bytes()).take(200) {
        if let Some(value) = filing::number(mark, text, at, word) {
            let after = text.get(at + word.len()..).unwrap_or_default();
            found.push((folded_len(after, TAIL) < TAIL, value));
        }
    }
    let in_tail = found.iter().any(|(tail, _)| *tail);
    let mut values: Vec<String> = Vec::new();
    for (tail, value) in found {
        if (tail || !in_tail) && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// Bytes of a text with its white space folded, counted up to `most`.
fn folded_len(text: &str, most: usize) -> usize {
    let mut len = 0;
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() {
            len += usize::from(!blank);
            blank = true;
        } else {
            len += c.len_utf8();
            blank = false;
        }
        if len >= most {
            break;
        }
    }
    len
}

fn scan_elements(page: &Outline, regions: &Regions, footer: &mut Footer, signs: &mut Signs) {
    let mut said = Vec::new();
    for id in page.ids().skip(1) {
        let node = page.node(id);
        if node.inert {
            continue;
        }
        let (first, second) = match node.tag {
            Tag::Text | Tag::Meta | Tag::Br => continue,
            Tag::Img | Tag::Input => (Attr::Src, Attr::OnClick),
            Tag::Iframe | Tag::Script => (Attr::Src, Attr::Data),
            _ => (Attr::Href, Attr::OnClick),
        };
        for (name, value) in page.attrs_of(id) {
            match name {
                _ if name == first || name == second => take_address(value, footer, signs),
                Attr::Title if node.tag == Tag::A && SITE_MAPS.contains(&value.trim()) => {
                    signs.shown.push(Mark::SiteMap);
                }
                Attr::Alt | Attr::Title if node.tag == Tag::Img => {
                    let Some(mark) = pictured(value) else { continue };
                    signs.shown.push(mark);
                    said.extend(written_on(mark, value).map(|number| (mark, number)));
                }
                Attr::Id => footer.conac |= value == "_ideConac" || value == "imgConac",
                Attr::SiteCode => add(&mut footer.jiucuo, value.trim()),
                _ => {}
            }
        }
        if matches!(node.tag, Tag::Script | Tag::Iframe | Tag::Object | Tag::Embed)
            && regions.place(id) == LinkPlace::Footer
            && !regions.is_hidden(id)
        {
            signs.scripted |= page.attr(id, Attr::Src).is_some_and(|src| !is_known_script(src));
        }
    }
    take_others(said, footer);
}

/// The number of a mark in the words of a picture.
fn written_on(mark: Mark, words: &str) -> Option<String> {
    let named: &[&str] = match mark {
        Mark::SiteCode => &["标识码"],
        Mark::Icp => &["ICP", "icp"],
        Mark::Gongan => &["网安备", "公安备案", "公安机关备案"],
        _ => &[],
    };
    named.iter().find_map(|word| filing::number(mark, words, words.find(word)?, word))
}

/// What the site map is called.
const SITE_MAPS: [&str; 2] = ["网站地图", "站点地图"];
/// A name of a police office is no mark where it stands in the words of a picture of the news.
const BADGE_CHARS: usize = 8;

/// The mark that a picture says it is.
fn pictured(words: &str) -> Option<Mark> {
    if SITE_MAPS.contains(&words.trim()) {
        return Some(Mark::SiteMap);
    }
    let brief = words.trim().chars().nth(BADGE_CHARS).is_none();
    [
        ("党政机关", Mark::Conac),
        ("事业单位", Mark::Conac),
        ("找错", Mark::Jiucuo),
        ("公安", Mark::Gongan),
        ("网安", Mark::Gongan),
        ("标识码", Mark::SiteCode),
        ("ICP", Mark::Icp),
        ("icp", Mark::Icp),
    ]
    .into_iter()
    .find_map(|(word, mark)| words.contains(word).then_some(mark))
    .filter(|mark| *mark != Mark::Gongan || brief || words.contains('备'))
}

/// Takes in an address that belongs to a mark.
fn take_address(value: &str, footer: &mut Footer, signs: &mut Signs) {
    if value.len() < 8 {
        return;
    }
    let bytes = value.as_bytes();
    let mark = if memchr::memchr(b'j', bytes).is_some() && JIUCUO.find(bytes).is_some() {
        Mark::Jiucuo
    } else if let Some(host) = host_part(value) {
        // Addresses without a host lead into the site itself.
        if host.ends_with("conac.cn") {
            footer.conac = true;
            Mark::Conac
        } else if host.rsplit('.').next() != Some("cn") {
            return;
        } else if host.ends_with("beian.miit.gov.cn")
            || host.contains("miibeian")
            || host.contains("miitbeian")
        {
            Mark::Icp
        } else if host.ends_with("beian.gov.cn") || host.ends_with("beian.mps.gov.cn") {
            Mark::Gongan
        } else {
            return;
        }
    } else {
        return;
    };
    if mark == Mark::Jiucuo
        && let Some((_, rest)) = value.split_once("site_code=").or_else(|| value.split_once("sitecode="))
    {
        add(&mut footer.jiucuo, &digits_or_code(rest));
    }
    let link = MarkLink { mark, url: value.chars().take(300).collect() };
    if signs.links.len() < MAX_LINKS && !signs.links.contains(&link) {
        signs.links.push(link);
    }
}

/// The host of the first address with one in a value (`href`, or a call that opens one).
fn host_part(value: &str) -> Option<&str> {
    let at = SLASHES.find(value.as_bytes())?;
    value.get(at + 2..)?.split(['/', '?', '\'', '"', '#', '&']).next()
}

fn add(into: &mut Vec<String>, value: &str) {
    if !value.is_empty() && !into.iter().any(|known| known == value) {
        into.push(value.to_owned());
    }
}

/// Scripts that write no foot: the marks' own, counters, players, shares and libraries by name.
fn is_known_script(src: &str) -> bool {
    const KNOWN: [&str; 16] = [
        "conac",
        "jiucuo",
        "baidu.com",
        "cnzz",
        "51.la",
        "tongji",
        "analytics",
        "piwik",
        "matomo",
        "counter",
        "share",
        "jquery",
        "swiper",
        "slick",
        "webdig",
        "bootstrap",
    ];
    let src = src.to_ascii_lowercase();
    KNOWN.iter().any(|name| src.contains(name))
}

fn digits_or_code(rest: &str) -> String {
    rest.trim_start_matches(|c: char| c.is_whitespace() || "='\"\\".contains(c))
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .take(12)
        .collect()
}

/// What scripts that mention a mark would write, percent-escapes undone; and whether one in the foot writes what is not read here.
fn scan_scripts(page: &Outline, regions: &Regions, footer: &mut Footer, signs: &mut Signs) {
    for (id, text) in page.raws_of(Tag::Script) {
        if text.len() >= MAX_SCRIPT || text.len() < 8 {
            continue;
        }
        let bytes = text.as_bytes();
        let signs_of_marks: [&Finder<'_>; 4] = [&CONAC, &JIUCUO, &ESCAPED, &ESCAPED_LOW];
        let marked = signs_of_marks.iter().any(|sign| sign.find(bytes).is_some());
        if marked {
            take_written(text, footer, signs);
        } else if regions.place(id) == LinkPlace::Footer {
            signs.scripted |= ["document.write", ".load(", ".ajax", ".innerHTML", ".html(", ".append("]
                .iter()
                .any(|call| text.contains(call));
        }
    }
}

fn take_written(script: &str, footer: &mut Footer, signs: &mut Signs) {
    let bare: String =
        script.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let written = percent_decode_str(&bare).decode_utf8_lossy();
    footer.conac |= ["_ideConac", "dcs.conac.cn", "bszs.conac.cn"].iter().any(|sign| written.contains(sign));
    let Some((_, rest)) = written.split_once("_jiucuo_").or_else(|| written.split_once("jiucuo.js")) else {
        return;
    };
    signs.shown.push(Mark::Jiucuo);
    if let Some((_, rest)) = rest.split_once("sitecode") {
        add(&mut footer.jiucuo, &digits_or_code(rest));
    }
}

/// False where nothing of a footer stands in the source and something is there that would bring it.
fn is_static(page: &Outline, regions: &Regions, footer: &Footer) -> bool {
    const SIGNS: [&str; 6] = ["foot", "bottom", "copyright", "dibu", "yejiao", "banquan"];
    if !footer.site_code.is_empty() || !footer.icp.is_empty() || !footer.gongan.is_empty() {
        return true;
    }
    let named = |text: &str| {
        let text = text.to_ascii_lowercase();
        SIGNS.iter().any(|sign| text.contains(sign))
    };
    let told = |text: &str| {
        named(text)
            || ["页脚", "底部", "版权", "页尾", "公用尾", "尾部"].iter().any(|sign| text.contains(sign))
    };
    let mut by_script = false;
    let mut body_scripts = 0;
    for id in page.ids().skip(1) {
        let node = page.node(id);
        match node.tag {
            Tag::Script | Tag::Iframe | Tag::Object | Tag::Embed => {
                let Some(src) = page.attr(id, Attr::Src).or_else(|| page.attr(id, Attr::Data)) else {
                    continue;
                };
                let hidden_counter = node.tag == Tag::Iframe && regions.is_hidden(id);
                body_scripts += u32::from(!node.in_head && !hidden_counter);
                let around = page.class_and_id(node.parent);
                by_script |= named(src)
                    || (regions.place(id) == LinkPlace::Footer
                        && page.text_of(node.parent).trim().is_empty()
                        && named(&around));
            }
            tag if tag.is_block() && page.text_of(id).trim().is_empty() && named(&page.class_and_id(id)) => {
                let holds =
                    page.inside(id).take(50).any(|inner| matches!(page.node(inner).tag, Tag::A | Tag::Img));
                by_script |=
                    !holds && !page.attr(id, Attr::Class).is_some_and(|class| class.contains("border"));
            }
            _ => {}
        }
    }
    by_script |= page.comments.iter().any(|(id, text)| {
        let included = text.starts_with("#include");
        let script_follows = (*id..id.saturating_add(3))
            .any(|near| (near as usize) < page.nodes.len() && page.node(near).tag == Tag::Script);
        told(text) && (included || script_follows)
    });
    by_script |= page.raws_of(Tag::Script).any(|(_, text)| {
        let written =
            ["document.write", ".innerHTML", ".html(", ".append("].iter().any(|call| text.contains(call))
                && ["标识码", "ICP备", "网安备", "主办"].iter().any(|word| text.contains(word));
        let fetched = [".ajax(", ".get(", "fetch("].iter().any(|call| text.contains(call))
            && text
                .split(['"', '\''])
                .any(|part| !part.contains(' ') && part.contains(['.', '/']) && named(part));
        written || fetched || (text.contains(".load(") || text.contains("include")) && named(text)
    });
    if by_script {
        return false;
    }
    let tail_at = page.text.floor_char_boundary(page.text.len().saturating_sub(1500));
    let tail = page.text.get(tail_at..).unwrap_or_default();
    let footer_words =
        ["版权所有", "主办", "承办", "Copyright", "copyright", "技术支持", "联系电话", "地址：", "电话："]
            .iter()
            .any(|word| tail.contains(word));
    footer_words || footer.conac || body_scripts == 0
}

#[cfg(test)]
#[path = "marks_tests.rs"]
mod tests;
