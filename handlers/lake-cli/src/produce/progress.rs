//! What is seen while a run lasts: a bar on a terminal, a line now and then elsewhere.

use super::summary::{Counts, rate};
use crate::quantity::bytes;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// How often a bar moves.
const BAR_INTERVAL: Duration = Duration::from_millis(100);
/// How often a line is written where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Shows how far a run is, on standard error.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    total: Option<u64>,
    start: Instant,
}

impl Progress {
    /// `total` events if their number is known.
    pub(crate) fn new(total: Option<u64>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
            let template = if total.is_some() {
                "{wide_bar} {pos}/{len}  {msg}  eta {eta}"
            } else {
                "{spinner} {pos}  {msg}  {elapsed}"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        });
        Self {
            bar,
            total,
            start: Instant::now(),
        }
    }

    /// How often to call [`Self::show`].
    pub(crate) fn interval(&self) -> Duration {
        if self.bar.is_some() {
            BAR_INTERVAL
        } else {
            LINE_INTERVAL
        }
    }

    /// Shows these counts.
    pub(crate) fn show(&self, counts: &Counts) {
        let done = counts.acknowledged + counts.failed;
        let speed = rate(counts.acknowledged, self.start.elapsed());
        let failed = match counts.failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        let size = bytes(counts.bytes);
        match (&self.bar, self.total) {
            (Some(bar), _) => {
                bar.set_position(done);
                bar.set_message(format!("{speed:.0} events/s, {size}{failed}"));
                bar.tick();
            }
            (None, Some(total)) => {
                eprintln!("{done} of {total} events, {speed:.0} events/s, {size}{failed}");
            }
            (None, None) => eprintln!("{done} events, {speed:.0} events/s, {size}{failed}"),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
