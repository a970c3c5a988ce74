//! `xuncha today`: 今日待办, from the ledger and the facts of the latest whole patrol, without the network.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{Days, NaiveDate, TimeDelta};

use super::Failure;
use super::desk::{Place, now, say, write_new};
use super::installed::Installed;
use super::runtime::RunLock;
use crate::calendar::end_of_day;
use crate::facts::account::AccountStatus;
use crate::facts::lately::{Lately, lately};
use crate::finding::{Cause, Finding, Subject, SubjectKind};
use crate::ledger::brake::brake;
use crate::ledger::ladder::due_actions;
use crate::patrol::accounts::JudgedAccounts;
use crate::patrol::{self, JudgedSite, Order};
use crate::report::render;
use crate::report::today::{ACCOUNT, Patrol, Soon, Stuck, Today};
use crate::report::trouble::{self, Known, Trouble, TroubleKind};
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
        } else {
            troubles(installed.order(), &db, &[], &mut today)?;
        }
    }
    if state.join(Ledger::FILE).exists() {
        of_ledger(&mut today, &installed, &Ledger::open_existing(state)?, args.days)?;
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
    troubles(order, db, &judged, today)?;
    let seen = record.as_of.date_naive();
    for site in &judged {
        for soon in site.judgement.findings.iter().filter_map(|finding| soon(order, finding, today.on)) {
            let limit = soon.limit_day();
            if limit >= today.on {
                today.soon.push(soon);
            } else if limit >= seen {
                today.passed += 1;
            }
        }
    }
    accounts_soon(today, order, &patrol::accounts::judged_accounts(order, db, record.id, &judged)?, days);
    today.soon.sort_by(|a, b| (a.limit_day(), &a.unit, &a.url).cmp(&(b.limit_day(), &b.unit, &b.url)));
    Ok(())
}

/// Accounts that will have passed their limit: silence is known as far as their evidence proves it, and no further.
fn accounts_soon(today: &mut Today, order: Order<'_>, accounts: &JudgedAccounts, days: u32) {
    let last = today.on.checked_add_days(Days::new(u64::from(days))).unwrap_or(today.on);
    let Some(gathered) = accounts.at.map(|at| at.date_naive()) else { return };
    for account in &accounts.accounts {
        let seen = &account.seen;
        let waits = seen.status != AccountStatus::Cancelled && seen.publishes;
        let Some(silence) = seen.silence(gathered).filter(|_| waits) else { continue };
        let Some(registered) = order.registry.account(&seen.key) else { continue };
        let subject = Subject {
            kind: SubjectKind::Account,
            site: seen.key.clone(),
            site_name: seen.name.clone(),
            place: "—".to_owned(),
            column: None,
        };
        if order.registry.exempt("stale-account", &seen.key, "", None, today.on).is_some() {
            continue;
        }
        let Some(route) = order.registry.route(&subject, Cause::Single) else { continue };
        let soon = Soon {
            addressee: route.addressee().name.clone(),
            unit: route.unit.name.clone(),
            site: registered.printed(),
            place: ACCOUNT.to_owned(),
            url: seen.address.clone(),
            newest: silence.since,
            limit: order.rules.account_limit(),
        };
        let limit = soon.limit_day();
        if (today.on..=last).contains(&limit) {
            today.soon.push(soon);
        } else if limit >= gathered && limit < today.on {
            today.passed += 1;
        }
    }
}

/// What the latest looks, the spaced visits of the last day and the certificates say of each site.
fn troubles(order: Order<'_>, db: &FactsDb, judged: &[JudgedSite], today: &mut Today) -> Result<(), Failure> {
    let until = now().min(end_of_day(today.on) + TimeDelta::seconds(1));
    let samples = patrol::declared::visits(order, db, until - TimeDelta::days(1), until)?;
    let rules = &order.rules;
    let measure =
        rules.indicators.iter().find_map(|one| one.visits.as_deref().and_then(|rule| rules.measure(rule)));
    let seen_of = |code: &str| {
        let site =
            judged.iter().find(|site| site.looks.first().is_some_and(|look| look.facts.site.id == code))?;
        let visited = site.looks.iter().rev().find(|look| !look.facts.site.visits.is_empty())?;
        Some(&visited.facts.site)
    };
    let ends = rules.rules.iter().find(|bound| bound.check.id() == "certificate");
    let warned = ends.and_then(|bound| bound.rule.warn.as_ref()?.get("min-days-left")?.as_integer());
    for site in order.registry.sites.iter().filter(|site| site.status.is_patrolled()) {
        let of_site = samples.get(&site.code);
        let lately = of_site.zip(measure.as_ref()).and_then(|(all, measure)| lately(all, until, measure));
        today.probed = today.probed.max(lately.as_ref().map(Lately::last));
        let exempt =
            |rule: &str| order.registry.exempt(rule, &site.code, site.url.as_str(), None, today.on).is_some();
        let known = Known {
            seen: seen_of(&site.code),
            lately: lately.as_ref(),
            certificate_days: warned.filter(|_| !ends.is_some_and(|bound| exempt(&bound.rule.id))),
        };
        let unit = order.registry.unit(&site.host_unit);
        let county = unit.and_then(|unit| order.registry.county_of(unit));
        let declared = rules.rules.iter().any(|b| b.check.id() == "unreachable-site" && exempt(&b.rule.id));
        let told = trouble::of_site(known, today.on);
        for (kind, what) in
            told.into_iter().filter(|(kind, _)| !declared || *kind == TroubleKind::Certificate)
        {
            today.troubles.push(Trouble {
                site: site.name.clone(),
                url: site.url.to_string(),
                unit: site.host_unit.clone(),
                addressee: county.map_or(&site.host_unit, |county| &county.name).clone(),
                kind,
                what,
            });
        }
    }
    Ok(())
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

fn of_ledger(today: &mut Today, installed: &Installed, ledger: &Ledger, days: u32) -> Result<(), Failure> {
    let files = &installed.files;
    let registry = &files.registry;
    let addressee = |name: &str| {
        let county = registry.unit(name).and_then(|unit| registry.county_of(unit));
        county.map_or(name, |county| &county.name).to_owned()
    };
    let cases = ledger.cases(&Wanted::default())?;
    today.take_cases(&cases, days, addressee);
    let under_way = ledger.outbox().under_way().map_err(anyhow::Error::from)?;
    match due_actions(&cases, &under_way, today.on, files.config.ladder, &files.holidays) {
        Ok(actions) => today.reminders = actions.len(),
        Err(missing) => today.calendar = Some(missing.to_string()),
    }
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
