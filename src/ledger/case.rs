//! The case: pure transitions, and the state as a fold of events.
#![deny(clippy::disallowed_methods)]

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::event::{Event, What};
use crate::calendar::Instant8;
use crate::finding::{Finding, State};

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
    /// 未再出现: a suspicion that never became a problem. Nobody was told, so it is never printed as 已销号.
    Dropped,
}

impl CaseState {
    /// Every state, in the order in which summaries print them.
    pub const ALL: [Self; 10] = [
        Self::Suspected,
        Self::Confirmed,
        Self::Reopened,
        Self::Assigned,
        Self::Answered,
        Self::Disputed,
        Self::Exempt,
        Self::Closed,
        Self::Revoked,
        Self::Dropped,
    ];

    /// The state as papers print it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Suspected => "疑似待核",
            Self::Confirmed => "已确认待交办",
            Self::Assigned => "已交办整改中",
            Self::Answered => "已反馈待复查",
            Self::Closed => "已销号",
            Self::Disputed => "申请复核",
            Self::Exempt => "报备不计入",
            Self::Reopened => "问题反弹",
            Self::Revoked => "已撤销（误报）",
            Self::Dropped => "未再出现",
        }
    }

    /// The state's stable word in the database and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Suspected => "suspected",
            Self::Confirmed => "confirmed",
            Self::Assigned => "assigned",
            Self::Answered => "answered",
            Self::Closed => "closed",
            Self::Disputed => "disputed",
            Self::Exempt => "exempt",
            Self::Reopened => "reopened",
            Self::Revoked => "revoked",
            Self::Dropped => "dropped",
        }
    }

    /// The state that `text` names, as [`label`](Self::label) (with or without its bracket) or [`word`](Self::word).
    pub fn parse(text: &str) -> Option<Self> {
        let bare = |label: &'static str| label.split('（').next().unwrap_or(label);
        Self::ALL.into_iter().find(|s| s.word() == text || s.label() == text || bare(s.label()) == text)
    }

    /// Whether anybody still has something to do.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Revoked | Self::Dropped | Self::Exempt)
    }
}

/// One problem on its way from the first look to its end: the fold of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// 问题编号: `202611-0032`; short, sayable, and never changed.
    pub number: String,
    /// The finding as last seen; `finding.fingerprint` is the case's identity. A single look never
    /// replaces what two looks have confirmed.
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
    /// What else its history tells.
    #[serde(default)]
    pub progress: Progress,
}

/// What a case's history tells beside its state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// 批次 for which a person approved it and in which it has not been handed over yet.
    pub approved: Option<String>,
    /// 重复出现次数: how often it came back after it was closed.
    pub relapses: u32,
    /// 复查未通过: how often it was still there after the unit had answered.
    pub failed_rechecks: u32,
    /// A single look that saw an ended case again: worth a second look, no accusation yet.
    pub suspicion: Option<Box<Finding>>,
    /// When a run last found it in order.
    pub last_pass: Option<Instant8>,
    /// When a run last could not look.
    pub last_gap: Option<Instant8>,
    /// 反馈时间 of the latest reply.
    pub answered_at: Option<Instant8>,
    /// The latest reply or objection of the unit.
    pub answer: Option<String>,
    /// 销号时间.
    pub closed_at: Option<Instant8>,
    /// When it was revoked.
    pub revoked_at: Option<Instant8>,
    /// 报备不计入: the last day on which it holds.
    pub exempt_until: Option<NaiveDate>,
    /// 延期至: set where the office agreed to a later date.
    pub extended_to: Option<NaiveDate>,
    /// The office's latest reason: why it was refused, revoked, exempted, kept or transferred.
    pub reason: Option<String>,
    /// True where a person has chosen the unit: the register no longer moves it.
    pub transferred: bool,
}

/// An event that cannot happen to the case as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{number}：{}，不能“{event}”：{why}", .state.map_or("尚无记录".to_owned(), |s| format!("目前为“{}”", s.label())))]
pub struct Illegal {
    /// 问题编号.
    pub number: String,
    /// Where the case stands; `None` before its first event.
    pub state: Option<CaseState>,
    /// The event's label.
    pub event: &'static str,
    /// What would be needed.
    pub why: String,
}

impl Case {
    /// The case that `events` tell of, oldest first.
    ///
    /// # Errors
    /// [`Illegal`] at the first event that cannot happen, also where there is none or one belongs to another case.
    pub fn fold(events: &[Event]) -> Result<Self, Illegal> {
        let Some((first, rest)) = events.split_first() else {
            return Err(Illegal {
                number: String::new(),
                state: None,
                event: "读取",
                why: "没有任何记录".to_owned(),
            });
        };
        let mut case = Self::open(first)?;
        for event in rest {
            case.apply(event)?;
        }
        Ok(case)
    }

    /// The case that its first event opens.
    ///
    /// # Errors
    /// [`Illegal`] where the event is not a sighting: nothing else can open a case.
    pub fn open(event: &Event) -> Result<Self, Illegal> {
        let What::Seen { unit, finding, .. } = &event.what else {
            return Err(Illegal {
                number: event.number.clone(),
                state: None,
                event: event.what.label(),
                why: "问题须先由巡查发现".to_owned(),
            });
        };
        Ok(Self {
            number: event.number.clone(),
            finding: (**finding).clone(),
            unit: unit.clone(),
            state: match finding.state {
                State::Suspected => CaseState::Suspected,
                State::Confirmed => CaseState::Confirmed,
            },
            first_seen: event.at,
            last_seen: event.at,
            batch: None,
            assigned_on: None,
            due: None,
            progress: Progress::default(),
        })
    }

    /// Lets `event` happen. The case is unchanged where it fails.
    ///
    /// # Errors
    /// [`Illegal`] where the event cannot happen to the case as it stands.
    pub fn apply(&mut self, event: &Event) -> Result<(), Illegal> {
        let refuse = |why: &str| Illegal {
            number: self.number.clone(),
            state: Some(self.state),
            event: event.what.label(),
            why: why.to_owned(),
        };
        if event.number != self.number {
            return Err(refuse(&format!("记录属于 {}", event.number)));
        }
        if event.what.run().is_some() && event.at < self.last_observed() {
            return Err(refuse("该次核查早于已记录的核查"));
        }
        let next = self.next(event).map_err(refuse)?;
        self.note(event, next);
        self.state = next;
        Ok(())
    }

    /// When a run last said anything of it: seen, in order, or not to be seen.
    pub fn last_observed(&self) -> Instant8 {
        [self.progress.last_pass, self.progress.last_gap].into_iter().flatten().fold(self.last_seen, Ord::max)
    }

    /// Whether a person may approve it for a batch: confirmed, not handed over, not yet in another batch.
    pub fn is_candidate(&self) -> bool {
        matches!(self.state, CaseState::Confirmed | CaseState::Reopened) && self.progress.approved.is_none()
    }

    /// Whether it counts as 逾期 on `day`: handed over, past its date, and not answered.
    pub fn is_overdue(&self, day: NaiveDate) -> bool {
        self.state == CaseState::Assigned && self.due.is_some_and(|due| due < day)
    }

    /// The suspicion that wants a further look, where there is one.
    pub fn suspicion(&self) -> Option<&Finding> {
        match self.state {
            CaseState::Suspected => Some(&self.finding),
            _ => self.progress.suspicion.as_deref(),
        }
    }

    /// The transition table. Everything that is not named here is refused.
    fn next(&self, event: &Event) -> Result<CaseState, &'static str> {
        use CaseState as S;
        let from = self.state;
        match &event.what {
            What::Gap { .. } => Ok(from),
            What::Seen { finding, .. } => {
                if finding.fingerprint != self.finding.fingerprint {
                    return Err("不是同一个问题");
                }
                Ok(match (from, finding.state) {
                    (S::Suspected | S::Dropped, State::Suspected) => S::Suspected,
                    (S::Suspected | S::Dropped, State::Confirmed) => S::Confirmed,
                    (S::Closed, State::Confirmed) => S::Reopened,
                    (S::Answered, State::Confirmed) if self.seen_since_answer(event.at) => S::Assigned,
                    (S::Exempt | S::Revoked, State::Confirmed) if self.may_return(event.at) => S::Confirmed,
                    (
                        S::Confirmed
                        | S::Assigned
                        | S::Answered
                        | S::Closed
                        | S::Disputed
                        | S::Exempt
                        | S::Reopened
                        | S::Revoked,
                        _,
                    ) => from,
                })
            }
            What::NotSeen { .. } => Ok(match from {
                S::Suspected | S::Dropped => S::Dropped,
                S::Confirmed | S::Assigned | S::Answered | S::Reopened | S::Closed => S::Closed,
                S::Exempt if self.may_return(event.at) => match self.finding.state {
                    State::Suspected => S::Dropped,
                    State::Confirmed => S::Closed,
                },
                S::Disputed | S::Exempt | S::Revoked => from,
            }),
            What::Approved { .. } => match from {
                _ if self.finding.state != State::Confirmed => Err("疑似问题须经两次核查确认后才能交办"),
                S::Confirmed | S::Reopened if self.progress.approved.is_some() => Err("已列入另一批次"),
                S::Confirmed | S::Reopened => Ok(from),
                _ => Err("只有已确认待交办或反弹的问题可以列入批次"),
            },
            What::Rejected { reason } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Confirmed | S::Reopened => Ok(S::Revoked),
                _ => Err("只有待交办的问题可以不采纳；已交办的请用撤销"),
            },
            What::Assigned { batch, .. } => match from {
                S::Confirmed | S::Reopened if self.progress.approved.as_ref() == Some(batch) => {
                    Ok(S::Assigned)
                }
                S::Confirmed | S::Reopened => Err("须先在该批次中获得批准"),
                _ => Err("只有待交办的问题可以交办"),
            },
            What::HeldOver { batch } => match from {
                S::Confirmed | S::Reopened if self.progress.approved.as_ref() == Some(batch) => Ok(from),
                _ => Err("问题不在该批次的待交办之列"),
            },
            What::Answered { .. } => match from {
                S::Assigned | S::Answered | S::Disputed => Ok(S::Answered),
                _ => Err("只有已交办的问题可以反馈"),
            },
            What::Disputed { reason } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Assigned | S::Answered => Ok(S::Disputed),
                _ => Err("只有已交办的问题可以申请复核"),
            },
            What::Upheld { reason } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Disputed => Ok(S::Assigned),
                _ => Err("没有待处理的复核申请"),
            },
            What::Extended { .. } => match from {
                S::Assigned | S::Answered | S::Disputed => Ok(from),
                _ => Err("只有已交办的问题可以延期"),
            },
            What::Exempted { reason, .. } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Closed | S::Revoked | S::Dropped => Err("问题已经办结"),
                _ => Ok(S::Exempt),
            },
            What::Transferred { reason, .. } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Suspected | S::Confirmed | S::Reopened => Ok(from),
                S::Assigned | S::Answered | S::Disputed => Ok(S::Confirmed),
                S::Closed | S::Exempt | S::Revoked | S::Dropped => Err("问题已经办结"),
            },
            What::Revoked { reason } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Revoked | S::Dropped => Err("问题已经撤销或未再出现"),
                _ => Ok(S::Revoked),
            },
            What::Reopened { reason } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Closed => Ok(S::Reopened),
                S::Exempt | S::Revoked => Ok(match self.finding.state {
                    State::Suspected => S::Suspected,
                    State::Confirmed => S::Confirmed,
                }),
                _ => Err("只有已办结的问题可以重新打开"),
            },
        }
    }

    /// Whether a sighting at `at` can contradict the unit's reply: one of before the reply says nothing of it.
    fn seen_since_answer(&self, at: Instant8) -> bool {
        self.progress.answered_at.is_none_or(|answered| at >= answered)
    }

    /// Whether an exempted or revoked problem may come up again: the exemption has run out, or it was in
    /// order since it was revoked and is therefore a new problem.
    fn may_return(&self, at: Instant8) -> bool {
        let progress = &self.progress;
        match self.state {
            CaseState::Exempt => progress.exempt_until.is_some_and(|until| at.date_naive() > until),
            CaseState::Revoked => progress.revoked_at.zip(progress.last_pass).is_some_and(|(r, p)| p >= r),
            _ => true,
        }
    }

    /// Takes down what `event` tells beside the state; `next` is where it leads.
    fn note(&mut self, event: &Event, next: CaseState) {
        use CaseState as S;
        let returns = self.may_return(event.at);
        let from = self.state;
        let progress = &mut self.progress;
        match &event.what {
            What::Seen { unit, finding, .. } => {
                self.last_seen = event.at;
                let preliminary = matches!(from, S::Suspected | S::Dropped);
                let ended = matches!(from, S::Closed | S::Exempt | S::Revoked);
                if finding.state == State::Confirmed || preliminary {
                    self.finding = (**finding).clone();
                    progress.suspicion = None;
                } else if ended && returns {
                    progress.suspicion = Some(finding.clone());
                }
                if from == S::Closed && next == S::Reopened {
                    progress.relapses += 1;
                }
                if from == S::Answered && next == S::Assigned {
                    progress.failed_rechecks += 1;
                }
                if ended && next != from {
                    progress.approved = None;
                    progress.transferred = false;
                }
                let unassigned = matches!(next, S::Suspected | S::Confirmed | S::Reopened);
                if unassigned && progress.approved.is_none() && !progress.transferred {
                    self.unit.clone_from(unit);
                }
            }
            What::NotSeen { .. } => {
                progress.last_pass = Some(event.at);
                progress.suspicion = None;
                if next == S::Closed && from != S::Closed {
                    progress.closed_at = Some(event.at);
                    progress.approved = None;
                }
            }
            What::Gap { .. } => progress.last_gap = Some(event.at),
            What::Approved { batch } => progress.approved = Some(batch.clone()),
            What::Assigned { batch, due, on } => {
                progress.approved = None;
                progress.extended_to = None;
                self.batch = Some(batch.clone());
                self.assigned_on = Some(*on);
                self.due = *due;
            }
            What::HeldOver { .. } => progress.approved = None,
            What::Answered { text } => {
                progress.answered_at = Some(event.at);
                progress.answer = Some(text.clone());
            }
            What::Disputed { reason } => {
                progress.answered_at = Some(event.at);
                progress.answer = Some(reason.clone());
            }
            What::Upheld { reason } => progress.reason = Some(reason.clone()),
            What::Extended { due, reason } => {
                self.due = Some(*due);
                progress.extended_to = Some(*due);
                progress.reason = Some(reason.clone());
            }
            What::Exempted { until, reason } => {
                progress.exempt_until = Some(*until);
                progress.reason = Some(reason.clone());
                progress.approved = None;
            }
            What::Transferred { unit, reason } => {
                self.unit.clone_from(unit);
                progress.transferred = true;
                progress.reason = Some(reason.clone());
                progress.approved = None;
            }
            What::Rejected { reason } | What::Revoked { reason } => {
                progress.revoked_at = Some(event.at);
                progress.reason = Some(reason.clone());
                progress.approved = None;
            }
            What::Reopened { reason } => {
                progress.reason = Some(reason.clone());
                progress.approved = None;
                if from == S::Closed {
                    progress.relapses += 1;
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
