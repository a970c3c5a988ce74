//! How one site or account stands under each indicator, as a run recorded it, and what a person has ruled since.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::MemberKind;
use crate::assess::{self, Assessment};
use crate::calendar::Instant8;
use crate::facts::account_seen::Figures;

/// What is known under one indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// 达到: the situation is there.
    Met,
    /// 未达到.
    NotMet,
    /// 未判定.
    Undecided,
}

impl Verdict {
    /// As printed.
    pub fn label(self) -> &'static str {
        match self {
            Self::Met => "达到",
            Self::NotMet => "未达到",
            Self::Undecided => "未判定",
        }
    }

    /// A stable word for the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::Undecided => "undecided",
        }
    }

    /// What a person wrote into a 人工核查表; `None` for anything else.
    pub fn ruled(text: &str) -> Option<Self> {
        match text.trim() {
            "达到" | "met" => Some(Self::Met),
            "未达到" | "not-met" => Some(Self::NotMet),
            _ => None,
        }
    }
}

/// One indicator of one site or account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The indicator's short name: `V4c`.
    pub indicator: String,
    /// 指标 as printed.
    pub title: String,
    /// What is known.
    pub verdict: Verdict,
    /// The same as a sentence.
    pub sentence: String,
}

impl From<&Assessment> for Mark {
    fn from(assessment: &Assessment) -> Self {
        Self {
            indicator: assessment.indicator.clone(),
            title: assessment.title.clone(),
            verdict: match assessment.standing {
                assess::Standing::Met { .. } => Verdict::Met,
                assess::Standing::NotMet { .. } => Verdict::NotMet,
                assess::Standing::Undecided { .. } => Verdict::Undecided,
            },
            sentence: assessment.sentence.clone(),
        }
    }
}

/// How one site or account stood when a run was judged. Only ever added to the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What it is.
    pub kind: MemberKind,
    /// 网站标识码, or the key of the account.
    pub code: String,
    /// The run.
    pub run: String,
    /// Its `as_of`.
    pub at: Instant8,
    /// SHA-256 of the rules it was judged by.
    pub rules: String,
    /// Every indicator in the rules' order.
    pub marks: Vec<Mark>,
    /// Pages read, or posts known.
    pub read: u64,
    /// Things that could not be seen.
    pub gaps: u64,
    /// Whether the home page opened over IPv6; `None` where that is not known.
    pub ipv6: Option<bool>,
    /// What an account published, as far as its evidence tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Figures>,
}

/// What a person decided where the machine could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// The period it holds for: `2026Q4`.
    pub period: String,
    /// 网站标识码, or the key of the account.
    pub code: String,
    /// The indicator.
    pub indicator: String,
    /// Its 指标 as printed, where the rules in force know it; not kept.
    #[serde(default, skip_serializing)]
    pub title: String,
    /// 达到 or 未达到; 未判定 takes an earlier ruling back.
    pub verdict: Verdict,
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant8,
    /// What was looked at, and why.
    pub reason: String,
}

/// Whether it is 合格.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// 合格
    Passed,
    /// 不合格
    Failed,
    /// 未判定
    Undecided,
}

impl Outcome {
    /// As printed.
    pub fn label(self) -> &'static str {
        match self {
            Self::Passed => "合格",
            Self::Failed => "不合格",
            Self::Undecided => "未判定",
        }
    }
}

/// One site or account in one period: what the runs say, with a person's rulings laid over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Result {
    /// 合格, 不合格 or 未判定.
    pub outcome: Outcome,
    /// Every indicator, rulings included.
    pub marks: Vec<Mark>,
    /// When it was looked at; `None` where no run of the window looked at it.
    pub at: Option<Instant8>,
}

impl Result {
    /// The result of one member. A person's word outweighs the machine's doubt, never what a machine has seen: an
    /// indicator that is 达到 stays so, and is taken back only by settling its problems in the ledger. One that no rule judges
    /// counts as soon as a person has ruled on it. Without a run of the window nothing is decided, unless a person found it to fail.
    pub fn of(standing: Option<&Standing>, rulings: &[&Ruling]) -> Self {
        let mut latest: BTreeMap<&str, &Ruling> = BTreeMap::new();
        for ruling in rulings {
            latest.insert(&ruling.indicator, ruling);
        }
        let mut marks: Vec<Mark> = standing.map(|standing| standing.marks.clone()).unwrap_or_default();
        for mark in marks.iter_mut().filter(|mark| mark.verdict == Verdict::Undecided) {
            if let Some(ruling) =
                latest.get(mark.indicator.as_str()).filter(|r| r.verdict != Verdict::Undecided)
            {
                *mark = ruled(mark.title.clone(), ruling);
            }
        }
        for (indicator, ruling) in latest {
            if ruling.verdict != Verdict::Undecided && marks.iter().all(|mark| mark.indicator != indicator) {
                let title = if ruling.title.is_empty() { indicator } else { &ruling.title };
                marks.push(ruled(title.to_owned(), ruling));
            }
        }
        let any = |verdict| marks.iter().any(|mark| mark.verdict == verdict);
        let outcome = if any(Verdict::Met) {
            Outcome::Failed
        } else if standing.is_none_or(|standing| standing.marks.is_empty()) || any(Verdict::Undecided) {
            Outcome::Undecided
        } else {
            Outcome::Passed
        };
        Self { outcome, marks, at: standing.map(|standing| standing.at) }
    }

    /// Titles of the indicators that are 达到, as 附件1 prints them.
    pub fn failed(&self) -> Vec<&str> {
        self.marks
            .iter()
            .filter(|mark| mark.verdict == Verdict::Met)
            .map(|mark| mark.title.as_str())
            .collect()
    }
}

fn ruled(title: String, ruling: &Ruling) -> Mark {
    let sentence =
        format!("{title}：{}。人工核查（{}）：{}", ruling.verdict.label(), ruling.by, ruling.reason);
    Mark { indicator: ruling.indicator.clone(), title, verdict: ruling.verdict, sentence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::from_millis;

    fn standing(verdicts: &[(&str, Verdict)]) -> Standing {
        let mark = |&(id, verdict): &(&str, Verdict)| Mark {
            indicator: id.to_owned(),
            title: id.to_owned(),
            verdict,
            sentence: String::new(),
        };
        Standing {
            kind: MemberKind::Site,
            code: "1".into(),
            run: "1".into(),
            at: from_millis(0),
            rules: String::new(),
            marks: verdicts.iter().map(mark).collect(),
            read: 1,
            gaps: 0,
            ipv6: None,
            account: None,
        }
    }

    fn ruling(indicator: &str, verdict: Verdict) -> Ruling {
        Ruling {
            period: "2026Q4".into(),
            code: "1".into(),
            indicator: indicator.into(),
            title: String::new(),
            verdict,
            by: "李某某".into(),
            at: from_millis(1),
            reason: "浏览器核查".into(),
        }
    }

    #[test]
    fn a_person_settles_doubts_and_nothing_else() {
        use Verdict::{Met, NotMet, Undecided};
        let outcome = |marks: &[(&str, Verdict)], rulings: &[(&str, Verdict)]| {
            let rulings: Vec<Ruling> = rulings.iter().map(|(id, verdict)| ruling(id, *verdict)).collect();
            Result::of(Some(&standing(marks)), &rulings.iter().collect::<Vec<_>>()).outcome
        };
        assert_eq!(outcome(&[("V2", NotMet)], &[]), Outcome::Passed);
        assert_eq!(outcome(&[("V2", Undecided), ("V3", NotMet)], &[]), Outcome::Undecided);
        assert_eq!(outcome(&[("V2", Undecided), ("V3", Met)], &[]), Outcome::Failed);
        assert_eq!(outcome(&[("V2", Undecided)], &[("V2", NotMet)]), Outcome::Passed);
        assert_eq!(
            outcome(&[("V2", Undecided)], &[("V2", NotMet), ("V2", Undecided)]),
            Outcome::Undecided,
            "taken back"
        );
        assert_eq!(outcome(&[("V3", Met)], &[("V3", NotMet)]), Outcome::Failed, "what was seen stays seen");
        assert_eq!(outcome(&[("V3", NotMet)], &[("V1", Met)]), Outcome::Failed, "what no rule judges");
        assert_eq!(outcome(&[("V3", NotMet)], &[("V1", NotMet)]), Outcome::Passed);
        assert_eq!(Result::of(None, &[]).outcome, Outcome::Undecided);
        assert_eq!(Result::of(None, &[&ruling("V1", NotMet)]).outcome, Outcome::Undecided, "nobody looked");
    }
}
