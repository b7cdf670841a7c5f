//! `guide call`: one request to the API.

use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use reqwest::Method;

use super::api::{Api, Who};
use crate::End;
use crate::outputs::Outputs;

/// Ask the guide's API and print the body of its answer
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask guide call /sources
  export GUIDE_PASSWORD=...                             then as the test user:
  cargo xtask guide call '/titles?genre=7'
  cargo xtask guide call PUT /favourites/show/90001
  cargo xtask guide call PUT /preferences --body '{\"sources\":[\"203\"]}'

Exit code 1, and the status on standard error, where the answer is no success.")]
pub(crate) struct Args {
    /// GET, PUT or DELETE, then the path with its query; GET where only a path is given
    #[arg(value_name = "[METHOD] PATH", num_args = 1..=2, required = true)]
    request: Vec<String>,
    /// A body of JSON
    #[arg(long, value_name = "JSON")]
    body: Option<String>,
    #[command(flatten)]
    who: Who,
}

pub(crate) async fn run(args: &Args, outputs: &Outputs) -> Result<End> {
    let (method, path) = request(&args.request)?;
    let api = Api::open(&args.who, outputs).await?;
    let answer = api.ask(method.clone(), &path, args.body.clone()).await?;
    let mut body = answer.body;
    if !body.is_empty() {
        body.push(b'\n');
    }
    std::io::stdout()
        .write_all(&body)
        .context("cannot write to standard output")?;
    if !answer.status.is_success() {
        bail!("{method} {path} was answered with {}", answer.status);
    }
    Ok(End::Done)
}

fn request(words: &[String]) -> Result<(Method, String)> {
    let (method, path) = match words {
        [path] => (Method::GET, path),
        [method, path] => match Method::from_bytes(method.to_ascii_uppercase().as_bytes()) {
            Ok(method) => (method, path),
            Err(_) => bail!("{method} is no HTTP method"),
        },
        _ => bail!("a request is a method and a path"),
    };
    if !path.starts_with('/') {
        bail!("a path begins with a slash, and {path} does not");
    }
    Ok((method, path.clone()))
}

#[cfg(test)]
mod tests {
    use super::request;

    #[test]
    fn a_path_alone_is_got() {
        let read = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            request(&words).map(|(method, path)| format!("{method} {path}"))
        };
        assert_eq!(read(&["/guide?from=x"]).unwrap(), "GET /guide?from=x");
        assert_eq!(read(&["put", "/preferences"]).unwrap(), "PUT /preferences");
        assert!(read(&["guide"]).is_err());
        assert!(read(&["P UT", "/guide"]).is_err());
    }
}
