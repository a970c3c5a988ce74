//! How much processor time the reading of one page may take. Processor time, not the wall clock: a busy machine must
//! read the same of a page as an idle one.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A budget that is used up by the thread that started it.
#[derive(Debug, Clone, Copy)]
pub struct CpuBudget {
    until: Duration,
    /// A thread has spent no more than has passed: until then its own clock, which only the kernel reads, need not be asked.
    not_before: Instant,
}

impl CpuBudget {
    /// A budget of `most` from now on, for this thread.
    pub fn start(most: Duration) -> Self {
        Self { until: spent() + most, not_before: Instant::now() + most }
    }

    /// Says true once the budget is used up, as the reader of pages asks for it.
    pub fn check(self) -> impl FnMut() -> bool {
        move || Instant::now() >= self.not_before && spent() > self.until
    }
}

/// Processor time of this thread so far.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_work_uses_it_up() {
        let mut none = CpuBudget::start(Duration::ZERO).check();
        let mut much = CpuBudget::start(Duration::from_hours(1)).check();
        let mut work = 0_u64;
        while !none() {
            work = work.wrapping_mul(31).wrapping_add(1);
        }
        assert!(!much(), "{work}");
    }
}
