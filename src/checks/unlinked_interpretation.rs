//! `unlinked-interpretation`: a document and its interpretation that do not lead to each other, or that came too far apart.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::asked::{Ask, Contents};
use crate::facts::pairs::{Half, Pair};
use crate::facts::periods::surely_worked;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 政策文件与解读未关联
    ///
    /// ## What it does
    /// Pairs interpretations (解读) with the documents whose names stand in their titles in 《》, and flags pairs of the last
    /// `within-days` days of which one page or both carry no link to the other; with `working-days`, pairs whose
    /// interpretation came later than that, working days counted so generously that every holiday fits in.
    ///
    /// ## Why it matters
    /// Whoever reads a document is to find what it means, and the other way round.
    ///
    /// ## Gaps
    /// No pair on the site; pages of which a script brings a part, for these two alone. A document that only quotes the
    /// other in text leads nowhere, but a page may carry it in full: 疑似 at most.
    ///
    /// ## Example
    /// 《示例市停车场管理办法》政策解读 has no link to the notice that issues it: flagged.
    UnlinkedInterpretation = "unlinked-interpretation", Contents, Params, run, asks
}

/// Parameters of `unlinked-interpretation`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Interpretations older than this are left alone.
    within_days: i64,
    /// Working days within which the interpretation must follow; without it only links are asked for.
    working_days: Option<u32>,
}

fn asks(_: &Params) -> Vec<Ask> {
    vec![Ask::Paired]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let pairs = &contents.answer(&Ask::Paired)?.pairs;
    let recent = |pair: &&Pair| {
        let age = pair.interpretation.date.map(|date| cx.as_of.signed_duration_since(date).num_days());
        age.is_some_and(|age| (0..=params.within_days).contains(&age))
    };
    let recent: Vec<&Pair> = pairs.iter().filter(recent).collect();
    if recent.is_empty() {
        // Nobody knows which documents should have been explained: nothing to hold against each other is nothing wrong.
        return Ok(Vec::new());
    }
    let faults: Vec<(&Pair, String)> =
        recent.iter().filter_map(|pair| Some((*pair, fault(pair, params)?))).collect();
    if faults.is_empty() {
        // Where a script brings a part of a page, the link that is missing may come with it.
        let hidden = |half: &&Half| half.scripted && !half.leads && params.working_days.is_none();
        let halves = recent.iter().flat_map(|pair| [&pair.document, &pair.interpretation]);
        return match halves.into_iter().find(hidden) {
            Some(half) => Err(Gap::new(&half.url, "needs-render")),
            None => Ok(Vec::new()),
        };
    }
    let told: Vec<String> =
        faults.iter().take(5).map(|(pair, why)| format!("“{}”{why}", pair.interpretation.title)).collect();
    let more = if faults.len() > 5 { format!("等{}件", faults.len()) } else { String::new() };
    let text = format!("近{}天的{}件解读中，{}{more}。", params.within_days, recent.len(), told.join("；"));
    let excerpt: Vec<String> = faults
        .iter()
        .take(5)
        .map(|(pair, _)| format!("{} ↔ {}", pair.interpretation.url, pair.document.url))
        .collect();
    Ok(vec![Defect { suspected: true, ..Defect::new(text, excerpt.join("；"), Confidence::Medium) }])
}

fn fault(pair: &Pair, params: &Params) -> Option<String> {
    let (document, interpretation) = (&pair.document, &pair.interpretation);
    if let (Some(days), Some(first), Some(then)) = (params.working_days, document.date, interpretation.date) {
        let apart = then.signed_duration_since(first).num_days();
        if apart > i64::from(surely_worked(days)) {
            return Some(format!("在文件公布{apart}天后才发布（应在{days}个工作日内）"));
        }
        return None;
    }
    let lacks = |half: &Half| !half.leads && !half.scripted;
    match (lacks(interpretation), lacks(document)) {
        (true, true) => Some("与文件互不链接".to_owned()),
        (true, false) => Some("未链接所解读的文件".to_owned()),
        (false, true) => Some("所解读的文件未链接解读".to_owned()),
        (false, false) => None,
    }
}
