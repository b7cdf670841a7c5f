/// The kinds of resource of one service, with the calls on each as constants.
macro_rules! operations {
    (
        $service:literal;
        $( $(#[$meta:meta])* $kind:ident { $($operation:ident = $action:literal,)* } )*
    ) => {
        $(
            $(#[$meta])*
            #[derive(Debug)]
            pub enum $kind {}

            impl $kind {
                $(
                    #[doc = concat!("`", $service, ":", $action, "`.")]
                    pub const $operation: $crate::operation::Operation<Self> =
                        $crate::operation::Operation::new(concat!($service, ":", $action));
                )*
            }
        )*
    };
}
