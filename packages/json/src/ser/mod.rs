//! From values to JSON.

mod key;
mod parts;
mod writer;

use alloc::string::String;
use alloc::vec::Vec;

use serde::ser::{self, Serialize};

pub use crate::error::Error;

use self::parts::{List, Never, Object};

/// What was written, or why it cannot be.
pub type Result<T> = core::result::Result<T, Error>;

/// What the crate that this one stands in for ends the program at.
const UNKNOWN: &str = "JSON of contracts has no floats, characters, bytes or tuple structs.";

/// Writes values one after the other into a text.
pub struct Serializer {
    text: String,
}

/// The text that stands for a value.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    text(&|serializer| value.serialize(serializer))
}

/// The bytes of the text that stands for a value.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    bytes(&|serializer| value.serialize(serializer))
}

/// Writes a value of any type.
type Write<'a> = &'a dyn Fn(&mut Serializer) -> Result<()>;

#[inline(never)]
fn text(write: Write<'_>) -> Result<String> {
    let mut serializer = Serializer::new();
    write(&mut serializer)?;
    Ok(serializer.text)
}

#[inline(never)]
fn bytes(write: Write<'_>) -> Result<Vec<u8>> {
    text(write).map(String::into_bytes)
}

macro_rules! numbers {
    ($($serialize:ident $number:ty, $write:ident;)*) => {
        $(fn $serialize(self, value: $number) -> Result<()> {
            self.$write(value.into());
            Ok(())
        })*
    };
}

impl<'a> ser::Serializer for &'a mut Serializer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.raw(if value { "true" } else { "false" });
        Ok(())
    }

    numbers! {
        serialize_i8 i8, i64;
        serialize_i16 i16, i64;
        serialize_i32 i32, i64;
        serialize_i64 i64, i64;
        serialize_i128 i128, i128;
        serialize_u8 u8, u64;
        serialize_u16 u16, u64;
        serialize_u32 u32, u64;
        serialize_u64 u64, u64;
        serialize_u128 u128, u128;
    }

    fn serialize_f32(self, _: f32) -> Result<()> {
        Err(Error::new(UNKNOWN))
    }

    fn serialize_f64(self, _: f64) -> Result<()> {
        Err(Error::new(UNKNOWN))
    }

    fn serialize_char(self, _: char) -> Result<()> {
        Err(Error::new(UNKNOWN))
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        self.quoted(value);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<()> {
        Err(Error::new(UNKNOWN))
    }

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.raw("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(variant);
        value.serialize(&mut *self)?;
        self.raw("}");
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>> {
        self.raw("[");
        Ok(List(self))
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Never> {
        Err(Error::new(UNKNOWN))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>> {
        self.variant(variant);
        self.serialize_seq(None)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>> {
        self.raw("{");
        Ok(Object(self))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'a>> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Object<'a>> {
        self.variant(variant);
        self.serialize_map(None)
    }
}
