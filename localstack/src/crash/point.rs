//! The points at which a process is killed, or its request comes late.

use std::fmt;

use super::call::Call;

/// On which side of a call a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The request was sent, and never arrives.
    Unseen,
    /// It is done, and the answer never arrives.
    Unheard,
    /// The answer has arrived.
    Answered,
}

/// Where a process was killed, or a call came too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point<C> {
    /// At a call.
    At(C, Side),
    /// During a call of this name, which arrives later.
    Late(&'static str),
    /// Not at all: a call of this name arrives after it has given up waiting.
    Slow(&'static str),
    /// Some time after a request.
    Sometime,
}

/// The points at which a call can be hit.
pub(super) fn possible<C: Call>(call: C) -> Vec<Point<C>> {
    let mut possible: Vec<Point<C>> = match C::points().contains(&call) {
        true => [Side::Unseen, Side::Unheard, Side::Answered]
            .map(|side| Point::At(call, side))
            .into(),
        false => Vec::new(),
    };
    possible.push(Point::Sometime);
    if let Some(name) = call.tardy() {
        possible.extend(C::GIVES_UP.then_some(Point::Slow(name)));
        possible.push(Point::Late(name));
    }
    possible
}

impl<C: Call> Point<C> {
    /// Every point that there is.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = C::points().into_iter().flat_map(possible).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether it is one of a call that does not come in every run.
    #[must_use]
    pub fn is_rare(self) -> bool {
        matches!(self, Point::At(call, _) if call.is_rare())
    }

    /// Whether a process is killed at it.
    pub(super) fn is_deadly(self) -> bool {
        !matches!(self, Point::Slow(_))
    }

    /// Whether a request of it comes late.
    pub(super) fn is_slow(self) -> bool {
        matches!(self, Point::Late(_) | Point::Slow(_))
    }
}

impl<C: Call> fmt::Display for Point<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Point::At(call, Side::Unseen) => write!(f, "before {call}"),
            Point::At(call, Side::Unheard) => write!(f, "after {call}, unheard"),
            Point::At(call, Side::Answered) => write!(f, "after {call}, answered"),
            Point::Late(call) => write!(f, "during a {call} that arrives 9 s later"),
            Point::Slow(call) => write!(f, "(no kill) a {call} that arrives after 9 s"),
            Point::Sometime => f.write_str("at random"),
        }
    }
}
