//! What a page's inline scripts give away without being run: jumps, dates, and signs that a list is filled later.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::dates;
use super::outline::{Attr, NodeId, Outline, Tag};

/// The one date that a short script would write where it stands, as `document.write('2026-11-02')` or by way of a variable.
pub fn written_date(script: &str) -> Option<dates::Written> {
    if script.len() > 800 || !(script.contains("document.write") || script.contains("innerHTML")) {
        return None;
    }
    let found = dates::find(script, false);
    let date = *found.first()?;
    let before = script.get(..date.start)?.trim_end();
    let quoted = before.ends_with(['"', '\'', '>', '：', ':', '[', '（', '(', ' ']);
    (quoted && found.iter().all(|other| other.stamp().map(|s| s.date) == date.stamp().map(|s| s.date)))
        .then_some(date)
}

/// The address a script sends the reader to at once, raw.
pub fn jump(page: &Outline) -> Option<String> {
    static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i)document\.write[^;]{0,60}http-equiv[^;>]{0,20}refresh[^;>]{0,20}\d\s*;\s*url=([^"'\\\s>]{1,300})"#)
            .expect("a valid pattern")
    });
    static JUMP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?:^|[^\w.])(?:(?:window|self|top|parent|document)\.)?(?:top\.)?location(?:\.href)?\s*=\s*["']([^"'\s]{1,500})["']\s*(?:[;}\n]|$|<)|location\.(?:replace|assign)\(\s*["']([^"'\s]{1,500})["']\s*\)"#).expect("a valid pattern")
    });
    let of = |text: &str| {
        // Where it depends on the reader's device, nobody knows which way is his.
        if ["userAgent", "navigator.", "screen.", "matchMedia"].iter().any(|word| text.contains(word)) {
            return None;
        }
        let caught = JUMP.captures(text)?;
        caught.get(1).or_else(|| caught.get(2)).map(|found| found.as_str().to_owned())
    };
    let by_script = page.raws_of(Tag::Script).filter(|(_, text)| text.len() < 4000).find_map(|(_, text)| {
        of(text)
            .or_else(|| WRITTEN.captures(text).and_then(|caught| Some(caught.get(1)?.as_str().to_owned())))
    });
    by_script.or_else(|| {
        page.ids()
            .find(|id| page.node(*id).tag == Tag::Body)
            .and_then(|body| page.attr(body, Attr::OnLoad))
            .and_then(of)
    })
}

/// The raw target of a meta refresh that leads elsewhere, with its delay in seconds.
pub fn refresh(page: &Outline) -> Option<(u32, String)> {
    for id in page.ids() {
        let is_refresh = page.node(id).tag == Tag::Meta
            && page
                .attr(id, Attr::HttpEquiv)
                .is_some_and(|value| value.trim().eq_ignore_ascii_case("refresh"));
        if !is_refresh || page.node(id).inert {
            continue;
        }
        let content = page.attr(id, Attr::Content)?;
        let (delay, rest) = content.split_once([';', ',']).unwrap_or((content, ""));
        let delay = delay.trim().split('.').next().and_then(|delay| delay.parse().ok()).unwrap_or(0);
        let rest = rest.trim();
        let target = match rest.get(..3) {
            Some(url) if url.eq_ignore_ascii_case("url") => {
                rest.get(3..)?.trim_start().strip_prefix('=')?.trim()
            }
            _ => rest,
        };
        let target = target.trim_matches(['"', '\'', ' ']);
        if !target.is_empty() {
            return Some((delay, target.to_owned()));
        }
    }
    None
}

/// Why content of the page may come by script, where it may. `empties` are the elements that stand empty in its body.
pub fn fills(page: &Outline, empties: &[NodeId]) -> Option<String> {
    static CALLS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\$\.(?:ajax|get|post|getJSON|getScript)\s*\(|jQuery\.(?:ajax|get|post|getJSON)\s*\(|\bfetch\s*\(|XMLHttpRequest|\baxios\b|ActiveXObject\(|\.load\s*\(\s*["']|\bjpage\s*\(|dataproxy|\.datagrid\s*\(|\blaypage\b|\blayui\.|\bnew\s+Vue\b|\bcreateApp\s*\(|ReactDOM|\bjuicer\s*\(|\btemplate\s*\(\s*["']|\.tmpl\s*\(|\bEpoint\.|\bng-app\b|\$http\b"#)
            .expect("a valid pattern")
    });
    for (id, text) in page.raws_of(Tag::Script) {
        let kind = page.attr(id, Attr::Type).unwrap_or_default();
        if ["template", "x-tmpl", "x-handlebars", "x-jsrender", "text/html"]
            .iter()
            .any(|word| kind.contains(word))
            && text.contains('<')
        {
            return Some("template-script".to_owned());
        }
        for call in CALLS.find_iter(text) {
            if !is_aside(text, call.range()) {
                let name: String =
                    call.as_str().chars().filter(|c| c.is_alphanumeric() || *c == '.' || *c == '$').collect();
                return Some(format!("script-call {name}"));
            }
        }
        for empty in empties.iter().take(24) {
            if let Some(name) = page.attr(*empty, Attr::Id)
                && name.len() > 1
                && [format!("#{name}"), format!("\"{name}\""), format!("'{name}'")]
                    .iter()
                    .any(|named| text.contains(named))
            {
                return Some(format!("script-names #{name}"));
            }
            if let Some(class) =
                page.attr(*empty, Attr::Class).and_then(|class| class.split_ascii_whitespace().next())
                && class.len() > 2
                && [".html(", ".append(", ".prepend(", "innerHTML"].iter().any(|call| text.contains(call))
                && text.contains(&format!(".{class}"))
            {
                return Some(format!("script-names .{class}"));
            }
        }
    }
    by_source(page).or_else(|| by_markup(page))
}

/// A call that serves counters, weather, log-in, search or sharing, not the list.
pub(super) fn is_aside(text: &str, call: Range<usize>) -> bool {
    const ASIDE: &[&str] = &[
        "hit",
        "count",
        "click",
        "visit",
        "weather",
        "tianqi",
        "login",
        "logout",
        "user",
        "search",
        "keyword",
        "token",
        "captcha",
        "share",
        "qrcode",
        "tongji",
        "weixin",
        "jssdk",
        "wx.",
        "signature",
        "stat.",
        "statistics",
        "analytics",
        "/pv",
        "access_log",
        "online",
        "font",
        "voice",
        "theme",
        "ipv6",
        "robot",
        "hm.js",
    ];
    let end = text.ceil_char_boundary((call.end + 220).min(text.len()));
    let near = text.get(call.start..end).unwrap_or_default().to_lowercase();
    // Only the address decides; code behind the call may say anything.
    let address = near.split(['"', '\'']).nth(1).unwrap_or_default();
    let address = if address.contains('/') || address.contains('.') {
        address
    } else {
        near.split(['"', '\''])
            .skip(2)
            .find(|part| part.contains('/') && !part.contains(' '))
            .unwrap_or(address)
    };
    ASIDE.iter().any(|word| address.contains(word))
}

/// The script files of a page: each address as written, and its file's name in lower case.
pub(super) fn files(page: &Outline) -> impl Iterator<Item = (&str, String)> {
    page.ids().filter(|id| page.node(*id).tag == Tag::Script).filter_map(|id| {
        let src = page.attr(id, Attr::Src)?;
        Some((src, file_name(src)))
    })
}

/// The name of a file in lower case, of its address as written.
pub(super) fn file_name(src: &str) -> String {
    let path = src.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
}

/// Whether a file is, by its name, a library, a counter or a tool for the visitor, or none at all: such a script fills no list.
pub(super) fn is_library(name: &str) -> bool {
    const LIBRARIES: [&str; 26] = [
        "jquery",
        "swiper",
        "bootstrap",
        "superslide",
        "slide",
        "layer",
        "html5",
        "respond",
        "datepicker",
        "share",
        "qrcode",
        "iconfont",
        "rem.",
        "flexible",
        "hm.",
        "tj.",
        "jiucuo",
        "sitegray",
        "vsb",
        "font",
        "wza",
        "conac",
        "modernizr",
        "wow.",
        "count",
        "echarts",
    ];
    name.is_empty() || LIBRARIES.iter().any(|known| name.contains(known))
}

/// External scripts that by their names render pages or lists.
fn by_source(page: &Outline) -> Option<String> {
    for (src, name) in files(page) {
        let renders = [
            "vue",
            "react",
            "angular",
            "chunk-",
            "umi.",
            "nuxt",
            "jpage",
            "dataproxy",
            "knockout",
            "avalon",
            "infolist",
            "newslist",
            "list.js",
            "getlist",
            "loaddata",
            "doclist",
            "searchlist",
        ]
        .iter()
        .any(|word| name.contains(word))
            || name.starts_with("app.") && name.len() > 10
            || name.starts_with("list")
            || src.contains("jpage")
            || src.contains("/module/");
        if renders && !name.contains("jquery") {
            return Some(format!("script {name}"));
        }
    }
    None
}

/// Templates that stand in the markup.
fn by_markup(page: &Outline) -> Option<String> {
    for id in page.ids() {
        if page.attr(id, Attr::VFor).is_some() || page.attr(id, Attr::VIf).is_some() {
            return Some("template-attribute".to_owned());
        }
    }
    let braces = page.text.match_indices("{{").any(|(at, _)| {
        let end = page.text.ceil_char_boundary((at + 200).min(page.text.len()));
        page.text.get(at..end).is_some_and(|near| near.contains("}}"))
    });
    (braces || page.text.contains("<%") || page.text.contains("${")).then(|| "template-text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tokens;

    fn page(html: &str) -> Outline {
        tokens::read(html, &mut || false).0
    }

    #[test]
    fn jumps_and_refreshes() {
        for (html, want) in [
            ("<script>location.href='./dwzn/';</script>", Some("./dwzn/")),
            ("<script>window.location = \"/a/index.html\"</script>", Some("/a/index.html")),
            ("<script>top.location.replace('http://b.example/')</script>", Some("http://b.example/")),
            ("<body onload=\"window.location.href='c.html'\">", Some("c.html")),
            ("<script>location.href='/s?q='+q;</script>", None),
            ("<script>var url = location.href;</script>", None),
        ] {
            assert_eq!(jump(&page(html)).as_deref(), want, "{html}");
        }
        assert_eq!(
            refresh(&page("<meta http-equiv=Refresh content='0;URL=./dwzn/'>")),
            Some((0, "./dwzn/".to_owned()))
        );
        assert_eq!(
            refresh(&page("<meta http-equiv=refresh content=\"5; url='x.html'\">")),
            Some((5, "x.html".to_owned()))
        );
        assert_eq!(refresh(&page("<meta http-equiv=refresh content=300>")), None);
    }

    #[test]
    fn what_fills_a_list() {
        for (html, fills_it) in [
            ("<script>$.ajax({url:'/api/list',success:f})</script>", true),
            ("<script>$.get('/hits?id=3')</script>", false),
            ("<script>$.ajax({type:'get',url:'/visitcount/visit.jsp'})</script>", false),
            ("<script src=/js/jquery.min.js></script><script src=/js/site.js></script>", false),
            ("<script src=/js/vue.min.js></script>", true),
            ("<li v-for='i in list'>{{i.title}}</li>", true),
            ("<script>createPageHTML(1,0,'index','html')</script>", false),
        ] {
            assert_eq!(fills(&page(html), &[]).is_some(), fills_it, "{html}");
        }
    }
}
