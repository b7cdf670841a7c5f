use super::{Invalid, MAX_DIMENSIONS, MAX_METRICS, Metric, Metrics, Unit};

const COUNT: Metric<'_> = Metric {
    name: "RecordsIn",
    unit: Unit::Count,
    value: 3.0,
};

const METRICS: Metrics<'_> = Metrics {
    namespace: "headend/dev",
    timestamp_ms: 1_712_511_721_022,
    dimensions: &[("Dataset", "events")],
    metrics: &[COUNT],
    properties: &[("requestId", "a \"quoted\" id")],
};

#[track_caller]
fn check(metrics: Metrics<'_>, line: Result<&str, Invalid>) {
    assert_eq!(metrics.line().as_deref(), line.as_ref().map(|line| *line));
    let mut written = Vec::new();
    let result = metrics.write(&mut written);
    assert_eq!(result.is_ok(), line.is_ok());
    assert_eq!(
        written,
        line.map_or(String::new(), |line| format!("{line}\n")).as_bytes()
    );
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("n{number}")).collect()
}

#[test]
fn a_line_is_one_object_of_the_embedded_metric_format() {
    check(
        METRICS,
        Ok(concat!(
            r#"{"_aws":{"Timestamp":1712511721022,"CloudWatchMetrics":[{"Namespace":"headend/dev","#,
            r#""Dimensions":[["Dataset"]],"Metrics":[{"Name":"RecordsIn","Unit":"Count"}]}]},"#,
            r#""Dataset":"events","requestId":"a \"quoted\" id","RecordsIn":3.0}"#,
        )),
    );
}

#[test]
fn the_limits_of_a_line_are_cloudwatchs() {
    for (count, error) in [
        (MAX_METRICS, None),
        (MAX_METRICS + 1, Some(Invalid::TooManyMetrics { count: 101 })),
    ] {
        let names = numbered(count);
        let metrics: Vec<Metric<'_>> = names.iter().map(|name| Metric { name, ..COUNT }).collect();
        let line = Metrics {
            metrics: &metrics,
            ..METRICS
        }
        .line();
        assert_eq!(line.err(), error);
    }
    for (count, error) in [
        (MAX_DIMENSIONS, None),
        (MAX_DIMENSIONS + 1, Some(Invalid::TooManyDimensions { count: 31 })),
    ] {
        let names = numbered(count);
        let dimensions: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        let line = Metrics {
            dimensions: &dimensions,
            ..METRICS
        }
        .line();
        assert_eq!(line.err(), error);
    }
}

#[test]
fn a_name_stands_for_one_thing() {
    for name in ["RecordsIn", "Dataset", "_aws"] {
        let repeated = Invalid::Repeated { name: name.to_owned() };
        check(
            Metrics {
                properties: &[(name, "x")],
                ..METRICS
            },
            Err(repeated),
        );
    }
}

#[test]
fn what_cloudwatch_would_pass_over_is_an_error() {
    check(
        Metrics {
            dimensions: &[("Dataset", "")],
            ..METRICS
        },
        Err(Invalid::Empty),
    );
    check(
        Metrics {
            namespace: "",
            ..METRICS
        },
        Err(Invalid::Empty),
    );
    check(
        Metrics {
            metrics: &[Metric {
                value: f64::NAN,
                ..COUNT
            }],
            ..METRICS
        },
        Err(Invalid::NotFinite {
            name: "RecordsIn".to_owned(),
        }),
    );
}
