//! `xuncha recheck`: a further look at suspects and at what units say they have mended.

use std::path::PathBuf;
use std::process::ExitCode;

use super::installed::Installed;
use super::patrol::{accounts_summary, record_run, summary, tell_gathered, tell_own_failures, write_report};
use super::runtime;
use super::{Failure, print};
use crate::finding::{Finding, SubjectKind};
use crate::ledger::case::{Case, CaseState};
use crate::patrol::accounts::judged_accounts;
use crate::patrol::{self, Gear};
use crate::report::wording::{fetch_error, one_line};
use crate::store::facts::FactsDb;
use crate::store::ledger::{Ledger, Wanted};

/// Arguments of `xuncha recheck`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 配置文件
    #[arg(long, default_value = "xuncha.toml", value_name = "FILE")]
    config: PathBuf,
    /// 除疑似和已反馈问题外，把已交办整改中的问题也复查一遍
    #[arg(long)]
    all: bool,
}

impl Args {
    /// A recheck of what waits for it, with the configuration `config`.
    pub(super) fn of_config(config: &std::path::Path) -> Self {
        Self { config: config.to_owned(), all: false }
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
    let mut ledger = Ledger::open_existing(state)?;
    let Some(last) = db.last_run()? else {
        return Err(Failure::Usage("还没有巡查记录，请先运行 xuncha patrol".to_owned()));
    };
    if last.ended.is_none() {
        return Err(Failure::Usage(format!("第{}次巡查尚未完成，请先运行 xuncha patrol --resume", last.id)));
    }
    let judged = patrol::judged(installed.order(), &db, last.id, last.as_of)?;
    let mut cases = ledger.to_recheck()?;
    if args.all {
        let assigned: Vec<CaseState> = CaseState::ALL
            .into_iter()
            .filter(|state| {
                state.is_handed_over() || matches!(state, CaseState::Reopened | CaseState::Transferred)
            })
            .filter(|state| *state != CaseState::Answered)
            .collect();
        cases.extend(ledger.cases(&Wanted::states(&assigned))?);
    }
    let gear = Gear::new(&installed.files.config, &installed.files.registry, &db.patience()?)?;
    gear.keep_truce(state)?;
    let gathered = runtime::block_on(async {
        patrol::accounts::gather(installed.order(), &gear, &mut db, last.id, false).await
    })?;
    tell_gathered(&gathered);
    let accounts = judged_accounts(installed.order(), &db, last.id, &judged)?;
    let awaiting = patrol::awaiting(&judged, &cases);
    if awaiting.is_empty() {
        // Pages that were not read in passing are no problems, and are read all the same.
        let (db, caught_up) =
            runtime::block_on(async { patrol::catch_up(installed.order(), &gear, db, last.id).await })?;
        if caught_up {
            let judged = patrol::judged(installed.order(), &db, last.id, last.as_of)?;
            record_run(&installed, &db, &mut ledger, last.id, patrol::now(), &judged, &accounts)?;
        } else if !cases.is_empty() || !accounts.accounts.is_empty() {
            // A look that was killed before it was written down may have seen that all is in order.
            record_run(&installed, &db, &mut ledger, last.id, patrol::now(), &judged, &accounts)?;
        }
        print(&accounts_summary(&accounts));
        print("没有需要复查的问题。\n");
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = awaiting.len();
    let given = given_links(&cases);
    let awaiting: Vec<&Finding> = awaiting.into_iter().chain(given.iter().map(|(_, link)| link)).collect();
    let (db, look) = runtime::block_on(async {
        // What units have published since the patrol is no date in the future.
        let today = patrol::now().max(last.as_of);
        patrol::look_again(installed.order(), &gear, db, last.id, today, &awaiting).await
    })?;
    let judged = patrol::judged(installed.order(), &db, last.id, last.as_of)?;
    let outcome = record_run(&installed, &db, &mut ledger, last.id, patrol::now(), &judged, &accounts)?;
    print(&format!("第{}次巡查的第{}次核查完成，复查{wanted}项。\n", last.id, look.unwrap_or(1)));
    print(&summary(&judged));
    for (number, link) in &given {
        let seen = db.visit(last.id, look.unwrap_or(1), &link.url)?;
        let opens = match seen.map(|row| row.exchange.outcome) {
            Some(Ok(reply)) if (200..300).contains(&reply.status) => "可以打开".to_owned(),
            Some(Ok(reply)) => format!("返回{}", reply.status),
            Some(Err(error)) => fetch_error(&error),
            None => "本次未能核查".to_owned(),
        };
        print(&format!("{number} 的整改后链接{opens}：{}\n", one_line(&link.url)));
    }
    print(&accounts_summary(&accounts));
    tell_own_failures(&db, last.id)?;
    write_report(&installed, &db, &judged, &accounts, last.id, last.as_of)?;
    print(&format!(
        "台账：已确认待交办{}，销号{}，未再出现{}，复查未通过{}，未能核查{}。\n",
        outcome.confirmed, outcome.closed, outcome.dropped, outcome.failed_rechecks, outcome.unseen
    ));
    Ok(ExitCode::SUCCESS)
}

/// 整改后链接 of what units say they have mended, as things to look at: they close nothing, and tell a person where to look.
fn given_links(cases: &[Case]) -> Vec<(String, Finding)> {
    let mut given = Vec::new();
    for case in cases.iter().filter(|case| case.state == CaseState::Answered) {
        let Some(link) = case.progress.link.as_ref().and_then(|link| url::Url::parse(link).ok()) else {
            continue;
        };
        let mut look = case.finding.clone();
        look.subject.kind = SubjectKind::Link;
        "given-link".clone_into(&mut look.rule);
        look.page = None;
        look.url = link.to_string();
        if look.url != case.finding.url {
            given.push((case.number.clone(), look));
        }
    }
    given
}
