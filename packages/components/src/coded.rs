//! Things that messages name and storage numbers: activities that can be paused, roles.

/// One of a few things of a kind.
pub trait Coded: Copy {
    /// A number for storage; never reused for another one.
    fn code(self) -> u8;
    /// Its name in answers, events and errors.
    fn name(self) -> &'static str;
}

/// Gives each variant of an enum its number and its name.
#[macro_export]
macro_rules! coded {
    ($kind:ident { $($variant:ident = $code:literal $name:literal),+ $(,)? }) => {
        impl $crate::Coded for $kind {
            fn code(self) -> u8 {
                match self {
                    $( Self::$variant => $code, )+
                }
            }
            fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $name, )+
                }
            }
        }
    };
}
