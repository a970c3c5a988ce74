//! Footer marks: 网站标识码, ICP, 公安备案, 党政机关标识, 找错.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::Regex;

use super::outline::{Attr, Outline, Tag};
use super::page::{Footer, LinkPlace};
use super::regions::Regions;

/// Bytes at the end of a page's text that count as its footer whatever they are called.
const TAIL: usize = 4000;

/// Reads the marks off a page's source; scripts are searched for what they write, never run.
pub fn read(page: &Outline, regions: &Regions) -> Footer {
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:网站|政府网站|站点)?标识码\s*(?:为|是)?\s*[:：]?\s*((?i:bm)\d{8}|[0-9]{10}|[Nn]\d{9})",
        )
        .expect("a valid pattern")
    });
    static ICP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"[\u{4e00}-\u{9fff}]\s?ICP\s?[备证]\s?(?:[A-Z]\d?-)?\d{5,14}\s?(?:号\s?(?:[-－—]\s?\d{1,3})?)?",
        )
        .expect("a valid pattern")
    });
    static GONGAN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[\u{4e00}-\u{9fff}]\s?公网安备\s?[:：]?\s?\d{13,14}").expect("a valid pattern")
    });
    let text = flatten(&page.text);
    let written = written_by_scripts(page);
    let mut footer = Footer { is_static: true, ..Footer::default() };
    let add = |into: &mut Vec<String>, value: &str| {
        let value = value.trim().to_owned();
        if !into.contains(&value) {
            into.push(value);
        }
    };
    let found = |pattern: &Regex, group: usize| -> Vec<(usize, String)> {
        pattern
            .captures_iter(&text)
            .filter_map(|caught| caught.get(group))
            .map(|found| (found.start(), found.as_str().to_owned()))
            .collect()
    };
    for (pattern, group, into) in
        [(&CODE, 1, &mut footer.site_code), (&ICP, 0, &mut footer.icp), (&GONGAN, 0, &mut footer.gongan)]
    {
        let all = found(pattern, group);
        let in_tail = all.iter().any(|(at, _)| *at + TAIL >= text.len());
        for (at, value) in &all {
            if !in_tail || *at + TAIL >= text.len() {
                add(into, value);
            }
        }
    }
    scan_elements(page, &mut footer);
    let conac = ["_ideConac", "dcs.conac.cn", "bszs.conac.cn"];
    footer.conac |= conac.iter().any(|sign| written.contains(sign));
    if let Some(rest) = written.split_once("_jiucuo_").map(|(_, rest)| rest)
        && let Some(code) = rest.split_once("sitecode").map(|(_, rest)| digits_or_code(rest))
        && !code.is_empty()
    {
        add(&mut footer.jiucuo, &code);
    }
    footer.is_static = is_static(page, regions, &footer);
    footer
}

fn scan_elements(page: &Outline, footer: &mut Footer) {
    for id in page.ids().skip(1) {
        let node = page.node(id);
        if node.inert || node.tag == Tag::Text {
            continue;
        }
        if page.attr(id, Attr::Id).is_some_and(|name| name == "_ideConac" || name == "imgConac") {
            footer.conac = true;
        }
        if let Some(code) = page.attr(id, Attr::SiteCode).map(str::trim).filter(|code| !code.is_empty())
            && !footer.jiucuo.iter().any(|known| known == code)
        {
            footer.jiucuo.push(code.to_owned());
        }
        for value in [page.attr(id, Attr::Href), page.attr(id, Attr::Src), page.attr(id, Attr::OnClick)]
            .into_iter()
            .flatten()
        {
            if value.contains("conac.cn") {
                footer.conac = true;
            }
            if value.contains("jiucuo")
                && let Some((_, rest)) =
                    value.split_once("site_code=").or_else(|| value.split_once("sitecode="))
            {
                let code = digits_or_code(rest);
                if !code.is_empty() && !footer.jiucuo.contains(&code) {
                    footer.jiucuo.push(code);
                }
            }
        }
    }
}

fn digits_or_code(rest: &str) -> String {
    rest.trim_start_matches(|c: char| c.is_whitespace() || "='\"\\".contains(c))
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .take(12)
        .collect()
}

/// White space as single blanks, so that a mark broken over lines is still one.
fn flatten(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() {
            blank = true;
        } else {
            if blank {
                out.push(' ');
                blank = false;
            }
            out.push(c);
        }
    }
    out
}

/// What scripts that mention a mark would write, percent-escapes undone.
fn written_by_scripts(page: &Outline) -> String {
    let mut written = String::new();
    for (_, text) in page.raws_of(Tag::Script) {
        let marked = ["onac", "jiucuo", "%3Cs", "%3cs"].iter().any(|sign| text.contains(sign));
        if marked && text.len() < 64 * 1024 {
            let bare: String = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            written.push_str(&percent_decode_str(&bare).decode_utf8_lossy());
            written.push('\n');
        }
    }
    written
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
    by_script |= page
        .raws_of(Tag::Script)
        .any(|(_, text)| (text.contains(".load(") || text.contains("include")) && named(text));
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
mod tests {
    use super::*;
    use crate::facts::tokens;

    fn marks(html: &str) -> Footer {
        let (page, _) = tokens::read(html, &mut || false);
        read(&page, &Regions::read(&page))
    }

    #[test]
    fn marks_in_plain_text() {
        let footer = marks(
            "<div class=footer><p>网站标识码：<b>1304000009</b> <a href='https://beian.miit.gov.cn/'>冀ICP备 13001288号-2</a></p><p>冀公网安备 13040202000007号</p>\
             <script id='_jiucuo_' sitecode='1304000009' src='https://zfwzgl.www.gov.cn/exposure/jiucuo.js'></script></div>",
        );
        assert_eq!(footer.site_code, ["1304000009"]);
        assert_eq!(footer.icp, ["冀ICP备 13001288号-2"]);
        assert_eq!(footer.gongan, ["冀公网安备 13040202000007"]);
        assert_eq!(footer.jiucuo, ["1304000009"]);
        assert!(!footer.conac && footer.is_static);
        assert_eq!(marks("<p>网站标识码bm17000009 京ICP备05070218号</p>").site_code, ["bm17000009"]);
    }

    #[test]
    fn marks_written_by_script() {
        let footer = marks(
            "<script>document.write(unescape(\"%3Cspan id='_ideConac' %3E%3C/span%3E%3Cscript src='//dcs.conac.cn/js/1/CA1.js'%3E%3C/script%3E\"));</script>",
        );
        assert!(footer.conac);
        assert!(!marks("<!-- <a href='http://bszs.conac.cn/sitename?id=1'>x</a> -->").conac);
        assert_eq!(
            marks(
                "<a href='https://zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code=6101000007&url=x'>找错</a>"
            )
            .jiucuo,
            ["6101000007"]
        );
    }

    #[test]
    fn footers_that_are_not_in_the_source() {
        assert!(!marks("<p>正文</p><!--页脚开始--><script src='static/17081.js'></script>").is_static);
        assert!(!marks("<p>正文</p><div id='footer'></div>").is_static);
        assert!(!marks("<p>正文</p><script>$('#foot').load('/inc/foot.html')</script>").is_static);
        assert!(!marks("<p>正文</p><iframe src='/bottom.html'></iframe>").is_static);
        assert!(marks("<p>正文</p><div class=foot>主办：甲县人民政府办公室</div>").is_static);
        assert!(marks("<p>正文</p>").is_static);
    }
}
