/// A variable that a function needs and its environment does not have.
///
/// An empty value counts as missing: CloudFormation lets an empty string through, and no contract
/// has a use for one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "environment variable {variable} of {contract} is not set or empty: set it in the stack that deploys the function"
)]
pub struct Missing {
    /// Name of the struct that `environment!` made.
    pub contract: &'static str,
    /// Name of the variable.
    pub variable: &'static str,
}

/// Declares the environment variables of one function, once for the stack and for the Lambda.
///
/// The struct is generic over its values: the stack fills it with its own value type (a literal or
/// an expression), the Lambda reads it as strings.
/// A new field therefore stops the stack, whose struct expression lacks it, and the Lambda, whose
/// pattern does not name it.
///
/// ```
/// contract_kit::environment! {
///     /// Environment of `tv-guide-ingest`.
///     pub IngestEnv {
///         /// Table that holds the listings.
///         table = "TV_TABLE",
///         /// Topic that is told about new programmes.
///         topic = "TV_TOPIC",
///     }
/// }
///
/// // In the stack, V is anything: here a number stands for an expression.
/// let variables = IngestEnv { table: 1, topic: 2 }.variables();
/// assert_eq!(variables, [("TV_TABLE", 1), ("TV_TOPIC", 2)]);
///
/// // In the Lambda, V is String.
/// let IngestEnv { table, topic } = IngestEnv::read(|key| Some(key.to_lowercase()))?;
/// assert_eq!((table.as_str(), topic.as_str()), ("tv_table", "tv_topic"));
///
/// let missing = IngestEnv::read(|key| (key == "TV_TABLE").then(|| "t".to_owned())).unwrap_err();
/// assert_eq!((missing.contract, missing.variable), ("IngestEnv", "TV_TOPIC"));
/// # Ok::<(), contract_kit::Missing>(())
/// ```
///
/// A stack that forgets a variable does not compile:
///
/// ```compile_fail,E0063
/// contract_kit::environment! { pub IngestEnv { table = "TV_TABLE", topic = "TV_TOPIC" } }
/// let variables = IngestEnv { table: 1 }.variables();
/// ```
///
/// Nor does a Lambda that ignores one:
///
/// ```compile_fail,E0027
/// contract_kit::environment! { pub IngestEnv { table = "TV_TABLE", topic = "TV_TOPIC" } }
/// let IngestEnv { table } = IngestEnv::read(|key| std::env::var(key).ok()).unwrap();
/// ```
#[macro_export]
macro_rules! environment {
    (
        $(#[$meta:meta])*
        $vis:vis $name:ident {
            $( $(#[$field_meta:meta])* $field:ident = $variable:literal ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis struct $name<V = ::std::string::String> {
            $( $(#[$field_meta])* $vis $field: V, )+
        }

        impl<V> $name<V> {
            /// Every variable's name and value, in the order of declaration.
            #[must_use]
            $vis fn variables(self) -> ::std::vec::Vec<(&'static str, V)> {
                ::std::vec![ $( ($variable, self.$field) ),+ ]
            }
        }

        impl $name<::std::string::String> {
            /// Reads every variable through `get`, in the order of declaration.
            ///
            /// # Errors
            ///
            /// The first variable for which `get` returns nothing or an empty string.
            $vis fn read(
                get: impl Fn(&str) -> ::core::option::Option<::std::string::String>,
            ) -> ::core::result::Result<Self, $crate::Missing> {
                let get = |variable| match get(variable) {
                    ::core::option::Option::Some(value) if !value.is_empty() => {
                        ::core::result::Result::Ok(value)
                    }
                    _ => ::core::result::Result::Err($crate::Missing {
                        contract: ::core::stringify!($name),
                        variable,
                    }),
                };
                ::core::result::Result::Ok(Self { $( $field: get($variable)?, )+ })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    crate::environment! {
        /// Two variables, declared against the alphabet.
        PairEnv {
            /// The second by name.
            zebra = "ZEBRA",
            /// The first by name.
            ant = "ANT",
        }
    }

    fn read(variables: &[(&str, &str)]) -> Result<PairEnv, String> {
        PairEnv::read(|key| {
            let (_, value) = variables.iter().find(|(name, _)| *name == key)?;
            Some((*value).to_owned())
        })
        .map_err(|missing| missing.to_string())
    }

    #[test]
    fn variables_keep_the_order_of_declaration() {
        let variables = PairEnv { zebra: 'z', ant: 'a' }.variables();
        assert_eq!(variables, [("ZEBRA", 'z'), ("ANT", 'a')]);
    }

    #[test]
    fn what_the_stack_sets_the_lambda_reads() {
        let set = PairEnv { zebra: "1", ant: "2" }.variables();
        let PairEnv { zebra, ant } = read(&set).unwrap();
        assert_eq!((zebra.as_str(), ant.as_str()), ("1", "2"));
    }

    #[test]
    fn a_missing_or_empty_variable_is_named_with_its_struct() {
        let sentence = "environment variable ANT of PairEnv is not set or empty: \
                        set it in the stack that deploys the function";
        assert_eq!(read(&[("ZEBRA", "1")]), Err(sentence.to_owned()));
        assert_eq!(read(&[("ZEBRA", "1"), ("ANT", "")]), Err(sentence.to_owned()));
    }
}
