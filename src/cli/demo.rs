//! `xuncha demo`: serve, patrol, live through three months of an office, and tell how well it went.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::demo_diary;
use super::demo_months::Desk;
use super::desk::say;
use super::installed::Installed;
use super::patrol::report;
use super::{Failure, print, print_err};
use crate::clock;
use crate::demo::folder::{self, FolderError, MAIL, MONTHS, OUTCOME, REGISTER, REPORT, SCORE, TRANSCRIPT};
use crate::demo::interfaces::INTERFACES;
use crate::demo::score::score;
use crate::demo::{CITY, COUNTY, FARM, Running};
use crate::finding::Finding;
use crate::patrol;
use crate::patrol::accounts::judged_accounts;
use crate::report::render;
use crate::store::facts::FactsDb;

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
    let today = clock::now().date_naive();
    // Three months pass in the demo; what is served for others to try is of today.
    let as_of = if args.serve { today } else { demo_diary::first_day(today) };
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
    running.mailbox.keep_in(args.dir.join(MAIL));
    if args.serve {
        print(&invitation(&running, &args.dir));
        runtime.block_on(tokio::signal::ctrl_c()).context("无法等待 Ctrl-C")?;
        say("演示网站已停止。");
        return Ok(ExitCode::SUCCESS);
    }
    let hosts = running.server.web().hosts.len();
    step(started, &format!("演示网站已启动：{hosts}个主机，端口{}", running.server.port));
    if !running.server.ipv6 {
        step(started, "本机没有 ::1，IPv6 各项不检测");
    }
    let tell = |told: &str| step(started, told);
    let mut desk = Desk::new(&args.dir, &running, &tell)?;
    let findings = watched(started, &running, || {
        desk.patrol()?;
        first_findings(&args.dir)
    })?;
    let found = format!("首次巡查完成，请求{}次，发现{}条", running.server.log().len(), findings.len());
    step(started, &found);
    let table = score(&findings, &running.truth, running.server.ipv6);
    watched(started, &running, || desk.three_months())?;
    let outcome = desk.outcome()?;
    let text = table.to_string();
    for (name, text) in [(SCORE, &text), (OUTCOME, &outcome.text)] {
        std::fs::write(args.dir.join(name), text).with_context(|| format!("无法写出{name}"))?;
    }
    say(&format!("\n{text}\n{}", outcome.text));
    let places = [
        ("首次巡查的报告", REPORT),
        ("第1个月：待核、交办、反馈、提示", MONTHS[0]),
        ("第2个月：催办、督办、再次交办", MONTHS[1]),
        ("第3个月：抽查名单、人工核查、季度通报", MONTHS[2]),
        ("发出的邮件（.eml）", MAIL),
        ("总台账", REGISTER),
        ("全部命令和输出", TRANSCRIPT),
    ];
    for (what, name) in places {
        say(&format!("{what}：{}", args.dir.join(name).display()));
    }
    say(&format!("用时{}秒。", started.elapsed().as_secs()));
    Ok(if table.perfect() && outcome.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every finding of the first patrol, suspicions included; its report is laid into `dir`.
fn first_findings(dir: &Path) -> Result<Vec<Finding>, Failure> {
    let installed = Installed::open(&dir.join("xuncha.toml"))?;
    let db = FactsDb::open(&installed.files.config.state_dir)?;
    let record = db.last_run()?.context("the demo's patrol is gone")?;
    let judged = patrol::judged(installed.order(), &db, record.id, record.as_of)?;
    let accounts = judged_accounts(installed.order(), &db, record.id, &judged)?;
    let own = db.own_failures(record.id)?;
    let report = report(&installed, &judged, &accounts, &own, "演示巡查报告", record.as_of);
    std::fs::write(dir.join(REPORT), render::html(&report)).context("无法写出报告")?;
    let of_sites = judged.iter().flat_map(|site| &site.judgement.findings);
    Ok(of_sites.chain(accounts.findings()).cloned().collect())
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
                    print_err(&format!("\r[{:>5.1} 秒] {line}", started.elapsed().as_secs_f64()));
                } else {
                    step(started, &line);
                }
            }
            if terminal {
                print_err("\n");
            }
        });
        let result = work();
        drop(done);
        result
    })
}

fn step(started: Instant, what: &str) {
    print_err(&format!("[{:>5.1} 秒] {what}\n", started.elapsed().as_secs_f64()));
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
