//! How far IPv6 reaches below the home page: links of the second and third level by column and host, and the hosts that
//! pages load from, as counted values; `facts::draft` makes them from pages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ipv6::Lack;
use crate::exchange::ResolveError;

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
