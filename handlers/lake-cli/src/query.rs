//! `query`: asks Athena, in Athena's SQL or by the name of a query.

mod athena;
mod column;
mod named;
mod output;
mod parquet;

use crate::client::Aws;
use crate::destination::Destination;
use crate::exit;
use crate::outputs::Outputs;
use crate::quantity::{bytes, count, duration};
use crate::table::{Align, Table, Target};
use anyhow::{Context, Result, bail};
use athena::{Athena, Done};
use indicatif::ProgressBar;
use lake::contract::output as key;
use output::Format;
use std::io::{IsTerminal, Read, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A query that takes longer is said to run, where there is no terminal.
const WORTH_SAYING: Duration = Duration::from_secs(2);

const HELP: &str = "\
A single word is the name of a query: one of the lake's own, or one saved in the workgroup.
State, rows, bytes read and time go to standard error, so results can be piped.

`cargo xtask` adds --env ENV [local], --name NAME and --prefix PREFIX, which choose the stack.

Examples:
  cargo xtask query --list
  cargo xtask query events-by-type
  cargo xtask query \"SELECT event_type, count(*) AS n FROM events GROUP BY 1 ORDER BY n DESC\"
  cargo xtask query latest-events --format json | jq '.[].event_name'
  cargo xtask query deduplicated --format parquet --output events.parquet
  cargo xtask query - --format csv < report.sql

Exit codes: 0 done, 1 the query failed or was too slow, 2 wrong usage, 130 interrupted (the query
is stopped).";

/// Ask Athena about the events
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// SQL, the name of a query, or `-` for SQL from standard input
    #[arg(required_unless_present = "list")]
    sql: Option<String>,
    /// Show the queries that have names
    #[arg(long, conflicts_with_all = ["sql", "output"])]
    list: bool,
    /// How the result is written
    #[arg(long, short, value_enum, default_value = "table")]
    format: Format,
    /// Write the result to a file, which is there only when it is whole
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Stop a query that takes longer
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    timeout: Duration,
    /// Workgroup to run in [default: the outputs' WorkgroupName]
    #[arg(long, value_name = "NAME")]
    workgroup: Option<String>,
    /// Database to read [default: the outputs' DatabaseName]
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
}

/// Runs the command.
pub(crate) async fn run(args: Args, outputs: &Outputs) -> Result<ExitCode> {
    if args.format == Format::Parquet && args.output.is_none() && stdout().is_terminal() {
        bail!("Parquet is not for a terminal; name a file with --output FILE");
    }
    let workgroup = outputs.or(args.workgroup, key::WORKGROUP_NAME, "--workgroup NAME")?;
    let database = outputs.or(args.database, key::DATABASE_NAME, "--database NAME")?;
    let aws = Aws::connect().await?;
    let athena = Athena::new(&aws, workgroup, database);
    if args.list {
        return list(&athena, args.format).await;
    }
    let sql = statement(&athena, &args.sql.unwrap_or_default()).await?;
    let target = if args.output.is_some() {
        Target::Plain
    } else {
        Target::stdout()
    };
    let out = Destination::open(args.output.as_deref())?;

    let start = Instant::now();
    let id = athena.start(&sql).await?;
    let work = async {
        let mut status = Status::new();
        let done = athena.wait(&id, args.timeout, |state| status.state(state)).await;
        status.finish();
        let done = done?;
        let rows = copy(&athena, &id, &done, args.format, out, target).await?;
        anyhow::Ok((done, rows))
    };
    let ended = tokio::select! {
        ended = work => Some(ended),
        () = exit::signal() => None,
    };
    match ended {
        Some(Ok((done, rows))) => {
            let time = start.elapsed().as_secs_f64();
            eprintln!("{}, {} scanned, {time:.2} s", count(rows, "row"), bytes(done.scanned));
            Ok(ExitCode::SUCCESS)
        }
        Some(Err(error)) => {
            // Whatever went wrong, a query that still runs would only cost; one that has ended
            // cannot be stopped, and that is no news.
            let _ = athena.stop(&id).await;
            Err(error)
        }
        None => {
            athena.stop(&id).await?;
            eprintln!("interrupted: the query was stopped");
            Ok(exit::interrupted())
        }
    }
}

/// Copies the result to its destination; how many rows it has.
async fn copy(
    athena: &Athena<'_>,
    id: &str,
    done: &Done,
    format: Format,
    out: Destination,
    target: Target,
) -> Result<u64> {
    let mut page = athena.page(id, done, None).await?;
    let mut output = output::open(format, page.columns, out, target)?;
    let mut rows = 0;
    loop {
        rows += page.rows.len() as u64;
        output.rows(page.rows)?;
        let Some(token) = page.next else { break };
        page = athena.page(id, done, Some(token)).await?;
    }
    output.finish()?;
    Ok(rows)
}

/// The statement that is meant, without the semicolon at its end.
async fn statement(athena: &Athena<'_>, text: &str) -> Result<String> {
    let sql = if text == "-" {
        let mut sql = String::new();
        std::io::stdin()
            .read_to_string(&mut sql)
            .context("cannot read SQL from standard input")?;
        sql
    } else if named::is_name(text) {
        named::find(athena, text).await?
    } else {
        text.to_owned()
    };
    let sql = sql.trim().trim_end_matches(';').trim_end();
    if sql.is_empty() {
        bail!("there is no SQL; give a statement or the name of a query (--list shows them)");
    }
    Ok(sql.to_owned())
}

async fn list(athena: &Athena<'_>, format: Format) -> Result<ExitCode> {
    let queries = named::all(athena).await?;
    match format {
        Format::Table => {
            let columns = ["name", "description"]
                .map(|name| (name.to_owned(), Align::Left))
                .to_vec();
            let rows = queries
                .into_iter()
                .map(|query| vec![Some(query.name), Some(query.description)])
                .collect();
            write!(stdout(), "{}", Table { columns, rows }.render(Target::stdout()))?;
        }
        Format::Json => writeln!(stdout(), "{}", serde_json::to_string_pretty(&queries)?)?,
        Format::Csv | Format::Parquet => bail!("the list of queries is written as table or json"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The query's state, on standard error: at once on a terminal, elsewhere when it takes time.
struct Status {
    spinner: Option<ProgressBar>,
    start: Instant,
    said: Option<String>,
}

impl Status {
    fn new() -> Self {
        let spinner = std::io::stderr().is_terminal().then(|| {
            let spinner = ProgressBar::new_spinner();
            spinner.enable_steady_tick(Duration::from_millis(100));
            spinner
        });
        Self {
            spinner,
            start: Instant::now(),
            said: None,
        }
    }

    fn state(&mut self, state: &str) {
        let text = format!("query {}", state.to_lowercase());
        match &self.spinner {
            Some(spinner) => spinner.set_message(text),
            None if self.start.elapsed() < WORTH_SAYING || self.said.as_ref() == Some(&text) => {}
            None => {
                eprintln!("{text}");
                self.said = Some(text);
            }
        }
    }

    fn finish(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}
