//! The case: pure transitions, and the state as a fold of events.
#![deny(clippy::disallowed_methods)]

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::event::{Claim, Event, Step, What};
pub use super::state::{CaseState, Standing};
use crate::calendar::Instant8;
use crate::finding::{Finding, State};

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
    /// When all looks of a run last agreed that it is there.
    pub last_confirmed: Option<Instant8>,
    /// True where a recheck after the unit's reply found it still there; a new hand-over starts afresh.
    pub unfixed: bool,
    /// What the unit asks of the office and the office has not decided yet.
    pub pending: Option<Pending>,
    /// 整改后链接 of the latest reply.
    pub link: Option<String>,
    /// 提醒 and 督办 that have gone out, oldest first.
    pub reminders: Vec<Reminder>,
    /// True where the office found the unit's objection to be right: a false alarm of ours that was told.
    pub false_alarm: bool,
}

/// What a unit asks of the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// What it asks for.
    pub claim: Claim,
    /// Since when it lies with the office.
    pub since: Instant8,
    /// The unit's words.
    pub reason: String,
}

/// One reminder that has gone out about a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// Which one.
    pub step: Step,
    /// The 整改时限 that it was about: a new date makes the step possible again.
    pub due: NaiveDate,
    /// The day on which it was delivered.
    pub on: NaiveDate,
    /// The unit that was reminded.
    pub unit: String,
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
        self.state.is_unassigned() && self.progress.approved.is_none()
    }

    /// Whether it counts as 逾期 on `day`, answered or not.
    pub fn is_overdue(&self, day: NaiveDate) -> bool {
        matches!(self.standing(day), Standing::NoReply | Standing::NotMended)
    }

    /// Where it stands on `day`, the passing of its date included.
    ///
    /// What lies with the office is never late: a reply that waits for its recheck, an objection, a delay that was asked for
    /// in time. 逾期未整改 needs somebody who has seen it: a run that confirmed it after the date, a failed recheck, or the
    /// unit's own word; everything else that is late is 逾期未反馈.
    pub fn standing(&self, day: NaiveDate) -> Standing {
        let late = self.state.is_with_unit() && self.due.is_some_and(|due| due < day);
        let Some(due) = self.due.filter(|_| late) else { return Standing::Is(self.state) };
        let progress = &self.progress;
        if progress.pending.as_ref().is_some_and(|pending| pending.since.date_naive() <= due) {
            return Standing::Is(self.state);
        }
        let seen_after = progress.last_confirmed.is_some_and(|seen| seen.date_naive() > due);
        if seen_after || progress.unfixed || progress.answered_at.is_some() {
            Standing::NotMended
        } else {
            Standing::NoReply
        }
    }

    /// 问题存续天数: days from the first look to `day`, or to its end where it has ended.
    pub fn age(&self, day: NaiveDate) -> i64 {
        let progress = &self.progress;
        let ended = match self.state {
            CaseState::Closed => progress.closed_at,
            CaseState::Revoked => progress.revoked_at,
            _ => None,
        };
        let end = ended.map_or(day, |at| at.date_naive());
        (end - self.first_seen.date_naive()).num_days().max(0)
    }

    /// Whether the reminder `step` has gone out for the date that holds now.
    pub fn was_reminded(&self, step: Step) -> bool {
        self.progress.reminders.iter().any(|one| one.step == step && Some(one.due) == self.due)
    }

    /// Where a case that is with the unit rests when nothing is open between it and the office.
    fn resting(&self) -> CaseState {
        match &self.progress {
            progress if progress.unfixed => CaseState::Unfixed,
            progress if progress.extended_to.is_some() => CaseState::Extended,
            _ => CaseState::Assigned,
        }
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
                    (S::Answered, State::Confirmed) if self.seen_since_answer(event.at) => S::Unfixed,
                    (S::Exempt | S::Revoked, State::Confirmed) if self.may_return(event.at) => S::Confirmed,
                    _ => from,
                })
            }
            What::NotSeen { .. } => Ok(match from {
                S::Suspected | S::Dropped => S::Dropped,
                S::Confirmed
                | S::Assigned
                | S::Extended
                | S::Answered
                | S::Unfixed
                | S::Transferred
                | S::Reopened
                | S::Closed => S::Closed,
                S::Exempt if self.may_return(event.at) => match self.finding.state {
                    State::Suspected => S::Dropped,
                    State::Confirmed => S::Closed,
                },
                S::Disputed | S::Exempt | S::Revoked => from,
            }),
            What::Approved { .. } => match from {
                _ if self.finding.state != State::Confirmed => Err("疑似问题须经两次核查确认后才能交办"),
                _ if from.is_unassigned() && self.progress.approved.is_some() => Err("已列入另一批次"),
                _ if from.is_unassigned() => Ok(from),
                _ => Err("只有已确认待交办、反弹或转办的问题可以列入批次"),
            },
            What::Rejected { reason } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                _ if from.is_unassigned() => Ok(S::Revoked),
                _ => Err("只有待交办的问题可以不采纳；已交办的请用撤销"),
            },
            What::Assigned { batch, .. } => match from {
                _ if from.is_unassigned() && self.progress.approved.as_ref() == Some(batch) => {
                    Ok(S::Assigned)
                }
                _ if from.is_unassigned() => Err("须先在该批次中获得批准"),
                _ => Err("只有待交办的问题可以交办"),
            },
            What::HeldOver { batch } => match from {
                _ if from.is_unassigned() && self.progress.approved.as_ref() == Some(batch) => Ok(from),
                _ => Err("问题不在该批次的待交办之列"),
            },
            What::Answered { .. } => match from {
                S::Answered | S::Disputed => Ok(S::Answered),
                _ if from.is_with_unit() => Ok(S::Answered),
                _ => Err("只有已交办的问题可以反馈"),
            },
            What::DelayAsked { .. } => match from {
                S::Answered | S::Disputed => Ok(self.resting()),
                _ if from.is_with_unit() => Ok(from),
                _ => Err("只有已交办的问题可以申请延期"),
            },
            What::Disputed { reason, .. } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Answered => Ok(S::Disputed),
                _ if from.is_with_unit() => Ok(S::Disputed),
                _ => Err("只有已交办的问题可以申请复核"),
            },
            What::Maintained { reason } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Disputed => Ok(self.resting()),
                _ if self.progress.pending.is_some() => Ok(from),
                _ => Err("没有待处理的复核或延期申请"),
            },
            What::Extended { .. } => match from {
                S::Answered => Ok(S::Answered),
                S::Disputed => Ok(S::Extended),
                _ if from.is_with_unit() => Ok(S::Extended),
                _ => Err("只有已交办的问题可以延期"),
            },
            What::Reminded { .. } => match self.assigned_on {
                Some(_) => Ok(from),
                None => Err("问题尚未交办"),
            },
            What::Exempted { reason, .. } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Closed | S::Revoked | S::Dropped => Err("问题已经办结"),
                _ => Ok(S::Exempt),
            },
            What::Transferred { reason, .. } => match from {
                _ if reason.trim().is_empty() => Err("须写明理由"),
                S::Suspected => Ok(from),
                _ if from.is_unassigned() => Ok(from),
                S::Answered | S::Disputed => Ok(S::Transferred),
                _ if from.is_with_unit() => Ok(S::Transferred),
                _ => Err("问题已经办结"),
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
                if from == S::Answered && next == S::Unfixed {
                    progress.failed_rechecks += 1;
                    progress.unfixed = true;
                    progress.extended_to = None;
                }
                if finding.state == State::Confirmed {
                    progress.last_confirmed = Some(event.at);
                }
                if ended && next != from {
                    progress.approved = None;
                    progress.transferred = false;
                }
                let unassigned = next == S::Suspected || next.is_unassigned();
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
                    progress.pending = None;
                }
            }
            What::Gap { .. } => progress.last_gap = Some(event.at),
            What::Approved { batch } => progress.approved = Some(batch.clone()),
            What::Assigned { batch, due, on } => {
                progress.approved = None;
                progress.extended_to = None;
                progress.unfixed = false;
                progress.pending = None;
                progress.answered_at = None;
                progress.answer = None;
                progress.link = None;
                self.batch = Some(batch.clone());
                self.assigned_on = Some(*on);
                self.due = *due;
            }
            What::HeldOver { .. } => progress.approved = None,
            What::Answered { text, link, .. } => {
                progress.answered_at = Some(event.at);
                progress.answer = Some(text.clone());
                progress.link.clone_from(link);
                progress.pending = None;
            }
            What::Disputed { reason, claim } => progress.ask(claim.clone(), reason, event.at),
            What::DelayAsked { until, reason } => {
                progress.ask(Claim::Delay { until: *until }, reason, event.at);
            }
            What::Maintained { reason } => {
                progress.reason = Some(reason.clone());
                progress.pending = None;
            }
            What::Extended { due, reason } => {
                self.due = Some(*due);
                progress.extended_to = Some(*due);
                progress.unfixed = false;
                progress.reason = Some(reason.clone());
                progress.pending = None;
            }
            What::Reminded { step, due, on, unit, .. } => {
                let unit = unit.clone();
                progress.reminders.push(Reminder { step: *step, due: *due, on: *on, unit });
            }
            What::Exempted { until, reason } => {
                progress.exempt_until = Some(*until);
                progress.reason = Some(reason.clone());
                progress.approved = None;
                progress.pending = None;
            }
            What::Transferred { unit, reason } => {
                self.unit.clone_from(unit);
                progress.transferred = true;
                progress.reason = Some(reason.clone());
                progress.approved = None;
                progress.pending = None;
            }
            What::Rejected { reason } | What::Revoked { reason } => {
                progress.revoked_at = Some(event.at);
                progress.reason = Some(reason.clone());
                progress.approved = None;
                progress.false_alarm = from == S::Disputed;
                progress.pending = None;
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

impl Progress {
    fn ask(&mut self, claim: Claim, reason: &str, at: Instant8) {
        self.answered_at = Some(at);
        self.answer = Some(reason.to_owned());
        self.link = None;
        self.pending = Some(Pending { claim, since: at, reason: reason.to_owned() });
    }
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
