//! `xuncha score`: the score sheet of a site step by step, the 人工核查表 written out, and its answers entered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::desk::{now, say, write_new};
use super::installed::Installed;
use super::{Failure, asked, print};
use crate::finding::Fingerprint;
use crate::patrol::{self, JudgedSite};
use crate::registry::Site;
use crate::report::manual::{self, Asked};
use crate::report::score::{Heading, text};
use crate::rules::RuleSet;
use crate::rules::sheet::{Question, Whom};
use crate::score::answer::Answer;
use crate::score::{Basis, questions, score};
use crate::store::facts::FactsDb;
use crate::store::ledger::{Ledger, Wanted};

/// Bytes a filled-in workbook may have.
const LARGEST: u64 = 32 << 20;

/// Arguments of `xuncha score`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 网站标识码或者网站名称；不写则逐个列出全部网站
    #[arg(value_name = "SITE")]
    sites: Vec<String>,
    /// 配置文件
    #[arg(long, default_value = "xuncha.toml", value_name = "FILE")]
    config: PathBuf,
    /// 第几次巡查；默认最近一次
    #[arg(long, value_name = "N")]
    run: Option<i64>,
    /// 按不承担办事服务职能计分（登记表标签中写有“无办事服务”的自动适用）
    #[arg(long)]
    no_services: bool,
    /// 导出人工核查表（XLSX）
    #[arg(long, value_name = "OUT.xlsx", conflicts_with = "answers")]
    sheet: Option<PathBuf>,
    /// 导入填好的人工核查表
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// 覆盖已有文件
    #[arg(long)]
    force: bool,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    if let Some(file) = &args.answers {
        return enter(args, file);
    }
    let installed = Installed::open(&args.config)?;
    let state = &installed.files.config.state_dir;
    let db = FactsDb::open(state)?;
    let record = match args.run {
        Some(id) => db.run(id)?,
        None => db.last_run()?,
    };
    let record = record.ok_or_else(|| Failure::Usage("没有这次巡查的记录".to_owned()))?;
    let judged = patrol::judged(installed.order(), &db, record.id, record.as_of)?;
    let chosen = chosen(&installed, &judged, &args.sites)?;
    let ledger = if state.join(Ledger::FILE).exists() { Some(Ledger::open_existing(state)?) } else { None };
    let numbers = numbers(ledger.as_ref())?;
    let day = record.as_of.date_naive();
    let mut subjects = Vec::new();
    for (n, (site, judged)) in chosen.iter().enumerate() {
        let Some(look) = judged.looks.first() else { continue };
        let answers = ledger.as_ref().map_or(Ok(Vec::new()), |ledger| ledger.answers(&site.code))?;
        let (portal, services) = asked::kind_of(site);
        let services = services && !args.no_services;
        if args.sheet.is_some() {
            subjects.push(rows(&installed.rules, site, judged, (portal, services), &answers, day));
            continue;
        }
        let scored = score(Basis {
            rules: &installed.rules,
            facts: &look.facts,
            judgement: &judged.judgement,
            assessments: &judged.assessments,
            portal,
            services,
            answers: &answers,
            as_of: day,
        });
        let heading =
            Heading { name: &site.name, code: &site.code, portal, services, as_of: day, numbers: &numbers };
        if n > 0 {
            print("\n");
        }
        print(&text(&installed.rules, heading, &scored));
    }
    if let Some(out) = &args.sheet {
        let bytes = manual::workbook(None, &subjects, now().date_naive()).map_err(anyhow::Error::from)?;
        write_new(out, &bytes, args.force)?;
        let total: usize = subjects.iter().map(|subject| subject.rows.len()).sum();
        say(&format!("已写入 {}：{}个网站，{total}项人工核查", out.display(), subjects.len()));
        say("填好后导入：xuncha score --answers 文件");
    }
    Ok(ExitCode::SUCCESS)
}

/// Enters the answers of a filled-in workbook.
fn enter(args: &Args, file: &Path) -> Result<ExitCode, Failure> {
    let (installed, _lock) = Installed::open_to_write(&args.config)?;
    let unreadable = |why: String| Failure::Usage(format!("{}：{why}", file.display()));
    let size = std::fs::metadata(file).map_err(|error| unreadable(error.to_string()))?.len();
    if size > LARGEST {
        return Err(unreadable("文件过大".to_owned()));
    }
    let bytes = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    let registry = &installed.files.registry;
    let known = manual::Known {
        questions: &asked::all_questions(&installed.rules),
        subjects: &|code| registry.site(code).is_some() || registry.account(code).is_some(),
        today: now().date_naive(),
        by: None,
    };
    let filled = manual::read(&bytes, known).map_err(unreadable)?;
    if !filled.found {
        return Err(unreadable(
            "没有找到“人工核查项”工作表（含标识码、核查项编号、核查结果、核查人、核查日期各列）".to_owned(),
        ));
    }
    if !filled.faults.is_empty() {
        return Err(unreadable(format!("以下各处须先改正，未作任何登记：\n{}", filled.faults.join("\n"))));
    }
    if filled.answers.is_empty() {
        return Err(unreadable("没有填写任何核查结果".to_owned()));
    }
    let mut ledger = Ledger::open(&installed.files.config.state_dir)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let new = ledger.enter_answers(&filled.answers, now(), &name)?;
    let same = filled.answers.len() - new;
    say(&format!("已登记核查结果{new}项，与已登记的相同而略过{same}项"));
    Ok(ExitCode::SUCCESS)
}

fn rows<'a>(
    rules: &'a RuleSet,
    site: &'a Site,
    judged: &JudgedSite,
    (portal, services): (bool, bool),
    answers: &[Answer],
    as_of: chrono::NaiveDate,
) -> Asked<'a> {
    let rows = questions(rules, Whom::Site, portal, services)
        .into_iter()
        .map(|(question, of)| (question, of, clue(rules, question, judged)))
        .collect();
    Asked { code: &site.code, name: &site.name, rows, before: asked::before(rules, answers, as_of) }
}

/// What the program found that may help with a question: `暗链1处`.
fn clue(rules: &RuleSet, question: &Question, judged: &JudgedSite) -> String {
    let found = question.see.iter().filter_map(|rule| {
        let findings = judged.judgement.findings.iter().filter(|finding| finding.rule == *rule).count();
        let title = rules.get(rule).map(|bound| bound.rule.title.as_str())?;
        (findings > 0).then(|| format!("{title}{findings}处"))
    });
    found.collect::<Vec<_>>().join("，")
}

fn numbers(ledger: Option<&Ledger>) -> Result<BTreeMap<Fingerprint, String>, Failure> {
    let Some(ledger) = ledger else { return Ok(BTreeMap::new()) };
    let cases = ledger.cases(&Wanted::default())?;
    Ok(cases.into_iter().map(|case| (case.finding.fingerprint, case.number)).collect())
}

/// The sites that are asked for with what was judged of them.
fn chosen<'a>(
    installed: &'a Installed,
    judged: &'a [JudgedSite],
    wanted: &[String],
) -> Result<Vec<(&'a Site, &'a JudgedSite)>, Failure> {
    let registry = &installed.files.registry;
    let sites = judged.iter().filter_map(|judged| {
        let look = judged.looks.first()?;
        Some((registry.site(&look.facts.site.id)?, judged))
    });
    let all: Vec<_> = sites.collect();
    if wanted.is_empty() {
        return Ok(all);
    }
    wanted
        .iter()
        .map(|word| {
            let found = all.iter().find(|(site, _)| site.code == *word || site.name == *word);
            found
                .copied()
                .ok_or_else(|| Failure::Usage(format!("这次巡查中没有网站“{word}”（写标识码或者名称）")))
        })
        .collect()
}
