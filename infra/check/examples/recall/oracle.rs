//! The outside oracles: cfn-lint and checkov, many templates per process.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What both sides found of a fault.
pub(crate) struct Found {
    /// How many findings of ours.
    pub(crate) ours: usize,
    /// The oracle's rules.
    pub(crate) theirs: Vec<String>,
}

/// An outside checker.
pub(crate) struct Oracle {
    name: &'static str,
    python: PathBuf,
}

/// Templates per process: starting one takes longer than checking a template.
const CHUNK: usize = 25;

impl Oracle {
    pub(crate) fn cfn_lint(python: &Path) -> Self {
        Oracle {
            name: "cfn-lint",
            python: python.to_owned(),
        }
    }

    pub(crate) fn checkov(python: &Path) -> Self {
        Oracle {
            name: "checkov",
            python: python.to_owned(),
        }
    }

    /// Name and version.
    pub(crate) fn version(&self) -> Result<String> {
        let code = format!("import importlib.metadata as m; print(m.version('{}'))", self.name);
        let output = Command::new(&self.python).args(["-c", &code]).output()?;
        Ok(format!("{} {}", self.name, String::from_utf8(output.stdout)?.trim()))
    }

    /// Entry and rule of each finding, per template.
    pub(crate) fn ask(&self, files: &[PathBuf]) -> Result<Vec<Vec<(String, String)>>> {
        let mut findings = vec![Vec::new(); files.len()];
        for (chunk, files) in files.chunks(CHUNK).enumerate() {
            eprintln!("{} {} of {}", self.name, chunk * CHUNK + files.len(), findings.len());
            let mut command = Command::new(&self.python);
            match self.name {
                "cfn-lint" => command
                    .args([
                        "-c",
                        "import cfnlint.runner as r; r.main()",
                        "--regions",
                        "eu-west-2",
                        "--include-checks",
                        "I",
                        "--format",
                        "json",
                        "--template",
                    ])
                    .args(files),
                _ => {
                    command.args([
                        "-m",
                        "checkov.main",
                        "--framework",
                        "cloudformation",
                        "--compact",
                        "--quiet",
                    ]);
                    command.args(["--skip-download", "--output", "json"]);
                    files
                        .iter()
                        .fold(&mut command, |command, file| command.arg("--file").arg(file))
                }
            };
            let output = command
                .output()
                .with_context(|| format!("cannot start {}", self.name))?;
            let json: Value = serde_json::from_slice(&output.stdout)
                .with_context(|| format!("{} said {}", self.name, String::from_utf8_lossy(&output.stderr)))?;
            let at = |name: &str| {
                files.iter().position(|file| {
                    file.ends_with(name.trim_start_matches('/'))
                        || name.ends_with(&*file.file_name().unwrap_or_default().to_string_lossy())
                })
            };
            for (file, place, rule) in self.read(&json)? {
                let Some(at) = at(&file) else {
                    bail!("{} speaks of {file}", self.name)
                };
                findings[chunk * CHUNK + at].push((place, rule));
            }
        }
        Ok(findings)
    }

    /// File, entry and rule of each finding.
    fn read(&self, json: &Value) -> Result<Vec<(String, String, String)>> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if self.name == "cfn-lint" {
            let findings = json.as_array().context("cfn-lint gives a list")?;
            return Ok(findings
                .iter()
                .map(|finding| {
                    let path = finding["Location"]["Path"].as_array().map_or(&[][..], Vec::as_slice);
                    let place: Vec<String> = path.iter().take(2).map(text).collect();
                    (
                        text(&finding["Filename"]),
                        place.join("."),
                        text(&finding["Rule"]["Id"]),
                    )
                })
                .collect());
        }
        let failed = json["results"]["failed_checks"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        Ok(failed
            .iter()
            .map(|finding| {
                let resource = text(&finding["resource"]);
                let id = resource.rsplit('.').next().unwrap_or_default();
                (
                    text(&finding["file_path"]),
                    format!("Resources.{id}"),
                    text(&finding["check_id"]),
                )
            })
            .collect())
    }
}
