//! `xuncha notify`: the letters of an approved batch, looked at, sent, and followed up.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::NaiveDate;

use super::Failure;
use super::desk::{Place, now, say, table, write_new};
use super::installed::Installed;
use super::pdf::PdfArgs;
use super::{due, parcel, robots};
use crate::config::fault::Faults;
use crate::config::read_text;
use crate::config::valid::Config;
use crate::mail::compose::{TEMPLATE_FILES, Templates, message};
use crate::mail::letters::{Kind, Letter, LetterError, delivery_label, letters};
use crate::mail::outbox::{Copy, State};
use crate::mail::preview::{self, PreviewError};
use crate::mail::send::{Round, Server, deliver};
use crate::registry::Delivery;
use crate::report::ics;
use crate::store::batches::is_batch_id;
use crate::store::ledger::{Ledger, Wanted};
use crate::store::outbox::Queued;
use crate::store::{StoreError, replies};

/// Arguments of `xuncha notify`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// 把一个批次的全部邮件写入目录（不发送）
    #[arg(long, value_name = "DIR", group = "what")]
    preview: Option<PathBuf>,
    /// 导出发送包：每个不经邮件送达的单位一个文件夹，附送达登记表
    #[arg(long, value_name = "DIR", group = "what", requires = "by")]
    export: Option<PathBuf>,
    /// 查看今天应发的提示、催办和督办，以及约谈建议
    #[arg(long, group = "what")]
    due: bool,
    /// 批准并发出 --due 所列的这一批（写其批次号）
    #[arg(long, value_name = "BATCH", requires_all = ["due", "by"])]
    approve: Option<String>,
    /// 把 --due 的信函写入目录（不发送）
    #[arg(long, value_name = "DIR", requires = "due")]
    out: Option<PathBuf>,
    /// 同时把提示文字发到配置的工作群机器人
    #[arg(long, requires = "approve")]
    group: bool,
    /// 继续发送发件箱中已批准而尚未送达的信函
    #[arg(long, group = "what", requires = "by")]
    resume: bool,
    /// 把各单位的整改时限写成日历文件（.ics）
    #[arg(long, value_name = "FILE.ics", group = "what")]
    ics: Option<PathBuf>,
    /// 发送一个已批准的批次；再次执行则继续发送尚未送达的邮件
    #[arg(long, value_name = "BATCH", group = "what", requires = "by")]
    send: Option<String>,
    /// 查看各邮件的发送情况
    #[arg(long, group = "what")]
    outbox: bool,
    /// 登记已用其他方式送达的单位，或者整个批次
    #[arg(long, value_name = "UNIT|BATCH", group = "what", requires_all = ["by", "via", "date"])]
    mark_sent: Option<String>,
    /// 批次（--preview 默认最近批准的批次；--mark-sent 默认该单位最近的批次）
    #[arg(long, value_name = "BATCH")]
    batch: Option<String>,
    /// 经办人姓名
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// 送达方式，如 公文交换
    #[arg(long, value_name = "WAY")]
    via: Option<String>,
    /// 送达日期
    #[arg(long, value_name = "DATE")]
    date: Option<NaiveDate>,
    /// 发文日期（默认今天）
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    #[command(flatten)]
    pdf: PdfArgs,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    if args.pdf.pdf && args.export.is_none() {
        return Err(Failure::Usage("--pdf 只用于 --export（发送包中的正文）".to_owned()));
    }
    let printer = args.pdf.printer()?;
    let installed = Installed::open(&args.place.config)?;
    let templates = templates(&args.place.config)?;
    let state_dir = args.place.state_dir.as_ref().unwrap_or(&installed.files.config.state_dir);
    let mut ledger = Ledger::open_existing(state_dir)?;
    let by = args.by.as_deref().unwrap_or_default();
    if let Some(dir) = &args.preview {
        return show(args, &installed, &templates, &ledger, dir);
    }
    if args.outbox {
        tell_outbox(&ledger.outbox().copies().context("发件箱")?);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(out) = &args.ics {
        let text = ics::calendar(&ledger.cases(&Wanted::default())?, now());
        write_new(out, text.as_bytes(), true)?;
        say(&format!("已写入 {}", out.display()));
        return Ok(ExitCode::SUCCESS);
    }
    if args.due && args.approve.is_none() {
        let on = args.on.unwrap_or_else(|| now().date_naive());
        return due::look(&installed, &templates, &ledger, on, args.out.as_deref());
    }
    let _alone = lock(state_dir)?;
    if let Some(batch) = &args.approve {
        let on = args.on.unwrap_or_else(|| now().date_naive());
        let plan = due::Approved { batch, by, on, group: args.group };
        return due::send(&installed, &templates, &mut ledger, &plan);
    }
    if args.resume {
        return resume(&installed.files.config, &mut ledger, by);
    }
    if let Some(dir) = &args.export {
        let batch = args.batch.clone().map_or_else(|| newest(&ledger), Ok)?;
        let letters = composed(args, &installed, &ledger, &batch)?;
        let parcel =
            parcel::Parcel { dir, state_dir, letters: &letters, batch: &batch, printer: printer.as_ref() };
        parcel::export(&installed.files.config, &templates, &mut ledger, &parcel)?;
        hold_over(&mut ledger, &batch, &letters, by)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(unit) = &args.mark_sent {
        let (via, date) = args.via.as_deref().zip(args.date).unwrap_or_default();
        return mark_sent(&mut ledger, args.batch.as_deref(), unit, via, date, by);
    }
    let batch = args.send.as_deref().unwrap_or_default();
    send(args, &installed, &templates, &mut ledger, batch, by)
}

/// Sends a batch that has just been approved, where the configuration says so.
///
/// # Errors
/// As [`Failure`] tells.
pub(super) fn send_approved(place: &Place, batch: &str, by: &str) -> Result<ExitCode, Failure> {
    run(&Args {
        place: place.clone(),
        preview: None,
        export: None,
        due: false,
        approve: None,
        out: None,
        group: false,
        resume: false,
        ics: None,
        send: Some(batch.to_owned()),
        outbox: false,
        mark_sent: None,
        batch: None,
        by: Some(by.to_owned()),
        via: None,
        date: None,
        on: None,
        pdf: PdfArgs::default(),
    })
}

fn show(
    args: &Args,
    installed: &Installed,
    templates: &Templates,
    ledger: &Ledger,
    dir: &Path,
) -> Result<ExitCode, Failure> {
    let batch = args.batch.clone().map_or_else(|| newest(ledger), Ok)?;
    let letters = composed(args, installed, ledger, &batch)?;
    let paths = preview::write(dir, &letters, templates, &installed.files.config, now())?;
    say(&format!("批次 {batch}：{} 封信函已写入 {}（未发送）", letters.len(), dir.display()));
    say(&letters_table(&letters));
    if paths.is_empty() {
        say("该批次没有需要告知的问题。");
    }
    Ok(ExitCode::SUCCESS)
}

fn newest(ledger: &Ledger) -> Result<String, Failure> {
    let newest = ledger.batches()?.pop().map(|batch| batch.id);
    newest.ok_or_else(|| Failure::Usage("还没有批准过任何批次，请先用 xuncha approve 批准".to_owned()))
}

/// Sends what is due of all that was approved and queued before.
fn resume(config: &Config, ledger: &mut Ledger, by: &str) -> Result<ExitCode, Failure> {
    record(ledger, by)?;
    let stopped = deliver_due(config, ledger, by)?;
    robots::post_waiting(config, ledger)?;
    match stopped {
        Some(why) => Err(Failure::Busy(format!("发送中止：{why}\n其余邮件保留在发件箱，稍后再次执行即可"))),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// One round over the outbox, told and entered. Gives back why it stopped early, where it did.
pub(super) fn deliver_due(config: &Config, ledger: &mut Ledger, by: &str) -> Result<Option<String>, Failure> {
    let round = match &config.mail {
        Some(mail) => deliver(&ledger.outbox(), &Server::of(mail), &now).context("发件箱")?,
        None => Round::default(),
    };
    record(ledger, by)?;
    let rows: Vec<Vec<String>> = round
        .tried
        .iter()
        .map(|(copy, state, note)| {
            vec![copy.unit.clone(), copy.recipient.clone(), state.label().to_owned(), note.clone()]
        })
        .collect();
    if !rows.is_empty() {
        say(&table(&[("单位", 36), ("收件人", 36), ("结果", 24), ("服务器答复", 60)], &rows));
    }
    Ok(round.stopped)
}

/// Queues what is new, then sends what is due: the same command continues what was interrupted.
fn send(
    args: &Args,
    installed: &Installed,
    templates: &Templates,
    ledger: &mut Ledger,
    batch: &str,
    by: &str,
) -> Result<ExitCode, Failure> {
    let config = &installed.files.config;
    let letters = composed(args, installed, ledger, batch)?;
    if config.mail.is_none() && letters.iter().any(|letter| letter.delivery == Delivery::Mail) {
        let why = "配置中没有 [mail]，无法发送邮件；可以用 --preview 导出后以其他方式送达";
        return Err(Failure::Usage(why.to_owned()));
    }
    let mut new = 0;
    for letter in &letters {
        new += queue(ledger, letter, templates, config)?;
    }
    hold_over(ledger, batch, &letters, by)?;
    say(&format!("批次 {batch}：{} 个单位的信函，新列入发件箱 {new} 份", letters.len()));
    // What an earlier, interrupted call delivered is entered before anything else can go wrong.
    record(ledger, by)?;
    let stopped = deliver_due(config, ledger, by)?;
    let copies = ledger.outbox().copies().context("发件箱")?;
    let of_batch: Vec<&Copy> = copies.iter().filter(|copy| copy.batch == batch).collect();
    let count = |wanted: &dyn Fn(State) -> bool| of_batch.iter().filter(|copy| wanted(copy.state)).count();
    say(&format!(
        "本批次合计 {} 份：已送达 {}，待发送或重试 {}，待线下送达 {}，须人工处理 {}",
        of_batch.len(),
        count(&|state| matches!(state, State::Accepted | State::ByHand)),
        count(&|state| matches!(state, State::Pending | State::Deferred | State::Unknown)),
        count(&|state| state == State::Waiting),
        count(&|state| matches!(state, State::Rejected | State::Held)),
    ));
    if count(&State::needs_a_person) > 0 {
        say(
            "须人工处理和待线下送达的信函：用 --preview 导出，送达后用 --mark-sent 单位 --via 方式 --date 日期 登记。",
        );
    }
    match stopped {
        Some(why) => {
            Err(Failure::Busy(format!("发送中止：{why}\n其余邮件保留在发件箱，稍后再次执行本命令即可")))
        }
        None => Ok(ExitCode::SUCCESS),
    }
}

fn mark_sent(
    ledger: &mut Ledger,
    batch: Option<&str>,
    unit: &str,
    via: &str,
    date: NaiveDate,
    by: &str,
) -> Result<ExitCode, Failure> {
    let nothing = || {
        let why = format!("发件箱中没有“{unit}”待送达的信函；请先执行 xuncha notify --send 批次");
        Failure::Usage(why)
    };
    if date > now().date_naive() {
        return Err(Failure::Usage(format!("送达日期 {date} 还没有到")));
    }
    if is_batch_id(unit) || unit.starts_with('T') {
        return mark_batch_sent(ledger, unit, via, date, by);
    }
    let found = ledger.outbox().batch_waiting_for(unit).context("发件箱")?;
    let batch = batch.map(str::to_owned).or(found).ok_or_else(nothing)?;
    let marked = ledger.outbox().mark_by_hand(&batch, unit, via, date, now()).context("发件箱")?;
    if marked == 0 {
        return Err(nothing());
    }
    let cases = record(ledger, by)?;
    say(&format!("已登记：{unit} 批次 {batch} 于 {date} 以{via}送达，{cases} 项问题转为已交办"));
    Ok(ExitCode::SUCCESS)
}

/// Enters that every letter of `batch` that waits for it has been delivered by other means.
fn mark_batch_sent(
    ledger: &mut Ledger,
    batch: &str,
    via: &str,
    date: NaiveDate,
    by: &str,
) -> Result<ExitCode, Failure> {
    let copies = ledger.outbox().copies().context("发件箱")?;
    let waiting: std::collections::BTreeSet<String> = copies
        .into_iter()
        .filter(|copy| copy.batch == batch && copy.state == State::Waiting && copy.kind != "group")
        .map(|copy| copy.unit)
        .collect();
    if waiting.is_empty() {
        return Err(Failure::Usage(format!("批次 {batch} 没有待线下送达的信函")));
    }
    for unit in &waiting {
        ledger.outbox().mark_by_hand(batch, unit, via, date, now()).context("发件箱")?;
    }
    let cases = record(ledger, by)?;
    say(&format!(
        "已登记：批次 {batch} 的 {} 个单位于 {date} 以{via}送达，涉及问题 {cases} 项",
        waiting.len()
    ));
    Ok(ExitCode::SUCCESS)
}

fn composed(
    args: &Args,
    installed: &Installed,
    ledger: &Ledger,
    batch: &str,
) -> Result<Vec<Letter>, Failure> {
    let approved = ledger.batch(batch)?;
    let files = &installed.files;
    let on = args.on.unwrap_or_else(|| now().date_naive());
    let gaps = ledger.undecided()?;
    let letters =
        letters(batch, &approved.cases, &files.registry, &files.config, &files.holidays, &gaps, on)?;
    Ok(letters)
}

/// Queues a letter: as mail where its unit is reached so, otherwise for delivery by other means.
pub(super) fn queue(
    ledger: &Ledger,
    letter: &Letter,
    templates: &Templates,
    config: &Config,
) -> Result<usize, Failure> {
    let at = now();
    let mail = match letter.delivery {
        Delivery::Mail => Some(message(letter, &templates.write(letter, config)?, config, at)?),
        Delivery::Exchange | Delivery::Offline => None,
    };
    let handed_over = letter.handed_over();
    let queued = Queued {
        batch: &letter.batch,
        unit: &letter.unit,
        kind: letter.kind.word(),
        via: delivery_label(letter.delivery),
        subject: &letter.subject,
        issued: letter.issued,
        handed_over: &handed_over,
        message: mail.as_ref(),
    };
    Ok(ledger.outbox().queue(&queued, at).context("发件箱")?)
}

/// What no letter of the batch names is free for the next batch: nothing is dropped for want of room. Letters that are not
/// queued yet count as well: those by mail and those by hand are queued by different calls.
fn hold_over(ledger: &mut Ledger, batch: &str, letters: &[Letter], by: &str) -> Result<(), Failure> {
    let mut named = ledger.outbox().numbers(batch).context("发件箱")?;
    named.extend(letters.iter().flat_map(|letter| letter.handed_over().into_values().flatten()));
    let left: Vec<String> = ledger
        .batch(batch)?
        .pending()
        .filter(|case| case.state.is_unassigned())
        .map(|case| case.number.clone())
        .filter(|number| !named.contains(number))
        .collect();
    if !left.is_empty() {
        let held = ledger.hold_over(&left, by, now())?;
        say(&format!("{held} 项问题超出清单条数，未列入本批，可列入下一批次"));
    }
    Ok(())
}

/// Tells the ledger what has been delivered. Safe to repeat; returns how many cases are new to it.
pub(super) fn record(ledger: &mut Ledger, by: &str) -> Result<usize, Failure> {
    let mut marked = 0;
    for delivered in ledger.outbox().unrecorded().context("发件箱")? {
        let step = Kind::step_of(&delivered.kind);
        for (due, numbers) in &delivered.handed_over {
            for number in numbers {
                let one = std::slice::from_ref(number);
                let entered = match (step, *due) {
                    (Some(step), Some(due)) => {
                        let told =
                            replies::Delivery { step, due, on: delivered.on, letter: &delivered.batch };
                        ledger.remind(one, told, by, now())
                    }
                    (Some(_), None) => Ok(0),
                    (None, due) => ledger.mark_assigned(one, due, delivered.on, by, now()),
                };
                match entered {
                    Ok(n) => marked += n,
                    // It was revoked or closed while the letter was on its way: the case stays as it is.
                    Err(StoreError::Illegal(why)) => say(&format!("提示：{why}")),
                    Err(other) => return Err(other.into()),
                }
            }
        }
        ledger.outbox().set_recorded(delivered.id).context("发件箱")?;
    }
    Ok(marked)
}

/// The office's templates, from `templates/` beside the configuration.
fn templates(config: &Path) -> Result<Templates, Failure> {
    let dir = config.parent().unwrap_or(Path::new("")).join("templates");
    let mut own = Vec::new();
    let mut faults = Vec::new();
    for name in TEMPLATE_FILES {
        let path = dir.join(name);
        if path.exists() {
            match read_text(&path) {
                Ok(text) => own.push((name, path.display().to_string(), text)),
                Err(fault) => faults.push(fault),
            }
        }
    }
    if !faults.is_empty() {
        return Err(Faults(faults).into());
    }
    Ok(Templates::of(&own)?)
}

/// One sender at a time; a patrol may run meanwhile.
fn lock(state_dir: &Path) -> Result<std::fs::File, Failure> {
    let path = state_dir.join("outbox.lock");
    let file = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("{}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(Failure::Busy("另一个发送任务正在运行，请待其结束后再试".to_owned()))
        }
        Err(std::fs::TryLockError::Error(error)) => {
            Err(anyhow::Error::from(error).context(format!("{}", path.display())).into())
        }
    }
}

pub(super) fn letters_table(letters: &[Letter]) -> String {
    let rows: Vec<Vec<String>> = letters
        .iter()
        .map(|letter| {
            vec![
                letter.unit.clone(),
                letter.kind.label().to_owned(),
                letter.total().to_string(),
                letter.due().map(|due| due.to_string()).unwrap_or_default(),
                delivery_label(letter.delivery).to_owned(),
                letter.held_over().count().to_string(),
            ]
        })
        .collect();
    let headings =
        [("单位", 36), ("文书", 20), ("问题数", 8), ("反馈截止", 12), ("送达方式", 12), ("留待下批", 10)];
    table(&headings, &rows)
}

fn tell_outbox(copies: &[Copy]) {
    if copies.is_empty() {
        say("发件箱为空。");
        return;
    }
    let rows: Vec<Vec<String>> = copies
        .iter()
        .map(|copy| {
            let recipient = if copy.recipient.is_empty() { copy.via.clone() } else { copy.recipient.clone() };
            let when = copy
                .delivered_on
                .map_or_else(|| copy.changed_at.format("%Y-%m-%d %H:%M").to_string(), |day| day.to_string());
            let next = copy
                .not_before
                .map(|at| format!("{} 后重试；", at.format("%m-%d %H:%M")))
                .unwrap_or_default();
            vec![
                copy.batch.clone(),
                copy.unit.clone(),
                recipient,
                copy.state.label().to_owned(),
                when,
                format!("{next}{}", copy.note),
            ]
        })
        .collect();
    let headings = [("批次", 10), ("单位", 36), ("收件人", 36), ("状态", 24), ("时间", 16), ("说明", 60)];
    say(&table(&headings, &rows));
}

impl From<LetterError> for Failure {
    fn from(error: LetterError) -> Self {
        match error {
            LetterError::Build(_) => Self::Internal(anyhow::Error::new(error)),
            other => Self::Usage(other.to_string()),
        }
    }
}

impl From<PreviewError> for Failure {
    fn from(error: PreviewError) -> Self {
        match error {
            PreviewError::Letter(letter) => letter.into(),
            PreviewError::Io { .. } => Self::Busy(error.to_string()),
        }
    }
}
