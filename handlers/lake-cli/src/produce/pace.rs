//! How fast events leave: a token bucket that is told the time.

use std::time::{Duration, Instant};

/// How much of a delay may be made up for at once: a second's worth, because the limits of a
/// shard are per second. A rate is held although requests stall for a moment.
const CATCH_UP: Duration = Duration::from_secs(1);

/// Lets events through at a steady rate.
///
/// This is the virtual-schedule form of a token bucket: instead of tokens it keeps the time at
/// which the next event is due.
pub(crate) struct Pace {
    interval: Duration,
    due: Option<Instant>,
}

impl Pace {
    /// `rate` events per second, or as fast as they come.
    pub(crate) fn new(rate: Option<f64>) -> Self {
        let interval = rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate));
        Self { interval, due: None }
    }

    /// When the next event may leave; a time in the past means now.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due.filter(|_| !self.interval.is_zero())
    }

    /// Counts one event that leaves at this time.
    pub(crate) fn passed(&mut self, now: Instant) {
        if self.interval.is_zero() {
            return;
        }
        let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
        let due = self.due.unwrap_or(now).max(earliest);
        self.due = due.checked_add(self.interval);
    }
}

#[cfg(test)]
mod tests {
    use super::{CATCH_UP, Pace};
    use std::time::{Duration, Instant};

    /// Runs the bucket against a clock that moves in steps, and says when each event left.
    fn run(rate: f64, step: Duration, steps: u32) -> Vec<Duration> {
        let (mut pace, start, mut left) = (Pace::new(Some(rate)), Instant::now(), Vec::new());
        for tick in 0..steps {
            let now = start + step * tick;
            while pace.due().is_none_or(|due| due <= now) {
                pace.passed(now);
                left.push(now - start);
            }
        }
        left
    }

    #[test]
    fn the_rate_is_held_however_coarse_the_clock() {
        for (rate, step) in [(10.0, 1), (300.0, 1), (300.0, 15), (20_000.0, 1), (0.5, 50)] {
            let seconds = 20;
            let left = run(rate, Duration::from_millis(step), 1000 / step as u32 * seconds);
            let wanted = rate * f64::from(seconds);
            let error = (left.len() as f64 - wanted).abs();
            assert!(error <= wanted * 0.02 + 1.0, "{} of {wanted} at {rate}/s", left.len());
        }
    }

    #[test]
    fn events_are_evenly_spaced() {
        let left = run(100.0, Duration::from_millis(1), 10_000);
        assert!(
            left.windows(2)
                .all(|pair| pair[1] - pair[0] == Duration::from_millis(10))
        );
    }

    #[test]
    fn a_stall_is_made_up_for_only_a_little() {
        let (mut pace, start) = (Pace::new(Some(1000.0)), Instant::now());
        pace.passed(start);
        let later = start + Duration::from_secs(60);
        let mut burst = 0;
        while pace.due().is_some_and(|due| due <= later) {
            pace.passed(later);
            burst += 1;
        }
        assert_eq!(burst, CATCH_UP.as_millis() + 1);
    }

    #[test]
    fn without_a_rate_nothing_waits() {
        let mut pace = Pace::new(None);
        pace.passed(Instant::now());
        assert_eq!(pace.due(), None);
    }
}
