//! `xuncha check-account`: what the evidence says of single accounts, without a patrol; and the checklist for people.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use super::Failure;
use super::desk::{now, say, write_new};
use super::installed::Installed;
use super::patrol::account_lines;
use crate::evidence::{self, Whose, checklist};
use crate::facts::account::AccountFacts;
use crate::patrol::accounts::{JudgedAccounts, judged_account};
use crate::registry::Account;
use crate::report::{self, Document, render};

/// Arguments of `xuncha check-account`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 账号名称、账号ID，或 平台:账号名称；不写则为全部账号
    account: Option<String>,
    /// 配置文件
    #[arg(long, value_name = "FILE", default_value = "xuncha.toml")]
    config: PathBuf,
    /// 除佐证文件夹外再读这些文件；可重复
    #[arg(long, value_name = "FILE")]
    evidence: Vec<PathBuf>,
    /// 只看该单位的账号
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// 写出人工核查表（XLSX），填好后放入佐证文件夹
    #[arg(long, value_name = "FILE.xlsx")]
    checklist: Option<PathBuf>,
    /// 写出网页报告
    #[arg(long, value_name = "OUT.html")]
    html: Option<PathBuf>,
    /// 覆盖已有文件
    #[arg(long)]
    force: bool,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let installed = Installed::open(&args.config)?;
    let registry = &installed.files.registry;
    let wanted = |account: &Account| is_wanted(args, account);
    if !registry.accounts.iter().any(wanted) {
        return Err(Failure::Usage("新媒体登记表（accounts）中没有这样的账号".to_owned()));
    }
    let at = now();
    if let Some(out) = &args.checklist {
        let rows = checklist::rows(registry, wanted);
        let count = rows.len();
        let title = "政务新媒体人工核查表";
        let sheet = render::sheets::Sheet {
            name: "人工核查",
            title,
            head: checklist::HOW,
            headings: &checklist::HEADINGS,
            rows,
        };
        let bytes = render::sheets::sheets(title, at.date_naive(), &[sheet]).map_err(anyhow::Error::from)?;
        write_new(out, &bytes, args.force)?;
        say(&format!(
            "已写入 {}：{count} 个账号。填好后放入 {}",
            out.display(),
            installed.files.config.evidence_dir.display()
        ));
        return Ok(ExitCode::SUCCESS);
    }
    let known = Whose::of(&registry.accounts);
    let mut evidence: BTreeMap<usize, Vec<AccountFacts>> = BTreeMap::new();
    let mut remarks = Vec::new();
    let mut files = evidence::files(&installed.files.config.evidence_dir)?;
    files.extend(args.evidence.iter().cloned());
    for path in files {
        let told = evidence::read(&path, &registry.accounts, &known);
        for (index, facts) in told.facts {
            if registry.accounts.get(index).is_some_and(wanted) {
                evidence.entry(index).or_default().push(facts);
            }
        }
        remarks.extend(told.faults.iter().map(ToString::to_string));
    }
    let mut judged = JudgedAccounts { at: Some(at), remarks, ..JudgedAccounts::default() };
    for (index, account) in registry.accounts.iter().enumerate() {
        if wanted(account) {
            let facts = evidence.remove(&index).unwrap_or_default();
            judged.accounts.extend(judged_account(installed.order(), index, facts, at));
        }
    }
    let mut document = Document::new("政务新媒体核查", format!("核查时间：{}", at.format("%Y-%m-%d %H:%M")));
    report::accounts::add(&mut document, &account_lines(&installed, &judged), judged.at, &judged.remarks);
    if args.account.is_some() {
        for account in &judged.accounts {
            report::accounts::detail(&mut document, &account.seen, &account.assessments);
        }
    }
    super::print(&render::text::text(&document));
    if let Some(out) = &args.html {
        write_new(out, render::html(&document).as_bytes(), args.force)?;
        say(&format!("已写入 {}", out.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn is_wanted(args: &Args, account: &Account) -> bool {
    let of_unit = args.unit.as_ref().is_none_or(|unit| {
        account.host_unit.as_ref() == Some(unit) || account.responsible.as_ref() == Some(unit)
    });
    let named = args.account.as_ref().is_none_or(|text| {
        let text = text.replace('：', ":");
        account.name == text
            || account.platform_id == text
            || account.key() == text
            || account.printed() == text
            || text == format!("{}:{}", account.platform_label(), account.name)
    });
    of_unit && named
}
