//! A world in memory: ledger, objects, catalog, engine and clock, which a test may stop at any call.
//!
//! A raw object's bytes are lines, a row each: `<event> <arrival>`.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{
    Catalog, Dirty, Engine, Fault, GetFault, Held, Hours, Intent, Kept, Leased, Merge, Progress, Published, RawObject,
    Retired, Store, Tally, Unmergeable,
};
use crate::Hour;
use crate::write::{Clock, Millis};

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The caller dies before anything has happened.
    DiesBefore,
    /// The caller dies before he hears that it has.
    DiesAfter,
    /// Nothing happens, and the caller hears of a fault.
    FailsBefore,
    /// It happens, and the caller hears of a fault.
    FailsAfter,
}

impl Trouble {
    /// All of it.
    pub const ALL: [Trouble; 4] = [
        Trouble::DiesBefore,
        Trouble::DiesAfter,
        Trouble::FailsBefore,
        Trouble::FailsAfter,
    ];
}

/// Everything that outlives an invocation.
#[derive(Debug, Default)]
pub struct World {
    /// What there is.
    pub state: RefCell<State>,
    /// How many calls were made.
    pub calls: Cell<usize>,
    /// At which call what happens.
    pub trouble: RefCell<BTreeMap<usize, Trouble>>,
    /// What comes in from outside before which call: the text of a raw object, and its key.
    pub arrivals: RefCell<BTreeMap<usize, (Hour, String, String)>>,
    /// What a reader of each hour saw after each call: its lines in order.
    pub seen: RefCell<Vec<(Hour, Vec<String>)>>,
}

/// What there is.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The time.
    pub now: Millis,
    /// Hours that are marked.
    pub dirty: BTreeMap<Hour, Mark>,
    /// The generation of each hour.
    pub published: BTreeMap<Hour, Published>,
    /// What waits for its removal.
    pub retired: Vec<Retired>,
    /// Bytes by their keys.
    pub objects: BTreeMap<String, Vec<u8>>,
    /// The partitions that people query.
    pub partitions: BTreeMap<Hour, String>,
    /// The partitions of generations that the engine has left.
    pub generations: BTreeSet<(Hour, String)>,
    /// Queries, by their names.
    pub queries: BTreeMap<String, Job>,
    /// How often a new query is looked at until it is done; none for one that fails.
    pub query_takes: Option<u32>,
}

/// A query.
#[derive(Debug, Clone)]
pub struct Job {
    hour: Hour,
    generation: String,
    takes: Option<u32>,
    is_done: bool,
}

/// A marked hour.
#[derive(Debug, Clone, Default)]
pub struct Mark {
    held: Held,
    lease: Option<(String, Millis)>,
}

impl World {
    /// Makes a raw object and marks its hour, as writer and register do.
    pub fn arrive(&self, hour: Hour, key: &str, lines: &str) {
        let mut state = self.state.borrow_mut();
        state
            .objects
            .insert(format!("raw/{hour}/{key}"), lines.as_bytes().to_vec());
        state.partitions.entry(hour).or_insert_with(|| format!("raw/{hour}/"));
        state.dirty.entry(hour).or_default().held.touched += 1;
    }

    /// What a reader of an hour sees: every line that the catalog points to.
    #[must_use]
    pub fn read(&self, hour: Hour) -> Vec<String> {
        let state = self.state.borrow();
        let place = state.partitions.get(&hour).cloned().unwrap_or_default();
        let below = state.objects.iter().filter(|(key, _)| key.starts_with(&place));
        let mut lines: Vec<String> = below.flat_map(|(_, bytes)| lines(bytes)).collect();
        lines.sort();
        lines
    }

    /// One call to a service: with what arrives before it, and the trouble that is due.
    async fn call<R>(&self, effect: impl FnOnce(&mut State) -> R) -> Result<R, Fault> {
        let number = self.calls.replace(self.calls.get() + 1);
        let arrival = self.arrivals.borrow_mut().remove(&number);
        if let Some((hour, key, lines)) = arrival {
            self.arrive(hour, &key, &lines);
        }
        let trouble = self.trouble.borrow_mut().remove(&number);
        match trouble {
            Some(Trouble::DiesBefore) => std::future::pending().await,
            Some(Trouble::FailsBefore) => return Err(Fault),
            _ => {}
        }
        let answer = effect(&mut self.state.borrow_mut());
        let hours: Vec<Hour> = self.state.borrow().partitions.keys().copied().collect();
        for hour in hours {
            let lines = self.read(hour);
            self.seen.borrow_mut().push((hour, lines));
        }
        match trouble {
            Some(Trouble::DiesAfter) => std::future::pending().await,
            Some(Trouble::FailsAfter) => Err(Fault),
            _ => Ok(answer),
        }
    }
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
}

impl State {
    fn held_by(&mut self, hour: Hour, owner: &str) -> Option<&mut Mark> {
        let mark = self.dirty.get_mut(&hour)?;
        mark.lease
            .as_ref()
            .is_some_and(|(holder, _)| holder == owner)
            .then_some(mark)
    }

    fn raw(&self, hour: Hour) -> Vec<RawObject> {
        let prefix = format!("raw/{hour}/");
        let below = self.objects.iter().filter(|(key, _)| key.starts_with(&prefix));
        let object = |(key, bytes): (&String, &Vec<u8>)| RawObject {
            key: key.clone(),
            etag: format!("{bytes:?}"),
            size: bytes.len() as u64,
        };
        below.map(object).collect()
    }
}

impl Hours for &World {
    async fn mark(&self, hour: Hour, _now: Millis) -> Result<(), Fault> {
        self.call(|state| state.dirty.entry(hour).or_default().held.touched += 1)
            .await
    }

    async fn dirty(&self, last: Hour) -> Result<Vec<Dirty>, Fault> {
        let dirty = |(hour, mark): (&Hour, &Mark)| Dirty {
            hour: *hour,
            attempts: mark.held.attempts,
        };
        self.call(|state| state.dirty.range(..=last).map(dirty).collect()).await
    }

    async fn lease(&self, hour: Hour, owner: &str, now: Millis, until: Millis) -> Result<Leased, Fault> {
        self.call(|state| {
            let Some(mark) = state.dirty.get_mut(&hour) else {
                return Leased::Clean;
            };
            match &mark.lease {
                Some((holder, until)) if holder != owner && *until >= now => Leased::Taken,
                _ => {
                    mark.lease = Some((owner.to_owned(), until));
                    mark.held.attempts += 1;
                    Leased::Held(mark.held.clone())
                }
            }
        })
        .await
    }

    async fn intend(&self, hour: Hour, owner: &str, intent: &Intent) -> Result<Kept, Fault> {
        self.call(|state| match state.held_by(hour, owner) {
            Some(mark) => {
                mark.held.intent.clone_from(intent);
                Kept::Made
            }
            None => Kept::Overtaken,
        })
        .await
    }

    async fn release(&self, hour: Hour, owner: &str) -> Result<(), Fault> {
        self.call(|state| {
            if let Some(mark) = state.held_by(hour, owner) {
                mark.lease = None;
            }
        })
        .await
    }

    async fn clear(&self, hour: Hour, owner: &str, touched: u64) -> Result<Kept, Fault> {
        self.call(|state| match state.held_by(hour, owner) {
            Some(mark) if mark.held.touched == touched => {
                state.dirty.remove(&hour);
                Kept::Made
            }
            Some(mark) => {
                let held = Held {
                    touched: mark.held.touched,
                    ..Held::default()
                };
                *mark = Mark { held, lease: None };
                Kept::Made
            }
            None => Kept::Overtaken,
        })
        .await
    }

    async fn published(&self, hour: Hour) -> Result<Option<Published>, Fault> {
        self.call(|state| state.published.get(&hour).cloned()).await
    }

    async fn publish(&self, hour: Hour, published: &Published) -> Result<Kept, Fault> {
        self.call(|state| match state.published.get(&hour) {
            Some(other) if other.generation > published.generation => Kept::Overtaken,
            _ => {
                state.published.insert(hour, published.clone());
                Kept::Made
            }
        })
        .await
    }

    async fn retire(&self, retired: &Retired) -> Result<(), Fault> {
        self.call(|state| {
            if !state.retired.contains(retired) {
                state.retired.push(retired.clone());
            }
        })
        .await
    }

    async fn retired(&self, until: Millis) -> Result<Vec<Retired>, Fault> {
        self.call(|state| {
            let mut due: Vec<Retired> = state.retired.clone();
            due.retain(|retired| retired.since <= until);
            due.sort_by_key(|retired| retired.since);
            due
        })
        .await
    }

    async fn forget(&self, retired: &Retired) -> Result<(), Fault> {
        self.call(|state| state.retired.retain(|other| other != retired)).await
    }
}

impl Store for &World {
    async fn raw(&self, hour: Hour) -> Result<Vec<RawObject>, Fault> {
        self.call(|state| state.raw(hour)).await
    }

    async fn get(&self, object: &RawObject) -> Result<Vec<u8>, GetFault> {
        let found = self.call(|state| state.objects.get(&object.key).cloned()).await?;
        match found {
            Some(bytes) if format!("{bytes:?}") == object.etag => Ok(bytes),
            _ => Err(GetFault::Changed),
        }
    }

    async fn put(&self, hour: Hour, generation: &str, number: usize, bytes: Vec<u8>) -> Result<(), Fault> {
        let key = format!("{}{number}", Store::location(self, hour, generation));
        self.call(|state| state.objects.insert(key, bytes)).await.map(|_| ())
    }

    async fn remove(&self, hour: Hour, generation: &str) -> Result<(), Fault> {
        let folder = Store::location(self, hour, generation);
        self.call(|state| state.objects.retain(|key, _| !key.starts_with(&folder)))
            .await
    }

    fn location(&self, hour: Hour, generation: &str) -> String {
        format!("curated/{hour}/{generation}/")
    }
}

impl Catalog for &World {
    async fn register(&self, hours: &[Hour]) -> Result<(), Fault> {
        self.call(|state| {
            for hour in hours {
                state.partitions.entry(*hour).or_insert_with(|| format!("raw/{hour}/"));
            }
        })
        .await
    }

    async fn location(&self, hour: Hour) -> Result<Option<String>, Fault> {
        self.call(|state| state.partitions.get(&hour).cloned()).await
    }

    async fn publish(&self, hour: Hour, location: &str) -> Result<(), Fault> {
        self.call(|state| state.partitions.insert(hour, location.to_owned()))
            .await
            .map(|_| ())
    }

    async fn drop_generation(&self, hour: Hour, generation: &str) -> Result<(), Fault> {
        self.call(|state| state.generations.remove(&(hour, generation.to_owned())))
            .await
            .map(|_| ())
    }
}

impl Engine for &World {
    async fn insert(&self, hour: Hour, generation: &str) -> Result<String, Fault> {
        self.call(|state| {
            let id = format!("query-{}", state.queries.len());
            let job = Job {
                hour,
                generation: generation.to_owned(),
                takes: state.query_takes,
                is_done: false,
            };
            state.queries.insert(id.clone(), job);
            id
        })
        .await
    }

    async fn progress(&self, query: &str) -> Result<Progress, Fault> {
        self.call(|state| {
            let Some(job) = state.queries.get_mut(query) else {
                return Progress::Failed;
            };
            match &mut job.takes {
                None => return Progress::Failed,
                Some(0) if job.is_done => return Progress::Done,
                Some(0) => job.is_done = true,
                Some(takes) => {
                    *takes -= 1;
                    return Progress::Running;
                }
            }
            let Job { hour, generation, .. } = job.clone();
            let raw = state.raw(hour);
            let bytes = raw.iter().filter_map(|object| state.objects.get(&object.key));
            let (merged, _) = merged(bytes.flat_map(|bytes| lines(bytes)).collect());
            let key = format!("{}athena", Store::location(self, hour, &generation));
            state.objects.insert(key, merged.join("\n").into_bytes());
            state.generations.insert((hour, generation));
            Progress::Done
        })
        .await
    }

    async fn count(&self, hour: Hour, generation: &str) -> Result<Tally, Fault> {
        let folder = Store::location(self, hour, generation);
        self.call(|state| {
            let rows = |prefix: &str| -> u64 {
                let below = state.objects.iter().filter(|(key, _)| key.starts_with(prefix));
                below.map(|(_, bytes)| lines(bytes).len() as u64).sum()
            };
            let is_partition = state.generations.contains(&(hour, generation.to_owned()));
            let rows_out = if is_partition { rows(&folder) } else { 0 };
            let rows_in = rows(&format!("raw/{hour}/"));
            Tally {
                rows_in,
                duplicates: rows_in.saturating_sub(rows_out),
                rows_out,
            }
        })
        .await
    }
}

impl Clock for &World {
    fn now(&self) -> Millis {
        self.state.borrow().now
    }

    async fn sleep(&self, duration: Duration) {
        self.state.borrow_mut().now += u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    }
}

/// Each event once, as it arrived first; and how many rows that takes away.
fn merged(mut lines: Vec<String>) -> (Vec<String>, usize) {
    let rows = lines.len();
    let arrival = |line: &String| line.split_once(' ').and_then(|(_, at)| at.parse::<u64>().ok());
    lines.sort_by_key(arrival);
    let mut known = BTreeSet::new();
    lines.retain(|line| known.insert(line.split_once(' ').map(|(event, _)| event.to_owned())));
    lines.sort();
    let duplicates = rows - lines.len();
    (lines, duplicates)
}

/// Merges lines; a file holds two.
#[derive(Debug, Default)]
pub struct Lines {
    /// Most rows that fit, none for any number.
    pub most: Option<usize>,
    pushed: Vec<String>,
    files: Option<std::vec::IntoIter<Vec<u8>>>,
    tally: Tally,
}

impl Merge for Lines {
    fn begin(&mut self) -> Result<(), Unmergeable> {
        *self = Lines {
            most: self.most,
            ..Lines::default()
        };
        Ok(())
    }

    fn push(&mut self, bytes: Vec<u8>) -> Result<(), Unmergeable> {
        let text = String::from_utf8(bytes).map_err(|error| Unmergeable::Damaged(error.into()))?;
        self.pushed.extend(text.lines().map(str::to_owned));
        match self.most.is_some_and(|most| self.pushed.len() > most) {
            true => Err(Unmergeable::TooLarge),
            false => Ok(()),
        }
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, Unmergeable> {
        let files = match &mut self.files {
            Some(files) => files,
            None => {
                let rows_in = self.pushed.len() as u64;
                let (lines, duplicates) = merged(std::mem::take(&mut self.pushed));
                self.tally = Tally {
                    rows_in,
                    duplicates: duplicates as u64,
                    rows_out: lines.len() as u64,
                };
                let files: Vec<_> = lines.chunks(2).map(|lines| lines.join("\n").into_bytes()).collect();
                self.files.insert(files.into_iter())
            }
        };
        Ok(files.next())
    }

    fn tally(&self) -> Tally {
        self.tally
    }
}
