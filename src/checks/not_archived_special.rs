//! `not-archived-special`: topics (专题) that ended long ago and do not say so.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::calendar::long_date;
use crate::facts::asked::{Ask, Contents};
use crate::facts::beside::{Said, Topic};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 专题未标明归档
    ///
    /// ## What it does
    /// Takes the columns below one called by one of `names` (专题 …), and flags a site with such whose newest item is older
    /// than `days`, and which neither say 归档 nor lie below a column that does.
    ///
    /// ## Why it matters
    /// A topic whose work is over is to be kept and marked as archived; without the mark readers take it for current, and
    /// inspectors for a column that nobody updates.
    ///
    /// ## Gaps
    /// Topics that could not be read, or whose items carry no date, and sites whose topics are apart from their columns. A mark
    /// may be a picture: 疑似 at most.
    ///
    /// ## Example
    /// 专题专栏-2021年党史学习教育, newest item of March 2022: flagged.
    NotArchivedSpecial = "not-archived-special", Contents, Params, run, asks
}

/// Parameters of `not-archived-special`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// What columns of topics are called.
    names: Vec<String>,
    /// Days without an update after which a topic is over.
    days: i64,
}

fn asks(params: &Params) -> Vec<Ask> {
    vec![Ask::Topics(params.names.clone())]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let Said::Topics(topics) = &contents.answer(&Ask::Topics(params.names.clone()))?.said else {
        return Err(Gap::new(&contents.url, "not-asked"));
    };
    let over = |topic: &&Topic| {
        let newest = topic.newest.filter(|_| topic.gap.is_none());
        !topic.archived
            && newest.is_some_and(|day| cx.as_of.signed_duration_since(day).num_days() > params.days)
    };
    let over: Vec<&Topic> = topics.iter().filter(over).collect();
    if over.is_empty() {
        if let Some(gap) = topics.iter().find_map(|topic| topic.gap.clone()) {
            return Err(gap);
        }
        contents.whole()?;
        return Ok(Vec::new());
    }
    let last = |topic: &Topic| topic.newest.map_or_else(String::new, long_date);
    let told: Vec<String> =
        over.iter().take(5).map(|topic| format!("“{}”（最新{}）", topic.name, last(topic))).collect();
    let more = if over.len() > 5 { format!("等{}个", over.len()) } else { String::new() };
    let text = format!("专题已超过{}天没有更新，未标明归档：{}{more}。", params.days, told.join("、"));
    let urls: Vec<&str> = over.iter().take(5).map(|topic| topic.url.as_str()).collect();
    Ok(vec![Defect { suspected: true, ..Defect::new(text, urls.join("、"), Confidence::Medium) }])
}
