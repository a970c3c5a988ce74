//! `xuncha spot-check`: the list of a quarter or half-year, drawn and kept before anything is checked; the check; its results and
//! what a person rules.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;

use super::desk::{Place, now, say, table, write_new};
use super::gather::{Gathered, Which, letterhead};
use super::installed::Installed;
use super::pdf::PdfArgs;
use super::{Failure, asked};
use crate::inspection::draw::{Draw, Lot, Pick, Why, draw};
use crate::inspection::period::Period;
use crate::inspection::standing::{Outcome, Ruling, Verdict};
use crate::inspection::{MemberKind, members};
use crate::patrol;
use crate::report::figures::{Figures, Inspection, Source, results};
use crate::report::manual::Doubts;
use crate::report::{drawn, manual, render, verdict_sheet};
use crate::score::answer::Answer;
use crate::store::facts::FactsDb;
use crate::store::ledger::Ledger;

/// Arguments of `xuncha spot-check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// What is done.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// 抽取名单（检查之前），写出供签字的抽查名单
    Draw(DrawArgs),
    /// 检查：采用检查期内最近一次巡查的结果
    Run(RunArgs),
    /// 查看结果，登记人工核查结论
    Result(ResultArgs),
}

/// Arguments of `draw`.
#[derive(Debug, clap::Args)]
struct DrawArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// 检查开始日期（默认今天，或该期第一天）
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// 检查结束日期（默认该期最后一天）
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// 抽取种子，建议用抽取前无法预知、事后可查的公开数字（如当期福彩开奖号）；不写则由程序生成并印在名单上
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
    /// 政务新媒体抽查比例（%）
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=100))]
    share: u32,
    /// 抽取人姓名
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 监督人姓名
    #[arg(long, value_name = "NAME", default_value = "")]
    witness: String,
    /// 名单写入的目录
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 重新抽取的理由；原名单保留在台账中
    #[arg(long, value_name = "TEXT")]
    redraw: Option<String>,
    /// 覆盖已有文件
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pdf: PdfArgs,
}

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
struct RunArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// 先巡查一遍全部网站
    #[arg(long)]
    patrol: bool,
}

/// Arguments of `result`.
#[derive(Debug, clap::Args)]
struct ResultArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// 填好的人工核查表（xlsx、xls、ods）
    #[arg(long, value_name = "FILE", requires = "by", conflicts_with = "decide")]
    from: Option<PathBuf>,
    /// 登记一项结论：指标代码=达到 或者 指标代码=未达到，如 V4b=未达到
    #[arg(long, value_name = "V4b=未达到", requires_all = ["by", "reason"])]
    decide: Option<String>,
    /// 只登记这些标识；不写则为全部未判定该指标的网站、账号
    #[arg(long, value_name = "CODE", requires = "decide")]
    code: Vec<String>,
    /// 核查情况
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// 核查人姓名
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// 人工核查表写入的文件（XLSX）
    #[arg(long, value_name = "FILE.xlsx")]
    sheet: Option<PathBuf>,
    /// 覆盖已有文件
    #[arg(long)]
    force: bool,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.what {
        What::Draw(args) => draw_list(args)?,
        What::Run(args) => check(args)?,
        What::Result(args) => result(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn draw_list(args: &DrawArgs) -> Result<(), Failure> {
    let installed = Installed::open(&args.place.config)?;
    let mut ledger = open(&installed, &args.place)?;
    let period = args.which.drawn()?;
    let at = now();
    let head = letterhead(&installed, at.date_naive())?;
    if args.by.trim().is_empty() {
        return Err(Failure::Usage("--by：须写明抽取人".to_owned()));
    }
    let times = ledger.times_drawn(period)?;
    let reason = args.redraw.clone().unwrap_or_default();
    if times > 0 && reason.trim().is_empty() {
        return Err(Failure::Usage(format!(
            "{}的名单已经抽取；确需重新抽取的，用 --redraw 写明理由，原名单保留",
            period.label()
        )));
    }
    let window = window(args, period, at.date_naive())?;
    let registered = members(&installed.files.registry);
    if registered.is_empty() {
        return Err(Failure::Usage("登记表中没有可检查的网站和账号".to_owned()));
    }
    let draws = ledger.draws()?;
    let earlier: Vec<&Draw> =
        draws.iter().filter(|draw| draw.period.span() == period.span() && draw.period < period).collect();
    let failed = failed_before(&installed, &ledger, &earlier, period)?;
    let mut list = Draw {
        period,
        window,
        seed: String::new(),
        share: args.share,
        at,
        by: args.by.clone(),
        witness: args.witness.clone(),
        reason,
        members: registered,
        picks: Vec::new(),
    };
    // A seed of ours: nobody can know it before, because it holds the moment; anybody can read it afterwards.
    list.seed = args.seed.clone().unwrap_or_else(|| {
        let register: String = list.register_hash().chars().take(12).collect();
        format!("{}-{register}", at.format("%Y%m%d%H%M%S%6f"))
    });
    list.picks = draw(&Lot {
        period,
        seed: &list.seed,
        share: args.share,
        members: &list.members,
        earlier: &earlier,
        failed: &failed,
    });
    let printer = args.pdf.printer()?;
    std::fs::create_dir_all(&args.out).map_err(|e| Failure::Busy(format!("{}：{e}", args.out.display())))?;
    let paper = drawn::paper(&list, &head);
    let book = drawn::workbook(&list, &head).map_err(anyhow::Error::from)?;
    let text = render::docx::docx(&paper).map_err(anyhow::Error::from)?;
    let mut files = vec![(paper.file_name("docx"), text), (paper.file_name("xlsx"), book)];
    if let Some(printer) = &printer {
        files.push((paper.file_name("pdf"), printer.pdf(&paper)?));
    }
    if let Some((name, _)) = files.iter().find(|(name, _)| !args.force && args.out.join(name).exists()) {
        return Err(Failure::Usage(format!(
            "{} 已存在；请换个目录，或加 --force 覆盖",
            args.out.join(name).display()
        )));
    }
    ledger.put_draw(&list)?;
    for (name, bytes) in &files {
        write_new(&args.out.join(name), bytes, true)?;
        say(&format!("已写入 {}", args.out.join(name).display()));
    }
    let count = |why: fn(&Pick) -> bool| list.picks.iter().filter(|pick| why(pick)).count();
    say(&format!(
        "{}抽查名单：政府网站{}个（全部），政务新媒体随机抽取{}个（在册{}个），复查{}个。",
        period.label(),
        count(|pick| pick.why == Why::All),
        count(|pick| pick.why == Why::Drawn),
        list.registered(MemberKind::Account),
        count(|pick| pick.again),
    ));
    say(&format!("检查期 {} 至 {}，种子 {}", window.0, window.1, list.seed));
    say(&format!("名单校验值 {}", list.list_hash()));
    Ok(())
}

fn check(args: &RunArgs) -> Result<(), Failure> {
    let period = args.which.drawn()?;
    if args.patrol {
        in_force(&open(&Installed::open(&args.place.config)?, &args.place)?, period)?;
        super::patrol::run(&super::patrol::Args::new_run(args.place.config.clone()))?;
    }
    let installed = Installed::open(&args.place.config)?;
    let mut ledger = open(&installed, &args.place)?;
    let list = in_force(&ledger, period)?;
    let state = args.place.state_dir.as_ref().unwrap_or(&installed.files.config.state_dir);
    if state.join(FactsDb::FILE).exists() {
        let db = FactsDb::open(state)?;
        if let Some(record) = within(&db, list.window)? {
            let known = ledger.standings(list.window.0, list.window.1)?;
            let run = record.id.to_string();
            if known.iter().all(|standing| standing.run != run) {
                let judged = patrol::judged(installed.order(), &db, record.id, record.as_of)?;
                let accounts = patrol::accounts::judged_accounts(installed.order(), &db, record.id, &judged)?;
                ledger.put_standings(&patrol::standings(
                    &installed.rules,
                    record.id,
                    record.as_of,
                    &judged,
                    &accounts,
                ))?;
            }
            say(&format!(
                "采用第{}次巡查的结果（监测时点{}）。",
                record.id,
                record.as_of.format("%Y-%m-%d %H:%M")
            ));
        } else {
            say(&format!(
                "检查期 {} 至 {} 内没有已完成的巡查，请先运行 xuncha patrol",
                list.window.0, list.window.1
            ));
        }
    }
    let gathered = Gathered::of(&installed, &ledger, period, (None, None), now().date_naive())?;
    tell(&gathered.figures(&installed));
    Ok(())
}

fn result(args: &ResultArgs) -> Result<(), Failure> {
    let installed = Installed::open(&args.place.config)?;
    let mut ledger = open(&installed, &args.place)?;
    let period = args
        .which
        .named()
        .ok_or_else(|| Failure::Usage("请用 --quarter、--half 或者 --month 写明期次".to_owned()))?;
    let gathered = Gathered::of(&installed, &ledger, period, (None, None), now().date_naive())?;
    let (rulings, answers) = said(args, period, &gathered, &installed)?;
    if !rulings.is_empty() {
        ledger.put_rulings(&rulings)?;
        say(&format!("已登记人工核查结论 {} 项", rulings.len()));
    }
    if !answers.is_empty() {
        let name = args.from.as_ref().and_then(|path| path.file_name()).unwrap_or_default();
        let new = ledger.enter_answers(&answers, now(), &name.to_string_lossy())?;
        say(&format!("已登记核查结果 {new} 项，与已登记的相同而略过 {} 项", answers.len() - new));
    }
    let gathered = Gathered::of(&installed, &ledger, period, (None, None), now().date_naive())?;
    let figures = gathered.figures(&installed);
    if let Some(path) = &args.sheet {
        let today = now().date_naive();
        let asked = asked::of_members(&installed, &ledger, &gathered.inspected(), today)?;
        let label = figures.period.label();
        let doubts = Doubts { period: &label, open: &figures.open };
        let bytes = manual::workbook(Some(doubts), &asked, today).map_err(anyhow::Error::from)?;
        write_new(path, &bytes, args.force)?;
        let items: usize = asked.iter().map(|subject| subject.rows.len()).sum();
        say(&format!("已写入 {}：未判定 {} 项，人工核查 {items} 项", path.display(), figures.open.len()));
    }
    let rows: Vec<Vec<String>> = results(&gathered.source(&installed))
        .into_iter()
        .filter(|(_, result)| result.outcome != Outcome::Passed)
        .map(|(member, result)| {
            let told = match result.outcome {
                Outcome::Failed => result.failed().join("；"),
                _ => figures
                    .open
                    .iter()
                    .filter(|open| open.member.code == member.code && open.member.kind == member.kind)
                    .map(|open| {
                        if open.indicator.is_empty() { "没有监测结果" } else { open.indicator.as_str() }
                    })
                    .collect::<Vec<_>>()
                    .join("、"),
            };
            vec![result.outcome.label().to_owned(), member.code.clone(), member.name.clone(), told]
        })
        .collect();
    if !rows.is_empty() {
        say(&table(&[("结果", 8), ("标识", 24), ("名称", 40), ("情形或者未判定的指标", 80)], &rows));
    }
    tell(&figures);
    Ok(())
}

/// What a person said, in a file or on the command line: of what the program left open, and of what no check judges.
fn said(
    args: &ResultArgs,
    period: Period,
    gathered: &Gathered,
    installed: &Installed,
) -> Result<(Vec<Ruling>, Vec<Answer>), Failure> {
    let by = args.by.clone().unwrap_or_default();
    let ruling = |code: &str, indicator: &str, verdict: Verdict, reason: String| Ruling {
        period: period.to_string(),
        code: code.to_owned(),
        indicator: indicator.to_owned(),
        title: String::new(),
        verdict,
        by: by.clone(),
        at: now(),
        reason,
    };
    let inspected = gathered.inspected();
    let known = |indicator: &str| {
        installed.rules.indicators.iter().any(|known| known.id == indicator)
            || gathered.standings.iter().flat_map(|s| &s.marks).any(|mark| mark.indicator == indicator)
    };
    if let Some(path) = &args.from {
        let bytes = std::fs::read(path).map_err(|e| Failure::Usage(format!("{}：{e}", path.display())))?;
        let told = |faults: &[String]| {
            Failure::Usage(format!(
                "{}：以下各处须先改正，未作任何登记：\n{}",
                path.display(),
                faults.join("\n")
            ))
        };
        let filled = verdict_sheet::read(&bytes).map_err(|faults| told(&faults))?;
        let questions = asked::all_questions(&installed.rules);
        let answers = manual::Known {
            questions: &questions,
            subjects: &|code| inspected.iter().any(|member| member.code == code),
            today: now().date_naive(),
            by: args.by.as_deref(),
        };
        let answers = manual::read(&bytes, answers).map_err(|why| told(&[why]))?;
        if filled.is_none() && !answers.found {
            return Err(told(&["没有找到“未判定指标”或者“人工核查项”工作表".to_owned()]));
        }
        let filled = filled.unwrap_or_default();
        let mut faults = answers.faults;
        for row in &filled {
            if inspected.iter().all(|member| member.code != row.code) {
                faults.push(format!("标识 {} 不在{}的名单中", row.code, period.label()));
            }
            if !known(&row.indicator) {
                faults.push(format!("没有指标 {}", row.indicator));
            }
        }
        if !faults.is_empty() {
            return Err(told(&faults));
        }
        let reason = |text: String| if text.is_empty() { "见人工核查表".to_owned() } else { text };
        let rulings = filled
            .into_iter()
            .map(|row| ruling(&row.code, &row.indicator, row.verdict, reason(row.reason)))
            .collect();
        return Ok((rulings, answers.answers));
    }
    let Some(decide) = &args.decide else { return Ok((Vec::new(), Vec::new())) };
    let wrong = || Failure::Usage(format!("--decide “{decide}”：应为 指标代码=达到 或者 指标代码=未达到"));
    let (indicator, verdict) = decide.split_once('=').ok_or_else(wrong)?;
    let verdict = Verdict::ruled(verdict).ok_or_else(wrong)?;
    if !known(indicator) {
        return Err(Failure::Usage(format!("没有指标 {indicator}")));
    }
    let reason = args.reason.clone().unwrap_or_default();
    if args.code.is_empty() {
        let open = gathered.figures(installed).open;
        let wanted = open.iter().filter(|open| open.indicator == indicator);
        let rulings = wanted.map(|open| ruling(&open.member.code, indicator, verdict, reason.clone()));
        return Ok((rulings.collect(), Vec::new()));
    }
    let unknown = args.code.iter().find(|code| inspected.iter().all(|member| member.code != **code));
    if let Some(code) = unknown {
        return Err(Failure::Usage(format!("标识 {code} 不在{}的名单中", period.label())));
    }
    let rulings = args.code.iter().map(|code| ruling(code, indicator, verdict, reason.clone()));
    Ok((rulings.collect(), Vec::new()))
}

fn tell(figures: &Figures) {
    if !figures.again.is_empty() {
        let count = |outcome| figures.again.iter().filter(|again| again.outcome == outcome).count();
        let told: Vec<String> = [
            ("整改到位", count(Some(Outcome::Passed))),
            ("仍不合格", count(Some(Outcome::Failed))),
            ("未判定", count(Some(Outcome::Undecided))),
            ("已关停或者注销", count(None)),
        ]
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(word, n)| format!("{word}{n}个"))
        .collect();
        let last = figures.period.last();
        say(&format!("复查{last}不合格的{}个：{}", figures.again.len(), told.join("，")));
        let rows: Vec<Vec<String>> = figures
            .again
            .iter()
            .map(|again| {
                let outcome = again.outcome.map_or("已关停或者注销", again_label);
                let (member, situations) = (&again.member, again.situations.join("；"));
                vec![outcome.to_owned(), member.code.clone(), member.name.clone(), situations]
            })
            .collect();
        let last = format!("{last}问题");
        say(&table(&[("复查结果", 14), ("标识", 24), ("名称", 40), (last.as_str(), 80)], &rows));
    }
    for (name, group) in [("政府网站", &figures.sites), ("政务新媒体", &figures.accounts)] {
        if group.checked > 0 {
            say(&format!(
                "{name}：检查{}个，合格{}个，不合格{}个，未判定{}个",
                group.checked, group.passed, group.failed, group.undecided
            ));
        }
    }
    if figures.is_draft() {
        say(
            "有未判定的事项：用 xuncha spot-check result --sheet 文件.xlsx 写出人工核查表，填好后用 --from 文件.xlsx --by 姓名 登记",
        );
    }
}

fn again_label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "整改到位",
        Outcome::Failed => "仍不合格",
        Outcome::Undecided => "未判定",
    }
}

fn open(installed: &Installed, place: &Place) -> Result<Ledger, Failure> {
    let state = place.state_dir.as_ref().unwrap_or(&installed.files.config.state_dir);
    Ok(Ledger::open(state)?)
}

fn in_force(ledger: &Ledger, period: Period) -> Result<Draw, Failure> {
    ledger.draws()?.into_iter().find(|draw| draw.period == period).ok_or_else(|| {
        Failure::Usage(format!("{}还没有抽查名单，请先运行 xuncha spot-check draw", period.label()))
    })
}

fn window(args: &DrawArgs, period: Period, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), Failure> {
    let from = args.from.unwrap_or_else(|| today.clamp(period.first_day(), period.last_day()));
    let to = args.to.unwrap_or_else(|| period.last_day());
    if from > to {
        return Err(Failure::Usage("--from 晚于 --to".to_owned()));
    }
    Ok((from, to))
}

/// Codes of what failed in the inspection before, as far as it is known by now.
fn failed_before(
    installed: &Installed,
    ledger: &Ledger,
    earlier: &[&Draw],
    period: Period,
) -> Result<BTreeSet<String>, Failure> {
    let Some(before) = earlier.last() else { return Ok(BTreeSet::new()) };
    let inspection = Inspection::drawn(before);
    let (standings, rulings) = (ledger.standings(before.window.0, before.window.1)?, ledger.rulings()?);
    let source = Source {
        registry: &installed.files.registry,
        inspection: &inspection,
        earlier: &[],
        standings: &standings,
        rulings: &rulings,
        histories: &[],
        cutoff: period.first_day(),
    };
    let failed = results(&source).into_iter().filter(|(_, result)| result.outcome == Outcome::Failed);
    Ok(failed.map(|(member, _)| member.code.clone()).collect())
}

/// The latest patrol of these days that came to its end.
fn within(
    db: &FactsDb,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Option<crate::store::facts::RunRecord>, Failure> {
    let mut record = db.last_run()?;
    while let Some(run) = record {
        let day = run.as_of.date_naive();
        if run.ended.is_some() && (from..=to).contains(&day) {
            return Ok(Some(run));
        }
        record = if run.id > 1 && day >= from { db.run(run.id - 1)? } else { None };
    }
    Ok(None)
}
