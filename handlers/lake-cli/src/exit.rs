//! What the process says when it ends.

use std::process::ExitCode;

/// The exit codes, for `--help`.
pub(crate) const HELP: &str = "Exit codes:
  0    done
  1    failed, or some events failed; the reason is on standard error
  2    wrong usage
  130  interrupted with Ctrl-C";

/// Stopped by Ctrl-C or by a request to terminate: 128 + SIGINT, as shells count.
pub(crate) const INTERRUPTED: u8 = 130;

/// The same, for a `main` to end with.
pub(crate) fn interrupted() -> ExitCode {
    ExitCode::from(INTERRUPTED)
}

/// Prints the error with its causes as one line and answers exit code 1.
///
/// A reader of standard output that has had enough, such as `head`, is no error: AWS's own broken
/// connections never get here as such, because their words are taken out of them on the spot.
pub(crate) fn failure(error: &anyhow::Error) -> ExitCode {
    let broken_pipe = |cause: &std::io::Error| cause.kind() == std::io::ErrorKind::BrokenPipe;
    if error.root_cause().downcast_ref().is_some_and(broken_pipe) {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

/// Waits for Ctrl-C, or on Unix for a request to terminate.
pub(crate) async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the signal ends the process by itself; there is nothing to wait for.
        std::future::pending::<()>().await;
    }
}
