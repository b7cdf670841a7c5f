//! The person at the terminal: what they are told, asked, and when they press Ctrl-C.
//!
//! Everything for people goes to standard error; standard output is for results.

use anyhow::{Context as _, Result, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::task::Poll;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The port to the person.
#[expect(
    async_fn_in_trait,
    reason = "the engine runs on one thread and asks for no Send futures"
)]
pub trait Console {
    /// Says one line.
    fn say(&self, line: &str);
    /// Replaces the lines that show what is going on right now; none clears them.
    fn status(&self, lines: &[String]);
    /// Columns that a line may have.
    fn width(&self) -> usize;
    /// Whether [`Console::status`] is seen; where it is not, a long wait must be said now and
    /// then.
    fn is_live(&self) -> bool;
    /// Asks a question; `true` for a yes.
    ///
    /// # Errors
    /// There is nobody to ask.
    async fn confirm(&self, question: &str) -> Result<bool>;
    /// Comes back when the person, or whoever started us, wants us to stop.
    async fn interrupted(&self);
}

/// The work was broken off with Ctrl-C; the message says what that means for the stack.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Interrupted(pub String);

/// Does a piece of work unless the person breaks it off; `meaning` says what that leaves behind.
///
/// # Errors
/// The work's own, or [`Interrupted`].
pub async fn unless_interrupted<T>(
    console: &impl Console,
    meaning: impl FnOnce() -> String,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    tokio::select! {
        result = work => result,
        () = console.interrupted() => {
            console.status(&[]);
            Err(Interrupted(meaning()).into())
        }
    }
}

/// Columns of a line in a log, which nobody cuts; values beyond them are noise.
const LOG_WIDTH: usize = 200;

/// A terminal, or a log file that takes plain lines.
#[derive(Debug)]
pub struct Screen {
    bars: Option<MultiProgress>,
    rows: RefCell<Vec<ProgressBar>>,
    signals: RefCell<[Signal; 2]>,
    /// Whether a signal has come: work on several stacks learns of the one.
    stopped: Cell<bool>,
}

impl Screen {
    /// Looks what standard error is, and takes over Ctrl-C and SIGTERM.
    ///
    /// # Errors
    /// The signal handlers cannot be set up.
    pub fn open() -> Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        let live = std::io::stderr().is_terminal();
        Ok(Self {
            bars: live.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr())),
            rows: RefCell::default(),
            signals: RefCell::new([listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?]),
            stopped: Cell::new(false),
        })
    }
}

impl Console for Screen {
    fn say(&self, line: &str) {
        match &self.bars {
            Some(bars) => bars.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    fn status(&self, lines: &[String]) {
        let Some(bars) = &self.bars else { return };
        let mut rows = self.rows.borrow_mut();
        while rows.len() > lines.len() {
            if let Some(row) = rows.pop() {
                row.finish_and_clear();
                bars.remove(&row);
            }
        }
        while rows.len() < lines.len() {
            let row = bars.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                row.set_style(style);
            }
            row.enable_steady_tick(Duration::from_millis(100));
            rows.push(row);
        }
        for (row, line) in rows.iter().zip(lines) {
            row.set_message(line.clone());
        }
    }

    fn width(&self) -> usize {
        match self.bars {
            Some(_) => ::console::Term::stderr().size().1.into(),
            None => LOG_WIDTH,
        }
    }

    fn is_live(&self) -> bool {
        self.bars.is_some()
    }

    async fn confirm(&self, question: &str) -> Result<bool> {
        if self.bars.is_none() || !std::io::stdin().is_terminal() {
            bail!("there is no terminal to ask at; pass --yes to go ahead without a question");
        }
        eprint!("{question} [y/N] ");
        std::io::stderr().flush().context("cannot write to the terminal")?;
        // Reading blocks, and must not keep Ctrl-C from being seen.
        let answer = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).map(|_| line)
        });
        let line = answer
            .await
            .context("the question was dropped")?
            .context("cannot read the answer")?;
        Ok(matches!(line.trim(), "y" | "Y" | "yes" | "Yes" | "YES"))
    }

    async fn interrupted(&self) {
        poll_fn(|context| {
            let mut signals = self.signals.borrow_mut();
            let came = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            self.stopped.set(self.stopped.get() || came);
            if self.stopped.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

/// A console that remembers what it was told.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) said: RefCell<Vec<String>>,
    pub(crate) statuses: RefCell<Vec<Vec<String>>>,
    /// What the person answers; nobody is there to ask when `None`.
    pub(crate) answer: Option<bool>,
    /// Ctrl-C is pressed once this has been said or shown.
    pub(crate) interrupt_after: Option<&'static str>,
}

#[cfg(test)]
impl Recorder {
    pub(crate) fn text(&self) -> String {
        self.said.borrow().join("\n")
    }
}

#[cfg(test)]
impl Console for Recorder {
    fn say(&self, line: &str) {
        self.said.borrow_mut().push(line.to_owned());
    }

    fn status(&self, lines: &[String]) {
        self.statuses.borrow_mut().push(lines.to_vec());
    }

    fn width(&self) -> usize {
        LOG_WIDTH
    }

    fn is_live(&self) -> bool {
        false
    }

    async fn confirm(&self, question: &str) -> Result<bool> {
        self.say(question);
        match self.answer {
            Some(answer) => Ok(answer),
            None => bail!("nobody to ask; pass --yes"),
        }
    }

    async fn interrupted(&self) {
        poll_fn(|context| {
            let pressed = self.interrupt_after.is_some_and(|line| {
                let shown = self.statuses.borrow().concat().join("\n");
                self.text().contains(line) || shown.contains(line)
            });
            if pressed {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
