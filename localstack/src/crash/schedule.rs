//! When which process is killed, and when the lease of a dead one runs out.
//!
//! Each named point comes in its turn; between two kills some requests pass, so that there is
//! progress. Most leases of killed processes are cut short once nothing of theirs is under way: until
//! then waiting shows that the lease holds, and after that it would show nothing more. How many run
//! out by themselves, the program says.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::call::Call;
use super::lease::Lease;
use super::point::{Point, Side, possible};
use super::proxy::Request;

/// How late a request arrives: later than the writer waits for its answer, which is 8 s.
const LATE: Duration = Duration::from_secs(9);

/// The longest time from a request to a kill that has nothing to do with it.
const SOMETIME: Duration = Duration::from_millis(400);

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many processes are killed.
    pub kills: usize,
    /// How many requests pass from one kill to the next, on average.
    pub every: usize,
    /// What chance is made from.
    pub seed: u64,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    /// Nothing.
    Pass,
    /// The sender is killed.
    Kill(Side),
    /// The sender is killed some time after the answer.
    KillLater(Duration),
    /// The sender is killed, and the request arrives after that.
    KillAndArrive(Duration),
    /// The request arrives late.
    Arrive(Duration),
}

/// Decides, and keeps count.
pub struct Schedule<C> {
    state: Mutex<State<C>>,
    /// The cloud, where leases are cut short.
    endpoint: String,
}

struct State<C> {
    plan: Plan,
    random: fastrand::Rng,
    /// Requests that pass before the next kill.
    pause: usize,
    hits: BTreeMap<Point<C>, usize>,
    processes: HashMap<u32, Process>,
    grudge: Option<Grudge>,
    /// Whether points that were not hit yet still are, when all kills that were planned are done.
    seeks: bool,
    /// What went wrong in the harness itself.
    faults: Vec<String>,
}

/// No holder of a lease lives to commit: one has put all its objects, and those after it do not come
/// so far. What that one put is then in nobody's way but the reader's, once the writer's first record
/// is given up: no later batch has an object of that name.
struct Grudge {
    /// What the lease is of.
    key: Value,
    has_put: bool,
}

impl Grudge {
    fn point<C: Call>(&mut self, call: C, takes_lease: bool) -> Option<Point<C>> {
        if call.is_commit() {
            self.has_put = true;
            return Some(Point::At(call, Side::Unseen));
        }
        (takes_lease && self.has_put).then_some(Point::At(call, Side::Unheard))
    }
}

#[derive(Default)]
struct Process {
    lease: Option<Lease>,
    puts: u8,
    under_way: usize,
    is_dead: bool,
}

impl<C: Call> Schedule<C> {
    /// A schedule over the cloud at `endpoint`.
    pub fn new(plan: Plan, endpoint: &str) -> Arc<Self> {
        let state = State {
            plan,
            random: fastrand::Rng::with_seed(plan.seed),
            pause: plan.every,
            hits: BTreeMap::new(),
            processes: HashMap::new(),
            grudge: None,
            seeks: false,
            faults: Vec::new(),
        };
        Arc::new(Schedule {
            state: Mutex::new(state),
            endpoint: endpoint.to_owned(),
        })
    }

    /// How often each point was hit.
    pub fn hits(&self) -> BTreeMap<Point<C>, usize> {
        self.lock().hits.clone()
    }

    /// How many processes were killed.
    pub fn kills(&self) -> usize {
        self.lock().kills()
    }

    /// What went wrong in the harness itself.
    pub fn faults(&self) -> Vec<String> {
        self.lock().faults.clone()
    }

    /// Lets no holder of the lease of this item commit; of none: no more.
    pub fn hold_grudge(&self, key: Option<Value>) {
        self.lock().grudge = key.map(|key| Grudge { key, has_put: false });
    }

    /// Whether no request is on its way.
    pub fn is_quiet(&self) -> bool {
        self.lock().processes.values().all(|process| process.under_way == 0)
    }

    /// Kills so many more from now on, whatever was planned.
    pub fn plan(&self, more: usize) {
        let mut state = self.lock();
        state.plan.kills = state.kills() + more;
        state.pause = 0;
        state.seeks = false;
    }

    /// Kills at every point that was not hit yet, even when all kills that were planned are done.
    pub fn seek(&self) {
        self.lock().seeks = true;
    }

    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cuts the lease of a dead process short once nothing of it is under way.
    fn settle(&self, process: u32) {
        let lease = {
            let mut state = self.lock();
            let is_held = C::HELD > 0 && state.grudge.is_none() && state.random.u8(..C::HELD) == 0;
            match state.processes.get_mut(&process) {
                Some(found) if found.is_dead && found.under_way == 0 => found.lease.take().filter(|_| !is_held),
                _ => None,
            }
        };
        if let Some(error) = lease.and_then(|lease| lease.expire(&self.endpoint).err()) {
            self.lock().faults.push(format!("{error:#}"));
        }
    }
}

impl<C: Call> State<C> {
    fn kills(&self) -> usize {
        let kills = self.hits.iter().filter(|(point, _)| point.is_deadly());
        kills.map(|(_, hits)| hits).sum()
    }

    /// What becomes of a request at a point.
    fn fate(&mut self, point: Point<C>) -> Fate {
        *self.hits.entry(point).or_default() += 1;
        match point {
            Point::At(_, side) => Fate::Kill(side),
            Point::Late(_) => Fate::KillAndArrive(LATE),
            Point::Slow(_) => Fate::Arrive(LATE),
            Point::Sometime => Fate::KillLater(SOMETIME.mul_f64(self.random.f64())),
        }
    }

    /// The point at which a request is hit; none to let it pass.
    fn point(&mut self, process: u32, call: C, takes_lease: bool) -> Option<Point<C>> {
        let process = self.processes.get(&process)?;
        let key = process.lease.as_ref().map(|lease| &lease.key);
        if process.is_dead {
            return None;
        }
        if let Some(grudge) = self.grudge.as_mut().filter(|grudge| key == Some(&grudge.key)) {
            return grudge.point(call, takes_lease);
        }
        let is_done = self.kills() >= self.plan.kills;
        if is_done && !self.seeks {
            return None;
        }
        let possible = possible(call);
        let due = |point: &Point<C>| !self.hits.contains_key(point);
        let mut choice: Vec<Point<C>> = possible.iter().copied().filter(due).collect();
        if is_done && choice.is_empty() {
            return None;
        }
        if self.pause > 0 && !is_done && (!call.is_rare() || choice.is_empty()) {
            self.pause -= 1;
            return None;
        }
        if choice.is_empty() {
            let is_complete = Point::all().iter().all(|point| !due(point));
            // While points are due, few kills are spent on others; and late requests take their time.
            if self.random.u8(..10) >= if is_complete { 5 } else { 1 } {
                return None;
            }
            let is_slow = self.random.u8(..10) == 0;
            choice = possible
                .into_iter()
                .filter(|point| point.is_slow() == is_slow)
                .collect();
        }
        let place = self.random.usize(..choice.len().max(1));
        let point = choice.get(place).copied()?;
        self.pause = self.random.usize(1..=2 * self.plan.every);
        Some(point)
    }
}

/// A request on its way through the proxy.
pub struct Passage<C: Call> {
    schedule: Arc<Schedule<C>>,
    process: u32,
    point: Option<Point<C>>,
    fate: Fate,
}

impl<C: Call> Passage<C> {
    /// Takes note of a request and decides about it.
    ///
    /// # Errors
    ///
    /// When it is none of the program's.
    pub fn begin(schedule: &Arc<Schedule<C>>, request: &Request) -> Result<Self> {
        let mut state = schedule.lock();
        let begun = (|| {
            let process = request.process().context("a request without a process")?;
            let known = state.processes.entry(process).or_default();
            let call = C::of(request, known.puts)?;
            let lease = call.lease(request)?;
            let takes_lease = lease.is_some();
            if takes_lease {
                known.lease = lease;
                known.puts = 0;
            } else if call.is_put() {
                known.puts = known.puts.saturating_add(1);
            }
            known.under_way += 1;
            Ok((process, state.point(process, call, takes_lease)))
        })();
        match begun {
            Ok((process, point)) => Ok(Passage {
                schedule: Arc::clone(schedule),
                process,
                point,
                fate: point.map_or(Fate::Pass, |point| state.fate(point)),
            }),
            Err(error) => {
                state.faults.push(format!("{error:#}"));
                Err(error)
            }
        }
    }

    /// What becomes of it.
    pub fn fate(&self) -> Fate {
        self.fate
    }

    /// Kills the sender with SIGKILL.
    pub fn kill(&self) {
        let killed = kill(self.process);
        let mut state = self.schedule.lock();
        match killed {
            Ok(true) => state.processes.entry(self.process).or_default().is_dead = true,
            Ok(false) => {
                if let Some(hits) = self.point.and_then(|point| state.hits.get_mut(&point)) {
                    *hits -= 1;
                }
            }
            Err(error) => state.faults.push(format!("{error:#}")),
        }
    }
}

impl<C: Call> Drop for Passage<C> {
    fn drop(&mut self) {
        if let Some(process) = self.schedule.lock().processes.get_mut(&self.process) {
            process.under_way -= 1;
        }
        self.schedule.settle(self.process);
    }
}

/// Kills a process if it is one of the program's: nobody else has its own process id for an access key. False
/// where it has ended by itself: the cloud stops a worker that it does not need any more.
fn kill(process: u32) -> Result<bool> {
    let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
    let own = format!("AWS_ACCESS_KEY_ID=p{process}");
    if !environment.split(|byte| *byte == 0).any(|held| held == own.as_bytes()) {
        return Ok(false);
    }
    let pid = Pid::from_raw(i32::try_from(process)?).context("a process id")?;
    kill_process(pid, Signal::KILL).with_context(|| format!("cannot kill process {process}"))?;
    Ok(true)
}
