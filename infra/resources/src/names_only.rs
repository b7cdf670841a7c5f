//! The types of the services that are not compiled.

/// A service whose feature is off: its types are names that references can have, and nothing more.
///
/// So a role's ARN can be written down without the code of IAM, and a feature never needs another.
macro_rules! names_only {
    ($module:ident { $($name:ident),+ }) => {
        #[doc = concat!("Names for references; the feature `", stringify!($module), "` brings the types themselves.")]
        pub mod $module {
            $(
                /// Something that an ARN, a name or an id can be of.
                pub enum $name {}
            )+
        }
    };
}
