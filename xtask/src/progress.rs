//! What the user sees of a step: a spinner on a terminal, plain lines elsewhere.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A running step; dropping it without `done` leaves no "done" line.
pub(crate) struct Step {
    title: Cow<'static, str>,
    started: Instant,
    bar: ProgressBar,
}

/// Announces a step that prints nothing itself.
pub(crate) fn step(title: impl Into<Cow<'static, str>>) -> Step {
    let title = title.into();
    let bar = ProgressBar::new_spinner();
    if bar.is_hidden() {
        eprintln!("{title} …");
    } else {
        let style = ProgressStyle::with_template("{spinner} {prefix} {msg} [{elapsed}]");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(title.clone().into_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
    }
    let started = Instant::now();
    Step { title, started, bar }
}

impl Step {
    /// Says how far the step is; shown on terminals only.
    pub(crate) fn detail(&self, text: String) {
        self.bar.set_message(text);
    }

    /// Ends the step and says how long it took, which it returns.
    pub(crate) fn done(self) -> Duration {
        let took = self.started.elapsed();
        self.bar.finish_and_clear();
        eprintln!("{} ({})", self.title, seconds(took));
        took
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A time as people read it: `0.4 s`, `2 min 05 s`.
pub(crate) fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 {
        return format!("{:.1} s", time.as_secs_f64());
    }
    format!("{} min {:02} s", whole / 60, whole % 60)
}

/// A number with its thousands apart: `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size as people read it: `812 B`, `4.2 MB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{count, seconds, size};

    #[test]
    fn times_are_seconds_until_they_are_minutes() {
        assert_eq!(seconds(Duration::from_millis(440)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 05 s");
    }

    #[test]
    fn thousands_are_kept_apart() {
        assert_eq!(count(7), "7");
        assert_eq!(count(100_000), "100,000");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn sizes_have_the_unit_that_fits() {
        assert_eq!(size(812), "812 B");
        assert_eq!(size(4_210_000), "4.2 MB");
    }
}
