//! Fields that check themselves when they are read.

/// Fields that can't hold a wrong value.
pub(super) mod checked {
    use serde::de::Error;

    use serde::{Deserialize, Deserializer};

    pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        let text = String::deserialize(from)?;
        let fine = (1..=128).contains(&text.len());
        if fine {
            Ok(text)
        } else {
            Err(D::Error::custom("a name has 1 to 128 bytes"))
        }
    }

    pub fn between<'de, D: Deserializer<'de>, const MIN: u64, const MAX: u64>(
        from: D,
    ) -> Result<u64, D::Error> {
        let value = u64::deserialize(from)?;
        if (MIN..=MAX).contains(&value) {
            return Ok(value);
        }
        Err(D::Error::custom(format!(
            "{value} is outside {MIN} to {MAX}"
        )))
    }

    pub fn between_u32<'de, D: Deserializer<'de>, const MIN: u64, const MAX: u64>(
        from: D,
    ) -> Result<u32, D::Error> {
        let value = between::<D, MIN, MAX>(from)?;
        u32::try_from(value).map_err(D::Error::custom)
    }
}

/// Seconds since 1970, written as RFC 3339.
pub(super) mod rfc3339 {
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::Serializer;
    use time::format_description::well_known::Rfc3339;
    use time::OffsetDateTime;

    use serde::{Deserialize, Deserializer};

    pub fn serialize<S: Serializer>(seconds: &u64, to: S) -> Result<S::Ok, S::Error> {
        match crate::format::rfc3339(*seconds) {
            Some(text) => to.serialize_str(&text),
            None => Err(S::Error::custom("time after the year 9999")),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        let text = String::deserialize(from)?;
        let time = OffsetDateTime::parse(&text, &Rfc3339)
            .map_err(|_| D::Error::custom(format!("`{text}` is no RFC 3339 time")))?;
        u64::try_from(time.unix_timestamp()).map_err(|_| D::Error::custom("time before 1970"))
    }
}

/// Amounts that may be larger than the numbers of TOML: as a number or as text.
pub(super) mod units {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Raw {
        Number(u64),
        Text(String),
    }

    pub fn serialize<S: Serializer>(amount: &u128, to: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(*amount) {
            Ok(number) => to.serialize_i64(number),
            Err(_) => to.collect_str(amount),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        match Raw::deserialize(from) {
            Ok(Raw::Number(number)) => Ok(number.into()),
            Ok(Raw::Text(text)) => text
                .parse()
                .map_err(|_| D::Error::custom(format!("`{text}` is no amount of units"))),
            Err(_) => Err(D::Error::custom("an amount is a whole number of units")),
        }
    }
}
