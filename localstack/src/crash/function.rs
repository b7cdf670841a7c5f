//! Functions that are programs of the workspace behind the proxy.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::http::{self, Answer};
use crate::program;

/// A function.
#[derive(Debug, Clone)]
pub struct Function {
    endpoint: String,
    name: String,
}

impl Function {
    /// Makes a function of a program, which takes the proxy for AWS; `timeout` is its longest run, in
    /// seconds.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub fn create(
        endpoint: &str,
        name: &str,
        program: &str,
        proxy: SocketAddr,
        timeout: usize,
        environment: &Value,
    ) -> Result<Self> {
        let function = json!({
            "FunctionName": name,
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Role": "arn:aws:iam::000000000000:role/test",
            "Timeout": timeout,
            "Code": { "ZipFile": base64_simd::STANDARD.encode_to_string(zip(&script(program, proxy))?) },
            "Environment": { "Variables": environment },
        });
        let url = format!("{endpoint}/2015-03-31/functions");
        let answer = http::send("POST", &url, &[JSON], &function.to_string())?;
        ensure!(answer.status / 100 == 2, "the function {name}: {}", answer.body);
        Ok(Function {
            endpoint: endpoint.to_owned(),
            name: name.to_owned(),
        })
    }

    /// Invokes it and waits for the answer, which is an error's where its process has died.
    ///
    /// # Errors
    ///
    /// When the cloud has no such function.
    pub fn invoke(&self, event: &Value) -> Result<Answer> {
        let url = format!("{}/2015-03-31/functions/{}/invocations", self.endpoint, self.name);
        let answer = http::send("POST", &url, &[JSON], &event.to_string())?;
        ensure!(answer.status / 100 == 2, "the function {}: {}", self.name, answer.body);
        Ok(answer)
    }
}

const JSON: (&str, &str) = ("content-type", "application/json");

/// What Lambda starts: the program, which has its process id for a key.
fn script(name: &str, proxy: SocketAddr) -> String {
    let program = program(name);
    format!(
        "#!/bin/sh\nexport AWS_ACCESS_KEY_ID=p$$ AWS_ENDPOINT_URL=http://{proxy}\nexec '{}'\n",
        program.display()
    )
}

/// A package with this start script.
fn zip(script: &str) -> Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(
        "bootstrap",
        zip::write::SimpleFileOptions::default().unix_permissions(0o755),
    )?;
    zip.write_all(script.as_bytes())?;
    Ok(zip.finish()?.into_inner())
}
