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

/// Where a process was killed, or a PUT came too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// At a call.
    At(Call, Side),
    /// During a PUT, which arrives later.
    LatePut,
    /// Not at all: its PUT arrives after it has given up waiting.
    SlowPut,
    /// Some time after a request.
    Sometime,
}

/// The points at which a call can be hit.
pub(super) fn possible(call: Call) -> Vec<Point> {
    let mut possible: Vec<Point> = match Call::points().contains(&call) {
        true => [Side::Unseen, Side::Unheard, Side::Answered]
            .map(|side| Point::At(call, side))
            .into(),
        false => Vec::new(),
    };
    possible.push(Point::Sometime);
    if matches!(call, Call::Put(_)) {
        possible.extend([Point::SlowPut, Point::LatePut]);
    }
    possible
}

impl Point {
    /// Every point that there is.
    pub fn all() -> Vec<Point> {
        let mut all: Vec<Point> = Call::points().into_iter().flat_map(possible).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether it is one of removing what an attempt before left behind.
    #[must_use]
    pub fn is_of_a_delete(self) -> bool {
        matches!(self, Point::At(Call::Delete, _))
    }

    /// Whether a request of it comes late.
    pub(super) fn is_slow(self) -> bool {
        matches!(self, Point::LatePut | Point::SlowPut)
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Point::At(call, Side::Unseen) => write!(f, "before {call}"),
            Point::At(call, Side::Unheard) => write!(f, "after {call}, unheard"),
            Point::At(call, Side::Answered) => write!(f, "after {call}, answered"),
            Point::LatePut => f.write_str("during a put that arrives 9 s later"),
            Point::SlowPut => f.write_str("(no kill) a put that arrives after 9 s"),
            Point::Sometime => f.write_str("at random"),
        }
    }
}
