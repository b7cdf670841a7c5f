//! Runs a program and says what it took: CPU seconds, wall seconds, peak KiB of memory, exit code.
//!
//! Linux counts the memory of whoever starts a process towards the peak of the one that is
//! started, so this is done by a small program, and not by the Python that calls it.

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("usage: measure PROGRAM [ARGUMENT]...");
        return ExitCode::from(2);
    };
    let mut command = Command::new(&program);
    command.args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = match command.status() {
        Ok(status) => status,
        Err(error) => {
            eprintln!("cannot run {}: {error}", program.display());
            return ExitCode::FAILURE;
        }
    };
    let wall = start.elapsed();
    match getrusage(UsageWho::RUSAGE_CHILDREN) {
        Ok(usage) => {
            let cpu = (usage.user_time() + usage.system_time()).num_microseconds();
            let code = status.code().unwrap_or(-1);
            println!("{} {} {} {code}", cpu as f64 / 1e6, wall.as_secs_f64(), usage.max_rss());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot tell what it took: {error}");
            ExitCode::FAILURE
        }
    }
}
