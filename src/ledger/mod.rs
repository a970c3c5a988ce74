//! Cases: append-only events and the state folded from them; [`Observations`] is what judging hands over.

pub mod brake;
pub mod case;
pub mod deadline;
pub mod event;
pub mod ladder;
pub mod period;
#[cfg(test)]
pub(crate) mod samples;
pub mod state;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Instant8;
use crate::finding::{Finding, Fingerprint, Gap};

/// What one judged run says of the world. A fingerprint that stands in none of the lists was not looked at.
#[derive(Debug, Clone)]
pub struct Observations {
    /// Id of the run.
    pub run: String,
    /// The run's `as_of`.
    pub at: Instant8,
    /// True for a patrol of the whole register, false for a recheck of a few cases.
    pub whole: bool,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What was looked at and is in order.
    pub passed: Vec<Fingerprint>,
    /// What could not be looked at.
    pub unseen: Vec<Fingerprint>,
    /// 报备不计入: problems that the register accounts for. They open no case and exempt an open one.
    pub accounted: Vec<Accounted>,
    /// 未判定事项, each with the 责任单位 that would answer for it.
    pub undecided: Vec<Undecided>,
    /// 责任单位 of each finding, as the register routes it.
    pub units: BTreeMap<Fingerprint, String>,
}

/// A problem that the register accounts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounted {
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// Reason as registered.
    pub reason: String,
    /// Last day on which it holds; `None` where the caller does not know it: the run's own day then, after
    /// which the problem comes up again unless the next run accounts for it again.
    pub until: Option<NaiveDate>,
}

/// 未判定事项: one thing that could not be judged, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Undecided {
    /// 责任单位; the site's name where no register is in use.
    pub unit: String,
    /// What was not seen, and why.
    pub gap: Gap,
}

/// What recording one run did to the ledger, in cases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// New cases, suspected and confirmed.
    pub opened: usize,
    /// Cases that became 已确认待交办, new ones included.
    pub confirmed: usize,
    /// Cases that were seen again and stayed where they were.
    pub still: usize,
    /// Cases found in order and therefore 已销号.
    pub closed: usize,
    /// Suspicions that were not borne out: 未再出现.
    pub dropped: usize,
    /// 问题反弹.
    pub reopened: usize,
    /// 复查未通过.
    pub failed_rechecks: usize,
    /// Cases that the register accounts for by now.
    pub exempted: usize,
    /// Cases that could not be looked at.
    pub unseen: usize,
    /// Observations older than what the ledger already holds of the case; they change nothing.
    pub outdated: usize,
    /// True where the run had been recorded before and nothing was changed this time.
    pub repeated: bool,
}
