//! `stale-survey`: a call for opinions (征集调查) whose result nobody published.

use serde::Deserialize;

use super::{Context, Defect, check};
use crate::facts::asked::{Ask, Contents, Item, says_any};
use crate::finding::{Confidence, Gap, Seen};

check! {
    /// 征集调查结果未反馈
    ///
    /// ## What it does
    /// Takes the items of lists and the articles whose titles say one of `surveys`, none of `results`, and name in 《》 what
    /// they ask about; published between `within-days` and `after-days` ago. Flags those to which no item that says one of
    /// `results` names the same.
    ///
    /// ## Why it matters
    /// Whoever gave an opinion is to learn what became of it.
    ///
    /// ## Gaps
    /// Surveys without a date; a site of which pages were left out or columns could not be read. A result may stand on the
    /// page of the survey itself: 疑似 at most.
    ///
    /// ## Example
    /// 关于《示例市停车场管理办法》公开征求意见的公告 of March, no feedback in November: flagged.
    StaleSurvey = "stale-survey", Contents, Params, run, asks
}

/// Parameters of `stale-survey`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Params {
    /// What titles of surveys say.
    surveys: Vec<String>,
    /// What titles of results say.
    results: Vec<String>,
    /// Days after its publication by which a survey is over and its result told.
    after_days: i64,
    /// Days after which nobody asks any more.
    within_days: i64,
}

fn asks(params: &Params) -> Vec<Ask> {
    vec![Ask::Titled(params.surveys.clone()), Ask::Titled(params.results.clone())]
}

fn run(contents: &Contents, params: &Params, cx: Context) -> Seen<Vec<Defect>> {
    let surveys = &contents.answer(&Ask::Titled(params.surveys.clone()))?.items;
    let results = &contents.answer(&Ask::Titled(params.results.clone()))?.items;
    let asked: Vec<(&Item, &str)> = surveys
        .iter()
        .filter(|item| !says_any(&item.title, &params.results))
        .filter_map(|item| Some((item, subject(&item.title)?)))
        .collect();
    let told = |name: &str| results.iter().any(|result| result.title.contains(name));
    let open: Vec<&(&Item, &str)> = asked.iter().filter(|(_, name)| !told(name)).collect();
    let late = |item: &Item| {
        let age = item.date.map(|date| cx.as_of.signed_duration_since(date).num_days());
        age.is_some_and(|age| age > params.after_days && age <= params.within_days)
    };
    let overdue: Vec<&Item> = open.iter().map(|(item, _)| *item).filter(|item| late(item)).collect();
    if overdue.is_empty() {
        return match open.iter().find(|(item, _)| item.date.is_none()) {
            Some((item, _)) => Err(Gap::new(&item.url, "undated")),
            None => Ok(Vec::new()),
        };
    }
    contents.whole()?;
    let told: Vec<String> = overdue
        .iter()
        .take(5)
        .map(|item| format!("“{}”（{}）", item.title, item.date.unwrap_or_default()))
        .collect();
    let more = if overdue.len() > 5 { format!("等{}项", overdue.len()) } else { String::new() };
    let text = format!("征集调查发布超过{}天未见结果反馈：{}{more}。", params.after_days, told.join("、"));
    let urls: Vec<&str> = overdue.iter().take(5).map(|item| item.url.as_str()).collect();
    Ok(vec![Defect { suspected: true, ..Defect::new(text, urls.join("、"), Confidence::Medium) }])
}

/// What a survey asks about: the name in 《》, without a bracket that says it is a draft.
fn subject(title: &str) -> Option<&str> {
    let (_, rest) = title.split_once('《')?;
    let (name, _) = rest.split_once('》')?;
    let name = name.split(['（', '(']).next().unwrap_or(name);
    (name.chars().count() >= 6).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_named_without_its_bracket() {
        assert_eq!(
            subject("关于《示例市停车场管理办法（征求意见稿）》公开征求意见的公告"),
            Some("示例市停车场管理办法")
        );
        assert_eq!(subject("关于公交线路调整征求意见的公告"), None);
        assert_eq!(subject("关于《办法》征求意见的公告"), None);
    }
}
