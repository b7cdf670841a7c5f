//! Moments: from the producer's number and the stream's clock to UTC text.

use crate::reason::{Reason, Unit};

/// First second after the year 9999: what follows has no four-digit year.
const END_OF_TIME: u64 = 253_402_300_800;

/// How far a producer's clock may run ahead of the stream's, in seconds.
const TOLERANCE: f64 = 86_400.0;

/// 2000-01-01 in Unix seconds: when a unit is guessed, no event is older.
const PLAUSIBLE: f64 = 946_684_800.0;

/// A second in UTC between 1970 and 9999, as ASCII digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Second {
    pub(crate) year: [u8; 4],
    pub(crate) month: [u8; 2],
    pub(crate) day: [u8; 2],
    pub(crate) hour: [u8; 2],
    minute: [u8; 2],
    second: [u8; 2],
}

impl Second {
    /// `None` after the year 9999.
    pub(crate) fn from_unix(seconds: u64) -> Option<Self> {
        if seconds >= END_OF_TIME {
            return None;
        }
        let (days, second) = (seconds / 86_400, seconds % 86_400);
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
        Some(Self {
            year: [y1, y2, y3, y4],
            month: two_digits(month),
            day: two_digits(day),
            hour: two_digits(second / 3_600),
            minute: two_digits(second / 60 % 60),
            second: two_digits(second % 60),
        })
    }

    /// `2024-04-07T17:42:01`, without a zone.
    #[inline]
    pub(crate) fn text(&self) -> [u8; 19] {
        let [y1, y2, y3, y4] = self.year;
        let ([m1, m2], [d1, d2], [h1, h2]) = (self.month, self.day, self.hour);
        let ([i1, i2], [s1, s2]) = (self.minute, self.second);
        [
            y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', i1, i2, b':', s1, s2,
        ]
    }
}

/// When a record reached the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    milliseconds: u64,
    second: Second,
}

impl Arrival {
    /// `None` before 1970 and after 9999.
    pub(crate) fn from_unix_ms(milliseconds: i64) -> Option<Self> {
        let milliseconds = u64::try_from(milliseconds).ok()?;
        Some(Self {
            milliseconds,
            second: Second::from_unix(milliseconds / 1_000)?,
        })
    }

    /// `2024-04-07T17:42:03.120Z`
    #[inline]
    pub(crate) fn text(&self) -> [u8; 24] {
        let thousandths = self.milliseconds % 1_000;
        let mut text = *b"....-..-..T..:..:...000Z";
        let (start, end) = text.split_at_mut(19);
        start.copy_from_slice(&self.second.text());
        let [tens, ones] = two_digits(thousandths % 100);
        end.copy_from_slice(&[b'.', digit(thousandths / 100), tens, ones, b'Z']);
        text
    }
}

/// The second in which an event was created, from the text of a JSON number.
///
/// The number is read as a double, since that is what the table's column holds, and rounded down.
pub(crate) fn created(number: &[u8], arrival: &Arrival) -> Result<Second, Reason> {
    let created = double(number).ok_or(Reason::CreatedOutOfRange)?;
    if created < 0.0 {
        return Err(Reason::CreatedNegative);
    }
    let latest = arrival.milliseconds as f64 / 1_000.0 + TOLERANCE;
    if created > latest {
        return Err(too_late(created, latest));
    }
    // Neither negative nor beyond the arrival: the cast only rounds down.
    Second::from_unix(created as u64).ok_or(Reason::CreatedOutOfRange)
}

/// A JSON number as the nearest double; infinite where it is too large.
#[inline]
fn double(number: &[u8]) -> Option<f64> {
    // Up to 15 digits every integer is a double of its own.
    if number.len() <= 15 && number.iter().all(u8::is_ascii_digit) {
        let integer = number
            .iter()
            .fold(0, |integer, byte| integer * 10 + u64::from(byte - b'0'));
        return Some(integer as f64);
    }
    str::from_utf8(number).ok()?.parse().ok()
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
