use super::*;

fn item(id: u64, name: &str) -> ListItem {
    ListItem {
        id: id.into(),
        title: name.to_owned(),
        year: None,
        imdb_id: None,
        tmdb_id: Some(0),
        tmdb_type: None,
        kind: None,
    }
}

fn names(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .map(|event| format!("{} {}", event.name(), event.key()))
        .collect()
}

#[test]
fn a_title_is_shown_while_a_source_has_it() {
    let (source, genre) = (Listing::Source(203.into()), Listing::Genre(4.into()));
    let mut titles = Titles::new();
    replace(&mut titles, &genre, vec![item(1, "One"), item(2, "Two")]);
    assert_eq!(changes(&Titles::new(), &titles), []);

    let before = titles.clone();
    replace(&mut titles, &source, vec![item(2, "Two"), item(3, "Three")]);
    assert_eq!(names(&changes(&before, &titles)), ["title:listed 2", "title:listed 3"]);

    let before = titles.clone();
    replace(&mut titles, &source, vec![item(3, "Three")]);
    assert_eq!(names(&changes(&before, &titles)), ["title:delisted 2"]);
    // The genre has it still; without the genre it is forgotten.
    assert!(titles.contains_key("2"));
    replace(&mut titles, &genre, Vec::new());
    assert_eq!(titles.keys().collect::<Vec<_>>(), ["3"]);
}

#[test]
fn what_one_listing_leaves_out_another_has_said() {
    let mut titles = Titles::new();
    let whole = ListItem {
        year: Some(2025),
        tmdb_id: Some(990_001),
        ..item(1, "One")
    };
    replace(&mut titles, &Listing::Source(203.into()), vec![whole]);
    replace(&mut titles, &Listing::Source(26.into()), vec![item(1, "One, again")]);
    let title = &titles["1"];
    assert_eq!(
        (title.title.as_str(), title.year, title.tmdb_id),
        ("One, again", Some(2025), Some(990_001))
    );
    assert_eq!(title.source_ids, [203.into(), 26.into()]);
}

#[test]
fn ids_stand_once_and_sorted_as_texts() {
    let mut titles = Titles::new();
    for _ in 0..2 {
        add(
            &mut titles,
            item(1, "One"),
            vec![409.into(), 26.into(), 409.into()],
            vec![7.into(), 10.into()],
        );
    }
    assert_eq!(titles["1"].source_ids, [26.into(), 409.into()]);
    assert_eq!(titles["1"].genre_ids, [10.into(), 7.into()]);
}
