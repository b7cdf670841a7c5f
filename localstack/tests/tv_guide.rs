//! The TV guide, end to end: what the upstreams say comes to its viewers, whole and once, and to
//! nobody else.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use localstack_tests::tv_guide::{PASSWORD, TvGuide, cognito, sign_in};
use localstack_tests::{checked, eventually};
use serde_json::{Value, json};
use tv_guide::contract::output;

#[test]
fn what_the_upstreams_say_comes_to_each_viewer_once() -> Result<()> {
    let guide = TvGuide::deploy()?;
    let filled = guide.fill()?;
    guide.settle(filled)?;
    let [kim, kim_id] = guide.user("kim@example.com")?;
    let [lou, _] = guide.user("lou@example.com")?;

    only_true_tokens_are_believed(&guide, &kim, &kim_id)?;
    each_has_his_own(&guide, &kim, &lou)?;
    let moved = a_move_is_told_once_to_each(&guide, &[&kim, &lou])?;
    guide.settle(filled + moved)?;
    Ok(())
}

fn only_true_tokens_are_believed(guide: &TvGuide, access: &str, id: &str) -> Result<()> {
    let stranger = stranger()?;
    let parts: Vec<&str> = access.split('.').collect();
    let [head, claims, signature] = parts.as_slice() else {
        anyhow::bail!("{access} is no token");
    };
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    let shifted = format!("{head}.{claims}A.{signature}");
    let foreign_head = stranger.split('.').next().unwrap_or_default();
    let mixed = format!("{foreign_head}.{claims}.{signature}");
    for (what, token) in [
        ("none", ""),
        ("what is no token", "secret"),
        ("one without a signature", unsigned.as_str()),
        ("one whose claims were changed", shifted.as_str()),
        ("one of another pool", stranger.as_str()),
        ("one with another pool's key", mixed.as_str()),
        ("one that says who, not what is allowed", id),
    ] {
        for (method, path) in [("GET", "/preferences"), ("GET", "/favourites"), ("GET", "/titles")] {
            let answer = guide.ask(method, path, token, "")?;
            assert_eq!(answer.status, 401, "{what}: {method} {path}: {}", answer.body);
        }
    }
    assert_eq!(guide.ask("GET", "/preferences", access, "")?.status, 200);
    Ok(())
}

/// An access token of a pool that is none of the guide's, as true as any.
fn stranger() -> Result<String> {
    let pool = cognito("CreateUserPool", &json!({ "PoolName": "another" }))?;
    let pool = pool["UserPool"]["Id"].as_str().context("a pool")?.to_owned();
    let client = json!({
        "UserPoolId": pool, "ClientName": "another", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    });
    let client = cognito("CreateUserPoolClient", &client)?;
    let client = client["UserPoolClient"]["ClientId"]
        .as_str()
        .context("a client")?
        .to_owned();
    let name = "kim@example.com";
    cognito(
        "AdminCreateUser",
        &json!({ "UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS" }),
    )?;
    let password = json!({ "UserPoolId": pool, "Username": name, "Password": PASSWORD, "Permanent": true });
    cognito("AdminSetUserPassword", &password)?;
    let [access, _] = sign_in(&client, name)?;
    Ok(access)
}

fn each_has_his_own(guide: &TvGuide, kim: &str, lou: &str) -> Result<()> {
    let wanted = json!({ "sources": ["203"], "genres": ["4"] });
    assert_eq!(guide.ask("PUT", "/preferences", kim, &wanted.to_string())?.status, 204);
    assert_eq!(guide.ask("PUT", "/favourites/title/1", kim, "")?.status / 100, 2);
    assert_eq!(guide.ask("GET", "/preferences", kim, "")?.json()?, wanted);
    assert_eq!(
        guide.ask("GET", "/preferences", lou, "")?.json()?,
        json!({ "sources": [], "genres": [] })
    );
    let favourites = |token: &str| -> Result<usize> {
        let answer = guide.ask("GET", "/favourites", token, "")?.json()?;
        Ok(answer["favourites"].as_array().context("a list")?.len())
    };
    assert_eq!((favourites(kim)?, favourites(lou)?), (1, 0));
    guide.ask("DELETE", "/favourites/title/1", lou, "")?;
    assert_eq!(favourites(kim)?, 1, "one user has deleted what is the other's");
    Ok(())
}

/// Moves a programme that all follow; gives how many records that brought about.
fn a_move_is_told_once_to_each(guide: &TvGuide, tokens: &[&str]) -> Result<u64> {
    let programmes = guide.programmes()?;
    let soon = programmes.len() * 3 / 4;
    let followed = programmes
        .iter()
        .skip(soon)
        .find(|programme| programme["show_id"].is_string());
    let followed = followed.context("a programme of a show is coming")?;
    let id = |name: &str| followed[name].as_str().context("an id");
    for token in tokens {
        let path = format!("/favourites/show/{}", id("show_id")?);
        assert_eq!(guide.ask("PUT", &path, token, "")?.status / 100, 2);
    }
    // One more than may come: the last wait ends in vain.
    let count = (tokens.len() + 1).to_string();
    let arguments = [
        "guide",
        "notifications",
        "--kind",
        "moved",
        "--json",
        "--within",
        "45",
        "--count",
        &count,
    ];
    let mut listener = guide
        .operator("tv-guide-cli", &arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut said = String::new();
    BufReader::new(listener.stderr.as_mut().context("a pipe")?).read_line(&mut said)?;
    ensure!(said.starts_with("listening"), "the listener says {said}");
    let programme: u64 = id("program_id")?.parse()?;
    let edit = json!([{ "edit": "move_programme", "id": programme, "later": 10 }]);
    guide.upstreams.edit(&edit)?;
    let published = guide.ingest()?;
    let said = listener.wait_with_output()?;
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for line in String::from_utf8(said.stdout)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        assert_eq!(message["after"]["program_id"], followed["program_id"], "{message}");
        *told
            .entry(message["user"].as_str().context("a user")?.to_owned())
            .or_default() += 1;
    }
    assert_eq!(told.len(), tokens.len(), "{told:?}");
    assert!(told.values().all(|times| *times == 1), "{told:?}");
    Ok(published)
}

#[test]
fn nothing_is_lost_to_spoilt_answers_bad_records_or_a_killed_consumer() -> Result<()> {
    let guide = TvGuide::deploy()?;
    guide.upstreams.spoil_tvmaze(&json!([
        { "fault": "retry_after", "match": "/schedule", "position": 2, "retry_after": 1 },
        { "fault": "status", "match": "/schedule", "position": 4, "status": 503 },
        { "fault": "cut", "match": "/schedule", "position": 6 },
    ]))?;
    guide.upstreams.spoil_watchmode(&json!([
        { "fault": "bad_json", "match": "/list-titles", "position": 2 },
        { "fault": "reset", "match": "/list-titles", "position": 5 },
    ]))?;
    let done = AtomicBool::new(false);
    let (published, killed) = std::thread::scope(|scope| -> Result<_> {
        let killer = scope.spawn(|| kill_again_and_again(&guide.function("tv-guide-consume"), &done));
        let published = guide.fill();
        // The consumer is still at work when ingest has ended.
        std::thread::sleep(Duration::from_secs(4));
        done.store(true, Ordering::Relaxed);
        let killed = killer.join().map_err(|_| anyhow::anyhow!("the killer has failed"))?;
        Ok((published?, killed))
    })?;
    assert!(killed > 0, "the consumer was never seen at work");

    let poison = [
        (
            r#"{"event_uuid":"1","event_name":"programme:scheduled","created_at":1,"payload":{}}"#,
            "shape",
        ),
        ("no JSON at all", "shape"),
    ];
    let input = guide.folder().join("poison.jsonl");
    fs::write(&input, poison.map(|(line, _)| format!("{line}\n")).concat())?;
    let stream = guide.output(output::PROGRAMME_STREAM_NAME)?;
    let path = input.to_string_lossy().into_owned();
    checked(&mut guide.operator("lake-cli", &["produce", "--stream", &stream, "--input", &path]))?;
    let kept = eventually(|| {
        let kept = guide.guide(&["quarantine", "--json"])?;
        Ok((kept.lines().count() >= poison.len()).then_some(kept))
    })?;
    for line in kept.lines() {
        let record: Value = serde_json::from_str(line)?;
        let codes = poison.map(|(_, code)| code);
        assert!(codes.contains(&record["code"].as_str().unwrap_or_default()), "{record}");
        assert!(
            record["reason"].as_str().is_some_and(|reason| !reason.is_empty()),
            "{record}"
        );
    }
    assert_eq!(kept.lines().count(), poison.len());
    // The lake takes the first one, which is an event, and refuses the second.
    guide.settle(published + 1)?;
    Ok(())
}

/// Kills the processes of a function with SIGKILL wherever they are seen, a few times; gives how
/// many.
fn kill_again_and_again(function: &str, done: &AtomicBool) -> usize {
    const MOST: usize = 6;
    let wanted = format!("AWS_LAMBDA_FUNCTION_NAME={function}");
    let mut killed = 0;
    while !done.load(Ordering::Relaxed) && killed < MOST {
        for process in processes_with(&wanted) {
            let kill = Command::new("kill").args(["-KILL", &process]).status();
            killed += usize::from(kill.is_ok_and(|status| status.success()));
        }
        std::thread::sleep(Duration::from_millis(400));
    }
    killed
}

/// The processes that have this variable in their environment.
fn processes_with(variable: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|held| held == variable.as_bytes())
        })
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn the_key_is_in_no_log() -> Result<()> {
    let guide = TvGuide::deploy()?;
    let all = json!({ "refresh_sources": "Y", "refresh_genres": "Y", "regions": "GB" });
    for status in [401, 402] {
        let rules = json!([{ "fault": "status", "status": status }]);
        guide.upstreams.spoil_watchmode(&rules)?;
        let refused = guide.invoke("tv-guide-reference", &all);
        assert!(refused.is_err(), "{status} from Watchmode is {refused:?}");
    }
    guide.upstreams.spoil_watchmode(&json!([]))?;
    guide.fill()?;
    for function in ["tv-guide-reference", "tv-guide-ingest", "tv-guide-consume"] {
        let logs = checked(&mut guide.operator("tv-guide-cli", &["logs", function, "--since", "1h"]))?;
        let logs = String::from_utf8(logs.stdout)?;
        ensure!(
            function == "tv-guide-consume" || !logs.is_empty(),
            "{function} has logged nothing"
        );
        assert!(!logs.contains("a-key-that-nobody-logs"), "{function} logs the key");
    }
    Ok(())
}
