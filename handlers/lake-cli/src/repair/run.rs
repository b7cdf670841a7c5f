//! A repair under way: what became of everything so far, how that is told, and whether it is to stop.

use std::cell::Cell;
use std::fmt;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use indicatif::ProgressBar;
use serde::Serialize;
use tokio::sync::watch;

use crate::exit;

/// How often a line is written where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(5);
/// How often a terminal's line moves while nothing is counted.
const TICK: Duration = Duration::from_millis(100);

/// What became of everything, in numbers that add up.
pub(crate) trait Account: Default + PartialEq + Serialize {
    /// What to know of a run that broke off, behind its numbers.
    const BROKEN_OFF: &str;

    /// The numbers in one line.
    fn line(&self) -> String;
    /// Whether nothing was counted twice or forgotten.
    fn adds_up(&self) -> bool;
    /// Whether there is nothing among it that somebody has to look after.
    fn is_well(&self) -> bool;
}

/// A repair under way.
pub(crate) struct Run<A> {
    /// What became of everything so far.
    pub(crate) account: A,
    bar: Option<ProgressBar>,
    shown: Cell<Instant>,
    stop: watch::Receiver<bool>,
}

/// Why a run has ended that was interrupted.
#[derive(Debug)]
struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

impl<A: Account> Run<A> {
    /// A run that stops at Ctrl-C, or at a request to terminate, once what it writes is written; at a
    /// second one at once.
    pub(crate) fn begin() -> Self {
        let (stopper, stop) = watch::channel(false);
        tokio::spawn(async move {
            exit::signal().await;
            eprintln!("stopping, once what is under way is there; Ctrl-C again stops at once");
            stopper.send_replace(true);
            exit::signal().await;
            std::process::exit(exit::INTERRUPTED.into());
        });
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(TICK);
            bar
        });
        let (account, shown) = (A::default(), Cell::new(Instant::now()));
        Run {
            account,
            bar,
            shown,
            stop,
        }
    }

    /// Does what changes nothing anywhere, and gives it up when the run is to stop.
    ///
    /// # Errors
    ///
    /// The reader's own, or that the run is to stop.
    pub(crate) async fn read<T>(&self, reading: impl Future<Output = Result<T>>) -> Result<T> {
        let mut stop = self.stop.clone();
        let stopped = async {
            if stop.wait_for(|stop| *stop).await.is_err() {
                // Nobody is there to stop it.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = stopped => Err(Interrupted.into()),
            read = reading => read,
        }
    }

    /// Does what changes something, to its end; does not begin with it when the run is to stop.
    ///
    /// # Errors
    ///
    /// The writer's own, or that the run is to stop.
    pub(crate) async fn write<T>(&self, writing: impl Future<Output = Result<T>>) -> Result<T> {
        if *self.stop.borrow() {
            return Err(Interrupted.into());
        }
        writing.await
    }

    /// Shows where it is, and the account.
    pub(crate) fn show(&self, place: &str) {
        let line = || format!("{place}: {}", self.account.line());
        match &self.bar {
            Some(bar) => bar.set_message(line()),
            None if self.shown.get().elapsed() >= LINE_INTERVAL => {
                self.shown.set(Instant::now());
                eprintln!("{}", line());
            }
            None => {}
        }
    }

    /// Says something that stays.
    pub(crate) fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }

    /// Prints the account, and gives what the process ends with.
    ///
    /// # Errors
    ///
    /// What has broken it off; or that the account does not add up.
    pub(crate) fn end(self, ended: Result<()>, json: bool) -> Result<ExitCode> {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let account = self.account;
        let is_interrupted = ended.as_ref().is_err_and(|error| error.is::<Interrupted>());
        if let Err(error) = ended
            && !is_interrupted
        {
            // What was done until then is done.
            if account != A::default() {
                eprintln!("{}{}", account.line(), A::BROKEN_OFF);
            }
            return Err(error);
        }
        let text = if json {
            serde_json::to_string(&account)?
        } else {
            account.line()
        };
        writeln!(std::io::stdout(), "{text}")?;
        ensure!(
            account.adds_up(),
            "this account does not add up, which is a mistake in this program"
        );
        Ok(match account.is_well() {
            _ if is_interrupted => exit::interrupted(),
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}

#[cfg(test)]
impl<A: Account> Run<A> {
    /// A run that says nothing to a terminal, and stops when it is told so.
    pub(crate) fn until(stop: watch::Receiver<bool>) -> Self {
        Run {
            account: A::default(),
            bar: None,
            shown: Cell::new(Instant::now()),
            stop,
        }
    }

    /// A run that nobody stops.
    pub(crate) fn unstopped() -> Self {
        Run::until(watch::channel(false).1)
    }
}
