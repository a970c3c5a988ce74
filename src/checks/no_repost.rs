//! `no-repost`: what superiors want reposted or linked to, and the site does not list.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::asked::{Ask, Contents};
use crate::facts::periods::surely_worked;
use crate::facts::reposts::Wanted;
use crate::finding::{Confidence, Seen};

check! {
    /// 重要信息未转载
    ///
    /// ## What it does
    /// Takes the titles of the office's `reposts.csv` that were published between `within-days` and `working-days` ago, and
    /// flags a site on which no item of a list, no article and no link is titled so; signs and spaces do not matter. Working
    /// days are counted so generously that every holiday fits in. Without the file nothing is asked.
    ///
    /// ## Why it matters
    /// What the State Council and the province publish is to reach readers of every portal in time.
    ///
    /// ## Gaps
    /// A site of which pages were left out or columns could not be read. A site may give a text another title: 疑似 at most.
    ///
    /// ## Example
    /// 国务院关于示例事项的意见, published a month ago, stands nowhere on the portal: flagged.
    NoRepost = "no-repost", Contents, Params, run, asks
}

/// Parameters of `no-repost`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Working days within which a text is to be reposted.
    working_days: u32,
    /// Days after which nobody asks any more.
    within_days: i64,
}

fn asks(_: &Params) -> Vec<Ask> {
    vec![Ask::Reposts]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let wanted = &contents.answer(&Ask::Reposts)?.reposts;
    let due = |one: &&Wanted| {
        let age = cx.as_of.signed_duration_since(one.date).num_days();
        age > i64::from(surely_worked(params.working_days)) && age <= params.within_days
    };
    let missing: Vec<&Wanted> = wanted.iter().filter(due).filter(|one| one.found.is_none()).collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    contents.whole()?;
    let told: Vec<String> =
        missing.iter().take(5).map(|one| format!("《{}》（{}）", one.title, one.date)).collect();
    let more = if missing.len() > 5 { format!("等{}条", missing.len()) } else { String::new() };
    let text = format!("未见转载或链接{}{more}。", told.join("、"));
    let asked = wanted.iter().filter(due).count();
    let excerpt = format!("应转载{asked}条，已见{}条", asked - missing.len());
    Ok(vec![Defect { suspected: true, ..Defect::new(text, excerpt, Confidence::Medium) }])
}
