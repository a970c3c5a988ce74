//! The register held against an export of a national system: what either side has alone, and where they differ.

use std::collections::{BTreeMap, BTreeSet};

use super::national::{AccountRow, Export, SiteRow};
use super::whose::{Found, Whose, plain};
use crate::facts::account::AccountStatus;
use crate::registry::{Registry, Site, SiteStatus};

/// What is different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 新增: reported, and not in the register.
    New,
    /// 漏报: in the register and running, and not reported.
    Unreported,
    /// 关停: closed on one side, running on the other.
    Closed,
    /// 更名.
    Renamed,
    /// 网址不一致.
    Address,
    /// 主办单位不一致.
    Owner,
}

impl Kind {
    /// As printed.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "新增",
            Self::Unreported => "漏报",
            Self::Closed => "关停",
            Self::Renamed => "更名",
            Self::Address => "网址不一致",
            Self::Owner => "主办单位不一致",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// What is different.
    pub kind: Kind,
    /// 网站 or the platform.
    pub class: String,
    /// Name and code of what it is about.
    pub what: String,
    /// What the register says; empty where it has nothing.
    pub ours: String,
    /// What the export says; empty where it has nothing.
    pub theirs: String,
    /// Where in the export.
    pub place: String,
}

/// Everything that differs, by kind. Sites are compared only where the export has sites, accounts likewise.
pub fn differences(registry: &Registry, export: &Export) -> Vec<Difference> {
    let mut all = Vec::new();
    if !export.sites.is_empty() {
        sites(registry, &export.sites, &mut all);
    }
    if !export.accounts.is_empty() {
        accounts(registry, &export.accounts, &mut all);
    }
    all.sort();
    all
}

fn sites(registry: &Registry, rows: &[SiteRow], all: &mut Vec<Difference>) {
    let mut told: BTreeSet<String> = BTreeSet::new();
    for row in rows {
        let by_code = registry.site(&row.code).filter(|_| !row.code.is_empty());
        let named = || {
            registry.sites.iter().find(|site| row.code.is_empty() && plain(&site.name) == plain(&row.name))
        };
        let Some(site) = by_code.or_else(named) else {
            if row.status != SiteStatus::Closed {
                let theirs = format!("{} {}", row.name, row.url.as_ref().map_or("", url::Url::as_str));
                all.push(difference(Kind::New, row, "", theirs.trim()));
            }
            continue;
        };
        told.insert(site.code.clone());
        if plain(&site.name) != plain(&row.name) {
            all.push(difference(Kind::Renamed, row, &site.name, &row.name));
        }
        if let Some(url) = &row.url
            && !same_address(site, url)
        {
            all.push(difference(Kind::Address, row, site.url.as_str(), url.as_str()));
        }
        if !row.host_unit.is_empty() && row.host_unit != site.host_unit {
            all.push(difference(Kind::Owner, row, &site.host_unit, &row.host_unit));
        }
        let closed = |status| status == SiteStatus::Closed;
        if closed(site.status) != closed(row.status) {
            let word = |closed: bool| if closed { "已关停" } else { "运行中" };
            all.push(difference(Kind::Closed, row, word(closed(site.status)), word(closed(row.status))));
        }
    }
    for site in &registry.sites {
        if site.status != SiteStatus::Closed && !told.contains(&site.code) {
            all.push(Difference {
                kind: Kind::Unreported,
                class: "网站".to_owned(),
                what: format!("{}（{}）", site.name, site.code),
                ours: site.url.to_string(),
                theirs: String::new(),
                place: String::new(),
            });
        }
    }
}

fn difference(kind: Kind, row: &SiteRow, ours: &str, theirs: &str) -> Difference {
    let code = if row.code.is_empty() { String::new() } else { format!("（{}）", row.code) };
    Difference {
        kind,
        class: "网站".to_owned(),
        what: format!("{}{code}", row.name),
        ours: ours.to_owned(),
        theirs: theirs.to_owned(),
        place: row.place.clone(),
    }
}

/// Whether an address is a site's home page, whatever its scheme, its `www.` or its index file.
fn same_address(site: &Site, url: &url::Url) -> bool {
    let place = |url: &url::Url| {
        let host = url.host_str().unwrap_or_default();
        let path = url.path().trim_end_matches('/');
        let file = path.rsplit('/').next().unwrap_or_default();
        let path = if file.starts_with("index.") || file.starts_with("default.") {
            path.strip_suffix(file).unwrap_or(path).trim_end_matches('/')
        } else {
            path
        };
        (host.strip_prefix("www.").unwrap_or(host).to_owned(), path.to_owned(), url.port())
    };
    place(&site.url) == place(url)
}

fn accounts(registry: &Registry, rows: &[AccountRow], all: &mut Vec<Difference>) {
    let ours = &registry.accounts;
    let whose = Whose::of(ours);
    let by_filing: BTreeMap<&str, usize> = ours
        .iter()
        .enumerate()
        .filter(|(_, account)| !account.filing.is_empty())
        .map(|(index, account)| (account.filing.as_str(), index))
        .collect();
    let mut told = vec![false; ours.len()];
    for row in rows {
        let class = || if row.platform_name.is_empty() { row.platform.label() } else { &row.platform_name };
        let told_of = |kind, ours: &str, theirs: &str| Difference {
            kind,
            class: class().to_owned(),
            what: row.name.clone(),
            ours: ours.to_owned(),
            theirs: theirs.to_owned(),
            place: row.place.clone(),
        };
        let filed = by_filing.get(row.filing.as_str()).copied().filter(|_| !row.filing.is_empty());
        let found = filed.or_else(|| match whose.find(ours, Some(row.platform), &row.id, &row.name) {
            Found::One(index) => Some(index),
            Found::None | Found::Several(_) => None,
        });
        let Some((index, account)) = found.and_then(|index| Some((index, ours.get(index)?))) else {
            if row.status != AccountStatus::Cancelled {
                all.push(told_of(Kind::New, "", &row.host_unit));
            }
            continue;
        };
        if let Some(mark) = told.get_mut(index) {
            *mark = true;
        }
        if plain(&account.name) != plain(&row.name) {
            all.push(told_of(Kind::Renamed, &account.name, &row.name));
        }
        let owner = account.host_unit.as_deref().unwrap_or_default();
        if !row.host_unit.is_empty() && row.host_unit != owner {
            all.push(told_of(Kind::Owner, owner, &row.host_unit));
        }
        let cancelled = |status| status == AccountStatus::Cancelled;
        if cancelled(account.status) != cancelled(row.status) {
            all.push(told_of(Kind::Closed, account.status.label(), row.status.label()));
        }
    }
    for (account, told) in ours.iter().zip(told) {
        if !told && account.status != AccountStatus::Cancelled {
            all.push(Difference {
                kind: Kind::Unreported,
                class: account.platform_label().to_owned(),
                what: account.name.clone(),
                ours: account.host_unit.clone().unwrap_or_default(),
                theirs: String::new(),
                place: String::new(),
            });
        }
    }
}
