//! `xuncha list`: the candidates for a batch as a workbook, or the cases of the ledger.

use std::path::PathBuf;
use std::process::ExitCode;

use super::Failure;
use super::desk::{Desk, Place, now, say, table, write_new};
use crate::ledger::case::{Case, CaseState};
use crate::report::candidates::{self, Candidates, requirement};
use crate::report::register::{self, Register, standing_in_words};
use crate::store::ledger::Wanted;

/// Arguments of `xuncha list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// 待核清单：已确认、可批准交办的问题
    #[arg(long, conflicts_with_all = ["state", "all", "xlsx"])]
    candidates: bool,
    /// 待核清单写入的文件（XLSX）；不写则列在屏幕上
    #[arg(long, value_name = "FILE.xlsx", requires = "candidates")]
    out: Option<PathBuf>,
    /// 只列这些状态，如 已交办整改中；可重复
    #[arg(long, value_name = "STATE", value_parser = parse_state)]
    state: Vec<CaseState>,
    /// 包括已办结的问题
    #[arg(long, conflicts_with = "state")]
    all: bool,
    /// 只列该责任单位的问题
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// 清单另存为 XLSX
    #[arg(long, value_name = "FILE.xlsx")]
    xlsx: Option<PathBuf>,
    /// 总台账（XLSX）：全部问题，另按状态、县（区）、类型和逾期分表
    #[arg(long, value_name = "FILE.xlsx", conflicts_with_all = ["candidates", "xlsx", "state", "all", "unit"])]
    ledger: Option<PathBuf>,
    /// 覆盖已有文件
    #[arg(long)]
    force: bool,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let desk = Desk::open(&args.place)?;
    if let Some(out) = &args.ledger {
        write_ledger(out, args.force, &desk)?;
    } else if args.candidates {
        list_candidates(args, &desk)?;
    } else {
        list_cases(args, &desk)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list_candidates(args: &Args, desk: &Desk) -> Result<(), Failure> {
    let of_unit = |case: &Case| args.unit.as_ref().is_none_or(|unit| *unit == case.unit);
    let wanted: Vec<Case> = desk.ledger.candidates()?.into_iter().filter(of_unit).collect();
    let suspects: Vec<Case> = desk
        .ledger
        .cases(&Wanted::default())?
        .into_iter()
        .filter(|case| case.suspicion().is_some() && of_unit(case))
        .collect();
    let mut undecided = desk.ledger.undecided()?;
    undecided.retain(|u| args.unit.as_ref().is_none_or(|unit| *unit == u.unit));
    let summary = format!(
        "已确认待交办 {} 项，疑似待核 {} 项（不交办），未判定 {} 项",
        wanted.len(),
        suspects.len(),
        undecided.len()
    );
    if let Some(out) = &args.out {
        let on = now().date_naive();
        let titles = &desk.rule_titles;
        let of = Candidates {
            at: now(),
            candidates: &wanted,
            suspects: &suspects,
            undecided: &undecided,
            declared: &desk.registry.declared(on, on, |rule| titles.get(rule).cloned()),
            units: &desk.units,
        };
        let bytes = candidates::workbook(&of).map_err(anyhow::Error::from)?;
        write_new(out, &bytes, args.force)?;
        say(&format!("已写入 {}：{summary}", out.display()));
        say("请在黄色两列填写后运行：xuncha approve 批次 --by 姓名 --from 文件");
    } else {
        print(&wanted, &desk.units);
        say(&summary);
    }
    Ok(())
}

fn write_ledger(out: &std::path::Path, force: bool, desk: &Desk) -> Result<(), Failure> {
    let cases = desk.ledger.cases(&Wanted::default())?;
    let via = desk.ledger.outbox().ways().map_err(anyhow::Error::from)?;
    let of = Register { cases: &cases, registry: &desk.registry, via: &via, on: now().date_naive() };
    write_new(out, &register::workbook(&of).map_err(anyhow::Error::from)?, force)?;
    let told = cases.iter().filter(|case| case.finding.state == crate::finding::State::Confirmed).count();
    say(&format!("已写入 {}：共 {told} 项", out.display()));
    Ok(())
}

fn list_cases(args: &Args, desk: &Desk) -> Result<(), Failure> {
    let states = if args.all || !args.state.is_empty() {
        args.state.clone()
    } else {
        CaseState::ALL.into_iter().filter(|state| state.is_open()).collect()
    };
    let cases = desk.ledger.cases(&Wanted { states, unit: args.unit.clone() })?;
    if let Some(out) = &args.xlsx {
        let bytes = candidates::overview(&cases, &desk.units, now()).map_err(anyhow::Error::from)?;
        write_new(out, &bytes, args.force)?;
        say(&format!("已写入 {}：共 {} 项", out.display(), cases.len()));
    } else {
        print(&cases, &desk.units);
        say(&format!("共 {} 项", cases.len()));
    }
    Ok(())
}

fn print(cases: &[Case], units: &[String]) {
    if cases.is_empty() {
        return;
    }
    let today = now().date_naive();
    let rows: Vec<Vec<String>> = candidates::sorted(cases, units, |_| true)
        .into_iter()
        .map(|case| {
            let finding = &case.finding;
            vec![
                case.number.clone(),
                standing_in_words(case, today),
                case.unit.clone(),
                finding.title.clone(),
                requirement(finding).to_owned(),
                case.due.map(|due| due.to_string()).unwrap_or_default(),
                finding.subject.site_name.clone(),
                finding.subject.place.clone(),
            ]
        })
        .collect();
    let headings = [
        ("问题编号", 14),
        ("状态", 22),
        ("责任单位", 24),
        ("问题类型", 20),
        ("处置要求", 16),
        ("整改时限", 10),
        ("网站名称", 24),
        ("栏目位置", 30),
    ];
    say(&table(&headings, &rows));
}

fn parse_state(text: &str) -> Result<CaseState, String> {
    CaseState::parse(text).ok_or_else(|| {
        let known: Vec<&str> = CaseState::ALL.into_iter().map(CaseState::label).collect();
        format!("没有这种状态；可用：{}", known.join("、"))
    })
}
