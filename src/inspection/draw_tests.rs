//! Draws over several periods: shares, strata, rounds, and that anybody can repeat one.

use super::*;
use crate::calendar::from_millis;

fn members(accounts: usize) -> Vec<Member> {
    let site = |n: usize| Member {
        kind: MemberKind::Site,
        code: format!("99010000{n:02}"),
        name: format!("网站{n}"),
        category: "部门网站".into(),
        county: String::new(),
        host_unit: format!("单位{n}"),
        supervisor: String::new(),
        url: String::new(),
    };
    let account = |n: usize| Member {
        kind: MemberKind::Account,
        code: format!("wechat:a{n:03}"),
        name: format!("账号{n}"),
        category: ["微信公众号", "微博", "抖音号"][n % 7 % 3].into(),
        county: ["", "示例县", "示例区"][n % 5 % 3].into(),
        host_unit: format!("单位{n}"),
        supervisor: String::new(),
        url: String::new(),
    };
    (0..6).map(site).chain((0..accounts).map(account)).collect()
}

fn period(id: &str) -> Period {
    id.parse().expect("a period")
}

fn drawn(id: &str, members: &[Member], earlier: &[&Draw], failed: &[&str]) -> Draw {
    let failed = failed.iter().map(|code| (*code).to_owned()).collect();
    let (period, seed) = (period(id), "福彩3D 2026312期 4 0 7");
    let picks = draw(&Lot { period, seed, share: 25, members, earlier, failed: &failed });
    Draw {
        period,
        window: (period.first_day(), period.last_day()),
        seed: seed.into(),
        share: 25,
        at: from_millis(0),
        by: "李某某".into(),
        witness: "王某某".into(),
        reason: String::new(),
        members: members.to_vec(),
        picks,
    }
}

fn by_lot(draw: &Draw) -> BTreeSet<&str> {
    draw.picks.iter().filter(|pick| pick.round > 0).map(|pick| pick.code.as_str()).collect()
}

#[test]
fn all_sites_a_quarter_of_the_accounts_and_nobody_twice_in_a_year() {
    let members = members(101);
    let mut draws: Vec<Draw> = Vec::new();
    let mut seen = BTreeSet::new();
    for quarter in ["2026Q1", "2026Q2", "2026Q3", "2026Q4"] {
        let next = drawn(quarter, &members, &draws.iter().collect::<Vec<_>>(), &[]);
        assert_eq!(next.picks.iter().filter(|pick| pick.why == Why::All).count(), 6);
        let lot: BTreeSet<String> = by_lot(&next).into_iter().map(str::to_owned).collect();
        assert_eq!(lot.len(), 26, "at least 25 % of 101");
        let twice: Vec<_> = lot.intersection(&seen).cloned().collect();
        let second_round = next.picks.iter().filter(|pick| pick.round == 2).count();
        assert_eq!(twice.len(), second_round, "only who is in a new round was drawn before");
        seen.extend(lot);
        draws.push(next);
    }
    assert_eq!(seen.len(), 101, "over a year every account once");
    assert_eq!(draws[3].picks.iter().filter(|pick| pick.round == 2).count(), 3, "4 × 26 − 101");
}

#[test]
fn strata_get_their_share() {
    let members = members(140);
    let picks = drawn("2026Q1", &members, &[], &[]);
    let mut strata: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    let lot = by_lot(&picks);
    for member in members.iter().filter(|m| m.kind == MemberKind::Account) {
        let entry = strata.entry((&member.county, &member.category)).or_default();
        entry.0 += 1;
        entry.1 += usize::from(lot.contains(member.code.as_str()));
    }
    for (stratum, (all, taken)) in strata {
        let exact = all * 35;
        assert!((exact / 140..=exact.div_ceil(140)).contains(&taken), "{stratum:?}: {taken} of {all}");
    }
}

#[test]
fn what_failed_is_always_looked_at_again() {
    let members = members(40);
    let first = drawn("2026Q1", &members, &[], &[]);
    let failed: Vec<&str> = by_lot(&first).into_iter().take(2).chain(["9901000003"]).collect();
    let next = drawn("2026Q2", &members, &[&first], &failed);
    let again: Vec<&Pick> = next.picks.iter().filter(|pick| pick.again).collect();
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|pick| pick.round == 0), "they had their turn in this round");
    assert_eq!(again.iter().filter(|pick| pick.why == Why::Again).count(), 2);
    assert_eq!(by_lot(&next).len(), 10, "they come on top of the quarter");
}

#[test]
fn the_documented_procedure_repeats_it() {
    let members: Vec<Member> =
        members(20).into_iter().filter(|m| m.county.is_empty() && m.category == "微博").collect();
    let picks = drawn("2026Q1", &members, &[], &[]);
    // What `printf '%s\n%s\n%s' SEED 2026Q1 CODE | sha256sum` prints, sorted.
    let mut ranks: Vec<(String, &str)> = members
        .iter()
        .map(|m| {
            (hex(&Sha256::digest(format!("福彩3D 2026312期 4 0 7\n2026Q1\n{}", m.code))), m.code.as_str())
        })
        .collect();
    ranks.sort();
    let wanted = members.len().div_ceil(4);
    assert_eq!(by_lot(&picks), ranks.iter().take(wanted).map(|(_, code)| *code).collect());
    assert_ne!(wanted, members.len());
}

#[test]
fn another_seed_another_list_the_same_seed_the_same_hashes() {
    let members = members(60);
    let (a, b) = (drawn("2026Q1", &members, &[], &[]), drawn("2026Q1", &members, &[], &[]));
    assert_eq!((a.list_hash(), a.register_hash()), (b.list_hash(), b.register_hash()));
    let mut turned = members.clone();
    turned.reverse();
    let c = drawn("2026Q1", &turned, &[], &[]);
    assert_eq!(
        (a.list_hash(), a.register_hash()),
        (c.list_hash(), c.register_hash()),
        "the order of the register is nothing"
    );
    let failed = BTreeSet::new();
    let other = draw(&Lot {
        period: period("2026Q1"),
        seed: "x",
        share: 25,
        members: &members,
        earlier: &[],
        failed: &failed,
    });
    assert_ne!(a.picks, other);
}
