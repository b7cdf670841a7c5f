//! A rule: what it asks for, why, and who else asks for it.

/// How bad it is that a rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The deployment fails, or what it makes is unsafe.
    Error,
    /// Someone will regret it.
    Warning,
    /// Worth knowing; fails nothing.
    Note,
}

impl Severity {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A rule of this crate.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The name, in kebab case; never changes its meaning.
    pub id: &'static str,
    /// How bad a breach is.
    pub severity: Severity,
    /// What holds in a template that follows the rule.
    pub asks: &'static str,
    /// What to do about a breach.
    pub fix: &'static str,
    /// The rules of cfn-lint, checkov, the Guard registry and cdk-nag that ask for the same;
    /// a waiver that names one of them covers this rule too.
    pub outside: &'static [&'static str],
}

impl Rule {
    /// A rule whose breach fails the deployment or leaves it unsafe.
    pub(crate) const fn error(
        id: &'static str,
        asks: &'static str,
        fix: &'static str,
        outside: &'static [&'static str],
    ) -> Self {
        Self::new(id, Severity::Error, asks, fix, outside)
    }

    /// A rule whose breach someone will regret.
    pub(crate) const fn warning(
        id: &'static str,
        asks: &'static str,
        fix: &'static str,
        outside: &'static [&'static str],
    ) -> Self {
        Self::new(id, Severity::Warning, asks, fix, outside)
    }

    /// A rule whose breach is worth knowing.
    pub(crate) const fn note(
        id: &'static str,
        asks: &'static str,
        fix: &'static str,
        outside: &'static [&'static str],
    ) -> Self {
        Self::new(id, Severity::Note, asks, fix, outside)
    }

    const fn new(
        id: &'static str,
        severity: Severity,
        asks: &'static str,
        fix: &'static str,
        outside: &'static [&'static str],
    ) -> Self {
        Rule {
            id,
            severity,
            asks,
            fix,
            outside,
        }
    }

    /// Whether a waiver of `name` covers this rule.
    pub fn is_called(&self, name: &str) -> bool {
        self.id == name || self.outside.contains(&name)
    }
}

/// Declares a module's rules: one static each, and all of them as `RULES`.
macro_rules! rules {
    ($($name:ident = $severity:ident($id:literal, $asks:literal, $fix:literal, $outside:tt);)+) => {
        $(pub(crate) static $name: $crate::rule::Rule = $crate::rule::Rule::$severity($id, $asks, $fix, &$outside);)+
        pub(crate) static RULES: &[&$crate::rule::Rule] = &[$(&$name),+];
    };
}
pub(crate) use rules;
