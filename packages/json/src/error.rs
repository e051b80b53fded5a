use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt::{self, Display, Write};

use serde::de::{Expected, Unexpected};

/// Why a text is not JSON, does not fit the type that is read, or a value cannot be written.
///
/// One pointer: it is handed through every function that reads or writes a value.
#[derive(Debug, PartialEq, Eq)]
pub struct Error(Box<Cow<'static, str>>);

impl Error {
    /// An error whose text is known beforehand.
    #[cold]
    #[inline(never)]
    pub(crate) fn new(text: &'static str) -> Error {
        Error(Box::new(Cow::Borrowed(text)))
    }

    #[cold]
    #[inline(never)]
    fn written(message: &dyn Display) -> Error {
        let mut text = String::new();
        // A message that fails to be written is cut short.
        let _ = write!(text, "{message}");
        Error(Box::new(Cow::Owned(text)))
    }

    /// `"<what> <name>, expected <names>"`, in the words of serde.
    #[cold]
    #[inline(never)]
    fn unknown(what: &str, name: &str, known: &'static [&'static str]) -> Error {
        Error::written(&Unknown { what, name, known })
    }

    /// `"invalid <what> <found>, expected <expected>"`, in the words of serde.
    #[cold]
    #[inline(never)]
    fn invalid(what: &str, found: Unexpected<'_>, expected: &dyn Expected) -> Error {
        Error::written(&Invalid {
            what,
            found,
            expected,
        })
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl serde::de::StdError for Error {}

impl serde::ser::Error for Error {
    #[cold]
    #[inline(never)]
    fn custom<T: Display>(message: T) -> Error {
        Error::written(&message)
    }
}

impl serde::de::Error for Error {
    #[cold]
    #[inline(never)]
    fn custom<T: Display>(message: T) -> Error {
        Error::written(&message)
    }

    #[cold]
    #[inline(never)]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Error {
        Error::invalid("type: ", found, expected)
    }

    #[cold]
    #[inline(never)]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Error {
        Error::invalid("value: ", found, expected)
    }

    #[cold]
    #[inline(never)]
    fn invalid_length(length: usize, expected: &dyn Expected) -> Error {
        Error::written(&format_args!(
            "invalid length {length}, expected {expected}"
        ))
    }

    #[cold]
    #[inline(never)]
    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Error {
        Error::unknown("variant", variant, known)
    }

    #[cold]
    #[inline(never)]
    fn unknown_field(field: &str, known: &'static [&'static str]) -> Error {
        Error::unknown("field", field, known)
    }

    #[cold]
    #[inline(never)]
    fn missing_field(field: &'static str) -> Error {
        Error::written(&format_args!("missing field `{field}`"))
    }

    #[cold]
    #[inline(never)]
    fn duplicate_field(field: &'static str) -> Error {
        Error::written(&format_args!("duplicate field `{field}`"))
    }
}

struct Unknown<'a> {
    what: &'a str,
    name: &'a str,
    known: &'static [&'static str],
}

impl Display for Unknown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unknown { what, name, known } = self;
        write!(formatter, "unknown {what} `{name}`, ")?;
        match known {
            [] => write!(formatter, "there are no {what}s"),
            [only] => write!(formatter, "expected `{only}`"),
            [one, other] => write!(formatter, "expected `{one}` or `{other}`"),
            [first, others @ ..] => {
                write!(formatter, "expected one of `{first}`")?;
                others
                    .iter()
                    .try_for_each(|other| write!(formatter, ", `{other}`"))
            }
        }
    }
}

struct Invalid<'a> {
    what: &'a str,
    found: Unexpected<'a>,
    expected: &'a dyn Expected,
}

impl Display for Invalid<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "invalid {}", self.what)?;
        match self.found {
            Unexpected::Bool(value) => write!(formatter, "boolean `{value}`"),
            Unexpected::Unsigned(value) => write!(formatter, "integer `{value}`"),
            Unexpected::Signed(value) => write!(formatter, "integer `{value}`"),
            Unexpected::Str(value) => write!(formatter, "string \"{value}\""),
            Unexpected::Other(value) => formatter.write_str(value),
            other => formatter.write_str(kind(&other)),
        }?;
        write!(formatter, ", expected {}", self.expected)
    }
}

/// What is named without its value. Floats among them: there are none in contracts, and the code
/// that writes them is large.
fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Float(_) => "floating point",
        Unexpected::Char(_) => "character",
        Unexpected::Bytes(_) => "byte array",
        Unexpected::Unit => "unit value",
        Unexpected::Option => "Option value",
        Unexpected::NewtypeStruct => "newtype struct",
        Unexpected::Seq => "sequence",
        Unexpected::Map => "map",
        Unexpected::Enum => "enum",
        Unexpected::UnitVariant => "unit variant",
        Unexpected::NewtypeVariant => "newtype variant",
        Unexpected::TupleVariant => "tuple variant",
        Unexpected::StructVariant => "struct variant",
        _ => "value",
    }
}
