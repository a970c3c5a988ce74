//! What can happen to a case: who did it, when, why, and where the evidence lies. Events are only ever added.
#![deny(clippy::disallowed_methods)]

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Instant8;
use crate::finding::Finding;

/// One entry of a case's history. Never changed and never removed once recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// 问题编号 of the case.
    pub number: String,
    /// When it happened: a run's `as_of` for observations, the office's time for everything else.
    pub at: Instant8,
    /// Who: a person's name, or [`PROGRAM`].
    pub by: String,
    /// What happened.
    pub what: What,
    /// Where the evidence lies: SHA-256 of a stored snapshot, or the name of a file that was handed in.
    pub evidence: Option<String>,
}

/// The author of events that no person caused.
pub const PROGRAM: &str = "巡查程序";

/// What happened to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum What {
    /// A run saw the problem; `finding.state` says whether all looks agree.
    Seen {
        /// The run.
        run: String,
        /// 责任单位 as the register routes it at that time.
        unit: String,
        /// The problem as seen.
        finding: Box<Finding>,
    },
    /// A run looked and found the subject in order: the only thing that closes a case.
    NotSeen {
        /// The run.
        run: String,
    },
    /// A run could not look. Changes nothing but is kept, because it explains why a case stays open.
    Gap {
        /// The run.
        run: String,
    },
    /// 采纳: a person approved it for a batch.
    Approved {
        /// 批次.
        batch: String,
    },
    /// 不采纳: a person refused it while reviewing the candidates.
    Rejected {
        /// Why.
        reason: String,
    },
    /// 交办: the letter that names it has gone out.
    Assigned {
        /// 批次.
        batch: String,
        /// 整改时限; `None` for old stock, which has no deadline.
        due: Option<NaiveDate>,
        /// 交办时间.
        on: NaiveDate,
    },
    /// 留待下批: the letter of its batch went out without it, because the unit's list was full.
    HeldOver {
        /// 批次 that left without it.
        batch: String,
    },
    /// 反馈: the unit says that it is mended.
    Answered {
        /// The reply.
        text: String,
        /// 整改后链接, where one was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
        /// 完成时间, where one was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        done: Option<NaiveDate>,
    },
    /// 申请延期: the unit asks for more time.
    DelayAsked {
        /// 预计完成时间, where one was given.
        until: Option<NaiveDate>,
        /// The unit's reason.
        reason: String,
    },
    /// 申请复核: the unit contests it, or says that another must mend it.
    Disputed {
        /// The unit's reason.
        reason: String,
        /// What it contests.
        #[serde(default)]
        claim: Claim,
    },
    /// 维持原判: the office looked at what the unit asks for, grants nothing and keeps the problem.
    #[serde(rename = "upheld")]
    Maintained {
        /// The office's reason.
        reason: String,
    },
    /// 提醒 or 督办: a letter about the date has been delivered.
    Reminded {
        /// Which one.
        step: Step,
        /// The 整改时限 it is about.
        due: NaiveDate,
        /// The day of delivery.
        on: NaiveDate,
        /// The unit that was reminded.
        unit: String,
        /// The letter's batch in the outbox.
        letter: String,
    },
    /// 同意延期.
    Extended {
        /// The new 整改时限.
        due: NaiveDate,
        /// Why.
        reason: String,
    },
    /// 报备不计入.
    Exempted {
        /// Last day on which it holds.
        until: NaiveDate,
        /// Why.
        reason: String,
    },
    /// 转办: another unit answers for it.
    Transferred {
        /// The unit that answers from now on.
        unit: String,
        /// Why.
        reason: String,
    },
    /// 撤销: a false alarm, or an objection that was right.
    Revoked {
        /// Why.
        reason: String,
    },
    /// A person takes an ended case up again.
    Reopened {
        /// Why.
        reason: String,
    },
}

/// What a unit asks of the office in place of saying that the problem is mended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "claim", rename_all = "kebab-case")]
pub enum Claim {
    /// 情况不属实
    #[default]
    Untrue,
    /// 按规定无需更新
    NotRequired,
    /// 不属本单位职责
    NotOurs {
        /// 请转：the unit that should answer for it, as written.
        to: Option<String>,
    },
    /// 无后台权限，需技术支撑单位处理
    NoAccess,
    /// 整改中（申请延期）
    Delay {
        /// 预计完成时间.
        until: Option<NaiveDate>,
    },
}

impl Claim {
    /// The claim as a list offers it for choice.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Untrue => "情况不属实",
            Self::NotRequired => "按规定无需更新",
            Self::NotOurs { .. } => "不属本单位职责",
            Self::NoAccess => "无后台权限，需技术支撑单位处理",
            Self::Delay { .. } => "申请延期",
        }
    }

    /// The label with the unit or the date that was asked for.
    pub fn in_words(&self) -> String {
        match self {
            Self::NotOurs { to: Some(to) } => format!("{}（请转：{to}）", self.label()),
            Self::Delay { until: Some(until) } => format!("申请延期至{}", crate::calendar::long_date(*until)),
            _ => self.label().to_owned(),
        }
    }
}

/// A rung of the ladder that goes out to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// 临期提示
    Notice,
    /// 催办
    Reminder,
    /// 第二次催办
    SecondReminder,
    /// 督办单
    Order,
}

impl Step {
    /// Every step, from the mildest.
    pub const ALL: [Self; 4] = [Self::Notice, Self::Reminder, Self::SecondReminder, Self::Order];

    /// As papers print it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Notice => "临期提示",
            Self::Reminder => "催办",
            Self::SecondReminder => "再次催办",
            Self::Order => "督办单",
        }
    }
}

impl What {
    /// The event as a history prints it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Seen { .. } => "发现问题",
            Self::NotSeen { .. } => "核查未见问题",
            Self::Gap { .. } => "未能检测",
            Self::Approved { .. } => "采纳",
            Self::Rejected { .. } => "不采纳",
            Self::Assigned { .. } => "交办",
            Self::HeldOver { .. } => "留待下批",
            Self::Answered { .. } => "反馈",
            Self::Disputed { .. } => "申请复核",
            Self::DelayAsked { .. } => "申请延期",
            Self::Maintained { .. } => "维持原判",
            Self::Reminded { step, .. } => step.label(),
            Self::Extended { .. } => "同意延期",
            Self::Exempted { .. } => "报备不计入",
            Self::Transferred { .. } => "转办",
            Self::Revoked { .. } => "撤销",
            Self::Reopened { .. } => "重新打开",
        }
    }

    /// The run that made the observation; `None` for what people do.
    pub fn run(&self) -> Option<&str> {
        match self {
            Self::Seen { run, .. } | Self::NotSeen { run } | Self::Gap { run } => Some(run),
            _ => None,
        }
    }

    /// The words a history prints after the label: reason, reply, batch, dates.
    pub fn detail(&self) -> String {
        use crate::calendar::long_date;
        match self {
            Self::Seen { finding, .. } => finding.description.clone(),
            Self::NotSeen { run } | Self::Gap { run } => format!("巡查 {run}"),
            Self::Approved { batch } => format!("列入批次 {batch}"),
            Self::Assigned { batch, due, on } => match due {
                Some(due) => format!("批次 {batch}，{}交办，时限{}", long_date(*on), long_date(*due)),
                None => format!("批次 {batch}，{}交办，不设时限", long_date(*on)),
            },
            Self::HeldOver { batch } => format!("批次 {batch} 已满"),
            Self::Answered { text, link, done } => {
                let link = link.as_ref().map(|link| format!("；整改后链接：{link}")).unwrap_or_default();
                let done = done.map(|day| format!("；完成时间：{}", long_date(day))).unwrap_or_default();
                format!("{text}{link}{done}")
            }
            Self::DelayAsked { until, reason } => match until {
                Some(until) => format!("申请延至{}：{reason}", long_date(*until)),
                None => reason.clone(),
            },
            Self::Disputed { reason, claim } => format!("{}：{reason}", claim.in_words()),
            Self::Reminded { due, on, .. } => {
                format!("{}送达，整改时限{}", long_date(*on), long_date(*due))
            }
            Self::Extended { due, reason } => format!("延至{}：{reason}", long_date(*due)),
            Self::Exempted { until, reason } => format!("至{}：{reason}", long_date(*until)),
            Self::Transferred { unit, reason } => format!("转{unit}：{reason}"),
            Self::Rejected { reason }
            | Self::Maintained { reason }
            | Self::Revoked { reason }
            | Self::Reopened { reason } => reason.clone(),
        }
    }
}
