//! What a request of the writer asks for, and at which it is killed.

use std::fmt;

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use crate::crash::lease::Lease;
use crate::crash::proxy::Request;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Takes the lease and reads the fence.
    Acquire,
    /// Keeps the names that are about to be put.
    Intend,
    /// Removes what an attempt before left behind.
    Delete,
    /// Puts an object: the first of the batch, the second, or the third and those after it.
    Put(u8),
    /// Moves the fence.
    Commit,
    /// Gives the lease back.
    Release,
    /// Asks which records there are, to drive some again.
    Read,
}

impl crate::crash::call::Call for Call {
    /// It waits 8 s.
    const GIVES_UP: bool = true;
    const HELD: u8 = 10;

    fn of(request: &Request, puts: u8) -> Result<Self> {
        if let Some(target) = request.header("x-amz-target") {
            ensure!(target.ends_with(".UpdateItem"), "the writer calls {target}");
            return of_fence(&request.json()?);
        }
        let is_delete = request.target().contains("?delete");
        Ok(match request.method() {
            "PUT" => Call::Put((puts + 1).min(3)),
            "POST" if is_delete => Call::Delete,
            "GET" | "HEAD" => Call::Read,
            method => bail!("the writer sends {method} {}", request.target()),
        })
    }

    fn points() -> Vec<Self> {
        use Call::{Acquire, Commit, Delete, Intend, Put};
        vec![Acquire, Intend, Delete, Put(1), Put(2), Put(3), Commit]
    }

    fn lease(self, request: &Request) -> Result<Option<Lease>> {
        (self == Call::Acquire).then(|| Lease::of(request)).transpose()
    }

    fn is_put(self) -> bool {
        matches!(self, Call::Put(_))
    }

    fn is_commit(self) -> bool {
        self == Call::Commit
    }

    fn is_rare(self) -> bool {
        // An attempt seldom leaves something behind that the next one has to remove.
        self == Call::Delete
    }

    fn tardy(self) -> Option<&'static str> {
        self.is_put().then_some("put")
    }
}

/// The calls of a fence differ in what they set and remove.
fn of_fence(body: &Value) -> Result<Call> {
    let names = &body["ExpressionAttributeNames"];
    let values = &body["ExpressionAttributeValues"];
    Ok(match (values.get(":until"), values.get(":keys"), names.get("#last")) {
        (Some(_), None, None) => Call::Acquire,
        (None, Some(_), None) => Call::Intend,
        (None, None, Some(_)) => Call::Commit,
        (None, None, None) => Call::Release,
        _ => bail!("the writer updates a fence in a new way: {body}"),
    })
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Acquire => f.write_str("acquire"),
            Call::Intend => f.write_str("intend"),
            Call::Delete => f.write_str("delete"),
            Call::Put(3) => f.write_str("put 3, 4, ..."),
            Call::Put(number) => write!(f, "put {number}"),
            Call::Commit => f.write_str("commit"),
            Call::Release => f.write_str("release"),
            Call::Read => f.write_str("read"),
        }
    }
}
