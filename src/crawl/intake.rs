//! What a page leads to, taken in: its links and items become ids, and what is wanted of them waits in the frontier.

use std::collections::HashSet;

use url::Url;

use super::frontier::{Candidate, Lease, NO_SITE, Offer, Passthrough, Role, SPREAD, SiteIndex, UrlId, hash};
use super::sameness::of_one_shape;
use super::wanted::{Worth, role_of, worth_of};
use super::worker::Shift;
use crate::exchange::Exchange;
use crate::facts::impossible::{nowhere, nowhere_at};
use crate::facts::page::{LinkKind, LinkPlace, PageFacts, PageKind, PageLink, SourceKind};
use crate::facts::site::LinkSeen;
use crate::store::facts::ReadPage;
use crate::url::{PolitenessKey, without_session};

/// Addresses remembered by their fingerprints; a power of two, and few enough to stay near the processor.
const REMEMBERED: usize = 4096;

/// The ids of addresses that were met lately and are worth a visit wherever they stand: templates repeat theirs on every page.
#[derive(Debug)]
pub(super) struct Lately(Box<[(u64, UrlId)]>);

impl Default for Lately {
    fn default() -> Self {
        Self(vec![(0, 0); REMEMBERED].into())
    }
}

impl Lately {
    fn slot(print: u64) -> usize {
        usize::try_from(print).unwrap_or(0) % REMEMBERED
    }

    fn id_of(&self, print: u64) -> Option<UrlId> {
        self.0.get(Self::slot(print)).filter(|(known, _)| *known == print).map(|(_, id)| *id)
    }

    fn note(&mut self, print: u64, id: UrlId) {
        if let Some(slot) = self.0.get_mut(Self::slot(print)) {
            *slot = (print, id);
        }
    }
}

impl Shift<'_> {
    /// What is kept of a page that was read, its links taken in; `None` where nothing of it is its own.
    pub(super) fn page_facts(
        &mut self,
        lease: &Lease,
        exchange: &Exchange,
        facts: Option<PageFacts>,
    ) -> Option<ReadPage> {
        let reply = exchange.outcome.as_ref().ok()?;
        if reply.status == 304 {
            return self.unchanged(lease);
        }
        // A page reached by a redirect is read under its own address; only what the register names keeps its own.
        let source = lease.what.role == Role::Source;
        if source && self.site_of(&reply.url) != Some(lease.what.site) {
            return None;
        }
        if !exchange.hops.is_empty() && lease.what.role > Role::Source {
            if self.plan.look == 1 && lease.what.role.is_read() {
                self.offer(&without_session(exchange.final_url()), lease, |_| Role::Page);
            }
            return None;
        }
        let mut facts = facts?;
        let bytes = self.bytes.entry(lease.what.site).or_default();
        *bytes += reply.body_len;
        let within = self.crawl.policy.max_bytes.is_none_or(|most| *bytes <= most);
        let follow = self.plan.look == 1 && within;
        self.listing = facts.kind == PageKind::List && facts.list.is_some();
        // A later look asks a column's sources again: without them it would not see the column.
        if follow || within && lease.what.role <= Role::Source {
            self.offer_sources(lease, &facts);
        }
        let mut links: Vec<LinkSeen> = Vec::with_capacity(facts.links.len());
        let mut seen: HashSet<u64, Passthrough> =
            HashSet::with_capacity_and_hasher(facts.links.len(), Passthrough::default());
        let inward = nowhere_at(&lease.what.url).is_some();
        let mut addressed: Vec<(UrlId, String)> = Vec::with_capacity(facts.links.len());
        for link in std::mem::take(&mut facts.links) {
            let Some(target) = self.target_of(&link, lease, (inward, follow)) else { continue };
            let form = (link.kind as u64) << 16 | (link.place as u64) << 8 | u64::from(link.hidden);
            let address = link.url;
            if seen.insert((form << 32 | u64::from(target)).wrapping_mul(SPREAD)) {
                links.push(LinkSeen {
                    target,
                    text: link.text,
                    kind: link.kind,
                    place: link.place,
                    hidden: link.hidden,
                });
            }
            addressed.push((target, address));
        }
        self.follow_items(lease, &facts, follow, &mut links, &mut addressed);
        if follow {
            let fresh: Vec<&str> = self.queued.iter().map(|(_, what)| &*what.url).collect();
            let seen = addressed.iter().map(|(id, url)| (*id, &**url));
            for lease in self.sameness.page(lease, &facts, seen, &fresh) {
                self.ready.push(lease.what.key.clone());
                self.frontier.resume(lease);
            }
        }
        if follow {
            for url in facts.script_pages.iter().chain(&facts.jumps_to) {
                self.offer(&without_session(url), lease, |_| Role::List);
            }
        }
        Some(ReadPage { facts, links: links.into_iter().collect() })
    }

    /// The id of what a link leads to, offered where the crawl follows links; `None` of one that is not asked for.
    fn target_of(&mut self, link: &PageLink, from: &Lease, (inward, follow): (bool, bool)) -> Option<UrlId> {
        let print = hash(&link.url) ^ u64::from(inward);
        if let Some(id) = self.lately.id_of(print) {
            return Some(id);
        }
        let bare = &*without_session(link.url.split('#').next().unwrap_or_default());
        let worth = worth_of(bare, inward);
        if !worth.is_of(link) || bare.len() > self.crawl.limits.url_bytes {
            return None;
        }
        let target = if follow {
            self.offer(bare, from, |url| role_of(link.kind, link.place, url))
        } else {
            self.id_of(bare)
        };
        if worth == Worth::Always && self.frontier.is_met(target) {
            self.lately.note(print, target);
        }
        Some(target)
    }

    fn site_of(&self, url: &str) -> Option<SiteIndex> {
        self.crawl.scope.site_of(&Url::parse(url).ok()?)
    }

    /// What fills the page's list is fetched as part of the page, where it belongs to the same site.
    fn offer_sources(&mut self, lease: &Lease, facts: &PageFacts) {
        let own = |url: &str| self.site_of(url) == Some(lease.what.site);
        let wanted: Vec<(String, Role)> = facts
            .list_sources
            .iter()
            .map(|source| {
                let role = if source.by == SourceKind::Frame { Role::List } else { Role::Source };
                (source.url.clone(), role)
            })
            .chain(facts.jumps_to.iter().map(|url| (url.clone(), Role::List)))
            .filter(|(url, _)| url.len() <= self.crawl.limits.url_bytes && own(url))
            .collect();
        for (url, role) in wanted {
            let id = self.offer(&url, lease, |_| role);
            if role == Role::Source {
                self.asking.note(id, lease.id, &facts.url);
            }
        }
    }

    /// Items that stand in the page's data rather than in its markup are links to a reader, too.
    fn follow_items(
        &mut self,
        lease: &Lease,
        facts: &PageFacts,
        follow: bool,
        links: &mut Vec<LinkSeen>,
        addressed: &mut Vec<(UrlId, String)>,
    ) {
        let known: HashSet<UrlId, Passthrough> = links.iter().map(|link| link.target).collect();
        for item in facts.list.iter().chain(&facts.blocks).flat_map(|list| &list.items) {
            let bare = &*without_session(item.url.split('#').next().unwrap_or_default());
            let fetchable = bare.starts_with("http://") || bare.starts_with("https://");
            if !fetchable || bare.len() > self.crawl.limits.url_bytes {
                continue;
            }
            let target = if follow { self.offer(bare, lease, |_| Role::Page) } else { self.id_of(bare) };
            if !known.contains(&target) {
                links.push(LinkSeen {
                    target,
                    text: item.title.clone(),
                    kind: LinkKind::Page,
                    place: LinkPlace::List,
                    hidden: false,
                });
                addressed.push((target, item.url.clone()));
            }
        }
    }

    /// A page that has not changed since an earlier run: its facts of then, and its links once more.
    fn unchanged(&mut self, lease: &Lease) -> Option<ReadPage> {
        let validator = self.reader.validator(lease.id).ok().flatten()?;
        let read = self.reader.page(validator.run, 1, lease.id).ok().flatten()?;
        self.offer_sources(lease, &read.facts);
        for link in read.links.iter() {
            if self.frontier.is_met(link.target) {
                continue;
            }
            if let Some(url) = self.reader.href(link.target).ok().flatten() {
                self.offer(&url, lease, |url| role_of(link.kind, link.place, url));
            }
        }
        for url in read.facts.script_pages.iter().chain(&read.facts.jumps_to) {
            self.offer(url, lease, |_| Role::List);
        }
        Some(read)
    }

    fn offer(&mut self, url: &str, from: &Lease, role: impl FnOnce(&Url) -> Role) -> UrlId {
        let bare = url.split('#').next().unwrap_or_default();
        if let Some(id) = self.frontier.met(bare) {
            return id;
        }
        let Ok(url) = Url::parse(bare) else { return self.id_of(bare) };
        let site = self.crawl.scope.site_of(&url);
        let asked = self.crawl.policy.check_external || nowhere(&url).is_some();
        if site.is_none() && !asked {
            return self.id_of(bare);
        }
        let own = site == Some(from.what.site);
        let role = match (site, role(&url)) {
            (None, _) => Role::External,
            (Some(_), Role::Column) if !own => Role::Page,
            (Some(_), role) => role,
        };
        let what = Candidate {
            url: bare.to_owned(),
            key: PolitenessKey::of(&url).as_str().to_owned(),
            site: site.unwrap_or(NO_SITE),
            role,
            depth: match own {
                true if self.listing && of_one_shape(bare, &from.what.url) => from.what.depth,
                true => from.what.depth.saturating_add(1),
                false => 1,
            },
            via: Some(from.id),
        };
        let (offer, unheard) = self.frontier.offer(what.clone());
        if unheard {
            self.unheard.push((offer.id(), bare.to_owned()));
        }
        match offer {
            Offer::New(id) => self.queued.push((id, what)),
            Offer::Refused(id) => {
                self.sameness.refused(&what.url, what.site);
                self.refused.push((id, what));
            }
            Offer::Known(_) => {}
        }
        offer.id()
    }

    fn id_of(&mut self, bare: &str) -> UrlId {
        let (id, unheard) = self.frontier.id_of(bare);
        if unheard {
            self.unheard.push((id, bare.to_owned()));
        }
        id
    }
}
