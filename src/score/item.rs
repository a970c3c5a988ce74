//! One item of the sheet: findings and answers to steps, no problem counted twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::answer::{Said, Standing};
use super::{Basis, PointSpan, Step};
use crate::finding::{Finding, Fingerprint, State, SubjectKind};
use crate::judge::Verdict;
use crate::rules::sheet::{Hit, Item, Part, Place, Points, Question, Sheet};

/// The counting of one sheet, item after item.
pub(super) struct Counting<'a> {
    basis: Basis<'a>,
    answers: BTreeMap<&'a str, Standing<'a>>,
    /// Link targets that the home page carries.
    on_home: BTreeSet<&'a str>,
    /// What confirmed findings were counted by, as group and subject.
    counted: BTreeSet<(String, String)>,
    /// The same of suspected ones.
    suspected: BTreeSet<(String, String)>,
}

/// What a hit counts.
#[derive(Default)]
struct Tally {
    sure: Vec<Fingerprint>,
    suspected: i64,
    gaps: i64,
    repeated: i64,
    stock: i64,
}

impl<'a> Counting<'a> {
    pub(super) fn new(basis: Basis<'a>, sheet: &'a Sheet) -> Self {
        let answers = super::answer::standing(basis.answers, basis.as_of, sheet.answer_days);
        let links = basis.facts.links.iter().filter(|link| link.on_home);
        let on_home = links.map(|link| link.url.as_str()).collect();
        Self { basis, answers, on_home, counted: BTreeSet::new(), suspected: BTreeSet::new() }
    }

    pub(super) fn steps(&mut self, item: &Item) -> Vec<Step> {
        let (mut steps, mut nothing) = (Vec::new(), Vec::new());
        for hit in &item.hits {
            match self.hit(item, hit) {
                Some(step) => steps.push(step),
                None => nothing.push(format!("{}（{}）", self.title(hit), hit.rule)),
            }
        }
        if !nothing.is_empty() {
            // Who adds up by hand is to see what was looked for, too.
            let words = format!("未发现：{}，不扣", nothing.join("、"));
            steps.push(Step { words, points: PointSpan::default(), evidence: Vec::new() });
        }
        steps.extend(item.questions.iter().map(|question| self.question(item, question)));
        steps
    }

    fn title(&self, hit: &Hit) -> String {
        let title = self.basis.rules.get(&hit.rule).map_or(hit.rule.as_str(), |bound| &bound.rule.title);
        format!("{}{title}", hit.place.word())
    }

    fn hit(&mut self, item: &Item, hit: &Hit) -> Option<Step> {
        if let Some(why) = self.basis.rules.disabled.get(&hit.rule) {
            let words = format!("`{}`：本地调整为不查（{why}），不扣", hit.rule);
            return Some(Step { words, points: PointSpan::default(), evidence: Vec::new() });
        }
        let tally = self.tally(hit);
        let open = self.basis.judgement.home_unseen;
        let each = hit.points.unwrap_or(item.points).0;
        let times = |n: i64| if hit.once { n.min(1) } else { n };
        let sure = i64::try_from(tally.sure.len()).unwrap_or(i64::MAX);
        let most = times(sure + tally.suspected + tally.gaps) * each;
        let points =
            PointSpan { least: times(sure) * each, most: if open { most.max(item.points.0) } else { most } };
        let nothing = sure + tally.suspected + tally.gaps + tally.repeated + tally.stock == 0;
        if nothing && !open {
            return None;
        }
        let unit = &hit.unit;
        let mut words = format!("{}（{}）：", self.title(hit), hit.rule);
        match (sure, hit.full || hit.once) {
            (0, _) => words.push_str("未确认"),
            (n, true) => {
                let _ = write!(words, "{n}{unit}，扣{}分", Points(points.least));
            }
            (n, false) => {
                let _ = write!(words, "{n}{unit}×{}分={}分", Points(each), Points(points.least));
            }
        }
        if tally.suspected + tally.gaps > 0 {
            let more = Points(points.most - points.least);
            let _ =
                write!(words, "；疑似{}、未能判定{}{unit}，最多再扣{more}分", tally.suspected, tally.gaps);
        }
        if tally.repeated > 0 {
            let _ = write!(words, "；{}{unit}已按其他指标扣分，不重复扣分", tally.repeated);
        }
        if tally.stock > 0 {
            let _ = write!(words, "；存量问题{}{unit}不计", tally.stock);
        }
        if open {
            words.push_str("；首页未能读取，应计入的总数不能确定");
        }
        Some(Step { words, points, evidence: tally.sure })
    }

    fn tally(&mut self, hit: &Hit) -> Tally {
        let mut tally = Tally::default();
        let judgement = self.basis.judgement;
        for finding in judgement.findings.iter().filter(|finding| finding.rule == hit.rule) {
            if !hit.place.takes(self.stands_on_home(finding)) {
                continue;
            }
            if finding.stock {
                tally.stock += 1;
                continue;
            }
            let key = match &hit.group {
                Some(group) => (group.clone(), finding.url.clone()),
                None => (String::new(), finding.fingerprint.0.clone()),
            };
            if self.counted.contains(&key) {
                tally.repeated += 1;
            } else if finding.state == State::Confirmed {
                self.counted.insert(key);
                tally.sure.push(finding.fingerprint.clone());
            } else if self.suspected.insert(key) {
                tally.suspected += 1;
            }
        }
        let unseen = judgement.subjects.iter().filter(|s| s.rule == hit.rule && s.verdict == Verdict::Gap);
        let home = self.home_links(hit);
        let unseen = unseen.filter(|outcome| hit.place.takes(home.contains(&outcome.fingerprint)));
        tally.gaps = i64::try_from(unseen.count()).unwrap_or(i64::MAX);
        tally
    }

    fn stands_on_home(&self, finding: &Finding) -> bool {
        match finding.subject.kind {
            SubjectKind::Home => true,
            SubjectKind::Link => self.on_home.contains(finding.url.as_str()),
            _ => false,
        }
    }

    /// Identities of links on the home page under the hit's rule, where the place decides anything.
    fn home_links(&self, hit: &Hit) -> BTreeSet<Fingerprint> {
        if hit.place == Place::Any {
            return BTreeSet::new();
        }
        let site = &self.basis.facts.site.id;
        self.on_home.iter().map(|url| Fingerprint::of(site, &hit.rule, url)).collect()
    }

    fn question(&self, item: &Item, question: &Question) -> Step {
        let each = question.points.unwrap_or(item.points).0;
        let verb = if item.part == Part::Deduction { "扣" } else { "加" };
        let ask = &question.ask;
        let most = question.most.map_or(item.points.0, |most| item.points.0.min(i64::from(most) * each));
        let open = PointSpan { least: 0, most };
        let (words, points) = match self.answers.get(question.id.as_str()) {
            Some(Standing::Holds(answer)) => {
                let points = match (answer.said, question.points) {
                    (Said::Yes, None) => Some(each),
                    (Said::No, _) => Some(0),
                    (Said::Count(hundredths), Some(_)) => {
                        let fits = question.most.is_none_or(|most| hundredths <= i64::from(most) * 100);
                        fits.then_some(hundredths * each / 100)
                    }
                    (Said::Yes, Some(_)) | (Said::Count(_), None) => None,
                };
                if let Some(points) = points {
                    let counted = match answer.said {
                        Said::Count(n) if n > 0 => {
                            let (n, each) = (Points(n), Points(each));
                            format!("{n}{}×{each}分={}分", question.unit, Points(points))
                        }
                        _ => format!("{verb}{}分", Points(points)),
                    };
                    let words = format!("{ask}：{}，{counted}", answer.in_words());
                    (words, PointSpan { least: points, most: points })
                } else {
                    let words = format!("{ask}：所填“{}”与现行问法不符，须重新核查", answer.said);
                    (words, open)
                }
            }
            Some(Standing::Old(answer, days)) => {
                let words = format!("{ask}：上次核查已过{days}天（{}），须重新核查", answer.in_words());
                (words, open)
            }
            None => (format!("{ask}：未核查（{}），{verb}0至{}分", question.id, Points(most)), open),
        };
        Step { words, points, evidence: Vec::new() }
    }
}
