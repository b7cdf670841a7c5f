use std::marker::PhantomData;

/// The resources of kind `K` that calls are made on, as the stack names them.
///
/// What a `T` is, is the stack's knowledge: ARNs, and under which conditions.
#[derive(Debug)]
pub struct On<K, T> {
    target: T,
    kind: PhantomData<fn() -> K>,
}

impl<K, T> On<K, T> {
    /// Resources of which the caller vouches that they are of the kind.
    pub fn new(target: T) -> Self {
        On {
            target,
            kind: PhantomData,
        }
    }
}

/// What one port needs: some calls, on some resources; only [`needs!`](crate::needs) makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant<T> {
    name: &'static str,
    actions: &'static [&'static str],
    target: T,
}

impl<T> Grant<T> {
    /// For the expansion of [`needs!`](crate::needs), which has compared the kinds.
    #[doc(hidden)]
    pub fn declared<K>(name: &'static str, actions: &'static [&'static str], on: On<K, T>) -> Self {
        Grant {
            name,
            actions,
            target: on.target,
        }
    }

    /// The name of the field that declares it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The calls, as IAM spells them, in the order of declaration.
    pub fn actions(&self) -> &'static [&'static str] {
        self.actions
    }

    /// The resources, as the stack has named them.
    pub fn into_target(self) -> T {
        self.target
    }
}

/// Declares the API calls that a function makes, next to the ports that make them.
///
/// Every field is a kind of resource and the calls on it.
/// The stack says which resources are meant, one value per field, and gets the grants of the
/// function's role; there is no other way to get one.
///
/// ```
/// use contract_kit::On;
/// use contract_kit::operation::{kinesis, s3};
///
/// contract_kit::needs! {
///     /// What `lake-write` calls.
///     pub WriteNeeds {
///         /// The stream that it reads.
///         stream: kinesis::Stream [GET_RECORDS, GET_SHARD_ITERATOR],
///         /// The objects that it writes.
///         rows: s3::Object [PUT_OBJECT],
///     }
/// }
///
/// // In the stack; here a text stands for what a stack knows of a resource.
/// let grants = WriteNeeds { stream: On::new("the stream"), rows: On::new("raw/*") }.grants();
/// assert_eq!(grants[0].actions(), ["kinesis:GetRecords", "kinesis:GetShardIterator"]);
/// assert_eq!((grants[1].name(), grants[1].clone().into_target()), ("rows", "raw/*"));
///
/// // In a test that compares what is declared with what is called.
/// assert_eq!(WriteNeeds::ACTIONS.concat(), ["kinesis:GetRecords", "kinesis:GetShardIterator", "s3:PutObject"]);
/// ```
///
/// A stack that forgets a resource does not compile:
///
/// ```compile_fail,E0063
/// # use contract_kit::{On, operation::{kinesis, s3}};
/// contract_kit::needs! { pub WriteNeeds { stream: kinesis::Stream [GET_RECORDS], rows: s3::Object [PUT_OBJECT] } }
/// let grants = WriteNeeds { stream: On::new("the stream") }.grants();
/// ```
///
/// Nor does one that gives a resource of another kind:
///
/// ```compile_fail,E0308
/// # use contract_kit::{On, operation::{kinesis, s3}};
/// contract_kit::needs! { pub WriteNeeds { rows: s3::Object [PUT_OBJECT] } }
/// let stream: On<kinesis::Stream, &str> = On::new("the stream");
/// let grants = WriteNeeds { rows: stream }.grants();
/// ```
///
/// Nor a contract whose call does not act on its resource:
///
/// ```compile_fail,E0599
/// # use contract_kit::operation::s3;
/// contract_kit::needs! { pub WriteNeeds { rows: s3::Object [LIST_BUCKET] } }
/// ```
///
/// A function that calls nothing says so:
///
/// ```
/// contract_kit::needs! {
///     /// `lake-transform` answers from its input alone.
///     pub TransformNeeds {}
/// }
/// assert_eq!(TransformNeeds.grants::<&str>(), []);
/// ```
#[macro_export]
macro_rules! needs {
    ( $(#[$meta:meta])* $vis:vis $name:ident {} ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis struct $name;

        impl $name {
            /// The calls of every field: none.
            #[allow(dead_code, reason = "for the test that compares them with the calls that are made")]
            $vis const ACTIONS: &'static [&'static [&'static str]] = &[];

            /// The grants of every field: none.
            #[must_use]
            $vis fn grants<T>(self) -> ::std::vec::Vec<$crate::Grant<T>> {
                ::std::vec::Vec::new()
            }
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis $name:ident {
            $( $(#[$field_meta:meta])* $field:ident: $kind:ty [ $($operation:ident),+ $(,)? ] ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug)]
        $vis struct $name<T> {
            $( $(#[$field_meta])* $vis $field: $crate::On<$kind, T>, )+
        }

        impl $name<()> {
            /// The calls of every field, in the order of declaration.
            #[allow(dead_code, reason = "for the test that compares them with the calls that are made")]
            $vis const ACTIONS: &'static [&'static [&'static str]] = &[
                $( &[ $( <$kind>::$operation.action() ),+ ] ),+
            ];
        }

        impl<T> $name<T> {
            /// What the function's role must be given, a grant per field.
            #[must_use]
            $vis fn grants(self) -> ::std::vec::Vec<$crate::Grant<T>> {
                ::std::vec![ $(
                    $crate::Grant::declared(
                        ::core::stringify!($field),
                        const { &[ $( <$kind>::$operation.action() ),+ ] },
                        self.$field,
                    )
                ),+ ]
            }
        }
    };
}
