//! What persons are asked of sites and accounts, and what they answered: shared by `score`, `spot-check` and `report`.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Failure;
use super::installed::Installed;
use crate::calendar::end_of_day;
use crate::inspection::standing::{Ruling, Verdict};
use crate::inspection::{Member, MemberKind};
use crate::registry::{Site, SiteKind};
use crate::report::figures::Inspection;
use crate::report::manual::Asked;
use crate::rules::RuleSet;
use crate::rules::sheet::{Indicator, Question, Whom};
use crate::score::answer::{Answer, Said, Standing, standing};
use crate::score::questions;
use crate::store::ledger::Ledger;

/// The word among a site's 标签 that says its unit provides no services.
const NO_SERVICES: &str = "无办事服务";
/// Days for which an answer holds where no pack with a score sheet says otherwise: about a quarter.
const ANSWER_DAYS: u16 = 100;

/// Whether a site is a portal, and whether its unit provides services.
pub(super) fn kind_of(site: &Site) -> (bool, bool) {
    (site.kind == SiteKind::Portal, !site.tags.iter().any(|tag| tag == NO_SERVICES))
}

/// The questions of the rules in force, by id.
pub(super) fn all_questions(rules: &RuleSet) -> BTreeMap<String, Question> {
    [Whom::Site, Whom::Account]
        .into_iter()
        .flat_map(|whom| questions(rules, whom, true, true))
        .map(|(question, _)| (question.id.clone(), question.clone()))
        .collect()
}

/// Days for which an answer holds.
pub(super) fn answer_days(rules: &RuleSet) -> u16 {
    rules.sheet.as_ref().map_or(ANSWER_DAYS, |sheet| sheet.answer_days)
}

/// What was answered before, by question, as it stands beside the empty cell.
pub(super) fn before(rules: &RuleSet, answers: &[Answer], on: NaiveDate) -> BTreeMap<String, String> {
    standing(answers, on, answer_days(rules))
        .into_iter()
        .map(|(question, standing)| {
            let (Standing::Holds(answer) | Standing::Old(answer, _)) = standing;
            (question.to_owned(), format!("{}（{}，{}）", answer.said, answer.by, answer.on))
        })
        .collect()
}

/// Everything that persons are asked of these members.
///
/// # Errors
/// As the ledger fails.
pub(super) fn of_members<'a>(
    installed: &'a Installed,
    ledger: &Ledger,
    members: &[&'a Member],
    on: NaiveDate,
) -> Result<Vec<Asked<'a>>, Failure> {
    let rules = &installed.rules;
    let mut all = Vec::new();
    for member in members {
        let rows = match member.kind {
            MemberKind::Account => questions(rules, Whom::Account, false, true),
            MemberKind::Site => {
                let site = installed.files.registry.site(&member.code);
                let (portal, services) = site.map_or((false, true), kind_of);
                questions(rules, Whom::Site, portal, services)
            }
        };
        let rows = rows.into_iter().map(|(question, of)| (question, of, String::new())).collect();
        let before = before(rules, &ledger.answers(&member.code)?, on);
        all.push(Asked { code: &member.code, name: &member.name, rows, before });
    }
    Ok(all)
}

/// How many questions were put of these members, and how many of them have an answer that holds on `on`.
///
/// # Errors
/// As the ledger fails.
pub(super) fn answered(
    installed: &Installed,
    ledger: &Ledger,
    members: &[&Member],
    on: NaiveDate,
) -> Result<(usize, usize), Failure> {
    let (mut put, mut held) = (0, 0);
    for asked in of_members(installed, ledger, members, on)? {
        let answers = ledger.answers(asked.code)?;
        let standing = standing(&answers, on, answer_days(&installed.rules));
        put += asked.rows.len();
        let holds = |id: &str| matches!(standing.get(id), Some(Standing::Holds(_)));
        held += asked.rows.iter().filter(|(question, ..)| holds(&question.id)).count();
    }
    Ok((put, held))
}

/// What the answers say of the indicators of these inspections, as rulings: one 是 makes an indicator 达到; where all its
/// questions are answered with 否 it is 未达到, of those that the program leaves to persons.
///
/// # Errors
/// As the ledger fails.
pub(super) fn rulings<'a>(
    installed: &Installed,
    ledger: &Ledger,
    inspections: impl Iterator<Item = &'a Inspection>,
) -> Result<Vec<Ruling>, Failure> {
    let rules = &installed.rules;
    let asking: Vec<&Indicator> =
        rules.indicators.iter().filter(|indicator| !indicator.questions.is_empty()).collect();
    let all = ledger.all_answers()?;
    let mut rulings = Vec::new();
    for inspection in inspections.filter(|_| !all.is_empty()) {
        for (member, _) in &inspection.picked {
            let Some(answers) = all.get(&member.code) else { continue };
            let standing = standing(answers, inspection.window.1, answer_days(rules));
            let whom = if member.kind == MemberKind::Site { Whom::Site } else { Whom::Account };
            for indicator in asking.iter().filter(|indicator| indicator.of == whom) {
                rulings.extend(ruling(indicator, &standing, inspection, &member.code));
            }
        }
    }
    Ok(rulings)
}

fn ruling(
    indicator: &Indicator,
    standing: &BTreeMap<&str, Standing<'_>>,
    inspection: &Inspection,
    code: &str,
) -> Option<Ruling> {
    let held: Vec<&Answer> = indicator
        .questions
        .iter()
        .filter_map(|question| match standing.get(question.id.as_str()) {
            Some(Standing::Holds(answer)) => Some(*answer),
            _ => None,
        })
        .collect();
    let yes = held.iter().find(|answer| answer.said == Said::Yes).copied();
    let none = held.len() == indicator.questions.len() && held.iter().all(|answer| answer.said == Said::No);
    // What the program doubts for want of sight, no answer to another question settles.
    let by_persons = !indicator.by_machine() || indicator.of == Whom::Account;
    let (verdict, answer) = match yes {
        Some(answer) => (Verdict::Met, answer),
        None if none && by_persons => (Verdict::NotMet, *held.last()?),
        None => return None,
    };
    Some(Ruling {
        period: inspection.period.to_string(),
        code: code.to_owned(),
        indicator: indicator.id.clone(),
        title: indicator.title.clone(),
        verdict,
        by: answer.by.clone(),
        at: end_of_day(answer.on),
        reason: match verdict {
            Verdict::Met => answer.in_words(),
            _ => format!("人工核查{}项，均未发现（{}）", held.len(), answer.on),
        },
    })
}
