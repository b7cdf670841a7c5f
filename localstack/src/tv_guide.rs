//! A TV guide with upstreams of its own, so that a test can spoil their answers and change their
//! schedules without others noticing.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tv_guide::contract::output;

use crate::mapping::at_rest;
use crate::{checked, endpoint, eventually, http, program, root};

/// The password of every user.
pub const PASSWORD: &str = "Correct-horse-7";

/// The fakes of Watchmode and TVmaze; they end when dropped.
pub struct Upstreams {
    process: Child,
    watchmode: String,
    tvmaze: String,
}

/// The key that the fake Watchmode takes.
const KEY: &str = "a-key-that-nobody-logs";

impl Upstreams {
    fn start() -> Result<Self> {
        let python = std::env::var_os("HEADEND_PYTHON").context("run these tests with `cargo xtask test it`")?;
        let mut process = Command::new(python)
            .current_dir(root())
            .arg("localstack/upstreams.py")
            // The windows of rate limits are as short as all times of the local cloud.
            .args(["--key", KEY, "--time-scale", "0.05"])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the upstreams")?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("a pipe")?).read_line(&mut line)?;
        let addresses: Value = serde_json::from_str(&line).with_context(|| format!("no addresses: {line}"))?;
        let address = |name: &str| addresses[name].as_str().map(str::to_owned).context("an address");
        Ok(Upstreams {
            watchmode: address("watchmode")?,
            tvmaze: address("tvmaze")?,
            process,
        })
    }

    /// Makes edits to what both say.
    ///
    /// # Errors
    ///
    /// When they are refused.
    pub fn edit(&self, edits: &Value) -> Result<()> {
        post(&self.tvmaze, "/_data", edits)
    }

    /// Spoils answers of TVmaze by these rules, which replace all earlier ones.
    ///
    /// # Errors
    ///
    /// When they are refused.
    pub fn spoil_tvmaze(&self, rules: &Value) -> Result<()> {
        post(&self.tvmaze, "/_faults", rules)
    }

    /// Spoils answers of Watchmode likewise.
    ///
    /// # Errors
    ///
    /// When they are refused.
    pub fn spoil_watchmode(&self, rules: &Value) -> Result<()> {
        post(self.watchmode.trim_end_matches("/v1"), "/_faults", rules)
    }
}

fn post(origin: &str, path: &str, body: &Value) -> Result<()> {
    let answer = http::send("POST", &format!("{origin}{path}"), &[], &body.to_string())?;
    ensure!(answer.status == 200, "{path}: {}", answer.body);
    Ok(())
}

impl Drop for Upstreams {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A deployed guide and its lake; destroyed when dropped.
pub struct TvGuide {
    /// What it asks.
    pub upstreams: Upstreams,
    prefix: String,
    folder: TempDir,
}

/// The stacks, which are deployed and destroyed together.
const APPS: [&str; 4] = ["--app", "lake", "--app", "tv-guide"];

/// All that the lake's table says of programmes.
const COUNTS: &str = "SELECT count(*) AS records, \
    count(DISTINCT CASE WHEN event_name = 'programme:scheduled' \
    THEN json_extract_scalar(payload, '$.payload.program_id') END) AS programmes FROM programmes";

impl TvGuide {
    /// Deploys a guide and a lake under a random prefix.
    ///
    /// # Errors
    ///
    /// When there is no cloud, or it refuses.
    pub fn deploy() -> Result<Self> {
        let guide = TvGuide {
            upstreams: Upstreams::start()?,
            prefix: format!("g{:08x}", fastrand::u32(..)),
            folder: TempDir::new()?,
        };
        let mut deploy = guide.infra("deploy");
        let Upstreams { watchmode, tvmaze, .. } = &guide.upstreams;
        for parameter in [
            format!("WatchmodeUrl={watchmode}"),
            format!("TvmazeUrl={tvmaze}"),
            "WatchModeApiKey=env:WATCHMODE_KEY".to_owned(),
        ] {
            deploy.args(["--parameter", &parameter]);
        }
        let said = checked(deploy.arg("--yes").env("WATCHMODE_KEY", KEY))?;
        for text in [said.stdout, said.stderr] {
            ensure!(!String::from_utf8(text)?.contains(KEY), "deploying tells the key");
        }
        let outputs = checked(guide.infra("outputs").arg("--json"))?;
        fs::write(guide.outputs(), outputs.stdout)?;
        Ok(guide)
    }

    fn infra(&self, verb: &str) -> Command {
        let mut command = Command::new(program("infra-deploy"));
        command.current_dir(root()).arg(verb).args(APPS);
        command.args(["--env", "local", "--prefix", &self.prefix]);
        command
    }

    fn outputs(&self) -> std::path::PathBuf {
        self.folder.path().join("outputs.json")
    }

    /// A folder that goes with the guide.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// One output of the stacks.
    ///
    /// # Errors
    ///
    /// When there is none of this name.
    pub fn output(&self, name: &str) -> Result<String> {
        let outputs: Value = serde_json::from_slice(&fs::read(self.outputs())?)?;
        let output = outputs[name].as_str();
        Ok(output
            .with_context(|| format!("no output {name} in {outputs}"))?
            .to_owned())
    }

    /// An operator's program with its arguments.
    pub fn operator(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program(name));
        command
            .current_dir(self.folder.path())
            .env("HEADEND_OUTPUTS", self.outputs())
            .env("HEADEND_BEGINNING", format!("{}-local-", self.prefix))
            .args(arguments);
        command
    }

    /// The name of a program's function.
    pub fn function(&self, program: &str) -> String {
        format!("{}-local-{program}", self.prefix)
    }

    /// What `tv-guide-cli guide` prints.
    ///
    /// # Errors
    ///
    /// When it fails.
    pub fn guide(&self, arguments: &[&str]) -> Result<String> {
        let arguments = [&["guide"], arguments].concat();
        let output = checked(&mut self.operator("tv-guide-cli", &arguments))?;
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs a function; gives the body of its answer.
    ///
    /// # Errors
    ///
    /// When it fails, or answers anything but 200.
    pub fn invoke(&self, program: &str, payload: &Value) -> Result<Value> {
        let arguments = ["invoke", program, "--payload", &payload.to_string()];
        let output = checked(&mut self.operator("tv-guide-cli", &arguments))?;
        let answer: Value = serde_json::from_slice(&output.stdout)?;
        ensure!(answer["statusCode"] == 200, "{program} answers {answer}");
        Ok(serde_json::from_str(answer["body"].as_str().context("a body")?)?)
    }

    /// Has sources, genres, titles and schedules fetched; gives how many records were published.
    ///
    /// # Errors
    ///
    /// When either function fails.
    pub fn fill(&self) -> Result<u64> {
        let all = json!({ "refresh_sources": "Y", "refresh_genres": "Y", "regions": "GB" });
        self.invoke("tv-guide-reference", &all)?;
        self.ingest()
    }

    /// Has titles and schedules fetched; gives how many records were published.
    ///
    /// # Errors
    ///
    /// When the function fails.
    pub fn ingest(&self) -> Result<u64> {
        let said = self.invoke("tv-guide-ingest", &json!({}))?;
        ensure!(said["rejected"] == json!([]), "{said}");
        said["records"].as_u64().with_context(|| format!("no count in {said}"))
    }

    /// Waits until as many records as were published are rows of the lake, the guide has all
    /// programmes that they speak of, and no function has anything left to do; gives how many
    /// programmes there are.
    ///
    /// # Errors
    ///
    /// When more arrive, or fewer for too long.
    pub fn settle(&self, published: u64) -> Result<usize> {
        eventually(|| {
            let (rows, programmes) = self.lake()?;
            ensure!(rows <= published, "{rows} rows of {published} records");
            Ok((rows == published).then_some(programmes))
        })?;
        let (_, programmes) = self.lake()?;
        at_rest(&self.function(""))?;
        eventually(|| {
            let shown = self.programmes()?.len();
            Ok((shown == programmes).then_some(shown))
        })
    }

    /// Rows and programmes in the lake.
    fn lake(&self) -> Result<(u64, usize)> {
        let output = checked(&mut self.operator("lake-cli", &["query", "--format", "json", COUNTS]))?;
        let rows: Value = serde_json::from_slice(&output.stdout)?;
        let count = |name: &str| rows[0][name].as_u64().with_context(|| format!("no {name} in {rows}"));
        Ok((count("records")?, usize::try_from(count("programmes")?)?))
    }

    /// Every programme of the guide.
    ///
    /// # Errors
    ///
    /// When the API does not answer.
    pub fn programmes(&self) -> Result<Vec<Value>> {
        let lines = self.guide(&["programmes", "--back", "48", "--ahead", "216"])?;
        lines.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    /// Adds a user; gives the access token and the id token of a first sign-in.
    ///
    /// # Errors
    ///
    /// When Cognito refuses.
    pub fn user(&self, email: &str) -> Result<[String; 2]> {
        self.guide(&["user", "add", "--email", email, "--password", PASSWORD])?;
        sign_in(&self.output(output::USER_POOL_CLIENT_ID)?, email)
    }

    /// Asks the API; an empty token is none.
    ///
    /// # Errors
    ///
    /// When nobody answers.
    pub fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> Result<http::Answer> {
        let url = format!("{}{path}", self.output(output::API_URL)?);
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("content-type", "application/json")];
        if !token.is_empty() {
            headers.push(("authorization", bearer.as_str()));
        }
        http::send(method, &url, &headers, body)
    }
}

impl Drop for TvGuide {
    fn drop(&mut self) {
        // The cloud goes with the test run, so what is left behind hurts nobody.
        let _ = checked(self.infra("destroy").args(["--yes", "--empty-buckets"]));
    }
}

/// Calls Cognito of the local cloud.
///
/// # Errors
///
/// When it refuses.
pub fn cognito(operation: &str, body: &Value) -> Result<Value> {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", &target),
    ];
    let answer = http::send("POST", &endpoint()?, &headers, &body.to_string())?;
    ensure!(answer.status == 200, "{operation}: {}", answer.body);
    answer.json()
}

/// Signs in; gives the access token and the id token.
///
/// # Errors
///
/// When Cognito refuses.
pub fn sign_in(client: &str, email: &str) -> Result<[String; 2]> {
    let tokens = cognito(
        "InitiateAuth",
        &json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": client,
            "AuthParameters": { "USERNAME": email, "PASSWORD": PASSWORD },
        }),
    )?;
    let token = |name: &str| {
        let token = tokens["AuthenticationResult"][name].as_str();
        token.map(str::to_owned).with_context(|| format!("no {name}"))
    };
    Ok([token("AccessToken")?, token("IdToken")?])
}
