//! 整改通知书, 督办单 and 提示单: one page a unit, in the form of a table or as a line to paste.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::document::{Annex, BLANK, Grid, Paper, Part, Row};
use super::letterhead::Letterhead;
use super::list::{is_sensitive, to_be_told};
use super::wording::{batch_title, one_line, printable};
use crate::calendar::{day_with_weekday, long_date, month_day};
use crate::finding::{Class, Severity};
use crate::ledger::case::Case;
use crate::ledger::deadline::{Holidays, MissingYear};
use crate::ledger::event::Step;
use crate::registry::Registry;

/// Problems that stand in the form itself; more are in the list behind it.
const IN_FORM: usize = 3;
/// Characters of their descriptions that a 整改通知书 has room for on its one page.
const NOTICE_CHARS: usize = 210;
/// The same of a 督办单, which tells the hand-over as well.
const ORDER_CHARS: usize = 150;
/// Characters of a description in the list behind the form.
const LIST_CHARS: usize = 300;

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
        Row::new("存在问题", told(cases, NOTICE_CHARS)).at_least(6),
        Row::new("依据", format!("国办秘函〔2019〕19号　{}", basis.join("；"))).at_least(2),
        Row::new(
            "整改要求",
            format!("{how}举一反三，于{}前将整改情况书面反馈{}。", day_with_weekday(due), head.issuer()),
        )
        .at_least(2),
        Row::new("签发", format!("分管领导：{BLANK}{BLANK}{BLANK}年{BLANK}月{BLANK}日")).at_least(2),
        Row::new("联系人、电话", format!("{}　{}", head.office.contact, head.office.phone)),
    ]));
    finish(&mut paper, cases, head, NOTICE_CHARS);
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
    let mut handed: BTreeMap<(String, NaiveDate), BTreeSet<NaiveDate>> = BTreeMap::new();
    let mut late: Vec<String> = Vec::new();
    for case in cases {
        if let (Some(batch), Some(on), Some(until)) = (&case.batch, case.assigned_on, case.due) {
            handed.entry((batch_title(batch), on)).or_default().insert(until);
        }
        let mut why = Vec::new();
        if let Some(until) = case.due.filter(|until| *until < head.issued) {
            why.push(format!("逾期{}个工作日", holidays.working_days_between(until, head.issued)?));
        }
        if case.progress.failed_rechecks > 0 {
            why.push(format!("复查未通过{}次", case.progress.failed_rechecks));
        }
        let reminded = case.progress.reminders.iter().filter(|one| one.step != Step::Order).count();
        if reminded > 0 {
            why.push(format!("已提醒{reminded}次"));
        }
        late.push(format!("{}（{}）", case.number, why.join("，")));
    }
    let handed: Vec<String> = handed
        .into_iter()
        .map(|((batch, on), due)| {
            let due = due.into_iter().map(|due| due_in_words(due, on)).collect::<Vec<_>>().join("、");
            format!("{batch}，{}交办，时限{due}", long_date(on))
        })
        .collect();
    paper.body.push(Part::Form(vec![
        Row::new("承办单位", format!("{}\n抄送：该单位主要负责同志{copies}", one_line(unit))).at_least(2),
        Row::new("原交办情况", few(&handed)).at_least(2),
        Row::new("逾期事项", few(&late)).at_least(3),
        Row::new("存在问题", told(cases, ORDER_CHARS)).at_least(3),
        Row::new("督办要求", format!("请于{}前整改到位，并书面说明逾期原因。", day_with_weekday(due)))
            .at_least(2),
        Row::new("签批", format!("分管领导：{BLANK}{BLANK}{BLANK}年{BLANK}月{BLANK}日")).at_least(2),
        Row::new("联系人、电话", format!("{}　{}", head.office.contact, head.office.phone)),
    ]));
    finish(&mut paper, cases, head, ORDER_CHARS);
    Ok(paper)
}

/// 提示单 for one unit, a paragraph a text. Nothing to answer.
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

fn finish(paper: &mut Paper, cases: &[&Case], head: &Letterhead<'_>, room: usize) {
    paper.date = Some(head.issued);
    if cases.len() > IN_FORM || !fits_the_form(cases, room) {
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
                description(case, LIST_CHARS),
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

/// `7月28日`, with its year where that is another than the year of `beside`.
fn due_in_words(due: NaiveDate, beside: NaiveDate) -> String {
    use chrono::Datelike as _;
    if due.year() == beside.year() { month_day(due) } else { long_date(due) }
}

/// Sites with their 标识码, accounts with their names at the platform where these say more than the account's own.
fn subjects(cases: &[&Case]) -> String {
    let mut named: Vec<String> = Vec::new();
    for case in cases {
        let subject = &case.finding.subject;
        let name = one_line(&subject.site_name);
        let code = one_line(&subject.site);
        let code = code.split_once(':').map_or(code.as_str(), |(_, id)| id);
        let line = if name.starts_with(code) { name } else { format!("{name} / {code}") };
        if !named.contains(&line) {
            named.push(line);
        }
    }
    let rest = if named.len() > IN_FORM { "\n等" } else { "" };
    format!("{}{rest}", named.into_iter().take(IN_FORM).collect::<Vec<_>>().join("\n"))
}

fn told(cases: &[&Case], room: usize) -> String {
    let whole = fits_the_form(cases, room);
    let most = if whole { room } else { room / cases.len().clamp(1, IN_FORM) };
    let mut lines: Vec<String> = (1usize..)
        .zip(cases)
        .take(IN_FORM)
        .map(|(n, case)| {
            format!(
                "{n}．{}：{}。{}",
                place(case, cases),
                one_line(&case.finding.title),
                description(case, most)
            )
        })
        .collect();
    if cases.len() > IN_FORM {
        lines.push(format!("共{}项，详见附件问题清单。", cases.len()));
    } else if !whole {
        lines.push("详见附件问题清单。".to_owned());
    }
    lines.join("\n")
}

/// Whether the descriptions that stand in the form have room there as they are.
fn fits_the_form(cases: &[&Case], room: usize) -> bool {
    let long = |case: &&Case| description(case, LIST_CHARS).chars().count();
    cases.iter().take(IN_FORM).map(long).sum::<usize>() <= room
}

/// Where it is: the account itself, or the place on the site, which is named where the form speaks of several.
fn place(case: &Case, cases: &[&Case]) -> String {
    let subject = &case.finding.subject;
    let (site, place) = (one_line(&subject.site_name), one_line(&subject.place));
    let several = cases.iter().any(|other| other.finding.subject.site != subject.site);
    match place.as_str() {
        "" | "—" => site,
        _ if several => format!("{site}，{place}"),
        _ => place,
    }
}

/// Its own words, `most` characters of them; of what is sensitive only that it is there.
fn description(case: &Case, most: usize) -> String {
    if is_sensitive(&case.finding) {
        return "具体内容另行告知，请勿转发相关链接。".to_owned();
    }
    let text = printable(case.finding.description.trim()).replace('\n', " ");
    super::wording::shortened(&text, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Instant8;
    use crate::config::valid::{Office, Papers};
    use crate::finding::State;
    use crate::ledger::event::{Event, What};
    use crate::ledger::samples::{day, finding};

    fn on(n: u32) -> NaiveDate {
        day(11, n).date_naive()
    }

    /// Handed over on the 4th; `change` says what was found.
    fn case(n: u32, due: u32, change: impl Fn(&mut crate::finding::Finding)) -> Case {
        let number = format!("202611-{n:04}");
        let mut found = finding(&format!("http://example.test/{n}"), State::Confirmed);
        change(&mut found);
        let batch = || "202611".to_owned();
        let told = |step, due| What::Reminded {
            step,
            due,
            on: due,
            unit: "示例市民政局".to_owned(),
            letter: String::new(),
        };
        let history = [
            (
                2,
                What::Seen {
                    run: "1".to_owned(), unit: "示例市民政局".to_owned(), finding: Box::new(found)
                },
            ),
            (3, What::Approved { batch: batch() }),
            (4, What::Assigned { batch: batch(), due: Some(on(due)), on: on(4) }),
            (5, told(Step::Notice, on(due))),
            (12, told(Step::Reminder, on(due))),
        ];
        let event = |(at, what): (u32, What)| {
            let at: Instant8 = day(11, at);
            Event { number: number.clone(), at, by: "李某某".to_owned(), what, evidence: None }
        };
        Case::fold(&history.into_iter().map(event).collect::<Vec<_>>()).expect("legal")
    }

    /// The rows of an order's form, and whether a list stands behind it.
    fn order_of(cases: &[Case]) -> (BTreeMap<String, String>, bool) {
        let (office, papers) = (Office::default(), Papers::default());
        let head = Letterhead { office: &office, papers: &papers, issued: on(16) };
        let holidays =
            Holidays::parse("holidays.toml", include_str!("../../config/holidays.toml")).expect("a calendar");
        let cases: Vec<&Case> = cases.iter().collect();
        let paper = order("示例市民政局", &cases, &Registry::default(), &head, &holidays, on(30));
        let paper = paper.expect("a paper");
        let Some(Part::Form(rows)) = paper.body.into_iter().next() else { panic!("a form") };
        (rows.into_iter().map(|row| (row.label, row.lines.join("\n"))).collect(), !paper.annexes.is_empty())
    }

    #[test]
    fn an_order_tells_each_hand_over_once_and_how_often_it_was_reminded() {
        let (form, _) = order_of(&[case(1, 5, |_| ()), case(2, 10, |_| ())]);
        assert_eq!(form["原交办情况"], "2026年第11批，2026年11月4日交办，时限11月5日、11月10日");
        assert_eq!(
            form["逾期事项"],
            "202611-0001（逾期7个工作日，已提醒2次）\n202611-0002（逾期4个工作日，已提醒2次）"
        );
    }

    #[test]
    fn an_account_is_named_where_a_site_has_a_place() {
        let account = |found: &mut crate::finding::Finding| {
            found.subject.site = "wechat:gh_zw".to_owned();
            found.subject.site_name = "示例政务（微信公众号）".to_owned();
            found.subject.place = "—".to_owned();
        };
        let account = case(1, 5, account);
        let (form, _) =
            order_of(&[account.clone(), case(2, 10, |found| found.subject.place = "首页".to_owned())]);
        let told: Vec<&str> = form["存在问题"].lines().collect();
        assert!(told[0].starts_with("1．示例政务（微信公众号）："), "{told:?}");
        assert!(told[1].contains("，首页："), "{told:?}");
        assert_eq!(subjects(&[&account]), "示例政务（微信公众号） / gh_zw");
    }

    #[test]
    fn long_descriptions_go_into_the_list_behind_and_the_form_stays_on_its_page() {
        let long = |n| case(n, 5, |found| found.description = "很长的情况。".repeat(12));
        let (form, list) = order_of(&[long(1), long(2)]);
        assert!(!list && !form["存在问题"].contains("附件"), "{form:?}");
        let (form, list) = order_of(&[long(1), long(2), long(3)]);
        assert!(list && form["存在问题"].ends_with("详见附件问题清单。"), "{form:?}");
        assert!(form["存在问题"].chars().count() < ORDER_CHARS + 100, "{form:?}");
    }
}
