//! `bench-start`: how soon after its start a function asks for its first invocation, how much
//! memory it has then, and how large its zip is.
//!
//! The programs are release builds, as `package` makes them; the Lambda runtime is a socket here,
//! so that nothing but the function's own work is in the figures. What Lambda adds (a machine, a
//! download) is not.

use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::package::{self, Packing};
use crate::workspace::Workspace;
use crate::{cargo, child};

/// The lake's functions. Somebody waits for the starts of the first two: each begins a shard's
/// batches.
const FUNCTIONS: [&str; 4] = ["lake-transform", "lake-write", "lake-register", "lake-compact"];

/// What Lambda, and the stack, would put into a function's environment.
const ENVIRONMENT: [(&str, &str); 20] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
    ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ("AWS_REGION", "eu-west-2"),
    ("AWS_ACCESS_KEY_ID", "bench"),
    ("AWS_SECRET_ACCESS_KEY", "bench"),
    ("HEADEND_ENVIRONMENT", "bench"),
    ("HEADEND_DATASET", "events"),
    ("HEADEND_BUCKET", "bench"),
    ("HEADEND_FENCES", "bench"),
    ("HEADEND_DATABASE", "bench"),
    ("HEADEND_TABLE", "events"),
    ("HEADEND_RAW_TABLE", "events_raw"),
    ("HEADEND_GENERATIONS_TABLE", "events_generations"),
    ("HEADEND_HOURS", "bench"),
    ("HEADEND_WORKGROUP", "bench"),
    ("HEADEND_CLOSE_AFTER_MINUTES", "10"),
    ("HEADEND_GRACE_MINUTES", "45"),
    ("HEADEND_MOST_BYTES", "1"),
];

/// How long a start may take before something is wrong.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked for the request: the grain of the figures.
const GRAIN: Duration = Duration::from_micros(50);

/// How often to start, and what is too much.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Starts of each function
    #[arg(long, default_value_t = 50)]
    starts: usize,
    /// Most milliseconds to the first request, for the median start
    #[arg(long, default_value_t = 15.0)]
    most_ms: f64,
    /// Most memory by then, in MiB
    #[arg(long, default_value_t = 25.0)]
    most_mib: f64,
    /// Largest zip, in MB
    #[arg(long, default_value_t = 6.0)]
    most_zip_mb: f64,
}

/// One start.
#[derive(Debug, Clone, Copy)]
struct Start {
    /// From the start of the process to its request for an invocation.
    ms: f64,
    /// The most that was resident until then.
    mib: f64,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    ensure!(args.starts > 0, "at least one start is needed for a figure");
    let mut build = cargo::command(workspace);
    build.args(["build", "--release", "--package", "lake-lambda"]);
    for name in FUNCTIONS {
        build.args(["--bin", name]);
    }
    let built = cargo::artifacts(&mut build)?;
    println!("| function | ms to the first request, median | best | worst | MiB then | zip, MB |");
    println!("|---|---:|---:|---:|---:|---:|");
    let mut beyond = Vec::new();
    for name in FUNCTIONS {
        let program = built.program(name)?;
        let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
        let zip_mb = package::bootstrap(&bytes, Packing::Deflated)?.len() as f64 / 1e6;
        let mut starts = (0..args.starts)
            .map(|_| start(program))
            .collect::<Result<Vec<Start>>>()?;
        starts.sort_by(|left, right| left.ms.total_cmp(&right.ms));
        let at = |place: usize| starts.get(place).map_or(f64::NAN, |start| start.ms);
        let median = at(starts.len() / 2);
        let mib = starts.iter().map(|start| start.mib).fold(0.0, f64::max);
        println!(
            "| {name} | {median:.1} | {:.1} | {:.1} | {mib:.1} | {zip_mb:.2} |",
            at(0),
            at(starts.len() - 1)
        );
        for (what, figure, most) in [
            ("ms", median, args.most_ms),
            ("MiB", mib, args.most_mib),
            ("MB of zip", zip_mb, args.most_zip_mb),
        ] {
            if figure > most {
                beyond.push(format!("{name} has {figure:.1} {what}, {most} is the most"));
            }
        }
    }
    ensure!(beyond.is_empty(), "{}", beyond.join("; "));
    Ok(())
}

/// Starts a program and ends it when it has asked for an invocation.
fn start(program: &Path) -> Result<Start> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port for the runtime")?;
    listener.set_nonblocking(true)?;
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(ENVIRONMENT)
        .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr()?.to_string())
        .stdout(Stdio::null());
    let begin = Instant::now();
    let mut function = child::start(&mut command)?;
    let stream = loop {
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(GRAIN),
            Err(error) => return Err(error).context("nobody can be heard"),
        }
        if let Some(status) = function.ended()? {
            bail!(
                "{} ended before it asked for an invocation: {status}",
                program.display()
            );
        }
        ensure!(
            begin.elapsed() < PATIENCE,
            "{} asks for no invocation",
            program.display()
        );
    };
    let request = first_line(&stream)?;
    let ms = begin.elapsed().as_secs_f64() * 1_000.0;
    ensure!(
        request.contains("/invocation/next"),
        "{} asks for {request}",
        program.display()
    );
    let mib = peak_mib(function.id())?;
    // Before the connection is, or it would complain of that.
    drop(function);
    Ok(Start { ms, mib })
}

fn first_line(stream: &TcpStream) -> Result<String> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line)
}

/// The most memory that a process has had at a time, in MiB, as Linux counts it.
fn peak_mib(process: i32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("bench-start needs Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    Ok(kib.context("the kernel does not count memory")? / 1024.0)
}
