//! `redated-article`: old articles under a new date (旧稿新发).

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::calendar::long_date;
use crate::facts::asked::{Ask, Contents};
use crate::facts::beside::Said;
use crate::facts::redated::Redated;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 疑似旧稿新发
    ///
    /// ## What it does
    /// Looks for articles published within `within-days` whose title and whole text, figures included, stood under a date
    /// more than `apart-days` earlier: at another address of the site, or at the same one in an earlier run; and for
    /// articles whose PubDate tag is that much older than the date below their title. Both dates are told.
    ///
    /// ## Why it matters
    /// Columns that are kept fresh by old articles under new dates are a matter of fraud (弄虚作假), which fails a site.
    ///
    /// ## Gaps
    /// Sites of which no texts are stored, and such that were not read as a whole. Short texts, texts that many pages
    /// share and a tag that differs on every third article are no sign. Why a text was published again, a person decides:
    /// 疑似 at most.
    ///
    /// ## Example
    /// The same report under 2024-03-02 in last month's run, and under 2026-11-10 in this one: flagged.
    RedatedArticle = "redated-article", Contents, Params, run, asks
}

/// Parameters of `redated-article`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Days between both dates from which on it counts.
    apart_days: u32,
    /// Days before the run within which the later date lies.
    within_days: u32,
    /// Articles from which on a site is told of.
    at_least: usize,
}

fn asks(params: &Params) -> Vec<Ask> {
    vec![Ask::Redated { apart: params.apart_days, within: params.within_days }]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let ask = Ask::Redated { apart: params.apart_days, within: params.within_days };
    let Said::Redated(Some(redatings)) = &contents.answer(&ask)?.said else {
        return Err(Gap::new(&contents.url, "no-texts"));
    };
    let recent = |one: &&Redated| {
        let age = cx.as_of.signed_duration_since(one.date).num_days();
        (0..=i64::from(params.within_days)).contains(&age)
    };
    let found: Vec<&Redated> = redatings.found.iter().filter(recent).collect();
    if found.len() < params.at_least.max(1) {
        if redatings.dated == 0 {
            return Err(Gap::new(&contents.url, "undated"));
        }
        contents.whole()?;
        return Ok(Vec::new());
    }
    let told: Vec<String> = found.iter().take(5).map(|one| sentence(one)).collect();
    let more = if found.len() > 5 { format!("等{}篇", found.len()) } else { String::new() };
    let urls: Vec<&str> = found.iter().take(5).map(|one| one.url.as_str()).collect();
    let text = format!("稿件标注的发布时间晚于此前的时间：{}{more}。", told.join("；"));
    Ok(vec![Defect { suspected: true, ..Defect::new(text, urls.join("、"), Confidence::Medium) }])
}

fn sentence(one: &Redated) -> String {
    let (now, before) = (long_date(one.date), long_date(one.before));
    match &one.at {
        None => format!("《{}》标注{now}，页面标签为{before}", one.title),
        Some(at) if *at == one.url => format!("《{}》标注{now}，以前核查时为{before}", one.title),
        Some(at) => format!("《{}》标注{now}，内容相同的稿件标注{before}（{at}）", one.title),
    }
}
