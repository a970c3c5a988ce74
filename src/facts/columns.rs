//! What the pages of a site say of its columns: who names a page, by what name, under which column. Takes pages in any
//! order; [`super::survey`] concludes from it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::later::turns_pages;
use super::page::{Crumb, LinkKind, LinkPlace, PageFacts, PageKind, PageState};
use super::site::PageSeen;

/// Characters of a link's text up to which it may be a column's name.
const LONGEST_NAME: usize = 20;
/// Dates of a list that are kept: enough to tell its rhythm.
const MOST_DATES: usize = 15;

/// Collects what pages say of columns.
#[derive(Debug, Default)]
pub struct Census {
    pub(super) mentions: HashMap<u32, Mentions>,
    pub(super) below: BTreeMap<String, Below>,
    pub(super) pages: BTreeMap<String, Candidate>,
    pub(super) home_read: bool,
    /// What the home page calls the site.
    pub(super) site_names: BTreeSet<String>,
}

/// Names that were given to one thing, with how many pages gave each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names(BTreeMap<String, u32>);

/// Who links to a page.
#[derive(Debug, Clone, Default)]
pub(super) struct Mentions {
    /// By which names the navigation does.
    pub(super) nav: Names,
    /// By which names a site map does.
    pub(super) map: Names,
    /// By which names the bodies of the home page, of channel pages and lists do.
    pub(super) body: Names,
    /// True where the home page, a channel page or a list leads to it as the whole of what it shows a part of (更多).
    pub(super) more: bool,
    /// True where a reader finds any link to it outside articles, also one that names nothing (更多, a picture).
    pub(super) entrance: bool,
    /// True where the controls of a list lead to it as to another page of that list (下一页, 3).
    pub(super) turned: bool,
}

/// What breadcrumbs of other pages say of a page that they lie under.
#[derive(Debug, Clone, Default)]
pub(super) struct Below {
    /// Articles that lie under it.
    pub(super) articles: u32,
    /// Ways from the home page down to it, itself included.
    pub(super) trails: BTreeMap<Vec<Step>, u32>,
}

/// One step of a breadcrumb below the home page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub(super) name: String,
    /// In folder form.
    pub(super) url: Option<String>,
}

/// A page that may be a column.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) id: u32,
    pub(super) kind: PageKind,
    pub(super) state: PageState,
    pub(super) trail: Vec<Step>,
    pub(super) tag: Option<String>,
    /// The parts of its title.
    pub(super) title: Vec<String>,
    /// Of its items, newest first.
    pub(super) dates: Vec<NaiveDate>,
    pub(super) is_map: bool,
}

impl Census {
    /// Takes in one page. `home` is the home page's URL; `keep` says that the page itself may be a column.
    pub fn page(&mut self, page: &PageSeen, home: &str, keep: bool) {
        let is_home = page.url == home;
        let seen = !matches!(page.facts.kind, PageKind::Blocked | PageKind::Shell | PageKind::Redirect);
        self.home_read |= is_home && seen;
        if is_home {
            self.site_names.extend(title_parts(&page.facts.title));
            self.site_names.extend(page.facts.tags.get("SiteName").map(|name| plain(name)));
        }
        let article = page.facts.kind == PageKind::Article;
        let is_map = !article && says_site_map(&page.facts.title, &page.url);
        for link in page.links.iter() {
            let framed = link.place == LinkPlace::Nav;
            if link.kind != LinkKind::Page
                || link.hidden
                || link.target == page.id
                || (article && !framed)
                || matches!(link.place, LinkPlace::Footer | LinkPlace::Head)
            {
                continue;
            }
            // The breadcrumb stands in the frame as well, and is asked below for what it says.
            if framed && page.facts.breadcrumb.iter().any(|crumb| crumb.name == link.text) {
                continue;
            }
            let mentions = self.mentions.entry(link.target).or_default();
            mentions.entrance = true;
            // The controls' way to a list's first page is called as the home page is.
            let turns = turns_pages(&link.text);
            mentions.turned |= turns || link.text == "首页";
            if turns || link.text.is_empty() || link.text.len() > LONGEST_NAME * 4 {
                continue;
            }
            mentions.more |= !framed && says_more(&link.text);
            let names = match link.place {
                LinkPlace::Nav => &mut mentions.nav,
                _ if is_map => &mut mentions.map,
                _ => &mut mentions.body,
            };
            names.add(&link.text);
        }
        let trail = trail(&page.facts.breadcrumb, home);
        for depth in 1..=trail.len() {
            let Some(url) = trail[depth - 1].url.as_deref().filter(|url| *url != folder_form(&page.url))
            else {
                continue;
            };
            let below = self.below.entry(url.to_owned()).or_default();
            below.articles += u32::from(article);
            match below.trails.get_mut(&trail[..depth]) {
                Some(count) => *count += 1,
                None => drop(below.trails.insert(trail[..depth].to_vec(), 1)),
            }
        }
        if keep && !is_home {
            self.pages.insert(page.url.clone(), candidate(page.id, &page.facts, trail, is_map));
        }
    }

    /// How many articles say that they lie under a page.
    pub fn articles_below(&self, url: &str) -> u32 {
        self.below.get(folder_form(url)).map_or(0, |below| below.articles)
    }
}

impl Names {
    fn add(&mut self, name: &str) {
        if let Some(count) = self.0.get_mut(name) {
            *count += 1;
        } else if is_name(name) {
            self.0.insert(name.to_owned(), 1);
        }
    }

    /// Counts together what was said of the same page under another address.
    pub(super) fn join(&mut self, other: &Self) {
        for (name, count) in &other.0 {
            *self.0.entry(name.clone()).or_default() += count;
        }
    }

    /// The name that most pages use; of equals, the first in the order of text.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.iter().min_by_key(|(name, count)| (std::cmp::Reverse(**count), *name)).map(|(name, _)| &**name)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|name| &**name)
    }
}

/// A column's URL without the name of its folder's index page: `/tzgg/index.html` and `/tzgg/` are one column.
pub fn folder_form(url: &str) -> &str {
    let Some((folder, name)) = url.rsplit_once('/') else { return url };
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let plain = !name.contains('?') && name.contains('.');
    if plain && matches!(stem.as_str(), "index" | "default") {
        return url.get(..=folder.len()).unwrap_or(url);
    }
    url
}

/// Name and URL of the column a page lies in: the last crumb that is a link, or the page itself where it is a list.
pub fn column_of(facts: &PageFacts, url: &str) -> Option<(String, String)> {
    if facts.kind == PageKind::Home {
        return None;
    }
    if facts.kind == PageKind::List {
        return Some((column_name(facts, None), url.to_owned()));
    }
    let crumbs: Vec<_> = facts.breadcrumb.iter().skip(1).filter(|crumb| crumb.url.is_some()).collect();
    let name = crumbs.iter().map(|crumb| crumb.name.as_str()).collect::<Vec<_>>().join("-");
    let url = crumbs.last()?.url.clone()?;
    Some((name, url))
}

/// 栏目位置: the breadcrumb below the home page, else the page tag, the navigation's word, the title.
fn column_name(facts: &PageFacts, named: Option<&str>) -> String {
    let mut crumbs: Vec<&str> = facts
        .breadcrumb
        .iter()
        .map(|crumb| crumb.name.trim())
        .filter(|name| !name.is_empty() && !matches!(*name, "首页" | "网站首页" | "主页"))
        .collect();
    crumbs.dedup();
    if !crumbs.is_empty() && crumbs.len() <= 5 {
        return crumbs.join("-");
    }
    let tag =
        facts.tags.get("ColumnName").map(|value| value.trim()).filter(|v| !v.is_empty() && *v != "null");
    let title = facts.title.split(['_', '-', '|', '－', '—']).next().unwrap_or_default().trim();
    named.or(tag).unwrap_or(title).to_owned()
}

/// Whether a text can name a column: not too long, and no word for a thing that every site has beside its columns.
pub(super) fn is_name(text: &str) -> bool {
    let plain = plain(text);
    let lower = plain.to_ascii_lowercase();
    let more =
        ["更多", "查看", "more", "详细", "全部", "进入", "点击"].iter().any(|word| lower.starts_with(word));
    let letters = plain.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 2 && plain.chars().count() <= LONGEST_NAME && !more && !NOT_COLUMNS.contains(&lower.as_str())
}

/// A name without white space and the marks that templates put around it.
pub(super) fn plain(text: &str) -> String {
    let inner = text.trim_matches(|c: char| c.is_whitespace() || "·•»>＞→[]【】|｜-—:：.…".contains(c));
    inner.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Steps of a breadcrumb below the home page, without what only says what kind of page it is.
fn trail(crumbs: &[Crumb], home: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for crumb in crumbs {
        let name = plain(&crumb.name);
        let url = crumb.url.as_deref().map(|url| folder_form(url.split('#').next().unwrap_or(url)));
        let is_home = url == Some(folder_form(home)) || is_home_word(&name);
        if is_home || name.is_empty() || steps.last().is_some_and(|step| step.name == name) {
            continue;
        }
        steps.push(Step { name, url: url.map(ToOwned::to_owned) });
    }
    while steps.last().is_some_and(|step| KINDS_OF_PAGE.contains(&step.name.as_str())) {
        steps.pop();
    }
    // A sentence of the page, not a way to it.
    if steps.len() > 6 { Vec::new() } else { steps }
}

fn candidate(id: u32, facts: &PageFacts, trail: Vec<Step>, is_map: bool) -> Candidate {
    let items = facts.list.iter().chain(&facts.blocks).flat_map(|list| &list.items);
    let mut dates: Vec<NaiveDate> = items.filter_map(|item| item.date).map(|stamp| stamp.date).collect();
    dates.sort_unstable_by(|a, b| b.cmp(a));
    dates.truncate(MOST_DATES);
    let tag = facts.tags.get("ColumnName").map(|value| plain(value)).filter(|name| is_name(name));
    Candidate {
        id,
        kind: facts.kind,
        state: facts.state,
        trail,
        tag: tag.filter(|tag| tag != "null"),
        title: title_parts(&facts.title),
        dates,
        is_map,
    }
}

/// The parts of a title that may be names: `通知公告_示例市人民政府`, `示例网-工作动态`, `政策文件 示例市`.
fn title_parts(title: &str) -> Vec<String> {
    let parts = title.split(|c: char| c.is_whitespace() || "_-|－—–｜".contains(c)).map(plain);
    parts.filter(|part| part.chars().nth(1).is_some()).take(6).collect()
}

fn says_more(text: &str) -> bool {
    let plain = plain(text).to_ascii_lowercase();
    ["更多", "查看更多", "more", "查看全部"].iter().any(|word| plain.starts_with(word))
}

fn says_site_map(title: &str, url: &str) -> bool {
    let name = url.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default().to_ascii_lowercase();
    ["网站地图", "站点地图", "网站导航图"].iter().any(|word| title.contains(word))
        || ["sitemap", "wzdt", "zddt", "webmap"].iter().any(|word| name.starts_with(word))
}

fn is_home_word(name: &str) -> bool {
    matches!(name, "首页" | "网站首页" | "主页" | "门户首页" | "返回首页" | "本站首页" | "站点首页" | "Home")
}

/// Last steps of breadcrumbs that say what kind of page it is.
const KINDS_OF_PAGE: &[&str] =
    &["正文", "列表", "详情", "内容", "文章", "信息列表", "文章列表", "列表页", "详细内容", "浏览文章"];

/// What the frame of a site links to beside its columns.
const NOT_COLUMNS: &[&str] = &[
    "首页",
    "网站首页",
    "主页",
    "返回首页",
    "网站地图",
    "站点地图",
    "登录",
    "注册",
    "登陆",
    "用户登录",
    "搜索",
    "检索",
    "站内搜索",
    "高级搜索",
    "english",
    "en",
    "无障碍",
    "无障碍浏览",
    "无障碍阅读",
    "长者模式",
    "适老化",
    "关怀版",
    "老年版",
    "手机版",
    "移动版",
    "电脑版",
    "繁体",
    "繁体版",
    "简体",
    "繁體",
    "设为首页",
    "加入收藏",
    "收藏本站",
    "rss",
    "rss订阅",
    "邮箱",
    "网站声明",
    "版权声明",
    "隐私声明",
    "隐私保护",
    "免责声明",
    "法律声明",
    "关于我们",
    "联系我们",
    "联系方式",
    "网站纠错",
    "网站帮助",
    "使用帮助",
    "友情链接",
    "个人中心",
    "上一页",
    "下一页",
    "尾页",
    "末页",
    "打印",
    "关闭",
    "返回",
];

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
