//! `xuncha rules try`: one rule on pages from disk, read and folded as a patrol does, each subject with its verdict.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use super::Failure;
use crate::calendar::Instant8;
use crate::crawl::budget::CpuBudget;
use crate::facts::answer::Answer;
use crate::facts::class::ColumnClass;
use crate::facts::fold::{Fold, RegisteredColumn, Surroundings};
use crate::facts::html::read_page;
use crate::facts::page::{PageContext, PageFacts};
use crate::facts::site::{Links, PageSeen, SiteFacts, Visit};
use crate::finding::{Finding, Fingerprint, Gap, Look, State};
use crate::judge::{Judgement, LookFacts, Verdict, judge};
use crate::report::wording;
use crate::rules::RuleSet;

/// Processor time given to the reading of one page.
const DEADLINE: Duration = Duration::from_millis(900);
/// 标识码 of a site that is no site.
const CODE: &str = "0000000000";

/// What is tried.
pub(super) struct Trial<'a> {
    pub(super) rule: &'a str,
    pub(super) files: &'a [PathBuf],
    pub(super) urls: &'a [Url],
    pub(super) home: bool,
    pub(super) class: Option<ColumnClass>,
    pub(super) cycle_days: Option<u16>,
    pub(super) portal: bool,
    pub(super) as_of: Instant8,
}

/// A line a subject: its verdict and the reason.
pub(super) fn told(rules: &RuleSet, trial: &Trial<'_>) -> Result<String, Failure> {
    let Some(one) = rules.only(trial.rule) else {
        let message = format!("没有规则“{}”；`xuncha rules list` 列出全部规则", trial.rule);
        return Err(Failure::Usage(message));
    };
    let bound = one.rules.first().map(|bound| &bound.rule);
    let first = bound.and_then(|rule| rule.applies.get("column")?.first().cloned());
    let class = trial.class.or_else(|| {
        let word = first?;
        serde_json::from_value(serde_json::Value::from(word)).ok()
    });
    let facts = fold(trial, class)?;
    let places = places(trial.rule, &facts);
    let look = LookFacts { look_no: 1, at: trial.as_of, facts };
    let judgement = judge(&one, &[look], trial.as_of, |_| None);
    let title = bound.map_or("", |rule| rule.title.as_str());
    let mut out = format!("规则`{}` {title}，以{}为准：\n", trial.rule, trial.as_of.format("%Y-%m-%d"));
    lines(&mut out, &judgement, &places);
    if judgement.subjects.is_empty() {
        out.push_str("  这些页面中没有该规则适用的对象（链接、可用性等须联网核查，本地文件不能判断）\n");
    }
    Ok(out)
}

fn lines(out: &mut String, judgement: &Judgement, places: &BTreeMap<Fingerprint, String>) {
    let place = |fingerprint: &Fingerprint| places.get(fingerprint).map_or("其他对象", String::as_str);
    for subject in &judgement.subjects {
        let at = place(&subject.fingerprint);
        match subject.verdict {
            Verdict::Passed => {
                let _ = writeln!(out, "  通过　　{at}");
                for warning in judgement.warnings.iter().filter(|w| w.fingerprint == subject.fingerprint) {
                    let _ = writeln!(out, "    临期提示：{}", warning.description);
                }
            }
            Verdict::Gap => {
                let _ = writeln!(out, "  未判定　{at}：{}", reasons(&judgement.gaps));
            }
            _ => {
                for finding in judgement.findings.iter().filter(|f| f.fingerprint == subject.fingerprint) {
                    let _ = writeln!(out, "  {}　{at}：{}", state(finding), finding.description);
                    if !finding.evidence.excerpt.is_empty() {
                        let excerpt = wording::one_line(&finding.evidence.excerpt);
                        let _ = writeln!(out, "    佐证：{excerpt}");
                    }
                }
            }
        }
    }
}

fn state(finding: &Finding) -> &'static str {
    if finding.state == State::Confirmed { "不符合" } else { "疑似　" }
}

fn reasons(gaps: &[Gap]) -> String {
    let mut words: Vec<&str> = gaps.iter().map(|gap| wording::gap_reason(&gap.why)).collect();
    words.sort_unstable();
    words.dedup();
    words.join("、")
}

/// What each identity is, in words.
fn places(rule: &str, facts: &SiteFacts) -> BTreeMap<Fingerprint, String> {
    let of = |key: &str| Fingerprint::of(&facts.site.id, rule, key);
    let mut places = BTreeMap::from([
        (of("site"), "网站".to_owned()),
        (of("home"), "首页".to_owned()),
        (of("marks"), "页面底部标识".to_owned()),
        (of("tags"), "页面标签".to_owned()),
    ]);
    places.extend(
        facts.columns.iter().map(|column| (of(&column.url), format!("栏目“{}” {}", column.name, column.url))),
    );
    places.extend(facts.hidden.iter().map(|page| (of(&page.page), format!("页面 {}", page.page))));
    places
}

fn fold(trial: &Trial<'_>, class: Option<ColumnClass>) -> Result<SiteFacts, Failure> {
    let mut pages = Vec::new();
    for (n, file) in trial.files.iter().enumerate() {
        let url = match trial.urls.get(n) {
            Some(url) => url.clone(),
            None => invented(file, n == 0 && trial.home)?,
        };
        pages.push((read(file, &url, trial.as_of)?, url));
    }
    let home = match pages.first() {
        Some((_, url)) if trial.home => url.to_string(),
        _ => pages.first().and_then(|(_, url)| url.join("/").ok()).map(String::from).unwrap_or_default(),
    };
    let columns = pages.iter().skip(usize::from(trial.home)).map(|(facts, url)| RegisteredColumn {
        url: url.to_string(),
        name: named(facts),
        class,
        level: Some(1),
        cycle_days: trial.cycle_days,
    });
    let around = Surroundings {
        id: CODE.to_owned(),
        name: "本地页面".to_owned(),
        url: home.clone(),
        portal: trial.portal,
        visits: vec![Visit { look: look(&home, trial.as_of), answer: Answer::There }],
        columns: columns.collect(),
        ..Surroundings::default()
    };
    let mut fold = Fold::new(around, HashMap::new());
    for (id, (facts, url)) in (0..).zip(pages) {
        let look = look(url.as_str(), trial.as_of);
        fold.page(PageSeen { id, url: url.to_string(), facts, links: Links::default(), look });
    }
    Ok(fold.finish())
}

fn named(facts: &PageFacts) -> String {
    let tag = facts.tags.get("ColumnName").map(String::as_str).filter(|name| !name.trim().is_empty());
    let title = facts.title.split(['_', '-', '|', '－', '—']).next().unwrap_or_default();
    tag.unwrap_or(title).trim().to_owned()
}

fn invented(file: &Path, home: bool) -> Result<Url, Failure> {
    let name = if home {
        String::new()
    } else {
        file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let base = Url::parse("http://www.shili.example/").map_err(anyhow::Error::from)?;
    Ok(base.join(&name).map_err(anyhow::Error::from)?)
}

fn read(file: &Path, url: &Url, as_of: Instant8) -> Result<PageFacts, Failure> {
    let body = std::fs::read(file)
        .map_err(|error| Failure::Usage(format!("无法读取文件 {}：{error}", file.display())))?;
    let cx = PageContext { url, content_type: None, status: Some(200), as_of, want_structure: true };
    Ok(read_page(&body, &cx, CpuBudget::start(DEADLINE).check()))
}

fn look(url: &str, at: Instant8) -> Look {
    Look {
        at,
        url: url.to_owned(),
        hops: Vec::new(),
        addr: None,
        status: Some(200),
        error: None,
        headers: Vec::new(),
        body_sha256: String::new(),
    }
}
