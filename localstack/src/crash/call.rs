//! What a program asks its services for.

use std::fmt;

use anyhow::Result;

use super::lease::Lease;
use super::proxy::Request;

/// A call of a program, as far as it matters to whoever kills it.
pub trait Call: Copy + Ord + fmt::Display + Send + 'static {
    /// Whether a process stops waiting for an answer that comes as late as requests do here.
    const GIVES_UP: bool;

    /// Of so many leases that dead processes hold, one runs out by itself; none where it is 0.
    const HELD: u8;

    /// The call of a request; `puts` is how many its process has made since its last lease.
    ///
    /// # Errors
    ///
    /// When the program makes no such call: then this list is not true any more.
    fn of(request: &Request, puts: u8) -> Result<Self>;

    /// The calls at which a process is to be killed: all that change something.
    fn points() -> Vec<Self>;

    /// The lease that it takes.
    ///
    /// # Errors
    ///
    /// When the request does not say which.
    fn lease(self, request: &Request) -> Result<Option<Lease>>;

    /// Whether it puts an object.
    fn is_put(self) -> bool;

    /// Whether it makes what was done before count.
    fn is_commit(self) -> bool;

    /// Whether it comes so seldom that it is hit when it does.
    fn is_rare(self) -> bool;

    /// What it is called if it may arrive long after its process has died.
    fn tardy(self) -> Option<&'static str>;
}
