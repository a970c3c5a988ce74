//! `thin-guide`: service guides (办事指南) that lack elements, or leave a reader guessing.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::asked::{Ask, Contents, GuideSeen};
use crate::facts::guides::Element;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 办事指南要素缺失
    ///
    /// ## What it does
    /// Counts guides of the site that lack at least `missing` of the eight elements 事项名称, 设定依据, 申请条件, 办理材料,
    /// 办理地点, 办理时间, 联系电话, 办理流程, each known by several words, and flags a site on which they are at least `at-least`,
    /// or all of fewer. With `vague`, flags guides in which words such as 其他相关材料 leave open what to bring.
    ///
    /// ## Why it matters
    /// Five guides that lack four elements each fail a site by themselves; a reader fails at the first.
    ///
    /// ## Gaps
    /// Guides whose text a script or a file brings: a guide on which no element is found at all is not judged, and where
    /// there are only such, nothing is. A word may stand for an element that the check does not know: 疑似 at most.
    ///
    /// ## Example
    /// Five guides with 事项名称, 办理材料 and 联系电话 alone: flagged.
    ThinGuide = "thin-guide", Contents, Params, run, asks
}

/// Parameters of `thin-guide`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// Elements that a guide must lack to count.
    missing: usize,
    /// Guides that must lack them; fewer count where they are all.
    at_least: usize,
    /// Whether vague words are asked for, in place of elements.
    #[serde(default)]
    vague: bool,
}

fn asks(_: &Params) -> Vec<Ask> {
    vec![Ask::Guides]
}

fn run(contents: &Contents, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let guides = &contents.answer(&Ask::Guides)?.guides;
    let readable: Vec<&GuideSeen> = guides.iter().filter(|seen| !seen.guide.shown.is_empty()).collect();
    if readable.is_empty() {
        return if guides.is_empty() {
            Ok(Vec::new())
        } else {
            Err(Gap::new(&contents.url, "no-guide-text"))
        };
    }
    let faulty: Vec<(&GuideSeen, String)> =
        readable.iter().filter_map(|seen| Some((*seen, fault(seen, params)?))).collect();
    let all = readable.len() < params.at_least && faulty.len() == readable.len();
    if faulty.is_empty() || faulty.len() < params.at_least && !all {
        return Ok(Vec::new());
    }
    let told: Vec<String> =
        faulty.iter().take(5).map(|(seen, why)| format!("《{}》{why}", seen.title)).collect();
    let more = if faulty.len() > 5 { "等" } else { "" };
    let text = format!(
        "已读取的{}个办事指南中，{}个{}：{}{more}。",
        readable.len(),
        faulty.len(),
        if params.vague { "表述含糊" } else { "要素缺失" },
        told.join("；"),
    );
    let urls: Vec<&str> = faulty.iter().take(5).map(|(seen, _)| seen.url.as_str()).collect();
    Ok(vec![Defect { suspected: true, ..Defect::new(text, urls.join("、"), Confidence::Medium) }])
}

fn fault(seen: &GuideSeen, params: &Params) -> Option<String> {
    if params.vague {
        return (!seen.guide.vague.is_empty()).then(|| format!("含“{}”", seen.guide.vague.join("”“")));
    }
    let lacks: Vec<&str> = Element::ALL
        .into_iter()
        .filter(|element| !seen.guide.shown.contains(element))
        .map(Element::name)
        .collect();
    (lacks.len() >= params.missing).then(|| format!("缺{}", lacks.join("、")))
}
