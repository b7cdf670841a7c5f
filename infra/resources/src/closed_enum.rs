//! Enumerations of texts.

/// An enumeration whose variants stand for texts that CloudFormation knows, and no others.
macro_rules! closed_enum {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $variant,)+
        }

        impl $name {
            /// All values, as CloudFormation spells them.
            pub const VALUES: &'static [&'static str] = &[$($text),+];

            /// The value as CloudFormation spells it.
            pub const fn as_str(self) -> &'static str {
                Self::VALUES[self as usize]
            }
        }

        impl infra_core::Literal for $name {
            fn into_node(self) -> infra_core::Node {
                infra_core::Node::Text(std::borrow::Cow::Borrowed(self.as_str()))
            }
        }
    };
}
