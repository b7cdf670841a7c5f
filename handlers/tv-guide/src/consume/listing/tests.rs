use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::{Listing, What, apply, fold};
use crate::event::id::{GenreId, ImdbId, SourceId, TitleId};
use crate::table::entity::{Title, TitleData};
use crate::table::flaky::{Break, Flaky};
use crate::table::memory::Memory;
use crate::table::{Index, Item, Query, Table as _, key};

fn listing(at: i64, what: Option<(&str, &[u64], &[u64])>) -> Listing {
    let what = match what {
        None => What::Delisted,
        Some((title, sources, genres)) => What::Listed(Box::new(TitleData {
            title: title.to_owned(),
            imdb_id: ImdbId::new(format!("tt{}", title.len())).ok(),
            source_ids: sources.iter().map(|id| SourceId::from(*id)).collect(),
            genre_ids: genres.iter().map(|id| GenreId::from(*id)).collect(),
            ..TitleData::unnamed(TitleId::from(7))
        })),
    };
    Listing {
        id: TitleId::from(7),
        what,
        version: format!("{at:013}-0000000000000000"),
        published: Timestamp::from_millisecond(at).unwrap(),
    }
}

fn folded(listings: &[Listing]) -> Option<Title> {
    let next = |standing: Option<Title>, listing| fold(standing.as_ref(), listing).or(standing);
    listings.iter().fold(None, next)
}

fn any_listing() -> impl Strategy<Value = Listing> {
    let ids = || prop::collection::btree_set(1..5_u64, 0..4).prop_map(|ids| ids.into_iter().collect::<Vec<_>>());
    let what = prop::option::weighted(0.7, ("[ab]{1,3}", ids(), ids()));
    (0..20_i64, what).prop_map(|(at, what)| {
        let what = what
            .as_ref()
            .map(|(title, sources, genres)| (title.as_str(), &sources[..], &genres[..]));
        listing(at * 1_000, what)
    })
}

/// Different listings never have one version.
fn any_listings() -> impl Strategy<Value = Vec<Listing>> {
    let distinct = |listings: Vec<Listing>| {
        let mut seen = BTreeSet::new();
        let first = listings
            .into_iter()
            .filter(|listing| seen.insert(listing.version.clone()));
        first.collect::<Vec<_>>()
    };
    prop::collection::vec(any_listing(), 1..12).prop_map(distinct)
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_fold_to_one_title(
        (listings, shuffled) in any_listings().prop_flat_map(|listings| {
            let twice = [listings.clone(), listings.clone()].concat();
            (Just(listings), Just(twice).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(folded(&shuffled), folded(&listings));
    }

    #[test]
    fn the_newest_listing_decides(listings in any_listings()) {
        let title = folded(&listings).unwrap();
        let newest = listings.iter().max_by_key(|listing| &listing.version).unwrap();
        prop_assert_eq!(title.listed, newest.what != What::Delisted);
        let named = listings.iter().filter(|listing| listing.what != What::Delisted);
        let named: Vec<_> = named.collect();
        if let Some(What::Listed(data)) = named.iter().max_by_key(|listing| &listing.version).map(|listing| &listing.what) {
            prop_assert_eq!(&title.data, &**data);
            prop_assert_eq!(Some(title.first_seen), named.iter().map(|listing| listing.published).min());
        }
        for listing in &listings {
            prop_assert_eq!(fold(Some(&title), listing), None, "what is known changes nothing");
        }
    }

    #[test]
    fn an_interrupted_write_is_finished_by_its_repetition(
        listings in any_listings(), broken in 0..12_u64, after in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (plain, torn) = (Memory::new(), Memory::new());
            for listing in &listings {
                apply(listing, &plain).await.unwrap();
                let fault = if after { Break::After } else { Break::Before };
                let flaky = Flaky::new(&torn, |call| (call == broken).then_some(fault));
                if apply(listing, &flaky).await.is_err() {
                    // What was read before the break is out of date after it, so begin again.
                    apply(listing, &torn).await.unwrap();
                }
            }
            prop_assert_eq!(without_revisions(&torn), without_revisions(&plain));
            Ok(())
        })?;
    }
}

/// Every item, without how often it was written.
fn without_revisions(table: &Memory) -> Vec<Item> {
    let mut items: Vec<Item> = table.items().into_values().collect();
    for item in &mut items {
        item.remove("revision");
    }
    items
}

#[tokio::test]
async fn edges_follow_the_newest_listing() {
    let table = Memory::new();
    let keys = |prefix: &str| -> Vec<String> {
        let keys = table.items().into_keys().filter(|key| key.pk.starts_with(prefix));
        keys.map(|key| format!("{} {}", key.pk, key.sk)).collect()
    };
    for listing in [
        listing(2_000, Some(("up", &[203, 409], &[4]))),
        listing(1_000, Some(("late", &[1], &[2]))),
    ] {
        apply(&listing, &table).await.unwrap();
    }
    assert_eq!(
        keys("title:"),
        [
            "title:7 avail:203",
            "title:7 avail:409",
            "title:7 genre:4",
            "title:7 record"
        ]
    );
    assert_eq!(keys("sg:"), ["sg:203:4 title:7", "sg:409:4 title:7"]);
    assert_eq!(keys("ext:"), ["ext:imdb:tt2 title:7"]);
    let by_source = table
        .query_all(Query::new(Index::Gsi1, key::by_source(&SourceId::from(409))))
        .await
        .unwrap();
    assert_eq!(by_source.len(), 1);

    apply(&listing(3_000, Some(("upon", &[203], &[5]))), &table)
        .await
        .unwrap();
    assert_eq!(
        keys("title:"),
        ["title:7 avail:203", "title:7 genre:5", "title:7 record"]
    );
    assert_eq!(keys("sg:"), ["sg:203:5 title:7"]);
    assert_eq!(keys("ext:"), ["ext:imdb:tt4 title:7"]);

    apply(&listing(4_000, None), &table).await.unwrap();
    assert_eq!(keys("title:"), ["title:7 record"]);
    assert_eq!(
        (keys("sg:").len(), keys("ext:")),
        (0, vec!["ext:imdb:tt4 title:7".to_owned()])
    );
    let counts = table.counts();
    let again = apply(&listing(3_000, Some(("upon", &[203], &[5]))), &table)
        .await
        .unwrap();
    assert!(!again.changed && again.wants.is_none());
    assert_eq!(table.counts().writes, counts.writes, "what is known writes nothing");
}

#[tokio::test]
async fn whoever_is_overtaken_begins_again() {
    // The title is written by another between the reading of its partition and the write.
    let table = Memory::new();
    apply(&listing(1_000, Some(("old", &[1], &[1]))), &table).await.unwrap();
    let overtaking = Flaky::new(&table, |call| {
        if call == 1 {
            let newer = listing(3_000, Some(("newest", &[3], &[3])));
            let waker = std::task::Waker::noop();
            let mut other = Box::pin(apply(&newer, &table));
            // Memory never waits.
            assert!(
                other
                    .as_mut()
                    .poll(&mut std::task::Context::from_waker(waker))
                    .is_ready()
            );
        }
        None
    });
    apply(&listing(2_000, Some(("newer", &[2], &[2]))), &overtaking)
        .await
        .unwrap();
    let fresh = Memory::new();
    for at in [1, 2, 3] {
        let name = ["old", "newer", "newest"][at - 1];
        let ids = [at as u64];
        apply(&listing(at as i64 * 1_000, Some((name, &ids, &ids))), &fresh)
            .await
            .unwrap();
    }
    let pairs = |table: &Memory| {
        table
            .items()
            .into_keys()
            .filter(|key| key.pk.starts_with("title:"))
            .collect::<Vec<_>>()
    };
    assert_eq!(pairs(&table), pairs(&fresh));
    let record = |table: &Memory| {
        Title::read(&table.items()[&key::title(&TitleId::from(7))])
            .unwrap()
            .data
    };
    assert_eq!(record(&table), record(&fresh));
}
