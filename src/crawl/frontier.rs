//! The frontier: what is known, what is due, and in which order, one queue per politeness key. Pure.
//!
//! Lists come before articles and articles before mere link targets, so that a run whose budget ends early has
//! still seen every column. Strings are kept only while a URL waits; afterwards eight bytes of hash remain.
#![deny(clippy::disallowed_methods)]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use crate::url::is_throwaway;

/// Index of a site in the run's register.
pub type SiteIndex = u32;
/// Id of a URL in `facts.db`.
pub type UrlId = u32;

/// The site index of URLs that belong to no site of the run: external link targets.
pub const NO_SITE: SiteIndex = u32::MAX;

/// What is wanted of a URL; also its rank in the queue, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The home page of a site.
    Home = 0,
    /// A column of the register or of the navigation.
    Column = 1,
    /// What fills the list of a page: read for items, as part of that page.
    Source = 2,
    /// A page that looks like a list.
    List = 3,
    /// Any other page of a site.
    Page = 4,
    /// A picture, attachment or other target of the site: only verified.
    Target = 5,
    /// A target elsewhere: only verified.
    External = 6,
}

impl Role {
    /// Whether the page is read, rather than its existence verified.
    pub fn is_read(self) -> bool {
        self <= Self::Page
    }

    /// The code under which `facts.db` keeps the role: never reused, and apart from its rank.
    pub fn code(self) -> i64 {
        match self {
            Self::Home => 0,
            Self::Column => 1,
            Self::List => 2,
            Self::Page => 3,
            Self::Target => 4,
            Self::External => 5,
            Self::Source => 6,
        }
    }

    /// The role stored as `code`.
    pub fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Home,
            1 => Self::Column,
            2 => Self::List,
            3 => Self::Page,
            4 => Self::Target,
            6 => Self::Source,
            _ => Self::External,
        }
    }
}

/// How far a URL has come in a look, as `facts.db` keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Taken up, and still to be asked for.
    Waiting = 0,
    /// Answered.
    Done = 1,
    /// Not taken up, because a bound forbids it: kept, so that a resumed run knows what it does not know.
    Refused = 2,
}

impl Stage {
    /// The stage stored as `code`.
    pub fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Done,
            2 => Self::Refused,
            _ => Self::Waiting,
        }
    }
}

/// A URL offered to the frontier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The URL, without fragment.
    pub url: String,
    /// Its politeness key.
    pub key: String,
    /// The site it belongs to, or [`NO_SITE`].
    pub site: SiteIndex,
    /// What is wanted of it.
    pub role: Role,
    /// Clicks from the home page.
    pub depth: u16,
    /// The page that carried it.
    pub via: Option<UrlId>,
}

/// Permission to fetch once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Id of the URL.
    pub id: UrlId,
    /// What was offered.
    pub what: Candidate,
}

/// Bounds on what a site may add.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Pages read per site.
    pub max_pages: u64,
    /// Clicks from the home page.
    pub max_depth: u16,
    /// URLs of one shape (digits folded, query values dropped) per site.
    pub max_per_pattern: u32,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Not known before; now waiting under this id.
    New(UrlId),
    /// Known already.
    Known(UrlId),
    /// Not taken: a trap pattern, too deep. It has an id, so that links to it can be stored.
    Refused(UrlId),
}

impl Offer {
    /// The id the URL has now.
    pub fn id(self) -> UrlId {
        match self {
            Self::New(id) | Self::Known(id) | Self::Refused(id) => id,
        }
    }
}

/// What a site has used of its bounds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Pages leased.
    pub pages: u64,
    /// Pages known and not taken or not leased because a bound was reached.
    pub not_reached: u64,
    /// Patterns that reached their bound.
    pub traps: Vec<String>,
}

/// Ids that were met, a bit each: they are given in sequence.
#[derive(Debug, Default)]
struct Met(Vec<u64>);

impl Met {
    /// True where the id is new.
    fn insert(&mut self, id: UrlId) -> bool {
        let at = id as usize / 64;
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        let is_new = !self.contains(id);
        self.0[at] |= 1 << (id % 64);
        is_new
    }

    fn contains(&self, id: UrlId) -> bool {
        self.0.get(id as usize / 64).is_some_and(|bits| bits >> (id % 64) & 1 == 1)
    }
}

/// See the module.
#[derive(Debug)]
pub struct Frontier {
    bounds: Bounds,
    queues: BTreeMap<String, Queue>,
    ids: HashMap<u64, UrlId, Passthrough>,
    met: Met,
    next_id: UrlId,
    serial: u64,
    patterns: HashMap<u64, u32, Passthrough>,
    usage: BTreeMap<SiteIndex, Usage>,
}

#[derive(Debug, Default)]
struct Queue {
    heap: BinaryHeap<Reverse<Waiting>>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    role: Role,
    depth: u16,
    serial: u64,
    id: UrlId,
    site: SiteIndex,
    via: Option<UrlId>,
    url: Box<str>,
}

impl Frontier {
    /// An empty frontier over the URLs that `facts.db` already knows.
    pub fn new(bounds: Bounds, known: impl Iterator<Item = (UrlId, String)>) -> Self {
        let mut next_id = 0;
        let mut ids = HashMap::default();
        for (id, href) in known {
            ids.insert(hash(&href), id);
            next_id = next_id.max(id + 1);
        }
        Self {
            bounds,
            queues: BTreeMap::new(),
            ids,
            met: Met::default(),
            next_id,
            serial: 0,
            patterns: HashMap::default(),
            usage: BTreeMap::new(),
        }
    }

    /// Takes up a URL unless it is known in this run or a bound forbids it. The second value is true where
    /// the URL is new to `facts.db`, too.
    pub fn offer(&mut self, what: Candidate) -> (Offer, bool) {
        let (id, unheard) = self.id_of(&what.url);
        if !self.met.insert(id) {
            return (Offer::Known(id), unheard);
        }
        if what.site != NO_SITE && what.role.is_read() && !self.within_bounds(&what) {
            return (Offer::Refused(id), unheard);
        }
        self.push(id, what);
        (Offer::New(id), unheard)
    }

    /// Puts back what an earlier process had waiting, or notes as met what it had finished or refused.
    pub fn restore(&mut self, id: UrlId, what: Candidate, stage: Stage) {
        self.met.insert(id);
        if what.site != NO_SITE && what.role.is_read() {
            self.within_bounds(&what);
            if stage == Stage::Done {
                self.usage.entry(what.site).or_default().pages += 1;
            }
        }
        if stage == Stage::Waiting {
            self.push(id, what);
        }
    }

    /// Puts a leased URL back, to be asked again.
    pub fn put_back(&mut self, lease: Lease) {
        self.give_back(&lease);
        self.push(lease.id, lease.what);
    }

    /// Takes up once more what was given back.
    pub fn resume(&mut self, lease: Lease) {
        self.push(lease.id, lease.what);
    }

    /// Takes back a lease that was not used: it counts towards no budget.
    pub fn give_back(&mut self, lease: &Lease) {
        if lease.what.site != NO_SITE && lease.what.role.is_read() {
            let usage = self.usage.entry(lease.what.site).or_default();
            usage.pages = usage.pages.saturating_sub(1);
        }
    }

    /// The id of a URL that was taken up or refused in this look already.
    pub fn met(&self, url: &str) -> Option<UrlId> {
        self.ids.get(&hash(url)).copied().filter(|id| self.met.contains(*id))
    }

    /// Whether the URL of this id was taken up or refused in this look already.
    pub fn is_met(&self, id: UrlId) -> bool {
        self.met.contains(id)
    }

    /// The id of a URL, new ones included, without taking it up. The second value is true where it is new.
    pub fn id_of(&mut self, url: &str) -> (UrlId, bool) {
        let next = self.next_id;
        match self.ids.entry(hash(url)) {
            std::collections::hash_map::Entry::Occupied(entry) => (*entry.get(), false),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(next);
                self.next_id += 1;
                (next, true)
            }
        }
    }

    /// The next URL of `key`, best first; pages of a site that has used its budget are counted and passed over.
    pub fn lease(&mut self, key: &str) -> Option<Lease> {
        let queue = self.queues.get_mut(key)?;
        while let Some(Reverse(waiting)) = queue.heap.pop() {
            if waiting.site != NO_SITE && waiting.role.is_read() {
                let usage = self.usage.entry(waiting.site).or_default();
                if usage.pages >= self.bounds.max_pages {
                    usage.not_reached += 1;
                    continue;
                }
                usage.pages += 1;
            }
            let what = Candidate {
                url: waiting.url.into_string(),
                key: key.to_owned(),
                site: waiting.site,
                role: waiting.role,
                depth: waiting.depth,
                via: waiting.via,
            };
            return Some(Lease { id: waiting.id, what });
        }
        self.queues.remove(key);
        None
    }

    /// How many URLs wait under `key`.
    pub fn waiting(&self, key: &str) -> usize {
        self.queues.get(key).map_or(0, |queue| queue.heap.len())
    }

    /// Keys under which something waits, in order.
    pub fn keys(&self) -> Vec<String> {
        self.queues.iter().filter(|(_, q)| !q.heap.is_empty()).map(|(key, _)| key.clone()).collect()
    }

    /// Takes everything that waits under `key` away, to be answered by one common failure of its host.
    pub fn drain(&mut self, key: &str) -> Vec<Lease> {
        std::iter::from_fn(|| self.lease(key)).collect()
    }

    /// Pages read per site so far, and what was left out.
    pub fn usage(&self, site: SiteIndex) -> Usage {
        let mut usage = self.usage.get(&site).cloned().unwrap_or_default();
        usage.not_reached += self
            .queues
            .values()
            .flat_map(|queue| queue.heap.iter())
            .filter(|Reverse(w)| w.site == site && w.role.is_read())
            .count() as u64;
        usage
    }

    fn push(&mut self, id: UrlId, what: Candidate) {
        self.serial += 1;
        let waiting = Waiting {
            role: what.role,
            depth: what.depth,
            serial: self.serial,
            id,
            site: what.site,
            via: what.via,
            url: what.url.into_boxed_str(),
        };
        self.queues.entry(what.key).or_default().heap.push(Reverse(waiting));
    }

    fn within_bounds(&mut self, what: &Candidate) -> bool {
        let usage = self.usage.entry(what.site).or_default();
        if what.depth > self.bounds.max_depth {
            usage.not_reached += 1;
            return false;
        }
        let (pattern, limit) = pattern(&what.url, self.bounds.max_per_pattern);
        let met = self.patterns.entry(hash(&pattern) ^ u64::from(what.site)).or_insert(0);
        *met += 1;
        if *met > limit {
            if *met == limit + 1 {
                usage.traps.push(pattern);
            }
            usage.not_reached += 1;
            return false;
        }
        true
    }
}

/// Addresses taken that differ only in a number which changes at every look.
const MAX_THROWAWAY: u32 = 20;

/// The shape of a URL that a trap repeats, and how many of it are taken. With a query: the path with runs of digits
/// folded, and the query's names. Without one: the folder likewise, ten times as many, because a CMS may keep all
/// its articles in one. A path that repeats a segment again and again is a trap from the third time on.
fn pattern(url: &str, limit: u32) -> (String, u32) {
    let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
    let segments: Vec<&str> = path.split('/').skip(3).filter(|s| !s.is_empty()).collect();
    let repeated = segments.iter().find(|s| segments.iter().filter(|other| other == s).count() > 2);
    if let Some(segment) = repeated {
        return (format!("…/{segment}/{segment}/{segment}/…"), limit.min(20));
    }
    match query {
        None => {
            (fold_digits(path.rsplit_once('/').map_or(path, |(folder, _)| folder)), limit.saturating_mul(10))
        }
        Some(query) => {
            let mut names: Vec<&str> =
                query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name)).collect();
            names.sort_unstable();
            names.dedup();
            let limit = if is_throwaway(query) { limit.min(MAX_THROWAWAY) } else { limit };
            (format!("{}?{}", fold_digits(path), names.join("&")), limit)
        }
    }
}

pub(super) fn fold_digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars().map(|ch| if ch.is_ascii_digit() { '0' } else { ch }) {
        if ch != '0' || !out.ends_with('0') {
            out.push(ch);
        }
    }
    out
}

/// FNV-1a folded with a final mix: stable across runs and builds, unlike the standard hasher.
pub(crate) fn hash(text: &str) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut chunks = text.as_bytes().chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        state = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^= state >> 29;
    }
    for byte in chunks.remainder() {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    state ^= state >> 32;
    state = state.wrapping_mul(0xd6e8_feb8_6659_fd93);
    state ^ (state >> 32)
}

/// An odd number that spreads small ones over all bits.
pub(super) const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Keys are hashes already.
#[derive(Debug, Default, Clone)]
pub(super) struct Identity(u64);

pub(super) type Passthrough = BuildHasherDefault<Identity>;

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.0 = u64::from(value).wrapping_mul(SPREAD);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds() -> Bounds {
        Bounds { max_pages: 3, max_depth: 5, max_per_pattern: 4 }
    }

    fn page(url: &str, role: Role) -> Candidate {
        Candidate { url: url.to_owned(), key: "h".to_owned(), site: 0, role, depth: 1, via: None }
    }

    #[test]
    fn lists_come_before_articles_and_targets_last() {
        let mut frontier = Frontier::new(bounds(), std::iter::empty());
        for (url, role) in
            [("http://h/x.pdf", Role::Target), ("http://h/a", Role::Page), ("http://h/l/", Role::List)]
        {
            frontier.offer(page(url, role));
        }
        let order: Vec<String> = frontier.drain("h").into_iter().map(|lease| lease.what.url).collect();
        assert_eq!(order, ["http://h/l/", "http://h/a", "http://h/x.pdf"]);
    }

    #[test]
    fn stored_roles_are_read_back() {
        for role in
            [Role::Home, Role::Column, Role::Source, Role::List, Role::Page, Role::Target, Role::External]
        {
            assert_eq!(Role::from_code(role.code()), role);
        }
        assert!(Role::Column < Role::Source && Role::Source < Role::List && Role::Source.is_read());
    }

    #[test]
    fn a_url_is_taken_once_and_keeps_its_id() {
        let mut frontier = Frontier::new(bounds(), [(7, "http://h/a".to_owned())].into_iter());
        assert_eq!(frontier.offer(page("http://h/a", Role::Page)), (Offer::New(7), false));
        assert_eq!(frontier.offer(page("http://h/a", Role::Page)), (Offer::Known(7), false));
        assert_eq!(frontier.offer(page("http://h/b", Role::Page)), (Offer::New(8), true));
    }

    #[test]
    fn the_page_budget_counts_what_was_not_reached() {
        let mut frontier = Frontier::new(Bounds { max_per_pattern: 100, ..bounds() }, std::iter::empty());
        for n in 0..10 {
            frontier.offer(page(&format!("http://h/{n}"), Role::Page));
        }
        frontier.offer(page("http://h/x.pdf", Role::Target));
        assert_eq!(frontier.drain("h").len(), 4, "three pages and the target");
        assert_eq!(frontier.usage(0).not_reached, 7);
    }

    #[test]
    fn traps_are_bounded_and_named() {
        let mut frontier = Frontier::new(bounds(), std::iter::empty());
        for n in 0..10 {
            frontier.offer(page(&format!("http://h/cal?day={n}"), Role::Page));
            frontier.offer(page(&format!("http://h/{}x.html", "a/".repeat(n)), Role::Page));
        }
        let usage = frontier.usage(0);
        assert_eq!(usage.traps, ["http://h/cal?day", "…/a/a/a/…"]);
    }

    #[test]
    fn what_was_done_stays_done_after_a_restart() {
        let mut frontier = Frontier::new(bounds(), [(0, "http://h/a".to_owned())].into_iter());
        frontier.restore(0, page("http://h/a", Role::Page), Stage::Done);
        assert_eq!(frontier.offer(page("http://h/a", Role::Page)), (Offer::Known(0), false));
        assert!(frontier.lease("h").is_none());
    }
}
