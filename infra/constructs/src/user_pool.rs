//! People who sign in with their e-mail address: a Cognito user pool and its app clients.

use infra_core::{Handle, Template, Value, Waiver, concat_values, pseudo};
use infra_resources::cognito::{self, user_pool, user_pool_client};

/// A user pool.
pub struct UserPool {
    /// The name.
    pub name: String,
    /// The first part of the name under which Cognito serves its own pages; unique in the region.
    pub domain: Value<String>,
    /// Whether it outlives its stack, and is protected from deletion by hand.
    pub keep: bool,
}

/// Shortest password, in characters.
const PASSWORD_LENGTH: i64 = 8;

/// Days that a password is good for which an operator has set.
const TEMPORARY_DAYS: i64 = 7;

const WAIVERS: [Waiver; 3] = [
    Waiver::new(
        &["pool-password", "AwsSolutions-COG1"],
        "platform",
        "length protects a password, a symbol that must be in it does not; upper case, lower case and digits are asked for",
    ),
    Waiver::new(
        &[
            "pool-mfa",
            "AwsSolutions-COG2",
            "COGNITO_USER_POOL_MFA_CONFIGURATION_RULE",
        ],
        "platform",
        "behind the sign-in are the favourites of a TV guide; the page has no second step, so that a second factor would lock out who sets one",
    ),
    Waiver::new(
        &["AwsSolutions-COG3", "AwsSolutions-COG8"],
        "platform",
        "threat protection is billed for each user; tokens are short-lived and guesses are limited by Cognito itself",
    ),
];

impl UserPool {
    /// Adds the pool and its domain.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<cognito::UserPool> {
        let password = user_pool::PasswordPolicy {
            minimum_length: Some(PASSWORD_LENGTH.into()),
            require_lowercase: Some(true.into()),
            require_numbers: Some(true.into()),
            require_symbols: Some(false.into()),
            require_uppercase: Some(true.into()),
            temporary_password_validity_days: Some(TEMPORARY_DAYS.into()),
            ..user_pool::PasswordPolicy::new()
        };
        let recovery = user_pool::RecoveryOption {
            name: Some(user_pool::RecoveryOptionName::VerifiedEmail.into()),
            priority: Some(1.into()),
        };
        let protection = match self.keep {
            true => user_pool::DeletionProtection::Active,
            false => user_pool::DeletionProtection::Inactive,
        };
        let pool = template.add(
            id,
            cognito::UserPool {
                account_recovery_setting: Some(user_pool::AccountRecoverySetting {
                    recovery_mechanisms: Some(vec![recovery]),
                }),
                auto_verified_attributes: Some(vec![user_pool::AutoVerifiedAttribute::Email.into()]),
                deletion_protection: Some(protection.into()),
                policies: Some(user_pool::Policies {
                    password_policy: Some(password),
                    ..user_pool::Policies::new()
                }),
                user_pool_name: Some(self.name.into()),
                // What costs least and has all that is used here.
                user_pool_tier: Some(user_pool::UserPoolTier::Lite.into()),
                username_attributes: Some(vec![user_pool::UsernameAttribute::Email.into()]),
                username_configuration: Some(user_pool::UsernameConfiguration {
                    case_sensitive: Some(false.into()),
                }),
                ..cognito::UserPool::new()
            },
        );
        template.options(&pool).waive(WAIVERS);
        if !self.keep {
            template.options(&pool).delete();
        }
        template.add(
            &format!("{id}Domain"),
            cognito::UserPoolDomain::new(self.domain, pool.reference()),
        );
        pool
    }
}

/// Who issues the tokens of a pool, as they name it.
pub fn issuer(pool: &Handle<cognito::UserPool>) -> Value<String> {
    concat_values![
        "https://cognito-idp.",
        pseudo::region(),
        ".",
        pseudo::url_suffix(),
        "/",
        pool.reference()
    ]
}

/// How an app client signs people in.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// By address and password that the app itself asks for, over TLS.
    Password,
    /// On Cognito's own page, which sends a code to one of these addresses; the app exchanges it
    /// for tokens with a proof of possession (PKCE).
    ///
    /// The implicit flow would put tokens into addresses, which histories and logs keep; OAuth
    /// 2.1 has it no more, and it is not offered here.
    Code {
        /// Where a code may be sent to, and people after they have signed out.
        pages: Vec<Value<String>>,
    },
}

/// An app client without a secret, which a page could not keep.
pub struct Client<'a> {
    /// The name.
    pub name: String,
    /// The pool.
    pub pool: &'a Handle<cognito::UserPool>,
    /// How it signs people in.
    pub sign_in: SignIn,
}

/// How long an access token and an identity token are good for, in minutes.
const TOKEN_MINUTES: i64 = 60;

/// How long a refresh token is good for, in days.
const REFRESH_DAYS: i64 = 30;

impl Client<'_> {
    /// Adds the client.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<cognito::UserPoolClient> {
        use user_pool_client::ExplicitAuthFlow::{AllowRefreshTokenAuth, AllowUserPasswordAuth};
        let units = user_pool_client::TokenValidityUnits {
            access_token: Some(user_pool_client::AccessToken::Minutes.into()),
            id_token: Some(user_pool_client::IdToken::Minutes.into()),
            refresh_token: Some(user_pool_client::RefreshToken::Days.into()),
        };
        let common = cognito::UserPoolClient {
            access_token_validity: Some(TOKEN_MINUTES.into()),
            client_name: Some(self.name.into()),
            enable_token_revocation: Some(true.into()),
            generate_secret: Some(false.into()),
            id_token_validity: Some(TOKEN_MINUTES.into()),
            // Who asks for an address that is not here learns no more than who errs in a password.
            prevent_user_existence_errors: Some(user_pool_client::PreventUserExistenceErrors::Enabled.into()),
            refresh_token_validity: Some(REFRESH_DAYS.into()),
            supported_identity_providers: Some(vec!["COGNITO".into()]),
            token_validity_units: Some(units),
            ..cognito::UserPoolClient::new(self.pool.reference())
        };
        let client = match self.sign_in {
            SignIn::Password => cognito::UserPoolClient {
                explicit_auth_flows: Some(vec![AllowUserPasswordAuth.into(), AllowRefreshTokenAuth.into()]),
                ..common
            },
            SignIn::Code { pages } => cognito::UserPoolClient {
                allowed_oauth_flows: Some(vec![user_pool_client::AllowedOauthFlow::Code.into()]),
                allowed_oauth_flows_user_pool_client: Some(true.into()),
                allowed_oauth_scopes: Some(["openid", "email", "profile"].map(Value::from).into()),
                callback_urls: Some(pages.clone()),
                explicit_auth_flows: Some(vec![AllowRefreshTokenAuth.into()]),
                logout_urls: Some(pages),
                ..common
            },
        };
        template.add(id, client)
    }
}

#[cfg(test)]
mod tests {
    use infra_core::{Handle, Template, Value};
    use infra_resources::cognito;

    use super::{Client, SignIn, UserPool, issuer};

    fn pool(template: &mut Template, keep: bool) -> Handle<cognito::UserPool> {
        let pool = UserPool {
            name: "readers".to_owned(),
            domain: "readers-1".into(),
            keep,
        };
        pool.add(template, "Pool")
    }

    #[track_caller]
    fn check(sign_in: SignIn, expected: &[&str], absent: &[&str]) {
        let mut template = Template::new("a client");
        let pool = pool(&mut template, false);
        let name = "page".to_owned();
        let client = Client {
            name,
            pool: &pool,
            sign_in,
        };
        client.add(&mut template, "Client");
        assert_eq!(template.check(), Ok(()));
        let json = template.to_json();
        for expected in expected {
            assert!(json.contains(expected), "{expected} is not in {json}");
        }
        for absent in absent {
            assert!(!json.contains(absent), "{absent} is in {json}");
        }
    }

    #[test]
    fn a_page_that_asks_for_passwords_has_no_oauth_flow() {
        check(
            SignIn::Password,
            &[
                r#""ExplicitAuthFlows":["ALLOW_USER_PASSWORD_AUTH","ALLOW_REFRESH_TOKEN_AUTH"]"#,
                r#""GenerateSecret":false"#,
                r#""PreventUserExistenceErrors":"ENABLED""#,
            ],
            &["OAuth"],
        );
    }

    #[test]
    fn tokens_are_exchanged_for_codes_and_never_in_an_address() {
        let pages = vec![Value::from("https://example.com/")];
        check(
            SignIn::Code { pages },
            &[
                r#""AllowedOAuthFlows":["code"],"AllowedOAuthFlowsUserPoolClient":true"#,
                r#""CallbackURLs":["https://example.com/"]"#,
            ],
            &["implicit", "USER_PASSWORD_AUTH"],
        );
    }

    #[test]
    fn people_outlive_a_stack_that_keeps_them() {
        for (keep, expected) in [
            (
                true,
                r#""Pool":{"Type":"AWS::Cognito::UserPool","DeletionPolicy":"Retain""#,
            ),
            (
                false,
                r#""Pool":{"Type":"AWS::Cognito::UserPool","DeletionPolicy":"Delete""#,
            ),
        ] {
            let mut template = Template::new("a pool");
            pool(&mut template, keep);
            assert!(template.to_json().contains(expected));
        }
    }

    #[test]
    fn the_issuer_is_spelt_as_tokens_spell_it() {
        let mut template = Template::new("a pool");
        let pool = pool(&mut template, false);
        let expected = r#"{"Fn::Sub":"https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${Pool}"}"#;
        assert_eq!(format!("{:?}", issuer(&pool)), expected);
    }
}
