use super::{Counts, Memory};
use crate::table::{Condition, Key, Query, Range, Table as _, Write, conformance};
use crate::table::{Index, Item};

fn key(pk: &str, sk: &str) -> Key {
    Key {
        pk: pk.to_owned(),
        sk: sk.to_owned(),
    }
}

#[tokio::test]
async fn memory_is_a_table() {
    conformance::check(&Memory::new(), "a").await.unwrap();
    conformance::check(&Memory::paged(2), "a").await.unwrap();
}

#[tokio::test]
async fn every_item_that_is_touched_is_counted() {
    let table = Memory::new();
    let put = || Write::put(key("p", "1"), Item::new());
    table.write(put()).await.unwrap();
    table.write(put().when(Condition::Absent)).await.unwrap();
    table
        .write_all(vec![put(), put(), Write::delete(key("p", "2"))])
        .await
        .unwrap();
    table.get(&key("p", "none")).await.unwrap();
    table.query(&Query::new(Index::Table, "p")).await.unwrap();
    let counts = Counts {
        reads: 2,
        writes: 3,
        refused: 1,
    };
    assert_eq!(table.counts(), counts);
}

#[tokio::test]
async fn images_tell_what_changed_and_nothing_else() {
    let table = Memory::recording();
    let item = |n: u32| Item::from_iter([("n".to_owned(), n.into())]);
    for n in [1, 1, 2] {
        table.write(Write::put(key("p", "s"), item(n))).await.unwrap();
    }
    table.write(Write::delete(key("p", "s"))).await.unwrap();
    table.write(Write::delete(key("p", "s"))).await.unwrap();
    let n = |item: &Option<Item>| item.as_ref().and_then(|item| item["n"].as_u64());
    let changes: Vec<_> = table
        .take_images()
        .iter()
        .map(|image| (n(&image.old), n(&image.new)))
        .collect();
    assert_eq!(changes, [(None, Some(1)), (Some(1), Some(2)), (Some(2), None)]);
    assert!(table.take_images().is_empty());
}

#[tokio::test]
async fn an_impossible_range_is_empty() {
    let table = Memory::new();
    table.write(Write::put(key("p", "m"), Item::new())).await.unwrap();
    let range = Range::Between("z".to_owned(), "a".to_owned());
    let page = table.query(&Query::new(Index::Table, "p").range(range)).await.unwrap();
    assert!(page.items.is_empty());
}
