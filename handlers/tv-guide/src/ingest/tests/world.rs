//! Upstreams that tell of a small world, and a reader of the stream who believes every record.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::publish::memory::Memory as Shelf;
use super::super::{Ingested, Order, Ports};
use crate::budget::Budget;
use crate::event::{Event, Record};
use crate::retry::Client;
use crate::table::Key;
use crate::table::memory::Memory;
use crate::upstream::script::{Answer, Hands, Script, answer};
use crate::upstream::{Request, Service};

/// When every run begins: a January afternoon.
pub(super) fn now() -> Timestamp {
    "2026-01-09T15:00:00Z".parse().unwrap()
}

/// Rows of a page, whatever limit is asked for.
const PAGE: usize = 3;

/// The episodes' ids; four on each day.
const EPISODES: std::ops::Range<u64> = 3_900_001..3_900_029;

/// What the upstreams tell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct World {
    pub(super) sources: Vec<u64>,
    pub(super) genres: Vec<u64>,
    /// Name, sources and genres by id; each is on a source at least.
    pub(super) shelf: BTreeMap<u64, (String, BTreeSet<u64>, BTreeSet<u64>)>,
    /// Day, channel and hour by the episode's id.
    pub(super) episodes: BTreeMap<u64, (String, u64, u32)>,
    /// What the plan that is paid for would tell.
    pub(super) new_titles: Option<Vec<u64>>,
    /// Titles and sources.
    pub(super) releases: Vec<(u64, u64)>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let (sources, genres) = (vec![26, 203, 409], vec![4, 7]);
        let mut some = |of: &[u64], least: usize| {
            let mut some: BTreeSet<u64> = of.iter().copied().filter(|_| rng.bool()).collect();
            while some.len() < least {
                some.insert(of[rng.usize(..of.len())]);
            }
            some
        };
        let title = |id: u64| (id, (format!("Title {id}"), some(&sources, 1), some(&genres, 0)));
        let shelf = (3_100_001..3_100_015).map(title).collect();
        let mut rng = Rng::with_seed(seed);
        let episode = |id: u64| {
            let day = format!("2026-01-{:02}", 9 + id % 7);
            (id, (day, 12 + rng.u64(..3), rng.u32(16..23)))
        };
        Self {
            episodes: EPISODES.map(episode).collect(),
            sources,
            genres,
            shelf,
            new_titles: None,
            releases: Vec::new(),
        }
    }

    /// The world a while later: in every listing and on every day something is new, something has
    /// changed and something is gone.
    pub(super) fn changed(&self) -> Self {
        let mut world = self.clone();
        for (place, of) in self.sources.iter().enumerate() {
            let of = *of;
            let id = *self.shelf.iter().find(|(_, title)| title.1.contains(&of)).unwrap().0;
            world.shelf.get_mut(&id).unwrap().1.remove(&of);
            let new = 3_200_001 + place as u64;
            let genres = self.genres.iter().copied().collect();
            world
                .shelf
                .insert(new, (format!("Title {new}"), BTreeSet::from([of]), genres));
        }
        world.shelf.retain(|_, title| !title.1.is_empty());
        if let Some(title) = world.shelf.values_mut().next() {
            "Renamed".clone_into(&mut title.0);
        }
        for day in 0..7 {
            // Of those of one day the first is gone, the second an hour later, the third on the next day.
            let ids: Vec<u64> = EPISODES.filter(|id| id % 7 == day).collect();
            world.episodes.remove(&ids[0]);
            world.episodes.get_mut(&ids[1]).unwrap().2 += 1;
            world.episodes.get_mut(&ids[2]).unwrap().0 = format!("2026-01-{:02}", 9 + (day + 1) % 7);
        }
        world
    }

    pub(super) fn answer(&self, request: &Request) -> Answer {
        let query = |name: &str| {
            let found = request.query.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| value.clone())
        };
        let list = |name: &str| {
            let text = query(name)?;
            Some(text.split(',').map(|id| id.parse().unwrap()).collect::<Vec<u64>>())
        };
        let named = |ids: &[u64]| {
            ids.iter()
                .map(|id| json!({ "id": id, "name": format!("Name {id}") }))
                .collect()
        };
        let body: Value = match (request.service, request.path.as_str()) {
            (Service::Watchmode, "/sources") => named(&self.sources),
            (Service::Watchmode, "/genres") => named(&self.genres),
            (Service::Watchmode, "/list-titles") => {
                let (sources, genres) = (list("source_ids").unwrap(), list("genres"));
                let is_in = |(_, of, kinds): &(String, BTreeSet<u64>, BTreeSet<u64>)| {
                    let genre = genres
                        .as_ref()
                        .is_none_or(|genres| genres.iter().any(|id| kinds.contains(id)));
                    genre && sources.iter().any(|id| of.contains(id))
                };
                let rows: Vec<Value> = self
                    .shelf
                    .iter()
                    .filter(|(_, it)| is_in(it))
                    .map(|(id, it)| item(*id, &it.0))
                    .collect();
                let page: usize = query("page").unwrap().parse().unwrap();
                let titles: Vec<&Value> = rows.iter().skip((page - 1) * PAGE).take(PAGE).collect();
                let pages = rows.len().div_ceil(PAGE);
                json!({ "titles": titles, "page": page, "total_results": rows.len(), "total_pages": pages })
            }
            (Service::Watchmode, "/changes/new_titles") => match &self.new_titles {
                Some(titles) => json!({ "titles": titles, "page": 1, "total_pages": 1 }),
                None => return Ok(answer(401, r#"{"success":false,"statusCode":401}"#)),
            },
            (Service::Watchmode, "/releases") => {
                let release = |(id, source): &(u64, u64)| {
                    let mut release = item(*id, &format!("Title {id}"));
                    release["source_id"] = json!(source);
                    release
                };
                json!({ "releases": self.releases.iter().map(release).collect::<Vec<_>>() })
            }
            (Service::Watchmode, path) => {
                let id: u64 = path
                    .trim_start_matches("/title/")
                    .trim_end_matches("/details")
                    .parse()
                    .unwrap();
                let Some((name, sources, genres)) = self.shelf.get(&id) else {
                    return Ok(answer(404, "{}"));
                };
                let sources = sources
                    .iter()
                    .map(|id| json!({ "source_id": id, "type": "sub", "region": "GB" }));
                let mut details = item(id, name);
                details["genres"] = json!(genres);
                details["sources"] = sources
                    .chain([json!({ "source_id": 1, "type": "sub", "region": "GB" })])
                    .collect();
                details
            }
            (Service::Tvmaze, _) => {
                let date = query("date").unwrap();
                let rows = self.episodes.iter().filter(|(_, (day, ..))| *day == date);
                rows.map(|(id, (day, channel, hour))| episode(*id, day, *channel, *hour))
                    .collect()
            }
        };
        Ok(answer(200, body.to_string()))
    }

    /// Sources and genres by the titles' ids, as a reader shall know them.
    pub(super) fn titles(&self) -> BTreeMap<String, (String, Vec<String>, Vec<String>)> {
        let texts = |ids: &BTreeSet<u64>| {
            let mut texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
            texts.sort();
            texts
        };
        let title = |(id, (name, sources, genres)): (&u64, &(String, BTreeSet<u64>, BTreeSet<u64>))| {
            (id.to_string(), (name.clone(), texts(sources), texts(genres)))
        };
        self.shelf.iter().map(title).collect()
    }

    /// Channels and beginnings by the programmes' ids, as a reader shall know them.
    pub(super) fn programmes(&self) -> BTreeMap<String, (String, Timestamp)> {
        let programme = |(id, (day, channel, hour)): (&u64, &(String, u64, u32))| {
            let start = format!("{day}T{hour:02}:00:00Z").parse().unwrap();
            (id.to_string(), (channel.to_string(), start))
        };
        self.episodes.iter().map(programme).collect()
    }
}

fn item(id: u64, name: &str) -> Value {
    json!({
        "id": id, "title": name, "year": 2025, "imdb_id": format!("tt{id}"), "tmdb_id": 0, "tmdb_type": null,
        "type": "tv_series",
    })
}

fn episode(id: u64, day: &str, channel: u64, hour: u32) -> Value {
    json!({
        "id": id, "name": format!("Episode {id}"), "airstamp": format!("{day}T{hour:02}:00:00+00:00"), "runtime": 60,
        "show": { "id": 90_001, "name": "Harbour Lights", "network": { "id": channel, "name": format!("Channel {channel}") } },
    })
}

/// What someone knows who has read every record in any order: the newest counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Reader {
    known: BTreeMap<String, Record>,
    /// Runs that were read; each begins a minute after the one before.
    runs: i64,
    /// Titles that were to be asked for again.
    pub(super) enriched: Vec<String>,
    /// Programmes that were cancelled and titles that were delisted, ever.
    pub(super) gone: BTreeSet<String>,
}

impl Reader {
    fn read(&mut self, bytes: &[u8]) {
        let record = Record::decode(bytes).unwrap();
        match &record.event {
            Event::TitleEnrich(key) => return self.enriched.push(key.id.to_string()),
            Event::ProgrammeCancelled(_) | Event::TitleDelisted(_) => {
                self.gone.insert(record.event.key().to_owned());
            }
            Event::ProgrammeScheduled(_) | Event::TitleListed(_) | Event::ChannelSeen(_) => {}
        }
        let kind = record.event.name().split(':').next().unwrap_or_default();
        let key = format!("{kind} {}", record.event.key());
        let is_newer = self
            .known
            .get(&key)
            .is_none_or(|known| known.header.version <= record.header.version);
        if is_newer {
            self.known.insert(key, record);
        }
    }

    pub(super) fn titles(&self) -> BTreeMap<String, (String, Vec<String>, Vec<String>)> {
        let title = |record: &Record| match &record.event {
            Event::TitleListed(title) => {
                let sources = title.source_ids.iter().map(ToString::to_string).collect();
                let genres = title.genre_ids.iter().map(ToString::to_string).collect();
                Some((title.id.to_string(), (title.title.clone(), sources, genres)))
            }
            _ => None,
        };
        self.known.values().filter_map(title).collect()
    }

    pub(super) fn programmes(&self) -> BTreeMap<String, (String, Timestamp)> {
        let programme = |record: &Record| match &record.event {
            Event::ProgrammeScheduled(it) => {
                Some((it.program_id.to_string(), (it.channel_id.to_string(), it.start_time)))
            }
            _ => None,
        };
        self.known.values().filter_map(programme).collect()
    }

    pub(super) fn channels(&self) -> usize {
        self.known.keys().filter(|key| key.starts_with("channel ")).count()
    }
}

/// The manifests of what was published, as they stand in the table.
pub(super) fn manifests(table: &Memory) -> Vec<String> {
    let items = table.items();
    // When a listing was read last changes with every run.
    let is_told = |key: &Key| key.pk.starts_with("state:manifest") && !key.pk.ends_with("listings");
    let manifests = items.iter().filter(|(key, _)| is_told(key));
    manifests.map(|(key, item)| format!("{key:?} {item:?}")).collect()
}

/// One run in this world; the reader reads what it publishes.
pub(super) async fn run(world: &World, table: &Memory, event: &Value, reader: &mut Reader) -> Ingested {
    run_on(world, table, event, reader, |_, _| Some(true)).await
}

/// The same on a stream that takes what it is told to take.
pub(super) async fn run_on(
    world: &World,
    table: &Memory,
    event: &Value,
    reader: &mut Reader,
    takes: impl Fn(usize, usize) -> Option<bool>,
) -> Ingested {
    let upstream = Script::new(|_, request: &Request| world.answer(request));
    run_with(&upstream, table, event, reader, takes, Setting::default()).await
}

/// What a run depends on beside the world.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// Requests that the plan allows in a month.
    pub(super) monthly: u64,
    /// Every jittered wait, as a part of its most.
    pub(super) fraction: f64,
    /// When the first run begins.
    pub(super) now: Timestamp,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            monthly: 1_000,
            fraction: 0.5,
            now: now(),
        }
    }
}

/// The same on any upstreams, in any setting.
pub(super) async fn run_with<F: Fn(usize, &Request) -> Answer>(
    upstream: &Script<F>,
    table: &Memory,
    event: &Value,
    reader: &mut Reader,
    takes: impl Fn(usize, usize) -> Option<bool>,
    setting: Setting,
) -> Ingested {
    let now = setting.now + SignedDuration::from_mins(reader.runs);
    reader.runs += 1;
    let pace = Hands::new(now, setting.fraction);
    let budget = Budget::new(table, setting.monthly);
    let client = Client::new(upstream, &pace, budget, now + SignedDuration::from_secs(595));
    let stream = Shelf::new(takes);
    let ports = Ports {
        client: &client,
        table,
        stream: &stream,
        pace: &pace,
    };
    let done = super::super::run(&Order::read(event), &ports).await;
    for entry in stream.drain() {
        reader.read(&entry.data);
    }
    done
}
