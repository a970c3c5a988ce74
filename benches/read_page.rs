//! What reading one page costs: every `.html` of a folder, read as the patrol reads it, in processor time.
//!
//! `cargo bench --bench read_page -- DIR [ROUNDS]`
#![allow(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use xuncha::calendar::from_millis;
use xuncha::facts::html::read_page;
use xuncha::facts::page::PageContext;

fn main() {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let folder =
        args.next().unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages").to_owned());
    let rounds: u32 = args.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    let mut paths = Vec::new();
    pages_under(Path::new(&folder), &mut paths);
    paths.sort();
    let pages: Vec<(url::Url, Vec<u8>)> = paths
        .iter()
        .take(2_000)
        .filter_map(|path| {
            let name = path.strip_prefix(&folder).ok()?.to_str()?;
            Some((
                url::Url::parse("http://127.0.0.1:8081/").ok()?.join(name).ok()?,
                std::fs::read(path).ok()?,
            ))
        })
        .collect();
    let bytes: usize = pages.iter().map(|(_, body)| body.len()).sum();
    let as_of = from_millis(1_793_577_600_000);
    let mut best = Duration::MAX;
    let mut links = 0;
    for _ in 0..rounds {
        links = 0;
        let start = thread_time();
        for (url, body) in &pages {
            let cx = PageContext { url, content_type: None, status: Some(200), as_of, want_structure: false };
            links += read_page(body, &cx, || false).links.len();
        }
        best = best.min(thread_time().saturating_sub(start));
    }
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX).max(1);
    println!(
        "{} pages, {} KiB and {} links a page: {} µs of processor time a page (best of {rounds} rounds)",
        count,
        bytes / 1024 / count as usize,
        links / count as usize,
        (best / count).as_micros()
    );
}

fn pages_under(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            pages_under(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "html") {
            found.push(path);
        }
    }
}

fn thread_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
}
