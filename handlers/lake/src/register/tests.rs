use std::collections::BTreeSet;

use super::{Noted, Register, decoded};
use crate::Hour;
use crate::compact::memory::{Trouble, World};
use crate::write::conformance::block_on;

const FOLDER: &str = "raw/events/year=2026/month=01/day=09/hour=20/";

fn notification(keys: &[&str]) -> String {
    let record = |key: &&str| format!(r#"{{"eventName":"ObjectCreated:Put","s3":{{"object":{{"key":"{key}"}}}}}}"#);
    let records: Vec<String> = keys.iter().map(record).collect();
    format!(r#"{{"Records":[{}]}}"#, records.join(","))
}

fn object(hour: &str, name: &str) -> String {
    format!("raw/events/year%3D2026/month%3D01/day%3D09/hour%3D{hour}/{name}")
}

fn note(register: &mut Register<&World, &World>, notifications: &[String]) -> Noted {
    let notifications: Vec<&str> = notifications.iter().map(String::as_str).collect();
    let mut noted = None;
    block_on(async { noted = Some(register.note(&notifications, 7).await) });
    noted.unwrap()
}

fn hours(names: &[&str]) -> BTreeSet<Hour> {
    names.iter().map(|name| Hour::from_name(name).unwrap()).collect()
}

#[test]
fn hours_are_registered_once_and_marked_each_time() {
    let world = World::default();
    let mut register = Register::new(&world, &world, "events");
    let batch = [
        notification(&[&object("20", "a.parquet"), &object("21", "b.parquet")]),
        notification(&[&object("20", "a.parquet")]),
    ];
    for round in 1..=3 {
        let noted = note(&mut register, &batch);
        assert_eq!(noted.objects, 3);
        assert_eq!(noted.marked, hours(&["2026-01-09T20", "2026-01-09T21"]));
        assert_eq!((noted.ignored.len(), noted.again.len()), (0, 0));
        // The partitions in one call, and two marks a round.
        assert_eq!(world.calls.get(), 1 + 2 * round);
    }
    // A process that begins anew leaves a partition that was moved where it is.
    let hour = Hour::from_name("2026-01-09T20").unwrap();
    world.state.borrow_mut().partitions.insert(hour, "curated/".to_owned());
    note(&mut Register::new(&world, &world, "events"), &batch);
    assert_eq!(world.state.borrow().partitions[&hour], "curated/");
}

#[test]
fn what_is_no_object_of_an_hour_is_told_and_fails_nothing() {
    let world = World::default();
    let mut register = Register::new(&world, &world, "events");
    let keys = [
        "raw/programmes/year=2026/month=01/day=09/hour=20/a.parquet".to_owned(),
        "raw/events/a.parquet".to_owned(),
        "raw/events/year=2026/month=02/day=30/hour=20/a.parquet".to_owned(),
        format!("{FOLDER}more/a.parquet"),
        format!("{FOLDER}_SUCCESS"),
        format!("{FOLDER}.hidden"),
        FOLDER.to_owned(),
        String::new(),
    ];
    let batch = keys.clone().map(|key| notification(&[&key]));
    let noted = note(&mut register, &batch);
    assert_eq!(noted.ignored, keys);
    assert_eq!(
        (noted.objects, noted.marked.len(), noted.again.len()),
        (keys.len(), 0, 0)
    );

    let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#.to_owned();
    assert_eq!(note(&mut register, &[test]), Noted::default());
    let noted = note(&mut register, &["{}]".to_owned(), r#"{"Records":[{}]}"#.to_owned()]);
    assert_eq!((noted.objects, noted.ignored.len()), (0, 2));
    assert_eq!(world.calls.get(), 0);
}

#[test]
fn a_notification_comes_again_where_its_hour_was_not_marked() {
    let world = World::default();
    let mut register = Register::new(&world, &world, "events");
    let batch = [
        notification(&[&object("20", "a")]),
        notification(&[&object("21", "a"), &object("20", "b")]),
        notification(&[&object("22", "a")]),
    ];
    // Neither hour is there if the catalog does not answer.
    world.trouble.borrow_mut().insert(0, Trouble::FailsAfter);
    let noted = note(&mut register, &batch);
    assert_eq!((noted.again, noted.marked), (vec![0, 1, 2], BTreeSet::new()));
    assert_eq!(world.state.borrow().dirty.len(), 0);

    // Then partitions, mark 20, and mark 21, which fails.
    world.trouble.borrow_mut().insert(3, Trouble::FailsBefore);
    let noted = note(&mut register, &batch);
    assert_eq!(noted.again, [1]);
    assert_eq!(noted.marked, hours(&["2026-01-09T20", "2026-01-09T22"]));
    assert_eq!(note(&mut register, &batch[1..2]).again, [0; 0]);
    assert_eq!(world.state.borrow().dirty.len(), 3);
}

#[test]
fn keys_are_spelled_as_a_forms_values() {
    for (spelled, key) in [
        ("a%3Db%2Fc+d%2B", "a=b/c d+"),
        ("plain-._~/", "plain-._~/"),
        ("%C3%BC", "ü"),
        ("100%", "100%"),
        ("%zz%4", "%zz%4"),
        ("%ff", "\u{fffd}"),
    ] {
        assert_eq!(decoded(spelled), key);
    }
}
