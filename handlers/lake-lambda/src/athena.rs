//! Hours that are too large for one function, in Athena.
//!
//! Calls are signed by hand, see [`lambda_kit::json`].

use std::time::Duration;

use aws_config::SdkConfig;
use lake::Hour;
use lake::compact::statement::Tables;
use lake::compact::{Engine, Fault, Progress, Tally};
use lambda_kit::json::{CallError, Client};
use serde::{Deserialize, Serialize};

/// Between two looks at a query that counts.
const NAP: Duration = Duration::from_millis(500);
/// Most of these looks: two minutes of them.
const LOOKS: usize = 240;

/// A workgroup of Athena's.
#[derive(Debug)]
pub struct Athena {
    client: Client,
    workgroup: String,
    database: String,
    tables: Tables,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Start<'s> {
    query_string: String,
    client_request_token: String,
    query_execution_context: Context<'s>,
    work_group: &'s str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Context<'s> {
    database: &'s str,
}

/// Names an execution, in a request or in an answer.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    query_execution_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ExecutionAnswer {
    query_execution: Execution,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Execution {
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    state: State,
    #[serde(default)]
    state_change_reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultsAnswer {
    result_set: ResultSet,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultSet {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(default)]
    data: Vec<Datum>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datum {
    #[serde(default)]
    var_char_value: String,
}

impl Athena {
    /// A workgroup, and tables of a database.
    #[must_use]
    pub fn new(config: &SdkConfig, workgroup: String, database: String, tables: Tables) -> Self {
        Athena {
            client: Client::new(config, "athena"),
            workgroup,
            database,
            tables,
        }
    }

    /// Starts a query; of the same token Athena starts one and no second.
    async fn start(&self, query_string: String, token: String) -> Result<String, Fault> {
        let start = Start {
            query_string,
            client_request_token: token,
            query_execution_context: Context {
                database: &self.database,
            },
            work_group: &self.workgroup,
        };
        let answer = self.client.call("AmazonAthena.StartQueryExecution", &start).await;
        let Named { query_execution_id } = answer.map_err(fault)?;
        Ok(query_execution_id)
    }

    /// The numbers in the one row of a query that is done.
    async fn numbers<const N: usize>(&self, query: &str) -> Result<[u64; N], Fault> {
        let request = Named {
            query_execution_id: query.to_owned(),
        };
        let answer = self.client.call("AmazonAthena.GetQueryResults", &request).await;
        let ResultsAnswer { result_set } = answer.map_err(fault)?;
        // The first row holds the columns' names.
        let row = result_set
            .rows
            .get(1)
            .map(|row| row.data.as_slice())
            .unwrap_or_default();
        let numbers: Result<Vec<u64>, _> = row.iter().map(|datum| datum.var_char_value.parse()).collect();
        let numbers = numbers.ok().and_then(|numbers| numbers.try_into().ok());
        numbers.ok_or_else(|| {
            tracing::error!(query, "the answer to a count is no row of {N} numbers");
            Fault
        })
    }
}

impl Engine for Athena {
    async fn insert(&self, hour: Hour, generation: &str) -> Result<String, Fault> {
        let statement = self.tables.insert(hour, generation);
        self.start(statement, token("insert", hour, generation)).await
    }

    async fn progress(&self, query: &str) -> Result<Progress, Fault> {
        let request = Named {
            query_execution_id: query.to_owned(),
        };
        let answer = self.client.call("AmazonAthena.GetQueryExecution", &request).await;
        let status = match answer {
            Ok(ExecutionAnswer { query_execution }) => query_execution.status,
            // Of a query that it does not know any more; nothing of the request itself changes.
            Err(error) if error.is("InvalidRequestException") => {
                tracing::error!(query, %error, "a query is not known");
                return Ok(Progress::Failed);
            }
            Err(error) => return Err(fault(error)),
        };
        match status.state {
            State::Queued | State::Running => Ok(Progress::Running),
            State::Succeeded => Ok(Progress::Done),
            State::Failed | State::Cancelled => {
                tracing::error!(query, reason = status.state_change_reason, "a query failed");
                Ok(Progress::Failed)
            }
        }
    }

    async fn count(&self, hour: Hour, generation: &str) -> Result<Tally, Fault> {
        let statement = self.tables.count(hour, generation);
        let query = self.start(statement, token("count", hour, generation)).await?;
        for _ in 0..LOOKS {
            match self.progress(&query).await? {
                Progress::Running => tokio::time::sleep(NAP).await,
                Progress::Failed => return Err(Fault),
                Progress::Done => {
                    let [rows_in, rows_out] = self.numbers(&query).await?;
                    let Some(duplicates) = rows_in.checked_sub(rows_out) else {
                        tracing::error!(query, rows_in, rows_out, "a generation has more rows than its objects");
                        return Err(Fault);
                    };
                    return Ok(Tally {
                        rows_in,
                        duplicates,
                        rows_out,
                    });
                }
            }
        }
        tracing::error!(query, "a query that counts takes too long");
        Err(Fault)
    }
}

/// The same for the same query of the same attempt; at least 32 characters, as Athena wants it.
fn token(what: &str, hour: Hour, generation: &str) -> String {
    format!("lake-compact-{what}-{}-{generation}", hour.name())
}

fn fault(error: CallError) -> Fault {
    let source = std::error::Error::source(&error).map(ToString::to_string);
    tracing::error!(%error, source, "athena does not do what it was asked");
    Fault
}

#[cfg(test)]
mod tests {
    use lake::Hour;
    use serde_json::json;

    use super::{Context, ExecutionAnswer, Start, State, token};

    #[test]
    fn a_query_is_started_in_its_workgroup_once_for_each_attempt() {
        let hour = Hour::from_name("2026-01-09T20").unwrap();
        let start = Start {
            query_string: "SELECT 1".to_owned(),
            client_request_token: token("insert", hour, "1767992400000-a"),
            query_execution_context: Context { database: "lake" },
            work_group: "hours",
        };
        let expected = json!({
            "QueryString": "SELECT 1", "WorkGroup": "hours", "QueryExecutionContext": { "Database": "lake" },
            "ClientRequestToken": "lake-compact-insert-2026-01-09T20-1767992400000-a",
        });
        assert_eq!(serde_json::to_value(&start).unwrap(), expected);
        assert!((32..=128).contains(&start.client_request_token.len()));
        assert!(token("insert", hour, &format!("1767992400000-{}", "a".repeat(45))).len() <= 128);
    }

    #[test]
    fn states_are_read_as_athena_spells_them() {
        for (name, state) in [
            ("QUEUED", State::Queued),
            ("RUNNING", State::Running),
            ("SUCCEEDED", State::Succeeded),
            ("FAILED", State::Failed),
            ("CANCELLED", State::Cancelled),
        ] {
            let answer = json!({ "QueryExecution": { "Status": { "State": name, "SubmissionDateTime": 1.5 } } });
            let answer: ExecutionAnswer = serde_json::from_value(answer).unwrap();
            assert_eq!(answer.query_execution.status.state, state);
        }
    }
}
