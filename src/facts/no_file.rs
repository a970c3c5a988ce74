//! What stands in the place of a file that was offered for download: a few words that it is not there, or that one has to log
//! in. The words are one sign; that the link offers a file is the other, and the fold knows it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decode::decode;
use super::files::is_named_as_file;
use super::outline::{Attr, Outline, Tag};
use super::page::{LinkKind, LinkPlace, PageFacts, PageKind};
use super::regions::{Regions, fold};
use super::shapes;
use super::soft404::{asks, is_form, is_stated};
use super::tokens;
use crate::exchange::Reply;

/// Why an answer with success holds no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excuse {
    /// It says that the file is not there, and hardly more.
    Missing,
    /// It asks for a login.
    Login,
}

/// An answer longer than this says more than that.
const MOST_BYTES: u64 = 16 << 10;
/// Characters of a body, white space left out, that says hardly more.
const MOST_CHARS: usize = 120;

/// What a notice calls the thing.
const FILES: [&str; 4] = ["文件", "附件", "资源", "文档"];
/// What it says of it.
const GONE: [&str; 9] =
    ["不存在", "已删除", "已被删除", "被删除", "未找到", "找不到", "没有找到", "丢失", "已失效"];
/// The same, said before the thing is named.
const SOUGHT: [&str; 4] = ["找不到", "未找到", "没有找到", "无法找到"];
/// The same in English, in lower case.
const ENGLISH: [&str; 6] = [
    "file not found",
    "file does not exist",
    "no such file",
    "file is not exist",
    "file not exist",
    "filenotfound",
];
const LOGIN: [&str; 8] =
    ["请先登录", "请登录", "请您登录", "尚未登录", "未登录", "需要登录", "登录超时", "登录后下载"];
/// What ends a clause.
const ENDS: [char; 14] = ['，', '。', '；', '！', '？', ',', ';', '!', '?', '\n', '.', '：', ':', '、'];

/// Whether a link's words name a document: they end in a file's name, or say 附件.
pub fn names_document(words: &str) -> bool {
    let file = || {
        words.match_indices('.').any(|(at, _)| {
            let rest = words.get(at + 1..).unwrap_or_default();
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            shapes::kind_by_ending(words.get(at..=at + end).unwrap_or_default()) == LinkKind::Attachment
        })
    };
    let opening = words.trim_start_matches(|c: char| !c.is_alphanumeric());
    opening.starts_with("附件") || words.contains("附件下载") || words.contains("下载附件") || file()
}

/// Whether an address asks a program for a file: by the program's name, or by a file's name among what it is given.
pub fn asks_for_file(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let Some((_, rest)) = rest.split_once('/') else { return false };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let lower = path.to_ascii_lowercase();
    let page = [".html", ".htm", ".shtml"].iter().any(|end| lower.ends_with(end));
    let program =
        ["download", "downfile", "filedown", "attachment", "/down."].iter().any(|word| lower.contains(word));
    let named = || {
        query.split('&').any(|pair| {
            let value = pair.split_once('=').map_or("", |(_, value)| value);
            shapes::kind_by_ending(value) == LinkKind::Attachment
        })
    };
    !page && (program && !query.is_empty() || named())
}

/// Whether a link to a page offers a file all the same, by its words or its address. A page that is a file on the server
/// (`….html`) is a page whatever it is called.
pub(super) fn is_offered(url: &str, words: &str, title: Option<&str>) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    if [".html", ".htm", ".shtml"].iter().any(|end| path.ends_with(end)) {
        return false;
    }
    names_document(words)
        || title.is_some_and(names_document)
        || url.contains('?') && words.contains("下载") && asks_for_file(url)
}

/// What an answer with success says in a file's place; `None` for whatever may be a file, or a page of its own. `page` is
/// what was read of it, where it is markup or text.
pub fn excuse(reply: &Reply, body: &[u8], page: Option<&PageFacts>) -> Option<Excuse> {
    let whole = reply.status == 200 && !reply.body_cut || reply.status == 206 && is_all(reply);
    if !whole || body.is_empty() || reply.body_len > MOST_BYTES || body.len() as u64 != reply.body_len {
        return None;
    }
    let kind = reply.header("content-type").map(str::to_ascii_lowercase);
    let told = |word: &str| kind.as_ref().is_some_and(|kind| kind.contains(word));
    if !(told("html") || told("text/plain") || told("json") || told("xml") || kind.is_none())
        || reply
            .header("content-disposition")
            .is_some_and(|how| how.to_ascii_lowercase().contains("attachment"))
        || page.is_some_and(|page| page.kind == PageKind::Blocked)
    {
        return None;
    }
    let text = decode(body, reply.header("content-type")).text;
    let start = text.trim_start_matches('\u{feff}').trim();
    if start.starts_with('{') {
        return of_json(&serde_json::from_str(start).ok()?);
    }
    if !start.contains('<') {
        return of_words(start);
    }
    let lower = start.to_ascii_lowercase();
    let may_say = GONE.iter().chain(&LOGIN).chain(&ENGLISH).any(|word| lower.contains(word))
        || ["http status", "whitelabel error page", "password"].iter().any(|word| lower.contains(word));
    if may_say { of_markup(start, page) } else { None }
}

/// Whether a part is all there is.
fn is_all(reply: &Reply) -> bool {
    let size =
        reply.header("content-range").and_then(|range| range.rsplit('/').next()?.trim().parse::<u64>().ok());
    size == Some(reply.body_len)
}

/// The words of a program's answer: those it gives beside a code that is not success, and without anything to download.
fn of_json(answer: &Value) -> Option<Excuse> {
    let fields = answer.as_object()?;
    let succeeds = fields.iter().any(|(name, value)| match &*name.to_ascii_lowercase() {
        "code" | "status" | "errcode" | "errno" | "state" => {
            value.as_i64().is_some_and(|code| matches!(code, 0 | 200))
                || value.as_str().is_some_and(|code| matches!(code, "0" | "200" | "ok" | "success"))
        }
        "success" => *value == Value::Bool(true),
        _ => false,
    });
    let holds = fields.values().any(|value| match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::String(text) => text.contains("://"),
        _ => false,
    });
    if succeeds || holds {
        return None;
    }
    let says =
        |word: &str| fields.values().filter_map(Value::as_str).any(|text| text.eq_ignore_ascii_case(word));
    let code = fields.values().any(|value| value.as_i64() == Some(404));
    if code && says("not found") {
        return Some(Excuse::Missing);
    }
    fields.values().filter_map(Value::as_str).find_map(of_words)
}

/// What a few words say.
fn of_words(text: &str) -> Option<Excuse> {
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).take(MOST_CHARS + 1).collect();
    if squeezed.chars().nth(MOST_CHARS).is_some() || asks(&squeezed) {
        return None;
    }
    if LOGIN.iter().any(|said| is_stated(&squeezed, said)) {
        return Some(Excuse::Login);
    }
    let lower = text.to_ascii_lowercase();
    let english =
        ENGLISH.iter().any(|said| lower.contains(said)) || lower.trim().trim_end_matches('.') == "not found";
    let missing = GONE.iter().chain(&SOUGHT).filter(|said| is_stated(&squeezed, said)).any(|said| {
        squeezed.match_indices(said).any(|(at, _)| {
            let before = squeezed.get(..at).unwrap_or_default().rsplit(ENDS).next().unwrap_or_default();
            let after =
                squeezed.get(at + said.len()..).unwrap_or_default().split(ENDS).next().unwrap_or_default();
            let named = |clause: &str| FILES.iter().any(|file| clause.contains(file));
            named(before) || SOUGHT.contains(said) && named(after)
        })
    });
    (missing || english).then_some(Excuse::Missing)
}

/// What a page says that shows nothing else: no frame, no file of its own, nothing to fill in.
fn of_markup(text: &str, facts: Option<&PageFacts>) -> Option<Excuse> {
    let (page, whole) = tokens::read(text, &mut || false);
    let regions = Regions::read(&page);
    let away = facts.and_then(|facts| facts.jumps_to.as_deref());
    let home = away.is_some_and(|to| url::Url::parse(to).is_ok_and(|to| shapes::looks_like_home_url(&to)));
    if !whole || away.is_some() && !home || shows_another(&page) {
        return None;
    }
    let title =
        page.raws_of(Tag::Title).next().map(|(_, text)| fold(text)).unwrap_or_default().to_ascii_lowercase();
    let words = own_words(&page, &regions);
    let opening = fold(&words).to_ascii_lowercase();
    let status =
        |text: &str| text.strip_prefix("http status ").is_some_and(|rest| rest.starts_with(['4', '5']));
    if title.starts_with("apache tomcat") && title.contains("error report")
        || status(&title)
        || opening.starts_with("whitelabel error page")
    {
        return Some(Excuse::Missing);
    }
    let brief = words.chars().filter(|c| !c.is_whitespace()).nth(MOST_CHARS).is_none();
    if brief
        && page
            .ids()
            .any(|id| page.attr(id, Attr::Type).is_some_and(|kind| kind.eq_ignore_ascii_case("password")))
    {
        return Some(Excuse::Login);
    }
    if is_form(&page, &regions) {
        return None;
    }
    if words.trim().is_empty() {
        // The words of a box that opens before anything else happens.
        let script = page.raws_of(Tag::Script).map(|(_, text)| text.trim()).find(|text| !text.is_empty())?;
        let call = script.strip_prefix("window.").unwrap_or(script).strip_prefix("alert(")?.trim_start();
        let quote = call.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        return of_words(call.get(1..)?.split(quote).next()?);
    }
    of_words(&words)
}

/// Whether a page holds what may be the file itself, or a way to it.
fn shows_another(page: &Outline) -> bool {
    page.ids().any(|id| match page.node(id).tag {
        Tag::Iframe | Tag::Frame | Tag::Embed | Tag::Object | Tag::Video | Tag::Audio => true,
        Tag::A => page.attr(id, Attr::Href).is_some_and(|href| {
            let address = format!("http://h/{}", href.trim_start_matches('/'));
            is_named_as_file(&address)
                || is_named_as_file(href)
                || asks_for_file(&address)
                || asks_for_file(href)
        }),
        _ => false,
    })
}

/// The text of the body without the site's frame.
fn own_words(page: &Outline, regions: &Regions) -> String {
    let mut words = String::new();
    for id in page.ids() {
        let node = page.node(id);
        let own = regions.place(id) == LinkPlace::Body && !regions.is_hidden(id);
        if node.tag == Tag::Text && !node.inert && own {
            words.push_str(page.text_of(id));
            words.push('\n');
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;
    use crate::facts::html::read_page;
    use crate::facts::page::PageContext;

    fn said(kind: &str, body: &str) -> Option<Excuse> {
        let reply = Reply {
            url: "http://www.shili.gov.cn/download.jsp?id=12".to_owned(),
            status: 200,
            addr: None,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body_len: body.len() as u64,
            body_sha256: String::new(),
            body_cut: false,
        };
        let url = url::Url::parse(&reply.url).expect("a URL");
        let cx = PageContext {
            url: &url,
            content_type: Some(kind),
            status: Some(200),
            as_of: from_millis(1_790_000_000_000),
            want_structure: false,
        };
        let page = (!kind.contains("json")).then(|| read_page(body.as_bytes(), &cx, || false));
        excuse(&reply, body.as_bytes(), page.as_ref())
    }

    #[test]
    fn what_says_that_the_file_is_not_there() {
        for (kind, body) in [
            ("text/plain;charset=utf-8", "文件不存在"),
            ("text/html;charset=utf-8", "文件不存在！"),
            ("text/html;charset=utf-8", "<html><body>您访问的文件不存在或已被删除</body></html>"),
            (
                "text/html;charset=utf-8",
                "<html><head><title>提示</title></head><body><div>对不起，找不到您要下载的附件。</div><a href='/'>返回首页</a></body></html>",
            ),
            ("text/html;charset=utf-8", "<script>alert('附件不存在！');history.back();</script>"),
            (
                "text/html;charset=utf-8",
                "<html><head><title>HTTP Status 404 – Not Found</title></head><body><h1>HTTP Status 404 – Not Found</h1><p>The origin server did not find a current representation for the target resource.</p><h3>Apache Tomcat/8.5.57</h3></body></html>",
            ),
            (
                "text/html",
                "<html><head><title>Apache Tomcat/7.0.52 - Error report</title></head><body><h1>HTTP Status 500 - java.io.FileNotFoundException</h1></body></html>",
            ),
            ("application/json", "{\"code\":404,\"msg\":\"文件不存在\"}"),
            ("text/html;charset=utf-8", "{\"success\":false,\"message\":\"附件已被删除\",\"data\":null}"),
            (
                "application/json",
                "{\"timestamp\":1,\"status\":404,\"error\":\"Not Found\",\"path\":\"/download\"}",
            ),
        ] {
            assert_eq!(said(kind, body), Some(Excuse::Missing), "{body}");
        }
    }

    #[test]
    fn what_says_anything_else() {
        for (body, want) in [
            ("请先登录", Some(Excuse::Login)),
            ("{\"code\":401,\"msg\":\"请先登录后下载\"}", Some(Excuse::Login)),
            (
                "<form><input name=u><input type=password name=p><button>登录</button></form>",
                Some(Excuse::Login),
            ),
            ("{\"code\":200,\"msg\":\"文件不存在的记录已清理\"}", None),
            ("{\"code\":0,\"data\":{\"url\":\"/f/1.doc\"}}", None),
            ("{\"code\":1,\"msg\":\"文件不存在\",\"url\":\"http://h/f/1.doc\"}", None),
            ("<p>如遇文件不存在，请点击<a href='/f/1.doc'>申报表</a>下载</p>", None),
            ("<p>文件不存在</p><a href='/download.jsp?id=13'>备用下载</a>", None),
            ("<p>文件不存在怎么办</p>", None),
            ("<p>提示“文件不存在”，须限期整改</p>", None),
            ("<p>文件不存在的，可拨打电话查询</p>", None),
            ("<iframe src='/f/1.pdf'></iframe><p>文件不存在</p>", None),
            ("<script>function open(f){if(!f){alert('文件不存在');}}</script>", None),
            ("<script>location.href='/f/1.doc';</script><p>文件不存在</p>", None),
            ("<p>附件：申报表。下列材料请一并提交，各有关部门要加强组织领导。</p>", None),
            ("姓名,单位\n张三,文化局", None),
        ] {
            assert_eq!(said("text/html;charset=utf-8", body), want, "{body}");
        }
        let long = format!("<p>{}文件不存在</p>", "请各单位认真贯彻执行有关通知精神。".repeat(12));
        assert_eq!(said("text/html;charset=utf-8", &long), None);
        assert_eq!(said("application/octet-stream", "文件不存在"), None, "a file");
    }

    #[test]
    fn links_that_offer_a_file() {
        for words in
            ["附件1.申报表.doc", "附件", "【附件】名单", "附件下载", "申报表（最新）.XLSX", "a.pdf 下载"]
        {
            assert!(names_document(words), "{words}");
        }
        for words in ["通知公告", "关于附件管理的通知", "www.shili.gov.cn", "第3.5条", ""] {
            assert!(!names_document(words), "{words}");
        }
        for url in [
            "http://h/download.jsp?id=12",
            "http://h/attachment/down?fid=7",
            "http://h/module/download/downfile.jsp?filename=a.doc",
            "http://h/show.do?f=a.pdf",
        ] {
            assert!(asks_for_file(url), "{url}");
        }
        for url in [
            "http://h/download/",
            "http://h/a.html?x=download",
            "http://download.h/x?id=1",
            "http://h/a?id=3.5",
        ] {
            assert!(!asks_for_file(url), "{url}");
        }
    }
}
