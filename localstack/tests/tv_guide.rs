//! The TV guide, end to end: what the upstreams say comes to its viewers, whole and once, and to
//! nobody else.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
    let published = a_move_is_told_once_to_each(&guide, &[&kim, &lou], filled)?;
    guide.settle(published)?;
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

/// Moves two programmes of a show that all follow, one after the other; gives how many records have
/// been published since the beginning.
fn a_move_is_told_once_to_each(guide: &TvGuide, tokens: &[&str], filled: u64) -> Result<u64> {
    let [first, second] = two_of_a_show(&guide.programmes()?)?;
    for token in tokens {
        let path = format!("/favourites/show/{}", first["show_id"].as_str().context("a show")?);
        assert_eq!(guide.ask("PUT", &path, token, "")?.status / 100, 2);
    }
    let count = (2 * tokens.len()).to_string();
    let arguments = ["--kind", "moved", "--json", "--within", "540", "--count", &count];
    let mut listener = guide
        .operator(
            "tv-guide-cli",
            &[&["guide", "notifications"], arguments.as_slice()].concat(),
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let moved = (|| {
        let mut said = String::new();
        BufReader::new(listener.stderr.as_mut().context("a pipe")?).read_line(&mut said)?;
        ensure!(said.starts_with("listening"), "the listener says {said}");
        let published = filled + postpone(guide, &first)?;
        // All that the first move brings about has happened before the second one: were anybody told
        // twice, one of these messages would not be the second's.
        guide.settle(published)?;
        Ok(published + postpone(guide, &second)?)
    })();
    if moved.is_err() {
        listener.kill()?;
    }
    let said = String::from_utf8(listener.wait_with_output()?.stdout)?;
    let published = moved?;
    let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in said.lines() {
        let message: Value = serde_json::from_str(line)?;
        let user = message["user"].as_str().context("a user")?.to_owned();
        told.entry(user)
            .or_default()
            .push(message["after"]["program_id"].clone());
    }
    let each = [&first, &second].map(|programme| programme["program_id"].clone());
    assert_eq!(told.len(), tokens.len(), "{told:?}");
    assert!(told.values().all(|programmes| *programmes == each), "{told:?}");
    Ok(published)
}

/// Two programmes of one show, long before they begin.
fn two_of_a_show(programmes: &[Value]) -> Result<[Value; 2]> {
    let coming = &programmes[programmes.len() * 3 / 4..];
    let of_a_show = coming.iter().filter(|programme| programme["show_id"].is_string());
    let mut pairs = of_a_show.filter_map(|programme| {
        let is_other =
            |other: &&Value| other["show_id"] == programme["show_id"] && other["program_id"] != programme["program_id"];
        Some([programme.clone(), coming.iter().find(is_other)?.clone()])
    });
    pairs.next().context("two programmes of a show are coming")
}

/// Has TVmaze move a programme and ingest see it; gives how many records that brought about.
fn postpone(guide: &TvGuide, programme: &Value) -> Result<u64> {
    let id: u64 = programme["program_id"].as_str().context("an id")?.parse()?;
    guide
        .upstreams
        .edit(&json!([{ "edit": "move_programme", "id": id, "later": 10 }]))?;
    guide.ingest()
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
    let (done, killed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let published = std::thread::scope(|scope| -> Result<u64> {
        scope.spawn(|| kill_again_and_again(&guide.function("tv-guide-consume"), &killed, &done));
        // The consumer may still be at work when ingest has ended.
        let published = guide
            .fill()
            .and_then(|published| eventually(|| Ok((killed.load(Ordering::Relaxed) > 1).then_some(published))));
        done.store(true, Ordering::Relaxed);
        published.context("the consumer is not seen at work")
    })?;

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

/// Kills the processes of a function with SIGKILL wherever they are seen, a few times, and counts
/// them.
fn kill_again_and_again(function: &str, killed: &AtomicUsize, done: &AtomicBool) {
    const MOST: usize = 6;
    let wanted = format!("AWS_LAMBDA_FUNCTION_NAME={function}");
    while !done.load(Ordering::Relaxed) && killed.load(Ordering::Relaxed) < MOST {
        for process in processes_with(&wanted) {
            let kill = Command::new("kill").args(["-KILL", &process]).status();
            let has_killed = kill.is_ok_and(|status| status.success());
            killed.fetch_add(usize::from(has_killed), Ordering::Relaxed);
        }
        std::thread::sleep(Duration::from_millis(400));
    }
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
