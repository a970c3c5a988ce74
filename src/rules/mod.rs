//! Rules as data: rows of a pack, bound to checks, citing the sentence they come from. Knows no facts.
//!
//! A pack is a folder: `pack.toml`, files of `[[rule]]` and `[[override]]` rows, `indicators.toml`, `score.toml`, and
//! `basis.toml` with its legal sources; sources that several packs cite stand in a `basis.toml` beside the packs. All of it
//! is in the binary and may be laid over by a folder.
#![deny(clippy::disallowed_methods)]

mod diff;
pub mod explain;
mod load;
mod raw;
mod rows;
pub mod sheet;
mod sheets;
mod shipped;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::diff::diff;
pub use self::sheet::{Count, Indicator, Item, Question, Sheet};
pub use self::shipped::RuleFiles;
use crate::checks::{Bound, Context, Defect, DynCheck, SubjectRef};
use crate::facts::asked::Ask;
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
    /// 责任单位 that the document names for it: who is asked to mend it, where the register knows the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
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

    /// What the rule wants to know of a site beside what is folded anyway.
    pub fn asks(&self) -> Vec<Ask> {
        let warn = self.warn.iter().flat_map(|warn| warn.asks());
        self.limit.asks().into_iter().chain(warn).collect()
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

/// What a check does, in the words of `rules explain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckWords {
    /// What it looks at.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// What it cannot tell.
    pub gaps: String,
    /// What each parameter means.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
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
    /// What a reader should know of it: what is ours, what the office must set.
    pub note: String,
}

/// The rules in force, checked: every row bound, every reference leads somewhere.
#[derive(Debug, Clone)]
pub struct RuleSet {
    /// The packs and those they lie over, each before what it lies over.
    pub packs: Vec<Pack>,
    /// The rules, by id.
    pub rules: Vec<BoundRule>,
    /// The sources, by key.
    pub basis: BTreeMap<String, Basis>,
    /// The indicators, by id.
    pub indicators: Vec<Indicator>,
    /// How points are counted; `None` where no pack has a `score.toml`.
    pub sheet: Option<Sheet>,
    /// Rules that an overlay switched off, with its words.
    pub disabled: BTreeMap<String, String>,
    /// What each check does, for people, by its id.
    pub words: BTreeMap<String, CheckWords>,
    /// SHA-256 over all that judges, in hex: what a run stores of its rules.
    pub hash: String,
    /// The word lists.
    pub word_lists: Arc<Lexicon>,
}

impl RuleSet {
    /// Whether any pack changes something of another.
    pub fn changes_others(&self) -> bool {
        self.rules.iter().any(|bound| !bound.rule.changes.is_empty())
            || !self.disabled.is_empty()
            || self.indicators.iter().any(|indicator| !indicator.changes.is_empty())
            || self.sheet.as_ref().is_some_and(|sheet| {
                !sheet.changes.is_empty() || sheet.items.iter().any(|item| !item.changes.is_empty())
            })
    }

    /// The rule with the id `id`.
    pub fn get(&self, id: &str) -> Option<&BoundRule> {
        self.rules.iter().find(|bound| bound.rule.id == id)
    }

    /// The same set with the rule `id` alone; `None` where there is none.
    pub fn only(&self, id: &str) -> Option<Self> {
        let bound = self.get(id)?.clone();
        Some(Self { rules: vec![bound], ..self.clone() })
    }

    /// What the rules in force want to know of a site beside what is folded anyway, each once.
    pub fn asks(&self) -> Vec<Ask> {
        let mut asks: Vec<Ask> = self.rules.iter().flat_map(BoundRule::asks).collect();
        asks.sort();
        asks.dedup();
        asks
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

    /// Days within which an account must publish, by the strictest rule; the two weeks of the national indicator where no
    /// rule says.
    pub fn account_limit(&self) -> u32 {
        let of_accounts = self.rules.iter().filter(|bound| bound.check.id() == "stale-account");
        let limits = of_accounts.filter_map(|bound| bound.rule.params.get("max-age-days")?.as_integer());
        limits.filter_map(|days| u32::try_from(days).ok()).min().unwrap_or(14)
    }

    /// Whether any rule of one of these checks reads the text in attachments, too.
    pub fn reads_attachments(&self, checks: &[&str]) -> bool {
        let of_texts = self.rules.iter().filter(|bound| checks.contains(&bound.check.id()));
        let says = of_texts.filter_map(|bound| bound.rule.params.get("attachments")?.as_bool());
        says.into_iter().any(|reads| reads)
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
