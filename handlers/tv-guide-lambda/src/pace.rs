//! The real clock.

use std::time::Duration;

use jiff::Timestamp;
use tv_guide::upstream::Pace;

/// The machine's clock and its timer, and waits that no two functions share.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealTime;

impl Pace for RealTime {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn jitter(&self, most: Duration) -> Duration {
        most.mul_f64(fastrand::f64())
    }
}
