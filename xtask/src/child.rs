//! Child processes, none of which outlives us.
//!
//! Every child runs in a process group of its own, which is on a list until it has ended.
//! A terminal's Ctrl-C, `kill -INT` and `kill -TERM` then mean the same: xtask alone hears the
//! signal, hands it to the groups on the list (`cargo build` and its compilers, `pip` and its
//! own children), and each waiting function returns `Interrupted`, so that the guards further
//! up the stack stop what they own. `main` turns that error into exit code 130.
//!
//! Children get no standard input: a background group that read from the terminal would be
//! stopped. Programs that talk to the user are not children, they replace xtask (`forward`).

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How long an interrupted child may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// How often a child that runs silently is asked whether it has ended.
const POLL: Duration = Duration::from_millis(10);

/// The user, or whoever started us, wants everything to stop.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

struct State {
    interrupted: bool,
    groups: Vec<Pid>,
}

static STATE: Mutex<State> = Mutex::new(State {
    interrupted: false,
    groups: Vec::new(),
});
static CHANGED: Condvar = Condvar::new();

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts listening for SIGINT, SIGTERM and SIGHUP.
pub(crate) fn watch_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        let mut state = state();
        // The second signal is from somebody who does not want to wait.
        let signal = if state.interrupted { Signal::KILL } else { Signal::INT };
        state.interrupted = true;
        signal_all(&state, signal);
        drop(state);
        CHANGED.notify_all();
        std::thread::spawn(|| {
            std::thread::sleep(GRACE);
            signal_all(&self::state(), Signal::KILL);
        });
    })
    .context("cannot listen for Ctrl-C")
}

fn signal_all(state: &State, signal: Signal) {
    for group in &state.groups {
        // A group that has just ended is what we want.
        let _ = kill_process_group(*group, signal);
    }
}

/// Fails when a signal has come in; long loops without a child call it.
pub(crate) fn check() -> Result<()> {
    if state().interrupted {
        return Err(Interrupted.into());
    }
    Ok(())
}

/// Ends every child that runs now; whoever waits for one sees it fail.
pub(crate) fn end_all() {
    signal_all(&state(), Signal::INT);
}

/// Sleeps, but not through a signal.
pub(crate) fn pause(time: Duration) -> Result<()> {
    let (state, _) = CHANGED
        .wait_timeout_while(state(), time, |state| !state.interrupted)
        .unwrap_or_else(PoisonError::into_inner);
    drop(state);
    check()
}

/// A running child; dropping it ends it, and waits until it has ended.
pub(crate) struct Running {
    child: Child,
    group: Pid,
    name: String,
    /// How long it may take to end in good order; nothing for those that are just killed.
    patience: Option<Duration>,
}

/// Starts `command` in a group of its own, without standard input.
pub(crate) fn start(command: &mut Command) -> Result<Running> {
    spawn(command.stdin(Stdio::null()).process_group(0), None)
}

/// Starts a service that ends when its standard input does.
///
/// A service's group is not on the list: its owner ends it, after what depends on it, and if we
/// are killed it ends by itself.
pub(crate) fn start_owned(command: &mut Command, patience: Duration) -> Result<Running> {
    spawn(command.stdin(Stdio::piped()).process_group(0), Some(patience))
}

/// Starts a service that makes a session of its own, and with it a group.
pub(crate) fn start_session(command: &mut Command, patience: Duration) -> Result<Running> {
    spawn(command.stdin(Stdio::null()), Some(patience))
}

fn spawn(command: &mut Command, patience: Option<Duration>) -> Result<Running> {
    let name = command.get_program().to_string_lossy().into_owned();
    // The list stays locked over the start, so that no signal falls between the two.
    let mut state = state();
    if state.interrupted {
        return Err(Interrupted.into());
    }
    let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let group = Pid::from_child(&child);
    if patience.is_none() {
        state.groups.push(group);
    }
    Ok(Running {
        child,
        group,
        name,
        patience,
    })
}

impl Running {
    /// Waits until the child has ended.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                check()?;
                return Ok(status);
            }
            std::thread::sleep(POLL);
        }
    }

    /// The exit status, if the child has ended.
    ///
    /// The list is locked meanwhile: a group leaves it in the same moment as its number becomes
    /// free for others.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let mut state = state();
        let status = self
            .child
            .try_wait()
            .with_context(|| format!("cannot wait for {}", self.name))?;
        if status.is_some() {
            state.groups.retain(|group| *group != self.group);
        }
        Ok(status)
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> i32 {
        self.group.as_raw_nonzero().get()
    }

    /// Lets a service live on without us.
    pub(crate) fn release(self) {
        // What `drop` would do is end it; what else it holds is a number and a name.
        std::mem::forget(self);
    }

    /// Asks the child to end: closes its standard input and sends it SIGTERM.
    fn ask(&mut self) {
        drop(self.child.stdin.take());
        let _ = kill_process(self.group, Signal::TERM);
    }

    fn kill(&mut self) {
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.child.wait();
        state().groups.retain(|group| *group != self.group);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.ended(), Ok(None)) {
            return;
        }
        if let Some(patience) = self.patience {
            self.ask();
            let deadline = Instant::now() + patience;
            while Instant::now() < deadline {
                if !matches!(self.ended(), Ok(None)) {
                    return;
                }
                std::thread::sleep(POLL);
            }
        }
        self.kill();
    }
}

/// Runs `command` with its output passed through; anything but exit code 0 is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = start(command)?.wait()?;
    ended_well(command, status)
}

/// Runs `command` and returns its standard output; standard error passes through.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let mut running = start(command.stdout(Stdio::piped()))?;
    let mut text = String::new();
    if let Some(mut stdout) = running.child.stdout.take() {
        stdout
            .read_to_string(&mut text)
            .with_context(|| format!("cannot read what {} prints", running.name))?;
    }
    let status = running.wait()?;
    ended_well(command, status)?;
    Ok(text)
}

/// Like `output`, but standard error is shown only when the command fails, and then in the error.
pub(crate) fn quiet_output(command: &mut Command) -> Result<String> {
    let (mut reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    let mut running = start(command.stdout(Stdio::piped()).stderr(writer))?;
    // The command holds the writing end; as long as it is open, reading does not end.
    command.stderr(Stdio::null());
    let stdout = running.child.stdout.take();
    let (text, said) = std::thread::scope(|scope| {
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            // What cannot be read is only missing from a message.
            let _ = reader.read_to_end(&mut said);
            said
        });
        let mut text = String::new();
        let read = stdout.map(|mut stdout| stdout.read_to_string(&mut text)).transpose();
        (read.map(|_| text), said.join().unwrap_or_default())
    });
    let status = running.wait()?;
    if !status.success() && !said.is_empty() {
        bail!("{}", last_line(&String::from_utf8_lossy(&said)));
    }
    ended_well(command, status)?;
    text.with_context(|| format!("cannot read what {} prints", running.name))
}

/// Runs `command` silently; its output is returned, and whether it succeeded.
pub(crate) fn silent(command: &mut Command) -> Result<(ExitStatus, String)> {
    lines(command, |_| ())
}

/// Runs `command` with its output passed through line by line, and returns it as well.
pub(crate) fn tee(command: &mut Command) -> Result<(ExitStatus, String)> {
    lines(command, |line| {
        // A reader that went away does not stop the run, whose exit code still counts.
        let _ = std::io::stderr().write_all(line);
    })
}

/// Runs `command`, both outputs joined in one pipe so that their lines stay in order; `each` sees
/// a line as soon as it is there.
pub(crate) fn lines(command: &mut Command, mut each: impl FnMut(&[u8])) -> Result<(ExitStatus, String)> {
    let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    let clone = writer.try_clone().context("cannot make a pipe")?;
    let mut running = start(command.stdout(clone).stderr(writer))?;
    // The command holds the writing end; as long as it is open, reading does not end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut text = Vec::new();
    let mut reader = BufReader::new(reader);
    loop {
        let start = text.len();
        let read = reader
            .read_until(b'\n', &mut text)
            .with_context(|| format!("cannot read what {} prints", running.name))?;
        if read == 0 {
            break;
        }
        each(&text[start..]);
    }
    let status = running.wait()?;
    Ok((status, String::from_utf8_lossy(&text).into_owned()))
}

/// The last line that a program printed, which is where programs put the reason of a failure.
pub(crate) fn last_line(said: &str) -> &str {
    let line = said.trim_end().lines().next_back().unwrap_or("no reason given");
    line.strip_prefix("error: ").unwrap_or(line)
}

fn ended_well(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("{} failed ({status})", title(command));
    }
    Ok(())
}

/// The program's name and its first argument: enough to recognise a command in a message.
fn title(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut title = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned();
    if let Some(argument) = command.get_args().next() {
        title.push(' ');
        title.push_str(&argument.to_string_lossy());
    }
    title
}

#[cfg(test)]
mod tests;
