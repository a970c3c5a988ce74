//! `xuncha judge`: stored facts under the rules of today, without the network.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::installed::Installed;
use super::patrol::{accounts_summary, record_run, summary};
use super::{Failure, print};
use crate::patrol;
use crate::patrol::accounts::judged_accounts;
use crate::store::facts::FactsDb;
use crate::store::ledger::Ledger;

/// Arguments of `xuncha judge`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 配置文件
    #[arg(long, default_value = "xuncha.toml", value_name = "FILE")]
    config: PathBuf,
    /// 第几次巡查；默认最近一次
    #[arg(long, value_name = "N")]
    run: Option<i64>,
    /// 写出全部结论的 JSON（“-”为标准输出）
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// 与另外的规则包比较：谁会新增问题、谁不再有问题（不记入台账）
    #[arg(long, value_name = "PACK", num_args = 1.., value_delimiter = ',', conflicts_with_all = ["record", "json"])]
    rules: Vec<String>,
    /// 把结论记入台账；默认只显示
    #[arg(long)]
    record: bool,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let (installed, _lock) = Installed::open_to_write(&args.config)?;
    let state = &installed.files.config.state_dir;
    let db = FactsDb::open(state)?;
    let record = match args.run {
        Some(id) => db.run(id)?,
        None => db.last_run()?,
    };
    let record = record.ok_or_else(|| Failure::Usage("没有这次巡查的记录".to_owned()))?;
    if !args.rules.is_empty() {
        print(&format!("第{}次巡查，监测时点{}。\n", record.id, record.as_of.format("%Y-%m-%d")));
        print(&super::rejudge::told(&installed, &db, record.id, record.as_of, &args.rules)?);
        return Ok(ExitCode::SUCCESS);
    }
    let judged = patrol::judged(installed.order(), &db, record.id, record.as_of)?;
    let accounts = judged_accounts(installed.order(), &db, record.id, &judged)?;
    if let Some(path) = &args.json {
        let mut all: Vec<_> = judged
            .iter()
            .map(|site| {
                json!({
                    "judgement": site.judgement,
                    "assessments": site.assessments,
                    "ipv6": site.ipv6(),
                })
            })
            .collect();
        all.extend(accounts.accounts.iter().map(|account| {
            json!({
                "account": account.seen.key,
                "judgement": account.judgement,
                "assessments": account.assessments,
                "figures": account.figures,
            })
        }));
        let text = serde_json::to_string_pretty(&all).context("JSON")?;
        if path.as_os_str() == "-" {
            print(&format!("{text}\n"));
            return Ok(ExitCode::SUCCESS);
        }
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    print(&format!(
        "第{}次巡查，监测时点{}，规则{}。\n",
        record.id,
        record.as_of.format("%Y-%m-%d"),
        installed.files.config.rules.packs.join("、")
    ));
    if record.rules_hash != installed.rules.hash {
        print("规则与该次巡查时不同：以下为按现行规则对已存事实的重新判定。\n");
    }
    for (_, told) in super::patrol::own_failures(&installed, &db, record.id)? {
        print(&format!("注意：{told}\n"));
    }
    print(&summary(&judged));
    print(&accounts_summary(&accounts));
    for site in &judged {
        let Some(look) = site.looks.first() else { continue };
        print(&format!("{}：\n", look.facts.site.name));
        for assessment in &site.assessments {
            print(&format!("  {}\n", assessment.sentence));
        }
        for (finding, reason) in &site.judgement.exempt {
            print(&format!("  报备不计入：{}，{}（{reason}）\n", finding.title, finding.url));
        }
    }
    for account in &accounts.accounts {
        print(&format!("{}：\n", account.seen.name));
        for assessment in &account.assessments {
            print(&format!("  {}\n", assessment.sentence));
        }
    }
    if args.record {
        let mut ledger = Ledger::open(state)?;
        record_run(&installed, &db, &mut ledger, record.id, record.as_of, &judged, &accounts)?;
        print("已记入台账。\n");
    }
    Ok(ExitCode::SUCCESS)
}
