//! 总台账: the office's own book of all problems, one row each, and the same rows by state, county, kind and lateness.
#![deny(clippy::disallowed_methods)]

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_xlsxwriter::XlsxError;

use super::candidates::requirement;
use super::render::sheets::{Part, Sheet, sheets_printed_in_part};
use super::wording::{one_line, shortened};
use crate::calendar::Instant8;
use crate::finding::State;
use crate::ledger::case::{Case, CaseState, Standing};
use crate::ledger::event::Step;
use crate::registry::Registry;

/// What a 总台账 is made of.
#[derive(Debug, Clone, Copy)]
pub struct Register<'a> {
    /// The cases; those that were never confirmed are left out.
    pub cases: &'a [Case],
    /// Whose they are.
    pub registry: &'a Registry,
    /// 送达方式 by 问题编号.
    pub via: &'a BTreeMap<String, String>,
    /// The day on which the standings are told.
    pub on: NaiveDate,
}

/// Headings of every sheet, with the widths of their columns in characters. What is read on paper comes first.
const COLUMNS: [(&str, f64); 35] = [
    ("序号", 5.5),
    ("问题编号", 13.0),
    ("责任单位", 15.0),
    ("网站（账号）名称", 16.0),
    ("栏目（页面）位置", 15.0),
    ("问题类型", 12.0),
    ("问题描述", 38.0),
    ("处置要求", 10.0),
    ("交办时间", 11.5),
    ("整改时限", 11.5),
    ("状态", 14.0),
    ("销号时间", 11.5),
    ("问题链接", 26.0),
    ("所在页面", 26.0),
    ("对应指标", 14.0),
    ("发现时间", 11.5),
    ("整改情况", 14.0),
    ("整改说明（理由、依据）", 22.0),
    ("整改后链接", 22.0),
    ("复查结果", 10.0),
    ("复查时间", 11.5),
    ("县（区）、主管单位", 20.0),
    ("主办单位", 18.0),
    ("承办（运维）单位", 18.0),
    ("联络员", 9.0),
    ("电话", 14.0),
    ("批次", 10.0),
    ("送达方式", 10.0),
    ("反馈时间", 11.5),
    ("延期至", 11.5),
    ("提醒次数", 8.0),
    ("督办时间", 11.5),
    ("重复出现次数", 8.0),
    ("存续天数", 8.0),
    ("备注", 24.0),
];

/// What is printed: the columns up to 销号时间 fill an A4 page across at a size that is read without a glass.
const PAPER: Part = Part { printed: 12, fixed: 2, heads: 2 };

/// The workbook 总台账 · 按状态 · 按县（区） · 按类型 · 逾期, dated by the register's day.
///
/// # Errors
/// [`XlsxError`] where a sheet has more rows than a spreadsheet takes.
pub fn workbook(of: &Register<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut cases: Vec<&Case> =
        of.cases.iter().filter(|case| case.finding.state == State::Confirmed).collect();
    cases.sort_by_cached_key(|case| {
        (of.registry.protocol_order(&case.unit), case.unit.clone(), case.number.clone())
    });
    let late: Vec<&Case> = cases.iter().copied().filter(|case| case.is_overdue(of.on)).collect();
    let day = crate::calendar::long_date(of.on);
    let counted = |cases: &[&Case], what: &str| {
        format!("共{}项{what}    统计日期：{day}    打印至“销号时间”一列，其余各列在屏幕上查看", cases.len())
    };
    let whole = counted(&cases, "");
    let order = |standing: Standing| Standing::all().position(|one| one == standing).unwrap_or(usize::MAX);
    let by_state = |case: &Case| {
        let standing = case.standing(of.on);
        (order(standing), standing.label().to_owned())
    };
    let by_county = |case: &Case| {
        let over = over(of.registry, case);
        (of.registry.protocol_order(&over), over)
    };
    let by_kind = |case: &Case| (0, case.finding.title.clone());
    let sheet = |name, title, head, rows| Sheet { name, title, head, headings: &COLUMNS, rows };
    let late_head = counted(&late, "逾期");
    let plain: Vec<Vec<String>> = (1..).zip(&cases).map(|(n, case)| row(of, n, case)).collect();
    sheets_printed_in_part(
        "总台账",
        of.on,
        &[
            sheet("总台账", "政府网站与政务新媒体问题总台账", whole.as_str(), plain),
            sheet("按状态", "总台账（按状态）", whole.as_str(), grouped(of, &cases, by_state)),
            sheet(
                "按县（区）",
                "总台账（按县、区和主管单位）",
                whole.as_str(),
                grouped(of, &cases, by_county),
            ),
            sheet("按类型", "总台账（按问题类型）", whole.as_str(), grouped(of, &cases, by_kind)),
            sheet("逾期", "逾期问题", late_head.as_str(), grouped(of, &late, by_state)),
        ],
        PAPER,
    )
}

/// `已同意延期（至2026-12-25）`; other standings as they are.
pub fn standing_in_words(case: &Case, on: NaiveDate) -> String {
    let standing = case.standing(on);
    match (standing, case.progress.extended_to) {
        (Standing::Is(CaseState::Extended), Some(until)) => format!("已同意延期（至{until}）"),
        (Standing::Is(CaseState::Exempt), _) => {
            let until = case.progress.exempt_until.map(|day| format!("（至{day}）")).unwrap_or_default();
            format!("{}{until}", standing.label())
        }
        _ => standing.label().to_owned(),
    }
}

/// The rows under one heading a group, each heading with its count.
fn grouped(of: &Register<'_>, cases: &[&Case], key: impl Fn(&Case) -> (usize, String)) -> Vec<Vec<String>> {
    let mut groups: BTreeMap<(usize, String), Vec<&Case>> = BTreeMap::new();
    for case in cases {
        groups.entry(key(case)).or_default().push(case);
    }
    let mut rows = Vec::new();
    for ((_, name), members) in groups {
        let name = if name.is_empty() { "（未登记）".to_owned() } else { one_line(&name) };
        let mut heading = vec![String::new(); COLUMNS.len()];
        heading[PAPER.heads] = format!("【{name}】{}项", members.len());
        rows.push(heading);
        rows.extend((1..).zip(members).map(|(n, case)| row(of, n, case)));
    }
    rows
}

/// 县（区）, or the 主管单位 of the responsible unit; the unit itself where nobody is above it.
fn over(registry: &Registry, case: &Case) -> String {
    let Some(unit) = registry.unit(&case.unit) else { return String::new() };
    let county = registry.county_of(unit).map(|county| county.name.clone());
    county.or_else(|| unit.parent.clone()).unwrap_or_else(|| unit.name.clone())
}

fn row(of: &Register<'_>, n: usize, case: &Case) -> Vec<String> {
    let finding = &case.finding;
    let progress = &case.progress;
    let site = of.registry.site(&finding.subject.site);
    let unit = of.registry.unit(&case.unit);
    let date = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let moment = |at: Option<Instant8>| date(at.map(|at| at.date_naive()));
    let answer = match (&progress.pending, &progress.answer) {
        (Some(pending), _) => pending.claim.in_words(),
        (None, Some(_)) => "已反馈".to_owned(),
        (None, None) => String::new(),
    };
    let (result, looked) = match case.state {
        CaseState::Closed => ("通过", progress.closed_at),
        CaseState::Unfixed => ("未通过", progress.last_confirmed),
        _ if progress.unfixed => ("未通过", progress.last_confirmed),
        _ => ("", None),
    };
    let orders = progress.reminders.iter().filter(|one| one.step == Step::Order).map(|one| one.on);
    let operator = site.map(|site| {
        let both = [&site.undertaker, &site.operator];
        both.into_iter().flatten().cloned().collect::<Vec<_>>().join("、")
    });
    let reminded = progress.reminders.iter().filter(|one| one.step != Step::Order).count();
    vec![
        n.to_string(),
        case.number.clone(),
        case.unit.clone(),
        one_line(&finding.subject.site_name),
        one_line(&finding.subject.place),
        finding.title.clone(),
        shortened(&one_line(&finding.description), 300),
        requirement(finding).to_owned(),
        date(case.assigned_on),
        date(case.due),
        standing_in_words(case, of.on),
        moment(progress.closed_at.filter(|_| case.state == CaseState::Closed)),
        one_line(&finding.url),
        one_line(finding.page.as_deref().unwrap_or_default()),
        finding.indicator.clone(),
        case.first_seen.date_naive().to_string(),
        answer,
        shortened(&one_line(progress.answer.as_deref().unwrap_or_default()), 300),
        one_line(progress.link.as_deref().unwrap_or_default()),
        result.to_owned(),
        moment(looked),
        over(of.registry, case),
        site.map(|site| site.host_unit.clone()).unwrap_or_default(),
        operator.unwrap_or_default(),
        unit.map(|unit| unit.liaison.clone()).unwrap_or_default(),
        unit.map(|unit| unit.phone.clone()).unwrap_or_default(),
        case.batch.clone().or_else(|| progress.approved.clone()).unwrap_or_default(),
        of.via.get(&case.number).cloned().unwrap_or_default(),
        moment(progress.answered_at),
        date(progress.extended_to),
        reminded.to_string(),
        date(orders.max()),
        progress.relapses.to_string(),
        case.age(of.on).to_string(),
        shortened(&one_line(progress.reason.as_deref().unwrap_or_default()), 200),
    ]
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Reader as _, Xlsx};

    use super::*;
    use crate::ledger::event::{Event, What};
    use crate::ledger::samples::{day, finding};

    fn case(n: u32, more: &[(u32, What)]) -> Case {
        let number = format!("202611-{n:04}");
        let finding = Box::new(finding(&format!("http://example.test/{n}"), State::Confirmed));
        let seen = What::Seen { run: "1".to_owned(), unit: "示例市民政局".to_owned(), finding };
        let event = |on: u32, what: What| Event {
            number: number.clone(),
            at: day(11, on),
            by: "李某某".to_owned(),
            what,
            evidence: None,
        };
        let mut history = vec![event(2, seen)];
        history.extend(more.iter().map(|(on, what)| event(*on, what.clone())));
        Case::fold(&history).expect("legal")
    }

    #[test]
    fn every_row_stands_once_in_each_grouping_and_what_is_late_in_its_own_sheet() {
        let on = |n| day(11, n).date_naive();
        let approved = (3, What::Approved { batch: "202611".to_owned() });
        let assigned = (4, What::Assigned { batch: "202611".to_owned(), due: Some(on(10)), on: on(4) });
        let extended = (9, What::Extended { due: on(25), reason: "改版".to_owned() });
        let closed = (12, What::NotSeen { run: "2".to_owned() });
        let told = [approved, assigned];
        let cases = [
            case(1, &[]),
            case(2, &told),
            case(3, &[&told[..], &[extended]].concat()),
            case(4, &[&told[..], &[closed]].concat()),
        ];
        let registry = Registry::default();
        let via = BTreeMap::from([("202611-0002".to_owned(), "公文交换".to_owned())]);
        let of = Register { cases: &cases, registry: &registry, via: &via, on: on(16) };
        let bytes = workbook(&of).expect("a workbook");
        assert_eq!(bytes, workbook(&of).expect("a workbook"), "the same bytes");
        let mut book = Xlsx::new(Cursor::new(bytes)).expect("opens");
        assert_eq!(book.sheet_names(), ["总台账", "按状态", "按县（区）", "按类型", "逾期"]);
        let mut column = |sheet: &str, wanted: &str| -> Vec<String> {
            let range = book.worksheet_range(sheet).expect("the sheet");
            let at = COLUMNS.iter().position(|(heading, _)| *heading == wanted).expect("a column");
            range.rows().skip(3).map(|row| row.get(at).map(ToString::to_string).unwrap_or_default()).collect()
        };
        let numbers = |sheet: &[String]| {
            let mut found: Vec<String> = sheet.iter().filter(|text| !text.is_empty()).cloned().collect();
            found.sort();
            found
        };
        let all = ["202611-0001", "202611-0002", "202611-0003", "202611-0004"];
        for sheet in ["总台账", "按状态", "按县（区）", "按类型"] {
            assert_eq!(numbers(&column(sheet, "问题编号")), all, "{sheet}");
        }
        assert_eq!(numbers(&column("逾期", "问题编号")), ["202611-0002"]);
        assert_eq!(
            column("总台账", "状态"),
            ["已确认待交办", "逾期未反馈", "已同意延期（至2026-11-25）", "已销号"]
        );
        let heads: Vec<String> = column("按状态", "序号");
        let heads: Vec<&String> = heads.iter().filter(|text| text.starts_with('【')).collect();
        assert_eq!(heads, ["【已确认待交办】1项", "【已同意延期】1项", "【逾期未反馈】1项", "【已销号】1项"]);
        assert_eq!(column("总台账", "送达方式"), ["", "公文交换", "", ""]);
    }
}
