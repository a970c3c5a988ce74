//! Judged sites to standings: what the ledger keeps of each site's indicators, so that papers need neither facts nor rules again.

use super::JudgedSite;
use super::accounts::JudgedAccounts;
use crate::calendar::Instant8;
use crate::inspection::MemberKind;
use crate::inspection::standing::{Mark, Standing};
use crate::judge::Verdict;
use crate::rules::RuleSet;

/// How every judged site and account of a run stands; sites that no look read are left out.
pub fn standings(
    rules: &RuleSet,
    run: i64,
    at: Instant8,
    judged: &[JudgedSite],
    accounts: &JudgedAccounts,
) -> Vec<Standing> {
    let of_accounts = accounts.accounts.iter().map(|account| Standing {
        kind: MemberKind::Account,
        code: account.seen.key.clone(),
        run: run.to_string(),
        at,
        rules: rules.hash.clone(),
        marks: account.assessments.iter().map(Mark::from).collect(),
        read: u64::from(account.figures.posts),
        gaps: account.judgement.gaps.len() as u64,
        ipv6: None,
        account: Some(account.figures),
    });
    let of_sites = judged.iter().filter_map(|site| {
        let facts = &site.looks.first()?.facts;
        Some(Standing {
            kind: MemberKind::Site,
            code: facts.site.id.clone(),
            run: run.to_string(),
            at,
            rules: rules.hash.clone(),
            marks: site.assessments.iter().map(Mark::from).collect(),
            read: facts.pages_read,
            gaps: site.judgement.gaps.len() as u64,
            ipv6: ipv6(rules, site),
            account: None,
        })
    });
    of_sites.chain(of_accounts).collect()
}

/// Whether the home page opens over IPv6, as the rule about it has found.
fn ipv6(rules: &RuleSet, site: &JudgedSite) -> Option<bool> {
    let about = |rule: &str| {
        rules
            .get(rule)
            .is_some_and(|bound| bound.check.id() == "no-ipv6" && !bound.rule.params.contains_key("degree"))
    };
    site.judgement.subjects.iter().filter(|subject| about(&subject.rule)).find_map(|subject| {
        match subject.verdict {
            Verdict::Passed => Some(true),
            Verdict::Failed => Some(false),
            Verdict::Suspected | Verdict::Gap | Verdict::Exempt | Verdict::Covered => None,
        }
    })
}
