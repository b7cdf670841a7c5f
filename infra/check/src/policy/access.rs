//! IAM, KMS, secrets and Cognito: who is let in, and with which keys.

use super::{Demand, Policy, ensure};
use crate::check::{Check, Resource};
use crate::rule::Rule;
use crate::tree::Tree;

const ROLE: &[&str] = &["AWS::IAM::Role"];
const POOL: &[&str] = &["AWS::Cognito::UserPool"];
const CLIENT: &[&str] = &["AWS::Cognito::UserPoolClient"];
const SECRET: &[&str] = &["AWS::SecretsManager::Secret"];

pub(super) static POLICIES: &[Policy] = &[
    Policy::new(
        Rule::error(
            "role-not-administrator",
            "a role is no administrator",
            "grant what it needs",
            &[
                "CKV_AWS_274",
                "IAM_ROLE_ADMINISTRATOR_ACCESS_POLICY_RULE",
                "IAM_ROLE_ELEVATED_MANAGED_POLICY_RULE",
            ],
        ),
        ROLE,
        Demand::Holds(|_, role| {
            let elevated = ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"];
            ensure(
                !has_managed(role, |name| elevated.contains(&name)),
                "a managed policy gives all rights",
            )
        }),
    ),
    Policy::new(
        Rule::warning(
            "role-managed-policy",
            "a role has policies of its own, not those that AWS manages",
            "grant what it needs",
            &["AwsSolutions-IAM4"],
        ),
        ROLE,
        Demand::Holds(|_, role| ensure(!has_managed(role, |_| true), "a policy is AWS's, and may grow")),
    ),
    Policy::new(
        Rule::error(
            "policy-not-on-user",
            "rights are given to roles and groups, not to users",
            "attach the policy to a role",
            &["CKV_AWS_40", "IAM_NO_POLICY_ON_USER"],
        ),
        &["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"],
        Demand::Holds(|_, policy| {
            ensure(
                policy.at("Users").is_none_or(|users| users.items().is_empty()),
                "it is attached to users",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "key-rotation",
            "a key is rotated every year",
            "set EnableKeyRotation to true",
            &["CKV_AWS_7", "CMK_BACKING_KEY_ROTATION_ENABLED", "AwsSolutions-KMS5"],
        ),
        &["AWS::KMS::Key"],
        Demand::Holds(rotates),
    ),
    Policy::new(
        Rule::error(
            "key-enabled",
            "a key is enabled",
            "remove Enabled, or set it to true",
            &["CKV_AWS_227"],
        ),
        &["AWS::KMS::Key"],
        Demand::Holds(|_, key| {
            ensure(
                key.at("Enabled").and_then(Tree::truth) != Some(false),
                "Enabled is false",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "secret-encrypted",
            "a secret is encrypted with a key of ours",
            "set KmsKeyId",
            &["CKV_AWS_149", "SECRETSMANAGER_USING_CMK"],
        ),
        SECRET,
        Demand::Set("KmsKeyId"),
    ),
    Policy::new(
        Rule::warning(
            "secret-rotation",
            "a secret is rotated",
            "add a RotationSchedule",
            &["AwsSolutions-SMG4", "SECRETSMANAGER_ROTATION_ENABLED_CHECK"],
        ),
        SECRET,
        Demand::Holds(|cx, secret| {
            let rotates = |it: &Resource<'_>| {
                it.kind == "AWS::SecretsManager::RotationSchedule"
                    && it.at("SecretId").and_then(Tree::target) == Some(secret.id)
            };
            ensure(cx.resources.iter().any(rotates), "no RotationSchedule names it")
        }),
    ),
    Policy::new(
        Rule::error(
            "secret-not-literal",
            "no secret stands in the template",
            "use GenerateSecretString, or set the value by hand",
            &[],
        ),
        SECRET,
        Demand::Holds(|_, secret| {
            ensure(
                secret
                    .at("SecretString")
                    .is_none_or(|text| text.text().is_none_or(|text| text.starts_with("{{resolve:"))),
                "SecretString is a literal",
            )
        }),
    ),
    Policy::new(
        Rule::error(
            "parameter-no-secret",
            "no parameter holds a secret",
            "keep it in Secrets Manager",
            &["CKV_AWS_384"],
        ),
        &["AWS::SSM::Parameter"],
        Demand::Holds(|_, parameter| super::compute::no_secret(parameter.at("Value"))),
    ),
    Policy::new(
        Rule::warning(
            "pool-mfa",
            "users have a second factor",
            "set MfaConfiguration to ON or OPTIONAL",
            &["AwsSolutions-COG2", "COGNITO_USER_POOL_MFA_CONFIGURATION_RULE"],
        ),
        POOL,
        Demand::Is("MfaConfiguration", &["ON", "OPTIONAL"]),
    ),
    Policy::new(
        Rule::error(
            "pool-password",
            "a password has at least 8 characters of all kinds",
            "set MinimumLength and all Require members of PasswordPolicy",
            &["AwsSolutions-COG1"],
        ),
        POOL,
        Demand::Holds(has_password_policy),
    ),
    Policy::new(
        Rule::error(
            "client-no-implicit",
            "an app client puts no token into an address",
            "take implicit out of AllowedOAuthFlows; the code flow needs no secret either",
            &[],
        ),
        CLIENT,
        Demand::Holds(|_, client| {
            let flows = client.at("AllowedOAuthFlows").map_or(&[][..], Tree::items);
            ensure(
                !flows.iter().any(|flow| flow.text() == Some("implicit")),
                "AllowedOAuthFlows has implicit",
            )
        }),
    ),
    Policy::new(
        Rule::warning(
            "client-hides-users",
            "an app client does not tell who has an account",
            "set PreventUserExistenceErrors to ENABLED",
            &[],
        ),
        CLIENT,
        Demand::Is("PreventUserExistenceErrors", &["ENABLED"]),
    ),
    Policy::new(
        Rule::error(
            "identity-pool-no-guests",
            "nobody gets credentials without signing in",
            "set AllowUnauthenticatedIdentities to false",
            &[
                "CKV_AWS_366",
                "AwsSolutions-COG7",
                "COGNITO_ALLOW_UNAUTHENTICATED_IDENTITIES_RULE",
            ],
        ),
        &["AWS::Cognito::IdentityPool"],
        Demand::NotTrue("AllowUnauthenticatedIdentities"),
    ),
];

/// Whether a role has a policy that AWS manages, of a name that counts.
fn has_managed(role: &Resource<'_>, counts: impl Fn(&str) -> bool) -> bool {
    let arns = role.at("ManagedPolicyArns").map_or(&[][..], Tree::items);
    let texts = arns.iter().filter_map(|arn| match arn.call() {
        Some(("Fn::Sub", argument)) => argument.text(),
        _ => arn.text(),
    });
    let names = texts.filter_map(|arn| arn.split_once(":iam::aws:policy/").map(|(_, name)| name));
    names
        .into_iter()
        .any(|name| counts(name.rsplit('/').next().unwrap_or_default()))
}

fn rotates(_: &Check<'_>, key: &Resource<'_>) -> Result<(), String> {
    // Keys with two halves, and those for message codes, cannot be rotated.
    let spec = key.at("KeySpec").and_then(Tree::text).unwrap_or("SYMMETRIC_DEFAULT");
    let rotation = key.at("EnableKeyRotation");
    let is_on = rotation.is_some_and(|rotation| rotation.truth() == Some(true) || rotation.call().is_some());
    ensure(is_on || spec != "SYMMETRIC_DEFAULT", "EnableKeyRotation is not true")
}

fn has_password_policy(_: &Check<'_>, pool: &Resource<'_>) -> Result<(), String> {
    let Some(policy) = pool.at("Policies.PasswordPolicy") else {
        return Err("Policies.PasswordPolicy is not set".to_owned());
    };
    let kinds = [
        "RequireLowercase",
        "RequireNumbers",
        "RequireSymbols",
        "RequireUppercase",
    ];
    let is_long = policy
        .get("MinimumLength")
        .is_some_and(|length| length.number().is_none_or(|length| length >= 8.0));
    let is_mixed = kinds
        .iter()
        .all(|name| policy.get(name).is_some_and(|it| it.truth() != Some(false)));
    ensure(is_long && is_mixed, "the password policy is weak")
}
