//! What a request of the compaction asks for, and at which it is killed.

use std::fmt;

use anyhow::{Context as _, Result, bail};
use lake::contract::{DATASET, hours};
use serde_json::Value;

use crate::crash::lease::Lease;
use crate::crash::proxy::Request;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Takes the lease of an hour, and reads it.
    Lease,
    /// Makes the hour's partitions, where it has none.
    Register,
    /// Keeps which generation is about to be written.
    Intend,
    /// Puts a file of a generation.
    Put,
    /// Has Athena write a generation.
    Insert,
    /// Moves the hour's partition to a generation.
    Move,
    /// Puts a generation on the list of those to be removed.
    Retire,
    /// Says which generation the hour has.
    Publish,
    /// Takes the mark off the hour.
    Clear,
    /// Removes the files of a generation.
    Remove,
    /// Takes a generation out of the table that Athena writes through.
    Drop,
    /// Takes a generation off the list of those to be removed.
    Forget,
    /// Gives a lease back, or takes off what attempts have left of a mark.
    Release,
    /// Changes nothing.
    Read,
}

impl crate::crash::call::Call for Call {
    /// It waits 50 s.
    const GIVES_UP: bool = false;
    /// A lease outlives its invocation by a minute: longer than anybody waits here.
    const HELD: u8 = 0;

    fn of(request: &Request, _: u8) -> Result<Self> {
        let Some(target) = request.header("x-amz-target") else {
            let is_delete = request.target().contains("?delete");
            return Ok(match request.method() {
                "PUT" => Call::Put,
                "POST" if is_delete => Call::Remove,
                "GET" | "HEAD" => Call::Read,
                method => bail!("the compaction sends {method} {}", request.target()),
            });
        };
        let (_, operation) = target.split_once('.').context("a service and an operation")?;
        Ok(match operation {
            "UpdateItem" => of_mark(&request.json()?)?,
            "PutItem" => match list(&request.json()?["Item"]) {
                list if list == hours::retired(DATASET) => Call::Retire,
                list if list == hours::published(DATASET) => Call::Publish,
                list => bail!("the compaction puts an item into {list:?}"),
            },
            "DeleteItem" => match list(&request.json()?["Key"]) {
                list if list == hours::dirty(DATASET) => Call::Clear,
                list if list == hours::retired(DATASET) => Call::Forget,
                list => bail!("the compaction deletes an item of {list:?}"),
            },
            "BatchCreatePartition" => Call::Register,
            "UpdatePartition" => Call::Move,
            "DeletePartition" => Call::Drop,
            "StartQueryExecution" => match request.json()?["QueryString"].as_str() {
                Some(statement) if statement.starts_with("INSERT") => Call::Insert,
                _ => Call::Read,
            },
            "GetItem" | "Query" | "GetTable" | "GetPartition" | "GetQueryExecution" | "GetQueryResults" => Call::Read,
            _ => bail!("the compaction calls {target}"),
        })
    }

    fn points() -> Vec<Self> {
        use Call::{Clear, Drop, Forget, Insert, Intend, Lease, Move, Publish, Put, Register, Remove, Retire};
        vec![
            Lease, Register, Intend, Put, Insert, Move, Retire, Publish, Clear, Remove, Drop, Forget,
        ]
    }

    fn lease(self, request: &Request) -> Result<Option<Lease>> {
        (self == Call::Lease).then(|| Lease::of(request)).transpose()
    }

    fn is_put(self) -> bool {
        self == Call::Put
    }

    fn is_commit(self) -> bool {
        self == Call::Move
    }

    fn is_rare(self) -> bool {
        // Athena is asked for large hours alone, and little is ever removed.
        matches!(self, Call::Insert | Call::Remove | Call::Drop | Call::Forget)
    }

    fn tardy(self) -> Option<&'static str> {
        match self {
            Call::Put => Some("put"),
            Call::Move => Some("move"),
            _ => None,
        }
    }
}

/// The list that an item or a key is of.
fn list(item: &Value) -> &str {
    item[hours::LIST]["S"].as_str().unwrap_or_default()
}

/// The updates of a marked hour differ in what they set and remove.
fn of_mark(body: &Value) -> Result<Call> {
    let values = &body["ExpressionAttributeValues"];
    let expression = body["UpdateExpression"].as_str().unwrap_or_default();
    Ok(match (values.get(":until"), values.get(":pending")) {
        (Some(_), None) => Call::Lease,
        (None, Some(_)) => Call::Intend,
        (None, None) if expression.starts_with("REMOVE") => Call::Release,
        _ => bail!("the compaction updates an hour in a new way: {body}"),
    })
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Call::Lease => "lease",
            Call::Register => "register",
            Call::Intend => "intend",
            Call::Put => "put",
            Call::Insert => "insert by Athena",
            Call::Move => "move",
            Call::Retire => "retire",
            Call::Publish => "publish",
            Call::Clear => "clear",
            Call::Remove => "remove",
            Call::Drop => "drop",
            Call::Forget => "forget",
            Call::Release => "release",
            Call::Read => "read",
        })
    }
}
