//! `inaccessible-element`: elements of a site's home page and columns that stand in the way of readers who cannot see or cannot
//! use a mouse.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::access::Barrier;
use crate::facts::asked::{Ask, Contents};
use crate::facts::beside::Said;
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 无障碍缺陷
    ///
    /// ## What it does
    /// Counts elements of one kind (`element`) over the home page and the columns: pictures without `alt`, fields of forms that
    /// nothing names, frames without a title, links that say nothing of their target, pages without a language or a title, pages
    /// that forbid enlarging. Flags a site on which at least `least` of them are at fault, and at least `share` percent of the kind.
    ///
    /// ## Why it matters
    /// Pictures without a description are the most frequent fault found in tests of government sites; a screen reader then
    /// reads out file names.
    ///
    /// ## Gaps
    /// A home page that a script fills or that was not read, and pages read by an earlier version. What scripts add to the source
    /// is not seen. Elements that a reader does not see either are not counted.
    ///
    /// ## Example
    /// 31 of 40 pictures without `alt`: flagged.
    InaccessibleElement = "inaccessible-element", Contents, Params, run, asks
}

/// Parameters of `inaccessible-element`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// The kind of element.
    element: Barrier,
    /// Fewest that are told.
    least: u32,
    /// Fewest of a hundred that are told.
    share: u32,
}

fn asks(_: &Params) -> Vec<Ask> {
    vec![Ask::Barriers]
}

fn run(contents: &Contents, params: &Params, _: Context) -> Seen<Vec<Defect>> {
    let Said::Barriers(barriers) = &contents.answer(&Ask::Barriers)?.said else {
        return Err(Gap::new(&contents.url, "not-asked"));
    };
    if barriers.is_empty() {
        return Err(Gap::new(&contents.url, "not-read"));
    }
    let met = barriers.get(&params.element).filter(|met| {
        met.bad >= params.least && u64::from(met.bad) * 100 >= u64::from(met.all) * u64::from(params.share)
    });
    let Some(met) = met else {
        return contents.scripted.clone().map_or_else(|| Ok(Vec::new()), Err);
    };
    let (what, unit) = match params.element {
        Barrier::Image => ("图片没有替代文本（alt）", "张"),
        Barrier::Field => ("表单输入项没有标签说明", "个"),
        Barrier::Frame => ("内嵌框架没有标题", "个"),
        Barrier::Link => ("链接文字不能说明去向（如“点击这里”或者空链接）", "个"),
        Barrier::Language => ("页面没有声明语言（lang）", "个"),
        Barrier::Title => ("页面没有标题", "个"),
        Barrier::Zoom => ("页面禁止放大", "个"),
    };
    let (bad, all) = (met.bad, met.all);
    let text = format!("首页和栏目页中，{bad}{unit}{what}，同类共{all}{unit}。");
    let excerpt = format!("{}（{}{unit}）", met.page, met.most);
    Ok(vec![Defect { suspected: true, ..Defect::new(text, excerpt, Confidence::Medium) }])
}
