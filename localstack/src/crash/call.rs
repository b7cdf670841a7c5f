//! What a request of the writer asks for, and the points at which it can be killed.

use std::fmt;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::proxy::Request;

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

/// A lease, as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What the fence is kept for.
    pub fence: String,
    /// Who holds it.
    pub owner: String,
}

impl Call {
    /// The call of a request, with the lease for one that is about a fence; `puts` is how many the
    /// batch has had before.
    ///
    /// # Errors
    ///
    /// When the writer makes no such call: then this list is not true any more.
    pub fn of(request: &Request, puts: u8) -> Result<(Call, Option<Lease>)> {
        if let Some(target) = request.header("x-amz-target") {
            if !target.ends_with(".UpdateItem") {
                bail!("the writer calls {target}");
            }
            return of_fence(&serde_json::from_slice(&request.body)?);
        }
        let is_delete = request.target().contains("?delete");
        let call = match request.method() {
            "PUT" => Call::Put((puts + 1).min(3)),
            "POST" if is_delete => Call::Delete,
            "GET" | "HEAD" => Call::Read,
            method => bail!("the writer sends {method} {}", request.target()),
        };
        Ok((call, None))
    }

    /// The calls at which a process is to be killed: all that change something.
    pub fn points() -> [Call; 7] {
        use Call::{Acquire, Commit, Delete, Intend, Put};
        [Acquire, Intend, Delete, Put(1), Put(2), Put(3), Commit]
    }
}

/// The calls of a fence differ in what they set and remove.
fn of_fence(body: &Value) -> Result<(Call, Option<Lease>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
    let lease = Lease {
        fence: text(&body["Key"][lake::contract::fence::SHARD]["S"])?,
        owner: text(&body["ExpressionAttributeValues"][":owner"]["S"])?,
    };
    let names = &body["ExpressionAttributeNames"];
    let values = &body["ExpressionAttributeValues"];
    let call = match (values.get(":until"), values.get(":keys"), names.get("#last")) {
        (Some(_), None, None) => Call::Acquire,
        (None, Some(_), None) => Call::Intend,
        (None, None, Some(_)) => Call::Commit,
        (None, None, None) => Call::Release,
        _ => bail!("the writer updates a fence in a new way: {body}"),
    };
    Ok((call, Some(lease)))
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
