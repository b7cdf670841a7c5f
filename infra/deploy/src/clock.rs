//! Time as a port, so that a test of an hour's deployment takes no time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells and passes the time.
#[expect(
    async_fn_in_trait,
    reason = "the engine runs on one thread and asks for no Send futures"
)]
pub trait Clock {
    /// Time since the Unix epoch.
    fn now(&self) -> Duration;
    /// Lets time pass.
    async fn sleep(&self, time: Duration);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// How long to wait between two looks at the same thing.
///
/// Quick at first, because a local cloud is done in a tenth of a second; slower with time,
/// because AWS counts calls per account and a stack takes minutes.
#[derive(Debug, Clone)]
pub struct Pace {
    next: Duration,
}

const QUICKEST: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_secs(2);
const THROTTLED: Duration = Duration::from_secs(5);

impl Pace {
    /// Starts at the quickest.
    pub fn new() -> Self {
        Self { next: QUICKEST }
    }

    /// The next wait.
    pub fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 3 / 2).min(SLOWEST);
        wait
    }

    /// The next wait after AWS asked for fewer calls.
    pub fn back_off(&mut self) -> Duration {
        self.next = SLOWEST;
        THROTTLED
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new()
    }
}

/// A duration as people say it: `0.4 s`, `12 s`, `3 min 05 s`.
pub fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 10 {
        format!("{:.1} s", time.as_secs_f64())
    } else if seconds < 60 {
        format!("{seconds} s")
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// A clock that jumps instead of waiting.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct Leaping {
    now: std::cell::Cell<Duration>,
}

#[cfg(test)]
impl Clock for Leaping {
    fn now(&self) -> Duration {
        self.now.get()
    }

    async fn sleep(&self, time: Duration) {
        self.now.set(self.now.get() + time);
        // A real sleep lets others run, and an interruption is noticed there.
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, SLOWEST, spoken};
    use std::time::Duration;

    #[test]
    fn the_pace_slows_to_two_seconds_and_stays_there() {
        let mut pace = Pace::new();
        let waits: Vec<Duration> = (0..20).map(|_| pace.wait()).collect();
        assert!(waits.is_sorted());
        assert_eq!(waits[0], Duration::from_millis(100));
        assert_eq!(waits[19], SLOWEST);
        assert!(pace.back_off() > SLOWEST);
        assert_eq!(pace.wait(), SLOWEST);
    }

    #[test]
    fn durations_are_spoken() {
        for (millis, expected) in [
            (420, "0.4 s"),
            (12_300, "12 s"),
            (60_000, "1 min 00 s"),
            (185_000, "3 min 05 s"),
        ] {
            assert_eq!(spoken(Duration::from_millis(millis)), expected);
        }
    }
}
