//! How long each step of a demo took.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;

use crate::progress::seconds;

/// The steps that are done, and when the first one began.
#[derive(Debug)]
pub(super) struct Steps {
    start: Instant,
    done: Vec<Step>,
}

/// How long a step took.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    name: &'static str,
    seconds: f64,
}

impl Steps {
    /// Begins now.
    pub(super) fn begin() -> Steps {
        Steps {
            start: Instant::now(),
            done: Vec::new(),
        }
    }

    /// Does a step and keeps its time.
    pub(super) fn time<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let result = step()?;
        self.done.push(Step {
            name,
            seconds: start.elapsed().as_secs_f64(),
        });
        Ok(result)
    }

    /// Ends now: how long it took in all, and the steps.
    pub(super) fn end(self) -> (Duration, Vec<Step>) {
        (self.start.elapsed(), self.done)
    }
}

/// One line: `42.0 s in all: build 1.0 s, cloud 2.0 s`.
pub(super) fn line(took: Duration, steps: &[Step]) -> String {
    let steps: Vec<_> = steps
        .iter()
        .map(|step| format!("{} {}", step.name, seconds(Duration::from_secs_f64(step.seconds))))
        .collect();
    format!("{} in all: {}", seconds(took), steps.join(", "))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Steps, line};

    #[test]
    fn a_failed_step_has_no_time() {
        let mut steps = Steps::begin();
        steps.time("build", || Ok(())).unwrap();
        assert!(
            steps
                .time("cloud", || anyhow::bail!("no") as anyhow::Result<()>)
                .is_err()
        );
        let (_, done) = steps.end();
        assert_eq!(line(Duration::from_secs(42), &done), "42.0 s in all: build 0.0 s");
    }
}
