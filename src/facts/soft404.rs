//! Pages that are answered with 200 and are not there: they say so, or they are what the site gives for any address.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::answer::Answer;
use super::gone;
use super::outline::{Attr, Outline, Tag};
use super::page::{LinkPlace, PageFacts, PageKind, PageState};
use super::regions::{Regions, fold};
use super::shapes;
use crate::exchange::Exchange;

/// A page longer than this, white space left out, is more than a notice.
const MOST_CHARS: usize = 260;

/// A page that says no more than this besides its frame says hardly anything.
const BRIEF_CHARS: usize = 120;
/// Letters below which two texts may agree by chance.
const LEAST_LETTERS: u32 = 12;

/// Whole sentences that are a notice wherever they stand on a short page.
const SENTENCES: &[&str] = &[
    "访问的页面不存在",
    "访问的页面已",
    "访问的页面没有找到",
    "访问的页面找不到",
    "访问的网页不存在",
    "访问的网页已",
    "访问的内容不存在",
    "访问的信息不存在",
    "访问的文章不存在",
    "浏览的页面不存在",
    "浏览的页面暂时",
    "浏览的网页不存在",
    "请求的页面不存在",
    "请求的网页不存在",
    "请求的资源不存在",
    "查看的页面不存在",
    "查看的内容不存在",
    "页面不存在或已",
    "页面已被删除",
    "页面已删除",
    "页面找不到了",
    "页面未找到",
    "页面走丢",
    "页面被删除",
    "网页不存在",
    "网页已被删除",
    "页面可能已",
    "内容已被删除",
    "内容不存在或已",
    "信息不存在或已",
    "文章不存在或已",
    "文章已被删除",
    "文章已删除",
    "文档已被删除",
    "无法获取文档",
    "该信息已被删除",
    "该信息不存在",
    "该文章不存在",
    "该页面不存在",
    "该内容不存在",
    "该栏目不存在",
    "无法找到该页",
    "无法找到该网页",
    "找不到该页",
    "找不到您访问",
    "找不到您要",
    "找不到您请求",
    "没有找到您要访问",
    "没有找到您要的页面",
    "您要找的页面不存在",
    "您要查看的页面不存在",
    "您查找的页面",
    "此页面不存在",
    "抱歉，找不到",
    "对不起，您访问的",
    "抱歉，您访问的",
    "很抱歉，您要访问的",
    "不存在或已被删除",
    "不存在或者已",
    "page not found",
    "the page you requested",
    "the page cannot be found",
    "the requested url was not found",
    "file not found",
    "http 404",
    "http status 404",
];

/// Words that are a notice only as a title or on a page that says hardly anything else.
const TITLES: &[&str] = &[
    "404",
    "页面不存在",
    "页面未找到",
    "找不到页面",
    "页面找不到",
    "未找到页面",
    "页面无法访问",
    "页面无法显示",
    "页面丢失",
    "not found",
    "找不到网页",
    "无法找到",
    "出错了",
    "错误页面",
    "页面出错",
];

/// What a short page says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The words.
    pub said: String,
    /// True where two signs bear each other out: the words and a title of the kind, or a page that says hardly more.
    pub sure: bool,
}

/// The words by which a short page says that it does not exist; `None` for any page that says more than that.
pub fn notice(title: &str, text: &str) -> Option<Notice> {
    let letters = || text.chars().filter(|c| !c.is_whitespace());
    if letters().nth(MOST_CHARS).is_some() {
        return None;
    }
    let squeezed: String = letters().collect();
    let (title, text) = (title.to_ascii_lowercase(), text.to_ascii_lowercase());
    let squeezed = squeezed.to_ascii_lowercase();
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let brief = squeezed.chars().nth(BRIEF_CHARS).is_none();
    let titled = Some(&title).filter(|title| !asks(title));
    let named = TITLES.iter().find(|word| titled.is_some_and(|title| is_named(title, word)));
    let sentences = || {
        let found = |said: &&&str| squeezed.contains(&said.replace(' ', "")) || flat.contains(**said);
        SENTENCES.iter().filter(found).copied().chain(gone::statements(&squeezed))
    };
    if let Some(first) = sentences().next() {
        let titled = named.is_some()
            || titled.is_some_and(|title| SENTENCES.iter().any(|said| is_stated(title, said)));
        let plain = sentences().find(|said| is_stated(&squeezed, &said.replace(' ', "")));
        let sure = titled || brief && plain.is_some() && !asks(&title) && !asks(&squeezed);
        return Some(Notice { said: plain.unwrap_or(first).to_owned(), sure });
    }
    if let Some(word) = named
        && (brief || squeezed.starts_with(word))
    {
        return Some(Notice { said: (*word).to_owned(), sure: true });
    }
    let tiny = squeezed.chars().nth(40).is_none();
    let said = |word: &&&str| is_named(squeezed.trim(), word) && is_stated(&squeezed, word);
    let word = TITLES.iter().filter(|_| tiny).find(said)?;
    Some(Notice { said: (*word).to_owned(), sure: true })
}

/// Bytes of the longest text in a box that is looked at.
const MOST_TOLD: usize = 240;

/// What a page with nothing to read tells its reader by script, in a box or as all that the page shows, before the script sends him
/// back.
pub fn told_by_script(page: &Outline) -> Option<String> {
    static TOLD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\b(?:alert|document\s*\.\s*write)\s*\(\s*["']([^"'\\]+)["']\s*\)"#)
            .expect("a valid pattern")
    });
    static BACK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\bhistory\s*\.\s*(?:go\s*\(\s*-\s*\d+\s*\)|back\s*\(\s*\))|\bwindow\s*\.\s*close\s*\(\s*\)|\blocation\b")
            .expect("a valid pattern")
    });
    let mut scripts = page.raws_of(Tag::Script).filter(|(_, text)| text.len() < 1000);
    scripts.find_map(|(_, text)| {
        // Behind a condition it is not told to everybody.
        let plain = |told: &regex::Match<'_>| {
            let before = text.get(..told.start()).unwrap_or_default();
            before.matches('{').count() == before.matches('}').count() && !before.contains('?')
        };
        let told = TOLD.captures_iter(text).filter_map(|told| told.get(1)).filter(plain);
        let told: Vec<&str> = told.map(|told| told.as_str()).collect();
        let words = without_tags(&told.concat());
        let ends = !words.is_empty() && words.len() < MOST_TOLD && BACK.is_match(text);
        ends.then_some(words)
    })
}

fn without_tags(markup: &str) -> String {
    let mut text = String::new();
    let mut rest = markup;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text.trim().to_owned()
}

/// A notice weighed against the page that it stands on: on a page with a heading of its own, one that is `published` under a date, or
/// one that has its reader tick or write something, the words alone are one sign and not two.
pub fn on_page(notice: Notice, page: &Outline, regions: &Regions, title: &str, published: bool) -> Notice {
    let sure = notice.sure && !published && !has_own_heading(page, regions, title) && !is_form(page, regions);
    Notice { sure, ..notice }
}

/// Whether a heading in the body is a part of the title that names neither an error nor the site.
fn has_own_heading(page: &Outline, regions: &Regions, title: &str) -> bool {
    const OF_ERRORS: [&str; 10] =
        ["404", "提示", "错误", "出错", "不存在", "找不到", "抱歉", "对不起", "not found", "error"];
    const OF_SITES: [&str; 8] = ["政府", "门户", "网", "网站", "局", "委", "委员会", "平台"];
    let parts: Vec<String> = title.split(['-', '_', '|', '—', '–', '－']).map(fold).collect();
    let own = |heading: &str| {
        let lower = heading.to_ascii_lowercase();
        heading.chars().nth(3).is_some()
            && parts.iter().any(|part| part == heading)
            && !OF_SITES.iter().any(|end| heading.ends_with(end))
            && (asks(heading)
                || !OF_ERRORS.iter().chain(SENTENCES).chain(TITLES).any(|word| lower.contains(word)))
    };
    page.ids().any(|id| {
        let node = page.node(id);
        matches!(node.tag, Tag::H1 | Tag::H2 | Tag::H3)
            && regions.place(id) == LinkPlace::Body
            && !regions.is_hidden(id)
            && own(&fold(page.text_of(id)))
    })
}

/// Whether the body holds boxes to tick or to write into; a search box is neither.
pub(super) fn is_form(page: &Outline, regions: &Regions) -> bool {
    page.ids().any(|id| {
        let ticked = || page.attr(id, Attr::Type).is_some_and(|kind| matches!(kind, "radio" | "checkbox"));
        let node = page.node(id);
        (node.tag == Tag::Textarea || node.tag == Tag::Input && ticked())
            && regions.place(id) == LinkPlace::Body
            && !regions.is_hidden(id)
    })
}

/// Whether words ask something, as a guide or an answered question does and no notice.
pub(super) fn asks(words: &str) -> bool {
    ["怎么办", "为什么", "为何", "如何", "怎样", "怎么", "问：", "问:"]
        .iter()
        .any(|question| words.contains(question))
}

/// Whether `said` stands somewhere in a text as its own statement: not quoted, not under a condition (如页面无法访问，请来电), and not as
/// what a sentence speaks of (信息不存在的，可拨打电话查询).
pub(super) fn is_stated(text: &str, said: &str) -> bool {
    const ENDS: [char; 11] = ['，', '。', '；', '！', '？', '、', ',', '.', ';', '!', '”'];
    const IFS: [&str; 7] = ["如果", "如遇", "如您", "若", "遇到", "发现", "出现"];
    text.match_indices(said).any(|(at, _)| {
        let (before, after) =
            (text.get(..at).unwrap_or_default(), text.get(at + said.len()..).unwrap_or_default());
        let clause = after.split(ENDS).next().unwrap_or_default();
        let open = |left: char, right: char| before.matches(left).count() > before.matches(right).count();
        let quoted = open('“', '”') || open('「', '」') || open('『', '』') || open('《', '》');
        let lead = before.rsplit(ENDS).next().unwrap_or_default();
        let on_condition = IFS.iter().any(|word| lead.contains(word) || said.contains(word));
        // 不存在办理记录: something else is not there.
        let of_object = said.ends_with("不存在")
            && clause
                .chars()
                .next()
                .is_some_and(|c| c >= '\u{2e80}' && !"或了啦哦呢请返系点即将如若您正自页".contains(c));
        // 你申请公开的信息不存在, 经查，该信息不存在: an office answers somebody.
        let answered = ["申请", "经查", "经检索", "经核", "经审"]
            .iter()
            .any(|word| before.contains(word) || said.contains(word));
        !quoted
            && !of_object
            && !on_condition
            && !answered
            && !clause.starts_with('的')
            && !clause.ends_with('的')
            && !clause.ends_with("的情况")
    })
}

/// Gathers the fingerprint of a page's own text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Print {
    hash: u64,
    letters: u32,
}

impl Print {
    /// Takes in one letter; those of addresses and tokens do not count.
    pub fn add(&mut self, c: char) {
        if c >= '\u{2e80}' {
            self.hash =
                (self.hash.rotate_left(5) ^ u64::from(u32::from(c))).wrapping_mul(0x517c_c1b7_2722_0a95);
            self.letters += 1;
        }
    }

    /// The fingerprint, or 0 of a text too short to tell pages apart by. Its upper 16 bits are the length of the whole
    /// page's text in units of 128 bytes: of a long text only the beginning is gathered.
    pub fn end(self, page_bytes: usize) -> u64 {
        if self.letters < LEAST_LETTERS {
            return 0;
        }
        let length = u16::try_from(page_bytes / 128).unwrap_or(u16::MAX);
        u64::from(length) << 48 | (self.hash >> 16).max(1)
    }
}

/// What a site answers for an address that was made up: read off two of them, a file's and a folder's, and off its home page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calibration {
    home: Option<Sample>,
    samples: Vec<Sample>,
}

/// One answer with success, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sample {
    /// Where redirects led, where they led anywhere.
    led_to: Option<String>,
    content: Option<Content>,
}

/// What a page holds, as far as it is compared; two pages that agree in all of it look the same to a reader.
#[derive(Debug, Clone)]
struct Content {
    title: String,
    text: u64,
    items: Vec<String>,
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        let (text, length) = (1_u64 << 48, |print: u64| print >> 48);
        // An echoed address or a time makes texts differ a little in length.
        self.text % text == other.text % text
            && length(self.text).abs_diff(length(other.text)) <= 1
            && self.title == other.title
            && self.items == other.items
    }
}

impl Eq for Content {}

impl Calibration {
    /// Takes in the answer of the home page.
    pub fn home(&mut self, exchange: &Exchange, page: Option<&PageFacts>) {
        self.home = sample(exchange, page);
    }

    /// Takes in the answer for an address that was made up; one that is refused as it should be teaches nothing.
    pub fn made_up(&mut self, exchange: &Exchange, answer: &Answer, page: Option<&PageFacts>) {
        if matches!(answer, Answer::There | Answer::SoftNotFound) {
            self.samples.extend(sample(exchange, page));
        }
    }

    /// What an answer that was taken for a page really is, where at least two signs say so; `None` where it is in order.
    ///
    /// The signs: it leads where made-up addresses lead; that is the home page, or an address that is called an error; its text
    /// is that of a made-up address; so is its title; it says of itself that it is not there.
    pub fn judge(&self, exchange: &Exchange, page: Option<&PageFacts>) -> Option<Answer> {
        let asked = Url::parse(&exchange.url).ok()?;
        if self.samples.is_empty() || shapes::looks_like_home_url(&asked) {
            return None;
        }
        let seen = sample(exchange, page)?;
        let says = page.is_some_and(|page| page.not_found.is_some() || page.maybe_not_found.is_some());
        let led =
            seen.led_to.as_ref().filter(|to| self.samples.iter().any(|one| one.led_to.as_ref() == Some(*to)));
        if let Some(to) = led.and_then(|to| Url::parse(to).ok()) {
            if shapes::looks_like_home_url(&to) {
                return Some(Answer::HomeInstead);
            }
            if says || is_called_error(&to) {
                return Some(Answer::SoftNotFound);
            }
        }
        let content = seen.content.as_ref()?;
        if !self.samples.iter().any(|one| one.content.as_ref() == Some(content)) {
            return None;
        }
        if says {
            return Some(Answer::SoftNotFound);
        }
        let is_home = self.home.as_ref().is_some_and(|home| home.content.as_ref() == Some(content));
        Some(if is_home { Answer::HomeInstead } else { Answer::SameForAll })
    }
}

fn sample(exchange: &Exchange, page: Option<&PageFacts>) -> Option<Sample> {
    exchange.outcome.as_ref().ok()?;
    let led_to = exchange.hops.last().map(|hop| bare(&hop.to).to_owned());
    // What a script fills looks alike to a reader of the source whatever it shows.
    let whole = page.filter(|page| {
        !matches!(page.kind, PageKind::Shell | PageKind::Blocked | PageKind::Redirect)
            && page.state != PageState::Script
            && page.text_print != 0
            && !page.title.is_empty()
    });
    let content = whole.map(|page| Content {
        title: page.title.clone(),
        text: page.text_print,
        items: page
            .list
            .iter()
            .chain(&page.blocks)
            .flat_map(|list| &list.items)
            .map(|item| item.url.clone())
            .collect(),
    });
    Some(Sample { led_to, content })
}

/// An address without what it was reached from: `?from=/a/b.html`.
fn bare(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

fn is_called_error(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    ["404", "error", "notfound", "not_found", "not-found", "nopage"].iter().any(|word| name.contains(word))
}

/// A word that is the whole name or stands at its edge; `404` inside a longer number is none.
fn is_named(name: &str, word: &str) -> bool {
    let trimmed = name.trim();
    let Some(at) = trimmed.find(word) else { return false };
    let (before, after) =
        (trimmed.get(..at).unwrap_or_default(), trimmed.get(at + word.len()..).unwrap_or_default());
    if before.ends_with(['“', '「', '『', '《', '"', '\''])
        && after.starts_with(['”', '」', '』', '》', '"', '\''])
    {
        return false;
    }
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    if digit(before.chars().next_back()) || digit(after.chars().next()) {
        return false;
    }
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let goes_on = after.is_empty()
        || apart(after.chars().next())
        || ["错误", "页", "not", "error", "找不到", "未找到"].iter().any(|next| after.starts_with(next));
    word != "404"
        || (apart(before.chars().next_back()) || before.ends_with("http") || before.ends_with("错误"))
            && goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_and_articles() {
        for (title, text, want) in [
            ("提示信息", "404\n抱歉，您访问的页面不存在或已被删除！", true),
            ("404", "返回首页", true),
            ("404 Not Found", "404 Not Found nginx", true),
            ("某县人民政府", "您访问的页面不存在，5秒后返回首页", true),
            ("出错了", "系统提示 该信息不存在 返回", true),
            ("某县人民政府", "首页 要闻 公告", false),
            ("第404期政府公报", "第404期政府公报目录：一、关于印发实施方案的通知", false),
            (
                "关于清理网站错链的通知",
                &"部分页面不存在、链接打不开，请各单位在本月底前自查整改并报送情况。".repeat(12),
                false,
            ),
            ("关于1404号提案的答复", "您提出的提案收悉", false),
            (
                "常见问题-某县人民政府",
                "问：为什么提示“您访问的页面不存在”？答：该页面可能已迁移到新的栏目，请通过站内检索查找。",
                false,
            ),
            ("信息已被删除怎么办", "网站信息不存在或已被删除的，可拨打电话申请查询。", false),
            ("办理指引", "网站信息不存在或已被删除的，可拨打电话申请查询。", false),
            ("工作提示", "检查发现部分网站提示“您访问的页面不存在”，须限期整改。", false),
            ("页面出错怎么办", "请拨打电话反映。", false),
            ("某县人民政府", "您查找的页面可能已被移除、名称已更改或者暂时不可用。", true),
            ("某县人民政府", "“首页”提示：该信息不存在或已被删除！", true),
            ("某县人民政府", "您所访问的信息已被删除或不存在", true),
            ("某县人民政府", "抱歉，您要查看的信息已下线，5秒后自动返回首页", true),
            ("提示", "此内容已被发布者删除", true),
            ("提示", "信息不存在", true),
            ("办理指引", "您要查看的信息不存在的，可以依申请公开。", false),
            ("常见问题", "问：您要查看的文章已下线怎么办？答：请拨打电话。", false),
            ("政策文件", "该文件已失效", false),
            ("页面找不到了", "404 抱歉！页面无法访问……可能因为：网址有错误；链接已过期。", true),
            ("未找到页面 – 某局", "有点尴尬诶！该页无法显示。", true),
            ("Apache Tomcat/7.0.82 - Error report", "HTTP Status 404 - /zwgk/a.jsp type Status report", true),
            ("公告", "告知书 张某：你申请公开的信息不存在，特此告知。", false),
            ("公告", "告知书 经检索，您所申请的政府信息不存在。", false),
            ("公告", "经查，该信息不存在，不予受理。", false),
            ("该信息已被删除的说明", "访问原链接会显示“该信息不存在”，特此说明。", false),
            ("办理进度查询", "您查询的事项不存在办理记录，请输入受理编号。", false),
            ("跳转提示", "该链接将跳转至外部网站，若页面不存在请联系对方。", false),
            ("某局", "如果您访问的页面不存在，请拨打电话反映。", false),
            ("关于部分网页显示“页面不存在”的说明", "已全部修复。", false),
        ] {
            assert_eq!(notice(title, text).is_some_and(|notice| notice.sure), want, "{title}: {text}");
        }
    }

    #[test]
    fn boxes_that_send_the_reader_back() {
        let told = |html: &str| told_by_script(&crate::facts::tokens::read(html, &mut || false).0);
        let back = "<script>alert('该信息不存在！'); history.go(-1);</script>";
        assert_eq!(told(back).as_deref(), Some("该信息不存在！"));
        let dede = "<script>var pgo=0;function JumpUrl(){if(pgo==0){location='javascript:history.go(-1);';pgo=1;}}document.write('<div>提示信息！</div>');document.write('无法获取文档，可能文档已被删除！');setTimeout('JumpUrl()',5000);</script>";
        assert_eq!(told(dede).as_deref(), Some("提示信息！无法获取文档，可能文档已被删除！"));
        let guarded = "<script>if (!id) { alert('该信息不存在！'); history.back(); } load(id);</script>";
        assert_eq!(told(guarded), None, "told under a condition");
        assert_eq!(told("<script>alert('该信息不存在！');</script>"), None, "and the page goes on");
    }

    #[test]
    fn words_on_a_page_with_a_heading_or_boxes_of_its_own() {
        let sure = |html: &str| {
            let (page, _) = crate::facts::tokens::read(html, &mut || false);
            let regions = Regions::read(&page);
            let title = page.raws_of(Tag::Title).next().map(|(_, text)| fold(text)).unwrap_or_default();
            let notice = notice(&title, &page.text).expect("the words stand there");
            on_page(notice, &page, &regions, &title, false).sure
        };
        for (html, want) in [
            ("<title>提示-某县</title><h1>提示</h1><p>该信息不存在或已被删除</p>", true),
            ("<title>某县人民政府</title><h1>某县人民政府</h1><p>该信息不存在或已被删除</p>", true),
            ("<title>页面不存在-某县</title><h2>页面不存在</h2><p>您访问的页面不存在</p>", true),
            ("<title>出错了</title><p>您访问的页面不存在</p><input type=text>", true),
            ("<title>故障申报-某县</title><h2>故障申报</h2><p>该页面不存在</p>", false),
            ("<title>调查</title><p>遇到过</p><label><input type=checkbox>网页不存在</label>", false),
            ("<title>我要报错</title><p>网页不存在请填写</p><textarea></textarea>", false),
        ] {
            assert_eq!(sure(html), want, "{html}");
        }
    }
}
