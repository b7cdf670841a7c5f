//! The fence and the store in memory: what tests and rehearsals write to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Acquired, Committed, Fault, Millis, Object, PutFault, Range, Reached, Sequence};

/// Fences in memory.
#[derive(Debug, Default)]
pub struct Fence {
    items: RefCell<BTreeMap<String, Item>>,
}

#[derive(Debug, Default)]
struct Item {
    reached: Reached,
    pending: BTreeSet<String>,
    lease: Option<(String, Millis)>,
}

impl Item {
    fn is_held_by(&self, owner: &str) -> bool {
        self.lease.as_ref().is_some_and(|(holder, _)| holder == owner)
    }
}

impl super::Fence for Fence {
    async fn acquire(&self, fence: &str, owner: &str, now: Millis, until: Millis) -> Result<Acquired, Fault> {
        let mut items = self.items.borrow_mut();
        let item = items.entry(fence.to_owned()).or_default();
        match &item.lease {
            Some((holder, until)) if holder != owner && *until >= now => Ok(Acquired::Taken { until: *until }),
            _ => {
                item.lease = Some((owner.to_owned(), until));
                Ok(Acquired::Held {
                    reached: item.reached.clone(),
                    pending: item.pending.clone(),
                })
            }
        }
    }

    async fn intend(&self, fence: &str, owner: &str, keys: &BTreeSet<String>) -> Result<Committed, Fault> {
        match self.items.borrow_mut().get_mut(fence) {
            Some(item) if item.is_held_by(owner) => {
                item.pending.clone_from(keys);
                Ok(Committed::Moved)
            }
            _ => Ok(Committed::Overtaken),
        }
    }

    async fn commit(
        &self,
        fence: &str,
        owner: &str,
        from: Option<&Sequence>,
        to: &Reached,
    ) -> Result<Committed, Fault> {
        match self.items.borrow_mut().get_mut(fence) {
            Some(item) if item.is_held_by(owner) && item.reached.last.as_ref() == from => {
                *item = Item {
                    reached: to.clone(),
                    ..Item::default()
                };
                Ok(Committed::Moved)
            }
            _ => Ok(Committed::Overtaken),
        }
    }

    async fn release(&self, fence: &str, owner: &str) -> Result<(), Fault> {
        if let Some(item) = self.items.borrow_mut().get_mut(fence)
            && item.is_held_by(owner)
        {
            item.lease = None;
        }
        Ok(())
    }
}

/// Objects in memory.
#[derive(Debug, Default)]
pub struct Store {
    /// The objects by their keys.
    pub objects: RefCell<BTreeMap<String, Object>>,
}

impl super::Store for Store {
    async fn put(&self, object: Object) -> Result<(), PutFault> {
        self.objects.borrow_mut().insert(object.key.clone(), object);
        Ok(())
    }

    async fn delete(&self, keys: &[&str]) -> Result<(), PutFault> {
        self.objects.borrow_mut().retain(|key, _| !keys.contains(&key.as_str()));
        Ok(())
    }

    async fn keys(&self, folder: &str, shard: &str) -> Result<Vec<String>, PutFault> {
        let prefix = format!("{folder}{shard}-");
        let objects = self.objects.borrow();
        Ok(objects.keys().filter(|key| key.starts_with(&prefix)).cloned().collect())
    }

    async fn ranges(&self, keys: &[String]) -> Result<Vec<Range>, PutFault> {
        let objects = self.objects.borrow();
        let asked = keys.iter().filter_map(|key| objects.get(key));
        Ok(asked.map(Range::of).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance::{self, block_on};
    use super::{Fence, Store};

    #[test]
    fn a_fence_in_memory_is_a_fence() {
        block_on(conformance::fence(&Fence::default(), "stream/shard"));
    }

    #[test]
    fn a_store_in_memory_is_a_store() {
        block_on(conformance::store(&Store::default(), "raw/"));
    }
}
