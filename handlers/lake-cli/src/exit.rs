//! What the process says when it ends.

use std::process::ExitCode;

/// The exit codes, for `--help`.
pub(crate) const HELP: &str = "Exit codes:
  0    done
  1    failed, or some events failed; the reason is on standard error
  2    wrong usage
  130  interrupted with Ctrl-C";

/// Stopped by Ctrl-C or by a request to terminate: 128 + SIGINT, as shells count.
pub(crate) fn interrupted() -> ExitCode {
    ExitCode::from(130)
}

/// Prints the error with its causes as one line and answers exit code 1.
pub(crate) fn failure(error: &anyhow::Error) -> ExitCode {
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
