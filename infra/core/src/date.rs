//! A day of the calendar, for waivers that expire.

use std::fmt;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day.
    ///
    /// # Panics
    ///
    /// When there is no such month, or no month with such a day; in a constant that does not
    /// compile.
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        assert!(month >= 1 && month <= 12, "a month is 1 to 12");
        assert!(
            day >= 1 && day as u64 <= days_of_month(year as u64, month),
            "the month has no such day"
        );
        Date { year, month, day }
    }

    /// The day, in UTC, that is `seconds` after the start of 1970.
    pub fn of_unix(seconds: u64) -> Self {
        let mut days = seconds / 86_400;
        let mut year = 1970;
        while days >= days_of_year(year) {
            days -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while days >= days_of_month(year, month) {
            days -= days_of_month(year, month);
            month += 1;
        }
        // Both fit: a month has at most 31 days, and the year is under 65,536 for the next 63,000 years.
        Date::new(year as u16, month, days as u8 + 1)
    }
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_of_month(year: u64, month: u8) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn days_are_counted_as_calendars_do() {
        let check = |seconds, expected: &str| assert_eq!(Date::of_unix(seconds).to_string(), expected);
        check(0, "1970-01-01");
        check(951_782_399, "2000-02-28");
        check(951_782_400, "2000-02-29");
        check(1_735_689_599, "2024-12-31");
        check(1_795_219_200, "2026-11-21");
    }

    #[test]
    fn later_days_are_greater() {
        assert!(Date::new(2026, 12, 31) < Date::new(2027, 1, 1));
        assert!(Date::new(2027, 1, 31) < Date::new(2027, 2, 1));
    }
}
