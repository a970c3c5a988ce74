//! `xuncha judge --rules`: who would newly fail or pass under other rules, from stored facts, without recording anything.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Failure;
use super::installed::Installed;
use crate::assess::{Assessment, Standing};
use crate::finding::Finding;
use crate::judge::Judgement;
use crate::judge::compare::{Change, compare};
use crate::patrol::accounts::judged_by_titles;
use crate::patrol::{self, Order};
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
    let (mut found, mut titles) = (Found::default(), BTreeMap::new());
    let order = installed.order();
    patrol::each_site(order, db, run, as_of, &[&installed.rules, &new], |judged| {
        let [before, after] = judged else { return };
        let Some(site) = before.looks.first().map(|look| &look.facts.site) else { return };
        titles.extend(before.titles.clone().map(|titles| (site.id.clone(), titles)));
        found.add(
            &site.name,
            (&before.judgement, &before.assessments),
            (&after.judgement, &after.assessments),
        );
    })?;
    let titles = titles.iter().map(|(code, titles)| (code.as_str(), titles)).collect();
    let before = judged_by_titles(order, db, run, &titles)?;
    let after = judged_by_titles(Order { rules: &new, ..order }, db, run, &titles)?;
    for (before, after) in before.accounts.iter().zip(&after.accounts) {
        found.add(
            &before.seen.name,
            (&before.judgement, &before.assessments),
            (&after.judgement, &after.assessments),
        );
    }
    let Found { by_rule, standings } = found;
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

/// What changes of all sites and accounts together.
#[derive(Default)]
struct Found {
    by_rule: BTreeMap<String, Change>,
    /// `示例网站：… 未达到 → 达到`.
    standings: Vec<String>,
}

/// What one set of rules says of a site or an account.
type Judged<'a> = (&'a Judgement, &'a [Assessment]);

impl Found {
    fn add(&mut self, name: &str, before: Judged<'_>, after: Judged<'_>) {
        for (rule, change) in compare(before.0, after.0).rules {
            let all = self.by_rule.entry(rule).or_default();
            all.new.extend(change.new);
            all.gone.extend(change.gone);
            all.firmer.extend(change.firmer);
            all.weaker.extend(change.weaker);
        }
        for is in after.1 {
            let was = before.1.iter().find(|was| was.indicator == is.indicator);
            let (from, to) = (word(was.map(|was| &was.standing)), word(Some(&is.standing)));
            if from != to {
                self.standings.push(format!("{name}：{} {from} → {to}", is.title));
            }
        }
    }
}

fn word(standing: Option<&Standing>) -> &'static str {
    match standing {
        Some(Standing::Met { .. }) => "达到",
        Some(Standing::NotMet { .. }) => "未达到",
        Some(Standing::Undecided { .. }) => "未判定",
        None => "无此指标",
    }
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
