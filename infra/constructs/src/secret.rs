//! A secret that somebody else made and the deployment hands over: encrypted, and nowhere else.

use infra_core::{Handle, Parameter, Template, Value, Waiver};
use infra_resources::kms;
use infra_resources::secrets_manager;

/// A secret of a third party, such as the key of its API.
pub struct Secret<'a> {
    /// The name.
    pub name: String,
    /// What it is, for the console.
    pub description: &'static str,
    /// The parameter that it is handed over by; its value is shown nowhere.
    pub parameter: &'static str,
    /// The key that encrypts it.
    pub key: &'a Handle<kms::Key>,
}

impl Secret<'_> {
    /// Adds the parameter and the secret, which goes with its stack: whoever deploys has it.
    #[track_caller]
    pub fn add(self, template: &mut Template, id: &str) -> Handle<secrets_manager::Secret> {
        let given = Parameter {
            description: self.description,
            min_length: Some(1),
            no_echo: true,
            ..Parameter::default()
        };
        let value: Value<String> = template.parameter(self.parameter, given);
        let secret = template.add(
            id,
            secrets_manager::Secret {
                description: Some(self.description.into()),
                kms_key_id: Some(self.key.arn().into()),
                name: Some(self.name.into()),
                secret_string: Some(value),
                ..secrets_manager::Secret::new()
            },
        );
        const WAIVER: Waiver = Waiver::new(
            &[
                "secret-rotation",
                "AwsSolutions-SMG4",
                "SECRETSMANAGER_ROTATION_ENABLED_CHECK",
            ],
            "platform",
            "a third party gives it out by hand, and no function could ask for another one",
        );
        template.options(&secret).delete().waive([WAIVER]);
        secret
    }
}

#[cfg(test)]
mod tests {
    use infra_core::Template;

    use super::Secret;
    use crate::key::Key;

    #[test]
    fn the_value_stands_nowhere_in_the_template() {
        let mut template = Template::new("a secret");
        let key = Key {
            description: "tests".to_owned(),
            alias: "tests".to_owned(),
            keep: false,
        };
        let key = key.add(&mut template, "Key");
        let secret = Secret {
            name: "weather".to_owned(),
            description: "Key of the weather",
            parameter: "WeatherApiKey",
            key: &key,
        };
        secret.add(&mut template, "Weather");
        assert_eq!(template.check(), Ok(()));
        let json = template.to_json();
        for expected in [
            r#""WeatherApiKey":{"Type":"String","Description":"Key of the weather","MinLength":1,"NoEcho":true}"#,
            r#""SecretString":{"Ref":"WeatherApiKey"}"#,
            r#""KmsKeyId":{"Fn::GetAtt":["Key","Arn"]}"#,
        ] {
            assert!(json.contains(expected), "{expected} is not in {json}");
        }
    }
}
