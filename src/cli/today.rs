//! `xuncha today`: 今日待办, from the ledger and the facts of the latest whole patrol, without the network.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{Days, NaiveDate};

use super::Failure;
use super::desk::{Place, now, say, write_new};
use super::installed::Installed;
use super::runtime::RunLock;
use crate::calendar::end_of_day;
use crate::finding::Finding;
use crate::ledger::brake::brake;
use crate::patrol::{self, JudgedSite, Order};
use crate::registry::Registry;
use crate::report::render;
use crate::report::today::{Patrol, Soon, Stuck, Today, Trouble, trouble};
use crate::store::facts::{FactsDb, RunRecord};
use crate::store::ledger::{Ledger, Wanted};

/// Arguments of `xuncha today`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// 看哪一天（默认今天）
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// 提前几天提示
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(..=365))]
    days: u32,
    /// 只输出可粘贴到工作群的文字
    #[arg(long)]
    text: bool,
    /// 写入文件（.html 为网页，其他为文本；覆盖原有的）
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells; that nothing is due, or that there was no patrol yet, is no failure.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let installed = Installed::open(&args.place.config)?;
    let state = args.place.state_dir.as_ref().unwrap_or(&installed.files.config.state_dir);
    let on = args.on.unwrap_or_else(|| now().date_naive());
    let signature = installed.files.config.office.signature.clone();
    let mut today = Today { on, signature, ..Today::default() };
    if state.join(FactsDb::FILE).exists() {
        let db = FactsDb::open(state)?;
        if let Some(record) = last_whole(&db)? {
            let last = db.last_run()?.filter(|last| last.id > record.id && RunLock::take(state).is_ok());
            let broken_off = last.map(|last| last.id);
            today.patrol = Some(Patrol { run: record.id, as_of: record.as_of, broken_off });
            of_facts(&mut today, installed.order(), &db, &record, args.days)?;
        }
    }
    if state.join(Ledger::FILE).exists() {
        of_ledger(&mut today, &installed.files.registry, &Ledger::open_existing(state)?, args.days)?;
    }
    let printed = if args.text {
        let texts = today.texts();
        if texts.is_empty() {
            "没有需要在工作群提示的事项。\n".to_owned()
        } else {
            texts.join("\n\n") + "\n"
        }
    } else if today.is_empty() {
        today.nothing() + "\n"
    } else {
        render::text::text(&today.document())
    };
    let Some(out) = &args.out else {
        super::print(&printed);
        return Ok(ExitCode::SUCCESS);
    };
    let html = !args.text && out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("html"));
    let written = if html { render::html(&today.document()) } else { printed };
    write_new(out, written.as_bytes(), true)?;
    if today.is_empty() {
        say(&today.nothing());
    } else {
        say(&format!("已写入 {}", out.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// The latest patrol that came to its end.
pub(super) fn last_whole(db: &FactsDb) -> Result<Option<RunRecord>, Failure> {
    let mut record = db.last_run()?;
    while let Some(run) = record {
        if run.ended.is_some() {
            return Ok(Some(run));
        }
        record = if run.id > 1 { db.run(run.id - 1)? } else { None };
    }
    Ok(None)
}

/// Sites in trouble, and the columns that will have passed their limit `days` after the day if nothing is published: the rules
/// that warn early are asked what they would say then.
pub(super) fn of_facts(
    today: &mut Today,
    order: Order<'_>,
    db: &FactsDb,
    record: &RunRecord,
    days: u32,
) -> Result<(), Failure> {
    let then = today.on.checked_add_days(Days::new(u64::from(days) + 1)).unwrap_or(today.on);
    let judged = patrol::judged(order, db, record.id, end_of_day(then))?;
    let seen = record.as_of.date_naive();
    for site in &judged {
        today.troubles.extend(troubles(order, site));
        for soon in site.judgement.findings.iter().filter_map(|finding| soon(order, finding, today.on)) {
            let limit = soon.limit_day();
            if limit >= today.on {
                today.soon.push(soon);
            } else if limit >= seen {
                today.passed += 1;
            }
        }
    }
    today.soon.sort_by(|a, b| (a.limit_day(), &a.unit, &a.url).cmp(&(b.limit_day(), &b.unit, &b.url)));
    Ok(())
}

/// What the latest look at a site's home page says. Samples of a probe may add to it.
fn troubles(order: Order<'_>, judged: &JudgedSite) -> Option<Trouble> {
    let visited = judged.looks.iter().rev().find(|look| !look.facts.site.visits.is_empty())?;
    let site = &visited.facts.site;
    let what = trouble(&site.visits)?;
    let unit = order.registry.site(&site.id).map(|site| site.host_unit.clone()).unwrap_or_default();
    Some(Trouble { site: site.name.clone(), url: site.url.clone(), unit, what })
}

/// A finding about age with its limit; `None` for any other, for one whose rule gives no early warning, and for what is
/// accounted for.
fn soon(order: Order<'_>, finding: &Finding, on: NaiveDate) -> Option<Soon> {
    let rule = order.rules.rules.iter().find(|bound| bound.rule.id == finding.rule)?;
    rule.rule.warn.as_ref()?;
    let limit = rule.rule.params.get("max-age-days")?.as_integer()?;
    let newest: NaiveDate = finding.evidence.last_update.as_ref()?.parse().ok()?;
    let subject = &finding.subject;
    let column = subject.column.as_deref();
    if order.registry.exempt(&finding.rule, &subject.site, &finding.url, column, on).is_some() {
        return None;
    }
    let route = order.registry.route(subject, finding.cause)?;
    Some(Soon {
        addressee: route.addressee().name.clone(),
        unit: route.unit.name.clone(),
        site: subject.site_name.clone(),
        place: subject.place.clone(),
        url: finding.url.clone(),
        newest,
        limit: u32::try_from(limit).ok()?,
    })
}

fn of_ledger(today: &mut Today, registry: &Registry, ledger: &Ledger, days: u32) -> Result<(), Failure> {
    let addressee = |name: &str| {
        let county = registry.unit(name).and_then(|unit| registry.county_of(unit));
        county.map_or(name, |county| &county.name).to_owned()
    };
    today.take_cases(&ledger.cases(&Wanted::default())?, days, addressee);
    today.candidates = ledger.candidates()?.len();
    let batches = ledger.batches()?;
    let last = batches.last().map(|batch| batch.cases.len());
    today.brake = brake(today.candidates, last, false).map(|held| held.to_string());
    today.unsent = batches
        .iter()
        .map(|batch| (batch.id.clone(), batch.pending().count()))
        .filter(|(_, count)| *count > 0)
        .collect();
    let copies = ledger.outbox().copies().map_err(anyhow::Error::from)?;
    today.letters = copies
        .into_iter()
        .filter(|copy| copy.state.needs_a_person())
        .map(|copy| Stuck {
            unit: copy.unit,
            batch: copy.batch,
            state: copy.state.label().to_owned(),
            note: if copy.recipient.is_empty() {
                copy.via
            } else {
                format!("{} {}", copy.recipient, copy.note)
            },
        })
        .collect();
    Ok(())
}
