//! `xuncha judge --rules`: who would newly fail or pass under other rules, from stored facts, without recording anything.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Failure;
use super::installed::Installed;
use crate::assess::Standing;
use crate::finding::Finding;
use crate::judge::compare::{Change, compare};
use crate::patrol;
use crate::report::wording::one_line;
use crate::rules::diff;
use crate::store::facts::FactsDb;

/// Subjects printed of one list; the rest is counted.
const MOST: usize = 20;

/// What changes where `packs` take the place of the rules in force.
pub(super) fn told(
    installed: &Installed,
    db: &FactsDb,
    run: i64,
    as_of: crate::calendar::Instant8,
    packs: &[String],
) -> Result<String, Failure> {
    let config = &installed.files.config;
    let mut wanted = config.rules.clone();
    wanted.packs = packs.to_vec();
    let new = super::rules::load(&wanted)?.with_apart(config.crawl.confirm_apart);
    let mut out =
        format!("现行规则：{}；比较的规则：{}。\n", config.rules.packs.join("、"), packs.join("、"));
    let differ = diff(&installed.rules, &new);
    if differ.is_empty() {
        out.push_str("两者的规则没有差别。\n");
    } else {
        let _ = write!(out, "\n规则的差别：\n{differ}");
    }
    let (mut by_rule, mut standings) = (BTreeMap::<String, Change>::new(), Vec::new());
    patrol::each_site(installed.order(), db, run, as_of, &[&installed.rules, &new], |judged| {
        let [before, after] = judged else { return };
        for (rule, change) in compare(&before.judgement, &after.judgement).rules {
            let all = by_rule.entry(rule).or_default();
            all.new.extend(change.new);
            all.gone.extend(change.gone);
            all.firmer.extend(change.firmer);
            all.weaker.extend(change.weaker);
        }
        let site = before.looks.first().map_or_else(String::new, |look| look.facts.site.name.clone());
        for is in &after.assessments {
            let was = before.assessments.iter().find(|was| was.indicator == is.indicator);
            let word = |standing: Option<&Standing>| match standing {
                Some(Standing::Met { .. }) => "达到",
                Some(Standing::NotMet { .. }) => "未达到",
                Some(Standing::Undecided { .. }) => "未判定",
                None => "无此指标",
            };
            let (from, to) = (word(was.map(|was| &was.standing)), word(Some(&is.standing)));
            if from != to {
                standings.push(format!("{site}：{} {from} → {to}", is.title));
            }
        }
    })?;
    if by_rule.is_empty() {
        out.push_str("\n按比较的规则，问题没有增减。\n");
    }
    for (rule, change) in &by_rule {
        let title = new.get(rule).or_else(|| installed.rules.get(rule)).map_or("", |b| b.rule.title.as_str());
        let _ = writeln!(out, "\n规则`{rule}` {title}：新增{}，不再{}", change.new.len(), change.gone.len());
        listed(&mut out, "新增", &change.new);
        listed(&mut out, "不再", &change.gone);
        listed(&mut out, "由疑似转为确认", &change.firmer);
        listed(&mut out, "由确认转为疑似", &change.weaker);
    }
    if !standings.is_empty() {
        out.push_str("\n指标结论的变化：\n");
        for line in standings {
            let _ = writeln!(out, "  {line}");
        }
    }
    out.push_str("\n以上只作比较，没有记入台账。\n");
    Ok(out)
}

fn listed(out: &mut String, word: &str, findings: &[Finding]) {
    for finding in findings.iter().take(MOST) {
        let state = if finding.state == crate::finding::State::Confirmed { "" } else { "（疑似）" };
        let _ = writeln!(
            out,
            "  {word}{state} {}｜{}｜{}",
            finding.subject.site_name,
            one_line(&finding.subject.place),
            one_line(&finding.url)
        );
    }
    if findings.len() > MOST {
        let _ = writeln!(out, "  {word} 另有{}项未列出", findings.len() - MOST);
    }
}
