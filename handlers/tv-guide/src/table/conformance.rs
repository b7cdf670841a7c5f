//! What every implementation of [`Table`] must do, as one check that needs nothing but the table.

mod reading;

use std::fmt;

use serde_json::{Value, json};

use super::{Change, Condition, Error, Item, Key, Outcome, Table, Write};

/// A table that does not do what it must.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The table gave no answer.
    #[error("the table gave no answer")]
    Table(#[from] Error),
    /// The table's answer is wrong.
    #[error("{case}: found {found}, expected {expected}")]
    Differs {
        /// What was tried.
        case: &'static str,
        /// What the table did.
        found: String,
        /// What it must do.
        expected: String,
    },
}

/// Holds the table to everything that the guide relies on.
///
/// It writes into partitions whose names begin with `space`, which must be empty before.
///
/// # Errors
///
/// The first difference.
pub async fn check(table: &impl Table, space: &str) -> Result<(), Failure> {
    let space = Space(space);
    puts_and_gets(table, &space).await?;
    conditions(table, &space).await?;
    merges(table, &space).await?;
    sums(table, &space).await?;
    reading::ranges(table, &space).await?;
    reading::indexes(table, &space).await?;
    reading::pages(table, &space).await?;
    batches(table, &space).await?;
    transactions(table, &space).await?;
    refusals(table, &space).await
}

struct Space<'a>(&'a str);

impl Space<'_> {
    fn pk(&self, name: &str) -> String {
        format!("{}:{name}", self.0)
    }

    fn key(&self, partition: &str, sk: &str) -> Key {
        Key {
            pk: self.pk(partition),
            sk: sk.to_owned(),
        }
    }
}

fn same<T: PartialEq + fmt::Debug>(case: &'static str, found: T, expected: T) -> Result<(), Failure> {
    if found == expected {
        return Ok(());
    }
    Err(Failure::Differs {
        case,
        found: format!("{found:?}"),
        expected: format!("{expected:?}"),
    })
}

fn item(value: Value) -> Item {
    match value {
        Value::Object(item) => item,
        _ => Item::new(),
    }
}

/// The item as it is read: with its key.
fn at(key: &Key, mut item: Item) -> Item {
    item.insert("PK".to_owned(), key.pk.clone().into());
    item.insert("SK".to_owned(), key.sk.clone().into());
    item
}

async fn puts_and_gets(table: &impl Table, space: &Space<'_>) -> Result<(), Failure> {
    let (key, other) = (space.key("get", "a"), space.key("get", "b"));
    same("an item that nobody wrote", table.get(&key).await?, None)?;
    let every_type = item(json!({
        "text": "Misérables \"é\" 🎬", "empty": "", "integer": 3_100_001, "negative": -7, "fraction": 7.6,
        "true": true, "null": null, "list": ["a", 1, [null], {}], "map": {"a": {"b": [1.5]}}, "none": [],
    }));
    same(
        "a put",
        table.write(Write::put(key.clone(), every_type.clone())).await?,
        Outcome::Done(None),
    )?;
    let read = at(&key, every_type);
    same("every type of value", table.get(&key).await?, Some(read.clone()))?;
    let absent = space.key("get", "absent");
    same(
        "several items, one twice, one absent",
        table.get_many(&[key.clone(), absent.clone(), key.clone()]).await?,
        vec![Some(read.clone()), None, Some(read)],
    )?;
    let small = item(json!({"n": 1}));
    table.write(Write::put(key.clone(), small.clone())).await?;
    same("a put over an item", table.get(&key).await?, Some(at(&key, small)))?;
    same("no keys", table.get_many(&[]).await?, vec![])?;
    for key in [&key, &other] {
        same(
            "a delete",
            table.write(Write::delete(key.clone())).await?,
            Outcome::Done(None),
        )?;
        same("a deleted item", table.get(key).await?, None)?;
    }
    Ok(())
}

async fn conditions(table: &impl Table, space: &Space<'_>) -> Result<(), Failure> {
    let key = space.key("conditions", "a");
    let put = |version: &str| item(json!({"version": version, "state": "open", "n": 1}));
    let write = |version: &str, condition| Write::put(key.clone(), put(version)).when(condition);
    let equals = |attribute: &str, value: Option<Value>| Condition::Equals {
        attribute: attribute.to_owned(),
        value,
    };
    let standing = |version: &str| Outcome::Refused(Some(at(&key, put(version))));
    let newer = |version: &str| Condition::Newer(version.to_owned());

    let attempts = [
        (
            "equal to what is absent",
            "0",
            equals("state", Some(json!("open"))),
            Outcome::Refused(None),
        ),
        ("absent of an absent item", "1", Condition::Absent, Outcome::Done(None)),
        ("absent of an item", "9", Condition::Absent, standing("1")),
        ("newer", "2", newer("2"), Outcome::Done(None)),
        ("as new", "2", newer("2"), standing("2")),
        ("older", "1", newer("1"), standing("2")),
        ("newer by the order of texts", "10", newer("10"), standing("2")),
        ("equal", "3", equals("state", Some(json!("open"))), Outcome::Done(None)),
        ("an equal number", "4", equals("n", Some(json!(1))), Outcome::Done(None)),
        ("unequal", "5", equals("state", Some(json!("shut"))), standing("4")),
        ("unequal by type", "5", equals("n", Some(json!("1"))), standing("4")),
        (
            "absent attribute that is there",
            "5",
            equals("state", None),
            standing("4"),
        ),
        ("absent attribute", "5", equals("nothing", None), Outcome::Done(None)),
    ];
    for (case, version, condition, outcome) in attempts {
        same(case, table.write(write(version, condition)).await?, outcome)?;
    }
    let refused = Write::delete(key.clone()).when(newer("1"));
    same("a delete on a condition", table.write(refused).await?, standing("5"))?;
    let plain = Write::put(key.clone(), item(json!({"n": 1})));
    table.write(plain).await?;
    same(
        "newer than no version",
        table.write(write("0", newer("0"))).await?,
        Outcome::Done(None),
    )?;
    table.write(Write::delete(key.clone())).await?;
    same(
        "newer than nothing",
        table.write(write("0", newer("0"))).await?,
        Outcome::Done(None),
    )?;
    table.write(Write::delete(key.clone())).await?;
    let absent = write("0", equals("version", None));
    same(
        "an absent attribute of an absent item",
        table.write(absent).await?,
        Outcome::Done(None),
    )
}

async fn merges(table: &impl Table, space: &Space<'_>) -> Result<(), Failure> {
    let key = space.key("merge", "a");
    let merge = |set: Value, remove: &[&str]| Write {
        key: key.clone(),
        change: Change::Merge {
            set: item(set),
            remove: remove.iter().map(ToString::to_string).collect(),
        },
        condition: Condition::Always,
    };
    let steps = [
        (
            "a merge into nothing",
            json!({"name": "a", "size": 1}),
            vec![],
            json!({"name": "a", "size": 1}),
        ),
        (
            "a merge keeps the rest",
            json!({"size": {"w": 2}}),
            vec![],
            json!({"name": "a", "size": {"w": 2}}),
        ),
        (
            "a merge removes",
            json!({"ttl": 5}),
            vec!["name", "never"],
            json!({"size": {"w": 2}, "ttl": 5}),
        ),
        (
            "a merge that only removes",
            json!({}),
            vec!["ttl"],
            json!({"size": {"w": 2}}),
        ),
        ("a merge of nothing", json!({}), vec![], json!({"size": {"w": 2}})),
    ];
    for (case, set, remove, whole) in steps {
        let image = at(&key, item(whole));
        let outcome = table.write(merge(set, &remove)).await?;
        same(case, outcome, Outcome::Done(Some(image.clone())))?;
        same(case, table.get(&key).await?, Some(image))?;
    }
    let refused = merge(json!({"size": 3}), &[]).when(Condition::Absent);
    let standing = at(&key, item(json!({"size": {"w": 2}})));
    same(
        "a merge on a condition",
        table.write(refused).await?,
        Outcome::Refused(Some(standing)),
    )
}

async fn sums(table: &impl Table, space: &Space<'_>) -> Result<(), Failure> {
    let key = space.key("sum", "a");
    let add = |by, ceiling| Write {
        key: key.clone(),
        change: Change::Add {
            attribute: "count".to_owned(),
            by,
            ceiling,
        },
        condition: Condition::Always,
    };
    let image = |count: u64| Some(at(&key, item(json!({"count": count}))));
    let steps = [
        ("more than the ceiling", 11, 10, Outcome::Refused(None)),
        ("from nothing", 4, 10, Outcome::Done(image(4))),
        ("up to the ceiling", 6, 10, Outcome::Done(image(10))),
        ("past the ceiling", 1, 10, Outcome::Refused(image(10))),
        ("past a lower ceiling", 0, 9, Outcome::Refused(image(10))),
        ("nothing more", 0, 10, Outcome::Done(image(10))),
        (
            "past what a number holds",
            u64::MAX,
            u64::MAX,
            Outcome::Refused(image(10)),
        ),
    ];
    for (case, by, ceiling, outcome) in steps {
        same(case, table.write(add(by, ceiling)).await?, outcome)?;
    }
    table
        .write(Write::put(key.clone(), item(json!({"count": "ten"}))))
        .await?;
    let standing = Some(at(&key, item(json!({"count": "ten"}))));
    same(
        "what is no number",
        table.write(add(1, 10)).await?,
        Outcome::Refused(standing),
    )
}

async fn batches(table: &impl Table, space: &Space<'_>) -> Result<(), Failure> {
    let key = |number: usize| space.key("batch", &format!("{number:03}"));
    let put = |number: usize, value: &str| Write::put(key(number), item(json!({"value": value})));
    // More than two batches of 25, and every tenth item a second and a third time.
    let mut writes: Vec<Write> = (0..130).map(|number| put(number, "first")).collect();
    writes.extend((0..130).step_by(10).map(|number| put(number, "second")));
    writes.extend((0..130).step_by(20).map(|number| Write::delete(key(number))));
    table.write_all(writes).await?;
    let found = table.get_many(&(0..130).map(key).collect::<Vec<_>>()).await?;
    let value = |item: Option<Item>| Some(item?.get("value")?.as_str()?.to_owned());
    let found: Vec<Option<String>> = found.into_iter().map(value).collect();
    let expected = (0..130).map(|number| match number {
        number if number % 20 == 0 => None,
        number if number % 10 == 0 => Some("second".to_owned()),
        _ => Some("first".to_owned()),
    });
    same(
        "of several writes of one item the last counts",
        found,
        expected.collect(),
    )?;
    same("a batch of nothing", table.write_all(vec![]).await?, ())?;
    let conditional = put(1, "third").when(Condition::Absent);
    let merge = Write {
        key: key(1),
        change: Change::Merge {
            set: item(json!({"value": "third"})),
            remove: vec![],
        },
        condition: Condition::Always,
    };
    for write in [conditional, merge] {
        let answer = table.write_all(vec![write]).await;
        same("a batch takes whole items", matches!(answer, Err(Error::Batch)), true)?;
    }
    Ok(())
}

async fn transactions(table: &impl Table, space: &Space<'_>) -> Result<(), Failure> {
    let key = |number: usize| space.key("transaction", &format!("{number:03}"));
    let put = |number: usize, value: usize| Write::put(key(number), item(json!({"value": value})));
    table.write(put(0, 0)).await?;
    table.write(put(1, 0)).await?;
    let change = || {
        let add = Write {
            key: key(0),
            change: Change::Add {
                attribute: "count".to_owned(),
                by: 2,
                ceiling: 2,
            },
            condition: Condition::Always,
        };
        vec![add, Write::delete(key(1)), put(2, 1).when(Condition::Absent)]
    };
    same("a transaction", table.transact(change()).await?, Outcome::Done(None))?;
    let after = || {
        let values = [json!({"value": 0, "count": 2}), Value::Null, json!({"value": 1})];
        let items = values.into_iter().enumerate();
        let items = items.map(|(number, value)| (!value.is_null()).then(|| at(&key(number), item(value))));
        items.collect::<Vec<_>>()
    };
    let keys: Vec<Key> = (0..3).map(key).collect();
    same("a transaction does all", table.get_many(&keys).await?, after())?;
    let standing = after().into_iter().next().flatten();
    same(
        "a refused transaction",
        table.transact(change()).await?,
        Outcome::Refused(standing),
    )?;
    let late = vec![put(0, 7), put(1, 7), put(2, 7).when(Condition::Absent)];
    let standing = after().into_iter().nth(2).flatten();
    same(
        "the last of three refused",
        table.transact(late).await?,
        Outcome::Refused(standing),
    )?;
    same(
        "a refused transaction does nothing",
        table.get_many(&keys).await?,
        after(),
    )?;
    let hundred = (0..100).map(|number| put(number, 9)).collect();
    same("a hundred writes", table.transact(hundred).await?, Outcome::Done(None))?;
    same(
        "a transaction of nothing",
        table.transact(vec![]).await?,
        Outcome::Done(None),
    )
}

async fn refusals(table: &impl Table, space: &Space<'_>) -> Result<(), Failure> {
    let put = |number: usize| Write::put(space.key("refused", &number.to_string()), Item::new());
    for writes in [(0..101).map(put).collect::<Vec<_>>(), vec![put(0), put(0)]] {
        let answer = table.transact(writes).await;
        same(
            "too much for a transaction",
            matches!(answer, Err(Error::Transaction { .. })),
            true,
        )?;
    }
    for strange in [
        json!({"GSI1PK": "", "GSI1SK": "a"}),
        json!({"GSI3PK": "a", "GSI3SK": 1}),
    ] {
        let key = space.key("refused", "strange");
        let answer = table.write(Write::put(key.clone(), item(strange))).await;
        same(
            "a key that is no text",
            matches!(answer, Err(Error::Attribute { .. })),
            true,
        )?;
        same("what was refused", table.get(&key).await?, None)?;
    }
    Ok(())
}
