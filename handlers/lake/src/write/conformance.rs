//! What every fence and every store must do; the ones in memory and the ones on AWS pass the same.

use std::collections::BTreeSet;

use super::{Acquired, Committed, Fence, Object, Reached, Sequence, Store};

/// Checks a fence on an item that is not there yet.
///
/// # Panics
///
/// When it is none.
pub async fn fence(fence: &impl Fence, name: &str) {
    let (one, two, three) = (sequence("999"), sequence("1000"), sequence("1500"));
    let keys = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let reached = |last: Option<&Sequence>, ahead: Option<&Sequence>| Reached {
        last: last.cloned(),
        ahead: ahead.cloned(),
    };
    let to = |last: &Sequence| reached(Some(last), None);
    let held = |last: Option<&Sequence>, names: &[&str]| {
        Ok(Acquired::Held {
            reached: reached(last, None),
            pending: keys(names),
        })
    };

    // Nobody holds an item that is not there.
    assert_eq!(fence.commit(name, "a", None, &to(&one)).await, Ok(Committed::Overtaken));
    assert_eq!(fence.intend(name, "a", &keys(&["x"])).await, Ok(Committed::Overtaken));
    assert_eq!(fence.release(name, "a").await, Ok(()));

    // A lease is one owner's until it runs out, and that owner may take it again.
    assert_eq!(fence.acquire(name, "a", 100, 200).await, held(None, &[]));
    assert_eq!(
        fence.acquire(name, "b", 150, 300).await,
        Ok(Acquired::Taken { until: 200 })
    );
    assert_eq!(
        fence.acquire(name, "b", 200, 300).await,
        Ok(Acquired::Taken { until: 200 })
    );
    assert_eq!(fence.acquire(name, "a", 150, 250).await, held(None, &[]));
    assert_eq!(fence.release(name, "b").await, Ok(()));
    assert_eq!(
        fence.acquire(name, "b", 240, 300).await,
        Ok(Acquired::Taken { until: 250 })
    );

    // Names outlive the owner who intended them.
    assert_eq!(fence.intend(name, "b", &keys(&["x"])).await, Ok(Committed::Overtaken));
    assert_eq!(fence.intend(name, "a", &keys(&["x", "y"])).await, Ok(Committed::Moved));
    assert_eq!(fence.acquire(name, "b", 251, 300).await, held(None, &["x", "y"]));
    assert_eq!(fence.commit(name, "a", None, &to(&one)).await, Ok(Committed::Overtaken));

    // A commit moves the fence, forgets the names and frees the lease.
    assert_eq!(
        fence.commit(name, "b", Some(&two), &to(&two)).await,
        Ok(Committed::Overtaken)
    );
    assert_eq!(fence.commit(name, "b", None, &to(&one)).await, Ok(Committed::Moved));
    assert_eq!(
        fence.commit(name, "b", Some(&one), &to(&two)).await,
        Ok(Committed::Overtaken)
    );
    assert_eq!(fence.acquire(name, "c", 260, 400).await, held(Some(&one), &[]));
    assert_eq!(fence.commit(name, "c", None, &to(&two)).await, Ok(Committed::Overtaken));
    assert_eq!(
        fence.commit(name, "c", Some(&one), &to(&two)).await,
        Ok(Committed::Moved)
    );

    // A release keeps what the item knows.
    assert_eq!(fence.acquire(name, "d", 270, 400).await, held(Some(&two), &[]));
    assert_eq!(fence.intend(name, "d", &keys(&["z"])).await, Ok(Committed::Moved));
    assert_eq!(fence.release(name, "d").await, Ok(()));
    assert_eq!(fence.acquire(name, "e", 280, 400).await, held(Some(&two), &["z"]));

    // A redrive ends without moving the fence.
    assert_eq!(
        fence.commit(name, "e", Some(&two), &to(&two)).await,
        Ok(Committed::Moved)
    );
    assert_eq!(fence.acquire(name, "f", 290, 400).await, held(Some(&two), &[]));

    // What it has put beyond the fence is kept, a release included, until a commit says otherwise.
    let ahead = |last: &Sequence| reached(Some(last), Some(&three));
    let moved = fence.commit(name, "f", Some(&two), &ahead(&two)).await;
    assert_eq!(moved, Ok(Committed::Moved));
    let beyond = || {
        Ok(Acquired::Held {
            reached: ahead(&two),
            pending: keys(&[]),
        })
    };
    assert_eq!(fence.acquire(name, "g", 300, 400).await, beyond());
    assert_eq!(fence.release(name, "g").await, Ok(()));
    assert_eq!(fence.acquire(name, "h", 310, 400).await, beyond());
    let moved = fence.commit(name, "h", Some(&two), &to(&three)).await;
    assert_eq!(moved, Ok(Committed::Moved));
    assert_eq!(fence.acquire(name, "i", 320, 400).await, held(Some(&three), &[]));
    assert_eq!(fence.release(name, "i").await, Ok(()));

    // Beyond a fence that has never stood anywhere, too.
    let other = format!("{name}0");
    assert_eq!(fence.acquire(&other, "a", 100, 200).await, held(None, &[]));
    let moved = fence.commit(&other, "a", None, &reached(None, Some(&three))).await;
    assert_eq!(moved, Ok(Committed::Moved));
    let beyond = Ok(Acquired::Held {
        reached: reached(None, Some(&three)),
        pending: keys(&[]),
    });
    assert_eq!(fence.acquire(&other, "b", 110, 200).await, beyond);
    assert_eq!(fence.release(&other, "b").await, Ok(()));
}

/// Checks a store below a folder that is empty.
///
/// # Panics
///
/// When it is none.
pub async fn store(store: &impl Store, folder: &str) {
    let object = |shard: &str, first: &str, last: &str, content: &str| Object {
        key: format!("{folder}{shard}-{first}.test"),
        first: sequence(first),
        last: sequence(last),
        bytes: content.as_bytes().to_vec(),
    };
    for object in [
        object("shard-1", "5", "9", "old"),
        object("shard-1", "5", "12", "new"),
        object("shard-1", "13", "13", "next"),
        object("shard-10", "7", "8", "of another shard"),
    ] {
        assert_eq!(store.put(object).await, Ok(()));
    }
    let ranges = async |shard: &str| {
        let keys = store.keys(folder, shard).await.expect("a store lists");
        let mut ranges: Vec<_> = store
            .ranges(&keys)
            .await
            .expect("a store knows its objects")
            .into_iter()
            .map(|range| (range.first.to_string(), range.last.to_string()))
            .collect();
        ranges.sort_unstable();
        ranges
    };
    let pair = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    assert_eq!(ranges("shard-1").await, [pair("13", "13"), pair("5", "12")]);
    assert_eq!(ranges("shard-10").await, [pair("7", "8")]);
    assert_eq!(ranges("shard-2").await, []);
    let one = [format!("{folder}shard-1-13.test")];
    let answer = store.ranges(&one).await.expect("a store knows its objects");
    assert_eq!(answer.into_iter().map(|range| range.key).collect::<Vec<_>>(), one);

    let keys = [format!("{folder}shard-1-5.test"), format!("{folder}nothing.test")];
    assert_eq!(store.delete(&[&keys[0], &keys[1]]).await, Ok(()));
    assert_eq!(ranges("shard-1").await, [pair("13", "13")]);
}

fn sequence(text: &str) -> Sequence {
    text.parse().expect("a sequence number")
}

/// Runs a future that waits for nothing outside.
#[cfg(test)]
pub(crate) fn block_on(future: impl Future<Output = ()>) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut future = std::pin::pin!(future);
    while future.as_mut().poll(&mut context).is_pending() {}
}
