//! What happened to problems within a period: 新增, 已销号, 反弹, 重复出现 and the rest, from their histories alone.
#![deny(clippy::disallowed_methods)]

use chrono::NaiveDate;
use serde::Serialize;

use super::case::{Case, CaseState, Illegal, Standing};
use super::event::{Event, Step, What};
use crate::finding::State;

/// A period: from its first to its last day, both included, in +08:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Period {
    /// The month of `day`.
    pub fn month_of(day: NaiveDate) -> Self {
        use chrono::Datelike as _;
        let from = day.with_day(1).unwrap_or(day);
        let next = from.checked_add_months(chrono::Months::new(1)).and_then(|next| next.pred_opt());
        Self { from, to: next.unwrap_or(day) }
    }

    /// The month before the first day.
    #[must_use]
    pub fn month_before(self) -> Self {
        self.from.pred_opt().map_or(self, Self::month_of)
    }

    fn has(self, event: &Event) -> bool {
        (self.from..=self.to).contains(&event.at.date_naive())
    }
}

/// What happened within a period, in problems unless said otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Movements {
    /// 新增: confirmed for the first time.
    pub new: usize,
    /// 交办: handed over; one that was handed over twice counts twice.
    pub assigned: usize,
    /// 反馈: replies that say that it is mended.
    pub answered: usize,
    /// 已销号: found in order.
    pub closed: usize,
    /// 反弹: came back after it was closed.
    pub relapsed: usize,
    /// 重复出现: of those, what had come back before.
    pub recurring: usize,
    /// 复查未通过.
    pub failed_rechecks: usize,
    /// 同意延期.
    pub extended: usize,
    /// 转办, of what a unit had been told.
    pub transferred: usize,
    /// 申请复核.
    pub disputed: usize,
    /// 不采纳: refused by a person before anybody was told.
    pub refused: usize,
    /// 撤销 after a unit had been told.
    pub revoked: usize,
    /// Of those, where the unit's objection was right: our false alarms.
    pub false_alarms: usize,
    /// 临期提示, 催办: reminders, one a problem and letter.
    pub reminders: usize,
    /// 督办.
    pub orders: usize,
    /// 结转: open and handed over at the end of the last day.
    pub carried_over: usize,
    /// 逾期未反馈 at the end of the last day.
    pub no_reply: usize,
    /// 逾期未整改 at the end of the last day.
    pub not_mended: usize,
}

impl Movements {
    /// Adds what `history`, oldest first, tells of one case.
    ///
    /// # Errors
    /// [`Illegal`] where the history cannot be folded.
    pub fn add(&mut self, history: &[Event], period: Period) -> Result<(), Illegal> {
        let Some((first, rest)) = history.split_first() else { return Ok(()) };
        let mut case = Case::open(first)?;
        let mut confirmed = false;
        let mut at_end = None;
        if first.at.date_naive() <= period.to {
            self.count(None, &case, first, period, &mut confirmed);
            at_end = Some(case.clone());
        }
        for event in rest {
            let before = (case.state, case.assigned_on.is_some());
            case.apply(event)?;
            if event.at.date_naive() <= period.to {
                self.count(Some(before), &case, event, period, &mut confirmed);
                at_end = Some(case.clone());
            }
        }
        let Some(case) = at_end else { return Ok(()) };
        self.carried_over += usize::from(case.state.is_handed_over());
        match case.standing(period.to) {
            Standing::NoReply => self.no_reply += 1,
            Standing::NotMended => self.not_mended += 1,
            Standing::Is(_) => {}
        }
        Ok(())
    }

    fn count(
        &mut self,
        before: Option<(CaseState, bool)>,
        case: &Case,
        event: &Event,
        period: Period,
        confirmed: &mut bool,
    ) {
        let first_time = !*confirmed && case.finding.state == State::Confirmed;
        *confirmed |= first_time;
        if !period.has(event) {
            return;
        }
        self.new += usize::from(first_time);
        let (from, told) = before.map_or((None, false), |(state, told)| (Some(state), told));
        if from != Some(case.state) {
            match case.state {
                CaseState::Closed => self.closed += 1,
                CaseState::Reopened => {
                    self.relapsed += 1;
                    self.recurring += usize::from(case.progress.relapses > 1);
                }
                CaseState::Unfixed if matches!(event.what, What::Seen { .. }) => self.failed_rechecks += 1,
                CaseState::Transferred => self.transferred += 1,
                _ => {}
            }
        }
        match &event.what {
            What::Assigned { .. } => self.assigned += 1,
            What::Answered { .. } => self.answered += 1,
            What::Extended { .. } => self.extended += 1,
            What::Disputed { .. } => self.disputed += 1,
            What::Rejected { .. } if !told => self.refused += 1,
            What::Rejected { .. } | What::Revoked { .. } => {
                self.revoked += usize::from(told);
                self.false_alarms += usize::from(case.progress.false_alarm);
            }
            What::Reminded { step: Step::Order, .. } => self.orders += 1,
            What::Reminded { .. } => self.reminders += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Instant8, end_of_day};
    use crate::ledger::event::Claim;
    use crate::ledger::samples;

    fn day(text: &str) -> Instant8 {
        end_of_day(text.parse().expect("a date")) - chrono::Duration::hours(12)
    }

    fn event(on: &str, what: What) -> Event {
        let by = "李某某".to_owned();
        Event { number: "202611-0001".to_owned(), at: day(on), by, what, evidence: None }
    }

    fn seen(on: &str, state: State) -> Event {
        let finding = Box::new(samples::finding("http://example.test/gone", state));
        event(on, What::Seen { run: on.to_owned(), unit: "示例市民政局".to_owned(), finding })
    }

    fn passed(on: &str) -> Event {
        event(on, What::NotSeen { run: on.to_owned() })
    }

    fn month(history: &[Event], first: &str) -> Movements {
        let mut moved = Movements::default();
        moved.add(history, Period::month_of(first.parse().expect("a date"))).expect("legal");
        moved
    }

    #[test]
    fn a_problem_that_comes_back_twice_month_by_month() {
        let approve = |on: &str, batch: &str| event(on, What::Approved { batch: batch.to_owned() });
        let assign = |on: &str, batch: &str, due: &str| {
            let due = Some(due.parse().expect("a date"));
            event(on, What::Assigned { batch: batch.to_owned(), due, on: on.parse().expect("a date") })
        };
        let history = [
            seen("2026-10-30", State::Suspected),
            seen("2026-11-02", State::Confirmed),
            approve("2026-11-03", "202611"),
            assign("2026-11-04", "202611", "2026-11-18"),
            passed("2026-11-20"),
            seen("2026-12-02", State::Confirmed),
            passed("2026-12-20"),
            seen("2027-01-02", State::Confirmed),
            approve("2027-01-03", "202701"),
            assign("2027-01-04", "202701", "2027-01-18"),
        ];
        assert_eq!(month(&history, "2026-10-01"), Movements::default());
        let told = month(&history, "2026-11-01");
        assert_eq!((told.new, told.assigned, told.closed, told.relapsed), (1, 1, 1, 0));
        let told = month(&history, "2026-12-01");
        assert_eq!((told.new, told.closed, told.relapsed, told.recurring), (0, 1, 1, 0));
        let told = month(&history, "2027-01-01");
        assert_eq!((told.relapsed, told.recurring, told.carried_over, told.no_reply), (1, 1, 1, 1));
    }

    #[test]
    fn an_objection_that_was_right_is_our_false_alarm() {
        let untold = [
            seen("2026-11-02", State::Confirmed),
            event("2026-11-03", What::Rejected { reason: "脚本加载".to_owned() }),
        ];
        let moved = month(&untold, "2026-11-01");
        assert_eq!((moved.new, moved.refused, moved.revoked, moved.false_alarms), (1, 1, 0, 0));
        let due = "2026-11-18".parse().ok();
        let on = "2026-11-04".parse().expect("a date");
        let told = [
            seen("2026-11-02", State::Confirmed),
            event("2026-11-03", What::Approved { batch: "202611".to_owned() }),
            event("2026-11-04", What::Assigned { batch: "202611".to_owned(), due, on }),
            event("2026-11-09", What::Disputed { reason: "有内容".to_owned(), claim: Claim::Untrue }),
            event("2026-12-01", What::Revoked { reason: "属实".to_owned() }),
        ];
        assert_eq!((month(&told, "2026-11-01").disputed, month(&told, "2026-11-01").carried_over), (1, 1));
        let moved = month(&told, "2026-12-01");
        assert_eq!((moved.revoked, moved.false_alarms, moved.carried_over), (1, 1, 0));
    }

    #[test]
    fn months_follow_each_other() {
        let march = Period::month_of("2028-03-31".parse().expect("a date"));
        assert_eq!(march.month_before().to.to_string(), "2028-02-29");
        assert_eq!(march.month_before().from.to_string(), "2028-02-01");
    }
}
