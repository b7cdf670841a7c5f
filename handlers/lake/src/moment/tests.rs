use jiff::Timestamp;
use proptest::prelude::TestCaseError;
use proptest::{prop_assert_eq, prop_oneof, proptest};

use super::{Arrival, Calendar, END_OF_TIME, Hour, created};
use crate::reason::{Reason, Unit};

/// 2024-04-07T17:42:03.120Z
const ARRIVAL: i64 = 1_712_511_723_120;

fn text<const REST: usize>((hour, rest): (&[u8; 14], [u8; REST])) -> String {
    String::from_utf8([&hour[..], &rest[..]].concat()).unwrap()
}

#[track_caller]
fn check(number: &str, arrival_ms: i64, expected: Result<&str, Reason>) {
    let arrival = Arrival::from_unix_ms(arrival_ms).unwrap();
    let found = created(number.as_bytes(), &arrival);
    let found = found.map(|created| text(Calendar::default().text(created.second)));
    assert_eq!(found.as_deref(), expected.as_ref().map(|text| *text), "{number}");
}

#[test]
fn numbers_become_seconds_in_utc_rounded_down() {
    for (number, expected) in [
        ("1712511721.022075", "2024-04-07T17:42:01"),
        ("1712511721.999999", "2024-04-07T17:42:01"),
        ("1.712511721022075e9", "2024-04-07T17:42:01"),
        ("1712511721", "2024-04-07T17:42:01"),
        ("0", "1970-01-01T00:00:00"),
        ("-0.0", "1970-01-01T00:00:00"),
        ("0.999", "1970-01-01T00:00:00"),
        ("1e-400", "1970-01-01T00:00:00"),
        ("951782400", "2000-02-29T00:00:00"),
        ("1709251199", "2024-02-29T23:59:59"),
        ("1709251200", "2024-03-01T00:00:00"),
        ("1711846800", "2024-03-31T01:00:00"),
        ("1704067199.9", "2023-12-31T23:59:59"),
    ] {
        check(number, ARRIVAL, Ok(expected));
    }
    let end = END_OF_TIME as i64 * 1_000 - 1;
    check("253402300799", end, Ok("9999-12-31T23:59:59"));
    check("253402300799.9", end, Ok("9999-12-31T23:59:59"));
    check("4107542400", end, Ok("2100-03-01T00:00:00"));
}

#[test]
fn absurd_times_are_refused_by_what_is_wrong_with_them() {
    let unit = |unit| Err(Reason::CreatedUnit { unit });
    for (number, expected) in [
        ("-1", Err(Reason::CreatedNegative)),
        ("-1e999", Err(Reason::CreatedNegative)),
        ("1e999", Err(Reason::CreatedOutOfRange)),
        ("253402300800", Err(Reason::CreatedOutOfRange)),
        ("1712511721022", unit(Unit::Milliseconds)),
        ("1712511721022.5", unit(Unit::Milliseconds)),
        ("1712511721022075", unit(Unit::Microseconds)),
        ("1712511721022075000", unit(Unit::Nanoseconds)),
        ("1712598123.12", Ok("2024-04-08T17:42:03")),
        ("1712598123.13", Err(Reason::CreatedInFuture)),
        ("4102444800", Err(Reason::CreatedInFuture)),
    ] {
        check(number, ARRIVAL, expected);
    }
    let digits = "9".repeat(400);
    check(&digits, ARRIVAL, Err(Reason::CreatedOutOfRange));
    let end = END_OF_TIME as i64 * 1_000 - 1;
    check("253402300800", end, Err(Reason::CreatedOutOfRange));
}

#[test]
fn the_hour_names_the_partition() {
    let arrival = Arrival::from_unix_ms(ARRIVAL).unwrap();
    let hour = |number: &str| created(number.as_bytes(), &arrival).unwrap().hour();
    assert_eq!(hour("1712511721.9").to_string(), "year=2024/month=04/day=07/hour=17");
    assert_eq!(hour("0").to_string(), "year=1970/month=01/day=01/hour=00");
    assert!(hour("3599.999") < hour("3600"));
}

#[test]
fn an_arrival_is_between_1970_and_9999() {
    assert_eq!(Arrival::from_unix_ms(-1), None);
    assert_eq!(Arrival::from_unix_ms(END_OF_TIME as i64 * 1_000), None);
    assert_eq!(Arrival::from_unix_ms(i64::MAX), None);
    let epoch = Arrival::from_unix_ms(7).unwrap();
    assert_eq!(text(epoch.text(&mut Calendar::default())), "1970-01-01T00:00:00.007Z");
}

proptest! {
    #[test]
    fn every_moment_is_written_as_jiff_writes_it(
        milliseconds in 0..END_OF_TIME as i64 * 1_000,
        later in prop_oneof![0..7_200_000i64, 0..END_OF_TIME as i64 * 1_000],
    ) {
        // Whatever the calendar was asked before.
        let mut calendar = Calendar::default();
        for milliseconds in [milliseconds, milliseconds.saturating_add(later) % (END_OF_TIME as i64 * 1_000)] {
            check_moment(milliseconds, &mut calendar)?;
        }
    }
}

fn check_moment(milliseconds: i64, calendar: &mut Calendar) -> Result<(), TestCaseError> {
    let moment = Timestamp::from_millisecond(milliseconds).unwrap();
    let arrival = Arrival::from_unix_ms(milliseconds).unwrap();
    let expected = moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    prop_assert_eq!(text(arrival.text(calendar)), expected.as_str());
    let seconds = milliseconds as u64 / 1_000;
    prop_assert_eq!(text(calendar.text(seconds)), &expected[..19]);
    prop_assert_eq!(calendar.hour(), Hour(seconds / 3_600));
    Ok(())
}
