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
use crate::calendar::in_beijing;
use crate::demo::folder::{self, FolderError, PAPERS, REPORT, SCORE};
use crate::demo::score::score;
use crate::demo::{CITY, COUNTY, FARM, Running};
use crate::finding::Finding;

/// Arguments of `xuncha demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 演示文件写到哪个文件夹
    #[arg(long, value_name = "文件夹", default_value = "./xuncha-demo")]
    dir: PathBuf,
    /// 演示网站用哪个端口（0 为任选一个空闲端口）
    #[arg(long, value_name = "端口", default_value_t = 0)]
    port: u16,
    /// 只提供演示网站，不巡查，按 Ctrl-C 结束
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
    if args.serve {
        print!("{}", invitation(&running));
        runtime.block_on(tokio::signal::ctrl_c()).context("无法等待 Ctrl-C")?;
        println!("演示网站已停止。");
        return Ok(ExitCode::SUCCESS);
    }
    let started = Instant::now();
    folder::prepare(&args.dir, running.addresses()).map_err(|e| match e {
        FolderError::Foreign(_) => Failure::Usage(e.to_string()),
        other => Failure::Internal(other.into()),
    })?;
    step(
        started,
        &format!("演示网站已启动：{}个主机，端口{}", running.server.web().hosts.len(), running.server.port),
    );
    if !running.server.ipv6 {
        step(started, "本机没有 ::1，IPv6 各项不检测");
    }
    let findings = watched(started, &running, || run_patrol(&args.dir, &running))?;
    step(started, &format!("巡查完成，请求{}次，发现{}条", running.server.log().len(), findings.len()));
    let papers = hand_over(&args.dir, &running)?;
    step(started, &format!("已由“演示”批准并写出材料{papers}份"));

    let table = score(&findings, &running.truth, running.server.ipv6);
    let text = table.to_string();
    std::fs::write(args.dir.join(SCORE), &text).context("无法写出演示结果")?;
    println!("\n{text}");
    println!("报告：{}", args.dir.join(REPORT).display());
    println!("问题清单和交办邮件（.eml）：{}", args.dir.join(PAPERS).display());
    println!("台账：{}", args.dir.join(folder::STATE).join("ledger.db").display());
    println!("用时{}秒。", started.elapsed().as_secs());
    Ok(if table.perfect() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Patrols the installation in `dir`: the first look, the confirming look, judged and entered in the ledger. Gives back
/// every finding, suspicions included.
fn run_patrol(_dir: &Path, _running: &Running) -> Result<Vec<Finding>, Failure> {
    Err(Failure::Usage("not there yet".to_owned()))
}

/// Approves the batch as 演示 and writes the report, the lists and the letters into `dir`. Gives back how many papers.
fn hand_over(_dir: &Path, _running: &Running) -> Result<usize, Failure> {
    Err(Failure::Usage("not there yet".to_owned()))
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
fn invitation(running: &Running) -> String {
    let port = running.server.port;
    let mut text = format!(
        "演示网站已启动，按 Ctrl-C 结束。\n\n  示例市人民政府  http://{CITY}:{port}/\n  示例县人民政府  http://{COUNTY}:{port}/\n\n用程序检查：\n\n  \
         xuncha check http://{CITY}:{port}/ --allow-private 127.0.0.0/8 --allow-private ::1/128 --rate 20"
    );
    for host in running.server.web().hosts.values().filter(|host| !FARM.contains(&host.name)) {
        let _ = write!(text, " \\\n    --connect-to {}:{port}:{}:{port}", host.name, host.machine);
    }
    text + &format!(
        "\n\n用浏览器查看：\n\n  chromium --host-resolver-rules=\"MAP *.example 127.0.0.1\" http://{CITY}:{port}/\n\n域名服务器：{}\n",
        running.names.addr
    )
}
