//! `unreachable-site`: a site whose home page did not open too often in a week of spaced visits; or, suspected, in one look.

use super::{Context, Defect, check};
use crate::facts::site::{Site, Visit};
use crate::facts::tls::TlsSeen;
use crate::facts::visits::{Decision, Measure, Outcome, Reckoning, Watch, in_words, reckon};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 站点无法访问
    ///
    /// ## What it does
    /// Counts the spaced visits of the `days` days before the look (`xuncha probe`). Where every day has `visits-a-day` of
    /// them and the share of those at which the home page did not open within `timeout-seconds` reaches `fail-percent`,
    /// the site is flagged. Visits less than `spaced-minutes` after the last one are not counted again. A visit opened where
    /// IPv4 or IPv6 did. Where the week is not whole, or the patrol's own visit failed, the site is 疑似 at most.
    ///
    /// ## Why it matters
    /// The indicator watches a site for one week, with at least 20 spaced visits a day. The visits of one patrol cannot
    /// decide it.
    ///
    /// ## Gaps
    /// Visits at which our own network failed are none. Visits answered by a firewall or a login, TLS that we do not speak,
    /// faulty certificates and failed name servers neither opened nor failed: the indicator is decided only where they make
    /// no difference. Visits in a maintenance or an offline time that was declared (报备) are none; a week with such a day
    /// is 疑似 at most. A site that was flagged and has opened at every visit of a whole day since is `recovering` until the
    /// week is over.
    ///
    /// ## Example
    /// 336 visits in seven days, 20 of them timed out: 5.95%, 站点无法访问. Three visits of a patrol, two of them timed out:
    /// 疑似站点无法访问.
    UnreachableSite = "unreachable-site", Site, Measure, run
}

fn run(site: &Site, measure: &Measure, _: Context) -> Seen<Vec<Defect>> {
    let Some(watch) = site.watch.as_ref().filter(|watch| !watch.samples.is_empty()) else {
        return by_visits(site, measure);
    };
    let week = reckon(&watch.samples, watch.until, measure);
    if week.decision == Decision::Met {
        if recovers(watch, measure) {
            return Err(Gap::new(&site.url, "recovering"));
        }
        return Ok(vec![Defect::new(told(&week), times(&week), Confidence::High)]);
    }
    let found = by_visits(site, measure);
    if matches!(&found, Ok(found) if !found.is_empty()) {
        return found;
    }
    // A week that is not whole decides nothing, but it may make one look.
    let suspicious = week.decision == Decision::Undecided
        && week.failed() > 1
        && u64::from(week.failed()) * 100 >= u64::from(week.visits()) * u64::from(measure.fail_percent);
    if suspicious {
        let text = before_stop(&told(&week), "，访问次数尚不足以认定");
        let defect = Defect::new(text, times(&week), Confidence::Medium);
        return Ok(vec![Defect { suspected: true, ..defect }]);
    }
    if week.decision == Decision::NotMet { Ok(Vec::new()) } else { found }
}

/// Whether the site, judged before, has opened at every visit since, for as many visits as a day has.
fn recovers(watch: &Watch, measure: &Measure) -> bool {
    let Some(since) = watch.since else { return false };
    let after: Vec<_> = watch.samples.iter().filter(|sample| sample.at >= since).cloned().collect();
    let after = reckon(&after, watch.until, measure);
    after.failed() == 0 && after.visits() - after.unknown() >= measure.visits_a_day
}

/// Failing times that are listed with a finding; the rest stand in the list of visits.
const LISTED: usize = 20;

fn told(week: &Reckoning) -> String {
    let reasons: Vec<_> = week
        .reasons
        .iter()
        .map(|(why, count)| format!("{}{count}次", in_words(&Outcome::Failed(why.clone()))))
        .collect();
    let (visits, failed) = (week.visits(), week.failed());
    let share = u64::from(failed) * 10_000 / u64::from(visits.max(1));
    let declared = match week.declared() {
        0 => String::new(),
        n => format!("，另有{n}次在报备期内不计"),
    };
    format!(
        "{}至{}定时访问首页{visits}次，其中{failed}次未能打开（{}），占{}.{:02}%{declared}。",
        week.from.format("%Y-%m-%d %H:%M"),
        week.until.format("%Y-%m-%d %H:%M"),
        reasons.join("、"),
        share / 100,
        share % 100
    )
}

fn times(week: &Reckoning) -> String {
    let all =
        week.failures.iter().map(|(at, why)| format!("{} {}", at.format("%Y-%m-%d %H:%M:%S"), in_words(why)));
    let mut listed: Vec<String> = all.take(LISTED).collect();
    if week.failures.len() > LISTED {
        listed.push(format!("另有{}次", week.failures.len() - LISTED));
    }
    listed.join("；")
}

/// A sentence with more said before its full stop.
fn before_stop(sentence: &str, more: &str) -> String {
    format!("{}{more}。", sentence.trim_end_matches('。'))
}

/// What the visits of the look itself tell: 疑似 at most.
fn by_visits(site: &Site, measure: &Measure) -> Seen<Vec<Defect>> {
    let all: Vec<_> = site.visits.iter().map(|visit| (visit, failed(visit))).collect();
    let seen: Vec<_> =
        all.iter().filter_map(|(visit, said)| said.as_ref().ok().map(|said| (visit, said))).collect();
    if seen.is_empty() {
        let why = all.iter().find_map(|(_, said)| said.as_ref().err()).map_or("not-visited", String::as_str);
        let legacy = matches!(site.tls.as_ref().map(|tls| &tls.seen), Some(TlsSeen::Legacy(_)));
        return Err(Gap::new(&site.url, if why == "tls" && legacy { "tls-legacy" } else { why }));
    }
    let failures: Vec<_> =
        seen.iter().filter_map(|(visit, why)| why.as_ref().map(|why| (visit, why))).collect();
    if failures.is_empty() || failures.len() * 100 < seen.len() * measure.fail_percent as usize {
        return Ok(Vec::new());
    }
    let mut reasons: Vec<_> = failures.iter().map(|(_, why)| why.as_str()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let text = format!(
        "检查时访问首页{}次，其中{}次未能打开（{}）。",
        seen.len(),
        failures.len(),
        reasons.join("、")
    );
    let times: Vec<_> =
        failures.iter().map(|(v, why)| format!("{} {why}", v.look.at.format("%Y-%m-%d %H:%M:%S"))).collect();
    let defect = Defect::new(text, times.join("；"), Confidence::Medium);
    Ok(vec![Defect { suspected: true, ..defect }])
}

/// Why the home page did not open; `None` where it did.
///
/// # Errors
/// The gap's word where the visit says nothing.
fn failed(visit: &Visit) -> Result<Option<String>, String> {
    match Outcome::of(&visit.answer) {
        Outcome::Opened | Outcome::Absent | Outcome::Declared => Ok(None),
        outcome @ Outcome::Failed(_) => Ok(Some(in_words(&outcome))),
        Outcome::Unknown(why) | Outcome::Ours(why) => Err(why),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::broken_link::tests::link;
    use super::super::stale_column::tests::cx;
    use chrono::TimeDelta;

    use super::*;
    use crate::calendar::Instant8;
    use crate::exchange::ConnectError;
    use crate::facts::answer::{Answer, Fault};
    use crate::facts::visits::Sample;
    use crate::facts::visits::tests::{MEASURE, until, week};

    pub(in crate::checks) fn site(answers: &[Answer]) -> Site {
        let look = link(Answer::There).look;
        Site {
            id: "5101000001".to_owned(),
            name: "示例市人民政府门户网站".to_owned(),
            url: "http://www.example.gov.cn/".to_owned(),
            portal: true,
            visits: answers.iter().map(|a| Visit { look: look.clone(), answer: a.clone() }).collect(),
            ipv6: None,
            tls: None,
            watch: None,
        }
    }

    fn outcome(answers: &[Answer]) -> Result<Option<String>, String> {
        run(&site(answers), &MEASURE, cx())
            .map(|found| found.into_iter().next().map(|defect| defect.description))
            .map_err(|gap| gap.why)
    }

    #[test]
    fn failed_visits_are_counted_and_unseen_ones_are_not() {
        let timeout = Answer::Unreachable(Fault::Connect(ConnectError::Timeout));
        let challenge = Answer::Challenge("412".to_owned());
        assert_eq!(outcome(&[Answer::There, Answer::There]), Ok(None));
        assert_eq!(
            outcome(&[timeout.clone(), Answer::There, timeout.clone(), challenge.clone()]),
            Ok(Some("检查时访问首页3次，其中2次未能打开（连接超时）。".to_owned()))
        );
        assert_eq!(
            outcome(&[Answer::ServerError(502), Answer::NoSuchName]),
            Ok(Some("检查时访问首页2次，其中2次未能打开（域名不存在、返回502）。".to_owned()))
        );
        assert_eq!(outcome(&[challenge]), Err("blocked".to_owned()));
        assert_eq!(outcome(&[Answer::Unreachable(Fault::Tls)]), Err("tls".to_owned()));
        assert_eq!(outcome(&[Answer::ServerError(521)]), Err("blocked".to_owned()));
        assert_eq!(outcome(&[]), Err("not-visited".to_owned()));
    }

    fn watched(answers: &[Answer], samples: Vec<Sample>, since: Option<Instant8>) -> Seen<Vec<Defect>> {
        let mut site = site(answers);
        site.watch = Some(Watch { until: until(), since, samples });
        run(&site, &MEASURE, cx())
    }

    fn refused_before(count: i32) -> Vec<Sample> {
        week(48, move |n| if n < count { Outcome::Failed("refused".to_owned()) } else { Outcome::Opened })
    }

    #[test]
    fn a_week_of_visits_confirms_what_one_look_cannot() {
        let met = watched(&[Answer::There], refused_before(17), None).expect("seen");
        assert!(!met[0].suspected, "{met:?}");
        assert!(met[0].excerpt.starts_with("2026-11-09 20:00:00 连接被拒绝；"), "{}", met[0].excerpt);
        assert_eq!(watched(&[Answer::There], refused_before(16), None), Ok(Vec::new()));
        assert_eq!(
            watched(&[Answer::Restricted], refused_before(0), None),
            Ok(Vec::new()),
            "the week is enough"
        );
        let now = [Answer::Unreachable(Fault::Connect(ConnectError::Timeout))];
        let down_now = watched(&now, refused_before(0), None).expect("seen");
        assert!(down_now[0].suspected, "one look only makes one look");
        let short: Vec<_> = refused_before(200).into_iter().take(250).collect();
        let suspected = watched(&[Answer::There], short, None).expect("seen");
        assert!(
            suspected[0].suspected && suspected[0].description.ends_with("尚不足以认定。"),
            "{suspected:?}"
        );
        assert_eq!(watched(&[Answer::There], Vec::new(), None), Ok(Vec::new()));
    }

    #[test]
    fn a_site_that_opens_again_is_neither_down_nor_mended_until_the_week_is_over() {
        let told = until() - TimeDelta::hours(30);
        let recovered = watched(&[Answer::There], refused_before(200), Some(told));
        assert_eq!(recovered.map_err(|gap| gap.why), Err("recovering".to_owned()));
        let just_now = watched(&[Answer::There], refused_before(200), Some(until() - TimeDelta::hours(5)));
        assert_eq!(just_now.map(|found| found.len()), Ok(1), "ten visits are no day");
        let still_down = watched(&[Answer::There], refused_before(290), Some(told));
        assert_eq!(still_down.map(|found| found.len()), Ok(1));
    }
}
