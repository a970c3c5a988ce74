//! `xuncha case import`, `pending` and `decide`: what units send back, and what the office makes of it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::desk::{Desk, Place, now, say, table};
use super::installed::Installed;
use super::{Failure, recheck};
use crate::calendar::long_date;
use crate::finding::hex;
use crate::ledger::case::{Case, CaseState};
use crate::ledger::event::{Claim, PROGRAM, What};
use crate::report::replies::{self, Unreadable};
use crate::report::review;
use crate::report::wording::one_line;
use crate::store::replies::{Import, Imported};

/// Arguments of `xuncha case import`.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// 单位或县（区）返回的清单（xlsx、xls、et、ods、csv），或者存放这些文件的文件夹
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// 经办人
    #[arg(long, value_name = "NAME", default_value = PROGRAM)]
    by: String,
    /// 不立即复查反馈为已整改的问题
    #[arg(long)]
    no_recheck: bool,
}

/// Arguments of `xuncha case decide`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("decision").required(true))]
pub(super) struct DecideArgs {
    /// 问题编号，如 202611-0032
    number: String,
    #[command(flatten)]
    place: Place,
    /// 同意延期至
    #[arg(long, value_name = "YYYY-MM-DD", group = "decision")]
    grant_extension: Option<NaiveDate>,
    /// 申请属实：撤销该问题，计为误报
    #[arg(long, group = "decision")]
    uphold: bool,
    /// 申请不成立：维持原判（或不同意延期），继续整改
    #[arg(long, group = "decision")]
    dismiss: bool,
    /// 转办该单位
    #[arg(long, value_name = "UNIT", group = "decision")]
    transfer: Option<String>,
    /// 经办人
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 理由
    #[arg(long)]
    why: String,
}

/// Largest file that is read as a returned list, in bytes.
const LARGEST: u64 = 20 << 20;
/// Folders below a given one that are searched for returned lists.
const DEPTH: usize = 3;

/// Enters the replies of returned files and rechecks what is said to be mended.
///
/// # Errors
/// As [`Failure`] tells. A file that cannot be read keeps none of the others out.
pub(super) fn import(args: &ImportArgs) -> Result<(), Failure> {
    let mut desk = Desk::open(&args.place)?;
    let mut files = Vec::new();
    for path in &args.files {
        gather(path, DEPTH, &mut files)?;
    }
    let (mut done, mut unread, mut left_out) = (0, 0, 0);
    for file in &files {
        let shown = file.display();
        let bytes = read(file)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let told = match replies::read(bytes, &name) {
            Ok(told) => told,
            Err(why @ (Unreadable::NoTable(_) | Unreadable::NoReplies)) => {
                say(&format!("{shown}：{why}，未登记"));
                unread += 1;
                continue;
            }
        };
        for note in &told.notes {
            say(&format!("{shown}：{note}"));
        }
        let import = Import { name: &name, sha256: &sha256, by: &args.by, at: now(), rows: &told.rows };
        let entered = desk.ledger.import(&import)?;
        if let Some(before) = entered.before {
            let when = before.format("%Y-%m-%d %H:%M");
            say(&format!("{shown}：该文件已于 {when} 导入，未作任何改动"));
            continue;
        }
        let faults: Vec<&String> = told.faults.iter().chain(&entered.refused).collect();
        tell(file, &entered, told.blank.len(), faults.len());
        for fault in &faults {
            say(&format!("  未登记：{shown} {fault}"));
        }
        left_out += faults.len();
        done += entered.entered.iter().filter(|(what, _)| matches!(what, What::Answered { .. })).count();
    }
    let asked = desk.ledger.pending()?.len();
    if asked > 0 {
        say(&format!(
            "待处理的申请（复核、延期、转办）共 {asked} 项：xuncha case pending 查看，xuncha case decide 处理"
        ));
    }
    if left_out > 0 {
        say(&format!("有 {left_out} 行未能登记，请逐行核实后在台账中登记，或请单位改正后重新报送"));
    }
    drop(desk);
    if done > 0 && !args.no_recheck {
        recheck_now(&args.place)?;
    }
    if unread > 0 && unread == files.len() {
        return Err(Failure::Usage("没有可以登记的文件".to_owned()));
    }
    Ok(())
}

/// Lists what lies before the office.
///
/// # Errors
/// As [`Failure`] tells.
pub(super) fn pending(place: &Place) -> Result<(), Failure> {
    let desk = Desk::open(place)?;
    let mut cases = desk.ledger.pending()?;
    if cases.is_empty() {
        say("没有待处理的申请。");
        return Ok(());
    }
    cases.sort_by_key(|case| case.progress.pending.as_ref().map(|pending| pending.since));
    let rows: Vec<Vec<String>> = cases
        .iter()
        .map(|case| {
            let pending = case.progress.pending.as_ref();
            vec![
                case.number.clone(),
                case.unit.clone(),
                pending.map_or_else(|| Claim::Untrue.label().to_owned(), |p| p.claim.in_words()),
                case.progress.answered_at.map(|at| at.date_naive().to_string()).unwrap_or_default(),
                case.due.map(|due| due.to_string()).unwrap_or_default(),
                case.finding.title.clone(),
                case.finding.subject.place.clone(),
                pending
                    .map(|p| p.reason.clone())
                    .or_else(|| case.progress.answer.clone())
                    .unwrap_or_default(),
            ]
        })
        .collect();
    let headings = [
        ("问题编号", 14),
        ("责任单位", 24),
        ("申请", 40),
        ("申请日期", 10),
        ("整改时限", 10),
        ("问题类型", 16),
        ("栏目位置", 24),
        ("理由", 60),
    ];
    say(&table(&headings, &rows));
    say(&format!(
        "共 {} 项。处理：xuncha case decide 问题编号 --uphold（申请属实，撤销）| --dismiss（维持）| --grant-extension 日期 | --transfer 单位，并写明 --by 和 --why",
        cases.len()
    ));
    Ok(())
}

/// Enters what the office decided about what a unit asks for.
///
/// # Errors
/// As [`Failure`] tells.
pub(super) fn decide(args: &DecideArgs) -> Result<(), Failure> {
    let number =
        review::number(&args.number).ok_or_else(|| Failure::Usage("问题编号应如 202611-0032".to_owned()))?;
    let mut desk = Desk::open(&args.place)?;
    let case = desk.ledger.case(&number)?;
    if case.state != CaseState::Disputed && case.progress.pending.is_none() {
        return Err(Failure::Usage(format!(
            "{number} 目前为“{}”，没有待处理的申请；撤销、延期、转办请用 xuncha case revoke、extend、transfer",
            case.state.label()
        )));
    }
    let reason = args.why.clone();
    let what = match (&args.grant_extension, &args.transfer) {
        (Some(due), _) => {
            check_extension(&desk, &case, *due)?;
            What::Extended { due: *due, reason }
        }
        (None, Some(unit)) => {
            if !desk.units.is_empty() && !desk.units.contains(unit) {
                return Err(Failure::Usage(format!("登记表中没有单位“{unit}”")));
            }
            What::Transferred { unit: unit.clone(), reason }
        }
        (None, None) if args.uphold => {
            if case.state != CaseState::Disputed {
                let why = "单位申请的是延期：同意请用 --grant-extension 日期，不同意请用 --dismiss";
                return Err(Failure::Usage(why.to_owned()));
            }
            What::Revoked { reason }
        }
        (None, None) => What::Maintained { reason },
    };
    let label = what.label();
    let before = case.state;
    let case = desk.ledger.enter(&number, what, &args.by, now(), None)?;
    say(&format!("{number} 已登记“{label}”：{} → {}", before.label(), case.state.label()));
    let today = now().date_naive();
    if case.state == CaseState::Transferred {
        say(&format!("责任单位改为{}，将作为待批准的问题列入下一批次交办", one_line(&case.unit)));
    } else if let Some(due) = case.due.filter(|due| case.state.is_with_unit() && *due < today) {
        say(&format!("注意：整改时限{}已过；需要另定时限的，请用 xuncha case extend", long_date(due)));
    }
    Ok(())
}

/// Refuses a date that is no extension, or on which nobody works.
///
/// # Errors
/// [`Failure::Usage`] with the reason.
pub(super) fn check_extension(desk: &Desk, case: &Case, due: NaiveDate) -> Result<(), Failure> {
    if due < now().date_naive() || case.due.is_some_and(|before| due <= before) {
        let before = case.due.map(|day| format!("原时限{}", long_date(day))).unwrap_or_default();
        return Err(Failure::Usage(format!("延期日期{}不晚于今天或{before}", long_date(due))));
    }
    match desk.holidays.is_working_day(due) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::Usage(format!("{}不是工作日，请另选日期", long_date(due)))),
        Err(missing) => Err(Failure::Usage(missing.to_string())),
    }
}

/// Rechecks what units say they have mended, where that can be done now.
fn recheck_now(place: &Place) -> Result<(), Failure> {
    let installed = Installed::open(&place.config)?;
    if place.state_dir.as_ref().is_some_and(|dir| *dir != installed.files.config.state_dir) {
        say("台账不在配置所指的目录，未立即复查；请另行执行 xuncha recheck");
        return Ok(());
    }
    say("正在复查反馈为已整改的问题……");
    match recheck::run(&recheck::Args::of_config(&place.config)) {
        Ok(_) => Ok(()),
        // The replies are entered; that a patrol is running, or none was made yet, is no failure of the import.
        Err(Failure::Usage(why) | Failure::Busy(why)) => {
            say(&format!("未能立即复查：{why}\n反馈已登记，可稍后执行 xuncha recheck"));
            Ok(())
        }
        Err(other) => Err(other),
    }
}

fn tell(file: &Path, imported: &Imported, blank: usize, faults: usize) {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for (what, _) in &imported.entered {
        let label = match what {
            What::Answered { .. } => "已整改",
            What::DelayAsked { .. } => "申请延期",
            What::Disputed { claim, .. } => claim.label(),
            _ => what.label(),
        };
        match counts.iter_mut().find(|(known, _)| *known == label) {
            Some((_, n)) => *n += 1,
            None => counts.push((label, 1)),
        }
    }
    let mut parts: Vec<String> = counts.iter().map(|(label, n)| format!("{label} {n} 项")).collect();
    let more = [(imported.known.len(), "与已登记的相同"), (blank, "未填写"), (faults, "未能登记")];
    parts.extend(more.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{what} {n} 项")));
    let parts = if parts.is_empty() { "没有填报内容".to_owned() } else { parts.join("，") };
    say(&format!("{}：{parts}", file.display()));
}

/// The files that `path` names: itself, or what lies in the folder and can be a returned list, by name.
fn gather(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let failed = |error: std::io::Error| Failure::Usage(format!("{}：{error}", path.display()));
    let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
        .collect::<Result<_, _>>()?;
    inside.sort();
    for entry in inside {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let table = ["xlsx", "xls", "et", "ods", "csv"].iter().any(|end| name.ends_with(&format!(".{end}")));
        if entry.is_dir() && depth > 0 {
            gather(&entry, depth - 1, files)?;
        } else if table && !name.starts_with(['~', '.']) {
            files.push(entry);
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |why: String| Failure::Usage(format!("{}：{why}", file.display()));
    let size = std::fs::metadata(file).map_err(|e| unreadable(e.to_string()))?.len();
    if size > LARGEST {
        return Err(unreadable("文件过大，不像是返回的清单".to_owned()));
    }
    Ok(std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?)
}
