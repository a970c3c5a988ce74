//! The case: pure transitions, the state as a fold of events.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Instant8;
use crate::finding::Finding;

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseState {
    /// 疑似待核
    Suspected,
    /// 已确认待交办
    Confirmed,
    /// 已交办整改中
    Assigned,
    /// 已反馈待复查
    Answered,
    /// 已销号
    Closed,
    /// 申请复核
    Disputed,
    /// 报备不计入
    Exempt,
    /// 问题反弹
    Reopened,
    /// 已撤销（误报）
    Revoked,
}

/// One problem on its way from the first look to its end: the fold of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// 问题编号: `202611-0032`; short, sayable, and never changed.
    pub number: String,
    /// The finding as last seen; `finding.fingerprint` is the case's identity.
    pub finding: Finding,
    /// 责任单位: name of the unit that is asked to mend it.
    pub unit: String,
    /// Where it stands.
    pub state: CaseState,
    /// When it was first seen.
    pub first_seen: Instant8,
    /// When it was last seen.
    pub last_seen: Instant8,
    /// 批次 in which it was handed over: `202611`.
    pub batch: Option<String>,
    /// 交办时间.
    pub assigned_on: Option<NaiveDate>,
    /// 整改时限.
    pub due: Option<NaiveDate>,
}
