//! Politeness: one owner per host and per group of hosts on one address.
//!
//! Every request — page, robots.txt, redirect, retry, second look, probe — takes a turn here first. A turn is given
//! when both the host's and the group's limiter have a cell free; whichever had to wait for the other is started
//! anew from that moment, so that no window of time ever sees more than the rate allows. A key that is new waits one
//! full interval before its first turn: restarting the program in a loop is never faster than running it once.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::truce::{Held, Truce};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter, clock::Clock, clock::DefaultClock};

/// Requests per second that no configuration exceeds towards a public address.
pub const FASTEST_PUBLIC: f64 = 10.0;

/// Longest patience shown to one Retry-After or back-off.
pub const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Added to every interval (at most a twentieth of it), so that requests which travel at different speeds still
/// arrive no faster than the rate.
const SLACK: Duration = Duration::from_millis(30);

/// See the module.
#[derive(Debug)]
pub struct Pace {
    host_interval: Duration,
    group_interval: Duration,
    clock: DefaultClock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    truce: Option<Truce>,
    hosts: HashMap<String, Key>,
    groups: HashMap<String, Key>,
    sent: u64,
}

#[derive(Debug)]
struct Key {
    limiter: DefaultDirectRateLimiter,
    clock: DefaultClock,
    interval: Duration,
    /// A cell that was taken and not yet used because the other limiter had none.
    credit: bool,
    not_before: Option<Instant>,
    failures: u32,
    /// The shortest time from a turn to its answer.
    fastest: Option<Duration>,
}

impl Pace {
    /// Limits in requests per second.
    pub fn new(per_host: f64, per_group: f64) -> Self {
        let interval = |rate: f64| {
            let exact = Duration::from_secs_f64(1.0 / rate.clamp(0.000_1, 1e6));
            exact + (exact / 20).min(SLACK)
        };
        Self {
            host_interval: interval(per_host),
            group_interval: interval(per_group),
            clock: DefaultClock::default(),
            state: Mutex::default(),
        }
    }

    /// Gives no turn while the probe visits, as the lock at `path` tells.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn keep_truce(&self, path: &Path) -> std::io::Result<()> {
        self.lock().truce = Some(Truce::watch(path)?);
        Ok(())
    }

    /// Waits until a request to `host`, which lies on address group `group`, may be sent, and takes that turn: the moment
    /// at which it was given.
    pub async fn turn(&self, host: &str, group: &str) -> Instant {
        loop {
            let now = Instant::now();
            match self.try_turn(host, group, now) {
                Ok(()) => return now,
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Makes the interval of `host` at least `delay`, as its robots.txt asks (Crawl-delay), up to one minute.
    pub fn slow_down(&self, host: &str, delay: Duration) {
        let delay = delay.min(Duration::from_mins(1)) + SLACK;
        let mut state = self.lock();
        let key = state.hosts.entry(host.to_owned()).or_insert_with(|| self.key(self.host_interval));
        if delay > key.interval {
            key.interval = delay;
            key.restart();
        }
    }

    /// Leaves `host` in peace for `wait` from now on, at most [`LONGEST_WAIT`].
    pub fn pause(&self, host: &str, wait: Duration) {
        let until = Instant::now() + wait.min(LONGEST_WAIT);
        let mut state = self.lock();
        let key = state.hosts.entry(host.to_owned()).or_insert_with(|| self.key(self.host_interval));
        key.not_before = key.not_before.max(Some(until));
    }

    /// Notes how the request of a turn went, and returns how many in a row broke. A broken connection doubles the wait up to
    /// a minute. An answer that took longer than the fastest so far may belong to a request that reached the server late by
    /// the difference: the next turn of host and group counts from there. A really slow one is followed by a rest of the
    /// host as long as it took.
    pub fn outcome(&self, host: &str, group: &str, turn: Instant, broken: bool) -> u32 {
        let now = Instant::now();
        let mut state = self.lock();
        if let Some(group) = state.groups.get_mut(group) {
            group.came(now, turn, broken);
        }
        let Some(key) = state.hosts.get_mut(host) else { return 0 };
        key.came(now, turn, broken);
        let took = now - turn;
        if broken {
            key.failures += 1;
            key.rest(now + key.interval * 2_u32.saturating_pow(key.failures.min(8)), now);
        } else {
            key.failures = 0;
            if took > key.interval * 2 {
                key.rest(now + took, now);
            }
        }
        key.failures
    }

    /// Turns given so far.
    pub fn sent(&self) -> u64 {
        self.lock().sent
    }

    /// Hosts that asked for patience, with what is left of it: kept across restarts.
    pub fn patience(&self) -> Vec<(String, Duration)> {
        let now = Instant::now();
        let state = self.lock();
        let mut left: Vec<_> = state
            .hosts
            .iter()
            .filter_map(|(host, key)| Some((host.clone(), key.not_before?.checked_duration_since(now)?)))
            .collect();
        left.sort();
        left
    }

    fn try_turn(&self, host: &str, group: &str, now: Instant) -> Result<(), Duration> {
        let mut guard = self.lock();
        let state = &mut *guard;
        match state.truce.as_mut().map_or(Held::No, |truce| truce.look(now)) {
            Held::No => {}
            Held::Yes(wait) => return Err(wait),
            // The other process may have asked any of our hosts a moment ago.
            Held::JustEnded => {
                for key in state.hosts.values_mut().chain(state.groups.values_mut()) {
                    key.restart();
                }
            }
        }
        let least = match group.parse() {
            Ok(ip) if is_private(ip) => Duration::ZERO,
            _ => Duration::from_secs_f64(1.0 / FASTEST_PUBLIC),
        };
        let interval = self.host_interval.max(least);
        let host = state.hosts.entry(host.to_owned()).or_insert_with(|| self.key(interval));
        let interval = self.group_interval.max(least);
        let group = state.groups.entry(group.to_owned()).or_insert_with(|| self.key(interval));
        for key in [&mut *host, &mut *group] {
            if let Some(until) = key.not_before {
                if until > now {
                    return Err(until - now);
                }
                key.not_before = None;
            }
        }
        host.take()?;
        group.take()?;
        for key in [host, group] {
            if key.credit {
                key.restart();
            }
        }
        state.sent += 1;
        Ok(())
    }

    fn key(&self, interval: Duration) -> Key {
        let mut key = Key {
            limiter: limiter(interval, &self.clock),
            clock: self.clock.clone(),
            interval,
            credit: false,
            not_before: None,
            failures: 0,
            fastest: None,
        };
        key.restart();
        key
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Key {
    /// Takes a cell, or keeps the one taken before.
    fn take(&mut self) -> Result<(), Duration> {
        if !self.credit {
            self.limiter.check().map_err(|until| until.wait_time_from(self.clock.now()))?;
            self.credit = true;
        }
        Ok(())
    }

    /// The answer to what was asked in `turn` has come, or will not come: where the request may have arrived late, the
    /// interval counts from its latest arrival.
    fn came(&mut self, now: Instant, turn: Instant, broken: bool) {
        let took = now - turn;
        let late = took.saturating_sub(self.fastest.unwrap_or_default());
        if !broken {
            self.fastest = Some(self.fastest.map_or(took, |fastest| fastest.min(took)));
        }
        if broken || late > (self.interval / 20).min(SLACK) / 4 {
            self.rest(turn + late + self.interval, now);
        }
    }

    /// Gives no turn before `until`, which is a minute from now at most.
    fn rest(&mut self, until: Instant, now: Instant) {
        let until = until.min(now + Duration::from_mins(1));
        self.not_before = self.not_before.max(Some(until));
    }

    /// Counts the interval from this moment.
    fn restart(&mut self) {
        self.limiter = limiter(self.interval, &self.clock);
        // The first cell of a fresh limiter is always free: it is the turn being taken.
        let _ = self.limiter.check();
        self.credit = false;
    }
}

/// Whether an address is of this machine or of a private network.
pub fn is_private(ip: std::net::IpAddr) -> bool {
    match ip.to_canonical() {
        std::net::IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        std::net::IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

fn limiter(interval: Duration, clock: &DefaultClock) -> DefaultDirectRateLimiter {
    let quota = Quota::with_period(interval)
        .unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN))
        .allow_burst(NonZeroU32::MIN);
    RateLimiter::direct_with_clock(quota, clock.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_waits_one_interval() {
        let pace = Pace::new(1.0, 4.0);
        let wait = pace.try_turn("h", "g", Instant::now()).expect_err("the first turn is not free");
        assert!(wait > Duration::from_millis(900), "{wait:?}");
    }

    #[test]
    fn a_pause_holds_back_whatever_the_rate() {
        let pace = Pace::new(1000.0, 1000.0);
        pace.pause("h", Duration::from_secs(30));
        let wait = pace.try_turn("h", "g", Instant::now()).expect_err("paused");
        assert!(wait > Duration::from_secs(29), "{wait:?}");
        pace.pause("i", Duration::from_hours(9000));
        let wait = pace.try_turn("i", "g", Instant::now()).expect_err("paused");
        assert!(wait <= LONGEST_WAIT, "a hostile Retry-After is capped");
    }

    #[tokio::test]
    async fn a_group_is_no_faster_than_its_rate_and_hosts_take_turns() {
        let pace = Pace::new(100.0, 200.0);
        let mut sent: Vec<Instant> = Vec::new();
        for n in 0..30 {
            pace.turn(&format!("host{}", n % 3), "127.0.0.9").await;
            sent.push(Instant::now());
        }
        for pair in sent.windows(2) {
            assert!(pair[1] - pair[0] >= Duration::from_micros(4900), "closer than the group allows");
        }
        for window in sent.windows(4) {
            assert!(window[3] - window[0] >= Duration::from_micros(9900), "a host came round too early");
        }
    }

    #[test]
    fn what_may_have_arrived_late_pushes_the_next_turn_of_host_and_group() {
        let pace = Pace::new(1.0, 4.0);
        let turn = Instant::now();
        let _ = pace.try_turn("h", "g", turn);
        let ago = |millis| Instant::now().checked_sub(Duration::from_millis(millis)).expect("an uptime");
        let left = || pace.patience().first().map_or(Duration::ZERO, |(_, left)| *left);
        // Nothing is known yet of the way there.
        pace.outcome("h", "g", ago(300), false);
        assert!(left() > Duration::from_millis(900), "{:?}", left());
        pace.lock().hosts.get_mut("h").expect("known").not_before = None;
        pace.outcome("h", "g", ago(900), false);
        assert!(left() > Duration::from_millis(500) && left() < Duration::from_millis(740), "{:?}", left());
        let wait = pace.try_turn("i", "g", Instant::now()).expect_err("a new host of the group waits");
        assert!(wait > Duration::from_millis(100), "{wait:?}");
    }

    #[test]
    fn broken_connections_double_the_wait() {
        let pace = Pace::new(10.0, 10.0);
        let turn = Instant::now();
        let _ = pace.try_turn("h", "g", turn);
        assert_eq!(pace.outcome("h", "g", turn, true), 1);
        assert_eq!(pace.outcome("h", "g", turn, true), 2);
        assert!(pace.patience()[0].1 > Duration::from_millis(300));
        assert_eq!(pace.outcome("h", "g", turn, false), 0);
    }
}
