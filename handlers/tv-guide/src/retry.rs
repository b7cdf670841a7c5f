//! What becomes of a request: when it is made, when it is made again, when it is given up.
//!
//! Every decision is here and follows from data; the adapter makes one attempt and decides nothing.

mod after;
mod window;

pub use window::Window;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use crate::budget::{self, Budget};
use crate::table::Table;
use crate::upstream::{Fault, Pace, Request, Response, Service, Upstream};

/// Attempts at one request, the first included.
pub const TRIES: u32 = 5;
/// The first wait is random below this; every following one below twice the one before.
pub const BASE: Duration = Duration::from_secs(1);
/// No wait is longer than this: an upstream that asks for more is given up.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Longest attempt: 3 s to connect and 10 s to answer.
pub const LONGEST_ATTEMPT: Duration = Duration::from_secs(13);
/// Shortest attempt that is worth beginning before the deadline.
const SHORTEST_ATTEMPT: SignedDuration = SignedDuration::from_secs(1);

/// Makes requests for one invocation.
#[derive(Debug)]
pub struct Client<'a, U, P, T> {
    upstream: &'a U,
    pace: &'a P,
    budget: Budget<'a, T>,
    deadline: Timestamp,
    counts: Cell<Counts>,
    to_tvmaze: Rc<Window>,
}

/// What a client has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests, with repetitions.
    pub requests: u32,
    /// Repetitions.
    pub retries: u32,
    /// What was taken of Watchmode's budget.
    pub spent: u64,
    /// What the month had left of it after the last request.
    pub budget_left: Option<u64>,
}

/// Why a request has no answer; never with text from the upstream, which might repeat the key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing: a title that is gone, a show that is not known.
    #[error("{target} is not found")]
    NotFound {
        /// Path and query.
        target: String,
    },
    /// The upstream will not answer, however often it is asked.
    #[error("{target} was refused with status {status}{}", cure(*.status))]
    Refused {
        /// Path and query.
        target: String,
        /// Its status.
        status: u16,
    },
    /// The upstream did not manage to answer.
    #[error("{target} failed {attempts} times, at last with status {status}")]
    Failing {
        /// Path and query.
        target: String,
        /// How often it was asked.
        attempts: u32,
        /// Its last status.
        status: u16,
    },
    /// No whole answer came.
    #[error("{target} failed {attempts} times")]
    Faulty {
        /// Path and query.
        target: String,
        /// How often it was asked.
        attempts: u32,
        /// What happened last.
        #[source]
        fault: Fault,
    },
    /// The upstream wants to be left alone for longer than we can wait.
    #[error("{target} may only be asked again in {} s", wait.as_secs())]
    Busy {
        /// Path and query.
        target: String,
        /// How long it wants to be left alone.
        wait: Duration,
    },
    /// A whole answer that is none to this request.
    #[error("{target} was answered with something else, at line {line}, column {column}")]
    Malformed {
        /// Path and query.
        target: String,
        /// Where the answer is wrong.
        line: usize,
        /// Where the answer is wrong.
        column: usize,
    },
    /// The function would not live to see the answer.
    #[error("no time is left to ask for {target}: give the function more")]
    Deadline {
        /// Path and query.
        target: String,
    },
    /// The request is not paid for.
    #[error(transparent)]
    Budget(budget::Error),
}

impl Error {
    /// Whether every further request to Watchmode would meet the same: asking on is of no use.
    #[must_use]
    pub fn ends_the_run(&self) -> bool {
        match self {
            Error::Refused { status, .. } => matches!(status, 401..=403),
            Error::Deadline { .. } | Error::Budget(_) => true,
            Error::Faulty { fault, .. } => *fault == Fault::Key,
            Error::NotFound { .. } | Error::Failing { .. } | Error::Busy { .. } | Error::Malformed { .. } => false,
        }
    }
}

fn cure(status: u16) -> &'static str {
    match status {
        401 | 403 => ": see that the secret's key is right and the plan allows it",
        402 => ": the plan's quota is used up",
        _ => "",
    }
}

/// What one attempt came to, short of an answer.
enum Setback {
    Status(u16, Option<Duration>),
    Fault(Fault),
}

impl<'a, U: Upstream, P: Pace, T: Table> Client<'a, U, P, T> {
    /// A client that begins nothing which could not end before `deadline`.
    pub fn new(upstream: &'a U, pace: &'a P, budget: Budget<'a, T>, deadline: Timestamp) -> Self {
        Self {
            upstream,
            pace,
            budget,
            deadline,
            counts: Cell::default(),
            to_tvmaze: Rc::default(),
        }
    }

    /// The client, whose requests to `TVmaze` count together with those of others.
    #[must_use]
    pub fn sharing(self, to_tvmaze: &Rc<Window>) -> Self {
        Self {
            to_tvmaze: Rc::clone(to_tvmaze),
            ..self
        }
    }

    /// What has been done so far.
    pub fn counts(&self) -> Counts {
        self.counts.get()
    }

    /// Makes the request until there is an answer, or no use in asking.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn get<A: DeserializeOwned>(&self, request: &Request) -> Result<A, Error> {
        let target = || request.target();
        let (mut attempts, mut has_renewed) = (0, false);
        loop {
            self.admit(request, attempts > 0 || has_renewed).await?;
            attempts += 1;
            // On the heap, since an adapter's states are deep already.
            let answer = Box::pin(self.upstream.send(request, self.within())).await;
            let setback = match answer {
                Ok(Response { status, body, .. }) if (200..300).contains(&status) => {
                    match serde_json::from_slice(&body) {
                        Ok(answer) => return Ok(answer),
                        // Without a length that is known beforehand, a cut is only seen here.
                        Err(error) if error.is_eof() => Setback::Fault(Fault::Cut),
                        Err(error) => {
                            return Err(Error::Malformed {
                                target: target(),
                                line: error.line(),
                                column: error.column(),
                            });
                        }
                    }
                }
                Ok(Response { status: 404, .. }) => return Err(Error::NotFound { target: target() }),
                Ok(Response {
                    status: status @ (429 | 500..),
                    retry_after,
                    ..
                }) => {
                    let wait = retry_after.and_then(|text| after::wait(&text, self.pace.now()));
                    Setback::Status(status, wait)
                }
                Ok(Response { status, .. }) => {
                    if matches!(status, 401 | 403) && !has_renewed {
                        has_renewed = true;
                        attempts -= 1;
                        if self.renew(request).await? {
                            continue;
                        }
                    }
                    return Err(Error::Refused {
                        target: target(),
                        status,
                    });
                }
                Err(fault) => Setback::Fault(fault),
            };
            self.back_off(request, attempts, setback).await?;
        }
    }

    /// Waits until the request may be made, and counts it.
    async fn admit(&self, request: &Request, is_retry: bool) -> Result<(), Error> {
        let is_tvmaze = request.service == Service::Tvmaze;
        let now = self.pace.now();
        let wait = if is_tvmaze {
            self.to_tvmaze.wait(now)
        } else {
            SignedDuration::ZERO
        };
        if self.deadline.duration_since(now) - wait < SHORTEST_ATTEMPT {
            return Err(Error::Deadline {
                target: request.target(),
            });
        }
        if is_tvmaze {
            self.pace.sleep(wait.unsigned_abs()).await;
            self.to_tvmaze.count(self.pace.now());
        }
        let mut counts = self.counts.get();
        if request.service == Service::Watchmode {
            counts.budget_left = Some(self.spend(request.cost).await?);
            counts.spent += request.cost;
        }
        counts.requests += 1;
        counts.retries += u32::from(is_retry);
        self.counts.set(counts);
        Ok(())
    }

    async fn spend(&self, cost: u64) -> Result<u64, Error> {
        self.budget.take(cost, self.pace.now()).await.map_err(Error::Budget)
    }

    /// How long an attempt may take from now.
    fn within(&self) -> Duration {
        let left = self.deadline.duration_since(self.pace.now());
        Duration::try_from(left.max(SignedDuration::ZERO))
            .unwrap_or(Duration::ZERO)
            .min(LONGEST_ATTEMPT)
    }

    async fn renew(&self, request: &Request) -> Result<bool, Error> {
        self.upstream
            .renew(request.service)
            .await
            .map_err(|fault| Error::Faulty {
                target: request.target(),
                attempts: 1,
                fault,
            })
    }

    /// Waits before the next attempt, if there is one.
    async fn back_off(&self, request: &Request, attempts: u32, setback: Setback) -> Result<(), Error> {
        let target = request.target();
        let may_pass = match setback {
            Setback::Status(..) => true,
            Setback::Fault(fault) => fault.is_passing(),
        };
        if attempts >= TRIES || !may_pass {
            return Err(match setback {
                Setback::Status(status, _) => Error::Failing {
                    target,
                    attempts,
                    status,
                },
                Setback::Fault(fault) => Error::Faulty {
                    target,
                    attempts,
                    fault,
                },
            });
        }
        let wait = match setback {
            Setback::Status(_, Some(wait)) => wait,
            _ => self.pace.jitter(ceiling(attempts)),
        };
        let left = Duration::try_from(self.deadline.duration_since(self.pace.now())).unwrap_or(Duration::ZERO);
        if wait > LONGEST_WAIT || wait + SHORTEST_ATTEMPT.unsigned_abs() > left {
            return Err(Error::Busy { target, wait });
        }
        self.pace.sleep(wait).await;
        Ok(())
    }
}

/// The most that is waited after so many attempts: full jitter below it keeps callers apart.
#[must_use]
pub fn ceiling(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    BASE.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests;
