//! What a site's stored pages say about new media, gathered while they are folded: the accounts that they link to, show as codes
//! or invite to by name, and the titles that an account is to carry, too.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;

use crate::crawl::frontier::UrlId;
use crate::facts::account::Platform;
use crate::facts::account_links::{AccountAt, Shown, Unlisted, account_at};
use crate::facts::account_names::{invited, is_of_others};
use crate::facts::account_seen::{SiteTitles, Titled};
use crate::facts::article::plain_name;
use crate::facts::class::ColumnClass;
use crate::facts::site::{PageSeen, SiteFacts};
use crate::finding::Look;
use crate::registry::{Account, AccountStatus, Registry, Site};
use crate::store::facts::FactsDb;

/// From this likeness on, two names may be one account's, renamed.
const MAYBE_SAME: f64 = 0.5;
/// Titles kept of one site.
const MOST_TITLES: usize = 5_000;
/// Beginnings of addresses under which the homes of accounts lie.
const HOMES: [&str; 16] = [
    "weibo.com/",
    "www.weibo.com/",
    "e.weibo.com/",
    "weibo.cn/",
    "m.weibo.cn/",
    "www.douyin.com/user/",
    "www.kuaishou.com/profile/",
    "www.toutiao.com/c/user/",
    "space.bilibili.com/",
    "www.xiaohongshu.com/user/profile/",
    "author.baidu.com/home/",
    "mp.weixin.qq.com/mp/",
    "douyin.com/user/",
    "www.iesdouyin.com/share/user/",
    "live.kuaishou.com/",
    "xiaohongshu.com/user/profile/",
];

/// Link targets that are homes of accounts, by the id of their address. Empty where no accounts are registered: then nothing can
/// be missing in the register.
pub(super) fn targets(registry: &Registry, db: &FactsDb) -> Result<HashMap<UrlId, (AccountAt, String)>> {
    if registry.accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let mut wanted = HashMap::new();
    for home in HOMES {
        for scheme in ["http", "https"] {
            for (id, url) in db.urls_under(&format!("{scheme}://{home}"))? {
                if let Some(at) = account_at(&url) {
                    wanted.insert(id, (at, url));
                }
            }
        }
    }
    Ok(wanted)
}

/// What the pages of one site say.
pub(super) struct Mentions<'a> {
    registry: &'a Registry,
    site: &'a Site,
    targets: &'a HashMap<UrlId, (AccountAt, String)>,
    found: BTreeMap<AccountAt, Found>,
    pages: u32,
    /// Addresses of the pages whose titles are important; `None` where no account asks for titles.
    home: String,
    on_home: BTreeSet<AccountAt>,
    important: Option<HashSet<String>>,
    titles: BTreeMap<String, Titled>,
}

struct Found {
    shown: Shown,
    url: String,
    text: String,
    page: String,
    pages: u32,
    /// `None` until it is asked for: texts are stored without.
    look: Option<Look>,
}

impl<'a> Mentions<'a> {
    pub(super) fn new(
        registry: &'a Registry,
        site: &'a Site,
        targets: &'a HashMap<UrlId, (AccountAt, String)>,
    ) -> Self {
        let asked = registry.accounts.iter().any(|account| account.site.as_deref() == Some(&site.code));
        let important = asked.then(|| {
            let news = registry.columns_of(&site.code).filter(|column| {
                let class = column.class.unwrap_or_else(|| ColumnClass::guess(&column.name));
                matches!(class, ColumnClass::News | ColumnClass::Notice | ColumnClass::Policy)
            });
            std::iter::once(site.url.to_string()).chain(news.map(|column| column.url.to_string())).collect()
        });
        Self {
            registry,
            site,
            targets,
            found: BTreeMap::new(),
            pages: 0,
            home: site.url.to_string(),
            on_home: BTreeSet::new(),
            important,
            titles: BTreeMap::new(),
        }
    }

    /// Takes in one page.
    pub(super) fn page(&mut self, page: &PageSeen) {
        self.pages += 1;
        if !self.targets.is_empty() {
            let mut here = BTreeSet::new();
            for link in page.links.iter() {
                let Some((at, url)) = self.targets.get(&link.target) else { continue };
                if !here.insert(at) {
                    continue;
                }
                let found = self.found.entry(at.clone()).or_insert_with(|| Found {
                    shown: Shown::Link,
                    url: url.clone(),
                    text: link.text.clone(),
                    page: page.url.clone(),
                    pages: 0,
                    look: Some(page.look.clone()),
                });
                found.pages += 1;
                if page.url == self.home {
                    self.on_home.insert(at.clone());
                }
            }
        }
        let Some(important) = &self.important else { return };
        let counts = important.contains(&page.url);
        for item in page.facts.list.iter().chain(&page.facts.blocks).flat_map(|list| &list.items) {
            let Some(date) = item.date else { continue };
            if self.titles.len() >= MOST_TITLES {
                break;
            }
            let titled = self.titles.entry(item.url.clone()).or_insert_with(|| Titled {
                day: date.date,
                title: item.title.clone(),
                url: item.url.clone(),
                important: false,
            });
            titled.important |= counts;
        }
    }

    /// Takes in the text of one page.
    pub(super) fn text(&mut self, page: &str, text: &str) {
        if self.registry.accounts.is_empty() {
            return;
        }
        for (platform, name) in invited(text) {
            let at = AccountAt { platform, id: name };
            let found = self.found.entry(at.clone()).or_insert_with(|| Found {
                shown: Shown::Text,
                url: page.to_owned(),
                text: String::new(),
                page: page.to_owned(),
                pages: 0,
                look: None,
            });
            found.pages += 1;
            if page == self.home {
                (found.url, found.page) = (page.to_owned(), page.to_owned());
                self.on_home.insert(at);
            }
        }
    }

    /// Takes in what codes in the home page's pictures say.
    fn codes(&mut self, facts: &SiteFacts) {
        let (Some(marks), Some(look)) = (&facts.accounts, &facts.home.look) else { return };
        for code in &marks.account_codes {
            for mut at in code.accounts() {
                let shown = if at.id.is_empty() { Shown::NamelessCode } else { Shown::Code };
                if at.id.is_empty() {
                    // The code of one platform in a picture that speaks of another: the words are not about it.
                    let fits = code.platform.is_none_or(|spoken| family(spoken) == family(at.platform));
                    at.platform = code.platform.filter(|_| fits).unwrap_or(at.platform);
                    at.id = code.name.clone().filter(|_| fits).unwrap_or_default();
                }
                self.found.entry(at.clone()).or_insert_with(|| Found {
                    shown,
                    url: code.image.clone(),
                    text: code.text.clone(),
                    page: facts.home.url.clone(),
                    pages: 1,
                    look: Some(look.clone()),
                });
                self.on_home.insert(at);
            }
        }
    }

    /// The accounts that the register lacks, and the titles, once every page was taken in. `look_at` tells what was asked and
    /// answered of a page; `None` where that proves nothing.
    pub(super) fn finish(
        mut self,
        facts: &SiteFacts,
        mut look_at: impl FnMut(&str) -> Result<Option<Look>>,
    ) -> Result<(Vec<Unlisted>, Option<SiteTitles>)> {
        let site = &facts.site;
        if !self.registry.accounts.is_empty() {
            self.codes(facts);
        }
        let half = self.pages.div_ceil(2);
        let mut unlisted = Vec::new();
        for (at, found) in self.found {
            let known = match found.shown {
                Shown::Link | Shown::Code => by_identifier(&self.registry.accounts, &at),
                Shown::Text => by_name(&self.registry.accounts, &at),
                Shown::NamelessCode => by_unit(&self.registry.accounts, self.site, &at),
            };
            let look = match (known, found.look) {
                (Known::Registered, _) => continue,
                (_, Some(look)) => Some(look),
                (_, None) => look_at(&found.page)?,
            };
            let Some(look) = look else { continue };
            unlisted.push(Unlisted {
                site: site.id.clone(),
                site_name: site.name.clone(),
                comparable: known == Known::Lacking,
                on_home: self.on_home.contains(&at),
                platform: at.platform,
                id: at.id,
                shown: found.shown,
                text: found.text,
                url: found.url,
                page: found.page,
                everywhere: found.pages >= 3 && found.pages >= half,
                pages: found.pages,
                look: Some(look),
            });
        }
        let mut items: Vec<Titled> = self.titles.into_values().collect();
        items.sort_by(|a, b| b.cmp(a));
        let whole = facts.not_reached == 0 && facts.columns.iter().all(|column| column.gap.is_none());
        let titles = self.important.is_some().then(|| SiteTitles { name: site.name.clone(), items, whole });
        Ok((unlisted, titles))
    }
}

/// What the register says of an account that a site shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Registered,
    /// It may be one of those that are registered, under another name or identifier.
    Unsure,
    Lacking,
}

fn by_identifier(accounts: &[Account], at: &AccountAt) -> Known {
    let is_it = |account: &Account| {
        account.platform_id.eq_ignore_ascii_case(&at.id)
            || account.address.as_ref().and_then(|url| account_at(url.as_str())).as_ref() == Some(at)
    };
    let differs = |account: &Account| {
        let addressed = account.address.as_ref().is_some_and(|url| account_at(url.as_str()).is_some());
        addressed || (!account.platform_id.is_empty() && kind(&account.platform_id) == kind(&at.id))
    };
    match () {
        () if on(accounts, at.platform).any(is_it) => Known::Registered,
        () if on(accounts, at.platform).all(differs) => Known::Lacking,
        () => Known::Unsure,
    }
}

fn by_name(accounts: &[Account], at: &AccountAt) -> Known {
    let name = plain_name(&at.id);
    let of_family = || accounts.iter().filter(|account| family(account.platform) == family(at.platform));
    let names = || of_family().map(|account| plain_name(&account.name));
    if names().any(|known| known.contains(&name) || name.contains(&known)) || is_of_others(&name) {
        return Known::Registered;
    }
    let alike = |known: String| strsim::normalized_levenshtein(&known, &name) >= MAYBE_SAME;
    if names().any(alike) { Known::Unsure } else { Known::Lacking }
}

/// A code that names nobody is taken for the account of the site's own unit, where it has one on the platform.
fn by_unit(accounts: &[Account], site: &Site, at: &AccountAt) -> Known {
    let by_name = if at.id.is_empty() { Known::Lacking } else { by_name(accounts, at) };
    if by_name != Known::Lacking {
        return by_name;
    }
    let units = [Some(&site.host_unit), site.undertaker.as_ref()];
    let own = accounts.iter().any(|account| {
        let of_unit = [account.host_unit.as_ref(), account.responsible.as_ref()];
        family(account.platform) == family(at.platform)
            && account.status != AccountStatus::Cancelled
            && of_unit.into_iter().flatten().any(|unit| units.contains(&Some(unit)))
    });
    match (own, at.id.is_empty()) {
        (false, _) => Known::Lacking,
        (true, true) => Known::Registered,
        (true, false) => Known::Unsure,
    }
}

/// Platforms that people, and codes, take for one another.
fn family(platform: Platform) -> Platform {
    match platform {
        Platform::Channels | Platform::WechatMini => Platform::Wechat,
        other => other,
    }
}

fn on(accounts: &[Account], platform: Platform) -> impl Iterator<Item = &Account> {
    accounts.iter().filter(move |account| account.platform == platform)
}

/// Platforms know one account by several identifiers: a number, a chosen name, an internal key.
fn kind(id: &str) -> (bool, bool) {
    (id.bytes().all(|c| c.is_ascii_digit()), id.starts_with("gh_"))
}
