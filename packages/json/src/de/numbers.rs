use super::{texts, Deserializer, Error, Result};

fn out_of_range<E>(_: E) -> Error {
    Error::new(texts::NUMBER)
}

/// The digits of a number are read once as 64 bits, or as 128 bits where such a type is asked for.
macro_rules! digits {
    ($name:ident, $number:ty) => {
        #[inline(never)]
        fn $name(&mut self) -> Result<$number> {
            let mut number: $number = 0;
            let mut digits = self.rest;
            while let Some((digit @ b'0'..=b'9', rest)) = digits.split_first() {
                number = number
                    .checked_mul(10)
                    .and_then(|tens| tens.checked_add((digit & 0xf).into()))
                    .ok_or_else(|| Error::new(texts::NUMBER))?;
                digits = rest;
                // No digit follows a leading zero.
                if number == 0 {
                    break;
                }
            }
            if digits.len() == self.rest.len() {
                return Err(Error::new(match digits {
                    [] => texts::END_IN_VALUE,
                    _ => texts::TYPE,
                }));
            }
            self.rest = digits;
            Ok(number)
        }
    };
}

macro_rules! unsigned {
    ($name:ident, $digits:ident, $number:ty) => {
        #[inline(never)]
        pub(crate) fn $name(&mut self) -> Result<$number> {
            match self.minus()? {
                true => Err(Error::new(texts::NUMBER)),
                false => self.$digits(),
            }
        }
    };
}

macro_rules! signed {
    ($name:ident, $digits:ident, $number:ty) => {
        #[inline(never)]
        pub(crate) fn $name(&mut self) -> Result<$number> {
            let negative = self.minus()?;
            let digits = self.$digits()?;
            let zero: $number = 0;
            match negative {
                true => zero.checked_sub_unsigned(digits),
                false => zero.checked_add_unsigned(digits),
            }
            .ok_or_else(|| Error::new(texts::NUMBER))
        }
    };
}

macro_rules! narrow {
    ($name:ident, $wide:ident, $number:ty) => {
        #[inline(never)]
        pub(crate) fn $name(&mut self) -> Result<$number> {
            self.$wide()?.try_into().map_err(out_of_range)
        }
    };
}

impl Deserializer<'_> {
    /// Whether there is a minus, which is read then.
    #[inline(never)]
    fn minus(&mut self) -> Result<bool> {
        let minus = self.peek_value()? == b'-';
        if minus {
            self.skip_byte();
        }
        Ok(minus)
    }

    digits!(digits_64, u64);
    digits!(digits_128, u128);

    unsigned!(u64, digits_64, u64);
    unsigned!(u128, digits_128, u128);
    signed!(i64, digits_64, i64);
    signed!(i128, digits_128, i128);

    narrow!(u8, u64, u8);
    narrow!(u16, u64, u16);
    narrow!(u32, u64, u32);
    narrow!(i8, i64, i8);
    narrow!(i16, i64, i16);
    narrow!(i32, i64, i32);
}
