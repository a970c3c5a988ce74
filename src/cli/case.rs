//! `xuncha case`: one problem's papers, and what a person enters about it.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Subcommand;

use super::Failure;
use super::desk::{Desk, Place, now, say, table, write_new};
use super::{evidence, reply};
use crate::calendar::{Instant8, long_date};
use crate::ledger::case::Case;
use crate::ledger::event::{Claim, What};
use crate::report::candidates::{look_in_words, requirement};
use crate::report::register::standing_in_words;
use crate::report::review;
use crate::report::wording::{one_line, printable};

/// Arguments of `xuncha case`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// 查看问题
    Show(Which),
    /// 查看办理经过
    History(Which),
    /// 写出佐证：每次核查的请求、应答和页面快照
    Evidence {
        #[command(flatten)]
        which: Which,
        /// 写到哪个目录
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// 导入单位返回的清单：登记反馈，并立即复查反馈为已整改的问题
    Import(reply::ImportArgs),
    /// 列出待处理的申请（复核、延期、转办）
    Pending {
        #[command(flatten)]
        place: Place,
    },
    /// 处理一项申请
    Decide(reply::DecideArgs),
    /// 校验全部办理记录未被改动
    Verify {
        #[command(flatten)]
        place: Place,
        /// 以前记下的校验值：确认其后没有记录被截去
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
    /// 导出全部办理记录（每行一条 JSON）
    Log {
        #[command(flatten)]
        place: Place,
        /// 写入的文件
        #[arg(long, value_name = "FILE.jsonl")]
        out: PathBuf,
        /// 覆盖已有文件
        #[arg(long)]
        force: bool,
    },
    /// 登记单位反馈（已整改，待复查）
    Answer {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        author: Author,
        /// 反馈内容
        #[arg(long)]
        text: String,
    },
    /// 登记单位的复核申请
    Dispute {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        author: Author,
        /// 单位所述理由
        #[arg(long, visible_alias = "why")]
        text: String,
    },
    /// 申请不成立：维持原判，继续整改
    Dismiss(Reasoned),
    /// 同意延期
    Extend {
        #[command(flatten)]
        reasoned: Reasoned,
        /// 延期至
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: NaiveDate,
    },
    /// 报备不计入
    Exempt {
        #[command(flatten)]
        reasoned: Reasoned,
        /// 报备有效期的最后一天
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: NaiveDate,
    },
    /// 转办其他单位
    Transfer {
        #[command(flatten)]
        reasoned: Reasoned,
        /// 转办单位
        #[arg(long, value_name = "NAME")]
        unit: String,
    },
    /// 撤销（误报，或复核申请属实）
    Revoke(Reasoned),
    /// 重新打开已办结的问题
    Reopen(Reasoned),
}

#[derive(Debug, clap::Args)]
struct Which {
    /// 问题编号，如 202611-0032
    #[arg(value_parser = parse_number)]
    number: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
struct Author {
    /// 经办人
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 佐证材料的文件名或文号
    #[arg(long, value_name = "NAME")]
    evidence: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Reasoned {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    author: Author,
    /// 理由
    #[arg(long)]
    why: String,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.act {
        Act::Show(which) => show(which)?,
        Act::History(which) => history(which)?,
        Act::Evidence { which, out } => {
            let desk = Desk::open(&which.place)?;
            let files = evidence::write(&desk.ledger.case(&which.number)?, &desk.dir, out)?;
            say(&format!("{} 的佐证共 {} 个文件，已写入 {}", which.number, files.len(), out.display()));
        }
        Act::Import(args) => reply::import(args)?,
        Act::Pending { place } => reply::pending(place)?,
        Act::Decide(args) => reply::decide(args)?,
        Act::Verify { place, head } => verify(place, head.as_deref())?,
        Act::Log { place, out, force } => log(place, out, *force)?,
        Act::Answer { which, author, text } => {
            enter(which, author, What::Answered { text: text.clone(), link: None, done: None })?;
        }
        Act::Dispute { which, author, text } => {
            enter(which, author, What::Disputed { reason: text.clone(), claim: Claim::Untrue })?;
        }
        Act::Dismiss(reasoned) => enter_reasoned(reasoned, |reason| What::Maintained { reason })?,
        Act::Extend { reasoned, until } => {
            let desk = Desk::open(&reasoned.which.place)?;
            reply::check_extension(&desk, &desk.ledger.case(&reasoned.which.number)?, *until)?;
            drop(desk);
            enter_reasoned(reasoned, |reason| What::Extended { due: *until, reason })?;
        }
        Act::Exempt { reasoned, until } => {
            enter_reasoned(reasoned, |reason| What::Exempted { until: *until, reason })?;
        }
        Act::Transfer { reasoned, unit } => {
            enter_reasoned(reasoned, |reason| What::Transferred { unit: unit.clone(), reason })?;
        }
        Act::Revoke(reasoned) => enter_reasoned(reasoned, |reason| What::Revoked { reason })?,
        Act::Reopen(reasoned) => enter_reasoned(reasoned, |reason| What::Reopened { reason })?,
    }
    Ok(ExitCode::SUCCESS)
}

fn enter_reasoned(reasoned: &Reasoned, what: impl FnOnce(String) -> What) -> Result<(), Failure> {
    enter(&reasoned.which, &reasoned.author, what(reasoned.why.clone()))
}

fn enter(which: &Which, author: &Author, what: What) -> Result<(), Failure> {
    let mut desk = Desk::open(&which.place)?;
    if let What::Transferred { unit, .. } = &what
        && !desk.units.is_empty()
        && !desk.units.contains(unit)
    {
        return Err(Failure::Usage(format!("登记表中没有单位“{unit}”")));
    }
    let before = desk.ledger.case(&which.number)?.state;
    let label = what.label();
    let case = desk.ledger.enter(&which.number, what, &author.by, now(), author.evidence.clone())?;
    say(&format!("{} 已登记“{label}”：{} → {}", case.number, before.label(), case.state.label()));
    Ok(())
}

fn verify(place: &Place, head: Option<&str>) -> Result<(), Failure> {
    let ledger = Desk::open(place)?.ledger;
    let found = ledger.verify(head)?;
    if let Some(link) = found.broken {
        let at = link.at.map(|at| format!("，{}", printed(at))).unwrap_or_default();
        let number = if link.number.is_empty() { "无编号" } else { &link.number };
        let why = format!(
            "第 {} 条记录（{number}，{}{at}）起不可信：{}。此前 {} 条记录完好。请勿继续写入，并与 backup/ 中的备份核对",
            link.event, link.label, link.why, found.events
        );
        return Err(Failure::Internal(anyhow::anyhow!(why)));
    }
    let wrong = ledger.audit()?;
    if !wrong.is_empty() {
        let why = format!("记录完好，但以下问题的状态与办理经过不符：{}", wrong.join("、"));
        return Err(Failure::Internal(anyhow::anyhow!(why)));
    }
    say(&format!("{} 条办理记录完好，各问题的状态与办理经过一致", found.events));
    say(&format!("校验值：{}", found.head));
    say("可将校验值抄录在案；以后用 --head 核对，能够发现末尾的记录被截去。");
    Ok(())
}

fn log(place: &Place, out: &std::path::Path, force: bool) -> Result<(), Failure> {
    let ledger = Desk::open(place)?.ledger;
    let mut text = String::new();
    let mut count = 0;
    ledger.log(&mut |logged| {
        let content = |error: serde_json::Error| crate::store::StoreError::Content {
            place: logged.event.number.clone(),
            detail: error.to_string(),
        };
        text.push_str(&serde_json::to_string(&logged).map_err(content)?);
        text.push('\n');
        count += 1;
        Ok(())
    })?;
    write_new(out, text.as_bytes(), force)?;
    say(&format!("已写入 {}：{count} 条办理记录", out.display()));
    Ok(())
}

fn show(which: &Which) -> Result<(), Failure> {
    let desk = Desk::open(&which.place)?;
    let case = desk.ledger.case(&which.number)?;
    for (name, value) in lines(&case) {
        if !value.is_empty() {
            say(&format!("{name}：{value}"));
        }
    }
    Ok(())
}

fn lines(case: &Case) -> Vec<(&'static str, String)> {
    let finding = &case.finding;
    let progress = &case.progress;
    let evidence = &finding.evidence;
    let date = |date: Option<NaiveDate>| date.map(long_date).unwrap_or_default();
    let mut lines = vec![
        ("问题编号", case.number.clone()),
        ("状　　态", standing_in_words(case, now().date_naive())),
        ("责任单位", one_line(&case.unit)),
        ("网站名称", one_line(&finding.subject.site_name)),
        ("栏目位置", one_line(&finding.subject.place)),
        ("问题类型", finding.title.clone()),
        ("问题描述", one_line(&finding.description)),
        ("问题链接", one_line(&finding.url)),
        ("所在页面", one_line(finding.page.as_deref().unwrap_or_default())),
        ("对应指标", finding.indicator.clone()),
        ("处置要求", requirement(finding).to_owned()),
        ("整改建议", finding.remedy.clone()),
        ("首次发现", printed(case.first_seen)),
        ("最近发现", printed(case.last_seen)),
        ("最近正常", progress.last_pass.map(printed).unwrap_or_default()),
        ("未能检测", progress.last_gap.map(printed).unwrap_or_default()),
        ("已获批准", progress.approved.as_ref().map(|b| format!("批次 {b}，尚未交办")).unwrap_or_default()),
        ("批　　次", case.batch.clone().unwrap_or_default()),
        ("交办时间", date(case.assigned_on)),
        ("整改时限", date(case.due)),
        ("延 期 至", date(progress.extended_to)),
        ("单位反馈", one_line(progress.answer.as_deref().unwrap_or_default())),
        ("整改链接", one_line(progress.link.as_deref().unwrap_or_default())),
        ("待 处 理", progress.pending.as_ref().map(|p| p.claim.in_words()).unwrap_or_default()),
        ("办理意见", one_line(progress.reason.as_deref().unwrap_or_default())),
        ("报备至　", date(progress.exempt_until)),
        ("销号时间", progress.closed_at.map(printed).unwrap_or_default()),
    ];
    let reminded = u32::try_from(progress.reminders.len()).unwrap_or(u32::MAX);
    for (name, count) in
        [("重复出现", progress.relapses), ("复查未过", progress.failed_rechecks), ("提醒督办", reminded)]
    {
        if count > 0 {
            lines.push((name, format!("{count} 次")));
        }
    }
    for look in &evidence.looks {
        let place = look.addr.as_ref().map(|addr| format!("（{addr}）")).unwrap_or_default();
        lines.push(("核查记录", format!("{}{place} {}", look_in_words(look), one_line(&look.url))));
    }
    lines.push(("证据摘录", printable(&evidence.excerpt)));
    lines.push(("最后更新", evidence.last_update.clone().unwrap_or_default()));
    if let Some(doubt) = progress.suspicion.as_deref() {
        lines.push(("再次疑似", one_line(&doubt.description)));
    }
    lines
}

fn history(which: &Which) -> Result<(), Failure> {
    let desk = Desk::open(&which.place)?;
    let rows: Vec<Vec<String>> = desk
        .ledger
        .history(&which.number)?
        .into_iter()
        .map(|event| {
            let evidence = event.evidence.unwrap_or_default();
            vec![
                printed(event.at),
                event.what.label().to_owned(),
                event.by,
                event.what.detail(),
                evidence.chars().take(12).collect(),
            ]
        })
        .collect();
    say(&table(&[("时间", 16), ("事项", 14), ("经办", 20), ("内容", 72), ("佐证", 24)], &rows));
    Ok(())
}

fn printed(at: Instant8) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

fn parse_number(text: &str) -> Result<String, String> {
    review::number(text).ok_or_else(|| "问题编号应如 202611-0032".to_owned())
}
