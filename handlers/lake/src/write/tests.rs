use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::conformance::block_on;
use super::{
    Batch, Clock, Encode, Margins, Millis, Object, Outcome, Part, Placed, PutFault, Range, Sequence, Store, Tally,
    Unencodable, Writer, memory,
};

/// A thousand records of one hour, in a hundred objects.
struct Hour {
    store: Asked,
    writer: Writer<memory::Fence, Asked, Noon>,
}

/// A store in memory that knows what it was asked.
#[derive(Clone, Default)]
struct Asked(std::rc::Rc<(memory::Store, RefCell<Vec<String>>)>);

impl Store for Asked {
    async fn put(&self, object: Object) -> Result<(), PutFault> {
        self.0.0.put(object).await
    }

    async fn delete(&self, keys: &[&str]) -> Result<(), PutFault> {
        self.0.0.delete(keys).await
    }

    async fn keys(&self, folder: &str, shard: &str) -> Result<Vec<String>, PutFault> {
        self.0.0.keys(folder, shard).await
    }

    async fn ranges(&self, keys: &[String]) -> Result<Vec<Range>, PutFault> {
        self.0.1.borrow_mut().extend_from_slice(keys);
        self.0.0.ranges(keys).await
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Millis {
        43_200_000
    }

    async fn sleep(&self, _: Duration) {}
}

#[derive(Clone)]
struct Number(Sequence);

impl Placed for Number {
    fn sequence(&self) -> &Sequence {
        &self.0
    }
}

struct OneFolder;

impl Encode<Number> for OneFolder {
    fn encode(&mut self, records: &[Number]) -> Result<Vec<Part>, Unencodable> {
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            return Ok(Vec::new());
        };
        Ok(vec![Part {
            folder: "hour/".to_owned(),
            first: first.0.clone(),
            last: last.0.clone(),
            rows: records.len(),
            suffix: ".n",
            bytes: Vec::new(),
        }])
    }
}

impl Hour {
    fn written() -> Self {
        let store = Asked::default();
        let writer = Writer::new(memory::Fence::default(), store.clone(), Noon, Margins::default());
        let hour = Hour { store, writer };
        for first in (1..=1_000).step_by(10) {
            assert_eq!(hour.write(first..=first + 9).rows, 10);
        }
        hour
    }

    fn write(&self, numbers: RangeInclusive<u32>) -> Tally {
        let records = records(numbers);
        self.done(async { self.writer.write(&batch(&records), &mut OneFolder).await })
    }

    fn redrive(&self, numbers: RangeInclusive<u32>) -> Tally {
        let records = records(numbers);
        self.done(async { self.writer.redrive(&batch(&records), &mut OneFolder).await })
    }

    fn done(&self, outcome: impl Future<Output = Outcome>) -> Tally {
        let done = Cell::new(None);
        block_on(async { done.set(Some(outcome.await)) });
        match done.get() {
            Some(Outcome::Done(tally)) => tally,
            other => panic!("{other:?}"),
        }
    }

    fn lose(&self, first: u32) {
        self.store.0.0.objects.borrow_mut().remove(&key(first)).unwrap();
    }

    /// What the store was asked since the last time.
    fn asked(&self) -> Vec<String> {
        let mut asked = self.store.0.1.take();
        asked.sort();
        asked
    }

    /// The first and the last record of the objects that begin in this range.
    fn ranges(&self, firsts: RangeInclusive<u32>) -> BTreeMap<u32, u32> {
        let number = |sequence: &Sequence| sequence.as_str().parse::<u32>().unwrap();
        let objects = self.store.0.0.objects.borrow();
        let ranges = objects
            .values()
            .map(|object| (number(&object.first), number(&object.last)));
        ranges.filter(|(first, _)| firsts.contains(first)).collect()
    }
}

fn records(numbers: RangeInclusive<u32>) -> Vec<Number> {
    numbers
        .map(|number| Number(number.to_string().parse().unwrap()))
        .collect()
}

fn batch(records: &[Number]) -> Batch<'_, Number> {
    Batch {
        fence: "stream/shard",
        shard: "shard",
        owner: "owner",
        deadline: Noon.now() + 60_000,
        records,
    }
}

fn key(first: u32) -> String {
    format!("hour/shard-{first}.n")
}

#[test]
fn of_an_hours_objects_those_are_asked_that_may_hold_a_record() {
    let hour = Hour::written();
    let check = |numbers, rows, covered, asked: &[u32]| {
        let tally = hour.redrive(numbers);
        assert_eq!((tally.rows, tally.covered), (rows, covered));
        assert_eq!(hour.asked(), asked.iter().copied().map(key).collect::<Vec<_>>());
    };
    check(405..=408, 0, 4, &[401]);
    check(401..=412, 0, 12, &[391, 401, 411]);
    hour.lose(401);
    check(395..=415, 10, 11, &[391, 411]);
    check(395..=415, 0, 21, &[391, 401, 411]);
    check(1..=5, 0, 5, &[1]);
}

#[test]
fn what_is_lacking_in_two_places_is_two_objects() {
    let hour = Hour::written();
    hour.lose(401);
    hour.lose(421);
    let tally = hour.redrive(405..=425);
    assert_eq!((tally.rows, tally.covered, tally.objects), (11, 10, 2));
    assert_eq!(hour.ranges(400..=430), [(405, 410), (411, 420), (421, 425)].into());
}

#[test]
fn what_was_put_beyond_the_fence_is_not_written_again_by_those_who_come_to_it() {
    let hour = Hour::written();
    let tally = hour.redrive(1_016..=1_020);
    assert_eq!((tally.rows, tally.objects), (5, 1));
    let tally = hour.write(1_001..=1_030);
    assert_eq!((tally.rows, tally.covered, tally.objects), (25, 5, 2));
    assert_eq!(
        hour.ranges(1_001..=1_030),
        [(1_001, 1_015), (1_016, 1_020), (1_021, 1_030)].into()
    );
    hour.asked();
    assert_eq!((hour.write(1_031..=1_040).rows, hour.asked()), (10, vec![]));
}
