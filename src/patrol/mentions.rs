//! What a site's stored pages say about new media, gathered while they are folded: the accounts they link to, and the titles
//! that an account is to carry, too.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;

use crate::crawl::frontier::UrlId;
use crate::facts::account::Platform;
use crate::facts::account_links::{AccountAt, Unlisted, account_at};
use crate::facts::account_seen::{SiteTitles, Titled};
use crate::facts::class::ColumnClass;
use crate::facts::site::{PageSeen, SiteFacts};
use crate::finding::Look;
use crate::registry::{Account, Registry, Site};
use crate::store::facts::FactsDb;

/// Titles kept of one site.
const MOST_TITLES: usize = 5_000;
/// Beginnings of addresses under which the homes of accounts lie.
const HOMES: [&str; 11] = [
    "weibo.com/",
    "www.weibo.com/",
    "m.weibo.cn/",
    "www.douyin.com/user/",
    "www.kuaishou.com/profile/",
    "www.toutiao.com/c/user/",
    "space.bilibili.com/",
    "www.xiaohongshu.com/user/profile/",
    "author.baidu.com/home/",
    "mp.weixin.qq.com/mp/profile_ext",
    "douyin.com/user/",
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
    url: String,
    text: String,
    page: String,
    pages: u32,
    look: Look,
}

impl<'a> Mentions<'a> {
    pub(super) fn new(
        registry: &Registry,
        site: &Site,
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
                    url: url.clone(),
                    text: link.text.clone(),
                    page: page.url.clone(),
                    pages: 0,
                    look: page.look.clone(),
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

    /// Takes in what codes in the home page's pictures say.
    fn codes(&mut self, facts: &SiteFacts) {
        let (Some(marks), Some(look)) = (&facts.accounts, &facts.home.look) else { return };
        let codes = marks.account_codes.iter().flat_map(|code| {
            code.accounts().into_iter().map(move |account| (account, &code.image, &code.text))
        });
        for (account, url, text) in codes.filter(|(account, ..)| !account.id.is_empty()) {
            let at = AccountAt { platform: account.platform, id: account.id };
            self.found.entry(at.clone()).or_insert_with(|| Found {
                url: url.clone(),
                text: text.clone(),
                page: facts.home.url.clone(),
                pages: 1,
                look: look.clone(),
            });
            self.on_home.insert(at);
        }
    }

    /// The accounts that the register lacks, and the titles, once every page was taken in.
    pub(super) fn finish(
        mut self,
        registry: &Registry,
        facts: &SiteFacts,
    ) -> (Vec<Unlisted>, Option<SiteTitles>) {
        let site = &facts.site;
        if !registry.accounts.is_empty() {
            self.codes(facts);
        }
        let on_home = self.on_home;
        let half = self.pages.div_ceil(2);
        let unlisted = self.found.into_iter().filter(|(at, _)| !is_registered(&registry.accounts, at));
        let unlisted = unlisted.map(|(at, found)| Unlisted {
            site: site.id.clone(),
            site_name: site.name.clone(),
            comparable: is_comparable(&registry.accounts, &at),
            on_home: on_home.contains(&at),
            platform: at.platform,
            id: at.id,
            text: found.text,
            url: found.url,
            page: found.page,
            everywhere: found.pages >= 3 && found.pages >= half,
            pages: found.pages,
            look: Some(found.look),
        });
        let mut items: Vec<Titled> = self.titles.into_values().collect();
        items.sort_by(|a, b| b.cmp(a));
        let whole = facts.not_reached == 0 && facts.columns.iter().all(|column| column.gap.is_none());
        let titles = self.important.is_some().then(|| SiteTitles { name: site.name.clone(), items, whole });
        (unlisted.collect(), titles)
    }
}

fn is_registered(accounts: &[Account], at: &AccountAt) -> bool {
    on(accounts, at.platform).any(|account| {
        account.platform_id.eq_ignore_ascii_case(&at.id)
            || account.address.as_ref().and_then(|url| account_at(url.as_str())).as_ref() == Some(at)
    })
}

/// Whether no registered account of the platform may be this one under another identifier.
fn is_comparable(accounts: &[Account], at: &AccountAt) -> bool {
    on(accounts, at.platform).all(|account| {
        let addressed = account.address.as_ref().is_some_and(|url| account_at(url.as_str()).is_some());
        addressed || (!account.platform_id.is_empty() && kind(&account.platform_id) == kind(&at.id))
    })
}

fn on(accounts: &[Account], platform: Platform) -> impl Iterator<Item = &Account> {
    accounts.iter().filter(move |account| account.platform == platform)
}

/// Platforms know one account by several identifiers: a number, a chosen name, an internal key.
fn kind(id: &str) -> (bool, bool) {
    (id.bytes().all(|c| c.is_ascii_digit()), id.starts_with("gh_"))
}
