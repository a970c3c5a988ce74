//! `xuncha report`: the papers of a period as DOCX, HTML, text and XLSX, all from one data set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::desk::{Place, now, say};
use super::gather::{Gathered, Which, day, letterhead};
use super::installed::Installed;
use super::pdf::{PdfArgs, Printer};
use super::{Failure, asked, today};
use crate::finding::hex;
use crate::inspection::period::Span;
use crate::inspection::{self, MemberKind};
use crate::ledger::case::Case;
use crate::report::bulletin::{Version, bulletin};
use crate::report::document::{Paper, Part};
use crate::report::figures::Figures;
use crate::report::internal::{Behind, internal};
use crate::report::letterhead::Letterhead;
use crate::report::manual::Doubts;
use crate::report::monthly::{YearOf, annual, monthly};
use crate::report::supplement::Supplement;
use crate::report::today::Today;
use crate::report::{annexes, domains, manual, orders, render};
use crate::rules::sheet::Whom;
use crate::store::facts::FactsDb;
use crate::store::inspections::Issued;
use crate::store::ledger::{Ledger, Wanted};

/// Arguments of `xuncha report`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 哪种文书
    #[arg(value_enum)]
    kind: Kind,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// 检查期第一天（默认取抽查名单所定，月度、年度为该期第一天）
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// 检查期最后一天
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// 成文日期，也是问题统计的截止日（默认今天）
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// 整改反馈时限（默认按配置的工作日数计算）
    #[arg(long, value_name = "DATE")]
    due: Option<NaiveDate>,
    /// 补充数据（TOML）：找错留言、培训、约谈等程序不掌握的数据
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
    /// 只生成这些单位的整改通知书、督办单、提示单；可重复
    #[arg(long, value_name = "NAME")]
    unit: Vec<String>,
    /// 只列这些问题（整改通知书、督办单）；可重复
    #[arg(long, value_name = "NUMBER")]
    case: Vec<String>,
    /// 写入的目录
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 定稿：登记为正式印发的文书；尚有未判定事项时不能定稿
    #[arg(long = "final", requires = "by")]
    last: bool,
    /// 定稿人姓名
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// 覆盖已有文件
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pdf: PdfArgs,
}

/// Which paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// 月度监测情况
    Monthly,
    /// 季度通报（下发版和公开版）
    Quarter,
    /// 半年检查通报（下发版和公开版）
    Half,
    /// 年度监管数据
    Annual,
    /// 整改通知书
    Notice,
    /// 督办单
    Order,
    /// 提示单
    Hint,
    /// 域名清查表
    Domains,
    /// 人工核查表
    Manual,
    /// 监测情况说明（送审附件）
    Internal,
}

impl Kind {
    /// How long its period is, unless another is named.
    fn span(self) -> Span {
        match self {
            Self::Monthly => Span::Month,
            Self::Half => Span::Half,
            Self::Annual => Span::Year,
            _ => Span::Quarter,
        }
    }
}

/// A file to be written.
type Written = (String, Vec<u8>);

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells; that there is nothing to write a paper about is none.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let installed = Installed::open(&args.place.config)?;
    let state = args.place.state_dir.as_ref().unwrap_or(&installed.files.config.state_dir);
    let mut ledger = Ledger::open(state)?;
    let on = day(args.on);
    let head = letterhead(&installed, on)?;
    let bulletins = matches!(args.kind, Kind::Monthly | Kind::Quarter | Kind::Half | Kind::Annual);
    if args.last && !bulletins {
        return Err(Failure::Usage("--final 只用于月度监测情况、通报和年度数据".to_owned()));
    }
    if args.pdf.pdf && matches!(args.kind, Kind::Domains | Kind::Manual) {
        return Err(Failure::Usage("--pdf：域名清查表、人工核查表只有 XLSX".to_owned()));
    }
    let printer = args.pdf.printer()?;
    let printer = printer.as_ref();
    let files = match args.kind {
        Kind::Monthly | Kind::Quarter | Kind::Half | Kind::Annual => {
            of_period(args, &installed, &ledger, state, &head, printer)?
        }
        Kind::Notice | Kind::Order => of_cases(args, &installed, &ledger, &head, printer)?,
        Kind::Hint => hints(args, &installed, state, &head, printer)?,
        Kind::Domains => {
            let period = args.which.of(Span::Half, on)?.label();
            let bytes =
                domains::workbook(&installed.files.registry, &period, &head).map_err(anyhow::Error::from)?;
            vec![(format!("域名清查表_{period}.xlsx"), bytes)]
        }
        Kind::Manual | Kind::Internal => checked(args, &installed, &ledger, &head, printer)?,
    };
    let finals: Vec<(String, String)> = files
        .iter()
        .filter(|(name, _)| args.last && has_ending(name, "docx"))
        .map(|(name, bytes)| (name.clone(), hex(&Sha256::digest(bytes))))
        .collect();
    write_all(&args.out, files, args.force)?;
    enter(args, &mut ledger, on, finals)?;
    Ok(ExitCode::SUCCESS)
}

/// Enters the papers that were made final, once they are written.
fn enter(
    args: &Args,
    ledger: &mut Ledger,
    on: NaiveDate,
    finals: Vec<(String, String)>,
) -> Result<(), Failure> {
    let span = args.kind.span();
    for (name, sha256) in finals {
        ledger.put_issued(&Issued {
            kind: span.word().to_owned(),
            period: args.which.of(span, on)?.to_string(),
            by: args.by.clone().unwrap_or_default(),
            at: now(),
            name,
            sha256,
        })?;
    }
    Ok(())
}

fn of_period(
    args: &Args,
    installed: &Installed,
    ledger: &Ledger,
    state: &Path,
    head: &Letterhead<'_>,
    printer: Option<&Printer>,
) -> Result<Vec<Written>, Failure> {
    let on = head.issued;
    let span = args.kind.span();
    let period = args.which.of(span, on)?;
    let gathered = Gathered::of(installed, ledger, period, (args.from, args.to), on)?;
    let mut figures = gathered.figures(installed);
    let more = supplement(args)?;
    let papers = match args.kind {
        Kind::Monthly => vec![monthly(&figures, head, &more, &upcoming(installed, state, on)?)],
        Kind::Annual => {
            let of = year_of(&mut figures, installed, ledger, &gathered)?;
            vec![annual(&figures, &of, head, &more)]
        }
        _ => {
            let due = match args.due {
                Some(due) => due,
                None => usual_due(installed, on)?,
            };
            [Version::Issued, Version::Public]
                .map(|version| bulletin(&figures, head, &more, Some(due), version))
                .to_vec()
        }
    };
    if let Some(why) = papers.iter().find_map(|paper| paper.draft.as_ref()).filter(|_| args.last) {
        let option = match span {
            Span::Quarter => "quarter",
            Span::Half => "half",
            Span::Month => "month",
            Span::Year => return Err(Failure::Usage(format!("不能定稿：{why}"))),
        };
        return Err(Failure::Usage(format!(
            "不能定稿：{why}\n写出人工核查表：xuncha spot-check result --{option} {period} --sheet 人工核查表.xlsx"
        )));
    }
    let draft = papers.iter().any(|paper| paper.draft.is_some());
    let mut files = Vec::new();
    for paper in &papers {
        files.extend(rendered(paper, printer)?);
    }
    let data = serde_json::to_vec_pretty(&figures).context("JSON")?;
    files.push((format!("{}数据.json", period.label()), data));
    if draft && !matches!(args.kind, Kind::Annual) {
        files.extend(manual_sheet(installed, ledger, &gathered, &figures, on)?);
        say("尚有未判定事项：文书为草稿，标有【待核】；人工核查表一并写出。");
    }
    Ok(files)
}

fn usual_due(installed: &Installed, on: NaiveDate) -> Result<NaiveDate, Failure> {
    let days = installed.files.config.deadlines.working_days;
    installed.files.holidays.add_working_days(on, days).map_err(|missing| Failure::Usage(missing.to_string()))
}

fn supplement(args: &Args) -> Result<Supplement, Failure> {
    let Some(path) = &args.with else { return Ok(Supplement::default()) };
    let told = |why: String| Failure::Usage(format!("{}：{why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
    Supplement::parse(&text).map_err(told)
}

/// What a year adds; its chart shows the quarters.
fn year_of(
    figures: &mut Figures,
    installed: &Installed,
    ledger: &Ledger,
    gathered: &Gathered,
) -> Result<YearOf, Failure> {
    use chrono::Datelike as _;
    let year = figures.period.year();
    let mut of = YearOf::default();
    let mut looked_at = std::collections::BTreeSet::new();
    let mut trend = Vec::new();
    for draw in
        gathered.draws.iter().filter(|draw| draw.period.year() == year && draw.window.0 <= gathered.cutoff)
    {
        let one = Gathered::of(installed, ledger, draw.period, (None, None), gathered.cutoff)?;
        let sums = one.figures(installed);
        of.inspections.push((draw.period.label(), sums.sites, sums.accounts));
        if draw.period.span() == Span::Quarter {
            trend.extend(sums.trend.last().cloned());
        }
        looked_at.extend(draw.picks.iter().map(|pick| (pick.kind, pick.code.clone())));
    }
    let kinds = |kind| looked_at.iter().filter(|(k, _)| *k == kind).count();
    of.looked_at = (kinds(MemberKind::Site), kinds(MemberKind::Account));
    for issued in ledger.issued()?.into_iter().filter(|issued| issued.kind == "quarter") {
        let label = issued.period.parse::<inspection::period::Period>().map(|p| (p.year(), p.label()));
        if let Ok((of_year, label)) = label
            && of_year == year
            && issued.at.year() >= year
            && !of.bulletins.contains(&label)
        {
            of.bulletins.push(label);
        }
    }
    figures.trend = trend;
    Ok(of)
}

/// Columns near their limit, one sentence a unit.
fn upcoming(installed: &Installed, state: &Path, on: NaiveDate) -> Result<Vec<String>, Failure> {
    Ok(soon(installed, state, on)?.iter().filter_map(|(_, of_unit)| of_unit.coming()).collect())
}

/// What comes near its limit, by the unit that is told.
fn soon(installed: &Installed, state: &Path, on: NaiveDate) -> Result<Vec<(String, Today)>, Failure> {
    const DAYS: u32 = 4;
    if !state.join(FactsDb::FILE).exists() {
        return Ok(Vec::new());
    }
    let db = FactsDb::open(state)?;
    let Some(record) = today::last_whole(&db)? else { return Ok(Vec::new()) };
    let mut all = Today { on, ..Today::default() };
    today::of_facts(&mut all, installed.order(), &db, &record, DAYS)?;
    let mut units: Vec<String> = Vec::new();
    for soon in &all.soon {
        if !units.contains(&soon.addressee) {
            units.push(soon.addressee.clone());
        }
    }
    units.sort_by_key(|unit| installed.files.registry.protocol_order(unit));
    let of_unit = |unit: String| {
        let soon = all.soon.iter().filter(|soon| soon.addressee == unit).cloned().collect();
        let one = Today { on, soon, ..Today::default() };
        (unit, one)
    };
    Ok(units.into_iter().map(of_unit).collect())
}

fn hints(
    args: &Args,
    installed: &Installed,
    state: &Path,
    head: &Letterhead<'_>,
    printer: Option<&Printer>,
) -> Result<Vec<Written>, Failure> {
    let mut files = Vec::new();
    let wanted = |unit: &str| args.unit.is_empty() || args.unit.iter().any(|name| name == unit);
    for (unit, soon) in soon(installed, state, head.issued)?.into_iter().filter(|(unit, _)| wanted(unit)) {
        let texts: Vec<String> = soon.coming_to(&unit).into_iter().collect();
        files.extend(rendered(&orders::hint(&unit, &texts, head), printer)?);
    }
    Ok(files)
}

fn of_cases(
    args: &Args,
    installed: &Installed,
    ledger: &Ledger,
    head: &Letterhead<'_>,
    printer: Option<&Printer>,
) -> Result<Vec<Written>, Failure> {
    let (registry, holidays, on) = (&installed.files.registry, &installed.files.holidays, head.issued);
    let due = match args.due {
        Some(due) => due,
        None => usual_due(installed, on)?,
    };
    for number in &args.case {
        ledger.case(number)?;
    }
    let fits = |case: &Case| match args.kind {
        _ if !args.case.is_empty() => args.case.contains(&case.number),
        Kind::Notice => orders::wants_notice(case),
        _ => orders::wants_order(case, on),
    };
    let cases: Vec<Case> = ledger
        .cases(&Wanted::default())?
        .into_iter()
        .filter(|case| fits(case) && (args.unit.is_empty() || args.unit.contains(&case.unit)))
        .collect();
    let mut files = Vec::new();
    for (unit, cases) in orders::by_unit(&cases, registry) {
        let paper = match args.kind {
            Kind::Notice => orders::notice(&unit, &cases, head, due),
            _ => orders::order(&unit, &cases, registry, head, holidays, due)
                .map_err(|missing| Failure::Usage(missing.to_string()))?,
        };
        files.extend(rendered(&paper, printer)?);
    }
    Ok(files)
}

fn checked(
    args: &Args,
    installed: &Installed,
    ledger: &Ledger,
    head: &Letterhead<'_>,
    printer: Option<&Printer>,
) -> Result<Vec<Written>, Failure> {
    let period = match args.which.named() {
        Some(period) => period,
        None => args.which.of(Span::Quarter, head.issued)?,
    };
    let gathered = Gathered::of(installed, ledger, period, (args.from, args.to), head.issued)?;
    let figures = gathered.figures(installed);
    if args.kind == Kind::Manual {
        return manual_sheet(installed, ledger, &gathered, &figures, head.issued);
    }
    let id = period.to_string();
    let (from, to) = gathered.inspection.window;
    let inside = |at: &crate::calendar::Instant8| (from..=to).contains(&at.date_naive());
    let standings: Vec<_> = gathered.standings.iter().filter(|s| inside(&s.at)).cloned().collect();
    let rulings: Vec<_> = gathered.rulings.iter().filter(|ruling| ruling.period == id).cloned().collect();
    let inspected = gathered.inspected();
    let of_these = |whom: Whom| {
        let accounts = whom == Whom::Account;
        inspected.iter().any(|member| (member.kind == MemberKind::Account) == accounts)
    };
    let by_persons: Vec<&str> = installed
        .rules
        .indicators
        .iter()
        .filter(|indicator| !indicator.by_machine() && of_these(indicator.of))
        .map(|indicator| indicator.title.as_str())
        .collect();
    let registered = inspection::members(&installed.files.registry);
    let titles: BTreeMap<&str, &str> = installed
        .rules
        .indicators
        .iter()
        .map(|indicator| (indicator.id.as_str(), indicator.title.as_str()))
        .collect();
    let rules: Vec<&str> = installed.rules.packs.iter().rev().map(|pack| pack.title.as_str()).collect();
    let rules = rules.join("、");
    let behind = Behind {
        members: &registered,
        titles: &titles,
        by_persons: &by_persons,
        asked: asked::answered(installed, ledger, &inspected, to)?,
        draw: gathered.draws.iter().find(|draw| draw.period == period),
        standings: &standings,
        rulings: &rulings,
        undecided: &ledger.undecided()?,
        declared: &installed.files.registry.declared(figures.window.0, figures.window.1, |rule| {
            installed.rules.get(rule).map(|bound| bound.rule.title.clone())
        }),
        rules: &rules,
        rules_hash: &installed.rules.hash,
        registry_hash: &installed.files.registry.hash(),
        version: env!("CARGO_PKG_VERSION"),
    };
    rendered(&internal(&figures, &behind, head), printer)
}

fn manual_sheet(
    installed: &Installed,
    ledger: &Ledger,
    gathered: &Gathered,
    figures: &Figures,
    on: NaiveDate,
) -> Result<Vec<Written>, Failure> {
    let asked = asked::of_members(installed, ledger, &gathered.inspected(), on)?;
    let label = figures.period.label();
    let doubts = Doubts { period: &label, open: &figures.open };
    let bytes = manual::workbook(Some(doubts), &asked, on).map_err(anyhow::Error::from)?;
    Ok(vec![(format!("{label}人工核查表.xlsx"), bytes)])
}

/// A paper in all its forms: DOCX, HTML, text, its annexes as a workbook, its charts.
fn rendered(paper: &Paper, printer: Option<&Printer>) -> Result<Vec<Written>, Failure> {
    let mut files = vec![
        (paper.file_name("docx"), render::docx::docx(paper).map_err(anyhow::Error::from)?),
        (paper.file_name("html"), render::paper::page(paper).into_bytes()),
        (paper.file_name("txt"), render::paper::plain(paper).into_bytes()),
    ];
    if let Some(printer) = printer {
        files.push((paper.file_name("pdf"), printer.pdf(paper)?));
    }
    if let Some(book) = annexes::workbook(paper).map_err(anyhow::Error::from)? {
        files.push((paper.file_name("xlsx"), book));
    }
    for part in &paper.body {
        if let Part::Chart(chart) = part {
            files.push((format!("{}.svg", chart.file), chart.svg().into_bytes()));
        }
    }
    Ok(files)
}

fn write_all(dir: &Path, files: Vec<Written>, force: bool) -> Result<(), Failure> {
    if files.is_empty() {
        say("没有需要出具的文书。");
        return Ok(());
    }
    refuse_existing(dir, &files, force)?;
    std::fs::create_dir_all(dir).map_err(|e| Failure::Busy(format!("{}：{e}", dir.display())))?;
    let mut done: Vec<String> = Vec::new();
    for (name, bytes) in files {
        // Both versions of a bulletin show the same charts.
        if done.contains(&name) {
            continue;
        }
        super::desk::write_new(&dir.join(&name), &bytes, true)?;
        say(&format!("已写入 {}", dir.join(&name).display()));
        done.push(name);
    }
    Ok(())
}

fn refuse_existing(dir: &Path, files: &[Written], force: bool) -> Result<(), Failure> {
    match files.iter().find(|(name, _)| !force && dir.join(name).exists()) {
        Some((name, _)) => Err(Failure::Usage(format!(
            "{} 已存在，可能已经修改过；请换个目录，或加 --force 覆盖",
            dir.join(name).display()
        ))),
        None => Ok(()),
    }
}

fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == ending)
}
