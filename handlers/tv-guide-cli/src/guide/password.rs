//! A password as the command line has it.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use anyhow::{Context as _, Result};

/// The text itself, or `env:VARIABLE` for one that must not be seen in the list of processes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

impl FromStr for Password {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Password(text.to_owned()))
    }
}

impl Password {
    /// The password; `environment` reads a variable.
    pub(super) fn read(&self, environment: impl Fn(&str) -> Option<String>) -> Result<String> {
        match self.0.strip_prefix("env:") {
            None => Ok(self.0.clone()),
            Some(variable) => environment(variable)
                .with_context(|| format!("the password is to come from {variable}, which is not set")),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::Password;

    #[test]
    fn a_password_is_text_or_comes_from_the_environment_and_is_never_shown() {
        let read = |text: &str| {
            let password: Password = text.parse().unwrap();
            assert!(!format!("{password:?}").contains(text));
            password.read(|name| (name == "SET").then(|| "from there".to_owned()))
        };
        assert_eq!(read("Correct-horse-7").unwrap(), "Correct-horse-7");
        assert_eq!(read("env:SET").unwrap(), "from there");
        let said = read("env:UNSET").unwrap_err().to_string();
        assert_eq!(said, "the password is to come from UNSET, which is not set");
    }
}
