//! `xuncha notify --due`: the reminders of a day, looked at, approved as one batch, and sent.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::NaiveDate;

use super::Failure;
use super::desk::{now, say, table, write_new};
use super::installed::Installed;
use super::{notify, robots};
use crate::ledger::case::Case;
use crate::ledger::ladder::{Action, Talk, due_actions, reminders_by_month, talks};
use crate::mail::compose::Templates;
use crate::mail::letters::Letter;
use crate::mail::notices::{batch_of, notices, texts};
use crate::mail::preview;
use crate::registry::Delivery;
use crate::report::render::sheets::{Sheet, sheets};
use crate::report::wording::one_line;
use crate::store::ledger::{Ledger, Wanted};

/// A person's approval of what was due on a day.
pub(super) struct Approved<'a> {
    /// The batch as `--due` named it.
    pub(super) batch: &'a str,
    /// Who approves.
    pub(super) by: &'a str,
    /// The day.
    pub(super) on: NaiveDate,
    /// Whether the texts go to the groups' robots as well.
    pub(super) group: bool,
}

/// What is due on a day.
struct Plan {
    cases: Vec<Case>,
    actions: Vec<Action>,
    talks: Vec<Talk>,
    letters: Vec<Letter>,
    batch: String,
}

/// Tells what is due on `on`, and writes the letters into `out` where one is given. Sends nothing.
///
/// # Errors
/// As [`Failure`] tells; a year that the calendar lacks among them.
pub(super) fn look(
    installed: &Installed,
    templates: &Templates,
    ledger: &Ledger,
    on: NaiveDate,
    out: Option<&Path>,
) -> Result<ExitCode, Failure> {
    let plan = plan(installed, ledger, on)?;
    let config = &installed.files.config;
    if plan.actions.is_empty() {
        say(&format!("{on} 没有应发的提示、催办和督办。"));
    } else {
        say(&actions_table(&plan));
        for text in texts(&plan.letters, &config.office.signature) {
            say(&format!("\n{text}"));
        }
        say(&format!("\n批次 {}：{} 封信函（未发送）", plan.batch, plan.letters.len()));
        say(&notify::letters_table(&plan.letters));
    }
    if !plan.talks.is_empty() {
        say("\n约谈建议名单（只供内部，程序不发送）：");
        let rows: Vec<Vec<String>> = plan.talks.iter().map(talk_row).collect();
        say(&table(&[("单位", 36), ("理由", 80)], &rows));
    }
    if let Some(dir) = out {
        if !plan.letters.is_empty() {
            preview::write(dir, &plan.letters, templates, config, now())?;
            say(&format!("信函已写入 {}", dir.display()));
        }
        if !plan.talks.is_empty() {
            std::fs::create_dir_all(dir).map_err(|e| Failure::Busy(format!("{}：{e}", dir.display())))?;
            let path = dir.join("约谈建议名单.xlsx");
            write_new(&path, &talks_workbook(&plan, on)?, true)?;
            say(&format!("已写入 {}", path.display()));
        }
    }
    if !plan.actions.is_empty() {
        say(&format!("核对后发出：xuncha notify --due --approve {} --by 姓名", plan.batch));
    }
    Ok(ExitCode::SUCCESS)
}

/// Queues and sends what `approved` names, where it still is what is due.
///
/// # Errors
/// As [`Failure`] tells; [`Failure::Usage`] where something has changed since it was looked at.
pub(super) fn send(
    installed: &Installed,
    templates: &Templates,
    ledger: &mut Ledger,
    approved: &Approved<'_>,
) -> Result<ExitCode, Failure> {
    let plan = plan(installed, ledger, approved.on)?;
    if plan.actions.is_empty() || plan.batch != approved.batch {
        return Err(Failure::Usage(format!(
            "批次 {} 与现在应发的内容不符（日期或台账已有变化，或者已经发出）；请重新执行 xuncha notify --due 核对",
            approved.batch
        )));
    }
    let config = &installed.files.config;
    let mut new = 0;
    for letter in &plan.letters {
        let without_mail = config.mail.is_none() && letter.delivery == Delivery::Mail;
        let letter = if without_mail {
            &Letter { delivery: Delivery::Exchange, to: None, ..letter.clone() }
        } else {
            letter
        };
        new += notify::queue(ledger, letter, templates, config)?;
    }
    say(&format!("批次 {}：新列入发件箱 {new} 份", plan.batch));
    if approved.group {
        robots::queue(config, ledger, &plan.batch, &texts(&plan.letters, &config.office.signature))?;
    }
    let stopped = notify::deliver_due(config, ledger, approved.by)?;
    robots::post_waiting(config, ledger)?;
    let copies = ledger.outbox().copies().context("发件箱")?;
    let waiting = copies.iter().filter(|copy| {
        copy.batch.starts_with(&plan.batch) && copy.kind != "group" && copy.state.needs_a_person()
    });
    let waiting = waiting.count();
    if waiting > 0 {
        say(&format!(
            "待线下送达（含须签批的督办单）和须人工处理的 {waiting} 份：送达后用 xuncha notify --mark-sent 单位 --batch {} --via 方式 --date 日期 --by 姓名 登记",
            plan.batch
        ));
    }
    match stopped {
        Some(why) => Err(Failure::Busy(format!(
            "发送中止：{why}\n其余邮件保留在发件箱，稍后执行 xuncha notify --resume --by 姓名 继续"
        ))),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn plan(installed: &Installed, ledger: &Ledger, on: NaiveDate) -> Result<Plan, Failure> {
    let files = &installed.files;
    let cases = ledger.cases(&Wanted::default())?;
    let under_way = ledger.outbox().under_way().context("发件箱")?;
    let ladder = files.config.ladder;
    let missing = |missing: crate::ledger::deadline::MissingYear| Failure::Usage(missing.to_string());
    let actions = due_actions(&cases, &under_way, on, ladder, &files.holidays).map_err(missing)?;
    let talks = talks(&cases, on, ladder, &files.holidays).map_err(missing)?;
    let letters = if actions.is_empty() {
        Vec::new()
    } else {
        notices(&actions, &cases, &files.registry, &files.config, on)?
    };
    let batch = batch_of(&actions, on);
    Ok(Plan { cases, actions, talks, letters, batch })
}

fn actions_table(plan: &Plan) -> String {
    let months = reminders_by_month(&plan.cases);
    let rows: Vec<Vec<String>> = plan
        .actions
        .iter()
        .map(|action| {
            let of_unit: usize =
                months.iter().filter(|((unit, _), _)| *unit == action.unit).map(|(_, n)| *n).sum();
            vec![
                action.unit.clone(),
                action.step.label().to_owned(),
                action.number.clone(),
                action.due.to_string(),
                action.late.to_string(),
                action.reminded.to_string(),
                of_unit.to_string(),
            ]
        })
        .collect();
    let headings = [
        ("单位", 36),
        ("事项", 10),
        ("问题编号", 14),
        ("整改时限", 10),
        ("逾期工作日", 10),
        ("本项已提醒", 10),
        ("该单位累计提醒", 14),
    ];
    table(&headings, &rows)
}

fn talk_row(talk: &Talk) -> Vec<String> {
    vec![one_line(&talk.unit), talk.reasons.join("；")]
}

fn talks_workbook(plan: &Plan, on: NaiveDate) -> Result<Vec<u8>, Failure> {
    const HEADINGS: [(&str, f64); 4] = [("序号", 6.0), ("单位", 32.0), ("理由", 70.0), ("涉及问题", 40.0)];
    let rows = (1..)
        .zip(&plan.talks)
        .map(|(n, talk): (usize, _)| {
            let [unit, reasons] = [one_line(&talk.unit), talk.reasons.join("；")];
            vec![n.to_string(), unit, reasons, talk.numbers.join("、")]
        })
        .collect();
    let sheet = Sheet {
        name: "约谈建议名单",
        title: "约谈建议名单",
        head: "仅供本办内部研究，不对外发送",
        headings: &HEADINGS,
        rows,
    };
    Ok(sheets("约谈建议名单", on, &[sheet]).map_err(anyhow::Error::from)?)
}
