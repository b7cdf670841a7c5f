//! Schedule expressions: `rate(5 minutes)`, `cron(0 12 * * ? *)`, `at(2027-01-01T00:00:00)`.

use crate::check::{Check, Resource};
use crate::rule::rules;
use crate::tree::Tree;

rules! {
    SCHEDULE = error("schedule-expression", "a schedule is rate(value unit), cron(six fields) or, for the scheduler, at(time)", "write it as rate(5 minutes) or cron(0 12 * * ? *)", ["E3027"]);
}

/// Where schedules stand, and whether `at(...)` is taken there.
const PLACES: [(&str, &str, bool); 4] = [
    ("AWS::Events::Rule", "ScheduleExpression", false),
    ("AWS::Scheduler::Schedule", "ScheduleExpression", true),
    ("AWS::Glue::Crawler", "Schedule.ScheduleExpression", false),
    ("AWS::Glue::Trigger", "Schedule", false),
];

/// Checks the schedule of a resource.
pub(crate) fn check(cx: &mut Check<'_>, resource: Resource<'_>) {
    for (kind, path, takes_at) in PLACES {
        if kind != resource.kind {
            continue;
        }
        if let Some(text) = resource.at(path).and_then(Tree::text)
            && let Some(fault) = fault(text, takes_at)
        {
            cx.report_at(path, &SCHEDULE, format!("`{text}`: {fault}"));
        }
    }
}

/// What is wrong with an expression.
fn fault(text: &str, takes_at: bool) -> Option<String> {
    let inner = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    match (inner("rate"), inner("cron"), inner("at")) {
        (Some(rate), ..) => rate_fault(rate),
        (_, Some(cron), _) => cron_fault(cron),
        (.., Some(_)) if takes_at => None,
        _ => Some("a schedule is rate(...) or cron(...)".to_owned()),
    }
}

fn rate_fault(rate: &str) -> Option<String> {
    let Some((value, unit)) = rate.split_once(' ') else {
        return Some("rate takes a value and a unit".to_owned());
    };
    let units: &[&str] = match value.parse::<u32>() {
        Ok(1) => &["minute", "hour", "day"],
        Ok(0) | Err(_) => return Some(format!("`{value}` is no whole number above 0")),
        Ok(_) => &["minutes", "hours", "days"],
    };
    (!units.contains(&unit)).then(|| format!("the unit of {value} is one of {}", units.join(", ")))
}

/// A field of a cron expression: its name, its least and greatest number, its words.
type Field = (&'static str, u32, u32, &'static [&'static str]);

const FIELDS: [Field; 6] = [
    ("minutes", 0, 59, &[]),
    ("hours", 0, 23, &[]),
    ("day of month", 1, 31, &[]),
    (
        "month",
        1,
        12,
        &[
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ],
    ),
    ("day of week", 1, 7, &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
    ("year", 1970, 2199, &[]),
];

fn cron_fault(cron: &str) -> Option<String> {
    let fields: Vec<&str> = cron.split(' ').collect();
    let [.., day, _, weekday, _] = fields.as_slice() else {
        return Some("cron takes six fields".to_owned());
    };
    if fields.len() != FIELDS.len() {
        return Some(format!("cron takes six fields, not {}", fields.len()));
    }
    if (*day == "?") == (*weekday == "?") {
        return Some("of day of month and day of week exactly one is ?".to_owned());
    }
    let wrong = fields.iter().zip(FIELDS).find(|(text, field)| !is_field(text, *field));
    wrong.map(|(text, (name, ..))| format!("`{text}` is no {name}"))
}

fn is_field(text: &str, (name, least, most, words): Field) -> bool {
    let is_value = |value: &str| match value.parse::<u32>() {
        Ok(number) => (least..=most).contains(&number),
        Err(_) => words.iter().any(|word| word.eq_ignore_ascii_case(value)),
    };
    let is_day = name.starts_with("day");
    text.split(',').all(|part| {
        let (range, step) = part
            .split_once('/')
            .map_or((part, None), |(range, step)| (range, Some(step)));
        let has_step = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
        let is_range = match range.split_once('-') {
            Some((from, to)) => is_value(from) && is_value(to),
            None => is_value(range) || range == "*",
        };
        // Last day, nearest weekday, and the nth weekday of a month.
        let is_special = is_day
            && match range {
                "?" | "L" | "LW" => true,
                _ => match range.split_once('#') {
                    Some((day, nth)) => is_value(day) && matches!(nth, "1" | "2" | "3" | "4" | "5"),
                    None => range.strip_suffix(['L', 'W']).is_some_and(is_value),
                },
            };
        has_step && (is_range || is_special)
    })
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn schedules_are_told_from_what_is_none() {
        let check = |text: &str, is_right: bool| {
            assert_eq!(fault(text, true).is_none(), is_right, "{text}: {:?}", fault(text, true));
        };
        check("rate(1 minute)", true);
        check("rate(5 minutes)", true);
        check("rate(1 minutes)", false);
        check("rate(5 minute)", false);
        check("rate(0 minutes)", false);
        check("rate(5)", false);
        check("rate(x hours)", false);
        check("cron(10 0 * * ? *)", true);
        check("cron(0/15 8-18 ? * MON-FRI *)", true);
        check("cron(0 12 L * ? 2027)", true);
        check("cron(0 12 ? * 6#3 *)", true);
        check("cron(0 12 15W * ? *)", true);
        check("cron(0 12 * * * *)", false);
        check("cron(0 12 ? * ? *)", false);
        check("cron(60 12 * * ? *)", false);
        check("cron(0 24 * * ? *)", false);
        check("cron(0 12 * * ?)", false);
        check("cron(0 12 * FOO ? *)", false);
        check("cron(*/0 12 * * ? *)", false);
        check("at(2027-01-01T00:00:00)", true);
        check("every day", false);
    }

    #[test]
    fn rules_take_no_single_time() {
        assert!(fault("at(2027-01-01T00:00:00)", false).is_some());
    }
}
