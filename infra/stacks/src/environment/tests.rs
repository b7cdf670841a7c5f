use std::path::Path;

use super::{Delivery, Environment, Setting, Stage};

const DEV: &str = include_str!("../../../../environments/dev.toml");

fn parse(text: &str) -> Result<Environment, String> {
    Environment::parse(Stage::Dev, "headend", Path::new("dev.toml"), text, &[]).map_err(|error| error.to_string())
}

/// `LINE` in what is expected is the line of `from`.
#[track_caller]
fn check_error(from: &str, to: &str, expected: &str) {
    let line = DEV.lines().position(|line| line.contains(from.trim_end()));
    let line = line.unwrap_or_else(|| panic!("the file no longer has `{from}`")) + 1;
    let expected = expected.replace("LINE", &line.to_string());
    assert_eq!(parse(&DEV.replacen(from, to, 1)).unwrap_err(), expected);
}

#[test]
fn every_environment_file_is_as_it_should_be() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
    for stage in Stage::ALL {
        let environment = Environment::load(&directory, stage.name(), "headend").unwrap();
        assert_eq!(environment.name("lake"), format!("headend-{stage}-lake"));
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_one() {
    check_error(
        "retention_hours",
        "retention_hour",
        "dev.toml:LINE: unknown key `retention_hour`: did you mean `retention_hours`?",
    );
    check_error(
        "[operations]",
        "[operation]",
        "dev.toml:LINE: unknown key `operation`: did you mean `operations`?",
    );
    check_error(
        "log_days = 14",
        "logdays = 14",
        "dev.toml:LINE: unknown key `logdays`: did you mean `log_days`?",
    );
}

#[test]
fn a_load_that_is_misspelt_or_out_of_range_is_named() {
    check_error(
        "hours_per_month = 730",
        "hours_per_month = 745",
        "dev.toml: `load.hours_per_month` is 745, but must be from 1 to 744",
    );
    check_error(
        "queries_per_day = 20",
        "queries_per_day = 20\nputs_per_hour = 10_000_000_001",
        "dev.toml: `load.puts_per_hour` is 10000000001, but must be from 0 to 10000000000",
    );
    let error = parse(&DEV.replacen("events_per_hour", "event_per_hour", 1)).unwrap_err();
    assert!(
        error.ends_with("unknown key `event_per_hour`: did you mean `events_per_hour`?"),
        "{error}"
    );
}

#[test]
fn a_budget_is_optional() {
    let without = DEV.lines().filter(|line| !line.starts_with("budget"));
    let without = parse(&without.collect::<Vec<_>>().join("\n")).unwrap();
    assert_eq!(without.settings.budget_usd_per_month, None);
    assert!(parse(DEV).unwrap().settings.budget_usd_per_month.is_some());
}

#[test]
fn a_missing_key_is_named() {
    check_error("memory_mib = 256\n", "", "dev.toml:14: missing field `memory_mib`");
}

#[test]
fn a_number_out_of_range_is_named_with_the_range() {
    check_error(
        "buffer_mib = 64",
        "buffer_mib = 5",
        "dev.toml: `lake.firehose.buffer_mib` is 5, but must be from 64 to 128",
    );
    check_error(
        "log_days = 14",
        "log_days = 15",
        "dev.toml: `operations.log_days` is 15, but CloudWatch Logs keeps logs for 14 days or another of its steps",
    );
}

#[test]
fn shards_go_with_provisioned_capacity_only() {
    check_error(
        "shards = 1\n",
        "",
        "dev.toml: `lake.stream.shards` is missing: provisioned capacity needs the number of shards",
    );
    check_error(
        "\"provisioned\"",
        "\"on-demand\"",
        "dev.toml: `lake.stream.shards` is set: with on-demand capacity AWS decides, so take it out",
    );
}

#[test]
fn the_guides_settings_are_checked_under_their_own_names() {
    check_error(
        "monthly_budget = 1_000",
        "monthly_budgets = 1_000",
        "dev.toml:LINE: unknown key `monthly_budgets`: did you mean `monthly_budget`?",
    );
    check_error(
        "api_mib = 256",
        "api_mib = 64",
        "dev.toml: `tv_guide.functions.api_mib` is 64, but must be from 128 to 10240",
    );
    check_error(
        "write_rate = 50",
        "write_rate = 101",
        "dev.toml: `tv_guide.api.write_rate` is 101, but must be from 1 to 100",
    );
    check_error(
        "events_per_hour = 200\n",
        "events_per_hour = 20_000_000_000\n",
        "dev.toml: `tv_guide.load.events_per_hour` is 20000000000, but must be from 0 to 10000000000",
    );
    let (lake, guide) = DEV.split_once("[tv_guide.stream]").unwrap();
    let without = format!("{lake}[tv_guide.stream]{}", guide.replacen("shards = 1\n", "", 1));
    assert_eq!(
        parse(&without).unwrap_err(),
        "dev.toml: `tv_guide.stream.shards` is missing: provisioned capacity needs the number of shards"
    );
}

#[test]
fn each_stack_is_priced_by_its_own_load() {
    let environment = parse(DEV).unwrap();
    let load = |stack: &str| environment.load_of(&environment.name(stack)).events_per_hour;
    assert_eq!((load("lake"), load("tv-guide")), (1_000, 200));
}

#[test]
fn a_name_that_is_none_is_answered_with_the_nearest() {
    let error = Environment::load(Path::new("."), "production", "headend").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no environment `production`: did you mean `prod`? (local, dev, staging or prod)"
    );
}

#[test]
fn a_prefix_must_fit_a_bucket_name() {
    for prefix in [
        "",
        "x",
        "Upper",
        "1st",
        "under_score",
        "ends-",
        "far-too-long-for-a-bucket",
    ] {
        let error = Environment::parse(Stage::Dev, prefix, Path::new("dev.toml"), DEV, &[])
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(&format!("the prefix `{prefix}` must be")), "{error}");
    }
}

#[track_caller]
fn check_set(settings: &[&str], expected: Result<(Delivery, Option<u16>), &str>) {
    let settings: Vec<Setting> = settings.iter().map(|text| text.parse().unwrap()).collect();
    let found = Environment::parse(Stage::Dev, "headend", Path::new("dev.toml"), DEV, &settings);
    let found = found.map(|found| (found.settings.lake.delivery, found.settings.lake.stream.shards));
    assert_eq!(
        found.map_err(|error| error.to_string()),
        expected.map_err(str::to_owned)
    );
}

#[test]
fn a_setting_said_anew_counts_for_one_run() {
    check_set(&[], Ok((Delivery::Direct, Some(1))));
    check_set(&["lake.delivery=firehose"], Ok((Delivery::Firehose, Some(1))));
    check_set(
        &[
            "lake.stream.shards=2",
            "lake.delivery = \"direct\"",
            "lake.stream.shards=3",
        ],
        Ok((Delivery::Direct, Some(3))),
    );
}

#[test]
fn a_setting_that_does_not_fit_is_named() {
    check_set(
        &["lake.stream.shards=2", "lake.deliver=direct"],
        Err("`--set lake.deliver=\"direct\"`: unknown key `deliver`: did you mean `delivery`?"),
    );
    check_set(
        &["lake.stream.shards=many"],
        Err("`--set lake.stream.shards=\"many\"`: invalid type: string \"many\", expected u16"),
    );
    check_set(
        &["lake.stream.shards=501"],
        Err("dev.toml: `lake.stream.shards` is 501, but must be from 1 to 500"),
    );
    for text in ["lake.delivery", "=direct", "lake..delivery=direct"] {
        let refused = text.parse::<Setting>().unwrap_err().to_string();
        assert!(refused.starts_with(&format!("`{text}` is no setting: ")), "{refused}");
    }
}
