//! 抽查名单: which sites and accounts a period looks at, drawn so that anybody can repeat it with the list and the seed.
//!
//! The procedure, in full. All sites are taken. Of the N accounts, n = ⌈N × share ÷ 100⌉ are drawn from those not drawn in
//! the current round; where fewer are left, all of these are taken, a new round begins, and the rest is drawn from all
//! others. The n places are shared out among the strata (county, platform) in proportion to what the pool holds of each, by
//! whole numbers and then by the largest remainders; equal remainders go by the SHA-256 of `seed LF county LF platform`.
//! Within a stratum those come first whose SHA-256 of `seed LF period LF code`, in lower-case hex, is lowest. Whatever failed
//! in the period before is added (复查), whether drawn or not.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::period::Period;
use super::{Member, MemberKind};
use crate::calendar::Instant8;
use crate::finding::hex;

/// Why something is on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// 全面检查: a site.
    All,
    /// 随机抽取.
    Drawn,
    /// 上期不合格，复查.
    Again,
}

impl Why {
    /// As the list prints it.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "全面检查",
            Self::Drawn => "随机抽取",
            Self::Again => "上期不合格，复查",
        }
    }
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    /// What it is.
    pub kind: MemberKind,
    /// Its code.
    pub code: String,
    /// Why it is there.
    pub why: Why,
    /// Whether it failed in the period before, however it came onto the list.
    pub again: bool,
    /// The round in which it was drawn, from 1; 0 for what was not drawn by lot.
    pub round: u32,
}

/// A list of one period, as it was drawn. Never changed: a second draw of the period is another one, and both are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// The period.
    pub period: Period,
    /// First and last day of the check.
    pub window: (NaiveDate, NaiveDate),
    /// The published seed.
    pub seed: String,
    /// The least share of the accounts, in per cent.
    pub share: u32,
    /// When it was drawn.
    pub at: Instant8,
    /// 抽取人.
    pub by: String,
    /// 监督人.
    pub witness: String,
    /// Why it was drawn again; empty for the first draw.
    pub reason: String,
    /// Everything it was drawn from, in protocol order.
    pub members: Vec<Member>,
    /// The list, in the order of `members`.
    pub picks: Vec<Pick>,
}

impl Draw {
    /// SHA-256 in hex of what was drawn from: one line `kind TAB code TAB county TAB category LF` a member, sorted.
    pub fn register_hash(&self) -> String {
        let mut lines: Vec<String> = self
            .members
            .iter()
            .map(|m| format!("{}\t{}\t{}\t{}\n", m.kind.word(), m.code, m.county, m.category))
            .collect();
        lines.sort();
        digest(&lines.concat())
    }

    /// SHA-256 in hex of the list: one line `kind TAB code LF` a pick, sorted. What the people who sign it compare.
    pub fn list_hash(&self) -> String {
        let mut lines: Vec<String> =
            self.picks.iter().map(|pick| format!("{}\t{}\n", pick.kind.word(), pick.code)).collect();
        lines.sort();
        digest(&lines.concat())
    }

    /// The picks with what they are.
    pub fn picked(&self) -> impl Iterator<Item = (&Member, &Pick)> {
        let members: BTreeMap<(MemberKind, &str), &Member> =
            self.members.iter().map(|member| ((member.kind, member.code.as_str()), member)).collect();
        self.picks.iter().filter_map(move |pick| {
            members.get(&(pick.kind, pick.code.as_str())).map(|member| (*member, pick))
        })
    }

    /// How many of a kind it was drawn from.
    pub fn registered(&self, kind: MemberKind) -> usize {
        self.members.iter().filter(|member| member.kind == kind).count()
    }
}

/// What a draw starts from.
#[derive(Debug, Clone, Copy)]
pub struct Lot<'a> {
    /// The period.
    pub period: Period,
    /// The published seed.
    pub seed: &'a str,
    /// The least share of the accounts, in per cent.
    pub share: u32,
    /// All sites and accounts, in protocol order.
    pub members: &'a [Member],
    /// The lists of earlier periods, oldest first, one a period.
    pub earlier: &'a [&'a Draw],
    /// Codes of what failed in the period before.
    pub failed: &'a BTreeSet<String>,
}

/// Draws the list. The same lot gives the same list.
pub fn draw(lot: &Lot<'_>) -> Vec<Pick> {
    let rounds = drawn_rounds(lot);
    lot.members
        .iter()
        .filter_map(|member| {
            let again = lot.failed.contains(&member.code);
            let (why, round) = match (member.kind, rounds.get(member.code.as_str())) {
                (MemberKind::Site, _) => (Why::All, 0),
                (MemberKind::Account, Some(round)) => (Why::Drawn, *round),
                (MemberKind::Account, None) if again => (Why::Again, 0),
                (MemberKind::Account, None) => return None,
            };
            Some(Pick { kind: member.kind, code: member.code.clone(), why, again, round })
        })
        .collect()
}

/// The accounts that are drawn by lot, with their rounds.
fn drawn_rounds<'a>(lot: &Lot<'a>) -> BTreeMap<&'a str, u32> {
    let accounts: Vec<&Member> = lot.members.iter().filter(|m| m.kind == MemberKind::Account).collect();
    let by_lot = || lot.earlier.iter().flat_map(|draw| &draw.picks).filter(|pick| pick.round > 0);
    let round = by_lot().map(|pick| pick.round).max().unwrap_or(1);
    let had: BTreeSet<&str> =
        by_lot().filter(|pick| pick.round == round).map(|pick| pick.code.as_str()).collect();
    let wanted = (accounts.len() * lot.share as usize).div_ceil(100).min(accounts.len());
    let pool: Vec<&Member> = accounts.iter().copied().filter(|m| !had.contains(m.code.as_str())).collect();
    if pool.len() >= wanted {
        return from_pool(lot, &pool, wanted).into_iter().map(|code| (code, round)).collect();
    }
    let mut rounds: BTreeMap<&str, u32> = pool.iter().map(|member| (member.code.as_str(), round)).collect();
    let rest: Vec<&Member> = accounts.into_iter().filter(|m| !rounds.contains_key(m.code.as_str())).collect();
    let left = wanted - rounds.len();
    rounds.extend(from_pool(lot, &rest, left).into_iter().map(|code| (code, round + 1)));
    rounds
}

fn from_pool<'a>(lot: &Lot<'_>, pool: &[&'a Member], wanted: usize) -> Vec<&'a str> {
    if pool.is_empty() {
        return Vec::new();
    }
    let mut strata: BTreeMap<(&str, &str), Vec<&Member>> = BTreeMap::new();
    for &member in pool {
        strata.entry((&member.county, &member.category)).or_default().push(member);
    }
    let mut shares: Vec<((&str, &str), usize, usize)> = strata
        .iter()
        .map(|(stratum, members)| {
            let exact = wanted * members.len();
            (*stratum, exact / pool.len(), exact % pool.len())
        })
        .collect();
    let left = wanted - shares.iter().map(|(_, whole, _)| whole).sum::<usize>();
    shares.sort_by_cached_key(|((county, platform), _, rest)| {
        (std::cmp::Reverse(*rest), digest(&format!("{}\n{county}\n{platform}", lot.seed)))
    });
    let mut drawn = Vec::with_capacity(wanted);
    for (n, (stratum, whole, _)) in shares.into_iter().enumerate() {
        let mut members = strata.remove(&stratum).unwrap_or_default();
        members.sort_by_cached_key(|m| digest(&format!("{}\n{}\n{}", lot.seed, lot.period, m.code)));
        drawn.extend(
            members.into_iter().take(whole + usize::from(n < left)).map(|member| member.code.as_str()),
        );
    }
    drawn
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

#[cfg(test)]
#[path = "draw_tests.rs"]
mod tests;
