//! What a function says about itself: structured logs, and metrics as lines of the same log.

mod metrics;

use std::{panic, process};

pub use metrics::{Invalid, Metric, Metrics, Unit};

/// Starts the log as [`log`] does, and lets no process outlive a panic; call it once, first thing in
/// `main`.
///
/// Lambda would invoke a process again that has panicked, with whatever it had done by half in its
/// memory. One that is gone is replaced, and what it was given comes again.
pub fn init() {
    log();
    let say = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        say(panicked);
        process::abort();
    }));
}

/// Starts the log on standard output, and nothing else.
///
/// The function's logging configuration decides: Lambda sets `AWS_LAMBDA_LOG_FORMAT` (`JSON` gives
/// one object a line) and `AWS_LAMBDA_LOG_LEVEL` (`INFO` unless set).
pub fn log() {
    lambda_runtime::tracing::init_default_subscriber();
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::{env, process, thread};

    #[test]
    fn a_panic_ends_the_process() {
        // A filter that filters nothing tells the one that panics from the one that looks on.
        const PANICS: [&str; 2] = ["--skip", "what panics"];
        if env::args().any(|argument| argument == PANICS[1]) {
            super::init();
            let panicked = thread::spawn(|| panic!("as it was told to")).join();
            unreachable!("it has ended here: {panicked:?}");
        }
        let mut itself = process::Command::new(env::current_exe().unwrap());
        let itself = itself.args(["--exact", "telemetry::tests::a_panic_ends_the_process"]);
        let ended = itself.args(PANICS).arg("--nocapture").output().unwrap();
        assert_eq!(ended.status.signal(), Some(6), "{ended:?}");
        assert!(String::from_utf8_lossy(&ended.stderr).contains("as it was told to"));
    }
}
