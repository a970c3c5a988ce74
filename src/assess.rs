//! Findings and gaps to indicators: met, not met, or undecided. Some subjects were not seen, so counts are intervals.
#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::facts::visits::{Decision, Reckoning, Watch, reckon};
use crate::judge::{Judgement, Outcome, Verdict};
use crate::rules::sheet::Whom;
use crate::rules::{Count, Indicator, RuleSet};

/// How one site stands under one indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The indicator's short name: `V4c`.
    pub indicator: String,
    /// 指标 as printed.
    pub title: String,
    /// Key into `basis.toml`.
    pub basis: String,
    /// How many make one.
    pub at_least: u32,
    /// What is known.
    pub standing: Standing,
    /// The same as a sentence.
    pub sentence: String,
}

/// What is known of a count that decides an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Standing {
    /// 达到: at least so many surely count.
    Met {
        /// Subjects that surely count.
        fails: u32,
    },
    /// 未达到: even if everything not seen counted, it would not be enough.
    NotMet {
        /// Subjects that surely count.
        fails: u32,
        /// The most it can be.
        most: u32,
    },
    /// 未判定.
    Undecided {
        /// Subjects that surely count.
        fails: u32,
        /// The most it can be; `None` where nobody knows how many subjects there are.
        most: Option<u32>,
    },
}

/// Assesses one site under every indicator that the program can say anything of, in their order; what only persons can
/// judge is the score sheet's. `watch` is the week of spaced visits, where there
/// was one.
pub fn assess(rules: &RuleSet, judgement: &Judgement, watch: Option<&Watch>) -> Vec<Assessment> {
    rules
        .indicators
        .iter()
        .filter(|indicator| indicator.of == Whom::Site && indicator.by_machine())
        .map(|indicator| match &indicator.visits {
            Some(rule) => by_visits(rules, rule, indicator, judgement, watch),
            None => one(indicator, judgement),
        })
        .collect()
}

/// Assesses one new-media account under every indicator for accounts.
pub fn assess_account(rules: &RuleSet, judgement: &Judgement) -> Vec<Assessment> {
    let of_accounts =
        rules.indicators.iter().filter(|indicator| indicator.of == Whom::Account && indicator.by_machine());
    of_accounts.map(|indicator| one(indicator, judgement)).collect()
}

/// An indicator that a week of visits decides.
fn by_visits(
    rules: &RuleSet,
    rule: &str,
    indicator: &Indicator,
    judgement: &Judgement,
    watch: Option<&Watch>,
) -> Assessment {
    let exempt = judgement.subjects.iter().any(|s| s.rule == rule && s.verdict == Verdict::Exempt);
    let title = &indicator.title;
    let (standing, sentence) = match (rules.measure(rule), watch) {
        _ if exempt => (Standing::NotMet { fails: 0, most: 0 }, format!("{title}：未达到。已报备，不计入。")),
        (Some(measure), Some(watch)) => {
            let week = reckon(&watch.samples, watch.until, &measure);
            let (fails, most) = (week.failed(), week.failed() + week.unknown() + week.missing);
            let standing = match week.decision {
                Decision::Met => Standing::Met { fails },
                Decision::NotMet => Standing::NotMet { fails, most },
                Decision::Undecided => Standing::Undecided { fails, most: Some(most) },
            };
            let mut told = visits_sentence(title, &week, measure.visits_a_day, measure.fail_percent);
            if week.decision == Decision::Undecided {
                told.push_str(&way_out(rules, rule));
            }
            (standing, told)
        }
        _ => (
            Standing::Undecided { fails: 0, most: None },
            format!(
                "{title}：未判定。{}没有定时访问的记录，一次巡查的访问不足以认定。{}",
                if judgement.home_unseen { "本次巡查未能读取首页；" } else { "" },
                way_out(rules, rule)
            ),
        ),
    };
    Assessment {
        indicator: indicator.id.clone(),
        title: title.clone(),
        basis: indicator.basis.clone(),
        at_least: indicator.at_least,
        standing,
        sentence,
    }
}

/// How an indicator of visits that is open gets settled.
fn way_out(rules: &RuleSet, rule: &str) -> String {
    let days = rules.measure(rule).map(|measure| format!("满{}天", measure.days)).unwrap_or_default();
    format!(
        "请按定时任务执行 xuncha probe {days}后重新判定；或者由人工在不同网络、不同时段多次打开核实，在人工核查表中填写“达到”（无法访问）或者“未达到”。"
    )
}

fn visits_sentence(title: &str, week: &Reckoning, a_day: u32, percent: u32) -> String {
    let word = match week.decision {
        Decision::Met => "达到",
        Decision::NotMet => "未达到",
        Decision::Undecided => "未判定",
    };
    let in_percent = |hundredths: u32| format!("{}.{:02}%", hundredths / 100, hundredths % 100);
    let (least, most) = week.share();
    let share = if least == most {
        format!("占{}", in_percent(least))
    } else {
        format!("占比在{}至{}之间", in_percent(least), in_percent(most))
    };
    let mut sentence = format!(
        "{title}：{word}。{}至{}访问首页{}次，未能打开{}次",
        week.from.format("%Y-%m-%d %H:%M"),
        week.until.format("%Y-%m-%d %H:%M"),
        week.visits(),
        week.failed()
    );
    if week.unknown() > 0 {
        let _ = write!(sentence, "，未能判定{}次", week.unknown());
    }
    if week.ours() > 0 {
        let _ = write!(sentence, "，另有{}次因监测方原因不计", week.ours());
    }
    if week.declared() > 0 {
        let _ = write!(sentence, "，另有{}次在报备期内不计", week.declared());
    }
    let _ = write!(sentence, "，{share}，标准为{percent}%及以上。");
    if week.short_days > 0 {
        let days = week.days.len();
        let _ = write!(sentence, "{days}天中有{}天的有效访问不足{a_day}次。", week.short_days);
    }
    sentence
}

fn one(indicator: &Indicator, judgement: &Judgement) -> Assessment {
    let mut fails = 0;
    let mut possible = 0;
    let mut open = judgement.home_unseen || by_person(indicator);
    for count in &indicator.counts {
        let subjects: Vec<_> = judgement.subjects.iter().filter(|s| belongs(s, count)).collect();
        open |= count.needs_cycle && subjects.is_empty();
        for subject in subjects {
            // Of a column whose level nobody knows, a failure may count or not.
            let sure = count.level.is_none() || subject.level == count.level;
            match subject.verdict {
                Verdict::Failed if sure => fails += 1,
                Verdict::Failed | Verdict::Suspected | Verdict::Gap => possible += 1,
                Verdict::Passed | Verdict::Exempt | Verdict::Covered => {}
            }
        }
    }
    let (n, most) = (indicator.at_least, fails + possible);
    let standing = if fails >= n {
        Standing::Met { fails }
    } else if open {
        Standing::Undecided { fails, most: None }
    } else if most < n {
        Standing::NotMet { fails, most }
    } else {
        Standing::Undecided { fails, most: Some(most) }
    };
    Assessment {
        indicator: indicator.id.clone(),
        title: indicator.title.clone(),
        basis: indicator.basis.clone(),
        at_least: n,
        standing,
        sentence: sentence(indicator, standing, judgement.home_unseen),
    }
}

/// Whether a part of it is for people to judge: of an account nothing else tells, so that the machine never says 未达到.
fn by_person(indicator: &Indicator) -> bool {
    indicator.of == Whom::Account && !indicator.questions.is_empty()
}

fn belongs(subject: &Outcome, count: &Count) -> bool {
    subject.rule == count.rule
        && (!count.needs_cycle || subject.has_cycle)
        && (count.level.is_none() || subject.level.is_none() || subject.level == count.level)
}

fn sentence(indicator: &Indicator, standing: Standing, home_unseen: bool) -> String {
    let Indicator { title, at_least, unit, .. } = indicator;
    match standing {
        Standing::Met { fails } => {
            format!("{title}：达到。已确认{fails}{unit}，标准为{at_least}{unit}及以上。")
        }
        Standing::NotMet { fails: 0, most: 0 } => format!("{title}：未达到。"),
        Standing::NotMet { fails, most } if fails == most => {
            format!("{title}：未达到。已确认{fails}{unit}，标准为{at_least}{unit}及以上。")
        }
        Standing::NotMet { fails, most } => format!(
            "{title}：未达到。已确认{fails}{unit}，计入待核实和未能检测的最多{most}{unit}，标准为{at_least}{unit}及以上。"
        ),
        Standing::Undecided { fails, most: Some(most) } => format!(
            "{title}：未判定。已确认{fails}{unit}，计入待核实和未能检测的为{fails}至{most}{unit}，标准为{at_least}{unit}及以上。"
        ),
        Standing::Undecided { fails, most: None } if by_person(indicator) => {
            format!("{title}：未判定。已确认{fails}{unit}，其余情形须人工核查。")
        }
        Standing::Undecided { fails, most: None } if home_unseen => format!(
            "{title}：未判定。首页未能读取，已确认{fails}{unit}，应计入的总数不能确定。待首页可以打开后重新巡查，或者由人工核查；网站确已无法访问的，本项填“未达到”。"
        ),
        Standing::Undecided { fails, most: None } => {
            format!("{title}：未判定。已确认{fails}{unit}，应计入的总数不能确定（未登记更新周期）。")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Fingerprint;

    fn judgement(outcomes: &[(&str, Verdict, Option<u8>, bool)]) -> Judgement {
        let subjects = outcomes.iter().enumerate().map(|(i, &(rule, verdict, level, has_cycle))| Outcome {
            rule: rule.to_owned(),
            fingerprint: Fingerprint(i.to_string()),
            verdict,
            level,
            has_cycle,
        });
        Judgement { subjects: subjects.collect(), ..Judgement::default() }
    }

    fn standing(id: &str, judgement: &Judgement) -> Standing {
        let rules = RuleSet::shipped().expect("the shipped rules");
        let all = assess(&rules, judgement, None);
        all.iter().find(|a| a.indicator == id).expect("the indicator").standing
    }

    #[test]
    fn fails_gaps_and_what_lies_between() {
        let empty = |verdict| ("empty-column", verdict, None, false);
        let of = |fails: usize, gaps: usize| {
            let mut all = vec![empty(Verdict::Passed); 3];
            all.extend(vec![empty(Verdict::Failed); fails]);
            all.extend(vec![empty(Verdict::Gap); gaps]);
            standing("V4c", &judgement(&all))
        };
        assert_eq!(of(5, 2), Standing::Met { fails: 5 });
        assert_eq!(of(4, 0), Standing::NotMet { fails: 4, most: 4 });
        assert_eq!(of(3, 1), Standing::NotMet { fails: 3, most: 4 });
        assert_eq!(of(3, 2), Standing::Undecided { fails: 3, most: Some(5) });
        let suspected = vec![empty(Verdict::Suspected); 5];
        assert_eq!(standing("V4c", &judgement(&suspected)), Standing::Undecided { fails: 0, most: Some(5) });
    }

    #[test]
    fn news_notices_and_policies_are_summed_and_levels_matter() {
        let news = ("stale-news-column", Verdict::Failed, None, false);
        let notice = |level| ("stale-notice-column", Verdict::Failed, level, false);
        let policy = |level| ("stale-policy-column", Verdict::Failed, level, false);
        let met = judgement(&[news, news, notice(Some(1)), notice(Some(1)), policy(Some(1))]);
        assert_eq!(standing("V4a", &met), Standing::Met { fails: 5 });
        let maybe = judgement(&[news, news, notice(Some(1)), notice(None), policy(None)]);
        assert_eq!(standing("V4a", &maybe), Standing::Undecided { fails: 3, most: Some(5) });
        let lower = judgement(&[news, news, notice(Some(2)), notice(Some(2)), policy(Some(2))]);
        assert_eq!(standing("V4a", &lower), Standing::NotMet { fails: 2, most: 2 });
    }

    #[test]
    fn without_cycles_or_a_home_page_nothing_is_decided() {
        let none = judgement(&[("overdue-column", Verdict::Passed, None, false)]);
        assert_eq!(standing("V4b", &none), Standing::Undecided { fails: 0, most: None });
        let some = judgement(&[("overdue-column", Verdict::Passed, None, true)]);
        assert_eq!(standing("V4b", &some), Standing::NotMet { fails: 0, most: 0 });
        let unseen = Judgement { home_unseen: true, ..judgement(&[]) };
        assert_eq!(standing("V4c", &unseen), Standing::Undecided { fails: 0, most: None });
    }

    #[test]
    fn what_only_persons_judge_is_not_assessed_and_so_never_passes() {
        let rules = RuleSet::shipped().expect("the shipped rules");
        let all = assess(&rules, &judgement(&[]), None);
        let ids: Vec<_> = all.iter().map(|assessment| assessment.indicator.as_str()).collect();
        assert_eq!(ids, ["V2", "V3", "V4a", "V4b", "V4c"]);
    }

    #[test]
    fn the_sentence_gives_the_numbers() {
        let rules = RuleSet::shipped().expect("the shipped rules");
        let gaps = vec![("empty-column", Verdict::Gap, None, false); 6];
        let all = assess(&rules, &judgement(&gaps), None);
        let sentence = all.iter().find(|a| a.indicator == "V4c").map(|a| a.sentence.as_str());
        let text = "单项否决-栏目不更新（空白栏目）：未判定。已确认0个栏目，计入待核实和未能检测的为0至6个栏目，标准为5个栏目及以上。";
        assert_eq!(sentence, Some(text));
    }
}
