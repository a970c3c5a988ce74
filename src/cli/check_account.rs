//! `xuncha check-account`: what the evidence says of single accounts, without a patrol; and the forms for people.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;

use super::desk::{now, say, table, write_new};
use super::installed::Installed;
use super::patrol::account_lines;
use super::runtime::{self, RunLock};
use super::{Failure, print_err};
use crate::calendar::Instant8;
use crate::evidence::{self, Whose, checklist};
use crate::facts::account::AccountFacts;
use crate::facts::account_seen::is_of_posts;
use crate::finding::{Finding, State};
use crate::patrol::Gear;
use crate::patrol::accounts::{JudgedAccounts, ask_now, judged_account, needs_network};
use crate::registry::{Account, SourceSpec};
use crate::report::accounts::AccountLine;
use crate::report::render::sheets::Sheet;
use crate::report::wording::gap_reason;
use crate::report::{self, Document, render};
use crate::store::facts::FactsDb;

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
    /// 写出最新信息报送表（XLSX），由各单位联络员填报送链接，收回后放入佐证文件夹
    #[arg(long, value_name = "FILE.xlsx")]
    link_form: Option<PathBuf>,
    /// 只看佐证文件，不查询报送链接、平台接口和订阅源
    #[arg(long)]
    offline: bool,
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
    if args.checklist.is_some() || args.link_form.is_some() {
        return forms(args, &installed, at, wanted);
    }
    let known = Whose::of(&registry.accounts);
    let mut evidence: BTreeMap<usize, Vec<AccountFacts>> =
        (0..registry.accounts.len()).map(|index| (index, Vec::new())).collect();
    evidence.retain(|index, _| registry.accounts.get(*index).is_some_and(wanted));
    let (mut remarks, mut links) = (Vec::new(), Vec::new());
    let mut files = evidence::files(&installed.files.config.evidence_dir)?;
    files.extend(args.evidence.iter().cloned());
    for path in files {
        let told = evidence::read(&path, &registry.accounts, &known);
        for (index, facts) in told.facts {
            if let Some(of_account) = evidence.get_mut(&index) {
                of_account.push(facts);
            }
        }
        links.extend(told.links);
        remarks.extend(told.faults.iter().map(ToString::to_string));
    }
    if !args.offline {
        ask(&installed, &mut evidence, &links)?;
    }
    let mut judged = JudgedAccounts { at: Some(at), remarks, ..JudgedAccounts::default() };
    for (index, facts) in evidence {
        judged.accounts.extend(judged_account(installed.order(), index, facts, at));
    }
    let mut document = Document::new("政务新媒体核查", format!("核查时间：{}", at.format("%Y-%m-%d %H:%M")));
    let shown = account_lines(&installed, &judged);
    if args.account.is_some() {
        for line in &shown {
            report::accounts::detail(&mut document, line);
        }
        super::print(&render::text::text(&document));
    } else {
        report::accounts::add(&mut document, &shown, judged.at, &judged.remarks);
        say(&overview(&shown, at.date_naive()));
    }
    for remark in &judged.remarks {
        print_err(&format!("提示：{remark}\n"));
    }
    if let Some(out) = &args.html {
        write_new(out, render::html(&document).as_bytes(), args.force)?;
        say(&format!("已写入 {}", out.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// A line an account, then what was found, then how many stand how: for a terminal.
fn overview(accounts: &[AccountLine<'_>], day: NaiveDate) -> String {
    let headings =
        [("账号", 30), ("主办单位", 26), ("结论", 10), ("最近发布", 10), ("佐证截至", 10), ("尚缺", 60)];
    let mut rows = Vec::new();
    let mut found = Vec::new();
    let mut standings: Vec<(&str, usize)> = Vec::new();
    for line in accounts {
        let written = |day: Option<NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
        let lacks = line.judgement.gaps.iter().find(|gap| is_of_posts(gap));
        rows.push(vec![
            line.seen.name.clone(),
            line.seen.unit.clone(),
            line.standing.to_owned(),
            written(line.seen.last_post(day).map(|(post, _)| post.day)),
            written(line.seen.known_until(day)),
            lacks.map_or_else(String::new, |gap| gap_reason(&gap.why).to_owned()),
        ]);
        for finding in &line.judgement.findings {
            let state = if finding.state == State::Confirmed { "" } else { "（疑似、建议）" };
            let Finding { title, description, .. } = finding;
            let told = if description.starts_with(title.as_str()) {
                format!("{state}{description}")
            } else {
                format!("{title}{state}——{description}")
            };
            found.push(format!("  {}：{told}", line.seen.name));
        }
        match standings.iter_mut().find(|(word, _)| *word == line.standing) {
            Some((_, count)) => *count += 1,
            None => standings.push((line.standing, 1)),
        }
    }
    let mut lines = vec![table(&headings, &rows)];
    if !found.is_empty() {
        lines.push(format!("\n问题和线索{}条", found.len()));
        lines.extend(found);
    }
    let standings: Vec<String> = standings.iter().map(|(word, count)| format!("{word}{count}")).collect();
    lines.push(format!(
        "\n账号{}个：{}。看一个账号的佐证：xuncha check-account 账号名称；分平台、分单位的表：加 --html 核查.html",
        accounts.len(),
        standings.join("，")
    ));
    lines.join("\n")
}

/// Writes the forms that are asked for.
fn forms(
    args: &Args,
    installed: &Installed,
    at: Instant8,
    wanted: impl Fn(&Account) -> bool + Copy,
) -> Result<ExitCode, Failure> {
    let registry = &installed.files.registry;
    let write = |out: &Path, title: &str, sheet: Sheet<'_>, what: &str| {
        let count = sheet.rows.len();
        let bytes = render::sheets::sheets(title, at.date_naive(), &[sheet]).map_err(anyhow::Error::from)?;
        write_new(out, &bytes, args.force)?;
        let dir = installed.files.config.evidence_dir.display();
        say(&format!("已写入 {}：{count} 个账号。{what}放入 {dir}", out.display()));
        Ok::<_, Failure>(())
    };
    if let Some(out) = &args.checklist {
        let title = "政务新媒体人工核查表";
        let rows = checklist::rows(registry, wanted);
        let (head, headings) = (checklist::HOW, &checklist::HEADINGS);
        write(out, title, Sheet { name: "人工核查", title, head, headings, rows }, "填好后")?;
    }
    if let Some(out) = &args.link_form {
        let title = "政务新媒体最新信息报送表";
        let rows = checklist::link_rows(registry, wanted);
        let (head, headings) = (checklist::LINK_HOW, &checklist::LINK_HEADINGS);
        write(out, title, Sheet { name: "最新信息", title, head, headings, rows }, "各单位填报后收回")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks the sources on the network, through the gates of a patrol and never beside one.
fn ask(
    installed: &Installed,
    evidence: &mut BTreeMap<usize, Vec<AccountFacts>>,
    links: &[(usize, SourceSpec)],
) -> Result<(), Failure> {
    let order = installed.order();
    let asked = evidence.iter().filter(|(index, known)| needs_network(order, **index, known, links));
    let count = asked.count();
    if count == 0 {
        return Ok(());
    }
    let state = &order.config.state_dir;
    let _lock = match RunLock::take(state) {
        Ok(lock) => lock,
        Err(Failure::Busy(why)) => {
            print_err(&format!("提示：{why}；本次只看佐证文件。\n"));
            return Ok(());
        }
        Err(other) => return Err(other),
    };
    print_err(&format!("正在查询{count}个账号的报送链接、平台接口、订阅源和菜单链接……\n"));
    let gear = Gear::new(order.config, order.registry, &FactsDb::open(state)?.patience()?)?;
    gear.keep_truce(state)?;
    runtime::block_on(async { Ok(ask_now(order, &gear, evidence, links).await) })?;
    Ok(())
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
