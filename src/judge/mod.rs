//! Rules joined to facts: every rule on every subject of one site, look by look, to findings, gaps and their
//! confirmation. Pure: the same looks and rules give the same judgement, in whatever order they come.
#![deny(clippy::disallowed_methods)]

pub mod accounts;
pub mod compare;
pub mod outage;
mod subject;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{Datelike, Duration, Timelike};
use serde::{Deserialize, Serialize};

use crate::calendar::Instant8;
use crate::checks::{Context, Defect, SubjectRef};
use crate::facts::site::{Column, Link, SiteFacts};
use crate::finding::{Class, Confidence, Evidence, Finding, Fingerprint, Gap, Look, Seen, Severity, State};
use crate::rules::{BoundRule, RuleSet};

use self::subject::{Known, subjects};

/// One look at one site: its facts and when they were taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookFacts {
    /// The look's number; higher is later.
    pub look_no: u32,
    /// When it began.
    pub at: Instant8,
    /// What it saw.
    pub facts: SiteFacts,
}

/// What the rules say of one site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Defects, suspected and confirmed, worst first.
    pub findings: Vec<Finding>,
    /// Early warnings (临期提示): not counted, without a deadline.
    pub warnings: Vec<Finding>,
    /// Defects that are accounted for (报备不计入), with the reason given.
    pub exempt: Vec<(Finding, String)>,
    /// Subjects that the latest look found in order, by rule: their open cases may be closed.
    pub passed: Vec<Fingerprint>,
    /// What was not seen, for people.
    pub gaps: Vec<Gap>,
    /// Subjects about which the latest look says nothing, by rule: their open cases stay as they are.
    pub unseen: Vec<Fingerprint>,
    /// Every judged subject with its outcome, for the indicators.
    pub subjects: Vec<Outcome>,
    /// The same counted by rule.
    pub tally: BTreeMap<String, Tally>,
    /// True where no look saw the home page: then there may be subjects nobody knows of.
    pub home_unseen: bool,
}

/// What became of one subject under one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Outcome {
    /// The rule's id.
    pub rule: String,
    /// Rule and subject.
    pub fingerprint: Fingerprint,
    /// Pass, gap, suspected, confirmed.
    pub verdict: Verdict,
    /// Of a column: its level.
    pub level: Option<u8>,
    /// Of a column: whether the register gives it an update cycle.
    pub has_cycle: bool,
}

/// How a subject stands under a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// In order.
    Passed,
    /// Not seen.
    Gap,
    /// Seen to fail, not confirmed.
    Suspected,
    /// Seen to fail on every look the rule asks for.
    Failed,
    /// Accounted for: not counted.
    Exempt,
    /// Told by another rule: not counted twice.
    Covered,
}

/// Subjects of one rule, counted. Links that were simply there are counted by the crawl, not here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Confirmed.
    pub failed: u32,
    /// Seen to fail, not confirmed.
    pub suspected: u32,
    /// In order.
    pub passed: u32,
    /// Not seen.
    pub gap: u32,
}

/// Judges the looks at one site as of `as_of`. `exempt` names the reason where a finding is accounted for (报备不计入).
///
/// The latest look at a subject decides: in order, not seen, or failed. A failure is confirmed where the rule asks for one
/// look, or where earlier looks, each at least the rule's `apart` before the next, failed too with no pass in between. A
/// subject that a later look did not ask for keeps its earlier result.
pub fn judge(
    rules: &RuleSet,
    looks: &[LookFacts],
    as_of: Instant8,
    exempt: impl Fn(&Finding) -> Option<String>,
) -> Judgement {
    let mut looks: Vec<&LookFacts> = looks.iter().collect();
    looks.sort_by_key(|look| (look.look_no, look.at));
    let carried: Vec<LookFacts> = carry(&looks);
    let looks: Vec<&LookFacts> = carried.iter().collect();
    let cx = Context { as_of: as_of.date_naive() };
    // Who judges as of a day that had passed before the first look asks how things stood on that day.
    let in_the_past = looks.first().is_some_and(|first| first.at.date_naive() > cx.as_of);
    let mut histories: BTreeMap<Fingerprint, History<'_>> = BTreeMap::new();
    for look in &looks {
        for known in subjects(&look.facts) {
            for rule in &rules.rules {
                observe(&mut histories, rule, &known, (look.at, in_the_past), cx);
            }
        }
    }
    let mut judgement = Judgement { home_unseen: home_unseen(&looks), ..Judgement::default() };
    judgement.conclude(histories, &exempt);
    judgement.gaps.extend(looks.iter().flat_map(|look| look.facts.gaps.iter().cloned()));
    judgement.sort();
    judgement
}

/// The looks, where one that asked again for single targets knows of them what the wider look before it knew: where they
/// stand, how many pages carry them, what the register says.
fn carry(looks: &[&LookFacts]) -> Vec<LookFacts> {
    let mut carried: Vec<LookFacts> = Vec::with_capacity(looks.len());
    for &look in looks {
        let mut look = look.clone();
        if let Some(wide) = carried.iter().max_by_key(|earlier| earlier.facts.pages_read)
            && wide.facts.pages_read > look.facts.pages_read
        {
            let links: BTreeMap<&str, &Link> = wide.facts.links.iter().map(|l| (l.url.as_str(), l)).collect();
            for link in &mut look.facts.links {
                if let Some(&known) = links.get(link.url.as_str()) {
                    let (answer, now) = (link.answer.clone(), link.look.clone());
                    *link = Link { answer, control_ok: link.control_ok, look: now, ..known.clone() };
                }
            }
            let columns: BTreeMap<&str, &Column> =
                wide.facts.columns.iter().map(|c| (c.url.as_str(), c)).collect();
            for column in &mut look.facts.columns {
                if let Some(&known) = columns.get(column.url.as_str()) {
                    let Column { name, class, level, cycle_days, registered, page, .. } = known.clone();
                    *column = Column { name, class, level, cycle_days, registered, page, ..column.clone() };
                }
            }
        }
        carried.push(look);
    }
    carried
}

impl Judgement {
    /// Takes in what became of every subject under every rule.
    fn conclude(
        &mut self,
        histories: BTreeMap<Fingerprint, History<'_>>,
        exempt: &impl Fn(&Finding) -> Option<String>,
    ) {
        let flagged: BTreeSet<(String, String)> = histories
            .values()
            .filter(|history| matches!(history.latest(), Some(Seen::Ok(found)) if !found.is_empty()))
            .map(|history| (history.rule.rule.id.clone(), history.known.key.clone()))
            .collect();
        for (fingerprint, history) in histories {
            history.conclude(fingerprint, &flagged, exempt, self);
        }
    }

    /// Takes in what was judged apart of the same site.
    pub fn absorb(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.warnings.extend(other.warnings);
        self.exempt.extend(other.exempt);
        self.passed.extend(other.passed);
        self.gaps.extend(other.gaps);
        self.unseen.extend(other.unseen);
        for outcome in other.subjects {
            self.count(outcome);
        }
        self.sort();
    }

    fn sort(&mut self) {
        self.findings.sort_by(|a, b| order(a).cmp(&order(b)));
        self.warnings.sort_by(|a, b| order(a).cmp(&order(b)));
        self.exempt.sort_by(|a, b| order(&a.0).cmp(&order(&b.0)));
        self.passed.sort();
        self.unseen.sort();
        self.subjects.sort();
        self.gaps.sort();
        self.gaps.dedup();
    }

    fn count(&mut self, outcome: Outcome) {
        let tally = self.tally.entry(outcome.rule.clone()).or_default();
        match outcome.verdict {
            Verdict::Passed => tally.passed += 1,
            Verdict::Gap => tally.gap += 1,
            Verdict::Suspected => tally.suspected += 1,
            Verdict::Failed => tally.failed += 1,
            Verdict::Exempt | Verdict::Covered => {}
        }
        self.subjects.push(outcome);
    }
}

/// Worst first: by severity, class and state, then where it stands.
fn order(finding: &Finding) -> impl Ord + use<'_> {
    (
        finding.severity,
        finding.class,
        std::cmp::Reverse(finding.state),
        &finding.rule,
        std::cmp::Reverse(finding.cause.pages()),
        &finding.url,
        &finding.fingerprint,
    )
}

/// What the looks said of one subject under one rule, oldest first.
struct History<'a> {
    rule: &'a BoundRule,
    /// The subject as last seen.
    known: Known<'a>,
    seen: Vec<Observation<'a>>,
    /// What early warning says of the subject as last seen.
    warning: Vec<Defect>,
}

struct Observation<'a> {
    at: Instant8,
    look: Option<&'a Look>,
    seen: Seen<Vec<Defect>>,
}

fn observe<'a>(
    histories: &mut BTreeMap<Fingerprint, History<'a>>,
    rule: &'a BoundRule,
    known: &Known<'a>,
    (began, in_the_past): (Instant8, bool),
    cx: Context,
) {
    let Some(mut seen) = rule.run(known.subject, cx) else { return };
    let at = known.look.map_or(began, |look| look.at);
    // What was published after the patrol is no date in the future to a recheck that saw it. Everything else keeps the age
    // that it had on the day of the patrol: not all of it was read again.
    let later = !in_the_past && at.date_naive() > cx.as_of;
    if later && seen.as_ref().is_err_and(|gap| gap.why == "future-date") {
        let then = Context { as_of: at.date_naive() };
        seen = rule.run(known.subject, then).unwrap_or(seen);
    }
    let passed = seen.as_ref().is_ok_and(Vec::is_empty);
    let warning = if passed {
        rule.run_warn(known.subject, cx).and_then(Result::ok).unwrap_or_default()
    } else {
        vec![]
    };
    let fingerprint = Fingerprint::of(known.owner(), &rule.rule.id, &known.key);
    let history = histories.entry(fingerprint).or_insert_with(|| History {
        rule,
        known: known.again(),
        seen: Vec::new(),
        warning: Vec::new(),
    });
    // How far a cause reaches is known by the look that read the whole site, not by one that asked again for a page.
    let wider = history.known.whole.pages_read > known.whole.pages_read;
    let cause = if wider { history.known.cause } else { known.cause };
    history.known = Known { cause, ..known.again() };
    history.warning = warning;
    history.seen.push(Observation { at, look: known.look, seen });
}

impl History<'_> {
    fn latest(&self) -> Option<&Seen<Vec<Defect>>> {
        self.seen.last().map(|observation| &observation.seen)
    }

    fn conclude(
        self,
        fingerprint: Fingerprint,
        flagged: &BTreeSet<(String, String)>,
        exempt: &impl Fn(&Finding) -> Option<String>,
        judgement: &mut Judgement,
    ) {
        let verdict = match self.latest() {
            None => return,
            Some(Err(gap)) => {
                judgement.gaps.push(gap.clone());
                judgement.unseen.push(fingerprint.clone());
                Verdict::Gap
            }
            Some(Ok(found)) if found.is_empty() => {
                if !self.warning.is_empty() {
                    judgement.warnings.push(self.warn(&fingerprint));
                }
                judgement.passed.push(fingerprint.clone());
                Verdict::Passed
            }
            Some(Ok(_)) if self.covered(flagged) => Verdict::Covered,
            Some(Ok(found)) => {
                let finding = self.finding(found, &fingerprint);
                if let Some(reason) = exempt(&finding) {
                    judgement.exempt.push((finding, reason));
                    Verdict::Exempt
                } else {
                    let confirmed = finding.state == State::Confirmed;
                    judgement.findings.push(finding);
                    if confirmed { Verdict::Failed } else { Verdict::Suspected }
                }
            }
        };
        let (level, has_cycle) = match self.known.subject {
            SubjectRef::Column(column) => (column.level, column.cycle_days.is_some()),
            _ => (None, false),
        };
        let rule = self.rule.rule.id.clone();
        judgement.count(Outcome { rule, fingerprint, verdict, level, has_cycle });
    }

    /// Whether a rule that tells the cause better flags the same subject.
    fn covered(&self, flagged: &BTreeSet<(String, String)>) -> bool {
        let told = |rule: &String| flagged.contains(&(rule.clone(), self.known.key.clone()));
        self.rule.rule.yields_to.iter().any(told)
    }

    /// The looks that confirm the latest failure: the trailing failures with no pass in between, each at least `apart`
    /// before the next, oldest first.
    fn failures(&self) -> Vec<&Observation<'_>> {
        let apart = Duration::from_std(self.rule.rule.apart).unwrap_or(Duration::MAX);
        let mut chain: Vec<&Observation<'_>> = Vec::new();
        for observation in self.seen.iter().rev() {
            match &observation.seen {
                Ok(found) if found.is_empty() => break,
                Err(_) => {}
                Ok(_) => {
                    if chain.last().is_none_or(|next| next.at.signed_duration_since(observation.at) >= apart)
                    {
                        chain.push(observation);
                    }
                }
            }
        }
        chain.reverse();
        chain
    }

    fn finding(&self, found: &[Defect], fingerprint: &Fingerprint) -> Finding {
        let rule = &self.rule.rule;
        let failures = self.failures();
        let enough = failures.len() >= usize::from(rule.looks);
        // What rests on a weak fact is for a person to see, not for a list that is sent.
        let strong = !found.iter().all(|defect| defect.suspected)
            && found.iter().all(|defect| defect.confidence > Confidence::Low);
        let state = match (enough && strong, rule.at_most) {
            (false, _) | (_, Some(State::Suspected)) => State::Suspected,
            (true, _) => State::Confirmed,
        };
        let mut description: String = found.iter().map(|defect| defect.description.as_str()).collect();
        if state == State::Confirmed && rule.looks >= 2 {
            let times: Vec<_> = failures.iter().map(|failure| moment(failure.at)).collect();
            description = before_stop(&description, &looks_in_words(&times));
        }
        let looks = failures.iter().filter_map(|failure| failure.look.cloned()).collect();
        Finding { description, state, ..self.base(found, looks, fingerprint) }
    }

    fn warn(&self, fingerprint: &Fingerprint) -> Finding {
        let looks = self.seen.last().and_then(|seen| seen.look.cloned()).into_iter().collect();
        let base = self.base(&self.warning, looks, fingerprint);
        let description = before_stop(&base.description, "（临期提示，尚未超过规定时限）");
        Finding {
            description,
            severity: Severity::Advisory,
            class: Class::Advisory,
            state: State::Confirmed,
            ..base
        }
    }

    fn base(&self, found: &[Defect], looks: Vec<Look>, fingerprint: &Fingerprint) -> Finding {
        let rule = &self.rule.rule;
        let first = |text: fn(&Defect) -> &str| {
            found.iter().map(text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("；")
        };
        let last_update = found.iter().find_map(|defect| defect.last_update).map(|day| day.to_string());
        let mut subject = self.known.place();
        let mut url = self.known.url.to_owned();
        if let Some((name, column)) = found.iter().find_map(|defect| defect.at.as_ref()) {
            name.clone_into(&mut subject.place);
            subject.column = Some(column.clone());
            column.clone_into(&mut url);
        }
        Finding {
            rule: rule.id.clone(),
            title: rule.title.clone(),
            indicator: rule.indicator.clone(),
            severity: rule.severity,
            class: rule.class,
            subject,
            description: found.iter().map(|defect| defect.description.as_str()).collect(),
            remedy: rule.remedy.clone(),
            url,
            page: self.known.page.map(str::to_owned),
            cause: self.known.cause,
            stock: !found.is_empty() && found.iter().all(|defect| defect.stock),
            confidence: found.iter().map(|defect| defect.confidence).min().unwrap_or(Confidence::Low),
            state: State::Suspected,
            evidence: Evidence { looks, excerpt: first(|defect| &defect.excerpt), last_update },
            fingerprint: fingerprint.clone(),
        }
    }
}

/// `（11月16日22:14、11月17日09:40两次核查）`.
fn looks_in_words(times: &[String]) -> String {
    let number = match times.len() {
        2 => "两",
        3 => "三",
        4 => "四",
        5 => "五",
        _ => "多",
    };
    format!("（{}{number}次核查）", times.join("、"))
}

/// `11月16日22:14`.
fn moment(at: Instant8) -> String {
    let mut text = format!("{}月{}日", at.month(), at.day());
    let _ = write!(text, "{:02}:{:02}", at.hour(), at.minute());
    text
}

/// `note` put before the last full stop.
fn before_stop(text: &str, note: &str) -> String {
    text.strip_suffix('。').map_or_else(|| format!("{text}{note}"), |body| format!("{body}{note}。"))
}

fn home_unseen(looks: &[&LookFacts]) -> bool {
    let read = |look: &&LookFacts| {
        let home = &look.facts.home;
        look.facts.pages_read > 0 && home.gap.as_ref().is_none_or(|gap| gap.why == "undated")
    };
    !looks.iter().any(read)
}

#[cfg(test)]
mod tests;
