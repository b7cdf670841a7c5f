//! What no object holds of records that may have been written.

use super::{Batch, Cause, Clock, Encode, Fence, Held, Part, Placed, Range, Sequence, Store, Writer};

impl<F: Fence, S: Store, C: Clock> Writer<F, S, C> {
    /// The objects of records, without the events that are in some object already, and how many those
    /// are.
    pub(super) async fn lacking<R: Placed + Clone>(
        &self,
        batch: &Batch<'_, R>,
        held: &Held,
        records: &[R],
        encode: &mut impl Encode<R>,
    ) -> Result<(Vec<Part>, usize), Cause> {
        let all = encode.encode(records).map_err(|_| Cause::Encoder)?;
        let rows: usize = all.iter().map(|part| part.rows).sum();
        let mut lacking = Vec::new();
        for part in all {
            let ranges = self.ranges(batch, held, &part).await?;
            let is_lacking = |record: &&R| !ranges.iter().any(|range| range.holds(record.sequence()));
            let records: Vec<R> = records.iter().filter(is_lacking).cloned().collect();
            // An object reaches over no other: see `Store::ranges`.
            let is_next = |one: &R, next: &R| {
                let between = one.sequence()..next.sequence();
                !ranges.iter().any(|range| between.contains(&&range.first))
            };
            for run in records.chunk_by(is_next) {
                // Of a folder's ranges nothing follows for the events of other folders.
                let parts = encode.encode(run).map_err(|_| Cause::Encoder)?;
                lacking.extend(parts.into_iter().filter(|other| other.folder == part.folder));
            }
        }
        let covered = rows - lacking.iter().map(|part| part.rows).sum::<usize>();
        Ok((lacking, covered))
    }

    /// What those objects hold that may hold a record of this part.
    ///
    /// To know what an object holds takes a request for each, and an hour has hundreds. But their
    /// names say where each begins, and none reaches over another: so only those can hold one that
    /// begin within the part, and the last of those that begin before it.
    async fn ranges<R>(&self, batch: &Batch<'_, R>, held: &Held, part: &Part) -> Result<Vec<Range>, Cause> {
        let keys = self.store.keys(&part.folder, batch.shard).await;
        let mut keys = keys.map_err(|_| Cause::Store)?;
        // What an attempt left behind without moving the fence is about to be removed.
        keys.retain(|key| !held.pending.contains(key));
        let mut begun: Vec<(Sequence, String)> = keys
            .into_iter()
            .filter_map(|key| Some((part.first_of(batch.shard, &key)?, key)))
            .filter(|(first, _)| *first <= part.last)
            .collect();
        begun.sort_unstable();
        let before = begun.partition_point(|(first, _)| *first < part.first);
        let asked = begun.split_off(before.saturating_sub(1));
        let keys: Vec<String> = asked.into_iter().map(|(_, key)| key).collect();
        self.store.ranges(&keys).await.map_err(|_| Cause::Store)
    }
}
