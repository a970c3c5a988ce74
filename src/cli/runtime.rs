//! What the subcommands that touch the network share: the runtime, a scratch folder, a progress line, the run lock.

use std::fs::{File, TryLockError};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::Failure;
use super::output::is_taped;
use crate::crawl::worker::Progress;

/// Runs `work` on a runtime of one thread for the network and one for reading pages: a second reader would wait for the first more
/// than it read, and waking it costs a twentieth of a page.
///
/// # Errors
/// What `work` returns, or that the runtime could not start.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .context("cannot start the runtime")?
        .block_on(work)
}

/// A folder that is removed with its contents when dropped.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A new empty folder for this process.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(super) fn new() -> Result<Self> {
        let nonce = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        let path = std::env::temp_dir().join(format!("xuncha-{}-{nonce}", std::process::id()));
        std::fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's own scratch folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A line on the terminal that shows how far a crawl is; nothing where standard error is no terminal.
#[derive(Debug)]
pub(super) struct Ticker {
    shown: bool,
    next: Instant,
    last: Progress,
}

impl Ticker {
    /// A ticker that has shown nothing yet.
    #[allow(clippy::new_without_default, reason = "it starts counting")]
    pub(super) fn new() -> Self {
        let shown = std::io::stderr().is_terminal() && !is_taped();
        Self { shown, next: Instant::now(), last: Progress::default() }
    }

    /// Shows progress, at most four times a second.
    pub(super) fn tick(&mut self, progress: Progress) {
        self.last = progress;
        if self.shown && Instant::now() >= self.next {
            self.next = Instant::now() + Duration::from_millis(250);
            let mut err = std::io::stderr();
            let _ = write!(err, "\r\x1b[K正在巡查：已读页面{}，已核验{}", progress.pages, progress.done);
            let _ = err.flush();
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if self.shown {
            let mut err = std::io::stderr();
            let _ = write!(err, "\r\x1b[K");
            let _ = err.flush();
        }
    }
}

/// Held while a run writes: one run at a time per installation.
#[derive(Debug)]
pub(super) struct RunLock(#[allow(dead_code, reason = "held for its lock")] File);

impl RunLock {
    /// Takes the lock of `state_dir`, making the folder where it is missing.
    ///
    /// # Errors
    /// [`Failure::Busy`] where another run holds it.
    pub(super) fn take(state_dir: &Path) -> Result<Self, Failure> {
        Self::take_file(state_dir, "xuncha.lock", "巡查")
    }

    /// Takes the lock of the probe, which runs beside a patrol but never beside itself.
    ///
    /// # Errors
    /// [`Failure::Busy`] where another probe holds it.
    pub(super) fn take_for_probe(state_dir: &Path) -> Result<Self, Failure> {
        Self::take_file(state_dir, "probe.lock", "定时访问")
    }

    fn take_file(state_dir: &Path, name: &str, what: &str) -> Result<Self, Failure> {
        std::fs::create_dir_all(state_dir)
            .with_context(|| format!("cannot create {}", state_dir.display()))?;
        let path = state_dir.join(name);
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0).context("lock file")?;
                writeln!(&file, "{}", std::process::id()).context("lock file")?;
                Ok(Self(file))
            }
            Err(TryLockError::WouldBlock) => {
                let pid = std::fs::read_to_string(&path).unwrap_or_default();
                Err(Failure::Busy(format!("另一个{what}正在运行（进程{}），请待其结束后再试", pid.trim())))
            }
            Err(TryLockError::Error(error)) => {
                Err(anyhow::Error::from(error).context(format!("cannot lock {}", path.display())).into())
            }
        }
    }
}
