//! Programmes and followers for tests; all of it happens on 9 January 2026.

use jiff::Timestamp;

use crate::event::id::{ChannelId, ImdbId, ProgrammeId, ShowId, UserId};
use crate::instant;
use crate::table::entity::{Programme, Status};
use crate::table::key::{self, Favourite};
use crate::table::{Item, Table, Write};

pub(super) fn at(time: &str) -> Timestamp {
    instant::parse(&format!("2026-01-09T{time}:00Z")).unwrap()
}

pub(super) fn user(number: u64) -> UserId {
    UserId::new(format!("user-{number:03}")).unwrap()
}

pub(super) fn programme(id: u64, start: Timestamp, end: Timestamp) -> Programme {
    Programme {
        program_id: ProgrammeId::from(id),
        title: "Harbour Lights".to_owned(),
        channel: "BBC One".to_owned(),
        channel_id: ChannelId::from(12),
        start_time: start,
        end_time: end,
        description: None,
        show_id: Some(ShowId::from(90_001)),
        imdb_id: ImdbId::new("tt9900001").ok(),
        episode: None,
        season: None,
        number: None,
        genres: vec![],
        image: None,
        url: None,
        status: Status::Scheduled,
        version: "1".to_owned(),
    }
}

/// Lets a user follow something, as the API writes it.
pub(super) async fn follow(table: &impl Table, number: u64, favourite: &Favourite) {
    let user = user(number);
    let item = Item::from_iter([
        ("GSI1PK".to_owned(), favourite.to_string().into()),
        ("GSI1SK".to_owned(), user.to_string().into()),
    ]);
    table
        .write(Write::put(key::favourite(&user, favourite), item))
        .await
        .unwrap();
}
