//! What currencies were worth on which day, and amounts in that money.

use std::collections::BTreeMap;
use std::str::FromStr;

use cosmwasm_std::{Decimal256, Uint128, Uint512};
use serde::Deserialize;
use thiserror::Error;
use time::Date;

use super::days;
use super::Currency;

/// Decimals of values: they are rounded to the nearest 10^-6, halves up.
pub const VALUE_DECIMALS: u32 = 6;
/// Decimals of a price.
const PRICE_DECIMALS: u32 = 18;

/// Why a file of prices is refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PriceError {
    /// The file is none, or lacks a column.
    #[error("prices: {0}; the columns are date, denom, price")]
    Csv(String),
    /// A row is wrong.
    #[error("prices, line {line}: {what}")]
    Row {
        /// Its line.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A price is missing.
    #[error("prices: there is none of {denom} on {day}")]
    Missing {
        /// The currency.
        denom: String,
        /// The day.
        day: Date,
    },
    /// A price for what was due before the first day is missing.
    #[error("prices: there is none of {denom} on {day}, the day before {from}: the opening is worth what it was worth when that day closed")]
    Opening {
        /// The currency.
        denom: String,
        /// The day.
        day: Date,
        /// The statement's first day.
        from: Date,
    },
    /// A value is larger than can be computed with.
    #[error("prices: the value of {amount} smallest units of {denom} on {day} is too large")]
    TooLarge {
        /// Smallest units.
        amount: u128,
        /// The currency.
        denom: String,
        /// The day.
        day: Date,
    },
}

impl PriceError {
    /// Says that it is the opening which has no price.
    pub(super) fn of_opening(self, from: Date) -> Self {
        match self {
            Self::Missing { denom, day } => Self::Opening { denom, day, from },
            other => other,
        }
    }
}

/// Prices by day and currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices(BTreeMap<(Date, String), Decimal256>);

#[derive(Deserialize)]
struct Row {
    date: String,
    denom: String,
    price: String,
}

impl Prices {
    /// CSV with the columns date (2026-01-31), denom (symbol, native denomination or cw20 address) and
    /// price (of a whole unit, a decimal number of at most 18 decimals).
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        let wrong = |error: csv::Error| PriceError::Csv(error.to_string());
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let headers = reader.headers().map_err(wrong)?.clone();
        let mut prices = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(wrong)?;
            let line = record.position().map_or(0, csv::Position::line);
            let row: Row = record.deserialize(Some(&headers)).map_err(wrong)?;
            let fault = |what: String| PriceError::Row { line, what };
            let date = days::parse(&row.date).map_err(|error| fault(error.to_string()))?;
            let price = Decimal256::from_str(&row.price)
                .map_err(|_| fault(format!("{:?} is no price: write it as 1.25", row.price)))?;
            let what = format!("a second price of {} on {date}", row.denom);
            if prices.insert((date, row.denom), price).is_some() {
                return Err(fault(what));
            }
        }
        Ok(Self(prices))
    }

    /// What an amount was worth on a day, in 10^-6 of the prices' money. `all`: every currency of the
    /// statement; a symbol that two of them have names neither.
    pub fn value(
        &self,
        currency: &Currency,
        all: &[Currency],
        day: Date,
        amount: u128,
    ) -> Result<u128, PriceError> {
        if amount == 0 {
            return Ok(0);
        }
        let denom = currency.symbol.clone();
        let missing = PriceError::Missing {
            denom: denom.clone(),
            day,
        };
        let price = self.price(currency, all, day).ok_or(missing)?;
        worth(amount, currency.decimals, price).ok_or(PriceError::TooLarge { amount, denom, day })
    }

    fn price(&self, currency: &Currency, all: &[Currency], day: Date) -> Option<Decimal256> {
        let of = |name: &str| self.0.get(&(day, name.to_owned())).copied();
        let same = all.iter().filter(|one| one.symbol == currency.symbol);
        let by_symbol = || match same.count() {
            1 => of(&currency.symbol),
            _ => None,
        };
        of(currency.name()).or_else(by_symbol)
    }
}

/// Smallest units times the price of a whole unit, rounded to the nearest 10^-6, halves up.
fn worth(amount: u128, decimals: u32, price: Decimal256) -> Option<u128> {
    let ten = Uint512::from(10_u8);
    let parts = ten
        .checked_pow(decimals.checked_add(PRICE_DECIMALS)?)
        .ok()?;
    let values = ten.checked_pow(VALUE_DECIMALS).ok()?;
    let exact = price.atomics().full_mul(amount).checked_mul(values).ok()?;
    let half = parts.checked_div(Uint512::from(2_u8)).ok()?;
    let rounded = exact.checked_add(half).ok()?.checked_div(parts).ok()?;
    Some(Uint128::try_from(rounded).ok()?.u128())
}

#[cfg(test)]
mod tests {
    use super::*;
    use noderev_components::Denom;

    fn currency(name: &str, symbol: &str) -> Currency {
        Currency {
            denom: Denom::Native(name.into()),
            symbol: symbol.into(),
            decimals: 6,
        }
    }

    fn day(text: &str) -> Date {
        days::parse(text).unwrap()
    }

    #[test]
    fn values_are_rounded_to_the_nearest_millionth_halves_up() {
        let worth = |amount, price: &str| worth(amount, 6, price.parse().unwrap()).unwrap();
        assert_eq!(worth(1_500_000, "2"), 3_000_000);
        assert_eq!(worth(1, "0.5"), 1);
        assert_eq!(worth(1, "0.499999999999999999"), 0);
        assert_eq!(worth(3, "0.5"), 2);
        assert_eq!(worth(u128::MAX, "1"), u128::MAX);
        assert_eq!(super::worth(u128::MAX, 6, "1.1".parse().unwrap()), None);
        assert_eq!(super::worth(7, 0, "1.25".parse().unwrap()), Some(8_750_000));
    }

    #[test]
    fn a_price_is_found_by_name_or_by_a_symbol_that_is_the_only_one() {
        let prices = "price,date,denom\n1.5, 2026-01-01 ,USDC\n2,2026-01-01,uatom\n";
        let prices = Prices::parse(prices).unwrap();
        let all = [currency("uusdc", "USDC"), currency("uatom", "ATOM")];
        let value = |one: &Currency, all: &[Currency], on, amount| {
            prices
                .value(one, all, day(on), amount)
                .map_err(|error| error.to_string())
        };
        assert_eq!(value(&all[0], &all, "2026-01-01", 2), Ok(3));
        assert_eq!(value(&all[1], &all, "2026-01-01", 2), Ok(4));
        let missing = "prices: there is none of USDC on 2026-01-02";
        assert_eq!(value(&all[0], &all, "2026-01-02", 1), Err(missing.into()));
        assert_eq!(value(&all[0], &all, "2026-01-02", 0), Ok(0));
        let two = [currency("uusdc", "USDC"), currency("ibc/1", "USDC")];
        assert!(value(&two[0], &two, "2026-01-01", 1).is_err());
    }

    #[test]
    fn wrong_files_are_refused_with_the_line() {
        let refusal = |text: &str| Prices::parse(text).unwrap_err().to_string();
        assert_eq!(
            refusal("date,denom,price\n2026-01-01,USDC,1\n2026-01-01,USDC,2\n"),
            "prices, line 3: a second price of USDC on 2026-01-01"
        );
        assert_eq!(
            refusal("date,denom,price\n2026-01-01,USDC,1e3\n"),
            "prices, line 2: \"1e3\" is no price: write it as 1.25"
        );
        assert_eq!(
            refusal("date,denom,price\n1.1.2026,USDC,1\n"),
            "prices, line 2: \"1.1.2026\" is no day: write it as 2026-01-31"
        );
        assert!(refusal("date,denom\n2026-01-01,USDC\n").contains("missing field `price`"));
        assert!(refusal("date,denom,price\n2026-01-01,USDC,-1\n").contains("no price"));
    }
}
