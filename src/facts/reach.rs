//! How far IPv6 reaches below the home page: links of the second and third level by column and host, and the hosts that
//! pages load from. [`Draft`] collects them from pages, [`Plan`] draws the sample, [`Reach`] is what was seen.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use url::Url;

use super::ipv6::Lack;
use super::page::{LinkKind, LinkPlace};
use crate::exchange::ResolveError;

/// Links that failed over IPv6 and are named.
const NAMED: usize = 50;

/// How many clicks from the home page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Linked on the home page (二级).
    Second,
    /// Linked on a page of the second level, and not before (三级).
    Third,
}

/// What the DNS says of one host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "why", rename_all = "kebab-case")]
pub enum NameSeen {
    /// It has a globally reachable IPv6 address.
    Global,
    /// It has none.
    None,
    /// It has IPv6 addresses, none of them globally reachable.
    NotGlobal,
    /// Not known, and why.
    Unknown(String),
}

/// One host that is linked or loaded from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Whether the links to it are the site's own.
    pub own: bool,
    /// What the DNS says.
    pub seen: NameSeen,
}

/// A column that links are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// Its name.
    pub name: String,
    /// Its first page.
    pub url: String,
}

/// Links of one level, column and host, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The level.
    pub level: Level,
    /// Index into [`Reach::columns`]; `None` outside every column.
    pub column: Option<u32>,
    /// Index into [`Reach::hosts`].
    pub host: u32,
    /// Distinct links.
    pub links: u64,
    /// Of them asked for over IPv6.
    pub tried: u64,
    /// Of those answered as they are without IPv6.
    pub good: u64,
    /// Of those lacking something that they have without IPv6.
    pub bad: u64,
}

/// A host that pages load pictures, scripts, style sheets, frames or films from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Index into [`Reach::hosts`].
    pub host: u32,
    /// Pages (of the home page and the second level) that load from it.
    pub pages: u64,
    /// One thing that is loaded.
    pub example: String,
}

/// A link that fails over IPv6 alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The link.
    pub url: String,
    /// Its level.
    pub level: Level,
    /// What is lacking.
    pub lack: Lack,
}

/// What one look saw below the home page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// What the sample was drawn by: the same pages and the same seed give the same sample.
    pub seed: u64,
    /// Every host met, each resolved once.
    pub hosts: Vec<Host>,
    /// The columns.
    pub columns: Vec<Heading>,
    /// Links counted.
    pub cells: Vec<Cell>,
    /// Hosts that pages load from, other than the home page's.
    pub resources: Vec<Resource>,
    /// Pages of the second level that were read for links of the third.
    pub pages_read: u64,
    /// Pages of the second level in all.
    pub pages: u64,
    /// Links that fail, the first of them.
    pub failed: Vec<Failed>,
}

/// A numerator, its denominator, and what stands behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ratio {
    /// Links in all.
    pub links: u64,
    /// Of them on hosts with a global IPv6 address.
    pub named: u64,
    /// Of them on hosts of which the DNS said nothing.
    pub unknown: u64,
    /// Links asked for over IPv6.
    pub tried: u64,
    /// Answered.
    pub good: u64,
    /// Failing over IPv6 alone.
    pub bad: u64,
}

impl Ratio {
    fn add(&mut self, cell: &Cell, seen: &NameSeen) {
        self.links += cell.links;
        match seen {
            NameSeen::Global => self.named += cell.links,
            NameSeen::Unknown(_) => self.unknown += cell.links,
            NameSeen::None | NameSeen::NotGlobal => {}
        }
        self.tried += cell.tried;
        self.good += cell.good;
        self.bad += cell.bad;
    }

    /// The share that is surely not exceeded, in thousandths; `None` where nothing was seen. What is not known counts as
    /// supported, and a sample as the most that it allows for (upper end of the 95 % interval of Wilson).
    pub fn at_most(&self) -> Option<u32> {
        let without = self.links.checked_sub(self.named + self.unknown)?;
        let seen = self.good + self.bad;
        if self.links == 0 || (without == 0 && seen == 0) {
            return None;
        }
        let whole = seen > 0 && seen == self.named;
        let answering = match (seen, whole) {
            (0, _) => 1.0,
            (_, true) => exact(self.good) / exact(seen),
            (_, false) => wilson_upper(exact(self.good), exact(seen)),
        };
        let most = (exact(self.named) * answering + exact(self.unknown)) / exact(self.links);
        Some(thousandths(most))
    }

    /// The best single estimate, in thousandths: hosts without an address count as not supported, hosts with one by the
    /// sample. `None` where nothing was asked for over IPv6 that could be.
    pub fn estimate(&self) -> Option<u32> {
        let known = self.links.checked_sub(self.unknown).filter(|known| *known > 0)?;
        let seen = self.good + self.bad;
        if seen == 0 {
            return (self.named == 0).then_some(0);
        }
        Some(thousandths(exact(self.named) * exact(self.good) / exact(seen) / exact(known)))
    }
}

impl Reach {
    /// The site's own links of a level.
    pub fn own(&self, level: Level) -> Ratio {
        self.sum(|cell, host| cell.level == level && host.own)
    }

    /// Links to other sites.
    pub fn outside(&self) -> Ratio {
        self.sum(|_, host| !host.own)
    }

    /// The site's own links of a level by column, in the order of the columns; the last entry lies outside every column.
    pub fn by_column(&self, level: Level) -> Vec<(Option<&Heading>, Ratio)> {
        let mut out: BTreeMap<u32, Ratio> = BTreeMap::new();
        for cell in self.cells.iter().filter(|cell| cell.level == level) {
            let Some(host) = self.host(cell.host).filter(|host| host.own) else { continue };
            out.entry(cell.column.unwrap_or(u32::MAX)).or_default().add(cell, &host.seen);
        }
        out.into_iter().map(|(at, ratio)| (self.columns.get(at as usize), ratio)).collect()
    }

    /// Links by host, those with most links first.
    pub fn by_host(&self, own: bool) -> Vec<(&Host, Ratio)> {
        let mut out: BTreeMap<u32, Ratio> = BTreeMap::new();
        for cell in &self.cells {
            let Some(host) = self.host(cell.host).filter(|host| host.own == own) else { continue };
            out.entry(cell.host).or_default().add(cell, &host.seen);
        }
        let mut out: Vec<_> =
            out.into_iter().filter_map(|(at, ratio)| Some((self.host(at)?, ratio))).collect();
        out.sort_by(|a, b| b.1.links.cmp(&a.1.links).then(a.0.name.cmp(&b.0.name)));
        out
    }

    /// 天窗: hosts without IPv6 that pages load from, those that most pages need first.
    pub fn skylights(&self) -> Vec<(&Host, &Resource)> {
        let lacking = |host: &&Host| matches!(host.seen, NameSeen::None | NameSeen::NotGlobal);
        let mut out: Vec<_> = self
            .resources
            .iter()
            .filter_map(|resource| Some((self.host(resource.host).filter(lacking)?, resource)))
            .collect();
        out.sort_by(|a, b| b.1.pages.cmp(&a.1.pages).then(a.0.name.cmp(&b.0.name)));
        out
    }

    fn host(&self, at: u32) -> Option<&Host> {
        self.hosts.get(at as usize)
    }

    fn sum(&self, wanted: impl Fn(&Cell, &Host) -> bool) -> Ratio {
        let mut ratio = Ratio::default();
        for cell in &self.cells {
            if let Some(host) = self.host(cell.host).filter(|host| wanted(cell, host)) {
                ratio.add(cell, &host.seen);
            }
        }
        ratio
    }
}

impl NameSeen {
    /// What an AAAA answer means, of which `global` says whether an address counts.
    pub fn of(
        answer: &Result<Vec<std::net::Ipv6Addr>, ResolveError>,
        global: impl Fn(std::net::Ipv6Addr) -> bool,
    ) -> Self {
        match answer {
            Ok(found) if found.iter().any(|ip| global(*ip)) => Self::Global,
            Ok(found) if !found.is_empty() => Self::NotGlobal,
            Ok(_) | Err(ResolveError::NoAddress) => Self::None,
            Err(ResolveError::NoSuchName) => Self::Unknown("no-such-name".to_owned()),
            Err(ResolveError::ServerFailure | ResolveError::Timeout) => Self::Unknown("dns".to_owned()),
        }
    }
}

/// One link as a page carries it.
#[derive(Debug, Clone, Copy)]
pub struct Carried<'a> {
    /// Where it leads, without fragment.
    pub url: &'a str,
    /// Its text.
    pub text: &'a str,
    /// What it asks for.
    pub kind: LinkKind,
    /// Where on the page it stands.
    pub place: LinkPlace,
}

/// Collects the links of the home page and then of the pages of the second level.
pub struct Draft<'a> {
    home: &'a Url,
    own: &'a dyn Fn(&Url) -> bool,
    met: HashSet<String>,
    hosts: Vec<(String, bool)>,
    by_name: HashMap<(String, bool), u32>,
    columns: Vec<Heading>,
    folders: HashMap<String, u32>,
    links: Vec<Planned>,
    outside: BTreeMap<(Level, Option<u32>, u32), u64>,
    resources: BTreeMap<u32, (u64, String)>,
    pages_read: u64,
}

/// One of the site's own links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The link.
    pub url: Url,
    level: Level,
    column: Option<u32>,
    host: u32,
}

impl<'a> Draft<'a> {
    /// Starts with the registered columns (name, first page). `own` says which URLs are the site's.
    pub fn new(home: &'a Url, columns: &[(&str, &Url)], own: &'a dyn Fn(&Url) -> bool) -> Self {
        let mut draft = Self {
            home,
            own,
            met: HashSet::from([bare(home.as_str()).to_owned()]),
            hosts: Vec::new(),
            by_name: HashMap::new(),
            columns: Vec::new(),
            folders: HashMap::new(),
            links: Vec::new(),
            outside: BTreeMap::new(),
            resources: BTreeMap::new(),
            pages_read: 0,
        };
        for (name, url) in columns {
            draft.heading(name, url);
        }
        draft
    }

    /// Takes in the home page. Its navigation names further columns.
    pub fn home(&mut self, links: &[Carried<'_>]) {
        let menu = links.iter().filter(|l| l.place == LinkPlace::Nav && l.kind == LinkKind::Page);
        for link in menu.filter(|link| !link.text.is_empty()) {
            if let Some(url) = Url::parse(link.url).ok().filter(|url| (self.own)(url)) {
                self.heading(link.text, &url);
            }
        }
        self.page(Level::Second, links);
    }

    /// Takes in a page of the second level.
    pub fn second(&mut self, links: &[Carried<'_>]) {
        self.pages_read += 1;
        self.page(Level::Third, links);
    }

    /// The pages of the second level, in the order of the home page.
    pub fn second_level(&self) -> impl Iterator<Item = &Url> {
        self.links.iter().filter(|link| link.level == Level::Second).map(|link| &link.url)
    }

    /// Ends the draft.
    pub fn finish(self) -> Plan {
        let pages = self.links.iter().filter(|link| link.level == Level::Second).count() as u64;
        Plan {
            hosts: self.hosts,
            columns: self.columns,
            links: self.links,
            outside: self.outside,
            resources: self.resources,
            pages_read: self.pages_read,
            pages,
        }
    }

    fn page(&mut self, level: Level, links: &[Carried<'_>]) {
        let mut loads: HashSet<u32> = HashSet::new();
        for link in links {
            match link.kind {
                LinkKind::Page | LinkKind::Attachment => self.link(level, link.url),
                LinkKind::Image | LinkKind::Script | LinkKind::Style | LinkKind::Frame | LinkKind::Media => {
                    let Ok(url) = Url::parse(link.url) else { continue };
                    let foreign = web_host(&url).filter(|host| Some(*host) != self.home.host_str());
                    let Some(name) = foreign.map(str::to_owned) else { continue };
                    let own = (self.own)(&url);
                    let host = self.host(&name, own);
                    if loads.insert(host) {
                        let entry = self.resources.entry(host).or_insert_with(|| (0, link.url.to_owned()));
                        entry.0 += 1;
                    }
                }
            }
        }
    }

    fn link(&mut self, level: Level, text: &str) {
        let text = bare(text);
        if self.met.contains(text) {
            return;
        }
        self.met.insert(text.to_owned());
        let Ok(url) = Url::parse(text) else { return };
        let Some(name) = web_host(&url).map(str::to_owned) else { return };
        let own = (self.own)(&url);
        let host = self.host(&name, own);
        let column = self.column_of(&url);
        if own {
            self.links.push(Planned { url, level, column, host });
        } else {
            *self.outside.entry((level, None, host)).or_default() += 1;
        }
    }

    fn host(&mut self, name: &str, own: bool) -> u32 {
        let key = (name.to_owned(), own);
        if let Some(at) = self.by_name.get(&key) {
            return *at;
        }
        let at = u32::try_from(self.hosts.len()).unwrap_or(u32::MAX);
        self.hosts.push(key.clone());
        self.by_name.insert(key, at);
        at
    }

    fn heading(&mut self, name: &str, url: &Url) {
        let Some(folder) = folder(url).filter(|folder| Some(folder.clone()) != self::folder(self.home))
        else {
            return;
        };
        let at = u32::try_from(self.columns.len()).unwrap_or(u32::MAX);
        if let std::collections::hash_map::Entry::Vacant(free) = self.folders.entry(folder) {
            free.insert(at);
            self.columns.push(Heading { name: name.to_owned(), url: url.to_string() });
        }
    }

    /// The column whose folder holds the URL, the deepest first.
    fn column_of(&self, url: &Url) -> Option<u32> {
        let whole = folder(url)?;
        let mut rest = whole.as_str();
        loop {
            if let Some(at) = self.folders.get(rest) {
                return Some(*at);
            }
            rest = &rest[..=rest.strip_suffix('/')?.rfind('/')?];
        }
    }
}

/// What is to be looked at.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    hosts: Vec<(String, bool)>,
    columns: Vec<Heading>,
    links: Vec<Planned>,
    outside: BTreeMap<(Level, Option<u32>, u32), u64>,
    resources: BTreeMap<u32, (u64, String)>,
    pages_read: u64,
    pages: u64,
}

impl Plan {
    /// The hosts to be resolved; the same name may stand twice.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(|(name, _)| name.as_str())
    }

    /// At most `most` links of each level on hosts that `seen` (in the order of [`Self::hosts`]) has an address of, drawn
    /// by `seed`.
    pub fn sample(&self, seen: &[NameSeen], most: usize, seed: u64) -> Vec<&Planned> {
        let mut drawn: Vec<&Planned> = Vec::new();
        for level in [Level::Second, Level::Third] {
            let reachable = |link: &&Planned| seen.get(link.host as usize) == Some(&NameSeen::Global);
            let mut all: Vec<_> =
                self.links.iter().filter(|link| link.level == level).filter(reachable).collect();
            all.sort_by_cached_key(|link| (draw(seed, link.url.as_str()), link.url.as_str().to_owned()));
            drawn.extend(all.into_iter().take(most));
        }
        drawn
    }

    /// What was seen: `seen` in the order of [`Self::hosts`], `tried` what became of the sample by URL.
    pub fn finish(
        self,
        seen: Vec<NameSeen>,
        tried: &HashMap<Url, Result<Option<Lack>, String>>,
        seed: u64,
    ) -> Reach {
        let mut cells: BTreeMap<(Level, Option<u32>, u32), Cell> = BTreeMap::new();
        let blank = |(level, column, host): (Level, Option<u32>, u32)| Cell {
            level,
            column,
            host,
            links: 0,
            tried: 0,
            good: 0,
            bad: 0,
        };
        let mut failed = Vec::new();
        for link in self.links {
            let key = (link.level, link.column, link.host);
            let cell = cells.entry(key).or_insert_with(|| blank(key));
            cell.links += 1;
            let Some(became) = tried.get(&link.url) else { continue };
            cell.tried += 1;
            match became {
                Ok(None) => cell.good += 1,
                Ok(Some(lack)) => {
                    cell.bad += 1;
                    if failed.len() < NAMED {
                        failed.push(Failed { url: link.url.into(), level: link.level, lack: lack.clone() });
                    }
                }
                Err(_) => {}
            }
        }
        for (key, links) in self.outside {
            cells.entry(key).or_insert_with(|| blank(key)).links += links;
        }
        let unseen = || NameSeen::Unknown("not-tried".to_owned());
        let seen = seen.into_iter().chain(std::iter::repeat_with(unseen));
        let hosts = self.hosts.into_iter().zip(seen).map(|((name, own), seen)| Host { name, own, seen });
        let resources = self.resources.into_iter();
        Reach {
            seed,
            hosts: hosts.collect(),
            columns: self.columns,
            cells: cells.into_values().collect(),
            resources: resources.map(|(host, (pages, example))| Resource { host, pages, example }).collect(),
            pages_read: self.pages_read,
            pages: self.pages,
            failed,
        }
    }
}

fn bare(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}

fn web_host(url: &Url) -> Option<&str> {
    url.host_str().filter(|_| matches!(url.scheme(), "http" | "https"))
}

/// Host and path up to the last slash: `www.shili.example/zwgk/`. A last step without a dot is a folder too.
fn folder(url: &Url) -> Option<String> {
    let host = web_host(url)?;
    let path = url.path();
    let (folder, last) = path.rsplit_once('/')?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    if last.is_empty() || last.contains('.') {
        Some(format!("{host}{port}{folder}/"))
    } else {
        Some(format!("{host}{port}{path}/"))
    }
}

/// A number for a link that has nothing to do with its place on the page: FNV-1a over the seed and the URL, stirred.
fn draw(seed: u64, url: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in seed.to_le_bytes().iter().chain(url.as_bytes()) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 31;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

#[allow(clippy::cast_precision_loss, reason = "numbers of links of one site")]
fn exact(count: u64) -> f64 {
    count as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share between 0 and 1")]
fn thousandths(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 1000.0 + 1e-9) as u32
}

fn wilson_upper(good: f64, seen: f64) -> f64 {
    const Z: f64 = 1.96;
    let share = good / seen;
    let spread = (share * (1.0 - share) / seen + Z * Z / (4.0 * seen * seen)).sqrt();
    (share + Z * Z / (2.0 * seen) + Z * spread) / (1.0 + Z * Z / seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "http://www.shili.example/";

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    fn carried(url: &str) -> Carried<'_> {
        Carried { url, text: "", kind: LinkKind::Page, place: LinkPlace::Body }
    }

    fn own(url: &Url) -> bool {
        url.host_str().is_some_and(|host| host.ends_with("shili.example"))
    }

    fn plan() -> Plan {
        let home = url(HOME);
        let column = url("http://www.shili.example/zwgk/index.html");
        let mut draft = Draft::new(&home, &[("政务公开", &column)], &own);
        let menu = Carried { text: "办事", place: LinkPlace::Nav, ..carried("http://zwfw.shili.example/") };
        draft.home(&[
            carried("http://www.shili.example/"),
            carried("http://www.shili.example/zwgk/index.html"),
            carried("http://www.shili.example/zwgk/a.html#top"),
            carried("http://www.shili.example/zwgk/a.html"),
            menu,
            carried("http://www.waibu.example/x"),
            carried("javascript:void(0)"),
            Carried { kind: LinkKind::Image, ..carried("http://img.cdn.example/a.png") },
            Carried { kind: LinkKind::Image, ..carried("http://img.cdn.example/b.png") },
            Carried { kind: LinkKind::Script, ..carried("http://www.shili.example/a.js") },
        ]);
        draft.second(&[
            carried("http://www.shili.example/"),
            carried("http://www.shili.example/zwgk/a.html"),
            carried("http://www.shili.example/zwgk/deep/b.html"),
            carried("http://zwfw.shili.example/item?id=1"),
            carried("http://www.shili.example/other/c.html"),
            Carried { kind: LinkKind::Script, ..carried("http://img.cdn.example/c.js") },
        ]);
        draft.finish()
    }

    fn seen(plan: &Plan) -> Vec<NameSeen> {
        let of = |name: &str| match name {
            "www.shili.example" => NameSeen::Global,
            "www.waibu.example" => NameSeen::Unknown("dns".to_owned()),
            _ => NameSeen::None,
        };
        plan.hosts().map(of).collect()
    }

    #[test]
    fn links_are_counted_by_level_column_and_host() {
        let plan = plan();
        let seen = seen(&plan);
        let reach = plan.finish(seen, &HashMap::new(), 7);
        let second = reach.own(Level::Second);
        assert_eq!(
            (second.links, second.named),
            (3, 2),
            "the home page itself is no link of the second level"
        );
        let third = reach.own(Level::Third);
        assert_eq!((third.links, third.named), (3, 2), "what stands on the home page is not counted again");
        assert_eq!((reach.pages_read, reach.pages), (1, 3));
        let columns: Vec<_> = reach
            .by_column(Level::Third)
            .into_iter()
            .map(|(column, ratio)| (column.map(|c| c.name.as_str()), ratio.named, ratio.links))
            .collect();
        assert_eq!(columns, [(Some("政务公开"), 1, 1), (Some("办事"), 0, 1), (None, 1, 1)]);
        assert_eq!((reach.outside().links, reach.outside().unknown), (1, 1));
        let skylights: Vec<_> =
            reach.skylights().into_iter().map(|(h, r)| (h.name.as_str(), r.pages)).collect();
        assert_eq!(skylights, [("img.cdn.example", 2)], "pages, not pictures");
        let own: Vec<_> = reach.by_host(true).into_iter().map(|(h, r)| (h.name.as_str(), r.links)).collect();
        assert_eq!(own, [("www.shili.example", 4), ("zwfw.shili.example", 2)]);
    }

    #[test]
    fn the_sample_is_fixed_by_its_seed_and_asks_only_what_can_answer() {
        let plan = plan();
        let seen = seen(&plan);
        let drawn = |most, seed| {
            plan.sample(&seen, most, seed).into_iter().map(|link| link.url.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(drawn(1, 20_261_122), drawn(1, 20_261_122));
        assert_eq!(drawn(1, 5).len(), 2, "one of each level");
        assert_eq!(drawn(9, 5).len(), 4);
        assert!(drawn(9, 5).iter().all(|url| url.starts_with("http://www.")));
        assert!((0..50).any(|seed| drawn(1, seed) != drawn(1, 0)), "another seed draws others");
        assert_eq!(drawn(0, 5), [""; 0]);
    }

    #[test]
    fn what_became_of_the_sample_is_counted() {
        let plan = plan();
        let seen = seen(&plan);
        let tried = HashMap::from([
            (url("http://www.shili.example/zwgk/index.html"), Ok(None)),
            (url("http://www.shili.example/zwgk/a.html"), Ok(Some(Lack::Status(502)))),
            (url("http://www.shili.example/zwgk/deep/b.html"), Err("robots".to_owned())),
        ]);
        let reach = plan.finish(seen, &tried, 7);
        let Ratio { tried, good, bad, .. } = reach.own(Level::Second);
        assert_eq!((tried, good, bad), (2, 1, 1));
        assert_eq!(reach.failed.len(), 1);
        assert_eq!(reach.own(Level::Second).at_most(), Some(333), "one of three, all of it seen");
        assert_eq!(reach.own(Level::Third).at_most(), Some(666), "what was not seen counts as supported");
    }

    #[test]
    fn the_most_that_a_sample_allows_for() {
        let of =
            |links, named, unknown, good, bad| Ratio { links, named, unknown, tried: good + bad, good, bad };
        assert_eq!(of(0, 0, 0, 0, 0).at_most(), None);
        assert_eq!(of(100, 100, 0, 0, 0).at_most(), None, "no name lacks an address, nothing was asked");
        assert_eq!(of(100, 50, 50, 0, 0).at_most(), None);
        assert_eq!(of(100, 0, 0, 0, 0).at_most(), Some(0));
        assert_eq!(of(100, 80, 0, 20, 0).at_most(), Some(800));
        assert_eq!(of(30, 30, 0, 27, 3).at_most(), Some(900), "all of them seen: no sample");
        assert!(of(300, 300, 0, 27, 3).at_most() > Some(950), "a few of a small sample prove little");
        assert!(of(300, 300, 0, 0, 20).at_most() < Some(200));
        assert_eq!(of(100, 80, 0, 20, 0).estimate(), Some(800));
        assert_eq!(of(100, 80, 20, 10, 10).estimate(), Some(500));
        assert_eq!(of(100, 100, 0, 0, 0).estimate(), None);
        assert_eq!(of(100, 0, 0, 0, 0).estimate(), Some(0));
    }
}
