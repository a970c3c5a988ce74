//! `stale-account`: a new-media account on which nothing was published for too long, by a source that can prove it.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Context, Defect, account_source, check};
use crate::calendar::{limit_in_words, long_date, month_day};
use crate::facts::account::AccountStatus;
use crate::facts::account_seen::{AccountSeen, Silence, first_of};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 新媒体超期未更新
    ///
    /// ## What it does
    /// Flags an account whose newest post is more than `max-age-days` older than the last day of which a healthy source says
    /// that it lists everything, where that day is at most `evidence-days` before the day of the patrol. With `min-per-week`, also
    /// an account with fewer posts in the last seven days that such a source covers. Only 已注销 ends the duty to publish.
    ///
    /// ## Why it matters
    /// An account without a post in the two weeks before the day of the check fails by itself.
    ///
    /// ## Gaps
    /// No evidence; a source that broke, lags, lists only a part, says not up to which day it reaches, or is a feed; evidence that
    /// ends too early. A post that any source saw counts, whatever the source is worth.
    ///
    /// ## Example
    /// An export of 16 November names 29 October as the newest post, `max-age-days = 14`: 18 days, flagged.
    StaleAccount = "stale-account", AccountSeen, Params, run
}

/// Parameters of `stale-account`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days without a post that are allowed.
    max_age_days: u32,
    /// Days by which evidence may end before the day of the patrol.
    evidence_days: u32,
    /// Posts that seven days must have at least.
    #[serde(default)]
    min_per_week: Option<u32>,
}

fn run(account: &AccountSeen, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    if account.status == AccountStatus::Cancelled || !account.publishes {
        return Ok(Vec::new());
    }
    let limit = i64::from(params.max_age_days);
    let age = |day: NaiveDate| cx.as_of.signed_duration_since(day).num_days();
    let last = account.last_post(cx.as_of);
    if last.is_some_and(|(post, _)| age(post.day) <= limit) {
        return few_a_week(account, params, cx);
    }
    if account.opened.is_some_and(|opened| age(opened) <= limit) {
        return Ok(Vec::new());
    }
    let Some(silence) = account.silence(cx.as_of) else { return Err(account.doubt()) };
    if age(silence.until) > i64::from(params.evidence_days) {
        return Err(Gap::new(&account.name, "evidence-old"));
    }
    let opened = account.opened.filter(|opened| *opened > silence.since);
    let silence = Silence { since: opened.unwrap_or(silence.since), ..silence };
    if silence.days() <= limit {
        return Err(Gap::new(&account.name, "evidence-old"));
    }
    Ok(vec![defect(account, &silence, params.max_age_days, cx)])
}

fn defect(account: &AccountSeen, silence: &Silence<'_>, limit: u32, cx: Context) -> Defect {
    let days = silence.days();
    let words = limit_in_words(limit, silence.since, silence.until);
    let source = account_source(silence.by);
    let until = month_day(silence.until);
    let text = if silence.after_post {
        format!(
            "最近一次发布时间为{}，截至{until}已{days}天未更新，超过{words}。依据：{source}。",
            long_date(silence.since)
        )
    } else {
        format!(
            "{}之后至{until}的{days}天内未发布信息，超过{words}。依据：{source}。",
            long_date(silence.since)
        )
    };
    let post = account.last_post(cx.as_of);
    let excerpt = post.map_or_else(String::new, |(post, _)| {
        format!("{} {} {}", post.title, post.day, post.url.as_deref().unwrap_or_default())
    });
    let excerpt = format!("{} {}", excerpt.trim(), silence.by.origin);
    Defect { last_update: Some(silence.since), ..Defect::new(text, excerpt.trim(), Confidence::High) }
}

fn few_a_week(account: &AccountSeen, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let Some(least) = params.min_per_week else { return Ok(Vec::new()) };
    let Some(until) = account.known_until(cx.as_of) else { return Err(account.doubt()) };
    if cx.as_of.signed_duration_since(until).num_days() > i64::from(params.evidence_days) {
        return Err(Gap::new(&account.name, "evidence-old"));
    }
    let from = first_of(until, 7);
    if account.opened.is_some_and(|opened| opened > from) {
        return Ok(Vec::new());
    }
    let Some((posts, by)) = account.posts_within(from, until) else {
        return Err(Gap::new(&account.name, "evidence-partial"));
    };
    if posts >= least {
        return Ok(Vec::new());
    }
    let text = format!(
        "{}至{}的7天内发布{posts}条，少于{least}条。依据：{}。",
        month_day(from),
        month_day(until),
        account_source(by)
    );
    Ok(vec![Defect::new(text, &by.origin, Confidence::High)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::account::{AccountFacts, Health, Source};
    use crate::facts::account_seen::samples::{account, day, export};

    const PARAMS: Params = Params { max_age_days: 14, evidence_days: 3, min_per_week: None };

    fn says(evidence: Vec<AccountFacts>, today: u32) -> Result<Vec<String>, String> {
        let found = run(&account(evidence), &PARAMS, Context { as_of: day(today) });
        found.map(|d| d.into_iter().map(|d| d.description).collect()).map_err(|gap| gap.why)
    }

    #[test]
    fn the_boundary_is_the_limit_itself() {
        assert_eq!(says(vec![export(&[2], 16)], 16), Ok(vec![]));
        let told = says(vec![export(&[1], 16)], 16).expect("a finding");
        assert_eq!(
            told,
            [
                "最近一次发布时间为2026年11月1日，截至11月16日已15天未更新，超过2周。依据：导出表（11月16日）。"
            ]
        );
    }

    #[test]
    fn silence_is_counted_no_further_than_its_proof() {
        // Fourteen days are proved; what came on the fifteenth, nobody says.
        assert_eq!(says(vec![export(&[1], 15)], 16), Err("evidence-old".to_owned()));
        assert_eq!(says(vec![export(&[1], 16)], 20), Err("evidence-old".to_owned()));
        assert_eq!(says(vec![], 16), Err("no-evidence".to_owned()));
    }

    #[test]
    fn no_broken_source_ever_proves_staleness() {
        let old = || export(&[1], 28);
        let broken: Vec<AccountFacts> = vec![
            AccountFacts { health: Health::Late, ..old() },
            AccountFacts { health: Health::Partial, ..old() },
            AccountFacts { health: Health::Broken("quota".to_owned()), ..old() },
            AccountFacts { health: Health::Broken("empty".to_owned()), ..export(&[], 28) },
            AccountFacts { source: Source::Feed, ..old() },
            AccountFacts { until: None, ..old() },
            AccountFacts { from: None, ..export(&[], 28) },
        ];
        for (n, one) in broken.iter().enumerate() {
            assert!(says(vec![one.clone()], 28).is_err(), "{n}");
            for other in &broken {
                assert!(says(vec![one.clone(), other.clone()], 28).is_err(), "{n}");
            }
            // A healthy source beside it is believed.
            assert_eq!(says(vec![one.clone(), old()], 28).map(|d| d.len()), Ok(1), "{n}");
        }
    }

    #[test]
    fn new_cancelled_and_serving_accounts_are_left_alone() {
        let silent = account(vec![export(&[1], 28)]);
        let cx = Context { as_of: day(28) };
        let left = |account: &AccountSeen| run(account, &PARAMS, cx).is_ok_and(|d| d.is_empty());
        assert!(!left(&silent));
        assert!(!left(&AccountSeen { status: AccountStatus::ClosingAnnounced, ..silent.clone() }));
        assert!(left(&AccountSeen { status: AccountStatus::Cancelled, ..silent.clone() }));
        assert!(left(&AccountSeen { publishes: false, ..silent.clone() }));
        let opened = AccountFacts { from: Some(day(1)), ..export(&[], 28) };
        let fresh = AccountSeen { opened: Some(day(20)), evidence: vec![opened], ..silent };
        assert!(left(&fresh));
    }

    #[test]
    fn too_few_posts_a_week() {
        let params = Params { min_per_week: Some(3), ..PARAMS };
        let listed = |posts: &[u32]| AccountFacts { from: Some(day(1)), ..export(posts, 15) };
        let ask = |facts| run(&account(vec![facts]), &params, Context { as_of: day(16) });
        let told = ask(listed(&[9, 15])).expect("known");
        assert_eq!(
            told[0].description,
            "11月9日至11月15日的7天内发布2条，少于3条。依据：导出表（11月15日）。"
        );
        assert_eq!(ask(listed(&[9, 12, 15])), Ok(vec![]));
        assert_eq!(ask(export(&[9, 15], 15)).map_err(|gap| gap.why), Err("evidence-partial".to_owned()));
    }
}
