//! `xuncha demo`: serve, patrol, judge, write the papers, and tell how well it went.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command prints its result and its progress")]

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::Utc;

use super::Failure;
use super::installed::Installed;
use super::patrol::{new_record, record_run, report};
use super::{demo_loop, runtime};
use crate::calendar::{Instant8, in_beijing};
use crate::demo::folder::{self, FolderError, PAPERS, REPORT, SCORE};
use crate::demo::interfaces::INTERFACES;
use crate::demo::score::score;
use crate::demo::{CITY, COUNTY, FARM, Running};
use crate::finding::Finding;
use crate::mail::compose::Templates;
use crate::mail::letters::{Letter, letters};
use crate::mail::preview;
use crate::patrol::accounts::{JudgedAccounts, judged_accounts};
use crate::patrol::{self, Gear, JudgedSite};
use crate::report::render;
use crate::store::batches::Review;
use crate::store::facts::FactsDb;
use crate::store::ledger::Ledger;

/// Arguments of `xuncha demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 演示文件写到哪个文件夹
    #[arg(long, value_name = "文件夹", default_value = "./xuncha-demo")]
    dir: PathBuf,
    /// 演示网站用哪个端口（0 为任选一个空闲端口）
    #[arg(long, value_name = "端口", default_value_t = 0)]
    port: u16,
    /// 只提供演示网站并写好登记表和配置，由您自己执行各个命令，按 Ctrl-C 结束
    #[arg(long)]
    serve: bool,
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] tells.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("demo")
        .build()
        .context("无法启动演示")?;
    let as_of = in_beijing(Utc::now()).date_naive();
    // The servers go on in the runtime's own threads; this thread stays free for a patrol with a runtime of its own.
    let running = runtime.block_on(Running::start(as_of, args.port)).map_err(|e| {
        Failure::Busy(format!(
            "演示网站无法启动：{e}（需要本机回环地址 127.0.0.1 至 127.0.0.7 上同一个空闲端口）"
        ))
    })?;
    let started = Instant::now();
    folder::prepare(&args.dir, running.addresses()).map_err(|e| match e {
        FolderError::Foreign(_) => Failure::Usage(e.to_string()),
        other => Failure::Internal(other.into()),
    })?;
    if args.serve {
        print!("{}", invitation(&running, &args.dir));
        runtime.block_on(tokio::signal::ctrl_c()).context("无法等待 Ctrl-C")?;
        println!("演示网站已停止。");
        return Ok(ExitCode::SUCCESS);
    }
    step(
        started,
        &format!("演示网站已启动：{}个主机，端口{}", running.server.web().hosts.len(), running.server.port),
    );
    if !running.server.ipv6 {
        step(started, "本机没有 ::1，IPv6 各项不检测");
    }
    let mut patrolled = watched(started, &running, || run_patrol(&args.dir))?;
    let findings = patrolled.findings();
    step(started, &format!("巡查完成，请求{}次，发现{}条", running.server.log().len(), findings.len()));
    let letters = hand_over(&args.dir, &mut patrolled)?;
    step(started, &format!("已由“演示”批准并写出交办材料{}份", letters.len()));
    let Patrolled { installed, ledger, .. } = &mut patrolled;
    demo_loop::run(&args.dir, &running, installed, ledger, &letters, &|told| step(started, told))?;

    let table = score(&findings, &running.truth, running.server.ipv6);
    let text = table.to_string();
    std::fs::write(args.dir.join(SCORE), &text).context("无法写出演示结果")?;
    println!("\n{text}");
    println!("报告：{}", args.dir.join(REPORT).display());
    println!("问题清单和交办邮件（.eml）：{}", args.dir.join(PAPERS).display());
    println!("单位反馈：{}", args.dir.join(folder::REPLIES).display());
    println!("总台账：{}", args.dir.join(folder::REGISTER).display());
    println!("台账：{}", args.dir.join(folder::STATE).join("ledger.db").display());
    println!("用时{}秒。", started.elapsed().as_secs());
    Ok(if table.perfect() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the demo's patrol leaves behind for the papers.
struct Patrolled {
    installed: Installed,
    ledger: Ledger,
    judged: Vec<JudgedSite>,
    accounts: JudgedAccounts,
    own: Vec<(u8, String)>,
    as_of: Instant8,
}

impl Patrolled {
    /// Every finding, suspicions included.
    fn findings(&self) -> Vec<Finding> {
        let of_sites = self.judged.iter().flat_map(|site| &site.judgement.findings);
        of_sites.chain(self.accounts.findings()).cloned().collect()
    }
}

/// Patrols the installation in `dir` as an office would: the first look, the confirming look, judged and entered in
/// the ledger.
fn run_patrol(dir: &Path) -> Result<Patrolled, Failure> {
    let (installed, _lock) = Installed::open_to_write(&dir.join("xuncha.toml"))?;
    let config = &installed.files.config;
    let mut db = FactsDb::open(&config.state_dir)?;
    let mut ledger = Ledger::open(&config.state_dir)?;
    let record = new_record(&installed);
    let as_of = record.as_of;
    let run = db.start_run(&record, as_of)?;
    let gear = Gear::new(config, &installed.files.registry, &[])?;
    let order = installed.order();
    let (db, judged) = runtime::block_on(async {
        let db = patrol::first_look(order, &gear, db, run, as_of, |_| ()).await?;
        let judged = patrol::judged(order, &db, run, as_of)?;
        let suspects = patrol::suspects(&judged);
        tokio::time::sleep(config.crawl.confirm_apart + Duration::from_millis(50)).await;
        let (db, _) = patrol::look_again(order, &gear, db, run, as_of, &suspects).await?;
        let judged = patrol::judged(order, &db, run, as_of)?;
        let mut db = db;
        patrol::accounts::gather(order, &gear, &mut db, run, true).await?;
        Ok((db, judged))
    })?;
    let mut db = db;
    let accounts = judged_accounts(order, &db, run, &judged)?;
    record_run(&installed, &db, &mut ledger, run, patrol::now(), &judged, &accounts)?;
    db.end_run(run, patrol::now())?;
    let own = db.own_failures(run)?;
    Ok(Patrolled { installed, ledger, judged, accounts, own, as_of })
}

/// Approves the batch as 演示 and writes the report, the candidates, the lists and the letters into `dir`. Gives back
/// the letters.
fn hand_over(dir: &Path, patrolled: &mut Patrolled) -> Result<Vec<Letter>, Failure> {
    let now = patrol::now();
    let batch = now.format("%Y%m").to_string();
    let adopted = patrolled.ledger.candidates()?.into_iter().map(|case| case.number).collect();
    let review = Review {
        batch: batch.clone(),
        by: "演示".to_owned(),
        at: now,
        adopted,
        refused: Vec::new(),
        source: None,
    };
    let approved = patrolled.ledger.approve(&review)?;
    let undecided = patrolled.ledger.undecided()?;
    let files = &patrolled.installed.files;
    let letters = letters(
        &batch,
        &approved.cases,
        &files.registry,
        &files.config,
        &files.holidays,
        &undecided,
        now.date_naive(),
    )
    .map_err(|error| Failure::Usage(error.to_string()))?;
    let templates = Templates::embedded();
    preview::write(&dir.join(PAPERS), &letters, &templates, &files.config, now)
        .map_err(anyhow::Error::from)?;
    let report = report(
        &patrolled.installed,
        &patrolled.judged,
        &patrolled.accounts,
        &patrolled.own,
        "演示巡查报告",
        patrolled.as_of,
    );
    std::fs::write(dir.join(REPORT), render::html(&report)).context("无法写出报告")?;
    Ok(letters)
}

/// Does `work` while standard error tells how many requests the demo's server has seen.
fn watched<T>(started: Instant, running: &Running, work: impl FnOnce() -> T) -> T {
    let (done, rest) = mpsc::channel::<()>();
    let terminal = io::stderr().is_terminal();
    // Once a second where the line is overwritten; in a log file a line now and then is enough.
    let every = Duration::from_secs(if terminal { 1 } else { 5 });
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while rest.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let line = format!("正在巡查，已请求{}次", running.server.log().len());
                if terminal {
                    eprint!("\r[{:>5.1} 秒] {line}", started.elapsed().as_secs_f64());
                    // Progress that cannot be shown is no reason to stop.
                    let _ = io::Write::flush(&mut io::stderr());
                } else {
                    step(started, &line);
                }
            }
            if terminal {
                eprintln!();
            }
        });
        let result = work();
        drop(done);
        result
    })
}

fn step(started: Instant, what: &str) {
    eprintln!("[{:>5.1} 秒] {what}", started.elapsed().as_secs_f64());
}

/// What can be tried on the served sites, and how.
fn invitation(running: &Running, dir: &Path) -> String {
    let port = running.server.port;
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("xuncha"));
    let (program, dir) = (program.display(), dir.display());
    let mut text = format!(
        "演示网站已启动，按 Ctrl-C 结束。\n\n  示例市人民政府  http://{CITY}:{port}/\n  示例县人民政府  http://{COUNTY}:{port}/\n\n\
         登记表和配置已写入 {dir}。另开一个终端，可以照实际工作走一遍：\n\n  \
         alias xuncha={program}\n  \
         cd {dir}\n  \
         xuncha registry check\n  \
         xuncha patrol\n  \
         xuncha recheck\n  \
         xuncha list --candidates --out 待核清单.xlsx\n\n\
         不用登记表，只检查一个网站：\n\n  \
         xuncha check http://{CITY}:{port}/ --allow-private 127.0.0.0/8 --allow-private ::1/128 --rate 20"
    );
    for host in running
        .server
        .web()
        .hosts
        .values()
        .filter(|host| !FARM.contains(&host.name) && host.name != INTERFACES)
    {
        let _ = write!(text, " \\\n    --connect-to {}:{port}:{}:{port}", host.name, host.machine);
    }
    text + &format!(
        "\n\n用浏览器查看：\n\n  chromium --host-resolver-rules=\"MAP *.example 127.0.0.1\" http://{CITY}:{port}/\n\n域名服务器：{}\n",
        running.names.addr
    )
}
