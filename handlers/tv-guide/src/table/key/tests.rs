use super::{Favourite, Id, by_name, by_rating, by_start, fold, name_partition};
use crate::event::id::{ChannelId, ProgrammeId, ShowId, TitleId};
use crate::instant;

#[test]
fn an_id_cannot_leave_its_place_in_a_key() {
    for good in [
        "1",
        "tvmaze-3900001",
        "tt9900001",
        "0f0e1a9c-7a5e-4d0d-9d4f-3d2f8c1b2a00",
        &"x".repeat(64),
    ] {
        assert!(Id::new(good).is_ok(), "{good}");
        assert!(serde_json::from_value::<Id>(good.into()).is_ok(), "{good}");
    }
    for bad in ["", "a:b", "a#b", "a b", "../a", "é", "a\n", &"x".repeat(65)] {
        assert!(Id::new(bad).is_err(), "{bad}");
        assert!(serde_json::from_value::<Id>(bad.into()).is_err(), "{bad}");
    }
}

#[test]
fn names_fold_to_what_people_type() {
    #[track_caller]
    fn check(name: &str, folded: &str) {
        assert_eq!(fold(name), folded);
        assert_eq!(fold(folded), folded, "folding twice changes nothing");
    }
    check("  The Crown ", "the crown");
    check("Don't Look Up!", "dont look up");
    check("Don’t Look Up", "dont look up");
    check("Les Misérables", "les miserables");
    check("Mise\u{301}rables", "miserables");
    check("Æon Flux: 2", "aeon flux 2");
    check("Q.I. -- XL", "q i xl");
    check("東京 Story", "東京 story");
    check("???", "???");
    check("", "");
    assert!(fold(&"é".repeat(300)).len() <= 200);
    assert!(fold(&"東".repeat(300)).len() <= 200);
}

#[test]
fn keys_sort_as_they_should() {
    assert_eq!(name_partition("the crown"), "name:th");
    assert_eq!(name_partition("東京 story"), "name:東京");
    assert_eq!(name_partition("m"), "name:m");
    assert_eq!(by_name("The Crown", &TitleId::from(7)), "the crown#7");
    let rating = |rating| by_rating(rating, &TitleId::from(7));
    assert_eq!([7.65, 10.0, 0.0].map(rating), ["07.65#7", "10.00#7", "00.00#7"]);
    let start = instant::parse("2026-01-09T21:00:00Z").unwrap();
    assert_eq!(
        by_start(start, &ChannelId::from(12), &ProgrammeId::from(39)),
        "2026-01-09T21:00:00Z#12#39"
    );
}

#[test]
fn favourites_spell_their_kind() {
    assert_eq!(Favourite::Title(TitleId::from(1)).to_string(), "fav:title:1");
    assert_eq!(Favourite::Show(ShowId::from(1)).to_string(), "fav:show:1");
}
