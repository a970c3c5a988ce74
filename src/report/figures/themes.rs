//! What the second part of a bulletin tells: problems of the period by theme, with examples that may be printed anywhere.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Held;
use crate::finding::{Finding, SubjectKind};
use crate::report::list::is_sensitive;
use crate::report::wording::one_line;

/// One theme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theme {
    /// Its heading: `部分栏目更新不及时`.
    pub title: String,
    /// Problems.
    pub count: usize,
    /// Units concerned.
    pub units: usize,
    /// Whether it is told by kind and unit alone.
    pub sensitive: bool,
    /// Sentences without addresses, the first of the worst.
    pub examples: Vec<String>,
}

/// Examples that a theme tells at most.
const EXAMPLES: usize = 3;

/// Themes in the order of a bulletin: words of the rule's id, what is said of few and of many.
const THEMES: [(&[&str], &str, &str); 8] = [
    (&["unreachable"], "个别网站访问不稳定", "部分网站访问不稳定"),
    (&["stale", "overdue"], "个别栏目更新不及时", "部分栏目更新不及时"),
    (&["empty"], "个别网站存在空白栏目", "部分网站存在空白栏目"),
    (
        &["broken", "soft-404", "faulty-attachment", "impossible", "lapsed", "foreign-script"],
        "链接可用性有待提升",
        "链接可用性有待提升",
    ),
    (&["account", "wechat", "weibo", "media"], "个别政务新媒体运维不到位", "部分政务新媒体运维不到位"),
    (&["mark", "site-code", "icp", "tag", "domain"], "个别网站标识、标签不规范", "部分网站标识、标签不规范"),
    (&["certificate", "ipv6", "tls"], "个别网站安全和IPv6支持有待加强", "部分网站安全和IPv6支持有待加强"),
    (&[], "其他方面存在不足", "其他方面存在不足"),
];

/// From how many units on it is 部分 and no longer 个别.
const SEVERAL: usize = 3;

/// The themes of the problems that count. What is sensitive comes last, by kind and unit alone.
pub fn themes(held: &[Held<'_>]) -> Vec<Theme> {
    let mut by_theme: BTreeMap<usize, Vec<&Held<'_>>> = BTreeMap::new();
    for problem in held.iter().filter(|problem| problem.counts()) {
        by_theme.entry(theme_of(&problem.case.finding)).or_default().push(problem);
    }
    by_theme
        .into_iter()
        .map(|(at, mut problems)| {
            problems.sort_by_key(|p| (p.case.finding.class, p.case.finding.severity, &p.case.number));
            let units: BTreeSet<&str> = problems.iter().map(|p| p.case.unit.as_str()).collect();
            let sensitive = at == THEMES.len();
            let title = match THEMES.get(at) {
                Some((_, _, many)) if units.len() >= SEVERAL => many,
                Some((_, few, _)) => few,
                None => "信息审核把关不严",
            };
            let mut examples: Vec<String> = Vec::new();
            for problem in &problems {
                let told = example(&problem.case.finding, &problem.case.unit, sensitive);
                if examples.len() < EXAMPLES && !examples.contains(&told) {
                    examples.push(told);
                }
            }
            Theme { title: title.to_owned(), count: problems.len(), units: units.len(), sensitive, examples }
        })
        .collect()
}

fn theme_of(finding: &Finding) -> usize {
    if is_sensitive(finding) {
        return THEMES.len();
    }
    let account = finding.subject.kind == SubjectKind::Account || finding.rule.contains("account");
    let fits = |words: &[&str]| words.iter().any(|word| finding.rule.contains(word));
    if account {
        return THEMES.iter().position(|(words, ..)| words.contains(&"account")).unwrap_or(0);
    }
    THEMES.iter().position(|(words, ..)| fits(words)).unwrap_or(THEMES.len() - 1)
}

/// One sentence without an address, a number of a person, or what a leak says.
fn example(finding: &Finding, unit: &str, sensitive: bool) -> String {
    if sensitive {
        return format!("{}存在“{}”问题", one_line(unit), one_line(&finding.title));
    }
    let site = one_line(&finding.subject.site_name);
    let place = one_line(&finding.subject.place);
    let last = finding.evidence.last_update.as_deref().and_then(|day| day.parse::<NaiveDate>().ok());
    let mut place = place.rsplit('-').next().unwrap_or(&place).to_owned();
    if finding.subject.kind == SubjectKind::Account || place == "全站" || place == site {
        place.clear();
    }
    let place = if place.is_empty() { place } else { format!("“{place}”") };
    match last {
        Some(day) => format!("{site}{place}自{}年{}月以来未更新", day.year(), day.month()),
        None => format!("{site}{place}{}", shown(&one_line(&finding.title))),
    }
}

/// What a place shows: a title that says what is not done or cannot be is a predicate, any other names a fault.
fn shown(title: &str) -> String {
    let predicate = ["未", "不", "无法"].iter().any(|word| title.contains(word));
    if predicate { title.to_owned() } else { format!("存在{title}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_there_and_what_is_not_done_is_not() {
        for (title, sentence) in [
            ("空白栏目", "存在空白栏目"),
            ("页面标签缺失", "存在页面标签缺失"),
            ("未提供有效互动功能", "未提供有效互动功能"),
            ("不支持IPv6", "不支持IPv6"),
            ("移动客户端无法下载或使用", "移动客户端无法下载或使用"),
            ("网站标识码与登记不符", "网站标识码与登记不符"),
        ] {
            assert_eq!(shown(title), sentence);
        }
    }
}
