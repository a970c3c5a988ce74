//! 栏目登记核对: how the register's columns and those of the site differ, as a document and as one sentence.

use super::{Document, Inline, Table, wording};
use crate::facts::survey::{Standing, Survey};
use crate::registry::propose::confidence_label;

/// Names told in one sentence; the rest is counted.
const MOST_NAMES: usize = 5;
/// Rows printed of one table; the rest is counted.
const MOST_ROWS: usize = 300;

/// What is told of one site.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// Name of the site.
    pub site: &'a str,
    /// What was found.
    pub survey: &'a Survey,
    /// Names and addresses of its registered columns, in the order of [`Survey::standings`].
    pub registered: &'a [(&'a str, &'a str)],
}

/// One sentence for the report of a site; `None` where there is nothing to tell.
pub fn sentence(compared: Compared<'_>) -> Option<String> {
    let Compared { survey, registered, .. } = compared;
    let new: Vec<&str> = survey.unregistered().map(|found| found.name.as_str()).collect();
    let mut parts = Vec::new();
    if !new.is_empty() {
        parts.push(format!("未登记的栏目{}个（{}）", new.len(), some_of(&new)));
    }
    for (what, is) in DRIFTS {
        let names: Vec<&str> = with(survey, registered, *is).map(|(name, ..)| name).collect();
        if !names.is_empty() {
            parts.push(format!("{what}{}个（{}）", names.len(), some_of(&names)));
        }
    }
    (!parts.is_empty()).then(|| {
        format!(
            "栏目登记核对：登记{}个，{}。详见 xuncha registry columns，不作为问题。",
            registered.len(),
            parts.join("，")
        )
    })
}

/// All sites compared.
pub fn document(title: &str, subtitle: &str, sites: &[Compared<'_>]) -> Document {
    let mut doc = Document::new(title, subtitle);
    for compared in sites {
        let Compared { site, survey, registered } = *compared;
        let new = survey.unregistered().count();
        let there = survey.columns.len();
        doc.heading(1, wording::one_line(site));
        doc.paragraph(format!("登记{}个，网站上查见{there}个，其中未登记{new}个。", registered.len()));
        if !survey.whole {
            doc.paragraph("首页未能读取，或者有页面没有读到：没有查见的栏目不等于网站上没有。");
        }
        let mut table = Table::new("", ["情况", "栏目", "网址", "说明"]);
        for (what, is) in DRIFTS {
            for (name, url, more) in with(survey, registered, *is) {
                table.row(row(what, name, url, &more));
            }
        }
        for found in survey.unregistered() {
            let more = format!("把握{}", confidence_label(found.confidence));
            table.row(row("未登记的栏目", &found.name, &found.url, &more));
        }
        let unseen = survey.standings.iter().filter(|s| matches!(s, Standing::NotSeen(_))).count();
        let rows = table.rows.len();
        table.rows.truncate(MOST_ROWS);
        if rows > 0 {
            doc.table(table);
        }
        if rows > MOST_ROWS {
            doc.paragraph(format!("另有{}项未列出，见提议稿（--propose）。", rows - MOST_ROWS));
        }
        if unseen > 0 {
            doc.paragraph(format!("另有登记的栏目{unseen}个本次未能核对。"));
        }
        if there == 0 && registered.is_empty() {
            doc.paragraph("没有可以核对的栏目。");
        } else if rows == 0 && unseen == 0 {
            doc.paragraph("登记与网站一致。");
        }
    }
    doc
}

type Is = fn(&Standing) -> Option<String>;

/// What may have become of a registered column, in the order in which it is told.
const DRIFTS: &[(&str, Is)] = &[
    ("登记的栏目页面已不存在", |standing| matches!(standing, Standing::Gone).then(String::new)),
    ("登记的栏目疑似迁移", |standing| match standing {
        Standing::Moved(to) => Some(format!("网站上同名栏目现为 {to}")),
        _ => None,
    }),
    ("登记的栏目已无入口", |standing| matches!(standing, Standing::NoEntrance).then(String::new)),
    ("登记的栏目疑似更名", |standing| match standing {
        Standing::Renamed(name) => Some(format!("网站上现称“{name}”")),
        _ => None,
    }),
];

/// The registered columns of one fate: name, address, what more there is to say.
fn with<'a>(
    survey: &'a Survey,
    registered: &'a [(&'a str, &'a str)],
    is: Is,
) -> impl Iterator<Item = (&'a str, &'a str, String)> {
    let each = survey.standings.iter().zip(registered);
    each.filter_map(move |(standing, (name, url))| Some((*name, *url, is(standing)?)))
}

fn row(what: &str, name: &str, url: &str, more: &str) -> [Inline; 4] {
    [
        what.into(),
        wording::one_line(name).into(),
        Inline::Link { text: url.to_owned(), url: url.to_owned() },
        wording::one_line(more).into(),
    ]
}

fn some_of(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| wording::one_line(name)).collect();
    let more = if names.len() > MOST_NAMES { "等" } else { "" };
    format!("{}{more}", shown.join("、"))
}

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
