//! One row a letter and recipient, and its states; never sends, reads no clock and no database.
//!
//! `pending → attempting → body_sent → accepted | deferred | rejected | unknown`. Mail cannot be delivered exactly
//! once: where the end of an attempt is not known the letter is sent once more under the same Message-ID, then
//! held for a person. So nobody ever gets more than two copies, and none is lost without being shown.
#![deny(clippy::disallowed_methods)]

use chrono::{Duration, NaiveDate};

use crate::calendar::Instant8;

/// Where a copy of a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// 待发送
    Pending,
    /// 发送中: connected or about to be; nothing of the text has left.
    Attempting,
    /// 正文已发出，待答复
    BodySent,
    /// 已送达服务器
    Accepted,
    /// 暂缓，将重试
    Deferred,
    /// 被拒收
    Rejected,
    /// 结果不明: will be sent once more.
    Unknown,
    /// 待人工处理
    Held,
    /// 待线下送达
    Waiting,
    /// 已线下送达
    ByHand,
}

impl State {
    /// All states, in the order in which a letter goes through them.
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Attempting,
        Self::BodySent,
        Self::Accepted,
        Self::Deferred,
        Self::Rejected,
        Self::Unknown,
        Self::Held,
        Self::Waiting,
        Self::ByHand,
    ];

    /// The word it is stored under.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Attempting => "attempting",
            Self::BodySent => "body_sent",
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::ByHand => "by_hand",
        }
    }

    /// The state stored under `word`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// As an office reads it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "待发送",
            Self::Attempting => "发送中",
            Self::BodySent => "已发出，待服务器答复",
            Self::Accepted => "已发送",
            Self::Deferred => "暂缓，将自动重试",
            Self::Rejected => "被拒收，请核实邮箱",
            Self::Unknown => "结果不明，将重发一次",
            Self::Held => "待人工处理",
            Self::Waiting => "待线下送达",
            Self::ByHand => "已线下送达",
        }
    }

    /// Whether a person has to do something.
    pub fn needs_a_person(self) -> bool {
        matches!(self, Self::Rejected | Self::Held | Self::Waiting)
    }
}

/// One copy of a letter: one recipient, one envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Row.
    pub id: i64,
    /// 批次.
    pub batch: String,
    /// The unit written to.
    pub unit: String,
    /// Kind of letter, as [`super::letters::Kind::word`].
    pub kind: String,
    /// Address; empty where delivered by other means.
    pub recipient: String,
    /// True for 主送.
    pub lead: bool,
    /// 送达方式.
    pub via: String,
    /// 主题.
    pub subject: String,
    /// Its Message-ID.
    pub message_id: String,
    /// Envelope sender.
    pub sender: String,
    /// Where it stands.
    pub state: State,
    /// How often sending was begun.
    pub attempts: u32,
    /// Attempts whose end is not known.
    pub unknowns: u32,
    /// When sending was first begun.
    pub first_attempt: Option<Instant8>,
    /// Not to be sent before.
    pub not_before: Option<Instant8>,
    /// When it came to its state.
    pub changed_at: Instant8,
    /// The server's last reply, or how it was delivered.
    pub note: String,
    /// 送达日期, where delivered by other means.
    pub delivered_on: Option<NaiveDate>,
}

/// How one attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Accepted(String),
    /// 4xx, or broken off before the end of the text was sent: surely not delivered, try later.
    Deferred(String),
    /// 5xx: this recipient will not get it.
    Rejected(String),
    /// The text was sent and no reply came: perhaps delivered.
    Unknown(String),
    /// The server could not be reached: surely not delivered, and no use trying the next letter now.
    Unreachable(String),
    /// Our own settings forbid it (no TLS, wrong password): nothing was tried, the letter stays as it was.
    Refused(String),
}

impl Outcome {
    /// What was said, for people.
    pub fn note(&self) -> &str {
        match self {
            Self::Accepted(note)
            | Self::Deferred(note)
            | Self::Rejected(note)
            | Self::Unknown(note)
            | Self::Unreachable(note)
            | Self::Refused(note) => note,
        }
    }
}

/// The state after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// The state.
    pub state: State,
    /// Not to be sent before.
    pub not_before: Option<Instant8>,
    /// Attempts whose end is not known, this one included.
    pub unknowns: u32,
}

/// Shortest time between two attempts.
pub const BACK_OFF: Duration = Duration::minutes(30);
/// Longest time between two attempts.
const LONGEST_BACK_OFF: Duration = Duration::hours(6);
/// How long a letter is tried before a person must look.
pub const GIVE_UP: Duration = Duration::days(5);
/// Attempts of unknown end after which a letter is held: each may have been delivered.
const MOST_UNKNOWN: u32 = 2;

/// Where `copy` goes after an attempt that ended at `now` with `outcome`.
pub fn after(copy: &Copy, outcome: &Outcome, now: Instant8) -> Next {
    let stay = |state| Next { state, not_before: None, unknowns: copy.unknowns };
    match outcome {
        Outcome::Accepted(_) => stay(State::Accepted),
        Outcome::Rejected(_) => stay(State::Rejected),
        Outcome::Refused(_) if copy.unknowns > 0 => stay(State::Unknown),
        Outcome::Refused(_) => stay(State::Pending),
        Outcome::Deferred(_) | Outcome::Unreachable(_) => {
            let tried_for = copy.first_attempt.map_or_else(Duration::zero, |first| now - first);
            if tried_for >= GIVE_UP {
                stay(State::Held)
            } else {
                Next { not_before: Some(now + back_off(copy.attempts)), ..stay(State::Deferred) }
            }
        }
        Outcome::Unknown(_) => {
            let unknowns = copy.unknowns + 1;
            if unknowns >= MOST_UNKNOWN {
                Next { unknowns, ..stay(State::Held) }
            } else {
                Next { state: State::Unknown, not_before: Some(now + BACK_OFF), unknowns }
            }
        }
    }
}

/// Whether `copy` may be sent at `now`.
pub fn is_due(copy: &Copy, now: Instant8) -> bool {
    matches!(copy.state, State::Pending | State::Deferred | State::Unknown)
        && copy.not_before.is_none_or(|not_before| not_before <= now)
}

/// How an attempt ended that was cut off by the end of the process; `None` for a copy that was not under way.
pub fn cut_off(copy: &Copy) -> Option<Outcome> {
    match copy.state {
        State::Attempting => Some(Outcome::Refused("上次发送在正文发出前中断".to_owned())),
        State::BodySent => Some(Outcome::Unknown("上次发送在正文发出后中断，未收到答复".to_owned())),
        _ => None,
    }
}

fn back_off(attempts: u32) -> Duration {
    let doubled = 1 << attempts.saturating_sub(1).min(10);
    (BACK_OFF * doubled).min(LONGEST_BACK_OFF)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::calendar::from_millis;

    pub(crate) fn copy(state: State) -> Copy {
        Copy {
            id: 1,
            batch: "202611".into(),
            unit: "示例市交通运输局".into(),
            kind: "unit".into(),
            recipient: "a@example.gov.cn".into(),
            lead: true,
            via: "邮件".into(),
            subject: "s".into(),
            message_id: "<1@example.gov.cn>".into(),
            sender: "o@example.gov.cn".into(),
            state,
            attempts: 1,
            unknowns: 0,
            first_attempt: Some(from_millis(0)),
            not_before: None,
            changed_at: from_millis(0),
            note: String::new(),
            delivered_on: None,
        }
    }

    fn text() -> String {
        String::new()
    }

    #[test]
    fn words_are_read_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.word()), Some(state));
        }
    }

    #[test]
    fn deferral_waits_longer_each_time_and_ends_after_five_days() {
        let now = from_millis(1_000);
        let waits: Vec<i64> = (1..=7)
            .map(|attempts| {
                let one = Copy { attempts, ..copy(State::Attempting) };
                let next = after(&one, &Outcome::Deferred(text()), now);
                assert_eq!(next.state, State::Deferred);
                (next.not_before.expect("a time") - now).num_minutes()
            })
            .collect();
        assert_eq!(waits, [30, 60, 120, 240, 360, 360, 360]);
        let late = from_millis(0) + GIVE_UP;
        assert_eq!(after(&copy(State::Attempting), &Outcome::Deferred(text()), late).state, State::Held);
        let unreachable = Outcome::Unreachable(text());
        assert_eq!(after(&copy(State::Attempting), &unreachable, now).state, State::Deferred);
    }

    #[test]
    fn unknown_is_sent_once_more_then_held() {
        let now = from_millis(1_000);
        let first = after(&copy(State::BodySent), &Outcome::Unknown(text()), now);
        assert_eq!((first.state, first.unknowns), (State::Unknown, 1));
        assert_eq!(first.not_before, Some(now + BACK_OFF));
        let again = Copy { unknowns: 1, ..copy(State::BodySent) };
        let second = after(&again, &Outcome::Unknown(text()), now);
        assert_eq!((second.state, second.unknowns), (State::Held, 2));
        // A clear refusal in between does not count as a copy, and does not forget the first.
        let between = after(&again, &Outcome::Deferred(text()), now);
        assert_eq!((between.state, between.unknowns), (State::Deferred, 1));
    }

    #[test]
    fn a_crash_before_the_body_is_a_safe_retry_and_one_after_it_is_unknown() {
        assert!(matches!(cut_off(&copy(State::Attempting)), Some(Outcome::Refused(_))));
        assert!(matches!(cut_off(&copy(State::BodySent)), Some(Outcome::Unknown(_))));
        for state in State::ALL.into_iter().filter(|s| !matches!(s, State::Attempting | State::BodySent)) {
            assert_eq!(cut_off(&copy(state)), None, "{state:?}");
        }
        let next = after(&copy(State::Attempting), &Outcome::Refused(text()), from_millis(0));
        assert_eq!((next.state, next.not_before), (State::Pending, None));
    }

    #[test]
    fn only_open_states_are_due_and_not_before_their_time() {
        let now = from_millis(10);
        for state in State::ALL {
            let open = matches!(state, State::Pending | State::Deferred | State::Unknown);
            assert_eq!(is_due(&copy(state), now), open, "{state:?}");
        }
        let later = Copy { not_before: Some(from_millis(11)), ..copy(State::Deferred) };
        assert!(!is_due(&later, now) && is_due(&later, from_millis(11)));
    }
}
