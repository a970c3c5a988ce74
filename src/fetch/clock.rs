//! The time of a fetch: waiting for our own politeness is none of it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use super::http::Gate;
use crate::exchange::FetchError;

/// A gate at which the clock stands still.
pub(super) struct Stopped<'a, G> {
    gate: &'a G,
    clock: Mutex<Clock>,
}

struct Clock {
    started: Instant,
    waited: Duration,
    waiting_since: Option<Instant>,
}

impl<'a, G: Gate> Stopped<'a, G> {
    /// Starts the clock of a fetch that passes `gate`.
    pub(super) fn at(gate: &'a G) -> Self {
        let clock = Clock { started: Instant::now(), waited: Duration::ZERO, waiting_since: None };
        Self { gate, clock: Mutex::new(clock) }
    }

    /// Time spent so far, save what was spent waiting.
    pub(super) fn spent(&self) -> Duration {
        let clock = self.clock();
        let now = Instant::now();
        let waiting = clock.waiting_since.map_or(Duration::ZERO, |since| now - since);
        (now - clock.started).saturating_sub(clock.waited + waiting)
    }

    /// Ends once `limit` is spent.
    pub(super) async fn run_out(&self, limit: Duration) {
        while let Some(left) = limit.checked_sub(self.spent()).filter(|left| !left.is_zero()) {
            tokio::time::sleep(left).await;
        }
    }

    fn clock(&self) -> std::sync::MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<G: Gate> Gate for Stopped<'_, G> {
    async fn pass(&self, url: &Url, group: &str) -> Result<Instant, FetchError> {
        self.clock().waiting_since = Some(Instant::now());
        let passed = self.gate.pass(url, group).await;
        let mut clock = self.clock();
        let since = clock.waiting_since.take();
        clock.waited += since.map_or(Duration::ZERO, |since| since.elapsed());
        passed
    }

    fn answered(
        &self,
        url: &Url,
        group: &str,
        turn: Instant,
        reply: Result<(u16, Option<Duration>), &FetchError>,
    ) {
        self.gate.answered(url, group, turn, reply);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A gate at which everybody waits.
    struct Closed;

    impl Gate for Closed {
        async fn pass(&self, _: &Url, _: &str) -> Result<Instant, FetchError> {
            std::future::pending().await
        }

        fn answered(&self, _: &Url, _: &str, _: Instant, _: Result<(u16, Option<Duration>), &FetchError>) {}
    }

    #[tokio::test]
    async fn the_clock_stands_still_at_the_gate() {
        let stopped = Stopped::at(&Closed);
        let tick = |from: Instant| while Instant::now() == from {};
        let before = stopped.spent();
        tick(Instant::now());
        assert!(stopped.spent() > before, "it runs elsewhere");
        let url = Url::parse("http://www.shili.example/").expect("a URL");
        tokio::select! {
            biased;
            _ = stopped.pass(&url, "g") => panic!("nobody passes"),
            () = std::future::ready(()) => {}
        }
        let waiting = stopped.spent();
        tick(Instant::now());
        assert_eq!(stopped.spent(), waiting);
    }
}
