use alloc::borrow::Cow;

use serde::de::Visitor;

use super::{texts, Deserializer, Error, Result};

/// The key of an entry, or the name of a variant.
pub(super) struct Key<'a, 'de>(pub(super) &'a Cow<'de, str>);

impl<'de> Key<'_, 'de> {
    /// The number that is the whole key.
    fn number<T>(self, read: fn(&mut Deserializer<'de>) -> Result<T>) -> Result<T> {
        let Cow::Borrowed(text) = self.0 else {
            return Err(Error::new(texts::TYPE));
        };
        if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return Err(Error::new(texts::TYPE));
        }
        let mut deserializer = Deserializer::new(text.as_bytes());
        let number = read(&mut deserializer)?;
        match deserializer.rest {
            [] => Ok(number),
            _ => Err(Error::new(texts::TYPE)),
        }
    }
}

macro_rules! numbers {
    ($($deserialize:ident $read:ident $visit:ident,)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            visitor.$visit(self.number(Deserializer::$read)?)
        })*
    };
}

macro_rules! refuse {
    ($($deserialize:ident($($argument:ty),*))*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, $(_: $argument,)* _: V) -> Result<V::Value> {
            Err(Error::new(texts::KEY))
        })*
    };
}

impl<'de> serde::de::Deserializer<'de> for Key<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_str(text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(self.0)
    }

    #[inline(always)]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(self.0)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    numbers! {
        deserialize_i8 i8 visit_i8,
        deserialize_i16 i16 visit_i16,
        deserialize_i32 i32 visit_i32,
        deserialize_i64 i64 visit_i64,
        deserialize_i128 i128 visit_i128,
        deserialize_u8 u8 visit_u8,
        deserialize_u16 u16 visit_u16,
        deserialize_u32 u32 visit_u32,
        deserialize_u64 u64 visit_u64,
        deserialize_u128 u128 visit_u128,
    }

    refuse! {
        deserialize_bool()
        deserialize_f32()
        deserialize_f64()
        deserialize_char()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_option()
        deserialize_unit()
        deserialize_unit_struct(&'static str)
        deserialize_newtype_struct(&'static str)
        deserialize_seq()
        deserialize_tuple(usize)
        deserialize_tuple_struct(&'static str, usize)
        deserialize_map()
        deserialize_struct(&'static str, &'static [&'static str])
        deserialize_enum(&'static str, &'static [&'static str])
    }
}
