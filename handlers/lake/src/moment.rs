//! Moments: from the producer's number and the stream's clock to UTC text.

use std::fmt;

use crate::contract::PARTITIONS;
use crate::number;
use crate::reason::{Reason, Unit};

/// First second after the year 9999: what follows has no four-digit year.
const END_OF_TIME: u64 = 253_402_300_800;

/// How far a producer's clock may run ahead of the stream's, in seconds.
const TOLERANCE: f64 = 86_400.0;

/// 2000-01-01 in Unix seconds: when a unit is guessed, no event is older.
const PLAUSIBLE: f64 = 946_684_800.0;

/// Moments in UTC one after another; most are of the same hour as the one before.
#[derive(Debug)]
pub(crate) struct Calendar {
    hour: Hour,
    /// Its first second since 1970.
    start: u64,
    /// `2024-04-07T17:`
    text: [u8; 14],
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            hour: Hour(0),
            start: 0,
            text: *b"1970-01-01T00:",
        }
    }
}

impl Calendar {
    /// `2024-04-07T17:` and `42:01`, right only before [`END_OF_TIME`].
    #[inline(always)]
    pub(crate) fn text(&mut self, seconds: u64) -> (&[u8; 14], [u8; 5]) {
        let mut rest = seconds.wrapping_sub(self.start);
        if rest >= 3_600 {
            rest = seconds % 3_600;
            self.turn(seconds - rest);
        }
        let ([m1, m2], [s1, s2]) = (two_digits(rest / 60), two_digits(rest % 60));
        (&self.text, [m1, m2, b':', s1, s2])
    }

    /// The hour of the last moment.
    pub(crate) fn hour(&self) -> Hour {
        self.hour
    }

    #[inline(never)]
    fn turn(&mut self, start: u64) {
        self.hour = Hour(start / 3_600);
        let Digits { year, month, day, hour } = self.hour.digits();
        let ([y1, y2, y3, y4], [m1, m2], [d1, d2], [h1, h2]) = (year, month, day, hour);
        self.text = [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':'];
        self.start = start;
    }
}

/// When a record reached the stream, between 1970 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    milliseconds: u64,
}

impl Arrival {
    /// `None` before 1970 and after 9999.
    pub(crate) fn from_unix_ms(milliseconds: i64) -> Option<Self> {
        let milliseconds = u64::try_from(milliseconds).ok()?;
        (milliseconds < END_OF_TIME * 1_000).then_some(Self { milliseconds })
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn unix_ms(&self) -> i64 {
        // Far below the largest one.
        self.milliseconds as i64
    }

    /// `2024-04-07T17:` and `42:03.120Z`
    #[inline(always)]
    pub(crate) fn text<'c>(&self, calendar: &'c mut Calendar) -> (&'c [u8; 14], [u8; 10]) {
        let thousandths = self.milliseconds % 1_000;
        let (hour, [m1, m2, colon, s1, s2]) = calendar.text(self.milliseconds / 1_000);
        let [tens, ones] = two_digits(thousandths % 100);
        let hundreds = digit(thousandths / 100);
        (hour, [m1, m2, colon, s1, s2, b'.', hundreds, tens, ones, b'Z'])
    }
}

/// When an event was created.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Created<'t> {
    /// The JSON number that the producer sent.
    pub number: &'t [u8],
    /// The number as a double: Unix seconds.
    pub at: f64,
    /// The same rounded down, before the year 10000.
    pub second: u64,
}

impl Created<'_> {
    /// The partition that the event belongs to.
    #[must_use]
    pub fn hour(&self) -> Hour {
        Hour(self.second / 3_600)
    }
}

/// An hour in UTC between 1970 and 9999: a partition of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(pub(crate) u64);

/// An hour in ASCII.
pub(crate) struct Digits {
    pub(crate) year: [u8; 4],
    pub(crate) month: [u8; 2],
    pub(crate) day: [u8; 2],
    pub(crate) hour: [u8; 2],
}

impl Hour {
    /// Name and value of each of [`crate::contract::PARTITIONS`].
    #[must_use]
    pub fn partition(&self) -> [(&'static str, String); 4] {
        let Digits { year, month, day, hour } = self.digits();
        let text = |digits: &[u8]| String::from_utf8_lossy(digits).into_owned();
        let values = [text(&year), text(&month), text(&day), text(&hour)];
        let mut names = PARTITIONS.iter().map(|partition| partition.name);
        values.map(|value| (names.next().unwrap_or_default(), value))
    }

    pub(crate) fn digits(self) -> Digits {
        let (days, hour) = (self.0 / 24, self.0 % 24);
        // Howard Hinnant's civil_from_days: days are counted from 0000-03-01, so that the leap day
        // is the last of its year, in eras of 400 years.
        let days = days + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        let year = era * 400 + year_of_era + u64::from(month <= 2);

        let ([y1, y2], [y3, y4]) = (two_digits(year / 100), two_digits(year % 100));
        Digits {
            year: [y1, y2, y3, y4],
            month: two_digits(month),
            day: two_digits(day),
            hour: two_digits(hour),
        }
    }
}

/// The partition's folder: `year=2025/month=11/day=20/hour=03`.
impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour] = self.partition().map(|(name, value)| format!("{name}={value}"));
        write!(f, "{year}/{month}/{day}/{hour}")
    }
}

/// When an event was created, from the text of a JSON number.
///
/// The number is read as a double, since that is what the table's column holds, and rounded down.
pub(crate) fn created<'t>(number: &'t [u8], arrival: &Arrival) -> Result<Created<'t>, Reason> {
    let at = number::double(number).ok_or(Reason::CreatedOutOfRange)?;
    if at < 0.0 {
        return Err(Reason::CreatedNegative);
    }
    let latest = arrival.milliseconds as f64 / 1_000.0 + TOLERANCE;
    if at > latest {
        return Err(too_late(at, latest));
    }
    // Neither negative nor beyond the arrival: the cast only rounds down.
    let second = at as u64;
    if second >= END_OF_TIME {
        return Err(Reason::CreatedOutOfRange);
    }
    Ok(Created { number, at, second })
}

#[cold]
fn too_late(created: f64, latest: f64) -> Reason {
    for (unit, factor) in [
        (Unit::Milliseconds, 1e3),
        (Unit::Microseconds, 1e6),
        (Unit::Nanoseconds, 1e9),
    ] {
        if (PLAUSIBLE..=latest).contains(&(created / factor)) {
            return Reason::CreatedUnit { unit };
        }
    }
    if created >= END_OF_TIME as f64 {
        return Reason::CreatedOutOfRange;
    }
    Reason::CreatedInFuture
}

/// `number` is 0 to 99.
#[inline]
fn two_digits(number: u64) -> [u8; 2] {
    [digit(number / 10), digit(number % 10)]
}

/// `number` is 0 to 9.
#[inline]
fn digit(number: u64) -> u8 {
    b'0' + number as u8
}

#[cfg(test)]
mod tests;
