//! Hours as texts and as spans of time: how ledgers, keys and operators name a partition.

use crate::moment::Hour;

/// An hour in milliseconds.
const LENGTH_MS: u64 = 3_600_000;

/// First hour after the year 9999.
const END_OF_TIME: u64 = 70_389_528;

impl Hour {
    /// The hour of a moment, in milliseconds since 1970; none after the year 9999.
    #[must_use]
    pub fn at(milliseconds: u64) -> Option<Self> {
        let hours = milliseconds / LENGTH_MS;
        (hours < END_OF_TIME).then_some(Hour(hours))
    }

    /// The last hour that has ended by a moment, in milliseconds since 1970.
    #[must_use]
    pub fn ended_by(milliseconds: u64) -> Option<Self> {
        Self::at(milliseconds.checked_sub(LENGTH_MS)?)
    }

    /// The first millisecond since 1970 that is no longer in it.
    #[must_use]
    pub fn end(&self) -> u64 {
        (self.0 + 1) * LENGTH_MS
    }

    /// Its name: `2026-01-09T20`, which sorts by time.
    #[must_use]
    pub fn name(&self) -> String {
        let [year, month, day, hour] = self.partition().map(|(_, value)| value);
        format!("{year}-{month}-{day}T{hour}")
    }

    /// The hour of a [`name`](Self::name), and of no other text.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let (date, hour) = name.split_once('T')?;
        let mut date = date.splitn(3, '-');
        let hour = Self::from_civil(date.next()?, date.next()?, date.next()?, hour)?;
        (hour.name() == name).then_some(hour)
    }

    /// The hour of a folder as [`Display`](std::fmt::Display) writes it, and of no other text.
    #[must_use]
    pub fn from_folder(folder: &str) -> Option<Self> {
        let mut values = folder.split('/').map(|part| Some(part.split_once('=')?.1));
        let mut value = || values.next().flatten();
        let hour = Self::from_civil(value()?, value()?, value()?, value()?)?;
        (hour.to_string() == folder).then_some(hour)
    }

    /// Right for a date that there is; for others the hour of another one.
    fn from_civil(year: &str, month: &str, day: &str, hour: &str) -> Option<Self> {
        let number = |text: &str, most: u64| text.parse::<u64>().ok().filter(|number| *number <= most);
        let (year, month) = (number(year, 9_999)?, number(month, 12)?);
        let (day, hour) = (number(day, 31)?, number(hour, 23)?);
        // Howard Hinnant's days_from_civil, for years that begin in March.
        let year = if month <= 2 { year.checked_sub(1)? } else { year };
        let (era, year_of_era) = (year / 400, year % 400);
        let month_from_march = (month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day.checked_sub(1)?;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = (era * 146_097 + day_of_era).checked_sub(719_468)?;
        Some(Hour(days * 24 + hour))
    }
}

#[cfg(test)]
mod tests {
    use super::{END_OF_TIME, Hour};

    #[test]
    fn every_hour_comes_back_from_its_name_and_its_folder() {
        // A prime step over all years, and every hour of a leap year's February and March.
        let sparse = (0..END_OF_TIME).step_by(1_009);
        for hours in sparse.chain(474_720..476_200).chain([END_OF_TIME - 1]) {
            let hour = Hour(hours);
            assert_eq!(Hour::from_name(&hour.name()), Some(hour));
            assert_eq!(Hour::from_folder(&hour.to_string()), Some(hour));
            assert_eq!(Hour::at(hour.end() - 1), Some(hour));
            assert_ne!(Hour::at(hour.end()), Some(hour));
            assert_eq!(Hour::ended_by(hour.end()), Some(hour));
            assert_ne!(Hour::ended_by(hour.end() - 1), Some(hour));
        }
        assert_eq!(Hour::from_name("2026-01-09T20"), Some(Hour(491_108)));
        assert_eq!(Hour::at(END_OF_TIME * 3_600_000), None);
        assert_eq!(Hour::ended_by(3_599_999), None);
    }

    #[test]
    fn what_is_no_hour_is_none() {
        for name in [
            "",
            "2026-01-09",
            "2026-01-09T24",
            "2026-1-9T20",
            "2026-02-29T00",
            "2026-13-01T00",
            "2026-00-01T00",
            "2026-01-00T00",
            "1969-12-31T23",
            "10000-01-01T00",
            "0000-01-01T00",
            "2026-01-09T20:00",
            "+026-01-09T20",
        ] {
            assert_eq!(Hour::from_name(name), None, "{name}");
        }
        for folder in [
            "year=2026/month=01/day=09",
            "year=2026/month=01/day=09/hour=20/",
            "year=2026/month=01/day=09/hour=20/more",
            "month=01/year=2026/day=09/hour=20",
            "year=2026/month=01/day=32/hour=20",
            "year=/month=/day=/hour=",
            "////",
        ] {
            assert_eq!(Hour::from_folder(folder), None, "{folder}");
        }
    }
}
