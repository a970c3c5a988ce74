//! `xuncha status`: where the ledger stands.

use std::process::ExitCode;

use super::Failure;
use super::desk::{Desk, Place, now, say, table};
use crate::ledger::case::{CaseState, Standing};
use crate::ledger::period::{Movements, Period};
use crate::store::facts::FactsDb;
use crate::store::ledger::{Ledger, Recorded, Wanted};

/// Arguments of `xuncha status`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// 重新核算全部办理经过，核对台账（较慢）
    #[arg(long)]
    audit: bool,
    /// 与上月相比的月份，如 202611（默认本月）
    #[arg(long, value_name = "YYYYMM", value_parser = parse_month)]
    month: Option<Period>,
}

/// Runs of which the results are listed.
const RUNS: u32 = 5;

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let desk = Desk::open(&args.place)?;
    let ledger = &desk.ledger;
    let today = now().date_naive();
    let cases = ledger.cases(&Wanted::default())?;
    let count = |standing| cases.iter().filter(|case| case.standing(today) == standing).count();
    let rows: Vec<Vec<String>> = Standing::all()
        .map(|standing| (standing, count(standing)))
        .filter(|(_, count)| *count > 0)
        .map(|(standing, count)| vec![standing.label().to_owned(), count.to_string()])
        .collect();
    say(&table(&[("状态", 20), ("项数", 8)], &rows));
    let pending =
        cases.iter().filter(|c| c.state == CaseState::Disputed || c.progress.pending.is_some()).count();
    if pending > 0 {
        say(&format!("待处理的申请 {pending} 项：xuncha case pending"));
    }
    let month = args.month.unwrap_or_else(|| Period::month_of(today));
    movements(ledger, month)?;

    let rows: Vec<Vec<String>> = ledger
        .batches()?
        .into_iter()
        .rev()
        .map(|batch| {
            let pending = batch.pending().count();
            vec![
                batch.id.clone(),
                batch.approved_by.clone(),
                batch.approved_at.format("%Y-%m-%d %H:%M").to_string(),
                (batch.cases.len() - pending).to_string(),
                pending.to_string(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        say("");
        say(&table(&[("批次", 12), ("批准人", 16), ("批准时间", 16), ("已交办", 8), ("待交办", 8)], &rows));
    }

    let rows: Vec<Vec<String>> = ledger.recordings(RUNS)?.iter().map(run_row).collect();
    if !rows.is_empty() {
        say("");
        let headings = [
            ("巡查", 24),
            ("时间", 16),
            ("范围", 8),
            ("新增", 6),
            ("确认", 6),
            ("销号", 6),
            ("反弹", 6),
            ("未再出现", 8),
        ];
        say(&table(&headings, &rows));
    }
    if desk.dir.join("facts.db").is_file() {
        let facts = FactsDb::open(&desk.dir)?;
        let last = facts.last_run()?.map(|run| facts.own_failures(run.id)).transpose()?;
        for (_, told) in last.into_iter().flatten() {
            say(&format!("\n注意：最近一次巡查的{told}"));
        }
    }
    let undecided = ledger.undecided()?.len();
    if undecided > 0 {
        say(&format!("\n最近一次巡查有 {undecided} 项未能判定"));
    }
    if args.audit {
        let wrong = ledger.audit()?;
        if !wrong.is_empty() {
            let message = format!("以下问题的状态与办理经过不符：{}", wrong.join("、"));
            return Err(Failure::Internal(anyhow::anyhow!(message)));
        }
        say("台账与办理经过一致");
    }
    Ok(ExitCode::SUCCESS)
}

/// A figure's name, and how it is read.
type Figure = (&'static str, fn(&Movements) -> usize);

/// What happened in `month`, beside the month before.
fn movements(ledger: &Ledger, month: Period) -> Result<(), Failure> {
    let before = month.month_before();
    let (mut last, mut this) = (Movements::default(), Movements::default());
    ledger.histories(&mut |history| {
        last.add(history, before)?;
        this.add(history, month)?;
        Ok(())
    })?;
    let figures: [Figure; 14] = [
        ("新增", |m| m.new),
        ("交办", |m| m.assigned),
        ("反馈已整改", |m| m.answered),
        ("销号", |m| m.closed),
        ("反弹", |m| m.relapsed),
        ("其中重复出现", |m| m.recurring),
        ("复查未通过", |m| m.failed_rechecks),
        ("同意延期", |m| m.extended),
        ("申请复核", |m| m.disputed),
        ("误报（申请属实）", |m| m.false_alarms),
        ("提醒催办", |m| m.reminders),
        ("督办", |m| m.orders),
        ("月末逾期未反馈", |m| m.no_reply),
        ("月末逾期未整改", |m| m.not_mended),
    ];
    let rows: Vec<Vec<String>> = figures
        .into_iter()
        .map(|(name, of)| (name, of(&this), of(&last)))
        .filter(|(_, now, then)| *now > 0 || *then > 0)
        .map(|(name, now, then)| vec![name.to_owned(), now.to_string(), then.to_string()])
        .collect();
    if !rows.is_empty() {
        say("");
        let head = |period: Period| period.from.format("%Y-%m").to_string();
        say(&table(&[("办理情况", 20), (&head(month), 8), (&head(before), 8)], &rows));
    }
    Ok(())
}

fn parse_month(text: &str) -> Result<Period, String> {
    let first = chrono::NaiveDate::parse_from_str(&format!("{text}01"), "%Y%m%d");
    first.map(Period::month_of).map_err(|_| "月份应如 202611".to_owned())
}

fn run_row(run: &Recorded) -> Vec<String> {
    let outcome = &run.outcome;
    let mut row = vec![
        run.run.clone(),
        run.at.format("%Y-%m-%d %H:%M").to_string(),
        if run.whole { "全部" } else { "复查" }.to_owned(),
    ];
    let counts = [outcome.opened, outcome.confirmed, outcome.closed, outcome.reopened, outcome.dropped];
    row.extend(counts.map(|count| count.to_string()));
    row
}
