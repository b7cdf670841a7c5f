//! What day and what time it is in London.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// British time since 1996, as POSIX writes it: the function's image need not carry zone data.
const LONDON: &str = "GMT0BST,M3.5.0/1,M10.5.0";

/// The day in London at `now`.
#[must_use]
pub fn today(now: Timestamp) -> Date {
    now.to_zoned(zone()).date()
}

/// The time zone of London.
#[must_use]
pub fn zone() -> TimeZone {
    // The rule is a constant that a test reads.
    TimeZone::posix(LONDON).unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::today;

    #[track_caller]
    fn check(now: &str, expected: &str) {
        assert_eq!(today(now.parse().unwrap()).to_string(), expected, "at {now}");
    }

    #[test]
    fn a_day_begins_an_hour_earlier_in_summer() {
        check("2026-01-09T23:59:59Z", "2026-01-09");
        check("2026-07-09T22:59:59Z", "2026-07-09");
        check("2026-07-09T23:00:00Z", "2026-07-10");
    }

    #[test]
    fn clocks_change_on_the_last_sundays_of_march_and_october() {
        check("2026-03-28T23:30:00Z", "2026-03-28");
        check("2026-03-29T23:30:00Z", "2026-03-30");
        check("2026-10-24T23:30:00Z", "2026-10-25");
        check("2026-10-25T23:30:00Z", "2026-10-25");
    }
}
