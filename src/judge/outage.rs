//! Own failures: from what sites and witnesses answered, and when, to the windows of time in which nothing that was seen
//! counts. Pure: the same sights give the same windows, in whatever order they come.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::calendar::Instant8;

/// Sites that share nothing and must fail together before the failure is taken for ours.
const UNRELATED: usize = 5;
/// Hosts that must show the same foreign page, or names that must lead to inner addresses.
const ALIKE: usize = 3;
/// A common failure is one of at most this length between its first and its last site.
const TOGETHER: Duration = Duration::minutes(5);

/// What one site shares with others: those that have one of these in common may fail for a reason of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ties {
    /// The unit that answers for it; empty where nobody is known.
    pub unit: String,
    /// Its registrable domain: one zone of names.
    pub domain: String,
    /// Addresses that answered for it in this run.
    pub addresses: BTreeSet<String>,
}

/// One exchange with a registered site, as far as it speaks of the network between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Index into the sites.
    pub site: usize,
    /// When it began.
    pub from: Instant8,
    /// When it ended.
    pub until: Instant8,
    /// How it went.
    pub way: Way,
    /// The host outside everything registered to which redirects led.
    pub landed: Option<String>,
    /// SHA-256 of a page that came where the site's own was asked for; only of pages that differ from site to site.
    pub page: Option<String>,
}

/// How an exchange went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Something answered, whatever it said.
    Answered,
    /// It failed at the level of the network: names, connection, silence.
    Failed,
    /// The name led to an inner address, where nothing public stands.
    Inner,
}

/// One round of looks at the witnesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// When it began.
    pub from: Instant8,
    /// When it ended.
    pub until: Instant8,
    /// What the witnesses said together.
    pub said: Testimony,
}

/// What the witnesses said together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Testimony {
    /// At least one answered as itself.
    Alive,
    /// None could be reached.
    Silent,
    /// None answered as itself, and something else answered in a witness's place.
    Foreign,
}

/// Why a window is void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnFailure {
    /// No witness could be reached.
    Witnesses,
    /// Sites that share nothing failed together.
    Together,
    /// Unrelated hosts showed the same foreign page, or led to the same foreign host.
    Portal,
    /// Public names led to inner addresses.
    InnerNames,
    /// So many sites failed in one look that their failures, and only these, are not believed.
    Many,
}

/// A window of time in which nothing that was seen counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Void {
    /// Its beginning.
    pub from: Instant8,
    /// Its end.
    pub until: Instant8,
    /// Why.
    pub why: OwnFailure,
    /// How many sites showed it; 0 where the witnesses did.
    pub sites: usize,
}

impl Void {
    /// Whether something seen from `from` to `until` falls into the window, in part or whole.
    pub fn covers(&self, from: Instant8, until: Instant8) -> bool {
        self.why != OwnFailure::Many && from <= self.until && self.from <= until
    }
}

/// The void windows of one look, oldest first.
pub fn windows(sites: &[Ties], sights: &[Sight], rounds: &[Round]) -> Vec<Void> {
    let mut sights: Vec<&Sight> = sights.iter().collect();
    sights.sort_by_key(|sight| (sight.from, sight.until, sight.site));
    let mut voids = by_witnesses(&sights, rounds);
    voids.extend(together(sites, &sights));
    voids.extend(portals(sites, &sights));
    voids.extend(inner_names(&sights));
    merged(voids)
}

/// Whether failures of so many sites that they can be common would be enough to look closer at a look.
pub fn worth_a_look(sites: &[Ties], failed: &BTreeSet<usize>) -> bool {
    unrelated(sites, failed) >= UNRELATED
}

/// Each round in which no witness answered as itself, widened to where something is known to have been well.
fn by_witnesses(sights: &[&Sight], rounds: &[Round]) -> Vec<Void> {
    let good_rounds = || rounds.iter().filter(|round| round.said == Testimony::Alive);
    rounds
        .iter()
        .filter(|round| round.said != Testimony::Alive)
        .map(|round| {
            // What a foreign page answers in a site's place looks like an answer.
            let well = |sight: &&&Sight| sight.way == Way::Answered && round.said == Testimony::Silent;
            let before = sights.iter().filter(well).map(|sight| sight.until).filter(|at| *at < round.from);
            let after = sights.iter().filter(well).map(|sight| sight.from).filter(|at| *at > round.until);
            let before = before.chain(good_rounds().map(|good| good.until).filter(|at| *at < round.from));
            let after = after.chain(good_rounds().map(|good| good.from).filter(|at| *at > round.until));
            let first = sights.first().map_or(round.from, |sight| sight.from.min(round.from));
            let last =
                sights.iter().map(|sight| sight.until).max().map_or(round.until, |at| at.max(round.until));
            Void {
                from: before.max().map_or(first, just_after),
                until: after.min().map_or(last, just_before),
                why: if round.said == Testimony::Silent { OwnFailure::Witnesses } else { OwnFailure::Portal },
                sites: 0,
            }
        })
        .collect()
}

/// Spans in which sites that share nothing failed, and more than a fifth of all sites that were asked meanwhile.
fn together(sites: &[Ties], sights: &[&Sight]) -> Vec<Void> {
    let failures: Vec<&Sight> = sights.iter().copied().filter(|sight| sight.way == Way::Failed).collect();
    let mut voids: Vec<Void> = Vec::new();
    for (at, first) in failures.iter().enumerate() {
        let mut failing = BTreeSet::new();
        let mut until = first.until;
        for sight in failures.iter().skip(at).take_while(|sight| sight.from - first.from <= TOGETHER) {
            until = until.max(sight.until);
            if failing.insert(sight.site) && unrelated(sites, &failing) >= UNRELATED {
                break;
            }
        }
        if unrelated(sites, &failing) < UNRELATED {
            continue;
        }
        let mut asked: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for sight in sights.iter().filter(|sight| sight.from <= until && first.from <= sight.until) {
            let (failed, answered) = asked.entry(sight.site).or_default();
            match sight.way {
                Way::Failed => *failed += 1,
                Way::Answered | Way::Inner => *answered += 1,
            }
        }
        let down: BTreeSet<usize> =
            asked.iter().filter(|(_, (failed, well))| failed >= well).map(|(site, _)| *site).collect();
        if unrelated(sites, &down) >= UNRELATED && down.len() * 5 > asked.len() {
            voids.push(Void { from: first.from, until, why: OwnFailure::Together, sites: down.len() });
        }
    }
    voids
}

/// Sights at which unrelated hosts led to one foreign host or showed one foreign page.
fn portals(sites: &[Ties], sights: &[&Sight]) -> Vec<Void> {
    let mut hosts: BTreeMap<&str, Vec<&Sight>> = BTreeMap::new();
    let mut pages: BTreeMap<&str, Vec<&Sight>> = BTreeMap::new();
    for sight in sights {
        if let Some(host) = &sight.landed {
            hosts.entry(host).or_default().push(sight);
        }
        if let Some(page) = &sight.page {
            pages.entry(page).or_default().push(sight);
        }
    }
    // Sites of one unit may have moved to one new address; those of one zone may share a platform's page.
    let units = |sight: &Sight| vec![tie(sites, sight.site, |ties| &ties.unit, "u")];
    let zones = |sight: &Sight| {
        vec![tie(sites, sight.site, |ties| &ties.unit, "u"), tie(sites, sight.site, |ties| &ties.domain, "d")]
    };
    let led = hosts.into_values().map(|seen| mostly(seen, sights));
    let led = led.filter(|seen| apart(seen.iter().map(|sight| units(sight))) >= ALIKE);
    let shown = pages.into_values().filter(|seen| apart(seen.iter().map(|sight| zones(sight))) >= ALIKE);
    led.chain(shown)
        .filter_map(|seen| span(&seen, OwnFailure::Portal))
        .filter(|void| {
            let asked: BTreeSet<usize> = sights
                .iter()
                .filter(|sight| void.covers(sight.from, sight.until))
                .map(|sight| sight.site)
                .collect();
            void.sites * 5 > asked.len()
        })
        .collect()
}

/// Those of sites whose other answers meanwhile are not the more: a portal answers everything, a common login or a
/// service hall of the province only what leads there.
fn mostly<'a>(seen: Vec<&'a Sight>, sights: &[&Sight]) -> Vec<&'a Sight> {
    let Some(Void { from, until, .. }) = span(&seen, OwnFailure::Portal) else { return seen };
    let mut count: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for sight in &seen {
        count.entry(sight.site).or_default().0 += 1;
    }
    for sight in sights.iter().filter(|sight| sight.from <= until && from <= sight.until) {
        if let Some((_, all)) = count.get_mut(&sight.site) {
            *all += 1;
        }
    }
    seen.into_iter()
        .filter(|sight| count.get(&sight.site).is_some_and(|(led, all)| led * 2 >= *all))
        .collect()
}

/// Sights at which public names led to inner addresses, where that is more than the oddity of a few.
fn inner_names(sights: &[&Sight]) -> Option<Void> {
    let inner: Vec<&Sight> = sights.iter().copied().filter(|sight| sight.way == Way::Inner).collect();
    let odd: BTreeSet<usize> = inner.iter().map(|sight| sight.site).collect();
    let all: BTreeSet<usize> = sights.iter().map(|sight| sight.site).collect();
    if odd.len() < ALIKE || odd.len() * 5 <= all.len() {
        return None;
    }
    span(&inner, OwnFailure::InnerNames)
}

fn span(seen: &[&Sight], why: OwnFailure) -> Option<Void> {
    let sites: BTreeSet<usize> = seen.iter().map(|sight| sight.site).collect();
    Some(Void {
        from: seen.iter().map(|sight| sight.from).min()?,
        until: seen.iter().map(|sight| sight.until).max()?,
        why,
        sites: sites.len(),
    })
}

/// How many of these sites share nothing with each other, at the least.
fn unrelated(sites: &[Ties], chosen: &BTreeSet<usize>) -> usize {
    apart(chosen.iter().map(|site| {
        let Some(ties) = sites.get(*site) else { return vec![format!("s {site}")] };
        let mut all =
            vec![tie(sites, *site, |ties| &ties.unit, "u"), tie(sites, *site, |ties| &ties.domain, "d")];
        all.extend(ties.addresses.iter().map(|address| format!("a {address}")));
        all
    }))
}

/// What ties a site to others of the same value; where there is none, what ties it to itself.
fn tie(sites: &[Ties], site: usize, of: impl Fn(&Ties) -> &String, kind: &str) -> String {
    match sites.get(site).map(of).filter(|value| !value.is_empty()) {
        Some(value) => format!("{kind} {value}"),
        None => format!("s {site}"),
    }
}

/// How many of these have nothing in common with any chosen before.
fn apart(all: impl Iterator<Item = Vec<String>>) -> usize {
    let mut used = BTreeSet::new();
    let mut count = 0;
    for ties in all {
        if ties.iter().all(|tie| !used.contains(tie)) {
            count += 1;
            used.extend(ties);
        }
    }
    count
}

/// Windows of one reason that touch are one.
fn merged(mut voids: Vec<Void>) -> Vec<Void> {
    voids.sort_by_key(|void| (void.why, void.from, void.until));
    let mut out: Vec<Void> = Vec::new();
    for void in voids {
        match out.last_mut() {
            Some(last) if last.why == void.why && void.from <= last.until => {
                last.until = last.until.max(void.until);
                last.sites = last.sites.max(void.sites);
            }
            _ => out.push(void),
        }
    }
    out.sort();
    out
}

fn just_after(at: Instant8) -> Instant8 {
    at + Duration::milliseconds(1)
}

fn just_before(at: Instant8) -> Instant8 {
    at - Duration::milliseconds(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;

    /// Sites of which each has a unit, a zone and an address of its own.
    fn strangers(count: usize) -> Vec<Ties> {
        (0..count)
            .map(|n| Ties {
                unit: format!("unit {n}"),
                domain: format!("d{n}.example"),
                addresses: BTreeSet::from([format!("192.0.2.{n}")]),
            })
            .collect()
    }

    fn second(at: i64) -> Instant8 {
        from_millis(1_795_000_000_000 + at * 1000)
    }

    fn sight(site: usize, at: i64, way: Way) -> Sight {
        Sight { site, from: second(at), until: second(at + 1), way, landed: None, page: None }
    }

    fn whys(voids: &[Void]) -> Vec<OwnFailure> {
        voids.iter().map(|void| void.why).collect()
    }

    #[test]
    fn five_that_share_nothing_and_fail_together_are_our_failure() {
        let sites = strangers(8);
        let mut sights: Vec<Sight> = (0..8).map(|site| sight(site, 0, Way::Answered)).collect();
        sights.extend((0..5).map(|site| sight(site, 100 + i64::try_from(site).expect("small"), Way::Failed)));
        let voids = windows(&sites, &sights, &[]);
        assert_eq!(whys(&voids), [OwnFailure::Together]);
        assert!(voids[0].covers(second(102), second(102)) && !voids[0].covers(second(0), second(1)));
        assert_eq!(voids, windows(&sites, &sights.iter().rev().cloned().collect::<Vec<_>>(), &[]));

        assert!(windows(&sites, &sights[..12], &[]).is_empty(), "four are not enough");
        for shared in ["unit", "domain", "address"] {
            let mut sites = strangers(8);
            for site in &mut sites[..2] {
                match shared {
                    "unit" => site.unit = "one".to_owned(),
                    "domain" => site.domain = "one.example".to_owned(),
                    _ => site.addresses = BTreeSet::from(["192.0.2.99".to_owned()]),
                }
            }
            assert!(windows(&sites, &sights, &[]).is_empty(), "two of the five share their {shared}");
        }
    }

    #[test]
    fn failures_far_apart_and_failures_among_many_good_sites_are_theirs() {
        let sites = strangers(60);
        let scattered: Vec<Sight> =
            (0..5).map(|n| sight(n, 200 * i64::try_from(n).expect("small"), Way::Failed)).collect();
        assert!(windows(&sites, &scattered, &[]).is_empty());
        let mut few: Vec<Sight> = (0..60).map(|site| sight(site, 0, Way::Answered)).collect();
        for dead in &mut few[..8] {
            dead.way = Way::Failed;
        }
        assert!(windows(&sites, &few, &[]).is_empty(), "8 of 60");
        let mut noisy: Vec<Sight> =
            (0..5).flat_map(|site| (0..9).map(move |n| sight(site, n, Way::Answered))).collect();
        noisy.extend((0..5).map(|site| sight(site, 4, Way::Failed)));
        assert!(windows(&sites, &noisy, &[]).is_empty(), "sites that answer meanwhile are not down");
    }

    #[test]
    fn the_same_foreign_host_or_page_for_unrelated_sites_is_a_portal() {
        let sites = strangers(4);
        let led = |count: usize| -> Vec<Sight> {
            (0..count)
                .map(|n| Sight { landed: Some("login.lan".to_owned()), ..sight(n, 3, Way::Answered) })
                .collect()
        };
        assert_eq!(whys(&windows(&sites, &led(3), &[])), [OwnFailure::Portal]);
        assert!(windows(&sites, &led(2), &[]).is_empty());
        let mut one_unit = strangers(4);
        for site in &mut one_unit {
            site.unit = "one".to_owned();
        }
        assert!(windows(&one_unit, &led(4), &[]).is_empty(), "one unit that has moved its sites");
        let mut logins = led(3);
        logins.extend((0..3).flat_map(|site| [2, 3, 4].map(|at| sight(site, at, Way::Answered))));
        assert!(windows(&sites, &logins, &[]).is_empty(), "a login that many sites share");
        let shown: Vec<Sight> =
            (0..3).map(|n| Sight { page: Some("ab12".to_owned()), ..sight(n, 3, Way::Answered) }).collect();
        assert_eq!(whys(&windows(&sites, &shown, &[])), [OwnFailure::Portal]);
    }

    #[test]
    fn inner_addresses_for_public_names_void_where_they_are_many() {
        let sites = strangers(20);
        let mut sights: Vec<Sight> = (0..20).map(|n| sight(n, 1, Way::Answered)).collect();
        for odd in &mut sights[..4] {
            odd.way = Way::Inner;
        }
        assert!(windows(&sites, &sights, &[]).is_empty(), "a fifth is not more than a fifth");
        sights[4].way = Way::Inner;
        assert_eq!(whys(&windows(&sites, &sights, &[])), [OwnFailure::InnerNames]);
    }

    #[test]
    fn silent_witnesses_void_back_to_the_last_answer() {
        let sites = strangers(1);
        let sights: Vec<Sight> = [0, 10, 20].map(|at| sight(0, at, Way::Answered)).to_vec();
        let round = |at, said| Round { from: second(at), until: second(at + 2), said };
        let rounds = [round(-9, Testimony::Alive), round(60, Testimony::Silent)];
        let voids = windows(&sites, &sights, &rounds);
        assert_eq!(whys(&voids), [OwnFailure::Witnesses]);
        assert!(!voids[0].covers(second(20), second(21)) && voids[0].covers(second(30), second(31)));
        let foreign = [round(-9, Testimony::Alive), round(60, Testimony::Foreign)];
        let voids = windows(&sites, &sights, &foreign);
        assert_eq!(whys(&voids), [OwnFailure::Portal]);
        assert!(voids[0].covers(second(0), second(1)), "what a portal answers looks like an answer");
        assert!(
            windows(&sites, &sights, &[round(-9, Testimony::Alive), round(60, Testimony::Alive)]).is_empty()
        );
    }
}
