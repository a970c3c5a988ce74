//! Rules as data: rows of a pack, bound to checks, citing the sentence they come from. Knows no facts.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::finding::{Class, Severity};

/// A rule: a data row bound to a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Names the defect; never reused, never renamed.
    pub id: String,
    /// 问题类型 as printed.
    pub title: String,
    /// Id of the check.
    pub check: String,
    /// Which subjects it applies to, e.g. `column = ["news"]`.
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
    /// Parameters for early warning, laid over `params`.
    pub warn: Option<toml::Table>,
    /// Version of the program in which it first shipped.
    pub since: String,
}
