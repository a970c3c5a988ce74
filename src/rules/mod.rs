//! Rules as data: rows of a pack, bound to checks, citing the sentence they come from. Knows no facts.
//!
//! A pack is a folder: `pack.toml`, files of `[[rule]]` and `[[override]]` rows, `indicators.toml`. Beside the packs
//! stands `basis.toml` with the legal sources. All of it is in the binary and may be laid over by a folder.
#![deny(clippy::disallowed_methods)]

pub mod explain;
mod load;
mod raw;
mod shipped;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::shipped::RuleFiles;
use crate::checks::{Bound, Context, Defect, DynCheck, SubjectRef};
use crate::facts::visits::Measure;
use crate::finding::{Class, Seen, Severity, State};
use crate::words::lexicon::Lexicon;

/// A rule: a data row bound to a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Names the defect; never reused, never renamed.
    pub id: String,
    /// 问题类型 as printed.
    pub title: String,
    /// Id of the check.
    pub check: String,
    /// Which subjects it applies to, e.g. `column = ["news"]`; without an entry, to all of its check's scope.
    pub applies: BTreeMap<String, Vec<String>>,
    /// Parameters of the check, as written.
    pub params: toml::Table,
    /// How the indicator counts it.
    pub class: Class,
    /// 处置要求.
    pub severity: Severity,
    /// 对应指标 as printed.
    pub indicator: String,
    /// Key into `basis.toml`.
    pub basis: String,
    /// What to do.
    pub remedy: String,
    /// Looks needed to confirm.
    pub looks: u8,
    /// Least time between them.
    pub apart: Duration,
    /// The strongest state the rule may reach, where looks of one run cannot confirm it.
    pub at_most: Option<State>,
    /// Rules that tell the same cause better: where one of them flags the subject too, this rule is silent.
    pub yields_to: Vec<String>,
    /// Parameters for early warning, laid over `params`.
    pub warn: Option<toml::Table>,
    /// Version of the program in which it first shipped.
    pub since: String,
    /// Pack that wrote it.
    pub pack: String,
    /// What overlays changed in it, in their words.
    pub changes: Vec<String>,
}

/// A rule joined to its check.
#[derive(Clone)]
pub struct BoundRule {
    /// The row.
    pub rule: Rule,
    /// The check it names.
    pub check: &'static dyn DynCheck,
    limit: Arc<dyn Bound>,
    warn: Option<Arc<dyn Bound>>,
}

impl BoundRule {
    /// Whether the rule judges this subject.
    pub fn applies(&self, subject: SubjectRef<'_>) -> bool {
        self.rule.applies.values().all(|words| words.iter().any(|word| word == subject.word()))
    }

    /// Judges a subject; `None` where the rule does not apply to it.
    pub fn run(&self, subject: SubjectRef<'_>, cx: Context) -> Option<Seen<Vec<Defect>>> {
        if self.applies(subject) { self.limit.run(subject, cx) } else { None }
    }

    /// Judges a subject that passed under the parameters for early warning.
    pub fn run_warn(&self, subject: SubjectRef<'_>, cx: Context) -> Option<Seen<Vec<Defect>>> {
        self.warn.as_ref().filter(|_| self.applies(subject)).and_then(|warn| warn.run(subject, cx))
    }
}

impl fmt::Debug for BoundRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rule.fmt(f)
    }
}

/// A legal source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// The document, with its number.
    pub document: String,
    /// Where in it.
    pub article: String,
    /// The sentence.
    pub quote: String,
    /// Whether its wording was compared with published copies.
    pub verified: bool,
    /// What a reader should know of it.
    #[serde(default)]
    pub note: String,
}

/// A 单项否决 indicator: how many subjects of which rules make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Indicator {
    /// Its short name: `V4c`.
    pub id: String,
    /// 指标 as printed.
    pub title: String,
    /// Key into `basis.toml`.
    pub basis: String,
    /// How many make one.
    pub at_least: u32,
    /// Measure word and noun: `个栏目`.
    pub unit: String,
    /// What counts.
    pub counts: Vec<Count>,
    /// The rule whose parameters say how a week of visits is counted, where that decides the indicator and not the
    /// number of findings.
    #[serde(default)]
    pub visits: Option<String>,
}

/// One rule's part in an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Count {
    /// The rule's id.
    pub rule: String,
    /// Only columns of this level count.
    #[serde(default)]
    pub level: Option<u8>,
    /// Only columns with an update cycle count, and without any nothing can be said.
    #[serde(default)]
    pub needs_cycle: bool,
}

/// A rule pack in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// Its folder's name.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The pack it lies over.
    pub extends: Option<String>,
    /// From when it holds.
    pub effective: NaiveDate,
    /// Key into `basis.toml`.
    pub basis: String,
}

/// The rules in force, checked: every row bound, every reference leads somewhere.
#[derive(Debug, Clone)]
pub struct RuleSet {
    /// The pack and those it lies over, nearest first.
    pub packs: Vec<Pack>,
    /// The rules, by id.
    pub rules: Vec<BoundRule>,
    /// The sources, by key.
    pub basis: BTreeMap<String, Basis>,
    /// The indicators, by id.
    pub indicators: Vec<Indicator>,
    /// SHA-256 over all that judges, in hex: what a run stores of its rules.
    pub hash: String,
    /// The word lists.
    pub words: Arc<Lexicon>,
}

impl RuleSet {
    /// The rule with the id `id`.
    pub fn get(&self, id: &str) -> Option<&BoundRule> {
        self.rules.iter().find(|bound| bound.rule.id == id)
    }

    /// How the rule `id` counts a week of visits; `None` where there is no such rule, or it counts none.
    pub fn measure(&self, id: &str) -> Option<Measure> {
        self.get(id)?.rule.params.clone().try_into().ok()
    }

    /// The longest week of visits that any rule counts, in days.
    pub fn watched_days(&self) -> u32 {
        let measures = self.rules.iter().filter_map(|bound| self.measure(&bound.rule.id));
        measures.map(|measure| measure.days).max().unwrap_or(0)
    }

    /// The same rules with `apart` between the looks that confirm, whatever the rows say: for a demo or a single check,
    /// whose looks are seconds apart.
    #[must_use]
    pub fn with_apart(mut self, apart: Duration) -> Self {
        for bound in &mut self.rules {
            bound.rule.apart = apart;
        }
        self
    }
}

#[cfg(test)]
mod tests;
