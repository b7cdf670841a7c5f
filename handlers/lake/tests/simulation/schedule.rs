//! One schedule, from a seed: a shard's records are delivered until nothing is left to deliver, what
//! was given up is driven again, and every record must be in the store once.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use lake::write::{Batch, Encode, Margins, Millis, Outcome, Part, Placed, Sequence, Unencodable, Writer};

use crate::mapping::{Piece, Poller};
use crate::world::{Port, World};

/// Which rules of the writer hold.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) fence: bool,
    pub(crate) lease: bool,
    pub(crate) intent: bool,
    pub(crate) ahead: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            fence: true,
            lease: true,
            intent: true,
            ahead: true,
        }
    }
}

/// What is wrong at the end of a schedule, or in the midst of it.
#[derive(Debug)]
#[allow(dead_code, reason = "the numbers are for whoever reads the failure")]
pub(crate) enum Fault {
    Lost(usize),
    Twice(usize),
    Endless,
}

/// A record: where it is, and the partitions of its events.
#[derive(Clone)]
struct Record {
    sequence: Sequence,
    number: usize,
    partitions: Vec<u8>,
}

impl Placed for Record {
    fn sequence(&self) -> &Sequence {
        &self.sequence
    }
}

/// Writes the numbers of records, so that the store can be compared with the shard.
struct Numbers;

impl Encode<Record> for Numbers {
    fn encode(&mut self, records: &[Record]) -> Result<Vec<Part>, Unencodable> {
        let mut parts: BTreeMap<u8, Part> = BTreeMap::new();
        for record in records {
            for partition in &record.partitions {
                let part = parts.entry(*partition).or_insert_with(|| Part {
                    folder: format!("{partition}/"),
                    first: record.sequence.clone(),
                    last: record.sequence.clone(),
                    rows: 0,
                    suffix: ".n",
                    bytes: Vec::new(),
                });
                part.last = record.sequence.clone();
                part.rows += 1;
                part.bytes.push(record.number as u8);
            }
        }
        Ok(parts.into_values().collect())
    }
}

/// An invocation that runs.
struct Invocation {
    future: Pin<Box<dyn Future<Output = Outcome>>>,
    /// When it wants to go on.
    ready: Millis,
    deadline: Millis,
    /// The poller that waits for it; none once that has given it up.
    poller: Option<usize>,
    piece: Piece,
}

pub(crate) fn run(seed: u64, rules: Rules) -> Result<(), Fault> {
    let world = Rc::new(World::new(seed, rules));
    let records = records(&world);
    let mut given_up = deliver(&world, &records)?;
    let missing = compare(&world, &records)?;
    let is_given_up = |number: &usize| given_up.iter().any(|piece| (piece.from..piece.to).contains(number));
    if let Some(lost) = missing.iter().find(|number| !is_given_up(number)) {
        return Err(Fault::Lost(*lost));
    }
    // In any order: the destination is a queue.
    world.random.borrow_mut().shuffle(&mut given_up);
    for piece in given_up {
        drive_again(&world, &records, piece)?;
    }
    match compare(&world, &records)?.first() {
        Some(lost) => Err(Fault::Lost(*lost)),
        None => Ok(()),
    }
}

/// Five to forty records with gaps between their numbers, of which some hold events of two
/// partitions, as aggregated ones do.
fn records(world: &World) -> Rc<Vec<Record>> {
    let count = world.between(5, 40) as usize;
    let mut sequence = world.between(90, 9_990);
    let record = |number| {
        sequence += world.between(1, 9);
        let partition = world.between(0, 2) as u8;
        let mut partitions = vec![partition];
        if world.chance(10) {
            partitions.push((partition + 1) % 3);
        }
        Record {
            sequence: sequence.to_string().parse().expect("a number"),
            number,
            partitions,
        }
    };
    Rc::new((0..count).map(record).collect())
}

/// Runs the pollers to the end of the shard, and gives what they gave up.
fn deliver(world: &Rc<World>, records: &Rc<Vec<Record>>) -> Result<Vec<Piece>, Fault> {
    let mut pollers = vec![Poller::new(0, records.len())];
    let mut invocations: Vec<Invocation> = Vec::new();
    let mut given_up = Vec::new();
    // When each poller invokes next; none while it waits for an invocation.
    let mut idle = vec![Some(world.now.get())];
    let overlaps = world.chance(30);
    let repairs = world.chance(30);
    let watches = world.chance(5);
    let mut owners = 0..;
    let limit = world.now.get() + 100_000_000;

    loop {
        let invoked = idle
            .iter()
            .enumerate()
            .filter_map(|(poller, at)| at.map(|at| (at, poller)));
        let next_poller = invoked.min();
        let next_invocation = (0..invocations.len()).min_by_key(|index| invocations[*index].ready);
        let invocation_at = next_invocation.map(|index| invocations[index].ready);
        let Some(at) = [next_poller.map(|it| it.0), invocation_at, world.landing()]
            .into_iter()
            .flatten()
            .min()
        else {
            return Ok(given_up);
        };
        if at > limit {
            return Err(Fault::Endless);
        }
        world.now.set(at.max(world.now.get()));
        if world.land() {
            if watches {
                compare(world, records)?;
            }
            continue;
        }
        if let Some((due, poller)) = next_poller
            && due == at
        {
            idle[poller] = None;
            if let Some(piece) = pollers[poller].next(world) {
                let owner = owners.next().unwrap_or_default();
                invocations.push(invoke(world, records, piece, Some(poller), owner));
            }
            // An operator fills a range, of which the pollers may not have delivered all.
            if repairs && world.chance(20) {
                let owner = owners.next().unwrap_or_default();
                invocations.push(invoke(world, records, Piece::any(records.len(), world), None, owner));
            }
            // A second poller that believes the first one dead, at a place where that has been.
            if overlaps && pollers.len() == 1 && world.chance(20) {
                pollers.push(Poller::new(pollers[0].stale(world), records.len()));
                idle.push(Some(world.now.get() + world.between(0, 3_000)));
            }
            continue;
        }
        let Some(index) = next_invocation else { continue };
        let ended = advance(world, &mut invocations[index]);
        let invocation = &mut invocations[index];
        if let Some(poller) = invocation.poller
            && (ended.is_some() || world.chance(1))
        {
            // The poller hears of the end, or gives up on an invocation that goes on.
            invocation.poller = None;
            idle[poller] = Some(world.now.get() + world.between(1, 2_000));
            match ended {
                Some(Ended::Done { left: 0 }) => pollers[poller].done(invocation.piece, world),
                Some(Ended::Done { left }) => pollers[poller].partly_done(invocation.piece, left),
                _ => given_up.extend(pollers[poller].failed(invocation.piece, world)),
            }
        }
        if ended.is_some() {
            invocations.swap_remove(index);
        }
    }
}

/// An invocation for a poller, or, without one, for an operator who drives records again.
fn invoke(world: &Rc<World>, records: &Rc<Vec<Record>>, piece: Piece, poller: Option<usize>, owner: u64) -> Invocation {
    let deadline = world.now.get() + world.between(4_000, 40_000);
    let (port, records, margins) = (Port(world.clone()), records.clone(), margins(world));
    let future = async move {
        let writer = Writer::new(port.clone(), port.clone(), port, margins);
        let batch = Batch {
            fence: "stream/shard",
            shard: "shard",
            owner: &owner.to_string(),
            deadline,
            records: &records[piece.from..piece.to],
        };
        match poller {
            Some(_) => writer.write(&batch, &mut Numbers).await,
            None => writer.redrive(&batch, &mut Numbers).await,
        }
    };
    Invocation {
        future: Box::pin(future),
        ready: world.now.get(),
        deadline,
        poller,
        piece,
    }
}

/// The writer's own, but that some have objects for the beginning of a batch only.
fn margins(world: &World) -> Margins {
    let mut margins = Margins::default();
    if world.chance(20) {
        margins.objects = world.between(1, 2) as usize;
    }
    margins
}

/// How an invocation has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// All but the last records are done.
    Done {
        left: usize,
    },
    Failed,
}

/// Runs an invocation to its next wait; how it ended, if it has.
fn advance(world: &World, invocation: &mut Invocation) -> Option<Ended> {
    // Killed: what it has sent is on its way all the same.
    if world.chance(3) || world.now.get() > invocation.deadline {
        return Some(Ended::Failed);
    }
    let mut context = Context::from_waker(Waker::noop());
    match invocation.future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(Outcome::Done(tally)) => Some(Ended::Done { left: tally.left }),
        std::task::Poll::Ready(Outcome::Again(_)) => Some(Ended::Failed),
        std::task::Poll::Pending => {
            invocation.ready = world.wake.get();
            None
        }
    }
}

/// What an operator does with a piece that was given up: again, until it is done.
fn drive_again(world: &Rc<World>, records: &Rc<Vec<Record>>, mut piece: Piece) -> Result<(), Fault> {
    for attempt in 0..200 {
        let deadline = world.now.get() + 60_000;
        let (port, records, margins) = (Port(world.clone()), records.clone(), margins(world));
        let future = async move {
            let writer = Writer::new(port.clone(), port.clone(), port, margins);
            let batch = Batch {
                fence: "stream/shard",
                shard: "shard",
                owner: &format!("redrive {attempt}"),
                deadline,
                records: &records[piece.from..piece.to],
            };
            writer.redrive(&batch, &mut Numbers).await
        };
        let mut invocation = Invocation {
            future: Box::pin(future),
            ready: world.now.get(),
            deadline,
            poller: None,
            piece,
        };
        let ended = loop {
            let landing = world.landing().unwrap_or(Millis::MAX);
            world.now.set(invocation.ready.min(landing).max(world.now.get()));
            if !world.land()
                && let Some(ended) = advance(world, &mut invocation)
            {
                break ended;
            }
        };
        match ended {
            Ended::Done { left: 0 } => return Ok(()),
            Ended::Done { left } => piece.from = piece.to - left,
            Ended::Failed => {}
        }
    }
    Err(Fault::Endless)
}

/// The records of which an event is in no object; a fault where one is in two.
fn compare(world: &World, records: &[Record]) -> Result<Vec<usize>, Fault> {
    let mut seen = vec![[0_u8; 3]; records.len()];
    for object in world.objects.borrow().values() {
        let partition = usize::from(object.key.as_bytes()[0] - b'0');
        for number in &object.bytes {
            seen[usize::from(*number)][partition] += 1;
        }
    }
    if let Some(twice) = seen.iter().position(|counts| counts.iter().any(|count| *count > 1)) {
        return Err(Fault::Twice(twice));
    }
    let is_missing = |(number, record): (usize, &Record)| {
        let is_seen = |partition: &u8| seen[number][usize::from(*partition)] == 1;
        (!record.partitions.iter().all(is_seen)).then_some(number)
    };
    Ok(records.iter().enumerate().filter_map(is_missing).collect())
}
