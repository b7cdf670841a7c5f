use serde_json::{Value, json};

use super::{Failure, Space, at, item, same};
use crate::table::{Error, Index, Item, Query, Range, Table, Write};

pub(super) async fn ranges(table: &impl Table, space: &Space<'_>) -> Result<(), Failure> {
    let sorts = ["a", "a#1", "a#2", "b", "z", "é"];
    for sort in sorts {
        table.write(Write::put(space.key("range", sort), Item::new())).await?;
    }
    let text = str::to_owned;
    let cases = [
        ("all", Range::All, vec!["a", "a#1", "a#2", "b", "z", "é"]),
        ("a prefix", Range::Prefix(text("a#")), vec!["a#1", "a#2"]),
        (
            "an empty prefix",
            Range::Prefix(text("")),
            vec!["a", "a#1", "a#2", "b", "z", "é"],
        ),
        ("between", Range::Between(text("a#2"), text("z")), vec!["a#2", "b", "z"]),
        (
            "between nothing and",
            Range::Between(text(""), text("a#1")),
            vec!["a", "a#1"],
        ),
        ("between the wrong way", Range::Between(text("z"), text("a")), vec![]),
        ("from", Range::From(text("b")), vec!["b", "z", "é"]),
        (
            "from nothing",
            Range::From(text("")),
            vec!["a", "a#1", "a#2", "b", "z", "é"],
        ),
        ("below", Range::Below(text("b")), vec!["a", "a#1", "a#2"]),
        ("below nothing", Range::Below(text("")), vec![]),
    ];
    for (case, range, expected) in cases {
        for forward in [true, false] {
            let query = Query {
                forward,
                ..Query::new(Index::Table, space.pk("range")).range(range.clone())
            };
            let mut expected: Vec<&str> = expected.clone();
            if !forward {
                expected.reverse();
            }
            same(
                case,
                sort_keys(&table.query_all(query).await?),
                expected.iter().map(ToString::to_string).collect(),
            )?;
        }
    }
    let nobody = table.query(&Query::new(Index::Table, space.pk("nobody"))).await?;
    same("an empty partition", (nobody.items.len(), nobody.next), (0, None))
}

fn sort_keys(items: &[Item]) -> Vec<String> {
    let text = |item: &Item| item.get("SK").and_then(Value::as_str).unwrap_or_default().to_owned();
    items.iter().map(text).collect()
}

pub(super) async fn indexes(table: &impl Table, space: &Space<'_>) -> Result<(), Failure> {
    let group = space.pk("group");
    for index in Index::SECONDARY {
        let (partition, sort) = index.attributes();
        let entry = |group: &str, place: &str| item(json!({partition: group, sort: place}));
        let put = |sk: &str, place: &str| Write::put(space.key(partition, sk), entry(&group, place));
        // Two of one place, and one that is only half there.
        for (sk, place) in [("1", "m"), ("2", "m"), ("3", "a"), ("4", "x")] {
            table.write(put(sk, place)).await?;
        }
        let half = Write::put(space.key(partition, "5"), item(json!({partition: group})));
        table.write(half).await?;
        table.write(put("4", "b")).await?;
        let whole = Query::new(index, group.clone());
        let found = table.query_all(whole.clone()).await?;
        let mut order = sort_keys(&found);
        // Which of one place is first is not said.
        if let Some(pair) = order.get_mut(2..4) {
            pair.sort_unstable();
        }
        same(
            "an index is in its own order",
            order,
            ["3", "4", "1", "2"].map(str::to_owned).to_vec(),
        )?;
        let first = found.first().cloned();
        let expected = at(&space.key(partition, "3"), entry(&group, "a"));
        same("an index holds whole items", first, Some(expected))?;
        let part = whole.clone().range(Range::Prefix("m".to_owned()));
        same("a part of an index", table.query_all(part).await?.len(), 2)?;
        table.write(Write::delete(space.key(partition, "3"))).await?;
        table.write(Write::put(space.key(partition, "4"), Item::new())).await?;
        same("what has left an index", table.query_all(whole.clone()).await?.len(), 2)?;
        for sk in ["1", "2"] {
            table.write(Write::delete(space.key(partition, sk))).await?;
        }
        same("an emptied index", table.query_all(whole).await?.len(), 0)?;
    }
    Ok(())
}

pub(super) async fn pages(table: &impl Table, space: &Space<'_>) -> Result<(), Failure> {
    let group = space.pk("pages");
    let names: Vec<String> = (0..7).map(|number| number.to_string()).collect();
    for name in &names {
        let places = item(json!({"GSI1PK": group, "GSI1SK": "same place"}));
        table.write(Write::put(space.key("pages", name), places)).await?;
    }
    for (index, forward) in [
        (Index::Table, true),
        (Index::Table, false),
        (Index::Gsi1, true),
        (Index::Gsi1, false),
    ] {
        let mut query = Query {
            forward,
            limit: Some(3),
            ..Query::new(index, group.clone())
        };
        let (mut seen, mut pages) = (Vec::new(), 0);
        loop {
            let page = table.query(&query).await?;
            same("a page keeps its limit", page.items.len() <= 3, true)?;
            same("what is read is returned", page.read as usize, page.items.len())?;
            seen.extend(sort_keys(&page.items));
            pages += 1;
            same("pages end", pages < 20, true)?;
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        if index == Index::Gsi1 {
            seen.sort_unstable();
        }
        let mut expected = names.clone();
        if index == Index::Table && !forward {
            expected.reverse();
        }
        same("pages hold every item once", seen, expected)?;
    }
    // A cursor is checked, since users hand it in.
    let first = Query {
        limit: Some(1),
        ..Query::new(Index::Table, group.clone())
    };
    let cursor = table.query(&first).await?.next;
    same("a page that is not the last has a cursor", cursor.is_some(), true)?;
    let strange = [
        Query::new(Index::Table, space.pk("range")),
        Query::new(Index::Gsi1, group.clone()),
        Query::new(Index::Table, group).range(Range::From("3".to_owned())),
    ];
    for query in strange {
        let query = Query {
            after: cursor.clone(),
            ..query
        };
        let answer = table.query(&query).await;
        same("another query's cursor", matches!(answer, Err(Error::Cursor)), true)?;
    }
    Ok(())
}
