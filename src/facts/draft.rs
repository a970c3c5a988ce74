//! Which links below the home page are asked for over IPv6: [`Draft`] collects them from pages, [`Plan`] draws the sample and
//! counts what became of it. The same pages and the same seed give the same sample.

use std::collections::{BTreeMap, HashMap, HashSet};

use url::Url;

use super::ipv6::Lack;
use super::page::{LinkKind, LinkPlace};
use super::reach::{Cell, Failed, Heading, Host, Level, NameSeen, Reach, Resource};

/// Links that failed over IPv6 and are named.
const NAMED: usize = 50;

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
            rest = rest.get(..=rest.strip_suffix('/')?.rfind('/')?)?;
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

    /// At most `most` links of each level on hosts that `names` (in the order of [`Self::hosts`]) has an address of, drawn
    /// by `seed`.
    pub fn sample(&self, names: &[NameSeen], most: usize, seed: u64) -> Vec<&Planned> {
        let mut drawn: Vec<&Planned> = Vec::new();
        for level in [Level::Second, Level::Third] {
            let reachable = |link: &&Planned| names.get(link.host as usize) == Some(&NameSeen::Global);
            let mut all: Vec<_> =
                self.links.iter().filter(|link| link.level == level).filter(reachable).collect();
            all.sort_by_cached_key(|link| (draw(seed, link.url.as_str()), link.url.as_str().to_owned()));
            drawn.extend(all.into_iter().take(most));
        }
        drawn
    }

    /// What was seen: `names` in the order of [`Self::hosts`], `tried` what became of the sample by URL.
    pub fn finish(
        self,
        names: Vec<NameSeen>,
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
        let names = names.into_iter().chain(std::iter::repeat_with(unseen));
        let hosts = self.hosts.into_iter().zip(names).map(|((name, own), seen)| Host { name, own, seen });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::reach::Ratio;

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
}
