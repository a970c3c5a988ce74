//! What time it is for the office: the machine's clock, which the demo alone sets forward to live through months in a minute.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{TimeDelta, Utc};

use crate::calendar::{Instant8, in_beijing};

/// Milliseconds that the office's time is ahead of the machine's; 0 but in the demo.
static AHEAD: AtomicI64 = AtomicI64::new(0);

/// Now, in +08:00.
pub fn now() -> Instant8 {
    in_beijing(Utc::now() + TimeDelta::milliseconds(AHEAD.load(Ordering::Relaxed)))
}

/// From now on it is `at`, and time passes as ever. For the demo: what an office does is dated by the machine.
pub(crate) fn set(at: Instant8) {
    AHEAD.store((at.to_utc() - Utc::now()).num_milliseconds(), Ordering::Relaxed);
}
