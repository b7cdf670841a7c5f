//! The writer's clock as the machine's.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lake::write::{Clock, Millis};

/// The machine's clock; Lambda keeps it within milliseconds of true (Amazon Time Sync).
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Clock for Machine {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
