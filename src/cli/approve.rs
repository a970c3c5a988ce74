//! `xuncha approve`: a person's word on the candidates, without which nothing is handed over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Failure;
use super::desk::{Desk, Place, now, say, table};
use super::notify;
use crate::ledger::brake::{Brake, brake};
use crate::ledger::case::{Case, CaseState};
use crate::report::review::{self, Decisions, Verdict};
use crate::store::batches::{Batch, Review};
use crate::store::ledger::{Ledger, Wanted};

/// Arguments of `xuncha approve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 批次，如 202611；同月第二批写 202611-2
    batch: String,
    #[command(flatten)]
    place: Place,
    /// 批准人姓名
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 复核后的待核清单（xlsx、xls、ods）
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// 全部采纳；与 --from 同用时，清单中留空的一律采纳
    #[arg(long)]
    all: bool,
    /// 确认本批比上一批明显增多
    #[arg(long)]
    yes_more: bool,
    /// 确认首个批次不经清单复核直接全部采纳
    #[arg(long)]
    yes_first: bool,
}

/// Largest file that is read as a reviewed list, in bytes.
const LARGEST: u64 = 50 << 20;

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells; nothing is entered then.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut desk = Desk::open(&args.place)?;
    let candidates = desk.ledger.candidates()?;
    let plan = match &args.from {
        Some(file) => planned(&desk.ledger, &args.batch, read(file)?, args.all)?,
        None if args.all => {
            Plan { adopted: candidates.iter().map(|case| case.number.clone()).collect(), ..Plan::default() }
        }
        None => {
            // The first batch is held unless every line was reviewed.
            let or_all = if desk.ledger.batches()?.is_empty() { "" } else { "，或用 --all 全部采纳" };
            let message = format!(
                "现有 {} 项可以批准。请用 --from 附上复核后的待核清单（xuncha list --candidates --out 待核清单.xlsx 导出）{or_all}",
                candidates.len()
            );
            return Err(Failure::Usage(message));
        }
    };
    for note in &plan.notes {
        say(note);
    }
    if plan.adopted.is_empty() && plan.refused.is_empty() {
        return Err(Failure::Usage("没有可以批准或不采纳的问题，未作任何登记".to_owned()));
    }
    hold(args, &desk.ledger, &plan)?;
    let source = args.from.as_ref().and_then(|file| file.file_name());
    let batch = desk.ledger.approve(&Review {
        batch: args.batch.clone(),
        by: args.by.clone(),
        at: now(),
        adopted: plan.adopted.clone(),
        refused: plan.refused.clone(),
        source: source.map(|name| name.to_string_lossy().into_owned()),
    })?;
    let left = desk.ledger.candidates()?.len();
    tell(&batch, &plan, left);
    let first = desk.ledger.batches()?.len() <= 1;
    if desk.auto_send && !plan.adopted.is_empty() {
        if first {
            say("首个批次不自动发送：请先用 xuncha notify --preview 查看，再用 xuncha notify --send 发送");
        } else {
            drop(desk);
            return notify::send_approved(&args.place, &args.batch, &args.by);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What will be entered, and what is to be told first.
#[derive(Debug, Default)]
struct Plan {
    adopted: Vec<String>,
    refused: Vec<(String, String)>,
    notes: Vec<String>,
}

fn read(file: &Path) -> Result<Decisions, Failure> {
    let unreadable = |why: String| Failure::Usage(format!("{}：{why}", file.display()));
    let size = std::fs::metadata(file).map_err(|e| unreadable(e.to_string()))?.len();
    if size > LARGEST {
        return Err(unreadable("文件过大".to_owned()));
    }
    let bytes = std::fs::read(file).map_err(|e| unreadable(e.to_string()))?;
    let decisions = review::read(&bytes).map_err(|e| unreadable(e.to_string()))?;
    if !decisions.faults.is_empty() {
        let faults = decisions.faults.join("\n");
        return Err(unreadable(format!("以下各处须先改正，未作任何登记：\n{faults}")));
    }
    Ok(decisions)
}

fn planned(ledger: &Ledger, batch: &str, decisions: Decisions, all: bool) -> Result<Plan, Failure> {
    let mut plan = Plan::default();
    let (mut unknown, mut blank) = (Vec::new(), 0);
    let known: BTreeMap<String, Case> =
        ledger.cases(&Wanted::default())?.into_iter().map(|case| (case.number.clone(), case)).collect();
    for row in decisions.rows {
        let Some(case) = known.get(&row.number) else {
            unknown.push(row.number);
            continue;
        };
        let Some(verdict) = row.verdict.or(all.then_some(Verdict::Adopt)) else {
            blank += 1;
            continue;
        };
        let undecided = case.state.is_unassigned();
        let possible = match verdict {
            Verdict::Adopt => case.is_candidate() || case.progress.approved.as_deref() == Some(batch),
            Verdict::Refuse => undecided || case.state == CaseState::Revoked,
        };
        match verdict {
            _ if !possible => {
                let held = case.progress.approved.as_ref().map(|b| format!("，已列入批次 {b}"));
                let held = held.unwrap_or_default();
                plan.notes.push(format!("{}：目前为“{}”{held}，略过", row.number, case.state.label()));
            }
            Verdict::Adopt => plan.adopted.push(row.number),
            Verdict::Refuse => plan.refused.push((row.number, row.reason)),
        }
    }
    if !unknown.is_empty() {
        plan.notes.push(format!("台账中没有以下问题编号，略过：{}", unknown.join("、")));
    }
    if blank > 0 {
        plan.notes.push(format!("{blank} 项未填写意见，留待下批"));
    }
    Ok(plan)
}

/// Refuses where a brake holds and the person has not said that it may go through.
fn hold(args: &Args, ledger: &Ledger, plan: &Plan) -> Result<(), Failure> {
    let batches = ledger.batches()?;
    let last = batches.iter().rev().find(|batch| batch.id != args.batch).map(|batch| batch.cases.len());
    let already = batches.iter().find(|batch| batch.id == args.batch);
    let mut accused: BTreeSet<&str> = plan.adopted.iter().map(String::as_str).collect();
    accused.extend(already.iter().flat_map(|batch| batch.cases.iter().map(|case| case.number.as_str())));
    match brake(accused.len(), last, args.from.is_some()) {
        Some(Brake::First) if args.yes_first => Ok(()),
        Some(Brake::FarMore { .. }) if args.yes_more => Ok(()),
        Some(held) => Err(Failure::Usage(held.to_string())),
        None => Ok(()),
    }
}

fn tell(batch: &Batch, plan: &Plan, left: usize) {
    let mut by_unit: BTreeMap<&str, usize> = BTreeMap::new();
    for case in batch.pending() {
        *by_unit.entry(case.unit.as_str()).or_default() += 1;
    }
    if !by_unit.is_empty() {
        let rows: Vec<Vec<String>> =
            by_unit.iter().map(|(unit, count)| vec![(*unit).to_owned(), count.to_string()]).collect();
        say(&table(&[("责任单位", 40), ("项数", 6)], &rows));
    }
    say(&format!(
        "批次 {}：采纳 {} 项，不采纳（误报）{} 项，本批待交办共 {} 项、{} 个单位，仍待核 {left} 项",
        batch.id,
        plan.adopted.len(),
        plan.refused.len(),
        batch.pending().count(),
        by_unit.len()
    ));
    if batch.pending().next().is_some() {
        say("尚未发出任何通知。请先用 xuncha notify --preview 核对");
    }
}
