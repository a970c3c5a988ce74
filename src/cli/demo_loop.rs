//! The second half of the demo: units reply, mend, and are looked at again; one problem comes back.

use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use chrono::Days;
use sha2::{Digest as _, Sha256};

use super::Failure;
use super::installed::Installed;
use super::patrol::record_run;
use super::runtime;
use crate::demo::folder::{REGISTER, REPLIES};
use crate::demo::web::{HTML, Resource};
use crate::demo::{CITY, Running};
use crate::finding::{Finding, hex};
use crate::ledger::case::{Case, CaseState};
use crate::mail::letters::Letter;
use crate::patrol::accounts::judged_accounts;
use crate::patrol::{self, Gear};
use crate::report::list::{ANSWERS, FEEDBACK, HANDED_OVER};
use crate::report::register::{self, Register};
use crate::report::render::sheets::{Sheet, sheets};
use crate::report::replies;
use crate::store::facts::FactsDb;
use crate::store::ledger::{Ledger, Wanted};
use crate::store::replies::Import;

/// Mended and found in order.
const MENDED: &str = "/zwyw/2025zt/fzgh.html";
/// Mended, found in order, and broken again.
const RELAPSING: &str = "/zwyw/fx/jjyx.html";
/// Said to be mended, and not.
const CLAIMED: &str = "/bsfw/jdcx.jsp";
/// Contested.
const CONTESTED: &str = "/wza/sm.html";
/// Who acts in the demo.
const BY: &str = "演示";

/// Goes once around the loop: the letters count as delivered, a filled-in list comes back, three problems are looked at
/// again, and one that was closed returns. `tell` is told what happens, a line each.
///
/// # Errors
/// As [`Failure`] tells.
pub(super) fn run(
    dir: &Path,
    running: &Running,
    installed: &Installed,
    ledger: &mut Ledger,
    letters: &[Letter],
    tell: &dyn Fn(&str),
) -> Result<(), Failure> {
    let today = patrol::now().date_naive();
    let mut handed = 0;
    for letter in letters {
        for (due, numbers) in letter.handed_over() {
            handed += ledger.mark_assigned(&numbers, due, today, BY, patrol::now())?;
        }
    }
    tell(&format!("交办{handed}项（演示中视为当日送达）"));

    let of = |ledger: &Ledger, path: &str| -> Result<Case, Failure> {
        let url = format!("http://{CITY}:{}{path}", running.server.port);
        let cases = ledger.cases(&Wanted::default())?;
        let found = cases.into_iter().find(|case| case.finding.url == url && case.assigned_on.is_some());
        Ok(found.with_context(|| format!("{path} was not handed over"))?)
    };
    let page = |title: &str| {
        let body = format!(
            "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body><h1>{title}</h1><p>{}</p></body></html>",
            "本页内容已经恢复，请有关单位和群众正常查阅使用。".repeat(8)
        );
        Resource::ok(HTML, Bytes::from(body), today)
    };
    let rows = [
        (of(ledger, MENDED)?, ANSWERS[0], "已恢复该页面", ""),
        (of(ledger, RELAPSING)?, ANSWERS[0], "已重新上传", ""),
        (of(ledger, CLAIMED)?, ANSWERS[0], "已联系技术单位处理", ""),
        (of(ledger, CONTESTED)?, ANSWERS[1], "随模板改版一并处理", "delay"),
    ];
    let replied = reply_file(dir, ledger, &rows)?;
    tell(&replied);
    running.server.mend(CITY, MENDED, page("发展规划"));
    running.server.mend(CITY, RELAPSING, page("经济运行分析"));

    let waiting: Vec<Finding> = ledger
        .to_recheck()?
        .into_iter()
        .filter(|case| case.state == CaseState::Answered)
        .map(|case| case.finding)
        .collect();
    look(installed, ledger, &waiting)?;
    let standing = |ledger: &Ledger, path: &str| of(ledger, path).map(|case| case.state.label());
    tell(&format!(
        "复查{}项：已修复的两项{}、{}，未修复的一项{}",
        waiting.len(),
        standing(ledger, MENDED)?,
        standing(ledger, RELAPSING)?,
        standing(ledger, CLAIMED)?
    ));

    running.server.break_again(CITY, RELAPSING);
    let back = vec![of(ledger, RELAPSING)?.finding];
    for _ in 0..2 {
        look(installed, ledger, &back)?;
        std::thread::sleep(installed.files.config.crawl.confirm_apart);
    }
    look(installed, ledger, &back)?;
    tell(&format!("其后又失效的一项：{}", standing(ledger, RELAPSING)?));

    let cases = ledger.cases(&Wanted::default())?;
    let via = ledger.outbox().ways().map_err(anyhow::Error::from)?;
    let register = Register { cases: &cases, registry: &installed.files.registry, via: &via, on: today };
    let book = register::workbook(&register).map_err(anyhow::Error::from)?;
    std::fs::write(dir.join(REGISTER), book).context("无法写出总台账")?;
    let verified = ledger.verify(None)?;
    if verified.broken.is_some() {
        return Err(Failure::Internal(anyhow::anyhow!("the chain of the demo's ledger does not hold")));
    }
    tell(&format!("办理记录{}条，校验完好", verified.events));
    Ok(())
}

/// Writes the list as a unit would return it, and enters it as `xuncha case import` does.
fn reply_file(dir: &Path, ledger: &mut Ledger, rows: &[(Case, &str, &str, &str)]) -> Result<String, Failure> {
    let today = patrol::now().date_naive();
    let headings: Vec<(&str, f64)> =
        std::iter::once((HANDED_OVER[1], 14.0)).chain(FEEDBACK.map(|heading| (heading, 24.0))).collect();
    let cells = |(case, answer, words, what): &(Case, &str, &str, &str)| {
        let date = match *what {
            "delay" => (today + Days::new(20)).format("%-m月%-d日").to_string(),
            _ => today.format("%-m月%-d日").to_string(),
        };
        let link = if what.is_empty() { case.finding.url.clone() } else { String::new() };
        [&case.number, *answer, *words, &link, &date, "张某"].map(str::to_owned).to_vec()
    };
    let sheet = Sheet {
        name: "问题清单",
        title: "问题清单（单位填报）",
        head: "",
        headings: &headings,
        rows: rows.iter().map(cells).collect(),
    };
    let bytes = sheets("问题清单", today, &[sheet]).map_err(anyhow::Error::from)?;
    let folder = dir.join(REPLIES);
    std::fs::create_dir_all(&folder).context("无法写出单位反馈")?;
    let name = "问题清单_单位填报.xlsx";
    std::fs::write(folder.join(name), &bytes).context("无法写出单位反馈")?;
    let sha256 = hex(&Sha256::digest(&bytes));
    let read = replies::read(bytes, name).map_err(anyhow::Error::from)?;
    let import = Import { name, sha256: &sha256, by: BY, at: patrol::now(), rows: &read.rows };
    let entered = ledger.import(&import)?.entered.len();
    let pending = ledger.pending()?.len();
    Ok(format!("导入单位反馈{entered}项，其中待处理的申请{pending}项"))
}

/// One more look at `findings`, judged and entered.
fn look(installed: &Installed, ledger: &mut Ledger, findings: &[Finding]) -> Result<(), Failure> {
    let db = FactsDb::open(&installed.files.config.state_dir)?;
    let last = db.last_run()?.context("the demo's patrol is gone")?;
    let gear = Gear::new(&installed.files.config, &installed.files.registry, &db.patience()?)?;
    let order = installed.order();
    let wanted: Vec<&Finding> = findings.iter().collect();
    let (db, _) = runtime::block_on(async {
        patrol::look_again(order, &gear, db, last.id, last.as_of, &wanted).await
    })?;
    let judged = patrol::judged(order, &db, last.id, last.as_of)?;
    let accounts = judged_accounts(order, &db, last.id, &judged)?;
    record_run(installed, &db, ledger, last.id, patrol::now(), &judged, &accounts)?;
    Ok(())
}
