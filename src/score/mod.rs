//! The score sheet of one site, step by step: 单项否决, 100 less the deductions, the bonus. Pure; what is not known makes an
//! interval, never a pass.
#![deny(clippy::disallowed_methods)]

pub mod answer;
mod item;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use self::answer::{Answer, Said, Standing as AnswerStanding};
use self::item::Counting;
use crate::assess::{Assessment, Standing};
use crate::facts::site::SiteFacts;
use crate::finding::Fingerprint;
use crate::judge::Judgement;
use crate::rules::RuleSet;
use crate::rules::sheet::{Indicator, Part, Points, Question, Whom};

/// What a sheet is counted from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The rules in force.
    pub rules: &'a RuleSet,
    /// What the first look saw.
    pub facts: &'a SiteFacts,
    /// Findings and gaps.
    pub judgement: &'a Judgement,
    /// What the program says of the indicators.
    pub assessments: &'a [Assessment],
    /// Whether it is a portal: others are not scored, only passed or failed.
    pub portal: bool,
    /// Whether the unit provides services (办事服务).
    pub services: bool,
    /// What persons answered about this site, oldest first.
    pub answers: &'a [Answer],
    /// Ages of answers are counted back from it.
    pub as_of: NaiveDate,
}

/// Points from a least to a most, in hundredths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointSpan {
    /// What is sure.
    pub least: i64,
    /// The most it can be.
    pub most: i64,
}

/// The sheet of one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// 单项否决, one a row.
    pub vetoes: Vec<Veto>,
    /// The items with their steps; empty where the site is no portal or no pack scores.
    pub items: Vec<Line>,
    /// 第二部分 before it is put in proportion, in hundredths.
    pub raw: PointSpan,
    /// The points that the counted deduction items have together.
    pub of: Points,
    /// 第二部分得分, in hundredths.
    pub second: PointSpan,
    /// 第三部分得分, in hundredths, as far as it is counted.
    pub third: PointSpan,
    /// The final score, in hundredths.
    pub total: PointSpan,
    /// 合格, 不合格, 未判定.
    pub verdict: Verdict,
}

/// How a site stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 不合格: a 单项否决.
    Vetoed,
    /// 不合格: below the line, whatever is still open.
    Below,
    /// 合格.
    Passed,
    /// 未判定.
    Open,
}

/// One 单项否决 indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Veto {
    /// `V4c`.
    pub id: String,
    /// The sentence.
    pub words: String,
    /// Whether it is met.
    pub is: Known,
    /// Key into `basis.toml`.
    pub basis: String,
    /// What supports it.
    pub evidence: Vec<Fingerprint>,
}

/// Three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// 达到
    Yes,
    /// 未达到
    No,
    /// 未判定
    Open,
}

/// One item, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its place in the sheet's items.
    pub item: usize,
    /// How it was counted.
    pub steps: Vec<Step>,
    /// Points taken, or of a bonus item given, never more than the item has.
    pub counted: PointSpan,
    /// True where it is left out: no services, or no bonus is counted.
    pub left_out: bool,
}

/// One step of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was counted, in words.
    pub words: String,
    /// The points it makes, before the item's cap.
    pub points: PointSpan,
    /// The findings it counts.
    pub evidence: Vec<Fingerprint>,
}

/// Counts the sheet.
pub fn score(basis: Basis<'_>) -> Scored {
    let vetoes = vetoes(basis);
    let failed = vetoes.iter().any(|veto| veto.is == Known::Yes);
    let open = vetoes.iter().any(|veto| veto.is == Known::Open);
    let mut scored = Scored {
        vetoes,
        items: Vec::new(),
        raw: PointSpan::default(),
        of: Points(0),
        second: PointSpan::default(),
        third: PointSpan::default(),
        total: PointSpan::default(),
        verdict: if failed {
            Verdict::Vetoed
        } else if open {
            Verdict::Open
        } else {
            Verdict::Passed
        },
    };
    let Some(sheet) = basis.rules.sheet.as_ref().filter(|_| basis.portal && !failed) else { return scored };
    let mut counting = Counting::new(basis, sheet);
    for (at, item) in sheet.items.iter().enumerate() {
        let left_out = item.services && !basis.services;
        let steps = if left_out { Vec::new() } else { counting.steps(item) };
        let sum = |of: fn(&PointSpan) -> i64| steps.iter().map(|step| of(&step.points)).sum::<i64>();
        let cap = |points: i64| points.clamp(0, item.points.0);
        let counted = PointSpan { least: cap(sum(|s| s.least)), most: cap(sum(|s| s.most)) };
        match item.part {
            _ if left_out => {}
            Part::Deduction => {
                scored.of.0 += item.points.0;
                scored.raw.least += item.points.0 - counted.most;
                scored.raw.most += item.points.0 - counted.least;
            }
            Part::Bonus => {
                scored.third.least += counted.least;
                scored.third.most += counted.most;
            }
        }
        scored.items.push(Line { item: at, steps, counted, left_out });
    }
    let (full, of) = (sheet.full.0, scored.of.0.max(1));
    scored.second = PointSpan {
        least: in_proportion(scored.raw.least, full, of),
        most: in_proportion(scored.raw.most, full, of),
    };
    // Compared before rounding: 59.995 is not 60.
    let at_least = |raw: i64, line: Points| raw * full >= line.0 * of;
    let above = |raw: i64, line: Points| raw * full > line.0 * of;
    let bonus = |raw: i64, points: i64| if above(raw, sheet.bonus_above) { points } else { 0 };
    scored.third = PointSpan {
        least: bonus(scored.raw.least, scored.third.least.min(sheet.bonus.0)),
        most: bonus(scored.raw.most, scored.third.most.min(sheet.bonus.0)),
    };
    scored.total = PointSpan {
        least: scored.second.least + scored.third.least,
        most: scored.second.most + scored.third.most,
    };
    scored.verdict = if !at_least(scored.raw.most, sheet.fail_below) {
        Verdict::Below
    } else if open || !at_least(scored.raw.least, sheet.fail_below) {
        Verdict::Open
    } else {
        Verdict::Passed
    };
    scored
}

/// Everything a person must look at on one kind of subject: the question, and what it belongs to.
pub fn questions(rules: &RuleSet, whom: Whom, portal: bool, services: bool) -> Vec<(&Question, String)> {
    let indicators = rules.indicators.iter().filter(|indicator| indicator.of == whom);
    let indicators = indicators.filter(|indicator| services || !indicator.services);
    let mut all: Vec<(&Question, String)> = indicators
        .flat_map(|indicator| indicator.questions.iter().map(|question| (question, indicator.title.clone())))
        .collect();
    if let Some(sheet) = rules.sheet.as_ref().filter(|_| portal && whom == Whom::Site) {
        for item in sheet.items.iter().filter(|item| services || !item.services) {
            let part = if item.part == Part::Deduction { "扣分" } else { "加分" };
            let of = format!("{part}-{}-{}", item.block, item.title);
            all.extend(item.questions.iter().map(|question| (question, of.clone())));
        }
    }
    all
}

/// The latest answers that hold, by question.
fn standing(basis: Basis<'_>) -> BTreeMap<&str, AnswerStanding<'_>> {
    let days = basis.rules.sheet.as_ref().map_or(100, |sheet| sheet.answer_days);
    answer::standing(basis.answers, basis.as_of, days)
}

fn vetoes(basis: Basis<'_>) -> Vec<Veto> {
    let answers = standing(basis);
    let mut all: Vec<Veto> = Vec::new();
    for indicator in basis.rules.indicators.iter().filter(|indicator| indicator.of == Whom::Site) {
        if indicator.services && !basis.services {
            let words = format!("{}：不检查（不承担办事服务职能）。", indicator.title);
            all.push(veto(indicator, Known::No, words, Vec::new()));
            continue;
        }
        all.push(one_veto(basis, indicator, &answers));
    }
    all
}

fn one_veto(basis: Basis<'_>, indicator: &Indicator, answers: &BTreeMap<&str, AnswerStanding<'_>>) -> Veto {
    let machine = basis.assessments.iter().find(|assessment| assessment.indicator == indicator.id);
    let (mut is, mut words) = match machine {
        Some(assessment) => {
            let is = match assessment.standing {
                Standing::Met { .. } => Known::Yes,
                Standing::NotMet { .. } => Known::No,
                Standing::Undecided { .. } => Known::Open,
            };
            (is, assessment.sentence.clone())
        }
        None => (Known::No, String::new()),
    };
    let (mut yes, mut open) = (Vec::new(), Vec::new());
    for question in &indicator.questions {
        match answers.get(question.id.as_str()) {
            Some(AnswerStanding::Holds(answer)) if answer.said == Said::Yes => yes.push(answer.in_words()),
            Some(AnswerStanding::Holds(answer)) if answer.said == Said::No => {}
            _ => open.push(question.id.as_str()),
        }
    }
    if !indicator.questions.is_empty() {
        let by_people = if !yes.is_empty() {
            is = Known::Yes;
            format!("达到。人工核查认定：{}。", yes.join("；"))
        } else if open.is_empty() {
            "未达到。人工核查未发现。".to_owned()
        } else {
            if is == Known::No {
                is = Known::Open;
            }
            format!("未判定。须人工核查：{}。", open.join("、"))
        };
        if words.is_empty() {
            words = format!("{}：{by_people}", indicator.title);
        } else {
            words.push_str(&by_people);
        }
    }
    let counted: BTreeSet<&str> = indicator.counts.iter().map(|count| count.rule.as_str()).collect();
    let evidence = basis.judgement.findings.iter().filter(|f| counted.contains(f.rule.as_str()));
    veto(indicator, is, words, evidence.map(|finding| finding.fingerprint.clone()).collect())
}

fn veto(indicator: &Indicator, is: Known, words: String, evidence: Vec<Fingerprint>) -> Veto {
    Veto { id: indicator.id.clone(), words, is, basis: indicator.basis.clone(), evidence }
}

/// `raw` of `of` as points of `full`, rounded half up to hundredths.
fn in_proportion(raw: i64, full: i64, of: i64) -> i64 {
    (2 * raw * full + of) / (2 * of)
}

#[cfg(test)]
mod tests;
