//! The proposal of a `columns.csv`: the operator's rows as they stand, then what was found beside them, in an order that two
//! proposals can be compared in. It loads as it is: the columns that only inform are known to the loader and not used.
#![deny(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::NaiveDate;

use super::{Registry, Site, cell};
use crate::facts::class::ColumnClass;
use crate::facts::page::PageKind;
use crate::facts::survey::{FoundColumn, NamedBy, Standing, Survey, place_of};
use crate::finding::Confidence;

/// Heading: how a row stands beside the site.
pub(super) const STANDING: &str = "提议登记情况";
/// Heading: the column above.
pub(super) const PARENT: &str = "提议上级栏目";
/// Heading: how sure it is.
pub(super) const CONFIDENCE: &str = "提议把握";
/// Heading: why.
pub(super) const REASON: &str = "提议依据";

/// The fields whose cells are kept, with the heading they are written under; the first is written as the 标识码.
pub(super) const KEPT: [&str; 7] = ["site", "name", "url", "class", "level", "cycle", "keeper"];
const HEADINGS: [&str; 7] = ["网站标识码", "栏目", "网址", "类别", "级", "更新周期", "内容保障单位"];

/// Items whose dates tell a rhythm.
const ENOUGH_DATES: usize = 6;

/// The cells of `columns` as the operator wrote them, row by row in the order of [`Registry::columns`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Headings that the program does not use.
    pub(super) others: Vec<String>,
    /// The cells of [`KEPT`], and those under the other headings.
    pub(super) rows: Vec<([String; 7], Vec<String>)>,
}

/// What a proposal is made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The register in force.
    pub registry: &'a Registry,
    /// Its columns as written.
    pub written: &'a Written,
    /// What was found, by 标识码. Of a site without an entry, only the operator's rows are written.
    pub surveys: &'a BTreeMap<String, Survey>,
    /// Days within which the rules want a column of a class updated.
    pub limits: &'a BTreeMap<ColumnClass, u16>,
    /// The day against which the age of the newest item counts.
    pub as_of: NaiveDate,
}

/// The proposal as the text of a CSV file, with the mark by which spreadsheets know UTF-8.
pub fn csv(sources: Sources<'_>) -> String {
    let mut out = String::from("\u{feff}");
    let others = &sources.written.others;
    let width = HEADINGS.len() + others.len() + 4;
    let note = "# 栏目登记表提议稿：已登记的各行照录，新发现的排在后面。核对后可直接作为 columns.csv 使用；“提议”各列仅供核对，程序不使用，也可以删去";
    line(&mut out, std::iter::once(note.to_owned()).chain((1..width).map(|_| String::new())));
    let own = [STANDING, PARENT, CONFIDENCE, REASON];
    let headings = HEADINGS.into_iter().map(ToOwned::to_owned).chain(others.iter().cloned());
    line(&mut out, headings.chain(own.map(ToOwned::to_owned)));
    for site in &sources.registry.sites {
        let survey = sources.surveys.get(&site.code);
        registered(&mut out, sources, site, survey);
        for found in survey.iter().flat_map(|survey| survey.unregistered()) {
            let blank = others.iter().map(|_| String::new());
            line(
                &mut out,
                new_row(sources, site, found).into_iter().chain(blank).chain(told(found, "新发现")),
            );
        }
    }
    out
}

/// The operator's rows of one site, as they stand.
fn registered(out: &mut String, sources: Sources<'_>, site: &Site, survey: Option<&Survey>) {
    let rows = sources.registry.columns.iter().zip(&sources.written.rows);
    let own = rows.filter(|(column, _)| column.site == site.code);
    for (nth, (column, (cells, others))) in own.enumerate() {
        let mut cells = cells.clone();
        cells[0].clone_from(&site.code);
        let found = survey.and_then(|survey| {
            survey.columns.iter().find(|found| place_of(&found.url) == place_of(column.url.as_str()))
        });
        let standing = survey.and_then(|survey| survey.standings.get(nth));
        let mut said = standing.map(standing_in_words).unwrap_or_default();
        if let Some(found) = found {
            for remark in differences(column, found) {
                let _ = write!(said, "；{remark}");
            }
        }
        let informed: [String; 4] = match found {
            Some(found) => told(found, &said),
            None => [said, String::new(), String::new(), String::new()],
        };
        line(out, cells.into_iter().chain(others.iter().cloned()).chain(informed));
    }
}

fn new_row(sources: Sources<'_>, site: &Site, found: &FoundColumn) -> [String; 7] {
    [
        site.code.clone(),
        inert(&found.name),
        found.url.clone(),
        cell::class_label(found.class).to_owned(),
        found.level.map(|level| level.to_string()).unwrap_or_default(),
        cycle(found, sources),
        String::new(),
    ]
}

fn told(found: &FoundColumn, standing: &str) -> [String; 4] {
    let parent = found.parent.as_deref().map(inert).unwrap_or_default();
    [standing.to_owned(), parent, confidence_label(found.confidence).to_owned(), reason(found)]
}

/// How a registered column stands, in words.
pub fn standing_in_words(standing: &Standing) -> String {
    match standing {
        Standing::Agrees => "已登记".to_owned(),
        Standing::Renamed(name) => format!("已登记，网站上现称“{}”", inert(name)),
        Standing::Moved(to) => format!("已登记，网站上同名栏目现为 {to}"),
        Standing::NoEntrance => "已登记，网站导航和各栏目页已无入口".to_owned(),
        Standing::Gone => "已登记，页面已不存在".to_owned(),
        Standing::NotSeen(_) => "已登记，本次未能核对".to_owned(),
    }
}

/// How sure, in one character.
pub fn confidence_label(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "高",
        Confidence::Medium => "中",
        Confidence::Low => "低",
    }
}

/// Where the file and the site say something else beside the name.
fn differences(column: &super::Column, found: &FoundColumn) -> Vec<String> {
    let mut told = Vec::new();
    if let (Some(own), Some(other)) = (column.level, found.level)
        && own != other
    {
        told.push(format!("网站上为{other}级"));
    }
    if let Some(own) = column.class
        && own != found.class
        && found.class != ColumnClass::Other
    {
        told.push(format!("类别按名称为{}", cell::class_label(found.class)));
    }
    told
}

/// 更新周期: what the rules ask of its class; otherwise the rhythm that its items show, so that no column is late by a cycle
/// which it has never kept.
fn cycle(found: &FoundColumn, sources: Sources<'_>) -> String {
    if let Some(days) = sources.limits.get(&found.class) {
        return format!("{days}天");
    }
    let steady = !found.class.is_exempt_from_freshness();
    let longest = longest_gap(&found.dates, sources.as_of).filter(|_| steady);
    let word = match longest {
        Some(..=7) => "每周",
        Some(..=31) => "每月",
        Some(..=92) => "每季度",
        Some(..=184) => "半年",
        Some(..=366) => "每年",
        _ => "不定期",
    };
    word.to_owned()
}

/// The longest time between two items, the one since the newest included; `None` where there are too few.
fn longest_gap(dates: &[NaiveDate], as_of: NaiveDate) -> Option<i64> {
    if dates.len() < ENOUGH_DATES {
        return None;
    }
    let later = std::iter::once(as_of).chain(dates.iter().copied());
    later.zip(dates).map(|(later, earlier)| (later - *earlier).num_days()).max()
}

/// Who names it and what its page is: without figures, which differ from one day to the next.
fn reason(found: &FoundColumn) -> String {
    let NamedBy { navigation, breadcrumbs, site_map, pages, itself } = found.named_by;
    let named: Vec<&str> = [
        (navigation, "导航"),
        (breadcrumbs, "下级页面的位置栏"),
        (site_map, "网站地图"),
        (pages, "首页或栏目页的链接"),
        (itself, "页面自身的位置栏或标签"),
    ]
    .into_iter()
    .filter_map(|(said, word)| said.then_some(word))
    .collect();
    let page = match found.kind {
        PageKind::List => "页面为列表",
        PageKind::Shell => "列表由脚本加载，未能看到",
        PageKind::Blocked => "页面被防护拦截，未能看到",
        _ => "页面为固定内容，请核对是否按栏目管理",
    };
    format!("{}列为栏目；{page}", named.join("、"))
}

/// A text of the site that no spreadsheet takes for a formula.
fn inert(text: &str) -> String {
    let plain = crate::config::printable(text);
    plain.trim_start_matches(['=', '+', '-', '@', '\t']).to_owned()
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (nth, cell) in cells.enumerate() {
        if nth > 0 {
            out.push(',');
        }
        let cell = cell.replace(['\r', '\n'], " ");
        if cell.contains([',', '"']) {
            let _ = write!(out, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            out.push_str(&cell);
        }
    }
    out.push('\n');
}

#[cfg(test)]
#[path = "propose_tests.rs"]
mod tests;
