//! `guide user`: who may sign in.

use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde_json::json;
use tv_guide::contract::output;

use super::password::{self, Password};
use crate::End;
use crate::aws::{Aws, Service, is_refusal};
use crate::outputs::Outputs;

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a user, or give one that there is another password; no mail is sent
    #[command(after_help = "\
Examples:
  cargo xtask guide user add                                   the test user of the stack's outputs
  cargo xtask guide user add --email kim@example.com --env dev")]
    Add {
        /// The address to sign in with [default: the stack's test user]
        #[arg(long)]
        email: Option<String>,
        /// At least 8 characters, with upper and lower case letters and digits
        #[arg(long, value_name = "TEXT", env = password::VARIABLE, hide_env_values = true)]
        password: Password,
    },
}

pub(crate) async fn run(command: &Command, outputs: &Outputs) -> Result<End> {
    let Command::Add { email, password } = command;
    let email = match email {
        Some(email) => email,
        None => outputs.get(output::TEST_USERNAME)?,
    };
    let pool = outputs.get(output::USER_POOL_ID)?;
    let aws = Aws::connect().await?;
    let user = json!({
        "UserPoolId": pool,
        "Username": email,
        "MessageAction": "SUPPRESS",
        "UserAttributes": [
            { "Name": "email", "Value": email },
            { "Name": "email_verified", "Value": "true" },
        ],
    });
    let added = match aws.json(Service::Cognito, CREATE, &user).await {
        Ok(_) => true,
        Err(error) if is_refusal(&error, "UsernameExistsException") => false,
        Err(error) => return Err(error).with_context(|| format!("cannot add {email}")),
    };
    let change = json!({ "UserPoolId": pool, "Username": email, "Password": password.reveal(), "Permanent": true });
    let changed = aws.json(Service::Cognito, SET_PASSWORD, &change).await;
    changed.with_context(|| format!("cannot set the password of {email}"))?;
    match added {
        true => eprintln!("added {email}"),
        false => eprintln!("{email} was there already; the password is the new one"),
    }
    Ok(End::Done)
}

const CREATE: &str = "AWSCognitoIdentityProviderService.AdminCreateUser";
const SET_PASSWORD: &str = "AWSCognitoIdentityProviderService.AdminSetUserPassword";
