//! The guide's API, as anybody or as a user who has signed in.

use anyhow::{Context as _, Result, anyhow};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use tv_guide::contract::output;

use super::password::{self, Password};
use crate::aws::{Answer, Aws, Service, http};
use crate::outputs::Outputs;

/// Who asks; nobody in particular where no password is given.
#[derive(Debug, clap::Args)]
pub(super) struct Who {
    /// Whom to sign in as, with --password [default: the stack's test user]
    #[arg(long, value_name = "EMAIL", requires = "password")]
    user: Option<String>,
    /// The password; without it the API is asked as nobody
    #[arg(long, value_name = "TEXT", env = password::VARIABLE, hide_env_values = true)]
    password: Option<Password>,
}

/// The API, and the token of who asks.
pub(super) struct Api {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SignedIn {
    authentication_result: Option<Tokens>,
    challenge_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tokens {
    access_token: String,
}

impl Api {
    /// Signs in where there is a password.
    pub(super) async fn open(who: &Who, outputs: &Outputs) -> Result<Self> {
        let token = match &who.password {
            None => None,
            Some(password) => Some(sign_in(who.user.as_deref(), password, outputs).await?),
        };
        Ok(Api {
            http: http()?,
            url: outputs.get(output::API_URL)?.trim_end_matches('/').to_owned(),
            token,
        })
    }

    /// Asks; whatever the status of the answer is.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<String>) -> Result<Answer> {
        let url = format!("{}{path}", self.url);
        let mut request = self.http.request(method.clone(), &url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let failed = |error: reqwest::Error| anyhow::Error::new(error).context(format!("cannot ask {method} {path}"));
        Answer::read(request.send().await.map_err(failed)?)
            .await
            .map_err(failed)
    }
}

async fn sign_in(user: Option<&str>, password: &Password, outputs: &Outputs) -> Result<String> {
    let user = match user {
        Some(user) => user,
        None => outputs.get(output::TEST_USERNAME)?,
    };
    let request = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": outputs.get(output::USER_POOL_CLIENT_ID)?,
        "AuthParameters": {
            "USERNAME": user,
            "PASSWORD": password.reveal(),
        },
    });
    let aws = Aws::connect().await?;
    let answer = aws.json(Service::Cognito, INITIATE_AUTH, &request).await;
    let signed_in: SignedIn = answer.with_context(|| format!("cannot sign in as {user}"))?.json()?;
    let tokens = signed_in.authentication_result.ok_or_else(|| {
        let challenge = signed_in.challenge_name.as_deref().unwrap_or("more than a password");
        anyhow!("signing in as {user} asks for {challenge}; set a password with `cargo xtask guide user add`")
    })?;
    Ok(tokens.access_token)
}

const INITIATE_AUTH: &str = "AWSCognitoIdentityProviderService.InitiateAuth";
