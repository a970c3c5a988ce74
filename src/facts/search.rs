//! A site's own search (站内搜索): the entrance that its home page shows, the address that asks for a title, and what the answer
//! says of it. Forms that a script sends, or that are no GET, are named and never tried.

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};
use url::Url;

use super::outline::{Attr, NodeId, Outline, Tag};
use super::page::{LinkKind, PageFacts, PageKind, PageState};
use super::personal;
use super::regions::Regions;

/// Words in the names, ids and descriptions of fields and forms that search.
const HINTS: [&str; 8] = ["搜", "检索", "search", "sousuo", "keyword", "query", "searchword", "jiansuo"];
/// Names of such fields that are too short to be looked for inside others.
const NAMES: [&str; 6] = ["q", "wd", "kw", "key", "word", "so"];
/// What an answer says that holds nothing.
const NOTHING: [&str; 14] = [
    "没有找到",
    "未找到",
    "找不到",
    "没有检索到",
    "未检索到",
    "没有查询到",
    "未查询到",
    "没有搜索到",
    "未搜索到",
    "没有符合",
    "没有相关",
    "无相关",
    "为您找到0",
    "共0条",
];
/// Letters of a title from which on a link called so is no chance.
const LEAST_LETTERS: usize = 6;
/// Letters of a title that are asked for: engines cut longer words at will.
const MOST_LETTERS: usize = 16;

/// The search of a site, with what it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// How a reader gets into it.
    pub entrance: Entrance,
    /// What was asked in this run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Tried>,
}

/// How a reader gets into a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entrance {
    /// A form that is sent by GET.
    Form(Form),
    /// A form that is sent by POST: never tried.
    Post,
    /// A field without such a form, or a link called so: a script or another page does the rest.
    Script,
    /// Nothing of the kind stands in the source.
    Nothing,
}

/// A form with one field to write into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Where it is sent, resolved.
    pub url: String,
    /// The name of the field.
    pub field: String,
    /// What else is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<(String, String)>,
}

/// One title that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The title of an article of the site.
    pub title: String,
    /// Its URL.
    pub url: String,
    /// The address that was asked.
    pub asked: String,
    /// What the answer says.
    pub outcome: Outcome,
}

/// What a search's answer says of one title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "why")]
pub enum Outcome {
    /// It lists the title or its URL.
    Found,
    /// It says that there is nothing.
    NotFound,
    /// Neither; the reason is a word of a gap.
    Unclear(String),
}

/// The entrance that a home page shows. `resolve` makes addresses whole.
pub(super) fn entrance(
    page: &Outline,
    regions: &Regions,
    resolve: &dyn Fn(&str) -> Option<String>,
) -> Entrance {
    let mut best = Entrance::Nothing;
    for id in page.ids().skip(1) {
        let node = page.node(id);
        if node.inert {
            continue;
        }
        match node.tag {
            Tag::Form => match of_form(page, id, resolve) {
                Some(form @ Entrance::Form(_)) => return form,
                Some(Entrance::Post) => best = Entrance::Post,
                Some(_) if best == Entrance::Nothing => best = Entrance::Script,
                _ => {}
            },
            Tag::Input if best == Entrance::Nothing && is_text(page, id) && hints(page, id) => {
                best = Entrance::Script;
            }
            Tag::A | Tag::Button | Tag::Iframe if best == Entrance::Nothing && !regions.is_hidden(id) => {
                let called = page.text_of(id).trim();
                let short = called.chars().count() <= 8;
                let said = short && (called.contains("搜") || called.contains("检索"));
                let leads =
                    [Attr::Href, Attr::Src, Attr::Title].into_iter().any(|attr| hinted(page, id, attr));
                if said || leads {
                    best = Entrance::Script;
                }
            }
            Tag::Img if best == Entrance::Nothing && hinted(page, id, Attr::Alt) => best = Entrance::Script,
            _ => {}
        }
    }
    best
}

fn of_form(page: &Outline, form: NodeId, resolve: &dyn Fn(&str) -> Option<String>) -> Option<Entrance> {
    let inside: Vec<NodeId> = page.inside(form).filter(|id| page.node(*id).tag == Tag::Input).collect();
    let kind = |id: &NodeId| page.attr(*id, Attr::Type).unwrap_or_default().trim().to_ascii_lowercase();
    if inside.iter().any(|id| kind(id) == "password") {
        return None;
    }
    let texts: Vec<NodeId> = inside.iter().copied().filter(|id| is_text(page, *id)).collect();
    let about = texts.iter().any(|id| hints(page, *id)) || hints(page, form);
    let &[field] = texts.as_slice() else { return about.then_some(Entrance::Script) };
    let name = page.attr(field, Attr::MetaName).map(str::trim).filter(|name| !name.is_empty());
    if !about && !name.is_some_and(|name| NAMES.contains(&name.to_ascii_lowercase().as_str())) {
        return None;
    }
    let method = page.attr(form, Attr::Method).unwrap_or("get").trim();
    if method.eq_ignore_ascii_case("post") {
        return Some(Entrance::Post);
    }
    let action = page.attr(form, Attr::Action).map(str::trim).filter(|action| {
        !action.is_empty()
            && !action.starts_with('#')
            && !action.to_ascii_lowercase().starts_with("javascript")
    });
    let (Some(name), Some(url)) = (name, action.and_then(resolve)) else { return Some(Entrance::Script) };
    let fixed = inside.iter().filter(|id| kind(id) == "hidden").filter_map(|id| {
        let name = page.attr(*id, Attr::MetaName).filter(|name| !name.trim().is_empty())?;
        Some((name.to_owned(), page.attr(*id, Attr::Value).unwrap_or_default().to_owned()))
    });
    let fixed: Vec<(String, String)> = fixed.take(20).collect();
    if personal::is_masked_address(&url) || fixed.iter().any(|(_, value)| personal::any(value)) {
        return Some(Entrance::Script);
    }
    Some(Entrance::Form(Form { url, field: name.to_owned(), fixed }))
}

fn is_text(page: &Outline, id: NodeId) -> bool {
    let kind = page.attr(id, Attr::Type).unwrap_or("text").trim().to_ascii_lowercase();
    matches!(kind.as_str(), "text" | "search" | "")
}

fn hints(page: &Outline, id: NodeId) -> bool {
    [Attr::MetaName, Attr::Id, Attr::Class, Attr::Placeholder, Attr::Value, Attr::Title, Attr::Action]
        .into_iter()
        .any(|attr| hinted(page, id, attr))
}

fn hinted(page: &Outline, id: NodeId, attr: Attr) -> bool {
    page.attr(id, attr).is_some_and(|value| {
        let value = value.to_lowercase();
        HINTS.iter().any(|hint| value.contains(hint))
    })
}

/// What is asked for of a title: its longest piece without signs; `None` where that is too short to be told from others.
pub fn wording(title: &str) -> Option<String> {
    let pieces = title.split(|c: char| !c.is_alphanumeric());
    let longest = pieces.max_by_key(|piece| piece.chars().count())?;
    let asked: String = longest.chars().take(MOST_LETTERS).collect();
    (asked.chars().count() >= LEAST_LETTERS).then_some(asked)
}

impl Form {
    /// The address that asks for `text`, written in the page's `charset`; `None` where the form's address is none.
    pub fn question(&self, text: &str, charset: &str) -> Option<Url> {
        let mut url = Url::parse(&self.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let encoding =
            Encoding::for_label(charset.as_bytes()).unwrap_or(encoding_rs::UTF_8).output_encoding();
        let encode = |text: &str| encoding.encode(text).0.into_owned();
        // A form that is sent by GET takes the place of the query of its address.
        url.set_query(None);
        url.set_fragment(None);
        let fixed = self.fixed.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query: Vec<String> = fixed
            .chain([(self.field.as_str(), text)])
            .map(|(name, value)| {
                let coded =
                    |text: &str| url::form_urlencoded::byte_serialize(&encode(text)).collect::<String>();
                format!("{}={}", coded(name), coded(value))
            })
            .collect();
        url.set_query(Some(&query.join("&")));
        Some(url)
    }
}

/// What the answer to a question for `title`, an article at `url`, says of it. That a page repeats the question says nothing; only
/// a link to the article, or called as it is, does. That there is nothing is believed only where the page says so itself.
pub fn outcome(answer: &PageFacts, title: &str, url: &str) -> Outcome {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let bare = |url: &str| {
        let url = url.split('#').next().unwrap_or_default();
        url.split_once("://").map_or(url, |(_, rest)| rest).to_owned()
    };
    let (wanted, target) = (letters(title), bare(url));
    let pages = answer.links.iter().filter(|link| matches!(link.kind, LinkKind::Page | LinkKind::Attachment));
    let items = answer.list.iter().chain(&answer.blocks).flat_map(|list| &list.items);
    let mut shown = pages
        .map(|link| (link.text.as_str(), link.url.as_str()))
        .chain(items.map(|item| (item.title.as_str(), item.url.as_str())));
    if shown.any(|(text, url)| bare(url) == target || letters(text).contains(&wanted)) {
        return Outcome::Found;
    }
    let unclear = |why: &str| Outcome::Unclear(why.to_owned());
    if answer.kind == PageKind::Blocked {
        return unclear("blocked");
    }
    let scripted = matches!(answer.kind, PageKind::Shell | PageKind::Redirect)
        || answer.state == PageState::Script
        || !answer.list_sources.is_empty()
        || answer.gaps.iter().any(|gap| matches!(gap.why.as_str(), "needs-render" | "page-too-complex"));
    if scripted {
        return unclear("search-by-script");
    }
    let text = answer.own_text.as_ref().map_or("", |text| text.text.as_str());
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if NOTHING.iter().any(|word| text.contains(word)) {
        return Outcome::NotFound;
    }
    unclear("search-unclear")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::html::read_page;
    use crate::facts::page::PageContext;
    use crate::facts::tokens;

    fn shown(html: &str) -> Entrance {
        let (page, _) = tokens::read(html, &mut || false);
        let base = Url::parse("http://www.shili.example/").expect("a URL");
        entrance(&page, &Regions::read(&page), &|raw| base.join(raw).ok().map(String::from))
    }

    fn answer(html: &str) -> PageFacts {
        let url = Url::parse("http://www.shili.example/so?q=x").expect("a URL");
        let as_of = crate::calendar::from_millis(1_794_000_000_000);
        let cx =
            PageContext { url: &url, content_type: None, status: Some(200), as_of, want_structure: true };
        read_page(html.as_bytes(), &cx, || false)
    }

    #[test]
    fn entrances_are_told_apart() {
        let form = shown(
            "<form action='/so/s.jsp'><input type=hidden name=siteid value=3><input name=q placeholder=请输入检索词><input type=submit></form>",
        );
        let fixed = vec![("siteid".to_owned(), "3".to_owned())];
        let known =
            Form { url: "http://www.shili.example/so/s.jsp".to_owned(), field: "q".to_owned(), fixed };
        assert_eq!(form, Entrance::Form(known.clone()));
        let asked = known.question("示例", "gbk").map(String::from);
        assert_eq!(asked.as_deref(), Some("http://www.shili.example/so/s.jsp?siteid=3&q=%CA%BE%C0%FD"));
        assert_eq!(shown("<form method=POST action=/s><input name=keyword></form>"), Entrance::Post);
        assert_eq!(shown("<form action=''><input name=keyword></form>"), Entrance::Script);
        assert_eq!(shown("<div><input id=searchKey></div>"), Entrance::Script);
        assert_eq!(shown("<a href='/zh/'>站内搜索</a>"), Entrance::Script);
        let login = "<form action=/login><input name=user><input type=password name=pass></form>";
        assert_eq!(shown(login), Entrance::Nothing);
        assert_eq!(shown("<form action=/tq><input name=city></form>"), Entrance::Nothing, "the weather");
    }

    #[test]
    fn an_answer_counts_only_by_its_links_and_its_own_words() {
        let (title, url) = ("示例市举办秋季招聘会（第二场）", "http://www.shili.example/yw/1.html");
        assert_eq!(wording(title).as_deref(), Some("示例市举办秋季招聘会"));
        assert_eq!(wording("公告"), None);
        let listed = "<title>搜索</title><p>您搜索的是：示例市举办秋季招聘会</p><ul><li><a href='/yw/1.html'>示例市<em>举办</em></a></li></ul>";
        assert_eq!(outcome(&answer(listed), title, url), Outcome::Found);
        let called = "<ul><li><a href='/go?id=7'>示例市举办秋季招聘会 (第二场)</a></li></ul>";
        assert_eq!(outcome(&answer(called), title, url), Outcome::Found);
        let echo = "<title>搜索</title><p>您搜索的是：示例市举办秋季招聘会（第二场）</p><p>抱歉，没有找到相关的内容。</p>";
        assert_eq!(outcome(&answer(echo), title, url), Outcome::NotFound);
        let bare = "<title>搜索</title><p>您搜索的是：示例市举办秋季招聘会（第二场）</p><p>热门搜索</p>";
        assert_eq!(outcome(&answer(bare), title, url), Outcome::Unclear("search-unclear".to_owned()));
        let script = "<title>搜索</title><div id=app></div><script src=/app.js></script>";
        assert!(matches!(outcome(&answer(script), title, url), Outcome::Unclear(_)));
    }
}
