//! A password, which is never shown.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// The variable that it is taken from, so that it need not be seen in the list of processes.
pub(super) const VARIABLE: &str = "GUIDE_PASSWORD";

/// The text of a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

impl FromStr for Password {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Password(text.to_owned()))
    }
}

impl Password {
    /// The text, for the one who asks for it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
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
    fn a_password_is_not_shown_by_accident() {
        let password: Password = "Correct-horse-7".parse().unwrap();
        assert_eq!(password.reveal(), "Correct-horse-7");
        assert_eq!(format!("{password:?}"), "Password(..)");
    }
}
