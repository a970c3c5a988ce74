//! 月度监测情况: what a month's patrols saw, for the office and the units; and the figures of a year.

use std::fmt::Write as _;

use chrono::Datelike as _;

use super::annexes;
use super::bulletin::{charts, draft, handled, standing, subject};
use super::document::{Annex, Grid, PENDING, Paper, Part};
use super::figures::{Figures, Group};
use super::letterhead::Letterhead;
use super::supplement::Supplement;
use crate::calendar::long_date;
use crate::inspection::MemberKind;

/// 月度监测情况. `upcoming` are the columns near their limit, one sentence each.
pub fn monthly(figures: &Figures, head: &Letterhead<'_>, more: &Supplement, upcoming: &[String]) -> Paper {
    let label = figures.period.label();
    let mut paper = Paper::new(format!("{label}监测情况"), &[]);
    paper.title = title(&format!("{label}{}", head.whole()), &subject(figures), "监测情况");
    paper.draft = draft(figures);
    let problems = &figures.problems;
    paper.level1("监测范围和结果");
    let (from, to) = figures.window;
    let scope = |group: &Group, noun: &str, measure: &str| {
        let share = group.share().map(|share| format!("，监测比例{share}")).unwrap_or_default();
        format!(
            "在册{noun}{}个，监测{}个{share}；{}。",
            group.registered,
            group.checked,
            standing(group, None, figures.period.last(), measure)
        )
    };
    paper.text(format!("监测时间：{}至{}。", long_date(from), long_date(to)));
    paper.level2("政府网站。", scope(&figures.sites, "政府网站", "网站"));
    if figures.accounts.registered > 0 {
        paper.level2("政务新媒体。", scope(&figures.accounts, "政务新媒体", "账号"));
    }
    paper.level1("问题和整改");
    paper.text(format!(
        "{}新确认问题{}项，销号{}项，反弹{}项。{}",
        figures.period.this(),
        problems.found,
        problems.closed_in_period,
        problems.relapsed_in_period,
        handled(problems, figures.period.this())
    ));
    if !figures.kinds.is_empty() {
        paper.body.push(Part::Grid(annexes::kinds(figures)));
    }
    for chart in charts(figures) {
        paper.body.push(Part::Chart(chart));
    }
    if !figures.failures.is_empty() {
        paper.level1("出现单项否决情形的网站、账号");
        for failure in &figures.failures {
            let member = &failure.member;
            // One name often stands for accounts of several platforms.
            let what = match member.kind {
                MemberKind::Account => format!("“{}”{}", member.name, member.category),
                MemberKind::Site => member.name.clone(),
            };
            paper.text(format!("{what}（{}）：{}。", member.host_unit, failure.situations.join("；")));
        }
    }
    if !upcoming.is_empty() {
        paper.level1("临近更新时限的栏目、账号");
        for sentence in upcoming {
            paper.text(sentence.clone());
        }
    }
    let others = more.messages();
    if !others.is_empty() || !more.other.is_empty() {
        paper.level1("其他情况");
        paper.text(format!("{others}{}", more.other.concat()));
    }
    paper.level1("未判定事项");
    if figures.open.is_empty() {
        paper.text("没有未判定的指标。");
    } else {
        let members = figures.sites.undecided + figures.accounts.undecided;
        paper.text(format!(
            "{members}个网站（账号）共{}项指标未能判定{PENDING}，不计为合格或者不合格，由监测单位人工核查。",
            figures.open.len()
        ));
    }
    paper.annexes.push(Annex {
        title: "各县（区）、部门监测情况统计表".to_owned(),
        note: "按行政区划序、机构序排列，不作排名。".to_owned(),
        grid: annexes::units(figures),
        landscape: true,
    });
    paper.annexes.extend(annexes::of_output(figures));
    paper.signature = Some(head.office.signature.clone()).filter(|name| !name.is_empty());
    paper.date = Some(head.issued);
    paper
}

/// A title on one line where it fits there, otherwise on two that end with a word.
fn title(when: &str, what: &str, end: &str) -> Vec<String> {
    match what.strip_prefix("政府网站").filter(|rest| !rest.is_empty()) {
        None => vec![format!("{when}{what}{end}")],
        Some(rest) => vec![format!("{when}政府网站"), format!("{rest}{end}")],
    }
}

/// What a year adds to its figures.
#[derive(Debug, Clone, Default)]
pub struct YearOf {
    /// Periods of which a bulletin was made final, in order.
    pub bulletins: Vec<String>,
    /// Inspections of the year: name, sites, accounts.
    pub inspections: Vec<(String, Group, Group)>,
    /// Different sites and accounts that these looked at.
    pub looked_at: (usize, usize),
}

/// 年度监管情况: the figures that a yearly report on 政府信息公开 and the 政府网站监管年度报表 ask for. What only the office knows is
/// taken from the supplement and left blank where it does not say.
pub fn annual(figures: &Figures, of: &YearOf, head: &Letterhead<'_>, more: &Supplement) -> Paper {
    let year = figures.period.year();
    let mut paper = Paper::new(format!("{year}年度监管情况"), &[]);
    paper.title = title(&format!("{year}年度{}", head.whole()), &subject(figures), "监管情况");
    let open = of.inspections.iter().filter(|(_, sites, accounts)| sites.undecided + accounts.undecided > 0);
    let open: Vec<&str> = open.map(|(name, ..)| name.as_str()).collect();
    paper.draft =
        (!open.is_empty()).then(|| format!("{}尚有未判定事项，仅供内部核对，不得印发。", open.join("、")));
    let problems = &figures.problems;
    let whole = head.whole();
    paper.level1("年度数据");
    let mut text =
        format!("截至{}，{whole}正常运行政府网站{}个", long_date(figures.cutoff), figures.sites.registered);
    if figures.accounts.registered > 0 {
        let _ = write!(text, "，在册政务新媒体{}个", figures.accounts.registered);
    }
    let _ = write!(text, "。全年组织检查{}次，印发通报{}期", of.inspections.len(), of.bulletins.len());
    let _ = write!(text, "，检查政府网站{}个", of.looked_at.0);
    if of.looked_at.1 > 0 {
        let _ = write!(text, "、政务新媒体{}个", of.looked_at.1);
    }
    let _ = write!(
        text,
        "；发现并确认问题{}项，交办{}项，整改销号{}项，涉及栏目{}个。",
        problems.found, problems.assigned, problems.closed_in_period, problems.columns_mended
    );
    paper.text(text);
    let mut grid = Grid::new(&[("序号", 6.5), ("项目", 40.0), ("数量", 12.0), ("说明", 26.0)]);
    let blank = || "【待填】".to_owned();
    let asked = |value: Option<u32>| value.map_or_else(blank, |n| n.to_string());
    let known = |n: usize| n.to_string();
    let changed = |given: Option<u32>, counted: usize| match (given, figures.before.is_some()) {
        (Some(n), _) => n.to_string(),
        (None, true) => counted.to_string(),
        (None, false) => blank(),
    };
    let last = format!("截至{}月{}日", figures.cutoff.month(), figures.cutoff.day());
    let y = &more.year;
    let messages = more.messages;
    let mut rows: Vec<(&str, String, String)> = vec![
        ("正常运行政府网站数", known(figures.sites.registered), last.clone()),
        ("新开设政府网站数", asked(y.sites_opened), String::new()),
        ("关停、迁移政府网站数", asked(y.sites_closed), String::new()),
        ("在册政务新媒体数", known(figures.accounts.registered), last),
        (
            "新开设（补报）备案账号数",
            changed(y.accounts_opened, figures.accounts_added),
            "与上年末登记表比较".to_owned(),
        ),
        (
            "关停注销账号数",
            changed(y.accounts_closed, figures.accounts_gone),
            "与上年末登记表比较".to_owned(),
        ),
        ("组织检查次数", known(of.inspections.len()), "季度抽查、半年检查".to_owned()),
        ("检查政府网站数", known(of.looked_at.0), "同一网站多次检查计1个".to_owned()),
        ("检查政务新媒体数", known(of.looked_at.1), "同一账号多次检查计1个".to_owned()),
        ("印发并公开检查通报期数", known(of.bulletins.len()), of.bulletins.join("、")),
        ("发现并确认问题数", known(problems.found), String::new()),
        ("交办问题数", known(problems.assigned), "不含撤销和报备不计入的".to_owned()),
        ("整改销号问题数", known(problems.closed_in_period), String::new()),
        ("整改栏目数", known(problems.columns_mended), "全年有问题销号的栏目".to_owned()),
        ("逾期未完成问题数", known(problems.overdue), String::new()),
        ("销号后反弹问题数", known(problems.relapsed_in_period), String::new()),
        (
            "经复核撤销的问题数（误报）",
            known(problems.revoked),
            format!("其中申请复核成立{}项", problems.objections_upheld),
        ),
    ];
    for (name, value) in [
        ("“我为政府网站找错”留言数", messages.map(|m| m.received)),
        ("其中：按期办结", messages.map(|m| m.in_time)),
        ("其中：超期办结", messages.map(|m| m.late)),
        ("其中：未办结", messages.map(|m| m.open)),
        ("组织培训次数", y.trainings),
        ("培训人次", y.trained),
        ("约谈人次", y.talks),
        ("书面检查单位数", y.written),
        ("通报批评单位数", y.criticised),
    ] {
        rows.push((name, asked(value), String::new()));
    }
    for (n, (name, value, note)) in (1usize..).zip(rows) {
        grid.row([n.to_string(), name.to_owned(), value, note]);
    }
    paper.body.push(Part::Grid(grid));
    if !of.inspections.is_empty() {
        paper.level1("各次检查情况");
        let mut grid = Grid::new(&[("检查", 22.0)])
            .and("政府网站", &[("检查数", 7.0), ("合格数", 7.0), ("合格率", 8.0)])
            .and("政务新媒体", &[("检查数", 7.0), ("合格数", 7.0), ("合格率", 8.0)]);
        let rate = |group: &Group| match group.rate() {
            Some(rate) => rate.to_string(),
            None if group.undecided > 0 => PENDING.to_owned(),
            None => "—".to_owned(),
        };
        for (name, sites, accounts) in &of.inspections {
            let mut row = vec![name.clone()];
            for group in [sites, accounts] {
                row.extend([group.checked.to_string(), group.passed.to_string(), rate(group)]);
            }
            grid.rows.push(row);
        }
        paper.body.push(Part::Grid(grid));
    }
    for chart in charts(figures) {
        paper.body.push(Part::Chart(chart));
    }
    if !figures.kinds.is_empty() {
        paper.level1("问题分类");
        paper.body.push(Part::Grid(annexes::kinds(figures)));
    }
    paper.signature = Some(head.issuer());
    paper.date = Some(head.issued);
    paper
}
