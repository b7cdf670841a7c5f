//! What differs between two values: the places, each with what stood and what will stand there.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::list;
use crate::replacement::Replacement;
use crate::template::call;

/// A place where two values differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Where it is.
    pub path: Path,
    /// What stood there; none where nothing did.
    pub before: Option<Value>,
    /// What will stand there; none where nothing will.
    pub after: Option<Value>,
    /// Whether the same items of a list stand in another order, and nothing else is said here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reordered: bool,
    /// What the change does to the resource.
    pub replacement: Replacement,
}

/// The way from the root of a value to a place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Step>);

/// One step of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the member of this name.
    Member(String),
    /// To an item of a list.
    Item {
        /// Its place before; none where it was not there.
        before: Option<usize>,
        /// Its place afterwards; none where it will not be there.
        after: Option<usize>,
        /// What people call it: `Key=team`, or its place.
        label: String,
    },
}

/// `LifecycleConfiguration.Rules[Id=expire].Status`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if index == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Item { label, .. } => write!(f, "[{label}]")?,
            }
        }
        Ok(())
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The places where two values differ; none where they are equal.
pub fn between(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let mut search = Search::default();
    search.values(before, after);
    search.found
}

#[derive(Default)]
struct Search {
    path: Vec<Step>,
    found: Vec<Change>,
}

impl Search {
    fn values(&mut self, before: Option<&Value>, after: Option<&Value>) {
        match (before, after) {
            (before, after) if before == after => {}
            (Some(Value::Array(before)), Some(Value::Array(after))) => self.lists(before, after),
            // The argument of a function means nothing without its name.
            (Some(before @ Value::Object(old)), Some(after @ Value::Object(new)))
                if call(before).is_none() && call(after).is_none() =>
            {
                let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
                names.sort();
                names.dedup();
                for name in names {
                    self.step(Step::Member(name.clone()), old.get(name), new.get(name));
                }
            }
            (before, after) => self.report(before.cloned(), after.cloned(), false),
        }
    }

    fn lists(&mut self, before: &[Value], after: &[Value]) {
        let matched = list::matched(before, after);
        if matched.reordered {
            let names = |names: Vec<Value>| Some(Value::Array(names));
            let (old, new) = matched.order(before, after);
            self.report(names(old), names(new), true);
        }
        for (pair, label) in matched.pairs {
            let step = Step::Item {
                before: pair.0,
                after: pair.1,
                label,
            };
            self.step(step, pair.0.map(|at| &before[at]), pair.1.map(|at| &after[at]));
        }
    }

    fn step(&mut self, step: Step, before: Option<&Value>, after: Option<&Value>) {
        self.path.push(step);
        self.values(before, after);
        self.path.pop();
    }

    fn report(&mut self, before: Option<Value>, after: Option<Value>, reordered: bool) {
        self.found.push(Change {
            path: Path(self.path.clone()),
            before,
            after,
            reordered,
            replacement: Replacement::No,
        });
    }
}

#[cfg(test)]
mod tests;
