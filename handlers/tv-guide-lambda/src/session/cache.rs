//! Things that are kept for a while: a bounded number of them, the lately used ones first.

use std::collections::BTreeMap;

use jiff::Timestamp;

#[derive(Debug)]
pub(super) struct Cache<K, V> {
    most: usize,
    uses: u64,
    entries: BTreeMap<K, Entry<V>>,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    until: Timestamp,
    /// The number of the use that was its last.
    used: u64,
}

impl<K: Ord + Clone, V: Clone> Cache<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            uses: 0,
            entries: BTreeMap::new(),
        }
    }

    /// What is kept for a key, until its time.
    pub(super) fn get(&mut self, key: &K, now: Timestamp) -> Option<V> {
        self.uses += 1;
        let entry = self.entries.get_mut(key)?;
        if entry.until <= now {
            self.entries.remove(key);
            return None;
        }
        entry.used = self.uses;
        Some(entry.value.clone())
    }

    pub(super) fn put(&mut self, key: K, value: V, until: Timestamp) {
        self.uses += 1;
        let used = self.uses;
        self.entries.insert(key, Entry { value, until, used });
        if self.entries.len() > self.most {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                self.entries.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::Cache;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_thing_is_kept_until_its_time() {
        let mut cache = Cache::new(2);
        cache.put("a", 1, at(10));
        assert_eq!((cache.get(&"a", at(9)), cache.get(&"b", at(9))), (Some(1), None));
        assert_eq!(cache.get(&"a", at(10)), None);
        assert_eq!(cache.get(&"a", at(9)), None, "what has ended does not come back");
        cache.put("a", 2, at(20));
        assert_eq!(cache.get(&"a", at(19)), Some(2));
    }

    #[test]
    fn of_too_many_things_the_one_that_rested_longest_goes() {
        let mut cache = Cache::new(2);
        cache.put("a", 1, at(10));
        cache.put("b", 2, at(10));
        cache.get(&"a", at(1));
        cache.put("c", 3, at(10));
        assert_eq!(
            [cache.get(&"a", at(1)), cache.get(&"b", at(1)), cache.get(&"c", at(1))],
            [Some(1), None, Some(3)]
        );
        // The same key again is no other thing.
        cache.put("c", 4, at(10));
        assert_eq!([cache.get(&"a", at(1)), cache.get(&"c", at(1))], [Some(1), Some(4)]);
    }
}
