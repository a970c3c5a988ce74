//! `slow-home`: a home page that takes long to come, by the spaced visits of the week.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::site::Site;
use crate::facts::visits::Outcome;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 首页打开缓慢
    ///
    /// ## What it does
    /// Takes the spaced visits of the week before (`xuncha probe`) in which the home page opened, and flags a site where
    /// more than half of them took longer than `max-ms`. Measured is the home page's own file, from the first packet to the
    /// last byte, without pictures and scripts: a browser takes longer still.
    ///
    /// ## Why it matters
    /// The guide asks for pages that load within three seconds.
    ///
    /// ## Gaps
    /// No spaced visits, or fewer than `least-visits` that opened. The way from here to the site is a part of the time: a
    /// hint, never more.
    ///
    /// ## Example
    /// 140 visits of a week opened, half of them after more than 4.2 s: flagged.
    SlowHome = "slow-home", Site, Params, run
}

/// Parameters of `slow-home`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Milliseconds that the home page may take.
    max_ms: u64,
    /// Visits that must have opened for a week to say anything.
    least_visits: usize,
}

fn run(site: &Site, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let watch = site.watch.as_ref().ok_or_else(|| Gap::new(&site.url, "no-visits"))?;
    let opened = watch.samples.iter().filter(|sample| sample.outcome == Outcome::Opened);
    let mut times: Vec<u64> = opened.map(|sample| sample.took_ms).collect();
    if times.len() < params.least_visits.max(1) {
        return Err(Gap::new(&site.url, "few-visits"));
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    if median <= params.max_ms {
        return Ok(Vec::new());
    }
    let seconds = |ms: u64| format!("{}.{}", ms / 1000, ms % 1000 / 100);
    let slowest = times.last().copied().unwrap_or_default();
    let text = format!(
        "近7天{}次打开首页，过半用时超过{}秒（不含图片和脚本），超过{}秒。",
        times.len(),
        seconds(median),
        seconds(params.max_ms),
    );
    let excerpt = format!("用时中位数{}秒，最长{}秒", seconds(median), seconds(slowest));
    Ok(vec![Defect { suspected: true, ..Defect::new(text, excerpt, Confidence::Medium) }])
}
