//! How long `GET /guide` takes in the handler, over 200,000 programmes in the table in memory.
//!
//! First the percentiles of one evening of all channels, then what divan says of it and of smaller
//! windows: `cargo bench -p tv-guide --bench guide`.

use std::hint::black_box;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use divan::Bencher;
use jiff::{SignedDuration, Timestamp};
use tv_guide::api::memory::Walled;
use tv_guide::api::{Caller, Request, Response, answer};
use tv_guide::event::id::{ChannelId, ProgrammeId, ShowId};
use tv_guide::table::Table;
use tv_guide::table::entity::{Programme, Status};
use tv_guide::table::memory::Memory;

/// 100 channels, as many as an aerial brings into a British home, with 40 programmes a day each; for
/// 50 days, which is more than the table keeps.
const CHANNELS: u64 = 100;
const DAYS: i64 = 50;
const MINUTES: i64 = 36;

/// 2026-01-09T00:00:00Z, in the middle of the days.
const TODAY: i64 = 1_767_916_800;

static TABLE: LazyLock<Memory> = LazyLock::new(|| {
    let table = Memory::new();
    let first = TODAY - DAYS / 2 * 86_400;
    for slot in 0..DAYS * 24 * 60 / MINUTES {
        let start = Timestamp::from_second(first + slot * MINUTES * 60).unwrap();
        for channel in 1..=CHANNELS {
            let id = u64::try_from(slot).unwrap() * CHANNELS + channel;
            done(table.write(programme(id, channel, start).write())).unwrap();
        }
    }
    table
});

fn programme(id: u64, channel: u64, start: Timestamp) -> Programme {
    Programme {
        program_id: ProgrammeId::from(id),
        title: format!("The Long Harbour Night {}", id % 977),
        channel: format!("Channel {channel}"),
        channel_id: ChannelId::from(channel),
        start_time: start,
        end_time: start.checked_add(SignedDuration::from_mins(MINUTES)).unwrap(),
        description: Some("A detective returns to the harbour town that she left. ".repeat(4)),
        show_id: Some(ShowId::from(id % 977)),
        imdb_id: None,
        episode: Some("The Pier".to_owned()),
        season: Some(2),
        number: Some(5),
        genres: vec!["Drama".to_owned(), "Crime".to_owned()],
        image: Some("https://images.example.com/original/42.jpg".to_owned()),
        url: Some("https://www.example.com/episodes/42".to_owned()),
        status: Status::Scheduled,
        version: "1767992400123-0123456789abcdef".to_owned(),
    }
}

/// The output of a future that never waits, as none over the table in memory does.
fn done<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the table in memory waits for nothing"),
    }
}

fn get(query: &str) -> Response {
    let request = Request {
        method: "GET",
        path: "/guide",
        query,
        ..Request::default()
    };
    let now = Timestamp::from_second(TODAY + 20 * 3600).unwrap();
    done(answer(&request, Caller::Anyone, &*TABLE, &Walled(&TABLE), now))
}

const EVENING: &str = "from=2026-01-09T19:00:00Z&to=2026-01-09T23:00:00Z";

#[divan::bench(args = [
    EVENING,
    "from=2026-01-09T20:00:00Z&to=2026-01-09T20:01:00Z",
    "from=2026-01-09T00:00:00Z&to=2026-01-16T00:00:00Z&channel=7",
])]
fn guide(bencher: Bencher, query: &str) {
    LazyLock::force(&TABLE);
    bencher.bench(|| get(black_box(query)));
}

fn main() {
    let before = TABLE.counts().reads;
    let response = get(EVENING);
    let read = TABLE.counts().reads - before;
    let text = String::from_utf8(response.body).unwrap();
    let returned = text.matches("\"program_id\"").count();
    let mut took: Vec<_> = (0..1_000)
        .map(|_| {
            let start = Instant::now();
            black_box(get(black_box(EVENING)));
            start.elapsed()
        })
        .collect();
    took.sort();
    println!(
        "{} programmes in the table; {EVENING}: {returned} returned, {read} items read, {} bytes; \
         p50 {:?}, p99 {:?}, slowest {:?} of {}",
        TABLE.items().len(),
        text.len(),
        took[took.len() / 2],
        took[took.len() * 99 / 100],
        took[took.len() - 1],
        took.len(),
    );
    divan::main();
}
