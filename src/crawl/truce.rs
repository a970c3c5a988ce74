//! The truce between a patrol and the probe, two processes that ask the same hosts: while the probe visits, a patrol sends
//! nothing. Kept by a file lock, which the system takes away from a process that dies.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How often a patrol looks whether the probe has begun.
pub const POLL: Duration = Duration::from_millis(100);

/// What the probe waits after it has called a truce: everybody has noticed, and what was under way has arrived, also on a
/// machine that is busy with other work.
pub const SETTLE: Duration = Duration::from_secs(1);

/// The watching side: of a patrol.
#[derive(Debug)]
pub struct Truce {
    file: File,
    looked: Option<Instant>,
    held: bool,
}

/// What a look tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Nobody visits.
    No,
    /// Somebody visits; look again after this long.
    Yes(Duration),
    /// The visit that the last look saw is over.
    JustEnded,
}

impl Truce {
    /// Watches the lock at `path`.
    ///
    /// # Errors
    /// If the file cannot be made or opened.
    pub fn watch(path: &Path) -> io::Result<Self> {
        Ok(Self { file: open(path)?, looked: None, held: false })
    }

    /// Whether the probe visits at `now`; asks the system at most every [`POLL`].
    pub fn look(&mut self, now: Instant) -> Held {
        if self.looked.is_some_and(|looked| now.saturating_duration_since(looked) < POLL) {
            return if self.held { Held::Yes(POLL) } else { Held::No };
        }
        self.looked = Some(now);
        let before = self.held;
        self.held = match self.file.try_lock_shared() {
            Ok(()) => {
                // Held only to ask: it must be free for the probe again.
                let _ = self.file.unlock();
                false
            }
            Err(TryLockError::WouldBlock) => true,
            // A file system without locks knows no truce; the store has refused such a folder already.
            Err(TryLockError::Error(_)) => false,
        };
        match (before, self.held) {
            (_, true) => Held::Yes(POLL),
            (true, false) => Held::JustEnded,
            (false, false) => Held::No,
        }
    }
}

/// The calling side: of the probe. Ends when dropped.
#[derive(Debug)]
pub struct Visit(#[allow(dead_code, reason = "held for its lock")] File);

/// Calls a truce; [`SETTLE`] later it holds.
///
/// # Errors
/// If the file cannot be made, opened or locked.
pub fn call(path: &Path) -> io::Result<Visit> {
    let file = open(path)?;
    // Patrols hold it for the moment of a look only.
    file.lock()?;
    Ok(Visit(file))
}

fn open(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).read(true).write(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patrol_rests_while_the_probe_visits_and_knows_when_it_ended() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("truce.lock");
        let mut patrol = Truce::watch(&path).expect("a file");
        let start = Instant::now();
        assert_eq!(patrol.look(start), Held::No);
        let visit = call(&path).expect("a lock");
        assert_eq!(patrol.look(start + POLL / 2), Held::No, "asked too soon to know");
        assert_eq!(patrol.look(start + POLL), Held::Yes(POLL));
        let mut second = Truce::watch(&path).expect("a file");
        assert_eq!(second.look(start), Held::Yes(POLL), "every patrol rests");
        drop(visit);
        assert_eq!(patrol.look(start + POLL + POLL / 2), Held::Yes(POLL));
        assert_eq!(patrol.look(start + POLL * 2), Held::JustEnded);
        assert_eq!(patrol.look(start + POLL * 3), Held::No);
    }
}
