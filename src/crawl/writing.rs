//! The thread that writes: units of work are committed as they come, in groups, so that the price of a commit is shared.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::store::facts::{FactsDb, Unit};

/// Units committed together, and how long a commit may wait for more.
pub(super) const GROUP: usize = 256;
const GROUP_WAIT: Duration = Duration::from_millis(200);

/// Commits units as they come, in groups.
pub(super) fn write(mut db: FactsDb, run: i64, inbox: &std::sync::mpsc::Receiver<Unit>) -> Result<FactsDb> {
    let mut group = Vec::with_capacity(GROUP);
    while let Ok(first) = inbox.recv() {
        group.push(first);
        let until = Instant::now() + GROUP_WAIT;
        while group.len() < GROUP
            && let Ok(unit) = inbox.recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            group.push(unit);
        }
        db.commit(run, &group)?;
        group.clear();
    }
    Ok(db)
}
