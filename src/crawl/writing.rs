//! The thread that writes: units of work are committed as they come, in groups, so that the price of a commit is shared.

use std::time::Duration;

use anyhow::Result;

use crate::store::facts::{FactsDb, Unit};

/// Units committed together, and how long a commit waits for more.
pub(super) const GROUP: usize = 256;
const GROUP_WAIT: Duration = Duration::from_millis(100);

/// Commits units as they come, in groups. Between groups the thread sleeps rather than listens, so that it is not woken for every
/// unit; who hangs up wakes it with [`Thread::unpark`](std::thread::Thread::unpark).
pub(super) fn write(mut db: FactsDb, run: i64, inbox: &std::sync::mpsc::Receiver<Unit>) -> Result<FactsDb> {
    let mut group = Vec::with_capacity(GROUP);
    while let Ok(first) = inbox.recv() {
        group.push(first);
        std::thread::park_timeout(GROUP_WAIT);
        group.extend(inbox.try_iter().take(GROUP - 1));
        db.commit(run, &group)?;
        group.clear();
    }
    Ok(db)
}
