//! The spaced visits to a home page that the availability indicator counts: what one sample says, and the arithmetic
//! of a week of them. Thresholds come with the call; whether a failing round was our own is asked here as well.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::answer::{Answer, Fault};
use crate::calendar::Instant8;
use crate::exchange::{ConnectError, ReadError, ResolveError};

/// The address family a sample was pinned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ip {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// One visit to one home page over one family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The round of visits it belongs to; both families of a visit share it.
    pub round: i64,
    /// When the request was due to leave.
    pub at: Instant8,
    /// The family.
    pub ip: Ip,
    /// The address that answered, where one did.
    pub addr: Option<String>,
    /// The HTTP status, where one came.
    pub status: Option<u16>,
    /// What came of it.
    pub outcome: Outcome,
    /// Milliseconds until the page was there or given up, waiting for our own politeness not counted.
    pub took_ms: u64,
}

/// What one sample says. Words are stable and in English; [`in_words`] prints them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "why", rename_all = "kebab-case")]
pub enum Outcome {
    /// The home page opened.
    Opened,
    /// It did not, and the site is all that can be behind it.
    Failed(String),
    /// Something answered, but not so that it could be told: a firewall, TLS we do not speak, a failing name server.
    Unknown(String),
    /// Our own doing or our own network: neither a success nor a failure, and no visit at all.
    Ours(String),
    /// The name has no address of this family.
    Absent,
    /// Within a maintenance or an offline time that was declared: no visit, whatever came. Never stored.
    Declared,
}

impl Outcome {
    /// What an answer means for availability.
    pub fn of(answer: &Answer) -> Self {
        let unknown = |why: &str| Self::Unknown(why.to_owned());
        let why = match answer {
            // The server is up, whatever its page says.
            Answer::There
            | Answer::SoftNotFound
            | Answer::HomeInstead
            | Answer::SameForAll
            | Answer::FaultyFile(_)
            | Answer::NoFile(_)
            | Answer::Astray(_) => return Self::Opened,
            Answer::Impossible(_) => return unknown("egress"),
            Answer::ServerError(520..) | Answer::ClientError(_) | Answer::Challenge(_) => {
                return unknown("blocked");
            }
            Answer::Restricted => return unknown("restricted"),
            Answer::Unknown(why) if is_ours(why) => return Self::Ours(why.clone()),
            Answer::Unknown(why) => return unknown(why),
            Answer::Unreachable(Fault::Tls) => return unknown("tls"),
            Answer::Unreachable(Fault::Connect(ConnectError::NoRoute)) => {
                return Self::Ours("no-route".to_owned());
            }
            Answer::Unreachable(Fault::Resolve(ResolveError::ServerFailure | ResolveError::Timeout)) => {
                return unknown("dns");
            }
            Answer::NotFound(status) | Answer::ServerError(status) => {
                return Self::Failed(format!("status-{status}"));
            }
            Answer::Loop => "redirect-loop",
            Answer::BadRedirect => "bad-redirect",
            Answer::NoSuchName | Answer::Unreachable(Fault::Resolve(ResolveError::NoSuchName)) => {
                "no-such-name"
            }
            Answer::Unreachable(Fault::Resolve(ResolveError::NoAddress)) => "no-address",
            Answer::Unreachable(Fault::Connect(ConnectError::Refused)) => "refused",
            Answer::Unreachable(Fault::Connect(ConnectError::Timeout)) => "connect-timeout",
            Answer::Unreachable(Fault::Connect(ConnectError::Reset) | Fault::Read(ReadError::Cut)) => "reset",
            Answer::Unreachable(Fault::Read(ReadError::Timeout)) => "timeout",
            Answer::Unreachable(Fault::Read(ReadError::Malformed)) => "malformed",
        };
        Self::Failed(why.to_owned())
    }

    /// Its word, for storing and for counting reasons.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Opened | Self::Absent | Self::Declared => None,
            Self::Failed(why) | Self::Unknown(why) | Self::Ours(why) => Some(why),
        }
    }
}

/// The word of a failure that came too late: opened or broken after more than the limit.
pub const SLOW: &str = "slow";

/// An outcome's word in Chinese, as a list of visits prints it.
pub fn in_words(outcome: &Outcome) -> String {
    let word = match outcome {
        Outcome::Opened => return "打开".to_owned(),
        Outcome::Absent => return "无该类地址".to_owned(),
        Outcome::Declared => return "报备期内，不计".to_owned(),
        Outcome::Ours(_) => return "监测方原因，不计".to_owned(),
        Outcome::Failed(why) | Outcome::Unknown(why) => why.as_str(),
    };
    if let Some(status) = word.strip_prefix("status-") {
        return format!("返回{status}");
    }
    match word {
        SLOW => "超过时限",
        "redirect-loop" => "循环跳转",
        "bad-redirect" => "跳转到无效地址",
        "no-such-name" => "域名不存在",
        "no-address" => "域名没有解析地址",
        "refused" => "连接被拒绝",
        "connect-timeout" => "连接超时",
        "reset" => "连接中断",
        "timeout" => "响应超时",
        "malformed" => "返回内容无法识别",
        "blocked" => "页面防护拦截，未能判定",
        "restricted" => "需登录，未能判定",
        "tls" => "安全连接未能建立，未能判定",
        "dns" | "dns-failure" | "dns-timeout" => "域名解析失败，未能判定",
        _ => "未能判定",
    }
    .to_owned()
}

/// Words of [`Answer::Unknown`] that are our own limits and our own network.
fn is_ours(why: &str) -> bool {
    matches!(
        why,
        "own-network"
            | "no-route"
            | "proxy"
            | "robots"
            | "robots-unreadable"
            | "egress"
            | "not-mapped"
            | "redirects"
            | "head-size"
            | "not-reached"
            | "url-length"
            | "scheme"
    )
}

/// What one round saw over one family, of all sites together: whether it can bear witness against a single one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ground {
    /// Groups of sites that share an address (by themselves where they have none), without those long silent.
    pub groups: u32,
    /// Groups of which something answered.
    pub reached: u32,
    /// What witnesses said of our own network: reached, not reached, or not asked.
    pub witness: Option<bool>,
}

/// Groups that share nothing, of which a common failure is taken for ours.
pub const UNRELATED: u32 = 5;

impl Ground {
    /// Why a failure seen in this round says nothing of the site; `None` where it does.
    ///
    /// Nothing answered at all: it may be we. Of at least [`UNRELATED`] groups more than a fifth are silent together:
    /// that many unrelated sites do not fail in one minute.
    pub fn doubt(self) -> Option<&'static str> {
        let silent = self.groups.saturating_sub(self.reached);
        if self.witness == Some(false) || (self.groups >= UNRELATED && silent * 5 > self.groups) {
            Some("own-network")
        } else if self.reached == 0 && self.witness != Some(true) {
            Some("no-witness")
        } else {
            None
        }
    }
}

/// What a site was sampled like up to an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// The end of the week that is counted.
    pub until: Instant8,
    /// When the site was judged before, in a look that asks again.
    pub since: Option<Instant8>,
    /// The samples of the week, in order of time.
    pub samples: Vec<Sample>,
}

/// The indicator's numbers: `监测1周，每天间隔性访问20次以上，超过（含）15秒网站仍打不开的次数累计占比超过（含）5%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Measure {
    /// The share of failed visits from which on the indicator is met, in percent.
    pub fail_percent: u32,
    /// Days that are watched.
    pub days: u32,
    /// Visits that a day needs.
    pub visits_a_day: u32,
    /// Seconds after which a page that is not there counts as not opened.
    pub timeout_seconds: u32,
    /// Minutes that two visits must lie apart to count as two.
    pub spaced_minutes: u32,
}

/// How the indicator stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// 达到.
    Met,
    /// 未达到, whatever the visits that could not be told were.
    NotMet,
    /// 未判定.
    Undecided,
}

/// Visits of one day of 24 hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The home page opened in time.
    pub opened: u32,
    /// It did not.
    pub failed: u32,
    /// It could not be told.
    pub unknown: u32,
    /// Voided by our own failure: no visits.
    pub ours: u32,
    /// In a declared window: no visits.
    #[serde(default)]
    pub declared: u32,
}

/// A week's visits, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reckoning {
    /// Beginning of the first day.
    pub from: Instant8,
    /// End of the last.
    pub until: Instant8,
    /// The days, oldest first.
    pub days: Vec<Day>,
    /// Days with fewer visits than asked for.
    pub short_days: u32,
    /// Days that are not short because of what was declared alone.
    #[serde(default)]
    pub excused_days: u32,
    /// Visits that a short day lacks, in all.
    pub missing: u32,
    /// Why visits failed, each word once, with how often.
    pub reasons: Vec<(String, u32)>,
    /// When visits failed.
    pub failures: Vec<(Instant8, Outcome)>,
    /// How the indicator stands.
    pub decision: Decision,
}

/// A visit: both families of one round taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Visit {
    pub(super) at: Instant8,
    pub(super) outcome: Outcome,
}

/// Counts the samples of the `measure.days` days of 24 hours before `until`.
///
/// A visit is one round. It opened where either family did; otherwise IPv4 decides, and IPv6 where the name has no IPv4
/// address. Visits closer than `spaced_minutes` to the one before them are not counted a second time. Visits in a declared
/// window are none; a day that would have had enough visits with them is excused, and a week with such a day is never met.
pub fn reckon(samples: &[Sample], until: Instant8, measure: &Measure) -> Reckoning {
    let days = measure.days.max(1);
    let from = until - TimeDelta::days(i64::from(days));
    let spaced = TimeDelta::minutes(i64::from(measure.spaced_minutes));
    let mut reckoning = Reckoning {
        from,
        until,
        days: vec![Day::default(); usize::try_from(days).unwrap_or(1)],
        short_days: 0,
        excused_days: 0,
        missing: 0,
        reasons: Vec::new(),
        failures: Vec::new(),
        decision: Decision::Undecided,
    };
    let mut last: Option<Instant8> = None;
    for visit in visits(samples, measure) {
        if visit.at < from || visit.at >= until {
            continue;
        }
        let index = usize::try_from((visit.at - from).num_hours() / 24).unwrap_or(0);
        let Some(day) = reckoning.days.get_mut(index) else { continue };
        if matches!(visit.outcome, Outcome::Ours(_) | Outcome::Absent) {
            day.ours += 1;
            continue;
        }
        if last.is_some_and(|last| visit.at - last < spaced) {
            continue;
        }
        last = Some(visit.at);
        match &visit.outcome {
            Outcome::Declared => day.declared += 1,
            Outcome::Opened => day.opened += 1,
            Outcome::Failed(why) => {
                day.failed += 1;
                match reckoning.reasons.iter_mut().find(|(word, _)| word == why) {
                    Some((_, count)) => *count += 1,
                    None => reckoning.reasons.push((why.clone(), 1)),
                }
                reckoning.failures.push((visit.at, visit.outcome));
            }
            _ => day.unknown += 1,
        }
    }
    reckoning.reasons.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    for day in &reckoning.days {
        // Only visits that were told fill a day: one that could not be told may have been none.
        let told = day.opened + day.failed;
        let excused = day.declared > 0 && told + day.declared >= measure.visits_a_day;
        reckoning.excused_days += u32::from(told < measure.visits_a_day && excused);
        reckoning.short_days += u32::from(told < measure.visits_a_day && !excused);
        reckoning.missing += measure.visits_a_day.saturating_sub(told + day.unknown + day.declared);
    }
    reckoning.decision = reckoning.decide(measure.fail_percent);
    reckoning
}

impl Reckoning {
    /// Visits that failed.
    pub fn failed(&self) -> u32 {
        self.days.iter().map(|day| day.failed).sum()
    }

    /// Visits that could not be told.
    pub fn unknown(&self) -> u32 {
        self.days.iter().map(|day| day.unknown).sum()
    }

    /// Visits in all: ours are none.
    pub fn visits(&self) -> u32 {
        self.days.iter().map(|day| day.opened + day.failed + day.unknown).sum()
    }

    /// Visits that our own failure voided.
    pub fn ours(&self) -> u32 {
        self.days.iter().map(|day| day.ours).sum()
    }

    /// Visits in a declared window.
    pub fn declared(&self) -> u32 {
        self.days.iter().map(|day| day.declared).sum()
    }

    /// The least and the greatest share of failures, in hundredths of a percent, rounded down: whatever the visits that
    /// could not be told were, and those that short days lack.
    pub fn share(&self) -> (u32, u32) {
        let all = self.visits() + self.missing;
        let share = |failed: u32| u32::try_from(u64::from(failed) * 10_000 / u64::from(all.max(1)));
        let most =
            if all == 0 { 10_000 } else { share(self.failed() + self.unknown() + self.missing).unwrap_or(0) };
        (share(self.failed()).unwrap_or(0), most)
    }

    fn decide(&self, percent: u32) -> Decision {
        let reaches = |failed: u32| u64::from(failed) * 100 >= u64::from(percent) * u64::from(self.visits());
        if self.short_days > 0 || self.visits() == 0 {
            Decision::Undecided
        } else if reaches(self.failed()) {
            // The rest of a week is no week: what was declared is taken out, and nobody is accused by what is left.
            if self.excused_days > 0 { Decision::Undecided } else { Decision::Met }
        } else if reaches(self.failed() + self.unknown()) {
            Decision::Undecided
        } else {
            Decision::NotMet
        }
    }
}

/// What the last round among samples said, both families together and without a time limit.
pub fn last_visit(samples: &[Sample]) -> Option<Outcome> {
    let last = samples.iter().max_by_key(|sample| (sample.at, sample.round))?.round;
    let of = |ip| samples.iter().find(|sample| sample.round == last && sample.ip == ip);
    Some(together(of(Ip::V4).map(|s| s.outcome.clone()), of(Ip::V6).map(|s| s.outcome.clone())))
}

/// Rounds as visits, in order of time.
pub(super) fn visits(samples: &[Sample], measure: &Measure) -> Vec<Visit> {
    let mut rounds: std::collections::BTreeMap<i64, [Option<&Sample>; 2]> = std::collections::BTreeMap::new();
    for sample in samples {
        rounds.entry(sample.round).or_default()[usize::from(sample.ip == Ip::V6)] = Some(sample);
    }
    let mut all: Vec<Visit> = rounds
        .into_values()
        .filter_map(|[v4, v6]| {
            let at = v4.or(v6)?.at;
            Some(Visit {
                at,
                outcome: together(v4.map(|s| timed(s, measure)), v6.map(|s| timed(s, measure))),
            })
        })
        .collect();
    all.sort_by_key(|visit| visit.at);
    all
}

/// The outcome with the time limit applied: what opens too late did not open, and what we gave up too early is not known.
fn timed(sample: &Sample, measure: &Measure) -> Outcome {
    let limit = u64::from(measure.timeout_seconds) * 1000;
    match &sample.outcome {
        Outcome::Opened if sample.took_ms >= limit => Outcome::Failed(SLOW.to_owned()),
        Outcome::Failed(why) if is_timeout(why) && sample.took_ms < limit => {
            Outcome::Ours("gave-up-early".to_owned())
        }
        other => other.clone(),
    }
}

fn is_timeout(why: &str) -> bool {
    matches!(why, "timeout" | "connect-timeout")
}

fn together(v4: Option<Outcome>, v6: Option<Outcome>) -> Outcome {
    let none = || Outcome::Ours("not-visited".to_owned());
    match (v4, v6) {
        (Some(Outcome::Opened), _) | (_, Some(Outcome::Opened)) => Outcome::Opened,
        (Some(Outcome::Absent), Some(Outcome::Absent)) => Outcome::Failed("no-address".to_owned()),
        (Some(Outcome::Absent) | None, v6) => v6.unwrap_or_else(none),
        // Over IPv6 something answered that could not be told: then nothing can be said of the visit.
        (Some(Outcome::Failed(_)), Some(unknown @ Outcome::Unknown(_))) => unknown,
        (Some(v4), _) => v4,
    }
}

#[cfg(test)]
#[path = "visits_tests.rs"]
pub(crate) mod tests;
