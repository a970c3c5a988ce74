//! `xuncha patrol`: one run over the whole register, from crawl to ledger.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use super::installed::Installed;
use super::runtime::{self, Ticker};
use super::{Failure, print};
use crate::calendar::Instant8;
use crate::patrol::accounts::{Gathered, JudgedAccounts, judged_accounts, standing};
use crate::patrol::{self, Gear, JudgedSite};
use crate::report::accounts::AccountLine;
use crate::report::site::{SiteReport, document};
use crate::report::wording;
use crate::report::{Block, Document, render};
use crate::store::facts::{FactsDb, RunRecord};
use crate::store::ledger::{Ledger, Wanted};

/// Arguments of `xuncha patrol`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 配置文件
    #[arg(long, default_value = "xuncha.toml", value_name = "FILE")]
    config: PathBuf,
    /// 继续上次未完成的巡查；没有未完成的巡查时直接结束
    #[arg(long, conflicts_with = "new_run")]
    resume: bool,
    /// 放弃上次未完成的巡查，重新开始
    #[arg(long)]
    new_run: bool,
    /// 有确认的问题时退出码为1
    #[arg(long)]
    fail_on_findings: bool,
}

impl Args {
    /// A new run of the installation, as another command starts it.
    pub(super) fn new_run(config: PathBuf) -> Self {
        Self { config, resume: false, new_run: false, fail_on_findings: false }
    }
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let (installed, _lock) = Installed::open_to_write(&args.config)?;
    let state = &installed.files.config.state_dir;
    let mut db = FactsDb::open(state)?;
    let mut ledger = Ledger::open(state)?;
    let record = match which_run(args, &installed, &db)? {
        Some(record) => record,
        None if args.resume => {
            print("没有未完成的巡查。\n");
            return Ok(ExitCode::SUCCESS);
        }
        None => {
            ledger.back_up(patrol::now())?;
            let mut record = new_record(&installed);
            record.id = db.start_run(&record, record.as_of)?;
            record
        }
    };
    let gear = Gear::new(&installed.files.config, &installed.files.registry, &db.patience()?)?;
    gear.keep_truce(state)?;
    let (run, as_of) = (record.id, record.as_of);
    let mut ticker = Ticker::new();
    let (mut db, gathered) = runtime::block_on(async {
        let order = installed.order();
        let mut db =
            patrol::first_look(order, &gear, db, run, as_of, |progress| ticker.tick(progress)).await?;
        let gathered = patrol::accounts::gather(order, &gear, &mut db, run, true).await?;
        Ok((db, gathered))
    })?;
    ticker.clear();
    let judged = patrol::judged(installed.order(), &db, run, as_of)?;
    tell_gathered(&gathered);
    let accounts = judged_accounts(installed.order(), &db, run, &judged)?;
    let outcome = record_run(&installed, &db, &mut ledger, run, as_of, &judged, &accounts)?;
    db.end_run(run, patrol::now())?;
    print(&format!("第{run}次巡查完成（监测时点{}）。\n", as_of.format("%Y-%m-%d %H:%M")));
    print(&summary(&judged));
    print(&accounts_summary(&accounts));
    tell_own_failures(&db, run)?;
    write_report(&installed, &db, &judged, &accounts, run, as_of)?;
    print(&format!(
        "台账：新增{}，已确认待交办{}，销号{}，反弹{}，未能核查{}。\n",
        outcome.opened, outcome.confirmed, outcome.closed, outcome.reopened, outcome.unseen
    ));
    if judged.iter().any(|site| !patrol::suspects(std::slice::from_ref(site)).is_empty()) {
        let apart = spoken(installed.files.config.crawl.confirm_apart);
        print(&format!("疑似问题须间隔{apart}以上复查确认：xuncha recheck\n"));
    }
    let found = outcome.confirmed > 0;
    Ok(ExitCode::from(u8::from(args.fail_on_findings && found)))
}

/// A span of time in the largest unit that tells it whole.
fn spoken(span: std::time::Duration) -> String {
    match span.as_secs() {
        secs if secs > 0 && secs % 3600 == 0 => format!("{}小时", secs / 3600),
        secs if secs > 0 && secs % 60 == 0 => format!("{}分钟", secs / 60),
        secs => format!("{secs}秒"),
    }
}

/// Hands a judged run to the ledger.
pub(super) fn record_run(
    installed: &Installed,
    db: &FactsDb,
    ledger: &mut Ledger,
    run: i64,
    at: Instant8,
    judged: &[JudgedSite],
    accounts: &JudgedAccounts,
) -> Result<crate::ledger::Outcome, Failure> {
    let open: Vec<_> =
        ledger.cases(&Wanted::default())?.into_iter().filter(|case| case.state.is_open()).collect();
    let told = own_failures(installed, db, run)?;
    db.put_own_failures(run, &told)?;
    let observed = patrol::observations(&installed.files.registry, db, run, at, (judged, accounts), &open)?;
    let outcome = ledger.record(&observed)?;
    ledger.put_standings(&patrol::standings(&installed.rules, run, at, judged, accounts))?;
    Ok(outcome)
}

/// What is to be said of a run's own failures, look by look.
pub(super) fn own_failures(
    installed: &Installed,
    db: &FactsDb,
    run: i64,
) -> Result<Vec<(u8, String)>, Failure> {
    let voids = patrol::own_failures(&installed.files.registry, db, run)?;
    Ok(voids.iter().map(|(look, void)| (*look, wording::own_failure(*look, void))).collect())
}

/// The same, printed and logged.
pub(super) fn tell_own_failures(db: &FactsDb, run: i64) -> Result<(), Failure> {
    for (look, told) in db.own_failures(run)? {
        tracing::warn!(run, look, "{told}");
        print(&format!("注意：{told}\n"));
    }
    Ok(())
}

/// The report of a run: what it says of itself, then every site's part, one after the other, then the accounts.
pub(super) fn report(
    installed: &Installed,
    judged: &[JudgedSite],
    accounts: &JudgedAccounts,
    own: &[(u8, String)],
    title: &str,
    as_of: Instant8,
) -> Document {
    let mut report = Document::new(title, format!("监测时点：{}", as_of.format("%Y-%m-%d %H:%M")));
    if !own.is_empty() {
        report.heading(1, "监测单位自身网络异常");
        for (_, told) in own {
            report.paragraph(told.clone());
        }
    }
    for judged in judged {
        let Some(look) = judged.looks.first() else { continue };
        let site = installed.files.registry.site(&look.facts.site.id);
        let part = document(SiteReport {
            facts: &look.facts,
            judgement: &judged.judgement,
            assessments: &judged.assessments,
            as_of,
            ipv6: judged.ipv6(),
            robots_overridden: site.is_some_and(|site| !site.obey_robots),
            survey: Some(&judged.survey),
        });
        report.blocks.push(Block::Heading(1, part.title));
        report.paragraph(part.subtitle);
        report.blocks.extend(part.blocks.into_iter().map(|block| match block {
            Block::Heading(level, text) => Block::Heading(level + 1, text),
            other => other,
        }));
    }
    crate::report::accounts::add(
        &mut report,
        &account_lines(installed, accounts),
        accounts.at,
        &accounts.remarks,
    );
    report
}

/// Writes the report of run `run` beside the databases and says where.
pub(super) fn write_report(
    installed: &Installed,
    db: &FactsDb,
    judged: &[JudgedSite],
    accounts: &JudgedAccounts,
    run: i64,
    as_of: Instant8,
) -> Result<(), Failure> {
    let path = installed.files.config.state_dir.join(format!("巡查报告_第{run}次.html"));
    let page = render::html(&report(
        installed,
        judged,
        accounts,
        &db.own_failures(run)?,
        &format!("第{run}次巡查监测情况"),
        as_of,
    ));
    std::fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))?;
    print(&format!("监测情况：{}\n", path.display()));
    Ok(())
}

/// What gathering evidence came to; every remark, because each is a table or a row that somebody must mend.
pub(super) fn tell_gathered(gathered: &Gathered) {
    if gathered.files == 0 && gathered.answers == 0 && gathered.remarks.is_empty() {
        return;
    }
    print(&format!("新媒体佐证：读取文件{}个，得到记录{}条。\n", gathered.files, gathered.answers));
    for remark in &gathered.remarks {
        print(&format!("提示：{remark}\n"));
    }
}

/// A line for all accounts: how they stand.
pub(super) fn accounts_summary(accounts: &JudgedAccounts) -> String {
    if accounts.accounts.is_empty() {
        return String::new();
    }
    let mut by_standing: BTreeMap<&str, usize> = BTreeMap::new();
    for account in &accounts.accounts {
        *by_standing.entry(standing(account)).or_default() += 1;
    }
    let each =
        by_standing.iter().map(|(word, count)| format!("{word}{count}")).collect::<Vec<_>>().join("，");
    format!("  政务新媒体：登记{}个，{each}\n", accounts.accounts.len())
}

/// The accounts as the report prints them.
pub(super) fn account_lines<'a>(installed: &Installed, accounts: &'a JudgedAccounts) -> Vec<AccountLine<'a>> {
    let registry = &installed.files.registry;
    let mut lines: Vec<AccountLine<'a>> = accounts
        .accounts
        .iter()
        .map(|account| AccountLine {
            seen: &account.seen,
            figures: account.figures,
            judgement: &account.judgement,
            assessments: &account.assessments,
            standing: standing(account),
        })
        .collect();
    lines.sort_by_key(|line| registry.protocol_order(&line.seen.unit));
    lines
}

/// A line a site: what was read, what was found, what was not seen.
pub(super) fn summary(judged: &[JudgedSite]) -> String {
    let mut out = String::new();
    for site in judged {
        let Some(look) = site.looks.first() else { continue };
        let confirmed = site
            .judgement
            .findings
            .iter()
            .filter(|finding| finding.state == crate::finding::State::Confirmed)
            .count();
        let _ = writeln!(
            out,
            "  {}：页面{}，确认问题{}，疑似{}，未能判定{}{}{}",
            look.facts.site.name,
            look.facts.pages_read,
            confirmed,
            site.judgement.findings.len() - confirmed,
            site.judgement.gaps.len(),
            match site.judgement.exempt.len() {
                0 => String::new(),
                n => format!("，报备不计入{n}"),
            },
            if look.facts.not_reached > 0 {
                format!("，另有约{}个页面未读取", look.facts.not_reached)
            } else {
                String::new()
            }
        );
    }
    out
}

/// The record of a run that starts now.
pub(super) fn new_record(installed: &Installed) -> RunRecord {
    RunRecord {
        id: 0,
        as_of: patrol::now(),
        ended: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_hash: installed.files.config.hash(),
        registry_hash: installed.files.registry.hash(),
        rules_hash: installed.rules.hash.clone(),
    }
}

/// The unfinished run to continue; `None` where there is none, or a new one is wanted.
fn which_run(args: &Args, installed: &Installed, db: &FactsDb) -> Result<Option<RunRecord>, Failure> {
    let Some(last) = db.last_run().context("facts.db")?.filter(|run| run.ended.is_none()) else {
        return Ok(None);
    };
    if args.new_run {
        return Ok(None);
    }
    if !args.resume {
        return Err(Failure::Usage(format!(
            "第{}次巡查尚未完成：继续请加 --resume，放弃并重新开始请加 --new-run",
            last.id
        )));
    }
    let now = new_record(installed);
    let changed: Vec<&str> = [
        ("程序版本", last.version != now.version),
        ("配置", last.config_hash != now.config_hash),
        ("登记表", last.registry_hash != now.registry_hash),
        ("规则", last.rules_hash != now.rules_hash),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect();
    if changed.is_empty() {
        return Ok(Some(last));
    }
    Err(Failure::Usage(format!(
        "第{}次巡查开始后{}已变更，不能继续；请用 --new-run 重新开始",
        last.id,
        changed.join("、")
    )))
}
