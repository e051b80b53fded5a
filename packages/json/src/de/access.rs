use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::key::Key;
use super::{texts, Deserializer, Error, Result};

/// The elements of a list.
pub(super) struct Elements<'a, 'de> {
    deserializer: &'a mut Deserializer<'de>,
    first: bool,
}

impl<'a, 'de> Elements<'a, 'de> {
    pub(super) fn new(deserializer: &'a mut Deserializer<'de>) -> Self {
        Elements {
            deserializer,
            first: true,
        }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        self.deserializer.next_element(&mut self.first)?;
        match self.deserializer.found {
            true => seed.deserialize(&mut *self.deserializer).map(Some),
            false => Ok(None),
        }
    }
}

/// The entries of an object.
pub(super) struct Entries<'a, 'de>(pub(super) &'a mut Deserializer<'de>);

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.0.next_key()?;
        match self.0.found {
            true => seed.deserialize(Key(&self.0.text)).map(Some),
            false => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(&mut *self.0)
    }
}

/// An enum: a name, or an object of a name and its value.
pub(super) struct Variants<'a, 'de>(pub(super) &'a mut Deserializer<'de>);

impl<'a, 'de> EnumAccess<'de> for Variants<'a, 'de> {
    type Error = Error;
    type Variant = Variant<'a, 'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Variant<'a, 'de>)> {
        self.0.variant()?;
        let name = seed.deserialize(Key(&self.0.text))?;
        Ok((name, Variant(self.0.found.then_some(self.0))))
    }
}

/// What belongs to a variant: nothing when only its name stands there.
pub(super) struct Variant<'a, 'de>(Option<&'a mut Deserializer<'de>>);

impl<'a, 'de> Variant<'a, 'de> {
    #[inline(never)]
    fn value(self) -> Result<&'a mut Deserializer<'de>> {
        self.0.ok_or_else(|| Error::new(texts::TYPE))
    }

    #[inline(never)]
    fn object(self) -> Result<&'a mut Deserializer<'de>> {
        let deserializer = self.value()?;
        deserializer.open(b'{')?;
        Ok(deserializer)
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        match self.0 {
            Some(_) => Err(Error::new(texts::TYPE)),
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        let deserializer = self.value()?;
        let value = seed.deserialize(&mut *deserializer);
        deserializer.close(b'}');
        value
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        let deserializer = self.value()?;
        let value = deserializer.visit_list(visitor);
        deserializer.close(b'}');
        value
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let deserializer = self.object()?;
        let value = visitor.visit_map(Entries(&mut *deserializer));
        deserializer.close_both();
        value
    }
}
