//! The words for where a case stands: states that events lead to, and what the passing of a date makes of them.
#![deny(clippy::disallowed_methods)]

use serde::{Deserialize, Serialize};

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
    /// 已同意延期
    Extended,
    /// 复查未通过
    Unfixed,
    /// 已转办: taken from one unit and to be handed over to another.
    Transferred,
}

impl CaseState {
    /// Every state, in the order in which summaries print them.
    pub const ALL: [Self; 13] = [
        Self::Suspected,
        Self::Confirmed,
        Self::Reopened,
        Self::Transferred,
        Self::Assigned,
        Self::Extended,
        Self::Unfixed,
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
            Self::Extended => "已同意延期",
            Self::Unfixed => "复查未通过",
            Self::Transferred => "已转办",
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
            Self::Extended => "extended",
            Self::Unfixed => "unfixed",
            Self::Transferred => "transferred",
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

    /// Whether it is confirmed and waits for its hand-over.
    pub fn is_unassigned(self) -> bool {
        matches!(self, Self::Confirmed | Self::Reopened | Self::Transferred)
    }

    /// Whether it is the unit's turn: handed over, and nothing of the unit waits for the office.
    pub fn is_with_unit(self) -> bool {
        matches!(self, Self::Assigned | Self::Extended | Self::Unfixed)
    }

    /// Whether a unit has been told of it and it has not ended.
    pub fn is_handed_over(self) -> bool {
        self.is_with_unit() || matches!(self, Self::Answered | Self::Disputed)
    }
}

/// Where a case stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// As its events left it.
    Is(CaseState),
    /// 逾期未反馈
    NoReply,
    /// 逾期未整改
    NotMended,
}

impl Standing {
    /// Every standing, in the order in which summaries print them.
    pub fn all() -> impl Iterator<Item = Self> {
        CaseState::ALL.into_iter().flat_map(|state| {
            let late = (state == CaseState::Unfixed).then_some([Self::NoReply, Self::NotMended]);
            std::iter::once(Self::Is(state)).chain(late.into_iter().flatten())
        })
    }

    /// The standing as papers print it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Is(state) => state.label(),
            Self::NoReply => "逾期未反馈",
            Self::NotMended => "逾期未整改",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standing_is_named_once() {
        let all: Vec<Standing> = Standing::all().collect();
        assert_eq!(all.len(), CaseState::ALL.len() + 2);
        let mut labels: Vec<&str> = all.iter().map(|one| one.label()).collect();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), all.len());
    }
}
