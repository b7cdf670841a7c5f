//! The bucket, the fence's item and the clock: what outlives an invocation.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use lake::write::{
    Acquired, Clock, Committed, Fault, Fence, Millis, Object, PutFault, Range, Reached, Sequence, Store,
};

use crate::schedule::Rules;

/// How long a request may take to land, at most: from the latest start, two seconds before the
/// deadline, it is over before the lease has run out.
const LATEST_LANDING: Millis = 11_500;

/// When a client gives up on the bucket.
const PATIENCE: Millis = 5_000;

pub(crate) struct World {
    pub(crate) rules: Rules,
    pub(crate) random: RefCell<fastrand::Rng>,
    pub(crate) now: Cell<Millis>,
    /// When the future that is polled wants to be polled again.
    pub(crate) wake: Cell<Millis>,
    pub(crate) objects: RefCell<BTreeMap<String, Object>>,
    item: RefCell<Item>,
    /// Requests on their way, with the moment at which they land.
    flying: RefCell<Vec<(Millis, Request)>>,
}

/// The fence's item.
#[derive(Default)]
struct Item {
    reached: Reached,
    pending: BTreeSet<String>,
    lease: Option<(String, Millis)>,
}

enum Request {
    Put(Object),
    Delete(Vec<String>),
    Fence(FenceRequest, Rc<RefCell<Option<Answer>>>),
}

enum FenceRequest {
    Acquire {
        owner: String,
        now: Millis,
        until: Millis,
    },
    Intend {
        owner: String,
        keys: BTreeSet<String>,
    },
    Commit {
        owner: String,
        from: Option<Sequence>,
        to: Reached,
    },
    Release {
        owner: String,
    },
}

enum Answer {
    Acquired(Acquired),
    Committed(Committed),
    Released,
}

/// Waits for a moment.
struct Until<'w>(&'w World, Millis);

impl Future for Until<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let Until(world, at) = *self;
        if world.now.get() >= at {
            return Poll::Ready(());
        }
        world.wake.set(at);
        Poll::Pending
    }
}

impl World {
    pub(crate) fn new(seed: u64, rules: Rules) -> Self {
        World {
            rules,
            random: RefCell::new(fastrand::Rng::with_seed(seed)),
            now: Cell::new(1_000_000),
            wake: Cell::new(0),
            objects: RefCell::default(),
            item: RefCell::default(),
            flying: RefCell::default(),
        }
    }

    pub(crate) fn chance(&self, percent: u32) -> bool {
        self.random.borrow_mut().u32(0..100) < percent
    }

    pub(crate) fn between(&self, low: u64, high: u64) -> u64 {
        self.random.borrow_mut().u64(low..=high)
    }

    /// When the next request lands.
    pub(crate) fn landing(&self) -> Option<Millis> {
        self.flying.borrow().iter().map(|(at, _)| *at).min()
    }

    /// Lets everything land whose time has come; says whether something did.
    pub(crate) fn land(&self) -> bool {
        let mut landed = false;
        loop {
            let now = self.now.get();
            let mut flying = self.flying.borrow_mut();
            let due = flying.iter().enumerate().filter(|(_, (at, _))| *at <= now);
            let Some((index, _)) = due.min_by_key(|(_, (at, _))| *at) else {
                return landed;
            };
            let (_, request) = flying.swap_remove(index);
            drop(flying);
            landed = true;
            match request {
                Request::Put(object) => {
                    self.objects.borrow_mut().insert(object.key.clone(), object);
                }
                Request::Delete(keys) => {
                    let mut objects = self.objects.borrow_mut();
                    objects.retain(|key, _| !keys.contains(key));
                }
                Request::Fence(request, answer) => {
                    answer.replace(Some(self.item.borrow_mut().change(request, self.rules)));
                }
            }
        }
    }

    fn launch(&self, delay: Millis, request: Request) {
        self.flying.borrow_mut().push((self.now.get() + delay, request));
    }

    /// Sends a request to the bucket.
    async fn ask(&self, request: Request) -> Result<(), PutFault> {
        let latency = self.between(5, 300);
        match self.between(0, 99) {
            // Refused.
            0..=2 => {
                Until(self, self.now.get() + latency).await;
                Err(PutFault::Refused)
            }
            // Never arrives.
            3 => {
                Until(self, self.now.get() + PATIENCE).await;
                Err(PutFault::Unknown)
            }
            // Arrives, perhaps after its sender has given up.
            4..=6 => {
                self.launch(self.between(5, LATEST_LANDING), request);
                Until(self, self.now.get() + PATIENCE).await;
                Err(PutFault::Unknown)
            }
            _ => {
                self.launch(latency, request);
                Until(self, self.now.get() + latency + 1).await;
                Ok(())
            }
        }
    }

    /// Asks the bucket something.
    async fn answer(&self) -> Result<(), PutFault> {
        if self.chance(2) {
            return Err(PutFault::Refused);
        }
        Until(self, self.now.get() + 5).await;
        Ok(())
    }

    /// Sends a request to the fence's table.
    async fn table(&self, request: FenceRequest) -> Result<Answer, Fault> {
        let latency = self.between(2, 60);
        let kind = self.between(0, 99);
        let answer = Rc::new(RefCell::new(None));
        if kind > 0 {
            self.launch(latency, Request::Fence(request, answer.clone()));
        }
        Until(self, self.now.get() + latency + 1).await;
        let answer = answer.take();
        match kind {
            // Not done, or done and not heard of.
            0 | 1 => Err(Fault),
            _ => answer.ok_or(Fault),
        }
    }
}

impl Item {
    fn change(&mut self, request: FenceRequest, rules: Rules) -> Answer {
        let is_mine =
            |item: &Item, owner: &str| !rules.lease || item.lease.as_ref().is_some_and(|(other, _)| other == owner);
        match request {
            FenceRequest::Acquire { owner, now, until } => {
                if let Some((other, held_until)) = &self.lease
                    && rules.lease
                    && *other != owner
                    && *held_until >= now
                {
                    return Answer::Acquired(Acquired::Taken { until: *held_until });
                }
                self.lease = Some((owner, until));
                Answer::Acquired(Acquired::Held {
                    reached: Reached {
                        last: self.reached.last.clone().filter(|_| rules.fence),
                        ahead: self.reached.ahead.clone().filter(|_| rules.ahead),
                    },
                    pending: if rules.intent {
                        self.pending.clone()
                    } else {
                        BTreeSet::new()
                    },
                })
            }
            FenceRequest::Intend { owner, keys } => {
                if !is_mine(self, &owner) {
                    return Answer::Committed(Committed::Overtaken);
                }
                self.pending = keys;
                Answer::Committed(Committed::Moved)
            }
            FenceRequest::Commit { owner, from, to } => {
                if rules.fence && (self.reached.last != from || !is_mine(self, &owner)) {
                    return Answer::Committed(Committed::Overtaken);
                }
                self.reached = to;
                self.pending.clear();
                self.lease = None;
                Answer::Committed(Committed::Moved)
            }
            FenceRequest::Release { owner } => {
                if is_mine(self, &owner) {
                    self.lease = None;
                }
                Answer::Released
            }
        }
    }
}

/// An invocation's view of the world.
#[derive(Clone)]
pub(crate) struct Port(pub(crate) Rc<World>);

impl Fence for Port {
    async fn acquire(&self, _: &str, owner: &str, now: Millis, until: Millis) -> Result<Acquired, Fault> {
        let owner = owner.to_owned();
        match self.0.table(FenceRequest::Acquire { owner, now, until }).await? {
            Answer::Acquired(acquired) => Ok(acquired),
            _ => Err(Fault),
        }
    }

    async fn intend(&self, _: &str, owner: &str, keys: &BTreeSet<String>) -> Result<Committed, Fault> {
        let (owner, keys) = (owner.to_owned(), keys.clone());
        match self.0.table(FenceRequest::Intend { owner, keys }).await? {
            Answer::Committed(committed) => Ok(committed),
            _ => Err(Fault),
        }
    }

    async fn commit(&self, _: &str, owner: &str, from: Option<&Sequence>, to: &Reached) -> Result<Committed, Fault> {
        let (owner, from, to) = (owner.to_owned(), from.cloned(), to.clone());
        match self.0.table(FenceRequest::Commit { owner, from, to }).await? {
            Answer::Committed(committed) => Ok(committed),
            _ => Err(Fault),
        }
    }

    async fn release(&self, _: &str, owner: &str) -> Result<(), Fault> {
        let owner = owner.to_owned();
        self.0.table(FenceRequest::Release { owner }).await.map(|_| ())
    }
}

impl Store for Port {
    async fn put(&self, object: Object) -> Result<(), PutFault> {
        self.0.ask(Request::Put(object)).await
    }

    async fn delete(&self, keys: &[&str]) -> Result<(), PutFault> {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.0.ask(Request::Delete(keys)).await
    }

    async fn keys(&self, folder: &str, _: &str) -> Result<Vec<String>, PutFault> {
        self.0.answer().await?;
        let objects = self.0.objects.borrow();
        Ok(objects.keys().filter(|key| key.starts_with(folder)).cloned().collect())
    }

    async fn ranges(&self, keys: &[String]) -> Result<Vec<Range>, PutFault> {
        self.0.answer().await?;
        let objects = self.0.objects.borrow();
        let asked = keys.iter().filter_map(|key| objects.get(key));
        Ok(asked.map(Range::of).collect())
    }
}

impl Clock for Port {
    fn now(&self) -> Millis {
        self.0.now.get()
    }

    async fn sleep(&self, duration: Duration) {
        let millis = Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX);
        Until(&self.0, self.0.now.get() + millis).await;
    }
}
