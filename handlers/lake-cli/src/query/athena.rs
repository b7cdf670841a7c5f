//! Athena: start a query, wait for it, read its result page by page.

use super::column::{Column, Kind, Row};
use super::named::Named;
use crate::client::Aws;
use anyhow::{Context, Result, bail};
use aws_sdk_athena::types::{
    QueryExecution, QueryExecutionContext, QueryExecutionState, ResultSet, Row as AthenaRow, StatementType,
};
use std::time::{Duration, Instant};

/// The first wait between two looks at a query; short, because a small lake answers soon.
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// The longest wait; Athena counts calls.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How many ids `BatchGetNamedQuery` takes.
const NAMED_QUERY_BATCH: usize = 50;

/// Athena in one workgroup, over one database.
pub(crate) struct Athena<'a> {
    aws: &'a Aws,
    client: aws_sdk_athena::Client,
    workgroup: String,
    database: String,
}

/// What a query that is done says about itself.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    /// Bytes that it read.
    pub(crate) scanned: u64,
    /// Whether the first row of the result is its header.
    has_header: bool,
}

/// One page of a result.
pub(crate) struct Page {
    /// The columns; the same on every page.
    pub(crate) columns: Vec<Column>,
    /// The rows, without a header.
    pub(crate) rows: Vec<Row>,
    /// Names the next page, if there is one.
    pub(crate) next: Option<String>,
}

impl<'a> Athena<'a> {
    /// Reaches no one yet.
    pub(crate) fn new(aws: &'a Aws, workgroup: String, database: String) -> Self {
        Self {
            aws,
            client: aws.athena(),
            workgroup,
            database,
        }
    }

    /// Starts a statement; its id.
    pub(crate) async fn start(&self, sql: &str) -> Result<String> {
        let context = QueryExecutionContext::builder().database(&self.database).build();
        let request = self.client.start_query_execution();
        let request = request
            .query_string(sql)
            .work_group(&self.workgroup)
            .query_execution_context(context);
        let answer = request
            .send()
            .await
            .map_err(|error| self.aws.explain("cannot start the query", error))?;
        answer
            .query_execution_id
            .context("Athena started the query without an id")
    }

    /// Waits until the query is done, and tells `seen` the state at every look.
    pub(crate) async fn wait(&self, id: &str, timeout: Duration, mut seen: impl FnMut(&str)) -> Result<Done> {
        let (start, mut wait) = (Instant::now(), FIRST_WAIT);
        loop {
            let request = self.client.get_query_execution().query_execution_id(id);
            let answer = request
                .send()
                .await
                .map_err(|error| self.aws.explain("cannot ask about the query", error))?;
            let execution = answer.query_execution.context("Athena forgot the query")?;
            let state = execution.status().and_then(|status| status.state());
            let state = state.context("the query has no state")?;
            seen(state.as_str());
            match state {
                QueryExecutionState::Succeeded => return Ok(done(&execution)),
                QueryExecutionState::Failed => bail!("the query failed: {}", reason(&execution)),
                QueryExecutionState::Cancelled => bail!("the query was cancelled: {}", reason(&execution)),
                _ => {}
            }
            if start.elapsed() > timeout {
                bail!(
                    "the query was not done after {} s and was stopped; give more with --timeout",
                    timeout.as_secs_f64()
                );
            }
            tokio::time::sleep(wait).await;
            wait = wait.mul_f64(1.5).min(LONGEST_WAIT);
        }
    }

    /// Stops a query, so that it costs no more.
    pub(crate) async fn stop(&self, id: &str) -> Result<()> {
        let request = self.client.stop_query_execution().query_execution_id(id);
        request
            .send()
            .await
            .map_err(|error| self.aws.explain("cannot stop the query", error))?;
        Ok(())
    }

    /// A page of a result; `token` is [`Page::next`] of the page before, none for the first.
    pub(crate) async fn page(&self, id: &str, done: &Done, token: Option<String>) -> Result<Page> {
        let first = token.is_none();
        let request = self
            .client
            .get_query_results()
            .query_execution_id(id)
            .set_next_token(token);
        let answer = request
            .send()
            .await
            .map_err(|error| self.aws.explain("cannot read the result", error))?;
        let result = answer.result_set.unwrap_or_else(|| ResultSet::builder().build());
        let skip = usize::from(first && done.has_header);
        let columns = columns(&result);
        let rows = result
            .rows()
            .iter()
            .skip(skip)
            .map(|row| cells(row, columns.len()))
            .collect();
        Ok(Page {
            columns,
            rows,
            next: answer.next_token,
        })
    }

    /// The queries that are saved in the workgroup.
    pub(crate) async fn saved(&self) -> Result<Vec<Named>> {
        let wanted = || format!("cannot list the queries of the workgroup {}", self.workgroup);
        let (mut ids, mut token) = (Vec::new(), None);
        loop {
            let request = self
                .client
                .list_named_queries()
                .work_group(&self.workgroup)
                .set_next_token(token);
            let answer = request
                .send()
                .await
                .map_err(|error| self.aws.explain(&wanted(), error))?;
            ids.extend(answer.named_query_ids.unwrap_or_default());
            token = answer.next_token;
            if token.is_none() {
                break;
            }
        }
        let mut queries = Vec::new();
        for ids in ids.chunks(NAMED_QUERY_BATCH) {
            let request = self
                .client
                .batch_get_named_query()
                .set_named_query_ids(Some(ids.to_vec()));
            let answer = request
                .send()
                .await
                .map_err(|error| self.aws.explain(&wanted(), error))?;
            queries.extend(answer.named_queries.unwrap_or_default().into_iter().map(|query| Named {
                name: query.name,
                description: query.description.unwrap_or_default(),
                sql: query.query_string,
            }));
        }
        queries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(queries)
    }
}

fn done(execution: &QueryExecution) -> Done {
    let scanned = execution
        .statistics()
        .and_then(|statistics| statistics.data_scanned_in_bytes());
    Done {
        scanned: scanned.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
        // Athena puts the column names before the rows of a SELECT, but not before those of SHOW,
        // DESCRIBE or EXPLAIN (`UTILITY`); DDL has no rows.
        has_header: execution.statement_type() == Some(&StatementType::Dml),
    }
}

/// Athena's reason as one line.
fn reason(execution: &QueryExecution) -> String {
    let status = execution.status();
    let error = status
        .and_then(|status| status.athena_error())
        .and_then(|error| error.error_message());
    let reason = status
        .and_then(|status| status.state_change_reason())
        .or(error)
        .unwrap_or("no reason given");
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn columns(result: &ResultSet) -> Vec<Column> {
    let infos = result
        .result_set_metadata()
        .map(|metadata| metadata.column_info())
        .unwrap_or_default();
    let column = |info: &aws_sdk_athena::types::ColumnInfo| Column {
        name: info.label().unwrap_or(info.name()).to_owned(),
        kind: Kind::of(info.r#type(), info.precision(), info.scale()),
    };
    infos.iter().map(column).collect()
}

/// As many cells as there are columns: Athena leaves out the last ones of some SHOW results.
fn cells(row: &AthenaRow, columns: usize) -> Row {
    let mut cells: Row = row
        .data()
        .iter()
        .map(|datum| datum.var_char_value().map(str::to_owned))
        .collect();
    cells.resize(columns, None);
    cells
}

#[cfg(test)]
mod tests {
    use super::{cells, columns, done, reason};
    use crate::query::column::Kind;
    use aws_sdk_athena::types::{
        ColumnInfo, Datum, QueryExecution, QueryExecutionStatistics, QueryExecutionStatus, ResultSet,
        ResultSetMetadata, Row, StatementType,
    };

    #[test]
    fn only_a_select_has_a_header() {
        let with = |kind: StatementType| done(&QueryExecution::builder().statement_type(kind).build()).has_header;
        assert!(with(StatementType::Dml));
        assert!(!with(StatementType::Ddl) && !with(StatementType::Utility));
        let statistics = QueryExecutionStatistics::builder().data_scanned_in_bytes(7).build();
        assert_eq!(
            done(&QueryExecution::builder().statistics(statistics).build()).scanned,
            7
        );
    }

    #[test]
    fn a_reason_is_one_line() {
        let status = QueryExecutionStatus::builder()
            .state_change_reason("SYNTAX_ERROR: line 1:8:\n  Column 'x'")
            .build();
        let execution = QueryExecution::builder().status(status).build();
        assert_eq!(reason(&execution), "SYNTAX_ERROR: line 1:8: Column 'x'");
        assert_eq!(reason(&QueryExecution::builder().build()), "no reason given");
    }

    #[test]
    fn columns_have_labels_and_types_and_rows_have_all_cells() {
        let info = ColumnInfo::builder()
            .name("_col0")
            .label("n")
            .r#type("decimal")
            .precision(10)
            .scale(2);
        let metadata = ResultSetMetadata::builder()
            .column_info(info.build().expect("complete"))
            .build();
        let result = ResultSet::builder().result_set_metadata(metadata).build();
        let columns = columns(&result);
        assert_eq!(
            (columns[0].name.as_str(), columns[0].kind),
            (
                "n",
                Kind::Decimal {
                    precision: 10,
                    scale: 2
                }
            )
        );
        let row = Row::builder()
            .data(Datum::builder().var_char_value("").build())
            .data(Datum::builder().build())
            .build();
        assert_eq!(cells(&row, 3), [Some(String::new()), None, None]);
    }
}
