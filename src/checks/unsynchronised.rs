//! `unsynchronised`: important information that the site published and its account did not carry, and documents the other way.

use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::account::AccountStatus;
use crate::facts::account_seen::{AccountSeen, SiteTitles, Titled};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 网站与新媒体未同步发布
    ///
    /// ## What it does
    /// Of the site that the register names beside an account: tells titles of the last `span-days` that the account did not carry
    /// within `days`, from `least` of them on; and posts of the account whose title holds one of `formal` and that the site lacks.
    /// Titles are compared without marks, and one may be part of the other. Always a suspicion.
    ///
    /// ## Why it matters
    /// Important information is to appear on the site and the new media in step.
    ///
    /// ## Gaps
    /// The site's titles were not read, or no source lists the account's posts of those days with their titles.
    ///
    /// ## Example
    /// Four of the portal's headlines of last week are not among the account's posts, `least = 3`: suspected.
    Unsynchronised = "unsynchronised", AccountSeen, Params, run
}

/// Parameters of `unsynchronised`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days within which the other is to follow.
    days: u32,
    /// Days that are looked at.
    span_days: u32,
    /// Titles that must be missing before it is told.
    least: usize,
    /// Words of titles that a site must carry, too.
    formal: Vec<String>,
}

fn run(account: &AccountSeen, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let Some(site) = &account.site else { return Ok(Vec::new()) };
    if account.status == AccountStatus::Cancelled || !account.publishes {
        return Ok(Vec::new());
    }
    if site.items.is_empty() {
        return Err(Gap::new(&account.name, "site-titles-unknown"));
    }
    let Some(until) = account.known_until(cx.as_of) else { return Err(account.doubt()) };
    let back = |days: u32| until.checked_sub_days(Days::new(u64::from(days))).unwrap_or(until);
    let (from, to) = (back(params.span_days), back(params.days));
    let titled = account.evidence.iter().flat_map(|facts| &facts.posts).any(|post| !post.title.is_empty());
    if account.posts_within(from, until).is_none() || !titled {
        return Err(account.doubt_of("titles-unknown"));
    }
    let mut defects = Vec::new();
    let missing: Vec<&Titled> = site
        .items
        .iter()
        .filter(|item| item.important && (from..=to).contains(&item.day))
        .filter(|item| !carried(account, item))
        .collect();
    if missing.len() >= params.least {
        let text = format!(
            "{}发布的{}等{}条信息，{}天内未见本账号同步发布。",
            site.name,
            quoted(&missing),
            missing.len(),
            params.days
        );
        let excerpt = missing.iter().map(|item| item.url.as_str()).collect::<Vec<_>>().join(" ");
        defects.push(Defect { suspected: true, ..Defect::new(text, excerpt, Confidence::Low) });
    }
    if site.whole {
        defects.extend(only_here(account, site, params, from, to));
    }
    Ok(defects)
}

/// Formal documents among the posts that the site lacks.
fn only_here(
    account: &AccountSeen,
    site: &SiteTitles,
    params: &Params,
    from: NaiveDate,
    to: NaiveDate,
) -> Option<Defect> {
    let posts = account.evidence.iter().flat_map(|facts| &facts.posts);
    let formal = posts.filter(|post| (from..=to).contains(&post.day)).filter(|post| {
        params.formal.iter().any(|word| post.title.contains(word.as_str()))
            && !site.items.iter().any(|item| alike(&item.title, &post.title))
    });
    let mut missing: Vec<Titled> = formal
        .map(|post| Titled {
            day: post.day,
            title: post.title.clone(),
            url: post.url.clone().unwrap_or_default(),
            important: true,
        })
        .collect();
    missing.sort();
    missing.dedup_by(|a, b| a.title == b.title);
    let shown: Vec<&Titled> = missing.iter().collect();
    (missing.len() >= params.least).then(|| {
        let text =
            format!("本账号发布的{}等{}条信息，未见{}发布。", quoted(&shown), missing.len(), site.name);
        Defect { suspected: true, ..Defect::new(text, "", Confidence::Low) }
    })
}

fn carried(account: &AccountSeen, item: &Titled) -> bool {
    account.evidence.iter().flat_map(|facts| &facts.posts).any(|post| alike(&item.title, &post.title))
}

fn quoted(items: &[&Titled]) -> String {
    items.iter().take(3).map(|item| format!("“{}”", item.title)).collect::<Vec<_>>().join("、")
}

/// Whether two titles tell the same: equal without their marks, or one within the other.
fn alike(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (a, b) = (plain(a), plain(b));
    let (short, long) = if a.chars().count() <= b.chars().count() { (&a, &b) } else { (&b, &a) };
    if short.is_empty() {
        return false;
    }
    long.contains(short.as_str()) && short.chars().count() >= 6
        || strsim::normalized_levenshtein(&a, &b) >= SAME
}

/// Share of equal characters from which two titles are one: a shortened headline, another mark.
const SAME: f64 = 0.7;
