//! The removal of generations that nobody reads any more.

use super::{Catalog, Compaction, Engine, Fault, Hours, Merge, Retired, Shift, Store, Swept, millis};
use crate::write::Clock;

impl<H: Hours, S: Store, C: Catalog, M: Merge, E: Engine, T: Clock> Compaction<H, S, C, M, E, T> {
    /// Removes what was retired long enough ago.
    pub(super) async fn sweep(&self, shift: Shift<'_>) -> Result<Swept, Fault> {
        let now = self.ports.clock.now();
        let until = now.saturating_sub(millis(self.settings.grace));
        let mut swept = Swept::default();
        for retired in self.ports.hours.retired(until).await? {
            if self.is_late(shift) {
                break;
            }
            let Retired { hour, generation, .. } = &retired;
            let location = self.ports.catalog.location(*hour).await?;
            if location == Some(self.ports.store.location(*hour, generation)) {
                // Somebody has moved the partition back: the hour needs another generation first.
                let again = Retired {
                    since: now,
                    ..retired.clone()
                };
                self.ports.hours.retire(&again).await?;
                self.ports.hours.mark(*hour, now).await?;
                swept.in_use += 1;
            } else {
                self.ports.store.remove(*hour, generation).await?;
                self.ports.catalog.drop_generation(*hour, generation).await?;
                swept.removed += 1;
            }
            self.ports.hours.forget(&retired).await?;
        }
        Ok(swept)
    }
}
