//! How a generation is written: here, or by the engine.

use super::inputs::Inputs;
use super::{
    Catalog, Cause, Compaction, Engine, Fault, GetFault, Hours, Intent, Kept, Merge, Progress, Query, Shift, Store,
    Tally, Unmergeable,
};
use crate::Hour;
use crate::write::Clock;

/// A generation that is in place.
pub(super) struct Made {
    pub(super) generation: String,
    pub(super) rows: Tally,
}

impl<H: Hours, S: Store, C: Catalog, M: Merge, E: Engine, T: Clock> Compaction<H, S, C, M, E, T> {
    async fn intend(&self, hour: Hour, shift: Shift<'_>, intent: &Intent) -> Result<(), Cause> {
        match self.ports.hours.intend(hour, shift.owner, intent).await? {
            Kept::Made => Ok(()),
            Kept::Overtaken => Err(Cause::Overtaken),
        }
    }

    /// Writes a generation here; none if the hour is too large.
    pub(super) async fn merge(
        &mut self,
        hour: Hour,
        shift: Shift<'_>,
        inputs: &Inputs,
        intent: &mut Intent,
    ) -> Result<Option<Made>, Cause> {
        let generation = self.generation(shift);
        if fits(self.ports.merge.begin(), "")?.is_none() {
            return Ok(None);
        }
        for object in &inputs.objects {
            self.in_time(shift)?;
            let bytes = self.ports.store.get(object).await.map_err(|fault| match fault {
                GetFault::Changed => Cause::Changed {
                    key: object.key.clone(),
                },
                GetFault::Fault(Fault) => Cause::Fault,
            })?;
            if fits(self.ports.merge.push(bytes), &object.key)?.is_none() {
                return Ok(None);
            }
        }
        intent.generations.insert(generation.clone());
        self.intend(hour, shift, intent).await?;
        for number in 0.. {
            self.in_time(shift)?;
            let Some(file) = fits(self.ports.merge.next(), "")? else {
                return Ok(None);
            };
            let Some(bytes) = file else { break };
            self.ports.store.put(hour, &generation, number, bytes).await?;
        }
        Ok(Some(Made {
            generation,
            rows: self.ports.merge.tally(),
        }))
    }

    /// Has the engine write a generation, or takes up the query that does; none while it runs.
    pub(super) async fn insert(
        &self,
        hour: Hour,
        shift: Shift<'_>,
        inputs: &Inputs,
        intent: &mut Intent,
    ) -> Result<Option<Made>, Cause> {
        let query = match &intent.query {
            Some(query) => query.clone(),
            None => {
                let generation = self.generation(shift);
                intent.generations.insert(generation.clone());
                self.intend(hour, shift, intent).await?;
                let query = Query {
                    id: self.ports.engine.insert(hour, &generation).await?,
                    generation,
                    inputs: inputs.digest.clone(),
                };
                intent.query = Some(query.clone());
                self.intend(hour, shift, intent).await?;
                query
            }
        };
        loop {
            match self.ports.engine.progress(&query.id).await? {
                Progress::Done => break,
                Progress::Failed => {
                    intent.query = None;
                    self.intend(hour, shift, intent).await?;
                    return Err(Cause::Query { id: query.id });
                }
                Progress::Running if self.is_late(shift) => return Ok(None),
                Progress::Running => self.ports.clock.sleep(self.settings.nap).await,
            }
        }
        let rows = self.ports.engine.count(hour, &query.generation).await?;
        // It has read, and counted, what was there when it did.
        if Inputs::of(self.ports.store.raw(hour).await?).digest != inputs.digest {
            return Err(Cause::Changed { key: hour.to_string() });
        }
        Ok(Some(Made {
            generation: query.generation,
            rows,
        }))
    }

    /// A name that no other attempt has, and that sorts by time.
    fn generation(&self, shift: Shift<'_>) -> String {
        format!("{:013}-{}", self.ports.clock.now(), shift.owner)
    }

    fn in_time(&self, shift: Shift<'_>) -> Result<(), Cause> {
        match self.is_late(shift) {
            true => Err(Cause::Deadline),
            false => Ok(()),
        }
    }
}

/// None for what is too large.
fn fits<R>(answer: Result<R, Unmergeable>, key: &str) -> Result<Option<R>, Cause> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Unmergeable::TooLarge) => Ok(None),
        Err(Unmergeable::Damaged(source)) => Err(Cause::Damaged {
            key: key.to_owned(),
            source,
        }),
    }
}
