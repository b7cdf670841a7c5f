use serde_json::{Value, json};

use super::*;

/// Reads pages that hold these ids, each said to be of so many; the page's number and the number of
/// pages are right where they are said.
fn read(pages: &[&[u64]], total: Option<usize>, said: bool) -> Result<Vec<u64>, String> {
    let mut read = Read::default();
    for (number, ids) in (1..).zip(pages) {
        let rows: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "title": "x" })).collect();
        let answer = json!({
            "titles": rows, "page": said.then_some(number), "total_results": total,
            "total_pages": said.then_some(pages.len()),
        });
        let is_last = read.take(number, serde_json::from_value(answer).unwrap());
        if is_last.map_err(|rejection| rejection.to_string())? {
            break;
        }
    }
    Ok(read.titles.into_keys().map(|id| id.as_str().parse().unwrap()).collect())
}

#[test]
fn pages_are_read_to_the_last() {
    assert_eq!(read(&[&[1, 2], &[3, 4], &[5]], Some(5), true), Ok(vec![1, 2, 3, 4, 5]));
    assert_eq!(read(&[&[1, 2], &[3]], Some(3), false), Ok(vec![1, 2, 3]));
    assert_eq!(read(&[&[1, 2], &[3]], None, true), Ok(vec![1, 2, 3]));
    assert_eq!(read(&[&[1]], None, false), Ok(vec![1]));
    assert_eq!(read(&[&[]], Some(0), true), Ok(vec![]));
}

#[track_caller]
fn incomplete(pages: &[&[u64]], total: Option<usize>, expected: &str) {
    let error = read(pages, total, true).unwrap_err();
    assert_eq!(error, format!("the answer is incomplete: {expected}"));
}

#[test]
fn a_page_that_is_empty_short_or_repeated_is_seen() {
    incomplete(&[&[1, 2], &[], &[5]], Some(5), "page 2 brings it to 2 of 4 rows");
    incomplete(&[&[1, 2], &[3], &[5]], Some(5), "page 2 brings it to 3 of 4 rows");
    incomplete(&[&[1, 2], &[1, 2], &[5]], Some(5), "page 2 brings it to 2 of 4 rows");
    incomplete(&[&[1, 2], &[3, 4], &[4]], Some(5), "page 3 brings it to 4 of 5 rows");
    incomplete(&[&[], &[3, 4]], Some(4), "page 1 brings it to 0 of 1 rows");
    incomplete(&[&[1], &[2, 3]], Some(4), "page 2 brings it to 3 of 4 rows");
    incomplete(&[&[1, 2], &[2]], None, "page 2 brings it to 2 of 3 rows");
}

#[test]
fn a_page_that_says_that_it_is_another_is_refused() {
    let answer = json!({ "titles": [{ "id": 1, "title": "x" }], "page": 2, "total_results": 1, "total_pages": 1 });
    let read = Read::default().take(1, serde_json::from_value(answer).unwrap());
    assert!(read.is_err());
}

#[test]
fn a_row_that_is_not_understood_counts() {
    let answer = json!({ "titles": [{ "id": 1, "title": "x" }, { "id": 2 }], "total_results": 2, "total_pages": 1 });
    let mut read = Read::default();
    assert!(read.take(1, serde_json::from_value(answer).unwrap()).unwrap());
    assert_eq!(read.titles.len(), 1);
}

#[test]
fn the_thousand_most_popular_are_enough() {
    let pages: Vec<Vec<u64>> = (0..8).map(|page| (page * 250..(page + 1) * 250).collect()).collect();
    let pages: Vec<&[u64]> = pages.iter().map(Vec::as_slice).collect();
    assert_eq!(read(&pages, Some(2_000), true).unwrap().len(), MOST);
}

#[test]
fn a_listing_is_its_name() {
    for listing in [Listing::Source(203.into()), Listing::Genre(4.into())] {
        assert_eq!(Listing::read(&listing.to_string()), Some(listing));
    }
    assert_eq!(
        ["source", "source-", "title-7", "genre-a/b"].map(Listing::read),
        [const { None }; 4]
    );
}
