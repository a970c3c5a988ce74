//! The tables behind the papers: 附件1 to 附件3 of a bulletin, units, kinds, and tables as sheets of a workbook.

use rust_xlsxwriter::XlsxError;

use super::document::{Annex, Grid, PENDING, Paper};
use super::figures::{Figures, Group, Tenths};
use super::render::sheets::{Sheet, sheets};
use crate::calendar::long_date;
use crate::inspection::standing::Outcome;

/// 附件1 不合格名单, 附件2 统计表, 附件3 复查情况表; the first and third only where they have rows.
pub fn of_bulletin(figures: &Figures) -> Vec<Annex> {
    let mut annexes = Vec::new();
    if !figures.failures.is_empty() {
        let noun =
            if figures.accounts.registered > 0 { "政府网站和政务新媒体" } else { "政府网站" };
        annexes.push(Annex {
            title: format!("检查不合格的{noun}名单"),
            note: String::new(),
            grid: failures(figures),
            landscape: true,
        });
    }
    annexes.push(Annex {
        title: "各县（区）、部门检查情况统计表".to_owned(),
        note: "按行政区划序、机构序排列，不作排名。".to_owned(),
        grid: units(figures),
        landscape: true,
    });
    annexes.extend(of_output(figures));
    if !figures.again.is_empty() {
        annexes.push(Annex {
            title: format!("{}通报问题复查情况表", figures.period.last()),
            note: String::new(),
            grid: again(figures),
            landscape: true,
        });
    }
    annexes
}

/// 附件1.
pub fn failures(figures: &Figures) -> Grid {
    let mut grid = Grid::new(&[
        ("序号", 6.5),
        ("网站（账号）名称", 22.0),
        ("类型（平台）", 13.5),
        ("网站标识码", 19.0),
        ("主办单位", 22.0),
        ("主管单位", 22.0),
        ("不合格情形（对应指标）", 31.0),
    ]);
    for (n, failure) in (1usize..).zip(&figures.failures) {
        let member = &failure.member;
        let code =
            if member.kind == crate::inspection::MemberKind::Site { member.code.as_str() } else { "—" };
        grid.row([
            n.to_string(),
            member.name.clone(),
            member.category.clone(),
            code.to_owned(),
            member.host_unit.clone(),
            or_dash(&member.supervisor),
            failure.situations.join("\n"),
        ]);
    }
    grid
}

/// 附件2.
pub fn units(figures: &Figures) -> Grid {
    let mut grid = Grid::new(&[("单位", 24.0)])
        .and("政府网站", &[("运行数", 6.0), ("检查数", 6.0), ("合格数", 6.0), ("合格率", 7.5)]);
    let media = figures.accounts.registered > 0;
    if media {
        grid = grid.and(
            "政务新媒体",
            &[("在册数", 6.0), ("抽查数", 6.0), ("抽查比例", 7.5), ("合格数", 6.0), ("合格率", 7.5)],
        );
    }
    let mut grid = grid.and("问题整改", &[("交办数", 6.0), ("销号数", 6.0), ("逾期数", 6.0)]);
    let cells = |name: &str, sites: &Group, accounts: &Group, problems: [usize; 3]| {
        let mut cells = vec![name.to_owned()];
        cells.extend([sites.registered, sites.checked, sites.passed].map(|n| n.to_string()));
        cells.push(rate(sites));
        if media {
            cells.extend([accounts.registered, accounts.checked].map(|n| n.to_string()));
            cells.push(share(accounts));
            cells.push(accounts.passed.to_string());
            cells.push(rate(accounts));
        }
        cells.extend(problems.map(|n| n.to_string()));
        cells
    };
    for row in &figures.units {
        let tally = &row.problems;
        grid.rows.push(cells(
            &row.unit,
            &row.sites,
            &row.accounts,
            [tally.assigned, tally.closed, tally.overdue],
        ));
    }
    let problems = &figures.problems;
    let sums = [problems.assigned, problems.closed, problems.overdue];
    grid.rows.push(cells("合计", &figures.sites, &figures.accounts, sums));
    grid
}

/// What accounts published, by platform and by unit; `None` where no evidence tells.
pub fn of_output(figures: &Figures) -> Option<Annex> {
    let output = &figures.output;
    let mut grid = Grid::new(&[
        ("类别", 8.0),
        ("平台、单位", 24.0),
        ("在册数", 8.0),
        ("有佐证数", 8.0),
        ("本年发布条数", 8.5),
        ("曾超期账号", 8.5),
        ("不达标天数", 8.5),
        ("最长间隔（天）", 8.5),
    ]);
    let parts = [("平台", &output.platforms), ("单位", &output.units), ("", &vec![output.whole()])];
    for (kind, rows) in parts {
        for row in rows {
            let longest = row.longest.map_or_else(|| "—".to_owned(), |days| days.to_string());
            let counts = [row.accounts as u64, row.known as u64, row.posts, row.late as u64, row.late_days];
            let cells = [kind.to_owned(), row.name.clone()].into_iter();
            grid.row(cells.chain(counts.map(|n| n.to_string())).chain([longest]));
        }
    }
    (!output.platforms.is_empty()).then(|| Annex {
        title: "政务新媒体发布情况统计表".to_owned(),
        note: "发布条数、间隔按各账号佐证统计，佐证没有列出的不计；不达标天数为本年内间隔超过规定天数的天数之和。按平台、机构序排列，不作排名。"
            .to_owned(),
        grid,
        landscape: true,
    })
}

/// 附件3.
pub fn again(figures: &Figures) -> Grid {
    let earlier = format!("{}问题", figures.period.last());
    let mut grid = Grid::new(&[
        ("序号", 6.5),
        ("网站（账号）名称", 24.0),
        ("主办单位", 22.0),
        (&earlier, 32.0),
        ("复查时间", 20.0),
        ("复查结果", 12.0),
    ]);
    for (n, again) in (1usize..).zip(&figures.again) {
        let result = match again.outcome {
            Some(Outcome::Passed) => "整改到位".to_owned(),
            Some(Outcome::Failed) => "仍不合格".to_owned(),
            Some(Outcome::Undecided) => format!("未判定{PENDING}"),
            None => "已关停或者注销".to_owned(),
        };
        grid.row([
            n.to_string(),
            again.member.name.clone(),
            again.member.host_unit.clone(),
            again.situations.join("\n"),
            again.at.map_or_else(|| "—".to_owned(), |at| long_date(at.date_naive())),
            result,
        ]);
    }
    grid
}

/// Problems by 问题类型.
pub fn kinds(figures: &Figures) -> Grid {
    let mut grid = Grid::new(&[
        ("序号", 6.5),
        ("问题类型", 26.0),
        ("交办数", 8.0),
        ("销号数", 8.0),
        ("逾期数", 8.0),
        ("涉及单位", 8.5),
    ]);
    for (n, row) in (1usize..).zip(&figures.kinds) {
        let tally = &row.tally;
        grid.row([
            n.to_string(),
            row.title.clone(),
            tally.assigned.to_string(),
            tally.closed.to_string(),
            tally.overdue.to_string(),
            row.units.to_string(),
        ]);
    }
    grid
}

/// Every annex of a paper as a sheet of one workbook; `None` where it has none.
///
/// # Errors
/// [`XlsxError`] where a sheet has more rows than a spreadsheet takes.
pub fn workbook(paper: &Paper) -> Result<Option<Vec<u8>>, XlsxError> {
    let (Some(date), false) = (paper.date, paper.annexes.is_empty()) else { return Ok(None) };
    let headings: Vec<Vec<(String, f64)>> = paper.annexes.iter().map(|annex| headings(&annex.grid)).collect();
    let borrowed: Vec<Vec<(&str, f64)>> = headings
        .iter()
        .map(|columns| columns.iter().map(|(text, width)| (text.as_str(), *width)).collect())
        .collect();
    let names: Vec<String> = (0..paper.annexes.len()).map(|n| paper.annex_label(n)).collect();
    let notes: Vec<String> = paper
        .annexes
        .iter()
        .map(|annex| match (&paper.draft, annex.note.as_str()) {
            (Some(why), note) => format!("{PENDING}{why}{note}"),
            (None, "") => " ".to_owned(),
            (None, note) => note.to_owned(),
        })
        .collect();
    let all: Vec<Sheet<'_>> = paper
        .annexes
        .iter()
        .enumerate()
        .map(|(n, annex)| Sheet {
            name: &names[n],
            title: &annex.title,
            head: &notes[n],
            headings: &borrowed[n],
            rows: annex.grid.rows.clone(),
        })
        .collect();
    sheets(&paper.heading(), date, &all).map(Some)
}

/// Headings with the group before them where there is one: `网站（检查数）`.
fn headings(grid: &Grid) -> Vec<(String, f64)> {
    let heading = |column: &super::document::Column| {
        if column.group.is_empty() {
            column.heading.clone()
        } else {
            format!("{}（{}）", column.group, column.heading)
        }
    };
    grid.columns.iter().map(|column| (heading(column), (column.width * 1.3).max(8.0))).collect()
}

fn rate(group: &Group) -> String {
    match group.rate() {
        Some(rate) => rate.to_string(),
        None if group.undecided > 0 => PENDING.to_owned(),
        None => "—".to_owned(),
    }
}

fn share(group: &Group) -> String {
    group.share().as_ref().map_or_else(|| "—".to_owned(), Tenths::to_string)
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "—".to_owned() } else { text.to_owned() }
}
