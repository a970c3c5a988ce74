//! One account with everything its sources said: what checks judge, and the figures that reports print.
//! Pure; the register's words come in as plain values.

use chrono::{Datelike as _, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::account::{AccountFacts, AccountStatus, Health, Platform, Post};
use crate::finding::Gap;

/// An account as one look saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSeen {
    /// Its key: `wechat:gh_0123`.
    pub key: String,
    /// As lists print it: `示例交通（微信公众号）`.
    pub name: String,
    /// 平台.
    pub platform: Platform,
    /// 状态 as registered.
    #[serde(default)]
    pub status: AccountStatus,
    /// False for what only serves and publishes nothing by its nature.
    pub publishes: bool,
    /// 主办单位; empty where the register has none.
    #[serde(default)]
    pub unit: String,
    /// 备案编号; empty where the register has none.
    #[serde(default)]
    pub filing: String,
    /// 开设时间.
    #[serde(default)]
    pub opened: Option<NaiveDate>,
    /// 注销（停用）时间.
    #[serde(default)]
    pub closed: Option<NaiveDate>,
    /// Declared in the register: a menu or entrance for questions.
    #[serde(default)]
    pub menu: Option<bool>,
    /// Declared in the register: messages are answered.
    #[serde(default)]
    pub reply: Option<bool>,
    /// Its public address; empty where not known.
    #[serde(default)]
    pub address: String,
    /// Accounts of the same unit on the same platform that stand before it in the register and are not cancelled.
    #[serde(default)]
    pub before: Vec<String>,
    /// The same that stand after it.
    #[serde(default)]
    pub after: Vec<String>,
    /// What each source said, in order of preference.
    #[serde(default)]
    pub evidence: Vec<AccountFacts>,
    /// What its site published that it is to carry, too; `None` where the register names no site.
    #[serde(default)]
    pub site: Option<SiteTitles>,
}

/// Important titles of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteTitles {
    /// 网站名称.
    pub name: String,
    /// The items, newest first.
    pub items: Vec<Titled>,
    /// True where all titles of the days they span were read.
    #[serde(default)]
    pub whole: bool,
}

/// One item of a site's list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Titled {
    /// Its day.
    pub day: NaiveDate,
    /// Its title.
    pub title: String,
    /// Its address.
    #[serde(default)]
    pub url: String,
    /// True where it stands on the home page or in a column of news, notices or policies.
    #[serde(default)]
    pub important: bool,
}

/// Days over which nothing was published, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence<'a> {
    /// Day of the last post, or the day before the first that was watched.
    pub since: NaiveDate,
    /// Last day that the source speaks of.
    pub until: NaiveDate,
    /// Whether a post stands at its beginning; otherwise it began earlier still.
    pub after_post: bool,
    /// The source.
    pub by: &'a AccountFacts,
}

impl Silence<'_> {
    /// Days without a post.
    pub fn days(&self) -> i64 {
        self.until.signed_duration_since(self.since).num_days()
    }
}

impl AccountSeen {
    /// The newest post that any source saw, not later than `as_of`, and the source.
    pub fn last_post(&self, as_of: NaiveDate) -> Option<(&Post, &AccountFacts)> {
        // A source that broke may have shown something before it did.
        let each = self.evidence.iter().filter(|facts| !facts.is_of_another());
        let posts = each.filter_map(|facts| Some((facts.newest(as_of)?, facts)));
        posts.max_by_key(|(post, facts)| (post.day, post.at, std::cmp::Reverse(facts.source)))
    }

    /// The silence that reaches nearest to `as_of`, as far as a source proves it and no other saw a post in it.
    pub fn silence(&self, as_of: NaiveDate) -> Option<Silence<'_>> {
        let last = self.last_post(as_of).map(|(post, _)| post.day);
        let proofs = self.evidence.iter().filter_map(|facts| Some((facts.silence(as_of)?, facts)));
        proofs
            .filter_map(|((since, until), by)| {
                let ended = last.filter(|day| *day > since);
                let since = ended.unwrap_or(since);
                let after_post = ended.is_some() || by.newest(as_of).is_some();
                (since < until).then_some(Silence { since, until, after_post, by })
            })
            .max_by_key(|silence| (silence.until, silence.days()))
    }

    /// Why nothing can be said of its posts.
    pub fn doubt(&self) -> Gap {
        let why = match self.evidence.as_slice() {
            [] => "no-evidence",
            all if all.iter().all(|facts| matches!(facts.health, Health::Broken(_))) => "source-broken",
            all if all.iter().any(|facts| facts.health == Health::Ok && facts.until.is_none()) => {
                "evidence-undated"
            }
            all if all.iter().any(|facts| facts.health == Health::Late) => "evidence-late",
            all if all.iter().all(|facts| !facts.source.can_prove_silence()) => "hints-only",
            _ => "evidence-partial",
        };
        Gap::new(&self.name, why)
    }

    /// The same where there is evidence, and none of this kind.
    pub fn doubt_of(&self, why: &str) -> Gap {
        let silent = self.evidence.iter().all(|facts| matches!(facts.health, Health::Broken(_)));
        if silent { self.doubt() } else { Gap::new(&self.name, why) }
    }

    /// Posts from one day to another, both included, by a source that counts or lists all of them.
    pub fn posts_within(&self, from: NaiveDate, until: NaiveDate) -> Option<(u32, &AccountFacts)> {
        let well = self.evidence.iter().filter(|f| f.health == Health::Ok && f.source.can_prove_silence());
        well.filter_map(|facts| {
            let counted = facts.count.filter(|count| count.from == from && count.until == until);
            if let Some(count) = counted {
                return Some((count.posts, facts));
            }
            let listed = facts.from.is_some_and(|first| first <= from) && facts.until >= Some(until);
            let days: Vec<NaiveDate> = facts.posts.iter().map(|post| post.day).collect();
            let inside = days.iter().filter(|day| (from..=until).contains(*day)).count();
            // A source that only tells the newest post and a number lists nothing.
            let only_newest = facts.count.is_some() && facts.posts.len() <= 1;
            (listed && !only_newest).then(|| (u32::try_from(inside).unwrap_or(u32::MAX), facts))
        })
        // Posts that one source lists and another lacks were published.
        .max_by_key(|(posts, facts)| (*posts, std::cmp::Reverse(facts.source)))
    }

    /// The last day up to which a source that is well lists or counts everything.
    pub fn known_until(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        let well = self.evidence.iter().filter(|f| f.health == Health::Ok && f.source.can_prove_silence());
        well.filter_map(|facts| facts.until).map(|until| until.min(as_of)).max()
    }

    /// The figures of the year of `as_of`.
    pub fn figures(&self, as_of: NaiveDate, limit_days: u32) -> Figures {
        let mut days: Vec<NaiveDate> = Vec::new();
        for facts in &self.evidence {
            if !facts.is_of_another() {
                days.extend(facts.posts.iter().map(|post| post.day).filter(|day| *day <= as_of));
            }
        }
        let year = as_of.year();
        let known = self.known_until(as_of);
        let listed = self.evidence.iter().filter(|f| f.health == Health::Ok && f.source.can_prove_silence());
        let watched_from = listed.filter_map(|facts| facts.from).min();
        // A post that two sources saw is one post; two posts of one day in one source are two.
        let by_source = self.evidence.iter().map(|facts| {
            let inside = facts.posts.iter().filter(|post| post.day.year() == year && post.day <= as_of);
            let told = facts.count.filter(|c| c.from.year() == year).map_or(0, |count| count.posts);
            u32::try_from(inside.count()).unwrap_or(u32::MAX).max(told)
        });
        let posts = by_source.max().unwrap_or(0);
        days.sort_unstable();
        days.dedup();
        let mut marks: Vec<NaiveDate> = watched_from.and_then(|from| from.pred_opt()).into_iter().collect();
        let first = marks.first().copied();
        marks.extend(days.iter().copied().filter(|day| first.is_none_or(|first| *day > first)));
        let newest = marks.last().copied();
        marks.extend(known.filter(|until| newest.is_some_and(|newest| *until > newest)));
        let gaps: Vec<u32> = marks
            .windows(2)
            .filter_map(|pair| u32::try_from(pair[1].signed_duration_since(pair[0]).num_days()).ok())
            .collect();
        // Between two posts that single sources happen to name others may lie: only what is listed counts.
        let sure = watched_from.is_some();
        let open = self.silence(as_of).and_then(|silence| u32::try_from(silence.days()).ok());
        let longest = if sure { gaps.iter().copied().max() } else { open };
        let over = |gap: u32| gap.saturating_sub(limit_days);
        let late_days = if sure { Some(gaps.into_iter().map(over).sum()) } else { open.map(over) };
        Figures { posts, late_days, longest, last: days.last().copied(), known_until: known }
    }
}

/// Whether a gap says that nobody knows when the account last published.
pub fn is_of_posts(gap: &Gap) -> bool {
    OF_POSTS.contains(&gap.why.as_str())
}

/// Whether a gap is worth telling the unit of: it can do something about it. That nobody tried the interaction, or knows the
/// menu's links, is for the office's own checklist.
pub fn is_worth_telling(gap: &Gap) -> bool {
    is_of_posts(gap) || ["closing-undated", "app-not-tried", "no-unit"].contains(&gap.why.as_str())
}

const OF_POSTS: [&str; 7] = [
    "no-evidence",
    "source-broken",
    "evidence-undated",
    "evidence-late",
    "evidence-partial",
    "evidence-old",
    "hints-only",
];

/// What reports print of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Posts of this year that were seen, at least.
    pub posts: u32,
    /// Days beyond the limit (不达标天数), as far as is known.
    pub late_days: Option<u32>,
    /// The longest time between two posts, in days, as far as is known.
    pub longest: Option<u32>,
    /// Day of the last post.
    pub last: Option<NaiveDate>,
    /// Up to which day everything is known.
    pub known_until: Option<NaiveDate>,
}

/// The first of `days` days that end with `until`.
pub fn first_of(until: NaiveDate, days: u32) -> NaiveDate {
    until.checked_sub_days(Days::new(u64::from(days.saturating_sub(1)))).unwrap_or(until)
}

#[cfg(test)]
pub(crate) mod samples {
    //! Accounts for tests.

    use super::*;
    use crate::facts::account::Source;

    /// A day of November 2026.
    pub(crate) fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).expect("a date")
    }

    /// A running account with these answers.
    pub(crate) fn account(evidence: Vec<AccountFacts>) -> AccountSeen {
        AccountSeen {
            key: "wechat:gh_1".to_owned(),
            name: "示例交通（微信公众号）".to_owned(),
            platform: Platform::Wechat,
            status: AccountStatus::Running,
            publishes: true,
            unit: "示例市交通运输局".to_owned(),
            filing: "1".to_owned(),
            opened: None,
            closed: None,
            menu: None,
            reply: None,
            address: String::new(),
            before: Vec::new(),
            after: Vec::new(),
            evidence,
            site: None,
        }
    }

    /// An export up to the `until`th that lists posts on these days.
    pub(crate) fn export(posts: &[u32], until: u32) -> AccountFacts {
        AccountFacts {
            until: Some(day(until)),
            posts: posts.iter().map(|d| Post::on(day(*d), "标题", None)).collect(),
            ..AccountFacts::new(Source::Export, "导出表", Health::Ok)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{account, day, export};
    use super::*;
    use crate::facts::account::{Count, Source};

    #[test]
    fn a_post_that_any_source_saw_ends_a_silence() {
        let seen = |other: AccountFacts| account(vec![export(&[1], 16), other]);
        let quiet = account(vec![export(&[1], 16)]);
        assert_eq!(quiet.silence(day(16)).map(|s| (s.since, s.days())), Some((day(1), 15)));
        let feed = AccountFacts { source: Source::Feed, ..export(&[14], 16) };
        assert_eq!(seen(feed).silence(day(16)).map(|s| s.since), Some(day(14)));
        let later = AccountFacts { health: Health::Partial, ..export(&[16], 16) };
        assert_eq!(seen(later).silence(day(16)), None);
        let broken = AccountFacts { health: Health::Broken("other-account".to_owned()), ..export(&[15], 16) };
        assert_eq!(seen(broken).silence(day(16)).map(|s| s.since), Some(day(1)));
    }

    #[test]
    fn figures_count_what_is_listed() {
        let listed = AccountFacts { from: Some(day(1)), ..export(&[2, 2, 20], 28) };
        let figures = account(vec![listed]).figures(day(28), 14);
        assert_eq!((figures.posts, figures.longest, figures.late_days), (3, Some(18), Some(4)));
        let newest_only = account(vec![export(&[2], 28)]).figures(day(28), 14);
        assert_eq!((newest_only.longest, newest_only.late_days), (Some(26), Some(12)));
        let hint = account(vec![AccountFacts { until: None, ..export(&[2], 28) }]).figures(day(28), 14);
        assert_eq!((hint.longest, hint.late_days, hint.last), (None, None, Some(day(2))));
    }

    #[test]
    fn posts_are_counted_only_where_all_are_listed() {
        let listed = AccountFacts { from: Some(day(9)), ..export(&[9, 15], 15) };
        assert_eq!(account(vec![listed]).posts_within(day(9), day(15)).map(|p| p.0), Some(2));
        assert_eq!(account(vec![export(&[9, 15], 15)]).posts_within(day(9), day(15)), None);
        let told = AccountFacts {
            count: Some(Count { from: day(9), until: day(15), posts: 5 }),
            ..export(&[15], 15)
        };
        assert_eq!(account(vec![told]).posts_within(day(9), day(15)).map(|p| p.0), Some(5));
    }
}
