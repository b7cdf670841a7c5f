//! Every template of every environment against `infra-check`; an expired waiver fails here, too.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use infra_check::{Document, Finding, Setting, Severity, judge};
use infra_core::Date;
use infra_stacks::environment::Stage;
use infra_stacks::{Environment, app};

fn environments() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../environments"))
}

#[test]
fn nothing_is_open_and_every_waiver_is_needed() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    for stage in Stage::ALL {
        let environment = Environment::load(environments(), stage.name(), "headend").unwrap();
        let setting = Setting {
            today: Date::of_unix(now.as_secs()),
            environment: Some(stage.name()),
        };
        for stack in app(&environment).unwrap() {
            let verdict = judge(&Document::of(&stack.template), &setting);
            let open = verdict
                .open
                .iter()
                .filter(|finding| finding.severity() != Severity::Note);
            assert_eq!(open.collect::<Vec<_>>(), Vec::<&Finding>::new(), "{}", stack.name);
            assert!(
                !verdict.waived.is_empty(),
                "{}: what is waived is still looked for",
                stack.name
            );
            let lines = verdict
                .waived
                .iter()
                .map(|finding| finding.made_at.map(|line| line.file()));
            assert!(
                lines
                    .into_iter()
                    .all(|file| file.is_some_and(|file| file.ends_with(".rs")))
            );
        }
    }
}

#[test]
fn the_program_says_how_many_findings_are_waived() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_infra-synth"));
    command
        .args(["--env", "prod", "--check", "--environments"])
        .arg(environments());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("nothing is wrong with prod; "), "{said}");
    assert!(output.stdout.is_empty(), "a check writes no template");
}
