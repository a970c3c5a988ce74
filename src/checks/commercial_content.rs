//! `commercial-content`: advertising on an account of the government.

use serde::Deserialize;

use super::{Context, Defect, account_source, check};
use crate::facts::account::AccountStatus;
use crate::facts::account_seen::AccountSeen;
use crate::finding::{Confidence, Seen};

check! {
    /// 刊登商业广告
    ///
    /// ## What it does
    /// Flags an account where a person saw commercial advertising at most `valid-days` ago. A post of those days whose title holds
    /// one of `words` is suspected: a person decides.
    ///
    /// ## Why it matters
    /// Accounts of the government carry no commercial advertising; bulletins fail accounts for it.
    ///
    /// ## Gaps
    /// Nobody looked, and no source lists titles.
    ///
    /// ## Example
    /// “周年庆限时抢购，到店即享八折”: suspected.
    CommercialContent = "commercial-content", AccountSeen, Params, run
}

/// Parameters of `commercial-content`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days for which a person's look holds, and of which titles are read.
    valid_days: u32,
    /// Words of titles that only advertising uses.
    words: Vec<String>,
}

fn run(account: &AccountSeen, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    if account.status == AccountStatus::Cancelled {
        return Ok(Vec::new());
    }
    let recent = account.evidence.iter().filter(|facts| facts.holds(params.valid_days, cx.as_of));
    let looked = recent.filter_map(|facts| Some((facts.commercial.as_ref()?, facts)));
    let looked = looked.max_by_key(|(_, facts)| facts.answered_at);
    if let Some(((true, what), by)) = looked {
        let what = if what.is_empty() { String::new() } else { format!("（{what}）") };
        let text = format!("刊登商业广告{what}。依据：{}。", account_source(by));
        return Ok(vec![Defect::new(text, &by.origin, Confidence::High)]);
    }
    let posts = || account.evidence.iter().flat_map(|facts| &facts.posts);
    let of_days = posts().filter(|post| {
        let age = cx.as_of.signed_duration_since(post.day).num_days();
        (0..=i64::from(params.valid_days)).contains(&age)
    });
    let told = of_days.filter(|post| params.words.iter().any(|word| post.title.contains(word.as_str())));
    if let Some(post) = told.max_by_key(|post| (post.day, &post.title)) {
        let text = format!("{}发布的“{}”疑似商业广告，待人工核查。", post.day, post.title);
        let excerpt = post.url.clone().unwrap_or_default();
        return Ok(vec![Defect { suspected: true, ..Defect::new(text, excerpt, Confidence::Low) }]);
    }
    if looked.is_none() && !posts().any(|post| !post.title.is_empty()) {
        return Err(account.doubt_of("titles-unknown"));
    }
    Ok(Vec::new())
}
