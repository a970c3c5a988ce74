//! `xuncha status`: where the ledger stands.

use std::process::ExitCode;

use super::Failure;
use super::desk::{Desk, Place, now, say, table};
use crate::ledger::case::CaseState;
use crate::store::facts::FactsDb;
use crate::store::ledger::{Recorded, Wanted};

/// Arguments of `xuncha status`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// 重新核算全部办理经过，核对台账（较慢）
    #[arg(long)]
    audit: bool,
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
    let assigned = ledger.cases(&Wanted::states(&[CaseState::Assigned]))?;
    let overdue = assigned.iter().filter(|case| case.is_overdue(today)).count();
    let rows: Vec<Vec<String>> = ledger
        .counts()?
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| {
            let late = if state == CaseState::Assigned && overdue > 0 {
                format!("其中逾期 {overdue}")
            } else {
                String::new()
            };
            vec![state.label().to_owned(), count.to_string(), late]
        })
        .collect();
    say(&table(&[("状态", 20), ("项数", 8), ("", 20)], &rows));

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
