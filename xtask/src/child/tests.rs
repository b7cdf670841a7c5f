use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{last_line, output, quiet_output, run, silent, start, start_owned};

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[test]
fn a_failing_child_is_named_with_its_exit_code() {
    let error = run(&mut shell("exit 7")).unwrap_err().to_string();
    assert_eq!(error, "sh -c failed (exit status: 7)");
}

#[test]
fn a_missing_program_is_named() {
    let error = run(&mut Command::new("no-such-program-here")).unwrap_err();
    assert_eq!(error.to_string(), "cannot start no-such-program-here");
}

#[test]
fn output_is_standard_output_alone() {
    let text = output(&mut shell("echo out; echo err >&2")).unwrap();
    assert_eq!(text, "out\n");
}

#[test]
fn a_quiet_command_explains_itself_only_when_it_fails() {
    let text = quiet_output(&mut shell("echo out; echo err >&2")).unwrap();
    assert_eq!(text, "out\n");
    let error = quiet_output(&mut shell("echo the reason >&2; exit 3")).unwrap_err();
    assert_eq!(format!("{error:#}"), "the reason");
}

#[test]
fn the_reason_is_the_last_line() {
    assert_eq!(last_line("Collecting x\nerror: no route\n\n"), "no route");
    assert_eq!(last_line("\n"), "no reason given");
}

#[test]
fn silent_keeps_both_outputs_in_order() {
    let (status, text) = silent(&mut shell("echo 1; echo 2 >&2; echo 3; exit 3")).unwrap();
    assert_eq!((status.code(), text.as_str()), (Some(3), "1\n2\n3\n"));
}

#[test]
fn a_dropped_child_takes_its_own_children_along() {
    // Both sleepers hold the pipe: it ends when the last of them has gone.
    let mut running = start(shell("sleep 60 & sleep 60").stdout(Stdio::piped())).unwrap();
    let mut stdout = running.child.stdout.take().unwrap();
    assert!(running.ended().unwrap().is_none());
    drop(running);
    let start = Instant::now();
    stdout.read_to_end(&mut Vec::new()).unwrap();
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_dropped_service_is_asked_before_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("said");
    let script = format!(
        "trap 'echo bye >{}; exit' TERM; echo ready; while :; do sleep 0.05; done",
        file.display()
    );
    let mut running = start_owned(shell(&script).stdout(Stdio::piped()), Duration::from_secs(30)).unwrap();
    let mut ready = [0; 6];
    running.child.stdout.take().unwrap().read_exact(&mut ready).unwrap();
    drop(running);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "bye\n");
}

#[test]
fn a_service_that_does_not_listen_is_killed() {
    let mut command = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    let mut running = start_owned(command.stdout(Stdio::piped()), Duration::from_millis(50)).unwrap();
    let mut stdout = running.child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 6]).unwrap();
    drop(running);
    assert_eq!(stdout.read_to_end(&mut Vec::new()).unwrap(), 0);
}
