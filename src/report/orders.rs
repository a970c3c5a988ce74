//! 整改通知书, 督办单 and 提示单: one page a unit, in the form of a table or as a line to paste.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::document::{Annex, BLANK, Grid, Paper, Part, Row};
use super::letterhead::Letterhead;
use super::list::{is_sensitive, to_be_told};
use super::wording::{batch_title, one_line, printable};
use crate::calendar::{day_with_weekday, long_date};
use crate::finding::{Class, Severity};
use crate::ledger::case::Case;
use crate::ledger::deadline::{Holidays, MissingYear};
use crate::registry::Registry;

/// Problems that stand in the form itself; more are in the list behind it.
const IN_FORM: usize = 3;

/// Whether a problem is of the kind that a 整改通知书 is for: 单项否决, or to be mended at once.
pub fn wants_notice(case: &Case) -> bool {
    to_be_told(case)
        && !case.finding.stock
        && (case.finding.class == Class::Veto || case.finding.severity == Severity::Immediate)
}

/// Whether a problem is of the kind that a 督办单 is for: overdue, or still there after the unit said that it was mended.
pub fn wants_order(case: &Case, on: NaiveDate) -> bool {
    case.state.is_open()
        && case.due.is_some_and(|due| due < on)
        && case.progress.extended_to.is_none_or(|until| until < on)
        && case.assigned_on.is_some()
        || case.state.is_open() && case.assigned_on.is_some() && case.progress.failed_rechecks > 0
}

/// Cases by 责任单位, in protocol order.
pub fn by_unit<'a>(
    cases: impl IntoIterator<Item = &'a Case>,
    registry: &Registry,
) -> Vec<(String, Vec<&'a Case>)> {
    let mut units: BTreeMap<(usize, String), Vec<&Case>> = BTreeMap::new();
    for case in cases {
        units.entry((registry.protocol_order(&case.unit), case.unit.clone())).or_default().push(case);
    }
    units.into_iter().map(|((_, unit), cases)| (unit, cases)).collect()
}

/// 整改通知书 for one unit. `due` is the day until which it reports back.
pub fn notice(unit: &str, cases: &[&Case], head: &Letterhead<'_>, due: NaiveDate) -> Paper {
    let mut paper =
        Paper::new(format!("整改通知书_{}", one_line(unit)), &["政府网站与政务新媒体问题整改通知书"]);
    paper.number = Some(head.form_number(&head.papers.notice_number));
    let mut basis: Vec<String> = Vec::new();
    for case in cases {
        let indicator = one_line(&case.finding.indicator);
        if !indicator.is_empty() && !basis.contains(&indicator) {
            basis.push(indicator);
        }
    }
    let at_once = cases.iter().any(|case| case.finding.severity == Severity::Immediate);
    let how = if at_once { "立即核实，立行立改；" } else { "立即核实整改，" };
    paper.body.push(Part::Form(vec![
        Row::new("受文单位", one_line(unit)),
        Row::new("涉及对象", subjects(cases)).at_least(2),
        Row::new("存在问题", told(cases)).at_least(6),
        Row::new("依据", format!("国办秘函〔2019〕19号　{}", basis.join("；"))).at_least(2),
        Row::new(
            "整改要求",
            format!("{how}举一反三，于{}前将整改情况书面反馈{}。", day_with_weekday(due), head.issuer()),
        )
        .at_least(2),
        Row::new("签发", format!("分管领导：{BLANK}{BLANK}{BLANK}年{BLANK}月{BLANK}日")).at_least(2),
        Row::new("联系人、电话", format!("{}　{}", head.office.contact, head.office.phone)),
    ]));
    finish(&mut paper, cases, head);
    paper
}

/// 督办单 for one unit; `due` is the new day.
///
/// # Errors
/// [`MissingYear`] where the calendar cannot tell how many working days it is late.
pub fn order(
    unit: &str,
    cases: &[&Case],
    registry: &Registry,
    head: &Letterhead<'_>,
    holidays: &Holidays,
    due: NaiveDate,
) -> Result<Paper, MissingYear> {
    let mut paper = Paper::new(format!("督办单_{}", one_line(unit)), &["政府网站与政务新媒体问题督办单"]);
    paper.number = Some(head.form_number(&head.papers.order_number));
    let above = registry.unit(unit).and_then(|unit| unit.parent.clone());
    let copies = above.map_or_else(String::new, |above| format!("、{above}"));
    let mut handed: Vec<String> = Vec::new();
    let mut late: Vec<String> = Vec::new();
    for case in cases {
        if let (Some(batch), Some(on), Some(until)) = (&case.batch, case.assigned_on, case.due) {
            let line = format!("{}，{}交办，时限{}", batch_title(batch), long_date(on), long_date(until));
            if !handed.contains(&line) {
                handed.push(line);
            }
        }
        let mut why = Vec::new();
        if let Some(until) = case.due.filter(|until| *until < head.issued) {
            why.push(format!("逾期{}个工作日", holidays.working_days_between(until, head.issued)?));
        }
        if case.progress.failed_rechecks > 0 {
            why.push(format!("复查未通过{}次", case.progress.failed_rechecks));
        }
        late.push(format!("{}（{}）", case.number, why.join("，")));
    }
    paper.body.push(Part::Form(vec![
        Row::new("承办单位", format!("{}\n抄送：该单位主要负责同志{copies}", one_line(unit))).at_least(2),
        Row::new("原交办情况", few(&handed)).at_least(2),
        Row::new("逾期事项", few(&late)).at_least(3),
        Row::new("存在问题", told(cases)).at_least(3),
        Row::new("督办要求", format!("请于{}前整改到位，并书面说明逾期原因。", day_with_weekday(due)))
            .at_least(2),
        Row::new("签批", format!("分管领导：{BLANK}{BLANK}{BLANK}年{BLANK}月{BLANK}日")).at_least(2),
        Row::new("联系人、电话", format!("{}　{}", head.office.contact, head.office.phone)),
    ]));
    finish(&mut paper, cases, head);
    Ok(paper)
}

/// 提示单 for one unit, of the texts that are pasted into the work group as well. Nothing to answer.
pub fn hint(unit: &str, texts: &[String], head: &Letterhead<'_>) -> Paper {
    let mut paper = Paper::new(format!("提示单_{}", one_line(unit)), &["政府网站与政务新媒体监测提示单"]);
    paper.addressee = Some(format!("{}：", one_line(unit)));
    for text in texts {
        paper.text(one_line(text));
    }
    paper.text("本提示不作为问题，不设时限，无需反馈；如已更新请忽略。");
    paper.signature = Some(head.office.signature.clone());
    paper.date = Some(head.issued);
    paper
}

fn finish(paper: &mut Paper, cases: &[&Case], head: &Letterhead<'_>) {
    paper.date = Some(head.issued);
    if cases.len() > IN_FORM {
        let mut grid = Grid::new(&[
            ("序号", 6.5),
            ("问题编号", 13.0),
            ("网站（账号）名称", 18.0),
            ("位置", 18.0),
            ("问题类型", 12.0),
            ("问题描述", 34.0),
            ("整改时限", 13.0),
        ]);
        for (n, case) in (1usize..).zip(cases) {
            let finding = &case.finding;
            grid.row([
                n.to_string(),
                case.number.clone(),
                one_line(&finding.subject.site_name),
                one_line(&finding.subject.place),
                one_line(&finding.title),
                description(case),
                case.due.map(|due| due.to_string()).unwrap_or_default(),
            ]);
        }
        paper.annexes.push(Annex {
            title: "问题清单".to_owned(),
            note: String::new(),
            grid,
            landscape: true,
        });
    }
}

/// The first of them, so that a form stays on its page.
fn few(lines: &[String]) -> String {
    let shown = lines.iter().take(IN_FORM).cloned().collect::<Vec<_>>().join("\n");
    if lines.len() > IN_FORM { format!("{shown}\n等{}项", lines.len()) } else { shown }
}

fn subjects(cases: &[&Case]) -> String {
    let mut named: Vec<String> = Vec::new();
    for case in cases {
        let subject = &case.finding.subject;
        let line = format!("{} / {}", one_line(&subject.site_name), one_line(&subject.site));
        if !named.contains(&line) {
            named.push(line);
        }
    }
    let rest = if named.len() > IN_FORM { "\n等" } else { "" };
    format!("{}{rest}", named.into_iter().take(IN_FORM).collect::<Vec<_>>().join("\n"))
}

fn told(cases: &[&Case]) -> String {
    let mut lines: Vec<String> = (1usize..)
        .zip(cases)
        .take(IN_FORM)
        .map(|(n, case)| {
            let finding = &case.finding;
            let place = one_line(&finding.subject.place);
            format!("{n}．{}（{}）：{}", one_line(&finding.title), place, description(case))
        })
        .collect();
    if cases.len() > IN_FORM {
        lines.push(format!("共{}项，详见附件问题清单。", cases.len()));
    }
    lines.join("\n")
}

/// Its own words; of what is sensitive only that it is there.
fn description(case: &Case) -> String {
    if is_sensitive(&case.finding) {
        return "具体内容另行告知，请勿转发相关链接。".to_owned();
    }
    let text = printable(case.finding.description.trim()).replace('\n', " ");
    super::wording::shortened(&text, 80)
}
